//! The link graph: all links of all notes, resolved, with edges, backlinks, wanted notes and rank. After this stage no
//! link is a string.

mod edges;
mod crowd;
mod names;
mod resolve;
mod wiki;

use crate::note::Note;
use crate::text::ids::{Id, IdRange, IndexVec, LinkId, NoteId, id};
use crate::text::packed::PackedStrings;
use crate::text::source::FileId;
use rayon::prelude::*;
use serde::Serialize;
use std::sync::Arc;

pub(crate) use edges::{context, difference};
pub(crate) use names::{Names, Notes};
pub(crate) use resolve::{Resolver, has_anchor, scheme_of};

/// The target of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A Markdown file.
    Note(NoteId),
    /// A generated page, by output path: an index page, or a folder without a landing page.
    Page(String),
    /// An asset.
    Asset(FileId),
    /// A static file, by output path.
    Static(String),
    /// A different site, by URL.
    External(String),
    /// A planned note.
    Planned,
    /// A draft.
    Draft,
    /// No target, for this reason.
    Broken(Fault),
}

/// The reason why a link has no target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The file or name does not exist. Contains the path or name.
    Missing(String),
    /// The path leads out of the content folder.
    Escapes,
    /// The scheme is not allowed.
    UnsafeScheme(String),
    /// The destination is empty.
    Empty,
}

/// The further candidates of a wikilink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguity {
    /// The first candidates, at most [`MAX_RELATED`](crate::text::diagnostic::MAX_RELATED).
    pub first: Vec<FileId>,
    /// The number of further candidates.
    pub count: usize,
}

/// The target of a link, with the properties that rules report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The target.
    pub target: Target,
    /// The decoded fragment. Empty if there is none.
    pub fragment: String,
    /// Whether the fragment matches no heading of the target.
    pub broken_anchor: bool,
    /// The correct path, if the link differs only in letter case.
    pub right_case: Option<String>,
    /// Whether the path is relative to the content root.
    pub absolute: bool,
    /// The path is that of a folder, `page/` or `page`, and leads to the note `page.md`.
    pub directory: bool,
    /// The further candidates of a wikilink. `None` if there are none.
    pub ambiguous: Option<Box<Ambiguity>>,
    /// The alias note through which the target was reached.
    pub through: Option<NoteId>,
}

impl Resolved {
    /// A target without further properties.
    pub fn plain(target: Target) -> Resolved {
        Resolved {
            target,
            fragment: String::new(),
            broken_anchor: false,
            right_case: None,
            absolute: false,
            directory: false,
            ambiguous: None,
            through: None,
        }
    }

    /// Whether there is nothing where it leads.
    fn is_missing(&self) -> bool {
        matches!(self.target, Target::Broken(_))
    }
}

/// The resolved links of one note, in the order of its document. Cheap to clone. Notes that were resolved together
/// share one allocation, because many small ones fragment the heap when graphs replace each other.
#[derive(Debug, Clone)]
pub struct Links {
    together: Arc<[Resolved]>,
    own: std::ops::Range<usize>,
}

impl Links {
    /// The links of several notes, one value per note.
    fn of_several(notes: impl Iterator<Item = impl Iterator<Item = Resolved>>) -> Vec<Links> {
        let (mut together, mut ends) = (Vec::new(), Vec::new());
        for links in notes {
            together.extend(links);
            ends.push(together.len());
        }
        let together: Arc<[Resolved]> = together.into();
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts.zip(&ends).map(|(start, &end)| Links { together: together.clone(), own: start..end }).collect()
    }

    /// The links with their ids, in the order of the document.
    pub(crate) fn iter_enumerated(&self) -> impl DoubleEndedIterator<Item = (LinkId, &Resolved)> + ExactSizeIterator {
        self.iter().enumerate().map(|(place, resolved)| (LinkId::new(place), resolved))
    }
}

impl PartialEq for Links {
    fn eq(&self, other: &Links) -> bool {
        **self == **other
    }
}

impl std::ops::Deref for Links {
    type Target = [Resolved];

    fn deref(&self) -> &[Resolved] {
        &self.together[self.own.clone()]
    }
}

impl std::ops::Index<LinkId> for Links {
    type Output = Resolved;

    fn index(&self, link: LinkId) -> &Resolved {
        &(**self)[link.index()]
    }
}

impl<'a> IntoIterator for &'a Links {
    type Item = &'a Resolved;
    type IntoIter = std::slice::Iter<'a, Resolved>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The meaning of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// The target is a prerequisite.
    Requires,
    /// The target is related.
    Related,
    /// The source is compared with the target.
    Contrasts,
    /// The text of the source links to the target.
    Mentions,
    /// The source embeds the target or a section of it.
    Embeds,
    /// A frontmatter field of the source links to the target.
    About,
}

