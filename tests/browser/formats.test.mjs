// The data formats of search and graph as the scripts read them. The fixtures in tests/formats are also what the Rust tests
// write (src/data/search/tests.rs, src/data/graph_layout/data.rs), and content/reading explains them. Needs no browser.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { openEngine } from "./search-stub.mjs";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const fixture = (name) => JSON.parse(readFileSync(path.join(PROJECT, "tests/formats", name), "utf8"));
const script = (name) => path.join(PROJECT, "static", name);
const search = fixture("search.json"), graph = fixture("graph.json");

/** The engine over the fixture's files. */
async function engineOfFixture(t) {
  const folder = mkdtempSync(path.join(tmpdir(), "canon-formats-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, "search"));
  for (const [name, value] of Object.entries(search.files)) writeFileSync(path.join(folder, name), `canonSearch.add(${JSON.stringify(value)})\n`);
  const { engine } = openEngine(folder, script("search-engine.js"));
  assert.ok(await engine.start(""));
  return engine;
}

/** A value of another realm as one of this. */
const plain = (value) => JSON.parse(JSON.stringify(value));

test("the encodings of the search index are read as documented", async (t) => {
  const { numbers, frontCoded, Bits } = (await engineOfFixture(t)).formats;
  for (const { values, text } of search.numbers) assert.deepEqual(plain(numbers(text)), values);
  for (const { items, text } of search.frontCoded) assert.deepEqual(plain(frontCoded(text)), items);
  for (const { k, values, text } of search.rice) {
    const bits = new Bits(text);
    assert.deepEqual(values.map(() => bits.rice(k)), values);
  }
  for (const { total, values, text } of search.ascending) assert.deepEqual([...new Bits(text).ascending(total, values.length)], values);
});

test("the search index of the example gives the notes back", async (t) => {
  const engine = await engineOfFixture(t), answer = engine.quick("");
  const notes = plain(answer.hits.map(answer.note)).sort((a, b) => a.number - b.number);
  const expected = search.notes.map(({ url, title, aliases, type, status, difficulty, importance }, number) =>
    ({ number, title, aliases, folder: url.slice(0, url.lastIndexOf("/") + 1), url, facts: [type, status, difficulty], importance }));
  assert.deepEqual(notes, expected);
  assert.deepEqual(new Map(plain(answer.facets)), new Map([["durability", 2], ["index", 2]]));
  for (const { query, urls } of search.found) {
    const found = await engine.full(query);
    assert.deepEqual(plain(found.hits.map((hit) => found.note(hit).url)), urls, query);
  }
  const found = await engine.full("memory "), [excerpt] = await engine.excerpts(found.hits[0], found);
  assert.equal(excerpt.anchor, "tldr");
  assert.deepEqual(plain(excerpt.text.pieces), ["Pages of a file, kept in ", "memory", "."]);
});

/** The graph of these files, read by the script of the graph page. */
function readGraph(files) {
  const context = { window: {} };
  vm.runInNewContext(`${readFileSync(script("graph-notes.js"), "utf8")}; made = canonGraphNotes(index, () => Promise.reject(new Error("nothing to load")));`, Object.assign(context, { index: files["graph-data.js"] }));
  context.made.add(0, files["graph/0.js"]);
  return context.made;
}

test("the graph's data files give notes and edges back", async () => {
  const read = readGraph(graph.files), place = new Map(read.titles.map((title, at) => [title, at])), { notes } = graph;
  assert.deepEqual([...place.keys()].sort(), notes.map((note) => note.title).sort());
  for (const note of notes) {
    const at = place.get(note.title), of = { url: read.paths[at], x: read.xs[at], y: read.ys[at], importance: read.importance[at], folder: read.folder[at], type: read.type[at], tags: plain(read.tags[at]) };
    const { url, x, y, importance, folder, type } = note;
    assert.deepEqual(of, { url, x, y, importance, folder, type, tags: note.tags.toSorted() });
    assert.equal(read.incoming[at], graph.edges.filter((edge) => notes[edge.target] === note).length);
    assert.equal(read.outgoing[at], graph.edges.filter((edge) => notes[edge.source] === note).length);
    assert.equal(await read.numberOf(url), at);
  }
  const { source, target, kind } = read.lines, edges = source.map((from, n) => [read.titles[from], read.titles[target[n]], read.kinds[kind[n]]].join(" "));
  assert.deepEqual(plain(edges).sort(), graph.edges.map((edge) => [notes[edge.source].title, notes[edge.target].title, edge.kind].join(" ")).sort());
});

test("the numbers of the graph's columns are read as documented", () => {
  for (const { values, text } of graph.numbers) {
    const titles = values.map(String), zeros = "A".repeat(values.length);
    const columns = { ...graph.files["graph/0.js"], titles, stems: titles, folder: zeros, dir: zeros, type: zeros, importance: zeros, tag: zeros, out: zeros, edges: zeros, x: zeros + zeros, y: zeros + zeros };
    const index = { ...graph.files["graph-data.js"], notes: values.length, parts: [[values.length, 0, 0, 4096, 0]] };
    assert.deepEqual([...readGraph({ "graph-data.js": index, "graph/0.js": { ...columns, in: text } }).incoming], values);
  }
});
