//! Scripts that are written without spaces between words. Every use of their code point ranges in Rust is here;
//! `static/search-engine.js` repeats them as a pattern.

/// Whether a character belongs to a script without spaces between words.
pub(crate) fn is_unspaced(c: char) -> bool {
    is_southeast_asian(c) || is_kana(c) || is_han(c)
}

/// Whether a character is Thai, Lao, Burmese or Khmer.
pub(crate) fn is_southeast_asian(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// Whether a character is a Han character or one of the marks used like one: 々 repeats the previous character, 〇 is
/// zero.
pub(crate) fn is_han(c: char) -> bool {
    matches!(
        c,
        '\u{3005}'..='\u{3007}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

/// Whether a character belongs to one of the two Japanese syllabic scripts.
fn is_kana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}')
}

/// Whether a character is hiragana, the Japanese script for native words and inflections.
pub(crate) fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{309f}')
}

/// Whether a character is katakana, the Japanese script for loanwords. A run of katakana is usually one word.
pub(crate) fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}')
}

/// Whether a character belongs to a script that is written from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and
/// others (the blocks whose letters have the bidirectional class R or AL).
fn is_right_to_left(c: char) -> bool {
    matches!(
        c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
    )
}

/// Whether a Markdown text runs from right to left by its first letter, as a browser decides for `dir="auto"`. `None` for
/// a text without letters. Tags, the names of callouts and the marks of tasks are no text.
pub(crate) fn runs_from_right(markdown: &str) -> Option<bool> {
    let mut rest = markdown;
    loop {
        let at = rest.find(|c: char| c.is_alphabetic() || c == '<' || c == '[')?;
        rest = &rest[at..];
        let skipped = match rest.as_bytes() {
            [b'<', b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!', ..] => rest.find('>').map(|end| end + 1),
            [b'[', b'x' | b'X' | b'!', ..] => rest.find(']').map(|end| end + 1),
            [b'<' | b'[', ..] => Some(1),
            _ => None,
        };
        match skipped {
            Some(length) => rest = &rest[length..],
            None if rest.starts_with(['<', '[']) => rest = &rest[1..],
            None => return rest.chars().next().map(is_right_to_left),
        }
    }
}

/// Whether a text has a letter whose script runs against the direction of the page.
pub(crate) fn has_letters_against(text: &str, page_is_from_right: bool) -> bool {
    match page_is_from_right {
        true => text.chars().any(|c| c.is_alphabetic() && !is_right_to_left(c)),
        false => !text.is_ascii() && text.chars().any(is_right_to_left),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ranges of the pattern that a script has under a name: `const NAME = "[\\u0e00-\\u0eff…]";`.
    fn ranges_in(script: &str, name: &str) -> Vec<(u32, u32)> {
        let (_, rest) = script.split_once(&format!("const {name} = \"[")).expect("the pattern");
        let (class, _) = rest.split_once("]\"").expect("its end");
        let number = |escaped: &str| {
            let digits = escaped.trim_start_matches(['\\', 'u', '{']).trim_end_matches('}');
            u32::from_str_radix(digits, 16).expect("a code point")
        };
        let ends: Vec<u32> = class.split("\\\\u").skip(1).map(|end| number(end.trim_end_matches('-'))).collect();
        ends.chunks(2).map(|pair| (pair[0], pair[1])).collect()
    }

    #[test]
    fn the_search_in_the_browser_knows_the_same_scripts() {
        let ranges = ranges_in(include_str!("../../static/search-engine.js"), "DENSE");
        assert!(ranges.len() > 5, "{ranges:x?}");
        for c in '\0'..=char::MAX {
            let known = ranges.iter().any(|(first, last)| (*first..=*last).contains(&(c as u32)));
            assert_eq!(is_unspaced(c), known, "{c:?}");
        }
    }

    #[test]
    fn each_script_is_one_of_those_without_spaces() {
        for c in '\0'..=char::MAX {
            assert!(is_unspaced(c) || !is_southeast_asian(c) && !is_han(c) && !is_hiragana(c), "{c:?}");
        }
        for c in "ไລမខ数々〇豈ひカー".chars() {
            assert!(is_unspaced(c), "{c}");
        }
        for c in "aéЖ데ع—。".chars() {
            assert!(!is_unspaced(c), "{c}");
        }
    }

    #[test]
    fn the_first_letter_of_the_text_decides() {
        for (text, from_right) in [
            ("مرحبا world", Some(true)),
            ("**مرحبا** world", Some(true)),
            ("1. (שלום)", Some(true)),
            ("- [x] مهمة", Some(true)),
            ("> [!note] مهم", Some(true)),
            ("[مرحبا](https://example.org)", Some(true)),
            ("<b class=\"x\">مرحبا</b>", Some(true)),
            ("Hello مرحبا", Some(false)),
            ("`code` مرحبا", Some(false)),
            ("你好", Some(false)),
            ("a < b", Some(false)),
            ("[x", Some(false)),
            ("12 + 3 < 4", None),
            ("<!-- words", Some(false)),
            ("", None),
        ] {
            assert_eq!(runs_from_right(text), from_right, "{text}");
        }
        assert!(has_letters_against("abc مرحبا", false) && !has_letters_against("abc é", false));
        assert!(has_letters_against("مرحبا abc", true) && !has_letters_against("مرحبا 12", true));
    }
}
