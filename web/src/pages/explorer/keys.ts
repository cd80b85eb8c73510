// What each key of the Explorer does, as data: the help dialog lists what the grid obeys.
import type { KeyLine } from "../../parts/key-help";

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export interface GridPlace {
  index: number;
  count: number;
  columns: number;
  /** Whole rows in sight. */
  rows: number;
}

export type GridAction =
  | { do: "move"; to: number; extend: boolean }
  | { do: "toggle" | "open" | "back" | "all" | "tag" | "help" | "search" };

const MOVES: Record<string, (at: GridPlace) => number> = {
  ArrowLeft: (at) => at.index - 1,
  ArrowRight: (at) => at.index + 1,
  ArrowUp: (at) => (at.index < at.columns ? at.index : at.index - at.columns),
  ArrowDown: (at) => (at.index + at.columns < at.count ? at.index + at.columns : lastRowOr(at)),
  Home: () => 0,
  End: (at) => at.count - 1,
  PageUp: (at) => Math.max(at.index % at.columns, at.index - at.columns * Math.max(1, at.rows)),
  PageDown: (at) => at.index + at.columns * Math.max(1, at.rows),
};

// Down from the row before the last goes to the last sample, where the last row is short.
function lastRowOr(at: GridPlace): number {
  const lastRow = Math.floor((at.count - 1) / at.columns);
  return Math.floor(at.index / at.columns) < lastRow ? at.count - 1 : at.index;
}

export function gridAction(pressed: Pressed, at: GridPlace): GridAction | null {
  if (pressed.altKey) return null;
  const move = MOVES[pressed.key];
  if (move) {
    if (at.count === 0) return null;
    const to = Math.max(0, Math.min(at.count - 1, move(at)));
    return { do: "move", to, extend: pressed.shiftKey };
  }
  if (pressed.key === " ") return { do: "toggle" };
  if (pressed.key === "Enter") return { do: "open" };
  return null;
}

/** Keys that work wherever the focus is, but in a field. */
export function pageAction(pressed: Pressed): GridAction | null {
  if (pressed.altKey) return null;
  if ((pressed.ctrlKey || pressed.metaKey) && pressed.key === "a") return { do: "all" };
  if (pressed.ctrlKey || pressed.metaKey) return null;
  if (pressed.key === "Escape") return { do: "back" };
  if (pressed.key === "a") return { do: "all" };
  if (pressed.key === "t") return { do: "tag" };
  if (pressed.key === "?") return { do: "help" };
  if (pressed.key === "/") return { do: "search" };
  return null;
}

export const KEY_HELP: readonly KeyLine[] = [
  { keys: "← → ↑ ↓", does: "go to another sample" },
  { keys: "Home, End", does: "the first, the last" },
  { keys: "Page Up, Page Down", does: "a screen up, a screen down" },
  { keys: "Space, Ctrl + click", does: "select, or take out of the selection" },
  { keys: "Shift + arrow, Shift + click", does: "select, or take out, from the last one to here" },
  { keys: "a", does: "select all that match; single ones can be taken out again" },
  { keys: "t", does: "tag what is selected, or take a tag off" },
  { keys: "Enter", does: "open the details" },
  { keys: "Escape", does: "close the details, then drop the selection" },
  { keys: "/", does: "choose the order" },
  { keys: "?", does: "this list" },
];
