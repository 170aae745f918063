//! Template filters. Knows words and dates of the interface, but no template.

use super::fallback::{within_marks, without_marks};
use super::plural::Plurals;
use crate::pages::views::Texts;
use std::borrow::Cow;
use std::sync::Arc;
use tera::{Kwargs, State, Tera, TeraResult};

/// The filters of our templates:
/// `n | fill(text=t.notes)`: the text with `{n}` replaced; of several forms (`one|other`) that of the number.
/// `value | label(of="type")`: the text `type_VALUE`, else the value with a capital and spaces.
/// `text | ticks`: escaped, with the text between backticks in `<code>`.
/// `date | day`: an ISO date as the texts write it. `month | month`: `2026-01` likewise.
pub(super) fn register(tera: &mut Tera, texts: &Arc<Texts>, plurals: Plurals) {
    tera.register_filter("ticks", |text: &str, _: Kwargs, _: &State| tera::Value::safe_string(&ticks(text)));
    tera.register_filter("fill", move |n: Cow<'_, str>, kwargs: Kwargs, _: &State| -> TeraResult<String> {
        Ok(fill(kwargs.must_get::<&str>("text")?, &n, plurals))
    });
    let known = texts.clone();
    tera.register_filter("label", move |value: &str, kwargs: Kwargs, _: &State| -> TeraResult<String> {
        Ok(value_label(&known, kwargs.must_get::<&str>("of")?, value))
    });
    let known = texts.clone();
    tera.register_filter("day", move |date: &str, _: Kwargs, _: &State| day(&known, date));
    let known = texts.clone();
    tera.register_filter("month", move |month: &str, _: Kwargs, _: &State| month_name(&known, month));
}

fn ticks(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut html = String::with_capacity(text.len() + 16);
    for (i, part) in parts.iter().enumerate() {
        let (before, after) = match (i % 2 == 1, i + 1 == parts.len()) {
            (true, false) => ("<code>", "</code>"),
            // An unpaired backtick is literal.
            (true, true) => ("`", ""),
            _ => ("", ""),
        };
        html += before;
        html += &part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        html += after;
    }
    html
}

/// The text in the form for `n`, with `n` in place of `{n}`.
pub(super) fn fill(text: &str, n: &str, plurals: Plurals) -> String {
    within_marks(text, |text| {
        let form = match n.parse() {
            Ok(number) => plurals.choose(text, number),
            Err(_) => text.rsplit('|').next().unwrap_or(text),
        };
        form.replace("{n}", n)
    })
}

/// The display text of a field value: the text `OF_VALUE`, else the value with a capital letter and spaces.
pub(crate) fn value_label(texts: &Texts, of: &str, value: &str) -> String {
    if let Some(text) = texts.get(&format!("{of}_{value}")) {
        return text.clone();
    }
    let mut chars = value.chars();
    let head = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    head + &chars.as_str().replace(['-', '_'], " ")
}

/// An ISO date in the format of the text `date` (`{d} {m} {y}`), with the names in the text `months`. Unchanged if it
/// is invalid.
fn day(texts: &Texts, date: &str) -> String {
    let parts: Vec<&str> = date.split('-').collect();
    let (Some(pattern), &[year, month, day]) = (texts.get("date"), parts.as_slice()) else { return date.to_string() };
    match (month_in_texts(texts, "months", month), day.parse::<u8>()) {
        (Some(month), Ok(day)) if !year.is_empty() => {
            pattern.replace("{d}", &day.to_string()).replace("{m}", month).replace("{y}", year)
        }
        _ => date.to_string(),
    }
}

fn month_name(texts: &Texts, month: &str) -> String {
    let Some((year, number)) = month.split_once('-') else { return month.to_string() };
    match (texts.get("month_year"), month_in_texts(texts, "month_names", number)) {
        (Some(pattern), Some(name)) => pattern.replace("{m}", name).replace("{y}", year),
        _ => month.to_string(),
    }
}

fn month_in_texts<'a>(texts: &'a Texts, key: &str, number: &str) -> Option<&'a str> {
    let index = number.parse::<usize>().ok()?.checked_sub(1)?;
    without_marks(texts.get(key)?).split_whitespace().nth(index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::templates::{Overrides, load_texts};

    #[test]
    fn numbers_choose_their_form() {
        let fill = |text, n| fill(text, n, Plurals::Two);
        assert_eq!(fill("{n} note|{n} notes", "1"), "1 note");
        assert_eq!(fill("{n} note|{n} notes", "0"), "0 notes");
        assert_eq!(fill("{n} note|{n} notes", "many"), "many notes");
        assert_eq!(fill("{n} min", "1"), "1 min");
        assert_eq!(fill("\u{fdd0}{n} note|{n} notes\u{fdd1}", "1"), "\u{fdd0}1 note\u{fdd1}");
    }

    #[test]
    fn backticks_become_code_and_nothing_else_markup() {
        assert_eq!(ticks("no `a<b>` & `c`"), "no <code>a&lt;b&gt;</code> &amp; <code>c</code>");
        assert_eq!(ticks("one ` alone <"), "one ` alone &lt;");
        assert_eq!(ticks(""), "");
    }

    #[test]
    fn dates_that_are_none_stay_as_they_are() {
        let texts = load_texts("en", &Overrides::new()).unwrap().0;
        assert_eq!(day(&texts, "2026-01-02"), "2 Jan 2026");
        assert_eq!(month_name(&texts, "2025-12"), "December 2025");
        for odd in ["", "2026", "2026-13-01", "2026-00-01", "soon", "2026-01-xx", "-1-2"] {
            assert_eq!(day(&texts, odd), odd);
        }
        assert_eq!(month_name(&texts, "2025-99"), "2025-99");
    }

    #[test]
    fn unknown_values_are_shown_with_a_capital() {
        let texts = load_texts("en", &Overrides::new()).unwrap().0;
        assert_eq!(value_label(&texts, "type", "concept"), "Concept");
        assert_eq!(value_label(&texts, "type", "field-note"), "Field note");
        assert_eq!(value_label(&texts, "type", "ñandú"), "Ñandú");
        assert_eq!(value_label(&texts, "type", ""), "");
    }
}
