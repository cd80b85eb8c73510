// What is looked at lies in the address: page, filter and each page's own choices. So a view can be shared, and the back
// button goes to the one before.
import { useMemo, useSyncExternalStore } from "react";
import type { Filter } from "../api/generated/workbench";

export const PAGES = ["overview", "performance", "explorer", "data", "labels", "compare"] as const;
export type PageName = (typeof PAGES)[number];

export interface View {
  page: PageName;
  filter: Filter;
  /** A page's own choices: metric, bins, sort … */
  choice: Readonly<Record<string, string>>;
}

const EMPTY: Filter = {};

function isEmpty(value: unknown): boolean {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

/** The filter without what says nothing, its keys in a fixed order: equal filters are equal texts. */
export function tidyFilter(filter: Filter): Filter {
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(filter).sort() as (keyof Filter)[])
    if (!isEmpty(filter[key])) out[key] = filter[key];
  return out as Filter;
}

export function filterText(filter: Filter): string {
  const text = JSON.stringify(tidyFilter(filter));
  return text === "{}" ? "" : text;
}

export function parseView(path: string, search: string): View {
  const name = path.replace(/^\/+|\/+$/g, "");
  const page = (PAGES as readonly string[]).includes(name) ? (name as PageName) : "overview";
  const choice: Record<string, string> = {};
  let filter = EMPTY;
  for (const [key, value] of new URLSearchParams(search)) {
    if (key !== "filter") choice[key] = value;
    else
      try {
        const given: unknown = JSON.parse(value);
        if (given && typeof given === "object" && !Array.isArray(given)) filter = tidyFilter(given as Filter);
      } catch {
        // An address that somebody cut short: without its filter it still shows the page.
      }
  }
  return { page, filter, choice };
}

export function viewAddress(view: View): string {
  const query = new URLSearchParams();
  const filter = filterText(view.filter);
  if (filter) query.set("filter", filter);
  for (const key of Object.keys(view.choice).sort()) {
    const value = view.choice[key];
    if (value !== undefined && value !== "") query.set(key, value);
  }
  const text = query.toString();
  return `/${view.page}${text ? `?${text}` : ""}`;
}

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());
if (typeof window !== "undefined") window.addEventListener("popstate", tell);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export interface ViewChange {
  page?: PageName;
  filter?: Filter;
  /** Merged into the page's choices; null takes one away. Another page begins without any. */
  choice?: Record<string, string | number | boolean | null | undefined>;
}

export function changedView(view: View, change: ViewChange): View {
  const page = change.page ?? view.page;
  const choice: Record<string, string> = page === view.page ? { ...view.choice } : {};
  // Where a list was is no place in another one.
  if (change.filter) delete choice.from;
  for (const [key, value] of Object.entries(change.choice ?? {})) {
    if (value === null || value === undefined || value === "") delete choice[key];
    else choice[key] = String(value);
  }
  return { page, filter: change.filter ? tidyFilter(change.filter) : view.filter, choice };
}

/** A file's address is not ours to change: a report keeps its view here instead. */
let inMemory: string | null = null;

export function keepViewInMemory(view: View): void {
  inMemory = viewAddress(view);
}

function currentAddress(): string {
  return inMemory ?? window.location.pathname + window.location.search;
}

function viewOfAddress(address: string): View {
  const mark = address.indexOf("?");
  return mark < 0 ? parseView(address, "") : parseView(address.slice(0, mark), address.slice(mark));
}

export function currentView(): View {
  return viewOfAddress(currentAddress());
}

/** Go to another view. `replace`: without a step of its own for the back button, as while a slider moves. */
export function go(change: ViewChange, how: { replace?: boolean } = {}): void {
  const next = viewAddress(changedView(currentView(), change));
  if (next === currentAddress()) return;
  if (inMemory !== null) inMemory = next;
  else if (how.replace) window.history.replaceState(null, "", next);
  else window.history.pushState(null, "", next);
  tell();
}

export function useView(): View {
  const at = useSyncExternalStore(subscribe, currentAddress);
  return useMemo(() => viewOfAddress(at), [at]);
}
