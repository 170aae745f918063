//! Block ids of Obsidian: `^id` at the end of a block, or alone below a block, is the anchor of the block and not text.

use super::builder::Builder;
use super::node::{Node, Run};
use super::run::text_of;
use super::{BlockKind, Slot};
use crate::text::ids::{BlockId, Id};
use pulldown_cmark::{CowStr, Event};
use std::ops::Range;

/// The id of a block, written `^id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlockAnchor {
    /// The id without the caret.
    pub id: String,
    /// The block.
    pub block: BlockId,
}

/// The id in a text that consists only of a caret and an id.
pub(super) fn only(text: &str) -> Option<&str> {
    text.trim().strip_prefix('^').filter(|id| is_id(id))
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_alphanumeric() || c == '-')
}

/// Removes the id from the end of a run, including the white space before the caret, which is required: `10^6` is text.
pub(super) fn take_last<'a>(run: &mut Run<'a>, source: &'a str) -> Option<(String, Range<usize>)> {
    let (node, range) = run.last()?;
    let text = text_of(node, range, source)?.trim_end();
    let caret = text.rfind('^')?;
    let id = Some(&text[caret + 1..]).filter(|id| is_id(id))?.to_string();
    let at = range.start + caret..range.start + text.len();
    let kept = text[..caret].trim_end();
    if !kept.is_empty() {
        let kept = range.start..range.start + kept.len();
        if kept.end == at.start {
            return None;
        }
        run.pop();
        run.push((Node::Parsed(Event::Text(CowStr::Borrowed(&source[kept.clone()]))), kept));
        return Some((id, at));
    }
    let is_break = |node: &Node<'_>| matches!(node, Node::Parsed(Event::SoftBreak | Event::HardBreak));
    let behind_break = is_break(&run.get(run.len().checked_sub(2)?)?.0);
    if caret == 0 && !behind_break {
        return None;
    }
    run.truncate(run.len() - 1 - usize::from(behind_break));
    Some((id, at))
}

/// The offset of the `>` of the start tag of a block. `None` if the HTML does not start with a tag.
fn tag_end(html: &str) -> Option<usize> {
    html.starts_with('<').then(|| html.find('>')).flatten()
}

impl Builder<'_> {
    /// Sets the id of the innermost open block. The first paragraph of an item means the item, the last paragraph of a
    /// quote for the quote.
    pub(super) fn block_id(&mut self, id: String) {
        if let Some(block) = self.innermost() {
            self.anchor_block(self.identified(block), id);
        }
    }

    /// Sets the id of the previous block.
    pub(super) fn block_id_below(&mut self, id: String) {
        let parent = self.innermost();
        let mut block = self.doc.blocks.last_id().filter(|last| Some(*last) != parent);
        while let Some(last) = block {
            let above = self.doc.blocks[last].parent;
            if above == parent {
                return self.anchor_block(self.identified(last), id);
            }
            block = above;
        }
    }

    /// The block that an id of `block` is meant for.
    fn identified(&self, block: BlockId) -> BlockId {
        let own = &self.doc.blocks[block];
        let Some(parent) = own.parent.filter(|_| own.kind == BlockKind::Paragraph) else { return block };
        let is_meant = match self.doc.blocks[parent].kind {
            BlockKind::Item => parent.next() == block,
            BlockKind::Quote => own.span.end == self.doc.blocks[parent].span.end,
            _ => false,
        };
        if is_meant { parent } else { block }
    }

    /// Writes the id to the start tag of the block, or to an additional `<span>` if the block has no start tag.
    fn anchor_block(&mut self, block: BlockId, id: String) {
        let index = self.doc.block_ids.len() as u32;
        let own = &self.doc.blocks[block];
        let written_by_page = matches!(own.kind, BlockKind::Code | BlockKind::Heading(_));
        let has_one = self.doc.block_ids.iter().any(|anchor| anchor.block == block);
        // The HTML of a table starts with the slot of the element around the table.
        let start = own.html.start as usize + usize::from(own.kind == BlockKind::Table);
        let html = &self.doc.body.html;
        let tag = tag_end(html.get(start..own.inner.start.max(own.html.end) as usize).unwrap_or_default());
        let tag = tag.filter(|_| !has_one && own.kind != BlockKind::Html);
        self.doc.block_ids.push(BlockAnchor { id: id.clone(), block });
        match tag {
            _ if written_by_page && !has_one => {}
            Some(end) => {
                let at = start + end;
                self.doc.body.html.replace_range(at..at + 1, "\u{1}");
                let slots = &mut self.doc.body.slots;
                let place = slots.partition_point(|(offset, _)| (*offset as usize) < at);
                slots.insert(place, (at as u32, Slot::BlockId(index)));
            }
            None => {
                self.html("<span id=\"");
                self.slot(Slot::IdPrefix);
                self.html("^");
                self.html(&id);
                self.html("\"></span>");
            }
        }
    }
}
