//! The candidates of a wikilink, cached for names that many notes share. Without the cache, links by a name that all
//! notes have take time quadratic in the size of the base.

use super::Ambiguity;
use crate::note::Note;
use crate::text::diagnostic::MAX_RELATED;
use crate::text::ids::{IndexVec, NoteId};
use crate::text::paths::nfc;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The number of notes with the same name above which their candidates are cached.
pub(super) const CROWD: usize = 32;

/// The candidates for a name, one per concept, best match first.
#[derive(Debug)]
pub(crate) struct Candidates {
    /// The candidates.
    pub notes: Vec<NoteId>,
    /// The first candidate in each folder. `None` for few candidates, where a scan is faster.
    by_folder: Option<FxHashMap<Box<str>, NoteId>>,
}

impl Candidates {
    /// The candidates, with a table by folder if `with_folders`.
    pub(crate) fn new(notes: Vec<NoteId>, all: &IndexVec<NoteId, Note>, with_folders: bool) -> Candidates {
        let by_folder = with_folders.then(|| {
            let mut folders = FxHashMap::default();
            for &note in notes.iter().rev() {
                folders.insert(nfc(all[note].folder()).as_ref().into(), note);
            }
            folders
        });
        Candidates { notes, by_folder }
    }

    /// The first candidate in a folder, whose path is in NFC.
    pub(crate) fn in_folder(&self, all: &IndexVec<NoteId, Note>, folder: &str) -> Option<NoteId> {
        match &self.by_folder {
            Some(folders) => folders.get(folder).copied(),
            None => self.notes.iter().copied().find(|&note| nfc(all[note].folder()) == folder),
        }
    }

    /// The remaining candidates if `taken` is chosen. `None` if there are none.
    pub(crate) fn beside(&self, taken: NoteId, all: &IndexVec<NoteId, Note>) -> Option<Box<Ambiguity>> {
        if self.notes.len() < 2 {
            return None;
        }
        let others = self.notes.iter().filter(|&&note| note != taken).take(MAX_RELATED);
        let first = others.map(|&note| all[note].file).collect();
        Some(Box::new(Ambiguity { first, count: self.notes.len() - 1 }))
    }
}

/// The cache of candidates by name, with separate tables for links in ordinary notes and in alias notes. A cache is
/// valid for one state of the notes.
#[derive(Debug, Default)]
pub(crate) struct Crowds(Mutex<[FxHashMap<String, Arc<Candidates>>; 2]>);

impl Crowds {
    /// The candidates for a name in a link. `in_alias` says whether the link is in an alias note.
    pub(crate) fn get(&self, name: &str, in_alias: bool, gather: impl FnOnce() -> Arc<Candidates>) -> Arc<Candidates> {
        // A panic on a different thread leaves the table in a valid state.
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known()[usize::from(in_alias)].get(name) {
            return found.clone();
        }
        // Without holding the lock, because an alias note among the candidates may itself link to a cached name.
        let found = gather();
        known()[usize::from(in_alias)].insert(name.to_string(), found.clone());
        found
    }
}
