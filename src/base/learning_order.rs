//! Computes the order of learning from the prerequisites of all notes: the depth of each note, and cycles. Knows edges; knows
//! no texts.
//!
//! Example: note 0 requires note 1, note 1 requires the notes 2 and 3, note 2 requires note 0, and note 3 requires note 4.
//! The notes 0, 1 and 2 require each other, so they are one component. Note 4 has depth 0, note 3 depth 1, the component
//! depth 2. Its shortest cycle is 0, 1, 2.

use crate::base::graph::{EdgeKind, Graph};
use crate::text::ids::{IndexVec, NoteId, id};
use rustc_hash::FxHashMap;

/// The order of all notes by prerequisites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LearningOrder {
    /// The number of prerequisites on the longest chain below each note. Notes of a cycle have the same depth and count as
    /// one.
    pub depth: IndexVec<NoteId, u32>,
    /// The strongly connected components of more than one note, ordered by their members.
    pub cycles: IndexVec<CycleId, Cycle>,
    /// The cycle of each note that is in one.
    cycle_of: FxHashMap<NoteId, CycleId>,
}

id! {
    /// A cycle: its place in [`LearningOrder::cycles`].
    pub(crate) struct CycleId;
}

impl LearningOrder {
    /// The cycle of a note. `None` if the note is in no cycle.
    pub(crate) fn cycle_of(&self, note: NoteId) -> Option<&Cycle> {
        self.cycle_of.get(&note).map(|&cycle| &self.cycles[cycle])
    }
}

/// Notes requiring each other, directly or indirectly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cycle {
    /// A shortest cycle. Each note requires the next, and the last requires the first.
    pub shortest: Vec<NoteId>,
    /// All notes of the set, in path order.
    pub members: Vec<NoteId>,
}

/// The learning order of a graph.
pub(crate) fn order(graph: &Graph) -> LearningOrder {
    let next: IndexVec<NoteId, Vec<NoteId>> =
        graph.links.ids().iter().map(|note| required(graph, note).collect()).collect();
    let components = strong_components(&next);
    let mut order = LearningOrder { depth: IndexVec::filled(0, next.len()), ..LearningOrder::default() };
    // Tarjan's algorithm finds a component after all its prerequisites, so their depths are known.
    for component in &components {
        let below = component.iter().flat_map(|&n| &next[n]).filter(|t| !component.contains(t));
        let depth = below.map(|&t| order.depth[t] + 1).max().unwrap_or(0);
        for &n in component {
            order.depth[n] = depth;
        }
        if component.len() > 1 {
            order.cycles.push(cycle(component, &next));
        }
    }
    order.cycles.sort_by(|a, b| a.members.cmp(&b.members));
    for (cycle, own) in order.cycles.iter_enumerated() {
        order.cycle_of.extend(own.members.iter().map(|&note| (note, cycle)));
    }
    order
}

/// The notes required by `note`, in path order.
pub(crate) fn required(graph: &Graph, note: NoteId) -> impl Iterator<Item = NoteId> + '_ {
    graph.from(note).iter().filter(|e| e.kind == EdgeKind::Requires).map(|e| e.target)
}

/// The strongly connected components of a graph given as successors, each sorted, every component after all its successors
/// (Tarjan, "Depth-first search and linear graph algorithms", 1972). Uses no recursion, because a chain of 200,000 notes
/// would overflow the stack.
fn strong_components(next: &IndexVec<NoteId, Vec<NoteId>>) -> Vec<Vec<NoteId>> {
    /// A note's number in the order of the first visits; `None` before.
    type Visits = IndexVec<NoteId, Option<usize>>;
    let mut index: Visits = IndexVec::filled(None, next.len());
    let mut low: IndexVec<NoteId, usize> = IndexVec::filled(0, next.len());
    let mut on_stack: IndexVec<NoteId, bool> = IndexVec::filled(false, next.len());
    let (mut stack, mut found, mut counter) = (Vec::new(), Vec::new(), 0);
    for root in next.ids() {
        if index[root].is_some() {
            continue;
        }
        // The call stack of the recursive algorithm: a note, and the number of its successors already visited.
        let mut calls = vec![(root, 0)];
        while let Some(&mut (n, ref mut child)) = calls.last_mut() {
            if *child == 0 && index[n].is_none() {
                (index[n], low[n]) = (Some(counter), counter);
                counter += 1;
                stack.push(n);
                on_stack[n] = true;
            }
            if let Some(&t) = next[n].get(*child) {
                *child += 1;
                match index[t] {
                    None => calls.push((t, 0)),
                    // A successor still on the stack is in the same component.
                    Some(i) if on_stack[t] => low[n] = low[n].min(i),
                    Some(_) => {}
                }
                continue;
            }
            calls.pop();
            if let Some(&(parent, _)) = calls.last() {
                low[parent] = low[parent].min(low[n]);
            }
            // No path leads to an earlier note of the stack: all notes from `n` on are a component.
            if Some(low[n]) == index[n] {
                let start = stack.iter().rposition(|&s| s == n).unwrap_or(0);
                let mut component = stack.split_off(start);
                component.iter().for_each(|&m| on_stack[m] = false);
                component.sort_unstable();
                found.push(component);
            }
        }
    }
    found
}

/// A component as a cycle. Among several shortest cycles, the one with the smallest notes.
fn cycle(component: &[NoteId], next: &IndexVec<NoteId, Vec<NoteId>>) -> Cycle {
    let shortest = component
        .iter()
        .filter_map(|&start| shortest_from(start, component, next))
        .min_by_key(|c| (c.len(), c.clone()));
    Cycle { shortest: shortest.unwrap_or_default(), members: component.to_vec() }
}

/// The shortest cycle through `start` within a component, by breadth-first search. `None` if there is none.
fn shortest_from(start: NoteId, component: &[NoteId], next: &IndexVec<NoteId, Vec<NoteId>>) -> Option<Vec<NoteId>> {
    let mut from: FxHashMap<NoteId, NoteId> = FxHashMap::default();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(n) = queue.pop_front() {
        for &t in next[n].iter().filter(|t| component.binary_search(t).is_ok()) {
            if t == start {
                // Back from the end of the cycle to its start.
                let mut path = vec![n];
                while let Some(&p) = path.last().filter(|&&p| p != start).and_then(|p| from.get(p)) {
                    path.push(p);
                }
                path.reverse();
                return Some(path);
            }
            if t != start && !from.contains_key(&t) {
                from.insert(t, n);
                queue.push_back(t);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::ids::Id;

    fn ids(places: &[usize]) -> Vec<NoteId> {
        places.iter().map(|&place| NoteId::new(place)).collect()
    }

    #[test]
    fn components_come_after_what_they_lead_to() {
        let next: [&[usize]; 5] = [&[1], &[2, 3], &[0], &[4], &[]];
        let next = next.into_iter().map(ids).collect();
        let components = strong_components(&next);
        assert_eq!(components, [ids(&[4]), ids(&[3]), ids(&[0, 1, 2])]);
        assert_eq!(cycle(&ids(&[0, 1, 2]), &next).shortest, ids(&[0, 1, 2]));
    }

    #[test]
    fn a_long_chain_is_no_problem() {
        let next = (0..200_000).map(|i| if i + 1 < 200_000 { ids(&[i + 1]) } else { Vec::new() }).collect();
        assert_eq!(strong_components(&next).len(), 200_000);
    }
}
