// Adding predictions, labels and metrics from the page, in Chromium against real servers.
//
//     node check_workbench_import.mjs ASSAY ROOT
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before } from "node:test";
import {
  ask, closeBrowser, evaluate, folder, makePhotos, missingBrowser, openFile, openTab, run, seriousViolations, serve, until, writeMatrix,
} from "./workbench.mjs";

const skip = missingBrowser ?? false;
const PHOTOS = 60;
const files = join(folder, "files");
const servers = {};
const projects = {};

/** A project of photographs in two folders, or in none, and a server of it. */
async function begin(name, ...options) {
  projects[name] = join(folder, `${name}.assay`);
  run("create", projects[name], "--images", join(folder, "photos"), "--no-measure", ...options);
  servers[name] = await serve(projects[name]);
}

const path = (i) => `${i % 2 ? "dog" : "cat"}/${i}.bmp`;
const label = (i) => (i % 2 ? "dog" : "cat");

/** A file of this name; `rows` are joined to lines. */
function write(name, rows) {
  const file = join(files, name);
  writeFileSync(file, typeof rows === "string" ? rows : `${rows.join("\n")}\n`);
  return file;
}

/** Predictions of which every `wrong`-th is wrong. */
function predictions(name, wrong, more = []) {
  const rows = Array.from({ length: PHOTOS }, (_, i) => `${path(i)},${i % wrong ? label(i) : label(i + 1)},${0.5 + i / 200}`);
  return write(name, ["path,prediction,confidence", ...rows, ...more]);
}

before(async () => {
  if (skip) return;
  mkdirSync(files);
  makePhotos(join(folder, "photos"), PHOTOS);
  for (const name of ["first", "kept", "retry", "keys", "slow", "busy"]) await begin(name);
  await begin("twin");
  const flat = join(folder, "flat");
  mkdirSync(flat);
  makePhotos(flat, PHOTOS);
  projects.bare = join(folder, "bare.assay");
  const list = write("list.csv", ["path", ...Array.from({ length: PHOTOS }, (_, i) => join(flat, path(i)))]);
  run("create", projects.bare, "--images", list, "--no-measure");
  servers.bare = await serve(projects.bare);
}, { timeout: 120_000 });

after(async () => {
  await closeBrowser();
  for (const server of Object.values(servers)) assert.equal(await server.stop(), 0, "SIGTERM ends the server well");
});

const journey = (name, steps) => test(name, { skip, timeout: 120_000 }, steps);
const accuracy = (page) => page.locator(".score-card", { has: page.getByText("Accuracy", { exact: true }) }).locator(".value");
const dialog = (page) => page.getByRole("dialog", { name: "Add data" });
const models = async (server) => (await ask(server, "/api/project")).models.map((model) => model.name);
const strip = (page) => page.locator(".job:visible");

async function openDialog(page) {
  await page.getByRole("button", { name: "Add data" }).click();
  await dialog(page).waitFor();
  return dialog(page);
}

journey("predictions are added, and the model appears with the accuracy that the terminal prints", async () => {
  const { page, close } = await openTab(servers.first);
  await page.getByRole("heading", { name: "No predictions yet" }).waitFor();
  await page.getByRole("button", { name: "Add predictions" }).click();
  const box = dialog(page);
  await box.getByLabel("Table", { exact: true }).setInputFiles(predictions("resnet.csv", 4));
  assert.equal(await box.getByLabel("Model’s name").getAttribute("placeholder"), "resnet");
  assert.deepEqual(await seriousViolations(page), []);
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByRole("heading", { name: "Predictions of resnet.csv: added" }).waitFor();
  const words = run("add", "predictions", projects.twin, join(files, "resnet.csv"));
  assert.match(words, new RegExp(`^resnet: predictions added: ${PHOTOS} of ${PHOTOS} samples`));
  assert.equal(await box.locator(".job-words").innerText(), words.trim(), "the job says what the terminal says");
  assert.deepEqual(await seriousViolations(page), []);
  await box.getByRole("button", { name: "Look at resnet" }).click();
  await page.waitForSelector(".score-card");
  const told = evaluate(projects.first, "--model", "resnet").accuracy.value;
  assert.equal(told, 0.75);
  assert.equal(await accuracy(page).innerText(), told.toFixed(3));
  assert.equal(await strip(page).count(), 0);
  assert.deepEqual((await ask(servers.first, "/api/uploads")).uploads, []);

  // The same name again: who replaces a model is told so before.
  const again = await openDialog(page);
  await again.getByLabel("Table", { exact: true }).setInputFiles(predictions("resnet.csv", 3));
  await again.getByText(`There is a model “resnet” already. Its predictions of ${PHOTOS} samples will be replaced`).waitFor();
  await again.getByLabel("Model’s name").fill("other");
  await again.getByRole("button", { name: "Add", exact: true }).waitFor();
  await again.getByLabel("Model’s name").fill("");
  await again.getByRole("button", { name: "Replace", exact: true }).click();
  await again.getByText("resnet: predictions replaced").waitFor();
  await again.getByRole("button", { name: "Look at resnet" }).click();
  const now = evaluate(projects.first, "--model", "resnet").accuracy.value;
  assert.ok(now < told);
  await until(async () => (await accuracy(page).innerText()) === now.toFixed(3));
  await close();
});

