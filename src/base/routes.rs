//! Assigns an output path to every page and file, in one table, so that a collision is found before any file is written.
//! Knows paths; knows nothing of the contents of pages.
//!
//! Paths are claimed in a fixed order, and the first claim wins: generated pages, notes, index pages of folders, Markdown
//! copies, assets, static files, old addresses, aliases. Paths are compared without letter case and in NFC, because some file
//! systems do.
//!
//! # Example
//!
//! A base has the notes `cache.md`, with the alias “Page cache” and the tag `storage`, `Cache.md` in the same folder, and
//! `graph.md`, a page without frontmatter; and the asset `index.html`.
//!
//! | claim | path | result |
//! |---|---|---|
//! | generated pages | `index.html`, `graph.html`, …, `tags/storage.html` | owned by [`RouteOwner::Generated`] |
//! | `Cache.md` | `Cache.html` | owned by the note |
//! | `cache.md` | `cache.html` | taken by `Cache.html`, a [`Collision`]: the note is written to `cache-2.html` |
//! | `graph.md` | `graph.html` | generated, and the file is no concept note: an introduction above the graph |
//! | Markdown copies | `Cache.md`, `cache-2.md` | owned by [`RouteOwner::Markdown`] |
//! | asset | `index.html` | taken by the generated page, a [`Collision`]: not copied |
//! | alias | `page-cache.html` | a [`Redirect`] to `cache-2.html` |
//!
//! The test `the_example_of_the_module_documentation` computes this table.

use crate::base::index::Index;
pub(crate) use crate::base::page_kinds::PAGE_ROWS;
use crate::base::page_kinds::{Rows, index_kinds, page_count};
use crate::config::SiteOptions;
use crate::note::{Kind, Note, folder_of, landing_rank};
use crate::text::ids::{Id, IndexVec, NoteId, id};
use crate::text::packed::{PackedStrings, StringMap};
use crate::text::paths::{nfc, path_key};
use crate::text::slug::slug;
use crate::text::source::FileId;
use rustc_hash::{FxHashMap, FxHashSet};

id! {
    /// A file of the static folder: its index in the list of static files.
    pub(crate) struct StaticId;
}

/// The owner of an output path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RouteOwner {
    /// A generated page, such as an index page or a tag page.
    Generated,
    /// The page of a Markdown file.
    Note(NoteId),
    /// The Markdown copy of a note.
    Markdown(NoteId),
    /// A copied file of the content folder.
    Asset(FileId),
    /// A file of the static folder.
    Static(StaticId),
    /// A redirect from an old address or an alias of a note.
    Redirect(NoteId),
}

/// Two claims to one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Collision {
    /// As written in the second claim.
    pub path: String,
    /// The owner of the path.
    pub first: RouteOwner,
    /// The rejected claim.
    pub second: RouteOwner,
}

/// A page redirecting to a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// The output path of the redirecting page.
    pub path: String,
    /// The note redirected to.
    pub target: NoteId,
}

/// An old address or alias without a valid output path: outside of the site, or forbidden as a file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadAddress {
    /// The note.
    pub note: NoteId,
    /// The field of the frontmatter.
    pub field: &'static str,
    /// The index in the list of the field.
    pub item: usize,
}

/// All output paths of a site.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes {
    /// The output path of each Markdown file.
    pub notes: PackedStrings<NoteId>,
    /// For each generated page with an introduction, by path key: the page of the content used as introduction.
    pub introductions: FxHashMap<String, NoteId>,
    /// Redirects from old addresses and aliases.
    pub redirects: Vec<Redirect>,
    /// All rejected claims, except of aliases and of second landing pages of a folder.
    pub collisions: Vec<Collision>,
    /// Old addresses and aliases without a valid path.
    pub bad: Vec<BadAddress>,
    /// The page of each folder, by folder as spelled on disk. The page may be a note or a generated list.
    folder_pages: StringMap<String>,
    /// The spelling of each generated folder list, by [`path_key`].
    spelled: StringMap<String>,
    /// The owner of each claimed path, by [`path_key`].
    taken: StringMap<RouteOwner>,
    /// The first pages of the lists of unknown length.
    open_lists: Vec<&'static str>,
    /// For each folder with pages of its own, the path from which [`list_page`] derives its further pages. The folder in
    /// the empty path is the root, whose first page is the home page.
    further_pages: StringMap<String>,
    /// The folders of the site that are kept free for further pages of folders, by [`path_key`].
    reserved_folders: FxHashSet<String>,
}

