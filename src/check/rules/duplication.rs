//! Rules on duplicates: whole notes, blocks of text, and code blocks.

use super::{Check, Context, Rule};
use crate::base::duplicates::engine::{Cluster, NoteGroup};
use crate::base::duplicates::{block_heading, block_span, block_text, code_span};
use crate::base::site::Site;
use crate::note::sections::shortened;
use crate::text::diagnostic::{Applicability, Diagnostic, Edit, Fix, Severity};
use crate::text::ids::{Id, NoteId};
use crate::text::source::Span;

/// The rule `duplicate-note`.
pub(super) const DUPLICATE_NOTE: Rule = Rule {
    id: "duplicate-note",
    severity: Severity::Error,
    summary: "notes that explain the same thing",
    explanation: include_str!("duplicate-note.md"),
    checks: &[Check::Base(notes)],
};

/// The rule `duplicate-content`.
pub(super) const DUPLICATE_CONTENT: Rule = Rule {
    id: "duplicate-content",
    severity: Severity::Warning,
    summary: "a block of text that appears in several notes, identical or nearly so",
    explanation: include_str!("duplicate-content.md"),
    checks: &[Check::Base(content)],
};

/// The rule `similar-content`.
pub(super) const SIMILAR_CONTENT: Rule = Rule {
    id: "similar-content",
    severity: Severity::Info,
    summary: "a block of text that is similar to one in another note; and boilerplate of many notes",
    explanation: include_str!("similar-content.md"),
    checks: &[Check::Base(similar)],
};

/// The rule `duplicate-code`.
pub(super) const DUPLICATE_CODE: Rule = Rule {
    id: "duplicate-code",
    severity: Severity::Info,
    summary: "a code block of at least 5 lines that appears in several notes",
    explanation: include_str!("duplicate-code.md"),
    checks: &[Check::Base(code)],
};

/// The maximum number of characters of a quoted text.
const QUOTED: usize = 60;

fn notes(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for group in &site.repeated().notes {
        match are_all_alike(site, group) {
            true => out.push(group_finding(site, group)),
            false => out.extend(group.pairs.iter().map(|pair| {
                let notes = vec![pair.a, pair.b];
                group_finding(site, &NoteGroup { notes, pairs: vec![*pair], saved: group.saved })
            })),
        }
    }
}

/// Whether each note of a group explains the same as each other one. Two notes do not because a third one shares a passage
/// with both: every pair was found, or all of them are alike in most of their words and in length.
fn are_all_alike(site: &Site, group: &NoteGroup) -> bool {
    const MOST: f64 = 0.8;
    let words = |note: NoteId| f64::from(site.note(note).words);
    let alike = |a: f64, b: f64| a.min(b) >= MOST * a.max(b);
    group.pairs.len() == group.notes.len() * (group.notes.len() - 1) / 2
        || group.pairs.iter().all(|pair| pair.share >= MOST && alike(words(pair.a), words(pair.b)))
}

/// The finding for a group of notes with the same content. Located at the least important note, which is the one to
/// merge into the most important one.
fn group_finding(site: &Site, group: &NoteGroup) -> Diagnostic {
    let kept = group.notes.iter().copied().min_by_key(|&n| site.index.rank[n]).unwrap_or(NoteId::new(0));
    let given = group.notes.iter().copied().filter(|&n| n != kept).max_by_key(|&n| site.index.rank[n]).unwrap_or(kept);
    let share = group.pairs.iter().filter(|p| p.a == given || p.b == given).map(|p| p.share).fold(0.0, f64::max);
    let title = |n: NoteId| &site.note(n).title;
    let message = match group.notes.len() {
        2 => format!(
            "duplicates “{}”: {:.0} % of the shorter note also appears in the longer one",
            title(kept),
            share * 100.0
        ),
        n => format!("{} notes have the same content, among them “{}”", n, title(kept)),
    };
    let (file, span) = site.title_place(given);
    let help =
        format!("merge it into “{}” and make this note an alias note, or keep only the differences here", title(kept));
    let others = group.notes.iter().copied().filter(|&n| n != given);
    Diagnostic::new("duplicate-note", file, span, message, help).related_all(others, |other| {
        let (file, span) = site.title_place(other);
        (file, span, format!("“{}”", title(other)))
    })
}

fn content(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    out.extend(site.repeated().blocks.iter().map(|cluster| cluster_finding(site, cluster, "duplicate-content")));
}

fn similar(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    out.extend(site.repeated().similar.iter().map(|cluster| cluster_finding(site, cluster, "similar-content")));
    out.extend(forms(site));
}

