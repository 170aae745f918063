//! `check` for people: the source line, what is wrong under it, what to do. Grouped by file; what has one cause is said
//! once; thousands of findings are counted, not scrolled.

use super::snippet::window;
use super::{Counts, Located, Report, counted, is_whole_file, thousands, visible};
use crate::text::diagnostic::{Applicability, Diagnostic, Label, RuleId, Severity};
use crate::text::source::{Position, SourceFile, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use rustc_hash::FxHashMap;
use std::fmt::Write;

/// Above this many findings only a summary is shown.
const SHOWN: usize = 100;
/// How many findings of a rule stand in that summary.
const EXAMPLES: usize = 3;
/// How many related places of a finding are shown with their lines.
const RELATED: usize = 4;
/// How many places of a shared cause are named.
const SAME_CAUSE: usize = 3;

/// How the report is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Look {
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether every finding is shown, however many there are.
    pub all: bool,
    /// Whether nothing follows the findings: no count, no advice, and nothing at all where there are none.
    pub bare: bool,
}

/// The report for the terminal, with a line end behind it.
pub(crate) fn render(report: &Report<'_>, look: Look) -> String {
    let located = report.located();
    let findings = merge_causes(&located, look);
    let mut out = match findings.len() > SHOWN && !look.all {
        true => summarised(report, &located, look),
        false => every(report, &findings, look),
    };
    if look.bare {
        return out;
    }
    for (kind, does) in [(Applicability::Safe, "repairs"), (Applicability::Suggestion, "applies the suggestions for")] {
        let offered = |d: &&Diagnostic| d.fix.as_ref().is_some_and(|fix| fix.applicability == kind);
        let count = report.diagnostics.iter().filter(offered).count();
        if count > 0 {
            let _ = writeln!(out, "`{}` {does} {} of them.", kind.command(), thousands(count));
        }
    }
    let _ = writeln!(out, "{}", closing_line(report));
    out
}

/// A finding and the others with the same cause.
struct Finding<'a, 'b> {
    first: &'b Located<'a>,
    same: Vec<&'b Located<'a>>,
}

/// Puts findings of one rule and cause together at the first of them, unless all are wanted.
fn merge_causes<'a, 'b>(located: &'b [Located<'a>], look: Look) -> Vec<Finding<'a, 'b>> {
    let mut findings: Vec<Finding<'a, 'b>> = Vec::new();
    let mut by_cause: FxHashMap<(RuleId, &str), usize> = FxHashMap::default();
    for l in located {
        let cause = l.diagnostic.cause.as_deref().filter(|_| !look.all);
        let known = cause.and_then(|cause| by_cause.get(&(l.diagnostic.rule, cause)).copied());
        match known {
            Some(at) => findings[at].same.push(l),
            None => {
                by_cause.extend(cause.map(|cause| ((l.diagnostic.rule, cause), findings.len())));
                findings.push(Finding { first: l, same: Vec::new() });
            }
        }
    }
    findings
}

/// Every finding with its source, under a line for each file.
fn every(report: &Report<'_>, findings: &[Finding<'_, '_>], look: Look) -> String {
    let renderer = if look.colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for of_file in findings.chunk_by(|a, b| std::ptr::eq(a.first.file, b.first.file)) {
        let counts = Counts::of(of_file.iter().map(|f| f.first.diagnostic)).words();
        let path = report.path(of_file[0].first.file);
        let _ = writeln!(out, "{}: {counts}\n", strong(&visible(&path), look));
        for finding in of_file {
            let _ = writeln!(out, "{}\n", without_empty_origins(&renderer.render(&groups(report, finding, look))));
        }
    }
    out
}

/// The renderer takes columns from the text it is given, which here is a window of the line, so the place is said apart
/// from it; below that it announces a snippet without a name, in two lines that say nothing.
fn without_empty_origins(rendered: &str) -> String {
    let says_nothing = |line: &&str| anstream::adapter::strip_str(line).to_string().trim() == ":::";
    rendered.lines().filter(|line| !says_nothing(line)).collect::<Vec<_>>().join("\n")
}

