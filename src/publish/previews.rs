//! The data files of link previews: for each note its facts and its TL;DR, and the sections that some link leads to. Computed
//! from the frozen site. Knows no pages.

use super::data_files::Files;
use crate::base::graph::Target;
use crate::base::index::Facet;
use crate::base::site::Site;
use crate::config::schema::Section;
use crate::note::Note;
use crate::note::markdown::{BlockKind, Document};
use crate::note::sections::{is_not_applicable, shortened};
use crate::pages::html::Texts;
use crate::pages::templates::{script_call, value_label};
use crate::pages::views::preview_shard;
use crate::text::ids::{BlockId, HeadingId, NoteId};
use crate::text::paths::encode_path;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The average number of notes per preview file: a compromise between the number of files and the bytes to load for one
/// preview.
const PREVIEWS_A_FILE: usize = 60;

/// The most characters of a preview's text: what a box beside a link shows without scrolling.
const PREVIEW_LETTERS: usize = 520;

/// The most blocks and list items of a preview.
const PREVIEW_PASSAGES: usize = 9;

/// The number of preview files of a site.
pub(crate) fn preview_files(site: &Site) -> u32 {
    site.index.ranked.len().div_ceil(PREVIEWS_A_FILE) as u32
}

/// A piece of a preview's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Passage {
    Paragraph(String),
    Items(Vec<String>),
}

/// The value of a key of a preview file.
#[derive(Serialize)]
#[serde(untagged)]
enum Preview<'a> {
    /// Of a note, by its URL: title, type and its label, label of the status, level and label of the difficulty, importance,
    /// TL;DR.
    Note(&'a str, &'a str, &'a str, &'a str, u8, &'a str, Option<u8>, Vec<Passage>),
    /// Of a section or block of a note, by URL and fragment: the heading of the section, empty for a block, and the text.
    Section(&'a str, Vec<Passage>),
}

/// The previews of link targets, distributed over files by a hash of the URL.
pub(crate) fn previews(site: &Site, texts: &Texts) -> Files {
    let count = preview_files(site);
    let mut files: Vec<BTreeMap<String, Preview<'_>>> = (0..count).map(|_| BTreeMap::new()).collect();
    // Each label is looked up once per value, not once per note.
    let words = [Facet::Type, Facet::Status, Facet::Difficulty].map(|facet| {
        let values = facet.values(&site.schema, &site.notes).into_iter();
        let in_words = |value: String| {
            let label = value_label(texts, facet.name(), &value);
            (value, label)
        };
        (facet, values.map(in_words).collect::<FxHashMap<String, String>>())
    });
    for (i, note) in site.concepts() {
        let head = &note.head;
        let [kind, status, difficulty] = words
            .each_ref()
            .map(|(facet, words)| facet.of(note).and_then(|value| words.get(value)).map_or("", String::as_str));
        let preview = Preview::Note(
            note.title.as_str(),
            head.kind.as_deref().unwrap_or(""),
            kind,
            status,
            site.schema.difficulty_level(head.difficulty.as_deref()),
            difficulty,
            head.importance,
            summary(note),
        );
        let url = encoded_url(site, i);
        files[preview_shard(&url, count) as usize].insert(url, preview);
    }
    for (i, fragment) in linked_fragments(site) {
        let Some(section) = section_of(site.note(i), fragment) else { continue };
        let url = encoded_url(site, i);
        files[preview_shard(&url, count) as usize].insert(format!("{url}#{fragment}"), section);
    }
    let named = files.into_iter().enumerate();
    named
        .map(|(n, file)| (format!("_canon/previews/{n}.js"), script_call("canonPreviews", &file).into_bytes()))
        .collect()
}

fn encoded_url(site: &Site, i: NoteId) -> String {
    let mut url = String::new();
    encode_path(&site.routes.notes[i], &mut url);
    url
}

/// The fragments of notes that some link leads to.
fn linked_fragments(site: &Site) -> BTreeSet<(NoteId, &str)> {
    let links = site.graph.links.iter().flatten();
    let with_fragment = links.filter(|link| !link.fragment.is_empty() && !link.broken_anchor);
    with_fragment
        .filter_map(|link| match link.target {
            Target::Note(i) if site.note(i).is_note() => Some((i, link.fragment.as_str())),
            _ => None,
        })
        .collect()
}

/// The TL;DR of a note. Without one, what lists show of it.
fn summary(note: &Note) -> Vec<Passage> {
    let tldr = note.doc.find(Section::Tldr).map(|heading| passages(&note.doc, note.doc.section_blocks(heading)));
    let tldr = tldr.filter(|passages| !passages.is_empty());
    tldr.unwrap_or_else(|| match note.summary.is_empty() {
        true => Vec::new(),
        false => vec![Passage::Paragraph(shortened(&note.summary, PREVIEW_LETTERS))],
    })
}

/// The preview of a section or block. `None` if the fragment names none with a text.
fn section_of<'a>(note: &'a Note, fragment: &str) -> Option<Preview<'a>> {
    let doc = &note.doc;
    let Some(heading) = doc.headings.position(|heading| *heading.anchor == *fragment) else {
        let text = passages(doc, [doc.block(fragment.strip_prefix('^').unwrap_or(fragment))?].into_iter());
        return (!text.is_empty()).then_some(Preview::Section("", text));
    };
    let within = |heading: HeadingId| doc.section_blocks(heading);
    let blocks = within(heading).chain(doc.subheadings(heading).flat_map(within));
    let text = passages(doc, blocks);
    (!text.is_empty()).then(|| Preview::Section(&doc.headings[heading].text, text))
}

/// The text of some blocks, up to the bounds of a preview. Code, tables and pictures have none.
fn passages(doc: &Document, blocks: impl Iterator<Item = BlockId>) -> Vec<Passage> {
    let (mut passages, mut left, mut count) = (Vec::new(), PREVIEW_LETTERS, 0);
    let mut take = |block: BlockId| {
        let text = one_line(doc, block);
        if text.is_empty() || is_not_applicable(&text) || left == 0 || count == PREVIEW_PASSAGES {
            return None;
        }
        let letters = text.chars().count();
        let text = shortened(&text, left);
        // A text that is cut is the last one.
        left = left.saturating_sub(letters);
        count += 1;
        Some(text)
    };
    for block in blocks {
        match doc.blocks[block].kind {
            BlockKind::List(_) => {
                let items: Vec<String> = doc.children(block).filter_map(&mut take).collect();
                if !items.is_empty() {
                    passages.push(Passage::Items(items));
                }
            }
            BlockKind::Paragraph | BlockKind::Item | BlockKind::Quote | BlockKind::Definition => {
                passages.extend(take(block).map(Passage::Paragraph));
            }
            _ => {}
        }
    }
    passages
}

/// The plain text of a block in one line.
fn one_line(doc: &Document, block: BlockId) -> String {
    doc.plain(doc.blocks[block].text).split_whitespace().collect::<Vec<_>>().join(" ")
}
