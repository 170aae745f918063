//! Where links lead: each test is one kind of link, with the page that it opens or the reason why it opens none. Bases are
//! small and written by the test.

use super::built::{Built, build};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// A note with a title and a text.
fn note(title: &str, text: &str) -> String {
    format!("---\ntitle: \"{title}\"\n---\n{text}\n")
}

/// A base of notes: path, title, text.
fn base(notes: &[(&str, &str, &str)]) -> Built {
    let texts: Vec<(&str, String)> = notes.iter().map(|(path, title, text)| (*path, note(title, text))).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (*path, text.as_str())).collect();
    build(&files)
}

/// The address of the link with these words, percent-decoded; nothing if there is no such link.
fn link(built: &Built, page: &str, words: &str) -> String {
    let found = built.links(page, words);
    found.first().map(|href| percent_decode_str(href).decode_utf8_lossy().into_owned()).unwrap_or_default()
}

/// The names of missed notes.
fn wanted(built: &Built) -> Vec<&str> {
    built.analysis.site.graph.wanted.iter().map(|wanted| wanted.name.as_str()).collect()
}

/// The messages and remedies of a rule's findings.
fn said(built: &Built, rule: &str) -> String {
    let said = built.found.iter().filter(|d| d.rule == rule).map(|d| format!("{} {}\n", d.message, d.help));
    said.collect()
}

#[test]
fn the_first_step_that_finds_anything_decides() {
    let built = build(&[
        ("Kiln.md", "---\ntitle: \"An oven for clay\"\n---\n"),
        ("glaze.md", "---\ntitle: \"Kiln\"\naliases: [Slip]\n---\n"),
        ("slip.md", "---\ntitle: \"Liquid clay\"\nid: wheel\n---\n"),
        ("turntable.md", "---\ntitle: \"Slip\"\naliases: [Wheel, Bisque]\n---\n"),
        ("first-firing.md", "---\ntitle: \"Bisque\"\nid: bisque-firing\n---\n"),
        ("start.md", "---\ntitle: Start\n---\n[[kiln|a]] [[KILN.md|b]] [[Slip|c]] [[WHEEL|d]] [[bisque|e]]\n"),
    ]);
    for (words, page) in
        [("a", "Kiln.html"), ("b", "Kiln.html"), ("c", "slip.html"), ("d", "slip.html"), ("e", "first-firing.html")]
    {
        assert_eq!(link(&built, "start.html", words), page, "{words}");
    }
    assert_eq!(built.findings("ambiguous-link"), [] as [&str; 0]);
}

#[test]
fn a_wikilink_with_a_slash_is_a_path() {
    let built = base(&[
        ("farm/barn/hay.md", "Dry grass", ""),
        (
            "farm/barn/mice.md",
            "Mice",
            "[[./hay|a]] [[../barn/hay.md|b]] [[barn/cats|c]] [[MILL/barn/Cats|d]] [[/farm/pond|e]] [[./cats|f]]",
        ),
        ("farm/pond.md", "Water", "[[barn/hay|g]]"),
        ("mill/barn/cats.md", "Cats", ""),
        ("mill/barn/hay.md", "Other grass", ""),
    ]);
    for (page, words, target) in [
        ("farm/barn/mice.html", "a", "hay.html"),
        ("farm/barn/mice.html", "b", "hay.html"),
        ("farm/barn/mice.html", "c", "../../mill/barn/cats.html"),
        ("farm/barn/mice.html", "d", "../../mill/barn/cats.html"),
        ("farm/barn/mice.html", "e", "../pond.html"),
        ("farm/barn/mice.html", "f", ""),
        // Two files end so: the one that is there from the folder of the linking note is nearer.
        ("farm/pond.html", "g", "barn/hay.html"),
    ] {
        assert_eq!(link(&built, page, words), target, "{words}");
    }
    assert_eq!(built.findings("ambiguous-link"), ["farm/pond.md:4"]);
    assert_eq!(built.findings("broken-link"), ["farm/barn/mice.md:4"]);
}

