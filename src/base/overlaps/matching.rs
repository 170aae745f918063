//! Matches the similar passages of two notes one to one, and decides which pairs of notes overlap. Knows no text and no weights.
//!
//! Example: passage 1 of a note is similar to passages 4 (0.8) and 5 (0.7) of another, passage 2 to 4 (0.6) and 5 (0.5). The best
//! pair is 1 and 4; 1 and 5 and 2 and 4 are then out, and 2 and 5 is the second match.

use super::join::SimilarPassages;
use super::passages::{NotePassages, PassageId, PlaceId};
use super::weights::share;
use crate::text::ids::{IdRange, IndexVec, NoteId};
use rayon::prelude::*;

/// The fewest matched passages of two overlapping notes.
pub(super) const MIN_MATCHES: usize = 3;
/// The fewest of two notes that compare themselves with each other.
pub(super) const MIN_COMPARED_MATCHES: usize = 5;

/// The number of matches that notes need grows with the mean number of their passages divided by this number. Of 300 rows of a
/// reference, a few are similar to a few of 100 other passages by chance.
const PASSAGES_PER_MATCH: f64 = 12.0;

/// Two notes that explain several ideas both, in other words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Overlap {
    /// The earlier note.
    pub a: NoteId,
    pub b: NoteId,
    /// At least three, the most similar first.
    pub matches: Vec<MatchedPassages>,
}

/// Two passages that explain the same idea.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MatchedPassages {
    /// A passage of [`Overlap::a`].
    pub a: PassageId,
    /// A passage of [`Overlap::b`].
    pub b: PassageId,
    /// The cosine of their weighted stems.
    pub cosine: f64,
}

/// The overlapping notes, those with the most matches first. `similar` is sorted; `fewest` is the least number of matches for two
/// notes, `None` if these are left out.
pub(super) fn overlaps(
    similar: &[SimilarPassages],
    notes: &IndexVec<NoteId, NotePassages>,
    fewest: impl Fn(NoteId, NoteId) -> Option<usize> + Sync,
) -> Vec<Overlap> {
    let groups: Vec<&[SimilarPassages]> =
        similar.chunk_by(|x, y| x.notes == y.notes).filter(|group| group.len() >= MIN_MATCHES).collect();
    let overlap = |group: &&[SimilarPassages]| {
        let (a, b) = group[0].notes;
        let mean = (notes[a].len() as f64 * notes[b].len() as f64).sqrt();
        let fewest = fewest(a, b)?.max((mean / PASSAGES_PER_MATCH) as usize);
        let matches = matches(group, &notes[a], &notes[b]);
        (matches.len() >= fewest).then_some(Overlap { a, b, matches })
    };
    let mut found: Vec<Overlap> = groups.par_iter().filter_map(overlap).collect();
    let sum = |overlap: &Overlap| overlap.matches.iter().map(|pair| pair.cosine).sum::<f64>();
    found.sort_by(|x, y| {
        let by_matches = y.matches.len().cmp(&x.matches.len());
        by_matches.then_with(|| sum(y).total_cmp(&sum(x))).then((x.a, x.b).cmp(&(y.a, y.b)))
    });
    found
}

/// The matches of two notes, best first. No passage, and no part of one, is matched twice.
fn matches(group: &[SimilarPassages], a: &NotePassages, b: &NotePassages) -> Vec<MatchedPassages> {
    let mut pairs: Vec<&SimilarPassages> = group.iter().collect();
    pairs.sort_by_key(|pair| (std::cmp::Reverse(pair.cosine), pair.passages));
    let mut taken: (Vec<IdRange<PlaceId>>, Vec<IdRange<PlaceId>>) = Default::default();
    let is_free = |taken: &[IdRange<PlaceId>], own: IdRange<PlaceId>| {
        taken.iter().all(|other| own.end <= other.start || other.end <= own.start)
    };
    let mut found = Vec::new();
    for pair in pairs {
        let places = |note: &NotePassages, id| note.get(id).map(|summary| summary.places).unwrap_or_default();
        let (left, right) = (places(a, pair.passages.0), places(b, pair.passages.1));
        if is_free(&taken.0, left) && is_free(&taken.1, right) {
            taken.0.push(left);
            taken.1.push(right);
            found.push(MatchedPassages { a: pair.passages.0, b: pair.passages.1, cosine: share(pair.cosine) });
        }
    }
    found
}
