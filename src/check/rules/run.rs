//! Runs the rules: selects the active rules, collects their findings, and applies severities and suppressions. Knows no
//! particular rule.

use super::{Answers, Check, Context, Need, RULES, Rule, internal_error, need_of, rule};
use crate::base::site::Site;
use crate::config::schema::globs;
use crate::note::frontmatter::Date;
use crate::system::{panics, progress};
use crate::text::diagnostic::{Diagnostic, RuleId, Severity};
use crate::text::ids::NoteId;
use crate::text::source::{FileId, LineIndex};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// The findings after suppression, and the number of suppressed findings.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The reported findings, sorted by file, span and rule.
    pub diagnostics: Vec<Diagnostic>,
    /// The number of findings that a comment or the frontmatter suppressed.
    pub suppressed: usize,
}

/// The inputs of a run besides the site.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunOptions<'a> {
    /// The current date. `None`: rules that depend on the date omit their findings about dates.
    pub today: Option<Date>,
    /// The responses to external requests.
    pub answers: Option<&'a Answers>,
    /// The ids of the rules to run. Empty: all rules.
    pub only: &'a [String],
}

/// A suppression in a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ActiveSuppression {
    /// A comment: the index in [`suppressions`](crate::note::markdown::Document::suppressions).
    Comment(usize),
    /// An entry of `canon_ignore` in the frontmatter: the index in the list.
    Head(usize),
}

/// The suppressions that a run used.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    /// The suppressions with at least one finding.
    pub used: FxHashSet<(NoteId, ActiveSuppression)>,
    /// The rules with complete findings in this run. A suppression of a different rule may be used in a different run.
    pub ran: Vec<RuleId>,
}

/// Runs all enabled rules. Findings that depend on the date require `today`.
pub(crate) fn run(site: &Site, today: Option<Date>) -> Findings {
    run_in(site, RunOptions { today, ..RunOptions::default() })
}

/// Runs the enabled rules that `options` selects.
pub(crate) fn run_in(site: &Site, options: RunOptions<'_>) -> Findings {
    let wanted = |r: &&Rule| options.only.is_empty() || options.only.iter().any(|id| id == r.id);
    // A rule that the user names runs in any base.
    let has_foreign_schema = options.only.is_empty() && site.has_foreign_schema();
    let is_left_out = |r: &&Rule| has_foreign_schema && is_folded(site, r.id);
    let active = RULES.iter().filter(wanted).filter(|r| is_on(site, r) && !is_left_out(r));
    // `unused-suppression` needs the findings of all further rules, so the rule runs last.
    let (last, active): (Vec<&Rule>, Vec<&Rule>) = active.partition(|r| need_of(r.id) == Some(Need::Suppressions));
    // Severities come before suppressions: a finding that is off must not count as the use of a suppression.
    let (today, answers) = (options.today, options.answers);
    let context = Context { site, today, answers, has_foreign_schema, suppressions: None };
    let mut found = by_note(&context, &active);
    on_base(&context, &active, &mut found);
    set_severities(site, &mut found);
    let mut findings = Findings::default();
    let ran = active.iter().filter(|r| is_complete(r, &context)).map(|r| r.id).collect();
    let mut suppressions = Suppressions { ran, ..Suppressions::default() };
    apply_suppressions(site, found, &mut findings, &mut suppressions);
    // The findings of `unused-suppression` can be suppressed too, in the usual way.
    let mut found = Vec::new();
    on_base(&Context { suppressions: Some(&suppressions), ..context }, &last, &mut found);
    set_severities(site, &mut found);
    apply_suppressions(site, found, &mut findings, &mut suppressions);
    sort(&mut findings.diagnostics);
    findings
}

