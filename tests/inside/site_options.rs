//! `[site]` of `canon.toml`: pages that are switched off, the order of the tree, links in the header.

use super::built::{Built, build};

/// A note with a title and a text.
fn note(title: &str, text: &str) -> String {
    format!("---\ntitle: {title}\n---\n\n{text}\n")
}

/// The titles of the tree beside a page, in order, with `/` behind folders.
fn tree(built: &Built, path: &str) -> Vec<String> {
    let html = built.html(path);
    let start = html.find("<ul class=\"tree\"").unwrap();
    let tree = &html[start..start + html[start..].find("</nav>").unwrap()];
    let titles = tree.split("<a href=").skip(1).map(|link| {
        let (tag, rest) = link.split_once('>').unwrap();
        let end = if tag.contains("/index.html") || tag.contains("\"index.html") { "/" } else { "" };
        format!("{}{end}", rest.split('<').next().unwrap())
    });
    titles.collect()
}

fn pages(built: &Built) -> Vec<(&str, &str)> {
    let pages = built.files.keys().filter(|path| path.ends_with(".html"));
    pages.map(|path| (path.as_str(), built.html(path))).collect()
}

#[test]
fn a_site_without_health_and_wanted_pages_has_no_trace_of_them() {
    let a = note("A", "A [dead end](gone.md) and TODO: [[Later]].");
    let files = [("a.md", a.as_str()), ("b.md", ""), ("old.md", "[gone](gone.md)")];
    let options = "[site]\nhealth = false\nwanted = false";
    let with: Vec<_> = files.iter().copied().chain([("canon.toml", "title = \"T\"")]).collect();
    let without: Vec<_> = files.iter().copied().chain([("canon.toml", options)]).collect();
    let (with, without) = (build(&with), build(&without));
    assert!(with.files.contains_key("health.html") && with.files.contains_key("wanted.html"));
    assert!(with.html("a.html").contains("health.html") && with.html("a.html").contains("wanted.html"));
    assert!(with.html("b.html").contains("class=\"findings\""));
    assert!(!without.files.contains_key("health.html") && !without.files.contains_key("wanted.html"));
    for (path, html) in pages(&without) {
        for trace in ["health.html", "wanted.html", "class=\"findings\""] {
            assert!(!html.contains(trace), "{path} has {trace}");
        }
    }
}

#[test]
fn a_page_may_have_the_address_of_a_page_that_is_switched_off() {
    let text = note("Our health", "We are well.");
    let files = [("health.md", text.as_str()), ("canon.toml", "[site]\nhealth = false")];
    let built = build(&files);
    assert!(built.html("health.html").contains("We are well.") && built.html("health.html").contains("page-note"));
    assert!(build(&files[..1]).html("health.html").contains("page-health"));
}

#[test]
fn the_footer_leads_to_no_empty_list() {
    let id = |id: &str, text: &str| {
        format!(
            "---\nid: {id}\ntitle: {id}\ntype: reference\nstatus: learning\nimportance: 5\ndifficulty: easy\n\
             tags: [x]\ncreated_at: 2026-01-02\nupdated_at: 2026-01-02\n---\n\n{text}\n"
        )
    };
    let rules = "[check.rules]\nlone-tag = \"off\"";
    let (a, b) = (id("alpha", "See [beta](beta.md)."), id("beta", "See [alpha](alpha.md)."));
    let built = build(&[("alpha.md", &a), ("beta.md", &b), ("canon.toml", rules)]);
    assert_eq!(built.found, [], "the base must be without findings");
    let footer = |built: &Built| {
        let html = built.html("alpha.html");
        html[html.find("<footer").unwrap()..].to_string()
    };
    assert!(!footer(&built).contains("health.html") && !footer(&built).contains("wanted.html"));
    // The overview of all lists still leads there.
    assert!(built.main("browse.html").contains("health.html") && built.main("browse.html").contains("wanted.html"));
    let missing = id("alpha", "See [[gone]].");
    let built = build(&[("alpha.md", &missing), ("beta.md", &b), ("canon.toml", rules)]);
    assert!(footer(&built).contains("health.html") && footer(&built).contains("wanted.html"));
}

