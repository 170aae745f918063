//! Baselines: a file with the known findings of a base, so later runs report only new findings.
//!
//! A known finding is recognised by its [fingerprint](super::fingerprint), as many times as it was recorded. Moved lines,
//! changed counts and a renamed second file therefore do not make a finding new, while one more finding of the same kind
//! on the same text is new. Parses and formats text, and reads no files.
//!
//! Example: a baseline with one `broken-link` on `[x](gone.md)` suppresses the finding after the link moved to a
//! different line. If the author adds a second `[x](gone.md)`, one of the two findings is reported.
//!
//! # Format
//!
//! JSON with a line for each rule and for each file, both sorted, so that a review shows which notes got better
//! (`content/building/baseline.schema.json` is its schema). A file's text has a word for each of its rules: the code of the rule, the
//! number of findings, `:`, and four digits for each finding.
//!
//! ```json
//! {
//! "version": 2,
//! "rules": {
//! "bl":"broken-link"
//! },
//! "files": {
//! "notes/a.md":"bl2:Ab3dQq-w"
//! }
//! }
//! ```

use super::fingerprint::{MARK_DIGITS, Mark, Precision, file_of};
use super::rules::RULES;
use crate::text::diagnostic::Diagnostic;
use crate::text::source::Sources;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The version of the format. Files with a different version are rejected.
const VERSION: u32 = 2;

/// The known findings of a base, by file (relative to the content folder; `.` for the whole base) and rule. The marks are sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Baseline {
    files: BTreeMap<String, BTreeMap<String, Vec<Mark>>>,
}

/// The findings of a run, compared with a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// Findings without an entry in the baseline, in their original order.
    pub new: Vec<Diagnostic>,
    /// The number of findings in the baseline.
    pub known: usize,
    /// The entries of the baseline without a finding. After a run over a part of the base or some of the rules, the
    /// caller must ignore entries outside of that part.
    pub unneeded: Vec<Unneeded>,
}

/// Entries of a baseline without a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unneeded {
    /// The file, relative to the content folder.
    pub file: String,
    /// The rule id.
    pub rule: String,
    /// The number of entries.
    pub count: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[expect(dead_code, reason = "checked before the document is read")]
    version: u32,
    /// The id of each rule, by its code.
    rules: BTreeMap<String, String>,
    /// The findings of each file.
    files: BTreeMap<String, String>,
}

impl Baseline {
    /// The baseline that contains exactly these findings.
    pub(crate) fn of(diagnostics: &[Diagnostic], sources: &Sources) -> Baseline {
        let mut baseline = Baseline::default();
        for d in diagnostics {
            let by_rule = baseline.files.entry(file_of(d, sources).to_string()).or_default();
            by_rule.entry(d.rule.to_string()).or_default().push(Mark::of(d, sources));
        }
        baseline.files.values_mut().flat_map(|rules| rules.values_mut()).for_each(|marks| marks.sort_unstable());
        baseline
    }

    /// Whether the baseline has no finding.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The number of findings.
    pub(crate) fn len(&self) -> usize {
        self.files.values().flat_map(BTreeMap::values).map(Vec::len).sum()
    }

    /// Adds the entries of a different baseline for each file and rule that `is_wanted` accepts. The two must have no
    /// file and rule in common.
    pub(crate) fn add(&mut self, different: Baseline, is_wanted: impl Fn(&str, &str) -> bool) {
        for (file, rules) in different.files {
            for (rule, marks) in rules.into_iter().filter(|(rule, _)| is_wanted(&file, rule)) {
                self.files.entry(file.clone()).or_default().insert(rule, marks);
            }
        }
    }

    /// The baseline with new paths for some files: pairs of the old and the new path. No file may have two new paths, and no
    /// new path may be in the baseline.
    pub(crate) fn with_renamed_files(mut self, renamed: &[(String, String)]) -> Baseline {
        for (old, new) in renamed {
            if let Some(rules) = self.files.remove(old) {
                self.files.insert(new.clone(), rules);
            }
        }
        self
    }

    /// Divides the findings of a run into known and new ones, and returns the remaining entries.
    ///
    /// The three passes match the most precise first: the same message; the same message without numbers and paths;
    /// and, for findings that depend on a different file, whose changes may change the message, the same text alone.
    pub(crate) fn compare(&self, diagnostics: Vec<Diagnostic>, sources: &Sources) -> Comparison {
        if self.is_empty() {
            return Comparison { new: diagnostics, known: 0, unneeded: Vec::new() };
        }
        let mut is_known = vec![false; diagnostics.len()];
        let mut by_place: FxHashMap<(&str, &str), Vec<usize>> = FxHashMap::default();
        for (at, d) in diagnostics.iter().enumerate() {
            by_place.entry((file_of(d, sources), d.rule)).or_default().push(at);
        }
        let mut unneeded = Vec::new();
        for (file, rules) in &self.files {
            for (rule, marks) in rules {
                let current = by_place.get(&(file.as_str(), rule.as_str())).map_or(&[][..], Vec::as_slice);
                let count = marks.len() - matched(marks, current, &diagnostics, sources, &mut is_known);
                if count > 0 {
                    unneeded.push(Unneeded { file: file.clone(), rule: rule.clone(), count });
                }
            }
        }
        let known = is_known.iter().filter(|known| **known).count();
        let new = diagnostics.into_iter().zip(is_known).filter(|(_, known)| !known).map(|(d, _)| d).collect();
        Comparison { new, known, unneeded }
    }

