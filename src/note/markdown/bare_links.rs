//! Bare addresses in text, by the rules of GitHub's autolinks: `https://…`, `www.…`, `name@example.org`.

use super::node::{Node, Run};
use super::run::{Cut, EventId, cut, text_of};
use crate::text::ids::Id;
use pulldown_cmark::{Event, Tag, TagEnd};

/// Replaces each bare address outside of links and raw `<a>` elements by a link: HTML forbids a link inside a link.
pub(super) fn link<'a>(run: &mut Run<'a>, source: &'a str) {
    let mut cuts: Vec<Cut<'a>> = Vec::new();
    let mut links = 0usize;
    for (index, (node, range)) in run.iter().enumerate() {
        match node {
            Node::Parsed(Event::Start(Tag::Link { .. })) => links += 1,
            Node::Parsed(Event::End(TagEnd::Link)) => links = links.saturating_sub(1),
            Node::Parsed(Event::InlineHtml(html)) => match anchor(html) {
                Some(true) => links += 1,
                Some(false) => links = links.saturating_sub(1),
                None => {}
            },
            node if links == 0 => {
                let Some(text) = text_of(node, range, source) else { continue };
                let mut from = 0;
                while let Some((start, length, dest)) = bare_address(text, from) {
                    from = start + length;
                    let event = EventId::new(index);
                    cuts.push(Cut { event, range: start..from, node: Some(Node::BareLink(dest)) });
                }
            }
            _ => {}
        }
    }
    cut(run, source, cuts);
}

/// Whether a tag of raw HTML starts (true) or ends (false) an `<a>`. `None` for a different tag.
pub(super) fn anchor(html: &str) -> Option<bool> {
    let is = |start: &str| {
        let name = html.get(..start.len()).is_some_and(|name| name.eq_ignore_ascii_case(start));
        name && html[start.len()..].starts_with(|c: char| c.is_whitespace() || c == '>')
    };
    if is("<a") { Some(true) } else { is("</a").then_some(false) }
}

/// The first bare address of a text after `from`: offset, length and destination.
fn bare_address(text: &str, from: usize) -> Option<(usize, usize, String)> {
    let mut at = from;
    while let Some(next) = next_candidate(text, at) {
        let found = match text.as_bytes()[next] {
            b'@' => mail_at(text, from, next),
            b'h' => web_at(text, next),
            _ => www_at(text, next),
        };
        if found.is_some() {
            return found;
        }
        at = next + 1;
    }
    None
}

/// The offset of the next `@`, `http` before `://`, or `www.`, found by the signs: the letters are frequent in text.
fn next_candidate(text: &str, from: usize) -> Option<usize> {
    let rest = &text.as_bytes()[from..];
    let start = |at: usize| match rest[at] {
        b'@' => Some(at),
        b'.' => rest[..at].ends_with(b"www").then(|| at - 3),
        _ if !rest[at..].starts_with(b"://") => None,
        _ => [4, 5].into_iter().filter_map(|length| at.checked_sub(length)).find(|&at| rest[at..].starts_with(b"http")),
    };
    memchr::memchr3_iter(b'@', b'.', b':', rest).find_map(start).map(|at| from + at)
}

fn web_at(text: &str, at: usize) -> Option<(usize, usize, String)> {
    let scheme = ["http://", "https://"].iter().find(|s| text[at..].starts_with(**s))?;
    let free = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    let length = without_punctuation(&text[at..end_of_address(text, at)]);
    (free && length > scheme.len()).then(|| (at, length, text[at..at + length].to_string()))
}

/// `www.` and a domain, after the start of the text, white space or one of `*_~(`.
fn www_at(text: &str, at: usize) -> Option<(usize, usize, String)> {
    let free = text[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || "*_~([{\"'“‘«>".contains(c));
    let length = without_punctuation(&text[at..end_of_address(text, at)]);
    let address = &text[at..at + length];
    let domain = address.find(['/', '?', '#', ':']).map_or(address, |end| &address[..end]);
    (free && is_domain(domain)).then(|| (at, length, format!("http://{address}")))
}

/// `name@domain`, at or after `from`. The domain contains a dot and does not end with `-` or `_`.
fn mail_at(text: &str, from: usize, at: usize) -> Option<(usize, usize, String)> {
    let local = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
    let start = at - text[from..at].chars().rev().take_while(|&c| local(c)).count();
    let free = text[..start].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !"/:@".contains(c));
    let domain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let end = text[at + 1..].find(|c| !domain(c)).map_or(text.len(), |end| at + 1 + end);
    let host = text[at + 1..end].trim_end_matches('.');
    let good = host.contains('.') && is_domain(host) && !host.ends_with(['-', '_']);
    let again = text[at + 1 + host.len()..].starts_with('@');
    let address = &text[start..at + 1 + host.len()];
    (free && start < at && good && !again).then(|| (start, address.len(), format!("mailto:{address}")))
}

/// Whether a host has at least two parts, separated by dots, of letters, digits, `-` and `_`, the last two without `_`.
fn is_domain(host: &str) -> bool {
    let parts: Vec<&str> = host.split('.').collect();
    let good = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    parts.len() > 1 && parts.iter().all(good) && !parts.iter().rev().take(2).any(|part| part.contains('_'))
}

fn end_of_address(text: &str, at: usize) -> usize {
    text[at..].find(|c: char| c.is_whitespace() || c == '<').map_or(text.len(), |end| at + end)
}

/// The length of an address without the punctuation of the sentence at its end.
fn without_punctuation(url: &str) -> usize {
    let mut length = url.len();
    while let Some(c) = url[..length].chars().next_back() {
        let part = &url[..length];
        // `(see https://a.org/b_(c))`: a closing parenthesis is part of the address only if the address has the opening
        // parenthesis too.
        let unbalanced = c == ')' && part.matches(')').count() > part.matches('(').count();
        if !unbalanced && !"?!.,:*_~'\";".contains(c) {
            break;
        }
        length -= c.len_utf8();
    }
    length
}
