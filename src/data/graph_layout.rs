//! Where each note stands in the picture of all links, worked out once per build so that a browser only draws.
//! Knows nodes, folders and weighted edges; refuses to know notes, files and pages.
//!
//! Every folder gets a disc as large as its notes need, the discs are packed side by side, and inside its disc a
//! note moves towards what it is linked with and away from what is near. All arithmetic is `+ - * /` and square roots
//! in a fixed order, which every machine rounds alike; the result is rounded to whole numbers all the same.

mod data;
mod pack;
mod quadtree;

pub use data::data_file;

use crate::base::graph::EdgeKind;
use pack::pack;
use quadtree::Quadtree;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// A point, in the unit that its function names.
pub(crate) type Point = (f32, f32);

/// Positions are whole numbers from 0 to this, in both directions: 12 bits, two letters in the data file.
pub(crate) const EXTENT: f32 = 4095.0;

/// What the graph shows of one note.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// As written in the frontmatter.
    pub title: &'a str,
    /// The output path, relative to the site's root, not percent-encoded: `databases/acid.html`.
    pub url: &'a str,
    /// The folder that gives the colour: `databases`; empty for the root.
    pub folder: &'a str,
    /// The note's type: `concept`.
    pub kind: &'a str,
    /// Tag slugs.
    pub tags: Vec<&'a str>,
    /// `learning`, `mastered`…
    pub status: &'a str,
    /// `easy`, `medium` or `hard`.
    pub difficulty: &'a str,
    /// From 0 to 100.
    pub importance: u8,
    /// How many notes link here.
    pub degree_in: u32,
}

/// A link between two notes, by their places in the list of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The note that holds the link.
    pub source: u32,
    /// The note that it leads to.
    pub target: u32,
    /// What it says.
    pub kind: EdgeKind,
}

/// How strongly an edge of this kind draws its two notes together in [`positions`].
pub fn weight_of(kind: EdgeKind) -> f32 {
    match kind {
        EdgeKind::Requires => 2.0,
        EdgeKind::Related | EdgeKind::Contrasts => 1.5,
        EdgeKind::Embeds | EdgeKind::About => 1.0,
        EdgeKind::Mentions => 0.5,
    }
}

/// The area of a folder's disc over that of its notes.
const ROOM: f32 = 4.2;
/// The pull of a note's neighbours over the pull of its folder's centre.
const LINK_PULL: f32 = 2.0;
/// What a link into another folder counts beside one within the folder.
const ACROSS: f32 = 0.25;

/// A place for each of `nodes` notes, as whole numbers from 0 to [`EXTENT`].
///
/// `folders` has a number for each note, equal for notes of one folder; `edges` are (note, note, weight) in any
/// direction. Loops, edges whose weight is not between 0 and 1e9, and edges to notes that do not exist count for
/// nothing. Time grows as `n log n`; the same input gives the same places on every machine and number of threads.
///
/// # Panics
/// When `folders` has not `nodes` entries.
pub fn positions(nodes: usize, folders: &[u32], edges: &[(u32, u32, f32)]) -> Vec<Point> {
    assert_eq!(folders.len(), nodes, "a folder for each node");
    let world = World::new(folders, edges);
    let mut places = world.first_places();
    let rounds = rounds(nodes);
    for round in 0..rounds {
        let cooling = 1.0 - round as f32 / rounds as f32;
        places = world.moved(&places, cooling);
        world.fit_into_discs(&mut places);
    }
    world.even_out(&mut places);
    for _ in 0..12 {
        separate(&mut places, &world.radii);
    }
    to_whole_numbers(&places)
}

/// Enough rounds for the picture to settle; fewer where each costs more and eyes see less.
fn rounds(nodes: usize) -> usize {
    (200_000 / nodes.max(1)).clamp(45, 160)
}

/// One folder's disc.
struct Disc {
    members: Vec<u32>,
    centre: Point,
    radius: f32,
    /// The pull to the centre that keeps repelling notes evenly spread over the disc.
    pull: f32,
}

/// The unchanging part of the problem. The unit of length is about the radius of a note's dot.
struct World {
    /// For each note, its disc.
    disc_of: Vec<u32>,
    discs: Vec<Disc>,
    radii: Vec<f32>,
    neighbours: Neighbours,
}

impl World {
    fn new(folders: &[u32], edges: &[(u32, u32, f32)]) -> World {
        let neighbours = Neighbours::new(folders.len(), edges);
        let radii: Vec<f32> = (0..folders.len()).map(|note| radius(neighbours.of(note).len())).collect();
        let (disc_of, members) = group(folders);
        let discs = discs(members, &radii, &links_between(&disc_of, edges));
        World { disc_of, discs, radii, neighbours }
    }

