// What the preview's memory does: node benches/preview/memory.mjs NOTES [--requests 10000] [--edits 1000] [--program canon]
// The notes are copied first. Linux only: the figures are those of /proc. See README.md.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const words = process.argv.slice(2);
const option = (name, usual) => {
  const at = words.indexOf(`--${name}`);
  return at < 0 ? usual : words.splice(at, 2)[1];
};
const REQUESTS = Number(option("requests", 10_000)), EDITS = Number(option("edits", 1_000));
const PROGRAM = option("program", path.resolve(import.meta.dirname, "../../target/release/canon"));
if (words.length !== 1) throw new Error("which folder of notes?");
if (!existsSync("/proc/self/status")) throw new Error("this system does not tell how much memory a process has");

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const freePort = () => new Promise((done) => {
  const server = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

/** The same numbers in every run. */
let state = 20_240;
const below = (n) => ((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0), Math.floor((state / 2 ** 32) * n));
const oneOf = (list) => list[below(list.length)];

const folder = mkdtempSync(path.join(os.tmpdir(), "preview-memory-")), content = path.join(folder, "content");
cpSync(words[0], content, { recursive: true });
const names = readdirSync(content, { recursive: true }).map(String).filter((name) => name.endsWith(".md")).sort();
const isNote = (name) => !/(^|\/)(_index|index|README)\.md$/.test(name) && read(name).startsWith("---\n");
const read = (name) => readFileSync(path.join(content, name), "utf8");
const notes = names.filter(isNote), folders = [...new Set(notes.map((name) => path.posix.dirname(name)))];
const pageOf = (note) => note.replace(/md$/, "html");
const port = await freePort(), agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const server = spawn(PROGRAM, ["serve", folder, "--port", String(port), "--quiet"], { stdio: ["ignore", "ignore", "ignore"] });

let asked = 0;
const get = (address) => new Promise((done, fail) => {
  asked += 1;
  const request = http.get({ host: "127.0.0.1", port, path: `/${encodeURI(address)}`, agent }, (answer) => {
    const parts = [];
    answer.on("data", (part) => parts.push(part)).on("error", fail);
    answer.on("end", () => done({ status: answer.statusCode, text: Buffer.concat(parts).toString("utf8") }));
  });
  request.on("error", fail);
});

/** Looks at a page until it is as it should be. */
async function until(address, isSo, seconds = 60) {
  for (const began = performance.now(); performance.now() - began < seconds * 1000; await pause(15)) {
    const answer = await get(address).catch(() => null);
    if (answer && isSo(answer)) return;
  }
  throw new Error(`${address} never became what it should be`);
}

const shows = (word) => ({ status, text }) => status === 200 && text.includes(word);
const write = (name, text) => writeFileSync(path.join(content, name), text);
const added = [];

/** Edits by kind: each is made and waited for. A number makes every edit another one. */
const KINDS = {
  body: async (n) => {
    const note = oneOf(notes);
    write(note, `${read(note).trimEnd()}\n\nSentence edit${n}e of the measurement.\n`);
    await until(pageOf(note), shows(`edit${n}e`));
  },
  title: async (n) => {
    const note = oneOf(notes);
    write(note, read(note).replace(/^title: .*$/m, `title: "Retitled edit${n}e"`).replace(/^# .*$/m, `# Retitled edit${n}e`));
    await until(pageOf(note), shows(`edit${n}e`));
  },
  tag: async (n) => {
    const note = oneOf(notes), tag = `measured-${n % 7}`;
    const text = read(note).replace(/^tags: .*$/m, `tags: [${tag}, measured]`);
    write(note, `${text.trimEnd()}\n\nSentence edit${n}e of the measurement.\n`);
    await until(pageOf(note), shows(`edit${n}e`));
  },
  added: async (n) => {
    const source = oneOf(notes), id = `measured-note-${n}`, note = path.posix.join(path.posix.dirname(source), `${id}.md`);
    const text = read(source).replace(/^id: .*$/m, `id: ${id}`).replace(/^title: .*$/m, `title: "Measured ${n}"`);
    write(note, text.replace(/^aliases: .*$/m, "aliases: []").replace(/^# .*$/m, `# Measured ${n}`));
    added.push(note);
    await until(pageOf(note), ({ status }) => status === 200);
  },
  deleted: async (n) => {
    const note = added.shift();
    if (!note) return KINDS.added(n);
    rmSync(path.join(content, note));
    await until(pageOf(note), ({ status }) => status === 404);
  },
};
/** Most edits are of bodies, as with a writer; the others come evenly in between. */
const ORDER = ["body", "title", "body", "tag", "body", "added", "body", "title", "body", "deleted"];

const LISTS = ["index.html", "tags/index.html", "importance.html", "wanted.html", "graph.html", "search.html", "404.html"];
const DATA = ["search/index.js", "_canon/graph.js", "_canon/previews/0.js", "_canon/tree/0.js", "api/notes.json", "feed.xml", "health.html"];

/** What is asked for: notes mostly, then lists, what is not there, styles and a note's source. */
function address(n) {
  switch (n % 10) {
    case 0: return oneOf(LISTS);
    case 3: return `${oneOf(folders)}/index.html`;
    case 5: return ["_canon/canon.css", `nothing-here-${n}.html`, oneOf(notes)][below(3)];
    default: return pageOf(oneOf(notes));
  }
}

const kilobytes = (text, field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
function memory() {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return { rss: kilobytes(status, "VmRSS") / 1024, anonymous: kilobytes(status, "RssAnon") / 1024, most: kilobytes(status, "VmHWM") / 1024 };
}
const ticks = () => readFileSync(`/proc/${server.pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13).reduce((a, b) => a + Number(b), 0);

/** Waits until the program has nothing left to do: its findings are worked out only when the writer pauses. */
async function calm() {
  for (let quiet = 0, before = ticks(); quiet < 7; ) {
    await pause(500);
    const now = ticks();
    quiet = now - before <= 2 ? quiet + 1 : 0;
    before = now;
  }
}

async function work(from, to, requests) {
  for (let n = from; n < to; n++) {
    await KINDS[ORDER[n % ORDER.length]](n);
    const due = Math.floor(((n + 1 - from) / (to - from)) * requests);
    while (asked < due) await get(address(asked + n));
    if (n % 50 === 25) await calm();
  }
  for (const file of DATA) await get(file);
  await calm();
}

/** Memory that lies unused goes back to the system within ten seconds. */
const GIVEN_BACK = 12_000;

try {
  await until("index.html", ({ status }) => status === 200);
  const line = async (what) => {
    await pause(GIVEN_BACK);
    const { rss, anonymous, most } = memory();
    console.log(`${what.padEnd(26)} VmRSS ${rss.toFixed(1).padStart(7)} MB   RssAnon ${anonymous.toFixed(1).padStart(7)} MB   at most ${most.toFixed(1).padStart(7)} MB`);
    return rss;
  };
  await calm();
  await line("started");
  await work(0, 20, 200);
  const first = await line("warm");
  let last = first;
  for (let tenth = 0; tenth < 10; tenth++) {
    asked = 0;
    const at = (part) => 20 + Math.round((EDITS * part) / 10);
    await work(at(tenth), at(tenth + 1), REQUESTS / 10);
    last = await line(`${at(tenth + 1) - 20} edits, ${Math.round((REQUESTS * (tenth + 1)) / 10)} requests`);
  }
  console.log(`growth since it was warm: ${(last - first).toFixed(1)} MB (VmRSS)`);
} finally {
  agent.destroy();
  server.kill("SIGINT");
  await new Promise((done) => (server.exitCode === null && server.signalCode === null ? server.on("exit", done) : done()));
  rmSync(folder, { recursive: true, force: true });
}
