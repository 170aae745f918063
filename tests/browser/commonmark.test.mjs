// CommonMark's own examples, from the package of its specification, as pages: the same blocks and the same words. Links are not
// compared, since those of the examples lead nowhere. Needs no browser.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { parse, parseFragment } from "parse5";
import { program } from "./site.mjs";

const { tests: examples } = createRequire(import.meta.url)("commonmark-spec");

/** The examples that Canon shows in another way, each with its reason. */
const DIFFERENCES = {
  62: "headings of a text are one level lower than written where it has one of level 1, which is the page's title",
  72: "the same",
  79: "the same",
  80: "the same",
  115: "the same",
  151: "an end tag of the note's own ends no element of the page's",
  156: "a tag that its block ends within is text: as markup it would take in what comes after it",
  157: "the same",
  158: "the same",
  207: "a page without a word says so",
  548: "double brackets are a wikilink",
  559: "the same",
  581: "a picture that is not there is shown by its address where it has no text",
  590: "double brackets are a wikilink",
  626: "white space around a comment",
};

const BLOCKS = new Set("p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre hr br".split(" "));
const KEPT = new Set([...BLOCKS, "code", "em", "strong"]);

/** The elements of CommonMark and the words of a tree; other elements are their content, pictures their text. */
function written(node, within = false) {
  return (node.childNodes || []).map((child) => {
    const attribute = (name) => child.attrs?.find((own) => own.name === name)?.value || "";
    if (child.nodeName === "#text") return within ? child.value : child.value.replace(/\s+/g, " ");
    if (["#comment", "script", "style"].includes(child.nodeName) || attribute("class") === "here") return "";
    if (child.nodeName === "img") return attribute("alt");
    const name = child.nodeName === "h1" ? "h2" : child.nodeName;
    const inner = written(child, within || name === "pre");
    if (!KEPT.has(name)) return inner;
    const start = attribute("start") && ` start=${attribute("start")}`;
    return ["hr", "br"].includes(name) ? `<${name}>` : `<${name}${start}>${inner}</${name}>`;
  }).join("");
}

/** Without white space beside blocks and at the end of code. */
function trimmed(html) {
  const beside = new RegExp(`\\s*(</?(?:${[...BLOCKS].join("|")})(?: [^>]*)?>)\\s*`, "g");
  return html.replace(beside, "$1").replace(/\s+<\/code><\/pre>/g, "</code></pre>").trim();
}

function find(node, fits) {
  if (fits(node)) return node;
  for (const child of node.childNodes || []) {
    const found = find(child, fits);
    if (found) return found;
  }
}

/** Builds a page for each Markdown text, and gives back what each page's body has. */
function pages(t, texts, settings) {
  const folder = mkdtempSync(path.join(tmpdir(), "canon-commonmark-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, "base/content"), { recursive: true });
  writeFileSync(path.join(folder, "base/canon.toml"), `pages = ["**"]\nraw_html = true\n${settings}`);
  texts.forEach((text, n) => writeFileSync(path.join(folder, `base/content/e${n}.md`), `---\ntitle: Example\n---\n${text}`));
  execFileSync(program(), ["build", path.join(folder, "base"), "--output", path.join(folder, "site"), "--quiet"]);
  const isBody = (node) => node.attrs?.some((own) => own.name === "class" && own.value.split(" ").includes("body"));
  return texts.map((_, n) => trimmed(written(find(parse(readFileSync(path.join(folder, `site/e${n}.html`), "utf8")), isBody))));
}

test("CommonMark's examples are shown as it says", (t) => {
  const tabs = (text) => text.replaceAll("→", "\t");
  const got = pages(t, examples.map((example) => tabs(example.markdown)), "[markdown]\nmath = false\ncallouts = false\n");
  const faults = [];
  examples.forEach((example, n) => {
    const want = trimmed(written(parseFragment(tabs(example.html))));
    const differs = got[n] !== want;
    if (differs !== example.number in DIFFERENCES) faults.push({ number: example.number, markdown: example.markdown, want, got: got[n] });
  });
  assert.ok(examples.length > 600);
  assert.deepEqual(faults, [], "an example that differs without a reason, or does not any more");
});
