//! Parses the head of a request. Input that browsers never send is refused instead of repaired. A target becomes a key of the
//! site's map, never a path on the disk. Knows no socket, no site and no file.

use std::fmt::Write as _;

/// The longest head, in bytes, with the last line end.
pub(super) const LONGEST_HEAD: usize = 16 * 1024;
/// The longest request target, in bytes.
pub(super) const LONGEST_TARGET: usize = 8 * 1024;
/// The most header lines of a request.
pub(super) const MOST_HEADERS: usize = 100;
/// Space for the method and the version in the request line, in addition to the longest target.
const LINE_MARGIN: usize = 64;

/// Why a request is refused: a status and a fixed sentence, which never repeats a part of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The body of the answer.
    pub reason: &'static str,
}

/// The refusal of a malformed request.
pub(super) const fn bad(reason: &'static str) -> Refusal {
    Refusal { status: 400, reason }
}

/// The refusal of methods except GET and HEAD.
pub(super) const METHOD_REFUSED: Refusal = Refusal { status: 405, reason: "Only GET and HEAD are answered here." };
const VERSION_REFUSED: Refusal = Refusal { status: 505, reason: "Only HTTP/1.0 and HTTP/1.1 are spoken here." };
const TARGET_TOO_LONG: Refusal = Refusal { status: 414, reason: "The address is longer than 8 KiB." };
const HEAD_TOO_LARGE: Refusal = Refusal { status: 431, reason: "The request's head is larger than 16 KiB." };
const TOO_MANY_HEADERS: Refusal = Refusal { status: 431, reason: "The request has more than 100 header lines." };

/// The supported methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Head and body.
    Get,
    /// Only the head of the answer.
    Head,
}

/// The parsed target of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The decoded output path, such as `databases/acid.html`. For a folder, the path of its `index.html`.
    pub key: String,
    /// The text after the first `?`, not decoded.
    pub query: String,
}

/// A well-formed request. `access` decides whether it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// GET or HEAD.
    pub method: Method,
    /// The target, not decoded.
    pub raw_target: String,
    /// The parsed target.
    pub target: Target,
    /// The `Host` header, not parsed.
    pub host: String,
    /// The `Origin` header.
    pub origin: Option<String>,
    /// `Sec-Fetch-Site`: the relation of the requesting page to this server.
    pub fetch_site: Option<String>,
    /// `Sec-Fetch-Mode`: navigation, script or resource.
    pub fetch_mode: Option<String>,
    /// `Sec-Fetch-Dest`: the use of the answer, such as `document` or `image`.
    pub fetch_dest: Option<String>,
    /// `Range`, `If-Range` and `If-None-Match`, with their values.
    pub conditions: Vec<(&'static str, String)>,
    /// Whether the connection is closed after the answer.
    pub close: bool,
}

/// The result of parsing the received bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The head is incomplete.
    More,
    /// A complete head, and its length in bytes.
    Whole(Box<Head>, usize),
    /// The head is malformed, whatever follows.
    Refused(Refusal),
}

/// Parses a head at the start of `bytes`. Malformed input is refused before the head is complete, to save memory and time.
pub(super) fn read(bytes: &[u8]) -> Reading {
    match read_head(bytes) {
        Ok(Some((head, length))) => Reading::Whole(Box::new(head), length),
        Ok(None) => Reading::More,
        Err(refusal) => Reading::Refused(refusal),
    }
}

fn read_head(bytes: &[u8]) -> Result<Option<(Head, usize)>, Refusal> {
    let window = &bytes[..bytes.len().min(LONGEST_HEAD + 1)];
    if window.first().is_some_and(|first| !is_token(*first)) {
        return Err(bad("This is not an HTTP request."));
    }
    let lines = Lines::of(window)?;
    let Some(first) = lines.complete.first() else {
        return if window.len() > LONGEST_TARGET + LINE_MARGIN { Err(TARGET_TOO_LONG) } else { Ok(None) };
    };
    let line = RequestLine::read(first)?;
    if lines.complete.len() - 1 > MOST_HEADERS {
        return Err(TOO_MANY_HEADERS);
    }
    match lines.end {
        Some(end) if end <= LONGEST_HEAD => Ok(Some((with_headers(line, &Headers::read(&lines.complete[1..])?)?, end))),
        _ if window.len() > LONGEST_HEAD => Err(HEAD_TOO_LARGE),
        _ => Ok(None),
    }
}

