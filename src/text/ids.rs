//! Typed ids: an index into a list of notes, links or blocks, with a separate type per kind of list, so the compiler
//! rejects an id in the wrong list. Knows no content of lists.
//!
//! [`id!`] declares an id type, stored as a non-zero `u32`, so an `Option` of an id takes four bytes as well.
//! [`IndexVec`] is a vector that only the declared id type indexes; [`IdRange`] is a range of ids.
//!
//! ```text
//! id! { pub(crate) struct CityId; }
//! let mut cities: IndexVec<CityId, &str> = IndexVec::default();
//! let oslo = cities.push("Oslo");          // CityId(0)
//! cities[oslo]                             // "Oslo"
//! cities[0]                                // does not compile
//! ```

use rayon::prelude::*;
use serde::{Serialize, Serializer};
use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut, Index, IndexMut, Range};

/// An id: the index of an element in a kind of list, from 0.
pub trait Id: Copy + Ord + Hash + Debug + Send + Sync + 'static {
    /// The id of the first element.
    const FIRST: Self;

    /// The id of the element at the index `place`. Lists are bounded far below 2³² elements. A larger index saturates,
    /// and the id is then out of bounds.
    fn new(place: usize) -> Self;

    /// The index of the element.
    fn index(self) -> usize;

    /// The id of the next element.
    #[must_use]
    fn next(self) -> Self {
        Self::new(self.index() + 1)
    }

    /// The id of the previous element; `None` for the first element.
    fn before(self) -> Option<Self> {
        self.index().checked_sub(1).map(Self::new)
    }
}

/// Declares id types: `id! { /// Place of a note in the site. pub(crate) struct NoteId; }`
macro_rules! id {
    ($($(#[$attribute:meta])* $visibility:vis struct $name:ident;)+) => {$(
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility struct $name(std::num::NonZero<u32>);

        impl $crate::text::ids::Id for $name {
            const FIRST: $name = $name(std::num::NonZero::<u32>::MIN);

            #[inline]
            fn new(place: usize) -> $name {
                debug_assert!(place < u32::MAX as usize, "more elements than a list of ids may have");
                $name(std::num::NonZero::<u32>::MIN.saturating_add(place as u32))
            }

            #[inline]
            fn index(self) -> usize {
                (self.0.get() - 1) as usize
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.get() - 1)
            }
        }
    )+};
}
pub(crate) use id;

id! {
    /// A published Markdown file: an index of the notes of a site, which are in path order.
    pub struct NoteId;
    /// A link: an index of the links of a note.
    pub struct LinkId;
    /// A block: an index of the block tree of a note.
    pub(crate) struct BlockId;
    /// A heading: an index of the headings of a note.
    pub(crate) struct HeadingId;
    /// A code block: an index of the code blocks of a note.
    pub struct CodeId;
}

/// A half-open range of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct IdRange<I> {
    /// The first id.
    pub start: I,
    /// The id after the last.
    pub end: I,
}

impl<I: Id> IdRange<I> {
    /// The ids of the first `count` elements of a list.
    pub(crate) fn first(count: usize) -> IdRange<I> {
        IdRange { start: I::new(0), end: I::new(count) }
    }

    /// The number of ids. 0 for an inverted range.
    pub(crate) fn len(self) -> usize {
        self.places().len()
    }

    /// Whether the id is in the range.
    pub(crate) fn contains(self, id: I) -> bool {
        self.start <= id && id < self.end
    }

    /// The ids in ascending order.
    pub(crate) fn iter(self) -> std::iter::Map<Range<usize>, fn(usize) -> I> {
        self.places().map(I::new)
    }

    /// Splits the range into ranges of `size` ids. The last range may be shorter.
    pub(crate) fn chunks(self, size: usize) -> impl Iterator<Item = IdRange<I>> {
        let Range { start, end } = self.places();
        (start..end).step_by(size).map(move |at| IdRange { start: I::new(at), end: I::new(end.min(at + size)) })
    }

    fn places(self) -> Range<usize> {
        self.start.index()..self.end.index()
    }
}

impl<I: Id> Default for IdRange<I> {
    /// The empty range at the start of a list.
    fn default() -> IdRange<I> {
        IdRange::first(0)
    }
}

