//! The text of a guessed `canon.toml`: each value with the reason for it in a comment. Decides nothing.

use super::fields::{GuessedField, READ_BY_CANON};
use crate::check::report::visible;
use crate::config::schema::{Kind, Section};
use std::fmt::Write;

/// A line `key = value  # comment`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) key: String,
    /// The value in TOML.
    pub(super) value: String,
    /// The reason. Empty: the value needs none.
    pub(super) comment: String,
}

impl Setting {
    /// A setting with a value in TOML.
    pub(super) fn new(key: impl Into<String>, value: impl Into<String>, comment: impl Into<String>) -> Setting {
        Setting { key: key.into(), value: value.into(), comment: comment.into() }
    }
}

/// A guessed schema.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct GuessedSchema {
    /// Whether the built-in schema stays.
    pub(super) extends: bool,
    /// The reason, as a comment.
    pub(super) comment: String,
    pub(super) fields: Vec<GuessedField>,
    /// The names of fields that are used too rarely to be known.
    pub(super) rare: Vec<String>,
    /// The headings that name a section.
    pub(super) headings: Vec<Setting>,
    /// The sections that all notes need.
    pub(super) sections: Vec<Section>,
    /// The sections by type of note.
    pub(super) sections_by_type: Vec<(String, Vec<Section>)>,
}

/// The parts of a `canon.toml`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Settings {
    pub(super) heading: String,
    pub(super) top: Vec<Setting>,
    pub(super) markdown: Vec<Setting>,
    pub(super) check: Vec<Setting>,
    pub(super) rules: Vec<Setting>,
    pub(super) schema: Option<GuessedSchema>,
}

impl Settings {
    /// The text of the file.
    pub(super) fn text(&self) -> String {
        let mut out = format!("# {}\n# `canon config` prints all settings with their defaults.\n\n", self.heading);
        lines(&mut out, &self.top);
        for (table, settings) in [("markdown", &self.markdown), ("check", &self.check), ("check.rules", &self.rules)] {
            if !settings.is_empty() {
                let _ = write!(out, "\n[{table}]\n");
                lines(&mut out, settings);
            }
        }
        if let Some(schema) = &self.schema {
            schema.write(&mut out);
        }
        out
    }
}

fn lines(out: &mut String, settings: &[Setting]) {
    let with_comment = settings.iter().filter(|setting| !setting.comment.is_empty());
    let width = with_comment.map(|s| s.key.chars().count() + s.value.chars().count() + 3).max().unwrap_or(0);
    for Setting { key, value, comment } in settings {
        let (line, comment) = (format!("{key} = {value}"), visible(comment));
        let _ = match &*comment {
            "" => writeln!(out, "{line}"),
            // A long list would push the comments of all lines to the right.
            _ if width > 80 => writeln!(out, "# {comment}\n{line}"),
            _ => writeln!(out, "{line:width$}  # {comment}"),
        };
    }
}

impl GuessedSchema {
    fn write(&self, out: &mut String) {
        let _ = write!(out, "\n# {}\n[schema]\nextend = {}\n", visible(&self.comment), self.extends);
        let fields: Vec<Setting> = self.fields.iter().map(field).collect();
        if !fields.is_empty() || !self.extends {
            out.push_str(
                "\n# A field that at least 95 % of the notes have is required; one that at least 1 % have is known.\n",
            );
            out.push_str("[schema.fields]\n");
            lines(out, &fields);
        }
        if !self.rare.is_empty() {
            let _ = writeln!(out, "# In less than 1 % of the notes: {}", visible(&self.rare.join(", ")));
        }
        if !self.extends {
            let is_new = |(name, _): &&(&str, Kind)| !self.fields.iter().any(|field| field.name == **name);
            let own: Vec<Setting> = READ_BY_CANON
                .iter()
                .filter(is_new)
                .map(|(name, kind)| Setting::new(*name, kind_of(*kind, ""), ""))
                .collect();
            if !own.is_empty() {
                out.push_str("# No note has these yet; Canon has a use for them.\n");
                lines(out, &own);
            }
        }
        let synonyms = self
            .fields
            .iter()
            .flat_map(|f| f.synonyms.iter().map(|synonym| Setting::new(key(synonym), text(&f.name), "")));
        table(out, "schema.synonyms", &synonyms.collect::<Vec<_>>());
        table(out, "schema.sections", &self.headings);
        for (name, sections) in &self.sections_by_type {
            let _ =
                write!(out, "\n[schema.types.{}]\nsections = {}\n", key(name), list(sections.iter().map(|s| s.key())));
        }
        if !self.sections.is_empty() {
            let sections = list(self.sections.iter().map(|s| s.key()));
            let _ = write!(out, "\n[[schema.folders]]\nglob = \"**\"\nsections = {sections}\n");
        }
    }
}

