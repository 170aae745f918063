// The practice page in a real browser, from disk and from a server: an answer that the page went on from is never lost, whatever
// the store does, and two tabs, an import and an undo give one log.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { note } from "./fixture.mjs";
import { build, launch, open, serve } from "./site.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "canon-practice-"));
const site = path.join(folder, "site");
let browser, server;

const cards = (name, count) => Array.from({ length: count }, (_, i) => `${i + 1}. **Q:** Question ${i + 1} of ${name}?\n   - **A:** Answer ${i + 1} of ${name}, see [base](base.md).\n`).join("");
const body = (name, count, needs = []) => `
## TL;DR
- ${name} in a sentence.

## Definition
**What it is:** ${name}.

## Interview readiness
### Trap questions
${cards(name, count)}
## Links
### Prerequisites
${needs.map((need) => `- [${need}](${need}.md)\n`).join("")}`;

before(async () => {
  const notes = path.join(folder, "base", "content", "bread");
  mkdirSync(notes, { recursive: true });
  writeFileSync(path.join(folder, "base", "canon.toml"), "title = \"Bread\"\n");
  writeFileSync(path.join(notes, "base.md"), note("base", "Base", { importance: 90 }, body("base", 2)));
  writeFileSync(path.join(notes, "above.md"), note("above", "Above", { importance: 95, tags: ["top"] }, body("above", 3, ["base"])));
  build(path.join(folder, "base"), site);
  browser = await launch();
  server = await serve(site);
});
after(async () => {
  await browser?.close();
  server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const onDisk = () => pathToFileURL(path.join(site, "practice.html")).href;
const counts = (page) => page.textContent(".practice-counts");
const question = (page) => page.textContent(".question");

/** Opens the practice page and waits for what is due. */
async function practice(t, url, options) {
  const page = await open(t, browser, url, options);
  await page.waitForSelector(".practice-counts");
  return page;
}

/** Shows the answer and rates it; waits until the page has gone on. */
async function answer(page, key) {
  const before = await page.textContent(".practice-head .count");
  await page.keyboard.press("Space");
  await page.waitForSelector(".practice-rating");
  await page.keyboard.press(key);
  await page.waitForFunction((text) => document.querySelector(".practice-head .count")?.textContent !== text, before);
}

/** The log that the page exports. */
async function exported(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".practice-transfer button")]);
  return readFileSync(await download.path(), "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

for (const [where, url] of [["from disk", onDisk], ["from a server", () => server.url + "practice.html"]]) {
  describe(where, () => {
    test("cards come in learning order, and answers stay", async (t) => {
      const page = await practice(t, url());
      assert.match(await counts(page), /^0 cards due · 5 new cards$/);
      await page.click(".practice-start");
      await page.waitForSelector(".question");
      assert.equal(await question(page), "Question 1 of base?");
      assert.equal(await page.isVisible(".answer"), false);
      await page.keyboard.press("Space");
      assert.match(await page.textContent(".answer"), /Answer 1 of base/);
      assert.equal(await page.getAttribute(".answer a", "href"), "bread/base.html", "links lead on from this page");
      assert.deepEqual(await page.$$eval(".practice-rating small", (all) => all.map((one) => one.textContent)), ["soon", "1 day", "2 days", "8 days"]);
      await page.keyboard.press("3");
      await page.waitForFunction(() => document.querySelector(".question")?.textContent === "Question 2 of base?");
      await answer(page, "4");
      await page.reload();
      await page.waitForSelector(".practice-counts");
      assert.match(await counts(page), /^0 cards due · 3 new cards · 1 day in a row$/);
      const log = await exported(page);
      assert.deepEqual(log.map((entry) => [entry.v, entry.site, entry.g]), [[1, "bread", 3], [1, "bread", 4]]);
      assert.match(log[0].t, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
    });

    test("undo takes an answer back, and keeps both in the log", async (t) => {
      const page = await practice(t, url());
      await page.click(".practice-start");
      await page.waitForSelector(".question");
      await answer(page, "3");
      await page.keyboard.press("u");
      await page.waitForFunction(() => document.querySelector(".question")?.textContent === "Question 1 of base?");
      await page.click("text=End");
      assert.match(await counts(page), /5 new cards/);
      const log = await exported(page);
      assert.deepEqual(log[1].undo, [log[0].dev, log[0].n]);
    });

    test("a failed card leads to the prerequisite, then comes again", async (t) => {
      const page = await practice(t, url());
      await page.selectOption("label:has-text('Tag') select", "top");
      await page.click(".practice-start");
      await page.waitForSelector(".question");
      assert.equal(await question(page), "Question 1 of above?");
      await answer(page, "1");
      assert.equal(await question(page), "Question 1 of base?");
    });

    test("two tabs write one log", async (t) => {
      const page = await practice(t, url()), other = await page.context().newPage();
      await other.goto(url());
      await other.waitForSelector(".practice-counts");
      for (const tab of [page, other]) {
        await tab.click(".practice-start");
        await tab.waitForSelector(".question");
      }
      await Promise.all([answer(page, "3"), answer(other, "4")]);
      await answer(page, "2");
      await page.reload();
      await page.waitForSelector(".practice-counts");
      assert.deepEqual((await exported(page)).map((entry) => entry.g).sort(), [2, 3, 4]);
    });

    test("an exported log is imported elsewhere, once", async (t) => {
      const page = await practice(t, url());
      await page.click(".practice-start");
      await page.waitForSelector(".question");
      await answer(page, "3");
      await page.click("text=End");
      const file = path.join(folder, "log.jsonl"), text = (await exported(page)).map((entry) => JSON.stringify(entry)).join("\n");
      writeFileSync(file, text + "\n{\"v\":1,\"cut off\n{\"v\":9}\n");
      const fresh = await practice(t, url());
      for (const message of ["1 entry was new. 1 line could not be read.", "0 entries were new. 1 line could not be read."]) {
        await fresh.setInputFiles(".practice-file input", file);
        await fresh.waitForFunction((text) => document.querySelector(".practice .notice")?.textContent === text, message);
      }
      assert.match(await counts(fresh), /4 new cards/);
      await fresh.reload();
      await fresh.waitForSelector(".practice-counts");
      assert.match(await counts(fresh), /4 new cards/);
      assert.deepEqual((await exported(fresh)).at(-1), { v: 9 }, "a later version's line is kept");
    });

    test("a database that refuses to write is replaced by local storage", async (t) => {
      const page = await practice(t, url());
      await page.evaluate(() => {
        IDBObjectStore.prototype.put = function () { throw new DOMException("full", "QuotaExceededError"); };
      });
      await page.click(".practice-start");
      await page.waitForSelector(".question");
      await answer(page, "3");
      await page.reload();
      await page.waitForSelector(".practice-counts");
      assert.match(await counts(page), /4 new cards/);
    });

    test("without any store the page says so and exports what it was told", async (t) => {
      const page = await open(t, browser, url());
      await page.addInitScript(() => {
        Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("no", "SecurityError"); } });
        Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });
      });
      await page.reload();
      await page.waitForSelector(".practice-counts");
      await page.click(".practice-start");
      await page.waitForSelector(".question");
      await answer(page, "3");
      assert.match(await page.textContent(".practice .notice"), /keeps no answers/);
      await page.click("text=End");
      assert.equal((await exported(page)).length, 1);
    });

    test("damaged records do no harm", async (t) => {
      const page = await practice(t, url());
      await page.click(".practice-start");
      await page.waitForSelector(".question");
      await answer(page, "3");
      await page.evaluate(() => new Promise((done) => {
        const request = indexedDB.open("canon-practice", 1);
        request.onsuccess = () => {
          const transaction = request.result.transaction("lines", "readwrite");
          for (const line of ["{\"v\":1,", "null", "[]", "{\"v\":1,\"site\":\"bread\",\"card\":7}"]) transaction.objectStore("lines").put({ site: "bread", line });
          transaction.oncomplete = done;
        };
      }));
      await page.reload();
      await page.waitForSelector(".practice-counts");
      assert.match(await counts(page), /4 new cards/);
    });
  });
}

