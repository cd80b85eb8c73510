// Work that the page offers to do, in Chromium against a real server of photographs that are large enough to take a while.
//
//     node check_workbench_jobs.mjs ASSAY ROOT
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import test, { after, before as beforeAll } from "node:test";
import { ask, closeBrowser, folder, makePhotos, missingBrowser, openTab, run, serve, until } from "./workbench.mjs";

const skip = missingBrowser ?? false;
// Some six seconds of work on any number of processors.
const PHOTOS = Math.max(300, 150 * cpus().length);
const project = join(folder, "photos.assay");
let server;

beforeAll(async () => {
  if (skip) return;
  makePhotos(join(folder, "photos"), PHOTOS);
  run("create", project, "--images", join(folder, "photos"), "--no-measure");
  server = await serve(project);
}, { timeout: 60_000 });

after(async () => {
  await closeBrowser();
  if (server) assert.equal(await server.stop(), 0, "SIGTERM ends the server well");
});

const journey = (name, steps) => test(name, { skip, timeout: 120_000 }, steps);
const state = async () => {
  const job = (await ask(server, "/api/jobs")).jobs[0];
  assert.notEqual(job?.state, "failed", job?.message);
  return job?.state;
};
const measured = () => Number(run("sql", project, "SELECT count(brightness) FROM samples", "--csv").split("\n")[1]);

journey("a job that the page offers runs, is told, is stopped, goes on, and its numbers appear", async () => {
  const { page, close } = await openTab(server, "/data");
  // Where there is no room for the rail it stands above the page: one of two is shown.
  const strip = page.locator(".job:visible");
  const offer = page.getByRole("button", { name: "Measure the images" });
  await offer.click();
  await strip.getByText(/^measuring: [1-9][\d,]* of/).waitFor();
  assert.ok((await strip.locator("progress").getAttribute("value")) > 0);
  assert.equal(await page.getByRole("button", { name: "At work …" }).isDisabled(), true);
  // In the middle of something that takes longer than anybody waits for an answer.
  const worker = Number(/process (\d+)/.exec(readFileSync(join(project, "lock"), "utf8"))[1]);
  process.kill(worker, "SIGSTOP");
  await strip.getByRole("button", { name: "Stop" }).click();
  await new Promise((go) => setTimeout(go, 2_000));
  assert.equal(await strip.getByRole("button", { name: "Stopping …" }).isDisabled(), true);
  assert.equal(await state(), "running");
  process.kill(worker, "SIGCONT");
  await until(async () => (await state()) !== "running");
  assert.equal(await state(), "stopped");
  await strip.getByText("measure stopped").waitFor();
  assert.match((await ask(server, "/api/jobs")).jobs[0].message, /^interrupted/);
  const before = measured();
  assert.ok(before < PHOTOS, `stopped after ${before}`);
  // What a stopped job has done is kept every few seconds: it may be nothing yet.
  const rest = page.getByRole("button", { name: before > 0 ? "Measure the rest" : "Measure the images" });
  await rest.click();
  await strip.getByText(/^measuring: |^measure: /).waitFor();
  await until(async () => (await state()) === "done", 100);
  // Without a reload: the numbers, and no offer any more.
  await page.getByText("Brightness").first().waitFor();
  await until(async () => (await rest.count()) === 0);
  await until(async () => (await strip.count()) === 0);
  assert.equal(measured(), PHOTOS);
  await close();
});

journey("what an embedding is needed for appears when it has been made", async () => {
  const explorer = await openTab(server, "/explorer?sample=0");
  const { page, close } = await openTab(server, "/data?section=duplicates");
  const offer = page.getByRole("button", { name: "Make an embedding" });
  await offer.click();
  // Another tab tags meanwhile: nothing tells it to wait.
  await explorer.page.getByLabel("Tag to add").fill("meanwhile");
  await explorer.page.getByLabel("Tag to add").press("Enter");
  await explorer.page.getByRole("button", { name: "Take off the tag meanwhile" }).waitFor();
  await until(async () => (await state()) === "done", 100);
  await explorer.page.getByRole("button", { name: "Take off the tag meanwhile" }).waitFor();
  await explorer.close();
  await until(async () => (await ask(server, "/api/project")).has.neighbours);
  // Neither the offer nor what stands in its place while the job runs.
  await until(async () => (await page.locator(".needs, .empty .primary").count()) === 0);
  await close();
});
