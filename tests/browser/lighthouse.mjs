// Lighthouse on the pages that matter, desktop and phone: npm run --prefix tests/browser lighthouse -- [NOTES] [RUNS]
// It installs Lighthouse beside the other packages and saves nothing; not part of tests/run, for it takes minutes.
// NOTES is a site's root or a folder of notes (the project's own without it). Performance is the median of RUNS (5); exits 1 if anything is below 100.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import lighthouse, { desktopConfig } from "lighthouse";
import { chromium } from "playwright-core";
import { CHROME, FLAGS, PROJECT, build, serve } from "./site.mjs";

// npm runs this in its own folder; what the caller names is meant from where he stands.
const root = process.argv[2] ? path.resolve(process.env.INIT_CWD || ".", process.argv[2]) : PROJECT, runs = Number(process.argv[3] || 5);
const site = build(root, path.join(mkdtempSync(path.join(tmpdir(), "canon-lighthouse-")), "site"));
const notes = JSON.parse(readFileSync(path.join(site, "api/notes.json"), "utf8"));
const longest = (notes.notes || notes).map((note) => [readFileSync(path.join(site, note.url)).length, note.url]).sort((a, b) => b[0] - a[0])[0][1];
const port = 9333, browser = await chromium.launch({ executablePath: CHROME, args: [...FLAGS, `--remote-debugging-port=${port}`] });
const server = await serve(site);
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
let low = false;

console.log(`| page | form | ${CATEGORIES.join(" | ")} | LCP ms | TBT ms | CLS | kB |\n|${"---|".repeat(10)}`);
for (const at of ["index.html", longest, "graph.html", "importance.html"]) {
  for (const [form, config] of [["desktop", desktopConfig], ["phone", undefined]]) {
    const scores = [], faults = new Set();
    let last;
    for (let run = 0; run < runs; run++) {
      last = (await lighthouse(server.url + at, { port, onlyCategories: CATEGORIES, logLevel: "error" }, config)).lhr;
      scores.push(last.categories.performance.score * 100);
    }
    const of = (id) => Math.round(last.categories[id].score * 100), number = (id) => last.audits[id].numericValue;
    const row = [Math.round(median(scores)), ...CATEGORIES.slice(1).map(of)];
    low ||= row.some((score) => score < 100);
    for (const id of CATEGORIES) for (const { id: audit, weight } of last.categories[id].auditRefs) if (weight && last.audits[audit].score !== null && last.audits[audit].score < 0.9) faults.add(audit);
    console.log(`| ${at} | ${form} | ${row.join(" | ")} | ${Math.round(number("largest-contentful-paint"))} | ${Math.round(number("total-blocking-time"))} | ${number("cumulative-layout-shift").toFixed(3)} | ${(number("total-byte-weight") / 1000).toFixed(1)} | ${[...faults].join(" ")}`);
  }
}
await browser.close();
server.stop();
rmSync(path.dirname(site), { recursive: true });
process.exit(low ? 1 : 0);
