//! The types that all layers share: source files and positions, names and paths, HTML syntax, diagnostics. Knows no
//! notes.

pub(crate) mod diagnostic;
pub(crate) mod html_escape;
pub(crate) mod html_tags;
pub(crate) mod ids;
pub(crate) mod packed;
pub(crate) mod paths;
pub(crate) mod scripts;
pub(crate) mod slug;
pub(crate) mod source;

pub use diagnostic::Severity;
