//! Builds the search index of a site: script files, because a page opened from disk may not fetch. Knows plain text and its
//! sections; knows no pages, Markdown or output folders. `static/search-engine.js` reads the files.
//!
//! | file | contents | loaded |
//! |---|---|---|
//! | `search/index.js`, `search/c*.js` | title, aliases, tags and facts of every note, for a large base in parts | when the search is opened |
//! | `search/d*.js` | dictionaries: the words of all texts, with the number of notes | for a query, one by alphabet |
//! | `search/t*.js` | posting lists: the notes and passages of each word | for each word of a query |
//! | `search/n*.js`, `search/w.js` | the texts of a few notes each, and the frequent words coded in them | for each result |
//! | `search/l*.js` | the columns of lists, a few thousand notes each | when a long list is filtered or sorted |
//!
//! # Example
//!
//! Note 0, “B-tree”, has the text “A tree of pages”, note 1, “Page cache”, the text “Pages of a file”, note 2 no text.
//!
//! 1. [`run`] splits each line into words. The passages of a note are numbered: 0 is all headings, 1 is the first line. The word
//!    `pages` is in passage 1 of the notes 0 and 1.
//! 2. [`terms`] sorts all words and packs the list of each. For `pages`: gap 0 to note 0, one passage, gap to passage 1; the same
//!    for note 1. [`pack`] writes the six numbers as twelve bits, the two letters `Ig`.
//! 3. The dictionary has `pages` with the number 8: two notes times four, no flags.
//! 4. [`catalog`] sorts the words of all titles (`B-tree`, `Page`, `cache`, …) and writes each title as indexes into the list.
//!
//! `tests/formats/search.json` has all files of this example, and the tests of both languages read the fixture.
//! `content/reading/data-files.md` documents every format.

mod catalog;
mod lists;
mod pack;
mod run;
mod terms;
mod text;
mod words;

pub(crate) use lists::{ListedNote, list_files};
use rayon::prelude::*;
pub(crate) use run::Run;
pub(crate) use text::{Vocabulary, vocabulary};

/// The number of notes in a run: enough for words to repeat, few enough to give work to all cores.
pub(crate) const NOTES_PER_RUN: usize = 512;

/// The searchable properties of a note.
pub struct Doc<'a> {
    /// The address of the page below the site's root, such as `databases/acid.html`.
    pub url: &'a str,
    /// Plain text, because markup would be displayed as written.
    pub title: &'a str,
    /// Alternative names, searched like the title.
    pub aliases: &'a [&'a str],
    /// The value for the filter `type:`. Empty if there is none, also in `status` and `difficulty`.
    pub kind: &'a str,
    /// The value for the filter `status:`.
    pub status: &'a str,
    /// The value for the filter `difficulty:`.
    pub difficulty: &'a str,
    /// From 0 to 100.
    pub importance: u8,
    /// The values for the filter `tag:`. `tag:team` also selects `team/core`.
    pub tags: &'a [&'a str],
    /// Displayed if no sentence of the text matches.
    pub summary: &'a str,
    /// The sections, in document order.
    pub parts: Vec<Part<'a>>,
}

/// A section of a note, or the text before the first one.
pub struct Part<'a> {
    /// Empty before the first heading.
    pub heading: &'a str,
    /// The id of the heading, without `#`.
    pub anchor: &'a str,
    /// Plain text with a line per paragraph, list item or table row, without labels common to all notes.
    pub text: &'a str,
}

/// A file of the index: the path below the site's root, and the bytes.
pub(crate) type File = (String, Vec<u8>);

/// All files of the index. Notes sorted by address give the smallest files. The same notes give the same bytes.
pub fn build(docs: &[Doc]) -> Vec<File> {
    let vocabulary = vocabulary(docs);
    let runs: Vec<Run> = docs.par_chunks(NOTES_PER_RUN).map(|docs| gather(&vocabulary, docs)).collect();
    finish(&vocabulary, runs, Vec::new())
}

/// Indexes one run of consecutive notes. The texts of `docs` are not needed afterwards, so a caller can index a large base
/// run by run, with a vocabulary from a sample of a few hundred notes.
pub(crate) fn gather(vocabulary: &Vocabulary, docs: &[Doc]) -> Run {
    run::gather(vocabulary, docs)
}

/// Merges all runs, given in order, into the files of the index. `lists` are the files of [`list_files`].
pub(crate) fn finish(vocabulary: &Vocabulary, mut runs: Vec<Run>, lists: Vec<File>) -> Vec<File> {
    let mut files = run::take_text_files(&mut runs);
    files.extend(lists);
    let (term_files, dictionaries) = terms::files(&runs);
    files.extend(term_files);
    files.extend(vocabulary.file());
    // Last, because the catalog contains a hash of all different files.
    let catalog = catalog::files(&runs, &dictionaries, vocabulary.len(), &files);
    files.extend(catalog);
    files
}

/// A script passing one value to `static/search-engine.js`.
fn script(value: &str) -> Vec<u8> {
    ["canonSearch.add(", value, ")\n"].concat().into_bytes()
}

#[cfg(test)]
mod tests;