fn table(out: &mut String, name: &str, settings: &[Setting]) {
    if !settings.is_empty() {
        let _ = write!(out, "\n[{name}]\n");
        lines(out, settings);
    }
}

fn field(field: &GuessedField) -> Setting {
    let mut more = String::new();
    if field.is_required() {
        more.push_str(", required = true");
    }
    if field.kind == Kind::Enum {
        more.push_str(&format!(", values = {}", list(&field.values)));
    }
    if field.is_kebab {
        more.push_str(", pattern = \"kebab-case\"");
    }
    Setting::new(key(&field.name), kind_of(field.kind, &more), format!("in {}", field.share))
}

fn kind_of(kind: Kind, more: &str) -> String {
    format!("{{ kind = \"{}\"{more} }}", kind_name(kind))
}

/// The name of a kind in the configuration.
pub(super) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Number => "number",
        Kind::Integer => "integer",
        Kind::Boolean => "boolean",
        Kind::Date => "date",
        Kind::Enum => "enum",
        Kind::List => "list",
        Kind::Link => "link",
        Kind::Any => "any",
    }
}

/// A text as a TOML string on one line. The `toml` crate may write several lines, which no key can have.
pub(super) fn text(text: &str) -> String {
    // A JSON string is a TOML string, except that TOML also escapes U+007F (<https://toml.io/en/v1.0.0#string>).
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}

/// Texts as a TOML list.
pub(super) fn list(texts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|item| text(item.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// A key in TOML, in quotes if it needs them.
pub(super) fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if is_bare { name.to_string() } else { text(name) }
}

#[cfg(test)]
mod tests {
    use super::super::fields::{self, Head};
    use super::*;
    use crate::config::Config;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<i8>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
            prop::sample::select(vec!["a\"b", "\u{1}\\", "2024-01-02", "x\ny"]).prop_map(Value::from),
            prop::collection::vec(".{0,3}", 0..3).prop_map(Value::from),
            Just(json!({"a": [1]})),
        ]
    }

    proptest! {
        #[test]
        fn the_text_of_any_guess_is_a_configuration(
            heads in prop::collection::vec(prop::collection::btree_map(".{0,4}|date|tag|type|title", value(), 0..4), 1..12),
            comment in ".{0,8}",
        ) {
            let (fields, rare) = fields::fields(&heads.into_iter().collect::<Vec<Head>>());
            let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
            let by_type = vec![(comment.clone(), vec![Section::Tldr])];
            let schema = GuessedSchema { comment: comment.clone(), fields, rare, sections_by_type: by_type, ..GuessedSchema::default() };
            let top = vec![Setting::new("content", text(&comment), comment)];
            let text = Settings { top, schema: Some(schema), ..Settings::default() }.text();
            let config = Config::parse(&text).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
            let schema = config.schema.resolve();
            for name in names {
                prop_assert!(schema.field(&name).is_some(), "{name}\n{text}");
            }
        }
    }
}
