//! How many lightly edited copies are found, by kind of edit and length: a table, made of generated text.

use crate::base::duplicates::engine::{Block, NoteFingerprint, NoteText, duplicates};
use crate::text::ids::Id;

const LENGTHS: [usize; 7] = [10, 12, 15, 20, 30, 60, 120];
const COPIES: usize = 60;

/// An edit and the length from which nearly every copy so edited must be found.
const EDITS: [(&str, Edit, usize); 12] = [
    ("nothing", |copy, _| copy.text.clone(), 10),
    ("a word replaced every ten", |copy, random| replaced(copy, random, 10), 10),
    ("a word replaced every seven", |copy, random| replaced(copy, random, 7), 10),
    ("a word added every ten", added, 10),
    ("a word dropped every ten", dropped, 10),
    ("two neighbours swapped", swapped_words, 10),
    ("list markers changed", |copy, _| format!("3) {}", copy.text.replace(". ", ".\n* ")), 10),
    ("bold added", |copy, random| marked(copy, random, "**", "**"), 10),
    ("links added", |copy, random| marked(copy, random, "[", "](../other/note.md)"), 10),
    ("case and punctuation changed", |copy, _| copy.text.to_uppercase().replace('.', " -"), 10),
    ("two sentences swapped", |copy, _| reordered(copy, 2), 30),
    ("three sentences turned round", |copy, _| reordered(copy, 3), 60),
];

type Edit = fn(&Text, &mut Random) -> String;

struct Text {
    words: Vec<String>,
    text: String,
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    /// The commoner the lower, as words are.
    fn word(&mut self) -> String {
        let bound = 1 + self.below(900);
        format!("{}{}", ["la", "cor", "min", "tre", "us"][self.below(5) % 5], self.below(bound))
    }

    fn text(&mut self, words: usize) -> Text {
        text_of((0..words).map(|_| self.word()).collect())
    }
}

fn text_of(words: Vec<String>) -> Text {
    Text { text: words.join(" ") + ".", words }
}

fn replaced(copy: &Text, random: &mut Random, every: usize) -> String {
    let mut words = copy.words.clone();
    let start = random.below(every.min(words.len()));
    (start..words.len()).step_by(every).for_each(|at| words[at] = random.word() + "x");
    words.join(" ")
}

fn added(copy: &Text, random: &mut Random) -> String {
    let mut words = copy.words.clone();
    (0..words.len() / 10).for_each(|_| words.insert(random.below(words.len()), random.word() + "x"));
    words.join(" ")
}

fn dropped(copy: &Text, random: &mut Random) -> String {
    let mut words = copy.words.clone();
    let end = words.len() / 10;
    (0..end).for_each(|_| drop(words.remove(random.below(words.len()))));
    if words.len() < 10 { copy.text.clone() } else { words.join(" ") }
}

fn swapped_words(copy: &Text, random: &mut Random) -> String {
    let mut words = copy.words.clone();
    let at = random.below(words.len() - 1);
    words.swap(at, at + 1);
    words.join(" ")
}

/// Marks as they stand in a note; what a reader of Markdown takes away before texts are compared, [`plain`] takes away here.
fn marked(copy: &Text, random: &mut Random, before: &str, behind: &str) -> String {
    let mut words = copy.words.clone();
    for at in (0..words.len()).step_by(6) {
        let at = (at + random.below(3)).min(words.len() - 1);
        words[at] = format!("{before}{}{behind}", words[at]);
    }
    words.join(" ")
}

/// As many sentences of equal length, the last first.
fn reordered(copy: &Text, sentences: usize) -> String {
    let mut parts: Vec<&[String]> = copy.words.chunks(copy.words.len().div_ceil(sentences)).collect();
    parts.reverse();
    parts.concat().join(" ")
}

/// The text of marked text.
fn plain(text: &str) -> String {
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ')').replace("**", "").replace("\n* ", " ");
    let mut parts = text.split("](../other/note.md)");
    parts.by_ref().collect::<String>().replace('[', "")
}

fn note(texts: &[String]) -> NoteFingerprint {
    let blocks = texts.iter().map(|text| Block { text, ..Block::default() }).collect();
    NoteFingerprint::of(&NoteText { comparable: true, blocks, ..NoteText::default() })
}

/// The share of copies that are found with their source, among notes of other texts.
fn recall(edit: Edit, length: usize) -> f64 {
    let mut random = Random(length as u64);
    let originals: Vec<Text> = (0..COPIES).map(|_| random.text(length)).collect();
    let mut other = || -> Vec<String> { (0..8).map(|_| random.text(25).text).collect() };
    let mut notes: Vec<Vec<String>> =
        originals.iter().map(|text| [other(), vec![text.text.clone()]].concat()).collect();
    notes.extend(originals.iter().map(|_| other()));
    for (at, text) in originals.iter().enumerate() {
        notes[COPIES + at].push(plain(&edit(text, &mut random)));
    }
    let found = duplicates(&notes.iter().map(|texts| note(texts)).collect::<Vec<_>>(), &[]);
    let pairs =
        found.blocks.iter().map(|cluster| cluster.places.iter().map(|place| place.note.index()).collect::<Vec<_>>());
    let right = pairs.filter(|notes| matches!(notes[..], [a, b] if b == a + COPIES)).count();
    assert_eq!(found.blocks.len(), right, "only copies are found");
    right as f64 / COPIES as f64
}

#[test]
fn lightly_edited_copies_are_found() {
    let lengths: Vec<String> = LENGTHS.iter().map(|length| format!("{length:>5}")).collect();
    println!("{:32}{}", "recall at so many words", lengths.concat());
    let mut short = Vec::new();
    for (name, edit, from) in EDITS {
        let row: Vec<f64> = LENGTHS.iter().map(|&length| recall(edit, length)).collect();
        println!("{name:32}{}", row.iter().map(|recall| format!("{recall:5.2}")).collect::<String>());
        let asked = LENGTHS.iter().zip(&row).filter(|(length, _)| **length >= from);
        short.extend(asked.filter(|(_, recall)| **recall < 0.95).map(|(length, recall)| (name, length, *recall)));
    }
    assert!(short.is_empty(), "{short:?}");
}
