//! Reusable buffers of the passes over notes, and the cache of headings that many notes have in common.

use super::{Body, Document};
use crate::config::schema::{Schema, Section};
use crate::text::ids::{Id, IndexVec};
use rustc_hash::FxHashMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// The maximum number of cached headings. The headings of sections recur in most notes; the rest would only grow the
/// cache.
const MAX_HEADINGS: usize = 1_000;

/// The maximum capacity in bytes of an HTML buffer that is reused for the next note.
const MAX_KEPT: usize = 1 << 20;

/// Reusable buffers for consecutive passes. All passes must use the same schema, because the heading cache stores the
/// sections of headings.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The buffers of the last document, empty between two passes.
    pub(super) document: Document,
    /// The cache of headings.
    pub(super) headings: Headings,
}

/// A pool of scratch buffers, at most one per rayon thread. All must come from the same schema, because the heading
/// cache stores section lookups.
#[derive(Debug, Default)]
pub(crate) struct ScratchPool(Mutex<Vec<Scratch>>);

impl ScratchPool {
    /// Takes a scratch buffer, a new buffer if the pool is empty. Dropping the guard returns the buffer to the pool.
    pub(crate) fn take(&self) -> PooledScratch<'_> {
        PooledScratch { from: self, spare: self.all().pop().unwrap_or_default() }
    }

    fn all(&self) -> impl DerefMut<Target = Vec<Scratch>> {
        // A panic cannot leave the list half-changed, so a poisoned lock is still usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A scratch buffer in use.
#[derive(Debug)]
pub(crate) struct PooledScratch<'a> {
    from: &'a ScratchPool,
    spare: Scratch,
}

impl Deref for PooledScratch<'_> {
    type Target = Scratch;

    fn deref(&self) -> &Scratch {
        &self.spare
    }
}

impl DerefMut for PooledScratch<'_> {
    fn deref_mut(&mut self) -> &mut Scratch {
        &mut self.spare
    }
}

impl Drop for PooledScratch<'_> {
    fn drop(&mut self) {
        let mut spare = std::mem::take(&mut self.spare);
        // One huge note must not pin its memory for the rest of the process.
        if spare.document.body.html.capacity() > MAX_KEPT {
            spare.document = Document::default();
        }
        let mut all = self.from.all();
        if all.len() < rayon::current_num_threads() {
            all.push(spare);
        }
    }
}

/// The anchor and section of headings by their text. Most headings of a base are equal, so the lookup is cheaper than
/// slug and section search.
#[derive(Debug, Default)]
pub(super) struct Headings(FxHashMap<Arc<str>, Named>);

/// The values that depend only on the text of a heading.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// The anchor, before a suffix is added for repetitions in a note.
    pub anchor: Arc<str>,
    /// The section with the name; `None` for an ordinary heading.
    pub section: Option<Section>,
}

impl Headings {
    /// The values of a heading and its shared text.
    pub(super) fn of(&mut self, text: &str, schema: &Schema) -> (Arc<str>, Named) {
        if let Some((text, named)) = self.0.get_key_value(text) {
            return (text.clone(), named.clone());
        }
        let anchor = match crate::text::slug::anchor(text) {
            // A heading of only symbols, as `### ???`, still needs a fragment for the table of contents.
            empty if empty.is_empty() => "section".into(),
            anchor => anchor.into(),
        };
        let (text, named) = (Arc::from(text), Named { anchor, section: schema.section(text) });
        if self.0.len() < MAX_HEADINGS {
            self.0.insert(Arc::clone(&text), named.clone());
        }
        (text, named)
    }
}

impl Document {
    /// Empties the document but reuses the buffers.
    pub(super) fn emptied(mut self) -> Document {
        self.headings.clear();
        self.links.clear();
        self.blocks.clear();
        self.labels.clear();
        self.text.clear();
        self.runs.clear();
        self.body.html.clear();
        self.body.slots.clear();
        let Document { headings, links, blocks, labels, text, runs, body, .. } = self;
        Document { headings, links, blocks, labels, text, runs, body, ..Document::default() }
    }

    /// Copies the document to buffers of exact size, because a base holds thousands of documents in memory. The buffers
    /// of the pass return to `spare`.
    pub(crate) fn settled(self, spare: &mut Scratch) -> Document {
        let Document { mut headings, mut links, mut blocks, mut labels, mut text, mut runs, body, .. } = self;
        let Body { mut html, mut slots } = body;
        let settled = Document {
            headings: moved_by_id(&mut headings),
            links: moved_by_id(&mut links),
            blocks: moved_by_id(&mut blocks),
            labels: moved_by_id(&mut labels),
            text: text.as_str().into(),
            runs: moved(&mut runs),
            body: Body { html: html.as_str().into(), slots: moved(&mut slots) },
            ..self
        };
        text.clear();
        html.clear();
        let body = Body { html, slots };
        spare.document = Document { headings, links, blocks, labels, text, runs, body, ..Document::default() };
        settled
    }
}

/// Moves the elements to a new vector of exact size. `elements` is then empty, with its capacity unchanged.
fn moved<T>(elements: &mut Vec<T>) -> Vec<T> {
    let mut own = Vec::with_capacity(elements.len());
    own.append(elements);
    own
}

/// [`moved`] for a vector with typed ids.
fn moved_by_id<I: Id, T>(elements: &mut IndexVec<I, T>) -> IndexVec<I, T> {
    let mut own = IndexVec::with_capacity(elements.len());
    own.append(elements);
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spares_come_back_without_the_memory_of_large_notes() {
        let (spares, schema) = (ScratchPool::default(), Schema::built_in());
        let long = "x".repeat(MAX_KEPT + 1);
        let mut first = spares.take();
        let (text, _) = first.headings.of("Trade-offs", &schema);
        first.document.body.html.push_str("short");
        drop(first);
        let mut again = spares.take();
        assert!(Arc::ptr_eq(&again.headings.of("Trade-offs", &schema).0, &text), "the same heading");
        assert!(again.document.body.html.capacity() > 0);
        again.document.body.html.push_str(&long);
        drop(again);
        assert_eq!(spares.take().document.body.html.capacity(), 0);
        let many: Vec<PooledScratch<'_>> = (0..50).map(|_| spares.take()).collect();
        drop(many);
        assert!(spares.all().len() <= rayon::current_num_threads());
    }
}
