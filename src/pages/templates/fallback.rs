//! Marks interface texts that are in English because the language of the site has none: `<span lang="en">`. A text may be
//! used within an attribute or a `<title>`, where no element is possible, so texts carry two marks, and the finished page
//! shows which of them can become elements.

use super::Texts;

/// The character before a text in English: a noncharacter of Unicode, which texts do not contain.
const START: char = '\u{fdd0}';
/// The character behind it.
const END: char = '\u{fdd1}';

/// Elements whose content is text alone.
const TEXT_ONLY: &[&str] = &["title", "option", "textarea", "script", "style", "text"];

/// The texts, those in English between marks. `own` has the keys that the language has.
pub(super) fn marked(texts: &Texts, own: &Texts) -> Texts {
    let mark = |(key, text): (&String, &String)| {
        let text = if own.contains_key(key) { text.clone() } else { format!("{START}{text}{END}") };
        (key.clone(), text)
    };
    texts.iter().map(mark).collect()
}

/// Applies `change` to a text and puts the marks, if any, around its result.
pub(super) fn within_marks(text: &str, change: impl FnOnce(&str) -> String) -> String {
    match text.strip_prefix(START).and_then(|text| text.strip_suffix(END)) {
        Some(text) => format!("{START}{}{END}", change(text)),
        None => change(text),
    }
}

/// The text without marks.
pub(super) fn without_marks(text: &str) -> &str {
    text.trim_matches([START, END])
}

/// The page with an element around each marked text, and without marks where no element can be. `direction` is that of the
/// page.
pub(super) fn resolve(html: &str, direction: &str) -> String {
    let open = if direction == "rtl" { "<span lang=\"en\" dir=\"ltr\">" } else { "<span lang=\"en\">" };
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    let mut text_only: Option<&str> = None;
    while let Some(start) = rest.find('<') {
        add_text(&rest[..start], text_only.is_none().then_some(open), &mut out);
        rest = &rest[start..];
        let tag = &rest[..tag_end(rest)];
        out.extend(tag.chars().filter(|c| ![START, END].contains(c)));
        rest = &rest[tag.len()..];
        let name = |tag: &str| TEXT_ONLY.iter().copied().find(|name| is_tag(tag, name));
        match text_only {
            None => text_only = name(&tag[1..]),
            Some(own) if tag[1..].strip_prefix('/').is_some_and(|tag| is_tag(tag, own)) => text_only = None,
            Some(_) => {}
        }
    }
    add_text(rest, Some(open), &mut out);
    out
}

/// The length of the tag at the start of a text: up to its `>` outside of quotes.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// Whether a tag without its `<` is the start tag of an element.
fn is_tag(tag: &str, name: &str) -> bool {
    tag.strip_prefix(name).is_some_and(|rest| rest.starts_with(['>', ' ', '\n', '/']))
}

/// Appends text between tags, its marked parts within elements that begin with `open`, or without marks.
fn add_text(text: &str, open: Option<&str>, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(START) {
        out.push_str(before);
        // A shortened text has lost its end: no element then.
        let (inner, behind, is_whole) = match after.split_once(END) {
            Some((inner, behind)) => (inner, behind, true),
            None => (after, "", false),
        };
        match open.filter(|_| is_whole && !inner.trim().is_empty()) {
            Some(open) => out.extend([open, inner, "</span>"]),
            None => out.extend(inner.chars().filter(|c| *c != START)),
        }
        rest = behind;
    }
    out.extend(rest.chars().filter(|c| *c != END));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> String {
        resolve(&text.replace('{', "\u{fdd0}").replace('}', "\u{fdd1}"), "rtl")
    }

    #[test]
    fn texts_become_elements_only_where_these_can_be() {
        for (before, after) in [
            ("<p>{Notes}</p>", "<p><span lang=\"en\" dir=\"ltr\">Notes</span></p>"),
            (
                "<p>a {b} c {d}</p>",
                "<p>a <span lang=\"en\" dir=\"ltr\">b</span> c <span lang=\"en\" dir=\"ltr\">d</span></p>",
            ),
            ("<a title=\"{Notes} > 3\">x</a>", "<a title=\"Notes > 3\">x</a>"),
            (
                "<title>{Notes} · x</title><b>{y}</b>",
                "<title>Notes · x</title><b><span lang=\"en\" dir=\"ltr\">y</span></b>",
            ),
            ("<option value=\"\">{All}</option>", "<option value=\"\">All</option>"),
            ("<script type=\"a/b\">{\"{Home}\"}</script>", "<script type=\"a/b\">\"Home\"</script>"),
            ("<titles>{a}</titles>", "<titles><span lang=\"en\" dir=\"ltr\">a</span></titles>"),
            ("<p>{cut of…</p>}", "<p>cut of…</p>"),
            ("no tags {a", "no tags a"),
            ("<p title='{a}'>{}</p>", "<p title='a'></p>"),
            ("< {a", "< a"),
        ] {
            assert_eq!(page(before), after);
        }
        assert_eq!(resolve("\u{fdd0}a\u{fdd1}", "ltr"), "<span lang=\"en\">a</span>");
    }
}
