//! Writes the data files of the graph page: scripts that each call a function or set one global variable, because a page
//! opened from disk may not fetch. Knows the format read by `static/graph-notes.js`; knows nothing of drawing.
//!
//! Notes are numbered part by part (see [`super::parts`]). Names are in tables, and each property of a part's notes is one
//! string with a value per note, so that gzip finds repetitions close together. A number is written in base 32, lowest digit
//! first, with 64 letters: 32 is added to every digit except the last.
//!
//! Example: importance 70 is 2 · 32 + 6. The digit 6 is followed by a further one, so its letter is number 38, `m`; the digit
//! 2 is the last, so its letter is number 2, `C`. Two edges of a note, to note 3 with kind 1 and to note 5 with kind 0, are
//! the numbers 2, 3 · 6 + 1 = 19 and (5 − 3) · 6 + 0 = 12: how many, then for each the distance from the previous target
//! times the number of kinds, plus the kind. Letters: `C`, `T`, `M`. `content/reading/data-files.md` has all columns.

use super::columns::{by_name, by_use, column, numbers, places_in, push_number, safe_in_script, twelve_bits};
use super::parts::{Part, PartId, divide};
use super::{Edge, Node, NodeId, Point};
use crate::base::graph::EdgeKind;
use crate::text::ids::{Id, IdRange, IndexVec, id};
use crate::text::paths::encode_path;
use crate::text::slug::{fnv_1a, page_of_title};
use serde::Serialize;
use std::collections::BTreeMap;

id! {
    /// A note's number in the data files.
    struct NoteNumber;
}

/// The most notes that the page loads whole. A larger graph is loaded by the parts in view, has a list of links to each note,
/// and files to look up the number of a note.
const MOST_WHOLE: usize = 12_000;

/// The most edges from a note in the data files, and the most links to a note that a graph with more than [`MOST_WHOLE`]
/// notes lists. A picture of one note with more neighbours is not readable.
const MOST_FROM: usize = 250;
const MOST_TO: usize = 48;

/// The average number of notes of a file for looking up numbers.
const LOOKUP_NOTES: usize = 1_500;

/// The number of folders whose names and places are known without their notes.
const REGIONS: usize = 100;

/// The number of colours for folders.
const HUES: usize = 12;

/// The most folders whose colours are chosen by distance: the comparison takes time in the order of its square.
const MOST_COMPARED: usize = 300;

/// The value of `canonGraph`.
#[derive(Serialize)]
struct Index<'a> {
    version: u8,
    kinds: [&'a str; EdgeKind::ALL.len()],
    notes: usize,
    /// The largest folders: name, number of notes, centre, top, colour.
    folders: Vec<(&'a str, u32, u32, u32, u32, u8)>,
    /// For each part its number of notes, the corner and the side of its square, and the number of the part containing it.
    parts: Vec<(usize, u32, u32, f32, u32)>,
    /// The number of files for looking up numbers. 0 if the page loads all parts.
    lookups: usize,
}

/// The second argument of `canonGraphPart`. The tables `types` and `tags` start with the most frequent name.
#[derive(Serialize)]
struct Columns<'a> {
    folders: Vec<&'a str>,
    /// The colour of each item of `folders`.
    hues: Vec<u8>,
    dirs: Vec<&'a str>,
    types: Vec<&'a str>,
    tags: Vec<&'a str>,
    titles: Vec<&'a str>,
    /// File names without `.html`. Empty if equal to [`page_of_title`] of the title.
    stems: Vec<&'a str>,
    folder: String,
    dir: String,
    r#type: String,
    importance: String,
    /// For each note the number of tags, then the index of each in `tags`.
    tag: String,
    /// The numbers of edges to and from each note.
    r#in: String,
    out: String,
    /// Two letters per note, highest bits first.
    x: String,
    y: String,
    /// For each note the number of outgoing edges, then each edge, in order of target and kind, as in the module's example.
    edges: String,
    /// The same for the edges to each note, by source. Empty if the page loads all parts.
    from: String,
}