#[test]
fn of_files_with_one_name_the_nearest_is_taken_and_the_others_are_named() {
    let built = base(&[
        ("a/b/key.md", "Key of b", "[[key|mine]]"),
        ("a/key.md", "Key of a", ""),
        ("c/lock.md", "Lock of c", ""),
        ("d/lock.md", "Lock of d", ""),
        ("door.md", "Door at the root", ""),
        ("d/door.md", "Door of d", "[[door|root]]"),
        ("z.md", "Zed", "[[key|flat]] [[lock|first]] ![[plan.png]]"),
        ("q/plan.png", "", ""),
        ("p/r/plan.png", "", ""),
    ]);
    assert_eq!(link(&built, "a/b/key.html", "mine"), "key.html");
    assert_eq!(link(&built, "d/door.html", "root"), "../door.html");
    assert_eq!(link(&built, "z.html", "flat"), "a/key.html");
    assert_eq!(link(&built, "z.html", "first"), "c/lock.html");
    assert!(built.main("z.html").contains("src=\"q/plan.png\""), "{}", built.main("z.html"));
    let said = said(&built, "ambiguous-link");
    for path in ["`a/b/key.md`", "`d/lock.md`", "`d/door.md`", "`p/r/plan.png`"] {
        assert!(said.contains(path), "{path}: {said}");
    }
}

#[test]
fn the_whole_text_is_tried_before_it_is_cut() {
    let built = base(&[
        ("sharp.md", "C#", "## Types\n\nSome."),
        ("plain.md", "C", ""),
        ("ticket.md", "Bug #12", ""),
        ("a.md", "A", "[[C#|a]] [[C##Types|b]] [[c|see]] [[bug #12|d]] [[sharp#Types|e]] [[J#]] [[J#x]]"),
    ]);
    for (words, page) in [
        ("a", "sharp.html"),
        ("b", "sharp.html#types"),
        ("see", "plain.html"),
        ("d", "ticket.html"),
        ("e", "sharp.html#types"),
    ] {
        assert_eq!(link(&built, "a.html", words), page, "{words}");
    }
    assert_eq!(wanted(&built), ["J", "J#"]);
}

#[test]
fn letter_case_of_folders_and_attachments_is_that_of_the_disk() {
    let built = base(&[
        ("Notes/Über/herd.md", "Herd", ""),
        ("Bilder/Kuh.JPG", "", ""),
        ("a.md", "A", "[[notes/ÜBER/Herd|a]] ![[bilder/kuh.jpg]] [[KUH.jpg|b]] [[notes/u\u{308}ber/herd|c]]"),
    ]);
    for (words, page) in [("a", "Notes/Über/herd.html"), ("b", "Bilder/Kuh.JPG"), ("c", "Notes/Über/herd.html")] {
        assert_eq!(link(&built, "a.html", words), page, "{words}");
    }
    assert!(built.main("a.html").contains("src=\"Bilder/Kuh.JPG\""));
    assert_eq!(said(&built, "broken-link") + &said(&built, "missing-asset"), "");
}

#[test]
fn a_folder_that_is_none_is_the_note_beside_it() {
    let built = base(&[
        (
            "book/one.md",
            "One",
            "[a](../end/) [b](/end/) [c](../end) [d](../book/two/#deep) [e](../none/) [f](../book/) [g](../END/)",
        ),
        ("book/two.md", "Two", "## Deep\n\nText."),
        ("end.md", "End", "[h](book) [i](book/)"),
        ("book.md", "The book itself", ""),
    ]);
    for (page, words, target) in [
        ("book/one.html", "a", "../end.html"),
        ("book/one.html", "b", "../end.html"),
        ("book/one.html", "c", "../end.html"),
        ("book/one.html", "d", "two.html#deep"),
        ("book/one.html", "e", ""),
        ("book/one.html", "f", "index.html"),
        ("book/one.html", "g", "../end.html"),
        ("end.html", "h", "book.html"),
        ("end.html", "i", "book/index.html"),
    ] {
        assert_eq!(link(&built, page, words), target, "{words}");
    }
    assert_eq!(built.findings("directory-link").len(), 5);
    assert_eq!(built.findings("wrong-case-link"), ["book/one.md:4"]);
    let fixes: Vec<&str> = built
        .found
        .iter()
        .filter(|d| d.rule == "directory-link")
        .map(|d| d.fix.as_ref().unwrap().edits[0].text.as_str())
        .collect();
    assert_eq!(fixes, ["../end.md", "../end.md", "../end.md", "two.md", "book.md"]);
}

