// The selection and what is done with it: tags and files.
import { useEffect, useRef, useState } from "react";
import { ApiFailure, download, send } from "../../api/client";
import type { Changed, ExportRequest, SampleQuery } from "../../api/generated/workbench";
import { count } from "../../parts/numbers";
import { useProjectState } from "../../state/project";
import { everything, isSelected, NOTHING, only, RANGE_MOST, rangeOf, selectedCount, toggled, withRange, type Selection } from "./selection";
import type { SampleList } from "./use-sample-list";

export interface Message {
  text: string;
  bad: boolean;
}

const FILES: Record<ExportRequest["form"], string> = { csv: "samples.csv", jsonl: "samples.jsonl", paths: "paths.txt" };

function words(reason: unknown): string {
  return reason instanceof ApiFailure ? reason.message : String(reason);
}

function samples(n: number): string {
  return `${count(n)} ${n === 1 ? "sample" : "samples"}`;
}

/** `query`: the whole list as the server names it; null: it has no such name, its samples are listed. */
export function useSelection(list: SampleList, listKey: string, query: SampleQuery | null) {
  const { refresh } = useProjectState();
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [message, setMessage] = useState<Message | null>(null);
  const waiting = useRef<AbortController | null>(null);
  const matching = list.count ?? 0;
  const selected = selectedCount(selection, matching);

  const set = (next: Selection) => {
    waiting.current?.abort();
    setSelection(next);
    setMessage(null);
  };
  useEffect(() => {
    setSelection(NOTHING);
    setMessage(null);
    return () => waiting.current?.abort();
  }, [listKey]);

  // What was taken out of all may have left the list with others: how many are selected would not be known.
  const matched = useRef(list.count);
  useEffect(() => {
    const before = matched.current;
    matched.current = list.count;
    if (!selection.all || selection.samples.size === 0 || before === list.count) return;
    setSelection(NOTHING);
    setMessage((last) => last ?? { text: "The list changed: nothing is selected any more.", bad: true });
  }, [list.count]);

  /** From where the selection began, or else from `from`, to `index`. */
  const extend = (index: number, adding: boolean, from: number) => {
    const anchor = selection.anchor ?? from;
    const range = rangeOf({ ...selection, anchor }, index);
    if (!range) {
      setMessage({ text: `A range holds at most ${count(RANGE_MOST)} samples. Select all, with a filter that fits.`, bad: true });
      return;
    }
    waiting.current?.abort();
    const abort = new AbortController();
    waiting.current = abort;
    list.collect(range[0], range[1], abort.signal).then(
      (found) => {
        const numbers = found.map((one) => one.sample);
        set({ ...withRange(selection, numbers, adding, anchor === range[0] ? numbers[0] : numbers.at(-1)), anchor });
      },
      (reason: unknown) => {
        if (!abort.signal.aborted) setMessage({ text: words(reason), bad: true });
      },
    );
  };

  const chosen = async (): Promise<{ all: SampleQuery; except?: number[] } | { samples: number[] }> => {
    if (!selection.all) return { samples: [...selection.samples] };
    if (query) return { all: query, ...(selection.samples.size ? { except: [...selection.samples] } : {}) };
    const found = await list.collect(0, matching - 1, new AbortController().signal);
    return { samples: found.map((one) => one.sample).filter((sample) => isSelected(selection, sample)) };
  };

  /** What went wrong, in words; null: nothing. */
  const tag = async (change: { add?: string[]; remove?: string[] }): Promise<string | null> => {
    try {
      const done = await send<Changed>("POST", "/api/tags", { ...change, ...(await chosen()) });
      const name = [...(change.add ?? []), ...(change.remove ?? [])].join(", ");
      setMessage({ text: `“${name}” ${change.add ? "put on" : "taken off"} ${samples(done.changed)}`, bad: false });
      refresh();
      return null;
    } catch (reason) {
      return words(reason);
    }
  };

  const save = async (form: ExportRequest["form"]) => {
    setMessage({ text: "Making the file …", bad: false });
    try {
      await download("POST", "/api/export", FILES[form], { form, ...(await chosen()) });
      setMessage({ text: `${samples(selected)} saved as ${FILES[form]}`, bad: false });
    } catch (reason) {
      setMessage({ text: words(reason), bad: true });
    }
  };

  return {
    selection,
    selected,
    message,
    only: (sample: number, index: number) => set(only(sample, index)),
    toggle: (sample: number, index: number) => set(toggled(selection, sample, index)),
    extend,
    all: () => set(everything()),
    clear: () => set(NOTHING),
    tag,
    save,
  };
}

export type SelectionActions = ReturnType<typeof useSelection>;
