//! Splits text into words and hashes each word to 32 bits. Knows the scripts of the world; knows no notes and no blocks.
//!
//! A word is a run of letters and digits, case folded and in NFC. An apostrophe inside a word is dropped (`don’t` becomes
//! `dont`), a point or comma between digits is part of the number (`1.5`). In scripts without spaces, every Han,
//! hiragana or Thai character is a word for comparison, but adds less than a word to the length of a text: see [`THIRDS`].
//!
//! Example: `Plans don’t lie, 数据` has five words, `plans`, `dont`, `lie`, `数` and `据`. The length is 3 + 3 + 3 + 2 + 2
//! thirds, or 4⅓ words.

use crate::text::scripts::{is_han, is_hiragana, is_southeast_asian};
use crate::text::slug::FOLDED;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Thirds per whole word, the unit of text length. A Han or hiragana character counts two thirds (a Chinese word has 1.5
/// characters on average), a character of Thai, Lao, Khmer or Burmese one third. "Ten words" is then about equally much text
/// in every language.
pub(super) const THIRDS: u32 = 3;

/// The hash of one folded word, equal in every run of the program. Two different words share a hash with a probability of
/// 2⁻³², too rare to change a similarity noticeably.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WordHash(u32);

impl WordHash {
    /// The evenly spread bits, for building seeds, shingles and signatures.
    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    /// A word by number instead of by letters.
    #[cfg(test)]
    pub(super) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

/// Appends the hash of each word of `text` to `out`. Returns the length of `text` in thirds of a word.
pub(super) fn push_words(text: &str, out: &mut Vec<WordHash>) -> u32 {
    let mut thirds = 0;
    for chunk in text.split_ascii_whitespace() {
        // Most chunks are ASCII even in notes of other languages, and need neither NFC nor Unicode's word boundaries.
        thirds += match chunk.is_ascii() {
            true => push_ascii(chunk.as_bytes(), out),
            false => push_unicode(chunk, out),
        };
    }
    thirds
}

/// The hash of a sequence of words. Depends on their order and number.
pub(super) fn hash_words(words: &[WordHash]) -> u64 {
    words.iter().fold(words.len() as u64, |hash, word| mix(hash, u64::from(word.0)))
}

/// Combines `value` into `hash`. Not commutative: the order of calls changes the result.
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    // Folding both halves of the 128-bit product, as wyhash does, carries low input bits up and high input bits down.
    let product = u128::from(hash.rotate_left(23) ^ value ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product as u64) ^ (product >> 64) as u64
}

/// Hashes the bytes of one word as they arrive.
#[derive(Default)]
struct WordHasher {
    hash: u64,
    /// Up to eight bytes not yet mixed into `hash`.
    pending: u64,
    /// Length of the word in bytes.
    length: u32,
}

impl WordHasher {
    fn push(&mut self, byte: u8) {
        self.pending = self.pending << 8 | u64::from(byte);
        self.length += 1;
        // `pending` holds eight bytes: one multiplication for eight bytes instead of one for each.
        if self.length.is_multiple_of(8) {
            self.hash = mix(self.hash, self.pending);
            self.pending = 0;
        }
    }

    fn push_char(&mut self, c: char) {
        for &byte in c.encode_utf8(&mut [0; 4]).as_bytes() {
            self.push(byte);
        }
    }

    /// Appends the hash of the word to `out` and starts an empty word. Returns the length in thirds: [`THIRDS`], or 0 if
    /// the word was empty and nothing was appended.
    fn finish_word(&mut self, out: &mut Vec<WordHash>) -> u32 {
        if self.length == 0 {
            return 0;
        }
        out.push(WordHash((mix(self.hash ^ u64::from(self.length), self.pending) >> 32) as u32));
        *self = Self::default();
        THIRDS
    }
}

/// [`push_words`] for a chunk of ASCII without spaces.
fn push_ascii(chunk: &[u8], out: &mut Vec<WordHash>) -> u32 {
    let (mut thirds, mut word) = (0, WordHasher::default());
    for (at, &byte) in chunk.iter().enumerate() {
        let folded = FOLDED[usize::from(byte)];
        if folded != 0 {
            word.push(folded);
        } else if word.length > 0 {
            // A word was begun, so `at` is at least 1.
            match joint(byte, chunk[at - 1], chunk.get(at + 1).copied().unwrap_or(b' ')) {
                Joint::Dropped => {}
                Joint::InNumber => word.push(byte),
                Joint::Boundary => thirds += word.finish_word(out),
            }
        }
    }
    thirds + word.finish_word(out)
}

/// How a byte between letters or digits is treated.
enum Joint {
    /// An apostrophe: dropped, and the word continues.
    Dropped,
    /// A point or comma between digits: part of the number.
    InNumber,
    /// Any different byte: ends the word.
    Boundary,
}

/// Classifies a byte other than a letter, digit or underscore by the bytes `before` and `after`.
fn joint(byte: u8, before: u8, after: u8) -> Joint {
    match byte {
        b'\'' if before.is_ascii_alphabetic() && after.is_ascii_alphabetic() => Joint::Dropped,
        b'.' | b',' if before.is_ascii_digit() && after.is_ascii_digit() => Joint::InNumber,
        _ => Joint::Boundary,
    }
}

/// [`push_words`] for a chunk with characters beyond ASCII: by letters alone in alphabets with spaces, else by Unicode's word
/// boundaries (UAX #29), after NFC.
fn push_unicode(chunk: &str, out: &mut Vec<WordHash>) -> u32 {
    match chunk.chars().all(is_plain) {
        true => push_plain(chunk.chars(), out),
        false => push_segments(chunk, out),
    }
}

/// Whether `c` belongs to an alphabet with spaces (Latin, Greek, Cyrillic) and is unchanged by NFC, or is punctuation or a
/// symbol of prose.
fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='\u{2ff}' | '\u{370}'..='\u{52f}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{2190}'..='\u{22ff}')
}

