// Which samples are selected. By their numbers, so a new order or another page changes nothing; or all that match, unnamed.
export interface Selection {
  all: boolean;
  samples: ReadonlySet<number>;
  /** Where a range begins: an index in the list. */
  anchor: number | null;
}

export const NOTHING: Selection = { all: false, samples: new Set(), anchor: null };
export const RANGE_MOST = 10_000;

export function only(sample: number, index: number): Selection {
  return { all: false, samples: new Set([sample]), anchor: index };
}

export function toggled(selection: Selection, sample: number, index: number): Selection {
  const samples = new Set(selection.all ? [] : selection.samples);
  if (!samples.delete(sample)) samples.add(sample);
  return { all: false, samples, anchor: index };
}

export function withRange(selection: Selection, samples: readonly number[], adding: boolean): Selection {
  const before = adding && !selection.all ? selection.samples : [];
  return { all: false, samples: new Set([...before, ...samples]), anchor: selection.anchor };
}

export function everything(): Selection {
  return { all: true, samples: new Set(), anchor: null };
}

/** First and last index of the range from the anchor to `index`; null: more than a range may hold. */
export function rangeOf(selection: Selection, index: number): [number, number] | null {
  const anchor = selection.anchor ?? index;
  const first = Math.min(anchor, index);
  const last = Math.max(anchor, index);
  return last - first < RANGE_MOST ? [first, last] : null;
}

export function isSelected(selection: Selection, sample: number): boolean {
  return selection.all || selection.samples.has(sample);
}

export function selectedCount(selection: Selection, matching: number): number {
  return selection.all ? matching : selection.samples.size;
}
