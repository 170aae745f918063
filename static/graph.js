// Draws the graph page; positions were worked out when the site was built. An idle page asks for no frames.
(() => {
  "use strict";
  const data = window.canonGraph, page = document.querySelector(".graph");
  if (!data || !page) return;
  const one = (selector) => page.querySelector(selector), { abs, min, max, sqrt, floor, hypot } = Math;
  const base = one(".graph-base"), over = one(".graph-over"), stage = one(".graph-stage"), tip = one(".graph-tip");
  const form = one(".graph-tools"), chosen = one(".graph-chosen"), list = one(".graph-list"), more = one(".graph-more");
  const ink = base.getContext("2d"), top = over.getContext("2d"), fields = form.elements;

  // Numbers are written five bits a letter, plus 32 where another letter follows.
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const digit = Object.fromEntries([...LETTERS].map((letter, i) => [letter, i]));
  const reader = (text) => {
    let at = 0;
    return () => {
      for (let value = 0, unit = 1; ; unit *= 32) {
        const bits = digit[text[at++]];
        value += (bits & 31) * unit;
        if (bits < 32) return value;
      }
    };
  };
  const { titles, kinds, folders } = data, count = titles.length;
  const each = (make) => Array.from({ length: count }, (_, i) => make(i));
  const column = (name) => each(reader(data[name]));
  const places = (text) => each((i) => digit[text[2 * i]] * 64 + digit[text[2 * i + 1]]);
  const X = places(data.x), Y = places(data.y), folder = column("folder"), dir = column("dir"), type = column("type");
  const importance = column("importance"), nextTag = reader(data.tag), nextEdge = reader(data.edges);
  const tags = each(() => Array.from({ length: nextTag() }, nextTag));
  const edges = [], links = each(() => []), linked = each(() => 0);
  for (let source = 0; source < count; source++) {
    for (let left = nextEdge(), target = 0; left > 0; left--) {
      const step = nextEdge();
      target += floor(step / kinds.length);
      const edge = { source, target, kind: step % kinds.length };
      links[source].push(edge);
      links[target].push(edge);
      linked[target]++;
      edges.push(edge);
    }
  }
  const slug = (title) => title.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase();
  const path = (i) => `${data.dirs[dir[i]]}/${data.stems[i] || slug(titles[i])}.html`.replace(/^\//, "");
  const encoded = (i) => path(i).split("/").map(encodeURIComponent).join("/");
  const href = (i) => page.dataset.root + encoded(i);
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const other = (edge, i) => edge.source === i ? edge.target : edge.source;
  let folded;

  // Beyond twelve folders a hue comes again, far from where it was.
  const HUES = 12, hues = [], names = [...folders];
  const regions = folders.map((_, at) => ({ at, x: 0, y: 0, n: 0, up: 4096 }));
  for (let i = 0; i < count; i++) {
    const region = regions[folder[i]];
    region.x += X[i], region.y += Y[i], region.n++, region.up = min(region.up, Y[i]);
  }
  for (const region of regions) {
    const { at, n } = region, room = Array(HUES).fill(9e9);
    region.x /= n, region.y /= n;
    if (at < 300) for (let i = 0; i < at; i++) room[hues[i]] = min(room[hues[i]], hypot(region.x - regions[i].x, region.y - regions[i].y));
    hues[at] = at < HUES ? at : room.indexOf(max(...room));
  }
  const largest = [...regions].sort((a, b) => b.n - a.n).slice(0, 60);
  // Where nearly all notes lie in one folder, its hue would say nothing: there each type has that of its chip.
  const isByType = largest[0]?.n > count * 0.9 && data.types.length > 1;
  const OWN = { concept: 0, technology: 2, playbook: 3, skill: 4, library: 5, pattern: 6, case: 7 };
  const typeHue = (at) => OWN[data.types[at]] ?? 8 + at % 4;
  const hue = each((i) => isByType ? typeHue(type[i]) : hues[folder[i]]);

  const rank = each((i) => i), size = [], offFolders = new Set();
  let matches, listed, lines, across, dots;
  let hover = -1, selected = -1, moving, settle, wanted, flight;
  let width, height, ratio, view = { x: 2048, y: 2048, k: 0 }, fitK = 1;
  let picture, sketch, labels = [], boxes, colours;

  const readColours = () => {
    const probe = tip.cloneNode();
    stage.append(probe);
    const read = (name) => (probe.style.color = `var(--${name})`, getComputedStyle(probe).color);
    colours = Object.fromEntries(["bg", "text", "secondary", "border", "accent"].map((name) => [name, read(name)]));
    colours.hues = Array.from({ length: HUES }, (_, i) => read("graph-" + (i + 1)));
    colours.font = getComputedStyle(probe).fontFamily;
    probe.remove();
    redraw();
  };

  // The view is the point in the middle, and pixels a unit.
  const toX = (x, { x: x0, k } = view) => (x - x0) * k + width / 2, toY = (y, { y: y0, k } = view) => (y - y0) * k + height / 2;
  const radius = (i) => size[i] * sqrt(view.k / fitK);
  const request = () => { wanted ||= requestAnimationFrame(frame); };
  const redraw = () => { picture = sketch = undefined; labels = []; request(); };
  const moved = () => {
    moving = true;
    clearTimeout(settle);
    settle = setTimeout(() => { moving = false; request(); }, 120);
    request();
  };
  const fitted = () => {
    const ends = (values) => [values.reduce((a, b) => min(a, b), 4096), values.reduce((a, b) => max(a, b), 0)];
    const [left, right] = ends(X), [up, down] = ends(Y), room = min(width, height) > 500 ? 72 : 44;
    const k = min((width - room) / max(right - left, 300), (height - room) / max(down - up, 300));
    return { x: (left + right) / 2, y: (up + down) / 2, k: max(k, 0.01) };
  };
  const zoomed = (factor, x = width / 2, y = height / 2) => {
    const k = min(max(view.k * factor, fitK / 2), max(fitK * 40, 2)), stay = 1 / view.k - 1 / k;
    return { x: view.x + (x - width / 2) * stay, y: view.y + (y - height / 2) * stay, k };
  };
  const go = (to) => { flight = undefined; view = to; moved(); };
  const fly = (to) => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return go(to);
    flight = { from: view, to, start: performance.now() };
    moved();
  };
  const pan = (dx, dy) => go({ x: view.x - dx / view.k, y: view.y - dy / view.k, k: view.k });
  const show = (i) => {
    const x = toX(X[i]), y = toY(Y[i]), k = max(view.k, fitK * 2);
    if (k > view.k || x < 40 || y < 40 || x > width - 40 || y > height - 40) fly({ x: X[i], y: Y[i], k });
  };

  // Edges go into a picture of the view and a margin, a slice a frame.
  const MARGIN = 160, DASHES = [[], [], [4, 4]], STYLES = [0, 1, 2, 1, 1, 1];
  const startSketch = () => {
    const canvas = document.createElement("canvas");
    canvas.width = (width + 2 * MARGIN) * ratio, canvas.height = (height + 2 * MARGIN) * ratio;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.setTransform(ratio, 0, 0, ratio, MARGIN * ratio, MARGIN * ratio);
    sketch = { canvas, pen, at: 0, ...view };
  };
  const arrow = (pen, x1, y1, x2, y2, back) => {
    const length = hypot(x2 - x1, y2 - y1), dx = (x2 - x1) / length, dy = (y2 - y1) / length;
    if (length < back + 10) return;
    const x = x2 - dx * back, y = y2 - dy * back;
    pen.moveTo(x - dx * 6 - dy * 3, y - dy * 6 + dx * 3);
    pen.lineTo(x, y);
    pen.lineTo(x - dx * 6 + dy * 3, y - dy * 6 - dx * 3);
  };
  const continueSketch = (until) => {
    const { pen, k } = sketch, close = k / fitK;
    const strength = (n, power) => min(0.75, 0.65 * (300 / (n + 1)) ** power);
    const strong = strength((lines.length - across) / max(close, 1), 0.3), faint = strength(lines.length, 0.58);
    while (sketch.at < lines.length && performance.now() < until) {
      const { group } = lines[sketch.at], style = group % 3;
      pen.globalAlpha = (group < 3 * HUES ? faint : strong) * (style ? 0.8 : 1);
      pen.strokeStyle = colours.hues[floor(group / 3) % HUES];
      // Lines of one device pixel are drawn several times faster.
      pen.lineWidth = (style === 1 ? 0.7 : 1) / (close < 2.5 ? ratio : 1);
      pen.setLineDash(DASHES[style]);
      pen.beginPath();
      for (let left = 300; left && lines[sketch.at]?.group === group; sketch.at++) {
        const { source, target } = lines[sketch.at];
        const x1 = toX(X[source], sketch), y1 = toY(Y[source], sketch), x2 = toX(X[target], sketch), y2 = toY(Y[target], sketch);
        if (max(x1, x2) < -MARGIN || min(x1, x2) > width + MARGIN || max(y1, y2) < -MARGIN || min(y1, y2) > height + MARGIN) continue;
        pen.moveTo(x1, y1);
        pen.lineTo(x2, y2);
        if (close > 2.5 && !style) arrow(pen, x1, y1, x2, y2, size[target] * sqrt(close) + 1);
        left--;
      }
      pen.stroke();
      // Asked for a pixel, the browser draws this slice now, not all at the end.
      pen.getImageData(0, 0, 1, 1);
    }
    if (sketch.at >= lines.length) picture = sketch, sketch = undefined;
  };
  const stale = (of) => {
    if (!of) return true;
    const shift = max(abs(of.x - view.x), abs(of.y - view.y)) * view.k, scale = view.k / of.k;
    return moving ? shift > MARGIN || scale > 1.6 || scale < 0.7 : shift > 0.5 || scale !== 1;
  };

  const dot = (pen, x, y, r) => { pen.moveTo(x + r, y); pen.arc(x, y, r, 0, 7); };
  const drawNodes = () => {
    ink.lineWidth = 1.5;
    ink.strokeStyle = colours.bg;
    dots.forEach((nodes, group) => {
      ink.beginPath();
      for (const i of nodes) {
        const x = toX(X[i]), y = toY(Y[i]), r = radius(i) * (group ? 1 : 0.7);
        if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
        // Squares are drawn three times faster.
        if (r < (moving ? 2.2 : 1.1)) ink.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
        else dot(ink, x, y, r);
      }
      ink.fillStyle = colours.hues[group - 1] || colours.border;
      ink.fill();
      if (count < 1500) ink.stroke();
    });
  };

  // Labels: the most important first, none over another, none cut at the edge; `fits` says where the middle goes.
  const setFont = (isBig) => { top.font = `${isBig ? "650 14px" : "12px"} ${colours.font}`; };
  const fits = (name, x, y) => {
    const w = top.measureText(name).width / 2 + 4;
    const inside = min(max(x, w), width - w), isFree = (box) => abs(box[0] - inside) > box[2] + w || abs(box[1] - y) > 17;
    return inside >= w && abs(inside - x) <= w && y > 8 && y < height - 8 && boxes.every(isFree) && boxes.push([inside, y, w]) && inside;
  };
  const chooseLabels = () => {
    const close = view.k / fitK, most = min(90, (count < 400 ? 30 : 14) * max(close, 1) * min(1, width / 900));
    boxes = [], labels = [];
    setFont(true);
    if (close < 3 && folders.length > 1 && !isByType) for (const { at, x, n, up, y: centre } of largest) {
      const y = n > 60 ? centre : up, below = n > 60 ? 0 : -18;
      const middle = n > 2 && fits(names[at], toX(x), toY(y) + below);
      if (middle) labels.push({ at, x, y, below, aside: middle - toX(x), name: names[at] });
    }
    setFont();
    let looked = 0;
    for (const i of matches) {
      const x = toX(X[i]), y = toY(Y[i]), name = short(i), below = radius(i) + 9;
      if (x < 0 || y < 0 || x > width || y > height) continue;
      if (labels.length >= most || looked++ > 600) break;
      const middle = fits(name, x, y + below);
      if (middle) labels.push({ x: X[i], y: Y[i], below, aside: middle - x, name });
    }
  };
  const short = (i) => titles[i].length > 34 ? titles[i].slice(0, 32).trim() + "…" : titles[i];
  const write = (name, x, y, style, isBig) => {
    setFont(isBig);
    Object.assign(top, { textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3.5, strokeStyle: colours.bg, fillStyle: style });
    top.strokeText(name, x, y);
    top.fillText(name, x, y);
  };

  const drawFocus = (i) => {
    const near = new Set([i]), x1 = toX(X[i]), y1 = toY(Y[i]), around = links[i].filter((edge) => edge.isOn);
    top.strokeStyle = colours.accent;
    top.globalAlpha = around.length > 200 ? 0.4 : 0.85;
    for (let style = 0; style < 3; style++) {
      top.lineWidth = [1.6, 1, 1.3][style];
      top.setLineDash(DASHES[style]);
      top.beginPath();
      for (const edge of around) {
        const to = other(edge, i), x2 = toX(X[to]), y2 = toY(Y[to]);
        near.add(to);
        if (STYLES[edge.kind] !== style) continue;
        top.moveTo(x1, y1);
        top.lineTo(x2, y2);
        if (!style) edge.target === i ? arrow(top, x2, y2, x1, y1, radius(i) + 3) : arrow(top, x1, y1, x2, y2, radius(to) + 2);
      }
      top.stroke();
    }
    top.setLineDash([]);
    top.globalAlpha = 1;
    for (const to of near) {
      top.beginPath();
      dot(top, toX(X[to]), toY(Y[to]), max(radius(to), 2.5) + (to === i ? 1.5 : 0));
      const lineWidth = to === i ? 2 : 1, strokeStyle = to === i ? colours.text : colours.bg;
      Object.assign(top, { fillStyle: colours.hues[hue[to]], lineWidth, strokeStyle });
      top.fill();
      top.stroke();
    }
    boxes = [];
    for (const to of [i, ...matches.filter((to) => near.has(to)).slice(0, 40)]) {
      const x = toX(X[to]), y = toY(Y[to]) + max(radius(to), 2.5) + 10;
      if (to === i && !tip.hidden) continue;
      const middle = fits(short(to), x, y);
      if (middle) write(short(to), middle, y, colours.text, to === i);
    }
  };

  const frame = (now) => {
    wanted = 0;
    if (!lines) return;
    if (flight) {
      const { from, to, start } = flight, t = min(max((now - start) / 260, 0), 1), s = 1 - (1 - t) ** 3;
      view = t < 1 ? { x: from.x + (to.x - from.x) * s, y: from.y + (to.y - from.y) * s, k: from.k * (to.k / from.k) ** s } : to;
      if (t === 1) flight = undefined;
      moved();
    }
    if (sketch && !moving && stale(sketch)) sketch = undefined;
    if (!sketch && stale(picture)) startSketch();
    if (sketch) continueSketch(performance.now() + (moving ? 4 : 12));
    for (const pen of [ink, top]) pen.setTransform(ratio, 0, 0, ratio, 0, 0), pen.clearRect(0, 0, width, height);
    const { canvas, x, y, k } = picture || sketch, scale = view.k / k;
    ink.globalAlpha = min(1, 1 / scale);
    ink.drawImage(canvas, toX(x) - (width / 2 + MARGIN) * scale, toY(y) - (height / 2 + MARGIN) * scale, (width + 2 * MARGIN) * scale, (height + 2 * MARGIN) * scale);
    ink.globalAlpha = 1;
    drawNodes();
    const focus = hover < 0 ? selected : hover;
    stage.classList.toggle("graph-focus", focus >= 0);
    if (focus >= 0) drawFocus(focus);
    else {
      if (!moving || !labels.length) chooseLabels();
      for (const { at, x, y, below, aside, name } of labels) write(name, toX(x) + aside, toY(y) + below, colours.hues[hues[at]] || colours.secondary, at >= 0);
    }
    if (sketch) request();
  };

  const nodeAt = (px, py, slack) => {
    let best = -1, least = slack;
    for (const i of matches) {
      const away = hypot(toX(X[i]) - px, toY(Y[i]) - py) - radius(i);
      if (away < least) best = i, least = away;
    }
    return best;
  };
  const setHover = (i, x, y) => {
    if (i !== hover) hover = i, over.style.cursor = i < 0 ? "" : "pointer", request();
    if ((tip.hidden = i < 0 || x === undefined)) return;
    tip.textContent = titles[i];
    tip.style.transform = `translate(${min(x + 14, max(0, width - tip.offsetWidth - 8))}px,${y > height - 60 ? y - 44 : y + 16}px)`;
  };

  const make = (tag, text, attributes) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(text);
    return element;
  };
  const row = (...cells) => { const item = make("li", ""); item.append(...cells); return item; };
  const option = (value) => [...fields.type.options].find((option) => option.value === value)?.text || value;
  const boxOf = (kind) => one(`[name=kind][value="${kind}"]`);
  const select = (i, isShown = true) => {
    selected = i;
    chosen.hidden = i < 0;
    request();
    history.replaceState(null, "", i < 0 ? location.pathname + location.search : "#" + encoded(i));
    if (i < 0) return;
    const out = links[i].filter((edge) => edge.source === i).length, { dataset } = page, ties = make("ul", "");
    for (const edge of [...links[i]].sort((a, b) => a.kind - b.kind).slice(0, 24)) {
      const to = other(edge, i), kind = boxOf(kinds[edge.kind]).dataset.label;
      ties.append(row(make("span", (edge.source === i ? "→ " : "← ") + kind), make("a", titles[to], { href: "#" + encoded(to) })));
    }
    chosen.replaceChildren(
      make("h2", titles[i]), make("p", [names[folder[i]], option(data.types[type[i]]), importance[i]].join(" · ")),
      make("p", `${dataset.in.replace("{n}", links[i].length - out)} · ${dataset.out.replace("{n}", out)}`),
      make("a", dataset.open, { href: href(i), className: "graph-open" }), ties);
    if (isShown) show(i);
  };
  const selectNamed = () => {
    const named = location.hash.slice(1) || new URLSearchParams(location.search).get("note");
    const i = rank.find((i) => encoded(i) === named || path(i) === named);
    if (i >= 0 && i !== selected) select(i);
  };

  const apply = () => {
    const words = fold(fields.text.value).split(/\s+/).filter(Boolean);
    const typeAt = data.types.indexOf(fields.type.value), tagAt = data.tags.indexOf(fields.tag.value);
    if (words.length) folded ||= titles.map(fold);
    const kindsOn = kinds.map((kind) => boxOf(kind)?.checked), shown = [], byImportance = fields.size.value === "importance";
    const least = min(4.2, max(1, 62 / sqrt(count + 1) * min(1, min(width, height) / 800)));
    // The faint ones come first, under the others.
    dots = Array.from({ length: HUES + 1 }, () => []);
    for (let i = 0; i < count; i++) {
      shown[i] = +(!offFolders.has(folder[i]) && (!fields.type.value || type[i] === typeAt) && (!fields.tag.value || tags[i].includes(tagAt)) &&
        words.every((word) => folded[i].includes(word)));
      dots[shown[i] && hue[i] + 1].push(i);
      size[i] = least * (0.8 + (byImportance ? importance[i] ** 2 / 4500 : sqrt(min(linked[i], 100)) * 0.26));
    }
    const weight = (i) => linked[i] * 2 + importance[i] * (byImportance ? 9 : 0.4);
    matches = rank.sort((a, b) => weight(b) - weight(a) || a - b).filter((i) => shown[i]);
    lines = edges.filter((edge) => edge.isOn = kindsOn[edge.kind] && shown[edge.source] && shown[edge.target]);
    across = 0;
    for (const edge of lines) {
      const from = folder[edge.source], within = from === folder[edge.target];
      across += !within;
      edge.group = (within * HUES + hue[edge.source]) * 3 + STYLES[edge.kind];
    }
    lines.sort((a, b) => a.group - b.group);
    one("#graph-count").textContent = page.dataset.shown.replace("{n}", matches.length).replace("{total}", count);
    listed = 0;
    list.replaceChildren();
    extend();
    redraw();
  };
  const swatch = (element, at) => { element.style.setProperty("--hue", `var(--graph-${at + 1})`); return element; };
  const extend = () => {
    for (const i of matches.slice(listed, listed += 200)) {
      const link = swatch(make("a", titles[i], { href: href(i) }), hue[i]);
      link.dataset.note = i;
      list.append(row(link, make("span", importance[i])));
    }
    more.hidden = listed >= matches.length;
    more.textContent = page.dataset.more.replace("{n}", min(200, matches.length - listed));
  };
  for (const item of page.querySelectorAll("[data-folder]")) {
    const at = folders.indexOf(item.dataset.folder);
    if (at < 0) continue;
    names[at] = item.firstElementChild.textContent;
    const button = swatch(make("button", make("i", ""), { type: "button", className: "graph-swatch", ariaLabel: names[at], ariaPressed: true }), isByType ? HUES - 1 : hues[at]);
    button.onclick = () => {
      button.ariaPressed = offFolders.delete(at) || !offFolders.add(at);
      apply();
    };
    item.prepend(button);
  }

  if (isByType) {
    const held = new Set(type), key = make("ul", "", { className: "graph-types" });
    data.types.forEach((name, at) => name && held.has(at) && key.append(row(swatch(make("i", ""), typeHue(at)), option(name))));
    fields.type.closest(".graph-tools").append(key);
  }

  const fingers = new Map();
  let travelled = 0, spread = 0;
  const at = ({ clientX, clientY }) => { const box = over.getBoundingClientRect(); return [clientX - box.left, clientY - box.top]; };
  over.onpointerdown = (event) => {
    if (event.button) return;
    over.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    travelled = fingers.size > 1 ? 99 : 0;
    spread = 0;
    flight = undefined;
  };
  over.onpointermove = (event) => {
    const [x, y] = at(event), last = fingers.get(event.pointerId), isTouch = event.pointerType === "touch";
    if (!last) return isTouch || setHover(nodeAt(x, y, 6), x, y);
    fingers.set(event.pointerId, [x, y]);
    travelled += abs(x - last[0]) + abs(y - last[1]);
    if (travelled <= 4) return;
    setHover(-1);
    stage.classList.add("graph-drag");
    pan((x - last[0]) / fingers.size, (y - last[1]) / fingers.size);
    if (fingers.size < 2) return;
    const [a, b] = [...fingers.values()], now = hypot(a[0] - b[0], a[1] - b[1]);
    if (spread) go(zoomed(now / spread, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2));
    spread = now;
  };
  over.onpointerup = over.onpointercancel = (event) => {
    const isTap = fingers.delete(event.pointerId) && event.type === "pointerup" && travelled <= 4;
    spread = 0;
    stage.classList.remove("graph-drag");
    if (!isTap) return;
    const i = nodeAt(...at(event), event.pointerType === "touch" ? 16 : 6);
    if (i >= 0 && i === selected) location.href = href(i);
    else select(i, false);
  };
  over.onpointerleave = () => setHover(-1);
  over.addEventListener("wheel", (event) => {
    event.preventDefault();
    setHover(-1);
    go(zoomed(Math.exp(-event.deltaY * (event.deltaMode ? 16 : 1) * (event.ctrlKey ? 0.01 : 0.0016)), ...at(event)));
  }, { passive: false });
  const KEYS = {
    ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
    "+": () => fly(zoomed(1.6)), "-": () => fly(zoomed(0.625)), 0: () => fly(fitted()),
    Escape: () => select(-1), Enter: () => { if (selected >= 0) location.href = href(selected); },
  };
  over.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.key]();
  };
  one(".graph-zoom").onclick = ({ target: { dataset: { zoom } } }) => { if (zoom) fly(+zoom ? zoomed(+zoom) : fitted()); };
  let typing;
  form.oninput = () => { clearTimeout(typing); typing = setTimeout(apply, 90); };
  form.onsubmit = (event) => {
    event.preventDefault();
    clearTimeout(typing);
    apply();
    if (matches.length) select(matches[0]);
  };
  more.onclick = () => { const first = listed; extend(); list.children[first].firstElementChild.focus(); };
  const pointed = ({ type, target: { dataset: { note } } }) => {
    setHover(note ? +note : -1);
    if (type === "focusin") show(+note);
  };
  for (const name of ["mouseover", "focusin"]) list.addEventListener(name, pointed);
  for (const name of ["mouseleave", "focusout"]) list.addEventListener(name, () => setHover(-1));
  addEventListener("hashchange", selectNamed);

  new ResizeObserver(() => {
    const isFirst = !view.k, wasFit = view.k === fitK;
    width = stage.clientWidth, height = stage.clientHeight, ratio = min(devicePixelRatio || 1, 2);
    for (const canvas of [base, over]) canvas.width = width * ratio, canvas.height = height * ratio;
    const fit = fitted();
    fitK = fit.k;
    if (isFirst || wasFit) view = fit;
    apply();
    if (isFirst) selectNamed();
  }).observe(stage);
  new MutationObserver(readColours).observe(document.documentElement, { attributes: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);
  readColours();
})();
