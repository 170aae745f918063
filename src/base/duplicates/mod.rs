//! Selects the comparable texts of each note for the duplicate search in [`engine`], and locates the blocks found. Knows
//! Markdown documents and which sections are exempt; knows nothing of similarity.
//!
//! Example: a note has the blocks paragraph, list, item, paragraph. Paragraphs and items are compared, so the text blocks 0,
//! 1 and 2 are the document's blocks 0, 2 and 3; the parent of text block 2 is text block 1. [`block_span`] maps back.

pub(crate) mod engine;

use crate::base::duplicates::engine::{
    Block, Code, Duplicates, NoteFingerprint, NoteText, TextBlockId, duplicates, word_count,
};
use crate::base::graph::{Graph, Target};
use crate::config::schema::{Section, fold_heading};
use crate::note::Note;
use crate::note::markdown::{BlockKind, Document};
use crate::note::sections::is_not_applicable;
use crate::text::ids::{BlockId, CodeId, HeadingId, IndexVec, NoteId};
use crate::text::source::Span;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Fingerprints of the last analysis, reused for notes with unchanged text. The default value stores nothing. Clones share
/// one store.
#[derive(Debug, Clone, Default)]
pub(crate) struct FingerprintCache(Option<Arc<Mutex<Store>>>);

/// The fingerprints by [`Note::reading`], the address of a note's parsed content. Storing the note as well prevents reuse of
/// the address while the entry exists.
type Store = FxHashMap<usize, (Note, NoteFingerprint)>;

impl FingerprintCache {
    /// An empty store.
    pub(crate) fn enabled() -> FingerprintCache {
        FingerprintCache(Some(Arc::default()))
    }

    /// Replaces the stored fingerprints with `new` and returns the previous ones.
    fn exchange(&self, new: Store) -> Store {
        let Some(store) = &self.0 else { return Store::default() };
        // A panic in a different thread cannot leave half an exchange, so a poisoned lock is fine.
        std::mem::replace(&mut *store.lock().unwrap_or_else(PoisonError::into_inner), new)
    }

    /// The fingerprints of these notes, with no canonical notes set.
    fn of(&self, notes: &[Note]) -> Vec<NoteFingerprint> {
        // Taken out, not locked: a second analysis at the same time does not wait, but computes all fingerprints.
        let before = self.exchange(Store::default());
        let known = |note: &Note| before.get(&note.reading()).map(|(_, fingerprint)| fingerprint.clone());
        let fingerprints: Vec<NoteFingerprint> =
            notes.par_iter().map(|note| known(note).unwrap_or_else(|| fingerprint(note))).collect();
        if self.0.is_some() {
            let entry = |(note, own): (&Note, &NoteFingerprint)| (note.reading(), (note.clone(), own.clone()));
            self.exchange(notes.iter().zip(&fingerprints).map(entry).collect());
        }
        fingerprints
    }
}

