// Right or wrong, and how: chooses what the Explorer lists. It says nothing elsewhere: the scores of only the wrong
// samples are no scores.
import { Popover } from "../parts/popover";
import { useProject } from "../state/project";
import { go, useView } from "../state/view";

const OUTCOMES: readonly { value: string; text: string }[] = [
  { value: "all", text: "All outcomes" },
  { value: "correct", text: "Correct" },
  { value: "wrong", text: "Wrong" },
  { value: "unlabelled", text: "Without a label" },
];
const OF_CLASS: readonly { value: string; text: string }[] = [
  { value: "tp", text: "True positives of" },
  { value: "fp", text: "False positives of" },
  { value: "fn", text: "False negatives of" },
];
const OF_TWO: readonly { value: string; text: string }[] = [
  { value: "fixed", text: "Fixed: wrong before, right now" },
  { value: "broken", text: "Broken: right before, wrong now" },
  { value: "both_wrong", text: "Wrong in both" },
  { value: "both_right", text: "Right in both" },
];

export function outcomeText(choice: Readonly<Record<string, string>>): string {
  const outcome = choice.outcome ?? "all";
  if (choice.true && choice.predicted) return `${choice.true} predicted as ${choice.predicted}`;
  const plain = OUTCOMES.find((one) => one.value === outcome);
  if (plain) return plain.text;
  const two = OF_TWO.find((one) => one.value === outcome);
  if (two) return `${two.text.split(":")[0]}, against ${choice.against ?? ""}`;
  return `${OF_CLASS.find((one) => one.value === outcome)?.text ?? outcome} ${choice.class ?? ""}`;
}

export function OutcomePicker() {
  const project = useProject();
  const { page, choice } = useView();
  const usable = page === "explorer" && project.models.length > 0;
  const set = (next: Record<string, string | null>) =>
    go({ choice: { outcome: null, class: null, true: null, predicted: null, against: null, from: null, ...next } });
  const others = project.models.slice(0, 20);
  return (
    <Popover
      label={usable ? outcomeText(choice) : "All outcomes"}
      active={usable && outcomeText(choice) !== "All outcomes"}
      disabled={!usable}
      title={usable ? "What became of the samples" : "The outcome chooses samples in the Explorer; scores are always of all outcomes."}
    >
      {(close) => (
        <div className="outcomes">
          {OUTCOMES.map((one) => (
            <button key={one.value} type="button" className="option"
              aria-pressed={(choice.outcome ?? "all") === one.value}
              onClick={() => {
                set({ outcome: one.value === "all" ? null : one.value });
                close();
              }}>
              {one.text}
            </button>
          ))}
          {OF_CLASS.map((one) => (
            <label key={one.value} className="option">
              {one.text}
              <select
                value={choice.outcome === one.value ? (choice.class ?? "") : ""}
                onChange={(event) => {
                  if (event.target.value) set({ outcome: one.value, class: event.target.value });
                }}
              >
                <option value="">choose a class</option>
                {project.classes.map((entry) => (
                  <option key={entry.name}>{entry.name}</option>
                ))}
              </select>
            </label>
          ))}
          {others.length > 1 &&
            OF_TWO.map((one) => (
              <label key={one.value} className="option">
                {one.text}; before:
                <select
                  value={choice.outcome === one.value ? (choice.against ?? "") : ""}
                  onChange={(event) => {
                    if (event.target.value) set({ outcome: one.value, against: event.target.value });
                  }}
                >
                  <option value="">choose a model</option>
                  {others.map((model) => (
                    <option key={model.name}>{model.name}</option>
                  ))}
                </select>
              </label>
            ))}
        </div>
      )}
    </Popover>
  );
}
