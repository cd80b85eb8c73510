// A chart with what belongs to every chart here: a title, a table of its numbers, saving, and a way to its samples.
import type { EChartsCoreOption, ECharts } from "echarts/core";
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { saveBlob } from "../api/client";
import { useTheme, type Colours } from "../state/theme";
import { csv, DataTable, type Column } from "./data-table";
import { core } from "./echarts";

export interface Mark {
  seriesId: string | undefined;
  name: string;
  index: number;
  value: unknown;
}

export interface ChartProps<Row> {
  title: string;
  /** One sentence: what it shows and how to read it. */
  note?: ReactNode;
  /** What a click does. */
  hint?: string;
  option: (colours: Colours) => EChartsCoreOption;
  /** What `option` depends on. */
  inputs: readonly unknown[];
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  height: number;
  onPick?: (mark: Mark) => void;
  /** From a row of the table to the same samples. */
  onPickRow?: (row: Row) => void;
  /** Called once with the drawn chart, for brushes and the like. */
  onReady?: (chart: ECharts) => void;
  /** Called after each drawing: what an option cannot say. */
  onDrawn?: (chart: ECharts) => void;
  /** A chart that keys move: which they are, and what each does; true: it did something. */
  keys?: { told: string; press: (key: string) => boolean };
  controls?: ReactNode;
  fileName: string;
}

interface ClickedMark {
  seriesId?: string;
  name: string;
  dataIndex: number;
  value: unknown;
}

function obey(event: KeyboardEvent, press: (key: string) => boolean): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !press(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
}

export function Chart<Row>(props: ChartProps<Row>) {
  const { title, note, hint, option, inputs, columns, rows, height, onPick, onPickRow, onReady, onDrawn, keys, controls, fileName } = props;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const ready = useRef(onReady);
  ready.current = onReady;
  const drawn = useRef(onDrawn);
  drawn.current = onDrawn;
  const [asTable, setAsTable] = useState(false);
  const { theme, colours } = useTheme();
  const id = useId();

  useEffect(() => {
    if (asTable || !box.current) return;
    const made = core.init(box.current, null, { renderer: "canvas" });
    chart.current = made;
    made.on("click", (clicked) => {
      const mark = clicked as unknown as ClickedMark;
      pick.current?.({ seriesId: mark.seriesId, name: mark.name, index: mark.dataIndex, value: mark.value });
    });
    ready.current?.(made);
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, [asTable]);

  useEffect(() => {
    // A tooltip of elements would need inline styles, which the page's policy forbids.
    const all = option(colours) as Record<string, unknown>;
    const tooltip = { renderMode: "richText", confine: true, backgroundColor: colours.panel, borderColor: colours.line,
      textStyle: { color: colours.text, fontSize: 12 }, ...(all.tooltip as object | undefined) };
    chart.current?.setOption(
      { animation: false, textStyle: { fontFamily: "system-ui, sans-serif", color: colours.text }, ...all, tooltip },
      { notMerge: true },
    );
    if (chart.current) drawn.current?.(chart.current);
  }, [asTable, theme, ...inputs]);

  const savePicture = () => {
    chart.current
      ?.renderToCanvas({ pixelRatio: 2, backgroundColor: colours.panel })
      .toBlob((blob) => blob && saveBlob(blob, `${fileName}.png`));
  };
  return (
    <section className="card chart" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {controls}
        <div className="chart-tools">
          <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? "Chart" : "Table"}
          </button>
          {!asTable && (
            <button type="button" onClick={savePicture} title="Save as a picture">
              PNG
            </button>
          )}
          <button type="button" title="Save the numbers"
            onClick={() => saveBlob(new Blob([csv(columns, rows)], { type: "text/csv" }), `${fileName}.csv`)}>
            CSV
          </button>
        </div>
      </header>
      {(note || hint) && (
        <p className="note">
          {note} {hint}
        </p>
      )}
      {asTable ? (
        <DataTable columns={columns} rows={rows} caption={title} {...(onPickRow ? { onPick: onPickRow } : {})} />
      ) : (
        <div
          ref={box}
          className="chart-box"
          style={{ height }}
          aria-label={`${title}. Its numbers: button Table.${keys ? ` Keys: ${keys.told}.` : ""}`}
          {...(keys ? { role: "application", tabIndex: 0, onKeyDown: (event: KeyboardEvent) => obey(event, keys.press) } : { role: "img" })}
        />
      )}
    </section>
  );
}
