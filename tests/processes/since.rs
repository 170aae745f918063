//! `canon check --since REF` in real git repositories: only what is new is reported, whatever the repository looks like.

#![cfg(unix)]

use crate::built::{Base, canon, note, text};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

/// Runs git in a folder, without settings of this machine.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "A").env(format!("GIT_{role}_EMAIL"), "a@example.org");
    }
    let output = command.current_dir(folder).args(arguments).output().expect("git is installed");
    assert!(output.status.success(), "git {arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn commit(folder: &Path) {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--allow-empty", "--message", "state"]);
}

/// A repository with these files in its first commit.
fn repository(files: &[(&str, String)]) -> Base {
    let base = Base::of(files);
    git(base.home.path(), &["init", "--quiet", "--initial-branch", "main"]);
    commit(base.home.path());
    base
}

fn broken(id: &str, links: &str) -> String {
    note(id, &id.to_uppercase(), &format!("Text.\n\n{links}\n"))
}

/// A base with a broken link in each of two notes.
fn two_notes() -> Base {
    repository(&[
        ("canon.toml", "title = \"Base\"\n".to_string()),
        ("content/a.md", broken("a", "[gone](gone.md)")),
        ("content/sub/b.md", broken("b", "[gone](gone.md)")),
    ])
}

fn check(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = canon();
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).arg("check").args(arguments).output().unwrap()
}

/// The findings of errors, as `file: message`, and the number of suppressed findings.
fn new_since(folder: &Path, reference: &str, arguments: &[&str]) -> (Vec<String>, u64) {
    let output = check(folder, &[&["--format", "json", "--since", reference], arguments].concat());
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let shown = |d: &serde_json::Value| {
        format!("{}: {}", d["file"].as_str().unwrap(), d["message"].as_str().unwrap().replace('`', ""))
    };
    let found = report["diagnostics"].as_array().unwrap().iter().map(shown).collect();
    (found, report["summary"]["suppressed"].as_u64().unwrap())
}

/// Only the findings about links.
fn new_links(folder: &Path, reference: &str) -> Vec<String> {
    new_since(folder, reference, &["--rule", "broken-link"]).0
}

fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let output = check(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stdout));
    text(&output.stderr)
}

#[test]
fn only_what_is_new_is_reported() {
    let base = two_notes();
    let home = base.home.path();
    let all = new_since(home, "HEAD", &[]);
    assert!(all.0.is_empty() && all.1 >= 2, "{all:?}");
    assert_eq!(check(home, &["--since", "HEAD", "--fail-on", "info"]).status.code(), Some(0));
    // Not committed, committed, and from an older revision; known findings moved.
    base.put("content/a.md", broken("a", "More.\n\n[gone](gone.md) and [lost](lost.md)"));
    for reference in ["HEAD", "main", "HEAD~1", "HEAD~1^{commit}"] {
        assert_eq!(new_links(home, reference), ["a.md: there is no file lost.md"], "{reference}");
        if reference == "main" {
            commit(home);
        }
    }
    assert_eq!(new_links(home, "HEAD"), [""; 0]);
    assert_eq!(check(home, &["--since", "HEAD~1"]).status.code(), Some(1));
    // One more link to a file that was missing before is new.
    base.put("content/sub/b.md", broken("b", "[gone](gone.md) [gone](gone.md)"));
    assert_eq!(new_links(home, "HEAD").len(), 1);
    // A part of the base, from a folder inside.
    assert_eq!(new_links(&home.join("content/sub"), "HEAD~1"), ["sub/b.md: there is no file sub/gone.md"]);
}

#[test]
fn a_deletion_and_a_rename_are_new_where_they_break_links() {
    let base = repository(&[
        ("content/a.md", broken("a", "[B](b.md) ![P](p.png) [gone](gone.md)")),
        ("content/b.md", broken("b", "[gone](gone.md) Words of its own, by which the note is known.")),
        ("content/c.md", broken("c", "[B](b.md)")),
        ("content/p.png", "picture".into()),
    ]);
    let home = base.home.path();
    fs::remove_file(home.join("content/p.png")).unwrap();
    let (found, _) = new_since(home, "HEAD", &["--rule", "missing-asset"]);
    assert_eq!(found, ["a.md: there is no file p.png"]);
    assert_eq!(new_since(home, "HEAD", &["--rule", "broken-link"]).0, [""; 0]);
    // The known finding of the renamed note is not new; the links to its old place are.
    fs::create_dir(home.join("content/sub")).unwrap();
    git(home, &["mv", "content/b.md", "content/sub/moved.md"]);
    let expected = ["a.md: there is no file b.md", "c.md: there is no file b.md"];
    assert_eq!(new_links(home, "HEAD"), expected);
    commit(home);
    assert_eq!(new_links(home, "HEAD~1"), expected);
    fs::remove_file(home.join("content/sub/moved.md")).unwrap();
    assert_eq!(new_links(home, "HEAD~1"), expected);
}

