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

test("the graph's data file gives notes and edges back", () => {
  const window = {};
  vm.runInNewContext(readFileSync(script("graph.js"), "utf8"), { window, document: { querySelector: () => null } });
  const read = window.canonReadGraph(graph.file), { notes } = graph, column = (name) => notes.map((note) => note[name]);
  assert.deepEqual(plain([read.xs, read.ys, read.importance, read.paths]), ["x", "y", "importance", "url"].map(column));
  assert.deepEqual([...read.folder].map((place) => graph.file.folders[place]), column("folder"));
  assert.deepEqual([...read.type].map((place) => graph.file.types[place]), column("type"));
  assert.deepEqual(plain(read.tags).map((tags) => tags.map((place) => graph.file.tags[place])), column("tags").map((tags) => tags.toSorted()));
  assert.deepEqual(plain(read.edges).map(({ source, target, kind }) => ({ source, target, kind: graph.file.kinds[kind] })), graph.edges);
  assert.deepEqual(plain(read.incoming), notes.map((_, i) => graph.edges.filter((edge) => edge.target === i).length));
});

test("the numbers of the graph's columns are read as documented", () => {
  const window = {};
  vm.runInNewContext(readFileSync(script("graph.js"), "utf8"), { window, document: { querySelector: () => null } });
  for (const { values, text } of graph.numbers) {
    const titles = values.map(String), zeros = "A".repeat(values.length);
    const file = { ...graph.file, titles, stems: titles, folder: zeros, dir: zeros, type: zeros, tag: zeros, edges: zeros, x: zeros + zeros, y: zeros + zeros };
    assert.deepEqual(plain(window.canonReadGraph({ ...file, importance: text }).importance), values);
  }
});
