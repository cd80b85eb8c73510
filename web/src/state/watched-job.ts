// Which job's end is worth telling: of one that this page saw at work, until somebody has read it.
import { useSyncExternalStore } from "react";
import type { Job } from "../api/generated/workbench";

const NONE = -1;
let watched = NONE;
let dismissed = NONE;
let version = 0;
const listeners = new Set<() => void>();

function tell(): void {
  version++;
  listeners.forEach((listener) => listener());
}

/** Remember what is at work. A server that began anew counts its jobs from the first again. */
export function watchJobs(jobs: readonly Job[]): void {
  const job = jobs[0];
  if (job?.state === "running") watchJob(job.job);
}

/** The same of a job that may be over before the page hears of it. */
export function watchJob(number: number): void {
  if (watched === number && dismissed < number) return;
  watched = number;
  if (dismissed >= number) dismissed = NONE;
  tell();
}

export function dismissJob(number: number): void {
  dismissed = number;
  tell();
}

/** The job to tell of: the latest, unless it was read, or ended well without any words that matter. */
export function jobToTell(jobs: readonly Job[]): Job | null {
  const job = jobs[0];
  if (!job || job.job === dismissed) return null;
  if (job.state !== "done") return job;
  return job.command.startsWith("add ") && job.job === watched ? job : null;
}

export function useJobToTell(jobs: readonly Job[]): Job | null {
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => version,
  );
  return jobToTell(jobs);
}
