//! Text as a row of numbers, one a word. Knows the scripts of the world and nothing of notes.
//!
//! A word is a run of letters and digits, case folded and in NFC; an apostrophe inside a word is dropped (`don’t` is
//! `dont`), a point or comma between digits stays (`1.5`). Where a script sets no spaces, each sign is a word of its own
//! when texts are compared, and counts for less when their length is asked: see [`THIRDS`].

use crate::text::scripts::{is_han, is_hiragana, is_southeast_asian};
use crate::text::slug::FOLDED;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Thirds in a whole word. Han signs and kana count two thirds (a Chinese word has 1.5 signs on average), the signs of Thai,
/// Lao, Khmer and Burmese one third, so that "ten words" is about as much text in every language.
pub(super) const THIRDS: u32 = 3;

/// Appends the words of `text` to `out`, each as a number that is the same in every run. Returns their length in thirds
/// of a word.
pub(super) fn push_words(text: &str, out: &mut Vec<u32>) -> u32 {
    let mut thirds = 0;
    for chunk in text.split_ascii_whitespace() {
        thirds += match chunk.is_ascii() {
            true => push_ascii(chunk.as_bytes(), out),
            false => push_unicode(chunk, out),
        };
    }
    thirds
}

/// One number for a whole row of words.
pub(super) fn hash_row(words: &[u32]) -> u64 {
    words.iter().fold(words.len() as u64, |hash, &word| mix(hash, u64::from(word)))
}

/// Spreads `value` into `hash`; the order of calls matters.
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    let product = u128::from(hash.rotate_left(23) ^ value ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product as u64) ^ (product >> 64) as u64
}

/// Gathers the bytes of one word into a number.
#[derive(Default)]
struct Word {
    hash: u64,
    bytes: u64,
    length: u32,
}

impl Word {
    fn push(&mut self, byte: u8) {
        self.bytes = self.bytes << 8 | u64::from(byte);
        self.length += 1;
        if self.length.is_multiple_of(8) {
            self.hash = mix(self.hash, self.bytes);
            self.bytes = 0;
        }
    }

    fn push_char(&mut self, c: char) {
        for &byte in c.encode_utf8(&mut [0; 4]).as_bytes() {
            self.push(byte);
        }
    }

    /// The word's number, if it has any byte; the next word begins empty.
    fn end(&mut self, out: &mut Vec<u32>) -> u32 {
        if self.length == 0 {
            return 0;
        }
        out.push((mix(self.hash ^ u64::from(self.length), self.bytes) >> 32) as u32);
        *self = Self::default();
        THIRDS
    }
}

fn push_ascii(chunk: &[u8], out: &mut Vec<u32>) -> u32 {
    let (mut thirds, mut word) = (0, Word::default());
    for (at, &byte) in chunk.iter().enumerate() {
        let folded = FOLDED[usize::from(byte)];
        if folded != 0 {
            word.push(folded);
        } else if word.length > 0 {
            match joint(byte, chunk[at - 1], chunk.get(at + 1).copied().unwrap_or(b' ')) {
                Joint::Apostrophe => {}
                Joint::Point => word.push(byte),
                Joint::None => thirds += word.end(out),
            }
        }
    }
    thirds + word.end(out)
}

enum Joint {
    Apostrophe,
    Point,
    None,
}

/// What a byte that is no letter does between the bytes before and after it.
fn joint(byte: u8, before: u8, after: u8) -> Joint {
    match byte {
        b'\'' if before.is_ascii_alphabetic() && after.is_ascii_alphabetic() => Joint::Apostrophe,
        b'.' | b',' if before.is_ascii_digit() && after.is_ascii_digit() => Joint::Point,
        _ => Joint::None,
    }
}

/// Words of a chunk that is not ASCII: by letters alone where the alphabet sets spaces, else by Unicode's word boundaries.
fn push_unicode(chunk: &str, out: &mut Vec<u32>) -> u32 {
    match chunk.chars().all(is_plain) {
        true => push_plain(chunk.chars(), out),
        false => push_segments(chunk, out),
    }
}

/// Characters of alphabets with spaces, all in NFC, and the punctuation and signs of prose.
fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='\u{2ff}' | '\u{370}'..='\u{52f}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{2190}'..='\u{22ff}')
}

fn push_plain(chars: impl Iterator<Item = char>, out: &mut Vec<u32>) -> u32 {
    let (mut thirds, mut word) = (0, Word::default());
    let mut chars = chars.peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        if c.is_alphanumeric()
            || c == '_'
            || (c == '.' || c == ',') && before.is_ascii_digit() && after.is_ascii_digit()
        {
            fold(c, |folded| word.push_char(folded));
        } else if !(matches!(c, '\'' | '’') && before.is_alphabetic() && after.is_alphabetic()) {
            thirds += word.end(out);
        }
        before = c;
    }
    thirds + word.end(out)
}

/// Calls `to` with the characters of `c`, case folded.
fn fold(c: char, mut to: impl FnMut(char)) {
    match c {
        'ß' => ['s', 's'].into_iter().for_each(to),
        'ς' => to('σ'),
        _ => c.to_lowercase().for_each(to),
    }
}

fn push_segments(chunk: &str, out: &mut Vec<u32>) -> u32 {
    let mut folded = String::with_capacity(chunk.len() + 4);
    for c in chunk.nfc() {
        fold(if c == '’' { '\'' } else { c }, |c| folded.push(c));
    }
    folded.unicode_words().map(|word| push_segment(word, out)).sum()
}

fn push_segment(segment: &str, out: &mut Vec<u32>) -> u32 {
    if segment.is_ascii() {
        return push_ascii(segment.as_bytes(), out);
    }
    let mut word = Word::default();
    segment.bytes().filter(|&byte| byte != b'\'').for_each(|byte| word.push(byte));
    word.end(out);
    segment.chars().next().map_or(0, thirds_of)
}

/// What a segment that begins with `c` counts for.
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

    fn words(text: &str) -> Vec<u32> {
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
