// The script of every page: theme button, drawer, folder tree, contents, checklists, folded answers, previews
// of links. A page is complete without it. Loads nothing but script files of the site,
// because a page opened from disk cannot fetch.

/** @typedef {[title: string, url: string]} TreeNote The address is relative to the site's root, as in the next two. */
/** @typedef {[path: string, title: string, url: string, count: number, file: number]} TreeFolder */
/** @typedef {[folders: TreeFolder[], notes: TreeNote[], more: number, url: string]} OpenedFolder What a folder lists: a value of `tree/N.js`. */
(() => {
  "use strict";
  const root = document.documentElement;
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const texts = /** @type {Record<string, string>} */ (script.dataset);
  const base = new URL(root.dataset.root || "./", location.href);

  /**
   * The first match of a selector, which the page must have.
   * @template {HTMLElement} [E=HTMLElement]
   * @param {string} selector
   * @param {ParentNode} [within]
   * @returns {E}
   */
  const find = (selector, within = document) => /** @type {E} */ (within.querySelector(selector));

  /**
   * All matches of a selector.
   * @template {HTMLElement} [E=HTMLElement]
   * @param {string} selector
   * @param {ParentNode} [within]
   * @returns {E[]}
   */
  const findAll = (selector, within = document) => [.../** @type {NodeListOf<E>} */ (within.querySelectorAll(selector))];

  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {string} [className]
   * @param {string} [text]
   */
  function make(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  /** @param {MouseEvent | KeyboardEvent} event */
  const hasModifier = (event) => event.metaKey || event.ctrlKey;

  /** @param {KeyboardEvent} event */
  function isTyping(event) {
    const { tagName, isContentEditable } = /** @type {HTMLElement} */ (event.target);
    return /^(INPUT|TEXTAREA|SELECT)$/.test(tagName) || isContentEditable;
  }

  /** @type {Record<string, Promise<unknown>>} */
  const loading = {};

  /**
   * Loads a script file next to this one, at most once unless it fails.
   * @param {string} name
   */
  function load(name) {
    return loading[name] ||= new Promise((resolve, reject) => {
      const added = make("script");
      added.src = new URL(name, script.src).href;
      added.onload = resolve;
      added.onerror = () => {
        delete loading[name];
        reject(new Error(name));
      };
      document.head.append(added);
    });
  }

  /**
   * The value stored as JSON; `null` if there is none, or storage is forbidden.
   * @param {"localStorage" | "sessionStorage"} area
   * @param {string} key
   */
  function stored(area, key) {
    try {
      return JSON.parse(window[area].getItem(key) || "null");
    } catch {
      return null;
    }
  }

  /**
   * Stores a value as JSON; does nothing if storage is full or forbidden.
   * @param {"localStorage" | "sessionStorage"} area
   * @param {string} key
   * @param {unknown} value
   */
  function store(area, key, value) {
    try {
      window[area].setItem(key, JSON.stringify(value));
    } catch {
      // The choice holds for this page only.
    }
  }

  // --- Parts that start again when the preview changes the page's text

  let textListeners = new AbortController();

  /**
   * Listens until the page's text changes.
   * @param {EventTarget} target
   * @param {string} type
   * @param {(event: any) => void} action
   * @param {AddEventListenerOptions} [options]
   */
  function on(target, type, action, options) {
    target.addEventListener(type, action, { signal: textListeners.signal, ...options });
  }

  /**
   * Accepts new text from the preview (`swap.js`) if it is in a part that can start again; tables cannot.
   * @param {Event} event
   */
  function changeText(event) {
    const { places, apply } = /** @type {CustomEvent<PageChange>} */ (event).detail;
    if (!places.every((place) => place.closest("main, .rail")) || document.querySelector("main table.notes, main form")) return;
    event.preventDefault();
    apply();
    textListeners.abort();
    textListeners = new AbortController();
    findAll(".link-preview").forEach((box) => box.remove());
    start([contents, checklists, folds, pictures]);
  }

  // --- Header

  function theme() {
    const button = find(".theme"), states = ["auto", "light", "dark"];
    const current = () => root.dataset.theme || "auto";
    const showState = () => {
      find(".visually-hidden", button).textContent = button.title = `${texts.theme}: ${texts[current()]}`;
    };
    button.addEventListener("click", () => {
      const next = states[(states.indexOf(current()) + 1) % 3];
      try {
        if (next === "auto") localStorage.removeItem("canon-theme");
        else localStorage.setItem("canon-theme", next);
      } catch {
        // The choice holds for this page only.
      }
      if (next === "auto") delete root.dataset.theme;
      else root.dataset.theme = next;
      showState();
    });
    showState();
  }

  function search() {
    /** @type {HTMLAnchorElement} */
    const button = find(".search");
    /** @param {Event} event */
    const open = async (event) => {
      event.preventDefault();
      try {
        // Without its texts the dialog is in English.
        await load("texts.js").catch(() => {});
        await load("search.js");
      } catch {
        location.href = button.href;
        return;
      }
      window.canonSearch.open();
    };
    button.addEventListener("click", (event) => {
      if (!hasModifier(event) && !event.shiftKey) open(event);
    });
    document.addEventListener("keydown", (event) => {
      const isShortcut = hasModifier(event) ? event.key.toLowerCase() === "k" : event.key === "/" && !isTyping(event);
      if (isShortcut && !event.altKey) open(event);
    });
  }

  function drawer() {
    const side = find(".side"), button = find(".menu"), close = find(".close", side);
    /** @param {boolean} open */
    const set = (open) => {
      root.classList.toggle("drawer", open);
      findAll(".middle, .bar").forEach((part) => { part.inert = open; });
      (open ? close : button).focus();
    };
    [button, close].forEach((control) => control.addEventListener("click", (event) => {
      event.preventDefault();
      set(control === button);
    }));
    const shut = () => {
      if (root.classList.contains("drawer")) set(false);
    };
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") shut();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!side.contains(/** @type {Node} */ (event.target))) shut();
    });
    matchMedia("(min-width: 800px)").addEventListener("change", shut);
  }

  // --- Folder tree

  /** @type {Record<string, OpenedFolder>} */
  const opened = {};
  window.canonTree = (folders) => Object.assign(opened, folders);

  const openFoldersKey = "canon-open:" + base.pathname;

  /** @param {TreeNote} note */
  function noteItem([title, url]) {
    const item = make("li"), link = make("a", "", title);
    link.href = new URL(url, base).href;
    item.append(link);
    return item;
  }

  /** @param {TreeFolder} folder */
  function folderItem([path, title, url, count, file]) {
    const item = make("li", "folder"), row = make("div", "row"), link = make("a", "", title);
    item.dataset.path = path;
    item.dataset.file = String(file);
    link.href = new URL(url, base).href;
    row.append(link, make("span", "count", String(count)));
    item.append(row);
    addCaret(item);
    return item;
  }

  /**
   * The list of what is in a folder; `null` until it is opened once.
   * @param {HTMLElement} item
   * @returns {HTMLElement | null}
   */
  const listIn = (item) => item.querySelector(":scope > ul");

  /** @param {HTMLElement} item */
  function addCaret(item) {
    const button = make("button", "caret");
    button.type = "button";
    button.setAttribute("aria-label", `${texts.open} ${find(".row a", item).textContent}`);
    button.setAttribute("aria-expanded", String(Boolean(listIn(item))));
    button.addEventListener("click", () => toggle(item, button));
    find(".row", item).prepend(button);
  }

  /**
   * Opens or closes a folder.
   * @param {HTMLElement} item
   * @param {HTMLElement} button
   */
  async function toggle(item, button) {
    const list = listIn(item), open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    store("sessionStorage", openFoldersKey, findAll('.caret[aria-expanded="true"]').map((caret) => /** @type {HTMLElement} */ (caret.closest(".folder")).dataset.path));
    if (list) {
      list.hidden = !open;
      return;
    }
    const path = /** @type {string} */ (item.dataset.path);
    await load(`tree/${item.dataset.file}.js`);
    if (listIn(item) || !opened[path]) return;
    const [folders, notes, more, url] = opened[path], children = make("ul");
    children.append(...folders.map(folderItem), ...notes.map(noteItem));
    if (more) {
      const rest = noteItem([texts.more.replace("{n}", String(more)), url]);
      rest.className = "more";
      children.append(rest);
    }
    item.append(children);
  }

  function sidebar() {
    const side = find(".side"), list = find(".tree", side);
    /** @type {HTMLElement | null} */
    const current = list.querySelector("[aria-current]");
    /** @param {HTMLElement} element */
    const topOf = (element) => element.getBoundingClientRect().top;
    const edge = topOf(list);
    findAll(".folder", list).forEach(addCaret);
    if (current) {
      list.scrollTop = Math.max(0, topOf(current) - edge - list.clientHeight / 2.5);
      // No row is half hidden by the filter above the list.
      const first = findAll("a", list).filter((link) => topOf(link) <= edge).pop();
      if (first && list.scrollTop) list.scrollTop -= edge - topOf(first);
    }
    const open = stored("sessionStorage", openFoldersKey) || [];
    findAll(".folder", list).forEach(async (item) => {
      const button = find(".caret", item);
      if (!open.includes(item.dataset.path) || button.getAttribute("aria-expanded") !== "false") return;
      const before = current ? topOf(current) : 0;
      await toggle(item, button);
      if (current) list.scrollTop += topOf(current) - before;
    });
    treeFilter(side, list);
  }

  /**
   * Text for comparing: lower case, without accents.
   * @param {string | null | undefined} text
   */
  const fold = (text) => (text || "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  /** @param {string} text */
  const wordsOf = (text) => fold(text).split(/\s+/).filter(Boolean);

  const MOST_FOUND = 80;

  /** Titles and other names of all notes, from the search index; nothing if it could not be loaded. */
  async function searchCatalog() {
    try {
      if (!window.canonSearch?.engine) await load("search-engine.js");
      return await window.canonSearch.engine?.start(root.dataset.root || "");
    } catch {
      return undefined;
    }
  }

  /**
   * @param {HTMLElement} side
   * @param {HTMLElement} list
   */
  function treeFilter(side, list) {
    /** @type {HTMLInputElement} */
    const input = find(".filter input", side);
    const found = make("ul", "tree found");
    found.hidden = true;
    list.after(found);
    input.addEventListener("focus", () => searchCatalog());
    input.addEventListener("input", async () => {
      const words = wordsOf(input.value);
      list.hidden = words.length > 0;
      found.hidden = !words.length;
      if (!words.length) return;
      const catalog = await searchCatalog(), names = catalog ? catalog.names : [];
      if (words.join() !== wordsOf(input.value).join()) return;
      /** @type {Set<number>} */
      const fitting = new Set();
      for (let i = 0; i < names.length && fitting.size < MOST_FOUND; i++) {
        const name = fold(names[i].text);
        if (words.every((word) => name.includes(word))) fitting.add(names[i].note);
      }
      const rows = [...fitting].map((number) => {
        const { title, url } = /** @type {SearchCatalog} */ (catalog).note(number);
        return noteItem([title, url.split("/").map(encodeURIComponent).join("/")]);
      });
      found.replaceChildren(...(rows.length ? rows : [make("li", "quiet", texts.none)]));
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !input.value) return;
      event.stopPropagation();
      input.value = "";
      input.dispatchEvent(new Event("input"));
    });
  }

  // --- Contents

  /** The element that the fragment of an address names, if any. @param {string} hash */
  const targetOf = (hash) => document.getElementById(decodeURIComponent(hash.slice(1)));

  function contents() {
    /** @type {HTMLDetailsElement | null} */
    const box = document.querySelector(".toc");
    if (!box) return;
    const wide = matchMedia("(min-width: 1200px)"), list = find("ol", box), now = find(".toc-current", box), summary = find("summary", box);
    /** @type {HTMLAnchorElement[]} */
    const links = findAll("a", list);
    const headings = links.map((link) => targetOf(link.hash));
    /** @type {HTMLElement | null} */
    let current = null;
    // The link clicked last, -1 for none; until when its scrolling takes, in milliseconds; the place scrolled to.
    let chosen = -1, settled = 0, place = 0;
    const staysOpen = CSS.supports("selector(::details-content)");
    const fit = () => {
      if (!staysOpen) box.open = wide.matches;
      summary.tabIndex = wide.matches ? -1 : 0;
    };
    const sectionInView = () => {
      const line = Math.max(120, innerHeight * 0.3);
      let index = 0;
      headings.forEach((heading, i) => {
        if (heading && heading.getBoundingClientRect().top <= line) index = i;
      });
      if (scrollY < 8) index = 0;
      // A clicked link stays marked until the reader scrolls on, even if the next heading is in view, too.
      if (performance.now() < settled) {
        place = scrollY;
        return chosen;
      }
      if (chosen >= 0 && Math.abs(scrollY - place) < 30) return chosen;
      chosen = -1;
      return index && innerHeight + scrollY >= root.scrollHeight - 4 ? headings.length - 1 : index;
    };
    const unmark = () => {
      current?.removeAttribute("aria-current");
      current = null;
    };
    const mark = () => {
      const index = sectionInView(), link = links[index];
      if (link === current) return;
      unmark();
      current = link;
      link.setAttribute("aria-current", "true");
      list.style.setProperty("--marker-offset", link.offsetTop + "px");
      list.style.setProperty("--marker-height", link.offsetHeight + "px");
      now.textContent = index ? link.textContent : "";
      if (!wide.matches) return;
      const rail = /** @type {HTMLElement} */ (box.parentElement), y = link.offsetTop + list.offsetTop;
      if (y < rail.scrollTop + 40 || y > rail.scrollTop + rail.clientHeight - 80) rail.scrollTop = y - rail.clientHeight / 2;
    };
    let isWaiting = false;
    on(window, "scroll", () => {
      if (isWaiting) return;
      isWaiting = true;
      requestAnimationFrame(() => {
        isWaiting = false;
        mark();
      });
    }, { passive: true });
    on(window, "resize", () => {
      unmark();
      mark();
    });
    on(wide, "change", fit);
    on(list, "click", (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      chosen = links.indexOf(link);
      settled = performance.now() + 900;
      if (!wide.matches) box.open = false;
      mark();
    });
    on(document, "keydown", (event) => {
      if (event.key !== "Escape" || !box.open || wide.matches) return;
      box.open = false;
      summary.focus();
    });
    on(document, "pointerdown", (event) => {
      if (!wide.matches && !box.contains(event.target)) box.open = false;
    });
    links.forEach((link) => link.removeAttribute("aria-current"));
    fit();
    mark();
  }

  // --- In the text

  /**
   * Matches in the section that an element is in.
   * @template {HTMLElement} E
   * @param {string} selector
   * @param {Element} element
   * @returns {E[]}
   */
  const findBeside = (selector, element) => findAll(selector, /** @type {Element} */ (element.closest(".section")));

  function checklists() {
    /** @type {HTMLInputElement[]} */
    const boxes = findAll("[data-check]");
    const key = "canon-checks:" + base.pathname;
    if (!boxes.length) return;
    const count = () => findAll(".done").forEach((output) => {
      /** @type {HTMLInputElement[]} */
      const own = findBeside("[data-check]", output);
      const done = own.filter((box) => box.checked).length;
      output.textContent = `${texts.done.replace("{n}", String(done))} ${own.length}`;
      output.classList.toggle("all", done === own.length);
    });
    /** @returns {Record<string, number>} The boxes that the reader changed, by id: 1 if checked, 0 if not. */
    const changed = () => stored("localStorage", key) || {};
    const show = () => {
      const kept = changed();
      boxes.forEach((box) => { box.checked = Boolean(kept[idOf(box)] ?? box.defaultChecked); });
      count();
    };
    /** @param {HTMLElement} box */
    const idOf = (box) => /** @type {string} */ (box.dataset.check);
    boxes.forEach((box) => {
      box.disabled = false;
      on(box, "change", () => {
        const kept = changed();
        if (box.checked === box.defaultChecked) delete kept[idOf(box)];
        else kept[idOf(box)] = Number(box.checked);
        store("localStorage", key, kept);
        count();
      });
    });
    // Another tab changed a box.
    on(window, "storage", (event) => {
      if (event.key === key) show();
    });
    show();
  }

  function folds() {
    findAll(".expand").forEach((button) => {
      /** @type {HTMLDetailsElement[]} */
      const cards = findBeside(".card", button);
      const areOpen = () => cards.every((card) => card.open);
      const showLabel = () => { button.textContent = areOpen() ? texts.collapse : texts.expand; };
      on(button, "click", () => {
        const open = !areOpen();
        cards.forEach((card) => { card.open = open; });
        showLabel();
      });
      cards.forEach((card) => on(card, "toggle", showLabel));
    });
    const reveal = () => {
      /** @type {HTMLElement | null} */
      let element = location.hash ? targetOf(location.hash) : null;
      for (; element; element = element.parentElement) if (element instanceof HTMLDetailsElement && !element.matches(".toc")) element.open = true;
    };
    on(window, "hashchange", reveal);
    reveal();
    /** @type {HTMLDetailsElement[]} */
    let closed = [];
    /** @param {boolean} open */
    const set = (open) => closed.forEach((details) => { details.open = open; });
    on(window, "beforeprint", () => {
      closed = findAll("main details:not([open])");
      set(true);
    });
    on(window, "afterprint", () => set(false));
  }

  /** Loads the larger view of pictures once one is shown smaller than it is. */
  function pictures() {
    const check = () => {
      const all = /** @type {HTMLImageElement[]} */ (findAll("main :is(img, .diagram svg):not(a *, summary *)"));
      if (all.some((one) => Math.max(one.naturalWidth || 0, Number(one.getAttribute("width"))) > one.clientWidth + 1)) load("pictures.js");
    };
    check();
    on(document, "load", check, { capture: true });
    on(window, "resize", check);
  }

  /** Marks the words that a search found, if the address names them. */
  async function found() {
    if (!new URLSearchParams(location.search).has("h")) return;
    await load("texts.js").catch(() => {});
    await load("found.js").catch(() => {});
  }

  // --- Previews of links

  /** Loads the script of previews for the first link that the pointer or the focus comes to. */
  function previews() {
    if (!Number(root.dataset.previews)) return;
    const events = ["pointerover", "focusin"];
    /** @param {Event} event */
    const begin = (event) => {
      const isLink = event.target instanceof Element && event.target.closest("main a[href], .local-graph a[href]");
      if (!isLink || (event instanceof PointerEvent && event.pointerType !== "mouse")) return;
      events.forEach((name) => document.removeEventListener(name, begin));
      load("previews.js").then(() => window.canonStartPreviews(event, texts), () => {});
    };
    events.forEach((name) => document.addEventListener(name, begin));
  }

  // --- Keys, random note, way back

  /**
   * Runs a part of `extras.js`, which is loaded then.
   * @param {"help" | "random" | "resume"} part
   */
  async function extra(part) {
    // Without its texts the list of keys is in English.
    if (part === "help") await load("texts.js").catch(() => {});
    await load("extras.js").then(() => window.canonExtras[part](), () => {});
  }

  function keys() {
    document.addEventListener("keydown", (event) => {
      if (hasModifier(event) || event.altKey || isTyping(event) || document.querySelector("dialog[open]")) return;
      if (event.key === "?") extra("help");
      else if (event.key === "r") extra("random");
      else if (event.key === "n" || event.key === "p") /** @type {HTMLElement | null} */ (document.querySelector(`main [rel=${event.key === "n" ? "next" : "prev"}]`))?.click();
    });
    findAll("[data-extra]").forEach((control) => control.addEventListener("click", (event) => {
      event.preventDefault();
      extra(/** @type {"help" | "random"} */ (control.dataset.extra));
    }));
    if (root.classList.contains("has-last") && document.querySelector(".continue")) extra("resume");
  }

  /** Remembers the note and how far it is scrolled, for the home page, and scrolls back if the reader comes from there. */
  function lastPlace() {
    if (!document.querySelector(".page-note")) return;
    const url = location.href.slice(base.href.length).split(/[?#]/)[0], back = stored("sessionStorage", "canon-return");
    if (back?.url === url) {
      scrollTo(0, back.y);
      sessionStorage.removeItem("canon-return");
    }
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) store("localStorage", "canon-last:" + base.pathname, { url, title: find("h1").textContent, y: Math.round(scrollY) });
    });
  }

  // --- Lists

  /** Loads what filters and sorts, on pages that have filters. */
  function lists() {
    const filters = document.querySelector(".filters");
    if (filters) load(filters.matches(".names") ? "names.js" : "lists.js").catch(() => {});
  }

  /** Loads what says which cards are due, for readers who practise: the practice page leaves a mark. */
  function practice() {
    const isShown = document.body.matches(".page-home, .page-note") && document.querySelector(".foot a[href$='practice.html']");
    if (isShown && stored("localStorage", "canon-practice")) load("practice-badge.js").catch(() => {});
  }

  /**
   * Starts parts of the page; a failing one leaves the other parts alone.
   * @param {(() => void)[]} parts
   */
  function start(parts) {
    parts.forEach((part) => {
      try {
        part();
      } catch (error) {
        console.error(error);
      }
    });
  }
  start([theme, search, drawer, sidebar, contents, checklists, folds, pictures, found, previews, keys, lastPlace, lists, practice]);
  document.addEventListener("canon:change", changeText);
})();
