//! Finds all pairs of similar passages of different notes without comparing every pair. Knows weights; knows no notes and no
//! text. The result equals that of comparing all pairs, which the tests do.
//!
//! Stems are ranked, the rarest first, and the weights of a passage have length 1. Let two passages be similar, with a cosine of
//! at least *t*, and let *f* and *g* be the first two stems that they have in common. By the inequality of Cauchy and Schwarz the
//! cosine is at most the product of what [`Entry::reach`] is for each of them: the length of the vector of the weights of *f*,
//! of *g*, and of all stems after *g*. So
//!
//! 1. only stems up to which a passage reaches *t* are its prefix, and no other stem is looked up;
//! 2. within the passages with *f* and *g*, sorted by reach, the search for partners stops where the product falls below *t*;
//! 3. of the remaining pairs, most are rejected by 64 bits that say which kinds of stems come after *g*;
//! 4. the rest are compared stem by stem, until what is left cannot reach *t* any more.
//!
//! Example with *t* = 0.5: `planner`, `stale`, `estimate`, `plan`, `wrong` with the weights 0.6, 0.5, 0.4, 0.4, 0.25 and `stale`,
//! `estimate`, `mislead`, `plan` with 0.5, 0.5, 0.5, 0.5 have `stale` and `estimate` as first common stems. The reach of the
//! first is √(0.5² + 0.4² + 0.4² + 0.25²) = 0.79, that of the second 1, and the product 0.79 is enough; of kinds after `estimate`
//! they share that of `plan`. The cosine is 0.25 + 0.2 + 0.2 = 0.65.

use super::corpus::{Corpus, CorpusPassage, CorpusPassageId, PassageRef, Position, PositionId, Rank};
use super::passages::PassageId;
use super::weights::{MIN_SHARED, ONE};
use crate::text::ids::{Id, IdRange, IndexVec, NoteId};
use rayon::prelude::*;

/// Bounds are compared with this share of the threshold: they are computed with 24 bits, and rounded weights make a passage up to
/// 1.0003 long.
const SLACK: f32 = 0.999;
/// The number of consecutive stems searched at once by one thread.
const STEMS_AT_ONCE: usize = 64;

/// Two similar passages of different notes. Ordered by notes, so that all passages of two notes are together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SimilarPassages {
    /// The earlier note first.
    pub notes: (NoteId, NoteId),
    /// A passage of each note.
    pub passages: (PassageId, PassageId),
    /// In units of 1 / [`ONE`].
    pub cosine: u32,
}

impl SimilarPassages {
    pub(super) fn new(a: PassageRef, b: PassageRef, cosine: u32) -> SimilarPassages {
        let (a, b) = (a.min(b), a.max(b));
        SimilarPassages { notes: (a.note, b.note), passages: (a.passage, b.passage), cosine }
    }
}

/// A passage with the stem *f* and, in [`Entry::position`], the stem *g*.
#[derive(Clone, Copy)]
struct Entry {
    /// The length of the vector of the weights of *f*, *g* and all stems after *g*.
    reach: f32,
    /// The weight of *f*.
    first: u32,
    /// The weight of *g*.
    second: u32,
    /// The length of the vector of the weights after *g*.
    rest: f32,
    /// See [`Position::kinds_after`].
    kinds: u64,
    repeated_kinds: u32,
    largest: f32,
    position: PositionId,
    passage: CorpusPassageId,
}

/// A stem of a passage that is part of its prefix.
#[derive(Debug, Clone, Copy)]
struct Posting {
    passage: CorpusPassageId,
    position: PositionId,
    /// See [`Position::mass`]: here as well, because looking up a position is a cache miss.
    mass: f32,
}

/// The search of one thread.
struct Search<'a> {
    corpus: &'a Corpus,
    threshold: u32,
    /// The smallest sum of squared weights within reach of the threshold.
    least_mass: f32,
    /// For each stem *g* the number of its entries, then the end of its entries. All 0 between two stems *f*.
    ends: IndexVec<Rank, u32>,
    /// The stems *g* with entries.
    seconds: Vec<Rank>,
    /// The entries of one stem *f*, in order of *g*.
    entries: Vec<Entry>,
    unsorted: Vec<(Rank, Entry)>,
}

