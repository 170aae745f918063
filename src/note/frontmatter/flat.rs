//! A fast parser for simple YAML: `key: value` lines with plain or quoted words, numbers and lists of these. All YAML
//! parsers agree on this subset, so one pass is enough. Frontmatter with anything else is left to gray_matter.

use super::values::{is_day, is_time};
use gray_matter::Pod;
use std::collections::BTreeMap;

/// The values of frontmatter in which every line has one of these forms. `None` if a line has not.
pub(super) fn mapping(yaml: &str) -> Option<BTreeMap<String, Pod>> {
    let mut values = BTreeMap::new();
    let mut lines = yaml.lines().peekable();
    while let Some(line) = lines.next() {
        let (key, value) = line.split_once(':')?;
        let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if !is_key || is_special(key) {
            return None;
        }
        let value = match value.strip_prefix(' ') {
            Some(value) => one_line(value.trim_start_matches(' '))?,
            None if value.is_empty() => {
                let mut items = Vec::new();
                while let Some(line) = lines.next_if(|line| line.starts_with("  - ")) {
                    items.push(scalar(&line[4..], &[])?);
                }
                // A key without a value, or with one in a different form.
                (!items.is_empty()).then_some(Pod::Array(items))?
            }
            None => return None,
        };
        if values.insert(key.to_string(), value).is_some() {
            return None;
        }
    }
    (!values.is_empty()).then_some(values)
}

fn one_line(value: &str) -> Option<Pod> {
    let Some(list) = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { return scalar(value, &[]) };
    let list = list.trim_matches(' ');
    if list.is_empty() {
        return Some(Pod::Array(Vec::new()));
    }
    // A comma inside quotes yields two items with an unpaired quote, which `scalar` rejects.
    let items: Option<Vec<Pod>> = list.split(',').map(|item| scalar(item.trim_matches(' '), &IN_LISTS)).collect();
    items.map(Pod::Array)
}

/// The characters with a meaning inside a list in brackets.
const IN_LISTS: [char; 6] = ['[', ']', '{', '}', ':', '?'];

/// A single value without any of the characters `without`. `None` for a value outside of the subset.
fn scalar(text: &str, without: &[char]) -> Option<Pod> {
    let first = text.bytes().next()?;
    if let quote @ (b'"' | b'\'') = first {
        let inner = text[1..].strip_suffix(quote as char)?;
        let is_plain = |c: char| c != quote as char && c != '\\' && is_printable(c);
        return inner.chars().all(is_plain).then(|| Pod::String(inner.to_string()));
    }
    if first.is_ascii_digit() {
        return number(text);
    }
    let is_word = |c: char| is_printable(c) && !without.contains(&c);
    let is_read_alike = text.chars().next().is_some_and(char::is_alphabetic)
        && text.chars().all(is_word)
        && !text.ends_with([' ', ':'])
        // `[a -]`: gray_matter reads a list item at the `-`.
        && (without.is_empty() || !text.ends_with('-'))
        && !text.contains(": ")
        && !text.contains(" #");
    match text {
        _ if !is_read_alike => None,
        "true" => Some(Pod::Boolean(true)),
        "false" => Some(Pod::Boolean(false)),
        _ if is_special(text) => None,
        _ => Some(Pod::String(text.to_string())),
    }
}

/// A small integer, or a date with an optional time, which is text.
fn number(text: &str) -> Option<Pod> {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    if text.contains('-') {
        let (day, time) = text.split_at_checked(10)?;
        let is_date =
            is_day(day) && (time.is_empty() || time.starts_with('T') && is_time(time) && !time.ends_with(' '));
        return is_date.then(|| Pod::String(text.to_string()));
    }
    let is_small = digits(text, text.len()) && text.len() < 16 && (text == "0" || !text.starts_with('0'));
    is_small.then(|| text.parse().ok().map(Pod::Integer))?
}

/// Whether a word has a special meaning in some version of YAML.
fn is_special(text: &str) -> bool {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"];
    text.len() <= 8 && words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether all YAML parsers accept the character and do not treat it as a line ending.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use gray_matter::engine::{Engine, YAML};
    use proptest::prelude::*;

    /// What gray_matter reads.
    fn by_gray_matter(yaml: &str) -> Option<BTreeMap<String, Pod>> {
        match YAML::parse(yaml) {
            Ok(Pod::Hash(values)) => Some(values.into_iter().collect()),
            _ => None,
        }
    }

    #[test]
    fn usual_heads_are_read_here() {
        let yaml = "id: raft\ntitle: \"Raft: consensus\"\nimportance: 80\ntags: [a-b, \"c d\", e f]\naliases: []\n\
                    created_at: 2026-01-02\ncanonical: true\nredirect_from:\n  - old/raft.md\n  - 'x'\nstatus: learning it\n";
        let values = mapping(yaml).expect("a usual head");
        assert_eq!(values.len(), 9);
        assert_eq!(Some(values), by_gray_matter(yaml));
    }

    #[test]
    fn what_has_other_meanings_is_left_alone() {
        for yaml in [
            "",
            "\n",
            "a:\n",
            "a: \n",
            "a: |\n  x\n",
            "a: b\n  c\n",
            "a: &x b\n",
            "a: b # c\n",
            "a: 1.10\n",
            "a: 012\n",
            "a: 12:30\n",
            "a: no\n",
            "a: Null\n",
            "a: b: c\n",
            "a: {b: c}\n",
            "a: [b, [c]]\n",
            "a: [b -]\n",
            "a: [\"b, c\"]\n",
            "a: ~\n",
            "a: \"b\\n\"\n",
            "a: 'it''s'\n",
            "a: b\na: c\n",
            "a : b\n",
            "a:b\n",
            "- a\n",
            "# a\nb: c\n",
            "a:\n- b\n",
            "a: b \n",
            "a: [b,]\n",
            "a: \u{85}\n",
            "a: b\u{2028}c\n",
            "true: b\n",
            "a: \"b\" c\n",
            "a: [b\n",
            "a: 0x10\n",
        ] {
            assert_eq!(mapping(yaml), None, "{yaml:?}");
        }
    }

    /// Lines of the usual forms, and of forms that look like them.
    fn head() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-zé]{1,4}",
            "[0-9]{1,3}",
            "[ ,:#'\"\\[\\]{}?!&*|>%@`~=.+/\\\\-]{1,2}",
            "2026-0[1-9]-1[0-9]([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?)?",
            "\\PC",
            Just("true".to_string()),
            Just("null".to_string()),
            Just(" ".to_string()),
        ];
        let value = proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat());
        let form = prop_oneof![
            Just(("", "")),
            Just((" ", "")),
            Just((" \"", "\"")),
            Just((" '", "'")),
            Just((" [", "]")),
            Just(("\n  - ", "")),
        ];
        let line =
            ("[a-c]{1,2}", form, value).prop_map(|(key, (open, close), value)| format!("{key}:{open}{value}{close}\n"));
        proptest::collection::vec(line, 1..4).prop_map(|lines| lines.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn what_is_read_here_is_what_gray_matter_reads(yaml in head()) {
            if let Some(values) = mapping(&yaml) {
                prop_assert_eq!(Some(values), by_gray_matter(&yaml), "{:?}", yaml);
            }
        }
    }
}
