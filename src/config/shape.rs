//! The shape of a `canon.toml`: its syntax, the names of its keys, and the kinds of their values. Compares the file with the
//! JSON Schema of the configuration, so that no key is described twice, and reports all mistakes in words for writers.
//!
//! # Example
//!
//! `titel = "x"` and `[serve]` with `port = "80"` are two mistakes: an unknown name, and a text where a number belongs. Both
//! entries are removed; the rest is then read as usual, so mistakes in other values are reported in the same run.

use super::error::ConfigError;
use crate::text::slug::nearest;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads the syntax of a file and removes every entry that its schema does not allow. Appends the mistakes to `errors`.
pub(super) fn well_shaped<'a>(text: &'a str, schema: &Value, errors: &mut Vec<ConfigError>) -> Spanned<DeTable<'a>> {
    let (mut table, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        errors.push(ConfigError::new(text, fault.span().unwrap_or(0..0), in_plain_words(fault.message())));
    }
    let unsure = unsure_lines(text, errors);
    let mut checker = Checker { text, root: schema, found: Vec::new() };
    checker.check_table("", table.get_mut(), schema);
    errors.extend(checker.found.into_iter().filter(|error| !unsure.contains(&error.line)));
    table
}

/// The lines that a syntax error makes the parser read as something else: the line of the error and, if that begins a
/// section, all lines of the section.
fn unsure_lines(text: &str, errors: &[ConfigError]) -> BTreeSet<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let begins_section = |line: &&str| line.trim_start().starts_with('[');
    let mut unsure = BTreeSet::new();
    for error in errors {
        unsure.insert(error.line);
        if lines.get(error.line - 1).is_some_and(begins_section) {
            let rest = lines[error.line..].iter().take_while(|line| !begins_section(line)).count();
            unsure.extend(error.line + 1..=error.line + rest);
        }
    }
    unsure
}

/// A message of the `toml` crate for a reader who does not know TOML.
pub(crate) fn in_plain_words(message: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("invalid float", "a text must be in quotes: `\"…\"`"),
        ("invalid integer", "a text must be in quotes: `\"…\"`"),
        ("invalid boolean", "a text must be in quotes: `\"…\"`"),
        ("invalid date", "a text must be in quotes: `\"…\"`"),
        ("invalid value", "a text must be in quotes: `\"…\"`"),
        ("string values must be quoted", "a text must be in quotes: `\"…\"`"),
        ("duplicate key", "this name is set twice; keep one of the two"),
        ("key with no value", "this name has no value; write `name = value`"),
        ("missing value", "the value is missing; a text is written in quotes: `\"…\"`"),
        ("missing assignment", "a `=` is missing between the name and its value"),
        ("extra assignment", "there is one `=` too many; a text with `=` must be in quotes"),
        ("extra `=`", "there is one `=` too many; a text with `=` must be in quotes"),
        ("unexpected `=` in array", "a `=` cannot be in a list; a `]` may be missing before"),
        ("unclosed table", "a `]` is missing after the name of the section"),
        ("unclosed array table", "`]]` is missing after the name of the section"),
        ("unclosed array", "the list has no end; write `]` after its last item"),
        ("unclosed inline table", "a `}` is missing"),
        ("missing comma between array elements", "a comma is missing between two items of the list"),
        ("missing comma", "a comma is missing"),
        ("extra comma", "there is one comma too many"),
        ("invalid unquoted key", "a name with other characters than letters, digits, `-` and `_` must be in quotes"),
        ("unquoted keys cannot be empty", "a name is missing before this"),
        ("invalid basic string", "the text has no closing quote; write `\"` at its end"),
        ("invalid literal string", "the text has no closing quote; write `'` at its end"),
        ("missing escaped value", "after `\\` a letter is expected; write `\\\\` for a backslash"),
        ("unexpected leading zero", "a number cannot begin with 0; put a text in quotes"),
        ("unexpected content", "this cannot be here; put a text in quotes"),
        ("unexpected key or value", "this cannot be here; begin a new line, or put a text in quotes"),
        ("cannot extend value", "this name already has a value, so it cannot be a section as well"),
    ];
    let first = message.lines().next().unwrap_or(message);
    match WORDS.iter().find(|(theirs, _)| first.starts_with(theirs)) {
        Some((_, ours)) => (*ours).to_string(),
        None => format!("this cannot be read: {}", first.split(", expected").next().unwrap_or(first)),
    }
}

struct Checker<'a> {
    text: &'a str,
    /// The schema of the whole file.
    root: &'a Value,
    found: Vec<ConfigError>,
}

