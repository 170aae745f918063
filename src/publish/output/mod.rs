//! The published site: staging, the swap, the manifest. The only writer of the output folder; it knows bytes and paths,
//! and nothing of what is in them.
//!
//! A build is `stage`, then `write` and `copy` from any number of threads, then `publish`:
//!
//! - Pages that are as published are not written at all. What differs goes into a staging folder (see `place.rs`); when it
//!   is complete it is brought to the disk with one `syncfs` and exchanged with the output in one step. Unchanged pages
//!   get there as second names of the published files, so they keep inode and time.
//! - After the exchange the staging folder holds the old site. In the cache folder it stays: two builds on, unchanged
//!   pages are in it already, and changed ones are written over in place. Deleting thousands of files and making them
//!   again costs ext4 ten times as much, or worse. Beside the output nothing may stay, so there it is
//!   deleted, after the caller has had the result.
//! - A published file is believed to hold what the manifest says if its length is right and the kernel has not seen it
//!   change since the manifest was written; else it is read and compared.
//! - Killed at any moment, a run leaves the old or the new site whole, and a staging folder that the next run
//!   takes up as it is.

mod claim;
mod error;
mod listing;
mod manifest;
mod place;
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
use claim::OutputLock;
use manifest::{Content, Manifest, OUR_FOLDER, path_fault};
use place::Place;
use rayon::prelude::*;
use recover::{finish_killed_run, make_missing, open_tree};
use rustc_hash::{FxHashMap, FxHashSet};
use std::fs::{File, Metadata, Permissions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use tree::{StagingDir, remove_any};

/// Files up to this many bytes are copied as pages are written: read, hashed, shared if unchanged. Larger ones are
/// streamed.
const READ_WHOLE: u64 = 1 << 20;

/// Where a site goes, and what must come to no harm on the way.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// The output folder; it and its parents need not exist.
    pub output: &'a Path,
    /// The folders that are read: content, templates, static files.
    pub sources: &'a [PathBuf],
    /// Names at the top of the output that are left alone, whatever they are.
    pub preserve: &'a [String],
    /// The user's folders.
    pub surroundings: &'a UserDirs,
    /// How to publish, where both ways are possible.
    pub method: Method,
}

/// How a staged site takes the place of the published one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The whole folder at once, if the system can.
    OneStep,
    /// Each file by itself, under a journal: for outputs that must stay the same folder, as one that a container has
    /// mounted.
    FileByFile,
}

/// The folders of the user who runs the build.
#[derive(Debug, Clone)]
pub struct UserDirs {
    /// Where caches live; ours is the folder `canon` in it.
    pub cache: PathBuf,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The current folder.
    pub current: Option<PathBuf>,
}

impl UserDirs {
    /// From the environment: `XDG_CACHE_HOME` if it is absolute, else `.cache` in the home folder, else where temporary
    /// files are.
    pub fn of_this_process() -> UserDirs {
        let home = std::env::home_dir().filter(|home| home.is_absolute());
        let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|cache| cache.is_absolute());
        let cache = named.or_else(|| Some(home.as_ref()?.join(".cache")));
        let cache = cache.unwrap_or_else(|| std::env::temp_dir().join(system::shared_name()));
        UserDirs { cache, home, current: std::env::current_dir().ok() }
    }
}

/// A site on its way. Dropped without [`Staging::publish`], it leaves the published site as it was and nothing beside it.
#[derive(Debug)]
pub struct Staging {
    output: PathBuf,
    preserve: Vec<String>,
    /// `None` once published: then there is nothing to clean up.
    claim: Option<OutputLock>,
    place: Place,
    method: Method,
    tree: StagingDir,
    published: Site,
    /// Preserved names in the output that are somebody else's.
    kept: Vec<String>,
    entries: Mutex<Vec<Entry>>,
    disk_was_full: AtomicBool,
    /// Folders that were made on the way to the staging folder, outermost first.
    made: Vec<PathBuf>,
    notices: Vec<String>,
}

/// The published site, by its manifest.
#[derive(Debug, Default)]
struct Site {
    manifest: Manifest,
    text: Vec<u8>,
    /// Identity and last change of the manifest's file. `None`: there is no published site, or times mean nothing here.
    written: Option<((u64, u64), i128)>,
}

/// A file of the new site.
#[derive(Debug)]
struct Entry {
    path: String,
    content: Content,
    /// The published file's inode if that file holds the same; it is then not in the tree yet.
    unchanged: Option<u64>,
}

/// What a build did to the output. While it lives the output stays claimed; dropping it removes what could not be removed
/// before the user had the result.
#[derive(Debug)]
pub struct Published {
    /// Whether the whole site changed at once (or nothing had to change), rather than file by file.
    pub in_one_step: bool,
    /// How many files the site has, without the manifest.
    pub files: usize,
    /// How many of them are the published files of before.
    pub unchanged: usize,
    /// How many files of the site before are gone.
    pub removed: usize,
    output: PathBuf,
    rest: Option<PathBuf>,
    claim: OutputLock,
}

