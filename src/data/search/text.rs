//! Writes the texts of the notes, from which the reader displays sentences: a few notes per file (`search/n*.js`), frequent
//! words as one character each (`search/w.js` has the words). Knows nothing of postings.
//!
//! Example: with the vocabulary `alpha`, `beta`, `once`, the line `alpha Beta, alpha` is U+E000, U+E004, `, `, U+E000. The
//! codes count from U+E000, words with a capital follow the three without: `Beta` is 0xE000 + 3 + 1. The space between two
//! codes is implied.

use super::pack::{front_code, push_quoted};
use super::words::each_word;
use super::{Doc, File, script};
use crate::text::ids::{Id, IndexVec, id};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// The number of bytes from which a text file is closed: small enough to be fetched for one result.
const FILE_BYTES: usize = 12_000;
/// The greatest length of a note's text in a text file, in bytes. Text beyond is found but not displayed.
const SHOWN_BYTES: usize = 200_000;
/// The fewest notes with a vocabulary. For fewer, the table of words costs a reader more than the codes save.
const FEWEST_NOTES: usize = 500;
/// The number of notes sampled for frequent words.
const SAMPLE: usize = 400;
/// The most words in a vocabulary. Each needs two characters, one for the word with a capital.
const MOST_WORDS: usize = 2_500;
/// The first code: the start of Unicode's private use area, which has 6,400 characters.
const FIRST_CODE: u32 = 0xe000;

id! {
    /// A frequent word: its index in the vocabulary.
    pub(super) struct VocabularyId;
}

/// The frequent words of a base, each written as one character in the text files.
#[derive(Default)]
pub(crate) struct Vocabulary {
    /// Sorted.
    words: IndexVec<VocabularyId, Box<str>>,
    codes: FxHashMap<Box<str>, VocabularyId>,
}

/// The vocabulary of `docs`, from a sample at equal distances. Empty for fewer than [`FEWEST_NOTES`].
pub(crate) fn vocabulary(docs: &[Doc]) -> Vocabulary {
    if docs.len() < FEWEST_NOTES {
        return Vocabulary::default();
    }
    let (mut counts, mut buffer) = (FxHashMap::<Box<str>, usize>::default(), String::new());
    for part in docs.iter().step_by(docs.len() / SAMPLE + 1).flat_map(|doc| &doc.parts) {
        each_word(part.text, &mut buffer, |word, _| match counts.get_mut(word) {
            // The entry API would copy the word for every occurrence.
            Some(count) => *count += 1,
            None => _ = counts.insert(word.into(), 1),
        });
    }
    // The characters saved by writing each use as a single one.
    let gain = |(word, count): &(Box<str>, usize)| (word.len() - 1) * count;
    let mut all: Vec<_> =
        counts.into_iter().filter(|(word, count)| *count > 3 && word.len() > 1 && word.is_ascii()).collect();
    // The word breaks ties, because the order of a hash map is arbitrary.
    all.sort_unstable_by(|a, b| gain(b).cmp(&gain(a)).then_with(|| a.0.cmp(&b.0)));
    all.truncate(MOST_WORDS);
    let mut words: IndexVec<VocabularyId, Box<str>> = all.into_iter().map(|(word, _)| word).collect();
    words.sort_unstable();
    let codes = words.iter_enumerated().map(|(id, word)| (word.clone(), id)).collect();
    Vocabulary { words, codes }
}

