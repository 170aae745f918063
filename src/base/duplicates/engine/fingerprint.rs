//! A note's texts as a caller gives them, and what is kept of them to be compared: words as numbers, blocks as ranges of
//! words. Each note by itself; knows no other note.

use super::words::{THIRDS, hash_row, mix, push_words};
use std::sync::Arc;

/// Blocks of fewer words are not compared.
pub(super) const BLOCK_WORDS: u32 = 10;
/// Code of fewer lines, empty ones not counted, is not compared.
pub(super) const CODE_LINES: u32 = 5;
/// No block.
pub(super) const NONE: u32 = u32::MAX;

/// What is to be compared of one note.
#[derive(Debug, Clone, Default)]
pub struct NoteText<'a> {
    /// False for landing pages, alias notes and plain pages, which are compared with nothing.
    pub comparable: bool,
    /// The note, by its place in the row of notes, that this one names as the canonical one.
    pub canonical: Option<u32>,
    /// In the order of the document, a block before the blocks inside it.
    pub blocks: Vec<Block<'a>>,
    /// In the order of the document.
    pub code: Vec<Code<'a>>,
}

/// A paragraph, list item, table row or quote.
#[derive(Debug, Clone, Copy, Default)]
pub struct Block<'a> {
    /// Its own text without marks and leading bold label, links replaced by their text; not the text of blocks inside it.
    pub text: &'a str,
    /// The block it stands in, by its place in `blocks`; must be an earlier one.
    pub parent: Option<u32>,
    /// A hash of the folded heading that it stands under.
    pub heading: u64,
    /// How many of the words of `text` are link text, counted by [`word_count`].
    pub link_words: u32,
    /// Never compared, nor anything inside it: links sections, self-checks, `N/A`, the inbox.
    pub exempt: bool,
}

/// A code block.
#[derive(Debug, Clone, Copy, Default)]
pub struct Code<'a> {
    /// What stands between the fences.
    pub text: &'a str,
}

/// What is kept of a note. All but `canonical` depends on this note's text alone, so that it can be kept as long as that
/// stays as it is; a copy costs next to nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NoteFingerprint {
    /// See [`NoteText::canonical`].
    pub canonical: Option<u32>,
    pub(super) words: Arc<[u32]>,
    pub(super) blocks: Arc<[BlockFingerprint]>,
    pub(super) code: Arc<[CodePrint]>,
    /// The length of all compared words, in thirds of a word.
    pub(super) thirds: u32,
}

/// A block that is compared: its words, with those of the blocks inside it, are `words[start..start + length]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BlockFingerprint {
    /// Its place in [`NoteText::blocks`].
    pub block: u32,
    /// The nearest enclosing block that is compared, by its place in [`NoteFingerprint::blocks`]; else [`NONE`].
    pub parent: u32,
    pub start: u32,
    pub length: u32,
    pub heading: u32,
    /// The hash of its words.
    pub text: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CodePrint {
    /// Its place in [`NoteText::code`].
    pub code: u32,
    pub lines: u32,
    pub text: u64,
}

/// How many words `text` has, as they are compared: a sign of a script without spaces is one.
pub(crate) fn word_count(text: &str) -> u32 {
    let mut words = Vec::new();
    push_words(text, &mut words);
    words.len() as u32
}

/// The hash by which a text is known among the texts of a [`super::boilerplate::BoilerplateIndex`].
pub(super) fn text_hash(text: &str) -> u64 {
    let mut words = Vec::new();
    push_words(text, &mut words);
    hash_row(&words)
}

impl NoteFingerprint {
    /// What is kept of `note`.
    pub fn of(note: &NoteText) -> Self {
        if !note.comparable {
            return Self { canonical: note.canonical, ..Self::default() };
        }
        let mut reader = Reader::default();
        for (at, block) in note.blocks.iter().enumerate() {
            reader.close_until(block.parent);
            reader.open(at as u32, block);
        }
        reader.close_until(None);
        let code = (0..).zip(&note.code).filter_map(|(at, code)| code_print(at, code.text)).collect();
        reader.print(note.canonical, code)
    }

    pub(super) fn words_of(&self, block: &BlockFingerprint) -> &[u32] {
        &self.words[block.start as usize..(block.start + block.length) as usize]
    }

