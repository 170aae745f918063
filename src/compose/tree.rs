//! The folder tree beside a page: the folders on the way, the open one with its notes, or those near the current one.

use crate::context::{Link, TreeFolder, TreeView};
use crate::id::relative_url;
use crate::index::{Folder, NoteIndex};
use crate::render::{Renderer, TemplateError};
use crate::site::Site;
use crate::text_tables::TextMap;
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock};

/// Most notes that an open folder shows.
pub const SHOWN: usize = 60;

/// Notes by which the part of a large folder that is shown moves on; neighbours share it.
const STEP: usize = SHOWN / 2;

/// The HTML of trees by folder, made when a page first asks.
#[derive(Debug, Default)]
pub struct Trees {
    /// For each folder one tree for every [`STEP`] of its notes.
    folders: FxHashMap<String, Vec<OnceLock<Arc<str>>>>,
    /// The place of the notes of large folders in their folder's list, by output path.
    place: TextMap<usize>,
}

impl Trees {
    /// Prepares a place for each folder's trees.
    pub fn new(site: &Site) -> Trees {
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
        }
        trees
    }

    /// The tree as seen from the page at `path` in `folder`, no page marked.
    ///
    /// # Errors
    /// What the tree's template asks of a value that it is not or has not.
    pub fn of(&self, site: &Site, renderer: &Renderer, path: &str, folder: &str) -> Result<Arc<str>, TemplateError> {
        let window = self.place.get(path).map_or(0, |at| at / STEP);
        let kept = self.folders.get(folder).and_then(|trees| trees.get(window));
        if let Some(html) = kept.and_then(OnceLock::get) {
            return Ok(html.clone());
        }
        let html = renderer.tree(&build(site, path, folder, window * STEP), path)?;
        Ok(kept.map_or(html.clone(), |kept| kept.get_or_init(|| html).clone()))
    }
}

/// The tree of a page in `folder`; where the folder is large, the notes around place `at`.
fn build(site: &Site, path: &str, folder: &str, at: usize) -> TreeView {
    let mut tree = TreeView { notes: links(site, path, &site.index.folders[""].notes, 0), ..TreeView::default() };
    add_folders(site, path, folder, at, &mut tree.folders);
    tree
}

/// The folders in the order of the tree, those below an open one behind it. Without recursion: folders may be nested as
/// deep as the system's longest path.
fn add_folders(site: &Site, path: &str, open: &str, at: usize, out: &mut Vec<TreeFolder>) {
    let mut levels = vec![site.index.folders[""].folders.iter()];
    while let Some(level) = levels.last_mut() {
        let Some(name) = level.next() else {
            levels.pop();
            continue;
        };
        let folder = &site.index.folders[name];
        if folder.count == 0 {
            continue;
        }
        let is_open = open == name || (open.starts_with(name.as_str()) && open[name.len()..].starts_with('/'));
        let own = open == name;
        let notes = if is_open { links(site, path, &folder.notes, if own { at } else { 0 }) } else { Vec::new() };
        out.push(TreeFolder {
            path: name.clone(),
            title: super::folder_title(site, name),
            url: relative_url(path, &page_of(site, name, folder)),
            depth: levels.len() - 1,
            count: folder.count,
            open: is_open,
            more: if is_open { folder.notes.len() - notes.len() } else { 0 },
            notes,
        });
        if is_open {
            levels.push(folder.folders.iter());
        }
    }
}

/// The page of a folder: its landing page where it has one.
pub fn page_of(site: &Site, name: &str, folder: &Folder) -> String {
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
