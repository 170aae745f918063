//! Lists a folder recursively, without reading the metadata of files. Decides nothing.

use super::system;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// The entries below a folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The relative paths of all entries that are not folders, including symbolic links, with their inodes (0:
    /// unknown).
    pub files: Vec<(PathBuf, u64)>,
    /// The relative paths of the folders, parents before children.
    pub folders: Vec<PathBuf>,
}

/// Lists `root` recursively, except for the top-level names in `except`. Symbolic links are not followed. Entries that
/// disappear meanwhile are omitted; a missing `root` is empty.
pub(super) fn list(root: &Path, except: &[String]) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut pending = vec![PathBuf::new()];
    while let Some(folder) = pending.pop() {
        let entries = match std::fs::read_dir(root.join(&folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            if folder.as_os_str().is_empty() && except.iter().any(|kept| OsStr::new(kept) == name) {
                continue;
            }
            let path = folder.join(name);
            match entry.file_type()?.is_dir() {
                true => {
                    listing.folders.push(path.clone());
                    pending.push(path);
                }
                false => listing.files.push((path, system::entry_inode(&entry))),
            }
        }
    }
    Ok(listing)
}

/// A relative path in the form of the manifest. `None` if it is not Unicode, and thus not written by Canon.
pub(super) fn site_path(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    Some(if cfg!(windows) { text.replace('\\', "/") } else { text.to_string() })
}
