//! `check --format github`: workflow commands for annotations, and a Markdown table for the step summary.
//!
//! GitHub shows at most ten annotations per severity and step, and silently drops the rest. Therefore the first ten are
//! selected here, and all findings go to the summary.

use super::{Counts, Located, Report, counted, thousands, visible, visible_lines};
use crate::text::diagnostic::Severity;
use std::fmt::Write;

/// The maximum number of annotations that GitHub shows per severity.
const SHOWN: usize = 10;
/// The maximum size of the summary in bytes. GitHub refuses a step summary above 1 MiB; the difference is left for the
/// output of different programs in the same step.
const SUMMARY_BYTES: usize = 900_000;

/// The output for GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Annotations {
    /// For standard output: workflow commands, at most ten per severity, then a line with the counts.
    pub log: String,
    /// Markdown to append to the file that `GITHUB_STEP_SUMMARY` names.
    pub summary: String,
}

/// The report as annotations. Without a summary file (`has_summary` is false), the remaining findings are plain lines
/// in the log.
pub(crate) fn render(report: &Report<'_>, has_summary: bool) -> Annotations {
    let located = report.located();
    let (mut shown, mut rest) = (Vec::new(), Vec::new());
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let of_severity: Vec<&Located<'_>> = located.iter().filter(|l| l.diagnostic.severity == severity).collect();
        let (first, others) = of_severity.split_at(of_severity.len().min(SHOWN));
        shown.extend_from_slice(first);
        rest.extend_from_slice(others);
    }
    let mut log: String = shown.iter().map(|l| command(report, l)).collect();
    if !has_summary {
        log.extend(rest.iter().map(|l| plain(report, l)));
    }
    let _ = writeln!(log, "{}", headline(report));
    Annotations { log, summary: summary(report, &located, shown.len()) }
}

fn headline(report: &Report<'_>) -> String {
    let counts = Counts::of(report.diagnostics).words();
    let found = if counts.is_empty() { "no findings" } else { &counts };
    format!("canon check: {found} in {}", counted(report.totals.files, "file"))
}

/// A workflow command: `::error file=…,line=…::message`.
fn command(report: &Report<'_>, located: &Located<'_>) -> String {
    let d = located.diagnostic;
    let name = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Off => "notice",
    };
    let (start, end) = (located.start, located.end);
    let mut properties = format!("file={},line={}", property(&report.path(located.file)), start.line);
    let _ = match start.line == end.line {
        true => write!(properties, ",endLine={},col={},endColumn={}", end.line, start.column, end.column),
        // The Checks API of GitHub accepts columns only if both lines are equal.
        false => write!(properties, ",endLine={}", end.line),
    };
    let text = format!("{}\n{}", visible(&d.message), visible_lines(&d.help));
    format!("::{name} {properties},title={}::{}\n", property(d.rule), data(text.trim_end()))
}

fn plain(report: &Report<'_>, located: &Located<'_>) -> String {
    let d = located.diagnostic;
    let path = report.path(located.file);
    let (path, start) = (visible(&path), located.start);
    // A line that starts with `::` would be parsed as a command.
    let line =
        format!("{path}:{}:{}: {}[{}]: {}", start.line, start.column, d.severity.name(), d.rule, visible(&d.message));
    format!("{}\n", line.trim_start_matches(':'))
}

/// Escapes the message of a command, in which `%`, `\r` and `\n` are special.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a command, in which `:` and `,` are special too.
fn property(text: &str) -> String {
    data(&visible(text)).replace(':', "%3A").replace(',', "%2C")
}

/// The Markdown table of all findings, truncated to the size that GitHub accepts.
fn summary(report: &Report<'_>, located: &[Located<'_>], annotated: usize) -> String {
    let mut out = format!("### {}\n\n", headline(report));
    if located.is_empty() {
        return out;
    }
    if annotated < located.len() {
        let _ = writeln!(out, "{} are shown as annotations, all of them here.\n", thousands(annotated));
    }
    out.push_str("| | Place | Rule | What is wrong | What to do |\n|---|---|---|---|---|\n");
    for (at, found) in located.iter().enumerate() {
        let row = row(report, found);
        if out.len() + row.len() > SUMMARY_BYTES {
            let _ = writeln!(out, "\n{} more are left out.", thousands(located.len() - at));
            break;
        }
        out.push_str(&row);
    }
    out
}

