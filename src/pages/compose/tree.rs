//! The folder tree of a page: the parent folders, the open folder, and its notes or those near the current one.

use super::listing::Listing;
use super::tree_files::TreeFiles;
use crate::base::site::Site;
use crate::pages::templates::{Renderer, TemplateError};
use crate::pages::views::{Link, TreeFolder, TreeView};
use crate::text::ids::NoteId;
use crate::text::packed::StringMap;
use crate::text::paths::relative_url;
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock};

/// The maximum number of notes of an open folder.
pub(super) const SHOWN: usize = 60;

/// The maximum number of folders per level, so the tree of a page does not grow with the base.
pub(super) const FOLDERS_SHOWN: usize = 60;

/// The number of notes by which the window of a large folder moves. Pages of neighbouring notes share a window, and
/// thus a rendered tree.
const STEP: usize = SHOWN / 2;

/// The rendered trees by folder, each rendered on first use.
#[derive(Debug, Default)]
pub(super) struct Trees {
    /// For each folder, one tree per [`STEP`] notes.
    folders: FxHashMap<String, Vec<OnceLock<Arc<str>>>>,
    /// The index of each note of a large folder in the list of its folder, by output path.
    place: StringMap<usize>,
    /// The index of a folder in the list of its parent, for parents with more than [`FOLDERS_SHOWN`] folders.
    folder_place: StringMap<usize>,
    /// The number of folders with notes in such a parent, by its path.
    filled: FxHashMap<String, usize>,
    /// What each folder lists, in order.
    pub(super) listing: Listing,
    /// The data file of each folder.
    pub(super) files: TreeFiles,
}

impl Trees {
    /// Creates an empty cell for each tree.
    pub(super) fn new(site: &Site) -> Trees {
        let listing = Listing::new(site);
        let files = TreeFiles::new(site, &listing);
        let mut trees = Trees { listing, files, ..Trees::default() };
        for path in site.index.folders.keys() {
            let listed = trees.listing.notes(path);
            let large = listed.len() > SHOWN;
            let windows = if large { listed.len().div_ceil(STEP) } else { 1 };
            trees.folders.insert(path.clone(), (0..windows).map(|_| OnceLock::new()).collect());
            if large {
                for (at, &i) in listed.iter().enumerate() {
                    trees.place.insert(&site.routes.notes[i], at);
                }
            }
            let folders = trees.listing.folders(path);
            if folders.len() > FOLDERS_SHOWN {
                for (at, name) in folders.iter().enumerate() {
                    trees.folder_place.insert(name, at);
                }
                let filled = folders.iter().filter(|name| trees.listing.count(name) > 0).count();
                trees.filled.insert(path.clone(), filled);
            }
        }
        trees
    }

    /// The tree for the page at `path` in `folder`, without a marked page.
    ///
    /// # Errors
    /// A template uses a missing value or a value of the wrong type.
    pub(super) fn of(
        &self,
        site: &Site,
        renderer: &Renderer,
        path: &str,
        folder: &str,
    ) -> Result<Arc<str>, TemplateError> {
        // Notes of small folders and all further pages are in the first window.
        let window = self.place.get(path).map_or(0, |at| at / STEP);
        let kept = self.folders.get(folder).and_then(|trees| trees.get(window));
        if let Some(html) = kept.and_then(OnceLock::get) {
            return Ok(html.clone());
        }
        let html = renderer.tree(&self.build(site, path, folder, window * STEP), path)?;
        Ok(kept.map_or(html.clone(), |kept| kept.get_or_init(|| html).clone()))
    }

    /// Builds the tree of a page in `folder`. In a large folder, it contains the notes around index `at`.
    fn build(&self, site: &Site, path: &str, folder: &str, at: usize) -> TreeView {
        let notes = links(site, path, self.listing.notes(""), 0);
        let mut tree = TreeView { root: super::root_of(path), notes, ..TreeView::default() };
        self.add_folders(site, path, folder, at, &mut tree.folders);
        tree
    }

    /// The tree of a page that a host shows at any address: `root` is before each URL.
    pub(super) fn absolute(&self, site: &Site, root: &str) -> TreeView {
        let mut tree = self.build(site, "404.html", "", 0);
        let links = tree.folders.iter_mut().map(|folder| &mut folder.url);
        let links = links.chain(tree.notes.iter_mut().map(|note| &mut note.url));
        links.for_each(|url| url.insert_str(0, root));
        tree.root = root.to_string();
        tree
    }

