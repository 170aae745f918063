//! Boilerplate: text repeated in many notes on purpose. A block is boilerplate if the same words are below the same heading
//! in many notes, or if the template of the note type contains them. Knows fingerprints; knows no similarity.
//!
//! Example: in a base of 500 notes, a text below the same heading in 10 notes is boilerplate, because 500 / [`SHARE`] = 10.
//! In a base of 60 notes, [`FEWEST_NOTES`] is the larger bound: 7 notes with the text are a duplicate, 8 are boilerplate.

use super::fingerprint::{BlockFingerprint, BlockRef, FingerprintId, NoteFingerprint, Notes, text_hash};
use super::search::{ClassId, Corpus, EqualityClass};
use super::words::{WordHash, mix};
use crate::text::ids::{IndexVec, NoteId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;

/// The fewest notes with the same text for it to be boilerplate, in a base of any size.
const FEWEST_NOTES: usize = 8;
/// Boilerplate is in at least one of this many notes.
const SHARE: usize = 50;

/// Decides which blocks are boilerplate.
#[derive(Debug, Clone, Default)]
pub(super) struct BoilerplateIndex {
    /// The hashes of all texts of the templates.
    template: FxHashSet<u64>,
    /// The number of notes with a text below a heading, by [`key`].
    note_counts: FxHashMap<u64, u32>,
    /// The least number of notes for boilerplate.
    least: u32,
}

/// Equal for blocks with the same words below the same heading.
fn key(block: &BlockFingerprint) -> u64 {
    mix(block.text, u64::from(block.heading_hash))
}

impl BoilerplateIndex {
    /// An index for a base of `note_count` notes, none of them counted yet. Each text of `template` is boilerplate below any
    /// heading.
    pub(super) fn new(template: &[&str], note_count: usize) -> Self {
        let template = template.iter().map(|text| text_hash(text)).collect();
        let least = FEWEST_NOTES.max(note_count.div_ceil(SHARE)) as u32;
        Self { template, note_counts: FxHashMap::default(), least }
    }

    /// Counts the texts of all notes, given their equality classes: a text outside of them is in one note only.
    pub(super) fn count_classes(&mut self, corpus: &Corpus, classes: &IndexVec<ClassId, EqualityClass>) {
        let mut last: FxHashMap<u64, NoteId> = FxHashMap::default();
        // A class smaller than `least` cannot reach it, and most classes are that small.
        for class in classes.iter().filter(|class| class.len() >= self.least as usize) {
            last.clear();
            for &id in class {
                let (key, note) = (key(corpus.block(id)), corpus.note_of(id));
                // Blocks of a class ascend by note, so a second copy in the same note follows the first.
                if last.insert(key, note) != Some(note) {
                    *self.note_counts.entry(key).or_default() += 1;
                }
            }
        }
    }

    /// Counts the texts of `note`.
    pub(super) fn add(&mut self, note: &NoteFingerprint) {
        note.blocks.iter().map(key).collect::<FxHashSet<_>>().into_iter().for_each(|key| {
            *self.note_counts.entry(key).or_default() += 1;
        });
    }

    /// Reverses [`Self::add`] for the same fingerprint.
    pub(super) fn remove(&mut self, note: &NoteFingerprint) {
        for key in note.blocks.iter().map(key).collect::<FxHashSet<_>>() {
            if let Some(count) = self.note_counts.get_mut(&key) {
                *count -= 1;
                // A long editing session would otherwise collect an entry for every version of every block.
                if *count == 0 {
                    self.note_counts.remove(&key);
                }
            }
        }
    }

    /// Whether `block` is boilerplate.
    pub(super) fn contains(&self, block: &BlockFingerprint) -> bool {
        self.template.contains(&block.text)
            || self.note_counts.get(&key(block)).is_some_and(|&count| count >= self.least)
    }

    /// Whether a block around `block` is boilerplate.
    fn contains_ancestor(&self, note: &NoteFingerprint, block: &BlockFingerprint) -> bool {
        block.parent.is_some_and(|parent| note.enclosing(parent).any(|around| self.contains(&note[around])))
    }

    /// The words of a block without boilerplate inside. Borrowed if there is none.
    pub(super) fn own_words<'a>(&self, note: &'a NoteFingerprint, block: FingerprintId) -> Cow<'a, [WordHash]> {
        let whole = &note[block];
        let mut inside = note.inside(block).map(|(_, inner)| inner).filter(|inner| self.contains(inner)).peekable();
        if inside.peek().is_none() {
            return Cow::Borrowed(note.words_of(whole));
        }
        let (mut words, mut from) = (Vec::new(), whole.start);
        // Boilerplate inside boilerplate is cut out with the outer block.
        for inner in inside.filter(|inner| !self.contains_ancestor(note, inner)) {
            words.extend_from_slice(note.words_between(from, inner.start));
            from = inner.end();
        }
        words.extend_from_slice(note.words_between(from, whole.end()));
        Cow::Owned(words)
    }

    /// The boilerplate among `classes`, without boilerplate inside larger boilerplate: the first block with each text and the
    /// number of notes, in no particular order.
    pub(super) fn list(
        &self,
        notes: Notes,
        corpus: &Corpus,
        classes: &IndexVec<ClassId, EqualityClass>,
    ) -> Vec<(BlockRef, u32)> {
        struct Found {
            first: BlockRef,
            note_count: u32,
            last: NoteId,
        }
        let mut found: FxHashMap<u64, Found> = FxHashMap::default();
        for &id in classes.iter().flatten() {
            let (at, block) = (corpus.at(id), corpus.block(id));
            if !self.contains(block) || self.contains_ancestor(notes.get(at.note), block) {
                continue;
            }
            // A text of the template is one entry, whatever the heading.
            let key = if self.template.contains(&block.text) { block.text } else { key(block) };
            let entry = found.entry(key).or_insert(Found { first: at, note_count: 1, last: at.note });
            entry.note_count += u32::from(entry.last != at.note);
            entry.last = at.note;
        }
        found.into_values().map(|found| (found.first, found.note_count)).collect()
    }
}
