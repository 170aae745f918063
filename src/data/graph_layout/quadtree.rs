//! The repelling force of many nodes on one point: near nodes singly, far nodes as groups (Barnes and Hut, "A
//! hierarchical O(N log N) force-calculation algorithm", Nature 324, 1986). Knows points and charges; knows no links.
//!
//! Example: nine nodes at (0, 0) to (8, 0). More than [`LEAF`] nodes, so the square of side 8 is divided; nodes 0 to 4 are in
//! its left half, 5 to 8 in its right half, and neither quarter is divided again. From (30, 0), the whole square counts
//! as one node of ninefold charge at (4, 0), because 26 is more than 8 / [`ANGLE`]. From (8, 0), the left quarter counts
//! as one node of fivefold charge at (2, 0), and the nodes of the right quarter count singly.

use super::{NodeId, Point};
use crate::text::ids::{Id, IndexVec, id};

/// Cells with a side of less than this fraction of their distance count as one node.
const ANGLE: f32 = 0.95;
/// The most nodes of an undivided cell.
const LEAF: usize = 8;
/// The bits of a coordinate, and so the greatest depth of the tree.
const BITS: u32 = 16;

/// A repelling node. The charge is the square of the dot's radius, so that large dots get more room.
#[derive(Clone, Copy)]
struct Charge {
    x: f32,
    y: f32,
    charge: f32,
}

id! {
    /// A cell: its index in [`Quadtree::cells`].
    struct CellId;
}

/// A square of the plane.
struct Cell {
    /// All charges of the cell, united in their centre.
    sum: Charge,
    /// The squared distance from which the cell counts as one node.
    far: f32,
    /// The next cell in depth-first order outside of this one.
    after: CellId,
    /// The range of the nodes in [`Quadtree::charges`]. Empty for a divided cell.
    charges: std::ops::Range<u32>,
}

/// The charges of one folder, divided by position.
pub(super) struct Quadtree {
    /// Depth first: the parts of a divided cell follow the cell.
    cells: IndexVec<CellId, Cell>,
    /// In Z-order, so that each cell is a range.
    charges: Vec<Charge>,
    /// The Z-order code of each charge.
    codes: Vec<u32>,
}

impl Quadtree {
    /// A tree of the `members`, given the position and the radius of every node.
    pub(super) fn new(members: &[NodeId], places: &IndexVec<NodeId, Point>, radii: &IndexVec<NodeId, f32>) -> Quadtree {
        let (corner, side) = square_around(members, places);
        let step = ((1_u32 << BITS) - 1) as f32 / side;
        // Interleaved bits of both coordinates sort the nodes by quarter, then by quarter of the quarter and so on.
        let code = |(x, y): Point| spread((x - corner.0) * step) | (spread((y - corner.1) * step) << 1);
        let mut order: Vec<(u32, NodeId)> = members.iter().map(|&node| (code(places[node]), node)).collect();
        order.sort_unstable();
        let charge = |&(_, node): &(u32, NodeId)| {
            let ((x, y), radius) = (places[node], radii[node]);
            Charge { x, y, charge: radius * radius }
        };
        let charges = order.iter().map(charge).collect();
        let codes = order.iter().map(|&(code, _)| code).collect();
        let mut tree = Quadtree { cells: IndexVec::with_capacity(members.len() / 2 + 1), charges, codes };
        tree.add(0..members.len(), BITS, side);
        tree
    }

    /// Adds the cell of the charges in `range` and all cells inside. All their codes have equal bits from `2 * level` up.
    fn add(&mut self, range: std::ops::Range<usize>, level: u32, side: f32) {
        let undivided = range.len() <= LEAF || level == 0;
        let charges = if undivided { range.start as u32..range.end as u32 } else { 0..0 };
        let far = side * side / (ANGLE * ANGLE);
        let sum = centre_of_charge(&self.charges[range.clone()]);
        let cell = self.cells.push(Cell { sum, far, after: CellId::new(0), charges });
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
        // Known only after all cells inside were added.
        self.cells[cell].after = self.cells.next_id();
    }

