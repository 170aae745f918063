//! Names: slugs, anchors, folded forms for comparison, spelling suggestions. Every text becomes an identifier here.

use super::paths::path_key;
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};
use unicode_normalization::UnicodeNormalization;

/// The anchor of a heading by the algorithm of GitHub (github-slugger 2): lower case, punctuation removed, each space a
/// hyphen, runs of hyphens not collapsed. The result may be empty.
pub(crate) fn anchor(heading: &str) -> String {
    let mut out = String::with_capacity(heading.len());
    // Nearly all headings are ASCII, where bytes are characters and no Unicode tables are needed.
    if heading.is_ascii() {
        let kept = heading.trim().bytes().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-' | b'_'));
        out.extend(kept.map(|b| if b == b' ' { '-' } else { char::from(b.to_ascii_lowercase()) }));
        return out;
    }
    // Of the whole text, not letter by letter: a sigma that ends a word has a small letter of its own.
    for c in heading.trim().to_lowercase().chars() {
        match c {
            ' ' => out.push('-'),
            '-' | '_' => out.push(c),
            c if is_anchor_letter(c) => out.push(c),
            _ => {}
        }
    }
    out
}

/// What github-slugger keeps: Unicode's Alphabetic, marks, decimal digits and connector punctuation. Other numbers
/// (`²`, `①`, `½`) and joiners are dropped.
fn is_anchor_letter(c: char) -> bool {
    c.is_alphabetic()
        || c.is_ascii_digit()
        || !c.is_ascii() && (is_decimal(c) || unicode_normalization::char::is_combining_mark(c) || is_connector(c))
}

/// Whether a character is in Unicode's category Nd. Few headings hold such digits.
fn is_decimal(c: char) -> bool {
    static DECIMAL: OnceLock<Option<regex::Regex>> = OnceLock::new();
    let decimal = DECIMAL.get_or_init(|| regex::Regex::new(r"^\p{Nd}$").ok());
    c.is_numeric() && decimal.as_ref().is_some_and(|decimal| decimal.is_match(c.encode_utf8(&mut [0; 4])))
}

/// Whether a character other than the underscore is in the Unicode category Pc.
fn is_connector(c: char) -> bool {
    matches!(c, '\u{203f}' | '\u{2040}' | '\u{2054}' | '\u{fe33}' | '\u{fe34}' | '\u{fe4d}'..='\u{fe4f}' | '\u{ff3f}')
}

/// Whether a character is a combining mark or connector punctuation, which are part of words. The zero-width joiners
/// are included because words of Persian and Indic scripts contain them.
fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && (unicode_normalization::char::is_combining_mark(c)
            || matches!(c, '\u{203f}' | '\u{2040}' | '\u{200c}' | '\u{200d}'))
}

/// The anchors of a page. Repeated anchors get the suffixes `-1`, `-2` …, as github-slugger assigns them.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    /// For each anchor in use, the number of the last suffix that was added to it.
    seen: rustc_hash::FxHashMap<Arc<str>, u32>,
}

impl Anchors {
    /// Returns a unique form of `anchor` and reserves it.
    pub(crate) fn unique(&mut self, anchor: Arc<str>) -> Arc<str> {
        let Some(count) = self.seen.get(&anchor).copied() else {
            self.seen.insert(anchor.clone(), 0);
            return anchor;
        };
        let mut count = count + 1;
        // A heading like `Setup 1` may already have the anchor with this suffix.
        while self.seen.contains_key(format!("{anchor}-{count}").as_str()) {
            count += 1;
        }
        let unique: Arc<str> = format!("{anchor}-{count}").into();
        self.seen.insert(anchor, count);
        self.seen.insert(unique.clone(), 0);
        unique
    }

    /// Reserves an explicit id.
    pub(crate) fn reserve(&mut self, id: &str) {
        self.seen.entry(id.into()).or_insert(0);
    }
}

/// The slug of a file name: lower case, letters and digits of any script, single hyphens. `+` and `#` are spelt out, so
/// `C++`, `C#` and `C` have different slugs. Never empty: a text without letters and digits is replaced by its code
/// points.
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
        // An apostrophe is part of its word: `Bayes' theorem` becomes `bayes-theorem`, `don't` becomes `dont`.
        '\'' | '’' => {}
        _ => hyphen(out),
    }
}

fn hyphen(out: &mut String) {
    if !out.is_empty() && !out.ends_with('-') {
        out.push('-');
    }
}

/// The 32-bit FNV-1a hash of a text, by which scripts know the file with a page's values: see
/// <http://www.isthe.com/chongo/tech/comp/fnv/>. `static/previews.js` and `static/graph-notes.js` contain the same function.
pub(crate) fn fnv_1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The page name, without `.html`, that most titles produce: ASCII letters and digits in lower case, separated by
/// single hyphens. Empty if the title has no such character. `static/search-engine.js` and `static/graph-notes.js`
/// contain the same function, so their data files omit page names that follow from the title.
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

