//! Raw HTML from notes is reduced to what a page may hold, and what was taken out is named.
//!
//! It knows nothing of Markdown: the caller's own markup passes through it as placeholders, U+E000 digits U+E001.

use crate::text::html_tags::{Syntax, Tag, Token, VOID, tokens};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

mod active;

pub(crate) use active::{ActiveKind, active_parts};

/// Longest text that is looked at, in bytes.
const MAX_INPUT: usize = 32 * 1024 * 1024;
/// Deepest nesting of elements; the parser behind takes time that grows with its square.
const MAX_DEPTH: usize = 100;
/// Most attributes on one element, for the same reason.
const MAX_ATTRIBUTES: usize = 100;
/// Identifiers that begin so belong to the theme: a note may not put its own elements in their place.
pub(crate) const THEME_PREFIX: &str = "canon:";

/// What may stay besides the fixed lists of elements and attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Schemes links may have, in lower case and without the colon; relative addresses always may.
    pub schemes: Vec<String>,
    /// Whether pictures, sound and film may come from other sites (`https:`).
    pub remote_media: bool,
    /// How a class may begin; classes that begin otherwise are taken out.
    pub class_prefixes: Vec<String>,
}

impl Default for Policy {
    fn default() -> Policy {
        let owned = |words: &[&str]| words.iter().map(|word| word.to_string()).collect();
        Policy {
            schemes: owned(&["https", "http", "mailto"]),
            remote_media: false,
            class_prefixes: owned(&["language-", "footnote", "task-list", "callout", "user-"]),
        }
    }
}

/// HTML that may stand in a page, and what it no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cleaned {
    /// Safe, balanced HTML.
    pub html: String,
    /// What was taken out, in the order it stood in.
    pub removed: Vec<Removed>,
}

/// Something that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Removed {
    /// In the words of a warning: `` `<script>` `` or `` `onclick` on `<img>` ``.
    pub what: String,
    /// Where its tag begins, in bytes from the start of the input.
    pub offset: usize,
}

