//! Finds equal and similar blocks of different notes without comparing every pair. Knows fingerprints and the similarity
//! measure; which pairs are reported is decided in [`super::findings`].
//!
//! Two blocks are candidates if they share a *seed*: four consecutive words, or two pairs of consecutive words with one word
//! between the pairs. A block of ten words with any two of them replaced still has such a seed, and so has a block with moved
//! sentences. Candidates with similar enough [`WordSignature`]s are compared exactly. Equal blocks are found first, by their
//! hash, and only the first of them takes part in the search for similar ones.
//!
//! [`super`] has a worked example.

use super::fingerprint::{BlockFingerprint, BlockRef, FingerprintId, NoteFingerprint, Notes};
use super::measure::{ALIKE, similarity};
use super::repeats::{Emitter, Groups, repeats};
use super::words::{WordHash, mix};
use crate::text::ids::{Id, IndexVec, NoteId, id};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The most blocks with the same seed for which all pairs are compared. In a larger crowd, each block is compared with the
/// [`NEAR`] blocks after it and with the first block of the crowd, because the number of pairs is quadratic.
const CROWD: usize = 64;
/// How many following blocks a block of a crowd is compared with.
const NEAR: usize = 4;
/// The number of words up to which every seed of a text is used. Longer texts have more seeds than needed: see
/// [`seed_limit`].
const SEEDED_WORDS: usize = 24;
/// Words per batch in [`each_seed`].
const WORDS_AT_ONCE: usize = 64;

id! {
    /// A compared block of any note: its index in [`Corpus::blocks`].
    pub(super) struct CorpusBlockId;
    /// A class of blocks with equal text: its index in the result of [`equal_texts`].
    pub(super) struct ClassId;
}

/// Two blocks of different notes with a similarity of at least [`ALIKE`]. `a` is in the earlier note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub a: BlockRef,
    pub b: BlockRef,
    pub similarity: f64,
}

impl Edge {
    pub(super) fn new(a: BlockRef, b: BlockRef, similarity: f64) -> Self {
        Self { a: a.min(b), b: a.max(b), similarity }
    }
}

/// The compared blocks of all notes, numbered consecutively in the order of the notes.
pub(super) struct Corpus<'a> {
    pub notes: Notes<'a>,
    /// The first block of each note.
    first: IndexVec<NoteId, CorpusBlockId>,
    blocks: IndexVec<CorpusBlockId, BlockSummary>,
}

/// The data of a block needed for candidates, in 32 bytes: half a cache line, so that a random access costs one line.
#[derive(Debug, Clone, Copy)]
struct BlockSummary {
    signature: WordSignature,
    note: NoteId,
    /// The nearest enclosing compared block.
    parent: Option<CorpusBlockId>,
    /// The first block with the same text. `None` if the text occurs once, and in every block before [`equal_texts`] ran.
    first: Option<CorpusBlockId>,
}

impl<'a> Corpus<'a> {
    pub(super) fn of(notes: Notes<'a>) -> Self {
        let count = notes.0.iter().map(|note| note.blocks.len()).sum();
        let (mut first, mut blocks) = (IndexVec::with_capacity(notes.len()), IndexVec::with_capacity(count));
        for (id, note) in notes.iter() {
            let start: CorpusBlockId = blocks.next_id();
            first.push(start);
            blocks.extend(note.blocks.iter().map(|block| BlockSummary {
                signature: WordSignature::of(note.words_of(block)),
                note: id,
                parent: block.parent.map(|parent| CorpusBlockId::new(start.index() + parent.index())),
                first: None,
            }));
        }
        Self { notes, first, blocks }
    }

    pub(super) fn note_of(&self, id: CorpusBlockId) -> NoteId {
        self.blocks[id].note
    }

    /// Whether an earlier block has the same text.
    fn is_copy(&self, id: CorpusBlockId) -> bool {
        self.blocks[id].first.is_some_and(|first| first != id)
    }

