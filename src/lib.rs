//! Canon builds a website from a folder of concept notes and reports the faults of the notes.
//!
//! # How it works
//!
//! ```text
//! bytes ─ vault ─▶ SourceFile ─ frontmatter, markdown, cards ─▶ Note ─ graph, duplicates, routes, index ─▶ Site (frozen)
//!    Site ─ rules ─▶ Diagnostics ─ report ─▶ terminal, JSON, SARIF, JUnit, GitHub
//!    Site ─ html, views, templates, search, feeds ─▶ files ─ output ─▶ public/ or a browser
//! ```
//!
//! Data flows one way. The content folder is read once ([`base`]'s vault). Each Markdown file becomes a [`note`]
//! separately: a pure function of its path, its text, the [`config`]uration and the schema. Then the notes are linked: names,
//! links, edges, duplicate passages, the learning order and the output paths are computed over all notes. The result is an
//! immutable [`base::site::Site`]. All later steps only read: the rules in [`check`] produce diagnostics, which are plain values
//! until a report format prints them; [`pages`] and [`data`] produce the HTML and the files for scripts; [`publish`] assigns
//! files to paths and replaces the whole output in one step. The [`server`] serves the same site from memory and rebuilds the
//! parts that an edit changed.
//!
//! # The layers
//!
//! Each folder of `src/` is a layer. A layer uses only layers above its own row; a test in `tests/tidy.rs` checks the order.
//!
//! | layer | content |
//! |---|---|
//! | [`system`] | reading and writing files, panics as values; no meaning of files |
//! | [`text`] | source files, spans, names, paths, HTML syntax, diagnostics as values; no notes |
//! | [`config`] | `canon.toml` and the schema: fields, types, sections, labels |
//! | [`note`] | a single Markdown file: frontmatter, document, sections, cards, sanitised HTML, formulas, diagrams |
//! | [`base`] | all files together: vault, links, graph, duplicates, learning order, routes, the frozen site |
//! | [`check`] | rules, external links, repairs, baselines, report formats |
//! | [`data`] | files for scripts and third-party programs: search index, graph layout, feeds |
//! | [`pages`] | HTML of notes, the values in templates, templates, kinds of pages |
//! | [`publish`] | the path of each file; staging, replacement and manifest of the output folder |
//! | [`workspace`] | the location, the inputs and the findings of a site, for commands, the preview and editors |
//! | [`server`] | the preview: sockets, watching, live reload |
//! | [`cli`] | arguments and exit status; one file per command |
//!
//! # Invariants
//!
//! - Parsing always succeeds. A mistake of an author is a diagnostic; a fault of the environment is an error with exit status 2;
//!   a bug of the program is a panic, which is caught per note and reported as `internal-error`.
//! - No rule reads a file. No step before the commands uses the cache, the clock, the terminal or the network: the date is an
//!   argument.
//! - After the graph is built, links are ids, not strings. Spans are byte ranges in the normalised text of a file.
//! - After any sequence of edits the result of the incremental analysis is equal to a new analysis, byte for byte. Each sort
//!   key is a total order, so the output is equal on all machines and with any number of threads.
//! - The size of each page is bounded, however large the base is.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), warn(unreachable_pub))]
// The documentation is for contributors and is built with private items: `cargo doc --document-private-items`.
#![allow(rustdoc::private_intra_doc_links)]

pub mod system;
pub mod text;
pub(crate) mod config;
pub(crate) mod note;
pub mod base;
pub mod check;
pub mod data;
pub(crate) mod pages;
pub mod publish;
pub(crate) mod workspace;
pub mod server;
pub(crate) mod cli;

pub use cli::run;
pub use note::sanitize::is_listed;

#[cfg(test)]
#[path = "../tests/inside/mod.rs"]
mod inside;
