//! The rules of the house, as a test: layers, sizes, words that may not stand in code, paths that README names.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest function, in lines.
const FUNCTION: usize = 70;
/// Longest file before its tests, in lines.
const FILE: usize = 500;
/// What is longer today; the list only shrinks.
const LONG_FILES: &[&str] = &[];
const LONG_FUNCTIONS: &[&str] = &[];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = walkdir::WalkDir::new(root().join(folder))
        .into_iter()
        .filter_map(Result::ok)
        .filter(|e| e.path().extension().is_some_and(|x| x == "rs"))
        .map(|e| (e.path().strip_prefix(root()).unwrap().display().to_string(), fs::read_to_string(e.path()).unwrap()))
        .collect();
    found.sort();
    found
}

/// The code of a file before its tests.
fn code(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text)
}

fn layers() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let module = |line: &str| {
        Some(line.strip_prefix("pub(crate) mod ").or(line.strip_prefix("pub mod "))?.strip_suffix(';')?.to_string())
    };
    text.lines().filter_map(module).collect()
}

#[test]
fn a_file_uses_only_layers_above_it() {
    let layers = layers();
    let place = |module: &str| layers.iter().position(|l| l == module);
    let mut faults = Vec::new();
    for (path, text) in rust_files("src") {
        let own = path.trim_start_matches("src/").split(['/', '.']).next().unwrap();
        let Some(own) = place(own) else { continue };
        for used in code(&text).split("crate::").skip(1) {
            let module: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if place(&module).is_some_and(|other| other > own) {
                faults.push(format!("{path} uses crate::{module}, which is below it"));
            }
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_are_short() {
    let long: Vec<String> = rust_files("src")
        .into_iter()
        .map(|(path, text)| (code(&text).lines().count(), path))
        .filter(|(lines, path)| *lines > FILE && !LONG_FILES.contains(&path.as_str()))
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn functions_are_short() {
    let mut long = Vec::new();
    for (path, text) in rust_files("src") {
        let mut start: Option<(usize, usize, String)> = None;
        for (n, line) in code(&text).lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let words = line.trim_start();
            let begins = ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn "].iter().any(|w| words.starts_with(w));
            match &start {
                None if begins && !words.ends_with(';') && !words.ends_with('}') => {
                    start = Some((n, indent, words.to_string()));
                }
                Some((from, at, name)) if indent == *at && words.starts_with('}') => {
                    let (lines, name) = (n - from + 1, name.clone());
                    if lines > FUNCTION && !LONG_FUNCTIONS.iter().any(|known| name.contains(known)) {
                        long.push(format!("{path}:{}: {lines} lines: {name}", from + 1));
                    }
                    start = None;
                }
                _ => {}
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Ways to open a file for reading.
const OPENS: &[&str] = &[
    "File::open(",
    "File::options",
    "OpenOptions",
    "fs::read(",
    "fs::read_to_string(",
    "fs::copy(",
    "fs::{read",
    "openat(",
    "openat2(",
    "imagesize::size(",
    "image_type(",
];

/// Files outside `src/system/disk.rs` that may open files, with the most places where they do, and what they open. Nothing of it
/// is a note, an asset, a template or a static file.
const OPENERS: &[(&str, usize, &str)] = &[
    ("src/system/atomic_write.rs", 3, "the file that is about to be written, and the new one beside it"),
    ("src/cli/check.rs", 1, "the baseline that the user names"),
    ("src/cli/init.rs", 1, "a file that an earlier run of the command may have written, to compare"),
    ("src/workspace/location.rs", 1, "the configuration, which may be a pipe"),
    ("src/check/external/cache.rs", 1, "canon's own cache of answers"),
    ("src/check/fix.rs", 2, "a note that is about to be written, by its real path, which is checked to be inside"),
    ("src/publish/output/", 20, "the output folder, the staging folder and the journal, which canon wrote"),
];

#[test]
fn files_of_a_site_are_opened_in_one_place() {
    let mut counts = vec![0; OPENERS.len()];
    let mut faults = Vec::new();
    for (path, text) in rust_files("src").into_iter().filter(|(path, _)| path != "src/system/disk.rs") {
        for (n, line) in code(&text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let opens: usize = OPENS.iter().map(|open| line.matches(open).count()).sum();
            match OPENERS.iter().position(|(opener, _, _)| path.starts_with(opener)) {
                Some(at) => counts[at] += opens,
                None if opens > 0 => faults.push(format!("{path}:{}: opens a file; use crate::disk", n + 1)),
                None => {}
            }
        }
    }
    for (count, (path, most, what)) in counts.into_iter().zip(OPENERS) {
        if count > *most {
            faults.push(format!("{path} opens files in {count} places, more than {most}; it may open {what}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> =
        rust_files("src").into_iter().filter(|(_, t)| !t.starts_with("//! ")).map(|(p, _)| p).collect();
    assert!(silent.is_empty(), "{silent:?} do not begin with a sentence");
}

#[test]
fn nothing_unfinished_stands_in_the_code() {
    let forbidden =
        [["to", "do!("].concat(), ["unimple", "mented!("].concat(), ["db", "g!("].concat(), ["#[ig", "nore"].concat()];
    let mut found = Vec::new();
    for (path, text) in rust_files("src").into_iter().chain(rust_files("tests")).chain(rust_files("benches")) {
        found.extend(forbidden.iter().filter(|word| text.contains(*word)).map(|word| format!("{path}: {word}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What writes to a file.
const WRITES: &[&str] = &[
    "fs::write(",
    "fs::copy(",
    "fs::rename(",
    "File::create",
    ".write(true)",
    ".append(true)",
    "OFlags::WRONLY",
    "OFlags::RDWR",
    "tempfile_in(",
    "NamedTempFile::new",
];
/// The file that writes whole files, and those that may do by themselves what it cannot, with how often and why.
const WRITER: &str = "src/system/atomic_write.rs";
const OTHER_WRITES: &[(&str, &str, usize, &str)] = &[
    ("src/publish/output/lock.rs", ".write(true)", 2, "opens lock files, into which nothing is written"),
    (
        "src/publish/output/replace.rs",
        "fs::copy(",
        1,
        "a staged file from another device, into our own folder, then renamed",
    ),
    ("src/publish/output/replace.rs", "fs::rename(", 2, "staged files over published ones, under the journal"),
    ("src/publish/output/swap.rs", "fs::rename(", 3, "whole folders, and what was never ours back into the site"),
    ("src/publish/output/tree.rs", ".write(true)", 1, "staged files, which nobody sees before they are on the disk"),
    ("src/publish/output/tree.rs", "OFlags::WRONLY", 1, "the same, from an open folder"),
    ("src/publish/output/tree.rs", "fs::rename(", 1, "a staging folder that cannot be used, out of the way"),
];

#[test]
fn files_are_written_in_one_place() {
    let mut found = Vec::new();
    for (path, text) in rust_files("src").iter().filter(|(path, _)| path != WRITER && !path.ends_with("/tests.rs")) {
        for what in WRITES {
            let count = code(text).lines().filter(|l| !l.trim_start().starts_with("//") && l.contains(what)).count();
            if count > 0 {
                found.push((path.clone(), *what, count));
            }
        }
    }
    let allowed: Vec<_> = OTHER_WRITES.iter().map(|(path, what, count, _)| (path.to_string(), *what, *count)).collect();
    let mut unknown = found.clone();
    unknown.retain(|it| !allowed.contains(it));
    assert!(unknown.is_empty(), "use `atomic_write`, or say here why not: {unknown:?}");
    assert!(allowed.iter().all(|it| found.contains(it)), "the list names more than there is: {found:?}");
}

#[test]
fn every_rule_has_its_explanation() {
    for rule in canon::check::RULES {
        let file = root().join("src/check/rules").join(format!("{}.md", rule.id));
        let text = fs::read_to_string(&file).unwrap_or_else(|_| panic!("{} is missing", file.display()));
        // A text that makes canon fail is a fault to mend, not an example.
        let has_example = text.contains("```wrong") && text.contains("```right");
        assert!(has_example || rule.id == "internal-error", "{} lacks an example", rule.id);
    }
    let ids: Vec<&str> = canon::check::RULES.iter().map(|r| r.id).collect();
    assert!(ids.is_sorted(), "the rules are not in alphabetical order: {ids:?}");
}

#[test]
fn paths_named_in_the_readme_exist() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let named = readme.split('`').skip(1).step_by(2).filter(|w| {
        let plain = !w.contains([' ', '*', '<', '{', '\n', '=', '#']) && w.contains('/');
        plain && ["src/", "tests/", "templates/", "static/", "content/", "benches/"].iter().any(|p| w.starts_with(p))
    });
    for path in named {
        assert!(Path::new(&root()).join(path).exists(), "README names `{path}`, which is not there");
    }
}
