//! What the head of a page tells search engines, chats and feed readers.

use super::built::{Built, build};
use crate::text::html_tags::{Syntax, Tag, tags};
use serde_json::Value;

const ACID: &str = "---\nid: acid\ntitle: \"ACID </script> \\\"q\\\"\"\ntype: concept\ntags: [storage]\naliases: [Atomicity]\n\
                    created_at: 2026-01-02\nupdated_at: 2026-01-03\n---\n\n# ACID\n\n## TL;DR\n- All or nothing.\n\n## Definition\n\
                    **What it is:** A promise of a database about its transactions.\n";

/// A base with every kind of page, and these lines of configuration.
fn base(options: &str) -> Built {
    let config = format!("title = \"Our notes\"\nauthor = \"Ann\"\n{options}");
    build(&[
        ("canon.toml", &config),
        ("db/acid.md", ACID),
        ("db/plain.md", "# A plain page\n\nSome words of it.\n"),
        ("db/bare.md", "---\ntitle: Bare\ntags: [storage]\ncreated_at: 2026-01-02\nupdated_at: 2026-02-03\n---\n"),
        ("db/empty.md", ""),
        ("_aliases/old.md", "[Gone](../db/gone.md)\n"),
    ])
}

/// The attributes of all elements of this name in the head of a page.
fn head(built: &Built, path: &str, name: &str) -> Vec<Vec<(String, String)>> {
    let html = built.html(path);
    let head = &html[..html.find("</head>").unwrap()];
    let of_name = tags(head, Syntax::Page).filter(|tag| tag.name == name);
    let attributes =
        |tag: Tag<'_>| tag.attributes.iter().map(|a| (a.name.to_string(), a.decoded().into_owned())).collect();
    of_name.map(attributes).collect()
}

fn value<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}

/// The content of the `meta` element whose `name` or `property` is this.
fn meta(built: &Built, path: &str, key: &str) -> Option<String> {
    let named = |a: &&Vec<(String, String)>| [value(a, "name"), value(a, "property")].contains(&Some(key));
    let all = head(built, path, "meta");
    let found: Vec<_> = all.iter().filter(named).collect();
    assert!(found.len() < 2, "{path}: {key} twice");
    value(found.first()?, "content").map(str::to_string)
}

/// The address of the `link` element with this `rel` and `type`.
fn link(built: &Built, path: &str, rel: &str, media: Option<&str>) -> Option<String> {
    let all = head(built, path, "link");
    let found = all.iter().find(|a| value(a, "rel") == Some(rel) && value(a, "type") == media)?;
    value(found, "href").map(str::to_string)
}

/// The structured data of a page.
fn data(built: &Built, path: &str) -> Vec<Value> {
    let (html, open) = (built.html(path), "<script type=\"application/ld+json\">");
    let Some(start) = html.find(open) else { return Vec::new() };
    let text = &html[start + open.len()..];
    let whole: Value = serde_json::from_str(&text[..text.find("</script>").unwrap()]).unwrap();
    assert_eq!(whole["@context"], "https://schema.org");
    whole["@graph"].as_array().unwrap().clone()
}

#[test]
fn every_page_has_a_description_of_its_own() {
    for options in ["", "description = \"What we know.\"", "language = \"es\""] {
        let built = base(options);
        let pages = built.files.keys().filter(|path| path.ends_with(".html"));
        let mut seen = std::collections::BTreeMap::new();
        for path in pages {
            let description = meta(&built, path, "description").unwrap_or_else(|| panic!("{path} has no description"));
            assert!(description.chars().count() >= 8, "{path}: {description}");
            if let Some(other) = seen.insert(description.clone(), path) {
                panic!("{path} and {other} have the same description: {description}");
            }
        }
    }
}

