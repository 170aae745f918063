//! The services that every layer needs from the operating system and from Rust: reading files, writing files
//! atomically, and panics as values. Knows bytes and paths, and nothing of their meaning.

pub(crate) mod atomic_write;
pub(crate) mod disk;
pub(crate) mod git;
pub(crate) mod panics;
pub(crate) mod progress;

pub use disk::{DiskFile, Folder};
