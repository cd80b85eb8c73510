// Two models over the same samples: is the second one really better, and what did it change?
import { address } from "../../api/client";
import type { Compare, Filter, Project } from "../../api/generated/workbench";
import { AddDataButton } from "../../parts/add-data-button";
import { Chart } from "../../parts/chart";
import { DataTable, type Column } from "../../parts/data-table";
import { barsHeight, intervalBars, type IntervalBar } from "../../parts/interval-bars";
import { count, counted, percent, pValue } from "../../parts/numbers";
import { fixed, intervalText, ScoreText } from "../../parts/score";
import { Empty, WhenThere } from "../../parts/states";
import { toSamples } from "../../state/samples";
import { useProject } from "../../state/project";
import { useReply } from "../../state/use-reply";
import { filterText, go, useView } from "../../state/view";
import { dependsOnModel, missedOf, samplesOf, type Change } from "./changed-samples";
import "./compare.css";

type ClassRow = Compare["per_class"][number];
type ScoreRow = Compare["scores"][number];

function ModelSelect({ label, project, value, choice }: { label: string; project: Project; value: string; choice: string }) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => go({ choice: { [choice]: event.target.value } })}>
        {project.models.map((model) => (
          <option key={model.name}>{model.name}</option>
        ))}
      </select>
    </label>
  );
}

function Verdict({ reply }: { reply: Compare }) {
  const accuracy = reply.scores.find((one) => one.name === "accuracy");
  const difference = accuracy?.difference;
  if (!difference || difference.value === null) return null;
  const clear = difference.low != null && difference.high != null && (difference.low > 0 || difference.high < 0);
  return (
    <p className="verdict">
      {clear ? (
        <>
          <strong>{difference.value > 0 ? reply.b : reply.a}</strong> is more accurate by{" "}
          <strong>{(100 * Math.abs(difference.value)).toFixed(2)} points</strong>
        </>
      ) : (
        <strong>Neither is clearly more accurate</strong>
      )}{" "}
      <span className="faint">
        (B − A: {fixed(difference.value, 4)}, interval {intervalText(difference, 4)}; {P_METHODS[reply.p_method] ?? reply.p_method}: p {pValue(reply.p_value)})
      </span>
    </p>
  );
}

