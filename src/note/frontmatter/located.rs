//! The positions of the keys and values of a head, for many look-ups.

use super::{Frontmatter, Place};
use crate::text::source::Span;
use rustc_hash::FxHashMap;
use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// The positions of the top-level keys of one head.
#[derive(Debug, Default)]
pub(crate) struct LocatedHead {
    places: Vec<Place>,
    /// For each key its first place.
    keys: FxHashMap<String, usize>,
    /// For each place the spans of its items, the first of equal ones, once they are asked for.
    items: Vec<OnceCell<FxHashMap<String, Span>>>,
}

/// The heads that stay known to a thread. A finding is about one note, or compares it with another.
const KNOWN: usize = 4;

thread_local! {
    /// The heads of the last look-ups, each with its file. The text is kept, so that no other one has its address.
    static LAST: RefCell<VecDeque<(Arc<str>, Rc<LocatedHead>)>> = const { RefCell::new(VecDeque::new()) };
}

impl LocatedHead {
    /// The positions in the file `text`, whose head is `head`. A head of *n* lines is parsed once for *n* findings about
    /// it, if they come in a row.
    pub(crate) fn of(head: &Frontmatter, text: &Arc<str>) -> Rc<LocatedHead> {
        LAST.with_borrow_mut(|last| {
            if let Some((_, found)) = last.iter().find(|(known, _)| Arc::ptr_eq(known, text)) {
                return found.clone();
            }
            let found = Rc::new(LocatedHead::new(head.places(text)));
            last.truncate(KNOWN - 1);
            last.push_front((text.clone(), found.clone()));
            found
        })
    }

    fn new(places: Vec<Place>) -> LocatedHead {
        let mut keys = FxHashMap::default();
        for (at, place) in places.iter().enumerate() {
            keys.entry(place.key.clone()).or_insert(at);
        }
        let items = places.iter().map(|_| OnceCell::new()).collect();
        LocatedHead { places, keys, items }
    }

    /// The place of a key. `None` if the head does not have it.
    pub(crate) fn place(&self, key: &str) -> Option<&Place> {
        self.keys.get(key).map(|&at| &self.places[at])
    }

    /// The span of the item `text` in the list of a key. `None` if there is no such item.
    pub(crate) fn item(&self, key: &str, text: &str) -> Option<Span> {
        let at = *self.keys.get(key)?;
        let items = self.items[at].get_or_init(|| {
            let mut spans = FxHashMap::default();
            for item in &self.places[at].items {
                spans.entry(item.text.clone()).or_insert(item.span);
            }
            spans
        });
        items.get(text).copied()
    }
}
