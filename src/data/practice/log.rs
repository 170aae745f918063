//! The log of all reviews, `canon-reviews` version 1: one JSON object a line. Logs of several devices merge in any order to the
//! same log, and a log folds into the state of each card.
//!
//! ```text
//! {"v":1,"site":"s","card":"c","t":"2026-11-29T08:14:03.120+01:00","g":3,"ms":5400,"dev":"k3f9","n":17}    a review
//! {"v":1,"site":"s","undo":["k3f9",17],"t":"…","dev":"k3f9","n":18}                                        it was a mistake
//! {"v":1,"site":"s","move":["c","d"],"t":"…","dev":"k3f9","n":19}             the question of `c` was edited; its card is `d`
//! ```
//!
//! `dev` and `n` identify an entry. Entries are never changed or removed: an undo is a further entry. Reviews count in the
//! order of `t`, `dev`, `n`. All cards that moves join have one history, so a move and its way back leave the same state.
//! Lines of later versions are kept, but say nothing.

use super::memory::{Memory, Rating};
use super::moment::Moment;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the format.
const VERSION: u64 = 1;
/// The number of lapses after which a card is set aside.
pub(crate) const LEECH_LAPSES: u32 = 6;

/// The identity of an entry: the device and the number on it.
type EntryKey = (String, u64);

/// An entry as a line has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    v: u64,
    site: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<EntryKey>,
    #[serde(rename = "move", skip_serializing_if = "Option::is_none")]
    moved: Option<(String, String)>,
    t: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    g: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    dev: String,
    n: u64,
}

/// A valid entry with the time that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Timed {
    moment: Moment,
    entry: Entry,
}

impl Timed {
    /// `None` if the entry has no time or is of no known kind.
    fn of(mut entry: Entry) -> Option<Timed> {
        let moment = Moment::parse(&entry.t)?;
        let kinds = [entry.card.is_some(), entry.undo.is_some(), entry.moved.is_some()];
        let is_review = entry.card.is_some() && entry.g.is_some_and(|g| Rating::of(g).is_some());
        if kinds.iter().filter(|is| **is).count() != 1 || entry.card.is_some() != is_review {
            return None;
        }
        entry.t = moment.to_string();
        Some(Timed { moment, entry })
    }

    fn key(&self) -> EntryKey {
        (self.entry.dev.clone(), self.entry.n)
    }

    /// The sort key among all entries.
    fn order(&self) -> (i64, &str, u64) {
        (self.moment.milliseconds, &self.entry.dev, self.entry.n)
    }

    fn line(&self) -> String {
        serde_json::to_string(&self.entry).unwrap_or_default()
    }
}

/// A log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Log {
    entries: BTreeMap<EntryKey, Timed>,
    /// The lines of later versions and of unknown kinds.
    unknown: BTreeSet<String>,
}

/// The state of a card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CardState {
    /// The memory after the last review.
    pub memory: Memory,
    /// The number of reviews.
    pub reviews: u32,
    /// How often the card was forgotten after its first review.
    pub lapses: u32,
    /// The day of the last review, see [`Moment::day`].
    pub day: i64,
    /// The last rating.
    pub rating: Rating,
}

impl CardState {
    /// The day on which the card is due.
    pub(crate) fn due(&self, retention: f64) -> i64 {
        self.day + i64::from(self.memory.interval(retention))
    }

    /// Whether the card is set aside, because it was forgotten too often.
    pub(crate) fn is_leech(&self) -> bool {
        self.lapses >= LEECH_LAPSES
    }

    fn after(before: Option<CardState>, day: i64, rating: Rating) -> CardState {
        let Some(before) = before else {
            return CardState { memory: Memory::first(rating), reviews: 1, lapses: 0, day, rating };
        };
        // A clock that was set back makes no negative interval.
        let days = u32::try_from(day - before.day).unwrap_or(0);
        CardState {
            memory: before.memory.reviewed(days, rating),
            reviews: before.reviews + 1,
            lapses: before.lapses + u32::from(rating == Rating::Again),
            day: day.max(before.day),
            rating,
        }
    }
}

/// A review of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastReview {
    /// The day.
    pub day: i64,
    /// The rating.
    pub rating: Rating,
    /// The days since the last review of the card. `None` for the first.
    pub elapsed: Option<i64>,
}

