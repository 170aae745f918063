//! Computes a position for each note of the link graph at build time, so that a browser only draws. Knows nodes, folders and
//! weighted edges; knows no notes, files or pages.
//!
//! Each folder gets a disc with room for its nodes, the discs are packed close together, and inside its disc each node moves
//! towards linked nodes and away from near ones. All arithmetic is `+ - * /` and square roots in a fixed order, which IEEE
//! 754 rounds alike on every machine; the results are rounded to whole numbers.
//!
//! # Example
//!
//! Nodes 0 and 1 are in one folder and linked with each other, node 2 is alone in a second folder.
//!
//! 1. Radii of the dots ([`radius`]): 0.8 + 0.25 · √1 = 1.05 for nodes 0 and 1, 0.8 for node 2.
//! 2. Radii of the discs: √(4.2 · 2 · 1.05²) = 3.04 and √(4.2 · 0.8²) = 1.64. With the gap between folders, 5.32 and 3.79.
//! 3. Packing: the larger disc at (0, 0), the smaller one touching it at (9.10, 0).
//! 4. First positions, on a spiral in each disc: nodes 0 and 1 at distances 1.52 and 2.64 from the centre, node 2 at distance
//!    1.16 from (9.10, 0).
//! 5. 160 steps of pulling and pushing, after each of which a folder is moved and scaled to fill its disc. Two nodes always
//!    end at opposite points, each at 3.04 / √2 = 2.15 from the centre; a single node ends in the centre.
//! 6. Scaled to 0..=4095: (1420, 1678), (0, 2417) and (4095, 2048).
//!
//! The test `the_example_of_the_module_documentation` computes the same.

mod columns;
mod data;
mod pack;
mod parts;
mod quadtree;

pub use data::data_files;

use crate::base::graph::EdgeKind;
use crate::text::ids::{Id, IdRange, IndexVec, id};
use pack::{DiscId, Pull, pack};
use quadtree::Quadtree;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Two coordinates, in the unit named by each function.
pub(crate) type Point = (f32, f32);

/// The greatest coordinate of a position. Coordinates are whole numbers of 12 bits, written as two letters in the data file.
pub(crate) const EXTENT: f32 = 4095.0;

id! {
    /// A note in the graph: its index in the list of nodes.
    pub struct NodeId;
    /// A folder: any number, equal for nodes of the same folder.
    pub struct FolderId;
}

/// The properties of a note shown in the graph.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// As written in the frontmatter.
    pub title: &'a str,
    /// The output path relative to the site's root, not percent-encoded: `databases/acid.html`.
    pub url: &'a str,
    /// The folder selecting the colour: `databases`. Empty for the root.
    pub folder: &'a str,
    /// The note type: `concept`.
    pub kind: &'a str,
    /// Tag slugs.
    pub tags: Vec<&'a str>,
    /// `learning`, `mastered`…
    pub status: &'a str,
    /// `easy`, `medium` or `hard`.
    pub difficulty: &'a str,
    /// From 0 to 100.
    pub importance: u8,
    /// The number of notes linking to the note.
    pub degree_in: u32,
}

/// A link between two notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The note containing the link.
    pub source: NodeId,
    /// The linked note.
    pub target: NodeId,
    /// The meaning of the link.
    pub kind: EdgeKind,
}

/// An edge as seen by [`positions`]: the direction does not matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedEdge {
    /// One end.
    pub a: NodeId,
    /// The end opposite `a`.
    pub b: NodeId,
    /// How strongly the edge pulls both nodes together.
    pub weight: f32,
}

impl From<&Edge> for WeightedEdge {
    fn from(edge: &Edge) -> WeightedEdge {
        WeightedEdge { a: edge.source, b: edge.target, weight: weight_of(edge.kind) }
    }
}

/// How strongly an edge of this kind pulls its two nodes together.
fn weight_of(kind: EdgeKind) -> f32 {
    match kind {
        EdgeKind::Requires => 2.0,
        EdgeKind::Related | EdgeKind::Contrasts => 1.5,
        EdgeKind::Embeds | EdgeKind::About => 1.0,
        EdgeKind::Mentions => 0.5,
    }
}

/// The area of a folder's disc divided by the area of its dots.
const ROOM: f32 = 4.2;
/// The pull of linked nodes divided by the pull of the disc's centre.
const LINK_PULL: f32 = 2.0;
/// The weight of a link to a different folder, relative to a link within the folder.
const ACROSS: f32 = 0.25;

