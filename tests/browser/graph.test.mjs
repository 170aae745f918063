// The graph page of a built site in a real Chromium, from disk. BENCH=1 also asks for 30 frames a second at 10,000 notes.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { launch } from "./site.mjs";
import { dataFiles, sample, writeGraphPage } from "./graph_page.mjs";

const folder = mkdtempSync(join(tmpdir(), "canon-graph-"));
const small = sample(300), big = sample(10_000, 20), fewOfBig = sample(100, 20);
let browser, smallPage, bigPage;

before(async () => {
  browser = await launch();
  smallPage = writeGraphPage(join(folder, "small"), small.nodes, small.edges);
  bigPage = writeGraphPage(join(folder, "big"), fewOfBig.nodes, fewOfBig.edges, big);
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** A page whose every complaint fails the test at its end. */
async function open(t, path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light", reducedMotion: "reduce", ...options });
  const page = await context.newPage(), complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.addInitScript(() => {
    window.framesAsked = 0;
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) => { window.framesAsked++; return ask(callback); };
  });
  await page.goto(`file://${path}`);
  t.after(async () => { await context.close(); assert.deepEqual(complaints, []); });
  if (options.javaScriptEnabled !== false) await idle(page);
  return page;
}

/** Waits until the page has asked for no frame for a third of a second, which is longer than any of its timers. */
async function idle(page) {
  for (let last = -1; ;) {
    const now = await page.evaluate(() => window.framesAsked);
    if (now === last) return now;
    last = now;
    await page.waitForTimeout(350);
  }
}

/** How many pixels of the lower canvas are not empty, and a sum that differs when the picture does. */
const picture = (page) => page.evaluate(() => {
  const { width, height } = document.querySelector(".graph-base"), copy = Object.assign(document.createElement("canvas"), { width, height });
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(document.querySelector(".graph-base"), 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  let drawn = 0, sum = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3]) drawn++, sum = (sum * 31 + data[i] + data[i + 1] * 7 + data[i + 2] * 13) % 1000003;
  return { drawn, sum };
});

/** Where the note stands on the screen at first: the script's own fit, worked out anew. */
async function spot(page, nodes, i) {
  const box = await page.locator(".graph-over").boundingBox(), ends = (pick) => [Math.min(...nodes.map(pick)), Math.max(...nodes.map(pick))];
  const [left, right] = ends((node) => node.x), [up, down] = ends((node) => node.y);
  const k = Math.min((box.width - 2 - 72) / (right - left), (box.height - 2 - 72) / (down - up));
  return [box.x + box.width / 2 + (nodes[i].x - (left + right) / 2) * k, box.y + box.height / 2 + (nodes[i].y - (up + down) / 2) * k];
}

test("draws all notes at once, then rests", async (t) => {
  const page = await open(t, smallPage);
  assert.ok((await picture(page)).drawn > 5000);
  assert.equal(await page.locator("#graph-count").textContent(), "300 of 300 notes");
  const frames = await idle(page);
  await page.waitForTimeout(600); // in which no frame is asked for
  assert.equal(await page.evaluate(() => window.framesAsked), frames, "an idle page asks for frames");
});

test("where one folder holds nearly all, types have the hues, and a key says which", async (t) => {
  const { nodes, edges } = sample(60, 1), page = await open(t, writeGraphPage(join(folder, "one"), nodes, edges));
  assert.deepEqual(await page.locator(".graph-types li").allTextContents(), ["Concept", "Pattern"]);
  const hue = (name) => page.locator(".graph-list a", { hasText: new RegExp(`^${name}$`) }).evaluate((a) => a.style.getPropertyValue("--hue"));
  const pattern = nodes.find((node) => node.type === "pattern").title, concept = nodes.find((node) => node.type === "concept").title;
  assert.notEqual(await hue(pattern), await hue(concept));
  assert.equal(await page.locator(".graph-types li", { hasText: "Pattern" }).locator("i").evaluate((i) => i.style.getPropertyValue("--hue")), await hue(pattern));
  const many = await open(t, smallPage);
  assert.equal(await many.locator(".graph-types").count(), 0, "with several folders the folders have them");
});

