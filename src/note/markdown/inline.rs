//! Text within blocks: runs of plain text, labels, callout titles, tasks, footnote references, formulas.

use super::builder::{Builder, trimmed};
use super::*;

/// The title of a callout while it is read.
pub(super) struct CalloutTitle {
    /// What closes the title's element.
    close: &'static str,
    /// Offset of its HTML; `None` until its paragraph begins.
    start: Option<u32>,
    /// What it is, which stands in for an empty title.
    callout: Callout,
}

/// Callout names of GitHub and Obsidian, with the class they get and the interface text of their default title.
const CALLOUTS: &[(&str, &str, &str)] = &[
    ("note", "note", "callout_note"),
    ("info", "note", "callout_info"),
    ("todo", "note", "callout_todo"),
    ("abstract", "note", "callout_summary"),
    ("summary", "note", "callout_summary"),
    ("tldr", "note", "callout_summary"),
    ("tip", "tip", "callout_tip"),
    ("hint", "tip", "callout_tip"),
    ("success", "tip", "callout_success"),
    ("check", "tip", "callout_success"),
    ("done", "tip", "callout_success"),
    ("important", "important", "callout_important"),
    ("question", "important", "callout_question"),
    ("help", "important", "callout_question"),
    ("faq", "important", "callout_question"),
    ("warning", "warning", "callout_warning"),
    ("attention", "warning", "callout_warning"),
    ("caution", "caution", "callout_caution"),
    ("danger", "caution", "callout_danger"),
    ("error", "caution", "callout_danger"),
    ("bug", "caution", "callout_bug"),
    ("failure", "caution", "callout_failure"),
    ("fail", "caution", "callout_failure"),
    ("missing", "caution", "callout_failure"),
    ("example", "example", "callout_example"),
    ("quote", "quote", "callout_quote"),
    ("cite", "quote", "callout_quote"),
];

/// A callout by its name: a row of the table of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Callout(u8);

impl Callout {
    /// The one of a name in lower case, else a note.
    fn named(name: &str) -> Callout {
        Callout(CALLOUTS.iter().position(|(known, _, _)| *known == name).unwrap_or(0) as u8)
    }

    fn class(self) -> &'static str {
        CALLOUTS[usize::from(self.0)].1
    }

    /// The key of the interface text that is its title where it has none of its own.
    pub(crate) fn text(self) -> &'static str {
        CALLOUTS[usize::from(self.0)].2
    }
}

impl<'a> Builder<'a> {
    pub(super) fn start_paragraph(&mut self, range: Range<usize>) {
        self.bare_paragraph = is_one_embed(&self.source[range.clone()]);
        self.open_block(BlockKind::Paragraph, range);
        let start = self.doc.body.html.len() as u32;
        match &mut self.callout {
            Some(title) => {
                let tag = if title.close == "</summary>\n" { "<summary>" } else { "<p class=\"callout-title\">" };
                title.start = Some(start + tag.len() as u32);
                self.html(tag);
            }
            None if self.bare_paragraph => {}
            None => self.html("<p>"),
        }
        self.begin_inner();
        self.line_start = true;
    }

    pub(super) fn end_paragraph(&mut self) {
        self.close_task();
        self.end_inner();
        match self.callout.take() {
            Some(title) => self.end_callout_title(&title),
            None if self.bare_paragraph => {}
            None => self.html("</p>\n"),
        }
        self.bare_paragraph = false;
        self.close_block();
    }

    fn end_callout_title(&mut self, title: &CalloutTitle) {
        let written = title.start.map(|start| &self.doc.body.html[start as usize..]);
        if written.is_some_and(|html| html.trim().is_empty()) {
            self.slot(Slot::CalloutTitle(title.callout));
        }
        self.html(title.close);
    }

    pub(super) fn start_quote(&mut self, range: Range<usize>) {
        let marker = match self.options.markdown.callouts {
            true => callout_marker(&self.source[range.clone()]),
            false => None,
        };
        let Some((name, fold, length)) = marker else {
            self.quotes.push("</blockquote>\n");
            return self.wrap(BlockKind::Quote, "<blockquote>\n", range);
        };
        let callout = Callout::named(&name.to_lowercase());
        self.skip_until = range.start + length;
        self.open_block(BlockKind::Quote, range);
        let (open, close, title) = match fold {
            Some(open) => ("details", "</details>\n", if open { " open" } else { "" }),
            None => ("div", "</div>\n", ""),
        };
        self.html(&format!("<{open} class=\"callout {}\"{title}>\n", callout.class()));
        self.begin_inner();
        self.quotes.push(close);
        let close = if fold.is_some() { "</summary>\n" } else { "</p>\n" };
        self.callout = Some(CalloutTitle { close, start: None, callout });
    }

