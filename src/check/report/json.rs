//! `check --format json`: version 1 of the documented format, which third-party programs rely on.

use super::{Counts, Located, Report, on_disk};
use crate::text::diagnostic::Fix;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    summary: Summary,
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Summary {
    #[serde(rename = "files")]
    file_count: usize,
    #[serde(rename = "notes")]
    note_count: usize,
    #[serde(rename = "links")]
    link_count: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    milliseconds: u64,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: &'static str,
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    message: &'a str,
    help: &'a str,
    related: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Repair<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    file: &'a str,
    line: usize,
    message: &'a str,
}

#[derive(Serialize)]
struct Repair<'a> {
    description: &'a str,
    /// `safe` or `suggestion`.
    applicability: &'static str,
    edits: Vec<Replacement<'a>>,
}

/// An edit for the file on disk: `start` and `end` are byte offsets there, and `text` has its line endings.
#[derive(Serialize)]
struct Replacement<'a> {
    file: &'a str,
    start: usize,
    end: usize,
    text: String,
}

/// The report as JSON, with a final line ending.
pub(crate) fn render(report: &Report<'_>) -> String {
    let (counts, totals) = (Counts::of(report.diagnostics), report.totals);
    let located = report.located();
    let document = Document {
        version: 1,
        summary: Summary {
            file_count: totals.files,
            note_count: totals.notes,
            link_count: totals.links,
            errors: counts.errors,
            warnings: counts.warnings,
            infos: counts.infos,
            suppressed: totals.suppressed,
            milliseconds: totals.milliseconds,
        },
        diagnostics: located.iter().map(|l| finding(report, l)).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("plain data serialises");
    text.push('\n');
    text
}

fn finding<'a>(report: &Report<'a>, located: &Located<'a>) -> Finding<'a> {
    let d = located.diagnostic;
    let related = d.related.iter().zip(&located.related);
    Finding {
        rule: d.rule,
        severity: d.severity.name(),
        file: &located.file.path,
        line: located.start.line,
        column: located.start.column,
        end_line: located.end.line,
        end_column: located.end.column,
        message: &d.message,
        help: &d.help,
        related: related
            .map(|(label, (file, place))| Related { file: &file.path, line: place.line, message: &label.message })
            .collect(),
        fix: d.fix.as_ref().map(|fix| repair(report, fix)),
    }
}

fn repair<'a>(report: &Report<'a>, fix: &'a Fix) -> Repair<'a> {
    let replacement = |edit: &'a crate::text::diagnostic::Edit| {
        let file = report.source(edit.file);
        Replacement {
            file: &file.path,
            start: file.original(edit.span.start),
            end: file.original(edit.span.end),
            text: on_disk(file, &edit.text),
        }
    };
    Repair {
        description: &fix.description,
        applicability: fix.applicability.name(),
        edits: fix.edits.iter().map(replacement).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::awkward;

    #[test]
    fn awkward_findings() {
        insta::assert_snapshot!(super::render(&awkward::set().report()));
    }

    #[test]
    fn offsets_are_those_of_the_file_on_disk() {
        let set = awkward::set();
        let json: serde_json::Value = serde_json::from_str(&super::render(&set.report())).unwrap();
        let mut seen = 0;
        for edit in
            json["diagnostics"].as_array().unwrap().iter().filter_map(|d| d["fix"]["edits"].as_array()).flatten()
        {
            let disk = set.disk(edit["file"].as_str().unwrap());
            let range = edit["start"].as_u64().unwrap() as usize..edit["end"].as_u64().unwrap() as usize;
            assert!(["misssing.md", "mediun", "\r\n", ""].contains(&&disk[range.clone()]), "{:?}", &disk[range]);
            seen += 1;
        }
        assert_eq!(seen, 4);
    }
}
