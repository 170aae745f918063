// GitHub's additions to CommonMark (tables, struck text, tasks, footnotes, bare addresses) as pages, against an independent reader
// of the same dialect. Each family of examples is of our own. Needs no browser.
import assert from "node:assert/strict";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import test from "node:test";
import { GFM, pages, shown } from "./markdown_pages.mjs";

const TABLES = [
  "| a | b |\n| - | - |\n| c | d |",
  "a | b\n- | -\nc | d",
  "|a|b|\n|:-|-:|\n|c|d|",
  "| a | b | c | d |\n|---|:--|--:|:-:|\n| 1 | 2 | 3 | 4 |",
  "| one |\n|-----|\n| x |",
  "| a | b |\n| - | - |\n| c |",
  "| a | b |\n| - |\n| c | d |",
  "| a | b |\n| - | - |",
  "| a \\| b | c |\n| - | - |\n| `d \\| e` | f |",
  "| *a* | **b** | ~~c~~ | `d` |\n|-|-|-|-|\n| [e](https://e.org) | <b>f</b> | g\\*h | i&amp;j |",
  "text before\n| a | b |\n|---|---|\n| c | d |",
  "| a | b |\n|---|---|\n| c | d |\ntext after",
  "| a | b |\n|---|---|\n| c | d |\n\nanother paragraph",
  "| a | b |\n|---|---|\n| c | d |\n> quote",
  "| a | b |\n|---|---|\n| c | d |\n# heading",
  "> | a | b |\n> |---|---|\n> | c | d |",
  "- | a | b |\n  |---|---|\n  | c | d |\n- item",
  "1. text\n\n   | a |\n   |---|\n   | b |",
  "| a |  |\n|---|---|\n|  | d |\n| | |",
  "|   a   |b|\n|:---:|---|\n|  spaces   around |x |",
  "| a | b |\n| --- | :-: |\n| c | d |\n| e | f |\n| g | h |",
  "| äöü | 你好 | 🎉 |\n|---|---|---|\n| ñ | 日本 | é |",
  "| a | b |\n   |---|---|\n| c | d |",
  "no table\n|---|---|",
  "| a | b |\n\n|---|---|",
  "    | a | b |\n    |---|---|",
  "| a | b |\n|===|===|",
  "| [x] | [ ] |\n|---|---|\n| a | b |",
  "| a | b |\n|---|---|\n| c<br>d | e |",
  "| a\n| -\n| b",
];

const STRUCK = [
  "~~gone~~",
  "~gone~",
  "a ~~b c~~ d",
  "in~~side~~word",
  "~~a **b *c*** d~~",
  "**~~a~~**",
  "~~[a](https://a.org)~~",
  "[~~a~~](https://a.org)",
  "~~open",
  "~~ a ~~",
  "~~a ~~ b",
  "~~~a~~~ b",
  "x ~~~~ y",
  "~~a\n\nb~~",
  "~~a\nb~~",
  "`~~a~~`",
  "\\~~a~~",
  "~~a~ b",
  "# ~~a~~ b",
  "- ~~a~~\n- b",
  "~~*a~~*",
  "~~a~~b~~c~~",
];

const TASKS = [
  "- [ ] a\n- [x] b",
  "- [X] a",
  "* [ ] a\n* [x] b",
  "1. [ ] a\n2. [x] b",
  "- [ ] a\n  - [x] b\n    - [ ] c",
  "- [ ] **a** `b`",
  "- [ ]a",
  "- []a",
  "- [y] a",
  "- [ ]",
  "- a [ ] b",
  "[ ] a",
  "> - [ ] a",
  "- [ ] a\n\n  b\n- [x] c",
  "- [ ] [a](https://a.org)",
  "- [x](https://a.org) b",
  "- \\[ ] a",
  "- [ ] a\n- b\n- [x] c",
];

