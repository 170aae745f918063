//! Values for many pages, which remain valid as long as the names, paths, frontmatter and learning order of notes do not
//! change.

use super::facets::Grouped;
use super::learning_pages::LearningPages;
use crate::base::site::Site;
use crate::pages::views::Term;
use crate::text::ids::{IndexVec, NoteId, id};
use std::sync::OnceLock;

id! {
    /// A concept note: its place in the learning order of all folders, one behind the other.
    pub(super) struct OrderId;
}

/// Values for many pages.
pub(super) struct Shared {
    /// The terms of the glossary by letter.
    pub glossary: OnceLock<Vec<(String, Vec<Term>)>>,
    /// The number of these terms.
    pub term_count: OnceLock<usize>,
    /// The concept notes by each [`Facet`](crate::base::index::Facet).
    pub grouped: [OnceLock<Grouped>; 3],
    /// The concept notes by folder, and in each folder in learning order.
    pub order: IndexVec<OrderId, NoteId>,
    /// For each note its position in `order`; `None` for files that are no concept notes.
    pub place: IndexVec<NoteId, Option<OrderId>>,
    /// The pages of learning paths and maps.
    pub learning: LearningPages,
}

impl Shared {
    /// Computes the values that each page needs; the others are computed at their first use.
    pub(super) fn new(site: &Site) -> Shared {
        let mut order: IndexVec<OrderId, NoteId> = site.concepts().map(|(i, _)| i).collect();
        order.sort_by_key(|&i| (site.note(i).folder(), site.order.depth[i], site.index.rank[i]));
        let mut place = IndexVec::filled(None, site.notes.len());
        order.iter_enumerated().for_each(|(at, &i)| place[i] = Some(at));
        let (glossary, term_count, grouped) = Default::default();
        Shared { glossary, term_count, grouped, order, place, learning: LearningPages::new(site) }
    }
}
