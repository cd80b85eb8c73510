import { describe, expect, it } from "vitest";
import type { Project } from "../../api/generated/workbench";
import { dependsOnModel, missedOf, samplesOf } from "./changed-samples";

const metrics = [
  { name: "brightness", kind: "image" },
  { name: "margin", kind: "prediction" },
] as unknown as Project["metrics"];

describe("the samples of a comparison", () => {
  it("are seen with the second model, in which the fixed ones are right", () => {
    const filter = { model: "c", where: "brightness > 0.4" };
    expect(samplesOf("fixed", filter, "a", "b", metrics)).toEqual({
      filter: { model: "b", where: "brightness > 0.4" },
      choice: { outcome: "fixed", against: "a" },
    });
  });

  it("are seen with the first one where its predictions say which are left", () => {
    const filter = { where: "Confidence < 0.9" };
    const of = (change: "fixed" | "broken" | "both_wrong" | "both_right") => samplesOf(change, filter, "a", "b", metrics);
    expect(of("fixed")).toEqual({ filter: { ...filter, model: "a" }, choice: { outcome: "broken", against: "b" } });
    expect(of("broken").choice.outcome).toBe("fixed");
    expect(of("both_wrong").choice).toEqual({ outcome: "both_wrong", against: "b" });
    expect(of("both_right").choice.outcome).toBe("both_right");
  });

  it("knows which filters look at predictions", () => {
    expect(dependsOnModel({}, metrics)).toBe(false);
    expect(dependsOnModel({ ranges: [{ metric: "brightness", low: 0, high: 1 }], tags: ["x"] }, metrics)).toBe(false);
    expect(dependsOnModel({ ranges: [{ metric: "margin", low: 0, high: 1 }] }, metrics)).toBe(true);
    for (const where of ["correct", "NOT correct", "prediction = 'cat'", '"Margin" > 0.1', "hash(samples.*) > 1", "max(COLUMNS('conf.*')) > 1"])
      expect(dependsOnModel({ where }, metrics), where).toBe(true);
    expect(dependsOnModel({ where: "label = 'cat' AND row > 3" }, metrics)).toBe(false);
  });

  it("of a class are what the second model misses, or alone misses where the filter looks at predictions", () => {
    expect(missedOf("it's", { where: "brightness > 0.4" }, "a", "b", metrics)).toEqual({
      filter: { model: "b", where: "brightness > 0.4" },
      choice: { outcome: "fn", class: "it's" },
    });
    expect(missedOf("it's", { where: "margin > 0.4" }, "a", "b", metrics)).toEqual({
      filter: { model: "a", where: "(margin > 0.4) AND label = 'it''s'" },
      choice: { outcome: "fixed", against: "b" },
    });
  });
});
