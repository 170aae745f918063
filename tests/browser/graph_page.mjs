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

/** The data file as the build writes it, from nodes {title, folder, stem, type, tags, importance, x, y} and edges. */
export function dataFile(nodes, edges) {
  const folders = table(nodes.map((node) => node.folder)), types = table(nodes.map((node) => node.type));
  const tags = table(nodes.flatMap((node) => node.tags));
  const column = (pick) => nodes.map((node) => number(pick(node))).join("");
  const out = nodes.map(() => []);
  edges.forEach(([from, to, kind]) => out[from].push([to, kind]));
  const written = out.map((list) => {
    let last = 0;
    list.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return number(list.length) + list.map(([to, kind]) => {
      const text = number((to - last) * KINDS.length + kind);
      last = to;
      return text;
    }).join("");
  });
  return `window.canonGraph=${JSON.stringify({
    version: 1, kinds: KINDS, folders, dirs: folders, types, statuses: ["learning"], difficulties: ["easy"], tags,
    titles: nodes.map((node) => node.title), stems: nodes.map((node) => node.stem || ""),
    folder: column((node) => folders.indexOf(node.folder)), dir: column((node) => folders.indexOf(node.folder)),
    type: column((node) => types.indexOf(node.type)), status: column(() => 0), difficulty: column(() => 0),
    importance: column((node) => node.importance),
    tag: nodes.map((node) => number(node.tags.length) + node.tags.map((tag) => number(tags.indexOf(tag))).join("")).join(""),
    x: nodes.map((node) => place(node.x)).join(""), y: nodes.map((node) => place(node.y)).join(""), edges: written.join(""),
  }).replaceAll("<", "\\u003c")};\n`;
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

/** Builds the site of these notes in `folder`, with the places of `nodes` instead of those worked out; returns the graph page's path. */
export function writeGraphPage(folder, nodes, edges) {
  const links = nodes.map(() => []);
  edges.forEach(([from, to, kind]) => links[from].push([from, nodes[to], kind]));
  nodes.forEach((node, i) => {
    const file = join(folder, "notes", node.folder, fileOf(node));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, noteText(node, links[i]));
  });
  const site = build(join(folder, "notes"), join(folder, "site"));
  writeFileSync(join(site, "_canon/graph-data.js"), dataFile(nodes, edges));
  return join(site, "graph.html");
}
