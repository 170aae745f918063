// Before the first paint: the remembered theme, and the mark that scripts run.
(function (root) {
  root.classList.add("js");
  try {
    var theme = localStorage.getItem("canon-theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch (_) { /* storage may be forbidden; then the system's theme holds */ }
})(document.documentElement);
