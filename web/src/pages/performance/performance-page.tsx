// Where along a metric the model is good and where it is not.
import type { ECharts } from "echarts/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { address } from "../../api/client";
import type { Evaluation, Filter, Performance, Project } from "../../api/generated/workbench";
import { AddDataButton } from "../../parts/add-data-button";
import { Chart } from "../../parts/chart";
import type { Column } from "../../parts/data-table";
import { count, counted, metricTitle, number } from "../../parts/numbers";
import { ScoreText } from "../../parts/score";
import { Empty, WhenThere } from "../../parts/states";
import { andWhere, sqlText, toSamples, withRange } from "../../state/samples";
import { isReport } from "../../state/mode";
import { useProject } from "../../state/project";
import { useReply } from "../../state/use-reply";
import { filterText, go, useView } from "../../state/view";
import type { Report } from "../overview/evaluation";
import { Controls } from "./performance-controls";
import { binsWithin, performanceOption, rateName, type Axis } from "./performance-option";
import { chooseByTouch } from "./touch-range";
import "./performance.css";

type Bin = Performance["bins"][number];

/** The metric that tells most of errors, where none was chosen. */
function useMetric(project: Project, filter: Filter, chosen: string | undefined): string | undefined {
  const known = project.metrics.some((one) => one.name === chosen);
  const reply = useReply<Evaluation>(
    known || project.metrics.length === 0 || project.models.length === 0 ? null : address("/api/evaluation", { filter: filterText(filter), part: "first" }),
  );
  if (known) return chosen;
  const metrics = (reply.data?.evaluation as unknown as Report | undefined)?.metrics ?? [];
  const best = [...metrics].sort((a, b) => (b.importance.nats.value ?? -1) - (a.importance.nats.value ?? -1))[0];
  return best?.name ?? (reply.data || reply.failure ? project.metrics[0]?.name : undefined);
}

function samplesOf(filter: Filter, reply: Performance, bins: readonly Bin[]): Filter {
  const first = bins[0];
  const last = bins[bins.length - 1];
  if (!first || !last) return filter;
  const inside = withRange(filter, { metric: reply.metric, low: first.low, high: last.high });
  if (reply.of === "accuracy" || reply.class === null) return inside;
  return andWhere(inside, `${reply.of === "recall" ? "label" : "prediction"} = ${sqlText(reply.class)}`);
}

function Brushed({ reply, bins, filter }: { reply: Performance; bins: readonly Bin[]; filter: Filter }) {
  const first = bins[0];
  const last = bins[bins.length - 1];
  if (!first || !last) return <p className="faint">Drag across the chart to choose a range, or click a point.</p>;
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const right = bins.reduce((sum, bin) => sum + bin.correct, 0);
  return (
    <div className="row" role="status">
      <span>
        {metricTitle(reply.metric)} {number(first.low)} to {number(last.high)}: {count(right)} of {count(total)} right
      </span>
      {!isReport() && (
        <>
          <button type="button" className="primary" onClick={() => toSamples(samplesOf(filter, reply, bins))}>
            See these samples
          </button>
          <button type="button" onClick={() => toSamples(samplesOf(filter, reply, bins), { outcome: "wrong" })}>
            Only the wrong ones
          </button>
        </>
      )}
      {!isReport() && (
        <button type="button" onClick={() => go({ filter: withRange(filter, { metric: reply.metric, low: first.low, high: last.high }) })}>
          Make it a filter
        </button>
      )}
    </div>
  );
}

