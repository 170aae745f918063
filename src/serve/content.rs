//! The bytes of a file of the site, in memory or on the disk, and how a file is opened so that it can be nothing else: no
//! pipe that waits, no device without an end, no link that was put in its place since the site was read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// A file of the site.
#[derive(Debug)]
pub struct Body {
    /// Its bytes.
    pub content: Content,
    /// Its media type; `media_type` knows it by the path.
    pub media_type: &'static str,
}

/// Bytes in memory or in an open file. Pages must be in memory to get the reload script.
#[derive(Debug)]
pub enum Content {
    /// In memory.
    Bytes(Arc<[u8]>),
    /// In an ordinary file; `Content::open` makes sure of that. Nobody else reads from this handle.
    File {
        /// The file.
        file: File,
        /// Its length in bytes when it was opened.
        length: u64,
    },
}

impl Content {
    /// Opens the file at a path without links (as `fs::canonicalize` gives it). An error where a link has taken the place
    /// of any part of the path since, and where the file is not an ordinary one. Never waits.
    pub fn open(path: &Path) -> io::Result<Content> {
        let file = open_without_links(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not an ordinary file"));
        }
        Ok(Content::File { file, length: metadata.len() })
    }

    /// The number of bytes.
    pub(super) fn length(&self) -> u64 {
        match self {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File { length, .. } => *length,
        }
    }

    /// An entity tag: of bytes by what they are, of a file by its length and time.
    pub(super) fn tag(&self) -> String {
        match self {
            Content::Bytes(bytes) => format!("\"{}\"", &blake3::hash(bytes).to_hex()[..16]),
            Content::File { file, length } => {
                let modified = file.metadata().and_then(|metadata| metadata.modified()).unwrap_or(UNIX_EPOCH);
                let age = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
                format!("\"{length:x}-{:x}\"", age.as_nanos())
            }
        }
    }
}

#[cfg(unix)]
fn open_without_links(path: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    // Without NONBLOCK opening a pipe waits for a writer.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY;
    #[cfg(target_os = "linux")]
    match rustix::fs::openat2(CWD, path, flags, Mode::empty(), rustix::fs::ResolveFlags::NO_SYMLINKS) {
        // Kernels before 5.6, and sandboxes, do not know this call; they check the last part only.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => {}
        other => return Ok(File::from(other?)),
    }
    Ok(File::from(openat(CWD, path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open_without_links(path: &Path) -> io::Result<File> {
    if std::fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a link"));
    }
    File::open(path)
}

/// A stretch of a body that is still to be sent.
#[derive(Debug)]
pub(super) struct Part {
    /// The body.
    pub content: Content,
    /// Which of its bytes.
    pub range: Range<u64>,
}

impl Part {
    /// The number of bytes left.
    pub fn length(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// The next `most` bytes, fewer only at the end. A file that has become shorter is an error.
    pub fn take(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let start = self.range.start;
        self.range.start = self.range.end.min(start + most as u64);
        match &self.content {
            Content::Bytes(bytes) => Ok(bytes[start as usize..self.range.start as usize].to_vec()),
            Content::File { file, .. } => {
                let (mut file, mut bytes) = (file, vec![0; (self.range.start - start) as usize]);
                file.seek(SeekFrom::Start(start))?;
                file.read_exact(&mut bytes)?;
                Ok(bytes)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_part_comes_in_pieces_from_either_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = fs::canonicalize(folder.path()).expect("there").join("a.bin");
        fs::write(&path, b"0123456789").expect("a file");
        for content in [Content::Bytes((*b"0123456789").into()), Content::open(&path).expect("an ordinary file")] {
            assert_eq!(content.length(), 10);
            let mut part = Part { content, range: 2..9 };
            let pieces: Vec<_> = (0..4).map(|_| part.take(3).expect("read")).collect();
            assert_eq!(pieces, [&b"234"[..], b"567", b"8", b""]);
        }
        let mut cut = Part { content: Content::open(&path).expect("a file"), range: 0..10 };
        fs::write(&path, b"0123").expect("a shorter file");
        assert!(cut.take(10).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_ordinary_files_are_opened_and_no_link_on_the_way() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| fs::canonicalize(folder.path()).expect("there").join(name);
        fs::create_dir(at("media")).expect("a folder");
        fs::write(at("media/a.png"), "ours").expect("a file");
        assert!(Content::open(&at("media/a.png")).is_ok());
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), rustix::fs::Mode::RUSR).expect("a pipe");
        for other in [at("pipe"), at("media"), "/dev/zero".into(), at("none")] {
            assert!(Content::open(&other).is_err(), "{}", other.display());
        }
        // What the site knew as a file, and its folder, are replaced by links to somebody else's.
        fs::create_dir(at("private")).expect("a folder");
        fs::write(at("private/a.png"), "theirs").expect("a file");
        fs::remove_file(at("media/a.png")).expect("removed");
        symlink(at("private/a.png"), at("media/a.png")).expect("a link");
        assert!(Content::open(&at("media/a.png")).is_err(), "a link in the file's place");
        fs::remove_dir_all(at("media")).expect("removed");
        symlink(at("private"), at("media")).expect("a link");
        assert!(Content::open(&at("media/a.png")).is_err(), "a link in the folder's place");
    }
}
