//! Renders pages: the HTML of notes, syntax highlighting, the values for templates, the templates, and the composer
//! that determines the set of pages. Reads and writes no files.

pub(crate) mod code;
pub(crate) mod compose;
pub(crate) mod html;
pub(crate) mod templates;
pub(crate) mod views;
