// What a reader can do with a built site, in a real Chromium: at a domain's root, under a sub-path and from disk; with scripts and without; on a wide screen and on a phone.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { COLD_PAGE, KINDS } from "./fixture.mjs";
import { fixtureSite, launch, noSideways, open as openPage, serve } from "./site.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true };
let built, server, below, browser;

before(async () => {
  built = fixtureSite();
  server = await serve(built.site);
  below = await serve(built.site, "/deep/er/");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.stop();
  below?.stop();
  built?.remove();
});

const open = (t, at, options) => openPage(t, browser, server.url + at, options);
const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const focused = (page, selector) => page.evaluate((selector) => document.activeElement?.matches(selector), selector);

/** Follows every plain link from `start` and returns the pages reached, by path in the site. */
async function walk(page, start) {
  const seen = new Set(), queue = [start];
  while (queue.length) {
    const url = queue.pop();
    if (seen.has(url)) continue;
    seen.add(url);
    await page.goto(url, { waitUntil: "load" });
    const links = await page.evaluate(() => Array.from(document.querySelectorAll("a[href]"), (a) => {
      const to = new URL(a.getAttribute("href"), location.href); // in a drawing, a.href is no text
      return { to: to.href.split(/[?#]/)[0], hash: decodeURIComponent(to.hash.slice(1)), at: location.href };
    }));
    const root = start.slice(0, start.lastIndexOf("/") + 1);
    for (const { to, hash, at } of links) {
      if (to.startsWith(root) && to.endsWith(".html")) queue.push(to);
      if (hash && to === at.split(/[?#]/)[0]) assert.ok(await page.evaluate((id) => document.getElementById(id) !== null, hash), `${at} has no #${hash}`);
    }
  }
  return seen;
}

for (const [name, start] of [["a domain's root", () => server.url], ["a sub-path", () => below.url], ["disk", () => pathToFileURL(built.site).href + "/"]]) {
  test(`from ${name} every page is reached, and none complains`, async (t) => {
    const page = await openPage(t, browser, start() + "index.html");
    const seen = await walk(page, start() + "index.html");
    for (const at of KINDS.filter((at) => at !== "404.html")) assert.ok(seen.has(start() + at), `${at} is not reached`);
    assert.deepEqual([...server.missed, ...below.missed], []);
  });
}

test("the 404 page reads well wherever a host shows it", async (t) => {
  const page = await open(t, "404.html");
  assert.ok((await page.textContent("h1")).length > 0);
  assert.ok(await page.locator("a[href]").count());
});

test("the theme is switched, remembered, and there before the first picture", async (t) => {
  const page = await open(t, COLD_PAGE), light = await background(page);
  await page.click(".theme");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "light");
  await page.click(".theme");
  const dark = await background(page);
  assert.notEqual(dark, light);
  assert.match(await page.getAttribute(".theme", "title"), /dark/i);
  // The attribute must stand before the body is there: then no picture is ever painted without it.
  await page.addInitScript(() => new MutationObserver((_, watcher) => {
    if (!document.body) return;
    window.themeAtBody = document.documentElement.dataset.theme;
    watcher.disconnect();
  }).observe(document, { childList: true, subtree: true }));
  await page.goto(server.url + "glossary.html");
  assert.equal(await page.evaluate(() => window.themeAtBody), "dark");
  assert.equal(await background(page), dark);
  await page.click(".theme");
  assert.equal(await background(page), light);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.equal(await background(page), dark, "as the system again");
});

test("three columns on a wide screen, text of at most 46 rem, nothing jumps", async (t) => {
  const page = await open(t, COLD_PAGE), box = (selector) => page.locator(selector).first().boundingBox();
  const [side, main, rail] = [await box(".side"), await box("main"), await box(".rail")];
  assert.ok(side.x + side.width <= main.x && main.x + main.width <= rail.x);
  assert.ok((await box("article.note p, article.note li")).width <= 46 * 16);
  const shift = await page.evaluate(() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { sum += entry.value; })).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 300); // in which nothing shifts
  }));
  assert.ok(shift < 0.001, `layout shift ${shift}`);
});

