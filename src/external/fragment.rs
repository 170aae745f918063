//! Whether a page of somebody else has the place that a fragment names. Reads tags and their attributes, nothing more.

use percent_encoding::percent_decode_str;

/// Whether a fragment names a place in the HTML at all: not a text directive, a line number of a code host, or the
/// route of a page that scripts build.
pub(super) fn is_checked(fragment: &str) -> bool {
    let is_line = fragment.strip_prefix('L').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_top = fragment.is_empty() || fragment.eq_ignore_ascii_case("top");
    !(is_top || is_line || fragment.contains(":~:") || fragment.starts_with(['!', '/', '?']))
}

/// Whether an element has the fragment as `id` or `name`, as it is or percent-decoded. Code hosts put `user-content-`
/// before the ids of documents that they show.
pub(super) fn is_in(fragment: &str, html: &str) -> bool {
    let decoded = percent_decode_str(fragment).decode_utf8_lossy();
    let is_it = |value: &str| {
        let value = value.strip_prefix("user-content-").unwrap_or(value);
        value == fragment || value == decoded
    };
    Tags { rest: html }.any(|tag| names(tag).any(|value| is_it(&value.replace("&amp;", "&"))))
}

/// The start tags of a page, each without its brackets; comments, scripts and styles are passed over.
struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tags<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let at = self.rest.find('<')? + 1;
            self.rest = &self.rest[at..];
            if let Some(comment) = self.rest.strip_prefix("!--") {
                self.rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            } else if self.rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let tag = &self.rest[..tag_end(self.rest)];
                self.rest = &self.rest[tag.len()..];
                for raw in ["script", "style"] {
                    let end = if is_named(tag, raw) { find_end(self.rest, raw) } else { 0 };
                    self.rest = &self.rest[end..];
                }
                return Some(tag);
            }
        }
    }
}

/// Where a tag ends: at the first `>` outside quotes.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn is_named(tag: &str, name: &str) -> bool {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    tag[..end].eq_ignore_ascii_case(name)
}

/// Where the end tag of a raw element begins.
fn find_end(text: &str, name: &str) -> usize {
    let ends = text.match_indices("</").map(|(at, _)| at);
    ends.into_iter().find(|at| is_named(&text[at + 2..], name)).unwrap_or(text.len())
}

/// The values of a tag's `id` and `name` attributes.
fn names(tag: &str) -> impl Iterator<Item = &str> {
    let mut rest = tag.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-');
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/').unwrap_or(rest.len());
            let name = &rest[..end];
            let after = rest[end..].trim_start();
            let value = match after.strip_prefix('=') {
                None => {
                    rest = &rest[end..];
                    ""
                }
                Some(after) => {
                    let (value, left) = attribute_value(after.trim_start());
                    rest = left;
                    value
                }
            };
            if name.is_empty() && value.is_empty() && rest.is_empty() {
                return None;
            }
            if name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("name") {
                return Some(value);
            }
        }
    })
}

/// A value, quoted or not, and what stands behind it.
fn attribute_value(text: &str) -> (&str, &str) {
    let quoted = text.strip_prefix(['"', '\'']);
    match quoted {
        Some(inner) => {
            let quote = &text[..1];
            inner.split_once(quote).unwrap_or((inner, ""))
        }
        None => text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_and_names_are_found_where_a_browser_finds_them() {
        let html = "<!doctype html><p id=one class='x'>id=\"text\"<A NAME = 'two words'><br id=\"q>uote\"/>\
            <h2 id=\"user-content-three\"><!-- <p id=hidden> --><script>'<p id=inner>'</SCRIPT><i id='a&amp;b' id2=no>\
            <input disabled id=last><b data-id=data>";
        for found in ["one", "two%20words", "q>uote", "three", "user-content-three", "a&b", "last"] {
            assert!(is_in(found, html) || is_in(&found.replace("user-content-", ""), html), "{found}");
        }
        for missing in ["text", "hidden", "inner", "no", "data", "", "One"] {
            assert!(!is_in(missing, html), "{missing}");
        }
    }

    #[test]
    fn some_fragments_name_no_place() {
        for (fragment, checked) in [
            ("install", true),
            ("L10", false),
            ("L10-L20", false),
            ("List", true),
            (":~:text=x", false),
            ("/a", false),
            ("top", false),
            ("", false),
        ] {
            assert_eq!(is_checked(fragment), checked, "{fragment}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(html in "[<>!\\-a-z='\" /é]{0,80}") {
            is_in("x", &html);
        }
    }
}
