// Which classes are mixed up in the labels.
import type { Suspects } from "../../api/generated/workbench";
import { DataTable, type Column } from "../../parts/data-table";
import { count, percent } from "../../parts/numbers";
import { Empty } from "../../parts/states";
import { andWhere, sqlText, toSamples } from "../../state/samples";
import { useView } from "../../state/view";

type Noise = Suspects["noise"][number];
type Overlap = Suspects["overlap"][number];

const NOISE: readonly Column<Noise>[] = [
  { name: "Labelled", value: (row) => row.given },
  { name: "Truly", value: (row) => row.truly },
  { name: "Share", value: (row) => row.probability, show: (row) => percent(row.probability, 2), numeric: true, title: "Of the samples labelled so, estimated" },
  { name: "Samples", value: (row) => row.samples ?? null, show: (row) => (row.samples === undefined ? null : count(row.samples)), numeric: true, title: "How many that are, estimated" },
];
const OVERLAP: readonly Column<Overlap>[] = [
  { name: "Class", value: (row) => row.first },
  { name: "And", value: (row) => row.second },
  { name: "Share", value: (row) => row.share, show: (row) => percent(row.share, 2), numeric: true, title: "Of all samples, both ways" },
];

export function LabelPairs({ found }: { found: Suspects }) {
  const { filter } = useView();
  const cell = ({ given, truly }: Noise) => toSamples(filter, { true: given, predicted: truly });
  const both = ({ first, second }: Overlap) => {
    const pair = `(${sqlText(first)}, ${sqlText(second)})`;
    toSamples(andWhere(filter, `label IN ${pair} AND prediction IN ${pair}`), { outcome: "wrong" });
  };
  if (found.noise.length === 0 && found.overlap.length === 0)
    return (
      <Empty title="No classes are mixed up">
        {found.basis === "embedding" && <p>Only probabilities of a model can tell which.</p>}
      </Empty>
    );
  return (
    <div className="grid">
      <section className="card half">
        <h2>Labels that stand for another class</h2>
        <p className="note">Of the samples with the first label, the share that seems to be the second class, estimated from the probabilities. Click a label for those that the model takes for the second class.</p>
        <DataTable columns={NOISE} rows={found.noise} caption="Labels that stand for another class" onPick={cell}
          rowLabel={(row) => `${row.given}, truly ${row.truly}: see the samples`} />
      </section>
      <section className="card half">
        <h2>Classes labelled as each other</h2>
        <p className="note">Both directions together, estimated. A pair that stands out may be two names of one thing. Click a class for the samples of one that the model takes for the other.</p>
        <DataTable columns={OVERLAP} rows={found.overlap} caption="Classes labelled as each other" onPick={both}
          rowLabel={(row) => `${row.first} and ${row.second}: see the samples`} />
      </section>
    </div>
  );
}
