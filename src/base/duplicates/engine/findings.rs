//! Turns similar pairs of blocks into findings: notes explaining the same thing, clusters of duplicated blocks, duplicated
//! code. Decides which of several overlapping pairs is reported. Does not know how the pairs were found.
//!
//! Example: two notes share a list item of 40 words with two paragraphs of 20 words inside. The search finds three pairs, the
//! item and both paragraphs; [`outermost`] leaves the item. If that item is at least half of the compared words of the
//! smaller note, [`note_pair`] reports both notes instead, and no block of them.

use super::boilerplate::BoilerplateIndex;
use super::fingerprint::{BLOCK_WORDS, BlockRef, FingerprintId, NoteFingerprint, Notes};
use super::measure::{ALIKE, SAME, similarity};
use super::search::{ClassId, Corpus, Edge, EqualityClass, WordSignature};
use super::words::WordHash;
use super::{Boilerplate, Cluster, Duplicates, NoteGroup, NotePair, Place};
use crate::text::ids::{CodeId, IndexVec, NoteId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::hash::Hash;

/// The fewest compared words of a note for it to be reported as a duplicate of a whole note.
const NOTE_WORDS: f64 = 150.0;
/// The least share of the smaller note's words, also in the larger note, for both to explain the same thing.
const SAME_NOTE: f64 = 0.5;
/// The least share covered by the pairs of the search for which the exact share of two notes is computed.
const WORTH_EXACT_SHARE: f64 = 0.2;
/// The most pairs of blocks compared for the exact share of two notes. Beyond that, only the pairs of the search count.
const MOST_PAIRS: usize = 1 << 20;

/// The notes, duplicated blocks and similar blocks following from `edges`. `code` and `boilerplate` of the result are empty.
pub(super) fn findings(notes: Notes, mut edges: Vec<Edge>, boilerplate: &BoilerplateIndex) -> Duplicates {
    // A note may repeat its canonical version, and two versions of one canonical note may repeat each other.
    edges.retain(|edge| canonical(notes, edge.a.note) != canonical(notes, edge.b.note));
    let mut edges: Vec<Edge> =
        edges.into_iter().filter_map(|edge| without_boilerplate(notes, edge, boilerplate)).collect();
    edges.sort_by_key(|edge| (edge.a.note, edge.b.note, edge.a.block, edge.b.block));
    let (mut pairs, mut same, mut alike) = (Vec::new(), Vec::new(), Vec::new());
    for edges in edges.chunk_by(|x, y| (x.a.note, x.b.note) == (y.a.note, y.b.note)) {
        match note_pair(notes, edges, boilerplate) {
            Some(pair) => pairs.push(pair),
            None => outermost(notes, edges).into_iter().for_each(|edge| match edge.similarity >= SAME {
                true => same.push(edge),
                false => alike.push(edge),
            }),
        }
    }
    // Blocks of one cluster of duplicates are connected already; a similar pair between two of them adds nothing.
    let mut duplicated = UnionFind::default();
    same.iter().for_each(|edge| duplicated.join(edge.a, edge.b));
    alike.retain(|edge| duplicated.first(edge.a) != duplicated.first(edge.b));
    Duplicates {
        notes: groups(notes, pairs),
        blocks: clusters(notes, &same),
        similar: clusters(notes, &alike),
        ..Duplicates::default()
    }
}

/// The canonical version of a note: the note itself unless it names a different one.
fn canonical(notes: Notes, note: NoteId) -> NoteId {
    notes.get(note).canonical.unwrap_or(note)
}

/// The edge with the similarity of both blocks without boilerplate inside. `None` if too few words remain in either, or if
/// the rest is not similar.
fn without_boilerplate(notes: Notes, edge: Edge, boilerplate: &BoilerplateIndex) -> Option<Edge> {
    let own = |at: BlockRef| boilerplate.own_words(notes.get(at.note), at.block);
    let (a, b) = (own(edge.a), own(edge.b));
    // Borrowed words are the whole blocks: the similarity is known.
    if matches!((&a, &b), (Cow::Borrowed(_), Cow::Borrowed(_))) {
        return Some(edge);
    }
    let is_long =
        |at: BlockRef, words: &[WordHash]| notes.get(at.note).whole_words(words.len() as u32) >= f64::from(BLOCK_WORDS);
    let similarity = similarity(&a, &b);
    (similarity >= ALIKE && is_long(edge.a, &a) && is_long(edge.b, &b)).then_some(Edge { similarity, ..edge })
}

// Notes.

/// The pair of notes connected by `edges`, if both explain the same thing: at least [`SAME_NOTE`] of the smaller note is also
/// in the larger one. All edges are between the same two notes.
fn note_pair(notes: Notes, edges: &[Edge], boilerplate: &BoilerplateIndex) -> Option<NotePair> {
    let (a, b) = (edges[0].a.note, edges[0].b.note);
    let length = |note: NoteId| compared_length(notes.get(note), boilerplate);
    let (a_length, b_length) = (length(a), length(b));
    let (small, large, all) = if a_length <= b_length { (a, b, a_length) } else { (b, a, b_length) };
    if all == 0 || notes.get(small).whole_words(all) < NOTE_WORDS {
        return None;
    }
    let of_small = |edge: &Edge| if edge.a.note == small { edge.a.block } else { edge.b.block };
    let known: FxHashSet<FingerprintId> = edges.iter().filter(|edge| edge.similarity >= SAME).map(of_small).collect();
    let (small, large) = (notes.get(small), notes.get(large));
    let share =
        |same: &dyn Fn(FingerprintId) -> bool| f64::from(covered_length(small, boilerplate, same)) / f64::from(all);
    if share(&|block| known.contains(&block)) < WORTH_EXACT_SHARE {
        return None;
    }
    // The search may miss a pair, and the share is compared with a bound and printed: compare each block not yet known.
    let few = small.blocks.len() * large.blocks.len() <= MOST_PAIRS;
    let texts = if few { own_texts(large, boilerplate) } else { Vec::new() };
    let share = share(&|block| known.contains(&block) || has_same(&boilerplate.own_words(small, block), &texts));
    (share >= SAME_NOTE).then_some(NotePair { a, b, share })
}

/// The words of each block of a note, without boilerplate.
fn own_texts<'a>(
    note: &'a NoteFingerprint,
    boilerplate: &BoilerplateIndex,
) -> Vec<(WordSignature, Cow<'a, [WordHash]>)> {
    let blocks = note.iter().filter(|(_, block)| !boilerplate.contains(block));
    blocks.map(|(id, _)| boilerplate.own_words(note, id)).map(|words| (WordSignature::of(&words), words)).collect()
}

