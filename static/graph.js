// The graph page: filters, a list of the notes, a panel for the chosen one, pointer and keyboard. `graph-picture.js` draws,
// `graph-notes.js` loads.

/** @typedef {HTMLFormElement & { elements: { text: HTMLInputElement, type: HTMLSelectElement, tag: HTMLSelectElement, size: HTMLSelectElement } }} GraphForm */

(() => {
  "use strict";
  const index = window.canonGraph, script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  /** @type {HTMLElement | null} */
  const page = document.querySelector(".graph");
  if (!index || !page || !script) return;
  const { abs, min, hypot } = Math;
  /**
   * An element of the page, which its template always writes.
   * @template {HTMLElement} [E=HTMLElement]
   * @param {string} selector
   * @returns {E}
   */
  const find = (selector) => /** @type {E} */ (page.querySelector(selector));
  /** @type {HTMLCanvasElement} */
  const over = find(".graph-over");
  /** @type {GraphForm} */
  const form = find(".graph-tools");
  const stage = find(".graph-stage"), chosen = find(".graph-chosen"), list = find(".graph-list"), more = find(".graph-more"), near = find(".graph-near");
  const fields = form.elements, words = /** @type {Record<string, string>} */ (page.dataset);
  // Rows of the list that are added at a time; ties of the chosen note in its panel; notes loaded before the reader asks for
  // more, if there are too many to load all; milliseconds in which a second click opens the note of the first.
  const ROWS = 100, TIES = 24, AT_FIRST = 6_000, DOUBLE = 400;

  /** @type {Record<string, Promise<unknown>>} */
  const loading = {};
  /**
   * Runs a script of the graph, at most once unless it fails.
   * @param {string} address
   */
  const load = (address) => loading[address] ??= new Promise((resolve, reject) => {
    const added = document.createElement("script");
    added.src = new URL(address, script.src).href;
    added.onload = resolve;
    added.onerror = () => {
      delete loading[address];
      reject(new Error(address));
    };
    document.head.append(added);
  });
  const notes = window.canonGraphNotes(index, (path) => load("graph/" + path));
  const { count, kinds, titles, incoming, outgoing, importance } = notes;
  /** @param {number} i */
  const href = (i) => words.root + notes.encoded(i);
  /** @param {string} text */
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  /**
   * @param {string} text
   * @param {Record<string, number>} values
   */
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

  // --- State

  const names = new Map(index.folders.map(([name]) => [name, name.replace(/^.*\//, "")]));
  /** @type {Set<string>} */
  const offFolders = new Set();
  /** @type {string[]} Titles as `fold` returns them, from the first filter by text on. */
  const folded = [];
  const isShown = new Uint8Array(count);
  /** @type {number[]} Notes that pass the filters, by weight. */
  let matches = [];
  /** @type {number[]} The first of them that the list shows. */
  let rows = [];
  // The chosen note and when it was chosen, the number of links to its farthest neighbours, matches that the list shows, and a
  // number that grows with each choice: late answers compare it.
  let selected = -1, selectedAt = 0, depth = 1, listed = 0, turn = 0;

  // Where nearly all notes are in one folder, hues show types instead, as their labels elsewhere do.
  const largest = index.folders.reduce((most, [, n]) => Math.max(most, n), 0);
  const isByType = largest > count * 0.9 && fields.type.options.length > 2;
  /** @type {Record<string, number>} */
  const TYPE_HUES = { concept: 0, technology: 2, playbook: 3, skill: 4, library: 5, pattern: 6, case: 7 };
  const typeOrder = [...fields.type.options].map((option) => option.value);
  /** @param {string} type */
  const typeHue = (type) => TYPE_HUES[type] ?? 8 + Math.max(typeOrder.indexOf(type), 0) % 4;

  /** @type {NodeListOf<HTMLElement>} */
  const folderItems = page.querySelectorAll("[data-folder]");
  for (const item of folderItems) names.set(item.dataset.folder || "", item.querySelector("a")?.textContent || "");
  const regions = index.folders.map(([key, n, x, y, top, hue]) => ({ name: names.get(key) || key, notes: n, x, y, top, hue }));
  regions.sort((a, b) => b.notes - a.notes);

  const picture = window.canonGraphPicture({
    notes, regions: isByType ? [] : regions.slice(0, 60), stage, base: find(".graph-base"), over, tip: find(".graph-tip"), onSettled: loadInView,
  });

  // --- Loading

  /** Loads parts, one after another, and shows them when all are there. @param {number[]} parts */
  async function loadParts(parts) {
    for (const part of parts) {
      await notes.loadPart(part).catch(() => {});
      // A pause, so that the reader's actions come between two parts.
      await new Promise((done) => setTimeout(done, 10));
    }
    showLoaded();
  }

  let shownNotes = 0;

  /** Shows notes that were loaded since the last call. */
  function showLoaded() {
    if (notes.loaded.length === shownNotes) return;
    if (isByType) for (const i of notes.loaded.slice(shownNotes)) notes.hue[i] = typeHue(notes.type[i]);
    const isFirst = !shownNotes;
    shownNotes = notes.loaded.length;
    if (isFirst) picture.resize();
    else picture.refit();
    apply(false);
  }

  /** The parts of all notes, or of the most important ones if there are too many to load. */
  function firstParts() {
    const parts = [];
    let sum = 0;
    for (let part = 0; part < notes.parts.length && (notes.isWhole || sum < AT_FIRST); part++) {
      parts.push(part);
      sum += notes.parts[part][0];
    }
    return parts;
  }

  /** Loads the parts that a close view shows. */
  function loadInView() {
    if (notes.isWhole) return;
    const wanted = notes.parts.flatMap(([, left, top, side, parent], part) =>
      notes.hasPart(part) || !notes.hasPart(parent) || !picture.isClose(left, top, side) ? [] : [part]);
    if (wanted.length) loadParts(wanted.slice(0, 4)).then(loadInView);
  }

  // --- The chosen note

  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {string | Node} content
   * @param {object} [properties]
   */
  function make(tag, content, properties) {
    const element = document.createElement(tag);
    element.append(content);
    return Object.assign(element, properties);
  }

  /** @param {(Node | string)[]} cells */
  function row(...cells) {
    const item = make("li", "");
    item.append(...cells);
    return item;
  }

  /** @param {string} value */
  const typeName = (value) => [...fields.type.options].find((option) => option.value === value)?.text || value;

  /**
   * The checkbox of a kind of edge, which the page has if there are such edges.
   * @param {string} kind
   * @returns {HTMLInputElement}
   */
  const boxOf = (kind) => find(`[name=kind][value="${kind}"]`);

  /**
   * Shows a note in the panel and with its neighbours in the picture; -1 shows all notes.
   * @param {number} i
   */
  async function select(i) {
    const now = ++turn;
    selected = i;
    selectedAt = performance.now();
    near.hidden = i < 0;
    history.replaceState(null, "", i < 0 ? location.pathname + location.search : "#" + notes.encoded(i));
    if (i < 0) {
      chosen.hidden = true;
      picture.setScene();
      return;
    }
    const most = Math.round(Math.min(56, picture.size()[1] / 11));
    const scene = await window.canonGraphNear().collect(notes, i, depth, ({ kind }) => boxOf(kinds[kind])?.checked ?? true, most);
    if (now !== turn) return;
    showLoaded();
    showChosen(i);
    picture.setScene(scene);
  }

  /** @param {number} i */
  function showChosen(i) {
    const ties = make("ul", "");
    for (const { other, kind, isOut } of notes.ties(i).filter(({ other }) => notes.isLoaded(other)).slice(0, TIES)) {
      const label = boxOf(kinds[kind]).dataset.label;
      ties.append(row(make("span", (isOut ? "→ " : "← ") + label), make("a", titles[other], { href: "#" + notes.encoded(other) })));
    }
    const facts = [names.get(notes.folder[i]) ?? notes.folder[i].replace(/^.*\//, ""), typeName(notes.type[i]), importance[i] || ""];
    const close = make("button", "", { type: "button", className: "graph-close", textContent: "×", ariaLabel: words.close, title: words.close });
    close.onclick = () => select(-1);
    chosen.replaceChildren(
      close, make("h2", titles[i]), make("p", facts.filter(Boolean).join(" · ")),
      make("p", `${fill(words.in, { n: incoming[i] })} · ${fill(words.out, { n: outgoing[i] })}`),
      make("a", words.open, { href: href(i), className: "graph-open" }), ties);
    chosen.hidden = false;
  }

  /** Selects the note that the address names. */
  async function selectNamed() {
    const named = location.hash.slice(1) || new URLSearchParams(location.search).get("note");
    if (!named) return;
    const i = await notes.numberOf(named).catch(() => -1);
    if (i >= 0 && i !== selected) select(i);
  }

  near.onchange = ({ target }) => {
    depth = Number(/** @type {HTMLInputElement} */ (target).value);
    if (selected >= 0) select(selected);
  };
  find(".graph-whole").onclick = () => {
    select(-1);
    over.focus({ preventScroll: true });
  };

  // --- Filters

  /** The words of the field. */
  const asked = () => fold(fields.text.value).split(/\s+/).filter(Boolean);

  /** @param {boolean} isNew Whether the reader changed a filter. */
  function apply(isNew) {
    const wanted = asked();
    if (wanted.length) for (const i of notes.loaded) folded[i] ??= fold(titles[i]);
    const type = fields.type.value, tag = fields.tag.value, byImportance = fields.size.value === "importance";
    for (const i of notes.loaded) {
      isShown[i] = Number(!offFolders.has(notes.folder[i]) && (!type || notes.type[i] === type) && (!tag || notes.tags[i].includes(tag)) &&
        wanted.every((word) => folded[i].includes(word)));
    }
    /** @param {number} i */
    const weight = (i) => incoming[i] * 2 + importance[i] * (byImportance ? 9 : 0.4);
    matches = notes.loaded.filter((i) => isShown[i]).sort((a, b) => weight(b) - weight(a) || a - b);
    picture.choose({ matches, isShown, kindsOn: kinds.map((kind) => Boolean(boxOf(kind)?.checked)), byImportance });
    find("#graph-count").textContent = fill(shownNotes < count ? words.partly : words.shown, { n: matches.length, loaded: shownNotes, total: count });
    const first = matches.slice(0, ROWS);
    // Parts that are loaded later rarely have notes of the first rows.
    if (listed !== ROWS || first.length !== listed || first.some((i, at) => rows[at] !== i)) {
      listed = 0;
      list.replaceChildren();
      extendList();
    }
    rows = first;
    showMore();
    if (isNew && selected >= 0) select(selected);
  }

  /**
   * Gives an element a hue.
   * @template {HTMLElement} E
   * @param {E} element
   * @param {number} at
   */
  function swatch(element, at) {
    element.style.setProperty("--hue", `var(--graph-${at + 1})`);
    return element;
  }

  function extendList() {
    for (const i of matches.slice(listed, listed += ROWS)) {
      const link = swatch(make("a", titles[i], { href: href(i) }), notes.hue[i]);
      link.dataset.note = String(i);
      list.append(row(link, make("span", String(importance[i] || ""))));
    }
    showMore();
  }

  function showMore() {
    more.hidden = listed >= matches.length;
    more.textContent = fill(words.more, { n: min(ROWS, matches.length - listed) });
  }

  for (const item of folderItems) {
    const key = item.dataset.folder || "", region = index.folders.find(([name]) => name === key);
    if (!region) continue;
    const button = swatch(make("button", make("i", ""), { type: "button", className: "graph-swatch", ariaLabel: names.get(key), ariaPressed: "true" }), isByType ? 11 : region[5]);
    button.onclick = () => {
      const isOn = offFolders.delete(key);
      if (!isOn) offFolders.add(key);
      button.ariaPressed = String(isOn);
      apply(true);
    };
    item.prepend(button);
  }

  if (isByType) {
    const key = make("ul", "", { className: "graph-types" });
    typeOrder.forEach((type) => type && key.append(row(swatch(make("i", ""), typeHue(type)), typeName(type))));
    form.append(key);
  }

  /** The note that the field names best: the first match, or what the search index has among the notes not loaded. */
  async function firstFound() {
    if (notes.isWhole || matches.some((i) => folded[i] === asked().join(" "))) return matches[0] ?? -1;
    await load("search-engine.js").catch(() => {});
    const engine = window.canonSearch?.engine;
    if (!await engine?.start(words.root)) return matches[0] ?? -1;
    const answer = /** @type {SearchEngine} */ (engine).quick(fields.text.value);
    for (const hit of answer.hits.slice(0, 5)) {
      const i = await notes.numberOf(answer.note(hit).url).catch(() => -1);
      if (i >= 0) return i;
    }
    return matches[0] ?? -1;
  }

  // --- Pointer and keyboard

  /** @type {Map<number, [x: number, y: number]>} */
  const fingers = new Map();
  let travelled = 0, spread = 0;
  /**
   * @param {MouseEvent} event
   * @returns {[x: number, y: number]}
   */
  const pointOf = ({ clientX, clientY }) => {
    const box = over.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  };
  over.onpointerdown = (event) => {
    if (event.button) return;
    over.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, pointOf(event));
    travelled = fingers.size > 1 ? 99 : 0;
    spread = 0;
    picture.stop();
  };
  over.onpointermove = (event) => {
    const point = pointOf(event), [x, y] = point, last = fingers.get(event.pointerId);
    if (!last) {
      if (event.pointerType !== "touch") picture.setHover(picture.nodeAt(x, y, 6), point);
      return;
    }
    fingers.set(event.pointerId, point);
    travelled += abs(x - last[0]) + abs(y - last[1]);
    if (travelled <= 4) return;
    picture.setHover(-1);
    stage.classList.add("graph-drag");
    picture.pan((x - last[0]) / fingers.size, (y - last[1]) / fingers.size);
    if (fingers.size < 2) return;
    const [a, b] = [...fingers.values()], now = hypot(a[0] - b[0], a[1] - b[1]);
    if (spread) picture.go(picture.zoomed(now / spread, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2));
    spread = now;
  };
  over.onpointerup = over.onpointercancel = (event) => {
    const isTap = fingers.delete(event.pointerId) && event.type === "pointerup" && travelled <= 4;
    spread = 0;
    stage.classList.remove("graph-drag");
    if (!isTap) return;
    const i = picture.nodeAt(...pointOf(event), event.pointerType === "touch" ? 16 : 6);
    const isSecond = selected >= 0 && performance.now() - selectedAt < DOUBLE;
    if (isSecond || (i >= 0 && i === selected)) location.href = href(selected);
    else select(i);
  };
  over.onpointerleave = () => picture.setHover(-1);
  // One finger scrolls the page (`touch-action`), two move and zoom the picture.
  over.addEventListener("touchmove", (event) => {
    if (event.touches.length > 1) event.preventDefault();
  }, { passive: false });
  over.addEventListener("wheel", (event) => {
    event.preventDefault();
    picture.setHover(-1);
    picture.go(picture.zoomed(Math.exp(-event.deltaY * (event.deltaMode ? 16 : 1) * (event.ctrlKey ? 0.01 : 0.0016)), ...pointOf(event)));
  }, { passive: false });
  /** @type {Record<string, () => void>} */
  const KEYS = {
    ArrowLeft: () => picture.pan(60, 0), ArrowRight: () => picture.pan(-60, 0), ArrowUp: () => picture.pan(0, 60), ArrowDown: () => picture.pan(0, -60),
    "+": () => picture.fly(picture.zoomed(1.6)), "-": () => picture.fly(picture.zoomed(0.625)), 0: () => picture.fly(picture.fitted()),
    Escape: () => {
      if (selected >= 0) select(-1);
    },
    Enter: () => {
      if (selected >= 0) location.href = href(selected);
    },
  };
  over.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.key]();
  };
  find(".graph-zoom").onclick = (event) => {
    const { zoom } = /** @type {HTMLElement} */ (event.target).dataset;
    if (zoom) picture.fly(Number(zoom) ? picture.zoomed(Number(zoom)) : picture.fitted());
  };
  let typing = 0;
  form.oninput = ({ target }) => {
    clearTimeout(typing);
    // A text marks its matches among all notes; the other filters change a chosen note's neighbours, too.
    typing = setTimeout(() => {
      if (target === fields.text && selected >= 0) select(-1);
      apply(target !== fields.text);
    }, 90);
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    clearTimeout(typing);
    apply(false);
    const i = await firstFound();
    if (i >= 0) select(i);
  };
  more.onclick = () => {
    const first = listed;
    extendList();
    list.children[first].querySelector("a")?.focus();
  };
  /** @param {Event} event */
  const pointAt = (event) => {
    const { note } = /** @type {HTMLElement} */ (event.target).dataset;
    picture.setHover(note ? Number(note) : -1);
    if (note && event.type === "focusin") picture.show(Number(note));
  };
  for (const name of ["mouseover", "focusin"]) list.addEventListener(name, pointAt);
  for (const name of ["mouseleave", "focusout"]) list.addEventListener(name, () => picture.setHover(-1));
  addEventListener("hashchange", selectNamed);

  new ResizeObserver(() => {
    picture.resize();
    if (shownNotes) apply(false);
  }).observe(stage);
  new MutationObserver(picture.readColours).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", picture.readColours);
  picture.readColours();
  loadParts([0]).then(selectNamed).then(() => loadParts(firstParts().slice(1)));
})();
