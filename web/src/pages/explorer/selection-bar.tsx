// What is selected, and what can be done with it.
import type { ExportRequest } from "../../api/generated/workbench";
import { Icon } from "../../parts/icon";
import { count } from "../../parts/numbers";
import { Popover } from "../../parts/popover";

const FORMS: readonly { form: ExportRequest["form"]; text: string }[] = [
  { form: "csv", text: "CSV: a row a sample" },
  { form: "jsonl", text: "JSON lines: an object a sample" },
  { form: "paths", text: "List of paths" },
];

export function SelectionBar({
  selected,
  left,
  matching,
  message,
  onAll,
  onClear,
  onTag,
  onExport,
}: {
  selected: number;
  /** How many were taken out of all that match. */
  left: number;
  matching: number | null;
  /** What the last action did. */
  message: { text: string; bad: boolean } | null;
  onAll: () => void;
  onClear: () => void;
  onTag: () => void;
  onExport: (form: ExportRequest["form"]) => void;
}) {
  const none = selected === 0;
  return (
    <div className="selection-bar" role="toolbar" aria-label="Selection">
      <output className={none ? "faint" : "selected-count"} aria-live="polite">
        {none ? "Nothing selected" : `${count(selected)} selected${left ? `: all but ${count(left)}` : ""}`}
      </output>
      <button type="button" onClick={onAll} disabled={!matching || selected === matching}>
        Select all{matching ? ` ${count(matching)}` : ""}
      </button>
      <button type="button" onClick={onTag} disabled={none}>
        <Icon name="tag" /> Tag
      </button>
      <Popover label="Export" disabled={none}>
        {(close) => (
          <div className="outcomes">
            {FORMS.map(({ form, text }) => (
              <button
                key={form}
                type="button"
                className="option"
                onClick={() => {
                  onExport(form);
                  close();
                }}
              >
                {text}
              </button>
            ))}
          </div>
        )}
      </Popover>
      {!none && (
        <button type="button" className="plain" onClick={onClear}>
          <Icon name="close" /> Clear the selection
        </button>
      )}
      <p className={message?.bad ? "selection-message bad" : "selection-message faint"} role="status" aria-live="polite">
        {message?.text}
      </p>
    </div>
  );
}
