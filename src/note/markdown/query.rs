//! Queries on a [`Document`]: the content under a heading, in a block, after a label, and spans in the source.

use super::*;
use crate::config::schema::Schema;

impl Document {
    /// Removes white space from the end of the plain text and clamps all slices to the new end.
    pub(super) fn trim_text(&mut self) {
        self.text.truncate(self.text.trim_end().len());
        let end = self.text.len() as u32;
        // An empty block at the end of the note starts after the removed white space, and would be out of bounds.
        let clamp = |slice: &mut Slice| *slice = Slice { start: slice.start.min(end), end: slice.end.min(end) };
        self.blocks.iter_mut().for_each(|block| clamp(&mut block.text));
        self.headings.iter_mut().for_each(|heading| clamp(&mut heading.plain));
        self.links.iter_mut().for_each(|link| clamp(&mut link.plain));
        self.labels.iter_mut().for_each(|label| [&mut label.text, &mut label.name].into_iter().for_each(clamp));
    }

    /// The plain text of a slice. Empty for an inverted slice, as after a label at the end of its block.
    pub(crate) fn plain(&self, slice: Slice) -> &str {
        self.text.get(slice.range()).unwrap_or_default()
    }

    /// The plain text of a slice without `holes`, each replaced by a space.
    pub(crate) fn plain_without(&self, slice: Slice, mut holes: Vec<Slice>) -> String {
        holes.sort_by_key(|hole| hole.start);
        let (mut text, mut at) = (String::with_capacity(slice.range().len()), slice.start);
        for hole in holes {
            if hole.start > at {
                text.push_str(self.plain(Slice { start: at, end: hole.start }));
                text.push(' ');
            }
            at = at.max(hole.end);
        }
        if at < slice.end {
            text.push_str(self.plain(Slice { start: at, end: slice.end }));
        }
        text
    }

    /// The source span of a slice of the plain text. `None` if an end is in a run that is not exact.
    pub(crate) fn source_of(&self, slice: Slice) -> Option<Span> {
        let start = self.source_offset(slice.start)?;
        // The offset of the last byte, plus one: the end itself may already belong to the next run.
        let end = self.source_offset(slice.end.checked_sub(1)?)? + 1;
        (start < end).then(|| Span::new(start as usize, end as usize))
    }

    fn source_offset(&self, text: u32) -> Option<u32> {
        let index = self.runs.partition_point(|r| r.text <= text).checked_sub(1)?;
        let run = &self.runs[index];
        // Between two runs are the line ends that separate blocks, which have no source.
        (run.exact && text - run.text < run.length).then(|| run.source + (text - run.text))
    }

    /// The block with an id, given without the caret.
    pub(crate) fn block(&self, id: &str) -> Option<BlockId> {
        self.block_ids.iter().find(|anchor| anchor.id == id).map(|anchor| anchor.block)
    }

    /// Finds the bold labels that open a subsection of a section of links: `**Prerequisites:**`, `**Related notes**:
    /// …`. A label that begins with the name of a subsection names it.
    pub(crate) fn find_link_labels(&mut self, schema: &Schema) {
        let is_links = |heading: HeadingId| self.headings[heading].section == Some(Section::Links);
        let mut found = Vec::new();
        for label in &self.labels {
            let Some(block) = label.block.map(|block| &self.blocks[block]) else {
                continue;
            };
            let Some(heading) = block.heading.filter(|heading| is_links(*heading)) else { continue };
            let section = subsection(self.name_of(label), schema);
            let begins_block = label.text.start == block.text.start;
            if begins_block && (section.is_some() || block.parent.is_none()) {
                found.push(LinkLabel { text: label.text, heading, section });
            }
        }
        self.link_labels = found;
    }

    /// The section of a place under a heading: the subsection of links that a bold label opens, else the heading's.
    pub(crate) fn section_at(&self, heading: Option<HeadingId>, text: u32) -> Option<Section> {
        let section = self.sections_at(heading).next();
        if section != Some(Section::Links) {
            return section;
        }
        let before = self.link_labels.iter().rev().find(|l| Some(l.heading) == heading && l.text.end <= text);
        before.and_then(|label| label.section).or(section)
    }

    /// Whether the note has a section, with a heading or a label.
    pub(crate) fn has_section(&self, section: Section) -> bool {
        self.find(section).is_some() || self.link_labels.iter().any(|label| label.section == Some(section))
    }

    /// The labels of a block.
    pub(crate) fn labels_of(&self, block: &Block) -> &[Label] {
        &self.labels[block.labels]
    }

    /// The text of a label, without the colon.
    pub(crate) fn name_of(&self, label: &Label) -> &str {
        self.plain(label.name)
    }

    /// The label at the start of a block; `None` if the block starts with different text.
    pub(crate) fn head_label(&self, block: BlockId) -> Option<&Label> {
        let block = &self.blocks[block];
        self.labels_of(block).first().filter(|label| label.text.start == block.text.start)
    }

