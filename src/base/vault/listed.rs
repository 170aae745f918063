//! A vault from a list of files and their contents, such as the files of a git revision. Selects the same files as a walk over
//! a folder with these files.

use super::walk::{OUTPUT_MARK, Walk};
use super::{Loaded, Vault, checked, gathered, is_markdown, load, loaded, name_problem, text_of_link, too_large};
use crate::config::Config;
use crate::config::schema::globs;
use crate::system::disk::{self, Folder};
use crate::text::source::SourceFile;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The most links in the path of a file, as on Linux.
const MAX_LINKS: usize = 40;

/// A file of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedFile {
    /// The path relative to the content folder.
    pub path: PathBuf,
    /// The content.
    pub content: ListedContent,
}

/// The content of a file of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListedContent {
    /// The bytes of a Markdown file of at most [`MAX_NOTE`](super::MAX_NOTE) bytes.
    Bytes(Vec<u8>),
    /// The Markdown file is longer than [`MAX_NOTE`](super::MAX_NOTE) bytes.
    TooLarge,
    /// The file is not Markdown.
    NotRead,
    /// A symbolic link with its target.
    Link(PathBuf),
}

/// The files of a list.
struct Listing<'a> {
    walk: Walk<'a>,
    files: FxHashMap<&'a Path, &'a ListedContent>,
    /// Folders that canon wrote.
    outputs: FxHashSet<&'a Path>,
}

impl Vault {
    /// The vault of a content folder with these files. `root` is the path of the folder, which need not exist; `skip` lists
    /// folders inside it that are not content.
    ///
    /// # Errors
    /// As `read`, for a symbolic link out of the list that is still on the disk.
    pub(crate) fn of_list(
        root: &Path,
        config: &Config,
        skip: &[PathBuf],
        list: &[ListedFile],
        note_templates: Vec<SourceFile>,
    ) -> Result<Vault, String> {
        let walk = Walk { root, folder: Folder::default(), skip, ignore: globs(&config.ignore) };
        let files = list.iter().map(|file| (file.path.as_path(), &file.content)).collect();
        let outputs =
            list.iter().filter(|file| file.path.ends_with(OUTPUT_MARK)).filter_map(|file| file.path.ancestors().nth(2));
        let listing = Listing { walk, files, outputs: outputs.collect() };
        // Reads the disk, so made only for the first link that needs it.
        let mut on_disk = None;
        let mut read: Vec<Loaded> = Vec::new();
        for file in list.iter().filter(|file| listing.is_content(&file.path)) {
            read.push(match &file.content {
                ListedContent::Link(target) => match listing.behind(&file.path) {
                    Some(loaded) => loaded,
                    None => link_on_disk(root, config, skip, &file.path, target, &mut on_disk)?,
                },
                content => listing.load(&file.path, content),
            });
        }
        read.sort_by(|(a, _), (b, _)| (!is_markdown(&a.path), &a.path).cmp(&(!is_markdown(&b.path), &b.path)));
        Ok(Vault { note_templates, ..gathered(root, read) })
    }
}

impl Listing<'_> {
    /// Whether a file is content.
    fn is_content(&self, path: &Path) -> bool {
        let mut parts = path.ancestors().filter(|part| !part.as_os_str().is_empty());
        parts.all(|part| {
            let is_folder = part != path;
            let is_skipped = self.walk.skip.iter().any(|skip| skip.strip_prefix(self.walk.root) == Ok(part));
            let is_output = is_folder && self.outputs.contains(part);
            !is_skipped && !is_output && self.walk.is_content_name(&disk::shown(part), is_folder)
        })
    }

    fn load(&self, path: &Path, content: &ListedContent) -> Loaded {
        let path = disk::shown(path);
        let named = name_problem(&path);
        match content {
            _ if !is_markdown(&path) => loaded(path, "", named),
            ListedContent::Bytes(bytes) => checked(path.into(), bytes, named),
            ListedContent::TooLarge => loaded(path, "", Some(too_large())),
            ListedContent::NotRead | ListedContent::Link(_) => loaded(path, "", named),
        }
    }

    /// The file that a link stands for: a second address of a note, or an asset. `None` if the link does not lead to a note or,
    /// for an asset, to a file of the content.
    fn behind(&self, link: &Path) -> Option<Loaded> {
        let target = self.without_links(link)?;
        let is_there = !matches!(self.files.get(target.as_path())?, ListedContent::Link(_));
        let (path, note) = (disk::shown(link), disk::shown(&target));
        if !is_there || !self.is_content(&target) {
            return None;
        }
        match (is_markdown(&path), is_markdown(&note)) {
            (true, true) => Some(loaded(path.as_str(), &text_of_link(&path, &note), name_problem(&path))),
            (true, false) => None,
            (false, _) => Some(loaded(path.as_str(), "", name_problem(&path))),
        }
    }

    /// The path of a file with every symbolic link followed. `None` if it leads out of the content folder, or in a circle.
    fn without_links(&self, path: &Path) -> Option<PathBuf> {
        let names =
            |path: &Path| path.components().map(|part| part.as_os_str().to_owned()).collect::<VecDeque<OsString>>();
        let (mut real, mut rest, mut links) = (PathBuf::new(), names(path), 0);
        while let Some(name) = rest.pop_front() {
            match Path::new(&name).components().next() {
                Some(Component::ParentDir) => {
                    if !real.pop() {
                        return None;
                    }
                }
                Some(Component::Normal(name)) => real.push(name),
                Some(Component::CurDir) => {}
                _ => return None,
            }
            if let Some(ListedContent::Link(target)) = self.files.get(real.as_path()) {
                links += 1;
                if links > MAX_LINKS {
                    return None;
                }
                real.pop();
                let mut inner = match target.strip_prefix(self.walk.root) {
                    Ok(inside) => {
                        real = PathBuf::new();
                        names(inside)
                    }
                    // An absolute target elsewhere begins with a component that the loop refuses.
                    Err(_) => names(target),
                };
                inner.append(&mut rest);
                rest = inner;
            }
        }
        Some(real)
    }
}

/// The file of a link whose target is not in the list. If the disk has the same link, the target is taken from there: its state
/// at another time is not known, and nothing about it becomes new. Else an empty file.
fn link_on_disk<'a>(
    root: &'a Path,
    config: &Config,
    skip: &'a [PathBuf],
    link: &Path,
    target: &Path,
    walk: &mut Option<Walk<'a>>,
) -> Result<Loaded, String> {
    let path = root.join(link);
    if fs::read_link(&path).is_ok_and(|now| now == target) {
        let walk = match walk {
            Some(walk) => walk,
            None => walk.insert(Walk::new(root, config, skip)?),
        };
        if let Some(found) = walk.below(&path)?.first() {
            return load(&walk.folder, found);
        }
    }
    let path = disk::shown(link);
    let named = name_problem(&path);
    Ok(loaded(path, "", named))
}
