//! Writes the data file of the graph page: a script setting one global variable, because a page opened from disk may not
//! fetch. Knows the format read by `static/graph.js`; knows nothing of drawing.
//!
//! Names are in tables, and each property of the notes is one string with a value per note, so that gzip finds repetitions
//! close together. A number is written in base 32, lowest digit first, with 64 letters: 32 is added to every digit except the
//! last.
//!
//! Example: importance 70 is 2 · 32 + 6. The digit 6 is followed by a further one, so its letter is number 38, `m`; the digit
//! 2 is the last, so its letter is number 2, `C`. Two edges of a note, to note 3 with kind 1 and to note 5 with kind 0, are
//! the numbers 2, 3 · 6 + 1 = 19 and (5 − 3) · 6 + 0 = 12: how many, then for each the distance from the previous target
//! times the number of kinds, plus the kind. Letters: `C`, `T`, `M`. `content/reading/data-files.md` has all columns.

use super::{Edge, Node, NodeId, Point};
use crate::base::graph::EdgeKind;
use crate::text::ids::{Id, IdRange};
use crate::text::slug::page_of_title;
use rustc_hash::FxHashMap;
use serde::Serialize;

/// The digits of URL-safe base64.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The value assigned by the script. All tables of names start with the most frequent one, except `folders` and `dirs`, which
/// are sorted by name.
#[derive(Serialize)]
struct File<'a> {
    version: u8,
    kinds: [&'a str; EdgeKind::ALL.len()],
    folders: Vec<&'a str>,
    dirs: Vec<&'a str>,
    types: Vec<&'a str>,
    statuses: Vec<&'a str>,
    difficulties: Vec<&'a str>,
    tags: Vec<&'a str>,
    titles: Vec<&'a str>,
    /// File names without `.html`. Empty if equal to [`page_of_title`] of the title.
    stems: Vec<&'a str>,
    folder: String,
    dir: String,
    r#type: String,
    status: String,
    difficulty: String,
    importance: String,
    /// For each note the number of tags, then the index of each in `tags`.
    tag: String,
    /// Two letters per note, highest bits first.
    x: String,
    y: String,
    /// For each note the number of outgoing edges, then each edge, in order of target and kind, as in the module's example.
    edges: String,
}

/// The bytes of the graph's data file: `window.canonGraph={…};`, ASCII except for names.
///
/// `positions` is the result of [`super::positions`], and the `url` of each node ends in `.html`. Loops, repeated edges and
/// edges of missing nodes are left out.
pub fn data_file(nodes: &[Node], edges: &[Edge], positions: &[Point]) -> Vec<u8> {
    let places: Vec<(&str, &str)> = nodes.iter().map(|node| split_url(node.url)).collect();
    let folders = by_name(nodes.iter().map(|node| node.folder));
    let dirs = by_name(places.iter().map(|place| place.0));
    let types = by_use(nodes.iter().map(|node| node.kind));
    let statuses = by_use(nodes.iter().map(|node| node.status));
    let difficulties = by_use(nodes.iter().map(|node| node.difficulty));
    let tags = by_use(nodes.iter().flat_map(|node| node.tags.iter().copied()));
    let stem = |(node, place): (&Node, &(&'_ str, &'_ str))| place.1 == page_of_title(node.title);
    let plain: Vec<bool> = nodes.iter().zip(&places).map(stem).collect();
    let file = File {
        version: 1,
        kinds: EdgeKind::ALL.map(EdgeKind::name),
        folder: column(nodes.iter().map(|node| node.folder), &folders),
        dir: column(places.iter().map(|place| place.0), &dirs),
        r#type: column(nodes.iter().map(|node| node.kind), &types),
        status: column(nodes.iter().map(|node| node.status), &statuses),
        difficulty: column(nodes.iter().map(|node| node.difficulty), &difficulties),
        importance: numbers(nodes.iter().map(|node| u32::from(node.importance))),
        tag: tag_column(nodes, &tags),
        folders,
        dirs,
        types,
        statuses,
        difficulties,
        tags,
        titles: nodes.iter().map(|node| node.title).collect(),
        stems: places.iter().zip(plain).map(|(place, plain)| if plain { "" } else { place.1 }).collect(),
        x: positions.iter().map(|place| twelve_bits(place.0)).collect(),
        y: positions.iter().map(|place| twelve_bits(place.1)).collect(),
        edges: edge_column(nodes.len(), edges),
    };
    let json = serde_json::to_string(&file).expect("a struct of strings is JSON");
    format!("window.canonGraph={};\n", safe_in_script(&json)).into_bytes()
}