/// The finding for all locations of a text. The text in the most important note should be kept, so the finding is
/// located at the first of the remaining locations.
fn cluster_finding(site: &Site, cluster: &Cluster, rule: &'static str) -> Diagnostic {
    let kept =
        cluster.places.iter().copied().min_by_key(|p| (site.index.rank[p.note], *p)).unwrap_or(cluster.places[0]);
    let here = cluster.places.iter().copied().find(|p| *p != kept).unwrap_or(kept);
    let (source, own) = (site.note(kept.note), site.note(here.note));
    let likeness = cluster.similarity;
    let text = block_text(own, here.block);
    let (quoted, words) = (shortened(&text, QUOTED), text.split_whitespace().count());
    let others = cluster.places.len() - 1;
    let message = match (rule, others) {
        ("similar-content", 1) => {
            format!("“{quoted}” is similar to a text in “{}” ({:.0} %)", source.title, likeness * 100.0)
        }
        ("similar-content", n) => {
            format!("“{quoted}” is similar to {n} other texts, one of them in “{}”", source.title)
        }
        (_, 1) => format!("“{quoted}” also appears in “{}” ({:.0} % identical)", source.title, likeness * 100.0),
        _ => format!("{words} words appear in {}: “{quoted}”", places_of(site, cluster)),
    };
    let anchor = block_heading(source, kept.block).map_or("", |h| &*h.anchor);
    let target = format!("{}#{anchor}", &site.graph.keys[kept.note]);
    let help = match others {
        1 => format!("keep it in “{}” and link to it here, or embed it with `![[{target}]]`", source.title),
        _ => format!("keep it in “{}” and embed it in the other places: `![[{target}]]`", source.title),
    };
    let span = block_span(own, here.block);
    let elsewhere = cluster.places.iter().filter(|p| **p != here);
    let mut found = Diagnostic::new(rule, own.file, span, message, help).related_all(elsewhere, |place| {
        let other = site.note(place.note);
        (other.file, block_span(other, place.block), format!("in “{}”", other.title))
    });
    // Without an anchor, the embed would insert the whole note.
    if rule == "duplicate-content" && !anchor.is_empty() && is_free(site, here.note, span) {
        let edits = vec![Edit { file: own.file, span, text: format!("![[{target}]]") }];
        let description = format!("embed the text of “{}” instead", source.title);
        found.fix = Some(Fix { description, edits, applicability: Applicability::Suggestion });
    }
    found
}

/// The notes with a text, the one that keeps it first: “A”, “B” and 2 more notes. Several places in one note are one.
fn places_of(site: &Site, cluster: &Cluster) -> String {
    const NAMED: usize = 3;
    let mut notes: Vec<NoteId> = cluster.places.iter().map(|place| place.note).collect();
    notes.sort_unstable_by_key(|&note| site.index.rank[note]);
    notes.dedup();
    let mut named: Vec<String> = notes.iter().take(NAMED).map(|&note| format!("“{}”", site.note(note).title)).collect();
    if notes.len() > NAMED {
        named.push(format!("{} more notes", notes.len() - NAMED));
    }
    match named.pop() {
        Some(last) if !named.is_empty() => format!("{} and {last}", named.join(", ")),
        last => format!("several places of {}", last.unwrap_or_default()),
    }
}

/// Whether a span consists of whole lines outside of lists, tables and quotes, so an embed can replace it.
fn is_free(site: &Site, note: NoteId, span: Span) -> bool {
    let text = &site.source(note).text;
    let before = span.before(text).rsplit('\n').next().unwrap_or("");
    before.is_empty()
        && !text[span.range()].starts_with(['-', '*', '+', '|', '>'])
        && !text[span.range()].starts_with(|c: char| c.is_ascii_digit())
}

/// A single finding for all boilerplate: texts in so many notes that they are taken for parts of a template. Most
/// frequent first.
fn forms(site: &Site) -> Option<Diagnostic> {
    const SHOWN: usize = 5;
    let forms = &site.repeated().boilerplate;
    let first = forms.first()?;
    let note = site.note(first.place.note);
    let quote = |f: &crate::base::duplicates::engine::Boilerplate| {
        let text = block_text(site.note(f.place.note), f.place.block);
        format!("“{}” ({} notes)", shortened(&text, QUOTED), f.note_count)
    };
    let shown: Vec<String> = forms.iter().take(SHOWN).map(quote).collect();
    let more = if forms.len() > SHOWN { format!(" and {} more", forms.len() - SHOWN) } else { String::new() };
    let message = match forms.len() {
        1 => format!("1 text appears in many notes and counts as boilerplate: {}", shown.join(", ")),
        n => format!("{n} texts appear in many notes and count as boilerplate: {}{more}", shown.join(", ")),
    };
    let help = "boilerplate is not reported as duplicated; if one of the texts explains something, keep it in one note";
    let span = block_span(note, first.place.block);
    let mut found = Diagnostic::new("similar-content", note.file, span, message, help).about_base();
    found.severity = Severity::Info;
    Some(found)
}

fn code(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for cluster in &site.repeated().code {
        let (kept, here) = (cluster.places[0], cluster.places[1]);
        let (source, own) = (site.note(kept.note), site.note(here.note));
        let message = match cluster.places.len() - 1 {
            1 => format!("this code also appears in “{}”", source.title),
            n => format!("this code also appears in {n} other places, one of them in “{}”", source.title),
        };
        let help = format!("keep it in “{}” and link to it, or embed its section", source.title);
        let elsewhere = cluster.places.iter().filter(|p| **p != here);
        let found = Diagnostic::new("duplicate-code", own.file, code_span(own, here.block), message, help);
        out.push(found.related_all(elsewhere, |place| {
            let other = site.note(place.note);
            (other.file, code_span(other, place.block), format!("in “{}”", other.title))
        }));
    }
}
