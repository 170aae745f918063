//! Writes the columns of lists (`search/l*.js`): what tables of notes show and sort by, beside the facts in the catalog. Knows
//! no lists; `static/lists.js` reads the files when a reader filters or sorts a list of several pages.
//!
//! Example: two notes, the first with importance 70, the date 2026-01-02 and three links to it, the second a page. The columns
//! are `k#!` (72, 0), the dates `!2026-01-02`, `#!` (the first date, none), `%!` and `!!`.

use super::pack::{front_code, push_number, push_quoted};
use super::{File, script};
use std::collections::BTreeSet;

/// The number of notes in a file, which bounds its size. `static/lists.js` has the same number.
const NOTES_PER_FILE: usize = 4_096;

/// What lists know of a file that search finds.
pub(crate) struct ListedNote {
    /// Whether the file is a concept note. Lists leave pages out.
    pub is_note: bool,
    /// The importance, 0 to 100.
    pub importance: Option<u8>,
    /// The ISO date of the last change. Empty: none.
    pub updated: String,
    /// The number of links to the note.
    pub links_in: usize,
    /// The number of links from the note.
    pub links_out: usize,
}

/// The files, with the notes in the order of the catalog.
pub(crate) fn list_files(notes: &[ListedNote]) -> Vec<File> {
    let parts = notes.chunks(NOTES_PER_FILE).enumerate();
    parts.map(|(number, part)| (format!("search/l{number}.js"), file(part))).collect()
}

/// One file: `[IMPORTANCE, DATES, UPDATED, IN, OUT]`.
fn file(notes: &[ListedNote]) -> Vec<u8> {
    let dates: BTreeSet<&str> =
        notes.iter().map(|note| note.updated.as_str()).filter(|date| !date.is_empty()).collect();
    let dates: Vec<&str> = dates.into_iter().collect();
    let importance = |note: &ListedNote| match (note.is_note, note.importance) {
        (false, _) => 0,
        (true, None) => 1,
        (true, Some(value)) => usize::from(value) + 2,
    };
    let date = |note: &ListedNote| dates.binary_search(&note.updated.as_str()).map_or(0, |place| place + 1);
    let column = |value: &dyn Fn(&ListedNote) -> usize| {
        let mut text = String::with_capacity(notes.len() * 2);
        notes.iter().for_each(|note| push_number(&mut text, value(note)));
        text
    };
    let columns = [
        column(&importance),
        front_code(dates.iter().copied()),
        column(&date),
        column(&|note| note.links_in),
        column(&|note| note.links_out),
    ];
    let mut value = String::from("[");
    for (place, text) in columns.iter().enumerate() {
        value.push_str(if place > 0 { "," } else { "" });
        push_quoted(&mut value, text);
    }
    value.push(']');
    script(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example at the head of this file.
    #[test]
    fn columns_of_a_note_and_a_page() {
        let note =
            ListedNote { is_note: true, importance: Some(70), updated: "2026-01-02".into(), links_in: 3, links_out: 0 };
        let page = ListedNote { is_note: false, importance: None, updated: String::new(), links_in: 0, links_out: 0 };
        let files = list_files(&[note, page]);
        let [(name, bytes)] = &files[..] else { panic!("{} files", files.len()) };
        assert_eq!(name, "search/l0.js");
        let expected = "canonSearch.add([\"k#!\",\"!2026-01-02\",\"#!\",\"%!\",\"!!\"])\n";
        assert_eq!(String::from_utf8_lossy(bytes), expected);
    }

    #[test]
    fn a_file_has_a_bounded_number_of_notes() {
        let notes: Vec<ListedNote> = (0..NOTES_PER_FILE + 1)
            .map(|n| ListedNote {
                is_note: true,
                importance: Some(50),
                updated: format!("2026-01-{:02}", n % 28 + 1),
                links_in: n % 300,
                links_out: 8,
            })
            .collect();
        let files = list_files(&notes);
        assert_eq!(files.len(), 2);
        assert!(files[0].1.len() < 50_000, "{} bytes", files[0].1.len());
    }
}
