//! Atomic file writes: after a full disk or a kill, a reader finds the old content or the new content, never a part.
//! The new content is written to a temporary file in the same folder, synced to disk, and renamed over the old file.
//! Every file of the user is written here. Knows paths and bytes, and nothing of their meaning.
//!
//! The name of the temporary file is derived from the name of the target, so the next write of the same target finds
//! and removes the leftover of a killed run. An advisory lock on the temporary file distinguishes a leftover from the
//! file of a run that is still writing: the kernel releases the lock when the process ends.

use std::fs::{File, Metadata, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The prefix of temporary file names. A leading dot, so no walk over notes reads the file.
const PREFIX: &str = ".canon-write-";
/// The prefix in earlier versions, which appended a random suffix.
const OLD_PREFIX: &str = ".canon-fix-";
/// The maximum number of symbolic links to follow to a missing file: the limit of the Linux kernel.
const MAX_LINKS: usize = 40;

/// Writes `bytes` to a file that the user named, and creates the file if necessary. A symbolic link is followed and
/// preserved: its target is replaced. A pipe, a terminal or a device like `/dev/stdout` is written to directly.
///
/// # Errors
/// The file is read-only, its folder is not writable, or the disk is full. The file is then unchanged.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match Destination::of(path)? {
        Destination::File(target) => NewFile::write(&target, bytes)?.replace(),
        Destination::Stream(mut stream) => stream.write_all(bytes),
    }
}

/// Appends `bytes` to a file that other programs append to at the same time, like the one that `GITHUB_STEP_SUMMARY`
/// names. Replacing the file would lose their output. After a partial write the file is truncated to its old length.
///
/// # Errors
/// The file cannot be opened or written to.
pub(crate) fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().create(true).append(true).open(path)?;
    let (before, mut done) = (file.metadata()?.len(), 0);
    while done < bytes.len() {
        let error = match file.write(&bytes[done..]) {
            Ok(0) => io::ErrorKind::WriteZero.into(),
            Ok(written) => {
                done += written;
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => error,
        };
        // If the length differs, another program has appended in the meantime, and truncation would remove its output.
        if file.metadata().is_ok_and(|found| found.is_file() && found.len() == before + done as u64) {
            let _ = file.set_len(before);
        }
        return Err(error);
    }
    Ok(())
}

/// Asks the system whether this process may write to an existing file. Nothing is written.
///
/// # Errors
///
/// The file is read-only, missing or a folder. Opening decides, not the mode bits: they hold neither access control lists
/// nor read-only file systems, and do not bind a superuser.
pub(crate) fn may_write(path: &Path) -> io::Result<()> {
    File::options().write(true).open(path).map(drop)
}

/// The kind of file at a path that the user named.
enum Destination {
    /// The real path of a regular file or of a missing one, with all symbolic links resolved.
    File(PathBuf),
    /// A pipe, terminal or device: written to directly, because no old content can be lost.
    Stream(File),
}

impl Destination {
    fn of(path: &Path) -> io::Result<Destination> {
        let found = match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return end_of_links(path).map(Destination::File),
            found => found?,
        };
        // Opening for writing also reports what the mode bits do not: read-only file systems, access control lists,
        // folders.
        let opened = File::options().write(true).open(path)?;
        match path.canonicalize() {
            // A link of `/proc/self/fd` to a deleted file resolves to a path of a different file or of none.
            Ok(real) if found.is_file() && is_at(&opened, &real) => Ok(Destination::File(real)),
            _ => Ok(Destination::Stream(opened)),
        }
    }
}

/// The path at the end of a chain of symbolic links whose last target does not exist.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        match std::fs::read_link(&path) {
            Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links lead on from it"))
}

/// New content of a file, complete and synced to disk, under a temporary name. The temporary file is removed on drop
/// unless [`NewFile::replace`] or [`NewFile::persist_new`] was called.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: NamedTempFile,
    target: PathBuf,
}

/// New content of a file that may not be on the disk yet. [`sync`] makes [`NewFile`]s of several, in less time than one
/// sync for each. The temporary file is removed on drop.
#[derive(Debug)]
pub(crate) struct UnsyncedFile(NewFile);

impl UnsyncedFile {
    /// Writes the new content of `target` to a temporary file, with the mode and, where permitted, the owner of the
    /// existing target.
    ///
    /// # Errors
    /// The folder is not writable, or the disk is full.
    pub(crate) fn write(target: &Path, bytes: &[u8]) -> io::Result<UnsyncedFile> {
        let old = std::fs::symlink_metadata(target).ok().filter(Metadata::is_file);
        let mut file = new_file_for(target, old.is_some())?;
        file.write_all(bytes)?;
        if let Some(old) = old {
            keep_owner_and_mode(file.as_file(), target, &old)?;
        }
        Ok(UnsyncedFile(NewFile { file, target: target.to_path_buf() }))
    }
}

