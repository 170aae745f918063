//! Many short texts in few pieces of memory. A base has tens of thousands of paths and names: a piece of memory for each takes
//! longer to make, and leaves gaps wherever the tables of one site follow those of another.

use hashbrown::hash_table::{Entry, HashTable};
use rustc_hash::FxBuildHasher;
use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::{Index, Range};

/// Texts by number, from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PackedStrings {
    all: String,
    ends: Vec<usize>,
}

impl PackedStrings {
    /// Adds a text behind the others.
    pub(crate) fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All of them in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|i| &self[i])
    }

    /// The number of a text, where all stand in ascending order.
    pub(crate) fn binary_search(&self, text: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self[middle].cmp(text) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

impl Index<usize> for PackedStrings {
    type Output = str;

    fn index(&self, i: usize) -> &str {
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[start..self.ends[i]]
    }
}

impl<T: AsRef<str>> FromIterator<T> for PackedStrings {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> PackedStrings {
        let mut all = PackedStrings::default();
        texts.into_iter().for_each(|text| all.push(text.as_ref()));
        all
    }
}

impl serde::Serialize for PackedStrings {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

/// Values by text, in ascending order of the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SortedStringMap<V> {
    keys: PackedStrings,
    values: Vec<V>,
}

impl<V> SortedStringMap<V> {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.keys.binary_search(key).map(|i| &self.values[i])
    }

    /// All keys in order.
    #[cfg(test)]
    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.keys.iter()
    }

    /// All values in the order of their keys.
    pub(crate) fn values(&self) -> &[V] {
        &self.values
    }

    /// All of both.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &V)> {
        self.keys.iter().zip(&self.values)
    }
}

impl<'a, V> FromIterator<(Cow<'a, str>, V)> for SortedStringMap<V> {
    /// Of several values with one key the last counts.
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, V)>>(pairs: I) -> SortedStringMap<V> {
        let mut pairs: Vec<(Cow<'a, str>, V)> = pairs.into_iter().collect();
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        pairs.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                std::mem::swap(later, kept);
            }
            is_same
        });
        // Values alone take less room than with their keys, which a vector that is made of the other would keep.
        let mut values = Vec::with_capacity(pairs.len());
        let keys = pairs.iter().map(|(key, _)| key).collect();
        values.extend(pairs.into_iter().map(|(_, value)| value));
        SortedStringMap { keys, values }
    }
}

/// Values by text, in no order. The text of a key that is removed takes its place until the map is dropped.
#[derive(Debug, Clone)]
pub(crate) struct StringMap<V> {
    keys: String,
    table: HashTable<(Range<usize>, V)>,
}

impl<V> Default for StringMap<V> {
    fn default() -> StringMap<V> {
        StringMap { keys: String::new(), table: HashTable::new() }
    }
}

impl<V> StringMap<V> {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.table.find(hash(key), |(own, _)| self.keys[own.clone()] == *key).map(|(_, value)| value)
    }

    /// Whether there is such a key.
    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value of a key; one that was not there gets a new value.
    pub(crate) fn or_insert_with(&mut self, key: &str, value: impl FnOnce() -> V) -> &mut V {
        match self.entry(key) {
            (Entry::Occupied(place), _) => &mut place.into_mut().1,
            (Entry::Vacant(place), keys) => &mut place.insert((kept(keys, key), value())).into_mut().1,
        }
    }

    /// Gives a key a value, whether it had one or not.
    pub(crate) fn insert(&mut self, key: &str, value: V) {
        match self.entry(key) {
            (Entry::Occupied(mut place), _) => place.get_mut().1 = value,
            (Entry::Vacant(place), keys) => drop(place.insert((kept(keys, key), value))),
        }
    }

    /// The place of a key, and where the keys are kept.
    fn entry(&mut self, key: &str) -> (Entry<'_, (Range<usize>, V)>, &mut String) {
        let StringMap { keys, table } = self;
        let is_key = |(own, _): &(Range<usize>, V)| keys[own.clone()] == *key;
        (table.entry(hash(key), is_key, |(own, _)| hash(&keys[own.clone()])), keys)
    }

    /// All values, in no order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.table.iter().map(|(_, value)| value)
    }

    /// Takes a key out.
    pub(crate) fn remove(&mut self, key: &str) -> Option<V> {
        let found = self.table.find_entry(hash(key), |(own, _)| self.keys[own.clone()] == *key);
        found.ok().map(|entry| entry.remove().0.1)
    }
}

impl<V: Default> StringMap<V> {
    /// The value of a key; one that was not there gets the usual value.
    pub(crate) fn or_default(&mut self, key: &str) -> &mut V {
        self.or_insert_with(key, V::default)
    }
}

/// Where a new key stands among the others.
fn kept(keys: &mut String, key: &str) -> Range<usize> {
    let start = keys.len();
    keys.push_str(key);
    start..keys.len()
}

fn hash(key: &str) -> u64 {
    FxBuildHasher.hash_one(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, HashMap};

    proptest! {
        #[test]
        fn texts_are_what_was_put_in(texts in proptest::collection::vec("[aé日]{0,3}", 0..20)) {
            let all: PackedStrings = texts.iter().collect();
            prop_assert_eq!(all.iter().collect::<Vec<_>>(), texts.iter().collect::<Vec<_>>());
            prop_assert_eq!((all.len(), all.is_empty()), (texts.len(), texts.is_empty()));
        }

        #[test]
        fn a_table_is_as_a_sorted_map(pairs in proptest::collection::vec(("[aé日]{0,2}", any::<u8>()), 0..20), wanted in "[aé日]{0,2}") {
            let own: SortedStringMap<u8> = pairs.iter().map(|(key, value)| (Cow::from(key), *value)).collect();
            let standard: BTreeMap<&str, u8> = pairs.iter().map(|(key, value)| (key.as_str(), *value)).collect();
            prop_assert!(own.iter().eq(standard.iter().map(|(key, value)| (*key, value))));
            prop_assert!(own.keys().eq(standard.keys().copied()) && own.values().iter().eq(standard.values()));
            prop_assert_eq!(own.get(&wanted), standard.get(wanted.as_str()));
        }

        #[test]
        fn a_map_does_what_the_standard_one_does(steps in proptest::collection::vec((0..4u8, "[aé]{0,2}", any::<u8>()), 0..60)) {
            let (mut own, mut standard): (StringMap<u8>, HashMap<String, u8>) = (StringMap::default(), HashMap::new());
            for (step, key, value) in steps {
                match step {
                    0 => {
                        own.insert(&key, value);
                        standard.insert(key.clone(), value);
                    }
                    1 => prop_assert_eq!(own.remove(&key), standard.remove(&key)),
                    2 => prop_assert_eq!(*own.or_insert_with(&key, || value), *standard.entry(key.clone()).or_insert(value)),
                    _ => prop_assert_eq!(*own.or_default(&key), *standard.entry(key.clone()).or_default()),
                }
                prop_assert_eq!(own.get(&key), standard.get(&key));
                prop_assert_eq!(own.contains_key(&key), standard.contains_key(&key));
            }
        }
    }
}
