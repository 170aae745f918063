//! A scanner for tags, comments and raw text of HTML and XML with their positions, by the rules of the tokeniser in the
//! HTML standard (html.spec.whatwg.org, section 13.2.5). Every part of the program that reads markup uses this scanner,
//! so two parts never read the same text differently. It builds no tree and modifies nothing.
//!
//! Example: `a <b id="x>y">c</b>` is the text `a `, the tag `<b id="x>y">` with one attribute, the text `c`, and the tag
//! `</b>`.

use markup5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::ops::Range;

/// Elements whose content is plain text up to their end tag. The frames and the obsolete relatives of `<pre>` are
/// included because all browsers parse them in this way.
pub(crate) const RAW_TEXT: &[&str] =
    &["iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"];
/// Elements that have neither content nor an end tag.
pub(crate) const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// The length of the longest named character reference, including its semicolon.
const LONGEST_REFERENCE: usize = 32;
/// The number of attributes up to which pairwise comparison is faster than a hash set.
const FEW_ATTRIBUTES: usize = 16;

/// The syntax rules for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// A whole page: raw text without an end tag extends to the end of the page, as in a browser.
    Page,
    /// A part of a note: the start tag of a raw text element without an end tag is an ordinary tag. The sanitiser
    /// removes it, and a sentence about the `<title>` tag must not hide the rest of the note.
    Fragment,
    /// XML: no raw text elements; `<![CDATA[…]]>` is text, and processing instructions end at `?>`.
    Xml,
}

/// A token of a text. The tokens cover the text without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Text between markup. Character references are not decoded.
    Text(Range<usize>),
    /// A start or end tag.
    Tag(Tag<'a>),
    /// The content of a raw text element. The previous token is its start tag.
    RawText(Range<usize>),
    /// A comment, declaration, processing instruction or any further markup that a browser does not display.
    Comment(Range<usize>),
}

/// A start or end tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// The element name in lower case.
    pub name: Cow<'a, str>,
    /// Whether the tag is an end tag.
    pub closes: bool,
    /// Whether the tag has its `>`. A browser discards a tag that the end of the text cuts off.
    pub finished: bool,
    /// The attributes in order, including repeated ones, which a browser ignores.
    pub attributes: Vec<Attribute<'a>>,
    /// The range of the tag, including its angle brackets.
    pub range: Range<usize>,
}

impl Tag<'_> {
    /// The decoded value of the first attribute with this name. `None` if it is absent.
    pub(crate) fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(Attribute::decoded)
    }
}

/// An attribute of a tag. The ranges are byte offsets in the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    /// The name in lower case.
    pub name: Cow<'a, str>,
    /// The value without its quotes, as written. Empty if the attribute has no value.
    pub value: &'a str,
    /// The range from the name to the closing quote.
    pub range: Range<usize>,
    /// The range of the value, without its quotes.
    pub value_range: Range<usize>,
    /// Whether an earlier attribute of the tag has the same name, so a browser ignores this one.
    pub repeated: bool,
}

impl Attribute<'_> {
    /// The value with its character references decoded.
    pub(crate) fn decoded(&self) -> Cow<'_, str> {
        decoded(self.value)
    }
}

/// The tokens of `text`, in order.
pub(crate) fn tokens(text: &str, syntax: Syntax) -> Tokens<'_> {
    Tokens { text, syntax, at: 0, raw_end: 0, never_closed: [false; RAW_TEXT.len()] }
}

/// The complete tags of `text`, in order.
pub(crate) fn tags(text: &str, syntax: Syntax) -> impl Iterator<Item = Tag<'_>> {
    tokens(text, syntax).filter_map(|token| match token {
        Token::Tag(tag) if tag.finished => Some(tag),
        _ => None,
    })
}