impl Routes {
    /// The page of a folder below the root: the landing page, the note `index.md`, or a generated list. `None` for a path
    /// without notes.
    pub(crate) fn folder_page(&self, folder: &str) -> Option<&str> {
        self.folder_pages.get(folder).map(String::as_str)
    }

    /// The path from which [`list_page`] derives the further pages of a folder. `None` if the page of the folder is a note or
    /// a generated page with its own list.
    pub(crate) fn further_pages(&self, folder: &str) -> Option<&str> {
        self.further_pages.get(folder).map(String::as_str)
    }

    /// The path of the generated list of a folder. `None` if the folder has a different page.
    pub(crate) fn folder_list(&self, folder: &str) -> Option<&str> {
        self.folder_page(folder).filter(|page| self.spelled.contains_key(&path_key(page)))
    }

    /// The exact path of the generated page at `path`, ignoring letter case. `None` if no generated page has the path.
    pub(crate) fn generated(&self, path: &str) -> Option<String> {
        let key = path_key(path);
        (self.taken.get(&key) == Some(&RouteOwner::Generated)).then(|| self.spelled.get(&key).cloned().unwrap_or(key))
    }

    /// The owner of a path, compared without letter case and Unicode form. `None` for a free or reserved path.
    pub(crate) fn owner(&self, path: &str) -> Option<RouteOwner> {
        self.taken.get(&path_key(path)).copied()
    }

    /// The owner of a path; [`RouteOwner::Generated`] for a path reserved for a list of unknown length. `None` for a free
    /// path.
    pub(crate) fn owner_or_reserved(&self, path: &str) -> Option<RouteOwner> {
        self.owner_or_reserved_key(&path_key(path))
    }

    /// [`Self::owner_or_reserved`] for a path key.
    fn owner_or_reserved_key(&self, key: &str) -> Option<RouteOwner> {
        self.taken.get(key).copied().or_else(|| self.may_continue_a_list(key).then_some(RouteOwner::Generated))
    }

    /// Whether a path key could be page 2 or later of a list of unknown length: `wanted/2.html`, `storage/index/2.html`.
    fn may_continue_a_list(&self, key: &str) -> bool {
        let name = crate::note::file_name(key).strip_suffix(".html");
        let number = name.and_then(|name| name.parse::<usize>().ok()).filter(|&number| number > 1);
        number.is_some_and(|number| {
            self.open_lists.iter().any(|list| list_page(list, number - 1) == key)
                || self.reserved_folders.contains(folder_of(key)) && name == Some(number.to_string().as_str())
        })
    }

    /// Claims a path. False if the path has an owner or is reserved; the collision is then recorded.
    fn claim(&mut self, path: &str, claimant: RouteOwner) -> bool {
        let key = path_key(path);
        match self.owner_or_reserved_key(&key) {
            None => {
                self.taken.insert(&key, claimant);
                true
            }
            Some(first) => {
                self.collisions.push(Collision { path: path.to_string(), first, second: claimant });
                false
            }
        }
    }
}

/// The path of page `n`, counted from 0, of a list whose page 0 is `first`: `importance.html`, `importance/2.html`.
pub(crate) fn list_page(first: &str, n: usize) -> String {
    match n {
        0 => first.to_string(),
        n => format!("{}/{}.html", first.trim_end_matches(".html"), n + 1),
    }
}

/// The path of the Markdown copy of a page: `cache.html` has `cache.md`. `None` if `page` does not end in `.html`.
pub(crate) fn markdown_copy(page: &str) -> Option<String> {
    Some(format!("{}.md", page.strip_suffix(".html")?))
}

