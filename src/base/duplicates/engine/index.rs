//! A duplicate index for editing: after one note changed, finds its duplicates among all notes in milliseconds.
//!
//! Example: in an index of three notes, notes 0 and 2 contain the same paragraph. The text is in two slots, and the seeds of
//! the first slot only are in the seed table. [`Index::update`] of note 0 clears its slots, enters the seeds of the slot in
//! note 2 as late seeds, and adds slots for the new blocks. [`Index::about`] of note 0 looks up the seeds of each new block
//! and compares the blocks found.

use super::boilerplate::BoilerplateIndex;
use super::findings::findings;
use super::fingerprint::{BlockFingerprint, BlockRef, NoteFingerprint, Notes};
use super::measure::{ALIKE, similarity};
use super::search::{Edge, WordSignature, seeds, seeds_outside_children};
use super::{Duplicates, duplicates};
use crate::text::ids::{Id, IdRange, IndexVec, NoteId, id};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// The number of high seed bits selecting a part of the seed table. 2¹⁶ parts leave a few dozen seeds each to search in a
/// base of 10,000 notes.
const PART_BITS: u32 = 16;
/// The number of seeds entered by updates from which the seed table is rebuilt.
const LATE_SEEDS: usize = 1 << 20;

id! {
    /// A block of any note, present or past: its index in [`Index::slots`].
    struct SlotId;
}

/// A seed and a slot with the seed, in one integer: the seed in the upper half, for sorting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct SeedEntry(u64);

impl SeedEntry {
    fn new(seed: u32, slot: SlotId) -> Self {
        Self(u64::from(seed) << 32 | slot.index() as u64)
    }

    fn seed(self) -> u32 {
        (self.0 >> 32) as u32
    }

    fn slot(self) -> SlotId {
        SlotId::new(self.0 as u32 as usize)
    }
}

/// The part of the seed table with this seed.
fn part_of(seed: u32) -> usize {
    (seed >> (32 - PART_BITS)) as usize
}

/// The fingerprints of all notes, with a table from seeds to blocks.
#[derive(Debug)]
pub struct Index {
    notes: IndexVec<NoteId, NoteFingerprint>,
    template: Vec<String>,
    boilerplate: BoilerplateIndex,
    /// `None` once the note of the block was updated. Slots are reused only by a rebuild.
    slots: IndexVec<SlotId, Option<BlockRef>>,
    /// The slot of each note's first block. The slots of its blocks are consecutive.
    first: IndexVec<NoteId, SlotId>,
    /// The slots of each text, at least one. Only the first of them is in the seed table.
    texts: FxHashMap<u64, Vec<SlotId>>,
    /// The seed table, ascending.
    sorted: Vec<SeedEntry>,
    /// The start of each part in `sorted`, and the end of the last one.
    parts: Vec<u32>,
    /// Seeds entered by updates, after `sorted` was built.
    late: FxHashMap<u32, Vec<SlotId>>,
    late_count: usize,
}

impl Index {
    /// An index of `notes`. Each text of `template` is boilerplate in any note.
    pub fn new(notes: Vec<NoteFingerprint>, template: &[&str]) -> Self {
        let mut index = Self {
            boilerplate: BoilerplateIndex::new(template, notes.len()),
            template: template.iter().map(ToString::to_string).collect(),
            slots: IndexVec::default(),
            first: IndexVec::default(),
            texts: FxHashMap::default(),
            sorted: Vec::new(),
            parts: Vec::new(),
            late: FxHashMap::default(),
            late_count: 0,
            notes: notes.into(),
        };
        index.rebuild();
        index
    }

    /// The current fingerprints of all notes.
    pub fn notes(&self) -> &[NoteFingerprint] {
        &self.notes
    }

    /// All duplicates, equal to the result of [`duplicates`] for the current notes.
    pub fn all(&self) -> Duplicates {
        let template: Vec<&str> = self.template.iter().map(String::as_str).collect();
        duplicates(&self.notes, &template)
    }

