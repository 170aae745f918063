//! Validates YAML values against the fields of the schema. Knows values, but not their positions.

use super::Date;
use crate::config::schema::{Field, Kind};
use crate::text::slug::{is_kebab, nearest};
use gray_matter::Pod;

/// The reason why a value is invalid, and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// The problem, on one line.
    pub message: String,
    /// The remedy.
    pub help: String,
    /// The index of the invalid item in a list. `None` if the whole value is invalid.
    pub item: Option<usize>,
}

fn complain(message: String, help: impl Into<String>) -> Option<FieldError> {
    Some(FieldError { message, help: help.into(), item: None })
}

/// Returns the source text of the value, or of an item of it.
pub(super) type Written<'a> = dyn Fn(Option<usize>) -> Option<&'a str> + 'a;

/// All errors in a value. For a list, one for each invalid item.
pub(crate) fn complaints(field: &Field, value: &Pod, written: &Written<'_>) -> Vec<FieldError> {
    match field.kind {
        Kind::List => items(field, value, written),
        _ => complaint(field, value, written).into_iter().collect(),
    }
}

/// The error in a value that is not a list.
fn complaint(field: &Field, value: &Pod, written: &Written<'_>) -> Option<FieldError> {
    let wrong_kind = |want: &str| {
        let found = exactly(value, written(None));
        complain(format!("{found} where {want} is expected"), format!("write {want}"))
    };
    match field.kind {
        Kind::Text | Kind::Link => match text(value) {
            None => wrong_kind("a text"),
            Some(t) if t.trim().is_empty() => complain("the text is empty".into(), "write a text"),
            Some(t) => pattern(field, t),
        },
        Kind::Enum => match text(value) {
            None => wrong_kind(&format!("one of {}", field.values.join(", "))),
            Some(t) => one_of(field, t),
        },
        Kind::Boolean => match value {
            Pod::Boolean(_) => None,
            _ => wrong_kind("`true` or `false`"),
        },
        Kind::Integer => match integer(value) {
            None => wrong_kind("a whole number"),
            Some(n) => in_range(field, n as f64, &n.to_string()),
        },
        Kind::Number => match value {
            Pod::Integer(n) => in_range(field, *n as f64, &n.to_string()),
            Pod::Float(n) => in_range(field, *n, &n.to_string()),
            _ => wrong_kind("a number"),
        },
        Kind::Date => match date(value) {
            None => complain(format!("{} is not a date", describe(value)), "write it as YYYY-MM-DD"),
            Some(_) => None,
        },
        Kind::List | Kind::Any => None,
    }
}

fn one_of(field: &Field, value: &str) -> Option<FieldError> {
    if field.values.iter().any(|v| v == value) {
        return None;
    }
    let known = field.values.iter().map(String::as_str);
    match nearest(value, known) {
        Some(near) => complain(format!("`{value}` is not a known value"), format!("did you mean `{near}`?")),
        None => {
            complain(format!("`{value}` is not a known value"), format!("write one of {}", field.values.join(", ")))
        }
    }
}

fn in_range(field: &Field, number: f64, shown: &str) -> Option<FieldError> {
    let low = field.min.is_some_and(|min| number < min as f64);
    let high = field.max.is_some_and(|max| number > max as f64);
    if !low && !high {
        return None;
    }
    let range = match (field.min, field.max) {
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        (Some(min), None) => format!("of at least {min}"),
        (_, max) => format!("of at most {}", max.unwrap_or_default()),
    };
    complain(format!("{shown} is out of range"), format!("write a number {range}"))
}

fn items(field: &Field, value: &Pod, written: &Written<'_>) -> Vec<FieldError> {
    let items: &[Pod] = match value {
        Pod::Null => &[],
        Pod::Array(items) => items,
        _ => {
            let message = format!("{} where a list is expected", describe(value));
            return complain(message, "write `[a, b]`").into_iter().collect();
        }
    };
    let count = items.iter().filter(|item| !is_empty(item)).count() as i64;
    if let Some(min) = field.min.filter(|&min| count < min) {
        if let Some(empty) = items.iter().position(is_empty) {
            let help = format!("write a value there; the list needs at least {min}");
            return vec![FieldError { message: "has an empty item".into(), help, item: Some(empty) }];
        }
        return complain("the list is too short".into(), format!("write at least {min}")).into_iter().collect();
    }
    let mut seen: Vec<String> = Vec::new();
    let faulty = items.iter().enumerate().filter(|(_, item)| !is_empty(item)).filter_map(|(i, item)| {
        let found = item_complaint(field, item, &mut seen, || written(Some(i)))?;
        Some(FieldError { item: Some(i), ..found })
    });
    faulty.collect()
}

/// The error in an item of a list, also if it repeats an earlier item.
fn item_complaint<'a>(
    field: &Field,
    value: &Pod,
    seen: &mut Vec<String>,
    written: impl Fn() -> Option<&'a str>,
) -> Option<FieldError> {
    let Some(item) = text(value) else {
        return complain(format!("{} in a list of texts", exactly(value, written())), "quote it, or remove it");
    };
    // Items are equal if their slugs are: `Linear Algebra` and `linear-algebra` form the same URL.
    // Paths differ where their slugs do not: `a/b` and `a-b`.
    let key = if item.contains('/') { item.to_lowercase() } else { crate::text::slug::slug(item) };
    if seen.contains(&key) {
        return complain(format!("`{item}` is in the list twice"), "remove one of the two");
    }
    seen.push(key);
    pattern(field, item)
}

