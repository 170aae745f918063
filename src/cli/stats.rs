//! `canon stats`: prints counts, findings by severity, and short lists of notes with problems.

mod learning;

use super::{Failure, Global, Outcome, TextOrJson, note, print};
use crate::base::index::{BANDS, Facet};
use crate::base::living_importance::{LivingImportance, disagreements, living_importance};
use crate::base::site::Site;
use crate::check::baseline::Comparison;
use crate::check::report::{counted, thousands};
use crate::data::practice::log::Log;
use crate::note::frontmatter::Date;
use crate::system::disk::from_here;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use learning::{Learning, learning, practised, read_logs};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// The most rows of each list.
const ROWS: usize = 10;
/// The least width of a status column; a longer status name widens the column.
const COLUMN: usize = 12;

/// Print counts, health, importance by status, the most linked notes, orphans and wanted notes
#[derive(Debug, clap::Args)]
pub(super) struct Stats {
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
    /// The format of the output
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: TextOrJson,
    /// A log of practice, exported from the practice page; several logs are merged
    #[arg(long, value_name = "LOG")]
    learning: Vec<PathBuf>,
}

impl Stats {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let location = global.locate(&self.root)?;
        let (baseline, site) = (location.read_baseline()?, global.analyze_at(&location)?);
        let found = crate::check::rules::run(&site, Some(super::today()?)).diagnostics;
        let Comparison { new: findings, known, .. } = baseline.compare(found, &site.vault.files);
        let log = self.log(global)?;
        let learning = log.as_ref().map(|(log, today)| learning(&site, log, *today));
        let practised = log.as_ref().map(|(log, today)| practised(&site, log, *today));
        let living = disagreements(living_importance(&site, practised.as_ref()), ROWS);
        print(&match self.format {
            TextOrJson::Human => {
                let practised = learning.map(|learning| learning.human(ROWS)).unwrap_or_default();
                human(&site, &findings, known) + &in_doubt(&site, &living) + &practised
            }
            TextOrJson::Json => {
                let living = living.iter().map(|own| LivingNote::of(&site, own)).collect();
                let document = Document { learning, living, ..document(&site, &findings, known) };
                format!("{}\n", serde_json::to_string_pretty(&document)?)
            }
        })
    }

    /// The merged logs and today as a number of days since 1970. `None` without a log.
    fn log(&self, global: &Global) -> Result<Option<(Log, i64)>, Failure> {
        if self.learning.is_empty() {
            return Ok(None);
        }
        let (log, faults) = read_logs(&self.learning)?;
        for (file, lines) in faults {
            let lines = counted(lines, "line");
            note(global, &format!("{lines} of `{}` could not be read and left out", from_here(file)));
        }
        let days = super::today()?.since(Date::constant(1970, 1, 1))?.get_days();
        Ok(Some((log, i64::from(days))))
    }
}

/// The statistics for programs. Unlike the text, the lists of orphans and wanted notes are complete.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    title: &'a str,
    /// Markdown files.
    #[serde(rename = "files")]
    file_count: usize,
    #[serde(rename = "notes")]
    note_count: usize,
    #[serde(rename = "words")]
    word_count: usize,
    #[serde(rename = "links")]
    link_count: usize,
    /// The number of edges by kind; kinds without an edge are omitted.
    edges: BTreeMap<&'static str, usize>,
    #[serde(rename = "tags")]
    tag_count: usize,
    #[serde(rename = "questions")]
    question_count: usize,
    findings: FindingCounts,
    /// From high to low importance.
    importance: Vec<Band>,
    /// The ten notes with most links to them.
    most_linked: Vec<LinkedNote<'a>>,
    orphans: Vec<NamedNote<'a>>,
    wanted: Vec<WantedNote<'a>>,
    /// The ten notes whose living importance differs most from the stated one.
    living: Vec<LivingNote<'a>>,
    /// Only with logs of practice.
    #[serde(skip_serializing_if = "Option::is_none")]
    learning: Option<Learning<'a>>,
}

#[derive(Serialize)]
struct FindingCounts {
    errors: usize,
    warnings: usize,
    infos: usize,
    /// Known findings, which are not in the three other counts.
    in_baseline: usize,
}

