// The log of all reviews, `canon-reviews` version 1: reads, merges and writes logs, and folds them into the state of each card.
// `src/data/practice/log.rs` and `moment.rs` are the same in Rust and explain the format. Needs `practice-memory.js`. Stores
// nothing and touches no page.

/** @typedef {[device: string, number: number]} EntryKey */
/**
 * A review (`card`, `g`, `ms`), an undo or a move.
 * @typedef {object} LogEntry
 * @property {number} v
 * @property {string} site
 * @property {string} [card]
 * @property {EntryKey} [undo]
 * @property {[from: string, to: string]} [move]
 * @property {string} t
 * @property {number} [g]
 * @property {number} [ms]
 * @property {string} dev
 * @property {number} n
 */
/** @typedef {{ milliseconds: number, offset: number }} Moment An instant, and the minutes by which local time is ahead of UTC. */
/**
 * @typedef {object} CardState
 * @property {CardMemory} memory The memory after the last review.
 * @property {number} reviews
 * @property {number} lapses How often the card was forgotten after its first review.
 * @property {number} day The day of the last review.
 * @property {number} rating The last rating.
 * @property {boolean} wasGood Whether the card was ever answered good or easy.
 * @property {number} at The milliseconds of the last review.
 */
/** @typedef {{ card: string, day: number, rating: number, elapsed: number | null }} PastReview With the days since the card's last review. */
/** @typedef {{ entries: Map<string, LogEntry>, unknown: Set<string> }} ReviewLog */
/** @typedef {{ of: (card: string) => CardState | undefined, all: Map<string, CardState>, past: PastReview[] }} CardStates */
/**
 * @typedef {object} PracticeLog
 * @property {(text: string) => { log: ReviewLog, unreadable: number[] }} parse Also the numbers of the lines that are no JSON objects.
 * @property {(log: ReviewLog, value: unknown, line?: string) => void} add Adds a line as an object.
 * @property {(log: ReviewLog, other: ReviewLog) => void} merge
 * @property {(log: ReviewLog) => string} text
 * @property {(entry: LogEntry) => string} line
 * @property {(log: ReviewLog, site: string) => LogEntry[]} valid The entries of a site that no undo takes back, in order.
 * @property {(log: ReviewLog, site: string) => CardStates} states
 * @property {(state: CardState, retention: number) => number} due The day on which a card is due.
 * @property {(state: CardState) => boolean} isLeech Whether a card is set aside, because it was forgotten too often.
 * @property {(before: CardState | undefined, at: Moment, rating: number) => CardState} after The state after a review.
 * @property {(text: string) => Moment | null} moment Reads the time of an entry.
 * @property {(moment: Moment) => string} stamp Writes the time of an entry.
 * @property {(moment: Moment) => number} day The number of the day of practice, which begins at 04:00 of the local time.
 */

