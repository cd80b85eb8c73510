// Samples that look alike, put together: the first of the list takes those near to it, the next that is left takes its own.
export interface Near<T> {
  item: T;
  similarity: number;
}

export interface Group<T> {
  items: T[];
  /** The least similarity to the first. */
  least: number;
}

/** `near[i]`: what is near to `items[i]`. Largest groups first; those of one size in the list's order. */
export function groupBySimilarity<T extends { sample: number }>(
  items: readonly T[],
  near: readonly (readonly Near<T>[])[],
  threshold: number,
): Group<T>[] {
  const taken = new Set<number>();
  const groups: Group<T>[] = [];
  items.forEach((item, i) => {
    if (taken.has(item.sample)) return;
    taken.add(item.sample);
    const group: Group<T> = { items: [item], least: 1 };
    for (const other of near[i] ?? []) {
      if (other.similarity < threshold || taken.has(other.item.sample)) continue;
      taken.add(other.item.sample);
      group.items.push(other.item);
      group.least = Math.min(group.least, other.similarity);
    }
    groups.push(group);
  });
  return groups.sort((a, b) => b.items.length - a.items.length);
}

/** Where to begin: three quarters of the samples have no other one as near. No similarity means the same in two projects. */
export function usualThreshold<T>(near: readonly (readonly Near<T>[])[]): number {
  const nearest = near.flatMap((list) => (list[0] ? [list[0].similarity] : [])).sort((a, b) => a - b);
  const at = nearest[Math.floor(0.75 * (nearest.length - 1))];
  return at === undefined ? 0.9 : Math.max(0, Math.min(0.99, Math.floor(at * 100) / 100));
}
