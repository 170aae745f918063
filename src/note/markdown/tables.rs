//! Tables: alignment of columns, rows with too many cells, and wikilinks that a table splits.

use crate::text::html_tags::{Syntax, Token, tokens};
use crate::text::source::Span;
use pulldown_cmark::Alignment;
use std::ops::Range;

/// The columns of the open table and the position of the next cell.
#[derive(Debug, Default)]
pub(super) struct Columns {
    alignments: Vec<Alignment>,
    in_head: bool,
    next: usize,
}

impl Columns {
    pub(super) fn of(alignments: &[Alignment]) -> Columns {
        Columns { alignments: alignments.to_vec(), ..Columns::default() }
    }

    pub(super) fn begin_row(&mut self, in_head: bool) {
        (self.in_head, self.next) = (in_head, 0);
    }

    /// The span of a row with text in more cells than the table has columns. GFM requires the parser to drop the
    /// excess.
    pub(super) fn ragged_row(&self, source: &str, range: Range<usize>) -> Option<Span> {
        let row = source[range.clone()].trim();
        let columns = self.alignments.len();
        let (bars, begins, ends) =
            (memchr::memchr_iter(b'|', row.as_bytes()).count(), row.starts_with('|'), row.ends_with('|'));
        // Counting bars is enough for most rows. Only rows with excess bars are split, because some bars can be
        // escaped.
        if bars + 1 - usize::from(begins) - usize::from(ends && bars > 1) <= columns {
            return None;
        }
        let inner = row.strip_prefix('|').unwrap_or(row);
        let mut excess = cells(inner).skip(columns);
        excess.any(|cell| !cell.trim().is_empty()).then(|| super::spans::trimmed(source, range))
    }

    /// The HTML comments in the excess cells of a ragged row. The parser drops these cells without an event.
    pub(super) fn excess_comments(&self, source: &str, row: Span) -> Vec<Span> {
        let text = &source[row.range()];
        let inner = text.strip_prefix('|').unwrap_or(text);
        let kept: usize = cells(inner).take(self.alignments.len()).map(|cell| cell.len() + 1).sum();
        let start = text.len() - inner.len() + kept;
        let tokens = tokens(text.get(start..).unwrap_or_default(), Syntax::Fragment);
        let is_comment = |part: &Range<usize>| text[start + part.start..].starts_with("<!--");
        let comments = tokens.filter_map(|token| match token {
            Token::Comment(part) if is_comment(&part) => Some(part),
            _ => None,
        });
        let at = row.start as usize + start;
        comments.map(|part| Span::new(at + part.start, at + part.end)).collect()
    }

    /// Whether the next cell is in the head of the table, and its alignment.
    pub(super) fn next(&mut self) -> (bool, Alignment) {
        let alignment = self.alignments.get(self.next).copied().unwrap_or(Alignment::None);
        self.next += 1;
        (self.in_head, alignment)
    }
}

/// The cells of a row whose first bar is removed. A bar after a backslash or inside a wikilink does not end a cell.
fn cells(row: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(row);
    std::iter::from_fn(move || {
        let row = rest?;
        let mut in_wikilink = false;
        let end = row.char_indices().find(|(at, c)| {
            match row[*at..].get(..2) {
                Some("[[") => in_wikilink = row[*at..].contains("]]"),
                Some("]]") => in_wikilink = false,
                _ => {}
            }
            *c == '|' && !in_wikilink && !row[..*at].ends_with('\\')
        });
        rest = end.map(|(at, _)| &row[at + 1..]);
        Some(end.map_or(row, |(at, _)| &row[..at]))
    })
}

/// The class of a cell with the alignment, as an attribute after a space.
pub(super) fn class(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::Left => " class=\"left\"",
        Alignment::Center => " class=\"center\"",
        Alignment::Right => " class=\"right\"",
        Alignment::None => "",
    }
}

/// The wikilinks of a row with an unescaped `|`, which ends the cell.
pub(super) fn split_wikilinks(source: &str, row: Range<usize>) -> Vec<Span> {
    let text = &source[row.clone()];
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("[[").map(|offset| at + offset) {
        let Some(close) = text[open..].find("]]").map(|offset| open + offset + 2) else { break };
        let in_code = text[..open].matches('`').count() % 2 == 1;
        let inner = &text[open..close];
        let mut bars = inner.match_indices('|').map(|(bar, _)| bar);
        let again = inner[2..].contains("[[");
        if !in_code && !again && bars.any(|bar| !inner[..bar].ends_with('\\')) {
            found.push(Span::new(row.start + open, row.start + close));
        }
        at = if again { open + 2 } else { close };
    }
    found
}
