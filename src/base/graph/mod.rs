//! Every link of every note, resolved: after this no link is a string. Edges, backlinks, wanted notes, rank.

mod edges;
mod crowd;
mod names;
mod resolve;

use crate::base::index::NoteIndex;
use crate::note::Note;
use crate::text::packed::PackedStrings;
use crate::text::source::FileId;
use rayon::prelude::*;
use serde::Serialize;
use std::sync::Arc;

pub(crate) use edges::{context, difference};
pub(crate) use names::{Names, Notes};
pub(crate) use resolve::{Resolver, has_anchor, scheme_of};

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A Markdown file.
    Note(NoteIndex),
    /// A page that canon writes, by output path: an index page or a folder without a landing page.
    Page(String),
    /// A file that is copied.
    Asset(FileId),
    /// A file of the site's own static folder, by output path.
    Static(String),
    /// Another site, by address.
    External(String),
    /// A note that is meant to be written.
    Planned,
    /// A draft.
    Draft,
    /// Nothing, by this fault.
    Broken(Fault),
}

/// Why a link leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No such file or name; holds the path or name that was looked for.
    Missing(String),
    /// Leads out of the content folder.
    Escapes,
    /// A scheme that is not allowed.
    UnsafeScheme(String),
    /// No destination at all.
    Empty,
}

/// Notes that a wikilink could mean beside the one that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguity {
    /// The first of them, at most [`MAX_RELATED`](crate::text::diagnostic::MAX_RELATED).
    pub first: Vec<NoteIndex>,
    /// How many there are in all.
    pub count: usize,
}

/// A link's target with what is worth saying about the way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Where it leads.
    pub target: Target,
    /// The anchor, decoded; empty for none.
    pub fragment: String,
    /// The fragment names no heading of the target.
    pub broken_anchor: bool,
    /// The right spelling, where only letter case differs.
    pub right_case: Option<String>,
    /// Written from the content root.
    pub absolute: bool,
    /// Other notes that a wikilink could mean; `None` if there are none.
    pub ambiguous: Option<Box<Ambiguity>>,
    /// The alias note through which it was reached.
    pub through: Option<NoteIndex>,
}

impl Resolved {
    /// A target without any remark.
    pub fn plain(target: Target) -> Resolved {
        Resolved {
            target,
            fragment: String::new(),
            broken_anchor: false,
            right_case: None,
            absolute: false,
            ambiguous: None,
            through: None,
        }
    }
}

/// The links of one note, resolved, in the order of its document. A copy costs nothing. Notes that were resolved together
/// share a piece of memory, since many small ones leave gaps when a graph follows another.
#[derive(Debug, Clone)]
pub struct Links {
    together: Arc<[Resolved]>,
    own: std::ops::Range<u32>,
}

impl Links {
    /// The links of several notes, for each of them.
    fn of_several(notes: impl Iterator<Item = impl Iterator<Item = Resolved>>) -> Vec<Links> {
        let (mut together, mut ends) = (Vec::new(), Vec::new());
        for links in notes {
            together.extend(links);
            ends.push(together.len() as u32);
        }
        let together: Arc<[Resolved]> = together.into();
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts.zip(&ends).map(|(start, &end)| Links { together: together.clone(), own: start..end }).collect()
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
        &self.together[self.own.start as usize..self.own.end as usize]
    }
}

impl<'a> IntoIterator for &'a Links {
    type Item = &'a Resolved;
    type IntoIter = std::slice::Iter<'a, Resolved>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What an edge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// The target must be known first.
    Requires,
    /// It is related.
    Related,
    /// It is compared with the target.
    Contrasts,
    /// The text links to it.
    Mentions,
    /// It shows a part of it.
    Embeds,
    /// A frontmatter field names it.
    About,
}

impl EdgeKind {
    /// Every kind, in the order of the graph's data file.
    pub const ALL: [EdgeKind; 6] = [
        EdgeKind::Requires,
        EdgeKind::Related,
        EdgeKind::Contrasts,
        EdgeKind::Mentions,
        EdgeKind::Embeds,
        EdgeKind::About,
    ];

