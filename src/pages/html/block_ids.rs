//! Ids of blocks whose element has another id or is not written from the note's own markup: headings and code.

use super::*;
use crate::note::markdown::Heading;

impl Writer<'_> {
    /// The words of a heading as they are shown in it.
    pub(crate) fn heading(&self, note: NoteId, heading: &Heading) -> String {
        let mut out = String::new();
        block_anchor(&self.site.note(note).doc, heading.block, TOP, &mut out);
        self.render_slice(note, heading.inner, TOP, &mut out);
        out
    }
}

/// An element with the `^id` of a block whose own element has another id, or is written elsewhere.
pub(super) fn block_anchor(doc: &Document, block: BlockId, place: Place, out: &mut String) {
    if let Some(anchor) = doc.block_ids.iter().find(|anchor| anchor.block == block) {
        out.push_str(&format!("<span id=\"{}^{}\"></span>", place.prefix, escaped(&anchor.id)));
    }
}
