//! A pre-filter by the bytes of a note: passes for constructs that cannot occur are skipped.

/// The constructs that a note may contain, by the first bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Present {
    /// `!!! `, `??? `, `???+ ` or `:::`
    pub admonitions: bool,
    /// `%%`
    pub comments: bool,
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
    /// Searches a text for each of the bytes. Every note pays for it: one search for several bytes costs less than one
    /// search per construct.
    pub(super) fn of(text: &str) -> Present {
        let bytes = text.as_bytes();
        let has = |byte: u8| memchr::memchr(byte, bytes).is_some();
        let mut found = Present { carets: has(b'^'), dollars: has(b'$'), addresses: has(b'@'), ..Present::default() };
        for at in memchr::memchr3_iter(b':', b'=', b'%', bytes) {
            match &bytes[at + 1..] {
                [b':', b':', ..] => found.admonitions |= bytes[at] == b':',
                // `http` is only an address before `://`.
                [b'/', b'/', ..] => found.addresses |= bytes[at] == b':',
                [b'=', ..] => found.marks |= bytes[at] == b'=',
                [b'%', ..] => found.comments |= bytes[at] == b'%',
                _ => {}
            }
        }
        let is_sign = |at: usize| [&b"!!! "[..], b"??? ", b"???+ "].iter().any(|sign| bytes[at..].starts_with(sign));
        found.admonitions = found.admonitions || memchr::memchr2_iter(b'!', b'?', bytes).any(is_sign);
        found.addresses = found.addresses || memchr::memmem::find(bytes, b"www.").is_some();
        found
    }
}
