//! `unused-suppression`: suppressions without effect or with an unknown rule id.

use super::fields::item_place;
use super::{ActiveSuppression, Check, Context, RULES, Rule, rule};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::slug::nearest;
use crate::text::source::Span;

/// The rule `unused-suppression`.
pub(super) const UNUSED_SUPPRESSION: Rule = Rule {
    id: "unused-suppression",
    severity: Severity::Warning,
    summary: "a suppression that suppresses nothing",
    explanation: include_str!("unused-suppression.md"),
    checks: &[Check::Base(check)],
};

fn check(&Context { site, suppressions, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(suppressions) = suppressions else { return };
    for (note, own) in site.all() {
        let fault = |name: &str, excuse: ActiveSuppression| {
            let idle = || suppressions.ran.contains(&rule(name)?.id).then_some(());
            // A suppression of this rule is never reported: its use is only known after the rule has run.
            let own_kind = name == UNUSED_SUPPRESSION.id || suppressions.used.contains(&(note, excuse));
            match (rule(name), own_kind) {
                (None, _) => Some(unknown(name)),
                (Some(_), false) if idle().is_some() => {
                    let message = format!("`{name}` reports nothing here, so nothing is suppressed");
                    Some((message, "remove it".to_string()))
                }
                _ => None,
            }
        };
        let mut report = |span: Span, fault: Option<(String, String)>| {
            out.extend(fault.map(|(m, h)| Diagnostic::new(UNUSED_SUPPRESSION.id, own.file, span, m, h)));
        };
        for (i, suppression) in own.doc.suppressions.iter().enumerate() {
            report(suppression.span, fault(&suppression.rule, ActiveSuppression::Comment(i)));
        }
        for (i, name) in own.head.ignore.iter().enumerate() {
            if let Some(fault) = fault(name, ActiveSuppression::Head(i)) {
                report(item_place(site, note, "canon_ignore", name), Some(fault));
            }
        }
    }
}

fn unknown(name: &str) -> (String, String) {
    let help = match nearest(name, RULES.iter().map(|r| r.id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`canon rules` lists all rules".into(),
    };
    (format!("there is no rule `{name}`"), help)
}
