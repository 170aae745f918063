// Says on the home page how many cards are due, and on the page of a note when its own cards come again. `canon.js` loads it
// only in a browser in which somebody practises: the practice page leaves a mark there, with the texts.

(() => {
  "use strict";

  const own = /** @type {HTMLScriptElement} */ (document.currentScript);
  const base = new URL(document.documentElement.dataset.root || "./", location.href);

  /** @type {(name: string) => Promise<void>} */
  function load(name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(name, own.src).href;
      script.onload = () => resolve();
      script.onerror = () => reject(new Error(name));
      document.head.append(script);
    });
  }

  /** @type {(text: string, n: number) => string} */
  function fill(text, n) {
    // As in `practice.js`: Arabic has six forms, Russian "one", "few" and another, English "one" and another.
    const forms = text.split("|"), names = forms.length > 3 ? ["zero", "one", "two", "few", "many"] : ["one", "few"].slice(0, forms.length - 1);
    const form = names.indexOf(new Intl.PluralRules(document.documentElement.lang).select(n));
    return forms[form < 0 ? forms.length - 1 : form].replace("{n}", String(n));
  }

  /** @type {(index: PracticeIndex, states: CardStates, today: number, texts: Record<string, string>) => void} */
  function onHome(index, states, today, texts) {
    const plan = window.canonPractice.queue.plan(index, states, today, { tag: "", folder: "", path: "", importance: 0, order: "off", credit: false, cap: 1e9 });
    const link = document.createElement("a"), item = document.createElement("li");
    link.href = new URL("practice.html", base).href;
    link.textContent = fill(texts.due, plan.due.length);
    item.append(link);
    document.querySelector(".counts")?.append(item);
  }

  /** @type {(note: PracticeNote, states: CardStates, today: number, texts: Record<string, string>) => void} */
  function onNote(note, states, today, texts) {
    const { log, memory } = window.canonPractice;
    note.c.forEach((id, at) => {
      const state = states.of(id), summary = document.querySelector(`#canon-card-${note.n[at]} > summary`);
      if (!state || !summary) return;
      const days = log.due(state, memory.retention) - today, small = document.createElement("small");
      small.className = "practice-state";
      small.textContent = days > 0 ? fill(texts.in_days, days) : texts.due_now;
      summary.append(small);
    });
  }

  async function main() {
    const texts = JSON.parse(localStorage.getItem("canon-practice") || "{}");
    await load("practice-memory.js");
    for (const name of ["practice-log.js", "practice-store.js", "practice-queue.js"]) await load(name);
    /** @type {PracticeIndex} */
    let index = { site: "", notes: [] };
    window.canonPractice.index = (found) => { index = found; };
    await load("practice/cards.js");
    const { log, openStore } = window.canonPractice, store = await openStore(index.site);
    const states = log.states(log.parse(await store.read()).log, index.site);
    if (!states.past.length) return;
    const today = log.day({ milliseconds: Date.now(), offset: -new Date().getTimezoneOffset() });
    const note = index.notes.find((other) => new URL(other.u, base).pathname === location.pathname);
    if (document.body.matches(".page-home")) onHome(index, states, today, texts);
    else if (note) onNote(note, states, today, texts);
  }

  main().catch(() => {});
})();