function Outcomes({ reply, filter }: { reply: Compare; filter: Filter }) {
  const { metrics } = useProject();
  const open = (change: Change) => {
    const of = samplesOf(change, filter, reply.a, reply.b, metrics);
    toSamples(of.filter, of.choice);
  };
  const all: { outcome: Change; name: string; text: string; n: number }[] = [
    { outcome: "fixed", name: "Fixed", text: "wrong in A, right in B", n: reply.fixed },
    { outcome: "broken", name: "Broken", text: "right in A, wrong in B", n: reply.broken },
    { outcome: "both_wrong", name: "Wrong in both", text: "hard, or the label is", n: reply.both_wrong },
    { outcome: "both_right", name: "Right in both", text: "", n: reply.both_right },
  ];
  return (
    <ul className="outcome-cards">
      {all.map((one) => (
        <li key={one.outcome}>
          <button type="button" onClick={() => open(one.outcome)}>
            <span className="value">{count(one.n)}</span>
            <span>{one.name}</span>
            <span className="faint">
              {percent(one.n / Math.max(1, reply.samples))} {one.text}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

const P_METHODS: Record<string, string> = { "mcnemar-mid-p": "McNemar, mid-p", "mcnemar-exact": "McNemar, exact" };

const SCORE_NAMES: Record<string, string> = {
  accuracy: "Accuracy",
  weighted_f1: "Weighted F1",
  micro_f1: "Micro F1",
  macro_precision: "Mean precision",
  macro_recall: "Mean recall",
  macro_f1: "Mean F1",
  balanced_accuracy: "Balanced accuracy",
  mcc: "MCC",
  kappa: "Cohen’s κ",
  auroc: "AUROC",
  average_precision: "Average precision",
  log_loss: "Log loss (less is better)",
  brier: "Brier (less is better)",
  aurc: "AURC (less is better)",
};

const scoreName = (name: string) => SCORE_NAMES[name] ?? name.replace(/_/g, " ").replace(/^./, (c) => c.toUpperCase());

function differenceBar(row: ClassRow): IntervalBar {
  return {
    name: row.class,
    value: row.difference.value,
    low: row.difference.low,
    high: row.difference.high,
    faded: row.p_adjusted === null || row.p_adjusted >= 0.05,
    note: `A ${fixed(row.a.value)}, B ${fixed(row.b.value)}; ${count(row.support)} samples; p ${pValue(row.p_adjusted)}`,
  };
}

function ClassDifferences({ reply, filter }: { reply: Compare; filter: Filter }) {
  const rows = [...reply.per_class].sort((x, y) => (x.difference.value ?? 0) - (y.difference.value ?? 0));
  const bars = rows.map(differenceBar);
  const columns: Column<ClassRow>[] = [
    { name: "class", value: (row) => row.class },
    { name: "samples", value: (row) => row.support, show: (row) => count(row.support), numeric: true },
    { name: "recall of A", value: (row) => row.a.value, show: (row) => <ScoreText score={row.a} />, numeric: true },
    { name: "recall of B", value: (row) => row.b.value, show: (row) => <ScoreText score={row.b} />, numeric: true },
    { name: "B − A", value: (row) => row.difference.value, show: (row) => <ScoreText score={row.difference} />, numeric: true },
    { name: "p, adjusted", value: (row) => row.p_adjusted, show: (row) => pValue(row.p_adjusted), numeric: true },
  ];
  const { metrics } = useProject();
  const open = (row: ClassRow | undefined) => {
    if (!row) return;
    const of = missedOf(row.class, filter, reply.a, reply.b, metrics);
    toSamples(of.filter, of.choice);
  };
  return (
    <Chart
      title="Recall of each class, B − A"
      fileName="recall-differences"
      note={`Right of 0: B finds more of the class. Pale: no more than chance would. Click a bar for what B ${dependsOnModel(filter, metrics) ? "alone " : ""}misses of the class.`}
      option={(colours) =>
        intervalBars(bars.map((bar) => ({ ...bar, colour: (bar.value ?? 0) < 0 ? colours.wrong : colours.correct })), "difference of recall", colours)
      }
      inputs={[reply]}
      columns={columns}
      rows={rows}
      height={barsHeight(bars)}
      onPick={(mark) => open(rows[mark.index])}
      onPickRow={open}
    />
  );
}

const scoreColumns: Column<ScoreRow>[] = [
  { name: "score", value: (row) => row.name, show: (row) => scoreName(row.name) },
  { name: "A", value: (row) => row.a.value, show: (row) => <ScoreText score={row.a} />, numeric: true },
  { name: "B", value: (row) => row.b.value, show: (row) => <ScoreText score={row.b} />, numeric: true },
  { name: "B − A", value: (row) => row.difference.value, show: (row) => <ScoreText score={row.difference} digits={4} />, numeric: true },
];

export default function ComparePage() {
  const project = useProject();
  const { filter, choice } = useView();
  const known = (name: string | null | undefined) => project.models.some((model) => model.name === name);
  // The model that the filter bar names is the one that is held against another.
  const named = known(filter.model) && choice.a !== filter.model ? filter.model : undefined;
  const other = (name: string | null | undefined) => project.models.find((model) => model.name !== name)?.name;
  const a = (known(choice.a) ? choice.a : other(choice.b ?? named ?? project.models[1]?.name)) ?? "";
  const b = (known(choice.b) ? choice.b : (named ?? other(a))) ?? "";
  const reply = useReply<Compare>(a && b && a !== b ? address("/api/compare", { filter: filterText({ ...filter, model: a }), a, b }) : null);
  if (project.models.length < 2)
    return (
      <Empty title="A comparison takes two models" action={<AddDataButton kind="predictions">Add predictions</AddDataButton>}>
        This project has {project.models.length === 1 ? "one" : "none"}. Add another:{" "}
        <code>assay add predictions {project.path} FILE --model NAME</code>
      </Empty>
    );
  return (
    <div className="grid">
      <div className="card row compare-controls">
        <ModelSelect label="A" project={project} value={a} choice="a" />
        <button type="button" onClick={() => go({ choice: { a: b, b: a } })} aria-label="Swap A and B">
          ⇄
        </button>
        <ModelSelect label="B" project={project} value={b} choice="b" />
      </div>
      {a === b ? (
        <Empty title="The same model twice">Choose two different ones.</Empty>
      ) : (
        <WhenThere reply={reply} what="Comparing">
          {(data) =>
            data.samples === 0 ? (
              <Empty title="Nothing to compare">No sample of the filter has a label and a prediction of both.</Empty>
            ) : (
              <div className="grid">
                <section className="card" aria-label="Which is better">
                  <Verdict reply={data} />
                  <Outcomes reply={data} filter={filter} />
                  <p className="faint">
                    Over the {counted(data.samples, "sample")} with a label and a prediction of both
                    {dependsOnModel(filter, project.metrics) ? "; where the filter looks at predictions, at those of A" : ""}.
                  </p>
                </section>
                <section className="card wide-half" aria-label="Scores">
                  <header>
                    <h2>Scores side by side</h2>
                  </header>
                  <DataTable caption="Scores side by side" columns={scoreColumns} rows={data.scores} />
                </section>
                <div className="wide-half">
                  <ClassDifferences reply={data} filter={filter} />
                </div>
              </div>
            )
          }
        </WhenThere>
      )}
    </div>
  );
}
