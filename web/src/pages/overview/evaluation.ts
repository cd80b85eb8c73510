// What the overview asks for: first what is fast, then everything.
import { address } from "../../api/client";
import type { EvaluationReport } from "../../api/generated/evaluation";
import type { Evaluation, Filter } from "../../api/generated/workbench";
import { useReply, type Reply } from "../../state/use-reply";
import { filterText } from "../../state/view";

/** Keys that the first part leaves out are absent. */
export type Report = Partial<EvaluationReport> &
  Pick<EvaluationReport, "classes" | "accuracy" | "macro" | "per_class" | "confusion" | "samples">;

function useReport(filter: Filter, part: "first" | "rest", wanted: boolean): Reply<Report> {
  const reply = useReply<Evaluation>(
    wanted ? address("/api/evaluation", { filter: filterText(filter), part }) : null,
  );
  return { ...reply, data: reply.data ? (reply.data.evaluation as unknown as Report) : null };
}

export function useEvaluation(filter: Filter, wanted: boolean): { first: Reply<Report>; rest: Reply<Report> } {
  const first = useReport(filter, "first", wanted);
  // The slow part waits for the fast one, so that it never stands in its way.
  const rest = useReport(filter, "rest", wanted && first.data !== null && !first.stale);
  return { first, rest };
}
