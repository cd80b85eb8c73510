// The confusion matrix as a list of its non-zero cells, in the order in which it is drawn.
import type { Filter } from "../../api/generated/workbench";
import { andWhere, sqlText } from "../../state/samples";
import type { Report } from "./evaluation";

export interface Cell {
  /** Positions in `classes`. */
  truth: number;
  predicted: number;
  count: number;
}

export interface Matrix {
  classes: string[];
  cells: Cell[];
  rowTotal: number[];
  columnTotal: number[];
  /** Whether the last row and column are all classes that are not shown. */
  other: boolean;
}

export type MatrixOrder = "class" | "support" | "error";

/** What the row and column are called that the names of the reply leave out. */
export const OTHER = "other classes";

export function readMatrix(report: Report): Matrix {
  const { confusion } = report;
  const other = "classes" in confusion && confusion.other;
  const classes: string[] = "classes" in confusion ? [...confusion.classes, ...(other ? [OTHER] : [])] : [...report.classes];
  const cells: Cell[] = [];
  if ("classes" in confusion)
    confusion.counts.forEach((row, truth) =>
      row.forEach((count, predicted) => count > 0 && cells.push({ truth, predicted, count })),
    );
  else for (const [truth, predicted, count] of confusion.counts.sparse) cells.push({ truth, predicted, count });
  const rowTotal = new Array<number>(classes.length).fill(0);
  const columnTotal = new Array<number>(classes.length).fill(0);
  for (const cell of cells) {
    rowTotal[cell.truth] = (rowTotal[cell.truth] ?? 0) + cell.count;
    columnTotal[cell.predicted] = (columnTotal[cell.predicted] ?? 0) + cell.count;
  }
  return { classes, cells, rowTotal, columnTotal, other };
}

/** Positions of the classes in the order asked for; the row of all others stays last. */
export function matrixOrder(matrix: Matrix, order: MatrixOrder): number[] {
  const last = matrix.other ? matrix.classes.length - 1 : matrix.classes.length;
  const positions = Array.from({ length: last }, (_, i) => i);
  const right = new Map(matrix.cells.filter((c) => c.truth === c.predicted).map((c) => [c.truth, c.count]));
  const total = (i: number) => matrix.rowTotal[i] ?? 0;
  const error = (i: number) => (total(i) === 0 ? -1 : 1 - (right.get(i) ?? 0) / total(i));
  if (order === "support") positions.sort((a, b) => total(b) - total(a) || a - b);
  if (order === "error") positions.sort((a, b) => error(b) - error(a) || a - b);
  return matrix.other ? [...positions, last] : positions;
}

function oneOf(column: string, names: readonly string[], not = ""): string {
  return `${column} ${not}IN (${names.map(sqlText).join(", ")})`;
}

/** The samples of a cell in the row or column of all classes that are not shown; null: that row or column. */
export function otherSamples(filter: Filter, all: readonly string[], truth: string | null, predicted: string | null): Filter {
  const shown = filter.classes ?? [];
  const hidden = all.filter((name) => !shown.includes(name));
  const side = (column: string, name: string | null) => {
    if (name !== null) return `${column} = ${sqlText(name)}`;
    return shown.length < hidden.length ? oneOf(column, shown, "NOT ") : oneOf(column, hidden);
  };
  const narrowed = andWhere(filter, `${side("label", truth)} AND ${side("prediction", predicted)}`);
  // A list of some classes has no sample that is of none of them.
  return truth === null && predicted === null ? { ...narrowed, classes: [] } : narrowed;
}

/** A stretch of an axis, in percent. */
export interface Stretch {
  start: number;
  end: number;
}

const WHOLE: Stretch = { start: 0, end: 100 };

/** Made `factor` times as long about its middle. */
export function zoomed({ start, end }: Stretch, factor: number): Stretch {
  const length = Math.min(100, Math.max(0.5, (end - start) * factor));
  const from = Math.min(100 - length, Math.max(0, (start + end) / 2 - length / 2));
  return { start: from, end: from + length };
}

/** Moved by a share of its own length, as far as there is something. */
export function panned({ start, end }: Stretch, share: number): Stretch {
  const length = end - start;
  const from = Math.min(100 - length, Math.max(0, start + share * length));
  return { start: from, end: from + length };
}

const STEP = 0.25;
type Move = (across: Stretch, down: Stretch) => [Stretch, Stretch];

const closer: Move = (across, down) => [zoomed(across, 0.5), zoomed(down, 0.5)];
const MOVES: ReadonlyMap<string, Move> = new Map<string, Move>([
  ["ArrowLeft", (across, down) => [panned(across, -STEP), down]],
  ["ArrowRight", (across, down) => [panned(across, STEP), down]],
  ["ArrowUp", (across, down) => [across, panned(down, -STEP)]],
  ["ArrowDown", (across, down) => [across, panned(down, STEP)]],
  ["+", closer],
  ["=", closer], // the same key without Shift
  ["-", (across, down) => [zoomed(across, 2), zoomed(down, 2)]],
  ["Home", (across, down) => [panned(across, -Infinity), panned(down, -Infinity)]],
  ["End", (across, down) => [panned(across, Infinity), panned(down, Infinity)]],
  ["0", () => [WHOLE, WHOLE]],
]);

export const MATRIX_KEYS = "plus and minus zoom, arrows pan, Home and End go to the first and the last classes, 0 shows all";

/** What of the matrix is in sight after a key; null: the key does nothing here. */
export function afterKey(key: string, across: Stretch, down: Stretch): [Stretch, Stretch] | null {
  return MOVES.get(key)?.(across, down) ?? null;
}

/** The first and the last of `count` classes that a stretch shows, from 0. */
export function classesWithin({ start, end }: Stretch, count: number): [number, number] {
  const at = (percent: number) => Math.round((percent / 100) * (count - 1));
  return [at(start), at(end)];
}
