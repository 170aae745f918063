//! Finds the active parts of a file that a browser opens as a document: scripts, event handlers, requests to different
//! sites.
//!
//! Only reads. Whether such a file is published is decided by the caller.

use super::{Where, scheme, shown};
use crate::text::html_tags::{Syntax, Tag, Token, tags, tokens};
use std::borrow::Cow;

/// The type of a file in a browser, by its extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActiveKind {
    /// An HTML page.
    Html,
    /// An SVG image.
    Svg,
    /// Any different XML. Its elements are active if their namespace is that of HTML or SVG.
    Xml,
}

/// The extensions of files that can contain scripts.
const ENDINGS: &[(&str, ActiveKind)] = &[
    ("atom", ActiveKind::Xml),
    ("htm", ActiveKind::Html),
    ("html", ActiveKind::Html),
    ("mml", ActiveKind::Xml),
    ("rdf", ActiveKind::Xml),
    ("rss", ActiveKind::Xml),
    ("svg", ActiveKind::Svg),
    ("xht", ActiveKind::Xml),
    ("xhtml", ActiveKind::Xml),
    ("xml", ActiveKind::Xml),
    ("xsl", ActiveKind::Xml),
    ("xslt", ActiveKind::Xml),
];

impl ActiveKind {
    /// The type of the file at `path`. `None` if browsers run no code in such a file.
    pub(crate) fn of(path: &str) -> Option<ActiveKind> {
        let ending = path.rsplit_once('.')?.1.to_ascii_lowercase();
        ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, kind)| *kind)
    }
}

/// The active parts of a file, one phrase each: scripts, event attributes, foreign content, and requests to different
/// sites. Empty for a harmless file.
pub(crate) fn active_parts(bytes: &[u8], kind: ActiveKind) -> Vec<String> {
    let text = decoded(bytes);
    let mut parts = Vec::new();
    let mut note = |what: String| {
        if !parts.contains(&what) {
            parts.push(what);
        }
    };
    if kind != ActiveKind::Html {
        xml_parts(&text.to_ascii_lowercase(), &mut note);
        if kind == ActiveKind::Xml && !has_active_namespace(&text) {
            return parts;
        }
    }
    if has_external_style(&text, kind) {
        note("a `url(…)` from elsewhere".to_string());
    }
    let mut look = |tag: Tag| {
        let name = tag.name.rsplit(':').next().unwrap_or_default();
        if !tag.closes && runs(name, &tag, kind) {
            note(format!("`<{}>`", shown(name)));
        }
        for attribute in tag.attributes.iter().filter(|attribute| !attribute.repeated) {
            attribute_part(name, &tag, &attribute.name, &attribute.decoded(), kind).into_iter().for_each(&mut note);
        }
    };
    if kind == ActiveKind::Html {
        tags(&text, Syntax::Page).for_each(&mut look);
    }
    // In SVG and MathML inside a page, the content of `<style>` is markup. Hence a second scan by the rules of XML.
    if kind != ActiveKind::Html || text.contains("<svg") || text.contains("<math") {
        tags(&text, Syntax::Xml).for_each(&mut look);
    }
    parts
}

/// The text of a file. UTF-16 is recognised by its first bytes, because browsers decode it and a search in the bytes
/// would find nothing.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| of(*pair)).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, b'<', ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// Reports active parts of XML outside of elements. Declarations of entities and attributes can create elements that
/// the scan does not see.
fn xml_parts(lower: &str, note: &mut dyn FnMut(String)) {
    for (markup, what) in [
        ("<!entity", "an entity declaration"),
        ("<!attlist", "a declaration of attributes"),
        ("<?xml-stylesheet", "a style sheet from elsewhere"),
    ] {
        if lower.contains(markup) {
            note(what.to_string());
        }
    }
}

/// Whether an element declares the namespace of HTML or SVG.
fn has_active_namespace(text: &str) -> bool {
    const ACTIVE: [&str; 2] = ["http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"];
    tags(text, Syntax::Xml).any(|tag| {
        let declares = |name: &str| name == "xmlns" || name.starts_with("xmlns:");
        tag.attributes.iter().any(|own| declares(&own.name) && ACTIVE.contains(&own.decoded().trim()))
    })
}

/// Elements in an SVG image that run code or load content that is not an image.
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

