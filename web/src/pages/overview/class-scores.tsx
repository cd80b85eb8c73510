// Precision, recall and F1 of each class as bars with their intervals.
import type { CustomSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import { useMemo, useState } from "react";
import type { Filter } from "../../api/generated/workbench";
import { Chart } from "../../parts/chart";
import type { Column } from "../../parts/data-table";
import { count, counted, drawnName } from "../../parts/numbers";
import { fixed, intervalText, ScoreText } from "../../parts/score";
import { toSamples } from "../../state/samples";
import type { Colours } from "../../state/theme";
import type { Report } from "./evaluation";

type ClassRow = Report["per_class"][number];
type RenderItem = NonNullable<CustomSeriesOption["renderItem"]>;
type Order = "class" | "support" | "precision" | "recall" | "f1";

const MEASURES = ["precision", "recall", "f1"] as const;
const NAMES = { precision: "Precision", recall: "Recall", f1: "F1" } as const;

function inOrder(rows: readonly ClassRow[], order: Order): ClassRow[] {
  const sorted = [...rows];
  if (order === "support") sorted.sort((a, b) => b.support - a.support);
  else if (order !== "class") sorted.sort((a, b) => (a[order].value ?? 2) - (b[order].value ?? 2));
  return sorted;
}

function drawBar(rows: readonly ClassRow[], which: number, colours: Colours): RenderItem {
  return (params, api) => {
    const row = rows[params.dataIndex];
    const measure = MEASURES[which];
    const score = row && measure ? row[measure] : undefined;
    if (!score || score.value === null) return null;
    const band = ((api.size?.([1, 0]) as number[])[0] ?? 10) * 0.78;
    const width = band / MEASURES.length;
    const [cx = 0, top = 0] = api.coord([params.dataIndex, score.value]) as number[];
    const bottom = (api.coord([params.dataIndex, 0]) as number[])[1] ?? 0;
    const x = cx - band / 2 + which * width;
    const children: object[] = [
      { type: "rect", shape: { x: x + 1, y: top, width: Math.max(1, width - 2), height: Math.max(0, bottom - top) },
        style: { fill: colours.series[which], opacity: score.few || score.undefined ? 0.35 : 0.85 } },
    ];
    if (score.low !== null && score.high !== null) {
      const mid = x + width / 2;
      const y1 = (api.coord([params.dataIndex, score.low]) as number[])[1] ?? 0;
      const y2 = (api.coord([params.dataIndex, score.high]) as number[])[1] ?? 0;
      const cap = Math.min(3, width / 4);
      const style = { stroke: colours.text, lineWidth: 1.1 };
      children.push({ type: "line", shape: { x1: mid, y1, x2: mid, y2 }, style });
      if (cap >= 1.5)
        for (const y of [y1, y2]) children.push({ type: "line", shape: { x1: mid - cap, y1: y, x2: mid + cap, y2: y }, style });
    }
    return { type: "group", children } as ReturnType<RenderItem>;
  };
}

function option(rows: readonly ClassRow[], colours: Colours): EChartsCoreOption {
  const many = rows.length > 40;
  const slanted = rows.length > 12;
  return {
    grid: { left: slanted ? 48 : 8, right: 12, top: 34, bottom: many ? 40 : 8, containLabel: true },
    legend: { top: 0, left: 0, textStyle: { color: colours.text }, data: MEASURES.map((m) => NAMES[m]) },
    color: colours.series,
    tooltip: {
      formatter: (hovered: { dataIndex: number }) => {
        const row = rows[hovered.dataIndex];
        if (!row) return "";
        const lines = MEASURES.map((m) => `${NAMES[m]} ${fixed(row[m].value)}  ${intervalText(row[m])}`);
        return [drawnName(row.class), `${counted(row.support, "sample")}, predicted ${counted(row.predicted, "time")}`, ...lines].join("\n");
      },
    },
    xAxis: {
      type: "category",
      data: rows.map((row) => row.class),
      axisLabel: { color: colours.text, interval: 0, hideOverlap: true, rotate: slanted ? 45 : 0, width: 100, overflow: "truncate" },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
    },
    yAxis: { type: "value", min: 0, max: 1, axisLabel: { color: colours.muted }, splitLine: { lineStyle: { color: colours.line } } },
    ...(many
      ? { dataZoom: [{ type: "slider", height: 18, bottom: 6, startValue: 0, endValue: 39, showDetail: false, brushSelect: false }] }
      : {}),
    series: MEASURES.map((measure, which) => ({
      type: "custom",
      id: measure,
      name: NAMES[measure],
      itemStyle: { color: colours.series[which] },
      renderItem: drawBar(rows, which, colours),
      encode: { x: 0, y: 1 },
      data: rows.map((row, i) => [i, row[measure].value ?? 0]),
      clip: true,
    })),
  };
}

export function ClassScores({ report, filter }: { report: Report; filter: Filter }) {
  const [order, setOrder] = useState<Order>("class");
  const rows = useMemo(() => inOrder(report.per_class, order), [report, order]);
  const columns: Column<ClassRow>[] = [
    { name: "class", value: (row) => row.class },
    { name: "samples", value: (row) => row.support, show: (row) => count(row.support), numeric: true },
    { name: "predicted", value: (row) => row.predicted, show: (row) => count(row.predicted), numeric: true },
    ...MEASURES.flatMap((m): Column<ClassRow>[] => [
      { name: NAMES[m], value: (row) => row[m].value, show: (row) => <ScoreText score={row[m]} />, numeric: true },
    ]),
  ];
  return (
    <Chart
      title="Precision, recall and F1 of each class"
      fileName="classes"
      note="Pale: fewer than 10 samples."
      hint="Click a bar: precision leads to its false positives, recall and F1 to its false negatives."
      option={(colours) => option(rows, colours)}
      inputs={[rows]}
      columns={columns}
      rows={rows}
      height={360}
      onPick={(mark) => {
        const row = rows[mark.index];
        if (row) toSamples(filter, { outcome: mark.seriesId === "precision" ? "fp" : "fn", class: row.class });
      }}
      onPickRow={(row) => toSamples(filter, { outcome: "fn", class: row.class })}
      controls={
        <label>
          <span className="hidden">Order of the classes</span>
          <select value={order} onChange={(event) => setOrder(event.target.value as Order)}>
            <option value="class">in class order</option>
            <option value="support">largest first</option>
            <option value="precision">lowest precision first</option>
            <option value="recall">lowest recall first</option>
            <option value="f1">lowest F1 first</option>
          </select>
        </label>
      }
    />
  );
}
