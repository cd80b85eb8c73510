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

  it("of all loses the one that is toggled, and gets it back", () => {
    const but = toggled(everything(), 3, 2);
    expect([isSelected(but, 3), isSelected(but, 4)]).toEqual([false, true]);
    expect(selectedCount(but, 70_000)).toBe(69_999);
    expect(selectedCount(toggled(but, 3, 2), 70_000)).toBe(70_000);
  });

  it("of all loses a range that begins where one was taken out, and gets back one that begins where one is in", () => {
    const but = withRange(toggled(everything(), 3, 2), [3, 4, 5], false);
    expect(but.all).toBe(true);
    expect([...but.samples]).toEqual([3, 4, 5]);
    // Backwards the range begins at its end.
    expect([...withRange(toggled(everything(), 9, 7), [7, 8, 9], false, 9).samples]).toEqual([9, 7, 8]);
    const again = withRange(toggled(but, 3, 2), [3, 4], false);
    expect([...again.samples]).toEqual([5]);
    expect(selectedCount(again, 10)).toBe(9);
  });

  it("of all without a beginning loses what a range would add, and is replaced by a plain range", () => {
    expect([...withRange(everything(), [4, 5], true).samples]).toEqual([4, 5]);
    expect(withRange(everything(), [4, 5], true).all).toBe(true);
    const plain = withRange(everything(), [4, 5], false);
    expect([plain.all, ...plain.samples]).toEqual([false, 4, 5]);
  });
});
