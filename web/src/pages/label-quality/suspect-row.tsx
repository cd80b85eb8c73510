// One suspect: what it is labelled, what it seems to be, and what lies near it.
import { memo } from "react";
import type { Sample, Suspect } from "../../api/generated/workbench";
import { Icon } from "../../parts/icon";
import { fixed } from "../../parts/score";
import { Picture } from "../../samples/picture";
import { SampleButton } from "../../samples/sample-button";
import { go } from "../../state/view";
import type { Decision } from "./decisions";
import { suggestionFor } from "./use-decisions";

function Numbers({ suspect }: { suspect: Suspect }) {
  const numbers: [string, number | null, string][] = [
    ["Self-confidence", suspect.self_confidence, "The probability that the model gives to the label"],
    ["Margin", suspect.normalised_margin, "0: certain of another class; above 0.5: agrees with the label"],
    ["Annotation quality", suspect.annotation_quality, "The share of the most similar samples with the same label"],
  ];
  return (
    <dl className="suspect-numbers">
      {numbers.map(
        ([name, value, title]) =>
          value !== null && (
            <div key={name} title={title}>
              <dt>{name}</dt>
              <dd>{fixed(value)}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** A neighbour's label: is it the given one, the suggested one, or another? */
function NearLabel({ near, given, suggested }: { near: Sample; given: string | null; suggested: string | null }) {
  const says = near.label === null ? "" : near.label === given ? "as-given" : near.label === suggested ? "as-suggested" : "";
  return (
    <span className={`near-label ${says}`}>
      {says && <span aria-hidden="true">{says === "as-given" ? "= " : "→ "}</span>}
      {near.label ?? "no label"}
    </span>
  );
}

const WORDS = { accept: "✓ Label is wrong", dismiss: "– Label is right" } as const;

export const SuspectRow = memo(function SuspectRow({
  suspect,
  rank,
  current,
  decision,
  pictures,
  onDecide,
  onUse,
}: {
  suspect: Suspect;
  rank: number;
  current: boolean;
  decision: Decision;
  pictures: boolean;
  onDecide: (suspect: Suspect, decision: Decision) => void;
  onUse: () => void;
}) {
  const { sample } = suspect;
  const suggested = suggestionFor(suspect);
  return (
    <li
      className={`suspect card ${decision ?? ""}`}
      aria-current={current ? "true" : undefined}
      aria-label={`Suspect ${rank}: labelled ${sample.label ?? "nothing"}, seems ${suggested ?? "another class"}${decision ? `, ${decision}ed` : ""}`}
      tabIndex={current ? 0 : -1}
      onFocus={onUse}
    >
      {pictures && (
        <button type="button" className="suspect-picture" title="See it in the Explorer" aria-label={`${sample.id}: see it in the Explorer`}
          onClick={() => go({ page: "explorer", choice: { sample: sample.sample } })}>
          <Picture sample={sample} pixels={128} />
        </button>
      )}
      <div className="suspect-words">
        <p className="suspect-id faint" title={sample.id}>
          {rank}. {sample.id}
        </p>
        <p className="suspect-labels">
          <span className="label-given">
            <span className="faint">labelled</span> <strong>{sample.label ?? "nothing"}</strong>
          </span>
          <span aria-hidden="true">→</span>
          <span className="label-suggested">
            <span className="faint">seems</span> <strong>{suggested ?? "another class"}</strong>
          </span>
        </p>
        <Numbers suspect={suspect} />
        <div className="row">
          <button type="button" aria-pressed={decision === "accept"} disabled={suggested === null} onClick={() => onDecide(suspect, decision === "accept" ? null : "accept")}>
            <kbd>a</kbd> Accept
          </button>
          <button type="button" aria-pressed={decision === "dismiss"} onClick={() => onDecide(suspect, decision === "dismiss" ? null : "dismiss")}>
            <kbd>d</kbd> Dismiss
          </button>
          {decision && <span className={`decision ${decision}`}>{WORDS[decision]}</span>}
        </div>
      </div>
      {suspect.neighbours.length > 0 && (
        <div className="suspect-near">
          <p className="faint">
            <Icon name="explorer" /> Nearest
            {suspect.neighbours_label && (
              <>
                : mostly <strong>{suspect.neighbours_label}</strong>
              </>
            )}
          </p>
          <ul className="sample-strip">
            {suspect.neighbours.map((near) => (
              <li key={near.sample}>
                <SampleButton sample={near} pixels={72} caption={<NearLabel near={near} given={sample.label} suggested={suggested} />} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </li>
  );
});
