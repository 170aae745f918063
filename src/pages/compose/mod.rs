//! Composes the pages of a frozen site: the set of pages, and the values for the template of each one. Each page is
//! computed independently, so a build streams them and the preview renders a single one. The cost of a page does not
//! grow with the base.

pub(crate) mod columns;
mod facets;
mod findings;
mod glossary;
mod head;
mod landing;
mod learning;
mod learning_pages;
mod leftover;
mod listing;
mod lists;
mod names;
mod note;
mod pager;
mod pages;
mod pairs;
mod path_graph;
mod plain;
mod rows;
mod sections;
mod shared;
mod text_parts;
mod tree;
mod tree_files;

pub(crate) use findings::Findings;
use learning_pages::MapScope;
use pager::{page_of, page_range, pager, pager_of};
pub(crate) use plain::plain_text;
use shared::{OrderId, Shared};

use crate::base::analyze::Bodies;
use crate::base::index::Facet;
use crate::base::page_kinds::{PageKind, TAG_ROWS, index_kinds, page_count};
use crate::base::routes::{PAGE_ROWS, list_page};
use crate::base::site::Site;
use crate::note::markdown::{Document, Heading};
use crate::note::sections::shortened;
use crate::note::{Kind, Note, words_of};
use crate::pages::html::{Sizes, Writer};
use crate::pages::templates::{Renderer, TemplateError, View};
use crate::pages::views::*;
use crate::text::html_escape::without_forbidden;
use crate::text::ids::{HeadingId, Id, LinkId, NoteId};
use crate::text::paths::{encode_path, relative_url};
use std::borrow::Cow;
use std::sync::Arc;

/// The output path of the data file of the graph.
pub(crate) const GRAPH_FILE: &str = "_canon/graph-data.js";

/// A page of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Page {
    /// A note or a plain page.
    Note(NoteId),
    /// An alias note whose target is missing.
    Alias(NoteId),
    /// A redirect to a note.
    Redirect(NoteId),
    /// The page of a folder, and which one of several, from 0.
    Folder(String, usize),
    /// A tag by slug, and which page of its list, from 0.
    Tag(String, usize),
    /// The learning path to a note.
    Path(NoteId),
    /// The map of a folder or tag.
    Map(MapScope),
    /// A page at an address of its kind, and which page of its list, from 0.
    Index(PageKind, usize),
}

impl Page {
    /// Whether the sitemap lists this page.
    pub(crate) fn is_in_sitemap(&self) -> bool {
        let kind = match self {
            Page::Note(_) => PageKind::Note,
            Page::Alias(_) => PageKind::Alias,
            Page::Redirect(_) => PageKind::Redirect,
            Page::Folder(..) => PageKind::Landing,
            Page::Tag(..) => PageKind::Tag,
            Page::Path(_) => PageKind::Path,
            Page::Map(_) => PageKind::Map,
            Page::Index(kind, _) => *kind,
        };
        kind.info().in_sitemap
    }
}

/// The input of the composer.
#[derive(Clone)]
pub(crate) struct Parts {
    /// The site.
    pub site: Arc<Site>,
    /// The HTML of each note, with unfilled slots.
    pub bodies: Bodies,
    /// The dimensions of the images that notes show.
    pub sizes: Arc<Sizes>,
    /// The templates and texts.
    pub renderer: Arc<Renderer>,
    /// The findings for the health page.
    pub findings: Findings,
}

/// Renders the pages of a site.
pub(crate) struct Composer {
    site: Arc<Site>,
    bodies: Bodies,
    sizes: Arc<Sizes>,
    renderer: Arc<Renderer>,
    findings: Findings,
    /// The rendered folder trees, which belong to one renderer.
    trees: Arc<tree::Trees>,
    shared: Arc<Shared>,
    rows: rows::Rows,
}

impl Composer {
    /// Computes the shared values.
    pub(crate) fn new(parts: Parts) -> Composer {
        let Parts { site, bodies, sizes, renderer, findings } = parts;
        let (trees, shared) = rayon::join(|| tree::Trees::new(&site), || Shared::new(&site));
        let (trees, shared) = (Arc::new(trees), Arc::new(shared));
        let rows = rows::Rows::new(site.notes.len());
        Composer { site, bodies, sizes, renderer, findings, trees, shared, rows }
    }

