//! Weighs the stems of passages by TF-IDF: a stem counts more the more often it is in the passage, with sublinear growth, and the
//! fewer passages of the base have it. Knows no notes.
//!
//! All weights are integers, so a sum is equal in every order of its terms: the full comparison, the comparison after an edit and
//! the slow one of the tests agree bit by bit. Inverse frequencies are rounded to quarters, so that one edit changes the weight of
//! few stems in a base of thousands of notes.
//!
//! Example: of 4,000 passages, 40 have `planner` and 1,000 have `query`. Their inverse frequencies are
//! ln 4000 − ln 40 ≈ 4.5 and 1.5, in quarters 18 and 6, each plus [`SMOOTHING`].

use super::passages::Term;
use super::stems::Stem;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// The weights of a passage: stem and weight, ascending by stem, without stems of weight 0.
pub(super) type Weights = SmallVec<[(Stem, u32); 24]>;

/// The cosine of two equal passages, up to rounding: the square of [`UNIT`].
pub(super) const ONE: u32 = UNIT * UNIT;
/// The length of a vector of weights.
const UNIT: u32 = 1 << 14;
/// Quarters added to each inverse frequency. Words of the whole topic keep some weight with it.
const SMOOTHING: u32 = 2;
/// A base of fewer passages is weighed like one of this many: in a base of two notes, a stem in both is still rare.
const FEWEST_PASSAGES: usize = 100;
/// The fewest stems that two matching passages have in common. Two words are a topic, not an idea.
pub(super) const MIN_SHARED: usize = 3;
/// The smallest cosine of matching passages in a base of up to [`MANY_PASSAGES`]. In a real base of 4,187 passages, judged by
/// hand, it separates repeated ideas from different ones best.
const MIN_COSINE: f64 = 0.43;
/// The natural logarithm of the number of passages (8,100) above which the smallest cosine grows.
const MANY_PASSAGES: f64 = 9.0;
/// The growth of the smallest cosine when the number of passages grows e times. The number of pairs grows with the square, and
/// so does the number of notes that have three passages in common by chance. In generated notes of random words, chance pairs
/// become e times rarer for each 0.04.
const GROWTH: f64 = 0.05;

/// The frequencies of the stems in a base.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Frequencies {
    /// The number of passages with a stem.
    passages: FxHashMap<Stem, u32>,
    /// The number of passages.
    count: usize,
    /// Stems of the templates, which have no weight.
    template: FxHashSet<Stem>,
}

impl Frequencies {
    /// No passages yet.
    pub(super) fn new(template: FxHashSet<Stem>) -> Frequencies {
        Frequencies { template, ..Frequencies::default() }
    }

    /// Counts a passage.
    pub(super) fn add(&mut self, terms: &[Term]) {
        self.count += 1;
        for term in terms {
            *self.passages.entry(term.stem).or_default() += 1;
        }
    }

    /// Reverses [`Self::add`] for the same passage.
    pub(super) fn remove(&mut self, terms: &[Term]) {
        self.count -= 1;
        for term in terms {
            if let Some(count) = self.passages.get_mut(&term.stem) {
                *count -= 1;
                if *count == 0 {
                    self.passages.remove(&term.stem);
                }
            }
        }
    }

    /// The number of passages with a stem.
    pub(super) fn of(&self, stem: Stem) -> u32 {
        self.passages.get(&stem).copied().unwrap_or_default()
    }

    /// All stems with the number of passages, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Stem, u32)> {
        self.passages.iter().map(|(stem, count)| (*stem, *count))
    }

    /// The logarithm of the number of passages, in quarters.
    pub(super) fn level(&self) -> u32 {
        quarters(self.count.max(FEWEST_PASSAGES) as f64)
    }

    /// The inverse frequency of a stem, in quarters; 0 for a stem of the templates.
    pub(super) fn inverse(&self, stem: Stem) -> u32 {
        self.inverse_of(stem, self.of(stem))
    }

    /// [`Self::inverse`] if `count` passages had the stem.
    pub(super) fn inverse_of(&self, stem: Stem, count: u32) -> u32 {
        match self.template.contains(&stem) {
            true => 0,
            false => (self.level() + SMOOTHING).saturating_sub(quarters(f64::from(count.max(1)))),
        }
    }

    /// The smallest cosine of matching passages, in the unit of [`cosine`].
    pub(super) fn threshold(&self) -> u32 {
        let smallest = MIN_COSINE + GROWTH * (f64::from(self.level()) / 4.0 - MANY_PASSAGES).max(0.0);
        (smallest.min(0.9) * f64::from(ONE)) as u32
    }
}

