//! Repairs as a patch for the real git, and written in one pass that a kill does not tear.

#![cfg(unix)]

use crate::built::{canon, note, text};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Git without the configuration of this machine and of a hook that runs the tests.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
    command.args(arguments).current_dir(folder);
    command
}

/// Whether a program can be started. Otherwise the test says that it is not run.
pub(crate) fn has(program: &str, test: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("{test}: not run, there is no {program}");
    }
    found
}

/// Notes that a repair changes, each difficult to patch for a different reason. The link `/b.md` of each is repaired.
fn difficult_notes() -> Vec<(&'static str, Vec<u8>)> {
    let mendable = |id: &str| note(id, &id.to_uppercase(), "first\n\n[B](/b.md)\n\nlast\n");
    vec![
        ("content/b.md", note("b", "B", "text").into_bytes()),
        ("content/plain.md", mendable("plain").into_bytes()),
        ("content/with space.md", mendable("with-space").into_bytes()),
        ("content/quo\"te.md", mendable("quote").into_bytes()),
        ("content/h\u{f6}he \u{65e5}\u{672c}.md", mendable("height").into_bytes()),
        ("content/crlf.md", mendable("crlf").replace('\n', "\r\n").into_bytes()),
        ("content/mixed.md", mendable("mixed").replace("first\n", "first\r\n").into_bytes()),
        ("content/bom.md", format!("\u{feff}{}", mendable("bom")).into_bytes()),
        ("content/no-end.md", note("no-end", "No end", "[B](/b.md)").trim_end().as_bytes().to_vec()),
        ("content/crlf-no-end.md", mendable("crlf-no-end").trim_end().replace('\n', "\r\n").into_bytes()),
        ("content/escape.md", mendable("escape").replace("first", "\u{1b}[31mred\u{1b}[0m").into_bytes()),
        ("content/return.md", mendable("return").replace("first", "one\rtwo").into_bytes()),
        ("content/sub/deep.md", note("deep", "Deep", "[B](/b.md)\n").into_bytes()),
        // A path that repeats the folder in which git may be run.
        ("content/content/again.md", note("again", "Again", "[B](/b.md)\n").into_bytes()),
    ]
}

