//! The columns of tables of notes. Knows which facts have a column; knows no table.

use crate::note::frontmatter::Frontmatter;

/// The names of the facts that none of the notes has. `heads` returns the frontmatter of each note.
pub(crate) fn without_values<'a, I: Iterator<Item = &'a Frontmatter>>(heads: impl Fn() -> I) -> Vec<String> {
    type IsKnown = fn(&Frontmatter) -> bool;
    let facts: [(&str, IsKnown); 5] = [
        ("type", |head| head.kind.is_some()),
        ("importance", |head| head.importance.is_some()),
        ("difficulty", |head| head.difficulty.is_some()),
        ("status", |head| head.status.is_some()),
        ("updated", |head| head.updated.is_some()),
    ];
    let empty = facts.iter().filter(|(_, is_known)| !heads().any(is_known));
    empty.map(|(name, _)| name.to_string()).collect()
}
