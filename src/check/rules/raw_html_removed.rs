//! `raw-html-removed`: markup that the sanitiser removes from the page.

use super::{Check, Context, Rule};
use crate::note::sanitize::{Policy, removed};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::html_tags::{Syntax, Token, tokens};
use crate::text::ids::NoteId;
use crate::text::source::Span;

/// The rule `raw-html-removed`.
pub(super) const RAW_HTML_REMOVED: Rule = Rule {
    id: "raw-html-removed",
    severity: Severity::Warning,
    summary: "raw HTML that is removed from the page",
    explanation: include_str!("raw-html-removed.md"),
    checks: &[Check::Note(check)],
};

fn check(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    if site.config.raw_html || own.doc.raw_html.is_empty() {
        return;
    }
    let policy =
        Policy { schemes: site.config.schemes.clone(), remote_media: site.config.remote_images, ..Policy::default() };
    let text = &*site.source(note).text;
    for piece in &own.doc.raw_html {
        let html = text.get(piece.range()).unwrap_or_default();
        for gone in removed(html, &policy) {
            let start = piece.start as usize + gone.offset;
            let length = text.get(start..).map_or(0, first_line_of_tag);
            let message = format!("{} is removed from the page", gone.what);
            let help = "write it as Markdown, or set `raw_html = true` in canon.toml if you trust every note";
            out.push(Diagnostic::new(RAW_HTML_REMOVED.id, own.file, Span::new(start, start + length), message, help));
        }
    }
}

/// The length of the tag at the start of `html`, truncated at the end of its first line.
fn first_line_of_tag(html: &str) -> usize {
    let end = match tokens(html, Syntax::Fragment).next() {
        Some(Token::Tag(tag)) => tag.range.end,
        _ => html.len(),
    };
    html[..end].find('\n').unwrap_or(end)
}
