// What happens to the project, told as it happens: a stream of events, and questions now and then where there is none.

/** How long until the next try, in milliseconds. */
export const POLL_MS = 3_000;
export const POLL_MS_MOST = 30_000;
export const STREAM_MS = 5_000;
export const STREAM_MS_MOST = 60_000;

/** A stream, as far as it is used here: an EventSource is one. */
export interface Stream {
  addEventListener(type: "state" | "error", listener: (event: unknown) => void): void;
  close(): void;
}

export interface Following<State> {
  /** Opens a stream, whose events `state` have the state as JSON. */
  open: () => Stream;
  /** Asks once. */
  ask: (signal: AbortSignal) => Promise<State>;
  onState: (state: State) => void;
}

/**
 * Follows until the returned function is called. The server has places for some streams only, and may end and begin again: while
 * there is no stream the state is asked for, less often while nobody answers; a stream is tried again less and less often too,
 * but at once when a server that was gone answers.
 */
export function follow<State>({ open, ask, onState }: Following<State>): () => void {
  let stream: Stream | null = null;
  let abort: AbortController | null = null;
  let pollTimer: ReturnType<typeof setTimeout> | undefined;
  let streamTimer: ReturnType<typeof setTimeout> | undefined;
  let pollWait = POLL_MS;
  let streamWait = STREAM_MS;
  let ended = false;

  const stopPolling = () => {
    clearTimeout(pollTimer);
    abort?.abort();
    abort = null;
    pollWait = POLL_MS;
  };

  const poll = async () => {
    const mine = new AbortController();
    abort = mine;
    let gone = false;
    try {
      const state = await ask(mine.signal);
      if (mine.signal.aborted) return;
      onState(state);
      gone = pollWait > POLL_MS;
      pollWait = POLL_MS;
    } catch {
      if (mine.signal.aborted) return;
      pollWait = Math.min(2 * pollWait, POLL_MS_MOST);
    }
    pollTimer = setTimeout(() => void poll(), pollWait);
    if (!gone) return;
    streamWait = STREAM_MS;
    if (!stream) {
      clearTimeout(streamTimer);
      listen();
    }
  };

  const lose = () => {
    stream?.close();
    stream = null;
    if (ended) return;
    streamTimer = setTimeout(listen, streamWait);
    streamWait = Math.min(2 * streamWait, STREAM_MS_MOST);
    if (!abort) void poll();
  };

  function listen(): void {
    const mine = open();
    stream = mine;
    mine.addEventListener("state", (event) => {
      if (stream !== mine) return;
      stopPolling();
      streamWait = STREAM_MS;
      onState(JSON.parse((event as MessageEvent<string>).data) as State);
    });
    mine.addEventListener("error", () => {
      if (stream === mine) lose();
    });
  }

  listen();
  return () => {
    ended = true;
    clearTimeout(streamTimer);
    stopPolling();
    stream?.close();
    stream = null;
  };
}
