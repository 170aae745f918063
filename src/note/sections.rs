//! The content of known sections as plain text: summary, definition, terms. Knows no HTML and no different note.

use crate::config::labels::{LabelKind, Labels};
use crate::config::schema::{Schema, Section, fold_heading};
use crate::note::key_terms::ExplainedTerm;
use crate::note::markdown::{BlockKind, Document, Link};
use crate::text::ids::{BlockId, HeadingId};
use crate::text::packed::PackedStrings;

/// Resets the section of headings that have the name of a known section, but not its position or content: a `Summary`
/// that is not the first section, and outside of Links a `Prerequisites`, `Related topics` or `Compare with` that is
/// not a list of notes. These remain ordinary sections.
pub(crate) fn place(doc: &mut Document, schema: &Schema) {
    let mut is_first = true;
    for h in doc.headings.ids() {
        let heading = &doc.headings[h];
        let ordinary = match heading.section {
            Some(Section::Tldr) => !is_first && is_summary(&heading.text, schema),
            Some(Section::Prerequisites | Section::Related | Section::Compare) => {
                !doc.sections_at(h).any(|section| section == Section::Links) && !holds_only_notes(doc, h)
            }
            _ => false,
        };
        is_first &= !(heading.top && heading.level > 1);
        if ordinary {
            doc.headings[h].section = None;
        }
    }
}

/// Whether a heading is recognised as TL;DR by the word `Summary`, which many texts have at their end.
fn is_summary(heading: &str, schema: &Schema) -> bool {
    let folded = fold_heading(heading);
    let before = folded.split(['(', '/']).next().unwrap_or_default().trim();
    before == "summary" && !schema.synonyms.contains_key("summary")
}

/// Whether a section is a list in which each item starts with a link to a note, a planned note, or `N/A`.
fn holds_only_notes(doc: &Document, heading: HeadingId) -> bool {
    let holds = |block: BlockId| match doc.blocks[block].kind {
        BlockKind::List(_) => doc.children(block).all(|item| begins_with_a_note(doc, item)),
        BlockKind::Paragraph => is_not_applicable(doc.plain(doc.blocks[block].text)),
        BlockKind::Footnote => true,
        _ => false,
    };
    doc.subheadings(heading).next().is_none() && doc.section_blocks(heading).all(holds)
}

fn begins_with_a_note(doc: &Document, item: BlockId) -> bool {
    let block = &doc.blocks[item];
    let text = doc.plain(block.text);
    let is_inside = |link: &Link| link.block.is_some_and(|block| doc.subtree(item).contains(block));
    let first = || doc.links.iter().find(|link| is_inside(link) && !link.plain.is_empty());
    is_not_applicable(text)
        || text.starts_with("(TODO)")
        || first().is_some_and(|link| link.plain.start <= block.text.start && link.may_lead_to_a_note())
}

/// Whether a text marks a section as intentionally empty.
pub(crate) fn is_not_applicable(text: &str) -> bool {
    let text = text.trim().trim_end_matches('.');
    ["n/a", "na", "none", "-", "—"].iter().any(|known| text.eq_ignore_ascii_case(known))
}

/// Whether a section has no content: no blocks except `N/A`, and no subsections.
pub(crate) fn is_blank(doc: &Document, heading: HeadingId) -> bool {
    doc.subheadings(heading).next().is_none()
        && doc.section_blocks(heading).all(|block| is_not_applicable(plain(doc, block)))
}

/// Whether a section contains nothing, not even `N/A`.
pub(crate) fn is_empty(doc: &Document, heading: HeadingId) -> bool {
    doc.subheadings(heading).next().is_none() && doc.section_blocks(heading).next().is_none()
}

/// The plain text of a block. Code, HTML and rules have none, but are content: they return a placeholder.
fn plain(doc: &Document, block: BlockId) -> &str {
    match doc.blocks[block].kind {
        BlockKind::Code | BlockKind::Html | BlockKind::Rule => "\u{fffc}",
        _ => doc.plain(doc.blocks[block].text),
    }
}

/// The summary of a note in a few sentences: the TL;DR, else the definition, else the first paragraph.
pub(crate) fn summary(doc: &Document, labels: &Labels) -> String {
    let from = |heading: HeadingId| {
        let lines = doc.section_blocks(heading).map(|b| doc.plain(doc.blocks[b].text));
        let text = lines.filter(|t| !is_not_applicable(t)).collect::<Vec<_>>().join("\n");
        (!text.trim().is_empty()).then(|| sentences(&text))
    };
    let tldr = doc.find(Section::Tldr).and_then(from);
    tldr.or_else(|| definition(doc, labels)).or_else(|| first_paragraph(doc)).unwrap_or_default()
}

