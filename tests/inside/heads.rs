//! Heads of other programs, on the site: what they say shows, and what they hold back does not.

use super::built::build;

#[test]
fn lists_may_be_one_text_and_old_addresses_begin_with_a_slash() {
    let built = build(&[
        (
            "smith.md",
            "---\ntitle: Forge\naliases: Smithy\ntags: iron, fire\nredirect_from: /trade/forge.html\n---\nHammer.\n",
        ),
        (
            "anvil.md",
            "---\ntitle: Anvil\naliases:\n  - ''\n  -\n  - Stithy\ntags: [iron, ]\nredirect_from: [/trade/anvil/]\n---\n[[Smithy|there]]\n",
        ),
    ]);
    for path in
        ["tags/iron.html", "tags/fire.html", "trade/forge.html", "trade/anvil/index.html", "stithy.html", "smithy.html"]
    {
        assert!(built.files.contains_key(path), "{path} of {:?}", built.files.keys());
    }
    assert_eq!(built.links("anvil.html", "there"), ["smith.html"]);
    assert_eq!([built.findings("invalid-field"), built.findings("bad-path")], [[""; 0]; 2]);
}

#[test]
fn times_behind_dates_change_no_list() {
    let head = |title: &str, updated: &str| format!("---\ntitle: {title}\nupdated_at: {updated}\n---\nText.\n");
    let built =
        build(&[("a.md", &head("Sun", "2026-03-01T23:59:59+14:00")), ("b.md", &head("Moon", "'2026-03-02 00:01'"))]);
    let recent = built.main("recent.html");
    assert!(recent.contains("datetime=\"2026-03-01\"") && recent.contains("datetime=\"2026-03-02\""), "{recent}");
    assert!(built.findings("invalid-field").is_empty());
}

#[test]
fn nothing_of_a_note_that_is_held_back_is_anywhere() {
    let heads = [
        "---\ntitle: Xylograph\ndraft: true\naliases: [Xylograph two]\ntags: [xylograph]\n---\n",
        "---\ntitle: Xylograph\npublish: false\n---\n",
        "---\ntitle: Xylograph\npublished: False\n---\n",
        "+++\ntitle = \"Xylograph\"\ndraft = true\ntags = [\"xylograph\"]\n+++\n",
        "+++\ntitle = \"Xylograph\"\npublish = false\n+++\n",
        "title:: Xylograph\ndraft:: true\n\n",
        "---\ntitle: Xylograph: cut in wood\ndraft: true\n---\n",
        "---\ntitle: Xylograph\ndraft: true\n\n",
    ];
    for head in heads {
        let text = format!("{head}# Xylograph\n\nThe xylograph. ![x](xylograph.png) [[open]]\n\n- [ ] xylograph\n");
        let built = build(&[
            ("hidden.md", &text),
            ("xylograph.png", "xylograph"),
            ("open.md", "---\ntitle: Open\n---\nSee [it](hidden.md), ![[hidden]], ![[hidden#start]].\n"),
        ]);
        assert_eq!(built.holding("ylograph"), [""; 0], "{head}");
        assert!(!built.files.contains_key("hidden.html") && !built.files.contains_key("hidden.md"), "{head}");
        assert_eq!(built.findings("link-to-draft").len(), 3, "{head}");
    }
}

#[test]
fn a_published_note_is_published_whatever_its_date() {
    let head = "---\ntitle: Open\npublish: true\npublished: 2020-01-02\n---\nText.\n";
    let built = build(&[("canon.toml", "[schema]\n"), ("open.md", head)]);
    assert!(built.files.contains_key("open.html"));
    assert_eq!(built.findings("unknown-field"), ["open.md:4"]);
}

#[test]
fn a_head_in_toml_shows_nothing_and_counts() {
    let built = build(&[
        (
            "oil.md",
            "+++\ntitle = \"Whale oil\"\ntags = [\"lamp\"]\naliases = [\"Train oil\"]\n[extra]\nweight = 3\n+++\n\nSmoky.\n",
        ),
        ("wick.markdown", "---\ntitle: Wick\ntags: [lamp]\n---\n[[Train oil|one]] and [two](oil.md)\n"),
        (
            "use.md",
            "---\ntitle: Use\n---\n[a](wick.markdown) [[wick|b]] [[wick.markdown|c]] [d](wick) [e](wick.html)\n",
        ),
    ]);
    assert_eq!(built.headings("oil.html")[0], "h1 Whale oil");
    let words = built.words("oil.html");
    assert!(words.contains("Smoky.") && !words.contains("+++") && !words.contains("weight"), "{words}");
    assert_eq!([built.links("wick.html", "one"), built.links("wick.html", "two")], [["oil.html"], ["oil.html"]]);
    for text in ["a", "b", "c", "d", "e"] {
        assert_eq!(built.links("use.html", text), ["wick.html"], "{text}");
    }
    assert!(built.words("tags/lamp.html").contains("Whale oil"));
    for rule in ["missing-frontmatter", "invalid-frontmatter", "broken-link"] {
        assert!(built.findings(rule).is_empty(), "{rule}");
    }
}