test("no label is cut at the picture's edge", async (t) => {
  const { nodes, edges } = sample(40, 1), [left, right] = [0, 1];
  Object.assign(nodes[left], { title: "A rather long title, left end", x: 0, y: 2048, importance: 100 });
  Object.assign(nodes[right], { title: "A rather long title, right end", x: 4095, y: 2048, importance: 100 });
  for (const width of [1280, 420]) {
    const page = await open(t, writeGraphPage(join(folder, `edge-${width}`), nodes, edges), { viewport: { width, height: 800 }, deviceScaleFactor: 1 });
    await page.evaluate(() => {
      window.written = [];
      const pen = CanvasRenderingContext2D.prototype, write = pen.fillText;
      pen.fillText = function (text, x, y) {
        const half = this.measureText(text).width / 2;
        window.written.push([text, x - half, x + half, this.canvas.width]);
        return write.call(this, text, x, y);
      };
    });
    await page.selectOption("[name=size]", "importance");
    await page.waitForFunction(() => window.written.length > 3);
    await idle(page);
    const written = await page.evaluate(() => window.written);
    if (width > 1000) for (const end of ["left", "right"]) assert.ok(written.some(([text]) => text.includes(`${end} end`)), `the title at the ${end} is written`);
    for (const [text, from, to, room] of written) assert.ok(from >= 0 && to <= room, `“${text}” from ${from} to ${to} of ${room}`);
  }
});

test("a click chooses a note and shows its links, one in the middle opens it", async (t) => {
  const page = await open(t, smallPage), [x, y] = await spot(page, small.nodes, 0);
  await page.mouse.move(x, y);
  assert.equal(await page.locator(".graph-tip").textContent(), "Note 0");
  await page.locator(".graph-stage.graph-focus").waitFor(); // hovering dims the rest
  await page.mouse.click(x, y);
  await page.locator(".graph-chosen h2", { hasText: /^Note 0$/ }).waitFor();
  const first = small.edges.find((edge) => edge[0] === 0 && edge[2] === 0);
  assert.ok((await page.locator(".graph-chosen li").allTextContents()).includes(`→ requiresNote ${first[1]}`));
  assert.match(page.url(), /#folder-0\/note-0\.html$/);
  await page.waitForTimeout(450); // longer than between the clicks of a double click
  const box = await page.locator(".graph-over").boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForURL(/site\/folder-0\/note-0\.html$/, { waitUntil: "commit" });
});

test("a double click opens a note", async (t) => {
  const page = await open(t, smallPage), [x, y] = await spot(page, small.nodes, 0);
  await page.mouse.dblclick(x, y);
  await page.waitForURL(/site\/folder-0\/note-0\.html$/, { waitUntil: "commit" });
});

/** From now on, collects what is written on canvases: text, left and right end, and height. */
const recordNames = (page) => page.evaluate(() => {
  window.written = [];
  const pen = CanvasRenderingContext2D.prototype, write = pen.fillText;
  pen.fillText = function (text, x, y) {
    const wide = this.measureText(text).width, left = this.textAlign === "left" ? x : x - wide / 2;
    window.written.push({ text, left, right: left + wide, y });
    return write.call(this, text, x, y);
  };
});

test("a found note is shown with its neighbours, whose names are readable", async (t) => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    const page = await open(t, smallPage, { viewport });
    await recordNames(page);
    await page.fill("[name=text]", "Note 123");
    await page.keyboard.press("Enter");
    await page.locator(".graph-chosen h2", { hasText: "Note 123" }).waitFor();
    await page.evaluate(() => { window.written = []; });
    await page.locator(".graph-over").dispatchEvent("keydown", { key: "0" });
    await idle(page);
    const written = await page.evaluate(() => window.written), near = small.edges.filter(([from, to]) => from === 123 || to === 123).map(([from, to]) => from === 123 ? to : from);
    const { width, height } = await page.locator(".graph-over").boundingBox(), last = new Map(written.map((name) => [name.text, name]));
    for (const name of ["Note 123", ...near.map((at) => `Note ${at}`)]) {
      const at = last.get(name);
      assert.ok(at, `${name} of ${[...last.keys()]}`);
      assert.ok(at.left >= 0 && at.right <= width && at.y > 0 && at.y < height, `${name} is in the picture`);
    }
    const beside = [...last.values()].filter((name) => name.text !== "Note 123");
    for (const a of beside) for (const b of beside) assert.ok(a === b || a.right < b.left || b.right < a.left || Math.abs(a.y - b.y) >= 11, `${a.text} and ${b.text} do not overlap`);
  }
});

