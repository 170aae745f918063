//! Fingerprints: what stays the same of a finding when its line moves, a count changes or a different note is renamed.
//!
//! A finding is recognised by its rule, its file, the text under its span (not the line number) and its message without
//! numbers and paths. [`fingerprints`] are long and unique in a report. A [`Mark`] is short, and is compared only with
//! marks of the same rule and file.

use crate::text::diagnostic::Diagnostic;
use crate::text::source::{Sources, Span};
use rustc_hash::FxHashMap;

/// The 64 digits of a mark. Six bits each (RFC 4648, section 5).
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The file name of findings about the whole base.
const BASE: &str = ".";
/// The number of digits of a mark.
pub(super) const MARK_DIGITS: usize = 4;
/// The bits of each part of a mark: 24 in all, so that 113,000 findings fit into a baseline of 1 MB. A finding is
/// mistaken for a removed one of the same rule in the same file with a probability of 1 in 2^20.
const PLACE_BITS: u32 = 10;
const SKELETON_BITS: u32 = 10;
const MESSAGE_BITS: u32 = 4;

/// A short hash of a finding: in order, bits of the text under its span, of its message without numbers and paths, and
/// of its whole message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Mark(u32);

/// How much of two marks must be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    /// The text and the whole message.
    Message,
    /// The text and the message without numbers and paths.
    Skeleton,
    /// Only the text.
    Place,
}

impl Mark {
    /// The mark of a finding.
    pub(super) fn of(d: &Diagnostic, sources: &Sources) -> Mark {
        let place = first_bits(&blake3::hash(place(d, sources).as_bytes()), PLACE_BITS);
        let skeleton = first_bits(&blake3::hash(skeleton(&d.message).as_bytes()), SKELETON_BITS);
        let message = first_bits(&blake3::hash(d.message.as_bytes()), MESSAGE_BITS);
        Mark((place << (SKELETON_BITS + MESSAGE_BITS)) | (skeleton << MESSAGE_BITS) | message)
    }

    /// The compared part of the mark.
    pub(super) fn part(self, precision: Precision) -> u32 {
        match precision {
            Precision::Message => self.0,
            Precision::Skeleton => self.0 >> MESSAGE_BITS,
            Precision::Place => self.0 >> (SKELETON_BITS + MESSAGE_BITS),
        }
    }

    /// Appends the [`MARK_DIGITS`] digits of the mark.
    pub(super) fn write(self, out: &mut String) {
        for digit in (0..MARK_DIGITS).rev() {
            let bits = (self.0 >> (6 * digit)) & 63;
            out.push(char::from(DIGITS[bits as usize]));
        }
    }

    /// The mark with these digits; `None` if their number is wrong or one is not a digit.
    pub(super) fn parse(digits: &[u8]) -> Option<Mark> {
        let value = |byte: &u8| DIGITS.iter().position(|digit| digit == byte).map(|value| value as u32);
        let whole = digits.len() == MARK_DIGITS;
        digits.iter().try_fold(0, |sum, byte| Some((sum << 6) | value(byte)?)).filter(|_| whole).map(Mark)
    }
}

/// The first bits of a hash, at most 16.
fn first_bits(hash: &blake3::Hash, count: u32) -> u32 {
    let bytes = hash.as_bytes();
    u32::from(u16::from_be_bytes([bytes[0], bytes[1]])) >> (16 - count)
}

/// Rule, file, hash of the text, and message without numbers and paths.
type Key = (String, String, String, String);

/// A stable identifier for each finding, which does not change when the finding moves to a different line. SARIF
/// consumers use it to follow findings from run to run. Equal findings get different identifiers.
pub(crate) fn fingerprints<'a>(
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    sources: &Sources,
) -> Vec<String> {
    let mut seen: FxHashMap<Key, usize> = FxHashMap::default();
    let fingerprint = |d: &Diagnostic| {
        let key = (d.rule.to_string(), file_of(d, sources).to_string(), place(d, sources), skeleton(&d.message));
        let mut hasher = blake3::Hasher::new();
        for part in [&key.0, &key.1, &key.2, &key.3] {
            hasher.update(part.as_bytes());
            // Separates the parts: `ab` and `c` must not have the same hash as `a` and `bc`.
            hasher.update(&[0]);
        }
        let occurrence = seen.entry(key).and_modify(|n| *n += 1).or_insert(1);
        hasher.update(&occurrence.to_le_bytes());
        hasher.finalize().to_hex()[..32].to_string()
    };
    diagnostics.into_iter().map(fingerprint).collect()
}

/// The file that a finding is known by: its path, or for a finding about the whole base a name that no file has.
pub(super) fn file_of<'a>(d: &Diagnostic, sources: &'a Sources) -> &'a str {
    if d.is_about_base { BASE } else { &sources[d.file].path }
}

