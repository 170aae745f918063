//! `internal-error`: notes on which canon itself fails. Always a bug of canon, never a mistake of the author.

use super::{Check, Context, Rule};
use crate::base::vault::WHOLE;
use crate::system::panics::{self, Panic};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::source::FileId;

/// The rule `internal-error`.
pub(super) const INTERNAL_ERROR: Rule = Rule {
    id: "internal-error",
    severity: Severity::Error,
    summary: "a note on which canon itself fails; please report it",
    explanation: include_str!("internal-error.md"),
    checks: &[Check::Base(check)],
};

/// Reports notes and drafts whose parse failed. Later failures are reported where they occur.
fn check(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for note in site.notes.iter().chain(site.drafts.iter()) {
        if let Some(failure) = &note.doc.failure {
            out.push(found(note.file, "it read this note", &Panic { message: failure.clone() }));
        }
    }
}

/// The finding for a panic while `doing` something with the note of a file.
pub(crate) fn found(file: FileId, doing: &str, panic: &Panic) -> Diagnostic {
    let message = format!("canon failed while {doing}: {}", panic.message);
    Diagnostic::new(INTERNAL_ERROR.id, file, WHOLE, message, panics::HELP)
}
