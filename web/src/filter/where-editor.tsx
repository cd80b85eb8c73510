// An SQL condition, the columns that it may name, and where it is wrong.
import { useId, useRef, useState } from "react";
import { address, ApiFailure, get } from "../api/client";
import type { Filter, Project, Selection } from "../api/generated/workbench";
import { filterText } from "../state/view";

export function WhereEditor({
  filter,
  columns,
  onApply,
}: {
  filter: Filter;
  columns: Project["columns"];
  onApply: (where: string) => void;
}) {
  const [text, setText] = useState(filter.where ?? "");
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();

  // Tried before it becomes the filter: a mistake is shown here, and the page stays as it is.
  const apply = () => {
    const where = text.trim();
    if (where === "") return onApply("");
    setBusy(true);
    get<Selection>(address("/api/selection", { filter: filterText({ ...filter, where }) }))
      .then(
        () => {
          setFailure(null);
          onApply(where);
        },
        (reason: unknown) => {
          const told = reason instanceof ApiFailure ? reason : new ApiFailure(0, "internal", String(reason));
          setFailure(told);
          if (told.position !== null) {
            area.current?.focus();
            area.current?.setSelectionRange(told.position, told.position + 1);
          }
        },
      )
      .finally(() => setBusy(false));
  };
  const insert = (name: string) => {
    const quoted = /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replace(/"/g, '""')}"`;
    setText((old) => (old && !old.endsWith(" ") ? `${old} ${quoted} ` : `${old}${quoted} `));
    area.current?.focus();
  };
  return (
    <form
      className="where-editor"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <label htmlFor={id}>SQL condition</label>
      <textarea
        id={id}
        ref={area}
        rows={3}
        spellCheck={false}
        value={text}
        placeholder="brightness < 0.2 AND label = 'cat'"
        aria-invalid={failure !== null}
        aria-describedby={failure ? `${id}e` : undefined}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) apply();
        }}
      />
      {failure && (
        <div className="where-failure" role="alert" id={`${id}e`}>
          {failure.position !== null && (
            <pre aria-hidden="true">
              {text.slice(0, failure.position)}
              <mark>{text.slice(failure.position, failure.position + 1) || " "}</mark>
              {text.slice(failure.position + 1)}
            </pre>
          )}
          <p>{failure.message}</p>
        </div>
      )}
      <div className="row">
        <button type="submit" className="primary" disabled={busy}>
          {busy ? "Trying …" : "Apply"}
        </button>
        <button type="button" onClick={() => onApply("")}>
          Clear
        </button>
      </div>
      <p className="faint">Columns:</p>
      <ul className="columns">
        {columns.map((column) => (
          <li key={column.name}>
            <button type="button" className="link" title={column.type} onClick={() => insert(column.name)}>
              {column.name}
            </button>
          </li>
        ))}
      </ul>
    </form>
  );
}
