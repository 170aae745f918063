//! Heads in TOML, as the same values that YAML gives, and where their keys and values are.

use super::places::{Item, Place};
use super::{Broken, MAX_DEPTH};
use crate::text::source::Span;
use gray_matter::Pod;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The values of a TOML head; spans of an error are relative to the slice.
pub(super) fn mapping(toml: &str) -> Result<BTreeMap<String, Pod>, Broken> {
    let table = DeTable::parse(toml).map_err(|error| {
        let span = error.span().unwrap_or_default();
        Broken {
            span: Span::new(span.start.min(toml.len()), span.end.min(toml.len())),
            message: format!("the frontmatter is not valid TOML: {}", error.message()),
            help: "write `key = value` lines; texts and dates of other forms are quoted".into(),
        }
    })?;
    let values: BTreeMap<String, Pod> =
        table.get_ref().iter().map(|(key, value)| (key.get_ref().to_string(), pod(value.get_ref()))).collect();
    if values.values().any(|value| depth(value) >= MAX_DEPTH) {
        let span = Span::new(0, toml.find('\n').unwrap_or(toml.len()));
        let message = "the frontmatter is nested too deep".into();
        return Err(Broken { span, message, help: "keep fields flat".into() });
    }
    Ok(values)
}

/// The parser itself refuses more than 80 levels, so that the recursion here is bounded.
fn pod(value: &DeValue<'_>) -> Pod {
    match value {
        DeValue::String(text) => Pod::String(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Pod::Integer(number),
            Err(_) => Pod::String(number.as_str().to_string()),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => Pod::Float(number),
            Err(_) => Pod::String(number.as_str().to_string()),
        },
        DeValue::Boolean(truth) => Pod::Boolean(*truth),
        DeValue::Datetime(time) => Pod::String(time.to_string()),
        DeValue::Array(items) => Pod::Array(items.iter().map(|item| pod(item.get_ref())).collect()),
        DeValue::Table(table) => {
            Pod::Hash(table.iter().map(|(key, value)| (key.get_ref().to_string(), pod(value.get_ref()))).collect())
        }
    }
}

fn depth(value: &Pod) -> usize {
    match value {
        Pod::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Pod::Hash(values) => 1 + values.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// The places of the top-level keys of `toml`, offset by `base`; empty where the TOML does not parse.
pub(super) fn places(toml: &str, base: u32) -> Vec<Place> {
    let Ok(table) = DeTable::parse(toml) else { return Vec::new() };
    let shifted = |span: std::ops::Range<usize>| Span::new(span.start + base as usize, span.end + base as usize);
    let item = |item: &Spanned<DeValue<'_>>| Item {
        span: shifted(item.span()),
        text: item.get_ref().as_str().unwrap_or_default().to_string(),
    };
    let mut found = Vec::new();
    for (key, value) in table.get_ref().iter() {
        let items = value.get_ref().as_array();
        found.push(Place {
            key: key.get_ref().to_string(),
            key_span: shifted(key.span()),
            value: shifted(value.span()),
            items: items.map(|items| items.iter().map(item).collect()).unwrap_or_default(),
        });
    }
    found.sort_by_key(|place| place.key_span);
    found
}
