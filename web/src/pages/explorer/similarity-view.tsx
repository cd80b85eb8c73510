// All samples of the list, those together that look alike.
import { useEffect, useState } from "react";
import { get } from "../../api/client";
import type { SimilarGroup, SimilarGroups } from "../../api/generated/workbench";
import { outcomeText } from "../../filter/outcome-words";
import { JobButton } from "../../parts/job-button";
import { count } from "../../parts/numbers";
import { Pager } from "../../parts/pager";
import { Empty, WhenThere } from "../../parts/states";
import { useProject } from "../../state/project";
import { useReply } from "../../state/use-reply";
import { go, useView } from "../../state/view";
import { SampleGroup } from "./sample-group";
import { further, groupsAddress } from "./sample-query";

const PAGE = 50;
const SHOWN = 24;
const SHOWN_MOST = 500;

function NeedsEmbedding() {
  const project = useProject();
  return (
    <Empty title="Nothing is known of what looks alike" action={<JobButton command="embed">Make an embedding</JobButton>}>
      <p>
        Similarity comes from an embedding: <code>assay embed {project.path}</code>
      </p>
    </Empty>
  );
}

function SimilaritySlider({ value, chosen }: { value: number; chosen: boolean }) {
  const [moved, setMoved] = useState<number | null>(null);
  useEffect(() => setMoved(null), [value]);
  // While the slider moves nothing is asked for.
  useEffect(() => {
    if (moved === null) return;
    const rest = window.setTimeout(() => go({ choice: { similarity: moved } }, { replace: true }), 250);
    return () => window.clearTimeout(rest);
  }, [moved]);
  const shown = moved ?? value;
  return (
    <>
      <label className="tool">
        <span className="faint">Similarity at least {shown.toFixed(2)}</span>
        <input type="range" min={0} max={0.99} step={0.01} value={shown} onChange={(event) => setMoved(Number(event.target.value))} />
      </label>
      {chosen && (
        <button type="button" onClick={() => go({ choice: { similarity: null } }, { replace: true })} title="The one that half of the samples reach">
          Usual
        </button>
      )}
    </>
  );
}

function summary(found: SimilarGroups, what: string): string {
  const alone = found.listed - found.grouped;
  return `${what}: ${count(found.listed)}, of which ${count(found.grouped)} in ${count(found.count)} groups and ${count(alone)} alone.`;
}

function groupTitle(group: SimilarGroup): string {
  return `${count(group.members.length)} alike, similarity ${group.least.toFixed(2)} or more to the first`;
}

function Groups({ found, list, onGo }: { found: SimilarGroups; list: string; onGo: (from: number) => void }) {
  if (found.listed === 0) return <Empty title="No such sample matches" />;
  if (found.count === 0) return <Empty title="No two are that similar" />;
  const more = (index: number) => async () => {
    const reply = await get<SimilarGroups>(further(list, { from: index, count: 1, shown: SHOWN_MOST }));
    return reply.groups[0]?.samples ?? [];
  };
  return (
    <>
      <Pager from={found.from} size={PAGE} total={found.count} what="groups" onGo={onGo} />
      {found.groups.map((group, i) => (
        <SampleGroup
          key={group.members.join()}
          title={groupTitle(group)}
          samples={group.samples}
          members={group.members}
          more={more(found.from + i)}
        />
      ))}
      {found.count > PAGE && <Pager from={found.from} size={PAGE} total={found.count} what="groups" below onGo={onGo} />}
    </>
  );
}

export function SimilarityGroups() {
  const project = useProject();
  const { filter, choice } = useView();
  const list = groupsAddress(filter, choice);
  const [at, setAt] = useState({ list, from: 0 });
  const from = at.list === list ? at.from : 0;
  const reply = useReply<SimilarGroups>(project.has.embedding ? further(list, { from, count: PAGE, shown: SHOWN }) : null);
  if (!project.has.embedding) return <NeedsEmbedding />;
  const chosen = outcomeText(choice);
  const given = Number(choice.similarity);
  return (
    <>
      <div className="row group-tools">
        <SimilaritySlider
          value={choice.similarity && given >= 0 && given <= 1 ? given : (reply.data?.similarity ?? 0.5)}
          chosen={Boolean(choice.similarity)}
        />
        <p className="faint" role="status">
          {reply.data && !reply.failure && summary(reply.data, chosen === "All outcomes" ? "Wrong" : chosen)}
        </p>
      </div>
      <WhenThere reply={reply} what="Putting together what looks alike">
        {(found) => <Groups found={found} list={list} onGo={(next) => setAt({ list, from: next })} />}
      </WhenThere>
    </>
  );
}
