//! Analysis with a memory: a note is parsed again only if its text changed, and where an edit shows to no other file but
//! by what it says, the tables of the whole base are kept. Gives what `analyze` gives; a test holds it to that.

use crate::base::analyze::{Analysis, AnalysisInputs, ReadNote, assemble};
use crate::base::duplicates::FingerprintCache;
use crate::base::graph::{self, Names, Resolver};
use crate::base::index::{self, Index, NoteIndex};
use crate::base::learning_order;
use crate::base::site::Site;
use crate::base::vault::{Problem, Vault};
use crate::config::Config;
use crate::note::markdown::{Body, Scratch, ScratchPool};
use crate::note::{Kind, Note, Reader};
use crate::text::slug::name_key;
use crate::text::source::{FileId, SourceFile};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// How often a file was parsed, and how often that was not needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Parses that were remembered.
    pub hits: u64,
    /// Parses.
    pub misses: u64,
}

/// How much of a site is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Invalidation {
    /// Nothing at all.
    Nothing,
    /// The texts of these notes; which notes there are, their heads and addresses are as they were.
    Texts(Vec<NoteIndex>),
    /// The texts of these notes, and how other pages speak of them; which notes there are, of which kind and where, is as it
    /// was.
    Heads(Vec<NoteIndex>),
    /// Whatever there is.
    Everything,
}

/// What is remembered between two looks at the same site.
#[derive(Debug)]
pub(crate) struct IncrementalAnalyzer {
    last: Option<Last>,
    prints: FingerprintCache,
    /// What passes leave for later ones; by the schema of `last`.
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
    /// Every Markdown file as it was read, drafts too, by file.
    read: Vec<ReadNote>,
    analysis: Analysis,
    names: Names,
}

impl IncrementalAnalyzer {
    /// What `analyze` makes of these files, and how much of it is new.
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

    /// How often a parse was remembered.
    #[cfg(test)]
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Every Markdown file as it reads, and which of them were parsed just now.
    fn read(&mut self, materials: &AnalysisInputs) -> (Vec<ReadNote>, Vec<usize>) {
        let known = self.last.as_ref().filter(|last| last.reads_alike(materials));
        if known.is_none() {
            self.spares = ScratchPool::default();
        }
        let mut remembered = remembered(known, &materials.vault);
        if known.is_some_and(|last| last.materials.config.title != materials.config.title) {
            remembered.iter_mut().for_each(|known| drop(known.take_if(|(note, _)| note.is_called_like_the_site())));
        }
        let reader = Reader::new(&materials.config, &materials.schema);
        let parse = |spare: &mut Scratch, (i, (file, known)): (usize, (&SourceFile, Option<ReadNote>))| match known {
            Some((mut note, body)) => {
                note.file = FileId(i as u32);
                ((note, body), false)
            }
            None => {
                let (note, body) = reader.read(FileId(i as u32), file, spare);
                ((note, Arc::new(body)), true)
            }
        };
        let files = materials.vault.files[..materials.vault.markdown].par_iter().zip(remembered).enumerate();
        let (read, is_fresh): (Vec<ReadNote>, Vec<bool>) =
            files.map_init(|| self.spares.take(), |spare, file| parse(spare, file)).unzip();
        let fresh: Vec<usize> = is_fresh.iter().enumerate().filter(|(_, fresh)| **fresh).map(|(i, _)| i).collect();
        self.counts.misses += fresh.len() as u64;
        self.counts.hits += (read.len() - fresh.len()) as u64;
        (read, fresh)
    }
}

/// What is known of each Markdown file: its parse, if its path and bytes are those of one that was read.
fn remembered(last: Option<&Last>, vault: &Vault) -> Vec<Option<ReadNote>> {
    let Some(last) = last else { return vec![None; vault.markdown] };
    let old = &last.materials.vault;
    let at = |i: usize, file: &SourceFile| (old.files[i] == *file).then(|| last.read[i].clone());
    if has_the_same_files(old, vault) {
        return vault.notes().map(|(id, file)| at(id.index(), file)).collect();
    }
    let places: FxHashMap<&str, usize> = old.notes().map(|(id, file)| (&*file.path, id.index())).collect();
    vault.notes().map(|(_, file)| places.get(&*file.path).and_then(|&i| at(i, file))).collect()
}

fn has_the_same_files(old: &Vault, new: &Vault) -> bool {
    let same_path = |(a, b): (&SourceFile, &SourceFile)| Arc::ptr_eq(&a.path, &b.path) || a.path == b.path;
    old.markdown == new.markdown
        && old.files.len() == new.files.len()
        && old.files.iter().zip(&new.files).all(same_path)
}

/// What is wrong with files that are not Markdown: such a file has no address, so a new problem changes the routes.
fn asset_problems(vault: &Vault) -> impl Iterator<Item = &Problem> {
    vault.problems.iter().filter(|problem| problem.file.index() >= vault.markdown)
}

