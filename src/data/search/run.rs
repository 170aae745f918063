//! Indexes a run of consecutive notes: their facts, their texts as files, and the passages of each word, in one pass over
//! each text. Knows nothing of different runs, so runs are indexed in parallel.
//!
//! Example: in the first note of a run, the heading is “Pages” and the second line has “pages” twice. The [`Postings`] of
//! `pages` are the bytes 0, 1, 2: the gap to note 0, the step to passage 0 plus 1, the step from there to passage 2. If note
//! 3 has the word in passage 1, the bytes 0, 2, 2 follow: the end of note 0, two notes without the word, the step to passage
//! 1 plus 1.

use super::text::{Line, TextFile, Texts, Vocabulary, VocabularyId};
use super::words::each_word;
use super::{Doc, File};
use crate::text::ids::{Id, IndexVec, id};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// The number of the last passage of a note. Later lines are added to this passage: a longer list costs more than it helps.
const LAST_PASSAGE: usize = 4095;

id! {
    /// A run: its index in the list of runs.
    pub(super) struct RunId;
    /// A note of a run, counted from the first note of the run.
    pub(super) struct RunNoteId;
    /// A passage of a note: 0 is all headings, each line of text is one more.
    pub(super) struct PassageId;
    /// A distinct word of a run, in order of first occurrence.
    struct WordId;
}

/// The index of consecutive notes.
pub(crate) struct Run {
    pub(super) notes: Vec<Facts>,
    pub(super) texts: Vec<TextFile>,
    /// Every distinct word, sorted.
    pub(super) terms: Vec<(Box<str>, Postings)>,
}

/// The properties of a note for the catalog.
pub(super) struct Facts {
    pub url: String,
    pub title: String,
    pub aliases: Vec<String>,
    pub kind: String,
    pub status: String,
    pub difficulty: String,
    pub importance: u8,
    pub tags: Vec<String>,
    /// The number of bits in the number of passages, from which the Rice parameter of passages follows.
    pub size: u32,
}

/// The notes and passages of a word in a run, as variable-length integers of 7 bits per byte. For each note: the number of
/// notes without the word since the previous one, then the steps between passages (the first is the passage plus 1), then 0.
/// The last 0 is left out. Most words of a base are rare: a vector per note would take more memory than the passages in it.
#[derive(Default)]
pub(super) struct Postings {
    /// The number of notes with the word.
    pub note_count: usize,
    /// The number of passages with the word, in all notes.
    pub passage_count: usize,
    bytes: Vec<u8>,
    /// The note after the last one, and the passage after the last one there.
    next: (u32, u32),
}

impl Postings {
    /// Adds an occurrence. Notes must ascend; a passage at or before the last one of the note is ignored.
    fn add(&mut self, note: RunNoteId, passage: PassageId) {
        let (note, passage) = (note.index() as u32, passage.index() as u32);
        let (next_note, next_passage) = self.next;
        if self.note_count > 0 && note + 1 == next_note {
            // A repetition in the same passage, or in a later heading, which is passage 0 again.
            if passage < next_passage {
                return;
            }
            push_varint(&mut self.bytes, passage + 1 - next_passage);
        } else {
            // Ends the previous note: no step within a note is 0.
            if self.note_count > 0 {
                self.bytes.push(0);
            }
            push_varint(&mut self.bytes, note - next_note);
            push_varint(&mut self.bytes, passage + 1);
            self.note_count += 1;
        }
        self.passage_count += 1;
        self.next = (note + 1, passage + 1);
    }

    /// Calls `found` with each note and its passages, both ascending.
    pub(super) fn each(&self, mut found: impl FnMut(RunNoteId, &[PassageId])) {
        let (mut at, mut note, mut passages) = (0, 0, Vec::new());
        for _ in 0..self.note_count {
            note += read_varint(&self.bytes, &mut at);
            passages.clear();
            let mut next = 0;
            loop {
                // The end of the bytes is the end of the last note.
                let step = if at < self.bytes.len() { read_varint(&self.bytes, &mut at) } else { 0 };
                if step == 0 {
                    break;
                }
                next += step;
                passages.push(PassageId::new(next as usize - 1));
            }
            found(RunNoteId::new(note as usize), &passages);
            note += 1;
        }
    }
}

