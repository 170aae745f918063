// What few pages need, loaded when it is used: the list of keys, a random note, the way back to the note read last. Reads the
// files of the previews, each of which has the addresses of about 90 notes, because it needs no list of all notes then.

/** @typedef {{ url: string, title: string, y: number }} Place A note, relative to the site's root, and how far it was scrolled. */

(() => {
  "use strict";
  const root = document.documentElement, own = /** @type {HTMLScriptElement} */ (document.currentScript);
  const base = new URL(root.dataset.root || "./", location.href), shards = Number(root.dataset.previews);
  const placeKey = "canon-last:" + base.pathname;
  /** @type {Record<string, string>} */
  const ENGLISH = {
    title: "Keyboard shortcuts", search: "Search", next: "Next note or page", previous: "Previous note or page", random: "Open a random note",
    help: "Show this list", leave: "Close a dialog or panel", close: "Close",
  };
  /** @param {string} key */
  const text = (key) => window.canonTexts?.["keys." + key] ?? ENGLISH[key];

  /**
   * The addresses of the notes in a file of previews.
   * @param {number} number
   * @returns {Promise<string[]>}
   */
  function notesOf(number) {
    return new Promise((resolve, reject) => {
      const before = window.canonPreviews, added = document.createElement("script");
      /** @type {string[]} */
      let addresses = [];
      window.canonPreviews = (notes) => {
        // Sections of notes have a fragment.
        addresses = Object.keys(notes).filter((address) => !address.includes("#"));
        before?.(notes);
      };
      added.src = new URL(`previews/${number}.js`, own.src).href;
      added.onload = added.onerror = (event) => {
        window.canonPreviews = before;
        added.remove();
        if (typeof event !== "string" && event.type === "load") resolve(addresses);
        else reject(new Error(added.src));
      };
      document.head.append(added);
    });
  }

  /**
   * The number of the file with a note's preview: FNV-1a, as `preview_shard` in src/pages/views.rs computes it.
   * @param {string} path
   */
  function shardOf(path) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193) >>> 0;
    return hash % shards;
  }

  /** Opens a note other than this one. */
  async function random() {
    const here = location.href.slice(base.href.length).split(/[?#]/)[0];
    // A small base may have a file without notes, or with this note alone.
    for (let start = Math.floor(Math.random() * shards), i = 0; i < shards; i++) {
      const others = (await notesOf((start + i) % shards)).filter((path) => path !== here);
      if (!others.length) continue;
      location.href = new URL(others[Math.floor(Math.random() * others.length)], base).href;
      return;
    }
  }

  /** @type {HTMLDialogElement | undefined} */
  let dialog;

  /** Shows the list of keys. The browser holds the focus in the dialog, closes it on Escape and returns the focus. */
  async function help() {
    dialog ??= await makeDialog();
    if (!dialog.open) dialog.showModal();
  }

  async function makeDialog() {
    const made = document.createElement("dialog"), style = document.createElement("link");
    made.classList.add("keys");
    made.setAttribute("aria-labelledby", "canon:keys");
    const title = document.createElement("h2"), close = document.createElement("button"), list = document.createElement("dl");
    title.id = "canon:keys";
    title.textContent = text("title");
    close.type = "button";
    close.textContent = text("close");
    close.onclick = () => made.close();
    const control = /Mac|iP/.test(navigator.platform) ? "⌘ K" : "Ctrl K";
    /** @type {[keys: string[], key: string][]} */
    const rows = [[["/", control], "search"], [["n"], "next"], [["p"], "previous"], [["r"], "random"], [["?"], "help"], [["Esc"], "leave"]];
    for (const [keys, key] of rows) {
      const row = document.createElement("div"), name = document.createElement("dt"), meaning = document.createElement("dd");
      name.append(...keys.flatMap((label) => {
        const cap = document.createElement("kbd");
        cap.textContent = label;
        return [cap, " "];
      }));
      meaning.textContent = text(key);
      row.append(name, meaning);
      list.append(row);
    }
    made.append(title, list, close);
    made.addEventListener("click", (event) => event.target === made && made.close());
    style.rel = "stylesheet";
    style.href = new URL("extras.css", own.src).href;
    await new Promise((done) => {
      style.onload = style.onerror = done;
      document.head.append(style);
    });
    document.body.append(made);
    return made;
  }

  /** Fills the line of the home page that leads to the note read last; takes it away if that note is gone. */
  async function resume() {
    const line = /** @type {HTMLElement} */ (document.querySelector(".continue"));
    try {
      /** @type {Place} */
      const place = JSON.parse(localStorage.getItem(placeKey) || "");
      if (!(await notesOf(shardOf(place.url))).includes(place.url)) throw new Error(place.url);
      const link = document.createElement("a");
      link.textContent = place.title;
      link.href = new URL(place.url, base).href;
      link.onclick = () => sessionStorage.setItem("canon-return", JSON.stringify(place));
      line.append(" ", link);
    } catch {
      localStorage.removeItem(placeKey);
      root.classList.remove("has-last");
    }
  }

  window.canonExtras = { help, random, resume };
})();
