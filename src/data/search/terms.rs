//! Merges the words of all runs into dictionaries (`search/d*.js`: the sorted words, the number of notes with each, the
//! posting file of each) and posting files (`search/t*.js`: the notes and passages of each word). Knows nothing of titles and
//! facts.
//!
//! Example: `pages` is in passage 1 of the notes 0 and 1 of three. The gap parameter of two among three notes is 0, so every
//! gap is a Rice code with k = 0: ones, then a zero. Note 0: gap 0 (`0`), one passage (`0`), passage 1 (`10`); note 1 the
//! same. The number in the dictionary is 4 · 2 = 8.

use super::pack::{Bits, front_code, gap_parameter, passage_parameter, push_number, push_quoted};
use super::run::{PassageId, Postings, Run, RunId};
use super::{File, script};
use crate::text::ids::{Id, IndexVec, id};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The most passages of a word for which passages are listed. A more frequent word is listed by note only: the passages would
/// make its list many times longer, and a word in nearly every note says little about a passage.
const COMMON_PASSAGES: usize = 6_000;
/// The greatest length of a posting file in characters, unless one word alone is longer.
const POSTING_FILE_CHARS: usize = 8_000;
/// The greatest number of words in a dictionary file, unless one posting file alone has more.
const WORDS_PER_DICTIONARY: usize = 3_000;

id! {
    /// A note of the whole base: its index in the catalog.
    struct DocId;
    /// A distinct word of all runs, in order of first occurrence.
    struct TermId;
}

/// A word with its postings in each run.
struct Term<'a> {
    word: &'a str,
    /// Ascending by run, without runs in which the word does not occur.
    lists: Vec<(RunId, &'a Postings)>,
}

/// A word with its posting list as written in a file.
struct Packed<'a> {
    word: &'a str,
    note_count: usize,
    /// Whether passages are left out.
    common: bool,
    text: String,
}

/// The numbering of all notes.
struct Numbering {
    /// The first note of each run.
    first: IndexVec<RunId, DocId>,
    /// The size of each note: see [`super::run::Facts::size`].
    sizes: IndexVec<DocId, u32>,
}

/// All posting files and dictionaries, and the first word of each dictionary.
pub(super) fn files(runs: &[Run]) -> (Vec<File>, Vec<String>) {
    let numbering = numbering(runs);
    let packed: Vec<Packed> = merged(runs).par_iter().map(|term| pack(term, &numbering)).collect();
    let shards = shards(&packed);
    let mut files: Vec<File> =
        shards.iter().enumerate().map(|(n, shard)| (format!("search/t{n}.js"), postings_file(shard))).collect();
    let mut firsts = Vec::new();
    for (number, (first_shard, words)) in dictionaries(&shards).into_iter().enumerate() {
        firsts.push(words[0].0.word.to_owned());
        files.push((format!("search/d{number}.js"), dictionary_file(first_shard, &words)));
    }
    (files, firsts)
}

/// Numbers the notes of all runs consecutively.
fn numbering(runs: &[Run]) -> Numbering {
    let mut numbering = Numbering { first: IndexVec::default(), sizes: IndexVec::default() };
    for run in runs {
        numbering.first.push(numbering.sizes.next_id());
        numbering.sizes.extend(run.notes.iter().map(|note| note.size));
    }
    numbering
}

/// Every word of all runs once, sorted.
fn merged(runs: &[Run]) -> Vec<Term<'_>> {
    let mut ids: FxHashMap<&str, TermId> = FxHashMap::default();
    let mut terms: IndexVec<TermId, Term> = IndexVec::default();
    for (index, run) in runs.iter().enumerate() {
        for (word, postings) in &run.terms {
            let id = *ids.entry(word).or_insert_with(|| terms.push(Term { word, lists: Vec::new() }));
            terms[id].lists.push((RunId::new(index), postings));
        }
    }
    let mut terms = terms.into_vec();
    terms.sort_unstable_by_key(|term| term.word);
    terms
}

