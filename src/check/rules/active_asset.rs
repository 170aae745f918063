//! `active-asset`: published files that would run scripts on the origin of the site when a reader opens them.

use super::{Check, Context, Rule};
use crate::base::graph::Target;
use crate::base::site::Site;
use crate::base::vault::WHOLE;
use crate::note::file_name;
use crate::note::sanitize::{ActiveKind, active_parts};
use crate::system::disk::is_of_machine;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::source::FileId;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// The rule `active-asset`.
pub(super) const ACTIVE_ASSET: Rule = Rule {
    id: "active-asset",
    severity: Severity::Warning,
    summary: "a published SVG, HTML or XML file that runs scripts or loads from other sites",
    explanation: include_str!("active-asset.md"),
    checks: &[Check::Base(check)],
};

/// The maximum size of a checked file in bytes. Not every browser displays images of this size.
const LARGEST: u64 = 32 * 1024 * 1024;
/// The maximum number of parts to name in a message.
const NAMED: usize = 4;

fn check(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    // Only files that a note links to are published.
    let linked: BTreeSet<FileId> = site
        .graph
        .links
        .iter()
        .flatten()
        .filter_map(|resolved| if let Target::Asset(file) = resolved.target { Some(file) } else { None })
        .collect();
    let found: Vec<Diagnostic> = linked.into_par_iter().filter_map(|file| finding(site, file)).collect();
    out.extend(found);
}

/// The finding for one asset. `None` if the file is of a harmless type, is unreadable, or has no active parts.
fn finding(site: &Site, file: FileId) -> Option<Diagnostic> {
    let path = &site.vault.file(file).path;
    let kind = ActiveKind::of(path)?;
    let name = file_name(path);
    let message = match site.vault.asset_bytes(file, LARGEST) {
        Err(error) if is_of_machine(&error) => format!("`{name}` cannot be checked for scripts: {error}"),
        // A fault of the file itself, like a missing permission, is reported by the rules on files.
        Err(_) => return None,
        Ok(None) => format!("`{name}` is too large to be checked for scripts"),
        Ok(Some(bytes)) => {
            let parts = active_parts(&bytes, kind);
            let more = match parts.len().checked_sub(NAMED).filter(|count| *count > 0) {
                Some(count) => format!(" and {count} more"),
                None => String::new(),
            };
            if parts.is_empty() {
                return None;
            }
            format!(
                "`{name}` has content that is active in a reader's browser: {}{more}",
                parts[..parts.len().min(NAMED)].join(", ")
            )
        }
    };
    let help = "remove these parts, or configure the web server to forbid scripts in such files (see `canon explain active-asset`)";
    Some(Diagnostic::new(ACTIVE_ASSET.id, file, WHOLE, message, help))
}