/// Elements that may stay, with the attributes of their own that may.
const ELEMENTS: &[(&str, &[&str])] = &[
    ("a", &["href", "name", "rel"]),
    ("abbr", &[]),
    ("audio", &["controls", "loop", "muted", "preload", "src"]),
    ("b", &[]),
    ("bdi", &[]),
    ("bdo", &[]),
    ("blockquote", &["cite"]),
    ("br", &[]),
    ("caption", &[]),
    ("center", &[]),
    ("cite", &[]),
    ("code", &[]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("dd", &[]),
    ("del", &["cite", "datetime"]),
    ("details", &["open"]),
    ("dfn", &[]),
    ("div", &[]),
    ("dl", &[]),
    ("dt", &[]),
    ("em", &[]),
    ("figcaption", &[]),
    ("figure", &[]),
    ("h1", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("h4", &[]),
    ("h5", &[]),
    ("h6", &[]),
    ("hr", &[]),
    ("i", &[]),
    ("img", &["alt", "decoding", "height", "loading", "sizes", "src", "srcset", "width"]),
    ("input", &["checked", "disabled", "type"]),
    ("ins", &["cite", "datetime"]),
    ("kbd", &[]),
    ("li", &["value"]),
    ("mark", &[]),
    ("ol", &["reversed", "start", "type"]),
    ("p", &[]),
    ("picture", &[]),
    ("pre", &[]),
    ("q", &["cite"]),
    ("rp", &[]),
    ("rt", &[]),
    ("ruby", &[]),
    ("s", &[]),
    ("samp", &[]),
    ("section", &[]),
    ("small", &[]),
    ("source", &["media", "sizes", "src", "srcset", "type"]),
    ("span", &[]),
    ("strong", &[]),
    ("sub", &[]),
    ("summary", &[]),
    ("sup", &[]),
    ("table", &[]),
    ("tbody", &[]),
    ("td", &["colspan", "headers", "rowspan"]),
    ("tfoot", &[]),
    ("th", &["colspan", "headers", "rowspan", "scope"]),
    ("thead", &[]),
    ("time", &["datetime"]),
    ("tr", &[]),
    ("u", &[]),
    ("ul", &[]),
    ("var", &[]),
    ("video", &["controls", "height", "loop", "muted", "playsinline", "poster", "preload", "src", "width"]),
    ("wbr", &[]),
];

/// Attributes that may stay on any element.
const EVERYWHERE: &[&str] = &["align", "aria-hidden", "aria-label", "class", "dir", "id", "lang", "role", "title"];
/// Raw text elements whose content is removed with them; the content of others stays as text.
const CONTENT_GOES: &[&str] = &["script", "style"];
/// Elements that end where the next of their kind begins.
const SELF_ENDING: &[&str] = &["dd", "dt", "li", "option", "p", "rp", "rt", "tbody", "td", "th", "tr"];
/// Elements the parser opens again after their parent ended, until they are closed themselves.
const REOPENING: &[&str] = &["a", "b", "code", "em", "i", "s", "small", "strong", "u"];

/// `html` with nothing left in it that `policy` does not let into a page.
///
/// The text of removed elements stays, but for scripts and styles that are closed, which go whole. In other elements
/// whose content is raw text (`<textarea>`, `<title>`, …) tags are removed too. A tag without its `>` becomes text.
/// Placeholders in text stay where they are, in their order; those inside a removed script or style go with it, and
/// those in a table but in no cell come before the table, as a browser would put them.
/// Elements that are nested too deep, or have too many attributes, go; their text stays.
/// The error says why the input was refused whole: it is too large to be looked at.
pub(crate) fn sanitize(html: &str, policy: &Policy) -> Result<Cleaned, String> {
    if html.len() > MAX_INPUT {
        return Err(format!("the HTML is larger than {} MiB", MAX_INPUT / 1024 / 1024));
    }
    let tags = scanned(html);
    let input = without_refused(html, &tags);
    let clean = cleaner(policy).clean(&input).to_string();
    Ok(Cleaned { html: clean, removed: removed_tags(&tags, policy) })
}

/// What [`sanitize`] would take out of `html`, in the order it stands there.
pub(crate) fn removed(html: &str, policy: &Policy) -> Vec<Removed> {
    removed_tags(&scanned(html), policy)
}

/// Whether the sanitiser knows this attribute on this element; an empty attribute asks for the element alone.
pub fn is_listed(element: &str, attribute: &str) -> bool {
    let listed = |own: &[&str]| own.contains(&attribute) || EVERYWHERE.contains(&attribute);
    own_attributes(element).is_some_and(|own| attribute.is_empty() || listed(own))
}

/// A tag, and where its raw text ends.
struct Scanned<'h> {
    tag: Tag<'h>,
    /// The raw text behind the tag; empty if there is none.
    raw: Range<usize>,
}

/// The tags of a part of a note.
fn scanned(html: &str) -> Vec<Scanned<'_>> {
    let mut tags: Vec<Scanned> = Vec::new();
    for token in tokens(html, Syntax::Fragment) {
        match (token, tags.last_mut()) {
            (Token::Tag(tag), _) => {
                let end = tag.range.end;
                tags.push(Scanned { tag, raw: end..end });
            }
            (Token::RawText(range), Some(last)) => last.raw = range,
            _ => {}
        }
    }
    tags
}

fn cleaner(policy: &Policy) -> ammonia::Builder<'static> {
    let mut builder = ammonia::Builder::empty();
    let own: HashMap<_, HashSet<_>> =
        ELEMENTS.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect();
    builder
        .tags(ELEMENTS.iter().map(|(tag, _)| *tag).collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(own)
        .generic_attributes(EVERYWHERE.iter().copied().collect())
        .url_relative(ammonia::UrlRelative::PassThrough)
        .url_schemes(HashSet::new())
        .link_rel(None)
        .strip_comments(true);
    // The cleaner's own list of schemes wants words that live as long as the program; the filter decides alone, on
    // addresses the cleaner has already let through as relative or known.
    let known: HashSet<&'static str> = KNOWN_SCHEMES.iter().copied().collect();
    builder.url_schemes(known);
    let policy = Arc::new(policy.clone());
    builder.attribute_filter(move |tag, name, value| filtered(tag, name, value, &policy).map(own_value(value)));
    builder
}