#[test]
fn chats_find_title_kind_and_site() {
    let built = base("base_url = \"https://example.org/kb/\"");
    let of = |path: &str, key: &str| meta(&built, path, key).unwrap_or_default();
    assert_eq!(of("db/acid.html", "og:title"), "ACID </script> \"q\"");
    assert_eq!(of("db/acid.html", "og:description"), "All or nothing.");
    assert_eq!(of("db/acid.html", "og:url"), "https://example.org/kb/db/acid.html");
    assert_eq!(of("db/acid.html", "article:modified_time"), "2026-01-03");
    for (path, kind) in [
        ("db/acid.html", "article"),
        ("db/plain.html", "article"),
        ("index.html", "website"),
        ("db/index.html", "website"),
        ("tags/storage.html", "website"),
        ("importance.html", "website"),
    ] {
        assert_eq!(of(path, "og:type"), kind, "{path}");
        assert_eq!(of(path, "og:site_name"), "Our notes", "{path}");
        assert_eq!(of(path, "twitter:card"), "summary", "{path}");
    }
    assert_eq!(of("db/index.html", "og:description"), "Db · 2 notes: ACID </script> \"q\", Bare");
    assert_eq!(of("tags/storage.html", "og:description"), "storage · 2 notes: ACID </script> \"q\", Bare");
    assert_eq!(meta(&base(""), "db/acid.html", "og:url"), None);
}

#[test]
fn readers_of_feeds_and_of_markdown_find_theirs() {
    let built = base("");
    let atom = Some("application/atom+xml");
    assert_eq!(link(&built, "db/acid.html", "alternate", atom).as_deref(), Some("../feed.xml"));
    assert_eq!(link(&built, "index.html", "alternate", atom).as_deref(), Some("feed.xml"));
    let copy = |path: &str| link(&built, path, "alternate", Some("text/markdown"));
    assert_eq!(copy("db/acid.html").as_deref(), Some("acid.md"));
    assert_eq!(copy("index.html"), None);
    assert!(built.files.contains_key("db/acid.md") && built.files.contains_key("feed.xml"));
}

#[test]
fn a_definition_is_a_term_and_other_text_an_article() {
    let built = base("base_url = \"https://example.org/kb\"");
    let acid = data(&built, "db/acid.html");
    assert_eq!(acid[0]["@type"], "DefinedTerm");
    assert_eq!(acid[0]["name"], "ACID </script> \"q\"");
    assert_eq!(acid[0]["description"], "A promise of a database about its transactions.");
    assert_eq!(acid[0]["alternateName"], serde_json::json!(["Atomicity"]));
    assert_eq!(acid[0]["url"], "https://example.org/kb/db/acid.html");
    let bare = data(&built, "db/bare.html");
    assert_eq!((&bare[0]["@type"], &bare[0]["headline"]), (&"Article".into(), &"Bare".into()));
    assert_eq!((&bare[0]["datePublished"], &bare[0]["dateModified"]), (&"2026-01-02".into(), &"2026-02-03".into()));
    assert_eq!((&bare[0]["author"]["name"], &bare[0]["inLanguage"]), (&"Ann".into(), &"en".into()));
    assert_eq!(data(&built, "index.html")[0]["@type"], "WebSite");
    assert_eq!(data(&built, "404.html"), [] as [Value; 0]);
}

#[test]
fn the_way_from_home_is_that_of_the_breadcrumbs() {
    let absolute = base("base_url = \"https://example.org/kb/\"");
    let steps = |built: &Built, path: &str| -> Vec<(String, Option<String>)> {
        let data = data(built, path);
        let trail = data.iter().find(|item| item["@type"] == "BreadcrumbList").unwrap();
        let steps = trail["itemListElement"].as_array().unwrap();
        assert!(steps.iter().zip(1..).all(|(step, n)| step["@type"] == "ListItem" && step["position"] == n));
        let step = |step: &Value| (step["name"].as_str().unwrap().into(), step["item"].as_str().map(str::to_string));
        steps.iter().map(step).collect()
    };
    let step = |name: &str, item: Option<&str>| (name.to_string(), item.map(str::to_string));
    assert_eq!(
        steps(&absolute, "db/bare.html"),
        [
            step("Home", Some("https://example.org/kb/")),
            step("Db", Some("https://example.org/kb/db/")),
            step("Bare", None)
        ]
    );
    assert_eq!(steps(&absolute, "tags/storage.html")[1], step("Tags", Some("https://example.org/kb/tags/")));
    let home = step("Home", Some("https://example.org/kb/"));
    assert_eq!(steps(&absolute, "importance.html"), [home, step("Importance", None)]);
    // The format asks for absolute addresses.
    assert_eq!(data(&base(""), "db/bare.html"), [] as [Value; 0]);
}
