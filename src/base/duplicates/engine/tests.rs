//! Tests the search against a comparison of all pairs, the findings, and the index against a full search.

use super::boilerplate::BoilerplateIndex;
use super::findings::findings;
use super::fingerprint::{BlockRef, Notes};
use super::measure::{ALIKE, SAME, similarity};
use super::search::{Corpus, Edge, edges, equal_texts, similar_texts};
use super::words::WordHash;
use super::*;
use crate::text::ids::Id;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Every pair of blocks of different notes, compared exactly.
fn exact(notes: &[NoteFingerprint]) -> Vec<Edge> {
    let of_note = |(note, print): (NoteId, &'_ NoteFingerprint)| {
        let block = |(block, own)| (BlockRef { note, block }, print.words_of(own).to_vec());
        print.iter().map(block).collect::<Vec<_>>()
    };
    let blocks: Vec<(BlockRef, Vec<WordHash>)> = Notes(notes).iter().flat_map(of_note).collect();
    let mut edges = Vec::new();
    for (at, (a, words)) in blocks.iter().enumerate() {
        for (b, others) in blocks[at + 1..].iter().filter(|(b, _)| b.note != a.note) {
            let similarity = similarity(words, others);
            if similarity >= ALIKE {
                edges.push(Edge { a: *a, b: *b, similarity });
            }
        }
    }
    edges
}

fn searched(notes: &[NoteFingerprint], boilerplate: &BoilerplateIndex) -> Vec<Edge> {
    let mut corpus = Corpus::of(Notes(notes));
    let classes = equal_texts(&mut corpus);
    edges(&corpus, &classes, &similar_texts(&corpus, &classes), |id| !boilerplate.contains(corpus.block(id)))
}

fn set(edges: &[Edge], from: f64) -> BTreeSet<(BlockRef, BlockRef)> {
    edges.iter().filter(|edge| edge.similarity >= from).map(|edge| (edge.a, edge.b)).collect()
}

fn no_boilerplate() -> BoilerplateIndex {
    BoilerplateIndex::new(&[], usize::MAX / 2)
}

// Made-up notes.

/// A step of SplitMix64.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn below(state: &mut u64, bound: usize) -> usize {
    (random(state) % bound as u64) as usize
}

/// A word of `vocabulary`, the earlier the likelier.
fn word(state: &mut u64, vocabulary: usize) -> String {
    let bound = 1 + below(state, vocabulary);
    format!("w{}", below(state, bound))
}

fn edit(words: &mut Vec<String>, state: &mut u64) {
    let at = below(state, words.len());
    match below(state, 6) {
        0 | 1 => words[at] = "changed".into(),
        2 => drop(words.remove(at)),
        3 => words.insert(at, "added".into()),
        4 => words.rotate_left(at),
        _ => words.swap(0, at),
    }
}

/// Notes of eight blocks, a third of them copies of earlier ones with up to a word in six edited.
fn made_up(state: &mut u64, count: usize, vocabulary: usize) -> Vec<Vec<String>> {
    let mut notes: Vec<Vec<String>> = Vec::new();
    for _ in 0..count {
        let mut blocks = Vec::new();
        for _ in 0..8 {
            let length = 8 + below(state, 30);
            let mut words: Vec<String> = (0..length).map(|_| word(state, vocabulary)).collect();
            if below(state, 3) == 0 && !notes.is_empty() {
                let from = below(state, notes.len());
                words = notes[from][below(state, 8)].split(' ').map(String::from).collect();
                (0..below(state, words.len() / 6 + 1)).for_each(|_| edit(&mut words, state));
            }
            blocks.push(words.join(" "));
        }
        notes.push(blocks);
    }
    notes
}

/// Every third block stands in the one before.
fn nested(blocks: &[String]) -> NoteFingerprint {
    let block = |at: usize| Block {
        text: &blocks[at],
        parent: (at % 3 == 2).then(|| TextBlockId::new(at - 1)),
        heading: at as u64 / 4,
        ..Block::default()
    };
    of_blocks((0..blocks.len()).map(block).collect())
}

