//! Every file of the published site, by path, and its bytes when somebody asks: the build writes them all, the preview
//! answers with one. Nothing is held that can be made.

use crate::base::graph::{EdgeKind, Target};
use crate::base::index::NoteIndex;
use crate::base::routes::{PAGE_ROWS, RouteOwner, markdown_copy};
use crate::base::site::Site;
use crate::check::rules::internal_error;
use crate::config::Config;
use crate::data::feeds;
pub(crate) use crate::pages::compose::Parts;
use crate::pages::compose::{Composer, Page, folder_title};
use crate::pages::html::Sizes;
use crate::pages::templates::{Renderer, TemplateError, theme_files};
use crate::pages::views::{Counts, SiteView, direction};
use crate::publish::data_files::{self, Files};
use crate::publish::own_files::OwnFiles;
use crate::system::disk::{self, DiskFile, cannot_read};
use crate::system::panics;
use crate::text::diagnostic::Diagnostic;
use crate::text::packed::SortedStringMap;
use crate::text::slug::{nfc, path_key};
use crate::text::source::FileId;
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Folder of the theme's own scripts and styles in the site.
pub(crate) const THEME_FOLDER: &str = "_canon";

/// What stands at a path of the site.
#[derive(Debug, Clone)]
pub(crate) enum File {
    /// A page.
    Page(Page),
    /// A file that is copied.
    Disk(DiskFile),
    /// A note's own Markdown.
    Markdown(NoteIndex),
    /// A file of the theme.
    Theme(Cow<'static, [u8]>),
    /// Something for other programs.
    Machine(Machine),
}

/// A file for other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machine {
    /// `api/notes.json`
    Notes,
    /// `api/graph.json`
    Graph,
    /// `feed.xml`
    Feed,
    /// `robots.txt`
    Robots,
    /// `llms.txt`
    Llms,
    /// `_canon/tree.js`
    Tree,
    /// `.nojekyll`
    NoJekyll,
    /// `sitemap.xml` or a part of it, by number.
    Sitemap(usize),
}

/// What a file is made of.
#[derive(Debug)]
pub(crate) enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The bytes of this file.
    Disk(DiskFile),
}

/// A site as files.
pub(crate) struct Publication {
    site: Arc<Site>,
    composer: Composer,
    renderer: Arc<Renderer>,
    table: Arc<Table>,
    search: OnceLock<Files>,
    graph: Arc<OnceLock<Files>>,
    previews: Arc<OnceLock<Files>>,
    failures: Mutex<BTreeMap<String, Diagnostic>>,
}

/// Which files there are.
struct Table {
    files: SortedStringMap<File>,
    sitemaps: Vec<(String, String)>,
}

/// Data files that are made together, when somebody asks for one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bundle {
    /// The search index, in `search/`.
    Search,
    /// The graph with its positions.
    Graph,
    /// Previews of links.
    Previews,
}

impl Bundle {
    /// Every bundle.
    pub(crate) const ALL: [Bundle; 3] = [Bundle::Search, Bundle::Graph, Bundle::Previews];

    /// The bundle that a path belongs to.
    pub(crate) fn of(path: &str) -> Option<Bundle> {
        match path {
            data_files::GRAPH_FILE => Some(Bundle::Graph),
            p if p.starts_with("search/") => Some(Bundle::Search),
            p if p.starts_with("_canon/previews/") => Some(Bundle::Previews),
            _ => None,
        }
    }
}

/// What every page shares; the renderer is made of it.
pub(crate) fn site_view(site: &Site) -> SiteView {
    let config = &site.config;
    let concepts: Vec<NoteIndex> = site.concepts().map(|(i, _)| i).collect();
    let is_note = |i: NoteIndex| site.note(i).is_note();
    let values = |field: &str| site.schema.values(field).into_iter().map(str::to_string).collect();
    let accent = (!config.theme.accent.is_empty()).then(|| format!("{THEME_FOLDER}/accent.css"));
    SiteView {
        title: config.title.clone(),
        description: config.description.clone(),
        language: config.language.clone(),
        direction: direction(&config.language).into(),
        author: config.author.clone(),
        assets: THEME_FOLDER.into(),
        logo: config.theme.logo.clone(),
        extra_css: accent.into_iter().chain(config.theme.extra_css.iter().cloned()).collect(),
        extra_js: config.theme.extra_js.clone(),
        remote_images: config.remote_images,
        counts: Counts {
            notes: concepts.len(),
            folders: site.index.folders.iter().filter(|(f, v)| !f.is_empty() && v.count > 0).count(),
            links: site.graph.edges.iter().filter(|e| is_note(e.source) && is_note(e.target)).count(),
            tags: site.index.tags.len(),
            cards: site.notes.iter().flat_map(|n| &n.cards).filter(|c| c.answered).count(),
            wanted: site.graph.wanted.len(),
        },
        preview_shards: data_files::preview_files(site),
        types: values("type"),
        difficulties: values("difficulty"),
        statuses: values("status"),
        ..SiteView::default()
    }
}

