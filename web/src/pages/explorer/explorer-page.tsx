// The samples behind every number: ranked, filtered by outcome, looked at, selected, tagged.
import { useEffect, useRef, useState } from "react";
import { ApiFailure } from "../../api/client";
import { NO_OUTCOME } from "../../filter/outcome-words";
import { KeyHelp } from "../../parts/key-help";
import { Empty, Failed, Loading } from "../../parts/states";
import { TagDialog } from "../../samples/tag-dialog";
import { useProject } from "../../state/project";
import { withoutConditions } from "../../state/samples";
import { filterText, go, useView } from "../../state/view";
import { DetailPane } from "./detail-pane";
import { ExplorerToolbar, sizeOf } from "./explorer-toolbar";
import { GroupView } from "./group-view";
import { KEY_HELP, pageAction, type GridAction } from "./keys";
import { SampleGrid, type Click } from "./sample-grid";
import { likeOf, listAddress, numberOf, sampleQuery } from "./sample-query";
import { SelectionBar } from "./selection-bar";
import { useSampleList, type SampleList } from "./use-sample-list";
import { useSelection, type SelectionActions } from "./use-selection";
import "./explorer.css";
import "./detail.css";

type Open = "help" | "tag" | null;

function inField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea, dialog, .popover-panel") !== null;
}

function NothingMatches() {
  const { filter, choice } = useView();
  const project = useProject();
  if (project.samples === 0)
    return (
      <Empty title="No samples yet">
        <p>
          Bring some in: <code>assay create {project.path} --images PATH</code>
        </p>
      </Empty>
    );
  const narrowed = filterText({ ...filter, model: undefined as never }) !== "" || choice.outcome !== undefined || choice.true !== undefined;
  const clear = () =>
    go({
      filter: withoutConditions(filter),
      choice: { ...NO_OUTCOME, like: null },
    });
  return (
    <Empty title="No sample matches" action={narrowed ? <button type="button" onClick={clear}>Show all samples</button> : undefined}>
      <p>{narrowed ? "Filter and outcome together leave none." : "There is nothing to list."}</p>
    </Empty>
  );
}

function Body({
  list,
  listKey,
  actions,
  focus,
  onAction,
  onClick,
}: {
  list: SampleList;
  listKey: string;
  actions: SelectionActions;
  focus: number;
  onAction: (action: GridAction) => void;
  onClick: (click: Click) => void;
}) {
  const project = useProject();
  const { choice } = useView();
  if (list.failure) {
    const failure = list.failure instanceof ApiFailure ? list.failure : new ApiFailure(0, "internal", String(list.failure));
    return <Failed failure={failure} retry={() => list.retry()} />;
  }
  if (list.count === null) return <Loading what="Listing the samples" />;
  if (list.count === 0) return <NothingMatches />;
  return (
    <SampleGrid
      list={list}
      listKey={listKey}
      pictures={project.has.images}
      size={sizeOf(choice)}
      valueName={choice.sort ?? (likeOf(choice) === null ? undefined : "similarity")}
      selection={actions.selection}
      focus={Math.min(focus, list.count - 1)}
      current={numberOf(choice.sample)}
      onClick={onClick}
      onAction={onAction}
    />
  );
}

export default function ExplorerPage() {
  const project = useProject();
  const { filter, choice } = useView();
  const like = likeOf(choice);
  const listKey = listAddress(filter, choice);
  const grouped = like === null && (choice.group === "duplicates" || choice.group === "similarity") ? choice.group : null;
  // Each list has its own focus, from its first sample on.
  const [focused, setFocused] = useState({ listKey, index: 0 });
  const focus = focused.listKey === listKey ? focused.index : 0;
  const setFocus = (index: number) => setFocused({ listKey, index });
  const list = useSampleList(listKey, like !== null, grouped === null, focus);
  const actions = useSelection(list, listKey, like === null ? sampleQuery(filter, choice) : null);
  const [open, setOpen] = useState<Open>(null);
  const orderField = useRef<HTMLSelectElement>(null);
  const detail = numberOf(choice.sample);

  // The details follow the focus, once it rests: held arrow keys ask for nothing on their way.
  const following = useRef(0);
  const follow = (index: number) => {
    window.clearTimeout(following.current);
    following.current = window.setTimeout(() => {
      const sample = list.at(index);
      if (sample) go({ choice: { sample: sample.sample } }, { replace: true });
    }, 90);
  };
  useEffect(() => () => window.clearTimeout(following.current), [listKey]);
  const close = () => {
    window.clearTimeout(following.current);
    go({ choice: { sample: null } });
  };

  // The buttons of a selection vanish with it: the focus goes back to the grid.
  const clear = () => {
    actions.clear();
    document.querySelector<HTMLElement>(".sample-grid [tabindex='0']")?.focus({ preventScroll: true });
  };

  const onAction = (action: GridAction) => {
    const at = list.at(focus);
    if (action.do === "move") {
      setFocus(action.to);
      if (action.extend) actions.extend(action.to, false, focus);
      if (detail !== null) follow(action.to);
    } else if (action.do === "toggle" && at) actions.toggle(at.sample, focus);
    else if (action.do === "open" && at) go({ choice: { sample: at.sample } });
    else if (grouped && (action.do === "all" || action.do === "tag")) return;
    else if (action.do === "all") actions.all();
    else if (action.do === "help") setOpen("help");
    else if (action.do === "search") orderField.current?.focus();
    else if (action.do === "tag" && actions.selected > 0) setOpen("tag");
    else if (action.do === "back") {
      if (detail !== null) close();
      else if (actions.selected > 0) clear();
      else if (like !== null) go({ choice: { like: null } });
    }
  };
  const onClick = ({ index, range, toggle }: Click) => {
    const sample = list.at(index);
    setFocus(index);
    if (!sample) return;
    if (range) actions.extend(index, toggle, focus);
    else if (toggle) actions.toggle(sample.sample, index);
    else {
      actions.only(sample.sample, index);
      go({ choice: { sample: sample.sample } }, { replace: detail !== null });
    }
  };

  const act = useRef(onAction);
  act.current = onAction;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || inField(event.target)) return;
      const action = pageAction(event);
      if (!action) return;
      event.preventDefault();
      act.current(action);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  return (
    <div className="explorer">
      <ExplorerToolbar project={project} choice={choice} orderField={orderField} onHelp={() => setOpen("help")} />
      {!grouped && (
        <SelectionBar
          selected={actions.selected}
          left={actions.selection.all ? actions.selection.samples.size : 0}
          matching={list.count}
          message={actions.message}
          onAll={actions.all}
          onClear={clear}
          onTag={() => setOpen("tag")}
          onExport={(form) => void actions.save(form)}
        />
      )}
      <div className="explorer-body">
        {grouped ? (
          <GroupView by={grouped} />
        ) : (
          <Body list={list} listKey={listKey} actions={actions} focus={focus} onAction={onAction} onClick={onClick} />
        )}
        {detail !== null && <DetailPane sample={detail} onClose={close} />}
      </div>
      {open === "help" && <KeyHelp keys={KEY_HELP} onClose={() => setOpen(null)} />}
      {open === "tag" && <TagDialog selected={actions.selected} onChange={actions.tag} onClose={() => setOpen(null)} />}
    </div>
  );
}
