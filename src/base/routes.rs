//! Routes: one table of all output paths, so two sources with the same path are found before anything is written. Knows
//! paths, but no pages.
//!
//! Claims are made in a fixed order: generated pages, pages of notes, folder pages, Markdown copies, assets, static
//! files, redirects. The first claim owns the path, and each later one is a collision. A note that loses gets the next
//! free path with a number.
//!
//! Example: the notes `a/Map.md` and `a/map.md` claim `a/Map.html` and `a/map.html`, which are the same path because
//! letter case is ignored. The first note in path order owns the path; the second is written to `a/map-2.html`, and a
//! collision is recorded.

use crate::base::index::Index;
use crate::base::page_kinds::{Rows, index_kinds};
use crate::note::{Kind, Note, folder_of, landing_rank};
use crate::text::ids::{Id, IndexVec, NoteId, id};
use crate::text::packed::{PackedStrings, StringMap};
use crate::text::slug::{nfc, path_key, slug};
use crate::text::source::FileId;
use rustc_hash::FxHashMap;

/// The number of rows on a page of a long list.
pub(crate) const PAGE_ROWS: usize = 500;

id! {
    /// A file of the site's static folder: its place in the list of these files.
    pub(crate) struct StaticId;
}

/// The source that claims an output path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RouteOwner {
    /// A generated page, like an index page or the page of a tag.
    Generated,
    /// A Markdown file.
    Note(NoteId),
    /// The Markdown copy of a note.
    Markdown(NoteId),
    /// A copied file.
    Asset(FileId),
    /// A static file.
    Static(StaticId),
    /// A redirect from an old address or alias of a note.
    Redirect(NoteId),
}

/// Two claims to the same path. The first one owns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Collision {
    /// The path.
    pub path: String,
    /// The owner.
    pub first: RouteOwner,
    /// The source with the later claim.
    pub second: RouteOwner,
}

/// A redirect page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// The output path.
    pub path: String,
    /// The target.
    pub target: NoteId,
}

/// An old address or alias that leads out of the site or is not a valid file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadAddress {
    /// The note.
    pub note: NoteId,
    /// The frontmatter field.
    pub field: &'static str,
    /// The index of the item in the field.
    pub item: usize,
}

/// The table of output paths.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes {
    /// The output path of each Markdown file.
    pub notes: PackedStrings<NoteId>,
    /// The introductions: for each generated path the Markdown page.
    pub introductions: FxHashMap<String, NoteId>,
    /// The redirects from aliases and old addresses.
    pub redirects: Vec<Redirect>,
    /// The collisions.
    pub collisions: Vec<Collision>,
    /// Old addresses and aliases that are not valid paths.
    pub bad: Vec<BadAddress>,
    /// The pages of folders, whoever writes them, by folder as it is spelled on disk.
    folder_pages: StringMap<String>,
    /// How the folded path of a folder's list is spelled.
    spelled: StringMap<String>,
    taken: StringMap<RouteOwner>,
}

