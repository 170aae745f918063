//! The folder in which a site is staged, and how files get into it at the least cost. What a build before left in it is
//! raw material: files are written over in place, because on many file systems making a file where one was just deleted
//! costs ten to a hundred times as much. Knows nothing of manifests or publishing.

use super::listing::{self, site_path};
use super::system;
use rustc_hash::FxHashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A staging folder.
#[derive(Debug)]
pub(super) struct StagingDir {
    /// Where it is.
    pub root: PathBuf,
    /// The open folder: names are looked up from here, not from the root of the file system.
    #[cfg(unix)]
    handle: File,
    /// Files found in it at the start, with their inodes.
    material: FxHashMap<String, u64>,
    /// Folders found in it at the start, each before what it holds.
    folders: Vec<String>,
}

impl StagingDir {
    /// Opens the staging folder at `root`, which must exist, and takes stock of it. What is in it may be an old site whose
    /// folders were read-only: they are made writable.
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
            material: found.files.iter().filter_map(|(path, inode)| Some((site_path(path)?, *inode))).collect(),
            folders: found.folders.iter().filter_map(|path| site_path(path)).collect(),
            root,
        })
    }

    /// Whether anything was in the folder at the start.
    pub(super) fn has_material(&self) -> bool {
        !self.material.is_empty()
    }

    /// Where `path` lies on the disk.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        if self.material.contains_key(path) {
            if self.write_over(path, bytes).is_ok() {
                return Ok(());
            }
            remove_any(&self.place(path))?;
        }
        self.create(path)?.write_all(bytes)
    }

    /// Writes over a file in place, if nothing else shares it: another name may belong to the published site or to a
    /// copy that somebody made with hard links.
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

    /// A new, empty file, in folders made for it where they are missing. Raw material in its place gives way; a file
    /// made since the start is an error.
    pub(super) fn create_anew(&self, path: &str) -> io::Result<File> {
        if self.material.contains_key(path) {
            remove_any(&self.place(path))?;
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
                remove_any(&self.place(path))?;
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
        // As `open(2)` would, less what the umask forbids.
        let mode = Mode::from_raw_mode(0o666);
        Ok(openat(&self.handle, path, OFlags::WRONLY | OFlags::CLOEXEC | flags, mode)?.into())
    }

    #[cfg(not(unix))]
    fn open_file(&self, path: &str, purpose: Purpose) -> io::Result<File> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(matches!(purpose, Purpose::Create)).open(self.place(path))
    }

    fn make_folder_of(&self, path: &str) -> io::Result<()> {
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            match std::fs::create_dir(self.place(folder)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if self.material.contains_key(folder) {
                        // A file of an earlier site; another thread may have been first, then this does nothing.
                        let _ = std::fs::remove_file(self.place(folder));
                        let _ = std::fs::create_dir(self.place(folder));
                    }
                }
                made => made?,
            }
        }
        Ok(())
    }

    /// Puts the published file at `from` into the tree under `path` without copying it: as a second name, or, where the
    /// tree already has it from the build before last, by leaving it. Copies where second names cannot be had.
    pub(super) fn share(&self, path: &str, from: &Path, inode: u64) -> io::Result<()> {
        match self.material.get(path) {
            Some(&held) if held == inode && inode != 0 => return Ok(()),
            Some(_) => remove_any(&self.place(path))?,
            None => {}
        }
        let to = self.place(path);
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

    /// Removes the raw material that `is_wanted` does not name, and the folders that this leaves empty.
    pub(super) fn remove_rest(&self, is_wanted: impl Fn(&str) -> bool) -> io::Result<()> {
        for path in self.material.keys().filter(|path| !is_wanted(path)) {
            match std::fs::remove_file(self.place(path)) {
                // Gone with its folder, or now the folder of a wanted file.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(_) if self.place(path).is_dir() => {}
                Err(error) if error.kind() == io::ErrorKind::NotADirectory => {}
                removed => removed?,
            }
        }
        for folder in self.folders.iter().rev() {
            let _ = std::fs::remove_dir(self.place(folder));
        }
        Ok(())
    }
}

/// What a file in the tree is opened for.
enum Purpose {
    Create,
    WriteOver,
}

/// Removes what is at `path`, if anything, whatever it is; read-only folders in it do not prevent that.
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

/// Makes `root` and every folder below it one that can be listed and changed.
pub(super) fn make_all_changeable(root: &Path) -> io::Result<()> {
    let mut ahead = vec![root.to_path_buf()];
    while let Some(folder) = ahead.pop() {
        system::make_changeable(&folder)?;
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                ahead.push(entry.path());
            }
        }
    }
    Ok(())
}

/// Gives a staging folder that cannot be used, such as one with files of another user, a name beside its own, which
/// needs no right to the folder itself. The answer is the new path.
pub(super) fn set_aside(root: &Path) -> io::Result<PathBuf> {
    let mut numbers = 1..;
    let free = numbers.find_map(|number| Some(aside(root, number)).filter(|path| path.symlink_metadata().is_err()));
    let free = free.ok_or(io::ErrorKind::AlreadyExists)?;
    std::fs::rename(root, &free)?;
    Ok(free)
}

/// Whether something was set aside for the staging folder `root`.
pub(super) fn has_set_aside(root: &Path) -> bool {
    aside(root, 1).symlink_metadata().is_ok()
}

fn aside(root: &Path, number: u32) -> PathBuf {
    let mut name = root.file_name().unwrap_or_default().to_os_string();
    name.push(format!("-aside-{number}"));
    root.with_file_name(name)
}
