//! What a run of neighbouring notes brings to the index: their facts, their text in files, and where each word stands. One pass over each text;
//! knows nothing of other runs, so runs are made in parallel.

use super::pack::push_quoted;
use super::words::each_word;
use super::{Doc, File, script};
use rustc_hash::FxHashMap;

/// A file of text is closed once it has this many bytes: small enough to be fetched for one result.
const TEXT_FILE_BYTES: usize = 14_000;
/// Text of one note beyond this is found but not shown.
const SHOWN_BYTES: usize = 200_000;
/// Passages beyond this number count as one.
const LAST_PASSAGE: u32 = 4095;

/// Neighbouring notes, taken up for the index.
pub struct Run {
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

/// The text of a few notes as a script.
pub(super) struct TextFile {
    pub notes: usize,
    pub bytes: Vec<u8>,
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
    pub fn each(&self, mut found: impl FnMut(u32, &[u32])) {
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
    buffer: String,
}

impl Words {
    fn add(&mut self, text: &str, note: u32, passage: u32) {
        let Words { numbers, postings, buffer } = self;
        each_word(text, buffer, |word| match numbers.get(word) {
            Some(number) => postings[*number].add(note, passage),
            None => {
                numbers.insert(word.into(), postings.len());
                let mut first = Postings::default();
                first.add(note, passage);
                postings.push(first);
            }
        });
    }

    fn sorted(mut self) -> Vec<(Box<str>, Postings)> {
        let mut all: Vec<_> = self.numbers.into_iter().collect();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        all.into_iter().map(|(word, number)| (word, std::mem::take(&mut self.postings[number]))).collect()
    }
}

pub(super) fn gather(docs: &[Doc]) -> Run {
    let mut words = Words::default();
    let mut texts = Texts::default();
    let mut notes = Vec::with_capacity(docs.len());
    for (number, doc) in docs.iter().enumerate() {
        let passages = add_words(&mut words, doc, number as u32);
        texts.add(doc);
        notes.push(facts(doc, passages));
    }
    Run { notes, texts: texts.finish(), terms: words.sorted() }
}

/// Headings are passage 0, every line of text one more. Tells how many passages there are.
fn add_words(words: &mut Words, doc: &Doc, note: u32) -> u32 {
    doc.parts.iter().for_each(|part| words.add(part.heading, note, 0));
    let mut passage = 0;
    for line in doc.parts.iter().flat_map(|part| lines(part.text)) {
        passage = (passage + 1).min(LAST_PASSAGE);
        words.add(line, note, passage);
    }
    passage + 1
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn facts(doc: &Doc, passages: u32) -> Facts {
    let owned = |texts: &[&str]| texts.iter().map(|text| one_line(text)).collect();
    Facts {
        url: doc.url.to_owned(),
        title: one_line(doc.title),
        aliases: owned(doc.aliases),
        kind: doc.kind.to_owned(),
        status: doc.status.to_owned(),
        difficulty: doc.difficulty.to_owned(),
        importance: doc.importance,
        tags: owned(doc.tags),
        size: 32 - passages.leading_zeros(),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text files in the making.
#[derive(Default)]
struct Texts {
    files: Vec<TextFile>,
    open: String,
    notes: usize,
}

impl Texts {
    /// A note is a string: the summary, then for each section a line of tab, heading, tab and anchor, and its lines (which begin with no tab).
    fn add(&mut self, doc: &Doc) {
        let mut text = one_line(doc.summary);
        for part in &doc.parts {
            text.push_str("\n\t");
            text.push_str(&one_line(part.heading));
            text.push('\t');
            text.push_str(&one_line(part.anchor));
            for line in lines(part.text) {
                text.push('\n');
                text.push_str(line);
            }
            if text.len() > SHOWN_BYTES {
                text.truncate(text.floor_char_boundary(SHOWN_BYTES));
                break;
            }
        }
        self.open.push(if self.notes == 0 { '[' } else { ',' });
        push_quoted(&mut self.open, &text);
        self.notes += 1;
        if self.open.len() >= TEXT_FILE_BYTES {
            self.close();
        }
    }

    fn close(&mut self) {
        self.open.push(']');
        self.files.push(TextFile { notes: self.notes, bytes: script(&self.open) });
        self.open.clear();
        self.notes = 0;
    }

    fn finish(mut self) -> Vec<TextFile> {
        if self.notes > 0 {
            self.close();
        }
        self.files
    }
}

/// Moves the text files out of the runs and names them `search/n0.js`, `search/n1.js` and so on.
pub(super) fn take_text_files(runs: &mut [Run]) -> Vec<File> {
    let texts = runs.iter_mut().flat_map(|run| run.texts.iter_mut());
    texts.enumerate().map(|(number, text)| (format!("search/n{number}.js"), std::mem::take(&mut text.bytes))).collect()
}
