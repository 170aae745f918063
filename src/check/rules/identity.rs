//! Rules on identity: duplicate ids and titles, and non-canonical notes without a canonical one.

use super::{Check, Context, Rule};
use crate::base::graph::Target;
use crate::base::site::Site;
use crate::text::diagnostic::{Diagnostic, RuleId, Severity};
use crate::text::ids::NoteId;
use crate::text::slug::title_key;
use rayon::prelude::*;

/// The rule `duplicate-id`.
pub(super) const DUPLICATE_ID: Rule = Rule {
    id: "duplicate-id",
    severity: Severity::Error,
    summary: "two notes with one id",
    explanation: include_str!("duplicate-id.md"),
    checks: &[Check::Base(ids)],
};

/// The rule `duplicate-title`.
pub(super) const DUPLICATE_TITLE: Rule = Rule {
    id: "duplicate-title",
    severity: Severity::Error,
    summary: "two notes whose titles mean the same",
    explanation: include_str!("duplicate-title.md"),
    checks: &[Check::Base(titles)],
};

/// The rule `canonical-conflict`.
pub(super) const CANONICAL_CONFLICT: Rule = Rule {
    id: "canonical-conflict",
    severity: Severity::Error,
    summary: "a non-canonical note that does not lead to exactly one canonical note",
    explanation: include_str!("canonical-conflict.md"),
    checks: &[Check::Note(canonical)],
};

fn ids(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let ids = site.concepts().filter_map(|(index, note)| Some((note.head.id.as_deref()?, index)));
    for notes in sharing(ids) {
        let help = "give one of the notes another id, or merge them";
        let id = site.note(notes[0]).head.id.as_deref().unwrap_or_default();
        let what = |first: &str, _| format!("the id `{id}` is also that of `{first}`");
        pairs(site, DUPLICATE_ID.id, "id", &notes, what, help, out);
    }
}

fn titles(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let titled = site.concepts().filter(|(_, note)| note.head.title.is_some());
    let keys = titled.map(|(index, note)| (title_key(&note.title), index)).filter(|(key, _)| !key.is_empty());
    for notes in sharing(keys) {
        let one = &site.note(notes[0]).title;
        let what = |first: &str, note| match &site.note(note).title {
            title if title == one => format!("the title `{title}` is also that of `{first}`"),
            title => format!("the title `{title}` means the same as `{one}`, the title of `{first}`"),
        };
        let help = "merge the two notes, or choose titles that show the difference";
        pairs(site, DUPLICATE_TITLE.id, "title", &notes, what, help, out);
    }
}

/// The groups of notes with an equal key, ordered by key.
fn sharing<K: Ord + Send>(keys: impl Iterator<Item = (K, NoteId)>) -> Vec<Vec<NoteId>> {
    let mut all: Vec<(K, NoteId)> = keys.collect();
    // The key includes the note, so the unstable sort has only one result.
    all.par_sort_unstable();
    let groups = all.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1);
    groups.map(|group| group.iter().map(|(_, note)| *note).collect()).collect()
}

/// A finding for each note of a group except the first, with the first note as the related location.
fn pairs(
    site: &Site,
    rule: RuleId,
    field: &str,
    notes: &[NoteId],
    what: impl Fn(&str, NoteId) -> String,
    help: &str,
    out: &mut Vec<Diagnostic>,
) {
    let first = site.note(notes[0]);
    for &note in &notes[1..] {
        let message = what(site.path(notes[0]), note);
        let found = Diagnostic::new(rule, site.note(note).file, site.field_place(note, field), message, help);
        out.push(found.related(first.file, site.field_place(notes[0], field), format!("the same {field} here")));
    }
}

fn canonical(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    if own.head.canonical || !own.is_note() {
        return;
    }
    let mut targets: Vec<NoteId> = Vec::new();
    for resolved in &site.graph.links[note] {
        if let Target::Note(target) = resolved.target
            && target != note
            && site.note(target).is_note()
            && !targets.contains(&target)
        {
            targets.push(target);
        }
    }
    let (message, help) = match targets.as_slice() {
        [] => ("a note with `canonical: false` that links to no note".to_string(), "link to the canonical note"),
        // A chain of non-canonical notes is an error too: a reader needs one step to the canonical note.
        [target] if site.note(*target).head.canonical => return,
        [target] => (
            format!("links to `{}.md`, which is not canonical either", site.note(*target).stem),
            "link to the canonical note itself",
        ),
        many => (
            format!("a note with `canonical: false` that links to {} notes", many.len()),
            "keep the one link to the canonical note",
        ),
    };
    let span = site.field_place(note, "canonical");
    let mut found = Diagnostic::new(CANONICAL_CONFLICT.id, own.file, span, message, help);
    if let [target] = targets.as_slice() {
        let span = site.field_place(*target, "canonical");
        found = found.related(site.note(*target).file, span, "not canonical");
    }
    out.push(found);
}
