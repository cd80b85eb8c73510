// Puts a tag on what is selected, or takes one off: one that is there, or a new one.
import { useId, useState } from "react";
import { count } from "../parts/numbers";
import { useProject } from "../state/project";
import { Modal } from "../parts/modal";
import "./samples.css";

export function TagDialog({
  selected,
  onChange,
  onClose,
}: {
  selected: number;
  onChange: (change: { add?: string[]; remove?: string[] }) => Promise<string | null>;
  onClose: () => void;
}) {
  const { tags, writable } = useProject();
  const [name, setName] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const id = useId();
  // A tag that has spaces around it, from elsewhere, is itself; typed ones have none.
  const tag = tags.some((one) => one.name === name) ? name : name.trim();
  const existing = tags.some((one) => one.name === tag);

  const apply = async (change: { add?: string[]; remove?: string[] }) => {
    setBusy(true);
    const message = await onChange(change);
    setBusy(false);
    if (message === null) onClose();
    else setFailure(message);
  };
  return (
    <Modal title={`Tag ${count(selected)} ${selected === 1 ? "sample" : "samples"}`} onClose={onClose}>
      <form
        className="tag-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (tag) void apply({ add: [tag] });
        }}
      >
        <label htmlFor={id}>Tag</label>
        <input id={id} data-first value={name} maxLength={200} autoComplete="off" onChange={(event) => setName(event.target.value)} />
        {tags.length > 0 && (
          <ul className="tag-choices" aria-label="Tags of the project">
            {tags.map((one) => (
              <li key={one.name}>
                <button type="button" aria-pressed={one.name === tag} onClick={() => setName(one.name)}>
                  {one.name} <span className="faint">{count(one.count)}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {!writable && <p className="faint">The project’s folder is read-only for whoever started the server: nothing can be written.</p>}
        {failure && <p role="alert">{failure}</p>}
        <div className="row">
          <button type="submit" className="primary" disabled={busy || tag === "" || !writable}>
            {existing || tag === "" ? "Add" : "Add as a new tag"}
          </button>
          <button type="button" disabled={busy || !existing || !writable} onClick={() => void apply({ remove: [tag] })}>
            Remove
          </button>
        </div>
      </form>
    </Modal>
  );
}
