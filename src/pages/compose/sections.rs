//! Arranges the sections of a note: columns, folded and hidden parts. Takes the fragments from `html`.

use super::leftover::leftover;
use super::pairs::pair_up;
use super::plain::without_tags;
use crate::config::labels::LabelKind;
use crate::config::schema::Section;
use crate::note::cards::Card;
use crate::note::markdown::{BlockKind, Document, Label, Slice};
use crate::note::sections::{is_blank, is_empty, is_not_applicable};
use crate::pages::html::{Writer, check_id};
use crate::pages::views::{Anchors, AntiPattern, CardView, Check, Layout, Row, SectionView, Side};
use crate::text::html_escape::escaped;
use crate::text::ids::{BlockId, HeadingId, Id, NoteId};

/// The content of a note, by its position on the page.
#[derive(Debug, Default)]
pub(super) struct NoteLayout {
    /// The content of the TL;DR.
    pub tldr_html: String,
    /// The text before the first heading.
    pub intro_html: String,
    /// The sections with a heading of their own.
    pub sections: Vec<SectionView>,
    /// The remaining text of the Links section.
    pub links_html: String,
    /// The ids of headings that are moved or hidden.
    pub anchors: Anchors,
}

/// Arranges the sections of a note.
pub(super) fn layout_sections(writer: &Writer<'_>, note: NoteId) -> NoteLayout {
    let doc = &writer.site.note(note).doc;
    let mut builder = LayoutBuilder { writer, note, doc, layout: NoteLayout::default() };
    builder.layout.intro_html = builder.html(None);
    let mut tops: Vec<HeadingId> = doc.headings.ids().iter().filter(|&h| doc.headings[h].top).collect();
    if let Some(&first) = tops.first().filter(|&&h| Some(h) == writer.site.note(note).title_heading) {
        // The page already shows the title. The text below is part of the introduction.
        builder.layout.anchors.hidden.push(doc.headings[first].anchor.to_string());
        builder.layout.intro_html.push_str(&builder.html(first));
        tops.remove(0);
    }
    let sections = builder.tree(&tops);
    builder.layout.sections = sections;
    builder.layout
}

/// The slices of a note that are shown as written: everything except headings and relations, which come from the graph.
pub(super) fn shown(doc: &Document) -> Vec<Slice> {
    let of_heading = |h: Option<HeadingId>| match h.and_then(|h| doc.headings[h].section) {
        Some(Section::Prerequisites | Section::Related | Section::Compare) => None,
        _ => Some(doc.section_html(h)),
    };
    let tops = doc.headings.ids().iter().filter(|&h| doc.headings[h].top);
    std::iter::once(None).chain(tops.map(Some)).filter_map(of_heading).collect()
}

struct LayoutBuilder<'a> {
    writer: &'a Writer<'a>,
    note: NoteId,
    doc: &'a Document,
    layout: NoteLayout,
}