/// Whether one of `texts` is a duplicate of `words`.
fn has_same(words: &[WordHash], texts: &[(WordSignature, Cow<[WordHash]>)]) -> bool {
    let signature = WordSignature::of(words);
    texts.iter().any(|(own, text)| signature.may_be_alike(own) && similarity(words, text) >= SAME)
}

/// The number of compared words of a note without boilerplate, each word counted once.
fn compared_length(note: &NoteFingerprint, boilerplate: &BoilerplateIndex) -> u32 {
    covered_length(note, boilerplate, &|_| true)
}

/// The number of words in blocks accepted by `same`, without boilerplate. A word in nested blocks counts once.
fn covered_length(note: &NoteFingerprint, boilerplate: &BoilerplateIndex, same: &dyn Fn(FingerprintId) -> bool) -> u32 {
    let (mut length, mut end) = (0, 0);
    for (id, block) in note.iter() {
        // A block before `end` is inside a block already counted, or inside boilerplate.
        if block.start >= end {
            if boilerplate.contains(block) {
                end = block.end();
            } else if same(id) {
                end = block.end();
                length += boilerplate.own_words(note, id).len() as u32;
            }
        }
    }
    length
}

/// The connected components of `pairs`, the most saved words first.
fn groups(notes: Notes, pairs: Vec<NotePair>) -> Vec<NoteGroup> {
    let mut connected = UnionFind::default();
    pairs.iter().for_each(|pair| connected.join(pair.a, pair.b));
    let mut found: FxHashMap<NoteId, NoteGroup> = FxHashMap::default();
    for pair in pairs {
        let group = found.entry(connected.first(pair.a)).or_default();
        group.notes.extend([pair.a, pair.b]);
        group.pairs.push(pair);
    }
    let mut groups: Vec<_> = found.into_values().collect();
    for group in &mut groups {
        group.notes.sort_unstable();
        group.notes.dedup();
        let length = |note: &NoteId| f64::from(notes.get(*note).thirds) / 3.0;
        group.saved = saved(group.notes.iter().map(length));
    }
    // The first note breaks ties: the order of a hash map must not reach the output.
    groups.sort_by_key(|group| (Reverse(group.saved), group.notes[0]));
    groups
}

