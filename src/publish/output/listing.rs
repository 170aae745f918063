//! What a folder holds, by one reading of its folders and without a look at any file. Judges nothing.

use super::system;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// The entries below a folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Everything that is not a folder (links included), relative, with its inode (0: not known).
    pub files: Vec<(PathBuf, u64)>,
    /// The folders, relative, each before what it holds.
    pub folders: Vec<PathBuf>,
}

/// Lists `root`, but for what stands at its top under one of the names in `except`. Links are not followed. What
/// disappears meanwhile is left out; a `root` that is missing is empty.
pub(super) fn list(root: &Path, except: &[String]) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut ahead = vec![PathBuf::new()];
    while let Some(folder) = ahead.pop() {
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
                    ahead.push(path);
                }
                false => listing.files.push((path, system::entry_inode(&entry))),
            }
        }
    }
    Ok(listing)
}

/// A relative path as the manifest writes it; `None` where its name is not Unicode, which no file of ours is.
pub(super) fn site_path(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    Some(if cfg!(windows) { text.replace('\\', "/") } else { text.to_string() })
}
