//! The published site: which file is at which path with which bytes, and the exchange of the output folder in one step.

pub mod data_files;
pub mod files;
pub mod output;
pub mod own_files;
