// The pairs of classes that are mistaken for each other most: one way, or both ways summed.
import { useState } from "react";
import type { Filter } from "../../api/generated/workbench";
import { DataTable } from "../../parts/data-table";
import { count, percent } from "../../parts/numbers";
import { andWhere, sqlText, toSamples } from "../../state/samples";
import type { Report } from "./evaluation";

export function ConfusedPairs({ report, filter }: { report: Report; filter: Filter }) {
  const [both, setBoth] = useState(false);
  const pairs = both ? report.confusion.top_pairs_both_ways : report.confusion.top_pairs;
  return (
    <section className="card" aria-label="Most confused pairs">
      <header>
        <h2>Most confused pairs</h2>
        <div className="chart-tools">
          <button type="button" aria-pressed={!both} onClick={() => setBoth(false)}>
            One way
          </button>
          <button type="button" aria-pressed={both} onClick={() => setBoth(true)}>
            Both ways
          </button>
        </div>
      </header>
      {pairs.length === 0 ? (
        <p className="faint">No class is mistaken for another.</p>
      ) : (
        <DataTable
          caption="Most confused pairs"
          rows={pairs}
          columns={[
            { name: both ? "one" : "true", value: (pair) => pair.true },
            { name: both ? "other" : "predicted", value: (pair) => pair.predicted },
            { name: "samples", value: (pair) => pair.count, show: (pair) => count(pair.count), numeric: true },
            { name: "share", title: both ? "of all samples of the two classes" : "of the true class", value: (pair) => pair.share, show: (pair) => percent(pair.share), numeric: true },
          ]}
          rowLabel={(pair) => `Samples of ${pair.true} and ${pair.predicted}`}
          onPick={(pair) => {
            const [a, b] = [sqlText(pair.true), sqlText(pair.predicted)];
            if (!both) toSamples(filter, { true: pair.true, predicted: pair.predicted });
            else toSamples(andWhere(filter, `label IN (${a}, ${b}) AND prediction IN (${a}, ${b})`), { outcome: "wrong" });
          }}
        />
      )}
    </section>
  );
}
