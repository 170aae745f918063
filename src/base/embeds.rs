//! What embeds bring into pages: which part of a note each shows, and from which on a page would grow too large. Writes
//! no HTML; it judges by what is known of the notes.

use crate::base::graph::{Graph, Target};
use crate::base::index::NoteIndex;
use crate::note::Note;
use crate::note::markdown::{Document, LinkSyntax, NONE, RunKind, Slice};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Deepest nesting of embeds.
pub(crate) const MAX_EMBEDS: usize = 5;
/// Most HTML that the embeds of one note may bring into its page, in bytes.
pub(crate) const MAX_EMBEDDED: u64 = 8 << 20;

/// What any embed takes at least, its heading included. It bounds how many of them a page shows.
const EMBED: u64 = 1024;
/// What a link takes beside its text.
const LINK: u64 = 200;
/// How many bytes of HTML a byte of coloured code or of a formula becomes, at most, by and large.
const COLOURED: u64 = 8;
const FORMULA: u64 = 16;

/// The first embed of each note with which its page would take in more than [`MAX_EMBEDDED`], as an index of its links.
pub(crate) fn first_over(notes: &[Note], graph: &Graph) -> BTreeMap<NoteIndex, u32> {
    let mut sizes = Sizes { notes, graph, known: FxHashMap::default() };
    let all = 0..notes.len() as NoteIndex;
    all.filter_map(|note| sizes.first_over(note).map(|link| (note, link))).collect()
}

struct Sizes<'a> {
    notes: &'a [Note],
    graph: &'a Graph,
    /// By note, slice of it, and how many embeds are around it.
    known: FxHashMap<(NoteIndex, u32, u32, usize), u64>,
}

impl<'a> Sizes<'a> {
    fn first_over(&mut self, note: NoteIndex) -> Option<u32> {
        let mut sum = 0u64;
        let everything = Slice { start: 0, end: NONE };
        self.embeds(note, everything).find_map(|(link, target, fragment)| {
            sum = sum.saturating_add(self.size(target, fragment, 1));
            (sum > MAX_EMBEDDED).then_some(link)
        })
    }

    /// The embeds of notes in a slice: link, target, fragment. A note in itself shows nothing.
    fn embeds(&self, note: NoteIndex, slice: Slice) -> impl Iterator<Item = (u32, NoteIndex, &'a str)> + use<'a> {
        let graph = self.graph;
        let doc = &self.notes[note as usize].doc;
        doc.links.iter().enumerate().filter(|(_, link)| link.form == LinkSyntax::Embed).filter_map(move |(i, link)| {
            let resolved = graph.resolved(note, i as u32);
            let at = doc.blocks.get(link.block as usize).map_or(0, |block| block.html.start);
            let Target::Note(target) = resolved.target else { return None };
            let counts = target != note && !resolved.broken_anchor && (slice.start..slice.end).contains(&at);
            counts.then_some((i as u32, target, resolved.fragment.as_str()))
        })
    }

    /// About how much HTML an embed becomes that stands below `level - 1` others.
    fn size(&mut self, note: NoteIndex, fragment: &str, level: usize) -> u64 {
        let slice = shown(&self.notes[note as usize], fragment);
        let key = (note, slice.start, slice.end, level);
        if let Some(&size) = self.known.get(&key) {
            return size;
        }
        let mut size = EMBED + own_size(&self.notes[note as usize].doc, slice);
        for (_, target, fragment) in self.embeds(note, slice).filter(|_| level < MAX_EMBEDS) {
            size = size.saturating_add(self.size(target, fragment, level + 1));
        }
        self.known.insert(key, size);
        size
    }
}

/// About how much HTML a slice of a note becomes, without what it embeds.
fn own_size(doc: &Document, slice: Slice) -> u64 {
    // The footnotes of a section may stand anywhere.
    let slice = if doc.footnotes.is_empty() { slice } else { Slice { start: 0, end: doc.html_end } };
    let place = |offset: u32| doc.blocks.partition_point(|block| block.html.start < offset);
    let blocks = place(slice.start)..place(slice.end);
    let within = |block: u32| blocks.contains(&(block as usize));
    let code = doc.code.iter().filter(|code| within(code.block)).map(|code| code.text.len() as u64 * COLOURED);
    let links = doc.links.iter().filter(|link| within(link.block)).map(|link| LINK + link.dest.len() as u64);
    let shown = &doc.blocks[blocks.clone()];
    let text = shown.first().map_or(0, |b| b.text.start)..shown.iter().map(|b| b.text.end).max().unwrap_or(0);
    let runs = doc.runs.iter().filter(|run| run.kind == RunKind::Code && text.contains(&run.text));
    let formulas = runs.map(|run| FORMULA * (4 + u64::from(run.length)));
    slice.range().len() as u64 + code.chain(links).chain(formulas).sum::<u64>()
}

/// What an embed shows: a section from its heading on, or the whole note.
pub(crate) fn shown(note: &Note, fragment: &str) -> Slice {
    let doc = &note.doc;
    let end_of_all = doc.headings.last().map_or(NONE, |_| doc.headings.len() as u32 - 1);
    let whole_end = doc.section_html(last_top(doc).unwrap_or(end_of_all)).end;
    let Some(index) = doc.headings.iter().position(|h| !fragment.is_empty() && &*h.anchor == fragment) else {
        return Slice { start: 0, end: whole_end };
    };
    let last = doc.subheadings(index as u32).last().unwrap_or(index as u32);
    Slice { start: doc.headings[index].html.start, end: doc.section_html(last).end }
}

fn last_top(doc: &Document) -> Option<u32> {
    doc.headings.iter().rposition(|h| h.top).map(|i| i as u32)
}
