//! The project's documentation against the program that it describes: variables, settings, rules, the README's session.
//! What is listed must exist and what exists must be listed. `BLESS=1` writes the page of rules anew.

use canon::check::RULES;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn canon(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_canon")).args(arguments).current_dir(folder).output().unwrap();
    (run.status.code().unwrap_or(-1), String::from_utf8(run.stdout).unwrap())
}

/// The words in backticks of the first cells of a Markdown table's rows.
fn first_cells(text: &str) -> Vec<String> {
    let rows = text.lines().filter_map(|l| l.strip_prefix("| `"));
    rows.flat_map(|row| {
        let cell = row.split(" | ").next().unwrap_or("");
        cell.split(", ").map(|word| word.trim_matches('`').to_string()).collect::<Vec<_>>()
    })
    .collect()
}

/// The serialised fields of every struct of a source file, by the struct's name.
fn fields_of_structs(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let code = source.split("#[cfg(test)]").next().unwrap_or("");
    let mut structs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut open, mut renamed, mut skipped) = (None, None, false);
    for line in code.lines() {
        if let Some(name) = line.strip_prefix("pub(crate) struct ").and_then(|rest| rest.strip_suffix(" {")) {
            open = Some(name.to_string());
        } else if line == "}" {
            open = None;
        } else if let Some(name) = line.trim().strip_prefix("#[serde(rename = \"") {
            renamed = Some(name.trim_end_matches("\")]").to_string());
        } else if line.trim() == "#[serde(skip)]" {
            skipped = true;
        } else if let (Some(own), Some(field)) = (&open, line.strip_prefix("    pub ")) {
            if std::mem::take(&mut skipped) {
                continue;
            }
            let name = renamed.take().unwrap_or_else(|| field.split(':').next().unwrap_or("").to_string());
            structs.entry(own.clone()).or_default().insert(name);
        }
    }
    structs
}

#[test]
fn every_template_variable_is_documented_and_nothing_else() {
    let note = read("content/building/template-variables.md");
    let mut documented: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for part in note.split("\n###").skip(1) {
        let (name, text) = part.split_once('\n').unwrap();
        let text = text.split("\n##").next().unwrap_or("");
        let names: BTreeSet<String> = first_cells(text).into_iter().collect();
        if !names.is_empty() {
            documented.insert(name.trim_start_matches('#').trim().to_string(), names);
        }
    }
    documented.remove("The graph page");
    let mut built = BTreeMap::new();
    for file in
        ["views.rs", "views/learning.rs", "views/note.rs", "views/pages.rs"].map(|file| format!("src/pages/{file}"))
    {
        built.extend(fields_of_structs(&read(&file)));
    }
    assert!(built.len() > 30, "the structs were not found");
    let flat = |views: &BTreeMap<String, BTreeSet<String>>| -> BTreeSet<String> {
        views.iter().flat_map(|(view, names)| names.iter().map(move |n| format!("{view}.{n}"))).collect()
    };
    same(&flat(&documented), &flat(&built));
}

/// Says which names are only documented and which only built.
fn same(documented: &BTreeSet<String>, built: &BTreeSet<String>) {
    let undocumented: Vec<&String> = built.difference(documented).collect();
    let unbuilt: Vec<&String> = documented.difference(built).collect();
    assert!(undocumented.is_empty() && unbuilt.is_empty(), "not documented: {undocumented:?}; not built: {unbuilt:?}");
}

/// Every key of a table, with dots; empty tables and lists are keys themselves.
fn keys(prefix: &str, value: &toml::Value, out: &mut BTreeSet<String>) {
    match value {
        toml::Value::Table(table) if !table.is_empty() => {
            for (name, value) in table {
                let own = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                keys(&own, value, out);
            }
        }
        _ => {
            out.insert(prefix.to_string());
        }
    }
}

