// A file on its way to the server, in pieces. What is lost on the way is asked for and sent again; what has arrived stays.
import { ApiFailure } from "../api/client";

/** What the server has of a file. */
export interface Arrived {
  upload: number;
  received: number;
}

/** The server, as far as it is used here. */
export interface Receiver {
  begin: (name: string, bytes: number, signal: AbortSignal) => Promise<Arrived>;
  piece: (upload: number, from: number, bytes: ArrayBuffer, signal: AbortSignal) => Promise<Arrived>;
  ask: (upload: number, signal: AbortSignal) => Promise<Arrived>;
}

export interface Sending {
  file: Blob & { name: string };
  to: Receiver;
  /** Under which the server may have it already, or some of it. */
  known?: number | undefined;
  signal: AbortSignal;
  /** Bytes that have arrived; `lost`: the server does not answer and is asked again. */
  onMoved: (received: number, lost: boolean) => void;
  wait?: (ms: number) => Promise<void>;
  now?: () => number;
}

/** A request must be whole within ten seconds: a slow line gets small pieces, a fast one large ones. */
export const PIECE_BYTES_LEAST = 64 * 1024;
export const PIECE_BYTES_FIRST = 512 * 1024;
export const PIECE_BYTES_MOST = 4 * 1024 * 1024;
const QUICK_MS = 1_000;
const SLOW_MS = 4_000;
const WAIT_MS = 1_000;
const WAIT_MS_MOST = 15_000;
/** So often in a row, without a piece that arrived, the server may say that it has something else than was thought. */
const SURPRISES_MOST = 5;
/** Of these another try may go well: no answer, too many at once, a moment's trouble of the server. */
const PASSING = [0, 408, 429, 502, 503, 504];

const pause = (ms: number) => new Promise<void>((go) => setTimeout(go, ms));

/** How large the next piece is, after one of `bytes` took `ms`. */
export function nextPiece(bytes: number, ms: number): number {
  if (ms < QUICK_MS) return Math.min(2 * bytes, PIECE_BYTES_MOST);
  if (ms > SLOW_MS) return Math.max(Math.floor(bytes / 2), PIECE_BYTES_LEAST);
  return bytes;
}

async function read(file: Sending["file"], from: number, bytes: number): Promise<ArrayBuffer> {
  try {
    return await file.slice(from, from + bytes).arrayBuffer();
  } catch {
    throw new ApiFailure(400, "input", `${file.name}: can no longer be read; was it changed or moved? Choose it again.`);
  }
}

const statusOf = (reason: unknown) => (reason instanceof ApiFailure ? reason.status : -1);

/**
 * Sends the file; the number under which the server has it. Where the line is lost it is tried again until `signal` says stop; a
 * server that began anew, and no longer knows the file, gets it from its beginning. What arrived of a `known` one is not sent
 * again, unless the file is no longer the one that was chosen. Throws what the server refuses, and the signal's reason.
 */
export async function sendFile({ file, to, known, signal, onMoved, wait = pause, now = () => performance.now() }: Sending): Promise<number> {
  let at: Arrived | null = known === undefined ? null : { upload: known, received: 0 };
  let piece = PIECE_BYTES_FIRST;
  let delay = WAIT_MS;
  let unsure = known !== undefined; // what the server has is to be asked for
  let surprises = 0;
  if (known !== undefined) await read(file, 0, 1); // who corrected it shall not get the old one
  for (;;) {
    signal.throwIfAborted();
    try {
      if (at === null) at = await to.begin(file.name, file.size, signal);
      else if (unsure) at = await to.ask(at.upload, signal);
      unsure = false;
      onMoved(at.received, false);
      if (at.received >= file.size) return at.upload;
      const bytes = await read(file, at.received, piece);
      const sentAt = now();
      at = await to.piece(at.upload, at.received, bytes, signal);
      piece = nextPiece(piece, now() - sentAt);
      delay = WAIT_MS;
      surprises = 0;
    } catch (reason) {
      signal.throwIfAborted();
      const status = statusOf(reason);
      const begun: boolean = at !== null;
      // A server that began anew, or one that has more or less of it than was thought: an answer that got lost.
      if (begun && (status === 404 || status === 409) && surprises < SURPRISES_MOST) {
        surprises++;
        unsure = status === 409;
        if (status === 404) at = null;
        continue;
      }
      if (!PASSING.includes(status)) throw reason;
      unsure = begun;
      piece = Math.max(Math.floor(piece / 2), PIECE_BYTES_LEAST);
      onMoved(at?.received ?? 0, true);
      await wait(delay);
      delay = Math.min(2 * delay, WAIT_MS_MOST);
    }
  }
}
