//! The events of the builder: the events of the parser, and a separate event for each construct that the parser does
//! not know.
//!
//! The adapter collects the inline events between two block events (a *run*), applies one pass per construct, and
//! passes the result on. A pass runs only if the note contains the first byte of the construct. If no pass runs, the
//! events are not collected (a *direct* run). Worked example, the note `a ==b== ^id`:
//!
//! ```text
//! parser   Start(Paragraph)  Text "a ==b== ^id"  End(Paragraph)
//! builder  Start(Paragraph)  Text "a "  MarkStart  Text "b"  MarkEnd  BlockId "id"  End(Paragraph)
//! ```

use super::builder::Builder;
use super::callouts::Marker;
use super::node::{Image, Node, Run};
use super::present::Present;
use super::raw_text::RawText;
use super::tables::Columns;
use super::{Options, bare_links, block_ids, callouts, colons, dollars, emoji, inline_notes, marks, tables};
use crate::text::source::Span;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Tag, TagEnd};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::ops::Range;

/// The construct whose events the adapter collects until its end.
#[derive(Debug)]
enum Within<'a> {
    Words,
    Code(String, String),
    Html(RawText<'a>),
    /// A table row whose only content is a block id.
    IdRow(String),
}

/// Turns the parser's events into the builder's.
pub(super) struct Adapter<'a> {
    pub(super) source: &'a str,
    options: Options<'a>,
    present: Present,
    /// Whether a pass can apply to the note.
    pub(super) has_passes: bool,
    within: Within<'a>,
    pub(super) run: Run<'a>,
    /// Whether the events of the open run go to the builder at once: no pass needs the whole run.
    pub(super) is_direct: bool,
    /// The last text of a direct run, to which the next text is appended.
    pub(super) text: Option<(CowStr<'a>, Range<usize>)>,
    /// An open paragraph, whose start event is delayed until its run is complete.
    pub(super) paragraph: Option<Range<usize>>,
    /// The callout whose title starts the next run.
    pub(super) title: Option<Marker>,
    /// The open image, and the number of images that are nested in each other.
    pub(super) image: Option<(Image<'a>, Range<usize>, u32)>,
    /// The number of open links, including links of raw HTML.
    pub(super) open_links: usize,
    columns: Columns,
    /// Whether the open heading ends with words in braces.
    braces: bool,
    /// The number of open blocks.
    depth: usize,
    /// Whether the last event ended a block, so that a block id may follow.
    block_before: bool,
    /// Inline footnotes, which are passed to the builder at the end of the outermost block.
    notes: VecDeque<inline_notes::Note<'a>>,
    note_count: usize,
    /// Labels of used reference definitions.
    pub used: FxHashSet<String>,
    /// Footnote references without a definition.
    pub undefined: Vec<(String, Span)>,
    /// Wikilinks that a table splits.
    pub split: Vec<Span>,
    /// Rows of tables with too many cells.
    pub ragged: Vec<(Span, Vec<Span>)>,
    /// Whether the note defines references.
    has_definitions: bool,
    /// Whether the parser read a price as a formula or a colon as a definition. A second pass then escapes both.
    pub misread: bool,
}

impl<'a> Adapter<'a> {
    /// An adapter for the events of `source`.
    pub(super) fn new(source: &'a str, present: Present, options: Options<'a>, has_definitions: bool) -> Adapter<'a> {
        let Present { marks, carets, dollars, addresses, .. } = present;
        let has_passes = marks || carets || addresses || dollars && options.markdown.math || options.markdown.emoji;
        Adapter {
            source,
            options,
            present,
            has_passes,
            within: Within::Words,
            run: Vec::new(),
            is_direct: false,
            text: None,
            paragraph: None,
            title: None,
            image: None,
            open_links: 0,
            columns: Columns::default(),
            braces: false,
            depth: 0,
            block_before: false,
            notes: VecDeque::new(),
            note_count: 0,
            used: FxHashSet::default(),
            undefined: Vec::new(),
            split: Vec::new(),
            ragged: Vec::new(),
            has_definitions,
            misread: false,
        }
    }

    /// Processes one event of the parser.
    pub(super) fn event(&mut self, event: Event<'a>, range: Range<usize>, builder: &mut Builder<'a>) {
        match &mut self.within {
            Within::Words => {}
            Within::Code(_, text) => match event {
                Event::Text(more) => return text.push_str(&more),
                _ => return self.end_collected(range, builder),
            },
            Within::Html(raw) => match event {
                Event::Html(html) | Event::Text(html) => return raw.push(&html, range),
                _ => return self.end_collected(range, builder),
            },
            Within::IdRow(_) => match event {
                Event::End(TagEnd::TableRow) => return self.end_collected(range, builder),
                _ => return,
            },
        }
        match event {
            Event::Start(tag) if is_block(&tag.to_end()) => self.start(tag, range, builder),
            Event::End(tag) if is_block(&tag) => self.end(tag, range, builder),
            Event::Rule => {
                self.flush(builder);
                builder.node(Node::Parsed(Event::Rule), range);
                self.block_before = true;
            }
            Event::Html(html) => {
                self.flush(builder);
                let mut raw = RawText::new(self.source);
                raw.push(&html, range.clone());
                builder.node(Node::Html(raw), range);
            }
            inline => {
                self.begin_direct(&inline, builder);
                self.inline(inline, range, builder);
            }
        }
    }

    /// Passes the collected events to the builder as one event.
    fn end_collected(&mut self, range: Range<usize>, builder: &mut Builder<'a>) {
        let node = match std::mem::replace(&mut self.within, Within::Words) {
            Within::Code(info, text) => Node::Code(info, text),
            Within::Html(raw) => Node::Html(raw),
            Within::IdRow(id) => Node::BlockId(id),
            Within::Words => return,
        };
        let is_block = !matches!(node, Node::BlockId(_));
        builder.node(node, range);
        self.block_before = is_block;
        self.emit_notes(builder);
    }

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>, builder: &mut Builder<'a>) {
        self.flush(builder);
        if !matches!(tag, Tag::Paragraph) {
            self.end_untitled(builder);
        }
        match tag {
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                self.within = Within::Code(info.to_string(), String::new());
            }
            Tag::CodeBlock(CodeBlockKind::Indented) => self.within = Within::Code(String::new(), String::new()),
            Tag::HtmlBlock => self.within = Within::Html(RawText::new(self.source)),
            Tag::TableRow if block_ids::only(&self.source[range.clone()]).is_some() => {
                let id = block_ids::only(&self.source[range]).unwrap_or_default().to_string();
                self.within = Within::IdRow(id);
            }
            Tag::Paragraph => {
                self.paragraph = Some(range);
                self.depth += 1;
            }
            Tag::TableCell => {
                let (head, alignment) = self.columns.next();
                self.depth += 1;
                builder.node(Node::CellStart(head, alignment), range);
            }
            tag => {
                self.depth += 1;
                let node = self.container(tag, &range);
                builder.node(node, range);
                self.block_before = false;
            }
        }
    }

    /// The start event of a block with nested blocks or inline content.
    fn container(&mut self, tag: Tag<'a>, range: &Range<usize>) -> Node<'a> {
        match &tag {
            Tag::BlockQuote(_) if self.options.markdown.callouts => {
                if let Some(marker) = callouts::marker(self.source, range.clone()) {
                    let node = Node::CalloutStart(marker.callout, marker.fold);
                    self.title = Some(marker);
                    return node;
                }
            }
            Tag::Heading { id: None, classes, attrs, .. } => self.braces = classes.is_empty() && !attrs.is_empty(),
            Tag::Table(columns) => self.columns = Columns::of(columns),
            Tag::TableHead | Tag::TableRow => {
                self.columns.begin_row(matches!(tag, Tag::TableHead));
                if matches!(tag, Tag::TableRow)
                    && let Some(row) = self.columns.ragged_row(self.source, range.clone())
                {
                    self.ragged.push((row, self.columns.excess_comments(self.source, row)));
                }
                if self.options.markdown.wikilinks {
                    self.split.extend(tables::split_wikilinks(self.source, range.clone()));
                }
            }
            Tag::DefinitionListDefinition if !colons::is_definition(self.source, range.start) => self.misread = true,
            _ => {}
        }
        Node::Parsed(Event::Start(tag))
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>, builder: &mut Builder<'a>) {
        self.depth = self.depth.saturating_sub(1);
        match tag {
            TagEnd::Paragraph => self.flush_paragraph(range, builder),
            tag => {
                self.end_braces(&range, builder);
                self.flush(builder);
                if matches!(tag, TagEnd::BlockQuote(_)) {
                    self.end_untitled(builder);
                }
                builder.node(Node::Parsed(Event::End(tag)), range);
                self.block_before = true;
            }
        }
        if self.depth == 0 {
            self.emit_notes(builder);
        }
    }

    /// Restores words in braces at the end of a heading, which the parser read as attributes: `## Sets {a, b}`.
    fn end_braces(&mut self, range: &Range<usize>, builder: &mut Builder<'a>) {
        if !std::mem::take(&mut self.braces) {
            return;
        }
        let written = &self.source[range.clone()];
        if let Some((open, close)) = written.rfind('{').zip(written.rfind('}')).filter(|(open, close)| open < close) {
            let start = range.start + written[..open].trim_end().len();
            let part = start..range.start + close + 1;
            let text = CowStr::Borrowed(&self.source[part.clone()]);
            self.put(Node::Parsed(Event::Text(text)), part, builder);
        }
    }

    /// Adds the title of a callout without a paragraph.
    fn end_untitled(&mut self, builder: &mut Builder<'a>) {
        if let Some(marker) = self.title.take() {
            let at = marker.end..marker.end;
            builder.node(Node::TitleStart, at.clone());
            builder.node(Node::TitleEnd(marker.callout), at);
        }
    }

    // Inline events.

    fn inline(&mut self, event: Event<'a>, range: Range<usize>, builder: &mut Builder<'a>) {
        if let Some((image, _, open)) = &mut self.image {
            match event {
                Event::Start(Tag::Image { .. }) => *open += 1,
                Event::End(TagEnd::Image) if *open > 1 => *open -= 1,
                Event::End(TagEnd::Image) => {
                    if let Some((image, range, _)) = self.image.take() {
                        self.put(Node::Image(image), range, builder);
                    }
                }
                Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                    image.alt.push_str(&text);
                }
                Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
                _ => {}
            }
            return;
        }
        match event {
            Event::Text(text) => self.add_text(text, range, builder),
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                self.use_definition(link_type, &id, &range);
                let image =
                    Image { kind: link_type, dest: dest_url, title, alt: String::new(), in_link: self.open_links > 0 };
                self.image = Some((image, range, 1));
            }
            Event::Start(Tag::Link { link_type, ref id, .. }) => {
                self.use_definition(link_type, id, &range);
                self.open_links += 1;
                self.put(Node::Parsed(event), range, builder);
            }
            Event::End(TagEnd::Link) => {
                self.open_links = self.open_links.saturating_sub(1);
                self.put(Node::Parsed(event), range, builder);
            }
            Event::InlineHtml(ref html) => {
                match bare_links::anchor(html) {
                    Some(true) => self.open_links += 1,
                    Some(false) => self.open_links = self.open_links.saturating_sub(1),
                    None => {}
                }
                self.put(Node::Parsed(event), range, builder);
            }
            Event::InlineMath(_) => {
                self.misread |= !dollars::is_formula(self.source, &range);
                self.put(Node::Parsed(event), range, builder);
            }
            Event::SoftBreak if self.options.markdown.hard_breaks => {
                self.put(Node::Parsed(Event::HardBreak), range, builder);
            }
            event => self.put(Node::Parsed(event), range, builder),
        }
    }

    /// Marks the definitions of a link as used. Foam generates definitions for a wikilink: the label is the whole text,
    /// or the name in the text.
    fn use_definition(&mut self, kind: LinkType, id: &str, range: &Range<usize>) {
        match kind {
            _ if !self.has_definitions => {}
            LinkType::Inline | LinkType::Autolink | LinkType::Email => {}
            LinkType::WikiLink { .. } => {
                let written = self.source[range.clone()].trim_start_matches(['!', '[']).trim_end_matches(']');
                let name = written.split('|').next().unwrap_or_default();
                for label in [written, name, name.split('#').next().unwrap_or_default()] {
                    self.used.insert(label.trim().to_lowercase());
                }
            }
            _ => drop(self.used.insert(id.to_lowercase())),
        }
    }

    /// Applies the passes to the run.
    fn passes(&mut self) {
        if self.present.dollars && self.options.markdown.math {
            dollars::read_unbalanced(&mut self.run, self.source);
        }
        if self.present.carets {
            inline_notes::undefined(&self.run, self.source, &mut self.undefined);
            inline_notes::take_out(&mut self.run, self.source, &mut self.note_count, &mut self.notes);
        }
        if self.options.markdown.emoji {
            emoji::replace(&mut self.run, self.source);
        }
        if self.present.marks {
            marks::mark(&mut self.run, self.source);
        }
        if self.present.addresses {
            bare_links::link(&mut self.run, self.source);
        }
    }

    /// Passes the run of a block other than a paragraph to the builder.
    fn flush(&mut self, builder: &mut Builder<'a>) {
        if self.end_direct(builder) {
            return self.block_before = false;
        }
        if self.run.is_empty() {
            return;
        }
        self.open_links = 0;
        let id = self.present.carets.then(|| block_ids::take_last(&mut self.run, self.source)).flatten();
        self.passes();
        self.emit_run(builder);
        if let Some((id, at)) = id {
            builder.node(Node::BlockId(id), at);
        }
        self.block_before = false;
    }

    fn emit_run(&mut self, builder: &mut Builder<'a>) {
        for (node, range) in self.run.drain(..) {
            builder.node(node, range);
        }
    }

    fn flush_paragraph(&mut self, end: Range<usize>, builder: &mut Builder<'a>) {
        let Some(range) = self.paragraph.take() else { return };
        if self.end_direct(builder) {
            builder.node(Node::Parsed(Event::End(TagEnd::Paragraph)), end);
            return self.block_before = true;
        }
        self.open_links = 0;
        if let Some(marker) = self.title.take() {
            self.title_of(marker, &range, builder);
            if self.run.is_empty() {
                return self.block_before = true;
            }
        }
        let below = self.block_before && self.present.carets && self.run.len() == 1;
        if below && let Some(id) = block_ids::only(&self.source[range.clone()]) {
            let node = Node::BlockIdBelow(id.to_string());
            self.run.clear();
            return builder.node(node, range);
        }
        let id = self.present.carets.then(|| block_ids::take_last(&mut self.run, self.source)).flatten();
        let embed =
            matches!(self.run.as_slice(), [(Node::Image(image), _)] if matches!(image.kind, LinkType::WikiLink { .. }));
        let start = if embed { Node::EmbedStart } else { Node::Parsed(Event::Start(Tag::Paragraph)) };
        builder.node(start, range);
        self.passes();
        self.emit_run(builder);
        if let Some((id, at)) = id {
            builder.node(Node::BlockId(id), at);
        }
        builder.node(Node::Parsed(Event::End(TagEnd::Paragraph)), end);
        self.block_before = true;
    }

    /// Passes the first line of a callout's first paragraph to the builder as the title. The rest remains in the run.
    fn title_of(&mut self, marker: Marker, range: &Range<usize>, builder: &mut Builder<'a>) {
        let rest = callouts::split_title(&mut self.run, &marker, self.source);
        builder.node(Node::TitleStart, range.clone());
        self.passes();
        self.emit_run(builder);
        builder.node(Node::TitleEnd(marker.callout), range.clone());
        self.run = rest;
    }

    /// Passes the inline footnotes of the outermost block to the builder.
    fn emit_notes(&mut self, builder: &mut Builder<'a>) {
        while self.depth == 0
            && let Some(note) = self.notes.pop_front()
        {
            let range = note.range;
            let start = Event::Start(Tag::FootnoteDefinition(note.label.into()));
            builder.node(Node::Parsed(start), range.clone());
            self.run = note.run;
            self.paragraph = Some(range.clone());
            self.block_before = false;
            self.flush_paragraph(range.clone(), builder);
            builder.node(Node::Parsed(Event::End(TagEnd::FootnoteDefinition)), range);
        }
    }
}

pub(super) fn is_block(tag: &TagEnd) -> bool {
    !matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image
            | TagEnd::Superscript
            | TagEnd::Subscript
    )
}