/// The path and the bytes of a file.
type DataFile = (String, Vec<u8>);

/// The data files of the graph by their path below the folder of the index, which is `graph-data.js`. ASCII except for names.
///
/// `positions` is the result of [`super::positions`], and the `url` of each node ends in `.html`. Loops, repeated edges and
/// edges of missing nodes are left out.
pub fn data_files(nodes: &[Node], edges: &[Edge], positions: &[Point]) -> Vec<DataFile> {
    let graph = Numbered::new(nodes, edges, positions);
    let folders = Folders::new(nodes, positions);
    let lookups = if graph.is_whole { 0 } else { nodes.len().div_ceil(LOOKUP_NOTES) };
    let index = Index {
        version: 2,
        kinds: EdgeKind::ALL.map(EdgeKind::name),
        notes: nodes.len(),
        folders: folders.largest(),
        parts: graph.parts.iter().map(square).collect(),
        lookups,
    };
    let index = format!("window.canonGraph={};\n", json(&index));
    let mut files = vec![("graph-data.js".to_string(), index.into_bytes())];
    files.extend(graph.parts.iter_enumerated().map(|(id, part)| {
        let call = format!("canonGraphPart({},{});\n", id.index(), json(&graph.columns(part, &folders)));
        (format!("graph/{}.js", id.index()), call.into_bytes())
    }));
    files.extend(graph.lookup_files(lookups).into_iter().enumerate().map(|(number, file)| {
        let call = format!("canonGraphNumbers({});\n", json(&file));
        (format!("graph/numbers-{number}.js"), call.into_bytes())
    }));
    files
}

fn json(value: &impl Serialize) -> String {
    safe_in_script(&serde_json::to_string(value).expect("a value of strings and numbers is JSON"))
}

fn square(part: &Part) -> (usize, u32, u32, f32, u32) {
    let (left, top) = part.corner;
    (part.nodes.len(), left as u32, top as u32, part.side, part.parent.index() as u32)
}

/// An end of an edge, with the kind of the edge.
type End = (NoteNumber, EdgeKind);

/// The notes with their numbers, and the edges between numbers.
struct Numbered<'a> {
    nodes: &'a [Node<'a>],
    positions: &'a [Point],
    parts: IndexVec<PartId, Part>,
    /// The note of each number.
    order: IndexVec<NoteNumber, NodeId>,
    /// The edges from and to each note, in the order of the other end.
    from: IndexVec<NodeId, Vec<End>>,
    to: IndexVec<NodeId, Vec<End>>,
    is_whole: bool,
}

