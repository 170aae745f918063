//! Indexes of all notes: by tag, folder, importance, difficulty, status, type, date. All orders are total, so they are
//! the same on every machine.

use crate::config::schema::Schema;
use crate::note::{Kind, Note};
use crate::text::ids::{IndexVec, NoteId};
use crate::text::slug::slug;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A tag with its notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The most frequent spelling of the tag.
    pub name: String,
    /// All spellings of the tag, sorted.
    pub spellings: Vec<String>,
    /// The notes with the tag, most important first.
    pub notes: Vec<NoteId>,
}

/// A folder with its notes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Folder {
    /// The landing page.
    pub landing: Option<NoteId>,
    /// The notes directly in the folder, most important first.
    pub notes: Vec<NoteId>,
    /// The pages directly in the folder that are in no index of concepts, in path order.
    pub pages: Vec<NoteId>,
    /// The subfolders directly in the folder, in path order.
    pub folders: Vec<String>,
    /// The number of notes in the folder and below.
    pub count: usize,
}

/// All indexes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    /// The tags by slug.
    pub tags: BTreeMap<String, Tag>,
    /// The folders by path. The root is the empty path.
    pub folders: BTreeMap<String, Folder>,
    /// The concept notes, most important first.
    pub ranked: Vec<NoteId>,
    /// The rank of each Markdown file by importance: a number that sorts like the whole sort key.
    pub rank: IndexVec<NoteId, u32>,
    /// The concept notes, last updated first.
    pub recent: Vec<NoteId>,
}

/// Builds the indexes of `notes`, which must be in path order.
pub(crate) fn index(notes: &IndexVec<NoteId, Note>) -> Index {
    let mut index = Index::default();
    let concepts = notes.iter_enumerated().filter(|(_, n)| n.is_note()).map(|(i, _)| i);
    let mut all: Vec<NoteId> = notes.ids().iter().collect();
    all.sort_by_cached_key(|&i| rank_key(&notes[i]));
    index.rank = IndexVec::filled(0, notes.len());
    for (place, &i) in (0..).zip(&all) {
        index.rank[i] = place;
    }
    index.ranked = all.into_iter().filter(|&i| notes[i].is_note()).collect();
    index.recent = concepts.filter(|&i| notes[i].head.updated.is_some()).collect();
    index.recent.sort_by_key(|&i| (Reverse(notes[i].head.updated), index.rank[i]));
    let ranked = &index.ranked;
    (index.tags, index.folders) = rayon::join(|| tags(notes, ranked), || folders(notes, ranked));
    index
}

/// The sort key by importance, then title, then path, which is a total order.
fn rank_key(note: &Note) -> (Reverse<u8>, String, &str) {
    (Reverse(note.head.importance.unwrap_or(0)), note.title.to_lowercase(), &note.stem)
}

fn tags(notes: &IndexVec<NoteId, Note>, ranked: &[NoteId]) -> BTreeMap<String, Tag> {
    // Many notes spell a tag in the same way, so the slug is computed once per spelling.
    let mut spellings: FxHashMap<&str, (String, usize)> = FxHashMap::default();
    let mut tags: FxHashMap<String, Tag> = FxHashMap::default();
    for &i in ranked {
        for name in &notes[i].head.tags {
            let (key, count) = spellings.entry(name).or_insert_with(|| (slug(name), 0));
            *count += 1;
            match tags.get_mut(key) {
                Some(tag) if tag.notes.last() == Some(&i) => {}
                Some(tag) => tag.notes.push(i),
                None => {
                    drop(tags.insert(key.clone(), Tag { name: String::new(), spellings: Vec::new(), notes: vec![i] }))
                }
            }
        }
    }
    let mut most: FxHashMap<&str, (usize, Reverse<&str>)> = FxHashMap::default();
    for (name, (key, count)) in &spellings {
        let best = most.entry(key).or_insert((0, Reverse(name)));
        *best = (*best).max((*count, Reverse(name)));
        if let Some(tag) = tags.get_mut(key) {
            tag.spellings.push(name.to_string());
        }
    }
    tags.values_mut().for_each(|tag| tag.spellings.sort_unstable());
    let named = |(key, tag): (String, Tag)| {
        let name = most.get(key.as_str()).map_or_else(String::new, |(_, name)| name.0.to_string());
        (key, Tag { name, ..tag })
    };
    tags.into_iter().map(named).collect()
}

fn folders(notes: &IndexVec<NoteId, Note>, ranked: &[NoteId]) -> BTreeMap<String, Folder> {
    let mut folders: BTreeMap<String, Folder> = BTreeMap::from([(String::new(), Folder::default())]);
    for note in notes {
        let mut path = note.folder();
        while !folders.contains_key(path) {
            folders.insert(path.to_string(), Folder::default());
            path = crate::note::folder_of(path);
        }
    }
    for &i in ranked {
        let mut path = notes[i].folder();
        if let Some(folder) = folders.get_mut(path) {
            folder.notes.push(i);
        }
        while let Some(folder) = folders.get_mut(path) {
            folder.count += 1;
            if path.is_empty() {
                break;
            }
            path = crate::note::folder_of(path);
        }
    }
    let listed = |kind: Kind| matches!(kind, Kind::Landing | Kind::Page);
    for (i, note) in notes.iter_enumerated().filter(|(_, note)| listed(note.kind)) {
        let Some(folder) = folders.get_mut(note.folder()) else { continue };
        match note.kind {
            Kind::Landing => folder.landing = Some(i),
            _ => folder.pages.push(i),
        }
    }
    let paths: Vec<String> = folders.keys().filter(|p| !p.is_empty()).cloned().collect();
    for path in paths {
        let parent = crate::note::folder_of(&path).to_string();
        folders.entry(parent).or_default().folders.push(path);
    }
    folders
}

/// A field whose values divide the notes into groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facet {
    /// The difficulty of the note.
    Difficulty,
    /// The progress of the owner.
    Status,
    /// The note type.
    Type,
}

impl Facet {
    /// The name of the field, which is also the prefix of the interface texts for its values.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Facet::Difficulty => "difficulty",
            Facet::Status => "status",
            Facet::Type => "type",
        }
    }

    /// The value of a note.
    pub(crate) fn of(self, note: &Note) -> Option<&str> {
        let head = &note.head;
        match self {
            Facet::Difficulty => head.difficulty.as_deref(),
            Facet::Status => head.status.as_deref(),
            Facet::Type => head.kind.as_deref(),
        }
    }

    /// The values in display order: those of the schema as declared, then further values of concept notes in
    /// alphabetical order.
    pub(crate) fn values(self, schema: &Schema, notes: &[Note]) -> Vec<String> {
        let known = schema.values(self.name());
        let of_notes = notes.iter().filter(|note| note.is_note()).filter_map(|note| self.of(note));
        let others: BTreeSet<&str> = of_notes.filter(|value| !known.contains(value)).collect();
        known.iter().copied().chain(others).map(str::to_string).collect()
    }
}

/// The bands of importance, highest first: lower bound and key of the interface text.
pub(crate) const BANDS: &[(u8, &str)] =
    &[(80, "band_core"), (60, "band_important"), (40, "band_useful"), (0, "band_extra")];
