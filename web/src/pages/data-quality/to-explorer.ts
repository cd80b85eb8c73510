// From a mark of this page to its samples.
import type { Filter, Range } from "../../api/generated/workbench";
import { go } from "../../state/view";

export function showRange(filter: Filter, range: Range, descending: boolean): void {
  const others = (filter.ranges ?? []).filter((one) => one.metric !== range.metric);
  go({
    page: "explorer",
    filter: { ...filter, ranges: [...others, range] },
    choice: { sort: range.metric, descending: descending ? "1" : null },
  });
}

export function labelCondition(where: string | undefined, label: string): string {
  const own = `label = '${label.replace(/'/g, "''")}'`;
  return where ? `(${where}) AND ${own}` : own;
}

export function showLabel(filter: Filter, label: string): void {
  go({ page: "explorer", filter: { ...filter, where: labelCondition(filter.where, label) } });
}
