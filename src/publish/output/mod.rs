//! Writes the output folder: staging, atomic exchange, manifest. No further module writes there. Knows bytes and paths,
//! and nothing of their meaning.
//!
//! A build calls [`stage`], then [`Staging::write`] and [`Staging::copy`] from any number of threads, then
//! [`Staging::publish`]:
//!
//! - Files that are equal to the published ones are not written. All changed files are written to a staging folder (see
//!   `location.rs`). When the staging folder is complete, it is synced to disk with one `syncfs` and exchanged with the
//!   output by one system call. Unchanged files enter the staging folder as hard links to the published files, so they
//!   keep their inode and modification time.
//! - After the exchange the staging folder contains the previous site. In the cache folder it is kept: the build after
//!   the next one finds unchanged files there and overwrites changed ones in place, because deleting and creating
//!   thousands of files takes ext4 at least ten times as long. A staging folder next to the output is deleted instead,
//!   after the result has been reported.
//! - A published file is assumed to have the content in the manifest if its length matches and its change time
//!   (`ctime`) is older than the manifest. If not, it is read and compared.
//! - A run that is killed at any time leaves the old or the new site complete, and a staging folder that the next run
//!   reuses.
//!
//! Example: a site with `a.html` and `b.html` is published, and an edit changes `b.html`. The staging folder gets a
//! hard link to `a.html`, the new `b.html` and the new manifest. After the exchange it contains the old `b.html`, which
//! the next build overwrites.

mod lock;
mod error;
mod last_build;
mod listing;
mod manifest;
mod location;
mod recover;
mod refuse;
mod replace;
mod swap;
mod system;
mod transfer;
mod tree;

pub use error::OutputError;
pub use manifest::MANIFEST_PATH;

use crate::system::disk::DiskFile;
use crate::system::disk::from_here;
use location::Location;
use lock::OutputLock;
use manifest::{Content, Manifest, OUR_FOLDER, path_fault};
use rayon::prelude::*;
use recover::{finish_killed_run, make_missing, open_tree};
use rustc_hash::{FxHashMap, FxHashSet};
use std::fs::{File, Metadata, Permissions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use tree::{StagingDir, remove_any};

/// The size in bytes up to which files are copied like pages: read, hashed, and linked if unchanged. Larger files are
/// streamed.
const READ_WHOLE: u64 = 1 << 20;

/// The target of a build, and the paths to protect.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// The output folder. The folder and its parents may be missing.
    pub output: &'a Path,
    /// The input folders: content, templates, static files.
    pub sources: &'a [PathBuf],
    /// Top-level names in the output that are preserved.
    pub preserve: &'a [String],
    /// The folders of the user.
    pub user_dirs: &'a UserDirs,
    /// The preferred method, if both are possible.
    pub method: Method,
}

/// How a staged site replaces the published one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The whole folder at once, if the system supports it.
    OneStep,
    /// Each file individually, under a journal: for outputs that must remain the same folder, like a mount point in a
    /// container.
    FileByFile,
}

/// The folders of the user who runs the build.
#[derive(Debug, Clone)]
pub struct UserDirs {
    /// The folder for caches. Canon uses the folder `canon` there.
    pub cache: PathBuf,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The current folder.
    pub current: Option<PathBuf>,
}

impl UserDirs {
    /// The folders according to the environment. The cache is `XDG_CACHE_HOME` if it is absolute, else `.cache` in the
    /// home folder, else a folder for temporary files.
    pub fn of_this_process() -> UserDirs {
        let home = std::env::home_dir().filter(|home| home.is_absolute());
        let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|cache| cache.is_absolute());
        let cache = named.or_else(|| Some(home.as_ref()?.join(".cache")));
        let cache = cache.unwrap_or_else(|| std::env::temp_dir().join(system::shared_name()));
        UserDirs { cache, home, current: std::env::current_dir().ok() }
    }
}

