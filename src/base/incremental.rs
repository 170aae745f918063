//! Incremental analysis: a note is parsed again only if its text changed, and the tables of the whole base are reused
//! unless an edit changed names, paths or types. The result is equal to that of `analyze`, which a property test
//! checks.
//!
//! Example: an edit changes one sentence of `a.md`. Only `a.md` is parsed again and its links are resolved again
//! ([`Invalidation::Texts`]). If the edit also changes the title, the index is rebuilt and notes that link to `a.md` by
//! its old or new title are resolved again ([`Invalidation::Heads`]). If the edit adds an alias, all tables are rebuilt
//! ([`Invalidation::Everything`]).

use crate::base::analyze::{Analysis, AnalysisInputs, ReadNote, assemble};
use crate::base::duplicates::FingerprintCache;
use crate::base::graph::{self, Names, Resolver};
use crate::base::index::{self, Index};
use crate::base::learning_order;
use crate::base::site::Site;
use crate::base::vault::{Problem, Vault};
use crate::config::Config;
use crate::note::markdown::{Scratch, ScratchPool};
use crate::note::{Kind, Note, Reader};
use crate::text::ids::{IndexVec, NoteId};
use crate::text::slug::link_key;
use crate::text::source::{FileId, SourceFile};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// The number of parsed and reused files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// The number of reused parses.
    pub hits: u64,
    /// The number of parses.
    pub misses: u64,
}

/// The part of a site that differs from the previous one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Invalidation {
    /// No difference.
    Nothing,
    /// The texts of these notes. The set of notes, their frontmatter and their paths are the same.
    Texts(Vec<NoteId>),
    /// The texts and the frontmatter of these notes, and references to them on different pages. The set of notes, their
    /// types and their paths are the same.
    Heads(Vec<NoteId>),
    /// Possibly everything.
    Everything,
}

/// The results of the previous analysis of the same site.
#[derive(Debug)]
pub(crate) struct IncrementalAnalyzer {
    last: Option<Last>,
    prints: FingerprintCache,
    /// Reusable buffers, valid for the schema of `last`.
    spares: ScratchPool,
    counts: Counts,
}

impl Default for IncrementalAnalyzer {
    fn default() -> IncrementalAnalyzer {
        IncrementalAnalyzer {
            last: None,
            prints: FingerprintCache::enabled(),
            spares: ScratchPool::default(),
            counts: Counts::default(),
        }
    }
}

#[derive(Debug)]
struct Last {
    materials: AnalysisInputs,
    /// All parsed Markdown files, including drafts, indexed by file.
    read: IndexVec<FileId, ReadNote>,
    analysis: Analysis,
    names: Names,
}

impl IncrementalAnalyzer {
    /// Analyzes these files like `analyze`, and returns the part that differs from the previous result.
    pub(crate) fn analyze(
        &mut self,
        config: &Arc<Config>,
        vault: Arc<Vault>,
        static_files: &Arc<Vec<String>>,
        drafts: bool,
    ) -> (Analysis, Invalidation) {
        let schema = match &self.last {
            Some(last) if *last.materials.config == **config => last.materials.schema.clone(),
            _ => Arc::new(config.schema.resolve()),
        };
        let static_files = static_files.clone();
        let materials = AnalysisInputs { config: config.clone(), schema, vault, static_files, drafts };
        let (read, fresh) = self.read(&materials);
        if let Some(last) = &mut self.last
            && let Some(extent) = last.edit(&materials, &read, &fresh)
        {
            return (last.analysis.clone(), extent);
        }
        let (analysis, names) = assemble(materials.clone(), read.clone(), self.prints.clone());
        self.last = Some(Last { materials, read, analysis: analysis.clone(), names });
        (analysis, Invalidation::Everything)
    }

    /// The number of parsed and reused files.
    #[cfg(test)]
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// All Markdown files, and the indexes of those that were parsed now.
    fn read(&mut self, materials: &AnalysisInputs) -> (IndexVec<FileId, ReadNote>, Vec<FileId>) {
        let known = self.last.as_ref().filter(|last| last.reads_alike(materials));
        if known.is_none() {
            self.spares = ScratchPool::default();
        }
        let mut remembered = remembered(known, &materials.vault);
        if known.is_some_and(|last| last.materials.config.title != materials.config.title) {
            remembered.iter_mut().for_each(|known| drop(known.take_if(|(note, _)| note.is_called_like_the_site())));
        }
        let reader = Reader::new(&materials.config, &materials.schema);
        let parse = |spare: &mut Scratch, (id, known): (FileId, Option<ReadNote>)| match known {
            Some((mut note, body)) => {
                note.file = id;
                ((note, body), false)
            }
            None => {
                let (note, body) = reader.read(id, materials.vault.file(id), spare);
                ((note, Arc::new(body)), true)
            }
        };
        let files = materials.vault.note_files().into_par_iter().zip(remembered);
        let (read, is_fresh): (Vec<ReadNote>, Vec<bool>) =
            files.map_init(|| self.spares.take(), |spare, file| parse(spare, file)).unzip();
        let (read, is_fresh) = (IndexVec::from(read), IndexVec::<FileId, bool>::from(is_fresh));
        let fresh: Vec<FileId> = is_fresh.iter_enumerated().filter(|(_, fresh)| **fresh).map(|(id, _)| id).collect();
        self.counts.misses += fresh.len() as u64;
        self.counts.hits += (read.len() - fresh.len()) as u64;
        (read, fresh)
    }
}

