//! Generated files for scripts and third-party programs: the search index, the layout of the graph, feeds. Knows
//! formats, but no pages.

pub(crate) mod feeds;
pub(crate) mod graph_layout;
pub(crate) mod practice;
pub(crate) mod search;

pub use graph_layout::{Edge, FolderId, Node, NodeId, WeightedEdge, data_files, positions};
pub use search::{Doc, Part, build};