    /// Whether a different block has the same text.
    fn has_equals(&self, id: CorpusBlockId) -> bool {
        self.blocks[id].first.is_some()
    }

    pub(super) fn at(&self, id: CorpusBlockId) -> BlockRef {
        let note = self.note_of(id);
        BlockRef { note, block: FingerprintId::new(id.index() - self.first[note].index()) }
    }

    fn id(&self, at: BlockRef) -> CorpusBlockId {
        CorpusBlockId::new(self.first[at.note].index() + at.block.index())
    }

    /// `id` and all compared blocks around it, from the inside out.
    fn enclosing(&self, id: CorpusBlockId) -> impl Iterator<Item = CorpusBlockId> + '_ {
        std::iter::successors(Some(id), |&id| self.blocks[id].parent)
    }

    pub(super) fn block(&self, id: CorpusBlockId) -> &'a BlockFingerprint {
        self.notes.block(self.at(id))
    }

    fn words(&self, id: CorpusBlockId) -> &'a [WordHash] {
        self.notes.words(self.at(id))
    }
}

/// At least two blocks with equal words, ascending.
pub(super) type EqualityClass = Box<[CorpusBlockId]>;

/// Two different texts with a similarity of at least [`ALIKE`], each represented by the first block with the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SimilarPair {
    pub a: CorpusBlockId,
    pub b: CorpusBlockId,
    pub similarity: f64,
}

/// All classes of blocks with equal text. Sets [`BlockSummary::first`] in `corpus`, a precondition of [`similar_texts`].
pub(super) fn equal_texts(corpus: &mut Corpus) -> IndexVec<ClassId, EqualityClass> {
    let emit = |note: NoteId, emitter: &mut Emitter<CorpusBlockId>| {
        for (block, fingerprint) in corpus.notes.get(note).iter() {
            if emitter.pass.has((fingerprint.text >> 32) as u32) {
                emitter.push(fingerprint.text, corpus.id(BlockRef { note, block }));
            }
        }
    };
    let mut classes = repeats(corpus.notes.len(), corpus.blocks.len(), emit, |groups, out| {
        for range in groups.ranges() {
            let mut ids = groups.ids[range].to_vec();
            // A group shares 32 bits of the hash only; the full hash separates different texts.
            ids.sort_by_key(|&id| (corpus.block(id).text, id));
            let runs = ids.chunk_by(|&a, &b| corpus.block(a).text == corpus.block(b).text);
            out.extend(runs.filter(|run| run.len() > 1).map(EqualityClass::from));
        }
    });
    // The order of groups depends on the scheduling of threads; the output must not.
    classes.sort_unstable();
    for class in &classes {
        class.iter().for_each(|&id| corpus.blocks[id].first = Some(class[0]));
    }
    classes.into()
}

/// All pairs of different texts with a similarity of at least [`ALIKE`]. `classes` is the result of [`equal_texts`] for the
/// same corpus.
pub(super) fn similar_texts(corpus: &Corpus, classes: &IndexVec<ClassId, EqualityClass>) -> Vec<SimilarPair> {
    let emit = |note: NoteId, emitter: &mut Emitter<CorpusBlockId>| {
        let (fingerprint, pass) = (corpus.notes.get(note), emitter.pass);
        for block in fingerprint.ids() {
            let id = corpus.id(BlockRef { note, block });
            // The seeds of a copy are those of the first block; but a block around may be no copy and needs these words.
            if corpus.enclosing(id).any(|id| !corpus.is_copy(id)) {
                seeds_outside_children(fingerprint, block, |word| pass.has(word.bits()), |seed| emitter.push(seed, id));
            }
        }
    };
    let seeds_of = |block: &BlockFingerprint| 2 * SEEDED_WORDS.min((block.length as usize).saturating_sub(3));
    let total = corpus.notes.0.iter().flat_map(NoteFingerprint::innermost).map(seeds_of).sum();
    let mut pairs = repeats(corpus.notes.len(), total, emit, |groups, out| push_candidates(corpus, groups, out));
    classes.iter().flatten().for_each(|&id| push_nested(corpus, id, &mut pairs));
    // One pair has many seeds in common.
    pairs.par_sort_unstable();
    pairs.dedup();
    pairs.into_par_iter().filter_map(|pair| similar_pair(corpus, pair)).collect()
}