/// The renderer of a site.
///
/// # Errors
/// A template or text file of the site that cannot be read.
pub(crate) fn renderer(site: &Site, own: &OwnFiles) -> Result<Renderer, TemplateError> {
    Renderer::new(&site_view(site), &own.overrides)
}

/// Sizes of the pictures that notes show; a picture without a size that can be read is shown without.
///
/// # Errors
/// The machine failed while one was read.
pub(crate) fn sizes(site: &Site) -> Result<Sizes, String> {
    let mut sizes = Sizes::default();
    for file in linked_assets(site) {
        let path = site.vault.file(file).path.to_lowercase();
        let is_picture =
            [".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"].iter().any(|ending| path.ends_with(ending));
        if is_picture && let Some(picture) = site.vault.on_disk(file) {
            let size = size(&picture).map_err(|e| cannot_read(picture.path(), &e))?;
            sizes.extend(size.map(|size| (file, size)));
        }
    }
    Ok(sizes)
}

/// Width and height of a picture; `None` if the file does not say, or cannot be read.
fn size(picture: &DiskFile) -> io::Result<Option<(u32, u32)>> {
    let Some((file, _)) = disk::unless_of_machine(picture.open())? else { return Ok(None) };
    match imagesize::reader_size(io::BufReader::new(file)) {
        Err(imagesize::ImageError::IoError(error)) if disk::is_of_machine(&error) => Err(error),
        Err(_) => Ok(None),
        Ok(size) => Ok(Some((size.width as u32, size.height as u32))),
    }
}

/// The assets that published notes link to or show.
fn linked_assets(site: &Site) -> std::collections::BTreeSet<FileId> {
    let targets = site.graph.links.iter().flatten();
    targets.filter_map(|r| if let Target::Asset(file) = r.target { Some(file) } else { None }).collect()
}

impl Publication {
    /// Lists every file.
    pub(crate) fn new(parts: Parts, own: &OwnFiles) -> Publication {
        let (site, renderer) = (parts.site.clone(), parts.renderer.clone());
        let composer = Composer::new(parts);
        let table = Arc::new(table(&site, &composer, &renderer, own));
        Publication {
            site,
            composer,
            renderer,
            table,
            search: OnceLock::new(),
            graph: Arc::default(),
            previews: Arc::default(),
            failures: Mutex::default(),
        }
    }

    /// The publication after edits that left the site's index, its routes, the site's own files and the templates as they
    /// were: nearly everything about which files there are still holds.
    pub(crate) fn after_edits(&self, parts: Parts, own: &OwnFiles) -> Publication {
        let (site, renderer) = (parts.site.clone(), parts.renderer.clone());
        let composer = self.composer.after_edits(parts);
        let same_graph = Arc::ptr_eq(&site.graph, &self.site.graph);
        let wanted_pages = |site: &Site| site.graph.wanted.len().div_ceil(PAGE_ROWS);
        let same_files = same_graph
            || wanted_pages(&site) == wanted_pages(&self.site) && linked_assets(&site) == linked_assets(&self.site);
        let table = if same_files { self.table.clone() } else { Arc::new(table(&site, &composer, &renderer, own)) };
        let graph = if same_graph { self.graph.clone() } else { Arc::default() };
        let previews = self.previews.clone();
        let (search, failures) = (OnceLock::new(), Mutex::default());
        Publication { site, composer, renderer, table, search, graph, previews, failures }
    }

    /// The publication after edits of heads and texts that left the notes' addresses and kinds, the site's own files and the
    /// templates as they were: what a page says is new, which pages there are mostly is not.
    pub(crate) fn after_head_edits(&self, parts: Parts, own: &OwnFiles) -> Publication {
        let (site, renderer) = (parts.site.clone(), parts.renderer.clone());
        let composer = Composer::new(parts);
        let dated_alike = || site.notes.iter().zip(&self.site.notes).all(|(a, b)| a.head.updated == b.head.updated);
        let assets_alike =
            || Arc::ptr_eq(&site.graph, &self.site.graph) || linked_assets(&site) == linked_assets(&self.site);
        let same_files = dated_alike() && assets_alike() && composer.has_the_same_lists(&self.composer);
        let table = if same_files { self.table.clone() } else { Arc::new(table(&site, &composer, &renderer, own)) };
        let (search, graph, previews) = (OnceLock::new(), Arc::default(), Arc::default());
        let failures = Mutex::default();
        Publication { site, composer, renderer, table, search, graph, previews, failures }
    }

