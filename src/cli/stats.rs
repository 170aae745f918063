//! `canon stats`: prints counts, findings by severity, and short lists of notes with problems.

use super::{Global, Outcome, print};
use crate::base::index::{BANDS, Facet};
use crate::base::site::Site;
use crate::check::report::{counted, thousands};
use crate::text::diagnostic::Severity;
use crate::text::ids::NoteId;
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
}

impl Stats {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let site = global.analyze(&self.root)?;
        let findings = crate::check::rules::run(&site, Some(super::today()?)).diagnostics;
        let mut out = counts(&site);
        let count = |s: Severity| findings.iter().filter(|d| d.severity == s).count();
        let _ = writeln!(
            out,
            "health      {}, {}, {}",
            counted(count(Severity::Error), "error"),
            counted(count(Severity::Warning), "warning"),
            counted(count(Severity::Info), "info")
        );
        out.push_str(&by_status(&site));
        out.push_str(&lists(&site));
        print(&out)
    }
}

fn counts(site: &Site) -> String {
    let mut out = String::new();
    let cards: usize = site.notes.iter().map(|n| n.cards.len()).sum();
    let words: u64 = site.notes.iter().map(|n| u64::from(n.words)).sum();
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
        counted(words as usize, "word")
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
    for (b, (low, _)) in BANDS.iter().enumerate() {
        // Bands are sorted from high to low, so a band ends below the previous band.
        let high = if b == 0 { 100 } else { BANDS[b - 1].0 - 1 };
        let _ = write!(out, "{:<12}", format!("{low}-{high}"));
        for (status, width) in columns() {
            let within = |n: &crate::note::Note| {
                n.head.importance.is_some_and(|i| (*low..=high).contains(&i)) && Facet::Status.of(n) == Some(status)
            };
            let _ = write!(out, "{:>width$}", site.concepts().filter(|(_, n)| within(n)).count());
        }
        out.push('\n');
    }
    out
}

fn lists(site: &Site) -> String {
    let mut out = String::new();
    let mut linked: Vec<(usize, NoteId)> = site.concepts().map(|(i, _)| (site.graph.number_to(i), i)).collect();
    linked.sort_by_key(|&(count, i)| (std::cmp::Reverse(count), i));
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
