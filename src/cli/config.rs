//! `canon config`: prints the configuration with all defaults filled in.

use super::{Global, Outcome, print};
use std::path::PathBuf;

/// Print the resolved configuration: every key with its value
#[derive(Debug, clap::Args)]
pub(super) struct ConfigCommand {
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
    /// The format of the output
    #[arg(long, value_name = "FORMAT", default_value = "toml")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// TOML, as in `canon.toml`.
    Toml,
    /// JSON with the same keys, for programs.
    Json,
}

impl ConfigCommand {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let location = global.locate(&self.root)?;
        print(&match self.format {
            Format::Toml => toml::to_string(&location.config)?,
            Format::Json => format!("{}\n", serde_json::to_string_pretty(&location.config)?),
        })
    }
}