test("what was answered survives a killed browser", async (t) => {
  const { chromium } = await import("playwright-core"), { CHROME, FLAGS } = await import("./site.mjs");
  const profile = path.join(folder, "profile");
  for (const [round, left] of [[0, "5 new"], [1, "4 new"], [2, "3 new"]]) {
    const context = await chromium.launchPersistentContext(profile, { executablePath: CHROME, args: FLAGS });
    const page = await context.newPage();
    await page.goto(server.url + "practice.html");
    await page.waitForSelector(".practice-counts");
    assert.match(await counts(page), new RegExp(left), `round ${round}`);
    await page.click(".practice-start");
    await page.waitForSelector(".question");
    await answer(page, "3");
    // The browser process crashes right after the page has gone on: nothing is flushed on the way out.
    const session = await context.newCDPSession(page);
    await session.send("Browser.crash").catch(() => {});
    await context.close().catch(() => {});
  }
  t.diagnostic("three answers, three crashes");
});

test("the drill ends with a topic to explain", async (t) => {
  const page = await practice(t, onDisk());
  await page.click("text=Daily drill");
  await page.waitForSelector(".question");
  for (let n = 0; n < 5; n++) {
    await page.keyboard.press("Space");
    await page.waitForSelector(".practice-rating");
    await page.keyboard.press("3");
    await page.waitForFunction((n) => document.querySelector(".practice-head .count")?.textContent !== `${n + 1} / 5`, n);
  }
  await page.waitForSelector(".practice-checklist");
  assert.deepEqual(await page.$$eval(".practice-checklist li", (all) => all.map((one) => one.textContent.trim())), ["TL;DR", "Definition", "Interview readiness"]);
  await page.click("text=Done");
  assert.match(await page.textContent(".practice .notice"), /5 answers kept/);
});