    /// The composer after edits that changed neither the index nor the routes of the site.
    pub(crate) fn after_edits(&self, parts: Parts) -> Composer {
        let Parts { site, bodies, sizes, renderer, findings } = parts;
        // An edit that leaves the learning order alone also leaves the same `Arc` in the site: comparing pointers is
        // enough.
        let same = Arc::ptr_eq(&site.order, &self.site.order);
        let shared = if same { self.shared.clone() } else { Arc::new(Shared::new(&site)) };
        let same = Arc::ptr_eq(&renderer, &self.renderer);
        let trees = if same { self.trees.clone() } else { Arc::new(tree::Trees::new(&site)) };
        let rows = rows::Rows::new(site.notes.len());
        Composer { site, bodies, sizes, renderer, findings, trees, shared, rows }
    }

    /// Whether the lists of both composers have the same number of pages. The notes must be the same files with the
    /// same URLs.
    pub(crate) fn has_same_lists(&self, other: &Composer) -> bool {
        let pages = |rows: usize| page_count(rows, PAGE_ROWS);
        let (a, b) = (&*self.site, &*other.site);
        let by_tag = a.index.tags.iter().zip(&b.index.tags);
        by_tag.into_iter().all(|((s, x), (t, y))| s == t && pages(x.notes.len()) == pages(y.notes.len()))
            && a.index.tags.len() == b.index.tags.len()
            && pages(a.graph.wanted.len()) == pages(b.graph.wanted.len())
            && pages(a.index.recent.len()) == pages(b.index.recent.len())
            && pages(self.term_count()) == pages(other.term_count())
            && self.has_same_learning_pages(other)
            && self.has_same_folders(other)
    }

