import { describe, expect, it } from "vitest";
import { everything, isSelected, NOTHING, only, RANGE_MOST, rangeOf, selectedCount, toggled, withRange } from "./selection";

describe("a selection", () => {
  it("of one replaces what was selected", () => {
    expect([...only(7, 3).samples]).toEqual([7]);
    expect(only(7, 3).anchor).toBe(3);
  });

  it("takes a sample in and out", () => {
    const one = toggled(NOTHING, 7, 3);
    const two = toggled(one, 9, 5);
    expect([...two.samples]).toEqual([7, 9]);
    expect([...toggled(two, 7, 3).samples]).toEqual([9]);
  });

  it("spans a range both ways from where it began", () => {
    expect(rangeOf(only(7, 10), 14)).toEqual([10, 14]);
    expect(rangeOf(only(7, 10), 4)).toEqual([4, 10]);
    expect(rangeOf(NOTHING, 4)).toEqual([4, 4]);
  });

  it("refuses a range that is too long", () => {
    expect(rangeOf(only(1, 0), RANGE_MOST - 1)).toEqual([0, RANGE_MOST - 1]);
    expect(rangeOf(only(1, 0), RANGE_MOST)).toBeNull();
  });

  it("replaces or adds a range and keeps where it began", () => {
    const start = toggled(only(1, 0), 5, 4);
    expect([...withRange(start, [5, 6, 7], false).samples]).toEqual([5, 6, 7]);
    expect([...withRange(start, [5, 6, 7], true).samples]).toEqual([1, 5, 6, 7]);
    expect(withRange(start, [5, 6], false).anchor).toBe(4);
  });

  it("of all counts what matches and names nothing", () => {
    expect(isSelected(everything(), 123)).toBe(true);
    expect(selectedCount(everything(), 70_000)).toBe(70_000);
    expect(selectedCount(only(1, 0), 70_000)).toBe(1);
  });

  it("of all becomes a selection of one when one is toggled", () => {
    expect([...toggled(everything(), 3, 2).samples]).toEqual([3]);
    expect([...withRange(everything(), [4], true).samples]).toEqual([4]);
  });
});
