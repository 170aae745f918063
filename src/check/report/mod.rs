//! Findings in output formats: pure functions of diagnostics, sources and counts. Does not decide on severities, read
//! files, or access the terminal or the clock. Offsets are converted to lines only here.

use crate::check::scope::Scope;
use crate::text::diagnostic::{Applicability, Diagnostic, RuleId, Severity, Topic};
use crate::text::source::{FileId, LineEnd, Position, SourceFile, Sources, Span};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

pub(crate) mod github;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod junit;
mod paths;
pub(crate) mod sarif;
mod snippet;

pub(crate) use paths::{PathsFromHere, as_folder};

#[cfg(test)]
mod awkward;

/// The description of a rule for reports.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuleInfo<'a> {
    /// The rule id.
    pub id: RuleId,
    /// One line about the reported problem.
    pub summary: &'a str,
    /// The Markdown that `canon explain` prints.
    pub explanation: &'a str,
    /// The severity without configuration.
    pub severity: Severity,
    /// The applicability of the repairs that the rule offers. `None` if it offers none.
    pub repair: Option<Applicability>,
    /// The subject, by which the report for people is ordered.
    pub topic: Topic,
}

/// The totals at the end of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    /// The number of Markdown files.
    pub files: usize,
    /// The number of notes: files with frontmatter, and in a plain base also files without.
    pub notes: usize,
    /// The number of links inside the base.
    pub links: usize,
    /// The number of findings that a comment, the frontmatter or the baseline suppresses.
    pub suppressed: usize,
    /// The wall-clock time in milliseconds.
    pub milliseconds: u64,
}

/// The input of all formats.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report<'a> {
    /// The findings, in any order.
    pub diagnostics: &'a [Diagnostic],
    /// The files, indexed by [`FileId`].
    pub sources: &'a Sources,
    /// The totals.
    pub totals: Totals,
    /// The rules, for formats with rule descriptions.
    pub rules: &'a [RuleInfo<'a>],
    /// The prefix that makes the path of a file relative to the current folder: empty or ending in `/`. The JSON format
    /// does not use it.
    pub prefix: &'a str,
    /// The reported part of the base.
    pub part: Part<'a>,
}

/// A part of a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Part<'a> {
    /// The reported files; `None` for the whole base.
    pub within: Option<&'a Scope>,
    /// The current folder, relative to the root of the base, ending in `/`. Empty unless it is inside the base and the
    /// format shows paths to a person.
    pub current: &'a str,
}

/// The path relative to `folder`. Both are relative to the same root.
fn seen_from(folder: &str, path: &str) -> String {
    let mut shared = 0;
    for part in folder.split_inclusive('/') {
        // `part` includes the slash: the folders `ab/` and `abc/` share nothing.
        if !path[shared..].starts_with(part) {
            break;
        }
        shared += part.len();
    }
    format!("{}{}", "../".repeat(folder[shared..].matches('/').count()), &path[shared..])
}

/// A finding with its locations as lines and columns.
#[derive(Debug)]
pub(crate) struct Located<'a> {
    pub(crate) diagnostic: &'a Diagnostic,
    pub(crate) file: &'a SourceFile,
    pub(crate) start: Position,
    pub(crate) end: Position,
    /// The file and the start of each related location.
    pub(crate) related: Vec<(&'a SourceFile, Position)>,
}

impl<'a> Report<'a> {
    /// The file with this id.
    pub(crate) fn source(&self, file: FileId) -> &'a SourceFile {
        &self.sources[file]
    }

    /// The path of a file relative to the current folder.
    pub(crate) fn path(&self, file: &SourceFile) -> String {
        match self.part.current {
            "" => format!("{}{}", self.prefix, file.path),
            current => seen_from(current, &file.path),
        }
    }

    /// The findings in the order of all reports: by file, line, column, rule, end and message.
    pub(crate) fn located(&self) -> Vec<Located<'a>> {
        let positions = self.positions();
        let at = |file: FileId, offset: u32| positions[&(file, offset)];
        let mut found: Vec<Located<'a>> = self
            .diagnostics
            .iter()
            .map(|d| Located {
                diagnostic: d,
                file: self.source(d.file),
                start: at(d.file, d.span.start),
                end: at(d.file, d.span.end.max(d.span.start)),
                related: d.related.iter().map(|l| (self.source(l.file), at(l.file, l.span.start))).collect(),
            })
            .collect();
        found.sort_by_cached_key(|l| {
            let d = l.diagnostic;
            (l.file.path.clone(), l.start, d.rule, l.end, &d.message)
        });
        found
    }

    /// The position of every offset in the findings, computed in one pass per file.
    fn positions(&self) -> FxHashMap<(FileId, u32), Position> {
        let mut wanted: Vec<(FileId, u32)> = Vec::new();
        for d in self.diagnostics {
            wanted.extend([(d.file, d.span.start), (d.file, d.span.end.max(d.span.start))]);
            wanted.extend(d.related.iter().map(|l| (l.file, l.span.start)));
            wanted.extend(
                edits(d).flat_map(|e| [e.span.start, e.span.end.max(e.span.start)].map(|offset| (e.file, offset))),
            );
        }
        wanted.sort_unstable();
        wanted.dedup();
        let mut positions = FxHashMap::default();
        for group in wanted.chunk_by(|a, b| a.0 == b.0) {
            // The offsets of a file are sorted, as `Sweep` requires.
            let mut sweep = Sweep::new(&self.source(group[0].0).text);
            positions.extend(group.iter().map(|&(file, offset)| ((file, offset), sweep.advance(offset))));
        }
        positions
    }
}

