// Footnotes beside the text on wide screens (`footnotes.css`): each note of the list in the margin moves down to its mark, or
// to the end of the note before it. Only pages with footnotes load it.

(() => {
  "use strict";
  const wide = matchMedia("(min-width: 1440px)");

  /**
   * Where the mark of a note is: the first one, or what it is folded away in.
   * @param {HTMLElement} note
   */
  function topOfMark(note) {
    /** @type {Element | null} */
    let mark = document.getElementById(note.id.replace("fn-", "fnref-"));
    while (mark && !mark.getClientRects().length) mark = mark.parentElement;
    return mark ? mark.getBoundingClientRect().top : -Infinity;
  }

  /** @param {HTMLElement} list */
  function align(list) {
    const body = /** @type {HTMLElement} */ (list.parentElement), article = /** @type {HTMLElement} */ (body.parentElement);
    const notes = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(":scope > ol > li")]);
    if (!wide.matches) {
      for (const element of [article, ...notes]) element.removeAttribute("style");
      return;
    }
    // Everything is measured before anything moves. The height of a note does not depend on its place.
    const top = body.getBoundingClientRect().top, gap = parseFloat(getComputedStyle(notes[0].parentElement || list).rowGap) || 0;
    const measured = notes.map((note) => ({ note, want: topOfMark(note) - top - 4, height: note.offsetHeight }));
    let end = 0;
    for (const { note, want, height } of measured) {
      const space = Math.max(0, Math.round(want - end));
      note.style.marginTop = `${space}px`;
      end += space + height + gap;
    }
    article.style.minHeight = `${Math.ceil(end + top - article.getBoundingClientRect().top)}px`;
    list.classList.add("placed");
  }

  const sizes = new ResizeObserver(() => alignAll());

  function alignAll() {
    document.querySelectorAll("article > .body > .footnotes").forEach((list) => align(/** @type {HTMLElement} */ (list)));
  }

  /** Whatever changes the height of a part of the text moves the marks below it. */
  function start() {
    sizes.disconnect();
    document.querySelectorAll("article > .body:has(> .footnotes) > :not(.footnotes)").forEach((part) => sizes.observe(part));
    alignAll();
  }
  start();
  wide.addEventListener("change", alignAll);
  document.addEventListener("canon:change", start);
})();
