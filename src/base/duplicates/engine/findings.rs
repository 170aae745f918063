//! What likenesses of blocks amount to: notes that explain the same thing, texts that stand twice. Decides which of several
//! likenesses is told; how they were found is not known here.

use super::boilerplate::BoilerplateIndex;
use super::fingerprint::{BLOCK_WORDS, NoteFingerprint};
use super::measure::{ALIKE, SAME, similarity};
use super::search::{At, Corpus, Edge, WordSignature};
use super::{Cluster, Duplicates, NoteGroup, NotePair, Pair, Place};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::hash::Hash;

/// Notes with fewer compared words are not compared as notes.
const NOTE_WORDS: f64 = 40.0;
/// The share of the smaller note's words that makes two notes one.
const SAME_NOTE: f64 = 0.5;
/// The exact share of two notes is computed once the likenesses found so far cover this much of the smaller.
const WORTH_A_LOOK: f64 = 0.2;
/// Of notes with more pairs of blocks, the likenesses found so far must do.
const MOST_PAIRS: usize = 1 << 20;

/// Everything that `edges` amount to, but for code and forms.
pub(super) fn findings(notes: &[NoteFingerprint], mut edges: Vec<Edge>, forms: &BoilerplateIndex) -> Duplicates {
    edges.retain(|edge| canonical(notes, edge.a.note) != canonical(notes, edge.b.note));
    let mut edges: Vec<Edge> = edges.into_iter().filter_map(|edge| without_forms(notes, edge, forms)).collect();
    edges.sort_by_key(|edge| (edge.a.note, edge.b.note, edge.a.block, edge.b.block));
    let (mut pairs, mut same, mut alike) = (Vec::new(), Vec::new(), Vec::new());
    for edges in edges.chunk_by(|x, y| (x.a.note, x.b.note) == (y.a.note, y.b.note)) {
        match note_pair(notes, edges, forms) {
            Some(pair) => pairs.push(pair),
            None => outermost(notes, edges).into_iter().for_each(|edge| match edge.similarity >= SAME {
                true => same.push(edge),
                false => alike.push(edge),
            }),
        }
    }
    let mut joined = Joined::default();
    same.iter().for_each(|edge| joined.join(edge.a, edge.b));
    alike.retain(|edge| joined.first(edge.a) != joined.first(edge.b));
    Duplicates {
        notes: groups(notes, pairs),
        blocks: clusters(notes, &same),
        similar: clusters(notes, &alike),
        ..Duplicates::default()
    }
}

/// The note that a note's text belongs to.
pub(super) fn canonical(notes: &[NoteFingerprint], note: u32) -> u32 {
    notes[note as usize].canonical.unwrap_or(note)
}

/// The edge as it is without the forms that stand in its blocks, if there still is one.
fn without_forms(notes: &[NoteFingerprint], edge: Edge, forms: &BoilerplateIndex) -> Option<Edge> {
    let own = |at: At| forms.own_words(&notes[at.note as usize], at.block);
    let (a, b) = (own(edge.a), own(edge.b));
    if matches!((&a, &b), (Cow::Borrowed(_), Cow::Borrowed(_))) {
        return Some(edge);
    }
    let long =
        |at: At, words: &[u32]| notes[at.note as usize].whole_words(words.len() as u32) >= f64::from(BLOCK_WORDS);
    let similarity = similarity(&a, &b);
    (similarity >= ALIKE && long(edge.a, &a) && long(edge.b, &b)).then_some(Edge { similarity, ..edge })
}

// Notes.

/// Whether the two notes that `edges` are between explain the same thing.
fn note_pair(notes: &[NoteFingerprint], edges: &[Edge], forms: &BoilerplateIndex) -> Option<NotePair> {
    let (a, b) = (edges[0].a.note, edges[0].b.note);
    let length = |note: u32| compared_length(&notes[note as usize], forms);
    let (a_length, b_length) = (length(a), length(b));
    let (small, large, all) = if a_length <= b_length { (a, b, a_length) } else { (b, a, b_length) };
    if all == 0 || notes[small as usize].whole_words(all) < NOTE_WORDS {
        return None;
    }
    let of_small = |edge: &Edge| if edge.a.note == small { edge.a.block } else { edge.b.block };
    let known: FxHashSet<u32> = edges.iter().filter(|edge| edge.similarity >= SAME).map(of_small).collect();
    let (small, large) = (&notes[small as usize], &notes[large as usize]);
    let share = |same: &dyn Fn(u32) -> bool| f64::from(covered_length(small, forms, same)) / f64::from(all);
    if share(&|block| known.contains(&block)) < WORTH_A_LOOK {
        return None;
    }
    let few = small.blocks.len() * large.blocks.len() <= MOST_PAIRS;
    let others = if few { rows(large, forms) } else { Vec::new() };
    let share = share(&|block| known.contains(&block) || stands_in(&forms.own_words(small, block), &others));
    (share >= SAME_NOTE).then_some(NotePair { a, b, share })
}

