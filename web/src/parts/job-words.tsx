// A job in words: what it does, how far it is, what it said at its end.
import { useState } from "react";
import type { Job } from "../api/generated/workbench";
import { stopJobs } from "../state/project";
import { capitalised, count, duration } from "./numbers";
import "./job-words.css";

export const isImport = (job: Job) => job.command.startsWith("add ");

/** "Predictions of resnet.csv", "measure". */
function subject(job: Job): string {
  if (!isImport(job)) return job.command;
  const title = capitalised(job.command.slice("add ".length));
  return job.file ? `${title} of ${job.file}` : title;
}

/** How it ended. */
export function jobEnding(job: Job): string {
  if (!isImport(job)) return `${job.command} ${job.state}`;
  const ends: Record<Job["state"], string> = {
    running: "being added",
    done: "added",
    failed: "not added",
    stopped: "stopped, nothing was added",
  };
  return `${subject(job)}: ${ends[job.state]}`;
}

/** What is in the middle of something goes on for a while after it was asked to stop. */
function Stop({ job }: { job: Job }) {
  const [asked, setAsked] = useState<number | null>(null);
  const stopping = asked === job.job;
  return (
    <button
      type="button"
      className="link"
      disabled={stopping}
      onClick={() => {
        setAsked(job.job);
        stopJobs().catch(() => setAsked(null));
      }}
    >
      {stopping ? "Stopping …" : "Stop"}
    </button>
  );
}

export function JobProgress({ job }: { job: Job }) {
  const counted = job.total > 0;
  return (
    <>
      <p>
        {job.what || (isImport(job) ? subject(job) : job.command)}: {counted ? `${count(job.done)} of ${count(job.total)}` : "beginning"}
      </p>
      {job.what && job.file && <p className="faint job-file">{job.file}</p>}
      <progress max={1} value={counted ? job.done / job.total : undefined} aria-label={subject(job)} />
      <p className="faint">
        {job.seconds_left !== null && `${duration(job.seconds_left)} left `}
        <Stop job={job} />
      </p>
    </>
  );
}
