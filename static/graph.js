// The graph page. Positions were worked out when the site was built and stand, with all names, in a data file that was
// loaded before this script. Frames are asked for only when something changed: an idle page does nothing.
(() => {
  "use strict";
  const data = window.canonGraph, page = document.querySelector(".graph");
  if (!data || !page) return;
  const one = (selector) => page.querySelector(selector);
  const base = one(".graph-base"), over = one(".graph-over"), stage = one(".graph-stage"), tip = one(".graph-tip");
  const form = one(".graph-tools"), chosen = one(".graph-chosen"), list = one(".graph-list"), more = one(".graph-more");
  const ink = base.getContext("2d"), top = over.getContext("2d");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // -- Reading the data: five bits a letter, plus 32 where another follows.
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", digit = {};
  for (let i = 0; i < 64; i++) digit[LETTERS[i]] = i;
  const reader = (text) => {
    let at = 0;
    return () => {
      for (let value = 0, shift = 0; ; shift += 5) {
        const bits = digit[text[at++]];
        value += (bits & 31) * 2 ** shift;
        if (bits < 32) return value;
      }
    };
  };
  const count = data.titles.length;
  const column = (name) => Int32Array.from({ length: count }, reader(data[name]));
  const place = (text) => Float32Array.from({ length: count }, (_, i) => digit[text[2 * i]] * 64 + digit[text[2 * i + 1]]);
  const X = place(data.x), Y = place(data.y), folder = column("folder"), dir = column("dir"), type = column("type");
  const importance = column("importance");
  const nextTag = reader(data.tag), tags = Array.from({ length: count }, () => Array.from({ length: nextTag() }, nextTag));
  const source = [], target = [], kind = [], links = Array.from({ length: count }, () => []), linked = new Int32Array(count);
  const KINDS = data.kinds.length, nextEdge = reader(data.edges);
  for (let from = 0; from < count; from++) {
    for (let left = nextEdge(), to = 0; left > 0; left--) {
      const step = nextEdge();
      to += Math.floor(step / KINDS);
      links[from].push(source.length);
      links[to].push(source.length);
      linked[to]++;
      source.push(from), target.push(to), kind.push(step % KINDS);
    }
  }
  const slug = (title) => title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const path = (i) => (data.dirs[dir[i]] ? data.dirs[dir[i]] + "/" : "") + (data.stems[i] || slug(data.titles[i])) + ".html";
  const encoded = (i) => path(i).split("/").map(encodeURIComponent).join("/");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  let folded;

  // -- State.
  const rank = Int32Array.from({ length: count }, (_, i) => i), shown = new Uint8Array(count).fill(1);
  const size = new Float32Array(count), offFolders = new Set();
  let kindsOn = data.kinds.map(() => true), matches = [], listed = 0, edges = [], acrossCount = 0;
  let hover = -1, selected = -1, moving = false, settle = 0, wanted = 0, flight;
  let width = 0, height = 0, ratio = 1, view = { x: 2048, y: 2048, k: 0 }, fitK = 1;
  let picture, sketch, labels = [], colours = {};

  // -- Folders: their names on the page, their middles, their hues.
  const HUES = 12, hues = new Int32Array(data.folders.length), folderNames = data.folders.slice();
  const regions = data.folders.map((_, at) => ({ at, x: 0, y: 0, n: 0, spread: 0, up: 4096 }));
  for (let i = 0; i < count; i++) { const region = regions[folder[i]]; region.x += X[i], region.y += Y[i], region.n++; }
  for (const region of regions) region.x /= region.n, region.y /= region.n;
  for (let i = 0; i < count; i++) {
    const region = regions[folder[i]];
    region.spread += Math.hypot(X[i] - region.x, Y[i] - region.y) / region.n;
    region.up = Math.min(region.up, Y[i]);
  }
  // Beyond twelve folders a hue comes again, as far as can be from where it was.
  regions.forEach((region, at) => {
    hues[at] = at % HUES;
    if (at < HUES || at > 300) return;
    const room = new Float32Array(HUES).fill(Infinity);
    for (let i = 0; i < at; i++) room[hues[i]] = Math.min(room[hues[i]], Math.hypot(region.x - regions[i].x, region.y - regions[i].y));
    hues[at] = room.indexOf(Math.max(...room));
  });
  const bigFirst = [...regions].sort((a, b) => b.n - a.n).slice(0, 60);

  // -- Colours, as the page resolves them now.
  const readColours = () => {
    const probe = tip.cloneNode();
    stage.append(probe);
    const read = (name) => (probe.style.color = `var(--${name})`, getComputedStyle(probe).color);
    colours = Object.fromEntries(["bg", "text", "secondary", "muted", "border", "accent"].map((name) => [name, read(name)]));
    colours.hues = Array.from({ length: HUES }, (_, i) => read("graph-" + (i + 1)));
    colours.font = getComputedStyle(page).fontFamily;
    probe.remove();
    redraw();
  };
  const hue = (i) => colours.hues[hues[folder[i]]];

  // -- The view: the world point in the middle, and pixels a unit.
  const toX = (x) => (x - view.x) * view.k + width / 2, toY = (y) => (y - view.y) * view.k + height / 2;
  const radius = (i) => size[i] * Math.sqrt(view.k / fitK);
  const request = () => { wanted ||= requestAnimationFrame(frame); };
  const redraw = () => { picture = sketch = undefined; labels = []; request(); };
  const moved = () => {
    moving = true;
    clearTimeout(settle);
    settle = setTimeout(() => { moving = false; request(); }, 120);
    request();
  };
  const fitted = () => {
    let left = 4096, right = 0, up = 4096, down = 0;
    for (let i = 0; i < count; i++) {
      left = Math.min(left, X[i]), right = Math.max(right, X[i]), up = Math.min(up, Y[i]), down = Math.max(down, Y[i]);
    }
    const room = Math.min(width, height) > 500 ? 72 : 44;
    const k = Math.min((width - room) / Math.max(right - left, 300), (height - room) / Math.max(down - up, 300));
    return count ? { x: (left + right) / 2, y: (up + down) / 2, k: Math.max(k, 0.01) } : { x: 2048, y: 2048, k: 0.1 };
  };
  const zoomed = (factor, x = width / 2, y = height / 2) => {
    const k = Math.min(Math.max(view.k * factor, fitK * 0.5), Math.max(fitK * 40, 2));
    const stay = 1 / view.k - 1 / k;
    return { x: view.x + (x - width / 2) * stay, y: view.y + (y - height / 2) * stay, k };
  };
  const go = (to) => { flight = undefined; view = to; moved(); };
  const fly = (to) => {
    if (still.matches) return go(to);
    flight = { from: { ...view }, to, start: performance.now() };
    moved();
  };
  const pan = (dx, dy) => go({ x: view.x - dx / view.k, y: view.y - dy / view.k, k: view.k });
  const show = (i) => {
    const x = toX(X[i]), y = toY(Y[i]), k = Math.max(view.k, fitK * 2);
    if (k > view.k || x < 40 || y < 40 || x > width - 40 || y > height - 40) fly({ x: X[i], y: Y[i], k });
  };

  // -- Edges, a slice at a time into a picture of the view and a margin: no frame waits for all of them.
  const MARGIN = 160, STYLES = [[], [], [4, 4]], styleOf = [0, 1, 2, 1, 1, 1];
  const startSketch = () => {
    const canvas = document.createElement("canvas");
    canvas.width = (width + 2 * MARGIN) * ratio, canvas.height = (height + 2 * MARGIN) * ratio;
    // Asking for a pixel after each slice makes the browser draw it then, not all at once at the end.
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.setTransform(ratio, 0, 0, ratio, MARGIN * ratio, MARGIN * ratio);
    sketch = { canvas, pen, at: 0, ...view };
  };
  const arrow = (pen, x1, y1, x2, y2, back) => {
    const length = Math.hypot(x2 - x1, y2 - y1), dx = (x2 - x1) / length, dy = (y2 - y1) / length;
    if (length < back + 10) return;
    const x = x2 - dx * back, y = y2 - dy * back;
    pen.moveTo(x - dx * 6 - dy * 3, y - dy * 6 + dx * 3);
    pen.lineTo(x, y);
    pen.lineTo(x - dx * 6 + dy * 3, y - dy * 6 - dx * 3);
  };
  const continueSketch = (until) => {
    const { pen, x, y, k } = sketch, close = k / fitK, arrows = close > 2.5;
    const strength = (n, power) => Math.min(0.75, 0.65 * (300 / (n + 1)) ** power * Math.sqrt(Math.max(close, 1)));
    const strong = strength(edges.length - acrossCount, 0.3), faint = strength(edges.length, 0.58);
    const px = (v) => (v - x) * k + width / 2, py = (v) => (v - y) * k + height / 2;
    while (sketch.at < edges.length && performance.now() < until) {
      const group = edges[sketch.at].group, across = group < 3 * HUES;
      pen.globalAlpha = (across ? faint : strong) * (group % 3 ? 0.8 : 1);
      pen.strokeStyle = colours.hues[Math.floor(group / 3) % HUES];
      // Lines of at most one pixel are several times faster to draw.
      pen.lineWidth = (group % 3 === 1 ? 0.7 : 1) / (close < 2.5 ? ratio : 1);
      pen.setLineDash(STYLES[group % 3]);
      pen.beginPath();
      for (let drawn = 0; drawn < 300 && sketch.at < edges.length && edges[sketch.at].group === group; sketch.at++) {
        const edge = edges[sketch.at].edge, from = source[edge], to = target[edge];
        const x1 = px(X[from]), y1 = py(Y[from]), x2 = px(X[to]), y2 = py(Y[to]);
        if (Math.max(x1, x2) < -MARGIN || Math.min(x1, x2) > width + MARGIN) continue;
        if (Math.max(y1, y2) < -MARGIN || Math.min(y1, y2) > height + MARGIN) continue;
        pen.moveTo(x1, y1);
        pen.lineTo(x2, y2);
        if (arrows && group % 3 === 0) arrow(pen, x1, y1, x2, y2, size[to] * Math.sqrt(close) + 1);
        drawn++;
      }
      pen.stroke();
      pen.getImageData(0, 0, 1, 1);
    }
    if (sketch.at >= edges.length) picture = sketch, sketch = undefined;
  };
  // Whether the picture of edges is of another view: by any difference at rest, by what a reader would miss in motion.
  const stale = (of) => {
    if (!of || of.k === 0) return true;
    const shift = Math.max(Math.abs(of.x - view.x), Math.abs(of.y - view.y)) * view.k, scale = view.k / of.k;
    return moving ? shift > MARGIN || scale > 1.6 || scale < 0.7 : shift > 0.5 || scale !== 1;
  };

  // -- Nodes, every frame, one path a colour.
  const dot = (pen, x, y, r) => { pen.moveTo(x + r, y); pen.arc(x, y, r, 0, 7); };
  const drawNodes = () => {
    const lit = colours.hues.map(() => []), faint = [];
    for (let i = 0; i < count; i++) {
      const x = toX(X[i]), y = toY(Y[i]);
      if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
      (shown[i] ? lit[hues[folder[i]]] : faint).push(i);
    }
    const fill = (nodes, style, shrink) => {
      if (!nodes.length) return;
      ink.beginPath();
      for (const i of nodes) {
        const r = radius(i) * shrink, x = toX(X[i]), y = toY(Y[i]);
        // What is smaller than two pixels looks round anyway.
        if (r < 1.1) ink.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
        else dot(ink, x, y, r);
      }
      ink.fillStyle = style;
      ink.fill();
      if (count < 1500) ink.stroke();
    };
    ink.lineWidth = 1.5;
    ink.strokeStyle = colours.bg;
    fill(faint, colours.border, 0.7);
    lit.forEach((nodes, at) => fill(nodes, colours.hues[at], 1));
  };

  // -- Labels: the most important first, none over another; chosen at rest, carried along in motion.
  const chooseLabels = () => {
    const boxes = [], close = view.k / fitK, limit = Math.min(90, (count < 400 ? 30 : 14) * Math.max(close, 1) * Math.min(1, width / 900));
    labels = [];
    const fits = (x, y, w, h) => {
      const box = [x - w / 2 - 4, y - h / 2 - 1, x + w / 2 + 4, y + h / 2 + 1];
      if (box[2] < 0 || box[0] > width || box[3] < 0 || box[1] > height) return false;
      if (boxes.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return false;
      return boxes.push(box);
    };
    if (close < 3 && regions.length > 1) {
      top.font = font(true);
      for (const region of bigFirst) {
        const name = folderNames[region.at], w = top.measureText(name).width;
        // In the middle of many dots, above few.
        const y = region.n > 60 ? region.y : region.up, below = region.n > 60 ? 0 : -18;
        if (region.spread * view.k > 14 && fits(toX(region.x), toY(y) + below, w, 18)) labels.push({ at: region.at, x: region.x, y, below, name });
      }
    }
    top.font = font(false);
    let looked = 0;
    for (const i of rank) {
      const x = toX(X[i]), y = toY(Y[i]);
      if (!shown[i] || x < 0 || y < 0 || x > width || y > height) continue;
      if (labels.length >= limit || looked++ > 600) break;
      const name = short(i), below = radius(i) + 9, w = top.measureText(name).width;
      if (fits(x, y + below, w, 14)) labels.push({ x: X[i], y: Y[i], below, name });
    }
  };
  const font = (isBig) => `${isBig ? "650 14px" : "12px"} ${colours.font}`;
  const short = (i) => data.titles[i].length > 34 ? data.titles[i].slice(0, 32).trim() + "…" : data.titles[i];
  const write = (name, x, y, style, isBig) => {
    top.font = font(isBig);
    top.textAlign = "center";
    top.textBaseline = "middle";
    top.lineJoin = "round";
    top.lineWidth = 3.5;
    top.strokeStyle = colours.bg;
    top.strokeText(name, x, y);
    top.fillStyle = style;
    top.fillText(name, x, y);
  };

  // -- One node and its neighbours, over the rest.
  const drawFocus = (i) => {
    const around = links[i].filter((edge) => kindsOn[kind[edge]]), seen = new Set();
    const x0 = toX(X[i]), y0 = toY(Y[i]);
    top.strokeStyle = colours.accent;
    for (let style = 0; style < 3; style++) {
      top.globalAlpha = around.length > 200 ? 0.4 : 0.85;
      top.lineWidth = [1.6, 1, 1.3][style];
      top.setLineDash(STYLES[style]);
      top.beginPath();
      for (const edge of around) {
        const other = source[edge] === i ? target[edge] : source[edge];
        if (!shown[other] || styleOf[kind[edge]] !== style) continue;
        seen.add(other);
        const x = toX(X[other]), y = toY(Y[other]);
        top.moveTo(x0, y0);
        top.lineTo(x, y);
        if (!style) target[edge] === i ? arrow(top, x, y, x0, y0, radius(i) + 3) : arrow(top, x0, y0, x, y, radius(other) + 2);
      }
      top.stroke();
    }
    top.setLineDash([]);
    top.globalAlpha = 1;
    for (const other of [...seen, i]) {
      top.beginPath();
      dot(top, toX(X[other]), toY(Y[other]), Math.max(radius(other), 2.5) + (other === i ? 1.5 : 0));
      top.fillStyle = hue(other);
      top.fill();
      if (other === i || radius(other) > 3) top.lineWidth = other === i ? 2 : 1, top.strokeStyle = other === i ? colours.text : colours.bg, top.stroke();
    }
    const boxes = [], near = [i, ...rank.filter((other) => seen.has(other))];
    top.font = font(false);
    for (const other of near.slice(0, 60)) {
      const x = toX(X[other]), y = toY(Y[other]) + Math.max(radius(other), 2.5) + 10, w = top.measureText(short(other)).width / 2 + 3;
      if (boxes.length > 24 || boxes.some((box) => Math.abs(box[0] - x) < box[2] + w && Math.abs(box[1] - y) < 15)) continue;
      boxes.push([x, y, w]);
      write(short(other), x, y, colours.text, other === i);
    }
  };

  const frame = (now) => {
    wanted = 0;
    if (flight) {
      const t = Math.min((now - flight.start) / 260, 1), s = 1 - (1 - Math.max(t, 0)) ** 3, { from, to } = flight;
      view = { x: from.x + (to.x - from.x) * s, y: from.y + (to.y - from.y) * s, k: from.k * (to.k / from.k) ** s };
      if (t < 1) moved(); else flight = undefined, view = { ...to }, moved();
    }
    if (sketch && !moving && stale(sketch)) sketch = undefined;
    if (!sketch && stale(picture)) startSketch();
    if (sketch) continueSketch(performance.now() + (moving ? 4 : 12));
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    ink.clearRect(0, 0, width, height);
    // While the first picture is being drawn its part so far is shown.
    const edgesNow = picture || sketch;
    if (edgesNow) {
      const scale = view.k / edgesNow.k;
      ink.drawImage(edgesNow.canvas, toX(edgesNow.x) - (width / 2 + MARGIN) * scale, toY(edgesNow.y) - (height / 2 + MARGIN) * scale,
        (width + 2 * MARGIN) * scale, (height + 2 * MARGIN) * scale);
    }
    drawNodes();
    if (!moving || !labels.length) chooseLabels();
    top.setTransform(ratio, 0, 0, ratio, 0, 0);
    top.clearRect(0, 0, width, height);
    const focus = hover >= 0 ? hover : selected;
    stage.classList.toggle("graph-focus", focus >= 0);
    if (focus >= 0) drawFocus(focus);
    else for (const label of labels) {
      const isFolder = label.at >= 0;
      write(label.name, toX(label.x), toY(label.y) + label.below, isFolder ? colours.hues[hues[label.at]] : colours.secondary, isFolder);
    }
    if (sketch) request();
  };

  // -- Finding what is under the pointer: nodes by cells of 64 units.
  const cells = new Map(), cellOf = (x, y) => (x >> 6) * 64 + (y >> 6);
  for (let i = 0; i < count; i++) {
    const cell = cellOf(X[i], Y[i]);
    cells.has(cell) ? cells.get(cell).push(i) : cells.set(cell, [i]);
  }
  const nodeAt = (px, py, slack) => {
    const x = (px - width / 2) / view.k + view.x, y = (py - height / 2) / view.k + view.y, reach = (slack + 16) / view.k;
    let best = -1, least = Infinity;
    for (let cx = Math.max(0, (x - reach) >> 6); cx <= Math.min(63, (x + reach) >> 6); cx++) {
      for (let cy = Math.max(0, (y - reach) >> 6); cy <= Math.min(63, (y + reach) >> 6); cy++) {
        for (const i of cells.get(cx * 64 + cy) || []) {
          const away = Math.hypot(toX(X[i]) - px, toY(Y[i]) - py) - radius(i);
          if (shown[i] && away < slack && away < least) best = i, least = away;
        }
      }
    }
    return best;
  };
  const setHover = (i, x, y) => {
    if (i !== hover) hover = i, over.style.cursor = i < 0 ? "" : "pointer", request();
    tip.hidden = i < 0 || x === undefined;
    if (tip.hidden) return;
    tip.textContent = data.titles[i];
    tip.style.transform = `translate(${Math.min(x + 14, Math.max(0, width - tip.offsetWidth - 8))}px,${y > height - 60 ? y - 44 : y + 16}px)`;
  };

  // -- Choosing a note: its links appear beside the picture; choosing it again opens it.
  const make = (tag, text, attributes = {}) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(text);
    return element;
  };
  const labelOf = (name, value) => one(`[name=${name}] option[value="${CSS.escape(value)}"]`)?.textContent || value;
  const kindNames = data.kinds.map((name) => one(`[value="${name}"]`)?.parentNode.textContent.trim().replace(/\s*\d*$/, "") || name);
  const href = (i) => page.dataset.root + encoded(i);
  const select = (i, isMove = true) => {
    selected = i;
    chosen.hidden = i < 0;
    chosen.replaceChildren();
    // Addresses of data:, blob: or sandboxed pages cannot be changed; the page works without.
    try { history.replaceState(null, "", i < 0 ? location.pathname + location.search : "#" + encoded(i)); } catch { /* as above */ }
    request();
    if (i < 0) return;
    const facts = [folderNames[folder[i]], labelOf("type", data.types[type[i]]), importance[i]].filter(Boolean).join(" · ");
    const out = links[i].filter((edge) => source[edge] === i).length;
    const total = page.dataset.in.replace("{n}", links[i].length - out) + " · " + page.dataset.out.replace("{n}", out);
    const ties = make("ul", "");
    for (const edge of [...links[i]].sort((a, b) => kind[a] - kind[b]).slice(0, 24)) {
      const away = source[edge] === i, other = away ? target[edge] : source[edge], row = make("li", "");
      row.append(make("span", (away ? "→ " : "← ") + kindNames[kind[edge]]), make("a", data.titles[other], { href: "#" + encoded(other) }));
      ties.append(row);
    }
    chosen.append(make("h2", data.titles[i]), make("p", facts), make("p", total), make("a", page.dataset.open, { href: href(i), className: "graph-open" }), ties);
    if (isMove) show(i);
  };
  const bySlug = (hash) => {
    let wantedPath = hash.slice(1);
    try { wantedPath = decodeURIComponent(wantedPath); } catch { /* a hash that nobody encoded */ }
    if (wantedPath) for (let i = 0; i < count; i++) if (path(i) === wantedPath) return i;
    return -1;
  };

  // -- Filters, and the list of the same notes.
  const apply = () => {
    const text = fold(form.elements.text.value.trim()), wantType = form.elements.type.value, wantTag = form.elements.tag.value;
    const typeAt = data.types.indexOf(wantType), tagAt = data.tags.indexOf(wantTag), words = text.split(/\s+/).filter(Boolean);
    if (text) folded ||= data.titles.map(fold);
    kindsOn = data.kinds.map((name) => one(`[value="${name}"]`)?.checked ?? true);
    for (let i = 0; i < count; i++) {
      shown[i] = !offFolders.has(folder[i]) && (!wantType || type[i] === typeAt) && (!wantTag || tags[i].includes(tagAt)) &&
        words.every((word) => folded[i].includes(word));
    }
    const byImportance = form.elements.size.value === "importance";
    const unit = (i) => byImportance ? (importance[i] / 100) ** 2 * 2.2 : Math.sqrt(Math.min(linked[i], 100)) * 0.26;
    const least = Math.min(4.2, Math.max(1, 62 / Math.sqrt(count + 1) * Math.min(1, Math.min(width, height) / 800)));
    for (let i = 0; i < count; i++) size[i] = least * (0.8 + unit(i));
    const weight = (i) => linked[i] * 2 + importance[i] * (byImportance ? 9 : 0.4);
    rank.sort((a, b) => weight(b) - weight(a) || a - b);
    edges = [], acrossCount = 0;
    for (let edge = 0; edge < source.length; edge++) {
      const from = folder[source[edge]], within = from === folder[target[edge]];
      if (!kindsOn[kind[edge]] || !shown[source[edge]] || !shown[target[edge]]) continue;
      if (!within) acrossCount++;
      edges.push({ edge, group: (within * HUES + hues[from]) * 3 + styleOf[kind[edge]] });
    }
    edges.sort((a, b) => a.group - b.group);
    matches = [...rank].filter((i) => shown[i]);
    one("#graph-count").textContent = page.dataset.shown.replace("{n}", matches.length).replace("{total}", count);
    listed = 0;
    list.replaceChildren();
    extend();
    redraw();
  };
  const extend = () => {
    for (const i of matches.slice(listed, listed + 200)) {
      const row = make("li", ""), link = make("a", data.titles[i], { href: href(i) });
      link.dataset.note = i;
      link.style.setProperty("--hue", `var(--graph-${hues[folder[i]] + 1})`);
      row.append(link, make("span", importance[i]));
      list.append(row);
    }
    listed = Math.min(listed + 200, matches.length);
    more.hidden = listed >= matches.length;
    more.textContent = page.dataset.more.replace("{n}", Math.min(200, matches.length - listed));
  };
  for (const row of page.querySelectorAll("[data-folder]")) {
    const at = data.folders.indexOf(row.dataset.folder);
    if (at < 0) continue;
    folderNames[at] = row.firstElementChild.textContent;
    const button = make("button", make("i", ""), { type: "button", className: "graph-swatch" });
    button.style.setProperty("--hue", `var(--graph-${hues[at] + 1})`);
    button.setAttribute("aria-pressed", "true");
    button.setAttribute("aria-label", folderNames[at]);
    button.onclick = () => {
      offFolders.has(at) ? offFolders.delete(at) : offFolders.add(at);
      button.setAttribute("aria-pressed", String(!offFolders.has(at)));
      apply();
    };
    row.prepend(button);
  }

  // -- Hands: pointers, wheel, keys, buttons.
  const fingers = new Map();
  let travelled = 0, spread = 0;
  const at = (event) => { const box = over.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  over.onpointerdown = (event) => {
    if (event.button) return;
    over.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    travelled = fingers.size > 1 ? 99 : 0;
    spread = 0;
    flight = undefined;
  };
  over.onpointermove = (event) => {
    const [x, y] = at(event), last = fingers.get(event.pointerId);
    if (!last) return event.pointerType === "touch" ? undefined : setHover(nodeAt(x, y, 6), x, y);
    fingers.set(event.pointerId, [x, y]);
    travelled += Math.abs(x - last[0]) + Math.abs(y - last[1]);
    if (fingers.size === 1) return travelled > 4 ? (setHover(-1), stage.classList.add("graph-drag"), pan(x - last[0], y - last[1])) : undefined;
    const [a, b] = [...fingers.values()], now = Math.hypot(a[0] - b[0], a[1] - b[1]), share = 1 / fingers.size;
    pan((x - last[0]) * share, (y - last[1]) * share);
    if (spread) go(zoomed(now / spread, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2));
    spread = now;
  };
  const lift = (event) => {
    const isTap = event.type === "pointerup" && fingers.size === 1 && fingers.has(event.pointerId) && travelled <= 4;
    fingers.delete(event.pointerId);
    spread = 0;
    stage.classList.remove("graph-drag");
    if (!isTap) return;
    const [x, y] = at(event), node = nodeAt(x, y, event.pointerType === "touch" ? 16 : 6);
    if (node >= 0 && node === selected) location.href = href(node);
    else select(node, false);
  };
  over.onpointerup = over.onpointercancel = lift;
  over.onpointerleave = () => setHover(-1);
  over.addEventListener("wheel", (event) => {
    event.preventDefault();
    const [x, y] = at(event), lines = event.deltaMode ? 16 : 1;
    setHover(-1);
    go(zoomed(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), x, y));
  }, { passive: false });
  const KEYS = {
    ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
    "+": () => fly(zoomed(1.4)), "=": () => fly(zoomed(1.4)), "-": () => fly(zoomed(1 / 1.4)), 0: () => fly(fitted()),
    Escape: () => select(-1), Enter: () => { if (selected >= 0) location.href = href(selected); },
  };
  over.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.key]();
  };
  one(".graph-zoom").onclick = (event) => {
    const factor = event.target.dataset.zoom;
    if (factor !== undefined) fly(+factor ? zoomed(+factor) : fitted());
  };
  let typing = 0;
  form.oninput = (event) => { clearTimeout(typing); typing = setTimeout(apply, event.target.name === "text" ? 90 : 0); };
  form.onsubmit = (event) => {
    event.preventDefault();
    clearTimeout(typing);
    apply();
    if (matches.length) select(matches[0]);
  };
  more.onclick = () => { const first = listed; extend(); list.children[first]?.firstElementChild.focus(); };
  const pointed = (event) => {
    const link = event.target.closest?.("[data-note]");
    if (!link) return;
    setHover(+link.dataset.note);
    if (event.type === "focusin") show(+link.dataset.note);
  };
  list.onmouseover = pointed;
  list.addEventListener("focusin", pointed);
  list.onmouseleave = () => setHover(-1);
  list.addEventListener("focusout", () => setHover(-1));
  addEventListener("hashchange", () => { const i = bySlug(location.hash); if (i >= 0 && i !== selected) select(i); });

  // -- The page around: its size, its theme.
  new ResizeObserver(() => {
    const was = fitK, first = !view.k;
    width = stage.clientWidth, height = stage.clientHeight, ratio = Math.min(devicePixelRatio || 1, 2);
    for (const canvas of [base, over]) canvas.width = width * ratio, canvas.height = height * ratio;
    const fit = fitted();
    fitK = fit.k;
    view = first || view.k === was ? fit : view;
    apply();
    const start = first ? bySlug(location.hash) : -1;
    if (start >= 0) select(start);
  }).observe(stage);
  new MutationObserver(readColours).observe(document.documentElement, { attributes: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);
  readColours();
})();
