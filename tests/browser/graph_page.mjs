// A built site's graph page for the browser tests: everything as the program writes it, but the places of the notes, which tests must know.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "./site.mjs";

const KINDS = ["requires", "related", "contrasts", "mentions", "embeds", "about"];
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const number = (value) => {
  let text = "";
  for (; value > 31; value = Math.floor(value / 32)) text += LETTERS[(value % 32) + 32];
  return text + LETTERS[value];
};
const place = (value) => LETTERS[value >> 6] + LETTERS[value & 63];
const table = (names) => [...new Set(names)].sort();

/** Nodes by part: the first ones, then those of each quarter of the picture that has any. */
function parts(nodes) {
  const first = nodes.slice(0, FIRST_PART), found = [{ corner: [0, 0], side: 4096, nodes: first }];
  for (const corner of [[0, 0], [2048, 0], [0, 2048], [2048, 2048]]) {
    const inside = nodes.slice(FIRST_PART).filter(({ x, y }) => (x >= 2048) === (corner[0] > 0) && (y >= 2048) === (corner[1] > 0));
    if (inside.length) found.push({ corner, side: 2048, nodes: inside });
  }
  return found;
}
const FIRST_PART = 2000;

/** Edges as a column: for each node the number of its ends, then the distance from the end before and the kind. */
const ends = (list) => list.map((ends) => {
  let last = 0;
  return number(ends.length) + ends.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([to, kind]) => {
    const text = number((to - last) * KINDS.length + kind);
    last = to;
    return text;
  }).join("");
}).join("");

/**
 * The data files as the build writes them, by path below `_canon`, from nodes {title, folder, stem, type, tags, importance, x, y}
 * and edges. With `isPartial` as for a graph of so many notes that not all parts are loaded.
 */
export function dataFiles(nodes, edges, isPartial = false) {
  const all = parts(nodes), order = all.flatMap((part) => part.nodes), numberOf = new Map(order.map((node, at) => [node, at])), folders = table(nodes.map((node) => node.folder));
  const out = order.map(() => []), into = order.map(() => []);
  edges.forEach(([from, to, kind]) => {
    const [a, b] = [numberOf.get(nodes[from]), numberOf.get(nodes[to])];
    out[a].push([b, kind]);
    into[b].push([a, kind]);
  });
  const region = (name, hue) => {
    const inside = nodes.filter((node) => node.folder === name), mean = (pick) => Math.round(inside.reduce((sum, node) => sum + pick(node), 0) / inside.length);
    return [name, inside.length, mean((node) => node.x), mean((node) => node.y), Math.min(...inside.map((node) => node.y)), hue % 12];
  };
  const index = { version: 2, kinds: KINDS, notes: nodes.length, folders: folders.map(region), parts: all.map(({ nodes, corner, side }) => [nodes.length, ...corner, side, 0]), lookups: isPartial ? 1 : 0 };
  const files = { "graph-data.js": `window.canonGraph=${JSON.stringify(index)};\n` };
  all.forEach((part, at) => {
    const inside = part.nodes, own = table(inside.map((node) => node.folder)), types = table(inside.map((node) => node.type)), tags = table(inside.flatMap((node) => node.tags));
    const column = (pick) => inside.map((node) => number(pick(node))).join(""), of = (lists) => inside.map((node) => lists[numberOf.get(node)]);
    files[`graph/${at}.js`] = `canonGraphPart(${at},${JSON.stringify({
      folders: own, hues: own.map((name) => folders.indexOf(name) % 12), dirs: own, types, tags,
      titles: inside.map((node) => node.title), stems: inside.map((node) => node.stem || ""),
      folder: column((node) => own.indexOf(node.folder)), dir: column((node) => own.indexOf(node.folder)), type: column((node) => types.indexOf(node.type)),
      importance: column((node) => node.importance), tag: inside.map((node) => number(node.tags.length) + node.tags.map((tag) => number(tags.indexOf(tag))).join("")).join(""),
      in: column((node) => into[numberOf.get(node)].length), out: column((node) => out[numberOf.get(node)].length),
      x: inside.map((node) => place(node.x)).join(""), y: inside.map((node) => place(node.y)).join(""),
      edges: ends(of(out)), from: isPartial ? ends(of(into)) : "",
    }).replaceAll("<", "\\u003c")});\n`;
  });
  if (isPartial) files["graph/numbers-0.js"] = `canonGraphNumbers(${JSON.stringify(Object.fromEntries(order.map((node, at) => [`${node.folder}/${fileOf(node).replace(/md$/, "html")}`, at])))});\n`;
  return files;
}

/** Notes on sunflower discs, one a folder, each linked with a few others, most of them near; always the same. */
export function sample(count, folders = 8) {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const nodes = Array.from({ length: count }, (_, i) => {
    const folder = i % folders, nth = Math.floor(i / folders), turn = nth * 2.39996;
    const far = Math.sqrt((nth + 0.5) / (count / folders)) * (1500 / Math.sqrt(folders));
    const angle = (folder / folders) * Math.PI * 2, out = folders > 1 ? 1400 : 0;
    return {
      title: `Note ${i}`, folder: `folder-${folder}`, type: i % 3 ? "concept" : "pattern", tags: i % 2 ? ["odd"] : ["even"],
      importance: (i * 37) % 101,
      x: Math.round(2048 + out * Math.cos(angle) + far * Math.cos(turn)), y: Math.round(2048 + out * Math.sin(angle) + far * Math.sin(turn)),
    };
  });
  const edges = new Map();
  for (let from = 0; from < count; from++) {
    for (let n = 0; n < 8; n++) {
      const to = random() < 0.7 ? (from + folders * Math.ceil(random() * 30)) % count : Math.floor(random() ** 2 * count);
      if (to !== from) edges.set(`${from} ${to}`, [from, to, n % 4]);
    }
  }
  return { nodes, edges: [...edges.values()] };
}

const SECTIONS = ["Prerequisites", "Related topics", "Compare with", "Notes"];

function noteText(node, links) {
  const of = (kind) => links.filter(([, , k]) => k === kind).map(([, to]) => `- [${to.title}](../${to.folder}/${fileOf(to)})\n`).join("");
  return `---\nid: ${fileOf(node).slice(0, -3)}\ntitle: ${node.title}\ntype: ${node.type}\nstatus: learning\nimportance: ${node.importance}\ndifficulty: easy\ntags: [${node.tags.join(", ")}]\n---\n\n`
    + `# ${node.title}\n\n${of(3)}\n## Links\n` + SECTIONS.slice(0, 3).map((name, kind) => `### ${name}\n${of(kind)}`).join("\n");
}
const fileOf = (node) => `${node.title.toLowerCase().replaceAll(" ", "-")}.md`;

/**
 * Builds the site of these notes in `folder`, with the places of `nodes` instead of those worked out; returns the graph page's
 * path. The page shows `shown`, which may be many more notes of the same folders: building them would take minutes.
 */
export function writeGraphPage(folder, nodes, edges, shown = { nodes, edges }) {
  const links = nodes.map(() => []);
  edges.forEach(([from, to, kind]) => links[from].push([from, nodes[to], kind]));
  nodes.forEach((node, i) => {
    const file = join(folder, "notes", node.folder, fileOf(node));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, noteText(node, links[i]));
  });
  const site = build(join(folder, "notes"), join(folder, "site"));
  for (const [path, text] of Object.entries(dataFiles(shown.nodes, shown.edges))) writeFileSync(join(site, "_canon", path), text);
  return join(site, "graph.html");
}