    /// Whether two publications have the same list of files; not telling is possible, telling wrongly is not.
    pub(crate) fn lists_the_same(&self, other: &Publication) -> bool {
        Arc::ptr_eq(&self.table, &other.table)
    }

    /// The files of a bundle, made and given away.
    pub(crate) fn make(&self, bundle: Bundle) -> Files {
        match bundle {
            Bundle::Search => data_files::search(&self.site),
            Bundle::Graph => data_files::graph(&self.site),
            Bundle::Previews => data_files::previews(&self.site, self.renderer.texts()),
        }
    }

    /// The files of a bundle, made at the first call and kept.
    pub(crate) fn bundle(&self, bundle: Bundle) -> &Files {
        self.place_of(bundle).get_or_init(|| self.make(bundle))
    }

    fn place_of(&self, bundle: Bundle) -> &OnceLock<Files> {
        match bundle {
            Bundle::Search => &self.search,
            Bundle::Graph => &self.graph,
            Bundle::Previews => &self.previews,
        }
    }

    /// Every file by path, but for those of bundles.
    pub(crate) fn files(&self) -> &SortedStringMap<File> {
        &self.table.files
    }

    /// The number of pages.
    pub(crate) fn pages(&self) -> usize {
        self.table.files.values().iter().filter(|f| matches!(f, File::Page(_))).count()
    }

    /// What a file is made of.
    ///
    /// # Errors
    /// A template that asks for what a page does not have.
    pub(crate) fn content(&self, path: &str, file: &File) -> Result<Content, TemplateError> {
        Ok(match file {
            File::Page(page) => Content::Bytes(self.page(path, page)?.into_bytes()),
            File::Disk(from) => Content::Disk(from.clone()),
            File::Markdown(i) => Content::Bytes(self.site.source(*i).text.as_bytes().to_vec()),
            File::Theme(bytes) => Content::Bytes(bytes.to_vec()),
            File::Machine(machine) => Content::Bytes(self.machine(*machine).into_bytes()),
        })
    }

    /// A page's HTML. Where canon fails on the note that it shows, a page that says so.
    fn page(&self, path: &str, page: &Page) -> Result<String, TemplateError> {
        let note = self.note_of(path, page);
        let made = panics::catch(|| {
            note.into_iter().for_each(|i| panics::fault_for_tests("rendering", &self.site.source(i).text));
            self.composer.html(path, page)
        });
        let panic = match made {
            Ok(html) => return html,
            Err(panic) => panic,
        };
        let unable = |message: &str| TemplateError {
            template: String::new(),
            line: 0,
            page: path.to_string(),
            message: format!("canon failed while it made this page; please report it: {message}"),
            excerpt: String::new(),
        };
        let Some(note) = note else { return Err(unable(&panic.message)) };
        let failure = internal_error(self.site.note(note).file, "it made this page", &panic);
        let html = panics::catch(|| self.composer.page_of_findings(path, note, Some(&failure)));
        self.failures_now().insert(path.to_string(), failure);
        html.unwrap_or_else(|again| Err(unable(&again.message)))
    }

    /// The note whose text a page shows, if it is that of one note.
    fn note_of(&self, path: &str, page: &Page) -> Option<NoteIndex> {
        match page {
            Page::Note(i) | Page::Alias(i) => Some(*i),
            Page::Folder(folder) => self.site.index.folders.get(folder)?.landing,
            _ => self.site.routes.introductions.get(path).copied(),
        }
    }

    /// Why pages that were asked for say that canon failed on their notes, in path order.
    pub(crate) fn failures(&self) -> Vec<Diagnostic> {
        self.failures_now().values().cloned().collect()
    }

    /// Why a page that was asked for says that canon failed on its note.
    pub(crate) fn failure(&self, path: &str) -> Option<Diagnostic> {
        self.failures_now().get(path).cloned()
    }

    fn failures_now(&self) -> MutexGuard<'_, BTreeMap<String, Diagnostic>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn machine(&self, machine: Machine) -> String {
        let site = &*self.site;
        match machine {
            Machine::Notes => feeds::notes_json(site),
            Machine::Graph => feeds::graph_json(site),
            Machine::Feed => feeds::atom(site),
            Machine::Robots => feeds::robots(site),
            Machine::Llms => feeds::llms(site, |folder| folder_title(site, folder)),
            Machine::Tree => String::from_utf8_lossy(&data_files::tree(site)).into_owned(),
            Machine::NoJekyll => String::new(),
            Machine::Sitemap(n) => self.table.sitemaps[n].1.clone(),
        }
    }
}

