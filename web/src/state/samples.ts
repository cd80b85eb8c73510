// Ways from a mark to the samples behind it.
import type { Filter, Range } from "../api/generated/workbench";
import { isReport } from "./mode";
import { go } from "./view";

type Choice = Record<string, string | number | null>;

export function toSamples(filter: Filter, choice: Choice = {}): void {
  // A report holds some samples of its own filter only.
  go({ page: "explorer", choice, ...(isReport() ? {} : { filter }) });
}

/** A name as an SQL text. */
export function sqlText(name: string): string {
  return `'${name.replace(/'/g, "''")}'`;
}

/** A column as SQL names it, whatever its name. */
export function sqlName(name: string): string {
  return `"${name.replace(/"/g, '""')}"`;
}

/** The whole project, with the model that is looked at. */
export function withoutConditions(filter: Filter): Filter {
  return filter.model ? { model: filter.model } : {};
}

export function andWhere(filter: Filter, condition: string): Filter {
  // A comment at the end of a condition ends with its line, not after it.
  const end = filter.where?.includes("--") ? "\n" : "";
  return { ...filter, where: filter.where ? `(${filter.where}${end}) AND ${condition}` : condition };
}

/** The filter with one more range; one of the same metric is narrowed to both. */
export function withRange(filter: Filter, range: Range): Filter {
  const others = (filter.ranges ?? []).filter((one) => one.metric !== range.metric);
  const old = (filter.ranges ?? []).find((one) => one.metric === range.metric);
  const most = (a: number | null, b: number | null | undefined) => (a === null ? (b ?? null) : b == null ? a : Math.max(a, b));
  const least = (a: number | null, b: number | null | undefined) => (a === null ? (b ?? null) : b == null ? a : Math.min(a, b));
  return {
    ...filter,
    ranges: [...others, { metric: range.metric, low: most(range.low, old?.low), high: least(range.high, old?.high) }],
  };
}

/** The next number above x: a bin (x, y] as a closed range. */
export function nextAbove(x: number): number {
  if (!Number.isFinite(x)) return x;
  if (x === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(1);
  const value = new Float64Array(bits.buffer);
  value[0] = x;
  bits[0] = (bits[0] as bigint) + (x > 0 ? 1n : -1n);
  return value[0] as number;
}
