//! Whole bases, built through the command line: every format of notes, seen in the pages that come out.

mod built;

use built::{Base, Built, canon, note, note_with, site, text, words};
use std::path::Path;

/// The page of one note at `content/a.md` with this body, and a few neighbours to link to.
fn page_of(body: &str) -> Built {
    site(&[
        ("content/a.md", note("a", "Note A", body)),
        ("content/b.md", note_with("b-note", "Note B", "aliases: [Bee, \"The B\"]\n", B)),
        (
            "content/sub/c file.md",
            note("c", "Ccc", "# Ccc\n\nText of c.[^1]\n\n[^1]: Foot of c.\n\n## Links\n\n- [B](../b.md)\n"),
        ),
        ("content/pic.png", String::from_utf8_lossy(PNG).into_owned()),
    ])
}

const PNG: &[u8] = b"not a picture";
const B: &str = "# Note B\n\n## First part\n\nAlpha.\n\n### Inner\n\nBeta.\n\n## Second part\n\nGamma.\n";

#[test]
fn wikilinks_by_every_name() {
    let built = page_of(
        "[[b-note]] [[Note B|title]] [[Bee|alias]] [[b|file]] [[the b|folded]] [[b-note#Second part|part]] \
         [[#Own|own]] [[c file|spaced]] [[sub/c file|path]] [[nowhere|gone]]\n\n| x | y |\n|---|---|\n| [[b-note\\|cell]] | `[[b]]` |\n\n## Own\n\nText.\n",
    );
    let page = built.page("a.html");
    for shown in ["Note B", "title", "alias", "file", "folded", "cell"] {
        assert_eq!(page.link(shown), Some("b.html"), "{shown}");
    }
    assert_eq!(page.link("part"), Some("b.html#second-part"));
    assert_eq!(page.link("own"), Some("#own"));
    assert_eq!(page.link("spaced"), Some("sub/c%20file.html"));
    assert_eq!(page.link("path"), Some("sub/c%20file.html"));
    let broken: Vec<String> = page.with_class("broken-link").map(|t| page.text(t)).collect();
    assert_eq!(broken, ["gone"]);
    assert!(built.main("a.html").contains("<code>[[b]]</code>"));
}

#[test]
fn embeds_name_their_source_and_prefix_their_ids() {
    let built = page_of("![[b-note]]\n\n![[b-note#First part]]\n\n![[c]]\n");
    let page = built.page("a.html");
    let sections: Vec<_> = page.with_class("embed").collect();
    assert_eq!(sections.len(), 3);
    let headers: Vec<String> = page.named("header").map(|h| page.text(h)).filter(|t| t.starts_with("From")).collect();
    assert!(headers[0].ends_with("Note B") && headers[1].ends_with("Note B › First part"), "{headers:?}");
    assert!(page.text(sections[0]).contains("Alpha. Inner Beta. Second part Gamma."));
    assert!(page.text(sections[1]).contains("Alpha. Inner Beta."));
    assert!(!page.text(sections[1]).contains("Gamma"));
    assert!(page.text(sections[2]).contains("Foot of c."), "{}", page.text(sections[2]));
    assert!(page.ids().any(|id| id.starts_with("b-note--")));
    assert!(page.ids().all(|id| id != "first-part"));
}

