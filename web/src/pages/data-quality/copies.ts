// The samples of groups that would go if one of each were kept.
import type { DuplicateGroup } from "../../api/generated/workbench";

export function copiesOf(groups: readonly Pick<DuplicateGroup, "keep" | "samples">[]): number[] {
  const copies = new Set<number>();
  for (const group of groups) for (const one of group.samples) if (one.sample !== group.keep) copies.add(one.sample);
  return [...copies];
}

/** Lists of at most `most`: a request's body has a limit. */
export function inParts(samples: readonly number[], most: number): number[][] {
  const parts: number[][] = [];
  for (let at = 0; at < samples.length; at += most) parts.push(samples.slice(at, at + most));
  return parts;
}
