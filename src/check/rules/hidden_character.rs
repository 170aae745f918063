//! `hidden-character`: invisible characters that affect the surrounding text.

use super::{Check, Context, Rule};
use crate::base::vault::WHOLE;
use crate::note::file_name;
use crate::note::markdown::{BlockKind, Document, RunKind};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::source::Span;

/// The rule `hidden-character`.
pub(super) const HIDDEN_CHARACTER: Rule = Rule {
    id: "hidden-character",
    severity: Severity::Warning,
    summary: "a control character, or one that changes the direction of code, links or names",
    explanation: include_str!("hidden-character.md"),
    checks: &[Check::Note(check)],
};

fn check(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    let name = file_name(&own.stem);
    if let Some(c) = name.chars().find(|c| is_bidi(*c)) {
        let message = format!("the file name contains {}, which changes the direction of text", code_point(c));
        out.push(Diagnostic::new(HIDDEN_CHARACTER.id, own.file, WHOLE, message, "rename the file"));
    }
    let text = &*site.source(note).text;
    let mut seen: Vec<(char, bool)> = Vec::new();
    let candidates = suspicious_bytes(text).filter_map(|at| Some((at, text[at..].chars().next()?)));
    for (at, c) in candidates.filter(|(_, c)| is_bidi(*c) || is_control(*c)) {
        let span = Span::new(at, at + c.len_utf8());
        // A comment is in no output.
        let in_comment = own.doc.comments.iter().any(|comment| comment.contains(span));
        if in_comment || is_bidi(c) && is_prose(own.head.fence.body, &own.doc, span) {
            continue;
        }
        // A file may contain thousands of the same character: one finding for each character is enough.
        if seen.contains(&(c, is_bidi(c))) {
            continue;
        }
        seen.push((c, is_bidi(c)));
        let what = if is_bidi(c) { "which changes the direction of the text after it" } else { "which is invisible" };
        let message = format!("the text contains {}, {what}", code_point(c));
        let help = format!(
            "remove it{}",
            if text.matches(c).count() > 1 { " here and everywhere else in this file" } else { "" }
        );
        out.push(Diagnostic::new(HIDDEN_CHARACTER.id, own.file, span, message, help));
    }
}

/// The offsets at which a hidden character may start. Blocks without a suspicious byte, which are nearly all, are
/// skipped with vector instructions.
fn suspicious_bytes(text: &str) -> impl Iterator<Item = usize> + '_ {
    const BLOCK: usize = 64;
    let blocks = text.as_bytes().chunks(BLOCK).enumerate();
    let suspicious = blocks.filter(|(_, block)| block.iter().fold(0, |any, b| any | u8::from(is_suspicious(*b))) != 0);
    suspicious.flat_map(|(i, block)| {
        let within = block.iter().enumerate().filter(|(_, b)| is_suspicious(**b));
        within.map(move |(at, _)| i * BLOCK + at)
    })
}

/// Whether a hidden character may start with this byte. `&` and `|` instead of `&&` and `||` avoid branches, so the
/// compiler vectorises the loop.
fn is_suspicious(b: u8) -> bool {
    (b < 0x20) & (b != b'\n') & (b != b'\t') | (b == 0x7f) | (b == 0xc2) | (b == 0xe2) | (b == 0xef)
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_control(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn code_point(c: char) -> String {
    format!("U+{:04X}", c as u32)
}

/// Whether a span is running text, where right-to-left scripts need directional characters: not frontmatter, code,
/// headings or link destinations.
fn is_prose(body: u32, doc: &Document, span: Span) -> bool {
    let within = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    let block = |b: &crate::note::markdown::Block| {
        matches!(b.kind, BlockKind::Code | BlockKind::Html | BlockKind::Heading(_)) && within(b.span)
    };
    let code =
        doc.runs.iter().any(|r| r.kind == RunKind::Code && within(Span { start: r.source, end: r.source + r.length }));
    span.start >= body && !code && !doc.blocks.iter().any(block) && !doc.links.iter().any(|l| within(l.dest_span))
}
