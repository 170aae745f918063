//! Rules on the lists in Links sections: link texts that are no name of their target, and targets that are listed
//! twice.

use super::paths::links;
use super::{Check, Context, Rule};
use crate::base::graph::{Resolved, Target};
use crate::note::markdown::{BlockKind, Document, Link, LinkSyntax};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::{BlockId, NoteId};
use crate::text::slug::{name_key, title_key};
use crate::text::source::Span;

/// The rule `mismatched-link-text`.
pub(super) const MISMATCHED_LINK_TEXT: Rule = Rule {
    id: "mismatched-link-text",
    severity: Severity::Info,
    summary: "a link in a Links section whose text is not a name of its target",
    explanation: include_str!("mismatched-link-text.md"),
    checks: &[Check::Note(mismatched)],
};

/// The rule `duplicate-link`.
pub(super) const DUPLICATE_LINK: Rule = Rule {
    id: "duplicate-link",
    severity: Severity::Warning,
    summary: "the same target twice in one Links subsection",
    explanation: include_str!("duplicate-link.md"),
    checks: &[Check::Note(duplicate)],
};

/// Whether a link is in a Links section.
fn is_listed(doc: &Document, link: &Link) -> bool {
    !link.form.is_media() && doc.sections_at(link.heading).any(|s| s.is_links())
}

/// A folded name without the word `and`. Folding already drops `&`, so `Q & A` and `Q and A` become equal.
fn without_and(key: &str) -> String {
    key.split(' ').filter(|word| *word != "and").collect::<Vec<_>>().join(" ")
}

fn mismatched(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let doc = &site.note(note).doc;
    for (link, resolved) in links(site, note) {
        let Target::Note(target) = resolved.target else { continue };
        let plain = matches!(link.form, LinkSyntax::Inline | LinkSyntax::Reference | LinkSyntax::Wiki);
        let target_note = site.note(target);
        // The text of a wikilink without `|` is its destination, not a choice of the author.
        let bare = link.form == LinkSyntax::Wiki && link.text.trim() == link.dest.trim();
        let same = bare || link.text == target_note.title;
        if same || !plain || link.text.is_empty() || target == note || !is_listed(doc, link) {
            continue;
        }
        let text = without_and(&title_key(&link.text));
        let alias_note = resolved.through.map(|n| &site.note(n).title);
        let names = [Some(&target_note.title), target_note.head.id.as_ref(), alias_note].into_iter().flatten();
        // The text may shorten a name: `isolation` is accepted for `Isolation levels`.
        if text.is_empty()
            || names.chain(&target_note.head.aliases).any(|name| without_and(&name_key(name)).contains(&text))
        {
            continue;
        }
        let (file, title_span) = site.title_place(target);
        let (says, title) = (link.text.trim(), &target_note.title);
        let message = format!("the link says “{says}” but leads to “{title}”");
        let help = format!(
            "if “{says}” is not written yet, plan it: `(TODO) {says}`; else call the link “{title}”, or add the name to its \
             `aliases`"
        );
        let span = doc.source_of(link.plain).unwrap_or(link.span);
        let found = Diagnostic::new(MISMATCHED_LINK_TEXT.id, site.note(note).file, span, message, help);
        out.push(found.related(file, title_span, "its title"));
    }
}

fn duplicate(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let doc = &site.note(note).doc;
    // The first link of an item is the listed one. Later links belong to its description.
    let mut seen: Vec<(&Link, &Resolved)> = Vec::new();
    let mut last_block = None;
    for (link, resolved) in links(site, note) {
        let first = link.block != last_block || link.block.is_none();
        last_block = link.block;
        if !matches!(resolved.target, Target::Note(_)) || !first || !is_listed(doc, link) {
            continue;
        }
        let twin = seen.iter().find(|(other, r)| {
            other.heading == link.heading && r.target == resolved.target && r.fragment == resolved.fragment
        });
        let Some((other, _)) = twin else {
            seen.push((link, resolved));
            continue;
        };
        let message = format!("`{}` is listed twice here", link.text);
        let file = site.note(note).file;
        let found = Diagnostic::new(DUPLICATE_LINK.id, file, link.dest_span, message, "remove one of the two").related(
            file,
            other.dest_span,
            "listed here first",
        );
        out.push(match removable(&site.source(note).text, doc, link, other) {
            Some(span) => found.fix("remove the second item", span, ""),
            None => found,
        });
    }
}

/// The lines of a list item that can be removed without loss, because the item has the same text as the first one.
/// `None` if it has more content.
fn removable(text: &str, doc: &Document, link: &Link, other: &Link) -> Option<Span> {
    let item = item_of(doc, link)?;
    let block = &doc.blocks[item];
    let said = name_key(doc.plain(block.text));
    let first = item_of(doc, other)?;
    let repeats = said == name_key(&link.text) || said == name_key(doc.plain(doc.blocks[first].text));
    // Content besides the words would be lost: a comment, attributes, an image, a task state.
    let holds_more = text[block.span.range()].contains(['\n', '<', '{', '%', '!', '^']) || block.task.is_some();
    let before = block.span.before(text);
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    let alone = before[start..].trim().is_empty();
    let end = block.span.after(text).find('\n').map_or(text.len(), |i| block.span.range().end + i + 1);
    (first != item && repeats && !holds_more && alone).then(|| Span::new(start, end))
}

fn item_of(doc: &Document, link: &Link) -> Option<BlockId> {
    doc.enclosing(link.block).find(|&block| doc.blocks[block].kind == BlockKind::Item)
}
