// CommonMark's own examples, from the package of its specification, as pages: the same blocks and the same words. Links are not
// compared, since those of the examples lead nowhere. Needs no browser.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import { COMMONMARK, pages, shown } from "./markdown_pages.mjs";

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

test("CommonMark's examples are shown as it says", (t) => {
  const tabs = (text) => text.replaceAll("→", "\t");
  const got = pages(t, examples.map((example) => tabs(example.markdown)), "[markdown]\nmath = false\ncallouts = false\n", COMMONMARK);
  const faults = [];
  examples.forEach((example, n) => {
    const want = shown(tabs(example.html), COMMONMARK);
    const differs = got[n] !== want;
    if (differs !== example.number in DIFFERENCES) faults.push({ number: example.number, markdown: example.markdown, want, got: got[n] });
  });
  assert.ok(examples.length > 600);
  assert.deepEqual(faults, [], "an example that differs without a reason, or does not any more");
});
