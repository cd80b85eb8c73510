// Bars that lie down, one a name, each with the interval of its value: importance, correlation, differences.
import type { CustomSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import type { Colours } from "../state/theme";
import { drawnName, number } from "./numbers";

export interface IntervalBar {
  name: string;
  value: number | null;
  low: number | null | undefined;
  high: number | null | undefined;
  /** Nothing that stands out from chance. */
  faded?: boolean;
  colour?: string;
  note?: string;
}

type RenderItem = NonNullable<CustomSeriesOption["renderItem"]>;

function renderBar(bars: readonly IntervalBar[], colours: Colours): RenderItem {
  return (_params, api) => {
    const i = api.value(1) as number;
    const bar = bars[i];
    if (!bar || bar.value === null) return null;
    const zero = api.coord([0, i]) as number[];
    const end = api.coord([bar.value, i]) as number[];
    const height = Math.min(16, ((api.size?.([0, 1]) as number[])[1] ?? 16) * 0.62);
    const y = (end[1] ?? 0) - height / 2;
    const x = Math.min(zero[0] ?? 0, end[0] ?? 0);
    const colour = bar.colour ?? colours.series[0];
    const shapes: object[] = [
      {
        type: "rect",
        shape: { x, y, width: Math.max(1, Math.abs((end[0] ?? 0) - (zero[0] ?? 0))), height, r: 2 },
        style: { fill: colour, opacity: bar.faded ? 0.28 : 0.85 },
      },
    ];
    if (bar.low != null && bar.high != null) {
      const a = (api.coord([bar.low, i]) as number[])[0] ?? 0;
      const b = (api.coord([bar.high, i]) as number[])[0] ?? 0;
      const mid = y + height / 2;
      const style = { stroke: colours.text, lineWidth: 1.2, opacity: bar.faded ? 0.5 : 0.9 };
      for (const [x1, y1, x2, y2] of [
        [a, mid, b, mid],
        [a, mid - 4, a, mid + 4],
        [b, mid - 4, b, mid + 4],
      ])
        shapes.push({ type: "line", shape: { x1, y1, x2, y2 }, style });
    }
    return { type: "group", children: shapes } as ReturnType<RenderItem>;
  };
}

/** More bars than these are moved through with the slider beside them; the page's wheel stays the page's. */
const DRAWN_MOST = 22;

export function barsHeight(bars: readonly IntervalBar[]): number {
  return Math.min(640, 60 + 26 * bars.length);
}

function extremes(bars: readonly IntervalBar[]): [number, number] {
  let low = 0;
  let high = 0;
  for (const bar of bars)
    for (const x of [bar.value, bar.low, bar.high])
      if (x != null && Number.isFinite(x)) {
        low = Math.min(low, x);
        high = Math.max(high, x);
      }
  return [low, high];
}

export function intervalBars(bars: readonly IntervalBar[], axis: string, colours: Colours): EChartsCoreOption {
  const [low, high] = extremes(bars);
  const room = (high - low || 1) * 0.04;
  const labelWidth = Math.min(190, 7 * Math.max(4, ...bars.map((bar) => bar.name.length)));
  return {
    grid: { left: labelWidth + 12, right: bars.length > DRAWN_MOST ? 44 : 20, top: 6, bottom: 50 },
    tooltip: {
      trigger: "item",
      formatter: (hovered: { dataIndex: number }) => {
        const bar = bars[hovered.dataIndex];
        if (!bar) return "";
        const interval = bar.low != null && bar.high != null ? ` (${number(bar.low)} to ${number(bar.high)})` : "";
        return `${drawnName(bar.name)}: ${number(bar.value)}${interval}${bar.note ? `\n${bar.note}` : ""}`;
      },
    },
    xAxis: {
      type: "value",
      name: axis,
      nameLocation: "middle",
      nameGap: 24,
      min: low < 0 ? low - room : 0,
      max: high > 0 ? high + room : 0,
      axisLabel: { color: colours.muted, formatter: (x: number) => number(Number(x.toPrecision(2))), showMinLabel: false, showMaxLabel: false },
      nameTextStyle: { color: colours.muted },
      splitLine: { lineStyle: { color: colours.line } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: bars.map((bar) => bar.name),
      axisLabel: { color: colours.text, interval: 0, width: labelWidth, overflow: "truncate" },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
    },
    ...(bars.length > DRAWN_MOST
      ? { dataZoom: [{ type: "slider", yAxisIndex: 0, right: 6, width: 18, startValue: 0, endValue: DRAWN_MOST - 1, showDetail: false, brushSelect: false }] }
      : {}),
    series: [
      {
        type: "custom",
        renderItem: renderBar(bars, colours),
        encode: { x: 0, y: 1 },
        data: bars.map((bar, i) => [bar.value ?? 0, i]),
        clip: true,
      },
    ],
  };
}
