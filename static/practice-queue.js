// Which cards to ask next: the cards that are due, new cards in learning order, cards set aside. Knows the index of cards and
// the states of cards; knows no page and no store.

/**
 * A note of `practice/cards.js`.
 * @typedef {object} PracticeNote
 * @property {string} t Title.
 * @property {string} u Address from the site's root.
 * @property {number} i Importance.
 * @property {string} f Folder.
 * @property {string[]} g Tags.
 * @property {number[]} p Places of the notes that it requires.
 * @property {string[]} c Ids of its cards.
 * @property {number[]} n Numbers of the cards on the page of the note.
 * @property {number} s The part that has the texts.
 */
/** @typedef {{ site: string, notes: PracticeNote[] }} PracticeIndex */
/** @typedef {{ id: string, note: number, at: number }} PracticeCard A card: its note, and its place there. */
/**
 * @typedef {object} PracticeOptions
 * @property {string} tag Empty: any, as for the next two.
 * @property {string} folder
 * @property {string} path The address of the note at the end of a path.
 * @property {number} importance At least.
 * @property {"soft" | "strict" | "off"} order Whether new cards wait for those of prerequisites: they come later, not at all, or do not wait.
 * @property {boolean} credit Whether a due card waits after a good answer on a note that requires its note.
 * @property {number} cap The most due cards of a day.
 */
/** @typedef {{ due: PracticeCard[], later: number, fresh: PracticeCard[], aside: PracticeCard[], chosen: PracticeCard[] }} PracticePlan */
/**
 * @typedef {object} PracticeQueue
 * @property {(index: PracticeIndex) => PracticeCard[]} cards All cards in learning order.
 * @property {(index: PracticeIndex, states: CardStates, today: number, options: PracticeOptions) => PracticePlan} plan
 * @property {(index: PracticeIndex, states: CardStates, today: number, card: PracticeCard) => PracticeCard | null} weakest
 *   The least known card of a direct prerequisite; `null` if all are known.
 * @property {(index: PracticeIndex, note: number) => Set<number>} pathTo The places of a note and of all that it requires.
 * @property {(state: CardState | undefined, today: number) => number} recall The probability of recall today; 0 for a new card.
 */

(() => {
  "use strict";

  const CREDIT_GOOD = 0.3, CREDIT_EASY = 0.5, CREDIT_FAR = 0.5;

  /** @type {PracticeQueue["cards"]} */
  const cards = (index) => index.notes.flatMap((note, place) => note.c.map((id, at) => ({ id, note: place, at })));

  /** @type {PracticeQueue["recall"]} */
  const recall = (state, today) => state ? window.canonPractice.memory.recall(state.memory, Math.max(today - state.day, 0)) : 0;

  /** @type {PracticeQueue["pathTo"]} */
  function pathTo(index, note) {
    const found = new Set([note]);
    // A set may grow while it is walked through.
    for (const place of found) for (const needed of index.notes[place].p) found.add(needed);
    return found;
  }

  /** @type {(index: PracticeIndex, options: PracticeOptions) => (card: PracticeCard) => boolean} */
  function filter(index, { tag, folder, path, importance }) {
    const target = path ? index.notes.findIndex((note) => note.u === path) : -1, onPath = target < 0 ? null : pathTo(index, target);
    return ({ note }) => {
      const own = index.notes[note];
      return own.i >= importance && (!tag || own.g.includes(tag)) && (!onPath || onPath.has(note))
        && (!folder || own.f === folder || own.f.startsWith(folder + "/"));
    };
  }

  /**
   * For each note the places of the notes that require it.
   * @type {(index: PracticeIndex) => number[][]}
   */
  function dependents(index) {
    /** @type {number[][]} */
    const found = index.notes.map(() => []);
    index.notes.forEach((note, place) => note.p.forEach((needed) => found[needed].push(place)));
    return found;
  }

  /**
   * The part of the risk to forget that is left after good answers on notes that require this one, since the card was last seen.
   * @type {(index: PracticeIndex, above: number[][], states: CardStates, card: PracticeCard, state: CardState) => number}
   */
  function riskLeft(index, above, states, card, state) {
    const near = new Set(above[card.note]), far = new Set(above[card.note].flatMap((note) => above[note]));
    let left = 1;
    for (const [notes, share] of /** @type {[Set<number>, number][]} */ ([[near, 1], [far, CREDIT_FAR]])) {
      for (const note of notes) {
        if (note === card.note || share < 1 && near.has(note)) continue;
        for (const id of index.notes[note].c) {
          const other = states.of(id);
          if (other && other.at > state.at && other.rating > 2) left *= 1 - share * (other.rating === 4 ? CREDIT_EASY : CREDIT_GOOD);
        }
      }
    }
    return left;
  }

  /** @type {PracticeQueue["plan"]} */
  function plan(index, states, today, options) {
    const { memory, log } = window.canonPractice, chosen = cards(index).filter(filter(index, options));
    const above = options.credit ? dependents(index) : [];
    /** @type {PracticePlan} */
    const found = { due: [], later: 0, fresh: [], aside: [], chosen };
    /** @type {Map<string, number>} */
    const urgency = new Map();
    /** @type {PracticeCard[]} */
    const waiting = [];
    const isMet = (/** @type {number} */ note) => index.notes[note].c.every((id) => states.of(id)?.wasGood);
    for (const card of chosen) {
      const state = states.of(card.id), note = index.notes[card.note];
      if (!state) {
        const waits = options.order !== "off" && !note.p.every(isMet);
        if (!waits) found.fresh.push(card);
        else if (options.order === "soft") waiting.push(card);
      } else if (log.isLeech(state)) {
        found.aside.push(card);
      } else if (log.due(state, memory.retention) <= today) {
        const known = recall(state, today);
        const effective = options.credit ? 1 - (1 - known) * riskLeft(index, above, states, card, state) : known;
        if (options.credit && effective >= memory.retention) continue;
        found.due.push(card);
        urgency.set(card.id, (note.i + 1) * Math.max(memory.retention - effective, 0.001));
      }
    }
    found.fresh.push(...waiting);
    found.due.sort((a, b) => /** @type {number} */ (urgency.get(b.id)) - /** @type {number} */ (urgency.get(a.id)));
    found.later = Math.max(found.due.length - options.cap, 0);
    found.due.length -= found.later;
    return found;
  }

  /** @type {PracticeQueue["weakest"]} */
  function weakest(index, states, today, card) {
    let least = window.canonPractice.memory.retention;
    /** @type {PracticeCard | null} */
    let found = null;
    for (const note of index.notes[card.note].p) {
      index.notes[note].c.forEach((id, at) => {
        const known = recall(states.of(id), today);
        if (known < least) {
          least = known;
          found = { id, note, at };
        }
      });
    }
    return found;
  }

  window.canonPractice.queue = { cards, plan, weakest, pathTo, recall };
})();
