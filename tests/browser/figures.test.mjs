// Code with marked and numbered lines, pictures and their larger view, footnotes in the margin: in a real Chromium, from disk.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build, launch, noSideways, open as openPage } from "./site.mjs";

const LONG = "a line that goes on and on, far beyond the width of its block, so that it has to be scrolled or wrapped by whoever reads it, at any width of the window";
const NOTES = {
  "plain.md": "Words without code, footnotes or pictures.",
  "code.md": `Text.

\`\`\`rust title="src/x.rs" {1} ins={2} del={3}
let a = 1;
let added = "${LONG}";
let removed = 2;
\`\`\`

\`\`\`python showLineNumbers=9 {2}
a = 1
b = 2
\`\`\`

\`\`\`diff
-old
+new ${LONG}
 same
\`\`\`

\`\`\`sh wrap
echo ${LONG}
\`\`\`
`,
  "pictures.md": "![Wide](wide.svg)\n\n![Small](small.svg)\n\n[![Linked](wide.svg)](plain.md)\n\nThe end.\n",
  "long-footnote.md": `One word[^1].\n\n[^1]: ${"A note that is much longer than its text. ".repeat(60)}\n`,
  "diagrams.md": `\`\`\`mermaid title="Way of a request"
flowchart TD
  ask[A client sends a request] --> valid{Is its token valid?}
  valid -->|yes| limit[Check the rate limit]
  valid -->|no| refuse[401 Unauthorized]
  limit --> store[(Database)]
\`\`\`

\`\`\`mermaid
sequenceDiagram
  participant C as Client with a long name
  C->>Server: a request of some words
  loop until it works
    Server-->>C: an answer that is rather long
  end
\`\`\`

\`\`\`mermaid
stateDiagram-v2
  accDescr: What a state does
  [*] --> Waiting
  Waiting --> Working : begin
\`\`\`

\`\`\`mermaid
classDiagram
  class WWWWideName { +method(first: String, second: String) Vec }
  WWWWideName <|-- Other
\`\`\`

\`\`\`mermaid
pie
  "One" : 1
\`\`\`
`,
  "small.md": "![Small](small.svg)\n",
  "footnotes.md": `First[^1] and second[^2] and third[^3].

${"Words of a long paragraph. ".repeat(40)}

| A | B |
|---|---|
| ${"wide cell ".repeat(8)} | ${"wider cell ".repeat(8)}[^4] |

\`\`\`text
${LONG}
\`\`\`

## Folded

The last one[^5].

[^1]: Short.
[^2]: ${"A note of many words that takes a lot of room. ".repeat(8)}
[^3]: Right behind the long one, with a [link](plain.md).
[^4]: From a table.
[^5]: ${"The end of it is below the text. ".repeat(6)}
`,
};

let folder, browser;
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "canon-figures-"));
  const content = path.join(folder, "base/content");
  mkdirSync(content, { recursive: true });
  writeFileSync(path.join(folder, "base/canon.toml"), "title = \"Figures\"\n");
  for (const [name, text] of Object.entries(NOTES)) {
    const id = name.replace(".md", "");
    writeFileSync(path.join(content, name), `---\nid: ${id}\ntitle: ${id}\n---\n${text}`);
  }
  writeFileSync(path.join(content, "wide.svg"), "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1600 400'><rect width='1600' height='400' fill='teal'/></svg>");
  writeFileSync(path.join(content, "small.svg"), "<svg xmlns='http://www.w3.org/2000/svg' width='120' height='60'><rect width='120' height='60' fill='teal'/></svg>");
  build(path.join(folder, "base"), path.join(folder, "site"));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const WIDE = { viewport: { width: 1440, height: 900 } };
const open = (t, name, options) => openPage(t, browser, pathToFileURL(path.join(folder, "site", name)).href, options);
const loaded = (page) => page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name.split("/").pop()));
const box = (locator) => locator.evaluate((element) => { const { top, bottom, left, right, height } = element.getBoundingClientRect(); return { top, bottom, left, right, height }; });

/** What has moved since the page began to load, as browsers count it. */
const shift = (page) => page.evaluate(() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
}));

test("a page loads nothing for code, pictures and footnotes that it does not have", async (t) => {
  const page = await open(t, "plain.html");
  await page.waitForTimeout(200);
  const extra = (await loaded(page)).filter((name) => /code|picture|footnote/.test(name));
  assert.deepEqual(extra, []);
  assert.doesNotMatch(readFileSync(path.join(folder, "site/code.html"), "utf8"), /footnotes\.(css|js)/);
});

