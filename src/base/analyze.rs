//! The stages of the analysis in order. [`analyze`] turns files into a frozen site, which all later stages only read.
//! `incremental.rs` does the same with the results of the previous run.

use crate::base::duplicates::FingerprintCache;
use crate::base::graph::{self, Names, Resolver};
use crate::base::index;
use crate::base::learning_order;
use crate::base::overlaps::OverlapCache;
use crate::base::page_kinds;
use crate::base::routes;
use crate::base::site::Site;
use crate::base::vault::Vault;
use crate::config::schema::Schema;
use crate::config::{Config, SiteOptions};
use crate::note::markdown::{Body, ScratchPool};
use crate::note::{Kind, Note, Reader, is_in_aliases, landing_rank, says_only_its_link};
use crate::system::progress;
use crate::text::ids::{IndexVec, NoteId};
use crate::text::paths::path_key;
use crate::text::slug::slug;
use crate::text::source::FileId;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The purpose of an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnalysisMode {
    /// To render pages.
    Build,
    /// To run rules only: the HTML of each note is dropped after parsing.
    Check,
}

/// The HTML of each note; empty where it was not kept.
pub(crate) type Bodies = Arc<IndexVec<NoteId, Arc<Body>>>;

/// A site with the HTML of its notes. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Analysis {
    /// The site.
    pub site: Arc<Site>,
    /// The HTML of each note. Empty in the mode `Check`.
    pub bodies: Bodies,
}

/// The inputs of a site in addition to the parsed notes.
#[derive(Debug, Clone)]
pub(super) struct AnalysisInputs {
    pub(super) config: Arc<Config>,
    pub(super) schema: Arc<Schema>,
    pub(super) vault: Arc<Vault>,
    pub(super) static_files: Arc<Vec<String>>,
    /// Whether drafts are published like all notes.
    pub(super) drafts: bool,
}

/// The results of the last comparison of all notes, for the next one. The default value stores nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Caches {
    pub(super) fingerprints: FingerprintCache,
    pub(super) overlaps: OverlapCache,
}

/// A parsed file with its HTML.
pub(super) type ReadNote = (Note, Arc<Body>);

/// Analyzes the files of a base. With `drafts`, drafts are published like all notes.
pub(crate) fn analyze(
    config: Config,
    vault: Vault,
    static_files: Vec<String>,
    drafts: bool,
    keep: AnalysisMode,
) -> Analysis {
    let schema = Arc::new(config.schema.resolve());
    let (config, vault, static_files) = (Arc::new(config), Arc::new(vault), Arc::new(static_files));
    let read = read(&config, &schema, &vault, keep);
    assemble(AnalysisInputs { config, schema, vault, static_files, drafts }, read, Caches::default()).0
}

fn read(config: &Config, schema: &Schema, vault: &Vault, keep: AnalysisMode) -> IndexVec<FileId, ReadNote> {
    let reader = Reader::new(config, schema);
    let (none, spares) = (Arc::new(Body::default()), ScratchPool::default());
    let read = vault.note_files().into_par_iter().map_init(
        || spares.take(),
        |spare, id| {
            let (note, body) = reader.read(id, vault.file(id), spare);
            progress::count();
            (note, if keep == AnalysisMode::Build { Arc::new(body) } else { none.clone() })
        },
    );
    read.collect()
}

