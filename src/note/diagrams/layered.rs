//! Diagrams of boxes and lines in layers: the boxes are placed by `dugong`, then everything is drawn.

use super::curves::{self, Stroke, Tip};
use super::labels::{LINE, widest, width};
use super::shapes::{self, Parts, Shape};
use super::svg::{Area, Canvas, Ink, Spot, spot};
use super::{Fault, ViewBox};
use crate::text::ids::{Id, IndexVec, id};
use dugong::graphlib::{Graph, GraphOptions};
use dugong::{EdgeLabel, GraphLabel, NodeLabel, RankDir, WorkControl, WorkError};

/// The maximum numbers of boxes and lines. The layout takes more than linear time in them.
const MAX_BOXES: usize = 120;
const MAX_LINES: usize = 200;
/// The maximum nesting of groups.
const MAX_NESTING: usize = 12;
/// The work that the layout may do, as its library counts it: about 100 times that of a large diagram.
const MAX_WORK: usize = 200_000_000;

id! {
    /// A box of a diagram.
    pub(super) struct BoxId;
    /// A group of boxes.
    pub(super) struct GroupId;
}

/// A box.
#[derive(Debug)]
pub(super) struct Node {
    pub shape: Shape,
    pub parts: Parts,
    /// The group that the box is in.
    pub group: Option<GroupId>,
}

/// A box around boxes.
#[derive(Debug)]
pub(super) struct Group {
    pub title: Vec<String>,
    /// The group around it, which has a smaller id.
    pub parent: Option<GroupId>,
}

/// What a line leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Box(BoxId),
    Group(GroupId),
}

/// A line.
#[derive(Debug)]
pub(super) struct Connection {
    pub from: End,
    pub to: End,
    pub label: Vec<String>,
    /// `None`: it keeps boxes apart and is not drawn.
    pub ink: Option<Ink>,
    pub tail: Tip,
    pub head: Tip,
    /// Words beside the ends, such as multiplicities.
    pub near_tail: String,
    pub near_head: String,
    /// The number of ranks that it spans at least.
    pub ranks: usize,
}

/// A diagram before it is laid out.
#[derive(Debug, Default)]
pub(super) struct Layered {
    pub direction: RankDir,
    pub boxes: IndexVec<BoxId, Node>,
    pub groups: IndexVec<GroupId, Group>,
    pub connections: Vec<Connection>,
}

impl Layered {
    /// The group itself and the groups around it, innermost first.
    fn around(&self, group: Option<GroupId>) -> impl Iterator<Item = GroupId> + '_ {
        std::iter::successors(group, |group| self.groups[*group].parent)
    }

    /// The boxes in a group, directly or in a group within.
    fn boxes_in(&self, group: GroupId) -> impl Iterator<Item = BoxId> + '_ {
        let boxes = self.boxes.iter_enumerated();
        boxes.filter(move |(_, node)| self.around(node.group).any(|outer| outer == group)).map(|(id, _)| id)
    }

    fn has_boxes(&self, group: GroupId) -> bool {
        self.boxes_in(group).next().is_some()
    }

    /// The boxes at which a line ends for the layout, which cannot connect groups: a line leaves a group at its last box
    /// and enters it at its first. `None` for an empty group.
    fn anchors(&self, connection: &Connection) -> Option<(BoxId, BoxId)> {
        let from = match connection.from {
            End::Box(id) => id,
            End::Group(id) => self.boxes_in(id).last()?,
        };
        let to = match connection.to {
            End::Box(id) => id,
            End::Group(id) => self.boxes_in(id).next()?,
        };
        Some((from, to))
    }

    fn refuse_unbounded(&self) -> Result<(), Fault> {
        let deepest = self.groups.iter_enumerated().map(|(id, _)| self.around(Some(id)).count()).max().unwrap_or(0);
        for (count, limit, what) in [
            (self.boxes.len() + self.groups.len(), MAX_BOXES, "boxes"),
            (self.connections.len(), MAX_LINES, "lines"),
            (deepest, MAX_NESTING, "groups in each other"),
        ] {
            if count > limit {
                return Err(Fault::new(0, format!("it has more than {limit} {what}")));
            }
        }
        Ok(())
    }
}

/// Ends the layout of a diagram that would take too long.
struct Budget(usize);

impl WorkControl for Budget {
    fn charge(&mut self, units: usize) -> Result<(), WorkError> {
        self.0 = self.0.checked_sub(units).ok_or(WorkError::Interrupted)?;
        Ok(())
    }
}

type Layout = Graph<NodeLabel, EdgeLabel, GraphLabel>;

fn box_name(id: BoxId) -> String {
    format!("box {}", id.index())
}

fn group_name(id: GroupId) -> String {
    format!("group {}", id.index())
}

