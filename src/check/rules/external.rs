//! `broken-external-link`: external URLs that do not exist. Sends no requests itself.

use super::paths::links;
use super::{Check, Context, Rule};
use crate::base::graph::Target;
use crate::check::external::Outcome;
use crate::text::diagnostic::{Diagnostic, Severity};

/// The rule `broken-external-link`.
pub(super) const BROKEN_EXTERNAL_LINK: Rule = Rule {
    id: "broken-external-link",
    severity: Severity::Error,
    summary: "an external link that is broken (only with `--external`)",
    explanation: include_str!("broken-external-link.md"),
    checks: &[Check::Base(check)],
};

fn check(&Context { site, answers, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(answers) = answers else { return };
    for (note, own) in site.all() {
        for (link, resolved) in links(site, note) {
            let Target::External(address) = &resolved.target else { continue };
            let Some(answer) = answers.get(address).filter(|a| a.outcome == Outcome::Broken) else { continue };
            let message = format!("`{address}` is broken: {}", answer.detail);
            let help = match &answer.redirect {
                Some(redirect) => format!("it redirected to `{}`; link to its replacement", redirect.to),
                None => "link to its replacement, or to an archived copy".into(),
            };
            let found = Diagnostic::new(BROKEN_EXTERNAL_LINK.id, own.file, link.dest_span, message, help);
            out.push(found.cause(address.clone()));
        }
    }
}