#[test]
fn every_setting_is_documented_and_nothing_else() {
    let note = read("content/building/configuration.md");
    let section = note.split("\n## The keys\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut documented = BTreeSet::new();
    let mut parent = String::new();
    for word in first_cells(section) {
        // `.medium` goes on from the key before it.
        let key = if word.starts_with('.') { format!("{parent}{word}") } else { word };
        parent = key.rsplit_once('.').map_or(String::new(), |(p, _)| p.to_string());
        documented.insert(key);
    }
    let mut built = BTreeSet::new();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("content")).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_canon")).arg("config").arg(folder.path()).output().unwrap();
    keys("", &toml::from_str(std::str::from_utf8(&run.stdout).unwrap()).unwrap(), &mut built);
    same(&documented, &built);
}

#[test]
fn rules_that_exist_are_in_the_table_of_rules() {
    let note = read("content/checking/findings-and-rules.md");
    let missing: Vec<&str> = RULES.iter().map(|r| r.id).filter(|id| !note.contains(&format!("`{id}`"))).collect();
    assert!(missing.is_empty(), "content/checking/findings-and-rules.md lacks {missing:?}");
}

/// A line of an explanation as the page shows it: an example is a Markdown file with a name.
fn shown_line(line: &str) -> String {
    match line.strip_prefix("```wrong").or_else(|| line.strip_prefix("```right")) {
        Some("") => "```markdown".to_string(),
        Some(name) => format!("```markdown title=\"{}\"", name.trim().trim_matches('"')),
        None => line.to_string(),
    }
}

#[test]
fn the_page_of_rules_comes_from_their_explanations() {
    let mut page =
        String::from("# Rule reference\n\nEvery rule as `canon explain` prints it, in alphabetical order.\n");
    for rule in RULES {
        let text = rule.explanation.trim();
        let text = text.strip_prefix(&format!("# {}", rule.id)).unwrap_or(text).trim();
        page.push_str(&format!("\n## {}\n\nDefault severity: {}.\n\n", rule.id, rule.severity.name()));
        page.extend(text.lines().map(|line| shown_line(line) + "\n"));
    }
    let path = root().join("content/checking/rule-reference.md");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), page, "BLESS=1 cargo test --test content");
}

/// The code blocks that name a file: path and text.
fn named_blocks(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("\n```") {
        let block = &rest[start + 1..];
        let fence: String = block.chars().take_while(|c| *c == '`').collect();
        let (info, body) = block[fence.len()..].split_once('\n').unwrap();
        let end = body.find(&format!("\n{fence}\n")).unwrap() + 1;
        if let Some(name) = info.split("title=\"").nth(1) {
            found.push((name.trim_end_matches('"').to_string(), body[..end].to_string()));
        }
        rest = &body[end + fence.len()..];
    }
    found
}

