//! The order of folders and notes in the tree and on cards: first the paths of `site.order`, then folders by the `weight` in
//! the head of their landing page, then the others by title. Knows no HTML.

use super::folder_title;
use crate::base::site::Site;
use crate::text::ids::NoteId;
use crate::text::paths::nfc;
use crate::text::slug::name_key;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// The listed entries of each folder, in order.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    folders: FxHashMap<String, Entries>,
}

/// What is directly in a folder.
#[derive(Debug, Default)]
struct Entries {
    /// The notes and the pages, except for introductions of generated pages.
    notes: Vec<NoteId>,
    /// The paths of the subfolders.
    folders: Vec<String>,
    /// The number of notes and pages in the folder and below.
    count: usize,
}

impl Listing {
    /// Sorts the entries of all folders of a site.
    pub(super) fn new(site: &Site) -> Listing {
        let introductions: FxHashSet<NoteId> = site.routes.introductions.values().copied().collect();
        let places = places(site);
        let place = |path: &str| match places.is_empty() {
            true => None,
            false => places.get(nfc(path).as_ref()).copied(),
        };
        let mut folders: FxHashMap<String, Entries> = FxHashMap::default();
        let mut page_counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (path, folder) in &site.index.folders {
            let pages = || folder.pages.iter().copied().filter(|page| !introductions.contains(page));
            let mut above = path.as_str();
            // The root shows no number, so its pages are not counted.
            while !above.is_empty() && !folder.pages.is_empty() {
                *page_counts.entry(above).or_default() += pages().count();
                above = crate::note::folder_of(above);
            }
            let mut notes: Vec<NoteId> = folder.notes.iter().copied().chain(pages()).collect();
            notes.sort_by_cached_key(|&i| {
                let note = site.note(i);
                (last_if_none(place(&note.stem)), name_key(&note.title), &*note.title, i)
            });
            let mut subfolders = folder.folders.clone();
            subfolders.sort_by_cached_key(|path| {
                let title = folder_title(site, path);
                (last_if_none(place(path)), last_if_none(weight(site, path)), name_key(&title), title, path.clone())
            });
            folders.insert(path.clone(), Entries { notes, folders: subfolders, count: folder.count });
        }
        for (path, pages) in page_counts {
            if let Some(entries) = folders.get_mut(path) {
                entries.count += pages;
            }
        }
        Listing { folders }
    }

    /// The notes and pages directly in a folder, except for introductions of generated pages.
    pub(crate) fn notes(&self, folder: &str) -> &[NoteId] {
        self.folders.get(folder).map_or(&[], |entries| &entries.notes)
    }

    /// The paths of the folders directly in a folder.
    pub(crate) fn folders(&self, folder: &str) -> &[String] {
        self.folders.get(folder).map_or(&[], |entries| &entries.folders)
    }

    /// The number of notes and pages in a folder and below.
    pub(crate) fn count(&self, folder: &str) -> usize {
        self.folders.get(folder).map_or(0, |entries| entries.count)
    }
}

/// The index of each path of `site.order`, without `.md` and slashes at the ends. The first mention of a path counts.
fn places(site: &Site) -> FxHashMap<String, usize> {
    let mut places = FxHashMap::default();
    for (at, path) in site.config.site.order.iter().enumerate() {
        let path = path.trim_matches('/');
        places.entry(nfc(path.strip_suffix(".md").unwrap_or(path)).into_owned()).or_insert(at);
    }
    places
}

/// The `weight` in the head of the landing page of a folder, in thousandths.
fn weight(site: &Site, folder: &str) -> Option<i64> {
    let landing = site.index.folders.get(folder)?.landing?;
    let weight = site.note(landing).head.extra.get("weight")?.as_f64()?;
    Some((weight * 1000.0) as i64)
}

/// A sort key in which `None` comes last.
fn last_if_none<T: Ord>(value: Option<T>) -> (bool, Option<T>) {
    (value.is_none(), value)
}
