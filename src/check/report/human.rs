//! The report for the terminal: source line, marked span, message and help, grouped by file. What a reader of the site
//! misses is first, then duplication, then the schema. Findings with a shared
//! cause are merged, and beyond a limit only a summary is shown.

use super::snippet::window;
use super::{Counts, Located, Report, counted, is_whole_file, thousands, visible, visible_lines};
use crate::text::diagnostic::{Applicability, Diagnostic, Label, RuleId, Severity, Topic};
use crate::text::source::{Position, SourceFile, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use rustc_hash::FxHashMap;
use std::fmt::Write;

/// The maximum number of findings to show in full.
const SHOWN: usize = 100;
/// The number of findings per rule in the summary.
const EXAMPLES: usize = 3;
/// The number of related locations to show with their source.
const RELATED: usize = 4;
/// The number of locations to list for a shared cause.
const SAME_CAUSE: usize = 3;

/// The options of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Look {
    /// Whether to use colours.
    pub colour: bool,
    /// Whether to show all findings, whatever their number.
    pub all: bool,
    /// Whether to omit everything after the findings: counts and advice. Without findings the report is then empty.
    pub bare: bool,
}

/// The report for the terminal, with a final line ending.
pub(crate) fn render(report: &Report<'_>, look: Look) -> String {
    let located = report.located();
    let mut findings = merge_causes(&located, look);
    // Stable: within a topic the findings stay in the order of their places.
    findings.sort_by_cached_key(|finding| report.topic(finding.first.diagnostic));
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

/// A finding and all findings with the same cause.
struct Finding<'a, 'b> {
    first: &'b Located<'a>,
    same: Vec<&'b Located<'a>>,
}

/// Merges findings of the same rule and cause into the first of them, unless `look.all`.
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

/// All findings with their source, under a heading for each file.
fn every(report: &Report<'_>, findings: &[Finding<'_, '_>], look: Look) -> String {
    let renderer = if look.colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    let topic = |finding: &Finding<'_, '_>| report.topic(finding.first.diagnostic);
    // The findings of a topic are sorted by path, so those of a file are adjacent.
    for of_file in findings.chunk_by(|a, b| std::ptr::eq(a.first.file, b.first.file) && topic(a) == topic(b)) {
        let counts = Counts::of(of_file.iter().map(|f| f.first.diagnostic)).words();
        let path = report.path(of_file[0].first.file);
        let _ = writeln!(out, "{}: {counts}\n", strong(&visible(&path), look));
        for finding in of_file {
            let _ = writeln!(out, "{}\n", without_empty_origins(&renderer.render(&groups(report, finding, look))));
        }
    }
    out
}

/// Removes the empty origin lines of `annotate-snippets`. It computes columns from the given text, which is a window of
/// a line here, so the location is a separate element; the renderer then announces the unnamed snippet with a line
/// `:::`.
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

/// The finding as groups of `annotate-snippets`: the finding itself, then each related location.
fn groups<'x>(report: &Report<'_>, finding: &Finding<'_, '_>, look: Look) -> Vec<Group<'x>> {
    let (located, d) = (finding.first, finding.first.diagnostic);
    let title = level(d.severity).primary_title(visible(&d.message).into_owned()).id(d.rule);
    let mut first =
        with_source(report, Group::with_title(title), located.file, d.span, located.start, last_line(located));
    // The help for a group only if it holds for all of them.
    if !d.help.is_empty() && finding.same.iter().all(|l| l.diagnostic.help == d.help) {
        first = first.element(Level::HELP.message(visible_lines(&marked_help(d))));
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

/// The help of a finding, with the mark of its repair: `write `b.md` (fix)`.
fn marked_help(diagnostic: &Diagnostic) -> String {
    match &diagnostic.fix {
        Some(fix) => format!("{} ({})", diagnostic.help, fix.applicability.mark()),
        None => diagnostic.help.clone(),
    }
}

/// The last line of a finding. A span that ends at the start of a line does not include that line.
fn last_line(located: &Located<'_>) -> usize {
    let (start, end) = (located.start, located.end);
    if end.line > start.line && end.column == 1 { end.line - 1 } else { end.line }
}

impl Report<'_> {
    /// The topic of a finding. A remark about links breaks nothing for readers.
    fn topic(&self, diagnostic: &Diagnostic) -> Topic {
        let topic =
            self.rules.iter().find(|rule| rule.id == diagnostic.rule).map_or(Topic::default(), |rule| rule.topic);
        match diagnostic.severity < Severity::Warning && topic == Topic::Reading {
            true => Topic::Schema,
            false => topic,
        }
    }
}

