//! The kinds of pages, as one table: names, templates, output paths, lengths. Part of `base`, because the routes
//! reserve the paths of the index pages. Knows no content of pages.
//!
//! The order of the rows is the order of [`PageKind`]. `content/building/theme-classes.md` has the same table, and a
//! test compares the two.

use crate::base::index::Index;
use crate::config::SiteOptions;

/// A kind of page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// A note.
    Note,
    /// The page of a folder.
    Landing,
    /// A Markdown file that is not a note.
    Plain,
    /// The home page.
    Home,
    /// All tags.
    Tags,
    /// The notes with a tag.
    Tag,
    /// Notes ranked by importance, in bands.
    Importance,
    /// Notes by difficulty.
    Difficulty,
    /// Notes by status.
    Status,
    /// Notes by type.
    Types,
    /// The terms of the glossary.
    Glossary,
    /// Notes by date.
    Recent,
    /// Missing notes with links.
    Wanted,
    /// The findings.
    Health,
    /// The graph.
    Graph,
    /// The search page.
    Search,
    /// The overview of all index pages.
    Browse,
    /// Notes by layer: of the base, a folder or a tag.
    Map,
    /// The learning path to a note.
    Path,
    /// The page for practising cards.
    Practice,
    /// An alias note without its target.
    Alias,
    /// A file that cannot be read as a note.
    Unreadable,
    /// A redirect.
    Redirect,
    /// The page that a host shows for a missing URL.
    NotFound,
}

/// The number of rows of a page kind with a fixed path. A page has at most [`PAGE_ROWS`] rows; the list
/// continues on further pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// No list, or a list that is always on a single page.
    OnePage,
    /// A row per note.
    Notes,
    /// A row per note with a date.
    RecentNotes,
    /// A short row per tag, see [`TAG_ROWS`].
    Tags,
    /// Unknown until texts and links are read. The paths of all possible further pages are reserved.
    Unknown,
}

/// The number of rows on a page of a long list.
pub(crate) const PAGE_ROWS: usize = 100;

/// The number of tags on a page of the list of all tags. More than [`PAGE_ROWS`], because a tag is a few words in a column.
pub(crate) const TAG_ROWS: usize = 500;

impl Rows {
    /// The number of pages, at least 1. `None` if unknown.
    pub(crate) fn page_count(self, index: &Index) -> Option<usize> {
        match self {
            Rows::OnePage => Some(1),
            Rows::Notes => Some(page_count(index.ranked.len(), PAGE_ROWS)),
            Rows::RecentNotes => Some(page_count(index.recent.len(), PAGE_ROWS)),
            Rows::Tags => Some(page_count(index.tags.len(), TAG_ROWS)),
            Rows::Unknown => None,
        }
    }
}

/// The number of pages of a list of `row_count` rows. An empty list has one page.
pub(crate) fn page_count(row_count: usize, rows_per_page: usize) -> usize {
    row_count.div_ceil(rows_per_page).max(1)
}

/// The fixed properties of a page kind.
#[derive(Debug)]
pub(crate) struct PageKindInfo {
    /// The kind.
    pub kind: PageKind,
    /// The name: `page.kind` in templates, and `page-NAME` as a class.
    pub name: &'static str,
    /// The template.
    pub template: &'static str,
    /// The variable of the template with the values of the page.
    pub variable: &'static str,
    /// The output path; `None` for kinds whose paths are derived from files and tags.
    pub path: Option<&'static str>,
    /// The key of the interface text for the title. Empty: the title is taken from the content.
    pub title: &'static str,
    /// The length of the list at `path`.
    pub rows: Rows,
    /// Whether the sitemap lists the pages.
    pub in_sitemap: bool,
}

/// A kind whose paths are derived from files or tags.
const fn of_files(
    kind: PageKind,
    name: &'static str,
    template: &'static str,
    variable: &'static str,
    in_sitemap: bool,
) -> PageKindInfo {
    PageKindInfo { kind, name, template, variable, path: None, title: "", rows: Rows::OnePage, in_sitemap }
}

/// An index page in the sitemap. The title is the interface text with the key `name`.
const fn index(
    kind: PageKind,
    name: &'static str,
    template: &'static str,
    variable: &'static str,
    path: &'static str,
    rows: Rows,
) -> PageKindInfo {
    PageKindInfo { kind, name, template, variable, path: Some(path), title: name, rows, in_sitemap: true }
}

