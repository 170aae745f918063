//! Rules on required sections: missing, or present without content.

use super::fields::quoted;
use super::{Check, Context, Rule};
use crate::base::site::Site;
use crate::config::schema::Section;
use crate::note::Note;
use crate::note::markdown::{BlockKind, Document};
use crate::note::sections;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::{BlockId, HeadingId, NoteId};
use crate::text::slug::nearest;
use crate::text::source::Span;

/// The rule `missing-section`.
pub(super) const MISSING_SECTION: Rule = Rule {
    id: "missing-section",
    severity: Severity::Warning,
    summary: "a required section is missing",
    explanation: include_str!("missing-section.md"),
    checks: &[Check::Note(missing)],
};

/// The rule `empty-section`.
pub(super) const EMPTY_SECTION: Rule = Rule {
    id: "empty-section",
    severity: Severity::Warning,
    summary: "a required section with nothing in it",
    explanation: include_str!("empty-section.md"),
    checks: &[Check::Note(empty)],
};

/// The sections that a note must have. Empty for a note that was not parsed to its end.
fn required<'a>(site: &'a Site, note: &Note) -> &'a [Section] {
    let asked = note.is_note() && note.head.broken.is_none() && note.doc.cut_off.is_none();
    site.requirements(note).filter(|_| asked).map_or(&[], |required| &required.sections)
}

fn missing(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    let lacking: Vec<&str> = required(site, own)
        .iter()
        .filter(|&&s| !own.doc.has_section(s) && !is_labelled(site, own, s))
        .map(|s| s.label())
        .collect();
    if lacking.is_empty() {
        return;
    }
    let message = match lacking.as_slice() {
        [label] => format!("the section `{label}` is missing"),
        _ => format!("the sections {} are missing", quoted(&lacking)),
    };
    let unknown = || own.doc.headings.iter().filter(|h| h.section.is_none());
    let (mut help, mut near, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    let labels = bold_labels(site, note);
    for label in lacking {
        let bold = labels.iter().find(|(section, ..)| section.label() == label);
        if let Some(&(_, words, span)) = bold {
            let line = site.source(note).lines().position(span.start).line;
            help.push(format!("`**{words}:**` on line {line} is bold text and opens no section: write `## {label}`"));
            continue;
        }
        let heading = nearest(label, unknown().map(|h| &*h.text)).and_then(|text| unknown().find(|h| &*h.text == text));
        match heading {
            Some(heading) => {
                help.push(format!("did you mean `## {label}` where the heading is `{}`?", heading.text));
                near.push(heading.span);
            }
            None => lines.push(format!("## {label}")),
        }
    }
    match lines.as_slice() {
        [] => {}
        [line] => help.push(format!("add `{line}`, with `N/A` if it does not apply")),
        _ => help.push(format!("add these sections, with `N/A` where one does not apply:\n{}", lines.join("\n"))),
    }
    let (file, span) = site.title_place(note);
    let found = Diagnostic::new(MISSING_SECTION.id, file, span, message, help.join("\n"));
    out.push(found.related_all(near, |span| (file, span, "this heading names no known section".into())));
}

/// Whether a bold label opens a part of the trade-offs or decision rules: `**Alternatives:**` at the start of a block below the
/// heading of both.
fn is_labelled(site: &Site, note: &Note, section: Section) -> bool {
    let doc = &note.doc;
    let whole = match section {
        Section::TradeOffs | Section::Alternatives => Section::TradeOffsAndAlternatives,
        Section::UseWhen | Section::AvoidWhen => Section::DecisionRules,
        _ => return false,
    };
    doc.labels.iter().any(|label| {
        let block = label.block.map(|block| &doc.blocks[block]);
        block.is_some_and(|block| {
            block.text.start == label.text.start
                && site.schema.section(doc.name_of(label)) == Some(section)
                && doc.sections_at(block.heading).any(|around| around == whole)
        })
    })
}

/// The bold labels that have the name of a section, where only a heading opens that section: the section, the words and the
/// location of each.
fn bold_labels(site: &Site, note: NoteId) -> Vec<(Section, &str, Span)> {
    let doc = &site.note(note).doc;
    let named = doc.labels.iter().filter_map(|label| {
        let words = doc.name_of(label);
        Some((site.schema.section(words)?, words, doc.source_of(label.name)?))
    });
    named.collect()
}

fn empty(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    let text = &site.source(note).text;
    for &section in required(site, own) {
        let headings = || own.doc.headings.iter_enumerated().filter(|(_, h)| h.top && h.section == Some(section));
        let Some((_, first)) = headings().next() else { continue };
        // Of several headings with the same section, one with content is enough.
        if headings().all(|(i, _)| says_nothing(text, &own.doc, i)) {
            let message = format!("the section `{}` is empty", section.label());
            let help = "write it, or `N/A` if it does not apply";
            out.push(Diagnostic::new(EMPTY_SECTION.id, own.file, first.span, message, help));
        }
    }
}

/// Whether a section shows nothing to a reader: only comments, and no subsections.
pub(super) fn says_nothing(text: &str, doc: &Document, heading: HeadingId) -> bool {
    let is_comment = |block: BlockId| {
        let block = &doc.blocks[block];
        let source = || text[block.span.range()].trim();
        block.kind == BlockKind::Html && source().starts_with("<!--") && source().ends_with("-->")
    };
    sections::is_empty(doc, heading)
        || (doc.subheadings(heading).next().is_none() && doc.section_blocks(heading).all(is_comment))
}
