// The practice page: asks the cards that are due, keeps each answer, and shows what the log says. The texts come from the
// page, cards from `practice/cards.js` and its parts, which are loaded as scripts, because a page opened from disk cannot
// fetch. An answer is kept before the next card is shown.

/** @typedef {{ c: [question: string, answer: string][], s: string[] }} NoteTexts Cards and titles of sections. */
/**
 * @typedef {object} PracticeSession
 * @property {PracticeCard[]} left
 * @property {number} total
 * @property {number} done
 * @property {number} again How many answers were "again".
 * @property {boolean} isDrill
 * @property {{ card: PracticeCard, entry: LogEntry }[]} given The answers of this session, for undo.
 */

(() => {
  "use strict";

  const page = /** @type {HTMLElement | null} */ (document.querySelector(".practice"));
  if (!page) return;
  const { memory, log, queue, charts, moves } = window.canonPractice;
  /** @type {Record<string, string>} */
  const texts = JSON.parse(page.dataset.texts || "{}");
  const assets = page.dataset.assets || "", OPTIONS = "canon-practice-options", USED = "canon-practice", EXPORTED = "canon-practice-exported/";
  const QUESTIONS = "canon-practice-questions/";
  const DRILL_CARDS = 10, EXPORT_REMINDER = 50, CORE = 80;

  /** @type {PracticeIndex} */
  let index = { site: "", notes: [] };
  /** @type {PracticeStore} */
  let store;
  /** @type {ReviewLog} */
  let reviews = { entries: new Map(), unknown: new Set() };
  /** @type {CardStates} */
  let states;
  /** @type {PracticeSession | null} */
  let session = null;
  /** @type {PracticeOptions & { length: number }} */
  let options = { tag: "", folder: "", path: "", importance: 0, order: "soft", credit: false, cap: 100, length: 20 };
  /** @type {Map<number, NoteTexts>} */
  const noteTexts = new Map();
  /** @type {Map<number, Promise<void>>} */
  const parts = new Map();
  let number = 0;

  // --- Elements

  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {string} [className]
   * @param {(Node | string)[]} children
   */
  function make(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  /** @type {(text: string, act: () => void, className?: string) => HTMLButtonElement} */
  function button(text, act, className) {
    const made = make("button", className, text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }

  /** @type {(key: string, n: number) => string} */
  function fill(key, n) {
    // The forms are in this order; Arabic has six of them, Russian "one", "few" and another, English "one" and another.
    const forms = (texts[key] || "").split("|"), names = forms.length > 3 ? ["zero", "one", "two", "few", "many"] : ["one", "few"].slice(0, forms.length - 1);
    const form = names.indexOf(new Intl.PluralRules(document.documentElement.lang).select(n));
    return forms[form < 0 ? forms.length - 1 : form].replace("{n}", String(n));
  }

  /** @type {(...children: (Node | string)[]) => void} */
  const show = (...children) => page.replaceChildren(...children);

  // --- Loading

  /** @type {(name: string) => Promise<void>} */
  function load(name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = assets + "/practice/" + name;
      script.onload = () => resolve();
      script.onerror = () => reject(new Error(name));
      document.head.append(script);
    });
  }

  /** @type {(note: number) => Promise<NoteTexts>} */
  async function textsOf(note) {
    const part = index.notes[note].s;
    if (!parts.has(part)) parts.set(part, load(part + ".js"));
    await parts.get(part);
    return noteTexts.get(note) || { c: [], s: [] };
  }

  window.canonPractice.index = (own) => { index = own; };
  window.canonPractice.add = ([, notes]) => {
    for (const [note, own] of Object.entries(notes)) noteTexts.set(Number(note), own);
  };

  // --- The log

  /** @type {() => Moment} */
  const now = () => ({ milliseconds: Date.now(), offset: -new Date().getTimezoneOffset() });
  const today = () => log.day(now());

  async function refresh() {
    reviews = log.parse(await store.read()).log;
    states = log.states(reviews, index.site);
  }

  /**
   * Keeps an entry. The page goes on only when it is kept.
   * @type {(fields: { card: string, g: number, ms: number } | { undo: EntryKey } | { move: [from: string, to: string] }) => Promise<LogEntry>}
   */
  async function keep(fields) {
    const { card, g, ms, undo, move } = /** @type {any} */ (fields);
    /** @type {LogEntry} */
    const entry = JSON.parse(JSON.stringify({ v: 1, site: index.site, card, undo, move, t: log.stamp(now()), g, ms, dev: store.device, n: number++ }));
    try {
      await store.write([log.line(entry)]);
      localStorage.setItem(USED, JSON.stringify({ due: texts.due, in_days: texts.in_days, due_now: texts.due_now }));
    } catch {
      // Below the card: what is only in memory must be exported.
    }
    log.add(reviews, entry);
    states = log.states(reviews, index.site);
    return entry;
  }

  // --- Edited questions

  /** @type {(html: string) => string} */
  const plain = (html) => (new DOMParser().parseFromString(html, "text/html").body.textContent || "").trim();

  /** @type {() => Record<string, KnownQuestion>} */
  function knownQuestions() {
    try {
      return JSON.parse(localStorage.getItem(QUESTIONS + index.site) || "{}");
    } catch {
      return {};
    }
  }

  /**
   * Remembers the question of a reviewed card, so that the card is known when the question has been edited.
   * @type {(card: PracticeCard) => Promise<void>}
   */
  async function remember(card) {
    const { u, t } = index.notes[card.note], text = plain((await textsOf(card.note)).c[card.at][0]), known = knownQuestions();
    known[card.id] = [u, t, text];
    try {
      localStorage.setItem(QUESTIONS + index.site, JSON.stringify(known));
    } catch {
      // Then the card is a new one when its question changes.
    }
  }

  /** Moves the history of cards whose questions were edited to the cards that they have become. */
  async function followEdits() {
    const current = new Set(index.notes.flatMap((note) => note.c));
    const moved = new Set([...reviews.entries.values()].flatMap((entry) => entry.move ? [entry.move[0]] : []));
    for (const [id, [u, t, question]] of Object.entries(knownQuestions())) {
      if (current.has(id) || moved.has(id) || !states.of(id)) continue;
      const place = index.notes.findIndex((note) => note.u === u || note.t === t);
      if (place < 0) continue;
      const fresh = index.notes[place].c.map((other, at) => ({ other, at })).filter(({ other }) => !states.of(other));
      const texts = await textsOf(place), found = moves.find(question, fresh.map(({ at }) => plain(texts.c[at][0])));
      if (found >= 0) {
        await keep({ move: [id, fresh[found].other] });
        await remember({ id: fresh[found].other, note: place, at: fresh[found].at });
      }
    }
  }

  function exportLog() {
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([log.text(reviews)], { type: "application/x-ndjson" }));
    link.download = index.site + "-reviews.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    try {
      localStorage.setItem(EXPORTED + index.site, String(reviews.entries.size));
    } catch {
      // Then the reminder comes again.
    }
    overview();
  }

  /** @type {(file: File) => Promise<void>} */
  async function importLog(file) {
    const read = log.parse(await file.text()), fresh = [...read.log.entries.values()].filter((entry) => !reviews.entries.has(entry.n + " " + entry.dev));
    let message = fill("imported", fresh.length);
    if (read.unreadable.length) message += " " + fill("unreadable", read.unreadable.length);
    try {
      if (fresh.length || read.log.unknown.size) await store.write([...fresh.map(log.line), ...read.log.unknown]);
    } catch {
      message += " " + texts.not_kept;
    }
    await refresh();
    overview(message);
  }

  // --- The overview

  /** @type {(name: string, label: string, values: [string, string][]) => HTMLElement} */
  function choice(name, label, values) {
    const select = make("select"), own = /** @type {Record<string, any>} */ (options);
    for (const [value, text] of values) select.append(new Option(text, value, false, String(own[name]) === value));
    select.addEventListener("change", () => {
      own[name] = typeof own[name] === "number" ? Number(select.value) : typeof own[name] === "boolean" ? select.value === "true" : select.value;
      try {
        localStorage.setItem(OPTIONS, JSON.stringify(options));
      } catch {
        // The choice then holds for this visit.
      }
      overview();
    });
    return make("label", "", label + " ", select);
  }

  /** @type {() => HTMLElement} */
  function choices() {
    const withCards = index.notes.filter((note) => note.c.length > 0);
    /** @type {(names: string[]) => [string, string][]} */
    const each = (names) => [["", texts.any], .../** @type {[string, string][]} */ ([...new Set(names)].sort().map((name) => [name, name]))];
    const core = index.notes.filter((note) => note.p.length > 0).sort((a, b) => b.i - a.i).slice(0, 300);
    return make("div", "practice-choices",
      choice("length", texts.length, [10, 20, 50, 1000].map((n) => [String(n), n < 1000 ? fill("cards", n) : texts.all])),
      choice("folder", texts.folder, each(withCards.map((note) => note.f).filter(Boolean))),
      choice("tag", texts.tag, each(withCards.flatMap((note) => note.g))),
      choice("path", texts.path, [["", texts.any], .../** @type {[string, string][]} */ (core.map((note) => [note.u, note.t]))]),
      choice("importance", texts.importance, [0, 50, 70, 80, 90].map((n) => [String(n), n ? "≥ " + n : texts.any])),
      choice("order", texts.order, [["soft", texts.order_soft], ["strict", texts.order_strict], ["off", texts.order_off]]),
      choice("credit", texts.credit, [["false", texts.no], ["true", texts.yes]]));
  }

  /** @type {() => HTMLElement} */
  function transfer() {
    const file = make("input"), label = make("label", "practice-file", texts.import_log + " ", file);
    file.type = "file";
    file.accept = ".jsonl,.ndjson,.txt,.json";
    file.addEventListener("change", () => { if (file.files?.[0]) importLog(file.files[0]); });
    return make("p", "practice-transfer", button(texts.export_log, exportLog), label);
  }

  /** @type {() => HTMLElement[]} */
  function warnings() {
    const found = [];
    if (store.kind() === "memory") found.push(make("p", "notice", texts.not_kept));
    let exported = 0;
    try {
      exported = Number(localStorage.getItem(EXPORTED + index.site));
    } catch {
      // Nothing was exported as far as the page knows.
    }
    const count = reviews.entries.size - exported;
    if (location.protocol === "file:" && count >= EXPORT_REMINDER) found.push(make("p", "notice", fill("export_reminder", count)));
    return found;
  }

  /** @type {(cards: PracticeCard[]) => HTMLElement} */
  function setAside(cards) {
    const list = cards.map(({ note, at }) => {
      const own = index.notes[note], link = make("a", "", own.t);
      link.href = own.u + "#canon-card-" + own.n[at];
      return make("li", "", link);
    });
    return make("details", "practice-aside", make("summary", "", fill("aside", cards.length)), make("p", "quiet", texts.aside_lead), make("ul", "", ...list));
  }

  /** @type {(message?: string) => void} */
  function overview(message) {
    session = null;
    const plan = queue.plan(index, states, today(), options), streak = charts.streak(states, today());
    const length = Math.min(options.length, plan.due.length + plan.fresh.length);
    const start = button(texts.start + (length ? " (" + length + ")" : ""), () => begin([...plan.due, ...plan.fresh].slice(0, options.length), false), "practice-start");
    start.disabled = length === 0;
    const drill = button(texts.drill, () => begin([...plan.due, ...plan.fresh].slice(0, DRILL_CARDS), true));
    const counts = [fill("due", plan.due.length), fill("fresh", plan.fresh.length)];
    if (plan.later) counts.push(fill("later", plan.later));
    if (streak) counts.push(fill("streak", streak));
    show(
      ...(message ? [make("p", "notice", message)] : []), ...warnings(),
      make("p", "practice-counts", counts.join(" · ")),
      make("p", "practice-buttons", start, drill),
      choices(), transfer(),
      ...(plan.aside.length ? [setAside(plan.aside)] : []),
      ...(states.past.length ? [charts.shown(charts.all(index, states, today(), texts))] : []));
  }

  // --- A session

  /** @type {(cards: PracticeCard[], isDrill: boolean) => void} */
  function begin(cards, isDrill) {
    session = { left: cards, total: cards.length, done: 0, again: 0, isDrill, given: [] };
    next();
  }

  function next() {
    if (!session) return;
    const card = session.left[0];
    if (card) ask(card);
    else if (session.isDrill) explain();
    else finish();
  }

  /** @type {(card: PracticeCard) => Promise<void>} */
  async function ask(card) {
    const own = session, note = index.notes[card.note];
    let text;
    try {
      text = (await textsOf(card.note)).c[card.at];
    } catch {
      show(make("p", "notice", texts.failed));
      return;
    }
    if (!own || own !== session || own.left[0] !== card) return;
    if (own.left[1]) textsOf(own.left[1].note).catch(() => {});
    const asked = Date.now(), question = make("h2", "question");
    question.innerHTML = text[0];
    question.tabIndex = -1;
    const foot = make("div", "practice-foot"), answer = make("div", "answer"), source = make("a", "", note.t);
    source.href = note.u + "#canon-card-" + note.n[card.at];
    answer.hidden = true;
    const reveal = () => {
      if (!answer.hidden) return;
      answer.innerHTML = text[1];
      answer.hidden = false;
      foot.replaceChildren(...ratings(card, Date.now() - asked));
      /** @type {HTMLElement | null} */ (foot.querySelector("button[data-rating='3']"))?.focus();
    };
    foot.append(button(texts.show_answer, reveal, "practice-reveal"));
    const bar = make("progress");
    bar.max = own.total;
    bar.value = own.done;
    bar.setAttribute("aria-label", texts.progress);
    const undo = button(texts.undo, takeBack);
    undo.disabled = own.given.length === 0;
    show(...warnings(),
      make("div", "practice-head", bar, make("span", "count", own.done + 1 + " / " + own.total), undo, button(texts.end, () => overview())),
      make("article", "practice-card", make("p", "quiet", source), question, answer, foot));
    question.focus();
  }

  /** @type {(card: PracticeCard, ms: number) => HTMLElement[]} */
  function ratings(card, ms) {
    const before = states.of(card.id), when = now();
    return [1, 2, 3, 4].map((rating) => {
      const days = memory.interval(log.after(before, when, rating).memory, memory.retention);
      const made = button("", () => answered(card, rating, ms), "practice-rating");
      made.dataset.rating = String(rating);
      made.append(make("b", "", texts["rating_" + rating]), make("small", "", rating === 1 ? texts.soon : fill("days", days)));
      return made;
    });
  }

  /** @type {(card: PracticeCard, rating: number, ms: number) => Promise<void>} */
  async function answered(card, rating, ms) {
    const own = session;
    if (!own || own.left[0] !== card) return;
    own.left.shift();
    const entry = await keep({ card: card.id, g: rating, ms });
    await remember(card);
    own.given.push({ card, entry });
    own.done++;
    if (rating === 1) {
      own.again++;
      const weak = queue.weakest(index, states, today(), card);
      // The weakest prerequisite comes first, then the card again.
      if (weak && !own.left.some((other) => other.id === weak.id) && !own.given.some((other) => other.card.id === weak.id)) {
        own.left.splice(0, 0, weak);
        own.total++;
      }
      own.left.push(card);
      own.total++;
    }
    if (own === session) next();
  }

  async function takeBack() {
    const own = session, last = own?.given.pop();
    if (!own || !last) return;
    await keep({ undo: [last.entry.dev, last.entry.n] });
    if (last.entry.g === 1) {
      own.again--;
      const at = own.left.map((card) => card.id).lastIndexOf(last.card.id);
      if (at >= 0) {
        own.left.splice(at, 1);
        own.total--;
      }
    }
    own.done--;
    own.left.unshift(last.card);
    next();
  }

  /** A core topic to explain aloud, another one each day; the sections of the note are the checklist. */
  async function explain() {
    const own = session, withCards = index.notes.map((note, place) => ({ note, place })).filter(({ note }) => note.c.length > 0);
    const core = withCards.filter(({ note }) => note.i >= CORE), topics = core.length ? core : withCards;
    const { note, place } = topics[((today() % topics.length) + topics.length) % topics.length];
    const { s: sections } = await textsOf(place);
    if (own !== session) return;
    const link = make("a", "", note.t), items = sections.map((section) => {
      const box = make("input");
      box.type = "checkbox";
      return make("li", "", make("label", "", box, " " + section));
    });
    link.href = note.u;
    show(make("article", "practice-card", make("p", "quiet", texts.explain_lead), make("h2", "", link), make("ul", "practice-checklist", ...items)),
      make("p", "practice-buttons", button(texts.done, finish, "practice-start")));
  }

  function finish() {
    if (!session) return;
    const { done, again } = session;
    overview(fill("finished", done) + (again ? " " + fill("failed_cards", again) : ""));
  }

  /** @type {(event: KeyboardEvent) => void} */
  function onKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (!session || event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea")) return;
    const rating = page?.querySelector(`button[data-rating="${event.key}"]`);
    const reveal = page?.querySelector(".practice-reveal");
    if (rating) /** @type {HTMLElement} */ (rating).click();
    else if (event.key === " " && reveal) /** @type {HTMLElement} */ (reveal).click();
    else if (event.key === "u") takeBack();
    else return;
    event.preventDefault();
  }

  async function main() {
    await load("cards.js");
    try {
      options = { ...options, ...JSON.parse(localStorage.getItem(OPTIONS) || "{}") };
    } catch {
      // The choices of the last visit are lost, nothing else.
    }
    store = await window.canonPractice.openStore(index.site);
    await refresh();
    await followEdits();
    document.addEventListener("keydown", onKey);
    store.listen(() => refresh().then(() => { if (!session) overview(); }));
    overview();
  }

  main().catch(() => show(make("p", "notice", texts.failed)));
})();