    /// The seeds of a sunflower: evenly spread, the most linked in the middle.
    fn first_places(&self) -> Vec<Point> {
        let mut places = vec![(0.0, 0.0); self.radii.len()];
        for disc in &self.discs {
            let mut order = disc.members.clone();
            order.sort_by_key(|&note| (std::cmp::Reverse(self.neighbours.of(note as usize).len()), note));
            let mut direction = (1.0_f32, 0.0_f32);
            for (rank, &note) in order.iter().enumerate() {
                let distance = disc.radius * ((rank as f32 + 0.5) / order.len() as f32).sqrt();
                places[note as usize] =
                    (disc.centre.0 + distance * direction.0, disc.centre.1 + distance * direction.1);
                direction = turned(direction);
            }
        }
        places
    }

    /// All notes moved at once, each by what it feels at `places`: the order of work cannot matter.
    fn moved(&self, places: &[Point], cooling: f32) -> Vec<Point> {
        let trees: Vec<Quadtree> =
            self.discs.par_iter().map(|disc| Quadtree::new(&disc.members, places, &self.radii)).collect();
        let step = |note: usize| {
            let disc = self.disc_of[note] as usize;
            self.step(note, places, &self.discs[disc], &trees[disc], cooling)
        };
        (0..places.len()).into_par_iter().with_min_len(512).map(step).collect()
    }

    fn step(&self, note: usize, places: &[Point], disc: &Disc, tree: &Quadtree, cooling: f32) -> Point {
        let (x, y) = places[note];
        let push = tree.push_at(x, y);
        let link = self.link_pull(note, places, disc);
        let stiffness = disc.pull * (1.0 + LINK_PULL);
        let dx = push.0 - disc.pull * (x - disc.centre.0) + disc.pull * LINK_PULL * link.0;
        let dy = push.1 - disc.pull * (y - disc.centre.1) + disc.pull * LINK_PULL * link.1;
        let limit = 0.15 + cooling * cooling * (0.25 * disc.radius).min(12.0);
        let (dx, dy) = shortened((dx / stiffness * 0.7, dy / stiffness * 0.7), limit);
        (x + dx, y + dy)
    }

    /// The way from a note to the mean of its neighbours; one in another folder is felt as standing on this disc's rim.
    fn link_pull(&self, note: usize, places: &[Point], disc: &Disc) -> Point {
        let (x, y) = places[note];
        let (mut sum, mut total) = ((0.0, 0.0), 0.0);
        for &(other, weight) in self.neighbours.of(note) {
            let (mut to, mut felt) = (places[other as usize], weight);
            if self.disc_of[other as usize] != self.disc_of[note] {
                let way = shortened((to.0 - disc.centre.0, to.1 - disc.centre.1), disc.radius);
                to = (disc.centre.0 + way.0, disc.centre.1 + way.1);
                felt *= ACROSS;
            }
            sum = (sum.0 + felt * (to.0 - x), sum.1 + felt * (to.1 - y));
            total += weight;
        }
        if total > 0.0 { (sum.0 / total, sum.1 / total) } else { (0.0, 0.0) }
    }

    /// Each folder's notes centred on its disc and spread as wide as it: pulls between folders turn a folder's
    /// picture, they cannot push folders into each other.
    fn fit_into_discs(&self, places: &mut [Point]) {
        for disc in &self.discs {
            let count = disc.members.len() as f32;
            let mean = disc.members.iter().fold((0.0, 0.0), |sum: Point, &note| {
                let place = places[note as usize];
                (sum.0 + place.0 / count, sum.1 + place.1 / count)
            });
            let square: f32 =
                disc.members.iter().map(|&note| squared_distance(places[note as usize], mean) / count).sum();
            // An evenly filled disc has a mean square of half its radius squared.
            let scale = if square > 1e-9 { (disc.radius * disc.radius * 0.5 / square).sqrt() } else { 1.0 };
            for &note in &disc.members {
                let place = &mut places[note as usize];
                place.0 = disc.centre.0 + (place.0 - mean.0) * scale;
                place.1 = disc.centre.1 + (place.1 - mean.1) * scale;
            }
        }
    }

