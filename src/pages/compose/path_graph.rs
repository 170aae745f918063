//! The drawing of a learning path: a box for each step, the layers as rows, the fundamentals at the top. Knows no templates.
//!
//! Example: of the steps a, b (requires a), c (requires a) and d (requires b and c), a is the first row, b and c the second, d
//! the third.

use crate::base::learning_order::required;
use crate::base::learning_path::Step;
use crate::base::site::Site;
use crate::pages::views::{PathBox, PathGraph, shorten};
use crate::text::ids::NoteId;
use crate::text::paths::relative_url;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The most notes of a cycle that a step lists.
pub(super) const CYCLE_NOTES: usize = 20;
/// The most boxes. Of a longer path the last steps are drawn.
const MAX_BOXES: usize = 60;
/// The most boxes in a line. A larger layer has several lines.
const PER_LINE: usize = 5;
/// The width of a box in CSS pixels.
const WIDTH: u32 = 132;
/// The height of a box in CSS pixels.
const HEIGHT: u32 = 30;
/// The gap between two boxes of a line, in CSS pixels.
const GAP: u32 = 12;
/// The gap between two lines of a layer, in CSS pixels.
const LINE_GAP: u32 = 8;
/// The gap between two layers, in CSS pixels.
const LAYER_GAP: u32 = 30;
/// The most characters of a label: as many as fit into a box at 12 pixels.
const LABEL: usize = 19;

/// The drawing of a path for the page at `page`. `None` if the path has a single step.
pub(super) fn path_graph(site: &Site, page: &str, steps: &[Step], target: NoteId) -> Option<PathGraph> {
    if steps.len() < 2 {
        return None;
    }
    let first = steps.len().saturating_sub(MAX_BOXES);
    let drawn = &steps[first..];
    let place_of: FxHashMap<NoteId, usize> = drawn
        .iter()
        .enumerate()
        .flat_map(|(place, step)| step.members.iter().map(move |&note| (note, place)))
        .collect();
    let needs: Vec<FxHashSet<usize>> = drawn
        .iter()
        .enumerate()
        .map(|(place, step)| {
            let needed = step.members.iter().flat_map(|&note| required(&site.graph, note));
            needed.filter_map(|note| place_of.get(&note).copied()).filter(|&other| other != place).collect()
        })
        .collect();
    let (corners, width, height) = placed(drawn, &needs);
    let nodes = drawn.iter().zip(&corners).enumerate().map(|(place, (step, &(x, y)))| {
        let (number, title) = (first + place + 1, step_title(site, step));
        PathBox {
            number,
            label: shorten(&format!("{number}. {title}"), LABEL),
            title,
            url: relative_url(page, &site.routes.notes[step.members[0]]),
            kind: kind(site, step, target).to_string(),
            x,
            y,
            width: WIDTH,
            height: HEIGHT,
            label_x: x + WIDTH / 2,
            label_y: y + HEIGHT / 2 + 4,
        }
    });
    let mut edges = String::new();
    for (place, needs) in needs.iter().enumerate() {
        let mut needs: Vec<usize> = needs.iter().copied().collect();
        needs.sort_unstable();
        for needed in needs {
            let ((x1, y1), (x2, y2)) = (corners[needed], corners[place]);
            let _ = write!(edges, "M{} {}L{} {}", x1 + WIDTH / 2, y1 + HEIGHT, x2 + WIDTH / 2, y2);
        }
    }
    Some(PathGraph { width, height, nodes: nodes.collect(), edges })
}

/// The titles of the notes of a step, joined by `+`. Of a large cycle the first ones.
pub(super) fn step_title(site: &Site, step: &Step) -> String {
    let titles: Vec<&str> = step.members.iter().take(CYCLE_NOTES).map(|&note| site.note(note).title.as_str()).collect();
    titles.join(" + ") + if step.members.len() > CYCLE_NOTES { " + …" } else { "" }
}

fn kind(site: &Site, step: &Step, target: NoteId) -> &'static str {
    if step.members.contains(&target) {
        "target"
    } else if step.is_cycle() {
        "cycle"
    } else if site.note(step.members[0]).is_mastered() {
        "mastered"
    } else {
        ""
    }
}

/// The corner at the start and top of each box, and the size of the drawing.
fn placed(steps: &[Step], needs: &[FxHashSet<usize>]) -> (Vec<(u32, u32)>, u32, u32) {
    let mut layers: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, step) in steps.iter().enumerate() {
        layers.entry(step.depth).or_default().push(place);
    }
    let columns = layers.values().map(|layer| layer.len().min(PER_LINE)).max().unwrap_or(1) as u32;
    let width = columns * (WIDTH + GAP) - GAP;
    let mut corners = vec![(0, 0); steps.len()];
    let mut y = 1;
    for layer in layers.values_mut() {
        // A box is below the boxes that it needs, as far as its neighbours leave room.
        let middle = |place: &usize| {
            let above: Vec<u32> = needs[*place].iter().map(|&needed| corners[needed].0).collect();
            above.iter().sum::<u32>() / (above.len().max(1) as u32)
        };
        layer.sort_by_cached_key(|place| (middle(place), *place));
        for line in layer.chunks(PER_LINE) {
            let mut x = (width - (line.len() as u32 * (WIDTH + GAP) - GAP)) / 2;
            for &place in line {
                corners[place] = (x, y);
                x += WIDTH + GAP;
            }
            y += HEIGHT + LINE_GAP;
        }
        y += LAYER_GAP - LINE_GAP;
    }
    (corners, width, y - LAYER_GAP + 1)
}
