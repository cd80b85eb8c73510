// The first wrong samples of the list, put together by what each one is near to.
import { useMemo, useState } from "react";
import { count } from "../../parts/numbers";
import { Empty, Failed, Loading } from "../../parts/states";
import { useView } from "../../state/view";
import { SampleGroup } from "./sample-group";
import { groupBySimilarity, usualThreshold } from "./similarity-groups";
import { useNearWrong, WRONG_MOST } from "./use-near-wrong";

export function SimilarityGroups() {
  const { filter, choice } = useView();
  const { samples, total, near, done, failure, retry } = useNearWrong(filter, choice);
  const [chosen, setThreshold] = useState<number | null>(null);
  const threshold = chosen ?? usualThreshold(near);
  const groups = useMemo(
    () => (done ? groupBySimilarity(samples, near, threshold) : []),
    [done, samples, near, threshold],
  );
  if (failure) return <Failed failure={failure} retry={retry} />;
  if (!done)
    return <Loading what={samples.length ? `Looking around ${count(near.length)} of ${count(samples.length)} wrong samples` : "Listing the wrong samples"} />;
  if (samples.length === 0) return <Empty title="No wrong sample matches" />;
  const together = groups.filter((group) => group.items.length > 1);
  return (
    <>
      <div className="row group-tools">
        <label className="tool">
          <span className="faint">Similarity at least {threshold.toFixed(2)}</span>
          <input type="range" min={0} max={0.99} step={0.01} value={threshold} onChange={(event) => setThreshold(Number(event.target.value))} />
        </label>
        <p className="faint">
          {total > WRONG_MOST
            ? `The first ${count(WRONG_MOST)} of ${count(total)} wrong samples in this order, and the wrong ones near to each.`
            : `All ${count(total)} wrong samples.`}{" "}
          {count(together.length)} groups, {count(groups.length - together.length)} alone.
        </p>
      </div>
      {together.length === 0 && <Empty title="No two are that similar" />}
      {together.map((group) => (
        <SampleGroup
          key={group.items[0]?.sample}
          title={`${count(group.items.length)} alike, similarity ${group.least.toFixed(2)} or more to the first`}
          samples={group.items}
        />
      ))}
    </>
  );
}
