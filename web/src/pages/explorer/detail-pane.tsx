// All that is known of one sample, beside the grid.
import { useState } from "react";
import { address } from "../../api/client";
import type { SampleDetail } from "../../api/generated/workbench";
import { Icon } from "../../parts/icon";
import { Modal } from "../../parts/modal";
import { percent } from "../../parts/numbers";
import { WhenThere } from "../../parts/states";
import { imageAddress, isTiny, Picture } from "../../samples/picture";
import { VerdictSign, verdictClass } from "../../samples/verdict";
import { useProject } from "../../state/project";
import { useReply } from "../../state/use-reply";
import { filterText, go, useView } from "../../state/view";
import { DetailMeasures } from "./detail-measures";
import { DetailProbabilities } from "./detail-probabilities";
import { DetailRelatives } from "./detail-relatives";
import { DetailTags } from "./detail-tags";

function DetailPicture({ detail }: { detail: SampleDetail }) {
  const [large, setLarge] = useState(false);
  const { sample, unreadable } = detail;
  if (sample.picture === null) return <p className="detail-unreadable">{unreadable ?? "This sample has no picture."}</p>;
  const size = sample.width !== null && sample.height !== null ? `${sample.width} × ${sample.height} pixels` : "";
  return (
    <>
      <button type="button" className="detail-picture" onClick={() => setLarge(true)} aria-label="Show the whole image">
        <Picture key={sample.sample} sample={sample} pixels={340} />
      </button>
      <p className="faint detail-size">{size}</p>
      {large && (
        <Modal title={sample.id} className="whole-image" onClose={() => setLarge(false)}>
          <img src={imageAddress(sample)} alt={sample.id} className={isTiny(sample) ? "tiny" : undefined} />
          <p className="faint">
            {size}{" "}
            <a href={imageAddress(sample)} target="_blank" rel="noreferrer">
              by itself
            </a>
          </p>
        </Modal>
      )}
    </>
  );
}

function DetailFacts({ detail }: { detail: SampleDetail }) {
  const { sample } = detail;
  const facts: [string, string | null][] = [
    ["Label", sample.label ?? "none"],
    ["Prediction", sample.prediction],
    ["Confidence", sample.confidence === null ? null : percent(sample.confidence)],
    ["Split", sample.split],
    ["Suggested label", detail.suggested],
    ["Decision", detail.decision],
    ["Path", sample.path],
  ];
  return (
    <dl className={`facts ${verdictClass(sample)}`}>
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {name === "Prediction" && <VerdictSign sample={sample} />} {value}
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Attributes({ detail }: { detail: SampleDetail }) {
  const { filter } = useView();
  if (detail.attributes.length === 0) return null;
  const show = (name: string, value: string) =>
    go({
      filter: {
        ...filter,
        attributes: [...(filter.attributes ?? []).filter((one) => one.name !== name), { name, values: [value] }],
      },
    });
  return (
    <section>
      <h3>Attributes</h3>
      <dl className="facts">
        {detail.attributes.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <button type="button" className="link" title="Only samples with this value" onClick={() => show(name, value)}>
                {value}
              </button>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Detail({ detail }: { detail: SampleDetail }) {
  const project = useProject();
  const { sample } = detail;
  return (
    <>
      <DetailPicture detail={detail} />
      <DetailFacts detail={detail} />
      <button
        type="button"
        disabled={!project.has.embedding}
        title={project.has.embedding ? undefined : "Needs an embedding: assay embed"}
        onClick={() => go({ choice: { like: sample.sample, group: null } })}
      >
        <Icon name="explorer" /> More like this
      </button>
      <DetailTags key={sample.sample} sample={sample} />
      <DetailProbabilities detail={detail} />
      <DetailMeasures metrics={detail.metrics} />
      <DetailRelatives detail={detail} />
      <Attributes detail={detail} />
    </>
  );
}

export function DetailPane({ sample, onClose }: { sample: number; onClose: () => void }) {
  const { filter } = useView();
  const reply = useReply<SampleDetail>(address(`/api/samples/${sample}`, { filter: filterText(filter) }));
  return (
    <aside className="detail" aria-label="Details of a sample">
      <header>
        <h2>{reply.data?.sample.id ?? "Sample"}</h2>
        <button type="button" className="plain" onClick={onClose} aria-label="Close the details" title="Close: Escape">
          <Icon name="close" />
        </button>
      </header>
      <WhenThere reply={reply} what="Looking up the sample">
        {(detail) => (
          <div className="detail-parts">
            <Detail detail={detail} />
          </div>
        )}
      </WhenThere>
    </aside>
  );
}
