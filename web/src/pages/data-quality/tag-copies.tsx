// Tags every sample of the groups shown but the one of each that is kept: so copies can be left out everywhere.
import { useState } from "react";
import { address, ApiFailure, get, send } from "../../api/client";
import type { Changed, Duplicates } from "../../api/generated/workbench";
import { Icon } from "../../parts/icon";
import { counted } from "../../parts/numbers";
import { useProjectState } from "../../state/project";
import { TagDialog } from "../../samples/tag-dialog";
import { copiesOf, inParts } from "./copies";

const GROUPS_A_PAGE = 200;
const SAMPLES_A_REQUEST = 5000;

type Query = Record<string, string | undefined>;

async function allCopies(query: Query, groups: number): Promise<number[]> {
  const found: Duplicates["groups"] = [];
  for (let from = 0; from < groups; from += GROUPS_A_PAGE)
    found.push(...(await get<Duplicates>(address("/api/duplicates", { ...query, from, count: GROUPS_A_PAGE }))).groups);
  return copiesOf(found);
}

export function TagCopies({ query, groups }: { query: Query; groups: number }) {
  const { refresh } = useProjectState();
  const [copies, setCopies] = useState<number[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ text: string; bad: boolean } | null>(null);

  const open = async () => {
    setBusy(true);
    try {
      setCopies(await allCopies(query, groups));
      setSaid(null);
    } catch (reason) {
      setSaid({ text: reason instanceof ApiFailure ? reason.message : String(reason), bad: true });
    }
    setBusy(false);
  };
  const tag = async (change: { add?: string[]; remove?: string[] }): Promise<string | null> => {
    try {
      for (const samples of inParts(copies ?? [], SAMPLES_A_REQUEST)) await send<Changed>("POST", "/api/tags", { ...change, samples });
      setSaid({ text: `${counted(copies?.length ?? 0, "copy", "copies")} ${change.add ? "tagged" : "without the tag"}.`, bad: false });
      refresh();
      return null;
    } catch (reason) {
      return reason instanceof ApiFailure ? reason.message : String(reason);
    }
  };
  return (
    <>
      <button type="button" disabled={busy || groups === 0} onClick={() => void open()}>
        <Icon name="tag" /> {busy ? "Collecting …" : "Tag all but the kept"}
      </button>
      <p className={said?.bad ? "bad" : "faint"} role="status" aria-live="polite">
        {said?.text}
      </p>
      {copies && <TagDialog selected={copies.length} onChange={tag} onClose={() => setCopies(null)} />}
    </>
  );
}