impl LayoutBuilder<'_> {
    /// Whether a label is of this kind.
    fn is_label(&self, kind: LabelKind, label: &str) -> bool {
        self.writer.site.schema.labels.is(kind, label)
    }

    /// The HTML between a heading and the next one.
    fn html(&self, heading: impl Into<Option<HeadingId>>) -> String {
        self.slice(self.doc.section_html(heading))
    }

    fn slice(&self, slice: Slice) -> String {
        let html = self.writer.slice(self.note, slice);
        if html.trim().is_empty() { String::new() } else { html }
    }

    fn blocks(&self, blocks: &[BlockId]) -> String {
        blocks.iter().map(|&b| self.slice(self.doc.blocks[b].html)).collect()
    }

    /// The sections of these headings. Deeper headings become children of the section before them.
    fn tree(&mut self, headings: &[HeadingId]) -> Vec<SectionView> {
        let mut sections = Vec::new();
        let mut rest = headings;
        while let Some((&first, after)) = rest.split_first() {
            let level = self.doc.headings[first].level;
            let count = after.iter().take_while(|&&h| self.doc.headings[h].level > level).count();
            let (below, next) = after.split_at(count);
            sections.extend(self.section(first, below));
            rest = next;
        }
        pair_up(&mut sections);
        sections
    }

    /// The section of a heading with the headings below it. `None` if it is moved or hidden.
    fn section(&mut self, heading: HeadingId, below: &[HeadingId]) -> Option<SectionView> {
        let known = self.doc.headings[heading].section;
        let anchor = self.doc.headings[heading].anchor.to_string();
        match known {
            Some(Section::Tldr) if self.layout.tldr_html.is_empty() && !is_blank(self.doc, heading) => {
                self.layout.anchors.tldr = anchor;
                self.layout.tldr_html =
                    self.html(heading) + &below.iter().map(|&h| self.with_heading(h)).collect::<String>();
                return None;
            }
            // An empty section is shown as a heading, because no relation shows any content.
            Some(section) if section.is_links() && !(is_empty(self.doc, heading) && below.is_empty()) => {
                self.links(heading, below);
                return None;
            }
            _ => {}
        }
        if is_blank(self.doc, heading) && !is_empty(self.doc, heading) && below.is_empty() {
            self.layout.anchors.hidden.push(anchor);
            return None;
        }
        let mut view = self.view(heading, known);
        if known == Some(Section::Inbox) && self.is_last(heading, below) {
            view.layout = Layout::Folded;
            view.html = self.html(heading) + &below.iter().map(|&h| self.with_heading(h)).collect::<String>();
            return Some(view);
        }
        self.content(&mut view, heading, known);
        let below = match view.layout {
            Layout::Cards => {
                self.hide(below);
                Vec::new()
            }
            _ => self.pairs(&mut view, below),
        };
        view.children = self.tree(&below);
        let empty = view.html.is_empty() && view.after_html.is_empty() && view.children.is_empty();
        let parts =
            view.rows.len() + view.sides.len() + view.cards.len() + view.checks.len() + view.anti_patterns.len();
        // The name of a known section is a label of the theme. A heading of the author is words of the note.
        if empty && parts == 0 && !below.is_empty() && known.is_some() {
            self.layout.anchors.hidden.push(view.anchor);
            return None;
        }
        Some(view)
    }

    /// Whether no section is shown behind this one and what is below it.
    fn is_last(&self, heading: HeadingId, below: &[HeadingId]) -> bool {
        let last = below.last().copied().unwrap_or(heading);
        let rest = self.doc.headings.ids_from(last.next()).iter().filter(|&h| self.doc.headings[h].top);
        let is_shown_elsewhere = |h: HeadingId| {
            let sections = || self.doc.sections_at(h);
            sections().any(|section| section == Section::Tldr || section.is_links())
                || is_blank(self.doc, h) && !is_empty(self.doc, h)
        };
        rest.into_iter().all(is_shown_elsewhere)
    }

    fn view(&self, heading: HeadingId, known: Option<Section>) -> SectionView {
        let heading = &self.doc.headings[heading];
        SectionView {
            key: known.map(|s| s.key().to_string()).unwrap_or_default(),
            label_html: self.label(heading, known, true),
            title: without_tags(&self.label(heading, known, false)),
            anchor: heading.anchor.to_string(),
            level: heading.shown,
            ..SectionView::default()
        }
    }

    /// A heading without a parenthesis if the section is known, else without a remark like `(optional)`. With its links
    /// and footnote marks where it is `linked`.
    fn label(&self, heading: &crate::note::markdown::Heading, known: Option<Section>, linked: bool) -> String {
        let before = heading.text.split(" (").next().unwrap_or("").trim();
        let remark = heading.text[before.len()..].to_lowercase();
        let boilerplate = ["(if applicable)", "(optional)", "(no duplication)"].iter().any(|r| remark.trim() == *r);
        match (known.is_some() || boilerplate) && !before.is_empty() {
            true => escaped(before.trim_matches(['“', '”', '"'])),
            false if linked => self.writer.heading(self.note, heading),
            false => self.writer.unlinked(self.note, heading.inner),
        }
    }

    fn with_heading(&self, heading: HeadingId) -> String {
        let start = self.doc.headings[heading].html.start;
        self.slice(Slice { start, end: self.doc.section_html(heading).end })
    }

    fn hide(&mut self, headings: &[HeadingId]) {
        self.layout.anchors.hidden.extend(headings.iter().map(|&h| self.doc.headings[h].anchor.to_string()));
    }

    /// Adds the Links section: its three relations come from the graph, and the remaining text is shown as written.
    fn links(&mut self, heading: HeadingId, below: &[HeadingId]) {
        for &h in [heading].iter().chain(below) {
            let anchor = self.doc.headings[h].anchor.to_string();
            let anchors = &mut self.layout.anchors;
            let slot = match self.doc.headings[h].section {
                Some(Section::Links) => &mut anchors.links,
                Some(Section::Prerequisites) => &mut anchors.read_first,
                Some(Section::Related) => &mut anchors.related,
                Some(Section::Compare) => &mut anchors.contrasts,
                _ => {
                    let html = self.with_heading(h);
                    self.layout.links_html.push_str(&html);
                    continue;
                }
            };
            match slot.is_empty() {
                true => *slot = anchor,
                false => anchors.hidden.push(anchor),
            }
            if is_blank(self.doc, h) {
                continue;
            }
            let html = match self.doc.headings[h].section {
                Some(Section::Links) if self.doc.link_labels.is_empty() => self.html(h),
                _ => leftover(self.writer.site.note(self.note), h, &|slice| self.slice(slice)),
            };
            self.layout.links_html.push_str(&html);
        }
    }

    /// Sets the content of a section according to its kind.
    fn content(&mut self, view: &mut SectionView, heading: HeadingId, known: Option<Section>) {
        let is_shown = |&b: &BlockId| self.doc.blocks[b].kind != BlockKind::Footnote;
        let blocks: Vec<BlockId> = self.doc.section_blocks(heading).filter(is_shown).collect();
        let done = match known {
            Some(Section::Definition) => self.rows(view, &blocks),
            Some(Section::Scope) => self.scope(view, &blocks),
            Some(Section::TradeOffs) => self.pros_and_cons(view, &blocks),
            Some(Section::TrapQuestions) => self.cards(view, &blocks),
            Some(Section::SelfCheck) => self.checks(view, &blocks),
            Some(Section::AntiPatterns) => self.anti_patterns(view, &blocks),
            _ => false,
        };
        if !done {
            view.html = self.html(heading);
        }
    }

    /// Arranges labelled paragraphs as rows, with unlabelled blocks in the previous row. `false` without labels.
    fn rows(&self, view: &mut SectionView, blocks: &[BlockId]) -> bool {
        let (html, rows) = self.labelled(blocks);
        if rows.is_empty() {
            return false;
        }
        view.html = html;
        view.layout = Layout::Rows;
        view.rows = rows.into_iter().map(|(label, html)| Row { label, html }).collect();
        true
    }

    fn labelled(&self, blocks: &[BlockId]) -> (String, Vec<(String, String)>) {
        let mut html = String::new();
        let mut rows: Vec<(String, String)> = Vec::new();
        for &block in blocks {
            let is_row = self.doc.blocks[block].kind == BlockKind::Paragraph && self.doc.head_label(block).is_some();
            if is_row {
                for (label, _, part) in self.doc.labelled(block) {
                    rows.push((self.doc.name_of(label).to_string(), self.slice(part).trim().to_string()));
                }
            } else {
                let piece = self.slice(self.doc.blocks[block].html);
                rows.last_mut().map_or(&mut html, |row| &mut row.1).push_str(&piece);
            }
        }
        rows.retain(|(_, html)| !is_not_applicable(html));
        (html, rows)
    }

    /// Arranges "in scope" and "out of scope" as two columns.
    fn scope(&self, view: &mut SectionView, blocks: &[BlockId]) -> bool {
        let (html, rows) = self.labelled(blocks);
        if rows.len() < 2 {
            return self.rows(view, blocks);
        }
        view.html = html;
        view.layout = Layout::Sides;
        view.sides = rows
            .into_iter()
            .map(|(label, html)| {
                let tone = if self.is_label(LabelKind::OutOfScope, &label) { "out" } else { "in" };
                Side {
                    label: label.split(" / ").next().unwrap_or("").to_string(),
                    anchor: String::new(),
                    tone: tone.into(),
                    html,
                }
            })
            .collect();
        true
    }

    /// Arranges items with labels for pros and cons as two lists. `false` if there are none.
    fn pros_and_cons(&self, view: &mut SectionView, blocks: &[BlockId]) -> bool {
        let (mut pro, mut con, mut rest) = (String::new(), String::new(), String::new());
        let mut labels = (String::new(), String::new());
        for &block in blocks {
            if !matches!(self.doc.blocks[block].kind, BlockKind::List(_)) {
                rest.push_str(&self.slice(self.doc.blocks[block].html));
                continue;
            }
            for item in self.doc.children(block).collect::<Vec<_>>() {
                let label = self.doc.head_label(item);
                let says = |kind| label.is_some_and(|label| self.is_label(kind, self.doc.name_of(label)));
                if says(LabelKind::Pros) {
                    self.argument(item, label, &mut pro, &mut labels.0);
                } else if says(LabelKind::Cons) {
                    self.argument(item, label, &mut con, &mut labels.1);
                } else {
                    rest.push_str(&format!("<ul>{}</ul>", self.slice(self.doc.blocks[item].html)));
                }
            }
        }
        if pro.is_empty() && con.is_empty() {
            return false;
        }
        view.layout = Layout::ProsCons;
        view.after_html = rest.replace("</ul><ul>", "");
        for (html, label, tone) in [(pro, labels.0, "pro"), (con, labels.1, "con")] {
            if !html.is_empty() {
                let html = format!("<ul>{html}</ul>");
                view.sides.push(Side { label, anchor: String::new(), tone: tone.into(), html });
            }
        }
        true
    }

    /// Appends an item, or its nested items. A qualifier in the label, as in `**Pros (sync):**`, becomes a prefix.
    fn argument(&self, item: BlockId, label: Option<&Label>, out: &mut String, heading: &mut String) {
        let Some(name) = label.map(|label| self.doc.name_of(label)) else { return };
        if heading.is_empty() {
            *heading = name.split(" (").next().unwrap_or("").to_string();
        }
        let (own, below) = self.text_after_label(item);
        if own.is_empty() && !below.is_empty() {
            for &child in &below {
                out.push_str(&self.slice(self.doc.blocks[child].inner));
            }
            return;
        }
        let qualifier = name.split_once('(').map(|(_, q)| q.trim_end_matches(')').trim()).filter(|q| !q.is_empty());
        out.push_str("<li>");
        if let Some(qualifier) = qualifier {
            out.push_str(&format!("<strong>{}:</strong> ", escaped(qualifier)));
        }
        out.push_str(&own);
        out.push_str(&self.blocks(&below));
        out.push_str("</li>\n");
    }

    /// The HTML after the label of an item (in a loose list, of its first paragraph), and the following blocks.
    fn text_after_label(&self, item: BlockId) -> (String, Vec<BlockId>) {
        let inner = self.doc.blocks[item].inner;
        let mut below: Vec<BlockId> = self.doc.children(item).collect();
        let start = self.doc.head_label(item).map_or(inner.start, |label| label.html.end);
        let first = below.first().map(|&child| &self.doc.blocks[child]);
        let end = match first {
            Some(first) if first.html.start < start => first.inner.end,
            Some(first) => first.html.start,
            None => inner.end,
        };
        if first.is_some_and(|first| first.html.start < start) {
            below.remove(0);
        }
        (self.slice(Slice { start, end }).trim().to_string(), below)
    }

    fn cards(&self, view: &mut SectionView, blocks: &[BlockId]) -> bool {
        let cards = &self.writer.site.note(self.note).cards;
        let Some(first) = cards.first() else { return false };
        let stands_before = |b: &BlockId| self.doc.blocks[*b].html.end <= first.question_html.start;
        let before: Vec<BlockId> = blocks.iter().copied().filter(stands_before).collect();
        view.html = self.blocks(&before);
        // The list of the first question may start with items that are not questions.
        let asks = |b: &&BlockId| self.doc.blocks[**b].html.end > first.question_html.start;
        let items = blocks.iter().find(asks).into_iter().flat_map(|&list| self.doc.children(list));
        let silent: String = items.filter(stands_before).map(|i| self.slice(self.doc.blocks[i].html)).collect();
        if !silent.is_empty() {
            view.html.push_str(&format!("<ul>{silent}</ul>"));
        }
        view.layout = Layout::Cards;
        view.cards = cards.iter().enumerate().map(|(i, card)| self.card(i, card)).collect();
        true
    }

    fn card(&self, i: usize, card: &Card) -> CardView {
        let id = format!("{:012x}", card.key & 0xffff_ffff_ffff);
        CardView {
            anchor: format!("canon-card-{}", i + 1),
            id,
            number: i + 1,
            question_html: self.writer.unlinked(self.note, card.question_html).trim().to_string(),
            answer_html: self.writer.slices(self.note, &card.answer_html).trim().to_string(),
        }
    }

    /// Arranges plain items as a checklist. `false` if an item contains nested blocks.
    fn checks(&self, view: &mut SectionView, blocks: &[BlockId]) -> bool {
        let lists = blocks.iter().filter(|&&b| matches!(self.doc.blocks[b].kind, BlockKind::List(_)));
        let items: Vec<BlockId> = lists.flat_map(|&list| self.doc.children(list).collect::<Vec<_>>()).collect();
        if items.is_empty() || items.iter().any(|&i| self.doc.children(i).next().is_some()) {
            return false;
        }
        let key = &self.writer.site.graph.keys[self.note];
        view.checks = items
            .iter()
            .map(|&i| {
                let block = &self.doc.blocks[i];
                // The inner HTML of a task is enclosed in the slots of its label, which the template writes.
                let edge = u32::from(block.task.is_some());
                let inner = Slice { start: block.inner.start + edge, end: block.inner.end.saturating_sub(edge) };
                let words = self.doc.plain(block.text);
                Check {
                    id: check_id(key, words),
                    html: self.slice(inner).trim().to_string(),
                    checked: block.task == Some(true),
                }
            })
            .collect();
        view.layout = Layout::Checklist;
        let rest: Vec<BlockId> =
            blocks.iter().copied().filter(|&b| !matches!(self.doc.blocks[b].kind, BlockKind::List(_))).collect();
        view.html = self.blocks(&rest);
        true
    }

    fn anti_patterns(&self, view: &mut SectionView, blocks: &[BlockId]) -> bool {
        let lists = blocks.iter().filter(|&&b| matches!(self.doc.blocks[b].kind, BlockKind::List(_)));
        let items: Vec<BlockId> = lists.flat_map(|&list| self.doc.children(list).collect::<Vec<_>>()).collect();
        let labelled = |i: &BlockId| {
            self.doc.head_label(*i).is_some_and(|l| self.is_label(LabelKind::AntiPattern, self.doc.name_of(l)))
        };
        if items.is_empty()
            || !items.iter().all(labelled)
            || blocks.iter().any(|&b| !matches!(self.doc.blocks[b].kind, BlockKind::List(_)))
        {
            return false;
        }
        view.layout = Layout::AntiPatterns;
        view.anti_patterns = items.iter().map(|&item| self.anti_pattern(item)).collect();
        true
    }

    fn anti_pattern(&self, item: BlockId) -> AntiPattern {
        let (html, below) = self.text_after_label(item);
        let mut view = AntiPattern { html, ..AntiPattern::default() };
        for child in below {
            if !matches!(self.doc.blocks[child].kind, BlockKind::List(_)) {
                view.html.push_str(&self.slice(self.doc.blocks[child].html));
                continue;
            }
            for sub in self.doc.children(child).collect::<Vec<_>>() {
                let name = self.doc.head_label(sub).map_or("", |label| self.doc.name_of(label));
                let content = || {
                    let (text, below) = self.text_after_label(sub);
                    text + &self.blocks(&below)
                };
                if self.is_label(LabelKind::WhyBad, name) {
                    view.why_html = content();
                } else if self.is_label(LabelKind::Better, name) {
                    view.better_html = content();
                } else {
                    view.html.push_str(&format!("<ul>{}</ul>", self.slice(self.doc.blocks[sub].html)));
                }
            }
        }
        view
    }

    /// Moves the subsections "Use … when" and "Avoid … when" to two columns. Returns the remaining subsections.
    fn pairs(&mut self, view: &mut SectionView, below: &[HeadingId]) -> Vec<HeadingId> {
        let is_pair =
            |h: HeadingId| matches!(self.doc.headings[h].section, Some(Section::UseWhen | Section::AvoidWhen));
        let leaf = |i: usize| {
            below.get(i + 1).is_none_or(|&n| self.doc.headings[n].level <= self.doc.headings[below[i]].level)
        };
        let mut rest = Vec::new();
        for (i, &h) in below.iter().enumerate() {
            if !is_pair(h) || !leaf(i) || !view.cards.is_empty() {
                rest.push(h);
                continue;
            }
            let heading = &self.doc.headings[h];
            if is_blank(self.doc, h) && !is_empty(self.doc, h) {
                self.layout.anchors.hidden.push(heading.anchor.to_string());
                continue;
            }
            let tone = if heading.section == Some(Section::UseWhen) { "use" } else { "avoid" };
            let label = heading.text.split(" (").next().unwrap_or("").to_string();
            view.sides.push(Side { label, anchor: heading.anchor.to_string(), tone: tone.into(), html: self.html(h) });
        }
        if !view.sides.is_empty() && view.layout == Layout::Prose {
            view.layout = Layout::Sides;
        }
        rest
    }
}
