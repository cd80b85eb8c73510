// The points of ROC and PR curves: the one under the pointer, and the samples that it counts.
import type { Curves } from "../../api/generated/workbench";
import { ABOVE_ALL } from "../../filter/outcome-words";
import { keptApart } from "../../parts/numbers";

export type Kind = "roc" | "pr";
export type Curve = Curves["curves"][number];

export interface CurvePoint {
  class: string;
  x: number;
  y: number;
  /** Who is as probable is called the class; null: nobody is. */
  threshold: number | null;
}

export function pointsOf(curve: Curve, kind: Kind): CurvePoint[] {
  return curve[kind].map(([x, y, threshold]) => ({ class: curve.class, x: x ?? 0, y: y ?? 0, threshold: threshold ?? null }));
}

function named(curves: readonly Curve[]): string {
  return curves.map((curve) => keptApart(curve.class)).join(", ");
}

/** Of curves that are none, or no line, why; "": all are lines. */
export function whatIsNotDrawn(curves: readonly Curve[], kind: Kind): string {
  const none = curves.filter((curve) => curve[kind].length === 0);
  const single = curves.filter((curve) => curve[kind].length === 1);
  const why =
    kind === "roc" ? "it takes samples that are of the class and samples that are not" : "no sample with a probability is of the class";
  const parts = [];
  if (none.length > 0) parts.push(`No curve of ${named(none)}: ${why}.`);
  if (single.length > 0) parts.push(`A single point of ${named(single)}: the first threshold already finds all of its samples.`);
  return parts.join(" ");
}

/**
 * What a point leads to: those that are called the class and are not; where there are none, those that are missed; else
 * those that are found. The Explorer's picker has the other two.
 */
export function samplesOf(point: CurvePoint, kind: Kind): { outcome: string; class: string; threshold: string } {
  const called = kind === "roc" ? point.x > 0 : point.y < 1;
  const missed = kind === "roc" ? point.y < 1 : point.x < 1;
  // String() gives the fewest digits that are this very number again.
  return { outcome: called ? "fp" : missed ? "fn" : "tp", class: point.class, threshold: String(point.threshold ?? ABOVE_ALL) };
}

/** Where a chart draws (0, 0) and (1, 1), in pixels. */
export interface Place {
  origin: readonly [number, number];
  far: readonly [number, number];
}

const REACH = 30; // pixels

/** The point nearest to a pixel, as indices of its curve and in it; null: none is near. */
export function nearestPoint(
  curves: readonly (readonly CurvePoint[])[], place: Place, at: readonly [number, number], reach = REACH,
): [number, number] | null {
  const { origin, far } = place;
  let least = reach * reach;
  let nearest: [number, number] | null = null;
  curves.forEach((points, c) =>
    points.forEach((point, p) => {
      const dx = origin[0] + point.x * (far[0] - origin[0]) - at[0];
      const dy = origin[1] + point.y * (far[1] - origin[1]) - at[1];
      const distance = dx * dx + dy * dy;
      if (distance > least || (distance === least && nearest)) return;
      least = distance;
      nearest = [c, p];
    }),
  );
  return nearest;
}
