//! The notes' texts as they are compared for duplication, and where a compared block stands. Knows what of a note counts;
//! how alike two texts are is `similar`'s to say.

pub(crate) mod engine;

use crate::base::duplicates::engine::{
    Block, Code, CodeId, Duplicates, NoteFingerprint, NoteText, TextBlockId, duplicates, word_count,
};
use crate::base::graph::{Graph, Target};
use crate::base::index::NoteIndex;
use crate::config::schema::{Section, fold_heading};
use crate::note::Note;
use crate::note::markdown::{BlockKind, Document, NONE};
use crate::note::sections::is_not_applicable;
use crate::text::ids::{Id, NoteId};
use crate::text::source::Span;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is kept of notes for the comparison from one site to the next: a note that reads as it did is not taken apart again.
/// Keeps nothing by default; copies keep together.
#[derive(Debug, Clone, Default)]
pub(crate) struct FingerprintCache(Option<Arc<Mutex<Kept>>>);

/// Notes by their reading, which stays theirs as long as they are here, and their prints.
type Kept = FxHashMap<usize, (Note, NoteFingerprint)>;

impl FingerprintCache {
    /// Keeps what it is given.
    pub(crate) fn kept() -> FingerprintCache {
        FingerprintCache(Some(Arc::default()))
    }

    /// What was kept until now, for what is kept from now on. A panic elsewhere leaves it whole.
    fn exchange(&self, new: Kept) -> Kept {
        let Some(kept) = &self.0 else { return Kept::default() };
        std::mem::replace(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner), new)
    }

    /// The prints of these notes, without what they name as canonical. Nobody waits: who finds none makes them.
    fn of(&self, notes: &[Note]) -> Vec<NoteFingerprint> {
        let before = self.exchange(Kept::default());
        let known = |note: &Note| before.get(&note.reading()).map(|(_, print)| print.clone());
        let prints: Vec<NoteFingerprint> =
            notes.par_iter().map(|note| known(note).unwrap_or_else(|| print(note))).collect();
        if self.0.is_some() {
            let entry = |(note, print): (&Note, &NoteFingerprint)| (note.reading(), (note.clone(), print.clone()));
            self.exchange(notes.iter().zip(&prints).map(entry).collect());
        }
        prints
    }
}

