//! Writes `search/index.js`, the catalog: titles, names, addresses and facts of all notes, in columns because equal kinds of
//! values compress best together. Knows nothing of the words in texts.
//!
//! Example: the titles “B-tree”, “Page cache” and “Write-ahead log” have the sorted words `B-tree`, `Page`, `Write-ahead`,
//! `cache` and `log`. One digit of base 92 is enough for five words, so the titles are `!` (0), `#%` (1, 3) and `$&` (2, 4).

use super::pack::{Bits, fixed_width, front_code, push_ascending, push_fixed, push_number, push_quoted};
use super::run::{Facts, Run};
use super::{File, script};
use crate::text::slug::page_of_title;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::hash::Hash;

/// The greatest length of a catalog in one file, in bytes. A longer one is written in parts of this length.
const PART_BYTES: usize = 100_000;

/// The files of the catalog: `search/index.js`, and for a large base its parts `search/cN.js`. `files` are all other files of
/// the index.
pub(super) fn files(runs: &[Run], dictionaries: &[String], coded_words: usize, files: &[File]) -> Vec<File> {
    let version = version(files);
    let whole = whole(runs, dictionaries, coded_words, &version);
    let index = |value: &str| ("search/index.js".to_owned(), script(value));
    if whole.len() <= PART_BYTES {
        return vec![index(&whole)];
    }
    let mut parts: Vec<File> = Vec::new();
    let mut rest = whole.as_str();
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.floor_char_boundary(PART_BYTES));
        let mut value = String::with_capacity(part.len() + part.len() / 64);
        push_quoted(&mut value, part);
        parts.push((format!("search/c{}.js", parts.len()), script(&value)));
        rest = after;
    }
    let mut out = Object(String::from("{"));
    out.text("version", &version);
    out.raw("parts", &parts.len().to_string());
    out.0.push('}');
    parts.push(index(&out.0));
    parts
}

/// The catalog as a JavaScript object, which is also JSON.
fn whole(runs: &[Run], dictionaries: &[String], coded_words: usize, version: &str) -> String {
    let notes: Vec<&Facts> = runs.iter().flat_map(|run| &run.notes).collect();
    let mut out = Object(String::from("{"));
    out.text("version", version);
    out.raw("notes", &notes.len().to_string());
    out.raw("codedWords", &coded_words.to_string());
    add_titles(&mut out, &notes);
    add_aliases(&mut out, &notes);
    add_addresses(&mut out, &notes);
    add_facts(&mut out, &notes);
    add_tags(&mut out, &notes);
    out.text("sizes", &column(notes.iter().map(|note| note.size as usize)));
    out.text("texts", &column(runs.iter().flat_map(|run| run.texts.iter().map(|text| text.note_count))));
    out.text("dictionaries", &front_code(dictionaries.iter().map(String::as_str)));
    out.0.push('}');
    out.0
}

/// A hash of all files, appended by the reader to each address so that a browser does not use cached files of an older index.
fn version(files: &[File]) -> String {
    let mut hash = blake3::Hasher::new();
    for (name, bytes) in files {
        hash.update(name.as_bytes()).update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }
    hash.finalize().to_hex()[..8].to_owned()
}

/// A JavaScript object being written, up to the last field.
struct Object(String);

impl Object {
    /// Adds a field with `value` as written.
    fn raw(&mut self, key: &str, value: &str) {
        // The opening brace alone needs no comma.
        if self.0.len() > 1 {
            self.0.push(',');
        }
        push_quoted(&mut self.0, key);
        self.0.push(':');
        self.0.push_str(value);
    }

    /// Adds a field with a string.
    fn text(&mut self, key: &str, value: &str) {
        let mut quoted = String::with_capacity(value.len() + 2);
        push_quoted(&mut quoted, value);
        self.raw(key, &quoted);
    }
}

/// The numbers as one string.
fn column(numbers: impl IntoIterator<Item = usize>) -> String {
    let mut text = String::new();
    numbers.into_iter().for_each(|number| push_number(&mut text, number));
    text
}

