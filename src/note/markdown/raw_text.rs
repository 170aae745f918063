//! Raw HTML of the parser's events, with the source offset of each part.
//!
//! HTML and source differ inside lists and quotes, where the parser omits the marks of the container (`> `,
//! indentation) and replaces tabs by spaces: an offset of the HTML is not an offset of the source. Worked example, a
//! quote of two lines:
//!
//! ```text
//! source   "> <b\n> id=x>"          text    "<b\nid=x>"
//! pieces   text 0 = source 2, text 3 = source 7
//! ```

use crate::text::source::Span;
use std::ops::Range;

/// Text that is built from pieces of a source, in the order of the source.
#[derive(Debug, Clone)]
pub(super) struct RawText<'a> {
    source: &'a str,
    /// The text.
    pub text: String,
    /// The start of each piece: offset in the text and in the source, both ascending.
    pieces: Vec<(usize, usize)>,
    /// The end of the last piece in the source.
    end: usize,
}

impl<'a> RawText<'a> {
    /// No text yet.
    pub(super) fn new(source: &'a str) -> RawText<'a> {
        RawText { source, text: String::new(), pieces: Vec::new(), end: 0 }
    }

    /// Appends the text of an event. `range`: the span of the event in the source.
    pub(super) fn push(&mut self, text: &str, range: Range<usize>) {
        self.end = self.end.max(range.end).min(self.source.len());
        if self.source.get(range.start..range.start + text.len()) == Some(text) {
            self.begin_piece(self.text.len(), range.start);
            return self.text.push_str(text);
        }
        // The text of an event in a container: each line is searched separately, in order, without the indentation that
        // the parser may have changed. A line that is not found keeps the offset of the last line found.
        let mut at = range.start;
        for line in text.split_inclusive('\n') {
            let words = line.trim();
            let indent = line.len() - line.trim_start().len();
            let found = self.source.get(at..range.end).and_then(|rest| rest.find(words));
            let start = found.map_or(at, |offset| at + offset);
            self.begin_piece(self.text.len() + indent, start);
            self.text.push_str(line);
            at = found.map_or(at, |_| start + words.len());
        }
    }

    fn begin_piece(&mut self, text: usize, start: usize) {
        // A line that continues the last piece without a gap extends the piece.
        let goes_on = self.pieces.last().is_some_and(|(t, s)| text - t == start.wrapping_sub(*s));
        if !goes_on {
            self.pieces.push((text, start));
        }
    }

    /// The source range of a range of the text, always in bounds and at character boundaries. Exact if the source has
    /// the same words, else accurate to the line.
    pub(super) fn place(&self, range: Range<usize>) -> Range<usize> {
        let start = self.offset(range.start);
        // The end of the last byte, not the start of the next piece: the marks of the container are between the two.
        let end = if range.end > range.start { self.offset(range.end - 1) + 1 } else { start };
        let end = self.source.ceil_char_boundary(end.min(self.end));
        start..end.max(start)
    }

    /// [`RawText::place`] as a span, without white space at its end.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        super::spans::trimmed(self.source, self.place(range))
    }

    fn offset(&self, text: usize) -> usize {
        let next = self.pieces.partition_point(|(start, _)| *start <= text);
        // A piece can be longer than its source (spaces for a tab), but must not reach into the next piece.
        let limit = self.pieces.get(next).map_or(self.end, |(_, source)| *source);
        let at = match next.checked_sub(1).and_then(|piece| self.pieces.get(piece)) {
            Some((start, source)) => source + (text - start),
            None => limit,
        };
        self.source.floor_char_boundary(at.min(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_quote_is_that_of_its_line() {
        let source = "> <b\n> id=é>\n";
        let mut raw = RawText::new(source);
        raw.push("<b\nid=é>\n", 2..source.len());
        assert_eq!(raw.text, "<b\nid=é>\n");
        let id = raw.text.find("id").unwrap_or(0);
        assert_eq!(&source[raw.place(id..id + "id=é".len())], "id=é");
        assert_eq!(&source[raw.place(0..2)], "<b");
    }

    #[test]
    fn what_is_not_in_the_source_stays_within_it() {
        let source = "* \n\té<";
        let mut raw = RawText::new(source);
        raw.push("  <!--\n", 4..6);
        raw.push("      é<!-- long -->", 4..source.len());
        for start in 0..=raw.text.len() {
            for end in start..=raw.text.len() {
                assert!(source.get(raw.place(start..end)).is_some(), "{start}..{end}");
            }
        }
    }
}
