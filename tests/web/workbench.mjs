// What the journeys share: a project, a server of it, and Chromium.
import { spawn, execFileSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";

const [assay, root] = process.argv.slice(2);
const require = createRequire(join(root, "web", "package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const IMAGES = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";
const EXAMPLES = join(root, "examples", "fashion-mnist");
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** Why nothing can be tried here; null: it can. */
export const missingBrowser = CHROMIUM ? null : "there is no Chromium";
export const missing = existsSync(IMAGES) ? missingBrowser : "dataset-fashion-mnist is not installed";

export const folder = mkdtempSync(join(tmpdir(), "assay_web_"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Runs assay; its standard output. */
export function run(...args) {
  return execFileSync(assay, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });
}

export function evaluate(...args) {
  return JSON.parse(run("evaluate", ...args, "--json"));
}

/** The demo's project: 10,000 images, two models, neighbours. */
export function makeProject(name = "fashion.assay", ...options) {
  const project = join(folder, name);
  run("create", project, "--images", IMAGES, "--classes", join(EXAMPLES, "classes.txt"), ...options);
  return project;
}

/** Files of one large photograph, in two folders: whoever measures them has to read each. */
export function makePhotos(photos, count) {
  const [width, height] = [2400, 1600];
  const head = Buffer.alloc(54);
  head.write("BM");
  head.writeUInt32LE(54 + 3 * width * height, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  const pixels = Buffer.alloc(3 * width * height);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 2654435761) >>> 24;
  for (const name of ["cat", "dog"]) mkdirSync(join(photos, name), { recursive: true });
  const first = join(photos, "cat", "0.bmp");
  writeFileSync(first, Buffer.concat([head, pixels]));
  for (let i = 1; i < count; i++) linkSync(first, join(photos, i % 2 ? "dog" : "cat", `${i}.bmp`));
}

export function addModel(project, model) {
  run("add", "predictions", project, "--probabilities", join(EXAMPLES, `${model}.npy`), "--rows-in-order", "--model", model);
}

/** Serves a project, on a free port where none is given; stop() waits for its end and gives the exit status. */
export async function serve(project, ...options) {
  const port = options.includes("--port") ? [] : ["--port", "0"];
  const child = spawn(assay, ["serve", project, ...port, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const url = await new Promise((resolve, reject) => {
    const look = (chunk) => {
      said += chunk;
      const match = /http:\/\/[^\s]+/.exec(said);
      if (match) resolve(match[0].replace(/\/$/, ""));
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.on("exit", (code) => reject(new Error(`assay serve ended with ${code}: ${said}`)));
    setTimeout(() => reject(new Error(`assay serve names no address: ${said}`)), 60_000).unref();
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  return {
    url,
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

let browser = null;
export async function openBrowser() {
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  return browser;
}
export async function closeBrowser() {
  await browser?.close();
}

/** A tab in which any error in the console, of the page or of a request to another origin fails the test at its end. */
export async function openTab(server, path = "/", { width = 1280, height = 900, theme = "light", touch = false, expected = [] } = {}) {
  const context = await (await openBrowser()).newContext({ viewport: { width, height }, colorScheme: theme, hasTouch: touch, isMobile: touch });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !expected.some((words) => message.text().includes(words))) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(server.url) && !url.startsWith("data:") && !url.startsWith("blob:")) wrong.push(`asks ${url}`);
  });
  await page.goto(server.url + path);
  await page.waitForSelector(".filter-bar .remaining strong, .filter-bar .remaining:not(:empty)");
  return {
    page,
    close: async () => {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

/** The same of a file: it may ask nobody for anything. */
export async function openFile(file) {
  const context = await (await openBrowser()).newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => !/^(file|data|blob):/.test(request.url()) && wrong.push(`asks ${request.url()}`));
  await page.goto(`file://${file}`);
  return {
    page,
    close: async () => {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

/** What axe finds wrong that is serious or worse. */
export async function seriousViolations(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(" | ")}`);
}

/** The answer of the server itself, for what a page must show. */
export async function ask(server, path, parameters = {}) {
  const query = new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  const reply = await fetch(`${server.url}${path}?${query}`);
  assert.ok(reply.ok, `${path}: ${reply.status}`);
  return reply.json();
}

/** Waits until nothing of the page moves any more. */
export async function settled(page) {
  await page.waitForTimeout(700); // what begins late has begun
  await until(() => page.evaluate(() => document.getAnimations().every((one) => one.playState !== "running")));
}

/** Waits until it is so. The page's own waiting evaluates texts, which its policy forbids. */
export async function until(holds, seconds = 60) {
  for (const end = Date.now() + 1000 * seconds; !(await holds()); await new Promise((go) => setTimeout(go, 50)))
    assert.ok(Date.now() < end, `waited ${seconds} s for: ${holds}`);
}

/** A finger that is drawn over the page, from (x, y) by (dx, dy). */
export async function swipe(page, { x, y, dx = 0, dy = 0 }) {
  const touch = await page.context().newCDPSession(page);
  const at = (type, points) => touch.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  await at("touchStart", [{ x, y }]);
  for (let i = 1; i <= 10; i++) {
    await at("touchMove", [{ x: x + (dx * i) / 10, y: y + (dy * i) / 10 }]);
    await page.waitForTimeout(16);
  }
  await at("touchEnd", []);
  await page.waitForTimeout(400);
  await touch.detach();
}

/** Writes an .npy of 32-bit floats, a list of numbers a row. */
export function writeMatrix(file, rows) {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows.length}, ${rows[0].length}), }`;
  const head = Buffer.from(`\x93NUMPY\x01\x00  ${dictionary.padEnd(117)}\n`, "latin1");
  head.writeUInt16LE(118, 8);
  writeFileSync(file, Buffer.concat([head, Buffer.from(new Float32Array(rows.flat()).buffer)]));
  return file;
}
