//! The staging folder, and the cheapest ways to put files into it. Leftovers of an earlier build are overwritten in
//! place, because on many file systems creating a file after a deletion takes ten to a hundred times as long. Knows
//! nothing of manifests or publishing.

use super::listing::{self, site_path};
use super::system;
use rustc_hash::FxHashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A staging folder.
#[derive(Debug)]
pub(super) struct StagingDir {
    /// The path of the folder.
    pub root: PathBuf,
    /// The open folder. Names are resolved relative to it, which saves walking the path for each file.
    #[cfg(unix)]
    handle: File,
    /// The files in the folder at the time of opening, with their inodes.
    leftovers: FxHashMap<String, u64>,
    /// The folders in the folder at the time of opening, parents before children.
    folders: Vec<String>,
}

impl StagingDir {
    /// Opens the staging folder at `root`, which must exist, and lists its content. Read-only folders, which an old
    /// site may contain, are made writable.
    pub(super) fn open(root: PathBuf) -> io::Result<StagingDir> {
        let found = match listing::list(&root, &[]) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                make_all_changeable(&root)?;
                listing::list(&root, &[])?
            }
            found => found?,
        };
        system::make_changeable(&root)?;
        found.folders.iter().try_for_each(|folder| system::make_changeable(&root.join(folder)))?;
        Ok(StagingDir {
            #[cfg(unix)]
            handle: File::open(&root)?,
            leftovers: found.files.iter().filter_map(|(path, inode)| Some((site_path(path)?, *inode))).collect(),
            folders: found.folders.iter().filter_map(|path| site_path(path)).collect(),
            root,
        })
    }

    /// Whether the folder contained any file when it was opened.
    pub(super) fn has_leftovers(&self) -> bool {
        !self.leftovers.is_empty()
    }

    /// The path on disk of the file `path`.
    pub(super) fn on_disk(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file, over a leftover of the same path if possible.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        if self.leftovers.contains_key(path) {
            if self.write_over(path, bytes).is_ok() {
                return Ok(());
            }
            remove_any(&self.on_disk(path))?;
        }
        self.create(path)?.write_all(bytes)
    }

    /// Overwrites a leftover in place if it has no further hard link: a link could belong to the published site, or to
    /// a backup made with hard links.
    fn write_over(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.open_file(path, Purpose::WriteOver)?;
        let found = file.metadata()?;
        if !system::has_one_name(&found) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        file.write_all(bytes)?;
        if found.len() > bytes.len() as u64 {
            file.set_len(bytes.len() as u64)?;
        }
        Ok(())
    }

    /// Creates an empty file and its missing parent folders. A leftover at the path is removed; a file created since
    /// the folder was opened is an error.
    pub(super) fn create_replacing(&self, path: &str) -> io::Result<File> {
        if self.leftovers.contains_key(path) {
            remove_any(&self.on_disk(path))?;
        }
        self.create(path)
    }

    fn create(&self, path: &str) -> io::Result<File> {
        match self.open_file(path, Purpose::Create) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                self.make_folder_of(path)?;
                self.open_file(path, Purpose::Create)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.was_folder(path) => {
                remove_any(&self.on_disk(path))?;
                self.open_file(path, Purpose::Create)
            }
            opened => opened,
        }
    }

    fn was_folder(&self, path: &str) -> bool {
        self.folders.iter().any(|folder| folder == path)
    }

    #[cfg(unix)]
    fn open_file(&self, path: &str, purpose: Purpose) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, openat};
        let flags = match purpose {
            Purpose::Create => OFlags::CREATE | OFlags::EXCL,
            Purpose::WriteOver => OFlags::NOFOLLOW | OFlags::NONBLOCK,
        };
        // The mode that `open(2)` receives by default, from which the kernel subtracts the umask.
        let mode = Mode::from_raw_mode(0o666);
        Ok(openat(&self.handle, path, OFlags::WRONLY | OFlags::CLOEXEC | flags, mode)?.into())
    }

    #[cfg(not(unix))]
    fn open_file(&self, path: &str, purpose: Purpose) -> io::Result<File> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(matches!(purpose, Purpose::Create)).open(self.on_disk(path))
    }

    fn make_folder_of(&self, path: &str) -> io::Result<()> {
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            match std::fs::create_dir(self.on_disk(folder)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if self.leftovers.contains_key(folder) {
                        // A file of an earlier site is at the path of a folder. A second thread may do the same; its
                        // calls then fail without effect.
                        let _ = std::fs::remove_file(self.on_disk(folder));
                        let _ = std::fs::create_dir(self.on_disk(folder));
                    }
                }
                made => made?,
            }
        }
        Ok(())
    }

    /// Adds the published file at `from` without copying it: as a hard link, or by keeping the leftover if that is
    /// already a hard link to the same inode. Copied if hard links are not supported.
    pub(super) fn share(&self, path: &str, from: &Path, inode: u64) -> io::Result<()> {
        match self.leftovers.get(path) {
            Some(&held) if held == inode && inode != 0 => return Ok(()),
            Some(_) => remove_any(&self.on_disk(path))?,
            None => {}
        }
        let to = self.on_disk(path);
        let linked = match std::fs::hard_link(from, &to) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                self.make_folder_of(path)?;
                std::fs::hard_link(from, &to)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.was_folder(path) => {
                remove_any(&to)?;
                std::fs::hard_link(from, &to)
            }
            linked => linked,
        };
        use io::ErrorKind::{PermissionDenied, TooManyLinks, Unsupported};
        match linked {
            Err(error) if matches!(error.kind(), PermissionDenied | TooManyLinks | Unsupported) => {
                io::copy(&mut File::open(from)?, &mut self.create(path)?).map(drop)
            }
            linked => linked,
        }
    }

    /// Removes the leftovers for which `is_wanted` is false, and the folders that become empty.
    pub(super) fn remove_rest(&self, is_wanted: impl Fn(&str) -> bool) -> io::Result<()> {
        for path in self.leftovers.keys().filter(|path| !is_wanted(path)) {
            match std::fs::remove_file(self.on_disk(path)) {
                // Removed with its folder, or replaced by the folder of a wanted file.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(_) if self.on_disk(path).is_dir() => {}
                Err(error) if error.kind() == io::ErrorKind::NotADirectory => {}
                removed => removed?,
            }
        }
        for folder in self.folders.iter().rev() {
            // Fails for folders that are not empty, as intended.
            let _ = std::fs::remove_dir(self.on_disk(folder));
        }
        Ok(())
    }
}

