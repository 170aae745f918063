// The page for a missing address: searches for the words of that address. `search.js`, which follows, shows field and results.
(() => {
  "use strict";
  const host = /** @type {HTMLElement} */ (document.getElementById("search-page"));
  let path = location.pathname;
  try {
    path = decodeURIComponent(path);
  } catch {
    // Not an address in UTF-8: searched as it is written.
  }
  const name = path.split("/").filter((part) => part && part !== "index.html").pop() || "";
  // Only a name below the site's own folder is a name of a page.
  if (new URL(document.documentElement.dataset.root || "/", location.href).pathname !== path) {
    host.dataset.query = name.replace(/\.(html?|md)$/, "").replace(/[-_+.]+/g, " ").trim();
  }
})();
