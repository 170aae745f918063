//! The hooks and workflows that `canon init` writes and the documentation shows: with git, pre-commit, zizmor and
//! check-jsonschema. `tests/run` installs the last three; a test that lacks its program says so.

#![cfg(unix)]

use crate::built::text;
use crate::repairs::{git, has};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const NOTE: &str = include_str!("../../content/checking/checking-in-ci.md");
const WORKFLOW: &str = ".github/workflows/notes.yml";

/// The code block of the documentation for a file.
fn documented(file: &str) -> String {
    let (_, rest) = NOTE.split_once(&format!("title=\"{file}\"\n")).unwrap_or_else(|| panic!("no block for {file}"));
    rest.split_once("```\n").unwrap().0.to_string()
}

/// The folder with the programs from PyPI, which `tests/run` makes.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_canon")).ancestors().nth(2).unwrap().join("python/bin")
}

/// A program from PyPI. `None` if it is not installed; the test says that it is not run.
fn tool(name: &str, test: &str) -> Option<Command> {
    let program = tools().join(name);
    if !program.exists() {
        eprintln!("{test}: not run, {name} is not installed; tests/run does that");
        return None;
    }
    Some(Command::new(program))
}

/// The folder of a new site that `canon init` made, in a repository without hooks.
fn site() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let root = folder.path().canonicalize().unwrap().join("notes");
    let made = crate::built::canon().arg("init").arg(&root).output().unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    fs::write(root.join("content/pixel.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    let note = root.join("content/spaced-repetition.md");
    let with_picture =
        fs::read_to_string(&note).unwrap().replace("## Definition\n", "## Definition\n![A pixel](pixel.png)\n");
    fs::write(&note, with_picture).unwrap();
    let check = crate::built::canon().args(["check", "--quiet"]).current_dir(&root).output().unwrap();
    assert!(check.status.success(), "{}", text(&check.stdout));
    commands(
        &root,
        &["init -q -b main", "config user.name N", "config user.email n@example.org", "add -A", "commit -q -m all"],
    );
    (folder, root)
}

fn commands(root: &Path, lines: &[&str]) {
    for line in lines {
        let output = commit(root, line);
        assert!(output.status.success(), "git {line}: {}{}", text(&output.stdout), text(&output.stderr));
    }
}

/// Runs git with the tested `canon` in front of the path, where the hooks look for it.
fn commit(root: &Path, line: &str) -> Output {
    let own = Path::new(env!("CARGO_BIN_EXE_canon")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([own.to_path_buf(), tools()].into_iter().chain(std::env::split_paths(&path)));
    let mut command = git(root, &line.split_whitespace().collect::<Vec<_>>());
    command.env("PATH", path.unwrap()).env("PRE_COMMIT_HOME", root.with_extension("pre-commit"));
    command.output().unwrap()
}

/// Commits that only delete or rename something, with the finding that must stop each. `None`: the check runs and the
/// commit is made.
const CHANGES: &[(&str, Option<&str>)] = &[
    ("rm -q content/retrieval-practice.md", Some("broken-link")),
    ("mv content/retrieval-practice.md content/practice-of-retrieval.md", Some("broken-link")),
    ("mv content/retrieval-practice.md content/retrieval-practice.txt", Some("broken-link")),
    ("rm -q content/pixel.png", Some("missing-asset")),
    ("mv content/pixel.png content/other.png", Some("missing-asset")),
    ("rm -q canon.toml", None),
    ("mv canon.toml canon-old.toml", None),
];

/// Makes each change in a repository with the hook, and commits it. `ran` is what a commit prints if the check has run.
fn each_change_is_checked(root: &Path, ran: &str) {
    for (change, finding) in CHANGES {
        commands(root, &[change]);
        let before = text(&commit(root, "rev-parse HEAD").stdout);
        let output = commit(root, "commit -m change");
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.success(), finding.is_none(), "{change}: {said}");
        assert!(said.contains(finding.unwrap_or(ran)), "{change}: {said}");
        assert!(!said.contains("Skipped"), "{change}: {said}");
        commands(root, &[&format!("reset -q --hard {before}")]);
    }
}

#[test]
fn the_hook_of_pre_commit_sees_what_is_only_deleted_or_renamed() {
    const TEST: &str = "the_hook_of_pre_commit_sees_what_is_only_deleted_or_renamed";
    let Some(mut validate) = tool("pre-commit", TEST).filter(|_| has("git", TEST)) else { return };
    let (_folder, root) = site();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let output = validate.arg("validate-manifest").arg(manifest).output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let run = |arguments: &[&str]| {
        let mut command = tool("pre-commit", TEST).unwrap();
        let git = git(&root, &[]);
        for (name, _) in git.get_envs().filter(|(_, value)| value.is_none()) {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(&root).env("PRE_COMMIT_HOME", root.with_extension("pre-commit"));
        let output = command.output().unwrap();
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success() && !said.contains("WARNING"), "{arguments:?}: {said}");
    };
    run(&["validate-config"]);
    run(&["install"]);
    each_change_is_checked(&root, "canon check............");
}

#[test]
fn the_plain_hook_sees_what_is_only_deleted_or_renamed() {
    if !has("git", "the_plain_hook_sees_what_is_only_deleted_or_renamed") {
        return;
    }
    let (_folder, root) = site();
    let hook = root.join(".git/hooks/pre-commit");
    // The hook says nothing if all is well, so the test lets it.
    let script = documented(".git/hooks/pre-commit").replace("exec ", "echo the check runs >&2\nexec ");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, script).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    each_change_is_checked(&root, "the check runs");
}

