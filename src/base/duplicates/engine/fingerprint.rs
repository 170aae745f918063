//! The fingerprint of one note: the word hashes of its text blocks, laid out so that each block is a range of words. Depends
//! on the text of one note only; knows no different note.
//!
//! Example: an item with the text `head of it` (3 words) contains a paragraph of 10 words and an item `and two`, which
//! contains a paragraph of 10 words. All 25 words are stored in document order, and the compared blocks are ranges of them:
//!
//! ```text
//! words        0 1 2 | 3 … 12 | 13 14 | 15 … 24
//! block 0      0 ─────────────────────────── 24     25 words
//! block 1              3 ── 12                      10 words, parent 0
//! block 2                       13 ───────── 24     12 words, parent 0
//! block 3                               15 ─ 24     10 words, parent 2
//! ```
//!
//! A block of fewer than [`BLOCK_WORDS`] words has no range, and words in no range are dropped.

use super::words::{THIRDS, WordHash, hash_words, mix, push_words};
use crate::text::ids::{CodeId, Id, IndexVec, NoteId, id};
use std::ops::{Index, Range};
use std::sync::Arc;

/// The fewest words of a compared block.
pub(super) const BLOCK_WORDS: u32 = 10;
/// The fewest lines of compared code, blank lines not counted.
pub(super) const CODE_LINES: u32 = 5;

id! {
    /// A text block: its index in [`NoteText::blocks`].
    pub struct TextBlockId;
    /// A compared block: its index in the blocks of a [`NoteFingerprint`].
    pub(super) struct FingerprintId;
}

/// The comparable texts of one note.
#[derive(Debug, Clone, Default)]
pub struct NoteText<'a> {
    /// False for landing pages, alias notes and plain pages, which are compared with nothing.
    pub comparable: bool,
    /// The note named as the canonical version of this note. `None` if this note is canonical itself.
    pub canonical: Option<NoteId>,
    /// In document order, each block before the blocks inside it.
    pub blocks: Vec<Block<'a>>,
    /// In document order.
    pub code: Vec<Code<'a>>,
}

/// A paragraph, list item, table row or quote.
#[derive(Debug, Clone, Copy, Default)]
pub struct Block<'a> {
    /// The text without marks and leading bold label, links replaced by their text, and without the text of inner blocks.
    pub text: &'a str,
    /// The enclosing block, which must be an earlier one. `None` at the top level.
    pub parent: Option<TextBlockId>,
    /// A hash of the folded heading above the block.
    pub heading: u64,
    /// The number of words of `text` in links, as counted by [`word_count`].
    pub link_words: u32,
    /// True for link sections, self-checks, `N/A` and the inbox: neither the block nor any inner block is compared.
    pub exempt: bool,
}

/// A code block.
#[derive(Debug, Clone, Copy, Default)]
pub struct Code<'a> {
    /// The text between the fences.
    pub text: &'a str,
}

/// The word hashes and block ranges of one note. All fields except `canonical` depend on the text of the note alone, so a
/// fingerprint stays valid until the text changes. Cloning copies four pointers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NoteFingerprint {
    /// See [`NoteText::canonical`].
    pub canonical: Option<NoteId>,
    words: Arc<[WordHash]>,
    pub(super) blocks: Arc<[BlockFingerprint]>,
    pub(super) code: Arc<[CodeFingerprint]>,
    /// The length of all compared words, in thirds of a word.
    pub(super) thirds: u32,
}

/// A compared block: a range of words, including the words of inner blocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BlockFingerprint {
    /// The block of [`NoteText::blocks`].
    pub block: TextBlockId,
    /// The nearest enclosing compared block. `None` if no enclosing block is compared.
    pub parent: Option<FingerprintId>,
    /// The first word.
    pub start: u32,
    /// The number of words.
    pub length: u32,
    /// The heading above the block, hashed.
    pub heading_hash: u32,
    /// The hash of all words, equal for equal texts.
    pub text: u64,
}

impl BlockFingerprint {
    /// The position after the last word.
    pub(super) fn end(&self) -> u32 {
        self.start + self.length
    }

    fn range(&self) -> Range<usize> {
        self.start as usize..self.end() as usize
    }
}

/// A code block of at least [`CODE_LINES`] lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CodeFingerprint {
    /// The block of [`NoteText::code`].
    pub code: CodeId,
    /// The number of lines without blank ones.
    pub lines: u32,
    /// The hash of these lines.
    pub text: u64,
}

/// A compared block of a base: the note, and the block in the note's fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct BlockRef {
    pub note: NoteId,
    pub block: FingerprintId,
}

