//! What stands twice: texts, whole notes and code that say the same, found among all notes. Knows texts, the blocks they come
//! in and how those nest; not Markdown, nor rules, nor pages.
//!
//! ```text
//! NoteText ─ words, print ─▶ NotePrint ─ search ─▶ likenesses of blocks ─ forms, findings ─▶ Duplicates
//! ```
//!
//! A [`NoteFingerprint`] depends on its note alone. [`duplicates`] goes over all notes in near-linear time; an [`Index`] answers for
//! one changed note.

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

pub use fingerprint::{Block, NoteFingerprint, NoteText};
pub(crate) use fingerprint::{Code, word_count};
pub use index::Index;

use search::{Corpus, alike_texts, edges, equal_texts};

/// Everything that stands twice. In all lists the first is where most text would be saved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Duplicates {
    /// Notes that explain the same thing.
    pub notes: Vec<NoteGroup>,
    /// Blocks that stand in several notes, word for word or nearly: similarity at least [`measure::SAME`].
    pub blocks: Vec<Cluster>,
    /// Blocks that are alike by at least [`measure::ALIKE`] only.
    pub similar: Vec<Cluster>,
    /// Code blocks that stand in several notes; [`Place::block`] is a place in [`NoteText::code`].
    pub code: Vec<Cluster>,
    /// Texts that so many notes share that they are scaffolding.
    pub forms: Vec<Boilerplate>,
}

/// Notes of which each explains the same thing as another of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NoteGroup {
    /// Ascending; at least two.
    pub notes: Vec<u32>,
    /// Which of them were found to be the same; not always all pairs.
    pub pairs: Vec<NotePair>,
    /// Words that would go if only the longest note stayed.
    pub saved: u32,
}

/// Two notes, `a` the earlier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NotePair {
    /// By its place in the row of notes.
    pub a: u32,
    /// By its place in the row of notes.
    pub b: u32,
    /// The share of the smaller note's compared words that stand in the other, at least 0.5.
    pub share: f64,
}

/// The same text in several notes. Blocks of which a larger one is told are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Ascending; at least two, perhaps several of one note.
    pub places: Vec<Place>,
    /// Which of them are alike and how much: enough to connect all, not always all pairs.
    pub pairs: Vec<Pair>,
    /// Words (lines of code) that would go if only the longest text stayed.
    pub saved: u32,
}

/// A block of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// By its place in the row of notes.
    pub note: u32,
    /// By its place in [`NoteText::blocks`].
    pub block: u32,
}

/// Two of a cluster's places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// By its place in [`Cluster::places`].
    pub a: usize,
    /// By its place in [`Cluster::places`].
    pub b: usize,
    /// See [`measure::similarity`].
    pub similarity: f64,
}

/// A text that is a form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Boilerplate {
    /// Where it stands first.
    pub place: Place,
    /// How many notes have it, under the same heading unless it is the template's.
    pub notes: u32,
    /// Its length.
    pub words: u32,
}

/// The similarity of two texts as blocks are compared, whatever their length.
#[cfg(test)]
pub(crate) fn text_similarity(a: &str, b: &str) -> f64 {
    let words = |text: &str| {
        let mut words = Vec::new();
        words::push_words(text, &mut words);
        words
    };
    measure::similarity(&words(a), &words(b))
}

/// Everything that stands twice in `notes`; `template` are texts that are forms wherever they stand.
pub fn duplicates(notes: &[NoteFingerprint], template: &[&str]) -> Duplicates {
    let mut corpus = Corpus::of(notes);
    let classes = equal_texts(&mut corpus);
    let mut forms = boilerplate::BoilerplateIndex::new(template, notes.len());
    forms.count_classes(&corpus, &classes);
    let alike = alike_texts(&corpus, &classes);
    let edges = edges(&corpus, &classes, &alike, |id| !forms.is_form(corpus.block(id)));
    let mut found = findings::findings(notes, edges, &forms);
    found.code = findings::repeated_code(notes, &found.notes);
    found.forms = findings::listed_forms(&corpus, &forms, &classes);
    found
}
