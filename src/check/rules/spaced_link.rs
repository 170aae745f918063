//! `spaced-link`: a link whose destination contains spaces, which CommonMark parses as text. Found in the text of a
//! note, where its brackets remain.

use super::{Check, Context, Rule};
use crate::base::site::Site;
use crate::note::markdown::{RunKind, Slice};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::paths::{join_path, nfc};
use crate::text::source::Span;
use percent_encoding::percent_decode_str;

/// Reports links with unescaped spaces in the destination.
pub(super) const SPACED_LINK: Rule = Rule {
    id: "spaced-link",
    severity: Severity::Warning,
    summary: "a link with spaces in its path, which is text and no link",
    explanation: include_str!("spaced-link.md"),
    checks: &[Check::Note(check)],
};

fn check(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    let text = &own.doc.text;
    // The text of a note does not contain the brackets of valid links: most notes have no match here.
    for middle in memchr::memmem::find_iter(text.as_bytes(), "](") {
        let Some(inner) = destination(text, middle) else { continue };
        let is_prose = own.doc.runs.iter().any(|run| {
            let within = run.text as usize <= middle && inner.end < run.text + run.length;
            run.exact && within && matches!(run.kind, RunKind::Prose | RunKind::Heading)
        });
        let path = &text[inner.range()];
        let Some(span) = own.doc.source_of(inner).filter(|_| is_prose && leads_to_a_file(site, own.folder(), path))
        else {
            continue;
        };
        out.push(finding(site, note, span, path));
    }
}

fn finding(site: &Site, note: NoteId, span: Span, path: &str) -> Diagnostic {
    let message = format!("`({path})` has a space in it, so this is text and no link");
    let help = format!("put the path in angle brackets: `(<{path}>)`");
    let found = Diagnostic::new(SPACED_LINK.id, site.note(note).file, span, message, help);
    found.fix("put the path in angle brackets", span, format!("<{path}>"))
}

/// The range of the destination in parentheses after the `](` at byte `middle`; `None` if it has no spaces or no link
/// text precedes it.
fn destination(text: &str, middle: usize) -> Option<Slice> {
    let before = text[..middle].rsplit('\n').next()?;
    let line = text[middle + 2..].lines().next()?;
    let path = &line[..line.find(')')?];
    let is_one = before.contains('[') && path.trim().contains(' ') && !path.contains(['<', '>', '"', '(']);
    let start = (middle + 2 + path.len() - path.trim_start().len()) as u32;
    is_one.then(|| Slice { start, end: start + path.trim().len() as u32 })
}

/// Whether a path relative to `folder` is the path of a file in the base, with or without `.md`.
fn leads_to_a_file(site: &Site, folder: &str, path: &str) -> bool {
    let path = path.split(['#', '?']).next().unwrap_or_default();
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let (folder, below) = decoded.strip_prefix('/').map_or((folder, &*decoded), |below| ("", below));
    let Some(joined) = join_path(&nfc(folder), &nfc(below)) else { return false };
    let (notes, assets) = site.vault.files.split_at(site.vault.markdown);
    let has = |joined: &str| {
        [notes, assets].iter().any(|files| files.binary_search_by(|file| (*file.path).cmp(joined)).is_ok())
    };
    has(&joined) || has(&format!("{joined}.md"))
}
