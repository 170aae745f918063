// A graph page on disk for the browser tests: the real template, script and styles, with a plain frame around them.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const KINDS = ["requires", "related", "contrasts", "mentions", "embeds", "about"];
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export const TEXTS = {
  graph_title: "Graph",
  graph_lead: "Every note and every link. Drag to move, scroll to zoom, choose a note to see its links.",
  graph_canvas: "Map of all notes",
  graph_keys: "Arrow keys move, + and − zoom, 0 shows all, Enter opens the chosen note, Escape lets it go.",
  graph_zoom_in: "Zoom in",
  graph_zoom_out: "Zoom out",
  graph_fit: "Show all",
  graph_filters: "Filter the graph",
  graph_find: "Find a note",
  graph_type: "Type",
  graph_tag: "Tag",
  graph_all: "All",
  graph_size: "Size",
  graph_size_links: "Links in",
  graph_size_importance: "Importance",
  graph_links: "Links",
  graph_folders: "Folders",
  graph_indexes: "All lists",
  graph_list: "Notes",
  graph_shown: "{n} of {total} notes",
  graph_more: "Show {n} more",
  graph_in: "{n} links in",
  graph_out: "{n} out",
  graph_open: "Open note",
};

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
      if (to !== from) edges.set(`${from} ${to}`, [from, to, n % 6]);
    }
  }
  return { nodes, edges: [...edges.values()] };
}

/** The little of Tera that graph.html uses. */
function render(template, values) {
  const look = (path, scope) => path.trim().split(".").reduce((value, key) => {
    if (value?.[key] === undefined) throw new Error(`the template asks for ${path}`);
    return value[key];
  }, scope);
  const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const fill = (text, scope) => text
    .replace(/\{% for (\w+) in ([\w.]+) %\}([\s\S]*?)\{% endfor %\}/g, (_, name, path, body) =>
      look(path, scope).map((item) => fill(body, { ...scope, [name]: item })).join(""))
    .replace(/\{\{([^}]+)\}\}/g, (_, path) => escape(look(path, scope)));
  const block = (name) => fill(template.match(new RegExp(`\\{% block ${name} %\\}([\\s\\S]*?)\\{% endblock %\\}`))[1], values);
  return { title: block("title"), head: block("head"), main: block("main"), scripts: block("scripts") };
}

const FRAME = `:root{color-scheme:light dark;--bg:light-dark(#fff,#16181d);--panel:light-dark(#f6f7f9,#1c1f26);--text:light-dark(#1f2430,#e6e8ec);
--secondary:light-dark(#4b5262,#b4bac6);--muted:light-dark(#666d7e,#8b92a1);--border:light-dark(#e3e6eb,#2b2f38);--accent:light-dark(#3451b2,#a8b6ff);
--accent-tint:light-dark(#eef1fb,#232a45)}:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.7 -apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif}
header{height:60px;border-bottom:1px solid var(--border)}main{padding:16px 24px}h1{font-size:28px;line-height:1.2}a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}@media(max-width:50rem){main{padding:16px}}`;
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'";

/** Writes graph.html and its files into `folder`; returns the page's path. `data` is the data file's text. */
export function writeGraphPage(folder, nodes, edges, data = dataFile(nodes, edges)) {
  mkdirSync(join(folder, "assets"), { recursive: true });
  const counted = (names) => [...names.reduce((counts, name) => counts.set(name, (counts.get(name) || 0) + 1), new Map())].sort();
  const graph = {
    data: "assets/graph-data.js",
    types: counted(nodes.map((node) => node.type)).map(([key]) => ({ key, label: key })),
    tags: counted(nodes.flatMap((node) => node.tags)).map(([key]) => ({ key, label: key })),
    kinds: KINDS.map((key, at) => ({ key, label: key, count: edges.filter((edge) => edge[2] === at).length })),
    folders: counted(nodes.map((node) => node.folder)).map(([key, count]) => ({ key, label: key.replaceAll("-", " "), count, href: `${key}/index.html` })),
    indexes: [{ href: "tags/index.html", label: "Tags" }, { href: "importance.html", label: "Importance" }],
  };
  const template = readFileSync(join(PROJECT, "templates/graph.html"), "utf8");
  const page = render(template, { t: TEXTS, page: { root: "" }, graph });
  writeFileSync(join(folder, "assets/frame.css"), FRAME);
  writeFileSync(join(folder, "assets/graph-data.js"), data);
  for (const name of ["graph.js", "graph.css"]) copyFileSync(join(PROJECT, "static", name), join(folder, "assets", name));
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${page.title}</title>
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="assets/frame.css">${page.head}</head><body><header></header><main>${page.main}</main>${page.scripts}</body></html>`;
  writeFileSync(join(folder, "graph.html"), html);
  return join(folder, "graph.html");
}
