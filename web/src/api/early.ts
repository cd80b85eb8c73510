// Replies that are asked for before the code of the page that needs them is there: so a page's first view takes one way to
// the server and back, not one after the other.
interface Begun {
  reply: Promise<unknown>;
  at: number;
}

/** What nobody took by then is of no page that is looked at now. */
const FRESH_MS = 5000;
const begun = new Map<string, Begun>();

interface OfRevision {
  revision?: number;
}

async function plain(url: string): Promise<unknown> {
  const reply = await fetch(url, { credentials: "same-origin" });
  if (!reply.ok) throw new Error(String(reply.status));
  return (await reply.json()) as unknown;
}

/** Begins to ask for the project, and for what the first page shows of it. */
export function beginWith(project: string, others: readonly string[]): void {
  const at = performance.now();
  const first = plain(project);
  begun.set(project, { reply: first, at });
  for (const url of others) {
    // Between the two the project may have changed: then the second speaks of another one.
    const reply = Promise.all([plain(url), first]).then(([mine, its]) => {
      if ((mine as OfRevision).revision !== (its as OfRevision).revision) throw new Error("of another revision");
      return mine;
    });
    begun.set(url, { reply, at });
  }
  // Whoever takes them hears of a failure; one that nobody takes is none.
  for (const { reply } of begun.values()) reply.catch(() => undefined);
}

/** The reply that was begun, once; null: none, or not in time to be believed. */
export function takeEarly(url: string): Promise<unknown> | null {
  const one = begun.get(url);
  begun.delete(url);
  return one && performance.now() - one.at < FRESH_MS ? one.reply : null;
}