fn of_blocks(blocks: Vec<Block>) -> NoteFingerprint {
    NoteFingerprint::of(&NoteText { comparable: true, blocks, ..NoteText::default() })
}

fn prints(notes: &[Vec<String>]) -> Vec<NoteFingerprint> {
    notes.iter().map(|blocks| nested(blocks)).collect()
}

#[test]
fn the_search_finds_what_comparing_all_with_all_finds() {
    let (mut want, mut got, mut want_alike, mut got_alike) = (0, 0, 0, 0);
    for seed in 0..12 {
        let mut state = seed;
        let notes = prints(&made_up(&mut state, 32, if seed % 2 == 0 { 60 } else { 600 }));
        let (all, found) = (exact(&notes), searched(&notes, &no_boilerplate()));
        assert!(set(&found, 0.0).is_subset(&set(&all, 0.0)), "found what is not there, seed {seed}");
        want += set(&all, SAME).len();
        got += set(&found, SAME).len();
        want_alike += set(&all, ALIKE).len();
        got_alike += set(&found, ALIKE).len();
    }
    println!("{got} of {want} the same, {got_alike} of {want_alike} alike");
    assert!(want > 600, "{want} pairs prove little");
    assert!(got as f64 >= 0.995 * want as f64, "{got} of {want} the same");
    assert!(got_alike as f64 >= 0.98 * want_alike as f64, "{got_alike} of {want_alike} alike");
}

/// The example of the module documentation in `engine.rs`.
#[test]
fn the_example_of_the_module_documentation() {
    let notes = [
        "the quick brown fox jumps over the lazy dog today",
        "the fast brown fox jumps over the old dog today",
        "sphinx of black quartz judge my vow before this evening",
    ];
    let notes: Vec<_> = notes.iter().map(|text| note(&[text.to_string()])).collect();
    let seeds_of = |note: usize| {
        let mut out = Vec::new();
        super::search::seeds(notes[note].words_of(&notes[note].blocks[0]), |seed| out.push(seed));
        BTreeSet::from_iter(out)
    };
    assert_eq!([0, 1, 2].map(|note| seeds_of(note).len()), [13; 3]);
    assert_eq!(seeds_of(0).intersection(&seeds_of(1)).count(), 4);
    assert!(seeds_of(0).is_disjoint(&seeds_of(2)) && seeds_of(1).is_disjoint(&seeds_of(2)));
    let block = TextBlockId::new(0);
    let places = vec![Place { note: id(0), block }, Place { note: id(1), block }];
    let blocks = vec![Cluster { places, similarity: 0.8, saved: 10 }];
    assert_eq!(duplicates(&notes, &[]), Duplicates { blocks, ..Duplicates::default() });
}

