//! The notes kept ready so that one of them, changed, can be compared with all others in a moment.

use super::boilerplate::BoilerplateIndex;
use super::findings::findings;
use super::fingerprint::{BlockFingerprint, NONE, NoteFingerprint};
use super::measure::{ALIKE, similarity};
use super::search::{At, Edge, WordSignature, seeds, seeds_outside_children};
use super::{Duplicates, duplicates};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// Bits of a seed that choose its part of the index.
const PART_BITS: u32 = 16;
/// Once so many seeds came by updates, they are merged.
const LATE_SEEDS: usize = 1 << 20;

/// All notes' prints, found by their seeds.
#[derive(Debug)]
pub struct Index {
    notes: Vec<NoteFingerprint>,
    template: Vec<String>,
    forms: BoilerplateIndex,
    /// Every block that is or was: its note [`NONE`] once it is no more.
    slots: Vec<At>,
    /// The slots of each note's blocks begin here, in the order of its blocks.
    first: Vec<u32>,
    /// The slots that have a text; the first of them alone stands in the seeds.
    texts: FxHashMap<u64, Vec<u32>>,
    /// Seed and slot in one number, ascending.
    sorted: Vec<u64>,
    /// Where the seeds of each part begin in `sorted`.
    parts: Vec<u32>,
    late: FxHashMap<u32, Vec<u32>>,
    late_count: usize,
}

impl Index {
    /// An index of `notes`; `template` are texts that are forms wherever they stand.
    pub fn new(notes: Vec<NoteFingerprint>, template: &[&str]) -> Self {
        let mut index = Self {
            forms: BoilerplateIndex::new(template, notes.len()),
            template: template.iter().map(ToString::to_string).collect(),
            slots: Vec::new(),
            first: Vec::new(),
            texts: FxHashMap::default(),
            sorted: Vec::new(),
            parts: Vec::new(),
            late: FxHashMap::default(),
            late_count: 0,
            notes,
        };
        index.fill();
        index
    }

    /// The notes as they are now.
    pub fn notes(&self) -> &[NoteFingerprint] {
        &self.notes
    }

    /// Everything that stands twice, as [`duplicates`] finds it.
    pub fn all(&self) -> Duplicates {
        let template: Vec<&str> = self.template.iter().map(String::as_str).collect();
        duplicates(&self.notes, &template)
    }

    /// Puts `print` in the place of note number `note`.
    ///
    /// # Panics
    /// If there is no such note; for a new one, make a new index.
    pub fn update(&mut self, note: u32, print: NoteFingerprint) {
        self.take_out(note);
        self.forms.remove(&self.notes[note as usize]);
        self.forms.add(&print);
        self.notes[note as usize] = print;
        self.first[note as usize] = self.slots.len() as u32;
        for block in 0..self.notes[note as usize].blocks.len() as u32 {
            self.put_in(At { note, block });
        }
        if self.late_count > LATE_SEEDS {
            self.fill();
        }
    }

    /// What of note number `note` stands in other notes too: groups, clusters and shares as far as this note is part of
    /// them; neither code nor forms.
    pub fn about(&self, note: u32) -> Duplicates {
        findings(&self.notes, self.edges(note), &self.forms)
    }

