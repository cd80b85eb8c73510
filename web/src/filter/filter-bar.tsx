// The one filter bar above every page: which model, which classes are shown, which samples are looked at.
import { useState, type ReactNode } from "react";
import { address } from "../api/client";
import type { Filter, Project, Range, Selection } from "../api/generated/workbench";
import { Icon } from "../parts/icon";
import { count, counted, metricTitle, number } from "../parts/numbers";
import { Popover } from "../parts/popover";
import { useProject } from "../state/project";
import { withoutConditions } from "../state/samples";
import { useReply } from "../state/use-reply";
import { filterText, go, useView } from "../state/view";
import { CheckList } from "./check-list";
import { OutcomePicker } from "./outcome-picker";
import { RangePicker } from "./range-picker";
import { WhereEditor } from "./where-editor";

function change(filter: Filter, next: Partial<Filter>): void {
  go({ filter: { ...filter, ...next } });
}

function ModelPicker({ project, filter }: { project: Project; filter: Filter }) {
  if (project.models.length === 0) return <span className="faint">no predictions yet</span>;
  return (
    <label className="control">
      <span className="hidden">Model</span>
      <select
        value={filter.model ?? project.models[0]?.name}
        onChange={(event) => change(filter, { model: event.target.value })}
      >
        {project.models.map((model) => (
          <option key={model.name} value={model.name}>
            {model.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function ClassChoice({ project, filter }: { project: Project; filter: Filter }) {
  const all = project.classes.map((one) => one.name);
  // No class at all is nothing to show: the view stays as it is until the first one is ticked.
  const [none, setNone] = useState(false);
  const set = (next: Set<string>) => {
    setNone(next.size === 0);
    if (next.size > 0) change(filter, { classes: next.size === all.length ? [] : all.filter((name) => next.has(name)) });
  };
  return (
    <CheckList
      label="classes"
      items={project.classes.map((one) => ({ name: one.name, note: count(one.labelled) }))}
      chosen={new Set(none ? [] : filter.classes?.length ? filter.classes : all)}
      onChange={set}
    />
  );
}

function ClassPicker({ project, filter }: { project: Project; filter: Filter }) {
  const chosen = filter.classes?.length ?? 0;
  return (
    <Popover
      label={chosen ? `${count(chosen)} of ${counted(project.classes.length, "class", "classes")}` : "All classes"}
      active={chosen > 0}
      disabled={project.classes.length === 0}
      title="Which classes are shown and averaged. A class's own numbers never change by it."
    >
      {() => <ClassChoice project={project} filter={filter} />}
    </Popover>
  );
}

function rangeText(range: Range): string {
  const name = metricTitle(range.metric);
  if (range.low === null) return `${name} ≤ ${number(range.high)}`;
  if (range.high === null) return `${name} ≥ ${number(range.low)}`;
  return `${name} ${number(range.low)} to ${number(range.high)}`;
}

function Ranges({ project, filter }: { project: Project; filter: Filter }) {
  const ranges = filter.ranges ?? [];
  return (
    <>
      {ranges.map((range, i) => (
        <Popover key={`${range.metric} ${i}`} label={rangeText(range)} active>
          {(close) => (
            <RangePicker
              metrics={project.metrics}
              range={range}
              onApply={(next) => {
                change(filter, { ranges: ranges.flatMap((one, j) => (j !== i ? [one] : next ? [next] : [])) });
                close();
              }}
            />
          )}
        </Popover>
      ))}
      <Popover label="Range" disabled={project.metrics.length === 0} title="Only samples whose metric lies in a range">
        {(close) => (
          <RangePicker
            metrics={project.metrics}
            onApply={(next) => {
              if (next) change(filter, { ranges: [...ranges, next] });
              close();
            }}
          />
        )}
      </Popover>
    </>
  );
}

interface ValueChoice {
  what: string;
  items: readonly { name: string; count: number }[];
  chosen: readonly string[];
  onChange: (names: string[]) => void;
}

function ValueList({ what, items, chosen, onChange }: ValueChoice) {
  return (
    <>
      <CheckList
        label={`values of ${what}`}
        items={items.map((item) => ({ name: item.name, note: count(item.count) }))}
        chosen={new Set(chosen)}
        onChange={(next) => onChange([...next])}
      />
      {items.length >= VALUES_MOST && <p className="faint">At most {VALUES_MOST} values are listed; an SQL condition can name any other.</p>}
    </>
  );
}

function NamePicker({ what, items, chosen, onChange }: ValueChoice) {
  if (items.length === 0) return null;
  const label = chosen.length === 0 ? metricTitle(what) : `${metricTitle(what)}: ${chosen.length === 1 ? chosen[0] : `${chosen.length} of ${items.length}`}`;
  return (
    <Popover label={label} active={chosen.length > 0}>
      {() => <ValueList what={what} items={items} chosen={chosen} onChange={onChange} />}
    </Popover>
  );
}

type Attribute = Project["attributes"][number];

/** As many values of an attribute as the server lists. */
const VALUES_MOST = 200;
/** More attributes than these share one button: the bar must not fill the page. */
const APART_MOST = 2;

function valuesOf(attribute: Attribute): { name: string; count: number }[] {
  return attribute.values.map((one) => ({ name: one.value, count: one.count }));
}

function AttributeChoice({
  attributes,
  chosenOf,
  setValues,
}: {
  attributes: readonly Attribute[];
  chosenOf: (name: string) => readonly string[];
  setValues: (name: string, values: string[]) => void;
}) {
  const [name, setName] = useState(attributes[0]?.name ?? "");
  const attribute = attributes.find((one) => one.name === name) ?? attributes[0];
  if (!attribute) return null;
  return (
    <div className="attribute-choice">
      <label className="row">
        Attribute
        <select value={attribute.name} onChange={(event) => setName(event.target.value)}>
          {attributes.map((one) => (
            <option key={one.name} value={one.name}>
              {metricTitle(one.name)}
            </option>
          ))}
        </select>
      </label>
      <ValueList what={attribute.name} items={valuesOf(attribute)} chosen={chosenOf(attribute.name)} onChange={(values) => setValues(attribute.name, values)} />
    </div>
  );
}

function Attributes({ project, filter }: { project: Project; filter: Filter }) {
  const chosen = filter.attributes ?? [];
  const attributes = project.attributes.filter((one) => one.name !== "split");
  const set = (name: string, values: string[]) =>
    change(filter, {
      attributes: [...chosen.filter((one) => one.name !== name), ...(values.length ? [{ name, values }] : [])],
    });
  const chosenOf = (name: string) => chosen.find((one) => one.name === name)?.values ?? [];
  const many = attributes.length > APART_MOST;
  const apart = many ? attributes.filter((one) => chosenOf(one.name).length > 0) : attributes;
  return (
    <>
      {apart.map((attribute) => (
        <NamePicker
          key={attribute.name}
          what={attribute.name.replace(/_/g, " ")}
          items={valuesOf(attribute)}
          chosen={chosenOf(attribute.name)}
          onChange={(values) => set(attribute.name, values)}
        />
      ))}
      {many && (
        <Popover label="Attributes">{() => <AttributeChoice attributes={attributes} chosenOf={chosenOf} setValues={set} />}</Popover>
      )}
    </>
  );
}

function Remaining({ filter }: { filter: Filter }) {
  const reply = useReply<Selection>(address("/api/selection", { filter: filterText(filter) }));
  let text: ReactNode = "…";
  if (reply.failure) text = <span className="bad">{reply.failure.message}</span>;
  else if (reply.data)
    text =
      reply.data.samples === reply.data.of ? (
        <>{counted(reply.data.of, "sample")}</>
      ) : (
        <>
          <strong>{count(reply.data.samples)}</strong> of {counted(reply.data.of, "sample")}
        </>
      );
  return (
    <output className={reply.stale ? "remaining stale" : "remaining"} aria-live="polite">
      {text}
    </output>
  );
}

export function FilterBar() {
  const project = useProject();
  const { filter } = useView();
  const any = filterText({ ...filter, model: undefined as never }) !== "";
  return (
    <div className="filter-bar" role="search" aria-label="Filter">
      <ModelPicker project={project} filter={filter} />
      <ClassPicker project={project} filter={filter} />
      <OutcomePicker />
      <Ranges project={project} filter={filter} />
      <NamePicker what="split" items={project.splits} chosen={filter.splits ?? []} onChange={(splits) => change(filter, { splits })} />
      <NamePicker what="tag" items={project.tags} chosen={filter.tags ?? []} onChange={(tags) => change(filter, { tags })} />
      <Attributes project={project} filter={filter} />
      <Popover label={filter.where ? `SQL: ${filter.where.slice(0, 28)}${filter.where.length > 28 ? " …" : ""}` : "SQL"} active={Boolean(filter.where)}>
        {(close) => (
          <WhereEditor
            filter={filter}
            columns={project.columns}
            onApply={(where) => {
              change(filter, { where });
              close();
            }}
          />
        )}
      </Popover>
      {any && (
        <button type="button" className="plain clear" onClick={() => go({ filter: withoutConditions(filter) })}>
          <Icon name="close" /> Clear
        </button>
      )}
      <Remaining filter={filter} />
    </div>
  );
}