/// A folder `base` in a temporary folder, with the difficult notes, a note with a mode of its own, and one behind a link.
fn base() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let root = folder.path().canonicalize().unwrap().join("base");
    for (path, bytes) in difficult_notes() {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::write(root.join("canon.toml"), "title = \"Base\"\n").unwrap();
    fs::set_permissions(root.join("content/plain.md"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("plain.md", root.join("content/another-name.md")).unwrap();
    (folder, root)
}

/// The files below a folder: what a link leads to, or the mode and the bytes of a file.
fn files(root: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let outside_git = |entry: &walkdir::DirEntry| entry.file_name() != ".git";
    let entries = walkdir::WalkDir::new(root).into_iter().filter_entry(outside_git).map(Result::unwrap);
    let entries = entries.filter(|entry| !entry.file_type().is_dir());
    entries
        .map(|entry| {
            let path = entry.path();
            let content = match entry.file_type().is_symlink() {
                true => (0, fs::read_link(path).unwrap().into_os_string().into_encoded_bytes()),
                false => (fs::metadata(path).unwrap().permissions().mode(), fs::read(path).unwrap()),
            };
            (path.strip_prefix(root).unwrap().to_path_buf(), content)
        })
        .collect()
}

fn fix(folder: &Path, root: &str, options: &[&str]) -> Output {
    canon().current_dir(folder).args(["check", root, "--fix"]).args(options).output().unwrap()
}

/// The number of files that repairs change in the whole base.
const MENDED: usize = 13;

#[test]
fn repairs_change_nothing_but_the_link() {
    let (_folder, root) = base();
    let before = files(&root);
    fix(&root, ".", &[]);
    let after = files(&root);
    let changed = before.iter().filter(|(path, old)| after[*path] != **old).count();
    assert_eq!((changed, before.len()), (MENDED, after.len()), "{:?}", after.keys());
    for (path, (mode, bytes)) in &after {
        let (old_mode, old) = &before[path];
        // Any bytes are a string with one character a byte here, so that a wrong byte is seen.
        let characters = |bytes: &[u8]| bytes.iter().map(|&byte| char::from(byte)).collect::<String>();
        let up = "../".repeat(path.components().count().saturating_sub(2));
        let wanted = characters(old).replace("](/b.md)", &format!("]({up}b.md)"));
        assert_eq!((mode, &characters(bytes)), (old_mode, &wanted), "{}", path.display());
    }
}

#[test]
fn git_applies_the_patch_where_it_was_made() {
    const NAME: &str = "git_applies_the_patch_where_it_was_made";
    if !has("git", NAME) {
        return;
    }
    // The folder of the repository, the working folder, ROOT. All are relative to the folder around `base`.
    let cases = [
        (Some("base"), "base", "."),
        (Some("base"), "base", "content"),
        (Some("base"), "base/content", "."),
        (Some("base"), "base/content", ".."),
        (Some("base"), "base/content/sub", "."),
        (Some("base"), "base/content/content", "."),
        (Some("."), "base", "."),
        (Some("."), ".", "base"),
        (Some("."), "base/content", "."),
        (Some("base"), ".", "base"),
        (None, "base", "."),
        (None, "base/content", "."),
        (None, "base/content/content", "."),
        (None, ".", "base"),
    ];
    for (repository, working, root) in cases {
        let case = format!("repository {repository:?}, in {working}, root {root}");
        let ((patched, _), (written, _)) = (base(), base());
        let [patched, written] = [&patched, &written].map(|folder| folder.path().canonicalize().unwrap());
        for folder in [&patched, &written] {
            if let Some(repository) = repository {
                assert!(git(&folder.join(repository), &["init", "-q"]).status().unwrap().success());
            }
        }
        let before = files(&patched);
        let patch = fix(&patched.join(working), root, &["--dry-run"]);
        assert!(!text(&patch.stderr).contains("apply"), "{case}: {}", text(&patch.stderr));
        assert_eq!(files(&patched), before, "{case}: a dry run writes nothing");
        let file = patched.join("the.patch");
        fs::write(&file, &patch.stdout).unwrap();
        let applied = git(&patched.join(working), &["apply", file.to_str().unwrap()]).output().unwrap();
        assert!(applied.status.success(), "{case}: {}\n{}", text(&applied.stderr), text(&patch.stdout));
        fs::remove_file(&file).unwrap();
        fix(&written.join(working), root, &[]);
        assert_ne!(files(&patched), before, "{case}");
        assert_eq!(files(&patched), files(&written), "{case}");
    }
}

#[test]
fn a_patch_that_git_cannot_apply_here_says_where_it_can() {
    const NAME: &str = "a_patch_that_git_cannot_apply_here_says_where_it_can";
    if !has("git", NAME) {
        return;
    }
    for repository in [true, false] {
        for (working, root) in
            [("base/content/sub", ".."), ("else where", "../base"), ("else where", "../base/content/sub")]
        {
            let ((patched, base_1), (written, base_2)) = (base(), base());
            for (folder, base) in [(&patched, &base_1), (&written, &base_2)] {
                fs::create_dir(folder.path().join("else where")).unwrap();
                if repository {
                    assert!(git(base, &["init", "-q"]).status().unwrap().success());
                }
            }
            let patch = fix(&patched.path().join(working), root, &["--dry-run"]);
            let said = text(&patch.stderr);
            let (_, rest) = said.split_once("apply it with `git ").unwrap_or_else(|| panic!("{working}: {said}"));
            let file = patched.path().join("the.patch");
            fs::write(&file, &patch.stdout).unwrap();
            // The command as a shell reads it.
            let script = format!("git {} < \"$0\"", rest.split_once('`').unwrap().0);
            let mut command = git(patched.path(), &[]);
            let environment: Vec<_> =
                command.get_envs().map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned))).collect();
            command = Command::new("sh");
            for (name, value) in environment {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            let applied = command.args(["-c", &script]).arg(&file).current_dir("/").output().unwrap();
            assert!(applied.status.success(), "{script}: {}", text(&applied.stderr));
            fix(&written.path().join(working), root, &[]);
            assert_eq!(files(&base_1), files(&base_2), "{working}, {root}");
        }
    }
}