    /// Every note's distance from the middle of its disc brought nearer to what an even filling would give its rank:
    /// no crowd in the middle, no strays beyond the rim, and who was farther out still is.
    fn even_out(&self, places: &mut [Point]) {
        for disc in self.discs.iter().filter(|disc| disc.members.len() > 2) {
            let distance = |note: u32| squared_distance(places[note as usize], disc.centre).sqrt();
            let mut order: Vec<(f32, u32)> = disc.members.iter().map(|&note| (distance(note), note)).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for (rank, &(distance, note)) in order.iter().enumerate().filter(|(_, entry)| entry.0 > 0.0) {
                let even = disc.radius * ((rank as f32 + 0.5) / order.len() as f32).sqrt();
                let wanted = (distance.min(1.1 * disc.radius) + 2.0 * even) / 3.0;
                let place = &mut places[note as usize];
                place.0 = disc.centre.0 + (place.0 - disc.centre.0) * wanted / distance;
                place.1 = disc.centre.1 + (place.1 - disc.centre.1) * wanted / distance;
            }
        }
    }
}

/// The dot of a note with this many links; the browser draws by the same law.
fn radius(links: usize) -> f32 {
    0.8 + 0.25 * (links.min(120) as f32).sqrt()
}

/// Turned by the golden angle, 137.5°; as a product, since sines differ between machines.
fn turned(direction: Point) -> Point {
    const COSINE: f32 = -0.737_368_9;
    const SINE: f32 = 0.675_490_3;
    let (x, y) = direction;
    let (x, y) = (x * COSINE - y * SINE, x * SINE + y * COSINE);
    let length = (x * x + y * y).sqrt();
    (x / length, y / length)
}

fn shortened(way: Point, limit: f32) -> Point {
    let length = (way.0 * way.0 + way.1 * way.1).sqrt();
    if length > limit { (way.0 / length * limit, way.1 / length * limit) } else { way }
}

fn squared_distance(a: Point, b: Point) -> f32 {
    (a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)
}

/// Discs numbered by first appearance, and the notes of each.
fn group(folders: &[u32]) -> (Vec<u32>, Vec<Vec<u32>>) {
    let mut number: FxHashMap<u32, u32> = FxHashMap::default();
    let mut members: Vec<Vec<u32>> = Vec::new();
    let mut disc_of = Vec::with_capacity(folders.len());
    for (note, &folder) in folders.iter().enumerate() {
        let disc = *number.entry(folder).or_insert(members.len() as u32);
        if disc as usize == members.len() {
            members.push(Vec::new());
        }
        members[disc as usize].push(note as u32);
        disc_of.push(disc);
    }
    (disc_of, members)
}

/// The summed weights of links between each two discs, ordered.
fn links_between(disc_of: &[u32], edges: &[(u32, u32, f32)]) -> Vec<(u32, u32, f32)> {
    let mut sums: FxHashMap<(u32, u32), f32> = FxHashMap::default();
    for &(a, b, weight) in edges.iter().filter(|edge| counts(disc_of.len(), edge)) {
        let (a, b) = (disc_of[a as usize], disc_of[b as usize]);
        if a != b {
            *sums.entry((a.min(b), a.max(b))).or_default() += weight;
        }
    }
    let mut sums: Vec<_> = sums.into_iter().map(|((a, b), weight)| (a, b, weight)).collect();
    sums.sort_by_key(|&(a, b, _)| (a, b));
    sums
}

fn discs(members: Vec<Vec<u32>>, radii: &[f32], links: &[(u32, u32, f32)]) -> Vec<Disc> {
    let charge = |notes: &[u32]| notes.iter().map(|&note| radii[note as usize] * radii[note as usize]).sum::<f32>();
    let charges: Vec<f32> = members.iter().map(|notes| charge(notes)).collect();
    let sizes: Vec<f32> = charges.iter().map(|charge| (charge * ROOM).sqrt()).collect();
    // A gap that a reader sees between folders, wider between big ones.
    let padded: Vec<f32> = sizes.iter().map(|size| size * 1.09 + 2.0).collect();
    let centres = pack(&padded, links);
    let disc =
        |((members, radius), (centre, charge))| Disc { members, centre, radius, pull: charge / (radius * radius) };
    members.into_iter().zip(sizes).zip(centres.into_iter().zip(charges)).map(disc).collect()
}

/// Whether an edge joins two notes with a weight whose sums stay finite.
fn counts(nodes: usize, &(a, b, weight): &(u32, u32, f32)) -> bool {
    a != b && (a as usize) < nodes && (b as usize) < nodes && weight > 0.0 && weight < 1e9
}

/// Who is linked with whom, either way, in one allocation.
struct Neighbours {
    starts: Vec<u32>,
    list: Vec<(u32, f32)>,
}

