//! Views over all notes: by tag, folder, importance, difficulty, status, type, date. Orders are total, so that they are
//! the same on every machine.

use crate::id::slug;
use crate::note::{Kind, Note};
use std::collections::BTreeMap;

/// Index of a note in the sorted list.
pub type NoteIndex = u32;

/// A tag and its notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The tag as most notes write it.
    pub name: String,
    /// Its notes, most important first.
    pub notes: Vec<NoteIndex>,
}

/// A folder of notes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folder {
    /// Its landing page.
    pub landing: Option<NoteIndex>,
    /// Notes right in it, most important first.
    pub notes: Vec<NoteIndex>,
    /// Pages right in it that are in no concept index, by path.
    pub pages: Vec<NoteIndex>,
    /// Folders right in it, by path.
    pub folders: Vec<String>,
    /// How many notes it holds at any depth.
    pub count: usize,
}

/// All views.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// Tags by slug.
    pub tags: BTreeMap<String, Tag>,
    /// Folders by path, the root is "".
    pub folders: BTreeMap<String, Folder>,
    /// Concept notes, most important first.
    pub ranked: Vec<NoteIndex>,
    /// Each file's place in the order of importance, concept notes or not: one number that sorts as the whole key does.
    pub rank: Vec<u32>,
    /// Concept notes, last revised first.
    pub recent: Vec<NoteIndex>,
}

/// Builds the views of `notes`, which are in path order.
pub fn index(notes: &[Note]) -> Index {
    let mut index = Index::default();
    let concepts = || notes.iter().enumerate().filter(|(_, n)| n.is_note()).map(|(i, _)| i as NoteIndex);
    let mut all: Vec<NoteIndex> = (0..notes.len() as NoteIndex).collect();
    all.sort_by_cached_key(|&i| rank_key(&notes[i as usize]));
    index.rank = vec![0; notes.len()];
    for (place, &i) in all.iter().enumerate() {
        index.rank[i as usize] = place as u32;
    }
    index.ranked = all.into_iter().filter(|&i| notes[i as usize].is_note()).collect();
    index.recent = concepts().collect();
    index.recent.sort_by_key(|&i| (std::cmp::Reverse(notes[i as usize].head.updated), index.rank[i as usize]));
    index.tags = tags(notes, &index.ranked);
    index.folders = folders(notes, &index.ranked);
    index
}

/// Most important first, then by title, then by path: a total order.
fn rank_key(note: &Note) -> (std::cmp::Reverse<u8>, String, &str) {
    (std::cmp::Reverse(note.head.importance.unwrap_or(0)), note.title.to_lowercase(), &note.stem)
}

fn tags(notes: &[Note], ranked: &[NoteIndex]) -> BTreeMap<String, Tag> {
    let mut spellings: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    let mut tags: BTreeMap<String, Tag> = BTreeMap::new();
    for &i in ranked {
        for name in &notes[i as usize].head.tags {
            let key = slug(name);
            *spellings.entry(key.clone()).or_default().entry(name).or_default() += 1;
            let tag = tags.entry(key).or_insert_with(|| Tag { name: String::new(), notes: Vec::new() });
            if tag.notes.last() != Some(&i) {
                tag.notes.push(i);
            }
        }
    }
    for (key, tag) in &mut tags {
        let most = spellings[key].iter().max_by_key(|(name, count)| (**count, std::cmp::Reverse(**name)));
        tag.name = most.map_or_else(|| key.clone(), |(name, _)| name.to_string());
    }
    tags
}

fn folders(notes: &[Note], ranked: &[NoteIndex]) -> BTreeMap<String, Folder> {
    let mut folders: BTreeMap<String, Folder> = BTreeMap::from([(String::new(), Folder::default())]);
    for note in notes {
        let mut path = note.folder();
        while !folders.contains_key(path) {
            folders.insert(path.to_string(), Folder::default());
            path = crate::note::folder_of(path);
        }
    }
    for &i in ranked {
        let mut path = notes[i as usize].folder();
        folders.entry(path.to_string()).or_default().notes.push(i);
        loop {
            folders.entry(path.to_string()).or_default().count += 1;
            if path.is_empty() {
                break;
            }
            path = crate::note::folder_of(path);
        }
    }
    for (i, note) in notes.iter().enumerate() {
        let folder = folders.entry(note.folder().to_string()).or_default();
        match note.kind {
            Kind::Landing => folder.landing = Some(i as NoteIndex),
            Kind::Page => folder.pages.push(i as NoteIndex),
            _ => {}
        }
    }
    let paths: Vec<String> = folders.keys().filter(|p| !p.is_empty()).cloned().collect();
    for path in paths {
        let parent = crate::note::folder_of(&path).to_string();
        folders.entry(parent).or_default().folders.push(path);
    }
    folders
}

/// The bands of importance: lower bound and key of the interface text, highest first.
pub const BANDS: &[(u8, &str)] = &[(80, "band_core"), (60, "band_important"), (40, "band_useful"), (0, "band_extra")];
