//! What a picture in SVG would do besides being a picture.
//!
//! It only looks; whether a picture with problems is published is its caller's business.

use super::tags::{Dialect, tags};
use super::{Where, scheme, shown};

/// What a picture in SVG would do besides being a picture, one phrase for each: scripts, handlers, foreign content, and
/// anything it would fetch from elsewhere. Empty for a picture that may be shown anywhere.
pub fn svg_problems(svg: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut note = |what: String| {
        if !problems.contains(&what) {
            problems.push(what);
        }
    };
    let lower = svg.to_ascii_lowercase();
    if lower.contains("<!entity") {
        note("an entity declaration".to_string());
    }
    if lower.contains("<?xml-stylesheet") {
        note("a style sheet from elsewhere".to_string());
    }
    if has_external_url(&lower) {
        note("a `url(…)` from elsewhere".to_string());
    }
    for tag in tags(svg, Dialect::Xml).iter().filter(|tag| !tag.closes) {
        let name = tag.name.rsplit(':').next().unwrap_or_default();
        if ACTIVE_SVG.contains(&name) {
            note(format!("`<{}>`", shown(name)));
        }
        for (attribute, value) in &tag.attributes {
            attribute_problem(name, attribute, value).into_iter().for_each(&mut note);
        }
    }
    problems
}

/// Elements that run, or that bring in what is not SVG.
const ACTIVE_SVG: &[&str] = &[
    "script",
    "foreignobject",
    "iframe",
    "embed",
    "object",
    "handler",
    "listener",
    "html",
    "body",
    "meta",
    "link",
    "base",
    "form",
    "audio",
    "video",
];

fn attribute_problem(tag: &str, attribute: &str, value: &str) -> Option<String> {
    let local = attribute.rsplit(':').next().unwrap_or_default();
    if local.starts_with("on") {
        return Some(format!("`{}` on `<{}>`", shown(attribute), shown(tag)));
    }
    let address = matches!(local, "href" | "src" | "from" | "to" | "values" | "begin" | "action" | "data");
    match scheme(value) {
        Where::Scheme(scheme) if matches!(scheme.as_str(), "javascript" | "vbscript") => {
            Some(format!("a `{scheme}:` address on `<{}>`", shown(tag)))
        }
        Where::Scheme(scheme) if address && local != "begin" => {
            let picture = scheme == "data" && value.trim_start().to_ascii_lowercase().starts_with("data:image/");
            let svg = value.to_ascii_lowercase().contains("svg");
            (!picture || svg).then(|| format!("`{}` to elsewhere on `<{}>`", shown(attribute), shown(tag)))
        }
        Where::OtherHost if address => Some(format!("`{}` to elsewhere on `<{}>`", shown(attribute), shown(tag))),
        _ => None,
    }
}

/// Whether a `url(…)` or `@import` names anything but a part of the same file or a picture within it.
fn has_external_url(lower: &str) -> bool {
    let outside = |(at, found): (usize, &str)| {
        let inside = lower[at + found.len()..].trim_start_matches([' ', '\t', '\n', '\'', '"']);
        let inside = inside.strip_prefix("&quot;").or(inside.strip_prefix("&apos;")).unwrap_or(inside);
        !inside.starts_with('#') && !inside.starts_with("data:image/") && !inside.starts_with("data:font/")
    };
    lower.contains("@import") || lower.match_indices("url(").any(outside)
}
