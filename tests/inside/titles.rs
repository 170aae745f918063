//! What files are called, which headings their pages show, and which headings are sections of a known kind.

use super::built::{Built, build};

fn note(text: &str) -> Built {
    build(&[("rope-work.md", &format!("---\ntags: [sea]\n---\n{text}"))])
}

fn titled(title: &str, text: &str) -> Built {
    build(&[("a.md", &format!("---\ntitle: \"{title}\"\n---\n{text}")), ("b.md", "---\ntitle: Other\n---\nText.\n")])
}

/// The headings of a note's own text.
fn own(built: &Built, path: &str) -> Vec<String> {
    let added = ["Linked from", "Next to learn", "Links", "Before this"];
    built.headings(path).into_iter().filter(|h| !added.iter().any(|a| h[3..].starts_with(a))).collect()
}

#[test]
fn only_a_leading_heading_names_a_file() {
    for (text, headings) in [
        ("# Knots\n\nTie.\n", &["h1 Knots"][..]),
        ("Knots\n=====\n\nTie.\n", &["h1 Knots"]),
        ("# The `bowline` *knot*\n", &["h1 The bowline knot"]),
        ("![](a.png)\n\n[![ci](https://x.example/a.svg)](https://x.example) ![[b.png]]\n\n# Knots\n", &["h1 Knots"]),
        ("<!-- a remark -->\n\n<p align=\"center\"><img src=\"a.png\"></p>\n\n# Knots\n", &["h1 Knots"]),
        ("<div align=\"center\">\n\n# Knots\n\n</div>\n\n## Use\n", &["h1 Knots", "h2 Use"]),
        ("Read this first.\n\n# Knots\n", &["h1 rope-work", "h2 Knots"]),
        ("![[other note]]\n\n# Knots\n", &["h1 rope-work", "h2 Knots"]),
        ("<p>Words</p>\n\n# Knots\n", &["h1 rope-work", "h2 Knots"]),
        ("---\n\n# Knots\n", &["h1 rope-work", "h2 Knots"]),
        ("```\ncode\n```\n\n# Knots\n", &["h1 rope-work", "h2 Knots"]),
        ("## Use\n\n# Knots\n", &["h1 rope-work", "h2 Use", "h2 Knots"]),
        ("### Deep\n\nTie.\n", &["h1 rope-work", "h3 Deep"]),
        ("> # Knots\n>\n> Tie.\n", &["h1 rope-work", "h2 Knots"]),
        ("1. # Knots\n", &["h1 rope-work", "h2 Knots"]),
        ("# ![](a.png)\n\nTie.\n", &["h1 rope-work", "h2 a.png"]),
    ] {
        let built = note(text);
        let found: Vec<String> = own(&built, "rope-work.html").iter().map(|h| h.trim().to_string()).collect();
        assert_eq!(found, headings, "{text}");
    }
}

#[test]
fn a_heading_equal_to_the_title_is_not_shown_twice_and_another_one_is_shown() {
    for (title, heading, shown) in [
        ("Sea Knots", "# sea  KNOTS!", false),
        ("Sea-knots", "# Sea knots", false),
        ("C#", "# C++", true),
        ("C++", "# c++.", false),
        ("??", "# ??", false),
        ("??", "# !!", true),
        ("Knots", "# Hitches", true),
        ("Größe", "# GRÖSSE", true),
    ] {
        let built = titled(title, &format!("{heading}\n\nText.\n\n## More\n\nText.\n"));
        let headings = own(&built, "a.html");
        assert_eq!(headings.len(), if shown { 3 } else { 2 }, "{title} {heading}: {headings:?}");
        assert!(headings[1..].iter().all(|h| !h.starts_with("h1")));
        let anchor = crate::text::slug::anchor(heading.trim_start_matches("# "));
        assert!(anchor.is_empty() || built.has_id("a.html", &anchor), "{anchor} of {heading}");
    }
}

#[test]
fn every_other_level_one_heading_is_a_section_like_any() {
    let built = titled(
        "Bread",
        "Intro.\n\n# Dough\n\nMix.\n\n## By hand\n\nFold.\n\n##### Deep\n\nx\n\n# Oven\n\n[up](#dough)\n",
    );
    assert_eq!(own(&built, "a.html"), ["h1 Bread", "h2 Dough", "h3 By hand", "h6 Deep", "h2 Oven"]);
    let contents = built.contents("a.html");
    for heading in ["Dough", "By hand", "Oven"] {
        assert!(contents.iter().any(|line| line == heading), "{heading} in {contents:?}");
    }
    assert_eq!(built.links("a.html", "up"), ["#dough"]);
    assert!(built.findings("broken-anchor").is_empty());
    // What came before keeps its level.
    let built = titled("Bread", "## Before\n\nx\n\n# Dough\n\nx\n\n## After\n\nx\n");
    assert_eq!(own(&built, "a.html"), ["h1 Bread", "h2 Before", "h2 Dough", "h3 After"]);
}

