//! Scaffolding that a base repeats on purpose: a text that stands word for word under the same heading in many notes, and the
//! type's template. Knows prints, not how alike texts are.

use super::fingerprint::{BlockFingerprint, NONE, NoteFingerprint, text_hash};
use super::search::{At, Corpus, EqualityClass};
use super::words::mix;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;

/// A text in fewer notes is no form, however small the base.
const FEWEST_NOTES: usize = 8;
/// One note in so many must have it.
const SHARE: usize = 50;

/// Which texts are forms.
#[derive(Debug, Clone, Default)]
pub(super) struct BoilerplateIndex {
    template: FxHashSet<u64>,
    /// In how many notes a text stands under a heading, by [`key`].
    notes: FxHashMap<u64, u32>,
    least: u32,
}

fn key(block: &BlockFingerprint) -> u64 {
    mix(block.text, u64::from(block.heading))
}

impl BoilerplateIndex {
    /// With `template` for forms wherever they stand, of a base of `notes` notes.
    pub(super) fn new(template: &[&str], notes: usize) -> Self {
        let template = template.iter().map(|text| text_hash(text)).collect();
        Self { template, notes: FxHashMap::default(), least: FEWEST_NOTES.max(notes.div_ceil(SHARE)) as u32 }
    }

    /// Counts the texts that stand in several notes.
    pub(super) fn count_classes(&mut self, corpus: &Corpus, classes: &[EqualityClass]) {
        let mut last: FxHashMap<u64, u32> = FxHashMap::default();
        for class in classes.iter().filter(|class| class.len() >= self.least as usize) {
            last.clear();
            for &id in class {
                let (key, note) = (key(corpus.block(id)), corpus.note_of(id));
                if last.insert(key, note) != Some(note) {
                    *self.notes.entry(key).or_default() += 1;
                }
            }
        }
    }

    /// Counts one note more.
    pub(super) fn add(&mut self, note: &NoteFingerprint) {
        note.blocks.iter().map(key).collect::<FxHashSet<_>>().into_iter().for_each(|key| {
            *self.notes.entry(key).or_default() += 1;
        });
    }

    /// Counts one note less, which was counted.
    pub(super) fn remove(&mut self, note: &NoteFingerprint) {
        for key in note.blocks.iter().map(key).collect::<FxHashSet<_>>() {
            if let Some(count) = self.notes.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    self.notes.remove(&key);
                }
            }
        }
    }

    /// Whether the block is a form.
    pub(super) fn is_form(&self, block: &BlockFingerprint) -> bool {
        self.template.contains(&block.text) || self.notes.get(&key(block)).is_some_and(|&count| count >= self.least)
    }

    /// Whether the block stands in a form.
    fn is_in_form(&self, note: &NoteFingerprint, block: &BlockFingerprint) -> bool {
        block.parent != NONE && note.enclosing(block.parent).any(|block| self.is_form(&note.blocks[block as usize]))
    }

    /// The words of a block without those of the forms inside it.
    pub(super) fn own_words<'a>(&self, note: &'a NoteFingerprint, block: u32) -> Cow<'a, [u32]> {
        let whole = &note.blocks[block as usize];
        let inner = &note.blocks[block as usize + 1..];
        let end = whole.start + whole.length;
        let inside = inner.iter().take_while(|inner| inner.start < end);
        let mut forms = inside.filter(|inner| self.is_form(inner)).peekable();
        if forms.peek().is_none() {
            return Cow::Borrowed(note.words_of(whole));
        }
        let (mut words, mut from) = (Vec::new(), whole.start);
        for form in forms.filter(|form| !self.is_in_form(note, form)) {
            words.extend_from_slice(&note.words[from as usize..form.start as usize]);
            from = form.start + form.length;
        }
        words.extend_from_slice(&note.words[from as usize..end as usize]);
        Cow::Owned(words)
    }

    /// The forms among `classes`, but those inside a form: where each stands first, and in how many notes.
    pub(super) fn list(&self, corpus: &Corpus, classes: &[EqualityClass]) -> Vec<(At, u32)> {
        let mut found: FxHashMap<u64, (At, u32, u32)> = FxHashMap::default();
        for &id in classes.iter().flatten() {
            let (at, block) = (corpus.at(id), corpus.block(id));
            let note = &corpus.notes[at.note as usize];
            if !self.is_form(block) || self.is_in_form(note, block) {
                continue;
            }
            let own = if self.template.contains(&block.text) { block.text } else { key(block) };
            let (_, count, last) = found.entry(own).or_insert((at, 0, NONE));
            *count += u32::from(*last != at.note);
            *last = at.note;
        }
        found.into_values().map(|(at, count, _)| (at, count)).collect()
    }
}
