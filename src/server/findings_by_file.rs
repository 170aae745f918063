//! The findings of a base by file, and the lines that tell what a change broke and mended. For the preview and for
//! `canon check --watch`.

use super::Finding;
use crate::base::site::Site;
use crate::check::report::{PathsFromHere, counted};
use crate::text::diagnostic::{Diagnostic, Severity};
use std::collections::BTreeMap;

/// The most findings of each kind, new and mended, that are printed after a change.
const MAX_LINES: usize = 20;

/// Findings by source file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FindingsByFile {
    files: BTreeMap<String, Vec<Finding>>,
}

impl FindingsByFile {
    /// The findings, which must be sorted by file.
    pub(crate) fn new<'a>(site: &Site, diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> FindingsByFile {
        let mut files: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
        for d in diagnostics {
            let file = site.vault.file(d.file);
            let is_whole = d.span == crate::base::vault::WHOLE;
            let finding = Finding {
                severity: d.severity,
                file: file.path.to_string(),
                line: if is_whole { 0 } else { file.lines().position(d.span.start).line as u32 },
                message: d.message.clone(),
                help: d.help.clone(),
                repair: d.fix.as_ref().map(|fix| fix.applicability.command()),
            };
            match files.get_mut(&*file.path) {
                Some(own) => own.push(finding),
                None => drop(files.insert(file.path.to_string(), vec![finding])),
            }
        }
        FindingsByFile { files }
    }

    /// The findings of a file; empty if there are none.
    pub(crate) fn of(&self, file: &str) -> &[Finding] {
        self.files.get(file).map_or(&[], Vec::as_slice)
    }

    fn count(&self, severity: Severity) -> usize {
        self.files.values().flatten().filter(|finding| finding.severity == severity).count()
    }

    /// `2 errors, 1 warning, 7 infos`.
    pub(crate) fn counts(&self) -> String {
        let count = |severity, name: &str| counted(self.count(severity), name);
        let (errors, warnings) = (count(Severity::Error, "error"), count(Severity::Warning, "warning"));
        format!("{errors}, {warnings}, {}", count(Severity::Info, "info"))
    }

    /// Whether there is no error and no warning.
    fn is_well(&self) -> bool {
        self.count(Severity::Error) + self.count(Severity::Warning) == 0
    }

    /// The lines that tell what a change broke and mended, with their severity. Empty if the findings are the same.
    ///
    /// A finding that moved to a different line is the same.
    pub(crate) fn changes_since(&self, before: &FindingsByFile, paths: &PathsFromHere) -> Vec<(Severity, String)> {
        let (new, mended) = (missing_in(before, self), missing_in(self, before));
        if new.is_empty() && mended.is_empty() {
            return Vec::new();
        }
        let mut lines: Vec<(Severity, String)> = Vec::new();
        let told = mended.iter().take(MAX_LINES);
        lines.extend(told.map(|f| (Severity::Info, format!("mended: {}: {}", paths.show(&f.file), f.message))));
        lines.extend(rest(&mended, "more mended"));
        lines.extend(new.iter().take(MAX_LINES).map(|f| (f.severity, line_of(f, &paths.show(&f.file)))));
        lines.extend(rest(&new, "more new"));
        let now = match (self.files.is_empty(), self.is_well()) {
            (true, _) => "all is well again: no findings".to_string(),
            (_, true) if !before.is_well() => format!("all is well again: {}", self.counts()),
            _ => format!("{} new, {} mended: {} now", new.len(), mended.len(), self.counts()),
        };
        lines.push((Severity::Info, now));
        lines
    }
}

/// The line about the findings that are not printed, if there are any.
fn rest(findings: &[&Finding], what: &str) -> Option<(Severity, String)> {
    let severity = findings.iter().skip(MAX_LINES).map(|finding| finding.severity).max()?;
    Some((severity, format!("and {} {what}", findings.len() - MAX_LINES)))
}

/// The findings of `all` without those of `known`, worst first. A finding that occurs more often counts for each time.
fn missing_in<'a>(known: &FindingsByFile, all: &'a FindingsByFile) -> Vec<&'a Finding> {
    let mut missing = Vec::new();
    for (file, own) in &all.files {
        let before = known.of(file);
        if before == own.as_slice() {
            continue;
        }
        let mut counts: BTreeMap<(Severity, String), usize> = BTreeMap::new();
        before.iter().for_each(|finding| *counts.entry(identity(finding)).or_default() += 1);
        for finding in own {
            match counts.get_mut(&identity(finding)) {
                Some(count) if *count > 0 => *count -= 1,
                _ => missing.push(finding),
            }
        }
    }
    missing.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    missing
}

/// What makes two findings of a file the same. Messages name lines and counts, which change with edits elsewhere.
fn identity(finding: &Finding) -> (Severity, String) {
    (finding.severity, finding.message.replace(|c: char| c.is_ascii_digit(), ""))
}

/// The line of a finding on the terminal.
pub(crate) fn line_of(finding: &Finding, path: &str) -> String {
    let place = if finding.line > 0 { format!("{path}:{}", finding.line) } else { path.to_string() };
    let help = if finding.help.is_empty() { String::new() } else { format!("; {}", finding.help) };
    format!("{}: {place}: {}{help}", finding.severity.name(), finding.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(list: &[(Severity, &str, u32, &str)]) -> FindingsByFile {
        let mut found = FindingsByFile::default();
        for &(severity, file, line, message) in list {
            let finding = Finding {
                severity,
                file: file.into(),
                line,
                message: message.into(),
                help: String::new(),
                repair: None,
            };
            found.files.entry(file.into()).or_default().push(finding);
        }
        found
    }

    fn told(before: &FindingsByFile, after: &FindingsByFile) -> Vec<String> {
        after.changes_since(before, &PathsFromHere::default()).into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn a_change_tells_what_it_broke_and_mended() {
        use Severity::{Error, Info, Warning};
        let before = findings(&[(Error, "a.md", 3, "`x.md` is missing"), (Info, "b.md", 1, "line 7 is long")]);
        let moved = findings(&[(Error, "a.md", 9, "`x.md` is missing"), (Info, "b.md", 1, "line 8 is long")]);
        assert_eq!(told(&before, &moved), Vec::<String>::new(), "nothing is new");
        let after = findings(&[(Info, "b.md", 1, "line 7 is long"), (Warning, "c.md", 0, "it is thin")]);
        assert_eq!(
            told(&before, &after),
            [
                "mended: a.md: `x.md` is missing",
                "warning: c.md: it is thin",
                "1 new, 1 mended: 0 errors, 1 warning, 1 info now"
            ]
        );
        let well = findings(&[(Info, "b.md", 1, "line 7 is long")]);
        assert_eq!(told(&before, &well)[1], "all is well again: 0 errors, 0 warnings, 1 info");
        assert_eq!(told(&well, &findings(&[])).last().unwrap(), "all is well again: no findings");
        let twice = findings(&[(Error, "a.md", 1, "same"), (Error, "a.md", 2, "same")]);
        let once = findings(&[(Error, "a.md", 2, "same")]);
        assert_eq!(told(&once, &twice).len(), 2, "one more of the same: {:?}", told(&once, &twice));
    }

    #[test]
    fn a_long_list_is_cut() {
        let many: Vec<_> = (0..30).map(|n| (Severity::Error, "a.md", n, ["p", "q", "r"][n as usize % 3])).collect();
        let lines = told(&findings(&[]), &findings(&many));
        assert_eq!(lines.len(), MAX_LINES + 2);
        assert_eq!(lines[MAX_LINES], "and 10 more new");
    }
}