(() => {
  "use strict";

  const VERSION = 1, LEECH_LAPSES = 6, MINUTE = 60000, DAY = 1440 * MINUTE, DAY_BEGINS = 240 * MINUTE;
  const TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d{2}):(\d{2}))$/;

  // --- Times

  /** @type {PracticeLog["moment"]} */
  function moment(text) {
    const parts = TIME.exec(text);
    if (!parts) return null;
    const [year, month, date, hours, minutes, seconds] = parts.slice(1, 7).map(Number);
    const [zoneHours, zoneMinutes] = parts[8] ? [0, 0] : [Number(parts[10]), Number(parts[11])];
    const day = new Date(0);
    day.setUTCFullYear(year, month - 1, date);
    const isDate = day.getUTCMonth() === month - 1 && day.getUTCDate() === date;
    if (!isDate || hours > 23 || minutes > 59 || seconds > 59 || zoneHours > 23 || zoneMinutes > 59) return null;
    const offset = (parts[9] === "-" ? -1 : 1) * (zoneHours * 60 + zoneMinutes);
    const fraction = Number(((parts[7] || "0") + "00").slice(0, 3));
    const local = day.getTime() + hours * 60 * MINUTE + minutes * MINUTE + seconds * 1000 + fraction;
    // Without the sign of a zero, which only JavaScript has.
    return { milliseconds: local - offset * MINUTE, offset: offset || 0 };
  }

  /** @type {PracticeLog["stamp"]} */
  function stamp({ milliseconds, offset }) {
    const zone = Math.abs(offset), two = (/** @type {number} */ n) => String(n).padStart(2, "0");
    const local = new Date(milliseconds + offset * MINUTE).toISOString().slice(0, -1);
    return local + (offset < 0 ? "-" : "+") + two(Math.floor(zone / 60)) + ":" + two(zone % 60);
  }

  /** @type {PracticeLog["day"]} */
  const day = ({ milliseconds, offset }) => Math.floor((milliseconds + offset * MINUTE - DAY_BEGINS) / DAY);

  // --- Entries

  /** @type {(value: unknown) => value is string} */
  const isText = (value) => typeof value === "string";
  /** @type {(value: unknown) => value is number} */
  const isCount = (value) => typeof value === "number" && Number.isInteger(value) && value >= 0;
  /** @type {(value: unknown, second: (value: unknown) => boolean) => boolean} */
  const isPair = (value, second) => Array.isArray(value) && value.length === 2 && isText(value[0]) && second(value[1]);
  /** @type {(value: unknown) => boolean} */
  const isMissing = (value) => value === undefined || value === null;

  /**
   * The entry that a line says, its fields in the order of the format. `null` if the line is of a later version or of no known kind.
   * @type {(value: any) => LogEntry | null}
   */
  function entryOf(value) {
    const { v, site, card, undo, move, t, g, ms, dev, n } = value;
    const time = isText(t) ? moment(t) : null;
    const fits = v === VERSION && isText(site) && isText(dev) && isCount(n) && time
      && (isMissing(card) || isText(card)) && (isMissing(undo) || isPair(undo, isCount)) && (isMissing(move) || isPair(move, isText))
      && (isMissing(g) || isCount(g)) && (isMissing(ms) || isCount(ms));
    if (!fits || !time) return null;
    const isReview = isText(card) && g >= 1 && g <= 4;
    if ([card, undo, move].filter((kind) => !isMissing(kind)).length !== 1 || isText(card) !== isReview) return null;
    /** @type {Record<string, unknown>} */
    const entry = { v, site, card, undo, move, t: stamp(time), g, ms, dev, n };
    for (const name of ["card", "undo", "move", "g", "ms"]) if (isMissing(entry[name])) delete entry[name];
    return /** @type {any} */ (entry);
  }

  /** @type {PracticeLog["line"]} */
  const line = (entry) => JSON.stringify(entry);
  /** @type {(key: EntryKey) => string} */
  const keyText = ([device, number]) => number + " " + device;
  /** @type {(entry: LogEntry) => string} */
  const keyOf = (entry) => keyText([entry.dev, entry.n]);
  /** @type {(entry: LogEntry) => Moment} */
  const momentOf = (entry) => moment(entry.t) || { milliseconds: 0, offset: 0 };

  /**
   * Compares texts by code points, as Rust does; JavaScript's own order is that of UTF-16 units.
   * @type {(a: string, b: string) => number}
   */
  function byText(a, b) {
    if (a === b) return 0;
    const [left, right] = [Array.from(a), Array.from(b)];
    const at = left.findIndex((c, i) => c !== right[i]);
    if (at < 0) return -1;
    return right[at] === undefined || /** @type {number} */ (left[at].codePointAt(0)) > /** @type {number} */ (right[at].codePointAt(0)) ? 1 : -1;
  }

  /** @type {PracticeLog["add"]} */
  function add(log, value, text) {
    const entry = entryOf(value);
    if (!entry) {
      log.unknown.add(text === undefined ? JSON.stringify(value) : text);
      return;
    }
    // Of two entries with the same identity, which only a copied or damaged store can make, the first by time and text stays.
    const known = log.entries.get(keyOf(entry));
    const order = known ? momentOf(known).milliseconds - momentOf(entry).milliseconds || byText(line(known), line(entry)) : 1;
    if (order > 0) log.entries.set(keyOf(entry), entry);
  }

  /** @type {PracticeLog["parse"]} */
  function parse(text) {
    /** @type {ReviewLog} */
    const log = { entries: new Map(), unknown: new Set() };
    /** @type {number[]} */
    const unreadable = [];
    text.split("\n").forEach((own, i) => {
      if (!own.trim()) return;
      let value = null;
      try {
        value = JSON.parse(own);
      } catch {
        // Below: a line that is no JSON is no object either.
      }
      if (value && typeof value === "object" && !Array.isArray(value)) add(log, value, own.trim());
      else unreadable.push(i + 1);
    });
    return { log, unreadable };
  }

  /** @type {PracticeLog["merge"]} */
  function merge(log, other) {
    for (const entry of other.entries.values()) add(log, entry);
    for (const own of other.unknown) log.unknown.add(own);
  }

  /** @type {(log: ReviewLog) => LogEntry[]} */
  function sorted(log) {
    const timed = Array.from(log.entries.values(), (entry) => ({ entry, at: momentOf(entry).milliseconds }));
    timed.sort((a, b) => a.at - b.at || byText(a.entry.dev, b.entry.dev) || a.entry.n - b.entry.n);
    return timed.map(({ entry }) => entry);
  }

  /** @type {PracticeLog["text"]} */
  const text = (log) => [...sorted(log).map(line), ...Array.from(log.unknown).sort(byText)].map((own) => own + "\n").join("");

  // --- States

  /** @type {PracticeLog["valid"]} */
  function valid(log, site) {
    const entries = sorted(log).filter((entry) => entry.site === site), undone = new Set();
    // From the last to the first, because an undo may itself be undone.
    for (const entry of entries.slice().reverse()) if (entry.undo && !undone.has(keyOf(entry))) undone.add(keyText(entry.undo));
    return entries.filter((entry) => !undone.has(keyOf(entry)));
  }

  /**
   * For each card of a move, the first card of all that moves join to it.
   * @type {(entries: LogEntry[]) => Map<string, string>}
   */
  function joined(entries) {
    /** @type {Map<string, string>} */
    const first = new Map();
    /** @type {Map<string, string[]>} */
    const groups = new Map();
    for (const { move } of entries) {
      if (!move) continue;
      const [a, b] = move.map((card) => first.get(card) || card);
      const [kept, dropped] = byText(a, b) <= 0 ? [a, b] : [b, a];
      const members = [...(groups.get(dropped) || [dropped]), ...(groups.get(kept) || [kept])];
      groups.delete(dropped);
      groups.set(kept, members);
      for (const member of members) first.set(member, kept);
    }
    return first;
  }

  /** @type {PracticeLog["after"]} */
  function after(before, when, rating) {
    const memory = window.canonPractice.memory, today = day(when), at = when.milliseconds;
    if (!before) return { memory: memory.first(rating), reviews: 1, lapses: 0, day: today, rating, wasGood: rating > 2, at };
    // A clock that was set back makes no negative interval.
    const days = Math.max(today - before.day, 0);
    return {
      memory: memory.reviewed(before.memory, days, rating),
      reviews: before.reviews + 1,
      lapses: before.lapses + (rating === 1 ? 1 : 0),
      day: Math.max(today, before.day),
      rating,
      wasGood: before.wasGood || rating > 2,
      at,
    };
  }

  /** @type {PracticeLog["states"]} */
  function states(log, site) {
    const entries = valid(log, site), first = joined(entries);
    /** @type {Map<string, CardState>} */
    const all = new Map();
    /** @type {PastReview[]} */
    const past = [];
    for (const entry of entries) {
      if (entry.card === undefined || entry.g === undefined) continue;
      const card = first.get(entry.card) || entry.card, before = all.get(card), state = after(before, momentOf(entry), entry.g);
      all.set(card, state);
      past.push({ card, day: state.day, rating: entry.g, elapsed: before ? state.day - before.day : null });
    }
    return { all, past, of: (card) => all.get(first.get(card) || card) };
  }

  /** @type {PracticeLog["due"]} */
  const due = (state, retention) => state.day + window.canonPractice.memory.interval(state.memory, retention);
  /** @type {PracticeLog["isLeech"]} */
  const isLeech = (state) => state.lapses >= LEECH_LAPSES;

  window.canonPractice.log = { parse, add, merge, text, line, valid, states, due, isLeech, after, moment, stamp, day };
})();
