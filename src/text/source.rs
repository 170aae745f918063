//! The text of a file and positions in it. Knows nothing of Markdown, notes or rules.
//!
//! Every parser of the program reads the *normalised* text: without a byte order mark and with `\n` as the only line
//! ending, so a file produces the same pages whatever editor saved it. Lines and columns are the same in both forms;
//! [`SourceFile::original`] converts a normalised offset to a byte offset of the file on disk, for edits.

mod position;

use position::ColumnUnit;

use super::ids::{IndexVec, id};
use std::sync::Arc;

id! {
    /// A source file: its place in the sorted list of the vault.
    pub struct FileId;
}

/// Source files by id.
pub(crate) type Sources = IndexVec<FileId, SourceFile>;

/// A half-open byte range of the normalised text of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Span {
    /// The offset of the first byte.
    pub start: u32,
    /// The offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The span of a `usize` range. The size limit of files is far below 4 GiB, so the offsets fit.
    pub(crate) fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// The span as a range that indexes a string.
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether it holds nothing.
    pub(crate) fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The part of `text` before the span.
    pub(crate) fn before(self, text: &str) -> &str {
        &text[..self.start as usize]
    }

    /// The part of `text` from the end of the span on.
    pub(crate) fn after(self, text: &str) -> &str {
        &text[self.end as usize..]
    }

    /// Whether `other` is within this span.
    pub(crate) fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Span {
        Span::new(range.start, range.end)
    }
}

/// A position as editors show it: line and column from 1, columns in Unicode code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in code points, from 1.
    pub column: usize,
}

/// A text file of the knowledge base. Two files are equal if they have the same text and the same edit would write the
/// same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFile {
    /// The path relative to the content folder, separated by `/`, exactly as on disk.
    pub path: Arc<str>,
    /// The normalised text.
    pub text: Arc<str>,
    /// The normalised offsets after which the original has one more byte (a removed `\r`), in ascending order.
    dropped: Vec<u32>,
    /// The length of the removed byte order mark (0 or 3).
    bom: u32,
    /// The ending of the first line.
    line_end: LineEnd,
}

/// The line ending of a file, so an edit inserts the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnd {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
    /// A lone `\r`
    Cr,
}

impl LineEnd {
    /// The line ending as text.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            LineEnd::Lf => "\n",
            LineEnd::CrLf => "\r\n",
            LineEnd::Cr => "\r",
        }
    }
}

impl SourceFile {
    /// Normalises `text`, the content of the file at `path`.
    pub(crate) fn new(path: impl Into<Arc<str>>, text: &str) -> SourceFile {
        let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let body = &text[bom..];
        let (text, dropped, line_end) = match body.contains('\r') {
            false => (Arc::from(body), Vec::new(), LineEnd::Lf),
            true => normalise(body),
        };
        SourceFile { path: path.into(), text, dropped, bom: bom as u32, line_end }
    }

    /// The byte offset in the file on disk of a normalised offset.
    pub(crate) fn original(&self, offset: u32) -> usize {
        // Each `\r` that was removed before the offset shifts the original by one byte.
        let before = self.dropped.partition_point(|&d| d < offset);
        (offset + self.bom) as usize + before
    }

    /// What normalisation removed: the length of the byte order mark, and the normalised offsets after which the original has
    /// one more byte.
    pub(crate) fn removed(&self) -> (u32, &[u32]) {
        (self.bom, &self.dropped)
    }

    /// The line ending of the file: that of its first line.
    pub(crate) fn line_end(&self) -> LineEnd {
        self.line_end
    }

    /// The text of a span.
    pub(crate) fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The line starts of this file. Each call scans the text.
    pub(crate) fn lines(&self) -> LineIndex<'_> {
        LineIndex::new(&self.text)
    }
}

/// Converts `\r\n` and lone `\r` to `\n`. Returns the text, the offsets of the removed bytes and the first line ending.
fn normalise(body: &str) -> (Arc<str>, Vec<u32>, LineEnd) {
    let mut out = String::with_capacity(body.len());
    let mut dropped = Vec::new();
    let mut first = None;
    let mut rest = body;
    while let Some(at) = rest.find(['\r', '\n']) {
        out.push_str(&rest[..at]);
        let crlf = rest[at..].starts_with("\r\n");
        let kind = match (crlf, rest.as_bytes()[at]) {
            (true, _) => LineEnd::CrLf,
            (false, b'\r') => LineEnd::Cr,
            _ => LineEnd::Lf,
        };
        first.get_or_insert(kind);
        // Recorded before the `\n` is pushed: an edit at the line end then starts before the `\r`, not after it.
        if crlf {
            dropped.push(out.len() as u32);
        }
        out.push('\n');
        rest = &rest[at + if crlf { 2 } else { 1 }..];
    }
    out.push_str(rest);
    (Arc::from(out), dropped, first.unwrap_or(LineEnd::Lf))
}

/// The line starts of a text, to convert offsets to lines and columns.
#[derive(Debug)]
pub(crate) struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<u32>,
}

impl<'a> LineIndex<'a> {
    /// Finds all line starts of a normalised text.
    pub(crate) fn new(text: &'a str) -> LineIndex<'a> {
        let starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(i, _)| i as u32 + 1))
            .collect();
        LineIndex { text, starts }
    }

    /// The line (from 0) that contains the offset.
    pub(crate) fn line_of(&self, offset: u32) -> usize {
        self.starts.partition_point(|&s| s <= offset) - 1
    }

    /// The position of an offset. An offset inside a character counts as its start; one beyond the text, as its end.
    pub(crate) fn position(&self, offset: u32) -> Position {
        let place = self.line_column(offset, ColumnUnit::CodePoints);
        Position { line: place.line as usize + 1, column: place.column as usize + 1 }
    }

    /// The byte range of a line (from 0), without its line ending.
    #[cfg(test)]
    pub(crate) fn line(&self, line: usize) -> Span {
        let start = self.starts[line] as usize;
        let end = self.starts.get(line + 1).map_or(self.text.len(), |&next| next as usize - 1);
        Span::new(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_back_to_the_bytes_on_disk() {
        let disk = "\u{feff}a\r\nbé\r\nc\rd\n";
        let file = SourceFile::new("x.md", disk);
        assert_eq!(&*file.text, "a\nbé\nc\nd\n");
        for (offset, c) in file.text.char_indices().filter(|(_, c)| c.is_alphabetic()) {
            assert_eq!(disk[file.original(offset as u32)..].chars().next(), Some(c));
        }
        assert_eq!(file.line_end(), LineEnd::CrLf);
    }

    #[test]
    fn columns_count_code_points() {
        let text = "é日x\ny";
        let lines = LineIndex::new(text);
        assert_eq!(lines.position(5), Position { line: 1, column: 3 });
        assert_eq!(lines.position(7), Position { line: 2, column: 1 });
        assert_eq!(lines.position(99), Position { line: 2, column: 2 });
        assert_eq!(lines.line(0), Span::new(0, 6));
    }
}
