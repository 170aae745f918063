// Lists of several pages in a real Chromium: filters and sorting see the whole list, from a server and from disk, and load its columns only when they are used.
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { note } from "./fixture.mjs";
import { fixtureSite, launch, noSideways, open as openPage, serve } from "./site.mjs";

const COUNT = 250;
const pad = (i) => String(i).padStart(3, "0");
/** A name of 180 letters that no other has: with three for each note, the catalog of the search index is written in parts. */
const longName = (n) => Array.from({ length: 180 }, (_, i) => String.fromCharCode(98 + ((n + 7) * (i + 3) * 2654435761 >>> 13) % 5)).join("");
/** Notes that only their numbers tell apart. The fact of every second one is missing where it may be. */
const grain = (i) => note(`grain-${pad(i)}`, `Grain ${pad(i)}`, {
  importance: 10 + i % 60, difficulty: ["easy", "medium", "hard"][i % 3], type: i % 2 ? "concept" : "technology", status: i % 50 === 7 ? "stale" : "learning",
  tags: ["grain", ...(i < 120 ? ["Old Grain"] : []), `only-${pad(i)}`], aliases: [...(i === 249 ? ["Zebra wheat"] : []), longName(i * 3), longName(i * 3 + 1), longName(i * 3 + 2)], updated: `2025-${String(1 + i % 12).padStart(2, "0")}-15`,
}, `\n## Definition\n**What it is:** Grain number ${i}.\n`);
const more = Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [`grains/grain-${pad(i)}.md`, grain(i)]));

more["grains/_index.md"] = `# Grains\n\nThe old ones:\n\n${Array.from({ length: 60 }, (_, i) => `- [Grain ${pad(i)}](grain-${pad(i)}.md)\n`).join("")}`;

let built, server, browser;
before(async () => {
  built = fixtureSite({ more });
  server = await serve(built.site);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.stop();
  built?.remove();
});

const fromDisk = () => pathToFileURL(built.site).href + "/";
const open = (t, at, options) => openPage(t, browser, server.url + at, options);
const shown = (page) => page.locator(".filters output").textContent();
const titles = (page) => page.locator(".found-notes tbody th a").allTextContents();
/** The files of the search index that a page asked for. */
function searchFiles(page) {
  const asked = [];
  page.on("request", (request) => /\/search[-/]/.test(request.url()) && asked.push(request.url()));
  return asked;
}

for (const [name, start] of [["a server", () => server.url], ["disk", fromDisk]]) {
  test(`from ${name}, a filter finds a note that is on another page, and says how many of how many`, async (t) => {
    const page = await openPage(t, browser, start() + "importance.html"), asked = searchFiles(page);
    await page.waitForTimeout(300);
    assert.deepEqual(asked, [], "nothing is loaded for a reader who does not filter");
    assert.equal(await page.locator("th a", { hasText: "Grain 000" }).count(), 0, "the note is not on the first page");
    await page.fill("[data-filter=q]", "grain 000");
    await page.locator(".found-notes th a").first().waitFor();
    assert.deepEqual(await titles(page), ["Grain 000"]);
    assert.match(await shown(page), /^1 of 2\d\d shown$/);
    assert.ok(asked.length > 0);
    await page.waitForFunction(() => document.querySelector(".found-notes p")?.textContent.includes("Grain number 0"), null, { timeout: 5000 });
    await page.fill("[data-filter=q]", "ZEBRA");
    await page.waitForFunction(() => document.querySelector(".found-notes th a")?.textContent === "Grain 249", null, { timeout: 5000 });
    await page.locator(".found-notes th a").click();
    await page.waitForURL(/grains\/grain-249\.html/);
  });
}

test("the catalog of a large base is in parts", () => {
  const files = readdirSync(path.join(built.site, "search")).filter((name) => /^(index|c\d+)\.js$/.test(name)), sizes = files.map((name) => statSync(path.join(built.site, "search", name)).size);
  assert.ok(files.length > 2 && Math.max(...sizes) < 110_000, `${files}: ${sizes}`);
});

test("without a filter the page is as it was built", async (t) => {
  const page = await open(t, "importance.html"), own = () => page.locator("main th a:visible").allTextContents(), built = await own();
  assert.equal(built.length, 100);
  await page.fill("[data-filter=q]", "grain 24");
  await page.locator(".found-notes th a").first().waitFor();
  assert.equal(await page.locator(".group:visible, .pager:visible").count(), 0);
  await page.fill("[data-filter=q]", "");
  await page.waitForFunction(() => !document.querySelector(".found-notes"));
  assert.deepEqual(await own(), built);
  assert.ok(!page.url().includes("#"));
});

test("sorting orders the whole list, a hundred rows a page, with numbered pages that Back leaves again", async (t) => {
  const page = await open(t, "importance.html");
  await page.locator("th[data-column=title] button").first().click();
  await page.locator(".found-notes").waitFor();
  assert.equal(await page.locator(".found-notes tbody tr").count(), 100);
  const first = await titles(page);
  assert.equal(first[0], "Ash content");
  assert.deepEqual(first, [...first].sort((a, b) => new Intl.Collator("en").compare(a, b)));
  assert.equal(await page.evaluate(() => document.activeElement?.closest("th")?.dataset.column), "title", "the head that was pressed keeps the focus");
  await page.locator(".found-notes .pager a", { hasText: "3" }).first().click();
  await page.waitForFunction(() => document.querySelector(".found-notes .pager [aria-current]")?.textContent === "3");
  const last = await titles(page);
  assert.ok(last.includes("Grain 249") && !last.some((title) => first.includes(title)));
  await page.goBack();
  await page.waitForFunction(() => document.querySelector(".found-notes .pager [aria-current]")?.textContent === "1");
  assert.deepEqual(await titles(page), first);
  for (const column of ["importance", "updated", "in", "difficulty"]) {
    await page.locator(`.found-notes th[data-column=${column}] button`).click();
    await page.locator(`.found-notes th[data-column=${column}][aria-sort]`).waitFor();
  }
  assert.ok(await noSideways(page));
});

