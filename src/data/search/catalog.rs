//! `search/index.js`: what is known of every note before any text is read, columns instead of rows so that it packs well. Knows nothing of
//! words in texts.

use super::pack::{Bits, fixed_width, front_code, push_ascending, push_fixed, push_number, push_quoted};
use super::run::{Facts, Run};
use super::{File, script};
use crate::text::slug::page_of_title;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::hash::Hash;

/// The catalog's file. `files` are all others, whose bytes make the version.
pub(super) fn file(runs: &[Run], dictionaries: &[String], coded_words: usize, files: &[File]) -> Vec<u8> {
    let notes: Vec<&Facts> = runs.iter().flat_map(|run| &run.notes).collect();
    let mut out = Object(String::from("{"));
    out.text("version", &version(files));
    out.raw("notes", &notes.len().to_string());
    out.raw("codedWords", &coded_words.to_string());
    add_titles(&mut out, &notes);
    add_aliases(&mut out, &notes);
    add_addresses(&mut out, &notes);
    add_facts(&mut out, &notes);
    add_tags(&mut out, &notes);
    out.text("sizes", &column(notes.iter().map(|note| note.size as usize)));
    out.text("texts", &column(runs.iter().flat_map(|run| run.texts.iter().map(|text| text.notes))));
    out.text("dictionaries", &front_code(dictionaries.iter().map(String::as_str)));
    out.0.push('}');
    script(&out.0)
}

/// Told to the server with every file, so that files of an older index are not taken from a cache.
fn version(files: &[File]) -> String {
    let mut hash = blake3::Hasher::new();
    for (name, bytes) in files {
        hash.update(name.as_bytes()).update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }
    hash.finalize().to_hex()[..8].to_owned()
}

/// A JavaScript object in the making.
struct Object(String);

impl Object {
    fn raw(&mut self, key: &str, value: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        push_quoted(&mut self.0, key);
        self.0.push(':');
        self.0.push_str(value);
    }

    fn text(&mut self, key: &str, value: &str) {
        let mut quoted = String::with_capacity(value.len() + 2);
        push_quoted(&mut quoted, value);
        self.raw(key, &quoted);
    }
}

fn column(numbers: impl IntoIterator<Item = usize>) -> String {
    let mut text = String::new();
    numbers.into_iter().for_each(|number| push_number(&mut text, number));
    text
}

/// Titles as numbers of their words in a table: titles share words, and a sorted table packs best.
fn add_titles(out: &mut Object, notes: &[&Facts]) {
    let mut table: BTreeMap<&str, usize> = BTreeMap::new();
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

/// Names, and for each the step from the note of the name before.
fn add_aliases(out: &mut Object, notes: &[&Facts]) {
    let names =
        || notes.iter().enumerate().flat_map(|(number, note)| note.aliases.iter().map(move |name| (number, name)));
    let mut last = 0;
    let steps = names().map(|(number, _)| number - std::mem::replace(&mut last, number));
    out.text("aliasNotes", &column(steps));
    out.text("aliases", &front_code(names().map(|(_, name)| name.as_str())));
}

/// Folders with how many notes in a row are in each, and the pages' names, empty where the title tells them.
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
        pages.push(if page.strip_suffix(".html") == Some(&page_of_title(&note.title)) { "" } else { page });
    }
    out.text("folders", &front_code(folders));
    out.text("folderNotes", &column(counts));
    out.text("pages", &front_code(pages));
}

/// Type, status and difficulty together, and importance: tables by frequency, and each note's place in them.
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

/// Distinct values, the most frequent first, and each item's place among them.
fn ranked<T: Ord + Hash + Copy>(items: impl Iterator<Item = T> + Clone) -> (Vec<T>, Vec<usize>) {
    let mut counts: FxHashMap<T, usize> = FxHashMap::default();
    items.clone().for_each(|item| *counts.entry(item).or_default() += 1);
    let mut values: Vec<(usize, T)> = counts.into_iter().map(|(value, count)| (count, value)).collect();
    values.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let places: FxHashMap<T, usize> = values.iter().enumerate().map(|(place, (_, value))| (*value, place)).collect();
    (values.iter().map(|(_, value)| *value).collect(), items.map(|item| places[&item]).collect())
}

/// Tags in order, how many notes have each, and all their lists as one stream of Rice-coded gaps.
fn add_tags(out: &mut Object, notes: &[&Facts]) {
    let mut lists: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (number, note) in notes.iter().enumerate() {
        for tag in &note.tags {
            let list = lists.entry(tag).or_default();
            if list.last() != Some(&(number as u32)) {
                list.push(number as u32);
            }
        }
    }
    let mut bits = Bits::default();
    lists.values().for_each(|list| push_ascending(&mut bits, list.iter().copied(), notes.len(), list.len()));
    out.text("tags", &front_code(lists.keys().copied()));
    out.text("tagCounts", &column(lists.values().map(Vec::len)));
    out.text("tagNotes", &bits.finish());
}
