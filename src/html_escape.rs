//! Escaping of text for HTML and XML. Knows no markup.

/// Appends text with `&`, `<` and `>` escaped: for element content.
pub fn text(text: &str, out: &mut String) {
    escape(text, out, |b| matches!(b, b'&' | b'<' | b'>') || is_control(b));
}

/// Appends text with quotes escaped too: for attribute values in double or single quotes.
pub fn attribute(text: &str, out: &mut String) {
    escape(text, out, |b| matches!(b, b'&' | b'<' | b'>' | b'"' | b'\'') || is_control(b));
}

/// [`attribute`] as a new string.
pub fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    attribute(value, &mut out);
    out
}

/// Control characters, which neither HTML nor XML may hold, are left out.
fn is_control(b: u8) -> bool {
    (b < b' ' && !matches!(b, b'\n' | b'\t')) || b == 0x7f
}

fn escape(text: &str, out: &mut String, special: impl Fn(u8) -> bool) {
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
