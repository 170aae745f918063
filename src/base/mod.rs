//! All files of a base together: reading the content folder, links and their graph, duplicate passages, the learning order and
//! the output paths. [`analyze`] turns files into a frozen [`site`]; [`incremental`] does the same after an edit. Knows no pages
//! and no rules.

pub mod analyze;
pub mod duplicates;
pub mod embeds;
pub mod graph;
pub mod incremental;
pub mod index;
pub mod learning_order;
pub mod mentions;
pub mod routes;
pub mod site;
pub mod vault;
