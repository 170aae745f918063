//! Escaping of text for HTML and XML. Knows no markup.

/// Appends text with `&`, `<` and `>` escaped: for element content.
pub(crate) fn text(text: &str, out: &mut String) {
    escape(text, out, |b| matches!(b, b'&' | b'<' | b'>') || is_control(b));
}

/// Appends text with quotes escaped too: for attribute values in double or single quotes.
pub(crate) fn attribute(text: &str, out: &mut String) {
    escape(text, out, |b| matches!(b, b'&' | b'<' | b'>' | b'"' | b'\'') || is_control(b));
}

/// [`attribute`] as a new string.
pub(crate) fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    attribute(value, &mut out);
    out
}

/// A page without the characters that HTML may not hold: control characters and U+FFFE, U+FFFF. Values come into a page
/// on many ways, through templates of others too, and nearly no page has one of these.
pub(crate) fn without_forbidden(page: String) -> String {
    let forbidden = |c: char| c.is_ascii() && is_control(c as u8) && c != '\r' || matches!(c, '\u{fffe}' | '\u{ffff}');
    // Compared byte by byte without a branch, so that the compiler checks many at once.
    let suspect = page.bytes().fold(false, |seen, b| seen | (b < b' ' && b != b'\n') | (b == 0x7f));
    if suspect || page.contains("\u{fffe}") || page.contains("\u{ffff}") {
        return page.replace(forbidden, "");
    }
    page
}

/// Control characters, which neither HTML nor XML may hold, are left out.
fn is_control(b: u8) -> bool {
    (b < b' ' && !matches!(b, b'\n' | b'\t')) || b == 0x7f
}

fn escape(text: &str, out: &mut String, special: impl Fn(u8) -> bool) {
    // Most texts have nothing to escape, and looking for anything at all is done for many bytes at once.
    if !text.bytes().fold(false, |found, b| found | special(b)) {
        return out.push_str(text);
    }
    let mut from = 0;
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
