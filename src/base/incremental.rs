//! Incremental analysis: parses a note again only if its text changed, and rebuilds the base-wide tables (names, routes,
//! index, graph) only if the edit can change them. The result equals `analyze` of the same files; a property test compares
//! both after random edits.
//!
//! # Example
//!
//! A base has 1,000 notes, and `cache.md` links to “Balanced tree”, the title of `b-tree.md`. Four saves of `b-tree.md`:
//!
//! | edit | parsed | tables rebuilt | result |
//! |---|---|---|---|
//! | none: the editor saved the same bytes | 0 files | none | [`Invalidation::Nothing`] |
//! | a sentence in a section is added | 1 file | links of this note | [`Invalidation::Texts`] |
//! | the title becomes “Search tree” | 1 file | index; links of this note and of `cache.md` | [`Invalidation::Heads`] |
//! | an alias is added | 1 file | all | [`Invalidation::Everything`] |
//!
//! A new title changes the target of every link written with the old or the new title, so `cache.md` is resolved again but
//! not parsed again. A new alias also claims an output path for its redirect, so routes and all links are computed from
//! scratch. The test `the_example_of_the_incremental_analysis` goes through this table.

use crate::base::analyze::{Analysis, AnalysisInputs, Caches, ReadNote, assemble};
use crate::base::duplicates::FingerprintCache;
use crate::base::graph::{self, Names, Resolver};
use crate::base::index::{self, Index};
use crate::base::learning_order;
use crate::base::overlaps::OverlapCache;
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

/// The number of files parsed and reused, over all analyses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Files taken over from the previous analysis.
    pub hits: u64,
    /// Files parsed.
    pub misses: u64,
}

/// The parts of a site changed since the previous analysis, from which the server derives the pages to render again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Invalidation {
    /// No part.
    Nothing,
    /// The texts of these notes. The set of notes, their heads and addresses are unchanged.
    Texts(Vec<NoteId>),
    /// The texts and heads of these notes, and so every page displaying their title, summary or facts. The set of notes,
    /// their kinds and addresses are unchanged.
    Heads(Vec<NoteId>),
    /// All pages.
    Everything,
}

/// Analyses the same site repeatedly, reusing the results of the previous analysis.
#[derive(Debug)]
pub(crate) struct IncrementalAnalyzer {
    last: Option<Last>,
    caches: Caches,
    /// Buffers of the parser. Emptied if the schema changes, because they contain section lookups by schema.
    scratch: ScratchPool,
    counts: Counts,
}

impl Default for IncrementalAnalyzer {
    fn default() -> IncrementalAnalyzer {
        IncrementalAnalyzer {
            last: None,
            caches: Caches { fingerprints: FingerprintCache::enabled(), overlaps: OverlapCache::enabled() },
            scratch: ScratchPool::default(),
            counts: Counts::default(),
        }
    }
}

/// The previous analysis and everything needed to update it.
#[derive(Debug)]
struct Last {
    inputs: AnalysisInputs,
    /// Every parsed Markdown file, drafts included, in the order of the vault.
    read: IndexVec<FileId, ReadNote>,
    analysis: Analysis,
    names: Names,
}

impl IncrementalAnalyzer {
    /// The analysis of these files, and its changes since the previous call.
    pub(crate) fn analyze(
        &mut self,
        config: &Arc<Config>,
        vault: Arc<Vault>,
        static_files: &Arc<Vec<String>>,
        drafts: bool,
    ) -> (Analysis, Invalidation) {
        let schema = match &self.last {
            // An equal configuration resolves to an equal schema.
            Some(last) if *last.inputs.config == **config => last.inputs.schema.clone(),
            _ => Arc::new(config.schema.resolve()),
        };
        let static_files = static_files.clone();
        let inputs = AnalysisInputs { config: config.clone(), schema, vault, static_files, drafts };
        let (read, fresh) = self.read(&inputs);
        if let Some(last) = &mut self.last
            && let Some(invalidation) = last.apply_edits(&inputs, &read, &fresh)
        {
            return (last.analysis.clone(), invalidation);
        }
        let (analysis, names) = assemble(inputs.clone(), read.clone(), self.caches.clone());
        self.last = Some(Last { inputs, read, analysis: analysis.clone(), names });
        (analysis, Invalidation::Everything)
    }

