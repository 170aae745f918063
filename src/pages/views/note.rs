//! The values for the template of a note: its fields, its sections arranged by kind, its relations.

use super::{Link, NoteRow, PathPanel, TagLink};
use serde::Serialize;
use std::collections::BTreeMap;

/// The values of a note: `note` in `note.html`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NoteView {
    /// The id. Never empty.
    pub id: String,
    /// The title.
    pub title: String,
    /// The type. Empty: none.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status. Empty: none.
    pub status: String,
    /// The difficulty. Empty: none.
    pub difficulty: String,
    /// The level from 1 for the easiest difficulty of the schema to 3 for the hardest. 0: unknown.
    pub difficulty_level: u8,
    /// The importance, 0 to 100.
    pub importance: Option<u8>,
    /// The URL of the notes with the same type.
    pub type_url: Option<String>,
    /// The URL of the notes with the same status.
    pub status_url: Option<String>,
    /// The URL of the notes with the same difficulty.
    pub difficulty_url: Option<String>,
    /// The URL of the notes by importance.
    pub importance_url: Option<String>,
    /// The tags, in the order of the note.
    pub tags: Vec<TagLink>,
    /// The aliases.
    pub aliases: Vec<String>,
    /// The ISO date of creation. Empty: none.
    pub created: String,
    /// The ISO date of the last update. Empty: none.
    pub updated: String,
    /// The reading time in whole minutes. 0: not shown.
    pub reading_minutes: usize,
    /// The number of questions with answers.
    pub card_count: usize,
    /// Whether the date is too old for the importance.
    pub stale: bool,
    /// The canonical note, if this note is not canonical.
    pub canonical: Option<Link>,
    /// The paragraph "What it is" without markup. May be empty.
    pub definition: String,
    /// The content of the TL;DR section. Empty: none. The section is not repeated in `sections`.
    pub tldr_html: String,
    /// The ids of headings that are moved or hidden, so links to them still work.
    pub anchors: Anchors,
    /// The text before the first heading.
    pub intro_html: String,
    /// The sections in the order of the note, without TL;DR, Links, and sections marked N/A.
    pub sections: Vec<SectionView>,
    /// The footnotes of the whole note. Empty: none.
    pub footnotes_html: String,
    /// The prerequisites, in reading order.
    pub read_first: Vec<Relation>,
    /// The related notes.
    pub related: Vec<Relation>,
    /// The notes in the section "Compare with", each with the difference.
    pub contrasts: Vec<Relation>,
    /// The remaining items of the Links section, as written.
    pub links_html: String,
    /// The first notes that require this note, most important first.
    pub next_to_learn: Vec<Relation>,
    /// The number of further notes that require this note.
    pub next_more: usize,
    /// The links from the most important linking notes, at most 50, grouped by kind.
    pub backlinks: Vec<Backlink>,
    /// Further backlinks, folded, grouped by kind.
    pub backlinks_more: Vec<Backlink>,
    /// The notes whose frontmatter refers to this note with `topic`.
    pub about: Vec<NoteRow>,
    /// The previous note in learning order.
    pub previous: Option<Link>,
    /// The next note in learning order.
    pub next: Option<Link>,
    /// The learning path to the note. `None` without prerequisites.
    pub path: Option<PathPanel>,
    /// The drawing of the neighbours.
    pub graph: Option<LocalGraph>,
    /// The frontmatter fields outside of the schema.
    pub extra: BTreeMap<String, serde_json::Value>,
}

/// The ids of headings whose content the page shows at a position of its own. Empty: the note has no such heading.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Anchors {
    /// The TL;DR.
    pub tldr: String,
    /// The Links section.
    pub links: String,
    /// The prerequisites.
    pub read_first: String,
    /// The related topics.
    pub related: String,
    /// The comparisons.
    pub contrasts: String,
    /// Hidden headings: N/A sections and the first H1.
    pub hidden: Vec<String>,
}

/// The target of a relation: a note, or a name without a note.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Relation {
    /// The title of the note, or the text of the link if there is no note.
    pub title: String,
    /// The URL of the page. `None` if there is no note.
    pub url: Option<String>,
    /// The state: `ok`, `planned` or `broken`.
    pub state: String,
    /// The reason for a broken link, else empty.
    pub reason: String,
    /// The TL;DR or definition in one sentence. May be empty.
    pub summary: String,
    /// The text after the dash behind the link. May be empty.
    pub difference: String,
    /// The type. Empty: none.
    #[serde(rename = "type")]
    pub kind: String,
    /// The importance, 0 to 100.
    pub importance: Option<u8>,
}