/// Appends 7 bits per byte, lowest first. The highest bit of a byte is 1 if a further byte follows.
fn push_varint(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 128 {
        bytes.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// The number at position `at`, which is moved behind it. The bytes are from [`push_varint`], so the end is never reached.
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

/// The distinct words of a run.
#[derive(Default)]
struct Words {
    ids: FxHashMap<Box<str>, WordId>,
    postings: IndexVec<WordId, Postings>,
    /// The code of each frequent word, looked up once per run instead of once per occurrence.
    codes: IndexVec<WordId, Option<VocabularyId>>,
    /// Scratch space of [`each_word`].
    buffer: String,
}

impl Words {
    /// Adds the words of one line of text. Appends the line to `shown`, with frequent words as codes.
    fn add(
        &mut self,
        text: &str,
        (note, passage): (RunNoteId, PassageId),
        vocabulary: &Vocabulary,
        shown: Option<&mut String>,
    ) {
        let Words { ids, postings, codes, buffer } = self;
        let mut line = shown.map(|out| Line::new(text, vocabulary, out));
        each_word(text, buffer, |word, place| {
            // A lookup before the insertion: the entry API would copy the word for every occurrence.
            let id = ids.get(word).copied().unwrap_or_else(|| {
                codes.push(vocabulary.code(word));
                let id = postings.push(Postings::default());
                ids.insert(word.into(), id);
                id
            });
            postings[id].add(note, passage);
            // Only a word with a range is replaced by a code: its spelling can be restored from the vocabulary.
            if let (Some(line), Some(code), Some(place)) = (&mut line, codes[id], place) {
                line.word(code, place);
            }
        });
        if let Some(line) = line {
            line.finish();
        }
    }

    /// All words with their postings, sorted by word.
    fn sorted(mut self) -> Vec<(Box<str>, Postings)> {
        let mut all: Vec<_> = self.ids.into_iter().collect();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        all.into_iter().map(|(word, id)| (word, std::mem::take(&mut self.postings[id]))).collect()
    }
}

/// The index of one run of notes.
pub(super) fn gather(vocabulary: &Vocabulary, docs: &[Doc]) -> Run {
    let mut words = Words::default();
    let mut texts = Texts::default();
    let mut notes = Vec::with_capacity(docs.len());
    for (number, doc) in docs.iter().enumerate() {
        let passages = add_note(&mut words, &mut texts, vocabulary, doc, RunNoteId::new(number));
        notes.push(facts(doc, passages));
    }
    Run { notes, texts: texts.finish(), terms: words.sorted() }
}

/// Adds the words and the text of one note. Returns the number of passages.
fn add_note(words: &mut Words, texts: &mut Texts, vocabulary: &Vocabulary, doc: &Doc, note: RunNoteId) -> u32 {
    let headings = PassageId::new(0);
    let mut passage = headings;
    texts.begin(&one_line(doc.summary), vocabulary, &mut words.buffer);
    for part in &doc.parts {
        words.add(part.heading, (note, headings), vocabulary, None);
        if let Some(out) = texts.next_line() {
            out.extend(["\t", &one_line(part.heading), "\t", &one_line(part.anchor)]);
        }
        for line in lines(part.text) {
            passage = passage.next().min(PassageId::new(LAST_PASSAGE));
            words.add(line, (note, passage), vocabulary, texts.next_line());
        }
    }
    texts.end_note();
    passage.index() as u32 + 1
}

/// The lines of a text, trimmed, without blank ones.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// The properties of a note, independent of `doc`, whose texts are freed after the run.
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

/// The text with spaces instead of line breaks, tabs and further control characters, which separate fields in the files.
fn one_line(text: &str) -> Cow<'_, str> {
    match text.trim() {
        text if text.contains(char::is_control) => Cow::Owned(text.replace(char::is_control, " ")),
        text => Cow::Borrowed(text),
    }
}

/// Takes the text files of all runs, named `search/n0.js`, `search/n1.js` and so on.
pub(super) fn take_text_files(runs: &mut [Run]) -> Vec<File> {
    let texts = runs.iter_mut().flat_map(|run| run.texts.iter_mut());
    texts.enumerate().map(|(number, text)| (format!("search/n{number}.js"), std::mem::take(&mut text.bytes))).collect()
}
