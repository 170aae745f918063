//! The weighed passages of all notes in one list, for the full comparison. Knows no text and no similarity.

use super::passages::{NotePassages, PassageId, PassageSummary, Term};
use super::stems::Stem;
use super::weights::{Frequencies, weigh};
use crate::text::ids::{Id, IdRange, IndexVec, NoteId, id};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

id! {
    /// A passage of any note: its index in [`Corpus::passages`].
    pub(super) struct CorpusPassageId;
    /// A stem of a passage: its index in [`Corpus::positions`].
    pub(super) struct PositionId;
    /// A stem of the base by its rank: the rarest is the first.
    pub(super) struct Rank;
}

/// A passage of a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PassageRef {
    pub note: NoteId,
    pub passage: PassageId,
}

/// A passage in the corpus.
#[derive(Debug, Clone, Copy)]
pub(super) struct CorpusPassage {
    pub at: PassageRef,
    pub is_checklist: bool,
    /// Its stems, the rarest first.
    pub positions: IdRange<PositionId>,
}

/// A stem of a passage, with a summary of the more frequent stems after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub rank: Rank,
    pub weight: u32,
    /// The sum of the squared weights from this stem on.
    pub mass: f32,
    /// One bit for each of 64 kinds of stems after this one.
    pub kinds_after: u64,
    /// The number of stems after this one that share their kind with one before them.
    pub repeated_kinds: u32,
    /// The largest weight after this stem.
    pub largest_after: f32,
}

/// All passages of a base except boilerplate.
pub(super) struct Corpus {
    pub passages: IndexVec<CorpusPassageId, CorpusPassage>,
    pub positions: IndexVec<PositionId, Position>,
    /// The number of different stems.
    pub stem_count: usize,
}

/// The passages of one note, each with the number of its stems, and the weights of all these stems.
type Weighed = (Vec<(PassageRef, bool, usize)>, Vec<(Rank, u32)>);

impl Corpus {
    pub(super) fn new(
        notes: &[NotePassages],
        frequencies: &Frequencies,
        is_compared: impl Fn(&PassageSummary) -> bool + Sync,
    ) -> Corpus {
        let mut stems: Vec<(u32, Stem)> = frequencies.iter().map(|(stem, count)| (count, stem)).collect();
        stems.par_sort_unstable();
        let table: FxHashMap<Stem, (Rank, u32)> = stems
            .iter()
            .enumerate()
            .map(|(rank, &(count, stem))| (stem, (Rank::new(rank), frequencies.inverse_of(stem, count))))
            .collect();
        let weighed = |(note, passages): (usize, &NotePassages)| {
            let (mut own, mut all) = (Vec::new(), Vec::new());
            for (summary, terms) in passages.iter().filter(|(summary, _)| is_compared(summary)) {
                let start = all.len();
                let known = |term: &Term| table.get(&term.stem).map(|&(rank, inverse)| (rank, inverse, term.count));
                weigh(terms.iter().filter_map(known), &mut all);
                all[start..].sort_unstable();
                let at = PassageRef { note: NoteId::new(note), passage: summary.id };
                own.push((at, summary.is_checklist, all.len() - start));
            }
            (own, all)
        };
        let by_note: Vec<Weighed> = notes.par_iter().enumerate().map(weighed).collect();
        let count = by_note.iter().map(|(_, terms)| terms.len()).sum();
        let (mut passages, mut positions) = (IndexVec::default(), IndexVec::with_capacity(count));
        for (own, terms) in by_note {
            let mut from = 0;
            for (at, is_checklist, length) in own {
                let start = positions.next_id();
                push_positions(&terms[from..from + length], &mut positions);
                from += length;
                passages.push(CorpusPassage {
                    at,
                    is_checklist,
                    positions: IdRange { start, end: positions.next_id() },
                });
            }
        }
        Corpus { passages, positions, stem_count: stems.len() }
    }
}

/// Appends the stems of one passage.
fn push_positions(terms: &[(Rank, u32)], positions: &mut IndexVec<PositionId, Position>) {
    let mut own = Vec::with_capacity(terms.len());
    let (mut mass, mut kinds, mut repeated, mut largest) = (0.0, 0u64, 0, 0.0f32);
    for &(rank, weight) in terms.iter().rev() {
        let length = weight as f32;
        mass += length * length;
        let (kinds_after, repeated_kinds, largest_after) = (kinds, repeated, largest);
        own.push(Position { rank, weight, mass, kinds_after, repeated_kinds, largest_after });
        let kind = 1 << ((rank.index() as u32).wrapping_mul(0x9e37_79b9) >> 26);
        repeated += u32::from(kinds & kind != 0);
        kinds |= kind;
        largest = largest.max(length);
    }
    positions.extend(own.into_iter().rev());
}