/// Every file below a folder with its time and content, the repository included.
fn state(folder: &Path) -> BTreeMap<PathBuf, (SystemTime, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    let stamp = |path: &Path| fs::symlink_metadata(path).unwrap().modified().unwrap();
    entries.map(|e| (e.path().to_path_buf(), (stamp(e.path()), fs::read(e.path()).unwrap_or_default()))).collect()
}

#[test]
fn nothing_is_written_and_the_variables_of_hooks_do_not_matter() {
    let base = two_notes();
    let home = base.home.path();
    base.put("content/a.md", broken("a", "[lost](lost.md)"));
    // The index knows another time of this file: a command that refreshes it would write.
    base.put("content/sub/b.md", broken("b", "[gone](gone.md)"));
    let before = state(home);
    let mut command = canon();
    command.env("GIT_DIR", ".git").env("GIT_INDEX_FILE", ".git/index").env("GIT_WORK_TREE", "/nowhere");
    let output = command.current_dir(home.join("content")).args(["check", "--since", "HEAD", "--rule", "broken-link"]);
    let output = output.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("lost.md") && !text(&output.stdout).contains("gone.md"));
    assert_eq!(state(home), before);
}

#[test]
fn content_deep_in_a_repository_in_a_worktree_and_in_a_shallow_clone() {
    let base = repository(&[
        ("docs/kb/canon.toml", "content = \"notes\"\n".to_string()),
        ("docs/kb/notes/a.md", broken("a", "[gone](gone.md)")),
        ("notes/other.md", broken("other", "[gone](gone.md)")),
    ]);
    let home = base.home.path();
    base.put("docs/kb/notes/a.md", broken("a", "[gone](gone.md) [lost](lost.md)"));
    commit(home);
    let expected = ["a.md: there is no file lost.md"];
    for folder in ["docs/kb", "docs/kb/notes"] {
        assert_eq!(new_links(&home.join(folder), "HEAD~1"), expected, "{folder}");
    }
    let outside = tempfile::tempdir().unwrap();
    let (tree, clone) = (outside.path().join("tree"), outside.path().join("clone"));
    git(home, &["worktree", "add", "--quiet", tree.to_str().unwrap(), "HEAD"]);
    assert_eq!(new_links(&tree.join("docs/kb"), "HEAD~1"), expected);
    let address = format!("file://{}", home.display());
    git(outside.path(), &["clone", "--quiet", "--depth", "1", &address, clone.to_str().unwrap()]);
    let inside = clone.join("docs/kb");
    assert_eq!(new_links(&inside, "HEAD"), [""; 0]);
    let told = refusal(&inside, &["--since", "HEAD~1"]);
    assert!(told.contains("git knows no revision `HEAD~1`; this clone has only a part of the history"), "{told}");
    assert!(told.contains("`fetch-depth: 0`"), "{told}");
    git(&clone, &["fetch", "--quiet", "--unshallow"]);
    assert_eq!(new_links(&inside, "HEAD~1"), expected);
}

#[test]
fn names_of_every_kind_are_found_in_the_repository() {
    let names =
        ["né \"quoted\".md", "cafe\u{301}/ünï.md", "日本語.md", "a\tb.md", "a\nb.md", ":(top)x.md", "*.md", "-x.md"];
    let files: Vec<(String, String)> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (format!("notes 'ü'/{name}"), broken(&format!("n{n}"), "[gone](gone.md)")))
        .collect();
    let mut all = vec![("canon.toml", "content = \"notes 'ü'\"\n".to_string())];
    all.extend(files.iter().map(|(name, text)| (name.as_str(), text.clone())));
    let base = repository(&all);
    let (found, suppressed) = new_since(base.home.path(), "HEAD", &[]);
    assert_eq!(found, [""; 0]);
    assert!(suppressed >= 6, "{suppressed}");
    base.put("notes 'ü'/日本語.md", broken("n2", "[gone](gone.md) [lost](lost.md)"));
    assert_eq!(new_links(base.home.path(), "HEAD"), ["日本語.md: there is no file lost.md"]);
}

