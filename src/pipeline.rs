//! The stages in order, on one screen. `analyze` turns files into a frozen site; everything after it only looks. `warm`
//! does the same with what it remembers of the last time.

mod warm;

pub use warm::{Counts, Extent, Warm};

use crate::config::Config;
use crate::graph::{self, Names, Resolver};
use crate::index;
use crate::markdown::{Body, Spares};
use crate::note::{Kind, Note, Reader, landing_rank};
use crate::path;
use crate::repeat::Prints;
use crate::route;
use crate::schema::Schema;
use crate::site::Site;
use crate::source::FileId;
use crate::vault::Vault;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What analysis is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Everything that pages are made of.
    Bodies,
    /// Only what findings need: the HTML of each note is dropped as soon as it was read.
    Findings,
}

/// A site and the HTML of its notes. A copy costs next to nothing.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// The site.
    pub site: Arc<Site>,
    /// The HTML of each note, by note index; empty where it was not kept.
    pub bodies: Arc<[Arc<Body>]>,
}

/// What a site is made of, beside what its notes say.
#[derive(Debug, Clone)]
struct Materials {
    config: Arc<Config>,
    schema: Arc<Schema>,
    vault: Arc<Vault>,
    static_files: Arc<Vec<String>>,
    /// Whether drafts are notes like any other.
    drafts: bool,
}

/// A file as it was read, and its HTML.
type ReadNote = (Note, Arc<Body>);

/// Everything from the files to the frozen site. With `drafts`, drafts are notes like any other.
pub fn analyze(config: Config, vault: Vault, static_files: Vec<String>, drafts: bool, keep: Keep) -> Analysis {
    let schema = Arc::new(config.schema.resolve());
    let (config, vault, static_files) = (Arc::new(config), Arc::new(vault), Arc::new(static_files));
    let read = read(&config, &schema, &vault, keep);
    assemble(Materials { config, schema, vault, static_files, drafts }, read, Prints::default()).0
}

fn read(config: &Config, schema: &Schema, vault: &Vault, keep: Keep) -> Vec<ReadNote> {
    let reader = Reader::new(config, schema);
    let (none, spares) = (Arc::new(Body::default()), Spares::default());
    let files = vault.files[..vault.markdown].par_iter().enumerate();
    let read = files.map_init(
        || spares.take(),
        |spare, (i, file)| {
            let (note, body) = reader.read(FileId(i as u32), file, spare);
            (note, if keep == Keep::Bodies { Arc::new(body) } else { none.clone() })
        },
    );
    read.collect()
}

/// The site of what was read; beside it the tables in which its links were looked up.
fn assemble(materials: Materials, read: Vec<ReadNote>, prints: Prints) -> (Analysis, Names) {
    let Materials { config, schema, vault, static_files, drafts } = materials;
    let (published, drafted): (Vec<_>, Vec<_>) = read.into_iter().partition(|(note, _)| drafts || !note.head.draft);
    let (mut notes, bodies): (Vec<Note>, Vec<Arc<Body>>) = published.into_iter().unzip();
    let drafted: Vec<Note> = drafted.into_iter().map(|(note, _)| note).collect();
    one_landing_a_folder(&mut notes);
    let assets: Vec<(u32, &str)> = vault.usable_assets().map(|(id, file)| (id.0, &*file.path)).collect();
    let views = || {
        let index = index::index(&notes);
        let routes = route::routes(&notes, &index, &assets, &static_files);
        (Arc::new(index), Arc::new(routes))
    };
    let ((index, routes), names) = rayon::join(views, || Names::new(&vault, &notes, &drafted, &static_files));
    let resolver = Resolver { config: &config, notes: &notes, names: &names, routes: &routes };
    let graph = graph::graph(&resolver);
    let assets_of_drafts = Arc::new(drafted.iter().flat_map(|draft| resolver.assets_of_draft(draft)).collect());
    let (order, graph) = (Arc::new(path::order(&graph)), Arc::new(graph));
    let mut note_of_file = vec![None; vault.markdown];
    for (i, note) in notes.iter().enumerate() {
        note_of_file[note.file.index()] = Some(i as u32);
    }
    let note_of_file = Arc::new(note_of_file);
    let site = Site {
        config,
        schema,
        vault,
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
        prints,
        embeds_over: Arc::default(),
    };
    (Analysis { site: Arc::new(site), bodies: bodies.into() }, names)
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
