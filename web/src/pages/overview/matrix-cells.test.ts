import { describe, expect, it } from "vitest";
import type { Report } from "./evaluation";
import { afterKey, classesWithin, matrixOrder, OTHER, otherSamples, panned, readMatrix, zoomed } from "./matrix-cells";

const report = (confusion: unknown): Report => ({ classes: ["a", "b", "c"], confusion }) as unknown as Report;
const dense = report({
  classes: ["a", "b", "c"],
  other: false,
  counts: [
    [8, 2, 0],
    [0, 20, 0],
    [1, 3, 1],
  ],
});

describe("the confusion matrix", () => {
  it("is the same from its dense and its sparse form", () => {
    const sparse = report({ counts: { sparse: [[0, 0, 8], [0, 1, 2], [1, 1, 20], [2, 0, 1], [2, 1, 3], [2, 2, 1]] } });
    expect(readMatrix(sparse)).toEqual(readMatrix(dense));
    expect(readMatrix(dense).rowTotal).toEqual([10, 20, 5]);
    expect(readMatrix(dense).columnTotal).toEqual([9, 25, 1]);
  });

  it("is sorted by support and by error", () => {
    const matrix = readMatrix(dense);
    expect(matrixOrder(matrix, "class")).toEqual([0, 1, 2]);
    expect(matrixOrder(matrix, "support")).toEqual([1, 0, 2]);
    expect(matrixOrder(matrix, "error")).toEqual([2, 0, 1]);
  });

  it("has a row and a column of all other classes, at the end", () => {
    const matrix = readMatrix(report({ classes: ["a", "b"], other: true, counts: [[8, 2, 0], [0, 20, 3], [0, 3, 1]] }));
    expect(matrix.classes).toEqual(["a", "b", OTHER]);
    expect(matrix.rowTotal).toEqual([10, 23, 4]);
    expect(matrixOrder(matrix, "support")).toEqual([1, 0, 2]);
    expect(matrixOrder(matrix, "error")).toEqual([0, 1, 2]);
  });
});

describe("a cell of the classes that are not shown", () => {
  it("is a condition, by whichever names are fewer", () => {
    const all = ["a", "b", "c", "d"];
    expect(otherSamples({ classes: ["a"] }, all, null, "a")).toEqual({ classes: ["a"], where: "label NOT IN ('a') AND prediction = 'a'" });
    expect(otherSamples({ classes: ["a", "b", "c"], where: "x" }, all, "b", null).where).toBe("(x) AND label = 'b' AND prediction IN ('d')");
    expect(otherSamples({ classes: ["a"] }, all, null, null).classes).toEqual([]);
  });
});

describe("zooming with buttons", () => {
  it("keeps the middle, and stays on the axis", () => {
    expect(zoomed({ start: 0, end: 100 }, 0.5)).toEqual({ start: 25, end: 75 });
    expect(zoomed({ start: 0, end: 10 }, 2)).toEqual({ start: 0, end: 20 });
    expect(zoomed({ start: 40, end: 50 }, Infinity)).toEqual({ start: 0, end: 100 });
  });
});

describe("keys in the matrix", () => {
  const whole = { start: 0, end: 100 };
  it("zoom about the middle, and back to the whole", () => {
    expect(afterKey("+", whole, whole)).toEqual([{ start: 25, end: 75 }, { start: 25, end: 75 }]);
    expect(afterKey("=", whole, whole)).toEqual(afterKey("+", whole, whole));
    expect(afterKey("-", { start: 25, end: 75 }, { start: 0, end: 50 })).toEqual([whole, whole]);
    expect(afterKey("0", { start: 1, end: 2 }, { start: 3, end: 4 })).toEqual([whole, whole]);
  });

  it("pan along one axis, never beyond its ends", () => {
    const part = { start: 20, end: 40 };
    expect(afterKey("ArrowRight", part, part)).toEqual([{ start: 25, end: 45 }, part]);
    expect(afterKey("ArrowUp", part, part)).toEqual([part, { start: 15, end: 35 }]);
    expect(panned({ start: 2, end: 42 }, -0.25)).toEqual({ start: 0, end: 40 });
    expect(panned(whole, 0.25)).toEqual(whole);
    expect(afterKey("Home", part, part)).toEqual([{ start: 0, end: 20 }, { start: 0, end: 20 }]);
    expect(afterKey("End", part, part)).toEqual([{ start: 80, end: 100 }, { start: 80, end: 100 }]);
  });

  it("are no others, and what is in sight is told by its classes", () => {
    expect(afterKey("Tab", whole, whole)).toBeNull();
    expect(afterKey("toString", whole, whole)).toBeNull();
    expect(classesWithin(whole, 10)).toEqual([0, 9]);
    expect(classesWithin({ start: 25, end: 75 }, 1000)).toEqual([250, 749]);
  });
});
