//! The small graph beside a note: what to read before it, what comes after, what is related, and one step further,
//! as SVG that needs no script. Knows links and titles; refuses to know pages.

use super::{Edge, Node};
use std::fmt::Write;
use std::sync::OnceLock;
use unicode_segmentation::UnicodeSegmentation;

/// Where a neighbour stands around the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sector {
    /// Left: the note requires it.
    Before,
    /// Top: related, whoever says so.
    Related,
    /// Right: it requires the note.
    After,
    /// Below: compared with the note.
    Compared,
    /// Below, too: linked in any other way.
    Mentioned,
}

const SECTORS: [Sector; 5] = [Sector::Before, Sector::Related, Sector::After, Sector::Compared, Sector::Mentioned];

/// At most this many notes stand around the note itself.
const FIRST_STEP: usize = 14;
/// At most this many one step further.
const SECOND_STEP: usize = 16;
/// The picture's size, in CSS pixels when drawn at its natural size.
const SIZE: (f64, f64) = (260.0, 208.0);
/// Titles are cut to this many characters under the picture.
const CAPTION: usize = 40;
/// And to this many beside their dots, where there is room: around a note with at most [`FEW`] neighbours.
const LABEL: usize = 15;
const FEW: usize = 7;

/// Every note's neighbours, the closest relations and most important notes first. Made once for all local graphs.
pub struct Links {
    starts: Vec<u32>,
    list: Vec<(Sector, u32)>,
}

/// A note in a local graph, in the picture's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalNode {
    /// Its place in the list of nodes.
    pub note: u32,
    /// Pixels from the left.
    pub x: i32,
    /// Pixels from the top.
    pub y: i32,
    /// Links between it and the note in the middle: 0, 1 or 2.
    pub step: u8,
    /// How it relates to the note in the middle, or, at step 2, the one between.
    pub sector: Sector,
}

/// A note with at most 30 around it; the note itself comes first.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalGraph {
    /// In order of distance.
    pub nodes: Vec<LocalNode>,
    /// Pairs of places in `nodes`, nearer one first.
    pub edges: Vec<(usize, usize, Sector)>,
}

impl Links {
    /// Reads all edges once; a pair with several relations keeps the closest.
    pub fn new(nodes: &[Node], edges: &[Edge]) -> Links {
        let is_link = |edge: &&Edge| edge.source != edge.target && edge.source.max(edge.target) < nodes.len() as u32;
        let both_ways = |edge: &Edge| {
            let (out, back) = sectors(edge.kind);
            [(edge.source, out, edge.target), (edge.target, back, edge.source)]
        };
        let mut all: Vec<(u32, u32, Sector)> =
            edges.iter().filter(is_link).flat_map(both_ways).map(|(from, sector, to)| (from, to, sector)).collect();
        all.sort_unstable();
        all.dedup_by_key(|&mut (from, to, _)| (from, to));
        all.sort_by_key(|&(from, to, sector)| (from, sector, std::cmp::Reverse(nodes[to as usize].importance), to));
        let start = |note: usize| all.partition_point(|link| (link.0 as usize) < note) as u32;
        let starts = (0..=nodes.len()).map(start).collect();
        Links { starts, list: all.into_iter().map(|(_, to, sector)| (sector, to)).collect() }
    }

    fn of(&self, note: u32) -> &[(Sector, u32)] {
        let bound = |at: u32| self.starts.get(at as usize).copied().unwrap_or(self.list.len() as u32) as usize;
        &self.list[bound(note)..bound(note + 1)]
    }
}

/// How the target stands to the source, and the source to the target.
fn sectors(kind: u8) -> (Sector, Sector) {
    match kind {
        0 => (Sector::Before, Sector::After),
        1 => (Sector::Related, Sector::Related),
        2 => (Sector::Compared, Sector::Compared),
        _ => (Sector::Mentioned, Sector::Mentioned),
    }
}