/// A site in the staging folder. Dropped without [`Staging::publish`], the published site is unchanged and no files
/// remain next to the output.
#[derive(Debug)]
pub struct Staging {
    output: PathBuf,
    preserve: Vec<String>,
    /// `None` after publishing, when `drop` must not remove the staging folder.
    lock: Option<OutputLock>,
    location: Location,
    method: Method,
    tree: StagingDir,
    published: Site,
    /// Preserved names that exist in the output and were not written by a build.
    kept: Vec<String>,
    entries: Mutex<Vec<Entry>>,
    disk_was_full: AtomicBool,
    /// Folders that were created for the staging folder, outermost first.
    made: Vec<PathBuf>,
    notices: Vec<String>,
}

/// The published site according to its manifest.
#[derive(Debug, Default)]
struct Site {
    manifest: Manifest,
    text: Vec<u8>,
    /// The identity and change time of the manifest file. `None` if no site is published or the system has no change
    /// times.
    written: Option<((u64, u64), i128)>,
}

/// A file of the new site.
#[derive(Debug)]
struct Entry {
    path: String,
    content: Content,
    /// The inode of the published file if it has the same content. The staging folder does not contain the file yet.
    unchanged: Option<u64>,
}

/// The result of a build. The output remains locked until the drop, which also removes files whose removal would have
/// delayed the result.
#[derive(Debug)]
pub struct Published {
    /// Whether the whole site changed at once (or no change was necessary), and not file by file.
    pub in_one_step: bool,
    /// The number of files of the site, without the manifest.
    pub files: usize,
    /// The number of files that are unchanged.
    pub unchanged: usize,
    /// The number of files of the previous site which are not part of the new site.
    pub removed: usize,
    output: PathBuf,
    rest: Option<PathBuf>,
    lock: OutputLock,
}

/// Locks the output and prepares a staging folder for it.
///
/// # Errors
/// The output is refused because writing it could destroy files, another build holds the lock, or the system refuses an
/// operation.
pub fn stage(destination: &Destination) -> Result<Staging, OutputError> {
    // The order matters: all refusals are checked before the first change, and recovery needs the lock.
    let output = refuse::resolve(destination.output)?;
    check_preserved(destination.preserve)?;
    refuse::unsafe_output(&output, destination)?;
    refuse::repository(&output, destination.preserve, output.join(MANIFEST_PATH).is_file())?;
    refuse::unwritable(&output)?;
    let lock = OutputLock::take(&destination.user_dirs.cache, &output)?;
    let mut notices = finish_killed_run(&lock, &output, destination.preserve)?;
    let published = published_site(&output)?;
    let mut kept = destination.preserve.to_vec();
    kept.retain(|name| !published.manifest.owns(name) && output.join(name).symlink_metadata().is_ok());
    refuse_foreign_files(&output, &published, &kept)?;
    let mut made = make_missing(output.parent().unwrap_or(&output))?;
    let (location, method) = location::choose(&lock, &output, destination.method, &kept);
    for unused in [Location::Cache, Location::Beside].into_iter().filter(|unused| *unused != location) {
        let folder = unused.folder(&lock, &output);
        // The folder is not needed, so a failed removal does not stop the build.
        if let Err(error) = remove_any(&folder) {
            notices.push(format!("cannot remove {}, left by an earlier build: {error}", from_here(&folder)));
        }
    }
    let folder = location.folder(&lock, &output);
    made.extend(make_missing(&folder)?);
    let tree = open_tree(folder, &mut notices)?;
    if tree.has_leftovers() {
        // The staging folder holds the site before the last exchange. Until the exchange is on disk, a power failure
        // would revert it, and files overwritten by then would be published half-written.
        let parent = output.parent().unwrap_or(&output);
        system::sync_folder(parent).map_err(OutputError::system("sync", parent))?;
    }
    Ok(Staging {
        preserve: destination.preserve.to_vec(),
        lock: Some(lock),
        entries: Mutex::new(Vec::with_capacity(published.manifest.files.len())),
        disk_was_full: AtomicBool::new(false),
        output,
        location,
        method,
        tree,
        published,
        kept,
        made,
        notices,
    })
}

