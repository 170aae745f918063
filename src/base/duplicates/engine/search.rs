//! Which blocks of different notes are alike, found without comparing all with all. Knows prints and measures; what to make
//! of a likeness is decided elsewhere.
//!
//! Two blocks are compared if they share a seed: four words in a row, or two pairs of words in a row with one word between
//! them. A block in which at most two words of ten were replaced keeps such a seed wherever they stand; so does one whose
//! sentences were moved. Equal texts are told apart from alike ones first and searched for only once.

use super::fingerprint::{BlockFingerprint, NONE, NoteFingerprint};
use super::measure::{ALIKE, similarity};
use super::repeats::{Emitter, Groups, repeats};
use super::words::mix;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Of a seed that more texts share, not all pairs are compared: each is with those that follow it, and with the first.
const CROWD: usize = 64;
/// How many followers.
const NEAR: usize = 4;
/// A longer text has seeds to spare.
const SEEDED_WORDS: usize = 24;
/// Words that are looked at together for seeds.
const WORDS_AT_ONCE: usize = 64;

/// A block: its note, and its place in [`NoteFingerprint::blocks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct At {
    pub note: u32,
    pub block: u32,
}

/// Two blocks of different notes that are alike by at least [`ALIKE`], that of the earlier note first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub a: At,
    pub b: At,
    pub similarity: f64,
}

impl Edge {
    pub(super) fn new(a: At, b: At, similarity: f64) -> Self {
        Self { a: a.min(b), b: a.max(b), similarity }
    }
}

/// All notes, their blocks numbered through.
pub(super) struct Corpus<'a> {
    pub notes: &'a [NoteFingerprint],
    /// The number of each note's first block, and of all.
    first: Vec<u32>,
    cards: Vec<BlockSummary>,
}

/// What the search must know of a block, in half a cache line.
#[derive(Debug, Clone, Copy)]
struct BlockSummary {
    glance: WordSignature,
    note: u32,
    /// The number of the block it stands in, or [`NONE`].
    around: u32,
    /// The number of the first block with its text; [`NONE`] if no other has it, or equal texts were not told yet.
    first: u32,
}

impl<'a> Corpus<'a> {
    pub(super) fn of(notes: &'a [NoteFingerprint]) -> Self {
        let blocks = notes.iter().map(|note| note.blocks.len()).sum();
        let (mut first, mut cards) = (vec![0], Vec::with_capacity(blocks));
        for (at, note) in (0..).zip(notes) {
            let own = cards.len() as u32;
            cards.extend(note.blocks.iter().map(|block| BlockSummary {
                glance: WordSignature::of(note.words_of(block)),
                note: at,
                around: if block.parent == NONE { NONE } else { own + block.parent },
                first: NONE,
            }));
            first.push(cards.len() as u32);
        }
        Self { notes, first, cards }
    }

    pub(super) fn blocks(&self) -> usize {
        self.cards.len()
    }

    pub(super) fn note_of(&self, id: u32) -> u32 {
        self.cards[id as usize].note
    }

    /// Whether an earlier block has the same text.
    fn is_copy(&self, id: u32) -> bool {
        ![NONE, id].contains(&self.cards[id as usize].first)
    }

    fn has_equals(&self, id: u32) -> bool {
        self.cards[id as usize].first != NONE
    }

    pub(super) fn at(&self, id: u32) -> At {
        let note = self.note_of(id);
        At { note, block: id - self.first[note as usize] }
    }

    /// A block and those it stands in.
    fn enclosing(&self, id: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(Some(id), |&id| Some(self.cards[id as usize].around).filter(|&around| around != NONE))
    }

    pub(super) fn block(&self, id: u32) -> &'a BlockFingerprint {
        let note = self.note_of(id) as usize;
        &self.notes[note].blocks[(id - self.first[note]) as usize]
    }

    pub(super) fn words(&self, id: u32) -> &'a [u32] {
        self.notes[self.note_of(id) as usize].words_of(self.block(id))
    }
}

