//! The vocabulary of all layers: source files and positions, names and paths, HTML syntax, diagnostics. Knows no notes.

pub mod diagnostic;
pub mod html_escape;
pub mod html_tags;
pub mod packed;
pub mod scripts;
pub mod slug;
pub mod source;
