//! Where everything is written: one table of all output paths, so that two things that want one path are seen before
//! anything is written. Knows paths, not pages.

use crate::base::index::{Index, NoteIndex};
use crate::note::{Kind, Note, folder_of, landing_rank};
use crate::text::packed::{PackedStrings, StringMap};
use crate::text::slug::{nfc, path_key, slug};
use rustc_hash::FxHashMap;

/// Pages that canon writes itself, whatever the notes are. A page of the content at one of these paths is its
/// introduction.
pub(crate) const GENERATED: &[&str] = &[
    "index.html",
    "tags/index.html",
    "importance.html",
    "difficulty.html",
    "status.html",
    "types.html",
    "glossary.html",
    "graph.html",
    "recent.html",
    "wanted.html",
    "health.html",
    "search.html",
    "404.html",
];

/// Rows on one page of a long list.
pub(crate) const PAGE_ROWS: usize = 500;
/// Lists of all concept notes.
const LISTS: &[&str] = &["importance.html", "difficulty.html", "status.html", "types.html", "recent.html"];
/// Lists whose length is known only when texts and links are: the addresses of all pages they could have are kept free.
const LISTS_OF_ANY_LENGTH: &[&str] = &["wanted.html", "glossary.html"];

/// Who wants an output path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RouteOwner {
    /// Canon itself: an index page, a tag page.
    Generated,
    /// A Markdown file.
    Note(NoteIndex),
    /// The copy of a note's Markdown.
    Markdown(NoteIndex),
    /// A file that is copied: index into the vault's files.
    Asset(u32),
    /// A file of the site's static folder: index into their list.
    Static(u32),
    /// An old address or other name of a note.
    Redirect(NoteIndex),
}

/// Two claims to one path; the first holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Collision {
    /// The path.
    pub path: String,
    /// Who has it.
    pub first: RouteOwner,
    /// Who wanted it too.
    pub second: RouteOwner,
}

/// A page that leads on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// Its output path.
    pub path: String,
    /// The note it leads to.
    pub target: NoteIndex,
}

/// An old address or other name that leads out of the site, or that no file may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadAddress {
    /// The note.
    pub note: NoteIndex,
    /// The frontmatter's field.
    pub field: &'static str,
    /// Which item of it.
    pub item: usize,
}

/// The table of addresses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes {
    /// Output path of each Markdown file.
    pub notes: PackedStrings,
    /// Introductions: generated path to the page that introduces it.
    pub introductions: FxHashMap<String, NoteIndex>,
    /// Other names and old addresses.
    pub redirects: Vec<Redirect>,
    /// Faults.
    pub collisions: Vec<Collision>,
    /// Old addresses and other names that cannot be written.
    pub bad: Vec<BadAddress>,
    taken: StringMap<RouteOwner>,
}

impl Routes {
    /// Who holds an output path, letter case and Unicode form ignored.
    pub(crate) fn holder(&self, path: &str) -> Option<RouteOwner> {
        self.taken.get(&path_key(path)).copied()
    }

    /// Who holds an output path or may need it, letter case and Unicode form ignored.
    pub(crate) fn owner(&self, path: &str) -> Option<RouteOwner> {
        self.owner_of_key(&path_key(path))
    }

    fn owner_of_key(&self, key: &str) -> Option<RouteOwner> {
        self.taken.get(key).copied().or_else(|| may_continue_a_list(key).then_some(RouteOwner::Generated))
    }

    /// Whether canon writes a page of its own at this path.
    pub(crate) fn is_generated(&self, path: &str) -> bool {
        self.holder(path) == Some(RouteOwner::Generated)
    }