impl Routes {
    /// The page of a folder below the root: the landing page, the note `index.md`, or a generated list. `None` for a path
    /// without notes.
    pub(crate) fn folder_page(&self, folder: &str) -> Option<&str> {
        self.folder_pages.get(folder).map(String::as_str)
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

    /// The owner of an output path, ignoring letter case and Unicode form. `None` if no source has claimed it.
    pub(crate) fn holder(&self, path: &str) -> Option<RouteOwner> {
        self.taken.get(&path_key(path)).copied()
    }

    /// The owner of an output path, where reserved paths of lists count as owned by `Generated`.
    pub(crate) fn owner(&self, path: &str) -> Option<RouteOwner> {
        self.owner_of_key(&path_key(path))
    }

    fn owner_of_key(&self, key: &str) -> Option<RouteOwner> {
        self.taken.get(key).copied().or_else(|| may_continue_a_list(key).then_some(RouteOwner::Generated))
    }

    /// Claims a path. If it is owned already, records a collision and returns `false`.
    fn claim(&mut self, path: &str, who: RouteOwner) -> bool {
        let key = path_key(path);
        match self.owner_of_key(&key) {
            None => {
                self.taken.insert(&key, who);
                true
            }
            Some(first) => {
                self.collisions.push(Collision { path: path.to_string(), first, second: who });
                false
            }
        }
    }
}

/// The path of page `n` (from 0) of a list: `importance.html`, `importance/2.html`.
pub(crate) fn list_page(first: &str, n: usize) -> String {
    match n {
        0 => first.to_string(),
        n => format!("{}/{}.html", first.trim_end_matches(".html"), n + 1),
    }
}

/// Whether a path is reserved for a further page of a list of unknown length.
fn may_continue_a_list(key: &str) -> bool {
    let name = crate::note::file_name(key).strip_suffix(".html");
    let number = name.and_then(|name| name.parse::<usize>().ok()).filter(|&number| number > 1);
    let mut lists = index_kinds().filter(|(_, kind)| kind.rows == Rows::Unknown);
    number.is_some_and(|number| lists.any(|(list, _)| list_page(list, number - 1) == key))
}

/// The path of the Markdown copy of a note, next to its page.
pub(crate) fn markdown_copy(page: &str) -> Option<String> {
    Some(format!("{}.md", page.strip_suffix(".html")?))
}

/// The path that a Markdown file would have without collisions.
pub(crate) fn natural(note: &Note) -> String {
    let path = nfc(&note.stem);
    match note.kind {
        Kind::Landing => join(folder_of(&path), "index.html"),
        // A note `x/README.md` is the page of its folder, like `x/index.md`.
        Kind::Note if landing_rank(&format!("{path}.md")).is_some() => join(folder_of(&path), "index.html"),
        _ => format!("{path}.html"),
    }
}

/// The path of the page of a tag.
pub(crate) fn tag_page(slug: &str) -> String {
    format!("tags/{slug}.html")
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") }
}

/// Assigns all output paths. `assets` are the linked files: their id and path.
pub(crate) fn routes(
    notes: &IndexVec<NoteId, Note>,
    index: &Index,
    assets: &[(FileId, &str)],
    static_files: &[String],
) -> Routes {
    let mut routes = Routes::default();
    for (path, _) in index_kinds() {
        routes.claim(path, RouteOwner::Generated);
    }
    for (slug, tag) in &index.tags {
        claim_list(&mut routes, &tag_page(slug), 0, tag.notes.len());
    }
    for (list, kind) in index_kinds() {
        claim_list(&mut routes, list, 1, kind.rows.count(index).unwrap_or(0));
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
        let numbered = || (2..).map(|n| format!("{stem}-{n}.html")).find(|path| routes.owner(path).is_none());
        let key = path_key(&path);
        let page = match (own.landing, routes.holder(&path)) {
            (Some(landing), _) => routes.notes[landing].to_string(),
            (None, Some(RouteOwner::Note(note))) if routes.notes[note] == *path => path,
            (None, Some(RouteOwner::Generated)) if !routes.spelled.contains_key(&key) => key,
            (None, None) => path,
            _ => numbered().unwrap_or(path),
        };
        if routes.holder(&page).is_none() {
            routes.claim(&page, RouteOwner::Generated);
            routes.spelled.insert(&path_key(&page), page.clone());
        }
        routes.folder_pages.insert(folder, page);
    }
}

/// Claims the pages of a list with `rows` rows, from page `from` on.
fn claim_list(routes: &mut Routes, first: &str, from: usize, rows: usize) {
    for n in from..rows.div_ceil(PAGE_ROWS).max(1) {
        routes.claim(&list_page(first, n), RouteOwner::Generated);
    }
}

/// Assigns the path of one Markdown file. A page at the path of a generated page becomes its introduction.
fn place(routes: &mut Routes, i: NoteId, note: &Note) -> String {
    let path = natural(note);
    // Generated pages have lower-case paths.
    let own = path_key(&path);
    let is_generated = routes.taken.get(&own) == Some(&RouteOwner::Generated);
    if is_generated && !note.is_note() && !routes.introductions.contains_key(&own) {
        routes.introductions.insert(own.clone(), i);
        return own;
    }
    // Several landing pages in a folder are allowed: the first one is the page of the folder, so no collision is
    // reported.
    let landing = landing_rank(&format!("{}.md", note.stem)).is_some() && note.kind == Kind::Page;
    let before = routes.collisions.len();
    if routes.claim(&path, RouteOwner::Note(i)) {
        return path;
    }
    if landing {
        routes.collisions.truncate(before);
    }
    let stem = path.trim_end_matches(".html");
    let free = (2..).map(|n| format!("{stem}-{n}.html")).find(|p| routes.owner(p).is_none()).unwrap_or(path);
    routes.taken.insert(&path_key(&free), RouteOwner::Note(i));
    free
}

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
            if routes.owner(&path).is_none() {
                routes.claim(&path, RouteOwner::Redirect(target));
                routes.redirects.push(Redirect { path, target });
            }
        }
    }
}

/// Whether a name looks like a path that is absolute or leads out of its folder, or contains control characters.
fn leads_out(name: &str) -> bool {
    let mut chars = name.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && name[1..].starts_with(":\\");
    let parts = || name.split(['/', '\\']).map(str::trim);
    drive
        || name.starts_with(['/', '\\'])
        || parts().count() > 1 && parts().any(|part| part == "..")
        || name.chars().any(char::is_control)
}

/// The output path of an old address relative to the root of the site, with or without a leading slash. `None` if it
/// leads out of the site or is not a valid file name.
pub(crate) fn redirect_path(address: &str) -> Option<String> {
    let address = address.trim();
    let path = nfc(address.strip_prefix('/').unwrap_or(address));
    let bad_part = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with('.') || part.ends_with(' ');
    let inner = path.strip_suffix('/').unwrap_or(&path);
    let bad = inner.is_empty()
        || inner.contains(['\\', ':', '?', '#', '%'])
        || inner.chars().any(char::is_control)
        || inner.split('/').any(bad_part);
    if bad || inner.len() > 900 {
        return None;
    }
    Some(match (path.ends_with('/'), inner) {
        (true, _) => format!("{inner}/index.html"),
        (_, p) if p.ends_with(".html") => p.to_string(),
        (_, p) => format!("{}.html", crate::note::stem_of(p)),
    })
}
