// Sketches of the graph's map: all points and lines drawn for a view with a margin, in short steps. Lines of important notes
// come first, and those that would make a far view a blot are left out. Knows no names and no pointer.

/* exported canonGraphSketches */

/** @typedef {{ x: number, y: number, k: number }} GraphView The point in the middle, and pixels per unit. */
/** @typedef {{ width: number, height: number, ratio: number, fitK: number }} GraphFrame The size in CSS pixels, device pixels per CSS pixel, and the scale at which all notes are in view. */
/**
 * Points and lines drawn for a view. `at` is the next line, `drawn` the number of lines so far.
 * @typedef {GraphView & { points: HTMLCanvasElement, lines: HTMLCanvasElement, dots: CanvasRenderingContext2D, strokes: CanvasRenderingContext2D, group: number, node: number, at: number, drawn: number, hasPoints: boolean, frame: GraphFrame }} GraphSketch
 */
/**
 * What the filters accept.
 * @typedef {object} GraphChoice
 * @property {number[]} matches Notes by weight.
 * @property {Uint8Array} isShown By note.
 * @property {boolean[]} kindsOn By kind of edge.
 * @property {boolean} byImportance What the size of a point shows.
 */

/**
 * @param {GraphNotes} notes
 * @param {GraphPen} pen
 */
