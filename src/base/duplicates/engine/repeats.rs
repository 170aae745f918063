//! Which keys occur more than once in a very long stream of keys, in little memory and linear time. Knows numbers only.
//!
//! The stream is read in rounds, each of a part of the key space, so that memory is bounded; a round's keys are dealt into
//! buckets that fit a processor's cache; in a bucket two bitmaps tell what was seen twice, and only that is sorted.

use rayon::prelude::*;
use std::ops::Range;

/// Keys in memory at a time, 8 bytes each.
const KEYS_AT_ONCE: usize = 1 << 25;
const BUCKET_BITS: u32 = 10;
const BUCKETS: usize = 1 << BUCKET_BITS;
/// Keys that one task reads and deals, about as many as fit a cache.
const KEYS_OF_A_TASK: usize = 1 << 17;

/// A round: the part of all keys that is read in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    number: u64,
    of: u64,
}

impl Pass {
    /// Whether it is the round of a key of which `part`, an evenly spread hash, is a part. Equal keys must have equal
    /// parts; a part may be cheaper to compute than the key.
    pub(super) fn has(self, part: u32) -> bool {
        (u64::from(part) * self.of) >> 32 == self.number
    }
}

/// Takes the keys of one round.
pub(super) struct Emitter {
    /// The round.
    pub round: Pass,
    entries: Vec<u64>,
    counts: [u32; BUCKETS],
}

impl Emitter {
    /// Takes `key`, an evenly spread hash that belongs to this round, for the thing called `id`.
    pub(super) fn push(&mut self, key: u64, id: u32) {
        self.counts[(key as u32 >> (32 - BUCKET_BITS)) as usize] += 1;
        self.entries.push(key << 32 | u64::from(id));
    }

    /// The entries bucket by bucket, each bucket in the order of the stream, and where the buckets begin.
    fn dealt(self) -> Partition {
        let mut starts = vec![0; BUCKETS + 1];
        for (at, &count) in self.counts.iter().enumerate() {
            starts[at + 1] = starts[at] + count as usize;
        }
        let mut next = starts.clone();
        let mut entries = vec![0; self.entries.len()];
        for entry in self.entries {
            let slot = &mut next[(entry >> (64 - BUCKET_BITS)) as usize];
            entries[*slot] = entry;
            *slot += 1;
        }
        Partition { entries, starts }
    }
}

struct Partition {
    entries: Vec<u64>,
    starts: Vec<usize>,
}

/// Ids of things that share a key.
pub(super) struct Groups {
    /// One group after the other; in a group ascending, at least two, perhaps one id several times.
    pub ids: Vec<u32>,
    ends: Vec<usize>,
}

impl Groups {
    /// The places of each group in `ids`.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end)
    }
}

/// Calls `emit` for each of the `sources`, once a round, and `found` with the groups of ids for which the same key was pushed,
/// many groups at a time. Keys that agree in their low 32 bits may rarely come as one group. `total` is about how many keys
/// there are. Returns what `found` pushed, in no promised order.
pub(super) fn repeats<T: Send>(
    sources: usize,
    total: usize,
    emit: impl Fn(usize, &mut Emitter) + Sync,
    found: impl Fn(&Groups, &mut Vec<T>) + Sync,
) -> Vec<T> {
    let rounds = total.div_ceil(KEYS_AT_ONCE).max(1) as u64;
    let mut out = Vec::new();
    for round in (0..rounds).map(|number| Pass { number, of: rounds }) {
        let chunks = chunks(sources, (total / rounds as usize).div_ceil(KEYS_OF_A_TASK).max(1));
        let dealt: Vec<Partition> = chunks
            .into_par_iter()
            .map(|range| {
                let entries = Vec::with_capacity(KEYS_OF_A_TASK + KEYS_OF_A_TASK / 8);
                let mut sink = Emitter { round, entries, counts: [0; BUCKETS] };
                range.for_each(|source| emit(source, &mut sink));
                sink.dealt()
            })
            .collect();
        let groups = (0..BUCKETS).into_par_iter().map(|bucket| groups_of(bucket, &dealt, &found));
        out.extend(groups.collect::<Vec<_>>().into_iter().flatten());
    }
    out
}

fn chunks(sources: usize, count: usize) -> Vec<Range<usize>> {
    (0..count).map(|at| sources * at / count..sources * (at + 1) / count).filter(|range| !range.is_empty()).collect()
}

fn groups_of<T>(bucket: usize, dealt: &[Partition], found: &impl Fn(&Groups, &mut Vec<T>)) -> Vec<T> {
    let slices: Vec<&[u64]> =
        dealt.iter().map(|dealt| &dealt.entries[dealt.starts[bucket]..dealt.starts[bucket + 1]]).collect();
    let mut twice = seen_twice(&slices);
    twice.sort_unstable();
    let mut groups = Groups { ids: Vec::with_capacity(twice.len()), ends: Vec::new() };
    for group in twice.chunk_by(|a, b| a >> 32 == b >> 32).filter(|group| group.len() > 1) {
        groups.ids.extend(group.iter().map(|&entry| entry as u32));
        groups.ends.push(groups.ids.len());
    }
    let mut out = Vec::new();
    found(&groups, &mut out);
    out
}

/// The entries whose key was seen twice, and a few more.
fn seen_twice(slices: &[&[u64]]) -> Vec<u64> {
    let count: usize = slices.iter().map(|slice| slice.len()).sum();
    let bits = (count * 16).next_power_of_two().max(64);
    let (mut once, mut twice) = (vec![0_u64; bits / 64], vec![0_u64; bits / 64]);
    let place = |entry: u64| ((entry >> 32) as usize & (bits - 1), 1_u64 << (entry >> 32 & 63));
    for &entry in slices.iter().copied().flatten() {
        let (at, bit) = place(entry);
        twice[at / 64] |= once[at / 64] & bit;
        once[at / 64] |= bit;
    }
    let again = |&entry: &u64| {
        let (at, bit) = place(entry);
        twice[at / 64] & bit != 0
    };
    slices.iter().copied().flatten().copied().filter(again).collect()
}

#[cfg(test)]
mod tests {
    use super::super::words::mix;
    use super::*;
    use std::collections::BTreeMap;

    fn to_vecs(groups: &Groups, out: &mut Vec<Vec<u32>>) {
        out.extend(groups.ranges().map(|range| groups.ids[range].to_vec()));
    }

    #[test]
    fn every_key_seen_twice_is_found_in_any_number_of_rounds() {
        for total in [1, KEYS_AT_ONCE * 3] {
            let keys = |source: usize| (0..40).map(move |at| mix(0, (source as u64 * 7 + at) % 3001));
            let mut want: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
            for source in 0..200 {
                keys(source).for_each(|key| want.entry(key).or_default().push(source as u32));
            }
            let mut want: Vec<_> = want.into_values().filter(|ids| ids.len() > 1).collect();
            want.sort();
            let emit = |source: usize, sink: &mut Emitter| {
                keys(source).for_each(|key| {
                    if sink.round.has((key >> 32) as u32) {
                        sink.push(key, source as u32)
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
        assert!(repeats(0, 0, |_, _| {}, to_vecs).is_empty());
    }
}
