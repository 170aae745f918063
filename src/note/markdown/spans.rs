//! Spans of the source.

use crate::text::source::Span;
use std::ops::Range;

/// The range without white space at its end.
pub(super) fn trimmed(source: &str, range: Range<usize>) -> Span {
    let text = source[range.clone()].trim_end();
    Span::new(range.start, range.start + text.len())
}
