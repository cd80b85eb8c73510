// What a component needs of the server, asked for when its address changes and when the project does.
import { useEffect, useRef, useState } from "react";
import { useRevision } from "./project";
import { ApiFailure, get } from "../api/client";

export interface Reply<T> {
  /** The last answer; while a newer one is under way it is the old one, and `stale`. */
  data: T | null;
  failure: ApiFailure | null;
  loading: boolean;
  stale: boolean;
  retry: () => void;
}

const kept = new Map<string, unknown>();
const KEPT_MOST = 60;

function keep(key: string, data: unknown): void {
  kept.delete(key);
  kept.set(key, data);
  if (kept.size > KEPT_MOST) kept.delete(kept.keys().next().value as string);
}

/** Ask for `url`; null: nothing. A newer address gives up the older request. */
export function useReply<T>(url: string | null): Reply<T> {
  const revision = useRevision();
  const key = url === null ? null : `${revision} ${url}`;
  const [state, setState] = useState<{ key: string | null; data: T | null; failure: ApiFailure | null }>(() => ({
    key: null,
    data: null,
    failure: null,
  }));
  const [attempt, setAttempt] = useState(0);
  const lastAttempt = useRef(0);

  useEffect(() => {
    if (key === null || url === null) return;
    const again = lastAttempt.current !== attempt;
    lastAttempt.current = attempt;
    if (!again && kept.has(key)) {
      setState({ key, data: kept.get(key) as T, failure: null });
      return;
    }
    const abort = new AbortController();
    get<T>(url, abort.signal).then(
      (data) => {
        keep(key, data);
        setState({ key, data, failure: null });
      },
      (reason: unknown) => {
        if (abort.signal.aborted) return;
        const failure = reason instanceof ApiFailure ? reason : new ApiFailure(0, "internal", String(reason));
        setState((old) => ({ key, data: old.data, failure }));
      },
    );
    return () => abort.abort();
  }, [key, url, attempt]);

  const current = state.key === key;
  const ready = key !== null && kept.has(key) ? (kept.get(key) as T) : null;
  const data = url === null ? null : (ready ?? state.data);
  return {
    data,
    failure: current ? state.failure : null,
    loading: url !== null && !current && ready === null,
    stale: url !== null && !current && ready === null && data !== null,
    retry: () => setAttempt((n) => n + 1),
  };
}
