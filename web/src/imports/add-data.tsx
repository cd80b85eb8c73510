// The dialog to add predictions, labels or metrics, and what goes on when it is closed.
import { useEffect, useRef, type ReactNode } from "react";
import type { Job } from "../api/generated/workbench";
import { jobEnding, JobProgress } from "../parts/job-words";
import { Modal } from "../parts/modal";
import { closeAddData, openAddData, useAddDataOpened } from "../state/add-data";
import { useProjectState } from "../state/project";
import { dismissJob } from "../state/watched-job";
import { withFiles } from "./choice";
import { ImportForm } from "./import-form";
import { ImportOffer } from "./import-offer";
import { choose, chooseAgain, guardLeaving, leaveImport, loseJob, settleJob, useImporting, type Stage } from "./importing";
import { SendingSteps } from "./sending-progress";
import "./imports.css";

/** What stands in the place of the form gets the focus that the form had. */
function Step({ name, children }: { name: string; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [name]);
  return (
    <div ref={box} className="import-step" tabIndex={-1} role="group" aria-label={name}>
      {children}
    </div>
  );
}

const CloseWords = ({ words }: { words: string }) => (
  <div className="row">
    <button type="button" onClick={closeAddData}>
      {words}
    </button>
  </div>
);

function Outcome({ job }: { job: Job }) {
  return (
    <Step name="Outcome">
      <div role="status">
        <h3>{jobEnding(job)}</h3>
      </div>
      {job.message && (
        <pre className={job.state === "failed" ? "job-words bad" : "job-words"} tabIndex={0}>
          {job.message.trim()}
        </pre>
      )}
      <div className="row">
        <ImportOffer job={job} />
        <button
          type="button"
          onClick={() => {
            dismissJob(job.job);
            chooseAgain(true);
          }}
        >
          Add something else
        </button>
        <button type="button" onClick={closeAddData}>
          Close
        </button>
      </div>
    </Step>
  );
}

function UnderWay({ stage }: { stage: Stage }) {
  const job = useProjectState().jobs.find((one) => stage.at === "job" && one.job === stage.job);
  if (job && job.state !== "running") return <Outcome job={job} />;
  return (
    <Step name="Progress">
      {job ? <JobProgress job={job} /> : stage.at === "job" ? <p>Beginning to import …</p> : <SendingSteps />}
      <CloseWords words="Close, it goes on" />
    </Step>
  );
}

/** Files that are dropped on the page are never opened in its place. `over`: the last import has ended. */
function useDrops(over: boolean): void {
  const { stage } = useImporting();
  const free = useRef(true);
  free.current = over || stage.at === "choosing";
  const ended = useRef(over);
  ended.current = over;
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      if (document.querySelector("dialog[open]:not(.add-data)") || !free.current) return;
      void withFiles(chooseAgain(ended.current), files).then(choose);
      openAddData();
    };
    window.addEventListener("dragover", over);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("drop", drop);
    };
  }, []);
}

export function AddData() {
  const { open, kind } = useAddDataOpened();
  const { choice, stage } = useImporting();
  const { jobs, project } = useProjectState();
  const job = stage.at === "job" ? jobs.find((one) => one.job === stage.job) : undefined;
  const over = job !== undefined && job.state !== "running";
  useDrops(over);
  useEffect(guardLeaving, []);
  // A server that began anew knows nothing of a job that it had, and an old one not of those of long ago.
  const known = useRef<Job["state"] | null>(null);
  useEffect(() => {
    if (known.current && stage.at === "job" && !job) loseJob(known.current !== "running");
    known.current = job?.state ?? null;
  }, [stage.at, job]);
  useEffect(() => {
    if (job && over) settleJob(job.job, job.state === "done");
  }, [job, over]);
  // Closed over a choice that nothing went wrong with, it is left for good; a failure is still offered in the strip.
  const wasOpen = useRef(open);
  useEffect(() => {
    if (wasOpen.current && !open && stage.at === "choosing" && stage.failure === null) leaveImport();
    wasOpen.current = open;
  }, [open, stage]);
  // Who opens it for something else has read how the last one ended.
  useEffect(() => {
    if (!open || kind === null) return;
    if (over) chooseAgain(true);
    choose({ kind });
  }, [open, kind]);
  if (!open || !project) return null;
  return (
    <Modal title="Add data" className="add-data" onClose={closeAddData}>
      {stage.at === "choosing" ? <ImportForm choice={choice} failure={stage.failure} /> : <UnderWay stage={stage} />}
    </Modal>
  );
}