/// The notes of a band of importance, both ends inclusive.
#[derive(Serialize)]
struct Band {
    from: u32,
    to: u32,
    /// The number of notes by status; statuses without a note have 0.
    statuses: BTreeMap<String, usize>,
}

#[derive(Serialize)]
struct NamedNote<'a> {
    id: &'a str,
    title: &'a str,
    file: &'a str,
}

#[derive(Serialize)]
struct LinkedNote<'a> {
    #[serde(flatten)]
    note: NamedNote<'a>,
    /// The number of links to the note.
    links: usize,
}

#[derive(Serialize)]
struct WantedNote<'a> {
    name: &'a str,
    /// The ids of the notes that link to it.
    from: Vec<&'a str>,
}

#[derive(Serialize)]
struct LivingNote<'a> {
    #[serde(flatten)]
    note: NamedNote<'a>,
    stated: u8,
    /// From 0 to 100, rounded to tenths.
    living: f64,
}

impl<'a> LivingNote<'a> {
    fn of(site: &'a Site, own: &LivingImportance) -> LivingNote<'a> {
        LivingNote { note: named(site, own.note), stated: own.stated, living: (own.living * 10.0).round() / 10.0 }
    }
}

fn named(site: &Site, note: NoteId) -> NamedNote<'_> {
    NamedNote { id: &site.graph.keys[note], title: &site.note(note).title, file: &site.source(note).path }
}

/// The notes whose living importance differs most from the stated one.
fn in_doubt(site: &Site, living: &[LivingImportance]) -> String {
    let mut out = String::from("\nimportance in doubt (stated, living)\n");
    for own in living {
        let _ = writeln!(out, "  {:>5} {:>5.0}  {}", own.stated, own.living, site.note(own.note).title);
    }
    out
}

fn document<'a>(site: &'a Site, findings: &[Diagnostic], in_baseline: usize) -> Document<'a> {
    let named = |i: NoteId| named(site, i);
    let (health, edges) = (FindingCounts::of(findings, in_baseline), crate::publish::files::edge_counts(site));
    let (linked, statuses) = (by_links(site), Facet::Status.values(&site.schema, &site.notes));
    let band = |b| {
        let (from, to) = band_limits(b);
        Band { from, to, statuses: statuses.iter().map(|s| (s.clone(), notes_in(site, (from, to), s))).collect() }
    };
    let from = |ids: &[NoteId]| ids.iter().map(|&i| &site.graph.keys[i]).collect();
    Document {
        version: 1,
        title: &site.config.title,
        file_count: site.vault.markdown,
        note_count: site.concepts().count(),
        word_count: words(site),
        link_count: site.notes.iter().map(|n| n.doc.links.len()).sum(),
        edges: edges.into_iter().filter(|(_, n)| *n > 0).collect(),
        tag_count: site.index.tags.len(),
        question_count: site.notes.iter().map(|n| n.cards.len()).sum(),
        findings: health,
        importance: (0..BANDS.len()).map(band).collect(),
        most_linked: linked
            .iter()
            .take(ROWS)
            .filter(|(links, _)| *links > 0)
            .map(|&(links, i)| LinkedNote { note: named(i), links })
            .collect(),
        orphans: linked.iter().filter(|(links, _)| *links == 0).map(|&(_, i)| named(i)).collect(),
        wanted: site.graph.wanted.iter().map(|w| WantedNote { name: &w.name, from: from(&w.from) }).collect(),
        living: Vec::new(),
        learning: None,
    }
}

impl FindingCounts {
    fn of(findings: &[Diagnostic], in_baseline: usize) -> FindingCounts {
        let count = |severity| findings.iter().filter(|d| d.severity == severity).count();
        FindingCounts {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            in_baseline,
        }
    }
}

fn human(site: &Site, findings: &[Diagnostic], in_baseline: usize) -> String {
    let mut out = counts(site);
    let health = FindingCounts::of(findings, in_baseline);
    let _ = writeln!(
        out,
        "health      {}, {}, {}{}",
        counted(health.errors, "error"),
        counted(health.warnings, "warning"),
        counted(health.infos, "info"),
        if in_baseline == 0 { String::new() } else { format!(", and {} in the baseline", thousands(in_baseline)) },
    );
    out.push_str(&by_status(site));
    out.push_str(&lists(site));
    out
}