/// The position of each node, with whole coordinates from 0 to [`EXTENT`], given the folder of each node.
///
/// Ignores loops, edges with a weight outside of 0 to 1e9, and edges of missing nodes. Takes time in the order of `n log n`.
/// The same input gives the same positions on every machine and with any number of threads.
pub fn positions(folders: &[FolderId], edges: &[WeightedEdge]) -> Vec<Point> {
    let simulation = Simulation::new(folders, edges);
    let mut places = simulation.first_places();
    let steps = step_count(folders.len());
    for step in 0..steps {
        let cooling = 1.0 - step as f32 / steps as f32;
        places = simulation.step(&places, cooling);
        simulation.fit_into_discs(&mut places);
    }
    simulation.even_out(&mut places);
    // Moving two dots apart may push one into a third; a dozen rounds leave no visible overlap.
    for _ in 0..12 {
        separate(&mut places, &simulation.radii);
    }
    to_whole_numbers(&places)
}

/// The number of steps until the picture settles. A large graph gets fewer: each step costs more, and small errors of single
/// nodes are not visible.
fn step_count(node_count: usize) -> usize {
    (200_000 / node_count.max(1)).clamp(45, 160)
}

/// The disc of one folder.
struct Disc {
    members: Vec<NodeId>,
    centre: Point,
    radius: f32,
    /// The strength of the pull to the centre. In an evenly filled disc, it balances the repelling force at any distance from
    /// the centre, so that the nodes stay evenly spread.
    pull: f32,
}

/// The constant data of the force simulation. The unit of length is about the radius of a dot.
struct Simulation {
    disc_of: IndexVec<NodeId, DiscId>,
    discs: IndexVec<DiscId, Disc>,
    /// The radius of each node's dot.
    radii: IndexVec<NodeId, f32>,
    neighbours: Neighbours,
}

impl Simulation {
    fn new(folders: &[FolderId], edges: &[WeightedEdge]) -> Simulation {
        let neighbours = Neighbours::new(folders.len(), edges);
        let nodes = IdRange::<NodeId>::first(folders.len());
        let radii: IndexVec<NodeId, f32> = nodes.iter().map(|node| radius(neighbours.of(node).len())).collect();
        let (disc_of, members) = group(folders);
        let discs = discs(members, &radii, &pulls_between(&disc_of, edges));
        Simulation { disc_of, discs, radii, neighbours }
    }

    /// The first positions: in each disc a spiral like the seeds of a sunflower, evenly spread, the most linked nodes in the
    /// middle.
    fn first_places(&self) -> IndexVec<NodeId, Point> {
        let mut places = IndexVec::filled((0.0, 0.0), self.radii.len());
        for disc in &self.discs {
            let mut order = disc.members.clone();
            order.sort_by_key(|&node| (std::cmp::Reverse(self.neighbours.of(node).len()), node));
            let mut direction = (1.0_f32, 0.0_f32);
            for (rank, &node) in order.iter().enumerate() {
                let distance = disc.radius * ((rank as f32 + 0.5) / order.len() as f32).sqrt();
                places[node] = (disc.centre.0 + distance * direction.0, disc.centre.1 + distance * direction.1);
                direction = turned(direction);
            }
        }
        places
    }

    /// One step: the new position of each node, computed from the old positions of all. `cooling` falls from 1 to 0 and
    /// limits the length of the step.
    fn step(&self, places: &IndexVec<NodeId, Point>, cooling: f32) -> IndexVec<NodeId, Point> {
        let trees: Vec<Quadtree> =
            self.discs.par_iter().map(|disc| Quadtree::new(&disc.members, places, &self.radii)).collect();
        let trees: IndexVec<DiscId, Quadtree> = trees.into();
        let step = |node: NodeId| {
            let disc = self.disc_of[node];
            self.step_node(node, places, &self.discs[disc], &trees[disc], cooling)
        };
        // Old positions only, so the result does not depend on the division of work between threads. At least 512 nodes per
        // task: a single node takes less time than handing out the task.
        let moved: Vec<Point> =
            (0..places.len()).into_par_iter().with_min_len(512).map(|node| step(NodeId::new(node))).collect();
        moved.into()
    }

