//! The memory of a card by FSRS-6: its stability (the days after which it is recalled with a probability of 0.9) and its
//! difficulty, after each review. Knows no dates and no cards.
//!
//! The formulas and the weights are those of version 6 of the Free Spaced Repetition Scheduler
//! (<https://github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm>). `static/practice-memory.js` computes the same
//! bits.

use super::arithmetic::{exp, pow};

/// The default weights of FSRS-6.
const W: [f64; 21] = [
    0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629,
    1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
];
/// The least and the greatest stability in days.
const STABILITY: (f64, f64) = (0.001, 36_500.0);
/// The least and the greatest difficulty.
const DIFFICULTY: (f64, f64) = (1.0, 10.0);
/// The longest interval in days.
const MAX_INTERVAL: f64 = 36_500.0;
/// The probability of recall at which a card is due, unless a reader chooses a different one.
pub(crate) const RETENTION: f64 = 0.9;

/// How well a card was recalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rating {
    /// Not recalled.
    Again,
    /// Recalled with effort.
    Hard,
    /// Recalled.
    Good,
    /// Recalled at once.
    Easy,
}

impl Rating {
    /// All ratings, from 1 to 4.
    pub(crate) const ALL: [Rating; 4] = [Rating::Again, Rating::Hard, Rating::Good, Rating::Easy];

    /// The rating with this number in a log. `None` if it is not from 1 to 4.
    pub(crate) fn of(number: u64) -> Option<Rating> {
        Rating::ALL.into_iter().find(|rating| rating.number() == number)
    }

    /// The number in a log, from 1 to 4.
    pub(crate) fn number(self) -> u64 {
        self as u64 + 1
    }

    fn grade(self) -> f64 {
        self.number() as f64
    }
}

/// The memory of a card after its last review.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Memory {
    /// The days after which the card is recalled with a probability of 0.9.
    pub stability: f64,
    /// From 1 to 10.
    pub difficulty: f64,
}

impl Memory {
    /// The memory after the first review.
    pub(crate) fn first(rating: Rating) -> Memory {
        Memory { stability: W[rating as usize], difficulty: clamp(initial_difficulty(rating.grade()), DIFFICULTY) }
    }

    /// The memory after a further review, `days` after the last one.
    pub(crate) fn reviewed(self, days: u32, rating: Rating) -> Memory {
        let stability = match (days, rating) {
            (0, _) => self.same_day(rating.grade()),
            (_, Rating::Again) => self.forgotten(days),
            _ => self.recalled(days, rating),
        };
        let grade = rating.grade();
        let moved = self.difficulty + (10.0 - self.difficulty) / 9.0 * (-W[6] * (grade - 3.0));
        let difficulty = W[7] * (initial_difficulty(4.0) - moved) + moved;
        Memory { stability: clamp(stability, STABILITY), difficulty: clamp(difficulty, DIFFICULTY) }
    }

    /// The probability of recall `days` after the last review.
    pub(crate) fn recall(self, days: u32) -> f64 {
        pow(1.0 + factor() * f64::from(days) / self.stability, decay())
    }

    /// The days until the probability of recall is `retention`, rounded, at least 1.
    pub(crate) fn interval(self, retention: f64) -> u32 {
        let days = self.stability / factor() * (pow(retention, 1.0 / decay()) - 1.0);
        clamp((days + 0.5).floor(), (1.0, MAX_INTERVAL)) as u32
    }

    fn same_day(self, grade: f64) -> f64 {
        let growth = exp(W[17] * (grade - 3.0 + W[18])) * pow(self.stability, -W[19]);
        self.stability * if grade >= 2.0 { growth.max(1.0) } else { growth }
    }

    fn recalled(self, days: u32, rating: Rating) -> f64 {
        let mut growth = exp(W[8]) * (11.0 - self.difficulty) * pow(self.stability, -W[9]);
        growth *= exp(W[10] * (1.0 - self.recall(days))) - 1.0;
        match rating {
            Rating::Hard => growth *= W[15],
            Rating::Easy => growth *= W[16],
            Rating::Good | Rating::Again => {}
        }
        self.stability * (1.0 + growth)
    }

    fn forgotten(self, days: u32) -> f64 {
        let mut stability = W[11] * pow(self.difficulty, -W[12]) * (pow(self.stability + 1.0, W[13]) - 1.0);
        stability *= exp(W[14] * (1.0 - self.recall(days)));
        stability.min(self.stability / exp(W[17] * W[18]))
    }
}

