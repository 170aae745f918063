//! The elements of a drawing, with the space that they take. All colours and fonts are those of the classes here, which
//! `static/diagram.css` styles.

use super::ViewBox;
use super::labels::{FONT, LINE, widest};
use crate::text::html_escape;
use std::fmt::Write as _;

/// The free space around a drawing in pixels.
const MARGIN: f64 = 8.0;

/// What an element is drawn with: a class of the theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// A box with words.
    Box,
    /// A box around boxes.
    Group,
    Note,
    Line,
    Dotted,
    Thick,
    /// A line between two parts of a box or a frame.
    Divider,
    /// The line of a participant over time.
    Lifeline,
    /// A shape that is filled with the colour of lines: arrow heads, start and end of states.
    Filled,
    /// A shape that is filled with the colour of the page.
    Hollow,
    Words,
    /// Words on a line, which are kept free of it.
    Label,
    Title,
    /// The number of a message, on a filled circle.
    Number,
    /// The frame around a part of a sequence.
    Frame,
}

impl Ink {
    fn class(self) -> &'static str {
        match self {
            Ink::Box => "diagram-box",
            Ink::Group => "diagram-group",
            Ink::Note => "diagram-note",
            Ink::Line => "diagram-line",
            Ink::Dotted => "diagram-dotted",
            Ink::Thick => "diagram-thick",
            Ink::Divider => "diagram-divider",
            Ink::Lifeline => "diagram-lifeline",
            Ink::Filled => "diagram-filled",
            Ink::Hollow => "diagram-hollow",
            Ink::Words => "diagram-words",
            Ink::Label => "diagram-label",
            Ink::Title => "diagram-title",
            Ink::Number => "diagram-number",
            Ink::Frame => "diagram-frame",
        }
    }
}

/// A point in pixels, to the right and down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    pub x: f64,
    pub y: f64,
}

/// A point.
pub(super) fn spot(x: f64, y: f64) -> Spot {
    Spot { x, y }
}

/// A rectangle by its centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub centre: Spot,
    pub width: f64,
    pub height: f64,
}

impl Area {
    pub(super) fn left(&self) -> f64 {
        self.centre.x - self.width / 2.0
    }

    pub(super) fn right(&self) -> f64 {
        self.centre.x + self.width / 2.0
    }

    pub(super) fn top(&self) -> f64 {
        self.centre.y - self.height / 2.0
    }

    pub(super) fn bottom(&self) -> f64 {
        self.centre.y + self.height / 2.0
    }

    /// The rectangle between two corners.
    pub(super) fn between(one: Spot, other: Spot) -> Area {
        let centre = spot((one.x + other.x) / 2.0, (one.y + other.y) / 2.0);
        Area { centre, width: (other.x - one.x).abs(), height: (other.y - one.y).abs() }
    }
}

/// A drawing in the making.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    out: String,
    /// The space that is used: left, top, right, bottom.
    used: Option<(f64, f64, f64, f64)>,
}

/// A number with at most one digit behind the point.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

impl Canvas {
    fn use_spot(&mut self, at: Spot) {
        let (left, top, right, bottom) = self.used.unwrap_or((at.x, at.y, at.x, at.y));
        self.used = Some((left.min(at.x), top.min(at.y), right.max(at.x), bottom.max(at.y)));
    }

    /// A rectangle with round corners.
    pub(super) fn rectangle(&mut self, ink: Ink, area: Area, round: f64) {
        self.use_spot(spot(area.left(), area.top()));
        self.use_spot(spot(area.right(), area.bottom()));
        let (x, y) = (number(area.left()), number(area.top()));
        let (width, height, class) = (number(area.width), number(area.height), ink.class());
        let _ = write!(self.out, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        if round > 0.0 {
            let _ = write!(self.out, " rx=\"{}\"", number(round));
        }
        self.out.push_str("/>");
    }

    pub(super) fn circle(&mut self, ink: Ink, centre: Spot, radius: f64) {
        self.use_spot(spot(centre.x - radius, centre.y - radius));
        self.use_spot(spot(centre.x + radius, centre.y + radius));
        let (x, y, radius, class) = (number(centre.x), number(centre.y), number(radius), ink.class());
        let _ = write!(self.out, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>");
    }

    /// A shape with straight sides.
    pub(super) fn polygon(&mut self, ink: Ink, corners: &[Spot]) {
        corners.iter().for_each(|corner| self.use_spot(*corner));
        let points: Vec<String> = corners.iter().map(|at| format!("{},{}", number(at.x), number(at.y))).collect();
        let _ = write!(self.out, "<polygon class=\"{}\" points=\"{}\"/>", ink.class(), points.join(" "));
    }

    /// A path that stays near `through`.
    pub(super) fn path(&mut self, ink: Ink, path: &str, through: &[Spot]) {
        through.iter().for_each(|at| self.use_spot(*at));
        let _ = write!(self.out, "<path class=\"{}\" d=\"{path}\"/>", ink.class());
    }

    pub(super) fn line(&mut self, ink: Ink, from: Spot, to: Spot) {
        let path = format!("M{},{}L{},{}", number(from.x), number(from.y), number(to.x), number(to.y));
        self.path(ink, &path, &[from, to]);
    }

    /// Lines of words around a centre.
    pub(super) fn words(&mut self, ink: Ink, centre: Spot, lines: &[String]) {
        let (half, height) = (widest(lines) / 2.0, lines.len() as f64 * LINE);
        self.use_spot(spot(centre.x - half, centre.y - height / 2.0));
        self.use_spot(spot(centre.x + half, centre.y + height / 2.0));
        let first = centre.y - height / 2.0 + (LINE + FONT) / 2.0 - 2.0;
        self.lines_at(ink, spot(centre.x, first), lines, "");
    }

    /// Lines of words that begin at `left`; the middle of the first line is at the height of `left`.
    pub(super) fn words_from(&mut self, ink: Ink, left: Spot, lines: &[String]) {
        let height = lines.len() as f64 * LINE;
        self.use_spot(spot(left.x, left.y - LINE / 2.0));
        self.use_spot(spot(left.x + widest(lines), left.y - LINE / 2.0 + height));
        self.lines_at(ink, spot(left.x, left.y + FONT / 2.0 - 2.0), lines, " text-anchor=\"start\"");
    }

    fn lines_at(&mut self, ink: Ink, first: Spot, lines: &[String], anchor: &str) {
        for (line, y) in lines.iter().zip((0..).map(|at| first.y + f64::from(at) * LINE)) {
            let (x, y) = (number(first.x), number(y));
            let _ = write!(self.out, "<text class=\"{}\" x=\"{x}\" y=\"{y}\"{anchor}>", ink.class());
            html_escape::text(line, &mut self.out);
            self.out.push_str("</text>");
        }
    }

    /// Puts the elements of another drawing in front.
    pub(super) fn append(&mut self, other: Canvas) {
        self.out.push_str(&other.out);
        if let Some((left, top, right, bottom)) = other.used {
            self.use_spot(spot(left, top));
            self.use_spot(spot(right, bottom));
        }
    }

    /// The elements, and the view box with a margin.
    pub(super) fn finish(self) -> (String, ViewBox) {
        let (left, top, right, bottom) = self.used.unwrap_or_default();
        let (left, top) = ((left - MARGIN).floor(), (top - MARGIN).floor());
        let (width, height) = ((right + MARGIN - left).ceil(), (bottom + MARGIN - top).ceil());
        (self.out, (left as i32, top as i32, width as u32, height as u32))
    }
}
