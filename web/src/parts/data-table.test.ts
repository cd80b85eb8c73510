import { describe, expect, it } from "vitest";
import { csv, sorted, type Column } from "./data-table";

interface Row {
  name: string;
  n: number | null;
}
const columns: Column<Row>[] = [
  { name: "name", value: (row) => row.name },
  { name: "n", value: (row) => row.n, numeric: true },
];
const rows: Row[] = [
  { name: "b", n: 2 },
  { name: 'say "a", b', n: null },
  { name: "a10", n: 10 },
  { name: "a9", n: -1 },
];

describe("a table", () => {
  it("is sorted by numbers and by names, what is missing always last", () => {
    const names = (column: number, descending: boolean) => sorted(rows, columns, { column, descending }).map((row) => row.n);
    expect(names(1, false)).toEqual([-1, 2, 10, null]);
    expect(names(1, true)).toEqual([10, 2, -1, null]);
    expect(names(0, false)).toEqual([-1, 10, 2, null]);
  });

  it("is saved as CSV whose texts may hold anything", () => {
    expect(csv(columns, rows.slice(0, 2))).toBe('name,n\r\nb,2\r\n"say ""a"", b",\r\n');
  });
});