#[test]
fn a_folder_in_a_wikilink_is_its_landing_page() {
    let built = build(&[
        ("Tools/README.md", "Everything sharp.\n"),
        ("Tools/saw.md", "---\ntitle: Saw\n---\n"),
        ("Wood/oak.md", "---\ntitle: Oak\n---\n"),
        ("shed/Paint/_index.md", "# Colours\n"),
        ("a.md", "---\ntitle: A\n---\n[[tools|a]] [[Wood|b]] [c](tools/) [d](Tools) [[shed/paint|e]] [[Paint/|f]]\n"),
    ]);
    for (words, page) in [
        ("a", "Tools/index.html"),
        ("b", ""),
        ("c", "Tools/index.html"),
        ("d", "Tools/index.html"),
        ("e", "shed/Paint/index.html"),
        ("f", "shed/Paint/index.html"),
    ] {
        assert_eq!(link(&built, "a.html", words), page, "{words}");
    }
    assert_eq!(wanted(&built), ["Wood"]);
    assert_eq!(built.findings("wrong-case-link"), ["a.md:4"]);
}

#[test]
fn canons_own_pages_are_linked_by_their_exact_address_alone() {
    let names = "[[Glossary]] [[recent]] [[Wanted]] [[tags/index]] [[Difficulty.html|x]] [[index.html|y]]";
    let built = base(&[(
        "n/a.md",
        "A",
        &format!("{names} [a](../glossary.html) [b](../Glossary.html) [c](../TAGS/) [d](../tags/)"),
    )]);
    for words in ["Glossary", "recent", "Wanted", "tags/index", "x", "y", "b", "c"] {
        assert_eq!(link(&built, "n/a.html", words), "", "{words}");
    }
    assert_eq!(link(&built, "n/a.html", "a"), "../glossary.html");
    assert_eq!(link(&built, "n/a.html", "d"), "../tags/index.html");
    assert!(wanted(&built).contains(&"Glossary") && wanted(&built).contains(&"Wanted"));
    assert!(said(&built, "broken-link").contains("`Glossary.html`"));
}

#[test]
fn the_sign_of_zola_is_the_content_folder() {
    let built = base(&[
        ("doc/a.md", "A", "[a](@/top.md) [b](@/doc/b.md#more) [c](@/gone.md) [d](@/doc/) [e](@/)"),
        ("doc/b.md", "B", "## More\n\nText."),
        ("top.md", "Top", ""),
    ]);
    for (words, page) in
        [("a", "../top.html"), ("b", "b.html#more"), ("c", ""), ("d", "index.html"), ("e", "../index.html")]
    {
        assert_eq!(link(&built, "doc/a.html", words), page, "{words}");
    }
    assert_eq!(built.findings("absolute-link"), [] as [&str; 0]);
    assert!(said(&built, "broken-link").contains("gone.md"));
}

#[test]
fn a_fragment_may_be_the_text_of_a_heading() {
    let built = base(&[
        (
            "b.md",
            "B",
            "## Salt & Pepper\n\nx\n\n## Steps\n\n### Wait\n\nx\n\n## Later\n\n### Wait\n\nx\n\n## An own name {#mine}\n\nx",
        ),
        (
            "a.md",
            "A",
            "[a](b.md#Salt%20%26%20Pepper) [b](<b.md#salt & pepper>) [c](b.md#An%20own%20name) [[b#Later#Wait|d]] [[b#salt pepper|e]] [f](b.md#Sugar)",
        ),
    ]);
    for (words, page) in [
        ("a", "b.html#salt--pepper"),
        ("b", "b.html#salt--pepper"),
        ("c", "b.html#mine"),
        ("d", "b.html#wait-1"),
        ("e", "b.html#salt--pepper"),
        ("f", "b.html"),
    ] {
        assert_eq!(link(&built, "a.html", words), page, "{words}");
    }
    assert_eq!(built.findings("broken-anchor").len(), 1);
}

#[test]
fn a_wikilink_without_words_shows_the_title() {
    let built = base(&[("lamp.md", "A lamp", ""), ("a.md", "A", "[[lamp|]], [[ lamp | ]], [[Lamp#|]], [[lamp]].")]);
    assert!(built.words("a.html").contains("A lamp , A lamp , A lamp , A lamp ."), "{}", built.words("a.html"));
    assert_eq!(built.links("a.html", "A lamp").len(), 4);
}

