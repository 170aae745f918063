//! The site's own search index, as script files that a page can load from anywhere, disk included. Three tiers: `search/index.js` with what is
//! known of every note (title, aliases, tags, facts), `search/d*.js` with the words and how common they are, `search/t*.js` with where they
//! stand, and `search/n*.js` with the notes' text for whole-sentence results (`search/w.js`: its frequent words). Refuses to know pages, Markdown and files: it is given plain text
//! and hands back named bytes. The reader's half is `static/search-engine.js`.

mod catalog;
mod pack;
mod run;
mod terms;
mod text;
mod words;

use rayon::prelude::*;
pub(crate) use run::Run;
pub(crate) use text::{Vocabulary, vocabulary};

/// How many notes a run should have: enough that words repeat, few enough that all cores have work.
pub(crate) const NOTES_PER_RUN: usize = 512;

/// A note as search sees it.
pub struct Doc<'a> {
    /// The page's address below the site's root, such as `databases/acid.html`.
    pub url: &'a str,
    /// As shown; markup would be shown too.
    pub title: &'a str,
    /// Its other names, which find it as its title does.
    pub aliases: &'a [&'a str],
    /// What `type:` filters by; empty if it has none, as with the next two.
    pub kind: &'a str,
    /// What `status:` filters by.
    pub status: &'a str,
    /// What `difficulty:` filters by.
    pub difficulty: &'a str,
    /// 0 to 100.
    pub importance: u8,
    /// What `tag:` filters by; `tag:team` also means `team/core`.
    pub tags: &'a [&'a str],
    /// Shown where no sentence of the text matches.
    pub summary: &'a str,
    /// Its sections, in order.
    pub parts: Vec<Part<'a>>,
}

/// A section of a note, or the text before the first one.
pub struct Part<'a> {
    /// Empty for the text before the first heading.
    pub heading: &'a str,
    /// The heading's id, without `#`.
    pub anchor: &'a str,
    /// Plain text, a line a paragraph, list item or table row; what every note has alike is not in it.
    pub text: &'a str,
}

/// A file of the index: its path below the site's root, and its bytes.
pub(crate) type File = (String, Vec<u8>);

/// The whole index of the notes, which should be in the order of their addresses. The same notes give the same bytes.
pub fn build(docs: &[Doc]) -> Vec<File> {
    let vocabulary = vocabulary(docs);
    let runs: Vec<Run> = docs.par_chunks(NOTES_PER_RUN).map(|docs| gather(&vocabulary, docs)).collect();
    finish(&vocabulary, runs)
}

/// Takes up neighbouring notes; their texts are not needed after it. For who cannot hold all texts at once, and has made the vocabulary
/// from some hundred notes of all folders.
pub(crate) fn gather(vocabulary: &Vocabulary, docs: &[Doc]) -> Run {
    run::gather(vocabulary, docs)
}

/// Joins runs, in order, to the files of the index.
pub(crate) fn finish(vocabulary: &Vocabulary, mut runs: Vec<Run>) -> Vec<File> {
    let mut files = run::take_text_files(&mut runs);
    let (term_files, dictionaries) = terms::files(&runs);
    files.extend(term_files);
    files.extend(vocabulary.file());
    files.push(("search/index.js".to_owned(), catalog::file(&runs, &dictionaries, vocabulary.len(), &files)));
    files
}

/// A script that hands its one value to the reader's half.
fn script(value: &str) -> Vec<u8> {
    ["canonSearch.add(", value, ")\n"].concat().into_bytes()
}

#[cfg(test)]
mod tests;