/// Schemes a configuration may allow at all; none of them makes a browser run anything.
const KNOWN_SCHEMES: &[&str] = &[
    "bitcoin",
    "callto",
    "data",
    "dat",
    "ed2k",
    "facetime",
    "file",
    "ftp",
    "ftps",
    "geo",
    "gemini",
    "git",
    "gopher",
    "http",
    "https",
    "im",
    "irc",
    "ircs",
    "ipfs",
    "ipns",
    "jabber",
    "ldap",
    "ldaps",
    "magnet",
    "mailto",
    "matrix",
    "mms",
    "news",
    "nntp",
    "obsidian",
    "openpgp4fpr",
    "sftp",
    "sip",
    "sips",
    "skype",
    "slack",
    "sms",
    "ssh",
    "steam",
    "svn",
    "tel",
    "tg",
    "urn",
    "vscode",
    "webcal",
    "xmpp",
    "zotero",
];

fn own_value<'v>(value: &'v str) -> impl Fn(Option<String>) -> Cow<'v, str> {
    move |replaced| replaced.map_or(Cow::Borrowed(value), Cow::Owned)
}

/// `None` where the attribute goes, `Some(None)` where it stays as it is, `Some(Some(value))` where part of it stays.
fn filtered(tag: &str, name: &str, value: &str, policy: &Policy) -> Option<Option<String>> {
    let stays = match name {
        "class" => return classes(value, policy),
        "id" | "headers" => good_identifier(value),
        "name" => good_identifier(value),
        "href" | "cite" => good_address(value, &policy.schemes),
        "src" | "poster" => good_media(value, policy),
        "srcset" => value.split(',').all(|part| good_media(part, policy)),
        "type" if tag == "input" => value.eq_ignore_ascii_case("checkbox"),
        _ => true,
    };
    stays.then_some(None)
}

fn classes(value: &str, policy: &Policy) -> Option<Option<String>> {
    let good = |class: &&str| policy.class_prefixes.iter().any(|prefix| class.starts_with(prefix.as_str()));
    let all: Vec<&str> = value.split_ascii_whitespace().collect();
    let kept: Vec<&str> = all.iter().copied().filter(good).collect();
    match kept.len() {
        0 => None,
        count if count == all.len() => Some(None),
        _ => Some(Some(kept.join(" "))),
    }
}

fn good_identifier(value: &str) -> bool {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-');
    let theme = value.get(..THEME_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(THEME_PREFIX));
    !value.is_empty() && value.len() <= 400 && value.chars().all(good) && !theme
}

/// Whether a browser, given this address, would go only where it may: within the site, or by one of `schemes`.
pub(crate) fn good_address(address: &str, schemes: &[String]) -> bool {
    match scheme(address) {
        Where::Scheme(scheme) => schemes.contains(&scheme),
        Where::OtherHost => false,
        Where::Here => true,
    }
}

fn good_media(address: &str, policy: &Policy) -> bool {
    match scheme(address) {
        Where::Scheme(scheme) => policy.remote_media && scheme == "https",
        Where::OtherHost => false,
        Where::Here => true,
    }
}

enum Where {
    Scheme(String),
    OtherHost,
    Here,
}

/// Reads an address as browsers do (WHATWG URL): tabs and line ends are not there, `\` is `/`.
fn scheme(address: &str) -> Where {
    let seen: String = address.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let seen = seen.trim_start_matches(|c: char| c <= ' ');
    let end = seen.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.')).unwrap_or(seen.len());
    let starts_like_one = seen.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_like_one && seen[end..].starts_with(':') {
        return Where::Scheme(seen[..end].to_ascii_lowercase());
    }
    let mut start = seen.chars().take(2);
    let slash = |c: Option<char>| matches!(c, Some('/' | '\\'));
    if slash(start.next()) && slash(start.next()) { Where::OtherHost } else { Where::Here }
}

