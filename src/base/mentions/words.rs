//! Words of names and of texts: a table from the first words of each name to the name. Knows no notes and no rules.

use super::NameId;
use crate::text::scripts::is_unspaced;
use crate::text::slug::FOLDED;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::ops::Range;

/// Names by the hash of a word, or of two consecutive words.
pub(super) struct ByWords {
    /// A Bloom filter of one hash: a bit is set for each key. Rejects most words of a text in the processor's cache.
    may_be: Vec<u64>,
    /// The names with a word or a pair of words, each with the number of bytes before it.
    names: FxHashMap<u64, SmallVec<[(NameId, u32); 2]>>,
}

/// The number of bits in [`ByWords::may_be`]: 128 KB.
const BITS: u64 = 1 << 20;

impl ByWords {
    /// A table of these names. The key of a name is the pair of words that the fewest names have: of 1,000 names that begin
    /// with `alpha alpha`, few are looked up at each `alpha alpha` of a text.
    pub(super) fn new<'a>(names: impl Iterator<Item = (NameId, &'a str)>) -> ByWords {
        let keys: Vec<(NameId, Keys)> = names.map(|(k, text)| (k, keys(text))).collect();
        let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
        keys.iter().flat_map(|(_, own)| own).for_each(|(key, _)| *counts.entry(*key).or_default() += 1);
        let mut by_words = ByWords { may_be: vec![0; (BITS / 64) as usize], names: FxHashMap::default() };
        for (k, own) in keys {
            // The first of equally rare ones.
            let Some((key, before)) = own.into_iter().min_by_key(|(key, _)| counts[key]) else { continue };
            let (element, bit) = bit_of(key);
            by_words.may_be[element] |= bit;
            by_words.names.entry(key).or_default().push((k, before));
        }
        by_words
    }

    /// The names with this key.
    pub(super) fn get(&self, key: u64) -> &[(NameId, u32)] {
        let (element, bit) = bit_of(key);
        match self.may_be[element] & bit {
            0 => &[],
            _ => self.names.get(&key).map_or(&[], SmallVec::as_slice),
        }
    }
}

/// Keys of a name, each with the number of bytes before its first word.
type Keys = SmallVec<[(u64, u32); 4]>;

/// The possible keys of a name: its pairs of words, or its only word, each with the number of bytes before it. After a letter
/// outside of ASCII there is none but the first: the other case of such a letter may have another length.
fn keys(text: &str) -> Keys {
    let words: SmallVec<[Word; 8]> = Words::of(text).collect();
    match &words[..] {
        [only] => SmallVec::from_slice(&[(only.hash, only.start as u32)]),
        _ => {
            let pairs =
                words.windows(2).enumerate().take_while(|(at, pair)| *at == 0 || text[..pair[0].start].is_ascii());
            pairs.map(|(_, words)| (pair(words[0].hash, words[1].hash), words[0].start as u32)).collect()
        }
    }
}

/// The bit of a key in [`ByWords::may_be`]: the index of the element, and the mask in the element.
fn bit_of(key: u64) -> (usize, u64) {
    ((key % BITS / 64) as usize, 1 << (key % 64))
}

/// The key of two consecutive words.
pub(super) fn pair(first: u64, second: u64) -> u64 {
    step(first.rotate_left(20), second)
}

/// Mixes `value` into `hash` (multiplication by 2⁶⁴ / φ, then folding the high bits down).
fn step(hash: u64, value: u64) -> u64 {
    let mixed = (hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

/// A word of a text: its position, and a hash equal for upper and lower case.
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) hash: u64,
}

/// Iterates over the words of a text. A letter of a script without spaces ends a word and belongs to none.
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    pub(super) fn of(text: &'a str) -> Words<'a> {
        Words { text, at: 0 }
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        let bytes = self.text.as_bytes();
        let mut word: Option<Word> = None;
        while let Some(&byte) = bytes.get(self.at) {
            // ASCII without decoding: nearly all bytes of most notes.
            let (sign, length) = match byte.is_ascii() {
                true => (u64::from(FOLDED[usize::from(byte)]), 1),
                false => self.text[self.at..].chars().next().map(|c| (sign_of(c), c.len_utf8()))?,
            };
            match (&mut word, sign) {
                (Some(_), 0) => break,
                (None, 0) => {}
                (None, sign) => word = Some(Word { start: self.at, hash: sign }),
                // FNV-1a, over characters instead of bytes.
                (Some(word), sign) => word.hash = (word.hash ^ sign).wrapping_mul(0x0000_0100_0000_01b3),
            }
            self.at += length;
        }
        word.map(|word| Word { hash: step(word.hash, 0), ..word })
    }
}

/// The value of a character for the hash of its word. 0 for a character outside of words.
fn sign_of(c: char) -> u64 {
    if is_letter(c) && !is_unspaced(c) { folded(c).into() } else { 0 }
}

/// Whether a character belongs to a word.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The lower case form of a character. The character itself if the form differs in length, because positions in folded text
/// are used in the original one. A line end becomes a space, as a browser displays a line end within a paragraph.
pub(super) fn folded(c: char) -> char {
    match c {
        '\n' => ' ',
        c if c.is_ascii() => c.to_ascii_lowercase(),
        c => c.to_lowercase().next().filter(|small| small.len_utf8() == c.len_utf8()).unwrap_or(c),
    }
}

/// Whether a word with a capital is the beginning of a longer name that the base has no note for: `Kafka` in “Kafka Streams”.
/// The next word then has a capital and small letters, and begins no name of a note. `starts` are the starts of all names.
pub(super) fn is_part_of_name(text: &str, range: &Range<usize>, starts: &[usize]) -> bool {
    let word = &text[range.clone()];
    let Some(next) = text[range.end..].strip_prefix(' ') else { return false };
    let mut letters = next.chars();
    let is_title_case =
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase);
    is_title_case && word.starts_with(char::is_uppercase) && !word.contains(' ') && !starts.contains(&(range.end + 1))
}

/// Whether a name has at least two letters, all of them capitals: `SQL`.
pub(super) fn is_capitals(name: &str) -> bool {
    let letters = || name.chars().filter(|c| c.is_alphabetic());
    letters().nth(1).is_some() && letters().all(char::is_uppercase)
}
