// `canon serve` in a real Chromium: an edit shows by itself, and the reader keeps place, folds and styles.
// node --test tests/browser/preview.test.mjs; CANON_NOTES names a folder of notes to measure on (a copy of it is edited).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, program } from "./site.mjs";

const EDITS = Number(process.env.CANON_EDITS || 20);
const folder = mkdtempSync(path.join(tmpdir(), "canon-preview-"));
const notes = path.join(folder, "content");
let browser, server, origin;

const write = (name, text) => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const note = (n, words) => `---\nid: note-${n}\ntitle: Note ${n}\nimportance: ${n % 100}\n---\n\n## Definition\n\n${words}\n\n## Part\n\n${"A long paragraph of words.\n\n".repeat(80)}See [next](note-${(n + 1) % 300}.md).\n\n## Notes / Inbox\n\nFolded words.\n`;

before(async () => {
  if (process.env.CANON_NOTES) cpSync(process.env.CANON_NOTES, notes, { recursive: true });
  for (let n = 0; n < 300; n++) write(`content/preview/note-${n}.md`, note(n, "First words."));
  write("content/other/lone.md", note(301, "Alone.").replace(/See.*/, ""));
  write("static/extra.css", "h1 { color: rgb(1, 2, 3) }");
  write("canon.toml", 'title = "Desk"\n[theme]\nextra_css = ["extra.css"]\n');
  server = spawn(program(), ["serve", folder, "--port", "0"], { stdio: ["ignore", "ignore", "pipe"] });
  origin = await new Promise((done, fail) => {
    let said = "";
    server.stderr.on("data", (text) => {
      said += text;
      const found = said.match(/Preview at (http:\/\/[^/]+)/);
      if (found) done(found[1]);
    });
    server.on("exit", () => fail(new Error(said)));
  });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.kill("SIGINT");
  rmSync(folder, { recursive: true, force: true });
});

const open = async (t, page) => {
  const tab = await browser.newPage({ viewport: { width: 1200, height: 700 } });
  t.after(() => tab.close());
  await tab.goto(`${origin}/${page}`);
  return tab;
};
const shows = (tab, text) => tab.waitForFunction((words) => document.body.innerText.includes(words), text, { polling: 5 });
const mark = (tab) => tab.evaluate(() => { window.isTheSame = true; });
/** The scripts and style sheets that a page asks for. */
const assets = async (page) => (await (await fetch(`${origin}/${page}`)).text()).match(/<(script|link rel="stylesheet")[^>]*>/g).join();
const isTheSame = (tab) => tab.evaluate(() => window.isTheSame === true);

test("an edit shows by itself, everywhere", async (t) => {
  const [tab, other, lone] = [await open(t, "preview/note-7.html"), await open(t, "preview/note-6.html"), await open(t, "other/lone.html")];
  await mark(lone);
  write("content/preview/note-7.md", note(7, "Second words.").replace("title: Note 7", "title: Seventh"));
  await shows(tab, "Second words.");
  await shows(tab, "Seventh");
  write("content/preview/note-6.md", note(6, "Words of the sixth."));
  await shows(other, "Words of the sixth.");
  assert.ok(await isTheSame(lone), "a page that did not change was loaded again");
});

const EDITS_OF_TEXT = [
  ["a sentence", (text) => text.replace("First words.", "First words, and more of *them*.")],
  ["a section", (text) => text.replace("## Part", "## Between\n\nWords.\n\n### Deeper\n\nMore.\n\n## Part")],
  ["a heading", (text) => text.replace("## Between", "## In between")],
  ["code, a list, a table", (text) => text.replace("## Part", "```rust\nfn main() {}\n```\n\n- [ ] one\n- [x] two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Part")],
  ["questions", (text) => text.replace("## Part", "## Trap questions\n\n1) **Q:** Why?\n   - **A:** So.\n2) **Q:** How?\n   - **A:** Thus.\n\n## Self-check\n\n- [ ] I can.\n\n## Part")],
  ["less code, another item", (text) => text.replace("fn main() {}\n", "fn other() {}\n").replace("- [x] two", "- [x] two\n- [ ] three")],
  ["a link and a foot", (text) => text.replace("First words", "First [words](note-8.md)[^1]") + "\n[^1]: A foot.\n"],
  ["another summary", (text) => text.replace("## Definition", "## TL;DR\n\n- Short.\n\n## Definition")],
  ["everything back", () => note(17, "First words.")],
];