#[test]
fn every_way_to_replace_two_words_of_ten_is_found() {
    let name = |at: usize, gone: &[usize]| if gone.contains(&at) { format!("x{at}") } else { format!("w{at}") };
    let text = |gone: &[usize]| note(&[(0..10).map(|at| name(at, gone)).collect::<Vec<_>>().join(" ")]);
    for first in 0..10 {
        for second in first + 1..10 {
            let found = searched(&[text(&[]), text(&[first, second])], &no_boilerplate());
            assert_eq!(set(&found, SAME).len(), 1, "{first} and {second}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_index_finds_what_a_full_search_finds(
        seed in any::<u64>(),
        changes in proptest::collection::vec((0..25_usize, any::<u64>()), 1..12),
    ) {
        let mut state = seed;
        let mut texts = made_up(&mut state, 25, 300);
        let mut index = Index::new(prints(&texts), &[]);
        for (note, mut state) in changes {
            texts[note] = changed(&texts, &mut state);
            index.update(NoteId::new(note), nested(&texts[note]));
            let notes = prints(&texts);
            prop_assert_eq!(index.notes(), &notes[..]);
            prop_assert_eq!(index.all(), duplicates(&notes, &[]));
            let boilerplate = boilerplate_of(&notes);
            let full = searched(&notes, &boilerplate);
            for note in (0..25).map(NoteId::new) {
                let own = sorted(full.iter().filter(|edge| edge.a.note == note || edge.b.note == note));
                prop_assert_eq!(&sorted(&index.edges(note)), &own);
                prop_assert_eq!(index.about(note), findings(Notes(&notes), own, &boilerplate));
            }
        }
    }
}

/// A note that shares most blocks with another, or none.
fn changed(texts: &[Vec<String>], state: &mut u64) -> Vec<String> {
    let mut blocks = texts[below(state, texts.len())].clone();
    let at = below(state, 8);
    blocks[at] = texts[below(state, texts.len())][at].clone();
    if below(state, 2) == 0 { blocks } else { made_up(state, 2, 300).remove(1) }
}

fn sorted<'a>(edges: impl IntoIterator<Item = &'a Edge>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = edges.into_iter().copied().collect();
    edges.sort_by_key(|edge| (edge.a, edge.b));
    edges
}

fn boilerplate_of(notes: &[NoteFingerprint]) -> BoilerplateIndex {
    let mut corpus = Corpus::of(Notes(notes));
    let classes = equal_texts(&mut corpus);
    let mut boilerplate = BoilerplateIndex::new(&[], notes.len());
    boilerplate.count_classes(&corpus, &classes);
    boilerplate
}

#[test]
fn the_index_knows_when_a_text_becomes_boilerplate_and_when_it_no_longer_is() {
    let rubric = text(5, 15);
    let with = |seed: u64| note(&own(seed, &rubric));
    let mut index =
        Index::new((0..9).map(|seed| if seed < 7 { with(seed) } else { note(&own(seed, "")) }).collect(), &[]);
    assert_eq!(index.about(id(0)).blocks[0].places.len(), 7);
    index.update(id(7), with(7));
    assert_eq!(index.about(id(0)), Duplicates::default());
    index.update(id(0), note(&own(0, "")));
    assert_eq!(index.about(id(1)).blocks[0].places.len(), 7);
}

// Findings.

/// A text of so many words, few of which another seed's text has.
fn text(seed: u64, words: usize) -> String {
    let mut state = seed.wrapping_mul(0x0123_4567_89ab_cdef);
    let words: Vec<String> = (0..words).map(|_| format!("t{}", random(&mut state) % 100_000)).collect();
    words.join(" ")
}

fn note(texts: &[String]) -> NoteFingerprint {
    of_blocks(texts.iter().map(|text| Block { text, ..Block::default() }).collect())
}

/// Six blocks of 30 words of its own, and then `more`.
fn own(seed: u64, more: &str) -> Vec<String> {
    (0..6).map(|at| text(seed * 100 + at + 10_000, 30)).chain([more.to_string()]).collect()
}

fn id(note: usize) -> NoteId {
    NoteId::new(note)
}

fn places<B: Id>(cluster: &Cluster<B>) -> Vec<(usize, usize)> {
    cluster.places.iter().map(|place| (place.note.index(), place.block.index())).collect()
}

#[test]
fn a_text_in_five_notes_is_one_cluster() {
    let pasted = text(7, 20);
    let notes: Vec<_> = (0..7).map(|seed| note(&own(seed, if seed < 5 { &pasted } else { "" }))).collect();
    let found = duplicates(&notes, &[]);
    assert_eq!(found.blocks.len(), 1);
    assert_eq!(places(&found.blocks[0]), [(0, 6), (1, 6), (2, 6), (3, 6), (4, 6)]);
    assert_eq!(found.blocks[0].saved, 80);
    assert!(found.notes.is_empty() && found.similar.is_empty() && found.boilerplate.is_empty());
}

#[test]
fn a_copied_note_is_one_finding_and_a_third_place_another() {
    let shared = text(7, 20);
    let copied = own(1, &shared);
    let notes = [note(&copied), note(&own(2, "")), note(&copied), note(&own(3, &shared))];
    let found = duplicates(&notes, &[]);
    assert_eq!(found.notes.len(), 1);
    assert_eq!(found.notes[0].notes, [id(0), id(2)]);
    assert_eq!(found.notes[0].pairs, [NotePair { a: id(0), b: id(2), share: 1.0 }]);
    let clusters: Vec<_> = found.blocks.iter().map(places).collect();
    assert_eq!(clusters, [[(0, 6), (2, 6), (3, 6)]], "the copies' other blocks are not reported again");
}

#[test]
fn half_of_the_smaller_note_makes_them_one() {
    let all = own(1, "");
    for (copied, one) in [(3, true), (2, false)] {
        let mut small = all[..copied].to_vec();
        small.extend((0..3).map(|at| text(900 + at, 30)));
        let mut large = all.clone();
        large.extend((0..9).map(|at| text(800 + at, 30)));
        let found = duplicates(&[note(&small), note(&large)], &[]);
        assert_eq!(found.notes.len(), usize::from(one), "{copied} of {}", small.len());
        assert_eq!(found.blocks.len(), if one { 0 } else { copied });
    }
}

#[test]
fn notes_of_few_words_are_compared_by_blocks_only() {
    let short = [text(1, 74), text(2, 75)];
    let found = duplicates(&[note(&short), note(&short)], &[]);
    assert_eq!((found.notes.len(), found.blocks.len()), (0, 2));
    let enough = [text(1, 75), text(2, 75)];
    assert_eq!(duplicates(&[note(&enough), note(&enough)], &[]).notes.len(), 1);
}

#[test]
fn a_note_may_repeat_its_canonical_one() {
    let all = own(1, "");
    let mut copy = note(&all);
    copy.canonical = Some(id(0));
    let mut second = copy.clone();
    assert_eq!(duplicates(&[note(&all), copy.clone(), second.clone()], &[]), Duplicates::default());
    second.canonical = None;
    assert_eq!(duplicates(&[note(&all), copy, second], &[]).notes[0].notes, [id(0), id(1), id(2)]);
}

/// An item with two children.
fn item(head: &str, first: &str, second: &str) -> NoteFingerprint {
    let child = |text| Block { text, parent: Some(TextBlockId::new(0)), ..Block::default() };
    of_blocks(vec![Block { text: head, ..Block::default() }, child(first), child(second)])
}

#[test]
fn of_nested_blocks_only_the_largest_is_reported() {
    let texts: Vec<String> = (1..6).map(|seed| text(seed, 12)).collect();
    let found = duplicates(&[item(&texts[0], &texts[1], &texts[2]), item(&texts[0], &texts[1], &texts[2])], &[]);
    assert_eq!(found.blocks.iter().map(places).collect::<Vec<_>>(), [[(0, 0), (1, 0)]]);

    let found = duplicates(&[item(&texts[0], &texts[1], &texts[2]), item(&texts[3], &texts[1], &texts[4])], &[]);
    assert_eq!(found.blocks.iter().map(places).collect::<Vec<_>>(), [[(0, 1), (1, 1)]]);
}

#[test]
fn a_child_that_is_the_same_silences_a_parent_that_is_only_alike() {
    let texts: Vec<String> = (1..6).map(|seed| text(seed, 13)).collect();
    let found = duplicates(&[item(&texts[0], &texts[1], &texts[2]), item(&texts[0], &texts[1], &texts[3])], &[]);
    assert_eq!(found.blocks.iter().map(places).collect::<Vec<_>>(), [[(0, 1), (1, 1)]]);
    assert!(found.similar.is_empty(), "{:?}", found.similar);
}

#[test]
fn an_item_pasted_as_a_paragraph_is_found() {
    let texts: Vec<String> = (1..4).map(|seed| text(seed, 9)).collect();
    let found = duplicates(&[item(&texts[0], &texts[1], &texts[2]), note(&[texts.join(" ")])], &[]);
    assert_eq!(found.blocks.iter().map(places).collect::<Vec<_>>(), [[(0, 0), (1, 0)]]);
}

#[test]
fn nothing_is_found_within_one_note() {
    let twice = text(1, 30);
    assert_eq!(duplicates(&[note(&[twice.clone(), twice])], &[]), Duplicates::default());
    assert_eq!(duplicates(&[], &[]), Duplicates::default());
}

#[test]
fn a_crowd_of_near_copies_is_one_cluster() {
    let words: Vec<String> = text(9, 30).split(' ').map(String::from).collect();
    let near = |seed: u64| {
        let mut words = words.clone();
        words[seed as usize % 30] = format!("own{seed}");
        words.join(" ")
    };
    let notes: Vec<_> = (0..150).map(|seed| note(&own(seed, &near(seed)))).collect();
    let found = duplicates(&notes, &[]);
    assert_eq!(found.blocks.len(), 1);
    assert_eq!(found.blocks[0].places.len(), 150);
}

// Boilerplate.

#[test]
fn a_text_in_eight_notes_under_one_heading_is_boilerplate_and_in_seven_a_cluster() {
    let rubric = text(5, 15);
    let notes: Vec<_> = (0..8).map(|seed| note(&own(seed, &rubric))).collect();
    let found = duplicates(&notes, &[]);
    assert!(found.blocks.is_empty());
    assert_eq!(
        found.boilerplate,
        [Boilerplate { place: Place { note: id(0), block: TextBlockId::new(6) }, note_count: 8, words: 15 }]
    );
    let found = duplicates(&notes[..7], &[]);
    assert_eq!((found.blocks.len(), found.boilerplate.len()), (1, 0));
}

#[test]
fn under_different_headings_it_is_not_boilerplate() {
    let rubric = text(5, 15);
    let under = |seed: u64| {
        let texts = own(seed, &rubric);
        of_blocks(texts.iter().map(|text| Block { text, heading: seed % 2, ..Block::default() }).collect())
    };
    let notes: Vec<_> = (0..10).map(under).collect();
    let found = duplicates(&notes, &[]);
    assert_eq!((found.blocks.len(), found.boilerplate.len()), (1, 0));
    assert_eq!(found.blocks[0].places.len(), 10);
}

#[test]
fn in_a_large_base_boilerplate_needs_two_notes_in_a_hundred() {
    let rubric = text(5, 15);
    let base = |with: u64| -> Vec<NoteFingerprint> {
        (0..600).map(|seed| note(&own(seed, if seed < with { &rubric } else { "" }))).collect()
    };
    assert_eq!(duplicates(&base(12), &[]).boilerplate.len(), 1);
    let found = duplicates(&base(11), &[]);
    assert_eq!((found.blocks.len(), found.boilerplate.len()), (1, 0));
}

#[test]
fn the_template_is_boilerplate_from_the_first_copy_on() {
    let rubric = text(5, 15);
    let notes = [note(&own(1, &rubric)), note(&own(2, &rubric))];
    assert_eq!(duplicates(&notes, &[]).blocks.len(), 1);
    let found = duplicates(&notes, &[&rubric.to_uppercase()]);
    assert!(found.blocks.is_empty());
    assert_eq!(found.boilerplate.len(), 1);
}

#[test]
fn boilerplate_inside_an_item_does_not_make_items_alike() {
    let rubric = text(5, 30);
    let of = |seed: u64| item(&text(seed, 11), &rubric, "");
    let found = duplicates(&(10..19).map(of).collect::<Vec<_>>(), &[]);
    assert!(found.notes.is_empty() && found.blocks.is_empty() && found.similar.is_empty());
    assert_eq!(found.boilerplate.len(), 1);
}

// Code.

#[test]
fn code_in_two_notes_is_reported_once_and_not_within_notes_that_are_one() {
    let code = "let a = 1;\nlet b = 2;\nlet c = 3;\nlet d = 4;\nlet e = 5;\n";
    let with = |texts: &[String]| {
        let blocks = texts.iter().map(|text| Block { text, ..Block::default() }).collect();
        NoteFingerprint::of(&NoteText {
            comparable: true,
            blocks,
            code: vec![Code { text: code }],
            ..NoteText::default()
        })
    };
    let found = duplicates(&[with(&own(1, "")), note(&own(2, "")), with(&own(3, ""))], &[]);
    assert_eq!(found.code.len(), 1);
    assert_eq!(places(&found.code[0]), [(0, 0), (2, 0)]);
    assert_eq!(found.code[0].saved, 5);
    let found = duplicates(&[with(&own(1, "")), with(&own(1, ""))], &[]);
    assert_eq!((found.notes.len(), found.code.len()), (1, 0));
}