    /// Takes a path, or notes the collision.
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

/// Whether a path could be a further page of a list of any length.
fn may_continue_a_list(key: &str) -> bool {
    let name = crate::note::file_name(key).strip_suffix(".html");
    let number = name.and_then(|name| name.parse::<usize>().ok()).filter(|&number| number > 1);
    number.is_some_and(|number| LISTS_OF_ANY_LENGTH.iter().any(|list| list_page(list, number - 1) == key))
}

/// Where the copy of a note's Markdown stands, beside its page.
pub(crate) fn markdown_copy(page: &str) -> Option<String> {
    Some(format!("{}.md", page.strip_suffix(".html")?))
}

/// The address that a Markdown file would have if it were alone.
pub(crate) fn natural(note: &Note) -> String {
    let path = nfc(&note.stem);
    match note.kind {
        Kind::Landing => join(folder_of(&path), "index.html"),
        // A note `x/README.md` is its folder's page, as `x/index.md` is.
        Kind::Note if landing_rank(&format!("{path}.md")).is_some() => join(folder_of(&path), "index.html"),
        _ => format!("{path}.html"),
    }
}

/// The address of a tag's page.
pub(crate) fn tag_page(slug: &str) -> String {
    format!("tags/{slug}.html")
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") }
}

/// Assigns every address. `assets` are the files that links lead to: their index and path.
pub(crate) fn routes(notes: &[Note], index: &Index, assets: &[(u32, &str)], static_files: &[String]) -> Routes {
    let mut routes = Routes::default();
    for path in GENERATED {
        routes.claim(path, RouteOwner::Generated);
    }
    for (slug, tag) in &index.tags {
        claim_list(&mut routes, &tag_page(slug), 0, tag.notes.len());
    }
    for list in LISTS {
        let rows = if *list == "recent.html" { index.recent.len() } else { index.ranked.len() };
        claim_list(&mut routes, list, 1, rows);
    }
    for (i, note) in notes.iter().enumerate() {
        let path = place(&mut routes, i as NoteIndex, note);
        routes.notes.push(&path);
    }
    for folder in index.folders.keys().filter(|f| !f.is_empty()) {
        let path = join(folder, "index.html");
        if routes.holder(&path).is_none() {
            routes.claim(&path, RouteOwner::Generated);
        }
    }
    for (i, _) in notes.iter().enumerate().filter(|(_, note)| note.is_note()) {
        if let Some(path) = markdown_copy(&routes.notes[i]) {
            routes.claim(&path, RouteOwner::Markdown(i as NoteIndex));
        }
    }
    for &(id, path) in assets {
        routes.claim(&nfc(path), RouteOwner::Asset(id));
    }
    for (i, path) in static_files.iter().enumerate() {
        routes.claim(&nfc(path), RouteOwner::Static(i as u32));
    }
    redirects(&mut routes, notes);
    routes
}

/// Takes the addresses of a list of so many rows, from page `from` on.
fn claim_list(routes: &mut Routes, first: &str, from: usize, rows: usize) {
    for n in from..rows.div_ceil(PAGE_ROWS).max(1) {
        routes.claim(&list_page(first, n), RouteOwner::Generated);
    }
}

/// The path of one Markdown file; a page where canon writes becomes that page's introduction.
fn place(routes: &mut Routes, i: NoteIndex, note: &Note) -> String {
    let path = natural(note);
    // What canon writes has an address in lower case.
    let own = path_key(&path);
    let is_generated = routes.taken.get(&own) == Some(&RouteOwner::Generated);
    if is_generated && !note.is_note() && !routes.introductions.contains_key(&own) {
        routes.introductions.insert(own.clone(), i);
        return own;
    }
    // Several landing pages in a folder are no fault: the first is the folder's page.
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

fn redirects(routes: &mut Routes, notes: &[Note]) {
    for (i, note) in notes.iter().enumerate().filter(|(_, n)| n.is_note()) {
        let target = i as NoteIndex;
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
    for (i, note) in notes.iter().enumerate().filter(|(_, n)| n.is_note()) {
        for (item, alias) in note.head.aliases.iter().enumerate() {
            if leads_out(alias) {
                routes.bad.push(BadAddress { note: i as NoteIndex, field: "aliases", item });
                continue;
            }
            let path = join(&nfc(note.folder()), &format!("{}.html", slug(alias)));
            if routes.owner(&path).is_none() {
                routes.claim(&path, RouteOwner::Redirect(i as NoteIndex));
                routes.redirects.push(Redirect { path, target: i as NoteIndex });
            }
        }
    }
}

/// Whether a name is written like a path that is absolute or leads out of its folder, or holds control characters.
fn leads_out(name: &str) -> bool {
    let mut chars = name.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && name[1..].starts_with(":\\");
    let parts = || name.split(['/', '\\']).map(str::trim);
    drive
        || name.starts_with(['/', '\\'])
        || parts().count() > 1 && parts().any(|part| part == "..")
        || name.chars().any(char::is_control)
}

/// The output path of an old address relative to the site's root, with or without a slash before it; nothing if it leads out of the site or cannot be a file.
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
