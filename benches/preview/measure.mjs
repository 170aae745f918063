// From the start to the first page, and from a save to the words in Chromium: node benches/preview/measure.mjs NOTES… [--edits N] [--hugo-edits N]
// The notes are copied first; `hugo server` shows the same ones in the same run if `hugo` is there. See README.md.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { launch, program } from "../../tests/browser/site.mjs";

const words = process.argv.slice(2);
const option = (name, usual) => {
  const at = words.indexOf(`--${name}`);
  return at < 0 ? usual : Number(words.splice(at, 2)[1]);
};
const edits = option("edits", 100), hugoEdits = option("hugo-edits", 20);
if (!words.length) throw new Error("which folder of notes?");

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const freePort = () => new Promise((done) => {
  const server = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});
const at = (times, part) => [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))];
const shown = (times) => `median ${at(times, 0.5).toFixed(1)} ms, 95th percentile ${at(times, 0.95).toFixed(1)} ms`;

/** The eighth of the notes that have a page of their own. */
function chosenNote(folder) {
  const isNote = (name) => name.endsWith(".md") && !/(^|\/)(_index|index|README)\.md$/.test(name);
  return readdirSync(folder, { recursive: true }).map(String).filter(isNote).sort()[7];
}

/** Tools: how each is set up below a folder with `content`, started, and where it has the page of a note. */
const TOOLS = {
  canon: {
    edits,
    pause: 150,
    setUp: () => {},
    start: (folder, port) => [program(), ["serve", folder, "--port", String(port)]],
    page: (note) => note.replace(/md$/, "html"),
  },
  hugo: {
    edits: hugoEdits,
    // Its pages miss what changes while they connect after a reload.
    pause: 2000,
    setUp: hugoSite,
    start: (folder, port) => ["hugo", ["server", "--source", folder, "--port", String(port), "--bind", "127.0.0.1", "--logLevel", "error"]],
    page: (note) => note.toLowerCase().replace(/\.md$/, "/"),
  },
};

/** The least that shows notes with a list of headings, tags and links between them. */
function hugoSite(folder) {
  const layouts = path.join(folder, "layouts/_default");
  mkdirSync(path.join(layouts, "_markup"), { recursive: true });
  writeFileSync(path.join(folder, "hugo.toml"), 'baseURL = "http://127.0.0.1/"\ntitle = "Notes"\ndisableKinds = ["RSS", "sitemap"]\n[taxonomies]\ntag = "tags"\n');
  const link = '{{ $to := .Destination }}{{ with urls.Parse $to }}{{ if and (not .IsAbs) (hasSuffix .Path ".md") }}{{ $u := . }}{{ with $.PageInner.GetPage .Path }}{{ $to = .RelPermalink }}{{ with $u.Fragment }}{{ $to = printf "%s#%s" $to . }}{{ end }}{{ end }}{{ end }}{{ end }}<a href="{{ $to }}">{{ .Text }}</a>';
  const page = (inner) => `<!doctype html><html><head><meta charset="utf-8"><title>{{ .Title }}</title></head><body>${inner}</body></html>`;
  writeFileSync(path.join(layouts, "_markup/render-link.html"), link);
  writeFileSync(path.join(layouts, "single.html"), page('{{ .TableOfContents }}<main><h1>{{ .Title }}</h1><ul>{{ range .Params.tags }}<li><a href="{{ printf "/tags/%s/" (urlize .) }}">{{ . }}</a></li>{{ end }}</ul>{{ .Content }}</main>'));
  writeFileSync(path.join(layouts, "list.html"), page('<main><h1>{{ .Title }}</h1><ul>{{ range .Pages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul></main>'));
}

async function answered(address, child) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server has ended`);
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return answer.text();
    await pause(5);
  }
}

/** Runs in the page: tells of the newest edit whose words are there, at the frame that shows them. */
function tellOfEdits() {
  let last = "";
  const look = () => {
    const found = document.body?.textContent.match(/Edit (\S+) of the measurement/);
    if (!found || found[1] === last) return;
    last = found[1];
    requestAnimationFrame(() => window.seen(found[1]));
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}

/** What an edit is: a sentence more, a section more. */
const EDITS = {
  sentence: (text, name) => `${text.trimEnd()}\n\nEdit ${name} of the measurement.\n`,
  section: (text, name) => text.replace(/\n## /, `\n## Edit ${name} of the measurement\n\nWords.\n\n## `),
};

async function editing(browser, address, file, { edits: count, pause: rest }) {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } }), waiting = new Map();
  await tab.exposeFunction("seen", (name) => waiting.get(name)?.(performance.now()));
  await tab.addInitScript(tellOfEdits);
  await tab.goto(address);
  await pause(1000);
  const text = readFileSync(file, "utf8"), results = {};
  for (const [kind, edit] of Object.entries(EDITS)) {
    results[kind] = [];
    for (let n = 0; n < count; n++) {
      const name = `${kind}-${n}`;
      const seen = new Promise((done) => {
        const late = setTimeout(done, 20_000, null);
        waiting.set(name, (time) => (clearTimeout(late), done(time)));
      });
      const began = performance.now();
      writeFileSync(file, edit(text, name));
      const time = await seen;
      if (time === null) {
        console.log(`    ${name} is never seen: the page is loaded by hand`);
        await tab.reload();
      } else {
        results[kind].push(time - began);
      }
      await pause(rest + Math.random() * 50);
    }
  }
  await tab.close();
  return results;
}

async function measure(name, notes, browser) {
  const tool = TOOLS[name], folder = mkdtempSync(path.join(os.tmpdir(), `preview-${name}-`)), port = await freePort();
  cpSync(notes, path.join(folder, "content"), { recursive: true });
  tool.setUp(folder);
  const note = chosenNote(path.join(folder, "content")), file = path.join(folder, "content", note);
  const address = `http://127.0.0.1:${port}/${tool.page(note)}`;
  const began = performance.now(), child = spawn(...tool.start(folder, port), { stdio: "ignore" });
  try {
    await answered(address, child);
    const first = performance.now() - began;
    const asked = [];
    for (let n = 0; n < 50; n++) {
      const from = performance.now();
      await answered(address, child);
      asked.push(performance.now() - from);
    }
    const seen = await editing(browser, address, file, tool);
    console.log(`  ${name}: first page after ${(first / 1000).toFixed(2)} s; a page: ${shown(asked)}`);
    for (const [kind, times] of Object.entries(seen)) console.log(`    ${times.length} times a ${kind} more is seen: ${shown(times)}`);
    return { first, seen: at(Object.values(seen).flat(), 0.5) };
  } finally {
    child.kill("SIGINT");
    await new Promise((done) => (child.exitCode === null ? child.on("exit", done) : done()));
    rmSync(folder, { recursive: true, force: true });
  }
}

const hasHugo = () => {
  try {
    return execFileSync("hugo", ["version"], { stdio: "pipe" }).length > 0;
  } catch {
    return false;
  }
};

const browser = await launch();
try {
  for (const notes of words) {
    if (!existsSync(notes)) throw new Error(`no folder ${notes}`);
    console.log(`${readdirSync(notes, { recursive: true }).filter((name) => String(name).endsWith(".md")).length} notes`);
    const ours = await measure("canon", notes, browser);
    if (!hugoEdits || !hasHugo()) continue;
    const theirs = await measure("hugo", notes, browser);
    console.log(`  hugo / canon: first page ${(theirs.first / ours.first).toFixed(1)}, an edit seen ${(theirs.seen / ours.seen).toFixed(1)}`);
  }
} finally {
  await browser.close();
}
