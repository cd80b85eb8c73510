// One group: its title, its samples side by side, and a tag for all of them.
import { useState } from "react";
import { ApiFailure, send } from "../../api/client";
import type { Changed, Sample } from "../../api/generated/workbench";
import { Icon } from "../../parts/icon";
import { SampleButton } from "../../samples/sample-button";
import { TagDialog } from "../../samples/tag-dialog";
import { useProjectState } from "../../state/project";
import { go, useView } from "../../state/view";
import { sizeOf } from "./explorer-toolbar";

const SHOWN = 24;

export function SampleGroup({ title, samples }: { title: string; samples: readonly Sample[] }) {
  const { refresh } = useProjectState();
  const { choice } = useView();
  const [all, setAll] = useState(false);
  const [tagging, setTagging] = useState(false);
  const shown = all ? samples : samples.slice(0, SHOWN);
  const tag = async (change: { add?: string[]; remove?: string[] }): Promise<string | null> => {
    try {
      await send<Changed>("POST", "/api/tags", { ...change, samples: samples.map((one) => one.sample) });
      refresh();
      return null;
    } catch (reason) {
      return reason instanceof ApiFailure ? reason.message : String(reason);
    }
  };
  return (
    <section className="card sample-group">
      <header>
        <h2>{title}</h2>
        <button type="button" onClick={() => setTagging(true)}>
          <Icon name="tag" /> Tag all {samples.length}
        </button>
      </header>
      <ul className="sample-strip">
        {shown.map((sample) => (
          <li key={sample.sample}>
            <SampleButton sample={sample} pixels={sizeOf(choice) - 14} onOpen={() => go({ choice: { sample: sample.sample } })} />
          </li>
        ))}
      </ul>
      {samples.length > shown.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {samples.length}
        </button>
      )}
      {tagging && <TagDialog selected={samples.length} onChange={tag} onClose={() => setTagging(false)} />}
    </section>
  );
}
