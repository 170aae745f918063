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
}