/// The folder and the file name without `.html`.
fn split_url(url: &str) -> (&str, &str) {
    let url = url.strip_suffix(".html").unwrap_or(url);
    url.rsplit_once('/').unwrap_or(("", url))
}

/// The distinct names, sorted.
fn by_name<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The distinct names, the most frequent first: its index is one letter.
fn by_use<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut uses: FxHashMap<&str, u32> = FxHashMap::default();
    for name in names {
        *uses.entry(name).or_default() += 1;
    }
    let mut names: Vec<(&str, u32)> = uses.into_iter().collect();
    // The name breaks ties, because the order of a hash map is arbitrary.
    names.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    names.into_iter().map(|(name, _)| name).collect()
}

/// The index of each name in its table.
fn places_in<'a>(table: &[&'a str]) -> FxHashMap<&'a str, u32> {
    table.iter().enumerate().map(|(at, &name)| (name, at as u32)).collect()
}

/// For each note the index of its name in `table`.
fn column<'a>(names: impl Iterator<Item = &'a str>, table: &[&'a str]) -> String {
    let places = places_in(table);
    numbers(names.map(|name| places[name]))
}

/// The value of [`File::tag`].
fn tag_column(nodes: &[Node], table: &[&str]) -> String {
    let places = places_in(table);
    let of_note = |node: &Node| {
        let mut tags: Vec<u32> = node.tags.iter().map(|tag| places[tag]).collect();
        tags.sort_unstable();
        std::iter::once(tags.len() as u32).chain(tags).collect::<Vec<u32>>()
    };
    numbers(nodes.iter().flat_map(of_note))
}

/// The value of [`File::edges`].
fn edge_column(node_count: usize, edges: &[Edge]) -> String {
    let kinds = EdgeKind::ALL.len() as u32;
    let nodes = IdRange::<NodeId>::first(node_count);
    let is_drawn = |edge: &&Edge| edge.source != edge.target && nodes.contains(edge.source.max(edge.target));
    let mut drawn: Vec<(NodeId, NodeId, EdgeKind)> =
        edges.iter().filter(is_drawn).map(|edge| (edge.source, edge.target, edge.kind)).collect();
    drawn.sort_unstable();
    drawn.dedup();
    let (mut text, mut rest) = (String::new(), &drawn[..]);
    for source in nodes {
        // Every node gets a count, so that the reader needs no ids of sources.
        let count = rest.partition_point(|edge| edge.0 == source);
        let (own, after) = rest.split_at(count);
        push_number(&mut text, count as u32);
        let mut last = 0;
        for &(_, target, kind) in own {
            // Targets ascend, so the distances are small numbers of one or two letters.
            push_number(&mut text, (target.index() - last) as u32 * kinds + kind.place());
            last = target.index();
        }
        rest = after;
    }
    text
}

/// All values as one string.
fn numbers(values: impl Iterator<Item = u32>) -> String {
    let mut text = String::new();
    values.for_each(|value| push_number(&mut text, value));
    text
}

/// Appends a number in base 32, as in the module's example.
fn push_number(text: &mut String, mut value: u32) {
    loop {
        let more = value > 31;
        text.push(char::from(LETTERS[(value & 31) as usize + if more { 32 } else { 0 }]));
        if !more {
            return;
        }
        value >>= 5;
    }
}

/// A coordinate as two letters of six bits each.
fn twelve_bits(value: f32) -> String {
    // A value outside of the range, or NaN, must not index past the letters.
    let value = value.clamp(0.0, super::EXTENT) as usize;
    [LETTERS[value >> 6], LETTERS[value & 63]].map(char::from).iter().collect()
}

