//! The data files of the folder tree (`_canon/tree/N.js`): what a page shows of a folder when a reader opens it. Folders are
//! assigned to files in path order, so that neither the number of folders nor the notes of one folder make a file long.

use super::folder_title;
use super::listing::Listing;
use crate::base::site::Site;
use crate::pages::templates::script_call;
use crate::text::paths::encode_path;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The number of entries from which a file is closed.
const FILE_ENTRIES: usize = 500;
/// The maximum number of notes, and of folders, that a folder lists. The page of the folder has the others.
const LISTED: usize = 300;

/// The file of each folder with notes.
#[derive(Debug, Default)]
pub(super) struct TreeFiles {
    file_of: FxHashMap<String, usize>,
    /// The folders of each file.
    files: Vec<Vec<String>>,
}

/// A subfolder: path, title, URL, number of notes, file.
type Subfolder<'a> = (&'a str, String, String, usize, usize);
/// A note: title, URL.
type TreeNote<'a> = (&'a str, String);
/// What a folder lists: subfolders, notes, the number of notes and folders left out, its URL.
type Opened<'a> = (Vec<Subfolder<'a>>, Vec<TreeNote<'a>>, usize, String);

impl TreeFiles {
    /// Assigns the folders of a site to files.
    pub(super) fn new(site: &Site, listing: &Listing) -> TreeFiles {
        let mut own = TreeFiles::default();
        let mut entries = FILE_ENTRIES;
        for folder in site.index.folders.keys().filter(|name| !name.is_empty() && listing.count(name) > 0) {
            if entries >= FILE_ENTRIES {
                own.files.push(Vec::new());
                entries = 0;
            }
            let listed = [listing.notes(folder).len(), listing.folders(folder).len()];
            // At least 1: an empty folder has an entry, too.
            entries += 1 + listed.iter().map(|count| count.min(&LISTED)).sum::<usize>();
            own.file_of.insert(folder.clone(), own.files.len() - 1);
            if let Some(file) = own.files.last_mut() {
                file.push(folder.clone());
            }
        }
        own
    }

    /// The number of files.
    pub(super) fn count(&self) -> usize {
        self.files.len()
    }

    /// The number of the file of a folder.
    pub(super) fn file_of(&self, folder: &str) -> usize {
        self.file_of.get(folder).copied().unwrap_or(0)
    }

    /// File `n`: the content of its folders by path.
    pub(super) fn script(&self, site: &Site, listing: &Listing, n: usize) -> String {
        let folders = self.files.get(n).into_iter().flatten();
        let entries: BTreeMap<&str, Opened<'_>> =
            folders.map(|folder| (folder.as_str(), self.opened(site, listing, folder))).collect();
        script_call("canonTree", &entries)
    }

    fn opened<'a>(&self, site: &'a Site, listing: &'a Listing, folder: &str) -> Opened<'a> {
        let filled: Vec<&str> =
            listing.folders(folder).iter().map(String::as_str).filter(|name| listing.count(name) > 0).collect();
        let subfolder = |name: &&'a str| {
            let page = url(page_of(site, name));
            (*name, folder_title(site, name), page, listing.count(name), self.file_of(name))
        };
        let notes = listing.notes(folder);
        let left_out = notes.len().saturating_sub(LISTED) + filled.len().saturating_sub(LISTED);
        let note = |i: &crate::text::ids::NoteId| (site.note(*i).title.as_str(), url(&site.routes.notes[*i]));
        (
            filled.iter().take(LISTED).map(subfolder).collect(),
            notes.iter().take(LISTED).map(note).collect(),
            left_out,
            url(page_of(site, folder)),
        )
    }
}

/// The output path of the page of a folder.
fn page_of<'a>(site: &'a Site, folder: &str) -> &'a str {
    site.routes.folder_page(folder).unwrap_or("index.html")
}

/// An output path as a URL relative to the root of the site.
fn url(path: &str) -> String {
    let mut url = String::new();
    encode_path(path, &mut url);
    url
}