journey("a bad file is refused with its name and row, changes nothing, and is taken once it is allowed", async () => {
  const { page, close } = await openTab(servers.kept);
  const before = await ask(servers.kept, "/api/project");
  const box = await openDialog(page);
  await box.getByLabel("Table", { exact: true }).setInputFiles(predictions("strange.csv", 4, ["mouse/1.bmp,cat,0.7", "mouse/2.bmp,cat,0.7"]));
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByRole("heading", { name: "Predictions of strange.csv: not added" }).waitFor();
  const words = await box.locator(".job-words").innerText();
  assert.match(words, /strange\.csv: 2 rows have no sample in the project/);
  assert.match(words, new RegExp(`^\\s*row ${PHOTOS + 1}: no sample is called 'mouse/1\\.bmp'`, "m"));
  assert.match(words, new RegExp(`^\\s*row ${PHOTOS + 2}: no sample is called 'mouse/2\\.bmp'`, "m"));
  assert.deepEqual(await seriousViolations(page), []);
  assert.deepEqual(await ask(servers.kept, "/api/project"), before);

  // Closed, the strip says it too, and all of it can be read there.
  await box.getByRole("button", { name: "Close" }).last().click();
  await strip(page).getByText("Predictions of strange.csv: not added").waitFor();
  await strip(page).getByRole("button", { name: "Read all of it" }).click();
  const all = page.getByRole("dialog", { name: "Predictions of strange.csv: not added" });
  assert.match(await all.locator(".job-words").innerText(), /mouse\/2\.bmp/);
  assert.deepEqual(await seriousViolations(page), []);
  await all.getByRole("button", { name: "Change and try again" }).click();

  await box.getByText("strange.csv").waitFor();
  await box.getByText("More: columns").click();
  await box.getByLabel("rows of no sample, and second rows of one, are left out").check();
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByText("2 rows were left out: no sample of the project").waitFor();
  assert.deepEqual(await models(servers.kept), ["strange"]);

  await box.getByRole("button", { name: "Add something else" }).click();
  await box.getByLabel("Table", { exact: true }).setInputFiles(write("odd.csv", ["path,prediction", `${path(0)},cat`, `${path(1)},dgo`]));
  await box.getByText("More: columns").click();
  await box.getByLabel(/^class names in the order/).fill("cat, dog");
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByText("odd.csv: row 2: prediction 'dgo' is not one of the 2 classes").waitFor();
  assert.deepEqual(await models(servers.kept), ["strange"]);
  assert.equal((await ask(servers.kept, "/api/project")).classes.length, 2);
  await close();
});

/** What is asked of the server to send files. */
function watchSending(page) {
  const asked = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith("/api/uploads") && request.method() !== "GET") asked.push(`${request.method()} ${pathname}${search}`);
  });
  return asked;
}
const uploads = async (server) => (await ask(server, "/api/uploads")).uploads.map((upload) => upload.name);

