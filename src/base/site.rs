//! The frozen site: everything that is known of a base before rules run and pages are rendered.

use crate::base::duplicates::FingerprintCache;
use crate::base::duplicates::engine::Duplicates;
use crate::base::graph::Graph;
use crate::base::index::Index;
use crate::base::overlaps::{Overlap, OverlapCache, overlaps};
use crate::base::routes::Routes;
use crate::base::vault::Vault;
use crate::config::Config;
use crate::config::schema::{NoteRequirements, Schema};
use crate::note::frontmatter::LocatedHead;
use crate::note::markdown::Scratch;
use crate::note::{Note, Reader, file_name};
use crate::text::ids::{Id, IndexVec, LinkId, NoteId};
use crate::text::paths::path_key;
use crate::text::source::{FileId, SourceFile, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

/// How many notes of a base use the built-in schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SchemaUse {
    /// The number of notes with frontmatter.
    pub with_frontmatter: usize,
    /// The number of these notes that have an `id` and a `type` of the schema.
    pub with_id_and_type: usize,
    /// The first of these notes that lacks one of the two.
    pub first_without: Option<NoteId>,
}

/// A parsed and linked knowledge base. Its parts are shared, so the preview can hold the next site beside the last one
/// at little cost.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// The configuration.
    pub config: Arc<Config>,
    /// The schema of the configuration.
    pub schema: Arc<Schema>,
    /// The files.
    pub vault: Arc<Vault>,
    /// Whether most files have no frontmatter, so that files without one are notes whose facts are unknown.
    pub is_plain: bool,
    /// Published Markdown files in path order.
    pub notes: IndexVec<NoteId, Note>,
    /// The drafts in path order. They must not appear on any page.
    pub drafts: Arc<Vec<Note>>,
    /// The assets that drafts link to or embed.
    pub assets_of_drafts: Arc<FxHashSet<FileId>>,
    /// The relative paths of the static files.
    pub static_files: Arc<Vec<String>>,
    /// The indexes of the notes.
    pub index: Arc<Index>,
    /// The output paths.
    pub routes: Arc<Routes>,
    /// The resolved links and edges.
    pub graph: Arc<Graph>,
    /// The note of each Markdown file, indexed by file. `None` for drafts.
    pub note_of_file: Arc<IndexVec<FileId, Option<NoteId>>>,
    /// The learning order of the prerequisites.
    pub order: Arc<crate::base::learning_order::LearningOrder>,
    /// The duplicates, computed at the first request.
    pub repeated: Arc<OnceLock<Duplicates>>,
    /// The cache for the duplicate search, which outlives the site.
    pub prints: FingerprintCache,
    /// The notes that explain the same in other words, computed at the first request.
    pub overlaps: Arc<OnceLock<Vec<Overlap>>>,
    /// The cache for the search for overlaps, which outlives the site.
    pub overlap_cache: OverlapCache,
    /// How many notes use the built-in schema, computed at the first request.
    pub schema_use: Arc<OnceLock<SchemaUse>>,
    /// The first embed of each note that exceeds the size limit, computed at the first request.
    pub embeds_over: Arc<OnceLock<BTreeMap<NoteId, LinkId>>>,
    /// The paths of assets and static files by folded file name, computed at the first request.
    pub asset_names: Arc<OnceLock<FxHashMap<String, String>>>,
}

impl Site {
    /// The duplicates among the notes, computed at the first call.
    pub(crate) fn repeated(&self) -> &Duplicates {
        self.repeated.get_or_init(|| {
            crate::base::duplicates::repeated(&self.notes, &self.graph, &self.note_templates(), &self.prints)
        })
    }

    /// The notes that explain the same in other words, computed at the first call. Without pairs of [`Self::repeated`] notes.
    pub(crate) fn overlaps(&self) -> &[Overlap] {
        self.overlaps.get_or_init(|| {
            // For each note the groups of repeated notes with it, in ascending order.
            let mut groups: FxHashMap<NoteId, Vec<usize>> = FxHashMap::default();
            for (at, group) in self.repeated().notes.iter().enumerate() {
                group.notes.iter().for_each(|&note| groups.entry(note).or_default().push(at));
            }
            let of = |note| groups.get(&note).map_or(&[][..], Vec::as_slice);
            let are_repeated = |a, b| of(a).iter().any(|group| of(b).binary_search(group).is_ok());
            let (templates, language) = (self.note_templates(), &self.config.language);
            overlaps(&self.notes, &self.graph, &templates, language, &self.overlap_cache, are_repeated)
        })
    }

