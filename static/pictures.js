// The larger view of pictures and diagrams: a click, or Enter, on one that is shown smaller than it is opens it over the page;
// a click or Escape closes it. `canon.js` loads this when a page has such a picture. Nothing on the page moves.

(() => {
  "use strict";
  const texts = /** @type {HTMLScriptElement} */ (document.querySelector("script[data-enlarge]")).dataset;
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = /** @type {HTMLScriptElement} */ (document.currentScript).src.replace(/js$/, "css");
  document.head.append(style);

  /** @typedef {HTMLImageElement | SVGSVGElement} Picture */

  /** A vector picture may say its size to the page only. @param {Picture} picture */
  const fullWidth = (picture) => Math.max("naturalWidth" in picture ? picture.naturalWidth : 0, Number(picture.getAttribute("width")));

  /** The picture gets the role of a button, with its own words as the name, or loses it. @param {Picture} picture */
  function mark(picture) {
    const isReduced = fullWidth(picture) > picture.clientWidth + 1;
    if (picture instanceof SVGSVGElement) return markDrawing(picture, isReduced);
    if (isReduced === picture.hasAttribute("aria-haspopup")) return;
    if (!isReduced) {
      for (const name of ["aria-haspopup", "role", "tabindex"]) picture.removeAttribute(name);
      return;
    }
    picture.setAttribute("aria-haspopup", "dialog");
    picture.setAttribute("role", "button");
    picture.setAttribute("tabindex", "0");
    if (!picture.alt) picture.alt = texts.enlarge || "";
  }

  /** A drawing has words of its own, so a button beside it opens it. @param {SVGSVGElement} drawing @param {boolean} isReduced */
  function markDrawing(drawing, isReduced) {
    const figure = /** @type {Element} */ (drawing.closest(".diagram")), known = figure.querySelector(".enlarge");
    if (isReduced === Boolean(known)) return;
    if (known) return known.remove();
    const button = Object.assign(document.createElement("button"), { className: "enlarge", type: "button", textContent: texts.enlarge });
    button.addEventListener("click", () => open(drawing));
    figure.append(button);
  }

  function markAll() {
    document.querySelectorAll("main :is(img, .diagram svg):not(a *, summary *)").forEach((picture) => mark(/** @type {Picture} */ (picture)));
  }

  /** @param {Picture} picture */
  function open(picture) {
    const dialog = document.createElement("dialog"), close = document.createElement("button");
    const copy = /** @type {Picture} */ (picture.cloneNode(true));
    for (const name of ["aria-haspopup", "tabindex", "loading", "role"]) copy.removeAttribute(name);
    copy.setAttribute("width", String(fullWidth(picture)));
    copy.removeAttribute("height");
    Object.assign(dialog, { className: "viewer" });
    dialog.setAttribute("aria-label", texts.enlarge || "");
    close.type = "button";
    close.textContent = texts.close || "";
    // A drawing has its colours from the rules for diagrams.
    const around = Object.assign(document.createElement("div"), { className: copy instanceof SVGSVGElement ? "diagram" : "" });
    around.append(copy);
    dialog.append(close, around);
    dialog.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (picture instanceof HTMLImageElement) picture.focus({ preventScroll: true });
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  /** The reduced picture at an event. @param {Event} event */
  const pictureOf = (event) => /** @type {Picture | null} */ (event.target instanceof Element ? event.target.closest("main [aria-haspopup=dialog], main .diagram:has(> .enlarge) svg") : null);
  document.addEventListener("click", (event) => {
    const picture = pictureOf(event);
    if (picture) open(picture);
  });
  document.addEventListener("keydown", (event) => {
    const picture = event.key === "Enter" || event.key === " " ? pictureOf(event) : null;
    if (!picture) return;
    event.preventDefault();
    open(picture);
  });
  markAll();
  addEventListener("resize", markAll);
  document.addEventListener("load", markAll, { capture: true });
  document.addEventListener("canon:change", markAll);
})();
