import { describe, expect, it } from "vitest";
import { step, suspectAction } from "./suspect-keys";

const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false, altKey: false });
const page = { from: 25, size: 25, held: 25, total: 60 };

describe("keys of the suspects", () => {
  it("move, decide and undo", () => {
    expect(["j", "k", "ArrowDown", "a", "d", "u"].map((name) => suspectAction(key(name)))).toEqual([
      "next", "before", "next", "accept", "dismiss", "undo",
    ]);
    expect(suspectAction(key("x"))).toBeNull();
    expect(suspectAction(key("a", true))).toBeNull();
  });

  it("go on to the next page and back to the one before", () => {
    expect(step(3, 1, page)).toEqual({ at: 4, from: 25 });
    expect(step(24, 1, page)).toEqual({ at: 0, from: 50 });
    expect(step(0, -1, page)).toEqual({ at: 24, from: 0 });
  });

  it("stop at both ends", () => {
    expect(step(0, -1, { ...page, from: 0 })).toBeNull();
    expect(step(9, 1, { from: 50, size: 25, held: 10, total: 60 })).toBeNull();
  });
});
