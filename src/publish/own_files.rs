//! Reads the own folders of a site in addition to its content: templates, interface texts, and the list of static
//! files. Knows paths and text, but not the meaning of templates.

use crate::pages::templates::{Overrides, Unused, unused};
use crate::system::disk::{self, DiskFile, Folder, cannot_read};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The content of the own folders of a site.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnFiles {
    /// The path of the static folder.
    pub static_folder: PathBuf,
    /// The static folder, for opening its files.
    folder: Arc<Folder>,
    /// The paths of the static files, relative to the folder.
    pub static_files: Vec<String>,
    /// The templates and interface texts.
    pub overrides: Overrides,
    /// The files of the templates folder that are neither.
    other_templates: Vec<String>,
}

impl OwnFiles {
    /// A static file by its relative path.
    pub(crate) fn static_file(&self, name: &str) -> DiskFile {
        DiskFile::new(self.folder.clone(), self.static_folder.join(name))
    }

    /// The files and texts of the templates folder without an effect.
    pub(crate) fn unused_templates(&self) -> Vec<Unused> {
        let other = self.other_templates.iter().map(|file| Unused {
            file: file.clone(),
            line: 0,
            message: "is not read: templates end in `.html` or `.xml`, texts in `.toml`".into(),
            help: "rename or remove it".into(),
        });
        unused(&self.overrides).into_iter().chain(other).collect()
    }
}

/// Reads the templates, the interface texts and the list of static files of a site.
///
/// # Errors
/// An existing file cannot be read: its path and the reason.
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
        } else {
            own.other_templates.push(path);
        }
    }
    let (folder, paths) = files_below(static_folder)?;
    (own.folder, own.static_files) = (Arc::new(folder), paths);
    Ok(own)
}

/// The folder, and the sorted relative paths of the regular files below it. Empty if the folder is missing. Symbolic
/// links are refused, because they would publish files from outside, and so are names that are a different path on a
/// different system.
fn files_below(folder: &Path) -> Result<(Folder, Vec<String>), String> {
    let failed = |e: &io::Error| cannot_read(folder, e);
    if !disk::is_folder(folder).map_err(|e| failed(&e))? {
        return Ok((Folder::default(), Vec::new()));
    }
    let mut found = Vec::new();
    for entry in
        walkdir::WalkDir::new(folder).into_iter().filter_entry(|e| e.depth() == 0 || !disk::is_hidden(e.file_name()))
    {
        let entry = entry.map_err(|e| format!("cannot read `{}`: {e}", disk::from_here(folder)))?;
        if entry.file_type().is_dir() {
            continue;
        }
        if !entry.file_type().is_file() {
            return Err(format!(
                "`{}` is not a regular file; put a copy there, or remove it",
                disk::from_here(entry.path())
            ));
        }
        let path = disk::shown(entry.path().strip_prefix(folder).unwrap_or(entry.path()));
        if let Some(fault) = disk::name_fault(&path) {
            return Err(format!("`{}` cannot be published: {fault}; rename it", disk::from_here(entry.path())));
        }
        found.push(path);
    }
    found.sort_unstable();
    Ok((Folder::new(folder, &[]).map_err(|e| failed(&e))?, found))
}
