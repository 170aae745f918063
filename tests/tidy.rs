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
    ("src/system/atomic_write.rs", 4, "the file that is about to be written, and the new one beside it"),
    ("src/cli/stats/learning.rs", 1, "the logs of practice that the user names"),
    ("src/cli/init.rs", 1, "a file that an earlier run of the command may have written, to compare"),
    (
        "src/workspace/location.rs",
        2,
        "the configuration, which may be a pipe, and the baseline that it or the user names",
    ),
    ("src/check/external/cache.rs", 1, "canon's own cache of answers"),
    ("src/check/fix.rs", 2, "a note that is about to be written, by its real path, which is checked to be inside"),
    ("src/publish/output/", 22, "the output folder, the staging folder, the journal and the record, which canon wrote"),
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

/// `println!` and `eprintln!` panic if the output is a full disk or a closed pipe.
#[test]
fn output_that_cannot_be_written_is_no_panic() {
    let mut faults = Vec::new();
    for (path, text) in rust_files("src").iter().filter(|(path, _)| !path.ends_with("/tests.rs")) {
        for (n, line) in code(text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if ["print!(", "println!("].iter().any(|macro_name| line.contains(macro_name)) {
                faults.push(format!("{path}:{}: use `cli::print` or `cli::log`", n + 1));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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

/// The texts for contributors, whose claims about the repository are checked.
const FOR_CONTRIBUTORS: [&str; 2] = ["README.md", "content/building/contributing.md"];

/// The words between backticks outside code blocks.
fn quoted(text: &str) -> Vec<String> {
    let (mut words, mut fence) = (Vec::new(), None);
    for line in text.lines() {
        let ticks = line.bytes().take_while(|&byte| byte == b'`').count();
        match fence {
            Some(open) if ticks >= open => fence = None,
            None if ticks >= 3 => fence = Some(ticks),
            None => words.extend(line.split('`').skip(1).step_by(2).map(str::to_string)),
            Some(_) => {}
        }
    }
    words
}

#[test]
fn paths_named_for_contributors_exist() {
    for file in FOR_CONTRIBUTORS {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let words = quoted(&text);
        let paths = words.iter().filter(|w| {
            let plain = !w.contains([' ', '*', '<', '{', '\n', '=', '#']) && w.contains('/');
            plain
                && ["src/", "tests/", "templates/", "static/", "content/", "benches/"].iter().any(|p| w.starts_with(p))
        });
        assert!(paths.clone().count() > 5, "the paths of {file} were not found");
        for path in paths {
            assert!(Path::new(&root()).join(path).exists(), "{file} names `{path}`, which is not there");
        }
    }
}

#[test]
fn commands_named_for_contributors_exist() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let script = fs::read_to_string(root().join("tests/run")).unwrap();
    let inside = fs::read_to_string(root().join("tests/inside/mod.rs")).unwrap();
    let exists = |path: String| root().join(path).exists();
    let mut checked = 0;
    for word in FOR_CONTRIBUTORS.iter().flat_map(|f| quoted(&fs::read_to_string(root().join(f)).unwrap())) {
        let after = |start: &str| word.split_once(start).map(|(_, rest)| rest.split(' ').next().unwrap().to_string());
        let known = [
            after("cargo bench --bench ").map(|name| manifest.contains(&format!("[[bench]]\nname = \"{name}\""))),
            after("cargo test --test ").map(|name| exists(format!("tests/{name}.rs"))),
            after("cargo test --lib inside::").map(|name| inside.contains(&format!("mod {name};"))),
            after("cargo run --release -- ").map(|name| exists(format!("src/cli/{name}.rs"))),
            after("tests/run ").map(|option| script.contains(&format!("  {option}) "))),
            after("cargo insta ").map(|_| manifest.contains("\ninsta = ")),
            after("node ").map(exists),
        ];
        for known in known.into_iter().flatten() {
            checked += 1;
            assert!(known, "`{word}` names something that is not there");
        }
    }
    assert!(checked > 8, "only {checked} commands were found");
}

#[test]
fn the_contributors_page_tells_the_layers_limits_and_settings() {
    let page = fs::read_to_string(root().join("content/building/contributing.md")).unwrap();
    let rows = page.split_once("\n## Layout of the source\n").unwrap().1.split_once("\n## ").unwrap().0;
    let named = rows.lines().filter_map(|l| l.strip_prefix("| `src/")?.split_once("/`")).map(|(name, _)| name);
    assert_eq!(named.collect::<Vec<_>>(), layers(), "the folders of the page, and of src/lib.rs");
    assert!(rows.contains(&format!("{FILE} lines")) && rows.contains(&format!("at most {FUNCTION}")), "the limits");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let profile = manifest.split_once("[profile.release]\n").unwrap().1.split_once("\n\n").unwrap().0;
    for setting in profile.lines() {
        assert!(page.contains(&format!("| `{setting}` |")), "the page does not explain `{setting}`");
    }
    assert!(!manifest.contains("panic = "), "the page says why panics unwind");
    let lists = fs::read_to_string(root().join("src/check/rules/mod.rs")).unwrap();
    for list in ["RULES", "NEEDS", "REPAIRS"] {
        assert!(page.contains(&format!("`{list}`")) && lists.contains(&format!("const {list}: ")), "{list}");
    }
}

/// The paths of a `use` declaration: `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`.
fn used_paths(tree: &str) -> Vec<String> {
    let Some((before, inside)) = tree.split_once('{') else { return vec![tree.trim().to_string()] };
    let inside = inside.rsplit_once('}').map_or(inside, |(inside, _)| inside);
    let (mut depth, mut start, mut paths) = (0, 0, Vec::new());
    for (at, c) in inside.char_indices().chain([(inside.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let own = used_paths(&inside[start..at]).into_iter().filter(|path| !path.is_empty());
                paths.extend(own.map(|path| format!("{}{path}", before.trim())));
                start = at + 1;
            }
            _ => {}
        }
    }
    paths
}

/// The module that a path in `module` names, by the longest beginning that is a file. `None` for other crates.
fn module_of_path(path: &str, module: &str, modules: &[String]) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").collect();
    let mut base: Vec<&str> = Vec::new();
    match parts[0] {
        "crate" => drop(parts.remove(0)),
        "super" | "self" => {
            base = module.split("::").collect();
            while matches!(parts.first(), Some(&"super" | &"self")) {
                if parts.remove(0) == "super" {
                    base.pop();
                }
            }
        }
        _ => return None,
    }
    base.extend(parts);
    while !base.is_empty() && !modules.contains(&base.join("::")) {
        base.pop();
    }
    Some(base.join("::")).filter(|found| !found.is_empty() && found != module)
}

/// The modules that each file imports from, without those that it is inside of: a folder's own file declares what is shared.
fn imports() -> Vec<(String, Vec<String>)> {
    let files =
        rust_files("src").into_iter().filter(|(path, _)| !["src/lib.rs", "src/main.rs"].contains(&path.as_str()));
    let name = |path: &str| {
        let inside = path.trim_start_matches("src/").trim_end_matches(".rs").replace('/', "::");
        inside.strip_suffix("::mod").map_or(inside.clone(), str::to_string)
    };
    let files: Vec<(String, String)> = files.map(|(path, text)| (name(&path), text)).collect();
    let modules: Vec<String> = files.iter().map(|(module, _)| module.clone()).collect();
    let of_file = |(module, text): &(String, String)| {
        let lines = code(text).lines().map(|line| line.split("//").next().unwrap_or(""));
        let plain = lines.collect::<Vec<_>>().join("\n");
        let declared = plain.split("use ").skip(1).filter_map(|rest| Some(rest.split_once(';')?.0));
        let mut paths: Vec<String> = declared.flat_map(used_paths).collect();
        for start in ["crate::", "super::"] {
            for (at, _) in plain.match_indices(start) {
                paths.push(plain[at..].chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect());
            }
        }
        let found = paths.iter().filter_map(|path| module_of_path(path, module, &modules));
        let mut found: Vec<String> = found.filter(|found| !module.starts_with(&format!("{found}::"))).collect();
        found.sort();
        found.dedup();
        (module.clone(), found)
    };
    files.iter().map(of_file).collect()
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = imports();
    let of = |module: &String| imports.iter().find(|(own, _)| own == module).map_or(&[][..], |(_, to)| to);
    let reaches_itself = |module: &String| {
        let (mut seen, mut next) = (Vec::new(), of(module).to_vec());
        while let Some(found) = next.pop() {
            if &found == module {
                return true;
            }
            if !seen.contains(&found) {
                next.extend(of(&found).to_vec());
                seen.push(found);
            }
        }
        false
    };
    assert!(imports.iter().map(|(_, to)| to.len()).sum::<usize>() > 300, "the imports were not found");
    let circular: Vec<&String> = imports.iter().map(|(module, _)| module).filter(|m| reaches_itself(m)).collect();
    assert!(circular.is_empty(), "import each other in a circle: {circular:?}");
}
