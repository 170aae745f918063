//! `broken-formula`, `split-wikilink`, `unclosed-comment`: syntax that does not become what it was written for.

use super::{Check, Context, Rule};
use crate::note::math::mathml;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::source::Span;

/// The rule for formulas.
pub(super) const BROKEN_FORMULA: Rule = Rule {
    id: "broken-formula",
    severity: Severity::Warning,
    summary: "a formula that cannot be shown",
    explanation: include_str!("broken-formula.md"),
    checks: &[Check::Note(formulas)],
};

/// The rule for wikilinks in tables.
pub(super) const SPLIT_WIKILINK: Rule = Rule {
    id: "split-wikilink",
    severity: Severity::Error,
    summary: "a wikilink in a table whose `|` ends the cell",
    explanation: include_str!("split-wikilink.md"),
    checks: &[Check::Note(wikilinks)],
};

/// The rule for comments.
pub(super) const UNCLOSED_COMMENT: Rule = Rule {
    id: "unclosed-comment",
    severity: Severity::Warning,
    summary: "a `%%` that nothing closes, so that the rest of the note is hidden",
    explanation: include_str!("unclosed-comment.md"),
    checks: &[Check::Note(comment)],
};

fn formulas(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    for formula in &own.doc.formulas {
        // Whether it is on lines of its own makes no difference to what can be shown.
        let Err(why) = mathml(&formula.tex, true) else { continue };
        let message = format!("this formula is shown as code: {why}");
        let help = "correct the formula, or write `\\$` where a dollar sign is meant";
        out.push(Diagnostic::new(BROKEN_FORMULA.id, own.file, formula.span, message, help));
    }
}

fn wikilinks(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    let text = &*site.source(note).text;
    for &span in &own.doc.split_wikilinks {
        let message = "the `|` of this wikilink ends the cell of the table";
        let help = "write `\\|` between the name and the text";
        let found = Diagnostic::new(SPLIT_WIKILINK.id, own.file, span, message, help);
        let bar = text.get(span.range()).and_then(|link| link.find('|')).map(|bar| span.start as usize + bar);
        out.push(match bar {
            Some(bar) => found.fix("escape the `|`", Span::new(bar, bar), "\\"),
            None => found,
        });
    }
}

fn comment(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    if let Some(span) = own.doc.unclosed_comment {
        let message = "nothing closes this comment, so the rest of the note is in no page";
        let help = "write `%%` behind the comment, or `\\%%` where the signs are meant";
        out.push(Diagnostic::new(UNCLOSED_COMMENT.id, own.file, span, message, help));
    }
}
