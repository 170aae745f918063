//! What the template of a note can see: its facts, its sections laid out by kind, its relations.

use super::{Link, NoteRow, TagLink};
use serde::Serialize;
use std::collections::BTreeMap;

/// A note: `note` in `note.html`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NoteView {
    /// Id; never empty.
    pub id: String,
    /// Title.
    pub title: String,
    /// Type; empty: none.
    #[serde(rename = "type")]
    pub kind: String,
    /// Status; empty: none.
    pub status: String,
    /// Difficulty; empty: none.
    pub difficulty: String,
    /// 1 for the easiest difficulty of the schema to 3 for the hardest; 0: unknown.
    pub difficulty_level: u8,
    /// 0 to 100.
    pub importance: Option<u8>,
    /// Where the notes of this type are listed.
    pub type_url: Option<String>,
    /// Where the notes of this status are listed.
    pub status_url: Option<String>,
    /// Where the notes of this difficulty are listed.
    pub difficulty_url: Option<String>,
    /// Where notes are ranked by importance.
    pub importance_url: Option<String>,
    /// Tags, in the note's order.
    pub tags: Vec<TagLink>,
    /// Other names.
    pub aliases: Vec<String>,
    /// ISO date; empty: none.
    pub created: String,
    /// ISO date; empty: none.
    pub updated: String,
    /// Whole minutes; 0: not shown.
    pub reading_minutes: usize,
    /// Questions with answers.
    pub card_count: usize,
    /// Whether its date is too old for its importance.
    pub stale: bool,
    /// The canonical note, where this one is not it.
    pub canonical: Option<Link>,
    /// "What it is" without markup; may be empty.
    pub definition: String,
    /// The TL;DR section's content; empty: none. Its section is not in `sections` again.
    pub tldr_html: String,
    /// Ids of the headings that stand elsewhere now or are not shown, so that links to them still land.
    pub anchors: Anchors,
    /// Text before the first heading.
    pub intro_html: String,
    /// Sections in the note's order, but for TL;DR, Links, and those that say N/A.
    pub sections: Vec<SectionView>,
    /// Footnotes of the whole note; empty: none.
    pub footnotes_html: String,
    /// What must be known before, in reading order.
    pub read_first: Vec<Relation>,
    /// Related notes.
    pub related: Vec<Relation>,
    /// Notes that it is compared with, each with the difference.
    pub contrasts: Vec<Relation>,
    /// Other items of the Links section, as they stand.
    pub links_html: String,
    /// Notes that require this one, most important first, the first few.
    pub next_to_learn: Vec<Relation>,
    /// How many more require it.
    pub next_more: usize,
    /// Links from other notes, most important first, at most 50.
    pub backlinks: Vec<Backlink>,
    /// The links beyond those, folded.
    pub backlinks_more: Vec<Backlink>,
    /// Notes whose frontmatter says that they are about this one.
    pub about: Vec<NoteRow>,
    /// The note before on the path of learning.
    pub previous: Option<Link>,
    /// The note after on the path of learning.
    pub next: Option<Link>,
    /// Its neighbours, drawn.
    pub graph: Option<LocalGraph>,
    /// Frontmatter that the schema does not know.
    pub extra: BTreeMap<String, serde_json::Value>,
}

/// Where the ids of headings go that the page shows in a place of its own. Empty: the note has no such heading.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Anchors {
    /// TL;DR.
    pub tldr: String,
    /// Links.
    pub links: String,
    /// Prerequisites.
    pub read_first: String,
    /// Related topics.
    pub related: String,
    /// Compare with.
    pub contrasts: String,
    /// Any other heading that is not shown (N/A sections, the first H1).
    pub hidden: Vec<String>,
}