test("TL;DR is the first object under title and facts, and the description", async (t) => {
  const page = await open(t, COLD_PAGE);
  const order = await page.evaluate(() => ["h1", ".facts", ".tldr", ".body"].map((selector) => document.querySelector("main " + selector).getBoundingClientRect().top));
  assert.deepEqual(order, [...order].sort((a, b) => a - b));
  assert.match(await page.getAttribute("meta[name=description]", "content"), /^Cold proofing lets shaped dough rest/);
  const facts = await page.textContent("main .facts");
  for (const fact of ["Pattern", "Learning", "Medium", "90", "2 Mar 2025", "min read", "fermentation"]) assert.ok(facts.includes(fact), `${fact} in ${facts}`);
});

test("heading sizes are 28, 22 and 19 px, pairs stand side by side", async (t) => {
  const page = await open(t, COLD_PAGE), size = (selector) => page.locator(selector).first().evaluate((e) => getComputedStyle(e).fontSize);
  assert.deepEqual([await size("main h1"), await size("main h2"), await size("main h3")], ["28px", "22px", "19px"]);
  const [use, avoid] = [await page.locator(".side-box").filter({ hasText: "morning" }).boundingBox(), await page.locator(".side-box").filter({ hasText: "sweet" }).boundingBox()];
  assert.ok(Math.abs(use.y - avoid.y) < 2 && use.x + use.width <= avoid.x);
});

test("boilerplate is gone, empty sections too", async (t) => {
  const page = await open(t, COLD_PAGE), text = await page.innerText("body");
  for (const words of ["(if applicable)", "(NO duplication)", "(optional)", "N/A", "Mini example"]) assert.ok(!text.includes(words), words);
});

test("relations: read first, related, difference, backlinks; missing looks missing", async (t) => {
  const page = await open(t, COLD_PAGE);
  assert.match(await page.textContent(".read-first"), /Hydration/);
  const main = await page.textContent("main");
  assert.match(main, /hours at 26 °C instead of a night at 4 °C/);
  assert.match(main, /Water as a share of the flour/);
  assert.equal(await page.locator("main .planned").filter({ hasText: "Yeast metabolism" }).count() > 0, true);
  const steam = await open(t, "ovens/steam.html"), broken = steam.locator(".broken-link").first();
  assert.match(await broken.getAttribute("title"), /stones\.md/);
  assert.equal(await steam.locator("a", { hasText: "stones" }).count(), 0);
  assert.ok(await steam.locator("main a[href^='https://example.org']").evaluate((a) => getComputedStyle(a, "::after").content !== "none"), "an external link is marked");
});

test("the drawer opens on a phone, takes the focus, and gives it back", async (t) => {
  const page = await open(t, COLD_PAGE, PHONE);
  assert.ok(!await page.locator(".side").isVisible());
  await page.click(".menu");
  await page.locator(".side").waitFor({ state: "visible" });
  assert.ok(await page.evaluate(() => document.querySelector(".middle").inert), "what lies behind is out of reach");
  await page.keyboard.press("Escape");
  await page.locator(".side").waitFor({ state: "hidden" });
  assert.ok(await focused(page, ".menu"));
  await page.click(".menu");
  await page.click(".close");
  await page.locator(".side").waitFor({ state: "hidden" });
  assert.ok(await noSideways(page));
});

test("the tree has the open folder, unfolds others, remembers and filters", async (t) => {
  const page = await open(t, COLD_PAGE), flour = page.locator(".folder[data-path=flour]");
  assert.equal(await page.locator(".tree [aria-current=page]").textContent(), "Cold proofing");
  assert.equal(await flour.locator("> ul > li").count(), 0);
  assert.equal(await flour.locator(".count").first().textContent(), "2");
  assert.ok(!(await page.textContent(".tree")).includes("Overnight rise"), "alias notes are not in the tree");
  await flour.locator(".caret").click();
  await flour.locator("> ul > li").first().waitFor();
  await page.reload();
  await flour.locator("> ul > li").first().waitFor();
  await page.fill(".filter input", "ASH");
  await page.locator(".found a").first().waitFor();
  assert.deepEqual(await page.locator(".found li").allTextContents(), ["Ash content"]);
  await page.press(".filter input", "Escape");
  assert.ok(await page.locator(".tree").first().isVisible());
});

