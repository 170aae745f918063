//! Index pages by the value of a field: difficulty, status, type. Knows the order of notes there, and the page on which
//! a group starts.

use super::*;
use crate::text::ids::IndexVec;
use crate::text::slug::slug;

impl Facet {
    /// The output path of the first page.
    pub(super) fn file(self) -> &'static str {
        match self {
            Facet::Difficulty => PageKind::Difficulty.path(),
            Facet::Status => PageKind::Status.path(),
            Facet::Type => PageKind::Types.path(),
        }
    }
}

/// The notes, grouped by the values of a field.
#[derive(Debug)]
pub(super) struct Grouped {
    /// The values in order.
    pub(super) values: Vec<String>,
    /// The notes by group. Notes without a value are last.
    pub(super) notes: Vec<NoteId>,
    /// For each value, the number of notes before its group.
    before: Vec<usize>,
}

impl Grouped {
    fn new(site: &Site, facet: Facet) -> Grouped {
        let values = facet.values(&site.schema, &site.notes);
        let mut grouped = Grouped { values, notes: site.index.ranked.clone(), before: Vec::new() };
        let places: IndexVec<NoteId, usize> = site.notes.iter().map(|note| grouped.place(facet.of(note))).collect();
        // The sort is stable: within a group the notes remain ranked.
        grouped.notes.sort_by_key(|&i| places[i]);
        let before = |g: usize| grouped.notes.partition_point(|&i| places[i] < g);
        grouped.before = (0..grouped.values.len()).map(before).collect();
        grouped
    }

    /// The index of the group with this value. The last one for notes without a value.
    pub(super) fn place(&self, value: Option<&str>) -> usize {
        value.and_then(|own| self.values.iter().position(|v| v == own)).unwrap_or(self.values.len())
    }
}

impl Composer {
    /// The notes grouped by a field, sorted at the first request.
    pub(super) fn by(&self, facet: Facet) -> &Grouped {
        self.shared.grouped[facet as usize].get_or_init(|| Grouped::new(&self.site, facet))
    }

    /// The URL of the list of notes with this value, on the page where the group starts.
    pub(super) fn group_url(&self, path: &str, facet: Facet, value: &str) -> String {
        let grouped = self.by(facet);
        let before = grouped.before.get(grouped.place(Some(value))).copied().unwrap_or(0);
        format!("{}#{}", relative_url(path, &list_page(facet.file(), before / PAGE_ROWS)), slug(value))
    }
}
