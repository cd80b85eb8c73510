// A way to start what a page lacks.
import { useState } from "react";
import { ApiFailure } from "../api/client";
import { startJob, useProjectState } from "../state/project";

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
          startJob({ command }).then(
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
