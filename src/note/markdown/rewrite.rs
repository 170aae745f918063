//! An edited copy of the source, with the source offset of each byte.
//!
//! Constructs that the parser would misread are rewritten before parsing: comments are removed, the dollar signs of
//! prices get a backslash. The document is built from the rewritten text, then all offsets are mapped to the source.
//! Worked example:
//!
//! ```text
//! source   "a %%b%% c $5"      edits  remove 2..8, insert `\` at 10
//! text     "a c \$5"           pieces text 0 = source 0 (2 bytes), text 2 = source 8 (2), text 5 = source 10 (2)
//! ```

use super::{Document, Run, Slice};
use crate::text::source::Span;
use std::ops::Range;

/// A change of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// The removed range.
    pub range: Range<usize>,
    /// The inserted text.
    pub text: String,
}

/// A piece of the text that is equal to a piece of the source.
#[derive(Debug, Clone, Copy)]
struct Piece {
    text: usize,
    origin: usize,
    length: usize,
}

/// A rewritten text.
#[derive(Debug)]
pub(super) struct Rewritten {
    pub text: String,
    pieces: Vec<Piece>,
}

impl Rewritten {
    /// Applies the edits, which must be ascending and disjoint.
    pub(super) fn new(source: &str, edits: &[Edit]) -> Rewritten {
        let mut new = Rewritten { text: String::with_capacity(source.len() + 64), pieces: Vec::new() };
        let mut at = 0;
        for edit in edits {
            new.copy(source, at..edit.range.start);
            new.text.push_str(&edit.text);
            at = edit.range.end;
        }
        new.copy(source, at..source.len());
        new
    }

    fn copy(&mut self, source: &str, range: Range<usize>) {
        if !range.is_empty() {
            self.pieces.push(Piece { text: self.text.len(), origin: range.start, length: range.len() });
            self.text.push_str(&source[range]);
        }
    }

    /// The source offset of a byte of the text. For inserted text, the source offset after the insertion.
    fn source(&self, offset: usize) -> usize {
        let next = self.pieces.partition_point(|piece| piece.text <= offset);
        let piece = next.checked_sub(1).and_then(|piece| self.pieces.get(piece));
        match piece {
            Some(piece) if offset < piece.text + piece.length => piece.origin + (offset - piece.text),
            _ => match (self.pieces.get(next), self.pieces.last()) {
                (Some(behind), _) => behind.origin,
                (None, Some(last)) => last.origin + last.length,
                (None, None) => 0,
            },
        }
    }

    /// The source range of a range of the text.
    pub(super) fn range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.source(range.start);
        let end = match range.is_empty() {
            true => start,
            false => self.source(range.end - 1) + 1,
        };
        start..end.max(start)
    }

    fn span(&self, span: &mut Span) {
        *span = Span::from(self.range(span.range()));
    }

    /// Maps all spans and runs of a document from the text to the source.
    pub(super) fn move_to_source(&self, doc: &mut Document) {
        let references = &mut doc.references;
        let spans = doc.headings.iter_mut().map(|heading| &mut heading.span);
        let spans = spans.chain(doc.links.iter_mut().flat_map(|link| [&mut link.span, &mut link.dest_span]));
        let spans = spans.chain(doc.blocks.iter_mut().map(|block| &mut block.span));
        let spans = spans.chain(doc.footnotes.iter_mut().map(|footnote| &mut footnote.span));
        let spans = spans.chain(doc.todos.iter_mut().map(|todo| &mut todo.span));
        let spans = spans.chain(doc.formulas.iter_mut().map(|formula| &mut formula.span));
        let spans = spans.chain(doc.suppressions.iter_mut().map(|suppression| &mut suppression.span));
        let spans = spans.chain(doc.raw_html.iter_mut()).chain(&mut doc.too_deep);
        let spans = spans.chain(doc.comments.iter_mut()).chain(&mut doc.unclosed_comment);
        let spans = spans.chain(doc.split_wikilinks.iter_mut()).chain(doc.ragged_rows.iter_mut());
        let spans = spans.chain(&mut doc.unclosed_fence);
        let lists = [&mut references.undefined, &mut references.unused, &mut references.repeated];
        let spans = spans.chain(lists.into_iter().flatten().map(|(_, span)| span));
        spans.for_each(|span| self.span(span));
        doc.runs = std::mem::take(&mut doc.runs).into_iter().flat_map(|run| self.runs(run)).collect();
    }

    /// Maps a run to the source. An exact run is split at each edit.
    fn runs(&self, run: Run) -> Vec<Run> {
        let start = run.source as usize;
        if !run.exact {
            return vec![Run { source: self.source(start) as u32, ..run }];
        }
        let covered = Slice { start: run.source, end: run.source + run.length };
        let first = self.pieces.partition_point(|piece| piece.text + piece.length <= start);
        let pieces = self.pieces[first..].iter().take_while(|piece| piece.text < covered.range().end);
        pieces
            .map(|piece| {
                let from = piece.text.max(start);
                let to = (piece.text + piece.length).min(covered.range().end);
                let text = run.text + (from - start) as u32;
                let source = (piece.origin + (from - piece.text)) as u32;
                Run { text, source, length: (to - from) as u32, ..run }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_the_text_are_places_of_the_source() {
        let source = "a %%b%% c $5";
        let insert = Edit { range: 10..10, text: "\\".into() };
        let new = Rewritten::new(source, &[Edit { range: 2..8, text: String::new() }, insert]);
        assert_eq!(new.text, "a c \\$5");
        assert_eq!(&source[new.range(2..3)], "c");
        assert_eq!(&source[new.range(4..7)], "$5");
        assert_eq!(&source[new.range(0..3)], "a %%b%% c", "a range over an edit has both sides of it");
        assert_eq!(new.range(7..7), 12..12);
    }

    #[test]
    fn a_run_is_divided_where_something_was_taken_out() {
        let new = Rewritten::new("ab%%x%%cd", &[Edit { range: 2..7, text: String::new() }]);
        let run = Run { text: 0, source: 0, length: 4, kind: super::super::RunKind::Prose, exact: true };
        let runs: Vec<(u32, u32, u32)> = new.runs(run).iter().map(|run| (run.text, run.source, run.length)).collect();
        assert_eq!(runs, [(0, 0, 2), (2, 7, 2)]);
    }
}
