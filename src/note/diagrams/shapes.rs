//! The boxes of diagrams: how large they are for their words, what they look like, and where lines meet them.

use super::labels::{LINE, widest};
use super::svg::{Area, Canvas, Ink, Spot, number, spot};

/// The form of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Rectangle,
    Round,
    Stadium,
    Subroutine,
    Cylinder,
    Circle,
    DoubleCircle,
    Flag,
    Diamond,
    Hexagon,
    LeanRight,
    LeanLeft,
    /// Narrow at the top.
    Trapezoid,
    /// Narrow at the bottom.
    Funnel,
    /// The start of a state diagram.
    Start,
    /// The end of a state diagram.
    End,
    /// A bar at which states fork and join.
    Bar,
    /// A small diamond without words.
    Choice,
    Note,
    /// A box with parts: its name, then lists.
    Class,
}

/// The words in a box: lines in the middle, or for a class the lines of its parts, its name first.
pub(super) type Parts = Vec<Vec<String>>;

/// The height of the lid of a cylinder.
const LID: f64 = 8.0;

fn lines_of(parts: &Parts) -> &[String] {
    parts.first().map_or(&[], Vec::as_slice)
}

/// The width and height of a box. `is_upright`: ranks are below each other.
pub(super) fn size(shape: Shape, parts: &Parts, is_upright: bool) -> (f64, f64) {
    let lines = lines_of(parts);
    let (width, height) = (widest(lines).max(8.0), (lines.len().max(1)) as f64 * LINE);
    let (w, h) = (width + 28.0, height + 18.0);
    match shape {
        Shape::Rectangle | Shape::Round => (w, h),
        Shape::Stadium | Shape::Subroutine => (w + 12.0, h),
        Shape::Cylinder => (w, h + 3.0 * LID),
        Shape::Circle | Shape::DoubleCircle => {
            let side = width.hypot(height) + 18.0;
            (side, side)
        }
        Shape::Flag => (w + 14.0, h),
        // Words of this size fit exactly where the sides of the diamond have grown by their height and width.
        Shape::Diamond => {
            let (w, h) = (width + 12.0, height + 8.0);
            (w + h * 1.6, h + w / 1.6)
        }
        Shape::Hexagon | Shape::LeanRight | Shape::LeanLeft | Shape::Trapezoid | Shape::Funnel => (w + h * 0.7, h),
        Shape::Start | Shape::End => (16.0, 16.0),
        Shape::Bar if is_upright => (70.0, 7.0),
        Shape::Bar => (7.0, 70.0),
        Shape::Choice => (26.0, 26.0),
        Shape::Note => (width + 20.0, height + 14.0),
        Shape::Class => {
            let width = parts.iter().map(|lines| widest(lines)).fold(40.0, f64::max) * 1.04;
            (width + 26.0, parts.iter().map(|lines| part_height(lines)).sum())
        }
    }
}

/// The height of a part of a class.
fn part_height(lines: &[String]) -> f64 {
    lines.len() as f64 * LINE + 12.0
}