#[test]
fn the_worked_examples_of_the_theme_build() {
    let site = tempfile::tempdir().unwrap();
    let mut blocks = named_blocks(&read("content/building/theme-customisation.md"));
    blocks.push(("content/a.md".into(), read("content/principles/canonical-note.md")));
    assert_eq!(blocks.len(), 4, "a toml, a css and an html block with a title, and a note");
    for (name, text) in &blocks {
        let path = site.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    assert_eq!(canon(site.path(), &["build", ".", "--quiet"]).0, 0);
    let home = fs::read_to_string(site.path().join("public/index.html")).unwrap();
    assert!(home.contains("href=\"brand.css\""), "the style sheet is loaded");
    assert!(home.contains("Platform team, 1 note"), "the footer is the site's own");
    let accent = fs::read_to_string(site.path().join("public/_canon/accent.css")).unwrap();
    assert!(accent.contains("#0b6b7a"), "the accent is the configured one");
}

#[test]
fn the_documented_properties_are_those_of_the_theme() {
    let sheet = read("static/canon.css");
    let top = sheet.split_once(":root {").unwrap().1.split_once("\n}").unwrap().0;
    let names = |text: &str, ends: char| -> BTreeSet<String> {
        let starts = text.match_indices("--").map(|(at, _)| &text[at..]);
        let name =
            |from: &str| from.find(|c: char| c != '-' && !c.is_ascii_alphanumeric()).map(|end| from[..end].to_string());
        starts.filter_map(|from| name(from).filter(|n| from[n.len()..].starts_with(ends))).collect()
    };
    let set = names(top, ':');
    let page = read("content/building/theme-customisation.md");
    let table = page.split_once("| Property |").unwrap().1.split_once("\n\n").unwrap().0;
    let told = names(table, '`');
    let undefined: Vec<_> =
        told.iter().filter(|n| !set.contains(*n) && !read("static/highlight.css").contains(n.as_str())).collect();
    assert!(undefined.is_empty(), "documented, and not in the style sheet: {undefined:?}");
    let untold: Vec<_> = set.iter().filter(|n| !told.contains(*n) && !n.ends_with("-bg")).collect();
    assert!(untold.is_empty(), "in the style sheet, and not documented: {untold:?}");
    let example = named_blocks(&page).into_iter().find(|(name, _)| name.ends_with("brand.css")).unwrap().1;
    let idle: Vec<_> = names(&example, ':').into_iter().filter(|n| !set.contains(n)).collect();
    assert!(idle.is_empty(), "set in the example, and used by nothing: {idle:?}");
}

#[test]
fn the_example_of_the_note_format_is_a_whole_note() {
    let base = tempfile::tempdir().unwrap();
    for (name, text) in named_blocks(&read("content/writing/note-format.md")) {
        let path = base.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let found = canon(base.path(), &["check", "."]).1;
    for rule in ["missing-", "invalid-", "empty-section", "thin-note", "unknown-field"] {
        assert!(!found.contains(rule), "{found}");
    }
}

#[test]
fn the_session_of_the_readme_is_what_happens() {
    let readme = read("README.md");
    let session = readme.split("```console\n$ canon check notes\n").nth(1).unwrap().split("\n```").next().unwrap();
    let note = readme.split("````markdown\n").nth(1).unwrap().split("````").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("notes")).unwrap();
    fs::write(folder.path().join("notes/retries.md"), note).unwrap();
    let (status, printed) = canon(folder.path(), &["check", "notes"]);
    let printed = printed.trim_end();
    let timeless = printed.rsplit_once(", ").map_or(printed, |(before, _)| before);
    assert_eq!(timeless, session);
    assert_eq!(status, 1);
}

#[test]
fn the_sessions_of_the_first_site_are_what_happens() {
    let page = read("content/start/first-site.md");
    let folder = tempfile::tempdir().unwrap();
    let session = |command: &str| -> Vec<String> {
        let blocks = page.split("```console\n").skip(1).map(|block| block.split("\n```").next().unwrap());
        blocks.filter_map(|block| block.split_once(command)).map(|(_, printed)| without_time(printed)).collect()
    };
    let made = canon(folder.path(), &["init", "my-notes"]).1;
    assert_eq!(session("$ canon init my-notes\n"), [format!("{}\n$ cd my-notes", made.trim_end())]);
    let site = folder.path().join("my-notes");
    let home = site.join("content/_index.md");
    let line = page.split("$ echo '").nth(1).unwrap().split('\'').next().unwrap();
    fs::write(&home, fs::read_to_string(&home).unwrap() + line + "\n").unwrap();
    let (broken, printed_broken) = canon(&site, &["check"]);
    let (name, note) = named_blocks(&page).pop().unwrap();
    fs::write(site.join(name), note).unwrap();
    let (whole, printed_whole) = canon(&site, &["check"]);
    assert_eq!(session("$ canon check\n"), [without_time(&printed_broken), without_time(&printed_whole)]);
    assert_eq!((broken, whole), (1, 0));
}

/// A printed report without the time at its end, which differs from run to run.
fn without_time(printed: &str) -> String {
    let printed = printed.trim_end();
    let (before, last) = printed.rsplit_once(", ").unwrap_or((printed, ""));
    if last.ends_with(" ms") { before.to_string() } else { printed.to_string() }
}

#[test]
fn the_documentation_checks_clean() {
    let (status, printed) = canon(&root(), &["check", ".", "--fail-on", "info"]);
    assert_eq!(status, 0, "{printed}");
}
