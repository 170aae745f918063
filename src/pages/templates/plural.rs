//! The forms that a text with a number has in a language, and which of them a number takes: the plural rules of the Unicode
//! CLDR for whole numbers. Knows no texts.

/// The plural rules of a group of languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plurals {
    /// One form.
    One,
    /// A form for 1, one for all other numbers: English and most languages.
    Two,
    /// A form for 0 and 1, one for all other numbers: French, Portuguese.
    TwoWithZero,
    /// Forms for 1, for 2 to 4, for all other numbers: Czech, Slovak.
    Czech,
    /// Forms for 1, for numbers that end in 2 to 4, for all other numbers: Polish.
    Polish,
    /// Forms for numbers that end in 1, in 2 to 4, for all other numbers: Russian, Ukrainian, Serbian.
    Russian,
    /// Forms for 0, for 1, for 2, for numbers that end in 03 to 10, in 11 to 99, for all other numbers.
    Arabic,
}

impl Plurals {
    /// The rules of a language, by its tag.
    pub(crate) fn of(language: &str) -> Plurals {
        let lower = language.to_ascii_lowercase();
        if lower == "pt-pt" {
            return Plurals::Two;
        }
        match lower.split(['-', '_']).next().unwrap_or_default() {
            "zh" | "ja" | "ko" | "vi" | "th" | "id" | "ms" | "lo" | "my" => Plurals::One,
            "fr" | "pt" | "hy" | "ff" => Plurals::TwoWithZero,
            "cs" | "sk" => Plurals::Czech,
            "pl" => Plurals::Polish,
            "ru" | "uk" | "be" | "sr" | "hr" | "bs" => Plurals::Russian,
            "ar" => Plurals::Arabic,
            _ => Plurals::Two,
        }
    }

    /// The number of forms.
    #[cfg(test)]
    pub(super) fn count(self) -> usize {
        match self {
            Plurals::One => 1,
            Plurals::Two | Plurals::TwoWithZero => 2,
            Plurals::Czech | Plurals::Polish | Plurals::Russian => 3,
            Plurals::Arabic => 6,
        }
    }

    /// The index of the form of `n`, from 0.
    fn form(self, n: u64) -> usize {
        let (ten, hundred) = (n % 10, n % 100);
        let ends_in_few = (2..=4).contains(&ten) && !(12..=14).contains(&hundred);
        match self {
            Plurals::One => 0,
            Plurals::Two => usize::from(n != 1),
            Plurals::TwoWithZero => usize::from(n > 1),
            Plurals::Czech | Plurals::Polish if n == 1 => 0,
            Plurals::Russian if ten == 1 && hundred != 11 => 0,
            Plurals::Czech => 2 - usize::from((2..=4).contains(&n)),
            Plurals::Polish | Plurals::Russian => 2 - usize::from(ends_in_few),
            Plurals::Arabic => match n {
                0 => 0,
                1 => 1,
                2 => 2,
                _ if (3..=10).contains(&hundred) => 3,
                _ if hundred >= 11 => 4,
                _ => 5,
            },
        }
    }

    /// The form of `n` in a text with all forms, separated by `|`. The last form if the text has fewer.
    pub(super) fn choose(self, text: &str, n: u64) -> &str {
        let last = || text.rsplit('|').next().unwrap_or(text);
        text.split('|').nth(self.form(n)).unwrap_or_else(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers with the form they take, from the examples of the CLDR.
    #[test]
    fn numbers_take_the_form_of_the_language() {
        let cases: [(&str, &[(u64, usize)]); 8] = [
            ("en", &[(0, 1), (1, 0), (2, 1), (101, 1)]),
            ("fr-CA", &[(0, 0), (1, 0), (2, 1), (100, 1)]),
            ("pt", &[(0, 0), (1, 0), (2, 1)]),
            ("pt-PT", &[(0, 1), (1, 0), (2, 1)]),
            ("ja", &[(0, 0), (1, 0), (5, 0)]),
            ("cs", &[(1, 0), (2, 1), (4, 1), (5, 2), (22, 2), (0, 2)]),
            ("pl", &[(1, 0), (2, 1), (5, 2), (12, 2), (21, 2), (22, 1), (112, 2)]),
            ("ru", &[(1, 0), (21, 0), (11, 2), (3, 1), (13, 2), (5, 2), (0, 2), (102, 1)]),
        ];
        for (language, numbers) in cases {
            for &(n, form) in numbers {
                assert_eq!(Plurals::of(language).form(n), form, "{language} {n}");
            }
        }
        let arabic =
            [(0, 0), (1, 1), (2, 2), (3, 3), (10, 3), (11, 4), (99, 4), (100, 5), (102, 5), (103, 3), (111, 4)];
        for (n, form) in arabic {
            assert_eq!(Plurals::of("ar-EG").form(n), form, "{n}");
        }
    }

    #[test]
    fn a_text_with_fewer_forms_uses_its_last() {
        assert_eq!(Plurals::of("en").choose("{n} min", 3), "{n} min");
        assert_eq!(Plurals::of("ar").choose("a|b", 50), "b");
        assert_eq!(Plurals::of("ja").choose("a", 0), "a");
    }
}