/// Syncs new files to disk, before their renames: ext4 may otherwise commit a new name before the new content, and a
/// crash leaves an empty file.
///
/// # Errors
/// The disk is full or fails. No file is then replaced.
pub(crate) fn sync(files: Vec<UnsyncedFile>) -> io::Result<Vec<NewFile>> {
    let files: Vec<NewFile> = files.into_iter().map(|file| file.0).collect();
    if files.len() <= FEW_FILES || !sync_file_systems(&files)? {
        files.iter().try_for_each(|new| new.file.as_file().sync_all())?;
    }
    Ok(files)
}

/// The number of files up to which each is synced by itself: a sync of the file system also waits for the data that
/// other programs write.
const FEW_FILES: usize = 8;

/// Syncs the file systems of new files, each once: 3,000 files on an ext4 disk take one wait for the disk instead of
/// 3,000. `false` if a file system does not support it.
#[cfg(target_os = "linux")]
fn sync_file_systems(files: &[NewFile]) -> io::Result<bool> {
    let mut synced = Vec::new();
    for file in files.iter().map(|new| new.file.as_file()) {
        let device = identity(&file.metadata()?).map(|(device, _)| device);
        if synced.contains(&device) {
            continue;
        }
        // FUSE passes no sync of a whole file system on to its server.
        if rustix::fs::fstatfs(file)?.f_type == FUSE_SUPER_MAGIC {
            return Ok(false);
        }
        rustix::fs::syncfs(file)?;
        synced.push(device);
    }
    Ok(true)
}

/// The type of a file system in user space, from `linux/magic.h`.
#[cfg(target_os = "linux")]
const FUSE_SUPER_MAGIC: rustix::fs::FsWord = 0x6573_5546;

/// `false`: no such system call here.
#[cfg(not(target_os = "linux"))]
fn sync_file_systems(_: &[NewFile]) -> io::Result<bool> {
    Ok(false)
}

/// The number of new files that may be open together, which is raised to what the system permits.
pub(crate) fn max_open_files() -> usize {
    /// For the files that are open anyway.
    const RESERVED: u64 = 64;
    /// More would not save time.
    const ENOUGH: u64 = 16_384;
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        let wanted = limit.maximum.unwrap_or(u64::MAX).min(ENOUGH + RESERVED);
        if limit.current.is_some_and(|current| current < wanted) {
            let before = limit.current;
            limit.current = Some(wanted);
            if setrlimit(Resource::Nofile, limit).is_err() {
                limit.current = before;
            }
        }
        limit.current.unwrap_or(u64::MAX).saturating_sub(RESERVED).clamp(1, ENOUGH) as usize
    }
    #[cfg(not(unix))]
    {
        // The C runtime of Windows, which other libraries use, opens 512 files; handles have no such limit.
        (ENOUGH - RESERVED) as usize
    }
}

impl NewFile {
    /// Writes the new content of `target` as [`UnsyncedFile::write`] does, and syncs it.
    ///
    /// # Errors
    /// The folder is not writable, or the disk is full.
    pub(crate) fn write(target: &Path, bytes: &[u8]) -> io::Result<NewFile> {
        let new = UnsyncedFile::write(target, bytes)?.0;
        new.file.as_file().sync_all()?;
        Ok(new)
    }

    /// Renames the temporary file over the target, whether the target exists or not. A symbolic link at the target is
    /// replaced, not followed.
    ///
    /// # Errors
    /// The target cannot be replaced by a rename, for example a folder or a mount point.
    pub(crate) fn replace(self) -> io::Result<()> {
        self.file.persist(&self.target).map(drop).map_err(|error| error.error)
    }

    /// Renames the temporary file to the target only if the target does not exist.
    ///
    /// # Errors
    /// `AlreadyExists` if the target exists.
    pub(crate) fn persist_new(self) -> io::Result<()> {
        self.file.persist_noclobber(&self.target).map(drop).map_err(|error| error.error)
    }
}

/// Removes the temporary files of killed runs from `folder`. Failures are ignored: a leftover is harmless.
pub(crate) fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().map_while(Result::ok) {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(PREFIX.as_bytes()) || name.starts_with(OLD_PREFIX.as_bytes()) {
            remove_leftover(&entry.path());
        }
    }
}

