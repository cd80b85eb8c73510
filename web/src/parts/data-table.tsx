// A plain table that can be sorted by any column; also what every chart becomes when it is read as numbers.
import { useMemo, useState, type ReactNode } from "react";

export type Cell = string | number | null;

export interface Column<Row> {
  name: string;
  /** What is sorted and saved. */
  value: (row: Row) => Cell;
  /** What is shown; left out: the value. */
  show?: (row: Row) => ReactNode;
  numeric?: boolean;
  title?: string;
}

interface Order {
  column: number;
  descending: boolean;
}

function compare(a: Cell, b: Cell): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: Order | null): Row[] {
  const column = order && columns[order.column];
  if (!order || !column) return [...rows];
  const side = order.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const x = column.value(a);
    const y = column.value(b);
    // What is missing stays at the end, whichever way the rest runs.
    if (x === null || y === null) return compare(x, y);
    return side * compare(x, y);
  });
}

export function DataTable<Row>({
  columns,
  rows,
  caption,
  order: first = null,
  onPick,
  rowLabel,
  limit = 200,
}: {
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  caption: string;
  order?: Order | null;
  onPick?: (row: Row) => void;
  rowLabel?: (row: Row) => string;
  limit?: number;
}) {
  const [order, setOrder] = useState<Order | null>(first);
  const [all, setAll] = useState(false);
  const inOrder = useMemo(() => sorted(rows, columns, order), [rows, columns, order]);
  const shown = all ? inOrder : inOrder.slice(0, limit);
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={`${caption}, as a table`}>
      <table>
        <caption className="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column, i) => (
              <th
                key={column.name}
                scope="col"
                className={column.numeric ? "numeric" : undefined}
                aria-sort={order?.column === i ? (order.descending ? "descending" : "ascending") : "none"}
              >
                <button
                  type="button"
                  className="plain"
                  title={column.title}
                  onClick={() =>
                    setOrder({ column: i, descending: order?.column === i ? !order.descending : Boolean(column.numeric) })
                  }
                >
                  {column.name}
                  <span aria-hidden="true">{order?.column === i ? (order.descending ? " ↓" : " ↑") : ""}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, r) => (
            <tr key={r}>
              {columns.map((column, i) => {
                const content = column.show ? column.show(row) : column.value(row);
                return (
                  <td key={column.name} className={column.numeric ? "numeric" : undefined}>
                    {i === 0 && onPick ? (
                      <button type="button" className="link" aria-label={rowLabel?.(row)} onClick={() => onPick(row)}>
                        {content ?? "–"}
                      </button>
                    ) : (
                      (content ?? "–")
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {inOrder.length > shown.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {inOrder.length}
        </button>
      )}
    </div>
  );
}

function field(cell: Cell): string {
  const text = cell === null ? "" : String(cell);
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

export function csv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map((column) => field(column.name)).join(",")];
  for (const row of rows) lines.push(columns.map((column) => field(column.value(row))).join(","));
  return lines.join("\r\n") + "\r\n";
}
