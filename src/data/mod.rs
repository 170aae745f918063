//! Files for scripts and other programs: the search index, the layout of the graph, feeds. Knows formats, no pages.

pub mod feeds;
pub mod graph_layout;
pub mod search;
