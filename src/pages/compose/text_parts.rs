//! Divides a long list of links that an author wrote by hand into parts for several pages. Knows the blocks of a document and
//! their HTML; knows no folder and no page.
//!
//! A text is cut before an outermost block, before an item of a list, or before a row of a table. The next part opens the
//! same elements again, with the text of the items around the cut, and repeats the heading of the section.
//!
//! Example: `# A`, then a list with the item “Storage” and in it a list of 400 links. The second part is the heading “A”, and
//! in a list the item “Storage” with the remaining links.

use crate::note::Note;
use crate::note::markdown::{BlockKind, Document, Slice};
use crate::text::ids::{BlockId, HeadingId, Id, IndexVec};

/// The length in bytes at which a part ends: about 200 links, which fill a screen or two in columns.
const PART_BYTES: u32 = 24_000;
/// The bytes of the address of a link, which are not in the HTML of a document.
const LINK_BYTES: u32 = 60;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextPart {
    /// The HTML of the part.
    pub slice: Slice,
    /// The heading to repeat before the part.
    pub heading: Option<HeadingId>,
    /// The blocks around the start of the part, outermost first. They are opened again.
    pub reopened: Vec<BlockId>,
    /// The blocks around the end of the part, outermost first. They are closed.
    pub closed: Vec<BlockId>,
    /// The approximate length in bytes.
    pub length: u32,
}

/// Where a text is cut: at an offset in its HTML, inside of some blocks.
struct Cut {
    at: u32,
    inside: Vec<BlockId>,
    heading: Option<HeadingId>,
}

/// The parts of a note's text, at least one.
pub(super) fn text_parts(note: &Note) -> Vec<TextPart> {
    let doc = &note.doc;
    let mut cutter = Cutter {
        doc,
        // Raw HTML may span blocks: an element that a cut divides would end with the part.
        only_outermost: !doc.raw_html.is_empty(),
        links: links_before(doc),
        length: 0,
        lengths: Vec::new(),
        cuts: Vec::new(),
        inside: Vec::new(),
    };
    let outermost = doc.blocks.ids().iter().filter(|&block| doc.blocks[block].parent.is_none());
    outermost.for_each(|block| cutter.add(block));
    let Cutter { mut lengths, length, cuts, .. } = cutter;
    lengths.push(length);
    let title = note.title_heading;
    let starts = std::iter::once(None).chain(cuts.iter().map(Some));
    let ends = cuts.iter().map(Some).chain([None]);
    let part = |((start, end), length): ((Option<&Cut>, Option<&Cut>), u32)| TextPart {
        slice: Slice { start: start.map_or(0, |cut| cut.at), end: end.map_or(doc.html_end, |cut| cut.at) },
        heading: start.and_then(|cut| cut.heading).filter(|heading| Some(*heading) != title),
        reopened: start.map(|cut| cut.inside.clone()).unwrap_or_default(),
        closed: end.map(|cut| cut.inside.clone()).unwrap_or_default(),
        length,
    };
    starts.zip(ends).zip(lengths).map(part).collect()
}

/// For each block, the number of links before it.
fn links_before(doc: &Document) -> IndexVec<BlockId, u32> {
    let mut counts: IndexVec<BlockId, u32> = IndexVec::filled(0, doc.blocks.len() + 1);
    for block in doc.links.iter().filter_map(|link| link.block) {
        counts[block.next()] += 1;
    }
    let mut sum = 0;
    for block in counts.ids() {
        sum += counts[block];
        counts[block] = sum;
    }
    counts
}

/// A walk over the blocks of a document in order, which collects the cuts.
struct Cutter<'a> {
    doc: &'a Document,
    only_outermost: bool,
    links: IndexVec<BlockId, u32>,
    /// The length of the open part.
    length: u32,
    /// The lengths of all closed parts.
    lengths: Vec<u32>,
    cuts: Vec<Cut>,
    /// The blocks around the current one.
    inside: Vec<BlockId>,
}

