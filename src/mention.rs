//! Names of notes in the prose of other notes that never link to them. Knows names and texts, not what to do about it.

use crate::graph::{Graph, Resolved, Target};
use crate::id::name_key;
use crate::index::NoteIndex;
use crate::markdown::{Block, RunKind, Slice};
use crate::note::Note;
use crate::schema::Section;
use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::ops::Range;
use unicode_normalization::char::is_combining_mark;

/// A word that occurs in the prose of more than this share of the notes is common.
const COMMON_SHARE: f64 = 0.05;
/// Shortest name that is looked for, in letters.
const SHORTEST: usize = 3;

/// A mention that is no link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Where it stands.
    pub note: NoteIndex,
    /// What it names.
    pub target: NoteIndex,
    /// Its place in the plain text of `note`.
    pub text: Slice,
}

/// The names of a base, ready to be looked for.
struct Names {
    matcher: AhoCorasick,
    names: Vec<Name>,
    /// For each note the names that are the end of one of its own: in “PostgreSQL isolation levels” it is “isolation
    /// levels”. A text about the one, or that links to it, means it by the other.
    short_forms: Vec<Vec<usize>>,
}

/// One name of a note.
struct Name {
    of: NoteIndex,
    text: String,
    /// Whether only its exact case counts.
    exact: bool,
    /// Whether the first letter of a sentence gives any word this case.
    like_any_word: bool,
}

/// The first mention of each note in each other one that never links to it, by note and place. `common` are titles that
/// count only in their exact case.
pub fn mentions(notes: &[Note], graph: &Graph, common: &[String]) -> Vec<Mention> {
    let Some(names) = names(notes, common) else { return Vec::new() };
    let found = (0..notes.len() as NoteIndex).into_par_iter().flat_map_iter(|i| of_note(notes, graph, &names, i));
    found.collect()
}

fn names(notes: &[Note], common: &[String]) -> Option<Names> {
    let common: FxHashSet<String> = common.iter().map(|c| name_key(c)).collect();
    let mut names: Vec<Name> = Vec::new();
    let mut owner: FxHashMap<String, usize> = FxHashMap::default();
    let canonical = notes.iter().enumerate().filter(|(_, n)| n.is_note() && n.head.canonical);
    for (i, note) in canonical {
        let short = before_parenthesis(&note.title);
        for text in own_names(note) {
            let key = name_key(text);
            let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
            let wide = text.chars().any(is_unspaced);
            // What stands before a parenthesis is a name of its own only if it says enough: two words, or capitals.
            let vague = text == short && text != note.title && !text.trim().contains(' ') && !is_capitals(text);
            if vague || (letters < SHORTEST && !wide) || owner.contains_key(&key) {
                continue;
            }
            let exact = is_capitals(text) || common.contains(&key);
            let like_any_word = !text.chars().skip(1).any(char::is_uppercase);
            owner.insert(key, names.len());
            names.push(Name { of: i as NoteIndex, text: text.to_string(), exact, like_any_word });
        }
    }
    exact_where_common(notes, &mut names);
    let patterns = names.iter().map(|name| folded(&name.text));
    let matcher = AhoCorasick::builder().ascii_case_insensitive(true).build(patterns).ok()?;
    let short_forms = notes.par_iter().map(|note| short_forms(note, &owner)).collect();
    (!names.is_empty()).then_some(Names { matcher, names, short_forms })
}

/// A note's title, what of it stands before a parenthesis, its aliases.
fn own_names(note: &Note) -> impl Iterator<Item = &str> {
    let titles = [note.title.as_str(), before_parenthesis(&note.title)];
    titles.into_iter().chain(note.head.aliases.iter().map(String::as_str))
}

fn before_parenthesis(title: &str) -> &str {
    title.split(" (").next().unwrap_or("")
}

fn short_forms(note: &Note, owner: &FxHashMap<String, usize>) -> Vec<usize> {
    let mut found = Vec::new();
    // What stands in a parenthesis says where the note belongs.
    for key in own_names(note).filter(|name| !name.contains('(')).map(name_key) {
        let mut before = None;
        for (at, c) in key.char_indices() {
            if before == Some(' ') || before.is_some() && is_unspaced(c) {
                found.extend(owner.get(&key[at..]));
            }
            before = Some(c);
        }
    }
    found
}

/// The text in small letters, byte for byte in the same places: a letter whose small form is longer or shorter stays.
fn folded(text: &str) -> String {
    let small = |c: char| match c.to_lowercase().next() {
        Some(small) if small.len_utf8() == c.len_utf8() => small,
        _ => c,
    };
    // A line end within a paragraph is a space to the reader.
    text.chars().map(|c| if c == '\n' { ' ' } else { small(c) }).collect()
}

/// Names of one word that many notes use count only in their exact case.
fn exact_where_common(notes: &[Note], names: &mut [Name]) {
    let single = names.iter().enumerate().filter(|(_, name)| !name.text.contains(' '));
    let single: FxHashMap<String, usize> = single.map(|(k, name)| (name.text.to_lowercase(), k)).collect();
    let mut counts = vec![0usize; names.len()];
    for note in notes.iter().filter(|n| n.is_note()) {
        let mut seen = FxHashSet::default();
        for word in note.doc.text.split(|c: char| !c.is_alphanumeric() && c != '-') {
            if let Some(&k) = single.get(word).or_else(|| single.get(&word.to_lowercase()))
                && seen.insert(k)
            {
                counts[k] += 1;
            }
        }
    }
    let limit = (notes.len() as f64 * COMMON_SHARE).max(2.0);
    for (name, count) in names.iter_mut().zip(counts) {
        name.exact |= count as f64 > limit && name.text.chars().next().is_some_and(char::is_uppercase);
    }
}

