//! The notes that one wikilink may mean, and a memory of those of names that many notes have. Without it, links by a name
//! that all notes share cost the square of the base.

use super::Ambiguity;
use crate::base::index::NoteIndex;
use crate::note::Note;
use crate::text::diagnostic::MAX_RELATED;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Above so many notes of one name they are gathered once for all links.
pub(super) const CROWD: usize = 32;

/// The notes that a name may mean, one for each concept, the likeliest first.
#[derive(Debug)]
pub(crate) struct Candidates {
    /// Them.
    pub notes: Vec<NoteIndex>,
    /// The first of them in each folder; `None` where there are so few that a look at each is faster.
    by_folder: Option<FxHashMap<Box<str>, NoteIndex>>,
}

impl Candidates {
    /// Candidates, with a table of their folders if it is worth one.
    pub(crate) fn new(notes: Vec<NoteIndex>, all: &[Note], with_folders: bool) -> Candidates {
        let by_folder = with_folders.then(|| {
            let mut folders = FxHashMap::default();
            for &note in notes.iter().rev() {
                folders.insert(all[note as usize].folder().into(), note);
            }
            folders
        });
        Candidates { notes, by_folder }
    }

    /// The first of them in a folder.
    pub(crate) fn in_folder(&self, all: &[Note], folder: &str) -> Option<NoteIndex> {
        match &self.by_folder {
            Some(folders) => folders.get(folder).copied(),
            None => self.notes.iter().copied().find(|&note| all[note as usize].folder() == folder),
        }
    }

    /// The others, where `taken` is taken.
    pub(crate) fn beside(&self, taken: NoteIndex) -> Option<Box<Ambiguity>> {
        if self.notes.len() < 2 {
            return None;
        }
        let first = self.notes.iter().copied().filter(|&note| note != taken).take(MAX_RELATED).collect();
        Some(Box::new(Ambiguity { first, count: self.notes.len() - 1 }))
    }
}

/// The candidates of crowded names, gathered when a link first asks: those for links of alias notes are a table of their own.
/// One memory serves one state of the notes.
#[derive(Debug, Default)]
pub(crate) struct Crowds(Mutex<[FxHashMap<String, Arc<Candidates>>; 2]>);

impl Crowds {
    /// The candidates of a name in a link of a note that is an alias note or not.
    pub(crate) fn get(&self, name: &str, in_alias: bool, gather: impl FnOnce() -> Arc<Candidates>) -> Arc<Candidates> {
        // A panic elsewhere while the lock is held leaves the table as it was.
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known()[usize::from(in_alias)].get(name) {
            return found.clone();
        }
        // Without the lock: an alias note among them may itself lead to a name that many notes have.
        let found = gather();
        known()[usize::from(in_alias)].insert(name.to_string(), found.clone());
        found
    }
}
