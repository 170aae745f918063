// axe-core finds nothing on any kind of page, in both themes, on a wide screen and on a phone, search closed and open.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { KINDS } from "./fixture.mjs";
import { fixtureSite, launch, serve } from "./site.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let built, server, browser;

before(async () => {
  built = fixtureSite();
  server = await serve(built.site);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.stop();
  built?.remove();
});

/** What axe says of the page as it stands, a line for each fault. */
async function faults(page) {
  // eval() is forbidden by the pages' policy; the context bypasses it for the tool only.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"], preload: false, rules: { "target-size": { enabled: true } } }));
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.any[0]?.message || node.all[0]?.message || node.none[0]?.message || ""}`));
}

for (const theme of ["light", "dark"]) for (const width of [360, 1440]) {
  test(`every kind of page, ${theme}, ${width} px`, async (t) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme, reducedMotion: "reduce", bypassCSP: true });
    t.after(() => context.close());
    const page = await context.newPage(), found = [];
    for (const at of [...KINDS, "stress-note.html"]) {
      await page.goto(server.url + at);
      for (const fault of await faults(page)) found.push(`${at}: ${fault}`);
    }
    assert.deepEqual(found, []);
  });

  test(`search open, with and without results, ${theme}, ${width} px`, async (t) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme, reducedMotion: "reduce", bypassCSP: true });
    t.after(() => context.close());
    const page = await context.newPage(), found = [];
    await page.goto(server.url + "importance.html");
    await page.keyboard.press("/");
    for (const [text, sign] of [["", ".search-card"], ["proofing", ".search-sentence"], ["tag:fermentation ", ".search-facets [aria-pressed=true]"], ["qqqqzzzz", ".search-note:not([hidden])"]]) {
      await page.fill(".search-dialog input", text);
      await page.locator(".search-dialog " + sign).first().waitFor();
      for (const fault of await faults(page)) found.push(`“${text}”: ${fault}`);
    }
    assert.deepEqual(found, []);
  });
}

for (const language of ["ar", "de", "ja", "sv"]) test(`pages in ${language}, which may lack texts`, async (t) => {
  const own = fixtureSite({ language }), host = await serve(own.site);
  t.after(() => { host.stop(); own.remove(); });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", bypassCSP: true });
  t.after(() => context.close());
  const page = await context.newPage(), found = [];
  for (const at of ["index.html", "fermentation/cold-proofing.html", "fermentation/index.html", "importance.html", "browse.html", "graph.html", "search.html"]) {
    await page.goto(host.url + at);
    for (const fault of await faults(page)) found.push(`${at}: ${fault}`);
  }
  assert.deepEqual(found, []);
});

for (const theme of ["light", "dark"]) for (const width of [360, 1440]) test(`the list of keys open, ${theme}, ${width} px`, async (t) => {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: theme, reducedMotion: "reduce", bypassCSP: true });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(server.url + "fermentation/cold-proofing.html");
  await page.keyboard.press("?");
  await page.locator("dialog.keys").waitFor();
  assert.deepEqual(await faults(page), []);
  await page.keyboard.press("Escape");
  await page.goto(server.url + "index.html");
  await page.locator(".continue a").waitFor();
  assert.deepEqual(await faults(page), []);
});

test("the drawer and a preview open", async (t) => {
  const context = await browser.newContext({ viewport: { width: 360, height: 800 }, reducedMotion: "reduce", bypassCSP: true });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(server.url + "fermentation/cold-proofing.html");
  await page.click(".menu");
  assert.deepEqual(await faults(page), []);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.locator("main a[href='hydration.html']").first().hover();
  await page.locator(".link-preview").waitFor();
  assert.deepEqual(await faults(page), []);
});
