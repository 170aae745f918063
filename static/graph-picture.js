// The picture of the graph: draws notes as points and links as lines on two canvases, either all notes at their places or one
// chosen note with its neighbours. Draws in short steps, and requests no frames while nothing moves. Knows no form, list or
// panel.

/* exported canonGraphPicture */

/** @typedef {{ x: number, y: number, below: number, aside: number, name: string, hue: number }} GraphLabel `hue`: that of a folder, -1 for a note. */
/** @typedef {{ name: string, x: number, y: number, notes: number, top: number, hue: number }} GraphRegion A folder. */
/** @typedef {ReturnType<typeof canonGraphPicture>} GraphPicture */

/**
 * @param {object} parts
 * @param {GraphNotes} parts.notes
 * @param {GraphRegion[]} parts.regions
 * @param {HTMLElement} parts.stage
 * @param {HTMLCanvasElement} parts.base Has points and lines.
 * @param {HTMLCanvasElement} parts.over Has labels, and what the pointer is at.
 * @param {HTMLElement} parts.tip The name beside the pointer.
 * @param {() => void} parts.onSettled Called when the view of all notes has not moved for a moment.
 */
function canonGraphPicture(parts) {
  "use strict";
  const { notes, regions, stage, base, over, tip, onSettled } = parts;
  const { abs, min, max, sqrt, floor, hypot } = Math;
  const { count, xs, ys, hue, titles } = notes;
  const ink = /** @type {CanvasRenderingContext2D} */ (base.getContext("2d")), pen = window.canonGraphPen(stage, over, tip), surroundings = window.canonGraphNear();
  const { top, colours, hueColours, setFont, place, write } = pen;
  const sketches = window.canonGraphSketches(notes, pen), { MARGIN, MOST_LIVE, size } = sketches;
  // Milliseconds of drawing in a frame while the view moves, and while it rests.
  const SHORT_STEP = 4, LONG_STEP = 12;
  // The side of a cell in which notes are looked up by place; milliseconds in which a scene's notes come to their places.
  const CELL = 64, ARRIVAL = 260;

  /** @type {GraphChoice} */
  let choice = { matches: [], isShown: new Uint8Array(count), kindsOn: [], byImportance: false };
  /** @type {Map<number, number[]>} Notes of the choice by the cell of the picture they are in. */
  let cells = new Map();
  let hover = -1, isMoving = false;
  // A timer, a requested frame; the size of the canvases in CSS pixels, device pixels per CSS pixel, and the scale at which
  // all notes are in view.
  let settle = 0, wanted = 0, width = 0, height = 0, ratio = 1, fitK = 1;
  /** @type {GraphView} */
  let view = { x: 2048, y: 2048, k: 0 };
  /** @type {{ from: GraphView, to: GraphView, start: number } | undefined} */
  let flight;
  /** @type {GraphSketch | undefined} The sketch that is complete. */
  let picture;
  /** @type {GraphSketch | undefined} The sketch being drawn. */
  let sketch;
  let isOutdated = true;
  /** @type {GraphLabel[]} */
  let labels = [];
  /** @type {GraphView | undefined} The view that the labels were chosen for. */
  let labelled;
  /** @type {GraphScene | undefined} */
  let scene;
  /** @type {GraphView} The view of all notes while a scene is shown. */
  let mapView = view;
  /** @type {{ at: number, from: Map<number, [x: number, y: number]> } | undefined} How the scene's notes come to their places. */
  let arrival;

  function readColours() {
    pen.readColours();
    redraw();
  }

  const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

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
  /**
   * @param {number} i
   * @param {GraphView} [of]
   */
  const radius = (i, { k } = view) => size[i] * sqrt(k / fitK);

  function request() {
    wanted ||= requestAnimationFrame(frame);
  }

  function redraw() {
    isOutdated = true;
    sketches.discard(sketch);
    sketch = undefined;
    labels = [];
    request();
  }

  function moved() {
    isMoving = true;
    clearTimeout(settle);
    settle = setTimeout(() => {
      isMoving = false;
      request();
      if (!scene) onSettled();
    }, 120);
    request();
  }

  /** The view with all notes in it. */
  function fitted() {
    if (scene) return { x: 0, y: 0, k: 1 };
    let [left, right, up, down] = [4096, 0, 4096, 0];
    for (const i of notes.loaded) {
      left = min(left, xs[i]);
      right = max(right, xs[i]);
      up = min(up, ys[i]);
      down = max(down, ys[i]);
    }
    const room = min(width, height) > 500 ? 72 : 44;
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
    const [least, most] = scene ? [0.5, 8] : [fitK / 2, max(fitK * 40, 2)];
    const k = min(max(view.k * factor, least), most), stay = 1 / view.k - 1 / k;
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
    if (isCalm()) return go(to);
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
    if (scene || !notes.isLoaded(i)) return;
    const x = toX(xs[i]), y = toY(ys[i]), k = max(view.k, fitK * 2);
    if (k > view.k || x < 40 || y < 40 || x > width - 40 || y > height - 40) fly({ x: xs[i], y: ys[i], k });
  }

  // --- Choice: points and lines in the order of drawing

  /** @param {GraphChoice} of */
  function choose(of) {
    choice = of;
    const { matches } = of, least = min(4.2, max(1, 62 / sqrt(count + 1) * min(1, min(width, height) / 800)));
    cells = new Map();
    sketches.choose(of, least);
    for (const i of matches) {
      const cell = cellOf(xs[i], ys[i]), list = cells.get(cell);
      if (list) list.push(i);
      else cells.set(cell, [i]);
    }
    redraw();
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  const cellOf = (x, y) => floor(x / CELL) * CELL + floor(y / CELL);

  /**
   * Whether a sketch for an earlier view is too far off. A moving view accepts more.
   * @param {GraphSketch | undefined} of
   */
  function isStale(of) {
    if (!of) return true;
    const shift = max(abs(of.x - view.x), abs(of.y - view.y)) * view.k, scale = view.k / of.k;
    return isMoving ? shift > MARGIN || scale > 2.2 || scale < 0.5 : shift > 0.5 || scale !== 1;
  }

  /** Draws the map: continues its sketch, and shows what is complete of it at the present view. */
  function drawMap() {
    if (sketch && !isMoving && isStale(sketch)) {
      sketches.discard(sketch);
      sketch = undefined;
    }
    if (!sketch && (isOutdated || isStale(picture))) sketch = sketches.start(view, { width, height, ratio, fitK });
    if (sketch && sketches.proceed(sketch, performance.now() + (isMoving ? SHORT_STEP : LONG_STEP), isMoving)) {
      sketches.discard(picture);
      picture = sketch;
      sketch = undefined;
      isOutdated = false;
    }
    // Until a first picture is complete, or after a change of the choice, the sketch itself is shown.
    const shown = !picture || (isOutdated && sketch?.hasPoints) ? sketch : picture;
    if (shown) {
      const scale = view.k / shown.k, left = toX(shown.x) - (width / 2 + MARGIN) * scale, up = toY(shown.y) - (height / 2 + MARGIN) * scale;
      ink.globalAlpha = min(1, 1 / scale);
      ink.drawImage(shown.lines, left, up, (width + 2 * MARGIN) * scale, (height + 2 * MARGIN) * scale);
      ink.globalAlpha = 1;
      if (notes.loaded.length > MOST_LIVE) ink.drawImage(shown.points, left, up, (width + 2 * MARGIN) * scale, (height + 2 * MARGIN) * scale);
    }
    if (notes.loaded.length <= MOST_LIVE) {
      for (let group = 0; group < sketches.groups(); group++) sketches.drawPoints(ink, view, { width, height, ratio, fitK }, group, 0, Infinity, isMoving);
    }
    if (sketch) request();
  }

  // --- Names

  /** Chooses labels that do not overlap, those of large folders and important notes first. */
  function chooseLabels() {
    const close = view.k / fitK, most = min(90, (count < 400 ? 30 : 14) * max(close, 1) * min(1, width / 900));
    pen.clearNames();
    labels = [];
    labelled = view;
    setFont(true);
    if (close < 3 && regions.length > 1) for (const { name, x, notes: n, top: up, y: centre, hue } of regions) {
      const y = n > 60 ? centre : up, below = n > 60 ? 0 : -18;
      const middle = n > 2 && place(name, toX(x), toY(y) + below);
      if (middle) labels.push({ x, y, below, aside: middle - toX(x), name, hue });
    }
    setFont(false);
    let looked = 0;
    for (const i of choice.matches) {
      const x = toX(xs[i]), y = toY(ys[i]), name = short(i), below = radius(i) + 9;
      if (x < 0 || y < 0 || x > width || y > height) continue;
      if (labels.length >= most || looked++ > 300) break;
      const middle = place(name, x, y + below);
      if (middle) labels.push({ x: xs[i], y: ys[i], below, aside: middle - x, name, hue: -1 });
    }
  }

  /** @param {number} i */
  const short = (i) => titles[i].length > 34 ? titles[i].slice(0, 32).trim() + "…" : titles[i];

  /** Draws a note of the map with its edges and neighbours over everything else. @param {number} i */
  function drawFocus(i) {
    const near = new Set([i]);
    /** @type {[number, number, number][]} */
    const edges = [];
    for (const { other, kind, isOut } of notes.ties(i)) {
      if (!choice.kindsOn[kind] || !choice.isShown[other]) continue;
      near.add(other);
      edges.push(isOut ? [i, other, kind] : [other, i, kind]);
    }
    top.strokeStyle = colours.accent;
    top.globalAlpha = edges.length > 200 ? 0.4 : 0.85;
    pen.strokeEdges(edges, (i) => [toX(xs[i]), toY(ys[i]), max(radius(i), 2.5)]);
    top.globalAlpha = 1;
    for (const to of near) pen.bigDot(hue[to], toX(xs[to]), toY(ys[to]), max(radius(to), 2.5), to === i);
    pen.clearNames();
    for (const to of [i, ...[...near].filter((to) => to !== i).sort((a, b) => notes.incoming[b] - notes.incoming[a]).slice(0, 40)]) {
      const x = toX(xs[to]), y = toY(ys[to]) + max(radius(to), 2.5) + 10;
      if (to === i && !tip.hidden) continue;
      setFont(to === i);
      const middle = place(short(to), x, y);
      if (middle) write(short(to), middle, y, colours.text);
    }
  }

  // --- Scene

  /**
   * Where a note of the scene is on the canvas, and the radius of its dot.
   * @param {number} i
   * @returns {[x: number, y: number, r: number]}
   */
  function spotOf(i) {
    const { x, y, ring } = /** @type {GraphSpot} */ (/** @type {GraphScene} */ (scene).spots.get(i)), start = arrival?.from.get(i);
    let [left, up] = [toX(x), toY(y)];
    if (arrival && start) {
      const t = min(max((performance.now() - arrival.at) / ARRIVAL, 0), 1), s = 1 - (1 - t) ** 3;
      [left, up] = [start[0] + (left - start[0]) * s, start[1] + (up - start[1]) * s];
    }
    return [left, up, ring ? max(5 - ring * 0.7, 3) : 7];
  }

  /** @param {GraphScene} of */
  function drawScene(of) {
    surroundings.draw(of, notes, pen, hover, spotOf, [width, height]);
    if (arrival && performance.now() - arrival.at < ARRIVAL) request();
    else arrival = undefined;
  }

  /**
   * Shows a chosen note with its neighbours, or all notes if there is none.
   * @param {GraphScene} [to]
   */
  function setScene(to) {
    const from = new Map(), before = scene;
    if (to && !isCalm()) for (const i of to.rings.flat()) {
      if (!before) from.set(i, [toX(xs[i]), toY(ys[i])]);
      else if (before.spots.has(i)) from.set(i, spotOf(i).slice(0, 2));
    }
    if (!before) mapView = view;
    flight = undefined;
    hover = -1;
    scene = to;
    stage.classList.toggle("graph-scene", Boolean(to));
    if (to) {
      surroundings.arrange(to, width, height);
      arrival = from.size ? { at: performance.now(), from } : undefined;
      view = { x: 0, y: 0, k: 1 };
    } else {
      arrival = undefined;
      view = mapView;
    }
    moved();
  }

  // --- Frames

  /** @param {number} now */
  function frame(now) {
    wanted = 0;
    if (!width || !sketches.groups()) return;
    if (flight) {
      const { from, to, start } = flight, t = min(max((now - start) / ARRIVAL, 0), 1), s = 1 - (1 - t) ** 3;
      view = t < 1 ? { x: from.x + (to.x - from.x) * s, y: from.y + (to.y - from.y) * s, k: from.k * (to.k / from.k) ** s } : to;
      if (t === 1) flight = undefined;
      moved();
    }
    for (const pen of [ink, top]) {
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
    }
    stage.classList.toggle("graph-focus", !scene && hover >= 0);
    if (scene) return drawScene(scene);
    drawMap();
    if (hover >= 0) drawFocus(hover);
    else {
      if (!labels.length || (!isMoving && labelled !== view)) chooseLabels();
      for (const { x, y, below, aside, name, hue } of labels) {
        setFont(hue >= 0);
        write(name, toX(x) + aside, toY(y) + below, hueColours[hue] || colours.secondary);
      }
    }
  }

  /**
   * The nearest note at most `slack` pixels from a point; -1 if there is none.
   * @param {number} x
   * @param {number} y
   * @param {number} slack
   */
  function nodeAt(x, y, slack) {
    let best = -1, least = slack;
    /**
     * @param {number} i
     * @param {number} away
     */
    const offer = (i, away) => {
      if (away < least) [best, least] = [i, away];
    };
    if (scene) {
      for (const i of scene.rings.flat()) {
        const [left, up, r] = spotOf(i);
        offer(i, hypot(left - x, up - y) - r);
      }
      return best;
    }
    const reach = (slack + 40) / view.k, x0 = (x - width / 2) / view.k + view.x, y0 = (y - height / 2) / view.k + view.y;
    for (let column = floor((x0 - reach) / CELL); column <= (x0 + reach) / CELL; column++) {
      for (let row = floor((y0 - reach) / CELL); row <= (y0 + reach) / CELL; row++) {
        for (const i of cells.get(column * CELL + row) || []) offer(i, hypot(toX(xs[i]) - x, toY(ys[i]) - y) - radius(i));
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

  /** Takes the size of the stage. A view of all notes stays one. */
  function resize() {
    const isFirst = !view.k, wasFit = !scene && view.k === fitK;
    width = stage.clientWidth;
    height = stage.clientHeight;
    ratio = min(devicePixelRatio || 1, 2);
    for (const canvas of [base, over]) {
      canvas.width = width * ratio;
      canvas.height = height * ratio;
    }
    if (scene) surroundings.arrange(scene, width, height);
    else {
      const fit = fitted();
      fitK = fit.k;
      if (isFirst || wasFit) view = fit;
    }
    sketches.discard(picture);
    picture = undefined;
    redraw();
  }

  /** Takes notes that were loaded since. A view of all notes stays one. */
  function refit() {
    if (scene) return;
    const wasFit = view.k === fitK, fit = fitted();
    fitK = fit.k;
    if (wasFit) view = fit;
  }

  /**
   * Whether a square of the map is in view and large on the screen.
   * @param {number} left
   * @param {number} up
   * @param {number} side
   */
  function isClose(left, up, side) {
    const of = scene ? mapView : view;
    return side * of.k > 600 && toX(left + side, of) > 0 && toX(left, of) < width && toY(up + side, of) > 0 && toY(up, of) < height;
  }

  return {
    readColours, choose, resize, refit, request, setScene, setHover, show, pan, go, fly, zoomed, fitted, nodeAt, isClose,
    stop: () => { flight = undefined; },
    size: () => [width, height],
  };
}
