//! Discs of different sizes set side by side without overlap, close together, friends nearer than strangers.
//! Knows radii and pulls, nothing of what is in a disc.

use super::Point;

/// More discs than this are packed in groups of neighbours first, for the cost of one packing is cubic.
const AT_ONCE: usize = 40;
/// Screens are wider than high: width counts this much less.
const WIDTH: f32 = 1.35;

/// A centre for each disc of these radii; `pulls` are (disc, disc, weight), each pair at most once.
pub(super) fn pack(radii: &[f32], pulls: &[(u32, u32, f32)]) -> Vec<Point> {
    if radii.len() <= AT_ONCE { pack_few(radii, pulls) } else { pack_groups(radii, pulls) }
}

/// Runs of discs that follow each other, as subfolders do, packed into discs of their own, and these packed in turn.
fn pack_groups(radii: &[f32], pulls: &[(u32, u32, f32)]) -> Vec<Point> {
    let size = radii.len().div_ceil(AT_ONCE);
    let group = |disc: u32| disc / size as u32;
    let mut within: Vec<Vec<(u32, u32, f32)>> = vec![Vec::new(); radii.len().div_ceil(size)];
    let mut between = Vec::new();
    for &(a, b, weight) in pulls {
        if group(a) == group(b) {
            let first = group(a) * size as u32;
            within[group(a) as usize].push((a - first, b - first, weight));
        } else {
            between.push((group(a), group(b), weight));
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

/// The places moved so that their bounds are centred on the origin, and the radius of a disc around all of them.
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

/// The biggest in the middle; each further one where it touches two that stand, as near as it can to its friends
/// and to the middle.
fn pack_few(radii: &[f32], pulls: &[(u32, u32, f32)]) -> Vec<Point> {
    let mut friends: Vec<Vec<(usize, f32)>> = vec![Vec::new(); radii.len()];
    for &(a, b, weight) in pulls {
        friends[a as usize].push((b as usize, weight));
        friends[b as usize].push((a as usize, weight));
    }
    let mut order: Vec<usize> = (0..radii.len()).collect();
    order.sort_by(|&a, &b| radii[b].total_cmp(&radii[a]).then(a.cmp(&b)));
    let mut centres: Vec<Option<Point>> = vec![None; radii.len()];
    let mut standing: Vec<(Point, f32)> = Vec::with_capacity(radii.len());
    for disc in order {
        let friends: Vec<(Point, f32)> =
            friends[disc].iter().filter_map(|&(other, weight)| centres[other].map(|place| (place, weight))).collect();
        let place = best_place(&standing, radii[disc], &friends);
        centres[disc] = Some(place);
        standing.push((place, radii[disc]));
    }
    centres.into_iter().flatten().collect()
}

fn best_place(standing: &[(Point, f32)], radius: f32, friends: &[(Point, f32)]) -> Point {
    match standing {
        [] => return (0.0, 0.0),
        [(only, its_radius)] => return (only.0 + its_radius + radius, only.1),
        _ => {}
    }
    let mut best: Option<(f32, Point)> = None;
    for (at, &a) in standing.iter().enumerate() {
        for &b in &standing[at + 1..] {
            for place in touching_both(a, b, radius).into_iter().flatten() {
                let cost = cost(place, friends);
                if best.is_none_or(|(least, _)| cost < least) && is_free(place, radius, standing) {
                    best = Some((cost, place));
                }
            }
        }
    }
    best.map_or_else(|| beyond_all(standing, radius), |(_, place)| place)
}

/// The two centres, if any, at which a disc of this radius touches both.
fn touching_both((a, ra): (Point, f32), (b, rb): (Point, f32), radius: f32) -> [Option<Point>; 2] {
    let (way, apart) = ((b.0 - a.0, b.1 - a.1), length((b.0 - a.0, b.1 - a.1)));
    let (to_a, to_b) = (ra + radius, rb + radius);
    if apart > to_a + to_b || apart <= 0.0 {
        return [None, None];
    }
    let along = (to_a * to_a - to_b * to_b + apart * apart) / (2.0 * apart);
    let height = (to_a * to_a - along * along).max(0.0).sqrt();
    let foot = (a.0 + way.0 / apart * along, a.1 + way.1 / apart * along);
    let aside = (-way.1 / apart * height, way.0 / apart * height);
    [Some((foot.0 + aside.0, foot.1 + aside.1)), Some((foot.0 - aside.0, foot.1 - aside.1))]
}

fn is_free(place: Point, radius: f32, standing: &[(Point, f32)]) -> bool {
    // Touching is allowed; rounding must not forbid it.
    standing.iter().all(|&(other, its)| length((place.0 - other.0, place.1 - other.1)) >= (radius + its) * 0.999)
}

fn cost(place: Point, friends: &[(Point, f32)]) -> f32 {
    let from_middle = length((place.0 / WIDTH, place.1));
    let total: f32 = friends.iter().map(|&(_, weight)| weight).sum();
    if total <= 0.0 {
        return from_middle;
    }
    let to_friends: f32 =
        friends.iter().map(|&(other, weight)| weight * length((place.0 - other.0, place.1 - other.1))).sum();
    from_middle + 0.5 * to_friends / total
}

/// Right of everything: what is left when rounding hides every touching place.
fn beyond_all(standing: &[(Point, f32)], radius: f32) -> Point {
    let edge = standing.iter().map(|&((x, _), its)| x + its).fold(0.0, f32::max);
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
    fn friends_stand_nearer_than_strangers() {
        let radii = [30.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0];
        let apart = |centres: &[Point]| length((centres[1].0 - centres[7].0, centres[1].1 - centres[7].1));
        let friends = pack(&radii, &[(1, 7, 5.0)]);
        assert!(apart(&friends) <= 20.1, "{friends:?}");
        assert!(apart(&pack(&radii, &[])) > 20.1, "without the pull they would not touch");
    }

    #[test]
    fn equal_discs_fill_most_of_the_circle_around_them() {
        let (_, around) = centred(pack(&[1.0; 30], &[]), &[1.0; 30]);
        assert!(30.0 / (around * around) > 0.5, "around {around}");
    }
}
