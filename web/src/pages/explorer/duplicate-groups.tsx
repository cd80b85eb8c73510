// Groups of duplicates with wrong samples in them.
import { useState } from "react";
import { address } from "../../api/client";
import type { Duplicates } from "../../api/generated/workbench";
import { count } from "../../parts/numbers";
import { Empty, WhenThere } from "../../parts/states";
import { useReply } from "../../state/use-reply";
import { filterText, useView } from "../../state/view";
import { Pager } from "../../parts/pager";
import { SampleGroup } from "./sample-group";

const PAGE = 50;

export function DuplicateGroups() {
  const { filter } = useView();
  const [from, setFrom] = useState(0);
  const reply = useReply<Duplicates>(
    address("/api/duplicates", { filter: filterText(filter), only: "wrong", from, count: PAGE }),
  );
  return (
    <WhenThere reply={reply} what="Finding duplicates among the wrong samples">
      {(found) =>
        found.count === 0 ? (
          <Empty title="No wrong sample has a duplicate" />
        ) : (
          <>
            <Pager from={found.from} size={PAGE} total={found.count} what="groups" onGo={setFrom} />
            {found.groups.map((group) => (
              <SampleGroup
                key={group.keep}
                title={`${count(group.samples.length)} ${group.kind === "equal" ? "equal" : "nearly equal"}`}
                samples={group.samples}
                members={group.samples.map((one) => one.sample)}
              />
            ))}
          </>
        )
      }
    </WhenThere>
  );
}
