//! `incomplete-index`: landing pages that list some notes of their folder but not all.

use super::paths::{as_words, links};
use super::{Check, Context, Rule, paths};
use crate::base::graph::Target;
use crate::base::site::Site;
use crate::note::Kind;
use crate::note::markdown::{BlockKind, Link, LinkSyntax};
use crate::text::diagnostic::{Applicability, Diagnostic, Edit, Fix, Severity};
use crate::text::ids::NoteId;
use crate::text::source::Span;
use rustc_hash::FxHashSet;

/// The rule `incomplete-index`.
pub(super) const INCOMPLETE_INDEX: Rule = Rule {
    id: "incomplete-index",
    severity: Severity::Warning,
    summary: "a landing page that lists some but not all notes of its folder",
    explanation: include_str!("incomplete-index.md"),
    checks: &[Check::Note(check)],
};

fn check(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    let Some(folder) = site.index.folders.get(own.folder()).filter(|_| own.kind == Kind::Landing) else { return };
    let listed: FxHashSet<NoteId> = links(site, note)
        .filter_map(|(_, r)| match r.target {
            Target::Note(target) => Some(target),
            _ => None,
        })
        .collect();
    let mut missing: Vec<NoteId> =
        folder.notes.iter().copied().filter(|n| !listed.contains(n) && site.note(*n).head.canonical).collect();
    // A landing page without any link to its notes is a text, not a list.
    if missing.is_empty() || missing.len() == folder.notes.len() || !folder.notes.iter().any(|n| listed.contains(n)) {
        return;
    }
    missing.sort_by_key(|&n| site.note(n).title.to_lowercase());
    let names: Vec<String> = missing.iter().take(3).map(|&n| format!("`{}`", site.note(n).title)).collect();
    let more = match missing.len() - names.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let message = format!("the page lists notes of its folder, but not {}{more}", names.join(", "));
    let (file, span) = site.title_place(note);
    let mut found = Diagnostic::new(INCOMPLETE_INDEX.id, file, span, message, "add them to the list");
    found.fix = appended(site, note, &folder.notes, &missing);
    out.push(found);
}

/// A fix that appends items after the last one that links to a note of the folder, in the same syntax. `None` if there
/// is no such item.
fn appended(site: &Site, index: NoteId, folder: &[NoteId], missing: &[NoteId]) -> Option<Fix> {
    let doc = &site.note(index).doc;
    let text = &site.source(index).text;
    let in_item = |link: &Link| doc.enclosing(link.block).find(|&block| doc.blocks[block].kind == BlockKind::Item);
    let lists = |(link, r): (&'_ Link, &crate::base::graph::Resolved)| match r.target {
        Target::Note(target) if folder.contains(&target) && !link.form.is_media() => Some((link.form, in_item(link)?)),
        _ => None,
    };
    let (form, item) = links(site, index).filter_map(lists).last()?;
    let block = &doc.blocks[item];
    let start = block.span.before(text).rfind('\n').map_or(0, |i| i + 1);
    let line = &text[start..block.span.range().end];
    let indent = &line[..line.len() - line.trim_start().len()];
    // After a second marker on the same line (a quote or an outer item), a new line would need that marker too.
    if indent.len() != block.span.start as usize - start {
        return None;
    }
    let marker = line.split_whitespace().next().unwrap_or("-");
    let number = marker.trim_end_matches(['.', ')']).parse::<u64>().ok();
    let mut added = String::new();
    for (i, &note) in missing.iter().enumerate() {
        let marker = match number {
            Some(n) => format!("{}{}", n + i as u64 + 1, &marker[marker.len() - 1..]),
            None => marker.to_string(),
        };
        let target = site.note(note);
        let link = match (form, &target.head.id) {
            (LinkSyntax::Wiki, Some(id)) => format!("[[{id}|{}]]", target.title.replace(['|', ']', '['], " ")),
            _ => {
                let path = paths::in_style(site.note(index).folder(), site.path(note), "x.md");
                format!("[{}]({path})", as_words(&target.title))
            }
        };
        added.push_str(&format!("\n{indent}{marker} {link}"));
    }
    let at = Span { start: block.span.end, end: block.span.end };
    let description = format!("append {} to the list", if missing.len() == 1 { "the note" } else { "the notes" });
    Some(Fix {
        description,
        edits: vec![Edit { file: site.note(index).file, span: at, text: added }],
        applicability: Applicability::Safe,
    })
}
