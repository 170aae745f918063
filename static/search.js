// The search dialog and the search page: a field, tags to filter by, results with their sentences. `search-engine.js`, which
// this loads, reads the index and ranks. Text of notes reaches the page as text nodes only.

/** @typedef {HTMLElementTagNameMap[keyof HTMLElementTagNameMap]} AnyElement */

(() => {
  "use strict";
  /** @type {Record<string, string>} */
  const ENGLISH = {
    label: "Search notes", placeholder: "Search: words, tag:…, type:…, >80", close: "Close", loading: "Loading the index…", failed: "The search index could not be loaded.",
    none: "Nothing found for “{q}”.", nearest: "Titles that come near", important: "Important notes", results: "{n} notes", result: "1 note", tags: "Tags among the results",
    alias: "also called {name}", move: "move", open: "open", newTab: "new tab", leave: "close",
  };
  // Milliseconds without a key before text is searched, and before sentences are fetched: half a word is rarely the query.
  const PAUSE = 90, LONG_PAUSE = 160;
  // Results whose sentences are fetched at once, and before a page with a query shows them; results added at a time, tags shown, notes shown before there is a query.
  const AT_ONCE = 3, FIRST_SCREEN = 8, PAGE = 20, FACETS = 8, SUGGESTED = 8;
  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src, root = document.documentElement.dataset.root || "";
  const canonSearch = window.canonSearch ||= /** @type {CanonSearch} */ ({});

  /**
   * A text of the interface with its `{name}` parts filled in.
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   */
  const text = (key, values = {}) => (window.canonTexts?.["search." + key] ?? ENGLISH[key]).replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

  /**
   * An element with these attributes and children; those that are `null` are left out.
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {Record<string, string | null>} attributes
   * @param {(Node | string | null)[]} children
   */
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  /** Text with its marked pieces, the odd ones. @param {string[]} pieces */
  const marks = (pieces) => pieces.map((piece, i) => i % 2 ? make("mark", {}, piece) : piece);

  /**
   * @param {SearchNote} note
   * @param {string} anchor
   */
  const addressOf = (note, anchor) => root + note.url.split("/").map(encodeURIComponent).join("/") + (anchor ? "#" + encodeURIComponent(anchor) : "");

  /**
   * The address of a row, with the words to mark on its page.
   * @param {HTMLAnchorElement} row
   */
  function markedAddress(row) {
    const address = new URL(row.href);
    if (row.dataset.marks) address.searchParams.set("h", row.dataset.marks);
    return address.href;
  }

  /** The different words of marked pieces, for `found.js`. @param {MarkedText[]} texts */
  function markedWords(texts) {
    const words = texts.flatMap(({ pieces }) => pieces.filter((_, i) => i % 2)).flatMap((piece) => piece.toLowerCase().split(/\s+/));
    return [...new Set(words)].filter(Boolean).slice(0, 8).join(" ");
  }

  /** @type {Promise<SearchEngine | undefined> | null} */
  let starting = null;

  /** The engine with its catalog; `undefined` if it could not be loaded. The next call tries again then. */
  function startEngine() {
    return starting ??= loadEngine().then((engine) => {
      if (!engine) starting = null;
      return engine;
    });
  }

  async function loadEngine() {
    if (!canonSearch.engine) await added(make("script", { src: new URL("search-engine.js", here).href }));
    return await canonSearch.engine?.start(root) ? canonSearch.engine : undefined;
  }

  /**
   * Adds a script or style sheet to the page; resolves when it is loaded or has failed.
   * @param {HTMLScriptElement | HTMLLinkElement} element
   * @returns {Promise<unknown>}
   */
  const added = (element) => new Promise((done) => {
    element.onload = element.onerror = done;
    document.head.append(element);
  });

  /** The loaded engine. Only results call this, and the engine makes those. */
  const engine = () => /** @type {SearchEngine} */ (canonSearch.engine);

  /**
   * Field, tags, results and hints in `host`. Results are links in a list box; focus stays in the field.
   * @param {HTMLElement} host
   * @param {HTMLDialogElement | null} dialog The dialog that `host` is in.
   * @param {(query: string) => void} [onChange]
   */
  function mount(host, dialog, onChange = () => {}) {
    const id = host.id + "-";
    const input = make("input", { type: "search", role: "combobox", id: id + "input", "aria-label": text("label"), "aria-expanded": "false", "aria-controls": id + "list",
      "aria-autocomplete": "list", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "go", placeholder: text("placeholder") });
    const close = dialog && make("button", { type: "button", class: "search-close" }, text("close"));
    const facets = make("div", { class: "search-facets", role: "group", "aria-label": text("tags"), hidden: "" });
    const list = make("div", { class: "search-list", role: "listbox", id: id + "list", "aria-label": text("label"), hidden: "" });
    const message = make("p", { class: "search-note", hidden: "" });
    const status = make("p", { class: "search-status", role: "status", "aria-live": "polite" });
    /**
     * @param {string[]} keys
     * @param {string} key
     */
    const hint = (keys, key) => make("span", {}, ...keys.map((name) => make("kbd", {}, name)), " " + text(key));
    const controlKey = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl";
    const keys = make("div", { class: "search-keys", "aria-hidden": "true" }, hint(["↑", "↓"], "move"), hint(["↵"], "open"), hint([controlKey, "↵"], "newTab"), dialog && hint(["Esc"], "leave"));
    host.append(make("div", { class: "search-field" }, input, close), facets, message, list, make("div", { class: "search-foot" }, status, keys));

    // The marked row, whether the reader moved to it, and a number that grows with each query: late answers compare it.
    /** @type {HTMLAnchorElement | null} */
    let active = null;
    let isMoved = false, turn = 0, timer = 0;
    // Whether the page shows results for the first time: then sentences must not move them.
    let isOpening = !dialog;
    /** @type {IntersectionObserver | undefined} */
    let observer;
    const rows = () => [.../** @type {NodeListOf<HTMLAnchorElement>} */ (list.querySelectorAll("[role=option]"))];

    /**
     * Marks a row.
     * @param {HTMLAnchorElement | null} row
     * @param {boolean} byReader
     */
    function activate(row, byReader) {
      active?.setAttribute("aria-selected", "false");
      active = row;
      isMoved = byReader;
      if (!row) return input.removeAttribute("aria-activedescendant");
      row.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", row.id);
      if (byReader) row.scrollIntoView({ block: "nearest" });
    }

    /**
     * @param {string} kind
     * @param {SearchNote} note
     * @param {string} anchor
     * @param {(Node | null)[]} children
     */
    function resultRow(kind, note, anchor, ...children) {
      return make("a", { role: "option", class: "search-row " + kind, id: "", tabindex: "-1", "aria-selected": "false", href: addressOf(note, anchor) }, ...children);
    }

    /**
     * A note's card, with the alias that matches better than the title, if any.
     * @param {SearchNote} note
     * @param {SearchAnswer} answer
     */
    function card(note, answer) {
      const { marked } = engine(), title = marked(note.title, answer);
      const alias = title.weight < answer.query.words.length ? note.aliases.map((name) => marked(name, answer)).find((name) => name.weight > title.weight) : null;
      const names = [make("span", { class: "search-title" }, ...marks(title.pieces))];
      if (alias) {
        const [before, after] = text("alias", { name: "\0" }).split("\0");
        names.push(make("span", { class: "search-alias" }, before, ...marks(alias.pieces), after));
      }
      names.push(make("span", { class: "search-path" }, [note.facts[0], ...note.folder.split("/")].filter(Boolean).join(" › ")));
      return make("div", { class: "search-card", role: "group", "aria-label": note.title }, resultRow("search-first", note, "", ...names));
    }

    /**
     * Adds a note's best sentences to its card.
     * @param {HTMLElement} element
     * @param {SearchHit} hit
     * @param {SearchAnswer} answer
     */
    async function addSentences(element, hit, answer) {
      const now = turn, note = answer.note(hit), parts = await engine().excerpts(hit, answer);
      if (now !== turn || !element.isConnected) return;
      // Words of all its sentences are marked on the page of each, its own first.
      /** @type {[row: HTMLElement, texts: MarkedText[]][]} */
      const shown = [];
      for (const { heading, text, anchor } of parts) {
        const texts = [heading, text].filter((part) => part !== null && part !== undefined);
        if (!texts.length) continue;
        const row = resultRow("search-hit", note, anchor,
          heading?.pieces.join("") ? make("span", { class: "search-heading" }, ...marks(heading.pieces)) : null,
          text && make("span", { class: "search-sentence" }, ...marks(text.pieces)));
        shown.push([row, texts]);
        element.append(row);
      }
      const all = shown.flatMap(([, texts]) => texts);
      for (const [row, texts] of [...shown, /** @type {const} */ ([/** @type {HTMLElement} */ (element.firstElementChild), []])]) row.dataset.marks = markedWords([...texts, ...all]);
      numberRows();
    }

    const numberRows = () => rows().forEach((row, i) => {
      row.id = id + "row" + i;
      if (row === active) input.setAttribute("aria-activedescendant", row.id);
    });

    /**
     * Shows a card for each hit, and adds sentences and further cards as the reader comes near them.
     * @param {SearchHit[]} hits
     * @param {SearchAnswer} answer
     * @param {boolean} hasSentences
     */
    function showCards(hits, answer, hasSentences) {
      const kept = isMoved ? active?.getAttribute("href") : null, now = turn;
      observer?.disconnect();
      /** @type {Map<Element, () => unknown>} What happens when a card is seen for the first time. */
      const waiting = new Map();
      /** @param {Element} element */
      const reach = (element) => {
        const go = waiting.get(element);
        waiting.delete(element);
        return go?.();
      };
      const seen = observer = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && reach(entry.target)), { root: dialog && list });
      /** @param {number} from */
      const addPage = (from) => hits.slice(from, from + PAGE).forEach((hit, i) => {
        const element = card(answer.note(hit), answer);
        list.append(element);
        waiting.set(element, () => {
          if (i === PAGE - 1) addPage(from + PAGE);
          return hasSentences && addSentences(element, hit, answer);
        });
        if (from) seen.observe(element);
      });
      list.replaceChildren();
      addPage(0);
      const isHeld = isOpening && hasSentences;
      setTimeout(async () => {
        // Sentences make cards higher: after the first ones, only cards that are still in view need theirs.
        if (now === turn) await Promise.all([...waiting.keys()].slice(0, isHeld ? FIRST_SCREEN : AT_ONCE).map(reach));
        if (now !== turn) return;
        if (isHeld) list.hidden = false;
        [...waiting.keys()].forEach((element) => seen.observe(element));
      }, hasSentences && !isHeld ? LONG_PAUSE : 0);
      numberRows();
      list.hidden = !hits.length || isHeld;
      input.setAttribute("aria-expanded", String(hits.length > 0));
      const again = kept && rows().find((row) => row.getAttribute("href") === kept);
      activate(again || rows()[0] || null, Boolean(again));
      if (!again) list.scrollTop = 0;
    }

    /** @param {SearchAnswer} answer */
    function showFacets(answer) {
      const chosen = (input.value.match(/(?:^|\s)tag:\S+/g) || []).map((piece) => piece.trim().slice(4));
      /** @type {[tag: string, count: number | null][]} */
      const shown = chosen.map((tag) => [tag, null]);
      shown.push(...answer.facets.filter(([tag]) => !chosen.includes(tag)));
      facets.hidden = !shown.length;
      facets.replaceChildren(...shown.slice(0, FACETS).map(([tag, count]) => {
        const isOn = chosen.includes(tag), written = /\s/.test(tag) ? `"${tag}"` : tag;
        const button = make("button", { type: "button", "aria-pressed": String(isOn) }, tag, count === null ? null : make("span", {}, String(count)));
        button.onclick = () => {
          input.value = isOn ? input.value.split(/\s+/).filter((piece) => piece !== "tag:" + tag).join(" ") : `${input.value.trim()} tag:${written} `.trimStart();
          input.focus();
          update();
        };
        return button;
      }));
    }

    /** @param {string} shown */
    function showMessage(shown) {
      message.hidden = !shown;
      message.textContent = shown;
    }

    /**
     * @param {SearchAnswer} answer
     * @param {boolean} isWhole Whether the text of notes was searched, too.
     */
    function show(answer, isWhole) {
      const { query, total } = answer, isAsked = query.words.length > 0 || query.isFiltered, nothing = text("none", { q: input.value.trim() });
      if (isAsked && !total) {
        if (!isWhole) return;
        const near = engine().nearest(input.value);
        showMessage(near.length ? `${nothing} ${text("nearest")}:` : nothing);
        showCards(near, answer, false);
      } else {
        showMessage(isAsked ? "" : text("important"));
        showCards(isAsked ? answer.hits : answer.hits.slice(0, SUGGESTED), answer, isWhole && isAsked);
      }
      showFacets(answer);
      if (isWhole) status.textContent = !isAsked ? "" : total ? text(total === 1 ? "result" : "results", { n: total }) : nothing;
    }

    /** Searches titles at once, and the text of notes when its files are loaded. */
    async function update() {
      const now = ++turn, query = input.value;
      onChange(query);
      isMoved = false;
      if (!canonSearch.engine) status.textContent = text("loading");
      const engine = await startEngine();
      if (now !== turn) return;
      if (!engine) {
        status.textContent = text("failed");
        return;
      }
      if (status.textContent === text("loading")) status.textContent = "";
      const answer = engine.quick(query), isHeld = isOpening && answer.query.words.length > 0;
      if (!isHeld) show(answer, false);
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const answer = await engine.full(query);
        if (now === turn) show(answer, true);
        isOpening = false;
      }, isHeld ? 0 : PAUSE);
    }

    input.addEventListener("input", update);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const all = rows(), at = active ? all.indexOf(active) : -1, step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && all.length) {
        event.preventDefault();
        activate(all[(at + step + all.length) % all.length], true);
      } else if (event.key === "Enter" && active) {
        event.preventDefault();
        if (event.ctrlKey || event.metaKey) window.open(markedAddress(active), "_blank", "noopener");
        else active.click();
      } else if (event.key === "Escape" && dialog) {
        // By itself, a search field would only clear its text.
        event.preventDefault();
        dialog.close();
      }
    });
    list.addEventListener("mousemove", (event) => {
      /** @type {HTMLAnchorElement | null} */
      const row = /** @type {Element} */ (event.target).closest("[role=option]");
      if (row && row !== active) activate(row, true);
    });
    for (const type of ["click", "auxclick"]) list.addEventListener(type, ({ target }) => {
      /** @type {HTMLAnchorElement | null} */
      const row = /** @type {Element} */ (target).closest("[role=option]");
      if (row) row.href = markedAddress(row);
    });
    list.addEventListener("click", (event) => {
      if (!event.ctrlKey && !event.metaKey && /** @type {Element} */ (event.target).closest("a")) dialog?.close();
    });
    if (close) close.onclick = () => dialog.close();
    return { input, update };
  }

  /** @type {Promise<unknown> | undefined} */
  let styled;

  /** Loads the style sheet, unless the page has it. */
  function style() {
    return styled ??= document.querySelector('link[href$="search.css"]') ? Promise.resolve() : added(make("link", { rel: "stylesheet", href: new URL("search.css", here).href }));
  }

  /** @type {{ dialog: HTMLDialogElement, input: HTMLInputElement, update: () => void } | undefined} */
  let opened;

  function makeDialog() {
    const dialog = make("dialog", { class: "search-dialog", "aria-label": text("label") });
    const host = make("div", { class: "search-box", id: "search-dialog" });
    dialog.append(host);
    document.body.append(dialog);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    return { dialog, ...mount(host, dialog) };
  }

  canonSearch.open = async (query) => {
    await style();
    const { dialog, input, update } = opened ??= makeDialog();
    if (!dialog.open) dialog.showModal();
    if (query !== undefined) input.value = query;
    input.focus();
    input.select();
    update();
  };

  const page = document.getElementById("search-page");
  if (page) {
    page.classList.add("search-box");
    /** @param {string} query */
    const keepInAddress = (query) => {
      try {
        history.replaceState(null, "", query ? "?q=" + encodeURIComponent(query) : location.pathname);
      } catch {
        // Some browsers forbid it for pages from disk.
      }
    };
    const { input, update } = mount(page, null, keepInAddress);
    input.value = new URLSearchParams(location.search).get("q") || page.dataset.query || "";
    input.focus();
    update();
  }
})();
