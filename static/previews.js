// Previews of links: the facts and the TL;DR of the note that a link leads to, or the text of the section, beside the link under
// the pointer or the focus. `canon.js` loads this for the first such link. Never on touch.

/**
 * A value of `previews/N.js`; the key is the note's address.
 * @typedef {[title: string, type: string, typeText: string, status: string, level: number, difficulty: string, importance: number | null, text: PreviewPassage[]]} NotePreview
 */
/** @typedef {[heading: string, text: PreviewPassage[]]} SectionPreview The same for a section or block; the key is address and fragment. */
/** @typedef {string | string[]} PreviewPassage A paragraph, or the items of a list. */

(() => {
  "use strict";
  const root = document.documentElement, base = new URL(root.dataset.root || "./", location.href);
  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  // Milliseconds that the pointer rests on a link before its preview opens, and is away from it before that closes.
  const DELAY = 150, GAP = 8;
  /** @type {Record<string, string>} */
  let texts = {};

  /** @type {Record<string, NotePreview | SectionPreview>} */
  const known = {};
  window.canonPreviews = (some) => Object.assign(known, some);

  /** @type {Record<number, Promise<unknown>>} */
  const loading = {};
  /** Loads a file of previews, at most once unless it fails. @param {number} number */
  const load = (number) => loading[number] ??= new Promise((resolve, reject) => {
    const added = document.createElement("script");
    added.src = new URL(`previews/${number}.js`, here).href;
    added.onload = resolve;
    added.onerror = () => {
      delete loading[number];
      reject(new Error(added.src));
    };
    document.head.append(added);
  });

  /**
   * The number of the file with a note's preview: FNV-1a of the address, as `fnv_1a` in src/text/slug.rs computes it.
   * @param {string} path
   */
  function fileOf(path) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193) >>> 0;
    return hash % Number(root.dataset.previews);
  }

  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {string} className
   * @param {(Node | string)[]} children
   */
  function make(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  /** A bar as in the facts of a note, with its word for who cannot see it. @param {number} value */
  function importanceBar(value) {
    const space = "http://www.w3.org/2000/svg", bar = document.createElementNS(space, "svg");
    bar.setAttribute("class", "importance");
    bar.setAttribute("viewBox", "0 0 100 8");
    bar.setAttribute("aria-hidden", "true");
    for (const width of value ? [92, value * 0.92] : [92]) {
      const path = document.createElementNS(space, "path");
      path.setAttribute("d", `M4 4h${width}`);
      bar.append(path);
    }
    bar.children[1]?.setAttribute("class", "on");
    const fact = make("span", "", make("span", "visually-hidden", texts.importance + " "), bar, ` ${value}`);
    fact.title = texts.importance;
    return fact;
  }

  /** @param {NotePreview} preview */
  function factsOf([, type, typeText, status, level, difficulty, importance]) {
    const facts = make("p", "facts");
    if (typeText) facts.append(make("span", "type type-" + type, typeText));
    if (status) facts.append(make("span", "", status));
    if (difficulty) facts.append(make("span", "", make("span", "dots dots-" + level), " " + difficulty));
    if (importance !== null) facts.append(importanceBar(importance));
    return facts;
  }

  /**
   * The content of a preview.
   * @param {NotePreview} note
   * @param {SectionPreview | undefined} section
   */
  function boxOf(note, section) {
    const box = make("div", "link-preview", make("b", "", note[0])), text = section ? section[1] : note[7];
    box.id = "canon:link-preview";
    box.setAttribute("role", "tooltip");
    box.append(section ? make("p", "facts", section[0]) : factsOf(note));
    for (const passage of text) {
      box.append(typeof passage === "string" ? make("p", "", passage) : make("ul", "", ...passage.map((item) => make("li", "", item))));
    }
    return box;
  }

  /** @type {HTMLElement | null} */
  let box = null;
  /** @type {HTMLAnchorElement | null} */
  let link = null;
  let timer = 0;

  function close() {
    clearTimeout(timer);
    box?.remove();
    link?.removeAttribute("aria-describedby");
    box = null;
  }

  function leave() {
    close();
    link = null;
  }

  /** @param {() => void} action */
  function later(action) {
    clearTimeout(timer);
    timer = setTimeout(action, DELAY);
  }

  /**
   * The path of a link within the site; empty if it leads elsewhere or within this page.
   * @param {HTMLAnchorElement} a
   */
  function pathOf(a) {
    const isOther = a.href.startsWith(base.href) && a.href.split(/[?#]/)[0] !== location.href.split(/[?#]/)[0];
    return isOther ? a.href.slice(base.href.length).split(/[?#]/)[0] : "";
  }

  /** @param {HTMLAnchorElement} a */
  function fragmentOf(a) {
    try {
      return decodeURIComponent(a.hash.slice(1));
    } catch {
      return a.hash.slice(1);
    }
  }

  /** @param {HTMLAnchorElement} a */
  async function open(a) {
    const path = pathOf(a);
    try {
      await load(fileOf(path));
    } catch {
      return;
    }
    const note = /** @type {NotePreview | undefined} */ (known[path]), section = /** @type {SectionPreview | undefined} */ (known[`${path}#${fragmentOf(a)}`]);
    if (note && link === a && a.isConnected) show(a, boxOf(note, section));
  }

  /**
   * Shows a box below its link, or above it if there is more room.
   * @param {HTMLAnchorElement} a
   * @param {HTMLElement} made
   */
  function show(a, made) {
    close();
    box = made;
    /** @type {HTMLElement} */ (document.querySelector("main")).append(box);
    const at = a.getClientRects()[0], { width, height } = box.getBoundingClientRect(), below = innerHeight - at.bottom - 2 * GAP, above = at.top - 2 * GAP;
    const isBelow = height <= below || below >= above, room = Math.max(isBelow ? below : above, 96);
    box.style.maxHeight = room + "px";
    box.style.left = Math.min(Math.max(16, at.left), root.clientWidth - width - 16) + scrollX + "px";
    box.style.top = (isBelow ? at.bottom + GAP : at.top - GAP - Math.min(height, room)) + scrollY + "px";
    a.setAttribute("aria-describedby", box.id);
  }

  /**
   * The link to another note that an event is about.
   * @param {Event} event
   * @returns {HTMLAnchorElement | null}
   */
  function linkOf({ target }) {
    // A link in the drawn graph is SVG: its address is no string.
    const a = target instanceof Element ? target.closest("main a[href], .local-graph a[href]") : null;
    return a instanceof HTMLAnchorElement && !a.matches(".here") && pathOf(a) ? a : null;
  }

  /** @param {HTMLAnchorElement} a */
  function openLater(a) {
    link = a;
    later(() => open(a));
  }

  /** @param {PointerEvent} event */
  function pointed(event) {
    if (event.pointerType !== "mouse") return;
    const a = linkOf(event), isInBox = box?.contains(/** @type {Node} */ (event.target));
    if (a && (a !== link || !box)) openLater(a);
    else if (a || isInBox) clearTimeout(timer);
    else if (link) later(leave);
  }

  /** @param {FocusEvent} event */
  function focused(event) {
    const a = linkOf(event);
    if (a?.matches(":focus-visible")) openLater(a);
  }

  document.addEventListener("pointerover", pointed);
  document.addEventListener("focusin", focused);
  document.addEventListener("focusout", () => {
    if (link) later(leave);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
  });
  window.canonStartPreviews = (event, words) => {
    texts = words;
    if (event instanceof PointerEvent) pointed(event);
    else focused(/** @type {FocusEvent} */ (event));
  };
})();
