//! The work of the program in allocations and bytes, which no machine and no load changes: nothing grows faster than the
//! base, and nothing costs more than it did.
//!
//! The test program is its own measuring instrument: started with `CANON_WORK` as the name of a file, it runs the command
//! line of its arguments in this process and writes down the allocations. `UPDATE_WORK=1 cargo test --test work` records
//! new figures in `tests/work/recorded.txt`.

#[path = "work/allocations.rs"]
mod allocations;
#[allow(dead_code, reason = "the benchmarks use the rest")]
#[path = "../benches/base/mod.rs"]
mod base;
#[path = "work/shapes.rs"]
mod shapes;

use allocations::Counting;
use shapes::{Files, SHAPES};
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

#[global_allocator]
static ALLOCATOR: Counting = Counting::new();

/// The growth of a measure when the base doubles again, as a multiple of its growth at the first doubling: 2 for a measure
/// that grows like the base, about 2.3 for *n* log *n*, 4 for its square.
const MOST_GROWTH: f64 = 2.8;
/// Growth that is below this share of the whole is noise of rounding, such as the capacity of a list.
const NOISE: f64 = 0.08;
/// The share by which a recorded figure may be exceeded.
const MOST_REGRESSION: f64 = 0.05;

/// A figure of a run.
type Measure = fn(&Work) -> f64;

/// The work of one run.
#[derive(Debug, Clone, Copy)]
struct Work {
    calls: f64,
    bytes: f64,
    /// The bytes that were printed and written.
    output: f64,
}

fn main() -> ExitCode {
    if let Some(file) = std::env::var_os("CANON_WORK") {
        let status = canon::run();
        let (calls, bytes) = ALLOCATOR.so_far();
        fs::write(file, format!("{calls} {bytes}")).expect("the figures are written");
        return status;
    }
    // As the test programs of cargo: a part of the names to run, and `--skip` with a part of the names not to run.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_skip = |at: usize| at > 0 && arguments[at - 1] == "--skip";
    let parts = |skipped: bool| {
        let is_part = move |&(at, argument): &(usize, &String)| !argument.starts_with('-') && is_skip(at) == skipped;
        arguments.iter().enumerate().filter(is_part).map(|(_, part)| part.as_str()).collect::<Vec<_>>()
    };
    let (named, skipped) = (parts(false), parts(true));
    let holds = |name: &str, parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let wanted = |name: &str| (named.is_empty() || holds(name, &named)) && !holds(name, &skipped);
    let mut faults = Vec::new();
    let mut passed = 0;
    let mut judge = |name: &str, found: Vec<String>| {
        println!("test {name} ... {}", if found.is_empty() { "ok" } else { "FAILED" });
        passed += usize::from(found.is_empty());
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    };
    for shape in SHAPES.iter().filter(|shape| wanted(shape.name)) {
        let bases = [1, 2, 4].map(|times| (shape.files)(shape.size * times));
        judge(shape.name, growth(&bases));
    }
    if wanted("recorded") {
        judge("recorded", against_recorded());
    }
    faults.iter().for_each(|fault| println!("{fault}"));
    let status = if faults.is_empty() { "ok" } else { "FAILED" };
    println!("\ntest result: {status}. {passed} passed; {} failed", faults.len());
    ExitCode::from(u8::from(!faults.is_empty()))
}

/// What grows faster than the base in one of the commands, from three bases of which each is twice as large as the last.
fn growth(bases: &[Files; 3]) -> Vec<String> {
    let folders = bases.each_ref().map(write);
    let mut faults = Vec::new();
    for command in ["check", "build"] {
        let work = folders.each_ref().map(|folder| measure(command, folder.path()));
        let measures: [(&str, Measure); 3] =
            [("allocations", |w| w.calls), ("allocated bytes", |w| w.bytes), ("bytes of output", |w| w.output)];
        for (what, of) in measures {
            let [small, medium, large] = work.each_ref().map(of);
            let (first, second) = (medium - small, large - medium);
            if second > MOST_GROWTH * first && second > NOISE * large {
                faults.push(format!("{command}: {what} {small}, {medium}, {large}"));
            }
        }
    }
    faults
}

fn write(files: &Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join("base").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    folder
}

/// The work of a command on the base in a folder.
fn measure(command: &str, folder: &Path) -> Work {
    let (figures, output) = (folder.join("figures"), folder.join("out"));
    let mut program = Command::new(std::env::current_exe().expect("this program"));
    program.arg(command).arg(folder.join("base"));
    match command {
        "build" => program.args(["--no-cache", "--quiet", "--output"]).arg(&output),
        "check" => program.args(["--all", "--format", "json"]),
        _ => &mut program,
    };
    // One thread, so that the parts of a list that threads take do not depend on chance.
    program.env("CANON_WORK", &figures).env("RAYON_NUM_THREADS", "1").env("XDG_CACHE_HOME", folder.join("cache"));
    let run = program.stderr(Stdio::inherit()).output().expect("it runs");
    assert!(matches!(run.status.code(), Some(0 | 1)), "{command}: {}", run.status);
    let figures = fs::read_to_string(figures).expect("the figures");
    let [calls, bytes] = [0, 1].map(|at| figures.split(' ').nth(at).and_then(|n| n.parse().ok()).expect("a figure"));
    let size = |entry: walkdir::DirEntry| entry.metadata().map_or(0, |found| found.len());
    let files = walkdir::WalkDir::new(output).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    let written: u64 = files.map(size).sum();
    Work { calls, bytes, output: (run.stdout.len() as u64 + written) as f64 }
}

/// The path of the recorded figures.
const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/work/recorded.txt");

/// The number of notes of the base whose work is recorded.
const NOTES: u64 = 200;

/// What costs more than recorded on the base of the benchmarks: reading and resolving (`graph`), checking, rendering.
fn against_recorded() -> Vec<String> {
    let mut lines = String::new();
    let mut faults = Vec::new();
    let recorded = fs::read_to_string(RECORDED).unwrap_or_default();
    for command in ["graph", "check", "build"] {
        let folder = tempfile::tempdir().expect("a folder");
        base::write_notes(&folder.path().join("base"), NOTES);
        let work = measure(command, folder.path());
        for (what, now) in [("allocations", work.calls), ("bytes", work.bytes)] {
            let name = format!("{command} {what}");
            lines += &format!("{name} {now}\n");
            let before = recorded.lines().find_map(|line| line.strip_prefix(&name)?.trim().parse::<f64>().ok());
            match before {
                None => faults.push(format!("{name}: no figure is recorded; run UPDATE_WORK=1 cargo test --test work")),
                Some(before) if now > before * (1.0 + MOST_REGRESSION) => {
                    let more = (now / before - 1.0) * 100.0;
                    faults.push(format!("{name}: {now}, {more:.1} % more than the recorded {before}"));
                }
                Some(_) => {}
            }
        }
    }
    if std::env::var_os("UPDATE_WORK").is_some() {
        fs::write(RECORDED, lines).expect("the figures are recorded");
        faults.clear();
    }
    faults
}
