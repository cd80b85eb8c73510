// What to add, from which files, and what to allow.
import { useId } from "react";
import type { Project } from "../api/generated/workbench";
import { counted } from "../parts/numbers";
import { useProject, useProjectState } from "../state/project";
import { ALLOWANCES, COLUMN_ROLES, endingsOf, isWithoutIds, KINDS, modelName, whyNot, withFiles, type ImportChoice } from "./choice";
import { FileChoice } from "./file-choice";
import { beginImport, choose } from "./importing";

function Kinds({ choice }: { choice: ImportChoice }) {
  return (
    <fieldset className="import-kinds">
      <legend>What</legend>
      {KINDS.map(({ kind, name, text }) => (
        <label key={kind}>
          <input type="radio" name="import-kind" checked={choice.kind === kind} onChange={() => choose({ kind })} />
          <span>
            {name} <span className="faint">{text}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Check({ checked, onChange, children }: { checked: boolean; onChange: (on: boolean) => void; children: string }) {
  return (
    <label className="import-check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>{children}</span>
    </label>
  );
}

const InOrder = ({ choice }: { choice: ImportChoice }) => (
  <Check checked={choice.inOrder} onChange={(inOrder) => choose({ inOrder })}>
    row i is the project’s sample i: nothing else says which sample a row is of
  </Check>
);

function Files({ choice }: { choice: ImportChoice }) {
  const predictions = choice.kind === "predictions";
  return (
    <>
      <FileChoice
        label="Table"
        hint={`CSV, TSV, JSON, JSON lines or Parquet${predictions ? ", or an .npy of classes" : ""}. Or drop it here.`}
        accept={[...endingsOf(choice.kind).filter((ending) => !ending.endsWith(".gz")), ".gz"].join(",")}
        file={choice.table}
        first
        onChoose={(file) => {
          if (!file) choose({ table: null });
          // A matrix is one of probabilities, wherever it was chosen.
          else void withFiles(choice, [file]).then(({ table, probabilities }) => choose({ table, probabilities }));
        }}
      />
      {predictions && (
        <FileChoice
          label="Probabilities"
          hint="If there are any: an .npy, N×K, rows in the order of the table."
          accept=".npy"
          file={choice.probabilities}
          onChoose={(probabilities) => choose({ probabilities })}
        />
      )}
      {predictions && choice.probabilities && (
        <Check checked={choice.logits} onChange={(logits) => choose({ logits })}>
          They are logits: take their softmax
        </Check>
      )}
      {isWithoutIds(choice) && <InOrder choice={choice} />}
    </>
  );
}

function replaced(choice: ImportChoice, project: Project) {
  return choice.kind === "predictions" ? project.models.find((one) => one.name === modelName(choice)) : undefined;
}

function ModelName({ choice, project }: { choice: ImportChoice; project: Project }) {
  const id = useId();
  const old = replaced(choice, project);
  return (
    <div className="import-field">
      <label htmlFor={id}>Model’s name</label>
      <input
        id={id}
        value={choice.model ?? ""}
        placeholder={modelName({ ...choice, model: null }) || "the file’s name"}
        maxLength={256}
        autoComplete="off"
        aria-describedby={`${id}-note`}
        onChange={(event) => choose({ model: event.target.value || null })}
      />
      <p id={`${id}-note`} className="import-note" role="status">
        {old && (
          <span className="warn">
            There is a model “{old.name}” already. Its predictions of {counted(old.samples, "sample")} will be replaced by those of the file.
          </span>
        )}
      </p>
    </div>
  );
}

/** What the kinds without a model lay over what is there. */
function Overlaid({ choice, project }: { choice: ImportChoice; project: Project }) {
  if (choice.kind === "predictions") return null;
  const labels = choice.kind === "labels" && project.labelled > 0;
  return (
    <p className="import-note">
      {labels && (
        <span className="warn">
          {counted(project.labelled, "sample has a label", "samples have a label")}: where the table names them, its labels take the place of theirs.{" "}
        </span>
      )}
      A metric or attribute of a name that is there takes its new value for the samples of the table, and keeps the old one for others.
    </p>
  );
}

function More({ choice }: { choice: ImportChoice }) {
  const id = useId();
  const predictions = choice.kind === "predictions";
  return (
    <details className="import-more">
      <summary>More: columns, classes, what to allow</summary>
      <fieldset>
        <legend>Columns, where their names do not say what they are</legend>
        <div className="import-columns">
          {COLUMN_ROLES.filter(({ kinds }) => kinds.includes(choice.kind)).map(({ role, text }) => (
            <div key={role} className="import-field">
              <label htmlFor={`${id}-${role}`}>{text}</label>
              <input
                id={`${id}-${role}`}
                value={choice.columns[role] ?? ""}
                autoComplete="off"
                onChange={(event) => choose({ columns: { ...choice.columns, [role]: event.target.value } })}
              />
            </div>
          ))}
        </div>
      </fieldset>
      {choice.kind !== "metrics" && (
        <div className="import-field">
          <label htmlFor={`${id}-classes`}>class names in the order of the matrix or of the integers in the table: a,b,c (the project’s order)</label>
          <input id={`${id}-classes`} value={choice.classes} autoComplete="off" onChange={(event) => choose({ classes: event.target.value })} />
        </div>
      )}
      <fieldset>
        <legend>Allow</legend>
        {ALLOWANCES.filter(({ kinds }) => kinds.includes(choice.kind)).map(({ allow, text }) => (
          <Check
            key={allow}
            checked={choice.allow.includes(allow)}
            onChange={(on) => choose({ allow: on ? [...choice.allow, allow] : choice.allow.filter((one) => one !== allow) })}
          >
            {/* As a refusal names it. */}
            {`${text} (--allow-${allow})`}
          </Check>
        ))}
        {predictions && !isWithoutIds(choice) && <InOrder choice={choice} />}
      </fieldset>
    </details>
  );
}

export function ImportForm({ choice, failure }: { choice: ImportChoice; failure: string | null }) {
  const project = useProject();
  const running = useProjectState().jobs.find((job) => job.state === "running");
  const obstacle = whyNot(choice);
  const chosen = Boolean(choice.table || choice.probabilities);
  const id = useId();
  return (
    <form
      className="import-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!obstacle) void beginImport();
      }}
    >
      <Kinds choice={choice} />
      <Files choice={choice} />
      {choice.kind === "predictions" && <ModelName choice={choice} project={project} />}
      <Overlaid choice={choice} project={project} />
      <More choice={choice} />
      {!project.writable && !running && <p className="faint">Another program has the project open: nothing can be written now.</p>}
      {running && (
        <p className="faint" role="status">
          “assay {running.command}” is at work on the project. The file can be sent meanwhile, and is imported once that has ended.
        </p>
      )}
      {failure && <p role="alert">{failure}</p>}
      <div className="row">
        <button type="submit" className="primary" disabled={obstacle !== null} aria-describedby={`${id}-obstacle`}>
          {replaced(choice, project) ? "Replace" : "Add"}
        </button>
        <p id={`${id}-obstacle`} className={chosen ? "" : "faint"} role="status">
          {obstacle ?? "All of the file is taken, or nothing."}
        </p>
      </div>
    </form>
  );
}
