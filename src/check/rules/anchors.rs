//! `broken-anchor`: fragments that match no heading of their target.

use super::paths::links;
use super::{Check, Context, Rule};
use crate::base::graph::Target;
use crate::base::site::Site;
use crate::note::Note;
use crate::note::markdown::LinkSyntax;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::{HeadingId, NoteId};
use crate::text::slug::{MAX_CANDIDATES, anchor, nearest};

/// The rule `broken-anchor`.
pub(super) const BROKEN_ANCHOR: Rule = Rule {
    id: "broken-anchor",
    severity: Severity::Error,
    summary: "a fragment that names no heading of its target",
    explanation: include_str!("broken-anchor.md"),
    checks: &[Check::Note(check)],
};

fn check(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    for (link, resolved) in links(site, note).filter(|(l, r)| r.broken_anchor && l.form != LinkSyntax::Embed) {
        let Target::Note(target) = resolved.target else { continue };
        let wiki = link.form == LinkSyntax::Wiki;
        let (message, help, heading) = judge(site, note, target, &resolved.fragment, wiki);
        let mut found = Diagnostic::new(BROKEN_ANCHOR.id, site.note(note).file, link.dest_span, message, help);
        if let Some(heading) = heading {
            let target = site.note(target);
            found = found.related(target.file, target.doc.headings[heading].span, "the nearest heading");
        }
        out.push(found);
    }
}

/// The message, the help, and the most similar heading for a fragment without a heading.
pub(super) fn judge(
    site: &Site,
    note: NoteId,
    target: NoteId,
    fragment: &str,
    wiki: bool,
) -> (String, String, Option<HeadingId>) {
    let of = if target == note { "this note".to_string() } else { format!("`{}.md`", site.note(target).stem) };
    let target = site.note(target);
    if let Some(id) = fragment.strip_prefix('^') {
        return judge_block(target, &of, id);
    }
    let message = format!("{of} has no heading `#{fragment}`");
    let Some(near) = nearest_anchor(target, fragment) else {
        return (message, "link to the note itself, or to one of its headings".into(), None);
    };
    let heading = target.doc.headings.position(|h| *h.anchor == *near);
    let shown = match heading.filter(|_| wiki) {
        Some(at) => target.doc.headings[at].text.to_string(),
        None => near,
    };
    (message, format!("did you mean `#{shown}`?"), heading)
}

/// The message and the help for a missing block id.
fn judge_block(target: &Note, of: &str, id: &str) -> (String, String, Option<HeadingId>) {
    let message = format!("no paragraph of {of} ends in `^{id}`");
    let help = match nearest(id, target.doc.block_ids.iter().map(|block| &*block.id)) {
        Some(near) => format!("did you mean `#^{near}`?"),
        None => format!("write ` ^{id}` at the end of the paragraph that is meant, or link to a heading"),
    };
    (message, help, None)
}

/// The anchor that is most similar to a fragment: by edit distance, else by the number of common words.
fn nearest_anchor(note: &Note, fragment: &str) -> Option<String> {
    let all = || note.doc.headings.iter().map(|h| &*h.anchor).chain(note.doc.html_ids.iter().map(String::as_str));
    let slug = anchor(fragment);
    if let Some(near) = nearest(&slug, all().filter(|a| !a.is_empty())) {
        return Some(near.to_string());
    }
    // Words of one or two letters, like `a` and `of`, match by accident.
    let words = |text: &str| text.split('-').filter(|w| w.len() > 2).map(str::to_string).collect::<Vec<_>>();
    let wanted = words(&slug);
    let shared = |a: &str| words(a).iter().filter(|w| wanted.contains(w)).count();
    let best = all().take(MAX_CANDIDATES).map(|a| (shared(a), std::cmp::Reverse(a.len()), a)).max()?;
    (best.0 > 0 && best.0 * 2 >= wanted.len()).then(|| best.2.to_string())
}