/// Whether an element runs code or redirects the page.
fn runs(name: &str, tag: &Tag, kind: ActiveKind) -> bool {
    match kind {
        ActiveKind::Svg => ACTIVE_SVG.contains(&name),
        _ if name == "meta" => tag.value("http-equiv").is_some_and(|value| value.eq_ignore_ascii_case("refresh")),
        _ => matches!(name, "script" | "applet" | "handler" | "listener"),
    }
}

/// A phrase for an active attribute: an event handler, a script URL, or a request to a different site.
fn attribute_part(element: &str, tag: &Tag, attribute: &str, value: &str, kind: ActiveKind) -> Option<String> {
    let on = || format!("`{}` on `<{}>`", shown(attribute), shown(element));
    if attribute.starts_with("on") || attribute == "srcdoc" {
        return Some(on());
    }
    let local = attribute.rsplit(':').next().unwrap_or_default();
    let addresses: Vec<&str> = if local == "srcset" { value.split(',').collect() } else { vec![value] };
    addresses.into_iter().find_map(|address| match scheme(address) {
        Where::Scheme(scheme) if matches!(scheme.as_str(), "javascript" | "vbscript") => {
            Some(format!("a `{scheme}:` address on `<{}>`", shown(element)))
        }
        Where::Scheme(scheme) if fetches(element, tag, local, kind) => {
            let start = address.trim_start().to_ascii_lowercase();
            let picture = scheme == "data" && start.starts_with("data:image/") && !start.contains("svg");
            (!picture).then(|| format!("`{}` to elsewhere on `<{}>`", shown(attribute), shown(element)))
        }
        Where::OtherHost if fetches(element, tag, local, kind) => {
            Some(format!("`{}` to elsewhere on `<{}>`", shown(attribute), shown(element)))
        }
        _ => None,
    })
}

/// Whether a browser requests the URL of an attribute without a click. Links are only followed by the reader.
fn fetches(element: &str, tag: &Tag, attribute: &str, kind: ActiveKind) -> bool {
    /// Values of `rel` with which `<link>` loads a file.
    const LOADING: &[&str] = &["stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest", "import"];
    match attribute {
        "href" if matches!(element, "a" | "area") => false,
        "href" if element == "link" && kind != ActiveKind::Svg => tag.value("rel").is_some_and(|relations| {
            relations.split_ascii_whitespace().any(|one| LOADING.iter().any(|known| one.eq_ignore_ascii_case(known)))
        }),
        "href" | "src" | "srcset" | "data" | "action" | "formaction" | "background" | "poster" => true,
        "from" | "to" | "values" | "by" => element == "set" || element.starts_with("animate"),
        _ => false,
    }
}

/// Whether style rules load a file that is not embedded. In a page, only files from a different host count.
fn has_external_style(text: &str, kind: ActiveKind) -> bool {
    match kind {
        ActiveKind::Html => {
            let mut in_style = false;
            tokens(text, Syntax::Page).any(|token| match token {
                Token::Tag(tag) => {
                    in_style = tag.name == "style" && !tag.closes;
                    tag.value("style").is_some_and(|rules| names_other_host(&rules))
                }
                Token::RawText(range) => in_style && names_other_host(&text[range]),
                _ => false,
            })
        }
        _ => names_other_file(&text.to_ascii_lowercase()),
    }
}

fn names_other_host(rules: &str) -> bool {
    let rules = rules.to_ascii_lowercase();
    let outside = |(at, found): (usize, &str)| {
        let address = rules[at + found.len()..].trim_start_matches([' ', '\t', '\n', '\'', '"']);
        match scheme(address) {
            Where::Scheme(scheme) => scheme != "data",
            Where::OtherHost => true,
            Where::Here => false,
        }
    };
    rules.match_indices("url(").any(outside) || rules.match_indices("@import").any(outside)
}

