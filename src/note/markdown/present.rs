//! Which bytes a note has at all, so that no pass looks for a construct that cannot be there.

/// Which constructs a note can have, by the bytes that they begin with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Present {
    /// `==`
    pub marks: bool,
    /// `^`
    pub carets: bool,
    /// `$`
    pub dollars: bool,
    /// `@`, `www.` or `http`
    pub addresses: bool,
}

impl Present {
    /// Looks through a text once for each of the bytes.
    pub(super) fn of(text: &str) -> Present {
        let bytes = text.as_bytes();
        let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
        Present {
            marks: has("=="),
            carets: memchr::memchr(b'^', bytes).is_some(),
            dollars: memchr::memchr(b'$', bytes).is_some(),
            addresses: memchr::memchr(b'@', bytes).is_some() || has("http") || has("www."),
        }
    }
}
