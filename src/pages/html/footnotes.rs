//! The lists of footnotes below a note and below each embed. Knows the references, but not the position of the list on
//! the page.

use super::{Place, TOP, Writer};
use crate::note::markdown::{Document, FootnoteId, Slice, Slot};
use crate::text::html_escape::escaped;
use crate::text::ids::{BlockId, NoteId};
use rustc_hash::{FxHashMap, FxHashSet};

impl Writer<'_> {
    /// The list of footnotes of a note, ordered by number. Empty if there are none. A footnote links back to its
    /// reference if that is in one of the slices `shown`.
    pub(crate) fn footnotes(&self, note: NoteId, shown: &[Slice]) -> String {
        let doc = &self.site.note(note).doc;
        let notes: Vec<Slice> = footnotes_in(doc).map(|(_, block)| doc.blocks[block].inner).collect();
        let references = self.references(note, &[shown, &notes].concat());
        self.footnote_list(note, footnotes_in(doc).map(|(index, _)| index).collect(), &references, TOP)
    }

    /// The footnotes that a slice of an embedded note refers to, directly or through further footnotes.
    pub(super) fn footnotes_of_embed(&self, note: NoteId, slice: Slice, place: Place) -> String {
        let doc = &self.site.note(note).doc;
        let mut references = self.references(note, &[slice]);
        let mut used: Vec<FootnoteId> = Vec::new();
        let mut seen = FxHashSet::default();
        let mut next = 0;
        while let Some(&(index, _)) = references.get(next) {
            next += 1;
            if let Some(block) = doc.footnotes[index].block
                && seen.insert(index)
            {
                used.push(index);
                references.extend(self.references(note, &[doc.blocks[block].inner]));
            }
        }
        self.footnote_list(note, used, &references, place)
    }

    fn footnote_list(
        &self,
        note: NoteId,
        mut used: Vec<FootnoteId>,
        references: &[(FootnoteId, u32)],
        place: Place,
    ) -> String {
        if used.is_empty() {
            return String::new();
        }
        let doc = &self.site.note(note).doc;
        used.sort_by_key(|&index| doc.footnotes[index].number);
        // In reverse, so the first reference overwrites the later ones.
        let back: FxHashMap<FootnoteId, u32> = references.iter().rev().copied().collect();
        let mut out =
            format!("<section class=\"footnotes\" aria-label=\"{}\">\n<ol>\n", escaped(self.text("footnotes")));
        for index in used {
            let footnote = &doc.footnotes[index];
            let (prefix, n) = (place.prefix, footnote.number);
            out.push_str(&format!("<li id=\"{prefix}fn-{n}\" value=\"{n}\">"));
            if let Some(block) = footnote.block {
                self.render_slice(note, doc.blocks[block].inner, place, &mut out);
            }
            if let Some(&count) = back.get(&index) {
                let (back, suffix) = (escaped(self.text("footnote_back")), repeat_suffix(count));
                out.push_str(&format!(
                    " <a class=\"footnote-back\" href=\"#{prefix}fnref-{n}{suffix}\" aria-label=\"{back} {n}\">↩</a>"
                ));
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ol>\n</section>\n");
        out
    }

    /// The references to footnotes in these slices: the footnote and the number of the reference. References inside
    /// footnotes are omitted.
    fn references(&self, note: NoteId, slices: &[Slice]) -> Vec<(FootnoteId, u32)> {
        let slots = &self.bodies[note].slots;
        let doc = &self.site.note(note).doc;
        let mut found = Vec::new();
        for slice in slices {
            let first = slots.partition_point(|(offset, _)| *offset < slice.start);
            // `at` skips the text of footnotes inside the slice.
            let mut at = slice.start;
            for &(offset, slot) in slots[first..].iter().take_while(|(offset, _)| *offset < slice.end) {
                match slot {
                    Slot::Footnote(block) if offset >= at => at = doc.blocks[block].html.end,
                    Slot::FootnoteReference(index, count) if offset >= at => found.push((index, count)),
                    _ => {}
                }
            }
        }
        found
    }
}

/// The index and the block of each footnote that has a text and a reference.
fn footnotes_in(doc: &Document) -> impl Iterator<Item = (FootnoteId, BlockId)> + '_ {
    let used = doc.footnotes.iter_enumerated().filter(|(_, f)| f.number > 0);
    used.filter_map(|(id, footnote)| Some((id, footnote.block?)))
}

/// The suffix of the ids of repeated references to a footnote: empty for the first, else `-2`, `-3` …
pub(super) fn repeat_suffix(count: u32) -> String {
    if count > 1 { format!("-{count}") } else { String::new() }
}