    /// Appends the folders in the order of the tree, where an open folder is followed by its subfolders. Iterative,
    /// because folders may be nested as deep as the maximum path length of the system.
    fn add_folders(&self, site: &Site, path: &str, open: &str, at: usize, out: &mut Vec<TreeFolder>) {
        let mut levels = vec![self.level("", open)];
        while let Some(level) = levels.last_mut() {
            let Some(name) = level.shown.next() else {
                // The entry for the rest comes after all folders of its level.
                let (parent, omitted) = (level.parent, level.omitted);
                levels.pop();
                if omitted > 0 {
                    out.push(omitted_folders(site, path, parent, levels.len(), omitted));
                }
                continue;
            };
            let is_open = is_on_the_way(name, open);
            let own = open == name;
            let listed = self.listing.notes(name);
            let notes = if is_open { links(site, path, listed, if own { at } else { 0 }) } else { Vec::new() };
            out.push(TreeFolder {
                path: name.to_string(),
                title: super::folder_title(site, name),
                url: relative_url(path, &page_of(site, name)),
                depth: levels.len() - 1,
                count: self.listing.count(name),
                open: is_open,
                more: if is_open { listed.len() - notes.len() } else { 0 },
                notes,
                file: self.files.file_of(name),
                is_rest: false,
            });
            if is_open {
                levels.push(self.level(name, open));
            }
        }
    }

    /// The listed folders of a parent: all with notes, or a window around the open one.
    fn level<'s>(&'s self, parent: &'s str, open: &str) -> Level<'s> {
        let all = self.listing.folders(parent);
        let filled = move |name: &&'s str| self.listing.count(name) > 0;
        let Some(&count) = self.filled.get(parent).filter(|count| **count > FOLDERS_SHOWN) else {
            let shown: Vec<&str> = all.iter().map(String::as_str).filter(filled).collect();
            return Level { parent, shown: shown.into_iter(), omitted: 0 };
        };
        // The part of `open` up to the next slash is the folder of this level on the way to the open folder.
        let below = if parent.is_empty() { 0 } else { parent.len() + 1 };
        let end = open.get(below..).and_then(|rest| rest.find('/')).map_or(open.len(), |at| below + at);
        let place = self.folder_place.get(&open[..end]).copied().unwrap_or(0);
        let start = place.saturating_sub(FOLDERS_SHOWN / 2);
        let names = |part: &'s [String]| part.iter().map(String::as_str).filter(filled);
        let mut shown: Vec<&str> = names(&all[start..]).take(FOLDERS_SHOWN).collect();
        // Near the end of the list, the window is extended backwards.
        let missing = FOLDERS_SHOWN - shown.len();
        let mut before: Vec<&str> = names(&all[..start]).rev().take(missing).collect();
        before.reverse();
        before.append(&mut shown);
        Level { parent, omitted: count - before.len(), shown: before.into_iter() }
    }
}

/// A level of the tree during the traversal.
struct Level<'s> {
    /// The parent of the folders.
    parent: &'s str,
    /// The paths of the folders still to be listed.
    shown: std::vec::IntoIter<&'s str>,
    /// The number of folders with notes outside of the window.
    omitted: usize,
}

/// Whether a folder is the open one or one of its parents.
fn is_on_the_way(name: &str, open: &str) -> bool {
    // The slash excludes `database` as a parent of `databases/acid`.
    open == name || (open.starts_with(name) && open[name.len()..].starts_with('/'))
}

/// The entry for the unlisted folders of `parent`, with a link to the page that lists them.
fn omitted_folders(site: &Site, path: &str, parent: &str, depth: usize, count: usize) -> TreeFolder {
    let page = match parent {
        "" => "index.html".to_string(),
        _ => page_of(site, parent),
    };
    TreeFolder { url: relative_url(path, &page), depth, count, is_rest: true, ..TreeFolder::default() }
}

/// The output path of the page of a folder: its landing page or a generated page.
pub(super) fn page_of(site: &Site, folder: &str) -> String {
    site.routes.folder_page(folder).unwrap_or("index.html").to_string()
}

fn links(site: &Site, path: &str, notes: &[NoteId], at: usize) -> Vec<Link> {
    let start = match notes.len() > SHOWN {
        // All notes of a window share a tree, so the list starts half a step before the window, to show neighbours on
        // both sides.
        true => at.saturating_sub(STEP / 2).min(notes.len() - SHOWN),
        false => 0,
    };
    let shown = notes[start..].iter().take(SHOWN);
    shown.map(|&i| Link { title: site.note(i).title.clone(), url: relative_url(path, &site.routes.notes[i]) }).collect()
}
