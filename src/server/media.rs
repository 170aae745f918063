//! The media type of an output path, and the content security policy for that type. Files with an unknown extension are
//! downloads: a browser must not guess a type for them.

use super::content::{Body, Content};

/// Media types by extension, in lower case.
const TYPES: [(&str, &str); 44] = [
    ("aac", "audio/aac"),
    ("apkg", "application/octet-stream"),
    ("atom", "application/atom+xml; charset=utf-8"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("htm", HTML),
    ("html", HTML),
    ("ico", "image/x-icon"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json; charset=utf-8"),
    ("jxl", "image/jxl"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("map", "application/json; charset=utf-8"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("tsv", "text/tab-separated-values; charset=utf-8"),
    ("txt", "text/plain; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json; charset=utf-8"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xml", XML),
    ("zip", "application/zip"),
];

/// The media type of pages, which get the reload script.
pub const HTML: &str = "text/html; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";
/// The media type of fixed sentences.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";
/// The content security policy of files other than pages.
pub(super) const FILE_POLICY: &str = "script-src 'none'; frame-ancestors 'self'";
const UNKNOWN: &str = "application/octet-stream";

/// The media type of an output path, from the extension.
pub fn media_type(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    TYPES.binary_search_by_key(&extension.as_str(), |(known, _)| known).map_or(UNKNOWN, |at| TYPES[at].1)
}

/// The content security policy of an HTML or XML file from the content folder, which may contain scripts: none may run.
const DOCUMENT_POLICY: &str = "script-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox";

/// The content security policy of an answer. A rendered page has the policy of the site; HTML, SVG and XML files from the
/// disk may run no script.
pub(super) fn policy_for(body: &Body, site_policy: &str) -> String {
    match (body.media_type, &body.content) {
        (HTML, Content::Bytes(_)) => site_policy.to_string(),
        ("image/svg+xml", _) => {
            "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
                .into()
        }
        (HTML | XML, Content::File { .. }) => DOCUMENT_POLICY.into(),
        _ => FILE_POLICY.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_sorted_so_that_they_are_found() {
        assert!(TYPES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (path, expected) in [
            ("a/b.HTML", HTML),
            ("b.txt", TEXT),
            ("a.html/b", UNKNOWN),
            ("x.unheard", UNKNOWN),
            ("x", UNKNOWN),
            ("x.woff2", "font/woff2"),
            ("x.aac", "audio/aac"),
            ("x.zip", "application/zip"),
        ] {
            assert_eq!(media_type(path), expected, "{path}");
        }
    }
}
