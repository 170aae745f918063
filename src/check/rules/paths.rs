//! Writes link destinations: relative paths in the style of an existing link. Decides nothing.

use crate::base::graph::Resolved;
use crate::base::site::Site;
use crate::note::markdown::{Block, Link, LinkSyntax};
use crate::note::{Kind, folder_of, landing_rank, markdown_stem};
use crate::text::ids::NoteId;
use crate::text::source::Span;
use std::ops::Range;

/// The number of links above which the links of a note are not repaired.
pub(super) const MANY_LINKS: usize = 1_000;

/// The links of a note with their resolved targets.
pub(super) fn links(site: &Site, note: NoteId) -> impl Iterator<Item = (&Link, &Resolved)> {
    site.note(note).doc.links.iter().zip(&site.graph.links[note])
}

/// The relative path from a folder to a path. Both are relative to the content root.
pub(super) fn relative(folder: &str, path: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    let to: Vec<&str> = path.split('/').collect();
    let shared = from.iter().zip(&to[..to.len() - 1]).take_while(|(a, b)| a == b).count();
    "../".repeat(from.len() - shared) + &to[shared..].join("/")
}

/// The destination of a link from one Markdown file to a second one.
pub(crate) fn relative_to(site: &Site, from: NoteId, to: NoteId) -> String {
    encoded(&relative(site.note(from).folder(), site.path(to)))
}

/// The span and the text of the path in a destination, without query and fragment. For a reference link, that of the
/// definition. `None` if the destination cannot be edited: the source contains an escape or entity, or an image uses
/// the same definition.
pub(super) fn written<'a>(site: &'a Site, note: NoteId, link: &Link) -> Option<(Span, &'a str)> {
    let mut span = match link.form {
        LinkSyntax::Reference => definition(site, note, link)?,
        LinkSyntax::ImageReference => return None,
        _ => link.dest_span,
    };
    let text = &site.source(note).text;
    if link.form == LinkSyntax::Field && text[span.range()].starts_with(['"', '\'']) {
        span = Span { start: span.start + 1, end: span.end - 1 };
    }
    let text = text.get(span.range()).filter(|t| *t == link.dest)?;
    let length = text.find(['#', '?']).unwrap_or(text.len());
    Some((Span { start: span.start, end: span.start + length as u32 }, &text[..length]))
}

/// All links with the same destination in the source: the links of the same reference definition, else only the link
/// itself.
pub(super) fn sharing<'a>(site: &'a Site, note: NoteId, link: &'a Link) -> Vec<(&'a Link, &'a Resolved)> {
    let label = |other: &Link| label(&site.source(note).text[other.span.range()]);
    let own = label(link);
    let is_reference = |other: &Link| matches!(other.form, LinkSyntax::Reference | LinkSyntax::ImageReference);
    let shares = |other: &Link| match is_reference(link) {
        true => is_reference(other) && is_same_label(label(other), own),
        false => other.span == link.span,
    };
    links(site, note).filter(|(other, _)| shares(other)).collect()
}

/// The span of the destination in the definition of a reference. `None` unless all uses of the definition are links to
/// the same target.
fn definition(site: &Site, note: NoteId, link: &Link) -> Option<Span> {
    // Each link reads all links of the note, which takes quadratic time.
    if site.note(note).doc.links.len() > MANY_LINKS {
        return None;
    }
    let shared = sharing(site, note, link);
    let first = shared.first()?.1;
    if shared.iter().any(|(other, r)| other.form != LinkSyntax::Reference || r.target != first.target) {
        return None;
    }
    let (doc, text) = (&site.note(note).doc, &site.source(note).text);
    let label = label(&text[link.span.range()]);
    let mut start = site.note(note).head.fence.body as usize;
    for line in text[start..].split_inclusive('\n') {
        let at = start;
        start += line.len();
        let Some((name, range)) = defined(line).filter(|(name, _)| is_same_label(name, label)) else { continue };
        let holds = |block: &Block| block.span.start as usize <= at && at < block.span.end as usize;
        if name.is_empty() || doc.blocks.iter().any(holds) {
            continue;
        }
        return Some(Span::new(at + range.start, at + range.end));
    }
    None
}

/// The label of a reference: `[text][label]`, `[label][]`, `[label]`.
fn label(source: &str) -> &str {
    let inner = source.strip_suffix("[]").unwrap_or(source).trim_end_matches(']');
    &inner[inner.rfind('[').map_or(0, |at| at + 1)..]
}