    /// Parses the output of [`Baseline::to_json`].
    ///
    /// # Errors
    /// The reason why the text is not a baseline of this version, as the end of a sentence.
    pub(crate) fn parse(text: &str) -> Result<Baseline, String> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|e| format!("is not JSON: {e}"))?;
        // Checked before the fields, so a file of a different version is reported as such, not as one with unknown fields.
        match value["version"].as_u64() {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) => return Err(format!("has version {version} of the format; this canon reads {VERSION}")),
            None => return Err("has no `version`".into()),
        }
        let document: Document = serde_json::from_value(value).map_err(|e| e.to_string())?;
        let mut files = BTreeMap::new();
        for (file, text) in document.files {
            let mut rules = BTreeMap::new();
            for word in text.split_whitespace() {
                let parsed = parse_word(word, &document.rules);
                let (rule, marks) = parsed.map_err(|reason| format!("has a mistake at `{file}`: {reason}"))?;
                rules.entry(rule).or_insert_with(Vec::new).extend(marks);
            }
            rules.values_mut().for_each(|marks: &mut Vec<Mark>| marks.sort_unstable());
            files.insert(file, rules);
        }
        Ok(Baseline { files })
    }

    /// The JSON text of the file. Sorted, so equal findings give equal bytes.
    pub(crate) fn to_json(&self) -> String {
        let used: BTreeSet<&str> = self.files.values().flat_map(|rules| rules.keys().map(String::as_str)).collect();
        let codes = codes(&used);
        let mut out = format!("{{\n\"version\": {VERSION},\n\"rules\": {{");
        for (place, (rule, code)) in codes.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            let _ = write!(out, "{comma}\n{}:{}", quoted(code), quoted(rule));
        }
        out.push_str("\n},\n\"files\": {");
        for (place, (file, rules)) in self.files.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            let _ = write!(out, "{comma}\n{}:\"", quoted(file));
            for (place, (rule, marks)) in rules.iter().enumerate() {
                let space = if place > 0 { " " } else { "" };
                let _ = write!(out, "{space}{}{}:", codes[rule.as_str()], marks.len());
                marks.iter().for_each(|mark| mark.write(&mut out));
            }
            out.push('"');
        }
        out.push_str("\n}\n}\n");
        out
    }
}

/// Finds the findings of a file and rule among the marks, sets `is_known` for them, and returns their number.
fn matched(
    marks: &[Mark],
    current: &[usize],
    diagnostics: &[Diagnostic],
    sources: &Sources,
    is_known: &mut [bool],
) -> usize {
    let current: Vec<(usize, Mark)> = current.iter().map(|&at| (at, Mark::of(&diagnostics[at], sources))).collect();
    let mut left: Vec<Mark> = marks.to_vec();
    for precision in [Precision::Message, Precision::Skeleton, Precision::Place] {
        let mut counts: FxHashMap<u32, usize> = FxHashMap::default();
        left.iter().for_each(|mark| *counts.entry(mark.part(precision)).or_default() += 1);
        let mut taken: FxHashMap<u32, usize> = FxHashMap::default();
        for &(at, mark) in &current {
            let may_match = precision != Precision::Place || depends_on_different_file(&diagnostics[at]);
            // A finding that a more precise pass has matched must not use up a second entry.
            if is_known[at] || !may_match {
                continue;
            }
            if let Some(count) = counts.get_mut(&mark.part(precision)).filter(|count| **count > 0) {
                *count -= 1;
                *taken.entry(mark.part(precision)).or_default() += 1;
                is_known[at] = true;
            }
        }
        left.retain(|mark| match taken.get_mut(&mark.part(precision)).filter(|count| **count > 0) {
            Some(count) => {
                *count -= 1;
                false
            }
            None => true,
        });
    }
    marks.len() - left.len()
}

/// Whether a change of a different file may change the message.
fn depends_on_different_file(d: &Diagnostic) -> bool {
    d.is_about_base || d.related.iter().any(|label| label.file != d.file)
}

