// The confusion matrix: counts, or shares by row or column; zoom and pan to a thousand classes.
import type { CustomSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import type { ECharts } from "echarts/core";
import { useMemo, useRef, useState } from "react";
import type { Filter } from "../../api/generated/workbench";
import { Chart } from "../../parts/chart";
import type { Column } from "../../parts/data-table";
import { count, drawnName, percent } from "../../parts/numbers";
import { widestText } from "../../parts/text-width";
import { isReport } from "../../state/mode";
import { useProject } from "../../state/project";
import { toSamples } from "../../state/samples";
import type { Colours } from "../../state/theme";
import type { Report } from "./evaluation";
import { afterKey, classesWithin, MATRIX_KEYS, matrixOrder, otherSamples, readMatrix, type Cell, type Matrix, type MatrixOrder, type Stretch } from "./matrix-cells";

type Shown = "counts" | "row" | "column";
type RenderItem = NonNullable<CustomSeriesOption["renderItem"]>;

/** With more classes than these the names above the columns are slanted; the wheel zooms at once. */
const SLANTED_FROM = 6;
const SLANT = (40 * Math.PI) / 180;
const MANY = 40;
/** Pixels of a name; a longer one is cut. */
const BESIDE_MOST = 120;
const ABOVE_MOST = 100;

interface DrawnCell extends Cell {
  x: number;
  y: number;
  /** Share of the row (of the column, where that is shown): what the colour says. */
  share: number;
}

function mix(from: string, to: string, share: number): string {
  const at = (hex: string, i: number) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const part = [0, 1, 2].map((i) => Math.round(at(from, i) + (at(to, i) - at(from, i)) * share));
  return `rgb(${part.join(",")})`;
}

function draw(cells: readonly DrawnCell[], shown: Shown, colours: Colours, dark: boolean): RenderItem {
  return (params, api) => {
    const cell = cells[params.dataIndex];
    if (!cell) return null;
    const [cx = 0, cy = 0] = api.coord([cell.x, cell.y]) as number[];
    const [w = 1, h = 1] = api.size?.([1, 1]) as number[];
    const gap = w > 8 ? 1 : 0;
    // The square root, so that a few errors of many can be seen beside the diagonal; a dot is seen only if it is strong.
    const heat = Math.max(w < 5 ? 0.4 : 0, Math.sqrt(cell.share));
    const ends = cell.truth === cell.predicted ? colours.heatRight : colours.heatWrong;
    const text = shown === "counts" ? count(cell.count) : `${(100 * cell.share).toFixed(cell.share < 0.0995 ? 1 : 0)}`;
    const children: object[] = [
      {
        type: "rect",
        shape: { x: cx - w / 2 + gap, y: cy - h / 2 + gap, width: Math.max(1, w - 2 * gap), height: Math.max(1, h - 2 * gap) },
        style: { fill: mix(ends[0], ends[1], heat) },
      },
    ];
    const size = w >= 7 * text.length + 4 ? 12 : 10;
    if (h >= 14 && w >= 5.6 * text.length + 1)
      children.push({
        type: "text",
        style: { text, x: cx, y: cy, align: "center", verticalAlign: "middle", fontSize: size,
          fill: heat > 0.55 ? (dark ? "#0c1a26" : "#ffffff") : colours.text },
      });
    return { type: "group", children } as ReturnType<RenderItem>;
  };
}

function place(matrix: Matrix, order: readonly number[], shown: Shown): DrawnCell[] {
  const at = new Array<number>(order.length);
  order.forEach((position, i) => (at[position] = i));
  return matrix.cells.map((cell) => {
    const total = (shown === "column" ? matrix.columnTotal[cell.predicted] : matrix.rowTotal[cell.truth]) ?? 0;
    return { ...cell, x: at[cell.predicted] ?? 0, y: at[cell.truth] ?? 0, share: total ? cell.count / total : 0 };
  });
}

function tooltipText(matrix: Matrix, byPair: ReadonlyMap<string, number>, cell: DrawnCell): string {
  const name = (i: number) => drawnName(matrix.classes[i] ?? "");
  const line = (t: number, p: number) => {
    const n = byPair.get(`${t} ${p}`) ?? 0;
    return `${name(t)} predicted as ${name(p)}: ${count(n)}, ${percent(n / (matrix.rowTotal[t] || 1))} of the class`;
  };
  if (cell.truth === cell.predicted) return `${line(cell.truth, cell.predicted)}\n(right)`;
  const both = (byPair.get(`${cell.truth} ${cell.predicted}`) ?? 0) + (byPair.get(`${cell.predicted} ${cell.truth}`) ?? 0);
  return `${line(cell.truth, cell.predicted)}\n${line(cell.predicted, cell.truth)}\nboth ways: ${count(both)}`;
}

function option(matrix: Matrix, order: readonly number[], cells: readonly DrawnCell[], shown: Shown, colours: Colours): EChartsCoreOption {
  const names = order.map((i) => matrix.classes[i] ?? "");
  const byPair = new Map(matrix.cells.map((cell) => [`${cell.truth} ${cell.predicted}`, cell.count]));
  const slanted = names.length > SLANTED_FROM;
  // The room for the names is measured here: left to the chart it is found after it was decided how many names fit.
  const beside = widestText(names, BESIDE_MOST) + 4;
  const above = widestText(names, ABOVE_MOST) + 4;
  const height = slanted ? Math.ceil(above * Math.sin(SLANT) + 12) : 18;
  const axis = {
    type: "category",
    data: names,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colours.line } },
    nameLocation: "middle",
    nameTextStyle: { color: colours.muted },
    splitArea: { show: false },
  };
  // Without a line height it is guessed from the width of a Chinese sign, which not every machine has.
  const label = { color: colours.text, lineHeight: 14, hideOverlap: true, overflow: "truncate", ...(names.length <= 30 ? { interval: 0 } : {}) };
  const dark = colours.panel !== "#ffffff";
  const roam = { type: "inside", filterMode: "filter", ...roaming(names.length, true) };
  return {
    grid: { left: beside + 36, right: slanted ? Math.ceil(above * Math.cos(SLANT)) : 10, top: height + 26, bottom: 8 },
    tooltip: {
      formatter: (hovered: { dataIndex: number }) => {
        const cell = cells[hovered.dataIndex];
        return cell ? tooltipText(matrix, byPair, cell) : "";
      },
    },
    xAxis: { ...axis, position: "top", name: "predicted", nameGap: height + 10,
      axisLabel: { ...label, width: ABOVE_MOST, rotate: slanted ? (-SLANT * 180) / Math.PI : 0 } },
    yAxis: { ...axis, inverse: true, name: "true", nameGap: beside + 16, axisLabel: { ...label, width: BESIDE_MOST } },
    dataZoom: [
      { ...roam, xAxisIndex: 0 },
      { ...roam, yAxisIndex: 0 },
    ],
    series: [
      {
        type: "custom",
        renderItem: draw(cells, shown, colours, dark),
        encode: { x: 0, y: 1 },
        data: cells.map((cell) => [cell.x, cell.y]),
        progressive: 4000,
        clip: true,
      },
    ],
  };
}

