//! All files of the published site by path, with their bytes computed on demand: the build writes all files, the
//! preview answers a request for a single file. Computed bytes are not stored.

use crate::base::graph::{EdgeKind, Target};
use crate::base::page_kinds::PageKind;
use crate::base::routes::{PAGE_ROWS, RouteOwner, markdown_copy};
use crate::base::site::Site;
use crate::check::rules::internal_error;
use crate::config::Config;
use crate::data::feeds;
pub(crate) use crate::pages::compose::Parts;
use crate::pages::compose::{Composer, Page, folder_title};
use crate::pages::html::Sizes;
use crate::pages::templates::{Renderer, TemplateError, theme_files};
use crate::pages::views::SiteView;
use crate::publish::data_files::{self, Files};
use crate::publish::own_files::OwnFiles;
use crate::publish::picture_size::picture_size;
use crate::publish::practice_files;
use crate::publish::previews;
pub(crate) use crate::publish::site_view::{THEME_FOLDER, site_view};
use crate::system::disk::{DiskFile, cannot_read};
use crate::system::panics;
use crate::text::diagnostic::Diagnostic;
use crate::text::ids::NoteId;
use crate::text::packed::SortedStringMap;
use crate::text::paths::{nfc, path_key};
use crate::text::source::FileId;
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The kind of a file of the site, with its source.
#[derive(Debug, Clone)]
pub(crate) enum File {
    /// A page.
    Page(Page),
    /// A file that is copied from disk.
    Disk(DiskFile),
    /// The Markdown source of a note.
    Markdown(NoteId),
    /// A file of the built-in theme.
    Theme(Cow<'static, [u8]>),
    /// A generated file for scripts, feed readers or crawlers.
    Data(DataFile),
}

/// A generated file for scripts, feed readers or crawlers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataFile {
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
    /// `_canon/tree/N.js` with this number N.
    Tree(usize),
    /// `_canon/KIND/N.js` with this number N: the names of a long list.
    Names(PageKind, usize),
    /// `.nojekyll`
    NoJekyll,
    /// The sitemap, or the part with this index of a split sitemap.
    Sitemap(usize),
}

/// The source of the bytes of a file.
#[derive(Debug)]
pub(crate) enum Content {
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// A file to copy, which is not read into memory because it may be large.
    Disk(DiskFile),
}

/// A site as a set of files.
pub(crate) struct Publication {
    site: Arc<Site>,
    composer: Composer,
    renderer: Arc<Renderer>,
    table: Arc<Table>,
    /// The bundles, computed at the first request. Two are behind `Arc`, because most edits leave them valid.
    search: OnceLock<Files>,
    graph: Arc<OnceLock<Files>>,
    previews: Arc<OnceLock<Files>>,
    practice: OnceLock<Files>,
    /// For each page that failed to render, the `internal-error` of its note.
    failures: Mutex<BTreeMap<String, Diagnostic>>,
}

/// The list of files.
struct Table {
    files: SortedStringMap<File>,
    /// The paths and contents of the sitemap files.
    sitemaps: Vec<(String, String)>,
}

/// Data files which are computed together at the first request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bundle {
    /// The search index, in the folder `search/`.
    Search,
    /// The graph with its positions.
    Graph,
    /// The previews of links.
    Previews,
    /// The cards of the practice page.
    Practice,
}

impl Bundle {
    /// All bundles.
    pub(crate) const ALL: [Bundle; 4] = [Bundle::Search, Bundle::Graph, Bundle::Previews, Bundle::Practice];

    /// The bundle of a path. `None` if the path belongs to none.
    pub(crate) fn of(path: &str) -> Option<Bundle> {
        match path {
            data_files::GRAPH_FILE => Some(Bundle::Graph),
            p if p.starts_with("_canon/graph/") => Some(Bundle::Graph),
            p if p.starts_with("search/") => Some(Bundle::Search),
            p if p.starts_with("_canon/previews/") => Some(Bundle::Previews),
            p if p.starts_with(practice_files::FOLDER) => Some(Bundle::Practice),
            _ => None,
        }
    }
}