    /// Its place in [`EdgeKind::ALL`].
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

/// An edge between two Markdown files; one for each source, target and kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    /// Where the link stands.
    pub source: NoteIndex,
    /// Where it leads.
    pub target: NoteIndex,
    /// What it says.
    pub kind: EdgeKind,
    /// The first link that says so: its index in the source's document.
    pub link: u32,
}

/// A note that is missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its name, as most links call it.
    pub name: String,
    /// The path that links expect it at, where they name one.
    pub path: Option<String>,
    /// The notes that miss it, in path order.
    pub from: Vec<NoteIndex>,
    /// Whether every mention says that it is planned.
    pub planned: bool,
}

/// The link graph.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    /// Each note's links, resolved, in the order of its document.
    pub links: Vec<Links>,
    /// Edges by source, target, kind. Sources and targets may be landing pages and pages too.
    pub edges: Vec<Edge>,
    /// Indices of the edges by target.
    by_target: Vec<u32>,
    /// For each note the range of the edges that lead to it in `by_target`.
    incoming: Vec<std::ops::Range<u32>>,
    /// For each note the range of its own edges.
    pub outgoing: Vec<std::ops::Range<u32>>,
    /// The unique key of each note: its id, or its path where that is missing or taken.
    pub keys: PackedStrings,
    /// Notes that are missed, most missed first.
    pub wanted: Vec<Wanted>,
    /// Share of a reader's attention by PageRank over concept notes (damping 0.85); 0 for other files.
    pub rank: Vec<f64>,
}

impl Graph {
    /// The edges from a note.
    pub(crate) fn from(&self, note: NoteIndex) -> &[Edge] {
        let range = &self.outgoing[note as usize];
        &self.edges[range.start as usize..range.end as usize]
    }

    /// The edges to a note.
    pub(crate) fn to(&self, note: NoteIndex) -> impl Iterator<Item = &Edge> {
        let range = &self.incoming[note as usize];
        self.by_target[range.start as usize..range.end as usize].iter().map(|&e| &self.edges[e as usize])
    }

    /// How many edges lead to a note.
    pub(crate) fn number_to(&self, note: NoteIndex) -> usize {
        self.incoming[note as usize].len()
    }

    /// How a link is resolved.
    pub(crate) fn resolved(&self, note: NoteIndex, link: u32) -> &Resolved {
        &self.links[note as usize][link as usize]
    }
}

/// Notes that one thread works on at a time, so that what comes of them lies in one piece of memory.
pub(crate) const NOTES_PER_CHUNK: usize = 64;

/// Resolves every link and builds the graph.
pub(crate) fn graph(resolver: &Resolver<'_>) -> Graph {
    let notes: Vec<NoteIndex> = (0..resolver.notes.len() as NoteIndex).collect();
    let links = notes.par_chunks(NOTES_PER_CHUNK).flat_map_iter(|several| edges::resolve(resolver, several)).collect();
    edges::build(resolver.notes, links)
}

/// The graph after edits that changed no note's name or place: only the links of `edited` are resolved, those of notes
/// whose text changed and of notes that lead to a heading of one. `None` where the graph is as it was.
pub(crate) fn after_edits(
    old: &Graph,
    old_notes: &[Note],
    resolver: &Resolver<'_>,
    edited: &[NoteIndex],
) -> Option<Graph> {
    let resolve = |several: &[NoteIndex]| edges::resolve(resolver, several);
    let links = edited.par_chunks(NOTES_PER_CHUNK).flat_map_iter(resolve).collect::<Vec<Links>>();
    let fresh: Vec<_> = edited.iter().copied().zip(links).collect();
    let same = fresh.iter().all(|(i, links)| {
        let place = *i as usize;
        edges::contributes_same_edges(*i, (&old_notes[place], &old.links[place]), (&resolver.notes[place], links))
    });
    if same {
        return None;
    }
    let mut links = old.links.clone();
    for (i, own) in fresh {
        links[i as usize] = own;
    }
    Some(edges::build(resolver.notes, links))
}