#[test]
fn what_exists_is_not_wanted() {
    let built = build(&[
        ("cache/eviction.md", "---\nid: eviction\ntitle: Eviction policy\naliases: [Expulsion]\n---\n"),
        (
            "a.md",
            "---\nid: a\ntitle: A\n---\n[Eviction policy](evict.md), [it](expulsion.md), [[Warm up]], [[WARM UP]], [Warm up](warm-up.md).\n\n\
             ## Links\n\n### Related topics\n\n- [Hit rate (TODO)](hits.md) (TODO)\n- (TODO) Shards\n- Misses (TODO)\n",
        ),
    ]);
    assert_eq!(wanted(&built), ["Hit rate", "Shards", "Warm up"]);
    assert_eq!(built.findings("broken-link").len(), 6);
}

#[test]
fn whoever_wants_a_note_is_a_node_of_the_graph() {
    let built = build(&[
        ("a.md", "---\nid: a\ntitle: A\n---\n[[Missing]]\n"),
        ("b.md", "---\nid: b\ntitle: B\n---\nText.\n"),
        ("page.md", "[[Missing]] and [[Another]] are words of a page.\n"),
        ("README.md", "# Start\n\n[[Missing]]\n"),
    ]);
    let graph: serde_json::Value = serde_json::from_str(&crate::data::feeds::graph_json(&built.analysis.site)).unwrap();
    let wanted: Vec<_> = graph["wanted"].as_array().unwrap().iter().map(|w| (&w["name"], &w["from"])).collect();
    let want = [("Missing", serde_json::json!(["a"])), ("Another", serde_json::json!([]))];
    assert_eq!(wanted.len(), want.len());
    for (name, from) in want {
        assert!(wanted.iter().any(|w| *w.0 == name && *w.1 == from), "{name}: {wanted:?}");
    }
}

#[test]
fn the_link_itself_is_marked_in_the_sentence_of_a_backlink() {
    let built = base(&[
        ("net.md", "Net", ""),
        ("a.md", "A", "Networks need a [net](net.md)\nand a net."),
        ("b.md", "B", "- Nets: *internet*, see  [net](net.md)."),
        ("c.md", "C", "Nothing here. A [net](net.md)"),
    ]);
    let html = built.main("net.html");
    for part in [
        "<p>Networks need a <mark>net</mark> and a net.</p>",
        "<p>Nets: internet, see <mark>net</mark>.</p>",
        "<p>A <mark>net</mark></p>",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
}

#[test]
fn no_short_name_is_suggested_for_another_and_a_longer_one_is() {
    let built = base(&[
        ("tcp.md", "TCP", ""),
        ("load-balancing-basics.md", "Load Balancing Basics", ""),
        ("raft.md", "Raft", ""),
        ("a.md", "A", "[a](udp.md) [b](load-balancing.md) [c](rafts.md)"),
    ]);
    let said = said(&built, "broken-link");
    assert!(!said.contains("tcp.md"), "{said}");
    assert!(said.contains("load-balancing-basics.md") && said.contains("did you mean `raft.md`"), "{said}");
}

/// Every `href`, `src` and fragment of every page that leads to no file of exactly that spelling, or to no id in it.
fn dead(built: &Built) -> Vec<String> {
    let ids: BTreeMap<&str, Vec<String>> = pages(built).map(|(path, html)| (path, attributes(html, "id"))).collect();
    let mut dead = Vec::new();
    for (page, html) in pages(built) {
        let addresses = attributes(html, "href").into_iter().chain(attributes(html, "src"));
        for address in addresses.filter(|a| !a.starts_with("//") && !a.split('/').next().unwrap_or("").contains(':')) {
            let (path, fragment) = address.split_once('#').unwrap_or((&address, ""));
            let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            let path = decoded(path.split('?').next().unwrap_or(""));
            let mut parts: Vec<&str> = page.split('/').collect();
            parts.pop();
            for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
                if part == ".." {
                    parts.pop();
                } else {
                    parts.push(part);
                }
            }
            let target = if path.is_empty() { page.to_string() } else { parts.join("/") };
            let target = match path.ends_with('/') || target.is_empty() || path == ".." || path == "." {
                true if target.is_empty() => "index.html".to_string(),
                true => target + "/index.html",
                false => target,
            };
            let fragment = decoded(fragment);
            let has_id = fragment.is_empty() || ids.get(&*target).is_none_or(|ids| ids.contains(&fragment));
            if !built.files.contains_key(&target) && !own_file(&target) || !has_id {
                dead.push(format!("{page}: {address}"));
            }
        }
    }
    dead
}

