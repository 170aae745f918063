//! Changes of files as a patch that `git apply` reads. Knows the format of git, and nothing of the working folder.
//!
//! A line ends at `\n` only, as in git: a `\r` is part of its line. The header begins with `diff --git`, because git reads
//! the paths of such a patch relative to the root of the repository, and guesses what those of other patches are relative to.

use super::Change;
use std::fmt::Write;
use std::path::Path;

/// The number of unchanged lines around a change, as in git.
const CONTEXT: usize = 3;

/// The changes as a patch with paths relative to `folder`, which must contain all changed files.
pub(crate) fn patch(changes: &[Change], folder: &Path) -> String {
    let mut out = String::new();
    for change in changes {
        let path = change.target.strip_prefix(folder).unwrap_or(&change.target);
        let path: Vec<Vec<u8>> = path.components().map(|c| c.as_os_str().as_encoded_bytes().to_vec()).collect();
        file_patch(&mut out, &path.join(&b'/'), &change.before, &change.after);
    }
    out
}

fn file_patch(out: &mut String, path: &[u8], before: &str, after: &str) {
    let (old, new) = (quoted(&[b"a/", path].concat()), quoted(&[b"b/", path].concat()));
    // A tab ends a name that has spaces, where git would otherwise look for a date.
    let end = if path.contains(&b' ') { "\t" } else { "" };
    let _ = write!(out, "diff --git {old} {new}\n--- {old}{end}\n+++ {new}{end}\n");
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(before), lines(after));
    for group in similar::TextDiff::from_slices(&old, &new).grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let (was, is) = (first.old_range().start..last.old_range().end, first.new_range().start..last.new_range().end);
        let _ = writeln!(out, "@@ -{} +{} @@", range(was), range(is));
        for op in &group {
            if op.tag() == similar::DiffTag::Equal {
                old[op.old_range()].iter().for_each(|line| push_line(out, ' ', line));
                continue;
            }
            old[op.old_range()].iter().for_each(|line| push_line(out, '-', line));
            new[op.new_range()].iter().for_each(|line| push_line(out, '+', line));
        }
    }
}

/// The lines with their line endings.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The first line, from 1, and the number of lines. An empty range has the number of the line before it.
fn range(lines: std::ops::Range<usize>) -> String {
    let start = if lines.is_empty() { lines.start } else { lines.start + 1 };
    format!("{start},{}", lines.len())
}

fn push_line(out: &mut String, mark: char, line: &str) {
    out.push(mark);
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// A path as git writes it: in quotes and with escapes if it has a quote, a backslash, a control character or a byte
/// outside UTF-8.
fn quoted(path: &[u8]) -> String {
    let is_plain = |text: &str| !text.chars().any(|c| c.is_control() || matches!(c, '"' | '\\'));
    if let Some(text) = std::str::from_utf8(path).ok().filter(|text| is_plain(text)) {
        return text.to_string();
    }
    let mut out = String::from("\"");
    for chunk in path.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                c if c.is_control() => c.to_string().bytes().for_each(|byte| push_octal(&mut out, byte)),
                c => out.push(c),
            }
        }
        chunk.invalid().iter().for_each(|&byte| push_octal(&mut out, byte));
    }
    out.push('"');
    out
}

fn push_octal(out: &mut String, byte: u8) {
    let _ = write!(out, "\\{byte:03o}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch_of(path: &[u8], before: &str, after: &str) -> String {
        let mut out = String::new();
        file_patch(&mut out, path, before, after);
        out
    }

    #[test]
    fn a_patch_has_three_lines_around_a_change_and_says_where_the_last_line_does_not_end() {
        let before = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine";
        insta::assert_snapshot!(patch_of(b"a.md", before, &before.replace("five", "5").replace("nine", "9")), @r"
        diff --git a/a.md b/a.md
        --- a/a.md
        +++ b/a.md
        @@ -2,8 +2,8 @@
         two
         three
         four
        -five
        +5
         six
         seven
         eight
        -nine
        \ No newline at end of file
        +9
        \ No newline at end of file
        ");
    }

    #[test]
    fn only_a_line_feed_ends_a_line() {
        let patch = patch_of(b"a.md", "a\rb\r\nc\r", "a\rB\r\nc\r");
        assert!(
            patch.ends_with("@@ -1,2 +1,2 @@\n-a\rb\r\n+a\rB\r\n c\r\n\\ No newline at end of file\n"),
            "{patch:?}"
        );
        assert!(patch_of(b"a.md", "", "a\n").ends_with("@@ -0,0 +1,1 @@\n+a\n"));
    }

    #[test]
    fn names_are_quoted_as_git_quotes_them() {
        assert_eq!(quoted("a/höhe 日本.md".as_bytes()), "a/höhe 日本.md");
        assert_eq!(quoted(b"a/\"b\" \x1b\xff.md"), r#""a/\"b\" \033\377.md""#);
        assert!(
            patch_of(b"a b.md", "x", "y").contains("diff --git a/a b.md b/a b.md\n--- a/a b.md\t\n+++ b/a b.md\t\n")
        );
    }
}