/// The positions of a diagram.
struct Placed {
    boxes: IndexVec<BoxId, Area>,
    /// `None` for a group without boxes.
    groups: IndexVec<GroupId, Option<Area>>,
    /// The points of each line, and the middle of its label.
    lines: Vec<(Vec<Spot>, Option<Spot>)>,
}

/// Draws a diagram: its elements and its view box.
pub(super) fn draw(diagram: &Layered) -> Result<(String, ViewBox), Fault> {
    diagram.refuse_unbounded()?;
    let placed = place(diagram)?;
    let mut canvas = Canvas::default();
    for (group, area) in diagram.groups.iter().zip(placed.groups.iter()) {
        let Some(area) = *area else { continue };
        canvas.rectangle(Ink::Group, area, 4.0);
        let title = spot(area.centre.x, area.top() + 3.0 + LINE * group.title.len() as f64 / 2.0);
        canvas.words(Ink::Title, title, &group.title);
    }
    let mut labels = Vec::new();
    for (connection, (points, middle)) in diagram.connections.iter().zip(&placed.lines) {
        let Some(ink) = connection.ink else { continue };
        let points = clipped(diagram, &placed, connection, points);
        curves::draw(&mut canvas, &Stroke { ink, tail: connection.tail, head: connection.head }, &points);
        let is_at_group = [connection.from, connection.to].iter().any(|end| matches!(end, End::Group(_)));
        // The layout put the words on the whole line, of which a group hides a part.
        let middle = if is_at_group { halfway(&points) } else { *middle };
        labels.extend(middle.filter(|_| !connection.label.is_empty()).map(|at| (at, connection.label.clone())));
        let backwards: Vec<Spot> = points.iter().rev().copied().collect();
        labels.extend(beside(&points, &connection.near_tail));
        labels.extend(beside(&backwards, &connection.near_head));
    }
    for (node, area) in diagram.boxes.iter().zip(placed.boxes.iter()) {
        shapes::draw(&mut canvas, node.shape, &node.parts, *area);
    }
    for (at, lines) in labels {
        canvas.words(Ink::Label, at, &lines);
    }
    Ok(canvas.finish())
}

/// The point in the middle of a line. `None` for a line without points.
fn halfway(points: &[Spot]) -> Option<Spot> {
    let pieces = points.iter().zip(points.iter().skip(1));
    let lengths: Vec<f64> = pieces.map(|(a, b)| (a.x - b.x).hypot(a.y - b.y)).collect();
    let mut left = lengths.iter().sum::<f64>() / 2.0;
    for ((from, to), length) in points.iter().zip(points.iter().skip(1)).zip(lengths) {
        if left <= length {
            let share = left / length.max(0.1);
            return Some(spot(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share));
        }
        left -= length;
    }
    points.last().copied()
}

/// The place of words beside the first point of a line.
fn beside(points: &[Spot], words: &str) -> Option<(Spot, Vec<String>)> {
    let (&first, &second) = (points.first()?, points.get(1)?);
    if words.is_empty() {
        return None;
    }
    let length = (second.x - first.x).hypot(second.y - first.y).max(0.1);
    let (x, y) = ((second.x - first.x) / length, (second.y - first.y) / length);
    // Beside a line down, above a line to the side.
    let half = width(words) / 2.0;
    let along = 14.0 * y.abs() + (10.0 + half) * x.abs();
    let aside = (9.0 + half) * y.abs();
    Some((spot(first.x + x * along + aside, first.y + y * along - x.abs() * 11.0), vec![words.to_string()]))
}

/// The points of a line from the outline of one end to that of the other.
fn clipped(diagram: &Layered, placed: &Placed, connection: &Connection, points: &[Spot]) -> Vec<Spot> {
    let mut points = points.to_vec();
    cut(diagram, placed, connection.to, connection.from, &mut points);
    points.reverse();
    cut(diagram, placed, connection.from, connection.to, &mut points);
    points.reverse();
    points
}

/// Ends a line at the outline of `end`.
fn cut(diagram: &Layered, placed: &Placed, end: End, other: End, points: &mut Vec<Spot>) {
    let (shape, area) = match end {
        End::Box(id) => (diagram.boxes[id].shape, placed.boxes[id]),
        End::Group(id) => {
            let inside = match other {
                End::Box(other) => diagram.boxes[other].group,
                End::Group(other) => Some(other),
            };
            let area = placed.groups[id].filter(|_| !diagram.around(inside).any(|outer| outer == id));
            let Some(area) = area else { return };
            (Shape::Rectangle, area)
        }
    };
    let is_within = |at: &Spot| {
        at.x > area.left() - 0.5 && at.x < area.right() + 0.5 && at.y > area.top() - 0.5 && at.y < area.bottom() + 0.5
    };
    let mut inner = None;
    while points.len() > 1 && points.last().is_some_and(is_within) {
        inner = points.pop();
    }
    let Some(outside) = points.last().copied() else { return };
    // The line meets the outline on its way to the point within, for a box on its way to the middle.
    let target = match end {
        End::Box(_) => shapes::edge_of(shape, area, outside),
        End::Group(_) => inner.map_or(outside, |inner| entry(area, outside, inner)),
    };
    points.push(target);
}

