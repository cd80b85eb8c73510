import { describe, expect, it } from "vitest";
import { GAP, gridShape, offsetShowing, scrollScale, TALLEST } from "./grid-shape";

describe("a list as a grid", () => {
  it("fills the width with whole cards", () => {
    const shape = gridShape(1000, 120, 70_000, true);
    expect(shape.columns).toBe(7);
    expect(shape.columns * shape.cellWidth + (shape.columns - 1) * GAP).toBeLessThanOrEqual(1000);
    expect(shape.rowCount).toBe(10_000);
  });

  it("has one column where nothing else fits", () => {
    expect(gridShape(80, 200, 3, true)).toMatchObject({ columns: 1, rowCount: 3 });
  });

  it("has low and wide cards without pictures", () => {
    expect(gridShape(1000, 120, 10, false)).toMatchObject({ columns: 4, rowHeight: 73, rowCount: 3 });
  });

  it("reaches the last row of ten million samples", () => {
    const shape = gridShape(300, 256, 10_000_000, true);
    const total = shape.rowCount * shape.rowHeight;
    const scale = scrollScale(total, 800);
    expect(scale).toBeGreaterThan(100);
    expect((TALLEST - 800) * scale + 800).toBeCloseTo(total, 3);
    expect(scrollScale(5000, 800)).toBe(1);
  });

  it("scrolls no further than it must", () => {
    const shape = gridShape(1000, 120, 70_000, true);
    const height = shape.rowHeight;
    expect(offsetShowing(2, shape, 0, 5 * height)).toBe(0);
    expect(offsetShowing(7, shape, 0, 5 * height)).toBe(8 * height - GAP - 5 * height);
    expect(offsetShowing(3, shape, 10 * height, 5 * height)).toBe(3 * height);
  });
});
