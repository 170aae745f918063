//! Baselines: a file with the known findings of a base, so later runs report only new findings.
//!
//! A known finding is recognised by rule, file, the text under its span (not the line number) and its message without
//! numbers and paths, as many times as it was recorded. Moved lines, changed counts and a renamed second file therefore
//! do not make a finding new, while one more finding of the same kind on the same text is new. Parses and formats text,
//! and reads no files.
//!
//! Example: a baseline with one `broken-link` on `[x](gone.md)` suppresses the finding after the link moved to a
//! different line. If the author adds a second `[x](gone.md)`, one of the two findings is reported.

use crate::text::diagnostic::Diagnostic;
use crate::text::source::{SourceFile, Sources, Span};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// The version of the format. Files with a different version are rejected.
const VERSION: u32 = 1;

/// A suppressed finding with its number of occurrences.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// The file, relative to the content folder.
    pub file: String,
    /// The rule id.
    pub rule: String,
    /// The message at the time of recording, for readers of the baseline file.
    pub message: String,
    /// The hash of the text under the span.
    pub place: String,
    /// Whether the finding also refers to a different file, whose changes may change the message.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub related: bool,
    /// The number of equal findings.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: usize,
}

fn one() -> usize {
    1
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

/// The known findings of a base, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Baseline {
    entries: Vec<Entry>,
}

/// The findings of a run, compared with a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// Findings without an entry in the baseline, in their original order.
    pub new: Vec<Diagnostic>,
    /// The number of suppressed findings.
    pub suppressed: usize,
    /// Entries without a finding, with the remaining count. After a run over a part of the base or some of the rules,
    /// the caller must ignore entries outside of that part.
    pub unneeded: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    findings: Vec<Entry>,
}

impl Baseline {
    /// The baseline that suppresses exactly these findings.
    pub(crate) fn of(diagnostics: &[Diagnostic], sources: &Sources) -> Baseline {
        let mut entries: Vec<Entry> = diagnostics.iter().map(|d| entry(d, sources)).collect();
        entries.sort();
        entries.dedup_by(|next, kept| {
            let equal = Entry { count: kept.count, ..next.clone() } == *kept;
            kept.count += if equal { next.count } else { 0 };
            equal
        });
        Baseline { entries }
    }

    /// Parses the output of [`Baseline::to_json`].
    ///
    /// # Errors
    /// A sentence with the reason why the text is not a baseline of this version.
    pub(crate) fn parse(text: &str) -> Result<Baseline, String> {
        let remedy = "write it again with `canon check --write-baseline`";
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|e| format!("the baseline is not JSON: {e}; {remedy}"))?;
        // Checked before the fields, so a file of a later version is reported as such, not as one with unknown fields.
        match value["version"].as_u64() {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) => return Err(format!("the baseline has version {version}, not {VERSION}; {remedy}")),
            None => return Err(format!("the baseline has no `version`; {remedy}")),
        }
        let document: Document =
            serde_json::from_value(value).map_err(|e| format!("the baseline cannot be used: {e}; {remedy}"))?;
        Ok(Baseline { entries: document.findings })
    }

    /// The JSON text of the file. Sorted, so equal findings give equal bytes.
    pub(crate) fn to_json(&self) -> String {
        let document = Document { version: VERSION, findings: self.entries.clone() };
        let mut text = serde_json::to_string_pretty(&document).expect("plain data serialises");
        text.push('\n');
        text
    }

    /// The total number of suppressed findings.
    pub(crate) fn len(&self) -> usize {
        self.entries.iter().map(|e| e.count).sum()
    }

    /// Divides the findings of a run into known and new ones, and returns the remaining entries.
    ///
    /// The three passes match the most specific key first: the same message; the same message without numbers and
    /// paths; and, for findings that also refer to a different file, the same text alone.
    pub(crate) fn compare(&self, diagnostics: Vec<Diagnostic>, sources: &Sources) -> Comparison {
        let mut left: Vec<usize> = self.entries.iter().map(|e| e.count).collect();
        let current: Vec<Entry> = diagnostics.iter().map(|d| entry(d, sources)).collect();
        let mut known = vec![false; current.len()];
        for key in [exact_key as fn(&Entry) -> Option<Key>, skeleton_key, place_key] {
            let mut by_key: FxHashMap<Key, Vec<usize>> = FxHashMap::default();
            // In reverse, because `take` pops candidates from the end: the first entry is used first.
            for (at, entry) in self.entries.iter().enumerate().rev().filter(|(at, _)| left[*at] > 0) {
                if let Some(key) = key(entry) {
                    by_key.entry(key).or_default().push(at);
                }
            }
            for (at, entry) in current.iter().enumerate() {
                let candidates = if known[at] { None } else { key(entry).and_then(|key| by_key.get_mut(&key)) };
                // A finding that a more specific key has matched must not use up a second entry.
                known[at] |= candidates.is_some_and(|candidates| take(candidates, &mut left));
            }
        }
        let suppressed = known.iter().filter(|k| **k).count();
        let new = diagnostics.into_iter().zip(known).filter(|(_, known)| !known).map(|(d, _)| d).collect();
        let leftover = self.entries.iter().zip(left).filter(|(_, left)| *left > 0);
        Comparison { new, suppressed, unneeded: leftover.map(|(e, count)| Entry { count, ..e.clone() }).collect() }
    }
}

