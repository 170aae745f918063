//! Collections of short strings in one allocation each. A base has tens of thousands of paths and names: one allocation
//! per string takes longer, and fragments the heap wherever the preview replaces the tables of one site by those of the
//! next.

use super::ids::{Id, IndexVec, id};
use hashbrown::hash_table::{Entry, HashTable};
use rustc_hash::FxBuildHasher;
use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::{Index, Range};

id! {
    /// The place of a string in a [`PackedStrings`] whose strings have no id type of their own.
    pub(crate) struct StringId;
}

/// A list of strings in one buffer, indexed by ids of type `I`.
pub(crate) struct PackedStrings<I = StringId> {
    /// The concatenation of all strings.
    all: String,
    /// The end offset of each string in `all`.
    ends: IndexVec<I, usize>,
}

impl<I: Id> PackedStrings<I> {
    /// Appends a string and returns its id.
    pub(crate) fn push(&mut self, text: &str) -> I {
        self.all.push_str(text);
        self.ends.push(self.all.len())
    }

    /// The number of strings.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the list is empty.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All strings in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.ends.ids().iter().map(|id| &self[id])
    }

    /// The id of `text` in a list in ascending order. `None` if it is absent.
    pub(crate) fn binary_search(&self, text: &str) -> Option<I> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let id = I::new(middle);
            match self[id].cmp(text) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(id),
            }
        }
        None
    }
}

impl<I: Id> Index<I> for PackedStrings<I> {
    type Output = str;

    fn index(&self, id: I) -> &str {
        let start = id.before().map_or(0, |before| self.ends[before]);
        &self.all[start..self.ends[id]]
    }
}

impl<I> Default for PackedStrings<I> {
    fn default() -> PackedStrings<I> {
        PackedStrings { all: String::new(), ends: IndexVec::default() }
    }
}

impl<I> Clone for PackedStrings<I> {
    fn clone(&self) -> PackedStrings<I> {
        PackedStrings { all: self.all.clone(), ends: self.ends.clone() }
    }
}

impl<I> PartialEq for PackedStrings<I> {
    fn eq(&self, other: &PackedStrings<I>) -> bool {
        self.ends == other.ends && self.all == other.all
    }
}

impl<I> Eq for PackedStrings<I> {}

impl<I: Id> std::fmt::Debug for PackedStrings<I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<I: Id, T: AsRef<str>> FromIterator<T> for PackedStrings<I> {
    fn from_iter<E: IntoIterator<Item = T>>(texts: E) -> PackedStrings<I> {
        let mut all = PackedStrings::default();
        for text in texts {
            all.push(text.as_ref());
        }
        all
    }
}

impl<I: Id> serde::Serialize for PackedStrings<I> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

/// A map from strings to values, in ascending order of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SortedStringMap<V> {
    keys: PackedStrings,
    values: IndexVec<StringId, V>,
}

impl<V> SortedStringMap<V> {
    /// The value of a key. `None` if it is absent.
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

    /// All keys and values in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &V)> {
        self.keys.iter().zip(&self.values)
    }
}

impl<'a, V> FromIterator<(Cow<'a, str>, V)> for SortedStringMap<V> {
    /// Collects the pairs. If a key is repeated, its last value wins.
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, V)>>(pairs: I) -> SortedStringMap<V> {
        let mut pairs: Vec<(Cow<'a, str>, V)> = pairs.into_iter().collect();
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        // `dedup_by` drops its first argument, the later pair: the swap makes the last value win.
        pairs.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                std::mem::swap(later, earlier);
            }
            is_same
        });
        // Collecting values in place would reuse the larger allocation of the pairs and retain its unused part.
        let mut values = IndexVec::with_capacity(pairs.len());
        let keys = pairs.iter().map(|(key, _)| key).collect();
        values.extend(pairs.into_iter().map(|(_, value)| value));
        SortedStringMap { keys, values }
    }
}

/// A map from strings to values, in no order. Removing a key does not free its text before the map is dropped.
#[derive(Debug, Clone)]
pub(crate) struct StringMap<V> {
    /// The concatenation of all keys, including removed ones.
    keys: String,
    /// For each key its range in `keys`, and its value.
    table: HashTable<(Range<usize>, V)>,
}

impl<V> Default for StringMap<V> {
    fn default() -> StringMap<V> {
        StringMap { keys: String::new(), table: HashTable::new() }
    }
}

impl<V> StringMap<V> {
    /// The value of a key. `None` if it is absent.
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.table.find(hash(key), |(own, _)| self.keys[own.clone()] == *key).map(|(_, value)| value)
    }

    /// Whether the key is present.
    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value of a key. A missing key is inserted with `value()`.
    pub(crate) fn or_insert_with(&mut self, key: &str, value: impl FnOnce() -> V) -> &mut V {
        match self.entry(key) {
            (Entry::Occupied(entry), _) => &mut entry.into_mut().1,
            (Entry::Vacant(entry), keys) => &mut entry.insert((append_key(keys, key), value())).into_mut().1,
        }
    }

    /// Sets the value of a key, which may be present or not.
    pub(crate) fn insert(&mut self, key: &str, value: V) {
        match self.entry(key) {
            (Entry::Occupied(mut entry), _) => entry.get_mut().1 = value,
            (Entry::Vacant(entry), keys) => drop(entry.insert((append_key(keys, key), value))),
        }
    }

    /// The table entry of a key, and the buffer of keys.
    fn entry(&mut self, key: &str) -> (Entry<'_, (Range<usize>, V)>, &mut String) {
        let StringMap { keys, table } = self;
        let is_key = |(own, _): &(Range<usize>, V)| keys[own.clone()] == *key;
        (table.entry(hash(key), is_key, |(own, _)| hash(&keys[own.clone()])), keys)
    }

    /// All values, to be changed, in no order.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.table.iter_mut().map(|(_, value)| value)
    }

    /// Removes a key and returns its value. `None` if it was absent.
    pub(crate) fn remove(&mut self, key: &str) -> Option<V> {
        let found = self.table.find_entry(hash(key), |(own, _)| self.keys[own.clone()] == *key);
        found.ok().map(|entry| entry.remove().0.1)
    }
}

impl<V: Default> StringMap<V> {
    /// The value of a key. A missing key is inserted with the default value.
    pub(crate) fn or_default(&mut self, key: &str) -> &mut V {
        self.or_insert_with(key, V::default)
    }
}

/// Appends a new key to the buffer and returns its range there.
fn append_key(keys: &mut String, key: &str) -> Range<usize> {
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