/// A browser closes a paragraph before a section, so the page does; where nothing can be closed, a link stands there.
#[test]
fn an_embed_among_words_leaves_valid_html() {
    let built = page_of("One two ![[b-note#First part]] three.\n");
    assert_eq!(built.page("a.html").with_class("embed").count(), 1);
    let main = built.main("a.html");
    assert!(main.contains("<p>One two </p>") && main.contains("<p> three.</p>"), "{main}");

    let built = page_of("![[b-note#First part]]\n![[pic.png]] ![[c]]\n");
    assert_eq!(built.page("a.html").with_class("embed").count(), 2);
    let main = built.main("a.html");
    assert!(!main.contains("<p></p>") && !main.contains("<p>\n</p>"), "{main}");

    let words_only = [
        "| x | ![[b-note]] |\n|---|---|\n| y | ![[b-note]] |\n",
        "## In ![[b-note]] a heading\n\nx\n",
        "Some **strong ![[b-note]] words** here.\n",
        "- [ ] tick ![[b-note]]\n",
        "> [!note] Title ![[b-note]]\n> x\n",
        "x <b>y ![[b-note]] z</b>\n",
        "See [this ![[b-note]] one](sub/c%20file.md).\n",
    ];
    for body in words_only {
        let built = page_of(body);
        let main = words(built.main("a.html"));
        assert!(main.contains("Note B"), "{body}: {main}");
        assert_eq!(built.page("a.html").with_class("embed").count(), 0, "{body}");
    }
    let built = page_of("- item ![[b-note]] goes on\n- ![[b-note#Second part]]\n");
    assert_eq!(built.page("a.html").with_class("embed").count(), 2);
}

#[test]
fn embeds_nest_and_a_cycle_ends() {
    let built = site(&[
        ("content/x.md", note("x", "X", "One.\n\n![[y]]\n")),
        ("content/y.md", note("y", "Y", "Two.\n\n![[z]]\n")),
        ("content/z.md", note("z", "Z", "Three.\n\n![[x]]\n")),
    ]);
    let main = words(built.main("x.html"));
    assert!(main.contains("One.") && main.contains("Two.") && main.contains("Three."));
    assert_eq!(main.matches("One.").count(), 1, "{main}");
}

#[test]
fn reference_links_and_raw_anchors() {
    let built = page_of(
        "[full][ref] [ref][] [ref] <a id=\"spot\"></a><a name=\"old\">named</a> <a href=\"b.md#inner\">raw</a> \
         [to spot](#spot) [to old](#old) [undefined][nope]\n\n[ref]: b.md#inner \"Title\"\n",
    );
    let page = built.page("a.html");
    assert_eq!(page.link("full"), Some("b.html#inner"));
    assert_eq!(page.link("ref"), Some("b.html#inner"));
    assert_eq!(page.link("raw"), Some("b.html#inner"));
    assert_eq!(page.link("to spot"), Some("#spot"));
    assert_eq!(page.link("to old"), Some("#old"));
    assert!(words(built.main("a.html")).contains("[undefined][nope]"));
}

#[test]
fn footnotes_go_both_ways_and_stand_once() {
    let built = page_of(
        "One[^a] two[^b] again[^a].\n\n## Part\n\n[^a]: First *foot*.\n[^b]: Second\n\n    with a paragraph.\n\n## Links\n\n### Related topics\n\n- [B](b.md) — near[^c]\n\n[^c]: Foot in links.\n",
    );
    let main = built.main("a.html");
    let page = built.page("a.html");
    for foot in ["First foot.", "with a paragraph.", "Foot in links."] {
        assert_eq!(words(main).matches(foot).count(), 1, "{foot}: {main}");
    }
    let references: Vec<&str> = page.with_class("footnote-ref").map(|t| t.get("href").unwrap()).collect();
    assert_eq!(references, ["#fn-1", "#fn-2", "#fn-1"]);
}

#[test]
fn footnotes_of_an_embedded_section() {
    let built = site(&[
        ("content/a.md", note("a", "A", "Own[^1].\n\n![[b#Part]]\n\n![[b#Links]]\n\n[^1]: Own foot.\n")),
        (
            "content/b.md",
            note(
                "b",
                "B",
                "## Part\n\nText[^x].\n\n## Links\n\n- [A](a.md) says[^y]\n\n[^x]: Foot X.\n[^y]: Foot Y.\n",
            ),
        ),
    ]);
    let main = words(built.main("a.html"));
    assert!(main.contains("Own foot."), "{main}");
    assert!(main.contains("Foot X.") && main.contains("Foot Y."), "{main}");
}