/// The path claimed by a Markdown file, from its own path and kind alone.
pub(crate) fn natural(note: &Note) -> String {
    let path = nfc(&note.stem);
    match note.kind {
        Kind::Landing => join(folder_of(&path), "index.html"),
        // A concept note in `x/README.md` is the page of the folder, like `x/index.md`.
        Kind::Note if landing_rank(&format!("{path}.md")).is_some() => join(folder_of(&path), "index.html"),
        _ => format!("{path}.html"),
    }
}

/// The path of a tag page.
pub(crate) fn tag_page(slug: &str) -> String {
    format!("tags/{slug}.html")
}

/// `name` in `folder`, which is empty for the root.
fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") }
}

/// Assigns all output paths. `assets` has the id and path of each linked file of the content folder.
pub(crate) fn routes(
    notes: &IndexVec<NoteId, Note>,
    index: &Index,
    assets: &[(FileId, &str)],
    static_files: &[String],
    options: &SiteOptions,
) -> Routes {
    let unknown = index_kinds(options).filter(|(_, kind)| kind.rows == Rows::Unknown);
    let mut routes = Routes { open_lists: unknown.map(|(list, _)| list).collect(), ..Routes::default() };
    for (path, _) in index_kinds(options) {
        routes.claim(path, RouteOwner::Generated);
    }
    // Tags before notes: links to a tag page are written from its slug alone, so the path may not change.
    for (slug, tag) in &index.tags {
        claim_list(&mut routes, &tag_page(slug), 0, page_count(tag.notes.len(), PAGE_ROWS));
    }
    for (list, kind) in index_kinds(options) {
        claim_list(&mut routes, list, 1, kind.rows.page_count(index).unwrap_or(0));
    }
    for (i, note) in notes.iter_enumerated() {
        let path = place(&mut routes, i, note);
        routes.notes.push(&path);
    }
    folder_pages(&mut routes, index);
    for (i, _) in notes.iter_enumerated().filter(|(_, note)| note.is_note()) {
        if let Some(path) = markdown_copy(&routes.notes[i]) {
            routes.claim(&path, RouteOwner::Markdown(i));
        }
    }
    for &(id, path) in assets {
        routes.claim(&nfc(path), RouteOwner::Asset(id));
    }
    for (place, path) in static_files.iter().enumerate() {
        routes.claim(&nfc(path), RouteOwner::Static(StaticId::new(place)));
    }
    redirects(&mut routes, notes);
    routes
}

/// Assigns a page to every folder. A folder `Tags` shares the generated page `tags/index.html`. Of two folders with equal
/// names except for letter case, the second gets `index-2.html`.
fn folder_pages(routes: &mut Routes, index: &Index) {
    for (folder, own) in index.folders.iter().filter(|(folder, _)| !folder.is_empty()) {
        let path = nfc(&join(folder, "index.html")).into_owned();
        let stem = path.trim_end_matches(".html");
        let numbered =
            || (2..).map(|n| format!("{stem}-{n}.html")).find(|path| routes.owner_or_reserved(path).is_none());
        let key = path_key(&path);
        let page = match (own.landing, routes.owner(&path)) {
            (Some(landing), _) => routes.notes[landing].to_string(),
            (None, Some(RouteOwner::Note(note))) if routes.notes[note] == *path => path,
            (None, Some(RouteOwner::Generated)) if !routes.spelled.contains_key(&key) => key,
            (None, None) => path,
            _ => numbered().unwrap_or(path),
        };
        if routes.owner(&page).is_none() {
            routes.claim(&page, RouteOwner::Generated);
            routes.spelled.insert(&path_key(&page), page.clone());
        }
        routes.folder_pages.insert(folder, page);
    }
    further_pages(routes, index);
}

