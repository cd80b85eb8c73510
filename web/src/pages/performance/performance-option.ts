// The curve of performance by metric: rate of each bin with its band, the overall rate, and how many samples lie where.
import type { CustomSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import type { Performance } from "../../api/generated/workbench";
import { count, counted, drawnName, metricTitle, number, numberAlong } from "../../parts/numbers";
import { fixed, intervalText } from "../../parts/score";
import type { Colours } from "../../state/theme";

export type Axis = "value" | "bin";
type Bin = Performance["bins"][number];
type RenderItem = NonNullable<CustomSeriesOption["renderItem"]>;

/** Where a bin lies on the axis: from, point, to. */
export function binPlace(bin: Bin, index: number, axis: Axis): [number, number, number] {
  return axis === "value" ? [bin.low, bin.median, bin.high] : [index, index + 0.5, index + 1];
}

/** The bins that a stretch of the axis touches; null: none. */
export function binsWithin(bins: readonly Bin[], axis: Axis, from: number, to: number): [number, number] | null {
  let first = -1;
  let last = -1;
  bins.forEach((bin, i) => {
    const [, point] = binPlace(bin, i, axis);
    if (point < from || point > to) return;
    if (first < 0) first = i;
    last = i;
  });
  return first < 0 ? null : [first, last];
}

function drawCounts(bins: readonly Bin[], axis: Axis, colours: Colours): RenderItem {
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  return (params, api) => {
    const bin = bins[params.dataIndex];
    if (!bin) return null;
    const [low, , high] = binPlace(bin, params.dataIndex, axis);
    const area = params.coordSys as unknown as { y: number; height: number };
    const left = (api.coord([low, 0]) as number[])[0] ?? 0;
    const right = (api.coord([high, 0]) as number[])[0] ?? 0;
    const height = 0.16 * area.height * (bin.count / most);
    // A bin of one value has no width of its own.
    const width = Math.max(right - left - 1, bin.low === bin.high ? 8 : 1.5);
    return {
      type: "rect",
      shape: { x: (left + right - width) / 2, y: area.y + area.height - height, width, height },
      style: { fill: colours.muted, opacity: 0.35 },
    };
  };
}

function drawBand(bins: readonly Bin[], axis: Axis, colours: Colours): RenderItem {
  return (params, api) => {
    if (params.dataIndex !== 0) return null; // one shape for all
    const edge = (side: "low" | "high") =>
      bins.flatMap((bin, i) => {
        const y = bin.rate[side];
        return y == null ? [] : [api.coord([binPlace(bin, i, axis)[1], y]) as number[]];
      });
    return { type: "polygon", shape: { points: [...edge("low"), ...edge("high").reverse()] }, style: { fill: colours.band } };
  };
}

export function rateName(reply: Performance): string {
  if (reply.of === "recall") return `recall of ${reply.class ?? ""}`;
  if (reply.of === "precision") return `precision of ${reply.class ?? ""}`;
  return "share right (true-positive rate)";
}

export function performanceOption(reply: Performance, axis: Axis, colours: Colours): EChartsCoreOption {
  const { bins } = reply;
  const points = bins.map((bin, i) => [binPlace(bin, i, axis)[1], bin.rate.value]);
  const first = bins[0];
  const last = bins[bins.length - 1];
  return {
    grid: { left: 34, right: 20, top: 14, bottom: 40, containLabel: true },
    brush: { toolbox: [], brushType: "lineX", xAxisIndex: 0, brushMode: "single", removeOnClick: true,
      brushStyle: { color: colours.band, borderColor: colours.accent, borderWidth: 1 }, throttleType: "debounce", throttleDelay: 80 },
    tooltip: {
      trigger: "item",
      formatter: (hovered: { dataIndex: number }) => {
        const bin = bins[hovered.dataIndex];
        if (!bin) return "";
        return (
          `${metricTitle(reply.metric)} ${number(bin.low)} to ${number(bin.high)}\n` +
          `${fixed(bin.rate.value)}  ${intervalText(bin.rate)}\n${count(bin.correct)} of ${counted(bin.count, "sample")}`
        );
      },
    },
    xAxis: {
      type: "value",
      name: axis === "value" ? metricTitle(reply.metric) : `${metricTitle(reply.metric)}, bins of equal counts, ascending`,
      nameLocation: "middle",
      nameGap: 28,
      min: axis === "value" ? (first?.low ?? 0) : 0,
      max: axis === "value" ? (last?.high ?? 1) : bins.length,
      nameTextStyle: { color: colours.muted },
      axisLabel: { color: colours.muted, hideOverlap: true,
        formatter: (x: number) => (axis === "value" ? numberAlong(x, first?.low ?? 0, last?.high ?? 1) : number(bins[Math.min(bins.length - 1, Math.round(x))]?.low)) },
      splitLine: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
    },
    yAxis: {
      type: "value",
      min: 0,
      max: 1,
      name: rateName(reply.class === null ? reply : { ...reply, class: drawnName(reply.class) }),
      nameLocation: "middle",
      nameGap: 38,
      nameTextStyle: { color: colours.muted },
      axisLabel: { color: colours.muted },
      splitLine: { lineStyle: { color: colours.line } },
    },
    series: [
      { type: "custom", id: "counts", renderItem: drawCounts(bins, axis, colours), data: points, encode: { x: 0, y: 1 }, z: 1, clip: true },
      { type: "custom", id: "band", silent: true, renderItem: drawBand(bins, axis, colours), data: points, encode: { x: 0, y: 1 }, z: 2, clip: true },
      {
        type: "line",
        id: "rate",
        data: points,
        symbol: "circle",
        symbolSize: 7,
        z: 3,
        lineStyle: { color: colours.series[0], width: 2 },
        itemStyle: { color: colours.series[0] },
        markLine: {
          silent: true,
          symbol: "none",
          lineStyle: { color: colours.wrong, type: "dashed" },
          label: { formatter: `overall ${fixed(reply.overall.value)}`, color: colours.wrong, position: reply.overall.value !== null && reply.overall.value > 0.8 ? "insideEndBottom" : "insideEndTop" },
          data: reply.overall.value === null ? [] : [{ yAxis: reply.overall.value }],
        },
      },
    ],
  };
}
