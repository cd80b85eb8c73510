// The suspects, the worst first, a page at a time; keys go from one to the next and decide.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { address } from "../../api/client";
import type { Suspect, Suspects } from "../../api/generated/workbench";
import { KeyHelp } from "../../parts/key-help";
import { useProject } from "../../state/project";
import { useReply } from "../../state/use-reply";
import { filterText, go, useView } from "../../state/view";
import { Pager } from "../../parts/pager";
import { decisionOf, type Decision } from "./decisions";
import { step, suspectAction, SUSPECT_KEYS, type SuspectAction } from "./suspect-keys";
import { SuspectRow } from "./suspect-row";
import { suggestionFor, type DecisionActions } from "./use-decisions";

export const PAGE = 25;

export function suspectsAddress(filter: string, from: number): string {
  return address("/api/suspects", { filter, from, count: PAGE });
}

function busyElsewhere(target: EventTarget | null, action: SuspectAction): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("input, select, textarea, dialog, .popover-panel, .table-frame")) return true;
  return action === "open" && target.closest("button, a") !== null;
}

export function SuspectList({ found, decisions }: { found: Suspects; decisions: DecisionActions }) {
  const { has } = useProject();
  const { filter } = useView();
  const [at, setAt] = useState(0);
  const [help, setHelp] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const grab = useRef(false);
  const held = found.suspects.length;
  const current = Math.min(at, Math.max(0, held - 1));
  // The next page is there before it is gone to.
  const more = found.from + PAGE < found.count;
  useReply<Suspects>(more ? suspectsAddress(filterText(filter), found.from + PAGE) : null);

  const move = (side: 1 | -1) => {
    const next = step(current, side, { from: found.from, size: PAGE, held, total: found.count });
    if (!next) return;
    grab.current = true;
    setAt(next.at);
    if (next.from !== found.from) go({ choice: { from: next.from } }, { replace: true });
  };
  useLayoutEffect(() => {
    if (!grab.current) return;
    grab.current = false;
    const row = list.current?.querySelector<HTMLElement>("[aria-current]");
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }, [current, found.from]);

  const decide = (suspect: Suspect, decision: Decision) => {
    if (decision === "accept" && suggestionFor(suspect) === null) return;
    decisions.decide(suspect, decision);
  };
  const act = (action: SuspectAction) => {
    const suspect = found.suspects[current];
    if (action === "next") move(1);
    else if (action === "before") move(-1);
    else if (action === "help") setHelp(true);
    else if (action === "undo") {
      const sample = decisions.undo();
      const index = found.suspects.findIndex((one) => one.sample.sample === sample);
      if (index < 0) return;
      grab.current = true;
      setAt(index);
    } else if (suspect && action === "open") go({ page: "explorer", choice: { sample: suspect.sample.sample } });
    else if (suspect && (action === "accept" || action === "dismiss")) {
      decide(suspect, action);
      move(1);
    }
  };
  const latest = useRef({ act, decide });
  latest.current = { act, decide };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const action = suspectAction(event);
      if (!action || busyElsewhere(event.target, action)) return;
      event.preventDefault();
      latest.current.act(action);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const onDecide = useCallback((suspect: Suspect, decision: Decision) => latest.current.decide(suspect, decision), []);

  const pager = (below: boolean) => (
    <Pager from={found.from} size={PAGE} total={found.count} what="suspects" below={below}
      onGo={(from) => {
        setAt(0);
        go({ choice: { from: from || null } });
      }} />
  );
  return (
    <>
      <div className="row suspect-tools">
        {pager(false)}
        <button type="button" disabled={!decisions.canUndo} onClick={() => act("undo")}>
          <kbd>u</kbd> Undo
        </button>
        <button type="button" className="plain" onClick={() => setHelp(true)}>
          <kbd>?</kbd> Keys
        </button>
        <p className="faint" role="status" aria-live="polite">
          {decisions.said}
        </p>
        {decisions.failure && <p role="alert">{decisions.failure}</p>}
      </div>
      <ul className="suspects" ref={list} aria-label="Suspects">
        {found.suspects.map((suspect, i) => (
          <SuspectRow
            key={suspect.sample.sample}
            suspect={suspect}
            rank={found.from + i + 1}
            current={i === current}
            decision={decisionOf(decisions.state, suspect, found.revision)}
            pictures={has.images}
            onDecide={onDecide}
            onUse={() => setAt(i)}
          />
        ))}
      </ul>
      {held > 5 && pager(true)}
      {help && <KeyHelp keys={SUSPECT_KEYS} onClose={() => setHelp(false)} />}
    </>
  );
}
