//! Finds notes that explain the same ideas in other words, which the duplicate search for equal words cannot see.
//!
//! ```text
//! Note ─ passages, stems ─▶ NotePassages ─ weights, corpus, join ─▶ similar passages ─ matching ─▶ Overlap
//! ```
//!
//! A passage is a text of 10 to 60 words with one idea. Two passages are similar if the cosine of their stems, weighted by
//! TF-IDF, is at least 0.43; two notes overlap if at least three of their passages are similar, matched one to one. Single similar
//! passages prove little: half of them share a topic only.
//!
//! # Example
//!
//! Two notes about deadlocks have these passages (of three each):
//!
//! ```text
//! Two transactions that lock rows in opposite order wait for each other forever.
//! A deadlock arises when transactions wait for each other because they lock the same rows in opposite order.
//! ```
//!
//! 1. The stems are `two transact lock row opposit order wait forev` and `deadlock aris transact wait lock row opposit order`,
//!    words such as `that` and `each` left out.
//! 2. In a base where all of them are equally rare, six of eight stems in common are a cosine of 6 / 8 = 0.75.
//! 3. With two more such pairs the notes overlap.

mod corpus;
mod join;
mod matching;
mod passages;
mod side_by_side;
mod stems;
#[cfg(test)]
mod tests;
mod update;
mod weights;

pub(crate) use matching::{MatchedPassages, Overlap};
pub(crate) use passages::Passage;
pub(crate) use side_by_side::{SideBySide, side_by_side};

use crate::base::duplicates::canonical;
use crate::base::graph::{EdgeKind, Graph};
use crate::note::Note;
use crate::text::ids::{IndexVec, NoteId};
use matching::{MIN_COMPARED_MATCHES, MIN_MATCHES};
use passages::NotePassages;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, Mutex, PoisonError};
use stems::{Stem, WordsPool};
use update::Similarities;

/// The result of the last search, reused for what an edit did not change. The default value stores nothing. Clones share one
/// store.
#[derive(Debug, Clone, Default)]
pub(crate) struct OverlapCache(Option<Arc<Mutex<Option<Last>>>>);

/// The last search.
#[derive(Debug)]
struct Last {
    settings: Settings,
    /// The notes, stored so that no new note has the address of an old one, see [`Note::reading`].
    notes: IndexVec<NoteId, Note>,
    similarities: Similarities,
}

/// What the passages of all notes depend on.
#[derive(Debug, Clone, PartialEq)]
struct Settings {
    language: String,
    /// The stems of the note templates.
    template: FxHashSet<Stem>,
}

impl OverlapCache {
    /// An empty store.
    pub(crate) fn enabled() -> OverlapCache {
        OverlapCache(Some(Arc::default()))
    }

    fn exchange(&self, new: Option<Last>) -> Option<Last> {
        let store = self.0.as_ref()?;
        // A panic in a different thread cannot leave half an exchange, so a poisoned lock is fine.
        std::mem::replace(&mut *store.lock().unwrap_or_else(PoisonError::into_inner), new)
    }
}

/// All overlapping notes, those with the most passages in common first. Words of `templates` do not count; `is_left_out` is for
/// pairs of notes that are reported already.
pub(crate) fn overlaps(
    notes: &IndexVec<NoteId, Note>,
    graph: &Graph,
    templates: &[Note],
    language: &str,
    cache: &OverlapCache,
    is_left_out: impl Fn(NoteId, NoteId) -> bool + Sync,
) -> Vec<Overlap> {
    let words = WordsPool::new(language);
    let mut template = FxHashSet::default();
    for note in templates {
        words.with(|words| passages::template_stems(note, words, |stem| _ = template.insert(stem)));
    }
    let settings = Settings { language: language.to_owned(), template };
    let last = cache.exchange(None).filter(|last| last.settings == settings);
    let similarities = similarities(notes, &words, &settings, last);
    let fewest = |a: NoteId, b: NoteId| {
        let source = |note: NoteId| canonical(&notes[note], graph, note).unwrap_or(note);
        let compares = |from: NoteId, to: NoteId| {
            graph.from(from).iter().any(|edge| edge.target == to && edge.kind == EdgeKind::Contrasts)
        };
        match compares(a, b) && compares(b, a) {
            _ if source(a) == source(b) || is_left_out(a, b) => None,
            true => Some(MIN_COMPARED_MATCHES),
            false => Some(MIN_MATCHES),
        }
    };
    let found = matching::overlaps(&similarities.similar, &similarities.notes, fewest);
    cache.exchange(Some(Last { settings, notes: notes.clone(), similarities }));
    found
}

/// The similar passages of all notes, from the last search as far as possible.
fn similarities(
    notes: &IndexVec<NoteId, Note>,
    words: &WordsPool,
    settings: &Settings,
    last: Option<Last>,
) -> Similarities {
    let Some(mut last) = last else {
        let of = |note: &Note| words.with(|words| NotePassages::of(note, words));
        let passages: Vec<NotePassages> = notes.par_iter().map(of).collect();
        return Similarities::new(passages.into(), settings.template.clone());
    };
    let ids: FxHashMap<usize, NoteId> = last.notes.iter_enumerated().map(|(id, note)| (note.reading(), id)).collect();
    // The kind of a note depends on other files as well.
    let before = |note: &Note| ids.get(&note.reading()).copied().filter(|&id| last.notes[id].kind == note.kind);
    let before: IndexVec<NoteId, Option<NoteId>> = notes.iter().map(before).collect();
    let of = |(note, last_id): (&Note, &Option<NoteId>)| match last_id {
        Some(id) => last.similarities.notes[*id].clone(),
        None => words.with(|words| NotePassages::of(note, words)),
    };
    let passages: Vec<NotePassages> = notes.par_iter().zip(before.par_iter()).map(of).collect();
    let passages = IndexVec::from(passages);
    match last.similarities.update(&passages, &before) {
        true => last.similarities,
        false => Similarities::new(passages, settings.template.clone()),
    }
}
