//! Finds the keys occurring more than once in a long stream of keys, in linear time and bounded memory. Knows numbers only.
//!
//! The key space is read in passes, so that the keys of one pass fit in memory. Each pass distributes its keys to buckets
//! that fit a processor's cache. In each bucket, two bitmaps reject nearly all unique keys, and only the rest is sorted.
//!
//! Example: the keys 7, 3, 7, 5 of the sources 0, 1, 2, 3 give one group, the sources 0 and 2. In the bitmaps, 7 sets its bit
//! in `once` for source 0 and, because that bit is set, in `twice` for source 2; only the two entries with key 7 are sorted.

use crate::text::ids::Id;
use rayon::prelude::*;
use std::marker::PhantomData;
use std::ops::Range;

/// Entries in memory at a time: 2²⁵ of 8 bytes are 256 MB.
const ENTRIES_PER_PASS: usize = 1 << 25;
const BUCKET_BITS: u32 = 10;
const BUCKETS: usize = 1 << BUCKET_BITS;
/// Entries read and distributed by one task: 2¹⁷ of 8 bytes are 1 MB, about the second-level cache of a core.
const ENTRIES_PER_TASK: usize = 1 << 17;

/// One pass over the stream, which reads one part of the key space.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    number: u64,
    count: u64,
}

impl Pass {
    /// Whether keys with this `part` are read in this pass. A part is any evenly spread hash with equal values for equal
    /// keys; a caller may use one cheaper to compute than the key.
    pub(super) fn has(self, part: u32) -> bool {
        // Scales `part` from 0..2³² to 0..count without a division.
        (u64::from(part) * self.count) >> 32 == self.number
    }
}

/// An id with the low 32 bits of a key, in one integer: the key in the upper half, for sorting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Entry(u64);

impl Entry {
    fn new(key: u64, id: impl Id) -> Self {
        Self(key << 32 | id.index() as u64)
    }

    fn key(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The highest bits of the key, because [`groups_in`] uses the lowest ones for its bitmaps.
    fn bucket(self) -> usize {
        (self.0 >> (64 - BUCKET_BITS)) as usize
    }

    fn id<I: Id>(self) -> I {
        I::new(self.0 as u32 as usize)
    }
}

/// Receives the keys of one task in one pass.
pub(super) struct Emitter<I> {
    /// The pass for which keys are wanted.
    pub pass: Pass,
    entries: Vec<Entry>,
    counts: [u32; BUCKETS],
    ids: PhantomData<fn(I)>,
}

impl<I: Id> Emitter<I> {
    /// Adds an evenly spread `key` of `id`. The key must belong to [`Emitter::pass`].
    pub(super) fn push(&mut self, key: u64, id: I) {
        let entry = Entry::new(key, id);
        self.counts[entry.bucket()] += 1;
        self.entries.push(entry);
    }

    /// The entries sorted by bucket, in the order of the stream within each bucket: a counting sort.
    fn partition(self) -> Partition {
        let mut starts = vec![0; BUCKETS + 1];
        for (bucket, &count) in self.counts.iter().enumerate() {
            starts[bucket + 1] = starts[bucket] + count as usize;
        }
        let mut next = starts.clone();
        let mut entries = vec![Entry::default(); self.entries.len()];
        for entry in self.entries {
            let slot = &mut next[entry.bucket()];
            entries[*slot] = entry;
            *slot += 1;
        }
        Partition { entries, starts }
    }
}

/// The entries of one task, bucket by bucket.
struct Partition {
    entries: Vec<Entry>,
    /// The start of each bucket in `entries`, and the end of the last one.
    starts: Vec<usize>,
}

impl Partition {
    fn bucket(&self, bucket: usize) -> &[Entry] {
        &self.entries[self.starts[bucket]..self.starts[bucket + 1]]
    }
}

/// Groups of ids with a common key.
pub(super) struct Groups<I> {
    /// All groups, concatenated. Each has at least two ids, ascending; an id with the same key twice occurs twice.
    pub ids: Vec<I>,
    ends: Vec<usize>,
}

impl<I> Groups<I> {
    /// The range of each group in `ids`.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end)
    }
}

