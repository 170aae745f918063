//! `output-collision`: two sources that would be written to one path.

use super::{Rule, Scope, fields};
use crate::diagnostic::{Diagnostic, Severity};
use crate::route::{Claimant, redirect_path};
use crate::site::Site;
use crate::source::{FileId, Span};
use crate::vault::WHOLE;

/// The rule.
pub const OUTPUT_COLLISION: Rule = Rule {
    id: "output-collision",
    severity: Severity::Error,
    summary: "two sources that would be written to one output path",
    explanation: include_str!("output-collision.md"),
    scope: Scope::Base(check),
};

fn check(site: &Site, out: &mut Vec<Diagnostic>) {
    for collision in &site.routes.collisions {
        let (Some((file, span)), first) =
            (place(site, collision.second, &collision.path), place(site, collision.first, &collision.path))
        else {
            continue;
        };
        let message = match collision.first {
            Claimant::Generated => format!("`{}` is a page that canon writes itself", collision.path),
            other => format!("`{}` is also the page of {}", collision.path, named(site, other)),
        };
        let help = match collision.second {
            Claimant::Redirect(_) => "remove this old address, or write another one",
            Claimant::Asset(_) => "rename the file",
            _ => "rename the note; until then it is written beside it under another name",
        };
        let mut found = Diagnostic::new(OUTPUT_COLLISION.id, file, span, message, help);
        if let Some((file, span)) = first {
            found = found.related(file, span, "has the path first");
        }
        out.push(found);
    }
}

/// Where a claim to a path comes from.
fn place(site: &Site, claimant: Claimant, path: &str) -> Option<(FileId, Span)> {
    match claimant {
        Claimant::Generated => None,
        Claimant::Note(note) => Some(site.title_place(note)),
        Claimant::Asset(file) => Some((FileId(file), WHOLE)),
        Claimant::Redirect(note) => {
            let own = site.note(note);
            let item = own.head.redirect_from.iter().position(|a| redirect_path(a).as_deref() == Some(path));
            let span = match item {
                Some(item) => fields::item_place(site, note, "redirect_from", item),
                None => site.field_place(note, "aliases"),
            };
            Some((own.file, span))
        }
    }
}

fn named(site: &Site, claimant: Claimant) -> String {
    match claimant {
        Claimant::Generated => "canon".into(),
        Claimant::Note(note) => format!("`{}.md`", site.note(note).stem),
        Claimant::Asset(file) => format!("`{}`", site.vault.file(FileId(file)).path),
        Claimant::Redirect(note) => format!("an old address of `{}.md`", site.note(note).stem),
    }
}
