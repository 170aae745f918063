//! `lone-tag`: tags of a single note.

use super::{Check, Context, Rule, fields};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::slug::{nearest, slug};

/// The rule `lone-tag`.
pub(super) const LONE_TAG: Rule = Rule {
    id: "lone-tag",
    severity: Severity::Off,
    summary: "a tag that only one note has",
    explanation: include_str!("lone-tag.md"),
    checks: &[Check::Base(check)],
};

fn check(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let shared: Vec<&str> = site.index.tags.values().filter(|t| t.notes.len() > 1).map(|t| t.name.as_str()).collect();
    for (key, tag) in site.index.tags.iter().filter(|(_, t)| t.notes.len() == 1) {
        let note = tag.notes[0];
        let own = &site.note(note).head.tags;
        // A tag that the note already has is no suggestion.
        let help = match nearest(&tag.name, shared.iter().copied().filter(|s| !own.iter().any(|t| t == s))) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use it on another note, or remove it".into(),
        };
        let span = fields::item_place(site, note, "tags", own.iter().find(|t| slug(t) == *key).unwrap_or(&tag.name));
        let message = format!("only this note has the tag `{}`", tag.name);
        out.push(Diagnostic::new(LONE_TAG.id, site.note(note).file, span, message, help));
    }
}
