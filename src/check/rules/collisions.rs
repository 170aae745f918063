//! `output-collision`: two sources with the same output path.

use super::{Check, Context, Rule, fields};
use crate::base::routes::{Collision, RouteOwner, redirect_path};
use crate::base::site::Site;
use crate::base::vault::WHOLE;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::Id;
use crate::text::source::{FileId, Span};

/// The rule `output-collision`.
pub(super) const OUTPUT_COLLISION: Rule = Rule {
    id: "output-collision",
    severity: Severity::Error,
    summary: "two sources that would be written to one output path",
    explanation: include_str!("output-collision.md"),
    checks: &[Check::Base(check)],
};

fn check(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for collision in &site.routes.collisions {
        let first = place(site, collision.first, &collision.path);
        if let RouteOwner::Static(_) = collision.second {
            out.extend(of_static_file(site, collision, first));
            continue;
        }
        let Some((file, span)) = place(site, collision.second, &collision.path) else { continue };
        let message = match collision.first {
            RouteOwner::Generated => format!("`{}` is the path of a page that canon generates", collision.path),
            other => format!("`{}` is also the page of {}", collision.path, named(site, other)),
        };
        let help = match collision.second {
            RouteOwner::Redirect(_) => "remove this old address, or write another one",
            RouteOwner::Asset(_) => "rename the file",
            _ => "rename the note; until then its page has a different path",
        };
        let mut found = Diagnostic::new(OUTPUT_COLLISION.id, file, span, message, help);
        if let Some((file, span)) = first {
            found = found.related(file, span, "has the path first");
        }
        out.push(found);
    }
}

/// The finding for a static file whose path is taken. A static file has no source file in the content, so the finding
/// is located at the owner of the path, else at the page that introduces the path, else at the first file.
fn of_static_file(site: &Site, collision: &Collision, first: Option<(FileId, Span)>) -> Option<Diagnostic> {
    let own = named(site, collision.second);
    let (message, help) = match collision.first {
        RouteOwner::Generated => (
            format!("{own} has the path of a page that canon generates: `{}`", collision.path),
            "rename it; it is not published",
        ),
        RouteOwner::Asset(_) => (
            format!("{own} and {} have the same path in the site", named(site, collision.first)),
            "rename one of the two; until then the file in the static folder is published",
        ),
        RouteOwner::Static(_) => (
            format!("{own} and {} differ only in letter case", named(site, collision.first)),
            "rename one of the two; many file systems can store only one of them",
        ),
        RouteOwner::Markdown(_) => (
            format!("{own} has the path of the published Markdown of {}", named(site, collision.first)),
            "rename it; it is not published",
        ),
        _ => (
            format!("{own} has the path of the page of {}", named(site, collision.first)),
            "rename it; it is not published",
        ),
    };
    let introduction = site.routes.introductions.get(&crate::text::paths::path_key(&collision.path));
    let landing = || site.index.folders.get(crate::note::folder_of(&collision.path))?.landing;
    let near = || introduction.copied().or_else(landing).map(|note| site.title_place(note));
    let any = || (!site.vault.files.is_empty()).then_some((FileId::FIRST, WHOLE));
    let (file, span) = first.or_else(near).or_else(any)?;
    Some(Diagnostic::new(OUTPUT_COLLISION.id, file, span, message, help))
}

/// The location of the source that claims a path. `None` for generated pages and static files.
fn place(site: &Site, claimant: RouteOwner, path: &str) -> Option<(FileId, Span)> {
    match claimant {
        RouteOwner::Generated | RouteOwner::Static(_) => None,
        RouteOwner::Note(note) | RouteOwner::Markdown(note) => Some(site.title_place(note)),
        RouteOwner::Asset(file) => Some((file, WHOLE)),
        RouteOwner::Redirect(note) => {
            let own = site.note(note);
            // A redirect without an entry in `redirect_from` belongs to an alias.
            let item = own.head.redirect_from.iter().find(|a| redirect_path(a).as_deref() == Some(path));
            let span = match item {
                Some(item) => fields::item_place(site, note, "redirect_from", item),
                None => site.field_place(note, "aliases"),
            };
            Some((own.file, span))
        }
    }
}

/// A description of the source that claims a path.
fn named(site: &Site, claimant: RouteOwner) -> String {
    match claimant {
        RouteOwner::Generated => "canon".into(),
        RouteOwner::Note(note) | RouteOwner::Markdown(note) => format!("`{}.md`", site.note(note).stem),
        RouteOwner::Asset(file) => format!("`{}`", site.vault.file(file).path),
        RouteOwner::Static(file) => {
            let folder = site.config.static_folder.trim_end_matches('/');
            format!("`{folder}/{}`", site.static_files.get(file.index()).map_or("", String::as_str))
        }
        RouteOwner::Redirect(note) => format!("an old address of `{}.md`", site.note(note).stem),
    }
}