/// Whether `text` is kebab-case: lower-case letters and digits of any script, separated by single hyphens.
pub(crate) fn is_kebab(text: &str) -> bool {
    !text.is_empty()
        && text.split('-').all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || is_mark(c)))
        && text.chars().all(|c| c.to_lowercase().eq([c]))
}

/// The form in which the text of a wikilink and the names that it may mean are compared: NFC, letter case ignored,
/// without white space around it. A line end within a link and a no-break space are spaces, as in Obsidian.
pub(crate) fn link_key(name: &str) -> String {
    let name = name.trim();
    let is_plain = !name.contains('\n') && (name.is_ascii() || !name.contains('\u{a0}'));
    match is_plain {
        true => path_key(name),
        false => path_key(&name.split('\n').map(str::trim).collect::<Vec<_>>().join(" ").replace('\u{a0}', " ")),
    }
}

/// The form in which names (titles, aliases, wikilinks) are compared: NFC, lower case, words separated by single
/// spaces, punctuation removed.
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
        // `C++`, `C#` and `C` are different names.
        '+' | '#' => out.push(c),
        '\'' | '’' => {}
        _ if !out.is_empty() && !out.ends_with(' ') => out.push(' '),
        _ => {}
    }
}

/// [`name_key`] without a plural s: the form in which two titles are considered the same.
pub(crate) fn title_key(title: &str) -> String {
    let mut key = name_key(title);
    // Short words and words in `ss` are no plurals: `gas`, `class`.
    if key.len() > 3 && key.ends_with('s') && !key.ends_with("ss") {
        key.pop();
    }
    key
}

/// The fewest letters of a name for which names are compared by edit distance. Of three or four letters one is a quarter:
/// nearly every short word is similar to some other.
pub(crate) const SHORTEST_DISTANT: usize = 5;

/// The most names that [`nearest`] compares.
pub(crate) const MAX_CANDIDATES: usize = 2_000;

/// The candidate that is most similar to `wanted`, for a "did you mean". Prefers one that contains all words of `wanted` or
/// shares its beginning; else takes the one with the smallest edit distance, at most a third of the characters, if `wanted`
/// has at least [`SHORTEST_DISTANT`] letters. `None` if no candidate is similar.
///
/// Only the first [`MAX_CANDIDATES`] candidates are compared, so that *n* misspelt names among *n* others do not take *n*² time.
pub(crate) fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = lower_case(wanted);
    let length = wanted.chars().count();
    candidates
        .into_iter()
        .take(MAX_CANDIDATES)
        .filter_map(|c| near(&wanted, length, &lower_case(c)).map(|d| (d, c)))
        .min()
        .map(|(_, c)| c)
}

/// The text in lower case. Names usually are, and are not copied then.
fn lower_case(text: &str) -> Cow<'_, str> {
    match text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.to_lowercase()),
    }
}

/// How different two lower-case names are, smaller is nearer: whether they are only similar in their letters, and by how many
/// characters they differ. `None` if they are too different. `length` is the number of characters of `wanted`.
fn near(wanted: &str, length: usize, candidate: &str) -> Option<(bool, usize)> {
    let candidate_length = candidate.chars().count();
    let begins = candidate.starts_with(wanted) || wanted.starts_with(candidate);
    if length.min(candidate_length) >= 3 && (begins || holds_words(candidate, wanted)) {
        return Some((false, length.abs_diff(candidate_length)));
    }
    if length < SHORTEST_DISTANT {
        return None;
    }
    let allowed = (length.max(candidate_length) / 3).max(1);
    // The difference of the lengths is a lower bound of the distance, and costs nothing to compute.
    if length.abs_diff(candidate_length) > allowed {
        return None;
    }
    Some(strsim::damerau_levenshtein(wanted, candidate)).filter(|&d| d <= allowed).map(|d| (true, d))
}

/// Whether a name holds the words of a shorter one next to each other.
pub(crate) fn holds_words(name: &str, words: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    name.len() > words.len()
        && name
            .match_indices(words)
            .any(|(at, _)| is_edge(name[..at].chars().next_back()) && is_edge(name[at + words.len()..].chars().next()))
}

/// For each byte: the lower-case byte of an ASCII letter, the byte itself for a digit or an underscore, else 0.
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
    fn nearest_is_near() {
        assert_eq!(nearest("meduim", ["easy", "medium", "hard"]), Some("medium"));
        assert_eq!(nearest("impossible", ["easy", "medium", "hard"]), None);
    }
}