impl EdgeKind {
    /// All kinds, in the order of the data file of the graph.
    pub const ALL: [EdgeKind; 6] = [
        EdgeKind::Requires,
        EdgeKind::Related,
        EdgeKind::Contrasts,
        EdgeKind::Mentions,
        EdgeKind::Embeds,
        EdgeKind::About,
    ];

    /// The index in [`EdgeKind::ALL`].
    pub fn place(self) -> u32 {
        self as u32
    }

    /// The name in `api/graph.json`.
    pub fn name(self) -> &'static str {
        match self {
            EdgeKind::Requires => "requires",
            EdgeKind::Related => "related",
            EdgeKind::Contrasts => "contrasts",
            EdgeKind::Mentions => "mentions",
            EdgeKind::Embeds => "embeds",
            EdgeKind::About => "about",
        }
    }
}

id! {
    /// An edge: its place in [`Graph::edges`].
    pub(crate) struct EdgeId;
    /// An edge: its place in the list of all edges by target.
    struct IncomingId;
}

/// An edge between two Markdown files. There is one per source, target and kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    /// The note with the link.
    pub source: NoteId,
    /// The target of the link.
    pub target: NoteId,
    /// The kind of the edge.
    pub kind: EdgeKind,
    /// The first link of the edge, in the document of the source.
    pub link: LinkId,
}

/// A missing note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The name, as used by most links.
    pub name: String,
    /// The expected path, if links contain one.
    pub path: Option<String>,
    /// The notes with links to it, in path order.
    pub from: Vec<NoteId>,
    /// Whether all links mark it as planned.
    pub planned: bool,
}

/// The link graph.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    /// The resolved links of each note.
    pub links: IndexVec<NoteId, Links>,
    /// The edges, sorted by source, target, kind. Sources and targets include landing pages and pages.
    pub edges: IndexVec<EdgeId, Edge>,
    /// The edges, sorted by target.
    by_target: IndexVec<IncomingId, EdgeId>,
    /// For each note its range in `by_target`: the incoming edges.
    incoming: IndexVec<NoteId, IdRange<IncomingId>>,
    /// For each note its range in `edges`: the outgoing edges.
    outgoing: IndexVec<NoteId, IdRange<EdgeId>>,
    /// The unique key of each note: its id, or its path if the id is missing or not unique.
    pub keys: PackedStrings<NoteId>,
    /// The missing notes, most wanted first.
    pub wanted: Vec<Wanted>,
    /// The PageRank of each concept note (damping 0.85). 0 for all further files.
    pub rank: IndexVec<NoteId, f64>,
}

impl Graph {
    /// The outgoing edges of a note.
    pub(crate) fn from(&self, note: NoteId) -> &[Edge] {
        &self.edges[self.outgoing[note]]
    }

    /// The incoming edges of a note.
    pub(crate) fn to(&self, note: NoteId) -> impl Iterator<Item = &Edge> {
        self.by_target[self.incoming[note]].iter().map(|&edge| &self.edges[edge])
    }

    /// The number of incoming edges of a note.
    pub(crate) fn number_to(&self, note: NoteId) -> usize {
        self.incoming[note].len()
    }

    /// A resolved link of a note.
    pub(crate) fn resolved(&self, note: NoteId, link: LinkId) -> &Resolved {
        &self.links[note][link]
    }
}

/// The number of notes per task of a thread. The results of a task share one allocation.
pub(crate) const NOTES_PER_CHUNK: usize = 64;

/// Resolves all links and builds the graph.
pub(crate) fn graph(resolver: &Resolver<'_>) -> Graph {
    let notes: Vec<NoteId> = resolver.notes.ids().iter().collect();
    let links = notes.par_chunks(NOTES_PER_CHUNK).flat_map_iter(|several| edges::resolve(resolver, several)).collect();
    edges::build(resolver.notes, resolver.names, links)
}

/// The graph after edits that changed no names and paths. Only the links of the notes `edited` are resolved: those
/// whose text changed, and those that link to a heading of one. `None` if the graph is unchanged.
pub(crate) fn after_edits(
    old: &Graph,
    old_notes: &IndexVec<NoteId, Note>,
    resolver: &Resolver<'_>,
    edited: &[NoteId],
) -> Option<Graph> {
    let resolve = |several: &[NoteId]| edges::resolve(resolver, several);
    let links = edited.par_chunks(NOTES_PER_CHUNK).flat_map_iter(resolve).collect::<Vec<Links>>();
    let fresh: Vec<_> = edited.iter().copied().zip(links).collect();
    let same = fresh.iter().all(|(i, links)| {
        edges::contributes_same_edges(*i, (&old_notes[*i], &old.links[*i]), (&resolver.notes[*i], links))
    });
    // A note that is called as one that was missed is not missed any more.
    let is_called_alike = |&i: &NoteId| old_notes[i].title == resolver.notes[i].title;
    if same && edited.iter().all(is_called_alike) {
        return None;
    }
    let mut links = old.links.clone();
    for (i, own) in fresh {
        links[i] = own;
    }
    Some(edges::build(resolver.notes, resolver.names, links))
}