    /// The new position of one node.
    fn step_node(
        &self,
        node: NodeId,
        places: &IndexVec<NodeId, Point>,
        disc: &Disc,
        tree: &Quadtree,
        cooling: f32,
    ) -> Point {
        let (x, y) = places[node];
        let push = tree.push_at(x, y);
        let link = self.link_pull(node, places, disc);
        // Dividing by the strength of both springs makes the step as long as the way to balance, times 0.7 against overshoot.
        let stiffness = disc.pull * (1.0 + LINK_PULL);
        let dx = push.0 - disc.pull * (x - disc.centre.0) + disc.pull * LINK_PULL * link.0;
        let dy = push.1 - disc.pull * (y - disc.centre.1) + disc.pull * LINK_PULL * link.1;
        let limit = 0.15 + cooling * cooling * (0.25 * disc.radius).min(12.0);
        let (dx, dy) = shortened((dx / stiffness * 0.7, dy / stiffness * 0.7), limit);
        (x + dx, y + dy)
    }

    /// The vector from a node to the weighted mean of its neighbours. (0, 0) without neighbours.
    fn link_pull(&self, node: NodeId, places: &IndexVec<NodeId, Point>, disc: &Disc) -> Point {
        let (x, y) = places[node];
        let (mut sum, mut total) = ((0.0, 0.0), 0.0);
        for &(neighbour, weight) in self.neighbours.of(node) {
            let (mut to, mut felt) = (places[neighbour], weight);
            // A neighbour in a different folder pulls towards the rim of this disc only, and weakly: pulling to the true
            // position would draw the nodes of all folders to the middle of the picture.
            if self.disc_of[neighbour] != self.disc_of[node] {
                let way = shortened((to.0 - disc.centre.0, to.1 - disc.centre.1), disc.radius);
                to = (disc.centre.0 + way.0, disc.centre.1 + way.1);
                felt *= ACROSS;
            }
            sum = (sum.0 + felt * (to.0 - x), sum.1 + felt * (to.1 - y));
            total += weight;
        }
        if total > 0.0 { (sum.0 / total, sum.1 / total) } else { (0.0, 0.0) }
    }

    /// Moves and scales the nodes of each folder to fill its disc. Links between folders can so turn a folder's picture but
    /// not move it into a different folder.
    fn fit_into_discs(&self, places: &mut IndexVec<NodeId, Point>) {
        for disc in &self.discs {
            let count = disc.members.len() as f32;
            let mean = disc.members.iter().fold((0.0, 0.0), |sum: Point, &node| {
                let place = places[node];
                (sum.0 + place.0 / count, sum.1 + place.1 / count)
            });
            let square: f32 = disc.members.iter().map(|&node| squared_distance(places[node], mean) / count).sum();
            // In an evenly filled disc, the mean of the squared distances is half of the squared radius.
            let scale = if square > 1e-9 { (disc.radius * disc.radius * 0.5 / square).sqrt() } else { 1.0 };
            for &node in &disc.members {
                let place = &mut places[node];
                place.0 = disc.centre.0 + (place.0 - mean.0) * scale;
                place.1 = disc.centre.1 + (place.1 - mean.1) * scale;
            }
        }
    }

    /// Moves each node along its radius, two thirds of the way to the distance for its rank in an even filling. Thins out a
    /// crowded middle and pulls in stray nodes beyond the rim, and leaves the order of distances unchanged.
    fn even_out(&self, places: &mut IndexVec<NodeId, Point>) {
        for disc in self.discs.iter().filter(|disc| disc.members.len() > 2) {
            let distance = |node: NodeId| squared_distance(places[node], disc.centre).sqrt();
            let mut order: Vec<(f32, NodeId)> = disc.members.iter().map(|&node| (distance(node), node)).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            // A node exactly in the centre has no direction to move in.
            for (rank, &(distance, node)) in order.iter().enumerate().filter(|(_, entry)| entry.0 > 0.0) {
                let even = disc.radius * ((rank as f32 + 0.5) / order.len() as f32).sqrt();
                let wanted = (distance.min(1.1 * disc.radius) + 2.0 * even) / 3.0;
                let place = &mut places[node];
                place.0 = disc.centre.0 + (place.0 - disc.centre.0) * wanted / distance;
                place.1 = disc.centre.1 + (place.1 - disc.centre.1) * wanted / distance;
            }
        }
    }
}

/// The radius of the dot of a node with this number of links in either direction. `static/graph-picture.js` draws dots of about this
/// size: its formula counts incoming links only.
fn radius(link_count: usize) -> f32 {
    0.8 + 0.25 * (link_count.min(120) as f32).sqrt()
}

