//! A pre-filter by the bytes of a note: passes for constructs that cannot occur are skipped.

/// The constructs that a note may contain, by the first bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Present {
    /// `==`
    pub marks: bool,
    /// `^`
    pub carets: bool,
    /// `$`
    pub dollars: bool,
    /// `@`, `www.` or `://`
    pub addresses: bool,
}

impl Present {
    /// Searches a text for each of the bytes.
    pub(super) fn of(text: &str) -> Present {
        let bytes = text.as_bytes();
        let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
        Present {
            marks: has("=="),
            carets: memchr::memchr(b'^', bytes).is_some(),
            dollars: memchr::memchr(b'$', bytes).is_some(),
            // `http` is only an address before `://`.
            addresses: memchr::memchr(b'@', bytes).is_some() || has("://") || has("www."),
        }
    }
}
