//! All files of a base together: reading the content folder, links and their graph, duplicate passages, the learning order and
//! the output paths. [`analyze`] turns files into a frozen [`site`]; [`incremental`] does the same after an edit. Knows no pages
//! and no rules.

pub(crate) mod analyze;
pub(crate) mod duplicates;
pub(crate) mod embeds;
pub(crate) mod graph;
pub(crate) mod incremental;
pub(crate) mod index;
pub(crate) mod learning_order;
pub(crate) mod learning_path;
pub(crate) mod living_importance;
pub(crate) mod mentions;
pub(crate) mod overlaps;
pub(crate) mod page_kinds;
pub(crate) mod routes;
pub(crate) mod site;
pub(crate) mod vault;

pub use crate::text::ids::{Id, NoteId};
pub use duplicates::engine::{Block, Index, NoteFingerprint, NoteText, TextBlockId, duplicates};
pub use graph::EdgeKind;