#[test]
fn an_unchanged_base_has_nothing_new_however_strange_it_is() {
    let base = Base::of(&[
        ("canon.toml", "content = \".\"\nignore = [\"ignored/**\"]\n[check.rules]\nlone-tag = \"info\"\n".to_string()),
        ("a.md", broken("a", "[gone](gone.md) [L](link.md) ![P](linked.png) [s](static.txt) ![x](shown.png) [[b]]")),
        ("sub/b.md", broken("b", "[gone](gone.md) and a copy of the text that the template has for everybody")),
        ("ignored/c.md", broken("c", "[gone](gone.md)")),
        (".hidden/d.md", broken("d", "[gone](gone.md)")),
        ("node_modules/e.md", broken("e", "[gone](gone.md)")),
        ("site/.canon/manifest.json", "{}".into()),
        ("site/f.md", broken("f", "[gone](gone.md)")),
        ("static/static.txt", "text".into()),
        ("note-template.md", "and a copy of the text that the template has for everybody\n".into()),
        ("empty.md", String::new()),
        ("p.png", "picture".into()),
        ("binary.md", "\u{0}".into()),
        ("public/g.md", "# An output that was committed\n".into()),
        ("large.md", "word ".repeat(900_000)),
        ("crlf.md", broken("crlf", "[gone](gone.md)").replace('\n', "\r\n")),
    ]);
    let home = base.home.path();
    fs::write(home.join("latin.md"), b"# Caf\xe9\n").unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.md"), broken("secret", "[gone](gone.md)")).unwrap();
    for (target, link) in [
        ("sub/b.md", "link.md"),
        ("p.png", "linked.png"),
        ("nowhere.md", "dangling.md"),
        ("circle.md", "circle.md"),
        ("sub", "folder.md"),
        (".hidden/d.md", "to-hidden.md"),
        ("note-template.md", "sub/up.md"),
        ("../a.md", "sub/a-again.md"),
    ] {
        symlink(target, home.join(link)).unwrap();
    }
    symlink(outside.path().join("secret.md"), home.join("outside.md")).unwrap();
    symlink(home.join("p.png"), home.join("absolute.png")).unwrap();
    git(home, &["init", "--quiet", "--initial-branch", "main"]);
    git(home, &["add", "--all", "--force"]);
    commit(home);
    let (found, suppressed) = new_since(home, "HEAD", &[]);
    assert_eq!(found, [""; 0]);
    let all: serde_json::Value = serde_json::from_slice(&check(home, &["--format", "json"]).stdout).unwrap();
    let count = all["diagnostics"].as_array().unwrap().len() as u64;
    assert!(
        count > 20 && suppressed == count + all["summary"]["suppressed"].as_u64().unwrap(),
        "{suppressed} of {count}"
    );
    // A link that was right and now is not is new.
    fs::remove_file(home.join("p.png")).unwrap();
    let (found, _) = new_since(home, "HEAD", &["--rule", "unreadable-file"]);
    assert_eq!(found.len(), 2, "{found:?}");
    // With a folder that links may lead to, the note behind the link is checked as it is now.
    let config = format!("content = \".\"\nfollow_links_outside = [\"{}\"]\n", outside.path().display());
    base.put("canon.toml", config);
    commit(home);
    assert_eq!(new_since(home, "HEAD", &[]).0, [""; 0]);
}