impl<I: Id> IntoIterator for IdRange<I> {
    type Item = I;
    type IntoIter = std::iter::Map<Range<usize>, fn(usize) -> I>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<I: Id> IntoParallelIterator for IdRange<I> {
    type Item = I;
    type Iter = rayon::iter::Map<rayon::range::Iter<usize>, fn(usize) -> I>;

    fn into_par_iter(self) -> Self::Iter {
        self.places().into_par_iter().map(I::new)
    }
}

/// A vector that only ids of type `I` index. Dereferences to a slice for iterating, searching and sorting. Serialised
/// as a sequence.
pub(crate) struct IndexVec<I, T> {
    elements: Vec<T>,
    ids: PhantomData<fn(I)>,
}

impl<I: Id, T> IndexVec<I, T> {
    /// An empty vector with room for some elements.
    pub(crate) fn with_capacity(capacity: usize) -> IndexVec<I, T> {
        Vec::with_capacity(capacity).into()
    }

    /// A vector of `count` clones of `value`.
    pub(crate) fn filled(value: T, count: usize) -> IndexVec<I, T>
    where
        T: Clone,
    {
        vec![value; count].into()
    }

    /// Appends an element and returns the id.
    pub(crate) fn push(&mut self, element: T) -> I {
        let id = self.next_id();
        self.elements.push(element);
        id
    }

    /// The id of the next element to be appended.
    pub(crate) fn next_id(&self) -> I {
        I::new(self.elements.len())
    }

    /// The id of the last element. `None` if the vector is empty.
    pub(crate) fn last_id(&self) -> Option<I> {
        self.next_id().before()
    }

    /// The ids of all elements.
    pub(crate) fn ids(&self) -> IdRange<I> {
        IdRange::first(self.elements.len())
    }

    /// The ids from `start` to the last; none if `start` is past the end.
    pub(crate) fn ids_from(&self, start: I) -> IdRange<I> {
        IdRange { start, end: self.next_id() }
    }

    /// The elements with their ids, in order.
    pub(crate) fn iter_enumerated(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator + Clone {
        self.elements.iter().enumerate().map(|(place, element)| (I::new(place), element))
    }

    /// The element with an id; `None` if out of bounds.
    pub(crate) fn get(&self, id: I) -> Option<&T> {
        self.elements.get(id.index())
    }

    /// The id of the first element that satisfies a condition.
    pub(crate) fn position(&self, condition: impl FnMut(&T) -> bool) -> Option<I> {
        self.elements.iter().position(condition).map(I::new)
    }

    /// The id of the first element that does not satisfy a condition. All elements that satisfy the condition must come
    /// first.
    pub(crate) fn partition_point(&self, condition: impl FnMut(&T) -> bool) -> I {
        I::new(self.elements.partition_point(condition))
    }

    /// Moves all elements of `other` to the end. The capacity of `other` is unchanged.
    pub(crate) fn append(&mut self, other: &mut IndexVec<I, T>) {
        self.elements.append(&mut other.elements);
    }

    /// Removes all elements. The capacity is unchanged.
    pub(crate) fn clear(&mut self) {
        self.elements.clear();
    }

    /// The elements without ids.
    pub(crate) fn into_vec(self) -> Vec<T> {
        self.elements
    }
}

impl<I, T> From<Vec<T>> for IndexVec<I, T> {
    fn from(elements: Vec<T>) -> IndexVec<I, T> {
        IndexVec { elements, ids: PhantomData }
    }
}

impl<I, T> Default for IndexVec<I, T> {
    fn default() -> IndexVec<I, T> {
        Vec::new().into()
    }
}

impl<I, T: Clone> Clone for IndexVec<I, T> {
    fn clone(&self) -> IndexVec<I, T> {
        self.elements.clone().into()
    }
}

impl<I, T: Debug> Debug for IndexVec<I, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.elements.fmt(f)
    }
}

impl<I, T: PartialEq> PartialEq for IndexVec<I, T> {
    fn eq(&self, other: &IndexVec<I, T>) -> bool {
        self.elements == other.elements
    }
}

impl<I, T: Eq> Eq for IndexVec<I, T> {}

impl<I, T: Serialize> Serialize for IndexVec<I, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.elements.serialize(to)
    }
}

impl<I, T> Deref for IndexVec<I, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.elements
    }
}

impl<I, T> DerefMut for IndexVec<I, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.elements
    }
}

impl<I: Id, T> Index<I> for IndexVec<I, T> {
    type Output = T;