test("the contents follow the reading, on a phone as a bar", async (t) => {
  const page = await open(t, COLD_PAGE, { viewport: { width: 1440, height: 500 } });
  await page.click('.toc a[href="#failure-modes--pitfalls"]');
  assert.equal(await page.textContent(".toc [aria-current]"), "Failure modes & Pitfalls");
  // What was chosen stays marked for a moment, however the page is scrolled meanwhile; after it scrolling counts again.
  await page.waitForFunction(() => {
    if (document.querySelector(".toc [aria-current]").textContent === "Top") return true;
    scrollTo(0, scrollY ? 0 : 200);
    return false;
  });
  await page.evaluate(() => document.getElementById("trade-offs--alternatives").scrollIntoView());
  await page.waitForFunction(() => /Trade-offs/.test(document.querySelector(".toc [aria-current]").textContent));
  const phone = await open(t, COLD_PAGE, PHONE);
  await phone.click(".toc summary");
  await phone.click('.toc a[href="#definition"]');
  assert.ok(!await phone.evaluate(() => document.querySelector(".toc").open), "closed by choosing");
  assert.equal(await phone.textContent(".toc .toc-current"), "Definition");
});

test("checklists are ticked, counted and remembered", async (t) => {
  const page = await open(t, COLD_PAGE), box = page.locator(".section-quick-self-check [data-check], .section-self-check [data-check]").nth(1);
  const counts = () => page.locator(".done").allTextContents();
  assert.deepEqual((await counts()).slice(-1), ["0 of 5"]);
  assert.ok(await page.locator(".body [data-check]").nth(1).isChecked(), "what the note has ticked is ticked");
  await box.check();
  assert.deepEqual((await counts()).slice(-1), ["1 of 5"]);
  await page.reload();
  assert.ok(await box.isChecked());
  assert.deepEqual((await counts()).slice(-1), ["1 of 5"]);
  await box.uncheck();
  assert.deepEqual((await counts()).slice(-1), ["0 of 5"]);
});

test("questions are folded, opened alone, all at once, and by their address", async (t) => {
  const page = await open(t, COLD_PAGE), card = page.locator(".card"), openCards = () => page.locator(".card[open]").count();
  assert.equal(await card.count(), 3);
  assert.equal(await openCards(), 0);
  assert.ok(!await page.getByText("below zero the yeast is harmed").isVisible());
  await card.nth(1).locator("summary").press("Enter");
  assert.ok(await page.getByText("below zero the yeast is harmed").isVisible());
  await page.click(".expand");
  assert.equal(await openCards(), 3);
  const collapse = await page.textContent(".expand");
  await page.click(".expand");
  assert.equal(await openCards(), 0);
  assert.notEqual(await page.textContent(".expand"), collapse);
  const id = await card.nth(2).getAttribute("id");
  const direct = await open(t, `${COLD_PAGE}#${id}`);
  assert.deepEqual(await direct.locator(".card").evaluateAll((cards) => cards.map((c) => c.open)), [false, false, true]);
});

test("code is copied", async (t) => {
  const page = await open(t, COLD_PAGE, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.click(".copy");
  await page.waitForFunction(() => document.querySelector(".copy").textContent === "Copied");
  assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trim(), "def hours(celsius):\n    return 16 if celsius < 5 else 8");
});

test("a link shows its note on hover and on focus, Escape closes it, touch never opens it", async (t) => {
  const page = await open(t, COLD_PAGE), link = page.locator("main a[href='hydration.html']").first(), preview = page.locator(".link-preview");
  await link.hover();
  await preview.waitFor();
  const text = await preview.textContent();
  for (const part of ["Hydration", "Concept", "80", "Water as a share"]) assert.ok(text.includes(part), `${part} in ${text}`);
  assert.ok(await link.getAttribute("aria-describedby"));
  await page.keyboard.press("Escape");
  assert.equal(await preview.count(), 0);
  await page.mouse.move(2, 2);
  await link.focus();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Tab");
  await preview.waitFor();
  const phone = await open(t, COLD_PAGE, PHONE), touched = phone.locator("main a[href='hydration.html']").first();
  await touched.dispatchEvent("pointerover", { pointerType: "touch" });
  await phone.waitForTimeout(400); // in which no preview opens
  assert.equal(await phone.locator(".link-preview").count(), 0);
});

