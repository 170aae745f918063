//! Raw HTML of a note: finds links, ids and comments, and turns unfinished tags into text, so that no tag affects the
//! rest of the page.

use super::builder::Builder;
use super::raw_text::RawText;
use super::*;
use crate::text::html_tags::{RAW_TEXT, Syntax, Token, VOID, tags, tokens};

impl Builder<'_> {
    /// Appends raw HTML inside text.
    pub(super) fn inline_raw_html(&mut self, html: &str, range: Range<usize>) {
        let leaves_nothing_open = tags(html, Syntax::Fragment).all(|tag| VOID.contains(&&*tag.name));
        // An embed after an open `<span>` is inside the `<span>`, where no section can be shown (see `around`).
        if !leaves_nothing_open {
            self.raw.words_in = self.innermost();
        }
        let start = range.start;
        self.raw_html(html, range);
        if tags(html, Syntax::Fragment).any(|tag| !tag.closes && RAW_TEXT.contains(&&*tag.name)) {
            self.begin_raw_text(start);
        }
    }

    /// Finds the end of the raw text element (`<script>`, `<style>` …) that starts inside a paragraph at `start`. An
    /// element without an end tag in the paragraph is ignored.
    fn begin_raw_text(&mut self, start: usize) {
        // Without a limit, many start tags in one long paragraph would take quadratic time.
        const LONGEST: usize = 4096;
        let rest = self.source.get(start..).unwrap_or_default();
        let rest = &rest[..rest.floor_char_boundary(LONGEST)];
        let paragraph = rest.split("\n\n").next().unwrap_or_default();
        if let Some(Token::RawText(range)) = tokens(paragraph, Syntax::Fragment).nth(1) {
            self.raw.text_until = self.raw.text_until.max(start + range.end);
        }
    }

    /// Appends a piece of raw HTML that is at `start` in the source.
    fn raw_piece(&mut self, html: &str, start: usize) {
        self.raw.places.push((self.doc.body.html.len(), start, html.len()));
        self.html(html);
    }

    /// The source span of the first tag beyond the nesting limit of the sanitiser. `None` without raw HTML.
    pub(super) fn too_deep(&self) -> Option<Span> {
        let offset = match self.raw.places.is_empty() {
            true => return None,
            false => crate::note::sanitize::first_too_deep(&self.without_slots())?,
        };
        let piece = self.raw.places.partition_point(|(html, ..)| *html <= offset).saturating_sub(1);
        let (html, start, length) = *self.raw.places.get(piece)?;
        // The piece and its source can differ inside lists and quotes, so the offset may be inside a character.
        let on_a_character =
            |at: usize| (0..=at.min(self.source.len())).rev().find(|i| self.source.is_char_boundary(*i));
        let at = on_a_character(start + offset.saturating_sub(html).min(length))?;
        let end = self.source[at..].find(['>', '\n']).map_or(self.source.len(), |i| at + i);
        Some(Span::new(at, end + usize::from(self.source[end..].starts_with('>'))))
    }

    /// Appends a block of raw HTML. If the block has only comments, no block is added.
    pub(super) fn html_block(&mut self, raw: &RawText<'_>, range: Range<usize>) {
        let only_comments = tokens(&raw.text, Syntax::Fragment).all(|token| match token {
            Token::Comment(range) => raw.text[range].starts_with("<!--"),
            Token::Text(range) => raw.text[range].trim().is_empty(),
            _ => false,
        });
        if only_comments {
            for token in tokens(&raw.text, Syntax::Fragment) {
                if let Token::Comment(range) = token {
                    self.comment(&raw.text[range.clone()], raw.span(range));
                }
            }
            return;
        }
        self.open_block(BlockKind::Html, range);
        // A list item or quote ends the elements that were opened inside, so only top blocks count.
        if self.open.len() == 1 {
            self.raw.elements.follow(&raw.text);
        }
        self.raw_text(raw);
        self.close_block();
    }

    /// The HTML with a space for each slot, because the markup of a slot separates words.
    fn without_slots(&self) -> String {
        let mut html = self.doc.body.html.replace('\u{1}', " ");
        let ids = self.doc.body.slots.iter().filter(|(_, slot)| matches!(slot, Slot::BlockId(_)));
        // The slot of a block id replaces the `>` of a start tag.
        for at in ids.map(|(at, _)| *at as usize) {
            html.replace_range(at..at + 1, ">");
        }
        html
    }

    /// Appends the raw HTML of one event. `range`: the span of the event.
    fn raw_html(&mut self, html: &str, range: Range<usize>) {
        let mut raw = RawText::new(self.source);
        raw.push(html, range);
        self.raw_text(&raw);
    }

    /// Appends raw HTML: extracts links and ids, removes comments, and escapes unfinished tags.
    fn raw_text(&mut self, raw: &RawText<'_>) {
        self.labels.line_start = false;
        let html = raw.text.as_str();
        let mut rest = 0;
        for token in tokens(html, Syntax::Fragment) {
            match token {
                // Further comments (`<!DOCTYPE>`, `<?php ?>`) are markup for the sanitiser.
                Token::Comment(range) if html[range.clone()].starts_with("<!--") => {
                    self.markup(raw, rest..range.start);
                    rest = range.end;
                    self.comment(&html[range.clone()], raw.span(range));
                }
                Token::Tag(tag) if !tag.finished => {
                    self.markup(raw, rest..tag.range.start);
                    rest = tag.range.end;
                    self.unfinished_tag(raw, tag.range.clone());
                }
                _ => {}
            }
        }
        self.markup(raw, rest..html.len());
    }

    /// Appends a tag without `>` at the end of its block as text: as markup, the tag would swallow the text of later
    /// blocks.
    fn unfinished_tag(&mut self, raw: &RawText<'_>, part: Range<usize>) {
        self.doc.raw_html.push(raw.span(part.clone()));
        let mut shown = String::new();
        crate::text::html_escape::text(&raw.text[part], &mut shown);
        self.html(&shown);
    }

    fn comment(&mut self, comment: &str, span: Span) {
        self.doc.comments.push(span);
        let inner = comment.trim_start_matches("<!--").trim_end_matches("-->").trim();
        let Some(rest) = inner.strip_prefix("canon-ignore") else { return };
        // `<!-- canon-ignore rule, rule: reason -->`
        let names = rest.split(':').next().unwrap_or("");
        for rule in names.split([',', ' ']).map(str::trim).filter(|r| !r.is_empty()) {
            self.doc.suppressions.push(Suppression { rule: rule.to_string(), span });
        }
    }

    fn markup(&mut self, raw: &RawText<'_>, part: Range<usize>) {
        let html = &raw.text[part.clone()];
        let start = |offset: usize| raw.place(part.start + offset..part.end).start;
        // White space between two comments is not reported as raw HTML.
        if html.trim().is_empty() {
            return self.html(html);
        }
        self.doc.raw_html.push(raw.span(part.clone()));
        let mut written = 0;
        let is_text = start(0) < self.raw.text_until;
        for tag in tags(html, Syntax::Fragment).filter(|tag| !tag.closes && !is_text) {
            for attribute in &tag.attributes {
                let link = super::links::html_link(&tag.name, &attribute.name);
                // HTML still accepts `<a name>` as the target of a fragment.
                let is_id = attribute.name == "id" || attribute.name == "name" && tag.name == "a";
                if attribute.repeated && (is_id || link.is_some()) {
                    // A browser uses the first attribute of a name. The slot replaces the first, so a repetition would
                    // count.
                    self.raw_piece(html[written..attribute.range.start].trim_end(), start(written));
                    written = attribute.range.end;
                } else if let Some(form) = link {
                    let index = self.html_link(form, &attribute.name, attribute, raw, part.start);
                    // `srcset` can contain several links, and a slot has one: the attribute remains as written.
                    if attribute.name != "srcset" {
                        self.raw_piece(html[written..attribute.range.start].trim_end(), start(written));
                        self.slot(Slot::Attribute(index));
                        written = attribute.range.end;
                    }
                } else if is_id && !attribute.value.is_empty() {
                    self.doc.html_ids.push(attribute.decoded().into_owned());
                    self.raw_piece(&html[written..attribute.value_range.start], start(written));
                    self.slot(Slot::IdPrefix);
                    written = attribute.value_range.start;
                }
            }
        }
        self.raw_piece(&html[written..], start(written));
    }
}
