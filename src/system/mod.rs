//! What every layer needs of the operating system and the language: files that are read or written whole, and panics as
//! values. Knows bytes and paths, and nothing of what they mean.

pub(crate) mod atomic_write;
pub(crate) mod disk;
pub(crate) mod panics;

pub use disk::{DiskFile, Folder};