function windowsOf(chart: ECharts): Stretch[] {
  return (chart.getOption() as { dataZoom?: Stretch[] }).dataZoom ?? [];
}

const isWhole = (windows: readonly Stretch[]) => windows.every(({ start, end }) => start <= 0 && end >= 100);

/** A matrix that is whole leaves a finger to the page, and a small one the wheel: who scrolls by must not be held. */
function roaming(classes: number, whole: boolean): { disabled: boolean; moveOnMouseMove: boolean; preventDefaultMouseMove: boolean } {
  return { disabled: whole && classes <= MANY, moveOnMouseMove: !whole, preventDefaultMouseMove: !whole };
}

export function ConfusionMatrix({ report, filter }: { report: Report; filter: Filter }) {
  const [shown, setShown] = useState<Shown>("counts");
  const [sort, setSort] = useState<MatrixOrder>("class");
  const [inSight, setInSight] = useState("");
  const project = useProject();
  const chart = useRef<ECharts | null>(null);
  const whole = useRef(true);
  const matrix = useMemo(() => readMatrix(report), [report]);
  const classes = useRef(0);
  classes.current = matrix.classes.length;
  const followZoom = (made: ECharts) => {
    const now = isWhole(windowsOf(made));
    if (now === whole.current) return;
    whole.current = now;
    const roam = roaming(classes.current, now);
    made.setOption({ dataZoom: [roam, roam] });
  };
  const order = useMemo(() => matrixOrder(matrix, sort), [matrix, sort]);
  const cells = useMemo(() => place(matrix, order, shown), [matrix, order, shown]);
  const name = (i: number) => matrix.classes[i] ?? "";
  const columns: Column<DrawnCell>[] = [
    { name: "true", value: (cell) => name(cell.truth) },
    { name: "predicted", value: (cell) => name(cell.predicted) },
    { name: "count", value: (cell) => cell.count, show: (cell) => count(cell.count), numeric: true },
    { name: "share of the true class", value: (cell) => cell.count / (matrix.rowTotal[cell.truth] || 1), numeric: true,
      show: (cell) => percent(cell.count / (matrix.rowTotal[cell.truth] || 1)) },
  ];
  const open = (cell: DrawnCell | undefined) => {
    if (!cell) return;
    const other = matrix.other ? matrix.classes.length - 1 : -1;
    if (cell.truth !== other && cell.predicted !== other)
      toSamples(filter, { true: name(cell.truth), predicted: name(cell.predicted) });
    else if (!isReport())
      toSamples(otherSamples(filter, project.classes.map((one) => one.name), cell.truth === other ? null : name(cell.truth), cell.predicted === other ? null : name(cell.predicted)));
  };
  const rangeText = (stretch: Stretch) => {
    const [first, last] = classesWithin(stretch, order.length);
    return `${name(order[first] ?? 0)} to ${name(order[last] ?? 0)}`;
  };
  const press = (key: string): boolean => {
    const [across, down] = chart.current ? windowsOf(chart.current) : [];
    const next = across && down && afterKey(key, across, down);
    if (!next) return false;
    chart.current?.dispatchAction({
      type: "dataZoom",
      batch: next.map(({ start, end }, dataZoomIndex) => ({ dataZoomIndex, start, end })),
    });
    setInSight(isWhole(next) ? "All classes are in sight" : `True ${rangeText(next[1])}, predicted ${rangeText(next[0])}`);
    return true;
  };
  const zooms = matrix.classes.length > SLANTED_FROM;
  return (
    <Chart
      title="Confusion matrix"
      fileName="confusion-matrix"
      note="A row is a true class, a column what was predicted."
      hint={`Click a cell for its samples; ${matrix.classes.length > MANY ? "" : "zoomed in, "}the wheel zooms, dragging pans.${zooms ? ` With the keyboard: ${MATRIX_KEYS}.` : ""}`}
      option={(colours) => option(matrix, order, cells, shown, colours)}
      inputs={[matrix, order, cells, shown]}
      columns={columns}
      rows={cells}
      height={Math.max(320, Math.min(720, 110 + 34 * matrix.classes.length))}
      onReady={(made) => {
        chart.current = made;
        made.on("datazoom", () => followZoom(made));
      }}
      onDrawn={() => (whole.current = true)}
      onPick={(mark) => open(cells[mark.index])}
      onPickRow={open}
      {...(zooms ? { keys: { told: MATRIX_KEYS, press } } : {})}
      controls={
        <>
          <label>
            <span className="hidden">Cells show</span>
            <select value={shown} onChange={(event) => setShown(event.target.value as Shown)}>
              <option value="counts">counts</option>
              <option value="row">% of the true class</option>
              <option value="column">% of the predicted class</option>
            </select>
          </label>
          <label>
            <span className="hidden">Order of the classes</span>
            <select value={sort} onChange={(event) => setSort(event.target.value as MatrixOrder)}>
              <option value="class">in class order</option>
              <option value="support">largest first</option>
              <option value="error">most errors first</option>
            </select>
          </label>
          <span className="hidden" role="status">
            {inSight}
          </span>
          {zooms && (
            <span className="zoom" role="group" aria-label="Zoom">
              <button type="button" aria-label="Zoom out" onClick={() => press("-")}>
                −
              </button>
              <button type="button" aria-label="Zoom in" onClick={() => press("+")}>
                +
              </button>
              <button type="button" aria-label="Whole matrix" onClick={() => press("0")}>
                Whole
              </button>
            </span>
          )}
        </>
      }
    />
  );
}
