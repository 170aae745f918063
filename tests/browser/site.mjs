// A built site and a real Chromium for the tests: builds with the program, serves the folder under a path, opens pages that may complain of nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { writeBase } from "./fixture.mjs";

export const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
export const CHROME = process.env.CHROME || "/usr/bin/chromium";
export const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json", ".xml": "application/xml" };

/** The program under test: CANON_EXE (`tests/run` names the one of the Rust tests), or what `cargo build --release` leaves. */
export function program() {
  const exe = process.env.CANON_EXE || path.join(process.env.CARGO_TARGET_DIR || path.join(PROJECT, "target"), "release/canon");
  assert.ok(existsSync(exe), `no program at ${exe}: cargo build --release, or name one in CANON_EXE`);
  return exe;
}

/** Builds the notes below `root` into `output`. With CANON_THEME set, the theme's files are those of the project as they are now, not as compiled. */
export function build(root, output) {
  execFileSync(program(), ["build", root, "--output", output, "--quiet"], { stdio: ["ignore", "ignore", "inherit"] });
  if (process.env.CANON_THEME) {
    const read = (name) => readFileSync(path.join(PROJECT, "static", name), "utf8");
    for (const name of readdirSync(path.join(PROJECT, "static"))) {
      const into = path.join(output, "_canon", name);
      if (existsSync(into)) writeFileSync(into, name === "canon.css" ? read(name) + read("highlight.css") + read("math.css") : read(name));
    }
  }
  return output;
}

/** The fixture's site in a folder of its own, gone with `remove()`. */
export function fixtureSite(options) {
  const folder = mkdtempSync(path.join(tmpdir(), "canon-browser-"));
  writeBase(path.join(folder, "base"), options);
  if (process.env.CANON_THEME) cpSync(path.join(PROJECT, "templates"), path.join(folder, "base/templates"), { recursive: true });
  return { site: build(path.join(folder, "base"), path.join(folder, "site")), folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Serves `site` under `prefix` ("/" or "/some/where/"), compressed, on a free port. `missed` collects what was asked for in vain. */
export async function serve(site, prefix = "/") {
  const missed = [];
  const server = http.createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url, "http://x").pathname);
    let file = asked.startsWith(prefix) ? path.join(site, asked.slice(prefix.length)) : "";
    if (file && existsSync(file) && statSync(file).isDirectory()) file = path.join(file, "index.html");
    if (!file || !file.startsWith(site) || !existsSync(file)) {
      if (asked !== "/favicon.ico") missed.push(asked);
      response.writeHead(404, { "content-type": "text/plain" });
      return response.end("nothing here");
    }
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] || "text/plain; charset=utf-8", "content-encoding": "gzip", "cache-control": "max-age=600" });
    response.end(gzipSync(readFileSync(file)));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { origin: `http://127.0.0.1:${server.address().port}`, url: `http://127.0.0.1:${server.address().port}${prefix}`, missed, stop: () => { server.closeAllConnections(); server.close(); } };
}

export const launch = () => chromium.launch({ executablePath: CHROME, args: FLAGS });

/** A page at `url`. At the test's end it must have said nothing, asked nothing of another origin, and missed nothing. */
export async function open(t, browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light", reducedMotion: "reduce", ...options });
  const page = await context.newPage(), complaints = [];
  watch(page, new URL(url).protocol === "file:" ? "file://" : new URL(url).origin, complaints);
  await page.goto(url);
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  return Object.assign(page, { complaints });
}

/** Collects what a page complains of: console, errors, requests that fail or leave `origin`. */
export function watch(page, origin, complaints) {
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => request.url().startsWith(origin) || /^(data|blob):/.test(request.url()) || complaints.push(`leaves the site: ${request.url()}`));
  page.on("response", (response) => response.status() >= 400 && complaints.push(`${response.status()} ${response.url()}`));
}

export const noSideways = (page) => page.evaluate(() => {
  scrollTo(9999, 0);
  return document.documentElement.scrollWidth <= innerWidth && scrollX === 0;
});