test("a preview has the whole TL;DR, or the section that the link leads to, and moves nothing", async (t) => {
  const page = await open(t, "fermentation/hydration.html"), preview = page.locator(".link-preview");
  await page.evaluate(() => {
    window.shifts = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shifts += entry.value; })).observe({ type: "layout-shift" });
  });
  await page.locator("main a[href='cold-proofing.html']").first().hover();
  await preview.waitFor();
  assert.deepEqual(await preview.locator("li").allTextContents(), ["Cold proofing lets shaped dough rest at 4 °C overnight.", "Flavour grows while the yeast is nearly asleep."]);
  assert.ok(await preview.locator("svg.importance").isVisible());
  assert.match(await preview.locator(".facts").textContent(), /Importance\s+90/);
  assert.equal(await page.evaluate(() => window.shifts), 0);
  const steam = await openPage(t, browser, pathToFileURL(path.join(built.site, "ovens/steam.html")).href);
  await steam.locator("main a[href$='gluten.html#definition']").hover();
  await steam.locator(".link-preview").waitFor();
  const text = await steam.locator(".link-preview").textContent();
  for (const part of ["Gluten", "Definition", "What it is: A net of proteins"]) assert.ok(text.includes(part), `${part} in ${text}`);
});

test("a result of a search in a folded answer opens it, with the words marked until they are not wanted", async (t) => {
  const page = await open(t, "index.html"), folded = page.locator("details.card", { hasText: "below zero" });
  await page.keyboard.press("/");
  await page.locator("#search-dialog-input").fill("yeast harmed");
  await page.locator(".search-hit", { hasText: "harmed" }).first().click();
  await page.waitForURL(/cold-proofing\.html/);
  await page.locator(".found-clear").waitFor();
  assert.ok(await folded.evaluate((card) => card.open), "the answer is open");
  const { top, bottom } = await folded.locator("p, dd, div").last().evaluate((e) => e.getBoundingClientRect().toJSON());
  assert.ok(top >= 0 && bottom <= 900, `the answer is from ${top} to ${bottom}`);
  const marked = () => page.evaluate(() => [...CSS.highlights.get("canon-found") || []].map((range) => range.toString().toLowerCase()));
  const words = await marked();
  assert.ok(words.includes("harmed") && words.includes("yeast"), `${words}`);
  assert.equal(await page.locator("main mark").count(), 0, "the page's elements are as they were");
  await page.keyboard.press("Escape");
  assert.deepEqual(await marked(), []);
  assert.ok(!page.url().includes("h="), page.url());
  assert.ok(!await page.locator(".found-clear").count());
});

test("a search for nonsense suggests nothing", async (t) => {
  const page = await open(t, "search.html?q=zzqqxx");
  await page.locator(".search-note", { hasText: "Nothing found" }).waitFor();
  assert.equal(await page.locator(".search-row").count(), 0);
  assert.ok(!(await page.textContent("#search-page")).includes("come near"));
  await page.fill("#search-page-input", "glutten");
  await page.locator(".search-title", { hasText: "Gluten" }).waitFor();
});

test("nothing moves while the search page loads and answers", async (t) => {
  for (const [address, options] of [["search.html", {}], ["search.html", PHONE], ["search.html?q=dough", {}]]) {
    const context = await browser.newContext({ viewport: { width: 1350, height: 940 }, ...options }), page = await context.newPage();
    t.after(() => context.close());
    await page.addInitScript(() => {
      window.shifts = [];
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.shifts.push([entry.value, ...entry.sources.map(({ node }) => node?.className || node?.nodeName)]))).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(server.url + address);
    await page.locator(".search-row").first().waitFor();
    await page.waitForTimeout(500);
    assert.deepEqual(await page.evaluate(() => window.shifts), []);
  }
});

test("index tables sort, filter, and keep both in the address", async (t) => {
  const page = await open(t, "importance.html"), rows = page.locator("tbody tr:visible"), all = await rows.count();
  await page.selectOption("[data-filter=type]", "pattern");
  assert.equal(await rows.count(), 2);
  await page.reload();
  assert.equal(await rows.count(), 2);
  await page.selectOption("[data-filter=type]", "");
  await page.fill("[data-filter=q]", "glut");
  assert.equal(await rows.count(), 1);
  await page.fill("[data-filter=q]", "");
  assert.equal(await rows.count(), all);
  const folder = await open(t, "types.html"), head = folder.locator("th[data-column=title]").first();
  await head.locator("button").click();
  assert.equal(await head.getAttribute("aria-sort"), "ascending");
  const titles = (await folder.locator("tbody").first().locator("tr:visible td:first-child").allTextContents()).map((s) => s.trim().toLowerCase());
  assert.deepEqual(titles, [...titles].sort());
  await head.locator("button").click();
  assert.equal(await head.getAttribute("aria-sort"), "descending");
});