journey("a column that was named wrongly is corrected, and no piece of the file is sent again", async () => {
  const { page, close } = await openTab(servers.retry);
  const asked = watchSending(page);
  const box = await openDialog(page);
  const rows = (last) => ["path,guess,confidence", ...Array.from({ length: PHOTOS }, (_, i) => `${path(i)},${label(i)},${0.5 + i / 200}`), ...last];
  const file = write("guessed.csv", rows([]));
  await box.getByLabel("Table", { exact: true }).setInputFiles(file);
  await box.getByText("More: columns").click();
  const column = box.getByLabel("the column of predicted classes");
  const add = box.getByRole("button", { name: "Add", exact: true });
  const fail = async (name) => {
    await column.fill(name);
    await add.click();
    await box.getByRole("heading", { name: /: not added$/ }).waitFor();
  };
  const tryAgain = async () => {
    await box.getByRole("button", { name: "Change and try again" }).click();
    await box.getByText("More: columns").click();
  };
  await fail("gues");
  assert.match(await box.locator(".job-words").innerText(), /guessed\.csv: .*'gues'/);
  const sent = [...asked];
  assert.ok(sent.length >= 2 && sent[0] === "POST /api/uploads", `${sent}`);
  assert.deepEqual(await uploads(servers.retry), ["guessed.csv"]);
  await tryAgain();
  assert.equal(await column.inputValue(), "gues");
  await fail("gess");
  await tryAgain();
  await column.fill("guess");
  await add.click();
  await box.getByRole("button", { name: "Look at guessed" }).waitFor();
  assert.deepEqual(asked, sent);
  assert.deepEqual(await uploads(servers.retry), []);
  assert.equal(evaluate(projects.retry, "--model", "guessed").accuracy.value, 1);
  await close();
});

journey("what was refused is taken back when another file is chosen, the dialog left, the refusal dismissed or the page left", async () => {
  const { page, close } = await openTab(servers.retry);
  const box = await openDialog(page);
  const choose = (file) => box.getByLabel("Table", { exact: true }).setInputFiles(file);
  const bad = predictions("bad.csv", 4, ["mouse/1.bmp,cat,0.7"]);
  const fail = async () => {
    await box.getByRole("button", { name: "Add", exact: true }).click();
    await box.getByRole("heading", { name: /: not added$/ }).waitFor();
    assert.equal((await uploads(servers.retry)).length, 1);
  };
  const none = () => until(async () => (await uploads(servers.retry)).length === 0);
  const tryAgain = () => box.getByRole("button", { name: "Change and try again" }).click();
  await choose(bad);
  await fail();
  await tryAgain();
  await choose(predictions("worse.csv", 4, ["mouse/1.bmp,cat,0.7"]));
  await none();
  await fail();
  await tryAgain();
  await page.keyboard.press("Escape");
  await none();
  // It is still chosen, and sent once more.
  await openDialog(page);
  await fail();
  await box.getByRole("button", { name: "Close" }).last().click();
  assert.deepEqual(await uploads(servers.retry), ["worse.csv"]);
  await strip(page).getByRole("button", { name: "Dismiss" }).click();
  await none();
  await openDialog(page);
  await tryAgain();
  await fail();

  // Corrected on the disk, it is another file: the old one is not added in its place.
  await tryAgain();
  await new Promise((go) => setTimeout(go, 1100)); // until its time of change is another one
  predictions("worse.csv", 4);
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByText(/worse\.csv: can no longer be read; was it changed or moved\? Choose it again/).waitFor();
  await choose(join(files, "worse.csv"));
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByRole("button", { name: "Look at worse" }).waitFor();
  await box.getByRole("button", { name: "Add something else" }).click();
  await none();
  await choose(bad);
  await fail();
  await page.goto(`${servers.retry.url}/data`);
  await none();
  await close();
});

