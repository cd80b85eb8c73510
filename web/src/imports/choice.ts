// What is to be imported and how, as far as that can be said without the server.
import type { JobRequest } from "../api/generated/workbench";
import type { DataKind } from "../state/add-data";

export type ImportKind = DataKind;
export type Allowance = NonNullable<JobRequest["allow"]>[number];
export type ColumnRole = keyof NonNullable<JobRequest["columns"]>;

export interface ImportChoice {
  kind: ImportKind;
  table: File | null;
  probabilities: File | null;
  logits: boolean;
  /** Nothing names the samples: row i is the project's sample i. */
  inOrder: boolean;
  /** null: called as the file is. */
  model: string | null;
  columns: Readonly<Partial<Record<ColumnRole, string>>>;
  allow: readonly Allowance[];
  /** Class names, a comma between two, in the order of a matrix or of integers in the table. */
  classes: string;
}

export const NOTHING_CHOSEN: ImportChoice = {
  kind: "predictions",
  table: null,
  probabilities: null,
  logits: false,
  inOrder: false,
  model: null,
  columns: {},
  allow: [],
  classes: "",
};

const ALL: readonly ImportKind[] = ["predictions", "labels", "metrics"];
const WITH_CLASSES: readonly ImportKind[] = ["predictions", "labels"];
const PREDICTIONS: readonly ImportKind[] = ["predictions"];

export const KINDS: readonly { kind: ImportKind; name: string; text: string }[] = [
  { kind: "predictions", name: "Predictions", text: "what a model predicted" },
  { kind: "labels", name: "Labels", text: "true classes; other numbers become metrics, other texts attributes" },
  { kind: "metrics", name: "Metrics", text: "numbers and texts of the samples" },
];

/** The columns that can be named, with the words of `assay add --help`. */
export const COLUMN_ROLES: readonly { role: ColumnRole; kinds: readonly ImportKind[]; text: string }[] = [
  { role: "id", kinds: ALL, text: "the column of ids or paths" },
  { role: "label", kinds: WITH_CLASSES, text: "the column of true labels" },
  { role: "prediction", kinds: PREDICTIONS, text: "the column of predicted classes" },
  { role: "confidence", kinds: PREDICTIONS, text: "the column of confidences" },
];

/** What can be let through, with the words of `assay add --help`. */
export const ALLOWANCES: readonly { allow: Allowance; kinds: readonly ImportKind[]; text: string }[] = [
  { allow: "unmatched", kinds: ALL, text: "rows of no sample, and second rows of one, are left out" },
  { allow: "unknown-classes", kinds: WITH_CLASSES, text: "classes that are not among those named above count as missing" },
  { allow: "nan", kinds: PREDICTIONS, text: "confidences and probabilities that are not finite count as missing" },
  { allow: "any-sum", kinds: PREDICTIONS, text: "probabilities that do not add up to 1 are divided by their sum" },
];

const TEXT_ENDINGS = [".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".jsonlines"];
const TABLE_ENDINGS: readonly string[] = [...TEXT_ENDINGS, ".parquet", ".pq", ...TEXT_ENDINGS.map((ending) => `${ending}.gz`)];

const hasEnding = (name: string, endings: readonly string[]) => endings.some((ending) => name.toLowerCase().endsWith(ending));
export const isArray = (name: string) => hasEnding(name, [".npy"]);

/** The endings that a kind's table may have: predictions may be an array of classes. */
export function endingsOf(kind: ImportKind): readonly string[] {
  return kind === "predictions" ? [...TABLE_ENDINGS, ".npy"] : TABLE_ENDINGS;
}

/** A file's name without its endings: what `assay add` calls a model. */
export function nameWithoutEnding(file: string): string {
  const dot = file.indexOf(".");
  return dot > 0 ? file.slice(0, dot) : file;
}

/** What the model will be called; "": nothing says so yet. */
export function modelName(choice: ImportChoice): string {
  return choice.model?.trim() || nameWithoutEnding((choice.table ?? choice.probabilities)?.name ?? "");
}

/** Whether nothing names the samples of the rows. */
export function isWithoutIds(choice: ImportChoice): boolean {
  if (choice.kind !== "predictions") return false;
  return choice.table ? isArray(choice.table.name) : choice.probabilities !== null;
}

function wrongFile(file: File, endings: readonly string[]): string | null {
  if (!hasEnding(file.name, endings))
    return `“${file.name}” is not a file of this kind: its name ends in none of ${endings.filter((ending) => !ending.endsWith(".gz")).join(", ")}.`;
  if (file.size === 0) return `“${file.name}” is empty.`;
  return null;
}

/** What stands in the way of importing this; null: nothing that is known here. */
export function whyNot(choice: ImportChoice): string | null {
  const predictions = choice.kind === "predictions";
  const wrong =
    (choice.table && wrongFile(choice.table, endingsOf(choice.kind))) ||
    (predictions && choice.probabilities && wrongFile(choice.probabilities, [".npy"]));
  if (wrong) return wrong;
  if (!choice.table && !(predictions && choice.probabilities)) return "Choose a file.";
  if (choice.kind !== "metrics" && classNames(choice.classes).length === 1) return "Name at least two classes, or none.";
  if (isWithoutIds(choice) && !choice.inOrder) return "Say that the rows are the project’s samples in their order, or choose a table that names them.";
  return null;
}

/** "cat, dog" as a list. */
export function classNames(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** The job; `table` and `probabilities` are the numbers under which the server has the files. */
export function jobOf(choice: ImportChoice, table: number | null, probabilities: number | null): JobRequest {
  const predictions = choice.kind === "predictions";
  const columns = Object.fromEntries(
    COLUMN_ROLES.filter(({ role, kinds }) => kinds.includes(choice.kind) && choice.columns[role]?.trim()).map(({ role }) => [
      role,
      choice.columns[role] as string,
    ]),
  );
  const allow = ALLOWANCES.filter((one) => one.kinds.includes(choice.kind) && choice.allow.includes(one.allow)).map((one) => one.allow);
  const classes = choice.kind === "metrics" ? [] : classNames(choice.classes);
  return {
    command: `add ${choice.kind}`,
    ...(table !== null ? { table } : {}),
    ...(predictions && probabilities !== null ? { probabilities } : {}),
    ...(predictions && probabilities !== null && choice.logits ? { logits: true } : {}),
    ...(predictions && choice.inOrder ? { rows_in_order: true } : {}),
    ...(predictions ? { model: modelName(choice) } : {}),
    ...(Object.keys(columns).length > 0 ? { columns } : {}),
    ...(allow.length > 0 ? { allow } : {}),
    ...(classes.length > 0 ? { classes } : {}),
  };
}

/** How many dimensions an array's first bytes say that it has; null: these are not those of an array. */
export function arrayDimensions(head: Uint8Array): number | null {
  const text = String.fromCharCode(...head);
  if (!text.startsWith("\x93NUMPY")) return null;
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  return shape === undefined ? null : shape.split(",").filter((part) => part.trim() !== "").length;
}

/** Where files that came together belong: a matrix is of probabilities, anything else a table. */
export async function withFiles(choice: ImportChoice, files: readonly File[]): Promise<ImportChoice> {
  let next = choice;
  for (const file of files) {
    const head = isArray(file.name) ? new Uint8Array(await file.slice(0, 1024).arrayBuffer()) : null;
    if (head && next.kind === "predictions" && (arrayDimensions(head) ?? 2) > 1) next = { ...next, probabilities: file };
    else next = { ...next, table: file };
  }
  return next;
}