test("search: keys open it, words, aliases, typos and tags find, arrows and Enter lead", async (t) => {
  const page = await open(t, "glossary.html"), dialog = page.locator(".search-dialog"), input = dialog.locator("input"), first = dialog.locator(".search-title").first();
  const asks = async (text, title) => {
    await input.fill(text);
    await page.waitForFunction((title) => document.querySelector(".search-dialog .search-title")?.textContent === title, title, { timeout: 5000 })
      .catch(async () => assert.fail(`${text}: ${await first.textContent().catch(() => "nothing")}, not ${title}`));
  };
  await page.keyboard.press("/");
  await dialog.waitFor();
  assert.ok(await focused(page, ".search-dialog input"));
  await asks("retarding", "Cold proofing");
  await asks("hydartion", "Hydration");
  await asks("tag:water", "Hydration");
  await asks("autolyse", "Gluten");
  assert.match(await page.locator(".search-dialog .search-sentence").first().textContent({ timeout: 3000 }), /An autolyse lets it form by itself\./);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.keyboard.press("Control+k");
  await dialog.waitFor();
  await asks("type:pattern", "Cold proofing");
  const chosen = () => dialog.locator("[aria-selected=true]").getAttribute("href");
  const before = await chosen();
  await page.keyboard.press("ArrowDown");
  assert.notEqual(await chosen(), before);
  await page.keyboard.press("ArrowUp");
  assert.equal(await chosen(), before);
  await Promise.all([page.waitForURL(`**/${COLD_PAGE}`), page.keyboard.press("Enter")]);
});

test("searching for what stands in headings' boilerplate finds nothing of it", async (t) => {
  const page = await open(t, "search.html?q=applicable"), note = page.locator(".search-note");
  await note.waitFor();
  assert.match(await note.textContent(), /Nothing found/);
});

test("the search page takes ?q= and keeps it", async (t) => {
  const page = await open(t, "search.html?q=gluten");
  await page.locator("#search-page .search-title").first().waitFor();
  assert.equal(await page.textContent("#search-page .search-title"), "Gluten");
  await page.fill("#search-page input", "steam");
  await page.waitForFunction(() => document.querySelector("#search-page .search-title")?.textContent === "Steam");
  assert.match(page.url(), /\?q=steam$/);
});

test("search works from disk, too", async (t) => {
  const page = await openPage(t, browser, pathToFileURL(path.join(built.site, COLD_PAGE)).href);
  await page.keyboard.press("/");
  await page.fill(".search-dialog input", "ash");
  await page.waitForFunction(() => document.querySelector(".search-dialog .search-title")?.textContent === "Ash content");
  await page.keyboard.press("Enter");
  await page.waitForURL(/flour\/ash-content\.html$/);
});

test("the graph page draws every note and selects the one it is asked for", async (t) => {
  const page = await open(t, "graph.html");
  await page.locator(".graph-base").waitFor();
  assert.match(await page.textContent("#graph-count"), /^(\d+) of \1 notes$/);
  const drawn = await page.evaluate(() => {
    const from = document.querySelector(".graph-base"), pen = from.getContext("2d");
    return pen.getImageData(0, 0, from.width, from.height).data.some((value) => value > 0);
  });
  assert.ok(drawn);
  const asked = await page.goto(`${server.url}graph.html?note=${encodeURIComponent(COLD_PAGE)}`).then(() => page);
  await asked.locator(".graph-chosen h2").waitFor();
  assert.equal(await asked.textContent(".graph-chosen h2"), "Cold proofing");
});

