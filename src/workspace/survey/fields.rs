//! The fields that the notes of a base use: how often, with which values. Guesses a schema from them. Knows values, but no
//! file.

use super::{Share, is_known, is_required};
use crate::config::schema::Kind;
use crate::note::frontmatter::is_date;
use crate::text::slug::is_kebab;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The frontmatter of a note: values by key as written.
pub(super) type Head = BTreeMap<String, Value>;

/// Keys with a meaning here, by the field that they name. Compared without letter case, `-`, `_` and spaces.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("aliases", &["alias"]),
    (
        "created_at",
        &["created", "date", "datecreated", "createddate", "creationdate", "createdon", "pubdate", "publishdate"],
    ),
    ("redirect_from", &["redirectfrom", "redirects"]),
    ("tags", &["tag", "keywords", "categories"]),
    ("title", &[]),
    (
        "updated_at",
        &[
            "updated",
            "lastmod",
            "modified",
            "lastmodified",
            "modifiedat",
            "datemodified",
            "dateupdated",
            "lastupdated",
            "lastupdate",
            "updatedon",
        ],
    ),
];

/// Fields with a meaning here that a note may have although no note has it yet.
pub(super) const READ_BY_CANON: &[(&str, Kind)] = &[
    ("aliases", Kind::List),
    ("canon_ignore", Kind::List),
    ("canonical", Kind::Boolean),
    ("draft", Kind::Boolean),
    ("redirect_from", Kind::List),
    ("tags", Kind::List),
];

/// Fields with free texts, whose few values in a small base are no list of valid values.
const FREE: &[&str] = &["author", "authors", "creator", "description", "id", "source", "summary", "title", "url"];

/// The largest number of values of an enum, and the smallest average number of notes per value.
const MAX_VALUES: usize = 10;
const NOTES_PER_VALUE: usize = 5;

/// A guessed field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GuessedField {
    /// The name in the schema.
    pub(super) name: String,
    /// The keys of the notes that stand for the field, if not its name.
    pub(super) synonyms: Vec<String>,
    /// The notes with the field, of all with frontmatter.
    pub(super) share: Share,
    pub(super) kind: Kind,
    /// The values of an enum, most frequent first.
    pub(super) values: Vec<String>,
    /// Whether all items of a list are in kebab-case.
    pub(super) is_kebab: bool,
}

impl GuessedField {
    /// Whether a note must have the field.
    pub(super) fn is_required(&self) -> bool {
        is_required(self.share)
    }
}

/// The fields that at least 1 % of the notes use, most used first, and the names of the rest.
pub(super) fn fields(heads: &[Head]) -> (Vec<GuessedField>, Vec<String>) {
    let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
    for key in heads.iter().flat_map(BTreeMap::keys) {
        *keys.entry(key).or_default() += 1;
    }
    let synonyms = synonyms(heads, &keys);
    let name_of = |key: &str| synonyms.get(key).copied().unwrap_or(key).to_string();
    let mut by_name: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for key in keys.keys() {
        by_name.entry(name_of(key)).or_default().push(key);
    }
    let all = by_name.into_iter().map(|(name, keys)| field(heads, name, &keys));
    let (mut known, rare): (Vec<_>, Vec<_>) = all.partition(|field| is_known(field.share));
    known.sort_by(|a, b| (b.share.count, &a.name).cmp(&(a.share.count, &b.name)));
    (known, rare.into_iter().map(|field| field.name).collect())
}

fn field(heads: &[Head], name: String, keys: &[&str]) -> GuessedField {
    let count = heads.iter().filter(|head| keys.iter().any(|key| head.contains_key(*key))).count();
    let values: Vec<&Value> = keys.iter().flat_map(|key| heads.iter().filter_map(|head| head.get(*key))).collect();
    let kind = kind(&name, &values);
    GuessedField {
        share: Share { count, of: heads.len() },
        values: if kind == Kind::Enum { frequent(&values) } else { Vec::new() },
        is_kebab: kind == Kind::List && values.iter().all(|value| items(value).all(is_kebab)),
        synonyms: keys.iter().filter(|key| **key != name).map(|key| key.to_string()).collect(),
        kind,
        name,
    }
}