test("what is put into an open page is what a fresh one has", async (t) => {
  const tab = await open(t, "preview/note-17.html");
  let text = note(17, "First words.");
  // Without what depends on where the reader is, and without the preview's own.
  const look = (page) => page.evaluate(() => {
    const body = document.body.cloneNode(true);
    body.querySelectorAll("#canon-overlay, script").forEach((element) => element.remove());
    body.querySelectorAll(".toc [aria-current], .toc ol").forEach((element) => { element.removeAttribute("aria-current"); element.removeAttribute("style"); });
    return document.title + body.innerHTML.replace(/\s+$/, "");
  });
  for (const [n, [what, edit]] of EDITS_OF_TEXT.entries()) {
    await mark(tab);
    const had = await assets("preview/note-17.html");
    text = edit(text);
    write("content/preview/note-17.md", text.replace("## Definition\n\n", `## Definition\n\nWith ${what}, ${n}.\n\n`));
    await shows(tab, `With ${what}, ${n}.`);
    const fresh = await open(t, "preview/note-17.html");
    assert.equal(await look(tab), await look(fresh), what);
    // The first code, footnote or card of a page needs files that the open page does not have.
    if (await assets("preview/note-17.html") === had) assert.ok(await isTheSame(tab), `${what}: the page was loaded anew`);
    await fresh.close();
  }
});

test("scripts go on with what was put into the page", async (t) => {
  const part = "\n## Quick self-check\n\n- [ ] First item.\n- [ ] Second item.\n\n```text\ncode\n```\n";
  write("content/preview/note-18.md", note(18, "First words.").trimEnd() + "\n" + part);
  const tab = await open(t, "preview/note-18.html");
  await shows(tab, "Second item.");
  await mark(tab);
  const box = tab.locator("[data-check]").last();
  await box.check();
  write("content/preview/note-18.md", note(18, "Other words.").trimEnd() + "\n" + part);
  await shows(tab, "Other words.");
  assert.ok(await box.isChecked());
  const changes = () => tab.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("canon-checks")).map((key) => localStorage[key]).join());
  const kept = await changes();
  await box.uncheck();
  assert.notEqual(await changes(), kept);
  assert.equal(await tab.locator(".code .copy").count(), await tab.locator(".code").count());
  await tab.locator(".toc a").last().click();
  assert.equal(await tab.locator(".toc [aria-current]").count(), 1);
  assert.ok(await isTheSame(tab));
});

test("a page with scripts of its own is loaded anew", async (t) => {
  write("static/own.js", "window.isOwn = true;");
  write("canon.toml", 'title = "Desk"\n[theme]\nextra_css = ["extra.css"]\nextra_js = ["own.js"]\n');
  const tab = await open(t, "preview/note-19.html");
  await tab.waitForFunction(() => window.isOwn || (location.reload(), false), null, { polling: 300 });
  await mark(tab);
  write("content/preview/note-19.md", note(19, "Loaded anew."));
  await shows(tab, "Loaded anew.");
  assert.ok(!await isTheSame(tab) && await tab.evaluate(() => window.isOwn));
  write("canon.toml", 'title = "Desk"\n[theme]\nextra_css = ["extra.css"]\n');
  await tab.waitForFunction(() => !document.querySelector("script[src*=own]"));
});

test("a note that comes back is shown where it was missed", async (t) => {
  const tab = await open(t, "preview/note-16.html");
  rmSync(path.join(notes, "preview/note-16.md"));
  await tab.waitForFunction(() => !document.body.innerText.includes("First words."));
  write("content/preview/note-16.md", note(16, "Back again."));
  await shows(tab, "Back again.");
});

test("place and folds survive", async (t) => {
  const tab = await open(t, "preview/note-9.html");
  await tab.evaluate(() => { document.querySelector("details.fold").open = true; scrollTo(0, 900); });
  const top = await tab.evaluate(() => scrollY);
  assert.ok(top > 500);
  write("content/preview/note-9.md", note(9, "Other words."));
  await shows(tab, "Other words.");
  await tab.waitForFunction((y) => Math.abs(scrollY - y) < 40, top);
  assert.ok(await tab.evaluate(() => document.querySelector("details.fold").open));
});