fn initial_difficulty(grade: f64) -> f64 {
    W[4] - exp(W[5] * (grade - 1.0)) + 1.0
}

fn decay() -> f64 {
    -W[20]
}

fn factor() -> f64 {
    pow(0.9, 1.0 / decay()) - 1.0
}

fn clamp(x: f64, (least, greatest): (f64, f64)) -> f64 {
    x.clamp(least, greatest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// A generator of numbers that is equal in JavaScript (mulberry32).
    struct Numbers(u32);

    impl Numbers {
        fn below(&mut self, bound: u32) -> u32 {
            self.0 = self.0.wrapping_add(0x6d2b_79f5);
            let mut t = (self.0 ^ (self.0 >> 15)).wrapping_mul(self.0 | 1);
            t ^= t.wrapping_add((t ^ (t >> 7)).wrapping_mul(t | 61));
            (t ^ (t >> 14)) % bound
        }
    }

    /// A random sequence of reviews: days since the last one, and rating. A third of the reviews are on the same day.
    fn sequence(numbers: &mut Numbers) -> Vec<(u32, Rating)> {
        let length = numbers.below(12) + 1;
        let review = |numbers: &mut Numbers| {
            let days = match numbers.below(3) {
                0 => 0,
                1 => numbers.below(10) + 1,
                _ => numbers.below(2_000) + 1,
            };
            (days, Rating::ALL[numbers.below(4) as usize])
        };
        (0..length).map(|_| review(numbers)).collect()
    }

    fn memories(reviews: &[(u32, Rating)]) -> Vec<Memory> {
        let mut all: Vec<Memory> = Vec::new();
        for &(days, rating) in reviews {
            all.push(all.last().map_or_else(|| Memory::first(rating), |memory| memory.reviewed(days, rating)));
        }
        all
    }

    /// A hash of the bits of all results (FNV-1a, 32 bits), for a comparison with JavaScript.
    fn digest(hash: u32, value: f64) -> u32 {
        value.to_bits().to_le_bytes().iter().fold(hash, |hash, b| (hash ^ u32::from(*b)).wrapping_mul(0x0100_0193))
    }

    /// The values that the fixture has for a state.
    fn values(memory: &Memory) -> [f64; 4] {
        [memory.stability, memory.difficulty, memory.recall(7), f64::from(memory.interval(RETENTION))]
    }

    #[test]
    fn results_are_those_of_the_fixture_which_javascript_reads_too() {
        let fixture: Value = serde_json::from_str(include_str!("../../../tests/formats/practice.json")).unwrap();
        let fixture = &fixture["memory"];
        let number = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok()).unwrap();
        let (mut numbers, mut hash) = (Numbers(number(&fixture["seed"])), 0x811c_9dc5);
        for n in 0..fixture["sequences"].as_u64().unwrap() as usize {
            let reviews = sequence(&mut numbers);
            let memories = memories(&reviews);
            hash = memories.iter().flat_map(values).fold(hash, digest);
            // The first sequences are in the fixture in full, to show where a difference begins.
            let Some(shown) = fixture["shown"].get(n) else { continue };
            let expected: Vec<(u32, u64)> = serde_json::from_value(shown["reviews"].clone()).unwrap();
            assert_eq!(reviews.iter().map(|(days, rating)| (*days, rating.number())).collect::<Vec<_>>(), expected);
            let states: Vec<[f64; 4]> = serde_json::from_value(shown["states"].clone()).unwrap();
            for (own, theirs) in memories.iter().flat_map(values).zip(states.into_iter().flatten()) {
                // The reader of JSON may be off by a bit.
                assert!((own - theirs).abs() <= 1e-15 * theirs.abs(), "sequence {n}: {own} is not {theirs}");
            }
        }
        assert_eq!(hash, number(&fixture["digest"]), "the results differ from those of JavaScript in some bit");
    }

    #[test]
    fn first_intervals_are_the_known_ones() {
        let intervals = Rating::ALL.map(|rating| Memory::first(rating).interval(RETENTION));
        assert_eq!(intervals, [1, 1, 2, 8]);
        let memory = Memory::first(Rating::Good);
        assert!((memory.recall(0) - 1.0).abs() < 1e-12);
        assert!(memory.reviewed(2, Rating::Again).stability < memory.stability);
        assert!(memory.reviewed(2, Rating::Easy).stability > memory.reviewed(2, Rating::Good).stability);
    }
}