fn strong(text: &str, look: Look) -> String {
    let style = if look.colour { anstyle::Style::new().bold() } else { anstyle::Style::new() };
    format!("{style}{text}{style:#}")
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info | Severity::Off => Level::INFO,
    }
}

/// A finding as the renderer takes it: itself, then each related place.
fn groups<'x>(report: &Report<'_>, finding: &Finding<'_, '_>, look: Look) -> Vec<Group<'x>> {
    let (located, d) = (finding.first, finding.first.diagnostic);
    let title = level(d.severity).primary_title(visible(&d.message).into_owned()).id(d.rule);
    let mut first =
        with_source(report, Group::with_title(title), located.file, d.span, located.start, last_line(located));
    if !d.help.is_empty() {
        first = first.element(Level::HELP.message(visible(&d.help).into_owned()));
    }
    let shown = if look.all { d.related.len() } else { d.related.len().min(RELATED) };
    let more = d.related.len() - shown + d.unlisted;
    if more > 0 {
        first = first.element(Level::NOTE.message(counted(more, "more place")));
    }
    if !finding.same.is_empty() {
        first = first.element(Level::NOTE.message(same_cause(report, &finding.same)));
    }
    let related = d.related.iter().zip(&located.related).take(shown);
    let notes = related.map(|(label, &(file, start))| note(report, label, file, start));
    std::iter::once(first).chain(notes).collect()
}

/// The last line that a finding touches: one whose end is a line's start does not touch that line.
fn last_line(located: &Located<'_>) -> usize {
    let (start, end) = (located.start, located.end);
    if end.line > start.line && end.column == 1 { end.line - 1 } else { end.line }
}

/// `17 more with the same cause: a.md:3, b.md:3, c.md:5 and 14 others`
fn same_cause(report: &Report<'_>, same: &[&Located<'_>]) -> String {
    let place = |l: &&Located<'_>| format!("{}:{}", visible(&report.path(l.file)), l.start.line);
    let places: Vec<String> = same.iter().take(SAME_CAUSE).map(place).collect();
    let more = match same.len().saturating_sub(SAME_CAUSE) {
        0 => String::new(),
        n => format!(" and {}", counted(n, "other")),
    };
    format!("{} more with the same cause: {}{more}", thousands(same.len()), places.join(", "))
}

fn note<'x>(report: &Report<'_>, label: &Label, file: &SourceFile, start: Position) -> Group<'x> {
    let group = Group::with_title(Level::NOTE.secondary_title(visible(&label.message).into_owned()));
    with_source(report, group, file, label.span, start, start.line)
}

/// Adds the place and its lines; a file as a whole has only a place.
fn with_source<'x>(
    report: &Report<'_>,
    group: Group<'x>,
    file: &SourceFile,
    span: Span,
    start: Position,
    last_line: usize,
) -> Group<'x> {
    let origin = Origin::path(visible(&report.path(file)).into_owned()).line(start.line).char_column(start.column);
    if is_whole_file(span) {
        return group.element(origin);
    }
    let window = window(file, span);
    let mut mark = AnnotationKind::Primary.span(window.span);
    if window.cut {
        mark = mark.label(format!("and on to line {last_line}"));
    }
    group.element(origin).element(Snippet::source(window.text).line_start(start.line).fold(false).annotation(mark))
}

