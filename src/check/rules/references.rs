//! Rules on reference and footnote definitions: missing, unused, repeated.

use super::{Check, Context, Rule};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::slug::nearest;

/// The rule `undefined-reference`.
pub(super) const UNDEFINED_REFERENCE: Rule = Rule {
    id: "undefined-reference",
    severity: Severity::Error,
    summary: "a reference or footnote whose definition is missing",
    explanation: include_str!("undefined-reference.md"),
    checks: &[Check::Note(undefined)],
};

/// The rule `unused-reference`.
pub(super) const UNUSED_REFERENCE: Rule = Rule {
    id: "unused-reference",
    severity: Severity::Info,
    summary: "a definition that is unused or repeated",
    explanation: include_str!("unused-reference.md"),
    checks: &[Check::Note(unused)],
};

fn undefined(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let note = site.note(note);
    let references = &note.doc.references;
    for (label, span) in &references.undefined {
        // A misspelt label usually leaves its definition unused.
        let help = match nearest(label, references.unused.iter().map(|(l, _)| l.as_str())) {
            Some(near) => format!("did you mean `[{near}]`?"),
            None => format!("define it on a line of its own: `[{label}]: …`, or put a backslash before the bracket"),
        };
        let message = format!("`[{label}]` is not defined in this note");
        out.push(Diagnostic::new(UNDEFINED_REFERENCE.id, note.file, *span, message, help));
    }
}

fn unused(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let note = site.note(note);
    for (label, span) in &note.doc.references.unused {
        let message = format!("nothing refers to `[{label}]`");
        out.push(Diagnostic::new(UNUSED_REFERENCE.id, note.file, *span, message, "use it, or remove it"));
    }
    for (label, span) in &note.doc.references.repeated {
        let message = format!("`[{label}]` is defined twice; the first definition counts");
        out.push(Diagnostic::new(UNUSED_REFERENCE.id, note.file, *span, message, "remove this one"));
    }
}
