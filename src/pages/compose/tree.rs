//! The folder tree beside a page: the folders on the way, the open one with its notes, or those near the current one.

use crate::base::index::{Folder, NoteIndex};
use crate::base::site::Site;
use crate::pages::templates::{Renderer, TemplateError};
use crate::pages::views::{Link, TreeFolder, TreeView};
use crate::text::packed::StringMap;
use crate::text::slug::relative_url;
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock};

/// Most notes that an open folder shows.
pub(super) const SHOWN: usize = 60;

/// Most folders of one level that are listed: a page's tree does not grow with the base.
pub(super) const FOLDERS_SHOWN: usize = 60;

/// Notes by which the part of a large folder that is shown moves on; neighbours share it.
const STEP: usize = SHOWN / 2;

/// The HTML of trees by folder, made when a page first asks.
#[derive(Debug, Default)]
pub(super) struct Trees {
    /// For each folder one tree for every [`STEP`] of its notes.
    folders: FxHashMap<String, Vec<OnceLock<Arc<str>>>>,
    /// The place of the notes of large folders in their folder's list, by output path.
    place: StringMap<usize>,
    /// The place of a folder in the list of its parent, for parents with more than [`FOLDERS_SHOWN`] folders.
    folder_place: StringMap<usize>,
    /// How many folders with notes such a parent has, by its path.
    filled: FxHashMap<String, usize>,
}

impl Trees {
    /// Prepares a place for each folder's trees.
    pub(super) fn new(site: &Site) -> Trees {
        let mut trees = Trees::default();
        for (path, folder) in &site.index.folders {
            let large = folder.notes.len() > SHOWN;
            let windows = if large { folder.notes.len().div_ceil(STEP) } else { 1 };
            trees.folders.insert(path.clone(), (0..windows).map(|_| OnceLock::new()).collect());
            if large {
                for (at, &i) in folder.notes.iter().enumerate() {
                    trees.place.insert(&site.routes.notes[i as usize], at);
                }
            }
            if folder.folders.len() > FOLDERS_SHOWN {
                for (at, name) in folder.folders.iter().enumerate() {
                    trees.folder_place.insert(name, at);
                }
                let filled = folder.folders.iter().filter(|name| site.index.folders[*name].count > 0).count();
                trees.filled.insert(path.clone(), filled);
            }
        }
        trees
    }

    /// The tree as seen from the page at `path` in `folder`, no page marked.
    ///
    /// # Errors
    /// What the tree's template asks of a value that it is not or has not.
    pub(super) fn of(
        &self,
        site: &Site,
        renderer: &Renderer,
        path: &str,
        folder: &str,
    ) -> Result<Arc<str>, TemplateError> {
        let window = self.place.get(path).map_or(0, |at| at / STEP);
        let kept = self.folders.get(folder).and_then(|trees| trees.get(window));
        if let Some(html) = kept.and_then(OnceLock::get) {
            return Ok(html.clone());
        }
        let html = renderer.tree(&self.build(site, path, folder, window * STEP), path)?;
        Ok(kept.map_or(html.clone(), |kept| kept.get_or_init(|| html).clone()))
    }

    /// The tree of a page in `folder`; where the folder is large, the notes around place `at`.
    fn build(&self, site: &Site, path: &str, folder: &str, at: usize) -> TreeView {
        let mut tree = TreeView { notes: links(site, path, &site.index.folders[""].notes, 0), ..TreeView::default() };
        self.add_folders(site, path, folder, at, &mut tree.folders);
        tree
    }

