// The list that the grid shows, as a bounded cache of its pages which follows the view and the project.
import { useEffect, useMemo, useReducer, useRef } from "react";
import { get } from "../../api/client";
import type { Sample, Samples, Similar } from "../../api/generated/workbench";
import { useRevision } from "../../state/project";
import { PageCache, type LoadPage } from "./page-cache";
import { PAGE_SIZE, pageAddress, SIMILAR_MOST } from "./sample-query";

export type SampleList = PageCache<Sample>;

function pagesOf(list: string): LoadPage<Sample> {
  return async (page, signal) => {
    const reply = await get<Samples>(pageAddress(list, page), signal);
    return { count: reply.count, items: reply.samples };
  };
}

function similarTo(list: string): LoadPage<Sample> {
  return async (_page, signal) => {
    const reply = await get<Similar>(list, signal);
    return { count: reply.samples.length, items: reply.samples };
  };
}

/** `shown`: somebody looks at the list; else nothing of it is asked for. The page of the item `focus` is always held. */
export function useSampleList(list: string, like: boolean, shown: boolean, focus: number): SampleList {
  const revision = useRevision();
  const [, changed] = useReducer((n: number) => n + 1, 0);
  const last = useRef<{ list: string; cache: SampleList } | null>(null);
  const cache = useMemo(() => {
    const older = last.current?.list === list ? last.current.cache : null;
    const made = like
      ? new PageCache(similarTo(list), changed, SIMILAR_MOST, 1, older)
      : new PageCache(pagesOf(list), changed, PAGE_SIZE, 40, older);
    last.current = { list, cache: made };
    return made;
    // `revision` is not in the address, but what the address answers depends on it.
  }, [list, like, revision]);
  useEffect(() => {
    if (shown) cache.want(0, 0);
    return () => cache.close();
  }, [cache, shown]);
  useEffect(() => {
    if (shown) cache.pin(focus);
  }, [cache, shown, focus]);
  return cache;
}
