// Reads the search index and ranks: loads the index's files as scripts, because a page opened from disk cannot fetch, finds
// notes for a query and picks the sentences to show. `src/search` writes the files; content/reading/data-files.md has the
// formats. Touches no element of the page but the script elements that it adds; `search.js` shows the results.

/**
 * The content of `search/index.js`.
 * @typedef {Record<"version" | "words" | "titles" | "aliases" | "aliasNotes" | "folders" | "folderNotes" | "pages" | "factOf" | "importanceOf" | "tags" | "tagCounts" | "tagNotes" | "sizes" | "texts" | "dictionaries", string>
 *   & { notes: number, codedWords: number, width: number, facts: NoteFacts[], importances: number[] }} CatalogFile
 */
/** @typedef {[type: string, status: string, difficulty: string]} NoteFacts */
/** @typedef {{ note: number, text: string, terms: string[], isAlias: boolean }} NoteName A title or an alias. */
/** @typedef {{ number: number, title: string, aliases: string[], folder: string, url: string, facts: NoteFacts, importance: number }} SearchNote */
/**
 * A query, split up.
 * @typedef {object} SearchQuery
 * @property {string[]} words Distinct words, at most 16.
 * @property {string[]} order All words.
 * @property {boolean} isOpen Whether the last word may be the start of a longer one.
 * @property {boolean} isFiltered
 * @property {(note: number) => boolean} accepts Whether a note passes the filters.
 */
/** @typedef {{ note: number, score: number }} SearchHit */
/**
 * @typedef {object} SearchAnswer
 * @property {SearchQuery} query
 * @property {Set<string>} accepted Words to mark in text.
 * @property {number} total
 * @property {[tag: string, count: number][]} facets Tags of the results, the most frequent first.
 * @property {SearchHit[]} hits The best ones.
 * @property {(hit: SearchHit) => SearchNote} note
 */
/** @typedef {{ pieces: string[], weight: number }} MarkedText Text in pieces, the odd ones to be marked; the weight grows with them. */
/** @typedef {{ heading: MarkedText | null, anchor: string, text: MarkedText | null }} SearchExcerpt */
/** @typedef {{ word: string, notes: number, isCommon: boolean, file: number, place: number }} DictionaryEntry Where a word's postings are. */
/** @typedef {DictionaryEntry & { quality: number }} WordMeaning */
/**
 * The notes with a word, and its passages in them.
 * @typedef {object} Postings
 * @property {Uint32Array} notes
 * @property {Uint32Array} starts The passages of note `i` are those from `starts[i]` to `starts[i + 1]`.
 * @property {number[]} passages Passage 0 of a note is its headings.
 */
/** @typedef {{ count: number, entries: WordMeaning[], isEverywhere: boolean, lists: (Postings | null)[] }} FoundWord */
/**
 * What lists and the tree use of the catalog. Names are all titles, then all other names.
 * @typedef {{ total: number, names: NoteName[], tags: Map<string, Uint32Array>, note: (number: number) => SearchNote }} SearchCatalog
 */
/**
 * What `search.js`, `lists.js` and the tests use.
 * @typedef {object} SearchEngine
 * @property {(path: string) => Promise<SearchCatalog | undefined>} start Loads the catalog from below `path`; nothing if that fails.
 * @property {(text: string) => SearchAnswer} quick
 * @property {(text: string) => Promise<SearchAnswer>} full
 * @property {(text: string) => SearchHit[]} nearest
 * @property {(hit: SearchHit, answer: SearchAnswer) => Promise<SearchExcerpt[]>} excerpts
 * @property {(text: string, answer: SearchAnswer) => MarkedText} marked
 * @property {(text: string, isQuery?: boolean) => string[]} wordsOf
 * @property {(name: string) => Promise<any>} load The content of a file of the index; nothing if it could not be loaded.
 * @property {(number: number) => Promise<string>} summary
 * @property {() => SearchCatalog} catalog
 * @property {{ numbers: (text: string) => number[], frontCoded: (text: string) => string[], Bits: Function }} formats
 */