    /// Whether the same notes, folders and tags have pages for learning.
    pub(crate) fn has_same_learning_pages(&self, other: &Composer) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared) || self.shared.learning == other.shared.learning
    }

    /// All pages with their output paths, notes first.
    pub(crate) fn pages(&self) -> Vec<(Cow<'_, str>, Page)> {
        let site = &*self.site;
        let mut pages: Vec<(Cow<'_, str>, Page)> = Vec::with_capacity(site.notes.len() * 2);
        for (i, note) in site.all() {
            let path = &site.routes.notes[i];
            // The text of an introduction is part of a generated page at the same path, which `index_pages` adds.
            if site.routes.introductions.get(path) == Some(&i) {
                continue;
            }
            match note.kind {
                Kind::Landing => pages.push((path.into(), Page::Folder(note.folder().to_string(), 0))),
                Kind::Alias => pages.push((path.into(), self.alias(i))),
                _ => pages.push((path.into(), Page::Note(i))),
            }
        }
        for folder in site.index.folders.iter().filter(|(f, v)| !f.is_empty() && v.landing.is_none()).map(|(f, _)| f) {
            if let Some(path) = site.routes.folder_list(folder) {
                pages.push((path.into(), Page::Folder(folder.clone(), 0)));
            }
        }
        for (folder, first, count) in self.long_folders() {
            pages.extend((1..count).map(|n| (list_page(first, n).into(), Page::Folder(folder.to_string(), n))));
        }
        pages.extend(site.routes.redirects.iter().map(|r| (Cow::from(&r.path), Page::Redirect(r.target))));
        let learning = &self.shared.learning;
        pages.extend(learning.paths.iter().map(|(&note, path)| (Cow::from(path), Page::Path(note))));
        pages.extend(learning.maps.iter().map(|map| (Cow::from(&map.path), Page::Map(map.scope.clone()))));
        self.index_pages(&mut pages);
        pages
    }

    /// The page of an alias note: a redirect if its target exists.
    fn alias(&self, i: NoteId) -> Page {
        let links = &self.site.graph.links[i];
        match self.site.note(i).alias_link().map(|f| &links[f].target) {
            Some(crate::base::graph::Target::Note(target)) if *target != i => Page::Redirect(*target),
            _ => Page::Alias(i),
        }
    }

    fn index_pages(&self, pages: &mut Vec<(Cow<'_, str>, Page)>) {
        let site = &*self.site;
        let mut long = |name: &str, page_count: usize, page: &dyn Fn(usize) -> Page| {
            pages.extend((0..page_count).map(|n| (list_page(name, n).into(), page(n))));
        };
        for (slug, tag) in &site.index.tags {
            let count = page_count(tag.notes.len(), PAGE_ROWS);
            long(&crate::base::routes::tag_page(slug), count, &|n| Page::Tag(slug.clone(), n));
        }
        for (path, info) in index_kinds(&site.config.site) {
            let unknown = || match info.kind {
                PageKind::Wanted => site.graph.wanted.len(),
                _ => self.term_count(),
            };
            let count = info.rows.page_count(&site.index).unwrap_or_else(|| page_count(unknown(), PAGE_ROWS));
            long(path, count, &|n| Page::Index(info.kind, n));
        }
    }

    /// The number of data files of the folder tree.
    pub(crate) fn tree_files(&self) -> usize {
        self.trees.files.count()
    }

    /// Data file `n` of the folder tree.
    pub(crate) fn tree_file(&self, n: usize) -> String {
        self.trees.files.script(&self.site, &self.trees.listing, n)
    }

    /// The HTML of a page.
    ///
    /// # Errors
    /// A template uses a missing value or a value of the wrong type.
    pub(crate) fn html(&self, path: &str, page: &Page) -> Result<String, TemplateError> {
        let source = match page {
            // An error in the page of a note is reported for the Markdown file, which the user can open.
            Page::Note(i) | Page::Alias(i) => &self.site.vault.file(self.site.note(*i).file).path,
            _ => path,
        };
        let written = self.written(path, page);
        written.map(without_forbidden).map_err(|error| TemplateError { page: source.to_string(), ..error })
    }

    fn written(&self, path: &str, page: &Page) -> Result<String, TemplateError> {
        match page {
            Page::Note(i) if self.site.note(*i).is_note() => self.note_page(path, *i),
            Page::Note(i) => self.plain_page(path, *i),
            Page::Alias(i) => self.alias_page(path, *i),
            Page::Redirect(target) => self.redirect_page(path, *target),
            Page::Folder(folder, n) => self.folder_page(path, folder, *n),
            Page::Tag(slug, n) => self.tag_page(path, slug, *n),
            Page::Path(i) => self.path_page(path, *i),
            Page::Map(scope) => self.map_page(path, scope),
            Page::Index(kind, n) => self.index_page(path, *kind, *n),
        }
    }

    /// Page `n` of a kind that has an address of its own.
    fn index_page(&self, path: &str, kind: PageKind, n: usize) -> Result<String, TemplateError> {
        match kind {
            PageKind::Home => self.home_page(path),
            PageKind::Tags => self.tags_page(path, n),
            PageKind::Importance => self.importance_page(path, n),
            PageKind::Difficulty => self.groups_page(path, Facet::Difficulty, n),
            PageKind::Status => self.groups_page(path, Facet::Status, n),
            PageKind::Types => self.groups_page(path, Facet::Type, n),
            PageKind::Glossary => self.glossary_page(path, n),
            PageKind::Recent => self.recent_page(path, n),
            PageKind::Wanted => self.wanted_page(path, n),
            PageKind::Health => self.health_page(path),
            PageKind::Graph => self.graph_page(path),
            PageKind::Search => {
                let view = SearchView { intro_html: self.introduction(path) };
                self.index_view(path, &View::Search(&view))
            }
            PageKind::Map => self.base_map_page(path),
            PageKind::Practice => self.practice_page(path),
            PageKind::Browse => {
                let view = BrowseView { intro_html: self.introduction(path) };
                self.index_view(path, &View::Browse(&view))
            }
            PageKind::NotFound => self.not_found_page(path),
            PageKind::Note
            | PageKind::Landing
            | PageKind::Plain
            | PageKind::Tag
            | PageKind::Path
            | PageKind::Alias
            | PageKind::Unreadable
            | PageKind::Redirect => unreachable!("`index_kinds` lists no kind without an address of its own"),
        }
    }

    fn t(&self, key: &str) -> &str {
        self.renderer.page_texts().get(key).map_or("", String::as_str)
    }

    fn writer<'b>(&'b self, url: &'b str) -> Writer<'b> {
        Writer { site: &self.site, bodies: &self.bodies, url, texts: self.renderer.page_texts(), sizes: &self.sizes }
    }

    /// Renders a page whose title is the interface text of its kind.
    fn index_view(&self, path: &str, view: &View<'_>) -> Result<String, TemplateError> {
        let info = view.kind().info();
        // `lead_search` is for readers without scripts.
        let lead = match info.kind {
            PageKind::Search => "search_label".to_string(),
            _ => format!("lead_{}", info.name),
        };
        let page = self.page(path, info.kind, self.t(info.title), self.t(&lead))?;
        self.renderer.render(&page, view)
    }

    /// The absolute URL of an output path. `None` if the base URL of the site is unknown.
    fn absolute(&self, path: &str) -> Option<String> {
        crate::data::feeds::absolute(&self.site.config.base_url, path)
    }

    fn edit_url(&self, note: &Note) -> Option<String> {
        let template = &self.site.config.edit_url;
        if template.is_empty() {
            return None;
        }
        let mut path = String::new();
        encode_path(&self.site.vault.file(note.file).path, &mut path);
        Some(template.replace("{path}", &path))
    }

    /// A note as a row of a list on the page at `path`.
    fn row(&self, path: &str, i: NoteId) -> NoteRow {
        let note = self.site.note(i);
        let head = &note.head;
        NoteRow {
            title: note.title.clone(),
            url: relative_url(path, &self.site.routes.notes[i]),
            summary: note.brief.clone(),
            kind: head.kind.clone().unwrap_or_default(),
            status: head.status.clone().unwrap_or_default(),
            difficulty: head.difficulty.clone().unwrap_or_default(),
            difficulty_level: self.site.schema.difficulty_level(head.difficulty.as_deref()),
            importance: head.importance,
            updated: head.updated.map(|d| d.to_string()).unwrap_or_default(),
            links_in: self.site.graph.number_to(i),
            links_out: self.site.graph.from(i).len(),
        }
    }

    /// The HTML of the table rows on the page at `path`.
    fn table_rows(&self, path: &str, notes: &[NoteId]) -> Result<String, TemplateError> {
        let root = root_of(path);
        let mut html = String::with_capacity(notes.len() * 768);
        for &i in notes {
            let row = || {
                // The rendered row is cached for all pages: its URL starts with a placeholder that `push` replaces with
                // `root`.
                let mut url = rows::ROOT.to_string();
                encode_path(&self.site.routes.notes[i], &mut url);
                NoteRow { url, ..self.row(path, i) }
            };
            self.rows.push(i, &root, &self.renderer, row, &mut html)?;
        }
        Ok(html)
    }

    /// A table of the notes `rows` on the page at `path`, of a list with `total` notes.
    fn table(
        &self,
        path: &str,
        rows: &[NoteId],
        pager: Option<Pager>,
        total: usize,
    ) -> Result<NoteTable, TemplateError> {
        Ok(NoteTable { rows_html: self.table_rows(path, rows)?, pager, total, empty_columns: self.empty_columns(rows) })
    }

    /// The facts that none of the notes has.
    fn empty_columns(&self, notes: &[NoteId]) -> Vec<String> {
        columns::without_values(|| notes.iter().map(|&i| &self.site.note(i).head))
    }

    /// Notes as items of a list on the page at `path`.
    fn items(&self, path: &str, notes: &[NoteId]) -> Vec<NoteRow> {
        notes.iter().map(|&i| self.row(path, i)).collect()
    }

    /// The HTML of the Markdown file that introduces a generated page. Empty if there is none.
    fn introduction(&self, path: &str) -> String {
        match self.site.routes.introductions.get(path) {
            Some(&i) => self.body_without_title(path, i),
            None => String::new(),
        }
    }

    /// The HTML of a whole Markdown file without its title.
    fn body_without_title(&self, path: &str, i: NoteId) -> String {
        let writer = self.writer(path);
        let end = self.site.note(i).doc.html_end;
        let whole = crate::note::markdown::Slice { start: 0, end };
        writer.slice(i, whole) + &writer.footnotes(i, &[whole])
    }
}

/// Whether a heading is listed in "On this page": headings down to level 3, but inside lists and quotes only level 1.
fn is_in_contents(doc: &Document, heading: &Heading) -> bool {
    let is_outside = doc.blocks[heading.block].parent.is_none();
    heading.shown <= 3 && (heading.top || is_outside || heading.level == 1)
}

/// The relative path from a page to the root of the site.
fn root_of(path: &str) -> String {
    "../".repeat(path.matches('/').count())
}

/// The title of a folder: that of its landing page, else its name as words.
pub(crate) fn folder_title(site: &Site, folder: &str) -> String {
    match site.index.folders.get(folder).and_then(|f| f.landing) {
        Some(landing) => site.note(landing).title.clone(),
        None => words_of(folder.rsplit('/').next().unwrap_or(folder)),
    }
}
