// The scores of the whole, each with its interval.
import type { Score } from "../../api/generated/workbench";
import { count, counted } from "../../parts/numbers";
import { fixed, intervalText } from "../../parts/score";
import type { Report } from "./evaluation";

interface CardText {
  name: string;
  score: Score | undefined;
  title: string;
}

function mainScores(report: Report): CardText[] {
  return [
    { name: "Accuracy", score: report.accuracy, title: "Share of samples that are predicted right" },
    { name: "Mean precision", score: report.macro.precision, title: "Mean over the classes of: predicted as it, how many are it" },
    { name: "Mean recall", score: report.macro.recall, title: "Mean over the classes of: of all that are it, how many are found" },
    { name: "Mean F1", score: report.macro.f1, title: "Mean over the classes of precision's and recall's harmonic mean" },
  ];
}

function otherScores(report: Report, rest: Report | null): CardText[] {
  const all = { ...report, ...(rest ?? {}) } as Report;
  const cards: CardText[] = [
    { name: "Balanced accuracy", score: all.balanced_accuracy, title: "Mean recall over the classes that occur" },
    { name: "Weighted F1", score: all.weighted?.f1, title: "Mean F1, classes weighted by their samples" },
    { name: "MCC", score: all.mcc, title: "Matthews correlation of truth and prediction, −1 to 1" },
    { name: "Cohen’s κ", score: all.kappa, title: "Agreement beyond chance" },
    { name: "AUROC", score: all.auroc?.macro, title: "Mean area under the ROC curves, one class against the rest" },
    { name: "Average precision", score: all.average_precision?.macro, title: "Mean area under the precision–recall curves" },
    { name: "Top-2", score: all.top_k?.["2"], title: "The right class is among the 2 most probable" },
    { name: "Top-5", score: all.top_k?.["5"], title: "The right class is among the 5 most probable" },
    { name: "Log loss", score: all.log_loss, title: "Mean −ln of the right class's probability; less is better" },
    { name: "Brier", score: all.brier, title: "Mean squared distance of the probabilities to the truth; less is better" },
    { name: "AURC", score: all.aurc, title: "Area under the risk–coverage curve; less is better" },
  ];
  return cards.filter((card) => card.score && card.score.value !== null);
}

/** The scores that are still being computed: their places are kept, so that nothing moves when they come. */
function comingScores(report: Report, shown: readonly CardText[], probabilities: boolean): CardText[] {
  const classes = report.classes.length;
  const names = probabilities
    ? [...(classes > 1 ? ["AUROC"] : []), "Average precision", ...(classes > 2 ? ["Top-2"] : []), ...(classes > 5 ? ["Top-5"] : []), "Log loss", "Brier", "AURC"]
    : ["AURC"];
  return names
    .filter((name) => !shown.some((card) => card.name === name))
    .map((name) => ({ name, score: undefined, title: "Being computed" }));
}

function Card({ card, large }: { card: CardText; large?: boolean }) {
  const { score } = card;
  const weak = score?.few || score?.undefined;
  return (
    <div className={large ? "score-card large" : "score-card"} title={`${card.title}${weak ? ". Few samples: it says little" : ""}`}>
      <dt>{card.name}</dt>
      <dd>
        <span className="value">{score ? fixed(score.value) : "…"}</span>
        {score ? (
          <span className="interval">{intervalText(score)}{weak ? " *" : ""}</span>
        ) : (
          <span className="interval coming" aria-hidden="true">0.000–0.000</span>
        )}
      </dd>
    </div>
  );
}

/** `coming`: what the rest, which is not there yet, will be of. */
export function ScoreCards({ report, rest, coming }: { report: Report; rest: Report | null; coming: "probabilities" | "confidences" | null }) {
  const there = otherScores(report, rest);
  const others = rest || !coming ? there : [...there, ...comingScores(report, there, coming === "probabilities")];
  const few = [...mainScores(report), ...others].some((card) => card.score?.few);
  return (
    <section className="card scores" aria-label="Scores">
      <dl className="score-row">
        {mainScores(report).map((card) => (
          <Card key={card.name} card={card} large />
        ))}
      </dl>
      <dl className="score-row small">
        {others.map((card) => (
          <Card key={card.name} card={card} />
        ))}
      </dl>
      <p className="faint">
        {counted(report.scored ?? report.samples, "sample")} with a label and a prediction
        {report.missing && report.missing.label + report.missing.prediction > 0 &&
          `; in no score: ${count(report.missing.label)} without a label, ${count(report.missing.prediction)} without a prediction`}
        . Beside each number its 95 % interval.{few && " * few samples: it says little."}
      </p>
    </section>
  );
}