/// Draws a box with its words.
pub(super) fn draw(canvas: &mut Canvas, shape: Shape, parts: &Parts, area: Area) {
    let (left, right, top, bottom) = (area.left(), area.right(), area.top(), area.bottom());
    let (x, y) = (area.centre.x, area.centre.y);
    let slant = area.height * 0.35;
    match shape {
        Shape::Rectangle => canvas.rectangle(Ink::Box, area, 3.0),
        Shape::Round => canvas.rectangle(Ink::Box, area, 9.0),
        Shape::Stadium => canvas.rectangle(Ink::Box, area, area.height / 2.0),
        Shape::Subroutine => {
            canvas.rectangle(Ink::Box, area, 0.0);
            canvas.line(Ink::Divider, spot(left + 7.0, top), spot(left + 7.0, bottom));
            canvas.line(Ink::Divider, spot(right - 7.0, top), spot(right - 7.0, bottom));
        }
        Shape::Cylinder => cylinder(canvas, area),
        Shape::Circle => canvas.circle(Ink::Box, area.centre, area.width / 2.0),
        Shape::DoubleCircle => {
            canvas.circle(Ink::Box, area.centre, area.width / 2.0);
            canvas.circle(Ink::Box, area.centre, area.width / 2.0 - 4.0);
        }
        Shape::Start => canvas.circle(Ink::Filled, area.centre, 8.0),
        Shape::End => {
            canvas.circle(Ink::Hollow, area.centre, 8.0);
            canvas.circle(Ink::Filled, area.centre, 4.5);
        }
        Shape::Bar => canvas.rectangle(Ink::Filled, area, 2.0),
        Shape::Note => canvas.rectangle(Ink::Note, area, 0.0),
        Shape::Class => return class(canvas, parts, area),
        _ => {
            let corners: &[Spot] = match shape {
                Shape::Diamond | Shape::Choice => &[spot(x, top), spot(right, y), spot(x, bottom), spot(left, y)],
                Shape::Flag => {
                    &[spot(left, top), spot(right, top), spot(right, bottom), spot(left, bottom), spot(left + 12.0, y)]
                }
                Shape::Hexagon => &[
                    spot(left + slant, top),
                    spot(right - slant, top),
                    spot(right, y),
                    spot(right - slant, bottom),
                    spot(left + slant, bottom),
                    spot(left, y),
                ],
                Shape::LeanRight => {
                    &[spot(left + slant, top), spot(right, top), spot(right - slant, bottom), spot(left, bottom)]
                }
                Shape::LeanLeft => {
                    &[spot(left, top), spot(right - slant, top), spot(right, bottom), spot(left + slant, bottom)]
                }
                Shape::Trapezoid => {
                    &[spot(left + slant, top), spot(right - slant, top), spot(right, bottom), spot(left, bottom)]
                }
                _ => &[spot(left, top), spot(right, top), spot(right - slant, bottom), spot(left + slant, bottom)],
            };
            canvas.polygon(Ink::Box, corners);
        }
    }
    let lowered = if shape == Shape::Cylinder { LID } else { 0.0 };
    let aside = if shape == Shape::Flag { 6.0 } else { 0.0 };
    canvas.words(Ink::Words, spot(x + aside, y + lowered), lines_of(parts));
}

fn cylinder(canvas: &mut Canvas, area: Area) {
    let [left, right] = [area.left(), area.right()].map(number);
    let [top, bottom] = [area.top() + LID, area.bottom() - LID].map(number);
    let (half, lid) = (number(area.width / 2.0), number(LID));
    let around = format!("M{left},{top}A{half},{lid} 0 0 1 {right},{top}V{bottom}A{half},{lid} 0 0 1 {left},{bottom}Z");
    let corners = [spot(area.left(), area.top()), spot(area.right(), area.bottom())];
    canvas.path(Ink::Box, &around, &corners);
    canvas.path(Ink::Divider, &format!("M{left},{top}A{half},{lid} 0 0 0 {right},{top}"), &[]);
}

fn class(canvas: &mut Canvas, parts: &Parts, area: Area) {
    canvas.rectangle(Ink::Box, area, 3.0);
    let mut top = area.top();
    for (index, lines) in parts.iter().enumerate() {
        let middle = top + part_height(lines) / 2.0;
        if index == 0 {
            canvas.words(Ink::Title, spot(area.centre.x, middle), lines);
        } else {
            canvas.line(Ink::Divider, spot(area.left(), top), spot(area.right(), top));
            canvas.words_from(Ink::Words, spot(area.left() + 12.0, top + 6.0 + LINE / 2.0), lines);
        }
        top += part_height(lines);
    }
}

/// Where the line from the centre of a box to `outside` leaves the box.
pub(super) fn edge_of(shape: Shape, area: Area, outside: Spot) -> Spot {
    let (dx, dy) = (outside.x - area.centre.x, outside.y - area.centre.y);
    let (half_width, half_height) = (area.width / 2.0, area.height / 2.0);
    let share = match shape {
        Shape::Diamond | Shape::Choice => dx.abs() / half_width + dy.abs() / half_height,
        Shape::Circle | Shape::DoubleCircle | Shape::Start | Shape::End => (dx / half_width).hypot(dy / half_height),
        _ => (dx.abs() / half_width).max(dy.abs() / half_height),
    };
    if share <= 1.0 {
        return outside;
    }
    spot(area.centre.x + dx / share, area.centre.y + dy / share)
}
