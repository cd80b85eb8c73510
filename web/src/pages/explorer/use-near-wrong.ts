// The first wrong samples and, for each, the wrong ones near to it: many small requests, a few at a time.
import { useCallback, useEffect, useState } from "react";
import { address, ApiFailure, get } from "../../api/client";
import type { Filter, Sample, Samples, Similar } from "../../api/generated/workbench";
import { useRevision } from "../../state/project";
import { filterText } from "../../state/view";
import type { Near } from "./similarity-groups";

export const WRONG_MOST = 200;
const NEAR = 24;
const AT_ONCE = 3;

interface State {
  samples: Sample[];
  total: number;
  near: Near<Sample>[][];
  done: boolean;
  failure: ApiFailure | null;
}

const NOTHING: State = { samples: [], total: 0, near: [], done: false, failure: null };

export function useNearWrong(filter: Filter, choice: Readonly<Record<string, string>>) {
  const revision = useRevision();
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<State>(NOTHING);
  const text = filterText(filter);
  const list = address("/api/samples", {
    filter: text,
    outcome: "wrong",
    true: choice.true,
    predicted: choice.predicted,
    sort: choice.sort,
    descending: choice.sort && choice.descending === "1" ? true : undefined,
    from: 0,
    count: WRONG_MOST,
  });

  useEffect(() => {
    const abort = new AbortController();
    setState(NOTHING);
    const run = async () => {
      const { samples, count } = await get<Samples>(list, abort.signal);
      const near: Near<Sample>[][] = samples.map(() => []);
      let next = 0;
      let ready = 0;
      const work = async () => {
        while (next < samples.length) {
          const i = next++;
          const one = samples[i] as Sample;
          const url = address(`/api/samples/${one.sample}/similar`, { filter: text, outcome: "wrong", count: NEAR });
          const reply = await get<Similar>(url, abort.signal);
          near[i] = reply.samples.map((item) => ({ item, similarity: item.value ?? 0 }));
          ready++;
          if (ready % 10 === 0) setState({ samples, total: count, near: near.slice(0, ready), done: false, failure: null });
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      setState({ samples, total: count, near, done: true, failure: null });
    };
    run().catch((reason: unknown) => {
      if (abort.signal.aborted) return;
      abort.abort();
      const failure = reason instanceof ApiFailure ? reason : new ApiFailure(0, "internal", String(reason));
      setState({ ...NOTHING, failure });
    });
    return () => abort.abort();
  }, [list, text, revision, attempt]);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  return { ...state, retry };
}
