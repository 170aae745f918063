//! Rules on alias notes and aliases: missing targets, alias notes with content of their own, colliding names.

use super::suggest::Catalog;
use super::{Check, Context, Rule, broken_link, fields};
use crate::base::graph::{Fault, Target};
use crate::base::site::Site;
use crate::note::{Kind, file_name};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::packed::StringMap;
use crate::text::slug::name_key;
use crate::text::source::{FileId, Span};
use smallvec::SmallVec;

/// The rule `broken-alias`.
pub(super) const BROKEN_ALIAS: Rule = Rule {
    id: "broken-alias",
    severity: Severity::Error,
    summary: "an alias note whose target, its first link, is missing",
    explanation: include_str!("broken-alias.md"),
    checks: &[Check::Base(broken)],
};

/// The rule `long-alias`.
pub(super) const LONG_ALIAS: Rule = Rule {
    id: "long-alias",
    severity: Severity::Warning,
    summary: "an alias note with several links or an explanation of its own",
    explanation: include_str!("long-alias.md"),
    checks: &[Check::Note(long)],
};

/// The rule `alias-collision`.
pub(super) const ALIAS_COLLISION: Rule = Rule {
    id: "alias-collision",
    severity: Severity::Error,
    summary: "an alias that is another note's id, title or alias",
    explanation: include_str!("alias-collision.md"),
    checks: &[Check::Base(collisions)],
};

/// The maximum number of words of an alias note.
const WORDS: u32 = 60;

fn broken(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut catalog = None;
    for (note, alias) in site.all() {
        // A file in `_aliases` without any link is a page, not an alias note, although its author meant one.
        let lost =
            alias.kind == Kind::Page && !alias.head.fence.present && !alias.listed_page && in_aliases(&alias.stem);
        if lost && !alias.is_failed() && !site.vault.is_unreadable(alias.file) {
            let (file, span) = site.title_place(note);
            out.push(Diagnostic::new(
                BROKEN_ALIAS.id,
                file,
                span,
                "this alias note does not link to a note",
                "link to the note that this file is an alias of",
            ));
        }
        let Some(first) = alias.alias_link() else { continue };
        let link = &alias.doc.links[first];
        let report =
            |message: String, help: String| Diagnostic::new(BROKEN_ALIAS.id, alias.file, link.dest_span, message, help);
        let resolved = &site.graph.links[note][first];
        match &resolved.target {
            Target::Broken(Fault::Missing(wanted)) => {
                let catalog = catalog.get_or_insert_with(|| Catalog::new(site));
                let (help, _) = broken_link::remedy(catalog, note, link, wanted);
                out.push(report(broken_link::missing(link.form, wanted), help));
            }
            Target::Note(target) if resolved.through.is_some() || site.note(*target).kind == Kind::Alias => {
                let other = resolved.through.unwrap_or(*target);
                let message = match other == note {
                    true => "this alias note links to itself".to_string(),
                    false => format!("this alias note links to another alias note, `{}.md`", site.note(other).stem),
                };
                out.push(report(message, "link to the canonical note itself".into()));
            }
            Target::Asset(_) | Target::Static(_) | Target::Page(_) | Target::External(_) => out.push(report(
                "this alias note does not link to a note".into(),
                "put the link to the canonical note first".into(),
            )),
            _ => {}
        }
    }
}

/// Whether a path is in a folder of alias notes.
pub(super) fn in_aliases(stem: &str) -> bool {
    stem.split('/').rev().skip(1).any(|part| part == "_aliases")
}

fn long(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let alias = site.note(note);
    if alias.kind != Kind::Alias {
        return;
    }
    let (file, title) = site.title_place(note);
    let mut others = alias.doc.links.iter().filter(|l| !l.form.is_media()).skip(1);
    let found = match others.next() {
        Some(second) => (second.span, format!("an alias note with {} links", 2 + others.count())),
        None if alias.words > WORDS => (title, format!("an alias note with {} words", alias.words)),
        None => return,
    };
    let help = "keep the one link to the canonical note, and move the rest there";
    out.push(Diagnostic::new(LONG_ALIAS.id, file, found.0, found.1, help));
}

/// For each folded name, the notes with that name and whether it is the title, an alias or the id.
type Holders = StringMap<SmallVec<[(NoteId, &'static str); 2]>>;

fn collisions(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut holders = Holders::default();
    for (index, note) in site.concepts() {
        let mut add = |name: &str, what| {
            let of_name = holders.or_default(&name_key(name));
            // Notes are added in order, so an entry of the same note can only be the last one.
            if of_name.last().is_none_or(|(n, _)| *n != index) {
                of_name.push((index, what));
            }
        };
        note.head.aliases.iter().for_each(|alias| add(alias, "alias"));
        add(&note.title, "title");
        note.head.id.iter().for_each(|id| add(id, "id"));
    }
    for (index, note) in site.concepts() {
        for alias in &note.head.aliases {
            let Some((other, what)) = other_holder(&holders, alias, index) else { continue };
            // The map records the first role of a name; an equal id is the more precise one.
            let what = if site.note(other).head.id.as_ref() == Some(alias) { "id" } else { what };
            let message = format!("the alias `{alias}` is also the {what} of `{}.md`", site.note(other).stem);
            let (file, span) = name_place(site, other, alias, what);
            let place = fields::item_place(site, index, "aliases", alias);
            let help = "a name belongs to one note: remove the alias here, or merge the two notes";
            let found = Diagnostic::new(ALIAS_COLLISION.id, note.file, place, message, help);
            out.push(found.related(file, span, format!("has `{alias}` as its {what}")));
        }
    }
    alias_notes(site, &holders, out);
}

/// A note other than `own` with this name.
fn other_holder(holders: &Holders, name: &str, own: NoteId) -> Option<(NoteId, &'static str)> {
    holders.get(&name_key(name))?.iter().copied().find(|(n, _)| *n != own)
}

/// The span where a note declares a name as its id, title or alias.
fn name_place(site: &Site, note: NoteId, name: &str, what: &str) -> (FileId, Span) {
    let (head, file) = (&site.note(note).head, site.note(note).file);
    let alias = head.aliases.iter().find(|alias| name_key(alias) == name_key(name));
    match (what, alias) {
        ("alias", Some(alias)) => (file, fields::item_place(site, note, "aliases", alias)),
        ("id", _) => (file, site.field_place(note, "id")),
        _ => site.title_place(note),
    }
}

/// Reports alias notes whose file name is the name of a note that is not their target.
fn alias_notes(site: &Site, holders: &Holders, out: &mut Vec<Diagnostic>) {
    for (index, note) in site.all().filter(|(_, n)| n.kind == Kind::Alias) {
        let Some(first) = note.alias_link() else { continue };
        let (link, resolved) = (&note.doc.links[first], site.graph.resolved(index, first));
        let Target::Note(target) = resolved.target else { continue };
        let name = file_name(&note.stem);
        let Some(holder) = holders.get(&name_key(name)).filter(|h| h.iter().all(|(n, _)| *n != target)) else {
            continue;
        };
        let (other, what) = holder[0];
        let (file, span) = name_place(site, other, name, what);
        let message = format!(
            "`{name}` is the {what} of `{}.md`, but this alias note links to a different note",
            site.note(other).stem
        );
        out.push(
            Diagnostic::new(
                ALIAS_COLLISION.id,
                note.file,
                link.dest_span,
                message,
                "link to that note, or rename the alias note",
            )
            .related(file, span, format!("has `{name}` as its {what}")),
        );
    }
}