/// The findings of the rules for single notes about one note: equal to the findings of [`run`] without a date.
pub(crate) fn run_on_note(site: &Site, note: NoteId) -> Vec<Diagnostic> {
    // The same notes are skipped as in `by_note`.
    if site.note(note).is_failed() || site.vault.is_unreadable(site.note(note).file) {
        return Vec::new();
    }
    let has_foreign_schema = site.has_foreign_schema();
    let is_wanted =
        |r: &&Rule| r.looks_at_one_note() && is_on(site, r) && !(has_foreign_schema && is_folded(site, r.id));
    let active: Vec<&Rule> = RULES.iter().filter(is_wanted).collect();
    let context = Context { site, today: None, answers: None, has_foreign_schema, suppressions: None };
    let mut found = on_note(&context, note, &active);
    set_severities(site, &mut found);
    let mut findings = Findings::default();
    apply_suppressions(site, found, &mut findings, &mut Suppressions::default());
    sort(&mut findings.diagnostics);
    findings.diagnostics
}

fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.file, d.span, d.rule);
        // A rule can report the same span twice, with different messages.
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
}

/// The findings of the rules for single notes. Files that could not be read are skipped. A panic of a rule becomes a
/// finding about the note, and the checks of all further rules and notes continue.
fn by_note(context: &Context<'_>, active: &[&Rule]) -> Vec<Diagnostic> {
    let site = context.site;
    let unread: FxHashSet<FileId> =
        site.vault.problems.iter().map(|p| p.file).filter(|&f| site.vault.is_unreadable(f)).collect();
    let is_read = |note: &NoteId| !site.note(*note).is_failed() && !unread.contains(&site.note(*note).file);
    let notes = site.notes.ids().into_par_iter().filter(is_read);
    notes.flat_map_iter(|note| on_note(context, note, active)).collect()
}

fn on_note(context: &Context<'_>, note: NoteId, active: &[&Rule]) -> Vec<Diagnostic> {
    progress::count();
    let by_all: Result<Vec<Diagnostic>, _> =
        panics::catch(|| active.iter().flat_map(|rule| by_rule(context, note, rule)).collect());
    // One `catch` for all rules is the usual case. Only after a panic the rules run again, each with its own `catch`,
    // to find the failed rule.
    by_all.unwrap_or_else(|_| active.iter().flat_map(|rule| by_watched_rule(context, note, rule)).collect())
}

fn by_rule(context: &Context<'_>, note: NoteId, rule: &Rule) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in rule.checks {
        if let Check::Note(check) = check {
            panics::fault_for_tests(rule.id, &context.site.source(note).text);
            check(context, note, &mut found);
        }
    }
    found
}

fn by_watched_rule(context: &Context<'_>, note: NoteId, rule: &Rule) -> Vec<Diagnostic> {
    let file = context.site.note(note).file;
    let failed = |panic| vec![internal_error(file, &format!("it checked this note for `{}`", rule.id), &panic)];
    panics::catch(|| by_rule(context, note, rule)).unwrap_or_else(failed)
}

/// Calls the functions of rules for the whole base.
fn on_base(context: &Context<'_>, rules: &[&Rule], found: &mut Vec<Diagnostic>) {
    for check in rules.iter().flat_map(|rule| rule.checks) {
        if let Check::Base(check) = check {
            check(context, found);
        }
    }
}

/// Whether the context has the inputs for all findings of a rule.
fn is_complete(rule: &Rule, context: &Context<'_>) -> bool {
    match need_of(rule.id) {
        None => true,
        Some(Need::Today) => context.today.is_some(),
        Some(Need::Answers) => context.answers.is_some(),
        Some(Need::Suppressions) => context.suppressions.is_some(),
    }
}

/// Whether the rule is enabled for at least one path.
pub(super) fn is_on(site: &Site, rule: &Rule) -> bool {
    let check = &site.config.check;
    let own = check.rules.get(rule.id).copied().unwrap_or(rule.severity);
    // A rule that is off can be enabled for a path by `[[check.paths]]`.
    own != Severity::Off || check.paths.iter().any(|p| p.rules.get(rule.id).is_some_and(|s| *s != Severity::Off))
}

/// The rules about the schema whose findings are a single finding of `foreign-schema` in a base with a different schema.
const FOLDED: &[RuleId] = &[
    "id-not-filename",
    "missing-field",
    "missing-section",
    "non-kebab-filename",
    "thin-note",
    "unconnected-note",
    "unknown-field",
];

/// Whether a rule is left out in a base with a schema of its own. A rule that `canon.toml` names is not.
fn is_folded(site: &Site, id: &str) -> bool {
    FOLDED.contains(&id) && !site.config.check.rules.contains_key(id)
}