impl Last {
    /// Whether the same text is still read the same way.
    fn reads_alike(&self, new: &AnalysisInputs) -> bool {
        let (old, config) = (&self.materials.config, &new.config);
        old.markdown == config.markdown && old.pages == config.pages && self.materials.schema == new.schema
    }

    /// Takes edits in that no table of the whole base has to be made anew for; `None` where one has. `fresh` are the files
    /// that were parsed.
    fn edit(&mut self, new: &AnalysisInputs, read: &[ReadNote], fresh: &[usize]) -> Option<Invalidation> {
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
        let shown = |&i: &usize| old_site.note_of_file[i].map(|note| (i, note));
        let edited: Vec<(usize, NoteIndex)> = fresh.iter().filter_map(shown).collect();
        let only_texts = all(looks_the_same);
        // A draft is known by its title, too.
        if !only_texts && edited.len() < fresh.len() {
            return None;
        }
        self.analysis = self.with_edits(new, read, &edited, only_texts)?;
        self.materials = new.clone();
        self.read = read.to_vec();
        let notes = edited.into_iter().map(|(_, note)| note).collect();
        Some(if only_texts { Invalidation::Texts(notes) } else { Invalidation::Heads(notes) })
    }

    /// The analysis with new texts of some notes, and new heads unless only texts are new. `None` where the addresses of
    /// pages may be others; then nothing of this holds and all is made anew.
    fn with_edits(
        &mut self,
        new: &AnalysisInputs,
        read: &[ReadNote],
        edited: &[(usize, NoteIndex)],
        only_texts: bool,
    ) -> Option<Analysis> {
        let old = self.analysis.site.clone();
        let mut site =
            Site { vault: new.vault.clone(), repeated: Arc::default(), embeds_over: Arc::default(), ..(*old).clone() };
        let mut bodies: Vec<Arc<Body>> = self.analysis.bodies.to_vec();
        for &(file, i) in edited {
            let (note, body) = &read[file];
            // What it is was decided among the files of its folder, which are the same.
            site.notes[i as usize] = note.clone();
            site.notes[i as usize].kind = old.note(i).kind;
            bodies[i as usize] = body.clone();
        }
        let mut resolve: Vec<NoteIndex> = self.to_resolve(&site, edited);
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
            crowds: Default::default(),
        };
        let held_back = read.iter().map(|(note, _)| note).filter(|note| site.note_of_file[note.file.index()].is_none());
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
        Some(Analysis { site: Arc::new(site), bodies: bodies.into() })
    }

    /// Enters new titles; the notes that link to something by an old or a new one. `None` where an alias does: where it leads,
    /// others follow.
    fn retitled(&mut self, site: &Site, edited: &[(usize, NoteIndex)]) -> Option<Vec<NoteIndex>> {
        let mut keys = FxHashSet::default();
        for &(_, i) in edited {
            let (before, now) = (&self.analysis.site.note(i).title, &site.note(i).title);
            if before != now {
                self.names.retitle(i, before, now);
                keys.extend([name_key(before), name_key(now)]);
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
            crowds: Default::default(),
        };
        let notes = resolver.notes_linking_by_name(&keys);
        notes.iter().all(|&i| site.note(i).kind != Kind::Alias).then_some(notes)
    }

    /// The notes whose links may lead elsewhere: those edited, and those that lead to one whose anchors changed.
    fn to_resolve(&self, site: &Site, edited: &[(usize, NoteIndex)]) -> Vec<NoteIndex> {
        let old = &*self.analysis.site;
        let mut notes: Vec<NoteIndex> = edited.iter().map(|(_, i)| *i).collect();
        for &(_, i) in edited.iter().filter(|(_, i)| !has_the_same_anchors(old.note(*i), site.note(*i))) {
            notes.extend(old.graph.to(i).map(|edge| edge.source));
        }
        notes.sort_unstable();
        notes.dedup();
        notes
    }
}

/// The index after edits of heads: the old one where none of its keys changed. `None` where it lists other pages.
fn index_after(old: &Site, site: &Site, edited: &[(usize, NoteIndex)]) -> Option<Arc<Index>> {
    let is_listed_alike = |(_, i): &(usize, NoteIndex)| {
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

/// Whether a note is found by the same names, but for its title, and has the same addresses.
fn is_found_alike(old: &Note, new: &Note) -> bool {
    old.kind == new.kind
        && old.kind != Kind::Alias
        && old.listed_page == new.listed_page
        && old.head.draft == new.head.draft
        && old.head.id == new.head.id
        && old.head.aliases == new.head.aliases
        && old.head.redirect_from == new.head.redirect_from
}

/// Whether everything by which other files know a note is the same: its name, head, summary; but for its anchors.
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
    headings(old) == headings(new) && old.doc.html_ids == new.doc.html_ids && footnotes(old) == footnotes(new)
}
