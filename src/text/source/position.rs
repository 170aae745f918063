//! Offsets as lines and columns, and back, in the units that editors and protocols count columns in.
//!
//! The letters of `ä中👪` begin at these columns:
//!
//! | unit | `ä` | `中` | `👪` | end |
//! |---|---|---|---|---|
//! | code points | 0 | 1 | 2 | 3 |
//! | UTF-16 code units | 0 | 1 | 2 | 4 |
//! | UTF-8 bytes | 0 | 2 | 5 | 9 |
//!
//! Lines end with `\n`, `\r\n` or a lone `\r`, as in the Language Server Protocol. A byte order mark is part of no column:
//! editors remove it from the text that they show.

use super::LineIndex;

/// What a column counts.
#[cfg_attr(not(test), expect(dead_code, reason = "the reports count code points; editor servers count the two others"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnUnit {
    /// Unicode code points, as SARIF and most terminals count.
    CodePoints,
    /// UTF-16 code units, the default of the Language Server Protocol.
    Utf16,
    /// UTF-8 bytes.
    Utf8,
}

impl ColumnUnit {
    /// How many units a character takes.
    fn len(self, c: char) -> u32 {
        match self {
            ColumnUnit::CodePoints => 1,
            ColumnUnit::Utf16 => c.len_utf16() as u32,
            ColumnUnit::Utf8 => c.len_utf8() as u32,
        }
    }
}

/// A place as programs count it: both numbers from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LineColumn {
    /// Line, from 0.
    pub line: u32,
    /// Column, from 0.
    pub column: u32,
}

impl LineIndex<'_> {
    /// The place of an offset. An offset inside a character means the start of the character, one behind the text its end.
    pub(crate) fn line_column(&self, offset: u32, unit: ColumnUnit) -> LineColumn {
        let offset = offset.min(self.text.len() as u32);
        let line = self.line_of(offset);
        let start = self.starts[line];
        let before = self.text[start as usize..].char_indices();
        let before = before.take_while(|(i, c)| start + (i + c.len_utf8()) as u32 <= offset);
        LineColumn { line: line as u32, column: before.map(|(_, c)| unit.len(c)).sum() }
    }

    /// The offset of a place. A column inside a character means the start of the character, one behind the line its end; a
    /// line behind the text means the end of the text.
    #[cfg_attr(not(test), expect(dead_code, reason = "an editor server sends places and gets edits"))]
    pub(crate) fn offset(&self, place: LineColumn, unit: ColumnUnit) -> u32 {
        let Some(&start) = self.starts.get(place.line as usize) else { return self.text.len() as u32 };
        let mut column = 0;
        for (i, c) in self.text[start as usize..].char_indices() {
            column += unit.len(c);
            if c == '\n' || column > place.column {
                return start + i as u32;
            }
        }
        self.text.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::super::SourceFile;
    use super::*;

    const UNITS: [ColumnUnit; 3] = [ColumnUnit::CodePoints, ColumnUnit::Utf16, ColumnUnit::Utf8];
    /// One, two, three and four bytes; a family of several code points; a combining mark; each line end; a byte order mark.
    const PIECES: [&str; 9] = ["a", "ä", "中", "👨‍👩‍👧", "🇩🇪", "e\u{301}", "\n", "\r\n", "\r"];

    fn columns(line: &str) -> [u32; 3] {
        [line.chars().count(), line.encode_utf16().count(), line.len()].map(|n| n as u32)
    }

    /// Lines and columns of the end of a text, counted by the standard library.
    fn end_of(text: &str) -> (u32, [u32; 3]) {
        let unix = text.replace("\r\n", "\n").replace('\r', "\n");
        (unix.matches('\n').count() as u32, columns(unix.rsplit('\n').next().expect("a line")))
    }

    #[test]
    fn every_character_of_every_text_has_one_place_in_each_unit() {
        let mut texts = vec![String::new(), "\u{feff}".into()];
        for length in 0..4 {
            let longer: Vec<String> = texts.iter().filter(|t| t.chars().count() >= length).cloned().collect();
            texts.extend(longer.iter().flat_map(|text| PIECES.map(|piece| format!("{text}{piece}"))));
            texts.sort();
            texts.dedup();
            texts.truncate(9_000);
        }
        for text in &texts {
            let file = SourceFile::new("x.md", text);
            let lines = file.lines();
            let ends = file.text.char_indices().map(|(i, _)| i).chain([file.text.len()]);
            for offset in ends {
                let (line, columns) = end_of(&file.text[..offset]);
                for (unit, column) in UNITS.into_iter().zip(columns) {
                    let place = LineColumn { line, column };
                    assert_eq!(lines.line_column(offset as u32, unit), place, "{text:?} at {offset}, {unit:?}");
                    assert_eq!(lines.offset(place, unit), offset as u32, "{text:?} at {place:?}, {unit:?}");
                }
            }
            // What the file has on the disk before the end is what its editor shows, apart from the byte order mark.
            let shown = text.strip_prefix('\u{feff}').unwrap_or(text);
            let (line, columns) = end_of(shown);
            assert_eq!(
                lines.line_column(u32::MAX, ColumnUnit::Utf16),
                LineColumn { line, column: columns[1] },
                "{text:?}"
            );
        }
    }

    #[test]
    fn places_between_characters_and_behind_lines_are_taken_to_the_nearest_before() {
        let file = SourceFile::new("x.md", "👪b\r\nc");
        let lines = file.lines();
        let offset = |line, column| lines.offset(LineColumn { line, column }, ColumnUnit::Utf16);
        assert_eq!([offset(0, 0), offset(0, 1), offset(0, 2), offset(0, 3), offset(0, 9)], [0, 0, 4, 5, 5]);
        assert_eq!([offset(1, 0), offset(1, 5), offset(7, 0)], [6, 7, 7]);
        assert_eq!(lines.line_column(2, ColumnUnit::Utf8), LineColumn { line: 0, column: 0 });
    }
}
