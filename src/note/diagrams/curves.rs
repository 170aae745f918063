//! The lines between boxes: their curves, and the tips at their ends.

use super::svg::{Canvas, Ink, Spot, number, spot};

/// What a line ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tip {
    None,
    Arrow,
    /// An arrow of two strokes.
    Open,
    Circle,
    Cross,
    /// The hollow triangle of inheritance.
    Triangle,
    HollowDiamond,
    FilledDiamond,
}

impl Tip {
    /// How much shorter the line is, so that it does not show in the tip.
    fn length(self) -> f64 {
        match self {
            Tip::None | Tip::Open | Tip::Cross => 0.0,
            Tip::Arrow => 8.0,
            Tip::Circle => 9.0,
            Tip::Triangle => 13.0,
            Tip::HollowDiamond | Tip::FilledDiamond => 17.0,
        }
    }
}

/// A line from box to box.
pub(super) struct Stroke {
    pub ink: Ink,
    pub tail: Tip,
    pub head: Tip,
}

fn between(from: Spot, to: Spot, share: f64) -> Spot {
    spot(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share)
}

fn distance(one: Spot, other: Spot) -> f64 {
    (one.x - other.x).hypot(one.y - other.y)
}

/// Draws a line through points, with its tips. Nothing for fewer than two points.
pub(super) fn draw(canvas: &mut Canvas, stroke: &Stroke, points: &[Spot]) {
    let mut points = points.to_vec();
    points.dedup_by(|a, b| distance(*a, *b) < 0.1);
    let head = shorten(&mut points, stroke.head);
    points.reverse();
    let tail = shorten(&mut points, stroke.tail);
    points.reverse();
    let (Some(head), Some(tail)) = (head, tail) else { return };
    canvas.path(stroke.ink, &curve(&points), &points);
    tip(canvas, stroke.head, head);
    tip(canvas, stroke.tail, tail);
}

/// Ends the line before its tip. Returns where the tip begins and ends. `None` for fewer than two points.
fn shorten(points: &mut Vec<Spot>, tip: Tip) -> Option<(Spot, Spot)> {
    let end = points.pop()?;
    // A short last piece says nothing about the direction.
    while points.len() > 1 && points.last().is_some_and(|last| distance(*last, end) < tip.length() + 4.0) {
        points.pop();
    }
    let last = *points.last()?;
    let length = distance(last, end).max(0.1);
    let base = between(end, last, (tip.length() / length).min(0.9));
    points.push(base);
    // Tips without a length of their own point along the last piece.
    let from = if tip.length() > 0.0 { base } else { between(end, last, (8.0 / length).min(0.9)) };
    Some((from, end))
}

/// A B-spline through the first and last of `points` and near the others, as Mermaid draws its lines.
fn curve(points: &[Spot]) -> String {
    let show = |at: Spot| format!("{},{}", number(at.x), number(at.y));
    let Some((first, rest)) = points.split_first() else { return String::new() };
    let mut path = format!("M{}", show(*first));
    if rest.len() < 2 {
        rest.iter().for_each(|at| path.push_str(&format!("L{}", show(*at))));
        return path;
    }
    path.push_str(&format!("L{}", show(between(*first, rest[0], 1.0 / 6.0))));
    let last = points[points.len() - 1];
    let ends = points.iter().skip(2).copied().chain([last]);
    for ((a, b), c) in points.iter().zip(rest).zip(ends) {
        let end = spot((a.x + 4.0 * b.x + c.x) / 6.0, (a.y + 4.0 * b.y + c.y) / 6.0);
        let (one, two) = (between(*a, *b, 1.0 / 3.0), between(*a, *b, 2.0 / 3.0));
        path.push_str(&format!("C{} {} {}", show(one), show(two), show(end)));
    }
    path.push_str(&format!("L{}", show(last)));
    path
}

/// Draws a tip that begins and ends at these points.
fn tip(canvas: &mut Canvas, tip: Tip, (from, end): (Spot, Spot)) {
    let length = distance(from, end).max(0.1);
    let (x, y) = ((end.x - from.x) / length, (end.y - from.y) / length);
    // A point before the end of the tip, and beside the line.
    let at = |back: f64, aside: f64| spot(end.x - x * back - y * aside, end.y - y * back + x * aside);
    match tip {
        Tip::None => {}
        Tip::Arrow => canvas.polygon(Ink::Filled, &[at(0.0, 0.0), at(9.0, 4.5), at(9.0, -4.5)]),
        Tip::Open => {
            canvas.line(Ink::Line, at(9.0, 4.5), end);
            canvas.line(Ink::Line, at(9.0, -4.5), end);
        }
        Tip::Circle => canvas.circle(Ink::Hollow, at(5.0, 0.0), 4.5),
        Tip::Cross => {
            canvas.line(Ink::Line, at(9.0, 4.5), at(1.0, -4.5));
            canvas.line(Ink::Line, at(9.0, -4.5), at(1.0, 4.5));
        }
        Tip::Triangle => canvas.polygon(Ink::Hollow, &[at(0.0, 0.0), at(13.0, 7.5), at(13.0, -7.5)]),
        Tip::HollowDiamond | Tip::FilledDiamond => {
            let ink = if tip == Tip::FilledDiamond { Ink::Filled } else { Ink::Hollow };
            canvas.polygon(ink, &[at(0.0, 0.0), at(8.5, 5.5), at(17.0, 0.0), at(8.5, -5.5)]);
        }
    }
}
