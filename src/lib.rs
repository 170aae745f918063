//! Canon turns a folder of concept notes into a site, and says what is wrong with them.

#![forbid(unsafe_code)]

// Vocabulary.
pub mod panics;
pub mod disk;
pub mod source;
pub mod diagnostic;
pub mod html_escape;
pub mod html_tags;
pub mod scripts;
pub mod text_tables;
pub mod atomic_write;
pub mod id;
pub mod labels;
pub mod schema;
pub mod config;
pub mod json_schema;
// One file, alone.
pub mod highlight;
pub mod math;
pub mod sanitize;
pub mod frontmatter;
pub mod markdown;
pub mod section;
pub mod card;
pub mod note;
// The whole base.
pub mod vault;
pub mod index;
pub mod route;
pub mod graph;
pub mod similar;
pub mod repeat;
pub mod mention;
pub mod embed;
pub mod path;
pub mod site;
// Judgement.
pub mod external;
pub mod rules;
pub mod baseline;
pub mod fix;
// Pages.
pub mod html;
pub mod context;
pub mod render;
pub mod search;
pub mod layout;
pub mod feed;
pub mod compose;
pub mod bundle;
pub mod own_files;
pub mod publish;
// Running it.
pub mod pipeline;
pub mod output;
// Edges.
pub mod report;
pub mod serve;
pub mod preview;
pub mod cli;
