//! The order of the steps: the source is rewritten at signs that the parser would misread, the events of the parser
//! pass through the adapter to the builder, and all offsets of the document are mapped to the source.

use super::builder::Builder;
use super::events::Adapter;
use super::present::Present;
use super::rewrite::{Edit, Rewritten};
use super::{Document, Scratch, admonitions, colons, comments, dollars};
use crate::config::{self, schema::Schema};
use crate::text::source::Span;
use pulldown_cmark::{BrokenLink, Event, LinkType, Parser, Tag, TagEnd};
use std::ops::Range;

/// The inputs of the pass besides the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    /// Syntax switches.
    pub markdown: &'a config::Markdown,
    /// Names of sections.
    pub schema: &'a Schema,
    /// Whether the language of the site is written from right to left.
    pub from_right: bool,
}

/// Parses the Markdown of `source` from byte `base` (before `base` is frontmatter), in the buffers of `spare`.
/// [`Document::settled`] returns the buffers.
pub(crate) fn parse(source: &str, base: usize, options: Options<'_>, spare: &mut Scratch) -> Document {
    // Before the search for comments: the content of an admonition is indented, so the parser would read code.
    let present = Present::of(&source[base..]);
    if !options.markdown.callouts || !present.admonitions {
        return with_callouts(source, base, present, options, spare);
    }
    let rewritten = Rewritten::new(source, &admonitions::edits(source, base, flags(options.markdown)));
    let mut doc = with_callouts(&rewritten.text, base, present, options, spare);
    rewritten.move_to_source(&mut doc);
    doc
}

/// Parses a text whose admonitions are replaced by callouts.
fn with_callouts(source: &str, base: usize, present: Present, options: Options<'_>, spare: &mut Scratch) -> Document {
    if !present.comments {
        return without_comments(source, base, present, options, spare);
    }
    let comments = comments::find(source, base, flags(options.markdown));
    let rewritten = Rewritten::new(source, &comments.edits);
    let mut doc = without_comments(&rewritten.text, base, present, options, spare);
    rewritten.move_to_source(&mut doc);
    doc.unclosed_comment = comments.unclosed;
    doc.comments.extend(comments.spans);
    doc.comments.sort();
    doc
}

/// Parses a text without comments.
fn without_comments(
    source: &str,
    base: usize,
    present: Present,
    options: Options<'_>,
    spare: &mut Scratch,
) -> Document {
    let (doc, misread) = read(source, base, present, options, spare, false);
    if !misread {
        return doc;
    }
    // Rare: the parser read a price as a formula, or a colon as a definition.
    let edits = escapes(source, base, options.markdown);
    spare.document = doc.emptied();
    let rewritten = Rewritten::new(source, &edits);
    let (mut doc, _) = read(&rewritten.text, base, present, options, spare, true);
    rewritten.move_to_source(&mut doc);
    doc
}

/// One pass of the parser, and whether the parser misread a sign. The document is then incomplete, unless `to_the_end`.
fn read(
    source: &str,
    base: usize,
    present: Present,
    options: Options<'_>,
    spare: &mut Scratch,
    to_the_end: bool,
) -> (Document, bool) {
    let mut undefined = Vec::new();
    let mut broken = |link: BrokenLink<'_>| {
        // `[text]` alone (a shortcut) is usually not meant as a link, so only `[text][label]` and `[label][]` are
        // recorded.
        if matches!(link.link_type, LinkType::Reference | LinkType::Collapsed) {
            undefined.push((link.reference.to_string(), Span::new(base + link.span.start, base + link.span.end)));
        }
        None
    };
    let parser = Parser::new_with_broken_link_callback(&source[base..], flags(options.markdown), Some(&mut broken));
    // Before the events: the iterator consumes the parser.
    let definitions: Vec<(String, Span)> = parser
        .reference_definitions()
        .iter()
        .map(|(label, def)| (label.to_string(), Span::new(base + def.span.start, base + def.span.end)))
        .collect();
    let mut builder = Builder::new(source, options, spare);
    let mut adapter = Adapter::new(source, present, options, !definitions.is_empty());
    // After the cut-off only the end events of open blocks pass, so the HTML remains balanced. `skipped` counts the
    // blocks that were started after the cut-off.
    let mut skipped = 0usize;
    for (event, range) in parser.into_offset_iter() {
        if builder.doc.cut_off.is_some() {
            match event {
                Event::Start(_) => {
                    skipped += 1;
                    continue;
                }
                Event::End(_) if skipped > 0 => {
                    skipped -= 1;
                    continue;
                }
                Event::End(_) => {}
                _ => continue,
            }
        }
        adapter.event(event, range.start + base..range.end + base, &mut builder);
        if adapter.misread && !to_the_end {
            break;
        }
    }
    undefined.append(&mut adapter.undefined);
    builder.doc.split_wikilinks = std::mem::take(&mut adapter.split);
    for (row, comments) in std::mem::take(&mut adapter.ragged) {
        builder.doc.ragged_rows.push(row);
        builder.doc.comments.extend(comments);
        builder.doc.comments.sort();
    }
    (builder.finish(base, definitions, undefined, &adapter.used), adapter.misread)
}

