//! A table of `canon.toml` that preserves the order of its keys. Knows TOML, but no specific key.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// The entries of a table, in their declared order. Two tables with the same entries in a different order are not
/// equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared<V>(Vec<(String, V)>);

impl<V> Default for Declared<V> {
    fn default() -> Declared<V> {
        Declared(Vec::new())
    }
}

impl<V> Declared<V> {
    /// The entries, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Sorts the entries by the position of their keys in the table at `path` of `text`, because the `toml` crate reads
    /// tables in alphabetical order.
    pub(super) fn sort_as_written(&mut self, text: &str, path: &[&str]) {
        if self.0.len() > 1
            && let Some(offsets) = key_offsets(text, path)
        {
            self.0.sort_by_key(|(key, _)| offsets.get(key).copied());
        }
    }
}

/// The byte offset of each key of the table at `path`. `None` if `text` has no such table.
fn key_offsets(text: &str, path: &[&str]) -> Option<BTreeMap<String, usize>> {
    let root = DeTable::parse(text).ok()?;
    let mut table = root.get_ref();
    for step in path {
        let (_, value) = table.iter().find(|(key, _)| key.get_ref() == step)?;
        let DeValue::Table(inner) = value.get_ref() else { return None };
        table = inner;
    }
    Some(table.iter().map(|(key, _)| (key.get_ref().to_string(), key.span().start)).collect())
}

impl<V: Serialize> Serialize for Declared<V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Declared<V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Declared<V>, D::Error> {
        let entries: BTreeMap<String, V> = BTreeMap::deserialize(from)?;
        Ok(Declared(entries.into_iter().collect()))
    }
}