    /// All pairs of this note's blocks with alike ones of other notes, forms left out.
    pub(super) fn edges(&self, note: u32) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (block, print) in (0..).zip(self.notes[note as usize].blocks.iter()) {
            let at = At { note, block };
            if self.forms.is_form(print) {
                continue;
            }
            self.push_edges(at, print.text, 1.0, &mut edges);
            for (text, similarity) in self.alike(at, print.text) {
                self.push_edges(at, text, similarity, &mut edges);
            }
        }
        edges
    }

    /// Edges from `at` to every block of another note that has the text.
    fn push_edges(&self, at: At, text: u64, similarity: f64, edges: &mut Vec<Edge>) {
        let places = self.texts.get(&text).into_iter().flatten().map(|&slot| self.slots[slot as usize]);
        let others = places.filter(|other| other.note != at.note);
        let others =
            others.filter(|other| !self.forms.is_form(&self.notes[other.note as usize].blocks[other.block as usize]));
        edges.extend(others.map(|other| Edge::new(at, other, similarity)));
    }

    /// The texts that are alike the one at `at` and not equal.
    fn alike(&self, at: At, own: u64) -> Vec<(u64, f64)> {
        let words = self.words(at);
        let glance = WordSignature::of(words);
        let mut slots = Vec::new();
        seeds(words, |seed| self.push_slots(seed as u32, &mut slots));
        slots.sort_unstable();
        slots.dedup();
        let others = slots.into_iter().map(|slot| self.slots[slot as usize]);
        let others = others.filter(|other| other.note != NONE);
        let mut seen = FxHashSet::from_iter([own]);
        let mut alike = Vec::new();
        for (note, block) in others.flat_map(|other| self.enclosing(other)) {
            let others = note.words_of(block);
            if seen.insert(block.text) && glance.may_be_alike(&WordSignature::of(others)) {
                alike.push((block.text, similarity(words, others)));
            }
        }
        alike.retain(|(_, similarity)| *similarity >= ALIKE);
        alike
    }

    /// A block and those it stands in, with their note.
    fn enclosing(&self, at: At) -> impl Iterator<Item = (&NoteFingerprint, &BlockFingerprint)> {
        let note = &self.notes[at.note as usize];
        note.enclosing(at.block).map(move |block| (note, &note.blocks[block as usize]))
    }

    fn words(&self, at: At) -> &[u32] {
        let note = &self.notes[at.note as usize];
        note.words_of(&note.blocks[at.block as usize])
    }

    fn push_slots(&self, seed: u32, out: &mut Vec<u32>) {
        let part = (seed >> (32 - PART_BITS)) as usize;
        let part = &self.sorted[self.parts[part] as usize..self.parts[part + 1] as usize];
        let from = part.partition_point(|&entry| ((entry >> 32) as u32) < seed);
        let found = part[from..].iter().take_while(|&&entry| (entry >> 32) as u32 == seed);
        out.extend(found.map(|&entry| entry as u32));
        out.extend(self.late.get(&seed).into_iter().flatten());
    }

    /// Fills everything from `notes`.
    fn fill(&mut self) {
        let template: Vec<&str> = self.template.iter().map(String::as_str).collect();
        self.forms = BoilerplateIndex::new(&template, self.notes.len());
        (self.slots, self.first, self.texts) = (Vec::new(), Vec::new(), FxHashMap::default());
        for (note, print) in (0..).zip(&self.notes) {
            self.forms.add(print);
            self.first.push(self.slots.len() as u32);
            for (block, print) in (0..).zip(print.blocks.iter()) {
                self.texts.entry(print.text).or_default().push(self.slots.len() as u32);
                self.slots.push(At { note, block });
            }
        }
        self.sorted = self.sorted_seeds();
        let start = |part: u64| self.sorted.partition_point(|&entry| entry >> (64 - PART_BITS) < part) as u32;
        self.parts = (0..=1 << PART_BITS).map(start).collect();
        (self.late, self.late_count) = (FxHashMap::default(), 0);
    }

    fn sorted_seeds(&self) -> Vec<u64> {
        let of_slot = |slot: u32| {
            let at = self.slots[slot as usize];
            let note = &self.notes[at.note as usize];
            let first = self.first[at.note as usize];
            let mut out = Vec::new();
            if note.enclosing(at.block).any(|block| self.texts[&note.blocks[block as usize].text][0] == first + block) {
                seeds_outside_children(note, at.block, |_| true, |seed| out.push(seed << 32 | u64::from(slot)));
            }
            out
        };
        let mut sorted: Vec<u64> = (0..self.slots.len() as u32).into_par_iter().flat_map_iter(of_slot).collect();
        sorted.par_sort_unstable();
        sorted
    }

    /// Forgets the blocks of a note; another block with the same text stands in for one whose seeds were entered.
    fn take_out(&mut self, note: u32) {
        let first = self.first[note as usize];
        let texts: Vec<u64> = self.notes[note as usize].blocks.iter().map(|block| block.text).collect();
        let gone: FxHashSet<u32> = (first..first + texts.len() as u32).collect();
        for (slot, text) in (first..).zip(texts) {
            self.slots[slot as usize].note = NONE;
            let Some(slots) = self.texts.get_mut(&text) else { continue };
            let entered = slots[0];
            slots.retain(|slot| !gone.contains(slot));
            match slots.first().copied() {
                None => drop(self.texts.remove(&text)),
                Some(heir) if heir != entered => self.enter(heir),
                Some(_) => {}
            }
        }
    }

    fn put_in(&mut self, at: At) {
        let slot = self.slots.len() as u32;
        self.slots.push(at);
        let text = self.notes[at.note as usize].blocks[at.block as usize].text;
        let slots = self.texts.entry(text).or_default();
        slots.push(slot);
        if slots.len() == 1 {
            self.enter(slot);
        }
    }

    fn enter(&mut self, slot: u32) {
        let mut own = Vec::new();
        seeds(self.words(self.slots[slot as usize]), |seed| own.push(seed as u32));
        self.late_count += own.len();
        own.into_iter().for_each(|seed| self.late.entry(seed).or_default().push(slot));
    }
}