    /// The number of parsed and reused files so far.
    #[cfg(test)]
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Every Markdown file parsed, and the indexes of files parsed by this call.
    fn read(&mut self, inputs: &AnalysisInputs) -> (IndexVec<FileId, ReadNote>, Vec<FileId>) {
        let known = self.last.as_ref().filter(|last| last.parses_alike(inputs));
        if known.is_none() {
            self.scratch = ScratchPool::default();
        }
        let mut reusable = reusable(known, &inputs.vault);
        // Only a note with the site's title depends on the title in the configuration.
        if known.is_some_and(|last| last.inputs.config.title != inputs.config.title) {
            reusable.iter_mut().for_each(|known| drop(known.take_if(|(note, _)| note.is_called_like_the_site())));
        }
        let reader = Reader::new(&inputs.config, &inputs.schema);
        let parse = |scratch: &mut Scratch, (id, known): (FileId, Option<ReadNote>)| match known {
            Some((mut note, body)) => {
                // Files before this one may have been added or removed.
                note.file = id;
                ((note, body), false)
            }
            None => {
                let (note, body) = reader.read(id, inputs.vault.file(id), scratch);
                ((note, Arc::new(body)), true)
            }
        };
        let files = inputs.vault.note_files().into_par_iter().zip(reusable);
        let (read, is_fresh): (Vec<ReadNote>, Vec<bool>) =
            files.map_init(|| self.scratch.take(), |scratch, file| parse(scratch, file)).unzip();
        let (read, is_fresh) = (IndexVec::from(read), IndexVec::<FileId, bool>::from(is_fresh));
        let fresh: Vec<FileId> = is_fresh.iter_enumerated().filter(|(_, fresh)| **fresh).map(|(id, _)| id).collect();
        self.counts.misses += fresh.len() as u64;
        self.counts.hits += (read.len() - fresh.len()) as u64;
        (read, fresh)
    }
}

/// For each Markdown file the previous result of parsing. `None` if its path or bytes differ from every file parsed before.
fn reusable(last: Option<&Last>, vault: &Vault) -> Vec<Option<ReadNote>> {
    let Some(last) = last else { return vec![None; vault.markdown] };
    let old = &last.inputs.vault;
    let at = |id: FileId, file: &SourceFile| (old.files[id] == *file).then(|| last.read[id].clone());
    // The usual case, a saved edit: files are compared by index, without a table of paths.
    if has_the_same_files(old, vault) {
        return vault.notes().map(|(id, file)| at(id, file)).collect();
    }
    let places: FxHashMap<&str, FileId> = old.notes().map(|(id, file)| (&*file.path, id)).collect();
    vault.notes().map(|(_, file)| places.get(&*file.path).and_then(|&id| at(id, file))).collect()
}

/// Whether both vaults have the same paths in the same order.
fn has_the_same_files(old: &Vault, new: &Vault) -> bool {
    // Most paths are shared with the previous vault, and comparing pointers avoids comparing 10,000 strings.
    let same_path = |(a, b): (&SourceFile, &SourceFile)| Arc::ptr_eq(&a.path, &b.path) || a.path == b.path;
    old.markdown == new.markdown
        && old.files.len() == new.files.len()
        && old.files.iter().zip(&new.files).all(same_path)
}

/// The problems of files other than Markdown. A file with a problem has no output path, so a new problem changes the routes.
fn asset_problems(vault: &Vault) -> impl Iterator<Item = &Problem> {
    vault.problems.iter().filter(|problem| !vault.note_files().contains(problem.file))
}

impl Last {
    /// Whether equal text still gives an equal note: the settings of the parser are unchanged.
    fn parses_alike(&self, new: &AnalysisInputs) -> bool {
        let (old, config) = (&self.inputs.config, &new.config);
        let from_right = |config: &Config| crate::config::is_right_to_left(&config.language);
        old.markdown == config.markdown
            && old.pages == config.pages
            && from_right(old) == from_right(config)
            && self.inputs.schema == new.schema
    }

    /// Applies edits that leave every base-wide table (names, routes, index) valid. `None` if one changed: rebuild from
    /// scratch. `fresh` has the indexes of the parsed files in `read`.
    fn apply_edits(
        &mut self,
        new: &AnalysisInputs,
        read: &IndexVec<FileId, ReadNote>,
        fresh: &[FileId],
    ) -> Option<Invalidation> {
        let old = &self.inputs;
        let same = old.config == new.config
            && old.drafts == new.drafts
            && old.static_files == new.static_files
            && old.vault.note_templates == new.vault.note_templates
            && has_the_same_files(&old.vault, &new.vault)
            && asset_problems(&old.vault).eq(asset_problems(&new.vault));
        let all = |alike: fn(&Note, &Note) -> bool| fresh.iter().all(|&i| alike(&self.read[i].0, &read[i].0));
        if !same || !all(has_the_same_names) {
            return None;
        }
        // Problems of the vault are diagnostics, so a changed one needs a new site.
        if fresh.is_empty() && old.vault.problems == new.vault.problems {
            return Some(Invalidation::Nothing);
        }
        let old_site = self.analysis.site.clone();
        let published = |&id: &FileId| old_site.note_of_file[id].map(|note| (id, note));
        let edited: Vec<(FileId, NoteId)> = fresh.iter().filter_map(published).collect();
        let only_texts = all(looks_the_same);
        // A link by the title of a draft is reported as a link to a draft, so a retitled draft changes links everywhere.
        if !only_texts && edited.len() < fresh.len() {
            return None;
        }
        self.analysis = self.with_edits(new, read, &edited, only_texts)?;
        self.inputs = new.clone();
        self.read = read.clone();
        let notes = edited.into_iter().map(|(_, note)| note).collect();
        Some(if only_texts { Invalidation::Texts(notes) } else { Invalidation::Heads(notes) })
    }