    /// Replaces the fingerprint of `note`.
    ///
    /// # Panics
    /// If there is no such note. A base with an additional note needs a new index.
    pub fn update(&mut self, note: NoteId, fingerprint: NoteFingerprint) {
        self.remove_blocks(note);
        self.boilerplate.remove(&self.notes[note]);
        self.boilerplate.add(&fingerprint);
        self.first[note] = self.slots.next_id();
        let blocks = fingerprint.ids();
        self.notes[note] = fingerprint;
        for block in blocks {
            self.add_block(BlockRef { note, block });
        }
        if self.late_count > LATE_SEEDS {
            self.rebuild();
        }
    }

    /// The duplicates of `note` in different notes: groups, clusters and shares containing `note`. `code` and `boilerplate`
    /// of the result are empty.
    pub fn about(&self, note: NoteId) -> Duplicates {
        findings(self.fingerprints(), self.edges(note), &self.boilerplate)
    }

    fn fingerprints(&self) -> Notes<'_> {
        Notes(&self.notes)
    }

    /// All pairs of a block in `note` with an equal or similar block in a different note, without boilerplate.
    pub(super) fn edges(&self, note: NoteId) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (block, fingerprint) in self.notes[note].iter() {
            let at = BlockRef { note, block };
            if self.boilerplate.contains(fingerprint) {
                continue;
            }
            self.push_edges(at, fingerprint.text, 1.0, &mut edges);
            for (text, similarity) in self.similar_texts(at, fingerprint.text) {
                self.push_edges(at, text, similarity, &mut edges);
            }
        }
        edges
    }

    /// Appends an edge from `at` to each block with `text` in a different note, without boilerplate.
    fn push_edges(&self, at: BlockRef, text: u64, similarity: f64, edges: &mut Vec<Edge>) {
        let blocks = self.texts.get(&text).into_iter().flatten().filter_map(|&slot| self.slots[slot]);
        let partners = blocks.filter(|partner| partner.note != at.note);
        let partners = partners.filter(|&partner| !self.boilerplate.contains(self.fingerprints().block(partner)));
        edges.extend(partners.map(|partner| Edge::new(at, partner, similarity)));
    }

    /// The texts similar to the block `at` but different from its text `own`, with the similarity.
    fn similar_texts(&self, at: BlockRef, own: u64) -> Vec<(u64, f64)> {
        let words = self.fingerprints().words(at);
        let signature = WordSignature::of(words);
        let mut slots = Vec::new();
        seeds(words, |seed| self.push_slots(seed as u32, &mut slots));
        slots.sort_unstable();
        slots.dedup();
        let candidates = slots.into_iter().filter_map(|slot| self.slots[slot]);
        let mut compared = FxHashSet::from_iter([own]);
        let mut alike = Vec::new();
        // A seed inside a child is entered for the child only, so the blocks around a slot are candidates as well.
        for (note, block) in candidates.flat_map(|candidate| self.enclosing(candidate)) {
            let theirs = note.words_of(block);
            if compared.insert(block.text) && signature.may_be_alike(&WordSignature::of(theirs)) {
                alike.push((block.text, similarity(words, theirs)));
            }
        }
        alike.retain(|(_, similarity)| *similarity >= ALIKE);
        alike
    }

    /// `at` and all compared blocks around it, with their note, from the inside out.
    fn enclosing(&self, at: BlockRef) -> impl Iterator<Item = (&NoteFingerprint, &BlockFingerprint)> {
        let note = &self.notes[at.note];
        note.enclosing(at.block).map(move |block| (note, &note[block]))
    }

    /// Appends all slots entered with `seed`, cleared ones included.
    fn push_slots(&self, seed: u32, out: &mut Vec<SlotId>) {
        let part = part_of(seed);
        let part = &self.sorted[self.parts[part] as usize..][..(self.parts[part + 1] - self.parts[part]) as usize];
        let from = part.partition_point(|entry| entry.seed() < seed);
        out.extend(part[from..].iter().take_while(|entry| entry.seed() == seed).map(|entry| entry.slot()));
        out.extend(self.late.get(&seed).into_iter().flatten());
    }

    /// Builds all tables from `notes`.
    fn rebuild(&mut self) {
        let template: Vec<&str> = self.template.iter().map(String::as_str).collect();
        self.boilerplate = BoilerplateIndex::new(&template, self.notes.len());
        (self.slots, self.first, self.texts) = Default::default();
        for (note, fingerprint) in self.notes.iter_enumerated() {
            self.boilerplate.add(fingerprint);
            self.first.push(self.slots.next_id());
            for (block, fingerprint) in fingerprint.iter() {
                let slot = self.slots.push(Some(BlockRef { note, block }));
                self.texts.entry(fingerprint.text).or_default().push(slot);
            }
        }
        self.sorted = self.sorted_seeds();
        let start = |part: usize| self.sorted.partition_point(|entry| part_of(entry.seed()) < part) as u32;
        self.parts = (0..=1 << PART_BITS).map(start).collect();
        (self.late, self.late_count) = (FxHashMap::default(), 0);
    }

    /// The seed table of all slots.
    fn sorted_seeds(&self) -> Vec<SeedEntry> {
        let of_slot = |slot: SlotId| {
            let mut out = Vec::new();
            let Some(at) = self.slots[slot] else { return out };
            let note = &self.notes[at.note];
            let slot_of =
                |block: super::fingerprint::FingerprintId| SlotId::new(self.first[at.note].index() + block.index());
            // A copy needs no seeds of its own, unless a block around is the first with its text.
            if note.enclosing(at.block).any(|block| self.texts[&note[block].text][0] == slot_of(block)) {
                let push = |seed: u64| out.push(SeedEntry::new(seed as u32, slot));
                seeds_outside_children(note, at.block, |_| true, push);
            }
            out
        };
        let mut sorted: Vec<SeedEntry> = self.slots.ids().into_par_iter().flat_map_iter(of_slot).collect();
        sorted.par_sort_unstable();
        sorted
    }

    /// Clears the slots of a note. Where the first slot of a text is cleared, enters the seeds of the next slot with the
    /// text.
    fn remove_blocks(&mut self, note: NoteId) {
        let first = self.first[note];
        let texts: Vec<u64> = self.notes[note].blocks.iter().map(|block| block.text).collect();
        let cleared = IdRange { start: first, end: SlotId::new(first.index() + texts.len()) };
        for (slot, text) in cleared.iter().zip(texts) {
            self.slots[slot] = None;
            // A text twice in the note was removed with its first slot.
            let Some(slots) = self.texts.get_mut(&text) else { continue };
            let entered = slots[0];
            slots.retain(|&slot| !cleared.contains(slot));
            match slots.first().copied() {
                None => drop(self.texts.remove(&text)),
                Some(next) if next != entered => self.enter_seeds(next),
                Some(_) => {}
            }
        }
    }

    /// Adds a slot for a block of an updated note.
    fn add_block(&mut self, at: BlockRef) {
        let slot = self.slots.push(Some(at));
        let text = self.notes[at.note][at.block].text;
        let slots = self.texts.entry(text).or_default();
        slots.push(slot);
        if slots.len() == 1 {
            self.enter_seeds(slot);
        }
    }

    /// Enters all seeds of a block as late seeds. Does nothing for a cleared slot.
    fn enter_seeds(&mut self, slot: SlotId) {
        let Some(at) = self.slots[slot] else { return };
        let mut own = Vec::new();
        seeds(Notes(&self.notes).words(at), |seed| own.push(seed as u32));
        self.late_count += own.len();
        own.into_iter().for_each(|seed| self.late.entry(seed).or_default().push(slot));
    }
}