/// Joins lines to sentences: a line without final punctuation gets a full stop.
fn sentences(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(line);
        if !line.ends_with(['.', '!', '?', ':', ';', '…', '。', '！', '？']) {
            out.push('.');
        }
    }
    out
}

/// The first sentence of a text, at most 200 characters.
pub(crate) fn brief(text: &str) -> String {
    use unicode_segmentation::UnicodeSegmentation;
    let first = text.lines().next().unwrap_or("");
    shortened(first.split_sentence_bounds().next().unwrap_or("").trim(), 200)
}

/// The text, shortened at a word boundary to at most `limit` characters.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else { return text.to_string() };
    let cut = text[..end].rfind(char::is_whitespace).unwrap_or(end);
    format!("{}…", text[..cut].trim_end_matches(|c: char| c.is_whitespace() || ",;:—-".contains(c)))
}

fn first_paragraph(doc: &Document) -> Option<String> {
    let block = doc
        .blocks
        .iter()
        .find(|b| b.kind == BlockKind::Paragraph && b.parent.is_none() && b.text.end > b.text.start)?;
    Some(doc.plain(block.text).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The definition of the concept in a sentence or two: the text after `**What it is:**`, else the first paragraph of
/// the section.
pub(crate) fn definition(doc: &Document, labels: &Labels) -> Option<String> {
    let heading = doc.find(Section::Definition)?;
    let labelled = labelled_text(doc, heading, (labels, LabelKind::WhatItIs));
    let text = labelled.or_else(|| {
        let first = doc.section_blocks(heading).find(|&b| doc.blocks[b].kind == BlockKind::Paragraph)?;
        Some(doc.plain(doc.blocks[first].text).to_string())
    })?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty() && !is_not_applicable(&text)).then_some(text)
}

/// The terms after `**Key terms:**`, without text in parentheses. If the note explains its terms in a list, these.
pub(crate) fn terms(doc: &Document, labels: &Labels, explained: &[ExplainedTerm]) -> PackedStrings {
    if !explained.is_empty() {
        let mut terms = PackedStrings::default();
        explained.iter().for_each(|own| _ = terms.push(&own.term));
        return terms;
    }
    let Some(heading) = doc.find(Section::Definition) else { return PackedStrings::default() };
    let text = labelled_text(doc, heading, (labels, LabelKind::KeyTerms)).unwrap_or_default();
    let mut terms = PackedStrings::default();
    let mut depth = 0i32;
    let mut term = String::new();
    // The added comma ends the last term.
    for c in text.chars().chain([',']) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' | ';' | '\n' if depth <= 0 => {
                let done = term.trim().trim_end_matches('.').trim();
                if !done.is_empty() && !is_not_applicable(done) {
                    terms.push(done);
                }
                term.clear();
            }
            _ if depth <= 0 => term.push(c),
            _ => {}
        }
    }
    terms
}

/// The plain text after the first label of a kind in a section.
fn labelled_text(doc: &Document, heading: HeadingId, (labels, kind): (&Labels, LabelKind)) -> Option<String> {
    doc.section_blocks(heading)
        .flat_map(|top| doc.subtree(top))
        .find_map(|block| doc.labelled(block).into_iter().find(|(label, ..)| labels.is(kind, doc.name_of(label))))
        .map(|(_, text, _)| doc.plain(text).trim().to_string())
}

/// The number of trade-offs: the innermost list items and table rows of the section.
pub(crate) fn trade_offs(doc: &Document) -> usize {
    let Some(heading) = doc.find(Section::TradeOffs) else { return 0 };
    let within = doc.section_blocks(heading).chain(doc.subheadings(heading).flat_map(|sub| doc.section_blocks(sub)));
    within
        .flat_map(|top| doc.subtree(top))
        .filter(|&b| matches!(doc.blocks[b].kind, BlockKind::Item | BlockKind::Row))
        .filter(|&b| !doc.subtree(b).iter().skip(1).any(|inner| doc.blocks[inner].kind == BlockKind::Item))
        .filter(|&b| !is_not_applicable(doc.plain(doc.blocks[b].text)))
        .count()
}