/// The code of each used rule: the first letters of the words of its id, as many as make the code unique among all
/// rules (`bl` for `broken-link`). A code therefore changes only when canon gets a rule with a similar id.
fn codes<'a>(used: &BTreeSet<&'a str>) -> BTreeMap<&'a str, String> {
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).chain(used.iter().copied()).collect();
    let code = |rule: &str, letters: usize| -> String {
        rule.split('-').flat_map(|word| word.chars().take(letters)).filter(char::is_ascii_lowercase).collect()
    };
    let unique = |rule: &str| {
        let longest = rule.split('-').map(str::len).max().unwrap_or_default();
        let is_unique = |letters: &usize| {
            let own = code(rule, *letters);
            !own.is_empty() && all.iter().all(|id| *id == rule || code(id, *letters) != own)
        };
        (1..=longest).find(is_unique).map_or_else(|| rule.to_string(), |letters| code(rule, letters))
    };
    used.iter().map(|&rule| (rule, unique(rule))).collect()
}

/// The rule and the marks of a word: `bl2:Ab3dQq-w`.
fn parse_word(word: &str, rules: &BTreeMap<String, String>) -> Result<(String, Vec<Mark>), String> {
    let (head, digits) = word.split_once(':').ok_or_else(|| format!("`{word}` has no `:`"))?;
    let code = head.trim_end_matches(|c: char| c.is_ascii_digit());
    let count: usize = head[code.len()..].parse().map_err(|_| format!("`{word}` has no number before the `:`"))?;
    let rule = rules.get(code).ok_or_else(|| format!("`{code}` is not in `rules`"))?;
    let marks: Option<Vec<Mark>> = digits.as_bytes().chunks(MARK_DIGITS).map(Mark::parse).collect();
    match marks {
        Some(marks) if marks.len() == count => Ok((rule.clone(), marks)),
        _ => Err(format!("`{word}` must have {MARK_DIGITS} digits for each of {count}")),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::ids::Id;
    use crate::text::source::{FileId, SourceFile, Span};

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
        assert_eq!((again.new.len(), again.known, again.unneeded.len()), (0, 2, 0));
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
            let sources = files(&[("a.md", "id: a\n")]);
            let baseline = Baseline::of(&findings(&sources, "id", before), &sources);
            let found = findings(&sources, "id", &after.replace("new ", ""));
            assert_eq!(baseline.compare(found, &sources).known, 1);
        }
        // A title, not a path: known by the place, because the finding is about the other file too.
        let old = files(&[("a.md", "id: a\n"), ("b.md", "")]);
        let baseline = Baseline::of(&[about(&old, "also named `Raft`", FileId::new(1))], &old);
        let new = files(&[("a.md", "id: a\n"), ("z.md", "")]);
        assert_eq!(baseline.compare(vec![about(&new, "also named `Paxos`", FileId::new(1))], &new).known, 1);
    }

    #[test]
    fn another_fault_in_the_same_place_is_new() {
        let sources = files(&[("a.md", "id: a\n")]);
        let say = |message: &str| findings(&sources, "id", message);
        let baseline = Baseline::of(&say("the section `TL;DR` is missing"), &sources);
        let result = baseline.compare(say("the section `Definition` is missing"), &sources);
        assert_eq!(result.new.len(), 1);
        assert_eq!(result.unneeded, [Unneeded { file: "a.md".into(), rule: RULE.into(), count: 1 }]);
        // Which of two is the new one is said rightly, in whatever order they come, also where only a number differs.
        let baseline_of_numbers = Baseline::of(&say("no file `part 2`"), &sources);
        let both = [say("no file `part 1`"), say("no file `part 2`")].concat();
        assert_eq!(baseline_of_numbers.compare(both, &sources).new[0].message, "no file `part 1`");
        let both = [say("the section `Definition` is missing"), say("the section `TL;DR` is missing")].concat();
        let result = baseline.compare(both, &sources);
        assert_eq!(result.new[0].message, "the section `Definition` is missing");
    }

    #[test]
    fn a_finding_about_the_whole_base_is_known_in_any_file() {
        let sources = files(&[("0.md", "new"), ("a.md", "a")]);
        let say = |file, message: &str| vec![Diagnostic::new(RULE, file, Span::new(0, 1), message, "").about_base()];
        let baseline = Baseline::of(&say(FileId::new(1), "12 of 20 notes"), &sources);
        assert!(baseline.to_json().contains("\".\":\"bl1:"), "{}", baseline.to_json());
        let result = baseline.compare(say(FileId::FIRST, "13 of 21 notes, and one more kind"), &sources);
        assert_eq!((result.new.len(), result.known, result.unneeded.len()), (0, 1, 0));
    }

    #[test]
    fn left_over_counts_are_named() {
        let old = files(&[("a.md", "gone gone gone\n")]);
        let baseline = Baseline::of(&findings(&old, "gone", "m"), &old);
        let new = files(&[("a.md", "gone\n")]);
        let result = baseline.compare(findings(&new, "gone", "m"), &new);
        assert_eq!((result.known, result.unneeded[0].count), (1, 2));
    }

    #[test]
    fn bad_files_are_refused_with_the_reason() {
        let with = |word: &str| {
            format!("{{\"version\":2,\"rules\":{{\"bl\":\"broken-link\"}},\"files\":{{\"a.md\":\"{word}\"}}}}")
        };
        for (text, reason) in [
            ("", "is not JSON"),
            ("[]", "has no `version`"),
            ("{\"version\":1,\"findings\":[]}", "has version 1 of the format; this canon reads 2"),
            ("{\"version\":2}", "missing field `rules`"),
            (&with("bl1:Ab3d")[1..], "is not JSON"),
            (&with("bl1Ab3d"), "`bl1Ab3d` has no `:`"),
            (&with("bl:Ab3d"), "`bl:Ab3d` has no number before the `:`"),
            (&with("bl2:Ab3d"), "has a mistake at `a.md`: `bl2:Ab3d` must have 4 digits for each of 2"),
            (&with("bl1:Ab3"), "must have 4 digits"),
            (&with("bl1:Ab3é"), "must have 4 digits"),
            (&with("xy1:Ab3d"), "`xy` is not in `rules`"),
        ] {
            let error = Baseline::parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
        assert_eq!(Baseline::parse(&with("bl2:Ab3dAb3d")).unwrap().len(), 2);
    }

    #[test]
    fn every_rule_has_a_code_of_its_own() {
        let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        let codes = codes(&all);
        assert_eq!(codes.values().collect::<BTreeSet<_>>().len(), RULES.len());
        assert_eq!((codes["broken-external-link"].as_str(), codes["duplicate-code"].as_str()), ("bel", "dupcod"));
        // Codes of which no number of letters is unique.
        let odd = BTreeSet::from(["ab-c", "a-bc"]);
        assert_ne!(super::codes(&odd)["ab-c"], super::codes(&odd)["a-bc"]);
    }

    #[test]
    fn a_large_base_fits_into_a_megabyte() {
        const FILES: usize = 6_500;
        const FINDINGS: usize = 113_000;
        let rules: Vec<&'static str> = RULES.iter().map(|rule| rule.id).collect();
        let mut random = 7_u64;
        let mut below = |bound: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random % bound as u64) as usize
        };
        let paths: Vec<String> =
            (0..FILES).map(|n| format!("{}/some-words-of-a-title-{n}.md", ["projects", "areas"][n % 2])).collect();
        let sources: Sources =
            paths.iter().map(|path| SourceFile::new(path.as_str(), &"one two three four\n".repeat(9))).collect();
        // Six rules in each note, and as many findings as it takes.
        let found: Vec<Diagnostic> = (0..FINDINGS)
            .map(|n| {
                let (file, rule) = (n % FILES, rules[(n % FILES + 7 * below(6)) % rules.len()]);
                let at = below(150);
                Diagnostic::new(rule, FileId::new(file), Span::new(at, at + 9), format!("message {}", below(40)), "")
            })
            .collect();
        let baseline = Baseline::of(&found, &sources);
        let text = baseline.to_json();
        assert_eq!(baseline.len(), FINDINGS);
        assert!(text.len() <= 1_000_000, "{} bytes", text.len());
        assert_eq!(
            text.lines().count(),
            FILES + baseline.files.values().flat_map(|r| r.keys()).collect::<BTreeSet<_>>().len() + 7
        );
        assert_eq!(Baseline::parse(&text).unwrap(), baseline);
        let comparison = baseline.compare(found, &sources);
        assert_eq!((comparison.new.len(), comparison.known, comparison.unneeded.len()), (0, FINDINGS, 0));
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
    fn the_text_is_valid_by_its_schema() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../content/building/baseline.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let sources = files(&[("a \"b\"/ü.md", "one two one\n"), ("b.md", "")]);
        let found = [findings(&sources, "one", "m"), findings(&sources, "two", "k")].concat();
        for baseline in [Baseline::default(), Baseline::of(&found, &sources)] {
            let value: serde_json::Value = serde_json::from_str(&baseline.to_json()).unwrap();
            assert!(validator.is_valid(&value), "{:?}", validator.iter_errors(&value).collect::<Vec<_>>());
        }
        for wrong in ["bl", "bl1", "bl:Ab3d", "bl1:Ab3", "bl1:Ab3d  ra1:Ab3d", "BL1:Ab3d", ""] {
            let value = serde_json::json!({"version": 2, "rules": {"bl": "broken-link"}, "files": {"a.md": wrong}});
            assert!(!validator.is_valid(&value), "{wrong}");
        }
        let old = serde_json::json!({"version": 1, "rules": {}, "files": {}});
        assert!(!validator.is_valid(&old));
    }
}
