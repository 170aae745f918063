// What the drawings of the graph have in common: the colours of the theme, dots, lines with arrows, and names that do not
// overlap. Knows no view and no notes.

/* exported canonGraphPen */

/** @typedef {ReturnType<typeof canonGraphPen>} GraphPen */

/**
 * @param {HTMLElement} stage
 * @param {HTMLCanvasElement} over The canvas for names, and for what is drawn over everything else.
 * @param {HTMLElement} tip
 */
function canonGraphPen(stage, over, tip) {
  "use strict";
  const { abs, min, max, hypot } = Math;
  const top = /** @type {CanvasRenderingContext2D} */ (over.getContext("2d"));
  const HUES = 12, DASHES = [[], [], [4, 4]];
  // The line's style by kind of edge: solid with an arrow, thin, dashed.
  const STYLES = [0, 1, 2, 1, 1, 1];
  /** @type {Record<string, string>} */
  const colours = {};
  /** @type {string[]} */
  const hueColours = [];
  /** @type {[x: number, y: number, halfWidth: number][]} Room that names take. */
  let boxes = [];

  /** Reads the colours and the font of the theme. */
  function readColours() {
    const probe = /** @type {HTMLElement} */ (tip.cloneNode());
    stage.append(probe);
    /** @param {string} name */
    const read = (name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    for (const name of ["bg", "text", "secondary", "border", "accent"]) colours[name] = read(name);
    for (let i = 0; i < HUES; i++) hueColours[i] = read("graph-" + (i + 1));
    colours.font = getComputedStyle(probe).fontFamily;
    probe.remove();
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
   * @param {CanvasRenderingContext2D} pen
   * @param {number} x
   * @param {number} y
   * @param {number} r
   */
  function dot(pen, x, y, r) {
    pen.moveTo(x + r, y);
    pen.arc(x, y, r, 0, 7);
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
    const width = stage.clientWidth, height = stage.clientHeight;
    const w = top.measureText(name).width / 2 + 4, inside = min(max(x, w), width - w);
    const isFree = inside >= w && abs(inside - x) <= w && y > 8 && y < height - 8 && boxes.every((box) => abs(box[0] - inside) > box[2] + w || abs(box[1] - y) > 17);
    if (!isFree) return 0;
    boxes.push([inside, y, w]);
    return inside;
  }

  /**
   * A title that is at most so wide; empty if there is no room for some letters.
   * @param {string} title
   * @param {number} room
   */
  function fitting(title, room) {
    if (top.measureText(title).width <= room) return title;
    let low = 0, high = title.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (top.measureText(title.slice(0, middle) + "…").width <= room) low = middle;
      else high = middle;
    }
    return low > 2 ? title.slice(0, low).trim() + "…" : "";
  }

  /**
   * @param {string} name
   * @param {number} x
   * @param {number} y
   * @param {string} fillStyle
   * @param {CanvasTextAlign} [textAlign]
   */
  function write(name, x, y, fillStyle, textAlign = "center") {
    Object.assign(top, { textAlign, textBaseline: "middle", lineJoin: "round", lineWidth: 3.5, strokeStyle: colours.bg, fillStyle });
    top.strokeText(name, x, y);
    top.fillText(name, x, y);
  }

  /**
   * Draws a dot over everything else, larger for the one that matters.
   * @param {number} hue
   * @param {number} x
   * @param {number} y
   * @param {number} r
   * @param {boolean} isMain
   */
  function bigDot(hue, x, y, r, isMain) {
    top.beginPath();
    dot(top, x, y, r + (isMain ? 1.5 : 0));
    Object.assign(top, { fillStyle: hueColours[hue], lineWidth: isMain ? 2 : 1, strokeStyle: isMain ? colours.text : colours.bg });
    top.fill();
    top.stroke();
  }

  /**
   * Strokes edges in the style of their kind. `point` returns the place of a note and the radius of its dot.
   * @param {Iterable<[source: number, target: number, kind: number]>} edges
   * @param {(i: number) => [x: number, y: number, r: number]} point
   */
  function strokeEdges(edges, point) {
    const all = [...edges];
    for (let style = 0; style < 3; style++) {
      top.lineWidth = [1.6, 1, 1.3][style];
      top.setLineDash(DASHES[style]);
      top.beginPath();
      for (const [source, target, kind] of all) {
        if (STYLES[kind] !== style) continue;
        const [x1, y1] = point(source), [x2, y2, r] = point(target);
        top.moveTo(x1, y1);
        top.lineTo(x2, y2);
        if (!style) arrow(top, x1, y1, x2, y2, r + 2);
      }
      top.stroke();
    }
    top.setLineDash([]);
  }

  return {
    HUES, STYLES, DASHES, top, colours, hueColours, readColours, arrow, dot, setFont, place, fitting, write, bigDot, strokeEdges,
    clearNames: () => { boxes = []; },
  };
}
