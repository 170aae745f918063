//! `foreign-schema`: a base whose notes do not use the built-in schema. One finding for the whole base stands for those of
//! the rules about the schema, which the runner leaves out.

use super::{Check, Context, Rule};
use crate::base::site::SchemaUse;
use crate::base::vault::WHOLE;
use crate::check::report::{plural, thousands};
use crate::text::diagnostic::{Diagnostic, Severity};

/// The rule `foreign-schema`.
pub(super) const FOREIGN_SCHEMA: Rule = Rule {
    id: "foreign-schema",
    severity: Severity::Info,
    summary: "a base whose notes do not use Canon's schema",
    explanation: include_str!("foreign-schema.md"),
    checks: &[Check::Base(check)],
};

fn check(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let SchemaUse { with_frontmatter, with_id_and_type, first_without } = site.schema_use();
    // In a base without any frontmatter, `missing-frontmatter` already names `canon init`.
    let Some(first) = first_without.filter(|_| site.has_foreign_schema()) else { return };
    let message = format!(
        "{} of {} Canon's schema; `canon init` writes one that fits",
        thousands(with_frontmatter - with_id_and_type),
        plural(with_frontmatter, "note does not use", "notes do not use"),
    );
    let help = "rules about fields, sections and file names are left out until canon.toml has a `[schema]`";
    out.push(Diagnostic::new(FOREIGN_SCHEMA.id, site.note(first).file, WHOLE, message, help).about_base());
}
