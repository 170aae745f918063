//! The tags of HTML or XML text, read in one pass without building anything.
//!
//! It does not know which are allowed, and need not agree with a browser on broken markup: the cleaner decides what stays.

/// Elements whose inside is no markup, if they are closed.
const RAW_TEXT: &[&str] = &["script", "style"];

/// A tag as it stands in the input.
#[derive(Debug)]
pub(super) struct Tag {
    /// In lower case.
    pub name: String,
    pub closes: bool,
    pub attributes: Vec<(String, String)>,
    pub start: usize,
    pub end: usize,
    /// Where its raw text and the tag that closes it end; `end` for all others.
    pub content_end: usize,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Dialect {
    Html,
    Xml,
}

/// All tags of `text`, outside comments and raw text.
pub(super) fn tags(text: &str, dialect: Dialect) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        let start = at + found;
        at = match markup_at(text, start) {
            Markup::Text => start + 1,
            Markup::Skipped(end) => end,
            Markup::Tag(mut tag) => {
                let raw = dialect == Dialect::Html && !tag.closes && RAW_TEXT.contains(&tag.name.as_str());
                if raw {
                    tag.content_end = raw_text_end(text, tag.end, &tag.name).unwrap_or(tag.end);
                }
                let end = tag.content_end;
                tags.push(tag);
                end
            }
        };
    }
    tags
}

enum Markup {
    Text,
    Skipped(usize),
    Tag(Tag),
}

fn markup_at(text: &str, start: usize) -> Markup {
    let rest = &text[start + 1..];
    let (closes, name_start) = if rest.starts_with('/') { (true, start + 2) } else { (false, start + 1) };
    if text[name_start..].starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Markup::Tag(read_tag(text, start, name_start, closes));
    }
    if rest.starts_with("!--") {
        return Markup::Skipped(comment_end(text, start + 4));
    }
    if closes || rest.starts_with(['!', '?']) {
        return Markup::Skipped(text[start..].find('>').map_or(text.len(), |end| start + end + 1));
    }
    Markup::Text
}

/// Comments end at `-->` or `--!>`, and at once with `<!-->` or `<!--->`.
fn comment_end(text: &str, inside: usize) -> usize {
    let rest = &text[inside..];
    if let Some(end) = [">", "->"].iter().find(|end| rest.starts_with(**end)) {
        return inside + end.len();
    }
    let ends = ["-->", "--!>"].iter().filter_map(|end| rest.find(end).map(|at| at + end.len()));
    ends.min().map_or(text.len(), |end| inside + end)
}

/// Where the tag ends that closes the raw text from `from` on, if one does.
fn raw_text_end(text: &str, from: usize, name: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let closes_here = |at: &usize| {
        let named = bytes.get(at + 2..at + 2 + name.len());
        named.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    };
    let closer = text[from..].match_indices("</").map(|(at, _)| from + at).find(closes_here)?;
    Some(text[closer..].find('>').map_or(text.len(), |end| closer + end + 1))
}

fn read_tag(text: &str, start: usize, name_start: usize, closes: bool) -> Tag {
    let name_end = end_of(text, name_start, |c| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
    let name = text[name_start..name_end].to_ascii_lowercase();
    let mut attributes = Vec::new();
    let mut at = name_end;
    loop {
        at = end_of(text, at, |c| !c.is_ascii_whitespace() && c != '/');
        match text[at..].chars().next() {
            None => return Tag { name, closes, attributes, start, end: at, content_end: at },
            Some('>') => return Tag { name, closes, attributes, start, end: at + 1, content_end: at + 1 },
            Some(_) => {
                let (attribute, end) = read_attribute(text, at);
                attributes.push(attribute);
                at = end;
            }
        }
    }
}

/// The attribute that begins at `at`, and where it ends.
fn read_attribute(text: &str, at: usize) -> ((String, String), usize) {
    let first = at + text[at..].chars().next().map_or(0, char::len_utf8);
    let name_end = end_of(text, first, |c| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='));
    let name = text[at..name_end].to_ascii_lowercase();
    let equals = end_of(text, name_end, |c| !c.is_ascii_whitespace());
    if !text[equals..].starts_with('=') {
        return ((name, String::new()), name_end);
    }
    let value_start = end_of(text, equals + 1, |c| !c.is_ascii_whitespace());
    let (value, end) = match text[value_start..].chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inside = value_start + 1;
            let end = end_of(text, inside, |c| c == quote);
            (&text[inside..end], (end + 1).min(text.len()))
        }
        _ => {
            let end = end_of(text, value_start, |c| c.is_ascii_whitespace() || c == '>');
            (&text[value_start..end], end)
        }
    };
    ((name, decoded(value)), end)
}

/// Where, from `from` on, the first character stands that `ends`.
fn end_of(text: &str, from: usize, ends: impl Fn(char) -> bool) -> usize {
    text[from..].find(ends).map_or(text.len(), |at| from + at)
}

/// Named references that matter in an address; the rest cannot hide a scheme.
const REFERENCES: &[(&str, char)] = &[
    ("Tab;", '\t'),
    ("NewLine;", '\n'),
    ("colon;", ':'),
    ("sol;", '/'),
    ("bsol;", '\\'),
    ("lpar;", '('),
    ("rpar;", ')'),
    ("amp;", '&'),
    ("lt;", '<'),
    ("gt;", '>'),
    ("quot;", '"'),
    ("apos;", '\''),
    ("period;", '.'),
    ("num;", '#'),
];

fn decoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (character, length) = reference(after).unwrap_or(('&', 0));
        text.push(character);
        rest = &after[length..];
    }
    text + rest
}

/// The character that `after`, which follows a `&`, stands for, and how many bytes say so.
fn reference(after: &str) -> Option<(char, usize)> {
    let Some(number) = after.strip_prefix('#') else {
        let (name, character) = REFERENCES.iter().find(|(name, _)| after.starts_with(name))?;
        return Some((*character, name.len()));
    };
    let (digits, radix, before) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 2),
        None => (number, 10, 1),
    };
    let count = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let character = char::from_u32(u32::from_str_radix(&digits[..count], radix).ok()?)?;
    let semicolon = usize::from(digits[count..].starts_with(';'));
    Some((character, before + count + semicolon))
}
