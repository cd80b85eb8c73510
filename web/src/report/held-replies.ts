// What a report holds, found by the addresses that its pages ask for.
import type { Curves } from "../api/generated/workbench";

type Replies = Readonly<Record<string, unknown>>;

/** The address without its filter, parameters in order: how a report names its replies. */
export function replyKey(url: string): string {
  const { pathname, searchParams } = new URL(url, "http://report");
  const parts = [...searchParams]
    .filter(([name]) => name !== "filter")
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  return parts.length ? `${pathname}?${parts.join("&")}` : pathname;
}

/** Curves are held one class each, and asked for several at a time. */
function curvesOf(replies: Replies, url: string): Curves | undefined {
  const names = new URL(url, "http://report").searchParams.getAll("class");
  const held = names.map((name) => replies[`/api/curves?class=${name}`] as Curves | undefined);
  const first = held.find(Boolean);
  return first && { revision: first.revision, curves: held.flatMap((one) => one?.curves ?? []) };
}

export function heldReply(replies: Replies, url: string): unknown {
  return url.startsWith("/api/curves") ? curvesOf(replies, url) : replies[replyKey(url)];
}
