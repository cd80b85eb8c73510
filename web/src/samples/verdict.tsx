// What became of a sample: by a sign and a colour, and as words for those who see neither.
import type { Sample } from "../api/generated/workbench";
import { percent } from "../parts/numbers";
import "./samples.css";

export function verdictWords(sample: Sample): string {
  const confidence = sample.confidence === null ? "" : `, confidence ${percent(sample.confidence, 0)}`;
  const label = sample.label === null ? "no label" : `label ${sample.label}`;
  if (sample.prediction === null) return `${label}, no prediction`;
  const outcome = sample.outcome === null ? "" : `${sample.outcome}: `;
  return `${outcome}${label}, predicted ${sample.prediction}${confidence}`;
}

export function verdictClass(sample: Sample): string {
  return sample.outcome ?? "open";
}

export function VerdictSign({ sample }: { sample: Sample }) {
  if (sample.outcome === null) return null;
  return (
    <span className={`verdict-sign ${sample.outcome}`} aria-hidden="true">
      {sample.outcome === "correct" ? "✓" : "✗"}
    </span>
  );
}

/** Label and prediction on two short lines. */
export function Verdict({ sample, value }: { sample: Sample; value?: string | undefined }) {
  return (
    <span className={`verdict ${verdictClass(sample)}`}>
      <span className="verdict-line">
        <span className="verdict-name">{sample.label ?? "no label"}</span>
        {value !== undefined && <span className="faint">{value}</span>}
      </span>
      <span className="verdict-line">
        <VerdictSign sample={sample} />
        <span className="verdict-name predicted">{sample.prediction ?? "no prediction"}</span>
        {sample.confidence !== null && <span className="faint">{percent(sample.confidence, 0)}</span>}
      </span>
    </span>
  );
}