/// A link from a different note.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Backlink {
    /// The title of the linking note.
    pub title: String,
    /// The URL of its page.
    pub url: String,
    /// The kind of the edge: `requires`, `related`, `contrasts`, `mentions`, `embeds`, `about`.
    pub kind: String,
    /// Whether the kind differs from that of the backlink before, so that a group begins.
    pub starts_group: bool,
    /// The sentence or list item that contains the link, with the link text in `<mark>`. May be empty.
    pub context_html: String,
    /// The TL;DR or definition of the linking note in one sentence. Empty if there is a context.
    pub summary: String,
}

/// The arrangement of the content of a section.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Layout {
    /// `html`, as written.
    #[default]
    Prose,
    /// `rows`: a label and a text each.
    Rows,
    /// `sides`: two or more columns.
    Sides,
    /// `sides` with the tones `pro` and `con`.
    ProsCons,
    /// `cards`: questions with folded answers.
    Cards,
    /// `checks`: a checklist.
    Checklist,
    /// `anti_patterns`.
    AntiPatterns,
    /// `html`, folded.
    Folded,
}

/// A section: heading, arranged content, subsections.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SectionView {
    /// The key of a known section (`trade-offs`). Empty: an unknown section.
    pub key: String,
    /// The HTML of the heading without boilerplate. It may contain markup, e.g. `<code>`.
    pub label_html: String,
    /// The words of the heading, for the contents of the page.
    #[serde(skip)]
    pub title: String,
    /// The id.
    pub anchor: String,
    /// The level: 2 to 6.
    pub level: u8,
    /// The arrangement.
    pub layout: Layout,
    /// The position in a row of two short sections.
    pub pair: Pair,
    /// The content before the parts below. For prose the whole content.
    pub html: String,
    /// The labelled rows.
    pub rows: Vec<Row>,
    /// The columns.
    pub sides: Vec<Side>,
    /// The questions with answers.
    pub cards: Vec<CardView>,
    /// The checklist.
    pub checks: Vec<Check>,
    /// The anti-patterns with their alternatives.
    pub anti_patterns: Vec<AntiPattern>,
    /// The content after the parts above.
    pub after_html: String,
    /// The subsections.
    pub children: Vec<SectionView>,
}

/// The position of a section in a row of two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Pair {
    /// Alone in its row.
    #[default]
    Alone,
    /// The first of two.
    First,
    /// The second of two.
    Second,
}

/// A labelled row, like "What it is".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    /// The label without its colon.
    pub label: String,
    /// The text.
    pub html: String,
}

/// A column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Side {
    /// The label, like "Use synchronous when".
    pub label: String,
    /// The id, if the label is a heading. Else empty.
    pub anchor: String,
    /// The tone: `use`, `avoid`, `pro`, `con`, `in`, `out` or `neutral`.
    pub tone: String,
    /// The content.
    pub html: String,
}

/// A question with a folded answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct CardView {
    /// The stable identifier.
    pub id: String,
    /// The number, from 1.
    pub number: usize,
    /// The id on the page.
    pub anchor: String,
    /// The question, as phrasing content only.
    pub question_html: String,
    /// The answer.
    pub answer_html: String,
}

/// An item of a checklist.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// The stable identifier, unique in the site.
    pub id: String,
    /// The text, as phrasing content only.
    pub html: String,
    /// Whether the item is checked in the source.
    pub checked: bool,
}

/// An anti-pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct AntiPattern {
    /// The anti-pattern.
    pub html: String,
    /// The reason why it is bad. May be empty.
    pub why_html: String,
    /// The better approach. May be empty.
    pub better_html: String,
}

/// The note and its neighbours as a small drawing, 240 units wide: the note at the start edge, the names of its neighbours in
/// a column beside it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct LocalGraph {
    /// The nodes. The first one is the note itself.
    pub nodes: Vec<GraphNode>,
    /// The edges, one entry per kind.
    pub edges: Vec<GraphEdges>,
    /// The height of the drawing, in units.
    pub height: i32,
    /// The URL of the graph page with this note selected.
    pub url: String,
}

/// A node of the drawing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GraphNode {
    /// The title.
    pub title: String,
    /// The title, shortened to fit.
    pub label: String,
    /// The URL of the page. Empty for the note itself.
    pub url: String,
    /// `self`, or the kind of the edge to the node.
    pub kind: String,
    /// The distance from the start edge, in units.
    pub x: i32,
    /// The distance from the top, in units.
    pub y: i32,
}