/// The complete lines of a head, and the end of the empty line if it was received.
struct Lines<'a> {
    complete: Vec<&'a [u8]>,
    end: Option<usize>,
}

impl Lines<'_> {
    fn of(window: &[u8]) -> Result<Lines<'_>, Refusal> {
        let (mut complete, mut start) = (Vec::new(), 0);
        for (at, byte) in window.iter().enumerate() {
            let lonely = match byte {
                b'\n' => at == start || window[at - 1] != b'\r',
                b'\r' => window.get(at + 1).is_some_and(|next| *next != b'\n'),
                _ => continue,
            };
            if lonely {
                return Err(bad("Lines of a request end in CR LF."));
            }
            if *byte == b'\n' {
                let line = &window[start..at - 1];
                start = at + 1;
                if line.is_empty() && !complete.is_empty() {
                    return Ok(Lines { complete, end: Some(start) });
                }
                complete.push(line);
            }
        }
        Ok(Lines { complete, end: None })
    }
}

struct RequestLine {
    method: Method,
    raw_target: String,
    target: Target,
    /// Whether the request is HTTP/1.0, whose connections are always closed after the answer.
    close: bool,
}

impl RequestLine {
    fn read(line: &[u8]) -> Result<RequestLine, Refusal> {
        let mut parts = line.split(|byte| *byte == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad("A request line is a method, an address and a version."));
        };
        if method.is_empty() || !method.iter().all(|byte| is_token(*byte)) {
            return Err(bad("The method is not one."));
        }
        let close = match version {
            b"HTTP/1.1" => false,
            b"HTTP/1.0" => true,
            [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
                return Err(VERSION_REFUSED);
            }
            _ => return Err(bad("The version is not one.")),
        };
        let method = match method {
            b"GET" => Method::Get,
            b"HEAD" => Method::Head,
            _ => return Err(METHOD_REFUSED),
        };
        if target.len() > LONGEST_TARGET {
            return Err(TARGET_TOO_LONG);
        }
        let raw_target = std::str::from_utf8(target).map_err(|_| bad("The address is not ASCII."))?.to_string();
        Ok(RequestLine { method, target: read_target(&raw_target)?, raw_target, close })
    }
}

/// Parses a request target. Percent escapes are decoded once. Dot segments, empty segments, backslashes, encoded slashes,
/// control characters and invalid UTF-8 are refused instead of normalised.
pub(super) fn read_target(raw: &str) -> Result<Target, Refusal> {
    if !raw.bytes().all(|byte| byte.is_ascii_graphic()) || raw.contains('#') {
        return Err(bad("The address holds a character that addresses do not have."));
    }
    let path = raw.strip_prefix('/').ok_or(bad("The address does not begin with a slash."))?;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let decoded = decode(path).ok_or(bad("The address has a percent sign that encodes nothing."))?;
    if path.to_ascii_lowercase().contains("%2f") || decoded.contains('\\') || decoded.chars().any(char::is_control) {
        return Err(bad("The address encodes a character that output paths do not have."));
    }
    let folder = decoded.is_empty() || decoded.ends_with('/');
    let segments = decoded.strip_suffix('/').unwrap_or(&decoded);
    if !decoded.is_empty() && segments.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Err(bad("The address has an empty or a dot segment."));
    }
    let key = if folder { format!("{decoded}index.html") } else { decoded };
    Ok(Target { key, query: query.to_string() })
}

