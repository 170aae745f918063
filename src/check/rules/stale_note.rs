//! `stale-note`: notes that have not been revised for longer than their importance allows.

use super::{Check, Context, Rule};
use crate::text::diagnostic::{Diagnostic, Severity};

/// The rule `stale-note`.
pub(super) const STALE_NOTE: Rule = Rule {
    id: "stale-note",
    severity: Severity::Off,
    summary: "a note that was not revised for longer than its importance allows",
    explanation: include_str!("stale-note.md"),
    checks: &[Check::Base(check)],
};

fn check(&Context { site, today, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(today) = today else { return };
    let days = &site.config.check.stale_days;
    for (index, note) in site.concepts() {
        let Some(updated) = note.head.updated else { continue };
        let limit = match note.head.importance.unwrap_or(0) {
            80.. => days.high,
            50.. => days.medium,
            _ => days.low,
        };
        let age = today.duration_since(updated).as_hours() / 24;
        if age > i64::from(limit) {
            let message = format!("last revised {age} days ago; the limit for its importance is {limit} days");
            let span = site.field_place(index, "updated_at");
            let help = "read it again, correct it, and set `updated_at`";
            out.push(Diagnostic::new(STALE_NOTE.id, note.file, span, message, help));
        }
    }
}