/// The words of each block of a note that is no form.
fn rows<'a>(note: &'a NoteFingerprint, forms: &BoilerplateIndex) -> Vec<(WordSignature, Cow<'a, [u32]>)> {
    let row = |at: usize| forms.own_words(note, at as u32);
    let blocks = (0..note.blocks.len()).filter(|&at| !forms.is_form(&note.blocks[at]));
    blocks.map(row).map(|words| (WordSignature::of(&words), words)).collect()
}

fn stands_in(words: &[u32], rows: &[(WordSignature, Cow<[u32]>)]) -> bool {
    let glance = WordSignature::of(words);
    rows.iter().any(|(other, row)| glance.may_be_alike(other) && similarity(words, row) >= SAME)
}

/// How many words of a note are compared, each counted once.
fn compared_length(note: &NoteFingerprint, forms: &BoilerplateIndex) -> u32 {
    covered_length(note, forms, &|_| true)
}

/// How many words lie in the blocks of which `same` holds, each counted once, forms not at all.
fn covered_length(note: &NoteFingerprint, forms: &BoilerplateIndex, same: &dyn Fn(u32) -> bool) -> u32 {
    let (mut length, mut end) = (0, 0);
    for (at, block) in (0..).zip(note.blocks.iter()) {
        if block.start >= end {
            if forms.is_form(block) {
                end = block.start + block.length;
            } else if same(at) {
                end = block.start + block.length;
                length += forms.own_words(note, at).len() as u32;
            }
        }
    }
    length
}

/// Pairs of notes gathered into groups that hang together.
fn groups(notes: &[NoteFingerprint], pairs: Vec<NotePair>) -> Vec<NoteGroup> {
    let mut joined = Joined::default();
    pairs.iter().for_each(|pair| joined.join(pair.a, pair.b));
    let mut found: FxHashMap<u32, NoteGroup> = FxHashMap::default();
    for pair in pairs {
        let group = found.entry(joined.first(pair.a)).or_default();
        group.notes.extend([pair.a, pair.b]);
        group.pairs.push(pair);
    }
    let mut groups: Vec<_> = found.into_values().collect();
    for group in &mut groups {
        group.notes.sort_unstable();
        group.notes.dedup();
        let length = |note: &u32| f64::from(notes[*note as usize].thirds) / 3.0;
        group.saved = saved(group.notes.iter().map(length));
    }
    groups.sort_by_key(|group| (std::cmp::Reverse(group.saved), group.notes[0]));
    groups
}

// Blocks.

/// The edges of two notes without those inside larger ones; an edge that is only alike gives way to one inside it, too.
fn outermost(notes: &[NoteFingerprint], edges: &[Edge]) -> Vec<Edge> {
    let mut told: FxHashMap<(u32, u32), bool> = FxHashMap::default();
    edges.iter().for_each(|edge| {
        told.insert((edge.a.block, edge.b.block), edge.similarity >= SAME);
    });
    let mut gives_way: FxHashSet<(u32, u32)> = FxHashSet::default();
    for edge in edges {
        let own = (edge.a.block, edge.b.block);
        for pair in around(notes, edge).filter(|pair| *pair != own) {
            match (told.get(&pair), edge.similarity >= SAME) {
                (None, _) => {}
                (Some(false), true) => drop(gives_way.insert(pair)),
                (Some(_), _) => drop(gives_way.insert(own)),
            }
        }
    }
    edges.iter().filter(|edge| !gives_way.contains(&(edge.a.block, edge.b.block))).copied().collect()
}

/// The pairs of blocks in which the two of an edge stand, and they themselves.
fn around(notes: &[NoteFingerprint], edge: &Edge) -> impl Iterator<Item = (u32, u32)> {
    let of = |at: At| notes[at.note as usize].enclosing(at.block);
    let of_b = of(edge.b);
    of(edge.a).flat_map(move |a| of_b.clone().map(move |b| (a, b)))
}

/// Edges gathered into clusters that hang together, the largest first.
fn clusters(notes: &[NoteFingerprint], edges: &[Edge]) -> Vec<Cluster> {
    let mut joined = Joined::default();
    edges.iter().for_each(|edge| joined.join(edge.a, edge.b));
    let mut found: FxHashMap<At, Vec<&Edge>> = FxHashMap::default();
    edges.iter().for_each(|edge| found.entry(joined.first(edge.a)).or_default().push(edge));
    let mut clusters: Vec<_> = found.into_values().map(|edges| cluster(notes, &edges)).collect();
    clusters.sort_by_key(|cluster| (std::cmp::Reverse(cluster.saved), cluster.places[0]));
    clusters
}

