//! The `key:: value` lines at the start of a text: page properties of Logseq, inline fields of Dataview.

use super::fence::property;
use super::places::Place;
use crate::config::schema::{Kind, Schema};
use crate::text::source::Span;
use gray_matter::Pod;
use std::collections::BTreeMap;

/// The values of the lines. If a key is repeated, the first line wins.
pub(super) fn mapping(lines: &str, schema: &Schema) -> BTreeMap<String, Pod> {
    let mut values = BTreeMap::new();
    for (key, value) in lines.lines().filter_map(property) {
        let key = field_name(key);
        let kind = schema.field(&key).map(|field| field.kind);
        values.entry(key).or_insert_with(|| pod(value, kind));
    }
    values
}

/// The field of a key: Logseq has the key `alias` for aliases, and keys in any letter case.
fn field_name(key: &str) -> String {
    match key.to_lowercase().as_str() {
        "alias" => "aliases".into(),
        "tag" => "tags".into(),
        key => key.to_string(),
    }
}

fn pod(value: &str, kind: Option<Kind>) -> Pod {
    match (kind, value) {
        (_, "") => Pod::Null,
        (Some(Kind::List), _) => Pod::Array(value.split(',').map(|item| Pod::String(name(item).into())).collect()),
        (Some(Kind::Text | Kind::Link | Kind::Enum | Kind::Date), _) => Pod::String(name(value).into()),
        (_, "true") => Pod::Boolean(true),
        (_, "false") => Pod::Boolean(false),
        _ => value.parse().map_or_else(|_| Pod::String(value.into()), Pod::Integer),
    }
}

/// The value without the markup of a link, a tag or a quotation around it.
fn name(value: &str) -> &str {
    let value = value.trim();
    let value = value.strip_prefix('#').filter(|rest| !rest.starts_with([' ', '#'])).unwrap_or(value);
    let inner = |open: &str, close: &str| value.strip_prefix(open)?.strip_suffix(close).filter(|v| !v.contains(open));
    inner("[[", "]]").or_else(|| inner("\"", "\"")).unwrap_or(value)
}

/// The positions of the keys and values, shifted by `base`.
pub(super) fn places(lines: &str, base: u32) -> Vec<Place> {
    let mut found = Vec::new();
    let mut at = base as usize;
    for line in lines.split_inclusive('\n') {
        if let Some((key, value)) = property(line) {
            let end = at + line.trim_end().len();
            found.push(Place {
                key: field_name(key),
                key_span: Span::new(at, at + key.len()),
                value: Span::new(end - value.len(), end),
                items: Vec::new(),
            });
        }
        at += line.len();
    }
    found
}
