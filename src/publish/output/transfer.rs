//! Compares and copies large files in chunks. Holes of sparse files are skipped and preserved, so neither memory nor
//! disk usage grows with them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// The number of bytes per comparison.
const PIECE: usize = 1 << 18;

/// The offset of the next stored data at or after `from`, or `length` if only a hole follows.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn next_data(file: &File, from: u64, length: u64) -> u64 {
    match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(from)) {
        Ok(at) => at.min(length),
        Err(rustix::io::Errno::NXIO) => length,
        Err(_) => from,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn next_data(_: &File, from: u64, _: u64) -> u64 {
    from
}

/// The offset of the next hole after `from`, which must be in data, or `length` if there is none.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn next_hole(file: &File, from: u64, length: u64) -> u64 {
    rustix::fs::seek(file, rustix::fs::SeekFrom::Hole(from)).map_or(length, |at| at.min(length))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn next_hole(_: &File, _: u64, length: u64) -> u64 {
    length
}

/// Whether two files of `length` bytes have the same content.
pub(super) fn is_same(one: &File, other: &File, length: u64) -> io::Result<bool> {
    let (mut left, mut right) = (vec![0; PIECE], vec![0; PIECE]);
    let mut at = 0;
    loop {
        // A hole in both files reads as zeros on both sides, so the comparison skips the range.
        at = next_data(one, at, length).min(next_data(other, at, length));
        if at >= length {
            return Ok(true);
        }
        let size = (length - at).min(PIECE as u64) as usize;
        read_at(one, at, &mut left[..size])?;
        read_at(other, at, &mut right[..size])?;
        if left[..size] != right[..size] {
            return Ok(false);
        }
        at += size as u64;
    }
}

fn read_at(mut file: &File, at: u64, piece: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(piece)
}

/// Copies `length` bytes into the empty file `to`. On Linux `io::copy` runs in the kernel, and the file system may
/// share the extents.
pub(super) fn copy(mut from: &File, mut to: &File, length: u64) -> io::Result<()> {
    let mut at = 0;
    loop {
        at = next_data(from, at, length);
        if at >= length {
            return to.set_len(length);
        }
        let end = next_hole(from, at, length).max(at + 1);
        from.seek(SeekFrom::Start(at))?;
        to.seek(SeekFrom::Start(at))?;
        let copied = io::copy(&mut from.take(end - at), &mut to)?;
        if copied < end - at {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter while it was copied"));
        }
        at = end;
    }
}