test("marked, added and removed lines have the full width of their block, also where it is scrolled", async (t) => {
  for (const options of [WIDE, { viewport: { width: 390, height: 800 }, colorScheme: "dark" }]) {
    const page = await open(t, "code.html", options);
    assert.ok(await noSideways(page));
    for (const line of await page.locator(".line-mark, .line-inserted, .line-deleted").all()) {
      const widths = await line.evaluate((element) => {
        const pre = element.closest("pre"), style = getComputedStyle(element);
        return { own: element.offsetWidth, shown: pre.clientWidth, whole: pre.scrollWidth, ground: style.backgroundColor, panel: getComputedStyle(pre).backgroundColor };
      });
      assert.ok(widths.own >= widths.shown - 1 && widths.own >= widths.whole - 17, JSON.stringify(widths));
      assert.notEqual(widths.ground, widths.panel);
      assert.notEqual(widths.ground, "rgba(0, 0, 0, 0)");
    }
    assert.equal(await page.locator(".code .code-title").textContent(), "src/x.rs");
    assert.deepEqual(await page.locator("[data-language=Diff] :is(ins, del)").evaluateAll((lines) => lines.map((line) => line.textContent[0])), ["-", "+"]);
  }
});

test("numbers and signs of lines are shown and not copied", async (t) => {
  const page = await open(t, "code.html", { ...WIDE, permissions: ["clipboard-read", "clipboard-write"] });
  const lines = page.locator("[data-language=Python] [data-line]");
  assert.deepEqual(await lines.evaluateAll((all) => all.map((line) => getComputedStyle(line, "::before").content.split("\"")[1])), [" 9", "10"]);
  const sign = (selector) => page.locator(selector).first().evaluate((line) => getComputedStyle(line, "::after").content.split("\"")[1]);
  assert.equal(await sign("[data-language=Rust] .line-inserted"), "+");
  assert.equal(await sign("[data-language=Rust] .line-deleted"), "−");
  await page.locator("[data-language=Python]").hover();
  await page.locator("[data-language=Python] .copy").click();
  await page.waitForFunction(() => document.querySelector("[data-language=Python] .copy").textContent === "Copied");
  assert.equal(await page.locator("[data-language=Python] code").textContent(), "a = 1\nb = 2");
});

test("long lines are wrapped by a button, by the keyboard too, and from the start where the fence says so", async (t) => {
  const page = await open(t, "code.html", WIDE), rust = page.locator("[data-language=Rust]"), button = rust.locator(".wrap");
  const overflows = () => rust.locator("pre").evaluate((pre) => pre.scrollWidth > pre.clientWidth);
  assert.ok(await overflows());
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  await button.focus();
  await page.keyboard.press("Enter");
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  assert.ok(!await overflows());
  await button.click();
  assert.ok(await overflows());
  assert.equal(await page.locator("[data-language=Python] .wrap").count(), 0, "no button where nothing is too long");
  const shell = page.locator("[data-language=Bash]");
  assert.equal(await shell.locator(".wrap").getAttribute("aria-pressed"), "true");
  assert.ok(await shell.locator("pre").evaluate((pre) => pre.scrollWidth <= pre.clientWidth));
});

test("pictures keep their place free, and those shown smaller than they are open larger", async (t) => {
  const page = await open(t, "pictures.html", { viewport: { width: 1280, height: 900 } });
  const sizes = await page.locator("main img").evaluateAll((all) => all.map((img) => [img.getAttribute("width"), img.getAttribute("height")]));
  assert.deepEqual(sizes, [["1600", "400"], ["120", "60"], ["1600", "400"]]);
  const wide = page.locator("main img").first(), before = await box(wide);
  await page.waitForFunction(() => document.querySelector("main img[role=button]"));
  assert.equal(await page.locator("main img[role=button]").count(), 1, "neither the small one nor the linked one");
  assert.equal(await page.getByRole("button", { name: "Wide" }).count(), 1);
  await wide.focus();
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog.viewer");
  await dialog.waitFor();
  assert.ok((await dialog.locator("img").evaluate((img) => img.getBoundingClientRect().width)) > 2 * (before.right - before.left) - 20);
  assert.deepEqual(await box(wide), before, "nothing moves");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await wide.evaluate((img) => document.activeElement === img), "the focus returns");
  await wide.click();
  await dialog.waitFor();
  await dialog.locator("img").click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Wide" }).click();
  await page.getByRole("button", { name: "Close" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await shift(page), 0);
});

test("the larger view is not loaded where every picture is shown whole", async (t) => {
  const page = await open(t, "small.html");
  await page.waitForTimeout(200);
  assert.ok(!(await loaded(page)).includes("pictures.js"));
  await page.setViewportSize({ width: 110, height: 400 });
  await page.waitForFunction(() => document.querySelector("main img[role=button]"));
});