/// The fingerprints of all notes of a base, by note.
#[derive(Clone, Copy)]
pub(super) struct Notes<'a>(pub &'a [NoteFingerprint]);

impl<'a> Notes<'a> {
    pub(super) fn len(self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = (NoteId, &'a NoteFingerprint)> {
        self.0.iter().enumerate().map(|(index, note)| (NoteId::new(index), note))
    }

    pub(super) fn get(self, note: NoteId) -> &'a NoteFingerprint {
        &self.0[note.index()]
    }

    pub(super) fn block(self, at: BlockRef) -> &'a BlockFingerprint {
        &self.get(at.note)[at.block]
    }

    pub(super) fn words(self, at: BlockRef) -> &'a [WordHash] {
        let note = self.get(at.note);
        note.words_of(&note[at.block])
    }
}

impl Index<FingerprintId> for NoteFingerprint {
    type Output = BlockFingerprint;

    #[inline]
    fn index(&self, block: FingerprintId) -> &BlockFingerprint {
        &self.blocks[block.index()]
    }
}

/// The number of words in `text`. Each character of a script without spaces is a word.
pub(crate) fn word_count(text: &str) -> u32 {
    let mut words = Vec::new();
    push_words(text, &mut words);
    words.len() as u32
}

/// The hash of the words in `text`, equal to [`BlockFingerprint::text`] of a block with the same words.
pub(super) fn text_hash(text: &str) -> u64 {
    let mut words = Vec::new();
    push_words(text, &mut words);
    hash_words(&words)
}

impl NoteFingerprint {
    /// The fingerprint of `note`. Empty if `note` is not comparable.
    pub fn of(note: &NoteText) -> Self {
        if !note.comparable {
            return Self { canonical: note.canonical, ..Self::default() };
        }
        let mut builder = FingerprintBuilder::default();
        for (index, block) in note.blocks.iter().enumerate() {
            builder.close_until(block.parent);
            builder.open(TextBlockId::new(index), block);
        }
        builder.close_until(None);
        let code = note.code.iter().enumerate();
        let code = code.filter_map(|(index, code)| code_fingerprint(CodeId::new(index), code.text)).collect();
        builder.finish(note.canonical, code)
    }

    /// The ids of all compared blocks, in document order.
    pub(super) fn ids(&self) -> impl Iterator<Item = FingerprintId> + use<> {
        (0..self.blocks.len()).map(FingerprintId::new)
    }

    /// The compared blocks with their ids, in document order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (FingerprintId, &BlockFingerprint)> {
        self.ids().zip(self.blocks.iter())
    }

    pub(super) fn words_of(&self, block: &BlockFingerprint) -> &[WordHash] {
        &self.words[block.range()]
    }

    /// The words from position `start` up to `end`.
    pub(super) fn words_between(&self, start: u32, end: u32) -> &[WordHash] {
        &self.words[start as usize..end as usize]
    }

    /// The compared blocks inside `block`, at any depth, in document order.
    pub(super) fn inside(&self, block: FingerprintId) -> impl Iterator<Item = (FingerprintId, &BlockFingerprint)> {
        // Document order puts all descendants right behind a block, so the first block after its end is the stop.
        let end = self[block].end();
        let rest = block.index() + 1..self.blocks.len();
        rest.map(|at| (FingerprintId::new(at), &self.blocks[at])).take_while(move |(_, inner)| inner.start < end)
    }

    /// The compared blocks without any compared block inside.
    pub(super) fn innermost(&self) -> impl Iterator<Item = &BlockFingerprint> {
        let is_parent = |id: FingerprintId| self.blocks.get(id.index() + 1).is_some_and(|next| next.parent == Some(id));
        self.iter().filter(move |(id, _)| !is_parent(*id)).map(|(_, block)| block)
    }

    /// `block` and all compared blocks around it, from the inside out.
    pub(super) fn enclosing(&self, block: FingerprintId) -> impl Iterator<Item = FingerprintId> + Clone + '_ {
        std::iter::successors(Some(block), |&block| self[block].parent)
    }

    /// The length in whole words of `length` compared words, estimated from the average length of a word in the note.
    pub(super) fn whole_words(&self, length: u32) -> f64 {
        match self.words.len() {
            0 => 0.0,
            all => f64::from(length) * f64::from(self.thirds) / (f64::from(THIRDS) * all as f64),
        }
    }
}

id! {
    /// A block of the tree being read: its index in [`FingerprintBuilder::drafts`].
    struct DraftId;
}