/// Where the line from a point outside of a rectangle to one within enters it.
fn entry(area: Area, outside: Spot, inside: Spot) -> Spot {
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    let at = |share: f64| spot(outside.x + (inside.x - outside.x) * share, outside.y + (inside.y - outside.y) * share);
    for _ in 0..20 {
        let middle = f64::midpoint(from, to);
        let Spot { x, y } = at(middle);
        let is_within = x > area.left() && x < area.right() && y > area.top() && y < area.bottom();
        if is_within { to = middle } else { from = middle }
    }
    at(to)
}

/// Lays a diagram out.
fn place(diagram: &Layered) -> Result<Placed, Fault> {
    let mut graph = graph_of(diagram);
    let laid = dugong::layout_controlled(&mut graph, &mut Budget(MAX_WORK));
    laid.map_err(|_| Fault::new(0, "it is too large to be laid out"))?;
    let area = |name: String| {
        let node = graph.node(&name)?;
        Some(Area { centre: spot(node.x?, node.y?), width: node.width, height: node.height })
    };
    let nowhere = Area { centre: spot(0.0, 0.0), width: 0.0, height: 0.0 };
    let mut lines = Vec::new();
    for (index, connection) in diagram.connections.iter().enumerate() {
        let ends = diagram.anchors(connection);
        let edge = ends.and_then(|(from, to)| graph.edge(&box_name(from), &box_name(to), Some(&index.to_string())));
        let points = edge.map(|edge| edge.points.iter().map(|at| spot(at.x, at.y)).collect()).unwrap_or_default();
        lines.push((points, edge.and_then(|edge| Some(spot(edge.x?, edge.y?)))));
    }
    let boxes = diagram.boxes.iter_enumerated().map(|(id, _)| area(box_name(id)).unwrap_or(nowhere)).collect();
    let groups = diagram.groups.iter_enumerated();
    let groups = groups.map(|(id, _)| area(group_name(id)).filter(|_| diagram.has_boxes(id)));
    Ok(Placed { boxes, groups: groups.collect(), lines })
}

fn graph_of(diagram: &Layered) -> Layout {
    let is_upright = matches!(diagram.direction, RankDir::TB | RankDir::BT);
    let mut graph = Graph::new(GraphOptions { multigraph: true, compound: true, ..Default::default() });
    // The title of a group takes the space between two ranks.
    let ranksep = if diagram.groups.is_empty() { 45.0 } else { 52.0 };
    graph.set_graph(GraphLabel { rankdir: diagram.direction, ranksep, nodesep: 40.0, ..Default::default() });
    graph.set_default_edge_label(EdgeLabel::default);
    for (id, node) in diagram.boxes.iter_enumerated() {
        let (width, height) = shapes::size(node.shape, &node.parts, is_upright);
        graph.set_node(box_name(id), NodeLabel { width, height, ..Default::default() });
    }
    for (id, _) in diagram.groups.iter_enumerated().filter(|(id, _)| diagram.has_boxes(*id)) {
        graph.set_node(group_name(id), NodeLabel::default());
    }
    for (id, group) in diagram.groups.iter_enumerated().filter(|(id, _)| diagram.has_boxes(*id)) {
        if let Some(parent) = group.parent {
            graph.set_parent(group_name(id), group_name(parent));
        }
    }
    for (id, node) in diagram.boxes.iter_enumerated() {
        if let Some(group) = node.group {
            graph.set_parent(box_name(id), group_name(group));
        }
    }
    for (index, connection) in diagram.connections.iter().enumerate() {
        let Some((from, to)) = diagram.anchors(connection) else { continue };
        let is_labelled = !connection.label.is_empty();
        // Words at the ends of a line from left to right need room beside its label.
        let ends = [&connection.near_tail, &connection.near_head].map(|words| width(words));
        let ends = if is_upright { ends[0].max(ends[1]) } else { (ends[0] + ends[1]) * 1.3 };
        let lines = connection.label.len().max(usize::from(ends > 0.0)) as f64;
        let label = EdgeLabel {
            width: if is_labelled { widest(&connection.label) + 10.0 } else { 0.0 } + ends,
            height: if lines > 0.0 { lines * LINE + 4.0 } else { 0.0 },
            minlen: connection.ranks.clamp(1, 10),
            weight: 1.0,
            ..Default::default()
        };
        graph.set_edge_named(box_name(from), box_name(to), Some(index.to_string()), Some(label));
    }
    graph
}
