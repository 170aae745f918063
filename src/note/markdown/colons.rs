//! Definitions start with a colon and white space. The parser accepts a colon without white space.

use super::rewrite::Edit;

/// Whether the `:` at `at` in the source starts a definition.
pub(super) fn is_definition(source: &str, at: usize) -> bool {
    let rest = source.get(at..).unwrap_or_default();
    let spaced = rest.strip_prefix(':').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n']));
    spaced && !in_code(source, at)
}

/// The edit that prevents a definition at the `:` at `at`: a backslash. Inside a code span, which would show the
/// backslash, the line end is replaced by a space, which CommonMark displays in the same way.
pub(super) fn escape(source: &str, at: usize) -> Edit {
    match source[..at].rfind('\n').filter(|_| in_code(source, at)) {
        Some(line_end) => Edit { range: line_end..at, text: " ".into() },
        None => Edit { range: at..at, text: "\\".into() },
    }
}

/// Whether a code span of the paragraph starts before `at` and ends after `at`.
fn in_code(source: &str, at: usize) -> bool {
    let before = source[..at].rsplit("\n\n").next().unwrap_or_default();
    let Some(ticks) = open_code(before) else { return false };
    let behind = source[at..].split("\n\n").next().unwrap_or_default();
    runs(behind).any(|run| run == ticks)
}

/// The number of backticks of the code span that is open at the end of a text.
fn open_code(text: &str) -> Option<usize> {
    runs(text).fold(None, |open, ticks| match open {
        None => Some(ticks),
        Some(open) if open == ticks => None,
        open => open,
    })
}

/// The lengths of the runs of backticks.
fn runs(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = &rest[rest.find('`')?..];
        let length = rest.len() - rest.trim_start_matches('`').len();
        rest = &rest[length..];
        Some(length)
    })
}
