//! Rules by their own explanations: the wrong example of each must trigger it, the right one must not; `rules/cases.md`
//! holds what comes close.

use super::base;

use crate::base::site::Site;
use crate::check::report::{Report, Totals, human};
use crate::check::rules::{RULES, repairs_of};
use crate::text::diagnostic::Diagnostic;
use base::{File, example, files, findings_of};

fn of_kind(files: &[File], kind: &str) -> Vec<File> {
    files.iter().filter(|f| f.kind == kind).cloned().collect()
}

fn human(site: &Site, diagnostics: &[Diagnostic]) -> String {
    let totals = Totals { files: site.vault.markdown, notes: 0, links: 0, suppressed: 0, milliseconds: 0 };
    let report =
        Report { diagnostics, sources: &site.vault.files, totals, rules: &[], prefix: "", part: Default::default() };
    human::render(&report, human::Look::default())
}

/// The rule about faults of canon itself: a text that shows one is mended, not kept.
const WITHOUT_EXAMPLE: &str = "internal-error";

#[test]
fn examples_of_explanations_are_true() {
    let mut faults = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.id != WITHOUT_EXAMPLE) {
        let all = files(rule.explanation);
        let (_folder, site) = example(&of_kind(&all, "wrong"), rule.id);
        let found = findings_of(&site, rule.id).diagnostics;
        let offered: Vec<_> = found.iter().filter_map(|d| Some(d.fix.as_ref()?.applicability)).collect();
        let kinds: Vec<_> = repairs_of(rule.id).collect();
        if offered.iter().any(|offer| !kinds.contains(offer)) || offered.is_empty() != kinds.is_empty() {
            faults.push(format!("{}: offers {offered:?}, but the table of repairs has {kinds:?}", rule.id));
        }
        match found.is_empty() {
            true => faults.push(format!("{}: the wrong example is not reported", rule.id)),
            false => insta::assert_snapshot!(rule.id, human(&site, &found)),
        }
        let (_folder, site) = example(&of_kind(&all, "right"), rule.id);
        for d in findings_of(&site, rule.id).diagnostics {
            faults.push(format!("{}: the right example is reported: {}", rule.id, d.message));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// `7:3-7:20` of a finding.
fn place(site: &Site, d: &Diagnostic) -> String {
    let lines = site.vault.file(d.file).lines();
    let (start, end) = (lines.position(d.span.start), lines.position(d.span.end));
    format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
}

/// The sections of a Markdown text: heading and body; a heading in a fenced block is none.
fn sections(text: &str) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    let mut fence = String::new();
    for line in text.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        if ticks.len() >= 3 && (fence.is_empty() || ticks == fence) {
            fence = if fence.is_empty() { ticks } else { String::new() };
        }
        match line.strip_prefix("## ").filter(|_| fence.is_empty()) {
            Some(heading) => found.push((heading, String::new())),
            None => found.iter_mut().last().into_iter().for_each(|(_, body)| *body += &format!("{line}\n")),
        }
    }
    found
}

/// Cases are sections `## rule: what it shows`; with ` @ PLACE` behind it, the places of all findings, else with a
/// `wrong` block some finding; ` = WORDS` is a part of the message or the help.
#[test]
fn cases() {
    let text = include_str!("../rules/cases.md");
    let mut faults = Vec::new();
    let mut count = 0;
    for (heading, body) in sections(text) {
        let (heading, words) = heading.split_once(" = ").unwrap_or((heading, ""));
        let (heading, places) = heading.split_once(" @ ").unwrap_or((heading, ""));
        let (id, _) = heading.split_once(':').unwrap_or((heading, ""));
        let all = files(&body);
        assert!(!all.is_empty(), "{heading} has no files");
        let (_folder, site) = example(&all, id);
        let found = findings_of(&site, id).diagnostics;
        let wrong = all.iter().any(|f| f.kind == "wrong");
        let shown: Vec<String> =
            found.iter().map(|d| format!("{} {} | {}", place(&site, d), d.message, d.help)).collect();
        let got: Vec<String> = found.iter().map(|d| place(&site, d)).collect();
        let as_told = wrong != found.is_empty()
            && (places.is_empty() || got.join(" ") == places)
            && (words.is_empty() || shown.iter().any(|s| s.contains(words)));
        if !as_told {
            faults.push(format!("{heading} @ {places} = {words}\n    {}", shown.join("\n    ")));
        }
        count += 1;
    }
    assert!(faults.is_empty(), "{} of {count} cases:\n{}", faults.len(), faults.join("\n"));
}
