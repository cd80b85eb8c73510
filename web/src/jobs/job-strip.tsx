// Long work on the server, and what is sent there: how far it is, a way to stop it, and what became of it.
import { useState } from "react";
import type { Job } from "../api/generated/workbench";
import { SendingProgress } from "../imports/sending-progress";
import { ImportOffer } from "../imports/import-offer";
import { leaveImport } from "../imports/importing";
import { Icon } from "../parts/icon";
import { jobEnding, JobProgress } from "../parts/job-words";
import { Modal } from "../parts/modal";
import { useProjectState } from "../state/project";
import { dismissJob, useJobToTell } from "../state/watched-job";

/** More signs or lines than these are read in a dialog: the strip is narrow. */
const STRIP_SIGNS_MOST = 160;

function Ended({ job }: { job: Job }) {
  const [reading, setReading] = useState(false);
  const message = job.message?.trim() ?? "";
  const long = message.length > STRIP_SIGNS_MOST || message.includes("\n");
  const first = message.split("\n", 1)[0] ?? "";
  return (
    <>
      <div className="job-head">
        <p>{jobEnding(job)}</p>
        <button
          type="button"
          className="plain"
          aria-label="Dismiss"
          onClick={() => {
            dismissJob(job.job);
            leaveImport(job.job);
          }}
        >
          <Icon name="close" />
        </button>
      </div>
      {message && <p className="faint job-message">{long ? `${first.slice(0, STRIP_SIGNS_MOST)}${first.length > STRIP_SIGNS_MOST ? "…" : ""}` : message}</p>}
      <div className="row">
        {long && (
          <button type="button" className="link" onClick={() => setReading(true)}>
            Read all of it
          </button>
        )}
        <ImportOffer job={job} />
      </div>
      {reading && (
        <Modal title={jobEnding(job)} onClose={() => setReading(false)}>
          {/* It scrolls where it is long: the keyboard has to reach it. */}
          <pre className="job-words" tabIndex={0} data-first>
            {message}
          </pre>
          <div className="row">
            <ImportOffer job={job} onTaken={() => setReading(false)} />
            <button type="button" onClick={() => setReading(false)}>
              Close
            </button>
          </div>
        </Modal>
      )}
    </>
  );
}

export function JobStrip() {
  const { jobs } = useProjectState();
  const job = useJobToTell(jobs);
  return (
    <>
      <SendingProgress />
      {job && (
        <div className="job" role="status">
          {job.state === "running" ? <JobProgress job={job} /> : <Ended job={job} />}
        </div>
      )}
    </>
  );
}