/// The note about findings with the same cause: `17 more with the same cause: a.md:3, b.md:3, c.md:5 and 14 others`.
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

/// Adds the location and its source lines. A finding about a whole file has only a location.
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

/// The summary for too many findings: the count and the first findings of each rule.
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
    // By topic, then most severe first, then most frequent.
    rules.sort_by_key(|(severity, rule, found)| {
        (report.topic(found[0].diagnostic), std::cmp::Reverse((*severity, found.len())), *rule)
    });
    let mut out = String::new();
    for (severity, rule, found) in &rules {
        let files = found.chunk_by(|a, b| std::ptr::eq(a.file, b.file)).count();
        let title = format!("{}[{rule}]", severity.name());
        let count = format!("{} in {}", thousands(found.len()), counted(files, "file"));
        let _ = writeln!(out, "{}: {count}", coloured(&title, *severity, look));
        examples(report, &mut out, found);
    }
    let _ = writeln!(
        out,
        "`--all` shows all findings, `--rule RULE` the findings of one rule; `canon explain RULE` explains a rule."
    );
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
    let first = found.first().map(|l| l.diagnostic).filter(|d| !d.help.is_empty());
    if let Some(first) = first.filter(|d| found.iter().all(|l| l.diagnostic.help == d.help)) {
        let _ = writeln!(out, "  help: {}", visible_lines(&marked_help(first)).replace('\n', "\n    "));
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

/// The last line: `2 errors, 1 warning in 80 files (67 notes, 335 links), 3 suppressed, 31 ms`.
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
    use crate::text::ids::Id;
    use crate::text::source::FileId;

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
    fn a_group_has_a_help_only_if_all_share_it() {
        let sources = vec![SourceFile::new("a.md", "one\ntwo\n")].into();
        let one = |start: usize, help: &str| {
            let span = Span::new(start, start + 3);
            Diagnostic::new("broken-link", FileId::FIRST, span, "no link", help).cause("moved")
        };
        for (other, shown) in [("mend it", true), ("mend the other", false)] {
            let mut diagnostics = vec![one(0, "mend it"), one(4, other)];
            let text = |diagnostics: &[Diagnostic]| {
                let report = Report {
                    diagnostics,
                    sources: &sources,
                    totals: Totals::default(),
                    rules: &[],
                    prefix: "",
                    part: Default::default(),
                };
                render(&report, Look::default())
            };
            assert_eq!(text(&diagnostics).contains("help: mend it"), shown, "{}", text(&diagnostics));
            // More findings than are shown in full.
            diagnostics.extend((0..SHOWN).map(|n| one(n % 2 * 4, "mend it").cause(n.to_string())));
            assert_eq!(text(&diagnostics).contains("help: mend it"), shown, "{}", text(&diagnostics));
        }
    }

    #[test]
    fn nothing_found_is_one_line() {
        let totals = Totals { files: 1, notes: 1, links: 1234, suppressed: 0, milliseconds: 1250 };
        let report = Report {
            diagnostics: &[],
            sources: &Default::default(),
            totals,
            rules: &[],
            prefix: "",
            part: Default::default(),
        };
        assert_eq!(render(&report, Look::default()), "no findings in 1 file (1 note, 1,234 links), 1.2 s\n");
    }
}