fn check_preserved(preserve: &[String]) -> Result<(), OutputError> {
    let fault = |name: &String| if name.contains('/') { Some("is a path, not a name") } else { path_fault(name) };
    match preserve.iter().find_map(|name| Some((name, fault(name)?))) {
        Some((name, reason)) => Err(OutputError::BadPath { path: format!("preserve: {name}"), reason }),
        None => Ok(()),
    }
}

fn published_site(output: &Path) -> Result<Site, OutputError> {
    let path = output.join(MANIFEST_PATH);
    let text = match std::fs::read(&path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Site::default());
        }
        text => text.map_err(OutputError::system("read", &path))?,
    };
    let refused = |reason| OutputError::Refused {
        output: output.to_path_buf(),
        reason: format!("has a list of files that {reason}"),
    };
    let manifest = Manifest::parse(&text).map_err(refused)?;
    let written = manifest_state(&path);
    Ok(Site { manifest, text, written })
}

/// The identity and change time of a manifest file.
fn manifest_state(path: &Path) -> Option<((u64, u64), i128)> {
    let found = path.symlink_metadata().ok()?;
    Some((system::identity(&found)?, system::change_time(&found)?))
}

/// Refuses an output with files that no build wrote. Empty folders are accepted, because an interrupted replacement
/// leaves some.
fn refuse_foreign_files(output: &Path, published: &Site, kept: &[String]) -> Result<(), OutputError> {
    let mut except = kept.to_vec();
    except.push(OUR_FOLDER.to_string());
    let found = listing::list(output, &except).map_err(OutputError::system("list", output))?;
    let is_ours =
        |path: &Path| listing::site_path(path).is_some_and(|path| published.manifest.files.contains_key(&path));
    let foreign: Vec<_> = found.files.iter().filter(|(path, _)| !is_ours(path)).collect();
    match foreign.is_empty() {
        true => Ok(()),
        false => {
            let names = foreign.into_iter().map(|(path, _)| path.display().to_string()).collect();
            Err(OutputError::foreign(output.to_path_buf(), names))
        }
    }
}