journey("an array of logits is added in order, to the numbers that the terminal gives", async () => {
  const rows = Array.from({ length: PHOTOS }, (_, i) => (i % 5 ? [i % 2 ? -1 - i / 50 : 2, i % 2 ? 1.5 : i / 80] : [0.1, 0.2]));
  const file = writeMatrix(join(files, "vit.npy"), rows);
  const { page, close } = await openTab(servers.kept);
  const box = await openDialog(page);
  // Chosen as the table: its shape says that it holds probabilities.
  await box.getByLabel("Table", { exact: true }).setInputFiles(file);
  const add = box.getByRole("button", { name: "Add", exact: true });
  assert.ok(await add.isDisabled());
  await box.getByText("Say that the rows are the project’s samples in their order").waitFor();
  await box.getByLabel(/^row i is the project’s sample i/).check();
  await box.getByLabel(/^They are logits/).check();
  await add.click();
  await box.getByText("vit: predictions added").waitFor();
  await box.getByRole("button", { name: "Look at vit" }).click();
  run("add", "predictions", projects.twin, "--probabilities", file, "--logits", "--rows-in-order");
  const [here, there] = [projects.kept, projects.twin].map((project) => evaluate(project, "--model", "vit"));
  assert.equal(here.log_loss.value, there.log_loss.value);
  assert.ok(here.log_loss.value > 0);
  await page.waitForSelector(".score-card");
  await until(async () => (await accuracy(page).innerText()) === there.accuracy.value.toFixed(3));
  await close();
});

journey("what a project lacks is offered where it lacks: labels, then predictions; metrics are dropped on the page", async () => {
  const { page, close } = await openTab(servers.bare, "/data?section=balance");
  await page.getByRole("button", { name: "Add labels" }).click();
  const box = dialog(page);
  assert.ok(await box.getByLabel(/^Labels/).isChecked());
  await box.getByLabel("Table", { exact: true }).setInputFiles(write("truth.csv", ["path,label", ...Array.from({ length: PHOTOS }, (_, i) => `${path(i)},${label(i)}`)]));
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByText(`${PHOTOS} samples have a label from it`).waitFor();
  await box.getByRole("button", { name: "Close" }).last().click();
  await until(async () => (await page.getByRole("button", { name: "Add labels" }).count()) === 0);
  assert.equal((await ask(servers.bare, "/api/project")).labelled, PHOTOS);

  const lines = Array.from({ length: PHOTOS }, (_, i) => `${path(i)},${i / 3}`);
  await page.evaluate((text) => {
    const carried = new DataTransfer();
    carried.items.add(new File([text], "weather.csv"));
    for (const type of ["dragover", "drop"])
      document.querySelector("main").dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: carried }));
  }, `path,humidity\n${lines.join("\n")}\n`);
  await box.getByText("weather.csv").waitFor();
  await box.getByLabel(/^Metrics/).check();
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByRole("heading", { name: "Metrics of weather.csv: added" }).waitFor();
  assert.ok((await ask(servers.bare, "/api/project")).metrics.some((metric) => metric.name === "humidity" && metric.count === PHOTOS));
  await close();
});

/**
 * Some megabytes, whose pieces wait for `before(turn)`, which says "lost" of one that does not arrive. Nothing here depends on
 * how fast a machine is.
 */
async function sendHeld(page, before) {
  const padding = "x".repeat(60_000);
  const rows = Array.from({ length: PHOTOS }, (_, i) => `${path(i)},${label(i)},${padding}`);
  let turn = 0;
  await page.route(/\/api\/uploads\/\d+\?from=/, async (route) => {
    if ((await before(++turn)) === "lost") await route.abort("connectionfailed");
    else await route.continue();
  });
  return write("large.csv", ["path,prediction,words", ...rows]);
}

/** Something to wait for. */
function signal() {
  let give;
  const given = new Promise((resolve) => (give = resolve));
  return { give, given };
}

journey("sending is stopped, leaves nothing, and the page may be walked while it goes on", async () => {
  const { page, close } = await openTab(servers.slow);
  const file = await sendHeld(page, (turn) => turn > 1 && new Promise(() => undefined));
  const box = await openDialog(page);
  await box.getByLabel("Table", { exact: true }).setInputFiles(file);
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByText(/^Sending large.csv/).waitFor();
  await box.getByRole("button", { name: "Close, it goes on" }).click();
  await page.getByRole("link", { name: "Explorer" }).click();
  await strip(page).getByText(/ of 3\.6 MB/).waitFor();
  assert.deepEqual(await seriousViolations(page), []);
  await until(async () => (await ask(servers.slow, "/api/uploads")).uploads[0]?.received > 0);
  await strip(page).getByRole("button", { name: "Stop" }).click();
  await until(async () => (await strip(page).count()) === 0);
  await until(async () => (await ask(servers.slow, "/api/uploads")).uploads.length === 0);
  assert.deepEqual(await models(servers.slow), []);
  assert.deepEqual((await ask(servers.slow, "/api/jobs")).jobs, []);
  await page.unrouteAll({ behavior: "ignoreErrors" });

  // Nothing has to be chosen again.
  const again = await openDialog(page);
  await again.getByText("large.csv").first().waitFor();
  await again.getByRole("button", { name: "Add", exact: true }).click();
  await again.getByRole("button", { name: "Look at large" }).waitFor();
  await close();
});