/// `html` with an empty comment in place of each refused tag, so that no parser state (raw text, templates, foreign
/// content) can swallow what follows it; a comment, because two ends that meet could form a new tag.
fn without_refused<'h>(html: &'h str, tags: &[Scanned<'h>]) -> Cow<'h, str> {
    let deep = too_deep(tags);
    let mut kept = String::new();
    let mut done = 0;
    for (Scanned { tag, raw }, _) in tags.iter().zip(deep).filter(|(found, deep)| *deep || is_refused(&found.tag)) {
        kept.push_str(&html[done..tag.range.start]);
        done = raw.end;
        if !tag.finished {
            kept.push_str(&html[tag.range.start..].replace('<', "&lt;"));
            done = html.len();
            break;
        }
        kept.push_str("<!---->");
        if !CONTENT_GOES.contains(&&*tag.name) {
            push_without_tags(&html[raw.clone()], &mut kept);
        }
    }
    if kept.is_empty() {
        return Cow::Borrowed(html);
    }
    kept.push_str(&html[done..]);
    Cow::Owned(kept)
}

/// Writes raw text as text. The Markdown in it has become tags, which a reader should not see.
fn push_without_tags(raw: &str, kept: &mut String) {
    for token in tokens(raw, Syntax::Xml) {
        match token {
            Token::Tag(tag) if tag.finished => {}
            Token::Tag(Tag { range, .. }) | Token::Text(range) | Token::RawText(range) | Token::Comment(range) => {
                kept.push_str(&raw[range].replace('<', "&lt;"));
            }
        }
    }
}

fn own_attributes(element: &str) -> Option<&'static [&'static str]> {
    ELEMENTS.iter().find(|(name, _)| *name == element).map(|(_, own)| *own)
}

fn is_foreign_input(tag: &Tag) -> bool {
    let checkbox = tag.value("type").is_some_and(|value| value.eq_ignore_ascii_case("checkbox"));
    !tag.closes && tag.name == "input" && !(checkbox && tag.value("disabled").is_some())
}

fn removed_tags(tags: &[Scanned], policy: &Policy) -> Vec<Removed> {
    let mut removed = Vec::new();
    for Scanned { tag, .. } in tags {
        let mut note = |what: String| removed.push(Removed { what, offset: tag.range.start });
        if !tag.finished {
            note(format!("the markup of the unfinished tag `<{}>`", shown(&tag.name)));
            continue;
        }
        if tag.closes {
            continue;
        }
        let Some(own) = own_attributes(&tag.name) else {
            note(format!("`<{}>`", shown(&tag.name)));
            continue;
        };
        if is_foreign_input(tag) {
            note("`<input>` other than a disabled checkbox".to_string());
            continue;
        }
        if tag.attributes.len() > MAX_ATTRIBUTES {
            note(format!("`<{}>` with more than {MAX_ATTRIBUTES} attributes", shown(&tag.name)));
            continue;
        }
        for attribute in tag.attributes.iter().filter(|attribute| !attribute.repeated) {
            let name = &*attribute.name;
            let listed = own.contains(&name) || EVERYWHERE.contains(&name);
            let change = if listed { filtered(&tag.name, name, &attribute.decoded(), policy) } else { None };
            if change != Some(None) {
                note(format!("`{}` on `<{}>`", shown(name), tag.name));
            }
        }
    }
    removed
}

/// A name from the input, short and without what would break a line of a message.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control() && *c != '`').take(40).collect()
}

/// Where the first tag stands that [`sanitize`] leaves out because its elements are nested too deep.
pub(crate) fn first_too_deep(html: &str) -> Option<usize> {
    let tags = scanned(html);
    let deep = too_deep(&tags);
    tags.iter().zip(deep).find(|(_, deep)| *deep).map(|(found, _)| found.tag.range.start)
}

