//! Embeds: the part of a note that an embed shows, and the first embed that makes a page too large. Estimates sizes
//! without rendering HTML.

use crate::base::graph::{Graph, Target};
use crate::note::Note;
use crate::note::markdown::{BlockKind, Document, Link, LinkSyntax, RunKind, Slice};
use crate::text::ids::{BlockId, HeadingId, IdRange, IndexVec, LinkId, NoteId};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The maximum nesting of embeds.
pub(crate) const MAX_EMBEDS: usize = 5;
/// The maximum size of the embedded HTML in the page of one note in bytes.
pub(crate) const MAX_EMBEDDED: u64 = 8 << 20;

/// The minimum size of an embed in bytes, including its heading. Limits the number of embeds per page.
const EMBED: u64 = 1024;
/// The size of the markup of a link in bytes.
const LINK: u64 = 200;
/// The approximate maximum number of bytes of HTML per byte of highlighted code and per byte of a formula.
const COLOURED: u64 = 8;
const FORMULA: u64 = 16;

/// For each note whose embeds exceed [`MAX_EMBEDDED`], the first one that does, as a link of that note.
pub(crate) fn first_over(notes: &IndexVec<NoteId, Note>, graph: &Graph) -> BTreeMap<NoteId, LinkId> {
    let mut sizes = Sizes { notes, graph, known: FxHashMap::default() };
    notes.ids().iter().filter_map(|note| sizes.first_over(note).map(|link| (note, link))).collect()
}

struct Sizes<'a> {
    notes: &'a IndexVec<NoteId, Note>,
    graph: &'a Graph,
    /// The known sizes by note, slice of the note, and nesting level.
    known: FxHashMap<(NoteId, u32, u32, usize), u64>,
}

impl<'a> Sizes<'a> {
    fn first_over(&mut self, note: NoteId) -> Option<LinkId> {
        let mut sum = 0u64;
        let everything = Slice { start: 0, end: u32::MAX };
        self.embeds(note, everything).find_map(|(link, target, fragment)| {
            sum = sum.saturating_add(self.size(target, fragment, 1));
            (sum > MAX_EMBEDDED).then_some(link)
        })
    }

    /// The embeds of notes in a slice: link, target, fragment. A text within itself shows nothing.
    fn embeds(&self, note: NoteId, slice: Slice) -> impl Iterator<Item = (LinkId, NoteId, &'a str)> + use<'a> {
        let (graph, notes) = (self.graph, self.notes);
        let doc = &self.notes[note].doc;
        doc.links.iter_enumerated().filter(|(_, link)| link.form == LinkSyntax::Embed).filter_map(move |(i, link)| {
            let resolved = graph.resolved(note, i);
            let at = place(doc, link);
            let Target::Note(target) = resolved.target else { return None };
            let counts = !resolved.broken_anchor && (slice.start..slice.end).contains(&at);
            let holds_itself = || target == note && holds(shown(&notes[note], &resolved.fragment), at);
            (counts && !holds_itself()).then_some((i, target, resolved.fragment.as_str()))
        })
    }

    /// The approximate size of the HTML of an embed at nesting level `level`, which is 1 for a direct embed.
    fn size(&mut self, note: NoteId, fragment: &str, level: usize) -> u64 {
        let slice = shown(&self.notes[note], fragment);
        let key = (note, slice.start, slice.end, level);
        if let Some(&size) = self.known.get(&key) {
            return size;
        }
        let mut size = EMBED + own_size(&self.notes[note].doc, slice);
        for (_, target, fragment) in self.embeds(note, slice).filter(|_| level < MAX_EMBEDS) {
            size = size.saturating_add(self.size(target, fragment, level + 1));
        }
        self.known.insert(key, size);
        size
    }
}

/// The approximate size of the HTML of a slice without its embeds.
fn own_size(doc: &Document, slice: Slice) -> u64 {
    // The footnotes of a section may be anywhere in the note, so the whole note is counted.
    let slice = if doc.footnotes.is_empty() { slice } else { Slice { start: 0, end: doc.html_end } };
    let place = |offset: u32| doc.blocks.partition_point(|block| block.html.start < offset);
    let blocks = IdRange { start: place(slice.start), end: place(slice.end) };
    let within = |block: BlockId| blocks.contains(block);
    let code = doc.code.iter().filter(|code| within(code.block)).map(|code| code.text.len() as u64 * COLOURED);
    let links =
        doc.links.iter().filter(|link| link.block.is_some_and(within)).map(|link| LINK + link.dest.len() as u64);
    let shown = &doc.blocks[blocks];
    let text = shown.first().map_or(0, |b| b.text.start)..shown.iter().map(|b| b.text.end).max().unwrap_or(0);
    let runs = doc.runs.iter().filter(|run| run.kind == RunKind::Code && text.contains(&run.text));
    let formulas = runs.map(|run| FORMULA * (4 + u64::from(run.length)));
    slice.range().len() as u64 + code.chain(links).chain(formulas).sum::<u64>()
}

/// The offset of an embed in the HTML of its note.
pub(crate) fn place(doc: &Document, link: &Link) -> u32 {
    link.block.map_or(0, |block| doc.blocks[block].html.start)
}

/// Whether a text contains the offset `at` of an embed in the same note. An embed of a text that contains the embed never ends.
pub(crate) fn holds(text: Slice, at: u32) -> bool {
    (text.start..text.end).contains(&at)
}

/// What an embed shows: a section from its heading on, a block, or the whole note.
pub(crate) fn shown(note: &Note, fragment: &str) -> Slice {
    let doc = &note.doc;
    if let Some(block) = fragment.strip_prefix('^').and_then(|id| doc.block(id)).map(|block| &doc.blocks[block]) {
        // The element of an item or a row is nothing outside of its list or table.
        return match block.kind {
            BlockKind::Item | BlockKind::Row | BlockKind::Definition => block.inner,
            _ => block.html,
        };
    }
    let whole_end = doc.section_html(last_top(doc).or(doc.headings.last_id())).end;
    let Some(index) = doc.headings.position(|h| !fragment.is_empty() && &*h.anchor == fragment) else {
        return Slice { start: 0, end: whole_end };
    };
    let last = doc.subheadings(index).last().unwrap_or(index);
    Slice { start: doc.headings[index].html.start, end: doc.section_html(last).end }
}

fn last_top(doc: &Document) -> Option<HeadingId> {
    doc.headings.iter_enumerated().rfind(|(_, h)| h.top).map(|(id, _)| id)
}