fn is_capitals(name: &str) -> bool {
    let letters: Vec<char> = name.chars().filter(|c| c.is_alphabetic()).collect();
    letters.len() > 1 && letters.iter().all(|c| c.is_uppercase())
}

/// Whether a character belongs to a script that writes without spaces.
fn is_unspaced(c: char) -> bool {
    matches!(c as u32, 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

/// Whether a character is one of the syllabic script in which Japanese writes foreign words, each of them in one piece.
fn is_katakana(c: char) -> bool {
    matches!(c as u32, 0x30a1..=0x30fa | 0x30fc..=0x30ff | 0x31f0..=0x31ff)
}

fn of_note(notes: &[Note], graph: &Graph, names: &Names, i: NoteIndex) -> Vec<Mention> {
    let note = &notes[i as usize];
    if !note.is_note() {
        return Vec::new();
    }
    let linked = |resolved: &Resolved| if let Target::Note(t) = resolved.target { Some(t) } else { None };
    let mut done: FxHashSet<NoteIndex> = FxHashSet::from_iter([i]);
    done.extend(graph.links[i as usize].iter().filter_map(linked));
    let meant_otherwise: FxHashSet<usize> =
        done.iter().flat_map(|&known| names.short_forms[known as usize].iter().copied()).collect();
    let mut found = Vec::new();
    for (range, k) in longest(names, &note.doc.text) {
        let name = &names.names[k];
        let slice = Slice { start: range.start as u32, end: range.end as u32 };
        if !done.contains(&name.of)
            && !meant_otherwise.contains(&k)
            && is_prose(note, slice)
            && !(name.exact && name.like_any_word && begins_sentence(note, range.start))
        {
            done.insert(name.of);
            found.push(Mention { note: i, target: name.of, text: slice });
        }
    }
    found
}

/// Where names stand in a text as whole words in the right case; of names that share text the first, then the longest.
fn longest(names: &Names, text: &str) -> Vec<(Range<usize>, usize)> {
    let stands = |hit: &aho_corasick::Match| {
        let name = &names.names[hit.pattern().as_usize()];
        (!name.exact || text[hit.range()].replace('\n', " ") == name.text) && is_word(text, hit.range())
    };
    let folded = folded(text);
    let hits = names.matcher.find_overlapping_iter(&folded).filter(stands);
    let mut hits: Vec<(Range<usize>, usize)> = hits.map(|hit| (hit.range(), hit.pattern().as_usize())).collect();
    hits.sort_by_key(|(range, k)| (range.start, Reverse(range.end), *k));
    let mut end = 0;
    hits.retain(|(range, _)| {
        let free = range.start >= end;
        end = if free { range.end } else { end };
        free
    });
    hits
}

/// Whether a match is whole words.
fn is_word(text: &str, range: Range<usize>) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let apart = |a: char, b: char| (is_unspaced(a) || is_unspaced(b)) && !(is_katakana(a) && is_katakana(b));
    let joined = |before: Option<char>, after: Option<char>| match (before, after) {
        (Some(a), Some(b)) => word(a) && word(b) && !apart(a, b) || is_combining_mark(b),
        _ => false,
    };
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let inner = &text[range];
    let hyphen = before.ends_with('-') || after.starts_with('-') && after[1..].starts_with(word);
    !hyphen
        && !joined(before.chars().next_back(), inner.chars().next())
        && !joined(inner.chars().next_back(), after.chars().next())
}

/// Whether a word may begin with a capital only because it begins a sentence or a block.
fn begins_sentence(note: &Note, at: usize) -> bool {
    let before = note.doc.text[..at].trim_end_matches([' ', '\n', '“', '„', '«', '"', '(', '¿', '¡']);
    let begins_block = block_at(note, at as u32).is_none_or(|block| before.len() <= block.text.start as usize);
    begins_block || before.ends_with(['.', '!', '?', ':', '…', '•'])
}

/// The block that begins last before a place in the plain text.
fn block_at(note: &Note, at: u32) -> Option<&Block> {
    let blocks = &note.doc.blocks;
    blocks.partition_point(|b| b.text.start <= at).checked_sub(1).map(|index| &blocks[index])
}

/// Whether a stretch of plain text stands in one piece of prose, outside Links sections and outside bold labels.
fn is_prose(note: &Note, slice: Slice) -> bool {
    let doc = &note.doc;
    let Some(first) = doc.runs.partition_point(|r| r.text <= slice.start).checked_sub(1) else { return false };
    let runs = doc.runs[first..].iter().take_while(|run| run.text < slice.end);
    let (mut count, mut end) = (0, slice.start);
    for run in runs {
        // Between the pieces of a line that goes on in the next one stands nothing but the line's end.
        if run.kind != RunKind::Prose || (count > 0 && run.text != end + 1) {
            return false;
        }
        (count, end) = (count + 1, run.text + run.length);
    }
    let block = block_at(note, slice.start);
    let in_one_block = count == 1 || block.is_some_and(|block| slice.end <= block.text.end);
    let labelled = doc.labels.iter().any(|l| l.text.start <= slice.start && slice.end <= l.text.end);
    let heading = block.map_or(crate::markdown::NONE, |block| block.heading);
    let relations = doc.sections_at(heading).any(|s: Section| s.is_links());
    slice.end <= end && in_one_block && !labelled && !relations
}
