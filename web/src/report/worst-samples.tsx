// The wrong predictions that the model was most confident of, as far as this report holds them.
import type { ReportFile, Sample } from "../api/generated/workbench";
import { outcomeText } from "../filter/outcome-words";
import { count } from "../parts/numbers";
import { fixed } from "../parts/score";
import { useView } from "../state/view";

type Choice = Readonly<Record<string, string>>;

export function belongs(sample: Sample, choice: Choice): boolean {
  if (choice.true && sample.label !== choice.true) return false;
  if (choice.predicted && sample.prediction !== choice.predicted) return false;
  if (choice.outcome === "fp" && sample.prediction !== choice.class) return false;
  if (choice.outcome === "fn" && sample.label !== choice.class) return false;
  return choice.outcome !== "correct" && choice.outcome !== "tp";
}

export function WorstSamples({ file }: { file: ReportFile }) {
  const { choice } = useView();
  const shown = file.worst.filter((one) => belongs(one.sample, choice));
  const chosen = outcomeText(choice);
  return (
    <section className="card" aria-label="Worst samples">
      <header>
        <h2>{chosen === "All outcomes" ? "The most confident mistakes" : chosen}</h2>
      </header>
      <p className="note">
        {count(shown.length)} shown, of the {count(file.worst.length)} most confident of {count(file.worst_count)} wrong
        predictions. All samples are in the workbench: <code>assay serve {file.project.name}</code>
      </p>
      <ul className="worst">
        {shown.map(({ sample, thumbnail }) => (
          <li key={sample.sample}>
            {thumbnail ? <img src={thumbnail} alt="" loading="lazy" /> : <span className="no-picture">no picture</span>}
            <p>
              <strong>{sample.label}</strong> taken for <strong>{sample.prediction}</strong>{" "}
              {sample.confidence !== null && fixed(sample.confidence, 2)}
            </p>
            <p className="faint path" title={sample.path ?? sample.id}>
              {sample.path ?? sample.id}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
