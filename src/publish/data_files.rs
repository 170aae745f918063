//! Data files for the scripts of the pages: the search index, the graph with its positions. Computed from the frozen site. Knows
//! formats, but no pages.

use crate::base::site::Site;
use crate::config::schema::Section;
use crate::data::graph_layout;
use crate::data::search;
use crate::note::markdown::{Document, Slice};
use crate::note::sections::is_blank;
use crate::note::{Kind, Note};
use crate::text::ids::{BlockId, HeadingId, Id, IndexVec, NoteId};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// File contents by their path in the site.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The number of notes that are sampled for the dictionary of frequent words.
const VOCABULARY_NOTES: usize = 400;

/// The files of the search index.
pub(crate) fn search(site: &Site) -> Files {
    let searched: Vec<NoteId> = site.all().filter(|(_, note)| is_searched(note)).map(|(i, _)| i).collect();
    // Sampled at equal distances, so every folder contributes words and the result does not depend on threads.
    let step = searched.len().div_ceil(VOCABULARY_NOTES).max(1);
    let sample: Vec<NoteId> = searched.iter().copied().step_by(step).collect();
    let vocabulary = docs(site, &sample, search::vocabulary);
    let run = |notes: &[NoteId]| docs(site, notes, |docs| search::gather(&vocabulary, docs));
    let runs: Vec<search::Run> = searched.par_chunks(search::NOTES_PER_RUN).map(run).collect();
    let listed: Vec<search::ListedNote> = searched.iter().map(|&i| listed_note(site, i)).collect();
    search::finish(&vocabulary, runs, search::list_files(&listed)).into_iter().collect()
}

fn listed_note(site: &Site, i: NoteId) -> search::ListedNote {
    let note = site.note(i);
    search::ListedNote {
        is_note: note.is_note(),
        importance: note.head.importance,
        updated: note.head.updated.map(|date| date.to_string()).unwrap_or_default(),
        links_in: site.graph.number_to(i),
        links_out: site.graph.from(i).len(),
    }
}

/// Whether search finds a file: notes, and pages with a text of their own.
fn is_searched(note: &Note) -> bool {
    note.is_note() || note.kind == Kind::Page && !note.doc.blocks.is_empty() && note.doc.cut_off.is_none()
}

