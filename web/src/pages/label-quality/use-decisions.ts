// Decisions, each sent as soon as it is made, one after the other.
import { useReducer, useRef, useState } from "react";
import { ApiFailure, send } from "../../api/client";
import type { Changed, Suspect } from "../../api/generated/workbench";
import { decided, decisionOf, NO_DECISIONS, undoing, type Decision, type Made } from "./decisions";

export function suggestionFor(suspect: Suspect): string | null {
  return suspect.suggested ?? suspect.neighbours_label;
}

function saying(what: Made): string {
  if (what.decision === null) return "Undecided again.";
  return what.decision === "accept" ? `Accepted: it is ${what.suggested ?? "another class"}.` : "Dismissed: the label is right.";
}

export function useDecisions(revision: number) {
  const [state, act] = useReducer(decided, NO_DECISIONS);
  const [failure, setFailure] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const queue = useRef<Promise<unknown>>(Promise.resolve());

  const post = (what: Made) => {
    const body = {
      sample: what.sample,
      decision: what.decision,
      suggested: what.decision === "accept" ? what.suggested : null,
    };
    queue.current = queue.current.then(() =>
      send<Changed>("POST", "/api/decisions", body).then(
        (done) => {
          setFailure(null);
          act({ do: "written", what, revision: done.revision });
        },
        (reason: unknown) => {
          act({ do: "refused", what });
          setFailure(reason instanceof ApiFailure ? reason.message : String(reason));
        },
      ),
    );
  };

  const decide = (suspect: Suspect, decision: Decision) => {
    const before = decisionOf(state, suspect, revision);
    if (before === decision) return;
    const what: Made = { sample: suspect.sample.sample, before, decision, suggested: suggestionFor(suspect), revision: null };
    act({ do: "made", what });
    setSaid(saying(what));
    post(what);
  };
  /** The sample whose decision was taken back; null: nothing was to take back. */
  const undo = (): number | null => {
    const what = undoing(state);
    if (!what) return null;
    act({ do: "taken-back", what });
    setSaid(saying(what));
    post(what);
    return what.sample;
  };
  return { state, failure, said, decide, undo, canUndo: state.history.length > 0 };
}

export type DecisionActions = ReturnType<typeof useDecisions>;