impl Neighbours {
    fn new(nodes: usize, edges: &[(u32, u32, f32)]) -> Neighbours {
        let mut starts = vec![0_u32; nodes + 1];
        let edges = || edges.iter().filter(|edge| counts(nodes, edge));
        for &(a, b, _) in edges() {
            starts[a as usize + 1] += 1;
            starts[b as usize + 1] += 1;
        }
        for note in 0..nodes {
            starts[note + 1] += starts[note];
        }
        let mut next = starts.clone();
        let mut list = vec![(0, 0.0); starts[nodes] as usize];
        for &(a, b, weight) in edges() {
            for (from, to) in [(a as usize, b), (b as usize, a)] {
                list[next[from] as usize] = (to, weight);
                next[from] += 1;
            }
        }
        Neighbours { starts, list }
    }

    fn of(&self, note: usize) -> &[(u32, f32)] {
        &self.list[self.starts[note] as usize..self.starts[note + 1] as usize]
    }
}

/// Dots that lie on each other moved apart by half of what they overlap, pair by pair in a fixed order.
fn separate(places: &mut [Point], radii: &[f32]) {
    const CELL: f32 = 5.0;
    let cell = |place: Point| ((place.0 / CELL).floor() as i32, (place.1 / CELL).floor() as i32);
    let mut order: Vec<((i32, i32), u32)> = (0..places.len()).map(|note| (cell(places[note]), note as u32)).collect();
    order.sort_unstable();
    let row = |row: i32, from: i32, to: i32| {
        let start = order.partition_point(|entry| entry.0 < (row, from));
        let length = order[start..].partition_point(|entry| entry.0 <= (row, to));
        &order[start..start + length]
    };
    for (at, &((column, line), a)) in order.iter().enumerate() {
        let rest = order[at + 1..].iter().take_while(|entry| entry.0 <= (column, line + 1));
        for &(_, b) in rest.chain(row(column + 1, line - 1, line + 1)) {
            push_apart(places, radii, a as usize, b as usize);
        }
    }
}

fn push_apart(places: &mut [Point], radii: &[f32], a: usize, b: usize) {
    let wanted = (radii[a] + radii[b]) * 1.15;
    let (mut dx, mut dy) = (places[b].0 - places[a].0, places[b].1 - places[a].1);
    let mut distance = (dx * dx + dy * dy).sqrt();
    if distance >= wanted {
        return;
    }
    if distance < 1e-3 {
        // On the same spot: any direction will do, as long as it is the same tomorrow.
        (dx, dy, distance) = (if a < b { 1.0 } else { -1.0 }, if a.is_multiple_of(2) { 1.0 } else { -1.0 }, 1.414);
    }
    let share = (wanted - distance).max(0.0) * 0.5 / distance;
    let whole = radii[a] + radii[b];
    let (for_a, for_b) = (2.0 * radii[b] / whole * share, 2.0 * radii[a] / whole * share);
    places[a] = (places[a].0 - dx * for_a, places[a].1 - dy * for_a);
    places[b] = (places[b].0 + dx * for_b, places[b].1 + dy * for_b);
}

