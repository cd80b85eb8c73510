// What a section lacks, the command that makes it, and a button that runs it.
import { JobButton } from "../../parts/job-button";
import { count } from "../../parts/numbers";
import { Empty } from "../../parts/states";
import { useProject } from "../../state/project";

export function NeedsMeasures({ what }: { what: string }) {
  const project = useProject();
  if (!project.has.images) return <Empty title="This project has no images">{what} need images to look at.</Empty>;
  return (
    <Empty title="The images are not measured yet" action={<JobButton command="measure">Measure the images</JobButton>}>
      <p>
        {what} come from the pixels: <code>assay measure {project.path}</code>
      </p>
    </Empty>
  );
}

/** What a job that was stopped, or images that came later, left to do. */
export function UnmeasuredRest() {
  const { has, measured, path, samples, unreadable } = useProject();
  const left = samples - measured - unreadable;
  if (!has.images || measured === 0 || left <= 0) return null;
  return (
    <div className="card needs">
      <p>
        {count(left)} of {count(samples)} images are not measured yet and count nowhere here: <code>assay measure {path}</code>
      </p>
      <JobButton command="measure">Measure the rest</JobButton>
    </div>
  );
}

export function NeedsEmbedding({ what }: { what: string }) {
  const project = useProject();
  if (!project.has.images) return null;
  return (
    <div className="card needs">
      <p>
        {what} <code>assay embed {project.path}</code>
      </p>
      <JobButton command="embed">Make an embedding</JobButton>
    </div>
  );
}