/// Decrements the count of the first candidate with a remaining count. `false` if no candidate has any left.
fn take(candidates: &mut Vec<usize>, left: &mut [usize]) -> bool {
    while let Some(&at) = candidates.last() {
        if left[at] > 0 {
            left[at] -= 1;
            return true;
        }
        candidates.pop();
    }
    false
}

/// Rule, file, hash of the text, and the compared part of the message.
type Key = (String, String, String, String);

fn key_of(entry: &Entry, message: String) -> Key {
    (entry.rule.clone(), entry.file.clone(), entry.place.clone(), message)
}

fn exact_key(entry: &Entry) -> Option<Key> {
    Some(key_of(entry, entry.message.clone()))
}

fn skeleton_key(entry: &Entry) -> Option<Key> {
    Some(key_of(entry, skeleton(&entry.message)))
}

fn place_key(entry: &Entry) -> Option<Key> {
    entry.related.then(|| key_of(entry, String::new()))
}

fn entry(d: &Diagnostic, sources: &Sources) -> Entry {
    Entry {
        file: sources[d.file].path.to_string(),
        rule: d.rule.to_string(),
        message: d.message.clone(),
        place: place(&sources[d.file], d.span),
        related: d.related.iter().any(|label| label.file != d.file),
        count: 1,
    }
}

