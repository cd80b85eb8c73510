// Right or wrong, and how: chooses what the Explorer lists. It says nothing elsewhere: the scores of only the wrong
// samples are no scores.
import { Icon } from "../parts/icon";
import { Popover } from "../parts/popover";
import { useProject } from "../state/project";
import { go, useView } from "../state/view";
import { NO_OUTCOME, OF_CLASS, OF_TWO, OUTCOMES, outcomeName, thresholdText } from "./outcome-words";

/** Of a threshold: who is called the class and should not be, who is not and should be, who is and should be. */
function AtThreshold({ choice, onDone }: { choice: Readonly<Record<string, string>>; onDone: () => void }) {
  return (
    <fieldset className="at-threshold">
      <legend>{choice.class} {thresholdText(choice)}</legend>
      {OF_CLASS.map((one) => (
        <button key={one.value} type="button" className="option"
          aria-pressed={choice.outcome === one.value}
          onClick={() => {
            go({ choice: { outcome: one.value, from: null } });
            onDone();
          }}>
          {one.text} {choice.class}
        </button>
      ))}
    </fieldset>
  );
}

export function OutcomePicker() {
  const project = useProject();
  const { page, choice } = useView();
  const usable = page === "explorer" && project.models.length > 0;
  const set = (next: Record<string, string | null>) =>
    go({ choice: { ...NO_OUTCOME, ...next } });
  const others = project.models.slice(0, 20);
  const atThreshold = usable && Boolean(choice.threshold);
  const picker = (
    <Popover
      label={usable ? outcomeName(choice) : "All outcomes"}
      active={usable && outcomeName(choice) !== "All outcomes"}
      disabled={!usable}
      title={usable ? "What became of the samples" : "The outcome chooses samples in the Explorer; scores are always of all outcomes."}
    >
      {(close) => (
        <div className="outcomes">
          {atThreshold && <AtThreshold choice={choice} onDone={close} />}
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
                value={choice.outcome === one.value && !atThreshold ? (choice.class ?? "") : ""}
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
  if (!atThreshold) return picker;
  return (
    <>
      {picker}
      <button type="button" className="control active" title="Take the threshold away: the prediction decides again"
        aria-label={`${thresholdText(choice)}: take the threshold away`}
        onClick={() => go({ choice: { threshold: null, from: null } })}>
        {thresholdText(choice)} <Icon name="close" />
      </button>
    </>
  );
}
