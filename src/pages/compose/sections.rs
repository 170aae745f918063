//! A note's sections, laid out: what stands side by side, what folds, what is hidden. Asks the document for structure and
//! `html` for fragments; decides what goes where.

use super::leftover::leftover;
use super::pairs::pair_up;
use crate::base::index::NoteIndex;
use crate::config::labels::LabelKind;
use crate::config::schema::Section;
use crate::note::cards::Card;
use crate::note::markdown::{BlockKind, Document, Label, NONE, Slice};
use crate::note::sections::{is_blank, is_empty, is_not_applicable};
use crate::pages::html::{Writer, check_id};
use crate::pages::views::{Anchors, AntiPattern, CardView, Check, Layout, Row, SectionView, Side};
use crate::text::html_escape::escaped;

/// The text of a note, in the places where a page shows it.
#[derive(Debug, Default)]
pub(super) struct NoteLayout {
    /// The TL;DR's content.
    pub tldr_html: String,
    /// Text before the first heading.
    pub intro_html: String,
    /// The sections that are shown as such.
    pub sections: Vec<SectionView>,
    /// What else the Links section says.
    pub links_html: String,
    /// Ids of headings that are shown elsewhere or not at all.
    pub anchors: Anchors,
}

/// Lays out the sections of a note.
pub(super) fn layout_sections(writer: &Writer<'_>, note: NoteIndex) -> NoteLayout {
    let doc = &writer.site.note(note).doc;
    let mut layer = LayoutBuilder { writer, note, doc, laid: NoteLayout::default() };
    layer.laid.intro_html = layer.html(NONE);
    let mut tops: Vec<u32> = (0..doc.headings.len() as u32).filter(|&i| doc.headings[i as usize].top).collect();
    if let Some(&first) = tops.first().filter(|&&i| i == writer.site.note(note).title_heading) {
        // The page's own title says it; what is below it is the introduction.
        layer.laid.anchors.hidden.push(doc.headings[first as usize].anchor.to_string());
        layer.laid.intro_html.push_str(&layer.html(first));
        tops.remove(0);
    }
    let sections = layer.tree(&tops);
    layer.laid.sections = sections;
    layer.laid
}

/// The slices of a note that its page shows as they stand: all but headings and the relations, which come from the graph.
pub(super) fn shown(doc: &Document) -> Vec<Slice> {
    let of_heading = |&h: &u32| match doc.headings.get(h as usize).and_then(|h| h.section) {
        Some(Section::Prerequisites | Section::Related | Section::Compare) => None,
        _ => Some(doc.section_html(h)),
    };
    let tops = (0..doc.headings.len() as u32).filter(|&h| doc.headings[h as usize].top);
    std::iter::once(NONE).chain(tops).collect::<Vec<_>>().iter().filter_map(of_heading).collect()
}

struct LayoutBuilder<'a> {
    writer: &'a Writer<'a>,
    note: NoteIndex,
    doc: &'a Document,
    laid: NoteLayout,
}