test("neighbours of neighbours come with the depth, and all notes with a button", async (t) => {
  const page = await open(t, `${smallPage}#folder-3/note-11.html`), names = async (depth) => {
    await page.locator(`[name=depth][value="${depth}"]`).check();
    await page.waitForTimeout(100);
    await recordNames(page);
    await page.locator(".graph-over").dispatchEvent("keydown", { key: "0" });
    await idle(page);
    return page.evaluate(() => new Set(window.written.map(({ text }) => text)).size);
  };
  const one = await names(1), two = await names(2);
  assert.ok(two > one + 20, `${one} names, then ${two}`);
  assert.equal((await picture(page)).drawn, 0, "the map is not drawn under a chosen note");
  await page.locator(".graph-whole").click();
  await idle(page);
  assert.ok(await page.locator(".graph-near").isHidden());
  assert.ok(await page.locator(".graph-chosen").isHidden());
  assert.ok((await picture(page)).drawn > 5000);
});

test("a link into the graph chooses its note, and back again", async (t) => {
  const page = await open(t, `${smallPage}#folder-3/note-11.html`);
  await page.locator(".graph-chosen h2", { hasText: /^Note 11$/ }).waitFor();
  const neighbour = page.locator(".graph-chosen li a").first(), name = await neighbour.textContent();
  await neighbour.click();
  await page.locator(".graph-chosen h2", { hasText: new RegExp(`^${name}$`) }).waitFor();
});

test("filters by text, type, tag, folder and kind of link", async (t) => {
  const page = await open(t, smallPage), count = page.locator("#graph-count"), all = await picture(page);
  const settled = () => idle(page);
  await page.fill("[name=text]", "note 29");
  await settled();
  assert.equal(await count.textContent(), "13 of 300 notes");
  await page.fill("[name=text]", "");
  await page.selectOption("[name=type]", "pattern");
  await page.selectOption("[name=tag]", "odd");
  await settled();
  assert.equal(await count.textContent(), "50 of 300 notes");
  await page.selectOption("[name=type]", "");
  await page.selectOption("[name=tag]", "");
  await page.locator(".graph-swatch").first().click();
  await settled();
  assert.equal(await count.textContent(), `${300 - small.nodes.filter((node) => node.folder === "folder-0").length} of 300 notes`);
  assert.equal(await page.locator(".graph-swatch").first().getAttribute("aria-pressed"), "false");
  await page.locator(".graph-swatch").first().click();
  await settled();
  assert.deepEqual(await picture(page), all, "without filters the picture is as at first");
  for (const kind of await page.locator("[name=kind]").all()) await kind.uncheck();
  await settled();
  assert.ok((await picture(page)).drawn < all.drawn / 2, "lines go with their kinds");
});

test("searching and Enter leads to the first match", async (t) => {
  const page = await open(t, smallPage), before = await picture(page);
  await page.fill("[name=text]", "NÓTE 123");
  await page.keyboard.press("Enter");
  await page.locator(".graph-chosen h2", { hasText: "Note 123" }).waitFor();
  await idle(page);
  assert.notEqual((await picture(page)).sum, before.sum);
});

test("keys move, zoom, fit and open", async (t) => {
  const page = await open(t, smallPage), start = await picture(page);
  await page.locator(".graph-over").focus();
  let last = start.sum;
  for (const key of ["ArrowLeft", "ArrowUp", "+", "-"]) {
    await page.keyboard.press(key);
    await idle(page);
    const { sum } = await picture(page);
    assert.notEqual(sum, last, key);
    last = sum;
  }
  await page.keyboard.press("0");
  await idle(page);
  assert.equal((await picture(page)).sum, start.sum);
});

test("the list has the same notes as links, the rest on demand, and follows the focus", async (t) => {
  const page = await open(t, smallPage);
  assert.equal(await page.locator(".graph-list a").count(), 100);
  await page.locator(".graph-more").click();
  assert.equal(await page.locator(".graph-list a").count(), 200);
  const focused = await page.evaluate(() => ({ place: [...document.querySelectorAll(".graph-list a")].indexOf(document.activeElement), dim: !!document.querySelector(".graph-focus") }));
  assert.equal(focused.place, 100, "the first new link has the focus");
  await page.locator(".graph-focus").waitFor(); // its note is lit
  await page.locator(".graph-more").click();
  assert.ok(await page.locator(".graph-more").isHidden());
  const link = page.locator(".graph-list a", { hasText: /^Note 9$/ });
  assert.equal(await link.getAttribute("href"), "folder-1/note-9.html");
});

