// Every metric: how it lies, and how many samples lie far out.
import { useMemo } from "react";
import type { Filter } from "../../api/generated/workbench";
import { DataTable, type Column } from "../../parts/data-table";
import { count, metricTitle, number } from "../../parts/numbers";
import { andWhere, sqlName, toSamples, withRange } from "../../state/samples";
import { go, useView } from "../../state/view";
import { isConstant, outlierRange, type MetricRow, type Side } from "./outlier-range";
import { SmallHistogram } from "./small-histogram";

function OutlierCount({ metric, side, most, filter }: { metric: MetricRow; side: Side; most: number; filter: Filter }) {
  const n = metric.outliers[side];
  const range = outlierRange(metric, side);
  if (n === 0 || !range) return <span className="faint">{count(n)}</span>;
  const high = side.endsWith("high");
  return (
    <span className="outlier-count">
      <span className={`outlier-bar ${side.startsWith("severe") ? "severe" : ""}`} aria-hidden="true">
        <span style={{ width: `${Math.max(3, (100 * n) / most)}%` }} />
      </span>
      <button type="button" className="link" aria-label={`${metricTitle(metric.name)}: see the ${count(n)} samples`} onClick={() => toSamples(withRange(filter, range), { sort: metric.name, descending: high ? 1 : null })}>
        {count(n)}
      </button>
    </span>
  );
}

function MissingCount({ metric, filter }: { metric: MetricRow; filter: Filter }) {
  if (metric.missing === 0) return <span className="faint">0</span>;
  return (
    <button type="button" className="link" aria-label={`${metricTitle(metric.name)}: see the ${count(metric.missing)} without a value`}
      onClick={() => toSamples(andWhere(filter, `${sqlName(metric.name)} IS NULL`))}>
      {count(metric.missing)}
    </button>
  );
}

const SIDES: readonly { side: Side; name: string; title: string }[] = [
  { side: "severe_low", name: "Severe, low", title: "More than 2.5 interquartile ranges below the first quartile" },
  { side: "moderate_low", name: "Moderate, low", title: "1.5 to 2.5 interquartile ranges below the first quartile" },
  { side: "moderate_high", name: "Moderate, high", title: "1.5 to 2.5 interquartile ranges above the third quartile" },
  { side: "severe_high", name: "Severe, high", title: "More than 2.5 interquartile ranges above the third quartile" },
];

export function fencePlaces(metric: MetricRow): number[] {
  const { min, max } = metric;
  if (min === null || max === null || max <= min) return [];
  const places = Object.values(metric.fences).flatMap((fence) => (fence === null ? [] : [(fence - min) / (max - min)]));
  return places.filter((at) => at > 0 && at < 1);
}

export function Outliers({ metrics }: { metrics: readonly MetricRow[] }) {
  const { filter } = useView();
  const columns = useMemo<Column<MetricRow>[]>(() => {
    const most = Math.max(1, ...metrics.flatMap((metric) => Object.values(metric.outliers)));
    return [
      { name: "Metric", value: (row) => metricTitle(row.name) },
      { name: "Distribution", value: (row) => row.median, show: (row) => (isConstant(row) ? <span className="faint">all the same</span> : <SmallHistogram counts={row.histogram} marks={fencePlaces(row)} />), title: "Sorted by the median" },
      { name: "Median", value: (row) => row.median, show: (row) => number(row.median), numeric: true },
      ...SIDES.map(
        ({ side, name, title }): Column<MetricRow> => ({
          name, title, numeric: true,
          value: (row) => row.outliers[side],
          show: (row) => <OutlierCount metric={row} side={side} most={most} filter={filter} />,
        }),
      ),
      { name: "Missing", value: (row) => row.missing, show: (row) => <MissingCount metric={row} filter={filter} />, numeric: true },
    ];
  }, [metrics, filter]);
  return (
    <section className="card outliers">
      <h2>Outliers</h2>
      <p className="note">
        Samples far from the middle half of the others: moderate beyond 1.5 interquartile ranges, severe beyond 2.5. A number leads to
        its samples; a metric’s name to all, in its order.
      </p>
      <DataTable columns={columns} rows={metrics} caption="Outliers by metric" onPick={(row) => go({ page: "explorer", choice: { sort: row.name } })}
        rowLabel={(row) => `${metricTitle(row.name)}: all samples in its order`} />
    </section>
  );
}