/// The surroundings of `note`, placed; its cost does not grow with the base or with the note's links.
pub fn local(note: u32, links: &Links) -> LocalGraph {
    let first = first_step(links.of(note));
    let mut nodes =
        vec![LocalNode { note, x: whole(SIZE.0 / 2.0), y: whole(SIZE.1 / 2.0), step: 0, sector: Sector::Before }];
    let mut edges = Vec::new();
    let turn = facing(&first);
    for (slot, &(sector, other)) in first.iter().enumerate() {
        // Many neighbours stand in two rows, so that their dots and hit areas stay apart.
        let distance = if first.len() > 8 && slot % 2 == 1 { 0.42 } else { 0.6 };
        edges.push((0, nodes.len(), sector));
        nodes.push(standing(other, turn + slot as f64 / first.len() as f64, distance, 1, sector));
    }
    add_second_step(&mut nodes, &mut edges, links, turn);
    LocalGraph { nodes, edges }
}

/// Some of every sector before more of any; in the order of sectors, which is the way around the note.
fn first_step(all: &[(Sector, u32)]) -> Vec<(Sector, u32)> {
    let of_sector = |sector: Sector| {
        let start = all.partition_point(|link| link.0 < sector);
        &all[start..start + all[start..].partition_point(|link| link.0 == sector)]
    };
    let mut taken = [0; SECTORS.len()];
    let mut left = FIRST_STEP;
    loop {
        let before = left;
        for (count, sector) in taken.iter_mut().zip(SECTORS) {
            if left > 0 && *count < of_sector(sector).len() {
                *count += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    SECTORS.iter().zip(taken).flat_map(|(&sector, count)| of_sector(sector)[..count].to_vec()).collect()
}

/// The share of a full turn at which the first neighbour stands, so that prerequisites come to stand on the left, or,
/// where there are none, what follows on the right. Turns go clockwise from the right.
fn facing(first: &[(Sector, u32)]) -> f64 {
    let middle = |sector: Sector| {
        let from = first.iter().position(|link| link.0 == sector)?;
        let count = first.iter().filter(|link| link.0 == sector).count();
        Some((from as f64 + (count as f64 - 1.0) / 2.0) / first.len() as f64)
    };
    match (middle(Sector::Before), middle(Sector::After)) {
        (Some(before), _) => 0.5 - before,
        (None, Some(after)) => -after,
        (None, None) => 0.75,
    }
}

fn add_second_step(nodes: &mut Vec<LocalNode>, edges: &mut Vec<(usize, usize, Sector)>, links: &Links, turn: f64) {
    let first = nodes.len() - 1;
    if first == 0 {
        return;
    }
    let each = (SECOND_STEP / first).clamp(1, 3);
    for slot in 0..first {
        let near = nodes[slot + 1].note;
        let mut placed = 0;
        // Looking at a dozen is enough to find one or two that are new, and bounds the work at a hub.
        for &(sector, far) in links.of(near).iter().take(12) {
            if placed == each || nodes.len() > FIRST_STEP + SECOND_STEP {
                break;
            }
            if nodes.iter().all(|node| node.note != far) {
                let aside = (placed as f64 - (each as f64 - 1.0) / 2.0) * (0.42 / first as f64).min(0.06);
                edges.push((slot + 1, nodes.len(), sector));
                nodes.push(standing(far, turn + slot as f64 / first as f64 + aside, 0.88, 2, sector));
                placed += 1;
            }
        }
    }
}

fn standing(note: u32, turn: f64, distance: f64, step: u8, sector: Sector) -> LocalNode {
    let (x, y) = on_circle(turn);
    let x = whole(SIZE.0 / 2.0 * (1.0 + distance * x));
    LocalNode { note, x, y: whole(SIZE.1 / 2.0 * (1.0 + distance * y)), step, sector }
}

fn whole(value: f64) -> i32 {
    value.round() as i32
}

/// A point of the unit circle, `turn` of the way around, good to a 128th: sines differ between machines.
fn on_circle(turn: f64) -> (f64, f64) {
    const COSINE: f64 = 0.998_795_456_205_172_4;
    const SINE: f64 = 0.049_067_674_327_418_015;
    static POINTS: OnceLock<Vec<(f64, f64)>> = OnceLock::new();
    let next = |&(x, y): &(f64, f64)| Some((x * COSINE - y * SINE, x * SINE + y * COSINE));
    let points = POINTS.get_or_init(|| std::iter::successors(Some((1.0, 0.0)), next).take(128).collect());
    points[(turn.rem_euclid(1.0) * 128.0).round() as usize % 128]
}

/// The picture as an `<svg class="local-graph">` whose neighbours are links, or nothing where the note has none.
///
/// `href` gives a note's address as seen from this page, ready for an attribute but for `&`, `"` and `<`. The picture
/// is hidden from screen readers and left out of the tab order, for the page lists the same links as text.
pub fn local_svg(graph: &LocalGraph, nodes: &[Node], href: impl Fn(u32) -> String) -> String {
    let [middle, around @ ..] = &graph.nodes[..] else { return String::new() };
    if around.is_empty() {
        return String::new();
    }
    let mut svg = format!(
        r#"<svg class="local-graph" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">"#,
        SIZE.0,
        SIZE.1 + 22.0
    );
    lines(&mut svg, graph);
    path(&mut svg, "far", around.iter().filter(|node| node.step == 2).map(|node| (node, None)));
    let near = || around.iter().filter(|node| node.step == 1);
    let is_labelled = near().count() <= FEW;
    for node in near() {
        link(&mut svg, node, &nodes[node.note as usize], &href(node.note), is_labelled);
    }
    // Writing to a string cannot fail.
    let _ = write!(svg, r#"<circle class="self" cx="{}" cy="{}" r="7"/></svg>"#, middle.x, middle.y);
    svg
}

/// One path a relation: the class gives the line its look.
fn lines(svg: &mut String, graph: &LocalGraph) {
    for class in ["second", "requires", "related", "contrasts", "mentions"] {
        let of_class = graph.edges.iter().filter(|&&(from, _, sector)| class == class_of(from, sector));
        path(svg, class, of_class.map(|&(from, to, _)| (&graph.nodes[from], Some(&graph.nodes[to]))));
    }
}

fn class_of(from: usize, sector: Sector) -> &'static str {
    match sector {
        _ if from != 0 => "second",
        Sector::Before | Sector::After => "requires",
        Sector::Related => "related",
        Sector::Compared => "contrasts",
        Sector::Mentioned => "mentions",
    }
}

/// Lines from node to node, or, without an end, dots; nothing where there are none. Writing to a string cannot fail.
fn path<'a>(svg: &mut String, class: &str, lines: impl Iterator<Item = (&'a LocalNode, Option<&'a LocalNode>)>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    let _ = write!(svg, r#"<path class="{class}" d=""#);
    for (from, to) in lines {
        let _ = match to {
            Some(to) => write!(svg, "M{} {}L{} {}", from.x, from.y, to.x, to.y),
            None => write!(svg, "M{} {}h0", from.x, from.y),
        };
    }
    svg.push_str(r#""/>"#);
}

fn link(svg: &mut String, place: &LocalNode, node: &Node, href: &str, is_labelled: bool) {
    let radius = 4 + i32::from(node.importance) / 34;
    let (title, href) = (escaped(&cut(node.title, CAPTION)), escaped(href));
    let (x, y, middle, bottom) = (place.x, place.y, whole(SIZE.0 / 2.0), whole(SIZE.1 + 15.0));
    // The clear circle is what a finger can hit; writing to a string cannot fail.
    let _ = write!(
        svg,
        r#"<a href="{href}" tabindex="-1"><circle class="hit" cx="{x}" cy="{y}" r="13"/><circle cx="{x}" cy="{y}" r="{radius}"/>"#
    );
    if is_labelled {
        let _ = write!(svg, r#"<text class="near" x="{x}" y="{}">{}</text>"#, y + 18, escaped(&cut(node.title, LABEL)));
    }
    let _ = write!(svg, r#"<text x="{middle}" y="{bottom}">{title}</text></a>"#);
}

fn cut(title: &str, most: usize) -> String {
    let letters: Vec<&str> = title.graphemes(true).take(most + 1).collect();
    if letters.len() <= most { title.to_owned() } else { format!("{}…", letters[..most - 1].concat().trim_end()) }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn node(title: &str, importance: u8) -> Node<'_> {
        Node {
            title,
            url: "x.html",
            folder: "",
            kind: "concept",
            tags: Vec::new(),
            status: "learning",
            difficulty: "easy",
            importance,
            degree_in: 0,
        }
    }

    fn edge(source: u32, target: u32, kind: u8) -> Edge {
        Edge { source, target, kind }
    }

    proptest! {
        #[test]
        fn bounded_without_repeats_and_within_the_picture(
            edges in prop::collection::vec((0_u32..60, 0_u32..60, 0_u8..6), 0..900), note in 0_u32..60,
        ) {
            let nodes: Vec<Node> = (0..60).map(|at| node("t", at)).collect();
            let edges: Vec<Edge> = edges.into_iter().map(|(a, b, kind)| edge(a, b, kind)).collect();
            let graph = local(note, &Links::new(&nodes, &edges));
            let known: HashSet<u32> = graph.nodes.iter().map(|node| node.note).collect();
            prop_assert!(graph.nodes.len() <= 31);
            prop_assert_eq!(known.len(), graph.nodes.len());
            prop_assert_eq!(graph.edges.len(), graph.nodes.len() - 1);
            for node in &graph.nodes {
                prop_assert!((4..=256).contains(&node.x) && (4..=204).contains(&node.y), "{:?}", node);
            }
        }
    }

    #[test]
    fn prerequisites_stand_left_and_what_needs_the_note_right() {
        let nodes: Vec<Node> = (0..6).map(|_| node("t", 50)).collect();
        let graph = local(0, &Links::new(&nodes, &[edge(0, 1, 0), edge(2, 0, 0), edge(0, 3, 1), edge(4, 0, 2)]));
        let x = |note: u32| graph.nodes.iter().find(|node| node.note == note).map(|node| node.x);
        assert!(x(1) < Some(90) && x(2) > Some(170), "{graph:?}");
    }

    #[test]
    fn a_hub_shows_its_most_important_neighbours_of_every_kind() {
        let nodes: Vec<Node> = (0..200).map(|at| node("t", (at % 100) as u8)).collect();
        let mut edges: Vec<Edge> = (1..190).map(|at| edge(at, 0, 3)).collect();
        edges.extend([edge(0, 191, 0), edge(192, 0, 1)]);
        let graph = local(0, &Links::new(&nodes, &edges));
        let near: Vec<u32> = graph.nodes.iter().filter(|node| node.step == 1).map(|node| node.note).collect();
        assert_eq!(near[..3], [191, 192, 99]);
        assert_eq!(near.len(), FIRST_STEP);
    }

    #[test]
    fn titles_and_addresses_cannot_leave_their_place() {
        let nodes = [node("a", 1), node("</text><script>alert(\"1\")</script>", 1)];
        let graph = local(0, &Links::new(&nodes, &[edge(0, 1, 1)]));
        let svg = local_svg(&graph, &nodes, |_| "x\"><script>.html".to_owned());
        assert!(!svg.contains("<script"), "{svg}");
        let mut reader = quick_xml::Reader::from_str(&svg);
        while !matches!(reader.read_event().expect("well-formed"), quick_xml::events::Event::Eof) {}
    }

    #[test]
    fn a_note_without_links_has_no_picture() {
        let nodes = [node("a", 1), node("b", 1)];
        assert_eq!(local_svg(&local(0, &Links::new(&nodes, &[edge(0, 0, 1)])), &nodes, |_| String::new()), "");
    }

    #[test]
    fn long_titles_are_cut_between_letters() {
        let cut = cut(&"e\u{301}".repeat(60), CAPTION);
        assert_eq!(cut.graphemes(true).count(), CAPTION);
        assert!(cut.ends_with('…'));
    }
}
