// How wide a text is drawn in a chart, in pixels: for the room beside an axis.
const FONT = "12px system-ui, sans-serif";
let context: CanvasRenderingContext2D | null = null;

export function textWidth(text: string): number {
  context ??= document.createElement("canvas").getContext("2d");
  if (!context) return 7 * text.length;
  context.font = FONT;
  return context.measureText(text).width;
}

/** Of the widest, and no more than `most`. */
export function widestText(texts: readonly string[], most: number): number {
  let widest = 0;
  for (const text of texts) {
    widest = Math.max(widest, textWidth(text));
    if (widest >= most) return most;
  }
  return Math.ceil(widest);
}
