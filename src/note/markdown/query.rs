//! Questions to a [`Document`]: what stands under a heading, in a block, behind a label, and where in the source.

use super::*;

impl Document {
    /// Takes white space from the end of the plain text. A block without words at the end begins where the text ends.
    pub(super) fn trim_text(&mut self) {
        self.text.truncate(self.text.trim_end().len());
        let end = self.text.len() as u32;
        let clamp = |slice: &mut Slice| *slice = Slice { start: slice.start.min(end), end: slice.end.min(end) };
        self.blocks.iter_mut().for_each(|block| clamp(&mut block.text));
        self.headings.iter_mut().for_each(|heading| clamp(&mut heading.plain));
        self.links.iter_mut().for_each(|link| clamp(&mut link.plain));
        self.labels.iter_mut().for_each(|label| [&mut label.text, &mut label.name].into_iter().for_each(clamp));
    }

    /// The plain text of a slice; empty where the slice ends before it begins, as that of a label without a text behind it.
    pub(crate) fn plain(&self, slice: Slice) -> &str {
        self.text.get(slice.range()).unwrap_or_default()
    }

    /// The plain text of a slice without some stretches of it; a space stands for each.
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

    /// The source span of a stretch of plain text, if both its ends stand in the source.
    pub(crate) fn source_of(&self, slice: Slice) -> Option<Span> {
        let start = self.source_offset(slice.start)?;
        let end = self.source_offset(slice.end.checked_sub(1)?)? + 1;
        (start < end).then(|| Span::new(start as usize, end as usize))
    }

    fn source_offset(&self, text: u32) -> Option<u32> {
        let index = self.runs.partition_point(|r| r.text <= text).checked_sub(1)?;
        let run = &self.runs[index];
        (run.exact && text - run.text < run.length).then(|| run.source + (text - run.text))
    }

    /// The labels of a block.
    pub(crate) fn labels_of(&self, block: &Block) -> &[Label] {
        &self.labels[block.labels.range()]
    }

    /// A label without its colon.
    pub(crate) fn name_of(&self, label: &Label) -> &str {
        self.plain(label.name)
    }

    /// The label at the very head of a block, if it has one.
    pub(crate) fn head_label(&self, index: usize) -> Option<&Label> {
        let block = &self.blocks[index];
        self.labels_of(block).first().filter(|label| label.text.start == block.text.start)
    }

    /// The labelled parts of a block: each label with the plain text and HTML up to the next label of the same block,
    /// or to the end of what the block itself says.
    pub(crate) fn labelled(&self, index: usize) -> Vec<(&Label, Slice, Slice)> {
        let block = &self.blocks[index];
        let own: Vec<&Label> = self.labels_of(block).iter().filter(|l| l.block as usize == index).collect();
        let part = |(i, label): (usize, &&Label)| {
            let next = own.get(i + 1);
            let text = Slice { start: label.text.end, end: next.map_or(block.text.end, |n| n.text.start) };
            let html = Slice { start: label.html.end, end: next.map_or(block.inner.end, |n| n.html.start) };
            (text, html)
        };
        own.iter().enumerate().map(|pair| (*pair.1, part(pair).0, part(pair).1)).collect()
    }

    /// The top heading of a section, the first if there are several.
    pub(crate) fn find(&self, section: Section) -> Option<u32> {
        self.headings.iter().position(|h| h.top && h.section == Some(section)).map(|i| i as u32)
    }

    /// The top headings below heading `index`, up to the next of its level.
    pub(crate) fn subheadings(&self, index: u32) -> impl Iterator<Item = u32> + '_ {
        let level = self.headings[index as usize].level;
        let rest = self.headings[index as usize + 1..].iter().enumerate().filter(|(_, h)| h.top);
        rest.take_while(move |(_, h)| h.level > level).map(move |(i, _)| index + 1 + i as u32)
    }

    /// The sections that a place under heading `index` lies in, innermost first.
    pub(crate) fn sections_at(&self, index: u32) -> impl Iterator<Item = Section> + '_ {
        let mut level = 7;
        let count = if index == NONE { 0 } else { index as usize + 1 };
        let above = self.headings[..count].iter().rev().filter(|h| h.top);
        above
            .filter(move |h| {
                let encloses = h.level < level;
                level = level.min(h.level);
                encloses
            })
            .filter_map(|h| h.section)
    }

    /// The children of a block, in order.
    pub(crate) fn children(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.blocks[index].descendants_end as usize;
        siblings(&self.blocks, index + 1, end)
    }

    /// The outermost blocks under top heading `heading` ([`NONE`]: before the first), the heading itself left out.
    pub(crate) fn section_blocks(&self, heading: u32) -> impl Iterator<Item = usize> + '_ {
        let (start, end) = self.section_range(heading);
        siblings(&self.blocks, start, end)
    }

    fn section_range(&self, heading: u32) -> (usize, usize) {
        let next = if heading == NONE { 0 } else { heading as usize + 1 };
        let start = if heading == NONE { 0 } else { self.headings[heading as usize].blocks_before as usize + 1 };
        let end = self.headings[next..].iter().find(|h| h.top).map_or(self.blocks.len(), |h| h.blocks_before as usize);
        (start, end)
    }

    /// The HTML between a top heading and the next one.
    pub(crate) fn section_html(&self, heading: u32) -> Slice {
        let next = if heading == NONE { 0 } else { heading as usize + 1 };
        let start = if heading == NONE { 0 } else { self.headings[heading as usize].html.end };
        let end = self.headings[next..].iter().find(|h| h.top).map_or(self.html_end, |h| h.html.start);
        Slice { start, end }
    }
}

fn siblings(blocks: &[Block], start: usize, end: usize) -> impl Iterator<Item = usize> + '_ {
    let mut at = start;
    std::iter::from_fn(move || {
        (at < end).then(|| {
            let index = at;
            at = blocks[index].descendants_end as usize;
            index
        })
    })
}
