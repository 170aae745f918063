//! Canon turns a folder of concept notes into a site, and says what is wrong with them.

// Vocabulary.
pub mod config;
pub mod diagnostic;
pub mod html_escape;
pub mod id;
pub mod schema;
pub mod source;
// One file, alone.
pub mod card;
pub mod diagram;
pub mod frontmatter;
pub mod highlight;
pub mod markdown;
pub mod math;
pub mod note;
pub mod sanitize;
pub mod section;
// The whole base.
pub mod graph;
pub mod index;
pub mod path;
pub mod route;
pub mod similar;
pub mod site;
pub mod vault;
// Judgement.
pub mod baseline;
pub mod external;
pub mod fix;
pub mod rules;
// Pages.
pub mod compose;
pub mod context;
pub mod feed;
pub mod html;
pub mod layout;
pub mod render;
pub mod search;
// Running it.
pub mod bundle;
pub mod cache;
pub mod output;
pub mod pipeline;
pub mod publish;
// Edges.
pub mod cli;
pub mod report;
pub mod serve;
