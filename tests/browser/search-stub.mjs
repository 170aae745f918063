// A page without a browser, just enough for static/search-engine.js: script elements that read a built site's files from disk.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import path from "node:path";
import vm from "node:vm";

/** The engine over the site in `site`; `transfers` collects [file, gzip bytes] of what it loads. */
export function openEngine(site, engineFile) {
  const transfers = [];
  const document = { currentScript: null, createElement: () => ({ dataset: {}, remove() {} }), head: null };
  const window = { document };
  const context = vm.createContext({ window, document });
  document.head = {
    append(script) {
      setImmediate(() => {
        const file = script.src.replace(/\?.*/, "");
        let text;
        try {
          text = readFileSync(path.join(site, file), "utf8");
        } catch {
          script.onerror();
          return;
        }
        transfers.push([file, gzipSync(text).length]);
        document.currentScript = script;
        vm.runInContext(`var canonSearch = window.canonSearch; ${text}`, context);
        document.currentScript = null;
        script.onload();
      });
    },
  };
  vm.runInContext(readFileSync(engineFile, "utf8"), context);
  return { engine: window.canonSearch.engine, transfers };
}
