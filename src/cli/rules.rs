//! `canon rules`: lists the rules, a line for each.

use super::{Outcome, TextOrJson, print};
use crate::check::rules::{RULES, repair_of, repairs_of};
use crate::text::diagnostic::Applicability;
use serde::Serialize;
use std::fmt::Write;

/// List the rules of `canon check`: id, default severity, summary; `(fix)` if `--fix` repairs the findings,
/// `(suggest)` if `--fix-suggestions` does
#[derive(Debug, clap::Args)]
pub(super) struct Rules {
    /// The format of the list
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: TextOrJson,
}

/// The list for programs.
#[derive(Serialize)]
struct Document {
    version: u32,
    rules: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: &'static str,
    severity: &'static str,
    summary: &'static str,
    /// `safe` or `suggestion`; omitted if the rule has no repair.
    #[serde(skip_serializing_if = "Option::is_none")]
    applicability: Option<&'static str>,
    /// Markdown with examples.
    explanation: &'static str,
}

impl Rules {
    pub(super) fn run(&self) -> Outcome {
        print(&match self.format {
            TextOrJson::Human => human(),
            TextOrJson::Json => format!("{}\n", serde_json::to_string_pretty(&document())?),
        })
    }
}

fn human() -> String {
    let width = RULES.iter().map(|r| r.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in RULES {
        let repair: String = repairs_of(rule.id).map(|kind| format!(" ({})", kind.mark())).collect();
        let _ = writeln!(out, "{:width$}  {:7}  {}{repair}", rule.id, rule.severity.name(), rule.summary);
    }
    out
}

fn document() -> Document {
    let rules = RULES.iter().map(|rule| Entry {
        id: rule.id,
        severity: rule.severity.name(),
        summary: rule.summary,
        applicability: repair_of(rule.id).map(Applicability::name),
        explanation: rule.explanation,
    });
    Document { version: 1, rules: rules.collect() }
}