    /// The note templates, parsed.
    fn note_templates(&self) -> Vec<Note> {
        let reader = Reader::new(&self.config, &self.schema);
        let mut spare = Scratch::default();
        self.vault.note_templates.iter().map(|file| reader.read(FileId::FIRST, file, &mut spare).0).collect()
    }

    /// For each note whose embeds exceed the size limit, the first one that does, a link of that note.
    pub(crate) fn embeds_over(&self) -> &BTreeMap<NoteId, LinkId> {
        self.embeds_over.get_or_init(|| crate::base::embeds::first_over(&self.notes, &self.graph))
    }

    /// The first asset or static file with a file name, given its folded form.
    pub(crate) fn asset_named(&self, key: &str) -> Option<&str> {
        let names = self.asset_names.get_or_init(|| {
            let mut names = FxHashMap::default();
            for path in self.asset_paths() {
                names.entry(path_key(file_name(path))).or_insert_with(|| path.to_string());
            }
            names
        });
        names.get(key).map(String::as_str)
    }

    /// The paths of all assets and static files.
    pub(crate) fn asset_paths(&self) -> impl Iterator<Item = &str> {
        self.vault.assets().map(|(_, file)| &*file.path).chain(self.static_files.iter().map(String::as_str))
    }

    /// How many notes use the built-in schema.
    pub(crate) fn schema_use(&self) -> SchemaUse {
        *self.schema_use.get_or_init(|| {
            let mut found = SchemaUse { with_frontmatter: 0, with_id_and_type: 0, first_without: None };
            for (index, note) in self.concepts().filter(|(_, note)| note.head.fence.present) {
                found.with_frontmatter += 1;
                match note.head.id.is_some() && note.head.kind.is_some() {
                    true => found.with_id_and_type += 1,
                    false => found.first_without = found.first_without.or(Some(index)),
                }
            }
            found
        })
    }

    /// Whether the base has a schema of its own: `canon.toml` declares none, and fewer than half of the notes with
    /// frontmatter have the `id` and the `type` of the built-in schema.
    pub(crate) fn has_foreign_schema(&self) -> bool {
        let SchemaUse { with_frontmatter, with_id_and_type, .. } = self.schema_use();
        !self.config.schema.is_declared && (with_frontmatter == 0 || with_id_and_type * 2 < with_frontmatter)
    }

    /// The note with this index.
    pub(crate) fn note(&self, index: NoteId) -> &Note {
        &self.notes[index]
    }

    /// The source file of a note.
    pub(crate) fn source(&self, index: NoteId) -> &SourceFile {
        self.vault.file(self.note(index).file)
    }

    /// The path of the file of a note, as it is on disk.
    pub(crate) fn path(&self, index: NoteId) -> &str {
        &self.source(index).path
    }

    /// The concept notes in path order.
    pub(crate) fn concepts(&self) -> impl Iterator<Item = (NoteId, &Note)> {
        self.all().filter(|(_, n)| n.is_note())
    }

    /// All Markdown files in path order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (NoteId, &Note)> {
        self.notes.iter_enumerated()
    }

    /// The location of a finding about a whole note.
    pub(crate) fn title_place(&self, index: NoteId) -> (FileId, Span) {
        let note = self.note(index);
        (note.file, note.title_span(&self.source(index).text))
    }

    /// The span of the value of a frontmatter field. The span of the title if the field is missing.
    pub(crate) fn field_place(&self, index: NoteId, key: &str) -> Span {
        let note = self.note(index);
        match note.head.key_of(key, &self.schema) {
            Some(key) => crate::note::located_span(&self.source(index).text, &note.head, key),
            None => note.title_span(&self.source(index).text),
        }
    }

    /// The positions of the keys and values in the head of a note.
    pub(crate) fn located_head(&self, index: NoteId) -> Rc<LocatedHead> {
        LocatedHead::of(&self.note(index).head, &self.source(index).text)
    }

    /// The requirements for a note: by its folder, else by its type. `None` if there are none.
    pub(crate) fn requirements(&self, note: &Note) -> Option<&NoteRequirements> {
        self.schema.requirements(&note.stem, note.head.kind.as_deref())
    }
}
