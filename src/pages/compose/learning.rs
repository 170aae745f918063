//! The pages for learning: the path to a note, its panel on the page of the note, and the maps of the base, of folders and of
//! tags.

use super::learning_pages::{Map, MapScope, notes_of};
use super::path_graph::{CYCLE_NOTES, path_graph, step_title};
use super::*;
use crate::base::graph::EdgeKind;
use crate::base::learning_order::required;
use crate::base::learning_path::{LearningPath, Step};
use crate::base::living_importance::{LivingImportance, disagreements, living_importance};
use crate::note::cards::Card;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The most notes of a path on a page.
const PATH_NOTES: usize = 200;
/// The most steps in the panel on the page of a note.
const PANEL_STEPS: usize = 10;
/// The most layers of a map; the last one holds all deeper ones.
const LAYERS: usize = 24;
/// The most notes of a layer on the map of the base, and on the map of a folder or tag.
const LAYER_NOTES: [usize; 2] = [24, 12];
/// The most notes with a disagreement of stated and living importance.
const DISAGREEMENTS: usize = 10;
/// The most notes under "What to learn next".
const NEXT_NOTES: usize = 8;

impl Composer {
    /// The page with the learning path to a note.
    pub(super) fn path_page(&self, path: &str, i: NoteId) -> Result<String, TemplateError> {
        let learning_path = LearningPath::to(&self.site, i, PATH_NOTES);
        let view = PathView {
            note: self.link(path, i),
            note_count: learning_path.notes().count(),
            minutes: learning_path.minutes(&self.site),
            skippable_minutes: learning_path.skippable_minutes(&self.site),
            is_cut: learning_path.is_cut,
            steps: learning_path.steps.iter().map(|step| self.path_step(path, step)).collect(),
            graph: path_graph(&self.site, path, &learning_path.steps, i),
        };
        let title = self.t("path_to").replace("{title}", &self.site.note(i).title);
        let page = self.page(path, PageKind::Path, &title, &self.site.note(i).brief)?;
        self.renderer.render(&page, &View::Path(&view))
    }

    fn path_step(&self, path: &str, step: &Step) -> PathStep {
        PathStep {
            notes: step.members.iter().take(CYCLE_NOTES).map(|&note| self.path_note(path, note)).collect(),
            more: step.members.len().saturating_sub(CYCLE_NOTES),
            is_cycle: step.is_cycle(),
        }
    }

    fn path_note(&self, path: &str, i: NoteId) -> PathNote {
        let (note, Link { title, url }) = (self.site.note(i), self.link(path, i));
        PathNote {
            title,
            url,
            summary: note.brief.clone(),
            status: note.head.status.clone().unwrap_or_default(),
            is_mastered: note.is_mastered(),
            importance: note.head.importance,
            minutes: note.reading_minutes(),
            opens: self.opens(i),
        }
    }

    /// The page for practising cards.
    pub(super) fn practice_page(&self, path: &str) -> Result<String, TemplateError> {
        let texts: BTreeMap<&str, &str> = self
            .renderer
            .texts()
            .iter()
            .filter_map(|(key, text)| Some((key.strip_prefix("practice_")?, text.as_str())))
            .collect();
        let view = PracticeView {
            intro_html: self.introduction(path),
            has_cards: self.site.concepts().any(|(_, note)| note.cards.iter().any(|card| card.answered)),
            texts_json: serde_json::to_string(&texts).unwrap_or_default(),
        };
        self.index_view(path, &View::Practice(&view))
    }

    /// The notes whose living importance differs most from the stated one.
    pub(super) fn disagreements(&self, path: &str) -> Vec<Disagreement> {
        let all = living_importance(&self.site, None);
        let differs = |own: &LivingImportance| (own.living - f64::from(own.stated)).abs() >= 1.0;
        let largest = disagreements(all, DISAGREEMENTS).into_iter().filter(differs);
        let view = |own: LivingImportance| {
            let Link { title, url } = self.link(path, own.note);
            Disagreement { title, url, stated: own.stated, living: own.living.round() as u8 }
        };
        largest.map(view).collect()
    }

    /// The question and the answer of a card as HTML for the page at `path`.
    pub(crate) fn card_html(&self, path: &str, i: NoteId, card: &Card) -> (String, String) {
        let writer = self.writer(path);
        let question = writer.unlinked(i, card.question_html).trim().to_string();
        (question, writer.slices(i, &card.answer_html).trim().to_string())
    }

    /// The question and the answer of a card as HTML without links, for programs that know no site.
    pub(crate) fn unlinked_card_html(&self, i: NoteId, card: &Card) -> (String, String) {
        let writer = self.writer("index.html");
        let answer: String = card.answer_html.iter().map(|&slice| writer.unlinked(i, slice)).collect();
        (writer.unlinked(i, card.question_html).trim().to_string(), answer.trim().to_string())
    }

    /// The number of notes that require a note.
    fn opens(&self, i: NoteId) -> usize {
        let requires = |e: &&crate::base::graph::Edge| e.kind == EdgeKind::Requires;
        self.site.graph.to(i).filter(requires).filter(|e| self.site.note(e.source).is_note()).count()
    }

