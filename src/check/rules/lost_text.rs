//! `ragged-table`, `unclosed-fence`: Markdown whose text is lost or shown as code by mistake.

use super::{Check, Context, Rule};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;

/// Reports table rows with more cells than the table has columns.
pub(super) const RAGGED_TABLE: Rule = Rule {
    id: "ragged-table",
    severity: Severity::Warning,
    summary: "a table row with more cells than the head has columns",
    explanation: include_str!("ragged-table.md"),
    checks: &[Check::Note(ragged)],
};

/// Reports code blocks without a closing fence.
pub(super) const UNCLOSED_FENCE: Rule = Rule {
    id: "unclosed-fence",
    severity: Severity::Warning,
    summary: "a code block that runs to the end of the file because nothing closes it",
    explanation: include_str!("unclosed-fence.md"),
    checks: &[Check::Note(unclosed)],
};

fn ragged(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let note = site.note(note);
    for span in &note.doc.ragged_rows {
        let message = "this row has more cells than the table has columns, and those beyond them are lost";
        let help = "add a column to the head, or write `\\|` for a bar within a cell";
        out.push(Diagnostic::new(RAGGED_TABLE.id, note.file, *span, message, help));
    }
}

fn unclosed(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let note = site.note(note);
    if let Some(span) = note.doc.unclosed_fence {
        let message = "this code block is never closed, so the rest of the file is code";
        let help = "close it with a line of the same fence";
        out.push(Diagnostic::new(UNCLOSED_FENCE.id, note.file, span, message, help));
    }
}