impl<'a> Numbered<'a> {
    fn new(nodes: &'a [Node<'a>], edges: &[Edge], positions: &'a [Point]) -> Numbered<'a> {
        let ids = IdRange::<NodeId>::first(nodes.len());
        let is_drawn = |edge: &&Edge| edge.source != edge.target && ids.contains(edge.source.max(edge.target));
        let mut drawn: Vec<(NodeId, NodeId, EdgeKind)> =
            edges.iter().filter(is_drawn).map(|edge| (edge.source, edge.target, edge.kind)).collect();
        drawn.sort_unstable();
        drawn.dedup();
        let mut degrees = IndexVec::<NodeId, (usize, usize)>::filled((0, 0), nodes.len());
        for &(source, target, _) in &drawn {
            degrees[source].0 += 1;
            degrees[target].1 += 1;
        }
        let is_whole = nodes.len() <= MOST_WHOLE;
        let mut order: Vec<NodeId> = ids.iter().collect();
        // The weight by which the page draws, names and lists notes.
        let weight = |node: NodeId| 10 * degrees[node].1 + 2 * usize::from(nodes[node.index()].importance);
        order.sort_by_key(|&node| (std::cmp::Reverse(weight(node)), node));
        let bytes = |node: NodeId| {
            let (from, to) = degrees[node];
            let note = &nodes[node.index()];
            let edges = from.min(MOST_FROM) + if is_whole { 0 } else { to.min(MOST_TO) };
            let stem = split_url(note.url).1;
            let stem = if stem == page_of_title(note.title) { 0 } else { stem.len() };
            // An edge has up to four letters. The other columns have twenty of a note, with the signs of JSON.
            note.title.len() + stem + 2 * note.tags.len() + 4 * edges + 20
        };
        let parts = divide(&order, |node| positions[node.index()], bytes);
        let order: IndexVec<NoteNumber, NodeId> =
            parts.iter().flat_map(|part| part.nodes.iter().copied()).collect::<Vec<_>>().into();
        let mut number_of = IndexVec::filled(NoteNumber::new(0), nodes.len());
        order.iter_enumerated().for_each(|(number, &node)| number_of[node] = number);
        let (mut from, mut to) = (IndexVec::filled(Vec::new(), nodes.len()), IndexVec::filled(Vec::new(), nodes.len()));
        for &(source, target, kind) in &drawn {
            from[source].push((number_of[target], kind));
            to[target].push((number_of[source], kind));
        }
        Numbered { nodes, positions, parts, order, from, to, is_whole }
    }

    fn node(&self, node: NodeId) -> &'a Node<'a> {
        &self.nodes[node.index()]
    }

    /// The columns of a part.
    fn columns(&self, part: &Part, folders: &Folders<'a>) -> Columns<'a> {
        let nodes = || part.nodes.iter().map(|&node| self.node(node));
        let places: Vec<(&str, &str)> = nodes().map(|node| split_url(node.url)).collect();
        let own_folders = by_name(nodes().map(|node| node.folder));
        let dirs = by_name(places.iter().map(|place| place.0));
        let types = by_use(nodes().map(|node| node.kind));
        let tags = by_use(nodes().flat_map(|node| node.tags.iter().copied()));
        let plain = |(node, place): (&Node, &(&'a str, &'a str))| {
            if place.1 == page_of_title(node.title) { "" } else { place.1 }
        };
        let place = |node: &NodeId| self.positions[node.index()];
        let from = part.nodes.iter().map(|&node| shortened(&self.from[node], MOST_FROM));
        let to = part.nodes.iter().map(|&node| shortened(&self.to[node], MOST_TO));
        Columns {
            folder: column(nodes().map(|node| node.folder), &own_folders),
            dir: column(places.iter().map(|place| place.0), &dirs),
            r#type: column(nodes().map(|node| node.kind), &types),
            importance: numbers(nodes().map(|node| u32::from(node.importance))),
            tag: tag_column(nodes(), &tags),
            r#in: numbers(part.nodes.iter().map(|&node| self.to[node].len() as u32)),
            out: numbers(part.nodes.iter().map(|&node| self.from[node].len() as u32)),
            titles: nodes().map(|node| node.title).collect(),
            stems: nodes().zip(&places).map(plain).collect(),
            x: part.nodes.iter().map(|node| twelve_bits(place(node).0)).collect(),
            y: part.nodes.iter().map(|node| twelve_bits(place(node).1)).collect(),
            edges: edge_column(from),
            from: if self.is_whole { String::new() } else { edge_column(to) },
            hues: own_folders.iter().map(|&name| folders.hue(name)).collect(),
            folders: own_folders,
            dirs,
            types,
            tags,
        }
    }

    /// For each file the numbers of its notes by percent-encoded output path. A note is in the file of its path's hash.
    fn lookup_files(&self, count: usize) -> Vec<BTreeMap<String, usize>> {
        let mut files = vec![BTreeMap::new(); count];
        for (number, &node) in self.order.iter_enumerated().filter(|_| count > 0) {
            let mut url = String::new();
            encode_path(self.node(node).url, &mut url);
            files[fnv_1a(&url) as usize % count].insert(url, number.index());
        }
        files
    }
}

/// At most `most` ends, those of the first kinds first, in the order of number and kind.
fn shortened(ends: &[End], most: usize) -> Vec<End> {
    let mut ends = ends.to_vec();
    if ends.len() > most {
        ends.sort_unstable_by_key(|&(number, kind)| (kind, number));
        ends.truncate(most);
    }
    ends.sort_unstable();
    ends
}

/// The folders with their places and colours.
struct Folders<'a> {
    /// By name.
    all: Vec<Folder<'a>>,
}

