//! Escapes text for HTML and XML. Knows no markup.

/// Appends `text` with `&`, `<` and `>` escaped, for element content.
pub(crate) fn text(text: &str, out: &mut String) {
    escape(text, out, |b| matches!(b, b'&' | b'<' | b'>') || is_control(b));
}

/// Appends `text` with quotes escaped too, for attribute values in double or single quotes.
pub(crate) fn attribute(text: &str, out: &mut String) {
    escape(text, out, |b| matches!(b, b'&' | b'<' | b'>' | b'"' | b'\'') || is_control(b));
}

/// The result of [`attribute`] as a new string.
pub(crate) fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    attribute(value, &mut out);
    out
}

/// The page without the characters that HTML forbids: control characters, U+FFFE and U+FFFF. A page is filtered as a
/// whole because values reach it in many ways, including custom templates. Nearly no page contains such a character.
pub(crate) fn without_forbidden(page: String) -> String {
    let forbidden = |c: char| c.is_ascii() && is_control(c as u8) && c != '\r' || matches!(c, '\u{fffe}' | '\u{ffff}');
    // Without a branch in the loop, the compiler vectorises the comparison.
    let suspect = page.bytes().fold(false, |seen, b| seen | (b < b' ' && b != b'\n') | (b == 0x7f));
    if suspect || page.contains("\u{fffe}") || page.contains("\u{ffff}") {
        return page.replace(forbidden, "");
    }
    page
}

/// Whether a byte is a control character that neither HTML nor XML may contain. Escaping omits these.
fn is_control(b: u8) -> bool {
    (b < b' ' && !matches!(b, b'\n' | b'\t')) || b == 0x7f
}

/// Appends `text` with the bytes escaped for which `special` is true.
fn escape(text: &str, out: &mut String, special: impl Fn(u8) -> bool) {
    // Most texts have nothing to escape, and the fold without branches compiles to vector instructions.
    if !text.bytes().fold(false, |found, b| found | special(b)) {
        return out.push_str(text);
        // All special bytes are ASCII, so the slices start and end at character boundaries.
    }
    let mut from = 0;
    // All special bytes are ASCII, so the slices start and end at character boundaries.
    for (at, b) in text.bytes().enumerate().filter(|&(_, b)| special(b)) {
        out.push_str(&text[from..at]);
        out.push_str(match b {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => "",
        });
        from = at + 1;
    }
    out.push_str(&text[from..]);
}