test("from 1440 pixels on footnotes stand beside their marks, and meet neither each other nor the text nor the rail", async (t) => {
  for (const width of [1440, 1500, 1920, 2560]) {
    const page = await open(t, "footnotes.html", { viewport: { width, height: 900 } });
    const notes = await page.locator(".footnotes > ol > li").evaluateAll((all) => all.map((li) => {
      const { top, bottom, left, right } = li.getBoundingClientRect();
      return { top, bottom, left, right, mark: document.getElementById(li.id.replace("fn-", "fnref-")).getBoundingClientRect().top };
    }));
    assert.equal(notes.length, 5);
    for (const [i, note] of notes.entries()) {
      if (i) assert.ok(note.top >= notes[i - 1].bottom - 1, `${width}: note ${i + 1} stands on the one before`);
      assert.ok(note.top >= note.mark - 12, `${width}: note ${i + 1} is above its mark`);
    }
    assert.ok(Math.abs(notes[0].top - notes[0].mark) < 16 && Math.abs(notes[3].top - notes[3].mark) < 16, `${width}: ${JSON.stringify(notes)}`);
    const margin = notes[0].left, end = Math.max(...notes.map((note) => note.right));
    const text = await page.locator(".body > :not(.footnotes), .body > :not(.footnotes) *, .body ~ *, .body ~ * *").evaluateAll((all) => Math.max(...all.filter((one) => !one.closest("pre, .table") || one.matches("pre, .table")).map((one) => one.getBoundingClientRect().right)));
    assert.ok(text < margin, `${width}: text to ${text}, notes from ${margin}`);
    assert.ok(end <= (await box(page.locator(".rail"))).left, `${width}: the rail`);
    assert.ok((await box(page.locator(".foot"))).top >= notes.at(-1).bottom, `${width}: the foot`);
    assert.ok(await noSideways(page));
    assert.equal(await shift(page), 0);
  }
});

test("a note that is longer than its page pushes the foot down", async (t) => {
  const page = await open(t, "long-footnote.html");
  await page.waitForFunction(() => document.querySelector(".placed"));
  assert.ok((await box(page.locator(".foot"))).top >= (await box(page.locator(".footnotes > ol > li").last())).bottom);
});

test("footnotes are a plain list in narrower windows and without scripts", async (t) => {
  for (const options of [{ viewport: { width: 1439, height: 900 } }, { viewport: { width: 390, height: 800 } }, { viewport: { width: 1600, height: 900 }, javaScriptEnabled: false }]) {
    const page = await open(t, "footnotes.html", options);
    const list = await box(page.locator(".footnotes")), last = await box(page.getByText("The last one"));
    assert.ok(list.top >= last.bottom, JSON.stringify(options));
  }
  const page = await open(t, "footnotes.html", WIDE);
  await page.setViewportSize({ width: 1000, height: 800 });
  await page.waitForTimeout(100);
  assert.deepEqual(await page.locator(".footnotes li").evaluateAll((all) => all.map((li) => li.style.marginTop).filter(Boolean)), []);
});

test("diagrams are drawn without a script, in the colours of the page, and their source is at hand", async (t) => {
  const page = await open(t, "diagrams.html", WIDE), svg = page.locator(".diagram svg");
  assert.equal(await svg.count(), 4);
  assert.deepEqual(await svg.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label"))), ["Way of a request", "Diagram", "Diagram: What a state does", "Diagram"]);
  assert.equal(await page.locator(".diagram figcaption").first().textContent(), "Way of a request");
  assert.equal(await page.locator(".code[data-language=mermaid]").count(), 5, "four sources, and the chart that is not drawn");
  const source = page.locator(".diagram details").first();
  assert.ok(!await source.locator("code").isVisible());
  await source.locator("summary").click();
  assert.match(await source.locator("code").textContent(), /^flowchart TD\n/);
  assert.equal(await page.locator(".diagram [style], .diagram style, .diagram script").count(), 0);
  const ink = (target) => target.locator(".diagram text").first().evaluate((text) => getComputedStyle(text).fill);
  const dark = await open(t, "diagrams.html", { ...WIDE, colorScheme: "dark" });
  assert.notEqual(await ink(page), await ink(dark));
  assert.equal(await shift(dark), 0);
});

test("words of diagrams stay in their boxes, and drawings in the page", async (t) => {
  for (const width of [390, 1280]) {
    const page = await open(t, "diagrams.html", { viewport: { width, height: 900 } });
    assert.ok(await noSideways(page));
    const outside = await page.locator(".diagram svg").evaluateAll((all) => all.flatMap((svg) => {
      const view = svg.getBoundingClientRect();
      const boxes = [...svg.querySelectorAll("rect.diagram-box")].map((box) => box.getBoundingClientRect());
      return [...svg.querySelectorAll(".diagram-words, .diagram-title")].filter((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect(), middle = (top + bottom) / 2;
        const around = boxes.find((box) => box.left < (left + right) / 2 && (left + right) / 2 < box.right && box.top < middle && middle < box.bottom);
        const limit = around || view;
        return left < limit.left || right > limit.right;
      }).map((text) => text.textContent);
    }));
    assert.deepEqual(outside, [], String(width));
  }
});

test("a diagram that is shown smaller than it is opens larger", async (t) => {
  const page = await open(t, "diagrams.html", { viewport: { width: 390, height: 800 } });
  await page.waitForFunction(() => document.querySelector(".diagram > .enlarge"));
  await page.locator(".diagram > .enlarge").first().focus();
  await page.keyboard.press("Enter");
  await page.locator("dialog.viewer svg").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog.viewer").waitFor({ state: "detached" });
});
