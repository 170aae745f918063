//! The notes' text as the reader gets it to show sentences from: a few notes to a file (`search/n*.js`), frequent words as one character each
//! (`search/w.js` has the words). Knows nothing of what is found where.

use super::pack::{front_code, push_quoted};
use super::words::each_word;
use super::{Doc, File, script};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// A file of text is closed once it has this many bytes: small enough to be fetched for one result.
const FILE_BYTES: usize = 12_000;
/// Text of one note beyond this is found but not shown.
const SHOWN_BYTES: usize = 200_000;
/// With fewer notes the table of words costs a reader more than it saves.
const FEWEST_NOTES: usize = 500;
/// How many notes are looked at for frequent words.
const SAMPLE: usize = 400;
/// At most this many words have a character of their own; as many more characters stand for them with a capital.
const MOST_WORDS: usize = 2_500;
/// The first character that stands for a word: Unicode's private use area, of 6,400 characters.
const FIRST_CODE: u32 = 0xe000;

/// The base's frequent words, each of which is one character in the text files.
#[derive(Default)]
pub(crate) struct Vocabulary {
    words: Vec<Box<str>>,
    codes: FxHashMap<Box<str>, u32>,
}

/// The frequent words of some of the notes, from all over.
pub(crate) fn vocabulary(docs: &[Doc]) -> Vocabulary {
    if docs.len() < FEWEST_NOTES {
        return Vocabulary::default();
    }
    let (mut counts, mut buffer) = (FxHashMap::<Box<str>, usize>::default(), String::new());
    for part in docs.iter().step_by(docs.len() / SAMPLE + 1).flat_map(|doc| &doc.parts) {
        each_word(part.text, &mut buffer, |word, _| match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => _ = counts.insert(word.into(), 1),
        });
    }
    let gain = |(word, count): &(Box<str>, usize)| (word.len() - 1) * count;
    let mut all: Vec<_> =
        counts.into_iter().filter(|(word, count)| *count > 3 && word.len() > 1 && word.is_ascii()).collect();
    all.sort_unstable_by(|a, b| gain(b).cmp(&gain(a)).then_with(|| a.0.cmp(&b.0)));
    all.truncate(MOST_WORDS);
    let mut words: Vec<Box<str>> = all.into_iter().map(|(word, _)| word).collect();
    words.sort_unstable();
    let codes = words.iter().cloned().zip(0..).collect();
    Vocabulary { words, codes }
}

impl Vocabulary {
    /// The word's number, for [`Line::word`].
    pub(super) fn code(&self, word: &str) -> Option<u32> {
        self.codes.get(word).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// The table of words, if there are any.
    pub(super) fn file(&self) -> Option<File> {
        let mut value = String::new();
        push_quoted(&mut value, &front_code(self.words.iter().map(|word| &**word)));
        (!self.words.is_empty()).then(|| ("search/w.js".to_owned(), script(&value)))
    }
}

/// A line on its way into a text file. Between two words that are characters, one space goes without saying.
pub(super) struct Line<'a> {
    text: &'a str,
    done: usize,
    capitals: u32,
    out: &'a mut String,
}

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a str, vocabulary: &Vocabulary, out: &'a mut String) -> Line<'a> {
        Line { text, done: 0, capitals: vocabulary.len() as u32, out }
    }

    /// The word with this code stands at `place`, perhaps with a capital at its start.
    pub(super) fn word(&mut self, code: u32, place: Range<usize>) {
        let capital = self.text.as_bytes()[place.start].is_ascii_uppercase();
        let code = if capital { code + self.capitals } else { code };
        let gap = &self.text[self.done..place.start];
        if gap != " " || self.done == 0 {
            push_literal(self.out, gap);
        }
        self.out.extend(char::from_u32(FIRST_CODE + code));
        self.done = place.end;
    }

    pub(super) fn finish(self) {
        push_literal(self.out, &self.text[self.done..]);
    }
}

/// A character that would be taken for a word is lost: it has no meaning of its own.
fn push_literal(out: &mut String, text: &str) {
    if text.is_ascii() {
        out.push_str(text);
    } else {
        out.push_str(&text.replace(|c| matches!(c, '\u{e000}'..='\u{f8ff}'), "\u{fffd}"));
    }
}

/// The text of a few notes as a script.
pub(super) struct TextFile {
    pub notes: usize,
    pub bytes: Vec<u8>,
}

/// Text files in the making. A note is a string: the summary, then for each section a line of tab, heading, tab and anchor, and its lines
/// (which begin with no tab).
#[derive(Default)]
pub(super) struct Texts {
    files: Vec<TextFile>,
    open: String,
    notes: usize,
    note: String,
}

impl Texts {
    /// Begins a note with its summary.
    pub(super) fn begin(&mut self, summary: &str, vocabulary: &Vocabulary, buffer: &mut String) {
        let mut line = Line::new(summary, vocabulary, &mut self.note);
        each_word(summary, buffer, |word, place| {
            if let (Some(code), Some(place)) = (vocabulary.code(word), place) {
                line.word(code, place);
            }
        });
        line.finish();
    }

    /// Where the next line of the open note goes, if it is still to be shown.
    pub(super) fn next_line(&mut self) -> Option<&mut String> {
        (self.note.len() <= SHOWN_BYTES).then(|| {
            self.note.push('\n');
            &mut self.note
        })
    }

    pub(super) fn end_note(&mut self) {
        self.open.push(if self.notes == 0 { '[' } else { ',' });
        self.note.truncate(self.note.floor_char_boundary(SHOWN_BYTES));
        push_quoted(&mut self.open, &self.note);
        self.note.clear();
        self.notes += 1;
        if self.open.len() >= FILE_BYTES {
            self.close();
        }
    }

    fn close(&mut self) {
        self.open.push(']');
        self.files.push(TextFile { notes: self.notes, bytes: script(&self.open) });
        self.open.clear();
        self.notes = 0;
    }

    pub(super) fn finish(mut self) -> Vec<TextFile> {
        if self.notes > 0 {
            self.close();
        }
        self.files
    }
}
