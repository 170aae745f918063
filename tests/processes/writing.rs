//! Files of the user through the program: whole or as they were, whatever the disk and the links do.

#![cfg(unix)]

use crate::built::{Base, canon, note, text};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

/// A base whose baseline (a line for each of many notes) and whose note with a repair are larger than a small limit on the size of files.
fn base() -> Base {
    let broken: String = (0..40).map(|at| format!("[gone](gone-{at}.md)\n\n")).collect();
    let mendable = format!("[A](/a.md)\n\n{}", "word ".repeat(400));
    let base = Base::of(&[
        ("canon.toml", "title = \"Base\"\n".to_string()),
        ("content/a.md", note("a", "A", &broken)),
        ("content/b.md", note("b", "B", &mendable)),
    ]);
    for n in 0..60 {
        base.put(&format!("content/many/n{n}.md"), note(&format!("n{n}"), &format!("N{n}"), "[gone](gone.md)"));
    }
    base
}

/// Runs the program with files of at most this many blocks of 512 or 1,024 bytes.
fn limited(blocks: usize, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -f {blocks} && exec \"$0\" \"$@\"")]).arg(env!("CARGO_BIN_EXE_canon"));
    command.args(arguments).current_dir(folder).env("XDG_CACHE_HOME", folder.join("cache")).output().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_baseline_that_cannot_be_written_whole_stays_as_it_was() {
    let base = base();
    let home = base.home.path();
    base.put("baseline.json", "the old one");
    let before = names(home);
    let output = limited(1, home, &["check", "--write-baseline", "baseline.json"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("cannot write the baseline `baseline.json`: File too large"));
    assert_eq!(fs::read_to_string(home.join("baseline.json")).unwrap(), "the old one");
    assert_eq!(names(home), before);
    let output = limited(1000, home, &["check", "--write-baseline", "baseline.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(fs::read_to_string(home.join("baseline.json")).unwrap().contains("bl40:"));
    assert_eq!(names(home), before);
}

#[test]
fn a_note_that_cannot_be_written_whole_stays_as_it_was() {
    let base = base();
    let content = base.home.path().join("content");
    let before = fs::read(content.join("b.md")).unwrap();
    let output = limited(1, base.home.path(), &["check", "--fix", "--quiet"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("b.md: it cannot be written: File too large"), "{}", text(&output.stderr));
    assert_eq!(fs::read(content.join("b.md")).unwrap(), before);
    assert_eq!(names(&content), ["a.md", "b.md", "many"]);
    // What a killed run left goes with the next repair, wherever it is.
    base.put("content/sub/c.md", note("c", "C", "[A](../a.md)"));
    for leftover in ["content/.canon-write-0123456789abcdef", "content/sub/.canon-fix-x1y2z3"] {
        base.put(leftover, "half a no");
    }
    limited(1000, base.home.path(), &["check", "--fix", "--quiet"]);
    assert!(fs::read_to_string(content.join("b.md")).unwrap().contains("[A](a.md)"));
    assert_eq!(
        (names(&content), names(&content.join("sub"))),
        (vec!["a.md".into(), "b.md".into(), "many".into(), "sub".into()], vec!["c.md".into()])
    );
}

#[test]
fn a_build_that_cannot_write_a_page_leaves_the_site_as_it_was() {
    let base = base();
    let home = base.home.path();
    assert_eq!(limited(100_000, home, &["build"]).status.code(), Some(0));
    let page = |name: &str| fs::read_to_string(home.join("public").join(name)).unwrap();
    let before = (page("b.html"), page(".canon/manifest.json"));
    base.put("content/b.md", note("b", "B", &"other ".repeat(3000)));
    let output = limited(1, home, &["build"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("File too large"), "{}", text(&output.stderr));
    assert_eq!((page("b.html"), page(".canon/manifest.json")), before);
    assert_eq!(limited(100_000, home, &["build"]).status.code(), Some(0));
    assert!(page("b.html").contains("other other"));
}

#[test]
fn a_step_summary_that_cannot_be_appended_whole_is_as_it_was() {
    let base = base();
    let summary = base.home.path().join("summary.md");
    fs::write(&summary, "Of an earlier step\n").unwrap();
    let check = |blocks: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -f {blocks} && exec \"$0\" check --format github")]);
        command.arg(env!("CARGO_BIN_EXE_canon")).current_dir(base.home.path()).env("GITHUB_STEP_SUMMARY", &summary);
        command.output().unwrap().status.code()
    };
    assert_eq!(check("1"), Some(2));
    assert_eq!(fs::read_to_string(&summary).unwrap(), "Of an earlier step\n");
    assert_eq!(check("1000"), Some(1));
    let whole = fs::read_to_string(&summary).unwrap();
    assert!(whole.starts_with("Of an earlier step\n") && whole.contains("gone-39"), "{whole}");
}

#[test]
fn a_site_that_could_not_be_begun_is_begun_by_the_next_init() {
    let folder = tempfile::tempdir().unwrap();
    let whole = tempfile::tempdir().unwrap();
    assert_eq!(limited(1000, whole.path(), &["init"]).status.code(), Some(0));
    for blocks in [0, 1] {
        let output = limited(blocks, folder.path(), &["init"]);
        assert_eq!(output.status.code(), Some(2), "{blocks}: {}", text(&output.stderr));
        assert!(!folder.path().join("canon.toml").exists());
        let half =
            walkdir::WalkDir::new(folder.path()).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file());
        for entry in half {
            let path = entry.path().strip_prefix(folder.path()).unwrap();
            assert_eq!(
                fs::read(entry.path()).unwrap(),
                fs::read(whole.path().join(path)).unwrap(),
                "{}",
                path.display()
            );
        }
    }
    assert_eq!(limited(1000, folder.path(), &["init"]).status.code(), Some(0));
    assert_eq!(names(folder.path()), names(whole.path()));
    assert_eq!(names(&folder.path().join("content")), names(&whole.path().join("content")));
    // Adopting notes is done whole or begun again, too.
    let adopted = base();
    fs::remove_file(adopted.home.path().join("canon.toml")).unwrap();
    let output = limited(1, adopted.home.path(), &["init"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert_eq!(names(adopted.home.path()), ["content"]);
    assert_eq!(limited(1000, adopted.home.path(), &["init"]).status.code(), Some(0));
    let written = [".github", ".gitignore", ".pre-commit-config.yaml", "canon-baseline.json", "canon.toml", "content"];
    assert_eq!(names(adopted.home.path()), written);
}

#[test]
fn a_baseline_behind_a_link_is_written_where_it_is() {
    let base = base();
    let home = base.home.path();
    base.put("shared/real.json", "the old one");
    symlink("shared/real.json", home.join("baseline.json")).unwrap();
    let check = |file: &str| {
        let output = canon().current_dir(home).args(["check", "--quiet", "--write-baseline", file]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{file}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    check("baseline.json");
    assert!(home.join("baseline.json").is_symlink());
    let whole = fs::read_to_string(home.join("shared/real.json")).unwrap();
    assert!(whole.contains("bl40:"), "{whole}");
    assert_eq!(names(&home.join("shared")), ["real.json"]);
    if cfg!(target_os = "linux") {
        assert_eq!(check("/dev/stdout"), whole, "a pipe is written to, not replaced");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_takes_no_baseline_away() {
    const NAME: &str = "a_full_disk_takes_no_baseline_away";
    let folder = tempfile::tempdir().unwrap();
    let base = base();
    let script = "mount -t tmpfs -o size=64k none \"$1\" && cd \"$1\" && echo old > f && \
                  { cat /dev/zero > filler 2> /dev/null; \"$0\" check \"$2\" --write-baseline f; \
                  echo \"status $?\"; ls -A; cat f; }";
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_canon")]).arg(folder.path()).arg(base.home.path());
    let Some(output) = command.output().ok().filter(|output| text(&output.stdout).contains("status")) else {
        eprintln!("{NAME}: not run, mounting is not allowed here");
        return;
    };
    assert_eq!(text(&output.stdout), "status 2\nf\nfiller\nold\n", "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("No space left on device"), "{}", text(&output.stderr));
}