// Blocks.

/// The edges of two notes not nested in a larger one. Where a similar edge contains a duplicate, the duplicate is left,
/// because it names the repeated text exactly.
fn outermost(notes: Notes, edges: &[Edge]) -> Vec<Edge> {
    type BlockPair = (FingerprintId, FingerprintId);
    let is_duplicate: FxHashMap<BlockPair, bool> =
        edges.iter().map(|edge| ((edge.a.block, edge.b.block), edge.similarity >= SAME)).collect();
    let mut dropped: FxHashSet<BlockPair> = FxHashSet::default();
    for edge in edges {
        let own = (edge.a.block, edge.b.block);
        for around in enclosing_pairs(notes, edge).filter(|pair| *pair != own) {
            match (is_duplicate.get(&around), edge.similarity >= SAME) {
                (None, _) => {}
                (Some(false), true) => drop(dropped.insert(around)),
                (Some(_), _) => drop(dropped.insert(own)),
            }
        }
    }
    edges.iter().filter(|edge| !dropped.contains(&(edge.a.block, edge.b.block))).copied().collect()
}

/// The pairs of a block of `edge.a` and its enclosing blocks with one of `edge.b` and its enclosing blocks, the pair of the
/// edge first.
fn enclosing_pairs(notes: Notes<'_>, edge: &Edge) -> impl Iterator<Item = (FingerprintId, FingerprintId)> {
    let of = |at: BlockRef| notes.get(at.note).enclosing(at.block);
    let of_b = of(edge.b);
    of(edge.a).flat_map(move |a| of_b.clone().map(move |b| (a, b)))
}

/// The connected components of `edges`, the most saved words first.
fn clusters(notes: Notes, edges: &[Edge]) -> Vec<Cluster> {
    let mut connected = UnionFind::default();
    edges.iter().for_each(|edge| connected.join(edge.a, edge.b));
    let mut found: FxHashMap<BlockRef, Vec<&Edge>> = FxHashMap::default();
    edges.iter().for_each(|edge| found.entry(connected.first(edge.a)).or_default().push(edge));
    let mut clusters: Vec<_> = found.into_values().map(|edges| cluster(notes, &edges)).collect();
    clusters.sort_by_key(|cluster| (Reverse(cluster.saved), cluster.places[0]));
    clusters
}

/// The cluster of all blocks connected by `edges`.
fn cluster(notes: Notes, edges: &[&Edge]) -> Cluster {
    let mut all: Vec<BlockRef> = edges.iter().flat_map(|edge| [edge.a, edge.b]).collect();
    all.sort_unstable();
    all.dedup();
    let words = |at: &BlockRef| notes.get(at.note).whole_words(notes.block(*at).length);
    Cluster {
        places: all.iter().map(|at| place(notes, *at)).collect(),
        similarity: edges.iter().map(|edge| edge.similarity).fold(0.0, f64::max),
        saved: saved(all.iter().map(words)),
    }
}