/// Builds the site from parsed notes. Also returns the tables of names with which its links were resolved.
pub(super) fn assemble(
    materials: AnalysisInputs,
    read: IndexVec<FileId, ReadNote>,
    caches: Caches,
) -> (Analysis, Names) {
    let AnalysisInputs { config, schema, vault, static_files, drafts } = materials;
    let (published, drafted): (Vec<_>, Vec<_>) = read.into_iter().partition(|(note, _)| drafts || !note.head.draft);
    let (mut notes, bodies): (IndexVec<NoteId, Note>, IndexVec<NoteId, Arc<Body>>) = published.into_iter().unzip();
    let drafted: Vec<Note> = drafted.into_iter().map(|(note, _)| note).collect();
    one_landing_a_folder(&mut notes);
    let is_plain = is_plain(&notes, drafted.len());
    if is_plain {
        pages_become_notes(&mut notes, &vault, &config.site);
    }
    let assets: Vec<(FileId, &str)> = vault.usable_assets().map(|(id, file)| (id, &*file.path)).collect();
    let views = || {
        let index = index::index(&notes);
        let routes = routes::routes(&notes, &index, &assets, &static_files, &config.site);
        (Arc::new(index), Arc::new(routes))
    };
    let ((index, routes), names) = rayon::join(views, || Names::new(&vault, &notes, &drafted, &static_files));
    let resolver = Resolver {
        config: &config,
        notes: &notes,
        names: &names,
        routes: &routes,
        vault: &vault,
        crowds: Default::default(),
    };
    let graph = graph::graph(&resolver);
    let assets_of_drafts = Arc::new(drafted.iter().flat_map(|draft| resolver.assets_of_draft(draft)).collect());
    let (order, graph) = (Arc::new(learning_order::order(&graph)), Arc::new(graph));
    let mut note_of_file = IndexVec::filled(None, vault.markdown);
    for (i, note) in notes.iter_enumerated() {
        note_of_file[note.file] = Some(i);
    }
    let note_of_file = Arc::new(note_of_file);
    let site = Site {
        config,
        schema,
        vault,
        is_plain,
        notes,
        drafts: Arc::new(drafted),
        assets_of_drafts,
        static_files,
        index,
        routes,
        graph,
        note_of_file,
        order,
        repeated: Arc::default(),
        prints: caches.fingerprints,
        overlaps: Arc::default(),
        overlap_cache: caches.overlaps,
        schema_use: Arc::default(),
        embeds_over: Arc::default(),
        asset_names: Arc::default(),
    };
    (Analysis { site: Arc::new(site), bodies: Arc::new(bodies) }, names)
}

/// Whether a base is plain: fewer than half of its Markdown files have frontmatter, landing pages, alias notes and declared
/// pages not counted. `drafts` are files with frontmatter that are not among `notes`.
fn is_plain(notes: &[Note], drafts: usize) -> bool {
    let is_landing = |note: &Note| note.head.id.is_none() && landing_rank(&format!("{}.md", note.stem)).is_some();
    let counted = || notes.iter().filter(|n| !n.listed_page && n.kind != Kind::Alias && !is_landing(n));
    let with = counted().filter(|note| note.head.fence.present).count() + drafts;
    with * 2 < counted().count() + drafts
}

/// In a plain base, files without frontmatter are notes whose facts are unknown. The introductions of generated pages,
/// second landing pages, and files that are empty or cannot be read stay pages; alias notes stay what they are only if they
/// say nothing but the link.
fn pages_become_notes(notes: &mut [Note], vault: &Vault, options: &SiteOptions) {
    let tags = notes.iter().filter(|note| note.is_note()).flat_map(|note| &note.head.tags);
    let tag_pages: FxHashSet<String> = tags.map(|tag| routes::tag_page(&slug(tag))).collect();
    let is_introduction = |note: &Note| {
        let path = path_key(&routes::natural(note));
        page_kinds::is_index(&path, options) || tag_pages.contains(&path)
    };
    for note in notes.iter_mut().filter(|note| !note.head.fence.present && !note.listed_page) {
        let stays = match note.kind {
            Kind::Note | Kind::Landing => true,
            Kind::Alias => is_in_aliases(&note.stem) || says_only_its_link(&note.doc),
            Kind::Page => {
                landing_rank(&format!("{}.md", note.stem)).is_some()
                    || is_introduction(note)
                    || note.doc.blocks.is_empty()
                    || note.is_failed()
                    || is_in_aliases(&note.stem)
                    || vault.is_unreadable(note.file)
            }
        };
        if !stays {
            note.kind = Kind::Note;
        }
    }
}

