//! The end of a note's plain text. Knows offsets, not what stands there.

use super::{Document, Slice};

impl Document {
    /// Takes white space from the end of the plain text. A block without words at the end begins where the text ends.
    pub(super) fn trim_text(&mut self) {
        self.text.truncate(self.text.trim_end().len());
        let end = self.text.len() as u32;
        let clamp = |slice: &mut Slice| *slice = Slice { start: slice.start.min(end), end: slice.end.min(end) };
        self.blocks.iter_mut().for_each(|block| clamp(&mut block.text));
        self.headings.iter_mut().for_each(|heading| clamp(&mut heading.plain));
        self.links.iter_mut().for_each(|link| clamp(&mut link.plain));
        self.labels.iter_mut().for_each(|label| clamp(&mut label.text));
    }
}