#[test]
fn the_tree_is_in_the_order_of_the_configuration_then_by_weight_then_by_title() {
    let texts: Vec<(String, String)> = ["b/two", "b/Three", "b/one", "z/x", "y/x", "a/x", "c/x"]
        .iter()
        .map(|path| (format!("{path}.md"), note(path.rsplit('/').next().unwrap(), "Text.")))
        .collect();
    let landing = |title: &str, weight: &str| format!("---\ntitle: {title}\n{weight}---\n\nText.\n");
    let (z, y) = (landing("Zeta", "weight: 2\n"), landing("Ypsilon", "weight: 1.5\n"));
    let mut files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.extend([("z/_index.md", z.as_str()), ("y/_index.md", y.as_str())]);
    let by_title = build(&files);
    assert_eq!(tree(&by_title, "b/one.html"), ["Ypsilon/", "Zeta/", "A/", "B/", "one", "Three", "two", "C/"]);
    files.push(("canon.toml", "[site]\norder = [\"c/\", \"b\", \"b/two.md\"]"));
    let ordered = build(&files);
    assert_eq!(tree(&ordered, "b/one.html"), ["C/", "B/", "two", "one", "Three", "Ypsilon/", "Zeta/", "A/"]);
    let loaded = std::str::from_utf8(&ordered.files["_canon/tree/0.js"]).unwrap();
    let places = ["b/two.html", "b/one.html", "b/Three.html"];
    let places = places.map(|part| loaded.find(part).unwrap_or_else(|| panic!("no {part} in {loaded}")));
    assert!(places.is_sorted(), "{loaded}");
    assert!(ordered.words("index.html").find("C 1 note") < ordered.words("index.html").find("A 1 note"));
}

#[test]
fn what_a_folder_loads_later_is_what_its_own_pages_list() {
    let built =
        build(&[("a/x.md", &note("X", "Text.")), ("a/plain.md", "# A page\n\nText."), ("b.md", &note("B", "B."))]);
    assert!(tree(&built, "a/x.html").contains(&"A page".to_string()));
    let loaded = std::str::from_utf8(&built.files["_canon/tree/0.js"]).unwrap();
    let expected = r#"{"a":[[],[["A page","a/plain.html"],["X","a/x.html"]],0,"a/index.html"]}"#;
    assert!(loaded.contains(expected), "{loaded}");
}

#[test]
fn links_of_the_header_are_in_the_bar_and_in_the_drawer() {
    let options = "[[site.links]]\ntext = \"Code & more\"\nurl = \"https://example.org/?a=1&b=2\"\n\
                   [[site.links]]\ntext = \"About\"\nurl = \"/about.html\"";
    let text = note("X", "Text.");
    let built = build(&[("a/x.md", &text), ("about.md", "# About\n\nUs."), ("canon.toml", options)]);
    let html = built.html("a/x.html");
    let outside = "<a href=\"https:&#x2F;&#x2F;example.org&#x2F;?a=1&amp;b=2\">Code &amp; more</a>";
    assert_eq!(
        html.replace("https://example.org/", "https:&#x2F;&#x2F;example.org&#x2F;").matches(outside).count(),
        2,
        "{html}"
    );
    assert_eq!(html.matches("<a href=\"../about.html\">About</a>").count(), 2 + 1, "bar, drawer and tree: {html}");
    assert!(built.html("index.html").contains("<a href=\"about.html\">About</a>"));
}

#[test]
fn two_notes_with_the_same_alias_are_one_problem_on_the_health_page() {
    let with = |id: &str| format!("---\nid: {id}\ntitle: {id}\naliases: [shared]\n---\n\nText.\n");
    let built = build(&[("a.md", &with("a")), ("b.md", &with("b")), ("c.md", &with("c"))]);
    let of_rule = |id: &str| built.found.iter().filter(|d| d.rule == id).count();
    assert_eq!(of_rule("alias-collision"), 3);
    let page = built.main("health.html");
    assert_eq!(page.matches("the alias <code>shared</code> is also the alias of").count(), 2, "{page}");
}

#[test]
fn the_page_for_a_missing_address_has_the_tree_and_a_search_at_any_depth() {
    let options = "base_url = \"https://example.org/kb/\"";
    let built = build(&[("a/x.md", &note("X", "Text.")), ("b.md", &note("B", "Text.")), ("canon.toml", options)]);
    assert_eq!(tree(&built, "404.html"), ["A/", "B"]);
    let html = built.html("404.html");
    for part in
        ["<a href=\"/kb/a/index.html\">", "<a href=\"/kb/b.html\">", "id=\"search-page\"", "src=\"/kb/_canon/lost.js\""]
    {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("href=\"a/") && !html.contains("src=\"_canon"), "{html}");
}
