//! The matched passages of two overlapping notes with their texts, and for each the note that should keep it: the one whose title
//! or alias the passage names. Knows no links and no output.

use super::matching::Overlap;
use super::passages::{Passage, passages};
use super::stems::{Stem, Words, WordsPool};
use crate::note::Note;
use crate::text::ids::{IndexVec, NoteId};

/// Two passages that explain the same idea, the one to keep first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SideBySide {
    /// The note that should keep the idea.
    pub kept: NoteId,
    /// The other note.
    pub other: NoteId,
    /// The passage of [`Self::kept`].
    pub kept_passage: Passage,
    /// The passage of [`Self::other`].
    pub other_passage: Passage,
    /// The cosine of their weighted stems.
    pub similarity: f64,
}

/// The matches of an overlap, in the same order. `is_preferred` tells which of two notes keeps a passage that names neither, or
/// both by names of the same length.
pub(crate) fn side_by_side(
    overlap: &Overlap,
    notes: &IndexVec<NoteId, Note>,
    language: &str,
    is_preferred: impl Fn(NoteId, NoteId) -> bool,
) -> Vec<SideBySide> {
    let pool = WordsPool::new(language);
    pool.with(|words| {
        let (a, b) = (overlap.a, overlap.b);
        let names = [a, b].map(|note| names(&notes[note], words));
        let found = [a, b].map(|note| passages(&notes[note], words));
        let pair = |matched: &super::MatchedPassages| {
            let texts = (found[0].get(matched.a)?.clone(), found[1].get(matched.b)?.clone());
            let named = [&names[0], &names[1]].map(|names| longest_named(names, &[&texts.0, &texts.1]));
            let first = match named[0].cmp(&named[1]) {
                std::cmp::Ordering::Equal => is_preferred(a, b),
                order => order.is_gt(),
            };
            let (kept, other, kept_passage, other_passage) =
                if first { (a, b, texts.0, texts.1) } else { (b, a, texts.1, texts.0) };
            Some(SideBySide { kept, other, kept_passage, other_passage, similarity: matched.cosine })
        };
        overlap.matches.iter().filter_map(pair).collect()
    })
}

/// The stems of the title and the aliases of a note; a title also counts without its parenthesis: `EXPLAIN (PostgreSQL)`.
fn names(note: &Note, words: &mut Words) -> Vec<Vec<Stem>> {
    let bare = note.title.split('(').next().unwrap_or_default();
    let texts = [&*note.title, bare].into_iter().chain(note.head.aliases.iter().map(String::as_str));
    let mut names: Vec<Vec<Stem>> = texts.map(|text| stems(text, words)).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn stems(text: &str, words: &mut Words) -> Vec<Stem> {
    let mut stems = Vec::new();
    words.each_stem(text, |stem| stems.push(stem));
    stems
}

/// The number of words of the longest name that one of the passages has; 0 if none.
fn longest_named(names: &[Vec<Stem>], passages: &[&Passage]) -> usize {
    let is_named = |name: &&Vec<Stem>| passages.iter().any(|p| p.stems.windows(name.len()).any(|run| run == &name[..]));
    names.iter().filter(is_named).map(Vec::len).max().unwrap_or_default()
}
