//! Finds the notes that have a different path in a second state of a base.

use super::Vault;
use crate::text::ids::{IndexVec, id};
use crate::text::source::SourceFile;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;

/// The least share of equal text, in percent: that of `git diff --find-renames`.
const LEAST_SHARE: usize = 50;
/// A line in more notes than this belongs to a template, and says nothing about where a note comes from.
const MAX_NOTES_OF_LINE: usize = 20;

id! {
    /// A note that only the first state has.
    struct Gone;
}

/// The old and the new path of each renamed note: its new path is only in the new state, its old path only in the old one, and
/// at least half of the text is equal. The most similar pairs are taken first; a note is in at most one pair.
///
/// Example: `a.md` became `b/a.md` with a changed line, and `c.md` was deleted. Of the new file `b/a.md` nine of ten bytes are in
/// lines of `a.md`, and none in lines of `c.md`: the result is `[("a.md", "b/a.md")]`.
pub(crate) fn renamed_notes(old: &Vault, new: &Vault) -> Vec<(String, String)> {
    let gone: IndexVec<Gone, &SourceFile> =
        old.notes().map(|(_, file)| file).filter(|file| new.note_at(&file.path).is_none()).collect();
    let added: Vec<&SourceFile> =
        new.notes().map(|(_, file)| file).filter(|file| old.note_at(&file.path).is_none()).collect();
    let mut notes_of_line: FxHashMap<&str, Vec<Gone>> = FxHashMap::default();
    for (note, file) in gone.iter_enumerated() {
        lines(file).into_iter().for_each(|line| notes_of_line.entry(line).or_default().push(note));
    }
    // The length of the text that is compared.
    let is_compared = |line: &&str| notes_of_line.get(line).is_none_or(|notes| notes.len() <= MAX_NOTES_OF_LINE);
    let size = |file: &SourceFile| -> usize { lines(file).into_iter().filter(is_compared).map(str::len).sum() };
    let mut pairs: Vec<(usize, Gone, &str)> = Vec::new();
    for file in added {
        let mut equal: FxHashMap<Gone, usize> = FxHashMap::default();
        for line in lines(file).into_iter().filter(is_compared) {
            for &note in notes_of_line.get(line).into_iter().flatten() {
                *equal.entry(note).or_default() += line.len();
            }
        }
        let own = size(file);
        let shares = equal.into_iter().map(|(note, bytes)| (bytes * 100 / own.max(size(gone[note])).max(1), note));
        pairs.extend(shares.filter(|(share, _)| *share >= LEAST_SHARE).map(|(share, note)| (share, note, &*file.path)));
    }
    pairs.sort_unstable_by_key(|&(share, note, path)| (Reverse(share), note, path));
    let (mut used, mut named) = (FxHashSet::default(), FxHashSet::default());
    pairs.retain(|(_, note, path)| {
        let is_free = !used.contains(note) && !named.contains(path);
        is_free && used.insert(*note) && named.insert(*path)
    });
    pairs.into_iter().map(|(_, note, path)| (gone[note].path.to_string(), path.to_string())).collect()
}

/// The different lines of a note that are not blank.
fn lines(file: &SourceFile) -> FxHashSet<&str> {
    file.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{ListedContent, ListedFile};
    use super::*;
    use crate::config::Config;
    use std::path::Path;

    fn vault(files: &[(&str, String)]) -> Vault {
        let file = |(path, text): &(&str, String)| ListedFile {
            path: path.into(),
            content: ListedContent::Bytes(text.clone().into_bytes()),
        };
        let list: Vec<ListedFile> = files.iter().map(file).collect();
        Vault::of_list(Path::new("/none"), &Config::default(), &[], &list, Vec::new()).expect("a vault")
    }

    fn renamed(old: &[(&str, String)], new: &[(&str, String)]) -> Vec<(String, String)> {
        renamed_notes(&vault(old), &vault(new))
    }

    fn text(word: &str, more: &str) -> String {
        (0..9).map(|n| format!("{word} {n}\n")).collect::<String>() + more + "\n"
    }

    #[test]
    fn an_edited_note_is_found_at_its_new_path() {
        let old = [("a.md", text("one", "x")), ("c.md", text("two", "x")), ("d.md", text("three", "x"))];
        let new = [("b/a.md", text("one", "changed")), ("d.md", text("three", "y")), ("e.md", text("four", "x"))];
        assert_eq!(renamed(&old, &new), [("a.md".into(), "b/a.md".into())]);
        assert_eq!(renamed(&old, &old), []);
        assert_eq!(renamed(&[], &new), []);
    }

    #[test]
    fn the_most_similar_pairs_come_first_and_no_note_is_in_two() {
        let old = [("a.md", text("one", "a b")), ("b.md", text("one", "c d"))];
        let new = [("x.md", text("one", "c d")), ("y.md", text("one", "e f"))];
        assert_eq!(renamed(&old, &new), [("b.md".into(), "x.md".into()), ("a.md".into(), "y.md".into())]);
    }

    #[test]
    fn the_lines_of_a_template_do_not_count() {
        let note = |n: usize| text("a heading of the template", &format!("own text {n}"));
        let names: Vec<(String, String)> =
            (0..30).map(|n| (format!("old/{n:02}.md"), format!("new/{:02}.md", 29 - n))).collect();
        let old: Vec<(&str, String)> = names.iter().enumerate().map(|(n, (old, _))| (old.as_str(), note(n))).collect();
        let new: Vec<(&str, String)> = names.iter().enumerate().map(|(n, (_, new))| (new.as_str(), note(n))).collect();
        assert_eq!(renamed(&old, &new), names);
        let other = [("new/z.md", text("a heading of the template", "something else"))];
        assert_eq!(renamed(&old, &other), []);
    }
}
