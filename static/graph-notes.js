// The notes and links of the graph: reads `graph-data.js` and its parts, which content/reading/data-files.md describes, and
// loads further parts when they are needed. Adds script elements to load, because a page opened from disk cannot fetch. Draws
// nothing.

/* exported canonGraphNotes */

/**
 * The content of `graph-data.js`.
 * @typedef {object} GraphIndex
 * @property {string[]} kinds Kinds of edges.
 * @property {number} notes How many there are.
 * @property {[name: string, notes: number, x: number, y: number, top: number, hue: number][]} folders The largest ones.
 * @property {[notes: number, left: number, top: number, side: number, parent: number][]} parts
 * @property {number} lookups How many files there are to look up numbers; 0 if all parts are loaded at the start.
 */
/**
 * A part's notes. Texts in the last lines are columns with a number per note, or more.
 * @typedef {Record<"folders" | "dirs" | "types" | "tags" | "titles" | "stems", string[]> & { hues: number[] }
 *   & Record<"folder" | "dir" | "type" | "importance" | "tag" | "in" | "out" | "x" | "y" | "edges" | "from", string>} GraphColumns
 */
/** @typedef {{ other: number, kind: number, isOut: boolean }} GraphTie An edge of a note. */
/** @typedef {ReturnType<typeof canonGraphNotes>} GraphNotes */

/**
 * The notes of an index: arrays by the note's number, filled as parts are loaded.
 * @param {GraphIndex} index
 * @param {(path: string) => Promise<unknown>} load Runs a script of the folder `graph/`.
 */
