//! Standard output and standard error that cannot be written to: a full disk is an error of every command, a closed pipe
//! of none.

#![cfg(unix)]

use crate::built::{Base, canon, note, text};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A base with an error, a repair and a duplicate, so that no command has an empty output.
fn base() -> Base {
    let shared = "a passage of far more than ten words that is explained in both of these two notes word for word\n\n";
    Base::of(&[
        ("content/a.md", note("a", "A", &format!("{shared}[gone](gone.md) [B](/b.md)\n"))),
        ("content/b.md", note("b", "B", shared)),
    ])
}

/// Every command with each of its formats, and the exit status with a working output.
const COMMANDS: &[(&str, i32)] = &[
    ("build", 0),
    ("check", 1),
    ("check --all", 1),
    ("check --format json", 1),
    ("check --format sarif", 1),
    ("check --format github", 1),
    ("check --format junit", 1),
    ("check --fix --dry-run", 1),
    ("config --format json", 0),
    ("rules --format json", 0),
    ("stats --format json", 0),
    ("completions bash", 0),
    ("completions elvish", 0),
    ("completions fish", 0),
    ("completions powershell", 0),
    ("completions zsh", 0),
    ("config", 0),
    ("path a", 0),
    ("path a --format json", 0),
    ("cards", 0),
    ("cards --format tsv", 0),
    ("dupes", 0),
    ("dupes --format json", 0),
    ("explain broken-link", 0),
    ("graph", 0),
    ("graph --format dot", 0),
    ("graph --format graphml", 0),
    ("help", 0),
    ("help check", 0),
    ("init new-site", 0),
    ("man", 0),
    ("rules", 0),
    ("schema", 0),
    ("schema --config", 0),
    ("stats", 0),
    ("--help", 0),
    ("check --help", 0),
    ("--version", 0),
];

/// Commands that print to standard error only.
const SILENT: &[&str] = &["serve"];

fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = canon();
    command.args(arguments.split_whitespace()).current_dir(folder).env("XDG_CACHE_HOME", folder.join("cache"));
    command
}

/// A pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn the_list_has_every_command() {
    let help = text(&canon().arg("--help").output().unwrap().stdout);
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let names: Vec<&str> =
        list.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"check"), "{help}");
    for name in names {
        let listed = COMMANDS.iter().any(|(command, _)| command.split_whitespace().next() == Some(name));
        assert!(listed || SILENT.contains(&name), "`{name}` is not in COMMANDS");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_every_command() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for (arguments, status) in COMMANDS {
        let base = base();
        let run = |out: Stdio| -> Output { command(base.home.path(), arguments).stdout(out).output().unwrap() };
        let output = run(full().into());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "canon {arguments}: {said}");
        assert!(
            said.contains("error: cannot write to standard output: No space left on device"),
            "{arguments}: {said}"
        );
        if !arguments.starts_with("init") {
            let output = run(Stdio::piped());
            assert_eq!(output.status.code(), Some(*status), "canon {arguments}: {}", text(&output.stderr));
            assert!(!output.stdout.is_empty(), "canon {arguments}");
        }
    }
    let base = base();
    let output = command(base.home.path(), "check --format github").env("GITHUB_STEP_SUMMARY", "/dev/full").output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot write the step summary `/dev/full`"), "{}", text(&output.stderr));
}

#[test]
fn a_closed_pipe_is_silent() {
    for (arguments, status) in COMMANDS {
        let base = base();
        let output = command(base.home.path(), arguments).stdout(closed_pipe()).output().unwrap();
        assert_eq!(output.status.code(), Some(*status), "canon {arguments}: {}", text(&output.stderr));
        let said = text(&output.stderr);
        assert!(!said.contains("panicked") && !said.contains("error"), "canon {arguments}: {said}");
    }
}

