import { describe, expect, it } from "vitest";
import { binRange, outlierRange, type MetricRow } from "./outlier-range";

const metric = {
  name: "brightness", min: 0, max: 1, histogram: new Array(10).fill(3),
  outliers: { severe_low: 1, moderate_low: 2, moderate_high: 3, severe_high: 4 },
  fences: { severe_low: 0.05, moderate_low: 0.1, moderate_high: 0.9, severe_high: 0.95 },
} as unknown as MetricRow;

describe("the range behind a count of outliers", () => {
  it("ends just before the fence, which itself is no outlier", () => {
    const low = outlierRange(metric, "moderate_low");
    expect(low).toMatchObject({ metric: "brightness", low: 0.05 });
    expect(low?.high).toBeLessThan(0.1);
    expect(low?.high).toBeCloseTo(0.1, 12);
    expect(outlierRange(metric, "severe_low")?.low).toBeNull();
    const high = outlierRange(metric, "severe_high");
    expect(high?.low).toBeGreaterThan(0.95);
    expect(high?.high).toBeNull();
    expect(outlierRange({ ...metric, fences: { ...metric.fences, severe_low: 0 } }, "severe_low")?.high).toBe(-Number.MIN_VALUE);
  });

  it("is none without a fence", () => {
    const flat = { ...metric, fences: { ...metric.fences, severe_low: null } };
    expect(outlierRange(flat, "severe_low")).toBeNull();
  });

  it("has bins that share no value", () => {
    const first = binRange(metric, 0);
    const second = binRange(metric, 1);
    expect(first?.high).toBeLessThan(second?.low as number);
    expect(binRange(metric, 9)).toMatchObject({ high: 1 });
  });
});
