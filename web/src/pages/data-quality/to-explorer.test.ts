import { describe, expect, it } from "vitest";
import { labelCondition } from "./to-explorer";

describe("the condition for a label", () => {
  it("quotes the name", () => {
    expect(labelCondition(undefined, "d'or")).toBe("label = 'd''or'");
  });

  it("keeps the condition that was there", () => {
    expect(labelCondition("a OR b", "cat")).toBe("(a OR b) AND label = 'cat'");
  });
});
