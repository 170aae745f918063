//! Measures the search for duplicated text: processor time for 10,000 notes and for 100,000, the ratio of the two, peak
//! memory, and the time to compare one changed note with all the rest.
//!
//!     cargo bench --bench duplication [-- NOTES [FACTOR]]
//!
//! Each figure is the median over several processes, because a second search in the same process reuses memory that the
//! first one had to request from the kernel. The notes are generated, about 5.5 KB each, with word frequencies like
//! those of a natural language and a few copied blocks. Linux only, because times and memory come from the kernel.

#[path = "base/random.rs"]
mod random;

use canon::base::{Block, Id, Index, NoteFingerprint, NoteId, NoteText, TextBlockId, duplicates};
use random::random;
use std::fs::read_to_string;
use std::process::Command;
use std::time::Instant;

/// One in this many notes has a copied block.
const COPIES: u64 = 50;
/// The blocks of a note, repeated: the number of words, and whether the block is nested in the previous item. As in
/// real notes, most blocks are too short for a comparison.
const SHAPE: [(u64, bool); 14] = [
    (7, false),
    (9, false),
    (11, false),
    (6, false),
    (8, false),
    (7, false),
    (9, false),
    (24, false),
    (5, false),
    (9, false),
    (8, true),
    (7, false),
    (9, false),
    (6, false),
];
/// The number of blocks per note.
const BLOCKS: u64 = 98;

/// The argument of a process that measures one search and prints the processor time in its first line.
const COST: &str = "--cost";
/// The number of processes for the smaller and for the larger base.
const RUNS: (usize, usize) = (7, 3);

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let notes = numbers.first().copied().unwrap_or(10_000);
    if std::env::args().any(|arg| arg == COST) {
        return measure(notes);
    }
    let factor = numbers.get(1).copied().unwrap_or(10);
    let small = median(notes, RUNS.0);
    one_note((0..notes).map(|note| print(&text(note))).collect());
    let large = median(notes * factor, RUNS.1);
    println!("{factor} times the notes cost {:.1} times the processor time", large / small);
}

/// The median processor time in seconds of fingerprints and search over `notes` notes, over `runs` processes. Prints
/// the output of the median process.
fn median(notes: u64, runs: usize) -> f64 {
    let this = std::env::current_exe().expect("this program has a path");
    let run = |_| {
        let output = Command::new(&this).args([COST, &notes.to_string()]).output().expect("it runs again");
        let said = String::from_utf8(output.stdout).expect("it writes text");
        let (cost, words) = said.split_once('\n').expect("it writes its cost first");
        (cost.parse().expect("a cost is a number"), words.to_string())
    };
    let mut costs: Vec<(f64, String)> = (0..runs).map(run).collect();
    costs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (least, most) = (costs[0].0, costs[runs - 1].0);
    let (cost, words) = &costs[runs / 2];
    println!("{}; {runs} runs from {least:.2} s to {most:.2} s", words.trim_end());
    *cost
}

/// Measures fingerprints and search over `notes` notes once.
fn measure(notes: u64) {
    let start = processor_seconds();
    let texts: Vec<String> = (0..notes).map(text).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let made = processor_seconds();
    let prints: Vec<NoteFingerprint> = texts.iter().map(|text| print(text)).collect();
    let printed = processor_seconds();
    let found = duplicates(&prints, &[]);
    let search = processor_seconds() - printed;
    println!("{}", search + printed - made);
    println!(
        "{notes} notes, {:.1} KB each: making {:.2} s, prints {:.3} s, search {search:.3} s; {} of {} copies found; peak {} MB",
        bytes as f64 / notes as f64 / 1024.0,
        made - start,
        printed - made,
        found.blocks.len(),
        (0..notes).filter(|&note| copied_from(note).is_some()).count(),
        peak_megabytes(),
    );
}

/// Prints the time to update one note in an index of all notes.
fn one_note(prints: Vec<NoteFingerprint>) {
    let count = prints.len() as u64;
    let mut index = Index::new(prints, &[]);
    let mut times: Vec<f64> = (0..101)
        .map(|at| {
            let note = at * 97 % count;
            let changed = print(&text(note + 1));
            let start = Instant::now();
            index.update(NoteId::new(note as usize), changed);
            std::hint::black_box(index.about(NoteId::new(note as usize)));
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("one changed note of {count}: median {:.2} ms, 95 of 100 under {:.2} ms", times[50], times[95]);
}

fn print(text: &str) -> NoteFingerprint {
    let texts: Vec<&str> = text.lines().collect();
    let inner = |at: usize| SHAPE[at % SHAPE.len()].1;
    let head = |at: usize| (0..at).rev().find(|&before| !inner(before));
    let parent = |at: usize| if inner(at) { head(at).map(TextBlockId::new) } else { None };
    let blocks = (0..texts.len()).map(|at| Block {
        text: texts[at],
        parent: parent(at),
        heading: at as u64 / 5,
        ..Block::default()
    });
    let blocks = blocks.collect();
    NoteFingerprint::of(&NoteText { comparable: true, blocks, ..NoteText::default() })
}

fn copied_from(note: u64) -> Option<u64> {
    (note % COPIES == COPIES - 1).then_some(note - note % COPIES)
}

/// The blocks of a note, one per line. A copying note contains one block of a different note, with one word changed.
fn text(note: u64) -> String {
    let mut texts: Vec<String> =
        (0..BLOCKS).map(|at| sentence(note * 128 + at, SHAPE[at as usize % SHAPE.len()].0)).collect();
    if let Some(source) = copied_from(note) {
        let source = sentence(source * 128 + 7, SHAPE[7].0);
        texts[7] = source.replacen(source.split(' ').nth(12).unwrap_or(""), "something", 1);
    }
    texts.join("\n")
}

fn sentence(seed: u64, words: u64) -> String {
    let mut state = random(&mut seed.wrapping_add(1).rotate_left(32));
    let words: Vec<String> = (0..words).map(|_| word(&mut state)).collect();
    words.join(" ") + "."
}

/// A random word: 30 % are among the 22 most frequent words, the rest is spread over 1,100 words with decreasing
/// frequency.
fn word(state: &mut u64) -> String {
    let number = match random(state) % 10 {
        0..3 => random(state) % 22,
        _ => {
            let part = (random(state) % (1 << 20)) as f64 / f64::from(1 << 20);
            30 + (8.0 * 140_f64.powf(part)) as u64 - 8
        }
    };
    let syllables = ["ba", "ro", "ti", "ken", "lu", "mas", "der", "so", "pli", "an", "gor"];
    let mut rest = number + 1;
    let mut word = String::new();
    while rest > 0 {
        word.push_str(syllables[(rest % 11) as usize]);
        rest /= 11;
    }
    word
}

/// The processor time of all threads of this process in seconds, from the scheduler statistics in nanoseconds.
fn processor_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = |thread: std::fs::DirEntry| {
        let stat = read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        stat.split_whitespace().next().and_then(|time| time.parse::<f64>().ok())
    };
    threads.filter_map(nanoseconds).sum::<f64>() / 1e9
}

fn peak_megabytes() -> u64 {
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) / 1024
}
