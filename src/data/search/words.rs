//! Splits text into search words: folded to lower case without accents; scripts without spaces (Chinese, Japanese, Thai) in
//! pairs of characters. Knows no language. `static/search-engine.js` splits a query alike, and the tests of both read
//! `tests/search-words.json`.
//!
//! Example: `Größe 数据库, C++` has the words `grosse`, `数据`, `据库`, `库` and `c++`.

use crate::text::scripts::is_unspaced;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The greatest length of a word in characters. Longer words are cut, in the index and in queries.
pub(super) const LONGEST: usize = 40;

/// Calls `found` with each word of the text, in order, and with the range of the word if the text has exactly these bytes
/// there, except for an initial capital. `buffer` is scratch space.
pub(super) fn each_word(text: &str, buffer: &mut String, mut found: impl FnMut(&str, Option<Range<usize>>)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let (first, mut rest) = (class_of(bytes[at]), 0);
        at += 1;
        if first == 0 {
            continue;
        }
        while at < bytes.len() && class_of(bytes[at]) != 0 {
            rest |= class_of(bytes[at]);
            at += 1;
        }
        // The union of all classes tells in one test per word whether the slow path, a copy or neither is needed.
        if (first | rest) & ODD != 0 || at - start > LONGEST {
            each_folded_word(&text[start..at], buffer, &mut |word| found(word, None));
        } else if (first | rest) & UPPER == 0 {
            found(&text[start..at], Some(start..at));
        } else {
            buffer.clear();
            buffer.push_str(&text[start..at]);
            buffer.make_ascii_lowercase();
            found(buffer, (rest & UPPER == 0).then_some(start..at));
        }
    }
}

/// A lower case letter or digit.
const LOWER: u8 = 1;
/// A capital letter.
const UPPER: u8 = 2;
/// A byte beyond ASCII, or a sign allowed at the end of a word: the word needs [`each_folded_word`].
const ODD: u8 = 4;

/// [`LOWER`], [`UPPER`] or [`ODD`], or 0 for a byte between words.
fn class_of(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'0'..=b'9' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'+' | b'#' | 0x80.. => ODD,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// [`each_word`] for any characters, without ranges.
fn each_folded_word(text: &str, buffer: &mut String, found: &mut impl FnMut(&str)) {
    let folded = fold(text);
    let mut rest = folded.as_str();
    while let Some(start) = rest.find(is_word_char) {
        rest = &rest[start..];
        // A change between scripts with and without spaces ends a word: `Java数据` is `java` and `数据`.
        let dense = rest.starts_with(is_unspaced);
        let end = rest.find(|c| !is_word_char(c) || is_unspaced(c) != dense).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if dense {
            each_pair(run, found);
        } else {
            buffer.clear();
            buffer.push_str(run);
            buffer.push_str(sign_suffix(after));
            let cut = buffer.char_indices().nth(LONGEST).map_or(buffer.len(), |(at, _)| at);
            found(&buffer[..cut]);
        }
        rest = after;
    }
}

/// The signs `+` and `#` at the start of `after`, part of the word as in `c++` and `c#`. Empty if a letter or digit follows
/// them: `a+b` is two words.
fn sign_suffix(after: &str) -> &str {
    let end = after.find(|c| c != '+' && c != '#').unwrap_or(after.len());
    if after[end..].starts_with(is_word_char) { "" } else { &after[..end] }
}

/// Calls `found` with every pair of neighbouring characters and with the last character alone, so that a query of one
/// character finds all its occurrences by prefix.
fn each_pair(run: &str, found: &mut impl FnMut(&str)) {
    for (at, first) in run.char_indices() {
        let second = run[at + first.len_utf8()..].chars().next().map_or(0, char::len_utf8);
        found(&run[at..at + first.len_utf8() + second]);
    }
}

/// The text in lower case, with compatibility characters decomposed (NFKD) and without accents.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Lower case of some letters has a combining mark (İ becomes i with a dot), so marks are filtered twice.
    let bare = text.nfkd().filter(|c| !is_combining_mark(*c));
    for c in bare.flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)) {
        // These letters have no decomposition in Unicode, but are searched by their plain spelling.
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            _ => folded.push(c),
        }
    }
    folded
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each_word(text, &mut String::new(), |w, _| all.push(w.to_owned()));
        all
    }

    fn slow_words(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each_folded_word(text, &mut String::new(), &mut |w| all.push(w.to_owned()));
        all
    }

    #[test]
    fn the_shared_examples_hold() {
        let examples: Vec<(String, Vec<String>)> =
            serde_json::from_str(include_str!("../../../tests/search-words.json")).unwrap();
        assert!(examples.len() > 20);
        for (text, expected) in examples {
            assert_eq!(words(&text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_fast_path_equals_the_slow_one(text in "[a-zA-Z0-9 +#.,éÉñßİ数据“”\u{301}ΣﬁⅣ_-]{0,60}") {
            prop_assert_eq!(words(&text), slow_words(&text));
        }

        #[test]
        fn any_text_gives_folded_words(text in any::<String>()) {
            for word in words(&text) {
                prop_assert!(!word.is_empty() && word.chars().count() <= LONGEST);
                prop_assert_eq!(&fold(&word), &word);
            }
        }
    }
}
