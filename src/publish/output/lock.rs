//! The exclusive right to write an output folder: a kernel lock, which the kernel releases after a crash, on a file in
//! the cache folder of the user. The folder of that file also contains the staging folder and the journal. Knows
//! nothing of sites.

use super::error::OutputError;
use super::system;
use super::tree::remove_any;
use crate::system::atomic_write::NewFile;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A lock on an output folder. Released on drop or at the end of the process.
#[derive(Debug)]
pub(super) struct OutputLock {
    /// The folder for this output in the cache.
    folder: PathBuf,
    lock: File,
}

/// Names in the folder of a lock.
const LOCK: &str = "lock";
const OUTPUT: &str = "output";
const TREE: &str = "tree";
const JOURNAL: &str = "journal.json";
/// The number of folders of different outputs to check per build in search of an obsolete folder.
const MAX_ORPHAN_CHECKS: usize = 200;

impl OutputLock {
    /// Locks `output`, a canonical path. If the cache is not writable, as in a container or after a build by a
    /// different user, the lock file is created in the folder for temporary files.
    ///
    /// # Errors
    /// `Busy` if another build holds the lock.
    pub(super) fn take(cache: &Path, output: &Path) -> Result<OutputLock, OutputError> {
        let first = OutputLock::take_in(&cache.join("canon").join("outputs"), output);
        let Err(OutputError::System { .. }) = first else { return first };
        let shared = std::env::temp_dir().join(system::shared_name());
        let second = shared.join("outputs");
        match system::make_private_folder(&second).is_ok() && system::is_our_own(&shared) {
            true => OutputLock::take_in(&second, output).or(first),
            false => first,
        }
    }

    /// Locks `output` with a lock file below the folder `outputs`.
    fn take_in(outputs: &Path, output: &Path) -> Result<OutputLock, OutputError> {
        let key = blake3::hash(output.as_os_str().as_encoded_bytes()).to_hex();
        let folder = outputs.join(&key[..32]);
        loop {
            let failed = |action| OutputError::system(action, &folder);
            system::make_private_folder(&folder).map_err(failed("make"))?;
            let path = folder.join(LOCK);
            let lock = File::options().write(true).create(true).truncate(false).open(&path);
            let lock = lock.map_err(OutputError::system("open", &path))?;
            match lock.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(OutputError::Busy { output: output.to_path_buf() }),
                Err(TryLockError::Error(error)) => return Err(OutputError::system("lock", &path)(error)),
                Ok(()) if is_still_at(&lock, &path) => {
                    let name = folder.join(OUTPUT);
                    let bytes = output.as_os_str().as_encoded_bytes();
                    if !std::fs::read(&name).is_ok_and(|written| written == bytes) {
                        let written = NewFile::write(&name, bytes).and_then(NewFile::replace);
                        written.map_err(OutputError::system("write", &name))?;
                    }
                    return Ok(OutputLock { folder, lock });
                }
                // Another build removed the folder as an orphan between opening and locking: create it again.
                Ok(()) => {}
            }
        }
    }

    /// The staging folder. After publishing, this folder contains the previous site, whose files the next build
    /// overwrites.
    pub(super) fn tree(&self) -> PathBuf {
        self.folder.join(TREE)
    }

    /// The folder of the lock.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of the journal of a file-by-file replacement.
    pub(super) fn journal(&self) -> PathBuf {
        self.folder.join(JOURNAL)
    }

    /// Removes the folder of an output which no longer exists: at most one folder per build, to bound the time.
    /// Failures are ignored, because the next build tries again.
    pub(super) fn remove_orphan(&self) {
        let Some(entries) = self.folder.parent().and_then(|outputs| std::fs::read_dir(outputs).ok()) else { return };
        let folders = entries.flatten().map(|entry| entry.path()).filter(|path| *path != self.folder);
        if let Some(orphan) = folders.take(MAX_ORPHAN_CHECKS).find(|folder| is_orphan(folder)) {
            let Ok(lock) = File::options().write(true).open(orphan.join(LOCK)) else { return };
            if lock.try_lock().is_ok() && is_orphan(&orphan) {
                let _ = remove_any(&orphan);
            }
        }
    }
}

impl Drop for OutputLock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child process that another thread has just forked still holds the
        // descriptor.
        let _ = self.lock.unlock();
    }
}

/// Whether `path` is still the file that was locked.
fn is_still_at(lock: &File, path: &Path) -> bool {
    let identity = |found: io::Result<std::fs::Metadata>| found.ok().map(|found| system::identity(&found));
    identity(std::fs::metadata(path)) == identity(lock.metadata())
}

/// Whether the folder of a lock belongs to an output that no longer exists, and contains neither an unfinished
/// replacement nor files that were set aside.
fn is_orphan(folder: &Path) -> bool {
    let Ok(output) = std::fs::read_to_string(folder.join(OUTPUT)) else { return false };
    let gone = std::fs::symlink_metadata(&output).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    let unfinished = folder.join(JOURNAL).exists() || folder.join(TREE).join(super::manifest::MANIFEST_PATH).exists();
    gone && !unfinished && !super::tree::has_set_aside(&folder.join(TREE))
}
