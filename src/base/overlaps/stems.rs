//! Splits text into the stems of its meaningful words: words folded to lower case, without stop words, reduced by the Snowball
//! stemmer of a language. Knows no notes.
//!
//! Example in English: `The planner’s estimates were estimated.` has the stems `planner`, `estim`, `estim`. In scripts without
//! spaces, two neighbouring characters are a word: `数据库` has `数据` and `据库`.

use crate::text::scripts::{is_han, is_hiragana, is_southeast_asian};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use snowball_stemmers_rs::{Algorithm, Stemmer};
use std::hash::Hasher;
use std::sync::{Arc, Mutex, PoisonError};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The longest word that is stemmed, in bytes. Longer words are addresses and hashes, which have no stem.
const MAX_STEMMED: usize = 40;
/// The most words that one cache stores. A base has far fewer different words.
const MAX_CACHED: usize = 1 << 18;

/// The hash of a stem, equal in every run of the program. Two of 50,000 stems share a hash with a probability of 0.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Stem(u32);

impl Stem {
    /// The evenly spread bits.
    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    /// A stem by number instead of by letters.
    #[cfg(test)]
    pub(super) const fn from_bits(bits: u32) -> Stem {
        Stem(bits)
    }

    fn of(text: &str) -> Stem {
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes());
        // FxHasher leaves its best bits on top.
        Stem((hasher.finish() >> 32) as u32)
    }
}

/// The words of a language: its stop words and its stemmer. Stores the stems found, for one thread at a time.
pub(super) struct Words {
    stemmer: Option<Stemmer>,
    stop_words: Arc<FxHashSet<String>>,
    /// The stem of each word read so far, by the hash of the folded word. `None` for a stop word.
    known: FxHashMap<u64, Option<Stem>>,
}

impl Words {
    /// Calls `found` with the stem of each word of `text` except stop words. Returns the length of the text in thirds of a word,
    /// stop words included: a Han or hiragana character is two thirds, a character of Thai, Lao, Khmer or Burmese one third.
    pub(super) fn each_stem(&mut self, text: &str, mut found: impl FnMut(Stem)) -> u32 {
        let chunks = text.split_ascii_whitespace();
        let thirds = chunks.map(|chunk| match chunk.is_ascii() {
            true => self.each_ascii(chunk, &mut found),
            false => self.each_unicode(chunk, &mut found),
        });
        thirds.sum()
    }

    fn each_ascii(&mut self, chunk: &str, found: &mut impl FnMut(Stem)) -> u32 {
        // Hashing while folding avoids a copy of each word: nearly all words are known.
        let (mut thirds, mut start, mut hash) = (0, 0, EMPTY);
        for (at, byte) in chunk.bytes().chain([b' ']).enumerate() {
            if byte.is_ascii_alphanumeric() {
                if hash == EMPTY {
                    start = at;
                }
                hash = hash_byte(hash, byte.to_ascii_lowercase());
            } else if byte != b'\'' && hash != EMPTY {
                thirds += 3;
                self.stem(hash, || chunk[start..at].to_ascii_lowercase().replace('\'', ""))
                    .into_iter()
                    .for_each(&mut *found);
                hash = EMPTY;
            }
        }
        thirds
    }

    fn each_unicode(&mut self, chunk: &str, found: &mut impl FnMut(Stem)) -> u32 {
        let folded: String =
            chunk.nfc().flat_map(char::to_lowercase).map(|c| if c == '’' { '\'' } else { c }).collect();
        let (mut thirds, mut before, mut buffer) = (0, None, String::new());
        for (at, word) in folded.unicode_word_indices() {
            let first = word.chars().next().unwrap_or(' ');
            let dense = is_han(first) || is_hiragana(first) || is_southeast_asian(first);
            buffer.clear();
            match (dense, before) {
                // A single character has little meaning of its own, so neighbours are read as pairs.
                (true, Some((end, previous))) if end == at => {
                    buffer.push(previous);
                    buffer.push_str(word);
                }
                (true, _) => {}
                (false, _) => buffer.extend(word.chars().filter(|c| *c != '\'')),
            }
            before = dense.then(|| (at + word.len(), word.chars().next_back().unwrap_or(' ')));
            thirds += match (dense, is_southeast_asian(first)) {
                (true, true) => word.chars().count() as u32,
                (true, false) => 2 * word.chars().count() as u32,
                (false, _) => 3,
            };
            if !buffer.is_empty() {
                let hash = buffer.bytes().fold(EMPTY, hash_byte);
                self.stem(hash, || buffer.clone()).into_iter().for_each(&mut *found);
            }
        }
        thirds
    }

    /// The stem of a folded word, given its hash. `None` for a stop word.
    fn stem(&mut self, hash: u64, word: impl FnOnce() -> String) -> Option<Stem> {
        if let Some(&stem) = self.known.get(&hash) {
            return stem;
        }
        let word = word();
        let stem = match &self.stemmer {
            _ if self.stop_words.contains(&word) => None,
            Some(stemmer) if word.len() <= MAX_STEMMED => Some(Stem::of(&stemmer.stem(&word))),
            _ => Some(Stem::of(&word)),
        };
        if self.known.len() < MAX_CACHED {
            self.known.insert(hash, stem);
        }
        stem
    }
}