#[test]
fn a_standard_error_that_is_gone_changes_no_result() {
    let base = base();
    let run = |arguments: &str| {
        let mut command = command(base.home.path(), arguments);
        command.stderr(closed_pipe()).output().unwrap()
    };
    assert_eq!(run("check no-such-folder").status.code(), Some(2));
    assert_eq!(run("no-such-command").status.code(), Some(2));
    assert_eq!(run("build --strict").status.code(), Some(1));
    assert_eq!(run("check --fix").status.code(), Some(1));
    let mended = std::fs::read_to_string(base.home.path().join("content/a.md")).unwrap();
    assert!(mended.contains("[B](b.md)"), "{mended}");
}

/// The exit status of a process, which must end soon.
fn status_soon(mut child: std::process::Child) -> Option<i32> {
    let began = std::time::Instant::now();
    while began.elapsed() < std::time::Duration::from_secs(60) {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    panic!("the process does not end");
}

/// Changes a note once a process watches the notes.
fn break_a_note(base: &Base, child: &mut std::process::Child) {
    let log = BufReader::new(child.stderr.take().unwrap());
    assert!(log.lines().any(|line| line.unwrap().contains("watching for changes")));
    let links: String = (0..200).map(|n| format!("[x](missing-{n}.md)\n\n")).collect();
    base.put("content/b.md", note("b", "B", &links));
}

#[test]
fn a_watch_ends_when_nobody_reads_it() {
    let base = base();
    let mut child =
        command(base.home.path(), "check --watch").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    break_a_note(&base, &mut child);
    assert_eq!(status_soon(child), Some(0));
}

#[test]
fn a_watch_whose_disk_is_full_fails() {
    let base = base();
    let script = "ulimit -f 4 && exec \"$0\" check --watch > out";
    let mut child = Command::new("sh");
    child.args(["-c", script, env!("CARGO_BIN_EXE_canon")]).current_dir(base.home.path()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    break_a_note(&base, &mut child);
    assert_eq!(status_soon(child), Some(2));
}

#[test]
fn a_folder_without_notes_is_a_mistake() {
    let base = Base::of(&[("content/picture.txt", "no note"), ("content/sub/other.txt", "none")]);
    for (arguments, folder) in [("check", "content"), ("build", "content"), ("check content/sub", "content/sub")] {
        let output = command(base.home.path(), arguments).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "canon {arguments}: {said}");
        assert!(said.contains("there is no Markdown file in `") && said.contains(&format!("{folder}`")), "{said}");
        assert_eq!(text(&output.stdout), "");
    }
    assert!(!base.home.path().join("public").exists());
    base.put("content/sub/a.md", note("a", "A", "text"));
    assert_eq!(command(base.home.path(), "build").output().unwrap().status.code(), Some(0));
    assert_eq!(
        command(base.home.path(), "check content/sub --rule broken-link").output().unwrap().status.code(),
        Some(0)
    );
}

#[test]
fn never_fails_on_nothing_and_off_is_no_level() {
    let base = base();
    let status = |arguments: &str| command(base.home.path(), arguments).output().unwrap().status.code();
    assert_eq!(status("check --fail-on never"), Some(0));
    assert_eq!(status("check"), Some(1));
    base.put("canon.toml", "[check]\nfail_on = \"never\"\n");
    assert_eq!(status("check"), Some(0));
    assert_eq!(status("check --fail-on error"), Some(1));
    assert_eq!(status("check --quiet"), Some(0));
    let quiet = command(base.home.path(), "check --quiet").output().unwrap();
    assert_eq!(text(&quiet.stdout), "", "nothing fails");
    let output = command(base.home.path(), "check --fail-on off").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("[possible values: error, warning, info, never]"), "{said}");
    base.put("canon.toml", "[check]\nfail_on = \"off\"\n");
    let output = command(base.home.path(), "check").output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for value in ["error", "warning", "info", "never"] {
        assert!(said.split(|c: char| !c.is_alphanumeric()).any(|word| word == value), "{said}");
    }
}