    /// The labelled parts of a block: each label with the plain text and HTML up to the next label of the same block,
    /// or to the end of the block.
    pub(crate) fn labelled(&self, id: BlockId) -> Vec<(&Label, Slice, Slice)> {
        let block = &self.blocks[id];
        // `labels_of` includes the labels of nested blocks, which must not end a part.
        let own: Vec<&Label> = self.labels_of(block).iter().filter(|l| l.block == Some(id)).collect();
        let part = |(i, label): (usize, &&Label)| {
            let next = own.get(i + 1);
            let text = Slice { start: label.text.end, end: next.map_or(block.text.end, |n| n.text.start) };
            let html = Slice { start: label.html.end, end: next.map_or(block.inner.end, |n| n.html.start) };
            (text, html)
        };
        own.iter().enumerate().map(|pair| (*pair.1, part(pair).0, part(pair).1)).collect()
    }

    /// The first top heading of a section.
    pub(crate) fn find(&self, section: Section) -> Option<HeadingId> {
        self.headings.position(|h| h.top && h.section == Some(section))
    }

    /// The top headings below a heading, up to the next heading of the same or a higher rank.
    pub(crate) fn subheadings(&self, heading: HeadingId) -> impl Iterator<Item = HeadingId> + '_ {
        let level = self.headings[heading].level;
        let rest = self.headings.ids_from(heading.next()).iter().filter(|&h| self.headings[h].top);
        rest.take_while(move |&h| self.headings[h].level > level)
    }

    /// The sections that contain the text after `heading`, innermost first. `None`: the text before the first heading.
    pub(crate) fn sections_at(&self, heading: impl Into<Option<HeadingId>>) -> impl Iterator<Item = Section> + '_ {
        // One more than the lowest rank, so that `heading` itself is included.
        let mut level = 7;
        let end = heading.into().map_or(HeadingId::FIRST, HeadingId::next);
        let above = self.headings[IdRange { start: HeadingId::FIRST, end }].iter().rev().filter(|h| h.top);
        above
            .filter(move |h| {
                let encloses = h.level < level;
                level = level.min(h.level);
                encloses
            })
            .filter_map(|h| h.section)
    }

    /// A block and all blocks inside it.
    pub(crate) fn subtree(&self, block: BlockId) -> IdRange<BlockId> {
        IdRange { start: block, end: self.blocks[block].descendants_end }
    }

    /// A block and its ancestors, innermost first.
    pub(crate) fn enclosing(&self, block: Option<BlockId>) -> impl Iterator<Item = BlockId> + '_ {
        std::iter::successors(block, |&inner| self.blocks[inner].parent)
    }

    /// The children of a block, in order.
    pub(crate) fn children(&self, block: BlockId) -> impl Iterator<Item = BlockId> + '_ {
        self.outermost(IdRange { start: block.next(), ..self.subtree(block) })
    }

    /// The outermost blocks below a top heading, without the heading. `None`: the blocks before the first heading.
    pub(crate) fn section_blocks(&self, heading: impl Into<Option<HeadingId>>) -> impl Iterator<Item = BlockId> + '_ {
        let heading = heading.into();
        let start = heading.map_or(BlockId::FIRST, |h| self.headings[h].block.next());
        let end = self.next_top(heading).map_or(self.blocks.next_id(), |h| h.block);
        self.outermost(IdRange { start, end })
    }

    /// The HTML between a top heading and the next one. `None`: the HTML before the first heading.
    pub(crate) fn section_html(&self, heading: impl Into<Option<HeadingId>>) -> Slice {
        let heading = heading.into();
        let start = heading.map_or(0, |h| self.headings[h].html.end);
        let end = self.next_top(heading).map_or(self.html_end, |h| h.html.start);
        Slice { start, end }
    }

    /// The first top heading after `heading`. `None`: the first top heading of the note.
    fn next_top(&self, heading: Option<HeadingId>) -> Option<&Heading> {
        let start = heading.map_or(HeadingId::FIRST, HeadingId::next);
        self.headings[self.headings.ids_from(start)].iter().find(|h| h.top)
    }

    /// The blocks of a range that are not nested in a different block of the range.
    fn outermost(&self, range: IdRange<BlockId>) -> impl Iterator<Item = BlockId> + '_ {
        // Parents come before their children, so a jump to the end of the descendants reaches the next outermost block.
        let mut at = range.start;
        std::iter::from_fn(move || {
            (at < range.end).then(|| {
                let block = at;
                at = self.blocks[block].descendants_end;
                block
            })
        })
    }
}

/// The subsection of links with the name at the start of a label.
fn subsection(label: &str, schema: &Schema) -> Option<Section> {
    let mut name = label.trim();
    loop {
        let section = schema.section(name).filter(|section| section.is_links() && *section != Section::Links);
        if section.is_some() {
            return section;
        }
        name = name.rsplit_once(char::is_whitespace)?.0.trim_end();
    }
}