    pub(super) fn line_break(&mut self, html: &str) {
        if self.image_depth > 0 {
            return self.alternative(" ");
        }
        if self.callout.as_ref().is_some_and(|title| title.start.is_some()) {
            if let Some(title) = self.callout.take() {
                self.end_callout_title(&title);
                self.html("<p>");
            }
            self.doc.text.push('\n');
        } else {
            self.html(html);
            self.doc.text.push('\n');
        }
        self.line_start = true;
    }

    /// Inline markup that says nothing itself.
    pub(super) fn inline_html(&mut self, html: &str) {
        if self.image_depth == 0 {
            self.html(html);
            self.line_start = false;
        }
    }

    pub(super) fn start_mark(&mut self, tag: &str) {
        self.marks += 1;
        self.inline_html(tag);
    }

    pub(super) fn end_mark(&mut self, tag: &str) {
        self.marks = self.marks.saturating_sub(1);
        self.html(tag);
    }

    /// What an embed that ends here stands in.
    pub(super) fn around(&self) -> EmbedContext {
        let Some(&block) = self.open.last() else { return EmbedContext::Blocks };
        if self.link.is_some() {
            return EmbedContext::Link;
        }
        let among_words = self.in_heading || self.callout.is_some() || self.task_open || self.marks > 0;
        let kind = self.doc.blocks[block].kind;
        match kind {
            _ if among_words || self.raw_in == Some(block) => EmbedContext::Words,
            BlockKind::Paragraph if self.bare_paragraph => EmbedContext::Blocks,
            BlockKind::Paragraph => EmbedContext::Paragraph,
            BlockKind::Item => EmbedContext::Blocks,
            _ => EmbedContext::Words,
        }
    }

    pub(super) fn text(&mut self, text: &str, range: Range<usize>) {
        let cut = self.skip_until.saturating_sub(range.start).min(text.len());
        let text = match text.is_char_boundary(cut) && cut > 0 {
            true => text[cut..].trim_start(),
            false => text,
        };
        if self.image_depth > 0 {
            return self.alternative(text);
        }
        if text.is_empty() {
            return;
        }
        self.undefined_footnote(text, &range);
        let start = range.end - text.len().min(range.end);
        let exact = self.source.get(start..range.end) == Some(text);
        let start = if exact { start } else { range.start };
        self.linkified(text, start, exact);
    }

    /// Writes text that may hold bare addresses.
    fn linkified(&mut self, text: &str, start: usize, exact: bool) {
        let mut rest = text;
        let mut at = start;
        while self.link.is_none() && exact && !self.in_heading {
            let Some((offset, length)) = super::links::bare_address(rest) else { break };
            self.plain_text(&rest[..offset], at, true);
            let url = &rest[offset..offset + length];
            self.bare_link(url, at + offset..at + offset + length);
            at += offset + length;
            rest = &rest[offset + length..];
        }
        self.plain_text(rest, at, exact);
    }

    /// Appends text to the plain text and, escaped, to the HTML. `exact`: the source has the same bytes from `start`.
    pub(super) fn plain_text(&mut self, text: &str, start: usize, exact: bool) {
        if text.is_empty() {
            return;
        }
        self.line_start = false;
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
            // A line end between two pieces stands in both texts, so the run goes on over it.
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
        if self.image_depth > 0 {
            return self.alternative(code);
        }
        self.line_start = false;
        let ticks = self.source[range.start..].bytes().take_while(|&b| b == b'`').count();
        let kind = if self.in_heading { RunKind::Heading } else { RunKind::Code };
        self.code_run(code, range.start + ticks, kind);
        self.html("<code>");
        crate::text::html_escape::text(code, &mut self.doc.body.html);
        self.html("</code>");
    }

    /// Appends code that begins at `start`, or one byte later where a space before it is no part of it.
    fn code_run(&mut self, code: &str, start: usize, kind: RunKind) {
        let is_at = |at: usize| self.source.get(at..at + code.len()) == Some(code);
        let exact = [start, start + 1].into_iter().find(|&at| is_at(at));
        self.run(code, exact.unwrap_or(start), kind, exact.is_some());
    }

