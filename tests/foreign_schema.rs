//! Bases with a schema of their own, without a configuration: what `check` says about them, and in which order.

mod built;

use built::{Base, canon, note, text};
use serde_json::Value;
use std::path::Path;

/// The findings of `check --format json`.
fn findings(root: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = canon().current_dir(root).args(["check", ".", "--format", "json"]).args(arguments).output().unwrap();
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&output.stderr)));
    report["diagnostics"].as_array().unwrap().clone()
}

fn rules(found: &[Value]) -> Vec<&str> {
    found.iter().map(|d| d["rule"].as_str().unwrap()).collect()
}

/// Ten notes with fields of their own, each linked by the next one, and names with spaces; `extra` is `canon.toml`.
fn own_schema(configuration: Option<&str>) -> Base {
    let folder = tempfile::tempdir().unwrap();
    let base = Base { home: folder };
    for i in 0..10 {
        let next = (i + 1) % 10;
        let body = format!("# Day {i}\n\nText {i}.\n\nSee [[Day {next}]].\n");
        base.put(
            &format!("Day {i}.md"),
            format!("---\ntitle: Day {i}\nmood: calm\nstatus: done\ntags: [Daily Note]\n---\n{body}"),
        );
    }
    if let Some(text) = configuration {
        base.put("canon.toml", text);
    }
    base
}

#[test]
fn one_remark_stands_for_all_findings_about_the_schema() {
    let base = own_schema(None);
    let found = findings(base.home.path(), &[]);
    assert_eq!(rules(&found), ["foreign-schema"], "{found:#?}");
    assert_eq!(found[0]["severity"], "info");
    let message = "10 of 10 notes do not use Canon's schema; `canon init` writes one that fits";
    assert_eq!(found[0]["message"], message);
}

#[test]
fn a_schema_of_the_configuration_is_meant() {
    let base = own_schema(Some("content = \".\"\n"));
    assert_eq!(rules(&findings(base.home.path(), &[])), ["foreign-schema"]);
    for configuration in ["content = \".\"\n[schema]\n", "content = \".\"\n[schema.fields.mood]\nkind = \"text\"\n"] {
        let base = own_schema(Some(configuration));
        let found = findings(base.home.path(), &[]);
        let count = |rule: &str| found.iter().filter(|d| d["rule"] == rule).count();
        assert_eq!((count("foreign-schema"), count("missing-field"), count("non-kebab-filename")), (0, 10, 10));
        assert_eq!(count("invalid-field"), 20, "a status and a tag of each note");
    }
}

#[test]
fn a_rule_that_is_named_runs() {
    let base = own_schema(None);
    let found = findings(base.home.path(), &["--rule", "missing-field"]);
    assert_eq!(rules(&found), ["missing-field"; 10]);
    let base = own_schema(Some("content = \".\"\n[check.rules]\nnon-kebab-filename = \"warning\"\n"));
    let found = findings(base.home.path(), &[]);
    assert_eq!(found.iter().filter(|d| d["rule"] == "non-kebab-filename").count(), 10);
    assert!(!rules(&found).contains(&"missing-field"));
}

#[test]
fn half_of_the_notes_with_frontmatter_decide() {
    for (own, foreign) in [(2, 2), (2, 3)] {
        let base = Base::of::<&str>(&[]);
        for i in 0..own {
            base.put(&format!("content/own-{i}.md"), note(&format!("own-{i}"), &format!("Own {i}"), "Text.\n"));
        }
        for i in 0..foreign {
            base.put(&format!("content/far-{i}.md"), format!("---\ntitle: Far {i}\n---\nText.\n"));
        }
        let found = findings(base.home.path(), &[]);
        let is_foreign = rules(&found).contains(&"foreign-schema");
        assert_eq!(
            (is_foreign, rules(&found).contains(&"missing-field")),
            (foreign > own, foreign <= own),
            "{found:#?}"
        );
    }
}

