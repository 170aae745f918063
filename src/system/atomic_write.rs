//! Writing files so that a reader, a full disk or a kill finds the old content or the new one, never a part: a new file
//! beside the old one is written, brought to the disk and renamed over it. Every file of the user is written here.
//! Knows paths and bytes, and nothing of what they mean.
//!
//! The name of the new file follows from the target's name, so that the next write of the same target finds and removes
//! what a killed run left. A kernel lock on the new file tells a leftover from the file of a run that is still writing.

use std::fs::{File, Metadata, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How the names of new files begin. Hidden, so that no walk over notes reads one.
const PREFIX: &str = ".canon-write-";
/// How they began in versions that gave each a random name.
const OLD_PREFIX: &str = ".canon-fix-";
/// How many links are followed to a file that does not exist yet; the kernel's own limit on Linux.
const MAX_LINKS: usize = 40;

/// Writes `bytes` to the file that the user named, whether it exists or not. A link is followed, and stays: the file it
/// leads to is replaced. What is no plain file (a pipe, a terminal, `/dev/stdout`) is written to directly.
///
/// # Errors
/// The file is read-only, its folder cannot be written to, or the disk is full: then it is as it was.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match Destination::of(path)? {
        Destination::File(target) => NewFile::write(&target, bytes)?.replace(),
        Destination::Stream(mut stream) => stream.write_all(bytes),
    }
}

/// Appends to a file that other programs append to as well, which a replaced file would take away from them. If that
/// fails halfway, the part that was written is cut off again.
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
        // Unless another program has appended since: its text must not be cut off.
        if file.metadata().is_ok_and(|found| found.is_file() && found.len() == before + done as u64) {
            let _ = file.set_len(before);
        }
        return Err(error);
    }
    Ok(())
}

/// What a path of the user's leads to.
enum Destination {
    /// A plain file, or none yet, behind all links.
    File(PathBuf),
    /// Anything that bytes are written to and that has no content to lose.
    Stream(File),
}

impl Destination {
    fn of(path: &Path) -> io::Result<Destination> {
        let found = match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return end_of_links(path).map(Destination::File),
            found => found?,
        };
        // Opening answers what no mode tells: read-only file systems, access lists, folders.
        let opened = File::options().write(true).open(path)?;
        match path.canonicalize() {
            // A link of `/proc` to a deleted file has a path that leads elsewhere or nowhere.
            Ok(real) if found.is_file() && is_at(&opened, &real) => Ok(Destination::File(real)),
            _ => Ok(Destination::Stream(opened)),
        }
    }
}

/// The path of the missing file that `path` stands for.
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

/// New content of a file, complete and on the disk, under a name of its own until it takes the target's. Dropped before
/// that, it leaves nothing.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: NamedTempFile,
    target: PathBuf,
}

impl NewFile {
    /// Writes the new content of `target`, with the mode and, where allowed, the owner of the file that is there.
    ///
    /// # Errors
    /// Its folder cannot be written to, or the disk is full.
    pub(crate) fn write(target: &Path, bytes: &[u8]) -> io::Result<NewFile> {
        let old = std::fs::symlink_metadata(target).ok().filter(Metadata::is_file);
        let mut file = new_file_for(target, old.is_some())?;
        file.write_all(bytes)?;
        if let Some(old) = old {
            keep_owner_and_mode(file.as_file(), &old)?;
        }
        file.as_file().sync_all()?;
        Ok(NewFile { file, target: target.to_path_buf() })
    }

    /// Puts it in the place of the target, whether that exists or not. A link there is replaced, not followed.
    ///
    /// # Errors
    /// The target cannot be renamed over, as where it is a folder or a mount point.
    pub(crate) fn replace(self) -> io::Result<()> {
        self.file.persist(&self.target).map(drop).map_err(|error| error.error)
    }

    /// Gives it the target's name only if that is free.
    ///
    /// # Errors
    /// `AlreadyExists` if it is not.
    pub(crate) fn persist_new(self) -> io::Result<()> {
        self.file.persist_noclobber(&self.target).map(drop).map_err(|error| error.error)
    }
}

/// Removes what killed runs left in `folder`. That it cannot is no harm.
pub(crate) fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().map_while(Result::ok) {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(PREFIX.as_bytes()) || name.starts_with(OLD_PREFIX.as_bytes()) {
            remove_leftover(&entry.path());
        }
    }
}

/// An empty file beside `target`. It is private where it replaces one, whose mode it gets once it is written; else it
/// has the mode of any new file.
fn new_file_for(target: &Path, is_private: bool) -> io::Result<NamedTempFile> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let hash = blake3::hash(target.file_name().unwrap_or_default().as_encoded_bytes()).to_hex();
    let name = format!("{PREFIX}{}", &hash[..16]);
    let make = |random: usize| {
        let mut builder = tempfile::Builder::new();
        builder.prefix(&name).rand_bytes(random);
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
            // Taken for a leftover before it was locked: what has its name now is another run's.
            let (_, path) = made.into_parts();
            path.keep()?;
            make(RANDOM_CHARACTERS)
        }
        // Another run is writing the same target: the last one wins.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => make(RANDOM_CHARACTERS),
        Err(error) => Err(error),
    }
}

/// Enough for any number of runs at once; a taken name is tried again.
const RANDOM_CHARACTERS: usize = 8;

/// Locks a new file. `false` if it is no longer the file at `path`. Where there are no locks, none is needed: there a
/// leftover is never removed.
fn lock(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Ok(()) => is_at(file, path),
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => true,
    }
}

/// Removes the new file of a killed run. `false` if a run is still writing it, or that is not known.
fn remove_leftover(path: &Path) -> bool {
    if !std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
        return false;
    }
    let Ok(file) = File::options().write(true).open(path) else { return false };
    file.try_lock().is_ok() && is_at(&file, path) && std::fs::remove_file(path).is_ok()
}

/// Whether `path` leads to this very file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |found: io::Result<Metadata>| found.ok().as_ref().and_then(identity);
    identity(file.metadata()).is_some_and(|this| identity(std::fs::metadata(path)) == Some(this))
}

/// Whether `path` leads to this very file: taken so where nothing tells files apart.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// What tells one file from every other: device and inode.
#[cfg(unix)]
pub(crate) fn identity(found: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((found.dev(), found.ino()))
}

/// What tells one file from every other: nothing here.
#[cfg(not(unix))]
pub(crate) fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// The mode of the old file, and its owner and group as far as this user may give files away.
fn keep_owner_and_mode(file: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) && fchown(file, Some(old.uid()), Some(old.gid())).is_err() {
            // Only root may change the owner; the group, any member of it.
            let _ = fchown(file, None, Some(old.gid()));
        }
    }
    // After the owner: changing that takes away the bits for running as another user.
    file.set_permissions(old.permissions())
}

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
