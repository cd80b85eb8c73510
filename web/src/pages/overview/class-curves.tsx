// ROC and precision–recall curves of chosen classes.
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { useRef, useState, type ReactNode } from "react";
import { address } from "../../api/client";
import type { Curves, Filter } from "../../api/generated/workbench";
import { CheckList } from "../../filter/check-list";
import { probabilityText } from "../../filter/outcome-words";
import { Chart } from "../../parts/chart";
import type { Column } from "../../parts/data-table";
import { counted, keptApart, number } from "../../parts/numbers";
import { Popover } from "../../parts/popover";
import { fixed, intervalText } from "../../parts/score";
import { Failed, WhenThere } from "../../parts/states";
import { isReport } from "../../state/mode";
import { toSamples } from "../../state/samples";
import type { Colours } from "../../state/theme";
import { useReply } from "../../state/use-reply";
import { filterText } from "../../state/view";
import { nearestPoint, pointsOf, samplesOf, whatIsNotDrawn, type Curve, type CurvePoint, type Kind } from "./curve-points";
import type { Report } from "./evaluation";

const DRAWN_MOST = 8; // as many as there are colours to tell apart
const DASHES = ["solid", "dashed", "dotted"] as const;

function seriesName(curve: Curve, kind: Kind): string {
  const area = kind === "roc" ? curve.auroc : curve.average_precision;
  return `${keptApart(curve.class)}  ${fixed(area.value)} ${intervalText(area)}`;
}

/** Beside the point, never over it: to the side where there is more room. */
function beside([x, y]: [number, number], _of: unknown, _element: unknown, _place: unknown, size: { contentSize: [number, number]; viewSize: [number, number] }): [number, number] {
  const [width, height] = size.contentSize;
  return [x > size.viewSize[0] / 2 ? x - width - 14 : x + 14, y - height / 2];
}

function option(curves: readonly Curve[], kind: Kind, colours: Colours): EChartsCoreOption {
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
    grid: { left: 30, right: 16, top: 10, bottom: 40 + 24 * Math.ceil((curves.length + 1) / 2), containLabel: true },
    legend: { left: 0, right: 0, bottom: 0, itemWidth: 18, textStyle: { color: colours.text, width: 200, overflow: "truncate" } },
    // Told by followPointer(), which knows the nearest point also beside a line.
    tooltip: {
      triggerOn: "none",
      position: beside,
      formatter: (hovered: { seriesName: string; value: (number | null)[] }) =>
        `${hovered.seriesName}\n${kind === "roc" ? "false-positive rate" : "recall"} ${fixed(hovered.value[0])}\n` +
        `${kind === "roc" ? "true-positive rate" : "precision"} ${fixed(hovered.value[1])}\n` +
        `threshold ${typeof hovered.value[2] === "number" ? probabilityText(hovered.value[2]) : "above all"}`,
    },
    xAxis: { ...axis, name: kind === "roc" ? "false-positive rate" : "recall", nameGap: 26 },
    yAxis: { ...axis, name: kind === "roc" ? "true-positive rate" : "precision", nameGap: 34 },
    series: [
      ...curves.map((curve, i) => ({
        type: "line",
        id: curve.class,
        name: seriesName(curve, kind),
        data: kind === "roc" ? curve.roc : curve.pr,
        symbolSize: 7,
        showSymbol: curve[kind].length === 1, // a line of one point is none
        dimensions: ["x", "y", "threshold"],
        encode: { x: 0, y: 1 },
        ...(kind === "pr" ? { step: "end" } : {}),
        lineStyle: { width: 2, color: colours.series[i % 8], type: DASHES[i % 3] },
        itemStyle: { color: colours.series[i % 8] },
      })),
      ...(kind === "roc"
        ? [{ type: "line", name: "chance", silent: true, showSymbol: false, data: [[0, 0], [1, 1]],
            lineStyle: { color: colours.muted, type: "dotted", width: 1 }, itemStyle: { color: colours.muted } }]
        : []),
    ],
  };
}

/** The point nearest to the pointer is shown and, where it is clicked, picked. */
function followPointer(chart: ECharts, points: () => readonly (readonly CurvePoint[])[], onPick: (point: CurvePoint) => void): void {
  let shown: [number, number] | null = null;
  const find = (event: { offsetX: number; offsetY: number }) => {
    const axes = { xAxisIndex: 0, yAxisIndex: 0 };
    const [origin, far] = [chart.convertToPixel(axes, [0, 0]), chart.convertToPixel(axes, [1, 1])] as [number, number][];
    return origin && far ? nearestPoint(points(), { origin, far }, [event.offsetX, event.offsetY]) : null;
  };
  const show = (next: [number, number] | null) => {
    if (next?.join() === shown?.join()) return;
    if (shown) chart.dispatchAction({ type: "downplay", seriesIndex: shown[0], dataIndex: shown[1] });
    if (next) chart.dispatchAction({ type: "highlight", seriesIndex: next[0], dataIndex: next[1] });
    chart.dispatchAction(next ? { type: "showTip", seriesIndex: next[0], dataIndex: next[1] } : { type: "hideTip" });
    shown = next;
  };
  const surface = chart.getZr();
  surface.on("mousemove", (event) => {
    const next = find(event);
    show(next);
    if (next) surface.setCursorStyle("pointer");
  });
  surface.on("globalout", () => show(null));
  surface.on("click", (event) => {
    const next = find(event);
    const point = next && points()[next[0]]?.[next[1]];
    if (point) onPick(point);
  });
}