#[test]
fn missing_fields_are_one_finding_with_the_lines_to_paste() {
    let base = Base::of(&[("content/a.md", "---\nid: a\ntitle: A\ntype: question\nstatus: learning\n---\nText.\n")]);
    let output = canon().arg("check").arg(base.home.path()).output().unwrap();
    let report = text(&output.stdout);
    let lines = "\
  = help: add these lines, with your values:
          importance: 0…100
          difficulty: easy | medium | hard
          tags: […]
          created_at: YYYY-MM-DD
          updated_at: YYYY-MM-DD
";
    assert!(report.contains(lines), "{report}");
    assert_eq!(report.matches("error[missing-field]").count(), 1, "{report}");
}

#[test]
fn what_a_reader_misses_comes_first() {
    let said = "An ebb is the time when the water of the sea goes back and the beach is dry again.\n";
    let mut files = vec![
        ("content/a.md".to_string(), format!("---\nid: a\ntitle: A\ntype: question\n---\n{said}")),
        ("content/z.md".to_string(), note("z", "Z", &format!("[gone](gone.md)\n\n{said}"))),
    ];
    for many in [0, 60] {
        for i in 0..many {
            let (id, title) = (format!("n{i}"), format!("Note number {i}"));
            files.push((format!("content/{id}.md"), format!("---\nid: {id}\ntitle: {title}\ntype: question\n---\n")));
        }
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let base = Base::of(&files);
        let report = text(&canon().arg("check").arg(base.home.path()).output().unwrap().stdout);
        let place = |rule: &str| report.find(rule).unwrap_or_else(|| panic!("{rule} in {report}"));
        assert!(place("[broken-link]") < place("[duplicate-content]"), "{report}");
        assert!(place("[duplicate-content]") < place("[missing-field]"), "{report}");
    }
}

#[test]
fn fields_whose_values_are_known_are_added() {
    let rest =
        "type: reference\nstatus: learning\nimportance: 1\ndifficulty: easy\ntags: [a]\ncreated_at: 2026-01-01\n";
    let toml = "type = \"reference\"\nstatus = \"learning\"\n";
    let base = Base::of(&[
        ("content/low-tide.md", format!("---\n{rest}---\n\n# Low *tide*: \"ebb\"\n\nText.\n")),
        ("content/on.md", format!("---\ntitle: On\n{rest}---\nText.\n")),
        ("content/a/twin.md", format!("---\ntitle: A\n{rest}---\nText.\n")),
        ("content/b/twin.md", format!("---\ntitle: B\n{rest}---\nText.\n")),
        ("content/Big Name.md", format!("---\ntitle: Big\n{rest}---\nText.\n")),
        ("content/misspelt.md", format!("---\ntitel: x\n{rest}---\n# Misspelt\n\nText.\n")),
        ("content/toml.md", format!("+++\n{toml}+++\n# In TOML\n\nText.\n")),
        ("content/lines.md", "title:: Lines\ntype:: reference\n\nText.\n".to_string()),
        ("canon.toml", "[schema]\n".to_string()),
    ]);
    canon().arg("check").arg(base.home.path()).args(["--rule", "missing-field", "--fix"]).output().unwrap();
    let head = |path: &str| {
        let text = std::fs::read_to_string(base.home.path().join("content").join(path)).unwrap();
        text.lines().take(3).collect::<Vec<_>>().join("|")
    };
    assert_eq!(head("low-tide.md"), "---|id: low-tide|title: \"Low tide: \\\"ebb\\\"\"");
    assert_eq!(head("on.md"), "---|id: \"on\"|title: On");
    assert_eq!(head("a/twin.md"), "---|title: A|type: reference");
    assert_eq!(head("Big Name.md"), "---|title: Big|type: reference");
    assert_eq!(head("misspelt.md"), "---|id: misspelt|titel: x");
    assert_eq!(head("toml.md"), "+++|id = \"toml\"|title = \"In TOML\"");
    assert_eq!(head("lines.md"), "title:: Lines|type:: reference|");
    let found = findings(base.home.path(), &["--rule", "missing-field"]);
    assert!(found.iter().all(|d| d["file"] != "low-tide.md" || !d["message"].as_str().unwrap().contains("`id`")));
}
