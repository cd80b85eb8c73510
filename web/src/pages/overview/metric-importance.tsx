// Which properties of the samples go with being right or wrong.
import { useMemo } from "react";
import type { Report } from "./evaluation";
import { Chart } from "../../parts/chart";
import type { Column } from "../../parts/data-table";
import { barsHeight, intervalBars, type IntervalBar } from "../../parts/interval-bars";
import { count, metricTitle, percent, pValue } from "../../parts/numbers";
import { ScoreText } from "../../parts/score";
import { go } from "../../state/view";

type Metric = NonNullable<Report["metrics"]>[number];

const isClear = (metric: Metric) => metric.importance.p_adjusted !== null && metric.importance.p_adjusted < 0.05;

function importanceBar(metric: Metric): IntervalBar {
  const { nats, share, p_adjusted } = metric.importance;
  return {
    name: metricTitle(metric.name),
    value: nats.value,
    low: nats.low,
    high: nats.high,
    faded: !isClear(metric),
    note: `${percent(share)} of what there is to know; p ${pValue(p_adjusted)}`,
  };
}

export function MetricImportance({ metrics }: { metrics: readonly Metric[] }) {
  const byImportance = useMemo(
    () => [...metrics].sort((a, b) => (b.importance.nats.value ?? -1) - (a.importance.nats.value ?? -1)),
    [metrics],
  );
  const byCorrelation = useMemo(
    () => [...metrics].sort((a, b) => Math.abs(b.correlation.value ?? 0) - Math.abs(a.correlation.value ?? 0)),
    [metrics],
  );
  const columns: Column<Metric>[] = [
    { name: "metric", value: (metric) => metric.name },
    { name: "samples", value: (metric) => metric.samples, show: (metric) => count(metric.samples), numeric: true },
    { name: "importance (nats)", value: (metric) => metric.importance.nats.value, numeric: true,
      show: (metric) => <ScoreText score={metric.importance.nats} digits={4} /> },
    { name: "share", value: (metric) => metric.importance.share, show: (metric) => percent(metric.importance.share), numeric: true },
    { name: "p, adjusted", value: (metric) => metric.importance.p_adjusted, show: (metric) => pValue(metric.importance.p_adjusted), numeric: true },
    { name: "correlation", value: (metric) => metric.correlation.value, show: (metric) => <ScoreText score={metric.correlation} />, numeric: true },
  ];
  const open = (metric: Metric | undefined) => metric && go({ page: "performance", choice: { metric: metric.name } });
  if (metrics.every((metric) => metric.importance.nats.value === null && metric.correlation.value === null))
    return (
      <section className="card" aria-label="Metric importance">
        <h2>Metric importance</h2>
        <p className="faint">No answer: all predictions are right, or all are wrong, or no metric differs among the samples.</p>
      </section>
    );
  const importance = byImportance.map(importanceBar);
  const correlation = byCorrelation.map((metric) => ({
    name: metricTitle(metric.name),
    value: metric.correlation.value,
    low: metric.correlation.low,
    high: metric.correlation.high,
    faded: !isClear(metric),
  }));
  return (
    <>
      <div className="half">
        <Chart
          title="Metric importance"
          fileName="metric-importance"
          note="How much a metric tells of whether a prediction is right (mutual information). Pale: no more than chance would. Click a bar for the curve behind it."
          option={(colours) => intervalBars(importance, "nats", colours)}
          inputs={[byImportance]}
          columns={columns}
          rows={byImportance}
          height={barsHeight(importance)}
          onPick={(mark) => open(byImportance[mark.index])}
          onPickRow={open}
        />
      </div>
      <div className="half">
        <Chart
          title="Metric correlation"
          fileName="metric-correlation"
          note="Right of 0: larger values go with right predictions; left of it: with wrong ones. Straight-line relations only; importance sees others too."
          option={(colours) =>
            intervalBars(
              correlation.map((bar) => ({ ...bar, colour: (bar.value ?? 0) < 0 ? colours.wrong : colours.correct })),
              "correlation with being right",
              colours,
            )
          }
          inputs={[byCorrelation]}
          columns={columns}
          rows={byCorrelation}
          height={barsHeight(correlation)}
          onPick={(mark) => open(byCorrelation[mark.index])}
          onPickRow={open}
        />
      </div>
    </>
  );
}
