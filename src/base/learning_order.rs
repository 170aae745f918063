//! The learning order: layers of prerequisites, and prerequisite cycles. Knows edges, but no texts.

use crate::base::graph::{EdgeKind, Graph};
use crate::text::ids::{IndexVec, NoteId};

/// The order of all notes by their prerequisites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LearningOrder {
    /// For each note, the number of prerequisite layers below it. The notes of a cycle form one layer.
    pub depth: IndexVec<NoteId, u32>,
    /// The strongly connected sets of more than one note.
    pub cycles: Vec<Cycle>,
}

/// Notes that require each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cycle {
    /// A shortest cycle, starting with its smallest note. The last note requires the first.
    pub shortest: Vec<NoteId>,
    /// All notes of the set, in path order.
    pub members: Vec<NoteId>,
}

/// Computes the order from the `requires` edges.
pub(crate) fn order(graph: &Graph) -> LearningOrder {
    let next: IndexVec<NoteId, Vec<NoteId>> =
        graph.links.ids().iter().map(|note| required(graph, note).collect()).collect();
    let components = strong_components(&next);
    let mut order = LearningOrder { depth: IndexVec::filled(0, next.len()), cycles: Vec::new() };
    // Tarjan's algorithm returns a component after all components reachable from it.
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
    order
}

/// The prerequisites of a note, in path order.
pub(crate) fn required(graph: &Graph, note: NoteId) -> impl Iterator<Item = NoteId> + '_ {
    graph.from(note).iter().filter(|e| e.kind == EdgeKind::Requires).map(|e| e.target)
}

/// Tarjan's strongly connected components (1972), iterative, because a long chain of prerequisites would overflow the
/// stack.
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
                    Some(i) if on_stack[t] => low[n] = low[n].min(i),
                    Some(_) => {}
                }
                continue;
            }
            calls.pop();
            if let Some(&(parent, _)) = calls.last() {
                low[parent] = low[parent].min(low[n]);
            }
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

/// The shortest cycle of a component, by breadth-first search from each member. Ties are resolved in favour of the
/// smallest notes.
fn cycle(component: &[NoteId], next: &IndexVec<NoteId, Vec<NoteId>>) -> Cycle {
    let shortest = component
        .iter()
        .filter_map(|&start| shortest_from(start, component, next))
        .min_by_key(|c| (c.len(), c.clone()));
    Cycle { shortest: shortest.unwrap_or_default(), members: component.to_vec() }
}

/// A shortest cycle through `start` within the component. `None` if `start` is in no cycle.
fn shortest_from(start: NoteId, component: &[NoteId], next: &IndexVec<NoteId, Vec<NoteId>>) -> Option<Vec<NoteId>> {
    let mut from: rustc_hash::FxHashMap<NoteId, NoteId> = rustc_hash::FxHashMap::default();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(n) = queue.pop_front() {
        for &t in next[n].iter().filter(|t| component.binary_search(t).is_ok()) {
            if t == start {
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
