//! `canon rules`: lists the rules, a line for each.

use super::{Outcome, print};
use crate::check::rules::{RULES, repair_of};
use crate::text::diagnostic::Applicability;
use std::fmt::Write;

/// List the rules of `canon check`: id, default severity, summary; `(fix)` if `--fix` repairs the findings,
/// `(suggest)` if `--fix-suggestions` does
#[derive(Debug, clap::Args)]
pub(super) struct Rules {}

impl Rules {
    pub(super) fn run(&self) -> Outcome {
        let width = RULES.iter().map(|r| r.id.len()).max().unwrap_or(0);
        let mut out = String::new();
        for rule in RULES {
            let repair = match repair_of(rule.id) {
                Some(Applicability::Safe) => " (fix)",
                Some(Applicability::Suggestion) => " (suggest)",
                None => "",
            };
            let _ = writeln!(out, "{:width$}  {:7}  {}{repair}", rule.id, rule.severity.name(), rule.summary);
        }
        print(&out)
    }
}
