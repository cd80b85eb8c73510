import type { SampleDetail } from "../../api/generated/workbench";
import { percent } from "../../parts/numbers";

export function DetailProbabilities({ detail }: { detail: SampleDetail }) {
  const { probabilities, sample } = detail;
  if (probabilities.length === 0) return null;
  const role = (name: string) => [name === sample.label && "label", name === sample.prediction && "prediction"].filter(Boolean).join(", ");
  return (
    <section>
      <h3>Probabilities</h3>
      <ul className="bars">
        {probabilities.map((one) => (
          <li key={one.class} className={one.class === sample.label ? "of-label" : undefined}>
            <span className="bar-name">
              {one.class} <span className="faint">{role(one.class)}</span>
            </span>
            <span className="bar" aria-hidden="true">
              <span style={{ width: `${100 * one.probability}%` }} />
            </span>
            <span className="bar-value">{percent(one.probability)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