impl Staging {
    /// Messages about earlier builds that were interrupted, as sentences.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Adds a file with these bytes to the site. `path` is relative, with `/` as the separator. A path below a
    /// preserved name that exists in the output is skipped: the existing file remains.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), OutputError> {
        if self.is_preserved(path)? {
            return Ok(());
        }
        let content = Content { length: bytes.len() as u64, hash: Some(blake3::hash(bytes)) };
        let unchanged = self.published_inode(path, content, |published, found| {
            self.is_untouched(found) || std::fs::read(published).is_ok_and(|read| read == bytes)
        });
        if unchanged.is_none() {
            self.tree.write(path, bytes).map_err(|error| self.failed(path, error))?;
        }
        self.add(Entry { path: path.to_string(), content, unchanged });
        Ok(())
    }

    /// Adds a copy of the file `from` to the site, as [`Staging::write`] does, without reading a large file into
    /// memory.
    pub fn copy(&self, path: &str, from: &DiskFile) -> Result<(), OutputError> {
        if self.is_preserved(path)? {
            return Ok(());
        }
        let failed = || OutputError::system("read", from.path());
        let (file, found) = from.open().map_err(failed())?;
        if found.len() <= READ_WHOLE {
            // One byte above the limit: the file may have grown since the size was read.
            let mut bytes = Vec::with_capacity(found.len() as usize + 1);
            (&file).take(READ_WHOLE + 1).read_to_end(&mut bytes).map_err(failed())?;
            if bytes.len() as u64 <= READ_WHOLE {
                return self.write(path, &bytes);
            }
        }
        self.copy_large(path, &file, file.metadata().map_err(failed())?.len())
    }

    fn copy_large(&self, path: &str, from: &File, length: u64) -> Result<(), OutputError> {
        let content = Content { length, hash: None };
        let unchanged = self.published_inode(path, content, |published, _| {
            File::open(published).and_then(|published| transfer::is_same(from, &published, length)).unwrap_or(false)
        });
        if unchanged.is_none() {
            let copied = self.tree.create_replacing(path).and_then(|to| transfer::copy(from, &to, length));
            copied.map_err(|error| self.failed(path, error))?;
        }
        self.add(Entry { path: path.to_string(), content, unchanged });
        Ok(())
    }

    fn is_preserved(&self, path: &str) -> Result<bool, OutputError> {
        if let Some(reason) = path_fault(path) {
            return Err(OutputError::BadPath { path: path.to_string(), reason });
        }
        let top = path.split('/').next();
        Ok(self.kept.iter().any(|name| Some(name.as_str()) == top))
    }

    /// The inode of the published file at `path` (0 if the system has no inodes) if it has this content. `None` if not.
    /// `holds` decides once the manifest and the length agree.
    fn published_inode(&self, path: &str, content: Content, holds: impl Fn(&Path, &Metadata) -> bool) -> Option<u64> {
        if self.published.manifest.files.get(path) != Some(&content) {
            return None;
        }
        let published = self.output.join(path);
        let found = published.symlink_metadata().ok()?;
        let is_it = found.is_file() && found.len() == content.length && holds(&published, &found);
        is_it.then(|| system::identity(&found).map_or(0, |(_, inode)| inode))
    }

    /// Whether a published file has not changed since its hash was written to the manifest. The comparison is strict,
    /// because the kernel clock for file times advances only every few milliseconds, and the order of changes within a
    /// tick is unknown.
    fn is_untouched(&self, found: &Metadata) -> bool {
        matches!((self.published.written, system::change_time(found)), (Some((_, then)), Some(now)) if now < then)
    }

    fn add(&self, entry: Entry) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// The error of a write, with the path in the output: the staging folder is an internal detail.
    fn failed(&self, path: &str, error: io::Error) -> OutputError {
        if error.kind() == io::ErrorKind::AlreadyExists {
            return OutputError::BadPath { path: path.to_string(), reason: "is written twice" };
        }
        let error = OutputError::system("write", self.output.join(path))(error);
        if error.is_full() {
            self.disk_was_full.store(true, Ordering::Relaxed);
        }
        error
    }

    /// Replaces the published site by the staged one. After an error the published site is unchanged.
    pub fn publish(mut self) -> Result<Published, OutputError> {
        let entries = std::mem::take(self.entries.get_mut().unwrap_or_else(PoisonError::into_inner));
        let manifest = manifest_of(&entries)?;
        let text = manifest.text();
        let unchanged = entries.iter().filter(|entry| entry.unchanged.is_some()).count();
        let removed = self.published.manifest.files.keys().filter(|path| !manifest.files.contains_key(*path)).count();
        let is_same = unchanged == entries.len() && text.as_bytes() == self.published.text;
        let permissions = if is_same { None } else { self.complete_tree(&entries, &manifest, &text)? };
        let written = manifest_state(&self.output.join(MANIFEST_PATH));
        // The lock does not exclude a build with a different cache folder. Such a build has replaced the manifest by
        // now.
        let lock = match self.lock.take() {
            Some(lock) if written == self.published.written => lock,
            lock => {
                self.lock = lock;
                return Err(OutputError::Busy { output: self.output.clone() });
            }
        };
        // From here on the staging folder may contain preserved files, which `drop` must not remove.
        let in_one_step = is_same || self.put_in_place(&lock, permissions)?;
        let rest = (self.location != Location::Cache).then(|| self.tree.root.clone());
        let output = std::mem::take(&mut self.output);
        Ok(Published { in_one_step, files: entries.len(), unchanged, removed, output, rest, lock })
    }

    /// Completes the staging folder and syncs it to disk: with all files of the site for an exchange, with only the
    /// changed ones for a file-by-file replacement. Returns the permissions of the existing output, `None` if there is
    /// none.
    fn complete_tree(
        &self,
        entries: &[Entry],
        manifest: &Manifest,
        text: &str,
    ) -> Result<Option<Permissions>, OutputError> {
        if self.method == Method::OneStep {
            entries.par_iter().try_for_each(|entry| match entry.unchanged {
                Some(inode) => {
                    let shared = self.tree.share(&entry.path, &self.output.join(&entry.path), inode);
                    shared.map_err(|error| self.failed(&entry.path, error))
                }
                None => Ok(()),
            })?;
        }
        let staged: FxHashSet<&str> = match self.method {
            Method::OneStep => manifest.files.keys().map(String::as_str).collect(),
            Method::FileByFile => written(entries).collect(),
        };
        self.tree.remove_rest(|path| staged.contains(path)).map_err(OutputError::system("tidy", &self.tree.root))?;
        if self.method == Method::OneStep {
            self.share_kept_files();
        }
        self.tree.write(MANIFEST_PATH, text.as_bytes()).map_err(|error| self.failed(MANIFEST_PATH, error))?;
        // Before the sync, because the exchange publishes the folder with these permissions.
        let copied = self.output.exists().then(|| system::copy_permissions(&self.tree.root, &self.output)).transpose();
        let permissions = copied.map_err(OutputError::system("prepare", &self.output))?;
        system::sync_file_system(&self.tree.root).map_err(OutputError::system("sync", &self.output))?;
        Ok(permissions)
    }

    /// Hard-links preserved files into the new site, so they exist at every moment. Folders cannot be hard-linked: they
    /// are moved right after the exchange, like all files that could not be linked.
    fn share_kept_files(&self) {
        for name in &self.kept {
            let from = self.output.join(name);
            if from.symlink_metadata().is_ok_and(|found| found.is_file()) {
                let _ = std::fs::hard_link(&from, self.tree.on_disk(name));
            }
        }
    }

    /// Publishes the staging folder. Returns whether one step was enough.
    fn put_in_place(&self, lock: &OutputLock, permissions: Option<Permissions>) -> Result<bool, OutputError> {
        if self.method == Method::OneStep && swap::swap(&self.tree.root, &self.output)? {
            if let Some(permissions) = permissions {
                system::finish_permissions(&self.output, permissions);
            }
            // After the exchange the staging path is the old site, with the preserved folders still in it.
            swap::restore_preserved(&self.tree.root, &self.output, &self.preserve)?;
            return Ok(true);
        }
        replace::replace(lock, self.location, &self.output, &self.published.manifest)?;
        Ok(false)
    }
}

