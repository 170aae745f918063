//! A scanner of raw HTML: tags and their attributes with exact places. It judges nothing and repairs nothing.

use std::ops::Range;

/// A start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag<'a> {
    /// The element's name as written.
    pub name: &'a str,
    /// The tag, angle brackets included.
    pub range: Range<usize>,
    /// Its attributes in order.
    pub attributes: Vec<Attribute<'a>>,
}

/// An attribute of a start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// The name as written.
    pub name: &'a str,
    /// The value without its quotes.
    pub value: &'a str,
    /// The attribute, name to closing quote.
    pub range: Range<usize>,
    /// The value's place.
    pub value_range: Range<usize>,
}

/// The start tags of a piece of raw HTML; comments, `<pre>` and `<code>` contents and declarations are passed over.
pub fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|i| at + i) {
        if html[open..].starts_with("<!--") {
            at = html[open + 4..].find("-->").map_or(html.len(), |i| open + 4 + i + 3);
        } else if html[open + 1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            let tag = tag(html, open);
            at = match tag.name.eq_ignore_ascii_case("pre") {
                true => html[tag.range.end..].find("</pre").map_or(html.len(), |i| tag.range.end + i),
                false => tag.range.end,
            };
            found.push(tag);
        } else {
            at = open + 1;
        }
    }
    found
}

fn tag(html: &str, open: usize) -> Tag<'_> {
    let bytes = html.as_bytes();
    let name_end = end_of(html, open + 1, |b| b.is_ascii_whitespace() || b == b'>' || b == b'/');
    let mut attributes = Vec::new();
    let mut at = name_end;
    loop {
        at = end_of(html, at, |b| !b.is_ascii_whitespace() && b != b'/');
        match bytes.get(at) {
            None => break,
            Some(b'>') => {
                at += 1;
                break;
            }
            Some(_) => {
                let attribute = attribute(html, at);
                at = attribute.range.end.max(at + 1);
                attributes.push(attribute);
            }
        }
    }
    Tag { name: &html[open + 1..name_end], range: open..at.min(html.len()), attributes }
}

fn attribute(html: &str, start: usize) -> Attribute<'_> {
    let bytes = html.as_bytes();
    // A stray `=` begins a name, as in HTML's own tokenizer.
    let name_end = end_of(html, start + 1, |b| b.is_ascii_whitespace() || matches!(b, b'=' | b'>' | b'/'));
    let equals = end_of(html, name_end, |b| !b.is_ascii_whitespace());
    if bytes.get(equals) != Some(&b'=') {
        let range = start..name_end;
        return Attribute { name: &html[range.clone()], value: "", range, value_range: name_end..name_end };
    }
    let value = end_of(html, equals + 1, |b| !b.is_ascii_whitespace());
    let (value_range, end) = match bytes.get(value) {
        Some(&quote @ (b'"' | b'\'')) => {
            let close = end_of(html, value + 1, |b| b == quote);
            (value + 1..close, (close + 1).min(html.len()))
        }
        _ => {
            let close = end_of(html, value, |b| b.is_ascii_whitespace() || b == b'>');
            (value..close, close)
        }
    };
    Attribute { name: &html[start..name_end], value: &html[value_range.clone()], range: start..end, value_range }
}

/// The first offset from `start` on whose byte is wanted, or the end. Only ASCII bytes are ever wanted as ends, but a
/// name may begin inside a multi-byte character's tail, so the result is moved to a character boundary.
fn end_of(html: &str, start: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let mut at = start.min(html.len());
    while at < html.len() && (!html.is_char_boundary(at) || !wanted(html.as_bytes()[at])) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn attributes_have_exact_places() {
        let html = "x <a class=k href='a b.md' data-é>y</a><!-- <a href=no> --><img\nsrc=\"p.png\"/>";
        let all = tags(html);
        assert_eq!(all.iter().map(|t| t.name).collect::<Vec<_>>(), ["a", "img"]);
        let href = &all[0].attributes[1];
        assert_eq!((href.name, href.value), ("href", "a b.md"));
        assert_eq!(&html[href.range.clone()], "href='a b.md'");
        assert_eq!(&html[all[1].attributes[0].value_range.clone()], "p.png");
        assert_eq!(&html[all[1].range.clone()], "<img\nsrc=\"p.png\"/>");
    }

    proptest! {
        #[test]
        fn any_text_is_scanned(html in "[<>a-z='\"/ é!-]{0,60}") {
            for tag in tags(&html) {
                prop_assert!(html[tag.range.clone()].starts_with('<'));
                for attribute in tag.attributes {
                    prop_assert_eq!(&html[attribute.value_range], attribute.value);
                }
            }
        }
    }
}
