// What else looks like this sample.
import type { Sample, SampleDetail } from "../../api/generated/workbench";
import { useProject } from "../../state/project";
import { SampleButton } from "../../samples/sample-button";
import { go } from "../../state/view";

const open = (sample: Sample) => go({ choice: { sample: sample.sample } });

export function DetailRelatives({ detail }: { detail: SampleDetail }) {
  const { has } = useProject();
  return (
    <>
      {detail.duplicates.length > 0 && (
        <section>
          <h3>Duplicates</h3>
          <ul className="sample-strip">
            {detail.duplicates.map((sample) => (
              <li key={sample.sample}>
                <SampleButton sample={sample} pixels={84} onOpen={open} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>Similar</h3>
        {detail.similar.length === 0 && (
          <p className="faint">{has.embedding ? "Nothing is near." : <>Needs an embedding: <code>assay embed</code></>}</p>
        )}
        <ul className="sample-strip">
          {detail.similar.map(({ sample, similarity }) => (
            <li key={sample.sample}>
              <SampleButton sample={sample} pixels={84} value={similarity.toFixed(2)} onOpen={open} />
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