function canonGraphSketches(notes, pen) {
  "use strict";
  const { min, max, sqrt, floor } = Math;
  const { count, xs, ys, hue, lines, depth } = notes, { HUES, STYLES, DASHES, colours, hueColours, arrow, dot } = pen;
  const MARGIN = 160;
  // Points up to this number are drawn anew in each frame, which keeps them sharp while the view moves.
  const MOST_LIVE = 1500;
  // After this number of lines in view, those of less important notes are left out until the view is closer.
  const MOST_LINES = 15_000;
  /** @type {Float32Array} The radius of each note's point when all notes are in view. */
  const size = new Float32Array(count);
  /** @type {number[][]} Notes by hue, after those that the filters leave out. */
  let dots = [];
  /** @type {Uint32Array} Lines in the order of drawing. */
  let order = new Uint32Array(0);
  // Where the lines of each style begin; the number of lines between folders.
  let starts = [0], across = 0;

  /**
   * Takes what the filters accept, for a picture whose smallest points have this size.
   * @param {GraphChoice} choice
   * @param {number} least
   */
  function choose({ isShown, kindsOn, byImportance }, least) {
    dots = Array.from({ length: HUES + 1 }, () => []);
    for (const i of notes.loaded) {
      dots[isShown[i] ? hue[i] + 1 : 0].push(i);
      size[i] = least * (0.8 + (byImportance ? notes.importance[i] ** 2 / 4500 : sqrt(min(notes.incoming[i], 100)) * 0.26));
    }
    orderLines(isShown, kindsOn);
  }

  /**
   * Sorts the lines by how much they count, and then by style, so that many are drawn in one stroke. Counts, then places them.
   * @param {Uint8Array} isShown
   * @param {boolean[]} kindsOn
   */
  function orderLines(isShown, kindsOn) {
    const { source, target, kind } = lines, groups = 6 * HUES, groupOf = new Int16Array(source.length);
    const counts = [0];
    across = 0;
    for (let line = 0; line < source.length; line++) {
      const a = source[line], b = target[line];
      groupOf[line] = -1;
      if (!kindsOn[kind[line]] || !isShown[a] || !isShown[b]) continue;
      const isWithin = notes.folder[a] === notes.folder[b];
      if (!isWithin) across++;
      const group = groupOf[line] = max(depth[a], depth[b]) * groups + ((isWithin ? HUES : 0) + hue[a]) * 3 + STYLES[kind[line]];
      counts[group + 1] = (counts[group + 1] || 0) + 1;
    }
    for (let group = 1; group < counts.length; group++) counts[group] = counts[group - 1] + (counts[group] || 0);
    starts = [...counts];
    order = new Uint32Array(counts[counts.length - 1]);
    for (let line = 0; line < source.length; line++) if (groupOf[line] >= 0) order[counts[groupOf[line]]++] = line;
  }

  /** @type {HTMLCanvasElement[]} Canvases of sketches that are no longer shown. */
  const spare = [];

  /** An empty canvas for a sketch. @param {GraphFrame} frame */
  function canvas({ width, height, ratio }) {
    const made = spare.pop() || document.createElement("canvas"), w = floor((width + 2 * MARGIN) * ratio), h = floor((height + 2 * MARGIN) * ratio);
    // Setting the size of a canvas clears it, and may allocate its memory anew.
    if (made.width !== w || made.height !== h) Object.assign(made, { width: w, height: h });
    else {
      const pen = /** @type {CanvasRenderingContext2D} */ (made.getContext("2d"));
      pen.resetTransform();
      pen.clearRect(0, 0, w, h);
    }
    return made;
  }

  /** Keeps the canvases of a sketch for the next one. @param {GraphSketch | undefined} of */
  function discard(of) {
    if (of) spare.push(of.points, of.lines);
  }

  /**
   * @param {HTMLCanvasElement} of
   * @param {number} ratio
   */
  function penOf(of, ratio) {
    const pen = /** @type {CanvasRenderingContext2D} */ (of.getContext("2d", { willReadFrequently: true }));
    pen.setTransform(ratio, 0, 0, ratio, MARGIN * ratio, MARGIN * ratio);
    return pen;
  }

  /**
   * A sketch of which nothing is drawn yet.
   * @param {GraphView} view
   * @param {GraphFrame} frame
   * @returns {GraphSketch}
   */
  function start(view, frame) {
    const points = canvas(frame), ofLines = canvas(frame), { ratio } = frame;
    return { points, lines: ofLines, dots: penOf(points, ratio), strokes: penOf(ofLines, ratio), group: 0, node: 0, at: 0, drawn: 0, hasPoints: false, frame, ...view };
  }

  /**
   * Draws points of a hue, from the one at `from` on; returns where it stopped after `most` points in view.
   * @param {CanvasRenderingContext2D} on
   * @param {GraphView} view
   * @param {GraphFrame} frame
   * @param {number} group
   * @param {number} from
   * @param {number} most
   * @param {boolean} isMoving
   */
  function drawPoints(on, { x: x0, y: y0, k }, { width, height, fitK }, group, from, most, isMoving) {
    const list = dots[group], wide = sqrt(k / fitK) * (group ? 1 : 0.7), [left, up] = [width / 2 + MARGIN, height / 2 + MARGIN];
    let at = from;
    on.lineWidth = 1.5;
    on.strokeStyle = colours.bg;
    on.fillStyle = hueColours[group - 1] || colours.border;
    on.beginPath();
    for (let rest = most; at < list.length && rest > 0; at++) {
      const i = list[at], x = (xs[i] - x0) * k, y = (ys[i] - y0) * k, r = size[i] * wide;
      if (x < -left || y < -up || x > left || y > up) continue;
      rest--;
      // Squares are drawn three times faster.
      if (r < (isMoving ? 2.2 : 1.1)) on.rect(x + width / 2 - r * 0.9, y + height / 2 - r * 0.9, r * 1.8, r * 1.8);
      else dot(on, x + width / 2, y + height / 2, r);
    }
    on.fill();
    if (count < MOST_LIVE) on.stroke();
    return at;
  }

  /**
   * Draws lines of one style from `of.at` on, at most 100 in view.
   * @param {GraphSketch} of
   * @param {number} style
   * @param {number} end
   */
  function drawLines(of, style, end) {
    const { strokes, k, frame: { width, height, fitK } } = of, close = k / fitK;
    /** @param {number} x */
    const toX = (x) => (x - of.x) * k + width / 2;
    /** @param {number} y */
    const toY = (y) => (y - of.y) * k + height / 2;
    strokes.beginPath();
    for (let left = 100; left && of.at < end; of.at++) {
      const line = order[of.at], a = lines.source[line], b = lines.target[line];
      const x1 = toX(xs[a]), y1 = toY(ys[a]), x2 = toX(xs[b]), y2 = toY(ys[b]);
      if (max(x1, x2) < -MARGIN || min(x1, x2) > width + MARGIN || max(y1, y2) < -MARGIN || min(y1, y2) > height + MARGIN) continue;
      strokes.moveTo(x1, y1);
      strokes.lineTo(x2, y2);
      if (close > 2.5 && !style) arrow(strokes, x1, y1, x2, y2, size[b] * sqrt(close) + 1);
      left--;
      of.drawn++;
    }
    strokes.stroke();
  }

  /**
   * Draws further points and lines until a point in time; returns whether all are drawn.
   * @param {GraphSketch} of
   * @param {number} until
   * @param {boolean} isMoving Whether speed is more important than round points.
   */
  function proceed(of, until, isMoving) {
    const { strokes, k, frame } = of, { fitK, ratio } = frame, close = k / fitK, all = min(order.length, MOST_LINES), groups = 6 * HUES;
    while (!of.hasPoints && performance.now() < until) {
      of.node = drawPoints(of.dots, of, frame, of.group, of.node, 300, isMoving);
      if (of.node >= dots[of.group].length) {
        of.node = 0;
        of.hasPoints = ++of.group > HUES;
      }
      // Reading a pixel makes the browser draw this part now, not all parts in the last frame.
      of.dots.getImageData(0, 0, 1, 1);
    }
    if (!of.hasPoints) return false;
    /**
     * @param {number} n
     * @param {number} power
     */
    const strength = (n, power) => min(0.75, 0.65 * (300 / (n + 1)) ** power);
    const strong = strength((order.length - across) * all / max(order.length, 1) / max(close, 1), 0.3), faint = strength(all, 0.58);
    // Lines drawn since the browser was last made to draw them. Styles of few lines share a turn.
    let unflushed = 0;
    for (let group = 0; of.at < order.length && performance.now() < until;) {
      while (starts[group + 1] <= of.at) group++;
      if (of.at === starts[group] && of.drawn > MOST_LINES) return true;
      const style = group % 3;
      strokes.globalAlpha = (group % groups < 3 * HUES ? faint : strong) * (style ? 0.8 : 1);
      strokes.strokeStyle = hueColours[floor(group / 3) % HUES];
      // Lines of one device pixel are drawn several times faster.
      strokes.lineWidth = (style === 1 ? 0.7 : 1) / (close < 2.5 ? ratio : 1);
      strokes.setLineDash(DASHES[style]);
      const before = of.drawn;
      drawLines(of, style, starts[group + 1]);
      unflushed += of.drawn - before;
      if (unflushed < 80) continue;
      strokes.getImageData(0, 0, 1, 1);
      unflushed = 0;
    }
    return of.at >= order.length;
  }

  return { MARGIN, MOST_LIVE, size, choose, start, proceed, discard, drawPoints, groups: () => dots.length };
}