#[derive(Clone)]
struct Folder<'a> {
    name: &'a str,
    notes: u32,
    /// The mean of the positions of its notes.
    centre: Point,
    /// The least ordinate of its notes.
    top: f32,
    hue: u8,
}

impl<'a> Folders<'a> {
    fn new(nodes: &[Node<'a>], positions: &[Point]) -> Folders<'a> {
        let names = by_name(nodes.iter().map(|node| node.folder));
        let empty = |&name: &&'a str| Folder { name, notes: 0, centre: (0.0, 0.0), top: super::EXTENT, hue: 0 };
        let mut all: Vec<Folder<'a>> = names.iter().map(empty).collect();
        let places = places_in(&names);
        for (node, &(x, y)) in nodes.iter().zip(positions) {
            let folder = &mut all[places[node.folder] as usize];
            folder.notes += 1;
            folder.centre = (folder.centre.0 + x, folder.centre.1 + y);
            folder.top = folder.top.min(y);
        }
        for at in 0..all.len() {
            let count = all[at].notes as f32;
            all[at].centre = (all[at].centre.0 / count, all[at].centre.1 / count);
            let hue = hue(&all[..at], all[at].centre);
            all[at].hue = hue;
        }
        Folders { all }
    }

    fn hue(&self, name: &str) -> u8 {
        self.all.binary_search_by_key(&name, |folder| folder.name).map_or(0, |at| self.all[at].hue)
    }

    /// The folders with the most notes, in the order of names.
    fn largest(&self) -> Vec<(&'a str, u32, u32, u32, u32, u8)> {
        let mut largest: Vec<&Folder<'a>> = self.all.iter().collect();
        largest.sort_by_key(|folder| (std::cmp::Reverse(folder.notes), folder.name));
        largest.truncate(REGIONS);
        largest.sort_by_key(|folder| folder.name);
        let region = |folder: &Folder<'a>| {
            let (x, y) = folder.centre;
            (folder.name, folder.notes, x as u32, y as u32, folder.top as u32, folder.hue)
        };
        largest.into_iter().map(region).collect()
    }
}

/// The colour of the folder after `before`: each of the first twelve has its own, later ones that of the folders farthest
/// away.
fn hue(before: &[Folder], centre: Point) -> u8 {
    if before.len() < HUES || before.len() >= MOST_COMPARED {
        return (before.len() % HUES) as u8;
    }
    let mut room = [f32::INFINITY; HUES];
    for folder in before {
        let room = &mut room[usize::from(folder.hue)];
        *room = room.min(super::squared_distance(folder.centre, centre));
    }
    let farthest = (0..HUES).rev().max_by(|&a, &b| room[a].total_cmp(&room[b]));
    farthest.unwrap_or(0) as u8
}

/// The folder and the file name without `.html`.
fn split_url(url: &str) -> (&str, &str) {
    let url = url.strip_suffix(".html").unwrap_or(url);
    url.rsplit_once('/').unwrap_or(("", url))
}

/// The value of [`Columns::tag`].
fn tag_column<'a>(nodes: impl Iterator<Item = &'a Node<'a>>, table: &[&str]) -> String {
    let places = places_in(table);
    let of_note = |node: &'a Node<'a>| {
        let mut tags: Vec<u32> = node.tags.iter().map(|tag| places[tag]).collect();
        tags.sort_unstable();
        std::iter::once(tags.len() as u32).chain(tags).collect::<Vec<u32>>()
    };
    numbers(nodes.flat_map(of_note))
}

