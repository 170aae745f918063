// The search dialog and the search page: shows what static/search-engine.js finds. Knows nothing of the index's files or of ranking. Text of
// notes reaches the page as text nodes only.
(() => {
  "use strict";
  const ENGLISH = {
    label: "Search notes", placeholder: "Search: words, tag:…, type:…, >80", close: "Close", loading: "Loading the index…", failed: "The search index could not be loaded.",
    none: "Nothing found for “{q}”.", nearest: "Titles that come near", important: "Important notes", results: "{n} notes", result: "1 note", tags: "Tags among the results",
    alias: "also called {name}", move: "move", open: "open", newTab: "new tab", leave: "close",
  };
  // Milliseconds without a key before the text is searched, and then before sentences are fetched: half a word is rarely the question.
  const PAUSE = 90, LONG_PAUSE = 160;
  const AT_ONCE = 3, A_PAGE = 20, FACETS = 8;
  const here = document.currentScript.src, root = document.documentElement.dataset.root || "";
  const say = (key, values = {}) => ((window.canonTexts || {})["search." + key] ?? ENGLISH[key]).replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const canonSearch = window.canonSearch = window.canonSearch || {};

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== null));
    return element;
  }
  const marks = (pieces) => pieces.map((piece, i) => i % 2 ? make("mark", {}, piece) : piece);
  const addressOf = (note, anchor) => root + note.url.split("/").map(encodeURIComponent).join("/") + (anchor ? "#" + encodeURIComponent(anchor) : "");

  let starting = null;

  /** The engine with its catalog, or null. Asked again after a failure. */
  function start() {
    starting ??= new Promise((done) => {
      if (canonSearch.engine) return done();
      const script = make("script", { src: new URL("search-engine.js", here).href });
      script.onload = script.onerror = done;
      document.head.append(script);
    }).then(() => canonSearch.engine && canonSearch.engine.start(root)).then((catalog) => catalog ? canonSearch.engine : (starting = null));
    return starting;
  }

  /** Field, facets, results and hints in `host`; `dialog` if they are in one. */
  function mount(host, dialog, onChange = () => {}) {
    const id = host.id + "-";
    const input = make("input", { type: "search", role: "combobox", id: id + "input", "aria-label": say("label"), "aria-expanded": "false", "aria-controls": id + "list",
      "aria-autocomplete": "list", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "go", placeholder: say("placeholder") });
    const close = dialog && make("button", { type: "button", class: "search-close" }, say("close"));
    const facets = make("div", { class: "search-facets", role: "group", "aria-label": say("tags"), hidden: "" });
    const list = make("div", { class: "search-list", role: "listbox", id: id + "list", "aria-label": say("label"), hidden: "" });
    const note = make("p", { class: "search-note", hidden: "" });
    const status = make("p", { class: "search-status", role: "status", "aria-live": "polite" });
    const hint = (keys, key) => make("span", {}, ...keys.map((name) => make("kbd", {}, name)), " " + say(key));
    const controlKey = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl";
    const keys = make("div", { class: "search-keys", "aria-hidden": "true" }, hint(["↑", "↓"], "move"), hint(["↵"], "open"), hint([controlKey, "↵"], "newTab"), dialog ? hint(["Esc"], "leave") : null);
    host.append(make("div", { class: "search-field" }, input, close), facets, note, list, make("div", { class: "search-foot" }, status, keys));

    let active = null, moved = false, turn = 0, timer = 0, watcher = null;
    const rows = () => [...list.querySelectorAll("[role=option]")];

    function activate(row, byHand) {
      if (active) active.setAttribute("aria-selected", "false");
      active = row;
      moved = byHand;
      if (!row) return input.removeAttribute("aria-activedescendant");
      row.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", row.id);
      if (byHand) row.scrollIntoView({ block: "nearest" });
    }

    function row(kind, found, anchor, ...children) {
      return make("a", { role: "option", class: "search-row " + kind, id: "", tabindex: "-1", "aria-selected": "false", href: addressOf(found, anchor) }, ...children);
    }

    function card(found, answer) {
      const { engine } = canonSearch, title = engine.marked(found.title, answer);
      const alias = title.weight < answer.query.words.length ? found.aliases.map((name) => engine.marked(name, answer)).find((name) => name.weight > title.weight) : null;
      const names = [make("span", { class: "search-title" }, ...marks(title.pieces))];
      if (alias) {
        const [before, after] = say("alias", { name: "\0" }).split("\0");
        names.push(make("span", { class: "search-alias" }, before, ...marks(alias.pieces), after));
      }
      names.push(make("span", { class: "search-path" }, [found.facts[0], ...found.folder.split("/")].filter(Boolean).join(" › ")));
      return make("div", { class: "search-card", role: "group", "aria-label": found.title }, row("search-first", found, "", ...names));
    }

    /** Adds the sentences of a note to its card, once. */
    async function fill(element, hit, found, answer, now) {
      const parts = await canonSearch.engine.excerpts(hit, answer);
      if (now !== turn || !element.isConnected) return;
      parts.filter((part) => part.text || part.heading).forEach((part) => element.append(row("search-hit", found, part.anchor,
        part.heading && part.heading.pieces.join("") ? make("span", { class: "search-heading" }, ...marks(part.heading.pieces)) : null,
        part.text ? make("span", { class: "search-sentence" }, ...marks(part.text.pieces)) : null)));
      number();
    }
    const number = () => rows().forEach((element, i) => {
      element.id = id + "row" + i;
      if (element === active) input.setAttribute("aria-activedescendant", element.id);
    });

    function showCards(hits, answer, whole) {
      const kept = moved && active ? active.getAttribute("href") : null, now = turn;
      if (watcher) watcher.disconnect();
      const waiting = new Map();
      const reach = (element) => {
        const go = waiting.get(element);
        waiting.delete(element);
        return go && go();
      };
      watcher = new IntersectionObserver((seen) => seen.forEach((entry) => entry.isIntersecting && reach(entry.target)), { root: dialog ? list : null });
      const more = (from) => hits.slice(from, from + A_PAGE).forEach((hit, i) => {
        const found = answer.note(hit), element = card(found, answer), place = from + i;
        list.append(element);
        waiting.set(element, () => {
          if (place === from + A_PAGE - 1) more(from + A_PAGE);
          return whole && fill(element, hit, found, answer, now);
        });
        if (from) watcher.observe(element);
      });
      list.replaceChildren();
      more(0);
      setTimeout(async () => {
        // Cards grow as their sentences come: only those still in view then need theirs.
        if (now === turn) await Promise.all([...waiting.keys()].slice(0, AT_ONCE).map(reach));
        if (now === turn) [...waiting.keys()].forEach((element) => watcher.observe(element));
      }, whole ? LONG_PAUSE : 0);
      number();
      list.hidden = !hits.length;
      input.setAttribute("aria-expanded", String(hits.length > 0));
      const again = kept && rows().find((element) => element.getAttribute("href") === kept);
      activate(again || rows()[0] || null, Boolean(again));
      if (!again) list.scrollTop = 0;
    }

    function showFacets(answer) {
      const chosen = (input.value.match(/(?:^|\s)tag:\S+/g) || []).map((piece) => piece.trim().slice(4));
      const shown = [...chosen.map((tag) => [tag, null]), ...answer.facets.filter(([tag]) => !chosen.includes(tag))].slice(0, FACETS);
      facets.hidden = !shown.length;
      facets.replaceChildren(...shown.map(([tag, count]) => {
        const on = chosen.includes(tag), written = /\s/.test(tag) ? `"${tag}"` : tag;
        const button = make("button", { type: "button", "aria-pressed": String(on) }, tag, count === null ? null : make("span", {}, String(count)));
        button.onclick = () => {
          input.value = on ? input.value.split(/\s+/).filter((piece) => piece !== "tag:" + tag).join(" ") : `${input.value.trim()} tag:${written} `.trimStart();
          input.focus();
          update();
        };
        return button;
      }));
    }

    function showNote(text) {
      note.hidden = !text;
      note.textContent = text;
    }

    function show(answer, whole) {
      const { engine } = canonSearch, asked = answer.query.words.length > 0 || answer.query.filtered;
      if (asked && !answer.total) {
        if (!whole) return;
        showNote(`${say("none", { q: input.value.trim() })} ${say("nearest")}:`);
        showCards(engine.nearest(input.value).map((found) => ({ found })), { ...answer, note: (hit) => hit.found }, false);
      } else {
        showNote(asked ? "" : say("important"));
        showCards(asked ? answer.hits : answer.hits.slice(0, 8), answer, whole && asked);
      }
      showFacets(answer);
      if (whole) status.textContent = !asked ? "" : answer.total ? say(answer.total === 1 ? "result" : "results", { n: answer.total }) : say("none", { q: input.value.trim() });
    }

    /** Titles at once, the text as soon as its files are there. */
    async function update() {
      const now = ++turn, text = input.value;
      onChange(text);
      moved = false;
      if (!canonSearch.engine) status.textContent = say("loading");
      const engine = await start();
      if (now !== turn) return;
      if (!engine) return void (status.textContent = say("failed"));
      if (status.textContent === say("loading")) status.textContent = "";
      show(engine.quick(text), false);
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const answer = await engine.full(text);
        if (now === turn) show(answer, true);
      }, PAUSE);
    }

    function onKey(event) {
      if (event.isComposing) return;
      const all = rows(), at = all.indexOf(active);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
      if (to !== undefined && all.length) {
        event.preventDefault();
        activate(all[(to + all.length) % all.length], true);
      } else if (event.key === "Enter" && active) {
        event.preventDefault();
        if (event.ctrlKey || event.metaKey) window.open(active.href, "_blank", "noopener");
        else active.click();
      } else if (event.key === "Escape" && dialog) {
        event.preventDefault(); // a search field would only clear itself
        dialog.close();
      }
    }

    input.addEventListener("input", update);
    input.addEventListener("keydown", onKey);
    list.addEventListener("mousemove", (event) => {
      const over = event.target.closest("[role=option]");
      if (over && over !== active) activate(over, true);
    });
    list.addEventListener("click", (event) => {
      if (dialog && !event.ctrlKey && !event.metaKey && event.target.closest("a")) dialog.close();
    });
    if (close) close.onclick = () => dialog.close();
    return { input, update };
  }

  let dialog = null, box = null, styled = null;

  /** The style sheet of what is about to be shown, once; a page that has it already is fine. */
  function style() {
    return styled ??= document.querySelector('link[href$="search.css"]') ? Promise.resolve() : new Promise((done) => {
      const link = make("link", { rel: "stylesheet", href: new URL("search.css", here).href });
      link.onload = link.onerror = done;
      document.head.append(link);
    });
  }

  /** Opens the dialog, with `text` in it if given. */
  canonSearch.open = async (text) => {
    await style();
    if (!dialog) {
      dialog = make("dialog", { class: "search-dialog", "aria-label": say("label") });
      const host = make("div", { class: "search-box", id: "search-dialog" });
      dialog.append(host);
      document.body.append(dialog);
      box = mount(host, dialog);
      dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    }
    if (!dialog.open) dialog.showModal();
    if (text !== undefined) box.input.value = text;
    box.input.focus();
    box.input.select();
    box.update();
  };

  const page = document.getElementById("search-page");
  if (page) {
    page.classList.add("search-box");
    const first = new URLSearchParams(location.search).get("q") || "";
    const keep = (text) => {
      try {
        history.replaceState(null, "", text ? "?q=" + encodeURIComponent(text) : location.pathname);
      } catch { /* not every browser allows it for a page from disk */ }
    };
    const { input, update } = mount(page, null, keep);
    input.value = first;
    input.focus();
    update();
  }
})();