#[test]
fn the_hook_for_program_code_looks_only_at_changes_of_notes() {
    if !has("git", "the_hook_for_program_code_looks_only_at_changes_of_notes") {
        return;
    }
    let (_folder, root) = site();
    let (_, rest) = NOTE.split_once("`git diff --cached --quiet -- docs ||").unwrap();
    let line = format!("git diff --cached --quiet -- docs ||{}", rest.split_once('`').unwrap().0);
    let script =
        format!("#!/bin/sh\n{}\n", line.replace("docs", "content").replace("exec", "echo the check runs >&2; exec"));
    let hook = root.join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, script.replace("|| echo", "|| { echo").replace("--quiet\n", "--quiet; }\n")).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    for (change, runs) in [("rm -q content/pixel.png", true), ("rm -q .gitignore", false)] {
        commands(&root, &[change]);
        let output = commit(&root, "commit -m change");
        let said = text(&output.stderr);
        assert_eq!((output.status.success(), said.contains("the check runs")), (!runs, runs), "{change}: {said}");
        commands(&root, &["reset -q --hard"]);
    }
}

/// The lines of a block of YAML (`|`) behind a line with this text, without their indent.
fn script_behind(file: &str, marks: &[&str]) -> String {
    let mut rest = file;
    for mark in marks {
        rest = rest.split_once(mark).unwrap_or_else(|| panic!("no {mark}")).1;
    }
    let lines = rest.lines().skip(1);
    let indent = rest.lines().nth(1).unwrap().chars().take_while(|c| *c == ' ').count();
    let lines = lines.take_while(|line| line.chars().take(indent).all(|c| c == ' '));
    lines.map(|line| format!("{}\n", &line[indent..])).collect()
}

