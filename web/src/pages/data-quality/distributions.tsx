// The histogram of each metric, with the fences beyond which a sample is an outlier.
import { Chart } from "../../parts/chart";
import type { Column } from "../../parts/data-table";
import { count, counted, metricTitle, number } from "../../parts/numbers";
import { toSamples, withRange } from "../../state/samples";
import type { Colours } from "../../state/theme";
import { useView } from "../../state/view";
import { binRange, isConstant, type MetricRow } from "./outlier-range";

interface Bin {
  low: number;
  high: number;
  count: number;
  index: number;
}

function binsOf(metric: MetricRow): Bin[] {
  const { min, max, histogram } = metric;
  if (min === null || max === null) return [];
  const width = (max - min) / Math.max(1, histogram.length);
  return histogram.map((n, index) => ({ low: min + index * width, high: min + (index + 1) * width, count: n, index }));
}

const COLUMNS: readonly Column<Bin>[] = [
  { name: "From", value: (bin) => bin.low, show: (bin) => number(bin.low), numeric: true },
  { name: "To", value: (bin) => bin.high, show: (bin) => number(bin.high), numeric: true },
  { name: "Samples", value: (bin) => bin.count, show: (bin) => count(bin.count), numeric: true },
];

function option(metric: MetricRow, bins: readonly Bin[], colours: Colours) {
  const fences = [metric.fences.moderate_low, metric.fences.moderate_high].filter(
    (fence): fence is number => fence !== null && metric.min !== null && metric.max !== null && fence > metric.min && fence < metric.max,
  );
  return {
    grid: { left: 52, right: 14, top: 12, bottom: 28 },
    // The fences lie where they are, not at the middle of a bar: on an axis of numbers over the one of bars.
    xAxis: [
      {
        type: "category",
        data: bins.map((bin) => number(Number(bin.low.toPrecision(3)))),
        axisLabel: { color: colours.muted, hideOverlap: true },
        axisLine: { lineStyle: { color: colours.line } },
        axisTick: { show: false },
      },
      { type: "value", show: false, min: metric.min, max: metric.max },
    ],
    yAxis: { type: "value", axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: colours.muted }, splitLine: { lineStyle: { color: colours.line } }, splitNumber: 3 },
    tooltip: {
      trigger: "axis",
      formatter: (items: { dataIndex: number }[]) => {
        const bin = bins[items[0]?.dataIndex ?? 0];
        return bin ? `${number(bin.low)} to ${number(bin.high)}\n${counted(bin.count, "sample")}` : "";
      },
    },
    series: [
      {
        id: "bins",
        type: "bar",
        barCategoryGap: "8%",
        itemStyle: { color: colours.series[0] },
        data: bins.map((bin) => bin.count),
      },
      {
        id: "fences",
        type: "line",
        xAxisIndex: 1,
        data: [],
        markLine: {
          silent: true,
          symbol: "none",
          label: { show: false },
          lineStyle: { color: colours.wrong, type: "dashed" },
          data: fences.map((fence) => ({ xAxis: fence })),
        },
      },
    ],
  };
}

function Distribution({ metric }: { metric: MetricRow }) {
  const { filter } = useView();
  const bins = binsOf(metric);
  const show = (index: number) => {
    const range = binRange(metric, index);
    if (range) toSamples(withRange(filter, range), { sort: metric.name });
  };
  return (
    <div className="third">
      <Chart
        title={metricTitle(metric.name)}
        note={
          <>
            Median {number(metric.median)}, middle half {number(metric.q1)} to {number(metric.q3)}
            {metric.missing > 0 && `, ${count(metric.missing)} without a value`}.
          </>
        }
        option={(colours) => option(metric, bins, colours)}
        inputs={[metric]}
        columns={COLUMNS}
        rows={bins}
        height={180}
        onPick={(mark) => show(mark.index)}
        onPickRow={(bin) => show(bin.index)}
        fileName={`distribution-${metric.name}`}
      />
    </div>
  );
}

export function Distributions({ metrics }: { metrics: readonly MetricRow[] }) {
  const constant = metrics.filter(isConstant);
  return (
    <>
      <p className="faint">
        How the values lie. Dashed: beyond it a sample is an outlier. A bar leads to its samples.
        {constant.length > 0 && ` The same for all samples: ${constant.map((one) => `${metricTitle(one.name)} ${number(one.min)}`).join(", ")}.`}
      </p>
      <div className="grid">
        {metrics
          .filter((metric) => !isConstant(metric))
          .map((metric) => (
            <Distribution key={metric.name} metric={metric} />
          ))}
      </div>
    </>
  );
}