/// An iterator over the tokens of a text.
#[derive(Debug)]
pub(crate) struct Tokens<'a> {
    text: &'a str,
    syntax: Syntax,
    at: usize,
    /// The end of the raw text that starts at `at`. At most `at` if no raw text starts there.
    raw_end: usize,
    /// For each raw text element, whether the rest of the text is known to contain no end tag of it. Without this, a
    /// text with many `<title>` tags takes quadratic time: each tag would scan to the end.
    never_closed: [bool; RAW_TEXT.len()],
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        if start >= self.text.len() {
            return None;
        }
        // The previous token was the start tag of a raw text element.
        if self.raw_end > start {
            self.at = self.raw_end;
            return Some(Token::RawText(start..self.at));
        }
        let token = match markup_at(self.text, start, self.syntax) {
            Some(Token::Tag(tag)) => {
                self.raw_end = self.raw_text_end(&tag);
                Token::Tag(tag)
            }
            Some(other) => other,
            None => Token::Text(start..text_end(self.text, start + 1, self.syntax)),
        };
        self.at = match &token {
            Token::Tag(tag) => tag.range.end,
            Token::Text(range) | Token::RawText(range) | Token::Comment(range) => range.end,
        };
        Some(token)
    }
}

impl Tokens<'_> {
    /// The end of the raw text after `tag`. 0 if `tag` starts no raw text.
    fn raw_text_end(&mut self, tag: &Tag<'_>) -> usize {
        let element = RAW_TEXT.iter().position(|name| *name == tag.name);
        let Some(element) = element.filter(|_| !tag.closes && self.syntax != Syntax::Xml) else { return 0 };
        let end = match (self.never_closed[element], RAW_TEXT[element]) {
            (true, _) | (_, "plaintext") => None,
            // A script has its own end rule, because `<!--` in it may hide an end tag.
            (_, "script") => script_end(self.text, tag.range.end),
            (_, name) => end_tag(self.text, tag.range.end, name),
        };
        self.never_closed[element] = end.is_none();
        match self.syntax {
            Syntax::Page => end.unwrap_or(self.text.len()),
            _ => end.unwrap_or(0),
        }
    }
}

/// The markup token at `start`. `None` if text starts there.
fn markup_at(text: &str, start: usize, syntax: Syntax) -> Option<Token<'_>> {
    let rest = text[start..].strip_prefix('<')?;
    let starts_name = |rest: &str| {
        rest.starts_with(|c: char| {
            c.is_ascii_alphabetic() || syntax == Syntax::Xml && (matches!(c, '_' | ':') || !c.is_ascii())
        })
    };
    if starts_name(rest) {
        return Some(Token::Tag(tag(text, start, start + 1, false)));
    }
    // An unterminated construct extends to the end of the text.
    let until = |from: usize, end: &str| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    match rest.as_bytes().first()? {
        b'/' if starts_name(&rest[1..]) => Some(Token::Tag(tag(text, start, start + 2, true))),
        // `</` at the very end is text.
        b'/' if rest.len() == 1 => None,
        b'!' if rest.starts_with("!--") => Some(Token::Comment(start..comment_end(text, start + 4, syntax))),
        b'!' if syntax == Syntax::Xml && rest.starts_with("![CDATA[") => Some(Token::Text(start..until(start, "]]>"))),
        b'?' if syntax == Syntax::Xml => Some(Token::Comment(start..until(start, "?>"))),
        // A bogus comment, as the standard calls it: `</3>`, `<!DOCTYPE html>`, `<?php ?>`.
        b'/' | b'!' | b'?' => Some(Token::Comment(start..until(start, ">"))),
        _ => None,
    }
}

/// The end of the text that covers at least the bytes before `from`.
fn text_end(text: &str, from: usize, syntax: Syntax) -> usize {
    let bytes = text.as_bytes();
    let starts = memchr::memchr_iter(b'<', bytes.get(from..).unwrap_or_default()).map(|at| from + at);
    let begins_markup = |at: &usize| match bytes.get(at + 1) {
        Some(b'/') => bytes.len() > at + 2,
        Some(b'!' | b'?') => true,
        Some(b'_' | b':' | 0x80..) => syntax == Syntax::Xml,
        other => other.is_some_and(u8::is_ascii_alphabetic),
    };
    let mut starts = starts.filter(begins_markup);
    starts.next().unwrap_or(text.len())
}

