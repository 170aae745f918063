//! Opens the files of a site for reading: notes, assets, templates and static files, for the build and the preview
//! alike. Every file is opened here, by the path under which a walk found it, and never outside its folder.
//! Distinguishes read errors of one file from faults of the machine. Knows nothing of the content of files.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// A folder whose files may be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// The folder as given by the user. The paths of its files start with it.
    path: PathBuf,
    /// The canonical path of the folder, then the canonical paths of the folders that links in it may lead to. Empty:
    /// no file may be opened.
    allowed: Vec<PathBuf>,
}

/// A file of a folder, not opened yet.
#[derive(Debug, Clone)]
pub struct DiskFile {
    folder: Arc<Folder>,
    path: PathBuf,
}

impl Folder {
    /// A folder with the folders outside of it that symbolic links may lead to. Missing outside folders are ignored.
    ///
    /// # Errors
    /// The folder does not exist, or a fault of the machine.
    pub fn new(path: &Path, outside: &[String]) -> io::Result<Folder> {
        let mut allowed = vec![fs::canonicalize(path)?];
        for folder in outside {
            allowed.extend(unless_of_machine(fs::canonicalize(folder))?);
        }
        Ok(Folder { path: path.to_path_buf(), allowed })
    }

    /// Opens the regular file at `path`, which must start with the path of the folder. A symbolic link is followed if
    /// `may_lead_to` allows its target. On Linux no component of the path can become a link between the check and the
    /// open call (`RESOLVE_NO_SYMLINKS`). Never blocks on a pipe.
    ///
    /// # Errors
    /// `PermissionDenied` for a path outside, `InvalidInput` for a file that is not regular, or the error of the
    /// system.
    pub fn open(&self, path: &Path) -> io::Result<(File, Metadata)> {
        let whole = self.without_links_above(path).ok_or_else(outside)?;
        // The first attempt refuses links, so a tree without links needs one system call per file.
        let file = match open_unless_link(&whole)? {
            Opened::File(file) => file,
            Opened::Link | Opened::Unknown => {
                let real = fs::canonicalize(&whole)?;
                if !self.may_lead_to(&real) {
                    return Err(outside());
                }
                match open_unless_link(&real)? {
                    Opened::File(file) => file,
                    Opened::Link => return Err(outside()),
                    Opened::Unknown => open_last_unless_link(&real)?,
                }
            }
        };
        let metadata = file.metadata()?;
        match metadata.is_file() {
            true => Ok((file, metadata)),
            false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        }
    }

    /// Whether a canonical path is inside the folder or an allowed folder.
    pub fn is_above(&self, real: &Path) -> bool {
        self.allowed.iter().any(|folder| real.starts_with(folder))
    }

    /// Whether a symbolic link may lead to the canonical path `real`: inside the folder or an allowed folder, and
    /// without a hidden component below it, because `.git/config` may contain a password, or a component with a `\`.
    pub fn may_lead_to(&self, real: &Path) -> bool {
        let may_be_read = |part: Component<'_>| !is_hidden(part.as_os_str()) && !has_backslash(part.as_os_str());
        self.allowed
            .iter()
            .any(|folder| real.strip_prefix(folder).is_ok_and(|below| below.components().all(may_be_read)))
    }

    /// The part of a canonical path below the folder itself. `None` if the path is not in it.
    pub(crate) fn below<'p>(&self, real: &'p Path) -> Option<&'p Path> {
        real.strip_prefix(self.allowed.first()?).ok()
    }

    /// The path with the symbolic links of the folder itself resolved. `None` if `path` is not below the folder, or if
    /// a component is `..` or contains a `\`.
    fn without_links_above(&self, path: &Path) -> Option<PathBuf> {
        let mut whole = self.allowed.first()?.clone();
        for part in path.strip_prefix(&self.path).ok()?.components() {
            match part {
                Component::Normal(name) if !has_backslash(name) => whole.push(name),
                _ => return None,
            }
        }
        Some(whole)
    }
}

