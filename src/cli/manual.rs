//! `canon completions` and `canon man`: shell completions and manual pages, generated from the command line.

use super::{Outcome, command, print};
use std::path::PathBuf;

/// Print a shell's completions
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Outcome {
        let mut out = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "canon", &mut out);
        print(&String::from_utf8_lossy(&out))
    }
}

/// Print the manual page, or write the pages of all commands into a folder
#[derive(Debug, clap::Args)]
pub(super) struct Man {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self) -> Outcome {
        match &self.output {
            Some(folder) => Ok(std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(command(), folder))
                .map_err(|e| format!("cannot write the manual into `{}`: {e}", folder.display()))?),
            None => {
                let mut out = Vec::new();
                clap_mangen::Man::new(command()).render(&mut out)?;
                print(&String::from_utf8_lossy(&out))
            }
        }
    }
}
