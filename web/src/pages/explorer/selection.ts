// Which samples are selected. By their numbers, so a new order or another page changes nothing; or all that match, but for
// those that were taken out again.
export interface Selection {
  all: boolean;
  /** Those that are selected; of `all`, those that are not. */
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
  const samples = new Set(selection.samples);
  if (!samples.delete(sample)) samples.add(sample);
  return { all: selection.all, samples, anchor: index };
}

/**
 * With the samples of a range that begins at `first`. Where all are selected, the range takes its beginning's state: it is
 * taken out after its first one was; and it is taken out, too, where it is `adding` to nothing but all.
 */
export function withRange(selection: Selection, range: readonly number[], adding: boolean, first = range[0]): Selection {
  const { all, anchor } = selection;
  if (!all || (anchor === null && !adding)) {
    const before = adding ? selection.samples : [];
    return { all: false, samples: new Set([...before, ...range]), anchor };
  }
  const out = anchor === null || (first !== undefined && selection.samples.has(first));
  const samples = new Set(selection.samples);
  for (const sample of range)
    if (out) samples.add(sample);
    else samples.delete(sample);
  return { all, samples, anchor };
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
  return selection.all !== selection.samples.has(sample);
}

export function selectedCount(selection: Selection, matching: number): number {
  return selection.all ? Math.max(0, matching - selection.samples.size) : selection.samples.size;
}
