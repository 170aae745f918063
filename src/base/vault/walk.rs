//! The walk over the content folder, which determines the files that are content. Reads no file contents.

use super::{Fault, ProblemKind, is_markdown, name_problem, reason, unreadable};
use crate::config::Config;
use crate::config::schema::globs;
use crate::system::disk::{self, Folder, cannot_read};
use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Path of the manifest that identifies a folder as an output folder of canon.
pub(super) const OUTPUT_MARK: &str = ".canon/manifest.json";

/// A file found by the walk.
pub(super) struct Found {
    /// Path as found, used to open the file.
    pub(super) on_disk: PathBuf,
    /// Path relative to the content folder, used in messages and URLs.
    pub(super) path: String,
    pub(super) markdown: bool,
    pub(super) problem: Option<Fault>,
    /// For a symbolic link to a note in the content folder, the path of the note.
    pub(super) stands_for: Option<String>,
}

/// The settings that determine which files are content.
pub(super) struct Walk<'a> {
    pub(super) root: &'a Path,
    pub(super) folder: Folder,
    pub(super) skip: &'a [PathBuf],
    pub(super) ignore: globset::GlobSet,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a Path, config: &Config, skip: &'a [PathBuf]) -> Result<Walk<'a>, String> {
        let folder = Folder::new(root, &config.follow_links_outside);
        let folder = folder.map_err(|e| format!("cannot read `{}`: {}", disk::from_here(root), reason(&e)))?;
        Ok(Walk { root, folder, skip, ignore: globs(&config.ignore) })
    }

    /// The path relative to the content folder; `None` for the root and for paths outside it.
    pub(super) fn relative(&self, path: &Path) -> Option<String> {
        let inside = disk::shown(path.strip_prefix(self.root).ok()?);
        (!inside.is_empty()).then_some(inside)
    }

    /// Whether a file or folder is content, provided that all its parent folders are.
    pub(super) fn is_content(&self, path: &Path, is_folder: bool) -> Result<bool, String> {
        let Some(inside) = self.relative(path) else { return Ok(path == self.root) };
        if self.skip.iter().any(|s| s == path) || !self.is_content_name(&inside, is_folder) {
            return Ok(false);
        }
        let mark = is_folder.then(|| path.join(OUTPUT_MARK));
        let is_output = mark.map(|mark| disk::is_file(&mark).map_err(|e| cannot_read(&mark, &e)));
        Ok(!is_output.transpose()?.unwrap_or(false))
    }

    /// Whether the relative path of a file or folder is not hidden, ignored, or the work of a build tool, provided that the
    /// paths of all its parent folders are not.
    pub(super) fn is_content_name(&self, inside: &str, is_folder: bool) -> bool {
        let name = crate::note::file_name(inside);
        !(disk::is_hidden(OsStr::new(name))
            || (is_folder && (name == "node_modules" || name == "target"))
            || self.ignore.is_match(inside))
    }

    /// Whether a path exists and a walk from the root would reach it.
    pub(super) fn leads_to(&self, path: &Path) -> Result<bool, String> {
        let Some(is_folder) = self.is_folder(path)? else { return Ok(false) };
        Ok(self.is_content(path, is_folder)?
            && self.is_in_content_folders(path, |is_folder| is_folder == Some(true))?)
    }

    /// Whether the path is a folder; `None` if nothing exists there. A symbolic link to a folder is not a folder.
    pub(super) fn is_folder(&self, path: &Path) -> Result<Option<bool>, String> {
        let found = disk::unless_of_machine(fs::symlink_metadata(path)).map_err(|e| cannot_read(path, &e))?;
        Ok(found.map(|found| found.is_dir()))
    }

    /// Whether all parent folders of a path, up to the root, are content. `may_be` decides from the result of
    /// [`Walk::is_folder`] whether a parent qualifies.
    pub(super) fn is_in_content_folders(&self, path: &Path, may_be: fn(Option<bool>) -> bool) -> Result<bool, String> {
        for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(self.root)) {
            let is_folder = folder == self.root || may_be(self.is_folder(folder)?);
            if !is_folder || !self.is_content(folder, true)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Finds all files at a path or below it.
    pub(super) fn below(&self, from: &Path) -> Result<Vec<Found>, String> {
        let mut found = Vec::new();
        let failure = RefCell::new(None);
        let is_content = |entry: &walkdir::DirEntry| {
            let is_content = self.is_content(entry.path(), entry.file_type().is_dir());
            // `filter_entry` takes a predicate that cannot fail: the error is stored and returned after the walk.
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

    /// The file for one entry of a walk that started at `from`; an entry that cannot be read is a file with a problem.
    pub(super) fn found(&self, from: &Path, entry: walkdir::Result<walkdir::DirEntry>) -> Result<Found, String> {
        let (on_disk, problem, is_link) = match entry {
            Ok(entry) => {
                let kind = entry.file_type();
                let problem = self.problem(entry.path(), kind)?;
                (entry.into_path(), problem, kind.is_symlink())
            }
            Err(error) => {
                let path = error.path().unwrap_or(from).to_path_buf();
                let of_machine = error.io_error().is_some_and(disk::is_of_machine);
                if of_machine || error.depth() == 0 && from == self.root {
                    let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                    return Err(format!("cannot read `{}`: {why}", disk::from_here(&path)));
                }
                let why = error.io_error().map_or("it cannot be opened".into(), reason);
                (path, Some(unreadable(why)), false)
            }
        };
        let path = self.relative(&on_disk).unwrap_or_default();
        let problem = problem.or_else(|| name_problem(&path));
        let markdown = is_markdown(&path);
        let stands_for = match is_link && markdown && problem.is_none() {
            true => self.note_behind(&on_disk)?,
            false => None,
        };
        Ok(Found { markdown, on_disk, path, problem, stands_for })
    }

    /// The path of the note at the end of a symbolic link. `None` if the target is not a note in the content folder.
    fn note_behind(&self, link: &Path) -> Result<Option<String>, String> {
        let real = disk::unless_of_machine(fs::canonicalize(link)).map_err(|e| cannot_read(link, &e))?;
        let Some(path) = real.as_deref().and_then(|real| self.folder.below(real)).map(|below| self.root.join(below))
        else {
            return Ok(None);
        };
        let note = self.relative(&path).filter(|note| is_markdown(note));
        Ok(if self.leads_to(&path)? { note } else { None })
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

/// The problem of a symbolic link; `None` if it leads to a regular file in the content folder or in one of the folders
/// of `follow_links_outside`.
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
