// static/practice-memory.js and practice-log.js without a browser: equal to Rust to the bit (src/data/practice reads the same
// fixture), near to ts-fsrs, and a log that loses nothing in any order of merging.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import vm from "node:vm";
import { FSRSAlgorithm, generatorParameters } from "ts-fsrs";
import { PROJECT } from "./site.mjs";

const window = {}, context = vm.createContext({ window });
for (const name of ["practice-memory.js", "practice-log.js"]) vm.runInContext(readFileSync(path.join(PROJECT, "static", name), "utf8"), context);
const { memory, log } = window.canonPractice;
const fixture = JSON.parse(readFileSync(path.join(PROJECT, "tests/formats/practice.json"), "utf8"));
const plain = (value) => JSON.parse(JSON.stringify(value));

/** A generator of numbers that is equal in Rust (mulberry32). */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** A random sequence of reviews: days since the last one, and rating. */
function sequence(next) {
  return Array.from({ length: next(12) + 1 }, () => {
    const kind = next(3), days = kind === 0 ? 0 : kind === 1 ? next(10) + 1 : next(2000) + 1;
    return [days, next(4) + 1];
  });
}

function memories(reviews) {
  const all = [];
  for (const [days, rating] of reviews) all.push(all.length ? memory.reviewed(all.at(-1), days, rating) : memory.first(rating));
  return all;
}

test("memories are those of Rust to the bit", () => {
  const next = numbers(fixture.memory.seed), view = new DataView(new ArrayBuffer(8));
  let hash = 0x811c9dc5;
  for (let n = 0; n < fixture.memory.sequences; n++) {
    const reviews = sequence(next);
    const states = memories(reviews).map((own) => [own.stability, own.difficulty, memory.recall(own, 7), memory.interval(own, memory.retention)]);
    for (const value of states.flat()) {
      view.setFloat64(0, value, true);
      for (let i = 0; i < 8; i++) hash = Math.imul(hash ^ view.getUint8(i), 0x01000193) >>> 0;
    }
    if (fixture.memory.shown[n]) assert.deepEqual({ reviews, states }, fixture.memory.shown[n]);
  }
  assert.equal(hash, fixture.memory.digest);
});

test("memories are near those of ts-fsrs", () => {
  const theirs = new FSRSAlgorithm(generatorParameters({ enable_fuzz: false, enable_short_term: true, request_retention: 0.9, maximum_interval: 36500 }));
  const next = numbers(7);
  let compared = 0;
  for (let n = 0; n < 10000; n++) {
    let state = null;
    const reviews = sequence(next);
    memories(reviews).forEach((own, i) => {
      // The first review has no interval.
      state = theirs.next_state(state, state ? reviews[i][0] : 0, reviews[i][1]);
      // ts-fsrs rounds to eight decimals.
      assert.ok(Math.abs(own.stability - state.stability) <= 1e-4 * state.stability, `${own.stability} is not ${state.stability}`);
      assert.ok(Math.abs(own.difficulty - state.difficulty) <= 1e-4 * state.difficulty);
      const isNearHalf = Math.abs(own.stability - Math.floor(own.stability) - 0.5) <= 1e-3 * own.stability;
      if (!isNearHalf) {
        assert.equal(memory.interval(own, 0.9), theirs.next_interval(state.stability, 0));
        compared++;
      }
    });
  }
  assert.ok(compared > 30000, `${compared} intervals`);
});

test("logarithm and exponential are those of the library up to rounding", () => {
  const next = numbers(3);
  for (let n = 0; n < 10000; n++) {
    const x = (next(1e6) + 1) / 10 ** next(9), e = (next(1e6) / 1e6 - 0.5) * 1200;
    assert.ok(Math.abs(memory.ln(x) - Math.log(x)) <= 1e-15 * Math.max(Math.abs(Math.log(x)), 1), `ln ${x}`);
    assert.ok(Math.abs(memory.exp(e) / Math.exp(e) - 1) < 1e-14, `exp ${e}`);
  }
});

test("logs and states are those of Rust", () => {
  assert.ok(fixture.logs.length > 5);
  for (const { text, unreadable, merged, states: expected } of fixture.logs) {
    const read = log.parse(text), states = log.states(read.log, "s");
    assert.deepEqual(plain(read.unreadable), unreadable, text);
    assert.equal(log.text(read.log), merged, text);
    for (const [card, own] of Object.entries(expected)) {
      const state = states.of(card);
      const found = state && { stability: state.memory.stability, difficulty: state.memory.difficulty, reviews: state.reviews, lapses: state.lapses,
        day: state.day, due: log.due(state, memory.retention), rating: state.rating, leech: log.isLeech(state) };
      assert.deepEqual(found ?? null, own, `${card} in ${text}`);
    }
  }
});

function randomLine(next, n) {
  const card = () => ["c", "d", "e"][next(3)], dev = ["k3f9", "aa", "zz"][next(3)], kind = next(8);
  const what = kind === 0 ? { undo: [["k3f9", "aa", "zz"][next(3)], next(30)] } : kind === 1 ? { move: [card(), card()] } : { card: card(), g: next(4) + 1, ms: next(9000) };
  return JSON.stringify({ v: 1, site: "s", ...what, t: log.stamp({ milliseconds: 1780000000000 + next(5000000) * 1000, offset: 60 }), dev, n });
}

test("logs merge in any order to the same log", () => {
  const next = numbers(11);
  for (let round = 0; round < 300; round++) {
    const lines = Array.from({ length: next(30) }, (_, n) => randomLine(next, n)), whole = log.parse(lines.join("\n")).log;
    const parts = [1, 2, 4].map((bit) => log.parse(lines.filter((_, n) => (n * 7 + round) % 8 & bit || (n * 7 + round) % 8 === 0).reverse().join("\n")).log);
    for (const order of [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0, 2]]) {
      const { log: merged } = log.parse("");
      for (const i of order) log.merge(merged, parts[i]);
      assert.equal(log.text(merged), log.text(whole));
      assert.deepEqual(plain([...log.states(merged, "s").all]), plain([...log.states(whole, "s").all]));
    }
    assert.equal(log.text(log.parse(log.text(whole)).log), log.text(whole));
  }
});