/// The hash of the text under a span, with normalised white space. A fixed word for the whole file or base. For an empty
/// span, which marks a missing text, the hash of its line.
fn place(d: &Diagnostic, sources: &Sources) -> String {
    let (file, span) = (&sources[d.file], d.span);
    let text = match (span == Span::default() || d.is_about_base, span.start >= span.end) {
        (true, _) => return "file".into(),
        (false, true) => line_around(&file.text, span.start as usize),
        (false, false) => file.slice(span),
    };
    let mut hasher = blake3::Hasher::new();
    for word in text.split_whitespace() {
        hasher.update(word.as_bytes());
        hasher.update(b" ");
    }
    hasher.finalize().to_hex()[..16].to_string()
}

/// The line that contains `offset`.
fn line_around(text: &str, offset: usize) -> &str {
    let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = offset.min(text.len()) + after.find('\n').unwrap_or(after.len());
    &text[start..end]
}

/// The message with numbers replaced by `#` and paths by `…`, because both may change while the problem remains.
fn skeleton(message: &str) -> String {
    let is_path_part = |c: char| c.is_alphanumeric() || "-_./%#+~".contains(c);
    let mut out = String::new();
    let mut rest = message;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c| !is_path_part(c)).unwrap_or(rest.len());
        match word {
            0 => out.push(first),
            _ if is_path(&rest[..word]) => out.push('…'),
            _ => out.push_str(&without_numbers(&rest[..word])),
        }
        rest = &rest[if word == 0 { first.len_utf8() } else { word }..];
    }
    // `thousands` puts commas into numbers: `1,234` is `#,#` at this point.
    while out.contains("#,#") {
        out = out.replace("#,#", "#");
    }
    out
}

fn is_path(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    word.contains('/') || word.ends_with(".md") || word.contains(".md#")
}

fn without_numbers(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        match c.is_numeric() {
            true if out.ends_with('#') => {}
            true => out.push('#'),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::ids::Id;
    use crate::text::source::{FileId, SourceFile};

    /// A finding on each place of `needle` in the first file.
    fn findings(sources: &Sources, needle: &str, message: &str) -> Vec<Diagnostic> {
        let starts = sources[FileId::FIRST].text.match_indices(needle);
        let spans = starts.map(|(at, _)| Span::new(at, at + needle.len()));
        spans.map(|span| Diagnostic::new("broken-link", FileId::FIRST, span, message, "")).collect()
    }

    fn files(texts: &[(&str, &str)]) -> Sources {
        texts.iter().map(|(path, text)| SourceFile::new(*path, text)).collect()
    }

    #[test]
    fn a_skeleton_has_no_numbers_and_no_paths() {
        for (before, after) in [
            ("62 % of it stands in `b.md` too", "63 % of it stands in `c/name-2.md` too"),
            ("1,204 links; see b/c.md#x.", "7 links; see d.md#y."),
        ] {
            assert_eq!(skeleton(before), skeleton(after), "{before}");
        }
        assert_ne!(skeleton("no file `part one`"), skeleton("no file `part two`"));
    }

    #[test]
    fn marks_survive_their_digits() {
        for value in [0, 1, 63, 64, 0x00ab_cdef, 0x00ff_ffff] {
            let mut text = String::new();
            Mark(value).write(&mut text);
            assert_eq!((text.len(), Mark::parse(text.as_bytes())), (MARK_DIGITS, Some(Mark(value))));
        }
        for wrong in ["", "AAA", "AAAAA", "AAA=", "AAé"] {
            assert_eq!(Mark::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_mark_has_a_part_for_the_place_the_fault_and_the_message() {
        let sources = files(&[("a.md", "one two\n")]);
        let mark = |needle: &str, message: &str| Mark::of(&findings(&sources, needle, message)[0], &sources);
        let (first, count, fault, place) =
            (mark("one", "1 a"), mark("one", "2 a"), mark("one", "1 b"), mark("two", "1 a"));
        let same =
            |precision: Precision| [count, fault, place].map(|mark| mark.part(precision) == first.part(precision));
        assert_eq!(same(Precision::Message), [false, false, false]);
        assert_eq!(same(Precision::Skeleton), [true, false, false]);
        assert_eq!(same(Precision::Place), [true, true, false]);
    }

    #[test]
    fn equal_findings_have_fingerprints_of_their_own() {
        let sources = files(&[("a.md", "one one two\n")]);
        let found = [findings(&sources, "one", "m"), findings(&sources, "two", "m")].concat();
        let mut prints = fingerprints(&found, &sources);
        prints.sort();
        prints.dedup();
        assert_eq!(prints.len(), 3);
        let moved = files(&[("a.md", "\n\none one two\n")]);
        let found = [findings(&moved, "one", "m"), findings(&moved, "two", "m")].concat();
        let mut again = fingerprints(&found, &moved);
        again.sort();
        assert_eq!(again, prints);
    }
}
