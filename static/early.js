// Runs before the first paint: sets the remembered theme, the class that shows what needs scripts, and the one that leaves room
// for the way back to the note read last. Changes nothing else.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("canon-theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    root.classList.toggle("has-last", ("canon-last:" + new URL(root.dataset.root || "./", location.href).pathname) in localStorage);
  } catch {
    // Storage may be forbidden; the page then follows the system's theme.
  }
})();
