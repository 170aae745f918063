// What pages show of Markdown, in a form that can be compared with the output of another reader of Markdown. Needs no browser.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, parseFragment } from "parse5";
import { program } from "./site.mjs";

const BLOCKS = new Set("p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre hr br table thead tbody tr th td".split(" "));
const COMMONMARK = "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre hr br code em strong".split(" ");
const GFM = [...COMMONMARK, ..."table thead tbody tr th td del sup input a".split(" ")];

/** The attributes that mean the same in both: the number of a list, the column's side, the state of a box, the address. */
function meaning(name, attribute) {
  if (name === "ol") return attribute("start");
  if (name === "th" || name === "td") return attribute("align") || attribute("class");
  if (name === "input") return attribute("checked") === undefined ? "open" : "done";
  return name === "a" ? attribute("href") : undefined;
}

/** The elements that `kept` names and the words of a tree; other elements are their content, pictures their text. */
function written(node, kept, within = false) {
  return (node.childNodes || []).map((child) => {
    const attribute = (name) => child.attrs?.find((own) => own.name === name)?.value;
    if (child.nodeName === "#text") return within ? child.value : child.value.replace(/\s+/g, " ");
    const isBack = (attribute("class") || "").includes("footnote-back") || (attribute("class") || "").includes("footnote-backref");
    if (["#comment", "script", "style"].includes(child.nodeName) || isBack) return "";
    if (["here", "sr-only"].includes(attribute("class"))) return "";
    if (child.nodeName === "img") return attribute("alt") || "";
    const name = child.nodeName === "h1" ? "h2" : child.nodeName;
    const inner = written(child, kept, within || name === "pre");
    const isMark = name === "a" && (attribute("href") || "").startsWith("#");
    if (!kept.includes(name) || isMark) return inner;
    const value = meaning(name, attribute);
    const start = value ? `<${name} ${value}>` : `<${name}>`;
    return ["hr", "br", "input"].includes(name) ? start : `${start}${inner}</${name}>`;
  }).join("");
}

/** Without white space beside blocks and at the end of code, and without empty bodies of tables. */
function trimmed(html) {
  const beside = new RegExp(`\\s*(</?(?:${[...BLOCKS].join("|")})(?: [^>]*)?>)\\s*`, "g");
  return html.replace(beside, "$1").replace(/\s+<\/code><\/pre>/g, "</code></pre>").replace("<tbody></tbody>", "").trim();
}

function find(node, fits) {
  if (fits(node)) return node;
  for (const child of node.childNodes || []) {
    const found = find(child, fits);
    if (found) return found;
  }
}

/** What a piece of HTML shows. `kept`: the names of the elements that count. */
export const shown = (html, kept) => trimmed(written(parseFragment(html), kept));

/** Builds a page for each Markdown text, and gives back what each page's body shows. */
export function pages(t, texts, settings, kept) {
  const folder = mkdtempSync(path.join(tmpdir(), "canon-markdown-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, "base/content"), { recursive: true });
  writeFileSync(path.join(folder, "base/canon.toml"), `pages = ["**"]\nraw_html = true\n${settings}`);
  texts.forEach((text, n) => writeFileSync(path.join(folder, `base/content/e${n}.md`), `---\ntitle: Example\n---\n${text}`));
  execFileSync(program(), ["build", path.join(folder, "base"), "--output", path.join(folder, "site"), "--quiet"]);
  const isBody = (node) => node.attrs?.some((own) => own.name === "class" && own.value.split(" ").includes("body"));
  return texts.map((_, n) => trimmed(written(find(parse(readFileSync(path.join(folder, `site/e${n}.html`), "utf8")), isBody), kept)));
}

export { COMMONMARK, GFM };