impl Vocabulary {
    /// The id of a folded word. `None` if the word is not frequent.
    pub(super) fn code(&self, word: &str) -> Option<VocabularyId> {
        self.codes.get(word).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// The file `search/w.js`. `None` if the vocabulary is empty.
    pub(super) fn file(&self) -> Option<File> {
        let mut value = String::new();
        push_quoted(&mut value, &front_code(self.words.iter().map(|word| &**word)));
        (!self.words.is_empty()).then(|| ("search/w.js".to_owned(), script(&value)))
    }
}

/// A line being written, with frequent words as codes. A single space between two codes is left out.
pub(super) struct Line<'a> {
    text: &'a str,
    /// The number of bytes already written.
    done: usize,
    /// The number of words in the vocabulary, the distance from a code to the code with a capital.
    capitals: u32,
    out: &'a mut String,
}

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a str, vocabulary: &Vocabulary, out: &'a mut String) -> Line<'a> {
        Line { text, done: 0, capitals: vocabulary.len() as u32, out }
    }

    /// Writes the text up to `place`, and the word there as a code. The word may have an initial capital.
    pub(super) fn word(&mut self, word: VocabularyId, place: Range<usize>) {
        let capital = self.text.as_bytes()[place.start].is_ascii_uppercase();
        let code = word.index() as u32 + if capital { self.capitals } else { 0 };
        let gap = &self.text[self.done..place.start];
        // A space at the start of the line is no space between two codes.
        if gap != " " || self.done == 0 {
            push_literal(self.out, gap);
        }
        self.out.extend(char::from_u32(FIRST_CODE + code));
        self.done = place.end;
    }

    /// Writes the rest of the line.
    pub(super) fn finish(self) {
        push_literal(self.out, &self.text[self.done..]);
    }
}

/// Appends text without codes. A private use character would be read as a code, and becomes U+FFFD.
fn push_literal(out: &mut String, text: &str) {
    if text.is_ascii() {
        out.push_str(text);
    } else {
        out.push_str(&text.replace(|c| matches!(c, '\u{e000}'..='\u{f8ff}'), "\u{fffd}"));
    }
}

/// The texts of a few notes as a script.
pub(super) struct TextFile {
    pub note_count: usize,
    pub bytes: Vec<u8>,
}

/// Writes text files. A note is a string: the summary, then for each section a line of tab, heading, tab and anchor, followed
/// by the lines of the section, which start without a tab.
#[derive(Default)]
pub(super) struct Texts {
    files: Vec<TextFile>,
    /// The file not yet closed: an array without its end, and the number of notes in the array.
    open: String,
    open_notes: usize,
    /// The note being written.
    note: String,
}

impl Texts {
    /// Starts a note with its summary. `buffer` is scratch space.
    pub(super) fn begin(&mut self, summary: &str, vocabulary: &Vocabulary, buffer: &mut String) {
        let mut line = Line::new(summary, vocabulary, &mut self.note);
        each_word(summary, buffer, |word, place| {
            if let (Some(code), Some(place)) = (vocabulary.code(word), place) {
                line.word(code, place);
            }
        });
        line.finish();
    }

    /// Starts a line of the note and returns the string to append to. `None` once the note has [`SHOWN_BYTES`].
    pub(super) fn next_line(&mut self) -> Option<&mut String> {
        (self.note.len() <= SHOWN_BYTES).then(|| {
            self.note.push('\n');
            &mut self.note
        })
    }

    /// Adds the note to the open file, and closes the file if it is large enough.
    pub(super) fn end_note(&mut self) {
        self.open.push(if self.open_notes == 0 { '[' } else { ',' });
        // The last line may exceed the limit.
        self.note.truncate(self.note.floor_char_boundary(SHOWN_BYTES));
        push_quoted(&mut self.open, &self.note);
        self.note.clear();
        self.open_notes += 1;
        if self.open.len() >= FILE_BYTES {
            self.close();
        }
    }

    /// Closes the open file, which has at least one note.
    fn close(&mut self) {
        self.open.push(']');
        self.files.push(TextFile { note_count: self.open_notes, bytes: script(&self.open) });
        self.open.clear();
        self.open_notes = 0;
    }

    /// All files.
    pub(super) fn finish(mut self) -> Vec<TextFile> {
        if self.open_notes > 0 {
            self.close();
        }
        self.files
    }
}
