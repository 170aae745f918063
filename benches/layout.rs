//! Measures the layout of the graph: `cargo bench --bench layout`. Prints the processor time of all threads, because
//! wall-clock time depends on the load of the machine, and the time per note, which shows the growth from line to line.

use canon::base::EdgeKind;
use canon::base::Id;
use canon::data::{Edge, FolderId, Node, NodeId, WeightedEdge, data_files, positions};
use std::time::{Duration, Instant};

fn main() {
    println!("{:>8} {:>8} {:>12} {:>8} {:>12} {:>12}", "notes", "edges", "positions", "a note", "data files", "bytes");
    for notes in [300, 1_000, 10_000, 40_000] {
        let (folders, edges) = base(notes);
        let weighted: Vec<WeightedEdge> = edges.iter().map(WeightedEdge::from).collect();
        let (places, layout) = cost(|| positions(&folders, &weighted));
        let titles: Vec<String> = (0..notes).map(|note| format!("Concept number {note} of the base")).collect();
        let urls: Vec<String> = (0..notes)
            .map(|note| format!("folder-{}/concept-number-{note}-of-the-base.html", folders[note].index()))
            .collect();
        let names: Vec<String> = (0..20).map(|folder| format!("folder-{folder}")).collect();
        let nodes: Vec<Node> =
            (0..notes).map(|note| node(&titles[note], &urls[note], &names[folders[note].index()])).collect();
        let (files, writing) = cost(|| data_files(&nodes, &edges, &places));
        let bytes: usize = files.iter().map(|(_, file)| file.len()).sum();
        let a_note = layout.as_secs_f64() * 1e6 / notes as f64;
        println!("{notes:>8} {:>8} {layout:>12.1?} {a_note:>6.1}µs {writing:>12.1?} {:>12}", edges.len(), bytes);
    }
}

fn node<'a>(title: &'a str, url: &'a str, folder: &'a str) -> Node<'a> {
    let importance = (title.len() * 7 % 100) as u8;
    Node {
        title,
        url,
        folder,
        kind: "concept",
        tags: vec!["data-design", "team-cost"],
        status: "learning",
        difficulty: "medium",
        importance,
        degree_in: 0,
    }
}

/// A random base: twenty folders of unequal size, eight links per note, and some hubs.
fn base(notes: usize) -> (Vec<FolderId>, Vec<Edge>) {
    let mut seed = 7_u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / (1_u64 << 31) as f64
    };
    let folders = (0..notes).map(|_| FolderId::new((20.0 * random().powf(1.6)) as usize)).collect();
    use EdgeKind::{Contrasts, Mentions, Related, Requires};
    let mut edges = Vec::new();
    for source in (0..notes).map(NodeId::new) {
        for kind in [Requires, Requires, Related, Related, Related, Contrasts, Mentions, Mentions] {
            edges.push(Edge { source, target: NodeId::new((notes as f64 * random().powf(2.2)) as usize), kind });
        }
    }
    (folders, edges)
}

/// The result, and the mean processor time of a run. Repeats for half a second, at least three times, because the
/// statistics of the kernel lag by some milliseconds.
fn cost<T>(work: impl Fn() -> T) -> (T, Duration) {
    let (start, clock) = (processor_time(), Instant::now());
    let (mut result, mut runs) = (work(), 1);
    while runs < 3 || clock.elapsed() < Duration::from_millis(500) {
        result = work();
        runs += 1;
    }
    (result, processor_time().saturating_sub(start) / runs)
}

/// The processor time of this process from the kernel, or the wall-clock time on systems without these statistics.
fn processor_time() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let of_kernel = || {
        let tasks = std::fs::read_dir("/proc/self/task").ok()?;
        let mut total = 0;
        for task in tasks.flatten() {
            let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            total += text.split_whitespace().next()?.parse::<u64>().ok()?;
        }
        Some(Duration::from_nanos(total))
    };
    of_kernel().unwrap_or_else(|| START.get_or_init(Instant::now).elapsed())
}
