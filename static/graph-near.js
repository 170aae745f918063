// A chosen note of the graph with its neighbours: which notes they are, and their places around it. Each ring has the notes
// one link farther away. On a ring the notes are at equal distances from top to bottom, first on the right and then on the
// left side, so that a name beside each does not overlap the next one.

/* exported canonGraphNear */

/**
 * A chosen note and its neighbours.
 * @typedef {object} GraphScene
 * @property {number} chosen
 * @property {number[][]} rings Notes by the number of links to the chosen one; the first ring is the chosen one alone.
 * @property {[source: number, target: number, kind: number][]} edges Between these notes.
 * @property {Map<number, GraphSpot>} spots
 */
/** @typedef {{ x: number, y: number, side: -1 | 0 | 1, ring: number }} GraphSpot Pixels from the middle; on which side of the dot its name is. */

function canonGraphNear() {
  "use strict";
  // The most notes of a ring, and the most that one note adds to an outer ring.
  const MOST = [1, 56, 80, 80], MOST_OF_ONE = 10;

  /**
   * Loads and collects the notes at most `depth` links from one.
   * @param {GraphNotes} notes
   * @param {number} chosen
   * @param {number} depth
   * @param {(tie: GraphTie) => boolean} accepts
   * @param {number} most The most notes of the first ring.
   * @returns {Promise<GraphScene>}
   */
  async function collect(notes, chosen, depth, accepts, most) {
    await notes.need([chosen]);
    const rings = [[chosen]], known = new Set([chosen]);
    for (let ring = 1; ring <= depth; ring++) {
      /** @type {number[]} */
      const found = [];
      for (const from of rings[ring - 1]) {
        let left = ring > 1 ? MOST_OF_ONE : Infinity;
        for (const tie of notes.ties(from)) {
          if (left < 1 || found.length >= Math.min(MOST[ring], ring > 1 ? Infinity : most)) break;
          if (known.has(tie.other) || !accepts(tie)) continue;
          known.add(tie.other);
          found.push(tie.other);
          left--;
        }
      }
      await notes.need(found);
      rings.push(found);
    }
    /** @type {GraphScene["edges"]} */
    const edges = [];
    for (const source of known) {
      for (const tie of notes.ties(source)) if (tie.isOut && known.has(tie.other) && accepts(tie)) edges.push([source, tie.other, tie.kind]);
    }
    return { chosen, rings: rings.filter((ring) => ring.length), edges, spots: new Map() };
  }

  /**
   * Sets the places of a scene's notes for a picture of this size.
   * @param {GraphScene} scene
   * @param {number} width
   * @param {number} height
   */
  function arrange({ rings, spots }, width, height) {
    const far = rings.length - 1, room = width < 500 ? width * 0.36 : Math.min(200, width * 0.27);
    rings.forEach((ring, at) => {
      const share = (at / Math.max(far, 1)) ** 0.9, right = Math.ceil(ring.length / 2), left = ring.length - right;
      const across = Math.max(width / 2 - room, 40) * share, up = Math.max(height / 2 - 46, 40) * share;
      ring.forEach((i, n) => {
        const isRight = n < right, nth = isRight ? n : ring.length - 1 - n, of = isRight ? right : left;
        // An even step down, and as far out as the ellipse is there.
        const y = of > 1 ? ((nth + 0.5) / of * 2 - 1) * 0.98 : 0, x = Math.sqrt(1 - y * y) * (isRight ? 1 : -1);
        spots.set(i, at ? { x: x * across, y: y * up, side: isRight ? 1 : -1, ring: at } : { x: 0, y: 0, side: 0, ring: 0 });
      });
    });
  }


  /**
   * Draws a scene.
   * @param {GraphScene} scene
   * @param {GraphNotes} notes
   * @param {GraphPen} pen
   * @param {number} hover The note that the pointer is at; -1 if there is none.
   * @param {(i: number) => [x: number, y: number, r: number]} spotOf Where a note is on the canvas, and the radius of its dot.
   * @param {[width: number, height: number]} size
   */
  function draw(scene, notes, pen, hover, spotOf, size) {
    const { chosen, rings, edges, spots } = scene, { top, colours } = pen;
    const isOver = hover >= 0 && hover !== chosen && spots.has(hover), main = isOver ? hover : chosen;
    /** @param {[source: number, target: number, kind: number]} edge */
    const isMain = ([source, target]) => source === main || target === main;
    top.strokeStyle = colours.secondary;
    top.globalAlpha = Math.min(0.5, 7 / Math.sqrt(edges.length + 1));
    pen.strokeEdges(edges.filter((edge) => !isMain(edge)), spotOf);
    top.strokeStyle = colours.accent;
    top.globalAlpha = 0.85;
    pen.strokeEdges(edges.filter(isMain), spotOf);
    top.globalAlpha = 1;
    for (const i of rings.flat()) pen.bigDot(notes.hue[i], ...spotOf(i), i === main);
    writeNames(scene, notes, pen, main, spotOf, size);
  }

  /**
   * Writes the names of a scene beside its dots, from the middle to the outer ring, where there is room.
   * @param {GraphScene} scene
   * @param {GraphNotes} notes
   * @param {GraphPen} pen
   * @param {number} main
   * @param {(i: number) => [x: number, y: number, r: number]} spotOf
   * @param {[width: number, height: number]} size
   */
  function writeNames({ rings, spots }, { titles }, { top, colours, setFont, fitting, write }, main, spotOf, [width, height]) {
    const ids = rings.flat(), { abs, min, max } = Math;
    // Room taken by dots and names. Names of near notes are more important than dots of far ones.
    /** @type {[left: number, right: number, y: number, ring: number][]} */
    const taken = ids.map((i) => {
      const [x, y, r] = spotOf(i);
      return [x - r, x + r, y, /** @type {GraphSpot} */ (spots.get(i)).ring];
    });
    for (const i of main === ids[0] ? ids : [main, ...ids]) {
      const [x, y, r] = spotOf(i), { side, ring } = /** @type {GraphSpot} */ (spots.get(i)), isMain = i === main || !side;
      setFont(isMain);
      const down = side ? y : y + r + 12, edge = side < 0 ? x - r - 5 : x + r + 5;
      if (down < 8 || down > height - 8) continue;
      const name = fitting(titles[i], min(side ? (side < 0 ? edge : width - edge) - 4 : width - 16, 260)), wide = top.measureText(name).width;
      const left = side < 0 ? edge - wide : side ? edge : min(max(x - wide / 2, 4), width - wide - 4);
      const isFree = isMain || taken.every(([from, to, at, of]) => of > ring || abs(at - down) > 12 || to < left || from > left + wide);
      if (!name || !isFree) continue;
      taken.push([left, left + wide, down, 0]);
      write(name, left, down, colours.text, "left");
    }
  }

  return { collect, arrange, draw };
}