/// The paths of the files that differ from the published site.
fn written(entries: &[Entry]) -> impl Iterator<Item = &str> {
    entries.iter().filter(|entry| entry.unchanged.is_none()).map(|entry| entry.path.as_str())
}

/// The manifest of the files. An error if a path occurs twice or is both a file and a folder.
fn manifest_of(entries: &[Entry]) -> Result<Manifest, OutputError> {
    let mut files = FxHashMap::with_capacity_and_hasher(entries.len(), Default::default());
    for entry in entries {
        if files.insert(entry.path.clone(), entry.content).is_some() {
            return Err(OutputError::BadPath { path: entry.path.clone(), reason: "is written twice" });
        }
    }
    let mut folders = entries.iter().flat_map(|entry| entry.path.match_indices('/').map(|(end, _)| &entry.path[..end]));
    match folders.find(|folder| files.contains_key(*folder)) {
        Some(path) => Err(OutputError::BadPath { path: path.to_string(), reason: "is both a file and a folder" }),
        None => Ok(Manifest { files }),
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.lock.is_none() {
            return;
        }
        // In the cache, the staged files remain as leftovers for the next build, unless the disk is full.
        if self.location != Location::Cache || self.disk_was_full.load(Ordering::Relaxed) {
            let _ = remove_any(&self.tree.root);
        }
        for folder in self.made.iter().rev() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        let Some(rest) = &self.rest else { return self.lock.remove_orphan() };
        if rest.exists() && remove_any(rest).is_ok() {
            // Removing hard links updates the change time of the published files. Setting the mode of the manifest
            // updates its change time as well, so the manifest remains newer than the files.
            let manifest = self.output.join(MANIFEST_PATH);
            if let Ok(found) = manifest.metadata() {
                let _ = std::fs::set_permissions(&manifest, found.permissions());
            }
        }
    }
}