#[test]
fn a_heading_in_a_container_stays_in_it() {
    let built = titled(
        "Kitchen",
        "<section>\n\n# Long table\n\n![](t.png)\n\n</section>\n\nAfter it.\n\n> # Quoted\n> Beans.\n\n* # Listed\n\n  Milk.\n\n## Last\n\nEnd.\n",
    );
    assert_eq!(own(&built, "a.html"), ["h1 Kitchen", "h2 Long table", "h2 Quoted", "h2 Listed", "h2 Last"]);
    let main = built.main("a.html");
    let section = &main[main.find("<section>").unwrap()..];
    assert!(section.find("Long table").unwrap() < section.find("</section>").unwrap(), "{main}");
    let contents = built.contents("a.html");
    assert_eq!(contents[contents.len() - 4..], ["Long table", "Quoted", "Listed", "Last"]);
    // One that is never closed encloses nothing; neither does a closed one before.
    let built = titled("Kitchen", "<div>\n\n## One\n\nx\n\n<details>\n\ny\n\n</details>\n\n## Two\n\nz\n");
    assert!(["One", "Two"].iter().all(|h| built.contents("a.html").iter().any(|line| line == h)));
}

#[test]
fn the_anchor_of_a_title_stays_on_every_kind_of_page() {
    let built = build(&[
        (
            "index.md",
            "# Front gate\n\n[a](#front-gate) [b](shed/README.md#the-shed) [c](visit.md#visiting) [d](jam.md#red-jam)\n",
        ),
        ("shed/README.md", "# The shed\n\n[e](#the-shed)\n"),
        ("visit.md", "# Visiting\n\n[f](#visiting)\n"),
        ("jam.md", "---\ntags: [x]\n---\nRed jam\n=======\n\n[g](#red-jam)\n"),
        ("glossary.md", "# Words here\n\n[h](#words-here)\n"),
        ("e1.md", "---\ntitle: One\n---\n![[visit]]\n"),
        ("e2.md", "---\ntitle: Two\n---\n![[jam#Red jam]]\n"),
        ("e3.md", "---\ntitle: Three\n---\n"),
    ]);
    for (page, id) in [
        ("index.html", "front-gate"),
        ("shed/index.html", "the-shed"),
        ("visit.html", "visiting"),
        ("jam.html", "red-jam"),
        ("glossary.html", "words-here"),
        ("e1.html", "visit--visiting"),
        ("e2.html", "jam--red-jam"),
    ] {
        assert!(built.has_id(page, id), "{id} on {page}: {}", built.main(page));
    }
    assert!(built.findings("broken-anchor").is_empty() && built.findings("broken-embed").is_empty());
    assert_eq!(built.headings("index.html")[0], "h1 Front gate");
    assert_eq!(built.words("shed/index.html").matches("The shed").count(), 1);
}

#[test]
fn files_without_a_title_are_called_as_they_are_named() {
    let head = "---\ntags: [x]\n---\nText.\n\n## Part\n\nMore.\n";
    let built = build(&[
        ("Night watch.md", head),
        ("deep/tide_tables-2.md", head),
        ("deep/index.md", "Text.\n\n### Low\n"),
        ("other-shed/_index.md", "## Spades\n"),
        ("other-shed/x.md", head),
        ("plain page.md", "Text.\n\n## Part\n"),
        ("links.md", "---\ntitle: L\n---\n[[Night watch]] [[tide_tables-2]] [[plain page]]\n"),
    ]);
    for (page, title) in [
        ("Night watch.html", "Night watch"),
        ("deep/tide_tables-2.html", "tide_tables-2"),
        ("deep/index.html", "Deep"),
        ("other-shed/index.html", "Other shed"),
        ("plain page.html", "plain page"),
    ] {
        assert_eq!(built.headings(page)[0], format!("h1 {title}"));
    }
    for title in ["Night watch", "tide_tables-2", "plain page"] {
        assert_eq!(built.links("links.html", title).len(), 1, "{title}");
    }
}

#[test]
fn a_home_without_a_title_is_called_like_the_site() {
    let files = [
        ("canon.toml", "title = \"Shore\""),
        ("index.md", "Text.\n\n## Low\n"),
        ("a.md", "---\ntitle: A\n---\n[[index]]\n"),
    ];
    assert_eq!(build(&files).headings("index.html")[0], "h1 Shore");
    assert!(build(&files).words("a.html").contains("Shore"));
    assert_eq!(build(&[("canon.toml", "title = \"Shore\"")]).headings("index.html")[0], "h1 Shore");
}

#[test]
fn a_summary_that_is_not_first_stays_in_its_place() {
    for (text, order) in [
        ("Long.\n\n## Digging\n\nSlow.\n\n## Summary\n\nNine years.\n", ["Slow.", "Nine years."]),
        ("## A\n\nSlow.\n\n### Summary (short)\n\nNine years.\n\n## B\n\nx\n", ["Slow.", "Nine years."]),
        ("Long.\n\n## Digging\n\nSlow.\n\n## TL;DR\n\nNine years.\n", ["Nine years.", "Slow."]),
        ("## Summary\n\nNine years.\n\n## Digging\n\nSlow.\n", ["Nine years.", "Slow."]),
    ] {
        let words = titled("Tunnel", text).words("a.html");
        let at = |part: &str| words.find(part).unwrap_or_else(|| panic!("{part} in {words}"));
        assert!(at(order[0]) < at(order[1]), "{text}: {words}");
    }
}

