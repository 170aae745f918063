//! The whole base, frozen: everything that is known before anything is judged or rendered.

use crate::base::duplicates::FingerprintCache;
use crate::base::duplicates::engine::Duplicates;
use crate::base::graph::Graph;
use crate::base::index::{Index, NoteIndex};
use crate::base::routes::Routes;
use crate::base::vault::Vault;
use crate::config::Config;
use crate::config::schema::{NoteRequirements, Schema};
use crate::note::markdown::Scratch;
use crate::note::{Note, Reader};
use crate::text::source::{FileId, SourceFile, Span};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A knowledge base, read and linked. Its parts are shared, so that the preview can hold the next one beside the last.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// The configuration.
    pub config: Arc<Config>,
    /// The schema that results from it.
    pub schema: Arc<Schema>,
    /// The files.
    pub vault: Arc<Vault>,
    /// Whether most files have no frontmatter, so that files without one are notes whose facts are unknown.
    pub is_plain: bool,
    /// Published Markdown files in path order.
    pub notes: Vec<Note>,
    /// Markdown files that are held back, in path order. Nothing of them may show in a page.
    pub drafts: Arc<Vec<Note>>,
    /// Files that drafts show or lead to.
    pub assets_of_drafts: Arc<FxHashSet<FileId>>,
    /// Files of the site's own static folder, by path in it.
    pub static_files: Arc<Vec<String>>,
    /// Views over the notes.
    pub index: Arc<Index>,
    /// Addresses.
    pub routes: Arc<Routes>,
    /// Links.
    pub graph: Arc<Graph>,
    /// The note of each Markdown file, by file index; `None` for drafts.
    pub note_of_file: Arc<Vec<Option<NoteIndex>>>,
    /// The learning order of the prerequisites.
    pub order: Arc<crate::base::learning_order::LearningOrder>,
    /// What stands twice, once somebody asks.
    pub repeated: Arc<OnceLock<Duplicates>>,
    /// What is kept for that from one site to the next.
    pub prints: FingerprintCache,
    /// The first embed of each note that its page cannot hold, once somebody asks.
    pub embeds_over: Arc<OnceLock<BTreeMap<NoteIndex, u32>>>,
}

impl Site {
    /// What stands twice among the notes, worked out at the first call.
    pub(crate) fn repeated(&self) -> &Duplicates {
        self.repeated.get_or_init(|| {
            let reader = Reader::new(&self.config, &self.schema);
            let mut spare = Scratch::default();
            let templates = self.vault.note_templates.iter().map(|file| reader.read(FileId(0), file, &mut spare).0);
            crate::base::duplicates::repeated(&self.notes, &self.graph, &templates.collect::<Vec<_>>(), &self.prints)
        })
    }

    /// The first embed of each note that its page cannot hold, as an index of its links.
    pub(crate) fn embeds_over(&self) -> &BTreeMap<NoteIndex, u32> {
        self.embeds_over.get_or_init(|| crate::base::embeds::first_over(&self.notes, &self.graph))
    }

    /// A note by its index.
    pub(crate) fn note(&self, index: NoteIndex) -> &Note {
        &self.notes[index as usize]
    }

    /// The file a note was read from.
    pub(crate) fn source(&self, index: NoteIndex) -> &SourceFile {
        self.vault.file(self.note(index).file)
    }

    /// The concept notes in path order.
    pub(crate) fn concepts(&self) -> impl Iterator<Item = (NoteIndex, &Note)> {
        self.all().filter(|(_, n)| n.is_note())
    }

    /// All Markdown files in path order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (NoteIndex, &Note)> {
        self.notes.iter().enumerate().map(|(i, n)| (i as NoteIndex, n))
    }

    /// Where a finding about a whole note stands.
    pub(crate) fn title_place(&self, index: NoteIndex) -> (FileId, Span) {
        let note = self.note(index);
        (note.file, note.title_span(&self.source(index).text))
    }

    /// Where the value of a note's frontmatter field stands; its title if the field is absent.
    pub(crate) fn field_place(&self, index: NoteIndex, key: &str) -> Span {
        let note = self.note(index);
        match note.head.keys.iter().any(|k| k == key) {
            true => crate::note::field_span(&self.source(index).text, &note.head, key),
            false => note.title_span(&self.source(index).text),
        }
    }

    /// What a note must have, by its folder, else by its type.
    pub(crate) fn requirements(&self, note: &Note) -> Option<&NoteRequirements> {
        self.schema.requirements(&note.stem, note.head.kind.as_deref())
    }
}