/// The purpose of opening a file of the staging folder.
enum Purpose {
    Create,
    WriteOver,
}

/// Removes the file or folder at `path`, if present. Read-only folders inside are made writable first.
pub(super) fn remove_any(path: &Path) -> io::Result<()> {
    let removed = match std::fs::symlink_metadata(path) {
        Err(error) => Err(error),
        Ok(found) if found.is_dir() => match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                make_all_changeable(path)?;
                std::fs::remove_dir_all(path)
            }
            removed => removed,
        },
        Ok(_) => std::fs::remove_file(path),
    };
    match removed {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
        removed => removed,
    }
}

/// Makes `root` and all folders below it readable and writable.
pub(super) fn make_all_changeable(root: &Path) -> io::Result<()> {
    let mut pending = vec![root.to_path_buf()];
    while let Some(folder) = pending.pop() {
        system::make_changeable(&folder)?;
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                pending.push(entry.path());
            }
        }
    }
    Ok(())
}

/// Renames an unusable staging folder, for example one with files of a different user, which requires no permission for
/// the folder itself. Returns the new path.
pub(super) fn set_aside(root: &Path) -> io::Result<PathBuf> {
    let mut numbers = 1..;
    let free = numbers.find_map(|number| Some(aside(root, number)).filter(|path| path.symlink_metadata().is_err()));
    let free = free.ok_or(io::ErrorKind::AlreadyExists)?;
    std::fs::rename(root, &free)?;
    Ok(free)
}

/// Whether a folder was set aside for the staging folder `root`.
pub(super) fn has_set_aside(root: &Path) -> bool {
    aside(root, 1).symlink_metadata().is_ok()
}

fn aside(root: &Path, number: u32) -> PathBuf {
    let mut name = root.file_name().unwrap_or_default().to_os_string();
    name.push(format!("-aside-{number}"));
    root.with_file_name(name)
}