/// `direction` turned by the golden angle of 137.5°, so that no two nodes of a spiral are in the same direction. Multiplies
/// by constants, because `sin` and `cos` differ between machines in the last bit.
fn turned(direction: Point) -> Point {
    const COSINE: f32 = -0.737_368_9;
    const SINE: f32 = 0.675_490_3;
    let (x, y) = direction;
    let (x, y) = (x * COSINE - y * SINE, x * SINE + y * COSINE);
    // Rounding errors would add up over thousands of turns.
    let length = (x * x + y * y).sqrt();
    (x / length, y / length)
}

/// The vector `way`, shortened to the length `limit` if longer.
fn shortened(way: Point, limit: f32) -> Point {
    let length = (way.0 * way.0 + way.1 * way.1).sqrt();
    if length > limit { (way.0 / length * limit, way.1 / length * limit) } else { way }
}

fn squared_distance(a: Point, b: Point) -> f32 {
    (a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)
}

/// The disc of each node and the nodes of each disc. Discs are numbered by first appearance.
fn group(folders: &[FolderId]) -> (IndexVec<NodeId, DiscId>, IndexVec<DiscId, Vec<NodeId>>) {
    let mut discs: FxHashMap<FolderId, DiscId> = FxHashMap::default();
    let mut members: IndexVec<DiscId, Vec<NodeId>> = IndexVec::default();
    let mut disc_of = IndexVec::with_capacity(folders.len());
    for &folder in folders {
        let disc = *discs.entry(folder).or_insert_with(|| members.push(Vec::new()));
        members[disc].push(disc_of.push(disc));
    }
    (disc_of, members)
}

/// For each two linked discs, the summed weight of the edges between them, ordered by disc.
fn pulls_between(disc_of: &IndexVec<NodeId, DiscId>, edges: &[WeightedEdge]) -> Vec<Pull> {
    let mut sums: FxHashMap<(DiscId, DiscId), f32> = FxHashMap::default();
    for edge in edges.iter().filter(|edge| is_valid(disc_of.len(), edge)) {
        let (a, b) = (disc_of[edge.a], disc_of[edge.b]);
        if a != b {
            *sums.entry((a.min(b), a.max(b))).or_default() += edge.weight;
        }
    }
    let mut pulls: Vec<Pull> = sums.into_iter().map(|((a, b), weight)| Pull { a, b, weight }).collect();
    // Floating-point sums depend on their order, and the order of a hash map is arbitrary.
    pulls.sort_by_key(|pull| (pull.a, pull.b));
    pulls
}

/// The packed discs of folders with these members.
fn discs(
    members: IndexVec<DiscId, Vec<NodeId>>,
    radii: &IndexVec<NodeId, f32>,
    pulls: &[Pull],
) -> IndexVec<DiscId, Disc> {
    let charge = |nodes: &[NodeId]| nodes.iter().map(|&node| radii[node] * radii[node]).sum::<f32>();
    let charges: Vec<f32> = members.iter().map(|nodes| charge(nodes)).collect();
    let sizes: Vec<f32> = charges.iter().map(|charge| (charge * ROOM).sqrt()).collect();
    // A visible gap between folders, wider between large ones.
    let padded: Vec<f32> = sizes.iter().map(|size| size * 1.09 + 2.0).collect();
    let centres = pack(&padded, pulls);
    let disc =
        |((members, radius), (centre, charge))| Disc { members, centre, radius, pull: charge / (radius * radius) };
    members.into_iter().zip(sizes).zip(centres.into_iter().zip(charges)).map(disc).collect()
}

/// Whether an edge connects two different, existing nodes with a positive weight small enough for finite sums.
fn is_valid(node_count: usize, edge: &WeightedEdge) -> bool {
    let exists = |node: NodeId| node.index() < node_count;
    edge.a != edge.b && exists(edge.a) && exists(edge.b) && edge.weight > 0.0 && edge.weight < 1e9
}

/// The neighbours of each node, in either direction, in one allocation.
struct Neighbours {
    /// The start of each node's neighbours in `list`, and the end of the last ones.
    starts: Vec<u32>,
    list: Vec<(NodeId, f32)>,
}

