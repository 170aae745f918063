//! `undrawn-diagram`: a diagram that readers see as its source.

use super::{Check, Context, Rule};
use crate::note::diagrams::{draw, is_diagram};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::source::Span;

/// The rule for diagrams.
pub(super) const UNDRAWN_DIAGRAM: Rule = Rule {
    id: "undrawn-diagram",
    severity: Severity::Warning,
    summary: "a diagram that cannot be drawn",
    explanation: include_str!("undrawn-diagram.md"),
    checks: &[Check::Note(diagrams)],
};

fn diagrams(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    if !site.config.markdown.mermaid {
        return;
    }
    let own = site.note(note);
    for code in &own.doc.code {
        let language = code.info.split(|c: char| c == '{' || c == ',' || c.is_whitespace()).next().unwrap_or_default();
        if !is_diagram(language) {
            continue;
        }
        let drawn = draw(&code.text);
        let Err(fault) = drawn.as_ref() else { continue };
        let block = own.doc.blocks[code.block].span;
        let span = line_of(&site.source(note).text, block, fault.line);
        let message = format!("this diagram is shown as its source: {}", fault.why);
        let help =
            "write it in the part of Mermaid's language that is drawn: flowcharts, sequence, state and class diagrams";
        out.push(Diagnostic::new(UNDRAWN_DIAGRAM.id, own.file, span, message, help));
    }
}

/// The span of a line of the code in a fenced block, counted from 0 after the fence. The first line of the block if there
/// is none.
fn line_of(text: &str, block: Span, line: usize) -> Span {
    let source = text.get(block.range()).unwrap_or_default();
    let mut start = block.start as usize;
    let mut lines = source.split_inclusive('\n').map(|line| {
        let at = start;
        start += line.len();
        (at, line)
    });
    let first = lines.next();
    let Some((at, line)) = lines.nth(line).filter(|(_, line)| !line.trim().is_empty()).or(first) else { return block };
    let from = at + (line.len() - line.trim_start().len());
    Span::new(from, from + line.trim().len())
}