test("without scripts everything is reached and read", async (t) => {
  const options = { javaScriptEnabled: false };
  const page = await open(t, "index.html", options);
  const seen = new Set(), queue = [server.url + "index.html"];
  while (queue.length) {
    const at = queue.pop();
    if (seen.has(at)) continue;
    seen.add(at);
    await page.goto(at);
    for (const link of await page.locator("a[href]").all()) {
      const to = new URL(await link.getAttribute("href"), at);
      if (to.href.startsWith(server.url) && to.pathname.endsWith(".html")) queue.push(to.href.split(/[?#]/)[0]);
    }
  }
  for (const at of KINDS.filter((at) => at !== "404.html")) assert.ok(seen.has(server.url + at), `${at} is not reached`);
  await page.goto(server.url + COLD_PAGE);
  await page.locator(".card summary").first().click();
  assert.ok(await page.getByText("It slows, and goes on.").isVisible());
  assert.ok(await page.locator(".toc a").nth(2).isVisible());
  assert.ok(!await page.locator(".theme").isVisible(), "no dead buttons");
  const phone = await open(t, COLD_PAGE, { ...PHONE, ...options });
  await phone.click(".menu");
  await phone.locator(".side").waitFor({ state: "visible" });
});

test("a redirect leads on and keeps the fragment; without scripts it leads on", async (t) => {
  for (const [at, options] of [["old/cold.html#definition", {}], ["_aliases/overnight-rise.html#definition", {}], ["old/cold.html", { javaScriptEnabled: false }]]) {
    const page = await open(t, at, options), fragment = at.split("#")[1];
    await page.waitForURL(new RegExp(`${COLD_PAGE}${fragment ? "#" + fragment : ""}$`));
  }
});

test("nothing scrolls sideways at 320 px, not even what strains the page", async (t) => {
  const page = await open(t, "index.html", { viewport: { width: 320, height: 640 } });
  for (const at of [...KINDS, "stress.html", "stress-note.html", `tags/${"t".repeat(80)}.html`].filter((at) => existsSync(path.join(built.site, at)))) {
    await page.goto(server.url + at);
    assert.ok(await noSideways(page), at);
  }
  await page.goto(server.url + "stress.html");
  assert.equal(await page.locator("main h3").count(), 300);
  assert.ok(await page.locator("main table").evaluate((table) => table.parentElement.scrollWidth > table.parentElement.clientWidth), "the wide table scrolls in its own box");
});

test("everything is reached by keyboard and the focus is seen", async (t) => {
  const page = await open(t, COLD_PAGE);
  await page.keyboard.press("Tab");
  assert.ok(await focused(page, ".skip"));
  assert.ok((await page.locator(".skip").boundingBox()).y >= 0);
  await page.keyboard.press("Enter");
  assert.ok(await focused(page, "main"));
  await page.goto(server.url + COLD_PAGE);
  const unseen = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    const state = await page.evaluate(() => {
      const e = document.activeElement, style = getComputedStyle(e), around = getComputedStyle(e.parentElement);
      return { name: e.outerHTML.slice(0, 80), seen: e.matches("body") || [style, around].some((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none") };
    });
    if (!state.seen) unseen.push(state.name);
  }
  assert.deepEqual(unseen, []);
});

test("print shows the answers and the links' addresses", async (t) => {
  const page = await open(t, COLD_PAGE);
  await page.emulateMedia({ media: "print" });
  assert.ok(!await page.locator(".side").isVisible());
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.ok(await page.getByText("It slows, and goes on.").isVisible());
});

test("an interface in Spanish has no English left in its frame", async (t) => {
  const spanish = fixtureSite({ language: "es" });
  t.after(spanish.remove);
  const page = await openPage(t, browser, pathToFileURL(path.join(spanish.site, COLD_PAGE)).href);
  assert.equal(await page.getAttribute("html", "lang"), "es");
  const frame = await page.evaluate(() => [".bar", ".toc summary", ".crumbs", ".facts"].map((s) => document.querySelector(s).innerText).join(" "));
  assert.doesNotMatch(frame, /\b(Search|Browse|Home|On this page|Updated|min read|Learning)\b/);
});

test("pages carry a strict policy and no inline script or style", () => {
  for (const at of KINDS.filter((at) => at !== "404.html")) {
    const html = readFileSync(path.join(built.site, at), "utf8");
    assert.match(html, /Content-Security-Policy" content="default-src 'none'/, at);
    assert.doesNotMatch(html, /unsafe-inline|<style|<script>|\sstyle="|\son\w+="/, at);
  }
});
