//! The values for the templates of learning: the path to a note, its panel on the page of the note, and maps.

use super::{Link, TagLink};
use serde::Serialize;

/// The learning path to a note: `path`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PathView {
    /// The note at the end of the path.
    pub note: Link,
    /// The number of notes, that note included.
    #[serde(rename = "notes")]
    pub note_count: usize,
    /// The minutes to read all of them.
    pub minutes: usize,
    /// The part of `minutes` for notes whose status is "mastered".
    pub skippable_minutes: usize,
    /// Whether there are more prerequisites than the page lists.
    pub is_cut: bool,
    /// The steps in order. The last one is the note itself, or the cycle that contains it.
    pub steps: Vec<PathStep>,
    /// The drawing of the steps in layers.
    pub graph: Option<PathGraph>,
}

/// A step of a learning path.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PathStep {
    /// The note, or the first notes of a cycle.
    pub notes: Vec<PathNote>,
    /// The number of notes of the cycle that are not listed.
    pub more: usize,
    /// Whether the notes require each other.
    pub is_cycle: bool,
}

/// A note of a learning path or of a map.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PathNote {
    /// The title.
    pub title: String,
    /// The URL of the page.
    pub url: String,
    /// The TL;DR or definition in one or two sentences. May be empty.
    pub summary: String,
    /// The status. Empty: none.
    pub status: String,
    /// Whether the status is "mastered", so the note can be skipped.
    pub is_mastered: bool,
    /// The importance, 0 to 100.
    pub importance: Option<u8>,
    /// The reading time in whole minutes.
    pub minutes: usize,
    /// The number of notes that require it.
    pub opens: usize,
}

/// The steps of a path as a drawing in layers, the fundamentals at the top.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PathGraph {
    /// The width in CSS pixels.
    pub width: u32,
    /// The height in CSS pixels.
    pub height: u32,
    /// The boxes.
    pub nodes: Vec<PathBox>,
    /// The `d` attribute of an SVG path with all edges.
    pub edges: String,
}

/// A step in the drawing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PathBox {
    /// The number of the step, from 1.
    pub number: usize,
    /// The titles of the notes.
    pub title: String,
    /// The number and the titles, shortened to fit.
    pub label: String,
    /// The URL of the first note.
    pub url: String,
    /// `target` for the end of the path, `mastered`, `cycle`, or empty.
    pub kind: String,
    /// The distance of the box from the start edge, in CSS pixels.
    pub x: u32,
    /// The distance of the box from the top, in CSS pixels.
    pub y: u32,
    /// The width of the box, in CSS pixels.
    pub width: u32,
    /// The height of the box, in CSS pixels.
    pub height: u32,
    /// The distance of the middle of the label from the start edge, in CSS pixels.
    pub label_x: u32,
    /// The distance of the base line of the label from the top, in CSS pixels.
    pub label_y: u32,
}

/// The learning path on the page of a note.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PathPanel {
    /// The URL of the page with the whole path. Empty: none.
    pub url: String,
    /// The number of notes, the note itself included.
    #[serde(rename = "notes")]
    pub note_count: usize,
    /// The minutes to read all of them.
    pub minutes: usize,
    /// The part of `minutes` for notes whose status is "mastered".
    pub skippable_minutes: usize,
    /// The first steps before the note: each with its titles joined by `+`.
    pub steps: Vec<PathPanelStep>,
    /// The number of steps before the note that are not listed.
    pub more: usize,
}

/// A step in the panel.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PathPanelStep {
    /// The titles of the notes.
    pub title: String,
    /// The URL of the first note.
    pub url: String,
    /// Whether all notes of the step are mastered.
    pub is_mastered: bool,
}

/// The notes of the base, a folder or a tag by layer: `map`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct MapView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
    /// The map of the whole base, on the map of a folder or tag.
    pub whole: Option<Link>,
    /// The notes that are not mastered and whose prerequisites are, the most important first.
    pub next: Vec<PathNote>,
    /// The layers, the fundamentals first.
    pub layers: Vec<MapLayer>,
    /// The folders with a map of their own.
    pub folders: Vec<TagLink>,
    /// The tags with a map of their own.
    pub tags: Vec<TagLink>,
}

/// The notes of a layer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct MapLayer {
    /// The number of the layer, from 1.
    pub number: usize,
    /// Whether all deeper layers are part of it.
    pub has_deeper: bool,
    /// The number of its notes.
    pub count: usize,
    /// The first notes, the most important first.
    pub notes: Vec<PathNote>,
    /// The number of notes that are not listed.
    pub more: usize,
}

/// The page for practising cards: `practice`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PracticeView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
    /// Whether the site has questions with answers.
    pub has_cards: bool,
    /// The interface texts `practice_*` without that prefix, as a JSON object for the script.
    pub texts_json: String,
}
