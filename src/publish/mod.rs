//! The published site: which file is at which path with which bytes, and the exchange of the output folder in one step.

pub(crate) mod data_files;
pub(crate) mod files;
pub(crate) mod output;
pub(crate) mod own_files;

pub use output::{Destination, MANIFEST_PATH, Method, OutputError, Published, UserDirs, stage};
