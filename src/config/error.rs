//! The mistakes of a `canon.toml` with their places, and how a terminal shows them.

use crate::text::source::LineIndex;
use std::fmt;
use std::ops::Range;

/// A mistake in a `canon.toml`, with line and column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigError {
    /// The problem and the remedy, in one sentence.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in code points, from 1.
    pub column: usize,
    /// The text of the line.
    excerpt: String,
    /// The number of marked code points; at least 1.
    length: usize,
}

impl ConfigError {
    /// A mistake at a range of bytes, of which the part on the first line is marked.
    pub(super) fn new(text: &str, range: Range<usize>, message: String) -> ConfigError {
        let start = text.floor_char_boundary(range.start);
        let position = LineIndex::new(text).position(start as u32);
        let marked = &text[start..text.ceil_char_boundary(range.end.max(start))];
        let excerpt = text.lines().nth(position.line - 1).unwrap_or_default().to_string();
        let length = marked.lines().next().unwrap_or_default().chars().count().max(1);
        ConfigError { message, line: position.line, column: position.column, excerpt, length }
    }

    /// The line of the file with the mistake underlined.
    fn drawing(&self) -> String {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        // A tab is as wide below the line as in it.
        let before = self.excerpt.chars().take(self.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' });
        let before: String = before.collect();
        let carets = "^".repeat(self.length);
        format!("{margin} |\n{number} | {}\n{margin} | {before}{carets}", self.excerpt)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// All mistakes of a `canon.toml`, in the order of the file. At least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    /// The mistakes sorted by place, each once. `None` if there are none.
    pub(super) fn of(mut errors: Vec<ConfigError>) -> Option<ConfigErrors> {
        errors.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
        errors.dedup();
        (!errors.is_empty()).then_some(ConfigErrors(errors))
    }

    /// A single mistake.
    pub(super) fn one(error: ConfigError) -> ConfigErrors {
        ConfigErrors(vec![error])
    }

    /// The mistakes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.0.iter()
    }

    /// The mistakes for a terminal: each with its file, place, line and a mark below.
    pub(crate) fn shown(&self, file: &str) -> String {
        let shown = self.iter().map(|error| format!("{file}:{error}\n{}", error.drawing()));
        let shown = shown.collect::<Vec<_>>().join("\n");
        match self.0.len() {
            1 => shown,
            count => format!("{file} has {count} mistakes\n{shown}"),
        }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.iter().map(ConfigError::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}