/// All pairs of passages of different notes with a cosine of at least `threshold`, in units of 1 / [`ONE`], except pairs of
/// checklists. Sorted.
pub(super) fn similar_passages(corpus: &Corpus, threshold: u32) -> Vec<SimilarPassages> {
    let least_mass = threshold as f32 * (threshold as f32 / ONE as f32) * SLACK;
    let postings = postings(corpus, least_mass);
    let chunks: Vec<IdRange<Rank>> = postings.ids().chunks(STEMS_AT_ONCE).collect();
    let new_search = || Search {
        corpus,
        threshold,
        least_mass,
        ends: IndexVec::filled(0, corpus.stem_count),
        seconds: Vec::new(),
        entries: Vec::new(),
        unsorted: Vec::new(),
    };
    let mut found: Vec<SimilarPassages> = chunks
        .par_iter()
        .with_max_len(1)
        .map_init(new_search, |search, ranks| {
            let mut found = Vec::new();
            ranks.iter().for_each(|first| search.partners(first, &postings[first], &mut found));
            found
        })
        .flatten_iter()
        .collect();
    found.par_sort_unstable();
    found
}

/// For each stem the positions in whose passages it is part of the prefix.
fn postings(corpus: &Corpus, least_mass: f32) -> IndexVec<Rank, Vec<Posting>> {
    let mut postings: IndexVec<Rank, Vec<Posting>> = IndexVec::filled(Vec::new(), corpus.stem_count);
    for (id, passage) in corpus.passages.iter_enumerated() {
        let prefix = passage.positions.iter().take_while(|&at| corpus.positions[at].mass >= least_mass);
        prefix.for_each(|at| {
            let position = &corpus.positions[at];
            postings[position.rank].push(Posting { passage: id, position: at, mass: position.mass });
        });
    }
    postings
}

