//! How the findings of all rules are gathered: which rules run, how bad a finding is, what excuses it. Knows no rule.

use super::{Answers, Check, Context, Need, RULES, Rule, internal_error, need_of, rule};
use crate::base::site::Site;
use crate::config::schema::globs;
use crate::note::frontmatter::Date;
use crate::system::panics;
use crate::text::diagnostic::{Diagnostic, RuleId, Severity};
use crate::text::ids::NoteId;
use crate::text::source::FileId;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

/// Findings after suppression, and how many were suppressed.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What is reported, by file, place and rule.
    pub diagnostics: Vec<Diagnostic>,
    /// How many findings a comment or frontmatter excused.
    pub suppressed: usize,
}

/// What a run knows beside the site.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunOptions<'a> {
    /// Today, for the rules that depend on the date.
    pub today: Option<Date>,
    /// What other sites answered.
    pub answers: Option<&'a Answers>,
    /// The only rules that are wanted; empty: all.
    pub only: &'a [String],
}

/// An excuse in a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ActiveSuppression {
    /// A comment: its index in the document.
    Comment(usize),
    /// An entry of `canon_ignore`: its index.
    Head(usize),
}

/// The excuses that a run had use for.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    /// Those that excused something.
    pub used: FxHashSet<(NoteId, ActiveSuppression)>,
    /// The rules that ran: an excuse from another one may have its use in another run.
    pub ran: Vec<RuleId>,
}

/// Runs every rule that is switched on; with `today`, also those that depend on the date.
pub(crate) fn run(site: &Site, today: Option<Date>) -> Findings {
    run_in(site, RunOptions { today, ..RunOptions::default() })
}

/// Runs the rules that are switched on and wanted.
pub(crate) fn run_in(site: &Site, options: RunOptions<'_>) -> Findings {
    let wanted = |r: &&Rule| options.only.is_empty() || options.only.iter().any(|id| id == r.id);
    let active = RULES.iter().filter(wanted).filter(|r| is_on(site, r));
    // Rules about suppressions judge what the findings of all other rules needed, so they run after them.
    let (last, active): (Vec<&Rule>, Vec<&Rule>) = active.partition(|r| need_of(r.id) == Some(Need::Suppressions));
    let context = Context { site, today: options.today, answers: options.answers, suppressions: None };
    let mut found = by_note(&context, &active);
    on_base(&context, &active, &mut found);
    set_severities(site, &mut found);
    let mut findings = Findings::default();
    let ran = active.iter().filter(|r| is_complete(r, &context)).map(|r| r.id).collect();
    let mut suppressions = Suppressions { ran, ..Suppressions::default() };
    apply_suppressions(site, found, &mut findings, &mut suppressions);
    let mut found = Vec::new();
    on_base(&Context { suppressions: Some(&suppressions), ..context }, &last, &mut found);
    set_severities(site, &mut found);
    apply_suppressions(site, found, &mut findings, &mut suppressions);
    sort(&mut findings.diagnostics);
    findings
}

/// The findings of the rules that look at one note alone, for one note: those that `run` without a date has from these rules.
pub(crate) fn run_on_note(site: &Site, note: NoteId) -> Vec<Diagnostic> {
    if site.note(note).is_failed() || site.vault.is_unreadable(site.note(note).file) {
        return Vec::new();
    }
    let active: Vec<&Rule> = RULES.iter().filter(|r| r.looks_at_one_note() && is_on(site, r)).collect();
    let context = Context { site, today: None, answers: None, suppressions: None };
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
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
}

/// The findings of the rules that look at one file at a time. What could not be read has no text to judge. A rule that
/// fails on a note is a finding on it and costs no other rule and no other note anything.
fn by_note(context: &Context<'_>, active: &[&Rule]) -> Vec<Diagnostic> {
    let site = context.site;
    let unread: FxHashSet<FileId> =
        site.vault.problems.iter().map(|p| p.file).filter(|&f| site.vault.is_unreadable(f)).collect();
    let is_read = |note: &NoteId| !site.note(*note).is_failed() && !unread.contains(&site.note(*note).file);
    let notes = site.notes.ids().into_par_iter().filter(is_read);
    notes.flat_map_iter(|note| on_note(context, note, active)).collect()
}

