//! Keeps the similar passages of a base up to date: after an edit, only passages whose weights changed are compared again. The
//! result equals that of the full comparison; a property test edits a base at random and compares both.
//!
//! Example: a base has 10,000 notes, and a paragraph of one note gets the word `stale`, which 40 passages have. The number of
//! passages with `stale` grows from 40 to 41, and ln 40 and ln 41 are both 3.75 in quarters, so no other passage has new weights:
//! the passages of the edited note are compared with all, and the remaining pairs are kept. If the word were in one other passage,
//! that passage would be compared again as well.

use super::corpus::{Corpus, PassageRef};
use super::join::{SimilarPassages, similar_passages};
use super::passages::{NotePassages, PassageId, PassageSummary, Term};
use super::stems::Stem;
use super::weights::{Frequencies, MIN_SHARED, Weights, cosine, weights};
use crate::text::ids::{IndexVec, NoteId, id};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// The most edited notes, and passages with new weights, that are compared one by one. Beyond, the full comparison is faster.
const MAX_EDITED: (usize, usize) = (50, 2_000);
/// The fewest notes with the same passage for it to be boilerplate, and the share of all notes: as for the duplicate search.
const BOILERPLATE: (usize, usize) = (8, 50);

id! {
    /// A passage compared again: its index in [`Changed::passages`].
    struct ChangedId;
}

/// The similar passages of a base, and what is needed to update them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Similarities {
    pub notes: IndexVec<NoteId, NotePassages>,
    frequencies: Frequencies,
    /// The number of notes with a passage, by [`PassageSummary::text`].
    copies: FxHashMap<u64, u32>,
    /// All similar passages, sorted.
    pub similar: Vec<SimilarPassages>,
}

/// The fewest notes with the same passage for it to be boilerplate in a base of `count` notes.
fn least_copies(count: usize) -> u32 {
    BOILERPLATE.0.max(count.div_ceil(BOILERPLATE.1)) as u32
}

/// Calls `to` with the text of each passage of a note, once for equal ones.
fn each_text(note: &NotePassages, to: impl FnMut(u64)) {
    let mut texts: Vec<u64> = note.iter().map(|(summary, _)| summary.text).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.into_iter().for_each(to);
}

impl Similarities {
    /// Compares all passages.
    pub(super) fn new(notes: IndexVec<NoteId, NotePassages>, template: FxHashSet<Stem>) -> Similarities {
        let mut copies = FxHashMap::default();
        notes.iter().for_each(|note| each_text(note, |text| *copies.entry(text).or_default() += 1));
        let least = least_copies(notes.len());
        let is_compared = |summary: &PassageSummary| copies.get(&summary.text).is_none_or(|&count| count < least);
        let mut frequencies = Frequencies::new(template);
        let passages = || notes.iter().flat_map(NotePassages::iter);
        passages().filter(|(summary, _)| is_compared(summary)).for_each(|(_, terms)| frequencies.add(terms));
        let corpus = Corpus::new(&notes, &frequencies, is_compared);
        let similar = similar_passages(&corpus, frequencies.threshold());
        Similarities { notes, frequencies, copies, similar }
    }

