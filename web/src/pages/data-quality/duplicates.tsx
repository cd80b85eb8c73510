// Groups of equal and of nearly equal images, side by side; what leaks between splits.
import { useState } from "react";
import { address } from "../../api/client";
import type { Duplicates as DuplicatesReply } from "../../api/generated/workbench";
import { Figures } from "../../parts/figures";
import { count } from "../../parts/numbers";
import { Pager } from "../../parts/pager";
import { Empty, WhenThere } from "../../parts/states";
import { useProject } from "../../state/project";
import { useReply } from "../../state/use-reply";
import { filterText, go, useView } from "../../state/view";
import { DuplicateCard } from "./duplicate-card";
import { NeedsEmbedding, NeedsMeasures } from "./needs";
import { TagCopies } from "./tag-copies";

const PAGE = 30;
const ONLY = [
  { value: "all", text: "all groups" },
  { value: "leakage", text: "only leakage between splits" },
  { value: "two_labels", text: "only with two labels" },
  { value: "wrong", text: "only with wrong samples" },
] as const;

function Strength({ shown }: { shown: number }) {
  const { choice } = useView();
  const [moving, setMoving] = useState<string | null>(null);
  const value = moving ?? choice.threshold ?? String(shown);
  // Asked for when the slider is let go: each place on its way would be a search of its own.
  const settle = () => {
    if (moving !== null) go({ choice: { threshold: moving, from: null } });
    setMoving(null);
  };
  return (
    <label className="tool">
      <span className="faint">Strength at least {Number(value).toFixed(3)}</span>
      <input type="range" min={0.8} max={1} step={0.005} value={value} onChange={(event) => setMoving(event.target.value)} onPointerUp={settle} onKeyUp={settle} onBlur={settle} />
    </label>
  );
}

function Only({ at }: { at: string }) {
  const { splits, has } = useProject();
  const usable = ONLY.filter((one) => (one.value !== "leakage" || splits.length > 1) && (one.value !== "wrong" || has.predictions));
  return (
    <label className="tool">
      <span className="faint">Show</span>
      <select value={at} onChange={(event) => go({ choice: { only: event.target.value === "all" ? null : event.target.value, from: null } })}>
        {usable.map((one) => (
          <option key={one.value} value={one.value}>
            {one.text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Summary({ found }: { found: DuplicatesReply }) {
  return (
    <Figures
      figures={[
        { name: "Groups", value: count(found.count) },
        { name: "Samples in them", value: count(found.samples_in_groups) },
        { name: "Leak between splits", value: count(found.leaking) },
        { name: "With two labels", value: count(found.contradicting) },
        { name: "With wrong samples", value: count(found.wrong) },
      ]}
    />
  );
}

function NoGroups({ only }: { only: string }) {
  if (only === "leakage") return <Empty title="No image is in two splits" />;
  return <Empty title="No duplicates">{only !== "all" && <p>None of that kind. Other groups may be there.</p>}</Empty>;
}

export function Duplicates({ leakage = false }: { leakage?: boolean }) {
  const project = useProject();
  const { filter, choice } = useView();
  const only = leakage ? "leakage" : (choice.only ?? "all");
  const from = /^\d+$/.test(choice.from ?? "") ? Number(choice.from) : 0;
  const query = { filter: filterText(filter), threshold: choice.threshold, only: only === "all" ? undefined : only };
  const ready = project.has.measures || project.has.embedding;
  const splitless = leakage && project.splits.length < 2;
  const reply = useReply<DuplicatesReply>(ready && !splitless ? address("/api/duplicates", { ...query, from, count: PAGE }) : null);
  if (!ready) return <NeedsMeasures what="Duplicates" />;
  if (splitless)
    return (
      <Empty title="No splits">
        <p>Leakage is an image that is both in one split and in another, as in train and test. This project names {project.splits.length === 1 ? "only one split" : "none"}.</p>
      </Empty>
    );
  return (
    <WhenThere reply={reply} what="Looking for duplicates">
      {(found) => (
        <div className="duplicates">
          <div className="card">
            <Summary found={found} />
            <p className="note">
              {leakage && "An image that a model may have seen in training says little in a test. "}
              The strength of near duplicates is no verdict: among small pictures of one kind thousands look alike. Raise it until what is
              listed are copies.
            </p>
            <div className="row">
              <Strength shown={found.threshold} />
              {!leakage && <Only at={only} />}
              <TagCopies query={query} groups={found.count} />
            </div>
          </div>
          {!found.has_pictures && <NeedsMeasures what="Equal images" />}
          {!found.has_neighbours && <NeedsEmbedding what="Near duplicates among very many images are found by an embedding:" />}
          {found.count === 0 ? (
            <NoGroups only={only} />
          ) : (
            <>
              <Pager from={found.from} size={PAGE} total={found.count} what="groups" onGo={(to) => go({ choice: { from: to || null } })} />
              <div className="duplicate-cards">
                {found.groups.map((group) => (
                  <DuplicateCard key={group.samples[0]?.sample} group={group} />
                ))}
              </div>
            </>
          )}
        </div>
      )}
    </WhenThere>
  );
}
