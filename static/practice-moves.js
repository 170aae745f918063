// Finds the card that a reviewed card has become when its question was edited, so it keeps its history. Knows questions as
// text; knows no store and no page.

/** @typedef {[url: string, title: string, question: string]} KnownQuestion The note of a reviewed card, and its question then. */
/**
 * @typedef {object} PracticeMoves
 * @property {(before: string, after: string) => boolean} areNear Whether two texts can be the same question: four of five words
 *   are the same, or of eight and more all but two.
 * @property {(before: string, others: string[]) => number} find The place of the only near question; -1 if none or several are.
 */

(() => {
  "use strict";

  const SHARE = 0.8, LONG = 8, MOST_CHANGED = 2;

  /** @type {(text: string) => string[]} */
  const words = (text) => text.normalize("NFC").toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) || [];

  /** @type {PracticeMoves["areNear"]} */
  function areNear(before, after) {
    const [old, own] = [words(before), words(after)];
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const word of old) counts.set(word, (counts.get(word) || 0) + 1);
    let common = 0;
    for (const word of own) {
      const left = counts.get(word) || 0;
      if (left > 0) common++;
      counts.set(word, left - 1);
    }
    const longest = Math.max(old.length, own.length);
    return common > 0 && (2 * common / (old.length + own.length) >= SHARE || longest >= LONG && longest - common <= MOST_CHANGED);
  }

  /** @type {PracticeMoves["find"]} */
  function find(before, others) {
    const near = others.map((other, place) => ({ other, place })).filter(({ other }) => areNear(before, other));
    return near.length === 1 ? near[0].place : -1;
  }

  window.canonPractice.moves = { areNear, find };
})();