fn cluster(notes: &[NoteFingerprint], edges: &[&Edge]) -> Cluster {
    let mut all: Vec<At> = edges.iter().flat_map(|edge| [edge.a, edge.b]).collect();
    all.sort_unstable();
    all.dedup();
    let place_of = |at: At| all.partition_point(|other| *other < at);
    let pair = |edge: &&Edge| Pair { a: place_of(edge.a), b: place_of(edge.b), similarity: edge.similarity };
    let mut pairs: Vec<Pair> = edges.iter().map(pair).collect();
    pairs.sort_by_key(|pair| (pair.a, pair.b));
    let words = |at: &At| {
        let note = &notes[at.note as usize];
        note.whole_words(note.blocks[at.block as usize].length)
    };
    let place = |at: &At| Place { note: at.note, block: notes[at.note as usize].blocks[at.block as usize].block };
    Cluster { places: all.iter().map(place).collect(), pairs, saved: saved(all.iter().map(words)) }
}

/// How many words would go if only the longest text stayed.
fn saved(lengths: impl Iterator<Item = f64>) -> u32 {
    let (sum, longest) = lengths.fold((0.0, 0.0_f64), |(sum, longest), length| (sum + length, longest.max(length)));
    (sum - longest).round() as u32
}

/// Code that stands in several notes, but for notes that `groups` call one already.
pub(super) fn repeated_code(notes: &[NoteFingerprint], groups: &[NoteGroup]) -> Vec<Cluster> {
    let mut found: FxHashMap<u64, Vec<(Place, u32)>> = FxHashMap::default();
    for (note, print) in (0..).zip(notes) {
        for code in print.code.iter() {
            found.entry(code.text).or_default().push((Place { note, block: code.code }, code.lines));
        }
    }
    let mut joined = Joined::default();
    (0..).zip(notes).for_each(|(note, print)| print.canonical.into_iter().for_each(|of| joined.join(note, of)));
    groups.iter().flat_map(|group| &group.pairs).for_each(|pair| joined.join(pair.a, pair.b));
    let mut differs = |places: &[(Place, u32)]| {
        let first = joined.first(places[0].0.note);
        places.iter().any(|(place, _)| joined.first(place.note) != first)
    };
    let mut clusters: Vec<Cluster> = found.into_values().filter(|places| differs(places)).map(code_cluster).collect();
    clusters.sort_by_key(|cluster| (std::cmp::Reverse(cluster.saved), cluster.places[0]));
    clusters
}

fn code_cluster(places: Vec<(Place, u32)>) -> Cluster {
    let pairs = (1..places.len()).map(|b| Pair { a: 0, b, similarity: 1.0 }).collect();
    let saved = saved(places.iter().map(|(_, lines)| f64::from(*lines)));
    Cluster { places: places.into_iter().map(|(place, _)| place).collect(), pairs, saved }
}

/// The forms of the base, the largest first.
pub(super) fn listed_forms(
    corpus: &Corpus,
    forms: &BoilerplateIndex,
    classes: &[super::search::EqualityClass],
) -> Vec<super::Boilerplate> {
    let form = |(at, notes): (At, u32)| {
        let note = &corpus.notes[at.note as usize];
        let block = &note.blocks[at.block as usize];
        let words = note.whole_words(block.length).round() as u32;
        super::Boilerplate { place: Place { note: at.note, block: block.block }, notes, words }
    };
    let mut forms: Vec<_> = forms.list(corpus, classes).into_iter().map(form).collect();
    forms.sort_by_key(|form| (std::cmp::Reverse(u64::from(form.words) * u64::from(form.notes)), form.place));
    forms
}

/// Things that hang together, each group known by its least member.
struct Joined<T> {
    towards: FxHashMap<T, T>,
}

impl<T> Default for Joined<T> {
    fn default() -> Self {
        Self { towards: FxHashMap::default() }
    }
}

impl<T: Copy + Ord + Hash> Joined<T> {
    fn first(&mut self, of: T) -> T {
        let mut at = of;
        while let Some(&next) = self.towards.get(&at) {
            if let Some(&after) = self.towards.get(&next) {
                self.towards.insert(at, after);
            }
            at = next;
        }
        at
    }

    fn join(&mut self, a: T, b: T) {
        let (a, b) = (self.first(a), self.first(b));
        if a != b {
            self.towards.insert(a.max(b), a.min(b));
        }
    }
}
