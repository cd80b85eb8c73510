// How a list lies as a grid: columns, rows, and where a row is when the whole is taller than a browser can scroll.
export const GAP = 8;
/** Browsers stop at about 17 million pixels (Firefox) and 33 million (Chromium). */
export const TALLEST = 12_000_000;

export interface GridShape {
  columns: number;
  cellWidth: number;
  rowHeight: number;
  rowCount: number;
}

export function gridShape(width: number, size: number, count: number, pictures: boolean): GridShape {
  const wanted = pictures ? size : Math.max(240, size);
  const columns = Math.max(1, Math.floor((width + GAP) / (wanted + GAP)));
  const cellWidth = Math.floor((width - GAP * (columns - 1)) / columns);
  // A card: its borders and padding (14), two lines of 17; and the picture, as high as it is wide.
  const text = 14 + 34;
  const cell = pictures ? cellWidth - 14 + text : text + 17;
  return { columns, cellWidth, rowHeight: Math.max(40, cell) + GAP, rowCount: Math.ceil(count / columns) };
}

/** Rows' pixels for each pixel of the scroll bar: 1 as long as the grid is no taller than it may be. */
export function scrollScale(totalHeight: number, viewHeight: number): number {
  if (totalHeight <= TALLEST) return 1;
  return (totalHeight - viewHeight) / (TALLEST - viewHeight);
}

/** Where to scroll so that a row is in sight, from `offset`; the least way. */
export function offsetShowing(row: number, shape: GridShape, offset: number, viewHeight: number): number {
  const top = row * shape.rowHeight;
  const bottom = top + shape.rowHeight - GAP;
  if (top < offset) return top;
  if (bottom > offset + viewHeight) return bottom - viewHeight;
  return offset;
}
