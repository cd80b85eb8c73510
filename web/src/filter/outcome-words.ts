// What became of samples, in words: for the picker, for titles.
type Choice = Readonly<Record<string, string>>;

export const OUTCOMES: readonly { value: string; text: string }[] = [
  { value: "all", text: "All outcomes" },
  { value: "correct", text: "Correct" },
  { value: "wrong", text: "Wrong" },
  { value: "unlabelled", text: "Without a label" },
];
export const OF_CLASS: readonly { value: string; text: string }[] = [
  { value: "tp", text: "True positives of" },
  { value: "fp", text: "False positives of" },
  { value: "fn", text: "False negatives of" },
];
export const OF_TWO: readonly { value: string; text: string }[] = [
  { value: "fixed", text: "Fixed: wrong before, right now" },
  { value: "broken", text: "Broken: right before, wrong now" },
  { value: "both_wrong", text: "Wrong in both" },
  { value: "both_right", text: "Right in both" },
];

/** Takes every choice of an outcome away. */
export const NO_OUTCOME = { outcome: null, class: null, threshold: null, true: null, predicted: null, against: null, from: null };

/** A threshold above every probability, as the server has it: where a ROC curve begins. */
export const ABOVE_ALL = 2;

/** As many digits as tell it from 0 and from 1. */
export function probabilityText(p: number): string {
  if (p <= 0.5) return String(Number(p.toPrecision(3)));
  const nines = p < 1 ? Math.min(12, Math.floor(-Math.log10(1 - p))) : 0;
  return String(Number(p.toFixed(3 + nines)));
}

/** The threshold that decides who is called the class, in words; "": the prediction decides. */
export function thresholdText({ threshold }: Choice): string {
  if (!threshold) return "";
  const p = Number(threshold);
  if (!Number.isFinite(p)) return `at threshold ${threshold}`;
  return p >= ABOVE_ALL ? "where none is called so" : `at probability ≥ ${probabilityText(p)}`;
}

/** Without the threshold. */
export function outcomeName(choice: Choice): string {
  const outcome = choice.outcome ?? "all";
  if (choice.true && choice.predicted) return `${choice.true} predicted as ${choice.predicted}`;
  const plain = OUTCOMES.find((one) => one.value === outcome);
  if (plain) return plain.text;
  const two = OF_TWO.find((one) => one.value === outcome);
  if (two) return `${two.text.split(":")[0]}, against ${choice.against ?? ""}`;
  return `${OF_CLASS.find((one) => one.value === outcome)?.text ?? outcome} ${choice.class ?? ""}`;
}

export function outcomeText(choice: Choice): string {
  return [outcomeName(choice), thresholdText(choice)].filter(Boolean).join(" ");
}