/// Creates a locked empty file in the folder of `target`. With `is_private` only the user can read it until the write
/// is complete and the mode of the replaced file is applied; without, it has the default mode of a new file.
fn new_file_for(target: &Path, is_private: bool) -> io::Result<NamedTempFile> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let hash = blake3::hash(target.file_name().unwrap_or_default().as_encoded_bytes()).to_hex();
    let name = format!("{PREFIX}{}", &hash[..16]);
    let make = |random: usize| {
        let mut builder = tempfile::Builder::new();
        builder.prefix(&name).rand_bytes(random);
        // `tempfile` creates private files by default. The kernel subtracts the umask from this mode.
        #[cfg(unix)]
        if !is_private {
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
        builder.tempfile_in(folder)
    };
    let made = match make(0) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && remove_leftover(&folder.join(&name)) => make(0),
        made => made,
    };
    match made {
        Ok(made) if lock(made.as_file(), made.path()) => Ok(made),
        Ok(made) => {
            // A concurrent run took the file for a leftover before it was locked, and the name now belongs to that run.
            let (_, path) = made.into_parts();
            path.keep()?;
            make(RANDOM_CHARACTERS)
        }
        // Another run is writing the same target at the moment: the last rename wins.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => make(RANDOM_CHARACTERS),
        Err(error) => Err(error),
    }
}

/// The length of the random suffix. A name that exists is retried by `tempfile`.
const RANDOM_CHARACTERS: usize = 8;

/// Locks a new file. `false` if `path` no longer refers to it. `true` on file systems without locks, where leftovers
/// are never removed.
fn lock(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Ok(()) => is_at(file, path),
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => true,
    }
}

/// Removes the temporary file of a killed run. `false` if a run is still writing it, or if locks are not supported.
fn remove_leftover(path: &Path) -> bool {
    if !std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
        return false;
    }
    let Ok(file) = File::options().write(true).open(path) else { return false };
    file.try_lock().is_ok() && is_at(&file, path) && std::fs::remove_file(path).is_ok()
}

/// Whether `path` refers to the same file as the handle, compared by device and inode.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |found: io::Result<Metadata>| found.ok().as_ref().and_then(identity);
    identity(file.metadata()).is_some_and(|this| identity(std::fs::metadata(path)) == Some(this))
}

/// Whether `path` refers to the same file as the handle: assumed on systems without a file identity.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// The identity of a file: device and inode.
#[cfg(unix)]
pub(crate) fn identity(found: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((found.dev(), found.ino()))
}

/// The identity of a file: `None`, because the standard library exposes none here.
#[cfg(not(unix))]
pub(crate) fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// Applies the mode of the old file at `path`, and its owner, group, access control list and attributes as far as the
/// user has the permission to set them.
fn keep_owner_and_mode(file: &File, path: &Path, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) && fchown(file, Some(old.uid()), Some(old.gid())).is_err() {
            // Only root may change the owner. Every member of a group may set that group.
            let _ = fchown(file, None, Some(old.gid()));
        }
    }
    keep_attributes(file, path);
    // Last, because `fchown` clears the setuid and setgid bits.
    file.set_permissions(old.permissions())
}

/// Copies the extended attributes of the old file at `path`, among them the access control list. A failure is ignored:
/// some attributes belong to the system, and some file systems have none.
#[cfg(target_os = "linux")]
fn keep_attributes(file: &File, path: &Path) {
    use rustix::fs::{XattrFlags, fsetxattr, getxattr, getxattr_query, listxattr, listxattr_query};
    let mut names = vec![0; listxattr_query(path).unwrap_or(0)];
    let length = listxattr(path, &mut names[..]).unwrap_or(0);
    for name in names[..length].split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0; getxattr_query(path, name).unwrap_or(0)];
        if let Ok(length) = getxattr(path, name, &mut value[..]) {
            let _ = fsetxattr(file, name, &value[..length], XattrFlags::empty());
        }
    }
}