/// Adds the titles as indexes into a table of their words: titles share words, and a sorted table compresses best.
fn add_titles(out: &mut Object, notes: &[&Facts]) {
    let mut table: BTreeMap<&str, usize> = BTreeMap::new();
    // Sorts the words first, then replaces each 0 by the word's index.
    table.extend(notes.iter().flat_map(|note| note.title.split(' ')).map(|word| (word, 0)));
    table.values_mut().enumerate().for_each(|(number, slot)| *slot = number);
    let width = fixed_width(table.len());
    let coded: Vec<String> = notes
        .iter()
        .map(|note| {
            let mut text = String::new();
            note.title.split(' ').for_each(|word| push_fixed(&mut text, table[word], width));
            text
        })
        .collect();
    out.text("words", &front_code(table.keys().copied()));
    out.raw("width", &width.to_string());
    out.text("titles", &front_code(coded.iter().map(String::as_str)));
}

/// Adds the aliases, and for each the distance from the note of the previous alias.
fn add_aliases(out: &mut Object, notes: &[&Facts]) {
    // Two aliases of one note have the distance 0.
    let names =
        || notes.iter().enumerate().flat_map(|(number, note)| note.aliases.iter().map(move |name| (number, name)));
    let mut last = 0;
    let steps = names().map(|(number, _)| number - std::mem::replace(&mut last, number));
    out.text("aliasNotes", &column(steps));
    out.text("aliases", &front_code(names().map(|(_, name)| name.as_str())));
}

/// Adds the folders with the number of consecutive notes in each, and the file names, empty where the title determines them.
fn add_addresses(out: &mut Object, notes: &[&Facts]) {
    let (mut folders, mut counts): (Vec<&str>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut pages = Vec::new();
    for note in notes {
        let (folder, page) = note.url.split_at(note.url.rfind('/').map_or(0, |at| at + 1));
        match (folders.last(), counts.last_mut()) {
            (Some(last), Some(count)) if *last == folder => *count += 1,
            _ => {
                folders.push(folder);
                counts.push(1);
            }
        }
        // The reader has the same function for file names from titles.
        pages.push(if page.strip_suffix(".html") == Some(&page_of_title(&note.title)) { "" } else { page });
    }
    out.text("folders", &front_code(folders));
    out.text("folderNotes", &column(counts));
    out.text("pages", &front_code(pages));
}

/// Adds type, status and difficulty as one table of triples, and importance as a second table. Each note has an index into
/// both.
fn add_facts(out: &mut Object, notes: &[&Facts]) {
    let (kinds, places) = ranked(notes.iter().map(|note| [note.kind.as_str(), &note.status, &note.difficulty]));
    let mut table = String::from("[");
    for (number, fields) in kinds.iter().enumerate() {
        table.push_str(if number > 0 { ",[" } else { "[" });
        for (place, field) in fields.iter().enumerate() {
            table.push_str(if place > 0 { "," } else { "" });
            push_quoted(&mut table, field);
        }
        table.push(']');
    }
    out.raw("facts", &(table + "]"));
    out.text("factOf", &column(places));
    let (values, places) = ranked(notes.iter().map(|note| note.importance));
    out.raw("importances", &format!("{values:?}"));
    out.text("importanceOf", &column(places));
}

/// The distinct values, the most frequent first, and for each item the index of its value: frequent values get short numbers.
fn ranked<T: Ord + Hash + Copy>(items: impl Iterator<Item = T> + Clone) -> (Vec<T>, Vec<usize>) {
    let mut counts: FxHashMap<T, usize> = FxHashMap::default();
    items.clone().for_each(|item| *counts.entry(item).or_default() += 1);
    let mut values: Vec<(usize, T)> = counts.into_iter().map(|(value, count)| (count, value)).collect();
    // The value breaks ties, because the order of a hash map is arbitrary.
    values.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let places: FxHashMap<T, usize> = values.iter().enumerate().map(|(place, (_, value))| (*value, place)).collect();
    (values.iter().map(|(_, value)| *value).collect(), items.map(|item| places[&item]).collect())
}

/// Adds the sorted tags, the number of notes with each, and the notes of all tags as one stream of Rice codes.
fn add_tags(out: &mut Object, notes: &[&Facts]) {
    let mut lists: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (number, note) in (0..).zip(notes) {
        for tag in &note.tags {
            let list = lists.entry(tag).or_default();
            // A note may have the same tag twice.
            if list.last() != Some(&number) {
                list.push(number);
            }
        }
    }
    let mut bits = Bits::default();
    lists.values().for_each(|list| push_ascending(&mut bits, list.iter().copied(), notes.len(), list.len()));
    out.text("tags", &front_code(lists.keys().copied()));
    out.text("tagCounts", &column(lists.values().map(Vec::len)));
    out.text("tagNotes", &bits.finish());
}
