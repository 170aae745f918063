//! How a person sees the paths of the content: relative to the current folder.

use super::seen_from;
use crate::system::disk;
use std::path::Path;

/// Turns paths relative to the content folder into paths relative to the current folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PathsFromHere {
    /// The text before each path.
    pub prefix: String,
    /// The current folder relative to the content folder, with a trailing `/`; empty unless it is inside.
    pub current: String,
}

impl PathsFromHere {
    /// The paths of a content folder without symbolic links. They are absolute if the current folder is neither inside of
    /// it nor around it.
    pub(crate) fn of(content: &Path) -> PathsFromHere {
        let current = std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default();
        if let Ok(below) = content.strip_prefix(&current) {
            return PathsFromHere { prefix: as_folder(below), current: String::new() };
        }
        match current.strip_prefix(content) {
            Ok(inside) => PathsFromHere { prefix: String::new(), current: as_folder(inside) },
            Err(_) => PathsFromHere { prefix: as_folder(content), current: String::new() },
        }
    }

    /// The path of a file.
    pub(crate) fn show(&self, file: &str) -> String {
        match self.current.as_str() {
            "" => format!("{}{file}", self.prefix),
            current => seen_from(current, file),
        }
    }
}

/// A folder with a trailing `/`, unless it is empty.
pub(crate) fn as_folder(path: &Path) -> String {
    let text = disk::shown(path);
    if text.is_empty() || text.ends_with('/') { text } else { format!("{text}/") }
}
