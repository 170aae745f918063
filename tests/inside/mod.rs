//! Tests that look inside: compiled with the library, since they use more of it than its public face.

mod any_text;
mod base;
mod bounds;
mod built;
mod duplication;
mod fixes;
mod heads;
mod incremental;
mod link_targets;
mod links;
mod markdown;
mod mentions;
mod obsidian;
mod overlaps;
mod plain;
mod preview;
mod preview_desk;
mod rules;
mod session;
mod similar_edits;
mod similar_pairs;
mod theme;
mod theme_classes;
mod theme_fixtures;
mod titles;
mod words;
