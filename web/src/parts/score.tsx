// A number and its interval, wherever one is shown.
import type { Score } from "../api/generated/workbench";
import { number, toldApart } from "./numbers";

export function fixed(x: number | null | undefined, digits = 3): string {
  return x === null || x === undefined ? "–" : toldApart(x, digits, [0, 1]);
}

export function intervalText(score: Score, digits = 3): string {
  if (score.low === null || score.low === undefined || score.high === null || score.high === undefined) return "";
  // A dash between two minus signs is none that can be read.
  const joint = score.low < 0 || score.high < 0 ? " to " : "–";
  return `${fixed(score.low, digits)}${joint}${fixed(score.high, digits)}`;
}

export function ScoreText({ score, digits = 3 }: { score: Score | undefined; digits?: number }) {
  if (!score || score.value === null) return <span className="faint">no answer</span>;
  const interval = intervalText(score, digits);
  const notes = [
    score.undefined && "nothing to divide by: 0 by convention",
    score.few && "few samples: says little",
    score.method && `interval: ${score.method}`,
  ].filter(Boolean);
  return (
    <span className={score.undefined || score.few ? "score weak" : "score"} title={notes.join("; ") || number(score.value)}>
      {fixed(score.value, digits)}
      {interval && <span className="interval"> {interval}</span>}
      {(score.undefined || score.few) && <abbr title={notes.join("; ")}> *</abbr>}
    </span>
  );
}
