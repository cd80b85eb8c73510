// The main journeys through the workbench, in Chromium against a real server of the demo's project.
//
//     node check_workbench_page.mjs ASSAY ROOT
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import test, { after, before } from "node:test";
import {
  addModel, ask, closeBrowser, evaluate, folder, makePhotos, makeProject, missing, openFile, openTab, run, seriousViolations, serve, settled, swipe, until, writeMatrix,
} from "./workbench.mjs";

const skip = missing ?? false;
const servers = {};
let project;

before(async () => {
  if (skip) return;
  project = makeProject();
  const bare = makeProject("bare.assay", "--no-embed");
  addModel(project, "cnn");
  addModel(project, "logistic");
  servers.full = await serve(project);
  servers.bare = await serve(bare);
  makePhotos(`${folder}/photos`, 60);
  servers.one = await serve(labelledPhotos("one.assay", () => "cat"));
  servers.long = await serve(labelledPhotos("long.assay", (i) => LONG[i % 3], (i) => LONG[(i % 7 ? i : i + 1) % 3]));
  servers.many = await serve(labelledPhotos("many.assay", (i) => `class ${i}`));
}, { timeout: 300_000 });

const LONG = ["American Staffordshire terrier, Staffordshire terrier, American pit bull terrier, pit bull terrier", "x".repeat(180), "<b>cat</b>"];