impl DiskFile {
    /// The file at `path`, which must start with the path of the folder.
    pub fn new(folder: Arc<Folder>, path: PathBuf) -> DiskFile {
        DiskFile { folder, path }
    }

    /// The path under which the file was found.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file, as `Folder::open` does.
    ///
    /// # Errors
    /// Those of `Folder::open`.
    pub fn open(&self) -> io::Result<(File, Metadata)> {
        self.folder.open(&self.path)
    }
}

/// Opens a regular file that the user named, through any symbolic links.
///
/// # Errors
/// `InvalidInput` for a file that is not regular, or the error of the system.
pub(crate) fn open_named(path: &Path) -> io::Result<(File, Metadata)> {
    let real = fs::canonicalize(path)?;
    let parent = real.parent().unwrap_or(Path::new("/"));
    Folder { path: parent.to_path_buf(), allowed: vec![parent.to_path_buf()] }.open(&real)
}

/// The outcome of opening a path that should not contain symbolic links.
enum Opened {
    File(File),
    /// A component of the path is a symbolic link.
    Link,
    /// The system cannot open a path without following links.
    Unknown,
}

#[cfg(target_os = "linux")]
fn open_unless_link(path: &Path) -> io::Result<Opened> {
    use rustix::fs::{CWD, Mode, ResolveFlags, openat2};
    use rustix::io::Errno;
    match openat2(CWD, path, flags(), Mode::empty(), ResolveFlags::NO_SYMLINKS) {
        Ok(file) => Ok(Opened::File(file.into())),
        Err(Errno::LOOP) => Ok(Opened::Link),
        // Kernels before 5.6 lack `openat2`, and seccomp filters of some sandboxes deny it.
        Err(Errno::NOSYS | Errno::PERM) => Ok(Opened::Unknown),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_unless_link(_: &Path) -> io::Result<Opened> {
    Ok(Opened::Unknown)
}

/// The flags for opening a file. Without `NONBLOCK`, opening a pipe waits for a writer.
#[cfg(unix)]
fn flags() -> rustix::fs::OFlags {
    use rustix::fs::OFlags;
    OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY
}

/// Opens a path whose last component must not be a symbolic link.
#[cfg(unix)]
fn open_last_unless_link(path: &Path) -> io::Result<File> {
    Ok(rustix::fs::openat(rustix::fs::CWD, path, flags(), rustix::fs::Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open_last_unless_link(path: &Path) -> io::Result<File> {
    match fs::symlink_metadata(path)?.is_symlink() {
        true => Err(outside()),
        false => File::open(path),
    }
}

fn outside() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "leads out of its folder")
}

/// Whether a read error is a fault of the machine (a disk fault, no memory, no file handles left, a lost server) and
/// not of the one file. The state of the file is then unknown, and a site built without the file would lack a page.
/// Every error that a file itself cannot cause counts as a fault of the machine.
pub(crate) fn is_of_machine(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound};
    use io::ErrorKind::{PermissionDenied, UnexpectedEof};
    let of_file = matches!(
        error.kind(),
        NotFound
            | PermissionDenied
            | NotADirectory
            | IsADirectory
            | InvalidFilename
            | InvalidInput
            | InvalidData
            | UnexpectedEof
    );
    !of_file && !is_strange_file(error)
}

/// Whether an error reports a cycle of symbolic links, or a socket or device in the place of a file.
#[cfg(unix)]
fn is_strange_file(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::LOOP | Errno::NXIO | Errno::NODEV))
}

#[cfg(not(unix))]
fn is_strange_file(_: &io::Error) -> bool {
    false
}

