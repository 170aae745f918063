//! The commands as a person meets them: help, completions, explanations on a terminal.

mod built;

use built::{canon, text};
use std::process::Command;

/// What a command shows on a terminal with this many columns. `script` of util-linux runs it behind a pseudo-terminal.
#[cfg(target_os = "linux")]
fn on_terminal(columns: usize, folder: &std::path::Path, arguments: &[&str]) -> String {
    let words: Vec<String> = arguments.iter().map(|word| format!("'{word}'")).collect();
    let line = format!("stty cols {columns} rows 24; {} {}", env!("CARGO_BIN_EXE_canon"), words.join(" "));
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).current_dir(folder).env("TERM", "xterm-256color");
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS", "CI"] {
        command.env_remove(name);
    }
    text(&command.output().expect("`script` is part of util-linux").stdout).replace("\r\n", "\n")
}

fn out(arguments: &[&str]) -> String {
    text(&canon().args(arguments).output().unwrap().stdout)
}

#[test]
fn help_ends_with_examples_and_exit_statuses() {
    for command in
        ["", "init", "build", "serve", "check", "dupes", "explain", "rules", "graph", "stats", "config", "man"]
    {
        let arguments: Vec<&str> = [command, "--help"].into_iter().filter(|a| !a.is_empty()).collect();
        let help = out(&arguments);
        let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{command}: {help}"));
        assert!(examples.contains(&format!("  canon {command}")), "{command}: {examples}");
        assert!(examples.contains("Exit status:\n  0  "), "{command}: {examples}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{command}: {help}");
    }
}

#[test]
fn completions_know_the_ids_of_rules() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = out(&["completions", shell]);
        let is_complete = script.contains("broken-link") && script.contains("unlinked-mention");
        // clap completes the values of options for no other shells.
        assert!(is_complete || !["bash", "zsh", "fish"].contains(&shell), "{shell}");
        if shell == "bash" {
            let path = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(path.path(), &script).unwrap();
            let ask = format!(
                "source {}; COMP_WORDS=(canon explain broken-l); COMP_CWORD=2; _canon canon broken-l explain; echo \"${{COMPREPLY[@]}}\"; \
                 COMP_WORDS=(canon check --rule unlinked); COMP_CWORD=3; _canon canon unlinked --rule; echo \"${{COMPREPLY[@]}}\"",
                path.path().display()
            );
            let reply = Command::new("bash").args(["--norc", "-c", &ask]).output().unwrap();
            assert_eq!(text(&reply.stdout), "broken-link\nunlinked-mention\n", "{}", text(&reply.stderr));
        }
    }
}

#[test]
fn an_unknown_rule_is_answered_with_the_nearest_and_not_with_all() {
    for arguments in [&["explain", "broken-lnk"][..], &["check", "--rule", "broken-lnk", "tests"]] {
        let output = canon().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stderr), "error: there is no rule `broken-lnk`; did you mean `broken-link`?\n");
    }
    assert!(!out(&["check", "--help"]).contains("unlinked-mention"), "help does not list all rules as values");
    let unknown = canon().args(["man", "chekc"]).output().unwrap();
    assert_eq!(text(&unknown.stderr), "error: there is no command `chekc`; did you mean `check`?\n");
}

