//! `check --format sarif`: SARIF 2.1.0 (OASIS), which code hosts show next to the source lines. Paths are relative.

use super::{Located, Report, RuleInfo, is_whole_file, on_disk};
use crate::check::fingerprint;
use crate::text::diagnostic::{Diagnostic, Edit, Fix, Severity};
use crate::text::source::{FileId, Position, SourceFile};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// All characters except the unreserved ones of RFC 3986 and the separator of path segments.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The page of this version of the program. It has the files of the package, among them the explanations of the rules,
/// as soon as the package is published.
const HOME: &str = concat!("https://docs.rs/crate/", env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The report as a SARIF log with one run, with a final line ending.
pub(crate) fn render(report: &Report<'_>) -> String {
    let located = report.located();
    let fingerprints = fingerprint::fingerprints(located.iter().map(|l| l.diagnostic), report.sources);
    let results: Vec<Value> = located.iter().zip(&fingerprints).map(|(l, print)| result(report, l, print)).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "canon",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": HOME,
                "rules": report.rules.iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": true}],
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("plain data serialises");
    text.push('\n');
    text
}

fn rule(rule: &RuleInfo<'_>) -> Value {
    let mut description = json!({
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.explanation, "markdown": rule.explanation},
        "helpUri": format!("{HOME}/source/src/check/rules/{}.md", rule.id),
        "defaultConfiguration": {"enabled": rule.severity != Severity::Off, "level": level(rule.severity)},
    });
    if let Some(kind) = rule.repair {
        description["properties"] = json!({"fix": kind.name()});
    }
    description
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
        Severity::Off => "none",
    }
}

fn result(report: &Report<'_>, located: &Located<'_>, fingerprint: &str) -> Value {
    let d = located.diagnostic;
    let mut result = json!({
        "ruleId": d.rule,
        "level": level(d.severity),
        "message": {"text": message(d)},
        "locations": [{"physicalLocation": {
            "artifactLocation": artifact(report, located.file),
            "region": region(located.start, located.end),
        }}],
        "partialFingerprints": {"canon/v1": fingerprint},
    });
    // `ruleIndex` is optional in SARIF; a finding of an unlisted rule has none.
    if let Some(index) = report.rules.iter().position(|r| r.id == d.rule) {
        result["ruleIndex"] = index.into();
    }
    if !d.related.is_empty() {
        result["relatedLocations"] = related(report, located).into();
    }
    if let Some(fix) = &d.fix {
        result["fixes"] = json!([repair(report, fix)]);
    }
    result
}

/// The message and the help in one text, because SARIF has no field for the help of a result.
fn message(d: &Diagnostic) -> String {
    match d.help.is_empty() {
        true => d.message.clone(),
        false => format!("{}\n{}", d.message, d.help),
    }
}

fn artifact(report: &Report<'_>, file: &SourceFile) -> Value {
    let path = report.path(file);
    json!({"uri": utf8_percent_encode(&path, PATH).to_string()})
}

fn region(start: Position, end: Position) -> Value {
    json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column})
}

fn related(report: &Report<'_>, located: &Located<'_>) -> Vec<Value> {
    let labels = located.diagnostic.related.iter().zip(&located.related).enumerate();
    let place = |(id, (label, (file, start))): (usize, (&crate::text::diagnostic::Label, &(&SourceFile, Position)))| {
        let mut place = json!({
            "id": id + 1,
            "message": {"text": label.message},
            "physicalLocation": {"artifactLocation": artifact(report, file)},
        });
        if !is_whole_file(label.span) {
            place["physicalLocation"]["region"] = json!({"startLine": start.line, "startColumn": start.column});
        }
        place
    };
    labels.map(place).collect()
}

/// A fix with its edits grouped by file, one `artifactChange` per file.
fn repair(report: &Report<'_>, fix: &Fix) -> Value {
    let mut files: Vec<FileId> = fix.edits.iter().map(|e| e.file).collect();
    files.sort_unstable();
    files.dedup();
    let change = |&file: &FileId| {
        let source = report.source(file);
        let edits = fix.edits.iter().filter(|e| e.file == file);
        json!({
            "artifactLocation": artifact(report, source),
            "replacements": edits.map(|e| replacement(source, e)).collect::<Vec<_>>(),
        })
    };
    json!({
        "description": {"text": fix.description},
        "artifactChanges": files.iter().map(change).collect::<Vec<_>>(),
        "properties": {"applicability": fix.applicability.name()},
    })
}