/// Two blocks in one integer, the earlier one in the upper half: sorting millions of integers is faster than sorting tuples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct PackedPair(u64);

impl PackedPair {
    fn new(a: CorpusBlockId, b: CorpusBlockId) -> Self {
        Self((a.index() as u64) << 32 | b.index() as u64)
    }

    fn blocks(self) -> (CorpusBlockId, CorpusBlockId) {
        (CorpusBlockId::new((self.0 >> 32) as usize), CorpusBlockId::new(self.0 as u32 as usize))
    }
}

/// Compares a candidate pair exactly. `None` if the similarity is below [`ALIKE`].
fn similar_pair(corpus: &Corpus, pair: PackedPair) -> Option<SimilarPair> {
    let (a, b) = pair.blocks();
    let similarity = similarity(corpus.words(a), corpus.words(b));
    (similarity >= ALIKE).then_some(SimilarPair { a, b, similarity })
}

/// Calls `to` with each seed of `words` that begins with a `wanted` word, and with the positions of the seed's first word and
/// of the word after the seed's last one.
fn each_seed(words: &[WordHash], wanted: impl Fn(WordHash) -> bool, mut to: impl FnMut(u64, usize, usize)) {
    let limit = seed_limit(words.len());
    // `wanted` is random by construction, and a branch on it would be mispredicted half of the time. So the positions of the
    // wanted words are first collected without a branch: always written, and the count advanced by 0 or 1.
    let mut starts = [0; WORDS_AT_ONCE];
    let first_words = &words[..words.len().saturating_sub(3)];
    for (from, batch) in (0..).step_by(WORDS_AT_ONCE).zip(first_words.chunks(WORDS_AT_ONCE)) {
        let mut count = 0;
        for (at, &word) in batch.iter().enumerate() {
            starts[count] = from + at;
            count += usize::from(wanted(word));
        }
        starts[..count].iter().for_each(|&at| seeds_at(words, at, limit, &mut to));
    }
}

/// Calls `to` with the seeds up to `limit` that begin with the word at position `at`: the four words from `at` on, and both
/// pairs around the word at `at + 2` if there are five words left.
fn seeds_at(words: &[WordHash], at: usize, limit: u64, to: &mut impl FnMut(u64, usize, usize)) {
    let pair = |at: usize| u64::from(words[at].bits()) << 32 | u64::from(words[at + 1].bits());
    let half = mix(0, pair(at));
    for second in [at + 2, at + 3].into_iter().take(words.len() - at - 3) {
        let seed = mix(half, pair(second));
        if seed <= limit {
            to(seed, at, second + 2);
        }
    }
}

/// The greatest seed used of a text of `words` words. Seeds are evenly spread, so a limit of `u64::MAX * 24 / words` leaves
/// about as many as a text of [`SEEDED_WORDS`] has. Comparing by value and not by position keeps equal passages of a long and
/// a short text discoverable: every seed used of the long text is also used of the short one.
fn seed_limit(words: usize) -> u64 {
    match words <= SEEDED_WORDS {
        true => u64::MAX,
        false => u64::MAX / words as u64 * SEEDED_WORDS as u64,
    }
}

/// Calls `to` with each seed of `words`.
pub(super) fn seeds(words: &[WordHash], mut to: impl FnMut(u64)) {
    each_seed(words, |_| true, |seed, _, _| to(seed));
}