/// Whether two labels name the same definition: letter case and the amount of white space do not count.
fn is_same_label(one: &str, other: &str) -> bool {
    let folded = |label: &'_ str| -> Vec<String> { label.split_whitespace().map(str::to_lowercase).collect() };
    match one.is_ascii() && other.is_ascii() {
        true => {
            let mut words = (one.split_ascii_whitespace(), other.split_ascii_whitespace());
            loop {
                match (words.0.next(), words.1.next()) {
                    (None, None) => return true,
                    (Some(one), Some(other)) if one.eq_ignore_ascii_case(other) => {}
                    _ => return false,
                }
            }
        }
        false => folded(one) == folded(other),
    }
}

/// The label that a line defines, and the range of the destination in the line. `None` if the line is no definition.
fn defined(line: &str) -> Option<(&str, Range<usize>)> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let (label, rest) = line.get(indent..)?.strip_prefix('[')?.split_once("]:")?;
    let dest = rest.trim_start();
    let start = line.len() - dest.len();
    let range = match dest.strip_prefix('<') {
        Some(inner) => start + 1..start + 1 + inner.find('>')?,
        None => start..start + dest.find(char::is_whitespace).unwrap_or(dest.len()),
    };
    (indent < 4 && !range.is_empty()).then_some((label, range))
}

/// The destination of a path (relative to the content root) in the style of the old destination: absolute or relative,
/// with `.md`, `.html` or no extension.
pub(super) fn in_style(folder: &str, path: &str, old: &str) -> String {
    let path = match markdown_stem(path) {
        Some(stem) if old.ends_with(".html") => format!("{stem}.html"),
        Some(stem) if markdown_stem(old).is_none() => stem.to_string(),
        _ => path.to_string(),
    };
    if old.starts_with('/') {
        return format!("/{}", encoded(&path));
    }
    let relative = encoded(&relative(folder, &path));
    // `a:b` would be a URL with the scheme `a` (RFC 3986, section 4.2).
    let needs_dot = relative.split('/').next().is_some_and(|first| first.contains(':'));
    match (old.starts_with("./") || needs_dot || relative.is_empty()) && !relative.starts_with("../") {
        true => format!("./{relative}"),
        false => relative,
    }
}

/// The path of a Markdown file for a link: the folder for a landing page if the old destination named a folder.
pub(super) fn path_of(site: &Site, note: NoteId, old: &str) -> String {
    let target = site.note(note);
    let path = site.path(note).to_string();
    let named = old.rsplit('/').next().is_some_and(|name| markdown_stem(name).is_some() || name.ends_with(".html"));
    let is_folder_page = target.kind == Kind::Landing || landing_rank(&path).is_some();
    match is_folder_page && !named && !target.folder().is_empty() {
        true => format!("{}/", folder_of(&path)),
        false => path,
    }
}

/// A path with all characters percent-encoded that would end a destination or change its meaning. Letters of any script
/// remain.
pub(super) fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_whitespace() || c.is_control() || "%#?()<>[]\\\"|`&".contains(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// A text as literal Markdown on one line: characters of markup, tags and entities are escaped.
pub(super) fn as_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let next = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        let is_mark = match c {
            '\\' | '`' | '*' | '[' | ']' | '~' | '$' | '|' => true,
            '<' => !next.is_whitespace(),
            '&' => next.is_alphanumeric() || next == '#',
            '_' => !(before.is_alphanumeric() && next.is_alphanumeric()),
            _ => false,
        };
        if is_mark {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_no_marks() {
        for (text, want) in [
            ("A [b]", "A \\[b\\]"),
            ("a_b _c_", "a_b \\_c\\_"),
            ("Q&A, a < b, <T>", "Q\\&A, a < b, \\<T>"),
            ("a\\ `b`\nc", "a\\\\ \\`b\\` c"),
        ] {
            assert_eq!(as_words(text), want);
        }
    }

    #[test]
    fn a_destination_keeps_its_style() {
        for (folder, path, old, want) in [
            ("a", "a/x.md", "y.md", "x.md"),
            ("a", "b/x.md", "y.md", "../b/x.md"),
            ("", "b/x.md", "y", "b/x"),
            ("a/b", "a/x.md", "./y.html", "../x.html"),
            ("a", "a/x y.md", "./y.md", "./x%20y.md"),
            ("a", "b/größe.md", "/c/größe.md", "/b/größe.md"),
            ("a/b", "a/b/", "../b/", "./"),
            ("a", "a/c:d.md", "x.md", "./c:d.md"),
        ] {
            assert_eq!(in_style(folder, path, old), want, "{folder} {path} {old}");
        }
    }
}
