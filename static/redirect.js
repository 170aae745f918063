// Goes to a page's new address at once and keeps the fragment, which the page's `refresh` element cannot.
location.replace(/** @type {HTMLScriptElement} */ (document.currentScript).dataset.to?.replace(/#.*|$/, (fragment) => location.hash || fragment) || "");