/// Calls `then` with the search documents of some notes, which borrow from local buffers.
fn docs<T>(site: &Site, notes: &[NoteId], then: impl Fn(&[search::Doc<'_>]) -> T) -> T {
    let texts: Vec<Vec<(&str, &str, String)>> = notes.iter().map(|&i| parts(site.note(i))).collect();
    let names: Vec<(Vec<&str>, Vec<&str>)> = notes
        .iter()
        .map(|&i| {
            let head = &site.note(i).head;
            (head.aliases.iter().map(String::as_str).collect(), head.tags.iter().map(String::as_str).collect())
        })
        .collect();
    let doc = |(k, &i): (usize, &NoteId)| {
        let note = site.note(i);
        search::Doc {
            url: &site.routes.notes[i],
            title: &note.title,
            aliases: &names[k].0,
            kind: note.head.kind.as_deref().unwrap_or(""),
            status: note.head.status.as_deref().unwrap_or(""),
            difficulty: note.head.difficulty.as_deref().unwrap_or(""),
            importance: note.head.importance.unwrap_or(0),
            tags: &names[k].1,
            summary: &note.summary,
            parts: texts[k].iter().map(|(heading, anchor, text)| search::Part { heading, anchor, text }).collect(),
        }
    };
    let docs: Vec<search::Doc<'_>> = notes.iter().enumerate().map(doc).collect();
    then(&docs)
}

/// The indexed sections of a note: heading without its boilerplate, anchor, and text without labels. Links, sections
/// marked N/A and self-checks are not indexed. Embedded text is indexed only in the note it comes from.
fn parts(note: &Note) -> Vec<(&str, &str, String)> {
    let doc = &note.doc;
    let mut parts = Vec::new();
    let before = section_text(doc, None);
    if !before.is_empty() {
        parts.push(("", "", before));
    }
    for (h, heading) in doc.headings.iter_enumerated().filter(|(_, h)| h.top) {
        let skipped = heading.section.is_some_and(|s| s.is_links() || s == Section::SelfCheck);
        if skipped || is_blank(doc, h) {
            continue;
        }
        let text = section_text(doc, Some(h));
        let label = match heading.section {
            Some(_) => heading.text.split(" (").next().unwrap_or(""),
            None if Some(h) == note.title_heading => "",
            None => &heading.text,
        };
        if !text.is_empty() || heading.section.is_none() && Some(h) != note.title_heading {
            parts.push((label, &*heading.anchor, text));
        }
    }
    parts
}

/// The text of a section without labels and empty lines.
fn section_text(doc: &Document, heading: Option<HeadingId>) -> String {
    let blocks: Vec<BlockId> = doc.section_blocks(heading).collect();
    let (Some(&first), Some(&last)) = (blocks.first(), blocks.last()) else { return String::new() };
    let whole = Slice { start: doc.blocks[first].text.start, end: doc.blocks[last].text.end };
    let mut text = String::with_capacity(whole.range().len());
    let mut at = whole.start;
    let labels = doc.labels.iter().filter(|l| l.text.start >= whole.start && l.text.end <= whole.end);
    for label in labels {
        if label.text.start >= at {
            text.push_str(doc.plain(Slice { start: at, end: label.text.start }));
            at = label.text.end;
        }
    }
    text.push_str(doc.plain(Slice { start: at.min(whole.end), end: whole.end }));
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// The concept notes in the order of the graph data, and for each note the node (`None` for notes of a different type).
fn nodes(site: &Site) -> (Vec<NoteId>, IndexVec<NoteId, Option<graph_layout::NodeId>>) {
    let concepts: Vec<NoteId> = site.concepts().map(|(i, _)| i).collect();
    let mut place = IndexVec::filled(None, site.notes.len());
    concepts.iter().enumerate().for_each(|(at, &i)| place[i] = Some(graph_layout::NodeId::new(at)));
    (concepts, place)
}

/// The data files of the graph, with computed positions.
pub(crate) fn graph(site: &Site) -> Files {
    let (concepts, place) = nodes(site);
    let mut folders: Vec<&str> = concepts.iter().map(|&i| site.note(i).folder()).collect();
    let of_note = folders.clone();
    folders.sort_unstable();
    folders.dedup();
    let folder = |name: &&str| graph_layout::FolderId::new(folders.binary_search(name).unwrap_or(0));
    let folder_of: Vec<graph_layout::FolderId> = of_note.iter().map(folder).collect();
    let edges: Vec<graph_layout::Edge> = site
        .graph
        .edges
        .iter()
        .filter_map(|e| {
            let (source, target) = (place[e.source]?, place[e.target]?);
            Some(graph_layout::Edge { source, target, kind: e.kind })
        })
        .collect();
    let weighted: Vec<graph_layout::WeightedEdge> = edges.iter().map(graph_layout::WeightedEdge::from).collect();
    let positions = graph_layout::positions(&folder_of, &weighted);
    let node = |&i: &NoteId| {
        let note = site.note(i);
        graph_layout::Node {
            title: &note.title,
            url: &site.routes.notes[i],
            folder: note.folder(),
            kind: note.head.kind.as_deref().unwrap_or(""),
            tags: note.head.tags.iter().map(String::as_str).collect(),
            status: note.head.status.as_deref().unwrap_or(""),
            difficulty: note.head.difficulty.as_deref().unwrap_or(""),
            importance: note.head.importance.unwrap_or(0),
            degree_in: site.graph.number_to(i) as u32,
        }
    };
    let nodes: Vec<graph_layout::Node<'_>> = concepts.iter().map(node).collect();
    let files = graph_layout::data_files(&nodes, &edges, &positions).into_iter();
    files.map(|(path, file)| (format!("_canon/{path}"), file)).collect()
}

pub(crate) use crate::pages::compose::GRAPH_FILE;
