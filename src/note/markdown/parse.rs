//! Runs pulldown-cmark over the text of a note and passes the events to the [`Builder`].

use super::builder::Builder;
use super::*;
use pulldown_cmark::{BrokenLink, Event, LinkType, Parser};

/// Reads the Markdown of `source` from byte `base` on (what stands before is frontmatter), in the memory of `spare`, which
/// [`Document::settled`] gives back.
pub(crate) fn parse(source: &str, base: usize, options: Options<'_>, spare: &mut Scratch) -> Document {
    let mut undefined = Vec::new();
    let mut broken = |link: BrokenLink<'_>| {
        if matches!(link.link_type, LinkType::Reference | LinkType::Collapsed) {
            undefined.push((link.reference.to_string(), Span::new(base + link.span.start, base + link.span.end)));
        }
        None
    };
    let flags = flags(options.markdown);
    let parser = Parser::new_with_broken_link_callback(&source[base..], flags, Some(&mut broken));
    let definitions: Vec<(String, Span)> = parser
        .reference_definitions()
        .iter()
        .map(|(label, def)| (label.to_string(), Span::new(base + def.span.start, base + def.span.end)))
        .collect();
    let mut builder = Builder::new(source, base, options, spare);
    // Behind a cut, only what is open is closed.
    let mut skipped = 0usize;
    for (event, range) in parser.into_offset_iter() {
        if builder.doc.cut_off.is_some() {
            match event {
                Event::Start(_) => skipped += 1,
                Event::End(_) if skipped > 0 => skipped -= 1,
                Event::End(_) => builder.event(event, range.start + base..range.end + base),
                _ => {}
            }
            continue;
        }
        builder.event(event, range.start + base..range.end + base);
    }
    builder.finish(definitions, undefined)
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
