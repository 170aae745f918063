// The lints of all JavaScript: the scripts of the theme and the browser tests. Run from the project's folder.
import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  { rules: { "no-var": "error", "prefer-const": "error", "prefer-arrow-callback": "error", "object-shorthand": "error", "eqeqeq": "error", "func-style": ["error", "declaration", { allowArrowFunctions: true }] } },
  { files: ["static/*.js"], languageOptions: { sourceType: "script", globals: { ...globals.browser } } },
  { files: ["tests/**/*.mjs"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
