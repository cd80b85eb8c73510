// Requests to the server. Every reply that is no success becomes an ApiFailure.
import { fileNameOf } from "./file-name";
import { takeEarly } from "./early";
import type { Failure } from "./generated/workbench";

export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null = null,
    readonly position: number | null = null,
  ) {
    super(message);
    this.name = "ApiFailure";
  }
}

export type Parameters = Record<string, string | number | boolean | string[] | null | undefined>;

/** The address of a request: parameters without a value are left out, lists are repeated. */
export function address(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || value === undefined || value === "") continue;
    if (Array.isArray(value)) for (const one of value) query.append(name, one);
    else if (typeof value === "boolean") query.set(name, value ? "1" : "0");
    else query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

async function failureOf(reply: Response): Promise<ApiFailure> {
  try {
    const { error } = (await reply.json()) as Failure;
    return new ApiFailure(reply.status, error.code, error.message, error.field ?? null, error.position ?? null);
  } catch {
    return new ApiFailure(reply.status, "internal", `The server answered ${reply.status} ${reply.statusText}.`);
  }
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  let reply: Response;
  try {
    reply = await fetch(url, { ...init, credentials: "same-origin" });
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw new ApiFailure(0, "offline", "The server does not answer. Is `assay serve` still running?");
  }
  if (!reply.ok) throw await failureOf(reply);
  return reply;
}

/** Answers instead of a server: of a report, from what it holds. */
let held: ((url: string) => unknown) | null = null;

export function answerFrom(source: (url: string) => unknown): void {
  held = source;
}

export async function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  if (held) {
    const answer = held(url);
    if (answer === undefined) throw new ApiFailure(404, "not_found", "This report does not hold that. The workbench does: assay serve.");
    return answer as T;
  }
  // One that failed is asked for again: so every failure is told in the same way.
  const early = await takeEarly(url)?.catch(() => undefined);
  signal?.throwIfAborted();
  if (early !== undefined) return early as T;
  const reply = await ask(url, signal ? { signal } : {});
  return (await reply.json()) as T;
}

function withBody(method: "POST" | "DELETE", body: unknown): RequestInit {
  return { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

export async function send<T>(method: "POST" | "DELETE", url: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return (await (await ask(url, { ...withBody(method, body), ...(signal ? { signal } : {}) })).json()) as T;
}

/** Sends bytes as they are. */
export async function sendBytes<T>(url: string, bytes: ArrayBuffer, signal: AbortSignal): Promise<T> {
  const init = { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: bytes, signal };
  return (await (await ask(url, init)).json()) as T;
}

/** Saves the file that a request answers with. */
export async function download(method: "GET" | "POST", url: string, name: string, body?: unknown): Promise<void> {
  const reply = await ask(url, method === "GET" ? {} : withBody("POST", body));
  saveBlob(await reply.blob(), name);
}

export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileNameOf(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
