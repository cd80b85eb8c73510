// One group: its samples side by side, the one that is kept marked.
import { useState } from "react";
import type { DuplicateGroup } from "../../api/generated/workbench";
import { count } from "../../parts/numbers";
import { SampleButton } from "../../samples/sample-button";
import { Verdict } from "../../samples/verdict";

const SHOWN = 12;

export function DuplicateCard({ group }: { group: DuplicateGroup }) {
  const [all, setAll] = useState(false);
  const shown = all ? group.samples : group.samples.slice(0, SHOWN);
  return (
    <div className="card duplicate">
      <p className="row">
        <strong>
          {count(group.samples.length)} {group.kind === "equal" ? "equal" : "nearly equal"}
        </strong>
        {group.kind === "near" && <span className="faint">strength {group.strength.toFixed(3)}</span>}
        {group.leakage && <span className="badge">leaks between splits</span>}
        {group.two_labels && <span className="badge">two labels</span>}
      </p>
      <ul className="sample-strip">
        {shown.map((sample) => (
          <li key={sample.sample}>
            <SampleButton
              sample={sample}
              pixels={104}
              caption={
                <>
                  <Verdict sample={sample} value={sample.split ?? undefined} />
                  <span className={sample.sample === group.keep ? "kept" : "kept faint"}>
                    {sample.sample === group.keep ? "● kept" : "○ copy"}
                  </span>
                </>
              }
            />
          </li>
        ))}
      </ul>
      {group.samples.length > shown.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {count(group.samples.length)}
        </button>
      )}
    </div>
  );
}
