//! What logs of practice say about a site: how many cards are known, for how long they are remembered, which core topics are
//! weak, and which cards are forgotten again and again.

use crate::base::site::Site;
use crate::check::report::{counted, thousands};
use crate::data::practice::cards::{SiteCard, site_cards, site_id};
use crate::data::practice::log::{Log, States};
use crate::data::practice::memory::{RETENTION, Rating};
use crate::system::disk::cannot_read;
use crate::text::ids::NoteId;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The least importance of a core topic.
const CORE: u8 = 80;
/// The days for which a review counts as recent practice.
const RECENT: i64 = 90;
/// The spans of days since the last review for which retention is computed: from, and before.
const SPANS: [(i64, i64); 3] = [(30, 60), (60, 90), (90, i64::MAX)];

/// The statistics of practice.
#[derive(Serialize)]
pub(super) struct Learning<'a> {
    /// The cards of the site.
    #[serde(rename = "cards")]
    card_count: usize,
    /// The cards with a review.
    seen: usize,
    /// The cards that are due today.
    due: usize,
    /// The reviews, without those that were undone.
    reviews: usize,
    /// The days in a row with a review, up to today or yesterday.
    streak: usize,
    retention: Vec<Span>,
    /// The notes with an importance of 80 or more, the least known first.
    coverage: Vec<Topic<'a>>,
    leeches: Vec<Leech<'a>>,
}

#[derive(Serialize)]
struct Span {
    /// At least so many days since the last review.
    days: i64,
    reviews: usize,
    /// The share of reviews that were not "again"; null without reviews.
    recalled: Option<f64>,
}

#[derive(Serialize)]
struct Topic<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(rename = "cards")]
    card_count: usize,
    seen: usize,
    /// The mean probability of recall today; 0 for a new card.
    recall: f64,
}

#[derive(Serialize)]
struct Leech<'a> {
    card: String,
    note: &'a str,
    question: &'a str,
    lapses: u32,
}

/// A log with the number of its lines that are no JSON objects.
type Damaged<'f> = (&'f Path, usize);

/// Reads and merges logs. Also returns the damaged ones.
///
/// # Errors
/// A file cannot be read.
pub(super) fn read_logs(files: &[PathBuf]) -> Result<(Log, Vec<Damaged<'_>>), String> {
    let (mut log, mut faults) = (Log::default(), Vec::new());
    for file in files {
        let bytes = std::fs::read(file).map_err(|error| cannot_read(file, &error))?;
        let (own, unreadable) = Log::parse(&String::from_utf8_lossy(&bytes));
        log.merge(own);
        if !unreadable.is_empty() {
            faults.push((file.as_path(), unreadable.len()));
        }
    }
    Ok((log, faults))
}

/// The share of the cards of each note with cards that were practised in the last [`RECENT`] days.
pub(super) fn practised(site: &Site, log: &Log, today: i64) -> FxHashMap<NoteId, f64> {
    let states = log.states(&site_id(site));
    let mut counts: FxHashMap<NoteId, (usize, usize)> = FxHashMap::default();
    for card in site_cards(site) {
        let is_recent = states.of(&card.id).is_some_and(|state| today - state.day <= RECENT);
        let (recent, all) = counts.entry(card.note).or_default();
        *recent += usize::from(is_recent);
        *all += 1;
    }
    counts.into_iter().map(|(note, (recent, all))| (note, recent as f64 / all as f64)).collect()
}

/// The statistics of a log on a day, given as a number of days since 1970.
pub(super) fn learning<'a>(site: &'a Site, log: &Log, today: i64) -> Learning<'a> {
    let (states, cards) = (log.states(&site_id(site)), site_cards(site));
    let seen = || cards.iter().filter_map(|card| Some((card, states.of(&card.id)?)));
    let leeches = seen().filter(|(_, state)| state.is_leech()).map(|(card, state)| Leech {
        card: card.id.clone(),
        note: &site.graph.keys[card.note],
        question: &card.card.question,
        lapses: state.lapses,
    });
    Learning {
        card_count: cards.len(),
        seen: seen().count(),
        due: seen().filter(|(_, state)| !state.is_leech() && state.due(RETENTION) <= today).count(),
        reviews: states.past.len(),
        streak: streak(&states, today),
        retention: SPANS.iter().map(|&span| retention(&states, span)).collect(),
        leeches: leeches.collect(),
        coverage: coverage(site, &cards, &states, today),
    }
}

fn streak(states: &States, today: i64) -> usize {
    let days: std::collections::BTreeSet<i64> = states.past.iter().map(|review| review.day).collect();
    let last = if days.contains(&today) { today } else { today - 1 };
    (0..).take_while(|&back| days.contains(&(last - back))).count()
}

fn retention(states: &States, (from, before): (i64, i64)) -> Span {
    let within = |elapsed: i64| (from..before).contains(&elapsed);
    let own: Vec<_> = states.past.iter().filter(|review| review.elapsed.is_some_and(within)).collect();
    let recalled = own.iter().filter(|review| review.rating > Rating::Again).count();
    let share = (!own.is_empty()).then(|| recalled as f64 / own.len() as f64);
    Span { days: from, reviews: own.len(), recalled: share }
}

fn coverage<'a>(site: &'a Site, cards: &[SiteCard<'_>], states: &States, today: i64) -> Vec<Topic<'a>> {
    let mut topics: BTreeMap<NoteId, Topic<'a>> = BTreeMap::new();
    for card in cards.iter().filter(|card| site.note(card.note).head.importance >= Some(CORE)) {
        let topic = topics.entry(card.note).or_insert_with(|| Topic {
            id: &site.graph.keys[card.note],
            title: &site.note(card.note).title,
            card_count: 0,
            seen: 0,
            recall: 0.0,
        });
        topic.card_count += 1;
        if let Some(state) = states.of(&card.id) {
            topic.seen += 1;
            topic.recall += state.memory.recall(u32::try_from(today - state.day).unwrap_or(0));
        }
    }
    let mut topics: Vec<Topic<'a>> = topics.into_values().collect();
    topics.iter_mut().for_each(|topic| topic.recall /= topic.card_count as f64);
    topics.sort_by(|a, b| a.recall.total_cmp(&b.recall));
    topics
}

impl Learning<'_> {
    /// The statistics as text: counts, then the weakest core topics and the leeches, at most `rows` of each.
    pub(super) fn human(&self, rows: usize) -> String {
        let mut out = format!(
            "\npractice    {} of {} seen, {} due, {}, {} in a row\n",
            thousands(self.seen),
            counted(self.card_count, "card"),
            thousands(self.due),
            counted(self.reviews, "review"),
            counted(self.streak, "day"),
        );
        for span in &self.retention {
            let share = span.recalled.map_or("no review".to_string(), |share| {
                format!("{:.0} % of {}", share * 100.0, counted(span.reviews, "review"))
            });
            let _ = writeln!(out, "after {:>3} d {share} recalled", span.days);
        }
        let known = self.coverage.iter().filter(|topic| topic.seen == topic.card_count).count();
        let _ = writeln!(out, "\ncore topics {known} of {} have all cards seen", self.coverage.len());
        for topic in self.coverage.iter().take(rows) {
            let title = crate::check::report::visible(topic.title);
            let _ = writeln!(out, "  {:>4.0} %  {title}", topic.recall * 100.0);
        }
        let _ = writeln!(out, "\nleeches     {}", self.leeches.len());
        for leech in self.leeches.iter().take(rows) {
            let question = crate::check::report::visible(leech.question);
            let _ = writeln!(out, "  {:>5}  {}: {question}", leech.lapses, leech.note);
        }
        out
    }
}