    /// The panel with the learning path on the page of a note. `None` for a note without prerequisites.
    pub(super) fn path_panel(&self, path: &str, i: NoteId) -> Option<PathPanel> {
        required(&self.site.graph, i).next()?;
        let learning_path = LearningPath::to(&self.site, i, PATH_NOTES);
        let before = learning_path.steps.len().saturating_sub(1);
        let step = |step: &Step| PathPanelStep {
            title: step_title(&self.site, step),
            url: self.link(path, step.members[0]).url,
            is_mastered: step.members.iter().all(|&note| self.site.note(note).is_mastered()),
        };
        Some(PathPanel {
            url: self.shared.learning.paths.get(&i).map(|to| relative_url(path, to)).unwrap_or_default(),
            note_count: learning_path.notes().count(),
            minutes: learning_path.minutes(&self.site),
            skippable_minutes: learning_path.skippable_minutes(&self.site),
            steps: learning_path.steps.iter().take(before.min(PANEL_STEPS)).map(step).collect(),
            more: before.saturating_sub(PANEL_STEPS),
        })
    }

    /// The map of the whole base.
    pub(super) fn base_map_page(&self, path: &str) -> Result<String, TemplateError> {
        let link = |map: &Map| TagLink {
            name: scope_title(&self.site, &map.scope),
            url: relative_url(path, &map.path),
            count: map.count,
        };
        let maps = &self.shared.learning.maps;
        let (folders, tags): (Vec<&Map>, Vec<&Map>) =
            maps.iter().partition(|map| matches!(map.scope, MapScope::Folder(_)));
        let view = MapView {
            folders: folders.into_iter().map(link).collect(),
            tags: tags.into_iter().map(link).collect(),
            ..self.map_view(path, &self.site.index.ranked, LAYER_NOTES[0])
        };
        self.index_view(path, &View::Map(&view))
    }

    /// The map of a folder or tag.
    pub(super) fn map_page(&self, path: &str, scope: &MapScope) -> Result<String, TemplateError> {
        let title = self.t("map").to_string();
        let whole = Some(Link { title, url: relative_url(path, PageKind::Map.path()) });
        let view = MapView { whole, ..self.map_view(path, &notes_of(&self.site, scope), LAYER_NOTES[1]) };
        let title = self.t("map_of").replace("{title}", &scope_title(&self.site, scope));
        let page = self.page(path, PageKind::Map, &title, self.t("lead_map"))?;
        self.renderer.render(&page, &View::Map(&view))
    }

    fn map_view(&self, path: &str, notes: &[NoteId], layer_notes: usize) -> MapView {
        let mut by_depth: BTreeMap<u32, Vec<NoteId>> = BTreeMap::new();
        notes.iter().for_each(|&note| by_depth.entry(self.site.order.depth[note]).or_default().push(note));
        let mut layers: Vec<Vec<NoteId>> = by_depth.into_values().collect();
        let has_deeper = layers.len() > LAYERS;
        let deeper: Vec<NoteId> = layers.drain(LAYERS.min(layers.len())..).flatten().collect();
        if let Some(last) = layers.last_mut() {
            last.extend(deeper);
        }
        let number_of_last = layers.len();
        let layers = (1..).zip(layers).map(|(number, mut notes)| {
            // A note that neither requires another nor is required says nothing about an order.
            let is_alone = |&note: &NoteId| self.site.order.depth[note] == 0 && self.opens(note) == 0;
            notes.sort_by_cached_key(|note| (is_alone(note), self.site.index.rank[*note]));
            MapLayer {
                number,
                has_deeper: has_deeper && number == number_of_last,
                count: notes.len(),
                notes: notes.iter().take(layer_notes).map(|&note| self.path_note(path, note)).collect(),
                more: notes.len().saturating_sub(layer_notes),
            }
        });
        let layers = layers.collect();
        MapView {
            intro_html: self.introduction(path),
            next: self.next_notes(path, notes),
            layers,
            ..MapView::default()
        }
    }

    /// The notes that are not mastered and whose prerequisites are, by importance, then by the number of notes that require
    /// them.
    fn next_notes(&self, path: &str, notes: &[NoteId]) -> Vec<PathNote> {
        let is_next = |&note: &NoteId| {
            !self.site.note(note).is_mastered()
                && required(&self.site.graph, note).all(|needed| self.site.note(needed).is_mastered())
        };
        let mut next: Vec<NoteId> = notes.iter().copied().filter(is_next).collect();
        let importance = |note: NoteId| self.site.note(note).head.importance.unwrap_or(0);
        next.sort_by_cached_key(|&note| {
            (Reverse(importance(note)), Reverse(self.opens(note)), self.site.index.rank[note])
        });
        next.truncate(NEXT_NOTES);
        next.into_iter().map(|note| self.path_note(path, note)).collect()
    }
}

fn scope_title(site: &Site, scope: &MapScope) -> String {
    match scope {
        MapScope::Folder(folder) => folder_title(site, folder),
        MapScope::Tag(slug) => site.index.tags.get(slug).map_or_else(|| slug.clone(), |tag| tag.name.clone()),
    }
}
