// How many samples have each label.
import { AddDataButton } from "../../parts/add-data-button";
import { Chart } from "../../parts/chart";
import type { Column } from "../../parts/data-table";
import { count, counted, percent } from "../../parts/numbers";
import { Empty } from "../../parts/states";
import { useProject } from "../../state/project";
import { andWhere, sqlText, toSamples } from "../../state/samples";
import type { Colours } from "../../state/theme";
import { go, useView } from "../../state/view";

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

function option(rows: readonly Row[], colours: Colours) {
  const many = rows.length > 60;
  const even = rows.reduce((sum, row) => sum + row.labelled, 0) / Math.max(1, rows.length);
  return {
    grid: { left: 64, right: 20, top: 16, bottom: many ? 60 : 90 },
    xAxis: {
      type: "category",
      data: rows.map((row) => row.name),
      axisLabel: { color: colours.muted, rotate: rows.length > 8 ? 40 : 0, width: 110, overflow: "truncate", hideOverlap: true },
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
    },
    yAxis: { type: "value", axisLabel: { color: colours.muted }, splitLine: { lineStyle: { color: colours.line } } },
    dataZoom: many ? [{ type: "inside" }, { type: "slider", height: 18, bottom: 8 }] : [],
    tooltip: {
      trigger: "item",
      formatter: (item: { dataIndex: number }) => {
        const row = rows[item.dataIndex];
        return row ? `${row.name}\n${count(row.labelled)} samples, ${percent(row.share)}` : "";
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
          label: { formatter: "even", position: "insideEndTop", color: colours.muted },
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
  const show = (row: Row) => toSamples(andWhere(filter, `label = ${sqlText(row.name)}`));
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
                : `${largest.name} has ${(largest.labelled / smallest.labelled).toFixed(1)} times as many samples as ${smallest.name}.`}{" "}
            </>
          )}
          {without > 0 && (
            <button type="button" className="link" onClick={() => go({ page: "explorer", choice: { outcome: "unlabelled" } })}>
              {count(without)} samples have no label.
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