    #[inline]
    fn index(&self, id: I) -> &T {
        &self.elements[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for IndexVec<I, T> {
    #[inline]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.elements[id.index()]
    }
}

impl<I: Id, T> Index<IdRange<I>> for IndexVec<I, T> {
    type Output = [T];

    #[inline]
    fn index(&self, ids: IdRange<I>) -> &[T] {
        &self.elements[ids.places()]
    }
}

impl<I, T> FromIterator<T> for IndexVec<I, T> {
    fn from_iter<E: IntoIterator<Item = T>>(elements: E) -> IndexVec<I, T> {
        Vec::from_iter(elements).into()
    }
}

impl<I: Id, T: Send> FromParallelIterator<T> for IndexVec<I, T> {
    fn from_par_iter<E: IntoParallelIterator<Item = T>>(elements: E) -> IndexVec<I, T> {
        Vec::from_par_iter(elements).into()
    }
}

impl<I, T> Extend<T> for IndexVec<I, T> {
    fn extend<E: IntoIterator<Item = T>>(&mut self, elements: E) {
        self.elements.extend(elements);
    }
}

impl<I, T> IntoIterator for IndexVec<I, T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.into_iter()
    }
}

impl<'a, I, T> IntoIterator for &'a IndexVec<I, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.iter()
    }
}

impl<'a, I, T> IntoIterator for &'a mut IndexVec<I, T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_id_takes_no_more_room_than_an_id() {
        assert_eq!(size_of::<NoteId>(), 4);
        assert_eq!(size_of::<Option<NoteId>>(), 4);
        assert_eq!(size_of::<IdRange<LinkId>>(), 8);
    }

    #[test]
    fn ids_count_from_zero_and_are_ordered_by_place() {
        let places = [0, 1, 7, 1 << 31, u32::MAX as usize - 1];
        let ids = places.map(NoteId::new);
        assert_eq!(ids.map(NoteId::index), places);
        assert!(ids.is_sorted() && ids[0].next() == ids[1]);
        assert_eq!(format!("{:?}", ids[2]), "NoteId(7)");
        assert_ne!(Some(NoteId::new(0)), None, "the first id is not taken for an absent one");
    }

    #[test]
    fn a_pushed_element_is_found_by_its_id() {
        let mut words: IndexVec<BlockId, &str> = IndexVec::with_capacity(2);
        let (first, second) = (words.push("first"), words.push("second"));
        assert_eq!((words[first], words[second]), ("first", "second"));
        words[first] = "changed";
        assert_eq!(words.iter_enumerated().collect::<Vec<_>>(), [(first, &"changed"), (second, &"second")]);
        assert_eq!(words.position(|word| word.starts_with('s')), Some(second));
        assert_eq!((words.get(second), words.get(words.next_id())), (Some(&"second"), None));
        assert_eq!((words.last_id(), words.partition_point(|word| *word == "changed")), (Some(second), second));
        assert_eq!(words.into_iter().collect::<Vec<_>>(), ["changed", "second"]);
    }

    #[test]
    fn a_range_gives_its_ids_and_their_elements() {
        let letters: IndexVec<LinkId, char> = "abcd".chars().collect();
        let [a, b, _, d] = [0, 1, 2, 3].map(LinkId::new);
        let middle = IdRange { start: b, end: d };
        assert_eq!(letters[middle], ['b', 'c']);
        assert!(middle.iter().eq([b, b.next()]) && middle.into_par_iter().map(|id| letters[id]).eq(['b', 'c']));
        assert!(middle.contains(b) && !middle.contains(d) && !middle.contains(a));
        assert_eq!(letters[letters.ids_from(d)], ['d']);
        assert_eq!(letters.ids().len(), 4);
        let chunks: Vec<Vec<LinkId>> = letters.ids().chunks(3).map(|ids| ids.iter().collect()).collect();
        assert_eq!(chunks, [[0, 1, 2].map(LinkId::new).to_vec(), vec![d]]);
        let backwards = IdRange { start: d, end: b };
        assert!(backwards.iter().next().is_none() && backwards.len() == 0 && !backwards.contains(b));
        assert!(letters[IdRange::default()].is_empty());
    }

    #[test]
    fn a_vector_is_written_as_a_sequence() -> Result<(), serde_json::Error> {
        let numbers: IndexVec<HeadingId, u8> = IndexVec::filled(7, 2);
        assert_eq!(serde_json::to_string(&numbers)?, "[7,7]");
        Ok(())
    }
}