/// Of several landing pages in a folder the first by rank is; the others are pages.
fn one_landing_a_folder(notes: &mut [Note]) {
    let mut best: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let rank = |note: &Note| landing_rank(&format!("{}.md", note.stem)).unwrap_or(usize::MAX);
    for (i, note) in notes.iter().enumerate().filter(|(_, n)| n.kind == Kind::Landing) {
        let entry = best.entry(note.folder().to_string()).or_insert((rank(note), i));
        *entry = (*entry).min((rank(note), i));
    }
    for (i, note) in notes.iter_mut().enumerate().filter(|(_, n)| n.kind == Kind::Landing) {
        if best.get(note.folder()).is_some_and(|&(_, first)| first != i) {
            note.kind = Kind::Page;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::compose::Findings;
    use crate::publish::files::{Content, Parts, Publication, renderer, sizes};
    use crate::publish::own_files::OwnFiles;
    use crate::text::diagnostic::Diagnostic;
    use crate::text::source::{SourceFile, Sources};

    fn analysis(files: &[(&str, &str)]) -> Analysis {
        let files: Sources = files.iter().map(|(path, text)| SourceFile::new(*path, text)).collect();
        let vault = Vault { markdown: files.len(), files, folders: [String::new()].into(), ..Vault::default() };
        analyze(Config::default(), vault, Vec::new(), false, AnalysisMode::Build)
    }

    fn publication(analysis: &Analysis, findings: &[Diagnostic]) -> Publication {
        let (site, own) = (analysis.site.clone(), OwnFiles::default());
        let parts = Parts {
            bodies: analysis.bodies.clone(),
            sizes: Arc::new(sizes(&site).expect("pictures")),
            renderer: Arc::new(renderer(&site, &own, true).expect("the built-in templates")),
            findings: Findings::computed(findings.to_vec(), 0),
            site,
        };
        Publication::new(parts, &own)
    }

    /// The HTML of a page.
    fn page(publication: &Publication, path: &str) -> String {
        let file = publication.files().get(path).unwrap_or_else(|| panic!("no {path}"));
        match publication.content(path, file) {
            Ok(Content::Bytes(bytes)) => String::from_utf8(bytes).expect("text"),
            other => panic!("{path}: {other:?}"),
        }
    }

    /// File and message of the findings of a rule.
    fn of<'a>(analysis: &'a Analysis, found: &'a [Diagnostic], rule: &str) -> Vec<(&'a str, &'a str)> {
        let own = found.iter().filter(|d| d.rule == rule);
        own.map(|d| (&*analysis.site.vault.file(d.file).path, d.message.as_str())).collect()
    }

    const GOOD: &str = "---\nid: good\ntitle: Good\n---\nA [dead end](gone.md) and [the bad one](bad.md).\n";

    #[test]
    fn a_fault_while_a_note_is_read_is_its_finding_and_costs_no_other_note_anything() {
        let analysis = analysis(&[
            ("bad.md", "---\nid: bad\ntitle: The bad one\n---\nfault while reading\n"),
            ("good.md", GOOD),
            ("hidden.md", "---\nid: hidden\ndraft: true\n---\nfault while reading\n"),
        ]);
        let found = crate::check::rules::run(&analysis.site, None).diagnostics;
        let failed = of(&analysis, &found, "internal-error");
        assert_eq!(failed.iter().map(|(file, _)| *file).collect::<Vec<_>>(), ["bad.md", "hidden.md"]);
        assert!(failed[0].1.contains("a test asked for this fault while reading (src/system/panics.rs:"), "{failed:?}");
        assert!(found.iter().filter(|d| d.rule == "internal-error").all(|d| d.help.contains("report")));
        let broken = of(&analysis, &found, "broken-link");
        assert_eq!(broken.iter().map(|(file, _)| *file).collect::<Vec<_>>(), ["good.md"]);
        let publication = publication(&analysis, &found);
        let bad = page(&publication, "bad.html");
        assert!(bad.contains("The bad one") && bad.contains("canon failed while it read this note"), "{bad}");
        assert!(page(&publication, "good.html").contains("dead end"));
        assert!(publication.files().get("hidden.html").is_none(), "a draft stays held back");
        assert_eq!(publication.failures(), []);
    }

    #[test]
    fn a_fault_of_a_rule_is_a_finding_and_costs_no_other_rule_anything() {
        let analysis = analysis(&[("bad.md", "[[gone]] fault while hidden-character \u{7}\n"), ("good.md", GOOD)]);
        let found = crate::check::rules::run(&analysis.site, None).diagnostics;
        let failed = of(&analysis, &found, "internal-error");
        assert_eq!(failed.len(), 1, "{failed:?}");
        assert!(failed[0].0 == "bad.md" && failed[0].1.contains("`hidden-character`"), "{failed:?}");
        assert_eq!(of(&analysis, &found, "broken-link").len(), 2);
        assert_eq!(of(&analysis, &found, "missing-frontmatter").len(), 1);
    }

    #[test]
    fn a_fault_while_a_page_is_made_shows_on_that_page_and_is_told() {
        let text = "---\nid: bad\ntitle: The bad one\n---\nfault while rendering\n";
        let analysis = analysis(&[("bad.md", text), ("good.md", GOOD)]);
        let found = crate::check::rules::run(&analysis.site, None).diagnostics;
        let publication = publication(&analysis, &found);
        let bad = page(&publication, "bad.html");
        assert!(bad.contains("canon failed while it made this page") && bad.contains("fault while rendering"), "{bad}");
        assert!(page(&publication, "good.html").contains("dead end"));
        let failures = publication.failures();
        assert_eq!(of(&analysis, &failures, "internal-error").len(), 1);
        assert_eq!(publication.failure("bad.html").as_ref(), failures.first());
        assert_eq!(publication.failure("good.html"), None);
    }
}
