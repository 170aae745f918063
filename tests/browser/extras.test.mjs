// The list of keys, a random note, the way back to the note read last, and the page for a missing address, in a real Chromium.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { COLD_PAGE } from "./fixture.mjs";
import { fixtureSite, launch, open as openPage, serve } from "./site.mjs";

let built, server, browser;
before(async () => {
  built = fixtureSite({ settings: `base_url = "https://example.org/kb/"` });
  server = await serve(built.site, "/kb/");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.stop();
  built?.remove();
});

const fromDisk = () => pathToFileURL(built.site).href + "/";
const open = (t, at, options) => openPage(t, browser, server.url + at, options);
/** Files that a page asked for, by name. */
function asked(page) {
  const names = [];
  page.on("request", (request) => names.push(path.basename(new URL(request.url()).pathname)));
  return names;
}

test("? shows the keys, holds the focus, and Escape gives it back", async (t) => {
  const page = await open(t, COLD_PAGE), names = asked(page);
  await page.locator(".brand").focus();
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await dialog.waitFor();
  assert.ok(names.includes("extras.js"));
  assert.match(await dialog.innerText(), /\/ Ctrl K\s+Search/);
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest("dialog"))), "the focus left the dialog");
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.ok(await page.locator(".brand").evaluate((brand) => brand === document.activeElement));
  await page.locator(".side .filter input").fill("?");
  await page.keyboard.press("?");
  assert.equal(await dialog.isVisible(), false, "a key opened it while the reader typed");
});

test("the keys n and p follow the way of learning", async (t) => {
  const page = await open(t, COLD_PAGE);
  const next = await page.locator("main [rel=next], main [rel=prev]").first(), rel = await next.getAttribute("rel"), href = await next.evaluate((a) => a.href);
  await Promise.all([page.waitForURL(href), page.keyboard.press(rel === "next" ? "n" : "p")]);
});

for (const [name, start] of [["a server", () => server.url], ["disk", fromDisk]]) {
  test(`a random note opens by key and by link, from ${name}`, async (t) => {
    const page = await openPage(t, browser, start() + "index.html");
    await page.getByRole("link", { name: "Random note" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith("/index.html"));
    assert.equal(await page.locator("body.page-note").count(), 1);
    const before = page.url();
    await page.keyboard.press("r");
    await page.waitForURL((url) => url.href !== before);
    assert.equal(await page.locator("body.page-note").count(), 1);
  });

  test(`the home page leads back to the note and the place, from ${name}`, async (t) => {
    const page = await openPage(t, browser, start() + "index.html");
    assert.equal(await page.locator(".continue").isVisible(), false, "offered without a note before");
    await page.setViewportSize({ width: 800, height: 500 });
    await page.goto(start() + COLD_PAGE);
    await page.evaluate(() => scrollTo(0, 640));
    await page.goto(start() + "index.html");
    const link = page.locator(".continue a");
    await link.waitFor();
    await link.click();
    await page.waitForURL(/cold-proofing/);
    await page.waitForFunction(() => Math.abs(scrollY - 640) < 3);
  });
}

test("the way back moves nothing when it appears, and goes when its note has gone", async (t) => {
  const page = await open(t, COLD_PAGE);
  await page.addInitScript(() => {
    globalThis.moved = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { globalThis.moved += value; })).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(server.url + "index.html");
  await page.locator(".continue a").waitFor();
  assert.equal(await page.evaluate(() => globalThis.moved), 0);
  await page.evaluate(() => localStorage.setItem("canon-last:/kb/", JSON.stringify({ url: "gone.html", title: "Gone", y: 5 })));
  await page.reload();
  await page.locator(".continue").waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => localStorage.getItem("canon-last:/kb/")), null);
});

test("the page for a missing address searches for its words and has the tree", async (t) => {
  const page404 = readFileSync(path.join(built.site, "404.html"));
  const host = http.createServer(async (request, response) => {
    const found = await fetch(server.origin + request.url);
    response.writeHead(200, { "content-type": found.ok ? found.headers.get("content-type") : "text/html; charset=utf-8" });
    response.end(found.ok ? Buffer.from(await found.arrayBuffer()) : page404);
  });
  await new Promise((done) => host.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${host.address().port}`;
  const page = await openPage(t, browser, `${origin}/kb/old/deep/cold-profing.html`);
  t.after(() => { host.closeAllConnections(); host.close(); });
  const first = page.locator(".search-first").first();
  await first.waitFor();
  assert.equal(await page.locator("#search-page input").inputValue(), "cold profing");
  assert.match(await first.getAttribute("href"), /^\/kb\/fermentation\/cold-proofing\.html/);
  assert.ok(await page.locator(".side .tree > li").count() > 2);
  await first.click();
  await page.waitForURL(/cold-proofing\.html/);
});