#[test]
fn a_head_without_an_end_hides_no_text() {
    for head in
        ["---\ntitle: Hygrometer\n", "---\ntitle: Hygrometer\ntags:\n  - air\n", "+++\ntitle = \"Hygrometer\"\n"]
    {
        let built = build(&[("a.md", &format!("{head}\nA hair grows.\n\n## Damp\n\nIt shrinks.\n"))]);
        let words = built.words("a.html");
        assert!(words.contains("A hair grows.") && words.contains("It shrinks."), "{words}");
        assert!(words.contains("Hygrometer") && !words.contains("tags"), "{words}");
        assert_eq!(built.findings("invalid-frontmatter"), ["a.md:1"]);
    }
}

#[test]
fn properties_are_facts_and_no_text() {
    let built = build(&[
        ("pages/ebb.md", "title:: Ebb\nalias:: [[Low tide]]\ntags:: sea, [[moon]]\n\n- It goes out.\n"),
        ("pages/flood.md", "---\ntitle: Flood\n---\nstatus:: learning\n\nIt comes in. [[Low tide|out]]\n"),
    ]);
    assert_eq!(built.headings("pages/ebb.html")[0], "h1 Ebb");
    let words = built.words("pages/ebb.html");
    assert!(words.contains("It goes out.") && !words.contains("::"), "{words}");
    assert_eq!(built.links("pages/flood.html", "out"), ["ebb.html"]);
    assert!(built.words("tags/moon.html").contains("Ebb"));
    assert!(!built.words("pages/flood.html").contains("::"));
}

#[test]
fn every_note_has_a_key_of_its_own() {
    let built = build(&[
        ("a.md", "---\ntitle: One\n---\n"),
        ("b.md", "---\nid: a\ntitle: Two\n---\n"),
        ("c.markdown", "---\ntitle: Three\n---\n"),
        ("c.md", "---\ntitle: Four\n---\n"),
    ]);
    let graph = &built.analysis.site.graph;
    let keys: std::collections::BTreeSet<&str> = graph.keys.iter().collect();
    assert_eq!(keys.len(), 4, "{keys:?}");
}

#[test]
fn values_of_a_field_are_shown_in_the_order_in_which_they_are_declared() {
    let config = "[schema.fields.status]\nkind = \"enum\"\nvalues = [\"ore\", \"iron\", \"blade\", \"rust\"]\n";
    let note = |title: &str, status: &str| format!("---\ntitle: {title}\nstatus: {status}\n---\nText.\n");
    let built = build(&[
        ("canon.toml", config),
        ("a.md", &note("Anvil", "rust")),
        ("b.md", &note("Bellows", "ore")),
        ("c.md", &note("Chisel", "blade")),
        ("d.md", &note("Drill", "iron")),
    ]);
    let words = built.words("status.html");
    let places: Vec<usize> = ["Bellows", "Drill", "Chisel", "Anvil"].iter().map(|t| words.find(t).unwrap()).collect();
    assert!(places.is_sorted(), "{words}");
    assert!(built.findings("invalid-field").is_empty());
}

#[test]
fn findings_and_edit_links_name_a_markdown_file_with_its_own_ending() {
    let built = build(&[
        ("canon.toml", "edit_url = \"https://code.example/{path}\"\n[schema]\n"),
        ("Low tide.markdown", "---\ntitle: Low tide\n---\nText.\n"),
        ("b.md", "---\ntitle: B\n---\n[x](low-tide.markdown), [y](in/Low%20tide.markdown) and Low tide.\n"),
    ]);
    assert!(built.html("Low tide.html").contains("https://code.example/Low%20tide.markdown"));
    let told: Vec<String> = built.found.iter().map(|d| format!("{} {} {}", d.rule, d.message, d.help)).collect();
    let about = |rule: &str| told.iter().find(|t| t.starts_with(rule)).unwrap_or_else(|| panic!("{rule}: {told:?}"));
    assert!(about("non-kebab-filename").contains("`low-tide.markdown`"), "{told:?}");
    assert!(told.iter().any(|t| t.starts_with("broken-link") && t.contains("`Low%20tide.markdown`")), "{told:?}");
    assert!(told.iter().all(|t| !t.contains("Low%20tide.md`") && !t.contains("Low tide.md`")), "{told:?}");
}
