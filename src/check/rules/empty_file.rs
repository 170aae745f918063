//! `empty-file`: Markdown files with nothing in them.

use super::{Check, Context, Rule};
use crate::base::vault::WHOLE;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;

/// The rule `empty-file`.
pub(super) const EMPTY_FILE: Rule = Rule {
    id: "empty-file",
    severity: Severity::Warning,
    summary: "a Markdown file with nothing in it",
    explanation: include_str!("empty-file.md"),
    checks: &[Check::Note(check)],
};

fn check(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    if site.source(note).text.trim().is_empty() {
        let help = "write it, remove the file, or plan the note: `(TODO)` before a link to it";
        out.push(Diagnostic::new(EMPTY_FILE.id, site.note(note).file, WHOLE, "this file is empty", help));
    }
}
