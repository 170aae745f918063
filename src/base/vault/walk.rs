//! The walk over the content folder: decides which files are content and finds them. Reads no text.

use super::{Fault, ProblemKind, is_markdown, name_problem, reason, unreadable};
use crate::config::Config;
use crate::config::schema::globs;
use crate::system::disk::{self, Folder, cannot_read};
use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The file that marks a folder as an output folder of canon.
const OUTPUT_MARK: &str = ".canon/manifest.json";

/// A file found by the walk.
pub(super) struct Found {
    /// As the walk found it: this path is opened.
    pub(super) on_disk: PathBuf,
    /// The same below the content folder, to be shown.
    pub(super) path: String,
    pub(super) markdown: bool,
    pub(super) problem: Option<Fault>,
}

/// What decides which files are content.
pub(super) struct Walk<'a> {
    pub(super) root: &'a Path,
    pub(super) folder: Folder,
    pub(super) skip: &'a [PathBuf],
    pub(super) ignore: globset::GlobSet,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a Path, config: &Config, skip: &'a [PathBuf]) -> Result<Walk<'a>, String> {
        let folder = Folder::new(root, &config.follow_links_outside);
        let folder = folder.map_err(|e| format!("cannot read `{}`: {}", root.display(), reason(&e)))?;
        Ok(Walk { root, folder, skip, ignore: globs(&config.ignore) })
    }

    /// A path as it stands in the vault; nothing for the root and what lies outside.
    pub(super) fn relative(&self, path: &Path) -> Option<String> {
        let inside = disk::shown(path.strip_prefix(self.root).ok()?);
        (!inside.is_empty()).then_some(inside)
    }

    /// Whether a file or folder is content, if all folders above it are.
    pub(super) fn is_content(&self, path: &Path, is_folder: bool) -> Result<bool, String> {
        let Some(inside) = self.relative(path) else { return Ok(path == self.root) };
        let name = crate::note::file_name(&inside);
        if disk::is_hidden(OsStr::new(name))
            || (is_folder && (name == "node_modules" || name == "target"))
            || self.skip.iter().any(|s| s == path)
            || self.ignore.is_match(&inside)
        {
            return Ok(false);
        }
        let mark = is_folder.then(|| path.join(OUTPUT_MARK));
        let is_output = mark.map(|mark| disk::is_file(&mark).map_err(|e| cannot_read(&mark, &e)));
        Ok(!is_output.transpose()?.unwrap_or(false))
    }

    /// Whether there is something at a path that the walk from the root would come to.
    pub(super) fn leads_to(&self, path: &Path) -> Result<bool, String> {
        let Some(is_folder) = self.is_folder(path)? else { return Ok(false) };
        Ok(self.is_content(path, is_folder)?
            && self.is_in_content_folders(path, |is_folder| is_folder == Some(true))?)
    }

    /// Whether there is a folder at a path; `None` if there is nothing. A link to a folder is none.
    pub(super) fn is_folder(&self, path: &Path) -> Result<Option<bool>, String> {
        let found = disk::unless_of_machine(fs::symlink_metadata(path)).map_err(|e| cannot_read(path, &e))?;
        Ok(found.map(|found| found.is_dir()))
    }

    /// Whether every folder between a path and the root is content; `may_be` judges what [`Walk::is_folder`] says of each.
    pub(super) fn is_in_content_folders(&self, path: &Path, may_be: fn(Option<bool>) -> bool) -> Result<bool, String> {
        for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(self.root)) {
            let is_folder = folder == self.root || may_be(self.is_folder(folder)?);
            if !is_folder || !self.is_content(folder, true)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Every file at a path or below it.
    pub(super) fn below(&self, from: &Path) -> Result<Vec<Found>, String> {
        let mut found = Vec::new();
        let failure = RefCell::new(None);
        let is_content = |entry: &walkdir::DirEntry| {
            let is_content = self.is_content(entry.path(), entry.file_type().is_dir());
            is_content.unwrap_or_else(|error| {
                failure.replace(Some(error));
                false
            })
        };
        let entries = walkdir::WalkDir::new(from).follow_root_links(from == self.root).into_iter();
        for entry in entries.filter_entry(is_content) {
            if let Ok(entry) = &entry
                && entry.file_type().is_dir()
            {
                continue;
            }
            found.push(self.found(from, entry)?);
        }
        failure.into_inner().map_or(Ok(found), Err)
    }

    /// A file, or what is in the place of one, as the walk from a path came to it.
    pub(super) fn found(&self, from: &Path, entry: walkdir::Result<walkdir::DirEntry>) -> Result<Found, String> {
        let (on_disk, problem) = match entry {
            Ok(entry) => {
                let problem = self.problem(entry.path(), entry.file_type())?;
                (entry.into_path(), problem)
            }
            Err(error) => {
                let path = error.path().unwrap_or(from).to_path_buf();
                let of_machine = error.io_error().is_some_and(disk::is_of_machine);
                if of_machine || error.depth() == 0 && from == self.root {
                    let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                    return Err(format!("cannot read `{}`: {why}", path.display()));
                }
                let why = error.io_error().map_or("it cannot be opened".into(), reason);
                (path, Some(unreadable(why)))
            }
        };
        let path = self.relative(&on_disk).unwrap_or_default();
        let problem = problem.or_else(|| name_problem(&path));
        Ok(Found { markdown: is_markdown(&path), on_disk, path, problem })
    }

    pub(super) fn problem(&self, path: &Path, kind: fs::FileType) -> Result<Option<Fault>, String> {
        if kind.is_symlink() {
            return link_problem(path, &self.folder).map_err(|e| cannot_read(path, &e));
        }
        Ok((!kind.is_file()).then(|| {
            let help = "move it out of the content folder".into();
            (ProblemKind::Unreadable, "is not a regular file".into(), help)
        }))
    }
}

/// What is wrong with a symbolic link, if anything: it may lead to a file inside, or to a folder that the configuration
/// names.
fn link_problem(path: &Path, folder: &Folder) -> std::io::Result<Option<Fault>> {
    let shown = disk::unless_of_machine(fs::read_link(path))?.unwrap_or_default().display().to_string();
    let bad = |message: String| {
        let help = "replace the link by the file, or name its folder in `follow_links_outside`".to_string();
        Ok(Some((ProblemKind::Unreadable, message, help)))
    };
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(e) if disk::is_of_machine(&e) => return Err(e),
        Err(e) => return bad(format!("is a symbolic link to `{shown}`, which cannot be followed: {}", reason(&e))),
    };
    if !folder.is_above(&target) {
        return bad(format!("is a symbolic link to `{shown}`, outside the content folder"));
    }
    if !folder.may_lead_to(&target) {
        return bad(format!("is a symbolic link to `{shown}`, which is hidden or has a `\\` in its name"));
    }
    match disk::unless_of_machine(fs::metadata(&target))? {
        Some(meta) if meta.is_file() => Ok(None),
        Some(meta) if meta.is_dir() => bad(format!("is a symbolic link to the folder `{shown}`")),
        _ => bad(format!("is a symbolic link to `{shown}`, which is no regular file")),
    }
}