impl LayoutBuilder<'_> {
    /// Whether a label is of this kind.
    fn says(&self, kind: LabelKind, label: &str) -> bool {
        self.writer.site.schema.labels.is(kind, label)
    }

    /// The HTML between a heading and the next.
    fn html(&self, heading: u32) -> String {
        self.slice(self.doc.section_html(heading))
    }

    fn slice(&self, slice: Slice) -> String {
        let html = self.writer.slice(self.note, slice);
        if html.trim().is_empty() { String::new() } else { html }
    }

    fn blocks(&self, blocks: &[usize]) -> String {
        blocks.iter().map(|&b| self.slice(self.doc.blocks[b].html)).collect()
    }

    /// Sections of these headings; deeper ones become children of those before them.
    fn tree(&mut self, headings: &[u32]) -> Vec<SectionView> {
        let mut sections = Vec::new();
        let mut rest = headings;
        while let Some((&first, after)) = rest.split_first() {
            let level = self.doc.headings[first as usize].level;
            let count = after.iter().take_while(|&&h| self.doc.headings[h as usize].level > level).count();
            let (below, next) = after.split_at(count);
            sections.extend(self.section(first, below));
            rest = next;
        }
        pair_up(&mut sections);
        sections
    }

    /// One section with the headings below it; nothing where it is shown elsewhere or hidden.
    fn section(&mut self, heading: u32, below: &[u32]) -> Option<SectionView> {
        let known = self.doc.headings[heading as usize].section;
        let anchor = self.doc.headings[heading as usize].anchor.to_string();
        match known {
            Some(Section::Tldr) if self.laid.tldr_html.is_empty() && !is_blank(self.doc, heading) => {
                self.laid.anchors.tldr = anchor;
                self.laid.tldr_html =
                    self.html(heading) + &below.iter().map(|&h| self.with_heading(h)).collect::<String>();
                return None;
            }
            // One without anything below it has nothing to show elsewhere.
            Some(section) if section.is_links() && !(is_empty(self.doc, heading) && below.is_empty()) => {
                self.links(heading, below);
                return None;
            }
            _ => {}
        }
        if is_blank(self.doc, heading) && !is_empty(self.doc, heading) && below.is_empty() {
            self.laid.anchors.hidden.push(anchor);
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
        if empty && parts == 0 && !below.is_empty() {
            self.laid.anchors.hidden.push(view.anchor);
            return None;
        }
        Some(view)
    }

    /// Whether no section is shown behind this one and what is below it.
    fn is_last(&self, heading: u32, below: &[u32]) -> bool {
        let last = below.last().copied().unwrap_or(heading);
        let rest = (last + 1..self.doc.headings.len() as u32).filter(|&h| self.doc.headings[h as usize].top);
        let is_shown_elsewhere = |h: u32| {
            let sections = || self.doc.sections_at(h);
            sections().any(|section| section == Section::Tldr || section.is_links())
                || is_blank(self.doc, h) && !is_empty(self.doc, h)
        };
        rest.into_iter().all(is_shown_elsewhere)
    }

    fn view(&self, heading: u32, known: Option<Section>) -> SectionView {
        let heading = &self.doc.headings[heading as usize];
        SectionView {
            key: known.map(|s| s.key().to_string()).unwrap_or_default(),
            label_html: self.label(heading, known),
            anchor: heading.anchor.to_string(),
            level: heading.shown,
            ..SectionView::default()
        }
    }

    /// A heading without its boilerplate: of known sections what stands before a parenthesis, of others all but remarks
    /// on whether the section must be there.
    fn label(&self, heading: &crate::note::markdown::Heading, known: Option<Section>) -> String {
        let before = heading.text.split(" (").next().unwrap_or("").trim();
        let remark = heading.text[before.len()..].to_lowercase();
        let boilerplate = ["(if applicable)", "(optional)", "(no duplication)"].iter().any(|r| remark.trim() == *r);
        match (known.is_some() || boilerplate) && !before.is_empty() {
            true => escaped(before.trim_matches(['“', '”', '"'])),
            false => self.writer.unlinked(self.note, heading.inner),
        }
    }

    fn with_heading(&self, heading: u32) -> String {
        let start = self.doc.headings[heading as usize].html.start;
        self.slice(Slice { start, end: self.doc.section_html(heading).end })
    }

    fn hide(&mut self, headings: &[u32]) {
        self.laid.anchors.hidden.extend(headings.iter().map(|&h| self.doc.headings[h as usize].anchor.to_string()));
    }

    /// The Links section: its relations are shown from the graph; only what is not one of the three stays as it is.
    fn links(&mut self, heading: u32, below: &[u32]) {
        for &h in [heading].iter().chain(below) {
            let anchor = self.doc.headings[h as usize].anchor.to_string();
            let anchors = &mut self.laid.anchors;
            let slot = match self.doc.headings[h as usize].section {
                Some(Section::Links) => &mut anchors.links,
                Some(Section::Prerequisites) => &mut anchors.read_first,
                Some(Section::Related) => &mut anchors.related,
                Some(Section::Compare) => &mut anchors.contrasts,
                _ => {
                    let html = self.with_heading(h);
                    self.laid.links_html.push_str(&html);
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
            let html = match self.doc.headings[h as usize].section {
                Some(Section::Links) => self.html(h),
                _ => leftover(self.writer.site.note(self.note), h, &|slice| self.slice(slice)),
            };
            self.laid.links_html.push_str(&html);
        }
    }

    /// Fills in the content of a section by its kind.
    fn content(&mut self, view: &mut SectionView, heading: u32, known: Option<Section>) {
        let blocks: Vec<usize> = self.doc.section_blocks(heading).collect();
        let blocks: Vec<usize> =
            blocks.into_iter().filter(|&b| self.doc.blocks[b].kind != BlockKind::Footnote).collect();
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

    /// Labelled paragraphs as rows; what follows a row without a label belongs to it.
    fn rows(&self, view: &mut SectionView, blocks: &[usize]) -> bool {
        let (html, rows) = self.labelled(blocks);
        if rows.is_empty() {
            return false;
        }
        view.html = html;
        view.layout = Layout::Rows;
        view.rows = rows.into_iter().map(|(label, html)| Row { label, html }).collect();
        true
    }

    fn labelled(&self, blocks: &[usize]) -> (String, Vec<(String, String)>) {
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

    /// In scope and out of scope, side by side.
    fn scope(&self, view: &mut SectionView, blocks: &[usize]) -> bool {
        let (html, rows) = self.labelled(blocks);
        if rows.len() < 2 {
            return self.rows(view, blocks);
        }
        view.html = html;
        view.layout = Layout::Sides;
        view.sides = rows
            .into_iter()
            .map(|(label, html)| {
                let tone = if self.says(LabelKind::OutOfScope, &label) { "out" } else { "in" };
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

    /// Items labelled as pros and cons, in two lists.
    fn pros_and_cons(&self, view: &mut SectionView, blocks: &[usize]) -> bool {
        let (mut pro, mut con, mut rest) = (String::new(), String::new(), String::new());
        let mut labels = (String::new(), String::new());
        for &block in blocks {
            if !matches!(self.doc.blocks[block].kind, BlockKind::List(_)) {
                rest.push_str(&self.slice(self.doc.blocks[block].html));
                continue;
            }
            for item in self.doc.children(block).collect::<Vec<_>>() {
                let label = self.doc.head_label(item);
                let says = |kind| label.is_some_and(|label| self.says(kind, self.doc.name_of(label)));
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
                view.sides.push(Side {
                    label,
                    anchor: String::new(),
                    tone: tone.into(),
                    html: format!("<ul>{html}</ul>"),
                });
            }
        }
        true
    }

    /// Appends an item, or the items below it where it has no text of its own. What its label says beside pro or con
    /// stays in front: `**Pros (sync):**`.
    fn argument(&self, item: usize, label: Option<&Label>, out: &mut String, heading: &mut String) {
        let Some(name) = label.map(|label| self.doc.name_of(label)) else { return };
        if heading.is_empty() {
            *heading = name.split(" (").next().unwrap_or("").to_string();
        }
        let (own, below) = self.said(item);
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

    /// What an item says after its label, and the blocks that follow that. In a loose list it is the rest of the item's
    /// first paragraph.
    fn said(&self, item: usize) -> (String, Vec<usize>) {
        let inner = self.doc.blocks[item].inner;
        let mut below: Vec<usize> = self.doc.children(item).collect();
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

    fn cards(&self, view: &mut SectionView, blocks: &[usize]) -> bool {
        let cards = &self.writer.site.note(self.note).cards;
        let Some(first) = cards.first() else { return false };
        let stands_before = |b: &usize| self.doc.blocks[*b].html.end <= first.question_html.start;
        let before: Vec<usize> = blocks.iter().copied().filter(stands_before).collect();
        view.html = self.blocks(&before);
        // The list of the first question may begin with items that ask nothing.
        let asks = |b: &&usize| self.doc.blocks[**b].html.end > first.question_html.start;
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

    /// Items to tick, if they are plain; with blocks inside them the list stays as it is.
    fn checks(&self, view: &mut SectionView, blocks: &[usize]) -> bool {
        let lists = blocks.iter().filter(|&&b| matches!(self.doc.blocks[b].kind, BlockKind::List(_)));
        let items: Vec<usize> = lists.flat_map(|&list| self.doc.children(list).collect::<Vec<_>>()).collect();
        if items.is_empty() || items.iter().any(|&i| self.doc.children(i).next().is_some()) {
            return false;
        }
        let key = &self.writer.site.graph.keys[self.note as usize];
        view.checks = items
            .iter()
            .map(|&i| {
                let block = &self.doc.blocks[i];
                // A task's inner HTML begins and ends with the slots of its label, which the template writes itself.
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
        let rest: Vec<usize> =
            blocks.iter().copied().filter(|&b| !matches!(self.doc.blocks[b].kind, BlockKind::List(_))).collect();
        view.html = self.blocks(&rest);
        true
    }

    fn anti_patterns(&self, view: &mut SectionView, blocks: &[usize]) -> bool {
        let lists = blocks.iter().filter(|&&b| matches!(self.doc.blocks[b].kind, BlockKind::List(_)));
        let items: Vec<usize> = lists.flat_map(|&list| self.doc.children(list).collect::<Vec<_>>()).collect();
        let labelled =
            |i: &usize| self.doc.head_label(*i).is_some_and(|l| self.says(LabelKind::AntiPattern, self.doc.name_of(l)));
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

    fn anti_pattern(&self, item: usize) -> AntiPattern {
        let (html, below) = self.said(item);
        let mut view = AntiPattern { html, ..AntiPattern::default() };
        for child in below {
            if !matches!(self.doc.blocks[child].kind, BlockKind::List(_)) {
                view.html.push_str(&self.slice(self.doc.blocks[child].html));
                continue;
            }
            for sub in self.doc.children(child).collect::<Vec<_>>() {
                let name = self.doc.head_label(sub).map_or("", |label| self.doc.name_of(label));
                let said = || {
                    let (text, below) = self.said(sub);
                    text + &self.blocks(&below)
                };
                if self.says(LabelKind::WhyBad, name) {
                    view.why_html = said();
                } else if self.says(LabelKind::Better, name) {
                    view.better_html = said();
                } else {
                    view.html.push_str(&format!("<ul>{}</ul>", self.slice(self.doc.blocks[sub].html)));
                }
            }
        }
        view
    }

    /// Takes "Use … when" and "Avoid … when" out of the subsections and puts them side by side; returns the others.
    fn pairs(&mut self, view: &mut SectionView, below: &[u32]) -> Vec<u32> {
        let is_pair =
            |h: u32| matches!(self.doc.headings[h as usize].section, Some(Section::UseWhen | Section::AvoidWhen));
        let leaf = |i: usize| {
            below
                .get(i + 1)
                .is_none_or(|&n| self.doc.headings[n as usize].level <= self.doc.headings[below[i] as usize].level)
        };
        let mut rest = Vec::new();
        for (i, &h) in below.iter().enumerate() {
            if !is_pair(h) || !leaf(i) || !view.cards.is_empty() {
                rest.push(h);
                continue;
            }
            let heading = &self.doc.headings[h as usize];
            if is_blank(self.doc, h) && !is_empty(self.doc, h) {
                self.laid.anchors.hidden.push(heading.anchor.to_string());
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