/// The hash of no letters.
const EMPTY: u64 = 0;

/// Adds a byte to the hash of a word. Of 64 bits, so two words of a base hardly ever share a hash.
fn hash_byte(hash: u64, byte: u8) -> u64 {
    (hash.rotate_left(5) ^ (u64::from(byte) + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The [`Words`] of one language for several threads.
pub(super) struct WordsPool {
    language: String,
    stop_words: Arc<FxHashSet<String>>,
    free: Mutex<Vec<Words>>,
}

impl WordsPool {
    /// A pool for a BCP 47 tag. In a language without a stemmer or without a list, words stay whole or all words count.
    pub(super) fn new(language: &str) -> WordsPool {
        let language = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let listed = match &*language {
            "nb" | "nn" => stop_words::lookup("no"),
            other => stop_words::lookup(other),
        };
        let stop_words = listed.unwrap_or_default().iter().map(|word| word.replace(['\'', '’'], "")).collect();
        WordsPool { language, stop_words: Arc::new(stop_words), free: Mutex::default() }
    }

    /// Calls `use_words` with words that no other thread uses.
    pub(super) fn with<T>(&self, use_words: impl FnOnce(&mut Words) -> T) -> T {
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut words = free().pop().unwrap_or_else(|| Words {
            stemmer: algorithm(&self.language).map(Stemmer::create),
            stop_words: self.stop_words.clone(),
            known: FxHashMap::default(),
        });
        let result = use_words(&mut words);
        free().push(words);
        result
    }
}

/// The Snowball algorithm of a language, given by its primary subtag. `None` if there is none.
fn algorithm(language: &str) -> Option<Algorithm> {
    Some(match language {
        "ar" => Algorithm::Arabic,
        "hy" => Algorithm::Armenian,
        "eu" => Algorithm::Basque,
        "ca" => Algorithm::Catalan,
        "cs" => Algorithm::Czech,
        "da" => Algorithm::Danish,
        "nl" => Algorithm::Dutch,
        "en" => Algorithm::English,
        "eo" => Algorithm::Esperanto,
        "et" => Algorithm::Estonian,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "hi" => Algorithm::Hindi,
        "hu" => Algorithm::Hungarian,
        "id" => Algorithm::Indonesian,
        "ga" => Algorithm::Irish,
        "it" => Algorithm::Italian,
        "lt" => Algorithm::Lithuanian,
        "ne" => Algorithm::Nepali,
        "nb" | "nn" | "no" => Algorithm::Norwegian,
        "fa" => Algorithm::Persian,
        "pl" => Algorithm::Polish,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sr" => Algorithm::Serbian,
        "st" => Algorithm::Sesotho,
        "es" => Algorithm::Spanish,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        "uk" => Algorithm::Ukrainian,
        "yi" => Algorithm::Yiddish,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stems(language: &str, text: &str) -> (Vec<Stem>, u32) {
        let mut found = Vec::new();
        let thirds = WordsPool::new(language).with(|words| words.each_stem(text, |stem| found.push(stem)));
        (found, thirds)
    }

    #[test]
    fn forms_of_a_word_have_one_stem_and_stop_words_none() {
        for (language, a, b) in [
            ("en", "The planner’s estimates were estimated.", "PLANNERS estimating (the) estimate"),
            ("en-GB", "don’t copy it", "copies"),
            ("de", "Die Häuser und die Katzen", "Haus Katze"),
            ("es", "las bases de datos", "base dato"),
            ("fr", "les requêtes lentes", "requête lente"),
            ("ru", "индексы и таблицы", "индекс таблица"),
            ("ja", "数据库", "数据 据库"),
            ("tlh", "read/write", "read write"),
        ] {
            assert_eq!(stems(language, a).0, stems(language, b).0, "{a} / {b}");
        }
        assert_ne!(stems("en", "stale").0, stems("en", "stable").0);
    }

    #[test]
    fn lengths_count_every_word() {
        assert_eq!(stems("en", "It is not the planner, it's you: read/write").1, 27);
        assert_eq!(stems("zh", "数据库索引").1, 10);
        assert_eq!(stems("en", "— 🚀 …").1, 0);
    }

    proptest! {
        #[test]
        fn any_word_of_any_script_is_stemmed(text in any::<String>(), of in 0..37usize) {
            let languages = "ar hy eu ca cs da nl en eo et fi fr de el hi hu id ga it lt ne nb fa pl pt ro ru sr st es sv ta \
                tr uk yi zh la";
            let language = languages.split(' ').nth(of).unwrap_or("en");
            stems(language, &text);
        }

        #[test]
        fn words_of_letters_are_stemmed(text in "[a-zéèüößñçğışåøæłżšāēа-яіїёα-ωאבגاأبتسशिक்த]{1,14}", of in 0..37usize) {
            let languages = "ar hy eu ca cs da nl en eo et fi fr de el hi hu id ga it lt ne nb fa pl pt ro ru sr st es sv ta \
                tr uk yi zh la";
            let language = languages.split(' ').nth(of).unwrap_or("en");
            stems(language, &text);
        }
    }
}
