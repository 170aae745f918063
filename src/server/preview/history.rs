//! The served pages as hashes, and the versions in which files changed, to decide whether an open page is up to date. The number
//! of entries is limited; a page whose entry was dropped counts as changed.

use crate::note::folder_of;
use crate::server::Change;
use crate::text::paths::join_path;
use rustc_hash::{FxHashMap, FxHashSet};

/// The most pages with hashes.
const PAGES: usize = 1_000;
/// The most hashes of a page.
const STATES: usize = 8;
/// The most changes of files.
const FILES: usize = 2_000;

/// A version, and the hash of a page from this version on; `None` if there was no page.
type State = (u64, Option<blake3::Hash>);

/// The hashes of served pages and the changes of files.
#[derive(Debug, Default)]
pub(super) struct History {
    pages: FxHashMap<String, Vec<State>>,
    files: Vec<(u64, String)>,
    /// Changes of files up to this version were dropped.
    forgotten: u64,
}

impl History {
    /// Records that a page was served. `hash` is `None` if there was no page.
    pub(super) fn shown(&mut self, path: &str, version: u64, hash: Option<blake3::Hash>) {
        if self.pages.len() >= PAGES && !self.pages.contains_key(path) {
            self.pages.clear();
        }
        match self.pages.get_mut(path) {
            Some(states) => {
                if states.last().is_none_or(|last| last.1 != hash && last.0 <= version) {
                    states.push((version, hash));
                    let surplus = states.len().saturating_sub(STATES);
                    states.drain(..surplus);
                }
            }
            // Requests for random missing paths must not fill the table.
            None if hash.is_none() => {}
            None => {
                self.pages.insert(path.to_string(), vec![(version, hash)]);
            }
        }
    }

    /// Records files, by output path, that differ from this version on.
    pub(super) fn files_changed(&mut self, version: u64, files: &[String]) {
        self.files.extend(files.iter().map(|file| (version, file.clone())));
        let surplus = self.files.len().saturating_sub(FILES);
        if let Some((last, _)) = self.files.drain(..surplus).next_back() {
            self.forgotten = last;
        }
    }

    /// The change of the page at `path` since `version`. `page` has the current bytes; `None` if there is no page now.
    pub(super) fn change(&self, path: &str, version: u64, page: Option<&[u8]>) -> Change {
        let known = self.pages.get(path).and_then(|states| states.iter().rfind(|(since, _)| *since <= version));
        let (before, page) = match (known.and_then(|(_, hash)| *hash), page) {
            (Some(before), Some(page)) => (before, page),
            (None, None) => return Change::None,
            (Some(_), None) | (None, Some(_)) => return Change::Page,
        };
        if version < self.forgotten {
            return Change::Page;
        }
        match (before == blake3::hash(page), self.change_beside(path, version, page)) {
            (true, beside) => beside,
            (false, Change::None) => Change::Text,
            (false, _) => Change::Page,
        }
    }

    /// The change of the files that a page uses.
    fn change_beside(&self, path: &str, version: u64, page: &[u8]) -> Change {
        let changed: Vec<&str> =
            self.files.iter().filter(|(since, _)| *since > version).map(|(_, f)| f.as_str()).collect();
        let used = if changed.is_empty() { FxHashSet::default() } else { resources(path, page) };
        let is_style = |file: &str| file.ends_with(".css");
        if changed.iter().any(|file| !is_style(file) && used.contains(*file)) {
            return Change::Page;
        }
        // Style sheets can import style sheets, so a page may use any of them.
        if changed.iter().any(|file| is_style(file)) { Change::Style } else { Change::None }
    }
}

/// The output paths of the scripts, pictures and media files that a page uses.
fn resources(path: &str, page: &[u8]) -> FxHashSet<String> {
    let text = String::from_utf8_lossy(page);
    let mut found = FxHashSet::default();
    for marker in [" src=\"", " poster=\"", " href=\"", " data-graph=\""] {
        for (at, _) in text.match_indices(marker) {
            let value = &text[at + marker.len()..];
            let value = value.split(['"', '?', '#']).next().unwrap_or_default();
            let is_page = value.is_empty() || value.ends_with('/') || value.ends_with(".html");
            if !is_page && let Some(resolved) = resolved(path, value) {
                found.insert(resolved);
            }
        }
    }
    found
}

/// The output path of a relative URL on a page.
fn resolved(path: &str, url: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(url).decode_utf8().ok()?;
    let folder = if decoded.starts_with('/') { "" } else { folder_of(path) };
    join_path(folder, &decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(page: &str) -> Option<blake3::Hash> {
        Some(blake3::hash(page.as_bytes()))
    }

    #[test]
    fn a_page_is_compared_with_what_its_owner_has() {
        let mut history = History::default();
        history.shown("a.html", 1, hash("one"));
        history.shown("a.html", 3, hash("two"));
        assert_eq!(history.change("a.html", 2, Some(b"one")), Change::None);
        assert_eq!(history.change("a.html", 2, Some(b"two")), Change::Text);
        assert_eq!(history.change("a.html", 3, Some(b"two")), Change::None);
        assert_eq!(history.change("a.html", 3, None), Change::Page, "it is gone");
        history.shown("a.html", 4, None);
        assert_eq!(history.change("a.html", 4, None), Change::None, "its owner has seen that it is gone");
        assert_eq!(history.change("a.html", 4, Some(b"two")), Change::Page, "it is back");
        assert_eq!(history.change("b.html", 4, None), Change::None, "never was there");
    }

    #[test]
    fn files_concern_the_pages_that_use_them() {
        let mut history = History::default();
        let page = r#"<link href="../x.css"><img src="a%20b.png"><script src="/s.js"></script><a href="c.html">"#;
        history.shown("d/a.html", 1, hash(page));
        history.files_changed(2, &["other.png".into(), "c.html".into()]);
        assert_eq!(history.change("d/a.html", 1, Some(page.as_bytes())), Change::None);
        history.files_changed(3, &["y.css".into()]);
        assert_eq!(history.change("d/a.html", 2, Some(page.as_bytes())), Change::Style);
        assert_eq!(history.change("d/a.html", 3, Some(page.as_bytes())), Change::None);
        let other = page.replace("c.html", "e.html");
        assert_eq!(history.change("d/a.html", 2, Some(other.as_bytes())), Change::Page, "its bytes and a style");
        assert_eq!(history.change("d/a.html", 3, Some(other.as_bytes())), Change::Text);
        for used in ["d/a b.png", "s.js"] {
            history.files_changed(4, &[used.into()]);
            assert_eq!(history.change("d/a.html", 3, Some(page.as_bytes())), Change::Page, "{used}");
            history.files.pop();
        }
    }

    #[test]
    fn what_is_forgotten_counts_as_changed() {
        let mut history = History::default();
        history.shown("a.html", 1, hash("a"));
        for version in 2..FILES as u64 + 10 {
            history.files_changed(version, &["x.png".into()]);
        }
        assert_eq!(history.change("a.html", 1, Some(b"a")), Change::Page);
        for n in 0..PAGES {
            history.shown(&format!("{n}.html"), 1, hash("a"));
        }
        assert!(history.pages.len() <= PAGES);
    }
}
