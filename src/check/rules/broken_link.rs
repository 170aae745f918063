//! `broken-link`: links with a missing target, with a suggestion of the intended note.

use super::foreign_syntax::ReversedLinks;
use super::paths::{MANY_LINKS, links, sharing, written};
use super::suggest::{Catalog, SUGGESTED, did_you_mean};
use super::{Check, Context, Rule};
use crate::base::graph::{Fault, Resolved, Target, has_anchor};
use crate::base::site::Site;
use crate::note::markdown::{Link, LinkSyntax};
use crate::note::{bare_name, file_name, without_extension};
use crate::text::diagnostic::{Applicability, Diagnostic, Severity};
use crate::text::ids::NoteId;

/// The rule `broken-link`.
pub(super) const BROKEN_LINK: Rule = Rule {
    id: "broken-link",
    severity: Severity::Error,
    summary: "a link to a file or note that does not exist",
    explanation: include_str!("broken-link.md"),
    checks: &[Check::Base(check)],
};

fn check(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut catalog = None;
    let reversed = ReversedLinks::new(site);
    for (note, own) in site.all() {
        let first = own.alias_link();
        for ((i, link), resolved) in own.doc.links.iter_enumerated().zip(&site.graph.links[note]) {
            let Target::Broken(Fault::Missing(wanted)) = &resolved.target else { continue };
            // Reported by `missing-asset`, `broken-embed`, `broken-alias` and `unsafe-scheme`.
            let other_rule = link.form.is_media()
                || link.form == LinkSyntax::Embed
                || Some(i) == first
                || reversed.is_one(link, resolved)
                || super::link_faults::unsafe_scheme(link, resolved).is_some();
            if !other_rule {
                let catalog = catalog.get_or_insert_with(|| Catalog::new(site));
                out.push(report(site, catalog, note, link, wanted));
            }
        }
    }
}

fn report(site: &Site, catalog: &Catalog<'_>, note: NoteId, link: &Link, wanted: &str) -> Diagnostic {
    let pageless = link.form != LinkSyntax::Wiki && is_pageless_folder(site, wanted);
    let (help, only) = remedy(catalog, note, link, wanted);
    let (message, help) = match pageless {
        true => (
            format!("the folder `{wanted}` has no page: it holds no note"),
            "link to a file in it, or write its landing page, `_index.md`".to_string(),
        ),
        false => (missing(link.form, wanted), help),
    };
    let found = Diagnostic::new(BROKEN_LINK.id, site.note(note).file, link.dest_span, message, help);
    let place = written(site, note, link).filter(|_| link.form != LinkSyntax::Wiki);
    let Some(((span, old), (target, applicability))) = place.zip(only) else {
        return found.cause(format!("no {wanted}"));
    };
    let new = catalog.destination(note, target, old);
    // A moved folder breaks all of its links in the same way. The shared cause shows them as one finding.
    let lacks_folder = new == format!("../{old}");
    let cause = match lacks_folder {
        true if link.form == LinkSyntax::Field => format!("`{}` lacks one `../`", link.text),
        true => "the path lacks one `../`".to_string(),
        false => format!("no {wanted}"),
    };
    let mut found = found.cause(cause);
    if lacks_folder {
        // The same words for all links with this cause, so that the report shows them once.
        found.help = "write one more `../` at the start of the path".into();
    }
    let stays = |(link, resolved): (&Link, &Resolved)| stays_clean(site, note, link, resolved, target, wanted);
    // Checking a repair reads all links of its note, which takes quadratic time in a note with many broken links.
    match site.note(note).doc.links.len() <= MANY_LINKS && sharing(site, note, link).into_iter().all(stays) {
        true => found.repair(applicability, format!("link to `{new}`"), span, new),
        false => found,
    }
}

/// Whether a path is a folder with assets but without notes.
fn is_pageless_folder(site: &Site, wanted: &str) -> bool {
    let folder = wanted.trim_end_matches('/');
    let is_inside = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    !file_name(folder).contains('.') && site.vault.assets().any(|(_, file)| is_inside(&file.path))
}

/// The message about a missing target.
pub(super) fn missing(form: LinkSyntax, wanted: &str) -> String {
    match form {
        LinkSyntax::Wiki | LinkSyntax::Embed => format!("there is no note named `{wanted}`"),
        _ if wanted.ends_with('/') => format!("there is no folder `{wanted}`"),
        _ => format!("there is no file `{wanted}`"),
    }
}

/// The help, and the target if there is a clear one: exactly one note has the file name, or, as a guess, the title.
pub(super) fn remedy(
    catalog: &Catalog<'_>,
    note: NoteId,
    link: &Link,
    wanted: &str,
) -> (String, Option<(NoteId, Applicability)>) {
    let wiki = matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed);
    let old = link.dest.split(['#', '?']).next().unwrap_or("");
    let by_file = if wiki { &[] } else { catalog.same_file_name(wanted) };
    if !by_file.is_empty() {
        let options: Vec<String> = by_file.iter().take(SUGGESTED).map(|&n| catalog.destination(note, n, old)).collect();
        return (did_you_mean(&options), Some((by_file[0], Applicability::Safe)).filter(|_| by_file.len() == 1));
    }
    let name = if wiki { without_extension(wanted) } else { bare_name(wanted) };
    let by_title = [name, link.text.as_str()].into_iter().map(|n| catalog.named(n)).find(|notes| !notes.is_empty());
    let only = by_title.filter(|notes| notes.len() == 1).map(|notes| (notes[0], Applicability::Suggestion));
    match by_title.map(|notes| notes[0]).or_else(|| catalog.nearest(name)) {
        Some(near) if wiki => (did_you_mean(&[catalog.title(near)]), None),
        Some(near) => (did_you_mean(&[catalog.destination(note, near, old)]), only),
        None => ("write the note, correct the link, or mark it as planned: `(TODO)` before it".into(), None),
    }
}

/// Whether the repaired link would cause no new finding: its fragment exists, the target is not the note itself, and
/// the list of the link does not contain the target already.
fn stays_clean(site: &Site, note: NoteId, link: &Link, resolved: &Resolved, target: NoteId, wanted: &str) -> bool {
    let anchored = resolved.fragment.is_empty() || has_anchor(site.note(target), &resolved.fragment);
    let in_list = site.note(note).doc.sections_at(link.heading).any(|s| s.is_links());
    let twin = |(other, r): (&Link, &Resolved)| {
        other.heading == link.heading
            && other.span != link.span
            && (r.target == Target::Note(target)
                || matches!(&r.target, Target::Broken(Fault::Missing(w)) if file_name(w) == file_name(wanted)))
    };
    anchored && target != note && !(in_list && links(site, note).any(twin))
}