    /// The analysis with the new versions of edited notes, given as index in `read` and note. `None` if the edits may change
    /// the address of a page. On `None`, [`Last::names`] may be changed already, so the caller must rebuild.
    fn with_edits(
        &mut self,
        new: &AnalysisInputs,
        read: &IndexVec<FileId, ReadNote>,
        edited: &[(FileId, NoteId)],
        only_texts: bool,
    ) -> Option<Analysis> {
        let old = self.analysis.site.clone();
        let mut site = Site {
            vault: new.vault.clone(),
            repeated: Arc::default(),
            schema_use: Arc::default(),
            embeds_over: Arc::default(),
            asset_names: Arc::default(),
            ..(*old).clone()
        };
        let mut bodies = (*self.analysis.bodies).clone();
        for &(file, i) in edited {
            let (note, body) = &read[file];
            // The kind depends on the other files of the folder as well (an index page without `index.md`), and those are
            // unchanged. A note parsed alone does not know them.
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
        let held_back = read.iter().map(|(note, _)| note).filter(|note| site.note_of_file[note.file].is_none());
        site.drafts = Arc::new(held_back.cloned().collect());
        let resolver = resolver(&site, &self.names);
        let assets = site.drafts.iter().flat_map(|draft| resolver.assets_of_draft(draft)).collect();
        let graph = graph::after_edits(&old.graph, &old.notes, &resolver, &resolve);
        site.assets_of_drafts = Arc::new(assets);
        if let Some(graph) = graph {
            let order = learning_order::order(&graph);
            if order != *old.order {
                site.order = Arc::new(order);
            }
            site.graph = Arc::new(graph);
        }
        Some(Analysis { site: Arc::new(site), bodies: Arc::new(bodies) })
    }

    /// Enters new titles in the table of names. Returns the notes with a link written as an old or a new title. `None` if one
    /// of them is an alias note: its target is part of the table of names, so every link to the alias would change.
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
        let resolver = resolver(site, &self.names);
        let notes = resolver.notes_linking_by_name(&keys);
        notes.iter().all(|&i| site.note(i).kind != Kind::Alias).then_some(notes)
    }

    /// The notes whose links may have a different target or fault: the edited notes, and all notes with a link to an edited
    /// note whose anchors changed. Ascending.
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

/// The resolver for the links of an edited site, with the names after the edits.
fn resolver<'a>(site: &'a Site, names: &'a Names) -> Resolver<'a> {
    Resolver {
        config: &site.config,
        notes: &site.notes,
        names,
        routes: &site.routes,
        vault: &site.vault,
        crowds: Default::default(),
    }
}

/// The index after edits of heads: the old one if its sort keys are unchanged. `None` if a tag or folder was added or
/// removed, because each has a page.
fn index_after(old: &Site, site: &Site, edited: &[(FileId, NoteId)]) -> Option<Arc<Index>> {
    // Sorting all notes again is needed only after a change of a sort key, and most edits of a head change none.
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

/// Whether both versions of a note have the same names, except for the title, and the same addresses. False for alias notes.
fn has_the_same_names(old: &Note, new: &Note) -> bool {
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

/// Whether both versions of a note look the same on different pages: title, head, summary and definition, but not anchors.
fn looks_the_same(old: &Note, new: &Note) -> bool {
    let answered = |note: &Note| note.cards.iter().filter(|card| card.answered).count();
    has_the_same_names(old, new)
        && old.title == new.title
        && old.head == new.head
        && old.summary == new.summary
        && old.brief == new.brief
        && old.definition == new.definition
        && old.terms == new.terms
        && old.explained == new.explained
        && answered(old) == answered(new)
}

/// Whether links to a heading, id or footnote of both versions have the same result.
fn has_the_same_anchors(old: &Note, new: &Note) -> bool {
    let headings =
        |note: &'_ Note| note.doc.headings.iter().map(|h| (h.anchor.clone(), h.text.clone())).collect::<Vec<_>>();
    let footnotes = |note: &Note| note.doc.footnotes.iter().map(|f| f.number).collect::<Vec<_>>();
    headings(old) == headings(new)
        && old.doc.html_ids == new.doc.html_ids
        && old.doc.block_ids == new.doc.block_ids
        && footnotes(old) == footnotes(new)
}
