// How pages are laid out at each width, and what is reached from the keyboard on each kind of page, in a real Chromium.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ARABIC, COLD_PAGE, KINDS, note } from "./fixture.mjs";
import { fixtureSite, launch, noSideways, open as openPage, serve } from "./site.mjs";

// A note named `index`, one with a table of code and three sides, one in Arabic.
const MORE = {
  "flour/index.md": note("index", "Index of refraction", { importance: 30, tags: ["flour"] }, "\n## TL;DR\n- Light bends.\n"),
  "flour/tables.md": note("tables", "Tables", { importance: 30, tags: ["flour"] }, `
## TL;DR
- Code in cells.

## Decision rules
### Use rye when
- It is dark.

### Use wheat when
- It is light.

### Avoid spelt when
- It is dear.

## Definition
| Setting | Default | What it does |
|---|---|---|
| \`maximum_fermentation_temperature\` | \`twenty_six_degrees\` | The highest \`temperature_of_the_dough\` in use |

[The miller](https://example.org/mill) knows.

- **Anti-pattern:** none here.
`),
  "arabic.md": note("arabic", "الخبز", { importance: 30, tags: ["خبز"] }, `\n## TL;DR\n- ${ARABIC}\n\n## تعريف\n${ARABIC} [تخمير](fermentation/cold-proofing.md) \`${"x".repeat(120)}\`\n\n- ${ARABIC}\n  - ${ARABIC}\n    - ${"س".repeat(120)}\n`),
};
let built, server, browser;

before(async () => {
  built = fixtureSite({ more: MORE });
  server = await serve(built.site);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.stop();
  built?.remove();
});

const open = (t, at, options) => openPage(t, browser, server.url + at, options);
const wide = (width, height = 900) => ({ viewport: { width, height } });
const box = (page, selector) => page.locator(selector).first().boundingBox();

test("three columns from 1200 px, two from 800, below that one with a bar", async (t) => {
  for (const [width, side, rail] of [[1200, true, true], [1199, true, false], [800, true, false], [799, false, false]]) {
    const page = await open(t, COLD_PAGE, wide(width)), main = await box(page, "main");
    assert.equal(await page.locator(".side").isVisible(), side, `the tree at ${width} px`);
    assert.equal(await page.locator(".menu").isVisible(), !side, `the menu's button at ${width} px`);
    const contents = await box(page, ".toc");
    assert.equal(contents.x >= main.x + main.width, rail, `the contents at ${width} px stand ${rail ? "beside" : "above"} the note`);
    assert.ok(await noSideways(page), `${width} px`);
  }
});

test("a line of text has about 70 characters, and nothing laid out is wider than the column", async (t) => {
  const page = await open(t, "how-to-read.html", wide(1600));
  const letters = await page.evaluate(() => {
    const text = document.createElement("p"), range = document.createRange();
    text.textContent = "The dough is folded once more, and rests under a cloth until it has grown by half of what it was. ".repeat(8);
    (document.querySelector(".body") || document.querySelector("main")).append(text);
    const lines = [];
    for (let at = 0; at < text.textContent.length; at++) {
      range.setStart(text.firstChild, at), range.setEnd(text.firstChild, at + 1);
      const top = Math.round(range.getBoundingClientRect().top);
      if (lines.at(-1)?.top === top) lines.at(-1).n++;
      else lines.push({ top, n: 1 });
    }
    text.remove();
    const whole = lines.slice(0, -1);
    return whole.reduce((sum, line) => sum + line.n, 0) / whole.length;
  });
  assert.ok(letters >= 62 && letters <= 78, `${letters} characters a line`);
  // From 1440 px on, the footnotes of this page stand in the margin.
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(server.url + COLD_PAGE);
  assert.ok((await box(page, "main")).width <= 46 * 16);
});

test("short sections share a row where there is room, and not where there is none", async (t) => {
  const page = await open(t, COLD_PAGE, wide(1439)), tops = (page) => page.locator(".pair > .section").evaluateAll((all) => all.map((e) => Math.round(e.getBoundingClientRect().top)));
  const [first, second] = await tops(page);
  assert.equal(first, second);
  const narrow = await open(t, COLD_PAGE, wide(360)), below = await tops(narrow);
  assert.deepEqual(below, [...below].sort((a, b) => a - b));
  assert.equal(new Set(below).size, below.length);
});