#[test]
fn tables_task_lists_and_definition_lists() {
    let built = page_of(
        "| L | R |\n|:--|--:|\n| a \\| b | `c` |\n\n- [ ] open\n- [x] done with [B](b.md)\n\nTerm\n: Meaning one\n: Meaning two\n",
    );
    let page = built.page("a.html");
    let cells: Vec<String> = page.named("td").map(|t| page.text(t)).collect();
    assert_eq!(cells, ["a | b", "c"]);
    let boxes: Vec<bool> =
        page.named("input").filter(|t| t.get("type") == Some("checkbox")).map(|t| t.get("checked").is_some()).collect();
    assert_eq!(boxes, [false, true]);
    assert_eq!(page.named("dt").map(|t| page.text(t)).collect::<Vec<_>>(), ["Term"]);
    assert_eq!(page.named("dd").map(|t| page.text(t)).collect::<Vec<_>>(), ["Meaning one", "Meaning two"]);
}

#[test]
fn callouts_of_both_kinds() {
    let built = page_of(
        "> [!NOTE]\n> Plain.\n\n> [!warning] A **bold** title\n> Body.\n\n> [!tip]- Folded\n> Hidden.\n\n> [!tip]+ Open\n> Shown.\n\n> [!question] Outer\n> > [!info] Inner\n> > Deep.\n\n> [!made-up] Own kind\n> Odd.\n\n> Just a quote [!NOTE]\n",
    );
    let main = built.main("a.html");
    for marker in ["[!NOTE]\n", "[!warning]", "[!tip]", "[!question]", "[!info]", "[!made-up]"] {
        assert!(!main.contains(marker), "{marker}: {main}");
    }
    let page = built.page("a.html");
    assert_eq!(page.named("details").filter(|t| main.contains("Folded") && !t.has_class("toc")).count(), 2, "{main}");
    let bold = page.named("strong").map(|t| page.text(t)).collect::<Vec<_>>();
    assert_eq!(bold, ["bold"]);
    assert!(words(main).contains("Just a quote [!NOTE]"));
    assert!(words(main).contains("Deep.") && words(main).contains("Own kind"));
}

#[test]
fn math_becomes_mathml_and_dollars_stay() {
    let built = page_of(
        "Inline $a^2 < b$ and\n\n$$\n\\frac{1}{2}\n$$\n\nIt costs $5 and $6. \n\n`$x$` and $\\unknowncommand{$\n",
    );
    let main = built.main("a.html");
    assert_eq!(built.page("a.html").named("math").count(), 2, "{main}");
    assert!(main.contains("<mfrac>") && main.contains("&lt;"));
    assert!(words(main).contains("It costs $5 and $6."));
    assert!(main.contains("<code>$x$</code>"));
}

#[test]
fn heading_ids() {
    let built = page_of(
        "## Same\n\n## Same\n\n## Same-1\n\n## Own {#my.id}\n\n## Größe & `code` 🎉 日本語\n\n## C++ / C#\n\n##\n\n## [Link](b.md) *em*\n\n\
         [1](#same) [2](#same-1) [3](#same-1-1) [4](#my.id) [5](#größe--code--日本語) [6](#gr%C3%B6%C3%9Fe--code--%E6%97%A5%E6%9C%AC%E8%AA%9E) [7](#c--c) [8](#link-em)\n",
    );
    let page = built.page("a.html");
    for id in ["same", "same-1", "same-1-1", "my.id", "größe--code--日本語", "c--c", "link-em"] {
        assert!(page.ids().any(|i| i == id), "{id} in {:?}", page.ids().collect::<Vec<_>>());
    }
    assert_eq!(page.with_class("broken-link").count(), 0);
    assert_eq!(page.link("6"), page.link("5"));
    assert_eq!(page.link("3"), Some("#same-1-1"));
}