    /// Compares only what differs from the last call. Returns whether that was possible; otherwise `self` is useless.
    /// `notes` has clones of the last passages where these are unchanged. `before` is for each note its last id.
    pub(super) fn update(
        &mut self,
        notes: &IndexVec<NoteId, NotePassages>,
        before: &IndexVec<NoteId, Option<NoteId>>,
    ) -> bool {
        let mut after: IndexVec<NoteId, Option<NoteId>> = IndexVec::filled(None, self.notes.len());
        let mut edited = FxHashSet::default();
        for (now, &last) in before.iter_enumerated() {
            let is_same = |last: &NoteId| after[*last].is_none() && self.notes[*last].is_same(&notes[now]);
            match last.filter(is_same) {
                Some(last) => after[last] = Some(now),
                None => _ = edited.insert(now),
            }
        }
        let removed: Vec<NoteId> = after.iter_enumerated().filter(|(_, now)| now.is_none()).map(|(id, _)| id).collect();
        let least = least_copies(notes.len());
        if edited.len() + removed.len() > MAX_EDITED.0 || least != least_copies(self.notes.len()) {
            return false;
        }
        let old: Vec<NotePassages> = removed.iter().map(|&id| self.notes[id].clone()).collect();
        let new: Vec<NotePassages> = edited.iter().map(|&id| notes[id].clone()).collect();
        let Some(stems) = self.count_again(&old, &new, least) else { return false };
        let is_compared = |summary: &PassageSummary| self.copies.get(&summary.text).is_none_or(|&count| count < least);
        let Some(changed) = Changed::new(notes, &edited, &stems, &self.frequencies, is_compared) else { return false };
        let kept = |pair: &SimilarPassages| {
            let now = |note: NoteId, passage: PassageId| {
                Some(PassageRef { note: after[note]?, passage }).filter(|at| !changed.contains(*at))
            };
            let (notes, passages) = (pair.notes, pair.passages);
            Some(SimilarPassages::new(now(notes.0, passages.0)?, now(notes.1, passages.1)?, pair.cosine))
        };
        let mut similar: Vec<SimilarPassages> = self.similar.iter().filter_map(kept).collect();
        similar.extend(changed.partners(notes, &self.frequencies, is_compared));
        similar.par_sort_unstable();
        (self.notes, self.similar) = (notes.clone(), similar);
        true
    }

    /// Counts `new` notes instead of `old` ones. Returns the stems with a new inverse frequency. `None` if the edit changes what
    /// is boilerplate, or the weights of all passages.
    fn count_again(&mut self, old: &[NotePassages], new: &[NotePassages], least: u32) -> Option<FxHashSet<Stem>> {
        let passages = || old.iter().chain(new).flat_map(NotePassages::iter);
        let level = self.frequencies.level();
        let stems: FxHashMap<Stem, u32> = passages()
            .flat_map(|(_, terms)| terms)
            .map(|term| (term.stem, self.frequencies.inverse(term.stem)))
            .collect();
        let is_boilerplate =
            |copies: &FxHashMap<u64, u32>, text| copies.get(&text).is_some_and(|&count| count >= least);
        let texts: FxHashMap<u64, bool> =
            passages().map(|(summary, _)| (summary.text, is_boilerplate(&self.copies, summary.text))).collect();
        let copies = &mut self.copies;
        old.iter().for_each(|note| each_text(note, |text| _ = copies.entry(text).and_modify(|count| *count -= 1)));
        new.iter().for_each(|note| each_text(note, |text| *copies.entry(text).or_default() += 1));
        if texts.iter().any(|(&text, &was)| was != is_boilerplate(copies, text)) {
            return None;
        }
        texts.keys().for_each(|text| {
            if copies.get(text) == Some(&0) {
                copies.remove(text);
            }
        });
        let compared = |note: &NotePassages, to: &mut dyn FnMut(&[Term])| {
            note.iter().filter(|(summary, _)| !texts[&summary.text]).for_each(|(_, terms)| to(terms));
        };
        old.iter().for_each(|note| compared(note, &mut |terms| self.frequencies.remove(terms)));
        new.iter().for_each(|note| compared(note, &mut |terms| self.frequencies.add(terms)));
        let is_new = |(stem, inverse): (Stem, u32)| (self.frequencies.inverse(stem) != inverse).then_some(stem);
        (self.frequencies.level() == level).then(|| stems.into_iter().filter_map(is_new).collect())
    }
}

/// The passages with new weights.
struct Changed {
    passages: IndexVec<ChangedId, (PassageRef, bool, Weights)>,
    set: FxHashSet<PassageRef>,
    with_stem: FxHashMap<Stem, Vec<ChangedId>>,
    /// One bit for the lower 16 bits of each stem in [`Self::with_stem`], so that most stems need no look-up.
    filter: Vec<u64>,
}

