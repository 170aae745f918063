//! The search for similar passages against the comparison of all pairs, and the update after edits against a new search.

use super::corpus::PassageRef;
use super::join::SimilarPassages;
use super::passages::{NotePassages, PassageSummary};
use super::stems::WordsPool;
use super::update::Similarities;
use super::weights::{Frequencies, cosine, share, weights};
use crate::text::ids::{Id, IndexVec, NoteId};
use proptest::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// All similar passages by the comparison of every pair.
fn all_pairs(notes: &IndexVec<NoteId, NotePassages>) -> Vec<SimilarPassages> {
    let mut copies: FxHashMap<u64, FxHashSet<NoteId>> = FxHashMap::default();
    for (id, note) in notes.iter_enumerated() {
        note.iter().for_each(|(summary, _)| _ = copies.entry(summary.text).or_default().insert(id));
    }
    let least = 8.max(notes.len().div_ceil(50));
    let mut frequencies = Frequencies::default();
    let mut passages: Vec<(PassageRef, &PassageSummary, _)> = Vec::new();
    for (id, note) in notes.iter_enumerated() {
        for (summary, terms) in note.iter().filter(|(summary, _)| copies[&summary.text].len() < least) {
            frequencies.add(terms);
            passages.push((PassageRef { note: id, passage: summary.id }, summary, terms));
        }
    }
    let of = |terms| weights(terms, |stem| frequencies.inverse(stem));
    let mut found = Vec::new();
    for (at, (a, own, terms)) in passages.iter().enumerate() {
        for (b, other, others) in &passages[at + 1..] {
            if a.note == b.note || own.is_checklist && other.is_checklist {
                continue;
            }
            let alike = cosine(&of(terms), &of(others)).filter(|&cosine| cosine >= frequencies.threshold());
            found.extend(alike.map(|cosine| SimilarPassages::new(*a, *b, cosine)));
        }
    }
    found.sort_unstable();
    found
}

/// A passage as stems; a few stems are frequent and most are rare, as in a language.
fn passage() -> impl Strategy<Value = (Vec<u32>, bool)> {
    let stem = (0u32..1 << 12).prop_map(|number| (f64::from(number).powi(3) / f64::from(1u32 << 30)) as u32);
    (prop::collection::vec(stem, 3..14), prop::bool::weighted(0.2))
}

fn notes(most: usize) -> impl Strategy<Value = Vec<NotePassages>> {
    let note = prop::collection::vec(passage(), 0..6).prop_map(|passages| NotePassages::of_stems(&passages));
    prop::collection::vec(note, 2..most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_search_finds_what_the_comparison_of_all_pairs_finds(notes in notes(40)) {
        let notes = IndexVec::from(notes);
        let found = Similarities::new(notes.clone(), FxHashSet::default()).similar;
        prop_assert_eq!(found, all_pairs(&notes));
    }

    #[test]
    fn an_update_finds_what_a_new_search_finds(
        first in notes(40),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3u8, notes(3)), 1..6),
    ) {
        let mut notes = IndexVec::from(first);
        let mut kept = Similarities::new(notes.clone(), FxHashSet::default());
        for (at, kind, new) in edits {
            let mut before: Vec<Option<NoteId>> = notes.ids().iter().map(Some).collect();
            let mut next = notes.clone().into_vec();
            let at = at.index(next.len());
            match kind {
                0 => (next[at], before[at]) = (new[0].clone(), None),
                1 if next.len() > 2 => {
                    next.remove(at);
                    before.remove(at);
                }
                _ => {
                    next.insert(at, new[0].clone());
                    before.insert(at, None);
                }
            }
            notes = IndexVec::from(next);
            let fresh = Similarities::new(notes.clone(), FxHashSet::default());
            match kept.update(&notes, &IndexVec::from(before)) {
                true => prop_assert_eq!(&kept, &fresh),
                false => kept = fresh,
            }
        }
    }
}

#[test]
fn most_edits_of_a_base_need_no_new_search() {
    let note = |seed: u32| {
        let stems = |n: u32| (0..9).map(|k| seed.wrapping_mul(31).wrapping_add(n * 7 + k * k * 13) % 400).collect();
        NotePassages::of_stems(&(0..8).map(|n| (stems(n), false)).collect::<Vec<_>>())
    };
    let mut notes: IndexVec<NoteId, NotePassages> = (0..60).map(note).collect();
    let mut kept = Similarities::new(notes.clone(), FxHashSet::default());
    let mut updated = 0;
    for round in 0..20 {
        let mut before: IndexVec<NoteId, Option<NoteId>> = notes.ids().iter().map(Some).collect();
        let edited = NoteId::new(round * 3 % 60);
        notes[edited] = note(1_000 + round as u32);
        before[edited] = None;
        let fresh = Similarities::new(notes.clone(), FxHashSet::default());
        match kept.update(&notes, &before) {
            true => updated += 1,
            false => kept = fresh.clone(),
        }
        assert_eq!(kept, fresh);
    }
    assert!(updated >= 18, "{updated} of 20");
}

#[test]
fn the_example_of_the_module_documentation() {
    let texts = [
        "Two transactions that lock rows in opposite order wait for each other forever.",
        "A deadlock arises when transactions wait for each other because they lock the same rows in opposite order.",
    ];
    let words = WordsPool::new("en");
    let terms = texts.map(|text| {
        let mut stems = Vec::new();
        words.with(|words| words.each_stem(text, |stem| stems.push(stem.bits())));
        (stems, false)
    });
    let notes = terms.map(|passage| NotePassages::of_stems(&[passage]));
    let of = |note: &NotePassages| note.iter().map(|(_, terms)| weights(terms, |_| 4)).next().unwrap();
    let [a, b] = [of(&notes[0]), of(&notes[1])];
    assert_eq!((a.len(), b.len()), (8, 8));
    assert!((share(cosine(&a, &b).unwrap()) - 0.75).abs() < 1e-3);
}