/// The end of the comment whose content starts at `inside`: after `-->` or `--!>`, and at once for `<!-->` and
/// `<!--->`.
fn comment_end(text: &str, inside: usize, syntax: Syntax) -> usize {
    let rest = &text[inside..];
    if syntax == Syntax::Xml {
        return rest.find("-->").map_or(text.len(), |at| inside + at + 3);
    }
    if let Some(end) = [">", "->"].iter().find(|end| rest.starts_with(**end)) {
        return inside + end.len();
    }
    let mut closing = memchr::memchr_iter(b'>', rest.as_bytes());
    let end = closing.find(|&at| rest.as_bytes()[..at].ends_with(b"--") || rest.as_bytes()[..at].ends_with(b"--!"));
    end.map_or(text.len(), |at| inside + at + 1)
}

/// The start of the first end tag of the raw text element `name`, from the offset `from` on.
fn end_tag(text: &str, from: usize, name: &str) -> Option<usize> {
    let starts = memchr::memmem::find_iter(&text.as_bytes()[from..], b"</").map(|at| from + at);
    let mut starts = starts.filter(|at| is_named(text, at + 2, name));
    starts.next()
}

/// Whether the tag name at the offset `at` is `name`, in any letter case.
fn is_named(text: &str, at: usize, name: &str) -> bool {
    let bytes = text.as_bytes();
    let end = at + name.len();
    // `</scripts>` does not end a script.
    let ends = bytes.get(end).is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'));
    ends && bytes[at..end].eq_ignore_ascii_case(name.as_bytes())
}

/// The start of the end tag of the script whose content starts at `from`. `None` if it has none. Between `<!--` and
/// `-->` in a script, a `<script>` hides the next `</script>` (section 13.2.5.15 and the following states).
fn script_end(text: &str, from: usize) -> Option<usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Plain,
        Escaped,
        DoubleEscaped,
    }
    let mut state = State::Plain;
    let mut at = from;
    loop {
        at += memchr::memchr2(b'<', b'-', &text.as_bytes()[at..])?;
        let rest = &text.as_bytes()[at..];
        let (next, length) = match state {
            // Only `<!` is consumed, because the two dashes of `<!-->` both start and end the escaped part.
            State::Plain if rest.starts_with(b"<!--") => (State::Escaped, 2),
            State::Escaped | State::DoubleEscaped if rest.starts_with(b"-->") => (State::Plain, 3),
            State::Plain | State::Escaped if rest.starts_with(b"</") && is_named(text, at + 2, "script") => {
                return Some(at);
            }
            // 7 and 8 are the lengths of `<script` and `</script`.
            State::Escaped if is_named(text, at + 1, "script") && rest[0] == b'<' => (State::DoubleEscaped, 7),
            State::DoubleEscaped if rest.starts_with(b"</") && is_named(text, at + 2, "script") => (State::Escaped, 8),
            // A `<` or `-` with no meaning in this state.
            same => (same, 1),
        };
        state = next;
        at += length;
    }
}

/// Parses the tag at `start`, whose name is at `name_start`. Never fails: every byte up to `>` is part of an attribute,
/// as in a browser.
fn tag(text: &str, start: usize, name_start: usize, closes: bool) -> Tag<'_> {
    let name_end = end_of(text, name_start, |b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'));
    let mut attributes = Vec::new();
    let mut at = name_end;
    let finished = loop {
        at = end_of(text, at, |b| !b.is_ascii_whitespace() && b != b'/');
        match text.as_bytes().get(at) {
            None => break false,
            Some(b'>') => {
                at += 1;
                break true;
            }
            Some(_) => {
                let attribute = attribute(text, at);
                at = attribute.range.end;
                attributes.push(attribute);
            }
        }
    };
    mark_repeated(&mut attributes);
    Tag { name: lower(&text[name_start..name_end]), closes, finished, attributes, range: start..at }
}

/// Parses the attribute at `start`, which must be inside the text.
fn attribute(text: &str, start: usize) -> Attribute<'_> {
    let bytes = text.as_bytes();
    // By the standard, an `=` before a name is the first character of that name.
    let name_end = end_of(text, start + 1, |b| b.is_ascii_whitespace() || matches!(b, b'=' | b'>' | b'/'));
    let name = lower(&text[start..name_end]);
    let equals = end_of(text, name_end, |b| !b.is_ascii_whitespace());
    if bytes.get(equals) != Some(&b'=') {
        let (range, value_range) = (start..name_end, name_end..name_end);
        return Attribute { name, value: "", range, value_range, repeated: false };
    }
    let value = end_of(text, equals + 1, |b| !b.is_ascii_whitespace());
    let (value_range, end) = match bytes.get(value) {
        Some(&quote @ (b'"' | b'\'')) => {
            // An unterminated value extends to the end of the text, where no closing quote may be counted.
            let close = end_of(text, value + 1, |b| b == quote);
            (value + 1..close, (close + 1).min(text.len()))
        }
        _ => {
            let close = end_of(text, value, |b| b.is_ascii_whitespace() || b == b'>');
            (value..close, close)
        }
    };
    Attribute { name, value: &text[value_range.clone()], range: start..end, value_range, repeated: false }
}

