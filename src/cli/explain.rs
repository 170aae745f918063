//! `canon explain RULE`: prints the explanation of a rule, with an example of wrong and right.

use super::check::unknown_rule;
use super::rule_id::RuleIds;
use super::{Outcome, print, terminal_text};
use crate::check::rules::{Rule, repairs_of, rule};
use crate::text::diagnostic::{Applicability, Severity};

/// Explain a rule: the findings, the reason, an example of wrong and right
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The rule's id; `canon rules` lists them
    #[arg(value_parser = RuleIds, hide_possible_values = true)]
    rule: String,
}

impl Explain {
    pub(super) fn run(&self) -> Outcome {
        let Some(rule) = rule(&self.rule) else { return Err(unknown_rule(&self.rule)) };
        let text = explanation(rule);
        // In a file or a pipe the Markdown itself is more useful than its look.
        print(&match terminal_text::look() {
            Some(look) => terminal_text::render(&text, &look),
            None => text,
        })
    }
}

/// The explanation as Markdown, with the severity, the repair and the ways to silence the rule.
fn explanation(rule: &Rule) -> String {
    let id = rule.id;
    let repair = match repairs_of(id).collect::<Vec<_>>().as_slice() {
        [Applicability::Safe] => {
            "Repair: `canon check --fix` repairs what has one right repair; no repair changes what a note says."
        }
        [Applicability::Suggestion] => {
            "Repair: a suggestion. `canon check --fix-suggestions` applies it; `--fix` does not."
        }
        [] => "Repair: none; only an author can tell what is right.",
        _ => {
            "Repair: `canon check --fix` repairs what has one right repair; no repair changes what a note says. Other findings \
             have a suggestion, which only `canon check --fix-suggestions` applies."
        }
    };
    let switch = match rule.severity {
        Severity::Off => "\"info\"` switches it on",
        _ => "\"off\"` switches it off",
    };
    format!(
        "{}\n\nDefault severity: {}.\n\n{repair}\n\nSilence it:\n\n\
         - for one place: `<!-- canon-ignore {id}: reason -->` on the line before, or on the same line\n\
         - for one note: `canon_ignore: [{id}]` in its frontmatter\n\
         - everywhere: `[check.rules]` in `canon.toml`; `{id} = {switch}\n\
         - for a folder: `[[check.paths]]` in `canon.toml`, with a `glob` and `rules`\n",
        rule.explanation.trim_end(),
        rule.severity.name()
    )
}
