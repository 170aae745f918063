//! Selects the passages of a note: texts of one idea, short enough to be compared with those of different notes. Knows Markdown
//! documents and which texts explain nothing; knows no similarity.
//!
//! Example: a note has a list item of 12 words that contains an item of 11 words, and a heading `### Is it stale?` with a
//! paragraph of 8 words. The passages are the outer item with 23 words, the inner item with 11 words, and the card, question and
//! answer, with 11 words. The inner item is part of the outer one, so both never match at once.

use super::stems::{Stem, Words};
use crate::base::duplicates::{compared_blocks, is_exempt, own_text};
use crate::config::schema::Section;
use crate::note::Note;
use crate::note::markdown::{BlockKind, Document};
use crate::text::ids::{BlockId, Id, IdRange, IndexVec, id};
use crate::text::source::Span;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// The fewest words of a passage, as for the duplicate search.
const MIN_WORDS: u32 = 10;
/// The most words of a passage. A longer text has more than one idea.
const MAX_WORDS: u32 = 60;
/// The most passages of a note that are compared. Each is compared with each in the worst case, and a note of more passages
/// explains no single concept.
const MAX_PASSAGES: usize = 2_000;
/// The fewest different stems of a passage.
const MIN_STEMS: usize = 3;
/// Labels of lines that set up a situation instead of explaining anything, folded.
const SETTINGS: [&str; 8] = ["context", "contexto", "contexte", "kontext", "example", "ejemplo", "scenario", "setup"];

id! {
    /// A passage: its index in the result of [`passages`] for the note.
    pub(crate) struct PassageId;
    /// A compared block: its index in the compared blocks of the note.
    pub(super) struct PlaceId;
}

/// A text of one idea.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Passage {
    /// The compared blocks in it.
    pub(super) places: IdRange<PlaceId>,
    /// The question before the blocks; empty if the blocks have it.
    question: String,
    /// The stems of the text in order.
    pub(super) stems: Vec<Stem>,
    /// Where the text is in the source, questions included.
    pub span: Span,
    /// Whether the text is a checklist or an item of one.
    pub is_checklist: bool,
}

/// The number of occurrences of a stem in a passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    pub stem: Stem,
    pub count: u32,
}

/// What the comparison needs of a passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PassageSummary {
    pub id: PassageId,
    /// See [`Passage::places`].
    pub places: IdRange<PlaceId>,
    pub is_checklist: bool,
    /// The hash of all terms, equal for passages with the same stems.
    pub text: u64,
    /// The end of the terms in [`NotePassages`]; they start at the end of the passage before.
    end: u32,
}

/// The passages of one note as stems. Depends on the text of the note and the language alone. Cloning copies two pointers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NotePassages {
    passages: Arc<[PassageSummary]>,
    terms: Arc<[Term]>,
}

impl Default for NotePassages {
    fn default() -> NotePassages {
        NotePassages { passages: Arc::from([]), terms: Arc::from([]) }
    }
}

impl NotePassages {
    /// The passages of `note`; none for pages, landing pages and alias notes.
    pub(super) fn of(note: &Note, words: &mut Words) -> NotePassages {
        match note.is_note() {
            true => NotePassages::new(&passages(note, words)),
            false => NotePassages::default(),
        }
    }

    /// The passages with enough different stems. Of equal ones the first.
    pub(super) fn new(found: &IndexVec<PassageId, Passage>) -> NotePassages {
        let (mut summaries, mut all, mut own) = (Vec::new(), Vec::new(), Vec::new());
        let mut texts = FxHashSet::default();
        for (id, passage) in found.iter_enumerated() {
            own.clone_from(&passage.stems);
            own.sort_unstable();
            let start = all.len();
            all.extend(own.chunk_by(|a, b| a == b).map(|run| Term { stem: run[0], count: run.len() as u32 }));
            if all.len() - start < MIN_STEMS {
                all.truncate(start);
                continue;
            }
            let text = all[start..].iter().fold(0u64, |hash, term| {
                (hash.rotate_left(5) ^ (u64::from(term.stem.bits()) << 8 | u64::from(term.count)))
                    .wrapping_mul(0x517c_c1b7_2722_0a95)
            });
            if summaries.len() == MAX_PASSAGES || !texts.insert((text, passage.is_checklist)) {
                all.truncate(start);
                continue;
            }
            let (places, is_checklist, end) = (passage.places, passage.is_checklist, all.len() as u32);
            summaries.push(PassageSummary { id, places, is_checklist, text, end });
        }
        NotePassages { passages: summaries.into(), terms: all.into() }
    }