test("a style changes without a reload", async (t) => {
  const tab = await open(t, "preview/note-11.html");
  await mark(tab);
  write("static/extra.css", "h1 { color: rgb(9, 8, 7) }");
  await tab.waitForFunction(() => getComputedStyle(document.querySelector("h1")).color === "rgb(9, 8, 7)");
  assert.ok(await isTheSame(tab));
});

test("what is wrong is shown over the page until it is mended", async (t) => {
  const tab = await open(t, "preview/note-13.html");
  const good = await tab.evaluate(() => document.querySelector("h1").innerText);
  write("templates/note.html", "{% if %}");
  await tab.locator("#canon-overlay").waitFor({ state: "attached" });
  await tab.waitForFunction(() => document.querySelector("#canon-overlay").shadowRoot.textContent.includes("note.html"));
  assert.equal(await tab.evaluate(() => document.querySelector("h1").innerText), good);
  rmSync(path.join(folder, "templates"), { recursive: true });
  await tab.waitForFunction(() => !document.querySelector("#canon-overlay")?.shadowRoot.textContent.includes("note.html"));
});

test("a finding that canon can repair is shown with the command", async (t) => {
  const tab = await open(t, "preview/note-17.html");
  write("content/preview/note-17.md", note(17, "See [Note 20](Note-20.md)."));
  await tab.waitForFunction(() => document.querySelector("#canon-overlay")?.shadowRoot.textContent.includes("letter case"));
  const helps = await tab.evaluate(() => {
    const items = [...document.querySelector("#canon-overlay").shadowRoot.querySelectorAll("li")];
    return [...items.find((item) => item.textContent.includes("letter case")).querySelectorAll(".help")].map((help) => help.textContent);
  });
  assert.equal(helps.at(-1), "`canon check --fix`");
  write("content/preview/note-17.md", note(17, "Mended words."));
  await tab.waitForFunction(() => !document.querySelector("#canon-overlay")?.shadowRoot.textContent.includes("letter case"));
});

test("findings whose request failed are asked for again", async (t) => {
  const first = await open(t, "preview/note-14.html");
  write("content/preview/note-14.md", note(14, "See [nothing](nowhere.md)."));
  const named = (tab) => tab.waitForFunction(() => document.querySelector("#canon-overlay")?.shadowRoot.textContent.includes("nowhere"));
  await named(first);
  const tab = await browser.newPage();
  t.after(() => tab.close());
  let asked = 0;
  await tab.route("**/__canon/findings*", (route) => (asked++ ? route.continue() : route.abort()));
  await tab.goto(`${origin}/preview/note-14.html`);
  await named(tab);
  assert.ok(asked > 1, "no request failed");
});

test("a tab hears of what was told while it was loaded", async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const waiting = await context.newPage(), late = await context.newPage();
  await waiting.goto(`${origin}/preview/note-15.html`);
  let release;
  const released = new Promise((done) => { release = done; });
  await late.route("**/__canon/reload.js", async (route) => { await released; await route.continue(); });
  const loaded = late.goto(`${origin}/preview/note-15.html`);
  await late.waitForSelector("h1");
  write("content/preview/note-15.md", note(15, "Told to the other tab."));
  await shows(waiting, "Told to the other tab.");
  // Its findings are news of their own: they are told to the other tab as well before this one listens.
  await new Promise((done) => setTimeout(done, 1500));
  release();
  await loaded.catch(() => {}); // The page is loaded anew before it was all there.
  await shows(late, "Told to the other tab.");
});

test("from saving to seeing", async (t) => {
  const file = process.env.CANON_NOTES ? anyNote() : "content/preview/note-20.md";
  const tab = await open(t, file.replace(/^content\//, "").replace(/\.md$/, ".html"));
  const text = readFileSync(path.join(folder, file), "utf8"), times = [];
  for (let n = 0; n < EDITS; n++) {
    const began = performance.now();
    write(file, text.replace(/\n## /, `\n## Edit ${n} of many\n\nWords.\n\n## `));
    await shows(tab, `Edit ${n} of many`);
    times.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, 120)); // the pace of a writer: each edit is measured alone
  }
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(0);
  t.diagnostic(`${EDITS} edits: median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms`);
});

/** A note of the measured base. */
function anyNote() {
  const names = readdirSync(notes, { recursive: true }).map(String).filter((name) => name.endsWith(".md") && !name.startsWith("preview/")).sort();
  return `content/${names[7]}`;
}