function Curve({ reply, filter, axis }: { reply: Performance; filter: Filter; axis: Axis }) {
  const [brushed, setBrushed] = useState<[number, number] | null>(null);
  useEffect(() => setBrushed(null), [reply, axis]);
  const columns: Column<Bin>[] = useMemo(
    () => [
      { name: "from", value: (bin) => bin.low, show: (bin) => number(bin.low), numeric: true },
      { name: "to", value: (bin) => bin.high, show: (bin) => number(bin.high), numeric: true },
      { name: "median", value: (bin) => bin.median, show: (bin) => number(bin.median), numeric: true },
      { name: "samples", value: (bin) => bin.count, show: (bin) => count(bin.count), numeric: true },
      { name: rateName(reply), value: (bin) => bin.rate.value, show: (bin) => <ScoreText score={bin.rate} />, numeric: true },
    ],
    [reply],
  );
  const latest = useRef({ reply, axis });
  latest.current = { reply, axis };
  const choose = (range: [number, number] | null | undefined) => {
    const { reply: now, axis: along } = latest.current;
    setBrushed(range ? binsWithin(now.bins, along, ...range) : null);
  };
  const armBrush = (chart: ECharts, brushType: "lineX" | false = "lineX") =>
    chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: { brushType, brushMode: "single" } });
  const onReady = (chart: ECharts) => {
    chart.on("brushEnd", (event) => choose((event as unknown as { areas: { coordRange?: [number, number] }[] }).areas[0]?.coordRange));
    chooseByTouch(chart, () => armBrush(chart), () => armBrush(chart, false), choose);
  };
  const chosen = brushed ? reply.bins.slice(brushed[0], brushed[1] + 1) : [];
  return (
    <div className="grid">
      <Chart
        title={`${metricTitle(reply.metric)}: ${rateName(reply)}`}
        fileName={`performance-${reply.metric}`}
        note={`${counted(reply.samples, "sample")} in ${counted(reply.bins.length, "bin")}${reply.missing ? `; ${count(reply.missing)} without a value are left out` : ""}. Band: 95 % interval. Dashed: over all of them. Grey: how many samples.`}
        option={(colours) => performanceOption(reply, axis, colours)}
        inputs={[reply, axis]}
        columns={columns}
        rows={reply.bins}
        height={440}
        onReady={onReady}
        onDrawn={(chart) => armBrush(chart)}
        onPick={(mark) => mark.index >= 0 && setBrushed([mark.index, mark.index])}
        onPickRow={(bin) => toSamples(samplesOf(filter, reply, [bin]))}
      />
      <section className="card" aria-label="Chosen range">
        <Brushed reply={reply} bins={chosen} filter={filter} />
      </section>
    </div>
  );
}

export default function PerformancePage() {
  const project = useProject();
  const { filter, choice } = useView();
  const metric = useMetric(project, filter, choice.metric);
  const of = choice.of ?? "accuracy";
  const reply = useReply<Performance>(
    metric && project.models.length > 0
      ? address("/api/performance", {
          filter: filterText(filter),
          metric,
          bins: choice.bins ?? 50,
          of,
          class: of === "accuracy" ? null : (choice.class ?? project.classes[0]?.name),
        })
      : null,
  );
  if (project.models.length === 0)
    return (
      <Empty title="No predictions yet" action={<AddDataButton kind="predictions">Add predictions</AddDataButton>}>
        Add those of a model: <code>assay add predictions {project.path} FILE</code>
      </Empty>
    );
  if (project.metrics.length === 0)
    return (
      <Empty title="No metrics yet" action={<AddDataButton kind="metrics">Add metrics</AddDataButton>}>
        Measure the images with <code>assay measure {project.path}</code>, or bring numbers along with{" "}
        <code>assay add metrics {project.path} FILE</code>
      </Empty>
    );
  return (
    <div className="grid">
      {metric && <Controls metric={metric} />}
      <WhenThere reply={reply} what="Sorting the samples by the metric">
        {(data) =>
          data.bins.length === 0 ? (
            <Empty title="No sample has a value of this metric">Choose another one, or another filter.</Empty>
          ) : (
            <Curve reply={data} filter={filter} axis={choice.axis === "bin" ? "bin" : "value"} />
          )
        }
      </WhenThere>
    </div>
  );
}
