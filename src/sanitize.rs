//! Placeholder.
use crate::markdown::tags;

/// x
pub struct Cleaned {
    /// x
    pub html: String,
}
/// x
#[derive(Default)]
pub struct Policy {
    /// x
    pub schemes: Vec<String>,
    /// x
    pub remote_media: bool,
    /// x
    pub class_prefixes: Vec<String>,
}
/// x
pub struct Removed {
    /// x
    pub what: String,
    /// x
    pub offset: usize,
}
/// x
pub fn removed(html: &str, _: &Policy) -> Vec<Removed> {
    let mut found = Vec::new();
    for tag in tags(html) {
        if ["script", "style", "iframe", "form", "base", "meta", "object"]
            .iter()
            .any(|n| tag.name.eq_ignore_ascii_case(n))
        {
            found.push(Removed { what: format!("`<{}>`", tag.name), offset: tag.range.start });
        }
        for a in tag.attributes.iter().filter(|a| a.name.starts_with("on")) {
            found.push(Removed { what: format!("`{}` on `<{}>`", a.name, tag.name), offset: tag.range.start });
        }
    }
    found
}
/// x
pub fn token(n: usize) -> String {
    format!("\u{e000}{n}\u{e001}")
}
/// x
pub fn sanitize(html: &str, _: &[String], _: bool) -> Cleaned {
    Cleaned { html: html.into() }
}
/// x
pub fn put_back(html: &str, _: &[String], out: &mut String) {
    out.push_str(html)
}