/// JSON valid in any script, inline ones included. Escapes `<`, `>` and `&` against `</script>` and `<!--`, and U+2028 and
/// U+2029, which end a line in JavaScript before ES2019 but not in JSON.
fn safe_in_script(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => safe.push_str(&format!("\\u{:04x}", letter as u32)),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    fn read(file: &[u8]) -> serde_json::Value {
        let text = std::str::from_utf8(file).expect("UTF-8");
        let json = text.strip_prefix("window.canonGraph=").and_then(|text| text.strip_suffix(";\n")).expect("a script");
        serde_json::from_str(json).expect("JSON")
    }

    fn read_numbers(text: &str) -> Vec<u32> {
        let (mut values, mut value, mut shift) = (Vec::new(), 0, 0);
        for letter in text.bytes() {
            let digit = LETTERS.iter().position(|&other| other == letter).expect("a letter of ours") as u32;
            value |= (digit & 31) << shift;
            shift += 5;
            if digit < 32 {
                values.push(value);
                (value, shift) = (0, 0);
            }
        }
        values
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

    proptest! {
        #[test]
        fn numbers_survive(values in prop::collection::vec(any::<u32>(), 0..50)) {
            prop_assert_eq!(read_numbers(&numbers(values.iter().copied())), values);
        }

        #[test]
        fn edges_survive_in_order_and_once(
            edges in prop::collection::vec((0_usize..40, 0_usize..40, 0_usize..6), 0..200),
        ) {
            let list: Vec<Edge> = edges
                .iter()
                .map(|&(source, target, kind)| edge(source, target, EdgeKind::ALL[kind]))
                .collect();
            let mut wanted: Vec<(u32, u32, u32)> = edges
                .into_iter()
                .filter(|&(source, target, _)| source != target && source < 35 && target < 35)
                .map(|(source, target, kind)| (source as u32, target as u32, kind as u32))
                .collect();
            wanted.sort_unstable();
            wanted.dedup();
            prop_assert_eq!(read_edges(&edge_column(35, &list)), wanted);
        }

        #[test]
        fn any_title_gives_a_script_that_cannot_end_early(title in "\\PC*|</script>|<!--|\u{2028}|]]>") {
            let file = data_file(&[node(&title, "x.html")], &[], &[(0.0, 0.0)]);
            let data = read(&file);
            prop_assert_eq!(data["titles"][0].as_str(), Some(title.as_str()));
            let harmful = ['<', '>', '\u{2028}', '\u{2029}'];
            prop_assert!(!String::from_utf8(file).expect("UTF-8").contains(harmful));
        }
    }

    #[test]
    fn a_file_name_is_written_only_where_the_title_does_not_give_it() {
        let nodes = [
            node("Dead-letter  queue (DLQ)", "ops/dead-letter-queue-dlq.html"),
            node("C++", "c-plus-plus.html"),
            node("日本", "日本.html"),
        ];
        let data = read(&data_file(&nodes, &[], &[(0.0, 0.0); 3]));
        assert_eq!(data["stems"], serde_json::json!(["", "c-plus-plus", "日本"]));
        assert_eq!(data["dirs"], serde_json::json!(["", "ops"]));
        assert_eq!(data["dir"], "BAA");
    }

    /// `tests/browser/formats.test.mjs` reads the same fixture; `content/reading/data-files.md` explains it.
    #[test]
    fn the_example_of_the_documentation_has_this_file() {
        #[derive(serde::Deserialize)]
        struct Note<'a> {
            title: &'a str,
            url: &'a str,
            folder: &'a str,
            r#type: &'a str,
            status: &'a str,
            difficulty: &'a str,
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
            file: serde_json::Value,
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
            status: note.status,
            difficulty: note.difficulty,
            importance: note.importance,
            ..self::node(note.title, note.url)
        };
        let kind = |name: &str| EdgeKind::ALL.into_iter().find(|kind| kind.name() == name).expect("a kind of edge");
        let edge = |link: &Link<'_>| self::edge(link.source, link.target, kind(link.kind));
        let nodes: Vec<Node<'_>> = fixture.notes.iter().map(node).collect();
        let edges: Vec<Edge> = fixture.edges.iter().map(edge).collect();
        let positions: Vec<Point> = fixture.notes.iter().map(|note| (note.x, note.y)).collect();
        assert_eq!(read(&data_file(&nodes, &edges, &positions)), fixture.file);
    }

    /// The example at the head of this file.
    #[test]
    fn the_example_of_the_module_documentation() {
        assert_eq!(numbers([70].into_iter()), "mC");
        let [kind_0, kind_1] = [EdgeKind::ALL[0], EdgeKind::ALL[1]];
        assert_eq!(edge_column(6, &[edge(0, 5, kind_0), edge(0, 3, kind_1)]), "CTMAAAAA");
    }

    #[test]
    fn places_are_two_letters_each() {
        let data = read(&data_file(&[node("A", "a.html"), node("B", "b.html")], &[], &[(0.0, 4095.0), (65.0, 9e9)]));
        assert_eq!((data["x"].as_str(), data["y"].as_str()), (Some("AABB"), Some("____")));
    }

    #[test]
    fn an_empty_base_has_a_file_too() {
        assert_eq!(read(&data_file(&[], &[], &[]))["titles"], serde_json::json!([]));
    }
}