/// The value of `result`, or `None` if its error concerns only the one file.
///
/// # Errors
/// A fault of the machine.
pub(crate) fn unless_of_machine<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_of_machine(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Whether `path` is a folder. Symbolic links are followed.
///
/// # Errors
/// A fault of the machine.
pub(crate) fn is_folder(path: &Path) -> io::Result<bool> {
    Ok(unless_of_machine(fs::metadata(path))?.is_some_and(|found| found.is_dir()))
}

/// Whether `path` is a regular file. Symbolic links are followed.
///
/// # Errors
/// A fault of the machine.
pub(crate) fn is_file(path: &Path) -> io::Result<bool> {
    Ok(unless_of_machine(fs::metadata(path))?.is_some_and(|found| found.is_file()))
}

/// Whether this process has read permission for the file at `path`. `true` if the system cannot answer.
///
/// # Errors
/// A fault of the machine.
#[cfg(unix)]
pub(crate) fn may_read(path: &Path) -> io::Result<bool> {
    let access = rustix::fs::access(path, rustix::fs::Access::READ_OK).map_err(io::Error::from);
    match access {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
        other => unless_of_machine(other).map(|_| true),
    }
}

/// Whether this process has read permission for the file at `path`. `true` if the system cannot answer.
///
/// # Errors
/// A fault of the machine.
#[cfg(not(unix))]
pub(crate) fn may_read(_: &Path) -> io::Result<bool> {
    Ok(true)
}

/// A path below a folder as text, with `/` as the separator. For display and comparison: the text may be used to open
/// the file only if `name_fault` returns `None`. A `\` is a separator only on Windows.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// A path without `.` and `..`, which the names of a repository do not have.
pub(crate) fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// The path with these bytes, as git stores them: on Unix the bytes themselves, elsewhere UTF-8.
pub(crate) fn path_from_bytes(bytes: Vec<u8>) -> PathBuf {
    #[cfg(unix)]
    let path: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes);
    #[cfg(not(unix))]
    let path: std::ffi::OsString = String::from_utf8_lossy(&bytes).into_owned().into();
    PathBuf::from(path)
}

/// The reason why a path, in the form that `shown` returns, is not usable: two paths have the same text, or the text is
/// a different path on a different system. `None` if it is usable.
pub(crate) fn name_fault(path: &str) -> Option<&'static str> {
    if path.contains('\u{fffd}') {
        return Some("the path is not UTF-8");
    }
    path.contains('\\').then_some("the path holds `\\`, which is a separator on some systems")
}

/// Whether a file name is hidden: it starts with a dot. A name with a `\` is not hidden, so `.git\config` is reported.
pub(crate) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") && !has_backslash(name)
}

/// Whether a single file name of this system would be a path on Windows.
fn has_backslash(name: &OsStr) -> bool {
    cfg!(not(windows)) && name.as_encoded_bytes().contains(&b'\\')
}

/// A path relative to the current folder, because such a path is shorter and can be pasted. A path whose only common folder
/// with the current folder is the root, or is more than three folders above, is returned unchanged.
pub(crate) fn from_here(path: &Path) -> String {
    const MOST_STEPS_UP: usize = 3;
    let current = std::env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
    let around =
        current.ancestors().take(MOST_STEPS_UP + 1).enumerate().filter(|(_, folder)| folder.parent().is_some());
    for (steps, folder) in around {
        match path.strip_prefix(folder) {
            Ok(below) if below.as_os_str().is_empty() && steps == 0 => return ".".to_string(),
            Ok(below) => return format!("{}{}", "../".repeat(steps), shown(below)),
            Err(_) => {}
        }
    }
    shown(path)
}

