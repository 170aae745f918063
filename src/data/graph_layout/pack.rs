//! Packs discs of different sizes close together without overlap, connected discs nearer than the rest. Knows radii and
//! pulls; knows nothing of the contents of a disc.
//!
//! Example: discs of radius 3, 2 and 1. The largest is placed at (0, 0), the second right of it at (5, 0), touching. The
//! third touches both: its centre is 4 from the first and 3 from the second, which leaves (3.2, 2.4) and (3.2, −2.4). Both
//! cost the same, so the first is taken.

use super::Point;
use crate::text::ids::{Id, IndexVec, id};

/// The most discs packed at once, because the cost of one packing grows with the cube of their number. More discs are packed
/// in groups of neighbours first.
const AT_ONCE: usize = 40;
/// By how much a horizontal distance from the middle counts less than a vertical one: screens are wider than high.
const WIDTH: f32 = 1.35;

id! {
    /// A disc: its index in the list of radii.
    pub(super) struct DiscId;
}

/// A pull between two discs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pull {
    pub a: DiscId,
    pub b: DiscId,
    pub weight: f32,
}

/// A placed disc.
#[derive(Clone, Copy)]
struct Placed {
    centre: Point,
    radius: f32,
}

/// The centre of each disc, given the radii and at most one pull per pair of discs. The largest disc is at (0, 0).
pub(super) fn pack(radii: &[f32], pulls: &[Pull]) -> Vec<Point> {
    if radii.len() <= AT_ONCE { pack_few(radii, pulls) } else { pack_groups(radii, pulls) }
}

/// Packs runs of consecutive discs, such as subfolders of one folder, then packs the enclosing disc of each run.
fn pack_groups(radii: &[f32], pulls: &[Pull]) -> Vec<Point> {
    let size = radii.len().div_ceil(AT_ONCE);
    // Each group becomes one disc of the outer packing, so both levels have the same type of id.
    let group = |disc: DiscId| DiscId::new(disc.index() / size);
    let mut within: IndexVec<DiscId, Vec<Pull>> = IndexVec::filled(Vec::new(), radii.len().div_ceil(size));
    let mut between = Vec::new();
    for &Pull { a, b, weight } in pulls {
        if group(a) == group(b) {
            let member = |disc: DiscId| DiscId::new(disc.index() % size);
            within[group(a)].push(Pull { a: member(a), b: member(b), weight });
        } else {
            between.push(Pull { a: group(a), b: group(b), weight });
        }
    }
    let inner: Vec<(Vec<Point>, f32)> =
        radii.chunks(size).zip(&within).map(|(radii, pulls)| centred(pack(radii, pulls), radii)).collect();
    let outer_radii: Vec<f32> = inner.iter().map(|(_, radius)| *radius).collect();
    let outer = pack_few(&outer_radii, &between);
    let place = |((places, _), centre): ((Vec<Point>, f32), Point)| {
        places.into_iter().map(move |(x, y)| (x + centre.0, y + centre.1))
    };
    inner.into_iter().zip(outer).flat_map(place).collect()
}

