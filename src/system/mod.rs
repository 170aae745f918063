//! What every layer needs of the operating system and the language: files that are read or written whole, and panics as
//! values. Knows bytes and paths, and nothing of what they mean.

pub mod atomic_write;
pub mod disk;
pub mod panics;
