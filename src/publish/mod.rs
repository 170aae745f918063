//! The published site: the path and content of each file, and the atomic replacement of the output folder.

pub(crate) mod data_files;
pub(crate) mod files;
pub(crate) mod output;
pub(crate) mod own_files;
mod picture_size;
pub(crate) mod practice_files;
pub(crate) mod previews;
pub(crate) mod site_view;

pub use output::{Destination, MANIFEST_PATH, Method, OutputError, Published, UserDirs, stage};