/// Calls `to` with each seed of `block` that begins with a `wanted` word, except seeds entirely inside a child block: the
/// child emits them, and [`push_pairs`] adds the enclosing blocks.
pub(super) fn seeds_outside_children(
    note: &NoteFingerprint,
    block: FingerprintId,
    wanted: impl Fn(WordHash) -> bool,
    mut to: impl FnMut(u64),
) {
    let whole = &note[block];
    let mut children = note.inside(block).filter(|(_, inner)| inner.parent == Some(block)).map(|(_, inner)| inner);
    let mut child = children.next();
    each_seed(note.words_of(whole), wanted, |seed, from, until| {
        let (from, until) = (whole.start + from as u32, whole.start + until as u32);
        // Seeds come in ascending order, so the children are passed once, like in a merge.
        while child.is_some_and(|child| child.end() <= from) {
            child = children.next();
        }
        if child.is_none_or(|child| from < child.start || until > child.end()) {
            to(seed);
        }
    });
}

/// Appends the candidate pairs of each group: pairs of blocks with a common seed that pass the signature pre-filter, and
/// pairs of the blocks around them.
fn push_candidates(corpus: &Corpus, groups: &Groups<CorpusBlockId>, out: &mut Vec<PackedPair>) {
    // Loading all summaries in one loop lets the processor overlap the cache misses; one by one, each would be waited for.
    let summaries: Vec<BlockSummary> = groups.ids.iter().map(|&id| corpus.blocks[id]).collect();
    for range in groups.ranges() {
        let (ids, summaries) = (&groups.ids[range.clone()], &summaries[range]);
        for (at, (&a, own)) in ids.iter().zip(summaries).enumerate() {
            let from = at + 1;
            for (&b, next) in followers(ids, at).iter().zip(&summaries[from..]).filter(|(b, _)| **b != a) {
                // Without blocks around them, the pre-filter decides here and the pair is not looked up again.
                if own.parent.is_some() || next.parent.is_some() || own.signature.may_be_alike(&next.signature) {
                    push_pairs(corpus, a, b, out);
                }
            }
        }
    }
}

/// Appends every pair of a block out of `a` and its enclosing blocks with one out of `b` and its enclosing blocks.
fn push_pairs(corpus: &Corpus, a: CorpusBlockId, b: CorpusBlockId, out: &mut Vec<PackedPair>) {
    for a in corpus.enclosing(a).filter(|&a| !corpus.is_copy(a)) {
        corpus.enclosing(b).filter(|&b| !corpus.is_copy(b)).for_each(|b| push_pair(corpus, a, b, out));
    }
}

/// Appends the pairs of a block with the blocks around it. The block belongs to an equality class, so a copy in another note
/// may be similar to the enclosing block here, though no seed connects them.
fn push_nested(corpus: &Corpus, id: CorpusBlockId, out: &mut Vec<PackedPair>) {
    let first = |id: CorpusBlockId| corpus.blocks[id].first.unwrap_or(id);
    corpus.enclosing(id).skip(1).for_each(|around| push_pair(corpus, first(id), first(around), out));
}

/// Appends a pair of first blocks if it passes the signature pre-filter. A pair within one note is a candidate only if a copy
/// of one of its texts is in a different note.
fn push_pair(corpus: &Corpus, a: CorpusBlockId, b: CorpusBlockId, out: &mut Vec<PackedPair>) {
    let (a, b) = (a.min(b), a.max(b));
    let (first, second) = (&corpus.blocks[a], &corpus.blocks[b]);
    let in_two_notes = first.note != second.note || corpus.has_equals(a) || corpus.has_equals(b);
    if a != b && in_two_notes && first.signature.may_be_alike(&second.signature) {
        out.push(PackedPair::new(a, b));
    }
}

/// A summary of a text's words in 20 bytes, for rejecting most candidates without reading their words.
#[derive(Debug, Clone, Copy)]
pub(super) struct WordSignature {
    /// The number of words.
    length: u32,
    /// One bit for each of 128 kinds of words, a kind being the low 7 bits of the hash.
    kinds: [u32; 4],
}