/// The renderer of a site. `has_findings` says whether the health page has anything to show.
///
/// # Errors
/// A template or text file of the site is invalid.
pub(crate) fn renderer(site: &Site, own: &OwnFiles, has_findings: bool) -> Result<Renderer, TemplateError> {
    Renderer::new(&SiteView { has_findings, ..site_view(site) }, &own.overrides)
}

/// The dimensions of the images that notes show. An image whose header cannot be parsed is omitted, and its page has no
/// `width` and `height`.
///
/// # Errors
/// A fault of the machine while an image was read.
pub(crate) fn sizes(site: &Site) -> Result<Sizes, String> {
    let mut sizes = Sizes::default();
    for file in linked_assets(site) {
        let path = site.vault.file(file).path.to_lowercase();
        let is_picture =
            [".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"].iter().any(|ending| path.ends_with(ending));
        if is_picture && let Some(picture) = site.vault.on_disk(file) {
            let size = picture_size(&picture).map_err(|e| cannot_read(picture.path(), &e))?;
            sizes.extend(size.map(|size| (file, size)));
        }
    }
    Ok(sizes)
}

/// The assets that published notes link to or embed.
fn linked_assets(site: &Site) -> std::collections::BTreeSet<FileId> {
    let targets = site.graph.links.iter().flatten();
    targets.filter_map(|r| if let Target::Asset(file) = r.target { Some(file) } else { None }).collect()
}