/** A project of photographs with a label each, a model that is always right where nothing else is said, and a metric of an odd name. */
function labelledPhotos(name, labelOf, predictionOf = labelOf) {
  const made = `${folder}/${name}`;
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 2 ? "dog" : "cat"}/${i}.bmp,"${labelOf(i)}"`);
  const predicted = rows.map((row, i) => `${row.split(",")[0]},"${predictionOf(i)}"`);
  writeFileSync(`${folder}/labels.csv`, `path,label\n${rows.join("\n")}\n`);
  writeFileSync(`${folder}/odd.csv`, `path,"length ""a/b"", é"\n${rows.map((row, i) => `${row.split(",")[0]},${i}`).join("\n")}\n`);
  run("create", made, "--images", `${folder}/photos`, "--labels", `${folder}/labels.csv`, "--no-measure");
  run("add", "metrics", made, `${folder}/odd.csv`);
  writeFileSync(`${folder}/exact.csv`, `path,prediction\n${predicted.join("\n")}\n`);
  run("add", "predictions", made, `${folder}/exact.csv`);
  return made;
}

after(async () => {
  await closeBrowser();
  for (const server of Object.values(servers)) assert.equal(await server.stop(), 0, "SIGTERM ends the server well");
});

const journey = (name, steps) => test(name, { skip, timeout: 120_000 }, steps);
const address = (page, filter = {}, choice = {}) =>
  `/${page}?${new URLSearchParams({ ...(Object.keys(filter).length ? { filter: JSON.stringify(filter) } : {}), ...choice })}`;
const card = (page, name) => page.locator(".score-card", { has: page.getByText(name, { exact: true }) }).locator(".value");
const cells = (page) => page.locator('.sample-grid [role="gridcell"]');
const loaded = (page) => page.waitForSelector('.sample-grid [role="gridcell"]:not([aria-label="not loaded yet"])');

journey("a filter by class gives the numbers that the terminal prints", async () => {
  const { page, close } = await openTab(servers.full);
  const all = evaluate(project, "--model", "cnn");
  await page.waitForSelector(".score-card");
  assert.equal(await card(page, "Accuracy").innerText(), all.accuracy.value.toFixed(3));
  await page.getByRole("button", { name: "All classes" }).click();
  await page.getByRole("button", { name: "None", exact: true }).click();
  for (const name of ["Shirt", "Coat"]) await page.locator(".check-list li", { hasText: name }).last().locator("input").check();
  await page.keyboard.press("Escape");
  const shown = evaluate(project, "--model", "cnn", "--classes-shown", "Shirt,Coat");
  const expected = shown.macro.f1.value.toFixed(3);
  await until(async () => (await card(page, "Mean F1").innerText()) === expected);
  assert.equal(await card(page, "Accuracy").innerText(), shown.accuracy.value.toFixed(3));
  assert.match(decodeURIComponent(page.url()), /"classes":\["/);
  await page.goBack();
  await close();
});

journey("a cell of the confusion matrix leads to exactly its samples", async () => {
  const { page, close } = await openTab(servers.full);
  await page.getByRole("region", { name: "Confusion matrix" }).or(page.locator(".card.chart", { hasText: "Confusion matrix" })).first()
    .getByRole("button", { name: "Table" }).click();
  const row = page.locator(".card.chart tr", { hasText: "Shirt" }).filter({ hasText: "T-shirt/top" }).filter({ hasText: "109" });
  await row.first().getByRole("button").click();
  await loaded(page);
  const expected = await ask(servers.full, "/api/samples", { filter: {}, true: "Shirt", predicted: "T-shirt/top", count: "200" });
  assert.equal(expected.count, 109);
  assert.equal(await page.locator('[role="grid"]').getAttribute("aria-rowcount").then(Number) > 0, true);
  await page.getByRole("button", { name: "Select all 109" }).waitFor();
  for (const label of await cells(page).evaluateAll((all) => all.map((one) => one.getAttribute("aria-label"))))
    if (label !== "not loaded yet") assert.match(label, /Shirt.*T-shirt\/top/);
  await close();
});

journey("a click into the drawn matrix leads to a cell's samples too", async () => {
  const { page, close } = await openTab(servers.full);
  const canvas = page.locator(".card.chart", { hasText: "Confusion matrix" }).first().locator("canvas");
  const box = await canvas.boundingBox();
  // Down the diagonal until something is hit: where the axes end depends on the names.
  for (let part = 0.5; part < 0.9 && !page.url().includes("explorer"); part += 0.03) {
    await page.mouse.click(box.x + box.width * part, box.y + box.height * (part + 0.04));
    await page.waitForTimeout(150);
  }
  await until(() => page.url().includes("explorer"));
  const { searchParams, pathname } = new URL(page.url());
  assert.equal(pathname, "/explorer");
  assert.ok(searchParams.get("true") && searchParams.get("predicted"));
  await page.goBack();
  await page.waitForSelector(".score-card");
  await close();
});

journey("wrong samples, ranked by brightness, are tagged and still tagged after a reload", async () => {
  const choice = { outcome: "wrong", sort: "brightness", descending: "1" };
  const { page, close } = await openTab(servers.full, address("explorer", {}, choice));
  await loaded(page);
  const expected = await ask(servers.full, "/api/samples", { filter: {}, ...choice, count: "10" });
  const ids = await cells(page).evaluateAll((all) => all.slice(0, 10).map((one) => one.getAttribute("aria-label").split(",")[0]));
  assert.deepEqual(ids, expected.samples.map((one) => one.id));
  await cells(page).first().click();
  await page.keyboard.press("Escape");
  await cells(page).nth(0).focus();
  await page.keyboard.press(" ");
  for (let i = 0; i < 9; i++) await page.keyboard.press("Shift+ArrowRight");
  await page.locator(".selected-count", { hasText: "10" }).waitFor();
  await page.keyboard.press("t");
  const input = page.locator("dialog input, [role=dialog] input").first();
  await input.fill("too bright");
  await page.keyboard.press("Enter");
  await until(async () =>
    (await ask(servers.full, "/api/project")).tags.some((tag) => tag.name === "too bright" && tag.count === 10),
  );
  await page.reload();
  await loaded(page);
  await page.locator(".filter-bar").getByRole("button", { name: "Tag", exact: true }).waitFor();
  const tagged = await ask(servers.full, "/api/samples", { filter: { tags: ["too bright"] }, count: "20" });
  assert.deepEqual(tagged.samples.map((one) => one.id).sort(), ids.sort());
  const counted = run("sql", project, 'SELECT count(*) AS n FROM samples WHERE "tag_too bright"', "--model", "cnn", "--csv");
  assert.equal(counted, "n\n10\n");
  await close();
});

journey("all that match are selected but for some, tagged, exported and untagged", async () => {
  const { page, close } = await openTab(servers.full, address("explorer", {}, { outcome: "wrong" }));
  await loaded(page);
  const { count, samples } = await ask(servers.full, "/api/samples", { outcome: "wrong", count: "10" });
  await page.keyboard.press("a");
  const told = page.locator(".selected-count");
  await told.filter({ hasText: `${count} selected` }).waitFor();
  await cells(page).nth(2).click({ modifiers: ["Control"] });
  await told.filter({ hasText: `${count - 1} selected: all but 1` }).waitFor();
  await cells(page).nth(5).click({ modifiers: ["Shift"] });
  await told.filter({ hasText: `${count - 4} selected: all but 4` }).waitFor();
  await cells(page).nth(3).click({ modifiers: ["Control"] });
  await told.filter({ hasText: `${count - 3} selected: all but 3` }).waitFor();
  assert.equal(await cells(page).nth(3).getAttribute("aria-selected"), "true");
  assert.equal(await cells(page).nth(4).getAttribute("aria-selected"), "false");
  const left = [2, 4, 5].map((i) => samples[i].id);

  await page.keyboard.press("t");
  await page.locator("dialog input").first().fill("reviewed");
  await page.keyboard.press("Enter");
  await page.getByText(`put on ${count - 3} samples`).waitFor();
  const untagged = await ask(servers.full, "/api/samples", { filter: { where: 'NOT "tag_reviewed"' }, outcome: "wrong" });
  assert.deepEqual(untagged.samples.map((one) => one.id), left);
  assert.equal((await ask(servers.full, "/api/project")).tags.find((tag) => tag.name === "reviewed").count, count - 3);

  await page.getByRole("button", { name: "Export" }).click();
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "List of paths" }).click()]);
  const lines = readFileSync(await saved.path(), "utf8").trimEnd().split("\n");
  assert.equal(lines.length, count - 3);
  for (const one of left) assert.ok(!lines.includes(one), one);

  await page.locator(".selected-count").filter({ hasText: `${count - 3} selected` }).waitFor();
  await page.keyboard.press("t");
  await page.locator("dialog input").first().fill("reviewed");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await until(async () => !(await ask(servers.full, "/api/project")).tags.some((tag) => tag.name === "reviewed" && tag.count > 0));
  await close();
});

journey("a point of a curve leads to the samples that it counts, at its threshold", async () => {
  const { page, close } = await openTab(servers.full);
  const chart = page.locator(".card.chart", { hasText: "Precision–recall curves" });
  await chart.locator("canvas").waitFor();
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.locator("canvas").boundingBox();
  // Down the middle until a curve is near enough to be hit.
  for (let part = 0.05; part < 0.5 && !page.url().includes("explorer"); part += 0.04) {
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * part);
    await page.mouse.click(box.x + box.width * 0.7, box.y + box.height * part);
    await page.waitForTimeout(100);
  }
  await until(() => page.url().includes("explorer"));
  await loaded(page);
  const view = new URL(page.url()).searchParams;
  const name = view.get("class");
  const [curve] = (await ask(servers.full, "/api/curves", { class: name })).curves;
  const point = curve.pr.find(([, , threshold]) => String(threshold) === view.get("threshold"));
  assert.ok(point, "the address has the very threshold");
  const counted = async (outcome) => {
    const list = { outcome, class: name, threshold: view.get("threshold"), count: "0" };
    return (await ask(servers.full, "/api/samples", list)).count;
  };
  const [tp, fp, fn] = [await counted("tp"), await counted("fp"), await counted("fn")];
  assert.deepEqual([tp / (tp + fn), tp / (tp + fp)], point.slice(0, 2));
  await page.getByRole("button", { name: `Select all ${fp.toLocaleString("en")}`, exact: true }).waitFor();

  const bar = page.locator(".filter-bar");
  await bar.getByRole("button", { name: `False positives of ${name}` }).click();
  await bar.getByRole("group").getByRole("button", { name: "False negatives" }).click();
  await page.getByRole("button", { name: `Select all ${fn.toLocaleString("en")}`, exact: true }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: `Select all ${fn.toLocaleString("en")}`, exact: true }).waitFor();
  await bar.getByRole("button", { name: /take the threshold away/ }).click();
  const plain = await ask(servers.full, "/api/samples", { outcome: "fn", class: name, count: "0" });
  await page.getByRole("button", { name: `Select all ${plain.count.toLocaleString("en")}`, exact: true }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("threshold"), null);
  await close();
});

journey("wrong samples are grouped by similarity, all of them in one request", async () => {
  const { page, close } = await openTab(servers.full, "/explorer");
  await loaded(page);
  const asked = [];
  page.on("request", (request) => /\/api\/(groups|samples\?|samples\/\d+\/similar)/.test(request.url()) && asked.push(request.url()));
  await page.getByLabel("Group").selectOption("similarity");
  await page.locator(".sample-group").first().waitFor();
  const found = await ask(servers.full, "/api/groups", { outcome: "wrong" });
  assert.equal(found.listed, (await ask(servers.full, "/api/samples", { outcome: "wrong", count: "0" })).count);
  assert.equal(asked.length, 1, asked.join("\n"));
  await page.getByText(`Wrong: ${found.listed}, of which ${found.grouped} in ${found.count} groups`).waitFor();
  const titles = await page.locator(".sample-group h2").allInnerTexts();
  assert.deepEqual(titles.map((title) => Number(title.split(" ")[0])), found.groups.map((group) => group.members.length));
  await page.locator(".sample-group").first().getByRole("button", { name: /^Tag all/ }).click();
  await page.locator("dialog input").first().fill("one cause");
  await page.keyboard.press("Enter");
  const most = found.groups[0].members;
  await until(async () => (await ask(servers.full, "/api/project")).tags.some((tag) => tag.name === "one cause"));
  const tagged = await ask(servers.full, "/api/samples", { filter: { tags: ["one cause"] }, count: "500" });
  assert.deepEqual(tagged.samples.map((one) => one.sample), [...most].sort((a, b) => a - b));

  // The list that is chosen, not always the wrong ones; nothing of the list without groups is asked for.
  asked.length = 0;
  await page.goto(servers.full.url + address("explorer", {}, { group: "similarity", true: "Shirt", predicted: "T-shirt/top", similarity: "0.3" }));
  await page.getByText("Shirt predicted as T-shirt/top: 109,").waitFor();
  assert.ok(asked.length > 0 && asked.every((url) => url.includes("/api/groups?")), asked.join("\n"));
  await close();
  const bare = await openTab(servers.bare, address("explorer", {}, { group: "similarity" }));
  await bare.page.getByRole("button", { name: "Make an embedding" }).waitFor();
  await bare.page.getByText(/assay embed/).waitFor();
  await bare.close();
});

journey("a stretch of the performance curve leads to its samples", async () => {
  const { page, close } = await openTab(servers.full, address("performance", {}, { metric: "brightness", bins: "20" }));
  const canvas = page.locator(".card.chart canvas").first();
  await canvas.waitFor();
  const see = page.getByRole("button", { name: "See these samples" });
  // Until the curve is drawn there is nothing to be dragged over.
  await until(async () => {
    const box = await canvas.boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.5);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.5, { steps: 8 });
    await page.mouse.up();
    await page.waitForTimeout(300);
    return (await see.count()) > 0;
  });
  await see.click();
  await loaded(page);
  const filter = JSON.parse(new URL(page.url()).searchParams.get("filter"));
  assert.equal(filter.ranges[0].metric, "brightness");
  const inside = await ask(servers.full, "/api/selection", { filter });
  const curve = await ask(servers.full, "/api/performance", { metric: "brightness", bins: "20", of: "accuracy" });
  const bins = curve.bins.filter((bin) => bin.low >= filter.ranges[0].low && bin.high <= filter.ranges[0].high);
  assert.equal(inside.samples, bins.reduce((sum, bin) => sum + bin.count, 0));
  await page.goBack();
  await page.locator(".card.chart canvas").first().waitFor();
  assert.match(page.url(), /performance/);
  await close();
});

journey("a mistake in an SQL condition is told at its place, and changes nothing", async () => {
  const { page, close } = await openTab(servers.full, "/overview", { expected: ["400"] });
  await page.waitForSelector(".score-card");
  await page.getByRole("button", { name: "SQL" }).click();
  await page.getByLabel("SQL condition").fill("brightness < 0.3 AND brihgtness > 0");
  await page.getByRole("button", { name: "Apply" }).click();
  const alert = page.locator(".where-failure");
  await alert.waitFor();
  assert.match(await alert.innerText(), /brihgtness/);
  assert.ok(!page.url().includes("brihgtness"));
  await page.getByLabel("SQL condition").fill("brightness < 0.3");
  await page.getByRole("button", { name: "Apply" }).click();
  const expected = await ask(servers.full, "/api/selection", { filter: { where: "brightness < 0.3" } });
  await page.locator(".remaining strong", { hasText: expected.samples.toLocaleString("en") }).waitFor();
  await close();
});

journey("a project without predictions and without an embedding says what it needs", async () => {
  const { page, close } = await openTab(servers.bare);
  await page.getByRole("heading", { name: "No predictions yet" }).waitFor();
  await page.goto(servers.bare.url + "/explorer");
  await loaded(page);
  await page.goto(servers.bare.url + "/labels");
  await page.getByText(/assay (embed|add predictions)/).first().waitFor();
  await close();
});

journey("two tabs and a command in the terminal see each other's changes", async () => {
  const one = await openTab(servers.full, "/explorer");
  const two = await openTab(servers.full, "/overview");
  await two.page.waitForSelector(".score-card");
  run("tag", project, "night", "--where", "brightness < 0.1", "--model", "cnn");
  for (const { page } of [one, two]) {
    await page.locator(".filter-bar").getByRole("button", { name: "Tag", exact: true }).click();
    await page.locator(".check-list", { hasText: "night" }).waitFor({ timeout: 20_000 });
  }
  const tags = (await ask(servers.full, "/api/project")).tags;
  assert.equal(
    tags.find((tag) => tag.name === "night").count,
    (await ask(servers.full, "/api/selection", { filter: { where: "brightness < 0.1" } })).samples,
  );
  await one.close();
  await two.close();
});

journey("a suspect's label is decided with one key, and undone", async () => {
  const { page, close } = await openTab(servers.full, "/labels");
  await page.getByText("suspects", { exact: false }).first().waitFor();
  const first = (await ask(servers.full, "/api/suspects", { count: "1" })).suspects[0].sample.sample;
  const decision = async () => (await ask(servers.full, `/api/samples/${first}`)).decision;
  await page.getByRole("button", { name: /Accept/ }).first().waitFor();
  await page.keyboard.press("a");
  await until(async () => (await decision()) === "accept");
  assert.match(run("export", project, "decisions", "-o", `${folder}/decisions.csv`), /^1 row/);
  await page.keyboard.press("u");
  await until(async () => (await decision()) === null);
  await close();
});

journey("a report opens from a file, and its marks lead to the samples that it holds", async () => {
  const file = `${folder}/report.html`;
  run("report", project, "--model", "cnn", "-o", file);
  const { page, close } = await openFile(file);
  await page.waitForSelector(".score-card");
  const all = evaluate(project, "--model", "cnn");
  assert.equal(await card(page, "Accuracy").innerText(), all.accuracy.value.toFixed(3));
  await page.locator(".card.chart", { hasText: "Confusion matrix" }).getByRole("button", { name: "Table" }).click();
  await page.locator(".card.chart tr", { hasText: "Shirt" }).filter({ hasText: "109" }).first().getByRole("button").click();
  await page.locator(".worst img").first().waitFor();
  for (const text of await page.locator(".worst li").allInnerTexts()) assert.match(text, /^Shirt taken for T-shirt\/top/m);
  await page.getByRole("button", { name: "Performance by metric" }).click();
  await page.locator(".card.chart canvas").first().waitFor();
  await page.getByLabel("Metric").selectOption("contrast");
  await page.getByRole("heading", { name: /^Contrast/ }).waitFor();
  assert.deepEqual(await seriousViolations(page), []);
  await close();
});

journey("what one model fixed of another leads to exactly those samples, also where the filter looks at predictions", async () => {
  for (const [where, seenFrom] of [["brightness > 0.4", "logistic"], ["confidence < 0.9", "cnn"]]) {
    const compared = JSON.parse(run("compare", project, "--a", "cnn", "--b", "logistic", "--where", where, "--json"));
    const rows = (model, condition) =>
      JSON.parse(run("sql", project, "--model", model, `SELECT id, correct FROM samples WHERE ${condition} ORDER BY "row"`, "--json"));
    const right = (model) => new Map(rows(model, "true").map((row) => [row.id, row.correct]));
    const [a, b] = [right("cnn"), right("logistic")];
    const ids = rows("cnn", where).map((row) => row.id);
    for (const [name, ofA, ofB, number] of [
      ["Fixed", false, true, compared.fixed],
      ["Broken", true, false, compared.broken],
      ["Wrong in both", false, false, compared.both_wrong],
    ]) {
      const { page, close } = await openTab(servers.full, address("compare", { where, model: "logistic" }, { a: "cnn", b: "logistic" }));
      const card = page.locator(".outcome-cards button", { hasText: name });
      await card.waitFor();
      assert.equal((await card.locator(".value").innerText()).replace(/\D/g, ""), String(number), `${name}, ${where}`);
      await card.click();
      await loaded(page);
      const choice = new URL(page.url()).searchParams;
      assert.equal(JSON.parse(choice.get("filter")).model ?? "cnn", seenFrom);
      const expected = ids.filter((id) => a.get(id) === ofA && b.get(id) === ofB);
      assert.equal(expected.length, number, `${name}, ${where}`);
      const found = [];
      const parameters = { filter: choice.get("filter"), outcome: choice.get("outcome"), against: choice.get("against"), count: "500" };
      for (let all = 1; found.length < all; ) {
        const { count, samples } = await ask(servers.full, "/api/samples", { ...parameters, from: String(found.length) });
        found.push(...samples.map((one) => one.id));
        all = count;
      }
      assert.deepEqual(found, expected, `${name}, ${where}`);
      await close();
    }
  }
});

journey("a long tag breaks nothing, and spaces around one are its own", async () => {
  const post = async (change) => {
    const reply = await fetch(`${servers.full.url}/api/tags`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(change),
    });
    assert.ok(reply.ok);
  };
  const long = "x".repeat(200);
  await post({ add: [long, " spaced ", "spaced"], samples: [3] });
  const { page, close } = await openTab(servers.full, "/explorer?sample=3");
  await page.locator(".chip", { hasText: long }).waitFor();
  const sticksOut = () => page.locator(".detail").evaluate((pane) => pane.scrollWidth - pane.clientWidth);
  assert.ok((await sticksOut()) <= 0, "the details are wider than their place");
  await loaded(page);
  await cells(page).nth(3).click();
  await page.keyboard.press("t");
  await page.locator(".tag-choices button").evaluateAll((all) => all.find((one) => one.firstChild.data === " spaced ").click());
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await until(async () => {
    const { tags } = (await ask(servers.full, "/api/samples/3")).sample;
    return tags.includes("spaced") && !tags.includes(" spaced ");
  });
  await close();
  await post({ remove: [long, " spaced ", "spaced"], samples: [3] });
});

journey("on a tablet everything has a name and nothing sticks out", async () => {
  for (const path of ["/explorer", "/explorer?sample=17", "/explorer?outcome=wrong&group=similarity", "/compare"]) {
    const { page, close } = await openTab(servers.full, path, { width: 820, height: 1180 });
    await page.waitForSelector(".card, .sample-grid, .detail");
    await settled(page);
    assert.deepEqual(await seriousViolations(page), [], path);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 820, path);
    await close();
  }
});

journey("the keyboard alone is enough", async () => {
  const { page, close } = await openTab(servers.full, "/explorer");
  await loaded(page);
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement?.getAttribute("role") === "gridcell")) break;
  }
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "gridcell");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await until(() => new URL(page.url()).searchParams.get("sample") === "1");
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await until(() => !new URL(page.url()).searchParams.has("sample"));
  await close();
});

journey("on a tablet every panel of the filter bar is in sight, and axe finds nothing serious", async () => {
  const { page, close } = await openTab(servers.full, "/overview", { width: 820, height: 1180 });
  await page.waitForSelector(".score-card");
  const buttons = page.locator(".filter-bar .popover > button:not(:disabled)");
  for (let i = 0; i < (await buttons.count()); i++) {
    await buttons.nth(i).click();
    const { left, right } = await page.locator(".popover-panel").evaluate((panel) => panel.getBoundingClientRect().toJSON());
    assert.ok(left >= 0 && right <= 820, `${await buttons.nth(i).innerText()}: ${left} to ${right}`);
    await page.keyboard.press("Escape");
  }
  assert.deepEqual(await seriousViolations(page), []);
  await close();
});

journey("who scrolls over the whole matrix scrolls the page; zoomed in, the wheel is the matrix's", async () => {
  const { page, close } = await openTab(servers.full);
  const chart = page.locator(".card.chart", { hasText: "Confusion matrix" });
  const canvas = chart.locator("canvas");
  const top = () => page.locator("main").evaluate((main) => main.scrollTop);
  await canvas.scrollIntoViewIfNeeded();
  const wheel = async (moves) => {
    const before = await top();
    const box = await canvas.boundingBox();
    await page.mouse.move(box.x + box.width * 0.6, Math.min(box.y + box.height * 0.6, 800));
    await page.mouse.wheel(0, 60);
    if (moves) await until(async () => (await top()) > before);
    // Until it rests.
    for (let now = NaN; now !== (now = await top()); ) await page.waitForTimeout(400);
    return (await top()) - before;
  };
  await wheel(true);
  await chart.getByRole("button", { name: "Zoom in" }).click();
  assert.equal(await wheel(false), 0);
  await chart.getByRole("button", { name: "Whole matrix" }).click();
  await wheel(true);
  await close();
});

journey("the confusion matrix is zoomed and panned by keys, and says what is in sight", async () => {
  const { page, close } = await openTab(servers.full);
  const chart = page.locator(".card.chart", { hasText: "Confusion matrix" });
  const box = chart.getByRole("application", { name: /Keys: plus and minus zoom, arrows pan/ });
  await box.locator("canvas").waitFor();
  await chart.getByRole("button", { name: "CSV" }).focus();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "application");
  assert.notEqual(await box.evaluate((element) => getComputedStyle(element).outlineStyle), "none", "the focus is seen");
  const picture = () => box.locator("canvas").evaluate((canvas) => canvas.toDataURL());
  const whole = await picture();
  const told = chart.getByRole("status");
  for (const [key, words] of [
    ["+", "True Pullover to Sneaker, predicted Pullover to Sneaker"],
    ["+", "True Dress to Shirt, predicted Dress to Shirt"],
    ["Home", "True T-shirt/top to Pullover, predicted T-shirt/top to Pullover"],
    ["ArrowRight", "True T-shirt/top to Pullover, predicted Trouser to Dress"],
    ["ArrowDown", "True Trouser to Dress, predicted Trouser to Dress"],
    ["End", "True Sneaker to Ankle boot, predicted Sneaker to Ankle boot"],
    ["-", "True Sandal to Ankle boot, predicted Sandal to Ankle boot"],
  ]) {
    const before = await picture();
    await page.keyboard.press(key);
    await until(async () => (await told.innerText()) === words, 5).catch(async () => assert.equal(await told.innerText(), words, key));
    await until(async () => (await picture()) !== before);
  }
  await page.keyboard.press("0");
  await until(async () => (await told.innerText()) === "All classes are in sight");
  await until(async () => (await picture()) === whole);
  // Other keys are the page's.
  await page.keyboard.press("Tab");
  assert.notEqual(await page.evaluate(() => document.activeElement?.getAttribute("role")), "application");
  await close();
});

journey("the focused sample is known however far one scrolls away from it", async () => {
  const { page, close } = await openTab(servers.full, "/explorer");
  await loaded(page);
  await cells(page).nth(1).focus();
  await page.keyboard.press("ArrowLeft");
  const grid = page.locator(".sample-grid");
  const pages = new Set();
  page.on("response", (reply) => /\/api\/samples\?/.test(reply.url()) && pages.add(new URL(reply.url()).searchParams.get("from")));
  const height = await grid.evaluate((element) => element.scrollHeight);
  for (let part = 1; part <= 60; part++) {
    await grid.evaluate((element, top) => (element.scrollTop = top), (height * part) / 61);
    await until(async () => (await grid.locator('[aria-label="not loaded yet"]').count()) === 0);
  }
  assert.ok(pages.size > 42, `only ${pages.size} pages were asked for`);
  const first = (await ask(servers.full, "/api/samples", { count: "1" })).samples[0];
  assert.match(await grid.locator('[data-index="0"]').getAttribute("aria-label"), new RegExp(`^${first.id},`));
  await close();
});

journey("a bar of the comparison leads to its samples, also where the filter looks at predictions", async () => {
  for (const [where, seenFrom] of [["row < 5000", "logistic"], ["confidence < 0.9", "cnn"]]) {
    const { page, close } = await openTab(servers.full, address("compare", { where }, { a: "cnn", b: "logistic" }));
    const chart = page.locator(".card.chart", { hasText: "Recall of each class" });
    await chart.getByRole("button", { name: "Table" }).click();
    await chart.locator("tr", { hasText: "Shirt" }).filter({ hasNotText: "T-shirt" }).getByRole("button").click();
    await loaded(page);
    const choice = new URL(page.url()).searchParams;
    assert.equal(JSON.parse(choice.get("filter")).model, seenFrom);
    const right = (model, condition) =>
      JSON.parse(run("sql", project, "--model", model, `SELECT id FROM samples WHERE ${condition} AND label = 'Shirt' ORDER BY "row"`, "--json")).map((row) => row.id);
    const missed = new Set(right("logistic", "NOT correct"));
    const expected = right("cnn", seenFrom === "cnn" ? `${where} AND correct` : where).filter((id) => missed.has(id));
    assert.ok(expected.length > 0);
    const parameters = Object.fromEntries(["filter", "outcome", "class", "against"].filter((name) => choice.has(name)).map((name) => [name, choice.get(name)]));
    const found = await ask(servers.full, "/api/samples", { ...parameters, count: "500" });
    assert.deepEqual(found.samples.map((one) => one.id), expected.slice(0, 500), where);
    assert.equal(found.count, expected.length);
    await close();
  }
});

journey("a finger scrolls the page over every chart, and chooses a range where it is drawn across", async () => {
  const screen = { width: 820, height: 600, touch: true };
  const top = (page) => page.locator("main").evaluate((main) => main.scrollTop);
  for (const path of ["/overview", "/performance?metric=brightness", "/compare", "/data?section=distributions"]) {
    const { page, close } = await openTab(servers.full, path, screen);
    await page.locator(".card.chart canvas").first().waitFor();
    await page.waitForTimeout(1500);
    const charts = page.locator(".card.chart canvas");
    for (let i = 0; i < (await charts.count()); i++) {
      const canvas = charts.nth(i);
      await canvas.evaluate((element) => {
        const main = document.querySelector("main");
        main.scrollTop += element.getBoundingClientRect().top - 120;
      });
      await page.waitForTimeout(100);
      const box = await canvas.boundingBox();
      const before = await top(page);
      // Down where there is something above, else up.
      const dy = before > 150 ? 120 : -120;
      await swipe(page, { x: box.x + box.width / 2, y: Math.min(420, box.y + box.height / 2), dy });
      assert.ok(Math.abs((await top(page)) - before) > 20, `${path}, chart ${i} holds the page`);
      assert.equal(new URL(page.url()).pathname, path.split("?")[0]);
    }
    await close();
  }
  const { page, close } = await openTab(servers.full, "/performance?metric=brightness&bins=20", screen);
  const canvas = page.locator(".card.chart canvas").first();
  await canvas.waitFor();
  await page.waitForTimeout(500);
  const box = await canvas.boundingBox();
  await swipe(page, { x: box.x + box.width * 0.4, y: box.y + 150, dx: box.width * 0.3 });
  await page.getByRole("button", { name: "See these samples" }).click();
  await loaded(page);
  const [range] = JSON.parse(new URL(page.url()).searchParams.get("filter")).ranges;
  assert.ok(range.metric === "brightness" && range.low < range.high);
  await close();
});

journey("of one class alone the curve is a point, and the one that cannot be is said", async () => {
  run("add", "predictions", `${folder}/one.assay`, "--probabilities", writeMatrix(`${folder}/sure.npy`, Array.from({ length: 60 }, () => [1])), "--rows-in-order");
  await until(async () => (await ask(servers.one, "/api/project")).models.some((model) => model.name === "sure"));
  const { page, close } = await openTab(servers.one, address("overview", { model: "sure" }));
  const chart = page.locator(".card.chart", { hasText: "Precision–recall curves" });
  await chart.getByText(/A single point of .cat.: the first threshold already finds all of its samples/).waitFor();
  await chart.locator("canvas").scrollIntoViewIfNeeded();
  // Its point stands in the upper right corner, in the colour of the first curve.
  const drawn = () => chart.locator("canvas").evaluate((canvas) => {
    const { data, width } = canvas.getContext("2d").getImageData(canvas.width / 2, 0, canvas.width / 2, canvas.height / 3);
    for (let at = 0; at < data.length; at += 4) if (data[at] === 0 && data[at + 1] === 114 && data[at + 2] === 178) return (at / 4) % width > 0;
    return false;
  });
  await until(drawn);
  await chart.getByRole("combobox", { name: "Curve" }).selectOption("roc");
  const roc = page.locator(".card.chart", { hasText: "ROC curves" });
  await roc.getByText(/No curve of .cat.: it takes samples that are of the class and samples that are not/).waitFor();
  await roc.getByRole("combobox", { name: "Curve" }).selectOption("pr");
  await chart.locator("canvas").waitFor();
  await close();
});

journey("a metric of any name gives a file that can be saved", async () => {
  const { page, close } = await openTab(servers.one, address("performance", {}, { metric: 'length "a/b", é' }));
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  assert.equal(saved.suggestedFilename(), "performance-length _a_b_, é.csv");
  assert.match(readFileSync(await saved.path(), "utf8"), /^from,to,median,samples/);
  await close();
});

journey("a finger scrolls the page over a whole matrix of many classes too, and pans one that is zoomed", async () => {
  const { page, close } = await openTab(servers.many, "/overview", { width: 820, height: 600, touch: true });
  const chart = page.locator(".card.chart", { hasText: "Confusion matrix" });
  await chart.locator("canvas").waitFor();
  await page.waitForTimeout(1000);
  const main = page.locator("main");
  const over = async () => {
    await chart.locator("canvas").evaluate((element) => {
      const frame = document.querySelector("main");
      frame.scrollTop += element.getBoundingClientRect().top - 100;
    });
    await page.waitForTimeout(100);
    const before = await main.evaluate((element) => element.scrollTop);
    const picture = await chart.locator("canvas").evaluate((canvas) => canvas.toDataURL());
    const box = await chart.locator("canvas").boundingBox();
    await swipe(page, { x: box.x + box.width / 2, y: 450, dy: -120 });
    return {
      scrolled: (await main.evaluate((element) => element.scrollTop)) - before,
      panned: (await chart.locator("canvas").evaluate((canvas) => canvas.toDataURL())) !== picture,
    };
  };
  assert.ok((await over()).scrolled > 50);
  await chart.getByRole("button", { name: "Zoom in" }).click();
  assert.deepEqual(await over(), { scrolled: 0, panned: true });
  await chart.getByRole("button", { name: "Whole matrix" }).click();
  assert.ok((await over()).scrolled > 50);
  await close();
});

journey("what is counted of the whole project leads to all of it, also where a filter is on", async () => {
  const filter = { where: "row < 5000" };
  const { page, close } = await openTab(servers.full, address("data", filter, { section: "balance" }));
  const chart = page.locator(".card.chart", { hasText: "Class balance" });
  await chart.getByRole("button", { name: "Table" }).click();
  const told = await chart.locator("tbody tr").first().locator("td").nth(1).innerText();
  await chart.locator("tbody button").first().click();
  await loaded(page);
  await page.getByRole("button", { name: `Select all ${told}`, exact: true }).waitFor();
  await close();
});

journey("a condition that ends in a comment can be narrowed", async () => {
  const { page, close } = await openTab(servers.full, address("overview", { where: "row < 5000 -- the first half" }));
  const row = page.locator("section[aria-label='What to label next'] tbody tr").first();
  const told = await row.locator("td").nth(1).innerText();
  await row.getByRole("button").click();
  await loaded(page);
  await page.getByRole("button", { name: `Select all ${told}`, exact: true }).waitFor();
  await close();
});

journey("two classes that are labelled as each other lead to the samples of both ways", async () => {
  const { page, close } = await openTab(servers.full, address("labels", {}, { section: "pairs" }));
  const row = page.locator(".card", { hasText: "Classes labelled as each other" }).locator("tbody tr").first();
  await row.waitFor();
  const [first, second] = await row.locator("td").allInnerTexts();
  await row.getByRole("button").click();
  await loaded(page);
  const counted = async (label, prediction) => (await ask(servers.full, "/api/samples", { true: label, predicted: prediction, count: "0" })).count;
  const both = (await counted(first, second)) + (await counted(second, first));
  await page.getByRole("button", { name: `Select all ${both}`, exact: true }).waitFor();
  await close();
});

journey("another filter begins a list at its beginning", async () => {
  const { page, close } = await openTab(servers.full, address("labels", {}, { from: "200" }));
  await page.locator(".pager", { hasText: "201 to" }).first().waitFor();
  await page.getByRole("button", { name: "All classes" }).click();
  await page.getByRole("button", { name: "None", exact: true }).click();
  await page.locator(".check-list li", { hasText: "Coat" }).locator("input").check();
  await page.locator(".pager", { hasText: /^1 to/ }).first().waitFor();
  assert.ok((await page.locator(".suspect").count()) > 0);
  await close();
});

journey("where no label can be judged or no sample matches, that is said and laid out", async () => {
  const labels = await openTab(servers.full, address("labels", { where: "row < 0" }), { expected: ["422"] });
  await labels.page.getByRole("heading", { name: "No label can be judged" }).waitFor();
  assert.equal(await labels.page.getByRole("button", { name: "Try again" }).count(), 0);
  await labels.close();
  const overview = await openTab(servers.full, address("overview", { model: "cnn", where: "row < 0" }));
  await overview.page.getByRole("heading", { name: "Nothing to score" }).waitFor();
  assert.equal(await overview.page.locator(".card").count(), 0);
  await overview.page.getByRole("button", { name: "Clear the filter" }).click();
  await overview.page.waitForSelector(".score-card");
  await overview.close();
  const { page, close } = await openTab(servers.full, address("explorer", { where: "row < 0" }));
  const all = page.getByRole("button", { name: "Show all samples" });
  await all.waitFor();
  assert.ok((await all.boundingBox()).height < 60, "the button is as high as its words");
  await close();
});

journey("the number of those without a value leads to them", async () => {
  writeFileSync(`${folder}/some.csv`, `path,"half ""known"""\n${Array.from({ length: 60 }, (_, i) => `${i % 2 ? "dog" : "cat"}/${i}.bmp,${i % 4 ? i : ""}`).join("\n")}\n`);
  run("add", "metrics", `${folder}/one.assay`, `${folder}/some.csv`);
  await until(async () => (await ask(servers.one, "/api/project")).metrics.some((metric) => metric.name === 'half "known"'));
  const { page, close } = await openTab(servers.one, "/data");
  await page.getByRole("button", { name: /Half .known.: see the 15 without a value/ }).click();
  await loaded(page);
  await page.getByRole("button", { name: "Select all 15", exact: true }).waitFor();
  await close();
});

journey("an address beyond the end of a list says so, and leads back", async () => {
  const { page, close } = await openTab(servers.full, address("labels", {}, { from: 99999 }));
  await page.locator(".pager", { hasText: /^None of/ }).first().waitFor();
  await page.getByRole("button", { name: "Before" }).first().click();
  await page.locator(".suspect").first().waitFor();
  await close();
});

journey("where nothing is left to compare, that is said", async () => {
  const { page, close } = await openTab(servers.full, address("compare", { where: "row < 0" }, { a: "cnn", b: "logistic" }));
  await page.getByRole("heading", { name: "Nothing to compare" }).waitFor();
  assert.equal(await page.locator(".card.chart").count(), 0);
  await close();
});

journey("the longest names of classes stay in their places", async () => {
  const [words, long] = LONG;
  const inside = (page) => page.evaluate(() => [document.documentElement, document.querySelector("main")].every((one) => one.scrollWidth <= one.clientWidth));
  const { page, close } = await openTab(servers.long, "/overview");
  const pairs = page.locator("section[aria-label='Most confused pairs'] .table-frame");
  await pairs.locator("tbody td", { hasText: words }).first().waitFor();
  assert.ok(await pairs.evaluate((frame) => frame.scrollWidth <= frame.clientWidth), "the pairs' numbers are in sight");
  await page.goto(servers.long.url + address("explorer", {}, { outcome: "fp", class: long }));
  const picker = page.locator(".filter-bar .popover > button", { hasText: "False positives of" });
  await picker.waitFor();
  assert.ok(await picker.evaluate((button) => button.scrollWidth <= button.clientWidth), "the outcome's button holds its name");
  assert.ok(await inside(page));
  await page.goto(servers.long.url + address("performance", {}, { metric: 'length "a/b", é', of: "recall", class: long }));
  await page.locator(".card.chart canvas").waitFor();
  assert.ok(await inside(page));
  await close();

  const suspects = await openTab(servers.full, "/compare");
  await suspects.page.route("**/api/suspects?*", async (route) => {
    const reply = await route.fetch();
    const found = await reply.json();
    for (const [i, one] of found.suspects.entries()) {
      one.neighbours_label = i % 2 ? long : words;
      one.sample.label = i % 2 ? words : long;
    }
    await route.fulfill({ response: reply, json: found });
  });
  await suspects.page.getByRole("link", { name: "Label quality" }).click();
  await suspects.page.locator(".suspect").first().waitFor();
  assert.ok(await inside(suspects.page));
  const over = await suspects.page.locator(".suspect").evaluateAll((all) =>
    all.filter((row) => {
      const words = row.querySelector(".suspect-words");
      return words.scrollWidth > words.clientWidth || words.getBoundingClientRect().right > row.querySelector(".suspect-near").getBoundingClientRect().left;
    }).length);
  assert.equal(over, 0, "no label lies over the neighbours");
  await suspects.close();
});

journey("who wants less motion sees nothing turn without an end", async () => {
  const { page, close } = await openTab(servers.full);
  await page.emulateMedia({ reducedMotion: "reduce" });
  const times = await page.evaluate(() => {
    const spinner = document.body.appendChild(document.createElement("span"));
    spinner.className = "spinner";
    return getComputedStyle(spinner).animationIterationCount;
  });
  assert.equal(times, "1");
  await close();
});

journey("a cell of the classes that are not shown leads to its samples", async () => {
  const { page, close } = await openTab(servers.full, address("overview", { classes: ["Shirt", "Coat"] }));
  const chart = page.locator(".card.chart", { hasText: "Confusion matrix" });
  await chart.getByRole("button", { name: "Table" }).click();
  const row = chart.locator("tr", { has: page.locator("td:nth-child(2)", { hasText: "other" }) }).filter({ hasText: /^Shirt/ });
  const told = Number((await row.locator("td").nth(2).innerText()).replace(",", ""));
  assert.ok(told > 0);
  await row.getByRole("button").click();
  await loaded(page);
  await page.getByRole("button", { name: `Select all ${told}` }).waitFor();
  await close();
});

for (const theme of ["light", "dark"])
  for (const name of ["overview", "performance", "explorer", "data", "labels", "compare"])
    journey(`axe finds nothing serious on ${name}, ${theme}`, async () => {
      const { page, close } = await openTab(servers.full, `/${name}`, { theme });
      await page.waitForSelector(".card, .sample-grid");
      await settled(page);
      assert.deepEqual(await seriousViolations(page), []);
      await close();
    });
