// The import that is under way: one at a time, begun in the dialog, going on wherever in the page one is.
import { useSyncExternalStore } from "react";
import { ApiFailure, get, send, sendBytes } from "../api/client";
import type { Jobs, Upload } from "../api/generated/workbench";
import { startJob } from "../state/project";
import { watchJob } from "../state/watched-job";
import { jobOf, modelName, NOTHING_CHOSEN, type ImportChoice } from "./choice";
import { sendFile, type Receiver } from "./sending";

export type Stage =
  /** Nothing is under way; what became of the last try, where it did not come to a job's end. */
  | { at: "choosing"; failure: string | null }
  | { at: "sending"; file: string; received: number; of: number; lost: boolean }
  /** All has arrived; another job writes the project. */
  | { at: "waiting"; message: string }
  | { at: "starting" }
  /** The server's job of this number; what became of it is in the list of jobs. */
  | { at: "job"; job: number; model: string | null };

export interface Importing {
  choice: ImportChoice;
  stage: Stage;
}

interface Arrival {
  table: number | null;
  probabilities: number | null;
}

let state: Importing = { choice: NOTHING_CHOSEN, stage: { at: "choosing", failure: null } };
const listeners = new Set<() => void>();
/** Of the import under way: what the server has of it, and a way to stop sending. */
let uploads: number[] = [];
let abort: AbortController | null = null;
let arrival: Arrival | null = null;

function set(next: Partial<Importing>): void {
  state = { ...state, ...next };
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useImporting(): Importing {
  return useSyncExternalStore(subscribe, () => state);
}

export function choose(part: Partial<ImportChoice>): void {
  set({ choice: { ...state.choice, ...part }, ...(state.stage.at === "choosing" ? { stage: { at: "choosing", failure: null } } : {}) });
}

const uploadAddress = (upload: number) => `/api/uploads/${upload}`;

const receiver: Receiver = {
  begin: async (name, bytes, signal) => {
    const upload = await send<Upload>("POST", "/api/uploads", { name, bytes }, signal);
    uploads.push(upload.upload);
    return upload;
  },
  piece: (upload, from, bytes, signal) => sendBytes<Upload>(`${uploadAddress(upload)}?from=${from}`, bytes, signal),
  ask: (upload, signal) => get<Upload>(uploadAddress(upload), signal),
};

/** Takes away what the server has of an import that comes to nothing; also as the page is left. */
function dropUploads(): void {
  const gone = uploads;
  uploads = [];
  arrival = null;
  for (const upload of gone)
    void fetch(uploadAddress(upload), {
      method: "DELETE",
      headers: { "Content-Type": "application/json" },
      body: "{}",
      credentials: "same-origin",
      keepalive: true,
    }).catch(() => undefined); // then it goes in an hour by itself
}

const words = (reason: unknown) => (reason instanceof ApiFailure ? reason.message : String(reason));

function giveUp(reason: unknown): void {
  dropUploads();
  set({ stage: { at: "choosing", failure: `Nothing was imported: ${words(reason)}` } });
}

/** Nobody knows whether the job began, or ended well. */
function loseSight(): void {
  uploads = [];
  arrival = null;
  const failure = "The server did not answer, or ended, while it imported. Look whether the data is there before you add it again.";
  set({ stage: { at: "choosing", failure } });
}

async function sendAll(choice: ImportChoice, signal: AbortSignal): Promise<Arrival> {
  const files = { table: choice.table, probabilities: choice.kind === "predictions" ? choice.probabilities : null };
  const of = (files.table?.size ?? 0) + (files.probabilities?.size ?? 0);
  let before = 0;
  const sent: Arrival = { table: null, probabilities: null };
  for (const part of ["table", "probabilities"] as const) {
    const file = files[part];
    if (!file) continue;
    const onMoved = (received: number, lost: boolean) => {
      if (!signal.aborted) set({ stage: { at: "sending", file: file.name, received: before + received, of, lost } });
    };
    onMoved(0, false);
    sent[part] = await sendFile({ file, to: receiver, signal, onMoved });
    before += file.size;
  }
  return sent;
}

async function start(): Promise<void> {
  const { choice } = state;
  if (!arrival) return;
  set({ stage: { at: "starting" } });
  try {
    const { jobs } = await startJob(jobOf(choice, arrival.table, arrival.probabilities));
    // From here on they are the job's.
    uploads = [];
    arrival = null;
    const job = jobs[0]?.job ?? 0;
    watchJob(job);
    set({ stage: { at: "job", job, model: choice.kind === "predictions" ? modelName(choice) : null } });
  } catch (reason) {
    const status = reason instanceof ApiFailure ? reason.status : -1;
    if (status === 0) loseSight();
    else if (status === 409 && (await somethingRuns())) waitForOther(words(reason));
    else giveUp(reason);
  }
}

/** Also where nobody answers: then it is asked again. */
async function somethingRuns(): Promise<boolean> {
  try {
    return (await get<Jobs>("/api/jobs")).jobs[0]?.state === "running";
  } catch {
    return true;
  }
}

const LOOK_MS = 1_000;

/** Begins the job once the other one has ended. It is asked for here: a page that nobody sees follows no events. */
function waitForOther(message: string): void {
  const mine: Stage = { at: "waiting", message };
  set({ stage: mine });
  const look = async () => {
    const busy = await somethingRuns();
    if (state.stage !== mine) return;
    if (busy) setTimeout(() => void look(), LOOK_MS);
    else await start();
  };
  setTimeout(() => void look(), LOOK_MS);
}

/** Sends the files and begins the job. */
export async function beginImport(): Promise<void> {
  if (state.stage.at !== "choosing" && state.stage.at !== "job") return;
  const mine = new AbortController();
  abort = mine;
  try {
    const sent = await sendAll(state.choice, mine.signal);
    if (mine.signal.aborted) return;
    arrival = sent;
    abort = null;
    await start();
  } catch (reason) {
    if (!mine.signal.aborted) giveUp(reason);
  }
}

/** Stops sending, or waiting; nothing was imported. A job is stopped as every job is. */
export function stopSending(): void {
  if (state.stage.at !== "sending" && state.stage.at !== "waiting") return;
  abort?.abort();
  abort = null;
  dropUploads();
  set({ stage: { at: "choosing", failure: null } });
}

/** Back to the choice as it was, which is answered; `fresh`: without files. */
export function chooseAgain(fresh = false): ImportChoice {
  if (state.stage.at === "job" || state.stage.at === "choosing")
    set({ choice: fresh ? { ...NOTHING_CHOSEN, kind: state.choice.kind } : state.choice, stage: { at: "choosing", failure: null } });
  return state.choice;
}

/** The server no longer knows the job. `ended`: it has told how it ended. */
export function loseJob(ended: boolean): void {
  if (state.stage.at !== "job") return;
  if (ended) chooseAgain(true);
  else loseSight();
}

const isUnderWay = () => state.stage.at === "sending" || state.stage.at === "waiting" || state.stage.at === "starting";

/** While files are on their way the browser asks before it leaves the page; who leaves takes them back. */
export function guardLeaving(): () => void {
  const ask = (event: BeforeUnloadEvent) => {
    if (isUnderWay()) event.preventDefault();
  };
  window.addEventListener("beforeunload", ask);
  window.addEventListener("pagehide", stopSending);
  return () => {
    window.removeEventListener("beforeunload", ask);
    window.removeEventListener("pagehide", stopSending);
  };
}
