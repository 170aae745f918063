//! Judged pairs of blocks (`data/similar_pairs.toml`), all in one base: which are found, which should be, as a table.

use crate::base::duplicates::engine::{
    Block, NoteFingerprint, NoteText, TextBlockId, duplicates, text_similarity, word_count,
};
use crate::text::ids::{Id, NoteId};
use std::collections::{BTreeMap, BTreeSet};

#[derive(serde::Deserialize)]
struct Pairs {
    pair: Vec<Pair>,
}

#[derive(serde::Deserialize)]
struct Pair {
    manner: String,
    same: bool,
    a: String,
    b: Option<String>,
    notes: Option<usize>,
    #[serde(default)]
    links: bool,
    #[serde(default)]
    template: bool,
}

impl Pair {
    /// The block as it stands in each of the notes that have it.
    fn texts(&self) -> Vec<&str> {
        let others = self.b.as_deref().unwrap_or(&self.a);
        let mut texts = vec![others; self.notes.unwrap_or(2)];
        texts[0] = &self.a;
        texts
    }
}

/// A note of one text: its lines are blocks, items after a plain line stand in it.
fn note(text: &str, links: bool) -> NoteFingerprint {
    let lines: Vec<String> = text.lines().map(plain).collect();
    let has_head = !text.starts_with("- ");
    let block = |at: usize| Block {
        text: &lines[at],
        parent: (has_head && at > 0).then_some(TextBlockId::new(0)),
        heading: 1,
        link_words: if links { word_count(&lines[at]) } else { 0 },
        ..Block::default()
    };
    let blocks = (0..lines.len()).map(block).collect();
    NoteFingerprint::of(&NoteText { comparable: true, blocks, ..NoteText::default() })
}

/// A line without its marks, links and bold label, as a reader of Markdown hands it on.
fn plain(line: &str) -> String {
    let line = line.trim_start_matches("- ");
    let line = match line.strip_prefix("**").and_then(|rest| rest.split_once(":**")) {
        Some((_, rest)) => rest,
        None => line,
    };
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, link)) = rest.split_once('[') {
        let (text, after) = link.split_once("](").expect("a link has a target");
        out += before;
        out += text;
        rest = after.split_once(')').expect("a target ends").1;
    }
    out += rest;
    out.replace(['*', '`'], "")
}

#[derive(Default)]
struct Row {
    found: usize,
    all: usize,
}

#[test]
fn judged_pairs_are_found_and_others_are_not() {
    let Pairs { pair: pairs } = toml::from_str(include_str!("../data/similar_pairs.toml")).expect("the pairs are TOML");
    let (mut notes, mut pair_of) = (Vec::new(), Vec::new());
    for (at, pair) in pairs.iter().enumerate() {
        for text in pair.texts() {
            notes.push(note(text, pair.links));
            pair_of.push(at);
        }
    }
    let template: Vec<&str> = pairs.iter().filter(|pair| pair.template).map(|pair| pair.a.as_str()).collect();
    let found = duplicates(&notes, &template);
    // Notes of one long block are reported as notes.
    let blocks = found.blocks.iter().map(|cluster| cluster.places.iter().map(|place| place.note).collect());
    let places: Vec<BTreeSet<NoteId>> =
        blocks.chain(found.notes.iter().map(|group| group.notes.iter().copied().collect())).collect();
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for notes in &places {
        let of: BTreeSet<usize> = notes.iter().map(|&note| pair_of[note.index()]).collect();
        assert_eq!(
            of.len(),
            1,
            "one finding across pairs: {:?}",
            of.iter().map(|&at| &pairs[at].a).collect::<Vec<_>>()
        );
        let at = *of.first().expect("a finding has places");
        assert_eq!(notes.len(), pairs[at].notes.unwrap_or(2), "not all places of {}", pairs[at].a);
        assert!(told.insert(at), "told twice: {}", pairs[at].a);
    }
    let mut table: BTreeMap<(bool, &str), Row> = BTreeMap::new();
    for (at, pair) in pairs.iter().enumerate() {
        let row = table.entry((!pair.same, &pair.manner)).or_default();
        row.all += 1;
        row.found += usize::from(told.contains(&at));
        if told.contains(&at) != pair.same {
            let similarity = text_similarity(&plain(&pair.a), &plain(pair.b.as_ref().unwrap_or(&pair.a)));
            println!("{} {similarity:.2}: {}", if pair.same { "missed" } else { "wrong" }, pair.a);
        }
    }
    for ((other, manner), row) in &table {
        println!(
            "{:8} {manner:12} {:2} of {:2} reported",
            if *other { "not same" } else { "same" },
            row.found,
            row.all
        );
    }
    let sum = |other: bool| {
        let rows = table.iter().filter(move |((is_other, _), _)| *is_other == other);
        rows.fold((0, 0), |(found, all), (_, row)| (found + row.found, all + row.all))
    };
    let ((right, same), (wrong, others)) = (sum(false), sum(true));
    let (precision, recall) = (right as f64 / (right + wrong) as f64, right as f64 / same as f64);
    println!("precision {precision:.3}, recall {recall:.3} of {same} and {others}");
    assert!(same >= 50 && others >= 50, "{same} and {others} pairs");
    assert!(precision >= 0.95 && recall >= 0.95, "precision {precision:.3}, recall {recall:.3}");
}
