// One card of the grid. Clicks and keys are the grid's: a card only shows.
import { memo } from "react";
import type { Sample } from "../../api/generated/workbench";
import { Picture } from "../../samples/picture";
import { Verdict, verdictClass, verdictWords } from "../../samples/verdict";

export interface SampleCellProps {
  sample: Sample | undefined;
  index: number;
  column: number;
  pixels: number;
  pictures: boolean;
  value: string | undefined;
  selected: boolean;
  current: boolean;
  tabStop: boolean;
}

export const SampleCell = memo(function SampleCell(props: SampleCellProps) {
  const { sample, index, column, pixels, pictures, value, selected, current, tabStop } = props;
  const classes = ["cell", sample ? verdictClass(sample) : "coming", selected && "selected", current && "current"];
  return (
    <div
      role="gridcell"
      className={classes.filter(Boolean).join(" ")}
      data-index={index}
      tabIndex={tabStop ? 0 : -1}
      aria-colindex={column + 1}
      aria-selected={selected}
      aria-label={sample ? `${sample.id}, ${verdictWords(sample)}${value ? `, ${value}` : ""}` : "not loaded yet"}
      title={sample?.id}
    >
      {pictures && (sample ? <Picture sample={sample} pixels={pixels} /> : <span className="picture" />)}
      {sample && !pictures && <span className="cell-id">{sample.id}</span>}
      {sample && <Verdict sample={sample} value={value} />}
      <span className="cell-tick" data-tick="" aria-hidden="true">
        {selected ? "✓" : ""}
      </span>
    </div>
  );
});
