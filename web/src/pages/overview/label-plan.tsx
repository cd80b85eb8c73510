// What to label next: the classes whose recall is known least.
import { address } from "../../api/client";
import type { Filter, Plan } from "../../api/generated/workbench";
import { DataTable } from "../../parts/data-table";
import { count } from "../../parts/numbers";
import { fixed, ScoreText } from "../../parts/score";
import { WhenThere } from "../../parts/states";
import { andWhere, sqlText, toSamples } from "../../state/samples";
import { useReply } from "../../state/use-reply";
import { filterText } from "../../state/view";

const HALF_WIDTH = 0.05;

export function LabelPlan({ filter }: { filter: Filter }) {
  const reply = useReply<Plan>(address("/api/plan", { filter: filterText(filter), half_width: HALF_WIDTH }));
  return (
    <section className="card" aria-label="What to label next">
      <header>
        <h2>What to label next</h2>
      </header>
      <p className="note">
        Classes by how wide their recall's interval is, and how many more labels narrow it to ±{100 * HALF_WIDTH} points.
      </p>
      <WhenThere reply={reply} what="Planning">
        {(plan) => (
          <DataTable
            caption="What to label next"
            rows={plan.classes}
            columns={[
              { name: "class", value: (row) => row.class },
              { name: "labelled", value: (row) => row.labelled, show: (row) => count(row.labelled), numeric: true },
              { name: "recall", value: (row) => row.recall.value, show: (row) => <ScoreText score={row.recall} />, numeric: true },
              { name: "±", value: (row) => row.half_width, show: (row) => fixed(row.half_width), numeric: true },
              { name: "label more", value: (row) => row.more, show: (row) => (row.more === null ? "–" : count(row.more)), numeric: true },
            ]}
            rowLabel={(row) => `Samples of ${row.class}`}
            onPick={(row) => toSamples(andWhere(filter, `label = ${sqlText(row.class)}`))}
          />
        )}
      </WhenThere>
    </section>
  );
}
