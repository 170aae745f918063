//! How alike two rows of words are. Knows numbers only.

use rustc_hash::FxHashMap;

/// From this similarity on two blocks say the same.
pub(crate) const SAME: f64 = 0.8;
/// From this similarity on two blocks are worth a look.
pub(crate) const ALIKE: f64 = 0.65;
/// Rows longer than this, once their equal ends are cut, are compared by shingles only: the other measure's cost is quadratic.
const LONGEST: usize = 10_000;
/// Words in a shingle.
const SHINGLE: usize = 4;

/// The larger of [`in_order`] and [`shingled`], between 0 and 1.
pub(crate) fn similarity(a: &[u32], b: &[u32]) -> f64 {
    in_order(a, b).max(shingled(a, b))
}

/// The share of words that stand in both rows in the same order: twice the longest common subsequence, by the sum of the
/// lengths. Sees changed words.
pub(crate) fn in_order(a: &[u32], b: &[u32]) -> f64 {
    match a.len() + b.len() {
        0 => 0.0,
        total => 2.0 * common(a, b) as f64 / total as f64,
    }
}

/// The Jaccard similarity of the sets of four consecutive words. Sees moved sentences.
pub(crate) fn shingled(a: &[u32], b: &[u32]) -> f64 {
    let (a, b) = (shingles(a), shingles(b));
    let shared = shared_count(&a, &b);
    match a.len() + b.len() - shared {
        0 => 0.0,
        all => shared as f64 / all as f64,
    }
}

fn shingles(words: &[u32]) -> Vec<u128> {
    let pack = |window: &[u32]| window.iter().fold(0, |packed, &word| packed << 32 | u128::from(word));
    let mut set: Vec<_> = words.windows(SHINGLE).map(pack).collect();
    set.sort_unstable();
    set.dedup();
    set
}

/// How many values two ascending rows share.
fn shared_count(mut a: &[u128], mut b: &[u128]) -> usize {
    let mut shared = 0;
    while let (Some(x), Some(y)) = (a.first(), b.first()) {
        shared += usize::from(x == y);
        (a, b) = (&a[usize::from(x <= y)..], &b[usize::from(y <= x)..]);
    }
    shared
}

/// The length of the longest common subsequence.
fn common(a: &[u32], b: &[u32]) -> usize {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let middle = match short.len() {
        0 => 0,
        1..=64 => common_in_a_word(short, long),
        65..=LONGEST => common_in_rows(short, long),
        _ => 0,
    };
    head + middle + tail
}

/// The bit-parallel computation (Hyyrö 2004): a bit for each word of `short`, zero once it is part of the subsequence.
fn common_in_a_word(short: &[u32], long: &[u32]) -> usize {
    let mut open = u64::MAX;
    for &word in long {
        let equal = short.iter().enumerate().fold(0, |bits, (at, &own)| bits | u64::from(own == word) << at);
        let matched = open & equal;
        open = open.wrapping_add(matched) | (open & !equal);
    }
    (!open & (u64::MAX >> (64 - short.len()))).count_ones() as usize
}

/// The same with as many 64-bit words as `short` needs, the addition's carry handed on.
fn common_in_rows(short: &[u32], long: &[u32]) -> usize {
    let width = short.len().div_ceil(64);
    let mut row_of: FxHashMap<u32, usize> = FxHashMap::default();
    let mut rows: Vec<u64> = Vec::new();
    for (at, &word) in short.iter().enumerate() {
        let row = *row_of.entry(word).or_insert_with(|| {
            rows.resize(rows.len() + width, 0);
            rows.len() / width - 1
        });
        rows[row * width + at / 64] |= 1 << (at % 64);
    }
    let mut open = vec![u64::MAX; width];
    for row in long.iter().filter_map(|word| row_of.get(word)) {
        let mut carry = false;
        for (open, &equal) in open.iter_mut().zip(&rows[row * width..]) {
            let (sum, first) = open.overflowing_add(*open & equal);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            carry = first || second;
            *open = sum | (*open & !equal);
        }
    }
    let in_short = |at: usize| at < short.len();
    (0..width * 64).filter(|&at| in_short(at) && open[at / 64] >> (at % 64) & 1 == 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The textbook table.
    fn common_by_table(a: &[u32], b: &[u32]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut diagonal = 0;
            for (at, y) in b.iter().enumerate() {
                let above = row[at + 1];
                row[at + 1] = if x == y { diagonal + 1 } else { above.max(row[at]) };
                diagonal = above;
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn the_fast_subsequence_is_the_textbooks(
            a in proptest::collection::vec(0_u32..12, 0..200),
            b in proptest::collection::vec(0_u32..12, 0..200),
        ) {
            prop_assert_eq!(common(&a, &b), common_by_table(&a, &b));
        }

        #[test]
        fn measures_are_symmetric_and_bounded(
            a in proptest::collection::vec(0_u32..6, 0..90),
            b in proptest::collection::vec(0_u32..6, 0..90),
        ) {
            let s = similarity(&a, &b);
            prop_assert_eq!(s, similarity(&b, &a));
            prop_assert!((0.0..=1.0).contains(&s));
            prop_assert!(a.is_empty() || similarity(&a, &a) == 1.0);
        }
    }

    #[test]
    fn two_swapped_sentences_of_thirty_words_are_the_same() {
        let a: Vec<u32> = (0..30).collect();
        let b: Vec<u32> = (15..30).chain(0..15).collect();
        assert_eq!(in_order(&a, &b), 0.5);
        assert!(shingled(&a, &b) >= SAME);
    }

    #[test]
    fn two_words_in_ten_may_change() {
        let a: Vec<u32> = (0..10).collect();
        let b = [0, 1, 99, 3, 4, 5, 98, 7, 8, 9];
        assert!(similarity(&a, &b) >= SAME);
        assert!(similarity(&a, &[0, 1, 99, 3, 97, 5, 98, 7, 8, 9]) < SAME);
    }

    #[test]
    fn rows_beyond_the_bound_are_compared_by_shingles() {
        let a: Vec<u32> = (0..40_000).collect();
        let mut b = a.clone();
        b[0] = u32::MAX;
        b[39_999] = u32::MAX;
        assert!(similarity(&a, &b) >= SAME);
        assert!(similarity(&[], &[]) == 0.0);
    }
}