    /// The repelling force at (x, y): the sum of `charge / distance` over all nodes, as a vector. A node at exactly this
    /// position adds nothing.
    pub(super) fn push_at(&self, x: f32, y: f32) -> Point {
        let (mut push, mut at) = ((0.0, 0.0), CellId::new(0));
        while let Some(cell) = self.cells.get(at) {
            let (dx, dy) = (x - cell.sum.x, y - cell.sum.y);
            let squared = dx * dx + dy * dy;
            // A full cell at the greatest depth is a 65,536th of the folder wide: its nodes count as one at any distance.
            // Test `thousands_on_one_spot_are_one_crowd`: singly, their cost would be quadratic.
            let crowd = cell.charges.len() > LEAF;
            if squared > cell.far || crowd {
                add_push(&mut push, &cell.sum, x, y);
                at = cell.after;
            } else if !cell.charges.is_empty() {
                for charge in &self.charges[cell.charges.start as usize..][..cell.charges.len()] {
                    add_push(&mut push, charge, x, y);
                }
                at = cell.after;
            } else {
                at = at.next();
            }
        }
        push
    }
}

fn add_push(push: &mut Point, from: &Charge, x: f32, y: f32) {
    let (dx, dy) = (x - from.x, y - from.y);
    // The constant avoids a division by zero and limits the force between overlapping dots.
    let strength = from.charge / (dx * dx + dy * dy + 0.05);
    push.0 += dx * strength;
    push.1 += dy * strength;
}

/// The sum of all charges, at their centre.
fn centre_of_charge(charges: &[Charge]) -> Charge {
    let mut sum = Charge { x: 0.0, y: 0.0, charge: 0.0 };
    for charge in charges {
        sum.x += charge.x * charge.charge;
        sum.y += charge.y * charge.charge;
        sum.charge += charge.charge;
    }
    if sum.charge > 0.0 {
        sum.x /= sum.charge;
        sum.y /= sum.charge;
    }
    sum
}

/// The lower left corner and the side of a square around all members. The side is at least 0.001, so that a division by it is
/// finite.
fn square_around(members: &[NodeId], places: &IndexVec<NodeId, Point>) -> (Point, f32) {
    let (mut low, mut high) = ((f32::INFINITY, f32::INFINITY), (f32::NEG_INFINITY, f32::NEG_INFINITY));
    for &node in members {
        let (x, y) = places[node];
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    (low, (high.0 - low.0).max(high.1 - low.1).max(1e-3))
}

/// The 16 bits of a coordinate with a zero bit between each two: half of a Z-order code.
fn spread(value: f32) -> u32 {
    let mut bits = (value as u32).min((1 << BITS) - 1);
    // Each line moves the upper half of every group of bits up by half of the group's width: 16, 8, 4, then 2.
    bits = (bits | (bits << 8)) & 0x00ff_00ff;
    bits = (bits | (bits << 4)) & 0x0f0f_0f0f;
    bits = (bits | (bits << 2)) & 0x3333_3333;
    (bits | (bits << 1)) & 0x5555_5555
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A tree of nodes with charge 1.
    fn tree_of(points: Vec<Point>) -> Quadtree {
        let points: IndexVec<NodeId, Point> = points.into();
        let members: Vec<NodeId> = points.ids().iter().collect();
        Quadtree::new(&members, &points, &IndexVec::filled(1.0, points.len()))
    }

    /// The example at the head of this file.
    #[test]
    fn the_example_of_the_module_documentation() {
        let tree = tree_of((0..9).map(|x| (x as f32, 0.0)).collect());
        let cells: Vec<_> = tree.cells.iter().map(|cell| (cell.sum.x, cell.sum.charge, cell.charges.clone())).collect();
        assert_eq!(cells, [(4.0, 9.0, 0..0), (2.0, 5.0, 0..5), (6.5, 4.0, 5..9)]);
        let push = |charges: &[(f32, f32)], x: f32| {
            let mut push = (0.0, 0.0);
            charges.iter().for_each(|&(at, charge)| add_push(&mut push, &Charge { x: at, y: 0.0, charge }, x, 0.0));
            push
        };
        assert_eq!(tree.push_at(30.0, 0.0), push(&[(4.0, 9.0)], 30.0));
        assert_eq!(tree.push_at(8.0, 0.0), push(&[(2.0, 5.0), (5.0, 1.0), (6.0, 1.0), (7.0, 1.0), (8.0, 1.0)], 8.0));
    }

    proptest! {
        #[test]
        fn near_the_sum_over_all_pairs(points in prop::collection::vec((-50.0_f32..50.0, -50.0_f32..50.0), 1..300)) {
            let tree = tree_of(points.clone());
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
        let tree = tree_of(points);
        assert!(tree.cells.len() < 100, "{} cells", tree.cells.len());
        let push = tree.push_at(9.0, 1.0);
        assert!((push.0 - count as f32 / 8.0).abs() < 10.0 && push.1.abs() < 1.0, "{push:?}");
        assert_eq!(tree.push_at(1.0, 1.0).1, 0.0);
    }
}
