import { describe, expect, it } from "vitest";
import type { Job } from "../api/generated/workbench";
import { dismissJob, jobToTell, watchJobs } from "./watched-job";

const job = (number: number, state: Job["state"], command = "add predictions"): Job => ({
  job: number,
  command,
  state,
  file: null,
  what: "",
  done: 0,
  total: 0,
  seconds: 0,
  seconds_left: null,
  message: null,
});

describe("what is told of a job", () => {
  it("is its end, where this page saw it at work, until that is read", () => {
    expect(jobToTell([job(1, "done")])).toBe(null);
    watchJobs([job(2, "running")]);
    expect(jobToTell([job(2, "done")])?.job).toBe(2);
    expect(jobToTell([job(3, "done")])).toBe(null);
    dismissJob(2);
    expect(jobToTell([job(2, "done")])).toBe(null);
  });

  it("is any failure, read or not seen to begin", () => {
    expect(jobToTell([job(7, "failed", "measure")])?.job).toBe(7);
    dismissJob(7);
    expect(jobToTell([job(7, "failed", "measure")])).toBe(null);
    // A new server's job of the same number is another one.
    watchJobs([job(7, "running")]);
    expect(jobToTell([job(7, "failed")])?.job).toBe(7);
  });

  it("is nothing of measures that went well: they are seen in the page", () => {
    watchJobs([job(9, "running", "measure")]);
    expect(jobToTell([job(9, "done", "measure")])).toBe(null);
  });
});
