// How the samples are shown: their order, their size, whether they are grouped.
import type { RefObject } from "react";
import type { Project } from "../../api/generated/workbench";
import { Icon } from "../../parts/icon";
import { metricTitle } from "../../parts/numbers";
import { go } from "../../state/view";

export const SIZE_LEAST = 72;
export const SIZE_MOST = 320;
const SIZE_USUAL = 132;

const KINDS: Record<Project["metrics"][number]["kind"], string> = {
  image: "Of the image",
  embedding: "Of the embedding",
  prediction: "Of the prediction",
  user: "Of the project",
};

type Choice = Readonly<Record<string, string>>;

export function sizeOf(choice: Choice): number {
  const size = Number(choice.size);
  return size >= SIZE_LEAST && size <= SIZE_MOST ? size : SIZE_USUAL;
}

function Order({ project, choice, field }: { project: Project; choice: Choice; field: RefObject<HTMLSelectElement | null> }) {
  const descending = choice.descending === "1";
  const kinds = [...new Set(project.metrics.map((metric) => metric.kind))];
  return (
    <>
      <label className="tool">
        <span className="faint">Order</span>
        <select ref={field} value={choice.sort ?? ""} onChange={(event) => go({ choice: { sort: event.target.value } })}>
          <option value="">as in the project</option>
          {kinds.map((kind) => (
            <optgroup key={kind} label={KINDS[kind]}>
              {project.metrics
                .filter((metric) => metric.kind === kind)
                .map((metric) => (
                  <option key={metric.name} value={metric.name}>
                    {metricTitle(metric.name)}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      <button
        type="button"
        disabled={!choice.sort}
        aria-pressed={descending}
        onClick={() => go({ choice: { descending: descending ? null : "1" } })}
      >
        {descending ? "↓ largest first" : "↑ smallest first"}
      </button>
    </>
  );
}

function Grouping({ project, choice }: { project: Project; choice: Choice }) {
  if (!project.has.predictions) return null;
  return (
    <label className="tool" title="Samples put together, so that one cause is seen once: the wrong ones, unless an outcome is chosen">
      <span className="faint">Group</span>
      <select value={choice.group ?? ""} onChange={(event) => go({ choice: { group: event.target.value } })}>
        <option value="">no</option>
        <option value="duplicates">wrong ones by duplicate</option>
        <option value="similarity" disabled={!project.has.embedding}>
          by similarity{project.has.embedding ? "" : " (no embedding)"}
        </option>
      </select>
    </label>
  );
}

export function ExplorerToolbar({
  project,
  choice,
  orderField,
  onHelp,
}: {
  project: Project;
  choice: Choice;
  orderField: RefObject<HTMLSelectElement | null>;
  onHelp: () => void;
}) {
  const like = choice.like !== undefined;
  return (
    <div className="explorer-tools">
      {like ? (
        <p className="like-title">
          Most like sample {choice.like}, the nearest first{" "}
          <button type="button" onClick={() => go({ choice: { like: null } })}>
            <Icon name="close" /> Back to the list
          </button>
        </p>
      ) : (
        <>
          {!choice.group && <Order project={project} choice={choice} field={orderField} />}
          <Grouping project={project} choice={choice} />
        </>
      )}
      <label className="tool size">
        <span className="faint">Size</span>
        <input
          type="range"
          min={SIZE_LEAST}
          max={SIZE_MOST}
          step={4}
          value={sizeOf(choice)}
          onChange={(event) => go({ choice: { size: event.target.value } }, { replace: true })}
        />
      </label>
      <button type="button" className="plain" onClick={onHelp} aria-label="Keys" title="Keys: ?">
        <Icon name="help" />
      </button>
    </div>
  );
}