/// The decoded value of a query parameter. `None` if it is absent or cannot be decoded.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).and_then(|(_, v)| decode(v))
}

/// Decodes percent escapes once. `None` unless two hexadecimal digits follow each percent sign and the result is UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(byte) = rest.next() {
        bytes.push(if *byte == b'%' { hex(*rest.next()?)? << 4 | hex(*rest.next()?)? } else { *byte });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// The URL path of an output path: percent-encoded, with a leading slash.
pub(super) fn address_of(key: &str) -> String {
    key.bytes().fold(String::from("/"), |mut address, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(address, "%{byte:02X}");
        }
        address
    })
}

/// The headers that the server evaluates, each at most once.
#[derive(Default)]
struct Headers {
    values: Vec<(&'static str, String)>,
}

/// The names of the evaluated headers. The remaining headers are only checked for their syntax.
const READ: [&str; 12] = [
    "Host",
    "Origin",
    "Sec-Fetch-Site",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Dest",
    "Range",
    "If-Range",
    "If-None-Match",
    "Connection",
    "Content-Length",
    "Transfer-Encoding",
    "Upgrade",
];
/// The evaluated headers that change the answer.
const CONDITIONS: [&str; 3] = ["Range", "If-Range", "If-None-Match"];

impl Headers {
    fn read(lines: &[&[u8]]) -> Result<Headers, Refusal> {
        let mut headers = Headers::default();
        for line in lines {
            headers.add(line)?;
        }
        Ok(headers)
    }

    fn add(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let colon = line.iter().position(|byte| *byte == b':').ok_or(bad("A header line has no colon."))?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            return Err(bad("A header's name is not one."));
        }
        // Browsers send the cookies of every server on this host, with any bytes, so their syntax is not checked.
        let cookie = name.eq_ignore_ascii_case(b"cookie");
        if !value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~') || cookie && *byte >= 0x80) {
            return Err(bad("A header's value holds a byte that is not printable ASCII."));
        }
        let Some(known) = READ.into_iter().find(|known| name.eq_ignore_ascii_case(known.as_bytes())) else {
            return Ok(());
        };
        if self.get(known).is_some() {
            return Err(bad("A header that may come once comes twice."));
        }
        self.values.push((known, String::from_utf8_lossy(value).trim_matches([' ', '\t']).to_string()));
        Ok(())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    fn take(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_string)
    }
}

fn with_headers(line: RequestLine, headers: &Headers) -> Result<Head, Refusal> {
    let bodyless = headers.get("Content-Length").is_none_or(|length| length == "0");
    if !bodyless || headers.get("Transfer-Encoding").is_some() {
        return Err(bad("A request to read has no body."));
    }
    if headers.get("Upgrade").is_some() {
        return Err(bad("There is no other protocol here."));
    }
    let asked_to_close = headers.get("Connection").is_some_and(|value| has_word(value, "close"));
    let conditions = CONDITIONS.into_iter().filter_map(|name| Some((name, headers.take(name)?)));
    Ok(Head {
        method: line.method,
        raw_target: line.raw_target,
        target: line.target,
        host: headers.take("Host").ok_or(bad("The request does not say which host it is for."))?,
        origin: headers.take("Origin"),
        fetch_site: headers.take("Sec-Fetch-Site"),
        fetch_mode: headers.take("Sec-Fetch-Mode"),
        fetch_dest: headers.take("Sec-Fetch-Dest"),
        conditions: conditions.collect(),
        close: line.close || asked_to_close,
    })
}

fn has_word(list: &str, word: &str) -> bool {
    list.split(',').any(|item| item.trim().eq_ignore_ascii_case(word))
}