/// Blocks with the very same words, ascending, at least two.
pub(super) type EqualityClass = Box<[u32]>;

/// Two texts that are alike but not equal, each by the first block that has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SimilarPair {
    pub a: u32,
    pub b: u32,
    pub similarity: f64,
}

/// All blocks that have the same words as another. From now on the corpus knows them.
pub(super) fn equal_texts(corpus: &mut Corpus) -> Vec<EqualityClass> {
    let emit = |note: usize, sink: &mut Emitter| {
        let first = corpus.first[note];
        for (id, block) in (first..).zip(corpus.notes[note].blocks.iter()) {
            if sink.round.has((block.text >> 32) as u32) {
                sink.push(block.text, id);
            }
        }
    };
    let mut classes = repeats(corpus.notes.len(), corpus.blocks(), emit, |groups, out| {
        for range in groups.ranges() {
            let mut ids = groups.ids[range].to_vec();
            ids.sort_by_key(|&id| (corpus.block(id).text, id));
            let runs = ids.chunk_by(|&a, &b| corpus.block(a).text == corpus.block(b).text);
            out.extend(runs.filter(|run| run.len() > 1).map(EqualityClass::from));
        }
    });
    classes.sort_unstable();
    for class in &classes {
        class.iter().for_each(|&id| corpus.cards[id as usize].first = class[0]);
    }
    classes
}

/// All texts that are alike by at least [`ALIKE`] and not equal, of a corpus that knows its equal ones.
pub(super) fn alike_texts(corpus: &Corpus, classes: &[EqualityClass]) -> Vec<SimilarPair> {
    let emit = |note: usize, sink: &mut Emitter| {
        let (first, print, round) = (corpus.first[note], &corpus.notes[note], sink.round);
        for block in 0..print.blocks.len() as u32 {
            let id = first + block;
            if corpus.enclosing(id).any(|id| !corpus.is_copy(id)) {
                seeds_outside_children(print, block, |word| round.has(word), |seed| sink.push(seed, id));
            }
        }
    };
    let seeds_of = |block: &BlockFingerprint| 2 * SEEDED_WORDS.min((block.length as usize).saturating_sub(3));
    let total = corpus.notes.iter().flat_map(NoteFingerprint::innermost).map(seeds_of).sum();
    let mut pairs = repeats(corpus.notes.len(), total, emit, |groups, out| candidates(corpus, groups, out));
    classes.iter().flatten().for_each(|&id| push_nested(corpus, id, &mut pairs));
    pairs.par_sort_unstable();
    pairs.dedup();
    pairs.into_par_iter().filter_map(|pair| likeness(corpus, (pair >> 32) as u32, pair as u32)).collect()
}

fn likeness(corpus: &Corpus, a: u32, b: u32) -> Option<SimilarPair> {
    let similarity = similarity(corpus.words(a), corpus.words(b));
    (similarity >= ALIKE).then_some(SimilarPair { a, b, similarity })
}

/// Calls `to` with the seeds of a text whose first word is wanted, and with the places of the first word of each and of the
/// word behind its last.
fn each_seed(words: &[u32], wanted: impl Fn(u32) -> bool, mut to: impl FnMut(u64, usize, usize)) {
    let limit = seed_limit(words.len());
    // Whether a word is wanted is a coin toss, which a branch would guess wrong: their places are gathered without one.
    let mut places = [0; WORDS_AT_ONCE];
    let starts = &words[..words.len().saturating_sub(3)];
    for (from, starts) in (0..).step_by(WORDS_AT_ONCE).zip(starts.chunks(WORDS_AT_ONCE)) {
        let mut count = 0;
        for (at, &word) in starts.iter().enumerate() {
            places[count] = from + at;
            count += usize::from(wanted(word));
        }
        places[..count].iter().for_each(|&at| seeds_at(words, at, limit, &mut to));
    }
}

