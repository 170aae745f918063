//! `canon schema`: prints the JSON Schema of the frontmatter or of `canon.toml`, for editors.

use super::{Global, Outcome, print};
use crate::config::json_schema;
use std::path::PathBuf;

/// Print the JSON Schema of the notes' frontmatter; with `--config` but no file, that of `canon.toml`
#[derive(Debug, clap::Args)]
pub(super) struct SchemaCommand {
    /// The site, or a folder of notes: its `canon.toml` may extend the schema
    #[arg(default_value = ".")]
    root: PathBuf,
}

impl SchemaCommand {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let schema = match global.lacks_config_file() {
            true => json_schema::configuration(),
            false => json_schema::frontmatter(&global.locate(&self.root)?.config.schema.resolve()),
        };
        print(&format!("{}\n", serde_json::to_string_pretty(&schema)?))
    }
}
