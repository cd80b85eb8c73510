// A finger that is drawn across a chart chooses a range of it; drawn up or down it scrolls the page, as everywhere.
import type { ECharts } from "echarts/core";

/** Less than so many pixels is a tap: the chart takes it as a click. */
const TAP = 8;

function valueAt(chart: ECharts, x: number): number {
  return (chart.convertFromPixel({ xAxisIndex: 0 }, x) as unknown as number) ?? 0;
}

/** `arm`, `disarm`: the mouse's way to choose a range, which would hold the page for a finger. */
export function chooseByTouch(chart: ECharts, arm: () => void, disarm: () => void, onRange: (range: [number, number] | null) => void): void {
  const box = chart.getDom();
  // The browser keeps what goes up and down, and says so with a pointercancel; what goes across comes here.
  box.style.touchAction = "pan-y";
  let from: number | null = null;
  let range: [number, number] | null = null;
  const draw = () =>
    chart.dispatchAction({ type: "brush", areas: range ? [{ brushType: "lineX", xAxisIndex: 0, coordRange: range }] : [] });
  const end = (taken: boolean) => {
    if (from === null) return;
    from = null;
    arm();
    if (range) {
      if (!taken) range = null;
      draw();
      onRange(range);
    }
    range = null;
  };
  const at = (event: PointerEvent) => event.clientX - box.getBoundingClientRect().left;
  box.addEventListener(
    "pointerdown",
    (event) => {
      if (event.pointerType !== "touch") return;
      disarm();
      from = at(event);
    },
    { capture: true },
  );
  box.addEventListener("pointermove", (event) => {
    if (from === null || event.pointerType !== "touch") return;
    const to = at(event);
    if (Math.abs(to - from) < TAP && !range) return;
    const ends = [valueAt(chart, from), valueAt(chart, to)];
    range = [Math.min(...ends), Math.max(...ends)];
    draw();
  });
  box.addEventListener("pointerup", () => end(true));
  box.addEventListener("pointercancel", () => end(false));
}