impl Search<'_> {
    /// Appends the pairs whose first common stem is `first`.
    fn partners(&mut self, first: Rank, list: &[Posting], found: &mut Vec<SimilarPassages>) {
        if list.len() < 2 {
            return;
        }
        // No passage of the list reaches further than this, so entries need to reach at least the rest.
        let most = list.iter().map(|posting| posting.mass).fold(0.0, f32::max);
        let least_mass = self.least_mass * (ONE as f32 / most).max(1.0);
        let reaching = list.iter().filter(|posting| posting.mass >= least_mass);
        reaching.for_each(|posting| self.push_entries(posting.passage, posting.position, least_mass));
        self.sort_by_second();
        let mut entries = std::mem::take(&mut self.entries);
        let mut rest = &mut entries[..];
        let mut seconds = std::mem::take(&mut self.seconds);
        for second in seconds.drain(..) {
            let (own, after) = rest.split_at_mut(std::mem::take(&mut self.ends[second]) as usize);
            rest = after;
            if own.len() > 1 {
                own.sort_unstable_by(|a, b| b.reach.total_cmp(&a.reach));
                self.pairs(first, own, found);
            }
        }
        (self.entries, self.seconds) = (entries, seconds);
    }

    /// Adds an entry for each stem *g* after the stem *f* at `at`, as far as the squared weights sum up to `least_mass`.
    fn push_entries(&mut self, passage: CorpusPassageId, at: PositionId, least_mass: f32) {
        let positions = IdRange { start: at.next(), end: self.corpus.passages[passage].positions.end };
        let first = self.corpus.positions[at].weight;
        let own_mass = (first as f32) * (first as f32);
        for position in positions {
            let second: &Position = &self.corpus.positions[position];
            let mass = own_mass + second.mass;
            if mass < least_mass {
                break;
            }
            let weight = second.weight as f32;
            let entry = Entry {
                reach: mass.sqrt(),
                first,
                second: second.weight,
                rest: (second.mass - weight * weight).max(0.0).sqrt(),
                kinds: second.kinds_after,
                repeated_kinds: second.repeated_kinds,
                largest: second.largest_after,
                position,
                passage,
            };
            let count = &mut self.ends[second.rank];
            if *count == 0 {
                self.seconds.push(second.rank);
            }
            *count += 1;
            self.unsorted.push((second.rank, entry));
        }
    }

    /// Moves all entries to [`Self::entries`], those of one stem *g* together, in the order of [`Self::seconds`].
    fn sort_by_second(&mut self) {
        let Some(&(_, filler)) = self.unsorted.first() else { return self.entries.clear() };
        let mut start = 0;
        for &second in &self.seconds {
            start += std::mem::replace(&mut self.ends[second], start);
        }
        self.entries.clear();
        self.entries.resize(self.unsorted.len(), filler);
        for (second, entry) in self.unsorted.drain(..) {
            let end = &mut self.ends[second];
            self.entries[*end as usize] = entry;
            *end += 1;
        }
        // Lengths instead of ends, which is what the caller needs.
        let mut before = 0;
        for &second in &self.seconds {
            let end = self.ends[second];
            self.ends[second] = end - before;
            before = end;
        }
    }

    /// Appends the similar pairs among the entries of one pair of stems, sorted by reach.
    fn pairs(&self, first: Rank, entries: &[Entry], found: &mut Vec<SimilarPassages>) {
        let least = self.threshold as f32 * SLACK;
        for (at, a) in entries.iter().enumerate() {
            let least_reach = least / a.reach;
            for b in entries[at + 1..].iter().take_while(|b| b.reach >= least_reach) {
                let sum = (a.first * b.first + a.second * b.second) as f32;
                let kinds = (a.kinds & b.kinds).count_ones();
                if kinds == 0 || sum + a.rest * b.rest < least {
                    continue;
                }
                let count = kinds + a.repeated_kinds.min(b.repeated_kinds);
                if sum + count as f32 * a.largest * b.largest < least {
                    continue;
                }
                if let Some(cosine) = self.cosine(a, b).filter(|_| self.is_first(first, a, b)) {
                    let (a, b) = (&self.corpus.passages[a.passage], &self.corpus.passages[b.passage]);
                    if are_comparable(a, b) {
                        found.push(SimilarPassages::new(a.at, b.at, cosine));
                    }
                }
            }
        }
    }

    /// The cosine of two passages whose first common stems are *f* and *g*. `None` below the threshold.
    fn cosine(&self, a: &Entry, b: &Entry) -> Option<u32> {
        let rest = |entry: &Entry| {
            let after = IdRange { start: entry.position, end: self.corpus.passages[entry.passage].positions.end };
            &self.corpus.positions[after][1..]
        };
        let (mut left, mut right) = (rest(a), rest(b));
        let (mut sum, mut shared) = (a.first * b.first + a.second * b.second, 2);
        while let ([x, after_x @ ..], [y, after_y @ ..]) = (left, right) {
            match x.rank.cmp(&y.rank) {
                std::cmp::Ordering::Equal => {
                    sum += x.weight * y.weight;
                    shared += 1;
                    (left, right) = (after_x, after_y);
                }
                order => {
                    let missing = (self.threshold as f32 - sum as f32).max(0.0) * SLACK;
                    if x.mass * y.mass < missing * missing {
                        return None;
                    }
                    if order.is_lt() { left = after_x } else { right = after_y }
                }
            }
        }
        (sum >= self.threshold && shared >= MIN_SHARED).then_some(sum)
    }

    /// Whether *f* and *g* are the first two common stems. Each pair is found once for every two common stems, and reported here
    /// alone.
    fn is_first(&self, first: Rank, a: &Entry, b: &Entry) -> bool {
        let before = |entry: &Entry| {
            let start = self.corpus.passages[entry.passage].positions.start;
            &self.corpus.positions[IdRange { start, end: entry.position }]
        };
        let other = before(b);
        before(a).iter().all(|x| x.rank == first || other.binary_search_by_key(&x.rank, |y| y.rank).is_err())
    }
}

/// Whether two passages are of different notes and not both checklists.
pub(super) fn are_comparable(a: &CorpusPassage, b: &CorpusPassage) -> bool {
    a.at.note != b.at.note && !(a.is_checklist && b.is_checklist)
}