/// Moves the centres so that the bounding box of all discs is centred on the origin. Returns them with the radius of a disc
/// around the origin enclosing all.
fn centred(mut places: Vec<Point>, radii: &[f32]) -> (Vec<Point>, f32) {
    let (mut low, mut high) = ((f32::INFINITY, f32::INFINITY), (f32::NEG_INFINITY, f32::NEG_INFINITY));
    for (&(x, y), &radius) in places.iter().zip(radii) {
        low = (low.0.min(x - radius), low.1.min(y - radius));
        high = (high.0.max(x + radius), high.1.max(y + radius));
    }
    let middle = ((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
    let mut around = 0.0_f32;
    for (place, &radius) in places.iter_mut().zip(radii) {
        *place = (place.0 - middle.0, place.1 - middle.1);
        around = around.max(length(*place) + radius);
    }
    (places, around)
}

/// Places the largest disc at the origin, then each disc in order of size where it touches two placed discs, at the free
/// position with the least [`cost`].
fn pack_few(radii: &[f32], pulls: &[Pull]) -> Vec<Point> {
    let mut connected: IndexVec<DiscId, Vec<(DiscId, f32)>> = IndexVec::filled(Vec::new(), radii.len());
    for &Pull { a, b, weight } in pulls {
        connected[a].push((b, weight));
        connected[b].push((a, weight));
    }
    let mut order: Vec<(DiscId, f32)> = connected.ids().iter().zip(radii.iter().copied()).collect();
    // The id breaks ties, so that equal radii give the same picture on every machine.
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut centres: IndexVec<DiscId, Option<Point>> = IndexVec::filled(None, radii.len());
    let mut placed: Vec<Placed> = Vec::with_capacity(radii.len());
    for (disc, radius) in order {
        let connected: Vec<(Point, f32)> =
            connected[disc].iter().filter_map(|&(id, weight)| centres[id].map(|place| (place, weight))).collect();
        let centre = best_place(&placed, radius, &connected);
        centres[disc] = Some(centre);
        placed.push(Placed { centre, radius });
    }
    centres.into_iter().flatten().collect()
}

/// The centre for the next disc. `connected` has the centres of placed discs pulling it, with the weights.
fn best_place(placed: &[Placed], radius: f32, connected: &[(Point, f32)]) -> Point {
    match placed {
        [] => return (0.0, 0.0),
        [only] => return (only.centre.0 + only.radius + radius, only.centre.1),
        _ => {}
    }
    let mut best: Option<(f32, Point)> = None;
    for (at, &a) in placed.iter().enumerate() {
        for &b in &placed[at + 1..] {
            for place in touching_both(a, b, radius).into_iter().flatten() {
                let cost = cost(place, connected);
                // The overlap test compares with all placed discs, so it runs only for an improvement.
                if best.is_none_or(|(least, _)| cost < least) && is_free(place, radius, placed) {
                    best = Some((cost, place));
                }
            }
        }
    }
    best.map_or_else(|| right_of_all(placed, radius), |(_, place)| place)
}

/// Both centres at which a disc of this radius touches `a` and `b`. `None` twice if they are too far apart or concentric.
fn touching_both(a: Placed, b: Placed, radius: f32) -> [Option<Point>; 2] {
    let way = (b.centre.0 - a.centre.0, b.centre.1 - a.centre.1);
    let distance = length(way);
    let (to_a, to_b) = (a.radius + radius, b.radius + radius);
    if distance > to_a + to_b || distance <= 0.0 {
        return [None, None];
    }
    // The centres form a triangle with sides `to_a`, `to_b` and `distance`: `along` is the foot of its height on the line
    // from `a` to `b`. Rounding may make the height's square slightly negative.
    let along = (to_a * to_a - to_b * to_b + distance * distance) / (2.0 * distance);
    let height = (to_a * to_a - along * along).max(0.0).sqrt();
    let foot = (a.centre.0 + way.0 / distance * along, a.centre.1 + way.1 / distance * along);
    let aside = (-way.1 / distance * height, way.0 / distance * height);
    [Some((foot.0 + aside.0, foot.1 + aside.1)), Some((foot.0 - aside.0, foot.1 - aside.1))]
}

/// Whether a disc at `place` overlaps no placed disc.
fn is_free(place: Point, radius: f32, placed: &[Placed]) -> bool {
    // Touching is allowed, and a thousandth of overlap absorbs rounding errors of touching positions.
    let free =
        |disc: &Placed| length((place.0 - disc.centre.0, place.1 - disc.centre.1)) >= (radius + disc.radius) * 0.999;
    placed.iter().all(free)
}

/// The distance from the middle, plus half of the mean distance to connected discs, weighted by their pulls.
fn cost(place: Point, connected: &[(Point, f32)]) -> f32 {
    let from_middle = length((place.0 / WIDTH, place.1));
    let total: f32 = connected.iter().map(|&(_, weight)| weight).sum();
    if total <= 0.0 {
        return from_middle;
    }
    let to_connected: f32 =
        connected.iter().map(|&(centre, weight)| weight * length((place.0 - centre.0, place.1 - centre.1))).sum();
    from_middle + 0.5 * to_connected / total
}

/// A position right of all placed discs, for the case that rounding errors make every touching position seem taken.
fn right_of_all(placed: &[Placed], radius: f32) -> Point {
    let edge = placed.iter().map(|disc| disc.centre.0 + disc.radius).fold(0.0, f32::max);
    (edge + radius, 0.0)
}

fn length((x, y): Point) -> f32 {
    (x * x + y * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn discs_never_overlap(radii in prop::collection::vec(0.5_f32..50.0, 0..150)) {
            let centres = pack(&radii, &[]);
            prop_assert_eq!(centres.len(), radii.len());
            for (a, &place) in centres.iter().enumerate() {
                for (b, &other) in centres.iter().enumerate().skip(a + 1) {
                    let apart = length((place.0 - other.0, place.1 - other.1));
                    prop_assert!(apart >= (radii[a] + radii[b]) * 0.99, "{a} and {b}: {apart}");
                }
            }
        }
    }

    #[test]
    fn the_example_of_the_module_documentation() {
        let centres = pack(&[3.0, 2.0, 1.0], &[]);
        assert_eq!(centres[..2], [(0.0, 0.0), (5.0, 0.0)]);
        assert!(length((centres[2].0 - 3.2, centres[2].1 - 2.4)) < 1e-5, "{centres:?}");
    }

    #[test]
    fn connected_discs_are_nearer_than_unconnected_ones() {
        let radii = [30.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0];
        let apart = |centres: &[Point]| length((centres[1].0 - centres[7].0, centres[1].1 - centres[7].1));
        let connected = pack(&radii, &[Pull { a: DiscId::new(1), b: DiscId::new(7), weight: 5.0 }]);
        assert!(apart(&connected) <= 20.1, "{connected:?}");
        assert!(apart(&pack(&radii, &[])) > 20.1, "without the pull they would not touch");
    }

    #[test]
    fn equal_discs_fill_most_of_the_circle_around_them() {
        let (_, around) = centred(pack(&[1.0; 30], &[]), &[1.0; 30]);
        assert!(30.0 / (around * around) > 0.5, "around {around}");
    }
}
