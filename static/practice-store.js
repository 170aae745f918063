// Where a reader's log is kept: in IndexedDB, one record an entry, else in the browser's local storage, else in memory alone.
// An entry is acknowledged when its transaction is complete. Knows lines of a log, but neither cards nor pages.
//
// Several tabs may write at the same time: each has a name of its own for `dev`, so no two entries have the same identity.

/**
 * @typedef {object} PracticeStore
 * @property {string} device The `dev` of the entries of this tab.
 * @property {() => "database" | "local" | "memory"} kind Where the next entry will be kept.
 * @property {() => Promise<string>} read All entries that are kept, as the text of a log.
 * @property {(lines: string[]) => Promise<void>} write Keeps lines; fails if they could not be kept anywhere but in memory.
 * @property {(changed: () => void) => void} listen Calls back when another tab has written.
 */

(() => {
  "use strict";

  const DATABASE = "canon-practice", LINES = "lines", PREFIX = "canon-practice/", PATIENCE = 3000;

  /** @type {() => string} */
  function newDevice() {
    const letters = "abcdefghijkmnpqrstuvwxyz23456789", bytes = crypto.getRandomValues(new Uint8Array(10));
    return Array.from(bytes, (byte) => letters[byte % letters.length]).join("");
  }

  /**
   * The database; `null` if the browser offers none, refuses it, or does not answer.
   * @type {() => Promise<IDBDatabase | null>}
   */
  function open() {
    return new Promise((resolve) => {
      setTimeout(() => resolve(null), PATIENCE);
      try {
        const request = indexedDB.open(DATABASE, 1);
        request.onupgradeneeded = () => request.result.createObjectStore(LINES, { keyPath: ["site", "line"] });
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => resolve(null);
        request.onblocked = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
  }

  /** @type {(database: IDBDatabase, site: string) => Promise<string[]>} */
  function linesIn(database, site) {
    return new Promise((resolve, reject) => {
      const range = IDBKeyRange.bound([site], [site, []]);
      const request = database.transaction(LINES).objectStore(LINES).getAll(range);
      request.onsuccess = () => resolve(request.result.map((record) => String(record.line)));
      request.onerror = () => reject(request.error);
    });
  }

  /** @type {(database: IDBDatabase, site: string, lines: string[]) => Promise<void>} */
  function addTo(database, site, lines) {
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(LINES, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
      for (const line of lines) transaction.objectStore(LINES).put({ site, line });
    });
  }

  /** @type {(site: string) => string[]} */
  function linesInLocalStorage(site) {
    const lines = [];
    try {
      for (let i = 0; i < localStorage.length; i++) {
        const key = localStorage.key(i);
        if (key && key.startsWith(PREFIX + site + "/")) lines.push(localStorage.getItem(key) || "");
      }
    } catch {
      // Storage is forbidden: nothing is kept there.
    }
    return lines;
  }

  /** @type {(site: string) => Promise<PracticeStore>} */
  async function openStore(site) {
    const device = newDevice();
    let database = await open(), written = 0;
    /** @type {"database" | "local" | "memory"} */
    let kind = database ? "database" : "local";
    /** @type {string[]} */
    const inMemory = [];
    /** @type {BroadcastChannel | null} */
    let channel = null;
    try {
      channel = new BroadcastChannel(DATABASE + "/" + site);
    } catch {
      // Without it another tab shows what was written when it is opened again.
    }

    /** @type {PracticeStore["read"]} */
    async function read() {
      /** @type {string[]} */
      let kept = [];
      try {
        if (database) kept = await linesIn(database, site);
      } catch {
        // A damaged database: what is in local storage counts, and new entries go there.
        database = null;
        kind = "local";
      }
      return [...kept, ...linesInLocalStorage(site), ...inMemory].join("\n");
    }

    /** @type {PracticeStore["write"]} */
    async function write(lines) {
      if (database) {
        try {
          await addTo(database, site, lines);
          kind = "database";
          channel?.postMessage(0);
          return;
        } catch {
          kind = "local";
        }
      }
      try {
        for (const line of lines) localStorage.setItem(PREFIX + site + "/" + device + "/" + written++, line);
        kind = "local";
        channel?.postMessage(0);
      } catch (error) {
        kind = "memory";
        inMemory.push(...lines);
        throw error;
      }
    }

    /** @type {PracticeStore["listen"]} */
    function listen(changed) {
      if (channel) channel.onmessage = changed;
    }

    return { device, kind: () => kind, read, write, listen };
  }

  window.canonPractice.openStore = openStore;
})();