    pub(super) fn formula(&mut self, tex: &str, range: Range<usize>, display: bool) {
        if self.image_depth > 0 {
            return self.alternative(tex);
        }
        self.line_start = false;
        self.code_run(tex, range.start + 1 + usize::from(display), RunKind::Code);
        let formula = self.doc.body.formulas.push(tex.to_string());
        self.slot(Slot::Math(formula, display));
    }

    pub(super) fn start_strong(&mut self) {
        if self.image_depth > 0 {
            return;
        }
        if self.line_start {
            self.label_start = Some((self.doc.body.html.len() as u32, self.doc.text.len() as u32));
        }
        self.start_mark("<strong>");
    }

    pub(super) fn end_strong(&mut self, range: Range<usize>) {
        if self.image_depth > 0 {
            return;
        }
        self.end_mark("</strong>");
        let Some((html, text)) = self.label_start.take() else { return };
        let written = &self.doc.text[text as usize..];
        let name = written.trim();
        let outside = self.source[range.end..].starts_with(':');
        if (!outside && !name.ends_with(':')) || name.contains('\n') || name.len() > 80 {
            return;
        }
        let start = text + (written.len() - written.trim_start().len()) as u32;
        let name = Slice { start, end: start + name.trim_end_matches(':').trim_end().len() as u32 };
        let colon = u32::from(outside);
        self.doc.labels.push(Label {
            name,
            block: self.open.last().copied(),
            html: Slice { start: html, end: self.doc.body.html.len() as u32 + colon },
            text: Slice { start: text, end: self.doc.text.len() as u32 + colon },
        });
    }

    pub(super) fn task(&mut self, done: bool) {
        let item = self.open.iter().rev().copied().find(|&i| self.doc.blocks[i].kind == BlockKind::Item);
        let Some(item) = item else { return };
        self.doc.blocks[item].task = Some(done);
        self.slot(Slot::Task(item));
        self.task_open = true;
        self.line_start = true;
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
            Some(_) => self.doc.references.repeated.push((format!("^{label}"), trimmed(self.source, range))),
        }
        self.slot(Slot::Footnote(block));
        self.begin_inner();
    }

    /// The footnote of this label, made if it is new.
    pub(super) fn footnote(&mut self, label: &str, span: Span) -> FootnoteId {
        if let Some(&index) = self.footnotes.0.get(label) {
            return index;
        }
        let footnote = Footnote { number: 0, label: label.to_string(), block: None, references: 0, span };
        let index = self.doc.footnotes.push(footnote);
        self.footnotes.0.insert(label.to_string(), index);
        index
    }

    pub(super) fn footnote_reference(&mut self, label: &str, range: Range<usize>) {
        let index = self.footnote(label, Span::from(range));
        let footnote = &mut self.doc.footnotes[index];
        if footnote.number == 0 {
            self.footnotes.1 += 1;
            footnote.number = self.footnotes.1;
        }
        footnote.references += 1;
        let count = footnote.references;
        self.slot(Slot::FootnoteReference(index, count));
        self.line_start = false;
    }

    /// `[^label]` that stayed text has no definition.
    fn undefined_footnote(&mut self, text: &str, range: &Range<usize>) {
        if !text.starts_with('^') || !self.source[..range.start].ends_with('[') {
            return;
        }
        let Some(end) = self.source[range.start..].find(']') else { return };
        let label = &self.source[range.start..range.start + end];
        if label.len() > 1 && !label.contains(char::is_whitespace) {
            let span = Span::new(range.start - 1, range.start + end + 1);
            self.doc.references.undefined.push((label.to_string(), span));
        }
    }
}

/// Whether a paragraph is nothing but one `![[…]]`.
fn is_one_embed(paragraph: &str) -> bool {
    let inner = paragraph.trim().strip_prefix("![[").and_then(|rest| rest.strip_suffix("]]"));
    inner.is_some_and(|inner| !inner.contains("]]") && !inner.contains('\n'))
}

/// The callout marker at a quote's start: name, fold (`+` open, `-` closed), and its length from the quote's start.
fn callout_marker(quote: &str) -> Option<(&str, Option<bool>, usize)> {
    let line = quote.lines().next()?;
    let rest = line.trim_start().strip_prefix('>')?.trim_start();
    let inner = rest.strip_prefix("[!")?;
    let (name, rest) = inner.split_once(']')?;
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') {
        return None;
    }
    let fold = match rest.chars().next() {
        Some('+') => Some(true),
        Some('-') => Some(false),
        None | Some(' ') => None,
        Some(_) => return None,
    };
    let rest = if fold.is_some() { &rest[1..] } else { rest };
    Some((name, fold, line.len() - rest.len()))
}