test("wheel zooms to the pointer, dragging pans, two fingers pinch", async (t) => {
  const page = await open(t, smallPage, { hasTouch: true }), [x, y] = await spot(page, small.nodes, 5);
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -400);
  await idle(page);
  await page.mouse.move(x + 1, y);
  assert.equal(await page.locator(".graph-tip").textContent(), "Note 5", "the note under the pointer stays there");
  await page.mouse.down();
  await page.mouse.move(x + 90, y + 40, { steps: 4 });
  await page.mouse.up();
  await idle(page);
  await page.mouse.move(x + 89, y + 40);
  assert.equal(await page.locator(".graph-tip").textContent(), "Note 5", "it moves with the hand");
  const before = await picture(page), client = await page.context().newCDPSession(page);
  const touch = (type, gap) => client.send("Input.dispatchTouchEvent", { type, touchPoints: gap ? [{ x: 400 - gap, y: 400, id: 0 }, { x: 400 + gap, y: 400, id: 1 }] : [] });
  await touch("touchStart", 50);
  for (const gap of [60, 80, 110]) await touch("touchMove", gap);
  await touch("touchEnd", 0);
  await idle(page);
  assert.notEqual((await picture(page)).sum, before.sum);
});

test("colours follow the theme while the page is open", async (t) => {
  const page = await open(t, smallPage), light = await picture(page);
  await page.evaluate(() => document.documentElement.setAttribute("data-theme", "dark"));
  await idle(page);
  const dark = await picture(page);
  assert.notEqual(dark.sum, light.sum);
  await page.evaluate(() => document.documentElement.removeAttribute("data-theme"));
  await page.emulateMedia({ colorScheme: "dark" });
  await idle(page);
  assert.equal((await picture(page)).sum, dark.sum);
});

test("folder hues have a contrast of 4.5 with both backgrounds", async (t) => {
  const page = await open(t, smallPage);
  for (const theme of ["light", "dark"]) {
    const ratios = await page.evaluate((theme) => {
      document.documentElement.setAttribute("data-theme", theme);
      const probe = document.body.appendChild(document.createElement("i"));
      const luminance = (name) => {
        probe.style.color = `var(--${name})`;
        const [r, g, b] = getComputedStyle(probe).color.match(/\d+/g).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
      };
      const bg = luminance("bg");
      return Array.from({ length: 12 }, (_, i) => luminance(`graph-${i + 1}`)).map((hue) => Math.max(hue, bg) / Math.min(hue, bg));
    }, theme);
    ratios.forEach((ratio, i) => assert.ok(ratio >= 4.5, `${theme}: --graph-${i + 1} has ${ratio.toFixed(2)}`));
  }
});

test("without scripts the folders and indexes are there as links", async (t) => {
  const page = await open(t, smallPage, { javaScriptEnabled: false });
  assert.ok(await page.locator(".graph-stage").isHidden());
  assert.ok(await page.locator(".graph-tools").isHidden());
  assert.ok(await page.locator(".graph").getByRole("link", { name: "folder 3" }).isVisible());
  assert.ok(await page.locator(".graph").getByRole("link", { name: "Importance" }).isVisible());
});

