import { describe, expect, it } from "vitest";
import { andWhere, nextAbove, sqlName, sqlText, withRange } from "./samples";

describe("from a mark to its samples", () => {
  it("narrows a range that the filter has already, and never widens it", () => {
    const filter = { ranges: [{ metric: "m", low: 1, high: 5 }, { metric: "n", low: null, high: 2 }] };
    expect(withRange(filter, { metric: "m", low: 0, high: 3 }).ranges).toEqual([
      { metric: "n", low: null, high: 2 },
      { metric: "m", low: 1, high: 3 },
    ]);
    expect(withRange({}, { metric: "m", low: null, high: 3 }).ranges).toEqual([{ metric: "m", low: null, high: 3 }]);
  });

  it("keeps a condition whole when another is added", () => {
    expect(andWhere({ where: "a OR b" }, "c").where).toBe("(a OR b) AND c");
    expect(andWhere({}, "c").where).toBe("c");
    expect(andWhere({ where: "a -- why" }, "c").where).toBe("(a -- why\n) AND c");
  });

  it("quotes a name as SQL does", () => {
    expect(sqlText("o'clock")).toBe("'o''clock'");
    expect(sqlName('length "a/b"')).toBe('"length ""a/b"""');
  });

  it("finds the next number above", () => {
    expect(nextAbove(1)).toBe(1 + Number.EPSILON);
    expect(nextAbove(0)).toBe(5e-324);
    expect(nextAbove(-1)).toBeGreaterThan(-1);
    expect(nextAbove(-1)).toBe(-1 + Number.EPSILON / 2);
    expect(nextAbove(Infinity)).toBe(Infinity);
  });
});
