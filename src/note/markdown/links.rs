//! Links of all kinds: the text, the span of the destination, and links in raw HTML.

use super::builder::Builder;
use super::elements::OpenLink;
use super::node::Image;
use super::raw_text::RawText;
use super::*;
use crate::text::html_tags::{Attribute, decoded};
use pulldown_cmark::LinkType;

impl<'a> Builder<'a> {
    pub(super) fn start_link(&mut self, kind: LinkType, dest: &str, title: &str, range: Range<usize>) {
        let form = match kind {
            LinkType::Inline => LinkSyntax::Inline,
            LinkType::WikiLink { .. } => LinkSyntax::Wiki,
            LinkType::Autolink | LinkType::Email => LinkSyntax::Auto,
            _ => LinkSyntax::Reference,
        };
        // The parser leaves the scheme of `<name@example.org>` to the renderer.
        let dest = match kind {
            LinkType::Email => format!("mailto:{dest}"),
            _ => dest.to_string(),
        };
        let id = self.push_link(form, dest, title, range);
        self.slot(Slot::LinkOpen(id));
        self.link = Some(OpenLink { id, text: self.doc.text.len() as u32 });
        self.labels.line_start = false;
    }

    pub(super) fn end_link(&mut self) {
        let Some(open) = self.link.take() else { return };
        let text = &self.doc.text[open.text as usize..];
        let length = text.len() as u32;
        let text = text.trim().to_string();
        if let Some(open) = self.open.last() {
            self.doc.blocks[open.block].link_text += length;
        }
        let link = &mut self.doc.links[open.id];
        link.text = text;
        link.plain = Slice { start: open.text, end: open.text + length };
        self.slot(Slot::LinkClose(open.id));
    }

    pub(super) fn image(&mut self, image: Image<'a>, range: Range<usize>) {
        let form = match image.kind {
            LinkType::Inline => LinkSyntax::Image,
            LinkType::WikiLink { .. } => LinkSyntax::Embed,
            _ => LinkSyntax::ImageReference,
        };
        let index = self.push_link(form, image.dest.to_string(), &image.title, range);
        self.doc.links[index].text = image.alt;
        self.labels.line_start = false;
        self.slot(match form {
            LinkSyntax::Embed => Slot::Embed(index, self.around()),
            _ => Slot::Image(index, image.in_link),
        });
    }

    fn push_link(&mut self, form: LinkSyntax, dest: String, title: &str, range: Range<usize>) -> LinkId {
        let source = &self.source[range.clone()];
        let dest_span = destination(form, source)
            .map_or(Span::from(range.clone()), |r| Span::new(range.start + r.start, range.start + r.end));
        // A wikilink with a text in a table cell is written `[[a\|b]]`, as in Obsidian. pulldown-cmark leaves the
        // backslash at the end of the destination.
        let dest = if matches!(form, LinkSyntax::Wiki | LinkSyntax::Embed) {
            dest.trim_end_matches('\\').trim().to_string()
        } else {
            dest
        };
        let before = self.source[..range.start].trim_end_matches([' ', '\t']);
        let planned = before.ends_with("(TODO)") || dest.eq_ignore_ascii_case("todo");
        if planned {
            self.doc.todos.push(Todo {
                name: String::new(),
                span: Span::from(range.clone()),
                link: Some(self.doc.links.next_id()),
            });
        }
        self.doc.links.push(Link {
            form,
            dest,
            span: Span::from(range),
            dest_span,
            text: String::new(),
            plain: Slice { start: self.doc.text.len() as u32, end: self.doc.text.len() as u32 },
            heading: self.heading,
            block: self.innermost(),
            title: title.to_string(),
            planned,
        })
    }

    /// Adds a link for a bare address in text.
    pub(super) fn bare_link(&mut self, dest: String, range: Range<usize>) {
        let start = range.start;
        let text = &self.source[range.clone()];
        let id = self.push_link(LinkSyntax::Auto, dest, "", range);
        self.slot(Slot::LinkOpen(id));
        self.link = Some(OpenLink { id, text: self.doc.text.len() as u32 });
        self.plain_text(text, start, true);
        self.end_link();
    }

