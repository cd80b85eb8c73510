// One group: its title, its samples side by side, and a tag for all of them.
import { useState } from "react";
import { ApiFailure, send } from "../../api/client";
import type { Changed, Sample } from "../../api/generated/workbench";
import { Icon } from "../../parts/icon";
import { count } from "../../parts/numbers";
import { SampleButton } from "../../samples/sample-button";
import { TagDialog } from "../../samples/tag-dialog";
import { useProjectState } from "../../state/project";
import { go, useView } from "../../state/view";
import { sizeOf } from "./explorer-toolbar";

const SHOWN = 24;

export function SampleGroup({
  title,
  samples,
  members,
  more,
}: {
  title: string;
  /** All of it, or the first few. */
  samples: readonly Sample[];
  /** The numbers of all of it. */
  members: readonly number[];
  /** Gets the samples that are not here yet, as many as there may be. */
  more?: () => Promise<readonly Sample[]>;
}) {
  const { refresh } = useProjectState();
  const { choice } = useView();
  const [all, setAll] = useState<readonly Sample[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [tagging, setTagging] = useState(false);
  const shown = all ?? samples.slice(0, SHOWN);
  const words = (reason: unknown) => (reason instanceof ApiFailure ? reason.message : String(reason));
  const showAll = () => {
    if (!more || samples.length === members.length) setAll(samples);
    else more().then(setAll, (reason: unknown) => setFailure(words(reason)));
  };
  const tag = async (change: { add?: string[]; remove?: string[] }): Promise<string | null> => {
    try {
      await send<Changed>("POST", "/api/tags", { ...change, samples: members });
      refresh();
      return null;
    } catch (reason) {
      return words(reason);
    }
  };
  return (
    <section className="card sample-group">
      <header>
        <h2>{title}</h2>
        <button type="button" onClick={() => setTagging(true)}>
          <Icon name="tag" /> Tag all {count(members.length)}
        </button>
      </header>
      <ul className="sample-strip">
        {shown.map((sample) => (
          <li key={sample.sample}>
            <SampleButton sample={sample} pixels={sizeOf(choice) - 14} onOpen={() => go({ choice: { sample: sample.sample } })} />
          </li>
        ))}
      </ul>
      {members.length > shown.length &&
        (all ? (
          <p className="faint">The first {count(shown.length)} are shown.</p>
        ) : (
          <button type="button" className="more" onClick={showAll}>
            Show all {count(members.length)}
          </button>
        ))}
      {failure && <p role="alert">{failure}</p>}
      {tagging && <TagDialog selected={members.length} onChange={tag} onClose={() => setTagging(false)} />}
    </section>
  );
}
