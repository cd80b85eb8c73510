// Which samples stand behind "fixed" and "broken", as the Explorer is asked for them.
import type { Filter, Project } from "../../api/generated/workbench";
import { andWhere, sqlText } from "../../state/samples";

export type Change = "fixed" | "broken" | "both_wrong" | "both_right";

const OF_PREDICTIONS = ["prediction", "correct", "confidence"];

/** Whether other samples may be left by a filter where it looks at another model. When in doubt: yes. */
export function dependsOnModel(filter: Filter, metrics: Project["metrics"]): boolean {
  const names = [...OF_PREDICTIONS, ...metrics.filter((one) => one.kind === "prediction").map((one) => one.name)].map((name) => name.toLowerCase());
  if ((filter.ranges ?? []).some((range) => names.includes(range.metric.toLowerCase()))) return true;
  const words = (filter.where ?? "").toLowerCase();
  return /\*|\bcolumns\b/.test(words) || names.some((name) => words.includes(name));
}

const SEEN_FROM_A: Record<Change, Change> = { fixed: "broken", broken: "fixed", both_wrong: "both_wrong", both_right: "both_right" };

/**
 * What B misses of a class. Where the filter looks at predictions it is seen with A, and the list can be of what B alone misses:
 * right in A, wrong in B.
 */
export function missedOf(name: string, filter: Filter, a: string, b: string, metrics: Project["metrics"]): { filter: Filter; choice: Record<string, string> } {
  if (!dependsOnModel(filter, metrics)) return { filter: { ...filter, model: b }, choice: { outcome: "fn", class: name } };
  return samplesOf("broken", andWhere(filter, `label = ${sqlText(name)}`), a, b, metrics);
}

/**
 * The comparison's filter is seen with A. Where that says which samples are left, the list must be too: what B fixed is there what
 * is broken against B. Else it is B's, in which fixed samples are right.
 */
export function samplesOf(change: Change, filter: Filter, a: string, b: string, metrics: Project["metrics"]): { filter: Filter; choice: Record<string, string> } {
  return dependsOnModel(filter, metrics)
    ? { filter: { ...filter, model: a }, choice: { outcome: SEEN_FROM_A[change], against: b } }
    : { filter: { ...filter, model: b }, choice: { outcome: change, against: a } };
}