#[test]
fn line_ends_and_byte_order_marks_change_nothing() {
    let lf = note(
        "a",
        "Note A",
        "# Note A\n\n## Part\n\n```rust\nlet a = 1;\n\nlet b = 2;\n```\n\n- x\n- y\n\n| a |\n|---|\n| b |\n\n> [!note] T\n> x\n\n$$\na\n$$\n\n<div>\n<b>raw</b>\n</div>\n\n[^1] x[^1]\n\n[^1]: Foot\n",
    );
    let twin = |text: String| site(&[("content/a.md", text)]);
    let expected = twin(lf.clone());
    let forms = [
        ("CRLF", lf.replace('\n', "\r\n")),
        ("CR", lf.replace('\n', "\r")),
        ("BOM", format!("\u{feff}{lf}")),
        ("BOM and CRLF", format!("\u{feff}{}", lf.replace('\n', "\r\n"))),
        ("no line end at the end", lf.trim_end().to_string()),
    ];
    for (name, form) in forms {
        let built = twin(form);
        for (path, bytes) in expected.files.iter().filter(|(p, _)| !p.ends_with("a.md") && !p.contains("manifest")) {
            let got = built.files.get(path).unwrap_or_else(|| panic!("{name}: no {path}"));
            assert!(got == bytes, "{name}: {path} differs:\n{}\n---\n{}", built::text(bytes), built::text(got));
        }
    }
}

#[test]
fn awkward_names_link_file_and_address_agree() {
    let names = [
        "spaced name",
        "per%20cent",
        "ha#sh",
        "quest?ion",
        "amp&ersand",
        "apo'strophe",
        "quo\"te",
        "plus+plus",
        "-dash",
        "Ünïcödé",
        "日本語",
        "emoji🎉",
        "semi;colon",
        "eq=ual",
        "com,ma",
        "par(en)",
        "brack[et]",
        "dots.in.name",
        "tilde~",
        "dollar$",
        "at@sign",
        "less<than>",
    ];
    let mut files: Vec<(String, String)> = Vec::new();
    let mut links = String::new();
    for (i, name) in names.iter().enumerate() {
        files.push((
            format!("content/di r/{name}.md"),
            note(
                &format!("n{i}"),
                &format!("Name {i}"),
                &format!("See [hub](../hub.md) and ![p](<{}.png>).", encode(name)),
            ),
        ));
        files.push((format!("content/di r/{name}.png"), format!("png {i}")));
        links.push_str(&format!("- [to {i}](di%20r/{}.md#hi) \n- [[n{i}|wiki {i}]]\n", encode(name)));
    }
    files.push(("content/hub.md".into(), note("hub", "Hub", &links.replace("#hi", ""))));
    let refs: Vec<(&str, String)> = files.iter().map(|(p, t)| (p.as_str(), t.clone())).collect();
    let built = site(&refs);
    let page = built.page("hub.html");
    assert_eq!(page.with_class("broken-link").count(), 0);
    for (i, name) in names.iter().enumerate() {
        let path = format!("di r/{name}.html");
        assert!(built.has(&path), "{path} in {:?}", built.files.keys());
        assert!(built.has(&format!("di r/{name}.png")), "{name}");
        let href = page.link(&format!("to {i}")).unwrap_or_else(|| panic!("no link to {name}"));
        assert_eq!(built::percent_decoded(href), path);
        assert_eq!(page.link(&format!("wiki {i}")), Some(href));
    }
}

