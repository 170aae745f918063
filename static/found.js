// The words that a search found, on the page that a result leads to: `canon.js` loads this if the address names them (`?h=`). Marks
// them without changing the page's elements, opens the folded answer they are in, and brings it into view.

(() => {
  "use strict";
  const words = (new URLSearchParams(location.search).get("h") || "").split(/\s+/).filter(Boolean).slice(0, 12);
  const main = document.querySelector("main");
  if (!words.length || !main) return;
  // What is no text of the note.
  const OTHER = "nav, svg, script, style, button, .facts, .visually-hidden", BLOCK = "p, li, dd, dt, td, th, h1, h2, h3, h4, h5, h6, pre, summary, figcaption, blockquote, div";
  const DENSE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
  // Whole words, but in scripts without spaces any place.
  const pattern = new RegExp(words.map((word) => {
    const escaped = word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    return DENSE.test(word) ? escaped : `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`;
  }).join("|"), "giu");

  /** @type {Range[]} */
  const ranges = [];
  /** @type {Map<Element, Set<string>>} The different words in each block, in the order of the page. */
  const blocks = new Map();
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = /** @type {Element} */ (node.parentElement);
    if (parent.closest(OTHER)) continue;
    for (const { index, 0: word } of (node.nodeValue || "").matchAll(pattern)) {
      const range = document.createRange(), block = parent.closest(BLOCK) || main;
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      ranges.push(range);
      if (!blocks.has(block)) blocks.set(block, new Set());
      blocks.get(block)?.add(word.toLowerCase());
    }
  }

  /** The block of the section named by the address that has the most of the words; the first of several. */
  function bestBlock() {
    const start = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (!start) return null;
    const level = Number(start.tagName[1]) || 7, headings = [...main?.querySelectorAll("h1, h2, h3, h4, h5, h6") || []];
    /**
     * @param {Element} a
     * @param {Element} b
     */
    const isAfter = (a, b) => Boolean(a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING);
    const end = headings.find((heading) => isAfter(start, heading) && !start.contains(heading) && Number(heading.tagName[1]) <= level);
    let best = null, most = 0;
    for (const [block, found] of blocks) {
      const isInside = start.contains(block) || (isAfter(start, block) && (!end || isAfter(block, end)));
      if (isInside && found.size > most && block !== start) [best, most] = [block, found.size];
    }
    return best;
  }

  const best = bestBlock();
  if (best) {
    for (let element = best.parentElement; element; element = element.parentElement) if (element instanceof HTMLDetailsElement) element.open = true;
    const { top, bottom } = best.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) best.scrollIntoView({ block: "center" });
  }
  if (!ranges.length || !CSS.highlights) return;
  CSS.highlights.set("canon-found", new Highlight(...ranges));

  const button = Object.assign(document.createElement("button"), { type: "button", className: "found-clear", textContent: window.canonTexts?.["search.unmark"] ?? "Hide the marks" });
  const clear = () => {
    CSS.highlights.delete("canon-found");
    button.remove();
    removeEventListener("keydown", onKey);
    const address = new URL(location.href);
    address.searchParams.delete("h");
    try {
      history.replaceState(null, "", address);
    } catch {
      // Some browsers forbid it for pages from disk.
    }
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) clear();
  };
  button.onclick = clear;
  addEventListener("keydown", onKey);
  document.body.append(button);
})();
