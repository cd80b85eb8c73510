// Files that could not be read, and why.
import { address } from "../../api/client";
import type { Unreadable as UnreadableReply } from "../../api/generated/workbench";
import { DataTable, type Column } from "../../parts/data-table";
import { count } from "../../parts/numbers";
import { Empty, WhenThere } from "../../parts/states";
import { useProject } from "../../state/project";
import { useReply } from "../../state/use-reply";
import { go } from "../../state/view";
import { NeedsMeasures } from "./needs";

type Row = UnreadableReply["samples"][number];

const MOST = 1000;
const COLUMNS: readonly Column<Row>[] = [
  { name: "Sample", value: (row) => row.sample.id },
  { name: "Reason", value: (row) => row.reason },
  { name: "Label", value: (row) => row.sample.label },
  { name: "Split", value: (row) => row.sample.split },
];

export function Unreadable() {
  const { has } = useProject();
  const reply = useReply<UnreadableReply>(has.measures ? address("/api/unreadable", { count: MOST }) : null);
  if (!has.measures) return <NeedsMeasures what="Unreadable files are found while measuring: they" />;
  return (
    <WhenThere reply={reply} what="Listing the unreadable files">
      {(found) =>
        found.count === 0 ? (
          <Empty title="Every image could be read" />
        ) : (
          <section className="card">
            <h2>Unreadable files</h2>
            <p className="note">
              {count(found.count)} of the project’s images could not be read{found.count > MOST && `; the first ${count(MOST)} are listed`}.
              They have no measures and count nowhere among them. The filter does not act on this list.
            </p>
            <DataTable columns={COLUMNS} rows={found.samples} caption="Unreadable files" onPick={(row) => go({ page: "explorer", choice: { sample: row.sample.sample } })} />
          </section>
        )
      }
    </WhenThere>
  );
}
