//! Names: slugs, anchors, folded forms for comparison, nearest names. The only place that turns text into an identifier.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// A heading's anchor by GitHub's algorithm (github-slugger 2): lower case, punctuation removed, spaces to hyphens,
/// nothing collapsed. The result may be empty.
pub(crate) fn anchor(heading: &str) -> String {
    let mut out = String::with_capacity(heading.len());
    if heading.is_ascii() {
        let kept = heading.trim().bytes().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-' | b'_'));
        out.extend(kept.map(|b| if b == b' ' { '-' } else { char::from(b.to_ascii_lowercase()) }));
        return out;
    }
    for c in heading.trim().chars().flat_map(char::to_lowercase) {
        match c {
            ' ' => out.push('-'),
            '-' | '_' => out.push(c),
            c if c.is_alphanumeric() || is_mark(c) => out.push(c),
            _ => {}
        }
    }
    out
}

/// Combining marks and connector punctuation, which belong to words.
fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && (unicode_normalization::char::is_combining_mark(c)
            || matches!(c, '\u{203f}' | '\u{2040}' | '\u{200c}' | '\u{200d}'))
}

/// Gives each anchor of a page its `-1`, `-2` … where it repeats, as github-slugger does.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    seen: rustc_hash::FxHashMap<Arc<str>, u32>,
}

impl Anchors {
    /// The unique form of `anchor`, which is then taken.
    pub(crate) fn unique(&mut self, anchor: Arc<str>) -> Arc<str> {
        let Some(count) = self.seen.get(&anchor).copied() else {
            self.seen.insert(anchor.clone(), 0);
            return anchor;
        };
        let mut count = count + 1;
        while self.seen.contains_key(format!("{anchor}-{count}").as_str()) {
            count += 1;
        }
        let unique: Arc<str> = format!("{anchor}-{count}").into();
        self.seen.insert(anchor, count);
        self.seen.insert(unique.clone(), 0);
        unique
    }

    /// Marks an explicit id as taken.
    pub(crate) fn reserve(&mut self, id: &str) {
        self.seen.entry(id.into()).or_insert(0);
    }
}

/// A file-name slug: lower case, letters and digits of any script, single hyphens; `+` and `#` are spelt out so that
/// `C++`, `C#` and `C` stay apart. Never empty: what has no letter at all becomes its code points.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    match text.is_ascii() {
        true => text.chars().for_each(|c| push_slug(c.to_ascii_lowercase(), &mut out)),
        false => text.nfc().flat_map(char::to_lowercase).for_each(|c| push_slug(c, &mut out)),
    }
    let slug = out.trim_matches('-');
    match slug.is_empty() {
        false => slug.to_string(),
        true => text.chars().fold(String::from("u"), |mut s, c| {
            let _ = write!(s, "-{:x}", c as u32);
            s
        }),
    }
}

fn push_slug(c: char, out: &mut String) {
    match c {
        c if c.is_alphanumeric() || is_mark(c) => out.push(c),
        '+' | '#' => {
            hyphen(out);
            out.push_str(if c == '+' { "plus" } else { "sharp" });
            hyphen(out);
        }
        '\'' | '’' => {}
        _ => hyphen(out),
    }
}

fn hyphen(out: &mut String) {
    if !out.is_empty() && !out.ends_with('-') {
        out.push('-');
    }
}

/// The name, without `.html`, of the page that most titles lead to: ASCII letters and digits in lower case, a hyphen for
/// every run of other characters between them. Empty where the title has none. `static/search-engine.js` and
/// `static/graph.js` do the same, so that the data files of both leave such names out.
pub(crate) fn page_of_title(title: &str) -> String {
    let mut page = String::with_capacity(title.len() + 5);
    for c in title.chars() {
        if c.is_ascii_alphanumeric() {
            page.push(c.to_ascii_lowercase());
        } else {
            hyphen(&mut page);
        }
    }
    page.truncate(page.trim_end_matches('-').len());
    page
}

/// Whether `text` is kebab-case: lower-case letters and digits of any script, single hyphens between.
pub(crate) fn is_kebab(text: &str) -> bool {
    !text.is_empty()
        && text.split('-').all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || is_mark(c)))
        && text.chars().all(|c| c.to_lowercase().eq([c]))
}

/// The form in which paths are compared: NFC.
pub(crate) fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { text.nfc().collect() }
}

/// The form in which paths collide: NFC, letter case ignored.
pub(crate) fn path_key(path: &str) -> String {
    if path.is_ascii() { path.to_ascii_lowercase() } else { path.nfc().flat_map(char::to_lowercase).collect() }
}

