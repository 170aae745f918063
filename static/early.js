// Runs before the first paint: sets the remembered theme and the class that shows what needs scripts. Changes nothing else.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("canon-theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the page then follows the system's theme.
  }
})();
