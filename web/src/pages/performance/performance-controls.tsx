// What the curve is of: which metric, which rate, how many bins.
import { useEffect, useState } from "react";
import { metricTitle } from "../../parts/numbers";
import { isReport } from "../../state/mode";
import { useProject } from "../../state/project";
import { go, useView } from "../../state/view";

const BINS = 50;

function RateSelect() {
  const project = useProject();
  const { choice } = useView();
  const of = choice.of ?? "accuracy";
  const someClass = choice.class ?? project.classes[0]?.name;
  return (
    <>
      <label>
        Rate
        <select
          value={of}
          onChange={({ target }) =>
            go({ choice: target.value === "accuracy" ? { of: null, class: null } : { of: target.value, class: someClass } })
          }
        >
          <option value="accuracy">share right, all classes</option>
          <option value="recall">recall of a class</option>
          <option value="precision">precision of a class</option>
        </select>
      </label>
      {of !== "accuracy" && (
        <label>
          Class
          <select value={someClass} onChange={(event) => go({ choice: { class: event.target.value } })}>
            {project.classes.map((one) => (
              <option key={one.name}>{one.name}</option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

function BinsSlider() {
  const { choice } = useView();
  const bins = Number(choice.bins ?? BINS);
  const [shown, setShown] = useState(bins);
  useEffect(() => setShown(bins), [bins]);
  // Asked for when it is let go: every step on the way would be a request.
  const settle = (replace: boolean) => go({ choice: { bins: shown === BINS ? null : shown } }, { replace });
  return (
    <label>
      Bins: {shown}
      <input
        type="range"
        min={5}
        max={200}
        value={shown}
        onChange={(event) => setShown(Number(event.target.value))}
        onPointerUp={() => settle(false)}
        onKeyUp={() => settle(true)}
      />
    </label>
  );
}

export function Controls({ metric }: { metric: string }) {
  const project = useProject();
  const { choice } = useView();
  return (
    <div className="row performance-controls card">
      <label>
        Metric
        <select value={metric} onChange={(event) => go({ choice: { metric: event.target.value } })}>
          {project.metrics.map((one) => (
            <option key={one.name} value={one.name}>
              {metricTitle(one.name)}
            </option>
          ))}
        </select>
      </label>
      {/* A report holds one curve of each metric. */}
      {!isReport() && <RateSelect />}
      {!isReport() && <BinsSlider />}
      <label>
        Axis
        <select
          value={choice.axis ?? "value"}
          onChange={({ target }) => go({ choice: { axis: target.value === "value" ? null : target.value } })}
        >
          <option value="value">by value</option>
          <option value="bin">equal counts</option>
        </select>
      </label>
    </div>
  );
}