/// The previous parse of each Markdown file, if its path and content are unchanged.
fn remembered(last: Option<&Last>, vault: &Vault) -> Vec<Option<ReadNote>> {
    let Some(last) = last else { return vec![None; vault.markdown] };
    let old = &last.materials.vault;
    let at = |id: FileId, file: &SourceFile| (old.files[id] == *file).then(|| last.read[id].clone());
    if has_the_same_files(old, vault) {
        return vault.notes().map(|(id, file)| at(id, file)).collect();
    }
    let places: FxHashMap<&str, FileId> = old.notes().map(|(id, file)| (&*file.path, id)).collect();
    vault.notes().map(|(_, file)| places.get(&*file.path).and_then(|&id| at(id, file))).collect()
}

fn has_the_same_files(old: &Vault, new: &Vault) -> bool {
    let same_path = |(a, b): (&SourceFile, &SourceFile)| Arc::ptr_eq(&a.path, &b.path) || a.path == b.path;
    old.markdown == new.markdown
        && old.files.len() == new.files.len()
        && old.files.iter().zip(&new.files).all(same_path)
}

/// The problems of assets. An asset with a problem has no path, so these problems affect the routes.
fn asset_problems(vault: &Vault) -> impl Iterator<Item = &Problem> {
    vault.problems.iter().filter(|problem| !vault.note_files().contains(problem.file))
}

impl Last {
    /// Whether the same text would still be parsed to the same note.
    fn reads_alike(&self, new: &AnalysisInputs) -> bool {
        let (old, config) = (&self.materials.config, &new.config);
        old.markdown == config.markdown && old.pages == config.pages && self.materials.schema == new.schema
    }

    /// Applies edits that leave every base-wide table (names, routes, index) valid. `None` if one changed: rebuild from
    /// scratch. `fresh` are the files that were parsed now.
    fn edit(
        &mut self,
        new: &AnalysisInputs,
        read: &IndexVec<FileId, ReadNote>,
        fresh: &[FileId],
    ) -> Option<Invalidation> {
        let old = &self.materials;
        let same = old.config == new.config
            && old.drafts == new.drafts
            && old.static_files == new.static_files
            && old.vault.note_templates == new.vault.note_templates
            && has_the_same_files(&old.vault, &new.vault)
            && asset_problems(&old.vault).eq(asset_problems(&new.vault));
        let all = |alike: fn(&Note, &Note) -> bool| fresh.iter().all(|&i| alike(&self.read[i].0, &read[i].0));
        if !same || !all(is_found_alike) {
            return None;
        }
        if fresh.is_empty() && old.vault.problems == new.vault.problems {
            return Some(Invalidation::Nothing);
        }
        let old_site = self.analysis.site.clone();
        let shown = |&id: &FileId| old_site.note_of_file[id].map(|note| (id, note));
        let edited: Vec<(FileId, NoteId)> = fresh.iter().filter_map(shown).collect();
        let only_texts = all(looks_the_same);
        // Drafts are also found by their title.
        if !only_texts && edited.len() < fresh.len() {
            return None;
        }
        self.analysis = self.with_edits(new, read, &edited, only_texts)?;
        self.materials = new.clone();
        self.read = read.clone();
        let notes = edited.into_iter().map(|(_, note)| note).collect();
        Some(if only_texts { Invalidation::Texts(notes) } else { Invalidation::Heads(notes) })
    }

    /// The analysis with the new texts and, unless `only_texts`, new frontmatter of some notes. `None` if paths of
    /// pages may have changed: rebuild from scratch.
    fn with_edits(
        &mut self,
        new: &AnalysisInputs,
        read: &IndexVec<FileId, ReadNote>,
        edited: &[(FileId, NoteId)],
        only_texts: bool,
    ) -> Option<Analysis> {
        let old = self.analysis.site.clone();
        let mut site =
            Site { vault: new.vault.clone(), repeated: Arc::default(), embeds_over: Arc::default(), ..(*old).clone() };
        let mut bodies = (*self.analysis.bodies).clone();
        for &(file, i) in edited {
            let (note, body) = &read[file];
            // The kind depends on the files of the same folder, which are unchanged.
            site.notes[i] = note.clone();
            site.notes[i].kind = old.note(i).kind;
            bodies[i] = body.clone();
        }
        let mut resolve: Vec<NoteId> = self.to_resolve(&site, edited);
        if !only_texts {
            site.index = index_after(&old, &site, edited)?;
            resolve.extend(self.retitled(&site, edited)?);
            resolve.sort_unstable();
            resolve.dedup();
        }
        let resolver = Resolver {
            config: &site.config,
            notes: &site.notes,
            names: &self.names,
            routes: &site.routes,
            vault: &site.vault,
            crowds: Default::default(),
        };
        let held_back = read.iter().map(|(note, _)| note).filter(|note| site.note_of_file[note.file].is_none());
        site.drafts = Arc::new(held_back.cloned().collect());
        let assets = site.drafts.iter().flat_map(|draft| resolver.assets_of_draft(draft)).collect();
        site.assets_of_drafts = Arc::new(assets);
        if let Some(graph) = graph::after_edits(&old.graph, &old.notes, &resolver, &resolve) {
            let order = learning_order::order(&graph);
            if order != *old.order {
                site.order = Arc::new(order);
            }
            site.graph = Arc::new(graph);
        }
        Some(Analysis { site: Arc::new(site), bodies: Arc::new(bodies) })
    }

