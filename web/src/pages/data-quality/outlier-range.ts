// From a count of outliers to the filter that shows exactly those samples.
import type { MetricsReport } from "../../api/generated/metrics";
import type { Range } from "../../api/generated/workbench";

export type MetricRow = MetricsReport["metrics"][number];
export type Side = keyof MetricRow["outliers"];

const view = new DataView(new ArrayBuffer(8));

/** The next number of double precision above or below x: an outlier lies beyond the fence, a range takes its ends in. */
export function nextTo(x: number, side: 1 | -1): number {
  if (!Number.isFinite(x)) return x;
  if (x === 0) return side * Number.MIN_VALUE;
  view.setFloat64(0, x);
  const away = x > 0 === side > 0;
  view.setBigInt64(0, view.getBigInt64(0) + (away ? 1n : -1n));
  return view.getFloat64(0);
}

/** null: there is no fence. */
export function outlierRange(metric: MetricRow, side: Side): Range | null {
  const { severe_low, moderate_low, moderate_high, severe_high } = metric.fences;
  const range = (low: number | null, high: number | null): Range => ({ metric: metric.name, low, high });
  if (side === "severe_low") return severe_low === null ? null : range(null, nextTo(severe_low, -1));
  if (side === "moderate_low") return moderate_low === null ? null : range(severe_low, nextTo(moderate_low, -1));
  if (side === "moderate_high") return moderate_high === null ? null : range(nextTo(moderate_high, 1), severe_high);
  return severe_high === null ? null : range(nextTo(severe_high, 1), null);
}

/** The limits of one of a histogram's bins; the last one takes its upper end in. */
export function binRange(metric: MetricRow, bin: number): Range | null {
  if (metric.min === null || metric.max === null || metric.histogram.length === 0) return null;
  const width = (metric.max - metric.min) / metric.histogram.length;
  const low = metric.min + bin * width;
  const last = bin === metric.histogram.length - 1;
  return { metric: metric.name, low, high: last ? metric.max : nextTo(metric.min + (bin + 1) * width, -1) };
}

export function outlierCount(metric: MetricRow, grade: "moderate" | "severe"): number {
  return metric.outliers[`${grade}_low`] + metric.outliers[`${grade}_high`];
}
