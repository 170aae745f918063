//! The site's own folders beside its content, read: templates, interface texts, and the list of static files.
//! Knows paths and text, not what templates say.

use crate::pages::templates::Overrides;
use crate::system::disk::{self, DiskFile, Folder, cannot_read};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The site's own folders beside its content.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnFiles {
    /// The static folder.
    pub static_folder: PathBuf,
    /// The same folder, to open its files.
    folder: Arc<Folder>,
    /// Its files, by path in it.
    pub static_files: Vec<String>,
    /// Templates and interface texts.
    pub overrides: Overrides,
}

impl OwnFiles {
    /// A static file, by its path in the folder.
    pub(crate) fn static_file(&self, name: &str) -> DiskFile {
        DiskFile::new(self.folder.clone(), self.static_folder.join(name))
    }
}

/// Reads a site's own templates, interface texts and the list of its static files.
///
/// # Errors
/// A file that is there and cannot be read: its path and why.
pub(crate) fn own_files(templates: &Path, static_folder: &Path) -> Result<OwnFiles, String> {
    let mut own = OwnFiles { static_folder: static_folder.to_path_buf(), ..OwnFiles::default() };
    let (folder, paths) = files_below(templates)?;
    for path in paths {
        let is_template = [".html", ".xml", ".toml"].iter().any(|e| path.ends_with(e));
        if is_template {
            let from = templates.join(&path);
            let mut text = String::new();
            let read = folder.open(&from).and_then(|(mut file, _)| file.read_to_string(&mut text));
            read.map_err(|e| cannot_read(&from, &e))?;
            own.overrides.insert(path, text);
        }
    }
    let (folder, paths) = files_below(static_folder)?;
    (own.folder, own.static_files) = (Arc::new(folder), paths);
    Ok(own)
}

/// A folder that may not be there, and the regular files below it, by path in it, sorted. Symbolic links are refused, since
/// they would publish files from elsewhere, and names that are not the same path on every system.
fn files_below(folder: &Path) -> Result<(Folder, Vec<String>), String> {
    let failed = |e: &io::Error| cannot_read(folder, e);
    if !disk::is_folder(folder).map_err(|e| failed(&e))? {
        return Ok((Folder::default(), Vec::new()));
    }
    let mut found = Vec::new();
    for entry in
        walkdir::WalkDir::new(folder).into_iter().filter_entry(|e| e.depth() == 0 || !disk::is_hidden(e.file_name()))
    {
        let entry = entry.map_err(|e| format!("cannot read `{}`: {e}", folder.display()))?;
        if entry.file_type().is_dir() {
            continue;
        }
        if !entry.file_type().is_file() {
            return Err(format!("`{}` is not a regular file; put a copy there, or remove it", entry.path().display()));
        }
        let path = disk::shown(entry.path().strip_prefix(folder).unwrap_or(entry.path()));
        if let Some(fault) = disk::name_fault(&path) {
            return Err(format!("`{}` cannot be published: {fault}; rename it", entry.path().display()));
        }
        found.push(path);
    }
    found.sort_unstable();
    Ok((Folder::new(folder, &[]).map_err(|e| failed(&e))?, found))
}
