// The reader's half of src/search: loads the index's files as scripts (the only way that works from disk), ranks notes and picks
// sentences. Knows no element of the page but the script elements it adds; static/search.js shows what this finds.
(() => {
  "use strict";
  const DIGITS = "!#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const digitOf = new Uint8Array(128), bitsOf = new Uint8Array(128);
  [...DIGITS].forEach((c, i) => { digitOf[c.charCodeAt(0)] = i; });
  [...BASE64].forEach((c, i) => { bitsOf[c.charCodeAt(0)] = i; });

  // --- Encodings (src/search/pack.rs)

  function numbers(text) {
    const all = [];
    for (let i = 0, value = 0, unit = 1; i < text.length; i++) {
      const digit = digitOf[text.charCodeAt(i)];
      value += digit % 46 * unit;
      unit *= 46;
      if (digit < 46) { all.push(value); value = 0; unit = 1; }
    }
    return all;
  }

  function unfront(text) {
    let last = "";
    return text.split("\t").map((item) => last = last.slice(0, digitOf[item.charCodeAt(0)]) + item.slice(1));
  }

  class Bits {
    constructor(text) { this.text = text; this.at = 0; }
    bit() { const at = this.at++; return bitsOf[this.text.charCodeAt(at / 6 | 0)] >> 5 - at % 6 & 1; }
    rice(k) {
      let value = 0;
      const end = this.text.length * 6;
      while (this.at < end && this.bit()) value++;
      while (k-- > 0) value = value * 2 + this.bit();
      return value;
    }
    ascending(total, count) {
      const list = new Uint32Array(count), k = gapParameter(total, count);
      for (let i = 0, next = 0; i < count; i++) { list[i] = next + this.rice(k); next = list[i] + 1; }
      return list;
    }
  }
  const bitLength = (n) => 32 - Math.clz32(n);
  const gapParameter = (total, count) => bitLength(Math.max(Math.floor(total * 69 / (Math.max(count, 1) * 100)), 1)) - 1;

  // --- Words (src/search/words.rs)

  const DENSE = "[\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]";
  const WORD = "[\\p{Alphabetic}\\p{N}]";
  const runs = new RegExp(`((?:(?=${WORD})${DENSE})+)|(?:(?!${DENSE})${WORD})+(?:[+#]+(?![+#]|${WORD}))?`, "gu");
  const SINGLE = { "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ς": "σ" };

  function fold(text) {
    return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\p{M}/gu, "").replace(/[ßæœøłđıς]/g, (c) => SINGLE[c]);
  }

  /** The words in order; those `asked` for leave out the last character of a dense run, which the pair before has. */
  function wordsOf(text, asked) {
    const words = [];
    for (const [run, dense] of fold(text).matchAll(runs)) {
      const chars = [...run], last = chars.length - 1;
      if (dense) chars.forEach((c, i) => asked && i === last && i ? 0 : words.push(c + (chars[i + 1] || "")));
      else words.push(chars.length > 40 ? chars.slice(0, 40).join("") : run);
    }
    return words;
  }

  // --- Files

  let root = "", version = "";
  const arrived = new Map(), loading = new Map();

  function load(name) {
    if (!loading.has(name)) {
      loading.set(name, new Promise((done) => {
        const script = document.createElement("script");
        script.src = `${root}search/${name}.js${version && "?v=" + version}`;
        script.dataset.file = name;
        const end = () => {
          script.remove();
          if (!arrived.has(name)) loading.delete(name); // so that the next query tries again
          done(arrived.get(name));
        };
        script.onload = script.onerror = end;
        document.head.append(script);
      }));
    }
    return loading.get(name);
  }

  const add = (value) => { arrived.set(document.currentScript.dataset.file, value); };

  // --- The catalog

  let catalog = null;

  async function start(path) {
    root = path;
    const data = await load("index");
    if (data && !catalog) {
      version = data.version;
      catalog = openCatalog(data);
    }
    return catalog;
  }

  function openCatalog(data) {
    const total = data.notes, words = unfront(data.words), names = [];
    const wordTerms = words.map(wordsOf);
    unfront(data.titles).forEach((code, note) => {
      if (note >= total) return;
      const text = [], terms = [];
      for (let i = 0; i < code.length; i += data.width) {
        let number = 0;
        for (let j = i; j < i + data.width; j++) number = number * 92 + digitOf[code.charCodeAt(j)];
        text.push(words[number]);
        terms.push(...wordTerms[number]);
      }
      names.push({ note, text: text.join(" "), terms });
    });
    const aliases = new Map();
    let at = 0;
    const aliasNames = unfront(data.aliases);
    numbers(data.aliasNotes).forEach((step, i) => {
      at += step;
      names.push({ note: at, text: aliasNames[i], terms: wordsOf(aliasNames[i]), alias: true });
      aliases.set(at, [...(aliases.get(at) || []), aliasNames[i]]);
    });
    const vocabulary = new Map(); // word -> numbers of names that have it
    names.forEach((name, number) => name.terms.forEach((term) => {
      const list = vocabulary.get(term);
      if (!list) vocabulary.set(term, [number]);
      else if (list[list.length - 1] !== number) list.push(number);
    }));
    const tags = new Map(), tagNames = unfront(data.tags), bits = new Bits(data.tagNotes);
    numbers(data.tagCounts).forEach((count, i) => tags.set(tagNames[i], bits.ascending(total, count)));
    const folders = spread(data.folderNotes, unfront(data.folders)), pages = unfront(data.pages);
    const facts = numbers(data.factOf), importance = numbers(data.importanceOf).map((place) => data.importances[place]);
    const note = (number) => ({
      number, title: names[number].text, aliases: aliases.get(number) || [], folder: folders[number],
      url: folders[number] + (pages[number] || names[number].text.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase() + ".html"),
      facts: data.facts[facts[number]], importance: importance[number],
    });
    const fileOf = spread(data.texts), firstOf = [];
    fileOf.forEach((file, number) => { firstOf[file] ??= number; });
    return { total, names, vocabulary, tags, note, importance, facts: data.facts, factOf: facts, sizes: numbers(data.sizes), codedWords: data.codedWords,
      fileOf, firstOf, dictionaries: unfront(data.dictionaries) };
  }

  /** Counts as numbers: [2, 1] becomes [0, 0, 1], or the values at those places. */
  function spread(counts, values) {
    const all = [];
    numbers(counts).forEach((count, place) => { while (count-- > 0) all.push(values ? values[place] : place); });
    return all;
  }

  // --- The query

  function parse(text) {
    const tests = [], rest = [];
    for (const piece of text.match(/\S+:"[^"]*"|\S+/g) || []) {
      const [, key, value] = /^(tag|type|status|difficulty):"?([^"]*)"?$/i.exec(piece) || [];
      const [, sign, bound] = /^([<>]=?)(\d+)$/.exec(piece) || [];
      if (key) tests.push(fieldTest(key.toLowerCase(), fold(value)));
      else if (sign) tests.push(boundTest(sign, +bound));
      else rest.push(piece);
    }
    const words = [...new Set(wordsOf(rest.join(" "), true))].slice(0, 16);
    const open = /\S$/.test(text) && rest.length > 0; // the last word may go on
    return { words, order: wordsOf(rest.join(" ")), open, filtered: tests.length > 0, accepts: (note) => tests.every((test) => test(note)) };
  }

  function fieldTest(key, value) {
    if (key !== "tag") {
      const place = ["type", "status", "difficulty"].indexOf(key);
      return (note) => fold(catalog.facts[catalog.factOf[note]][place]).startsWith(value);
    }
    const allowed = new Uint8Array(catalog.total);
    for (const [tag, list] of catalog.tags) if (fold(tag) === value || fold(tag).startsWith(value + "/")) list.forEach((note) => { allowed[note] = 1; });
    return (note) => allowed[note] === 1;
  }

  function boundTest(sign, bound) {
    return (note) => {
      const value = catalog.importance[note];
      return sign === ">" ? value > bound : sign === "<" ? value < bound : sign === ">=" ? value >= bound : value <= bound;
    };
  }

  // --- Which words of a list a word of the query may mean

  const plurals = (word) => [word + "s", word + "es", word.replace(/y$/, "ies"), word.replace(/ies$/, "y"), word.replace(/es$/, ""), word.replace(/s$/, "")]
    .filter((form) => form !== word && form.length > 2);

  let rows = [0, 1, 2].map(() => new Uint8Array(64));

  /** How many letters to add, drop, change or swap to get from one word to the other (or, with `open`, to its start); more than `limit` is limit + 1. */
  function distance(from, to, limit, open) {
    if (from.length - to.length > limit || (!open && to.length - from.length > limit)) return limit + 1;
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
    for (let j = 0; open && j < to.length; j++) edits = Math.min(edits, row[j]);
    return Math.min(limit + 1, edits);
  }

  /** Words of `list` (a Map by word) that `word` may mean, with how surely: itself, its plural or singular, its continuations, near misses. */
  function meanings(word, open, list, near = list.keys()) {
    const found = new Map();
    if (list.has(word)) found.set(word, 1);
    plurals(word).forEach((form) => list.has(form) && found.set(form, 0.9));
    if (open || /^\P{ASCII}$/u.test(word)) {
      for (const other of list.keys()) if (other.startsWith(word) && !found.has(other)) found.set(other, 0.6 + 0.3 * word.length / other.length);
    }
    const limit = word.length < 4 || /\d/.test(word) ? 0 : word.length < 8 ? 1 : 2;
    if (!found.size && limit) {
      for (const other of near) {
        const edits = distance(word, other, limit, open);
        if (edits <= limit) found.set(other, (other[0] === word[0] ? 0.7 : 0.6) - 0.15 * edits);
      }
    }
    return found;
  }

  // --- Text

  const dictionaries = new Map(), decoded = new Map();

  async function dictionary(number) {
    const data = await load("d" + number);
    if (!data) return new Map();
    if (!dictionaries.has(number)) {
      const words = unfront(data[1]), known = new Map();
      let file = data[0] - 1, place = 0;
      numbers(data[2]).forEach((code, i) => {
        if (code & 1) { file++; place = 0; }
        known.set(words[i], { word: words[i], notes: code >> 2, common: code >> 1 & 1, file, place: place++ });
      });
      dictionaries.set(number, known);
    }
    return dictionaries.get(number);
  }

  /** The dictionary where a word stands or would stand. */
  function dictionaryOf(word) {
    let number = 0;
    while (number + 1 < catalog.dictionaries.length && !before(word, catalog.dictionaries[number + 1])) number++;
    return number;
  }

  /** Rust sorts by code point, JavaScript by UTF-16 unit. */
  function before(left, right) {
    const a = [...left], b = [...right];
    for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i].codePointAt(0) < b[i].codePointAt(0);
    return a.length < b.length;
  }

  async function listOf(entry) {
    const file = await load("t" + entry.file);
    if (!file) return null;
    if (decoded.size > 300) decoded.clear();
    if (!decoded.has(entry.word)) decoded.set(entry.word, decode(file.split(" ")[entry.place], entry));
    return decoded.get(entry.word);
  }

  /** Note numbers, where each one's passages begin, and the passages. */
  function decode(text, { notes: count, common }) {
    const bits = new Bits(text), k = gapParameter(catalog.total, count);
    const notes = new Uint32Array(count), starts = new Uint32Array(count + 1), passages = [];
    for (let i = 0, next = 0; i < count; i++) {
      notes[i] = next + bits.rice(k);
      next = notes[i] + 1;
      starts[i] = passages.length;
      if (common) continue;
      const places = bits.rice(0) + 1, step = Math.max(catalog.sizes[notes[i]] - 1 - bitLength(places), 0);
      for (let j = 0, passage = 0; j < places && j < 5000; j++) { passage += bits.rice(step); passages.push(passage++); }
    }
    starts[count] = passages.length;
    return { notes, starts, passages };
  }

  /** What the text knows of each word of the query: its meanings there with their lists, and in how many notes it is. */
  async function lookUp(query) {
    const found = await Promise.all(query.words.map(async (word, i) => {
      const open = query.open && i === query.words.length - 1;
      if (open && word.length < 2 && /[a-z0-9]/.test(word)) return { count: 0, entries: [] };
      const known = await dictionary(dictionaryOf(word)), near = [];
      for (const other of known.keys()) if (other[0] === word[0] || other[1] === word[1]) near.push(other);
      const entries = [...meanings(word, open, known, near)].map(([term, quality]) => ({ ...known.get(term), quality }));
      entries.sort((a, b) => b.quality - a.quality || b.notes - a.notes);
      const files = new Set(); // a short start of a word could mean half the dictionary: a few files must do
      const few = entries.slice(0, 8).filter((entry) => files.has(entry.file) || files.size < (entry.quality === 1 ? 9 : 2) && files.add(entry.file));
      return { count: few.reduce((most, entry) => Math.max(most, entry.notes), 0), entries: few };
    }));
    const telling = found.some((word) => word.count > 0 && word.count < catalog.total * 0.6);
    await Promise.all(found.map(async (word) => {
      word.everywhere = telling && word.count > catalog.total * 0.8; // tells nothing and is long
      if (!word.everywhere) word.lists = await Promise.all(word.entries.map(listOf));
    }));
    return found;
  }

  // --- Ranking

  /** Ranks all notes. `text` is what lookUp found, or nothing before that is there. */
  const meantNames = new Map();

  function inNames(query) {
    return query.words.map((word, i) => {
      const open = query.open && i === query.words.length - 1, key = word + open;
      if (meantNames.size > 500) meantNames.clear();
      if (!meantNames.has(key)) meantNames.set(key, meanings(word, open, catalog.vocabulary));
      return meantNames.get(key);
    });
  }

  function rank(query, text) {
    const { total, names, vocabulary, importance } = catalog, count = query.words.length;
    const meant = inNames(query);
    const weights = query.words.map((word, i) => {
      let notes = text ? text[i].count : 0;
      for (const [term, quality] of meant[i]) if (quality >= 0.9) notes = Math.max(notes, vocabulary.get(term).length);
      return Math.max(Math.log(1 + (total - notes + 0.5) / (notes + 0.5)), 0.1);
    });
    const whole = weights.reduce((sum, weight) => sum + weight, 0) || 1;
    const seen = new Float32Array(total), score = new Float32Array(total); // share of the query's weight found; points
    const best = Array.from({ length: count }, () => new Float32Array(total)); // a word's best points in a note
    const named = rankNames(query, meant, weights, whole);
    for (let i = 0; i < count; i++) {
      for (const [term, quality] of meant[i]) for (const number of vocabulary.get(term)) best[i][names[number].note] = Math.max(best[i][names[number].note], quality);
      if (text && text[i].everywhere) best[i].fill(1);
      if (text && text[i].lists) addText(text[i], best[i], score, weights[i] / whole);
      for (let note = 0; note < total; note++) if (best[i][note]) seen[note] += weights[i] / whole * (0.5 + 0.5 * best[i][note]);
    }
    if (text && count > 1) addCloseness(text, weights, score);
    let most = 0, hits = [];
    for (let note = 0; note < total; note++) if (seen[note] > most && query.accepts(note)) most = seen[note];
    for (let note = 0; note < total; note++) {
      if ((count ? seen[note] >= most * 0.7 && seen[note] > 0.3 : true) && query.accepts(note)) {
        hits.push({ note, score: (score[note] + named[note] + 0.5) * seen[note] ** 3 + importance[note] * 0.002 + (count ? 0 : importance[note]) });
      }
    }
    return hits;
  }

  /** Points of titles and aliases: how much of the query, how much of the name, and whether they are one and the same. */
  function rankNames(query, meant, weights, whole) {
    const { names, vocabulary, total } = catalog, points = new Map(), named = new Float32Array(total);
    meant.forEach((terms, i) => {
      const mine = new Map();
      for (const [term, quality] of terms) for (const number of vocabulary.get(term)) mine.set(number, Math.max(mine.get(number) || 0, quality));
      for (const [number, quality] of mine) {
        const so = points.get(number) || { points: 0, words: 0 };
        so.points += weights[i] / whole * quality;
        so.words++;
        points.set(number, so);
      }
    });
    const asked = query.order.join(" ");
    for (const [number, { points: share, words }] of points) {
      const name = names[number];
      let value = share * share * (1.5 + 1.5 * Math.min(1, words / name.terms.length));
      const text = name.terms.join(" ");
      if (text === asked) value += name.alias ? 2.5 : 3;
      else if (text.startsWith(asked)) value += name.alias ? 0.8 : 1;
      named[name.note] = Math.max(named[name.note], value);
    }
    return named;
  }

  function addText({ entries, lists }, best, score, weight) {
    lists.forEach((list, l) => {
      if (!list) return;
      const { quality } = entries[l];
      list.notes.forEach((note, i) => {
        const places = list.starts[i + 1] - list.starts[i], heading = places && list.passages[list.starts[i]] === 0;
        best[note] = Math.max(best[note], quality);
        score[note] += weight * quality * (Math.min(places, 8) / (Math.min(places, 8) + 1.5) * 0.8 + (heading ? 0.4 : 0)) / (l + 1);
      });
    });
  }

  const passagePoints = new Float32Array(4096), passageWord = new Uint8Array(4096);

  /** Points for words that stand in one passage: the phrase one remembers. Walks all lists abreast, note by note. */
  function addCloseness(text, weights, score) {
    const lists = [];
    let whole = 0;
    text.forEach((word, i) => {
      const mine = (word.lists || []).map((list, l) => ({ list, word: i + 1, points: weights[i] * word.entries[l].quality, at: 0 })).filter(({ list }) => list && list.passages.length);
      if (mine.length || !word.entries.length) whole += weights[i];
      lists.push(...mine);
    });
    const touched = [];
    for (let note = 0; note < score.length && lists.length > 1; note++) {
      let most = 0;
      for (const one of lists) {
        const { notes, starts, passages } = one.list;
        if (notes[one.at] !== note) continue;
        for (let p = starts[one.at]; p < starts[one.at + 1]; p++) {
          const passage = passages[p];
          if (passageWord[passage] === one.word) continue; // another form of the same word
          passageWord[passage] = one.word;
          touched.push(passage);
          passagePoints[passage] += one.points;
          if (passagePoints[passage] > most) most = passagePoints[passage];
        }
        one.at++;
      }
      score[note] += 2 * (most / whole) ** 3;
      while (touched.length) passagePoints[touched[touched.length - 1]] = passageWord[touched.pop()] = 0;
    }
  }

  // --- What a search answers

  const SHOWN = 100;

  function answer(query, hits, text) {
    const inHits = new Uint8Array(catalog.total), facets = [];
    hits.forEach((hit) => { inHits[hit.note] = 1; });
    for (const [tag, list] of catalog.tags) {
      let count = 0;
      list.forEach((note) => { count += inHits[note]; });
      if (count) facets.push([tag, count]);
    }
    facets.sort((a, b) => b[1] - a[1]);
    const least = Float64Array.from(hits, (hit) => hit.score).sort()[Math.max(hits.length - SHOWN, 0)];
    const first = hits.filter((hit) => hit.score >= least).sort((a, b) => b.score - a.score || a.note - b.note).slice(0, SHOWN);
    const accepted = new Map(); // word -> weight, for marking
    query.words.forEach((word, i) => {
      accepted.set(word, 1);
      if (text) text[i].entries.forEach((entry) => accepted.set(entry.word, 1));
    });
    inNames(query).forEach((terms) => terms.forEach((_, term) => accepted.set(term, 1)));
    return { query, accepted, total: hits.length, facets, hits: first, note: (hit) => catalog.note(hit.note) };
  }

  /** What titles and aliases tell, at once. */
  function quick(text) {
    const query = parse(text);
    return answer(query, rank(query));
  }

  /** The whole answer, once the files it needs are there. */
  async function full(text) {
    const query = parse(text);
    const found = query.words.length ? await lookUp(query) : null;
    return answer(query, rank(query, found), found);
  }

  /** The titles nearest to a query that found nothing. */
  function nearest(text) {
    const asked = wordsOf(text).join(" "), all = catalog.names.map((name) => ({ name, edits: distance(asked, name.terms.join(" "), 1 + asked.length / 2 | 0, false) }));
    return all.sort((a, b) => a.edits - b.edits).slice(0, 3).map(({ name }) => catalog.note(name.note));
  }

  // --- Sentences

  /** Text cut into pieces, every other one (the odd ones) to be marked. */
  function marked(text, { accepted, query }) {
    const pieces = [""], last = query.open ? query.words[query.words.length - 1] : null;
    let weight = 0;
    const put = (piece, on) => {
      if (on !== (pieces.length % 2 === 0)) pieces.push("");
      pieces[pieces.length - 1] += piece;
    };
    for (const [run, dense] of text.matchAll(new RegExp(`(${DENSE}+)|(?:(?!${DENSE})[\\p{Alphabetic}\\p{N}\\p{M}])+[+#]*|[^\\p{Alphabetic}\\p{N}]+|.`, "gsu"))) {
      if (dense) {
        const chars = [...run], on = new Set();
        chars.forEach((c, i) => {
          if (accepted.has(fold(c + (chars[i + 1] || "")))) on.add(i).add(i + 1);
          else if (accepted.has(fold(c)) && chars.length > i && query.words.length === 1) on.add(i);
        });
        chars.forEach((c, i) => put(c, on.has(i)));
        weight += on.size / 2;
      } else {
        const hit = wordsOf(run).some((word) => accepted.has(word) || last && word.startsWith(last));
        weight += hit ? 1 : 0;
        put(run, hit);
      }
    }
    return { pieces, weight };
  }

  const sentences = (line) => line.match(/.+?(?:[.!?…](?=\s|$)|[。！？]|$)\s*/gsu) || [line];

  /** The note's best sentences, at most three sections with one each; the summary if none matches. */
  async function excerpts(hit, answer) {
    const file = catalog.fileOf[hit.note], [texts, table] = await Promise.all([load("n" + file), catalog.codedWords ? load("w") : ""]);
    if (!texts || table === undefined) return [];
    const words = unfront(table);
    const [summary, ...lines] = texts[hit.note - catalog.firstOf[file]].replace(/([\ue000-\uf8ff])(?=([\ue000-\uf8ff])?)/g, (_, c, next) => {
      const code = c.charCodeAt(0) - 0xe000, word = words[code % words.length];
      return (code < words.length ? word : word[0].toUpperCase() + word.slice(1)) + (next ? " " : "");
    }).split("\n"), found = [];
    let part = null;
    for (const line of lines) {
      if (line[0] === "\t") {
        const [, heading, anchor] = line.split("\t");
        found.push(part = { heading: marked(heading, answer), anchor, weight: 0, text: null });
        part.weight = part.heading.weight * 0.9;
        continue;
      }
      for (const sentence of sentences(line)) {
        const text = marked(sentence.trim(), answer);
        const words = new Set(text.pieces.filter((_, i) => i % 2).map(fold)).size + text.weight * 0.01;
        if (words > (part.text ? part.text.words : 0)) part.text = { ...text, words };
      }
    }
    found.forEach((one) => { one.weight += one.text ? one.text.words : 0; });
    const best = found.filter((one) => one.weight > 0).sort((a, b) => b.weight - a.weight).slice(0, 3);
    const most = best.length ? best[0].weight : 0;
    const shown = best.filter((one) => one.weight >= most * 0.6);
    return shown.length ? shown : [{ heading: null, anchor: "", text: marked(summary, answer) }];
  }

  window.canonSearch = Object.assign(window.canonSearch || {}, { add, engine: { start, quick, full, nearest, excerpts, marked, wordsOf, important: () => quick("").hits } });
})();
