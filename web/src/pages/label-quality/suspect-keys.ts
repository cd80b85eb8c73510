// The keys of the list of suspects.
import type { KeyLine } from "../../parts/key-help";

export type SuspectAction = "next" | "before" | "accept" | "dismiss" | "undo" | "open" | "help";

const KEYS: Record<string, SuspectAction> = {
  j: "next",
  ArrowDown: "next",
  k: "before",
  ArrowUp: "before",
  a: "accept",
  d: "dismiss",
  u: "undo",
  Enter: "open",
  "?": "help",
};

export function suspectAction(pressed: { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }): SuspectAction | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return null;
  return KEYS[pressed.key] ?? null;
}

/** Where a step leads: another suspect of the page, another page's first or last, or nowhere. */
export function step(
  at: number,
  side: 1 | -1,
  page: { from: number; size: number; held: number; total: number },
): { at: number; from: number } | null {
  const next = at + side;
  if (next >= 0 && next < page.held) return { at: next, from: page.from };
  if (side === 1 && page.from + page.held < page.total) return { at: 0, from: page.from + page.size };
  if (side === -1 && page.from > 0) return { at: page.size - 1, from: Math.max(0, page.from - page.size) };
  return null;
}

export const SUSPECT_KEYS: readonly KeyLine[] = [
  { keys: "j, ↓", does: "the next suspect" },
  { keys: "k, ↑", does: "the one before" },
  { keys: "a", does: "accept: the label is wrong, the suggested one is right" },
  { keys: "d", does: "dismiss: the label is right" },
  { keys: "u", does: "undo the last decision" },
  { keys: "Enter", does: "see the sample in the Explorer" },
  { keys: "?", does: "this list" },
];