    /// A note of top-level passages of these stems.
    #[cfg(test)]
    pub(super) fn of_stems(passages: &[(Vec<u32>, bool)]) -> NotePassages {
        let passage = |(at, (stems, is_checklist)): (usize, &(Vec<u32>, bool))| Passage {
            places: IdRange { start: PlaceId::new(at), end: PlaceId::new(at + 1) },
            question: String::new(),
            stems: stems.iter().copied().map(Stem::from_bits).collect(),
            span: Span::default(),
            is_checklist: *is_checklist,
        };
        NotePassages::new(&passages.iter().enumerate().map(passage).collect())
    }

    /// The passages with their terms, each list ascending by stem.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&PassageSummary, &[Term])> {
        self.passages.iter().scan(0, |start, summary| {
            let end = summary.end as usize;
            let terms = &self.terms[std::mem::replace(start, end)..end];
            Some((summary, terms))
        })
    }

    /// The summary of a passage with comparable text. `None` if the passage has too few stems.
    pub(super) fn get(&self, id: PassageId) -> Option<&PassageSummary> {
        self.passages.binary_search_by_key(&id, |summary| summary.id).ok().map(|at| &self.passages[at])
    }

    /// The number of passages.
    pub(super) fn len(&self) -> usize {
        self.passages.len()
    }

    /// Whether both are the same allocation, as clones are.
    pub(super) fn is_same(&self, other: &NotePassages) -> bool {
        Arc::ptr_eq(&self.terms, &other.terms) && Arc::ptr_eq(&self.passages, &other.passages)
    }
}

/// The passages of a note in document order: compared blocks and cards of 10 to 60 words.
pub(super) fn passages(note: &Note, words: &mut Words) -> IndexVec<PassageId, Passage> {
    let doc = &note.doc;
    let blocks = places(doc);
    let read = ReadBlocks::new(doc, &blocks, words);
    let explains = |&block: &BlockId| explains(doc, block);
    let mut found: IndexVec<PassageId, Passage> = IndexVec::default();
    let mut last: Option<(IdRange<PlaceId>, usize)> = None;
    for (place, block) in blocks.iter_enumerated() {
        let places = inside(doc, &blocks, place);
        let Some(stems) = read.fitting(places, 0) else { continue };
        // A list item with a single paragraph would be found twice, as item and as paragraph.
        let is_repeated = last.is_some_and(|(outer, length)| outer.contains(place) && stems.len() == length);
        last = Some((places, stems.len()));
        if is_repeated || is_link_list(doc, block) || !explains(block) {
            continue;
        }
        let is_checklist = blocks[places].iter().any(|&inner| doc.blocks[inner].task.is_some());
        let (question, span) = (String::new(), doc.blocks[*block].span);
        found.push(Passage { places, question, stems: stems.to_vec(), span, is_checklist });
    }
    for (places, question, start) in open_cards(note, &blocks) {
        let mut stems = Vec::new();
        let thirds = words.each_stem(question, |stem| stems.push(stem));
        let Some(answer) = read.fitting(places, thirds) else { continue };
        if blocks[places].iter().all(explains) {
            stems.extend_from_slice(answer);
            let end = blocks[places].iter().map(|&block| doc.blocks[block].span.end).max().unwrap_or(start);
            let (question, span) = (question.to_owned(), Span { start, end });
            found.push(Passage { places, question, stems, span, is_checklist: false });
        }
    }
    found
}

