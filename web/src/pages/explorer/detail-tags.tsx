// The tags of one sample: take one off, put one on.
import { useId, useState } from "react";
import { ApiFailure, send } from "../../api/client";
import type { Changed, Sample } from "../../api/generated/workbench";
import { Icon } from "../../parts/icon";
import { useProjectState } from "../../state/project";

export function DetailTags({ sample }: { sample: Sample }) {
  const { project, refresh } = useProjectState();
  const [name, setName] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const id = useId();
  const writable = project?.writable ?? false;

  const change = (what: { add?: string[]; remove?: string[] }) =>
    send<Changed>("POST", "/api/tags", { ...what, samples: [sample.sample] }).then(
      () => {
        setFailure(null);
        setName("");
        refresh();
      },
      (reason: unknown) => setFailure(reason instanceof ApiFailure ? reason.message : String(reason)),
    );
  return (
    <section>
      <h3>Tags</h3>
      <ul className="chips">
        {sample.tags.map((tag) => (
          <li key={tag} className="chip">
            {tag}
            <button type="button" className="plain" disabled={!writable} aria-label={`Take off the tag ${tag}`}
              onClick={() => void change({ remove: [tag] })}>
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) void change({ add: [name.trim()] });
        }}
      >
        <input className="grow" value={name} list={id} maxLength={200} placeholder="a tag" aria-label="Tag to add" autoComplete="off"
          onChange={(event) => setName(event.target.value)} />
        <datalist id={id}>{project?.tags.map((tag) => <option key={tag.name} value={tag.name} />)}</datalist>
        <button type="submit" disabled={!writable || name.trim() === ""}>
          Add
        </button>
      </form>
      {failure && <p role="alert">{failure}</p>}
    </section>
  );
}