/// The message for a read error, with the path.
pub(crate) fn cannot_read(path: &Path, error: &io::Error) -> String {
    format!("cannot read `{}`: {error}", from_here(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_the_machine_are_told_from_faults_of_a_file() {
        #[cfg(unix)]
        {
            use rustix::io::Errno;
            let of = |errno: Errno| is_of_machine(&io::Error::from(errno));
            for errno in [Errno::IO, Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::STALE, Errno::NOSPC] {
                assert!(of(errno), "{errno:?}");
            }
            for errno in [Errno::NOTCONN, Errno::TIMEDOUT, Errno::AGAIN, Errno::INTR, Errno::BADF] {
                assert!(of(errno), "{errno:?}");
            }
            for errno in [Errno::ACCESS, Errno::PERM, Errno::NOENT, Errno::NOTDIR, Errno::ISDIR] {
                assert!(!of(errno), "{errno:?}");
            }
            for errno in [Errno::LOOP, Errno::NAMETOOLONG, Errno::NXIO, Errno::NODEV, Errno::INVAL] {
                assert!(!of(errno), "{errno:?}");
            }
        }
        assert!(is_of_machine(&io::ErrorKind::OutOfMemory.into()));
        assert!(!is_of_machine(&outside()));
    }

    #[test]
    fn paths_that_go_up_or_begin_elsewhere_are_not_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("content")).expect("a folder");
        fs::write(at("secret.md"), "secret").expect("a file");
        fs::write(at("content/a.md"), "ours").expect("a file");
        let content = Folder::new(&at("content"), &[]).expect("a folder");
        assert!(content.open(&at("content/a.md")).is_ok());
        for path in [at("content/../secret.md"), at("secret.md"), "/etc/passwd".into(), "a.md".into()] {
            let error = content.open(&path).expect_err("refused");
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{}", path.display());
        }
        assert!(Folder::default().open(&at("content/a.md")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_opened_and_no_link_leads_out() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["content/media", "content/.git", "allowed", "private"] {
            fs::create_dir_all(at(name)).expect("a folder");
        }
        for name in ["content/media/a.png", "content/.git/config", "allowed/a.png", "private/a.png"] {
            fs::write(at(name), name).expect("a file");
        }
        let allowed = at("allowed").to_str().expect("UTF-8").to_string();
        let content = Folder::new(&at("content"), &[allowed, "/no/such/folder".into()]).expect("a folder");
        let opens = |name: &str| {
            let opened = content.open(&at("content").join(name)).ok();
            opened.map(|(file, _)| io::read_to_string(file).expect("text"))
        };
        assert_eq!(opens("media/a.png").as_deref(), Some("content/media/a.png"));
        let pipe = at("content/pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
        assert_eq!([opens("pipe"), opens("media"), opens("none")], [None, None, None]);
        symlink(at("content/media/a.png"), at("content/in.png")).expect("a link");
        symlink(at("allowed/a.png"), at("content/allowed.png")).expect("a link");
        symlink(at("private/a.png"), at("content/out.png")).expect("a link");
        symlink(at("content/.git/config"), at("content/config")).expect("a link");
        symlink(at("content/circle"), at("content/circle")).expect("a link");
        assert_eq!(opens("in.png").as_deref(), Some("content/media/a.png"));
        assert_eq!(opens("allowed.png").as_deref(), Some("allowed/a.png"));
        assert_eq!([opens("out.png"), opens("config"), opens("circle")], [None, None, None]);
        // A folder of the site is replaced by a link to another one after the walk.
        fs::remove_dir_all(at("content/media")).expect("removed");
        symlink(at("private"), at("content/media")).expect("a link");
        assert_eq!(opens("media/a.png"), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_itself_may_be_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("shared")).expect("a folder");
        fs::write(at("shared/a.css"), "css").expect("a file");
        std::os::unix::fs::symlink(at("shared"), at("static")).expect("a link");
        let file = DiskFile::new(Arc::new(Folder::new(&at("static"), &[]).expect("a folder")), at("static/a.css"));
        assert!(file.open().is_ok());
    }

    #[test]
    fn a_backslash_is_a_separator_on_windows_only() {
        assert_eq!(shown(Path::new("a\\b")), if cfg!(windows) { "a/b" } else { "a\\b" });
        assert!(name_fault("a\\b").is_some() && name_fault("a/b").is_none());
    }
}