impl Passage {
    /// The text on one line, without marks and labels, questions included.
    pub(crate) fn text(&self, note: &Note) -> String {
        let blocks = places(&note.doc);
        let own = blocks[self.places].iter().map(|&block| own_text(&note.doc, block));
        let text = std::iter::once(self.question.clone()).chain(own).collect::<Vec<_>>().join(" ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn places(doc: &Document) -> IndexVec<PlaceId, BlockId> {
    compared_blocks(doc).into_vec().into()
}

/// The stems of all compared blocks of a note in order: a block and the blocks inside it are a range of them.
struct ReadBlocks {
    stems: Vec<Stem>,
    /// For each block the number of stems and of thirds of a word before it, and at the end those of the whole note.
    before: IndexVec<PlaceId, (usize, u32)>,
}

impl ReadBlocks {
    fn new(doc: &Document, blocks: &IndexVec<PlaceId, BlockId>, words: &mut Words) -> ReadBlocks {
        let (mut stems, mut before, mut thirds) = (Vec::new(), IndexVec::with_capacity(blocks.len() + 1), 0);
        for &block in blocks {
            before.push((stems.len(), thirds));
            let is_left_out = doc.blocks[block].heading.is_some_and(|heading| is_exempt(doc, heading));
            if !is_left_out {
                thirds += words.each_stem(&own_text(doc, block), |stem| stems.push(stem));
            }
        }
        before.push((stems.len(), thirds));
        ReadBlocks { stems, before }
    }

    /// The stems of the blocks if these have the length of a passage, together with `more` thirds of a word.
    fn fitting(&self, places: IdRange<PlaceId>, more: u32) -> Option<&[Stem]> {
        let (start, end) = (self.before[places.start], self.before[places.end]);
        let fits = (3 * MIN_WORDS..=3 * MAX_WORDS).contains(&(end.1 - start.1 + more));
        fits.then(|| &self.stems[start.0..end.0])
    }
}

/// All stems of a template's text.
pub(super) fn template_stems(template: &Note, words: &mut Words, mut found: impl FnMut(Stem)) {
    for &block in compared_blocks(&template.doc).iter() {
        words.each_stem(&own_text(&template.doc, block), &mut found);
    }
}

/// A compared block and all compared blocks inside it.
fn inside(doc: &Document, blocks: &IndexVec<PlaceId, BlockId>, start: PlaceId) -> IdRange<PlaceId> {
    let end = doc.blocks[blocks[start]].descendants_end;
    IdRange { start, end: blocks.partition_point(|&block| block < end) }
}

/// Whether more than half of the text are links, as in lists of links.
fn is_link_list(doc: &Document, block: &BlockId) -> bool {
    let block = &doc.blocks[*block];
    block.link_text * 2 > block.text.end - block.text.start
}

/// Whether a block may explain an idea: not in an exempt section, and neither a setting nor an example, nor inside of one.
fn explains(doc: &Document, block: BlockId) -> bool {
    let is_setting = |block: BlockId| {
        doc.head_label(block).is_some_and(|label| {
            let name = doc.name_of(label).trim().to_lowercase();
            SETTINGS.iter().any(|setting| name.split(' ').next() == Some(setting))
        })
    };
    let heading = doc.blocks[block].heading;
    let is_left_out = |h| is_exempt(doc, h) || doc.sections_at(h).any(|section| section == Section::MiniExample);
    !heading.is_some_and(is_left_out) && !doc.enclosing(Some(block)).any(is_setting)
}

/// The cards whose question is not in the same block as the answer: the compared blocks of the card, the question if it is in
/// none of them (a heading), and the start of the question in the source.
fn open_cards<'a>(note: &'a Note, blocks: &IndexVec<PlaceId, BlockId>) -> Vec<(IdRange<PlaceId>, &'a str, u32)> {
    let doc = &note.doc;
    // The outermost block with the question, else the first block after it.
    let first_block = |start: u32| {
        let after = blocks.partition_point(|&block| doc.blocks[block].span.start <= start);
        let holds = |block: &BlockId| doc.blocks[*block].span.end > start && blocks.binary_search(block).is_ok();
        let outer = after.before().and_then(|last| doc.enclosing(Some(blocks[last])).filter(holds).last());
        outer.map_or(after, |outer| blocks.partition_point(|&block| block < outer))
    };
    let mut found = Vec::new();
    for (at, card) in note.cards.iter().enumerate() {
        let start = card.span.start;
        // The last card ends where its section does.
        let below = doc.headings.partition_point(|heading| heading.span.start <= start);
        let heading = doc.headings[doc.headings.ids_from(below)].iter().find(|heading| heading.top);
        let section_end = first_block(heading.map_or(u32::MAX, |heading| heading.span.start));
        let next = note.cards.get(at + 1).map_or(section_end, |next| first_block(next.span.start).min(section_end));
        let places = IdRange { start: first_block(start), end: next };
        let Some(&block) = blocks.get(places.start).filter(|_| places.len() > 0) else { continue };
        let holds_question = doc.blocks[block].span.start <= start;
        let is_one_item = doc.blocks[block].kind == BlockKind::Item && inside(doc, blocks, places.start) == places;
        if !is_one_item {
            found.push((places, if holds_question { "" } else { &*card.question }, start));
        }
    }
    found
}