fn row(report: &Report<'_>, located: &Located<'_>) -> String {
    let d = located.diagnostic;
    let place = format!("{}:{}:{}", report.path(located.file), located.start.line, located.start.column);
    let cells = [d.severity.name(), &place, d.rule, &d.message].map(cell);
    let help: Vec<String> = d.help.split('\n').map(cell).collect();
    format!("| {} | {} |\n", cells.join(" | "), help.join("<br>"))
}

/// Text for a table cell. Every character with a meaning in Markdown or HTML becomes a character reference.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in visible(text).chars() {
        match c {
            '&' | '<' | '>' | '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '@' | '#' | '!' | '$' => {
                let _ = write!(out, "&#{};", c as u32);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::awkward;
    use super::*;
    use crate::text::diagnostic::Diagnostic;
    use crate::text::ids::Id;
    use crate::text::source::{FileId, SourceFile, Span};

    #[test]
    fn awkward_findings() {
        let annotations = render(&awkward::set().report(), true);
        insta::assert_snapshot!(format!("{}\n{}", annotations.log, annotations.summary));
    }

    #[test]
    fn ten_of_a_severity_are_annotated_and_the_rest_is_not_lost() {
        let set = awkward::flood();
        let Annotations { log, summary } = render(&set.report(), true);
        assert_eq!(log.lines().filter(|l| l.starts_with("::error ")).count(), 10);
        assert_eq!(log.lines().filter(|l| l.starts_with("::notice ")).count(), 10);
        assert_eq!(log.lines().count(), 21);
        assert_eq!(summary.lines().filter(|l| l.starts_with("| error |") || l.starts_with("| info |")).count(), 3000);
        let bare = render(&set.report(), false);
        assert_eq!(bare.log.lines().count(), 3001);
    }

    #[test]
    fn a_huge_summary_is_cut_and_says_so() {
        let sources = vec![SourceFile::new("x.md", "x")].into();
        let finding = Diagnostic::new("thin-note", FileId::FIRST, Span::new(0, 1), "m".repeat(1000), "h");
        let diagnostics = vec![finding; 1200];
        let report = Report {
            diagnostics: &diagnostics,
            sources: &sources,
            totals: Default::default(),
            rules: &[],
            prefix: "",
            part: Default::default(),
        };
        let summary = render(&report, true).summary;
        let rows = summary.lines().filter(|l| l.starts_with("| error |")).count();
        assert!(summary.len() < 1 << 20);
        assert!(
            summary.ends_with(&format!("\n{} more are left out.\n", 1200 - rows)),
            "{}",
            &summary[summary.len() - 60..]
        );
    }

    #[test]
    fn a_name_cannot_give_commands() {
        let sources = vec![SourceFile::new("a,b:c%\n::add-mask::x.md", "x")].into();
        let finding = Diagnostic::new("bad-path", FileId::FIRST, Span::default(), "x\r\n::error::y %0A", "::set-env::");
        let report = Report {
            diagnostics: &[finding],
            sources: &sources,
            totals: Default::default(),
            rules: &[],
            prefix: "",
            part: Default::default(),
        };
        for has_summary in [true, false] {
            let log = render(&report, has_summary).log;
            insta::allow_duplicates! { insta::assert_snapshot!(log, @r"
            ::error file=a%2Cb%3Ac%25\u{a}%3A%3Aadd-mask%3A%3Ax.md,line=1,endLine=1,col=1,endColumn=1,title=bad-path::x\u{d}\u{a}::error::y %250A%0A::set-env::
            canon check: 1 error in 0 files
            ") }
        }
    }
}