#[test]
fn a_report_for_programs_has_no_patch_in_front() {
    let (_folder, root) = base();
    for format in ["json", "sarif"] {
        let output = fix(&root, ".", &["--dry-run", "--format", format]);
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap_or_else(|e| panic!("{format}: {e}"));
        assert!(text(&output.stderr).contains("nothing was written"));
    }
}

/// A base with this many notes to repair.
fn many(count: usize) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::write(root.join("b.md"), note("b", "B", "text")).unwrap();
    for n in 0..count {
        let id = format!("n-{n:03}");
        fs::write(root.join(format!("{id}.md")), note(&id, &id, "[B](/b.md)\n")).unwrap();
    }
    (folder, root)
}

/// Whether each note is wholly repaired or wholly as it was, and how many are repaired.
fn mended(root: &Path) -> usize {
    let mut count = 0;
    for (path, (_, bytes)) in files(root).into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "md")) {
        let id = path.file_stem().unwrap().to_str().unwrap();
        let (old, new) = (note(id, id, "[B](/b.md)\n"), note(id, id, "[B](b.md)\n"));
        let found = text(&bytes);
        assert!(id == "b" || found == old || found == new, "{}: {found}", path.display());
        count += usize::from(found == new);
    }
    count
}

#[test]
fn few_open_files_are_enough_for_many_repairs() {
    let (_folder, root) = many(120);
    let script = "ulimit -n 100 && exec \"$0\" check . --fix --quiet";
    let output =
        Command::new("sh").args(["-c", script, env!("CARGO_BIN_EXE_canon")]).current_dir(&root).output().unwrap();
    assert_eq!(text(&output.stderr), "");
    assert_eq!(mended(&root), 120);
}

/// Runs `--fix` under strace with these options. `None` if that cannot be done here.
#[cfg(target_os = "linux")]
fn traced(root: &Path, options: &[&str], test: &str) -> Option<String> {
    let log = root.with_extension("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(&log).args(options);
    command.arg(env!("CARGO_BIN_EXE_canon")).args(["check", ".", "--fix", "--quiet"]).current_dir(root);
    let output = command.output().ok();
    let trace = fs::read_to_string(&log).unwrap_or_default();
    let _ = fs::remove_file(&log);
    if output.is_none() || trace.is_empty() {
        let why = output.map(|output| text(&output.stderr)).unwrap_or_default();
        eprintln!("{test}: not run, strace cannot be used here {why}");
        return None;
    }
    Some(trace)
}

#[cfg(target_os = "linux")]
#[test]
fn many_repairs_are_synced_once() {
    let (_folder, root) = many(40);
    let options = ["-e", "trace=fsync,fdatasync,sync,syncfs,sync_file_range,rename,renameat,renameat2"];
    let Some(trace) = traced(&root, &options, "many_repairs_are_synced_once") else { return };
    let lines = |what: &str| trace.lines().filter(|line| line.contains(what)).count();
    assert_eq!((lines("sync"), lines("rename")), (1, 40), "{trace}");
    let sync = trace.lines().position(|line| line.contains("sync")).unwrap();
    assert_eq!(sync, 0, "each file is on the disk before the first one is replaced");
    assert_eq!(mended(&root), 40);
}

#[cfg(target_os = "linux")]
#[test]
fn a_kill_between_repairs_leaves_each_note_old_or_new() {
    const NAME: &str = "a_kill_between_repairs_leaves_each_note_old_or_new";
    for (calls, at, repaired) in
        [("syncfs", 1, 0), ("rename,renameat,renameat2", 1, 0), ("rename,renameat,renameat2", 7, 6)]
    {
        let (_folder, root) = many(20);
        let inject = format!("inject={calls}:signal=KILL:error=EIO:when={at}");
        if traced(&root, &["-e", &inject], NAME).is_none() {
            return;
        }
        assert_eq!(mended(&root), repaired, "killed at {at} of {calls}");
        fix(&root, ".", &["--quiet"]);
        assert_eq!(mended(&root), 20);
        let left: Vec<_> = files(&root).into_keys().filter(|path| !path.to_string_lossy().ends_with(".md")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