/// Sets the severity of each finding by rule and path, and removes the findings that are off. A finding with a lower
/// severity than its rule keeps the lower severity.
fn set_severities(site: &Site, found: &mut Vec<Diagnostic>) {
    let check = &site.config.check;
    let paths: Vec<_> = check.paths.iter().map(|p| (globs(std::slice::from_ref(&p.glob)), &p.rules)).collect();
    for diagnostic in found.iter_mut() {
        let default = rule(diagnostic.rule).map_or(diagnostic.severity, |r| r.severity);
        let mut severity = check.rules.get(diagnostic.rule).copied().unwrap_or(default);
        if !paths.is_empty() {
            let path = &site.vault.file(diagnostic.file).path;
            // Later entries of the configuration override earlier entries.
            let last = paths
                .iter()
                .rev()
                .filter(|(glob, _)| glob.is_match(&**path))
                .find_map(|(_, rules)| rules.get(diagnostic.rule));
            severity = last.copied().unwrap_or(severity);
        }
        diagnostic.severity = diagnostic.severity.min(severity);
    }
    found.retain(|d| d.severity != Severity::Off);
}

/// Counts the suppressed findings and adds the rest to `findings`.
fn apply_suppressions(site: &Site, found: Vec<Diagnostic>, findings: &mut Findings, suppressions: &mut Suppressions) {
    let mut by_note: FxHashMap<NoteId, NoteSuppressions> = FxHashMap::default();
    for diagnostic in found {
        let note = site.note_of_file.get(diagnostic.file).copied().flatten();
        let suppression = note.and_then(|note| {
            let own = site.note(note);
            let has_none = own.head.ignore.is_empty() && own.doc.suppressions.is_empty();
            let known =
                (!has_none).then(|| by_note.entry(note).or_insert_with(|| NoteSuppressions::new(site, note)))?;
            Some((note, known.of(&diagnostic)?))
        });
        match suppression {
            Some(used) => {
                findings.suppressed += 1;
                suppressions.used.insert(used);
            }
            None => findings.diagnostics.push(diagnostic),
        }
    }
}

/// The suppressions of a note by rule.
struct NoteSuppressions<'a> {
    /// The index of the first entry of `canon_ignore` for each rule.
    head: FxHashMap<&'a str, usize>,
    /// The line and the index of each comment, in the order of the document.
    comments: FxHashMap<&'a str, Vec<(usize, usize)>>,
    lines: LineIndex<'a>,
}

impl<'a> NoteSuppressions<'a> {
    fn new(site: &'a Site, note: NoteId) -> NoteSuppressions<'a> {
        let (own, text) = (site.note(note), &site.source(note).text);
        let mut head = FxHashMap::default();
        for (at, rule) in own.head.ignore.iter().enumerate() {
            head.entry(rule.as_str()).or_insert(at);
        }
        let lines = LineIndex::new(text);
        let mut comments: FxHashMap<&str, Vec<(usize, usize)>> = FxHashMap::default();
        for (at, comment) in own.doc.suppressions.iter().enumerate() {
            // A span may include the line end, which belongs to the line of the comment.
            let end = comment.span.end - u32::from(text[..comment.span.range().end].ends_with('\n'));
            comments.entry(&comment.rule).or_default().push((lines.line_of(end), at));
        }
        comments.values_mut().for_each(|list| list.sort_unstable());
        NoteSuppressions { head, comments, lines }
    }

    /// The suppression of a finding: in the frontmatter of the note, or a comment on the same line or the line before.
    /// `None` if the finding is reported.
    fn of(&self, diagnostic: &Diagnostic) -> Option<ActiveSuppression> {
        if let Some(&at) = self.head.get(diagnostic.rule) {
            return Some(ActiveSuppression::Head(at));
        }
        let comments = self.comments.get(diagnostic.rule)?;
        let line = self.lines.line_of(diagnostic.span.start);
        let first = comments.partition_point(|&(end, _)| end + 1 < line);
        comments.get(first).filter(|&&(end, _)| end <= line).map(|&(_, at)| ActiveSuppression::Comment(at))
    }
}
