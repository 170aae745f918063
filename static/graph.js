// The graph page: draws notes as points and links as lines on two canvases, with filters, a list of the notes and a panel for
// the chosen one. Positions come from `graph-data.js`, computed when the site is built; content/reading/data-files.md has the
// format. Requests no frames while nothing moves.

/**
 * The content of `graph-data.js`. Texts in the last line are columns with a number per note, or more.
 * @typedef {Record<"kinds" | "folders" | "dirs" | "types" | "tags" | "titles" | "stems", string[]>
 *   & Record<"folder" | "dir" | "type" | "importance" | "tag" | "x" | "y" | "edges", string>} GraphData
 */
/** @typedef {{ source: number, target: number, kind: number, isOn: boolean, group: number }} GraphEdge `group`: the lines drawn in one stroke. */
/**
 * The graph, unpacked: arrays by the note's number.
 * @typedef {object} Graph
 * @property {number[]} xs From 0 to 4095, as in the next.
 * @property {number[]} ys
 * @property {number[]} folder
 * @property {string[]} paths Addresses from the root, not encoded.
 * @property {number[]} type
 * @property {number[]} importance
 * @property {number[][]} tags
 * @property {GraphEdge[]} edges
 * @property {GraphEdge[][]} links Edges from and to the note.
 * @property {number[]} incoming How many edges lead to the note.
 */
/** @typedef {{ at: number, x: number, y: number, n: number, up: number }} GraphRegion A folder: centre, number of notes, top. */
/** @typedef {{ x: number, y: number, k: number }} GraphView The point in the middle, and pixels per unit. */
/** @typedef {GraphView & { canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D, at: number }} GraphSketch Edges drawn for a view, up to the line `at`. */
/** @typedef {{ at: number, x: number, y: number, below: number, aside: number, name: string }} GraphLabel `at`: the folder, -1 for a note. */
/** @typedef {HTMLFormElement & { elements: { text: HTMLInputElement, type: HTMLSelectElement, tag: HTMLSelectElement, size: HTMLSelectElement } }} GraphForm */

