// Filters the lists of names: all tags, the glossary, the wanted notes. A list on one page is filtered in the page. For a list
// on several pages, this loads the names of all pages when a reader filters or sorts: tags from the search index, terms and
// wanted notes from files of their own. Loaded by `canon.js` on pages with filters.

/** @typedef {{ name: string, url: string, count: number | null }} ListedName The address is below the site's root. */

(() => {
  "use strict";
  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src, root = document.documentElement.dataset.root || "";
  /** @type {HTMLElement | null} */
  const form = document.querySelector(".filters.names");
  if (!form) return;
  /** The words of the interface. */
  const texts = /** @type {Record<string, string>} */ (form.dataset);
  // Rows of a page of the list, names in a file, names shown of what is found.
  const PAGE_ROWS = 100, NAMES_PER_FILE = 4096, MOST_SHOWN = 500;
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input")), order = /** @type {HTMLSelectElement | null} */ (form.querySelector("select"));
  const output = /** @type {HTMLElement} */ (form.querySelector("output"));

  /**
   * @param {string} selector
   * @param {ParentNode} [within]
   */
  const findAll = (selector, within = document) => [.../** @type {NodeListOf<HTMLElement>} */ (within.querySelectorAll(selector))];

  /**
   * Text for comparing: lower case, without accents.
   * @param {string | null | undefined} text
   */
  const fold = (text) => (text || "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  /**
   * @param {number} n
   * @param {number} total
   */
  const shownText = (n, total) => texts.shown.replace(/\{(\w+)\}/g, (_, name) => (name === "n" ? n : total).toLocaleString(document.documentElement.lang));

  const { compare } = new Intl.Collator(document.documentElement.lang);

  /** What the page shows of the list while nothing is asked for. */
  const ownParts = () => {
    const parts = [];
    for (let part = form.nextElementSibling; part; part = part.nextElementSibling) if (part !== result) parts.push(/** @type {HTMLElement} */ (part));
    return parts;
  };

  // --- A list on one page

  const rows = findAll(".taglist li, .glossary dl > div, .wantlist > li").map((element) => ({ element, text: fold(element.textContent), name: element.querySelector("a, b")?.textContent || "" }));
  const folded = /** @type {HTMLDetailsElement[]} */ (findAll("main details.fold")).filter((details) => !details.open);

  /** @param {string[]} words */
  function showInPage(words) {
    let shown = 0;
    rows.forEach(({ element, text }) => {
      element.hidden = !words.every((word) => text.includes(word));
      if (!element.hidden) shown++;
    });
    findAll(".glossary section").forEach((section) => { section.hidden = !section.querySelector("dl > div:not([hidden])"); });
    folded.forEach((details) => { details.open = words.length > 0 && details.querySelector("li:not([hidden])") !== null; });
    const inOrder = order?.value === "name" ? [...rows].sort((a, b) => compare(a.name, b.name)) : rows;
    if (order) inOrder.forEach(({ element }) => element.parentElement?.append(element));
    output.textContent = words.length ? shownText(shown, rows.length) : "";
  }

  // --- A list on several pages

  /** @type {Promise<ListedName[] | null> | null} */
  let loading = null;

  /** All names in the order of the list; `null` if a file could not be loaded. The next call tries again then. */
  function wholeList() {
    return loading ??= (texts.names === "tags" ? allTags() : allNames()).then((names) => {
      if (!names) loading = null;
      return names;
    });
  }

  /**
   * Adds a script to the page; resolves when it is loaded or has failed.
   * @param {string} name
   */
  const added = (name) => new Promise((done) => {
    const script = document.createElement("script");
    script.onload = script.onerror = done;
    script.src = new URL(name, here).href;
    document.head.append(script);
  });

  async function allNames() {
    const kind = texts.names, count = Math.ceil(Number(texts.total) / NAMES_PER_FILE);
    /** @type {Record<string, string[]>} */
    const files = {};
    window.canonNames = ([part, names]) => { files[part] = names; };
    await Promise.all(Array.from({ length: count }, (_, i) => added(`${kind}/${i}.js`)));
    const parts = Array.from({ length: count }, (_, i) => files[`${kind}/${i}`]);
    if (!parts.every(Boolean)) return null;
    return parts.flat().map((name, i) => {
      const page = i < PAGE_ROWS ? `${kind}.html` : `${kind}/${Math.floor(i / PAGE_ROWS) + 1}.html`;
      return { name, url: `${page}#canon-${kind}-${i + 1}`, count: null };
    });
  }

  async function allTags() {
    const canonSearch = window.canonSearch ||= /** @type {CanonSearch} */ ({});
    if (!canonSearch.engine) await added("search-engine.js");
    const catalog = await canonSearch.engine?.start(root);
    if (!catalog) return null;
    // Spellings with the same slug are one tag, under the most frequent of them.
    /** @type {Map<string, { name: string, most: number, notes: Set<number> }>} */
    const tags = new Map();
    for (const [name, notes] of catalog.tags) {
      const slug = slugOf(name), tag = tags.get(slug) || { name, most: 0, notes: new Set() };
      if (notes.length > tag.most) Object.assign(tag, { name, most: notes.length });
      notes.forEach((note) => tag.notes.add(note));
      tags.set(slug, tag);
    }
    const all = [...tags].map(([slug, { name, notes }]) => ({ name, url: `tags/${encodeURIComponent(slug)}.html`, count: notes.size }));
    return all.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  }

  /** The file name of a tag's page, as `slug` in src/text/slug.rs computes it. @param {string} name */
  function slugOf(name) {
    const plain = name.normalize("NFC").toLowerCase().replace(/['’]/g, "").replace(/\+/g, "-plus-").replace(/#/g, "-sharp-");
    const slug = plain.replace(/[^\p{Alphabetic}\p{N}\p{M}\u203f\u2040\u200c\u200d]+/gu, "-").replace(/^-|-$/g, "");
    return slug || [..."u", ...name].map((c, i) => i ? c.codePointAt(0)?.toString(16) : c).join("-");
  }

  /** @type {HTMLElement | null} */
  let result = null;
  // Grows with each query: a late answer compares it.
  let turn = 0;

  /** @param {string[]} words */
  async function showWhole(words) {
    const now = ++turn, isSorted = order?.value === "name";
    if (!words.length && !isSorted) {
      result?.remove();
      result = null;
      output.textContent = "";
      ownParts().forEach((part) => { part.hidden = false; });
      return;
    }
    const all = await wholeList();
    if (now !== turn) return;
    if (!all) {
      showInPage(words);
      output.textContent = `${texts.failed} ${output.textContent}`;
      return;
    }
    let found = all.filter(({ name }) => words.every((word) => fold(name).includes(word)));
    if (isSorted) found = found.sort((a, b) => compare(a.name, b.name));
    output.textContent = words.length ? shownText(found.length, all.length) : "";
    const list = document.createElement("ul");
    list.className = "taglist";
    list.append(...found.slice(0, MOST_SHOWN).map(item));
    if (!found.length) list.append(Object.assign(document.createElement("li"), { textContent: texts.none }));
    if (found.length > MOST_SHOWN) list.append(Object.assign(document.createElement("li"), { textContent: `… ${shownText(MOST_SHOWN, found.length)}` }));
    result?.remove();
    result = list;
    /** @type {HTMLElement} */ (form).after(list);
    ownParts().forEach((part) => { part.hidden = true; });
  }

  /** @param {ListedName} listed */
  function item({ name, url, count }) {
    const made = document.createElement("li"), link = document.createElement("a");
    link.href = root + url;
    link.textContent = name;
    // A row of this page is hidden while the result is shown.
    link.addEventListener("click", clear);
    made.append(link);
    if (count !== null) made.append(" ", Object.assign(document.createElement("span"), { className: "count", textContent: String(count) }));
    return made;
  }

  function clear() {
    input.value = "";
    if (order) order.value = "";
    apply();
  }

  function apply() {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    if (texts.total) showWhole(words);
    else showInPage(words);
  }

  input.addEventListener("input", apply);
  order?.addEventListener("input", apply);
  if (texts.total) form.addEventListener("focusin", wholeList, { once: true });
})();