fn pattern(field: &Field, value: &str) -> Option<FieldError> {
    match field.pattern.as_str() {
        "" => None,
        "kebab-case" if is_kebab(value) => None,
        "kebab-case" => {
            complain(format!("`{value}` is not kebab-case"), format!("write `{}`", crate::text::slug::slug(value)))
        }
        // The pattern must match the whole value; the group keeps its alternatives together.
        pattern => match regex::Regex::new(&format!("^(?:{pattern})$")) {
            Ok(regex) if !regex.is_match(value) => {
                complain(format!("`{value}` does not match `{pattern}`"), "write a value that matches the pattern")
            }
            _ => None,
        },
    }
}

/// Whether an item of a list is empty, and thus ignored.
fn is_empty(item: &Pod) -> bool {
    match item {
        Pod::Null => true,
        Pod::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// The list for a field with a single text: the text as its only item, or split at commas.
pub(super) fn as_list(text: &str, split: bool) -> Pod {
    let item = |item: &str| Pod::String(item.trim().to_string());
    Pod::Array(if split { text.split(',').map(item).collect() } else { vec![item(text)] })
}

fn describe(value: &Pod) -> String {
    match value {
        Pod::Null => "nothing".into(),
        Pod::String(s) => format!("`{s}`"),
        Pod::Integer(n) => format!("`{n}`"),
        Pod::Float(n) => format!("`{n}`"),
        Pod::Boolean(b) => format!("`{b}`"),
        Pod::Array(_) => "a list".into(),
        Pod::Hash(_) => "a mapping".into(),
    }
}

/// The value as written, with its type if that is easily mistaken.
fn exactly(value: &Pod, written: Option<&str>) -> String {
    let shown = written.filter(|text| !text.contains('\n')).map(|text| format!("`{text}`"));
    let shown = shown.unwrap_or_else(|| describe(value));
    match value {
        Pod::String(_) => format!("the text {shown}"),
        Pod::Float(_) => format!("the decimal {shown}"),
        Pod::Integer(_) | Pod::Boolean(_) => shown,
        _ => describe(value),
    }
}

pub(super) fn text(value: &Pod) -> Option<&str> {
    match value {
        Pod::String(s) => Some(s),
        _ => None,
    }
}

pub(super) fn integer(value: &Pod) -> Option<i64> {
    match value {
        Pod::Integer(n) => Some(*n),
        _ => None,
    }
}

pub(super) fn list(value: &Pod) -> Vec<String> {
    match value {
        Pod::Array(items) => {
            items.iter().filter_map(text).filter(|t| !t.trim().is_empty()).map(str::to_string).collect()
        }
        _ => Vec::new(),
    }
}

/// The terms of the `[taxonomies]` of Zola that are tags here: those of `tags` and `categories`, in this order.
pub(super) fn terms(value: &Pod) -> Vec<String> {
    let Pod::Hash(table) = value else { return Vec::new() };
    TAG_TAXONOMIES.iter().filter_map(|name| table.get(*name)).flat_map(list).collect()
}

/// The taxonomies whose terms are tags.
const TAG_TAXONOMIES: &[&str] = &["tags", "categories"];

/// Whether a value is a table with lists of tags and nothing else.
pub(super) fn is_tag_table(value: &Pod) -> bool {
    let is_tags =
        |(name, terms): (&String, &Pod)| TAG_TAXONOMIES.contains(&name.as_str()) && matches!(terms, Pod::Array(_));
    matches!(value, Pod::Hash(table) if table.iter().all(is_tags))
}

/// The date in a text `YYYY-MM-DD`. A time after it is ignored. `None` for any different value.
pub(super) fn date(value: &Pod) -> Option<Date> {
    let text = text(value)?;
    let (day, rest) = text.split_at_checked(10)?;
    (is_day(day) && (rest.is_empty() || is_time(rest))).then(|| day.parse().ok()).flatten()
}

/// Whether a text is a date, with or without a time.
pub(crate) fn is_date(text: &str) -> bool {
    date(&Pod::String(text.to_string())).is_some()
}

/// Whether a text has the form `YYYY-MM-DD`.
pub(super) fn is_day(text: &str) -> bool {
    let is_in_form = |(i, b): (usize, u8)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(is_in_form)
}

/// Whether a text has the form of the time after a date: `T10:00:00Z`, ` 21:30`, `T23:30:00.5-05:00`, ` 08:00 +0200`.
pub(super) fn is_time(text: &str) -> bool {
    let Some(clock) = text.strip_prefix(['T', 't']).or_else(|| text.strip_prefix(' ').map(str::trim_start)) else {
        return false;
    };
    let end = clock.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.')).unwrap_or(clock.len());
    let (clock, zone) = (&clock[..end], clock[end..].trim_start());
    // Seconds can be 60 in a leap second; minutes share that limit.
    let two = |part: &str, limit: u8| part.len() == 2 && part.parse().is_ok_and(|n: u8| n < limit);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let is_clock = matches!(parts.len(), 2 | 3) && two(parts[0], 24) && parts[1..].iter().all(|part| two(part, 61));
    let is_zone = match zone.strip_prefix(['+', '-']) {
        Some(offset) => {
            let digits: String = offset.chars().filter(|&c| c != ':').collect();
            matches!(digits.len(), 2 | 4) && digits.bytes().all(|b| b.is_ascii_digit())
        }
        None => matches!(zone, "" | "Z" | "z"),
    };
    is_clock && is_zone && !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit())
}

pub(super) fn json(value: &Pod) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Pod::Null => Value::Null,
        Pod::String(s) => Value::String(s.clone()),
        Pod::Integer(n) => Value::from(*n),
        Pod::Float(n) => Value::from(*n),
        Pod::Boolean(b) => Value::Bool(*b),
        Pod::Array(items) => Value::Array(items.iter().map(json).collect()),
        Pod::Hash(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), json(v))).collect()),
    }
}