#[test]
fn the_workflows_install_a_ready_program_and_give_the_site_its_address() {
    const TEST: &str = "the_workflows_install_a_ready_program_and_give_the_site_its_address";
    if ["bash", "curl", "sha256sum", "tar"].iter().any(|program| !has(program, TEST)) {
        return;
    }
    let (folder, root) = site();
    let bash = |script: &str, variables: &[(&str, &str)]| {
        let mut command = Command::new("bash");
        // The test has no server: curl reads a file. GitHub runs scripts with this option.
        command
            .args(["-e", "-c", &script.replace("'=https'", "'=file'")])
            .current_dir(&root)
            .env("HOME", folder.path());
        command.env("XDG_CACHE_HOME", folder.path().join("cache"));
        for name in ["CANON_SOURCE", "CANON_COMMIT", "CANON_ARCHIVE", "CANON_SHA256"] {
            command.env(name, "");
        }
        let output = command.envs(variables.iter().copied()).output().unwrap();
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let program = Path::new(env!("CARGO_BIN_EXE_canon")).parent().unwrap().display();
    let archive = folder.path().join("archive.tar.gz");
    let pack = format!("tar -czf '{0}' -C '{program}' canon && sha256sum '{0}'", archive.display());
    let (status, sum) = bash(&pack, &[]);
    assert_eq!(status, Some(0), "{sum}");
    let (address, hash) = (format!("file://{}", archive.display()), sum.split(' ').next().unwrap());
    let (github, gitlab) = (documented(WORKFLOW), documented(".gitlab-ci.yml"));
    for (file, marks, installed) in [
        (&github, &["name: Install canon", "run: |"][..], folder.path().join(".canon/bin/canon")),
        (&gitlab, &["before_script:", "- |"][..], root.join(".canon/bin/canon")),
    ] {
        let script = script_behind(file, marks);
        let (status, said) = bash(&script, &[]);
        assert!(status == Some(2) && said.contains("Fill in CANON_SOURCE and CANON_COMMIT"), "{said}");
        let (status, said) = bash(&script, &[("CANON_ARCHIVE", &address), ("CANON_SHA256", &"0".repeat(64))]);
        assert!(status == Some(1) && !installed.exists(), "another archive: {said}");
        let (status, said) = bash(&script, &[("CANON_ARCHIVE", &address), ("CANON_SHA256", hash)]);
        assert_eq!(status, Some(0), "{said}");
        assert!(Command::new(&installed).arg("--version").output().unwrap().status.success());
    }
    let site_address = "https://example.org/notes";
    let build = |file: &str| {
        let line = file.lines().find(|line| line.contains("canon build")).unwrap();
        format!("PATH={program}:$PATH\n{}", line.split_once("canon").map(|(_, rest)| format!("canon{rest}")).unwrap())
    };
    for (file, variable, wanted) in [
        (&github, ("BASE_URL", site_address), true),
        (&github, ("BASE_URL", ""), false),
        (&gitlab, ("CI_PAGES_URL", site_address), true),
    ] {
        let (status, said) = bash(&build(file), &[variable]);
        assert_eq!(status, Some(0), "{said}");
        let sitemap = fs::read_to_string(root.join("public/sitemap.xml")).unwrap();
        assert_eq!(sitemap.contains(&format!("<loc>{site_address}/")), wanted, "{sitemap}");
    }
}

#[test]
fn the_documentation_shows_the_files_of_init() {
    let (_folder, root) = site();
    for file in [WORKFLOW, ".pre-commit-config.yaml"] {
        assert_eq!(fs::read_to_string(root.join(file)).unwrap(), documented(file), "{file}");
    }
    let hook = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).unwrap();
    for line in ["id: canon-check", "entry: canon check --quiet", "pass_filenames: false", "always_run: true"] {
        assert!(hook.contains(line) && documented(".pre-commit-config.yaml").contains(line), "{line}");
    }
}

#[test]
fn workflows_pin_what_they_use() {
    let workflow = documented(WORKFLOW);
    let used: Vec<&str> = workflow.lines().filter_map(|line| Some(line.split_once("uses: ")?.1)).collect();
    assert_eq!(used.len(), 5);
    for action in used {
        let (_, pin) = action.split_once('@').unwrap();
        let (hash, version) = pin.split_once(" # v").unwrap_or_else(|| panic!("{action} names no version"));
        assert!(hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
        assert_eq!(version.split('.').count(), 3, "{action}");
    }
    let manifest = include_str!("../../Cargo.toml");
    let (_, rust) = manifest.split_once("rust-version = \"").unwrap();
    let rust = rust.split_once('"').unwrap().0;
    assert!(workflow.contains(&format!("cargo +{rust}.0 install canon-kb --locked")), "the Rust version of Cargo.toml");
    assert!(documented(".gitlab-ci.yml").contains(&format!("image: rust:{rust}.0-")));
}

#[test]
fn zizmor_and_the_public_schemas_find_nothing_in_the_workflows() {
    const TEST: &str = "zizmor_and_the_public_schemas_find_nothing_in_the_workflows";
    let (Some(mut zizmor), Some(_)) = (tool("zizmor", TEST), tool("check-jsonschema", TEST)) else { return };
    let (_folder, root) = site();
    fs::write(root.join(".gitlab-ci.yml"), documented(".gitlab-ci.yml")).unwrap();
    let options = ["--offline", "--no-progress", "--strict-collection", "--persona", "auditor", "."];
    let output = zizmor.args(options).current_dir(&root).output().unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success() && said.contains("No findings"), "{said}");
    let valid = |schema: &str, file: &str| {
        let mut command = tool("check-jsonschema", TEST).unwrap();
        let output = command.args(["--builtin-schema", schema, file]).current_dir(&root).output().unwrap();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    };
    for (schema, file) in [("vendor.github-workflows", WORKFLOW), ("vendor.gitlab-ci", ".gitlab-ci.yml")] {
        let (is_valid, said) = valid(schema, file);
        assert!(is_valid, "{said}");
        // Both judges find a fault where there is one.
        let wrong = fs::read_to_string(root.join(file))
            .unwrap()
            .replace("\ncheck:", "\ncheck: 1\nold:")
            .replace("    steps:\n", "    steps: 1\n");
        fs::write(root.join(file), wrong).unwrap();
        assert!(!valid(schema, file).0, "{schema} accepts a wrong file");
    }
}
