// What is estimated of all labels, from what, and what was decided so far.
import { useState } from "react";
import { ApiFailure, download } from "../../api/client";
import type { Suspects } from "../../api/generated/workbench";
import { Figures, type Figure } from "../../parts/figures";
import { count, percent } from "../../parts/numbers";
import { Popover } from "../../parts/popover";

export function BasisWords({ basis }: { basis: Suspects["basis"] }) {
  if (basis === "embedding")
    return (
      <p className="note">
        From the <strong>embedding</strong>: labels that disagree with those of similar images. The project has no probabilities to
        compare them with.
      </p>
    );
  return (
    <p className="note">
      From the model’s <strong>probabilities</strong>. They must come from a model that did not train on these samples: a model repeats
      the labels that it has seen, right or wrong, and then the list is too short and the health too good.
    </p>
  );
}

function Export({ decided }: { decided: number }) {
  const [failure, setFailure] = useState<string | null>(null);
  const save = (form: "csv" | "jsonl") =>
    download("GET", `/api/export/decisions?form=${form}`, `decisions.${form}`).then(
      () => setFailure(null),
      (reason: unknown) => setFailure(reason instanceof ApiFailure ? reason.message : String(reason)),
    );
  return (
    <>
      <Popover label="Export the decisions" disabled={decided === 0}>
        {(close) => (
          <div className="outcomes">
            {(["csv", "jsonl"] as const).map((form) => (
              <button
                key={form}
                type="button"
                className="option"
                onClick={() => {
                  void save(form);
                  close();
                }}
              >
                {form === "csv" ? "CSV" : "JSON lines"}
              </button>
            ))}
          </div>
        )}
      </Popover>
      {failure && <p role="alert">{failure}</p>}
    </>
  );
}

export function LabelSummary({ found, counts }: { found: Suspects; counts: Suspects["decided"] }) {
  const decided = counts.accept + counts.dismiss;
  const figures: Figure[] = [
    { name: "Suspects", value: count(found.count) },
    { name: "Accepted", value: count(counts.accept), title: "The label is wrong, the suggested one is right" },
    { name: "Dismissed", value: count(counts.dismiss), title: "The label is right" },
  ];
  if (found.health !== null)
    figures.unshift({ name: "Health", value: percent(found.health, 2), title: "The estimated share of labels that are right" });
  return (
    <section className="card label-summary" aria-label="Summary">
      <Figures figures={figures} />
      <BasisWords basis={found.basis} />
      <Export decided={decided} />
    </section>
  );
}