function worst(report: Report, many: number): string[] {
  return [...report.per_class]
    .filter((row) => row.support > 0)
    .sort((a, b) => (a.f1.value ?? 2) - (b.f1.value ?? 2))
    .slice(0, many)
    .map((row) => row.class);
}

export function ClassCurves({ report, filter }: { report: Report; filter: Filter }) {
  const [picked, setPicked] = useState<string[] | null>(null);
  const [kind, setKind] = useState<Kind>("pr");
  const names = report.per_class.map((row) => row.class);
  const chosen = (picked ?? worst(report, 4)).filter((name) => names.includes(name));
  const reply = useReply<Curves>(
    chosen.length ? address("/api/curves", { filter: filterText(filter), class: chosen }) : null,
  );
  const controls = (
    <>
      <label>
        <span className="hidden">Curve</span>
        <select value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
          <option value="pr">precision–recall</option>
          <option value="roc">ROC</option>
        </select>
      </label>
      <Popover label={counted(chosen.length, "class", "classes")}>
        {() => (
          <CheckList
            label="classes"
            items={names.map((name) => ({ name }))}
            chosen={new Set(chosen)}
            onChange={(next) => setPicked(names.filter((name) => next.has(name)).slice(0, DRAWN_MOST))}
          />
        )}
      </Popover>
    </>
  );
  // Without a curve the choice of classes must stay, or there was no way back.
  const without = (why: ReactNode) => (
    <section className="card chart" aria-label="Curves">
      <header>
        <h2>{kind === "roc" ? "ROC curves" : "Precision–recall curves"}</h2>
        {controls}
      </header>
      {why}
    </section>
  );
  if (chosen.length === 0) return without(<p className="faint">Choose a class to see its curve.</p>);
  if (reply.failure) return without(<Failed failure={reply.failure} retry={reply.retry} />);
  return (
    <WhenThere reply={reply} what="Ranking the samples of each class">
      {(data) =>
        data.curves.every((curve) => curve[kind].length === 0) ? (
          without(<p className="faint">{whatIsNotDrawn(data.curves, kind)}</p>)
        ) : (
          <CurvesChart data={data} kind={kind} filter={filter} controls={controls} />
        )
      }
    </WhenThere>
  );
}

function CurvesChart({ data, kind, filter, controls }: { data: Curves; kind: Kind; filter: Filter; controls: ReactNode }) {
  const points = data.curves.map((curve) => pointsOf(curve, kind));
  // A report holds no probabilities: it can tell what the prediction misses, not what a threshold does.
  const pick = (point: CurvePoint) =>
    toSamples(filter, isReport() ? { outcome: "fn", class: point.class } : samplesOf(point, kind));
  const latest = useRef({ curves: data.curves, points, pick, kind });
  latest.current = { curves: data.curves, points, pick, kind };
  // By name, what the legend has switched off; a new drawing shows all again.
  const shown = useRef<Record<string, boolean>>({});
  const inSight = () => {
    const { curves, kind: drawn } = latest.current;
    return latest.current.points.map((one, i) => (shown.current[seriesName(curves[i] as Curve, drawn)] === false ? [] : one));
  };
  const onReady = (chart: ECharts) => {
    chart.on("legendselectchanged", (event) => {
      shown.current = (event as { selected: Record<string, boolean> }).selected;
    });
    followPointer(chart, inSight, (point) => latest.current.pick(point));
  };
  const columns: Column<CurvePoint>[] = [
    { name: "class", value: (row) => row.class },
    { name: kind === "roc" ? "false-positive rate" : "recall", value: (row) => row.x, show: (row) => number(row.x), numeric: true },
    { name: kind === "roc" ? "true-positive rate" : "precision", value: (row) => row.y, show: (row) => number(row.y), numeric: true },
    { name: "threshold", value: (row) => row.threshold, show: (row) => (row.threshold === null ? "above all" : probabilityText(row.threshold)), numeric: true },
  ];
  return (
    <Chart
      title={kind === "roc" ? "ROC curves" : "Precision–recall curves"}
      fileName={`curves-${kind}`}
      note={`Each class against all others, at most ${DRAWN_MOST}; beside its name the area and its interval. ${whatIsNotDrawn(data.curves, kind)}`}
      hint={
        isReport()
          ? "Click a curve for the class's false negatives."
          : "Click a point for the samples that are called the class at its threshold and are not."
      }
      option={(colours) => option(data.curves, kind, colours)}
      inputs={[data, kind]}
      columns={columns}
      rows={points.flat()}
      height={400}
      onReady={onReady}
      onDrawn={() => (shown.current = {})}
      onPickRow={pick}
      controls={controls}
    />
  );
}