/// Which tags are left out so that no element is nested too deep: counts open elements as the parser would, without
/// building them; refused ones never reach it.
fn too_deep(tags: &[Scanned]) -> Vec<bool> {
    let mut open: Vec<&str> = Vec::new();
    let mut reopening: Vec<&str> = Vec::new();
    // Start tags left out whose end tags are to come, which have to go as well.
    let mut left_out: HashMap<&str, usize> = HashMap::new();
    let mut deep = vec![false; tags.len()];
    for (Scanned { tag, .. }, deep) in tags.iter().zip(&mut deep).filter(|(found, _)| !is_refused(&found.tag)) {
        let name = &*tag.name;
        if tag.closes {
            if let Some(count) = left_out.get_mut(name).filter(|count| **count > 0) {
                *count -= 1;
                *deep = true;
                continue;
            }
            close(&mut open, name);
            if let Some(at) = reopening.iter().rposition(|known| *known == name) {
                reopening.remove(at);
            }
        } else if !VOID.contains(&name) {
            if SELF_ENDING.contains(&name) && open.last() == Some(&name) {
                open.pop();
            }
            let reopens = REOPENING.contains(&name);
            if open.len() >= MAX_DEPTH || reopens && reopening.len() >= MAX_DEPTH {
                *left_out.entry(name).or_default() += 1;
                *deep = true;
                continue;
            }
            open.push(name);
            reopening.extend(reopens.then_some(name));
        }
    }
    deep
}

fn is_refused(tag: &Tag) -> bool {
    let listed = tag.finished && own_attributes(&tag.name).is_some();
    !listed || is_foreign_input(tag) || tag.attributes.len() > MAX_ATTRIBUTES
}