test("an edited question keeps its history, a new one does not", async (t) => {
  const base = path.join(folder, "edited"), notes = path.join(base, "content");
  const write = (...questions) => {
    mkdirSync(notes, { recursive: true });
    writeFileSync(path.join(base, "canon.toml"), "title = \"Edited\"\n");
    const list = questions.map((question, i) => `${i + 1}. **Q:** ${question}\n   - **A:** So.\n`).join("");
    writeFileSync(path.join(notes, "a.md"), note("a", "A", {}, `\n## TL;DR\n- A.\n\n## Interview readiness\n### Trap questions\n${list}`));
    build(base, path.join(folder, "edited-site"));
  };
  write("Does cold dough rise faster than warm dough?", "Why is salt added?");
  const page = await practice(t, pathToFileURL(path.join(folder, "edited-site/practice.html")).href);
  await page.click(".practice-start");
  await page.waitForSelector(".question");
  for (let n = 0; n < 2; n++) {
    await page.keyboard.press("Space");
    await page.waitForSelector(".practice-rating");
    await page.keyboard.press("3");
    await page.waitForFunction((n) => document.querySelector(".practice-head .count")?.textContent !== `${n + 1} / 2`, n);
  }
  write("What is an autolyse?", "Does a cold dough ever rise faster than a warm dough?");
  await page.reload();
  await page.waitForSelector(".practice-counts");
  assert.match(await counts(page), /^0 cards due · 1 new card ·/);
  const log = await exported(page);
  assert.equal(log.filter((entry) => entry.move).length, 1);
  await page.reload();
  await page.waitForSelector(".practice-counts");
  assert.equal((await exported(page)).length, log.length, "moved once");
});

test("home and notes say when cards are due, once somebody has practised", async (t) => {
  const page = await practice(t, server.url + "practice.html");
  await page.click(".practice-start");
  await page.waitForSelector(".question");
  await answer(page, "3");
  await page.goto(server.url + "bread/base.html");
  await page.waitForSelector(".practice-state");
  assert.deepEqual(await page.$$eval(".practice-state", (all) => all.map((one) => one.closest("details").id + " " + one.textContent)), ["canon-card-1 in 2 days"]);
  await page.goto(server.url + "index.html");
  await page.waitForSelector(".counts a[href$='practice.html']");
  assert.equal(await page.textContent(".counts a[href$='practice.html']"), "0 cards due");
});

test("a reader who never practises loads nothing of it", async (t) => {
  const page = await open(t, browser, server.url + "index.html"), asked = [];
  page.on("request", (request) => asked.push(request.url()));
  for (const address of ["index.html", "bread/above.html", "map.html"]) await page.goto(server.url + address);
  assert.deepEqual(asked.filter((address) => address.includes("practice")), []);
});
