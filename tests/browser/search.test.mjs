// static/search-engine.js against the index of a built site, without a browser.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { openEngine } from "./search-stub.mjs";
import { PROJECT, build } from "./site.mjs";

const engineFile = path.join(PROJECT, "static/search-engine.js");
const folder = mkdtempSync(path.join(os.tmpdir(), "canon-search-"));
const site = path.join(folder, "site");
let engine, transfers, notes;

const CONCEPTS = [
  { at: "databases/postgresql.md", title: "PostgreSQL", aliases: ["Postgres", "PG"], type: "technology", importance: 95, tags: ["database", "sql"],
    body: "## Definition\nA relational database. It has MVCC and a planner.\n\n## Vacuum & bloat\nDead tuples are removed by autovacuum. Long transactions hold it back." },
  { at: "databases/index-types.md", title: "Index Types", importance: 40, tags: ["database"], body: "## B-tree\nOrdered keys.\n\n## Índices en español\nUna búsqueda rápida del niño." },
  { at: "databases/replication.md", title: "Replication", aliases: ["Réplicas de lectura"], importance: 70, tags: ["database", "team-core"], status: "mastered",
    body: "## Lag\nA replica that lags serves old rows to every reader of the archive." },
  { at: "databases/replication-lag.md", title: "Replication Lag", importance: 20, tags: ["database"], difficulty: "hard", body: "Nothing to see.\n" },
  { at: "languages/c-plus-plus.md", title: "C++", importance: 30, tags: ["language"], body: "Manual memory." },
  { at: "languages/c.md", title: "C", importance: 30, tags: ["language"], body: "Manual memory too." },
  { at: "asia/shujuku.md", title: "分布式数据库", importance: 50, tags: ["asia"], body: "## 定义\n分布式数据库把数据放在多台机器上。一致性很重要。" },
  { at: "asia/sakuin.md", title: "データベースの索引", importance: 50, tags: ["asia"], body: "検索を速くするための構造です。" },
  { at: "odd/quote.md", title: "The \\ back & <script>", importance: 10, tags: ["odd"], body: "Text with \" quote \\ backslash </script> \u2028 and\ttab. Quixotically." },
  { at: "odd/deep/nested/page.md", title: "A Title Unlike Its Page", importance: 10, tags: ["odd"], body: "Plain text about zymurgy, and nothing else." },
];

let state = 7;
const random = (below) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor(state / 4294967296 * below);
};

/** Enough notes that some words are common enough to be listed without their passages. */
function fillers() {
  return Array.from({ length: 900 }, (_, i) => {
    const lines = Array.from({ length: 9 }, () => `- the ${Array.from({ length: 6 }, () => `w${random(random(2) ? 40 : 900)}x`).join(" ")}.`);
    return { at: `filler/${i % 9}/note-${i}.md`, title: `Filler Note ${i}`, importance: i % 60, tags: [`t${i % 5}`], body: `## Part\n${lines.join("\n")}` };
  });
}

