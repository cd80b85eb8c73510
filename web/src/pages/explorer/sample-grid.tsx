// The samples as a virtual grid: only the rows in sight exist, whatever the length of the list.
import { defaultRangeExtractor, useVirtualizer, type Range, type Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, type KeyboardEvent, type MouseEvent, type RefObject } from "react";
import { number } from "../../parts/numbers";
import { GAP, gridShape, offsetShowing, scrollScale, TALLEST } from "./grid-shape";
import { gridAction, type GridAction } from "./keys";
import { SampleCell } from "./sample-cell";
import { isSelected, type Selection } from "./selection";
import { useBoxSize } from "./use-box-size";
import type { SampleList } from "./use-sample-list";

type Rows = Virtualizer<HTMLDivElement, Element>;

export interface Click {
  index: number;
  range: boolean;
  toggle: boolean;
}

/** Which sample each list was left at, for the way back to it. */
const places = new Map<string, number>();

function keepPlace(key: string, index: number): void {
  places.delete(key);
  places.set(key, index);
  if (places.size > 30) places.delete(places.keys().next().value as string);
}

export function SampleGrid({
  list,
  listKey,
  pictures,
  size,
  valueName,
  selection,
  focus,
  current,
  onClick,
  onAction,
}: {
  list: SampleList;
  listKey: string;
  pictures: boolean;
  size: number;
  valueName: string | undefined;
  selection: Selection;
  focus: number;
  current: number | null;
  onClick: (click: Click) => void;
  onAction: (action: GridAction) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useBoxSize(box);
  const count = list.count ?? 0;
  const shape = gridShape(width, size, count, pictures);
  const total = shape.rowCount * shape.rowHeight;
  const scale = scrollScale(total, height);
  const focusRow = Math.floor(focus / shape.columns);
  const grab = useRef(false);
  const focused = useRef(false);
  const inSight = useRef(false);
  const scaled = useRef(scale);
  scaled.current = scale;

  const rows = useVirtualizer<HTMLDivElement, Element>({
    count: shape.rowCount,
    getScrollElement: () => box.current,
    estimateSize: () => shape.rowHeight,
    overscan: 2,
    // The row with the focus always exists: keys go on from there, however far it was scrolled away.
    rangeExtractor: (range: Range) => {
      const inSight = defaultRangeExtractor(range);
      return focusRow >= range.count || inSight.includes(focusRow) ? inSight : [...inSight, focusRow].sort((a, b) => a - b);
    },
    observeElementOffset: (instance: Rows, tell) => watchOffset(instance, scaled, tell),
    scrollToFn: (offset, _how, instance) => instance.scrollElement?.scrollTo({ top: offset / scaled.current }),
  });
  useLayoutEffect(() => rows.measure(), [rows, shape.rowHeight, shape.rowCount]);

  const offset = rows.scrollOffset ?? 0;
  const firstRow = Math.floor(offset / shape.rowHeight);
  const lastRow = Math.ceil((offset + height) / shape.rowHeight);
  useEffect(() => {
    if (height > 0) list.want(firstRow * shape.columns, (lastRow + 1) * shape.columns - 1);
  }, [list, firstRow, lastRow, shape.columns, height]);

  // Another list begins at its top, or where it was left; other columns keep the same samples in sight.
  const known = list.count !== null;
  const top = useRef(0);
  useLayoutEffect(() => {
    top.current = places.get(listKey) ?? 0;
    return () => keepPlace(listKey, top.current);
  }, [listKey, known]);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || height === 0) return;
    let wanted = Math.floor(top.current / shape.columns) * shape.rowHeight;
    if (inSight.current) wanted = offsetShowing(focusRow, shape, wanted, height);
    element.scrollTop = wanted / scaled.current;
    // The focused sample is another element now.
    const at = document.activeElement;
    if (focused.current && (at === document.body || element.contains(at))) focusCell(element, focus);
  }, [listKey, known, shape.columns, shape.rowHeight]);
  useEffect(() => {
    top.current = firstRow * shape.columns;
    inSight.current = focusRow >= firstRow && focusRow < lastRow;
  }, [firstRow, lastRow, focusRow, shape.columns]);

  useLayoutEffect(() => {
    if (!grab.current) return;
    grab.current = false;
    const element = box.current;
    if (!element) return;
    const wanted = offsetShowing(focusRow, shape, element.scrollTop * scale, height);
    element.scrollTop = wanted / scale;
    focusCell(element, focus);
  }, [focus]);

  const onKeyDown = (event: KeyboardEvent) => {
    const place = { index: focus, count, columns: shape.columns, rows: Math.floor(height / shape.rowHeight) };
    const action = gridAction(event, place);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    grab.current = action.do === "move" && action.to !== focus;
    onAction(action);
  };
  const onMouse = (event: MouseEvent) => {
    const target = event.target as Element;
    const cell = target.closest<HTMLElement>("[data-index]");
    if (!cell) return;
    const toggle = event.ctrlKey || event.metaKey || target.closest("[data-tick]") !== null;
    onClick({ index: Number(cell.dataset.index), range: event.shiftKey, toggle });
    cell.focus({ preventScroll: true });
  };

  const shift = offset - offset / scale;
  return (
    <div
      ref={box}
      className={pictures ? "sample-grid" : "sample-grid words"}
      role="grid"
      aria-label="Samples"
      aria-multiselectable="true"
      aria-rowcount={shape.rowCount}
      aria-colcount={shape.columns}
      onFocus={() => (focused.current = true)}
      onBlur={(event) => (focused.current = event.relatedTarget === null)}
      onKeyDown={onKeyDown}
      onClick={onMouse}
    >
      <div role="presentation" className="grid-height" style={{ height: Math.min(total, TALLEST) }}>
        {rows.getVirtualItems().map((row) => (
          <div
            key={row.index}
            role="row"
            aria-rowindex={row.index + 1}
            className="grid-row"
            style={{
              height: shape.rowHeight - GAP,
              gridTemplateColumns: `repeat(${shape.columns}, ${shape.cellWidth}px)`,
              transform: `translateY(${row.index * shape.rowHeight - shift}px)`,
            }}
          >
            {Array.from({ length: Math.min(shape.columns, count - row.index * shape.columns) }, (_, column) => {
              const index = row.index * shape.columns + column;
              const sample = list.at(index);
              return (
                <SampleCell
                  key={column}
                  sample={sample}
                  index={index}
                  column={column}
                  pixels={shape.cellWidth - 14}
                  pictures={pictures}
                  value={sample && valueName ? number(sample.value) : undefined}
                  selected={sample !== undefined && isSelected(selection, sample.sample)}
                  current={sample !== undefined && sample.sample === current}
                  tabStop={index === focus}
                />
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

function focusCell(grid: HTMLElement, index: number): void {
  grid.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true });
}

type Tell = (offset: number, isScrolling: boolean) => void;

function watchOffset(instance: Rows, scale: RefObject<number>, tell: Tell): void | (() => void) {
  const element = instance.scrollElement;
  if (!element) return;
  let rest = 0;
  const onScroll = () => {
    tell(element.scrollTop * scale.current, true);
    window.clearTimeout(rest);
    rest = window.setTimeout(() => tell(element.scrollTop * scale.current, false), 150);
  };
  tell(element.scrollTop * scale.current, false);
  element.addEventListener("scroll", onScroll, { passive: true });
  return () => {
    window.clearTimeout(rest);
    element.removeEventListener("scroll", onScroll);
  };
}