/// A note, or a name of one, at the other end of a link.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Relation {
    /// Title, or the text of the link where there is no note.
    pub title: String,
    /// Its page; none where there is no note.
    pub url: Option<String>,
    /// `ok`, `planned` or `broken`.
    pub state: String,
    /// Why a broken link is broken; else empty.
    pub reason: String,
    /// Its TL;DR or definition in one sentence; may be empty.
    pub summary: String,
    /// What stands behind the dash of the link; may be empty.
    pub difference: String,
    /// Type; empty: none.
    #[serde(rename = "type")]
    pub kind: String,
    /// 0 to 100.
    pub importance: Option<u8>,
}

/// A link from another note.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Backlink {
    /// Title of the other note.
    pub title: String,
    /// Its page.
    pub url: String,
    /// Edge kind: `requires`, `related`, `contrasts`, `mentions`, `embeds`, `about`.
    pub kind: String,
    /// The sentence or list item that the link stands in, the link's text in `<mark>`; may be empty.
    pub context_html: String,
}

/// How the content of a section is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Layout {
    /// As it stands: `html`.
    #[default]
    Prose,
    /// `rows`: a label and a text each.
    Rows,
    /// `sides`: two or more, side by side.
    Sides,
    /// `sides` with the tones `pro` and `con`.
    ProsCons,
    /// `cards`: questions that fold.
    Cards,
    /// `checks`: items to tick.
    Checklist,
    /// `anti_patterns`.
    AntiPatterns,
    /// `html`, folded.
    Folded,
}

/// A section: heading, content in its layout, subsections.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SectionView {
    /// Key of a known section (`trade_offs`); empty: an unknown one.
    pub key: String,
    /// Heading, boilerplate cut. Markup of the heading, e.g. `<code>`.
    pub label_html: String,
    /// Id.
    pub anchor: String,
    /// 2 to 6.
    pub level: u8,
    /// What it is laid out as.
    pub layout: Layout,
    /// Whether it and a neighbour, both short, share a row.
    pub pair: Pair,
    /// Content before the parts below; all of it for prose.
    pub html: String,
    /// Labelled rows.
    pub rows: Vec<Row>,
    /// Parts that stand side by side.
    pub sides: Vec<Side>,
    /// Questions with answers.
    pub cards: Vec<CardView>,
    /// Items to tick.
    pub checks: Vec<Check>,
    /// What not to do and what to do instead.
    pub anti_patterns: Vec<AntiPattern>,
    /// Content after the parts above.
    pub after_html: String,
    /// Subsections.
    pub children: Vec<SectionView>,
}

/// A section's place in a row of two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Pair {
    /// It has the row to itself.
    #[default]
    Alone,
    /// It opens the row.
    First,
    /// It closes the row.
    Second,
}

/// A labelled row: "What it is".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    /// Label without its colon.
    pub label: String,
    /// Text.
    pub html: String,
}

/// One of the parts that stand side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Side {
    /// Label: "Use synchronous when".
    pub label: String,
    /// Id, where it was a heading; else empty.
    pub anchor: String,
    /// `use`, `avoid`, `pro`, `con`, `in` or `out`.
    pub tone: String,
    /// Content.
    pub html: String,
}

/// A question whose answer folds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct CardView {
    /// Stable identity.
    pub id: String,
    /// From 1.
    pub number: usize,
    /// Id on this page.
    pub anchor: String,
    /// Question, phrasing content only.
    pub question_html: String,
    /// Answer.
    pub answer_html: String,
}

/// An item to tick.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// Stable identity, unique in the site.
    pub id: String,
    /// Text, phrasing content only.
    pub html: String,
    /// Whether it is ticked in the source.
    pub checked: bool,
}

/// What not to do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct AntiPattern {
    /// The anti-pattern.
    pub html: String,
    /// Why it is bad; may be empty.
    pub why_html: String,
    /// What is better; may be empty.
    pub better_html: String,
}

/// The note and its neighbours as a small drawing, 240 units wide and 200 high.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct LocalGraph {
    /// Nodes; the note itself is the first.
    pub nodes: Vec<GraphNode>,
    /// Edges, all of a kind in one.
    pub edges: Vec<GraphEdges>,
    /// The graph page with this note chosen.
    pub url: String,
}