/// The one or two seeds that begin with the word at `at`.
fn seeds_at(words: &[u32], at: usize, limit: u64, to: &mut impl FnMut(u64, usize, usize)) {
    let pair = |at: usize| u64::from(words[at]) << 32 | u64::from(words[at + 1]);
    let half = mix(0, pair(at));
    for second in [at + 2, at + 3].into_iter().take(words.len() - at - 3) {
        let seed = mix(half, pair(second));
        if seed <= limit {
            to(seed, at, second + 2);
        }
    }
}

/// Of a long text only seeds up to this are used, about as many as of one of [`SEEDED_WORDS`]. What a longer text uses, a
/// shorter one uses too.
fn seed_limit(words: usize) -> u64 {
    match words <= SEEDED_WORDS {
        true => u64::MAX,
        false => u64::MAX / words as u64 * SEEDED_WORDS as u64,
    }
}

/// Calls `to` with the seeds of a text.
pub(super) fn seeds(words: &[u32], mut to: impl FnMut(u64)) {
    each_seed(words, |_| true, |seed, _, _| to(seed));
}

/// Calls `to` with the seeds of a block whose first word is wanted, but for those that are a child's.
pub(super) fn seeds_outside_children(
    note: &NoteFingerprint,
    block: u32,
    wanted: impl Fn(u32) -> bool,
    mut to: impl FnMut(u64),
) {
    let whole = &note.blocks[block as usize];
    let end = whole.start + whole.length;
    let mut children = note.blocks[block as usize + 1..].iter().take_while(|inner| inner.start < end);
    let mut child = children.find(|inner| inner.parent == block);
    each_seed(note.words_of(whole), wanted, |seed, from, until| {
        let (from, until) = (whole.start + from as u32, whole.start + until as u32);
        while child.is_some_and(|child| child.start + child.length <= from) {
            child = children.find(|inner| inner.parent == block);
        }
        if child.is_none_or(|child| from < child.start || until > child.start + child.length) {
            to(seed);
        }
    });
}

/// The pairs of texts that share a seed and are not unlike at a glance: the blocks of a group, and those that they stand in.
fn candidates(corpus: &Corpus, groups: &Groups, out: &mut Vec<u64>) {
    // All are fetched first, since a processor waits for many far places of memory as long as for one.
    let cards: Vec<BlockSummary> = groups.ids.iter().map(|&id| corpus.cards[id as usize]).collect();
    for range in groups.ranges() {
        let (ids, cards) = (&groups.ids[range.clone()], &cards[range]);
        for (at, (&a, card)) in ids.iter().zip(cards).enumerate() {
            let from = at + 1;
            for (&b, other) in followers(ids, at).iter().zip(&cards[from..]).filter(|(b, _)| **b != a) {
                if card.around != NONE || other.around != NONE || card.glance.may_be_alike(&other.glance) {
                    push_pairs(corpus, a, b, out);
                }
            }
        }
    }
}

/// The pairs of two blocks and those they stand in.
fn push_pairs(corpus: &Corpus, a: u32, b: u32, out: &mut Vec<u64>) {
    for a in corpus.enclosing(a).filter(|&a| !corpus.is_copy(a)) {
        let others = corpus.enclosing(b).filter(|&b| !corpus.is_copy(b));
        others.for_each(|b| push_pair(corpus, a, b, out));
    }
}

/// The pairs of a text that stands elsewhere, too, with the blocks around it.
fn push_nested(corpus: &Corpus, id: u32, out: &mut Vec<u64>) {
    let first = |id: u32| if corpus.has_equals(id) { corpus.cards[id as usize].first } else { id };
    corpus.enclosing(id).skip(1).for_each(|around| push_pair(corpus, first(id), first(around), out));
}

