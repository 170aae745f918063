//! Adopting a base: findings in the baseline are known to every command, and new ones are reported.

use crate::built::{Base, canon, note, text};
use std::fs;
use std::process::Output;

/// A base with a broken link in each of two notes, and with `[check]` settings.
fn base(settings: &str) -> Base {
    let broken = |id: &str| note(id, &id.to_uppercase(), "Text.\n\n[gone](gone.md)\n");
    Base::of(&[
        ("canon.toml", format!("title = \"Base\"\n{settings}")),
        ("content/a.md", broken("a")),
        ("content/sub/b.md", broken("b")),
    ])
}

const CONFIGURED: &str = "[check]\nbaseline = \"canon-baseline.json\"\n";

fn run(base: &Base, arguments: &[&str]) -> Output {
    canon().current_dir(base.home.path()).args(arguments).output().unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// The summary and the places of the findings of `check --format json` with more arguments.
fn report(base: &Base, arguments: &[&str]) -> (serde_json::Value, Vec<String>) {
    let output = run(base, &[&["check", "--format", "json", "--rule", "broken-link"], arguments].concat());
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let places = report["diagnostics"].as_array().unwrap().iter();
    let places = places.map(|d| format!("{}:{}", d["file"].as_str().unwrap(), d["line"])).collect();
    (report["summary"].clone(), places)
}

#[test]
fn every_command_knows_the_configured_baseline() {
    let base = base(CONFIGURED);
    let wrote = run(&base, &["check", "--write-baseline"]);
    assert_eq!(status(&wrote), 0);
    let wrote = text(&wrote.stderr);
    let count = wrote.strip_prefix("wrote ").and_then(|rest| rest.split(' ').next()).unwrap();
    assert_eq!(wrote, format!("wrote {count} findings to canon-baseline.json; `canon check` reports only new ones\n"));
    assert_eq!(status(&run(&base, &["check", "--fail-on", "info"])), 0);
    let (summary, places) = report(&base, &[]);
    assert_eq!((&summary["errors"], &summary["suppressed"], places.len()), (&0.into(), &2.into(), 0));
    let stats = text(&run(&base, &["stats"]).stdout);
    let none = format!("0 errors, 0 warnings, 0 infos, and {count} in the baseline");
    assert!(stats.contains(&none), "{stats}");
    let built = run(&base, &["build", "--strict"]);
    assert_eq!(status(&built), 0, "{}", text(&built.stderr));
    assert!(text(&built.stdout).contains(&none));
    let health = fs::read_to_string(base.home.path().join("public/health.html")).unwrap();
    assert!(health.contains(&format!("{count} known findings are in the baseline and not listed")), "{health}");
    assert!(!health.contains("broken-link") && !health.contains("Nothing found"), "{health}");

    // One more broken link is new; the known one moved.
    base.put("content/a.md", note("a", "A", "More.\n\nText.\n\n[gone](gone.md) and [lost](lost.md)\n"));
    assert_eq!(status(&run(&base, &["check"])), 1);
    assert_eq!(report(&base, &[]).1, ["a.md:17"]);
    assert_eq!(status(&run(&base, &["build", "--strict"])), 1);
    let built = run(&base, &["build"]);
    assert!(text(&built.stdout).contains("Findings: 1 error, "), "{}", text(&built.stdout));
    let health = fs::read_to_string(base.home.path().join("public/health.html")).unwrap();
    assert!(health.contains("broken-link") && health.contains("lost.md"), "{health}");
}

#[test]
fn the_command_line_chooses_a_different_baseline_or_none() {
    let base = base(CONFIGURED);
    assert_eq!(status(&run(&base, &["check", "--write-baseline"])), 0);
    assert_eq!(report(&base, &["--no-baseline"]).1.len(), 2);
    base.put("none.json", "{\"version\":2,\"rules\":{},\"files\":{}}");
    assert_eq!(report(&base, &["--baseline", "none.json"]).1.len(), 2);
    assert_eq!(status(&run(&base, &["check", "--baseline", "none.json", "--no-baseline"])), 2);
    // The path is relative to canon.toml, wherever the command runs.
    let inside = canon().current_dir(base.home.path().join("content/sub")).args(["check", ".."]).output().unwrap();
    assert_eq!(status(&inside), 0, "{}", text(&inside.stdout));
}

#[test]
fn a_baseline_that_is_missing_or_old_stops_every_command_with_a_remedy() {
    let base = base(CONFIGURED);
    let missing = "error: the baseline `canon-baseline.json` does not exist; write it with `canon check --write-baseline \
        canon-baseline.json`, or remove `baseline` from `[check]` in canon.toml\n";
    for command in [&["check"][..], &["build"], &["stats"], &["serve", "--port", "0"]] {
        let output = run(&base, command);
        assert_eq!((status(&output), text(&output.stderr).as_str()), (2, missing), "{command:?}");
    }
    assert!(!base.home.path().join("public").exists());
    base.put("canon-baseline.json", "{\"version\": 1, \"findings\": []}");
    let output = run(&base, &["check"]);
    let old = "the baseline `canon-baseline.json` has version 1 of the format; this canon reads 2; write it with \
        `canon check --write-baseline canon-baseline.json`";
    assert!(status(&output) == 2 && text(&output.stderr).contains(old), "{}", text(&output.stderr));
    let output = run(&base, &["check", "--baseline", "gone.json"]);
    let gone =
        "error: the baseline `gone.json` does not exist; write it with `canon check --write-baseline gone.json`\n";
    assert_eq!((status(&output), text(&output.stderr).as_str()), (2, gone));
    // The remedy works.
    assert_eq!(status(&run(&base, &["check", "--write-baseline", "canon-baseline.json"])), 0);
    assert_eq!(status(&run(&base, &["check"])), 0);
}

#[test]
fn without_a_configured_baseline_a_file_must_be_named() {
    let base = base("");
    let output = run(&base, &["check", "--write-baseline"]);
    assert_eq!(status(&output), 2);
    assert!(text(&output.stderr).contains("`--write-baseline` needs a file"), "{}", text(&output.stderr));
    let output = run(&base, &["check", "--write-baseline", "known.json"]);
    let told = "to known.json; `canon check --baseline known.json` reports only new ones";
    assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    assert_eq!(status(&run(&base, &["check", "--baseline", "known.json"])), 0);
}

#[test]
fn writing_for_a_part_keeps_the_rest() {
    let base = base(CONFIGURED);
    assert_eq!(status(&run(&base, &["check", "--write-baseline"])), 0);
    let read = || fs::read_to_string(base.home.path().join("canon-baseline.json")).unwrap();
    let whole = read();
    base.put("content/sub/b.md", note("b", "B", "Text.\n"));
    assert_eq!(status(&run(&base, &["check", "content/sub", "--rule", "broken-link", "--write-baseline"])), 0);
    let lines = |text: &str| text.lines().map(str::to_string).collect::<Vec<_>>();
    let (before, after) = (lines(&whole), lines(&read()));
    // The word of `broken-link` is gone from the line of that file, and nothing else changed.
    let changed: Vec<_> = before.iter().zip(&after).filter(|(a, b)| a != b).collect();
    assert_eq!((before.len(), changed.len()), (after.len(), 1), "{after:#?}");
    assert!(changed[0].0.starts_with("\"sub/b.md\":\"bl1:") && !changed[0].1.contains("bl1:"), "{changed:?}");
    // Its other entries must not be lost because the file is not a baseline any more.
    base.put("canon-baseline.json", "{\"version\": 1}");
    assert_eq!(status(&run(&base, &["check", "content/sub", "--write-baseline"])), 2);
    assert_eq!(read(), "{\"version\": 1}");
}

#[test]
fn entries_without_a_finding_are_named_but_not_those_of_unchecked_parts() {
    let base = base(CONFIGURED);
    assert_eq!(status(&run(&base, &["check", "--write-baseline"])), 0);
    base.put("content/sub/b.md", note("b", "B", "Text.\n"));
    let told = |arguments: &[&str]| text(&run(&base, &[&["check"], arguments].concat()).stderr);
    assert!(told(&[]).contains("the baseline has 1 entry without a finding"), "{}", told(&[]));
    assert!(told(&[]).contains("  sub/b.md broken-link\n"), "{}", told(&[]));
    assert_eq!(told(&["--rule", "orphan-note"]), "");
    assert_eq!(told(&["--quiet"]), "");
}

#[test]
fn the_baseline_is_no_content_and_its_lines_are_sorted() {
    let base = base("content = \".\"\n[check]\nbaseline = \"known/baseline.json\"\n");
    fs::create_dir(base.home.path().join("known")).unwrap();
    assert_eq!(status(&run(&base, &["check", "--write-baseline"])), 0);
    let written = fs::read_to_string(base.home.path().join("known/baseline.json")).unwrap();
    let files: Vec<&str> = written.lines().filter(|line| line.contains(".md\":")).collect();
    assert!(files.len() == 2 && files.is_sorted(), "{written}");
    assert!(!written.contains("baseline.json"), "{written}");
    let output = run(&base, &["check", "--no-baseline", "--rule", "unused-asset", "--fail-on", "info"]);
    assert_eq!(status(&output), 0, "{}", text(&output.stdout));
    assert_eq!(status(&run(&base, &["build"])), 0);
    assert!(!base.home.path().join("public/known/baseline.json").exists());
    assert_eq!(status(&run(&base, &["check", "--write-baseline"])), 0);
    assert_eq!(fs::read_to_string(base.home.path().join("known/baseline.json")).unwrap(), written);
}