#[test]
fn an_explanation_says_how_to_repair_and_to_silence() {
    for (rule, repair) in [
        ("broken-link", "`canon check --fix` repairs"),
        ("unlinked-mention", "`canon check --fix-suggestions` applies it"),
        ("thin-note", "Repair: none"),
    ] {
        let explained = out(&["explain", rule]);
        assert!(explained.starts_with(&format!("# {rule}\n")), "a pipe gets the Markdown: {explained}");
        assert!(explained.contains(repair), "{explained}");
        for way in [
            format!("<!-- canon-ignore {rule}: reason -->"),
            format!("canon_ignore: [{rule}]"),
            format!("{rule} = \"off\""),
            "[[check.paths]]".to_string(),
        ] {
            assert!(explained.contains(&way), "{way}: {explained}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_explanation_is_formatted_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let shown = on_terminal(50, folder.path(), &["explain", "broken-link"]);
    assert!(shown.starts_with("\u{1b}[1mbroken-link\u{1b}[0m\n\n"), "{shown:?}");
    assert!(!shown.contains("```") && !shown.contains("# broken"), "{shown}");
    assert!(shown.contains("    \u{1b}[2msystem/queue.md\u{1b}[0m\n"), "{shown:?}");
    assert!(shown.contains("• for one place:"), "{shown}");
    let plain = anstream::adapter::strip_str(&shown).to_string();
    let prose = plain.lines().filter(|line| !line.starts_with("    "));
    prose.for_each(|line| assert!(line.chars().count() <= 50, "{line}"));
    let bare = on_terminal(50, folder.path(), &["--color", "never", "explain", "broken-link"]);
    assert!(!bare.contains('\u{1b}'), "{bare:?}");
}

/// A base of plain notes with a link each.
#[cfg(target_os = "linux")]
fn many_notes(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..count {
        let text = format!(
            "---\nid: note-{n}\ntitle: Note {n}\n---\n\nSee [it](note-{}.md).\n\n{}",
            n / 2,
            "Words. ".repeat(400)
        );
        std::fs::write(folder.path().join(format!("note-{n}.md")), text).unwrap();
    }
    folder
}

/// The lines of progress that a terminal showed. Each begins with the character of a spinner, or is a bar.
#[cfg(target_os = "linux")]
fn progress_lines(shown: &str) -> Vec<String> {
    // A control sequence clears the line before the next drawing.
    let plain = anstream::adapter::strip_str(&shown.replace('\u{1b}', "\n\u{1b}")).to_string();
    let is_progress =
        |line: &&str| ["reading", "analyzing", "checking", "writing"].iter().any(|stage| line.contains(stage));
    plain.split(['\r', '\n']).filter(is_progress).map(str::to_string).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_shows_the_progress_of_each_stage() {
    let folder = many_notes(1_500);
    let shown = on_terminal(40, folder.path(), &["check", "--rule", "broken-link"]);
    let lines = progress_lines(&shown);
    for stage in ["reading", "analyzing", "checking"] {
        assert!(lines.iter().any(|line| line.contains(stage)), "{stage}: {lines:?}");
    }
    assert!(lines.iter().any(|line| line.contains(" of 1,500 files")), "{lines:?}");
    for line in &lines {
        assert!(line.trim_end().chars().count() <= 40, "wider than the terminal: {line:?}");
    }
    let few = many_notes(200);
    let built = on_terminal(40, few.path(), &["build", "--output", "out"]);
    let lines = progress_lines(&built);
    assert!(lines.iter().any(|line| line.contains("writing")), "{lines:?}");
    assert!(lines.iter().all(|line| line.trim_end().chars().count() <= 40), "{lines:?}");
    let quiet = on_terminal(40, folder.path(), &["check", "--quiet", "--rule", "broken-link"]);
    assert_eq!(progress_lines(&quiet), Vec::<String>::new());
    let piped = canon().current_dir(folder.path()).args(["check", "--rule", "broken-link"]).output().unwrap();
    assert_eq!(text(&piped.stderr), "", "no progress in a pipe");
}

/// A running command whose lines are read as they come.
#[cfg(target_os = "linux")]
struct Running {
    child: std::process::Child,
    lines: std::sync::mpsc::Receiver<String>,
}

#[cfg(target_os = "linux")]
impl Running {
    fn start(folder: &std::path::Path, arguments: &[&str]) -> Running {
        use std::io::{BufRead, BufReader, Read};
        let mut command = canon();
        command.current_dir(folder).args(arguments).stdin(std::process::Stdio::null());
        let mut child =
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let (sender, lines) = std::sync::mpsc::channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let sender = sender.clone();
            std::thread::spawn(move || {
                BufReader::new(stream).lines().map_while(Result::ok).all(|line| sender.send(line).is_ok())
            });
        }
        Running { child, lines }
    }

    /// All lines up to the first that contains a text.
    fn until(&self, wanted: &str) -> Vec<String> {
        let (end, mut seen) = (std::time::Instant::now() + std::time::Duration::from_secs(30), Vec::new());
        loop {
            let left = end.saturating_duration_since(std::time::Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    let is_wanted = line.contains(wanted);
                    seen.push(line);
                    if is_wanted {
                        return seen;
                    }
                }
                Err(_) => panic!("`{wanted}` is not printed: {seen:#?}"),
            }
        }
    }

    fn interrupt(mut self) -> Option<i32> {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

#[cfg(target_os = "linux")]
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(target_os = "linux")]
fn linked_notes() -> built::Base {
    built::Base::of(&[
        ("content/a.md", built::note("a", "A", "See [it](sub/b.md).\n")),
        ("content/sub/b.md", built::note("b", "B", "text\n")),
    ])
}

#[test]
#[cfg(target_os = "linux")]
fn a_watched_check_prints_what_is_new_and_what_is_mended() {
    let base = linked_notes();
    let root = base.home.path();
    let arguments = ["check", "--watch", "--rule", "broken-link", "--rule", "broken-anchor"];
    let running = Running::start(root, &arguments);
    running.until("no findings in 2 files");
    std::fs::remove_file(root.join("content/sub/b.md")).unwrap();
    let broken = running.until("1 error, 0 warnings");
    assert!(broken.iter().any(|line| line.starts_with("error: content/a.md:13: ")), "{broken:?}");
    base.put("content/sub/b.md", built::note("b", "B", "text\n"));
    let mended = running.until("all is well again");
    assert!(mended.iter().any(|line| line.starts_with("mended: content/a.md: ")), "{mended:?}");
    // A mistake in the configuration is reported, and the last good one stays in use.
    base.put("canon.toml", "titel = \"x\"\n");
    let config = running.until("titel");
    assert!(
        config.iter().any(|line| line.starts_with("error: ") && line.contains("did you mean `title`")),
        "{config:?}"
    );
    assert_eq!(running.interrupt(), Some(130));
    base.put("canon.toml", "title = \"x\"\n");
    let part = Running::start(root, &["check", "--watch", "content/sub/b.md"]);
    part.until("missing-field");
    base.put("content/a.md", "No frontmatter, and a [gone](gone.md) link.\n");
    base.put("content/sub/b.md", built::note("b", "B", "a [lost](lost.md) link\n"));
    let told = part.until("lost.md");
    assert!(told.iter().all(|line| !line.contains("a.md")), "only the named file: {told:?}");
    assert_eq!(part.interrupt(), Some(130));
    base.put("canon.toml", "[check.rules]\nthin-note = \"off\"\n");
    let refused = canon().current_dir(root).args(["check", "--watch", "--rule", "thin-note"]).output().unwrap();
    assert!(text(&refused.stderr).starts_with("error: `thin-note` is off; "), "{}", text(&refused.stderr));
    for others in [["--fix", "--watch"], ["--external", "--watch"], ["--format=json", "--watch"]] {
        let refused = canon().current_dir(root).arg("check").args(others).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{others:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_preview_tells_what_a_deletion_broke_and_when_all_is_well() {
    let base = linked_notes();
    base.put("canon.toml", "[check.rules]\nthin-note = \"off\"\nmissing-section = \"off\"\norphan-note = \"off\"\n");
    let root = base.home.path();
    let running = Running::start(root, &["serve", "--port", "0"]);
    let start = running.until("`canon check` lists them");
    let count = start.last().unwrap().clone();
    assert!(count.contains(" errors, ") && count.contains(" warnings, "), "the count at the start: {count}");
    std::fs::remove_file(root.join("content/sub/b.md")).unwrap();
    running.until("changed: content/sub/b.md (removed)");
    let broken = running.until(" new, ");
    assert!(broken.iter().any(|line| line.starts_with("error: content/a.md:13: ")), "{broken:?}");
    base.put("content/sub/b.md", built::note("b", "B", "text\n"));
    let mended = running.until(" mended: ");
    assert!(mended.iter().any(|line| line.starts_with("mended: content/a.md: ")), "{mended:?}");
    assert!(mended.iter().any(|line| line.starts_with("changed: content/sub/b.md")), "{mended:?}");
    assert_eq!(running.interrupt(), Some(0));
}

#[test]
fn mistakes_in_the_configuration_are_shown_together_with_paths_from_here() {
    let base = built::Base::of(&[
        ("canon.toml", "titel = \"x\"\n[serve]\nport = \"80\"\n".to_string()),
        ("content/sub/a.md", built::note("a", "A", "text\n")),
    ]);
    let said = |folder: &str, command: &str| {
        let output = canon().current_dir(base.home.path().join(folder)).arg(command).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{command}");
        text(&output.stderr)
    };
    let expected = "error: canon.toml has 2 mistakes\n\
        canon.toml:1:1: unknown `titel`; did you mean `title`?\n  |\n1 | titel = \"x\"\n  | ^^^^^\n\
        canon.toml:3:8: `port` is a whole number from 0 to 65535, without quotes\n  |\n3 | port = \"80\"\n  |        ^^^^\n";
    for command in ["check", "build", "serve", "config", "stats"] {
        assert_eq!(said("", command), expected, "{command}");
    }
    assert!(said("content/sub", "check").contains("\n../../canon.toml:1:1: "), "{}", said("content/sub", "check"));
    base.put("canon.toml", b"title = \"\xff\"\n");
    assert_eq!(said("", "check"), "error: cannot read `canon.toml`: the file is not UTF-8 text; save it as UTF-8\n");
    base.put("canon.toml", "content = \"nots\"\n");
    assert_eq!(
        said("", "check"),
        "error: canon.toml: the content folder `nots` does not exist; create it, or set `content`\n"
    );
}

#[test]
fn a_mistake_in_a_template_is_shown_once_with_the_nearest_name() {
    let base = built::Base::of(&[("content/a.md", built::note("a", "A", "text\n"))]);
    for (template, place, problem) in [
        ("x\n{{ site.titel }}\n", "template `note.html`, line 2", "`titel` is not defined; did you mean `title`?"),
        (
            "{{ note.title | lenght }}\n",
            "template `note.html`, line 1",
            "there is no filter `lenght`; did you mean `length`?",
        ),
        (
            "{% include \"partials/haeder.html\" %}\n",
            "template `note.html`, line 1",
            "there is no template `partials/haeder.html`; did you mean `partials/header.html`?",
        ),
        (
            "{% extends \"bse.html\" %}\n",
            "template `note.html`",
            "there is no template `bse.html`; did you mean `base.html`?",
        ),
    ] {
        base.put("templates/note.html", template);
        let output = base.run(&[]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.starts_with(&format!("error: {place}")), "{said}");
        assert_eq!(said.matches(problem).count(), 1, "{said}");
        assert_eq!(said.matches("note.html").count(), 1, "{said}");
        assert_eq!(said.matches("error").count(), 1, "{said}");
    }
    std::fs::remove_file(base.home.path().join("templates/note.html")).unwrap();
    base.put("templates/texts.toml", "graph = 3\n");
    let said = text(&base.run(&[]).stderr);
    assert!(said.starts_with("error: template `texts.toml`, line 1: this must be a text in quotes\n"), "{said}");
}

#[test]
fn templates_and_texts_without_effect_are_named() {
    let base = built::Base::of(&[("content/a.md", built::note("a", "A", "text\n"))]);
    base.put("templates/nte.html", "x");
    base.put("templates/note.htm", "x");
    base.put("templates/texts.toml", "graph = \"Map\"\nserch = \"Find\"\n");
    let root = base.home.path();
    let build = |options: &[&str]| {
        let mut command = canon();
        command.current_dir(root).env("XDG_CACHE_HOME", root.join(".cache")).arg("build").args(options);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    assert_eq!(
        build(&[]),
        "warning: templates/nte.html: overrides no template of canon, and no template includes it; did you mean `note.html`?\n\
         warning: templates/texts.toml:2: no text is called `serch`; did you mean `search`?\n\
         warning: templates/note.htm: is not read: templates end in `.html` or `.xml`, texts in `.toml`; rename or remove it\n"
    );
    assert_eq!(build(&["--quiet"]), "");
}
