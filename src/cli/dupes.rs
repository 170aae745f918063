//! `canon dupes`: prints overlapping notes, then duplicated passages and notes, the longest first.

use super::{Global, Outcome, TextOrJson, print};
use crate::base::duplicates::engine::{Cluster, NoteGroup, Place};
use crate::base::duplicates::{block_span, block_text};
use crate::base::overlaps::{Overlap, Passage, SideBySide};
use crate::base::site::Site;
use crate::check::advice::{LinkStyle, Paste, link_style, paste, paste_block};
use crate::check::report::counted;
use crate::check::rules::{destination, overlapping_passages};
use crate::text::ids::NoteId;
use crate::text::source::Span;
use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

/// Print notes that explain the same, and duplicated text by removable words
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
        let output = Output { site: &site, style: link_style(&site) };
        match self.format {
            TextOrJson::Json => print(&format!(
                "{}\n",
                json!({
                    "version": 1,
                    "overlaps": site.overlaps().iter().map(|o| output.overlap_json(o)).collect::<Vec<_>>(),
                    "duplicates": all.iter().map(|r| output.repeat_json(r)).collect::<Vec<_>>(),
                })
            )),
            TextOrJson::Human => print(&output.human(&all)),
        }
    }
}

/// What the output of all duplicates needs.
struct Output<'a> {
    site: &'a Site,
    style: LinkStyle,
}

