//! The final safety check of repairs: a note is parsed again with the fix applied, and a fix with side effects is
//! dropped. A repair adds, redirects or removes links or lines; the remaining structure of the note must be the same.

use crate::base::site::Site;
use crate::note::Reader;
use crate::note::markdown::{BlockKind, Document, Scratch};
use crate::text::diagnostic::{Edit, Fix};
use crate::text::source::{FileId, SourceFile};
use rayon::prelude::*;
use std::borrow::Cow;
use std::mem::{Discriminant, discriminant};

/// The fixes after which each note has the same blocks with the same words in the same order, apart from added or
/// removed lines and `(TODO)` markers of planned notes.
pub(crate) fn sound<'a>(site: &Site, fixes: Vec<&'a Fix>) -> Vec<&'a Fix> {
    fixes.into_par_iter().filter(|fix| is_sound(site, fix)).collect()
}

fn is_sound(site: &Site, fix: &Fix) -> bool {
    let mut files: Vec<FileId> = fix.edits.iter().map(|edit| edit.file).collect();
    files.sort_unstable();
    files.dedup();
    files.into_iter().all(|file| {
        let Some(note) = site.note_of_file.get(file).copied().flatten() else { return true };
        let source = site.vault.file(file);
        let after = SourceFile::new(source.path.clone(), &edited(&source.text, file, &fix.edits));
        let (read, _) = Reader::new(&site.config, &site.schema).read(file, &after, &mut Scratch::default());
        agree(&site.note(note).doc, &read.doc)
    })
}

/// The text after the edits of one file.
fn edited(text: &str, file: FileId, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().filter(|edit| edit.file == file).collect();
    // From the end to the start, so that the spans of the remaining edits stay valid.
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    let mut text = text.to_string();
    edits.into_iter().for_each(|edit| text.replace_range(edit.span.range(), &edit.text));
    text
}

/// Whether two parses of a note agree: the shorter one is the longer one without some of its lines and blocks.
fn agree(a: &Document, b: &Document) -> bool {
    let lines = |doc: &Document| -> Vec<String> {
        let lines = doc.text.lines().map(|line| without_link_marks(line).replace("(TODO)", "").trim().to_string());
        lines.filter(|line| !line.is_empty()).collect()
    };
    let kinds =
        |doc: &Document| -> Vec<Discriminant<BlockKind>> { doc.blocks.iter().map(|b| discriminant(&b.kind)).collect() };
    is_part(&lines(a), &lines(b)) && is_part(&kinds(a), &kinds(b)) && a.code.len() == b.code.len()
}

/// A line without the marks of links that are text because their path has spaces.
fn without_link_marks(line: &str) -> Cow<'_, str> {
    if !line.contains("](") {
        return line.into();
    }
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(middle) = rest.find("](") {
        let (before, behind) = (&rest[..middle], &rest[middle + 2..]);
        // `a](b` without the outer brackets is text.
        let Some((open, end)) = before.rfind('[').zip(behind.find(')')) else { break };
        let open_mark = if before[..open].ends_with('!') { open - 1 } else { open };
        shown.push_str(&before[..open_mark]);
        shown.push_str(&before[open + 1..]);
        rest = &behind[end + 1..];
    }
    shown.push_str(rest);
    shown.into()
}

/// Whether the shorter list is a subsequence of the longer one.
fn is_part<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut rest = long.iter();
    short.iter().all(|item| rest.any(|other| other == item))
}

#[cfg(test)]
mod tests {
    use super::is_part;

    #[test]
    fn a_part_keeps_the_order() {
        for (a, b, part) in
            [("ac", "abc", true), ("abc", "ac", true), ("ca", "abc", false), ("", "x", true), ("ab", "ac", false)]
        {
            let bytes = |text: &str| text.bytes().collect::<Vec<u8>>();
            assert_eq!(is_part(&bytes(a), &bytes(b)), part, "{a} {b}");
        }
    }
}