impl Checker<'_> {
    fn report(&mut self, range: Range<usize>, message: String) {
        self.found.push(ConfigError::new(self.text, range, message));
    }

    /// Checks the entries of a table and removes those with a mistake. `path` is the name of the table; empty for the file.
    fn check_table(&mut self, path: &str, table: &mut DeTable<'_>, schema: &Value) {
        let (none, properties) = (Map::new(), schema["properties"].as_object());
        let properties = properties.unwrap_or(&none);
        let mut faulty = Vec::new();
        for (key, value) in table.iter_mut() {
            let name = key.get_ref().to_string();
            let own = properties.get(&name).or(schema.get("additionalProperties").filter(|rest| rest.is_object()));
            let is_good = match own {
                Some(own) => self.check_value(&joined(path, &name), value, own),
                None => {
                    self.report(key.span(), self.unknown(path, &name, properties));
                    false
                }
            };
            if !is_good {
                faulty.push(name);
            }
        }
        for name in faulty {
            table.remove(name.as_str());
        }
    }

    /// Checks a value. Returns whether it can be read.
    fn check_value(&mut self, path: &str, value: &mut Spanned<DeValue<'_>>, schema: &Value) -> bool {
        let span = value.span();
        let name = path.rsplit('.').next().unwrap_or(path);
        if let Some(choices) = schema["enum"].as_array() {
            return self.check_choice(name, value, choices);
        }
        match (schema["type"].as_str().unwrap_or_default(), value.get_mut()) {
            ("object", DeValue::Table(table)) => {
                self.check_table(path, table, schema);
                return self.check_required(path, table, schema, span);
            }
            ("array", DeValue::Array(list)) => {
                let before = self.found.len();
                for item in list.iter_mut() {
                    // A text in a list has no name of its own.
                    if schema["items"]["type"] == "string" && !matches!(item.get_ref(), DeValue::String(_)) {
                        self.report(item.span(), format!("`{name}` is a list of texts: put each in quotes"));
                    } else if schema["items"]["type"] == "object" && !matches!(item.get_ref(), DeValue::Table(_)) {
                        self.report(item.span(), list_of_sections(path));
                    } else {
                        self.check_value(path, item, &schema["items"]);
                    }
                }
                // A list without some of its items would mean something else.
                return self.found.len() == before;
            }
            ("string", DeValue::String(_)) | ("boolean", DeValue::Boolean(_)) => return true,
            ("integer", DeValue::Integer(number)) => {
                let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
                let is_above =
                    |key: &str| schema[key].as_i64().zip(number).is_none_or(|(least, number)| number >= least);
                let is_below = schema["maximum"].as_i64().zip(number).is_none_or(|(most, number)| number <= most);
                if number.is_some() && is_above("minimum") && is_below {
                    return true;
                }
            }
            _ => {}
        }
        let written = self.text.get(span.clone()).unwrap_or_default().lines().next().unwrap_or_default();
        self.report(span, wrong_kind(path, name, schema, value.get_ref(), written));
        false
    }

    fn check_choice(&mut self, name: &str, value: &Spanned<DeValue<'_>>, choices: &[Value]) -> bool {
        let choices: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
        let DeValue::String(text) = value.get_ref() else {
            self.report(value.span(), format!("`{name}` must be one of {}, in quotes", listed(&choices)));
            return false;
        };
        if choices.contains(&text.as_ref()) {
            return true;
        }
        let message = match nearest(text, choices.iter().copied()) {
            Some(near) => format!("unknown `{text}`; did you mean `{near}`?"),
            None => format!("unknown `{text}`; valid names are {}", choices.join(", ")),
        };
        self.report(value.span(), message);
        false
    }

    /// Checks that a table has the keys without a default.
    fn check_required(&mut self, path: &str, table: &DeTable<'_>, schema: &Value, span: Range<usize>) -> bool {
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        let missing: Vec<&str> =
            required.iter().filter_map(Value::as_str).filter(|&name| !table.contains_key(name)).collect();
        // A key that was removed because of its value is not missing.
        let is_reported = self.found.iter().any(|error| missing.iter().any(|name| error.message.contains(name)));
        if !missing.is_empty() && !is_reported {
            self.report(span, format!("`{path}` needs {}", listed(&missing)));
        }
        missing.is_empty()
    }

    /// The message for an unknown name, with the place where the name belongs or the most similar name.
    fn unknown(&self, path: &str, name: &str, known: &Map<String, Value>) -> String {
        if let Some(near) = nearest(name, known.keys().map(String::as_str)) {
            return format!("unknown `{name}`; did you mean `{near}`?");
        }
        let sections = self.root["properties"].as_object();
        let mut sections = sections.into_iter().flatten().filter(|(_, own)| own["properties"].is_object());
        if let Some((section, _)) = sections.find(|(_, own)| !own["properties"][name].is_null()) {
            return format!("`{name}` belongs in the section `[{section}]`: write it below that line");
        }
        if !path.is_empty() && !self.root["properties"][name].is_null() {
            return format!("`{name}` belongs at the top of the file, above the first `[section]`");
        }
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        format!("unknown `{name}`; valid names are {}", names.join(", "))
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

/// "`a`, `b` and `c`".
fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// The message for a value that is no list of sections.
fn list_of_sections(path: &str) -> String {
    format!("`{path}` is a list of sections: write `[[{path}]]` on a line, and its settings below")
}

/// The message for a value of the wrong kind, with what to write.
fn wrong_kind(path: &str, name: &str, schema: &Value, value: &DeValue<'_>, written: &str) -> String {
    let is_list = matches!(value, DeValue::Array(_));
    match schema["type"].as_str().unwrap_or_default() {
        "object" => format!("`{path}` is a section: write `[{path}]` on a line, and its settings below"),
        "array" if schema["items"]["type"] == "object" => list_of_sections(path),
        "array" => {
            let item = if written.starts_with(['"', '\'']) { written } else { "\"…\"" };
            format!("`{name}` is a list: write `{name} = [{item}]`")
        }
        "boolean" => format!("`{name}` is `true` or `false`, without quotes"),
        "integer" => {
            let limits = match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
                (Some(least), Some(most)) => format!(" from {least} to {most}"),
                (Some(0), None) => ", 0 or more".to_string(),
                _ => String::new(),
            };
            format!("`{name}` is a whole number{limits}, without quotes")
        }
        _ if is_list => format!("`{name}` is a single text, not a list: write `{name} = \"…\"`"),
        _ => format!("`{name}` is a text: put it in quotes"),
    }
}