fn flags(markdown: &config::Markdown) -> pulldown_cmark::Options {
    use pulldown_cmark::Options as Flags;
    let mut flags = Flags::ENABLE_TABLES
        | Flags::ENABLE_FOOTNOTES
        | Flags::ENABLE_STRIKETHROUGH
        | Flags::ENABLE_TASKLISTS
        | Flags::ENABLE_HEADING_ATTRIBUTES
        | Flags::ENABLE_DEFINITION_LIST;
    flags.set(Flags::ENABLE_MATH, markdown.math);
    flags.set(Flags::ENABLE_WIKILINKS, markdown.wikilinks);
    flags.set(Flags::ENABLE_SMART_PUNCTUATION, markdown.smart_punctuation);
    flags
}

/// The edits that prevent a misreading: backslashes before dollar signs outside of formulas and colons outside of
/// definitions.
fn escapes(source: &str, base: usize, markdown: &config::Markdown) -> Vec<Edit> {
    let mut edits = Vec::new();
    let parser = Parser::new_ext(&source[base..], flags(markdown)).into_offset_iter();
    for (event, range) in parser {
        let at = base + range.start;
        let is_colon = matches!(event, Event::Start(Tag::DefinitionListDefinition)) && source[at..].starts_with(':');
        if is_colon && !colons::is_definition(source, at) {
            edits.push(colons::escape(source, at));
        }
    }
    if markdown.math {
        let runs = runs_of_words(source, base, markdown);
        let prices = runs.iter().flat_map(|words| dollars::prices(source, words));
        edits.extend(prices.map(|at| Edit { range: at..at, text: "\\".into() }));
    }
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup_by(|next, edit| next.range.start < edit.range.end);
    edits
}

/// The runs of inline events, each as the source ranges where a `$` counts: not in code, raw HTML or addresses.
fn runs_of_words(source: &str, base: usize, markdown: &config::Markdown) -> Vec<Vec<Range<usize>>> {
    let mut without_math = flags(markdown);
    without_math.remove(pulldown_cmark::Options::ENABLE_MATH);
    let (mut runs, mut run): (Vec<Vec<Range<usize>>>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
    let mut in_code = false;
    for (event, range) in Parser::new_ext(&source[base..], without_math).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(_) if !in_code => {
                // The backslash of an escaped character is in the source before the text.
                let start = range.start - usize::from(source[base..base + range.start].ends_with('\\'));
                run.push(base + start..base + range.end);
            }
            Event::Text(_) | Event::Code(_) | Event::InlineHtml(_) | Event::SoftBreak | Event::HardBreak => {}
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
            Event::Start(ref tag) if is_inline(&tag.to_end()) => {}
            Event::End(ref tag) if is_inline(tag) => {}
            _ => runs.extend((!run.is_empty()).then(|| std::mem::take(&mut run))),
        }
    }
    runs.extend((!run.is_empty()).then_some(run));
    runs
}

fn is_inline(tag: &TagEnd) -> bool {
    !super::events::is_block(tag)
}