fn encode(name: &str) -> String {
    name.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[test]
fn one_bad_note_never_stops_the_others() {
    let built = site(&[
        ("content/good.md", note("good", "Good", "Fine text.\n").into_bytes()),
        ("content/empty.md", Vec::new()),
        ("content/only.md", b"---\nid: only\ntitle: Only\n---\n".to_vec()),
        ("content/dashes.md", b"---\n".to_vec()),
        ("content/open.md", b"---\nid: open\n\n# Never closed\n".to_vec()),
        ("content/plain.md", b"# Plain\n\nNo frontmatter.\n".to_vec()),
        ("content/latin.md", b"# Caf\xe9\n\nLatin-1.\n".to_vec()),
        ("content/utf16.md", b"\xff\xfe#\0 \0A\0".to_vec()),
        ("content/cut.md", "# cut é".as_bytes()[..7].to_vec()),
        ("content/bad yaml.md", b"---\nid: [\n---\n\nText\n".to_vec()),
        ("content/colon.md", b"---\nid: colon\ntitle: a: b: c\n---\n\nText\n".to_vec()),
        ("content/nul.md", b"# N\0ul\n".to_vec()),
    ]);
    for page in
        ["empty", "only", "dashes", "open", "plain", "latin", "utf16", "cut", "bad yaml", "colon", "good", "nul"]
    {
        assert!(built.has(&format!("{page}.html")), "{page}");
    }
    assert!(words(built.main("good.html")).contains("Fine text."));
    assert!(words(built.main("plain.html")).contains("No frontmatter."));
    let latin = words(built.main("latin.html"));
    assert!(latin.contains("UTF-8"), "{latin}");
}

#[test]
fn drafts_are_nowhere() {
    let files = [
        (
            "content/open.md",
            note(
                "open",
                "Open",
                "See [it](secret.md) and [[Hidden Canary Title|two]] ![[secret]] and [more](secret.md#canary-heading).\n",
            ),
        ),
        (
            "content/secret.md",
            note_with(
                "secret",
                "Hidden Canary Title",
                "draft: true\naliases: [canary-alias]\nredirect_from: [canary-old]\n",
                "# H\n\ncanary-body ![canary-alt](canary.png) [o](open.md) [[canary-wanted]]\n",
            )
            .replace("[one]", "[canary-tag]"),
        ),
        ("content/canary.png", "canary-bytes".to_string()),
    ];
    let built = site(&files);
    let main = built.main("open.html");
    for word in
        ["canary-body", "canary-alias", "canary-old", "canary-tag", "canary-alt", "canary-bytes", "canary-wanted"]
    {
        assert_eq!(built.holding(word), Vec::<&str>::new(), "{word}");
    }
    assert!(!built.has("secret.html") && !built.has("secret.md") && !built.has("canary.png"));
    assert!(main.contains("class=\"planned\""), "{main}");
    assert!(!built.raw("open.html").contains("href=\"secret"));
    let shown = Base::of(&files).build(&["--drafts"]);
    assert!(shown.has("secret.html") && shown.has("canary.png"));
    shown.assert_sound();
}

#[test]
fn what_may_be_a_draft_is_held_back_and_told() {
    for value in ["yes", "\"true\"", "1", ""] {
        let secret = note_with("secret", "Secret", &format!("draft: {value}\n"), "canary-body\n");
        let base = Base::of(&[("content/open.md", note("open", "Open", "x\n")), ("content/secret.md", secret)]);
        let built = base.build(&[]);
        assert_eq!(built.holding("canary-body"), Vec::<&str>::new(), "draft: {value}");
        assert_eq!(built.holding("secret.md"), Vec::<&str>::new(), "not on the health page either");
        let arguments = ["check", "--rule", "invalid-field", "--quiet", "--format", "json"];
        let run = built::canon().args(arguments).arg(base.home.path()).output().unwrap();
        let said: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        let told = said["diagnostics"].as_array().unwrap();
        assert_eq!((told.len(), run.status.code()), (1, Some(1)), "draft: {value}: {said}");
        assert_eq!((&told[0]["file"], &told[0]["line"]), (&"secret.md".into(), &11.into()));
    }
}

#[test]
fn other_names_lead_on() {
    let built = site(&[
        (
            "content/db/pg.md",
            note_with(
                "pg",
                "PostgreSQL",
                "aliases: [Postgres, \"The <b>DB\"]\nredirect_from: [old/pg.html, older/pg/, x.md, plain]\n",
                "Text.\n",
            ),
        ),
        ("content/db/_aliases/psql.md", "# psql\n\nAlias of [pg](../pg.md).\n".into()),
        ("content/db/moved.md", "# Moved\n\nThis moved to [pg](pg.md).\n".into()),
        ("content/db/lost.md", "# Lost\n\nSee [lost](nowhere.md).\n".into()),
        (
            "content/user.md",
            note(
                "user",
                "User",
                "[a](db/_aliases/psql.md) [b](db/moved.md) [c](old/pg.html) [d](db/postgres.html) [[psql|e]]\n",
            ),
        ),
    ]);
    for path in [
        "db/postgres.html",
        "old/pg.html",
        "older/pg/index.html",
        "x.html",
        "plain.html",
        "db/_aliases/psql.html",
        "db/moved.html",
    ] {
        let page = built.page(path);
        let to = page.named("a").next().and_then(|a| a.get("href")).unwrap();
        assert!(to.ends_with("pg.html"), "{path}: {to}");
        assert!(
            page.named("meta").any(|m| m.get("http-equiv").is_some_and(|h| h.eq_ignore_ascii_case("refresh"))),
            "{path}"
        );
    }
    let page = built.page("user.html");
    for shown in ["a", "b", "c", "d", "e"] {
        assert_eq!(page.link(shown), Some("db/pg.html"), "{shown}");
    }
}

#[test]
fn landing_pages_introductions_and_folders() {
    let built = site(&[
        ("content/index.md", "# Welcome home\n\nIntroduction of all. [f](f/)\n".to_string()),
        ("content/glossary.md", "# My words\n\nWords introduced.\n".into()),
        ("content/tags/index.md", "# My tags\n\nTags introduced.\n".into()),
        ("content/f/_index.md", "# F first\n\nFirst landing.\n".into()),
        ("content/f/index.md", "# F second\n\nSecond landing.\n".into()),
        ("content/f/README.md", "# F third\n\nThird landing.\n".into()),
        (
            "content/f/n.md",
            note("n", "En", "Up: [f](./) [2](index.md) [3](README.md) [root](/) [g](../glossary.md) [t](../tags/)\n"),
        ),
        ("content/g/index.md", note("gee", "Gee", "A note that is its folder.\n")),
        ("content/g/h.md", note("h", "Aitch", "x [g](../g/) [g2](index.md)\n")),
    ]);
    assert!(words(built.main("index.html")).contains("Introduction of all."));
    assert!(words(built.main("glossary.html")).contains("Words introduced."));
    assert!(words(built.main("tags/index.html")).contains("Tags introduced."));
    assert!(words(built.main("f/index.html")).contains("First landing."));
    assert!(words(built.main("f/index-2.html")).contains("Second landing."));
    assert!(words(built.main("f/README.html")).contains("Third landing."));
    assert!(built.page("g/index.html").link("Aitch").is_some());
    let page = built.page("f/n.html");
    for (shown, href) in [
        ("f", "index.html"),
        ("2", "index-2.html"),
        ("3", "README.html"),
        ("root", "../index.html"),
        ("g", "../glossary.html"),
        ("t", "../tags/index.html"),
    ] {
        let own = page.named("a").filter(|a| page.text(a) == shown).map(|a| a.get("href").unwrap()).last();
        assert_eq!(own, Some(href), "{shown}");
    }
}

#[test]
fn tags_that_are_equal_after_folding_are_one() {
    let tagged = |id: &str, tags: &str| note(id, &format!("Title {id}"), "x\n").replace("[one]", tags);
    let built = site(&[
        ("content/a.md", tagged("a", "[big-data, c]")),
        ("content/b.md", tagged("b", "[\"Big Data\", \"c++\"]")),
        ("content/c.md", tagged("c", "[big_data, \"C#\", \"日本\", \"index\", \"...\"]")),
    ]);
    let page = built.page("tags/big-data.html");
    for title in ["Title a", "Title b", "Title c"] {
        assert!(page.link(title).is_some(), "{title}");
    }
    for path in ["tags/c.html", "tags/c-plus-plus.html", "tags/c-sharp.html", "tags/index.html"] {
        assert!(built.has(path), "{path} in {:?}", built.files.keys());
    }
}

#[test]
fn collisions_keep_both_and_say_so() {
    let files = [
        ("content/x.md", note("x1", "X one", "first\n")),
        ("content/x/index.md", note("x2", "X two", "second\n")),
        ("content/a b.md", note("s1", "S one", "third\n")),
        ("content/a-b.md", note("s2", "S two", "fourth\n")),
        ("content/Case.md", note("k1", "K one", "fifth\n")),
        ("content/case.md", note("k2", "K two", "sixth\n")),
        ("content/\u{c4}.md", note("u1", "U one", "seventh\n")),
        ("content/A\u{308}.md", note("u2", "U two", "eighth\n")),
        ("content/graph.md", note("g", "A graph note", "ninth\n")),
        ("content/same1.md", note("twin", "Twin one", "tenth\n")),
        ("content/same2.md", note("twin", "Twin two", "eleventh\n")),
    ];
    let base = Base::of(&files);
    let built = base.build(&[]);
    built.assert_sound();
    for word in
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"]
    {
        let pages = built.files.keys().filter(|p| p.ends_with(".html") && built.raw(p).contains("<main"));
        let holding: Vec<_> =
            pages.filter(|p| built.page(p).named("article").any(|a| built.page(p).text(a).contains(word))).collect();
        assert_eq!(holding.len(), 1, "{word}: {holding:?}");
    }
    assert!(built.has("case-2.html") || built.has("Case-2.html"));
    let check = built::canon().arg("check").arg(base.home.path()).output().unwrap();
    let said = built::text(&check.stdout);
    assert!(said.contains("output-collision") && said.contains("duplicate-id"), "{said}");
}

#[test]
/// `CANON_TEST_BASE` names other notes to try.
fn the_projects_own_documentation_is_sound() {
    let home = tempfile::TempDir::new().unwrap();
    let root = std::env::var("CANON_TEST_BASE").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_string());
    let output = built::canon()
        .env("XDG_CACHE_HOME", home.path().join("cache"))
        .args(["build", &root, "--output"])
        .arg(home.path().join("site"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", built::text(&output.stderr));
    Built::read(&home.path().join("site")).assert_sound();
}

#[test]
fn the_tree_beside_a_page_lists_sixty_folders_of_a_level_and_counts_the_rest() {
    let built = |folders: usize| {
        let files: Vec<(String, String)> = (0..folders)
            .flat_map(|n| {
                let one = |path: String, id: String| (path, note(&id, &format!("Note {id}"), "A sentence."));
                [
                    one(format!("content/f{n:04}/a.md"), format!("a-{n}")),
                    one(format!("content/top/s{n:04}/b.md"), format!("b-{n}")),
                ]
            })
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        site(&files)
    };
    let (small, large) = (built(70), built(140));
    large.assert_sound();
    let folders = |built: &Built, path: &str| {
        let page = built.page(path);
        let open = page.with_class("folder").filter_map(|tag| tag.get("data-path")).map(str::to_string);
        (open.collect::<Vec<_>>(), page.with_class("more").map(|tag| page.text(tag)).collect::<Vec<_>>())
    };
    for path in ["f0000/a.html", "f0069/a.html", "f0035/a.html"] {
        let (listed, more) = folders(&large, path);
        assert_eq!(listed.len(), 60, "{path}");
        assert!(listed.contains(&path[..5].to_string()), "{path}: {listed:?}");
        assert_eq!(more, ["81 more folders"], "{path}");
    }
    let (listed, more) = folders(&large, "top/s0139/b.html");
    assert_eq!((listed.len(), more), (120, vec!["80 more folders".to_string(), "81 more folders".to_string()]));
    assert_eq!(listed.last().map(String::as_str), Some("top/s0139"));
    // A page of the larger base is as long, but for the figures in it.
    let length = |built: &Built| built.raw("f0035/a.html").len();
    assert!(length(&large).abs_diff(length(&small)) < 200, "{} and {}", length(&small), length(&large));
}

/// The site of this project, and of each folder that `CANON_BASES` names, separated like the folders of `PATH`.
#[test]
fn every_address_of_a_real_base_leads_somewhere() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf();
    let named = std::env::var_os("CANON_BASES").unwrap_or_default();
    for root in std::iter::once(own).chain(std::env::split_paths(&named).filter(|path| path.is_dir())) {
        let home = tempfile::TempDir::new().unwrap();
        let output = home.path().join("public");
        let mut command = canon();
        command.env("XDG_CACHE_HOME", home.path().join(".cache")).arg("build").arg(&root).arg("--output").arg(&output);
        let run = command.output().unwrap();
        assert_eq!(run.status.code(), Some(0), "{}{}", text(&run.stdout), text(&run.stderr));
        Built::read(&output).assert_sound();
    }
}