function canonGraphNotes(index, load) {
  "use strict";
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const { kinds, notes: count, parts, lookups } = index;
  const xs = new Uint16Array(count), ys = new Uint16Array(count), importance = new Uint8Array(count), hue = new Uint8Array(count);
  const incoming = new Uint32Array(count), outgoing = new Uint32Array(count), depth = new Uint8Array(count);
  /** @type {string[]} */
  const titles = [];
  /** @type {string[]} Addresses from the root, not encoded. */
  const paths = [];
  /** @type {string[]} */
  const folder = [];
  /** @type {string[]} */
  const type = [];
  /** @type {string[][]} */
  const tags = [];
  /** @type {number[][]} For each note the ends of its edges and their kinds, alternating. */
  const from = [];
  /** @type {number[][]} The same for the edges to it. */
  const to = [];
  /** @type {number[]} Numbers of loaded notes. */
  const loaded = [];
  /** @type {{ source: number[], target: number[], kind: number[] }} All edges of loaded notes. */
  const lines = { source: [], target: [], kind: [] };
  /** @type {number[]} The first number of each part. */
  const firsts = [];
  /** @type {number[]} How many other parts contain the square of each. */
  const depths = [];
  parts.forEach(([, , , , parent], part) => {
    firsts[part] = part ? firsts[part - 1] + parts[part - 1][0] : 0;
    depths[part] = part ? depths[parent] + 1 : 0;
  });

  /**
   * A function that returns the next number of a column. Numbers have five bits per letter, plus 32 if another letter follows.
   * @param {string} text
   */
  const reader = (text) => {
    let at = 0;
    return () => {
      for (let value = 0, unit = 1; ; unit *= 32) {
        const bits = LETTERS.indexOf(text[at++]);
        value += (bits & 31) * unit;
        if (bits < 32) return value;
      }
    };
  };
  /** @param {string} title */
  const plainStem = (title) => title.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase();
  /**
   * The two letters of a place.
   * @param {string} text
   * @param {number} n
   */
  const place = (text, n) => LETTERS.indexOf(text[2 * n]) * 64 + LETTERS.indexOf(text[2 * n + 1]);

  /**
   * Reads a part. A second call for the same part changes nothing.
   * @param {number} part
   * @param {GraphColumns} data
   */
  function add(part, data) {
    const first = firsts[part];
    if (titles[first] !== undefined) return;
    const next = Object.fromEntries(["folder", "dir", "type", "importance", "tag", "in", "out", "edges", "from"]
      .map((name) => [name, reader(data[/** @type {"folder"} */ (name)])]));
    data.titles.forEach((title, n) => {
      const i = first + n, at = next.folder();
      loaded.push(i);
      titles[i] = title;
      paths[i] = `${data.dirs[next.dir()]}/${data.stems[n] || plainStem(title)}.html`.replace(/^\//, "");
      folder[i] = data.folders[at];
      hue[i] = data.hues[at];
      type[i] = data.types[next.type()];
      tags[i] = Array.from({ length: next.tag() }, () => data.tags[next.tag()]);
      importance[i] = next.importance();
      incoming[i] = next.in();
      outgoing[i] = next.out();
      depth[i] = depths[part];
      xs[i] = place(data.x, n);
      ys[i] = place(data.y, n);
      for (let left = next.edges(), target = 0; left > 0; left--) {
        const step = next.edges(), kind = step % kinds.length;
        target += Math.floor(step / kinds.length);
        (from[i] ??= []).push(target, kind);
        (to[target] ??= []).push(i, kind);
        lines.source.push(i);
        lines.target.push(target);
        lines.kind.push(kind);
      }
      for (let left = data.from ? next.from() : 0, source = 0; left > 0; left--) {
        const step = next.from();
        source += Math.floor(step / kinds.length);
        (to[i] ??= []).push(source, step % kinds.length);
      }
    });
  }
  window.canonGraphPart = add;

  /**
   * The known edges of a note. Those to it are incomplete until all parts are loaded.
   * @param {number} i
   */
  function ties(i) {
    /** @type {Map<number, GraphTie>} */
    const found = new Map();
    [from, to].forEach((ends, isTo) => {
      const list = ends[i] || [];
      for (let at = 0; at < list.length; at += 2) {
        const other = list[at], kind = list[at + 1];
        found.set((other * kinds.length + kind) * 2 + isTo, { other, kind, isOut: !isTo });
      }
    });
    return [...found.values()].sort((a, b) => a.kind - b.kind || Number(b.isOut) - Number(a.isOut) || a.other - b.other);
  }

  /** @param {number} i */
  const isLoaded = (i) => titles[i] !== undefined;

  /** The part of a note. @param {number} i */
  const partOf = (i) => {
    let low = 0, high = firsts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (firsts[middle] <= i) low = middle;
      else high = middle;
    }
    return low;
  };

  /** @param {number} part */
  const hasPart = (part) => !parts[part][0] || isLoaded(firsts[part]);

  /** Loads a part unless it is there. @param {number} part */
  const loadPart = async (part) => {
    if (!hasPart(part)) await load(`${part}.js`);
  };

  /** Loads the parts of some notes. @param {number[]} wanted */
  const need = (wanted) => Promise.all([...new Set(wanted.filter((i) => !isLoaded(i)).map(partOf))].map(loadPart));

  /** @type {Record<string, number>} Numbers by encoded address, of the files loaded so far. */
  const numbers = {};
  window.canonGraphNumbers = (some) => Object.assign(numbers, some);

  /**
   * The number of the note with this address, which is then loaded; -1 if there is none.
   * @param {string} path Encoded or not.
   */
  async function numberOf(path) {
    const known = loaded.find((i) => paths[i] === path || encoded(i) === path);
    if (known !== undefined || !lookups) return known ?? -1;
    const address = /%/.test(path) ? path : path.split("/").map(encodeURIComponent).join("/");
    let hash = 0x811c9dc5;
    for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), 0x01000193) >>> 0;
    await load(`numbers-${hash % lookups}.js`);
    const number = numbers[address] ?? -1;
    if (number >= 0) await need([number]);
    return number;
  }

  /** The encoded address. @param {number} i */
  const encoded = (i) => paths[i].split("/").map(encodeURIComponent).join("/");

  return {
    count, kinds, parts, isWhole: !lookups, xs, ys, importance, hue, incoming, outgoing, depth, titles, paths, folder, type, tags, loaded, lines,
    add, ties, isLoaded, hasPart, loadPart, need, numberOf, encoded,
  };
}
