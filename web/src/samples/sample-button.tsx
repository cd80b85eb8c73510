// A sample as a small card that leads to it.
import type { ReactNode } from "react";
import type { Sample } from "../api/generated/workbench";
import { go } from "../state/view";
import { Picture } from "./picture";
import { Verdict, verdictClass, verdictWords } from "./verdict";
import "./samples.css";

export function SampleButton({
  sample,
  pixels,
  value,
  caption,
  onOpen,
}: {
  sample: Sample;
  pixels: number;
  value?: string;
  /** Instead of label and prediction. */
  caption?: ReactNode;
  onOpen?: (sample: Sample) => void;
}) {
  const open = onOpen ?? (() => go({ page: "explorer", choice: { sample: sample.sample } }));
  return (
    <button
      type="button"
      className={`sample-card ${verdictClass(sample)}`}
      style={{ width: pixels + 14 }}
      title={sample.id}
      aria-label={`${sample.id}, ${verdictWords(sample)}`}
      onClick={() => open(sample)}
    >
      <Picture sample={sample} pixels={pixels} />
      {caption ?? <Verdict sample={sample} value={value} />}
    </button>
  );
}