/// A block of the tree being read. `thirds`, `link_words` and the length are complete once the block is closed.
#[derive(Clone, Copy)]
struct Draft {
    fingerprint: BlockFingerprint,
    parent: Option<DraftId>,
    thirds: u32,
    link_words: u32,
    exempt: bool,
}

/// Collects the words of blocks in document order, so that the range of a block contains the ranges of inner blocks.
#[derive(Default)]
struct FingerprintBuilder {
    words: Vec<WordHash>,
    /// The blocks of one tree: a top-level block and all blocks inside.
    drafts: IndexVec<DraftId, Draft>,
    /// The blocks not yet closed, the innermost last.
    open: Vec<DraftId>,
    finished: IndexVec<FingerprintId, BlockFingerprint>,
    thirds: u32,
}

impl FingerprintBuilder {
    /// Starts `block` inside the innermost open block, and reads its words unless the block is exempt.
    fn open(&mut self, id: TextBlockId, block: &Block) {
        let parent = self.open.last().copied();
        let exempt = block.exempt || parent.is_some_and(|parent| self.drafts[parent].exempt);
        let start = self.words.len() as u32;
        let thirds = if exempt { 0 } else { push_words(block.text, &mut self.words) };
        // The builder's hashes need 32 bits of the heading only; `mix` spreads all 64 into them.
        let heading_hash = (mix(block.heading, 0) >> 32) as u32;
        let fingerprint = BlockFingerprint { block: id, parent: None, start, length: 0, heading_hash, text: 0 };
        let draft = Draft { fingerprint, parent, thirds, link_words: block.link_words, exempt };
        let draft = self.drafts.push(draft);
        self.open.push(draft);
    }

    /// Closes open blocks until `parent` is the innermost one. If `parent` is not open, closes all and finishes the tree.
    fn close_until(&mut self, parent: Option<TextBlockId>) {
        while let Some(&id) = self.open.last() {
            if parent == Some(self.drafts[id].fingerprint.block) {
                return;
            }
            self.open.pop();
            let draft = &mut self.drafts[id];
            draft.fingerprint.length = self.words.len() as u32 - draft.fingerprint.start;
            // An exempt block added no words, so its links must not count against the words of the parent.
            let (thirds, link_words) = (draft.thirds, if draft.exempt { 0 } else { draft.link_words });
            if let Some(parent) = draft.parent {
                self.drafts[parent].thirds += thirds;
                self.drafts[parent].link_words += link_words;
            }
        }
        self.finish_tree();
    }

    /// Moves the blocks of the finished tree with enough words to `finished`. Drops all words of the tree if there are none.
    fn finish_tree(&mut self) {
        let first = self.finished.len();
        // For each draft: the innermost finished block among itself and the blocks around it.
        let mut nearest: IndexVec<DraftId, Option<FingerprintId>> = IndexVec::with_capacity(self.drafts.len());
        for draft in &self.drafts {
            let parent = draft.parent.and_then(|parent| nearest[parent]);
            // A list item with a single paragraph would be found twice, as item and as paragraph.
            let same_as_parent = parent.is_some_and(|parent| self.finished[parent].length == draft.fingerprint.length);
            if !draft.is_compared() || same_as_parent {
                nearest.push(parent);
                continue;
            }
            // The words of inner blocks are already counted by the outermost block.
            if parent.is_none() {
                self.thirds += draft.thirds;
            }
            let text = hash_words(&self.words[draft.fingerprint.range()]);
            nearest.push(Some(self.finished.push(BlockFingerprint { parent, text, ..draft.fingerprint })));
        }
        if let (true, Some(root)) = (first == self.finished.len(), self.drafts.first()) {
            self.words.truncate(root.fingerprint.start as usize);
        }
        self.drafts.clear();
    }

    fn finish(self, canonical: Option<NoteId>, code: Arc<[CodeFingerprint]>) -> NoteFingerprint {
        let blocks = self.finished.into_vec().into();
        NoteFingerprint { canonical, words: self.words.into(), blocks, code, thirds: self.thirds }
    }
}

impl Draft {
    /// Whether the closed block is long enough and at most half of its words are link text. Lists of links repeat the titles
    /// of the same notes everywhere.
    fn is_compared(&self) -> bool {
        !self.exempt && self.thirds >= BLOCK_WORDS * THIRDS && self.link_words * 2 <= self.fingerprint.length
    }
}

