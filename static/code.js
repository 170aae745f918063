// Buttons of code blocks: copy, and wrap long lines. Only pages with code load it.

(() => {
  "use strict";
  const texts = /** @type {HTMLScriptElement} */ (document.querySelector("script[data-copy]")).dataset;

  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {string} className
   * @param {string} [text]
   */
  function make(tag, className, text = "") {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  }

  /** @param {HTMLElement} box */
  function copyButton(box) {
    const button = make("button", "copy", texts.copy);
    button.type = "button";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const text = box.querySelector("code")?.textContent || "";
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        // The clipboard is missing on pages from disk and without TLS, or is forbidden.
        const area = document.createElement("textarea");
        area.value = text;
        box.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
        button.focus();
      }
      button.textContent = texts.copied || "";
      setTimeout(() => { button.textContent = texts.copy || ""; }, 1600);
    });
    return button;
  }

  /** @param {HTMLElement} box */
  function wrapButton(box) {
    const button = make("button", "wrap", texts.wrap);
    button.type = "button";
    const show = () => button.setAttribute("aria-pressed", String(box.classList.contains("wrapped")));
    button.addEventListener("click", () => {
      box.classList.toggle("wrapped");
      show();
    });
    show();
    return button;
  }

  /** The button for wrapping stands where a line is too long, and where lines are wrapped from the start. */
  function start() {
    const boxes = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".code:not(:has(.tools))"));
    const all = [...boxes].map((box) => {
      const pre = /** @type {HTMLElement} */ (box.querySelector("pre"));
      return { box, isLong: box.classList.contains("wrapped") || pre.scrollWidth > pre.clientWidth };
    });
    for (const { box, isLong } of all) {
      const tools = make("div", "tools");
      tools.append(...isLong ? [wrapButton(box)] : [], copyButton(box));
      box.append(tools);
    }
  }
  start();
  document.addEventListener("canon:change", start);
})();