    /// The blocks in which no other is compared.
    pub(super) fn innermost(&self) -> impl Iterator<Item = &BlockFingerprint> {
        let is_parent = |at: u32| self.blocks.get(at as usize + 1).is_some_and(|next| next.parent == at);
        (0..).zip(&*self.blocks).filter(move |(at, _)| !is_parent(*at)).map(|(_, block)| block)
    }

    /// A block and those it stands in, the innermost first.
    pub(super) fn enclosing(&self, block: u32) -> impl Iterator<Item = u32> + Clone + '_ {
        std::iter::successors(Some(block), |&block| {
            Some(self.blocks[block as usize].parent).filter(|&parent| parent != NONE)
        })
    }

    /// About how many whole words a row of `length` compared words of this note is.
    pub(super) fn whole_words(&self, length: u32) -> f64 {
        match self.words.len() {
            0 => 0.0,
            all => f64::from(length) * f64::from(self.thirds) / (f64::from(THIRDS) * all as f64),
        }
    }
}

/// A block while its end is not yet known, then with its whole length.
#[derive(Clone, Copy)]
struct Draft {
    print: BlockFingerprint,
    parent: Option<usize>,
    thirds: u32,
    link_words: u32,
    exempt: bool,
}

/// Lays the words of blocks out in a row, so that a block's words hold those of the blocks inside it.
#[derive(Default)]
struct Reader {
    words: Vec<u32>,
    drafts: Vec<Draft>,
    /// The drafts that enclose the place of reading, the innermost last.
    open: Vec<usize>,
    kept: Vec<BlockFingerprint>,
    thirds: u32,
}

impl Reader {
    fn open(&mut self, at: u32, block: &Block) {
        let parent = self.open.last().copied();
        let exempt = block.exempt || parent.is_some_and(|parent| self.drafts[parent].exempt);
        let start = self.words.len() as u32;
        let thirds = if exempt { 0 } else { push_words(block.text, &mut self.words) };
        let heading = (mix(block.heading, 0) >> 32) as u32;
        let print = BlockFingerprint { block: at, parent: NONE, start, length: 0, heading, text: 0 };
        self.open.push(self.drafts.len());
        self.drafts.push(Draft { print, parent, thirds, link_words: block.link_words, exempt });
    }

    /// Ends the open blocks up to `parent`; all of them, and with them their tree, if it is not open.
    fn close_until(&mut self, parent: Option<u32>) {
        while let Some(&at) = self.open.last() {
            if parent == Some(self.drafts[at].print.block) {
                return;
            }
            self.open.pop();
            let draft = &mut self.drafts[at];
            draft.print.length = self.words.len() as u32 - draft.print.start;
            let (thirds, link_words) = (draft.thirds, if draft.exempt { 0 } else { draft.link_words });
            if let Some(parent) = draft.parent {
                self.drafts[parent].thirds += thirds;
                self.drafts[parent].link_words += link_words;
            }
        }
        self.keep_tree();
    }

    /// Keeps the blocks of the finished tree that are long enough, and drops the words that are in none of them.
    fn keep_tree(&mut self) {
        let first = self.kept.len();
        let mut places = vec![NONE; self.drafts.len()];
        for (at, draft) in self.drafts.iter().enumerate() {
            let parent = draft.parent.map_or(NONE, |parent| places[parent]);
            let same_as_parent = parent != NONE && self.kept[parent as usize].length == draft.print.length;
            places[at] = parent;
            if !draft.is_compared() || same_as_parent {
                continue;
            }
            if parent == NONE {
                self.thirds += draft.thirds;
            }
            places[at] = self.kept.len() as u32;
            let range = draft.print.start as usize..(draft.print.start + draft.print.length) as usize;
            self.kept.push(BlockFingerprint { parent, text: hash_row(&self.words[range]), ..draft.print });
        }
        if let (true, Some(root)) = (first == self.kept.len(), self.drafts.first()) {
            self.words.truncate(root.print.start as usize);
        }
        self.drafts.clear();
    }

    fn print(self, canonical: Option<u32>, code: Arc<[CodePrint]>) -> NoteFingerprint {
        NoteFingerprint { canonical, words: self.words.into(), blocks: self.kept.into(), code, thirds: self.thirds }
    }
}