/// Too many to show: for each rule its count and its first findings.
fn summarised(report: &Report<'_>, located: &[Located<'_>], look: Look) -> String {
    let mut rules: Vec<(Severity, RuleId, Vec<&Located<'_>>)> = Vec::new();
    let mut by_rule: FxHashMap<(Severity, RuleId), usize> = FxHashMap::default();
    for l in located {
        let key = (l.diagnostic.severity, l.diagnostic.rule);
        let at = *by_rule.entry(key).or_insert_with(|| {
            rules.push((key.0, key.1, Vec::new()));
            rules.len() - 1
        });
        rules[at].2.push(l);
    }
    rules.sort_by_key(|(severity, rule, found)| (std::cmp::Reverse((*severity, found.len())), *rule));
    let mut out = String::new();
    for (severity, rule, found) in &rules {
        let files = found.chunk_by(|a, b| std::ptr::eq(a.file, b.file)).count();
        let title = format!("{}[{rule}]", severity.name());
        let count = format!("{} in {}", thousands(found.len()), counted(files, "file"));
        let _ = writeln!(out, "{}: {count}", coloured(&title, *severity, look));
        examples(report, &mut out, found);
    }
    let _ =
        writeln!(out, "`--all` shows every finding, `--rule RULE` those of one rule; `canon explain RULE` says more.");
    out
}

fn examples(report: &Report<'_>, out: &mut String, found: &[&Located<'_>]) {
    for l in found.iter().take(EXAMPLES) {
        let (path, start) = (report.path(l.file), l.start);
        let _ =
            writeln!(out, "  {}:{}:{}: {}", visible(&path), start.line, start.column, visible(&l.diagnostic.message));
    }
    if found.len() > EXAMPLES {
        let _ = writeln!(out, "  … and {} more", thousands(found.len() - EXAMPLES));
    }
    if let Some(help) = found.first().map(|l| &l.diagnostic.help).filter(|help| !help.is_empty()) {
        let _ = writeln!(out, "  help: {}", visible(help));
    }
    out.push('\n');
}

fn coloured(text: &str, severity: Severity, look: Look) -> String {
    use anstyle::AnsiColor::{BrightBlue, BrightRed, BrightYellow};
    let colour = match severity {
        Severity::Error => BrightRed,
        Severity::Warning => BrightYellow,
        Severity::Info | Severity::Off => BrightBlue,
    };
    let style = if look.colour { colour.on_default().bold() } else { anstyle::Style::new() };
    format!("{style}{text}{style:#}")
}

/// `2 errors, 1 warning in 80 files (67 notes, 335 links), 3 suppressed, 31 ms`
fn closing_line(report: &Report<'_>) -> String {
    let (totals, counts) = (report.totals, Counts::of(report.diagnostics).words());
    let found = if counts.is_empty() { "no findings" } else { &counts };
    let (files, notes) = (counted(totals.files, "file"), counted(totals.notes, "note"));
    let mut line = format!("{found} in {files} ({notes}, {})", counted(totals.links, "link"));
    if totals.suppressed > 0 {
        let _ = write!(line, ", {} suppressed", thousands(totals.suppressed));
    }
    let _ = match totals.milliseconds {
        ms @ 0..1000 => write!(line, ", {ms} ms"),
        ms => write!(line, ", {}.{} s", ms / 1000, ms % 1000 / 100),
    };
    line
}

#[cfg(test)]
mod tests {
    use super::super::{Totals, awkward};
    use super::*;

    #[test]
    fn awkward_findings() {
        insta::assert_snapshot!(render(&awkward::set().report(), Look::default()));
    }

    #[test]
    fn three_thousand_findings() {
        insta::assert_snapshot!(render(&awkward::flood().report(), Look::default()));
    }

    #[test]
    fn all_shows_each_of_them() {
        let text = render(&awkward::flood().report(), Look { all: true, ..Look::default() });
        assert_eq!(text.lines().filter(|l| l.starts_with("error[") || l.starts_with("info[")).count(), 3000);
    }

    #[test]
    fn colours_are_all_that_colour_adds() {
        for set in [awkward::set(), awkward::flood()] {
            let plain = render(&set.report(), Look::default());
            let coloured = render(&set.report(), Look { colour: true, ..Look::default() });
            assert!(!plain.contains('\u{1b}'));
            assert_ne!(plain, coloured);
            assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
        }
    }

    #[test]
    fn nothing_found_is_one_line() {
        let totals = Totals { files: 1, notes: 1, links: 1234, suppressed: 0, milliseconds: 1250 };
        let report =
            Report { diagnostics: &[], sources: &[], totals, rules: &[], prefix: "", part: Default::default() };
        assert_eq!(render(&report, Look::default()), "no findings in 1 file (1 note, 1,234 links), 1.2 s\n");
    }
}