    /// Updates the titles in the table of names. Returns the notes that link to an old or new title. `None` if one of
    /// these is an alias note, because the links through it would change too.
    fn retitled(&mut self, site: &Site, edited: &[(FileId, NoteId)]) -> Option<Vec<NoteId>> {
        let mut keys = FxHashSet::default();
        for &(_, i) in edited {
            let (before, now) = (&self.analysis.site.note(i).title, &site.note(i).title);
            if before != now {
                self.names.retitle(i, before, now);
                keys.extend([link_key(before), link_key(now)]);
            }
        }
        if keys.is_empty() {
            return Some(Vec::new());
        }
        let resolver = Resolver {
            config: &site.config,
            notes: &site.notes,
            names: &self.names,
            routes: &site.routes,
            vault: &site.vault,
            crowds: Default::default(),
        };
        let notes = resolver.notes_linking_by_name(&keys);
        notes.iter().all(|&i| site.note(i).kind != Kind::Alias).then_some(notes)
    }

    /// The notes whose links must be resolved again: the edited ones, and those with links to a note whose anchors
    /// changed.
    fn to_resolve(&self, site: &Site, edited: &[(FileId, NoteId)]) -> Vec<NoteId> {
        let old = &*self.analysis.site;
        let mut notes: Vec<NoteId> = edited.iter().map(|(_, i)| *i).collect();
        for &(_, i) in edited.iter().filter(|(_, i)| !has_the_same_anchors(old.note(*i), site.note(*i))) {
            notes.extend(old.graph.to(i).map(|edge| edge.source));
        }
        notes.sort_unstable();
        notes.dedup();
        notes
    }
}

/// The index after edits of frontmatter: the old one if none of its keys changed. `None` if the set of pages changed.
fn index_after(old: &Site, site: &Site, edited: &[(FileId, NoteId)]) -> Option<Arc<Index>> {
    let is_listed_alike = |(_, i): &(FileId, NoteId)| {
        let (a, b) = (old.note(*i), site.note(*i));
        let keys = |note: &Note| (note.head.importance, note.head.updated);
        a.title == b.title && keys(a) == keys(b) && a.head.tags == b.head.tags
    };
    if edited.iter().all(is_listed_alike) {
        return Some(old.index.clone());
    }
    let index = index::index(&site.notes);
    let same = index.tags.keys().eq(old.index.tags.keys()) && index.folders.keys().eq(old.index.folders.keys());
    same.then(|| Arc::new(index))
}

/// Whether a note has the same names, except for its title, and the same paths.
fn is_found_alike(old: &Note, new: &Note) -> bool {
    old.kind == new.kind
        // In a plain base, an empty file and one that could not be read are pages.
        && old.doc.blocks.is_empty() == new.doc.blocks.is_empty()
        && old.is_failed() == new.is_failed()
        && old.kind != Kind::Alias
        && old.listed_page == new.listed_page
        && old.head.draft == new.head.draft
        && old.head.id == new.head.id
        && old.head.aliases == new.head.aliases
        && old.head.redirect_from == new.head.redirect_from
}

/// Whether everything that different pages show of a note is the same: title, frontmatter, summary. Anchors are not
/// compared.
fn looks_the_same(old: &Note, new: &Note) -> bool {
    let answered = |note: &Note| note.cards.iter().filter(|card| card.answered).count();
    is_found_alike(old, new)
        && old.title == new.title
        && old.head == new.head
        && old.summary == new.summary
        && old.brief == new.brief
        && old.definition == new.definition
        && old.terms == new.terms
        && answered(old) == answered(new)
}

fn has_the_same_anchors(old: &Note, new: &Note) -> bool {
    let headings =
        |note: &'_ Note| note.doc.headings.iter().map(|h| (h.anchor.clone(), h.text.clone())).collect::<Vec<_>>();
    let footnotes = |note: &Note| note.doc.footnotes.iter().map(|f| f.number).collect::<Vec<_>>();
    headings(old) == headings(new)
        && old.doc.html_ids == new.doc.html_ids
        && old.doc.block_ids == new.doc.block_ids
        && footnotes(old) == footnotes(new)
}