impl Publication {
    /// Lists all files of a site.
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
            practice: OnceLock::new(),
            failures: Mutex::default(),
        }
    }

    /// The publication after edits that changed neither the index and the routes of the site nor its own files and
    /// templates. The list of files is reused unless the set of linked assets or the number of pages of a list changed.
    pub(crate) fn after_edits(&self, parts: Parts, own: &OwnFiles) -> Publication {
        let (site, renderer) = (parts.site.clone(), parts.renderer.clone());
        let composer = self.composer.after_edits(parts);
        let same_graph = Arc::ptr_eq(&site.graph, &self.site.graph);
        let wanted_pages = |site: &Site| site.graph.wanted.len().div_ceil(PAGE_ROWS);
        let same_links = same_graph
            || wanted_pages(&site) == wanted_pages(&self.site)
                && linked_assets(&site) == linked_assets(&self.site)
                && composer.has_same_learning_pages(&self.composer);
        // A longer text of a folder can have more pages.
        let same_files = same_links && composer.has_same_folders(&self.composer);
        let table = if same_files { self.table.clone() } else { Arc::new(table(&site, &composer, &renderer, own)) };
        let graph = if same_graph { self.graph.clone() } else { Arc::default() };
        // Previews have the text of sections, which an edit may change.
        let previews = Arc::default();
        let (search, practice, failures) = (OnceLock::new(), OnceLock::new(), Mutex::default());
        Publication { site, composer, renderer, table, search, graph, previews, practice, failures }
    }

    /// The publication after edits of frontmatter and text that changed neither the URLs and types of notes nor the own
    /// files and templates of the site. The content of pages is new. The list of files is reused unless dates, assets
    /// or list pages changed.
    pub(crate) fn after_head_edits(&self, parts: Parts, own: &OwnFiles) -> Publication {
        let (site, renderer) = (parts.site.clone(), parts.renderer.clone());
        let composer = Composer::new(parts);
        // The dates are part of the sitemap, which the table of files contains.
        let dated_alike = || site.notes.iter().zip(&self.site.notes).all(|(a, b)| a.head.updated == b.head.updated);
        let assets_alike =
            || Arc::ptr_eq(&site.graph, &self.site.graph) || linked_assets(&site) == linked_assets(&self.site);
        let same_files = dated_alike() && assets_alike() && composer.has_same_lists(&self.composer);
        let table = if same_files { self.table.clone() } else { Arc::new(table(&site, &composer, &renderer, own)) };
        let (search, graph, previews) = (OnceLock::new(), Arc::default(), Arc::default());
        let (practice, failures) = (OnceLock::new(), Mutex::default());
        Publication { site, composer, renderer, table, search, graph, previews, practice, failures }
    }

    /// Whether both publications share their list of files. `false` does not imply that the lists differ.
    pub(crate) fn has_same_files(&self, other: &Publication) -> bool {
        Arc::ptr_eq(&self.table, &other.table)
    }

    /// Computes the files of a bundle without storing them.
    pub(crate) fn make(&self, bundle: Bundle) -> Files {
        match bundle {
            Bundle::Search => data_files::search(&self.site),
            Bundle::Graph => data_files::graph(&self.site),
            Bundle::Previews => previews::previews(&self.site, self.renderer.texts()),
            Bundle::Practice => practice_files::practice(&self.site, &self.composer),
        }
    }

    /// The files of a bundle, computed at the first call.
    pub(crate) fn bundle(&self, bundle: Bundle) -> &Files {
        self.cell_of(bundle).get_or_init(|| self.make(bundle))
    }

    fn cell_of(&self, bundle: Bundle) -> &OnceLock<Files> {
        match bundle {
            Bundle::Search => &self.search,
            Bundle::Graph => &self.graph,
            Bundle::Previews => &self.previews,
            Bundle::Practice => &self.practice,
        }
    }

    /// All files by path, except for the files of bundles.
    pub(crate) fn files(&self) -> &SortedStringMap<File> {
        &self.table.files
    }

    /// The number of pages.
    pub(crate) fn pages(&self) -> usize {
        self.table.files.values().iter().filter(|f| matches!(f, File::Page(_))).count()
    }

    /// The content of a file.
    ///
    /// # Errors
    /// A template uses a value that the page does not have.
    pub(crate) fn content(&self, path: &str, file: &File) -> Result<Content, TemplateError> {
        Ok(match file {
            File::Page(page) => Content::Bytes(self.page(path, page)?.into_bytes()),
            File::Disk(from) => Content::Disk(from.clone()),
            File::Markdown(i) => {
                let text = self.site.note(*i).doc.public_source(&self.site.source(*i).text);
                Content::Bytes(text.into_owned().into_bytes())
            }
            File::Theme(bytes) => Content::Bytes(bytes.to_vec()),
            File::Data(file) => Content::Bytes(self.data_file(*file).into_bytes()),
        })
    }

    /// The HTML of a page. If rendering the note panics, a page with a report of the failure.
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
        // The page of findings does not render the note, but may fail for the same reason.
        let html = panics::catch(|| self.composer.page_of_findings(path, note, Some(&failure)));
        self.lock_failures().insert(path.to_string(), failure);
        html.unwrap_or_else(|again| Err(unable(&again.message)))
    }

    /// The note whose text the page shows. `None` for pages about several notes.
    fn note_of(&self, path: &str, page: &Page) -> Option<NoteId> {
        match page {
            Page::Note(i) | Page::Alias(i) => Some(*i),
            Page::Folder(folder, _) => self.site.index.folders.get(folder)?.landing,
            _ => self.site.routes.introductions.get(path).copied(),
        }
    }

    /// The `internal-error` of each page that failed to render so far, in path order.
    pub(crate) fn failures(&self) -> Vec<Diagnostic> {
        self.lock_failures().values().cloned().collect()
    }

    /// The `internal-error` of a page that failed to render.
    pub(crate) fn failure(&self, path: &str) -> Option<Diagnostic> {
        self.lock_failures().get(path).cloned()
    }

    fn lock_failures(&self) -> MutexGuard<'_, BTreeMap<String, Diagnostic>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn data_file(&self, file: DataFile) -> String {
        let site = &*self.site;
        match file {
            DataFile::Notes => feeds::notes_json(site),
            DataFile::Graph => feeds::graph_json(site),
            DataFile::Feed => feeds::atom(site),
            DataFile::Robots => feeds::robots(site),
            DataFile::Llms => feeds::llms(site, |folder| folder_title(site, folder)),
            DataFile::Tree(n) => self.composer.tree_file(n),
            DataFile::Names(kind, n) => self.composer.name_file(kind, n),
            DataFile::NoJekyll => String::new(),
            DataFile::Sitemap(n) => self.table.sitemaps[n].1.clone(),
        }
    }
}

