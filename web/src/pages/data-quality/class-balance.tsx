// How many samples have each label.
import { AddDataButton } from "../../parts/add-data-button";
import { Chart } from "../../parts/chart";
import type { Column } from "../../parts/data-table";
import { count, counted, drawnName, percent } from "../../parts/numbers";
import { Empty } from "../../parts/states";
import { useProject } from "../../state/project";
import { sqlText, toSamples, withoutConditions } from "../../state/samples";
import type { Colours } from "../../state/theme";
import { useView } from "../../state/view";

interface Row {
  name: string;
  labelled: number;
  share: number;
}

const COLUMNS: readonly Column<Row>[] = [
  { name: "Class", value: (row) => row.name },
  { name: "Samples", value: (row) => row.labelled, show: (row) => count(row.labelled), numeric: true },
  { name: "Share", value: (row) => row.share, show: (row) => percent(row.share, 2), numeric: true },
];

/** 14.0, 1.04: never 1 of two that differ by a hundredth. */
function times(ratio: number): string {
  return ratio.toFixed(ratio < 1.1 ? 2 : 1);
}

/** More bars than these are moved through with the slider below; the wheel stays the page's. */
const DRAWN_MOST = 40;

function option(rows: readonly Row[], colours: Colours) {
  const many = rows.length > DRAWN_MOST;
  const slanted = rows.length > 8;
  const even = rows.reduce((sum, row) => sum + row.labelled, 0) / Math.max(1, rows.length);
  return {
    grid: { left: slanted ? 64 : 8, right: 44, top: 16, bottom: many ? 40 : 8, containLabel: true },
    xAxis: {
      type: "category",
      data: rows.map((row) => row.name),
      axisLabel: { color: colours.muted, rotate: slanted ? 40 : 0, width: 110, overflow: "truncate", interval: 0, hideOverlap: true },
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
    },
    yAxis: { type: "value", axisLabel: { color: colours.muted }, splitLine: { lineStyle: { color: colours.line } } },
    dataZoom: many ? [{ type: "slider", height: 18, bottom: 8, startValue: 0, endValue: DRAWN_MOST - 1, showDetail: false, brushSelect: false }] : [],
    tooltip: {
      trigger: "item",
      formatter: (item: { dataIndex: number }) => {
        const row = rows[item.dataIndex];
        return row ? `${drawnName(row.name)}\n${counted(row.labelled, "sample")}, ${percent(row.share)}` : "";
      },
    },
    series: [
      {
        id: "classes",
        type: "bar",
        itemStyle: { color: colours.series[0] },
        data: rows.map((row) => row.labelled),
        markLine: {
          silent: true,
          symbol: "none",
          label: { formatter: "even", position: "end", color: colours.muted },
          lineStyle: { color: colours.muted, type: "dashed" },
          data: [{ yAxis: even }],
        },
      },
    ],
  };
}

export function ClassBalance() {
  const project = useProject();
  const { filter } = useView();
  if (project.labelled === 0)
    return (
      <Empty title="No labels yet" action={<AddDataButton kind="labels">Add labels</AddDataButton>}>
        <p>
          Add them: <code>assay add labels {project.path} FILE</code>
        </p>
      </Empty>
    );
  const rows: Row[] = project.classes
    .map((one) => ({ name: one.name, labelled: one.labelled, share: one.labelled / project.labelled }))
    .sort((a, b) => b.labelled - a.labelled);
  // What is counted here no filter acts on.
  const whole = withoutConditions(filter);
  const show = (row: Row) => toSamples({ ...whole, where: `label = ${sqlText(row.name)}` });
  const largest = rows[0];
  const smallest = rows[rows.length - 1];
  const without = project.samples - project.labelled;
  return (
    <Chart
      title="Class balance"
      note={
        <>
          Of the whole project, whatever the filter.{" "}
          {largest && smallest && smallest.labelled > 0 && largest.name !== smallest.name && (
            <>
              {largest.labelled === smallest.labelled
                ? `Every class has ${counted(largest.labelled, "sample")}.`
                : `${largest.name} has ${times(largest.labelled / smallest.labelled)} times as many samples as ${smallest.name}.`}{" "}
            </>
          )}
          {without > 0 && (
            <button type="button" className="link" onClick={() => toSamples(whole, { outcome: "unlabelled" })}>
              {counted(without, "sample has", "samples have")} no label.
            </button>
          )}
        </>
      }
      option={(colours) => option(rows, colours)}
      inputs={[project.classes]}
      columns={COLUMNS}
      rows={rows}
      height={380}
      onPick={(mark) => {
        const row = rows[mark.index];
        if (row) show(row);
      }}
      onPickRow={show}
      fileName="class-balance"
    />
  );
}
