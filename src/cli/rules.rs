//! `canon rules`: every rule in a line.

use super::{Outcome, print};
use crate::rules::RULES;
use std::fmt::Write;

/// List the rules of `canon check`: id, default severity, what each reports
#[derive(Debug, clap::Args)]
pub struct Rules {}

impl Rules {
    pub(super) fn run(&self) -> Outcome {
        let width = RULES.iter().map(|r| r.id.len()).max().unwrap_or(0);
        let mut out = String::new();
        for rule in RULES {
            let _ = writeln!(out, "{:width$}  {:7}  {}", rule.id, rule.severity.name(), rule.summary);
        }
        print(&out);
        Ok(())
    }
}