impl WordSignature {
    pub(super) fn of(words: &[WordHash]) -> Self {
        let mut kinds = [0; 4];
        words.iter().for_each(|word| kinds[(word.bits() >> 5 & 3) as usize] |= 1 << (word.bits() & 31));
        Self { length: words.len() as u32, kinds }
    }

    /// False only if the similarity of both texts is certainly below [`ALIKE`]. Each kind missing in the second text is at
    /// least one word, and one shingle, missing there; the remaining words bound the longest common subsequence.
    pub(super) fn may_be_alike(&self, second: &Self) -> bool {
        let (own, theirs) = (self.length - self.kinds_not_in(second), second.length - second.kinds_not_in(self));
        f64::from(2 * own.min(theirs)) >= ALIKE * f64::from(self.length + second.length)
    }

    fn kinds_not_in(&self, second: &Self) -> u32 {
        self.kinds.iter().zip(second.kinds).map(|(own, theirs)| (own & !theirs).count_ones()).sum()
    }
}

/// All pairs of `wanted` blocks of different notes with equal or similar text. For a text in more than [`CROWD`] blocks not
/// all pairs, but enough to connect the blocks.
pub(super) fn edges(
    corpus: &Corpus,
    classes: &IndexVec<ClassId, EqualityClass>,
    similar: &[SimilarPair],
    wanted: impl Fn(CorpusBlockId) -> bool,
) -> Vec<Edge> {
    let class_of: FxHashMap<CorpusBlockId, ClassId> =
        classes.iter_enumerated().map(|(id, class)| (class[0], id)).collect();
    let classes: IndexVec<ClassId, EqualityClass> =
        classes.iter().map(|class| class.iter().copied().filter(|&id| wanted(id)).collect()).collect();
    let mut out = Vec::new();
    let mut push = |a: CorpusBlockId, b: CorpusBlockId, similarity: f64| {
        if corpus.note_of(a) != corpus.note_of(b) {
            out.push(Edge::new(corpus.at(a), corpus.at(b), similarity));
        }
    };
    for class in &classes {
        pairs_within(class, |a, b| push(a, b, 1.0));
    }
    for SimilarPair { a, b, similarity } in similar {
        // A pair holds for all blocks with these texts, not only for the first two.
        let with_equals = |id: &CorpusBlockId| class_of.get(id).map_or(vec![*id], |&class| classes[class].to_vec());
        let (mut from, mut to) = (with_equals(a), with_equals(b));
        from.retain(|&id| wanted(id));
        to.retain(|&id| wanted(id));
        pairs_between(&from, &to, |a, b| push(a, b, *similarity));
    }
    out
}

/// Calls `to` with pairs connecting all of `ids`.
fn pairs_within(ids: &[CorpusBlockId], mut to: impl FnMut(CorpusBlockId, CorpusBlockId)) {
    for (at, &a) in ids.iter().enumerate() {
        followers(ids, at).iter().for_each(|&b| to(a, b));
    }
}

/// Calls `push` with all pairs of a block in `from` and one in `to`. If both are large, only with the pairs containing the
/// first block of either: these connect all blocks.
fn pairs_between(from: &[CorpusBlockId], to: &[CorpusBlockId], mut push: impl FnMut(CorpusBlockId, CorpusBlockId)) {
    let few = from.len() * to.len() <= CROWD * CROWD;
    for (row, &a) in from.iter().enumerate() {
        let partners = if few || row == 0 { to } else { &to[..1] };
        partners.iter().for_each(|&b| push(a, b));
    }
}

/// The members after `members[at]` to be compared with it: all, or the next [`NEAR`] in a crowd.
fn followers<T>(members: &[T], at: usize) -> &[T] {
    match members.len() <= CROWD || at == 0 {
        true => &members[at + 1..],
        false => &members[at + 1..(at + 1 + NEAR).min(members.len())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_fits_half_a_cache_line() {
        assert_eq!(size_of::<BlockSummary>(), 32);
    }
}