/// Keeps paths free for the further pages of each folder: `databases/index/2.html`, or `databases/index-2/2.html` if the
/// content has a folder `databases/index`. Their number follows from texts and links, which are not read yet.
fn further_pages(routes: &mut Routes, index: &Index) {
    let content: FxHashSet<String> = index.folders.keys().map(|folder| path_key(folder)).collect();
    for (folder, own) in &index.folders {
        let introduces = |landing: NoteId| routes.introductions.get(&routes.notes[landing]) == Some(&landing);
        let has_pages = match own.landing {
            _ if folder.is_empty() => true,
            Some(landing) => !introduces(landing),
            None => routes.folder_list(folder).is_some(),
        };
        if !has_pages {
            continue;
        }
        let stem = nfc(&join(folder, "index")).into_owned();
        let numbered = (2..).map(|n| format!("{stem}-{n}"));
        let is_free = |stem: &String| {
            let key = path_key(stem);
            !content.contains(&key) && !routes.reserved_folders.contains(&key)
        };
        let Some(free) = std::iter::once(stem.clone()).chain(numbered).find(is_free) else { continue };
        routes.reserved_folders.insert(path_key(&free));
        routes.further_pages.insert(folder, format!("{free}.html"));
    }
}

/// Claims the paths of a list of `pages` pages, from page `from` on.
fn claim_list(routes: &mut Routes, first: &str, from: usize, pages: usize) {
    for n in from..pages {
        routes.claim(&list_page(first, n), RouteOwner::Generated);
    }
}

/// Assigns the path of one Markdown file. A plain page at the path of a generated page becomes its introduction; any further
/// claim to a taken path gets the first free number: `cache-2.html`.
fn place(routes: &mut Routes, i: NoteId, note: &Note) -> String {
    let path = natural(note);
    // Generated paths are lower case: for `Graph.md`, the path is `graph.html`.
    let own = path_key(&path);
    let is_generated = routes.taken.get(&own) == Some(&RouteOwner::Generated);
    if is_generated && !note.is_note() && !routes.introductions.contains_key(&own) {
        routes.introductions.insert(own.clone(), i);
        return own;
    }
    // `README.md` besides `index.md` in one folder is usual on code hosts, so this collision is not reported.
    let landing = landing_rank(&format!("{}.md", note.stem)).is_some() && note.kind == Kind::Page;
    let before = routes.collisions.len();
    if routes.claim(&path, RouteOwner::Note(i)) {
        return path;
    }
    if landing {
        routes.collisions.truncate(before);
    }
    let stem = path.trim_end_matches(".html");
    let free =
        (2..).map(|n| format!("{stem}-{n}.html")).find(|p| routes.owner_or_reserved(p).is_none()).unwrap_or(path);
    routes.taken.insert(&path_key(&free), RouteOwner::Note(i));
    free
}

/// Claims the old addresses of all notes, then their aliases. An alias whose path is taken gets no redirect and is no
/// collision: links by the alias work without one.
fn redirects(routes: &mut Routes, notes: &IndexVec<NoteId, Note>) {
    for (target, note) in notes.iter_enumerated().filter(|(_, n)| n.is_note()) {
        for (item, address) in note.head.redirect_from.iter().enumerate() {
            match redirect_path(address) {
                Some(path) if routes.claim(&path, RouteOwner::Redirect(target)) => {
                    routes.redirects.push(Redirect { path, target })
                }
                Some(_) => {}
                None => routes.bad.push(BadAddress { note: target, field: "redirect_from", item }),
            }
        }
    }
    for (target, note) in notes.iter_enumerated().filter(|(_, n)| n.is_note()) {
        for (item, alias) in note.head.aliases.iter().enumerate() {
            if leads_out(alias) {
                routes.bad.push(BadAddress { note: target, field: "aliases", item });
                continue;
            }
            let path = join(&nfc(note.folder()), &format!("{}.html", slug(alias)));
            if routes.owner_or_reserved(&path).is_none() {
                routes.claim(&path, RouteOwner::Redirect(target));
                routes.redirects.push(Redirect { path, target });
            }
        }
    }
}

/// Whether an alias looks like an absolute path or a path to a parent folder, or contains control characters.
fn leads_out(name: &str) -> bool {
    let mut chars = name.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && name[1..].starts_with(":\\");
    // `..` alone is a valid alias, for example of a note about the operator.
    let parts = || name.split(['/', '\\']).map(str::trim);
    drive
        || name.starts_with(['/', '\\'])
        || parts().count() > 1 && parts().any(|part| part == "..")
        || name.chars().any(char::is_control)
}

