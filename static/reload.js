// The preview in the page: puts what is new of it in its place (`swap.js`) or loads it anew, swaps style sheets without that,
// keeps the place and the open folds, shows findings over it. One tab of a browser waits at the server and tells the others; hidden tabs ask when
// they are seen again. Findings are put in as text, never as markup. Only `canon serve` adds this file to a page.
(() => {
  "use strict";

  const self = document.currentScript;
  const known = { boot: self.dataset.boot, version: self.dataset.version, findings: self.dataset.findings };
  const memory = "canon-place:" + location.pathname;
  const stylesheet = new URL("reload.css", self.src).href;
  const askAgain = 400; // milliseconds, where nothing tells us
  const serverGone = 1000;
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("canon-preview") : null;
  const visible = () => document.visibilityState === "visible";
  let leaving = false;

  // --- Place and folds

  // A fold or a pane is known by its id, else by its words, else by its number among its like.
  const named = (selector) => {
    const seen = new Map();
    return [...document.querySelectorAll(selector)].map((element) => {
      const words = (element.querySelector("summary") || { textContent: "" }).textContent.trim().slice(0, 80);
      const name = element.id || element.className + "|" + words;
      const number = seen.get(name) || 0;
      seen.set(name, number + 1);
      return [element, name + "|" + number];
    });
  };
  const panes = "nav, aside, main, pre, [data-scroll]";

  const foldsNow = () => Object.fromEntries(named("details").map(([fold, name]) => [name, fold.open]));
  const setFolds = (folds) => {
    for (const [fold, name] of named("details")) if (name in folds && fold.open !== folds[name]) fold.open = folds[name];
  };

  const keepPlace = () => {
    const folds = foldsNow();
    const scrolled = named(panes).filter(([pane]) => pane.scrollTop || pane.scrollLeft);
    const place = { x: scrollX, y: scrollY, folds, panes: scrolled.map(([pane, name]) => [name, pane.scrollLeft, pane.scrollTop]) };
    try {
      sessionStorage.setItem(memory, JSON.stringify(place));
    } catch {
      // Storage is full or forbidden: the page is loaded anew from its top.
    }
  };

  const returnToPlace = () => {
    let place;
    try {
      place = JSON.parse(sessionStorage.getItem(memory));
      sessionStorage.removeItem(memory);
    } catch {
      return;
    }
    if (!place) return;
    setFolds(place.folds);
    const offsets = new Map(place.panes.map(([name, x, y]) => [name, [x, y]]));
    for (const [pane, name] of named(panes)) if (offsets.has(name)) pane.scrollTo(...offsets.get(name));
    const scroll = () => scrollTo({ left: place.x, top: place.y, behavior: "instant" });
    scroll();
    // Pictures without a size move what is below them; whoever scrolls in the meantime is left where they are.
    const there = scrollY;
    addEventListener("load", () => {
      if (scrollY === there) scroll();
      history.scrollRestoration = "auto";
    }, { once: true });
  };

  const reload = () => {
    if (leaving) return;
    leaving = true;
    keepPlace();
    history.scrollRestoration = "manual";
    location.reload();
  };

  // --- New text

  const newPage = async () => {
    try {
      const answer = await fetch(location.pathname, { cache: "no-store" });
      return answer.ok && !answer.redirected ? await answer.text() : null;
    } catch {
      return null;
    }
  };

  const renew = async () => {
    const page = await newPage();
    if (leaving) return;
    const folds = foldsNow(), fresh = page && window.canonSwap(page);
    if (!fresh || fresh.boot !== known.boot) return reload();
    setFolds(folds);
    known.version = fresh.version;
    if (fresh.findings !== known.findings) showFindings(fresh.findings);
  };

  // One at a time: what another one would show is not there yet when it asks.
  let renewing = null;
  const renewOnce = () => (renewing = renewing || renew().finally(() => { renewing = null; }));

  // --- Styles

  const swapStyles = () => {
    for (const old of document.querySelectorAll("link[rel~=stylesheet]:not([data-canon-old])")) {
      const address = new URL(old.href, location.href);
      if (address.origin !== location.origin) continue;
      address.searchParams.set("canon", known.version);
      const fresh = old.cloneNode();
      fresh.href = address.href;
      old.dataset.canonOld = "";
      // Both hold until the new one is there, so that the page is never without a style.
      fresh.addEventListener("load", () => old.remove());
      fresh.addEventListener("error", () => {
        fresh.remove();
        delete old.dataset.canonOld;
      });
      old.after(fresh);
    }
  };

  // --- Findings

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };

  const finding = ({ severity, file, line, message, help, repair }) => {
    const item = element("li", severity);
    item.append(element("span", "severity", severity), element("span", "place", line ? file + ":" + line : file));
    item.append(element("p", "message", message));
    if (help) item.append(element("p", "help", help));
    if (repair) item.append(element("p", "help", "`" + repair + "`"));
    return item;
  };

  const headline = (findings) => {
    const count = (severity, word) => {
      const number = findings.filter((one) => one.severity === severity).length;
      return number ? number + " " + word + (number > 1 ? "s" : "") : "";
    };
    return [count("error", "error"), count("warning", "warning"), count("info", "note")].filter(Boolean).join(", ");
  };

  const overlay = () => document.getElementById("canon-overlay");

  const show = (findings) => {
    const wasOpen = overlay() && overlay().shadowRoot.querySelector("details").open;
    overlay()?.remove();
    if (!findings.length) return;
    const host = element("div");
    host.id = "canon-overlay";
    const root = host.attachShadow({ mode: "open" });
    const look = element("link");
    look.rel = "stylesheet";
    look.href = stylesheet;
    const panel = element("section");
    panel.setAttribute("role", "region");
    panel.setAttribute("aria-label", "Findings of the preview");
    const fold = element("details");
    fold.open = wasOpen ?? findings.some((one) => one.severity === "error");
    const list = element("ul");
    list.append(...findings.map(finding));
    const hide = element("button", "hide", "Hide");
    hide.type = "button";
    hide.addEventListener("click", () => host.remove());
    const summary = element("summary", findings.some((one) => one.severity === "error") ? "error" : "warning", headline(findings));
    summary.setAttribute("aria-live", "polite");
    fold.append(summary, hide, list);
    panel.append(fold);
    root.append(look, panel);
    document.body.append(host);
  };

  // --- Asking

  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  const ask = async (endpoint, signal) => {
    const query = new URLSearchParams({ b: known.boot, v: known.version, p: location.pathname }).toString().replaceAll("+", "%20");
    try {
      const answer = await fetch("/__canon/" + endpoint + "?" + query, { signal, cache: "no-store" });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  };

  // Asks until it is answered: nobody will tell of the same findings again.
  const showFindings = async (fingerprint) => {
    known.findings = fingerprint;
    while (!leaving && known.findings === fingerprint) {
      const findings = fingerprint === "0" ? [] : await ask("findings");
      if (findings && known.findings === fingerprint) return show(findings);
      await pause(askAgain);
    }
  };

  const take = (told) => {
    if (leaving || !told) return;
    if (told.boot !== known.boot || told.change === "page") return reload();
    if (told.change === "text") return renewOnce();
    known.version = told.version;
    if (told.change === "style") swapStyles();
    if (told.findings !== known.findings) showFindings(told.findings);
  };

  const askNow = async () => take(await ask("state"));

  // Waits at the server for as long as this tab is seen, and tells the other tabs.
  const wait = async (endpoint, signal) => {
    while (!signal.aborted && !leaving) {
      const told = await ask(endpoint, signal);
      if (signal.aborted) return;
      if (told && (told.version !== known.version || told.boot !== known.boot)) tabs?.postMessage(told.version);
      await take(told);
      await pause(told ? (endpoint === "live" ? told.wait : askAgain) : serverGone);
    }
  };

  let stop = null;
  const begin = () => {
    if (stop) return;
    stop = new AbortController();
    const { signal } = stop;
    // Locks are for secure places: this machine is one, its address in a network is not.
    if (navigator.locks && tabs) {
      const held = () => wait("live", signal);
      // What the waiting tab told before this one listened is lost to it.
      const other = (lock) => (lock ? held() : void askNow());
      navigator.locks.request("canon-preview", { ifAvailable: true }, other)
        .then(() => signal.aborted || navigator.locks.request("canon-preview", { signal }, held))
        .catch(() => {});
    } else {
      wait("state", signal);
    }
  };
  const end = () => {
    stop?.abort();
    stop = null;
  };

  tabs?.addEventListener("message", ({ data }) => {
    if (visible() && data !== known.version) askNow();
  });
  document.addEventListener("visibilitychange", () => {
    if (!visible()) return end();
    askNow();
    begin();
  });
  addEventListener("pagehide", end);
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    askNow();
    if (visible()) begin();
  });

  returnToPlace();
  if (known.findings !== "0") showFindings(known.findings);
  if (visible()) begin();
})();
