//! The body of an answer: bytes in memory, or an open file.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// A file of the site.
#[derive(Debug)]
pub struct Body {
    /// The bytes.
    pub content: Content,
    /// The media type, from `media_type`.
    pub media_type: &'static str,
}

/// Bytes in memory or in an open file. Only pages in memory get the reload script.
#[derive(Debug)]
pub enum Content {
    /// In memory.
    Bytes(Arc<[u8]>),
    /// In a regular file, with a handle that is not shared.
    File {
        /// The file.
        file: File,
        /// The length in bytes when the file was opened.
        length: u64,
    },
}

impl Content {
    /// The bytes of an open regular file, with its metadata. The handle must not be shared.
    pub fn of_file((file, metadata): (File, Metadata)) -> Content {
        Content::File { file, length: metadata.len() }
    }

    /// The number of bytes.
    pub(super) fn length(&self) -> u64 {
        match self {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File { length, .. } => *length,
        }
    }

    /// The entity tag: a hash of bytes in memory; length and modification time of a file, which may be large.
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

/// The part of a body that is not sent yet.
#[derive(Debug)]
pub(super) struct Part {
    /// The body.
    pub content: Content,
    /// The remaining bytes.
    pub range: Range<u64>,
}

impl Part {
    /// The number of remaining bytes.
    pub(super) fn length(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// The next `most` bytes; fewer only at the end.
    ///
    /// # Errors
    /// The file cannot be read, or became shorter.
    pub(super) fn take(&mut self, most: usize) -> io::Result<Vec<u8>> {
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
        let path = folder.path().join("a.bin");
        let open = || {
            let file = File::open(&path).expect("a file");
            let metadata = file.metadata().expect("known");
            Content::of_file((file, metadata))
        };
        fs::write(&path, b"0123456789").expect("a file");
        for content in [Content::Bytes((*b"0123456789").into()), open()] {
            assert_eq!(content.length(), 10);
            let mut part = Part { content, range: 2..9 };
            let pieces: Vec<_> = (0..4).map(|_| part.take(3).expect("read")).collect();
            assert_eq!(pieces, [&b"234"[..], b"567", b"8", b""]);
        }
        let mut cut = Part { content: open(), range: 0..10 };
        fs::write(&path, b"0123").expect("a shorter file");
        assert!(cut.take(10).is_err());
    }
}