fn close(open: &mut Vec<&str>, name: &str) {
    if let Some(at) = open.iter().rposition(|known| *known == name) {
        open.truncate(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::html_tags::RAW_TEXT;
    use proptest::prelude::*;

    fn clean(html: &str) -> Cleaned {
        sanitize(html, &Policy::default()).unwrap_or_else(|reason| panic!("{html:.200}: {reason}"))
    }

    fn whats(html: &str) -> Vec<String> {
        clean(html).removed.into_iter().map(|removed| removed.what).collect()
    }

    /// A reader of its own: every tag is listed, balanced, and has only listed attributes with harmless values.
    fn assert_safe(html: &str) {
        let mut open: Vec<String> = Vec::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            let (tag, after) = rest[at + 1..].split_once('>').expect("`>` inside values is escaped");
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name), "{html}");
                continue;
            }
            let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            assert!(ELEMENTS.iter().any(|(known, _)| *known == name), "<{name}> in {html}");
            while let Some((attribute, after)) = attributes.trim_start().split_once("=\"") {
                let (value, after) = after.split_once('"').expect("a finished value");
                assert!(!attribute.starts_with("on") && !["style", "srcdoc", "action"].contains(&attribute), "{html}");
                let value = value.replace("&amp;", "&").to_lowercase();
                assert!(!value.trim().starts_with("javascript:") && !value.starts_with("c:"), "{html}");
                attributes = after;
            }
            assert_eq!(attributes.trim(), "", "{html}");
            if !VOID.contains(&name) {
                open.push(name.to_string());
            }
        }
        assert!(open.is_empty(), "{open:?} in {html}");
    }

    #[test]
    fn what_runs_or_reaches_out_is_taken_out_and_named() {
        for (html, expected, what) in [
            ("<script>alert(1)</script>x", "x", vec!["`<script>`"]),
            ("<img src=x onerror=alert(1)>", "<img src=\"x\">", vec!["`onerror` on `<img>`"]),
            ("<iframe srcdoc='<script>'></iframe>", "", vec!["`<iframe>`"]),
            ("<base href=//evil><meta http-equiv=refresh>", "", vec!["`<base>`", "`<meta>`"]),
            ("<form action=/x><input name=a></form>", "", vec!["`<form>`", "`<input>` other than a disabled checkbox"]),
            ("<style>@import url(//e)</style>", "", vec!["`<style>`"]),
            ("<p style=\"color:red\">a</p>", "<p>a</p>", vec!["`style` on `<p>`"]),
            ("<svg onload=x><a>y</a></svg>", "<a>y</a>", vec!["`<svg>`"]),
            ("<math><mi>x</mi></math>", "x", vec!["`<math>`", "`<mi>`"]),
            ("<a href=\"JaVa\tScript:x\">a</a>", "<a>a</a>", vec!["`href` on `<a>`"]),
            ("<a href=\"&#1;javascript:x\">a</a>", "<a>a</a>", vec!["`href` on `<a>`"]),
            ("<a href=\"javascript&colon;x\">a</a>", "<a>a</a>", vec!["`href` on `<a>`"]),
            ("<a href=\"vbscript:x\">a</a>", "<a>a</a>", vec!["`href` on `<a>`"]),
            ("<a href=\"data:text/html,x\">a</a>", "<a>a</a>", vec!["`href` on `<a>`"]),
            ("<a href=//evil>a</a>", "<a>a</a>", vec!["`href` on `<a>`"]),
            ("<a href='/\\evil'>a</a>", "<a>a</a>", vec!["`href` on `<a>`"]),
            ("<a href='\t/\n/evil'>a</a>", "<a>a</a>", vec!["`href` on `<a>`"]),
            ("<img src=https://e/x.png>", "<img>", vec!["`src` on `<img>`"]),
            ("<img srcset='a.png 1x, //e/b.png 2x'>", "<img>", vec!["`srcset` on `<img>`"]),
            ("<p id=canon:search>a</p>", "<p>a</p>", vec!["`id` on `<p>`"]),
            ("<p id='\"><script>'>a</p>", "<p>a</p>", vec!["`id` on `<p>`"]),
            ("<p class='a language-x b'>a</p>", "<p class=\"language-x\">a</p>", vec!["`class` on `<p>`"]),
        ] {
            let cleaned = clean(html);
            let found: Vec<_> = cleaned.removed.iter().map(|removed| removed.what.as_str()).collect();
            assert_eq!(found, what, "{html}");
            assert_safe(&cleaned.html);
            assert_eq!(cleaned.html, expected, "{html}");
        }
    }

    #[test]
    fn what_notes_need_stays() {
        for html in [
            "<a name=\"top\"></a><a href=\"../x.md#y\" title=\"z\">a</a><a href=\"https://e.org/?a=1&amp;b=2\">b</a>",
            "<details open=\"\"><summary>s</summary><p id=\"überschrift-1.2\">t</p></details>",
            "<ul><li class=\"task-list-item\"><input type=\"checkbox\" disabled=\"\" checked=\"\"> done</li></ul>",
            "<ol start=\"3\"><li>a</li></ol><p align=\"center\"><kbd>Ctrl</kbd><sub>1</sub><sup>2</sup><mark>m</mark></p>",
            "<dl><dt><abbr title=\"x\">X</abbr></dt><dd>y</dd></dl>",
            "<figure><picture><source srcset=\"a.webp 1x, b.webp 2x\" media=\"(x)\"><img src=\"a.png\" alt=\"a\" width=\"3\"></picture><figcaption>c</figcaption></figure>",
            "<video controls=\"\" src=\"a.mp4\" poster=\"a.png\"></video><audio src=\"a.ogg\"></audio>",
            "<table><thead><tr><th align=\"right\">a</th></tr></thead><tbody><tr><td colspan=\"2\">b</td></tr></tbody></table>",
            "<h2 id=\"a\">a</h2><pre><code class=\"language-rust\">a &lt; b</code></pre><hr><br>",
        ] {
            let cleaned = clean(html);
            assert_eq!(cleaned.removed, vec![], "{html}");
            assert_eq!(normal(&cleaned.html), normal(html));
            assert_safe(&cleaned.html);
        }
    }

    /// The same with each tag's attributes in one order: the cleaner keeps them in another.
    fn normal(html: &str) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        for tag in crate::text::html_tags::tags(html, Syntax::Fragment) {
            let mut attributes: Vec<_> = tag.attributes.iter().map(|own| (&*own.name, own.decoded())).collect();
            attributes.sort();
            parts.push(format!("{}{} {attributes:?}", tag.closes, tag.name));
        }
        parts
    }

    #[test]
    fn the_policy_decides_on_schemes_and_remote_media() {
        let policy = Policy { schemes: vec!["tel".into()], remote_media: true, class_prefixes: vec!["x".into()] };
        let html = "<a href=\"tel:1\" class=\"x1\">a</a><a href=\"https://e\">b</a><img src=\"https://e/x.png\">";
        let cleaned = sanitize(html, &policy).unwrap();
        assert!(cleaned.html.contains("tel:1") && cleaned.html.contains("class=\"x1\""), "{}", cleaned.html);
        assert!(cleaned.html.contains("https://e/x.png") && !cleaned.html.contains("\"https://e\""));
        assert_eq!(cleaned.removed.len(), 1);
        assert_eq!(cleaned.removed[0].offset, html.find("<a href=\"https").unwrap());
    }

    #[test]
    fn comments_and_raw_text_hold_no_tags() {
        assert_eq!(whats("<!-- <script> --><!--><p>a</p><!--> <b>c</b>"), Vec::<String>::new());
        assert_eq!(whats("<script>'<img onerror=x>'</script>"), ["`<script>`"]);
        assert_eq!(whats("a < b <3 </ x> <?php x ?> <!doctype html>"), Vec::<String>::new());
    }

    #[test]
    fn an_element_named_in_passing_takes_nothing_with_it() {
        for name in ["script", "style", "title", "textarea", "iframe", "xmp", "plaintext", "template", "select", "svg"]
        {
            let cleaned = clean(&format!("<p>the <{name}> tag</p><p>and <b>more</b></p>"));
            assert_eq!(cleaned.html, "<p>the  tag</p><p>and <b>more</b></p>");
            assert_eq!(cleaned.removed[0].what, format!("`<{name}>`"));
        }
    }

    #[test]
    fn what_is_taken_out_leaves_nothing_that_forms_a_tag() {
        assert_safe(&clean("<<x>script>alert(1)<</x>/script>").html);
        assert!(clean(&"<<x>div>".repeat(20_000)).html.contains("&lt;div&gt;"));
    }

    #[test]
    fn what_is_nested_too_deep_goes_before_anything_is_parsed_and_its_text_stays() {
        let deepest = |html: &str| {
            let steps = html.split('<').skip(1).map(|tag| if tag.starts_with('/') { -1 } else { 1 });
            steps
                .scan(0i32, |open, step| {
                    Some({
                        *open += step;
                        *open
                    })
                })
                .max()
                .unwrap_or(0)
        };
        let cases = [
            "<div>".repeat(64_000),
            "<blockquote>".repeat(101),
            "<ul><li>".repeat(60_000),
            (0..500).map(|n| format!("<p><b id=x{n}></p>")).collect(),
        ];
        for html in cases {
            let cleaned = clean(&format!("before{html}inside<p>after"));
            assert!(["before", "inside", "after"].iter().all(|word| cleaned.html.contains(word)), "{html:.40}");
            assert!(deepest(&cleaned.html) <= 2 * MAX_DEPTH as i32, "{html:.40}: {}", deepest(&cleaned.html));
            assert!(first_too_deep(&html).is_some(), "{html:.40}");
        }
        for html in ["<p>a".repeat(5_000), "<ul><li>a<li>b</ul><br><img>".repeat(5_000)] {
            assert_eq!(first_too_deep(&html), None, "{html:.40}");
        }
        let nested = |depth: usize| "<div>".repeat(depth) + "x" + &"</div>".repeat(depth) + "y";
        assert_eq!(clean(&nested(MAX_DEPTH)).html, nested(MAX_DEPTH));
        assert_eq!(clean(&nested(600)).html, nested(MAX_DEPTH), "what was left out ends nothing else");
        assert_eq!(first_too_deep(&nested(600)), Some(500));
    }

    #[test]
    fn an_element_with_too_many_attributes_goes() {
        let cleaned = clean(&("a<p ".to_string() + &"a=1 ".repeat(101) + ">b"));
        assert_eq!(cleaned.html, "ab");
        assert_eq!(cleaned.removed[0].what, "`<p>` with more than 100 attributes");
    }

    #[test]
    fn raw_text_of_removed_elements_is_text() {
        for (html, expected) in [
            ("<textarea><a href=x>a</a> <!-- < &amp; b</textarea>c<b>d</b>", "a &lt;!-- &lt; &amp; bc<b>d</b>"),
            ("<title><script>x</script></title>", "x"),
            ("<xmp><b></xmp><i>a</i>", "<i>a</i>"),
            ("<style>a</style x='>'>b", "b"),
            ("<script><!--<script></script>--></script>b", "b"),
            ("<title>a<b>c</b>", "a<b>c</b>"),
            ("a<b title='<i>c</i>", "a&lt;b title='&lt;i>c&lt;/i>"),
        ] {
            assert_eq!(clean(html).html.replace("&gt;", ">"), expected, "{html}");
        }
        assert_eq!(whats("a</b title='"), ["the markup of the unfinished tag `<b>`"]);
        assert!(RAW_TEXT.iter().all(|name| own_attributes(name).is_none()), "else its raw text is passed on as markup");
    }

    #[test]
    fn many_unfinished_things_take_linear_time() {
        for html in [
            "<title>".repeat(300_000),
            "<!--".repeat(300_000),
            "<script><!--".repeat(300_000),
            "<!---->".repeat(300_000),
        ] {
            let before = std::time::Instant::now();
            assert!(clean(&html).html.len() < 10_000_000);
            assert!(before.elapsed() < std::time::Duration::from_secs(20), "{:.40}", html);
        }
    }

    /// Pieces of markup that misuse the parser, in any order.
    fn pieces() -> impl Strategy<Value = Vec<String>> {
        let fixed = vec![
            "<b>",
            "</b>",
            "<p>",
            "</p>",
            "<a href=\"javascript:x\">",
            "</a>",
            "<img src=x onerror=y>",
            "<svg>",
            "</svg>",
            "<math>",
            "<style>",
            "</style>",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "<table>",
            "<td>",
            "</table>",
            "<details open>",
            "text",
            "&lt;",
            "&",
            "<",
            ">",
            "\"",
            "'",
            "<textarea>",
            "</textarea>",
            "<noscript>",
            "<p id=canon:x class='canon-y language-z'>",
            "<input type=checkbox disabled>",
            "<input>",
            "<title>",
            "</title>",
            "<mglyph>",
            "<annotation-xml encoding=text/html>",
            "<select>",
            "<template>",
            "<xmp>",
            "<form>",
            "<li>",
            "<h1>",
            "<foreignObject>",
            "<desc>",
            "<plaintext>",
            "</",
            "<a",
            " onclick=x",
            "<iframe srcdoc='<p>'>",
            "é\u{0}",
        ];
        prop::collection::vec(prop::sample::select(fixed).prop_map(str::to_string), 0..30)
    }

    proptest! {
        #[test]
        fn output_is_safe_balanced_and_final(pieces in pieces()) {
            let once = clean(&pieces.concat());
            assert_safe(&once.html);
            let twice = clean(&once.html);
            prop_assert_eq!(&twice.removed, &vec![], "{}", once.html);
            assert_safe(&twice.html);
        }

        #[test]
        fn any_text_is_safe(html in "[a-z <>/=\"'&;#x!-]{0,80}") {
            if let Ok(cleaned) = sanitize(&html, &Policy::default()) {
                assert_safe(&cleaned.html);
                // A line end that was written as an entity is a plain one from then on.
                prop_assert_eq!(clean(&cleaned.html).html, cleaned.html.replace('\r', "\n"));
            }
        }

        #[test]
        fn placeholders_survive_in_order(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<p>", "</p>", "<div id=x>", "</div>", "<b>", "</b>", "<ul><li>", "</li></ul>", "<svg>", "</svg>",
                "<details>", "</details>", "a & b", "<table><tr><td>c</td></tr></table>", "<form>", "<h2>", "</h2>",
                "<script>x</script>", "<img onerror=x>", "<template>", "<select>", "<textarea>", "<title>", "<math>", "<iframe>",
            ]), 0..20)
        ) {
            let html: String = parts.iter().enumerate().map(|(n, part)| format!("\u{e000}{n}\u{e001}{part}")).collect();
            let cleaned = clean(&html).html;
            let expected: Vec<String> = (0..parts.len()).map(|n| n.to_string()).collect();
            let found: Vec<String> = cleaned
                .split('\u{e000}')
                .skip(1)
                .map(|after| after.split('\u{e001}').next().unwrap_or_default().to_string())
                .collect();
            prop_assert_eq!(found, expected, "{}", cleaned);
        }
    }
}
