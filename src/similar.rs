//! What stands twice: texts, whole notes and code that say the same, found among all notes.

pub mod measure;
mod print;
mod repeats;
mod search;
mod words;

pub use print::{Block, Code, NotePrint, NoteText, word_count};

/// timing helper
pub fn try_it(notes: &[NotePrint]) -> (usize, usize, f64, f64) {
    let t = std::time::Instant::now();
    let corpus = search::Corpus::of(notes);
    let classes = search::equal_texts(&corpus);
    let a = t.elapsed().as_secs_f64();
    let l = search::alike_texts(&corpus, &classes);
    println!("blocks {} words {} classes {} alike {} >=.8 {}", corpus.blocks(), notes.iter().map(|n| n.words.len()).sum::<usize>(), classes.len(), l.len(), l.iter().filter(|l| l.similarity >= 0.8).count());
    (classes.len(), l.len(), a, t.elapsed().as_secs_f64() - a)
}