/// The states of all cards of a site.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct States {
    /// For each card that a move names, the first card of all that moves join to it.
    first: BTreeMap<String, String>,
    /// The states by card. Cards that moves join have the state under the first of them.
    states: BTreeMap<String, CardState>,
    /// All reviews that count, in order.
    pub past: Vec<PastReview>,
}

impl States {
    /// The state of a card. `None` if it was never reviewed.
    pub(crate) fn of(&self, card: &str) -> Option<&CardState> {
        self.states.get(self.first.get(card).map_or(card, String::as_str))
    }
}

impl Log {
    /// Reads a log. Also returns the numbers of the lines that are no JSON objects, which are left out.
    pub(crate) fn parse(text: &str) -> (Log, Vec<usize>) {
        let (mut log, mut unreadable) = (Log::default(), Vec::new());
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            match serde_json::from_str::<serde_json::Value>(line) {
                Ok(value) if value.is_object() => log.add_line(line.trim(), value),
                _ => unreadable.push(number),
            }
        }
        (log, unreadable)
    }

    fn add_line(&mut self, line: &str, value: serde_json::Value) {
        let entry = serde_json::from_value::<Entry>(value).ok().filter(|entry| entry.v == VERSION);
        match entry.and_then(Timed::of) {
            Some(entry) => self.add(entry),
            None => drop(self.unknown.insert(line.to_string())),
        }
    }

    /// Adds an entry. Of two with the same identity, which only a copied or damaged store can make, the first by time and
    /// text is kept.
    fn add(&mut self, entry: Timed) {
        let rank = |entry: &Timed| (entry.moment.milliseconds, entry.line());
        match self.entries.get(&entry.key()) {
            Some(own) if rank(own) <= rank(&entry) => {}
            _ => drop(self.entries.insert(entry.key(), entry)),
        }
    }

    /// Adds all entries of a different log.
    pub(crate) fn merge(&mut self, other: Log) {
        other.entries.into_values().for_each(|entry| self.add(entry));
        self.unknown.extend(other.unknown);
    }

    /// The log as text: the entries in order, then the unknown lines.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        let lines = self.sorted().into_iter().map(Timed::line).chain(self.unknown.iter().cloned());
        lines.map(|line| line + "\n").collect()
    }

    fn sorted(&self) -> Vec<&Timed> {
        let mut entries: Vec<&Timed> = self.entries.values().collect();
        entries.sort_by(|a, b| a.order().cmp(&b.order()));
        entries
    }

    /// The entries of a site that no later undo takes back, in order.
    fn valid(&self, site: &str) -> Vec<&Timed> {
        let entries: Vec<&Timed> = self.sorted().into_iter().filter(|timed| timed.entry.site == site).collect();
        // From the last to the first, because an undo may itself be undone.
        let mut undone: BTreeSet<&EntryKey> = BTreeSet::new();
        for timed in entries.iter().rev() {
            if let Some(target) = &timed.entry.undo
                && !undone.contains(&timed.key())
            {
                undone.insert(target);
            }
        }
        entries.into_iter().filter(|timed| !undone.contains(&timed.key())).collect()
    }

    /// The states of the cards of a site.
    pub(crate) fn states(&self, site: &str) -> States {
        let entries = self.valid(site);
        let mut states = States {
            first: joined(entries.iter().filter_map(|timed| timed.entry.moved.as_ref())),
            ..States::default()
        };
        for timed in entries {
            let (Some(card), Some(rating)) = (&timed.entry.card, timed.entry.g.and_then(Rating::of)) else { continue };
            let card = states.first.get(card).unwrap_or(card).clone();
            let before = states.states.get(&card).copied();
            let state = CardState::after(before, timed.moment.day(), rating);
            states.past.push(PastReview {
                day: state.day,
                rating,
                elapsed: before.map(|before| state.day - before.day),
            });
            states.states.insert(card, state);
        }
        states
    }
}

