// ROC and precision–recall curves of chosen classes.
import type { EChartsCoreOption } from "echarts/core";
import { useState } from "react";
import { address } from "../../api/client";
import type { Curves, Filter } from "../../api/generated/workbench";
import { useReply } from "../../api/use-reply";
import { CheckList } from "../../filter/check-list";
import { Chart } from "../../parts/chart";
import type { Column } from "../../parts/data-table";
import { Popover } from "../../parts/popover";
import { fixed, intervalText } from "../../parts/score";
import { WhenThere } from "../../parts/states";
import { toSamples } from "../../state/samples";
import type { Colours } from "../../state/theme";
import { filterText } from "../../state/view";
import type { Report } from "./evaluation";

type Kind = "roc" | "pr";
type Curve = Curves["curves"][number];
interface PointRow {
  class: string;
  x: number;
  y: number;
}

const DRAWN_MOST = 8; // as many as there are colours to tell apart
const DASHES = ["solid", "dashed", "dotted"] as const;

function option(curves: readonly Curve[], kind: Kind, colours: Colours): EChartsCoreOption {
  const axis = {
    type: "value",
    min: 0,
    max: 1,
    nameLocation: "middle",
    nameTextStyle: { color: colours.muted },
    axisLabel: { color: colours.muted },
    splitLine: { lineStyle: { color: colours.line } },
  };
  const name = (curve: Curve) => {
    const area = kind === "roc" ? curve.auroc : curve.average_precision;
    return `${curve.class}  ${fixed(area.value)} ${intervalText(area)}`;
  };
  return {
    grid: { left: 30, right: 16, top: 10, bottom: 40 + 24 * Math.ceil((curves.length + 1) / 2), containLabel: true },
    legend: { left: 0, right: 0, bottom: 0, itemWidth: 18, textStyle: { color: colours.text, width: 200, overflow: "truncate" } },
    tooltip: {
      formatter: (hovered: { seriesName: string; value: number[] }) =>
        `${hovered.seriesName}\n${kind === "roc" ? "false-positive rate" : "recall"} ${fixed(hovered.value[0])}\n` +
        `${kind === "roc" ? "true-positive rate" : "precision"} ${fixed(hovered.value[1])}`,
    },
    xAxis: { ...axis, name: kind === "roc" ? "false-positive rate" : "recall", nameGap: 26 },
    yAxis: { ...axis, name: kind === "roc" ? "true-positive rate" : "precision", nameGap: 34 },
    series: [
      ...curves.map((curve, i) => ({
        type: "line",
        id: curve.class,
        name: name(curve),
        data: kind === "roc" ? curve.roc : curve.pr,
        symbolSize: 5,
        showSymbol: false,
        triggerLineEvent: true,
        ...(kind === "pr" ? { step: "end" } : {}),
        lineStyle: { width: 2, color: colours.series[i % 8], type: DASHES[i % 3] },
        itemStyle: { color: colours.series[i % 8] },
      })),
      ...(kind === "roc"
        ? [{ type: "line", name: "chance", silent: true, showSymbol: false, data: [[0, 0], [1, 1]],
            lineStyle: { color: colours.muted, type: "dotted", width: 1 }, itemStyle: { color: colours.muted } }]
        : []),
    ],
  };
}

function worst(report: Report, many: number): string[] {
  return [...report.per_class]
    .filter((row) => row.support > 0)
    .sort((a, b) => (a.f1.value ?? 2) - (b.f1.value ?? 2))
    .slice(0, many)
    .map((row) => row.class);
}

export function ClassCurves({ report, filter }: { report: Report; filter: Filter }) {
  const [picked, setPicked] = useState<string[] | null>(null);
  const [kind, setKind] = useState<Kind>("pr");
  const names = report.per_class.map((row) => row.class);
  const chosen = (picked ?? worst(report, 4)).filter((name) => names.includes(name));
  const reply = useReply<Curves>(
    chosen.length ? address("/api/curves", { filter: filterText(filter), class: chosen }) : null,
  );
  const controls = (
    <>
      <label>
        <span className="hidden">Curve</span>
        <select value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
          <option value="pr">precision–recall</option>
          <option value="roc">ROC</option>
        </select>
      </label>
      <Popover label={`${chosen.length} classes`}>
        {() => (
          <CheckList
            label="classes"
            items={names.map((name) => ({ name }))}
            chosen={new Set(chosen)}
            onChange={(next) => setPicked(names.filter((name) => next.has(name)).slice(0, DRAWN_MOST))}
          />
        )}
      </Popover>
    </>
  );
  if (chosen.length === 0) return null;
  return (
    <WhenThere reply={reply} what="Ranking the samples of each class">
      {(data) => {
        const rows: PointRow[] = data.curves.flatMap((curve) =>
          (kind === "roc" ? curve.roc : curve.pr).map(([x = 0, y = 0]) => ({ class: curve.class, x, y })),
        );
        const columns: Column<PointRow>[] = [
          { name: "class", value: (row) => row.class },
          { name: kind === "roc" ? "false-positive rate" : "recall", value: (row) => row.x, numeric: true },
          { name: kind === "roc" ? "true-positive rate" : "precision", value: (row) => row.y, numeric: true },
        ];
        return (
          <Chart
            title={kind === "roc" ? "ROC curves" : "Precision–recall curves"}
            fileName={`curves-${kind}`}
            note={`Each class against all others, at most ${DRAWN_MOST}; beside its name the area and its interval. Click a curve for the class's false negatives.`}
            option={(colours) => option(data.curves, kind, colours)}
            inputs={[data, kind]}
            columns={columns}
            rows={rows}
            height={400}
            onPick={(mark) => mark.seriesId && toSamples(filter, { outcome: "fn", class: mark.seriesId })}
            onPickRow={(row) => toSamples(filter, { outcome: "fn", class: row.class })}
            controls={controls}
          />
        );
      }}
    </WhenThere>
  );
}
