import { describe, expect, it, vi } from "vitest";
import { PageCache, type LoadedPage } from "./page-cache";

interface Call {
  page: number;
  signal: AbortSignal;
  answer: (loaded: LoadedPage<number>) => void;
  fail: (reason: unknown) => void;
}

function made(count: number, most = 40, older: PageCache<number> | null = null) {
  const calls: Call[] = [];
  const changed = vi.fn();
  const cache = new PageCache<number>(
    (page, signal) => new Promise((answer, fail) => calls.push({ page, signal, answer, fail })),
    changed,
    10,
    most,
    older,
  );
  const answerAll = async () => {
    while (calls.length > 0) {
      const call = calls.shift() as Call;
      const from = call.page * 10;
      const size = Math.max(0, Math.min(10, count - from));
      call.answer({ count, items: Array.from({ length: size }, (_, i) => from + i) });
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  return { cache, calls, changed, answerAll };
}

describe("a list held by pages", () => {
  it("asks for what is looked at first, then for the neighbours", async () => {
    const { cache, calls, answerAll } = made(1000);
    cache.want(25, 38);
    expect(calls.map((call) => call.page)).toEqual([2, 3]);
    await answerAll();
    expect(cache.at(25)).toBe(25);
    expect(cache.at(40)).toBe(40);
    expect(cache.at(19)).toBe(19);
    expect(cache.at(50)).toBeUndefined();
    expect(cache.count).toBe(1000);
  });

  it("asks for no page beyond the end", async () => {
    const { cache, calls, answerAll } = made(15);
    cache.want(0, 9);
    await answerAll();
    expect(cache.held).toBe(2);
    cache.want(10, 14);
    expect(calls).toHaveLength(0);
    expect(cache.at(14)).toBe(14);
    expect(cache.at(15)).toBeUndefined();
  });

  it("does not wait for pages that were scrolled past", () => {
    const { cache, calls } = made(1000);
    cache.want(0, 9);
    cache.want(500, 509);
    expect(calls.map((call) => call.signal.aborted)).toEqual([true, false]);
  });

  it("holds no more pages than it may, and keeps those in sight", async () => {
    const { cache, answerAll } = made(1000, 5);
    for (let at = 0; at < 300; at += 10) {
      cache.want(at, at + 9);
      await answerAll();
      expect(cache.held).toBeLessThanOrEqual(5);
      expect(cache.at(at)).toBe(at);
    }
    expect(cache.at(0)).toBeUndefined();
  });

  it("tells a failure, asks nothing more, and tries again when told to", async () => {
    const { cache, calls, changed, answerAll } = made(100);
    cache.want(0, 9);
    calls.shift()?.fail(new Error("no"));
    await Promise.resolve();
    await Promise.resolve();
    expect(changed).toHaveBeenCalledOnce();
    expect(cache.failure).toBeInstanceOf(Error);
    cache.want(0, 9);
    expect(calls).toHaveLength(0);
    cache.retry();
    await answerAll();
    expect(cache.failure).toBeNull();
    expect(cache.at(3)).toBe(3);
  });

  it("shows what it had while the changed list is loaded", async () => {
    const before = made(100);
    before.cache.want(0, 9);
    await before.answerAll();
    const after = made(90, 40, before.cache);
    expect(after.cache.at(3)).toBe(3);
    expect(after.cache.count).toBe(100);
    after.cache.want(0, 9);
    await after.answerAll();
    expect(after.cache.count).toBe(90);
  });

  it("collects a range over pages, held or not", async () => {
    const { cache, answerAll } = made(100);
    cache.want(0, 9);
    await answerAll();
    const all = cache.collect(5, 32, new AbortController().signal);
    for (let i = 0; i < 10; i++) {
      await answerAll();
      await Promise.resolve();
    }
    expect(await all).toEqual(Array.from({ length: 28 }, (_, i) => 5 + i));
  });

  it("is empty when the list is", async () => {
    const { cache, answerAll } = made(0);
    cache.want(0, 9);
    await answerAll();
    expect(cache.count).toBe(0);
    expect(cache.at(0)).toBeUndefined();
  });

  it("holds the page of the focus, however far and long it is left, and lets it go with the focus", async () => {
    const { cache, answerAll } = made(1000, 4);
    cache.want(0, 9);
    cache.pin(5);
    await answerAll();
    for (let first = 100; first < 900; first += 100) {
      cache.want(first, first + 9);
      await answerAll();
    }
    expect(cache.at(5)).toBe(5);
    expect(cache.held).toBeLessThanOrEqual(4);
    cache.pin(905);
    cache.want(900, 909);
    await answerAll();
    for (let first = 100; first < 900; first += 100) {
      cache.want(first, first + 9);
      await answerAll();
    }
    expect(cache.at(5)).toBeUndefined();
    expect(cache.at(905)).toBe(905);
  });

  it("waits for the page of the focus though something else is looked at", async () => {
    const { cache, calls, answerAll } = made(1000);
    cache.pin(5);
    cache.want(500, 509);
    expect(calls.every((call) => !call.signal.aborted)).toBe(true);
    await answerAll();
    expect(cache.at(5)).toBe(5);
  });
});
