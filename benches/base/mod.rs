//! Shared by several benchmarks: a base of generated notes in the full format, and the cost of running a program.

mod random;

use random::random;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The number of folders of the base.
const FOLDERS: u64 = 20;

/// The cost of a run of a program.
pub struct Run {
    /// Wall-clock time in seconds.
    pub wall: f64,
    /// Processor time in seconds, child processes included.
    pub processor: f64,
    /// The peak memory of the largest process in megabytes, sampled every two milliseconds.
    pub memory: f64,
    /// Whether the exit status was 0.
    pub success: bool,
}

/// Runs a program to its end and discards the output.
pub fn measured(command: &mut Command) -> Run {
    let (start, before) = (Instant::now(), processor_seconds_of_children());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
    let (pid, ended) = (child.id(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let memory = scope.spawn(|| {
            let mut most: f64 = 0.0;
            while !ended.load(Ordering::Relaxed) {
                most = most.max(peak_megabytes(pid));
                std::thread::sleep(Duration::from_millis(2));
            }
            most
        });
        let status = child.wait().expect("the program ends");
        let wall = start.elapsed().as_secs_f64();
        ended.store(true, Ordering::Relaxed);
        let memory = memory.join().expect("memory is only read");
        Run { wall, processor: processor_seconds_of_children() - before, memory, success: status.success() }
    })
}

/// The peak memory of a process or of the largest of its children (proc(5): `VmHWM`).
fn peak_megabytes(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let own =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let others = children.split_whitespace().filter_map(|child| child.parse().ok()).map(peak_megabytes);
    others.fold(own.unwrap_or(0.0) / 1024.0, f64::max)
}

/// The median of the figures. 0 if there are none.
pub fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

/// The processor time of terminated child processes, counted by the kernel in hundredths of a second (proc(5): `cutime`
/// and `cstime`).
fn processor_seconds_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = stat.rsplit(") ").next().unwrap_or_default();
    let fields = behind_name.split(' ').skip(13).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Writes the notes and a landing page per folder. Returns the number of bytes of the notes.
pub fn write_notes(content: &Path, notes: u64) -> usize {
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

/// A link from one note to a second. Every third target is a section.
fn link(from: u64, to: u64) -> String {
    let fragment = if to.is_multiple_of(3) { "#definition" } else { "" };
    match from % FOLDERS == to % FOLDERS {
        true => format!("[{}]({}.md{fragment})", title(to), slug(to)),
        false => format!("[{}](../part-{}/{}.md{fragment})", title(to), to % FOLDERS, slug(to)),
    }
}

/// A note in the full format. It requires only earlier notes, so there are no prerequisite cycles.
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
    text += &format!("## Implementation notes (if applicable)\n```rust\n{}```\n\n", code(&mut say));
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

/// Lines of code for the syntax highlighter.
fn code(say: &mut dyn FnMut(u64) -> String) -> String {
    let name = |words: String| words.trim_end_matches('.').replace(' ', "_");
    let line = |n: u64, say: &mut dyn FnMut(u64) -> String| {
        format!("let {} = {}({n}, \"{}\"); // {}\n", name(say(1)), name(say(2)), say(2), say(3))
    };
    (0..4).map(|n| line(n, say)).collect()
}

fn sentence(state: &mut u64, words: u64) -> String {
    let words: Vec<String> = (0..words).map(|_| word(state)).collect();
    words.join(" ") + "."
}

/// A random word out of about 2,000, of letters only.
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
