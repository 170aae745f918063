//! The similarity of two texts, each given as a sequence of word hashes. Knows no notes and no blocks.
//!
//! Two measures cover two kinds of edits, and the larger result counts:
//!
//! - Two of ten words replaced: the longest common subsequence has 8 words, so [`in_order`] is 2 · 8 / (10 + 10) = 0.8. No four
//!   consecutive words are equal, so [`shingled`] is 0.
//! - Two sentences of 15 words exchanged: the longest common subsequence is one sentence, so [`in_order`] is 2 · 15 / 60 = 0.5.
//!   Of the 27 shingles in each text, only the 3 across the border of both sentences differ, so [`shingled`] is 24 / 30 = 0.8.
//!
//! Both pairs reach [`SAME`]; the tests of this file check these figures.

use super::words::WordHash;
use rustc_hash::FxHashMap;

/// The least similarity of two blocks reported as duplicates.
pub(crate) const SAME: f64 = 0.8;
/// The least similarity of two blocks reported as similar.
pub(crate) const ALIKE: f64 = 0.65;
/// The most words, after equal ends are cut off, for which [`in_order`] is computed: its cost is quadratic. Longer texts are
/// compared by shingles only.
const LONGEST: usize = 10_000;
/// Words per shingle.
const SHINGLE: usize = 4;

/// The larger of [`in_order`] and [`shingled`], from 0 to 1.
pub(crate) fn similarity(a: &[WordHash], b: &[WordHash]) -> f64 {
    in_order(a, b).max(shingled(a, b))
}

/// The share of words occurring in both texts in the same order: twice the length of the longest common subsequence, divided
/// by the sum of both lengths. 0 for two empty texts. Detects replaced, added and dropped words.
pub(crate) fn in_order(a: &[WordHash], b: &[WordHash]) -> f64 {
    match a.len() + b.len() {
        0 => 0.0,
        total => 2.0 * common(a, b) as f64 / total as f64,
    }
}

/// The Jaccard similarity of both sets of four consecutive words. 0 if neither text has four words. Detects moved sentences.
pub(crate) fn shingled(a: &[WordHash], b: &[WordHash]) -> f64 {
    let (a, b) = (shingles(a), shingles(b));
    let shared = shared_count(&a, &b);
    match a.len() + b.len() - shared {
        0 => 0.0,
        union => shared as f64 / union as f64,
    }
}

/// Every distinct sequence of [`SHINGLE`] words, ascending. Four hashes of 32 bits fill a `u128` exactly.
fn shingles(words: &[WordHash]) -> Vec<u128> {
    let pack = |window: &[WordHash]| window.iter().fold(0, |packed, word| packed << 32 | u128::from(word.bits()));
    let mut set: Vec<_> = words.windows(SHINGLE).map(pack).collect();
    set.sort_unstable();
    set.dedup();
    set
}

/// The number of values present in both ascending slices.
fn shared_count(mut a: &[u128], mut b: &[u128]) -> usize {
    let mut shared = 0;
    while let (Some(x), Some(y)) = (a.first(), b.first()) {
        shared += usize::from(x == y);
        // Advance past the smaller value, or past both if equal, without a branch: the outcome is unpredictable.
        (a, b) = (&a[usize::from(x <= y)..], &b[usize::from(y <= x)..]);
    }
    shared
}

/// The length of the longest common subsequence. Of texts longer than [`LONGEST`] words, only the equal ends count.
fn common(a: &[WordHash], b: &[WordHash]) -> usize {
    // Equal ends always belong to a longest common subsequence. Near duplicates have long ones, and the cost of the rest is
    // the product of both lengths.
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let middle = match short.len() {
        0 => 0,
        1..=64 => common_in_one_word(short, long),
        65..=LONGEST => common_in_words(short, long),
        _ => 0,
    };
    head + middle + tail
}

