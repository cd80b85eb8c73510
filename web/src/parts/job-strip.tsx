// Long work on the server: how far it is, and a way to stop it.
import { useState } from "react";
import { ApiFailure } from "../api/client";
import { startJob, stopJobs, useProjectState } from "../state/project";
import { count, duration } from "./numbers";

export function JobStrip() {
  const { jobs } = useProjectState();
  const [job] = jobs; // the latest
  if (!job || job.state === "done") return null;
  const share = job.total > 0 ? job.done / job.total : 0;
  return (
    <div className="job" role="status">
      <p>
        {job.state === "running" ? `${job.what || job.command}: ${count(job.done)} of ${count(job.total)}` : `${job.command} ${job.state}`}
      </p>
      {job.message && <p className="faint">{job.message}</p>}
      {job.state === "running" && (
        <>
          <progress max={1} value={share} aria-label={job.command} />
          <p className="faint">
            {job.seconds_left !== null && `${duration(job.seconds_left)} left `}
            <button type="button" className="link" onClick={() => void stopJobs()}>
              Stop
            </button>
          </p>
        </>
      )}
    </div>
  );
}

/** Why nothing can be written now, where a job holds the project; nothing otherwise. */
export function JobHolds() {
  const job = useProjectState().jobs.find((one) => one.state === "running");
  if (!job) return null;
  return <p className="faint">The job “{job.command}” is writing the project: tags can be changed once it has ended.</p>;
}

/** Starts what a page needs; says what happened where it could not be started. */
export function JobButton({ command, children }: { command: "measure" | "embed"; children: string }) {
  const { jobs } = useProjectState();
  const [message, setMessage] = useState<string | null>(null);
  const running = jobs.some((job) => job.state === "running");
  return (
    <>
      <button
        type="button"
        className="primary"
        disabled={running}
        onClick={() =>
          startJob(command).then(
            () => setMessage(null),
            (reason: unknown) => setMessage(reason instanceof ApiFailure ? reason.message : String(reason)),
          )
        }
      >
        {running ? "At work …" : children}
      </button>
      {message && <p role="alert">{message}</p>}
    </>
  );
}
