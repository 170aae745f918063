//! Builds a [`Document`] from the events of pulldown-cmark. This file holds the block level; `inline.rs` the rest.

use super::links::OpenLink;
use super::raw_html::Elements;
use super::raw_text::RawText;
use super::scratch::Headings;
use super::*;
use crate::text::slug::Anchors;
use pulldown_cmark::{Event, Tag as MdTag, TagEnd};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

pub(super) struct Builder<'a> {
    pub source: &'a str,
    pub base: usize,
    pub options: Options<'a>,
    pub doc: Document,
    /// Headings of notes before.
    named: &'a mut Headings,
    pub anchors: Anchors,
    /// The open blocks, outermost first.
    pub open: Vec<BlockId>,
    /// The top heading above the current place.
    pub heading: Option<HeadingId>,
    /// The open link or image.
    pub link: Option<OpenLink>,
    /// The open image.
    pub alt: Option<OpenLink>,
    /// Images that are open: their content is alternative text only.
    pub image_depth: u32,
    /// Source before this offset has been dealt with (a callout's marker).
    pub skip_until: usize,
    /// What closes the open quotes.
    pub quotes: Vec<&'static str>,
    /// The callout whose title is being read.
    pub callout: Option<super::inline::CalloutTitle>,
    /// Whether the next inline content stands at the head of a block or line.
    pub line_start: bool,
    /// The strong element that may be a label: HTML and text offsets of its start.
    pub label_start: Option<(u32, u32)>,
    /// Whether a task's `<label>` is open.
    pub task_open: bool,
    /// The code block being read.
    pub code: Option<Code>,
    /// The raw HTML block being read.
    pub raw: Option<RawText<'a>>,
    /// The elements of raw HTML that are open between blocks.
    elements: Elements,
    /// Column classes of the open table, whether its head is open, the current column.
    pub table: (Vec<&'static str>, bool, usize),
    /// Whether the open paragraph has no `<p>` because it is one embed.
    pub bare_paragraph: bool,
    /// Bold, italic and struck elements that are open.
    pub marks: u32,
    /// The last block that holds an element of raw HTML among its words.
    pub raw_in: Option<BlockId>,
    /// Where raw HTML went: HTML offset, source offset, length.
    pub raw_places: Vec<(usize, usize, usize)>,
    /// Where in the source a raw text element ends that began among words; elements in it are text.
    pub raw_text_until: usize,
    /// Footnotes by label, and the number of the last that was referred to.
    pub footnotes: (FxHashMap<String, FootnoteId>, u32),
    /// Labels of used reference definitions.
    pub used: FxHashSet<String>,
    /// Definition spans, to see repeats.
    pub in_heading: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: &'a str, base: usize, options: Options<'a>, spare: &'a mut Scratch) -> Builder<'a> {
        let doc = std::mem::take(&mut spare.document);
        Builder {
            source,
            base,
            options,
            doc,
            named: &mut spare.headings,
            anchors: Anchors::default(),
            open: Vec::new(),
            heading: None,
            link: None,
            alt: None,
            image_depth: 0,
            skip_until: 0,
            quotes: Vec::new(),
            callout: None,
            line_start: false,
            label_start: None,
            task_open: false,
            code: None,
            raw: None,
            elements: Elements::default(),
            table: (Vec::new(), false, 0),
            bare_paragraph: false,
            marks: 0,
            raw_in: None,
            raw_places: Vec::new(),
            raw_text_until: 0,
            footnotes: (FxHashMap::default(), 0),
            used: FxHashSet::default(),
            in_heading: false,
        }
    }

    pub(super) fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) => match (&mut self.code, &mut self.raw) {
                (Some(code), _) => code.text.push_str(&text),
                (_, Some(raw)) => raw.push(&text, range),
                _ => self.text(&text, range),
            },
            Event::Code(code) => self.inline_code(&code, range),
            Event::InlineMath(tex) => self.formula(&tex, range, false),
            Event::DisplayMath(tex) => self.formula(&tex, range, true),
            Event::Html(html) => match &mut self.raw {
                Some(raw) => raw.push(&html, range),
                None => self.raw_html(&html, range),
            },
            Event::InlineHtml(html) => self.inline_raw_html(&html, range),
            Event::FootnoteReference(label) => self.footnote_reference(&label, range),
            Event::SoftBreak => self.line_break("\n"),
            Event::HardBreak => self.line_break("<br>\n"),
            Event::Rule => {
                self.open_block(BlockKind::Rule, range);
                self.html("<hr>\n");
                self.close_block();
            }
            Event::TaskListMarker(done) => self.task(done),
        }
    }

    fn start(&mut self, tag: MdTag<'a>, range: Range<usize>) {
        match tag {
            MdTag::Paragraph => self.start_paragraph(range),
            MdTag::Heading { level, id, .. } => self.start_heading(level as u8, id.as_deref(), range),
            MdTag::BlockQuote(_) => self.start_quote(range),
            MdTag::CodeBlock(kind) => self.start_code(kind, range),
            MdTag::HtmlBlock => {
                self.raw = Some(RawText::new(self.source));
                self.open_block(BlockKind::Html, range);
            }
            MdTag::List(first) => self.start_list(first, range),
            MdTag::Item => self.start_item(range),
            MdTag::FootnoteDefinition(label) => self.start_footnote(&label, range),
            MdTag::DefinitionList => self.wrap(BlockKind::List(false), "<dl>\n", range),
            MdTag::DefinitionListTitle => self.wrap(BlockKind::Definition, "<dt>", range),
            MdTag::DefinitionListDefinition => self.wrap(BlockKind::Definition, "<dd>", range),
            MdTag::Table(columns) => self.start_table(&columns, range),
            MdTag::TableHead => {
                self.table.1 = true;
                self.start_row("<thead><tr>", range);
            }
            MdTag::TableRow => {
                self.note_ragged_row(range.clone());
                self.start_row("<tr>", range);
            }
            MdTag::TableCell => self.start_cell(),
            MdTag::Emphasis => self.start_mark("<em>"),
            MdTag::Strong => self.start_strong(),
            MdTag::Strikethrough => self.start_mark("<del>"),
            MdTag::Link { link_type, dest_url, title, id } => self.start_link(link_type, &dest_url, &title, &id, range),
            MdTag::Image { link_type, dest_url, title, id } => {
                self.start_image(link_type, &dest_url, &title, &id, range)
            }
            MdTag::Superscript | MdTag::Subscript | MdTag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Paragraph => self.end_paragraph(),
            TagEnd::Heading(level) => self.end_heading(level as u8),
            TagEnd::BlockQuote(_) => {
                let close = self.quotes.pop().unwrap_or("</blockquote>\n");
                self.unwrap(close);
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::HtmlBlock => {
                if let Some(raw) = self.raw.take() {
                    self.raw_text(&raw);
                    if self.open.len() == 1 {
                        self.elements.follow(&raw.text);
                    }
                }
                self.close_block();
            }
            TagEnd::List(ordered) => self.unwrap(if ordered { "</ol>\n" } else { "</ul>\n" }),
            TagEnd::Item => {
                self.close_task();
                self.unwrap("</li>\n");
            }
            TagEnd::FootnoteDefinition => self.unwrap(""),
            TagEnd::DefinitionList => self.unwrap("</dl>\n"),
            TagEnd::DefinitionListTitle => self.unwrap("</dt>\n"),
            TagEnd::DefinitionListDefinition => self.unwrap("</dd>\n"),
            TagEnd::Table => {
                self.end_inner();
                self.html("</tbody></table>");
                self.slot(Slot::TableClose);
                self.close_block();
            }
            TagEnd::TableHead => {
                self.table.1 = false;
                self.unwrap("</tr></thead><tbody>\n");
            }
            TagEnd::TableRow => self.unwrap("</tr>\n"),
            TagEnd::TableCell => self.end_cell(),
            TagEnd::Emphasis => self.end_mark("</em>"),
            TagEnd::Strong => self.end_strong(range),
            TagEnd::Strikethrough => self.end_mark("</del>"),
            TagEnd::Link => self.end_link(),
            TagEnd::Image => self.end_image(),
            TagEnd::Superscript | TagEnd::Subscript | TagEnd::MetadataBlock(_) => {}
        }
    }

    // Blocks.

    /// Begins a block; its HTML starts here.
    pub(super) fn open_block(&mut self, kind: BlockKind, range: Range<usize>) -> BlockId {
        if !self.doc.text.is_empty() && !self.doc.text.ends_with('\n') {
            self.doc.text.push('\n');
        }
        let index = self.doc.blocks.next_id();
        let (html, text) = (self.doc.body.html.len() as u32, self.doc.text.len() as u32);
        let labels = self.doc.labels.next_id();
        self.doc.blocks.push(Block {
            kind,
            parent: self.open.last().copied(),
            heading: self.heading,
            span: trimmed(self.source, range),
            html: Slice { start: html, end: html },
            inner: Slice { start: html, end: html },
            text: Slice { start: text, end: text },
            labels: IdRange { start: labels, end: labels },
            link_text: 0,
            task: None,
            descendants_end: index.next(),
        });
        self.open.push(index);
        self.line_start = true;
        if self.open.len() > MAX_DEPTH {
            self.doc.cut_off = Some(CutOff::Depth);
        } else if self.doc.body.html.len() > MAX_HTML {
            self.doc.cut_off = Some(CutOff::Size);
        }
        index
    }

    /// Marks where the inner HTML of the innermost block starts.
    pub(super) fn begin_inner(&mut self) {
        let at = self.doc.body.html.len() as u32;
        if let Some(&index) = self.open.last() {
            self.doc.blocks[index].inner.start = at;
        }
    }

    /// Marks where it ends.
    pub(super) fn end_inner(&mut self) {
        let at = self.doc.body.html.len() as u32;
        if let Some(&index) = self.open.last() {
            self.doc.blocks[index].inner.end = at;
        }
    }

    /// Ends the innermost block.
    pub(super) fn close_block(&mut self) {
        let Some(index) = self.open.pop() else { return };
        let (html, text) = (self.doc.body.html.len() as u32, self.doc.text.trim_end().len() as u32);
        let end = self.doc.blocks.next_id();
        let block = &mut self.doc.blocks[index];
        block.html.end = html;
        block.inner.end = if block.inner.end < block.inner.start || block.inner.end == block.html.start {
            html
        } else {
            block.inner.end
        };
        block.text.end = text.max(block.text.start);
        block.labels.end = self.doc.labels.next_id();
        block.descendants_end = end;
        let linked = block.link_text;
        if let Some(&parent) = self.open.last() {
            self.doc.blocks[parent].link_text += linked;
        }
        self.line_start = false;
    }

    pub(super) fn wrap(&mut self, kind: BlockKind, tag: &str, range: Range<usize>) {
        self.open_block(kind, range);
        self.html(tag);
        self.begin_inner();
    }

    pub(super) fn unwrap(&mut self, tag: &str) {
        self.end_inner();
        self.html(tag);
        self.close_block();
    }

    pub(super) fn html(&mut self, html: &str) {
        self.doc.body.html.push_str(html);
    }

    pub(super) fn slot(&mut self, slot: Slot) {
        let at = self.doc.body.html.len() as u32;
        self.doc.body.slots.push((at, slot));
        // One byte a slot keeps offsets before and behind it apart.
        self.doc.body.html.push('\u{1}');
    }

    fn start_heading(&mut self, level: u8, id: Option<&str>, range: Range<usize>) {
        let index = self.doc.headings.next_id();
        let top = self.open.is_empty() && !self.is_in_an_element(range.start);
        let block = self.open_block(BlockKind::Heading(index), range.clone());
        let html = self.doc.body.html.len() as u32;
        self.doc.headings.push(Heading {
            level,
            text: Arc::default(),
            anchor: id.filter(|id| is_safe_id(id)).unwrap_or_default().into(),
            span: trimmed(self.source, range),
            inner: Slice { start: html, end: html },
            html: Slice { start: html, end: html },
            plain: Slice { start: self.doc.text.len() as u32, end: 0 },
            section: None,
            shown: level.max(2),
            top,
            block,
        });
        self.slot(Slot::HeadingOpen(index));
        // The start tag is no part of the inner HTML, which labels and tables of contents show.
        let inner = self.doc.body.html.len() as u32;
        self.doc.headings[index].inner.start = inner;
        self.begin_inner();
        self.in_heading = true;
        self.line_start = false;
    }

    /// Whether an element of raw HTML that began before is closed only behind this place.
    fn is_in_an_element(&mut self, at: usize) -> bool {
        self.elements.enclose(self.source, at)
    }

    fn end_heading(&mut self, level: u8) {
        self.in_heading = false;
        self.end_inner();
        let Some(index) = self.doc.headings.last_id() else { return };
        let inner = Slice { start: self.doc.headings[index].inner.start, end: self.doc.body.html.len() as u32 };
        self.slot(Slot::HeadingClose(index));
        self.close_block();
        let (end, text_end) = (self.doc.body.html.len() as u32, self.doc.text.trim_end().len() as u32);
        let heading = &mut self.doc.headings[index];
        heading.inner = inner;
        heading.html.end = end;
        heading.plain.end = text_end.max(heading.plain.start);
        let (text, named) = self.named.of(self.doc.text[heading.plain.range()].trim(), self.options.schema);
        heading.text = text;
        heading.anchor = match heading.anchor.is_empty() {
            true => self.anchors.unique(named.anchor),
            false => {
                self.anchors.reserve(&heading.anchor);
                std::mem::take(&mut heading.anchor)
            }
        };
        if heading.top {
            heading.section = match (2..=4).contains(&level) {
                true => named.section,
                false => None,
            };
            self.heading = Some(index);
        }
    }

    fn start_list(&mut self, first: Option<u64>, range: Range<usize>) {
        self.close_task();
        self.open_block(BlockKind::List(first.is_some()), range);
        match first {
            Some(1) => self.html("<ol>\n"),
            Some(n) => self.html(&format!("<ol start=\"{n}\">\n")),
            None => self.html("<ul>\n"),
        }
        self.begin_inner();
    }

    fn start_item(&mut self, range: Range<usize>) {
        let task = is_task(&self.source[range.clone()]);
        self.wrap(BlockKind::Item, if task { "<li class=\"task\">" } else { "<li>" }, range);
    }

    fn start_code(&mut self, kind: pulldown_cmark::CodeBlockKind<'_>, range: Range<usize>) {
        let info = match kind {
            pulldown_cmark::CodeBlockKind::Fenced(info) => {
                self.note_unclosed_fence(range.clone());
                info.to_string()
            }
            pulldown_cmark::CodeBlockKind::Indented => String::new(),
        };
        let block = self.open_block(BlockKind::Code, range);
        self.code = Some(Code { info, text: String::new(), block });
    }

    /// Notes a fenced code block that ends with the file, without its closing fence.
    fn note_unclosed_fence(&mut self, range: Range<usize>) {
        let is_last = self.source[range.end..].trim_matches(['\n', ' ', '>']).is_empty();
        if !is_last {
            return;
        }
        let code = self.source[range.clone()].trim_end();
        let (first, rest) = code.split_once('\n').unwrap_or((code, ""));
        let mark = first.chars().next().unwrap_or('`');
        let length = first.chars().take_while(|c| *c == mark).count();
        let last = rest.rsplit('\n').next().unwrap_or_default().trim_matches(['>', ' ', '\t']);
        let closes = last.chars().all(|c| c == mark) && last.len() >= length;
        if rest.is_empty() || !closes {
            self.doc.unclosed_fence = Some(Span::new(range.start, range.start + first.trim_end().len()));
        }
    }

    fn end_code(&mut self) {
        if let Some(mut code) = self.code.take() {
            code.text.truncate(code.text.strip_suffix('\n').map_or(code.text.len(), str::len));
            self.slot(Slot::Code(self.doc.code.next_id()));
            self.doc.code.push(code);
        }
        self.close_block();
    }

    pub(super) fn finish(mut self, definitions: Vec<(String, Span)>, undefined: Vec<(String, Span)>) -> Document {
        self.doc.references.undefined.extend(undefined);
        for footnote in &self.doc.footnotes {
            let name = format!("^{}", footnote.label);
            match (footnote.block, footnote.references) {
                (None, _) => self.doc.references.undefined.push((name, footnote.span)),
                (_, 0) => self.doc.references.unused.push((name, footnote.span)),
                _ => {}
            }
        }
        let used = |label: &str| self.used.contains(&label.to_lowercase());
        // `[//]: # (words)` is how comments are written for every parser, `[//begin]: #` how Foam marks its own lines.
        let is_comment = |label: &str| label.starts_with("//");
        let unused = definitions.iter().filter(|(label, _)| !used(label) && !is_comment(label)).cloned();
        self.doc.references.unused.extend(unused);
        self.doc.references.repeated.extend(super::links::repeated(
            self.source,
            self.base,
            &self.doc.blocks,
            &definitions,
        ));
        self.doc.references.undefined.sort_by_key(|(_, span)| *span);
        self.doc.references.undefined.dedup_by_key(|(_, span)| *span);
        self.doc.trim_text();
        self.doc.too_deep = self.too_deep();
        // These two mark our own markup while a note with raw HTML is cleaned; a note may not forge them.
        if !self.doc.raw_html.is_empty() && self.doc.body.html.contains(['\u{e000}', '\u{e001}']) {
            self.doc.body.html = self.doc.body.html.replace(['\u{e000}', '\u{e001}'], "\u{fffd}");
        }
        self.doc.html_end = self.doc.body.html.len() as u32;
        self.doc
    }
}

/// The range without white space at its end.
pub(super) fn trimmed(source: &str, range: Range<usize>) -> Span {
    let text = source[range.clone()].trim_end();
    Span::new(range.start, range.start + text.len())
}

/// Whether an explicit id may stand in a page: letters, digits, `_ : . -`, and not one of the theme's own.
pub(super) fn is_safe_id(id: &str) -> bool {
    use crate::note::sanitize::THEME_PREFIX;
    let theme = id.get(..THEME_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(THEME_PREFIX));
    !id.is_empty() && !theme && id.chars().all(|c| c.is_alphanumeric() || "_:.-".contains(c))
}

/// Whether an item's source begins with a task box.
fn is_task(item: &str) -> bool {
    let rest = item.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix(['-', '*', '+', '.', ')']).unwrap_or(rest).trim_start();
    ["[ ] ", "[x] ", "[X] ", "[ ]\n", "[x]\n", "[X]\n", "[ ]\t"].iter().any(|mark| rest.starts_with(mark))
}