/// For each card of a move, the first card in alphabetical order of all that moves join to it.
fn joined<'a>(moves: impl Iterator<Item = &'a (String, String)>) -> BTreeMap<String, String> {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for (old, new) in moves {
        let [a, b] = [old, new].map(|card| first.get(card.as_str()).copied().unwrap_or(card));
        let (kept, dropped) = (a.min(b), a.max(b));
        let mut members = groups.remove(dropped).unwrap_or_else(|| BTreeSet::from([dropped]));
        members.extend(groups.remove(kept).unwrap_or_else(|| BTreeSet::from([kept])));
        first.extend(members.iter().map(|&member| (member, kept)));
        groups.insert(kept, members);
    }
    first.into_iter().map(|(card, first)| (card.to_string(), first.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::practice::memory::RETENTION;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn entry(dev: usize, n: u64, minutes: i64, event: &(u8, usize, usize, u64)) -> Timed {
        let moment = Moment { milliseconds: 1_780_000_000_000 + minutes * 60_000, offset: 60 };
        let card = |n: usize| ["c", "d", "e", "f"][n % 4].to_string();
        let dev_of = |n: usize| ["k3f9", "aa", "zz"][n % 3].to_string();
        let (kind, a, b, g) = *event;
        let mut entry = Entry {
            v: 1,
            site: "s".into(),
            card: None,
            undo: None,
            moved: None,
            t: moment.to_string(),
            g: None,
            ms: None,
            dev: dev_of(dev),
            n,
        };
        match kind {
            0 => entry.undo = Some((dev_of(a), b as u64)),
            1 => entry.moved = Some((card(a), card(b))),
            _ => (entry.card, entry.g, entry.ms) = (Some(card(a)), Some(g % 4 + 1), Some(g)),
        }
        Timed { moment, entry }
    }

    /// Entries of three devices. The number of an entry on its device is its place, so no two have the same identity.
    fn entries() -> impl Strategy<Value = Vec<Timed>> {
        let event = (0..8_u8, 0..4_usize, 0..30_usize, 0..4_u64);
        proptest::collection::vec((0..3_usize, 0..40_000_i64, event), 0..30).prop_map(|all| {
            all.iter().enumerate().map(|(n, (dev, minutes, event))| entry(*dev, n as u64, *minutes, event)).collect()
        })
    }

    fn log(entries: &[Timed]) -> Log {
        let text: String = entries.iter().map(|entry| entry.line() + "\n").collect();
        let (log, unreadable) = Log::parse(&text);
        assert!(unreadable.is_empty());
        log
    }

    proptest! {
        #[test]
        fn logs_merge_in_any_order_to_the_same_log(all in entries(), parts in proptest::collection::vec(any::<u8>(), 30)) {
            let part = |bit: u8| -> Vec<Timed> {
                let mut own: Vec<Timed> =
                    all.iter().zip(&parts).filter(|(_, mask)| *mask & bit != 0 || *mask & 7 == 0).map(|(e, _)| e.clone()).collect();
                own.sort_by_key(|e| e.entry.n.wrapping_mul(u64::from(bit) * 7919) % 31);
                own
            };
            let [a, b, c] = [1, 2, 4].map(|bit| log(&part(bit)));
            let merged = |logs: [&Log; 3]| {
                let mut all = Log::default();
                logs.into_iter().for_each(|log| all.merge(log.clone()));
                all
            };
            let whole = log(&all);
            for logs in [[&a, &b, &c], [&c, &a, &b], [&b, &c, &a], [&c, &b, &a]] {
                let merged = merged(logs);
                prop_assert_eq!(&merged, &whole);
                prop_assert_eq!(merged.text(), whole.text());
                prop_assert_eq!(merged.states("s"), whole.states("s"));
            }
            prop_assert_eq!(&merged([&whole, &a, &whole]), &whole, "merging again changes nothing");
            prop_assert_eq!(&Log::parse(&whole.text()).0, &whole);
            prop_assert_eq!(&Log::parse(&(a.text() + &b.text() + &c.text())).0, &whole, "files one after the other");
        }

        #[test]
        fn an_undo_leaves_what_was_before(all in entries(), last in (0..4_usize, 0..4_u64)) {
            let before = log(&all);
            let (dev, n) = (0, 100);
            let review = entry(dev, n, 50_000, &(7, last.0, 0, last.1));
            let mut undo = entry(dev, n + 1, 50_001, &(0, 0, 0, 0));
            undo.entry.undo = Some(review.key());
            let mut again = entry(dev, n + 2, 50_002, &(0, 0, 0, 0));
            again.entry.undo = Some(undo.key());
            let with = |more: &[Timed]| log(&[&all, more].concat()).states("s");
            prop_assert_eq!(with(&[review.clone(), undo.clone()]), before.states("s"));
            prop_assert_eq!(with(&[review.clone(), undo, again]), with(&[review]));
        }

        #[test]
        fn a_move_gives_the_new_card_the_whole_history(grades in proptest::collection::vec(0..4_u64, 1..8), at in 0..8_usize) {
            let review = |n: usize, card: usize| entry(0, n as u64, n as i64 * 3_000, &(7, card, 0, grades[n]));
            let one: Vec<Timed> = (0..grades.len()).map(|n| review(n, 1)).collect();
            let split: Vec<Timed> = (0..grades.len()).map(|n| review(n, usize::from(n >= at))).collect();
            let moved = |a, b| entry(1, 100 + a as u64, 90_000, &(1, a, b, 0));
            for moves in [vec![moved(0, 1)], vec![moved(1, 0)], vec![moved(0, 1), moved(1, 0)]] {
                let (states, whole) = (log(&[split.clone(), moves].concat()).states("s"), log(&one).states("s"));
                prop_assert_eq!(states.of("d"), whole.of("d"));
                prop_assert_eq!(states.of("c"), states.of("d"));
            }
        }

        #[test]
        fn any_text_is_read(text in "\\PC{0,60}", lines in proptest::collection::vec("\\{\"v\":[12],\"n\":[0-9]\\}|x", 0..4)) {
            let whole = format!("{text}\n{}", lines.join("\n"));
            let (log, unreadable) = Log::parse(&whole);
            prop_assert_eq!(Log::parse(&log.text()), (log, Vec::new()));
            prop_assert!(unreadable.len() <= lines.len() + 1 + text.lines().count());
        }
    }

    #[test]
    fn what_is_not_understood_is_kept_or_named() {
        let review =
            r#"{"v":1,"site":"s","card":"c","t":"2026-11-29T08:14:03.120+01:00","g":3,"ms":5400,"dev":"k3f9","n":17}"#;
        let later = r#"{"v":2,"what":"ever"}"#;
        let (log, unreadable) = Log::parse(&format!("{review}\n\n{later}\n{{\"v\":1,\"si"));
        assert_eq!(unreadable, [4], "a line that was cut off");
        assert_eq!(log.text(), format!("{review}\n{later}\n"));
        let state = log.states("s");
        assert_eq!(state.of("c").map(|c| c.due(RETENTION)), Some(20_788));
        assert_eq!(log.states("other"), States::default());
    }

    #[test]
    fn logs_and_states_are_those_of_the_fixture_which_javascript_reads_too() {
        let fixture: Value = serde_json::from_str(include_str!("../../../tests/formats/practice.json")).unwrap();
        let cases = fixture["logs"].as_array().unwrap();
        assert!(cases.len() > 5);
        for case in cases {
            let (log, unreadable) = Log::parse(case["text"].as_str().unwrap());
            assert_eq!(json!(unreadable), case["unreadable"], "{case:#}");
            assert_eq!(json!(log.text()), case["merged"], "{case:#}");
            let states = log.states("s");
            for (card, expected) in case["states"].as_object().unwrap() {
                let Some(state) = states.of(card) else {
                    assert!(expected.is_null(), "{card} of {case:#}");
                    continue;
                };
                for (name, own) in [("stability", state.memory.stability), ("difficulty", state.memory.difficulty)] {
                    // The reader of JSON may be off by a bit.
                    let theirs = expected[name].as_f64().unwrap();
                    assert!((own - theirs).abs() <= 1e-15 * theirs, "{name} of {card}: {own} is not {theirs}");
                }
                let counts = json!([
                    state.reviews,
                    state.lapses,
                    state.day,
                    state.due(RETENTION),
                    state.rating.number(),
                    state.is_leech()
                ]);
                let theirs = ["reviews", "lapses", "day", "due", "rating", "leech"].map(|name| expected[name].clone());
                assert_eq!(counts, json!(theirs), "{card} of {case:#}");
            }
        }
    }
}