/// The edits in the fix of a finding.
fn edits(diagnostic: &Diagnostic) -> impl Iterator<Item = &crate::text::diagnostic::Edit> {
    diagnostic.fix.iter().flat_map(|fix| &fix.edits)
}

/// Converts ascending offsets to positions in one pass, so a line of 4 MiB with thousands of findings takes linear
/// time.
struct Sweep<'a> {
    text: &'a str,
    offset: usize,
    position: Position,
}

impl<'a> Sweep<'a> {
    fn new(text: &'a str) -> Sweep<'a> {
        Sweep { text, offset: 0, position: Position { line: 1, column: 1 } }
    }

    /// The position of `offset`, which must not be smaller than the previous one. An offset inside a character counts
    /// as the start of the character, an offset beyond the text as its end.
    fn advance(&mut self, offset: u32) -> Position {
        let offset = floor_boundary(self.text, offset as usize);
        let passed = &self.text[self.offset..offset];
        self.position.column = match passed.rfind('\n') {
            Some(last) => passed[last + 1..].chars().count() + 1,
            None => self.position.column + passed.chars().count(),
        };
        self.position.line += passed.bytes().filter(|&b| b == b'\n').count();
        self.offset = offset;
        self.position
    }
}

/// The last character boundary at or before `offset`.
fn floor_boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    // At most four steps, because a UTF-8 character has at most four bytes.
    (0..=offset).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Whether a span stands for its whole file.
pub(crate) fn is_whole_file(span: Span) -> bool {
    span == Span::default()
}

/// The number of findings of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) infos: usize,
}

impl Counts {
    pub(crate) fn of<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Counts {
        let mut counts = Counts::default();
        for d in diagnostics {
            match d.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Info => counts.infos += 1,
                Severity::Off => {}
            }
        }
        counts
    }

    /// The counts as words, without zeros: `2 errors, 1 warning`. Empty if all counts are zero.
    pub(crate) fn words(self) -> String {
        let parts = [(self.errors, "error"), (self.warnings, "warning"), (self.infos, "info")];
        let parts: Vec<String> = parts.iter().filter(|p| p.0 > 0).map(|&(n, word)| counted(n, word)).collect();
        parts.join(", ")
    }
}

/// A count with its noun: `1 file`, `2,345 files`.
pub(crate) fn counted(n: usize, word: &str) -> String {
    plural(n, word, &format!("{word}s"))
}

/// A number with the right one of two forms of a noun: `1 entry`, `2 entries`.
pub(crate) fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// A number with `,` as the thousands separator.
pub(crate) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The text with control characters, bidirectional controls, and line and paragraph separators written as `\u{1b}`,
/// because a terminal or log would interpret them.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match is_hidden(c) {
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The lines of a text as [`visible`] shows them, for a help with lines to paste.
pub(crate) fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// Whether a character is invisible and affects the surrounding text.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text of an edit with the line endings of the file.
pub(crate) fn on_disk(file: &SourceFile, text: &str) -> String {
    match file.line_end() {
        LineEnd::Lf => text.to_string(),
        other => text.replace('\n', other.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_sweep_equals_asking_the_line_index(text in "[aé日\n]{0,60}", offsets in prop::collection::vec(0u32..200, 0..20)) {
            let file = SourceFile::new("x.md", &text);
            let mut offsets = offsets;
            offsets.sort_unstable();
            let (lines, mut sweep) = (file.lines(), Sweep::new(&file.text));
            for offset in offsets {
                let boundary = floor_boundary(&file.text, offset as usize) as u32;
                prop_assert_eq!(sweep.advance(offset), lines.position(boundary));
            }
        }
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(0, "file"), "0 files");
        assert_eq!(counted(1234567, "file"), "1,234,567 files");
    }

    #[test]
    fn what_acts_is_shown() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}b\n"), "a\\u{1b}[31m\\u{202e}b\\u{a}");
        assert!(matches!(visible("日本 é"), Cow::Borrowed(_)));
    }
}