/// Builds the list of files.
fn table(site: &Site, composer: &Composer, renderer: &Renderer, own: &OwnFiles) -> Table {
    let pages = composer.pages();
    let listed = pages.iter().filter(|(path, page)| page.is_in_sitemap() && path != PageKind::NotFound.path());
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
    let copy = |(i, _)| Some((markdown_copy(&site.routes.notes[i])?.into(), File::Markdown(i)));
    let copies = site.concepts().filter_map(copy);
    let statics: FxHashSet<String> = own.static_files.iter().map(|name| path_key(name)).collect();
    let maps = sitemaps.iter().enumerate().map(|(n, (path, _))| (Cow::from(path), DataFile::Sitemap(n)));
    let trees = (0..composer.tree_files()).map(|n| (Cow::from(format!("_canon/tree/{n}.js")), DataFile::Tree(n)));
    let names = composer.name_files().into_iter().flat_map(|(kind, count)| (0..count).map(move |n| (kind, n)));
    let names =
        names.map(|(kind, n)| (Cow::from(format!("_canon/{}/{n}.js", kind.info().name)), DataFile::Names(kind, n)));
    let data = data_files_by_path().map(|(path, file)| (Cow::from(path), file)).chain(maps).chain(trees).chain(names);
    let data = data.filter(|(path, _)| !statics.contains(&**path));
    let data = data.map(|(path, file)| (path, File::Data(file)));
    let pages = pages.into_iter().map(|(path, page)| (path, File::Page(page)));
    // If two files claim the same path, the later wins: `collect` preserves the last value of a key.
    let files: SortedStringMap<File> = theme.chain(assets).chain(free).chain(copies).chain(pages).chain(data).collect();
    Table { files, sitemaps }
}

/// Whether the path of a static file collides with no page and no Markdown copy, ignoring letter case.
fn is_free(site: &Site, name: &str) -> bool {
    !matches!(
        site.routes.owner_or_reserved(name),
        Some(RouteOwner::Generated | RouteOwner::Note(_) | RouteOwner::Markdown(_))
    )
}

/// The problem and the remedy if `[theme]` names a file that the static folder lacks. Every page would request the file
/// in vain.
pub(crate) fn theme_fault(config: &Config, own: &OwnFiles) -> Option<(String, &'static str)> {
    let theme = &config.theme;
    let named =
        [&theme.logo].into_iter().filter(|logo| !logo.is_empty()).chain(&theme.extra_css).chain(&theme.extra_js);
    let file = named.into_iter().find(|file| !own.static_files.contains(file))?;
    let folder = &config.static_folder;
    let message = format!("`[theme]` names `{file}`, which is not in the static folder `{folder}`");
    Some((message, "put it there, or take it out of canon.toml"))
}

fn data_files_by_path() -> impl Iterator<Item = (&'static str, DataFile)> {
    [
        ("api/notes.json", DataFile::Notes),
        ("api/graph.json", DataFile::Graph),
        ("feed.xml", DataFile::Feed),
        ("robots.txt", DataFile::Robots),
        ("llms.txt", DataFile::Llms),
        (".nojekyll", DataFile::NoJekyll),
    ]
    .into_iter()
}

/// The files of the theme. All style sheets are concatenated, so a page requests a single file.
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

/// The number of edges between notes by kind, for summaries.
pub(crate) fn edge_counts(site: &Site) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    // As in the graph files, links of pages are not counted.
    let between_notes = |e: &crate::base::graph::Edge| site.note(e.source).is_note() && site.note(e.target).is_note();
    for kind in EdgeKind::ALL {
        counts.insert(kind.name(), site.graph.edges.iter().filter(|e| e.kind == kind && between_notes(e)).count());
    }
    counts
}