/// Files that are not made with the pages: style sheets and scripts.
fn own_file(path: &str) -> bool {
    path.starts_with("static/")
        || path.starts_with("theme/")
        || path.ends_with(".css")
        || path.ends_with(".js")
        || path.ends_with(".svg")
}

fn pages(built: &Built) -> impl Iterator<Item = (&str, &str)> {
    let html = built.files.iter().filter(|(path, _)| path.ends_with(".html"));
    html.map(|(path, bytes)| (path.as_str(), std::str::from_utf8(bytes).unwrap()))
}

/// The values of an attribute, entities decoded.
fn attributes(html: &str, name: &str) -> Vec<String> {
    let pattern = format!(" {name}=\"");
    let values = html.split(&*pattern).skip(1).filter_map(|rest| rest.split('"').next());
    values
        .map(|value| value.replace("&amp;", "&").replace("&quot;", "\"").replace("&lt;", "<").replace("&#39;", "'"))
        .collect()
}

#[test]
fn no_address_of_a_hostile_base_is_dead() {
    let names = [
        "Tags/x",
        "tags/y",
        "Graph",
        "search/z",
        "a b/c d",
        "é/e\u{301}",
        "e\u{301}/f",
        "100%/50%",
        "q?/r",
        "h#/i#",
        "F/one",
        "f/two",
        "index/index",
        "README/x",
        "api/notes",
        "404",
        "Glossary/Glossary",
        "x.html",
        "x",
        "日本/語",
        "a&b/c'd",
        "deep/er/st",
    ];
    let mut all: Vec<(String, String)> = Vec::new();
    let link_all = |from: &str| -> String {
        let up = "../".repeat(from.matches('/').count());
        let one = |name: &&str| {
            let encoded: String = name.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!(
                "- [[{name}]] [a](<{up}{encoded}.md>) [b](<{up}{}.md>) [c](<{up}{encoded}>) [d](<{up}{}/>) [e](<{up}{}/>) [f](<{up}{encoded}.html#top>) [[{}]]\n",
                encoded.to_uppercase(),
                folder.replace('%', "%25").replace('?', "%3F").replace('#', "%23"),
                folder.to_uppercase().replace('%', "%25").replace('?', "%3F").replace('#', "%23"),
                name.to_uppercase(),
            )
        };
        names.iter().map(one).collect()
    };
    for (n, name) in names.iter().enumerate() {
        let links = link_all(name);
        let embed = names[(n + 1) % names.len()];
        let head = if n % 3 == 0 {
            String::new()
        } else {
            format!("---\ntitle: \"T {n}\"\naliases: [\"Other {n}\", graph]\n---\n")
        };
        all.push((format!("{name}.md"), format!("{head}## Part one\n\n{links}\n![[{embed}]]\n\n![[{embed}#Part one]]\n\n[own](#part-one) [up](#Part%20One)\n")));
    }
    all.push(("F/_index.md".into(), format!("# Landing\n\n{}", link_all("F/_index"))));
    all.push(("_index.md".into(), format!("# Home\n\n{}", link_all("_index"))));
    all.push(("tags/index.md".into(), format!("# My tags\n\n{}", link_all("tags/index"))));
    all.push(("glossary.md".into(), format!("Words.\n\n{}", link_all("glossary"))));
    let files: Vec<(&str, &str)> = all.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let built = build(&files);
    let dead = dead(&built);
    assert!(dead.is_empty(), "{} dead addresses, of them:\n{}", dead.len(), dead[..dead.len().min(30)].join("\n"));
    let checked: usize = pages(&built).map(|(_, html)| attributes(html, "href").len()).sum();
    assert!(checked > 4_000, "{checked} addresses");
}