/// Two texts of one note are a pair only if another note has one of them, too.
fn push_pair(corpus: &Corpus, a: u32, b: u32, out: &mut Vec<u64>) {
    let (a, b) = (a.min(b), a.max(b));
    let (one, other) = (&corpus.cards[a as usize], &corpus.cards[b as usize]);
    let apart = one.note != other.note || corpus.has_equals(a) || corpus.has_equals(b);
    if a != b && apart && one.glance.may_be_alike(&other.glance) {
        out.push(u64::from(a) << 32 | u64::from(b));
    }
}

/// What can be told of a text's words without reading it again.
#[derive(Debug, Clone, Copy)]
pub(super) struct WordSignature {
    length: u32,
    /// A bit for each of 128 kinds of words.
    kinds: [u64; 2],
}

impl WordSignature {
    pub(super) fn of(words: &[u32]) -> Self {
        let mut kinds = [0; 2];
        words.iter().for_each(|word| kinds[(word >> 6 & 1) as usize] |= 1 << (word & 63));
        Self { length: words.len() as u32, kinds }
    }

    /// False only if the two texts' similarity is surely under [`ALIKE`]: a kind of words that the other has not is at
    /// least one word, and one shingle, that the other has not.
    pub(super) fn may_be_alike(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.length - self.kinds_not_in(other), other.length - other.kinds_not_in(self));
        f64::from(2 * mine.min(theirs)) >= ALIKE * f64::from(self.length + other.length)
    }

    fn kinds_not_in(&self, other: &Self) -> u32 {
        (0..2).map(|half| (self.kinds[half] & !other.kinds[half]).count_ones()).sum()
    }
}

/// Every pair of blocks of different notes that have equal or alike texts and of which `wanted` holds. Of a text in more than
/// [`CROWD`] blocks not all pairs, but enough to connect them.
pub(super) fn edges(
    corpus: &Corpus,
    classes: &[EqualityClass],
    alike: &[SimilarPair],
    wanted: impl Fn(u32) -> bool,
) -> Vec<Edge> {
    let class_of: FxHashMap<u32, usize> = classes.iter().enumerate().map(|(at, class)| (class[0], at)).collect();
    let classes: Vec<EqualityClass> =
        classes.iter().map(|class| class.iter().copied().filter(|&id| wanted(id)).collect()).collect();
    let mut out = Vec::new();
    let mut push = |a: u32, b: u32, similarity: f64| {
        if corpus.note_of(a) != corpus.note_of(b) {
            out.push(Edge::new(corpus.at(a), corpus.at(b), similarity));
        }
    };
    for class in &classes {
        pairs_within(class, |a, b| push(a, b, 1.0));
    }
    for SimilarPair { a, b, similarity } in alike {
        let with_equals = |id: &u32| class_of.get(id).map_or(vec![*id], |&at| classes[at].to_vec());
        let (mut from, mut to) = (with_equals(a), with_equals(b));
        from.retain(|&id| wanted(id));
        to.retain(|&id| wanted(id));
        pairs_between(&from, &to, |a, b| push(a, b, *similarity));
    }
    out
}

fn pairs_within(ids: &[u32], mut to: impl FnMut(u32, u32)) {
    for (at, &a) in ids.iter().enumerate() {
        let others = followers(ids, at);
        others.iter().for_each(|&b| to(a, b));
    }
}

fn pairs_between(from: &[u32], to: &[u32], mut push: impl FnMut(u32, u32)) {
    let few = from.len() * to.len() <= CROWD * CROWD;
    for (row, &a) in from.iter().enumerate() {
        let others = if few || row == 0 { to } else { &to[..1] };
        others.iter().for_each(|&b| push(a, b));
    }
}

/// Those after `members[at]` that it is compared with: all, unless it is one of a crowd.
fn followers<T>(members: &[T], at: usize) -> &[T] {
    match members.len() <= CROWD || at == 0 {
        true => &members[at + 1..],
        false => &members[at + 1..(at + 1 + NEAR).min(members.len())],
    }
}