/// All duplicates among the notes. Each block of `templates` is boilerplate in any note.
pub(crate) fn repeated(
    notes: &IndexVec<NoteId, Note>,
    graph: &Graph,
    templates: &[Note],
    cache: &FingerprintCache,
) -> Duplicates {
    let mut fingerprints = cache.of(notes);
    // Set after the cache, because a canonical note may change though the text of this note did not.
    for ((i, note), fingerprint) in notes.iter_enumerated().zip(&mut fingerprints) {
        fingerprint.canonical = canonical(note, graph, i);
    }
    let boilerplate: Vec<String> = templates
        .iter()
        .flat_map(|note| compared_blocks(&note.doc).into_iter().map(|b| whole_text(&note.doc, b)))
        .collect();
    duplicates(&fingerprints, &boilerplate.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The text of a block and of all compared blocks inside, in the order of comparison.
fn whole_text(doc: &Document, block: BlockId) -> String {
    let within = compared_blocks(doc).into_iter().filter(|b| doc.subtree(block).contains(*b));
    within.map(|b| own_text(doc, b)).collect::<Vec<_>>().join(" ")
}

/// The fingerprint of one note, with no canonical note set.
fn fingerprint(note: &Note) -> NoteFingerprint {
    let doc = &note.doc;
    if !note.is_note() {
        return NoteFingerprint::of(&NoteText::default());
    }
    let compared = compared_blocks(doc);
    let texts: IndexVec<TextBlockId, String> = compared.iter().map(|&b| own_text(doc, b)).collect();
    let mut ids: IndexVec<BlockId, Option<TextBlockId>> = IndexVec::filled(None, doc.blocks.len());
    compared.iter_enumerated().for_each(|(id, &b)| ids[b] = Some(id));
    let headings: IndexVec<HeadingId, u64> = doc.headings.iter().map(|h| hash(&fold_heading(&h.text))).collect();
    let exempt: IndexVec<HeadingId, bool> = doc.headings.ids().iter().map(|h| is_exempt(doc, h)).collect();
    // Words in links, for leaving out lists of links.
    let mut links: IndexVec<BlockId, u32> = IndexVec::filled(0, doc.blocks.len());
    for link in doc.links.iter().filter(|l| !l.plain.is_empty()) {
        if let Some(block) = link.block {
            links[block] += word_count(&link.text);
        }
    }
    let block = |(at, &b): (TextBlockId, &BlockId)| {
        let heading = doc.blocks[b].heading;
        Block {
            text: &texts[at],
            parent: parent(doc, b, &ids),
            heading: heading.map_or(0, |h| headings[h]),
            link_words: links[b],
            exempt: heading.is_some_and(|h| exempt[h]) || is_not_applicable(&texts[at]),
        }
    };
    NoteFingerprint::of(&NoteText {
        comparable: true,
        canonical: None,
        blocks: compared.iter_enumerated().map(block).collect(),
        code: doc.code.iter().map(|c| Code { text: &c.text }).collect(),
    })
}

/// The span of a text block, as numbered in the fingerprint of the note. Empty if there is no such block.
pub(crate) fn block_span(note: &Note, place: TextBlockId) -> Span {
    compared_blocks(&note.doc).get(place).map_or(Span::default(), |&b| note.doc.blocks[b].span)
}

/// The nearest heading above a text block. `None` before the first heading.
pub(crate) fn block_heading(note: &Note, place: TextBlockId) -> Option<&crate::note::markdown::Heading> {
    let block = *compared_blocks(&note.doc).get(place)?;
    note.doc.blocks[block].heading.map(|heading| &note.doc.headings[heading])
}

/// The text of a text block and of all blocks inside, with single spaces between words.
pub(crate) fn block_text(note: &Note, place: TextBlockId) -> String {
    let block = compared_blocks(&note.doc).get(place).copied();
    block.map_or(String::new(), |b| {
        note.doc.plain(note.doc.blocks[b].text).split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

/// The span of a code block. Empty if there is no such block.
pub(crate) fn code_span(note: &Note, place: CodeId) -> Span {
    note.doc.code.get(place).map_or(Span::default(), |c| note.doc.blocks[c.block].span)
}

/// The blocks of a document to be compared, in document order. Excludes headings, code, and containers such as lists, whose
/// text is that of their items.
pub(super) fn compared_blocks(doc: &Document) -> IndexVec<TextBlockId, BlockId> {
    let kinds = |b: &BlockId| {
        matches!(
            doc.blocks[*b].kind,
            BlockKind::Paragraph | BlockKind::Item | BlockKind::Row | BlockKind::Quote | BlockKind::Definition
        )
    };
    doc.blocks.ids().iter().filter(kinds).collect()
}

/// The nearest enclosing block with an id, given the id of each compared block of the document.
fn parent(doc: &Document, block: BlockId, ids: &IndexVec<BlockId, Option<TextBlockId>>) -> Option<TextBlockId> {
    doc.enclosing(doc.blocks[block].parent).find_map(|block| ids[block])
}

/// The text of a block without bold labels and without the text of inner blocks: labels such as “What it is:” are equal in
/// all notes of a type.
pub(super) fn own_text(doc: &Document, index: BlockId) -> String {
    let block = &doc.blocks[index];
    let children = doc.children(index).map(|c| doc.blocks[c].text);
    let labels = doc.labels_of(block).iter().filter(|l| l.block == Some(index)).map(|l| l.text);
    doc.plain_without(block.text, children.chain(labels).collect())
}

/// Whether blocks below a heading are never compared: relations, self-checks, the inbox.
pub(super) fn is_exempt(doc: &Document, heading: HeadingId) -> bool {
    doc.sections_at(heading).any(|s| s.is_links() || matches!(s, Section::SelfCheck | Section::Inbox))
}

/// The first note linked from a note with `canonical: false`. `None` for a canonical note.
pub(super) fn canonical(note: &Note, graph: &Graph, index: NoteId) -> Option<NoteId> {
    if note.head.canonical || !note.is_note() {
        return None;
    }
    graph.links[index].iter().find_map(|r| match r.target {
        Target::Note(target) if target != index => Some(target),
        _ => None,
    })
}

fn hash(text: &str) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}