(() => {
  "use strict";

  // --- Encodings (src/search/pack.rs)

  const DIGITS = "!#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const digitOf = new Uint8Array(128), bitsOf = new Uint8Array(128);
  [...DIGITS].forEach((c, i) => { digitOf[c.charCodeAt(0)] = i; });
  [...BASE64].forEach((c, i) => { bitsOf[c.charCodeAt(0)] = i; });

  /**
   * Numbers in base 46, lowest digit first; digits from 46 mean that another one follows.
   * @param {string} text
   */
  function numbers(text) {
    const all = [];
    for (let i = 0, value = 0, unit = 1; i < text.length; i++) {
      const digit = digitOf[text.charCodeAt(i)];
      value += digit % 46 * unit;
      unit *= 46;
      if (digit < 46) {
        all.push(value);
        value = 0;
        unit = 1;
      }
    }
    return all;
  }

  /**
   * A front-coded list: each string is a digit, how much it shares with the one before, and the rest.
   * @param {string} text
   */
  function frontCoded(text) {
    let last = "";
    return text.split("\t").map((item) => last = last.slice(0, digitOf[item.charCodeAt(0)]) + item.slice(1));
  }

  /** A stream of bits, six to a character. */
  class Bits {
    /** @param {string} text */
    constructor(text) {
      this.text = text;
      this.at = 0;
    }

    bit() {
      const at = this.at++;
      return bitsOf[this.text.charCodeAt(at / 6 | 0)] >> 5 - at % 6 & 1;
    }

    /** A Rice code: ones up to a zero, then `k` bits. @param {number} k */
    rice(k) {
      let value = 0;
      const end = this.text.length * 6;
      while (this.at < end && this.bit()) value++;
      while (k-- > 0) value = value * 2 + this.bit();
      return value;
    }

    /**
     * `count` ascending numbers below `total`, as Rice codes of the gaps.
     * @param {number} total
     * @param {number} count
     */
    ascending(total, count) {
      const list = new Uint32Array(count), k = gapParameter(total, count);
      for (let i = 0, next = 0; i < count; i++) {
        list[i] = next + this.rice(k);
        next = list[i] + 1;
      }
      return list;
    }
  }

  /** @param {number} n */
  const bitLength = (n) => 32 - Math.clz32(n);

  /**
   * @param {number} total
   * @param {number} count
   */
  const gapParameter = (total, count) => bitLength(Math.max(Math.floor(total * 69 / (Math.max(count, 1) * 100)), 1)) - 1;

  /**
   * Places by their counts: [2, 1] becomes [0, 0, 1].
   * @param {string} counts
   */
  const placesByCount = (counts) => numbers(counts).flatMap((count, place) => Array(count).fill(place));

  // --- Words (src/search/words.rs)

  // Scripts without spaces: each pair of neighbouring characters is a word.
  const DENSE = "[\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]";
  const WORD = "[\\p{Alphabetic}\\p{N}]";
  const runs = new RegExp(`((?:(?=${WORD})${DENSE})+)|(?:(?!${DENSE})${WORD})+(?:[+#]+(?![+#]|${WORD}))?`, "gu");
  /** @type {Record<string, string>} */
  const SINGLE = { "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ς": "σ" };

  /** @param {string} text */
  function fold(text) {
    return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\p{M}/gu, "").replace(/[ßæœøłđıς]/g, (c) => SINGLE[c]);
  }

  /**
   * The words of a text, in order. A query leaves out the last character of a dense run, which the pair before it contains.
   * @param {string} text
   * @param {boolean} [isQuery]
   */
  function wordsOf(text, isQuery) {
    const words = [];
    for (const [run, dense] of fold(text).matchAll(runs)) {
      const chars = [...run], last = chars.length - 1;
      if (!dense) words.push(chars.length > 40 ? chars.slice(0, 40).join("") : run);
      else chars.forEach((c, i) => {
        if (!isQuery || i < last || !i) words.push(c + (chars[i + 1] || ""));
      });
    }
    return words;
  }

  // --- Files

  let root = "", version = "";
  /** @type {Map<string, any>} */
  const arrived = new Map();
  /** @type {Map<string, Promise<any>>} */
  const loading = new Map();

  /**
   * The content of a file of the index; nothing if it could not be loaded, and the next call tries again.
   * @param {string} name
   */
  function load(name) {
    let file = loading.get(name);
    if (!file) {
      file = new Promise((done) => {
        const script = document.createElement("script");
        script.src = `${root}search/${name}.js${version && "?v=" + version}`;
        script.dataset.file = name;
        script.onload = script.onerror = () => {
          script.remove();
          if (!arrived.has(name)) loading.delete(name);
          done(arrived.get(name));
        };
        document.head.append(script);
      });
      loading.set(name, file);
    }
    return file;
  }

  /** @param {unknown} value */
  function add(value) {
    const { file } = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
    arrived.set(/** @type {string} */ (file), value);
  }

  // --- The catalog

  /** @type {ReturnType<typeof openCatalog>} */
  let catalog;

  /** @param {string} path */
  async function start(path) {
    root = path;
    let data = await load("index");
    if (data && !catalog) {
      version = data.version;
      if (data.parts) {
        // The catalog of a large base is a text in parts, so that no file is long.
        const parts = await Promise.all(Array.from({ length: data.parts }, (_, i) => load("c" + i)));
        data = parts.every((part) => part !== undefined) ? JSON.parse(parts.join("").replace(/\p{Cc}/gu, escaped)) : null;
      }
      if (data) catalog ??= openCatalog(data);
    }
    return catalog;
  }

  /** A control character as JSON has it: a script may have it as such in a string. @param {string} c */
  const escaped = (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0");

  /** @param {CatalogFile} data */
  function openCatalog(data) {
    const total = data.notes, words = frontCoded(data.words), wordTerms = words.map((word) => wordsOf(word));
    /** @type {NoteName[]} */
    const names = [];
    frontCoded(data.titles).forEach((code, note) => {
      if (note >= total) return;
      const text = [], terms = [];
      for (let i = 0; i < code.length; i += data.width) {
        let number = 0;
        for (let j = i; j < i + data.width; j++) number = number * 92 + digitOf[code.charCodeAt(j)];
        text.push(words[number]);
        terms.push(...wordTerms[number]);
      }
      names.push({ note, text: text.join(" "), terms, isAlias: false });
    });
    /** @type {Map<number, string[]>} */
    const aliases = new Map();
    const aliasNames = frontCoded(data.aliases);
    let at = 0;
    numbers(data.aliasNotes).forEach((step, i) => {
      at += step;
      names.push({ note: at, text: aliasNames[i], terms: wordsOf(aliasNames[i]), isAlias: true });
      aliases.set(at, [...(aliases.get(at) || []), aliasNames[i]]);
    });
    /** @type {Map<string, number[]>} The numbers of the names that have a word. */
    const vocabulary = new Map();
    names.forEach((name, number) => name.terms.forEach((term) => {
      const list = vocabulary.get(term);
      if (!list) vocabulary.set(term, [number]);
      else if (list[list.length - 1] !== number) list.push(number);
    }));
    /** @type {Map<string, Uint32Array>} */
    const tags = new Map();
    const tagNames = frontCoded(data.tags), bits = new Bits(data.tagNotes);
    numbers(data.tagCounts).forEach((count, i) => tags.set(tagNames[i], bits.ascending(total, count)));
    const folders = frontCoded(data.folders), folderOf = placesByCount(data.folderNotes), pages = frontCoded(data.pages);
    const facts = numbers(data.factOf).map((place) => data.facts[place]), importance = numbers(data.importanceOf).map((place) => data.importances[place]);
    /**
     * @param {number} number
     * @returns {SearchNote}
     */
    const note = (number) => {
      const title = names[number].text, folder = folders[folderOf[number]];
      const page = pages[number] || title.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase() + ".html";
      return { number, title, aliases: aliases.get(number) || [], folder, url: folder + page, facts: facts[number], importance: importance[number] };
    };
    const fileOf = placesByCount(data.texts);
    /** @type {number[]} */
    const firstOf = [];
    fileOf.forEach((file, number) => { firstOf[file] ??= number; });
    return { total, names, vocabulary, tags, note, importance, facts, sizes: numbers(data.sizes), codedWords: data.codedWords, fileOf, firstOf, dictionaries: frontCoded(data.dictionaries) };
  }

  // --- The query

  /**
   * @param {string} text
   * @returns {SearchQuery}
   */
  function parse(text) {
    /** @type {((note: number) => boolean)[]} */
    const tests = [];
    const rest = [];
    for (const piece of text.match(/\S+:"[^"]*"|\S+/g) || []) {
      const [, key, value] = /^(tag|type|status|difficulty):"?([^"]*)"?$/i.exec(piece) || [];
      const [, sign, bound] = /^([<>]=?)(\d+)$/.exec(piece) || [];
      if (key) tests.push(fieldTest(key.toLowerCase(), fold(value)));
      else if (sign) tests.push(boundTest(sign, Number(bound)));
      else rest.push(piece);
    }
    const words = [...new Set(wordsOf(rest.join(" "), true))].slice(0, 16);
    return { words, order: wordsOf(rest.join(" ")), isOpen: /\S$/.test(text) && rest.length > 0, isFiltered: tests.length > 0, accepts: (note) => tests.every((test) => test(note)) };
  }

  /**
   * @param {string} key
   * @param {string} value
   * @returns {(note: number) => boolean}
   */
  function fieldTest(key, value) {
    if (key !== "tag") {
      const place = ["type", "status", "difficulty"].indexOf(key);
      return (note) => fold(catalog.facts[note][place]).startsWith(value);
    }
    const allowed = new Uint8Array(catalog.total);
    for (const [tag, notes] of catalog.tags) {
      if (fold(tag) === value || fold(tag).startsWith(value + "/")) notes.forEach((note) => { allowed[note] = 1; });
    }
    return (note) => allowed[note] === 1;
  }

  /**
   * @param {string} sign
   * @param {number} bound
   * @returns {(note: number) => boolean}
   */
  function boundTest(sign, bound) {
    return (note) => {
      const value = catalog.importance[note];
      return sign === ">" ? value > bound : sign === "<" ? value < bound : sign === ">=" ? value >= bound : value <= bound;
    };
  }

  // --- Which known words a word of the query may mean

  /** @param {string} word */
  const plurals = (word) => [word + "s", word + "es", word.replace(/y$/, "ies"), word.replace(/ies$/, "y"), word.replace(/es$/, ""), word.replace(/s$/, "")]
    .filter((form) => form !== word && form.length > 2);

  let rows = [0, 1, 2].map(() => new Uint8Array(64));

  /**
   * How many letters to add, drop, change or swap to get from one word to the other (if `isOpen`, to its start). More than
   * `limit` is `limit` + 1.
   * @param {string} from
   * @param {string} to
   * @param {number} limit
   * @param {boolean} isOpen
   */
  function distance(from, to, limit, isOpen) {
    if (from.length - to.length > limit || (!isOpen && to.length - from.length > limit)) return limit + 1;
    if (rows[0].length <= to.length) rows = rows.map(() => new Uint8Array(to.length * 2));
    let [far, row, next] = rows;
    for (let j = 0; j <= to.length; j++) row[j] = Math.min(j, 99);
    for (let i = 1; i <= from.length; i++) {
      let least = next[0] = Math.min(i, 99);
      for (let j = 1; j <= to.length; j++) {
        let edits = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) edits = Math.min(edits, far[j - 2] + 1);
        next[j] = edits;
        if (edits < least) least = edits;
      }
      if (least > limit) return limit + 1;
      [far, row, next] = [row, next, far];
    }
    let edits = row[to.length];
    for (let j = 0; isOpen && j < to.length; j++) edits = Math.min(edits, row[j]);
    return Math.min(limit + 1, edits);
  }

  /**
   * Known words that a word may mean, each with a quality up to 1: itself, its plural or singular, words that it begins,
   * and near misses among `candidates` if there is nothing else.
   * @param {string} word
   * @param {boolean} isOpen
   * @param {Map<string, unknown>} known
   * @param {Iterable<string>} [candidates]
   */
  function meanings(word, isOpen, known, candidates = known.keys()) {
    /** @type {Map<string, number>} */
    const found = new Map();
    if (known.has(word)) found.set(word, 1);
    plurals(word).forEach((form) => known.has(form) && found.set(form, 0.9));
    if (isOpen || /^\P{ASCII}$/u.test(word)) {
      for (const other of known.keys()) if (other.startsWith(word) && !found.has(other)) found.set(other, 0.6 + 0.3 * word.length / other.length);
    }
    const limit = word.length < 4 || /\d/.test(word) ? 0 : word.length < 8 ? 1 : 2;
    if (!found.size && limit) {
      for (const other of candidates) {
        const edits = distance(word, other, limit, isOpen);
        if (edits <= limit) found.set(other, (other[0] === word[0] ? 0.7 : 0.6) - 0.15 * edits);
      }
    }
    return found;
  }

  // --- Text

  /** @type {Map<number, Map<string, DictionaryEntry>>} */
  const dictionaries = new Map();
  /** @type {Map<string, Postings>} */
  const decoded = new Map();

  /**
   * The words of a dictionary file; none if it could not be loaded.
   * @param {number} number
   * @returns {Promise<Map<string, DictionaryEntry>>}
   */
  async function dictionary(number) {
    const data = await load("d" + number);
    if (!data) return new Map();
    let known = dictionaries.get(number);
    if (!known) {
      known = new Map();
      const words = frontCoded(data[1]);
      let file = data[0] - 1, place = 0;
      for (const [i, code] of numbers(data[2]).entries()) {
        if (code & 1) {
          file++;
          place = 0;
        }
        known.set(words[i], { word: words[i], notes: code >> 2, isCommon: (code & 2) > 0, file, place: place++ });
      }
      dictionaries.set(number, known);
    }
    return known;
  }

  /** The number of the dictionary that has a word, or would have it. @param {string} word */
  function dictionaryOf(word) {
    let number = 0;
    while (number + 1 < catalog.dictionaries.length && !isBefore(word, catalog.dictionaries[number + 1])) number++;
    return number;
  }

  /**
   * The order of the dictionaries: by code point, where JavaScript compares UTF-16 units.
   * @param {string} left
   * @param {string} right
   */
  function isBefore(left, right) {
    const a = [...left], b = [...right];
    for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return Number(a[i].codePointAt(0)) < Number(b[i].codePointAt(0));
    return a.length < b.length;
  }

  /**
   * The postings of a word; `null` if their file could not be loaded.
   * @param {DictionaryEntry} entry
   */
  async function postingsOf(entry) {
    /** @type {string | undefined} */
    const file = await load("t" + entry.file);
    if (!file) return null;
    if (decoded.size > 300) decoded.clear();
    let postings = decoded.get(entry.word);
    if (!postings) decoded.set(entry.word, postings = decode(file.split(" ")[entry.place], entry));
    return postings;
  }

  /**
   * @param {string} text
   * @param {DictionaryEntry} entry
   * @returns {Postings}
   */
  function decode(text, { notes: count, isCommon }) {
    const bits = new Bits(text), k = gapParameter(catalog.total, count);
    /** @type {number[]} */
    const passages = [];
    const notes = new Uint32Array(count), starts = new Uint32Array(count + 1);
    for (let i = 0, next = 0; i < count; i++) {
      notes[i] = next + bits.rice(k);
      next = notes[i] + 1;
      starts[i] = passages.length;
      if (isCommon) continue;
      const places = bits.rice(0) + 1, step = Math.max(catalog.sizes[notes[i]] - 1 - bitLength(places), 0);
      for (let j = 0, passage = 0; j < places && j < 5000; j++) {
        passage += bits.rice(step);
        passages.push(passage++);
      }
    }
    starts[count] = passages.length;
    return { notes, starts, passages };
  }

  /**
   * What the notes' text has for each word of the query: its meanings with their postings, and the largest number of notes.
   * @param {SearchQuery} query
   */
  async function lookUp(query) {
    const found = await Promise.all(query.words.map(async (word, i) => {
      const isOpen = query.isOpen && i === query.words.length - 1;
      /** @type {FoundWord} */
      const nothing = { count: 0, entries: [], isEverywhere: false, lists: [] };
      if (isOpen && word.length < 2 && /[a-z0-9]/.test(word)) return nothing;
      const known = await dictionary(dictionaryOf(word)), candidates = [];
      for (const other of known.keys()) if (other[0] === word[0] || other[1] === word[1]) candidates.push(other);
      const all = [...meanings(word, isOpen, known, candidates)].map(([term, quality]) => ({ .../** @type {DictionaryEntry} */ (known.get(term)), quality }));
      all.sort((a, b) => b.quality - a.quality || b.notes - a.notes);
      // The start of a word may mean half the dictionary: only a few posting files are loaded.
      const files = new Set();
      const entries = all.slice(0, 8).filter((entry) => files.has(entry.file) || files.size < (entry.quality === 1 ? 9 : 2) && files.add(entry.file));
      return { ...nothing, count: entries.reduce((most, entry) => Math.max(most, entry.notes), 0), entries };
    }));
    const hasRare = found.some((word) => word.count > 0 && word.count < catalog.total * 0.6);
    await Promise.all(found.map(async (word) => {
      // Next to a rare word, a word in nearly all notes does not change the ranking, and its postings are long.
      word.isEverywhere = hasRare && word.count > catalog.total * 0.8;
      if (!word.isEverywhere) word.lists = await Promise.all(word.entries.map(postingsOf));
    }));
    return found;
  }

  // --- Ranking

  /** @type {Map<string, Map<string, number>>} */
  const nameMeanings = new Map();

  /**
   * The meanings of each word of the query among the words of titles and aliases.
   * @param {SearchQuery} query
   */
  function meaningsInNames(query) {
    return query.words.map((word, i) => {
      const isOpen = query.isOpen && i === query.words.length - 1, key = word + isOpen;
      if (nameMeanings.size > 500) nameMeanings.clear();
      let found = nameMeanings.get(key);
      if (!found) nameMeanings.set(key, found = meanings(word, isOpen, catalog.vocabulary));
      return found;
    });
  }

  /** The numbers of the names that have a word. @param {string} term */
  const namesWith = (term) => catalog.vocabulary.get(term) || [];

  /**
   * The notes that fit, with scores.
   * @param {SearchQuery} query
   * @param {FoundWord[] | null} text What `lookUp` found; without it, only titles and aliases count.
   * @returns {SearchHit[]}
   */
  function rank(query, text) {
    const { total, names, importance } = catalog, count = query.words.length, inNames = meaningsInNames(query);
    const weights = query.words.map((_, i) => {
      let notes = text ? text[i].count : 0;
      for (const [term, quality] of inNames[i]) if (quality >= 0.9) notes = Math.max(notes, namesWith(term).length);
      return Math.max(Math.log(1 + (total - notes + 0.5) / (notes + 0.5)), 0.1);
    });
    const whole = weights.reduce((sum, weight) => sum + weight, 0) || 1;
    // For each note: the share of the query's weight that it has, and points.
    const share = new Float32Array(total), score = new Float32Array(total);
    const named = rankNames(query, inNames, weights, whole);
    for (let i = 0; i < count; i++) {
      // The word's best quality in each note.
      const best = new Float32Array(total);
      for (const [term, quality] of inNames[i]) for (const name of namesWith(term)) best[names[name].note] = Math.max(best[names[name].note], quality);
      if (text?.[i].isEverywhere) best.fill(1);
      if (text) addText(text[i], best, score, weights[i] / whole);
      for (let note = 0; note < total; note++) if (best[note]) share[note] += weights[i] / whole * (0.5 + 0.5 * best[note]);
    }
    if (text && count > 1) addCloseness(text, weights, score);
    const hits = [];
    let most = 0;
    for (let note = 0; note < total; note++) if (share[note] > most && query.accepts(note)) most = share[note];
    for (let note = 0; note < total; note++) {
      if ((!count || share[note] >= most * 0.7 && share[note] > 0.3) && query.accepts(note)) {
        hits.push({ note, score: (score[note] + named[note] + 0.5) * share[note] ** 3 + importance[note] * (count ? 0.002 : 1.002) });
      }
    }
    return hits;
  }

  /**
   * Points of titles and aliases: how much of the query they have, how much of them the query has, and whether both are equal.
   * @param {SearchQuery} query
   * @param {Map<string, number>[]} inNames
   * @param {number[]} weights
   * @param {number} whole The sum of the weights.
   */
  function rankNames(query, inNames, weights, whole) {
    const { names, total } = catalog, named = new Float32Array(total);
    /** @type {Map<number, { share: number, words: number }>} */
    const matches = new Map();
    inNames.forEach((terms, i) => {
      /** @type {Map<number, number>} */
      const best = new Map();
      for (const [term, quality] of terms) for (const number of namesWith(term)) best.set(number, Math.max(best.get(number) || 0, quality));
      for (const [number, quality] of best) {
        const { share, words } = matches.get(number) || { share: 0, words: 0 };
        matches.set(number, { share: share + weights[i] / whole * quality, words: words + 1 });
      }
    });
    const asked = query.order.join(" ");
    for (const [number, { share, words }] of matches) {
      const { note, terms, isAlias } = names[number], text = terms.join(" ");
      let points = share * share * (1.5 + 1.5 * Math.min(1, words / terms.length));
      if (text === asked) points += isAlias ? 2.5 : 3;
      else if (text.startsWith(asked)) points += isAlias ? 0.8 : 1;
      named[note] = Math.max(named[note], points);
    }
    return named;
  }

  /**
   * Adds the points of a word in texts: more for many passages and for headings.
   * @param {FoundWord} word
   * @param {Float32Array} best
   * @param {Float32Array} score
   * @param {number} weight
   */
  function addText({ entries, lists }, best, score, weight) {
    lists.forEach((list, rank) => {
      if (!list) return;
      const { quality } = entries[rank], { notes, starts, passages } = list;
      notes.forEach((note, i) => {
        const places = Math.min(starts[i + 1] - starts[i], 8), isInHeading = places && passages[starts[i]] === 0;
        best[note] = Math.max(best[note], quality);
        score[note] += weight * quality * (places / (places + 1.5) * 0.8 + (isInHeading ? 0.4 : 0)) / (rank + 1);
      });
    });
  }

  const passagePoints = new Float32Array(4096), passageWord = new Uint8Array(4096);

  /**
   * Adds points for words in one passage, as in a remembered phrase. Walks all postings side by side, note by note.
   * @param {FoundWord[]} text
   * @param {number[]} weights
   * @param {Float32Array} score
   */
  function addCloseness(text, weights, score) {
    /** @type {{ list: Postings, word: number, points: number, at: number }[]} */
    const cursors = [];
    let whole = 0;
    text.forEach(({ entries, lists }, i) => {
      const before = cursors.length;
      lists.forEach((list, rank) => {
        if (list?.passages.length) cursors.push({ list, word: i + 1, points: weights[i] * entries[rank].quality, at: 0 });
      });
      if (cursors.length > before || !entries.length) whole += weights[i];
    });
    /** @type {number[]} */
    const touched = [];
    for (let note = 0; note < score.length && cursors.length > 1; note++) {
      let most = 0;
      for (const cursor of cursors) {
        const { notes, starts, passages } = cursor.list;
        if (notes[cursor.at] !== note) continue;
        for (let p = starts[cursor.at]; p < starts[cursor.at + 1]; p++) {
          const passage = passages[p];
          // Another form of the same word adds nothing.
          if (passageWord[passage] === cursor.word) continue;
          passageWord[passage] = cursor.word;
          touched.push(passage);
          passagePoints[passage] += cursor.points;
          if (passagePoints[passage] > most) most = passagePoints[passage];
        }
        cursor.at++;
      }
      score[note] += 2 * (most / whole) ** 3;
      touched.forEach((passage) => { passagePoints[passage] = passageWord[passage] = 0; });
      touched.length = 0;
    }
  }

  // --- Answers

  const MOST_HITS = 100;

  /**
   * @param {SearchQuery} query
   * @param {FoundWord[] | null} text
   * @returns {SearchAnswer}
   */
  function answer(query, text) {
    const hits = rank(query, text), isHit = new Uint8Array(catalog.total);
    /** @type {[string, number][]} */
    const facets = [];
    hits.forEach((hit) => { isHit[hit.note] = 1; });
    for (const [tag, notes] of catalog.tags) {
      let count = 0;
      notes.forEach((note) => { count += isHit[note]; });
      if (count) facets.push([tag, count]);
    }
    facets.sort((a, b) => b[1] - a[1]);
    const least = Float64Array.from(hits, (hit) => hit.score).sort()[Math.max(hits.length - MOST_HITS, 0)];
    const first = hits.filter((hit) => hit.score >= least).sort((a, b) => b.score - a.score || a.note - b.note).slice(0, MOST_HITS);
    const accepted = new Set(query.words);
    text?.forEach(({ entries }) => entries.forEach((entry) => accepted.add(entry.word)));
    meaningsInNames(query).forEach((terms) => terms.forEach((_, term) => accepted.add(term)));
    return { query, accepted, total: hits.length, facets, hits: first, note: (hit) => catalog.note(hit.note) };
  }

  /** The answer by titles and aliases alone, which needs no file. @param {string} text */
  const quick = (text) => answer(parse(text), null);

  /** The answer by names and text, once the files it needs are loaded. @param {string} text */
  async function full(text) {
    const query = parse(text);
    return answer(query, query.words.length ? await lookUp(query) : null);
  }

  /** At most three notes whose names are a few letters from a query that found nothing, the nearest first. @param {string} text */
  function nearest(text) {
    const asked = wordsOf(text).join(" "), most = Math.floor(asked.length * 0.4);
    const all = catalog.names.map(({ note, terms }) => ({ note, score: -distance(asked, terms.join(" "), most, false) }));
    return all.filter(({ score }) => score >= -most).sort((a, b) => b.score - a.score).slice(0, 3);
  }

  // --- Sentences

  const pieces = new RegExp(`(${DENSE}+)|(?:(?!${DENSE})[\\p{Alphabetic}\\p{N}\\p{M}])+[+#]*|[^\\p{Alphabetic}\\p{N}]+|.`, "gsu");

  /**
   * @param {string} text
   * @param {SearchAnswer} answer
   * @returns {MarkedText}
   */
  function marked(text, { accepted, query }) {
    const cut = [""], last = query.isOpen ? query.words[query.words.length - 1] : null;
    let weight = 0;
    /**
     * @param {string} piece
     * @param {boolean} isMarked
     */
    const put = (piece, isMarked) => {
      if (isMarked !== (cut.length % 2 === 0)) cut.push("");
      cut[cut.length - 1] += piece;
    };
    for (const [run, dense] of text.matchAll(pieces)) {
      if (dense) {
        const chars = [...run], isOn = new Set();
        chars.forEach((c, i) => {
          if (accepted.has(fold(c + (chars[i + 1] || "")))) isOn.add(i).add(i + 1);
          else if (accepted.has(fold(c)) && query.words.length === 1) isOn.add(i);
        });
        chars.forEach((c, i) => put(c, isOn.has(i)));
        weight += isOn.size / 2;
      } else {
        const isHit = wordsOf(run).some((word) => accepted.has(word) || last && word.startsWith(last));
        if (isHit) weight++;
        put(run, isHit);
      }
    }
    return { pieces: cut, weight };
  }

  /** @param {string} line */
  const sentences = (line) => line.match(/.+?(?:[.!?…](?=\s|$)|[。！？]|$)\s*/gsu) || [line];

  /** The text of a note: its summary, then its sections; `null` if its file could not be loaded. @param {number} note */
  async function textOf(note) {
    const file = catalog.fileOf[note], [texts, table] = await Promise.all([load("n" + file), catalog.codedWords ? load("w") : ""]);
    return texts && table !== undefined ? plainText(texts[note - catalog.firstOf[file]], frontCoded(table)) : null;
  }

  /**
   * A note's best sentences, one from each of at most three sections; the summary if no sentence matches.
   * @param {SearchHit} hit
   * @param {SearchAnswer} answer
   * @returns {Promise<SearchExcerpt[]>}
   */
  async function excerpts(hit, answer) {
    const whole = await textOf(hit.note);
    if (whole === null) return [];
    const [summary, ...lines] = whole.split("\n");
    /** @type {(SearchExcerpt & { weight: number, words: number })[]} */
    const parts = [];
    for (const line of lines) {
      if (line[0] === "\t") {
        const [, title, anchor] = line.split("\t"), heading = marked(title, answer);
        parts.push({ heading, anchor, text: null, weight: heading.weight * 0.9, words: 0 });
        continue;
      }
      const part = parts[parts.length - 1];
      for (const sentence of sentences(line)) {
        const text = marked(sentence.trim(), answer);
        const words = new Set(text.pieces.filter((_, i) => i % 2).map(fold)).size + text.weight * 0.01;
        if (words > part.words) Object.assign(part, { text, words });
      }
    }
    parts.forEach((part) => { part.weight += part.words; });
    const best = parts.filter((part) => part.weight > 0).sort((a, b) => b.weight - a.weight).slice(0, 3);
    const shown = best.filter((part) => part.weight >= best[0].weight * 0.6);
    return shown.length ? shown : [{ heading: null, anchor: "", text: marked(summary, answer) }];
  }

  /**
   * A note's text with its frequent words, each of which is one private-use character in the file. The second half of those
   * characters is the same words with a capital. Between two of them there is a space.
   * @param {string} text
   * @param {string[]} words
   */
  function plainText(text, words) {
    return text.replace(/([\ue000-\uf8ff])(?=([\ue000-\uf8ff])?)/g, (_, c, next) => {
      const code = c.charCodeAt(0) - 0xe000, word = words[code % words.length];
      return (code < words.length ? word : word[0].toUpperCase() + word.slice(1)) + (next ? " " : "");
    });
  }

  /** The summary of a note; empty if its file could not be loaded. @param {number} number */
  async function summary(number) {
    const text = await textOf(number);
    return text ? text.split("\n", 1)[0] : "";
  }

  /** @type {SearchEngine} */
  const engine = { start, quick, full, nearest, excerpts, marked, wordsOf, load, summary, catalog: () => catalog, formats: { numbers, frontCoded, Bits } };
  window.canonSearch = Object.assign(window.canonSearch || {}, { add, engine });
})();
