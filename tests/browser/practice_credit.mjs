// Does postponing pay? Simulates 180 days of a learner whose true memory is FSRS with noise, on a graph of 207 notes with 530
// cards, with and without postponing, and prints the reviews and the mean recall. `node tests/browser/practice_credit.mjs`;
// takes a few minutes. Postponing would be on by default if it saved a tenth of the reviews at the same mean recall.
import { readFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { PROJECT } from "./site.mjs";

const window = {}, context = vm.createContext({ window });
for (const name of ["practice-memory.js", "practice-log.js", "practice-queue.js"]) vm.runInContext(readFileSync(path.join(PROJECT, "static", name), "utf8"), context);
const { memory, log, queue } = window.canonPractice;
const NOTES = 207, DAYS = 180, NEW_CARDS = 8, SEEDS = [1, 2];

function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Notes that require up to three earlier ones, like those of the base that the format was made for. */
function graph() {
  const next = numbers(1);
  return Array.from({ length: NOTES }, (_, n) => {
    const needs = new Set(Array.from({ length: n > 5 ? Math.floor(next() * 3.9) : 0 }, () => Math.floor(next() ** 0.7 * n)));
    const cards = Array.from({ length: next() < 0.56 ? 3 : 2 }, (_, k) => `${n}/${k}`);
    return { t: "", u: "", i: Math.floor(next() * 100), f: "", g: [], p: [...needs], c: cards, n: [1, 2, 3], s: 0 };
  });
}

/** A learner: `transfer` is the chance that a good answer also strengthens a card of a note that is required. */
function learn(notes, { credit, retention, transfer }, seed) {
  const next = numbers(seed), states = new Map(), truth = new Map(), index = { site: "s", notes };
  let reviews = 0, recalled = 0, seen = 0;
  memory.retention = retention;
  for (let day = 20000; day < 20000 + DAYS; day++) {
    const plan = queue.plan(index, { of: (card) => states.get(card) }, day, { tag: "", folder: "", path: "", importance: 0, order: "soft", credit, cap: 1e9 });
    for (const card of [...plan.due, ...plan.fresh.slice(0, NEW_CARDS)]) {
      const known = truth.get(card.id), chance = known ? memory.recall(known.memory, day - known.day) : 0.8;
      const rating = next() > chance ? 1 : next() < 0.85 ? 3 : 4, when = { milliseconds: day * 86400000 + 18000000 + ++reviews, offset: 0 };
      states.set(card.id, log.after(states.get(card.id), when, rating));
      const after = log.after(known, when, rating), noise = Math.exp((next() + next() + next() - 1.5) * 0.5);
      truth.set(card.id, { ...after, memory: { ...after.memory, stability: Math.min(Math.max(after.memory.stability * noise, 0.001), 36500) } });
      const below = rating > 2 ? notes[card.note].p.flatMap((note) => notes[note].c) : [];
      for (const id of below) if (truth.has(id) && next() < transfer) truth.set(id, log.after(truth.get(id), when, 3));
    }
    for (const state of truth.values()) {
      recalled += memory.recall(state.memory, day + 1 - state.day);
      seen++;
    }
  }
  return { reviews, recall: recalled / seen };
}

const notes = graph();
for (const transfer of [0, 0.1, 0.3]) {
  for (const [credit, retention] of [[false, 0.9], [true, 0.9], [false, 0.88], [false, 0.86], [true, 0.92]]) {
    const runs = SEEDS.map((seed) => learn(notes, { credit, retention, transfer }, seed));
    const mean = (of) => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    console.log(`transfer ${transfer}, postponing ${credit ? "on " : "off"}, retention ${retention}: ${Math.round(mean((run) => run.reviews))} reviews, recall ${mean((run) => run.recall).toFixed(4)}`);
  }
}
