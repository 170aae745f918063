//! Paths as text: forms for comparison, joined paths, relative URLs. Separated by `/`; no access to the disk.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// The form in which paths are compared: Unicode NFC. macOS may return decomposed file names, while links are usually
/// composed.
pub(crate) fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { text.nfc().collect() }
}

/// The form in which paths collide on case-insensitive file systems: NFC and lower case.
pub(crate) fn path_key(path: &str) -> String {
    if path.is_ascii() { path.to_ascii_lowercase() } else { path.nfc().flat_map(char::to_lowercase).collect() }
}

/// Joins a relative path to a folder and resolves `.` and `..`. A trailing `/` of `path` is preserved. `None` if the
/// path leads above the root. Every path of a link is joined here. A `\` is an ordinary character.
pub(crate) fn join_path(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let mut joined = parts.join("/");
    if path.ends_with('/') && !joined.is_empty() {
        joined.push('/');
    }
    Some(joined)
}

/// The relative URL from the page `from` to the page `to`, percent-encoded for an `href`. Both paths are relative to
/// the same root.
pub(crate) fn relative_url(from: &str, to: &str) -> String {
    let mut out = String::with_capacity(to.len() + 8);
    let shared = from.bytes().zip(to.bytes()).take_while(|(a, b)| a == b).count();
    // Cut the common prefix back to its last `/`: `notes/a.html` and `notes/ab.html` share only `notes/`.
    let shared = from.as_bytes()[..shared].iter().rposition(|&b| b == b'/').map_or(0, |i| i + 1);
    for _ in 0..from.as_bytes()[shared..].iter().filter(|&&b| b == b'/').count() {
        out.push_str("../");
    }
    encode_path(&to[shared..], &mut out);
    // An empty `href` is the current page, and `a:b` would be an absolute URL with the scheme `a` (RFC 3986, section
    // 4.2).
    if out.is_empty() || (!out.starts_with("../") && out.split('/').next().is_some_and(|first| first.contains(':'))) {
        out.insert_str(0, "./");
    }
    out
}

/// Appends `path`, percent-encoded for the path of a URL.
pub(crate) fn encode_path(path: &str, out: &mut String) {
    if path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b)) {
        return out.push_str(path);
    }
    out.extend(percent_encoding::utf8_percent_encode(path, PATH));
}

/// The characters to encode in a path: all but the unreserved ones, `/`, `,` and `@`, which need no escape in HTML or a
/// shell.
const PATH: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b',')
    .remove(b'@');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_urls() {
        assert_eq!(relative_url("a/b.html", "a/c.html"), "c.html");
        assert_eq!(relative_url("a/b.html", "c/d e.html"), "../c/d%20e.html");
        assert_eq!(relative_url("index.html", "a/b.html"), "a/b.html");
        assert_eq!(relative_url("a/b/c.html", "a/bb/c.html"), "../bb/c.html");
        assert_eq!(relative_url("a/b.html", "a/x:y.html"), "x%3Ay.html");
    }
}