test("three sides stand in one row, and none is left half a row wide", async (t) => {
  const page = await open(t, "flour/tables.html"), sides = () => page.locator(".side-box").evaluateAll((all) => all.map((e) => e.getBoundingClientRect()).map(({ top, right }) => [Math.round(top), Math.round(right)]));
  const three = await sides();
  assert.equal(three.length, 3);
  assert.equal(new Set(three.map(([top]) => top)).size, 1, "side by side on a wide screen");
  for (const width of [1440, 1280, 1000, 900, 700, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const rows = new Map(await sides()), ends = new Set(rows.values());
    assert.equal(ends.size, 1, `every row reaches the edge at ${width} px`);
  }
});

test("“What it is” and “Key terms” have a row each", async (t) => {
  const page = await open(t, COLD_PAGE), rows = page.locator(".section-definition .rows > div");
  assert.deepEqual(await rows.locator("dt").allTextContents(), ["What it is", "Key terms"]);
  const [one, other] = [await rows.nth(0).boundingBox(), await rows.nth(1).boundingBox()];
  assert.ok(one.y + one.height <= other.y + 1);
});

test("code in a table's cells is not broken inside words: the table scrolls", async (t) => {
  const page = await open(t, "flour/tables.html", wide(320));
  const lines = await page.locator("td code").evaluateAll((all) => all.map((code) => code.getClientRects().length));
  assert.deepEqual(lines, lines.map(() => 1));
  assert.ok(await page.locator(".table").evaluate((table) => table.scrollWidth > table.clientWidth));
  assert.ok(await noSideways(page));
});

test("the tree scrolls below its filter; the open note is in sight, none of its rows lower than 24 px", async (t) => {
  const page = await open(t, COLD_PAGE, wide(1440, 420)), tree = page.locator(".side > .tree").first();
  await page.evaluate(() => document.querySelectorAll(".caret[aria-expanded=false]").forEach((caret) => caret.click()));
  await page.locator(".folder[data-path=ovens] > ul > li").waitFor();
  assert.ok(await tree.evaluate((list) => list.scrollHeight > list.clientHeight), "the list is longer than its place");
  await tree.evaluate((list) => list.scrollTo(0, 9999));
  const [head, list] = [await box(page, ".side-head"), await box(page, ".side > .tree")];
  assert.ok(head.y >= 0 && head.y + head.height <= list.y + 1, "the filter stays where it is");
  assert.ok((await page.locator(".tree a").evaluateAll((rows) => Math.min(...rows.map((row) => row.getBoundingClientRect().height)))) >= 24);
  await page.reload();
  const current = await box(page, ".tree [aria-current]"), place = await box(page, ".side > .tree");
  assert.ok(current.y >= place.y && current.y + current.height <= place.y + place.height);
});

test("home tells what the base is, what to begin with, what is new, and how much there is, over its whole width", async (t) => {
  const page = await open(t, "index.html");
  assert.match(await page.textContent(".hero .lead"), /first principles/);
  assert.match(await page.getAttribute("meta[name=description]", "content"), /first principles/);
  const [hero, counts] = [await box(page, ".hero"), await box(page, ".counts")];
  assert.ok(counts.x >= hero.x + hero.width && counts.y < hero.y + hero.height, "the numbers stand beside the introduction");
  for (const at of ["importance.html", "graph.html", "tags/index.html"]) assert.ok(await page.locator(`.counts a[href="${at}"]`).isVisible(), at);
  assert.ok(await page.locator(".items .item").count() > 3);
  const narrow = await open(t, "index.html", wide(360)), under = await box(narrow, ".counts"), above = await box(narrow, ".hero");
  assert.ok(under.y >= above.y + above.height - 1);
});

test("a note named index is a note, with its own title in the tree", async (t) => {
  const page = await open(t, "flour/ash-content.html");
  const link = page.locator(".tree a", { hasText: "Index of refraction" });
  await Promise.all([page.waitForNavigation(), link.click()]);
  assert.equal(await page.textContent("h1"), "Index of refraction");
  assert.notEqual(await page.textContent(".folder[data-path=flour] .row a"), "Index of refraction");
});

test("previous and next follow the path of learning, not the alphabet", async (t) => {
  const page = await open(t, COLD_PAGE), before = [];
  while (await page.locator(".steps .prev").count()) {
    await Promise.all([page.waitForNavigation(), page.click(".steps .prev")]);
    before.push(page.url().split("/").at(-1));
  }
  assert.ok(before.includes("hydration.html"), `what cold proofing rests on comes before it, though later in the alphabet: ${before}`);
  await Promise.all([page.waitForNavigation(), page.click(".steps .next")]);
  assert.equal(page.url().split("/").at(-1), before.at(-2) ?? COLD_PAGE.split("/").at(-1), "and back again");
});

test("a checklist is ticked with the space bar, a card opened with Enter, both by Tab", async (t) => {
  const page = await open(t, COLD_PAGE);
  const until = async (selector) => {
    for (let i = 0; i < 120; i++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
    }
    assert.fail(`${selector} is not reached by Tab`);
  };
  await until(".card > summary");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator(".card[open]").count(), 1);
  await until(".section-self-check input");
  await page.keyboard.press("Space");
  assert.equal(await page.locator(".section-self-check .done").textContent(), "1 of 5");
});

