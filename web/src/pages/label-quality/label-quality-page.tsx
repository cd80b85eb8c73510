// Labels to doubt: looked at one by one and decided with one key each.
import type { Suspects } from "../../api/generated/workbench";
import { AddDataButton } from "../../parts/add-data-button";
import { JobButton } from "../../parts/job-button";
import { capitalised } from "../../parts/numbers";
import { Empty, Failed, Loading } from "../../parts/states";
import { Sections } from "../../parts/sections";
import { useProject } from "../../state/project";
import { useReply } from "../../state/use-reply";
import { filterText, go, useView } from "../../state/view";
import { countsOf } from "./decisions";
import { LabelPairs } from "./label-pairs";
import { LabelSummary } from "./label-summary";
import { SuspectList, suspectsAddress } from "./suspect-list";
import { useDecisions } from "./use-decisions";
import "./label-quality.css";

const SECTIONS = [
  { value: "suspects", text: "Suspects" },
  { value: "pairs", text: "Classes mixed up" },
] as const;

function Needs() {
  const project = useProject();
  return (
    <Empty
      title="What is a label compared with?"
      action={
        <div className="row">
          <AddDataButton kind="predictions">Add predictions</AddDataButton>
          {project.has.images && <JobButton command="embed">Make an embedding</JobButton>}
        </div>
      }
    >
      <p>
        Either a model’s probability for every class, from a model that did not train on these samples:{" "}
        <code>assay add predictions {project.path} FILE --probabilities FILE.npy</code>
      </p>
      <p>
        Or an embedding, which says which images are similar: <code>assay embed {project.path}</code>
      </p>
    </Empty>
  );
}

export default function LabelQualityPage() {
  const project = useProject();
  const { filter, choice } = useView();
  const model = project.models.find((one) => one.name === filter.model) ?? project.models[0];
  const usable = project.labelled > 0 && (model?.has_probabilities || project.has.embedding);
  const from = /^\d+$/.test(choice.from ?? "") ? Number(choice.from) : 0;
  const reply = useReply<Suspects>(usable ? suspectsAddress(filterText(filter), from) : null);
  const decisions = useDecisions(reply.data?.revision ?? 0);
  const section = choice.section === "pairs" ? "pairs" : "suspects";

  if (project.labelled === 0)
    return (
      <Empty title="No labels yet" action={<AddDataButton kind="labels">Add labels</AddDataButton>}>
        <p>
          Add them: <code>assay add labels {project.path} FILE</code>
        </p>
      </Empty>
    );
  if (!usable) return <Needs />;
  // Too little is there to judge by; asking again would not help.
  if (reply.failure?.code === "input")
    return (
      <Empty title="No label can be judged">
        <p>{capitalised(reply.failure.message)}.</p>
      </Empty>
    );
  if (reply.failure && !reply.data) return <Failed failure={reply.failure} retry={reply.retry} />;
  const found = reply.data;
  if (!found) return <Loading what="Looking for doubtful labels" />;
  return (
    <div className="label-quality">
      <LabelSummary found={found} counts={countsOf(decisions.state, found)} />
      {reply.failure && <Failed failure={reply.failure} retry={reply.retry} />}
      <Sections label="Label quality" tabs={SECTIONS} at={section} onGo={(value) => go({ choice: { section: value === "suspects" ? null : value } })} />
      {section === "pairs" && <LabelPairs found={found} />}
      {section === "suspects" && found.count === 0 && <Empty title="No label is in doubt" />}
      {section === "suspects" && found.count > 0 && <SuspectList found={found} decisions={decisions} />}
    </div>
  );
}
