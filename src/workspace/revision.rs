//! The inputs of a site as they were at a git revision, read from the objects of the repository: `canon.toml`, the content, the
//! names of static files and the note templates.

use super::{LoadError, Location};
use crate::base::vault::{ListedContent, ListedFile, MAX_NOTE, Vault};
use crate::config::Config;
use crate::note::markdown_stem;
use crate::system::disk;
use crate::system::git::{Blob, GitError, Revision, TreeFile};
use crate::text::source::SourceFile;
use std::path::{Path, PathBuf};

/// The inputs of a site at a revision.
pub(crate) struct PastSite {
    /// The configuration.
    pub config: Config,
    /// The content, and the note templates.
    pub vault: Vault,
    /// The paths of the static files, relative to the static folder.
    pub static_files: Vec<String>,
    /// Why the present configuration is used: the message about a mistake in that of the revision.
    pub config_fault: Option<String>,
}

impl PastSite {
    /// Reads the site at a location as it was at a revision. The present configuration is used if the repository had none there,
    /// or one with a mistake.
    ///
    /// # Errors
    /// Git is not installed, the content is not in a repository, the revision is unknown, or git fails.
    pub(crate) fn read(location: &Location, name: &str) -> Result<PastSite, LoadError> {
        let revision = Revision::find(&location.content, name)?;
        let (past, config_fault) = match past_location(location, &revision)? {
            Ok(past) => (past, None),
            Err(fault) => (location.clone(), Some(fault)),
        };
        let inside = |path: &Path| path.strip_prefix(revision.top()).ok().map(Path::to_path_buf);
        // The content is in the repository now, but perhaps was elsewhere.
        let content = inside(&past.content);
        let static_folder = inside(&past.static_folder).filter(|_| past.has_own_files());
        let templates: Vec<PathBuf> = past
            .config
            .check
            .note_templates
            .iter()
            .filter_map(|template| inside(&disk::without_dots(Path::new(template))))
            .collect();
        let paths: Vec<&Path> = content.iter().chain(&static_folder).chain(&templates).map(PathBuf::as_path).collect();
        let files = if paths.is_empty() { Vec::new() } else { revision.files(&paths)? };
        let list = content.map(|content| contents(&revision, &files, &content)).transpose()?.unwrap_or_default();
        let note_templates = note_templates(&revision, &files, &templates)?;
        let vault = Vault::of_list(&past.content, &past.config, &past.skipped(), &list, note_templates);
        let static_files = match static_folder {
            Some(folder) => static_files(&files, &folder),
            None => location.read_own_files()?.static_files,
        };
        Ok(PastSite { vault: vault.map_err(LoadError::Content)?, config: past.config, static_files, config_fault })
    }
}

impl From<GitError> for LoadError {
    fn from(error: GitError) -> LoadError {
        LoadError::Git(error)
    }
}

/// The location with the configuration of the revision; the present location if the revision has no configuration file there.
/// The inner error is the message about a mistake in the file.
fn past_location(location: &Location, revision: &Revision) -> Result<Result<Location, String>, LoadError> {
    let Some(file) = location.file.as_deref().and_then(|file| file.strip_prefix(revision.top()).ok()) else {
        return Ok(Ok(location.clone()));
    };
    let files = revision.files(&[file])?;
    let Some(found) = files.iter().find(|found| found.path == file && !found.is_link) else {
        return Ok(Ok(location.clone()));
    };
    Ok(match revision.contents(&[found], MAX_NOTE)?.pop() {
        Some(Blob::Bytes(bytes)) => match String::from_utf8(bytes) {
            Ok(text) => location.with_past_config(&text).map_err(|error| error.to_string()),
            Err(_) => Err("it is not UTF-8".into()),
        },
        _ => Err("it is too large".into()),
    })
}

/// The files of the content folder, with the texts of Markdown files and the targets of symbolic links.
fn contents(revision: &Revision, files: &[TreeFile], content: &Path) -> Result<Vec<ListedFile>, LoadError> {
    let inside: Vec<(&TreeFile, &Path)> =
        files.iter().filter_map(|file| Some((file, file.path.strip_prefix(content).ok()?))).collect();
    let is_read = |file: &TreeFile| file.is_link || markdown_stem(&disk::shown(&file.path)).is_some();
    let read: Vec<&TreeFile> = inside.iter().map(|(file, _)| *file).filter(|file| is_read(file)).collect();
    let mut blobs = revision.contents(&read, MAX_NOTE)?.into_iter();
    let mut next = |file: &TreeFile| match is_read(file).then(|| blobs.next()).flatten() {
        None => ListedContent::NotRead,
        Some(Blob::TooLarge) => ListedContent::TooLarge,
        Some(Blob::Bytes(bytes)) if file.is_link => ListedContent::Link(disk::path_from_bytes(bytes)),
        Some(Blob::Bytes(bytes)) => ListedContent::Bytes(bytes),
    };
    Ok(inside.into_iter().map(|(file, path)| ListedFile { path: path.into(), content: next(file) }).collect())
}

/// The texts of the note templates at these paths; a template that is missing or not UTF-8 is left out.
fn note_templates(
    revision: &Revision,
    files: &[TreeFile],
    templates: &[PathBuf],
) -> Result<Vec<SourceFile>, LoadError> {
    let named: Vec<&TreeFile> =
        templates.iter().filter_map(|path| files.iter().find(|file| file.path == *path && !file.is_link)).collect();
    let texts = named.iter().zip(revision.contents(&named, MAX_NOTE)?).filter_map(|(file, blob)| match blob {
        Blob::Bytes(bytes) => Some(SourceFile::new(disk::shown(&file.path), &String::from_utf8(bytes).ok()?)),
        Blob::TooLarge => None,
    });
    Ok(texts.collect())
}

/// The sorted paths of the static files, as a walk over the folder finds them.
fn static_files(files: &[TreeFile], folder: &Path) -> Vec<String> {
    let paths = files.iter().filter(|file| !file.is_link).filter_map(|file| file.path.strip_prefix(folder).ok());
    let is_visible = |path: &&Path| !path.iter().any(disk::is_hidden);
    let mut paths: Vec<String> = paths.filter(is_visible).map(disk::shown).collect();
    paths.sort_unstable();
    paths
}