/// The form in which names (titles, aliases, wikilinks) are equal: NFC, case folded, words joined by single spaces,
/// punctuation dropped.
pub(crate) fn name_key(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    match name.is_ascii() {
        true => name.chars().for_each(|c| push_folded(c.to_ascii_lowercase(), &mut out)),
        false => name.nfc().flat_map(char::to_lowercase).for_each(|c| push_folded(c, &mut out)),
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_folded(c: char, out: &mut String) {
    match c {
        c if c.is_alphanumeric() || is_mark(c) => out.push(c),
        '+' | '#' => out.push(c),
        '\'' | '’' => {}
        _ if !out.is_empty() && !out.ends_with(' ') => out.push(' '),
        _ => {}
    }
}

/// [`name_key`] without a trailing plural s: the form in which two titles say the same.
pub(crate) fn title_key(title: &str) -> String {
    let mut key = name_key(title);
    if key.len() > 3 && key.ends_with('s') && !key.ends_with("ss") {
        key.pop();
    }
    key
}

/// The candidate nearest to `wanted`, if it is near enough to be what was meant: at most a third of its letters differ,
/// or one is the beginning of the other.
pub(crate) fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    let length = wanted.chars().count();
    candidates
        .into_iter()
        .filter_map(|c| near(&wanted, length, &c.to_lowercase()).map(|d| (d, c)))
        .min()
        .map(|(_, c)| c)
}

/// The edit distance of two folded names, if they are near each other.
fn near(wanted: &str, length: usize, candidate: &str) -> Option<usize> {
    let other = candidate.chars().count();
    let prefix = length.min(other) >= 3 && (candidate.starts_with(wanted) || wanted.starts_with(candidate));
    if prefix {
        return Some(length.abs_diff(other));
    }
    let allowed = (length.max(other) / 3).max(1);
    if length.abs_diff(other) > allowed {
        return None;
    }
    Some(strsim::damerau_levenshtein(wanted, candidate)).filter(|&d| d <= allowed)
}

/// The byte of an ASCII letter in lower case, of a digit or an underscore; 0 for all else.
pub(crate) const FOLDED: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// A relative path joined to a folder, without `.` and `..`; `None` if it leads above the root. The only place where paths
/// of links are joined. A `\` is a character like any other.
pub(crate) fn join_path(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let mut joined = parts.join("/");
    if path.ends_with('/') && !joined.is_empty() {
        joined.push('/');
    }
    Some(joined)
}

/// The path from the folder of `from` to `to`, both relative to the same root, percent-encoded for an `href`.
pub(crate) fn relative_url(from: &str, to: &str) -> String {
    let mut out = String::with_capacity(to.len() + 8);
    let shared = from.bytes().zip(to.bytes()).take_while(|(a, b)| a == b).count();
    let shared = from.as_bytes()[..shared].iter().rposition(|&b| b == b'/').map_or(0, |i| i + 1);
    for _ in 0..from.as_bytes()[shared..].iter().filter(|&&b| b == b'/').count() {
        out.push_str("../");
    }
    encode_path(&to[shared..], &mut out);
    if out.is_empty() || (!out.starts_with("../") && out.split('/').next().is_some_and(|first| first.contains(':'))) {
        out.insert_str(0, "./");
    }
    out
}

/// Appends `path` percent-encoded for use in a URL's path.
pub(crate) fn encode_path(path: &str, out: &mut String) {
    if path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b)) {
        return out.push_str(path);
    }
    out.extend(percent_encoding::utf8_percent_encode(path, PATH));
}

/// What must be encoded in a path: all but unreserved characters, `/` and the sub-delimiters that no HTML or shell minds.
const PATH: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b',')
    .remove(b'@');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_githubs() {
        for (heading, want) in [
            ("TL;DR (BLUF)", "tldr-bluf"),
            ("Trade-offs & Alternatives", "trade-offs--alternatives"),
            ("8. FAQ / Debug", "8-faq--debug"),
            ("Ünïcode Größe 日本語", "ünïcode-größe-日本語"),
            ("“Explain it like I’m teaching”", "explain-it-like-im-teaching"),
            ("snake_case", "snake_case"),
            ("🚀 Go", "-go"),
        ] {
            assert_eq!(anchor(heading), want, "{heading}");
        }
        let mut anchors = Anchors::default();
        let all: Vec<_> = ["a", "a", "a-1", "a"].into_iter().map(|x| anchors.unique(x.into())).collect();
        assert_eq!(all.iter().map(|a| &**a).collect::<Vec<_>>(), ["a", "a-1", "a-1-1", "a-2"]);
    }

    #[test]
    fn slugs_keep_letters_and_differ() {
        assert_eq!(slug("C++"), "c-plus-plus");
        assert_eq!(slug("C#"), "c-sharp");
        assert_eq!(slug("a b"), slug("a-b"));
        assert_eq!(slug("Größe 日本"), "größe-日本");
        assert_eq!(slug("!"), "u-21");
    }

    #[test]
    fn relative_urls() {
        assert_eq!(relative_url("a/b.html", "a/c.html"), "c.html");
        assert_eq!(relative_url("a/b.html", "c/d e.html"), "../c/d%20e.html");
        assert_eq!(relative_url("index.html", "a/b.html"), "a/b.html");
        assert_eq!(relative_url("a/b/c.html", "a/bb/c.html"), "../bb/c.html");
        assert_eq!(relative_url("a/b.html", "a/x:y.html"), "x%3Ay.html");
    }

    #[test]
    fn nearest_is_near() {
        assert_eq!(nearest("meduim", ["easy", "medium", "hard"]), Some("medium"));
        assert_eq!(nearest("impossible", ["easy", "medium", "hard"]), None);
    }
}