    /// The folders in the order of the tree, those below an open one after it. Without recursion: folders may be nested as
    /// deep as the system's longest path.
    fn add_folders(&self, site: &Site, path: &str, open: &str, at: usize, out: &mut Vec<TreeFolder>) {
        let mut levels = vec![self.level(site, "", open)];
        while let Some(level) = levels.last_mut() {
            let Some(name) = level.shown.next() else {
                let (parent, omitted) = (level.parent, level.omitted);
                levels.pop();
                if omitted > 0 {
                    out.push(omitted_folders(site, path, parent, levels.len(), omitted));
                }
                continue;
            };
            let folder = &site.index.folders[name];
            let is_open = is_on_the_way(name, open);
            let own = open == name;
            let notes = if is_open { links(site, path, &folder.notes, if own { at } else { 0 }) } else { Vec::new() };
            out.push(TreeFolder {
                path: name.to_string(),
                title: super::folder_title(site, name),
                url: relative_url(path, &page_of(site, name, folder)),
                depth: levels.len() - 1,
                count: folder.count,
                open: is_open,
                more: if is_open { folder.notes.len() - notes.len() } else { 0 },
                notes,
                is_rest: false,
            });
            if is_open {
                levels.push(self.level(site, name, open));
            }
        }
    }

    /// The folders of a parent that are listed: all that have notes or, of many, those around the open one.
    fn level<'s>(&self, site: &'s Site, parent: &'s str, open: &str) -> Level<'s> {
        let folder = &site.index.folders[parent];
        let all = &folder.folders;
        let filled = move |name: &&'s str| site.index.folders[*name].count > 0;
        let Some(&count) = self.filled.get(parent).filter(|count| **count > FOLDERS_SHOWN) else {
            let shown: Vec<&str> = all.iter().map(String::as_str).filter(filled).collect();
            return Level { parent, shown: shown.into_iter(), omitted: 0 };
        };
        let below = if parent.is_empty() { 0 } else { parent.len() + 1 };
        let end = open.get(below..).and_then(|rest| rest.find('/')).map_or(open.len(), |at| below + at);
        let place = self.folder_place.get(&open[..end]).copied().unwrap_or(0);
        let start = place.saturating_sub(FOLDERS_SHOWN / 2);
        let names = |part: &'s [String]| part.iter().map(String::as_str).filter(filled);
        let mut shown: Vec<&str> = names(&all[start..]).take(FOLDERS_SHOWN).collect();
        // At the end of the list the window reaches further back.
        let missing = FOLDERS_SHOWN - shown.len();
        let mut before: Vec<&str> = names(&all[..start]).rev().take(missing).collect();
        before.reverse();
        before.append(&mut shown);
        Level { parent, omitted: count - before.len(), shown: before.into_iter() }
    }
}

/// The folders of one level that are still to be listed.
struct Level<'s> {
    /// The folder that they are in.
    parent: &'s str,
    /// The paths of the rest of those that are listed.
    shown: std::vec::IntoIter<&'s str>,
    /// How many folders with notes are not listed.
    omitted: usize,
}

/// Whether a folder is the open one or holds it.
fn is_on_the_way(name: &str, open: &str) -> bool {
    open == name || (open.starts_with(name) && open[name.len()..].starts_with('/'))
}

/// The entry that stands for the folders of `parent` that are not listed: it leads to the page that lists them.
fn omitted_folders(site: &Site, path: &str, parent: &str, depth: usize, count: usize) -> TreeFolder {
    let page = match parent {
        "" => "index.html".to_string(),
        _ => page_of(site, parent, &site.index.folders[parent]),
    };
    TreeFolder { url: relative_url(path, &page), depth, count, is_rest: true, ..TreeFolder::default() }
}

/// The page of a folder: its landing page where it has one.
pub(super) fn page_of(site: &Site, name: &str, folder: &Folder) -> String {
    match folder.landing {
        Some(landing) => site.routes.notes[landing as usize].to_string(),
        None => format!("{name}/index.html"),
    }
}

fn links(site: &Site, path: &str, notes: &[NoteIndex], at: usize) -> Vec<Link> {
    let start = match notes.len() > SHOWN {
        true => at.saturating_sub(STEP / 2).min(notes.len() - SHOWN),
        false => 0,
    };
    let shown = notes[start..].iter().take(SHOWN);
    shown
        .map(|&i| Link { title: site.note(i).title.clone(), url: relative_url(path, &site.routes.notes[i as usize]) })
        .collect()
}
