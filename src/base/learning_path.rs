//! Computes the learning path to a note: its prerequisites, direct and indirect, in an order in which each note comes after
//! everything it requires. Knows the learning order of all notes; knows no pages.
//!
//! Of all notes whose prerequisites are already on the path, the most important one is next, then the easiest, then the one
//! with the first id. Notes that require each other are one step.
//!
//! Example: `raft` requires `consensus` (importance 80) and `logs` (importance 60), `consensus` requires `quorum`, and the
//! notes `quorum` and `voting` require each other. The path to `raft` is: `quorum` and `voting` (one step), `consensus`,
//! `logs`, `raft`.

use crate::base::learning_order::required;
use crate::base::site::Site;
use crate::note::Note;
use crate::text::ids::NoteId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// The path to a note.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LearningPath {
    /// The steps in order. The last one is the note itself, or the cycle that contains it.
    pub steps: Vec<Step>,
    /// Whether prerequisites are left out, because there are more than the limit.
    pub is_cut: bool,
}

/// A step of a path: a note, or notes that require each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The note, or all notes of a cycle in path order.
    pub members: Vec<NoteId>,
    /// The number of prerequisites on the longest chain below the step.
    pub depth: u32,
}

impl Step {
    /// Whether the step is a cycle.
    pub(crate) fn is_cycle(&self) -> bool {
        self.members.len() > 1
    }
}

/// The place of a step among those that could be next: the lowest value is next.
type Priority<'a> = (Reverse<u8>, u8, &'a str);

impl LearningPath {
    /// The path to `target`. A step with several members counts as all of them. If there are more than `limit` notes, those
    /// with the fewest links between them and `target` are kept.
    pub(crate) fn to(site: &Site, target: NoteId, limit: usize) -> LearningPath {
        let (nearest, is_cut) = nearest_prerequisites(site, target, limit);
        let kept: FxHashSet<NoteId> = nearest.iter().map(|step| step.members[0]).collect();
        let needs = |step: &Step| -> BTreeSet<NoteId> {
            let below = step.members.iter().flat_map(|&note| required(&site.graph, note));
            below.map(|note| first_member(site, note)).filter(|&n| n != step.members[0] && kept.contains(&n)).collect()
        };
        let mut dependents: FxHashMap<NoteId, Vec<usize>> = FxHashMap::default();
        let mut missing: Vec<usize> = Vec::with_capacity(nearest.len());
        for (place, step) in nearest.iter().enumerate() {
            let needs = needs(step);
            missing.push(needs.len());
            needs.into_iter().for_each(|note| dependents.entry(note).or_default().push(place));
        }
        let entry = |place: usize| Reverse((priority(site, &nearest[place]), place));
        let mut ready: BinaryHeap<_> = (0..nearest.len()).filter(|&place| missing[place] == 0).map(entry).collect();
        let mut steps = Vec::with_capacity(nearest.len());
        while let Some(Reverse((_, place))) = ready.pop() {
            for &dependent in dependents.get(&nearest[place].members[0]).into_iter().flatten() {
                missing[dependent] -= 1;
                if missing[dependent] == 0 {
                    ready.push(entry(dependent));
                }
            }
            steps.push(nearest[place].clone());
        }
        LearningPath { steps, is_cut }
    }

    /// All notes of the path, the target included.
    pub(crate) fn notes(&self) -> impl Iterator<Item = NoteId> + '_ {
        self.steps.iter().flat_map(|step| step.members.iter().copied())
    }

    /// The minutes to read all notes of the path.
    pub(crate) fn minutes(&self, site: &Site) -> usize {
        self.notes().map(|note| site.note(note).reading_minutes()).sum()
    }

    /// The minutes to read the notes whose status is "mastered", which can be skipped.
    pub(crate) fn skippable_minutes(&self, site: &Site) -> usize {
        let mastered = self.notes().map(|note| site.note(note)).filter(|note| note.is_mastered());
        mastered.map(Note::reading_minutes).sum()
    }
}

/// The steps to `target`, `target` first, by the number of links to it; and whether there are more than `limit` notes.
fn nearest_prerequisites(site: &Site, target: NoteId, limit: usize) -> (Vec<Step>, bool) {
    let mut seen: FxHashSet<NoteId> = FxHashSet::default();
    let mut steps = vec![step_of(site, target)];
    seen.insert(steps[0].members[0]);
    let (mut place, mut count) = (0, steps[0].members.len());
    while place < steps.len() {
        let members = steps[place].members.clone();
        place += 1;
        for note in members.iter().flat_map(|&note| required(&site.graph, note)) {
            if !seen.insert(first_member(site, note)) {
                continue;
            }
            let step = step_of(site, note);
            if count + step.members.len() > limit {
                return (steps, true);
            }
            count += step.members.len();
            steps.push(step);
        }
    }
    (steps, false)
}