/// The hash of the text under a span, with normalised white space. A fixed word for the whole file. For an empty span,
/// which marks a missing text, the hash of its line.
fn place(file: &SourceFile, span: Span) -> String {
    let text = match (span == Span::default(), span.start >= span.end) {
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

/// A stable identifier for each finding, which does not change when the finding moves to a different line. SARIF
/// consumers use it to follow findings from run to run. Equal findings get different identifiers.
pub(crate) fn fingerprints<'a>(
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    sources: &Sources,
) -> Vec<String> {
    let mut seen: FxHashMap<Key, usize> = FxHashMap::default();
    let fingerprint = |d: &Diagnostic| {
        let entry = entry(d, sources);
        let key = key_of(&entry, skeleton(&entry.message));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::ids::Id;
    use crate::text::source::FileId;

    const RULE: &str = "broken-link";

    /// A finding on each place where `needle` stands in the first file.
    fn findings(sources: &Sources, needle: &str, message: &str) -> Vec<Diagnostic> {
        let starts = sources[FileId::FIRST].text.match_indices(needle);
        let spans = starts.map(|(at, _)| Span::new(at, at + needle.len()));
        spans.map(|span| Diagnostic::new(RULE, FileId::FIRST, span, message, "")).collect()
    }

    fn files(texts: &[(&str, &str)]) -> Sources {
        texts.iter().map(|(path, text)| SourceFile::new(*path, text)).collect()
    }

    fn about(sources: &Sources, message: &str, other: FileId) -> Diagnostic {
        findings(sources, "id", message)[0].clone().related(other, Span::default(), "the other")
    }

    #[test]
    fn what_was_written_is_known_and_survives_its_text() {
        let old = files(&[("a.md", "x [l](gone.md) y\n[m](gone.md)\n")]);
        let found = findings(&old, "gone.md", "no file `gone.md`");
        let baseline = Baseline::parse(&Baseline::of(&found, &old).to_json()).unwrap();
        assert_eq!(baseline, Baseline::of(&found, &old));
        assert_eq!(baseline.len(), 2);
        let again = baseline.compare(found, &old);
        assert_eq!((again.new.len(), again.suppressed, again.unneeded.len()), (0, 2, 0));
    }

    #[test]
    fn moved_lines_bring_nothing_back_and_one_more_is_new() {
        let old = files(&[("a.md", "[l](gone.md)\n")]);
        let baseline = Baseline::of(&findings(&old, "gone.md", "m"), &old);
        let moved = files(&[("a.md", "\u{feff}new\r\n\r\nother text [l](gone.md)\r\n")]);
        let result = baseline.compare(findings(&moved, "gone.md", "m"), &moved);
        assert_eq!((result.new.len(), result.unneeded.len()), (0, 0));
        let more = files(&[("a.md", "[l](gone.md) [l](gone.md)\n")]);
        assert_eq!(baseline.compare(findings(&more, "gone.md", "m"), &more).new.len(), 1);
        let other = files(&[("a.md", "[l](lost.md)\n")]);
        let result = baseline.compare(findings(&other, "lost.md", "m"), &other);
        assert_eq!((result.new.len(), result.unneeded.len()), (1, 1));
    }

    #[test]
    fn counts_and_the_names_of_other_files_do_not_matter() {
        for (before, after) in [
            ("62 % of it stands in `b.md` too", "63 % of it stands in `c/new name-2.md` too"),
            ("1,204 links; see b/c.md#x.", "7 links; see d.md#y."),
        ] {
            assert_eq!(skeleton(before).replace("new ", ""), skeleton(&after.replace("new ", "")), "{before}");
            let sources = files(&[("a.md", "id: a\n")]);
            let baseline = Baseline::of(&findings(&sources, "id", before), &sources);
            let found = findings(&sources, "id", &after.replace("new ", ""));
            assert_eq!(baseline.compare(found, &sources).suppressed, 1);
        }
        // A title, not a path: known by the place, because the finding is about the other file too.
        let old = files(&[("a.md", "id: a\n"), ("b.md", "")]);
        let baseline = Baseline::of(&[about(&old, "also named `Raft`", FileId::new(1))], &old);
        let new = files(&[("a.md", "id: a\n"), ("z.md", "")]);
        assert_eq!(baseline.compare(vec![about(&new, "also named `Paxos`", FileId::new(1))], &new).suppressed, 1);
    }

    #[test]
    fn another_fault_in_the_same_place_is_new() {
        let sources = files(&[("a.md", "id: a\n")]);
        let say = |message: &str| findings(&sources, "id", message);
        let baseline = Baseline::of(&say("the section `TL;DR` is missing"), &sources);
        let result = baseline.compare(say("the section `Definition` is missing"), &sources);
        assert_eq!(result.new.len(), 1);
        assert_eq!(result.unneeded[0].message, "the section `TL;DR` is missing");
        // Which of two is the new one is said rightly, in whatever order they come, also where only a number differs.
        let baseline_of_numbers = Baseline::of(&say("no file `part 2`"), &sources);
        let both = [say("no file `part 1`"), say("no file `part 2`")].concat();
        assert_eq!(baseline_of_numbers.compare(both, &sources).new[0].message, "no file `part 1`");
        let both = [say("the section `Definition` is missing"), say("the section `TL;DR` is missing")].concat();
        let result = baseline.compare(both, &sources);
        assert_eq!(result.new[0].message, "the section `Definition` is missing");
    }

    #[test]
    fn left_over_counts_are_named() {
        let old = files(&[("a.md", "gone gone gone\n")]);
        let baseline = Baseline::of(&findings(&old, "gone", "m"), &old);
        let new = files(&[("a.md", "gone\n")]);
        let result = baseline.compare(findings(&new, "gone", "m"), &new);
        assert_eq!((result.suppressed, result.unneeded[0].count), (1, 2));
    }

    #[test]
    fn bad_files_are_refused_with_a_remedy() {
        for text in
            ["", "[]", "{\"version\": 2, \"findings\": []}", "{\"version\": 1}", "{\"version\":1,\"findings\":[{}]}"]
        {
            let error = Baseline::parse(text).unwrap_err();
            assert!(error.ends_with("write it again with `canon check --write-baseline`"), "{error}");
        }
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_order() {
        let sources = files(&[("a.md", "one two one\n")]);
        let mut found = [findings(&sources, "one", "m"), findings(&sources, "two", "k")].concat();
        let text = Baseline::of(&found, &sources).to_json();
        found.reverse();
        assert_eq!(Baseline::of(&found, &sources).to_json(), text);
        insta::assert_snapshot!(text);
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