/// The posting list of a word. For each note: the gap as a Rice code, and unless the word is common, its passages.
fn pack<'a>(term: &Term<'a>, numbering: &Numbering) -> Packed<'a> {
    let note_count = term.lists.iter().map(|(_, list)| list.note_count).sum();
    let common = term.lists.iter().map(|(_, list)| list.passage_count).sum::<usize>() > COMMON_PASSAGES;
    let k = gap_parameter(numbering.sizes.len(), note_count);
    let (mut bits, mut next) = (Bits::default(), DocId::new(0));
    for (run, list) in &term.lists {
        list.each(|note, passages| {
            // The list of a run counts from the first note of the run, the gaps in the file count through all runs.
            let doc = DocId::new(numbering.first[*run].index() + note.index());
            bits.push_rice((doc.index() - next.index()) as u32, k);
            next = doc.next();
            if !common {
                push_passages(&mut bits, passages, numbering.sizes[doc]);
            }
        });
    }
    Packed { word: term.word, note_count, common, text: bits.finish() }
}

/// Appends the passages of one note, at least one: their number minus 1 as a Rice code with k = 0, then the gaps as Rice
/// codes.
fn push_passages(bits: &mut Bits, passages: &[PassageId], size: u32) {
    let count = passages.len() as u32;
    let k = passage_parameter(size, count);
    bits.push_rice(count - 1, 0);
    let mut next = 0;
    for passage in passages {
        bits.push_rice((passage.index() - next) as u32, k);
        next = passage.index() + 1;
    }
}

/// Divides the words into posting files of at most [`POSTING_FILE_CHARS`]. Neighbouring words share a file, because they have
/// the same start and a query searches for all words with the start typed last.
fn shards<'p, 'a>(packed: &'p [Packed<'a>]) -> Vec<Vec<&'p Packed<'a>>> {
    // The maximum makes the first word start the first file.
    let (mut shards, mut chars) = (Vec::<Vec<_>>::new(), usize::MAX);
    for term in packed {
        if chars.saturating_add(term.text.len()) > POSTING_FILE_CHARS {
            shards.push(Vec::new());
            chars = 0;
        }
        // Plus the space before the next list.
        chars += term.text.len() + 1;
        if let Some(open) = shards.last_mut() {
            open.push(term);
        }
    }
    shards
}

/// Divides the posting files into dictionaries of about [`WORDS_PER_DICTIONARY`] words. A dictionary is the number of its
/// first posting file, and its words with a flag at the first word of each posting file. It covers whole posting files, so
/// the reader finds the file of a word by counting flags.
fn dictionaries<'p, 'a>(shards: &[Vec<&'p Packed<'a>>]) -> Vec<(usize, Vec<(&'p Packed<'a>, bool)>)> {
    let mut all: Vec<(usize, Vec<_>)> = Vec::new();
    for (number, shard) in shards.iter().enumerate() {
        if all.last().is_none_or(|(_, words)| words.len() + shard.len() > WORDS_PER_DICTIONARY) {
            all.push((number, Vec::new()));
        }
        if let Some((_, words)) = all.last_mut() {
            words.extend(shard.iter().enumerate().map(|(place, term)| (*term, place == 0)));
        }
    }
    all
}

/// A dictionary: the number of the first posting file, the words front-coded, and for each word a number: 4 · notes, plus 2
/// if passages are left out, plus 1 if the word starts a posting file.
fn dictionary_file(first_shard: usize, words: &[(&Packed, bool)]) -> Vec<u8> {
    let mut value = format!("[{first_shard},");
    push_quoted(&mut value, &front_code(words.iter().map(|(term, _)| term.word)));
    let mut numbers = String::new();
    for (term, begins) in words {
        push_number(&mut numbers, term.note_count * 4 + usize::from(term.common) * 2 + usize::from(*begins));
    }
    value.push_str(",\"");
    value.push_str(&numbers);
    value.push_str("\"]");
    script(&value)
}

/// A posting file: the lists in the order of the words, separated by spaces.
fn postings_file(shard: &[&Packed]) -> Vec<u8> {
    let lists: Vec<&str> = shard.iter().map(|term| term.text.as_str()).collect();
    script(&format!("\"{}\"", lists.join(" ")))
}