fn names_other_file(lower: &str) -> bool {
    let outside = |(at, found): (usize, &str)| {
        let inside = lower[at + found.len()..].trim_start_matches([' ', '\t', '\n', '\'', '"']);
        let inside = inside.strip_prefix("&quot;").or(inside.strip_prefix("&apos;")).unwrap_or(inside);
        !inside.starts_with('#') && !inside.starts_with("data:image/") && !inside.starts_with("data:font/")
    };
    lower.contains("@import") || lower.match_indices("url(").any(outside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pictures_that_act_are_found() {
        for (svg, expected) in [
            ("<svg><script>x</script></svg>", "`<script>`"),
            ("<svg xmlns:s='x'><s:script/></svg>", "`<script>`"),
            ("<svg xmlns:é='x'><é:script/></svg>", "`<script>`"),
            ("<svg onload='x'/>", "`onload` on `<svg>`"),
            ("<svg><a href='java&#10;script:x'/></svg>", "a `javascript:` address on `<a>`"),
            ("<svg><foreignObject/></svg>", "`<foreignobject>`"),
            ("<svg><image xlink:href='https://e/x.png'/></svg>", "`xlink:href` to elsewhere on `<image>`"),
            ("<svg><use href='//e/x.svg#a'/></svg>", "`href` to elsewhere on `<use>`"),
            ("<svg><set attributeName='href' to='javascript:x'/></svg>", "a `javascript:` address on `<set>`"),
            ("<svg><style>@import 'x';</style></svg>", "a `url(…)` from elsewhere"),
            ("<svg><rect fill='url(https://e/#a)'/></svg>", "a `url(…)` from elsewhere"),
            ("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>", "an entity declaration"),
            ("<?xml-stylesheet href='x'?><svg/>", "a style sheet from elsewhere"),
            ("<svg><image href='data:image/svg+xml,x'/></svg>", "`href` to elsewhere on `<image>`"),
            ("<svg><!-- > --><style><script>x</script></style></svg>", "`<script>`"),
        ] {
            let parts = active_parts(svg.as_bytes(), ActiveKind::Svg);
            assert!(parts.contains(&expected.to_string()), "{svg}: {parts:?}");
        }
        let harmless = "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><!-- <script> --><defs>\
            <linearGradient id='a'/></defs><rect fill='url(#a)' style='color:red'/><use href='#a'/>\
            <image href='data:image/png;base64,x'/><a href='https://e'><text><![CDATA[<script>]]></text></a></svg>";
        assert_eq!(active_parts(harmless.as_bytes(), ActiveKind::Svg), Vec::<String>::new());
        let wide: Vec<u8> = "\u{feff}<svg onload='x'/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(active_parts(&wide, ActiveKind::Svg), ["`onload` on `<svg>`"]);
    }

    #[test]
    fn pages_that_act_are_found() {
        for (html, expected) in [
            ("<p>a<script>x</script>", vec!["`<script>`"]),
            ("<body onload=x>", vec!["`onload` on `<body>`"]),
            ("<iframe srcdoc='x'></iframe>", vec!["`srcdoc` on `<iframe>`"]),
            ("<img src=//e/x.png>", vec!["`src` to elsewhere on `<img>`"]),
            ("<img srcset='a.png 1x, https://e/x.png 2x'>", vec!["`srcset` to elsewhere on `<img>`"]),
            ("<link rel='x StyleSheet' href=https://e/x.css>", vec!["`href` to elsewhere on `<link>`"]),
            ("<meta http-equiv=Refresh content=0>", vec!["`<meta>`"]),
            ("<style>a { b: url( 'https://e/x' ) }</style>", vec!["a `url(…)` from elsewhere"]),
            ("<svg><style><script>x</script></style></svg>", vec!["`<script>`"]),
            ("<a href=javascript&colon;x>", vec!["a `javascript:` address on `<a>`"]),
            (
                "<!doctype html><meta charset=utf-8><title><script></title><textarea><script></textarea><!--<script>-->\
                 <link rel=canonical href=https://e/><style>a { b: url(c.png) }</style><p title='<script>' id=a id=on>\
                 url(https://e/x)<a href=https://e>b</a><img src=c.png>",
                vec![],
            ),
        ] {
            assert_eq!(active_parts(html.as_bytes(), ActiveKind::Html), expected, "{html}");
        }
    }

    #[test]
    fn other_xml_acts_by_its_namespace() {
        let feed = "<rss xmlns:a='b'><script>x</script><body onload='x'/></rss>";
        assert_eq!(active_parts(feed.as_bytes(), ActiveKind::Xml), Vec::<String>::new());
        let page = "<r xmlns:h='http://www.w3.org/1999/xhtm&#108;'><h:script>x</h:script></r>";
        assert_eq!(active_parts(page.as_bytes(), ActiveKind::Xml), ["`<script>`"]);
    }

    proptest! {
        #[test]
        fn any_file_is_looked_at(bytes in prop::collection::vec(any::<u8>(), 0..60), text in "[a-z <>/=\"'&;#x!:()-]{0,80}") {
            for kind in [ActiveKind::Html, ActiveKind::Svg, ActiveKind::Xml] {
                active_parts(&bytes, kind);
                active_parts(text.as_bytes(), kind);
            }
        }
    }
}