test("fits a phone without scrolling sideways", async (t) => {
  const page = await open(t, smallPage, { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  assert.ok((await picture(page)).drawn > 2000);
});

test("a thumb scrolls the page past the picture, and a tap shows the panel where it is seen", async (t) => {
  const page = await open(t, smallPage, { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
  const client = await page.context().newCDPSession(page), box = await page.locator(".graph-over").boundingBox(), x = box.x + box.width / 2;
  const touch = (type, y) => client.send("Input.dispatchTouchEvent", { type, touchPoints: y ? [{ x, y, id: 0 }] : [] });
  await touch("touchStart", 500);
  for (let y = 480; y > 300; y -= 20) await touch("touchMove", y);
  await touch("touchEnd", 0);
  await page.waitForTimeout(300);
  assert.ok(await page.evaluate(() => scrollY) > 100, "the page has scrolled");
  await page.evaluate(() => scrollTo(0, 0));
  await page.locator(".graph-list a").first().evaluate((a) => { location.hash = a.getAttribute("href"); });
  const opener = await page.locator(".graph-open").boundingBox();
  assert.ok(opener.y >= 0 && opener.y + opener.height <= 700, `the link to the note is at ${opener.y}`);
});

test("of ten thousand notes a far view draws no more lines than make a picture", async (t) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } }), page = await context.newPage();
  t.after(() => context.close());
  await page.addInitScript(() => {
    window.drawn = { lines: 0, first: 0 };
    window.tasks = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.tasks.push(entry.duration))).observe({ type: "longtask", buffered: true });
    const pen = CanvasRenderingContext2D.prototype, { lineTo, drawImage } = pen;
    pen.lineTo = function (...at) {
      window.drawn.lines++;
      return lineTo.apply(this, at);
    };
    pen.drawImage = function (...what) {
      window.drawn.first ||= performance.now();
      return drawImage.apply(this, what);
    };
    const ask = window.requestAnimationFrame.bind(window);
    window.framesAsked = 0;
    window.requestAnimationFrame = (callback) => { window.framesAsked++; return ask(callback); };
  });
  await page.goto(`file://${bigPage}`);
  await page.locator("#graph-count", { hasText: "10000 of 10000" }).waitFor();
  await idle(page);
  const { lines, first } = await page.evaluate(() => window.drawn), longest = Math.max(0, ...await page.evaluate(() => window.tasks));
  t.diagnostic(`first picture after ${first.toFixed(0)} ms, longest task ${longest.toFixed(0)} ms`);
  // Parts arrive one after another, and each begins the picture anew.
  assert.ok(lines > 10_000 && lines < 5 * 20_000, `${lines} of ${big.edges.length} lines`);
  if (process.env.BENCH) assert.ok(first < 2000 && longest <= 200, `${first}, ${longest}`);
});

test("ten thousand notes: panning", async (t) => {
  const page = await open(t, bigPage);
  await page.mouse.move(500, 450);
  await page.mouse.down();
  const frames = page.evaluate(() => new Promise((done) => {
    const times = [performance.now()];
    const next = (now) => { times.push(now); now - times[0] < 3000 ? requestAnimationFrame(next) : done(times.length / (now - times[0]) * 1000); };
    requestAnimationFrame(next);
  }));
  const start = Date.now();
  for (let i = 0; Date.now() - start < 3000; i++) {
    await page.mouse.move(500 + 250 * Math.sin(i / 30), 450 + 150 * Math.cos(i / 30));
    await page.waitForTimeout(8); // the pace of a hand
  }
  await page.mouse.up();
  const rate = await frames;
  t.diagnostic(`${rate.toFixed(1)} frames a second while panning over 10,000 notes and ${big.edges.length} links`);
  if (process.env.BENCH) assert.ok(rate >= 30, `${rate}`);
  await idle(page);
  assert.ok((await picture(page)).drawn > 50_000);
});

test("a graph of too many notes loads some parts, and others for a note that is asked for", async (t) => {
  // The last test of the large site, whose data it changes.
  for (const [path, text] of Object.entries(dataFiles(big.nodes, big.edges, true))) writeFileSync(join(dirname(bigPage), "_canon", path), text);
  const page = await open(t, bigPage), loaded = [];
  page.on("request", (request) => loaded.push(request.url().replace(/.*_canon\//, "")));
  await page.reload();
  await page.locator("#graph-count", { hasText: "; 10000 in all" }).waitFor();
  await idle(page);
  const shown = Number((await page.locator("#graph-count").textContent()).match(/the (\d+) most/)[1]);
  assert.ok(shown >= 6000 && shown < 10_000, `${shown}`);
  assert.ok(!loaded.includes("graph/4.js"), `${loaded}`);
  const late = big.nodes.findIndex((node, at) => at > 2000 && node.x >= 2048 && node.y >= 2048), { title, folder: of } = big.nodes[late];
  await page.evaluate((hash) => { location.hash = hash; }, `${of}/note-${late}.html`);
  await page.locator(".graph-chosen h2", { hasText: new RegExp(`^${title}$`) }).waitFor();
  assert.ok(loaded.includes("graph/4.js") && loaded.includes("graph/numbers-0.js"), `${loaded}`);
  const out = big.edges.filter((edge) => edge[0] === late).length;
  assert.match(await page.locator(".graph-chosen").textContent(), new RegExp(`· ${out} links out`));
});