/// The output path of an old address relative to the site's root, with or without a leading slash. `None` if the address is
/// outside of the site or forbidden as a file name.
pub(crate) fn redirect_path(address: &str) -> Option<String> {
    let address = address.trim();
    let path = nfc(address.strip_prefix('/').unwrap_or(address));
    // Windows forbids a point or space at the end of a name, and static hosts skip names with a leading point.
    let bad_part = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with('.') || part.ends_with(' ');
    let inner = path.strip_suffix('/').unwrap_or(&path);
    let bad = inner.is_empty()
        || inner.contains(['\\', ':', '?', '#', '%'])
        || inner.chars().any(char::is_control)
        || inner.split('/').any(bad_part);
    // Systems limit a path to 1,024 bytes (macOS) or 4,096 (Linux), output folder included.
    if bad || inner.len() > 900 {
        return None;
    }
    Some(match (path.ends_with('/'), inner) {
        (true, _) => format!("{inner}/index.html"),
        (_, p) if p.ends_with(".html") => p.to_string(),
        (_, p) => format!("{}.html", crate::note::stem_of(p)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::analyze::{AnalysisMode, analyze};
    use crate::base::vault::Vault;
    use crate::config::Config;
    use crate::text::ids::Id;
    use crate::text::source::SourceFile;

    /// The table at the head of this file.
    #[test]
    fn the_example_of_the_module_documentation() {
        let note = |title: &str, aliases: &str| {
            format!(
                "---\nid: {title}\ntitle: {title}\ntype: concept\ntags: [storage]\naliases: [{aliases}]\n---\n\n# {title}\n"
            )
        };
        let texts = [
            ("Cache.md", note("Cache", "")),
            ("cache.md", note("cache", "Page cache")),
            ("graph.md", "# Introduction\n".to_string()),
        ];
        let files: Vec<SourceFile> = texts.iter().map(|(path, text)| SourceFile::new(*path, text)).collect();
        let vault = Vault { markdown: files.len(), files: files.into(), ..Vault::default() };
        let site = analyze(Config::default(), vault, Vec::new(), false, AnalysisMode::Check).site;
        let routes = routes(&site.notes, &site.index, &[(FileId::new(7), "index.html")], &[], &SiteOptions::default());
        let [upper, lower, page] = [0, 1, 2].map(NoteId::new);
        let owners = [
            ("index.html", RouteOwner::Generated),
            ("graph.html", RouteOwner::Generated),
            ("tags/storage.html", RouteOwner::Generated),
            ("Cache.html", RouteOwner::Note(upper)),
            ("cache-2.html", RouteOwner::Note(lower)),
            ("Cache.md", RouteOwner::Markdown(upper)),
            ("cache-2.md", RouteOwner::Markdown(lower)),
            ("page-cache.html", RouteOwner::Redirect(lower)),
        ];
        for (path, owner) in owners {
            assert_eq!(routes.owner(path), Some(owner), "{path}");
        }
        assert_eq!([upper, lower, page].map(|note| &routes.notes[note]), ["Cache.html", "cache-2.html", "graph.html"]);
        assert_eq!(routes.introductions.get("graph.html"), Some(&page));
        let collision = |path: &str, first, second| Collision { path: path.to_string(), first, second };
        let taken = collision("cache.html", RouteOwner::Note(upper), RouteOwner::Note(lower));
        let asset = collision("index.html", RouteOwner::Generated, RouteOwner::Asset(FileId::new(7)));
        assert_eq!(routes.collisions, [taken, asset]);
        assert_eq!(routes.redirects, [Redirect { path: "page-cache.html".to_string(), target: lower }]);
        assert_eq!(
            (routes.owner("wanted/2.html"), routes.owner_or_reserved("wanted/2.html")),
            (None, Some(RouteOwner::Generated))
        );
    }
}