// Numbers have five bits per letter, plus 32 if another letter follows. Positions have two letters of six bits.
window.canonReadGraph = (data) => {
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const { kinds, titles } = data, count = titles.length;
  /**
   * A function that returns the next number of a column.
   * @param {string} text
   */
  const reader = (text) => {
    let at = 0;
    return () => {
      for (let value = 0, unit = 1; ; unit *= 32) {
        const bits = LETTERS.indexOf(text[at++]);
        value += (bits & 31) * unit;
        if (bits < 32) return value;
      }
    };
  };
  /**
   * @template T
   * @param {(note: number) => T} make
   * @returns {T[]}
   */
  const each = (make) => Array.from({ length: count }, (_, i) => make(i));
  /** @param {string} text */
  const column = (text) => each(reader(text));
  /** @param {string} text */
  const positions = (text) => each((i) => LETTERS.indexOf(text[2 * i]) * 64 + LETTERS.indexOf(text[2 * i + 1]));
  /** @param {string} title */
  const plainStem = (title) => title.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase();
  const dir = column(data.dir), nextTag = reader(data.tag), nextEdge = reader(data.edges);
  const tags = each(() => Array.from({ length: nextTag() }, nextTag));
  /** @type {GraphEdge[]} */
  const edges = [];
  /** @type {GraphEdge[][]} */
  const links = each(() => []);
  const incoming = each(() => 0);
  for (let source = 0; source < count; source++) {
    for (let left = nextEdge(), target = 0; left > 0; left--) {
      const step = nextEdge();
      target += Math.floor(step / kinds.length);
      const edge = { source, target, kind: step % kinds.length, isOn: true, group: 0 };
      links[source].push(edge);
      links[target].push(edge);
      incoming[target]++;
      edges.push(edge);
    }
  }
  return {
    xs: positions(data.x), ys: positions(data.y), folder: column(data.folder), type: column(data.type), importance: column(data.importance), tags, edges, links, incoming,
    paths: each((i) => `${data.dirs[dir[i]]}/${data.stems[i] || plainStem(titles[i])}.html`.replace(/^\//, "")),
  };
};

(() => {
  "use strict";
  const data = window.canonGraph;
  /** @type {HTMLElement | null} */
  const page = document.querySelector(".graph");
  if (!data || !page) return;
  const { abs, min, max, sqrt, floor, hypot } = Math;
  /**
   * An element of the page, which its template always writes.
   * @template {HTMLElement} [E=HTMLElement]
   * @param {string} selector
   * @returns {E}
   */
  const find = (selector) => /** @type {E} */ (page.querySelector(selector));
  /** @type {HTMLCanvasElement} */
  const base = find(".graph-base");
  /** @type {HTMLCanvasElement} */
  const over = find(".graph-over");
  /** @type {GraphForm} */
  const form = find(".graph-tools");
  const stage = find(".graph-stage"), tip = find(".graph-tip"), chosen = find(".graph-chosen"), list = find(".graph-list"), more = find(".graph-more");
  // The lower canvas has edges and points, the upper one labels and what the pointer is at.
  const ink = /** @type {CanvasRenderingContext2D} */ (base.getContext("2d")), top = /** @type {CanvasRenderingContext2D} */ (over.getContext("2d"));
  const fields = form.elements, words = /** @type {Record<string, string>} */ (page.dataset);

  const { titles, kinds, folders, types, tags: tagNames } = data, count = titles.length;
  const { xs, ys, folder, paths, type, importance, tags, edges, links, incoming } = window.canonReadGraph(data);
  const rank = xs.map((_, i) => i);
  /** @param {number} i */
  const encoded = (i) => paths[i].split("/").map(encodeURIComponent).join("/");
  /** @param {number} i */
  const href = (i) => words.root + encoded(i);
  /** @param {string} text */
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  /**
   * @param {string} text
   * @param {number} n
   */
  const fill = (text, n) => text.replace("{n}", String(n));
  /**
   * The note at the other end of an edge.
   * @param {GraphEdge} edge
   * @param {number} i
   */
  const other = (edge, i) => edge.source === i ? edge.target : edge.source;
  /** @type {string[]} Titles as `fold` returns them, from the first filter by text on. */
  let folded;

  // --- Hues: one for each folder; from the thirteenth on, the one whose folders are farthest away.

  const HUES = 12;
  /** @type {number[]} */
  const hues = [];
  const names = [...folders];
  /** @type {GraphRegion[]} */
  const regions = folders.map((_, at) => ({ at, x: 0, y: 0, n: 0, up: 4096 }));
  for (let i = 0; i < count; i++) {
    const region = regions[folder[i]];
    region.x += xs[i];
    region.y += ys[i];
    region.n++;
    region.up = min(region.up, ys[i]);
  }
  for (const region of regions) {
    const { at, n } = region, room = Array(HUES).fill(9e9);
    region.x /= n;
    region.y /= n;
    if (at < 300) for (let i = 0; i < at; i++) room[hues[i]] = min(room[hues[i]], hypot(region.x - regions[i].x, region.y - regions[i].y));
    hues[at] = at < HUES ? at : room.indexOf(max(...room));
  }
  const largest = [...regions].sort((a, b) => b.n - a.n).slice(0, 60);
  // Where nearly all notes are in one folder, hues show types instead, as their labels elsewhere do.
  const isByType = largest[0]?.n > count * 0.9 && types.length > 1;
  /** @type {Record<string, number>} */
  const TYPE_HUES = { concept: 0, technology: 2, playbook: 3, skill: 4, library: 5, pattern: 6, case: 7 };
  /** @param {number} at */
  const typeHue = (at) => TYPE_HUES[types[at]] ?? 8 + at % 4;
  const hue = rank.map((i) => isByType ? typeHue(type[i]) : hues[folder[i]]);

  // --- State

  /** @type {number[]} */
  const size = [];
  /** @type {Set<number>} */
  const offFolders = new Set();
  // Notes that pass the filters, by weight; lines between them, in the order of drawing; notes by hue, those filtered out first.
  /** @type {number[]} */
  let matches;
  /** @type {GraphEdge[] | undefined} */
  let lines;
  /** @type {number[][]} */
  let dots;
  let hover = -1, selected = -1, isMoving = false;
  // Lines between folders, matches that the list shows, a timer, a requested frame; the size of the canvases in CSS pixels,
  // device pixels per CSS pixel, and the scale at which all notes are in view.
  let across = 0, listed = 0, settle = 0, wanted = 0, width = 0, height = 0, ratio = 1, fitK = 1;
  /** @type {{ from: GraphView, to: GraphView, start: number } | undefined} */
  let flight;
  /** @type {GraphView} */
  let view = { x: 2048, y: 2048, k: 0 };
  /** @type {GraphSketch | undefined} */
  let picture;
  /** @type {GraphSketch | undefined} */
  let sketch;
  /** @type {GraphLabel[]} */
  let labels = [];
  /** @type {[x: number, y: number, halfWidth: number][]} */
  let boxes;
  /** @type {Record<string, string>} */
  let colours;
  /** @type {string[]} */
  let hueColours;

  function readColours() {
    const probe = /** @type {HTMLElement} */ (tip.cloneNode());
    stage.append(probe);
    /** @param {string} name */
    const read = (name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    colours = Object.fromEntries(["bg", "text", "secondary", "border", "accent"].map((name) => [name, read(name)]));
    hueColours = Array.from({ length: HUES }, (_, i) => read("graph-" + (i + 1)));
    colours.font = getComputedStyle(probe).fontFamily;
    probe.remove();
    redraw();
  }

  // --- View

  /**
   * @param {number} x
   * @param {GraphView} [of]
   */
  const toX = (x, { x: x0, k } = view) => (x - x0) * k + width / 2;
  /**
   * @param {number} y
   * @param {GraphView} [of]
   */
  const toY = (y, { y: y0, k } = view) => (y - y0) * k + height / 2;
  /** @param {number} i */
  const radius = (i) => size[i] * sqrt(view.k / fitK);

  function request() {
    wanted ||= requestAnimationFrame(frame);
  }

  function redraw() {
    picture = sketch = undefined;
    labels = [];
    request();
  }

  function moved() {
    isMoving = true;
    clearTimeout(settle);
    settle = setTimeout(() => {
      isMoving = false;
      request();
    }, 120);
    request();
  }

  /** The view with all notes in it. */
  function fitted() {
    /** @param {number[]} values */
    const ends = (values) => [values.reduce((a, b) => min(a, b), 4096), values.reduce((a, b) => max(a, b), 0)];
    const [left, right] = ends(xs), [up, down] = ends(ys), room = min(width, height) > 500 ? 72 : 44;
    const k = min((width - room) / max(right - left, 300), (height - room) / max(down - up, 300));
    return { x: (left + right) / 2, y: (up + down) / 2, k: max(k, 0.01) };
  }

  /**
   * The view zoomed by a factor; the point at these pixels stays where it is.
   * @param {number} factor
   * @param {number} [x]
   * @param {number} [y]
   */
  function zoomed(factor, x = width / 2, y = height / 2) {
    const k = min(max(view.k * factor, fitK / 2), max(fitK * 40, 2)), stay = 1 / view.k - 1 / k;
    return { x: view.x + (x - width / 2) * stay, y: view.y + (y - height / 2) * stay, k };
  }

  /** @param {GraphView} to */
  function go(to) {
    flight = undefined;
    view = to;
    moved();
  }

  /** @param {GraphView} to */
  function fly(to) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return go(to);
    flight = { from: view, to, start: performance.now() };
    moved();
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  const pan = (dx, dy) => go({ x: view.x - dx / view.k, y: view.y - dy / view.k, k: view.k });

  /** Brings a note into view. @param {number} i */
  function show(i) {
    const x = toX(xs[i]), y = toY(ys[i]), k = max(view.k, fitK * 2);
    if (k > view.k || x < 40 || y < 40 || x > width - 40 || y > height - 40) fly({ x: xs[i], y: ys[i], k });
  }

  // --- Edges: drawn into a picture of the view with a margin, a part in each frame

  const MARGIN = 160, DASHES = [[], [], [4, 4]];
  // The line's style by kind of edge: solid with an arrow, thin, dashed.
  const STYLES = [0, 1, 2, 1, 1, 1];

  function startSketch() {
    const canvas = document.createElement("canvas");
    canvas.width = (width + 2 * MARGIN) * ratio;
    canvas.height = (height + 2 * MARGIN) * ratio;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    pen.setTransform(ratio, 0, 0, ratio, MARGIN * ratio, MARGIN * ratio);
    return { canvas, pen, at: 0, ...view };
  }

  /**
   * The head of an arrow, `back` pixels before the end of a line.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} x1
   * @param {number} y1
   * @param {number} x2
   * @param {number} y2
   * @param {number} back
   */
  function arrow(pen, x1, y1, x2, y2, back) {
    const length = hypot(x2 - x1, y2 - y1), dx = (x2 - x1) / length, dy = (y2 - y1) / length;
    if (length < back + 10) return;
    const x = x2 - dx * back, y = y2 - dy * back;
    pen.moveTo(x - dx * 6 - dy * 3, y - dy * 6 + dx * 3);
    pen.lineTo(x, y);
    pen.lineTo(x - dx * 6 + dy * 3, y - dy * 6 - dx * 3);
  }

  /**
   * Draws further lines until a point in time; returns whether all are drawn.
   * @param {GraphSketch} of
   * @param {GraphEdge[]} lines
   * @param {number} until
   */
  function continueSketch(of, lines, until) {
    const { pen, k } = of, close = k / fitK;
    /**
     * @param {number} n
     * @param {number} power
     */
    const strength = (n, power) => min(0.75, 0.65 * (300 / (n + 1)) ** power);
    const strong = strength((lines.length - across) / max(close, 1), 0.3), faint = strength(lines.length, 0.58);
    while (of.at < lines.length && performance.now() < until) {
      const { group } = lines[of.at], style = group % 3;
      pen.globalAlpha = (group < 3 * HUES ? faint : strong) * (style ? 0.8 : 1);
      pen.strokeStyle = hueColours[floor(group / 3) % HUES];
      // Lines of one device pixel are drawn several times faster.
      pen.lineWidth = (style === 1 ? 0.7 : 1) / (close < 2.5 ? ratio : 1);
      pen.setLineDash(DASHES[style]);
      pen.beginPath();
      for (let left = 300; left && lines[of.at]?.group === group; of.at++) {
        const { source, target } = lines[of.at];
        const x1 = toX(xs[source], of), y1 = toY(ys[source], of), x2 = toX(xs[target], of), y2 = toY(ys[target], of);
        if (max(x1, x2) < -MARGIN || min(x1, x2) > width + MARGIN || max(y1, y2) < -MARGIN || min(y1, y2) > height + MARGIN) continue;
        pen.moveTo(x1, y1);
        pen.lineTo(x2, y2);
        if (close > 2.5 && !style) arrow(pen, x1, y1, x2, y2, size[target] * sqrt(close) + 1);
        left--;
      }
      pen.stroke();
      // Reading a pixel makes the browser draw this part now, not all parts in the last frame.
      pen.getImageData(0, 0, 1, 1);
    }
    return of.at >= lines.length;
  }

  /**
   * Whether edges drawn for an earlier view are too far off. A moving view accepts more.
   * @param {GraphView | undefined} of
   */
  function isStale(of) {
    if (!of) return true;
    const shift = max(abs(of.x - view.x), abs(of.y - view.y)) * view.k, scale = view.k / of.k;
    return isMoving ? shift > MARGIN || scale > 1.6 || scale < 0.7 : shift > 0.5 || scale !== 1;
  }

  // --- Points and labels

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} x
   * @param {number} y
   * @param {number} r
   */
  function dot(pen, x, y, r) {
    pen.moveTo(x + r, y);
    pen.arc(x, y, r, 0, 7);
  }

  function drawNodes() {
    ink.lineWidth = 1.5;
    ink.strokeStyle = colours.bg;
    dots.forEach((nodes, group) => {
      ink.beginPath();
      for (const i of nodes) {
        const x = toX(xs[i]), y = toY(ys[i]), r = radius(i) * (group ? 1 : 0.7);
        if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
        // Squares are drawn three times faster.
        if (r < (isMoving ? 2.2 : 1.1)) ink.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
        else dot(ink, x, y, r);
      }
      ink.fillStyle = hueColours[group - 1] || colours.border;
      ink.fill();
      if (count < 1500) ink.stroke();
    });
  }

  /** @param {boolean} isBig */
  function setFont(isBig) {
    top.font = `${isBig ? "650 14px" : "12px"} ${colours.font}`;
  }

  /**
   * Where the middle of a label goes so that it is not cut at the edge; 0 if there is no room. Keeps the room for it.
   * @param {string} name
   * @param {number} x
   * @param {number} y
   */
  function place(name, x, y) {
    const w = top.measureText(name).width / 2 + 4, inside = min(max(x, w), width - w);
    const isFree = inside >= w && abs(inside - x) <= w && y > 8 && y < height - 8 && boxes.every((box) => abs(box[0] - inside) > box[2] + w || abs(box[1] - y) > 17);
    if (!isFree) return 0;
    boxes.push([inside, y, w]);
    return inside;
  }

  /** Chooses labels that do not overlap, those of large folders and important notes first. */
  function chooseLabels() {
    const close = view.k / fitK, most = min(90, (count < 400 ? 30 : 14) * max(close, 1) * min(1, width / 900));
    boxes = [];
    labels = [];
    setFont(true);
    if (close < 3 && folders.length > 1 && !isByType) for (const { at, x, n, up, y: centre } of largest) {
      const y = n > 60 ? centre : up, below = n > 60 ? 0 : -18;
      const middle = n > 2 && place(names[at], toX(x), toY(y) + below);
      if (middle) labels.push({ at, x, y, below, aside: middle - toX(x), name: names[at] });
    }
    setFont(false);
    let looked = 0;
    for (const i of matches) {
      const x = toX(xs[i]), y = toY(ys[i]), name = short(i), below = radius(i) + 9;
      if (x < 0 || y < 0 || x > width || y > height) continue;
      if (labels.length >= most || looked++ > 600) break;
      const middle = place(name, x, y + below);
      if (middle) labels.push({ at: -1, x: xs[i], y: ys[i], below, aside: middle - x, name });
    }
  }

  /** @param {number} i */
  const short = (i) => titles[i].length > 34 ? titles[i].slice(0, 32).trim() + "…" : titles[i];

  /**
   * @param {string} name
   * @param {number} x
   * @param {number} y
   * @param {string} fillStyle
   * @param {boolean} isBig
   */
  function write(name, x, y, fillStyle, isBig) {
    setFont(isBig);
    Object.assign(top, { textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3.5, strokeStyle: colours.bg, fillStyle });
    top.strokeText(name, x, y);
    top.fillText(name, x, y);
  }

  /** Draws a note with its edges and neighbours over everything else. @param {number} i */
  function drawFocus(i) {
    const near = new Set([i]), x1 = toX(xs[i]), y1 = toY(ys[i]), around = links[i].filter((edge) => edge.isOn);
    top.strokeStyle = colours.accent;
    top.globalAlpha = around.length > 200 ? 0.4 : 0.85;
    for (let style = 0; style < 3; style++) {
      top.lineWidth = [1.6, 1, 1.3][style];
      top.setLineDash(DASHES[style]);
      top.beginPath();
      for (const edge of around) {
        const to = other(edge, i), x2 = toX(xs[to]), y2 = toY(ys[to]);
        near.add(to);
        if (STYLES[edge.kind] !== style) continue;
        top.moveTo(x1, y1);
        top.lineTo(x2, y2);
        if (style) continue;
        if (edge.target === i) arrow(top, x2, y2, x1, y1, radius(i) + 3);
        else arrow(top, x1, y1, x2, y2, radius(to) + 2);
      }
      top.stroke();
    }
    top.setLineDash([]);
    top.globalAlpha = 1;
    for (const to of near) {
      top.beginPath();
      dot(top, toX(xs[to]), toY(ys[to]), max(radius(to), 2.5) + (to === i ? 1.5 : 0));
      const lineWidth = to === i ? 2 : 1, strokeStyle = to === i ? colours.text : colours.bg;
      Object.assign(top, { fillStyle: hueColours[hue[to]], lineWidth, strokeStyle });
      top.fill();
      top.stroke();
    }
    boxes = [];
    for (const to of [i, ...matches.filter((to) => near.has(to)).slice(0, 40)]) {
      const x = toX(xs[to]), y = toY(ys[to]) + max(radius(to), 2.5) + 10;
      if (to === i && !tip.hidden) continue;
      const middle = place(short(to), x, y);
      if (middle) write(short(to), middle, y, colours.text, to === i);
    }
  }

  /** @param {number} now */
  function frame(now) {
    wanted = 0;
    if (!lines) return;
    if (flight) {
      const { from, to, start } = flight, t = min(max((now - start) / 260, 0), 1), s = 1 - (1 - t) ** 3;
      view = t < 1 ? { x: from.x + (to.x - from.x) * s, y: from.y + (to.y - from.y) * s, k: from.k * (to.k / from.k) ** s } : to;
      if (t === 1) flight = undefined;
      moved();
    }
    if (sketch && !isMoving && isStale(sketch)) sketch = undefined;
    if (!sketch && isStale(picture)) sketch = startSketch();
    if (sketch && continueSketch(sketch, lines, performance.now() + (isMoving ? 4 : 12))) {
      picture = sketch;
      sketch = undefined;
    }
    for (const pen of [ink, top]) {
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
    }
    const { canvas, x, y, k } = /** @type {GraphSketch} */ (picture || sketch), scale = view.k / k;
    ink.globalAlpha = min(1, 1 / scale);
    ink.drawImage(canvas, toX(x) - (width / 2 + MARGIN) * scale, toY(y) - (height / 2 + MARGIN) * scale, (width + 2 * MARGIN) * scale, (height + 2 * MARGIN) * scale);
    ink.globalAlpha = 1;
    drawNodes();
    const focus = hover < 0 ? selected : hover;
    stage.classList.toggle("graph-focus", focus >= 0);
    if (focus >= 0) drawFocus(focus);
    else {
      if (!isMoving || !labels.length) chooseLabels();
      for (const { at, x, y, below, aside, name } of labels) write(name, toX(x) + aside, toY(y) + below, hueColours[hues[at]] || colours.secondary, at >= 0);
    }
    if (sketch) request();
  }

  // --- The chosen note

  /**
   * The nearest note at most `slack` pixels from a point; -1 if there is none.
   * @param {number} x
   * @param {number} y
   * @param {number} slack
   */
  function nodeAt(x, y, slack) {
    let best = -1, least = slack;
    for (const i of matches) {
      const away = hypot(toX(xs[i]) - x, toY(ys[i]) - y) - radius(i);
      if (away < least) {
        best = i;
        least = away;
      }
    }
    return best;
  }

  /**
   * Highlights a note, with its title beside the pointer if there is one; -1 highlights none.
   * @param {number} i
   * @param {[x: number, y: number]} [pointer]
   */
  function setHover(i, pointer) {
    if (i !== hover) {
      hover = i;
      over.style.cursor = i < 0 ? "" : "pointer";
      request();
    }
    tip.hidden = i < 0 || !pointer;
    if (tip.hidden || !pointer) return;
    const [x, y] = pointer;
    tip.textContent = titles[i];
    tip.style.transform = `translate(${min(x + 14, max(0, width - tip.offsetWidth - 8))}px,${y > height - 60 ? y - 44 : y + 16}px)`;
  }

  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {string | Node} content
   * @param {object} [properties]
   */
  function make(tag, content, properties) {
    const element = document.createElement(tag);
    element.append(content);
    return Object.assign(element, properties);
  }

  /** @param {(Node | string)[]} cells */
  function row(...cells) {
    const item = make("li", "");
    item.append(...cells);
    return item;
  }

  /** @param {string} value */
  const typeName = (value) => [...fields.type.options].find((option) => option.value === value)?.text || value;

  /**
   * The checkbox of a kind of edge.
   * @param {string} kind
   * @returns {HTMLInputElement}
   */
  const boxOf = (kind) => find(`[name=kind][value="${kind}"]`);

  /**
   * Shows a note in the panel; -1 closes it.
   * @param {number} i
   * @param {boolean} [isShown] Whether the view moves to the note.
   */
  function select(i, isShown = true) {
    selected = i;
    chosen.hidden = i < 0;
    request();
    history.replaceState(null, "", i < 0 ? location.pathname + location.search : "#" + encoded(i));
    if (i < 0) return;
    const out = links[i].filter((edge) => edge.source === i).length, ties = make("ul", "");
    for (const edge of [...links[i]].sort((a, b) => a.kind - b.kind).slice(0, 24)) {
      const to = other(edge, i), kind = boxOf(kinds[edge.kind]).dataset.label;
      ties.append(row(make("span", (edge.source === i ? "→ " : "← ") + kind), make("a", titles[to], { href: "#" + encoded(to) })));
    }
    chosen.replaceChildren(
      make("h2", titles[i]), make("p", [names[folder[i]], typeName(types[type[i]]), importance[i]].join(" · ")),
      make("p", `${fill(words.in, links[i].length - out)} · ${fill(words.out, out)}`),
      make("a", words.open, { href: href(i), className: "graph-open" }), ties);
    if (isShown) show(i);
  }

  /** Selects the note that the address names. */
  function selectNamed() {
    const named = location.hash.slice(1) || new URLSearchParams(location.search).get("note");
    const i = rank.find((i) => encoded(i) === named || paths[i] === named) ?? -1;
    if (i >= 0 && i !== selected) select(i);
  }

  // --- Filters

  function apply() {
    const asked = fold(fields.text.value).split(/\s+/).filter(Boolean);
    if (asked.length) folded ||= titles.map(fold);
    const typeAt = types.indexOf(fields.type.value), tagAt = tagNames.indexOf(fields.tag.value);
    const kindsOn = kinds.map((kind) => boxOf(kind)?.checked), byImportance = fields.size.value === "importance";
    /** @type {boolean[]} */
    const isShown = [];
    const least = min(4.2, max(1, 62 / sqrt(count + 1) * min(1, min(width, height) / 800)));
    // The notes that are filtered out come first, under the shown ones.
    dots = Array.from({ length: HUES + 1 }, () => []);
    for (let i = 0; i < count; i++) {
      isShown[i] = !offFolders.has(folder[i]) && (!fields.type.value || type[i] === typeAt) && (!fields.tag.value || tags[i].includes(tagAt)) &&
        asked.every((word) => folded[i].includes(word));
      dots[isShown[i] ? hue[i] + 1 : 0].push(i);
      size[i] = least * (0.8 + (byImportance ? importance[i] ** 2 / 4500 : sqrt(min(incoming[i], 100)) * 0.26));
    }
    /** @param {number} i */
    const weight = (i) => incoming[i] * 2 + importance[i] * (byImportance ? 9 : 0.4);
    matches = rank.sort((a, b) => weight(b) - weight(a) || a - b).filter((i) => isShown[i]);
    for (const edge of edges) edge.isOn = kindsOn[edge.kind] && isShown[edge.source] && isShown[edge.target];
    lines = edges.filter((edge) => edge.isOn);
    across = 0;
    for (const edge of lines) {
      const from = folder[edge.source], isWithin = from === folder[edge.target];
      if (!isWithin) across++;
      edge.group = ((isWithin ? HUES : 0) + hue[edge.source]) * 3 + STYLES[edge.kind];
    }
    lines.sort((a, b) => a.group - b.group);
    find("#graph-count").textContent = fill(words.shown, matches.length).replace("{total}", String(count));
    listed = 0;
    list.replaceChildren();
    extendList();
    redraw();
  }

  /**
   * Gives an element a hue.
   * @template {HTMLElement} E
   * @param {E} element
   * @param {number} at
   */
  function swatch(element, at) {
    element.style.setProperty("--hue", `var(--graph-${at + 1})`);
    return element;
  }

  function extendList() {
    for (const i of matches.slice(listed, listed += 200)) {
      const link = swatch(make("a", titles[i], { href: href(i) }), hue[i]);
      link.dataset.note = String(i);
      list.append(row(link, make("span", String(importance[i]))));
    }
    more.hidden = listed >= matches.length;
    more.textContent = fill(words.more, min(200, matches.length - listed));
  }

  /** @type {NodeListOf<HTMLElement>} */
  const folderItems = page.querySelectorAll("[data-folder]");
  for (const item of folderItems) {
    const at = folders.indexOf(item.dataset.folder || "");
    if (at < 0) continue;
    names[at] = item.firstElementChild?.textContent || "";
    const button = swatch(make("button", make("i", ""), { type: "button", className: "graph-swatch", ariaLabel: names[at], ariaPressed: "true" }), isByType ? HUES - 1 : hues[at]);
    button.onclick = () => {
      const isOn = offFolders.delete(at);
      if (!isOn) offFolders.add(at);
      button.ariaPressed = String(isOn);
      apply();
    };
    item.prepend(button);
  }

  if (isByType) {
    const used = new Set(type), key = make("ul", "", { className: "graph-types" });
    types.forEach((name, at) => name && used.has(at) && key.append(row(swatch(make("i", ""), typeHue(at)), typeName(name))));
    form.append(key);
  }

  // --- Pointer and keyboard

  /** @type {Map<number, [x: number, y: number]>} */
  const fingers = new Map();
  let travelled = 0, spread = 0;
  /**
   * @param {MouseEvent} event
   * @returns {[x: number, y: number]}
   */
  const pointOf = ({ clientX, clientY }) => {
    const box = over.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  };
  over.onpointerdown = (event) => {
    if (event.button) return;
    over.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, pointOf(event));
    travelled = fingers.size > 1 ? 99 : 0;
    spread = 0;
    flight = undefined;
  };
  over.onpointermove = (event) => {
    const point = pointOf(event), [x, y] = point, last = fingers.get(event.pointerId);
    if (!last) {
      if (event.pointerType !== "touch") setHover(nodeAt(x, y, 6), point);
      return;
    }
    fingers.set(event.pointerId, point);
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
    const i = nodeAt(...pointOf(event), event.pointerType === "touch" ? 16 : 6);
    if (i >= 0 && i === selected) location.href = href(i);
    else select(i, false);
  };
  over.onpointerleave = () => setHover(-1);
  over.addEventListener("wheel", (event) => {
    event.preventDefault();
    setHover(-1);
    go(zoomed(Math.exp(-event.deltaY * (event.deltaMode ? 16 : 1) * (event.ctrlKey ? 0.01 : 0.0016)), ...pointOf(event)));
  }, { passive: false });
  /** @type {Record<string, () => void>} */
  const KEYS = {
    ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
    "+": () => fly(zoomed(1.6)), "-": () => fly(zoomed(0.625)), 0: () => fly(fitted()),
    Escape: () => select(-1),
    Enter: () => {
      if (selected >= 0) location.href = href(selected);
    },
  };
  over.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.key]();
  };
  find(".graph-zoom").onclick = (event) => {
    const { zoom } = /** @type {HTMLElement} */ (event.target).dataset;
    if (zoom) fly(Number(zoom) ? zoomed(Number(zoom)) : fitted());
  };
  let typing = 0;
  form.oninput = () => {
    clearTimeout(typing);
    typing = setTimeout(apply, 90);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    clearTimeout(typing);
    apply();
    if (matches.length) select(matches[0]);
  };
  more.onclick = () => {
    const first = listed;
    extendList();
    list.children[first].querySelector("a")?.focus();
  };
  /** @param {Event} event */
  const pointAt = (event) => {
    const { note } = /** @type {HTMLElement} */ (event.target).dataset;
    setHover(note ? Number(note) : -1);
    if (note && event.type === "focusin") show(Number(note));
  };
  for (const name of ["mouseover", "focusin"]) list.addEventListener(name, pointAt);
  for (const name of ["mouseleave", "focusout"]) list.addEventListener(name, () => setHover(-1));
  addEventListener("hashchange", selectNamed);

  new ResizeObserver(() => {
    const isFirst = !view.k, wasFit = view.k === fitK;
    width = stage.clientWidth;
    height = stage.clientHeight;
    ratio = min(devicePixelRatio || 1, 2);
    for (const canvas of [base, over]) {
      canvas.width = width * ratio;
      canvas.height = height * ratio;
    }
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