fn step_of(site: &Site, note: NoteId) -> Step {
    let members = site.order.cycle_of(note).map_or_else(|| vec![note], |cycle| cycle.members.clone());
    Step { members, depth: site.order.depth[note] }
}

/// The first member of the cycle of a note, which identifies the step; the note itself if it is in no cycle.
fn first_member(site: &Site, note: NoteId) -> NoteId {
    site.order.cycle_of(note).map_or(note, |cycle| cycle.members[0])
}

/// The priority of a step: that of its first member by priority.
fn priority<'a>(site: &'a Site, step: &Step) -> Priority<'a> {
    let of = |&note: &NoteId| {
        let head = &site.note(note).head;
        // A difficulty that is unknown (level 0) comes after the hardest one.
        let level = site.schema.difficulty_level(head.difficulty.as_deref()).wrapping_sub(1);
        (Reverse(head.importance.unwrap_or(0)), level, &site.graph.keys[note])
    };
    step.members.iter().map(of).min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::analyze::{AnalysisMode, analyze};
    use crate::base::vault::Vault;
    use crate::config::Config;
    use crate::text::ids::Id;
    use crate::text::source::SourceFile;
    use petgraph::algo::{has_path_connecting, tarjan_scc, toposort};
    use petgraph::graph::{DiGraph, NodeIndex};
    use proptest::prelude::*;
    use std::sync::Arc;

    /// A note: importance and difficulty by place in the schema, and the places of the notes that it requires.
    type Plan = (Option<u8>, usize, Vec<usize>);

    fn site(notes: &[Plan]) -> Arc<Site> {
        let text = |(place, (importance, difficulty, needs)): (usize, &Plan)| {
            let importance = importance.map_or(String::new(), |n| format!("importance: {n}\n"));
            let difficulty = ["difficulty: easy\n", "difficulty: medium\n", "difficulty: hard\n", ""][difficulty % 4];
            let links: String = needs.iter().map(|n| format!("- [N{n}](n{n:02}.md)\n")).collect();
            let head = format!("---\nid: n{place:02}\ntitle: N{place}\n{importance}{difficulty}---\n");
            let text = format!("{head}\n## Links\n### Prerequisites\n{links}");
            SourceFile::new(format!("n{place:02}.md"), &text)
        };
        let files: Vec<SourceFile> = notes.iter().enumerate().map(text).collect();
        let vault = Vault { markdown: files.len(), files: files.into(), ..Vault::default() };
        analyze(Config::default(), vault, Vec::new(), false, AnalysisMode::Check).site
    }

    fn edges(notes: &[Plan]) -> DiGraph<(), ()> {
        let mut graph = DiGraph::new();
        let nodes: Vec<NodeIndex> = notes.iter().map(|_| graph.add_node(())).collect();
        for (from, (_, _, needs)) in notes.iter().enumerate() {
            for &to in needs.iter().filter(|&&to| to != from) {
                graph.update_edge(nodes[from], nodes[to], ());
            }
        }
        graph
    }

    fn plans(acyclic: bool) -> impl Strategy<Value = Vec<Plan>> {
        let note = (proptest::option::of(0..4_u8), 0..4_usize, proptest::collection::vec(0..100_usize, 0..4));
        proptest::collection::vec(note, 1..16).prop_map(move |mut notes| {
            for place in 0..notes.len() {
                let choices = if acyclic { place } else { notes.len() };
                let needs = std::mem::take(&mut notes[place].2);
                notes[place].2 = needs.into_iter().filter_map(|n| n.checked_rem(choices)).collect();
            }
            notes
        })
    }

    fn node(note: NoteId) -> NodeIndex {
        NodeIndex::new(note.index())
    }

    proptest! {
        #[test]
        fn a_path_has_all_prerequisites_each_after_its_own(notes in plans(false)) {
            let (site, graph) = (site(&notes), edges(&notes));
            let components = tarjan_scc(&graph);
            for target in site.notes.ids() {
                let path = LearningPath::to(&site, target, usize::MAX);
                prop_assert!(!path.is_cut);
                let mut found: Vec<NoteId> = path.notes().collect();
                prop_assert!(path.steps.last().is_some_and(|step| step.members.contains(&target)));
                let reached = site.notes.ids().iter().filter(|&n| has_path_connecting(&graph, node(target), node(n), None));
                found.sort();
                prop_assert_eq!(found, reached.collect::<Vec<_>>());
                let place = |n: NodeIndex| path.steps.iter().position(|s| s.members.iter().any(|&m| node(m) == n));
                for component in &components {
                    let places: BTreeSet<_> = component.iter().map(|&n| place(n)).collect();
                    prop_assert_eq!(places.len(), 1, "one step for each component");
                    for edge in component.iter().flat_map(|&n| graph.neighbors(n)) {
                        prop_assert!(place(component[0]).is_none() || place(edge) <= place(component[0]));
                    }
                }
            }
        }

        #[test]
        fn the_next_step_is_the_best_that_is_possible(notes in plans(false)) {
            let site = site(&notes);
            for target in site.notes.ids() {
                let mut left = LearningPath::to(&site, target, usize::MAX).steps;
                while !left.is_empty() {
                    let next = left.remove(0);
                    let waits = |step: &Step| {
                        let needs = step.members.iter().flat_map(|&n| required(&site.graph, n));
                        let mut needs = needs.filter(|n| !step.members.contains(n));
                        needs.any(|n| next.members.contains(&n) || left.iter().any(|other| other.members.contains(&n)))
                    };
                    let better = left.iter().find(|s| !waits(s) && priority(&site, s) < priority(&site, &next));
                    prop_assert_eq!(better, None, "instead of {:?}", next);
                }
            }
        }

        #[test]
        fn an_acyclic_path_is_an_order_of_petgraph_up_to_ties(notes in plans(true)) {
            let (site, graph) = (site(&notes), edges(&notes));
            let order = toposort(&graph, None).unwrap();
            let mut depths = vec![0; notes.len()];
            for &n in order.iter().rev() {
                depths[n.index()] = graph.neighbors(n).map(|m| depths[m.index()] + 1).max().unwrap_or(0);
            }
            for target in site.notes.ids() {
                let path = LearningPath::to(&site, target, usize::MAX);
                let own: Vec<NodeIndex> = path.notes().map(node).collect();
                // What petgraph puts first and reaches from the later one is forced; all else is a tie.
                let theirs: Vec<NodeIndex> = order.iter().rev().copied().filter(|n| own.contains(n)).collect();
                prop_assert_eq!(own.len(), theirs.len());
                for (at, &first) in theirs.iter().enumerate() {
                    for &later in theirs[at + 1..].iter().filter(|&&n| has_path_connecting(&graph, n, first, None)) {
                        let place = |n| own.iter().position(|&m| m == n);
                        prop_assert!(place(first) < place(later));
                    }
                }
                for step in &path.steps {
                    prop_assert_eq!(step.depth, depths[step.members[0].index()]);
                }
            }
        }

        #[test]
        fn a_cut_path_keeps_the_nearest_notes_in_order(notes in plans(false), limit in 1..6_usize) {
            let site = site(&notes);
            for target in site.notes.ids() {
                let (whole, cut) = (LearningPath::to(&site, target, usize::MAX), LearningPath::to(&site, target, limit));
                prop_assert_eq!(cut.is_cut, cut.steps.len() < whole.steps.len());
                prop_assert!(cut.notes().count() <= limit.max(cut.steps[0].members.len()));
                prop_assert_eq!(cut.steps.last(), whole.steps.last());
                prop_assert!(cut.steps.iter().all(|step| whole.steps.contains(step)));
            }
        }
    }

    #[test]
    fn the_example_of_the_module_documentation() {
        // raft, consensus, logs, quorum, voting
        let notes = [
            (Some(90), 1, vec![1, 2]),
            (Some(80), 1, vec![3]),
            (Some(60), 1, vec![]),
            (Some(10), 1, vec![4]),
            (Some(70), 1, vec![3]),
        ];
        let path = LearningPath::to(&site(&notes), NoteId::new(0), usize::MAX);
        let steps: Vec<Vec<usize>> = path.steps.iter().map(|s| s.members.iter().map(|m| m.index()).collect()).collect();
        assert_eq!(steps, [vec![3, 4], vec![1], vec![2], vec![0]]);
    }
}
