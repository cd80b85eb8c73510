import { describe, expect, it } from "vitest";
import { nearestPoint, pointsOf, samplesOf, whatIsNotDrawn, type Curve } from "./curve-points";

const score = { value: 0.5, low: 0.4, high: 0.6, method: "none", few: false } as unknown as Curve["auroc"];
const tenth = Math.fround(0.1);
const cat: Curve = {
  class: "cat", auroc: score, average_precision: score,
  roc: [[0, 0, null], [0, 0.5, 0.9], [0.25, 1, tenth]],
  pr: [[0.5, 1, 0.9], [1, 0.8, tenth]],
};
const dog: Curve = { ...cat, class: "dog", roc: [[0, 0, null], [0.5, 0.5, 0.3]], pr: [[1, 1, 0.7]] };
const place = { origin: [100, 300], far: [300, 100] } as const;

describe("a point of a curve", () => {
  it("is found by the pixel under the pointer, of whichever curve", () => {
    const curves = [cat, dog].map((curve) => pointsOf(curve, "roc"));
    expect(nearestPoint(curves, place, [152, 98])).toEqual([0, 2]);
    expect(nearestPoint(curves, place, [201, 199])).toEqual([1, 1]);
    // Two curves begin at one place.
    expect(nearestPoint(curves, place, [100, 300])).toEqual([0, 0]);
    expect(nearestPoint(curves, place, [290, 290])).toBeNull();
    expect(nearestPoint([], place, [100, 300])).toBeNull();
  });

  it("leads to the wrongly called, else to the missed, else to the found", () => {
    const [none, some, all] = pointsOf(cat, "roc").map((point) => samplesOf(point, "roc"));
    expect(none).toEqual({ outcome: "fn", class: "cat", threshold: "2" });
    expect(some).toEqual({ outcome: "fn", class: "cat", threshold: "0.9" });
    expect(all?.outcome).toBe("fp");
    expect(pointsOf(cat, "pr").map((point) => samplesOf(point, "pr").outcome)).toEqual(["fn", "fp"]);
    expect(pointsOf(dog, "pr").map((point) => samplesOf(point, "pr").outcome)).toEqual(["tp"]);
  });

  it("keeps its threshold to the last bit", () => {
    const [, last] = pointsOf(cat, "pr");
    expect(last && Number(samplesOf(last, "pr").threshold)).toBe(tenth);
  });
});

describe("what is not drawn as a line", () => {
  it("is told by its class, with the reason", () => {
    expect(whatIsNotDrawn([cat], "pr")).toBe("");
    expect(whatIsNotDrawn([cat, dog], "pr")).toMatch(/^A single point of .dog.: the first threshold/);
    expect(whatIsNotDrawn([{ ...cat, roc: [] }, dog], "roc")).toMatch(/^No curve of .cat.: it takes samples/);
    expect(whatIsNotDrawn([{ ...cat, pr: [] }], "pr")).toMatch(/no sample with a probability/);
  });
});
