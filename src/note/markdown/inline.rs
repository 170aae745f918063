//! The content of blocks: runs of plain text, labels, callout titles, tasks, footnote references, formulas.

use super::builder::Builder;
use super::spans::trimmed;
use super::*;

impl<'a> Builder<'a> {
    /// Starts a paragraph with its tags, which are empty for a single embed: a `<p>` cannot contain the `<section>`.
    pub(super) fn start_paragraph(&mut self, tag: &'static str, close: &'static str, range: Range<usize>) {
        self.open_element(BlockKind::Paragraph, tag, close, range);
        self.labels.line_start = true;
    }

    pub(super) fn start_callout(&mut self, callout: Callout, fold: Option<bool>, range: Range<usize>) {
        let (tag, close, open) = match fold {
            Some(open) => ("details", "</details>\n", if open { " open" } else { "" }),
            None => ("div", "</div>\n", ""),
        };
        let tag = format!("<{tag} class=\"callout {}\"{open}>\n", callout.class());
        self.open_element(BlockKind::Quote, &tag, close, range);
    }

    /// Starts the title of a callout. A `<span>` encloses the words, so that a theme can arrange them as one item.
    pub(super) fn start_title(&mut self, range: Range<usize>) {
        match self.open.last().is_some_and(|open| open.close == "</details>\n") {
            true => self.open_element(BlockKind::Paragraph, "<summary><span>", "</span></summary>\n", range),
            false => {
                self.open_element(BlockKind::Paragraph, "<p class=\"callout-title\"><span>", "</span></p>\n", range)
            }
        }
        self.words += 1;
    }

    pub(super) fn end_title(&mut self, callout: Callout) {
        self.words -= 1;
        // The default title is in the language of the site, which only the page knows.
        let start = self.open.last().map_or(0, |open| self.doc.blocks[open.block].inner.start);
        if self.doc.body.html[start as usize..].trim().is_empty() {
            self.slot(Slot::CalloutTitle(callout));
        }
        self.close_element();
    }

    pub(super) fn line_break(&mut self, html: &str) {
        self.html(html);
        self.doc.text.push('\n');
        self.labels.line_start = true;
    }

    pub(super) fn start_mark(&mut self, tag: &str) {
        self.words += 1;
        self.html(tag);
        self.labels.line_start = false;
    }

    pub(super) fn end_mark(&mut self, tag: &str) {
        self.words = self.words.saturating_sub(1);
        self.html(tag);
    }

    /// The context of an embed at the current end of the HTML.
    pub(super) fn around(&self) -> EmbedContext {
        let Some(open) = self.open.last() else { return EmbedContext::Blocks };
        if self.link.is_some() {
            return EmbedContext::Link;
        }
        match self.doc.blocks[open.block].kind {
            _ if self.words > 0 || self.task_open || self.raw.words_in == Some(open.block) => EmbedContext::Words,
            BlockKind::Paragraph if open.close.is_empty() => EmbedContext::Blocks,
            BlockKind::Paragraph => EmbedContext::Paragraph,
            BlockKind::Item => EmbedContext::Blocks,
            _ => EmbedContext::Words,
        }
    }

    /// Appends text. `range`: its source, which differs from `text` for entities, escapes and typographic quotes.
    pub(super) fn text(&mut self, text: &str, range: Range<usize>) {
        if text.is_empty() {
            return;
        }
        let start = range.end - text.len().min(range.end);
        let exact = self.source.get(start..range.end) == Some(text);
        self.plain_text(text, if exact { start } else { range.start }, exact);
    }

    /// Appends text to the plain text and, escaped, to the HTML. `exact`: the source has the same bytes from `start`.
    pub(super) fn plain_text(&mut self, text: &str, start: usize, exact: bool) {
        if text.is_empty() {
            return;
        }
        self.labels.line_start = false;
        let kind = match (self.in_heading, self.link.is_some()) {
            (true, _) => RunKind::Heading,
            (_, true) => RunKind::Link,
            _ => RunKind::Prose,
        };
        self.run(text, start, kind, exact);
        crate::text::html_escape::text(text, &mut self.doc.body.html);
    }

    fn run(&mut self, text: &str, start: usize, kind: RunKind, exact: bool) {
        let at = self.doc.text.len() as u32;
        let (source, length) = (start as u32, text.len() as u32);
        self.doc.text.push_str(text);
        match self.doc.runs.last_mut() {
            // Extends the run if source and text are still the same distance apart: a line end between the two pieces
            // is in both.
            Some(last)
                if last.kind == kind
                    && last.exact
                    && exact
                    && at - last.text == source.wrapping_sub(last.source)
                    && at >= last.text + last.length =>
            {
                last.length = at + length - last.text;
            }
            _ => self.doc.runs.push(Run { text: at, source, length, kind, exact }),
        }
    }

    pub(super) fn inline_code(&mut self, code: &str, range: Range<usize>) {
        self.labels.line_start = false;
        // The event has the code alone, the range includes the backticks.
        let ticks = self.source[range.start..].bytes().take_while(|&b| b == b'`').count();
        let kind = if self.in_heading { RunKind::Heading } else { RunKind::Code };
        self.code_run(code, range.start + ticks, kind);
        self.html("<code>");
        crate::text::html_escape::text(code, &mut self.doc.body.html);
        self.html("</code>");
    }

