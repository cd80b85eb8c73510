import { describe, expect, it } from "vitest";
import { counted, drawnName, fileSize, number, numberAlong, percent } from "./numbers";
import { fixed, intervalText } from "./score";

describe("the size of a file", () => {
  it("has three digits and the unit that fits", () => {
    expect([0, 999, 1000, 1_234_567, 999_600, 620_000_000, 8 * 2 ** 30].map(fileSize)).toEqual([
      "0 bytes", "999 bytes", "1 kB", "1.23 MB", "1 MB", "620 MB", "8.59 GB",
    ]);
  });
});

describe("a number as it is shown", () => {
  it("is no end of its scale unless it is one", () => {
    expect(fixed(0.99996)).toBe("0.99996");
    expect(fixed(1)).toBe("1.000");
    expect(fixed(0.00012)).toBe("0.0001");
    expect(fixed(0)).toBe("0.000");
    expect(fixed(0.9634)).toBe("0.963");
    expect(percent(0.0004)).toBe("0.04 %");
    expect(percent(0.99996)).toBe("99.996 %");
    expect(percent(1)).toBe("100.0 %");
    expect(percent(0.5, 0)).toBe("50 %");
  });

  it("has an interval that can be read below zero too", () => {
    const score = (low: number, high: number) => intervalText({ value: 0, low, high } as Parameters<typeof intervalText>[0]);
    expect(score(0.1, 0.2)).toBe("0.100–0.200");
    expect(score(-0.0701, -0.0485)).toBe("−0.070 to −0.049");
    expect(score(-1e-9, 0.1)).toBe("0.0000000 to 0.100");
  });

  it("has its thousands apart, also where it is not whole", () => {
    expect(number(9949.4)).toBe("9,949");
    expect(number(12345.67)).toBe("12,346");
    expect(number(0.831249)).toBe("0.8312");
  });

  it("has the digits that tell the parts of a narrow scale from each other", () => {
    expect([0.49792, 0.498, 0.49804].map((x) => numberAlong(x, 0.49791, 0.49817))).toEqual(["0.49792", "0.498", "0.49804"]);
    expect([10000.1, 10000.2].map((x) => numberAlong(x, 10000, 10001))).toEqual(["10000.1", "10000.2"]);
    expect([0.25, 1234567].map((x) => numberAlong(x, 0, 2e6))).toEqual([number(0.25), "1,234,567"]);
    expect(numberAlong(28, 28, 28)).toBe("28");
  });

  it("agrees with its noun", () => {
    expect(counted(1, "class", "classes")).toBe("1 class");
    expect(counted(1234, "sample")).toBe("1,234 samples");
  });
});

describe("a name in a drawn text", () => {
  it("styles nothing, and keeps its direction to itself", () => {
    expect(drawnName("{b|bold}")).toBe("\u2068{\u200bb|bold}\u2069");
    expect(drawnName("x".repeat(40))).toBe(`\u2068${"x".repeat(31)}…\u2069`);
  });
});
