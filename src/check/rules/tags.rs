//! Rules on the tags of all notes: tags of a single note, and two spellings of the same tag.

use super::{Check, Context, Rule, fields};
use crate::base::index::Tag;
use crate::base::site::Site;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::slug::{nearest, slug};
use crate::text::source::{FileId, Span};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The rule `lone-tag`.
pub(super) const LONE_TAG: Rule = Rule {
    id: "lone-tag",
    severity: Severity::Off,
    summary: "a tag that only one note has",
    explanation: include_str!("lone-tag.md"),
    checks: &[Check::Base(check)],
};

/// The rule `twin-tags`.
pub(super) const TWIN_TAGS: Rule = Rule {
    id: "twin-tags",
    severity: Severity::Warning,
    summary: "two tags that differ only in singular and plural or in separators",
    explanation: include_str!("twin-tags.md"),
    checks: &[Check::Base(twins)],
};

fn twins(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut groups: BTreeMap<String, Vec<&Tag>> = BTreeMap::new();
    for (slug, tag) in &site.index.tags {
        groups.entry(twin_key(slug)).or_default().push(tag);
    }
    let mut tags = TagsOfNotes::default();
    for mut spellings in groups.into_values().filter(|group| group.len() > 1) {
        spellings.sort_by_key(|tag| (Reverse(tag.notes.len()), &tag.name));
        let kept = spellings[0];
        for tag in &spellings[1..] {
            let mut places: Vec<(FileId, Span)> = tag
                .notes
                .iter()
                .map(|&note| (site.note(note).file, tags.place(site, note, &slug(&tag.name))))
                .collect();
            places.sort_unstable();
            let count = |tag: &Tag| match tag.notes.len() {
                1 => "1 note".to_string(),
                n => format!("{n} notes"),
            };
            let message = format!(
                "the tags `{}` ({}) and `{}` ({}) differ only in spelling",
                tag.name,
                count(tag),
                kept.name,
                count(kept)
            );
            let help = format!("write `{}` in all of them", kept.name);
            let (file, span) = places[0];
            let found = Diagnostic::new(TWIN_TAGS.id, file, span, message, help);
            out.push(found.related_all(&places[1..], |&(file, span)| (file, span, format!("`{}` here too", tag.name))));
        }
    }
}

/// The form in which twins are equal: the words of a slug in the singular, without separators. A separator between two digits
/// stays, because `1-2` is not `12`.
fn twin_key(slug: &str) -> String {
    let mut key = String::with_capacity(slug.len());
    for word in slug.split('-').map(singular) {
        if key.ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_digit()) {
            key.push('-');
        }
        key.push_str(&word);
    }
    key
}

/// The form that an English word and its plural share: `query` for `queries`, `index` for `indexes`, `cach` for `cache` and
/// `caches`. Short words and those whose rest has no vowel are no plurals: `dns`, `https`.
fn singular(word: &str) -> Cow<'_, str> {
    let is_word = |stem: &str| stem.chars().count() > 2 && stem.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| is_word(stem)) {
        return format!("{stem}y").into();
    }
    let is_plural = |stem: &&str| is_word(stem) && !stem.ends_with(['s', 'u', 'i']);
    let word = word.strip_suffix('s').filter(is_plural).unwrap_or(word);
    // `caches` is the plural of `cache`, `matches` of `match`: the `e` after a hiss tells nothing.
    let hisses = |stem: &&str| is_word(stem) && ["ch", "sh", "ss", "x", "z"].iter().any(|end| stem.ends_with(end));
    word.strip_suffix('e').filter(hisses).unwrap_or(word).into()
}

/// The tags of notes by slug, each note read once.
#[derive(Default)]
struct TagsOfNotes<'a>(FxHashMap<NoteId, FxHashMap<String, &'a str>>);

impl<'a> TagsOfNotes<'a> {
    /// The tags of a note as written, by slug.
    fn of(&mut self, site: &'a Site, note: NoteId) -> &FxHashMap<String, &'a str> {
        self.0.entry(note).or_insert_with(|| {
            let tags = site.note(note).head.tags.iter().rev();
            tags.map(|tag| (slug(tag), tag.as_str())).collect()
        })
    }

    /// The location of the tag with this slug in a note.
    fn place(&mut self, site: &'a Site, note: NoteId, tag: &str) -> Span {
        let written = self.of(site, note).get(tag).copied();
        fields::item_place(site, note, "tags", written.unwrap_or(tag))
    }
}

fn check(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let shared: Vec<(String, &str)> = site
        .index
        .tags
        .values()
        .filter(|tag| tag.notes.len() > 1)
        .map(|tag| (slug(&tag.name), tag.name.as_str()))
        .collect();
    let mut tags = TagsOfNotes::default();
    for (key, tag) in site.index.tags.iter().filter(|(_, t)| t.notes.len() == 1) {
        let note = tag.notes[0];
        let own = tags.of(site, note);
        // A tag that the note already has is no suggestion.
        let free = shared.iter().filter(|(slug, _)| !own.contains_key(slug)).map(|(_, name)| *name);
        let help = match nearest(&tag.name, free) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use it on another note, or remove it".into(),
        };
        let span = tags.place(site, note, key);
        let message = format!("only this note has the tag `{}`", tag.name);
        out.push(Diagnostic::new(LONE_TAG.id, site.note(note).file, span, message, help));
    }
}

#[cfg(test)]
mod tests {
    use super::twin_key;

    #[test]
    fn twins_differ_in_number_or_separators_only() {
        for (a, b, twins) in [
            ("stream", "streams", true),
            ("pub-sub", "pubsub", true),
            ("query", "queries", true),
            ("query-planning", "queries-planning", true),
            ("index", "indexes", true),
            ("cache", "caches", true),
            ("hash", "hashes", true),
            ("match", "matches", true),
            ("class", "classes", true),
            ("http", "https", false),
            ("dn", "dns", false),
            ("clas", "class", false),
            ("statu", "status", false),
            ("c", "cs", false),
            ("v1-2", "v12", false),
            ("web-2", "web2", true),
            ("c-plus-plus", "c", false),
        ] {
            assert_eq!(twin_key(a) == twin_key(b), twins, "{a} {b}");
        }
    }
}
