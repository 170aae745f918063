//! Divides the notes of a graph into parts of bounded size, each a square of the picture, so that a page loads the notes it
//! draws and no file grows with the base. Knows positions and sizes in bytes; knows no format.
//!
//! The notes with the most weight are in the part of the whole picture. If it is full, further notes go to the part of the
//! quarter they are in, and so on. A part thus has the most important notes of its square that are in no larger part.

use super::{EXTENT, NodeId, Point};
use crate::text::ids::{Id, IndexVec, id};

id! {
    /// A part, in the order of creation: a part comes after the one that contains its square.
    pub(super) struct PartId;
}

/// The most bytes of a part, counted as by the caller of [`divide`].
pub(super) const PART_BYTES: usize = 140_000;

/// A square of the picture and its notes.
#[derive(Debug)]
pub(super) struct Part {
    /// The least coordinates of the square.
    pub corner: Point,
    /// The length of a side.
    pub side: f32,
    /// The part of the square four times as large. The part of the whole picture names itself.
    pub parent: PartId,
    /// The notes, the one with the most weight first.
    pub nodes: Vec<NodeId>,
    bytes: usize,
    is_full: bool,
    /// The parts of the quarters: top left, top right, bottom left, bottom right.
    quarters: [Option<PartId>; 4],
}

impl Part {
    fn new(corner: Point, side: f32, parent: PartId) -> Part {
        Part { corner, side, parent, nodes: Vec::new(), bytes: 0, is_full: false, quarters: [None; 4] }
    }

    /// The quarter of the square with a point, and the corner of the quarter.
    fn quarter_of(&self, place: Point) -> (usize, Point) {
        let half = self.side / 2.0;
        let (x, y) = (self.corner.0 + half, self.corner.1 + half);
        let (is_right, is_low) = (place.0 >= x, place.1 >= y);
        let corner = (if is_right { x } else { self.corner.0 }, if is_low { y } else { self.corner.1 });
        (usize::from(is_right) + 2 * usize::from(is_low), corner)
    }
}

/// The parts for the notes of `order`, the most important first. At least one, even without notes. A note larger than
/// [`PART_BYTES`] has a part of its own.
pub(super) fn divide(
    order: &[NodeId],
    place: impl Fn(NodeId) -> Point,
    bytes: impl Fn(NodeId) -> usize,
) -> IndexVec<PartId, Part> {
    let root = PartId::new(0);
    let mut parts: IndexVec<PartId, Part> = IndexVec::default();
    parts.push(Part::new((0.0, 0.0), EXTENT + 1.0, root));
    for &node in order {
        let (place, size) = (place(node), bytes(node));
        let mut at = root;
        loop {
            let part = &mut parts[at];
            part.is_full |= !part.nodes.is_empty() && part.bytes + size > PART_BYTES;
            if !part.is_full {
                part.bytes += size;
                part.nodes.push(node);
                break;
            }
            let (quarter, corner) = part.quarter_of(place);
            let (existing, side) = (part.quarters[quarter], part.side / 2.0);
            let next = existing.unwrap_or_else(|| parts.push(Part::new(corner, side, at)));
            parts[at].quarters[quarter] = Some(next);
            at = next;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_note_is_in_one_part_whose_square_contains_it(
            notes in prop::collection::vec((0..4096_u32, 0..4096_u32, 1..60_000_usize), 0..120),
        ) {
            let order: Vec<NodeId> = (0..notes.len()).map(NodeId::new).collect();
            let place = |node: NodeId| (notes[node.index()].0 as f32, notes[node.index()].1 as f32);
            let parts = divide(&order, place, |node| notes[node.index()].2);
            let mut all: Vec<NodeId> = parts.iter().flat_map(|part| part.nodes.iter().copied()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, order);
            for (id, part) in parts.iter_enumerated() {
                let bytes: usize = part.nodes.iter().map(|node| notes[node.index()].2).sum();
                prop_assert!(bytes <= PART_BYTES);
                prop_assert!(part.nodes.is_sorted(), "the most important first");
                prop_assert!(part.parent < id || id == PartId::new(0));
                for &node in &part.nodes {
                    let (x, y) = place(node);
                    let (left, top) = part.corner;
                    prop_assert!((left..left + part.side).contains(&x) && (top..top + part.side).contains(&y));
                }
            }
        }
    }

    #[test]
    fn many_notes_at_one_point_are_divided_too() {
        let order: Vec<NodeId> = (0..2000).map(NodeId::new).collect();
        let parts = divide(&order, |_| (7.0, 7.0), |_| PART_BYTES / 20);
        assert!(parts.iter().all(|part| part.nodes.len() <= 20));
        assert_eq!(parts.len(), 100);
    }
}