/// Everything that stands twice among the notes; what stands in `templates` is a form wherever a note has it.
pub(crate) fn repeated(notes: &[Note], graph: &Graph, templates: &[Note], prints: &FingerprintCache) -> Duplicates {
    let mut prints = prints.of(notes);
    for (i, (note, print)) in (0..).zip(notes.iter().zip(&mut prints)) {
        print.canonical = canonical(note, graph, i);
    }
    let forms: Vec<String> = templates
        .iter()
        .flat_map(|note| compared_blocks(&note.doc).into_iter().map(|b| whole_text(&note.doc, b)))
        .collect();
    duplicates(&prints, &forms.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The words of a block in the order in which they are compared: its own, then those of the blocks inside it.
fn whole_text(doc: &Document, block: usize) -> String {
    let within =
        compared_blocks(doc).into_iter().filter(|b| (block..doc.blocks[block].descendants_end as usize).contains(b));
    within.map(|b| own_text(doc, b)).collect::<Vec<_>>().join(" ")
}

/// What is kept of one note for the comparison, whatever it names as canonical.
fn print(note: &Note) -> NoteFingerprint {
    let doc = &note.doc;
    if !note.is_note() {
        return NoteFingerprint::of(&NoteText::default());
    }
    let compared = compared_blocks(doc);
    let texts: Vec<String> = compared.iter().map(|&b| own_text(doc, b)).collect();
    let mut place = vec![NONE; doc.blocks.len()];
    for (at, &b) in compared.iter().enumerate() {
        place[b] = at as u32;
    }
    let headings: Vec<u64> = doc.headings.iter().map(|h| hash(&fold_heading(&h.text))).collect();
    let exempt: Vec<bool> = (0..doc.headings.len() as u32).map(|h| is_exempt(doc, h)).collect();
    let mut links = vec![0; doc.blocks.len()];
    for link in doc.links.iter().filter(|l| l.block != NONE && !l.plain.is_empty()) {
        links[link.block as usize] += word_count(&link.text);
    }
    let block = |(at, &b): (usize, &usize)| {
        let heading = doc.blocks[b].heading;
        Block {
            text: &texts[at],
            parent: parent(doc, b, &place).map(|p| TextBlockId::new(p as usize)),
            heading: headings.get(heading as usize).copied().unwrap_or(0),
            link_words: links[b],
            exempt: exempt.get(heading as usize).copied().unwrap_or(false) || is_not_applicable(&texts[at]),
        }
    };
    NoteFingerprint::of(&NoteText {
        comparable: true,
        canonical: None,
        blocks: compared.iter().enumerate().map(block).collect(),
        code: doc.code.iter().map(|c| Code { text: &c.text }).collect(),
    })
}

/// The span of a compared block, by its place among them.
pub(crate) fn block_span(note: &Note, place: TextBlockId) -> Span {
    compared_blocks(&note.doc).get(place.index()).map_or(Span::default(), |&b| note.doc.blocks[b].span)
}

/// The heading that a compared block stands under.
pub(crate) fn block_heading(note: &Note, place: TextBlockId) -> Option<&crate::note::markdown::Heading> {
    let block = *compared_blocks(&note.doc).get(place.index())?;
    note.doc.headings.get(note.doc.blocks[block].heading as usize)
}

/// The words of a compared block, those of the blocks inside it too.
pub(crate) fn block_text(note: &Note, place: TextBlockId) -> String {
    let block = compared_blocks(&note.doc).get(place.index()).copied();
    block.map_or(String::new(), |b| {
        note.doc.plain(note.doc.blocks[b].text).split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

/// The span of a code block, by its place in the note.
pub(crate) fn code_span(note: &Note, place: CodeId) -> Span {
    note.doc.code.get(place.index()).map_or(Span::default(), |c| note.doc.blocks[c.block as usize].span)
}

fn compared_blocks(doc: &Document) -> Vec<usize> {
    let kinds = |b: &usize| {
        matches!(
            doc.blocks[*b].kind,
            BlockKind::Paragraph | BlockKind::Item | BlockKind::Row | BlockKind::Quote | BlockKind::Definition
        )
    };
    (0..doc.blocks.len()).filter(kinds).collect()
}

/// The nearest enclosing block that is compared.
fn parent(doc: &Document, block: usize, place: &[u32]) -> Option<u32> {
    let mut at = doc.blocks[block].parent;
    while at != NONE {
        if place[at as usize] != NONE {
            return Some(place[at as usize]);
        }
        at = doc.blocks[at as usize].parent;
    }
    None
}

/// A block's text without its bold labels and without the blocks inside it.
fn own_text(doc: &Document, index: usize) -> String {
    let block = &doc.blocks[index];
    let children = doc.children(index).map(|c| doc.blocks[c].text);
    let labels = doc.labels_of(block).iter().filter(|l| l.block as usize == index).map(|l| l.text);
    doc.plain_without(block.text, children.chain(labels).collect())
}

/// Whether what stands under a heading is never compared: relations, self-checks, the inbox.
fn is_exempt(doc: &Document, heading: u32) -> bool {
    doc.sections_at(heading).any(|s| s.is_links() || matches!(s, Section::SelfCheck | Section::Inbox))
}

/// The note that a non-canonical one points at.
fn canonical(note: &Note, graph: &Graph, index: NoteIndex) -> Option<NoteId> {
    if note.head.canonical || !note.is_note() {
        return None;
    }
    graph.links[index as usize].iter().find_map(|r| match r.target {
        Target::Note(target) if target != index => Some(NoteId::new(target as usize)),
        _ => None,
    })
}

fn hash(text: &str) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}
