//! What is wrong with a knowledge base, judged: a table of rules, and how their findings are gathered. Rules look at the
//! frozen site and never mend; a rule's file holds its logic, the `.md` beside it its explanation, whose examples are its
//! tests.

use crate::diagnostic::{Diagnostic, RuleId, Severity};
use crate::frontmatter::Date;
use crate::index::NoteIndex;
use crate::note::globs;
use crate::site::Site;
use rayon::prelude::*;

/// What a rule looks at.
#[derive(Clone, Copy)]
pub enum Scope {
    /// One published Markdown file at a time; runs in parallel.
    Note(fn(&Site, NoteIndex, &mut Vec<Diagnostic>)),
    /// The whole base at once.
    Base(fn(&Site, &mut Vec<Diagnostic>)),
    /// The whole base and today's date: reported by `check`, not on the health page.
    Dated(fn(&Site, Date, &mut Vec<Diagnostic>)),
}

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its id, which never changes its meaning.
    pub id: RuleId,
    /// How bad its findings are, unless configured otherwise.
    pub severity: Severity,
    /// One line: what it reports.
    pub summary: &'static str,
    /// The explanation that `canon explain` prints, in Markdown, with an example of wrong and right.
    pub explanation: &'static str,
    /// Its logic.
    pub scope: Scope,
}

/// Every rule, in alphabetical order.
pub const RULES: &[Rule] = &[];

/// The rule of this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|r| r.id == id)
}

/// Findings after suppression, and how many were suppressed.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is reported, by file, place and rule.
    pub diagnostics: Vec<Diagnostic>,
    /// How many findings a comment or frontmatter excused.
    pub suppressed: usize,
}

/// Runs every rule that is switched on; with `today`, also those that depend on the date.
pub fn run(site: &Site, today: Option<Date>) -> Findings {
    let active: Vec<&Rule> = RULES.iter().filter(|r| is_on(site, r)).collect();
    let by_note = (0..site.notes.len() as NoteIndex).into_par_iter().flat_map_iter(|note| {
        let mut found = Vec::new();
        for rule in &active {
            if let Scope::Note(check) = rule.scope {
                check(site, note, &mut found);
            }
        }
        found
    });
    let mut found: Vec<Diagnostic> = by_note.collect();
    for rule in &active {
        match (rule.scope, today) {
            (Scope::Base(check), _) => check(site, &mut found),
            (Scope::Dated(check), Some(today)) => check(site, today, &mut found),
            _ => {}
        }
    }
    let mut findings = Findings::default();
    set_severities(site, &mut found);
    for diagnostic in found {
        match is_suppressed(site, &diagnostic) {
            true => findings.suppressed += 1,
            false => findings.diagnostics.push(diagnostic),
        }
    }
    findings.diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.file, d.span, d.rule);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    findings
}

/// Whether any path can get findings of this rule.
fn is_on(site: &Site, rule: &Rule) -> bool {
    let check = &site.config.check;
    let own = check.rules.get(rule.id).copied().unwrap_or(rule.severity);
    own != Severity::Off || check.paths.iter().any(|p| p.rules.get(rule.id).is_some_and(|s| *s != Severity::Off))
}

/// Sets each finding's severity by rule and path, and drops those that are off.
fn set_severities(site: &Site, found: &mut Vec<Diagnostic>) {
    let check = &site.config.check;
    let paths: Vec<_> = check.paths.iter().map(|p| (globs(std::slice::from_ref(&p.glob)), &p.rules)).collect();
    for diagnostic in found.iter_mut() {
        let default = rule(diagnostic.rule).map_or(diagnostic.severity, |r| r.severity);
        diagnostic.severity = check.rules.get(diagnostic.rule).copied().unwrap_or(default);
        if !paths.is_empty() {
            let path = &site.vault.file(diagnostic.file).path;
            let last = paths
                .iter()
                .rev()
                .filter(|(glob, _)| glob.is_match(&**path))
                .find_map(|(_, rules)| rules.get(diagnostic.rule));
            diagnostic.severity = last.copied().unwrap_or(diagnostic.severity);
        }
    }
    found.retain(|d| d.severity != Severity::Off);
}

/// Whether the note or a comment on the line, or the line before, excuses a finding.
fn is_suppressed(site: &Site, diagnostic: &Diagnostic) -> bool {
    let Some(Some(index)) = site.note_of_file.get(diagnostic.file.index()) else { return false };
    let note = site.note(*index);
    if note.head.ignore.iter().any(|rule| rule == diagnostic.rule) {
        return true;
    }
    if note.doc.suppressions.is_empty() {
        return false;
    }
    let text = &site.source(*index).text;
    let line = |offset: u32| text[..(offset as usize).min(text.len())].bytes().filter(|&b| b == b'\n').count();
    let at = line(diagnostic.span.start);
    note.doc
        .suppressions
        .iter()
        .any(|s| s.rule == diagnostic.rule && matches!(at.checked_sub(line(s.span.end)), Some(0 | 1)))
}
