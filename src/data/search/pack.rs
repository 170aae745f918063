//! The encodings of the index: bit streams, strings of numbers and front-coded lists, printable ASCII wherever possible, so
//! that they fit in a string of a script. Knows nothing of notes or words; `static/search-engine.js` has the decoders.
//!
//! Example: the word “pages” is in notes 0 and 1 of 3, each time in passage 1 of 2. The gap parameter of 2 notes out of 3 is
//! 0, as is the passage parameter, so every code is its value in ones and a zero. Note 0: gap `0`, one passage `0`, passage
//! 1 `10`. Note 1: gap `0`, one passage `0`, passage 1 `10`. Together `0010 0010`, filled up to 12 bits `001000 100000`,
//! which is `Ig`. `content/reading/data-files.md` has all formats, `tests/formats` the fixtures of both languages.

/// The digits of base 92 and base 46: all printable ASCII characters except quote and backslash, which need escapes in a
/// string.
const DIGITS: &[u8; 92] =
    b"!#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~";
/// The digits of URL-safe base64.
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The base of [`push_number`]. Each digit has two characters: one for the last digit of a number, one for all before.
const HALF: usize = 46;

/// Appends a number in base 46, lowest digit first; a character from the upper half of [`DIGITS`] means a further digit
/// follows. 1000 is 34 + 21 · 46: the character for 34 + 46, then the one for 21, `s7`.
pub(super) fn push_number(out: &mut String, mut value: usize) {
    while value >= HALF {
        out.push(char::from(DIGITS[HALF + value % HALF]));
        value /= HALF;
    }
    out.push(char::from(DIGITS[value]));
}

/// Appends a number in exactly `width` digits of base 92, highest digit first.
pub(super) fn push_fixed(out: &mut String, value: usize, width: usize) {
    for place in (0..width).rev() {
        out.push(char::from(DIGITS[value / 92_usize.pow(place as u32) % 92]));
    }
}

/// The number of base-92 digits needed for every number below `count`, at least 1.
pub(super) fn fixed_width(count: usize) -> usize {
    let mut width = 1;
    while 92_usize.pow(width as u32) < count {
        width += 1;
    }
    width
}

/// A stream of bits, six per character.
#[derive(Default)]
pub(super) struct Bits {
    text: Vec<u8>,
    /// The last `filled` bits, not yet a whole character.
    pending: u64,
    filled: u32,
}

impl Bits {
    /// Appends the lowest `count` bits of `value`, at most 32.
    pub(super) fn push(&mut self, value: u32, count: u32) {
        // At most 5 bits are pending, so 37 of 64 are used.
        self.pending = (self.pending << count) | u64::from(value);
        self.filled += count;
        while self.filled >= 6 {
            self.filled -= 6;
            self.text.push(BASE64[(self.pending >> self.filled) as usize & 63]);
        }
        self.pending &= (1 << self.filled) - 1;
    }

    /// Appends a Rice code: `value / 2ᵏ` in ones, a zero, then the remainder in `k` bits. With `k` = 2, 5 is `10` and `01`.
    pub(super) fn push_rice(&mut self, value: u32, k: u32) {
        let mut quotient = value >> k;
        // `push` takes at most 32 bits, and a large quotient has more ones.
        while quotient >= 24 {
            self.push((1 << 24) - 1, 24);
            quotient -= 24;
        }
        self.push(((1 << quotient) - 1) << 1, quotient + 1);
        self.push(value & ((1 << k) - 1), k);
    }

    /// The characters. The last one is filled up with zeros.
    pub(super) fn finish(mut self) -> String {
        if self.filled > 0 {
            self.push(0, 6 - self.filled);
        }
        self.text.into_iter().map(char::from).collect()
    }
}

/// The Rice parameter for the gaps between `count` numbers below `total`: log₂ of the mean gap times 0.69 (ln 2, optimal for
/// random gaps), rounded down, at least 0. Integers only, because the decoder in JavaScript must compute the same.
pub(super) fn gap_parameter(total: usize, count: usize) -> u32 {
    (total * 69 / (count.max(1) * 100)).max(1).ilog2()
}

/// The Rice parameter for `count` passages of a note. `size` is the number of bits in the note's number of passages.
pub(super) fn passage_parameter(size: u32, count: u32) -> u32 {
    // size − 1 − bits(count): log₂ of the mean gap, known to the decoder from the catalog alone. The sum avoids underflow.
    (size + 31).saturating_sub(32 + (32 - count.leading_zeros()))
}

/// Appends `count` ascending numbers below `total` as Rice codes of the gaps: each number minus the previous one, minus 1.
pub(super) fn push_ascending(bits: &mut Bits, numbers: impl IntoIterator<Item = u32>, total: usize, count: usize) {
    let (k, mut next) = (gap_parameter(total, count), 0);
    for number in numbers {
        bits.push_rice(number - next, k);
        next = number + 1;
    }
}