/// The natural logarithm of a number, in quarters.
fn quarters(number: f64) -> u32 {
    (4.0 * number.ln()).round() as u32
}

/// The weights of a passage, given the inverse frequency of each stem.
pub(super) fn weights(terms: &[Term], inverse: impl Fn(Stem) -> u32) -> Weights {
    let mut weights = Vec::with_capacity(terms.len());
    weigh(terms.iter().map(|term| (term.stem, inverse(term.stem), term.count)), &mut weights);
    weights.into()
}

/// Appends the weights of a passage, given the inverse frequency and the number of occurrences of each stem.
pub(super) fn weigh<S>(terms: impl Iterator<Item = (S, u32, u32)>, weights: &mut Vec<(S, u32)>) {
    let start = weights.len();
    let raw = |(stem, inverse, count): (S, u32, u32)| (stem, inverse * growth(count));
    weights.extend(terms.map(raw).filter(|(_, weight)| *weight > 0));
    let square: u64 = weights[start..].iter().map(|(_, weight)| u64::from(*weight) * u64::from(*weight)).sum();
    let scale = f64::from(UNIT) / (square as f64).sqrt();
    weights[start..].iter_mut().for_each(|(_, weight)| *weight = (f64::from(*weight) * scale + 0.5) as u32);
}

/// Sixteenths of 1 + ln(count): the growth of a weight with the number of occurrences.
fn growth(count: u32) -> u32 {
    match count {
        1 => 16,
        2 => 27,
        count => (16.0 * (1.0 + f64::from(count).ln())).round() as u32,
    }
}

/// The cosine of two passages in units of 1 / [`ONE`]. `None` for fewer than [`MIN_SHARED`] stems in common.
pub(super) fn cosine(a: &Weights, b: &Weights) -> Option<u32> {
    let (mut sum, mut shared) = (0, 0);
    let mut others = b.iter().peekable();
    for (stem, weight) in a {
        while others.next_if(|(other, _)| other < stem).is_some() {}
        if let Some((_, other)) = others.next_if(|(other, _)| other == stem) {
            sum += weight * other;
            shared += 1;
        }
    }
    (shared >= MIN_SHARED).then_some(sum)
}

/// A cosine as a number up to 1.
pub(super) fn share(cosine: u32) -> f64 {
    f64::from(cosine.min(ONE)) / f64::from(ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(stem: u32, count: u32) -> Term {
        Term { stem: Stem::from_bits(stem), count }
    }

    #[test]
    fn a_passage_is_like_itself_and_unlike_one_without_common_stems() {
        let terms: Vec<Term> = (0..9).map(|n| term(n, 1 + n % 3)).collect();
        let other: Vec<Term> = (9..18).map(|n| term(n, 1)).collect();
        let mut frequencies = Frequencies::default();
        frequencies.add(&terms);
        frequencies.add(&other);
        let of = |terms: &[Term]| weights(terms, |stem| frequencies.inverse(stem));
        assert!(share(cosine(&of(&terms), &of(&terms)).unwrap()) > 0.999);
        assert_eq!(cosine(&of(&terms), &of(&other)), None);
    }

    #[test]
    fn rare_stems_weigh_more_and_stems_of_the_template_nothing() {
        let template = FxHashSet::from_iter([Stem::from_bits(3)]);
        let mut frequencies = Frequencies::new(template);
        (0..200).for_each(|n| frequencies.add(&[term(1, 1), term(100 + n, 1), term(3, 1)]));
        let of = |stem| frequencies.inverse(Stem::from_bits(stem));
        assert_eq!((of(1), of(101), of(3)), (SMOOTHING, SMOOTHING + 21, 0));
    }

    #[test]
    fn removed_passages_leave_no_trace() {
        let mut frequencies = Frequencies::default();
        frequencies.add(&[term(1, 1), term(2, 1)]);
        let before = frequencies.clone();
        frequencies.add(&[term(1, 2), term(7, 1)]);
        frequencies.remove(&[term(1, 2), term(7, 1)]);
        assert_eq!(frequencies, before);
    }

    #[test]
    fn chance_raises_the_threshold_in_large_bases_only() {
        let of = |count| share(Frequencies { count, ..Frequencies::default() }.threshold());
        assert!((of(10) - MIN_COSINE).abs() < 1e-6 && (of(4_187) - MIN_COSINE).abs() < 1e-6);
        assert!((0.55..0.6).contains(&of(227_000)));
    }
}
