// How soon the workbench's page is there, and whether it keeps up with scrolling, in headless Chromium.
//
//     node bench/workbench_page.mjs BUILD/assay PROJECT [TURNS [ROWS]]
//
// For each of TURNS (5) new browsers: first paint of the overview; the Explorer's first page of pictures, from the
// navigation to the last picture in sight being decoded; then ROWS (10,000: minutes) rows are scrolled through in jumps,
// and the longest time that a row in sight had no data. Prints medians and worst.
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
  return page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN);
}

async function firstPage(page, url) {
  const begun = Date.now();
  await page.goto(`${url}/explorer`, { waitUntil: "commit" });
  await page.waitForSelector('.sample-grid [role="gridcell"] img');
  for (;;) {
    const whole = await page.evaluate(() => {
      const cells = [...document.querySelectorAll('.sample-grid [role="gridcell"]')];
      return cells.length > 0 && cells.every((one) => one.querySelector("img")?.complete);
    });
    if (whole) return Date.now() - begun;
    await page.waitForTimeout(5);
  }
}

/** The longest time, in ms, that a row in sight waited for its data, over jumps of three quarters of a screen. */
async function scroll(page, rows) {
  return page.evaluate(async (most) => {
    const grid = document.querySelector(".sample-grid");
    const height = grid.querySelector(".grid-row")?.getBoundingClientRect().height ?? 150;
    const end = Math.min(grid.scrollHeight - grid.clientHeight, most * height);
    const frame = () => new Promise((go) => requestAnimationFrame(go));
    let longest = 0;
    for (let top = 0; top < end; top += grid.clientHeight * 0.75) {
      grid.scrollTop = top;
      const begun = performance.now();
      await frame();
      while (grid.querySelector('[aria-label="not loaded yet"]') && performance.now() - begun < 5000) await frame();
      longest = Math.max(longest, performance.now() - begun);
    }
    return longest;
  }, rows);
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const { child, url } = await serve();
const paint = [];
const pictures = [];
const blank = [];
for (let turn = 0; turn < Number(turns); turn++) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  paint.push(await firstPaint(page, url));
  pictures.push(await firstPage(page, url));
  blank.push(await scroll(page, Number(rows)));
  await browser.close();
}
child.kill("SIGTERM");
for (const [what, list] of [["first paint", paint], ["first page of the Explorer", pictures], ["longest wait of a row", blank]])
  console.log(`${what}: median ${median(list).toFixed(0)} ms, worst ${Math.max(...list).toFixed(0)} ms`);
