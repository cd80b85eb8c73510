import { afterEach, describe, expect, it, vi } from "vitest";
import { get } from "./client";
import { beginWith, takeEarly } from "./early";

let asked: string[] = [];

function answer(replies: Record<string, unknown[]>) {
  asked = [];
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(url);
    const body = replies[url]?.shift();
    return Promise.resolve(body === undefined ? new Response("{}", { status: 500 }) : Response.json(body));
  });
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("what was asked for early", () => {
  it("answers the first request for it, and no other", async () => {
    answer({ "/p": [{ revision: 3 }, { revision: 4 }], "/s": [{ revision: 3, n: 1 }] });
    beginWith("/p", ["/s"]);
    expect(await get("/s")).toEqual({ revision: 3, n: 1 });
    expect(await get("/p")).toEqual({ revision: 3 });
    expect(asked).toEqual(["/p", "/s"]);
    expect(await get("/p")).toEqual({ revision: 4 });
    expect(asked).toEqual(["/p", "/s", "/p"]);
  });

  it("is asked for again where it speaks of another revision than the project", async () => {
    answer({ "/p": [{ revision: 4 }], "/s": [{ revision: 3 }, { revision: 4 }] });
    beginWith("/p", ["/s"]);
    expect(await get("/s")).toEqual({ revision: 4 });
  });

  it("is asked for again where it failed, and that failure is told", async () => {
    answer({ "/p": [] });
    beginWith("/p", []);
    await expect(get("/p")).rejects.toThrow("500");
    expect(asked).toEqual(["/p", "/p"]);
  });

  it("is not believed later", () => {
    vi.useFakeTimers();
    answer({ "/p": [{ revision: 1 }] });
    beginWith("/p", []);
    vi.advanceTimersByTime(6000);
    expect(takeEarly("/p")).toBeNull();
  });

  it("is not waited for by who gave up", async () => {
    answer({ "/p": [{ revision: 1 }] });
    beginWith("/p", []);
    await expect(get("/p", AbortSignal.abort())).rejects.toThrow(/abort/i);
  });
});