impl Draft {
    fn is_compared(&self) -> bool {
        !self.exempt && self.thirds >= BLOCK_WORDS * THIRDS && self.link_words * 2 <= self.print.length
    }
}

/// Code is the same if its lines are, but for the space around them and empty ones.
fn code_print(code: u32, text: &str) -> Option<CodePrint> {
    let (mut lines, mut hash) = (0, 0);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        lines += 1;
        hash = line.as_bytes().chunks(8).fold(mix(hash, line.len() as u64), |hash, bytes| {
            mix(hash, bytes.iter().fold(0, |packed, &byte| packed << 8 | u64::from(byte)))
        });
    }
    (lines >= CODE_LINES).then_some(CodePrint { code, lines, text: hash })
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

    fn shapes(print: &NoteFingerprint) -> Vec<(u32, u32, u32)> {
        print.blocks.iter().map(|b| (b.block, b.parent, b.length)).collect()
    }

    #[test]
    fn short_blocks_leave_no_trace() {
        let print = print(vec![block("one two three"), block(TEN), block("four five")]);
        assert_eq!(shapes(&print), [(1, NONE, 10)]);
        assert_eq!(print.words.len(), 10);
        assert_eq!(print.thirds, 30);
    }

    #[test]
    fn an_item_holds_its_children() {
        let child = Block { text: TEN, parent: Some(0), ..Block::default() };
        let short = Block { text: "and two", parent: Some(0), ..Block::default() };
        let grandchild = Block { text: TEN, parent: Some(2), ..Block::default() };
        let print = print(vec![block("head of it"), child, short, grandchild, block(TEN)]);
        assert_eq!(shapes(&print), [(0, NONE, 25), (1, 0, 10), (2, 0, 12), (3, 2, 10), (4, NONE, 10)]);
        assert_eq!(print.thirds, 35 * THIRDS);
    }

    #[test]
    fn a_block_that_is_all_of_its_parent_is_not_kept_twice() {
        let print = print(vec![block(""), Block { text: TEN, parent: Some(0), ..Block::default() }]);
        assert_eq!(shapes(&print), [(0, NONE, 10)]);
    }

    #[test]
    fn exempt_blocks_and_link_lists_are_not_compared() {
        let links = Block { text: TEN, link_words: 6, ..Block::default() };
        let exempt = Block { text: TEN, exempt: true, ..Block::default() };
        let inside = Block { text: TEN, parent: Some(1), ..Block::default() };
        let few_links = Block { text: TEN, link_words: 5, ..Block::default() };
        assert_eq!(shapes(&print(vec![links, exempt, inside, few_links])), [(3, NONE, 10)]);
    }

    #[test]
    fn an_exempt_child_is_no_part_of_its_parent() {
        let child = Block { text: TEN, parent: Some(0), exempt: true, ..Block::default() };
        assert_eq!(shapes(&print(vec![block(TEN), child])), [(0, NONE, 10)]);
    }

    #[test]
    fn a_parent_that_is_not_open_makes_a_root() {
        let stray = |parent| Block { text: TEN, parent: Some(parent), ..Block::default() };
        let print = print(vec![stray(7), block(TEN), stray(0), stray(3)]);
        assert_eq!(shapes(&print), [(0, NONE, 10), (1, NONE, 10), (2, NONE, 10), (3, NONE, 10)]);
    }

    #[test]
    fn what_is_not_comparable_has_an_empty_print() {
        let note = NoteText { blocks: vec![block(TEN)], ..NoteText::default() };
        assert_eq!(NoteFingerprint::of(&note), NoteFingerprint::default());
    }

    #[test]
    fn code_is_known_by_its_lines() {
        let of = |text| code_print(0, text).map(|code| (code.lines, code.text));
        assert_eq!(of("a\nb\nc\nd"), None);
        assert_eq!(of("a\nb\nc\nd\n\n\n"), None);
        assert_eq!(of("a\nb\n  c\nd\ne"), of("a  \nb\n\nc\nd\ne\n"));
        assert_ne!(of("a\nb\nc\nd\ne"), of("a\nb\nc\nde\ne"));
        assert_ne!(of("a\nb\nc\nd\ne"), of("b\na\nc\nd\ne"));
    }
}