before(() => {
  const written = fillers();
  for (const note of [...CONCEPTS, ...written]) {
    const file = path.join(folder, "notes", note.at);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `---\ntitle: ${note.title}\ntype: ${note.type || "concept"}\nstatus: ${note.status || "learning"}\ndifficulty: ${note.difficulty || "easy"}\n`
      + `importance: ${note.importance}\naliases: [${(note.aliases || []).join(", ")}]\ntags: [${note.tags.join(", ")}]\n---\n\n# ${note.title}\n\n${note.body}\n`);
  }
  build(path.join(folder, "notes"), site);
  ({ engine, transfers } = openEngine(site, engineFile));
  notes = [...CONCEPTS, ...written].map((note) => ({ url: note.at.replace(/md$/, "html"), lines: note.body.split("\n").filter((line) => !line.startsWith("#")) }));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const urls = (answer, most = 5) => Array.from(answer.hits.slice(0, most), (hit) => answer.note(hit).url);
const first = async (text) => urls(await engine.full(text), 1)[0];
const plain = (value) => JSON.parse(JSON.stringify(value));

test("the words are those of the index", () => {
  for (const [text, words] of JSON.parse(readFileSync(path.join(PROJECT, "tests/search-words.json"), "utf8"))) {
    assert.deepEqual(plain(engine.wordsOf(text)), words, text);
  }
});

test("nothing but the catalog is loaded before a word is asked", async () => {
  assert.ok(await engine.start(""));
  engine.quick("replication");
  assert.deepEqual(transfers.map(([file]) => file), ["search/index.js"]);
});

test("every page's address comes back, also where the title does not tell it", async () => {
  const all = engine.quick("type:concept >=0"), technology = engine.quick("type:technology");
  assert.equal(all.total + technology.total, notes.length);
  assert.equal(await first("title unlike page"), "odd/deep/nested/page.html");
  assert.equal(await first("back script"), "odd/quote.html");
});

test("a title comes before an alias, an alias before text, and importance decides between equals", async () => {
  assert.deepEqual(urls(await engine.full("replication"), 2), ["databases/replication.html", "databases/replication-lag.html"]);
  assert.equal(await first("replication lag"), "databases/replication-lag.html");
  assert.equal(await first("postgres"), "databases/postgresql.html");
  assert.equal(await first("PG"), "databases/postgresql.html");
  assert.equal(await first("replicas de lectura"), "databases/replication.html");
  assert.equal(await first("autovacuum"), "databases/postgresql.html");
});

test("a name with signs is not its name without", async () => {
  assert.equal(await first("c++"), "languages/c-plus-plus.html");
  assert.equal(await first("c "), "languages/c.html");
});

test("starts of words, plurals, accents and near misses find", async () => {
  assert.equal(await first("postg"), "databases/postgresql.html");
  assert.equal(await first("replicaton lagg"), "databases/replication-lag.html");
  assert.equal(await first("posgresql"), "databases/postgresql.html");
  assert.equal(await first("zymrugy"), "odd/deep/nested/page.html");
  assert.equal(await first("busqueda nino"), "databases/index-types.html");
  assert.equal(await first("BÚSQUEDA RÁPIDA"), "databases/index-types.html");
  assert.equal(await first("index type "), "databases/index-types.html");
});

test("Chinese and Japanese are found by any two characters, and by one", async () => {
  assert.equal(await first("数据库"), "asia/shujuku.html");
  assert.equal(await first("一致性"), "asia/shujuku.html");
  assert.equal(await first("索引"), "asia/sakuin.html");
  assert.equal(await first("速"), "asia/sakuin.html");
});

test("filters narrow, alone and together", async () => {
  const found = async (text) => new Set(urls(await engine.full(text), 99));
  assert.deepEqual(await found("tag:language"), new Set(["languages/c-plus-plus.html", "languages/c.html"]));
  assert.deepEqual(await found("type:technology"), new Set(["databases/postgresql.html"]));
  assert.deepEqual(await found("status:mastered"), new Set(["databases/replication.html"]));
  assert.deepEqual(await found("difficulty:hard replication"), new Set(["databases/replication-lag.html"]));
  assert.deepEqual(await found(">80"), new Set(["databases/postgresql.html"]));
  assert.deepEqual(await found("tag:team-core replication"), new Set(["databases/replication.html"]));
  assert.equal((await found("tag:nosuch replication")).size, 0);
});

test("facets count notes", async () => {
  const answer = await engine.full("tag:database");
  assert.deepEqual(plain(answer.facets[0]), ["database", 4]);
  assert.deepEqual(Object.fromEntries(answer.facets), { database: 4, sql: 1, "team-core": 1 });
});

test("a word of the text is found in exactly the notes that have it", async () => {
  for (let i = 0; i < 60; i++) {
    const word = `w${i < 20 ? i : random(900)}x`, expected = notes.filter((note) => note.lines.some((line) => line.split(/\W+/).includes(word))).length;
    assert.equal((await engine.full(word + " ")).total, expected, word);
  }
});

test("a phrase finds its note, also among common words", async () => {
  let found = 0;
  for (let i = 0; i < 30; i++) {
    const note = notes.filter((one) => one.url.startsWith("filler"))[random(900)], words = note.lines[random(note.lines.length)].match(/w\d+x/g);
    if (urls(await engine.full(`the ${words.slice(0, 5).join(" ")}`)).includes(note.url)) found++;
  }
  assert.ok(found >= 29, `${found} of 30`);
});

test("results show whole sentences with the words marked, under their heading", async () => {
  const answer = await engine.full("long transactions"), [part] = await engine.excerpts(answer.hits[0], answer);
  assert.equal(part.heading.pieces.join(""), "Vacuum & bloat");
  assert.equal(part.anchor, "vacuum--bloat");
  assert.deepEqual(plain(part.text.pieces), ["", "Long", " ", "transactions", " hold it back."]);
});

test("marks cover accents and dense scripts", async () => {
  const spanish = await engine.full("busqueda"), chinese = await engine.full("一致性");
  assert.deepEqual(plain((await engine.excerpts(spanish.hits[0], spanish))[0].text.pieces), ["Una ", "búsqueda", " rápida del niño."]);
  assert.deepEqual(plain((await engine.excerpts(chinese.hits[0], chinese))[0].text.pieces), ["", "一致性", "很重要。"]);
});

test("text that looks like code comes back as it was", async () => {
  const answer = await engine.full("quixotically"), [part] = await engine.excerpts(answer.hits[0], answer);
  assert.equal(part.text.pieces.join(""), "Quixotically.");
  assert.equal(answer.note(answer.hits[0]).title, "The \\ back & <script>");
});

test("what nothing has gives no result, and the nearest titles", async () => {
  assert.equal((await engine.full("qqqqzzzzqq")).total, 0);
  assert.equal(engine.quick("").note(engine.nearest("replikashun")[0]).title, "Replication");
  assert.equal(engine.nearest("zzqqxx").length, 0, "no title is near nonsense");
});

test("odd queries are answered", async () => {
  for (const text of ["", " ", "\"", "tag:", "tag:\"", ">", ">999", "\\", "((((", "\u0000", "🙂", "a".repeat(500), "the ".repeat(200), "type:x:y", "<script>", "ﬀ", "__proto__", "constructor"]) {
    const answer = await engine.full(text);
    await Promise.all(answer.hits.slice(0, 3).map((hit) => engine.excerpts(hit, answer)));
  }
});

test("a file that does not come is no error, and is asked for again", async () => {
  const missing = openEngine(path.join(folder, "nowhere"), engineFile);
  assert.ok(!await missing.engine.start(""));
});
