// What can be done with an import of this page that has ended: look at the model, or choose again what was refused.
import type { Job } from "../api/generated/workbench";
import { closeAddData, openAddData } from "../state/add-data";
import { useProjectState } from "../state/project";
import { dismissJob } from "../state/watched-job";
import { currentView, go } from "../state/view";
import { chooseAgain, useImporting } from "./importing";

export function ImportOffer({ job, onTaken }: { job: Job; onTaken?: () => void }) {
  const { stage } = useImporting();
  const { project } = useProjectState();
  if (stage.at !== "job" || stage.job !== job.job) return null;
  const offer = (words: string, take: () => void) => (
    <button
      type="button"
      className="primary"
      onClick={() => {
        onTaken?.();
        take();
      }}
    >
      {words}
    </button>
  );
  if (job.state === "failed" || job.state === "stopped")
    return offer("Change and try again", () => {
      chooseAgain();
      openAddData();
    });
  const model = project?.models.find((one) => one.name === stage.model);
  if (job.state !== "done" || !model) return null;
  return offer(`Look at ${model.name}`, () => {
    dismissJob(job.job);
    chooseAgain(true);
    closeAddData();
    go({ page: "overview", filter: { ...currentView().filter, model: model.name } });
  });
}
