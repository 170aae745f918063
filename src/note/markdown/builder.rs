//! Builds a [`Document`] from the events of the adapter: the block level. `inline.rs` adds the content of blocks.

use super::elements::{Open, OpenLink, RawHtml};
use super::node::Node;
use super::scratch::Headings;
use super::spans::trimmed;
use super::*;
use crate::text::scripts::{has_letters_against, runs_from_right};
use crate::text::slug::Anchors;
use pulldown_cmark::{Event, Tag as MdTag, TagEnd};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// The state for bold labels.
#[derive(Debug, Default)]
pub(super) struct LabelState {
    /// Whether the next word is the first of its block or line.
    pub line_start: bool,
    /// The strong element that may be a label: HTML and text offsets of its start.
    pub start: Option<(u32, u32)>,
}

/// The footnotes of a note.
#[derive(Debug, Default)]
pub(super) struct Footnotes {
    /// By labels in lower case.
    pub by_label: FxHashMap<String, FootnoteId>,
    /// The number of footnotes with a reference so far.
    pub last_number: u32,
}

pub(super) struct Builder<'a> {
    pub source: &'a str,
    pub options: Options<'a>,
    pub doc: Document,
    /// The cache of headings of earlier notes.
    named: &'a mut Headings,
    anchors: Anchors,
    /// The open blocks, outermost first.
    pub open: Vec<Open>,
    /// The last top heading; `None` before the first heading.
    pub heading: Option<HeadingId>,
    pub in_heading: bool,
    /// The open link.
    pub link: Option<OpenLink>,
    pub labels: LabelState,
    /// The number of open elements that may contain only phrasing content: headings, titles, bold, italic and struck
    /// text.
    pub words: u32,
    /// Whether a task's `<label>` is open.
    pub task_open: bool,
    pub raw: RawHtml,
    pub footnotes: Footnotes,
    /// Whether the note has letters that run against the direction of the site.
    is_mixed: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: &'a str, options: Options<'a>, spare: &'a mut Scratch) -> Builder<'a> {
        let doc = std::mem::take(&mut spare.document);
        Builder {
            source,
            options,
            doc,
            named: &mut spare.headings,
            anchors: Anchors::default(),
            open: Vec::new(),
            heading: None,
            in_heading: false,
            link: None,
            labels: LabelState::default(),
            words: 0,
            task_open: false,
            raw: RawHtml::default(),
            footnotes: Footnotes::default(),
            is_mixed: has_letters_against(source, options.from_right),
        }
    }

    /// Processes one event. `range`: the span in the source.
    pub(super) fn node(&mut self, node: Node<'a>, range: Range<usize>) {
        match node {
            Node::Parsed(event) => self.event(event, range),
            Node::Code(info, text) => self.code(info, text, range),
            Node::Html(raw) => self.html_block(&raw, range),
            Node::Image(image) => self.image(image, range),
            Node::BareLink(dest) => self.bare_link(dest, range),
            Node::MarkStart => self.start_mark("<mark>"),
            Node::MarkEnd => self.end_mark("</mark>"),
            Node::BlockId(id) => self.block_id(id),
            Node::BlockIdBelow(id) => self.block_id_below(id),
            Node::EmbedStart => self.start_paragraph("", "", range),
            Node::CalloutStart(callout, fold) => self.start_callout(callout, fold, range),
            Node::TitleStart => self.start_title(range),
            Node::TitleEnd(callout) => self.end_title(callout),
            Node::CellStart(in_head, alignment) => self.start_cell(in_head, alignment),
        }
    }

    pub(super) fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) => self.text(&text, range),
            Event::Code(code) => self.inline_code(&code, range),
            Event::InlineMath(tex) => self.formula(&tex, range, false),
            Event::DisplayMath(tex) => self.formula(&tex, range, true),
            Event::InlineHtml(html) | Event::Html(html) => self.inline_raw_html(&html, range),
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
            MdTag::Paragraph => self.start_paragraph("<p>", "</p>\n", range),
            MdTag::Heading { level, id, .. } => self.start_heading(level as u8, id.as_deref(), range),
            MdTag::BlockQuote(_) => self.open_element(BlockKind::Quote, "<blockquote>\n", "</blockquote>\n", range),
            MdTag::List(first) => self.start_list(first, range),
            MdTag::Item => self.start_item(range),
            MdTag::FootnoteDefinition(label) => self.start_footnote(&label, range),
            MdTag::DefinitionList => self.open_element(BlockKind::List(false), "<dl>\n", "</dl>\n", range),
            MdTag::DefinitionListTitle => self.open_element(BlockKind::Definition, "<dt>", "</dt>\n", range),
            MdTag::DefinitionListDefinition => self.open_element(BlockKind::Definition, "<dd>", "</dd>\n", range),
            MdTag::Table(_) => self.start_table(range),
            MdTag::TableHead => {
                self.open_element(BlockKind::Row, "<thead><tr>", "</tr></thead><tbody>\n", range);
            }
            MdTag::TableRow => self.open_element(BlockKind::Row, "<tr>", "</tr>\n", range),
            MdTag::Emphasis => self.start_mark("<em>"),
            MdTag::Strong => self.start_strong(),
            MdTag::Strikethrough => self.start_mark("<del>"),
            MdTag::Link { link_type, dest_url, title, .. } => self.start_link(link_type, &dest_url, &title, range),
            // The adapter combines their events to a single `Node`.
            MdTag::CodeBlock(_) | MdTag::HtmlBlock | MdTag::TableCell | MdTag::Image { .. } => {}
            MdTag::Superscript | MdTag::Subscript | MdTag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Heading(level) => self.end_heading(level as u8),
            TagEnd::Paragraph | TagEnd::Item => {
                self.close_task();
                self.close_element();
            }
            TagEnd::BlockQuote(_)
            | TagEnd::List(_)
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::TableHead
            | TagEnd::TableRow => self.close_element(),
            TagEnd::Table => {
                self.end_inner();
                self.html("</tbody></table>");
                self.slot(Slot::TableClose);
                self.close_block();
            }
            TagEnd::TableCell => self.html(if self.in_table_head() { "</th>" } else { "</td>" }),
            TagEnd::Emphasis => self.end_mark("</em>"),
            TagEnd::Strong => self.end_strong(range),
            TagEnd::Strikethrough => self.end_mark("</del>"),
            TagEnd::Link => self.end_link(),
            TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::Image => {}
            TagEnd::Superscript | TagEnd::Subscript | TagEnd::MetadataBlock(_) => {}
        }
    }

    // Blocks.

    /// Opens a block, whose HTML starts at the current end of the HTML. Its id is returned.
    pub(super) fn open_block(&mut self, kind: BlockKind, range: Range<usize>) -> BlockId {
        if !self.doc.text.is_empty() && !self.doc.text.ends_with('\n') {
            self.doc.text.push('\n');
        }
        let index = self.doc.blocks.next_id();
        let (html, text) = (self.doc.body.html.len() as u32, self.doc.text.len() as u32);
        let labels = self.doc.labels.next_id();
        self.doc.blocks.push(Block {
            kind,
            parent: self.innermost(),
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
        let from_right = self.open.last().map_or(self.options.from_right, |open| open.from_right);
        self.open.push(Open { block: index, close: "", from_right });
        self.labels.line_start = true;
        // `read` stops passing start events once the note is cut off, so every open block is still closed.
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
        if let Some(open) = self.open.last() {
            self.doc.blocks[open.block].inner.start = at;
        }
    }

    /// Marks where the inner HTML of the innermost block ends.
    pub(super) fn end_inner(&mut self) {
        let at = self.doc.body.html.len() as u32;
        if let Some(open) = self.open.last() {
            self.doc.blocks[open.block].inner.end = at;
        }
    }

    /// Closes the innermost block at the current ends of the HTML and the plain text.
    pub(super) fn close_block(&mut self) {
        let Some(Open { block: index, .. }) = self.open.pop() else { return };
        let (html, text) = (self.doc.body.html.len() as u32, self.doc.text.trim_end().len() as u32);
        let end = self.doc.blocks.next_id();
        let block = &mut self.doc.blocks[index];
        block.html.end = html;
        // A block without a call of `end_inner` (code, rules, raw HTML) has no tags of its own: all its HTML is inner.
        block.inner.end = if block.inner.end < block.inner.start || block.inner.end == block.html.start {
            html
        } else {
            block.inner.end
        };
        // `text` is trimmed and can be less than the start, if the block has no words.
        block.text.end = text.max(block.text.start);
        block.labels.end = self.doc.labels.next_id();
        block.descendants_end = end;
        let linked = block.link_text;
        if let Some(parent) = self.open.last() {
            self.doc.blocks[parent.block].link_text += linked;
        }
        self.labels.line_start = false;
    }

    /// Opens a block with an element around the content.
    pub(super) fn open_element(&mut self, kind: BlockKind, tag: &str, close: &'static str, range: Range<usize>) {
        self.open_block(kind, range.clone());
        self.start_tag(tag, range);
        self.begin_inner();
        if let Some(open) = self.open.last_mut() {
            open.close = close;
        }
    }

    /// Adds the start tag of the innermost block. If its text runs against the text around it, the browser finds the
    /// direction (`dir="auto"`).
    fn start_tag(&mut self, tag: &str, range: Range<usize>) {
        let around = self.open.last().map_or(self.options.from_right, |open| open.from_right);
        // A callout begins with its title, which may be a word of the interface: its blocks have their own directions.
        let is_callout = tag.starts_with("<div") || tag.starts_with("<details");
        let own = if self.is_mixed && !is_callout { runs_from_right(&self.source[range]) } else { None };
        match (own.filter(|own| *own != around), tag.find('>')) {
            (Some(own), Some(end)) => {
                self.html(&tag[..end]);
                self.html(" dir=\"auto\"");
                self.html(&tag[end..]);
                if let Some(open) = self.open.last_mut() {
                    open.from_right = own;
                }
            }
            _ => self.html(tag),
        }
    }

    /// Closes the innermost block and its element.
    pub(super) fn close_element(&mut self) {
        self.end_inner();
        let close = self.open.last().map_or("", |open| open.close);
        self.html(close);
        self.close_block();
    }

    /// The innermost open block; `None` outside all blocks.
    pub(super) fn innermost(&self) -> Option<BlockId> {
        self.open.last().map(|open| open.block)
    }

    pub(super) fn html(&mut self, html: &str) {
        self.doc.body.html.push_str(html);
    }

    pub(super) fn slot(&mut self, slot: Slot) {
        let at = self.doc.body.html.len() as u32;
        self.doc.body.slots.push((at, slot));
        // A slot takes up one byte of the HTML, so that the offsets before and after the slot differ.
        self.doc.body.html.push('\u{1}');
    }

    fn start_heading(&mut self, level: u8, id: Option<&str>, range: Range<usize>) {
        let index = self.doc.headings.next_id();
        // The end tag of `<details>` or `<div>`, not the next heading, ends the section of a heading inside.
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
        // Tables of contents show the inner HTML, which therefore starts after the start tag.
        let inner = self.doc.body.html.len() as u32;
        self.doc.headings[index].inner.start = inner;
        self.begin_inner();
        self.in_heading = true;
        self.words += 1;
        self.labels.line_start = false;
    }

    /// Whether an earlier block of raw HTML opened an element that is closed after the source offset `at`.
    fn is_in_an_element(&mut self, at: usize) -> bool {
        self.raw.elements.enclose(self.source, at)
    }

    fn end_heading(&mut self, level: u8) {
        self.in_heading = false;
        self.words -= 1;
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
        // An explicit `{#id}` is used as written. Reserving it makes a later heading with the same anchor get a suffix.
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
        // A nested list ends the `<label>` of a task: in HTML a label must not contain a list.
        self.close_task();
        let kind = BlockKind::List(first.is_some());
        match first {
            Some(1) => self.open_element(kind, "<ol>\n", "</ol>\n", range),
            Some(n) => self.open_element(kind, &format!("<ol start=\"{n}\">\n"), "</ol>\n", range),
            None => self.open_element(kind, "<ul>\n", "</ul>\n", range),
        }
    }

    fn start_item(&mut self, range: Range<usize>) {
        // The task event arrives after the start tag is written, so the class is decided from the source.
        let task = is_task(&self.source[range.clone()]);
        self.open_element(BlockKind::Item, if task { "<li class=\"task\">" } else { "<li>" }, "</li>\n", range);
    }

    /// Records a fenced code block that runs to the end of the file, because its closing fence is missing.
    fn note_unclosed_fence(&mut self, range: Range<usize>) {
        // Not recorded inside a container that ends earlier: CommonMark ends the code with its list or quote.
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

    fn start_table(&mut self, range: Range<usize>) {
        self.open_block(BlockKind::Table, range.clone());
        self.slot(Slot::TableOpen);
        self.start_tag("<table>", range);
        self.begin_inner();
    }

    fn start_cell(&mut self, in_head: bool, alignment: pulldown_cmark::Alignment) {
        // A space in the plain text, so the words of two cells do not join.
        if !self.doc.text.ends_with(['\n', ' ']) && !self.doc.text.is_empty() {
            self.doc.text.push(' ');
        }
        self.html(if in_head { "<th scope=\"col\"" } else { "<td" });
        self.html(super::tables::class(alignment));
        self.html(">");
        self.labels.line_start = true;
    }

    fn in_table_head(&self) -> bool {
        self.open.last().is_some_and(|open| open.close.starts_with("</tr></thead>"))
    }

    fn code(&mut self, info: String, mut text: String, range: Range<usize>) {
        if self.options.markdown.math && info.split_whitespace().next() == Some("math") {
            return self.formula_block(&text, range);
        }
        if self.source[range.clone()].starts_with(['`', '~']) {
            self.note_unclosed_fence(range.clone());
        }
        let block = self.open_block(BlockKind::Code, range);
        // The last line end belongs to the closing fence, not to the code.
        text.truncate(text.strip_suffix('\n').map_or(text.len(), str::len));
        let code = self.doc.code.push(Code { info, text, block });
        self.slot(Slot::Code(code));
        self.close_block();
    }

    /// The finished document, with the faults of its references.
    pub(super) fn finish(
        mut self,
        base: usize,
        definitions: Vec<(String, Span)>,
        undefined: Vec<(String, Span)>,
        used: &FxHashSet<String>,
    ) -> Document {
        self.doc.references.undefined.extend(undefined);
        for footnote in &self.doc.footnotes {
            let name = format!("^{}", footnote.label);
            match (footnote.block, footnote.references) {
                (None, _) => self.doc.references.undefined.push((name, footnote.span)),
                (_, 0) => self.doc.references.unused.push((name, footnote.span)),
                _ => {}
            }
        }
        // `[//]: # (words)` is a comment in all Markdown parsers; Foam marks its own lines with `[//begin]: #`.
        let is_comment = |label: &str| label.starts_with("//");
        let is_unused = |label: &str| !used.contains(&label.to_lowercase()) && !is_comment(label);
        let unused = definitions.iter().filter(|(label, _)| is_unused(label)).cloned();
        self.doc.references.unused.extend(unused);
        self.doc.references.repeated.extend(super::definitions::repeated(
            self.source,
            base,
            &self.doc.blocks,
            &definitions,
        ));
        self.doc.references.undefined.sort_by_key(|(_, span)| *span);
        self.doc.references.undefined.dedup_by_key(|(_, span)| *span);
        self.doc.trim_text();
        self.doc.too_deep = self.too_deep();
        // The sanitiser encloses placeholders in these characters, so the text of a note must not contain them.
        if !self.doc.raw_html.is_empty() && self.doc.body.html.contains(['\u{e000}', '\u{e001}']) {
            self.doc.body.html = self.doc.body.html.replace(['\u{e000}', '\u{e001}'], "\u{fffd}");
        }
        self.doc.html_end = self.doc.body.html.len() as u32;
        self.doc
    }
}

/// Whether an explicit id is allowed in a page: letters, digits, `_ : . -`, without the prefix of the theme's ids.
pub(super) fn is_safe_id(id: &str) -> bool {
    use crate::note::sanitize::THEME_PREFIX;
    let theme = id.get(..THEME_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(THEME_PREFIX));
    !id.is_empty() && !theme && id.chars().all(|c| c.is_alphanumeric() || "_:.-".contains(c))
}

/// Whether the source of a list item starts with a task box.
fn is_task(item: &str) -> bool {
    let rest = item.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix(['-', '*', '+', '.', ')']).unwrap_or(rest).trim_start();
    ["[ ] ", "[x] ", "[X] ", "[ ]\n", "[x]\n", "[X]\n", "[ ]\t"].iter().any(|mark| rest.starts_with(mark))
}
