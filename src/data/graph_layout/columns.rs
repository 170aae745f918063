//! Encodes the columns of the graph's data files: tables of names, numbers, coordinates, and the script around them. Knows no
//! notes and no edges; `static/graph-notes.js` has the decoders.

use super::EXTENT;
use rustc_hash::FxHashMap;

/// The digits of URL-safe base64.
pub(super) const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The distinct names, sorted.
pub(super) fn by_name<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The distinct names, the most frequent first: its index is one letter.
pub(super) fn by_use<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut uses: FxHashMap<&str, u32> = FxHashMap::default();
    for name in names {
        *uses.entry(name).or_default() += 1;
    }
    let mut names: Vec<(&str, u32)> = uses.into_iter().collect();
    // The name breaks ties, because the order of a hash map is arbitrary.
    names.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    names.into_iter().map(|(name, _)| name).collect()
}

/// The index of each name in its table.
pub(super) fn places_in<'a>(table: &[&'a str]) -> FxHashMap<&'a str, u32> {
    table.iter().enumerate().map(|(at, &name)| (name, at as u32)).collect()
}

/// For each note the index of its name in `table`.
pub(super) fn column<'a>(names: impl Iterator<Item = &'a str>, table: &[&'a str]) -> String {
    let places = places_in(table);
    numbers(names.map(|name| places[name]))
}

/// All values as one string.
pub(super) fn numbers(values: impl Iterator<Item = u32>) -> String {
    let mut text = String::new();
    values.for_each(|value| push_number(&mut text, value));
    text
}

/// Appends a number in base 32, lowest digit first; 32 is added to every digit except the last.
pub(super) fn push_number(text: &mut String, mut value: u32) {
    loop {
        let more = value > 31;
        text.push(char::from(LETTERS[(value & 31) as usize + if more { 32 } else { 0 }]));
        if !more {
            return;
        }
        value >>= 5;
    }
}

/// A coordinate as two letters of six bits each.
pub(super) fn twelve_bits(value: f32) -> String {
    // A value outside of the range, or NaN, must not index past the letters.
    let value = value.clamp(0.0, EXTENT) as usize;
    [LETTERS[value >> 6], LETTERS[value & 63]].map(char::from).iter().collect()
}

/// JSON valid in any script, inline ones included. Escapes `<`, `>` and `&` against `</script>` and `<!--`, and U+2028 and
/// U+2029, which end a line in JavaScript before ES2019 but not in JSON.
pub(super) fn safe_in_script(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => safe.push_str(&format!("\\u{:04x}", letter as u32)),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The numbers of a column.
    pub(in super::super) fn read_numbers(text: &str) -> Vec<u32> {
        let (mut values, mut value, mut shift) = (Vec::new(), 0, 0);
        for letter in text.bytes() {
            let digit = LETTERS.iter().position(|&other| other == letter).expect("a letter of ours") as u32;
            value |= (digit & 31) << shift;
            shift += 5;
            if digit < 32 {
                values.push(value);
                (value, shift) = (0, 0);
            }
        }
        values
    }

    proptest! {
        #[test]
        fn numbers_survive(values in prop::collection::vec(any::<u32>(), 0..50)) {
            prop_assert_eq!(read_numbers(&numbers(values.iter().copied())), values);
        }
    }

    #[test]
    fn the_example_of_the_module_documentation() {
        assert_eq!(numbers([70].into_iter()), "mC");
    }

    #[test]
    fn places_are_two_letters_each() {
        assert_eq!([0.0, 65.0, 4095.0, 9e9, f32::NAN].map(twelve_bits), ["AA", "BB", "__", "__", "AA"]);
    }
}
