//! `canon config`: prints the configuration with all defaults filled in.

use super::{Global, Outcome, print};
use std::path::PathBuf;

/// Print the resolved configuration: every key with its value
#[derive(Debug, clap::Args)]
pub(super) struct ConfigCommand {
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
}

impl ConfigCommand {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let location = global.locate(&self.root)?;
        print(&toml::to_string(&location.config)?)
    }
}
