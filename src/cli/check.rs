//! `canon check`: the findings.

use super::place::Place;
use super::{Global, Outcome};
use crate::pipeline::{Keep, analyze};
use crate::rules;
use std::path::PathBuf;

/// Report what is wrong with the notes; nothing is written
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
}

impl Check {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let place = Place::find(&self.root, global)?;
        let own = place.own()?;
        let vault = place.vault()?;
        let analysis = analyze(place.config.clone(), vault, own.static_files.clone(), false, Keep::Findings);
        let findings = rules::run(&analysis.site, Some(super::today()));
        for d in &findings.diagnostics {
            let file = analysis.site.vault.file(d.file);
            let at = file.lines().position(d.span.start);
            println!("{}:{}:{} {} {}", file.path, at.line, at.column, d.rule, d.message);
        }
        Ok(())
    }
}
