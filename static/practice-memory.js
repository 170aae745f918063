// The memory of a card by FSRS-6: its stability (the days after which it is recalled with a probability of 0.9) and its
// difficulty, after each review. `src/data/practice/memory.rs` and `arithmetic.rs` are the same in Rust, equal to the bit:
// logarithm and exponential use only additions, multiplications and divisions, which IEEE 754 defines to the bit, each in
// the same order. Knows no dates, cards or pages.

/** @typedef {{ stability: number, difficulty: number }} CardMemory */
/**
 * @typedef {object} PracticeMemory
 * @property {number} retention The probability of recall at which a card is due.
 * @property {(rating: number) => CardMemory} first The memory after the first review.
 * @property {(memory: CardMemory, days: number, rating: number) => CardMemory} reviewed The memory after a further review.
 * @property {(memory: CardMemory, days: number) => number} recall The probability of recall after some days.
 * @property {(memory: CardMemory, retention: number) => number} interval The days until a card is due.
 * @property {(x: number) => number} ln
 * @property {(x: number) => number} exp
 */

window.canonPractice = window.canonPractice || /** @type {any} */ ({});

(() => {
  "use strict";

  const W = [
    0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629, 1.6483, 0.6014,
    1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
  ];
  const LN_2_HIGH = 0.6931471803691238, LN_2_LOW = 1.9082149292705877e-10;

  /** @type {(x: number, least: number, greatest: number) => number} */
  const clamp = (x, least, greatest) => Math.min(Math.max(x, least), greatest);

  /** @type {(x: number) => number} */
  function ln(x) {
    let mantissa = clamp(x, 1e-300, 1e300), power = 0;
    while (mantissa > Math.SQRT2) {
      mantissa *= 0.5;
      power += 1;
    }
    while (mantissa < Math.SQRT1_2) {
      mantissa *= 2;
      power -= 1;
    }
    const s = (mantissa - 1) / (mantissa + 1), square = s * s;
    let sum = 0;
    for (let n = 23; n > 1; n -= 2) sum = (sum + 1 / n) * square;
    return power * Math.LN2 + 2 * s * (1 + sum);
  }

  /** @type {(x: number) => number} */
  function exp(x) {
    const bounded = clamp(x, -700, 700), power = Math.floor(bounded / Math.LN2 + 0.5);
    const rest = bounded - power * LN_2_HIGH - power * LN_2_LOW;
    let sum = 1;
    for (let n = 14; n > 0; n -= 1) sum = 1 + rest * sum / n;
    const step = power < 0 ? 0.5 : 2;
    for (let left = Math.abs(power); left > 0; left -= 1) sum *= step;
    return sum;
  }

  /** @type {(x: number, y: number) => number} */
  const pow = (x, y) => exp(y * ln(x));

  const DECAY = -W[20], FACTOR = pow(0.9, 1 / DECAY) - 1;

  /** @type {(grade: number) => number} */
  const initialDifficulty = (grade) => W[4] - exp(W[5] * (grade - 1)) + 1;

  /** @type {PracticeMemory["first"]} */
  const first = (rating) => ({ stability: W[rating - 1], difficulty: clamp(initialDifficulty(rating), 1, 10) });

  /** @type {PracticeMemory["recall"]} */
  const recall = (memory, days) => pow(1 + FACTOR * days / memory.stability, DECAY);

  /** @type {PracticeMemory["interval"]} */
  function interval(memory, retention) {
    const days = memory.stability / FACTOR * (pow(retention, 1 / DECAY) - 1);
    return clamp(Math.floor(days + 0.5), 1, 36500);
  }

  /** @type {(memory: CardMemory, grade: number) => number} */
  function sameDay(memory, grade) {
    const growth = exp(W[17] * (grade - 3 + W[18])) * pow(memory.stability, -W[19]);
    return memory.stability * (grade >= 2 ? Math.max(growth, 1) : growth);
  }

  /** @type {(memory: CardMemory, days: number, rating: number) => number} */
  function recalled(memory, days, rating) {
    let growth = exp(W[8]) * (11 - memory.difficulty) * pow(memory.stability, -W[9]);
    growth *= exp(W[10] * (1 - recall(memory, days))) - 1;
    if (rating === 2) growth *= W[15];
    if (rating === 4) growth *= W[16];
    return memory.stability * (1 + growth);
  }

  /** @type {(memory: CardMemory, days: number) => number} */
  function forgotten(memory, days) {
    let stability = W[11] * pow(memory.difficulty, -W[12]) * (pow(memory.stability + 1, W[13]) - 1);
    stability *= exp(W[14] * (1 - recall(memory, days)));
    return Math.min(stability, memory.stability / exp(W[17] * W[18]));
  }

  /** @type {PracticeMemory["reviewed"]} */
  function reviewed(memory, days, rating) {
    const stability = days === 0 ? sameDay(memory, rating) : rating === 1 ? forgotten(memory, days) : recalled(memory, days, rating);
    const moved = memory.difficulty + (10 - memory.difficulty) / 9 * (-W[6] * (rating - 3));
    const difficulty = W[7] * (initialDifficulty(4) - moved) + moved;
    return { stability: clamp(stability, 0.001, 36500), difficulty: clamp(difficulty, 1, 10) };
  }

  window.canonPractice.memory = { retention: 0.9, first, reviewed, recall, interval, ln, exp };
})();