impl Changed {
    /// The passages of edited notes, and all with one of `stems`. `None` if there are too many.
    fn new(
        notes: &IndexVec<NoteId, NotePassages>,
        edited: &FxHashSet<NoteId>,
        stems: &FxHashSet<Stem>,
        frequencies: &Frequencies,
        is_compared: impl Fn(&PassageSummary) -> bool + Sync,
    ) -> Option<Changed> {
        if stems.iter().map(|&stem| frequencies.of(stem) as usize).sum::<usize>() > MAX_EDITED.1 {
            return None;
        }
        let filter = filter(stems.iter());
        let is_new = |term: &Term| is_set(&filter, term.stem) && stems.contains(&term.stem);
        let of_note = |note: NoteId| {
            let compared = notes[note].iter().filter(|(summary, _)| is_compared(summary));
            let changed = compared.filter(|(_, terms)| edited.contains(&note) || terms.iter().any(is_new));
            let weighed = changed.map(|(summary, terms)| {
                let at = PassageRef { note, passage: summary.id };
                (at, summary.is_checklist, weights(terms, |stem| frequencies.inverse(stem)))
            });
            weighed.collect::<Vec<_>>()
        };
        let passages: Vec<_> = notes.ids().into_par_iter().flat_map_iter(of_note).collect();
        let passages: IndexVec<ChangedId, (PassageRef, bool, Weights)> = passages.into();
        let mut with_stem: FxHashMap<Stem, Vec<ChangedId>> = FxHashMap::default();
        for (id, (_, _, weights)) in passages.iter_enumerated() {
            weights.iter().for_each(|(stem, _)| with_stem.entry(*stem).or_default().push(id));
        }
        let set = passages.iter().map(|(at, _, _)| *at).collect();
        let filter = self::filter(with_stem.keys());
        Some(Changed { passages, set, with_stem, filter })
    }

    fn contains(&self, passage: PassageRef) -> bool {
        self.set.contains(&passage)
    }

    /// All similar pairs with a changed passage, each once.
    fn partners(
        &self,
        notes: &IndexVec<NoteId, NotePassages>,
        frequencies: &Frequencies,
        is_compared: impl Fn(&PassageSummary) -> bool + Sync,
    ) -> Vec<SimilarPassages> {
        let threshold = frequencies.threshold();
        let of_note = |shared: &mut IndexVec<ChangedId, u8>, note: NoteId| {
            let mut found = Vec::new();
            for (summary, terms) in notes[note].iter().filter(|(summary, _)| is_compared(summary)) {
                let here = PassageRef { note, passage: summary.id };
                let mut candidates = Vec::new();
                let listed = terms.iter().filter(|term| is_set(&self.filter, term.stem));
                for &id in listed.filter_map(|term| self.with_stem.get(&term.stem)).flatten() {
                    // Each number is small: a passage has at most 60 words, or 90 characters.
                    shared[id] += 1;
                    if usize::from(shared[id]) == MIN_SHARED {
                        candidates.push(id);
                    }
                }
                for &id in terms.iter().filter_map(|term| self.with_stem.get(&term.stem)).flatten() {
                    shared[id] = 0;
                }
                candidates.retain(|&id| {
                    let (at, is_checklist, _) = self.passages[id];
                    // A pair of two changed passages is found from both sides.
                    at.note != note && !(is_checklist && summary.is_checklist) && (at < here || !self.contains(here))
                });
                if candidates.is_empty() {
                    continue;
                }
                let own = weights(terms, |stem| frequencies.inverse(stem));
                found.extend(candidates.into_iter().filter_map(|id| {
                    let (at, _, theirs) = &self.passages[id];
                    let cosine = cosine(&own, theirs).filter(|&cosine| cosine >= threshold)?;
                    Some(SimilarPassages::new(here, *at, cosine))
                }));
            }
            found
        };
        let counters = || IndexVec::<ChangedId, u8>::filled(0, self.passages.len());
        notes.ids().into_par_iter().map_init(counters, of_note).flatten_iter().collect()
    }
}

/// A set of the lower 16 bits of stems.
fn filter<'a>(stems: impl Iterator<Item = &'a Stem>) -> Vec<u64> {
    let mut filter = vec![0; 1 << 10];
    for stem in stems {
        let (word, bit) = filter_bit(*stem);
        filter[word] |= bit;
    }
    filter
}

fn is_set(filter: &[u64], stem: Stem) -> bool {
    let (word, bit) = filter_bit(stem);
    filter[word] & bit != 0
}

fn filter_bit(stem: Stem) -> (usize, u64) {
    let bits = stem.bits() & 0xffff;
    ((bits >> 6) as usize, 1 << (bits & 63))
}