impl Neighbours {
    /// A counting sort of the edges by node.
    fn new(node_count: usize, edges: &[WeightedEdge]) -> Neighbours {
        let mut starts = vec![0_u32; node_count + 1];
        let edges = || edges.iter().filter(|edge| is_valid(node_count, edge));
        for edge in edges() {
            starts[edge.a.index() + 1] += 1;
            starts[edge.b.index() + 1] += 1;
        }
        for at in 0..node_count {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        // Overwritten below, because the counts add up to the length.
        let mut list = vec![(NodeId::new(0), 0.0); starts[node_count] as usize];
        for edge in edges() {
            for (from, to) in [(edge.a, edge.b), (edge.b, edge.a)] {
                let slot = &mut next[from.index()];
                list[*slot as usize] = (to, edge.weight);
                *slot += 1;
            }
        }
        Neighbours { starts, list }
    }

    /// The neighbours of a node with the weights of the edges, in the order of the edges.
    fn of(&self, node: NodeId) -> &[(NodeId, f32)] {
        &self.list[self.starts[node.index()] as usize..self.starts[node.index() + 1] as usize]
    }
}

/// Moves overlapping dots apart by half of the overlap, pair by pair in a fixed order.
fn separate(places: &mut IndexVec<NodeId, Point>, radii: &IndexVec<NodeId, f32>) {
    /// Column and row of a square of the plane.
    type GridCell = (i32, i32);
    /// The side of a cell. Only neighbouring cells are searched, enough for dots of up to 30 links: their radius is 2.17, so
    /// they overlap within 2 · 2.17 · 1.15 = 4.99. Larger dots two cells apart may still overlap a little.
    const SIDE: f32 = 5.0;
    let cell = |place: Point| ((place.0 / SIDE).floor() as i32, (place.1 / SIDE).floor() as i32);
    let mut order: Vec<(GridCell, NodeId)> = places.ids().iter().map(|node| (cell(places[node]), node)).collect();
    order.sort_unstable();
    // The nodes of one column between two rows are consecutive in `order`.
    let column_part = |column: i32, from: i32, to: i32| {
        let start = order.partition_point(|entry| entry.0 < (column, from));
        let length = order[start..].partition_point(|entry| entry.0 <= (column, to));
        &order[start..start + length]
    };
    for (at, &((column, row), a)) in order.iter().enumerate() {
        // Only cells behind this one, so that each pair is moved once.
        let rest = order[at + 1..].iter().take_while(|entry| entry.0 <= (column, row + 1));
        for &(_, b) in rest.chain(column_part(column + 1, row - 1, row + 1)) {
            push_apart(places, radii, a, b);
        }
    }
}

/// Moves two dots apart if they are nearer than 1.15 times the sum of their radii. The larger dot moves less.
fn push_apart(places: &mut IndexVec<NodeId, Point>, radii: &IndexVec<NodeId, f32>, a: NodeId, b: NodeId) {
    let wanted = (radii[a] + radii[b]) * 1.15;
    let (mut dx, mut dy) = (places[b].0 - places[a].0, places[b].1 - places[a].1);
    let mut distance = (dx * dx + dy * dy).sqrt();
    if distance >= wanted {
        return;
    }
    if distance < 1e-3 {
        // On the same spot there is no direction: take a diagonal by the ids, equal in every build.
        let even = a.index().is_multiple_of(2);
        (dx, dy, distance) = (if a < b { 1.0 } else { -1.0 }, if even { 1.0 } else { -1.0 }, 1.414);
    }
    let share = (wanted - distance).max(0.0) * 0.5 / distance;
    let whole = radii[a] + radii[b];
    let (for_a, for_b) = (2.0 * radii[b] / whole * share, 2.0 * radii[a] / whole * share);
    places[a] = (places[a].0 - dx * for_a, places[a].1 - dy * for_a);
    places[b] = (places[b].0 + dx * for_b, places[b].1 + dy * for_b);
}

/// The positions scaled so that the longer side is from 0 to [`EXTENT`], the shorter side centred, rounded to whole numbers.
fn to_whole_numbers(places: &[Point]) -> Vec<Point> {
    let bounds = |pick: fn(&Point) -> f32| {
        places.iter().map(pick).fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)))
    };
    let ((left, right), (top, bottom)) = (bounds(|place| place.0), bounds(|place| place.1));
    let side = (right - left).max(bottom - top);
    // A single node has no extent and gets the middle.
    let scale = if side > 0.0 { EXTENT / side } else { 0.0 };
    let whole = |value: f32, low: f32, high: f32| {
        (EXTENT / 2.0 + (value - (low + high) / 2.0) * scale).round().clamp(0.0, EXTENT)
    };
    places.iter().map(|place| (whole(place.0, left, right), whole(place.1, top, bottom))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn edge((a, b, weight): (usize, usize, f32)) -> WeightedEdge {
        WeightedEdge { a: NodeId::new(a), b: NodeId::new(b), weight }
    }

    fn edges_of(edges: &[(usize, usize, f32)]) -> Vec<WeightedEdge> {
        edges.iter().copied().map(edge).collect()
    }

    fn folders_of(folders: &[u32]) -> Vec<FolderId> {
        folders.iter().map(|&folder| FolderId::new(folder as usize)).collect()
    }

    /// A base of `folders` folders whose notes link mostly within them.
    fn sample(notes: usize, folders: u32) -> (Vec<FolderId>, Vec<WeightedEdge>) {
        let mut seed = 1_u32;
        let mut random = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed >> 8
        };
        let of: Vec<u32> = (0..notes).map(|_| random() % folders).collect();
        let mut edges = Vec::new();
        for note in 0..notes {
            for _ in 0..6 {
                let other = random() as usize % notes;
                if of[other] == of[note] || random().is_multiple_of(5) {
                    edges.push(edge((note, other, 1.0)));
                }
            }
        }
        (folders_of(&of), edges)
    }

    fn assert_in_bounds(places: &[Point]) {
        for &(x, y) in places {
            assert!((0.0..=EXTENT).contains(&x) && (0.0..=EXTENT).contains(&y), "{x} {y}");
            assert!(x.fract() == 0.0 && y.fract() == 0.0, "not whole: {x} {y}");
        }
    }

    fn distinct(places: &[Point]) -> usize {
        places.iter().map(|&(x, y)| (x as i32, y as i32)).collect::<HashSet<_>>().len()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_graph_has_whole_places_within_bounds(
            folders in prop::collection::vec(0..u32::MAX, 0..60),
            edges in prop::collection::vec((0_usize..70, 0_usize..70, any::<f32>()), 0..200),
        ) {
            let places = positions(&folders_of(&folders), &edges_of(&edges));
            prop_assert_eq!(places.len(), folders.len());
            assert_in_bounds(&places);
        }

        #[test]
        fn notes_do_not_stand_on_each_other(
            folders in prop::collection::vec(0_u32..5, 2..60),
            edges in prop::collection::vec((0_usize..60, 0_usize..60, 0.1_f32..3.0), 0..200),
        ) {
            prop_assert_eq!(distinct(&positions(&folders_of(&folders), &edges_of(&edges))), folders.len());
        }
    }

    #[test]
    fn the_same_places_for_any_number_of_threads() {
        let (folders, edges) = sample(3000, 7);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| positions(&folders, &edges))
        };
        let one = with(1);
        assert_eq!(one, with(2));
        assert_eq!(one, with(5));
    }

    #[test]
    fn the_same_places_as_when_this_test_was_written() {
        let (folders, edges) = sample(400, 5);
        let bytes: Vec<u8> = positions(&folders, &edges)
            .iter()
            .flat_map(|&(x, y)| [(x as u16).to_le_bytes(), (y as u16).to_le_bytes()].concat())
            .collect();
        // Differs after a change of the layout, and then only then: machines and builds must agree on it.
        assert_eq!(blake3::hash(&bytes).to_hex()[..16], *"5d41fbf30dccadfc");
    }

    /// The example at the head of this file.
    #[test]
    fn the_example_of_the_module_documentation() {
        let (folders, edges) = (folders_of(&[0, 0, 1]), edges_of(&[(0, 1, 1.0)]));
        let simulation = Simulation::new(&folders, &edges);
        let near = |a: f32, b: f32| (a - b).abs() < 0.006;
        assert!(simulation.radii.iter().zip([1.05, 1.05, 0.8]).all(|(&radius, wanted)| near(radius, wanted)));
        let discs: Vec<_> = simulation.discs.iter().map(|disc| (disc.centre.0, disc.centre.1, disc.radius)).collect();
        assert!(near(discs[0].2, 3.04) && near(discs[1].2, 1.64), "{discs:?}");
        assert!(near(discs[1].0, 9.10) && discs[1].1 == 0.0, "{discs:?}");
        let first = simulation.first_places();
        let distances = [0, 1, 2].map(|node| {
            let centre = simulation.discs[simulation.disc_of[NodeId::new(node)]].centre;
            squared_distance(first[NodeId::new(node)], centre).sqrt()
        });
        assert!(distances.iter().zip([1.52, 2.64, 1.16]).all(|(&a, b)| near(a, b)), "{distances:?}");
        let mut places = simulation.step(&first, 1.0);
        simulation.fit_into_discs(&mut places);
        assert!(
            near(squared_distance(places[NodeId::new(0)], places[NodeId::new(1)]).sqrt(), 2.0 * 2.15),
            "{places:?}"
        );
        assert_eq!(places[NodeId::new(2)], simulation.discs[DiscId::new(1)].centre);
        assert_eq!(positions(&folders, &edges), [(1420.0, 1678.0), (0.0, 2417.0), (4095.0, 2048.0)]);
    }

    #[test]
    fn the_smallest_bases() {
        assert_eq!(positions(&[], &[]), []);
        assert_eq!(positions(&folders_of(&[9]), &edges_of(&[(0, 0, 1.0)])), [(2048.0, 2048.0)]);
        for (folders, edges) in [([1, 1], vec![]), ([1, 2], vec![]), ([3, 3], vec![(0, 1, 1.0), (1, 0, 2.0)])] {
            let places = positions(&folders_of(&folders), &edges_of(&edges));
            assert_in_bounds(&places);
            assert_eq!(distinct(&places), 2, "{folders:?}");
        }
    }

    #[test]
    fn a_star_spreads_its_rays_around_the_hub() {
        let count = 5000;
        let edges: Vec<WeightedEdge> = (1..count).map(|ray| edge((ray, 0, 1.0))).collect();
        let places = positions(&vec![FolderId::new(0); count], &edges);
        assert_in_bounds(&places);
        assert!(distinct(&places) as f32 > 0.98 * count as f32, "{}", distinct(&places));
        let from_middle = squared_distance(places[0], (EXTENT / 2.0, EXTENT / 2.0)).sqrt();
        assert!(from_middle < 200.0, "the hub is {from_middle} from the middle");
    }

    #[test]
    fn as_many_folders_as_notes() {
        let folders: Vec<u32> = (0..2000).collect();
        let places = positions(&folders_of(&folders), &[]);
        assert_in_bounds(&places);
        assert_eq!(distinct(&places), 2000);
    }

    #[test]
    fn most_notes_stand_nearest_to_their_own_folders_middle() {
        let (folders, edges) = sample(1500, 9);
        let places = positions(&folders, &edges);
        let mut sums = [(0.0, 0.0, 0.0); 9];
        for (&folder, place) in folders.iter().zip(&places) {
            let sum: &mut (f32, f32, f32) = &mut sums[folder.index()];
            *sum = (sum.0 + place.0, sum.1 + place.1, sum.2 + 1.0);
        }
        let middles: Vec<Point> = sums.iter().map(|sum| (sum.0 / sum.2, sum.1 / sum.2)).collect();
        let nearest = |place: Point| {
            (0..9).min_by(|&a, &b| squared_distance(place, middles[a]).total_cmp(&squared_distance(place, middles[b])))
        };
        let at_home = folders.iter().zip(&places).filter(|&(&folder, &place)| nearest(place) == Some(folder.index()));
        let share = at_home.count() as f32 / 1500.0;
        assert!(share > 0.97, "only {share}");
    }

    #[test]
    fn linked_notes_of_a_folder_stand_nearer_than_others() {
        let groups = |note: usize| note / 25;
        let mut edges = Vec::new();
        for note in 0..200 {
            for step in [1, 3, 7, 11] {
                edges.push(edge((note, groups(note) * 25 + (note + step) % 25, 1.0)));
            }
        }
        let places = positions(&[FolderId::new(0); 200], &edges);
        let mean = |within: bool| {
            let pairs = (0..200_usize).flat_map(|a| (0..a).map(move |b| (a, b)));
            let chosen: Vec<f32> = pairs
                .filter(|&(a, b)| (groups(a) == groups(b)) == within)
                .map(|(a, b)| squared_distance(places[a], places[b]).sqrt())
                .collect();
            chosen.iter().sum::<f32>() / chosen.len() as f32
        };
        assert!(mean(true) < 0.75 * mean(false), "{} against {}", mean(true), mean(false));
    }
}
