//! The lines around a span as they are shown: few, short, and without characters that a terminal would obey. A note of
//! 4 MiB in one line costs no more than its window.

use super::is_hidden;
use crate::source::{SourceFile, Span};
use std::ops::Range;

/// Most lines of a span that are shown.
const LINES: usize = 6;
/// Most characters of a line that are shown.
const WIDTH: usize = 120;
/// How many of them stand before the span.
const BEFORE: usize = 40;

/// A few lines of a file, ready to be drawn.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// The lines.
    pub(super) text: String,
    /// The span in `text`.
    pub(super) span: Range<usize>,
    /// Whether the span goes on below.
    pub(super) cut: bool,
}

/// The lines that `span` touches, shortened.
pub(super) fn window(file: &SourceFile, span: Span) -> Window {
    let text: &str = &file.text;
    let start = super::floor_boundary(text, span.start as usize);
    let end = super::floor_boundary(text, span.end as usize).max(start);
    // A span that ends with its last line's end does not touch the next line.
    let last = if end > start && text[..end].ends_with('\n') { end - 1 } else { end };
    let mut window = Window { text: String::new(), span: 0..0, cut: false };
    let mut line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    for number in 0..LINES {
        let line_end = text[line_start..].find('\n').map_or(text.len(), |at| line_start + at);
        let focus = if number == 0 { start } else { line_start };
        let (from, to) = show_line(&mut window.text, text, line_start..line_end, focus, last.min(line_end));
        if number == 0 {
            window.span.start = from;
        }
        window.span.end = to.max(from);
        if last <= line_end {
            return window;
        }
        window.text.push('\n');
        line_start = line_end + 1;
    }
    window.text.pop();
    window.cut = true;
    window
}

/// Appends a line, cut to the surroundings of `focus`, and returns where `focus` and `end` are in `out`.
fn show_line(out: &mut String, text: &str, line: Range<usize>, focus: usize, end: usize) -> (usize, usize) {
    let before = text[line.start..focus].char_indices().rev().nth(BEFORE - 1);
    let from = match text[focus..line.end].char_indices().nth(WIDTH - BEFORE) {
        // All that follows fits, so there is room for more before it.
        None => text[line.start..line.end].char_indices().rev().nth(WIDTH - 1).map_or(0, |(at, _)| at),
        Some(_) => before.map_or(0, |(at, _)| at),
    };
    let from = line.start + from.min(before.map_or(0, |(at, _)| at));
    if from > line.start {
        out.push('…');
    }
    let (mut focus_shown, mut end_shown) = (None, None);
    for (shown, (at, c)) in text[from..line.end].char_indices().enumerate() {
        let at = from + at;
        if shown == WIDTH {
            out.push('…');
            break;
        }
        if at >= focus {
            focus_shown.get_or_insert(out.len());
        }
        if at >= end {
            end_shown.get_or_insert(out.len());
        }
        match c {
            '\t' => out.push_str("    "),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    (focus_shown.unwrap_or(out.len()), end_shown.unwrap_or(out.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str, range: Range<usize>) -> Window {
        window(&SourceFile::new("x.md", text), range.into())
    }

    #[test]
    fn the_span_stays_on_its_text() {
        let long = format!("{}日本{}", "é".repeat(3000), "b".repeat(3000));
        let w = of(&long, 6000..6006);
        assert_eq!(&w.text[w.span.clone()], "日本");
        assert_eq!(w.text.chars().count(), WIDTH + 2);
        let w = of("a\u{1b}b\tc", 1..4);
        assert_eq!((&*w.text, &w.text[w.span.clone()]), ("a\\u{1b}b    c", "\\u{1b}b    "));
    }

    #[test]
    fn many_lines_are_cut() {
        let w = of(&"line\n".repeat(300), 0..1500);
        assert_eq!((w.text.lines().count(), w.cut), (LINES, true));
        let w = of("one\ntwo\n", 0..8);
        assert_eq!((&*w.text, w.span, w.cut), ("one\ntwo", 0..7, false));
    }

    proptest! {
        #[test]
        fn any_span_of_any_text_has_a_window(text in "[aé\n\u{1b}]{0,400}", start in 0u32..900, length in 0u32..900) {
            let file = SourceFile::new("x.md", &text);
            let w = window(&file, Span { start, end: start + length });
            prop_assert!(w.text.get(w.span.clone()).is_some());
            prop_assert!(w.text.lines().count() <= LINES);
            prop_assert_eq!(w.text.matches('\u{1b}').count(), 0);
        }
    }
}
