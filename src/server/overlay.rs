//! Adds a script element to each served page, and makes the JSON of the findings that the script shows. The remaining bytes of
//! a page are unchanged. The script inserts findings as text, never as markup.

use super::content::{Body, Content};
use super::{Finding, media};

/// The script of the preview: replaces text in an open page (`swap.js`) when the server reports a change (`reload.js`).
pub(super) const SCRIPT: &str = concat!(include_str!("../../static/swap.js"), include_str!("../../static/reload.js"));
/// The style sheet of the overlay with findings.
pub(super) const STYLE: &str = include_str!("../../static/reload.css");

const OPENING: &str = "<script src=\"/__canon/reload.js\"";
const CLOSING: &str = "></script>";

/// The attributes of the script element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The run of the server that made the page.
    pub boot: u64,
    /// The version of the site when the page was made.
    pub version: u64,
    /// The fingerprint of the page's findings; zero for none.
    pub findings: u64,
}

/// Inserts the script before the last `</body>`, or at the end. Bodies other than pages are returned unchanged.
pub(super) fn with_script(body: Body, stamp: &Stamp) -> Body {
    let Content::Bytes(bytes) = &body.content else { return body };
    if body.media_type != media::HTML {
        return body;
    }
    let element = format!(
        "{OPENING} data-boot=\"{}\" data-version=\"{}\" data-findings=\"{}\"{CLOSING}",
        stamp.boot, stamp.version, stamp.findings
    );
    let at = end_of_body(bytes);
    let page = [&bytes[..at], element.as_bytes(), &bytes[at..]].concat();
    Body { content: Content::Bytes(page.into()), media_type: body.media_type }
}

/// Removes the script: the result equals the file of `canon build`.
pub fn without_script(page: &[u8]) -> Vec<u8> {
    let find = |from: usize, text: &str| {
        page[from..].windows(text.len()).position(|window| window == text.as_bytes()).map(|at| from + at)
    };
    match find(0, OPENING).and_then(|start| Some((start, find(start, CLOSING)? + CLOSING.len()))) {
        Some((start, end)) => [&page[..start], &page[end..]].concat(),
        None => page.to_vec(),
    }
}

/// The place of the last `</body`: an earlier one may be part of a code sample or a comment.
fn end_of_body(page: &[u8]) -> usize {
    const TAG: &[u8] = b"</body";
    page.windows(TAG.len()).rposition(|window| window.eq_ignore_ascii_case(TAG)).unwrap_or(page.len())
}

/// The findings as JSON, for the script.
pub(super) fn findings_json(findings: &[Finding]) -> String {
    let list: Vec<_> = findings
        .iter()
        .map(|finding| {
            serde_json::json!({
                "severity": finding.severity.name(),
                "file": finding.file,
                "line": finding.line,
                "message": finding.message,
                "help": finding.help,
                "repair": finding.repair,
            })
        })
        .collect();
    serde_json::Value::Array(list).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::media::HTML;
    use super::*;

    fn page(html: &str) -> String {
        let body = Body { content: Content::Bytes(html.as_bytes().into()), media_type: HTML };
        match with_script(body, &Stamp { boot: 7, version: 3, findings: 0 }).content {
            Content::Bytes(bytes) => String::from_utf8(bytes.to_vec()).expect("text"),
            Content::File { .. } => panic!("a page is bytes"),
        }
    }

    #[test]
    fn the_script_stands_at_the_end_and_comes_off_again() {
        let script =
            "<script src=\"/__canon/reload.js\" data-boot=\"7\" data-version=\"3\" data-findings=\"0\"></script>";
        for (html, before, after) in [
            ("<body>a</body></html>", "<body>a", "</body></html>"),
            ("<body>&lt;/body></body>b</BODY >", "<body>&lt;/body></body>b", "</BODY >"),
            ("plain", "plain", ""),
            ("", "", ""),
        ] {
            assert_eq!(page(html), format!("{before}{script}{after}"));
            assert_eq!(without_script(page(html).as_bytes()), html.as_bytes());
        }
    }

    #[test]
    fn what_is_no_page_is_left_alone() {
        let svg = Body { content: Content::Bytes((*b"<svg></body>").into()), media_type: "image/svg+xml" };
        let Content::Bytes(bytes) = with_script(svg, &Stamp { boot: 1, version: 1, findings: 1 }).content else {
            panic!()
        };
        assert_eq!(&*bytes, b"<svg></body>");
    }
}
