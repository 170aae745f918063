//! The words of all notes: dictionaries (`search/d*.js`: words in order, how many notes have each, which posting file has its list) and posting
//! files (`search/t*.js`: for each word its notes and, unless it is very common, its passages). Knows nothing of titles and facts.

use super::pack::{Bits, front_code, gap_parameter, passage_parameter, push_number, push_quoted};
use super::run::{Postings, Run};
use super::{File, script};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// A word with more places than this is listed by note only: its passages would cost more than they tell.
const COMMON_PLACES: usize = 6_000;
/// A posting file is closed before it grows beyond this many characters, unless one word alone is longer.
const POSTING_FILE_CHARS: usize = 8_000;
/// Words a dictionary file has.
const WORDS_PER_DICTIONARY: usize = 3_000;

/// A word's lists, one for each run that has it.
struct Term<'a> {
    word: &'a str,
    lists: Vec<(usize, &'a Postings)>,
}

/// A word's packed list.
struct Packed<'a> {
    word: &'a str,
    notes: usize,
    common: bool,
    text: String,
}

/// The files, and the first word of each dictionary.
pub(super) fn files(runs: &[Run]) -> (Vec<File>, Vec<String>) {
    let (starts, sizes) = numbering(runs);
    let packed: Vec<Packed> = joined(runs).par_iter().map(|term| pack(term, &starts, &sizes)).collect();
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

/// The number of each run's first note, and every note's size.
fn numbering(runs: &[Run]) -> (Vec<u32>, Vec<u32>) {
    let (mut starts, mut sizes) = (Vec::new(), Vec::new());
    for run in runs {
        starts.push(sizes.len() as u32);
        sizes.extend(run.notes.iter().map(|note| note.size));
    }
    (starts, sizes)
}

/// Every word once, in order.
fn joined(runs: &[Run]) -> Vec<Term<'_>> {
    let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
    let mut terms: Vec<Term> = Vec::new();
    for (run_number, run) in runs.iter().enumerate() {
        for (word, postings) in &run.terms {
            let number = *numbers.entry(word).or_insert_with(|| {
                terms.push(Term { word, lists: Vec::new() });
                terms.len() - 1
            });
            terms[number].lists.push((run_number, postings));
        }
    }
    terms.sort_unstable_by_key(|term| term.word);
    terms
}

/// For each note: the gap in Rice code; then, unless the word is common, the number of passages in ones with a zero at the end, and the
/// passages' gaps in Rice code.
fn pack<'a>(term: &Term<'a>, starts: &[u32], sizes: &[u32]) -> Packed<'a> {
    let notes = term.lists.iter().map(|(_, list)| list.notes).sum();
    let common = term.lists.iter().map(|(_, list)| list.places).sum::<usize>() > COMMON_PLACES;
    let k = gap_parameter(sizes.len(), notes);
    let (mut bits, mut next) = (Bits::default(), 0);
    for (run, list) in &term.lists {
        list.each(|note, passages| {
            let note = starts[*run] + note;
            bits.push_rice(note - next, k);
            next = note + 1;
            if !common {
                push_passages(&mut bits, passages, sizes[note as usize]);
            }
        });
    }
    Packed { word: term.word, notes, common, text: bits.finish() }
}

fn push_passages(bits: &mut Bits, passages: &[u32], size: u32) {
    let count = passages.len() as u32;
    let k = passage_parameter(size, count);
    bits.push_rice(count - 1, 0);
    let mut next = 0;
    for passage in passages {
        bits.push_rice(passage - next, k);
        next = passage + 1;
    }
}

/// Neighbouring words to a file.
fn shards<'p, 'a>(packed: &'p [Packed<'a>]) -> Vec<Vec<&'p Packed<'a>>> {
    let (mut shards, mut chars) = (Vec::<Vec<_>>::new(), usize::MAX);
    for term in packed {
        if chars.saturating_add(term.text.len()) > POSTING_FILE_CHARS {
            shards.push(Vec::new());
            chars = 0;
        }
        chars += term.text.len() + 1;
        if let Some(open) = shards.last_mut() {
            open.push(term);
        }
    }
    shards
}

/// Words with whether a posting file begins at each, about [`WORDS_PER_DICTIONARY`] together and whole posting files only, so that every
/// dictionary knows by itself where its words are; before them the number of the first posting file.
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

/// The first posting file, the words front-coded, and for each word a number: four times its notes, two if common, one if it begins a file.
fn dictionary_file(first_shard: usize, words: &[(&Packed, bool)]) -> Vec<u8> {
    let mut value = format!("[{first_shard},");
    push_quoted(&mut value, &front_code(words.iter().map(|(term, _)| term.word)));
    let mut numbers = String::new();
    for (term, begins) in words {
        push_number(&mut numbers, term.notes * 4 + usize::from(term.common) * 2 + usize::from(*begins));
    }
    value.push_str(",\"");
    value.push_str(&numbers);
    value.push_str("\"]");
    script(&value)
}

fn postings_file(shard: &[&Packed]) -> Vec<u8> {
    let lists: Vec<&str> = shard.iter().map(|term| term.text.as_str()).collect();
    script(&format!("\"{}\"", lists.join(" ")))
}
