//! The push of many notes on one, near ones singly and far ones by the handful (Barnes and Hut, "A hierarchical
//! O(N log N) force-calculation algorithm", Nature 324, 1986). Knows points and their charges, nothing of links.

use super::Point;

/// Cells seen under a smaller angle (side over distance) count as one point.
const ANGLE: f32 = 0.95;
/// Cells with no more points than this are not divided.
const LEAF: usize = 8;
/// Bits of a coordinate, and with them the depth of the tree.
const BITS: u32 = 16;

/// A point that pushes; its charge is the square of its radius, so that big dots get room.
#[derive(Clone, Copy)]
struct Charge {
    x: f32,
    y: f32,
    charge: f32,
}

/// A square of the plane, in depth-first order.
struct Cell {
    sum: Charge,
    /// Beyond this squared distance the cell counts as one point.
    far: f32,
    /// The next cell that is not within this one.
    after: u32,
    /// The points of an undivided cell; empty for a divided one.
    points: std::ops::Range<u32>,
}

/// The charges of one folder, by place.
pub(super) struct Quadtree {
    cells: Vec<Cell>,
    points: Vec<Charge>,
    codes: Vec<u32>,
}

impl Quadtree {
    /// A tree of the `members`, which are indices into `places` and `radii`.
    pub(super) fn new(members: &[u32], places: &[Point], radii: &[f32]) -> Quadtree {
        let (corner, side) = square_around(members, places);
        let step = ((1_u32 << BITS) - 1) as f32 / side;
        let code = |(x, y): Point| spread((x - corner.0) * step) | (spread((y - corner.1) * step) << 1);
        let mut order: Vec<(u32, u32)> = members.iter().map(|&note| (code(places[note as usize]), note)).collect();
        order.sort_unstable();
        let charge = |&(_, note): &(u32, u32)| {
            let ((x, y), radius) = (places[note as usize], radii[note as usize]);
            Charge { x, y, charge: radius * radius }
        };
        let points = order.iter().map(charge).collect();
        let codes = order.iter().map(|&(code, _)| code).collect();
        let mut tree = Quadtree { cells: Vec::with_capacity(members.len() / 2 + 1), points, codes };
        tree.add(0..members.len(), BITS, side);
        tree
    }

    /// Adds the cell of `range`, all of whose codes agree above `2 * level` bits, and the cells within it.
    fn add(&mut self, range: std::ops::Range<usize>, level: u32, side: f32) {
        let at = self.cells.len();
        let undivided = range.len() <= LEAF || level == 0;
        let points = if undivided { range.start as u32..range.end as u32 } else { 0..0 };
        let far = side * side / (ANGLE * ANGLE);
        self.cells.push(Cell { sum: centre_of_charge(&self.points[range.clone()]), far, after: 0, points });
        if !undivided {
            let shift = 2 * (level - 1);
            let mut start = range.start;
            for quarter in 0..4 {
                let length = self.codes[start..range.end].partition_point(|code| (code >> shift) & 3 <= quarter);
                if length > 0 {
                    self.add(start..start + length, level - 1, side / 2.0);
                }
                start += length;
            }
        }
        self.cells[at].after = self.cells.len() as u32;
    }

    /// The sum of `charge / distance` over all points, as a way to go. A point does not push itself.
    pub(super) fn push_at(&self, x: f32, y: f32) -> Point {
        let (mut push, mut at) = ((0.0, 0.0), 0);
        while let Some(cell) = self.cells.get(at) {
            let (dx, dy) = (x - cell.sum.x, y - cell.sum.y);
            let squared = dx * dx + dy * dy;
            // At full depth points are closer than a thousandth of the folder: they count as one however near.
            let crowd = cell.points.len() > LEAF;
            if squared > cell.far || crowd {
                add_push(&mut push, &cell.sum, x, y);
                at = cell.after as usize;
            } else if !cell.points.is_empty() {
                for point in &self.points[cell.points.start as usize..cell.points.end as usize] {
                    add_push(&mut push, point, x, y);
                }
                at = cell.after as usize;
            } else {
                at += 1;
            }
        }
        push
    }
}

fn add_push(push: &mut Point, from: &Charge, x: f32, y: f32) {
    let (dx, dy) = (x - from.x, y - from.y);
    // The constant keeps the push of a touching dot finite.
    let strength = from.charge / (dx * dx + dy * dy + 0.05);
    push.0 += dx * strength;
    push.1 += dy * strength;
}

fn centre_of_charge(points: &[Charge]) -> Charge {
    let mut sum = Charge { x: 0.0, y: 0.0, charge: 0.0 };
    for point in points {
        sum.x += point.x * point.charge;
        sum.y += point.y * point.charge;
        sum.charge += point.charge;
    }
    if sum.charge > 0.0 {
        sum.x /= sum.charge;
        sum.y /= sum.charge;
    }
    sum
}

fn square_around(members: &[u32], places: &[Point]) -> (Point, f32) {
    let (mut low, mut high) = ((f32::INFINITY, f32::INFINITY), (f32::NEG_INFINITY, f32::NEG_INFINITY));
    for &note in members {
        let (x, y) = places[note as usize];
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    (low, (high.0 - low.0).max(high.1 - low.1).max(1e-3))
}

/// The 16 bits of a coordinate with a zero between each two.
fn spread(value: f32) -> u32 {
    let mut bits = (value as u32).min((1 << BITS) - 1);
    bits = (bits | (bits << 8)) & 0x00ff_00ff;
    bits = (bits | (bits << 4)) & 0x0f0f_0f0f;
    bits = (bits | (bits << 2)) & 0x3333_3333;
    (bits | (bits << 1)) & 0x5555_5555
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn near_the_sum_over_all_pairs(points in prop::collection::vec((-50.0_f32..50.0, -50.0_f32..50.0), 1..300)) {
            let members: Vec<u32> = (0..points.len() as u32).collect();
            let tree = Quadtree::new(&members, &points, &vec![1.0; points.len()]);
            for &(x, y) in points.iter().take(5) {
                let mut exact = (0.0, 0.0);
                for &(x1, y1) in &points {
                    add_push(&mut exact, &Charge { x: x1, y: y1, charge: 1.0 }, x, y);
                }
                let push = tree.push_at(x, y);
                let error = ((push.0 - exact.0).powi(2) + (push.1 - exact.1).powi(2)).sqrt();
                // A hundredth of what all points together could push from a distance of 10.
                prop_assert!(error < 0.2 + 0.01 * points.len() as f32, "{push:?} against {exact:?}");
            }
        }
    }

    #[test]
    fn thousands_on_one_spot_are_one_crowd() {
        let count = 20_000_usize;
        let mut points = vec![(1.0, 1.0); count];
        points.push((9.0, 1.0));
        let members: Vec<u32> = (0..points.len() as u32).collect();
        let tree = Quadtree::new(&members, &points, &vec![1.0; points.len()]);
        assert!(tree.cells.len() < 100, "{} cells", tree.cells.len());
        let push = tree.push_at(9.0, 1.0);
        assert!((push.0 - count as f32 / 8.0).abs() < 10.0 && push.1.abs() < 1.0, "{push:?}");
        assert_eq!(tree.push_at(1.0, 1.0).1, 0.0);
    }
}
