//! Rules on missing links: names of notes in prose, and planned notes that exist by now.

use super::link_style::LinkStyle;
use super::paths::{as_words, relative_to};
use super::suggest::Catalog;
use super::{Check, Context, Rule};
use crate::base::graph::Target;
use crate::base::mentions::{block_at, keeps_emphasis, mentions};
use crate::base::site::Site;
use crate::note::markdown::{BlockKind, LinkSyntax, Todo};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::{LinkId, NoteId};
use crate::text::source::Span;

/// The rule `unlinked-mention`.
pub(super) const UNLINKED_MENTION: Rule = Rule {
    id: "unlinked-mention",
    severity: Severity::Info,
    summary: "the title or an alias of another note, in prose, in a note that never links to it",
    explanation: include_str!("unlinked-mention.md"),
    checks: &[Check::Base(unlinked)],
};

/// The rule `fulfilled-todo`.
pub(super) const FULFILLED_TODO: Rule = Rule {
    id: "fulfilled-todo",
    severity: Severity::Info,
    summary: "a `(TODO)` whose name matches a note that now exists",
    explanation: include_str!("fulfilled-todo.md"),
    checks: &[Check::Base(fulfilled)],
};

fn unlinked(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let source = |note: NoteId| &*site.source(note).text;
    let mut style = None;
    for mention in mentions(&site.notes, &site.graph, &site.config.check.common_words, source) {
        let (own, target, span) = (site.note(mention.note), site.note(mention.target), mention.span);
        let words = site.source(mention.note).slice(span);
        let message =
            format!("“{}” is mentioned here but never linked", words.split_whitespace().collect::<Vec<_>>().join(" "));
        let style = style.get_or_insert_with(|| LinkStyle::of(site));
        let is_row = block_at(own, mention.text.start).is_some_and(|block| block.kind == BlockKind::Row);
        let link = style.link(site, (mention.note, mention.target), words, is_row);
        let help = format!("link it: `{}`", link.split_whitespace().collect::<Vec<_>>().join(" "));
        let found = Diagnostic::new("unlinked-mention", own.file, span, message, help);
        let whole = bare(words) == bare(own.doc.plain(mention.text));
        out.push(match whole && keeps_emphasis(source(mention.note), span.range()) {
            true => found.suggest(format!("link to “{}”", target.title), span, link),
            false => found,
        });
    }
}

/// The words without quote markers. Equal to the plain text unless the source contains emphasis marks, whose pairs a
/// link could separate.
fn bare(words: &str) -> String {
    words.split([' ', '\t', '\n', '>']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn fulfilled(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if site.notes.iter().all(|n| n.doc.todos.is_empty()) {
        return;
    }
    let (catalog, style) = (Catalog::new(site), LinkStyle::of(site));
    for (index, note) in site.all() {
        let text = &site.source(index).text;
        // `[[todo]]` that leads to a note of that name is no mark.
        let is_mark = |todo: &&Todo| {
            let is_name = |link: LinkId| note.doc.links[link].dest.eq_ignore_ascii_case("todo");
            !todo.link.is_some_and(|link| is_name(link) && leads_to_note(site, index, link))
        };
        for todo in note.doc.todos.iter().filter(is_mark) {
            let Some(target) = target_of(site, &catalog, index, todo).filter(|&t| t != index) else { continue };
            let title = &site.note(target).title;
            let path = relative_to(site, index, target);
            let message = format!("“{}” is planned here, and the note exists", todo.name);
            let bare = |words: &str| style.link(site, (index, target), words, false);
            let help = format!("write `{}`", bare(&as_words(title)));
            let found = Diagnostic::new("fulfilled-todo", note.file, todo.span, message, help);
            let span = mark_before(text, todo.span);
            // A link with the text `TODO` is its own marker.
            let is_own_mark = todo.link.is_some_and(|link| !leads_to_note(site, index, link));
            let span = span.or_else(|| is_own_mark.then_some(todo.span));
            // If two notes have the planned name, the author must choose.
            let is_clear =
                todo.link.is_some_and(|link| leads_to_note(site, index, link)) || catalog.named(&todo.name).len() < 2;
            out.push(match span.filter(|_| is_clear) {
                Some(span) => {
                    found.fix("make it a link", span, kept(site, index, todo, &path, || bare(&as_words(&todo.name))))
                }
                None => found,
            });
        }
    }
}

/// The link that replaces a `(TODO)`, with the existing link text.
fn kept(site: &Site, index: NoteId, todo: &Todo, path: &str, bare: impl Fn() -> String) -> String {
    let text = &site.source(index).text;
    let Some(id) = todo.link else { return bare() };
    if leads_to_note(site, index, id) {
        return text[todo.span.range()].to_string();
    }
    let link = &site.note(index).doc.links[id];
    let written = link.form == LinkSyntax::Inline && text.get(link.dest_span.range()) == Some(&link.dest);
    match written && todo.span.contains(link.dest_span) {
        true => {
            let (whole, dest) = (todo.span.range(), link.dest_span.range());
            format!("{}{path}{}", &text[whole.start..dest.start], &text[dest.end..whole.end])
        }
        false => bare(),
    }
}

/// The note that a `(TODO)` refers to: the target of its link, else a note with its name.
fn target_of(site: &Site, catalog: &Catalog<'_>, index: NoteId, todo: &Todo) -> Option<NoteId> {
    if let Some(link) = todo.link
        && let Target::Note(target) = site.graph.resolved(index, link).target
    {
        return Some(target);
    }
    catalog.named(&todo.name).first().copied()
}

/// Whether the marked link already has a note as its target, so only the marker must be removed.
fn leads_to_note(site: &Site, index: NoteId, link: LinkId) -> bool {
    matches!(site.graph.resolved(index, link).target, Target::Note(_))
}

/// The span from the `(TODO)` before a name to the end of the name.
fn mark_before(text: &str, span: Span) -> Option<Span> {
    let before = span.before(text).trim_end_matches([' ', '\t']);
    before.ends_with("(TODO)").then(|| Span { start: (before.len() - "(TODO)".len()) as u32, end: span.end })
}