/// The edges of one kind in the drawing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GraphEdges {
    /// The kind of the edges.
    pub kind: String,
    /// The `d` attribute of an SVG path with all edges.
    pub path: String,
}

/// A neighbour: title, URL, kind of edge.
pub(crate) type Neighbour = (String, String, String);

/// The maximum number of neighbours in the drawing.
pub(crate) const LOCAL_GRAPH_LIMIT: usize = 12;

/// The height of a neighbour's row, for a name of 11.5 units.
const ROW_HEIGHT: i32 = 20;

/// The distances of the note and of its neighbours from the start edge.
const COLUMNS: (i32, i32) = (9, 46);

/// The widest label, in letters of the Latin script: 184 units at 6 units each.
const LABEL_WIDTH: usize = 30;

impl LocalGraph {
    /// Places the note at the start edge and its neighbours in rows beside it, in the given order. At most
    /// [`LOCAL_GRAPH_LIMIT`] neighbours are used. `None` without neighbours.
    pub(crate) fn around(title: &str, neighbours: &[Neighbour], url: &str) -> Option<LocalGraph> {
        let shown = &neighbours[..neighbours.len().min(LOCAL_GRAPH_LIMIT)];
        if shown.is_empty() {
            return None;
        }
        let height = ROW_HEIGHT * shown.len() as i32;
        let node = |title: &str, url: &str, kind: &str, x, y| GraphNode {
            title: title.to_string(),
            label: shorten(title, LABEL_WIDTH),
            url: url.to_string(),
            kind: kind.to_string(),
            x,
            y,
        };
        let own = node(title, "", "self", COLUMNS.0, height / 2);
        let others = shown
            .iter()
            .zip(0..)
            .map(|((title, url, kind), row)| node(title, url, kind, COLUMNS.1, ROW_HEIGHT * row + ROW_HEIGHT / 2));
        let nodes: Vec<GraphNode> = std::iter::once(own).chain(others).collect();
        Some(LocalGraph { edges: edges(&nodes), nodes, height, url: url.to_string() })
    }
}

/// Curves from the first node to all further nodes, one path per kind.
fn edges(nodes: &[GraphNode]) -> Vec<GraphEdges> {
    let mut edges: Vec<GraphEdges> = Vec::new();
    let Some((from, others)) = nodes.split_first() else { return edges };
    for node in others {
        let middle = (from.x + node.x) / 2;
        let curve = format!("M{} {}C{middle} {} {middle} {} {} {}", from.x, from.y, from.y, node.y, node.x, node.y);
        match edges.iter_mut().find(|e| e.kind == node.kind) {
            Some(own) => own.path.push_str(&curve),
            None => edges.push(GraphEdges { kind: node.kind.clone(), path: curve }),
        }
    }
    edges
}

/// A text of at most `width` letters, with an ellipsis if it is longer. A letter of East Asia counts twice.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    let is_wide = |c: char| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffdc}' | '\u{1f300}'..='\u{3ffff}');
    let mut sum = 0;
    let mut cut = 0;
    for (at, c) in text.char_indices() {
        // The place of the ellipsis.
        if sum < width {
            cut = at;
        }
        sum += if is_wide(c) { 2 } else { 1 };
        if sum > width {
            return format!("{}…", text[..cut].trim_end());
        }
    }
    text.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_graph_stays_inside_its_frame() {
        let many: Vec<Neighbour> =
            (0..40).map(|i| (format!("A rather long title {i}"), format!("{i}.html"), "related".into())).collect();
        let graph = LocalGraph::around("Middle", &many, "graph.html").unwrap();
        assert_eq!(graph.nodes.len(), LOCAL_GRAPH_LIMIT + 1);
        assert!(graph.nodes.iter().all(|n| (9..=46).contains(&n.x) && (10..=graph.height - 10).contains(&n.y)));
        assert!(graph.nodes[1..].windows(2).all(|pair| pair[1].y - pair[0].y >= 20), "a row for each name");
        assert_eq!(LocalGraph::around("Middle", &many[..2], "graph.html").unwrap().height, 40);
        assert_eq!(LocalGraph::around("Middle", &[], "graph.html"), None);
    }

    #[test]
    fn labels_are_cut_at_characters() {
        assert_eq!(shorten("数据库索引", 6), "数据…");
        assert_eq!(shorten("数据库", 6), "数据库");
        assert_eq!(shorten("abc", 3), "abc");
        assert_eq!(shorten("abcd", 3), "ab…");
        assert_eq!(shorten("a", 0), "…");
    }
}
