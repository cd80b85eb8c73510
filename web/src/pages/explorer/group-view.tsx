// Wrong samples put together, so that one cause is seen once.
import { DuplicateGroups } from "./duplicate-groups";
import { SimilarityGroups } from "./similarity-view";

export function GroupView({ by }: { by: "duplicates" | "similarity" }) {
  return <div className="groups">{by === "duplicates" ? <DuplicateGroups /> : <SimilarityGroups />}</div>;
}
