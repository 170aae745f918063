// The preview in an open page: asks the server for changes, then changes the text in place (`swap.js`) or reloads the page,
// replaces style sheets, keeps scroll positions and folds, and shows findings over the page. One tab of a browser waits at
// the server and tells the other tabs; hidden tabs ask when they are visible again. Inserts findings as text, never as
// markup. Only `canon serve` adds this to a page.

/** @typedef {{ severity: string, file: string, line: number, message: string, help: string, repair: string | null }} PreviewFinding `line` is 0 if unknown; `repair` is a command. */
/**
 * The server's answer to `state` and `live`.
 * @typedef {object} PreviewState
 * @property {string} boot The run of the server.
 * @property {string} version The version of the site.
 * @property {string} findings The fingerprint of the page's findings; "0" if there are none.
 * @property {"none" | "page" | "text" | "style"} change
 * @property {number} wait Milliseconds to wait before the next request.
 */

(() => {
  "use strict";
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const known = /** @type {{ boot: string, version: string, findings: string }} */ ({ ...script.dataset });
  const placeKey = "canon-place:" + location.pathname;
  const stylesheet = new URL("reload.css", script.src).href;
  // Pauses in milliseconds: where the server cannot keep a request open, and after a request that failed.
  const ASK_AGAIN = 400, AFTER_FAILURE = 1000;
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("canon-preview") : null;
  const isVisible = () => document.visibilityState === "visible";
  let isLeaving = false;

  // --- Scroll positions and folds

  const PANES = "nav, aside, main, pre, [data-scroll]";

  /**
   * Elements with a name each that is the same after a reload: the id, or class and summary, then a number among equals.
   * @param {string} selector
   * @returns {[element: HTMLElement, name: string][]}
   */
  function named(selector) {
    /** @type {Map<string, number>} */
    const seen = new Map();
    /** @type {NodeListOf<HTMLElement>} */
    const elements = document.querySelectorAll(selector);
    return [...elements].map((element) => {
      const summary = element.querySelector("summary")?.textContent || "";
      const name = element.id || `${element.className}|${summary.trim().slice(0, 80)}`;
      const number = seen.get(name) || 0;
      seen.set(name, number + 1);
      return [element, `${name}|${number}`];
    });
  }

  const namedFolds = () => /** @type {[HTMLDetailsElement, string][]} */ (named("details"));

  /** @returns {Record<string, boolean>} Whether each fold is open. */
  const readFolds = () => Object.fromEntries(namedFolds().map(([fold, name]) => [name, fold.open]));

  /** @param {Record<string, boolean>} folds */
  function setFolds(folds) {
    for (const [fold, name] of namedFolds()) if (name in folds && fold.open !== folds[name]) fold.open = folds[name];
  }

  function keepPlace() {
    const scrolled = named(PANES).filter(([pane]) => pane.scrollTop || pane.scrollLeft);
    const panes = scrolled.map(([pane, name]) => [name, pane.scrollLeft, pane.scrollTop]);
    try {
      sessionStorage.setItem(placeKey, JSON.stringify({ x: scrollX, y: scrollY, folds: readFolds(), panes }));
    } catch {
      // Storage is full or forbidden: the page reloads at its top.
    }
  }

  function restorePlace() {
    /** @type {{ x: number, y: number, folds: Record<string, boolean>, panes: [name: string, x: number, y: number][] } | null} */
    let place;
    try {
      place = JSON.parse(sessionStorage.getItem(placeKey) || "null");
      sessionStorage.removeItem(placeKey);
    } catch {
      return;
    }
    if (!place) return;
    const { x, y, folds, panes } = place;
    setFolds(folds);
    const elements = new Map(named(PANES).map(([pane, name]) => [name, pane]));
    for (const [name, left, top] of panes) elements.get(name)?.scrollTo(left, top);
    const scroll = () => scrollTo({ left: x, top: y, behavior: "instant" });
    scroll();
    // Images without a size move the text below them when they load. A reader who scrolled meanwhile is not moved.
    const reached = scrollY;
    addEventListener("load", () => {
      if (scrollY === reached) scroll();
      history.scrollRestoration = "auto";
    }, { once: true });
  }

  function reload() {
    if (isLeaving) return;
    isLeaving = true;
    keepPlace();
    history.scrollRestoration = "manual";
    location.reload();
  }

  // --- Text

  /** The page as the server has it now; `null` if that is a different address or an error. */
  async function fetchPage() {
    try {
      const answer = await fetch(location.pathname, { cache: "no-store" });
      return answer.ok && !answer.redirected ? await answer.text() : null;
    } catch {
      return null;
    }
  }

  async function changeText() {
    const page = await fetchPage();
    if (isLeaving) return;
    const folds = readFolds(), stamp = page && window.canonSwap(page);
    if (!stamp || stamp.boot !== known.boot) return reload();
    setFolds(folds);
    known.version = stamp.version || "";
    if (stamp.findings !== known.findings) showFindings(stamp.findings || "0");
  }

  /** @type {Promise<void> | null} */
  let changing = null;

  /** Changes the text unless that is under way: a second request would fetch the same version. */
  const changeTextOnce = () => (changing ||= changeText().finally(() => { changing = null; }));

  // --- Styles

  function replaceStyles() {
    /** @type {NodeListOf<HTMLLinkElement>} */
    const links = document.querySelectorAll("link[rel~=stylesheet]:not([data-canon-old])");
    for (const old of links) {
      const address = new URL(old.href, location.href);
      if (address.origin !== location.origin) continue;
      address.searchParams.set("canon", known.version);
      const fresh = /** @type {HTMLLinkElement} */ (old.cloneNode());
      fresh.href = address.href;
      old.dataset.canonOld = "";
      // Both apply until the new one is loaded, so that the page is never without a style.
      fresh.addEventListener("load", () => old.remove());
      fresh.addEventListener("error", () => {
        fresh.remove();
        delete old.dataset.canonOld;
      });
      old.after(fresh);
    }
  }

  // --- Findings

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

  /** @param {PreviewFinding} finding */
  function findingItem({ severity, file, line, message, help, repair }) {
    const item = make("li", severity);
    item.append(make("span", "severity", severity), make("span", "place", line ? `${file}:${line}` : file));
    item.append(make("p", "message", message));
    if (help) item.append(make("p", "help", help));
    if (repair) item.append(make("p", "help", `\`${repair}\``));
    return item;
  }

  /**
   * The numbers of findings in words: "2 errors, 1 note".
   * @param {PreviewFinding[]} findings
   */
  function headline(findings) {
    const parts = [["error", "error"], ["warning", "warning"], ["info", "note"]].map(([severity, word]) => {
      const number = findings.filter((finding) => finding.severity === severity).length;
      return number ? `${number} ${word}${number > 1 ? "s" : ""}` : "";
    });
    return parts.filter(Boolean).join(", ");
  }

  /**
   * Replaces the panel over the page; it stays open or closed.
   * @param {PreviewFinding[]} findings
   */
  function showPanel(findings) {
    const last = document.getElementById("canon-overlay");
    const wasOpen = last?.shadowRoot?.querySelector("details")?.open;
    last?.remove();
    if (!findings.length) return;
    const hasError = findings.some(({ severity }) => severity === "error");
    const host = make("div");
    host.id = "canon-overlay";
    const link = make("link");
    link.rel = "stylesheet";
    link.href = stylesheet;
    const panel = make("section"), fold = make("details"), list = make("ul");
    panel.setAttribute("role", "region");
    panel.setAttribute("aria-label", "Findings of the preview");
    fold.open = wasOpen ?? hasError;
    list.append(...findings.map(findingItem));
    const hide = make("button", "hide", "Hide");
    hide.type = "button";
    hide.addEventListener("click", () => host.remove());
    const summary = make("summary", hasError ? "error" : "warning", headline(findings));
    summary.setAttribute("aria-live", "polite");
    fold.append(summary, hide, list);
    panel.append(fold);
    host.attachShadow({ mode: "open" }).append(link, panel);
    document.body.append(host);
  }

  // --- Requests

  /** @param {number} milliseconds */
  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  /**
   * The server's answer; `null` if it is an error or there is none.
   * @param {"state" | "live" | "findings"} endpoint
   * @param {AbortSignal} [signal]
   */
  async function ask(endpoint, signal) {
    const query = new URLSearchParams({ b: known.boot, v: known.version, p: location.pathname }).toString().replaceAll("+", "%20");
    try {
      const answer = await fetch(`/__canon/${endpoint}?${query}`, { signal, cache: "no-store" });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  /**
   * Shows the findings with this fingerprint. Asks until the server answers, because it announces a fingerprint only once.
   * @param {string} fingerprint
   */
  async function showFindings(fingerprint) {
    known.findings = fingerprint;
    while (!isLeaving && known.findings === fingerprint) {
      const findings = fingerprint === "0" ? [] : await ask("findings");
      if (findings && known.findings === fingerprint) return showPanel(findings);
      await pause(ASK_AGAIN);
    }
  }

  /** @param {PreviewState | null} state */
  function update(state) {
    if (isLeaving || !state) return;
    if (state.boot !== known.boot || state.change === "page") return reload();
    if (state.change === "text") return changeTextOnce();
    known.version = state.version;
    if (state.change === "style") replaceStyles();
    if (state.findings !== known.findings) showFindings(state.findings);
  }

  const askNow = async () => update(await ask("state"));

  /**
   * Waits at the server until `signal` aborts, and tells the other tabs about each change.
   * @param {"state" | "live"} endpoint `live` keeps the request open until there is a change.
   * @param {AbortSignal} signal
   */
  async function wait(endpoint, signal) {
    while (!signal.aborted && !isLeaving) {
      /** @type {PreviewState | null} */
      const state = await ask(endpoint, signal);
      if (signal.aborted) return;
      if (state && (state.version !== known.version || state.boot !== known.boot)) tabs?.postMessage(state.version);
      await update(state);
      if (state) await pause(endpoint === "live" ? state.wait : ASK_AGAIN);
      else await pause(AFTER_FAILURE);
    }
  }

  /** @type {AbortController | null} */
  let waiting = null;

  function startWaiting() {
    if (waiting) return;
    waiting = new AbortController();
    const { signal } = waiting;
    // Browsers have locks on secure origins only: on this machine's own address, not on its address in a network.
    if (!navigator.locks || !tabs) {
      wait("state", signal);
      return;
    }
    const waitAlone = () => wait("live", signal);
    /** @param {Lock | null} lock */
    const first = (lock) => {
      if (lock) return waitAlone();
      // Changes that the waiting tab announced before this tab listened are lost to it.
      askNow();
    };
    navigator.locks.request("canon-preview", { ifAvailable: true }, first)
      .then(() => {
        if (!signal.aborted) return navigator.locks.request("canon-preview", { signal }, waitAlone);
      })
      .catch(() => {});
  }

  function stopWaiting() {
    waiting?.abort();
    waiting = null;
  }

  tabs?.addEventListener("message", ({ data }) => {
    if (isVisible() && data !== known.version) askNow();
  });
  document.addEventListener("visibilitychange", () => {
    if (!isVisible()) return stopWaiting();
    askNow();
    startWaiting();
  });
  addEventListener("pagehide", stopWaiting);
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    askNow();
    if (isVisible()) startWaiting();
  });

  restorePlace();
  if (known.findings !== "0") showFindings(known.findings);
  if (isVisible()) startWaiting();
})();