/// Copies nothing: the attributes of other systems are not known here.
#[cfg(not(target_os = "linux"))]
fn keep_attributes(_: &File, _: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_made_and_replaced_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        for text in ["one", "two, longer", ""] {
            write(&file, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
            assert_eq!(names(folder.path()), ["f"]);
        }
        assert!(write(&folder.path().join("missing/f"), b"x").is_err());
        assert!(write(folder.path(), b"x").is_err(), "a folder");
    }

    #[test]
    fn a_new_file_appears_only_where_none_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        NewFile::write(&file, b"one").unwrap().persist_new().unwrap();
        let error = NewFile::write(&file, b"two").unwrap().persist_new().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!((fs::read(&file).unwrap(), names(folder.path())), (b"one".to_vec(), vec!["f".to_string()]));
    }

    #[test]
    fn many_files_are_synced_together_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let wanted: Vec<String> = (0..FEW_FILES * 3).map(|n| format!("f{n:02}")).collect();
        let write = |name: &String| UnsyncedFile::write(&folder.path().join(name), name.as_bytes()).unwrap();
        drop(wanted.iter().map(write).collect::<Vec<_>>());
        assert_eq!(names(folder.path()), Vec::<String>::new(), "nothing is left of files that were never replaced");
        assert!(max_open_files() > wanted.len());
        for new in sync(wanted.iter().map(write).collect()).unwrap() {
            new.replace().unwrap();
        }
        assert_eq!(names(folder.path()), wanted);
        assert!(wanted.iter().all(|name| fs::read_to_string(folder.path().join(name)).unwrap() == *name));
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_and_the_file_behind_them_changes() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        fs::write(at("real/f"), "one").unwrap();
        symlink("real/f", at("link")).unwrap();
        symlink("link", at("link to link")).unwrap();
        symlink("real/new", at("dangling")).unwrap();
        symlink("loop", at("loop")).unwrap();
        write(&at("link to link"), b"two").unwrap();
        write(&at("dangling"), b"new").unwrap();
        assert!(write(&at("loop"), b"x").is_err());
        assert_eq!(fs::read_to_string(at("real/f")).unwrap(), "two");
        assert_eq!(fs::read_to_string(at("real/new")).unwrap(), "new");
        assert!(at("link").is_symlink() && at("link to link").is_symlink() && at("dangling").is_symlink());
        assert_eq!(names(&at("real")), ["f", "new"]);
    }

    #[cfg(unix)]
    #[test]
    fn mode_stays_and_a_new_file_has_that_of_any_other() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("model"), "").unwrap();
        write(&at("new"), b"").unwrap();
        let mode = |name: &str| fs::metadata(at(name)).unwrap().mode() & 0o7777;
        assert_eq!(mode("new"), mode("model"));
        for wanted in [0o600, 0o640, 0o755] {
            fs::set_permissions(at("new"), fs::Permissions::from_mode(wanted)).unwrap();
            write(&at("new"), b"text").unwrap();
            assert_eq!(mode("new"), wanted);
        }
        // Only root may give files away.
        if std::os::unix::fs::chown(at("new"), Some(65534), Some(65534)).is_ok() {
            write(&at("new"), b"text").unwrap();
            let found = fs::metadata(at("new")).unwrap();
            assert_eq!((found.uid(), found.gid(), found.mode() & 0o7777), (65534, 65534, 0o755));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn attributes_and_the_access_control_list_stay() {
        use rustix::fs::{XattrFlags, getxattr, setxattr};
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        fs::write(&file, "one").unwrap();
        // Version 2, then tag, permissions and id of each entry: owner rw, user 65534 r, group r, mask r, others none.
        let entries = [(1_u16, 6_u16, u32::MAX), (2, 4, 65534), (4, 4, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)];
        let mut list = 2_u32.to_le_bytes().to_vec();
        for (tag, permissions, id) in entries {
            list.extend([&tag.to_le_bytes()[..], &permissions.to_le_bytes(), &id.to_le_bytes()].concat());
        }
        for (name, value) in [("user.note", b"kept".to_vec()), ("system.posix_acl_access", list)] {
            if setxattr(&file, name, &value, XattrFlags::empty()).is_err() {
                eprintln!("{name}: not run, the file system of {} has no such attributes", folder.path().display());
                continue;
            }
            write(&file, b"two").unwrap();
            let mut found = [0; 64];
            let length = getxattr(&file, name, &mut found[..]).unwrap();
            assert_eq!(found[..length], value[..], "{name}");
        }
        assert_eq!(fs::read(&file).unwrap(), b"two");
    }

    #[cfg(unix)]
    #[test]
    fn a_leftover_is_removed_and_the_file_of_a_running_writer_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        let abandoned = NewFile::write(&file, b"half").unwrap();
        let (_, path) = abandoned.file.into_parts();
        let leftover = path.keep().unwrap();
        assert!(leftover.exists());
        write(&file, b"whole").unwrap();
        assert_eq!(names(folder.path()), ["f"]);

        let running = NewFile::write(&file, b"one").unwrap();
        write(&file, b"two").unwrap();
        remove_leftovers(folder.path());
        running.replace().unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"one", "the last one wins");
        fs::write(folder.path().join(".canon-fix-abc123"), "of an older version").unwrap();
        fs::write(folder.path().join(".canon-write-"), "of a killed run").unwrap();
        remove_leftovers(folder.path());
        assert_eq!(names(folder.path()), ["f"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_written_to_and_stays() {
        let error = write(Path::new("/dev/full"), b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        write(Path::new("/dev/null"), b"x").unwrap();
        let error = append(Path::new("/dev/full"), b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(!fs::symlink_metadata("/dev/null").unwrap().is_file());
    }
}