test("on every kind of page each control is reached by Tab", async (t) => {
  const page = await open(t, "index.html");
  for (const at of KINDS.filter((at) => at !== "404.html")) {
    await page.goto(server.url + at);
    await page.waitForTimeout(60);
    // What can be pressed, but for groups of which the arrow keys choose and lists that scroll by themselves.
    const wanted = await page.evaluate(() => {
      const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")];
      const able = all.filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0 && !e.closest("[inert]"));
      able.forEach((e, i) => { e.dataset.reach = i; });
      return able.length;
    });
    await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
    const seen = new Set();
    for (let i = 0; i < wanted + 12 && seen.size < wanted; i++) {
      await page.keyboard.press("Tab");
      const reached = await page.evaluate(() => document.activeElement.dataset.reach);
      if (reached) seen.add(reached);
    }
    const lost = await page.evaluate((seen) => [...document.querySelectorAll("[data-reach]")].filter((e) => !seen.includes(e.dataset.reach)).map((e) => e.outerHTML.slice(0, 90)), [...seen]);
    assert.deepEqual(lost, [], at);
  }
});

test("right to left: the page turns around, and nothing scrolls sideways at 320 px", async (t) => {
  const arabic = fixtureSite({ language: "ar", more: MORE });
  t.after(arabic.remove);
  const url = (at) => pathToFileURL(path.join(arabic.site, at)).href;
  const page = await openPage(t, browser, url("arabic.html"));
  assert.equal(await page.getAttribute("html", "dir"), "rtl");
  const [side, main, rail] = [await box(page, ".side"), await box(page, "main"), await box(page, ".rail")];
  assert.ok(side.x >= main.x + main.width && main.x >= rail.x + rail.width - 1, "tree at the right, contents at the left");
  const narrow = await openPage(t, browser, url("arabic.html"), wide(320));
  for (const at of [...KINDS, "arabic.html", "stress.html", "stress-note.html"].filter((at) => at !== "404.html")) {
    await narrow.goto(url(at));
    assert.ok(await narrow.evaluate(() => document.documentElement.scrollWidth <= innerWidth), at);
  }
});

test("in the dark every kind of page is dark, text light on it", async (t) => {
  const page = await open(t, "index.html", { colorScheme: "dark" });
  const light = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
  for (const at of KINDS.filter((at) => at !== "404.html")) {
    await page.goto(server.url + at);
    const [back, text] = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector("h1")).color]);
    assert.ok(light(back) < 0.2 && light(text) > 0.7, `${at}: ${text} on ${back}`);
  }
});

test("print has the note, its answers and where its links lead, and nothing of the frame", async (t) => {
  const page = await open(t, "flour/tables.html");
  await page.emulateMedia({ media: "print" });
  for (const part of [".bar", ".side", ".rail", ".foot"]) assert.ok(!await page.locator(part).first().isVisible(), part);
  const after = await page.locator("main a[href^='https://example.org']").evaluate((a) => getComputedStyle(a, "::after").content);
  assert.match(after, /https:\/\/example\.org\/mill/);
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(paper, "rgb(255, 255, 255)");
});