    /// Adds the links of an attribute of raw HTML and returns the first link. The ranges of the attribute are relative
    /// to `start`, an offset in `raw`.
    pub(super) fn html_link(
        &mut self,
        form: LinkSyntax,
        name: &str,
        attribute: &Attribute<'_>,
        raw: &RawText<'_>,
        start: usize,
    ) -> LinkId {
        // `srcset` is a list of URLs, each with a width or density.
        let urls: Vec<&str> = match name {
            "srcset" => attribute.value.split(',').filter_map(|c| c.split_whitespace().next()).collect(),
            _ => vec![attribute.value.trim()],
        };
        let first = self.doc.links.next_id();
        for url in urls {
            let offset = attribute.value.find(url).unwrap_or(0);
            let at = start + attribute.value_range.start + offset;
            let range = raw.place(at..at + url.len());
            self.push_link(form, decoded(url).into_owned(), "", range.clone());
            if let Some(link) = self.doc.links.last_mut() {
                link.dest_span = Span::from(range);
                link.text = name.to_string();
            }
        }
        first
    }
}

/// The kind of link in an attribute of a raw HTML element; `None` if the attribute contains no link.
pub(super) fn html_link(element: &str, attribute: &str) -> Option<LinkSyntax> {
    match (element, attribute) {
        ("a" | "area", "href") => Some(LinkSyntax::Href),
        ("img" | "source" | "video" | "audio" | "track" | "embed", "src") => Some(LinkSyntax::Src),
        ("img" | "source", "srcset") | ("video", "poster") => Some(LinkSyntax::Src),
        _ => None,
    }
}

/// The range of the destination in the source of a link. `None` for references, whose definition has the destination.
fn destination(form: LinkSyntax, link: &str) -> Option<Range<usize>> {
    match form {
        LinkSyntax::Wiki | LinkSyntax::Embed => {
            let start = link.find("[[")? + 2;
            let inner = &link[start..link.rfind("]]").unwrap_or(link.len()).max(start)];
            // In table cells the bar is escaped: `\|`.
            let end = inner.find('|').map_or(inner.len(), |i| inner[..i].trim_end_matches('\\').len());
            Some(start..start + end)
        }
        LinkSyntax::Auto if link.starts_with('<') => Some(1..link.len() - 1),
        LinkSyntax::Inline | LinkSyntax::Image => inline_destination(link),
        _ => None,
    }
}

/// The range of the destination of `[text](dest "title")`. The text may contain code spans, escapes and nested
/// brackets, so a search for the first `]` is not enough.
fn inline_destination(link: &str) -> Option<Range<usize>> {
    let bytes = link.as_bytes();
    let mut at = link.find('[')? + 1;
    let mut depth = 1usize;
    while depth > 0 {
        match *bytes.get(at)? {
            b'\\' => at += 1,
            b'[' => depth += 1,
            b']' => depth -= 1,
            b'`' => at = after_code(bytes, at) - 1,
            _ => {}
        }
        at += 1;
    }
    if bytes.get(at) != Some(&b'(') {
        return None;
    }
    // White space before the destination, a line end included, is allowed by CommonMark.
    let start = at + 1 + link[at + 1..].len() - link[at + 1..].trim_start().len();
    // A destination in `<>` may contain spaces and unbalanced parentheses.
    if bytes.get(start) == Some(&b'<') {
        let end = link[start..].find('>')? + start;
        return Some(start + 1..end);
    }
    // A bare destination may contain balanced parentheses, as in `(a_(b).md)`.
    let mut end = start;
    let mut depth = 0usize;
    while let Some(&b) = bytes.get(end) {
        match b {
            b'\\' => end += 1,
            b'(' => depth += 1,
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            b if b.is_ascii_whitespace() => break,
            _ => {}
        }
        end += 1;
    }
    Some(start..end.min(link.len()))
}

/// The offset after the code span that starts at `at`, or after the opening backticks if the code span is not closed.
fn after_code(bytes: &[u8], at: usize) -> usize {
    let ticks = bytes[at..].iter().take_while(|&&b| b == b'`').count();
    let mut from = at + ticks;
    while let Some(next) = bytes[from..].iter().position(|&b| b == b'`').map(|i| from + i) {
        // A code span ends at a run of exactly as many backticks; a longer run is part of the code.
        let run = bytes[next..].iter().take_while(|&&b| b == b'`').count();
        if run == ticks {
            return next + run;
        }
        from = next + run;
    }
    at + ticks
}