journey("who leaves the page while it sends is asked, and what was sent is taken back", async () => {
  const { page, close } = await openTab(servers.slow);
  const box = await openDialog(page);
  await box.getByLabel("Table", { exact: true }).setInputFiles(await sendHeld(page, (turn) => turn > 1 && new Promise(() => undefined)));
  await box.getByLabel("Model’s name").fill("left");
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await until(async () => (await ask(servers.slow, "/api/uploads")).uploads.length === 1);
  const leave = async (answer) => {
    const [asked] = await Promise.all([page.waitForEvent("dialog"), page.evaluate(() => void setTimeout(() => location.assign("/data"), 0))]);
    assert.equal(asked.type(), "beforeunload");
    await asked[answer]();
  };
  await leave("dismiss");
  await strip(page).getByText(/^Sending large.csv/).waitFor();
  assert.equal((await ask(servers.slow, "/api/uploads")).uploads.length, 1);
  await leave("accept");
  await page.waitForURL(/\/data$/);
  await until(async () => (await ask(servers.slow, "/api/uploads")).uploads.length === 0);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await close();
});

journey("a lost connection is told, and what has arrived is not sent again", async () => {
  const { page, close } = await openTab(servers.slow, "/", { expected: ["ERR_CONNECTION_FAILED"] });
  const told = signal();
  const file = await sendHeld(page, (turn) => (turn === 2 ? "lost" : turn > 2 && told.given));
  const begun = [];
  page.on("request", (request) => request.method() === "POST" && /\/api\/uploads(\/|$)/.test(request.url()) && begun.push(request.url()));
  const box = await openDialog(page);
  await box.getByLabel("Table", { exact: true }).setInputFiles(file);
  await box.getByLabel("Model’s name").fill("resumed");
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByText("The server does not answer.").waitFor();
  told.give();
  await box.getByRole("button", { name: "Look at resumed" }).waitFor();
  assert.equal(begun.filter((url) => url.endsWith("/api/uploads")).length, 1);
  const from = begun.filter((url) => url.includes("from=")).map((url) => Number(new URL(url).searchParams.get("from")));
  assert.ok(from[1] > 0 && from[2] === from[1], `from ${from}`);
  assert.equal(evaluate(projects.slow, "--model", "resumed").accuracy.value, 1);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await close();
});

journey("a server that ended and began again gets the file from its beginning", async () => {
  const project = projects.slow;
  const passing = ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET", "404", "503"];
  const { page, close } = await openTab(servers.slow, "/", { expected: passing });
  const ended = signal();
  const box = await openDialog(page);
  await box.getByLabel("Table", { exact: true }).setInputFiles(await sendHeld(page, (turn) => turn > 1 && ended.given));
  await box.getByLabel("Model’s name").fill("again");
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await until(async () => (await ask(servers.slow, "/api/uploads")).uploads[0]?.received > 0);
  const { port } = new URL(servers.slow.url);
  assert.equal(await servers.slow.stop(), 0);
  ended.give();
  await box.getByText("The server does not answer.").waitFor();
  servers.slow = await serve(project, "--port", port);
  await box.getByRole("button", { name: "Look at again" }).waitFor({ timeout: 60_000 });
  assert.equal(evaluate(project, "--model", "again").accuracy.value, 1);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await close();
});

