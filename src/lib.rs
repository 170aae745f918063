//! Canon turns a folder of concept notes into a site, and reports what is wrong with them.
//!
//! # How it works
//!
//! ```text
//! bytes ─ vault ─▶ SourceFile ─ frontmatter, markdown, cards ─▶ Note ─ graph, duplicates, routes, index ─▶ Site (frozen)
//!    Site ─ rules ─▶ Diagnostics ─ report ─▶ terminal, JSON, SARIF, JUnit, GitHub
//!    Site ─ html, views, templates, search, feeds ─▶ files ─ output ─▶ public/ or a browser
//! ```
//!
//! Data flows one way. The content folder is read once ([`base`]'s vault). Each Markdown file becomes a [`note`] on its own: a
//! pure function of its path, its text, the [`config`]uration and the schema. Then the notes are linked: names, links, edges,
//! duplicate passages, the learning order and the output paths are worked out over all of them, and the result is a
//! [`base::site::Site`] that never changes. Everything after it only reads: the rules in [`check`] produce diagnostics, which are
//! plain values until a report format prints them; [`pages`] and [`data`] produce the HTML and the files for scripts;
//! [`publish`] knows which file is at which path and exchanges the whole output in one step. The [`server`] shows the same
//! site from memory and rebuilds the parts that an edit changed.
//!
//! # The layers
//!
//! Each folder of `src/` is a layer. A layer uses only layers that are listed above it here; a test in `tests/tidy.rs` holds it
//! to that.
//!
//! | layer | what it knows |
//! |---|---|
//! | [`system`] | reading and writing files, panics as values; nothing of what files mean |
//! | [`text`] | source files, spans, names, paths, HTML syntax, diagnostics as values; no notes |
//! | [`config`] | `canon.toml` and the schema: fields, types, sections, labels |
//! | [`note`] | one Markdown file alone: frontmatter, document, sections, cards, sanitised HTML, formulas |
//! | [`base`] | all files together: vault, links, graph, duplicates, learning order, routes, the frozen site |
//! | [`check`] | rules, external links, repairs, baselines, report formats |
//! | [`data`] | files for scripts and other programs: search index, graph layout, feeds |
//! | [`pages`] | HTML of notes, the values that templates see, templates, page kinds |
//! | [`publish`] | which file is at which path; staging, exchange and manifest of the output folder |
//! | [`workspace`] | where a site is, what was read of it, and what is wrong; shared by commands, the preview and editors |
//! | [`server`] | the preview: sockets, watching, live reload |
//! | [`cli`] | arguments in, exit status out; one file a command |
//!
//! # Invariants
//!
//! - Parsing is total. A mistake of an author is a diagnostic; a fault of the environment is an error with exit status 2; a fault
//!   of the program is a panic, which is caught for each note and reported as `internal-error`.
//! - No rule reads a file. No stage knows the cache, the clock, the terminal or the network: the date is passed in.
//! - After the graph no link is a string. Spans are byte ranges of the normalised text of a file.
//! - After any sequence of edits the incremental analysis gives what a fresh one gives, byte for byte. Every order is a total
//!   sort key, so the output is the same on every machine and with any number of threads.
//! - No page grows without a bound when the base grows.

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
