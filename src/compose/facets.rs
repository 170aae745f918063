//! Fields whose values part the notes into groups, a page of groups each. Knows in which order notes stand there and on which
//! part of a long page a group begins.

use super::*;
use crate::id::slug;

/// A field with an index page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facet {
    Difficulty,
    Status,
    Type,
}

impl Facet {
    /// The field's name, and what the texts of its values begin with.
    pub(super) fn name(self) -> &'static str {
        match self {
            Facet::Difficulty => "difficulty",
            Facet::Status => "status",
            Facet::Type => "type",
        }
    }

    /// The first part of its page.
    pub(super) fn file(self) -> &'static str {
        match self {
            Facet::Difficulty => "difficulty.html",
            Facet::Status => "status.html",
            Facet::Type => "types.html",
        }
    }

    /// A note's value.
    pub(super) fn of(self, note: &Note) -> Option<&str> {
        let head = &note.head;
        match self {
            Facet::Difficulty => head.difficulty.as_deref(),
            Facet::Status => head.status.as_deref(),
            Facet::Type => head.kind.as_deref(),
        }
    }

    /// The schema's own values, in the order in which they are shown.
    fn known(self) -> &'static [&'static str] {
        match self {
            Facet::Difficulty => crate::schema::DIFFICULTIES,
            Facet::Status => crate::schema::STATUSES,
            Facet::Type => crate::schema::TYPES,
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
        let mut values: Vec<String> = facet.known().iter().map(|v| v.to_string()).collect();
        let of = |i: NoteIndex| facet.of(site.note(i));
        let others: std::collections::BTreeSet<&str> =
            site.concepts().filter_map(|(i, _)| of(i)).filter(|v| !facet.known().contains(v)).collect();
        values.extend(others.into_iter().map(str::to_string));
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
