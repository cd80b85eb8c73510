// How soon the workbench's page is there, and whether it keeps up with scrolling, in headless Chromium.
//
//     node bench/workbench_page.mjs BUILD/assay PROJECT [TURNS [ROWS]]
//
// For each of TURNS (5) new browsers: first paint of the overview; the Explorer's first page of pictures, from the
// navigation to the last picture in sight being there; then ROWS (10,000: minutes) rows are scrolled through in jumps, and
// the longest time that a row in sight had no data, and that a picture in sight was not there. Prints medians and worst.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

const [assay, project, turns = "5", rows = "10000"] = process.argv.slice(2);
const { chromium } = createRequire(new URL("../web/package.json", import.meta.url))("playwright-core");

function serve() {
  const child = spawn(assay, ["serve", project, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve) =>
    child.stdout.on("data", (text) => {
      const url = /http:\/\/\S+/.exec(String(text));
      if (url) resolve({ child, url: url[0].replace(/\/$/, "") });
    }),
  );
}

async function firstPaint(page, url) {
  await page.goto(`${url}/overview`);
  await page.waitForSelector(".filter-bar");
  return page.evaluate(
    () =>
      new Promise((told) =>
        new PerformanceObserver((list) => {
          const painted = list.getEntriesByName("first-contentful-paint")[0];
          if (painted) told(painted.startTime);
        }).observe({ type: "paint", buffered: true }),
      ),
  );
}

/** What is in sight of the grid: rows beyond its edges are there too, and the one that has the focus. */
async function defineInSight(page) {
  await page.addInitScript(() => {
    globalThis.inSight = (grid) => {
      const { top, bottom } = grid.getBoundingClientRect();
      return [...grid.querySelectorAll('[role="gridcell"]')].filter((cell) => {
        const at = cell.getBoundingClientRect();
        return at.bottom > top && at.top < bottom;
      });
    };
  });
}

async function firstPage(page, url) {
  const begun = Date.now();
  await page.goto(`${url}/explorer`, { waitUntil: "commit" });
  await page.waitForSelector('.sample-grid [role="gridcell"] img');
  for (;;) {
    const whole = await page.evaluate(() => {
      const cells = inSight(document.querySelector(".sample-grid"));
      return cells.length > 0 && cells.every((one) => one.querySelector("img")?.complete);
    });
    if (whole) return Date.now() - begun;
    await page.waitForTimeout(5);
  }
}

/** The longest times, in ms, that a row in sight waited for its data and for its pictures, over jumps of 3/4 of a screen. */
async function scroll(page, rows) {
  return page.evaluate(async (most) => {
    const grid = document.querySelector(".sample-grid");
    const height = grid.querySelector(".grid-row")?.getBoundingClientRect().height ?? 150;
    const end = Math.min(grid.scrollHeight - grid.clientHeight, most * height);
    const frame = () => new Promise((go) => requestAnimationFrame(go));
    const waits = (begun, lacks) => performance.now() - begun < 5000 && inSight(grid).some(lacks);
    const longest = { data: 0, pictures: 0 };
    for (let top = 0; top < end; top += grid.clientHeight * 0.75) {
      grid.scrollTop = top;
      const begun = performance.now();
      await frame();
      while (waits(begun, (cell) => cell.ariaLabel === "not loaded yet")) await frame();
      longest.data = Math.max(longest.data, performance.now() - begun);
      while (waits(begun, (cell) => !cell.querySelector("img")?.complete)) await frame();
      longest.pictures = Math.max(longest.pictures, performance.now() - begun);
    }
    return longest;
  }, rows);
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const { child, url } = await serve();
const paint = [];
const pictures = [];
const blank = [];
const bare = [];
for (let turn = 0; turn < Number(turns); turn++) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  await defineInSight(page);
  paint.push(await firstPaint(page, url));
  pictures.push(await firstPage(page, url));
  const longest = await scroll(page, Number(rows));
  blank.push(longest.data);
  bare.push(longest.pictures);
  await browser.close();
}
child.kill("SIGTERM");
const all = [
  ["first paint", paint],
  ["first page of the Explorer", pictures],
  ["longest wait of a row for its data", blank],
  ["longest wait of a row for its pictures", bare],
];
for (const [what, list] of all)
  console.log(`${what}: median ${median(list).toFixed(0)} ms, worst ${Math.max(...list).toFixed(0)} ms`);
