import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { follow, POLL_MS, POLL_MS_MOST, STREAM_MS, STREAM_MS_MOST, type Stream } from "./events";

class FakeStream implements Stream {
  readonly listeners = new Map<string, (event: unknown) => void>();
  closed = false;
  addEventListener(type: string, listener: (event: unknown) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
  }
  tell(state: number): void {
    this.listeners.get("state")?.({ data: JSON.stringify(state) });
  }
  fail(): void {
    this.listeners.get("error")?.({});
  }
}

/** A server: what it says when it is asked, null: nothing; and the streams that were opened. */
class FakeServer {
  streams: FakeStream[] = [];
  state: number | null = 1;
  asked = 0;
  told: number[] = [];
  end = () => undefined as void;
  start(): this {
    this.end = follow<number>({
      open: () => {
        const stream = new FakeStream();
        this.streams.push(stream);
        if (this.state === null) queueMicrotask(() => stream.fail());
        return stream;
      },
      ask: async () => {
        this.asked++;
        if (this.state === null) throw new Error("offline");
        return this.state;
      },
      onState: (state) => this.told.push(state),
    });
    return this;
  }
  get last(): FakeStream {
    return this.streams[this.streams.length - 1] as FakeStream;
  }
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("following the project", () => {
  it("asks nothing while a stream tells", async () => {
    const server = new FakeServer().start();
    server.last.tell(5);
    await pass(10 * POLL_MS_MOST);
    expect(server.told).toEqual([5]);
    expect(server.asked).toBe(0);
    expect(server.streams.length).toBe(1);
    server.end();
    expect(server.last.closed).toBe(true);
  });

  it("asks every few seconds where no stream is to be had, and listens again once one is", async () => {
    const server = new FakeServer().start();
    server.last.fail();
    expect(server.last.closed).toBe(true);
    await pass(0);
    expect(server.told).toEqual([1]);
    server.state = 2;
    await pass(POLL_MS);
    expect(server.told).toEqual([1, 2]);
    await pass(STREAM_MS - POLL_MS);
    expect(server.streams.length).toBe(2);
    server.last.tell(3);
    const asked = server.asked;
    await pass(10 * POLL_MS_MOST);
    expect(server.told).toEqual([1, 2, 3]);
    expect(server.asked).toBe(asked);
    server.end();
  });

  it("goes on asking while stream after stream is refused, and tries that less and less often", async () => {
    const server = new FakeServer().start();
    server.last.fail();
    let tries = 0;
    for (let seconds = 0; seconds < 300; seconds++) {
      await pass(1000);
      if (server.streams.length > tries + 1) {
        tries++;
        server.last.fail();
      }
    }
    expect(server.asked).toBeGreaterThanOrEqual(Math.floor(300_000 / POLL_MS) - 1);
    expect(server.asked).toBeLessThanOrEqual(300_000 / POLL_MS + 2);
    // 5, 10, 20, 40, 60, 60 …: seven within 300 seconds.
    expect(tries).toBeGreaterThanOrEqual(Math.floor(300_000 / STREAM_MS_MOST));
    expect(tries).toBeLessThanOrEqual(9);
    server.end();
  });

  it("asks a server that is gone less often, and listens at once when it is back", async () => {
    const server = new FakeServer().start();
    server.state = null;
    server.last.fail();
    await pass(10 * 60_000);
    expect(server.asked).toBeLessThan(30);
    expect(server.told).toEqual([]);
    const tried = server.streams.length;
    expect(tried).toBeGreaterThan(5);
    server.state = 7;
    while (server.told.length === 0) await pass(100);
    expect(server.streams.length).toBe(tried + 1);
    expect(server.last.closed).toBe(false);
    server.last.tell(8);
    expect(server.told[server.told.length - 1]).toBe(8);
    server.end();
  });

  it("is silent once it has ended, even where an answer is under way", async () => {
    const server = new FakeServer().start();
    server.last.fail();
    server.end();
    server.last.fail();
    server.last.tell(4);
    await pass(10 * POLL_MS_MOST);
    expect(server.told).toEqual([]);
    expect(server.asked).toBe(1);
    expect(server.streams.length).toBe(1);
  });
});
