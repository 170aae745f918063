//! Tables while they are read.

use super::builder::{Builder, trimmed};
use super::*;

impl Builder<'_> {
    pub(super) fn start_table(&mut self, columns: &[pulldown_cmark::Alignment], range: Range<usize>) {
        use pulldown_cmark::Alignment;
        self.open_block(BlockKind::Table, range);
        self.table.0 = columns
            .iter()
            .map(|alignment| match alignment {
                Alignment::Left => " class=\"left\"",
                Alignment::Center => " class=\"center\"",
                Alignment::Right => " class=\"right\"",
                Alignment::None => "",
            })
            .collect();
        self.slot(Slot::TableOpen);
        self.html("<table>");
        self.begin_inner();
    }

    /// Notes a row with words in more cells than the table has columns: the parser drops them.
    pub(super) fn note_ragged_row(&mut self, range: Range<usize>) {
        let row = self.source[range.clone()].trim();
        let columns = self.table.0.len();
        let (bars, begins, ends) =
            (memchr::memchr_iter(b'|', row.as_bytes()).count(), row.starts_with('|'), row.ends_with('|'));
        // The usual row is settled by the number of its bars.
        if bars + 1 - usize::from(begins) - usize::from(ends && bars > 1) <= columns {
            return;
        }
        let inner = row.strip_prefix('|').unwrap_or(row);
        let mut excess = cells(inner).skip(columns);
        if excess.any(|cell| !cell.trim().is_empty()) {
            self.doc.ragged_rows.push(trimmed(self.source, range));
        }
    }

    pub(super) fn start_row(&mut self, tag: &str, range: Range<usize>) {
        self.table.2 = 0;
        self.wrap(BlockKind::Row, tag, range);
    }

    pub(super) fn start_cell(&mut self) {
        if !self.doc.text.ends_with(['\n', ' ']) && !self.doc.text.is_empty() {
            self.doc.text.push(' ');
        }
        let class = self.table.0.get(self.table.2).copied().unwrap_or("");
        self.html(if self.table.1 { "<th scope=\"col\"" } else { "<td" });
        self.html(class);
        self.html(">");
        self.line_start = true;
    }

    pub(super) fn end_cell(&mut self) {
        self.table.2 += 1;
        self.html(if self.table.1 { "</th>" } else { "</td>" });
    }
}

/// The cells of a row without its first bar. A bar behind a backslash is text, and so is one in a wikilink.
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