#[test]
fn a_note_may_embed_another_section_of_its_own() {
    let built = base(&[
        (
            "a.md",
            "A",
            "## Oil\n\nDrain it.\n\n## Filter\n\n![[#Oil]]\n\n### Ring\n\n![[a#Oil]]\n\n## Loop\n\n![[#Loop]]\n\n## All\n\n![[a]]",
        ),
        ("b.md", "B", "## One\n\n![[c#Two]]\n\n## Three\n\nEnd."),
        ("c.md", "C", "## Two\n\nMiddle.\n\n## Four\n\n![[b#One]]"),
        ("d.md", "D", "## Five\n\n![[e#Six]]"),
        ("e.md", "E", "## Six\n\n![[d#Five]]"),
    ]);
    let words = built.words("a.html");
    assert!(words.matches("Drain it.").count() >= 3, "{words}");
    assert_eq!(built.findings("embed-cycle"), ["a.md:18", "a.md:22", "d.md:6"]);
    assert!(
        built.words("c.html").contains("Two Middle. Four From B › One One From C › Two Two Middle."),
        "{}",
        built.words("c.html")
    );
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_to_a_note_is_the_note_under_another_address() {
    use super::base::{example, files};
    let text = "```x deep/tide.md\n---\nid: tide\ntitle: Tide\n---\n## Ebb\n\nThe water goes out, twice a day, and comes back.\n```\n\
        ```x high-water.md -> deep/tide.md\n```\n```x other/flood.md -> ../high-water.md\n```\n```x plan.txt -> deep/tide.md\n```\n\
        ```x a.md\n---\nid: a\ntitle: A\n---\n[[high-water]] [x](other/flood.md#ebb) [[flood#Ebb]] [y](high-water.md)\n```\n";
    let (_folder, site) = example(&files(text), "duplicate-note");
    let titles: Vec<&str> = site.concepts().map(|(_, note)| note.title.as_str()).collect();
    assert_eq!(titles, ["A", "Tide"]);
    let (tide, _) = site.all().find(|(_, note)| note.stem == "deep/tide").unwrap();
    let (a, _) = site.all().find(|(_, note)| note.stem == "a").unwrap();
    let links = &site.graph.links[a];
    assert!(links.iter().all(|link| link.target == crate::base::graph::Target::Note(tide)), "{links:?}");
    assert_eq!(links.iter().map(|link| &*link.fragment).collect::<Vec<_>>(), ["", "ebb", "ebb", ""]);
    let found = crate::check::rules::run(&site, Some(super::base::TODAY)).diagnostics;
    let said: Vec<&str> =
        found.iter().map(|d| d.rule).filter(|rule| !["missing-field", "missing-section"].contains(rule)).collect();
    assert!(
        !said
            .iter()
            .any(|rule| rule.contains("duplicate") || rule.contains("broken") || *rule == "missing-frontmatter"),
        "{said:?}"
    );
}

#[test]
fn an_embedded_file_is_what_its_extension_says() {
    let text = "![[Manual.PDF#page=7]]\n\n![[walk.mp4#t=3]]\n\n![[data.json]]\n\n![the archive](all.tar.gz)\n\n![[hum.OGG]]\n\n![[map.svg|40]]\n\n\
        Words ![[data.json|numbers]] around.";
    let files = ["Manual.PDF", "walk.mp4", "data.json", "all.tar.gz", "hum.OGG", "map.svg"];
    let own = note("A", text);
    let mut all: Vec<(&str, &str)> = files.iter().map(|file| (*file, "x")).collect();
    all.push(("a.md", &own));
    let built = build(&all);
    for (words, address) in [
        ("Manual.PDF", "Manual.PDF#page=7"),
        ("data.json", "data.json"),
        ("the archive", "all.tar.gz"),
        ("numbers", "data.json"),
    ] {
        assert_eq!(built.links("a.html", words), [address], "{words}");
    }
    let html = built.main("a.html");
    for part in [
        "<p><video controls preload=\"metadata\" src=\"walk.mp4#t=3\"></video></p>",
        "<audio controls",
        "<p><img src=\"map.svg\"",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert_eq!(html.matches("<img").count(), 1);
    assert!(files.iter().all(|file| built.files.contains_key(*file)));
}