fn replacement(source: &SourceFile, edit: &Edit) -> Value {
    let mut sweep = super::Sweep::new(&source.text);
    let (start, end) = (sweep.advance(edit.span.start), sweep.advance(edit.span.end.max(edit.span.start)));
    json!({"deletedRegion": region(start, end), "insertedContent": {"text": on_disk(source, &edit.text)}})
}

#[cfg(test)]
mod tests {
    use super::super::awkward;
    use super::*;

    #[test]
    fn awkward_findings() {
        let log = render(&awkward::set().report());
        insta::assert_snapshot!(log.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    /// The public schema, as the `serde-sarif` package carries it beside its sources.
    fn schema() -> Value {
        let run = |program: &str, arguments: &[&str]| {
            let mut command = std::process::Command::new(program);
            command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap().stdout
        };
        // Only what this machine needs was surely downloaded.
        let about = String::from_utf8(run("rustc", &["-vV"])).unwrap();
        let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let arguments = ["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host];
        let metadata: Value = serde_json::from_slice(&run(&cargo, &arguments)).expect("cargo answers with JSON");
        let packages = metadata["packages"].as_array().unwrap();
        let package = packages.iter().find(|p| p["name"] == "serde-sarif").expect("a dev-dependency");
        let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
        let text = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
        let mut schema: Value = serde_json::from_str(&text).unwrap();
        // The published pattern of `language` has a bracket too many and is no ECMAScript expression; we give no language.
        for holder in ["run", "toolComponent"] {
            let language = &mut schema["definitions"][holder]["properties"]["language"];
            language.as_object_mut().unwrap().remove("pattern");
        }
        schema
    }

    #[test]
    fn the_public_schema_accepts_it() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for set in [awkward::set(), awkward::flood()] {
            let log: Value = serde_json::from_str(&render(&set.report())).unwrap();
            let faults: Vec<String> =
                validator.iter_errors(&log).map(|e| format!("{}: {e}", e.instance_path())).collect();
            assert_eq!(faults, Vec::<String>::new());
        }
        let mut wrong: Value = serde_json::from_str(&render(&awkward::set().report())).unwrap();
        wrong["runs"][0]["results"][0]["level"] = "fatal".into();
        assert!(!validator.is_valid(&wrong), "the schema does look");
    }

    #[test]
    fn each_rule_and_each_repair_says_where_to_read_more_and_how_safe_it_is() {
        let log: Value = serde_json::from_str(&render(&awkward::set().report())).unwrap();
        let driver = &log["runs"][0]["tool"]["driver"];
        url::Url::parse(driver["informationUri"].as_str().unwrap()).unwrap();
        for rule in driver["rules"].as_array().unwrap() {
            let address = url::Url::parse(rule["helpUri"].as_str().unwrap()).unwrap();
            let (_, file) = address.path().split_once("/source/").unwrap();
            assert!(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file).is_file(), "{file}");
        }
        let results = log["runs"][0]["results"].as_array().unwrap();
        let fixes: Vec<&Value> = results.iter().flat_map(|r| r["fixes"].as_array().into_iter().flatten()).collect();
        let kinds = |kind: &str| fixes.iter().filter(|fix| fix["properties"]["applicability"] == kind).count();
        assert_eq!((kinds("safe"), kinds("suggestion"), fixes.len()), (2, 2, 4));
        assert!(fixes.iter().all(|fix| fix["artifactChanges"][0]["replacements"].is_array()));
    }

    #[test]
    fn regions_select_the_same_text_as_the_spans() {
        let set = awkward::set();
        let report = set.report();
        let log: Value = serde_json::from_str(&render(&report)).unwrap();
        for (result, located) in log["runs"][0]["results"].as_array().unwrap().iter().zip(report.located()) {
            let region = &result["locations"][0]["physicalLocation"]["region"];
            let number = |key: &str| region[key].as_u64().unwrap() as usize;
            let lines = located.file.lines();
            let offset = |line: usize, column: usize| {
                let start = lines.line(line - 1).start as usize;
                let rest = &located.file.text[start..];
                start + rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at)
            };
            let range =
                offset(number("startLine"), number("startColumn"))..offset(number("endLine"), number("endColumn"));
            assert_eq!(range, located.diagnostic.span.range());
        }
    }
}
