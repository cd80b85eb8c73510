import { describe, expect, it } from "vitest";
import { heldReply, replyKey } from "./held-replies";

describe("a report's replies", () => {
  it("are named without the filter, parameters in order", () => {
    expect(replyKey("/api/performance?metric=m&filter=%7B%7D&bins=50")).toBe("/api/performance?bins=50&metric=m");
    expect(replyKey("/api/plan")).toBe("/api/plan");
  });

  it("give the curves of several classes from one each", () => {
    const replies = {
      "/api/curves?class=a": { revision: 3, curves: [{ class: "a" }] },
      "/api/curves?class=b c": { revision: 3, curves: [{ class: "b c" }] },
    };
    expect(heldReply(replies, "/api/curves?filter=x&class=b+c&class=a&class=none")).toEqual({
      revision: 3,
      curves: [{ class: "b c" }, { class: "a" }],
    });
    expect(heldReply(replies, "/api/curves?class=none")).toBeUndefined();
  });
});