#[test]
fn notes_are_folded_only_as_the_last_inbox() {
    let page = |text: &str| titled("Viola", text).main("a.html").contains("<details class=\"fold\"");
    for (text, folded) in [
        ("## Notes\n\nC, G, D, A.\n", false),
        ("## Notes\n\nC.\n\n## Range\n\nx\n", false),
        ("## Notes / Inbox\n\nC.\n", true),
        ("## Inbox\n\nC.\n\n### Later\n\nx\n", true),
        ("## Notes (Inbox)\n\nC.\n\n## Observability\n\nN/A\n\n## TL;DR\n\nx\n", true),
        ("## Inbox\n\nC.\n\n## Range\n\nx\n", false),
    ] {
        assert_eq!(page(text), folded, "{text}");
    }
}

#[test]
fn prerequisites_that_are_no_notes_are_a_section_of_the_text() {
    for text in [
        "Before you go on:\n\n1. [Order](https://shop.example) a pump.\n",
        "- [Order](https://shop.example)\n- A bucket\n",
        "- A bucket, see [b](b.md)\n",
        "- [b](b.md)\n\nAnd a bucket.\n",
        "- [b](b.md)\n\n### On Sundays\n\nx\n",
        "- [plan](plan.pdf)\n",
        "- [up](#intro)\n",
    ] {
        let built = titled("Pump", &format!("Intro.\n\n## Prerequisites\n\n{text}\n\n## Then\n\nPour.\n"));
        let words = built.words("a.html");
        assert!(!words.contains("Read first") && !words.contains("Before this"), "{text}: {words}");
        assert_eq!(own(&built, "a.html")[1], "h2 Prerequisites", "{text}");
        assert!(words.find("Prerequisites").unwrap() < words.find("Pour.").unwrap());
        assert!(built.contents("a.html").iter().any(|line| line == "Prerequisites"));
    }
    for text in [
        "- [b](b.md)\n- (TODO) Waves\n- N/A\n",
        "- **[b](b.md)** and why\n",
        "- [[Other]]\n",
        "1. [[b|x]]\n2. [b](b.md#x)\n",
    ] {
        let words = titled("Pump", &format!("## Prerequisites\n\n{text}\n\n## Then\n\nPour.\n")).words("a.html");
        assert!(words.contains("Read first Other"), "{text}: {words}");
    }
    let outside = "## Links\n\n### Prerequisites\n\n- [b](b.md)\n- [Shop](https://shop.example)\n- Rope\n\n### Compared with\n\n- [b](b.md): slower\n";
    let built = titled("Pump", outside);
    let words = built.words("a.html");
    assert!(words.contains("Read first Other") && words.contains("Shop") && words.contains("Rope"), "{words}");
    let first = words.find("Read first Other").unwrap() + "Read first Other".len();
    assert!(!words[first..].trim_start().starts_with("· Shop"), "{words}");
    let edges = &built.analysis.site.graph.edges;
    assert_eq!(edges.iter().map(|e| e.kind.name()).collect::<Vec<_>>(), ["requires", "contrasts"]);
}

#[test]
fn a_heading_with_nothing_below_it_is_shown() {
    let text = "## No.\n\n## First\n\n### Then\n\n## Prices\n\n<!-- later -->\n\n## Prerequisites\n\n## Why it matters\n\n## Observability\n\nN/A\n\n## Last\n";
    let built = titled("Ferry", text);
    let shown =
        ["h1 Ferry", "h2 No.", "h2 First", "h3 Then", "h2 Prices", "h2 Prerequisites", "h2 Why it matters", "h2 Last"];
    assert_eq!(own(&built, "a.html"), shown);
    assert!(shown[1..].iter().all(|h| built.contents("a.html").iter().any(|line| *line == h[3..])));
}

#[test]
fn a_note_may_be_named_todo() {
    let built = build(&[
        ("a.md", "---\ntitle: Start\n---\n[[todo|one]], [[TODO]], [three](todo.md), [four](TODO)\n"),
        ("todo.md", "---\ntitle: Chores\n---\nDishes.\n"),
    ]);
    for text in ["one", "Chores", "three"] {
        assert_eq!(built.links("a.html", text)[0], "todo.html", "{text}");
    }
    assert!(built.links("a.html", "four").is_empty());
    assert_eq!(built.findings("fulfilled-todo"), [""; 0]);
    let wanted: Vec<&str> = built.analysis.site.graph.wanted.iter().map(|w| w.name.as_str()).collect();
    assert_eq!(wanted, ["four"]);
    assert_eq!(build(&[("a.md", "---\ntitle: A\n---\n[[todo|Waves]]\n")]).analysis.site.graph.wanted.len(), 1);
}