/// The fingerprint of a code block. Indentation, trailing spaces and blank lines do not matter. `None` if there are fewer
/// than [`CODE_LINES`] lines.
fn code_fingerprint(code: CodeId, text: &str) -> Option<CodeFingerprint> {
    let (mut lines, mut hash) = (0, 0);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        lines += 1;
        // Mixing the length first separates `a`, `b` on two lines from `ab` on one.
        hash = line.as_bytes().chunks(8).fold(mix(hash, line.len() as u64), |hash, bytes| {
            mix(hash, bytes.iter().fold(0, |packed, &byte| packed << 8 | u64::from(byte)))
        });
    }
    (lines >= CODE_LINES).then_some(CodeFingerprint { code, lines, text: hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: &str = "one two three four five six seven eight nine ten";

    fn block(text: &str) -> Block<'_> {
        Block { text, ..Block::default() }
    }

    fn print(blocks: Vec<Block>) -> NoteFingerprint {
        NoteFingerprint::of(&NoteText { comparable: true, blocks, ..NoteText::default() })
    }

    fn parent(block: usize) -> Option<TextBlockId> {
        Some(TextBlockId::new(block))
    }

    fn shapes(print: &NoteFingerprint) -> Vec<(usize, Option<usize>, u32)> {
        print.blocks.iter().map(|b| (b.block.index(), b.parent.map(FingerprintId::index), b.length)).collect()
    }

    #[test]
    fn short_blocks_leave_no_trace() {
        let print = print(vec![block("one two three"), block(TEN), block("four five")]);
        assert_eq!(shapes(&print), [(1, None, 10)]);
        assert_eq!(print.words.len(), 10);
        assert_eq!(print.thirds, 30);
    }

    #[test]
    fn an_item_holds_its_children() {
        let child = Block { text: TEN, parent: parent(0), ..Block::default() };
        let short = Block { text: "and two", parent: parent(0), ..Block::default() };
        let grandchild = Block { text: TEN, parent: parent(2), ..Block::default() };
        let print = print(vec![block("head of it"), child, short, grandchild, block(TEN)]);
        assert_eq!(
            shapes(&print),
            [(0, None, 25), (1, Some(0), 10), (2, Some(0), 12), (3, Some(2), 10), (4, None, 10)]
        );
        assert_eq!(print.thirds, 35 * THIRDS);
    }

    #[test]
    fn a_block_that_is_all_of_its_parent_is_not_kept_twice() {
        let print = print(vec![block(""), Block { text: TEN, parent: parent(0), ..Block::default() }]);
        assert_eq!(shapes(&print), [(0, None, 10)]);
    }

    #[test]
    fn exempt_blocks_and_link_lists_are_not_compared() {
        let links = Block { text: TEN, link_words: 6, ..Block::default() };
        let exempt = Block { text: TEN, exempt: true, ..Block::default() };
        let inside = Block { text: TEN, parent: parent(1), ..Block::default() };
        let few_links = Block { text: TEN, link_words: 5, ..Block::default() };
        assert_eq!(shapes(&print(vec![links, exempt, inside, few_links])), [(3, None, 10)]);
    }

    #[test]
    fn an_exempt_child_is_no_part_of_its_parent() {
        let child = Block { text: TEN, parent: parent(0), exempt: true, ..Block::default() };
        assert_eq!(shapes(&print(vec![block(TEN), child])), [(0, None, 10)]);
    }

    #[test]
    fn a_parent_that_is_not_open_makes_a_root() {
        let stray = |at| Block { text: TEN, parent: parent(at), ..Block::default() };
        let print = print(vec![stray(7), block(TEN), stray(0), stray(3)]);
        assert_eq!(shapes(&print), [(0, None, 10), (1, None, 10), (2, None, 10), (3, None, 10)]);
    }

    #[test]
    fn what_is_not_comparable_has_an_empty_print() {
        let note = NoteText { blocks: vec![block(TEN)], ..NoteText::default() };
        assert_eq!(NoteFingerprint::of(&note), NoteFingerprint::default());
    }

    #[test]
    fn code_is_known_by_its_lines() {
        let of = |text| code_fingerprint(CodeId::new(0), text).map(|code| (code.lines, code.text));
        assert_eq!(of("a\nb\nc\nd"), None);
        assert_eq!(of("a\nb\nc\nd\n\n\n"), None);
        assert_eq!(of("a\nb\n  c\nd\ne"), of("a  \nb\n\nc\nd\ne\n"));
        assert_ne!(of("a\nb\nc\nd\ne"), of("a\nb\nc\nde\ne"));
        assert_ne!(of("a\nb\nc\nd\ne"), of("b\na\nc\nd\ne"));
    }
}