fn place(notes: Notes, at: BlockRef) -> Place {
    Place { note: at.note, block: notes.block(at).block }
}

/// The sum of `lengths` without the greatest, rounded: the words saved by deleting all copies but the longest.
fn saved(lengths: impl Iterator<Item = f64>) -> u32 {
    let (sum, longest) = lengths.fold((0.0, 0.0_f64), |(sum, longest), length| (sum + length, longest.max(length)));
    (sum - longest).round() as u32
}

// Code and boilerplate.

/// The code in several notes, except code shared only by notes of one group or by a note and its canonical version.
pub(super) fn repeated_code(notes: Notes, groups: &[NoteGroup]) -> Vec<Cluster<CodeId>> {
    let mut found: FxHashMap<u64, Vec<(Place<CodeId>, u32)>> = FxHashMap::default();
    for (note, fingerprint) in notes.iter() {
        for code in fingerprint.code.iter() {
            found.entry(code.text).or_default().push((Place { note, block: code.code }, code.lines));
        }
    }
    let mut connected = UnionFind::default();
    notes.iter().for_each(|(id, note)| note.canonical.into_iter().for_each(|canonical| connected.join(id, canonical)));
    groups.iter().flat_map(|group| &group.pairs).for_each(|pair| connected.join(pair.a, pair.b));
    let mut is_finding = |places: &[(Place<CodeId>, u32)]| {
        let first = connected.first(places[0].0.note);
        places.iter().any(|(place, _)| connected.first(place.note) != first)
    };
    let mut clusters: Vec<_> = found.into_values().filter(|places| is_finding(places)).map(code_cluster).collect();
    clusters.sort_by_key(|cluster| (Reverse(cluster.saved), cluster.places[0]));
    clusters
}

/// The cluster of code blocks with equal lines, each given with the number of its lines.
fn code_cluster(places: Vec<(Place<CodeId>, u32)>) -> Cluster<CodeId> {
    let saved = saved(places.iter().map(|(_, lines)| f64::from(*lines)));
    Cluster { places: places.into_iter().map(|(place, _)| place).collect(), similarity: 1.0, saved }
}

/// The boilerplate of the base, the most words in all notes together first.
pub(super) fn listed_boilerplate(
    corpus: &Corpus,
    boilerplate: &BoilerplateIndex,
    classes: &IndexVec<ClassId, EqualityClass>,
) -> Vec<Boilerplate> {
    let notes = corpus.notes;
    let listed = |(at, note_count): (BlockRef, u32)| {
        let words = notes.get(at.note).whole_words(notes.block(at).length).round() as u32;
        Boilerplate { place: place(notes, at), note_count, words }
    };
    let mut all: Vec<_> = boilerplate.list(notes, corpus, classes).into_iter().map(listed).collect();
    all.sort_by_key(|text| (Reverse(u64::from(text.words) * u64::from(text.note_count)), text.place));
    all
}

/// Disjoint sets of connected values, each represented by its least member. A value never joined is alone in its set.
struct UnionFind<T> {
    /// For every value except representatives, a smaller value of the same set.
    smaller: FxHashMap<T, T>,
}

impl<T> Default for UnionFind<T> {
    fn default() -> Self {
        Self { smaller: FxHashMap::default() }
    }
}

impl<T: Copy + Ord + Hash> UnionFind<T> {
    /// The least value connected with `value`.
    fn first(&mut self, value: T) -> T {
        let mut at = value;
        while let Some(&next) = self.smaller.get(&at) {
            // Path halving: each visited value skips one step, so that a long chain is walked only once.
            if let Some(&after) = self.smaller.get(&next) {
                self.smaller.insert(at, after);
            }
            at = next;
        }
        at
    }

    /// Connects the sets of `a` and `b`.
    fn join(&mut self, a: T, b: T) {
        let (a, b) = (self.first(a), self.first(b));
        if a != b {
            self.smaller.insert(a.max(b), a.min(b));
        }
    }
}