/// [`push_words`] for characters accepted by [`is_plain`].
fn push_plain(chars: impl Iterator<Item = char>, out: &mut Vec<WordHash>) -> u32 {
    let (mut thirds, mut word) = (0, WordHasher::default());
    let mut chars = chars.peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        // The same rules as in `joint`, for `char`: a note may mix both kinds of chunks, and `1.5` must hash alike in each.
        if c.is_alphanumeric()
            || c == '_'
            || (c == '.' || c == ',') && before.is_ascii_digit() && after.is_ascii_digit()
        {
            fold(c, |folded| word.push_char(folded));
        } else if !(matches!(c, '\'' | '’') && before.is_alphabetic() && after.is_alphabetic()) {
            thirds += word.finish_word(out);
        }
        before = c;
    }
    thirds + word.finish_word(out)
}

/// Calls `to` with each character of the case folding of `c`.
fn fold(c: char, mut to: impl FnMut(char)) {
    match c {
        // `to_lowercase` leaves both unchanged, but capitals produce `ss` and `σ`: GRÖSSE, ὈΔΥΣΣΕΎΣ.
        'ß' => ['s', 's'].into_iter().for_each(to),
        'ς' => to('σ'),
        _ => c.to_lowercase().for_each(to),
    }
}

/// [`push_words`] for a chunk of any script.
fn push_segments(chunk: &str, out: &mut Vec<WordHash>) -> u32 {
    let mut folded = String::with_capacity(chunk.len() + 4);
    for c in chunk.nfc() {
        fold(if c == '’' { '\'' } else { c }, |c| folded.push(c));
    }
    folded.unicode_words().map(|word| push_segment(word, out)).sum()
}

/// Appends one folded segment between two Unicode word boundaries. Returns its length in thirds.
fn push_segment(segment: &str, out: &mut Vec<WordHash>) -> u32 {
    // UAX #29 has no boundary in `key:value`, because a colon is MidLetter; an ASCII chunk splits there, so split here as
    // well.
    if segment.is_ascii() {
        return push_ascii(segment.as_bytes(), out);
    }
    let mut word = WordHasher::default();
    segment.bytes().filter(|&byte| byte != b'\'').for_each(|byte| word.push(byte));
    word.finish_word(out);
    segment.chars().next().map_or(0, thirds_of)
}

/// The length in thirds of a segment beginning with `c`.
fn thirds_of(c: char) -> u32 {
    match c {
        c if is_southeast_asian(c) => 1,
        c if is_hiragana(c) || is_han(c) => 2,
        _ => THIRDS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<WordHash> {
        let mut out = Vec::new();
        push_words(text, &mut out);
        out
    }

    fn length(text: &str) -> u32 {
        push_words(text, &mut Vec::new())
    }

    #[test]
    fn case_marks_and_forms_do_not_matter() {
        for (a, b) in [
            ("Plans ARE estimates.", "plans are (estimates)"),
            ("don’t", "Don't"),
            ("“Größe” — GRÖSSE", "größe grösse"),
            ("STRASSE", "Straße"),
            ("cafe\u{301} noir", "Café noir"),
            ("Ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
            ("и\u{306}од", "Йод"),
            ("e.g. this", "“e.g.” this"),
            ("read/write, key:value", "read write key value"),
            ("数据库", "数，据。库"),
        ] {
            assert_eq!(words(a), words(b), "{a} / {b}");
        }
    }

    #[test]
    fn different_words_differ() {
        for (a, b) in
            [("1.5", "15"), ("abcdefgh", "abcdefghi"), ("a b", "ab"), ("b a", "a b"), ("snake_case", "snake case")]
        {
            assert_ne!(words(a), words(b), "{a} / {b}");
        }
    }

    #[test]
    fn lengths_are_about_words_in_every_script() {
        for (text, want) in [
            ("One two, three: four-five.", 15),
            ("¿Cuándo conviene usar índices parciales?", 15),
            ("Блокировки держатся до конца", 12),
            ("数据库索引", 10),
            ("人々〇", 2 + 2 + 2),
            ("インデックスは速い", 3 + 2 + 2 + 2),
            ("ฐานข้อมูล", 7),
            ("데이터베이스 색인", 6),
            ("🚀 — …", 0),
        ] {
            assert_eq!(length(text), want, "{text}");
        }
    }

    #[test]
    fn letters_of_every_script_are_words_on_both_paths() {
        let russian = "Индекс ускоряет чтение";
        let mut plain = Vec::new();
        push_plain(russian.chars(), &mut plain);
        let mut segments = Vec::new();
        push_segments(russian, &mut segments);
        assert_eq!(plain, segments);
        assert_eq!(plain.len(), 3);
    }
}