fn words(site: &Site) -> usize {
    site.notes.iter().map(|n| u64::from(n.words)).sum::<u64>() as usize
}

/// The lowest and the highest importance of a band. Bands are sorted from high to low, so a band ends below the previous
/// band.
fn band_limits(band: usize) -> (u32, u32) {
    let high = if band == 0 { 100 } else { BANDS[band - 1].0 - 1 };
    (u32::from(BANDS[band].0), u32::from(high))
}

/// The number of notes with a status and an importance within the limits.
fn notes_in(site: &Site, (low, high): (u32, u32), status: &str) -> usize {
    let within = |n: &crate::note::Note| {
        n.head.importance.is_some_and(|i| (low..=high).contains(&u32::from(i))) && Facet::Status.of(n) == Some(status)
    };
    site.concepts().filter(|(_, n)| within(n)).count()
}

/// The notes with the number of links to each, most linked first.
fn by_links(site: &Site) -> Vec<(usize, NoteId)> {
    let mut linked: Vec<(usize, NoteId)> = site.concepts().map(|(i, _)| (site.graph.number_to(i), i)).collect();
    linked.sort_by_key(|&(count, i)| (std::cmp::Reverse(count), i));
    linked
}

fn counts(site: &Site) -> String {
    let mut out = String::new();
    let cards: usize = site.notes.iter().map(|n| n.cards.len()).sum();
    let link_count: usize = site.notes.iter().map(|n| n.doc.links.len()).sum();
    let edges: Vec<String> = crate::publish::files::edge_counts(site)
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(k, n)| format!("{n} {k}"))
        .collect();
    let _ = writeln!(out, "{}", site.config.title);
    let _ = writeln!(
        out,
        "notes       {} of {}, {}",
        thousands(site.concepts().count()),
        counted(site.vault.markdown, "Markdown file"),
        counted(words(site), "word")
    );
    let _ = writeln!(
        out,
        "links       {}; edges: {}",
        thousands(link_count),
        if edges.is_empty() { "none".into() } else { edges.join(", ") }
    );
    let _ = writeln!(out, "tags        {}", site.index.tags.len());
    let _ = writeln!(out, "questions   {cards}");
    out
}

/// A table of notes: a row for each band of importance, a column for each status.
fn by_status(site: &Site) -> String {
    let statuses = Facet::Status.values(&site.schema, &site.notes);
    let columns = || statuses.iter().map(|status| (status, COLUMN.max(status.chars().count() + 2)));
    let mut out = format!("\n{:<12}", "importance");
    for (status, width) in columns() {
        let _ = write!(out, "{status:>width$}");
    }
    out.push('\n');
    for (low, high) in (0..BANDS.len()).map(band_limits) {
        let _ = write!(out, "{:<12}", format!("{low}-{high}"));
        for (status, width) in columns() {
            let _ = write!(out, "{:>width$}", notes_in(site, (low, high), status));
        }
        out.push('\n');
    }
    out
}

fn lists(site: &Site) -> String {
    let mut out = String::new();
    let linked = by_links(site);
    out.push_str("\nmost linked\n");
    for (count, i) in linked.iter().take(ROWS).filter(|(c, _)| *c > 0) {
        let _ = writeln!(out, "  {count:>5}  {}", site.note(*i).title);
    }
    let orphans: Vec<&str> =
        linked.iter().filter(|(c, _)| *c == 0).map(|(_, i)| site.note(*i).title.as_str()).collect();
    let _ = writeln!(out, "\norphans     {}", orphans.len());
    for title in orphans.iter().take(ROWS) {
        let _ = writeln!(out, "         {title}");
    }
    let _ = writeln!(out, "\nwanted      {}", site.graph.wanted.len());
    for wanted in site.graph.wanted.iter().take(ROWS) {
        let _ = writeln!(out, "  {:>5}  {}", wanted.from.len(), wanted.name);
    }
    out
}
