//! Links that are not made yet: names of notes in prose, and planned notes that exist by now.

use super::paths::relative_to;
use super::suggest::Catalog;
use super::{Rule, Scope};
use crate::diagnostic::{Diagnostic, Severity};
use crate::graph::Target;
use crate::index::NoteIndex;
use crate::markdown::NONE;
use crate::mention::mentions;
use crate::site::Site;
use crate::source::Span;

/// The name of a note in a text that never links to it.
pub const UNLINKED_MENTION: Rule = Rule {
    id: "unlinked-mention",
    severity: Severity::Info,
    summary: "the title or an alias of another note, in prose, in a note that never links to it",
    explanation: include_str!("unlinked-mention.md"),
    scope: Scope::Base(unlinked),
};

/// A planned note that exists by now.
pub const FULFILLED_TODO: Rule = Rule {
    id: "fulfilled-todo",
    severity: Severity::Info,
    summary: "a `(TODO)` whose name matches a note that now exists",
    explanation: include_str!("fulfilled-todo.md"),
    scope: Scope::Base(fulfilled),
};

fn unlinked(site: &Site, out: &mut Vec<Diagnostic>) {
    for mention in mentions(&site.notes, &site.graph, &site.config.check.common_words) {
        let (own, target) = (site.note(mention.note), site.note(mention.target));
        let Some(span) = own.doc.source_of(mention.text) else { continue };
        let words = site.source(mention.note).slice(span);
        let message =
            format!("“{}” is named here and never linked", words.split_whitespace().collect::<Vec<_>>().join(" "));
        let path = relative_to(site, mention.note, mention.target);
        let link = format!("[{words}]({path})");
        let help = format!("link it: `[{}]({path})`", target.title);
        let found = Diagnostic::new("unlinked-mention", own.file, span, message, help);
        let whole = bare(words) == bare(own.doc.plain(mention.text));
        out.push(if whole { found.fix(true, format!("link to “{}”", target.title), span, link) } else { found });
    }
}

/// Words without what begins a line of a quote: equal to the plain text unless marks stand among them, of which a link
/// could tear a pair apart.
fn bare(words: &str) -> String {
    words.split([' ', '\t', '\n', '>']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn fulfilled(site: &Site, out: &mut Vec<Diagnostic>) {
    if site.notes.iter().all(|n| n.doc.todos.is_empty()) {
        return;
    }
    let catalog = Catalog::new(site);
    for (index, note) in site.all() {
        for todo in &note.doc.todos {
            let Some(target) = target_of(site, &catalog, index, todo).filter(|&t| t != index) else { continue };
            let title = &site.note(target).title;
            let path = relative_to(site, index, target);
            let message = format!("“{}” is planned here, and the note exists", todo.name);
            let help = format!("write `[{title}]({path})`");
            let found = Diagnostic::new("fulfilled-todo", note.file, todo.span, message, help);
            let text = &site.source(index).text;
            out.push(match mark_before(text, todo.span) {
                Some(span) => {
                    let link = if todo.link == NONE {
                        format!("[{}]({path})", todo.name)
                    } else {
                        text[todo.span.range()].to_string()
                    };
                    found.fix(true, "make it a link", span, link)
                }
                None => found,
            });
        }
    }
}

/// The note that a `(TODO)` means: that of its link, else one of this name.
fn target_of(site: &Site, catalog: &Catalog<'_>, index: NoteIndex, todo: &crate::markdown::Todo) -> Option<NoteIndex> {
    if todo.link != NONE
        && let Target::Note(target) = site.graph.resolved(index, todo.link).target
    {
        return Some(target);
    }
    catalog.named(&todo.name).first().copied()
}

/// The span from the `(TODO)` before a name to its end.
fn mark_before(text: &str, span: Span) -> Option<Span> {
    let before = text[..span.start as usize].trim_end_matches([' ', '\t']);
    before.ends_with("(TODO)").then(|| Span { start: (before.len() - "(TODO)".len()) as u32, end: span.end })
}