const FOOTNOTES = [
  "A[^1].\n\n[^1]: Foot.",
  "A[^b] B[^a].\n\n[^a]: First.\n[^b]: Second.",
  "A[^1] B[^1].\n\n[^1]: Twice.",
  "A[^none].",
  "A.\n\n[^1]: Unused.",
  "A[^long].\n\n[^long]: One.\n\n    Two.\n\n    - three",
  "A[^1].\n\n[^1]: **Bold** and `code`.",
  "# Heading[^1]\n\n[^1]: Foot.",
  "| a[^1] | b |\n|---|---|\n| c | d |\n\n[^1]: Foot.",
  "- a[^1]\n- b[^2]\n\n[^1]: One.\n[^2]: Two.",
  "> A[^1].\n\n[^1]: Foot.",
  "A[^Case].\n\n[^case]: Foot.",
  "A[^1].\n\n[^1]: One.\n[^1]: Another.",
  "A\\[^1].\n\n[^1]: Foot.",
  "`A[^1]`.\n\n[^1]: Foot.",
  "A[^1].\n\n[^1]: See B[^2].\n[^2]: Two.",
  "A[^ü].\n\n[^ü]: Foot.",
  "A[^1]: not a definition.\n\n[^1]: Foot.",
  "A[^1][^2].\n\n[^1]: One.\n[^2]: Two.",
  "*A[^1]*.\n\n[^1]: Foot.",
];

const ADDRESSES = [
  "https://example.org",
  "http://example.org/a/b?c=d#e",
  "www.example.org",
  "www.example.org/a",
  "visit https://example.org.",
  "visit https://example.org, then",
  "(https://example.org)",
  "(see https://example.org/a_(b))",
  "https://example.org/a_(b)_c",
  "https://example.org/?q=a)b",
  "https://example.org/a&amp;",
  "https://example.org/a<b",
  "**https://example.org**",
  "*www.example.org*",
  "_https://example.org_",
  "~~https://example.org~~",
  "https://example.org/~user",
  "https://example.org/a*b*c",
  "xhttps://example.org",
  "https://",
  "http://localhost:3000/x",
  "www.a_b.org",
  "www.",
  "WWW.example.org",
  "me@example.org",
  "me.too+tag@sub.example.org",
  "me@example.org.",
  "me@example-",
  "me@example_org",
  "me@localhost",
  "me@example.org, you@example.org",
  "@example.org",
  "a@b@c.org",
  "[https://example.org](https://example.com)",
  "`https://example.org`",
  "<https://example.org>",
  "| https://example.org | me@example.org |\n|---|---|\n| www.example.org | x |",
  "# https://example.org",
  "- www.example.org\n- me@example.org",
  "https://例え.jp/パス",
  "https://example.org/a_b_c",
  "\"https://example.org\"",
  "'https://example.org'",
  "https://example.org!",
  "a:https://example.org",
  "https://a.org https://b.org",
  "ftp://example.org",
  "https://example.org/%20x",
];

/** The examples that Canon shows in another way, each with its reason. */
const DIFFERENCES = new Map([
  ["a | b\n- | -\nc | d", "a row of single hyphens is the second line of a table: the other reader takes it for a list"],
  ["https://example.org/a*b*c", "emphasis in a bare address is emphasis"],
  ["WWW.example.org", "only `www.` in small letters begins an address, as in the program that defines the dialect"],
  ["a@b@c.org", "what has two signs is no mail address, and no part of it is"],
  ["https://例え.jp/パス", "addresses are written as they are: a browser encodes them"],
]);

const github = (text) => micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });

for (const [name, examples] of Object.entries({ tables: TABLES, "struck text": STRUCK, tasks: TASKS, footnotes: FOOTNOTES, "bare addresses": ADDRESSES })) {
  test(`${name} are shown as on GitHub`, (t) => {
    const got = pages(t, examples, "[markdown]\nmath = false\ncallouts = false\n", GFM);
    const faults = [];
    examples.forEach((markdown, n) => {
      const want = shown(github(markdown), GFM);
      if ((got[n] !== want) !== DIFFERENCES.has(markdown)) faults.push({ markdown, want, got: got[n] });
    });
    assert.deepEqual(faults, [], "an example that differs without a reason, or does not any more");
  });
}
