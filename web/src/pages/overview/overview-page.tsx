// What the model is worth, class by class, and what goes with its errors.
import { AddDataButton } from "../../parts/add-data-button";
import { Empty, Failed, Loading, WhenThere } from "../../parts/states";
import { useProject } from "../../state/project";
import { withoutConditions } from "../../state/samples";
import { filterText, go, useView } from "../../state/view";
import { Calibration } from "./calibration";
import { ClassCurves } from "./class-curves";
import { ClassScores } from "./class-scores";
import { ConfusedPairs } from "./confused-pairs";
import { ConfusionMatrix } from "./confusion-matrix";
import { useEvaluation, type Report } from "./evaluation";
import { LabelPlan } from "./label-plan";
import { MetricImportance } from "./metric-importance";
import { ScoreCards } from "./score-cards";
import "./overview.css";

function Warnings({ report }: { report: Report }) {
  if (!report.warnings?.length) return null;
  return (
    <section className="card warnings" aria-label="Warnings">
      <ul>
        {report.warnings.map((warning, i) => (
          <li key={i}>{warning.message}</li>
        ))}
      </ul>
    </section>
  );
}

function NothingScored({ report }: { report: Report }) {
  const { filter } = useView();
  const whole = withoutConditions(filter);
  const narrowed = filterText(filter) !== filterText(whole);
  return (
    <Empty
      title="Nothing to score"
      action={
        narrowed ? (
          <button type="button" onClick={() => go({ filter: whole })}>
            Clear the filter
          </button>
        ) : undefined
      }
    >
      {report.warnings?.map((warning, i) => <p key={i}>{warning.message}</p>)}
    </Empty>
  );
}

export default function OverviewPage() {
  const project = useProject();
  const { filter } = useView();
  const model = project.models.find((one) => one.name === filter.model) ?? project.models[0];
  const wanted = Boolean(model) && project.labelled > 0;
  const { first, rest } = useEvaluation(filter, wanted);

  if (!model)
    return (
      <Empty title="No predictions yet" action={<AddDataButton kind="predictions">Add predictions</AddDataButton>}>
        Add those of a model: <code>assay add predictions {project.path} FILE</code>
      </Empty>
    );
  if (project.labelled === 0)
    return (
      <Empty title="No labels yet" action={<AddDataButton kind="labels">Add labels</AddDataButton>}>
        Without labels nothing can be right or wrong: <code>assay add labels {project.path} FILE</code>
      </Empty>
    );
  return (
    <WhenThere reply={first} what="Evaluating">
      {(report) => report.scored === 0 ? <NothingScored report={report} /> : (
        <div className="grid">
          <ScoreCards report={report} rest={rest.data}
            coming={rest.failure ? null : model.has_probabilities ? "probabilities" : model.has_confidence ? "confidences" : null} />
          <Warnings report={report} />
          <div className="two-thirds">
            <ConfusionMatrix report={report} filter={filter} />
          </div>
          <div className="third">
            <ConfusedPairs report={report} filter={filter} />
          </div>
          <ClassScores report={report} filter={filter} />
          {report.metrics && report.metrics.length > 0 && <MetricImportance metrics={report.metrics} />}
          {model.has_probabilities && (
            <div className="half tall">
              <ClassCurves report={report} filter={filter} />
            </div>
          )}
          {rest.failure && <Failed failure={rest.failure} retry={rest.retry} />}
          {!rest.data && !rest.failure && model.has_confidence && (
            <div className="half tall">
              <Loading what="Calibration" />
            </div>
          )}
          {rest.data?.calibration && (
            <div className={rest.stale ? "half tall stale" : "half tall"}>
              <Calibration calibration={rest.data.calibration} filter={filter} />
            </div>
          )}
          <LabelPlan filter={filter} />
        </div>
      )}
    </WhenThere>
  );
}
