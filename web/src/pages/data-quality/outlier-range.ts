// From a count of outliers to the filter that shows exactly those samples.
import type { MetricsReport } from "../../api/generated/metrics";
import type { Range } from "../../api/generated/workbench";
import { nextAbove } from "../../state/samples";

export type MetricRow = MetricsReport["metrics"][number];
export type Side = keyof MetricRow["outliers"];

// An outlier lies beyond the fence, a range takes its ends in.
const above = nextAbove;
const below = (x: number) => -nextAbove(-x);

/** null: there is no fence. */
export function outlierRange(metric: MetricRow, side: Side): Range | null {
  const { severe_low, moderate_low, moderate_high, severe_high } = metric.fences;
  const range = (low: number | null, high: number | null): Range => ({ metric: metric.name, low, high });
  if (side === "severe_low") return severe_low === null ? null : range(null, below(severe_low));
  if (side === "moderate_low") return moderate_low === null ? null : range(severe_low, below(moderate_low));
  if (side === "moderate_high") return moderate_high === null ? null : range(above(moderate_high), severe_high);
  return severe_high === null ? null : range(above(severe_high), null);
}

/** The limits of one of a histogram's bins; the last one takes its upper end in. */
export function binRange(metric: MetricRow, bin: number): Range | null {
  if (metric.min === null || metric.max === null || metric.histogram.length === 0) return null;
  const width = (metric.max - metric.min) / metric.histogram.length;
  const low = metric.min + bin * width;
  const last = bin === metric.histogram.length - 1;
  return { metric: metric.name, low, high: last ? metric.max : below(metric.min + (bin + 1) * width) };
}

export function isConstant(metric: MetricRow): boolean {
  return metric.min !== null && metric.min === metric.max;
}
