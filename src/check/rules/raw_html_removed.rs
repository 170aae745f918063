//! `raw-html-removed`: markup that the sanitiser removes from the page.

use super::{Check, Context, Rule};
use crate::note::sanitize::{Policy, removed};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::html_tags::{Syntax, Token, tokens};
use crate::text::ids::NoteId;
use crate::text::source::Span;
use rustc_hash::FxHashMap;

/// The rule `raw-html-removed`.
pub(super) const RAW_HTML_REMOVED: Rule = Rule {
    id: "raw-html-removed",
    severity: Severity::Warning,
    summary: "raw HTML that is removed from the page",
    explanation: include_str!("raw-html-removed.md"),
    checks: &[Check::Note(check)],
};

/// Attributes that change only how a text looks: without them nothing is lost, so their removal is for information only.
const APPEARANCE: &[&str] = &["align", "class", "style", "width"];

fn check(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    if site.config.raw_html || own.doc.raw_html.is_empty() {
        return;
    }
    let policy =
        Policy { schemes: site.config.schemes.clone(), remote_media: site.config.remote_images, ..Policy::default() };
    let text = &*site.source(note).text;
    // One finding for each tag or attribute: the places have one cause.
    let mut parts: Vec<(String, Vec<Span>)> = Vec::new();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    for piece in &own.doc.raw_html {
        let html = text.get(piece.range()).unwrap_or_default();
        for gone in removed(html, &policy) {
            let start = piece.start as usize + gone.offset;
            let length = text.get(start..).map_or(0, first_line_of_tag);
            let span = Span::new(start, start + length);
            match places.get(&gone.what) {
                Some(&place) => parts[place].1.push(span),
                None => {
                    places.insert(gone.what.clone(), parts.len());
                    parts.push((gone.what, vec![span]));
                }
            }
        }
    }
    for (what, spans) in parts {
        let message = match spans.len() {
            1 => format!("{what} is removed from the page"),
            n => format!("{what} is removed from the page in {n} places"),
        };
        let help = "write it as Markdown, or set `raw_html = true` in canon.toml if you trust every note";
        let mut found = Diagnostic::new(RAW_HTML_REMOVED.id, own.file, spans[0], message, help);
        if APPEARANCE.iter().any(|name| what.starts_with(&format!("`{name}` on "))) {
            found.severity = Severity::Info;
        }
        out.push(found.related_all(&spans[1..], |&span| (own.file, span, "here too".to_string())));
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