#[test]
fn the_configuration_is_that_of_the_revision() {
    let base = two_notes();
    let home = base.home.path();
    // A rule that is on only now: all its findings are new.
    base.put("canon.toml", "title = \"Base\"\n[check.rules]\nlone-tag = \"error\"\n");
    base.put("content/a.md", broken("a", "[gone](gone.md)").replace("[one]", "[lonely]"));
    commit(home);
    assert_eq!(new_since(home, "HEAD~1", &["--fail-on", "error"]).0.len(), 2);
    assert_eq!(new_since(home, "HEAD", &[]).0, [""; 0]);
    // The content had a different folder.
    git(home, &["mv", "content", "notes"]);
    base.put("canon.toml", "content = \"notes\"\n");
    assert_eq!(new_links(home, "HEAD"), [""; 0]);
    commit(home);
    // The revision had no configuration, or one that cannot be used: the present one is.
    git(home, &["rm", "--quiet", "--cached", "canon.toml"]);
    git(home, &["commit", "--quiet", "--message", "no configuration"]);
    assert_eq!(new_links(home, "HEAD"), [""; 0]);
    base.put("canon.toml", "titel = 1\ncontent = \"notes\"\n");
    commit(home);
    base.put("canon.toml", "content = \"notes\"\n");
    let output = check(home, &["--since", "HEAD", "--rule", "broken-link"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("the configuration of `HEAD` cannot be used (") && told.contains("titel"), "{told}");
}

#[test]
fn a_baseline_and_a_revision_excuse_a_finding_once() {
    let base = two_notes();
    let home = base.home.path();
    base.put("canon.toml", "[check]\nbaseline = \"known.json\"\n");
    assert_eq!(check(home, &["--write-baseline"]).status.code(), Some(0));
    commit(home);
    // The one finding of the revision is the one of the baseline; the second is new.
    base.put("content/a.md", broken("a", "[gone](gone.md) [gone](gone.md)"));
    assert_eq!(new_links(home, "HEAD").len(), 1);
    // What is in the revision but not in the baseline is known, too.
    commit(home);
    assert_eq!(new_links(home, "HEAD"), [""; 0]);
    assert_eq!(check(home, &["--since", "HEAD", "--fail-on", "info"]).status.code(), Some(0));
    assert!(refusal(home, &["--since", "HEAD", "--write-baseline"]).contains("cannot be used with"));
}

#[test]
fn a_remark_about_the_whole_base_is_known_wherever_it_is_shown() {
    let base = repository(&[
        ("content/b.md", "# B\n\nText.\n".into()),
        ("content/c.md", "# C\n\n{{< x >}} [b](b.md)\n".into()),
    ]);
    let home = base.home.path();
    let all = text(&check(home, &["--all"]).stdout);
    assert!(all.contains("missing-frontmatter") && all.contains("foreign-syntax"), "{all}");
    assert_eq!(check(home, &["--write-baseline", "known.json"]).status.code(), Some(0));
    base.put("content/a.md", "# A\n\n{{< y >}} [b](b.md) [c](c.md)\n");
    let (found, _) = new_since(home, "HEAD", &[]);
    assert!(found.iter().all(|f| f.contains("no other note")), "{found:?}");
    assert_eq!(found, new_since(home, "HEAD", &["--baseline", "known.json"]).0);
    let known = text(&check(home, &["--baseline", "known.json", "--all"]).stdout);
    assert!(!known.contains("missing-frontmatter") && !known.contains("foreign-syntax"), "{known}");
}

#[test]
fn three_dots_mean_the_last_common_ancestor() {
    let base = two_notes();
    let home = base.home.path();
    git(home, &["checkout", "--quiet", "-b", "topic"]);
    base.put("content/c.md", broken("c", "[lost](lost.md)"));
    commit(home);
    git(home, &["checkout", "--quiet", "main"]);
    base.put("content/a.md", broken("a", "repaired"));
    commit(home);
    git(home, &["checkout", "--quiet", "topic"]);
    let own = "c.md: there is no file lost.md";
    assert_eq!(new_links(home, "main"), ["a.md: there is no file gone.md", own]);
    assert_eq!(new_links(home, "main..."), [own]);
    git(home, &["checkout", "--quiet", "--orphan", "island"]);
    commit(home);
    assert!(refusal(home, &["--since", "main..."]).contains("`main` and `HEAD` have no common ancestor"));
}

#[test]
fn what_cannot_be_compared_is_an_error_with_a_remedy() {
    let base = two_notes();
    let home = base.home.path();
    for name in ["no-such-branch", "--all", "", "HEAD:canon.toml", "...", "a\nb"] {
        let told = refusal(home, &[&format!("--since={name}")]);
        let shown = name.strip_suffix("...").unwrap_or(name);
        assert!(told.contains(&format!("git knows no revision `{shown}`; `git log` lists")), "{name}: {told}");
    }
    let alone = Base::of(&[("content/a.md", broken("a", ""))]);
    let told = refusal(alone.home.path(), &["--since", "HEAD"]);
    assert!(told.contains("content` is not in a git repository that can be read: not a git repository"), "{told}");
    let mut command = canon();
    let output = command.current_dir(home).env("PATH", home).args(["check", "--since", "HEAD"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("the program `git` is needed to read a revision"),
        "{}",
        text(&output.stderr)
    );
}
