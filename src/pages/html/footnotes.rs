//! The lists of footnotes below a note and below each embed. Knows the references, but not the position of the list on
//! the page.

use super::{Place, TOP, Writer};
use crate::base::index::NoteIndex;
use crate::note::markdown::{Document, NONE, Slice, Slot};
use crate::text::html_escape::escaped;
use rustc_hash::{FxHashMap, FxHashSet};

impl Writer<'_> {
    /// The list of footnotes of a note, ordered by number. Empty if there are none. A footnote links back to its
    /// reference if that is in one of the slices `shown`.
    pub(crate) fn footnotes(&self, note: NoteIndex, shown: &[Slice]) -> String {
        let doc = &self.site.note(note).doc;
        let notes: Vec<Slice> = footnotes_in(doc).map(|(_, block)| doc.blocks[block as usize].inner).collect();
        let references = self.references(note, &[shown, &notes].concat());
        self.footnote_list(note, footnotes_in(doc).map(|(index, _)| index).collect(), &references, TOP)
    }

    /// The footnotes that a slice of an embedded note refers to, directly or through further footnotes.
    pub(super) fn footnotes_of_embed(&self, note: NoteIndex, slice: Slice, place: Place) -> String {
        let doc = &self.site.note(note).doc;
        let mut references = self.references(note, &[slice]);
        let mut used: Vec<u32> = Vec::new();
        let mut seen = FxHashSet::default();
        let mut next = 0;
        while let Some(&(index, _)) = references.get(next) {
            next += 1;
            let block = doc.footnotes[index as usize].block;
            if block != NONE && seen.insert(index) {
                used.push(index);
                references.extend(self.references(note, &[doc.blocks[block as usize].inner]));
            }
        }
        self.footnote_list(note, used, &references, place)
    }

    fn footnote_list(&self, note: NoteIndex, mut used: Vec<u32>, references: &[(u32, u32)], place: Place) -> String {
        if used.is_empty() {
            return String::new();
        }
        let doc = &self.site.note(note).doc;
        used.sort_by_key(|&index| doc.footnotes[index as usize].number);
        // In reverse, so the first reference overwrites the later ones.
        let back: FxHashMap<u32, u32> = references.iter().rev().copied().collect();
        let mut out =
            format!("<section class=\"footnotes\" aria-label=\"{}\">\n<ol>\n", escaped(self.text("footnotes")));
        for index in used {
            let footnote = &doc.footnotes[index as usize];
            let (prefix, n) = (place.prefix, footnote.number);
            out.push_str(&format!("<li id=\"{prefix}fn-{n}\" value=\"{n}\">"));
            self.render_slice(note, doc.blocks[footnote.block as usize].inner, place, &mut out);
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
    fn references(&self, note: NoteIndex, slices: &[Slice]) -> Vec<(u32, u32)> {
        let slots = &self.bodies[note as usize].slots;
        let doc = &self.site.note(note).doc;
        let mut found = Vec::new();
        for slice in slices {
            let first = slots.partition_point(|(offset, _)| *offset < slice.start);
            let mut at = slice.start;
            for &(offset, slot) in slots[first..].iter().take_while(|(offset, _)| *offset < slice.end) {
                match slot {
                    Slot::Footnote(block) if offset >= at => at = doc.blocks[block as usize].html.end,
                    Slot::FootnoteReference(index, count) if offset >= at => found.push((index, count)),
                    _ => {}
                }
            }
        }
        found
    }
}

/// The index and the block of each footnote that has a text and a reference.
fn footnotes_in(doc: &Document) -> impl Iterator<Item = (u32, u32)> + '_ {
    let used = doc.footnotes.iter().enumerate().filter(|(_, f)| f.number > 0 && f.block != NONE);
    used.map(|(index, footnote)| (index as u32, footnote.block))
}

/// The suffix of the ids of repeated references to a footnote: empty for the first, else `-2`, `-3` …
pub(super) fn repeat_suffix(count: u32) -> String {
    if count > 1 { format!("-{count}") } else { String::new() }
}
