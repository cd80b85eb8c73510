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

/** What is to be imported, and the numbers of its files on the server. */
interface Arrival {
  choice: ImportChoice;
  table: number | null;
  probabilities: number | null;
}

let state: Importing = { choice: NOTHING_CHOSEN, stage: { at: "choosing", failure: null } };
const listeners = new Set<() => void>();
/** What the server has of the files that are chosen, also after a job that failed: it is not sent again. */
const kept = new Map<File, number>();
/** They are a job's, as far as is known here. */
let withJob = false;
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

/** A file that is chosen no more is taken back. */
export function choose(part: Partial<ImportChoice>): void {
  set({ choice: { ...state.choice, ...part }, ...(state.stage.at === "choosing" ? { stage: { at: "choosing", failure: null } } : {}) });
  const { table, probabilities } = state.choice;
  takeBack([...kept.keys()].filter((file) => file !== table && file !== probabilities));
}

const uploadAddress = (upload: number) => `/api/uploads/${upload}`;

/** A server that began anew may give the number to another file. */
async function askFor(file: File, upload: number, signal: AbortSignal): Promise<Upload> {
  const there = await get<Upload>(uploadAddress(upload), signal);
  if (there.name !== file.name || there.bytes !== file.size) throw new ApiFailure(404, "not_found", "the number is another file's");
  return there;
}

const receiverOf = (file: File): Receiver => ({
  begin: async (name, bytes, signal) => {
    const upload = await send<Upload>("POST", "/api/uploads", { name, bytes }, signal);
    kept.set(file, upload.upload);
    return upload;
  },
  piece: (upload, from, bytes, signal) => sendBytes<Upload>(`${uploadAddress(upload)}?from=${from}`, bytes, signal),
  ask: (upload, signal) => askFor(file, upload, signal),
});

/** Takes away what the server has of files that nobody adds; also as the page is left. What a job has is not ours. */
function takeBack(files: readonly File[] = [...kept.keys()]): void {
  if (withJob) return;
  const gone = files.map((file) => kept.get(file)).filter((upload) => upload !== undefined);
  files.forEach((file) => kept.delete(file));
  for (const upload of gone)
    void fetch(uploadAddress(upload), {
      method: "DELETE",
      headers: { "Content-Type": "application/json" },
      body: "{}",
      credentials: "same-origin",
      keepalive: true,
    }).catch(() => undefined); // then it goes in an hour by itself
}

/** The server has them no more, or nobody knows. */
function forgetFiles(): void {
  kept.clear();
  withJob = false;
  arrival = null;
}

const words = (reason: unknown) => (reason instanceof ApiFailure ? reason.message : String(reason));

/** What has arrived stays for another try, unless the sending itself came to nothing. */
function giveUp(reason: unknown, sending: boolean): void {
  arrival = null;
  if (sending) takeBack();
  set({ stage: { at: "choosing", failure: `Nothing was imported: ${words(reason)}` } });
}

/** Nobody knows whether the job began, or ended well. */
function loseSight(): void {
  forgetFiles();
  const failure = "The server did not answer, or ended, while it imported. Look whether the data is there before you add it again.";
  set({ stage: { at: "choosing", failure } });
}

async function sendAll(choice: ImportChoice, signal: AbortSignal): Promise<Arrival> {
  const files = { table: choice.table, probabilities: choice.kind === "predictions" ? choice.probabilities : null };
  const of = (files.table?.size ?? 0) + (files.probabilities?.size ?? 0);
  let before = 0;
  const sent: Arrival = { choice, table: null, probabilities: null };
  for (const part of ["table", "probabilities"] as const) {
    const file = files[part];
    if (!file) continue;
    const onMoved = (received: number, lost: boolean) => {
      if (!signal.aborted) set({ stage: { at: "sending", file: file.name, received: before + received, of, lost } });
    };
    onMoved(0, false);
    sent[part] = await sendFile({ file, to: receiverOf(file), known: kept.get(file), signal, onMoved });
    before += file.size;
  }
  return sent;
}

async function start(): Promise<void> {
  if (!arrival) return;
  const { choice } = arrival;
  set({ stage: { at: "starting" } });
  withJob = true;
  try {
    const { jobs } = await startJob(jobOf(choice, arrival.table, arrival.probabilities));
    arrival = null;
    const job = jobs[0]?.job ?? 0;
    watchJob(job);
    set({ stage: { at: "job", job, model: choice.kind === "predictions" ? modelName(choice) : null } });
  } catch (reason) {
    const status = reason instanceof ApiFailure ? reason.status : -1;
    withJob = false;
    if (status === 0) loseSight();
    else if (status === 409 && (await somethingRuns())) waitForOther(words(reason));
    else giveUp(reason, false);
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
    if (!mine.signal.aborted) giveUp(reason, true);
  }
}

/** Stops sending, or waiting; nothing was imported. A job is stopped as every job is. */
export function stopSending(): void {
  if (state.stage.at !== "sending" && state.stage.at !== "waiting") return;
  abort?.abort();
  abort = null;
  arrival = null;
  takeBack();
  set({ stage: { at: "choosing", failure: null } });
}

/** A job of this number has ended: its files went with it, or are to be had again. */
export function settleJob(number: number, done: boolean): void {
  if (state.stage.at !== "job" || state.stage.job !== number || !withJob) return;
  withJob = false;
  if (done) forgetFiles();
}

/** Nobody will try again what is chosen, or what the job of this number did not add. */
export function leaveImport(job: number | null = null): void {
  const { stage } = state;
  if (stage.at === "job" ? stage.job === job : stage.at === "choosing") takeBack();
}

/** Back to the choice as it was, which is answered; `fresh`: without files. */
export function chooseAgain(fresh = false): ImportChoice {
  if (fresh && (state.stage.at === "job" || state.stage.at === "choosing")) takeBack();
  if (state.stage.at === "job" || state.stage.at === "choosing")
    set({ choice: fresh ? { ...NOTHING_CHOSEN, kind: state.choice.kind } : state.choice, stage: { at: "choosing", failure: null } });
  return state.choice;
}

/** The server no longer knows the job. `ended`: it has told how it ended. */
export function loseJob(ended: boolean): void {
  if (state.stage.at !== "job") return;
  if (!ended) return loseSight();
  forgetFiles(); // another server may have given their numbers to others
  chooseAgain(true);
}

const isUnderWay = () => state.stage.at === "sending" || state.stage.at === "waiting" || state.stage.at === "starting";

/** While files are on their way the browser asks before it leaves the page; who leaves takes them back. */
export function guardLeaving(): () => void {
  const ask = (event: BeforeUnloadEvent) => {
    if (isUnderWay()) event.preventDefault();
  };
  const leave = () => {
    stopSending();
    takeBack();
  };
  window.addEventListener("beforeunload", ask);
  window.addEventListener("pagehide", leave);
  return () => {
    window.removeEventListener("beforeunload", ask);
    window.removeEventListener("pagehide", leave);
  };
}
