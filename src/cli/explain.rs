//! `canon explain RULE`: prints the explanation of a rule, with an example of wrong and right.

use super::check::unknown_rule;
use super::{Outcome, print};
use crate::check::rules::{repair_of, rule};
use crate::text::diagnostic::Applicability;

/// Explain a rule: the findings, the reason, an example of wrong and right
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The rule's id; `canon rules` lists them
    rule: String,
}

impl Explain {
    pub(super) fn run(&self) -> Outcome {
        let Some(rule) = rule(&self.rule) else { return Err(unknown_rule(&self.rule)) };
        let repair = match repair_of(rule.id) {
            Some(Applicability::Safe) => "Repair: `canon check --fix`.\n",
            Some(Applicability::Suggestion) => {
                "Suggestion: `canon check --fix-suggestions` applies it; `--fix` does not.\n"
            }
            None => "",
        };
        let severity = rule.severity.name();
        print(&format!("{}\n\nDefault severity: {severity}.\n{repair}", rule.explanation.trim_end()))
    }
}