impl Output<'_> {
    fn human(&self, all: &[Repeat<'_>]) -> String {
        let overlaps = self.site.overlaps();
        if all.is_empty() && overlaps.is_empty() {
            return format!("no duplicates in {}\n", counted(self.site.concepts().count(), "note"));
        }
        let mut out = String::new();
        for (n, overlap) in overlaps.iter().enumerate() {
            let _ = writeln!(out, "{}. {} in other words", n + 1, counted(overlap.matches.len(), "idea"));
            self.overlap(overlap, &mut out);
            out.push('\n');
        }
        for (n, repeat) in all.iter().enumerate() {
            let _ = writeln!(out, "{}. {}", overlaps.len() + n + 1, counted(repeat.saved() as usize, "word"));
            match repeat {
                Repeat::Notes(group) => self.notes(group, &mut out),
                Repeat::Text(cluster) => self.text(cluster, &mut out),
            }
            out.push('\n');
        }
        if !overlaps.is_empty() {
            let _ = writeln!(out, "{} of overlapping notes", counted(overlaps.len(), "pair"));
        }
        let words: u32 = all.iter().map(Repeat::saved).sum();
        let (passages, words) = (counted(all.len(), "duplicated passage"), counted(words as usize, "word"));
        let _ = writeln!(out, "{passages}; {words} could be removed");
        out
    }

    /// The passages of two notes side by side, the one to keep first.
    fn overlap(&self, overlap: &Overlap, out: &mut String) {
        for note in [overlap.a, overlap.b] {
            self.title(note, out);
        }
        for pair in overlapping_passages(self.site, overlap) {
            let place = |note: NoteId, passage: &Passage| self.at(note, passage.span);
            let (kept, other) = (place(pair.kept, &pair.kept_passage), place(pair.other, &pair.other_passage));
            let _ = writeln!(
                out,
                "   - keep     {kept}\n              {}",
                pair.kept_passage.text(self.site.note(pair.kept))
            );
            let _ = writeln!(
                out,
                "     replace  {other}\n              {}",
                pair.other_passage.text(self.site.note(pair.other))
            );
            self.instead(&self.paste(&pair), out);
        }
    }

    fn paste(&self, pair: &SideBySide) -> Paste {
        let (own, kept) = ((pair.other, pair.other_passage.span), (pair.kept, pair.kept_passage.span));
        paste(self.site, self.style, own, kept)
    }

    /// The lines to write in place of a text.
    fn instead(&self, paste: &Paste, out: &mut String) {
        let place = self.at(paste.note, paste.span);
        let _ = match &paste.embed {
            Some(embed) => writeln!(out, "     at {place} write\n       {}\n     or {embed}", paste.link),
            None => writeln!(out, "     at {place} write\n       {}", paste.link),
        };
    }

    fn title(&self, note: NoteId, out: &mut String) {
        let _ = writeln!(out, "   {}  “{}”", self.site.path(note), self.site.note(note).title);
    }

    fn notes(&self, group: &NoteGroup, out: &mut String) {
        group.notes.iter().for_each(|&note| self.title(note, out));
        for pair in &group.pairs {
            let (a, b) = (&self.site.note(pair.a).title, &self.site.note(pair.b).title);
            let _ = writeln!(
                out,
                "   “{a}”, “{b}”: {:.0} % of the shorter note also appears in the longer one",
                pair.share * 100.0
            );
        }
        let kept = self.kept_note(group);
        let _ = writeln!(out, "   merge them into {}, and make the rest alias notes of it", self.site.path(kept));
        for &note in group.notes.iter().filter(|&&note| note != kept) {
            let _ = writeln!(out, "   in {} write only\n       {}", self.site.path(note), self.alias(note, kept));
        }
    }

    /// The note of a group that the rest should be merged into.
    fn kept_note(&self, group: &NoteGroup) -> NoteId {
        let kept = group.notes.iter().copied().min_by_key(|&note| self.site.index.rank[note]);
        kept.unwrap_or(group.notes[0])
    }

    /// The text of a note that is an alias of another one.
    fn alias(&self, note: NoteId, kept: NoteId) -> String {
        format!("See: [{}]({})", self.site.note(kept).title, destination(self.site, note, kept))
    }

    fn text(&self, cluster: &Cluster, out: &mut String) {
        let places = self.places(cluster);
        let words = self.words(&places[0]);
        for (n, place) in places.iter().enumerate() {
            let own = self.words(place);
            let shown = if n == 0 { own } else { marked(&words, &own) };
            let span = block_span(self.site.note(place.note), place.block);
            let _ = writeln!(out, "   {}\n     {shown}", self.at(place.note, span));
        }
        let _ = writeln!(out, "   keep the first");
        places[1..].iter().for_each(|place| self.instead(&paste_block(self.site, self.style, place, &places[0]), out));
    }

    /// The places of a passage, the one to keep first.
    fn places(&self, cluster: &Cluster) -> Vec<Place> {
        let mut places = cluster.places.clone();
        let kept = |at: &usize| (self.site.index.rank[places[*at].note], places[*at]);
        let kept = (0..places.len()).min_by_key(kept).unwrap_or_default();
        places[..=kept].rotate_right(1);
        places
    }

    fn words(&self, place: &Place) -> String {
        block_text(self.site.note(place.note), place.block)
    }

    fn line(&self, note: NoteId, span: Span) -> usize {
        self.site.source(note).lines().position(span.start).line
    }

    fn at(&self, note: NoteId, span: Span) -> String {
        format!("{}:{}", self.site.path(note), self.line(note, span))
    }

    fn overlap_json(&self, overlap: &Overlap) -> Value {
        let note = |note: NoteId| json!({ "file": self.site.path(note), "title": self.site.note(note).title });
        let place = |note: NoteId, passage: &Passage| {
            json!({
                "file": self.site.path(note),
                "line": self.line(note, passage.span),
                "text": passage.text(self.site.note(note)),
            })
        };
        let pair = |pair: &SideBySide| {
            json!({
                "similarity": pair.similarity,
                "keep": place(pair.kept, &pair.kept_passage),
                "replace": place(pair.other, &pair.other_passage),
                "paste": self.paste_json(&self.paste(pair)),
            })
        };
        let passages: Vec<Value> = overlapping_passages(self.site, overlap).iter().map(pair).collect();
        json!({ "notes": [note(overlap.a), note(overlap.b)], "passages": passages })
    }

    fn paste_json(&self, paste: &Paste) -> Value {
        let (file, line) = (self.site.path(paste.note), self.line(paste.note, paste.span));
        json!({ "file": file, "line": line, "link": paste.link, "embed": paste.embed })
    }

    fn repeat_json(&self, repeat: &Repeat<'_>) -> Value {
        let spot = |place: &Place| {
            let line = self.line(place.note, block_span(self.site.note(place.note), place.block));
            json!({ "file": self.site.path(place.note), "line": line, "text": self.words(place) })
        };
        match repeat {
            Repeat::Notes(group) => {
                let kept = self.kept_note(group);
                let rest = || group.notes.iter().copied().filter(|&note| note != kept);
                let alias = |note: NoteId| json!({ "file": self.site.path(note), "line": 1, "link": self.alias(note, kept), "embed": null });
                json!({
                    "kind": "notes",
                    "words": group.saved,
                    "similarity": group.pairs.iter().map(|p| p.share).fold(0.0, f64::max),
                    "places": std::iter::once(kept)
                        .chain(rest())
                        .map(|n| json!({ "file": self.site.path(n), "line": 1 }))
                        .collect::<Vec<_>>(),
                    "advice": "merge",
                    "paste": rest().map(alias).collect::<Vec<_>>(),
                })
            }
            Repeat::Text(cluster) => {
                let places = self.places(cluster);
                let instead = |place: &Place| self.paste_json(&paste_block(self.site, self.style, place, &places[0]));
                json!({
                    "kind": "text",
                    "words": cluster.saved,
                    "similarity": cluster.similarity,
                    "places": places.iter().map(spot).collect::<Vec<_>>(),
                    "advice": "link or embed",
                    "paste": places[1..].iter().map(instead).collect::<Vec<_>>(),
                })
            }
        }
    }
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
