//! What a run of neighbouring notes brings to the index: their facts, their text in files, and where each word stands. One pass over each text;
//! knows nothing of other runs, so runs are made in parallel.

use super::text::{Line, TextFile, Texts, Vocabulary};
use super::words::each_word;
use super::{Doc, File};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Passages beyond this number count as one.
const LAST_PASSAGE: u32 = 4095;

/// Neighbouring notes, taken up for the index.
pub(crate) struct Run {
    pub(super) notes: Vec<Facts>,
    pub(super) texts: Vec<TextFile>,
    pub(super) terms: Vec<(Box<str>, Postings)>,
}

/// What the catalog says of a note.
pub(super) struct Facts {
    pub url: String,
    pub title: String,
    pub aliases: Vec<String>,
    pub kind: String,
    pub status: String,
    pub difficulty: String,
    pub importance: u8,
    pub tags: Vec<String>,
    /// Bits of the number of passages.
    pub size: u32,
}

/// Where a word stands in a run: for each note the gap to the one before, then the steps from passage to passage (0 is all headings, the first
/// step one more than the passage), then 0; all as varints.
#[derive(Default)]
pub(super) struct Postings {
    pub notes: usize,
    pub places: usize,
    bytes: Vec<u8>,
    /// The next note that could come, and the next passage in the last one.
    next: (u32, u32),
}

impl Postings {
    fn add(&mut self, note: u32, passage: u32) {
        let (next_note, next_passage) = self.next;
        if self.notes > 0 && note + 1 == next_note {
            if passage < next_passage {
                return;
            }
            push_varint(&mut self.bytes, passage + 1 - next_passage);
        } else {
            if self.notes > 0 {
                self.bytes.push(0);
            }
            push_varint(&mut self.bytes, note - next_note);
            push_varint(&mut self.bytes, passage + 1);
            self.notes += 1;
        }
        self.places += 1;
        self.next = (note + 1, passage + 1);
    }

    /// Calls `found` with each note (counted from the run's first) and its passages.
    pub(super) fn each(&self, mut found: impl FnMut(u32, &[u32])) {
        let (mut at, mut note, mut passages) = (0, 0, Vec::new());
        for _ in 0..self.notes {
            note += read_varint(&self.bytes, &mut at);
            passages.clear();
            let mut next = 0;
            loop {
                let step = if at < self.bytes.len() { read_varint(&self.bytes, &mut at) } else { 0 };
                if step == 0 {
                    break;
                }
                next += step;
                passages.push(next - 1);
            }
            found(note, &passages);
            note += 1;
        }
    }
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 128 {
        bytes.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn read_varint(bytes: &[u8], at: &mut usize) -> u32 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[*at];
        *at += 1;
        value |= u32::from(byte & 127) << shift;
        if byte < 128 {
            return value;
        }
        shift += 7;
    }
}

/// The words of a run, in order of first sight.
#[derive(Default)]
struct Words {
    numbers: FxHashMap<Box<str>, usize>,
    postings: Vec<Postings>,
    codes: Vec<Option<u32>>,
    buffer: String,
}

impl Words {
    /// Takes up the words of a line, and puts the line to `shown`.
    fn add(&mut self, text: &str, (note, passage): (u32, u32), vocabulary: &Vocabulary, shown: Option<&mut String>) {
        let Words { numbers, postings, codes, buffer } = self;
        let mut line = shown.map(|out| Line::new(text, vocabulary, out));
        each_word(text, buffer, |word, place| {
            let number = numbers.get(word).copied().unwrap_or_else(|| {
                numbers.insert(word.into(), postings.len());
                postings.push(Postings::default());
                codes.push(vocabulary.code(word));
                postings.len() - 1
            });
            postings[number].add(note, passage);
            if let (Some(line), Some(code), Some(place)) = (&mut line, codes[number], place) {
                line.word(code, place);
            }
        });
        if let Some(line) = line {
            line.finish();
        }
    }

    fn sorted(mut self) -> Vec<(Box<str>, Postings)> {
        let mut all: Vec<_> = self.numbers.into_iter().collect();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        all.into_iter().map(|(word, number)| (word, std::mem::take(&mut self.postings[number]))).collect()
    }
}

pub(super) fn gather(vocabulary: &Vocabulary, docs: &[Doc]) -> Run {
    let mut words = Words::default();
    let mut texts = Texts::default();
    let mut notes = Vec::with_capacity(docs.len());
    for (number, doc) in docs.iter().enumerate() {
        let passages = add_note(&mut words, &mut texts, vocabulary, doc, number as u32);
        notes.push(facts(doc, passages));
    }
    Run { notes, texts: texts.finish(), terms: words.sorted() }
}

/// Headings are passage 0, every line of text one more. Tells how many passages there are.
fn add_note(words: &mut Words, texts: &mut Texts, vocabulary: &Vocabulary, doc: &Doc, note: u32) -> u32 {
    let mut passage = 0;
    texts.begin(&one_line(doc.summary), vocabulary, &mut words.buffer);
    for part in &doc.parts {
        words.add(part.heading, (note, 0), vocabulary, None);
        if let Some(out) = texts.next_line() {
            out.extend(["\t", &one_line(part.heading), "\t", &one_line(part.anchor)]);
        }
        for line in lines(part.text) {
            passage = (passage + 1).min(LAST_PASSAGE);
            words.add(line, (note, passage), vocabulary, texts.next_line());
        }
    }
    texts.end_note();
    passage + 1
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn facts(doc: &Doc, passages: u32) -> Facts {
    let owned = |texts: &[&str]| texts.iter().map(|text| one_line(text).into_owned()).collect();
    Facts {
        url: doc.url.to_owned(),
        title: one_line(doc.title).into_owned(),
        aliases: owned(doc.aliases),
        kind: doc.kind.to_owned(),
        status: doc.status.to_owned(),
        difficulty: doc.difficulty.to_owned(),
        importance: doc.importance,
        tags: owned(doc.tags),
        size: 32 - passages.leading_zeros(),
    }
}

/// The text without line breaks, tabs and their like.
fn one_line(text: &str) -> Cow<'_, str> {
    match text.trim() {
        text if text.contains(char::is_control) => Cow::Owned(text.replace(char::is_control, " ")),
        text => Cow::Borrowed(text),
    }
}

/// Moves the text files out of the runs and names them `search/n0.js`, `search/n1.js` and so on.
pub(super) fn take_text_files(runs: &mut [Run]) -> Vec<File> {
    let texts = runs.iter_mut().flat_map(|run| run.texts.iter_mut());
    texts.enumerate().map(|(number, text)| (format!("search/n{number}.js"), std::mem::take(&mut text.bytes))).collect()
}