fn table(site: &Site, composer: &Composer, renderer: &Renderer, own: &OwnFiles) -> Table {
    let pages = composer.pages();
    let listed = pages.iter().filter(|(path, page)| {
        !matches!(page, Page::Redirect(_) | Page::NotFound | Page::Alias(_)) && path != "404.html"
    });
    let mut addresses: Vec<&str> = listed.map(|(path, _)| &**path).collect();
    addresses.sort_unstable();
    let sitemaps = feeds::sitemaps(site, &addresses);
    let theme = theme(site, renderer).into_iter();
    let theme = theme.map(|(name, bytes)| (format!("{THEME_FOLDER}/{name}").into(), File::Theme(bytes)));
    let assets = linked_assets(site).into_iter();
    let asset = |file| Some((nfc(&site.vault.file(file).path), File::Disk(site.vault.on_disk(file)?)));
    let assets = assets.filter_map(asset);
    let free = own.static_files.iter().filter(|name| is_free(site, name));
    let free = free.map(|name| (name.into(), File::Disk(own.static_file(name))));
    let copy = |(i, _)| Some((markdown_copy(&site.routes.notes[i as usize])?.into(), File::Markdown(i)));
    let copies = site.concepts().filter_map(copy);
    let statics: FxHashSet<String> = own.static_files.iter().map(|name| path_key(name)).collect();
    let maps = sitemaps.iter().enumerate().map(|(n, (path, _))| (Cow::from(path), Machine::Sitemap(n)));
    let machines = machine_files().map(|(path, machine)| (Cow::from(path), machine)).chain(maps);
    let machines = machines.filter(|(path, _)| !statics.contains(&**path));
    let machines = machines.map(|(path, machine)| (path, File::Machine(machine)));
    let pages = pages.into_iter().map(|(path, page)| (path, File::Page(page)));
    // Where two want one path, the later has it.
    let files: SortedStringMap<File> =
        theme.chain(assets).chain(free).chain(copies).chain(pages).chain(machines).collect();
    Table { files, sitemaps }
}

/// Whether a file of the static folder does not lie where a page or a note's Markdown is written, letter case ignored.
fn is_free(site: &Site, name: &str) -> bool {
    !matches!(site.routes.owner(name), Some(RouteOwner::Generated | RouteOwner::Note(_) | RouteOwner::Markdown(_)))
}

/// What is wrong if the theme's settings name a file that the static folder lacks, and what to do: every page would ask for
/// it in vain.
pub(crate) fn theme_fault(config: &Config, own: &OwnFiles) -> Option<(String, &'static str)> {
    let theme = &config.theme;
    let named =
        [&theme.logo].into_iter().filter(|logo| !logo.is_empty()).chain(&theme.extra_css).chain(&theme.extra_js);
    let file = named.into_iter().find(|file| !own.static_files.contains(file))?;
    let folder = &config.static_folder;
    let message = format!("`[theme]` names `{file}`, which is not in the static folder `{folder}`");
    Some((message, "put it there, or take it out of canon.toml"))
}

fn machine_files() -> impl Iterator<Item = (&'static str, Machine)> {
    [
        ("api/notes.json", Machine::Notes),
        ("api/graph.json", Machine::Graph),
        ("feed.xml", Machine::Feed),
        ("robots.txt", Machine::Robots),
        ("llms.txt", Machine::Llms),
        ("_canon/tree.js", Machine::Tree),
        (".nojekyll", Machine::NoJekyll),
    ]
    .into_iter()
}

/// The theme's files: several small style sheets are one, so that a page asks for one.
fn theme(site: &Site, renderer: &Renderer) -> Vec<(String, Cow<'static, [u8]>)> {
    const JOINED: &[&str] = &["highlight.css", "math.css"];
    let all = theme_files();
    let mut style: Vec<u8> = Vec::new();
    for name in ["canon.css"].iter().chain(JOINED) {
        if let Some((_, bytes)) = all.iter().find(|(n, _)| n == name) {
            style.extend_from_slice(bytes);
        }
    }
    let mut files: Vec<_> = all
        .into_iter()
        .filter(|(n, _)| n != "canon.css" && !JOINED.contains(&n.as_str()) && !n.starts_with("reload."))
        .collect();
    files.push(("canon.css".into(), Cow::Owned(style)));
    files.push(("texts.js".into(), Cow::Owned(renderer.script_texts().into_bytes())));
    if !site.config.theme.accent.is_empty() {
        let rule = format!(":root {{ --accent: {}; }}\n", site.config.theme.accent);
        files.push(("accent.css".into(), Cow::Owned(rule.into_bytes())));
    }
    files
}

/// Numbers of edges by kind, for summaries.
pub(crate) fn edge_counts(site: &Site) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    // As in the graph's own files: pages link too, but are no part of it.
    let between_notes = |e: &crate::base::graph::Edge| site.note(e.source).is_note() && site.note(e.target).is_note();
    for kind in EdgeKind::ALL {
        counts.insert(kind.name(), site.graph.edges.iter().filter(|e| e.kind == kind && between_notes(e)).count());
    }
    counts
}
