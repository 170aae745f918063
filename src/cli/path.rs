//! `canon path NOTE`: prints the learning path to a note.

use super::named_note::find_note;
use super::{Global, Outcome, TextOrJson, print};
use crate::base::learning_path::{LearningPath, Step};
use crate::base::site::Site;
use crate::check::report::{counted, visible};
use crate::text::ids::NoteId;
use serde::Serialize;
use std::fmt::Write;
use std::path::PathBuf;

/// Print the learning path to a note: its prerequisites, direct and indirect, in the order to read them
#[derive(Debug, clap::Args)]
pub(super) struct PathCommand {
    /// The note: its id, title, alias or path
    note: String,
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
    /// The format of the output
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: TextOrJson,
}

impl PathCommand {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let location = global.locate(&self.root)?;
        let site = global.analyze_at(&location)?;
        let note = find_note(&site, &location, &self.note)?;
        let path = LearningPath::to(&site, note, usize::MAX);
        print(&match self.format {
            TextOrJson::Human => human(&site, note, &path),
            TextOrJson::Json => format!("{}\n", serde_json::to_string_pretty(&document(&site, note, &path))?),
        })
    }
}

/// The path for programs.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    /// The id of the note at the end of the path.
    note: &'a str,
    minutes: usize,
    /// The part of `minutes` for notes whose status is `mastered`.
    skippable_minutes: usize,
    steps: Vec<StepDocument<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum StepDocument<'a> {
    Note {
        id: &'a str,
        title: &'a str,
        /// The output path of the page, not percent-encoded.
        url: &'a str,
        status: Option<&'a str>,
        importance: Option<u8>,
        difficulty: Option<&'a str>,
        depth: u32,
        minutes: usize,
    },
    Cycle {
        cycle: bool,
        members: Vec<&'a str>,
        depth: u32,
        minutes: usize,
    },
}

fn document<'a>(site: &'a Site, note: NoteId, path: &LearningPath) -> Document<'a> {
    Document {
        version: 1,
        note: &site.graph.keys[note],
        minutes: path.minutes(site),
        skippable_minutes: path.skippable_minutes(site),
        steps: path.steps.iter().map(|step| step_document(site, step)).collect(),
    }
}

fn step_document<'a>(site: &'a Site, step: &Step) -> StepDocument<'a> {
    let minutes = step.members.iter().map(|&note| site.note(note).reading_minutes()).sum();
    match step.members.as_slice() {
        &[note] => {
            let own = site.note(note);
            StepDocument::Note {
                id: &site.graph.keys[note],
                title: &own.title,
                url: &site.routes.notes[note],
                status: own.head.status.as_deref(),
                importance: own.head.importance,
                difficulty: own.head.difficulty.as_deref(),
                depth: step.depth,
                minutes,
            }
        }
        members => {
            let members = members.iter().map(|&note| &site.graph.keys[note]).collect();
            StepDocument::Cycle { cycle: true, members, depth: step.depth, minutes }
        }
    }
}

fn human(site: &Site, note: NoteId, path: &LearningPath) -> String {
    let skippable = path.skippable_minutes(site);
    let mut out = format!(
        "path to {}: {}, {} min{}\n",
        visible(&site.note(note).title),
        counted(path.steps.len(), "step"),
        path.minutes(site),
        if skippable == 0 { String::new() } else { format!(", {skippable} min of it mastered") },
    );
    for (number, step) in (1..).zip(&path.steps) {
        let titles: Vec<_> = step.members.iter().map(|&note| visible(&site.note(note).title)).collect();
        let minutes: usize = step.members.iter().map(|&note| site.note(note).reading_minutes()).sum();
        let facts = if step.is_cycle() { "require each other".to_string() } else { facts(site, step.members[0]) };
        let separator = if facts.is_empty() { "" } else { ", " };
        let _ = writeln!(out, "{number:>4}. {} ({minutes} min{separator}{facts})", titles.join(" + "));
    }
    out
}

/// The importance, difficulty and status of a note, without those that are missing.
fn facts(site: &Site, note: NoteId) -> String {
    let head = &site.note(note).head;
    let importance = head.importance.map(|importance| format!("importance {importance}"));
    let own = [importance, head.difficulty.clone(), head.status.clone()];
    own.into_iter().flatten().map(|fact| visible(&fact).into_owned()).collect::<Vec<_>>().join(", ")
}
