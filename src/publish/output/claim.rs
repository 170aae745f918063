//! The right to write an output folder: a kernel lock, which no crash leaves behind, on a file in the user's cache
//! folder, and the folder around it, where staging and journal live. Knows nothing of sites.

use super::error::OutputError;
use super::system;
use super::tree::remove_any;
use crate::system::atomic_write::NewFile;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A held claim; it ends when this value or the process does.
#[derive(Debug)]
pub(super) struct OutputLock {
    /// The folder of this output in the cache.
    folder: PathBuf,
    lock: File,
}

/// Names in the folder of a claim.
const LOCK: &str = "lock";
const OUTPUT: &str = "output";
const TREE: &str = "tree";
const JOURNAL: &str = "journal.json";
/// How many folders of other outputs one build looks at to find one that is no longer needed.
const ORPHANS_LOOKED_AT: usize = 200;

impl OutputLock {
    /// Claims `output` (an absolute path without links), or says that another build has it. A cache that cannot be written
    /// to, as in a container or after a build as another user, is no reason to fail: then the claim is among the
    /// temporary files.
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
                // Another build took the folder for an orphan between our opening and locking it.
                Ok(()) => {}
            }
        }
    }

    /// Where a site may be staged, and where the site before the published one is kept as raw material.
    pub(super) fn tree(&self) -> PathBuf {
        self.folder.join(TREE)
    }

    /// The folder itself.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The journal of a replacement file by file.
    pub(super) fn journal(&self) -> PathBuf {
        self.folder.join(JOURNAL)
    }

    /// Removes the folder of one other output that no longer exists, if there is one; one a build, so that none takes
    /// long. Failing is no harm.
    pub(super) fn remove_an_orphan(&self) {
        let Some(entries) = self.folder.parent().and_then(|outputs| std::fs::read_dir(outputs).ok()) else { return };
        let others = entries.flatten().map(|entry| entry.path()).filter(|path| *path != self.folder);
        if let Some(orphan) = others.take(ORPHANS_LOOKED_AT).find(|folder| is_orphan(folder)) {
            let Ok(lock) = File::options().write(true).open(orphan.join(LOCK)) else { return };
            if lock.try_lock().is_ok() && is_orphan(&orphan) {
                let _ = remove_any(&orphan);
            }
        }
    }
}

impl Drop for OutputLock {
    fn drop(&mut self) {
        // Closing the file would do, but for a child process that another thread is just starting and that still has it.
        let _ = self.lock.unlock();
    }
}

fn is_still_at(lock: &File, path: &Path) -> bool {
    let identity = |found: io::Result<std::fs::Metadata>| found.ok().map(|found| system::identity(&found));
    identity(std::fs::metadata(path)) == identity(lock.metadata())
}

/// Whether a claim's folder belongs to an output that is gone for good, and has nothing unfinished or set aside.
fn is_orphan(folder: &Path) -> bool {
    let Ok(output) = std::fs::read_to_string(folder.join(OUTPUT)) else { return false };
    let gone = std::fs::symlink_metadata(&output).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    let unfinished = folder.join(JOURNAL).exists() || folder.join(TREE).join(super::manifest::MANIFEST_PATH).exists();
    gone && !unfinished && !super::tree::has_set_aside(&folder.join(TREE))
}