/// All kinds of pages.
pub(crate) const PAGE_KINDS: &[PageKindInfo] = &[
    of_files(PageKind::Note, "note", "note.html", "note", true),
    of_files(PageKind::Landing, "landing", "landing.html", "landing", true),
    of_files(PageKind::Plain, "page", "page.html", "plain", true),
    // The title of the home page is the title of the site, or of the landing page at the root.
    PageKindInfo { title: "", ..index(PageKind::Home, "home", "home.html", "home", "index.html", Rows::OnePage) },
    PageKindInfo {
        title: "all_tags",
        ..index(PageKind::Tags, "tags", "tags.html", "tags", "tags/index.html", Rows::Tags)
    },
    of_files(PageKind::Tag, "tag", "tag.html", "tag", true),
    index(PageKind::Importance, "importance", "importance.html", "list", "importance.html", Rows::Notes),
    index(PageKind::Difficulty, "difficulty", "difficulty.html", "list", "difficulty.html", Rows::Notes),
    index(PageKind::Status, "status", "status.html", "list", "status.html", Rows::Notes),
    index(PageKind::Types, "types", "types.html", "list", "types.html", Rows::Notes),
    index(PageKind::Glossary, "glossary", "glossary.html", "glossary", "glossary.html", Rows::Unknown),
    index(PageKind::Recent, "recent", "recent.html", "recent", "recent.html", Rows::RecentNotes),
    index(PageKind::Wanted, "wanted", "wanted.html", "wanted", "wanted.html", Rows::Unknown),
    index(PageKind::Health, "health", "health.html", "health", "health.html", Rows::OnePage),
    index(PageKind::Graph, "graph", "graph.html", "graph", "graph.html", Rows::OnePage),
    index(PageKind::Search, "search", "search.html", "search", "search.html", Rows::OnePage),
    index(PageKind::Browse, "browse", "browse.html", "browse", "browse.html", Rows::OnePage),
    index(PageKind::Map, "map", "map.html", "map", "map.html", Rows::OnePage),
    of_files(PageKind::Path, "path", "path.html", "path", true),
    index(PageKind::Practice, "practice", "practice.html", "practice", "practice.html", Rows::OnePage),
    of_files(PageKind::Alias, "alias", "alias.html", "alias", false),
    of_files(PageKind::Unreadable, "unreadable", "unreadable.html", "unreadable", true),
    of_files(PageKind::Redirect, "redirect", "redirect.html", "redirect", false),
    PageKindInfo {
        title: "not_found",
        in_sitemap: false,
        ..index(PageKind::NotFound, "not-found", "404.html", "lost", "404.html", Rows::OnePage)
    },
];

impl PageKind {
    /// The row of the kind in the table.
    pub(crate) fn info(self) -> &'static PageKindInfo {
        &PAGE_KINDS[self as usize]
    }

    /// The fixed output path. Empty for kinds without a fixed path.
    pub(crate) fn path(self) -> &'static str {
        self.info().path.unwrap_or_default()
    }
}

/// The kinds with a fixed path that a site with these options generates. A Markdown page of the content with the same
/// path becomes the introduction of the generated page.
pub(crate) fn index_kinds(options: &SiteOptions) -> impl Iterator<Item = (&'static str, &'static PageKindInfo)> {
    let (health, wanted) = (options.health, options.wanted);
    let is_generated = move |kind: PageKind| match kind {
        PageKind::Health => health,
        PageKind::Wanted => wanted,
        _ => true,
    };
    PAGE_KINDS.iter().filter(move |info| is_generated(info.kind)).filter_map(|info| Some((info.path?, info)))
}

/// Whether an output path is the path of an index page of a site with these options.
pub(crate) fn is_index(path: &str, options: &SiteOptions) -> bool {
    index_kinds(options).any(|(own, _)| own == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_finds_its_own_row() {
        for (at, info) in PAGE_KINDS.iter().enumerate() {
            assert_eq!(info.kind as usize, at, "{:?} is not at its place", info.kind);
            assert_eq!(info.kind.info().name, info.name);
        }
        assert_eq!(PageKind::NotFound as usize + 1, PAGE_KINDS.len());
        let all = SiteOptions::default();
        for (path, _) in index_kinds(&all) {
            assert_eq!(index_kinds(&all).filter(|(other, _)| *other == path).count(), 1, "{path} belongs to two kinds");
        }
    }

    #[test]
    fn pages_that_are_switched_off_have_no_path() {
        let options = SiteOptions { health: false, wanted: false, ..SiteOptions::default() };
        assert!(!is_index("health.html", &options) && !is_index("wanted.html", &options));
        assert!(is_index("index.html", &options) && is_index("health.html", &SiteOptions::default()));
    }
}