/// A list of strings, separated by tabs. Each is a digit, the length of the start shared with the previous string (in UTF-16
/// units, at most 91), and the rest. A tab inside a string becomes a space. `acid`, `acid rain`, `acre` are `!acid`,
/// `& rain`, `$re`.
pub(super) fn front_code<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    let (mut out, mut previous) = (String::new(), "");
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            out.push('\t');
        }
        let (units, bytes) = shared_start(previous, item);
        out.push(char::from(DIGITS[units]));
        out.extend(item[bytes..].chars().map(|c| if c == '\t' { ' ' } else { c }));
        previous = item;
    }
    out
}

/// The length of the longest common start of both strings, in UTF-16 units and in bytes. Never ends inside a character.
fn shared_start(left: &str, right: &str) -> (usize, usize) {
    let (mut units, mut bytes) = (0, 0);
    for (a, b) in left.chars().zip(right.chars()) {
        // 91 is the greatest digit.
        if a != b || units + a.len_utf16() > 91 {
            break;
        }
        units += a.len_utf16();
        bytes += a.len_utf8();
    }
    (units, bytes)
}

/// Appends a string literal valid in JavaScript.
pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.reserve(text.len() + text.len() / 16 + 2);
    out.push('"');
    // Copies the stretches between escapes whole. The escaped bytes are ASCII, so every cut is at a character boundary.
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            0 => "\\u0000",
            _ => continue,
        };
        out.push_str(&text[done..at]);
        out.push_str(escaped);
        done = at + 1;
    }
    out.push_str(&text[done..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn digit(c: char) -> usize {
        DIGITS.iter().position(|d| char::from(*d) == c).unwrap()
    }

    fn numbers(text: &str) -> Vec<usize> {
        let (mut all, mut value, mut unit) = (Vec::new(), 0, 1);
        for c in text.chars() {
            let d = digit(c);
            value += d % HALF * unit;
            unit *= HALF;
            if d < HALF {
                all.push(value);
                (value, unit) = (0, 1);
            }
        }
        all
    }

    fn bits(text: &str) -> Vec<u32> {
        let value = |b: u8| BASE64.iter().position(|x| *x == b).unwrap() as u32;
        text.bytes().flat_map(|b| (0..6).rev().map(move |i| value(b) >> i & 1)).collect()
    }

    fn rice(bits: &[u32], at: &mut usize, k: u32) -> u32 {
        let mut value = 0;
        while bits[*at] == 1 {
            value += 1;
            *at += 1;
        }
        *at += 1;
        for _ in 0..k {
            value = value * 2 + bits[*at];
            *at += 1;
        }
        value
    }

    proptest! {
        #[test]
        fn numbers_come_back(values in prop::collection::vec(0_usize..3_000_000, 0..40)) {
            let mut text = String::new();
            values.iter().for_each(|v| push_number(&mut text, *v));
            prop_assert_eq!(numbers(&text), values);
        }

        #[test]
        fn rice_codes_come_back(values in prop::collection::vec((0_u32..200_000, 8_u32..20), 0..40)) {
            let mut out = Bits::default();
            values.iter().for_each(|(v, k)| out.push_rice(*v, *k));
            let (read, mut at) = (bits(&out.finish()), 0);
            for (value, k) in values {
                prop_assert_eq!(rice(&read, &mut at, k), value);
            }
        }

        #[test]
        fn front_coded_lists_come_back(items in prop::collection::vec("[ab\u{e9}\u{1F600}]{0,120}", 1..20)) {
            let text = front_code(items.iter().map(String::as_str));
            let mut previous: Vec<u16> = Vec::new();
            for (part, item) in text.split('\t').zip(&items) {
                let keep = digit(part.chars().next().unwrap());
                previous.truncate(keep);
                previous.extend(part[1..].encode_utf16());
                prop_assert_eq!(&String::from_utf16(&previous).unwrap(), item);
            }
        }

        #[test]
        fn quoted_text_is_json_too(text in any::<String>()) {
            let mut out = String::new();
            push_quoted(&mut out, &text.replace(|c: char| c.is_control() && !"\n\r\0".contains(c), ""));
            let back: String = serde_json::from_str(&out).unwrap();
            prop_assert_eq!(back, text.replace(|c: char| c.is_control() && !"\n\r\0".contains(c), ""));
        }
    }

    #[test]
    fn a_list_of_equal_strings_costs_two_characters_each() {
        assert_eq!(front_code(["acid", "acid", "acid rain"]), "!acid\t&\t& rain");
    }

    #[test]
    fn fixed_numbers_have_one_width() {
        let mut text = String::new();
        push_fixed(&mut text, 0, 2);
        push_fixed(&mut text, 93, 2);
        assert_eq!(text, "!!##");
        assert_eq!((fixed_width(1), fixed_width(92), fixed_width(93), fixed_width(8465)), (1, 1, 2, 3));
    }
}
