//! The data files of the practice page: an index of all cards, and the questions and answers in parts, so that the first card
//! can be shown before the others are loaded.
//!
//! `_canon/practice/cards.js` calls `canonPractice.index({ site, notes })`. A note has `t` title, `u` address, `i` importance,
//! `f` folder, `g` tags, `p` the places of the notes that it requires, `c` the ids of its cards, `n` their numbers on the page
//! of the note, `s` the part with their texts. Notes are in learning order: a note comes after all that it requires.
//! `_canon/practice/N.js` calls `canonPractice.add([N, { PLACE: { c: [[question, answer], …], s: [section, …] } }])`.

use crate::base::learning_order::required;
use crate::base::site::Site;
use crate::data::practice::cards::{SiteCard, site_cards, site_id};
use crate::pages::compose::Composer;
use crate::pages::templates::script_call;
use crate::publish::data_files::Files;
use crate::text::ids::NoteId;
use crate::text::paths::encode_path;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::collections::BTreeMap;

/// The folder of the files.
pub(crate) const FOLDER: &str = "_canon/practice/";
/// The cards of a part: a compromise between the number of files and the bytes to load for the first card.
const CARDS_A_PART: usize = 60;

#[derive(Serialize)]
struct Index<'a> {
    site: String,
    notes: Vec<IndexNote<'a>>,
}

#[derive(Serialize)]
struct IndexNote<'a> {
    t: &'a str,
    u: String,
    i: u8,
    f: &'a str,
    g: &'a [String],
    p: Vec<usize>,
    c: Vec<&'a str>,
    n: Vec<usize>,
    s: usize,
}

#[derive(Serialize)]
struct NoteTexts {
    c: Vec<(String, String)>,
    s: Vec<String>,
}

/// All data files of the practice page. None for a site without cards.
pub(crate) fn practice(site: &Site, composer: &Composer) -> Files {
    let cards = site_cards(site);
    if cards.is_empty() {
        return Files::new();
    }
    let mut of_note: FxHashMap<NoteId, Vec<&SiteCard<'_>>> = FxHashMap::default();
    cards.iter().for_each(|card| of_note.entry(card.note).or_default().push(card));
    let notes = notes_in_order(site, &of_note);
    let place: FxHashMap<NoteId, usize> = notes.iter().enumerate().map(|(place, &note)| (note, place)).collect();
    let (mut index, mut parts, mut filled) = (Vec::with_capacity(notes.len()), vec![Vec::new()], 0);
    for &note in &notes {
        let own = of_note.get(&note).map_or(&[][..], Vec::as_slice);
        if filled > 0 && filled + own.len() > CARDS_A_PART {
            parts.push(Vec::new());
            filled = 0;
        }
        filled += own.len();
        let part = parts.len() - 1;
        if !own.is_empty() {
            parts[part].push(note);
        }
        index.push(index_note(site, note, own, &place, part));
    }
    let texts = |(number, notes): (usize, &Vec<NoteId>)| {
        let own: BTreeMap<usize, NoteTexts> =
            notes.iter().map(|note| (place[note], note_texts(site, composer, *note, &of_note[note]))).collect();
        (format!("{FOLDER}{number}.js"), script_call("canonPractice.add", &(number, own)).into_bytes())
    };
    let mut files: Files = parts.par_iter().enumerate().map(texts).collect();
    let index = script_call("canonPractice.index", &Index { site: site_id(site), notes: index });
    files.insert(format!("{FOLDER}cards.js"), index.into_bytes());
    files
}

/// The notes with cards or prerequisites and the notes that they require, in learning order.
fn notes_in_order(site: &Site, of_note: &FxHashMap<NoteId, Vec<&SiteCard<'_>>>) -> Vec<NoteId> {
    let mut kept: FxHashSet<NoteId> = of_note.keys().copied().collect();
    for (note, _) in site.concepts() {
        let mut needs = required(&site.graph, note).peekable();
        if needs.peek().is_some() {
            kept.insert(note);
            kept.extend(needs);
        }
    }
    let mut notes: Vec<NoteId> = kept.into_iter().collect();
    notes.sort_by_key(|&note| (site.order.depth[note], site.index.rank[note]));
    notes
}

fn index_note<'a>(
    site: &'a Site,
    note: NoteId,
    cards: &[&'a SiteCard<'_>],
    place: &FxHashMap<NoteId, usize>,
    part: usize,
) -> IndexNote<'a> {
    let own = site.note(note);
    let mut url = String::new();
    encode_path(&site.routes.notes[note], &mut url);
    IndexNote {
        t: &own.title,
        u: url,
        i: own.head.importance.unwrap_or(0),
        f: own.folder(),
        g: &own.head.tags,
        p: required(&site.graph, note).filter(|&needed| needed != note).map(|needed| place[&needed]).collect(),
        c: cards.iter().map(|card| card.id.as_str()).collect(),
        n: cards.iter().map(|card| card.number).collect(),
        s: part,
    }
}

fn note_texts(site: &Site, composer: &Composer, note: NoteId, cards: &[&SiteCard<'_>]) -> NoteTexts {
    let is_section = |h: &&crate::note::markdown::Heading| {
        h.top && h.shown == 2 && !h.section.is_some_and(|section| section.is_links())
    };
    let own = site.note(note);
    let headings = own.doc.headings.iter_enumerated().filter(|(h, _)| Some(*h) != own.title_heading).map(|(_, h)| h);
    NoteTexts {
        c: cards.iter().map(|card| composer.card_html("practice.html", note, card.card)).collect(),
        s: headings.filter(is_section).map(|h| h.text.split(" (").next().unwrap_or("").to_string()).collect(),
    }
}
