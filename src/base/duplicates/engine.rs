//! Duplicate search: finds notes, text blocks and code repeated in several notes. Knows texts, their blocks and the nesting
//! of blocks; knows no Markdown, no rules and no pages.
//!
//! ```text
//! NoteText ─ words, fingerprint ─▶ NoteFingerprint ─ search ─▶ similar pairs ─ boilerplate, findings ─▶ Duplicates
//! ```
//!
//! A [`NoteFingerprint`] depends on one note alone. [`duplicates`] compares all notes in nearly linear time; an [`Index`]
//! answers for one changed note.
//!
//! # Example
//!
//! Three notes have one paragraph of ten words each:
//!
//! ```text
//! note 0  the quick brown fox jumps over the lazy dog today
//! note 1  the fast brown fox jumps over the old dog today
//! note 2  sphinx of black quartz judge my vow before this evening
//! ```
//!
//! 1. Each text becomes ten word hashes, and one compared block of the whole text.
//! 2. No two blocks have the same hash over all words, so there are no equal texts.
//! 3. Of the 13 seeds of each block, notes 0 and 1 share four: `brown fox` + `jumps over`, `brown fox` + `over the`,
//!    `fox jumps` + `over the` and `over the` + `dog today`. Note 2 shares no seed, so its words are never read again.
//! 4. Blocks 0 and 1 are a candidate pair. Seven of nine distinct words are shared; both signatures allow 2 · 8 / 20 = 0.8,
//!    which is more than [`measure::ALIKE`], so the words are compared.
//! 5. The longest common subsequence has eight words: similarity 2 · 8 / 20 = 0.8, which is [`measure::SAME`].
//! 6. A note of ten words is too short for a duplicate note, so the finding is one cluster of both blocks, which saves ten
//!    words.
//!
//! The test `the_example_of_the_module_documentation` computes the same.

mod findings;
mod boilerplate;
mod index;
pub(crate) mod measure;
mod fingerprint;
mod repeats;
mod search;
#[cfg(test)]
mod tests;
mod words;

pub use fingerprint::{Block, NoteFingerprint, NoteText, TextBlockId};
pub(crate) use fingerprint::{Code, word_count};
pub use index::Index;

use crate::text::ids::{CodeId, NoteId};
use fingerprint::Notes;
use search::{Corpus, edges, equal_texts, similar_texts};

/// All duplicates of a base. Each list starts with the entry saving the most text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Duplicates {
    /// Notes explaining the same thing.
    pub notes: Vec<NoteGroup>,
    /// Blocks in several notes with a similarity of at least [`measure::SAME`].
    pub blocks: Vec<Cluster>,
    /// Blocks in several notes with a similarity of at least [`measure::ALIKE`] but below [`measure::SAME`].
    pub similar: Vec<Cluster>,
    /// Code blocks in several notes.
    pub code: Vec<Cluster<CodeId>>,
    /// Texts in so many notes that they are boilerplate.
    pub boilerplate: Vec<Boilerplate>,
}

/// Notes connected by pairs explaining the same thing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NoteGroup {
    /// Ascending; at least two.
    pub notes: Vec<NoteId>,
    /// The pairs found, enough to connect all notes but not always all pairs.
    pub pairs: Vec<NotePair>,
    /// The words saved by keeping only the longest note.
    pub saved: u32,
}

/// Two notes explaining the same thing, `a` the earlier one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NotePair {
    pub a: NoteId,
    pub b: NoteId,
    /// The share of the smaller note's compared words also in the larger note, at least 0.5.
    pub share: f64,
}

/// Blocks of several notes with the same text. Blocks inside a block of a reported cluster are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster<B = TextBlockId> {
    /// Ascending; at least two, possibly several of one note.
    pub places: Vec<Place<B>>,
    /// The greatest similarity of two of the blocks: see [`measure::similarity`].
    pub similarity: f64,
    /// The words (for code: lines) saved by keeping only the longest text.
    pub saved: u32,
}

/// A text block or code block of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place<B = TextBlockId> {
    pub note: NoteId,
    pub block: B,
}

/// A boilerplate text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Boilerplate {
    /// The first block with the text.
    pub place: Place,
    /// The number of notes with the text, below the same heading unless the template contains it.
    pub note_count: u32,
    /// The number of words.
    pub words: u32,
}

/// The similarity of two texts of any length, as for two blocks.
#[cfg(test)]
pub(crate) fn text_similarity(a: &str, b: &str) -> f64 {
    let words = |text: &str| {
        let mut words = Vec::new();
        words::push_words(text, &mut words);
        words
    };
    measure::similarity(&words(a), &words(b))
}

/// All duplicates in `notes`. Each text of `template` is boilerplate in any note.
pub fn duplicates(notes: &[NoteFingerprint], template: &[&str]) -> Duplicates {
    let notes = Notes(notes);
    let mut corpus = Corpus::of(notes);
    let classes = equal_texts(&mut corpus);
    let mut boilerplate = boilerplate::BoilerplateIndex::new(template, notes.len());
    boilerplate.count_classes(&corpus, &classes);
    let similar = similar_texts(&corpus, &classes);
    let edges = edges(&corpus, &classes, &similar, |id| !boilerplate.contains(corpus.block(id)));
    let mut found = findings::findings(notes, edges, &boilerplate);
    found.code = findings::repeated_code(notes, &found.notes);
    found.boilerplate = findings::listed_boilerplate(&corpus, &boilerplate, &classes);
    found
}