/// Sets `repeated` on each attribute whose name occurs earlier in the tag.
fn mark_repeated(attributes: &mut [Attribute<'_>]) {
    if attributes.len() <= FEW_ATTRIBUTES {
        for at in 1..attributes.len() {
            attributes[at].repeated = attributes[..at].iter().any(|before| before.name == attributes[at].name);
        }
        return;
    }
    let mut seen = FxHashSet::default();
    for attribute in attributes {
        attribute.repeated = !seen.insert(attribute.name.clone());
    }
}

/// The first offset from `from` on whose byte satisfies `wanted`, or the end of the text. `wanted` must treat all
/// non-ASCII bytes alike, so the offset is a character boundary.
fn end_of(text: &str, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let from = from.min(text.len());
    text.as_bytes()[from..].iter().position(|&byte| wanted(byte)).map_or(text.len(), |at| from + at)
}

fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

/// An attribute's value with its character references decoded.
pub(crate) fn decoded(value: &str) -> Cow<'_, str> {
    decode(value, true)
}

/// Text with its character references decoded.
pub(crate) fn decoded_text(text: &str) -> Cow<'_, str> {
    decode(text, false)
}

fn decode(text: &str, in_attribute: bool) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let reference = match after.strip_prefix('#') {
            Some(number) => numeric_reference(number).map(|(c, length)| ((c, None), length + 1)),
            None => named_reference(after, in_attribute),
        };
        let ((first, second), length) = reference.unwrap_or((('&', None), 0));
        out.push(first);
        out.extend(second);
        rest = &after[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of a numeric reference, and the length of the reference after `&#`. `None` if no digit follows.
fn numeric_reference(number: &str) -> Option<(char, usize)> {
    let (radix, start) = if number.starts_with(['x', 'X']) { (16, 1) } else { (10, 0) };
    let digits = &number[start..];
    let count = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    if count == 0 {
        return None;
    }
    let value = digits[..count].chars().filter_map(|c| c.to_digit(radix)).fold(0_u32, |value, digit| {
        // All values beyond the last code point are replaced alike, so the value may saturate there.
        value.saturating_mul(radix).saturating_add(digit).min(0x11_0000)
    });
    let character = match value {
        0 => '\u{fffd}',
        // The standard maps these code points to characters of Windows-1252.
        0x80..=0x9f => C1_REPLACEMENTS[(value - 0x80) as usize].or(char::from_u32(value)).unwrap_or('\u{fffd}'),
        value => char::from_u32(value).unwrap_or('\u{fffd}'),
    };
    Some((character, start + count + usize::from(digits[count..].starts_with(';'))))
}

/// The one or two characters of a named reference, and the length of the reference after `&`. `None` if no name
/// matches.
fn named_reference(after: &str, in_attribute: bool) -> Option<((char, Option<char>), usize)> {
    let bytes = after.as_bytes();
    let name = bytes.iter().take(LONGEST_REFERENCE).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let longest = name + usize::from(bytes.get(name) == Some(&b';'));
    // The longest name wins: `&notin;` is not `&not` followed by `in;`.
    let (length, (first, second)) = (1..=longest).rev().find_map(|length| {
        let found = NAMED_ENTITIES.get(&after[..length]).filter(|(first, _)| *first != 0)?;
        Some((length, *found))
    })?;
    // The standard excludes attributes like `?a=1&copy=2`, where old pages did not escape the ampersand of a URL.
    let goes_on = bytes.get(length).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'=');
    if in_attribute && goes_on && bytes[length - 1] != b';' {
        return None;
    }
    Some(((char::from_u32(first)?, char::from_u32(second).filter(|c| *c != '\0')), length))
}

#[cfg(test)]
mod tests;
