//! The source lines around a span for display: limited in number and length, and without characters that control a
//! terminal. The cost does not depend on the length of a line, which may be 4 MiB.

use super::is_hidden;
use crate::text::source::{SourceFile, Span};
use std::ops::Range;

/// The maximum number of lines of a span.
const LINES: usize = 6;
/// The maximum number of characters per line.
const WIDTH: usize = 120;
/// The number of characters to show before the span.
const BEFORE: usize = 40;

/// A number of bytes with more characters than are shown: a UTF-8 character has at most 4 bytes.
const NEAR: usize = 4 * (WIDTH + 1);

/// Lines of a file for display.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// The lines.
    pub(super) text: String,
    /// The range of the span in `text`.
    pub(super) span: Range<usize>,
    /// Whether the span continues after the last line.
    pub(super) cut: bool,
}

/// The shortened lines of `span`.
pub(super) fn window(file: &SourceFile, span: Span) -> Window {
    let text: &str = &file.text;
    let start = super::floor_boundary(text, span.start as usize);
    let end = super::floor_boundary(text, span.end as usize).max(start);
    // A span that ends with a line ending does not include the next line.
    let last = if end > start && text[..end].ends_with('\n') { end - 1 } else { end };
    let mut window = Window { text: String::new(), span: 0..0, cut: false };
    let mut line_start = line_start_near(text, start);
    for number in 0..LINES {
        let focus = if number == 0 { start } else { line_start };
        let line_end = line_end_near(text, focus, last);
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
    // Removes the line ending after the last shown line.
    window.text.pop();
    window.cut = true;
    window
}

/// The start of the line that contains `at`, or an offset further back than any shown character.
fn line_start_near(text: &str, at: usize) -> usize {
    let far = super::floor_boundary(text, at.saturating_sub(NEAR));
    text[far..at].rfind('\n').map_or(far, |found| far + found + 1)
}

/// The end of the line that contains `at`, or an offset further ahead of `at` and `last` than any shown character.
fn line_end_near(text: &str, at: usize, last: usize) -> usize {
    let far = super::floor_boundary(text, at.max(last) + NEAR);
    text[at..far].find('\n').map_or(far, |found| at + found)
}

/// Appends a line, truncated to the characters around `focus`. Returns the offsets of `focus` and `end` in `out`.
fn show_line(out: &mut String, text: &str, line: Range<usize>, focus: usize, end: usize) -> (usize, usize) {
    let before = text[line.start..focus].char_indices().rev().nth(BEFORE - 1);
    let from = match text[focus..line.end].char_indices().nth(WIDTH - BEFORE) {
        // The rest of the line fits, so more characters before the span can be shown.
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

    /// The same window, with every line looked for to its ends.
    #[test]
    fn near_ends_of_lines_show_what_the_true_ones_would() {
        for (before, after) in [(0, 0), (119, 119), (120, 121), (600, 600), (5000, 5000)] {
            let text = format!("x\n{}日本{}\ny", "é".repeat(before), "é".repeat(after));
            let start = 2 + 2 * before;
            let w = of(&text, start..start + 6);
            let cut_before = before > BEFORE && before + 2 + after > WIDTH;
            assert_eq!(w.text.starts_with('…'), cut_before, "{before} {after}");
            assert_eq!(w.text.ends_with('…'), 2 + before.min(BEFORE) + after > WIDTH, "{before} {after}");
            assert_eq!(&w.text[w.span.clone()], "日本");
        }
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