/// Claims the output and prepares a staging folder for it: refuses an output that would do harm, and finishes what a killed run left.
pub fn stage(destination: &Destination) -> Result<Staging, OutputError> {
    let output = refuse::resolve(destination.output)?;
    check_preserved(destination.preserve)?;
    refuse::unsafe_output(&output, destination)?;
    refuse::repository(&output, destination.preserve, output.join(MANIFEST_PATH).is_file())?;
    refuse::unwritable(&output)?;
    let claim = OutputLock::take(&destination.surroundings.cache, &output)?;
    let mut notices = finish_killed_run(&claim, &output, destination.preserve)?;
    let published = published_site(&output)?;
    let mut kept = destination.preserve.to_vec();
    kept.retain(|name| !published.manifest.owns(name) && output.join(name).symlink_metadata().is_ok());
    refuse_foreign_files(&output, &published, &kept)?;
    let mut made = make_missing(output.parent().unwrap_or(&output))?;
    let (place, method) = place::choose(&claim, &output, destination.method, &kept);
    for unused in [Place::Cache, Place::Beside].into_iter().filter(|unused| *unused != place) {
        let folder = unused.folder(&claim, &output);
        // It is not needed: that it cannot be removed is no reason not to build.
        if let Err(error) = remove_any(&folder) {
            notices.push(format!("cannot remove {}, left by an earlier build: {error}", folder.display()));
        }
    }
    let folder = place.folder(&claim, &output);
    made.extend(make_missing(&folder)?);
    let tree = open_tree(folder, &mut notices)?;
    if tree.has_material() {
        // What the tree holds was published before the last swap; until that is on the disk, a power cut would bring it
        // back, and it must not be found half written over.
        let parent = output.parent().unwrap_or(&output);
        system::sync_folder(parent).map_err(OutputError::system("sync", parent))?;
    }
    Ok(Staging {
        preserve: destination.preserve.to_vec(),
        claim: Some(claim),
        entries: Mutex::new(Vec::with_capacity(published.manifest.files.len())),
        disk_was_full: AtomicBool::new(false),
        output,
        place,
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
    let written = written_when(&path);
    Ok(Site { manifest, text, written })
}

fn written_when(path: &Path) -> Option<((u64, u64), i128)> {
    let found = path.symlink_metadata().ok()?;
    Some((system::identity(&found)?, system::change_time(&found)?))
}

/// Empty folders are nobody's: a replacement that was cut off leaves them.
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
    /// What the user has to know of earlier builds that were stopped, as sentences.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Adds a file of these bytes to the site. `path` is relative, with `/` between the parts. A path under a preserved
    /// name that the output has from somebody else is passed over: theirs stays.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), OutputError> {
        if self.is_passed_over(path)? {
            return Ok(());
        }
        let content = Content { length: bytes.len() as u64, hash: Some(blake3::hash(bytes)) };
        let unchanged = self.published_inode(path, content, |published, found| {
            self.is_believed(found) || std::fs::read(published).is_ok_and(|read| read == bytes)
        });
        if unchanged.is_none() {
            self.tree.write(path, bytes).map_err(|error| self.failed(path, error))?;
        }
        self.add(Entry { path: path.to_string(), content, unchanged });
        Ok(())
    }

    /// Adds a copy of the file `from` to the site, as [`Staging::write`] would, but never holds a large one in
    /// memory.
    pub fn copy(&self, path: &str, from: &DiskFile) -> Result<(), OutputError> {
        if self.is_passed_over(path)? {
            return Ok(());
        }
        let failed = || OutputError::system("read", from.path());
        let (file, found) = from.open().map_err(failed())?;
        if found.len() <= READ_WHOLE {
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
            let copied = self.tree.create_anew(path).and_then(|to| transfer::copy(from, &to, length));
            copied.map_err(|error| self.failed(path, error))?;
        }
        self.add(Entry { path: path.to_string(), content, unchanged });
        Ok(())
    }

    fn is_passed_over(&self, path: &str) -> Result<bool, OutputError> {
        if let Some(reason) = path_fault(path) {
            return Err(OutputError::BadPath { path: path.to_string(), reason });
        }
        let top = path.split('/').next();
        Ok(self.kept.iter().any(|name| Some(name.as_str()) == top))
    }

    /// The inode of the published file under `path` (0 where there are none) if it holds `content`; whether it really
    /// does, when manifest and length say so, `holds` decides.
    fn published_inode(&self, path: &str, content: Content, holds: impl Fn(&Path, &Metadata) -> bool) -> Option<u64> {
        if self.published.manifest.files.get(path) != Some(&content) {
            return None;
        }
        let published = self.output.join(path);
        let found = published.symlink_metadata().ok()?;
        let is_it = found.is_file() && found.len() == content.length && holds(&published, &found);
        is_it.then(|| system::identity(&found).map_or(0, |(_, inode)| inode))
    }

    /// Whether nothing has touched a published file since its hash was written into the manifest. The clock ticks every
    /// few milliseconds; within a tick the order is not known.
    fn is_believed(&self, found: &Metadata) -> bool {
        matches!((self.published.written, system::change_time(found)), (Some((_, then)), Some(now)) if now < then)
    }

    fn add(&self, entry: Entry) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// The error of a write, in terms of the output: the staging folder is on the same disk and no concern of the user's.
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

    /// Puts the staged site in the place of the published one. An error leaves the published site as it was.
    pub fn publish(mut self) -> Result<Published, OutputError> {
        let entries = std::mem::take(self.entries.get_mut().unwrap_or_else(PoisonError::into_inner));
        let manifest = manifest_of(&entries)?;
        let text = manifest.text();
        let unchanged = entries.iter().filter(|entry| entry.unchanged.is_some()).count();
        let removed = self.published.manifest.files.keys().filter(|path| !manifest.files.contains_key(*path)).count();
        let is_same = unchanged == entries.len() && text.as_bytes() == self.published.text;
        let permissions = if is_same { None } else { self.complete_tree(&entries, &manifest, &text)? };
        let written = written_when(&self.output.join(MANIFEST_PATH));
        // The lock is in a cache folder: a build with another one is not kept out by it.
        let claim = match self.claim.take() {
            Some(claim) if written == self.published.written => claim,
            claim => {
                self.claim = claim;
                return Err(OutputError::Busy { output: self.output.clone() });
            }
        };
        // From here on the staging folder may hold what is not ours to remove: `drop` leaves it alone.
        let in_one_step = is_same || self.put_in_place(&claim, permissions)?;
        let rest = (self.place != Place::Cache).then(|| self.tree.root.clone());
        let output = std::mem::take(&mut self.output);
        Ok(Published { in_one_step, files: entries.len(), unchanged, removed, output, rest, claim })
    }

    /// Makes the staging folder the whole new site (file by file: all of it that differs), on the disk. The answer is the
    /// permissions that the output has, if there is one.
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
        let dressed = self.output.exists().then(|| system::dress_like(&self.tree.root, &self.output)).transpose();
        let permissions = dressed.map_err(OutputError::system("prepare", &self.output))?;
        system::sync_file_system(&self.tree.root).map_err(OutputError::system("sync", &self.output))?;
        Ok(permissions)
    }

    /// Gives preserved files a second name in the new site, so that they too are there at every moment. Folders can have
    /// none, and move right after the swap, with whatever else could not be shared.
    fn share_kept_files(&self) {
        for name in &self.kept {
            let from = self.output.join(name);
            if from.symlink_metadata().is_ok_and(|found| found.is_file()) {
                let _ = std::fs::hard_link(&from, self.tree.place(name));
            }
        }
    }

    /// Whether it was done in one step.
    fn put_in_place(&self, claim: &OutputLock, permissions: Option<Permissions>) -> Result<bool, OutputError> {
        if self.method == Method::OneStep && swap::swap(&self.tree.root, &self.output)? {
            if let Some(permissions) = permissions {
                system::finish_permissions(&self.output, permissions);
            }
            swap::bring_back(&self.tree.root, &self.output, &self.preserve)?;
            return Ok(true);
        }
        replace::replace(claim, self.place, &self.output, &self.published.manifest)?;
        Ok(false)
    }
}

/// The paths of the files that are not as published.
fn written(entries: &[Entry]) -> impl Iterator<Item = &str> {
    entries.iter().filter(|entry| entry.unchanged.is_none()).map(|entry| entry.path.as_str())
}

/// The manifest of a site's files, none of which may stand in another's way.
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
        if self.claim.is_none() {
            return;
        }
        // In the cache the staged files are left as raw material of the next build, unless the disk needs the room.
        if self.place != Place::Cache || self.disk_was_full.load(Ordering::Relaxed) {
            let _ = remove_any(&self.tree.root);
        }
        for folder in self.made.iter().rev() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        let Some(rest) = &self.rest else { return self.claim.remove_an_orphan() };
        if rest.exists() && remove_any(rest).is_ok() {
            // Removing second names counted as a change of the published files; the manifest must not look older.
            let manifest = self.output.join(MANIFEST_PATH);
            if let Ok(found) = manifest.metadata() {
                let _ = std::fs::set_permissions(&manifest, found.permissions());
            }
        }
    }
}