impl Cutter<'_> {
    /// The approximate length of a block, nested blocks included.
    fn length_of(&self, block: BlockId) -> u32 {
        let own = &self.doc.blocks[block];
        let links = self.links[own.descendants_end] - self.links[block];
        own.html.end - own.html.start + links * LINK_BYTES
    }

    /// Adds a block to the open part, and cuts before or inside the block if the part becomes too long.
    fn add(&mut self, block: BlockId) {
        let length = self.length_of(block);
        if self.length + length <= PART_BYTES {
            self.length += length;
            return;
        }
        let divided: Vec<BlockId> = match self.doc.blocks[block].kind {
            BlockKind::List(_) | BlockKind::Table | BlockKind::Item if !self.only_outermost => {
                self.doc.children(block).collect()
            }
            _ => Vec::new(),
        };
        let is_item = matches!(self.doc.blocks[block].kind, BlockKind::Item | BlockKind::Row);
        // An item that is long only by the lists in it is divided; cutting before it would help little.
        let is_divided = divided.len() > 1 || divided.iter().any(|&child| self.length_of(child) > PART_BYTES / 2);
        if is_divided && (length > PART_BYTES / 2 || !is_item) {
            let nested: u32 = divided.iter().map(|&child| self.length_of(child)).sum();
            self.length += length.saturating_sub(nested);
            self.inside.push(block);
            divided.into_iter().for_each(|child| self.add(child));
            self.inside.pop();
            return;
        }
        if self.length > 0 && (is_item || self.inside.is_empty()) && !self.is_head(block) {
            self.cut(block);
        }
        self.length += length;
    }

    /// Whether a row is the head of its table, which every part repeats.
    fn is_head(&self, block: BlockId) -> bool {
        let is_row = self.doc.blocks[block].kind == BlockKind::Row;
        is_row && self.inside.last().is_some_and(|&table| self.doc.children(table).next() == Some(block))
    }

    fn cut(&mut self, block: BlockId) {
        let own = &self.doc.blocks[block];
        let is_heading = matches!(own.kind, BlockKind::Heading(_));
        self.cuts.push(Cut {
            at: own.html.start,
            inside: self.inside.clone(),
            heading: own.heading.filter(|_| !is_heading),
        });
        self.lengths.push(std::mem::take(&mut self.length));
    }
}

/// The HTML that opens a block again, up to the child before which the text was cut: its tags, and for an item its own
/// text. `html` renders a slice.
pub(super) fn opening(doc: &Document, block: BlockId, cut_at: u32, html: &dyn Fn(Slice) -> String) -> String {
    let own = &doc.blocks[block];
    let children = || doc.children(block);
    let end = match own.kind {
        BlockKind::Table => children().nth(1),
        BlockKind::Item => children().find(|&child| matches!(doc.blocks[child].kind, BlockKind::List(_))),
        _ => children().next(),
    };
    let opened =
        html(Slice { start: own.html.start, end: end.map_or(own.inner.start, |child| doc.blocks[child].html.start) });
    match own.kind {
        BlockKind::List(true) => {
            let before = children().filter(|&item| doc.blocks[item].html.end <= cut_at).count();
            numbered_from(&opened, before)
        }
        _ => opened,
    }
}

/// The opening tag of an ordered list that goes on after so many items.
fn numbered_from(tag: &str, before: usize) -> String {
    let own = tag.split_once("start=\"").and_then(|(_, rest)| rest.split('"').next()?.parse::<usize>().ok());
    format!("<ol start=\"{}\">\n", own.unwrap_or(1) + before)
}

/// The HTML that closes a block.
pub(super) fn closing(doc: &Document, block: BlockId, html: &dyn Fn(Slice) -> String) -> String {
    let own = &doc.blocks[block];
    match own.kind {
        BlockKind::List(true) => "</ol>\n".to_string(),
        BlockKind::List(false) => "</ul>\n".to_string(),
        BlockKind::Item => "</li>\n".to_string(),
        _ => {
            let last = doc.children(block).last().map_or(own.inner.end, |child| doc.blocks[child].html.end);
            html(Slice { start: last, end: own.html.end })
        }
    }
}