/// Centred, and scaled to fill the longer side.
fn to_whole_numbers(places: &[Point]) -> Vec<Point> {
    let bounds = |pick: fn(&Point) -> f32| {
        places.iter().map(pick).fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)))
    };
    let ((left, right), (top, bottom)) = (bounds(|place| place.0), bounds(|place| place.1));
    let side = (right - left).max(bottom - top);
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

    /// A base of `folders` folders whose notes link mostly within them.
    fn sample(notes: usize, folders: u32) -> (Vec<u32>, Vec<(u32, u32, f32)>) {
        let mut seed = 1_u32;
        let mut random = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed >> 8
        };
        let of: Vec<u32> = (0..notes).map(|_| random() % folders).collect();
        let mut edges = Vec::new();
        for note in 0..notes as u32 {
            for _ in 0..6 {
                let other = random() % notes as u32;
                if of[other as usize] == of[note as usize] || random().is_multiple_of(5) {
                    edges.push((note, other, 1.0));
                }
            }
        }
        (of, edges)
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
            folders in prop::collection::vec(any::<u32>(), 0..60),
            edges in prop::collection::vec((0_u32..70, 0_u32..70, any::<f32>()), 0..200),
        ) {
            let places = positions(folders.len(), &folders, &edges);
            prop_assert_eq!(places.len(), folders.len());
            assert_in_bounds(&places);
        }

        #[test]
        fn notes_do_not_stand_on_each_other(
            folders in prop::collection::vec(0_u32..5, 2..60),
            edges in prop::collection::vec((0_u32..60, 0_u32..60, 0.1_f32..3.0), 0..200),
        ) {
            prop_assert_eq!(distinct(&positions(folders.len(), &folders, &edges)), folders.len());
        }
    }

    #[test]
    fn the_same_places_for_any_number_of_threads() {
        let (folders, edges) = sample(3000, 7);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| positions(folders.len(), &folders, &edges))
        };
        let one = with(1);
        assert_eq!(one, with(2));
        assert_eq!(one, with(5));
    }

    #[test]
    fn the_same_places_as_when_this_test_was_written() {
        let (folders, edges) = sample(400, 5);
        let bytes: Vec<u8> = positions(400, &folders, &edges)
            .iter()
            .flat_map(|&(x, y)| [(x as u16).to_le_bytes(), (y as u16).to_le_bytes()].concat())
            .collect();
        // Differs after a change of the layout, and then only then: machines and builds must agree on it.
        assert_eq!(blake3::hash(&bytes).to_hex()[..16], *"5d41fbf30dccadfc");
    }

    #[test]
    fn the_smallest_bases() {
        assert_eq!(positions(0, &[], &[]), []);
        assert_eq!(positions(1, &[9], &[(0, 0, 1.0)]), [(2048.0, 2048.0)]);
        for (folders, edges) in [([1, 1], vec![]), ([1, 2], vec![]), ([3, 3], vec![(0, 1, 1.0), (1, 0, 2.0)])] {
            let places = positions(2, &folders, &edges);
            assert_in_bounds(&places);
            assert_eq!(distinct(&places), 2, "{folders:?}");
        }
    }

    #[test]
    fn a_star_spreads_its_rays_around_the_hub() {
        let count = 5000;
        let edges: Vec<(u32, u32, f32)> = (1..count).map(|ray| (ray, 0, 1.0)).collect();
        let places = positions(count as usize, &vec![0; count as usize], &edges);
        assert_in_bounds(&places);
        assert!(distinct(&places) as f32 > 0.98 * count as f32, "{}", distinct(&places));
        let from_middle = squared_distance(places[0], (EXTENT / 2.0, EXTENT / 2.0)).sqrt();
        assert!(from_middle < 200.0, "the hub is {from_middle} from the middle");
    }

    #[test]
    fn as_many_folders_as_notes() {
        let folders: Vec<u32> = (0..2000).collect();
        let places = positions(2000, &folders, &[]);
        assert_in_bounds(&places);
        assert_eq!(distinct(&places), 2000);
    }

    #[test]
    fn most_notes_stand_nearest_to_their_own_folders_middle() {
        let (folders, edges) = sample(1500, 9);
        let places = positions(1500, &folders, &edges);
        let mut sums = [(0.0, 0.0, 0.0); 9];
        for (&folder, place) in folders.iter().zip(&places) {
            let sum: &mut (f32, f32, f32) = &mut sums[folder as usize];
            *sum = (sum.0 + place.0, sum.1 + place.1, sum.2 + 1.0);
        }
        let middles: Vec<Point> = sums.iter().map(|sum| (sum.0 / sum.2, sum.1 / sum.2)).collect();
        let nearest = |place: Point| {
            (0..9).min_by(|&a, &b| squared_distance(place, middles[a]).total_cmp(&squared_distance(place, middles[b])))
        };
        let at_home = folders.iter().zip(&places).filter(|&(&folder, &place)| nearest(place) == Some(folder as usize));
        let share = at_home.count() as f32 / 1500.0;
        assert!(share > 0.97, "only {share}");
    }

    #[test]
    fn linked_notes_of_a_folder_stand_nearer_than_others() {
        let groups = |note: u32| note / 25;
        let mut edges = Vec::new();
        for note in 0..200_u32 {
            for step in [1, 3, 7, 11] {
                edges.push((note, groups(note) * 25 + (note + step) % 25, 1.0));
            }
        }
        let places = positions(200, &[0; 200], &edges);
        let mean = |within: bool| {
            let pairs = (0..200_usize).flat_map(|a| (0..a).map(move |b| (a, b)));
            let chosen: Vec<f32> = pairs
                .filter(|&(a, b)| (groups(a as u32) == groups(b as u32)) == within)
                .map(|(a, b)| squared_distance(places[a], places[b]).sqrt())
                .collect();
            chosen.iter().sum::<f32>() / chosen.len() as f32
        };
        assert!(mean(true) < 0.75 * mean(false), "{} against {}", mean(true), mean(false));
    }
}
