//! The kinds of pages, as one table: names, templates, addresses, lengths. Stands beside the routes, which keep the
//! addresses of the index pages free; knows nothing of what a page shows.
//!
//! The order of the rows is the order of [`PageKind`]. `content/building/theme-classes.md` has the same table, and a
//! test compares the two.

use crate::base::index::Index;

/// A kind of page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// A note.
    Note,
    /// A folder's page.
    Landing,
    /// A Markdown file that is no note.
    Plain,
    /// The home page.
    Home,
    /// All tags.
    Tags,
    /// One tag.
    Tag,
    /// Notes ranked by importance, in bands.
    Importance,
    /// Notes by difficulty.
    Difficulty,
    /// Notes by status.
    Status,
    /// Notes by type.
    Types,
    /// Terms.
    Glossary,
    /// Notes by date.
    Recent,
    /// Notes that are linked to and not written.
    Wanted,
    /// Findings.
    Health,
    /// The graph.
    Graph,
    /// The search page.
    Search,
    /// An alias note without its target.
    Alias,
    /// A file that cannot be read as a note.
    Unreadable,
    /// A page that leads to another one.
    Redirect,
    /// What a host shows for an address that does not exist.
    NotFound,
}

/// How many rows a page kind at a fixed address has. A page has at most [`super::routes::PAGE_ROWS`]; the list goes on at
/// further addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// No list, or one that is never cut.
    OnePage,
    /// One row for each note.
    Notes,
    /// One row for each note of the list of recent notes.
    RecentNotes,
    /// Known only after texts and links are read. No other file may have an address that such a list could need.
    Unknown,
}

impl Rows {
    /// The number of rows. `None` if the index alone does not tell it.
    pub(crate) fn count(self, index: &Index) -> Option<usize> {
        match self {
            Rows::OnePage => Some(1),
            Rows::Notes => Some(index.ranked.len()),
            Rows::RecentNotes => Some(index.recent.len()),
            Rows::Unknown => None,
        }
    }
}

/// What is known of a page kind before any page is made.
#[derive(Debug)]
pub(crate) struct PageKindInfo {
    /// The kind.
    pub kind: PageKind,
    /// Its name: `page.kind` in templates, and `page-NAME` as a class.
    pub name: &'static str,
    /// The template that shows it.
    pub template: &'static str,
    /// The variable under which its template finds its values.
    pub variable: &'static str,
    /// The address; `None` for kinds whose addresses come from files and tags.
    pub path: Option<&'static str>,
    /// The key of the interface text that is its title; empty if the title comes from elsewhere.
    pub title: &'static str,
    /// Length of the list at `path`.
    pub rows: Rows,
    /// Whether the sitemap lists its pages.
    pub in_sitemap: bool,
}

/// A kind whose addresses come from files or tags.
const fn of_files(
    kind: PageKind,
    name: &'static str,
    template: &'static str,
    variable: &'static str,
    in_sitemap: bool,
) -> PageKindInfo {
    PageKindInfo { kind, name, template, variable, path: None, title: "", rows: Rows::OnePage, in_sitemap }
}

/// An index page in the sitemap. Its title is the interface text of its name.
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

/// Every kind of page.
pub(crate) const PAGE_KINDS: &[PageKindInfo] = &[
    of_files(PageKind::Note, "note", "note.html", "note", true),
    of_files(PageKind::Landing, "landing", "landing.html", "landing", true),
    of_files(PageKind::Plain, "page", "page.html", "plain", true),
    // The title of the home page is that of the site or of the content's own page.
    PageKindInfo { title: "", ..index(PageKind::Home, "home", "home.html", "home", "index.html", Rows::OnePage) },
    PageKindInfo {
        title: "all_tags",
        ..index(PageKind::Tags, "tags", "tags.html", "tags", "tags/index.html", Rows::OnePage)
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
    /// Its row in the table.
    pub(crate) fn info(self) -> &'static PageKindInfo {
        &PAGE_KINDS[self as usize]
    }

    /// The address of a kind that has one of its own; empty for the others.
    pub(crate) fn path(self) -> &'static str {
        self.info().path.unwrap_or_default()
    }
}

/// The kinds with addresses of their own, which canon writes whatever the notes are. A Markdown page of the content with
/// one of these addresses becomes its introduction.
pub(crate) fn index_kinds() -> impl Iterator<Item = (&'static str, &'static PageKindInfo)> {
    PAGE_KINDS.iter().filter_map(|info| Some((info.path?, info)))
}

/// Whether an address is that of an index page.
pub(crate) fn is_index(path: &str) -> bool {
    index_kinds().any(|(own, _)| own == path)
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
        for (path, _) in index_kinds() {
            assert_eq!(index_kinds().filter(|(other, _)| *other == path).count(), 1, "{path} belongs to two kinds");
        }
    }
}