/// The length of the longest common subsequence for a `short` of 1 to 64 words, computed bit-parallel (Hyyrö, "Bit-parallel
/// LCS-length computation revisited", 2004): bit `i` of `open` is 0 once word `i` of `short` extends the subsequence.
fn common_in_one_word(short: &[WordHash], long: &[WordHash]) -> usize {
    let mut open = u64::MAX;
    for &word in long {
        // At most 64 comparisons, so a scan needs no table of the words of `short`.
        let equal = short.iter().enumerate().fold(0, |bits, (at, &own)| bits | u64::from(own == word) << at);
        let matched = open & equal;
        // In each run of open bits, the addition clears the lowest match and its carry sets the zero bit above the run:
        // a subsequence of the same length now ends earlier in `short`.
        open = open.wrapping_add(matched) | (open & !equal);
    }
    // Bits above `short.len()` belong to no word.
    (!open & (u64::MAX >> (64 - short.len()))).count_ones() as usize
}

/// [`common_in_one_word`] for a `short` of any length: the row of bits is split over several 64-bit words, and the carry of
/// the addition runs from each to the next.
fn common_in_words(short: &[WordHash], long: &[WordHash]) -> usize {
    let width = short.len().div_ceil(64);
    // `row_of` maps each distinct word of `short` to the start of its row of `width` words in `rows`.
    let mut row_of: FxHashMap<WordHash, usize> = FxHashMap::default();
    let mut rows: Vec<u64> = Vec::new();
    for (at, &word) in short.iter().enumerate() {
        let row = *row_of.entry(word).or_insert_with(|| {
            rows.resize(rows.len() + width, 0);
            rows.len() - width
        });
        rows[row + at / 64] |= 1 << (at % 64);
    }
    let mut open = vec![u64::MAX; width];
    // A word absent from `short` has an empty row and would leave `open` unchanged.
    for row in long.iter().filter_map(|word| row_of.get(word)) {
        let mut carry = false;
        for (open, &equal) in open.iter_mut().zip(&rows[*row..]) {
            let (sum, first) = open.overflowing_add(*open & equal);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            // Only one of both additions can overflow, because `carry` is at most 1.
            carry = first || second;
            *open = sum | (*open & !equal);
        }
    }
    (0..short.len()).filter(|&at| open[at / 64] >> (at % 64) & 1 == 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(numbers: impl IntoIterator<Item = u32>) -> Vec<WordHash> {
        numbers.into_iter().map(WordHash::from_bits).collect()
    }

    /// The textbook table.
    fn common_by_table(a: &[WordHash], b: &[WordHash]) -> usize {
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
            let (a, b) = (row(a), row(b));
            prop_assert_eq!(common(&a, &b), common_by_table(&a, &b));
        }

        #[test]
        fn measures_are_symmetric_and_bounded(
            a in proptest::collection::vec(0_u32..6, 0..90),
            b in proptest::collection::vec(0_u32..6, 0..90),
        ) {
            let (a, b) = (row(a), row(b));
            let s = similarity(&a, &b);
            prop_assert_eq!(s, similarity(&b, &a));
            prop_assert!((0.0..=1.0).contains(&s));
            prop_assert!(a.is_empty() || similarity(&a, &a) == 1.0);
        }
    }

    #[test]
    fn two_swapped_sentences_of_thirty_words_are_the_same() {
        let a = row(0..30);
        let b = row((15..30).chain(0..15));
        assert_eq!(in_order(&a, &b), 0.5);
        assert_eq!(shingled(&a, &b), 24.0 / 30.0);
        assert!(similarity(&a, &b) >= SAME);
    }

    #[test]
    fn two_words_in_ten_may_change() {
        let a = row(0..10);
        let b = row([0, 1, 99, 3, 4, 5, 98, 7, 8, 9]);
        assert_eq!((in_order(&a, &b), shingled(&a, &b)), (0.8, 0.0));
        assert!(similarity(&a, &b) >= SAME);
        assert!(similarity(&a, &row([0, 1, 99, 3, 97, 5, 98, 7, 8, 9])) < SAME);
    }

    #[test]
    fn rows_beyond_the_bound_are_compared_by_shingles() {
        let a = row(0..40_000);
        let mut b = a.clone();
        b[0] = WordHash::from_bits(u32::MAX);
        b[39_999] = WordHash::from_bits(u32::MAX);
        assert!(similarity(&a, &b) >= SAME);
        assert!(similarity(&[], &[]) == 0.0);
    }
}
