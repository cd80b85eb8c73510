// Offers to bring along what a page lacks; not in a report, which has no server.
import { openAddData, type DataKind } from "../state/add-data";
import { isReport } from "../state/mode";

export function AddDataButton({ kind, children }: { kind: DataKind; children: string }) {
  if (isReport()) return null;
  return (
    <button type="button" className="primary" aria-haspopup="dialog" onClick={() => openAddData(kind)}>
      {children}
    </button>
  );
}