fn on_note(context: &Context<'_>, note: NoteId, active: &[&Rule]) -> Vec<Diagnostic> {
    let by_all: Result<Vec<Diagnostic>, _> =
        panics::catch(|| active.iter().flat_map(|rule| by_rule(context, note, rule)).collect());
    // Which of the rules it was is asked only if one failed.
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

/// Calls the parts of rules that look at the whole base.
fn on_base(context: &Context<'_>, rules: &[&Rule], found: &mut Vec<Diagnostic>) {
    for check in rules.iter().flat_map(|rule| rule.checks) {
        if let Check::Base(check) = check {
            check(context, found);
        }
    }
}

/// Whether the context has all that a rule needs to find everything that it reports.
fn is_complete(rule: &Rule, context: &Context<'_>) -> bool {
    match need_of(rule.id) {
        None => true,
        Some(Need::Today) => context.today.is_some(),
        Some(Need::Answers) => context.answers.is_some(),
        Some(Need::Suppressions) => context.suppressions.is_some(),
    }
}

/// Whether any path can get findings of this rule.
pub(super) fn is_on(site: &Site, rule: &Rule) -> bool {
    let check = &site.config.check;
    let own = check.rules.get(rule.id).copied().unwrap_or(rule.severity);
    own != Severity::Off || check.paths.iter().any(|p| p.rules.get(rule.id).is_some_and(|s| *s != Severity::Off))
}

/// Sets each finding's severity by rule and path, and drops those that are off. A finding that calls itself milder than
/// its rule stays so.
fn set_severities(site: &Site, found: &mut Vec<Diagnostic>) {
    let check = &site.config.check;
    let paths: Vec<_> = check.paths.iter().map(|p| (globs(std::slice::from_ref(&p.glob)), &p.rules)).collect();
    for diagnostic in found.iter_mut() {
        let default = rule(diagnostic.rule).map_or(diagnostic.severity, |r| r.severity);
        let mut severity = check.rules.get(diagnostic.rule).copied().unwrap_or(default);
        if !paths.is_empty() {
            let path = &site.vault.file(diagnostic.file).path;
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

/// Parts what is excused from what is reported.
fn apply_suppressions(site: &Site, found: Vec<Diagnostic>, findings: &mut Findings, excuses: &mut Suppressions) {
    for diagnostic in found {
        match excuse(site, &diagnostic) {
            Some(excuse) => {
                findings.suppressed += 1;
                excuses.used.insert(excuse);
            }
            None => findings.diagnostics.push(diagnostic),
        }
    }
}

/// What excuses a finding: its note's frontmatter, or a comment on the line or the one before.
fn excuse(site: &Site, diagnostic: &Diagnostic) -> Option<(NoteId, ActiveSuppression)> {
    let index = (*site.note_of_file.get(diagnostic.file)?)?;
    let note = site.note(index);
    if let Some(at) = note.head.ignore.iter().position(|rule| rule == diagnostic.rule) {
        return Some((index, ActiveSuppression::Head(at)));
    }
    if !note.doc.suppressions.iter().any(|s| s.rule == diagnostic.rule) {
        return None;
    }
    let text = &site.source(index).text;
    let line = |offset: u32| text[..(offset as usize).min(text.len())].bytes().filter(|&b| b == b'\n').count();
    let at = line(diagnostic.span.start);
    let comment = note.doc.suppressions.iter().position(|s| {
        let end = line(s.span.end - u32::from(text[..s.span.range().end].ends_with('\n')));
        s.rule == diagnostic.rule && matches!(at.checked_sub(end), Some(0 | 1))
    });
    comment.map(|at| (index, ActiveSuppression::Comment(at)))
}
