// Pages at every width, and what forced colours and print keep, in a real Chromium.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { COLD_PAGE, KINDS, note } from "./fixture.mjs";
import { fixtureSite, launch, open as openPage, serve } from "./site.mjs";

const DEEP = "a/b/c/d/e/f/g/h/i/j".split("/");

// A note in each of ten folders, and one with all that has broken a page before.
const MORE = {
  ...Object.fromEntries(DEEP.map((_, n) => [`${DEEP.slice(0, n + 1).join("/")}/deep-${n}.md`, note(`deep-${n}`, `Deep ${n}`, { importance: 1 }, "\n## TL;DR\n- Deep.\n")])),
  "flour/strained.md": note("strained", "Strained", { importance: 30, tags: ["flour"] }, `
## TL;DR
- All that breaks.

## Forms

> [!warning] A title with **bold words**, a [link](../${COLD_PAGE.replace(".html", ".md")}) and \`code\` that is too long for a line of a phone
> Text.

\`\`\`diff
- old
+ new
\`\`\`

| Left | Middle | Right |
|:-----|:------:|------:|
| a    | b      | 1     |

<table><tr>${"<td>contributor-with-a-name</td>".repeat(9)}</tr></table>

## Observability
- One

## Common anti-patterns
- Two

## Failure modes & Pitfalls
- Three
`),
};
const STRAINED = "flour/strained.html", DEEPEST = `${DEEP.join("/")}/deep-9.html`;
const WIDTHS = Array.from({ length: 113 }, (_, n) => 320 + 20 * n);
/** The pages with the most in a row. The others share their frame: they are tried where the layout changes. */
const FULL = [COLD_PAGE, "glossary.html", "graph.html", "importance.html", STRAINED];
const CHANGES = [320, 340, 380, 520, 780, 800, 820, 840, 860, 1180, 1200, 1220, 1440, 2560];
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

/** What is broken on the page as it is now: one word on two lines, or something wider than the window. */
function faults() {
  const found = [], root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const widest = [...document.querySelectorAll("main *")].filter((part) => part.getBoundingClientRect().right > root.clientWidth + 1).at(-1);
    found.push(`the page is ${root.scrollWidth} px wide: ${widest?.outerHTML.slice(0, 120)}`);
  }
  const labels = ".bar a, button, .graph-side span, .graph-side label, .toc a, .toc-title, .side a, .facts li, .facts a, .jump a, .pager a, .tag, .count, .counts a, .caption, .foot a, dt, dt a, th";
  for (const label of document.querySelectorAll(labels)) {
    const text = label.innerText?.trim();
    if (!text || text.length > 40 || /\s/.test(text)) continue;
    const range = document.createRange();
    range.selectNodeContents(label);
    // A label for screen readers alone is one pixel wide.
    const lines = [...range.getClientRects()].filter((line) => line.width > 1 && line.height > 1);
    const shown = label.getBoundingClientRect().width > 1 && ![...label.querySelectorAll("*")].some((part) => part.getBoundingClientRect().width === 1);
    const height = Math.max(...lines.map((line) => line.bottom)) - Math.min(...lines.map((line) => line.top));
    if (shown && lines.length && height > 1.7 * (parseFloat(getComputedStyle(label).lineHeight) || 20)) found.push(`${JSON.stringify(text)} is ${Math.round(height)} px tall`);
  }
  return found;
}

test("at each width from 320 to 2560 px no word is broken and nothing is wider than the window", async (t) => {
  for (const at of [...KINDS, STRAINED, DEEPEST]) {
    const page = await open(t, at), broken = {};
    for (const width of FULL.includes(at) ? WIDTHS : CHANGES) {
      await page.setViewportSize({ width, height: 900 });
      for (const fault of await page.evaluate(faults)) (broken[fault] ||= []).push(width);
    }
    assert.deepEqual(broken, {}, at);
    await page.context().close();
  }
});

