//! Names of notes in the prose of other notes that never link to them. Knows names and texts, not what to do about it.

use crate::graph::{Graph, Target};
use crate::id::name_key;
use crate::index::NoteIndex;
use crate::markdown::{RunKind, Slice};
use crate::note::Note;
use crate::schema::Section;
use aho_corasick::{AhoCorasick, MatchKind};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

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
    /// For each pattern the note and whether only its exact case counts.
    of: Vec<(NoteIndex, bool)>,
    patterns: Vec<String>,
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
    let mut patterns: Vec<String> = Vec::new();
    let mut of = Vec::new();
    let mut owner: FxHashMap<String, NoteIndex> = FxHashMap::default();
    let canonical = notes.iter().enumerate().filter(|(_, n)| n.is_note() && n.head.canonical);
    for (i, note) in canonical {
        let short = note.title.split(" (").next().unwrap_or("");
        let titles = [note.title.as_str(), short];
        for name in titles.into_iter().chain(note.head.aliases.iter().map(String::as_str)) {
            let key = name_key(name);
            let letters = name.chars().filter(|c| c.is_alphanumeric()).count();
            let wide = name.chars().any(|c| !c.is_ascii() && is_unspaced(c));
            // What stands before a parenthesis is a name of its own only if it says enough: two words, or capitals.
            let vague = name == short && name != note.title && !name.trim().contains(' ') && !is_capitals(name);
            if vague || (letters < SHORTEST && !wide) || owner.insert(key.clone(), i as NoteIndex).is_some() {
                continue;
            }
            of.push((i as NoteIndex, is_capitals(name) || common.contains(&key)));
            patterns.push(name.to_string());
        }
    }
    exact_where_common(notes, &patterns, &mut of);
    let build =
        AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest).build(&patterns);
    Some(Names { matcher: build.ok().filter(|_| !patterns.is_empty())?, of, patterns })
}

/// Names of one word that many notes use count only in their exact case.
fn exact_where_common(notes: &[Note], patterns: &[String], of: &mut [(NoteIndex, bool)]) {
    let single: FxHashMap<String, usize> =
        patterns.iter().enumerate().filter(|(_, p)| !p.contains(' ')).map(|(k, p)| (p.to_lowercase(), k)).collect();
    let mut counts = vec![0usize; patterns.len()];
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
    for (k, count) in counts.into_iter().enumerate() {
        of[k].1 |= count as f64 > limit && patterns[k].chars().next().is_some_and(char::is_uppercase);
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

fn of_note(notes: &[Note], graph: &Graph, names: &Names, i: NoteIndex) -> Vec<Mention> {
    let note = &notes[i as usize];
    if !note.is_note() {
        return Vec::new();
    }
    let mut done: FxHashSet<NoteIndex> = FxHashSet::from_iter([i]);
    done.extend(
        graph.links[i as usize].iter().filter_map(|r| if let Target::Note(t) = r.target { Some(t) } else { None }),
    );
    // A line end within a paragraph is a space to the reader.
    let text = note.doc.text.replace('\n', " ");
    let mut found = Vec::new();
    for hit in names.matcher.find_iter(&text) {
        let k = hit.pattern().as_usize();
        let (target, exact) = names.of[k];
        let slice = Slice { start: hit.start() as u32, end: hit.end() as u32 };
        let right_case = !exact || text[hit.range()] == names.patterns[k];
        if !done.contains(&target)
            && right_case
            && is_word(&text, hit.range())
            && is_prose(note, slice)
            && !(exact && begins_sentence(&text, hit.start()))
        {
            done.insert(target);
            found.push(Mention { note: i, target, text: slice });
        }
    }
    found
}

/// Whether a match is whole words.
fn is_word(text: &str, range: std::ops::Range<usize>) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let joined = |before: Option<char>, after: Option<char>| match (before, after) {
        (Some(a), Some(b)) => word(a) && word(b) && !(is_unspaced(a) || is_unspaced(b)),
        _ => false,
    };
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let inner = &text[range];
    let hyphen = before.ends_with('-') || after.starts_with('-') && after[1..].starts_with(word);
    !hyphen
        && !joined(before.chars().next_back(), inner.chars().next())
        && !joined(inner.chars().next_back(), after.chars().next())
}

/// Whether a word in its exact case may be one only because it begins a sentence or an item.
fn begins_sentence(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end();
    before.is_empty() || before.ends_with(['.', '!', '?', ':', '•']) || text[..at].ends_with("  ")
}

/// Whether a stretch of plain text stands in one piece of prose, outside Links sections and outside bold labels.
fn is_prose(note: &Note, slice: Slice) -> bool {
    let doc = &note.doc;
    let at = doc.runs.partition_point(|r| r.text <= slice.start).checked_sub(1);
    let Some(run) = at.map(|at| &doc.runs[at]) else { return false };
    if run.kind != RunKind::Prose || slice.end > run.text + run.length {
        return false;
    }
    let labelled = doc.labels.iter().any(|l| l.text.start <= slice.start && slice.end <= l.text.end);
    let block = doc.blocks.partition_point(|b| b.text.start <= slice.start).checked_sub(1);
    let heading = block.map_or(crate::markdown::NONE, |b| doc.blocks[b].heading);
    let relations = doc.sections_at(heading).any(|s: Section| s.is_links());
    // At the start of a block every word begins large.
    !labelled && !relations
}