test("values filter, the address keeps them, and another reader's address shows the same", async (t) => {
  const page = await open(t, "types.html");
  await page.selectOption("[data-filter=status]", "stale");
  await page.locator(".found-notes").waitFor();
  // Five grains, and the note on steam.
  assert.match(await shown(page), /^6 of /);
  const found = await titles(page), address = page.url();
  const other = await openPage(t, browser, address);
  await other.locator(".found-notes").waitFor();
  assert.deepEqual(await titles(other), found);
  assert.equal(await other.locator("[data-filter=status]").inputValue(), "stale");
});

test("a tag's list is filtered among its own notes, in all spellings", async (t) => {
  const page = await open(t, "tags/old-grain.html");
  await page.fill("[data-filter=q]", "grain 11");
  await page.locator(".found-notes").waitFor();
  assert.equal(await shown(page), "11 of 120 shown");
  await page.fill("[data-filter=q]", "grain 249");
  await page.waitForFunction(() => document.querySelector(".filters output").textContent.startsWith("0 of 120"));
});

test("the list by date is filtered, too, and stays a list", async (t) => {
  const page = await open(t, "recent.html");
  await page.fill("[data-filter=q]", "grain 00");
  await page.locator(".found-notes .item").first().waitFor();
  const dates = await page.locator(".found-notes time").evaluateAll((all) => all.map((time) => time.dateTime));
  assert.equal(dates.length, 12);
  assert.deepEqual(dates, [...dates].sort().reverse());
  assert.match(await page.locator(".found-notes time").first().textContent(), /^15 \w{3} 2025$/);
});

test("tags of one note are folded, a filter finds them, and A to Z orders them", async (t) => {
  const page = await open(t, "tags/index.html");
  assert.ok(await page.locator("main details.fold li").count() >= COUNT);
  assert.equal(await page.locator("a", { hasText: "only-123" }).isVisible(), false);
  await page.fill("[data-filter=q]", "only-12");
  await page.locator("a", { hasText: "only-123" }).waitFor();
  assert.match(await shown(page), /^10 of \d+ shown$/);
  await page.fill("[data-filter=q]", "");
  assert.equal(await page.locator("a", { hasText: "only-123" }).isVisible(), false);
  await page.selectOption("[data-filter=sort]", "name");
  const names = await page.locator("main .taglist").first().locator("a").allTextContents();
  assert.deepEqual(names, [...names].sort((a, b) => new Intl.Collator("en").compare(a, b)));
});

for (const [name, start] of [["a server", () => server.url], ["disk", fromDisk]]) {
  test(`from ${name}, the glossary's filter asks all of its pages and leads to the row`, async (t) => {
    const page = await openPage(t, browser, start() + "glossary.html");
    await page.fill("[data-filter=q]", "grain 249");
    await page.locator(".filters + .taglist a").first().waitFor();
    assert.deepEqual(await page.locator(".filters + .taglist a").allTextContents(), ["Grain 249"]);
    assert.match(await shown(page), /^1 of 2\d\d shown$/);
    await page.locator(".filters + .taglist a").click();
    await page.waitForURL(/glossary\/\d\.html#canon-glossary-\d+$/);
    assert.match(await page.locator(`[id="${new URL(page.url()).hash.slice(1)}"]`).textContent(), /Grain 249/);
  });
}

test("if the index cannot be loaded, the rows of the page are filtered, and it is said", async (t) => {
  const page = await open(t, "importance.html");
  await page.route("**/search/index.js", (route) => route.abort());
  await page.fill("[data-filter=q]", "gluten");
  await page.waitForFunction(() => document.querySelector(".filters output").textContent.includes("1 of 100"));
  assert.match(await shown(page), /could not be loaded/);
  page.complaints.length = 0;
});

test("the page of a folder lists what the author's index does not, and its filter asks the whole folder", async (t) => {
  const page = await open(t, "grains/index.html");
  assert.equal(await page.locator("h2", { hasText: "More notes" }).count(), 1);
  assert.equal(await page.locator("main tbody th a", { hasText: "Grain 003" }).count(), 0, "the index has it");
  await page.fill("[data-filter=q]", "grain 003");
  await page.locator(".found-notes th a").first().waitFor();
  assert.deepEqual(await titles(page), ["Grain 003"]);
  assert.equal(await shown(page), "1 of 250 shown");
});

test("the tree opens a folder with more notes than it lists, and its filter asks the whole base", async (t) => {
  const page = await open(t, "index.html"), folder = page.locator("[data-path=grains]");
  await folder.locator(".caret").click();
  await folder.locator("ul a").first().waitFor();
  assert.equal(await folder.locator("ul a").count(), COUNT);
  await page.fill(".side .filter input", "grain 249");
  await page.locator(".tree.found a").first().waitFor();
  assert.deepEqual(await page.locator(".tree.found a").allTextContents(), ["Grain 249"]);
  await page.locator(".tree.found a").click();
  await page.waitForURL(/grains\/grain-249\.html/);
});

test("on a phone nothing goes sideways, filtered or not", async (t) => {
  const page = await open(t, "importance.html", { viewport: { width: 320, height: 700 } });
  await page.fill("[data-filter=q]", "grain");
  await page.locator(".found-notes th a").first().waitFor();
  assert.ok(await noSideways(page));
});
