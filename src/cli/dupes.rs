//! `canon dupes`: prints duplicated passages and notes, the longest first.

use super::{Global, Outcome, TextOrJson, print};
use crate::base::duplicates::engine::{Cluster, NoteGroup, Place};
use crate::base::duplicates::{block_heading, block_span, block_text};
use crate::base::site::Site;
use crate::check::report::counted;
use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

/// Print duplicated text, ranked by removable words
#[derive(Debug, clap::Args)]
pub(super) struct Dupes {
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
    /// The format of the output
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: TextOrJson,
}

/// A duplicate: whole notes, or a passage.
enum Repeat<'a> {
    Notes(&'a NoteGroup),
    Text(&'a Cluster),
}

impl Repeat<'_> {
    fn saved(&self) -> u32 {
        match self {
            Repeat::Notes(group) => group.saved,
            Repeat::Text(cluster) => cluster.saved,
        }
    }
}

impl Dupes {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let site = global.analyze(&self.root)?;
        let found = site.repeated();
        let notes = found.notes.iter().map(Repeat::Notes);
        let mut all: Vec<Repeat<'_>> = notes.chain(found.blocks.iter().map(Repeat::Text)).collect();
        // A stable sort: duplicates with the same number of words stay in path order, and the output is the same in each run.
        all.sort_by_key(|repeat| std::cmp::Reverse(repeat.saved()));
        match self.format {
            TextOrJson::Json => print(&format!(
                "{}\n",
                json!({ "version": 1, "duplicates": all.iter().map(|r| as_json(&site, r)).collect::<Vec<_>>() })
            )),
            TextOrJson::Human => print(&human(&site, &all)),
        }
    }
}

fn human(site: &Site, all: &[Repeat<'_>]) -> String {
    if all.is_empty() {
        return format!("no duplicates in {}\n", counted(site.concepts().count(), "note"));
    }
    let mut out = String::new();
    for (n, repeat) in all.iter().enumerate() {
        let _ = writeln!(out, "{}. {}", n + 1, counted(repeat.saved() as usize, "word"));
        match repeat {
            Repeat::Notes(group) => notes(site, group, &mut out),
            Repeat::Text(cluster) => text(site, cluster, &mut out),
        }
        out.push('\n');
    }
    let words: u32 = all.iter().map(Repeat::saved).sum();
    let (passages, words) = (counted(all.len(), "duplicated passage"), counted(words as usize, "word"));
    let _ = writeln!(out, "{passages}; {words} could be removed");
    out
}

fn notes(site: &Site, group: &NoteGroup, out: &mut String) {
    for &note in &group.notes {
        let _ = writeln!(out, "   {}  “{}”", site.source(note).path, site.note(note).title);
    }
    for pair in &group.pairs {
        let (a, b) = (&site.note(pair.a).title, &site.note(pair.b).title);
        let _ = writeln!(
            out,
            "   “{a}”, “{b}”: {:.0} % of the shorter note also appears in the longer one",
            pair.share * 100.0
        );
    }
    out.push_str("   merge them: keep one note, and turn the rest into alias notes of it\n");
}

fn text(site: &Site, cluster: &Cluster, out: &mut String) {
    let first = cluster.places[0];
    let words = block_text(site.note(first.note), first.block);
    for (n, place) in cluster.places.iter().enumerate() {
        let own = block_text(site.note(place.note), place.block);
        let shown = if n == 0 { own } else { marked(&words, &own) };
        let _ = writeln!(out, "   {}\n     {shown}", at(site, place));
    }
    let source = site.note(first.note);
    // A passage before the first heading has no section to embed alone.
    let anchor = block_heading(source, first.block).map_or("", |h| &*h.anchor);
    let key = &site.graph.keys[first.note];
    let _ = writeln!(out, "   keep it in one note; in the rest, link to it or show it with ![[{key}#{anchor}]]");
}

fn at(site: &Site, place: &Place) -> String {
    let note = site.note(place.note);
    let line = site.source(place.note).lines().position(block_span(note, place.block).start).line;
    format!("{}:{line}", site.source(place.note).path)
}

/// The second text, with emphasis on words missing from the first.
fn marked(first: &str, second: &str) -> String {
    use ::similar::{ChangeTag, TextDiff};
    let style = Style::new().fg_color(Some(AnsiColor::Yellow.into())).bold();
    let mut out = String::new();
    for change in TextDiff::from_words(first, second).iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => out.push_str(change.value()),
            // Emphasised spaces would only be noise.
            ChangeTag::Insert if change.value().trim().is_empty() => out.push_str(change.value()),
            ChangeTag::Insert => {
                let _ = write!(out, "{style}[{}]{style:#}", change.value());
            }
            ChangeTag::Delete => {}
        }
    }
    out
}

fn as_json(site: &Site, repeat: &Repeat<'_>) -> Value {
    let spot = |place: &Place| {
        let note = site.note(place.note);
        let line = site.source(place.note).lines().position(block_span(note, place.block).start).line;
        json!({ "file": &*site.source(place.note).path, "line": line, "text": block_text(note, place.block) })
    };
    match repeat {
        Repeat::Notes(group) => json!({
            "kind": "notes",
            "words": group.saved,
            "similarity": group.pairs.iter().map(|p| p.share).fold(0.0, f64::max),
            "places": group.notes.iter().map(|&n| json!({ "file": &*site.source(n).path, "line": 1 })).collect::<Vec<_>>(),
            "advice": "merge",
        }),
        Repeat::Text(cluster) => json!({
            "kind": "text",
            "words": cluster.saved,
            "similarity": cluster.similarity,
            "places": cluster.places.iter().map(spot).collect::<Vec<_>>(),
            "advice": "link or embed",
        }),
    }
}
