// A range of one metric, over the histogram of how its values lie.
import { useId, useState } from "react";
import type { Project, Range } from "../api/generated/workbench";
import { metricTitle, number } from "../parts/numbers";

type Metric = Project["metrics"][number];

function Histogram({ metric, low, high }: { metric: Metric; low: number | null; high: number | null }) {
  const most = Math.max(1, ...metric.histogram);
  const bins = metric.histogram.length;
  if (metric.min === null || metric.max === null || bins === 0) return null;
  const width = (metric.max - metric.min) / bins;
  const inside = (bin: number) => {
    const from = (metric.min as number) + bin * width;
    return (low === null || from + width >= low) && (high === null || from <= high);
  };
  return (
    <svg className="histogram" viewBox={`0 0 ${bins * 8} 40`} preserveAspectRatio="none" aria-hidden="true">
      {metric.histogram.map((n, bin) => {
        // By the square root: one tall bin must not hide the others.
        const height = n === 0 ? 0 : Math.max(1.5, 40 * Math.sqrt(n / most));
        return (
          <rect key={bin} className={inside(bin) ? "in" : "out"} x={bin * 8} y={40 - height} width={7} height={height} />
        );
      })}
    </svg>
  );
}

function parse(text: string): number | null | undefined {
  if (text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

export function RangePicker({
  metrics,
  range,
  onApply,
}: {
  metrics: readonly Metric[];
  range?: Range;
  onApply: (range: Range | null) => void;
}) {
  const [name, setName] = useState(range?.metric ?? metrics[0]?.name ?? "");
  const [lowText, setLow] = useState(range?.low?.toString() ?? "");
  const [highText, setHigh] = useState(range?.high?.toString() ?? "");
  const metric = metrics.find((one) => one.name === name);
  const id = useId();
  const low = parse(lowText);
  const high = parse(highText);
  const wrong =
    low === undefined || high === undefined
      ? "A limit is a number, or empty for none."
      : low !== null && high !== null && low > high
        ? "The lower limit is above the upper one."
        : null;
  const apply = () => {
    if (wrong || low === undefined || high === undefined) return;
    onApply(low === null && high === null ? null : { metric: name, low, high });
  };
  if (!metric) return <p className="faint">This project has no metrics yet.</p>;
  return (
    <form
      className="range-picker"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <label htmlFor={`${id}m`}>Metric</label>
      <select id={`${id}m`} value={name} disabled={range !== undefined} onChange={(event) => setName(event.target.value)}>
        {metrics.map((one) => (
          <option key={one.name} value={one.name}>
            {metricTitle(one.name)}
          </option>
        ))}
      </select>
      <Histogram metric={metric} low={low ?? null} high={high ?? null} />
      <p className="faint range-ends">
        <span>{number(metric.min)}</span>
        <span>median {number(metric.median)}</span>
        <span>{number(metric.max)}</span>
      </p>
      <div className="row">
        <label className="grow">
          from
          <input inputMode="decimal" value={lowText} placeholder={number(metric.min)} onChange={(event) => setLow(event.target.value)} />
        </label>
        <label className="grow">
          to
          <input inputMode="decimal" value={highText} placeholder={number(metric.max)} onChange={(event) => setHigh(event.target.value)} />
        </label>
      </div>
      {wrong && <p role="alert">{wrong}</p>}
      <div className="row">
        <button type="submit" className="primary" disabled={wrong !== null}>
          Apply
        </button>
        {range && (
          <button type="button" onClick={() => onApply(null)}>
            Remove
          </button>
        )}
      </div>
    </form>
  );
}
