// Decisions on suspects as they are made: shown at once, sent meanwhile, taken back one by one.
import type { Suspect, Suspects } from "../../api/generated/workbench";

export type Decision = Suspect["decision"];

export interface Made {
  sample: number;
  before: Decision;
  decision: Decision;
  suggested: string | null;
  /** The project's revision with it; null while it is being sent. */
  revision: number | null;
}

export interface Decisions {
  /** What a reply may not know yet, oldest first. */
  made: readonly Made[];
  /** What can be taken back, newest last. */
  history: readonly Made[];
}

export type DecisionAction =
  | { do: "made"; what: Made }
  | { do: "taken-back"; what: Made }
  | { do: "written"; what: Made; revision: number }
  | { do: "refused"; what: Made };

export const NO_DECISIONS: Decisions = { made: [], history: [] };
const HISTORY_MOST = 1000;

export function decided(state: Decisions, action: DecisionAction): Decisions {
  const { what } = action;
  switch (action.do) {
    case "made":
      return { made: [...state.made, what], history: [...state.history, what].slice(-HISTORY_MOST) };
    case "taken-back":
      return { made: [...state.made, what], history: state.history.slice(0, -1) };
    case "written":
      return {
        made: state.made.map((one) => (one === what ? { ...one, revision: action.revision } : one)).slice(-HISTORY_MOST),
        history: state.history,
      };
    case "refused":
      return { made: state.made.filter((one) => one !== what), history: state.history.filter((one) => one !== what) };
  }
}

/** What the last decision of the history is undone with; null: there is none. */
export function undoing(state: Decisions): Made | null {
  const last = state.history[state.history.length - 1];
  if (!last) return null;
  return { ...last, before: last.decision, decision: last.before, revision: null };
}

function unknownTo(state: Decisions, revision: number): Made[] {
  return state.made.filter((one) => one.revision === null || one.revision > revision);
}

export function decisionOf(state: Decisions, suspect: Suspect, revision: number): Decision {
  const latest = unknownTo(state, revision)
    .filter((one) => one.sample === suspect.sample.sample)
    .pop();
  return latest ? latest.decision : suspect.decision;
}

/** How many are decided, with what the reply does not know. */
export function countsOf(state: Decisions, reply: Pick<Suspects, "decided" | "revision">): Suspects["decided"] {
  const counts = { ...reply.decided };
  for (const one of unknownTo(state, reply.revision)) {
    if (one.before) counts[one.before]--;
    if (one.decision) counts[one.decision]++;
  }
  return counts;
}
