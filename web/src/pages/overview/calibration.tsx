// The reliability diagram: is the model as often right as it says it is?
import type { CustomSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import type { EvaluationReport } from "../../api/generated/evaluation";
import type { Filter } from "../../api/generated/workbench";
import { Chart } from "../../parts/chart";
import type { Column } from "../../parts/data-table";
import { count, counted } from "../../parts/numbers";
import { fixed, intervalText, ScoreText } from "../../parts/score";
import { nextAbove, toSamples, withRange } from "../../state/samples";
import type { Colours } from "../../state/theme";

type Calibrated = NonNullable<EvaluationReport["calibration"]>;
type Bin = Calibrated["bins"][number];
type RenderItem = NonNullable<CustomSeriesOption["renderItem"]>;

function drawBin(bins: readonly Bin[], most: number, colours: Colours): RenderItem {
  return (params, api) => {
    const bin = bins[params.dataIndex];
    if (!bin || bin.count === 0 || bin.accuracy.value === null) return null;
    const at = (x: number, y: number) => api.coord([x, y]) as [number, number];
    const [left, top] = at(bin.low, bin.accuracy.value);
    const [right, bottom] = at(bin.high, 0);
    const [, countTop] = at(bin.low, 0.12 * (bin.count / most));
    const children: object[] = [
      { type: "rect", shape: { x: left + 1, y: top, width: right - left - 2, height: bottom - top },
        style: { fill: colours.series[0], opacity: 0.28 } },
      { type: "rect", shape: { x: left + 1, y: countTop, width: right - left - 2, height: bottom - countTop },
        style: { fill: colours.muted, opacity: 0.55 } },
    ];
    if (bin.accuracy.low !== null && bin.accuracy.high !== null) {
      const mid = bin.confidence ?? (bin.low + bin.high) / 2;
      const [x, y1] = at(mid, bin.accuracy.low);
      const [, y2] = at(mid, bin.accuracy.high);
      const [, y] = at(mid, bin.accuracy.value);
      children.push({ type: "line", shape: { x1: x, y1, x2: x, y2 }, style: { stroke: colours.text, lineWidth: 1.2 } });
      children.push({ type: "circle", shape: { cx: x, cy: y, r: 4 }, style: { fill: colours.series[0], stroke: colours.panel } });
    }
    return { type: "group", children } as ReturnType<RenderItem>;
  };
}

function option(bins: readonly Bin[], colours: Colours): EChartsCoreOption {
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const axis = {
    type: "value",
    min: 0,
    max: 1,
    nameLocation: "middle",
    nameTextStyle: { color: colours.muted },
    axisLabel: { color: colours.muted },
    splitLine: { lineStyle: { color: colours.line } },
  };
  return {
    grid: { left: 30, right: 14, top: 10, bottom: 30, containLabel: true },
    tooltip: {
      formatter: (hovered: { dataIndex: number; seriesName: string }) => {
        const bin = bins[hovered.dataIndex];
        if (!bin) return "";
        return (
          `confidence ${fixed(bin.low, 2)} to ${fixed(bin.high, 2)}: ${counted(bin.count, "sample")}\n` +
          `mean confidence ${fixed(bin.confidence)}\nright ${fixed(bin.accuracy.value)}  ${intervalText(bin.accuracy)}`
        );
      },
    },
    xAxis: { ...axis, name: "confidence", nameGap: 26 },
    yAxis: { ...axis, name: "share right", nameGap: 34 },
    series: [
      { type: "line", silent: true, showSymbol: false, data: [[0, 0], [1, 1]], tooltip: { show: false },
        lineStyle: { color: colours.muted, type: "dashed", width: 1 } },
      { type: "custom", name: "bins", renderItem: drawBin(bins, most, colours), encode: { x: [0, 1], y: 2 }, clip: true,
        data: bins.map((bin) => [bin.low, bin.high, bin.accuracy.value ?? 0]) },
    ],
  };
}

function verdict(calibration: Calibrated): string {
  const { value, if_calibrated: chance } = calibration.ece;
  if (value === null) return "";
  if (chance.p95 !== null && value <= chance.p95)
    return `A calibrated model would show up to ${fixed(chance.p95, 4)} by chance: this is no evidence of miscalibration.`;
  return chance.p95 === null ? "" : `A calibrated model would stay below ${fixed(chance.p95, 4)}: it is miscalibrated.`;
}

export function Calibration({ calibration, filter }: { calibration: Calibrated; filter: Filter }) {
  const { bins, temperature } = calibration;
  const columns: Column<Bin>[] = [
    { name: "from", value: (bin) => bin.low, show: (bin) => fixed(bin.low, 2), numeric: true },
    { name: "to", value: (bin) => bin.high, show: (bin) => fixed(bin.high, 2), numeric: true },
    { name: "samples", value: (bin) => bin.count, show: (bin) => count(bin.count), numeric: true },
    { name: "mean confidence", value: (bin) => bin.confidence, show: (bin) => fixed(bin.confidence), numeric: true },
    { name: "right", value: (bin) => bin.accuracy.value, show: (bin) => <ScoreText score={bin.accuracy} />, numeric: true },
  ];
  const open = (bin: Bin | undefined) => {
    // A bin is (low, high], the first one [0, high].
    if (bin) toSamples(withRange(filter, { metric: "confidence", low: bin.low === 0 ? 0 : nextAbove(bin.low), high: bin.high }));
  };
  return (
    <Chart
      title="Reliability"
      fileName="reliability"
      note={
        <>
          Expected calibration error {fixed(calibration.ece.value, 4)}. {verdict(calibration)}
          {temperature?.value != null &&
            ` Temperature ${fixed(temperature.value, 2)} would change it from ${fixed(temperature.ece_before)} to ${fixed(temperature.ece_after)} (on a held-out half).`}{" "}
          Grey: how many samples.
        </>
      }
      option={(colours) => option(bins, colours)}
      inputs={[bins]}
      columns={columns}
      rows={bins}
      height={400}
      onPick={(mark) => open(bins[mark.index])}
      onPickRow={open}
    />
  );
}