test("on a phone the sections of a pair keep their distance, and a glossary has one column", async (t) => {
  const page = await open(t, STRAINED, { viewport: { width: 390, height: 900 } });
  const gaps = await page.evaluate(() => [...document.querySelectorAll(".pair > .section + .section")].map((section) =>
    section.getBoundingClientRect().top - section.previousElementSibling.getBoundingClientRect().bottom));
  assert.ok(gaps.length && gaps.every((gap) => gap >= 16), gaps.join());
  const glossary = await open(t, "glossary.html", { viewport: { width: 390, height: 900 } });
  const widths = await glossary.evaluate(() => [...document.querySelectorAll(".glossary dd")].map((text) => text.getBoundingClientRect().width));
  assert.ok(widths.length && widths.every((width) => width > 300), widths.join());
});

test("the title of a callout is one run of text, whatever is in it", async (t) => {
  const page = await open(t, STRAINED, { viewport: { width: 390, height: 900 } });
  const starts = await page.evaluate(() => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector(".callout > :first-child"));
    const lines = new Map();
    for (const part of range.getClientRects()) lines.set(Math.round(part.bottom / 12), Math.min(part.left, lines.get(Math.round(part.bottom / 12)) ?? Infinity));
    return [...lines.values()];
  });
  assert.ok(starts.length > 1 && Math.max(...starts) - Math.min(...starts) < 8, starts.join());
});

test("a diff keeps its signs, a table the sides of its columns, a table of HTML scrolls inside", async (t) => {
  const page = await open(t, STRAINED, { viewport: { width: 390, height: 900 } });
  assert.match(await page.locator("pre").innerText(), /- old\n+\+ new/);
  const signs = await page.evaluate(() => [...document.querySelectorAll("pre span")].map((span) => getComputedStyle(span)).every((style) => style.display === "inline" && style.maskImage === "none"));
  assert.ok(signs);
  const sides = await page.evaluate(() => [...document.querySelectorAll(".table td")].map((cell) => getComputedStyle(cell).textAlign));
  assert.deepEqual(sides, ["left", "center", "right"]);
  const [inner, outer] = await page.evaluate(() => [...document.querySelectorAll("table")].filter((table) => !table.closest(".table")).map((table) => [table.scrollWidth, table.clientWidth])[0]);
  assert.ok(inner > outer && outer <= 390, `${inner} in ${outer}`);
});

test("each of ten folders stands further in than the one above", async (t) => {
  const page = await open(t, DEEPEST);
  const starts = await page.evaluate(() => [...document.querySelectorAll(".tree .row a")].filter((link) => /^[A-J]$/.test(link.innerText.trim())).map((link) => link.getBoundingClientRect().left));
  assert.equal(starts.length, 10);
  assert.ok(starts.every((start, n) => n === 0 || start > starts[n - 1]), starts.join());
});

test("forced colours keep boxes, marks and the open note", async (t) => {
  const page = await open(t, COLD_PAGE, { forcedColors: "active" });
  const seen = await page.evaluate(() => {
    const canvas = getComputedStyle(document.body).backgroundColor;
    const style = (selector, pseudo) => getComputedStyle(document.querySelector(selector), pseudo);
    return {
      box: style(".tldr").borderTopWidth,
      current: style(".tree a[aria-current]").outlineStyle,
      marks: [[".type", "::before"], [".use > .caption", "::before"], [".bar .icon", null]].every(([selector, pseudo]) => style(selector, pseudo).backgroundColor !== canvas),
      dots: style(".dots", "::before").color !== canvas,
    };
  });
  assert.deepEqual(seen, { box: "1px", current: "solid", marks: true, dots: true });
});

test("print without backgrounds keeps the marks and frames the summary", async (t) => {
  const page = await open(t, COLD_PAGE);
  await page.emulateMedia({ media: "print" });
  const kept = await page.evaluate(() => {
    const style = (selector, pseudo) => getComputedStyle(document.querySelector(selector), pseudo);
    return [style(".use > .caption", "::before").printColorAdjust, style(".dots").printColorAdjust, style(".type", "::before").printColorAdjust, style(".tldr").borderTopStyle];
  });
  assert.deepEqual(kept, ["exact", "exact", "exact", "solid"]);
});
