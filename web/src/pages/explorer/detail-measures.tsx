// Each measure of a sample, and where it lies among the project's.
import type { SampleMetric } from "../../api/generated/workbench";
import { metricTitle, number } from "../../parts/numbers";
import { go } from "../../state/view";

export function DetailMeasures({ metrics }: { metrics: readonly SampleMetric[] }) {
  if (metrics.length === 0) return null;
  return (
    <section>
      <h3>Measures</h3>
      <p className="faint">The bar ends at the share of the project's samples that lie lower.</p>
      <ul className="bars">
        {metrics.map((metric) => (
          <li key={metric.name}>
            <button
              type="button"
              className="link bar-name"
              title="Order the samples by it"
              onClick={() => go({ choice: { sort: metric.name, like: null } })}
            >
              {metricTitle(metric.name)}
            </button>
            <span className="bar percentile" aria-hidden="true">
              {metric.percentile !== null && <span style={{ width: `${metric.percentile}%` }} />}
            </span>
            <span className="bar-value">
              {number(metric.value)}
              {metric.percentile !== null && (
                <span className="faint" title="Percentile">
                  {" "}
                  P{Math.round(metric.percentile)}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