journey("while another job is at work the import waits, says so, and then goes on", async () => {
  // The job has to wait for whoever writes the project, as long as we want.
  const writer = spawn("flock", [join(projects.busy, "lock"), "sh", "-c", "echo held; cat"], { stdio: ["pipe", "pipe", "inherit"] });
  await once(writer.stdout, "data");
  const { page, close } = await openTab(servers.busy, "/data", { expected: ["409"] });
  await page.getByRole("button", { name: "Measure the images" }).click();
  await strip(page).getByText(/^measur/).first().waitFor();
  const box = await openDialog(page);
  await box.getByText("“assay measure” is at work on the project.").waitFor();
  await box.getByLabel("Table", { exact: true }).setInputFiles(predictions("patient.csv", 4));
  await box.getByRole("button", { name: "Add", exact: true }).click();
  await box.getByText(/imported as soon as the other job has ended: assay measure is running/).waitFor();
  writer.stdin.end();
  await box.getByRole("button", { name: "Look at patient" }).waitFor({ timeout: 60_000 });
  const jobs = (await ask(servers.busy, "/api/jobs")).jobs.map((job) => `${job.command} ${job.state}`);
  assert.deepEqual(jobs, ["add predictions done", "measure done"]);
  await close();
});

journey("the keyboard alone is enough to add data", async () => {
  const { page, close } = await openTab(servers.keys);
  const press = async (key, holds, most = 40) => {
    for (let i = 0; i < most && !(await page.evaluate(holds)); i++) await page.keyboard.press(key);
    assert.ok(await page.evaluate(holds), `${key} does not lead to ${holds}`);
  };
  await press("Tab", () => document.activeElement?.getAttribute("aria-label") === "Add data");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.type), "file", "the focus is where the work begins");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
  await chooser.setFiles(predictions("typed.csv", 4));
  // The rest of the page is out of reach.
  for (let i = 0; i < 20; i++) {
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest("dialog") !== null));
  }
  await press("Tab", () => document.activeElement?.tagName === "SUMMARY");
  await page.keyboard.press("Enter");
  await press("Tab", () => document.activeElement?.textContent === "Add");
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("button", { name: "Look at typed" }).waitFor();
  await press("Tab", () => document.activeElement?.textContent === "Look at typed");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".score-card");
  assert.match(decodeURIComponent(page.url()), /"model":"typed"/);

  await press("Tab", () => document.activeElement?.getAttribute("aria-label") === "Add data");
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  await page.keyboard.press("Escape");
  await until(async () => (await dialog(page).count()) === 0);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Add data");
  await close();
});

for (const [theme, width] of [["light", 2560], ["dark", 1280], ["dark", 820]])
  journey(`the dialog is in sight and axe finds nothing serious in it, ${theme}, ${width} wide`, async () => {
    const { page, close } = await openTab(servers.first, "/", { theme, width });
    const box = await openDialog(page);
    for (const kind of [/^Predictions/, /^Labels/, /^Metrics/]) {
      await box.getByLabel(kind).check();
      const more = box.locator("details");
      if (!(await more.getAttribute("open").then((open) => open !== null))) await box.locator("summary").click();
      assert.deepEqual(await seriousViolations(page), [], String(kind));
    }
    await box.getByLabel(/^Predictions/).check();
    await box.getByLabel("Table", { exact: true }).setInputFiles(predictions("resnet.csv", 3));
    await box.getByText("There is a model “resnet” already").waitFor();
    assert.deepEqual(await seriousViolations(page), []);
    const { left, right, top, bottom } = await box.evaluate((element) => element.getBoundingClientRect().toJSON());
    assert.ok(left >= 0 && right <= width && top >= 0 && bottom <= 900, `${left} ${right} ${top} ${bottom}`);
    assert.ok(await box.getByRole("button", { name: "Replace" }).evaluate((button) => button.getBoundingClientRect().bottom <= window.innerHeight));
    await close();
  });

journey("a report offers nothing to add", async () => {
  const file = join(folder, "report.html");
  run("report", projects.first, "--model", "resnet", "-o", file);
  const { page, close } = await openFile(file);
  await page.waitForSelector(".score-card");
  assert.equal(await page.getByRole("button", { name: /^Add/ }).count(), 0);
  await page.getByRole("button", { name: "Performance by metric" }).click();
  assert.equal(await page.getByRole("button", { name: /^Add/ }).count(), 0);
  await close();
});
