// Known-item queries against the built index and against Pagefind over the same pages: node benches/search/compare.mjs SITE [QUERIES-A-KIND]
// SITE has been written by `cargo bench --bench search`; Pagefind takes part if SITE/pagefind is there. See README.md.
import { createReadStream, readFileSync, copyFileSync, existsSync, mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { openEngine } from "../../tests/browser/search-stub.mjs";

const site = path.resolve(process.argv[2]), perKind = Number(process.argv[3] || 50);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const engineFile = path.join(repository, "static/search-engine.js");
const notes = JSON.parse(readFileSync(path.join(site, "notes.json"), "utf8"));

let state = 12345;
const random = (below) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor(state / 4294967296 * below);
};
const typo = (word) => {
  const at = 1 + random(word.length - 1), letter = String.fromCharCode(97 + random(26));
  const change = random(4);
  if (change === 0) return word.slice(0, at) + word.slice(at + 1);
  if (change === 1) return word.slice(0, at) + letter + word.slice(at);
  if (change === 2 && at + 1 < word.length) return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
  return word.slice(0, at) + letter + word.slice(at + 1);
};

/** Queries by kind: each a text and the page that should be found. */
function queries() {
  const kinds = {
    title: (note) => note.title,
    alias: (note) => note.aliases[0],
    phrase: (note) => {
      const line = note.lines[random(note.lines.length)] || "", words = line.match(/[\p{L}\p{N}]+/gu) || [];
      const from = random(Math.max(1, words.length - 5));
      return words.length >= 5 ? words.slice(from, from + 6).join(" ") : "";
    },
    prefix: (note) => note.title.slice(0, Math.max(6, note.title.length - 2 - random(4))).trim(),
    typo: (note) => {
      const words = note.title.split(" "), long = words.flatMap((word, i) => /^\p{L}{5,}$/u.test(word) ? [i] : []);
      if (!long.length) return "";
      const at = long[random(long.length)];
      words[at] = typo(words[at].toLowerCase());
      return words.join(" ");
    },
  };
  const all = [];
  for (const [kind, make] of Object.entries(kinds)) {
    for (let tries = 0, made = 0; made < perKind && tries < perKind * 40; tries++) {
      const note = notes[random(notes.length)], text = make(note);
      if (!text) continue;
      all.push({ kind, text, url: note.url });
      made++;
    }
  }
  return all;
}

/** Ours: each query in an engine that has been used before; and what a first query in a fresh one transfers. */
async function ours(all) {
  const { engine, transfers } = openEngine(site, engineFile);
  await engine.start("");
  const results = [];
  for (const query of all) {
    const before = transfers.length, loaded = process.cpuUsage();
    const found = await engine.full(query.text);
    await Promise.all(found.hits.slice(0, 3).map((hit) => engine.excerpts(hit, found)));
    const first = process.cpuUsage(loaded), warm = process.cpuUsage();
    await engine.full(query.text);
    const again = process.cpuUsage(warm);
    results.push({ ...query, rank: found.hits.findIndex((hit) => found.note(hit).url === query.url), firstMs: (first.user + first.system) / 1000,
      warmMs: (again.user + again.system) / 1000, bytes: sum(transfers.slice(before)) });
  }
  return results;
}
const sum = (transfers) => transfers.reduce((total, [, bytes]) => total + bytes, 0);

async function firstQuery(all) {
  const sizes = [], further = [];
  const own = ["search.js", "search-engine.js", "search.css"].map((file) => path.join(repository, "static", file)).filter(existsSync);
  const code = own.reduce((total, file) => total + gzipSync(readFileSync(file)).length, 0);
  for (let i = 0; i + 1 < all.length; i += Math.ceil(all.length / 40)) {
    const { engine, transfers } = openEngine(site, engineFile);
    await engine.start("");
    for (const [query, list] of [[all[i], sizes], [all[(i + 1) % all.length], further]]) {
      const before = list === sizes ? 0 : transfers.length;
      const found = await engine.full(query.text);
      await Promise.all(found.hits.slice(0, 3).map((hit) => engine.excerpts(hit, found)));
      list.push(sum(transfers.slice(before)) + (list === sizes ? code : 0));
    }
  }
  return { sizes, further, code };
}

/** Pagefind's own script over HTTP, as a page would use it. */
async function pagefind(all) {
  const server = createServer((request, response) => {
    const file = path.join(site, decodeURIComponent(new URL(request.url, "http://x").pathname));
    createReadStream(file).on("error", () => response.writeHead(404).end()).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const base = `http://127.0.0.1:${server.address().port}/pagefind/`;
  const script = path.join(mkdtempSync(path.join(os.tmpdir(), "pagefind-")), "pagefind.mjs");
  copyFileSync(path.join(site, "pagefind/pagefind.js"), script);
  globalThis.window = { location: { origin: "http://elsewhere", href: "http://elsewhere/" } }; // so that addresses stay absolute
  globalThis.location = globalThis.window.location;
  globalThis.document = { querySelector: () => ({ getAttribute: () => "en" }), currentScript: null };
  const engine = await import(pathToFileURL(script).href);
  await engine.options({ basePath: base, baseUrl: "/" });
  const results = [];
  for (const query of all) {
    const started = process.cpuUsage();
    const found = await engine.search(query.text);
    const first = await Promise.all(found.results.slice(0, 5).map((result) => result.data()));
    const used = process.cpuUsage(started);
    results.push({ ...query, rank: first.findIndex((page) => page.url.replace(/^\//, "") === query.url), firstMs: (used.user + used.system) / 1000 });
  }
  server.close();
  return results;
}

const share = (results, kind, most) => {
  const mine = results.filter((result) => !kind || result.kind === kind);
  return `${mine.filter((result) => result.rank >= 0 && result.rank < most).length}/${mine.length}`;
};
const middle = (values, at = 0.5) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * at)];

const all = queries();
const mine = await ours(all);
const theirs = existsSync(path.join(site, "pagefind")) ? await pagefind(all) : null;
console.log(`| Kind | first five: ours | Pagefind | first: ours | Pagefind |\n|---|---|---|---|---|`);
for (const kind of [...new Set(all.map((query) => query.kind)), undefined]) {
  const both = (most) => `${share(mine, kind, most)} | ${theirs ? share(theirs, kind, most) : "-"}`;
  console.log(`| ${kind || "all"} | ${both(5)} | ${both(1)} |`);
}
const { sizes, further, code } = await firstQuery(all.map((_, i) => all[i * 7919 % all.length]));
const kb = (bytes) => (bytes / 1000).toFixed(1);
console.log(`first query, gzip KB with ${kb(code)} of code: median ${kb(middle(sizes))}, most ${kb(Math.max(...sizes))}`);
console.log(`second query, gzip KB: median ${kb(middle(further))}, most ${kb(Math.max(...further))}`);
console.log(`CPU ms a query, files there: median ${middle(mine.map((r) => r.warmMs)).toFixed(1)}, 95 % ${middle(mine.map((r) => r.warmMs), 0.95).toFixed(1)}, most ${Math.max(...mine.map((r) => r.warmMs)).toFixed(1)}`);
if (process.argv.includes("--misses")) {
  for (const result of mine.filter((result) => result.rank < 0 || result.rank > 4)) console.log(`missed: ${result.kind} ${JSON.stringify(result.text)} ${result.url} ${result.rank}`);
}
process.exit(0);
