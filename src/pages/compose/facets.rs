//! Fields whose values part the notes into groups, a page of groups each. Knows in which order notes stand there and on which
//! part of a long page a group begins.

use super::*;
use crate::text::slug::slug;

impl Facet {
    /// The first part of its page.
    pub(super) fn file(self) -> &'static str {
        match self {
            Facet::Difficulty => "difficulty.html",
            Facet::Status => "status.html",
            Facet::Type => "types.html",
        }
    }
}

/// The notes by the values of a field.
#[derive(Debug)]
pub(super) struct Grouped {
    /// The values in order.
    pub(super) values: Vec<String>,
    /// The notes, group by group; those without a value last.
    pub(super) notes: Vec<NoteIndex>,
    /// How many notes stand before the group of each value.
    before: Vec<usize>,
}

impl Grouped {
    fn new(site: &Site, facet: Facet) -> Grouped {
        let values = facet.values(&site.schema, &site.notes);
        let of = |i: NoteIndex| facet.of(site.note(i));
        let mut grouped = Grouped { values, notes: site.index.ranked.clone(), before: Vec::new() };
        let places: Vec<usize> = (0..site.notes.len() as NoteIndex).map(|i| grouped.place(of(i))).collect();
        grouped.notes.sort_by_key(|&i| places[i as usize]);
        let before = |g: usize| grouped.notes.partition_point(|&i| places[i as usize] < g);
        grouped.before = (0..grouped.values.len()).map(before).collect();
        grouped
    }

    /// The place of a value among the groups; without one the last.
    pub(super) fn place(&self, value: Option<&str>) -> usize {
        value.and_then(|own| self.values.iter().position(|v| v == own)).unwrap_or(self.values.len())
    }
}

impl Composer {
    /// The notes by the values of a field, sorted when a page first asks.
    pub(super) fn by(&self, facet: Facet) -> &Grouped {
        self.shared.grouped[facet as usize].get_or_init(|| Grouped::new(&self.site, facet))
    }

    /// Where the notes with this value of a field are listed: on a long index, on the part where they begin.
    pub(super) fn group_url(&self, path: &str, facet: Facet, value: &str) -> String {
        let grouped = self.by(facet);
        let before = grouped.before.get(grouped.place(Some(value))).copied().unwrap_or(0);
        format!("{}#{}", relative_url(path, &list_page(facet.file(), before / PAGE_ROWS)), slug(value))
    }
}