/// The field of each key that is not the name of a field itself. Keys of the same field that appear together in a note
/// mean different things, so only the most used of them is a synonym.
fn synonyms<'a>(heads: &[Head], keys: &BTreeMap<&'a str, usize>) -> BTreeMap<&'a str, &'static str> {
    let mut found = BTreeMap::new();
    for (field, names) in SYNONYMS {
        let stands_for = |key: &str| {
            let folded = folded(key);
            key != *field && (folded == self::folded(field) || names.contains(&folded.as_str()))
        };
        let mut candidates: Vec<(&'a str, usize)> =
            keys.iter().filter(|(key, _)| stands_for(key)).map(|(key, count)| (*key, *count)).collect();
        candidates.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        let mut taken: Vec<&str> = keys.contains_key(field).then_some(*field).into_iter().collect();
        for (key, _) in candidates {
            let is_list = *field == "tags" || *field == "aliases";
            let is_apart =
                heads.iter().all(|h| !(h.contains_key(key) && taken.iter().any(|other| h.contains_key(*other))));
            if (is_list || is_apart) && fits(heads, key, field) {
                taken.push(key);
                found.insert(key, *field);
            }
        }
    }
    // The aliases of Hugo and Zola are addresses, not names.
    let addresses = || heads.iter().filter_map(|head| head.get("aliases")).flat_map(items);
    let with_slash = addresses().filter(|alias| alias.contains('/')).count();
    if let Some((key, _)) = keys.get_key_value("aliases")
        && with_slash * 2 > addresses().count()
        && !keys.contains_key("redirect_from")
    {
        found.insert(key, "redirect_from");
    }
    found
}

/// Whether the values of a key are of the kind of the field.
fn fits(heads: &[Head], key: &str, field: &str) -> bool {
    let values: Vec<&Value> = heads.iter().filter_map(|head| head.get(key)).collect();
    match field {
        "created_at" | "updated_at" => nearly_all(&values, |value| value.as_str().is_some_and(is_date)),
        "title" => nearly_all(&values, Value::is_string),
        _ => nearly_all(&values, is_list_of_texts),
    }
}

fn folded(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Whether at least 95 % of the values pass a test.
fn nearly_all(values: &[&Value], test: impl Fn(&Value) -> bool) -> bool {
    let count = values.iter().filter(|value| test(value)).count();
    is_required(Share { count, of: values.len() })
}

/// The texts of a list, or the text alone.
fn items(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or(std::slice::from_ref(value));
    list.iter().filter_map(Value::as_str)
}

/// Whether a value is valid for a field of kind `list`. Such a field may be empty.
fn is_list_of_texts(value: &Value) -> bool {
    match value {
        Value::Null | Value::String(_) => true,
        Value::Array(items) => {
            let texts: BTreeSet<String> = items.iter().filter_map(Value::as_str).map(crate::text::slug::slug).collect();
            items.iter().all(|item| item.is_string() || item.is_null()) && texts.len() == items.len()
        }
        _ => false,
    }
}

/// The kind of field that at least 95 % of the values are valid for.
fn kind(name: &str, values: &[&Value]) -> Kind {
    let is_text = |value: &Value| match value {
        Value::String(text) => !text.trim().is_empty(),
        // The frontmatter reader takes such values as written.
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    };
    if READ_BY_CANON.contains(&(name, Kind::List)) {
        return if nearly_all(values, is_list_of_texts) { Kind::List } else { Kind::Any };
    }
    let whole = |value: &Value| value.is_i64() || value.is_u64();
    if nearly_all(values, Value::is_boolean) {
        Kind::Boolean
    } else if nearly_all(values, whole) {
        Kind::Integer
    } else if nearly_all(values, Value::is_number) {
        Kind::Number
    } else if nearly_all(values, |value| value.as_str().is_some_and(is_date)) {
        Kind::Date
    } else if values.iter().any(|value| value.is_array()) && nearly_all(values, is_list_of_texts) {
        Kind::List
    } else if nearly_all(values, is_text) {
        if is_enum(name, values) { Kind::Enum } else { Kind::Text }
    } else {
        Kind::Any
    }
}

/// Whether the texts are a few values that repeat.
fn is_enum(name: &str, values: &[&Value]) -> bool {
    let frequent = frequent(values);
    let is_frequent = |value: &Value| value.as_str().is_some_and(|text| frequent.iter().any(|known| known == text));
    !FREE.contains(&folded(name).as_str())
        && frequent.len() > 1
        && frequent.len() <= MAX_VALUES
        && values.len() >= NOTES_PER_VALUE * frequent.len()
        && frequent.iter().all(|text| text.chars().count() <= 40 && !text.contains('\n'))
        && nearly_all(values, is_frequent)
}

/// The texts that at least two notes and 1 % of all notes with the field use, most frequent first.
fn frequent(values: &[&Value]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in values.iter().filter_map(|value| value.as_str()) {
        *counts.entry(text).or_default() += 1;
    }
    counts.retain(|_, count| *count >= 2 && *count * 100 >= values.len());
    let mut texts: Vec<(&str, usize)> = counts.into_iter().collect();
    texts.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    texts.into_iter().map(|(text, _)| text.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The guesses for heads of one key, as `name: kind values`.
    fn guessed(key: &str, values: &[Value]) -> String {
        let heads: Vec<Head> = values.iter().map(|value| Head::from([(key.to_string(), value.clone())])).collect();
        let (fields, _) = fields(&heads);
        let names = fields.iter().map(|field| format!("{}: {:?} {}", field.name, field.kind, field.values.join(" ")));
        names.collect::<Vec<_>>().join(", ").trim_end().to_string()
    }

    #[test]
    fn kinds_are_those_of_nearly_all_values() {
        let many = |common: Value, rare: Value| [vec![common; 19], vec![rare]].concat();
        for (key, values, want) in [
            ("pages", many(json!(12), json!("many")), "pages: Integer"),
            ("pages", many(json!(12), json!(1.5)), "pages: Integer"),
            ("weight", vec![json!(1.5), json!(2)], "weight: Number"),
            ("toc", many(json!(true), Value::Null), "toc: Boolean"),
            ("due", many(json!("2024-01-02"), json!("soon")), "due: Date"),
            ("due", vec![json!("2024-01-02"), json!("soon")], "due: Text"),
            ("who", many(json!(["ann", "bo"]), json!("ann")), "who: List"),
            ("who", many(json!(["ann", "ann"]), json!("ann")), "who: Any"),
            ("extra", vec![json!({"a": 1})], "extra: Any"),
            ("note", vec![json!("a"), Value::Null], "note: Any"),
        ] {
            assert_eq!(guessed(key, &values), want, "{key} {values:?}");
        }
    }

    #[test]
    fn texts_that_repeat_are_an_enum() {
        let cycle = |texts: &[&str], n: usize| (0..n).map(|i| json!(texts[i % texts.len()])).collect::<Vec<_>>();
        assert_eq!(guessed("stage", &cycle(&["bud", "tree"], 12)), "stage: Enum bud tree");
        assert_eq!(
            guessed("stage", &[cycle(&["bud", "tree"], 40), vec![json!("teee")]].concat()),
            "stage: Enum bud tree"
        );
        for values in [cycle(&["bud", "tree"], 8), cycle(&["post"], 40), cycle(&[&"x".repeat(41), "y"], 40)] {
            assert_eq!(guessed("stage", &values), "stage: Text", "{values:?}");
        }
        assert_eq!(guessed("Author", &cycle(&["ann", "bo"], 40)), "Author: Text");
    }

    #[test]
    fn synonyms_need_values_of_the_kind_and_notes_of_their_own() {
        let date = || json!("2024-01-02");
        assert_eq!(guessed("date", &[date(), date()]), "created_at: Date");
        assert_eq!(guessed("Last Modified", &[date()]), "updated_at: Date");
        assert_eq!(guessed("date", &[json!("spring"), date()]), "date: Text");
        assert_eq!(guessed("tag", &[json!("a, b"), json!(["c"])]), "tags: List");
        assert_eq!(guessed("aliases", &[json!(["/old/a/"]), json!(["/old/b/"])]), "redirect_from: List");
        assert_eq!(guessed("aliases", &[json!(["Other name"])]), "aliases: List");
        let both = Head::from([("date".to_string(), date()), ("created".to_string(), date())]);
        let names: Vec<String> = fields(&[both]).0.into_iter().map(|field| field.name).collect();
        assert_eq!(names, ["created_at", "date"], "a note with both dates has two fields");
    }
}