/// Calls `emit` for each source of a list of `source_count`, once per pass, and `found` with the groups of ids with a common
/// key, many groups per call. Returns everything appended by `found`, in no particular order.
///
/// Two keys with equal low 32 bits are treated as one, so a group may rarely contain ids of different keys. `total` is the
/// approximate number of keys, from which the number of passes follows.
pub(super) fn repeats<S: Id, I: Id, T: Send>(
    source_count: usize,
    total: usize,
    emit: impl Fn(S, &mut Emitter<I>) + Sync,
    found: impl Fn(&Groups<I>, &mut Vec<T>) + Sync,
) -> Vec<T> {
    let passes = total.div_ceil(ENTRIES_PER_PASS).max(1) as u64;
    let mut out = Vec::new();
    for pass in (0..passes).map(|number| Pass { number, count: passes }) {
        let tasks = chunks(source_count, (total / passes as usize).div_ceil(ENTRIES_PER_TASK).max(1));
        let partitions: Vec<Partition> = tasks
            .into_par_iter()
            .map(|range| {
                // An eighth of slack, so that an uneven task does not reallocate and copy 1 MB.
                let entries = Vec::with_capacity(ENTRIES_PER_TASK + ENTRIES_PER_TASK / 8);
                let mut emitter = Emitter { pass, entries, counts: [0; BUCKETS], ids: PhantomData };
                range.for_each(|source| emit(S::new(source), &mut emitter));
                emitter.partition()
            })
            .collect();
        let groups = (0..BUCKETS).into_par_iter().map(|bucket| groups_in(bucket, &partitions, &found));
        out.extend(groups.collect::<Vec<_>>().into_iter().flatten());
    }
    out
}

/// The range `0..length` in at most `count` parts of nearly equal length, none of them empty.
fn chunks(length: usize, count: usize) -> Vec<Range<usize>> {
    (0..count).map(|at| length * at / count..length * (at + 1) / count).filter(|range| !range.is_empty()).collect()
}

/// Calls `found` with the groups of one bucket.
fn groups_in<I: Id, T>(bucket: usize, partitions: &[Partition], found: &impl Fn(&Groups<I>, &mut Vec<T>)) -> Vec<T> {
    let slices: Vec<&[Entry]> = partitions.iter().map(|partition| partition.bucket(bucket)).collect();
    let mut repeated = probably_repeated(&slices);
    repeated.sort_unstable();
    let mut groups = Groups { ids: Vec::with_capacity(repeated.len()), ends: Vec::new() };
    for group in repeated.chunk_by(|a, b| a.key() == b.key()).filter(|group| group.len() > 1) {
        groups.ids.extend(group.iter().map(|entry| entry.id::<I>()));
        groups.ends.push(groups.ids.len());
    }
    let mut out = Vec::new();
    found(&groups, &mut out);
    out
}

/// All entries with a repeated key, and a few with a unique key: two keys may share a bit of the bitmaps.
fn probably_repeated(slices: &[&[Entry]]) -> Vec<Entry> {
    let count: usize = slices.iter().map(|slice| slice.len()).sum();
    // With 16 to 32 bits per entry, at most one unique key in 16 shares its bit and is sorted in vain.
    let bits = (count * 16).next_power_of_two().max(64);
    let (mut once, mut twice) = (vec![0_u64; bits / 64], vec![0_u64; bits / 64]);
    let place = |entry: Entry| (entry.key() as usize & (bits - 1), 1_u64 << (entry.key() & 63));
    for &entry in slices.iter().copied().flatten() {
        let (at, bit) = place(entry);
        twice[at / 64] |= once[at / 64] & bit;
        once[at / 64] |= bit;
    }
    let is_repeated = |entry: &Entry| {
        let (at, bit) = place(*entry);
        twice[at / 64] & bit != 0
    };
    slices.iter().copied().flatten().copied().filter(is_repeated).collect()
}

#[cfg(test)]
mod tests {
    use super::super::words::mix;
    use super::*;
    use crate::text::ids::NoteId;
    use std::collections::BTreeMap;

    fn to_vecs(groups: &Groups<NoteId>, out: &mut Vec<Vec<usize>>) {
        out.extend(groups.ranges().map(|range| groups.ids[range].iter().map(|id| id.index()).collect()));
    }

    #[test]
    fn every_key_seen_twice_is_found_in_any_number_of_passes() {
        for total in [1, ENTRIES_PER_PASS * 3] {
            let keys = |source: usize| (0..40).map(move |at| mix(0, (source as u64 * 7 + at) % 3001));
            let mut want: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
            for source in 0..200 {
                keys(source).for_each(|key| want.entry(key).or_default().push(source));
            }
            let mut want: Vec<_> = want.into_values().filter(|ids| ids.len() > 1).collect();
            want.sort();
            let emit = |source: NoteId, emitter: &mut Emitter<NoteId>| {
                keys(source.index()).for_each(|key| {
                    if emitter.pass.has((key >> 32) as u32) {
                        emitter.push(key, source)
                    }
                });
            };
            let mut got = repeats(200, total, emit, to_vecs);
            got.sort();
            assert_eq!(got, want);
        }
    }

    #[test]
    fn nothing_repeats_in_nothing() {
        assert!(repeats(0, 0, |_: NoteId, _: &mut Emitter<NoteId>| {}, to_vecs).is_empty());
    }
}