    /// Appends code that starts at `start` or one byte later: CommonMark strips a space after the opening backticks.
    fn code_run(&mut self, code: &str, start: usize, kind: RunKind) {
        let is_at = |at: usize| self.source.get(at..at + code.len()) == Some(code);
        let exact = [start, start + 1].into_iter().find(|&at| is_at(at));
        self.run(code, exact.unwrap_or(start), kind, exact.is_some());
    }

    pub(super) fn formula(&mut self, tex: &str, range: Range<usize>, display: bool) {
        let marks = 1 + usize::from(display);
        // GitHub's spelling with code in it: $`a`$.
        let quoted = tex.strip_prefix('`').and_then(|tex| tex.strip_suffix('`')).filter(|_| !display);
        let start = range.start + marks + usize::from(quoted.is_some());
        self.formula_of(quoted.unwrap_or(tex), start, Span::from(range), display);
    }

    /// A code block of the language `math`.
    pub(super) fn formula_block(&mut self, tex: &str, range: Range<usize>) {
        let line = self.source[range.clone()].find('\n').map_or(range.end, |end| range.start + end + 1);
        self.start_paragraph("<p>", "</p>\n", range.clone());
        self.formula_of(tex.trim_end_matches('\n'), line, trimmed(self.source, range), true);
        self.close_element();
    }

    fn formula_of(&mut self, tex: &str, start: usize, span: Span, display: bool) {
        self.labels.line_start = false;
        self.code_run(tex, start, RunKind::Code);
        let formula = self.doc.formulas.push(Formula { tex: tex.to_string(), span });
        self.slot(Slot::Math(formula, display));
    }

    pub(super) fn start_strong(&mut self) {
        if self.labels.line_start {
            self.labels.start = Some((self.doc.body.html.len() as u32, self.doc.text.len() as u32));
        }
        self.start_mark("<strong>");
    }

    pub(super) fn end_strong(&mut self, range: Range<usize>) {
        self.end_mark("</strong>");
        let Some((html, text)) = self.labels.start.take() else { return };
        // A label has its colon inside (`**Pros:**`) or right after (`**Pros**:`). Long bold text and bold text over
        // two lines are emphasis.
        let written = &self.doc.text[text as usize..];
        let name = written.trim();
        let outside = self.source[range.end..].starts_with(':');
        if (!outside && !name.ends_with(':')) || name.contains('\n') || name.len() > 80 {
            return;
        }
        let start = text + (written.len() - written.trim_start().len()) as u32;
        let name = Slice { start, end: start + name.trim_end_matches(':').trim_end().len() as u32 };
        // A colon outside is not written yet, but belongs to the label: the part after the label starts after the
        // colon.
        let colon = u32::from(outside);
        self.doc.labels.push(Label {
            name,
            block: self.innermost(),
            html: Slice { start: html, end: self.doc.body.html.len() as u32 + colon },
            text: Slice { start: text, end: self.doc.text.len() as u32 + colon },
        });
    }

    pub(super) fn task(&mut self, done: bool) {
        let item = self.open.iter().rev().map(|open| open.block).find(|&i| self.doc.blocks[i].kind == BlockKind::Item);
        let Some(item) = item else { return };
        self.doc.blocks[item].task = Some(done);
        // `close_task` ends the label at the end of the item's first paragraph, or before a nested list.
        self.slot(Slot::Task(item));
        self.task_open = true;
        self.labels.line_start = true;
    }

    pub(super) fn close_task(&mut self) {
        if std::mem::take(&mut self.task_open) {
            self.slot(Slot::TaskClose);
        }
    }

    pub(super) fn start_footnote(&mut self, label: &str, range: Range<usize>) {
        let index = self.footnote(label, Span::from(range.clone()));
        let block = self.open_block(BlockKind::Footnote, range.clone());
        let footnote = &mut self.doc.footnotes[index];
        match footnote.block {
            None => footnote.block = Some(block),
            // The first definition counts, as for link references in CommonMark.
            Some(_) => self.doc.references.repeated.push((format!("^{label}"), trimmed(self.source, range))),
        }
        self.slot(Slot::Footnote(block));
        self.begin_inner();
    }

    /// The footnote with the label, letter case ignored, added if new. `span` is stored for a new footnote only.
    pub(super) fn footnote(&mut self, label: &str, span: Span) -> FootnoteId {
        let folded = label.to_lowercase();
        if let Some(&index) = self.footnotes.by_label.get(&folded) {
            return index;
        }
        let footnote = Footnote { number: 0, label: label.to_string(), block: None, references: 0, span };
        let index = self.doc.footnotes.push(footnote);
        self.footnotes.by_label.insert(folded, index);
        index
    }

    pub(super) fn footnote_reference(&mut self, label: &str, range: Range<usize>) {
        let index = self.footnote(label, Span::from(range));
        let footnote = &mut self.doc.footnotes[index];
        // Numbered by first reference, not by definition, as GitHub does.
        if footnote.number == 0 {
            self.footnotes.last_number += 1;
            footnote.number = self.footnotes.last_number;
        }
        footnote.references += 1;
        let count = footnote.references;
        self.slot(Slot::FootnoteReference(index, count));
        self.labels.line_start = false;
    }
}