/// The value of [`Columns::edges`]. Every note gets a count, so that the reader needs no numbers of sources.
fn edge_column(notes: impl Iterator<Item = Vec<End>>) -> String {
    let kinds = EdgeKind::ALL.len() as u32;
    let mut text = String::new();
    for ends in notes {
        push_number(&mut text, ends.len() as u32);
        let mut last = 0;
        for (end, kind) in ends {
            // Ends ascend, so the distances are small numbers of few letters.
            push_number(&mut text, (end.index() - last) as u32 * kinds + kind.place());
            last = end.index();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::columns::tests::read_numbers;
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn node<'a>(title: &'a str, url: &'a str) -> Node<'a> {
        Node {
            title,
            url,
            folder: url.rsplit_once('/').map_or("", |(folder, _)| folder),
            kind: "concept",
            tags: vec!["b", "a"],
            status: "learning",
            difficulty: "easy",
            importance: 70,
            degree_in: 0,
        }
    }

    fn edge(source: usize, target: usize, kind: EdgeKind) -> Edge {
        Edge { source: NodeId::new(source), target: NodeId::new(target), kind }
    }

    /// The values in the files by path: of `canonGraph`, or the last argument of the call.
    fn read(files: &[DataFile]) -> BTreeMap<&str, Value> {
        let value = |(path, file): &'_ DataFile| {
            let text = std::str::from_utf8(file).expect("UTF-8").trim_end().to_string();
            let json = &text[text.find('{').expect("a value")..=text.rfind('}').expect("a value")];
            serde_json::from_str(json).unwrap_or_else(|error| panic!("{path}: {error}"))
        };
        files.iter().map(|file| (file.0.as_str(), value(file))).collect()
    }

    fn read_edges(text: &str) -> Vec<(u32, u32, u32)> {
        let (numbers, mut edges, mut at, mut source) = (read_numbers(text), Vec::new(), 0, 0);
        while at < numbers.len() {
            let (count, mut target) = (numbers[at] as usize, 0);
            for number in &numbers[at + 1..=at + count] {
                target += number / 6;
                edges.push((source, target, number % 6));
            }
            at += count + 1;
            source += 1;
        }
        edges
    }

    /// The titles in the order of numbers, and the edges between titles.
    fn read_graph(files: &[DataFile]) -> (Vec<String>, Vec<(String, String, u32)>) {
        let values = read(files);
        let parts: Vec<&Value> = (0..).map_while(|at| values.get(format!("graph/{at}.js").as_str())).collect();
        let titles = |part: &Value| part["titles"].as_array().expect("titles").clone();
        let titles: Vec<String> =
            parts.iter().flat_map(|part| titles(part)).map(|title| title.as_str().expect("text").to_string()).collect();
        let mut first = 0;
        let mut edges = Vec::new();
        for part in parts {
            for (source, target, kind) in read_edges(part["edges"].as_str().expect("text")) {
                edges.push((titles[first + source as usize].clone(), titles[target as usize].clone(), kind));
            }
            first += part["titles"].as_array().expect("titles").len();
        }
        (titles, edges)
    }

    proptest! {
        #[test]
        fn notes_and_edges_survive_once(
            edges in prop::collection::vec((0_usize..40, 0_usize..40, 0_usize..6), 0..200),
        ) {
            let list: Vec<Edge> = edges
                .iter()
                .map(|&(source, target, kind)| edge(source, target, EdgeKind::ALL[kind]))
                .collect();
            let titles: Vec<String> = (0..35).map(|at| format!("Note {at}")).collect();
            let nodes: Vec<Node> = titles.iter().map(|title| node(title, "x.html")).collect();
            let places: Vec<Point> = (0..35).map(|at| (at as f32 * 100.0, 7.0)).collect();
            let (mut read, mut read_edges) = read_graph(&data_files(&nodes, &list, &places));
            let mut wanted: Vec<(String, String, u32)> = edges
                .into_iter()
                .filter(|&(source, target, _)| source != target && source < 35 && target < 35)
                .map(|(source, target, kind)| (titles[source].clone(), titles[target].clone(), kind as u32))
                .collect();
            wanted.sort_unstable();
            wanted.dedup();
            read_edges.sort_unstable();
            prop_assert_eq!(read_edges, wanted);
            let mut titles = titles.clone();
            titles.sort_unstable();
            read.sort_unstable();
            prop_assert_eq!(read, titles);
        }

        #[test]
        fn any_title_gives_a_script_that_cannot_end_early(title in "\\PC*|</script>|<!--|\u{2028}|]]>") {
            let files = data_files(&[node(&title, "x.html")], &[], &[(0.0, 0.0)]);
            let values = read(&files);
            prop_assert_eq!(values["graph/0.js"]["titles"][0].as_str(), Some(title.as_str()));
            let harmful = ['<', '>', '\u{2028}', '\u{2029}'];
            prop_assert!(files.iter().all(|(_, file)| !std::str::from_utf8(file).expect("UTF-8").contains(harmful)));
        }
    }

    #[test]
    fn a_file_name_is_written_only_where_the_title_does_not_give_it() {
        let nodes = [
            node("Dead-letter  queue (DLQ)", "ops/dead-letter-queue-dlq.html"),
            node("C++", "c-plus-plus.html"),
            node("日本", "日本.html"),
        ];
        let files = data_files(&nodes, &[], &[(0.0, 0.0); 3]);
        let values = read(&files);
        let part = &values["graph/0.js"];
        assert_eq!(part["stems"], json!(["", "c-plus-plus", "日本"]));
        assert_eq!(part["dirs"], json!(["", "ops"]));
        assert_eq!(part["dir"], "BAA");
    }

    /// The largest file of each kind for a base of some size, with 20 links from each note and hubs that thousands link to.
    fn largest_files(count: usize) -> (BTreeMap<&'static str, usize>, Vec<DataFile>) {
        let titles: Vec<String> = (0..count).map(|at| format!("A concept with a name of many words, {at}")).collect();
        let urls: Vec<String> = (0..count).map(|at| format!("folder-{}/named-{at}.html", at % 900)).collect();
        let nodes: Vec<Node> = titles.iter().zip(&urls).map(|(title, url)| node(title, url)).collect();
        let places: Vec<Point> = (0..count).map(|at| ((at * 37 % 4096) as f32, (at * 101 % 4093) as f32)).collect();
        let target = |source: usize, at: usize| if at < 2 { at } else { (source + at * at * 31) % count };
        let edges: Vec<Edge> = (0..count)
            .flat_map(|source| (0..20).map(move |at| edge(source, target(source, at), EdgeKind::ALL[at % 6])))
            .chain((0..count).map(|to| edge(7, to, EdgeKind::Mentions)))
            .collect();
        let files = data_files(&nodes, &edges, &places);
        let mut largest = BTreeMap::new();
        for (path, file) in &files {
            let kind = if path.contains("numbers") {
                "numbers"
            } else if path.contains('/') {
                "part"
            } else {
                "index"
            };
            let most = largest.entry(kind).or_insert(0);
            *most = file.len().max(*most);
        }
        (largest, files)
    }

    /// Sizes before compression. The page loads no other data files.
    #[test]
    fn no_file_grows_with_the_base() {
        let (whole, _) = largest_files(10_000);
        assert!(whole["part"] <= 150_000 && whole["index"] <= 150_000 && !whole.contains_key("numbers"), "{whole:?}");
        let (largest, files) = largest_files(100_000);
        assert!(largest.values().all(|&bytes| bytes <= 150_000), "{largest:?}");
        let values = read(&files);
        let (url, title) = ("folder-7/named-7.html", json!("A concept with a name of many words, 7"));
        let place_in =
            |part: &Value| part["titles"].as_array().expect("titles").iter().position(|other| *other == title);
        let parts = (0..).map_while(|at| values.get(format!("graph/{at}.js").as_str()));
        let (part, at) = parts.filter_map(|part| Some((part, place_in(part)?))).next().expect("note 7");
        let column = |name: &str| part[name].as_str().expect("text");
        assert!(read_numbers(column("out"))[at] >= 99_999, "note 7 links to all notes");
        assert_eq!(read_edges(column("edges")).iter().filter(|edge| edge.0 == at as u32).count(), MOST_FROM);
        let first: usize = values["graph-data.js"]["parts"][0][0].as_u64().expect("a number") as usize;
        let file = format!("graph/numbers-{}.js", fnv_1a(url) % 67);
        let number = values[file.as_str()][url].as_u64().expect("a number") as usize;
        assert!(number >= first && number < 100_000);
        // Each note links to the first two, which list some of these links.
        let to = read_edges(values["graph/0.js"]["from"].as_str().expect("text"));
        let of_first: Vec<usize> = [0, 1].map(|end| to.iter().filter(|edge| edge.0 == end).count()).into();
        assert_eq!(of_first, [MOST_TO, MOST_TO]);
    }

    /// `tests/browser/formats.test.mjs` reads the same fixture; `content/reading/data-files.md` explains it.
    #[test]
    fn the_example_of_the_documentation_has_these_files() {
        #[derive(serde::Deserialize)]
        struct Note<'a> {
            title: &'a str,
            url: &'a str,
            folder: &'a str,
            r#type: &'a str,
            importance: u8,
            tags: Vec<&'a str>,
            x: f32,
            y: f32,
        }
        #[derive(serde::Deserialize)]
        struct Link<'a> {
            source: usize,
            target: usize,
            kind: &'a str,
        }
        #[derive(serde::Deserialize)]
        struct Numbers<'a> {
            values: Vec<u32>,
            text: &'a str,
        }
        #[derive(serde::Deserialize)]
        struct Fixture<'a> {
            #[serde(borrow)]
            numbers: Vec<Numbers<'a>>,
            notes: Vec<Note<'a>>,
            edges: Vec<Link<'a>>,
            files: BTreeMap<&'a str, Value>,
        }
        let fixture: Fixture<'_> =
            serde_json::from_str(include_str!("../../../tests/formats/graph.json")).expect("the fixture");
        for case in &fixture.numbers {
            assert_eq!(numbers(case.values.iter().copied()), case.text);
        }
        let node = |note: &Note<'static>| Node {
            kind: note.r#type,
            tags: note.tags.clone(),
            folder: note.folder,
            importance: note.importance,
            ..self::node(note.title, note.url)
        };
        let kind = |name: &str| EdgeKind::ALL.into_iter().find(|kind| kind.name() == name).expect("a kind of edge");
        let edge = |link: &Link<'_>| self::edge(link.source, link.target, kind(link.kind));
        let nodes: Vec<Node<'_>> = fixture.notes.iter().map(node).collect();
        let edges: Vec<Edge> = fixture.edges.iter().map(edge).collect();
        let positions: Vec<Point> = fixture.notes.iter().map(|note| (note.x, note.y)).collect();
        assert_eq!(read(&data_files(&nodes, &edges, &positions)), fixture.files);
    }

    #[test]
    fn an_empty_base_has_files_too() {
        let files = data_files(&[], &[], &[]);
        let values = read(&files);
        assert_eq!(values["graph-data.js"]["notes"], json!(0));
        assert_eq!(values["graph/0.js"]["titles"], json!([]));
    }
}