/// `tchar` of RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn status(request: &[u8]) -> u16 {
        match read(request) {
            Reading::More => 0,
            Reading::Whole(..) => 200,
            Reading::Refused(refusal) => refusal.status,
        }
    }

    fn key(raw: &str) -> Result<String, u16> {
        read_target(raw).map(|target| target.key).map_err(|refusal| refusal.status)
    }

    #[test]
    fn a_browsers_request_is_read_and_what_follows_it_is_left() {
        let bytes = b"GET /a%20b/?x=1 HTTP/1.1\r\nHost: localhost:1\r\nRange: bytes=0-\r\nCookie: \xff\r\n\r\nGET";
        let Reading::Whole(head, length) = read(bytes) else { panic!("not read") };
        assert_eq!(length, bytes.len() - 3);
        assert_eq!(head.target, Target { key: "a b/index.html".into(), query: "x=1".into() });
        assert_eq!((head.host.as_str(), head.close), ("localhost:1", false));
        assert_eq!(head.conditions, [("Range", "bytes=0-".to_string())]);
    }

    #[test]
    fn keys_are_decoded_once() {
        assert_eq!(key("/"), Ok("index.html".into()));
        assert_eq!(key("/a/"), Ok("a/index.html".into()));
        assert_eq!(key("/%C3%A4.html"), Ok("ä.html".into()));
        assert_eq!(key("/%252e%252e%252fetc"), Ok("%2e%2e%2fetc".into()));
        for hostile in
            ["a", "*", "/..", "/a/./b", "//a", "/a//", "/%2e%2e/a", "/a%2fb", "/a%5Cb", "/a\\b", "/%0d", "/%c2%85"]
        {
            assert_eq!(key(hostile), Err(400), "{hostile}");
        }
    }

    #[test]
    fn limits_are_where_they_are_said_to_be() {
        let target =
            |length: usize| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(length - 1)).into_bytes();
        assert_eq!([status(&target(LONGEST_TARGET)), status(&target(LONGEST_TARGET + 1))], [200, 414]);
        let padded = |length: usize| {
            let rest = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".len();
            format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(length - rest)).into_bytes()
        };
        assert_eq!([status(&padded(LONGEST_HEAD)), status(&padded(LONGEST_HEAD + 1))], [200, 431]);
        let lines =
            |count: usize| format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(count - 1)).into_bytes();
        assert_eq!([status(&lines(MOST_HEADERS)), status(&lines(MOST_HEADERS + 1))], [200, 431]);
        assert_eq!(status(&vec![b'A'; LONGEST_HEAD]), 414);
    }

    #[test]
    fn garbage_does_not_wait_for_its_end() {
        for early in [
            &b"\x16\x03\x01"[..],
            b"GET /\r\n",
            b"GET / HTTP/2.0\r\n",
            b"GET / HTTP/1.1\n",
            b"POST / HTTP/1.1\r\n",
            b"GET /\rX",
        ] {
            assert!(status(early) >= 400, "{early:?}");
        }
        assert_eq!(status(b"GET / HT"), 0);
        assert_eq!(status(b""), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }

        #[test]
        fn a_key_never_leaves_its_root(raw in "[/.%25cCfFeE02\\\\a?#:]{0,24}") {
            if let Ok(target) = read_target(&format!("/{raw}")) {
                prop_assert!(!target.key.starts_with('/') && !target.key.contains('\\'));
                prop_assert!(target.key.split('/').all(|part| !matches!(part, "" | "." | "..")));
            }
        }

        #[test]
        fn an_address_leads_back_to_its_key(key in "[^/\\\\\\p{Cc}]{1,12}(/[^/\\\\\\p{Cc}]{1,12}){0,3}") {
            prop_assume!(key.split('/').all(|part| !matches!(part, "." | "..")));
            prop_assert_eq!(read_target(&address_of(&key)).map(|target| target.key), Ok(key));
        }

        #[test]
        fn a_head_reads_the_same_however_it_arrives(cut in 0usize..60) {
            let bytes = b"GET /x.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            prop_assert_eq!(read(&bytes[..cut.min(bytes.len() - 1)]), Reading::More);
            prop_assert_eq!(status(bytes), 200);
        }
    }
}
