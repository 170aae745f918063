//! Turns an accepted request into an answer: a file of the site or a range of it, a redirect to a folder, the 404 page, or the
//! script and style of the preview. Knows no socket; `http` writes the answer.

use super::content::{Body, Content};
use super::head::{self, Target};
use super::media::{FILE_POLICY, TEXT, policy_for};
use super::overlay::{self, Stamp};
use super::{Site, access, reload};
use std::ops::Range;
use std::sync::Arc;

/// The headers of every answer.
pub(super) const ALWAYS: [(&str, &str); 5] = [
    ("Server", "canon"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
];

/// An answer, before `http` writes it.
#[derive(Debug)]
pub(super) struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers, without `ALWAYS` and `Content-Length`, which `http` adds.
    pub headers: Vec<(&'static str, String)>,
    /// The whole body.
    pub content: Content,
    /// The bytes of the body to send.
    pub range: Range<u64>,
}

/// The request headers that change which part of a body is sent.
#[derive(Debug, Default)]
pub(super) struct Conditions<'a> {
    /// `Range`; `None` for a HEAD request.
    pub range: Option<&'a str>,
    /// `If-Range`.
    pub if_range: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
}

/// The answer to a request for a file of the site.
pub(super) fn page(site: &dyn Site, boot: u64, policy: &str, target: &Target, conditions: &Conditions) -> Answer {
    if let Some(file) = own_file(target) {
        return whole_or_part(200, file, policy, conditions);
    }
    // Read before the page. If an edit comes between, the page has a version that is too low, and reloads; the other
    // way round it would miss the edit.
    let version = site.version();
    let with_script = |body: Body| {
        let findings = reload::fingerprint(&site.findings(&target.key));
        overlay::with_script(body, &Stamp { boot, version, findings })
    };
    if let Some(body) = site.get(&target.key) {
        return whole_or_part(200, with_script(body), policy, conditions);
    }
    // `/databases` becomes `/databases/`. The redirect leads to an existing page, so the request cannot inject a target.
    if site.get(&format!("{}/index.html", target.key)).is_some() {
        let mut answer = sentence(302, "This is a folder: its address ends in a slash.");
        answer.headers.push(("Location", format!("{}/", head::address_of(&target.key))));
        return answer;
    }
    whole_or_part(404, with_script(site.not_found()), policy, &Conditions::default())
}

/// An answer with a fixed sentence as plain text.
pub(super) fn sentence(status: u16, text: &'static str) -> Answer {
    let body = Body { content: Content::Bytes(Arc::from(text.as_bytes())), media_type: TEXT };
    whole_or_part(status, body, FILE_POLICY, &Conditions::default())
}

/// An answer with JSON, for the endpoints of the preview's script.
pub(super) fn json(text: String) -> Answer {
    let body =
        Body { content: Content::Bytes(text.into_bytes().into()), media_type: "application/json; charset=utf-8" };
    whole_or_part(200, body, FILE_POLICY, &Conditions::default())
}

fn own_file(target: &Target) -> Option<Body> {
    let (bytes, media_type): (&'static [u8], _) = match target.key.strip_prefix(access::INTERNAL)? {
        "reload.js" => (overlay::SCRIPT.as_bytes(), "text/javascript; charset=utf-8"),
        "reload.css" => (overlay::STYLE.as_bytes(), "text/css; charset=utf-8"),
        _ => return None,
    };
    Some(Body { content: Content::Bytes(Arc::from(bytes)), media_type })
}

fn whole_or_part(status: u16, body: Body, policy: &str, conditions: &Conditions) -> Answer {
    let length = body.content.length();
    let tag = body.content.tag();
    let mut headers =
        vec![("Content-Type", body.media_type.to_string()), ("Content-Security-Policy", policy_for(&body, policy))];
    if status != 200 {
        return Answer { status, headers, content: body.content, range: 0..length };
    }
    headers.extend([("ETag", tag.clone()), ("Accept-Ranges", "bytes".into())]);
    if conditions.if_none_match.is_some_and(|tags| matches_tag(tags, &tag)) {
        return Answer { status: 304, headers, content: body.content, range: 0..length };
    }
    let same = conditions.if_range.is_none_or(|validator| validator == tag);
    match conditions.range.filter(|_| same).map_or(Asked::Whole, |range| read_range(range, length)) {
        Asked::Whole => Answer { status: 200, headers, content: body.content, range: 0..length },
        Asked::Part(range) => {
            headers.push(("Content-Range", format!("bytes {}-{}/{length}", range.start, range.end - 1)));
            Answer { status: 206, headers, content: body.content, range }
        }
        Asked::Nothing => {
            let mut answer = sentence(416, "The file has no such part.");
            answer.headers.push(("Content-Range", format!("bytes */{length}")));
            answer
        }
    }
}

fn matches_tag(tags: &str, tag: &str) -> bool {
    tags.trim() == "*" || tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    Nothing,
}

/// Reads a `Range` header. Only a single range of bytes is supported; for several ranges, unknown units and invalid values the
/// whole body is sent, as RFC 9110, section 14.2, allows.
fn read_range(header: &str, length: u64) -> Asked {
    let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Asked::Whole;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // A number too large for `u64` is still a valid position behind the end.
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let range = match (number(first.trim()), number(last.trim())) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Some(first), None) if last.trim().is_empty() => first..length,
        (None, Some(count)) if first.trim().is_empty() => length - count.min(length)..length,
        _ => return Asked::Whole,
    };
    if range.start < range.end { Asked::Part(range) } else { Asked::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges() {
        for (header, expected) in [
            ("bytes=0-", Asked::Part(0..10)),
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=4-99", Asked::Part(4..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-99", Asked::Part(0..10)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=99999999999999999999999-", Asked::Nothing),
            ("bytes=5-2", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("lines=0-1", Asked::Whole),
        ] {
            assert_eq!(read_range(header, 10), expected, "{header}");
        }
        assert_eq!(read_range("bytes=0-", 0), Asked::Nothing);
    }

    #[test]
    fn tags() {
        assert!(matches_tag("*", "\"a\"") && matches_tag("\"b\", W/\"a\"", "\"a\""));
        assert!(!matches_tag("a", "\"a\"") && !matches_tag("", "\"a\""));
    }

    proptest! {
        #[test]
        fn a_part_lies_within(header in "bytes=[0-9]{0,21}-[0-9]{0,21}", length in 0u64..50) {
            if let Asked::Part(range) = read_range(&header, length) {
                prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}
