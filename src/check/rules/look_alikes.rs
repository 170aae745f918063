//! `confusable-name`: different titles or tags that look the same, by the skeletons of Unicode Technical Standard 39.

use super::{Check, Context, Rule, fields};
use crate::base::site::Site;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::slug::name_key;
use std::collections::BTreeMap;
use unicode_security::confusable_detection::skeleton;

/// The rule `confusable-name`.
pub(super) const CONFUSABLE_NAME: Rule = Rule {
    id: "confusable-name",
    severity: Severity::Warning,
    summary: "two different titles or tags that look alike",
    explanation: include_str!("confusable-name.md"),
    checks: &[Check::Base(check)],
};

/// A name, its note, and the index of the tag (`None` for a title).
type Name<'a> = (&'a str, NoteId, Option<usize>);

fn check(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let titles: Vec<Name<'_>> = site.concepts().map(|(i, n)| (n.title.as_str(), i, None)).collect();
    report(site, "title", &titles, out);
    let mut tags: Vec<Name<'_>> = Vec::new();
    for (index, note) in site.concepts() {
        tags.extend(note.head.tags.iter().enumerate().map(|(t, tag)| (tag.as_str(), index, Some(t))));
    }
    report(site, "tag", &tags, out);
}

/// Compares only names with non-ASCII characters: the Unicode table considers `modem` and `modern` confusable, which a
/// reader does not.
fn report(site: &Site, what: &str, names: &[Name<'_>], out: &mut Vec<Diagnostic>) {
    if names.iter().all(|(name, ..)| name.is_ascii()) {
        return;
    }
    let mut first: BTreeMap<String, Vec<Name<'_>>> = BTreeMap::new();
    for &name in names {
        let of_skeleton = first.entry(skeleton(&name.0.to_lowercase()).collect()).or_default();
        let twin = of_skeleton
            .iter()
            .find(|(other, ..)| name_key(other) != name_key(name.0) && !(other.is_ascii() && name.0.is_ascii()));
        if let Some(&(other, holder, item)) = twin {
            let message =
                format!("the {what} `{}` looks like `{other}` but differs: {}", name.0, difference(name.0, other));
            let place = |note, item: Option<usize>| match item {
                Some(item) => fields::item_place(site, note, "tags", &site.note(note).head.tags[item]),
                None => site.title_place(note).1,
            };
            let found = Diagnostic::new(
                CONFUSABLE_NAME.id,
                site.note(name.1).file,
                place(name.1, name.2),
                message,
                "type it again with the letters of its own script",
            );
            out.push(found.related(site.note(holder).file, place(holder, item), "looks like this"));
        // Each spelling once: a tag of 1,000 notes must not make the search quadratic.
        } else if !of_skeleton.iter().any(|(other, ..)| other == &name.0) {
            of_skeleton.push(name);
        }
    }
}

/// The first pair of different characters of two names, as code points.
fn difference(a: &str, b: &str) -> String {
    let pair = a.chars().zip(b.chars()).find(|(x, y)| x.to_lowercase().ne(y.to_lowercase()));
    pair.map_or("their lengths differ".into(), |(x, y)| {
        format!("U+{:04X} where the other has U+{:04X}", x as u32, y as u32)
    })
}