/// A node of the small drawing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GraphNode {
    /// Title.
    pub title: String,
    /// Title cut to what fits.
    pub label: String,
    /// Page; empty for the note itself.
    pub url: String,
    /// `self`, or the kind of the edge that ties it.
    pub kind: String,
    /// From the start edge, in units.
    pub x: i32,
    /// From the top, in units.
    pub y: i32,
    /// Base line of its label from the top, in units.
    pub label_y: i32,
}

/// The edges of one kind in the small drawing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GraphEdges {
    /// Edge kind.
    pub kind: String,
    /// The `d` of an SVG path that draws them.
    pub path: String,
}

/// A neighbour to draw: title, page, kind of edge.
pub(crate) type Neighbour = (String, String, String);

/// Most neighbours that the small drawing holds.
pub(crate) const LOCAL_GRAPH_LIMIT: usize = 14;

impl LocalGraph {
    /// Puts the note in the middle and its neighbours at its sides, in the order given: the first half (what comes before,
    /// if the caller sorts so) at the start, the second at the end, each from top to bottom. Of more than
    /// [`LOCAL_GRAPH_LIMIT`] the first ones. None without neighbours.
    pub(crate) fn around(title: &str, neighbours: &[Neighbour], url: &str) -> Option<LocalGraph> {
        let shown = &neighbours[..neighbours.len().min(LOCAL_GRAPH_LIMIT)];
        if shown.is_empty() {
            return None;
        }
        let node = |title: &str, url: &str, kind: &str, x: f32, y: f32| GraphNode {
            title: title.to_string(),
            label: shorten(title, 20),
            url: url.to_string(),
            kind: kind.to_string(),
            x: x.round() as i32,
            y: y.round() as i32,
            label_y: y.round() as i32 + 14,
        };
        let mut graph = LocalGraph { url: url.to_string(), ..LocalGraph::default() };
        graph.nodes.push(node(title, "", "self", 120.0, 96.0));
        let (start, end) = shown.split_at(shown.len().div_ceil(2));
        for (side, group) in [(-1.0, start), (1.0, end)] {
            for (i, (title, url, kind)) in group.iter().enumerate() {
                // From -1 at the top to 1 at the bottom; nodes at the ends lie a little nearer, so that the drawing is round.
                let t = (2.0 * i as f32 + 1.0) / group.len() as f32 - 1.0;
                graph.nodes.push(node(title, url, kind, 120.0 + side * (70.0 - 14.0 * t * t), 93.0 + 88.0 * t));
            }
        }
        graph.edges = edges(&graph.nodes);
        Some(graph)
    }
}

/// Lines from the first node to all others, one path a kind.
fn edges(nodes: &[GraphNode]) -> Vec<GraphEdges> {
    let mut edges: Vec<GraphEdges> = Vec::new();
    let Some((from, others)) = nodes.split_first() else { return edges };
    for node in others {
        let line = format!("M{} {}L{} {}", from.x, from.y, node.x, node.y);
        match edges.iter_mut().find(|e| e.kind == node.kind) {
            Some(own) => own.path.push_str(&line),
            None => edges.push(GraphEdges { kind: node.kind.clone(), path: line }),
        }
    }
    edges
}

/// The text, or as much of it as `limit` characters hold, with an ellipsis.
fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_string(),
        Some(_) => {
            let cut = text.char_indices().nth(limit - 1).map_or(text.len(), |(i, _)| i);
            format!("{}…", text[..cut].trim_end())
        }
    }
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
        assert!(graph.nodes.iter().all(|n| (20..=220).contains(&n.x) && (15..=185).contains(&n.y)));
        assert_eq!(LocalGraph::around("Middle", &[], "graph.html"), None);
    }

    #[test]
    fn labels_are_cut_at_characters() {
        assert_eq!(shorten("数据库索引", 3), "数据…");
        assert_eq!(shorten("abc", 3), "abc");
    }
}
