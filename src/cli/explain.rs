//! `canon explain RULE`: what a rule reports, why, and how it looks wrong and right.

use super::check::unknown_rule;
use super::{Outcome, print};
use crate::rules::rule;

/// Explain a rule: what it reports, why it matters, an example of wrong and right
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The rule's id; `canon rules` lists them
    rule: String,
}

impl Explain {
    pub(super) fn run(&self) -> Outcome {
        let Some(rule) = rule(&self.rule) else { return Err(unknown_rule(&self.rule)) };
        print(&format!("{}\n\nDefault severity: {}.\n", rule.explanation.trim_end(), rule.severity.name()));
        Ok(())
    }
}
