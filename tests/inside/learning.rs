//! The pages of learning paths and maps, and the panel on the page of a note.

use super::built::{Built, build};

/// A note with facts and prerequisites.
fn note(id: &str, facts: &str, needs: &[&str]) -> String {
    let links: String = needs.iter().map(|need| format!("- [{need}]({need}.md)\n")).collect();
    let words = "word ".repeat(300);
    format!(
        "---\nid: {id}\ntitle: Title {id}\ntags: [all]\n{facts}---\n\n## TL;DR\n- {words}\n\n## Links\n### Prerequisites\n{links}"
    )
}

/// The places of some texts, which must all occur, in the order of the page.
fn in_order(html: &str, texts: &[&str]) {
    let places: Vec<usize> = texts.iter().map(|t| html.find(t).unwrap_or_else(|| panic!("no {t} in {html}"))).collect();
    assert!(places.is_sorted(), "{texts:?} are at {places:?} in {html}");
}

fn chain() -> Built {
    let files = [
        ("x/base.md", note("base", "importance: 10\nstatus: mastered\n", &[])),
        ("x/loop-a.md", note("loop-a", "importance: 20\n", &["loop-b"])),
        ("x/loop-b.md", note("loop-b", "importance: 20\n", &["loop-a", "base"])),
        ("x/important.md", note("important", "importance: 90\nstatus: learning\n", &["base"])),
        ("x/end.md", note("end", "importance: 50\n", &["loop-a", "important"])),
        ("path/end.md", "---\nid: other\ntitle: In the way\n---\nText.\n".to_string()),
    ];
    build(&files.each_ref().map(|(path, text)| (*path, text.as_str())))
}

#[test]
fn the_page_of_a_path_has_the_steps_in_order_and_draws_them() {
    let built = chain();
    // A note has the address `path/end.html`, so the path has the next free one.
    let html = built.main("path/end-2.html");
    assert!(built.main("path/end.html").contains("In the way"));
    let list = &html[html.find("path-steps").unwrap()..];
    in_order(list, &["Title base", "Title important", "Title loop-a", "Title loop-b", "Title end"]);
    assert!(list.contains("require each other") && list.contains("can be skipped"), "{list}");
    assert!(html.contains("5 notes, 10 min read, 2 min of it mastered"), "{html}");
    assert_eq!(html.matches("<rect").count(), 4, "the cycle is one box: {html}");
    for class in ["mastered", "cycle", "target"] {
        assert_eq!(html.matches(&format!("class=\"step-{class}\"><title>")).count(), 1, "{class}: {html}");
    }
    let below = |title: &str| {
        let at = html.find(&format!("<title>{title}</title><rect")).unwrap_or_else(|| panic!("no {title} in {html}"));
        let y = html[at..].split("y=\"").nth(1).unwrap().split('"').next().unwrap();
        y.parse::<u32>().unwrap()
    };
    assert!(below("Title base") < below("Title important"));
    assert_eq!(below("Title important"), below("Title loop-a + Title loop-b"));
    assert!(below("Title important") < below("Title end"));
}

#[test]
fn the_page_of_a_note_lists_its_path() {
    let built = chain();
    let html = built.main("x/end.html");
    let panel = &html[html.find("path-panel").unwrap()..];
    let panel = &panel[..panel.find("</details>").unwrap()];
    in_order(panel, &["Title base", "Title important", "Title loop-a + Title loop-b", "../path/end-2.html"]);
    assert!(panel.contains("<li class=\"mastered\"><a href=\"base.html\">"), "{panel}");
    let near = built.main("x/important.html");
    assert!(near.contains("path-panel") && !near.contains("path/important"), "one layer needs no page: {near}");
    assert!(!built.main("x/base.html").contains("path-panel"));
}

#[test]
fn maps_show_layers_and_what_to_learn_next() {
    let built = chain();
    let map = built.main("map.html");
    let next = &map[map.find("map-next").unwrap()..map.find("map-layer").unwrap()];
    assert!(next.contains("Title important") && next.contains("opens the way to 1 note<"), "{next}");
    assert!(!next.contains("Title end") && !next.contains("Title base"), "not ready, and mastered: {next}");
    let layers: Vec<&str> = map.split("map-layer").skip(1).collect();
    assert_eq!(layers.len(), 3, "{map}");
    in_order(layers[0], &["Title base", "In the way"]);
    in_order(layers[1], &["Title important", "Title loop-a"]);
    assert!(layers[2].contains("Title end") && layers[2].contains("map/folders/x.html"), "{map}");
    assert!(layers[2].contains("map/tags/all.html"), "{map}");
    for path in ["map/folders/x.html", "map/tags/all.html"] {
        let html = built.main(path);
        assert!(html.contains("Title end") && !html.contains("In the way"), "{path}: {html}");
    }
}

#[test]
fn pages_of_paths_and_maps_are_bounded() {
    let width = 100;
    let mut files: Vec<(String, String)> = (0..width)
        .map(|n| {
            (
                format!("w/n{n}.md"),
                format!(
                    "---\nid: n{n}\ntitle: N{n}\ntags: [t{n}]\n---\n\n## Links\n### Prerequisites\n- [r](root.md)\n"
                ),
            )
        })
        .collect();
    files.push(("w/root.md".into(), "---\nid: root\ntitle: Root\n---\n".into()));
    let needs: Vec<String> = (0..width).map(|n| format!("n{n}")).collect();
    files.push(("w/top.md".into(), note("top", "", &needs.iter().map(String::as_str).collect::<Vec<_>>())));
    for n in 0..250 {
        let need = if n == 0 { "top".to_string() } else { format!("deep{}", n - 1) };
        files.push((format!("w/deep{n}.md"), note(&format!("deep{n}"), "", &[&need])));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let built = build(&files);
    let long = built.main("path/deep249.html");
    assert!(long.contains("There are more prerequisites"), "{long}");
    for (path, most) in [("path/deep249.html", 201), ("map.html", 24 * 25 + 12), ("map/folders/w.html", 24 * 13 + 12)] {
        let count = built.main(path).matches("<li").count();
        assert!(count <= most, "{path} has {count} items");
    }
    assert_eq!(long.matches("<rect").count(), 60);
    let panel = built.main("w/deep249.html");
    let panel = &panel[panel.find("path-panel").unwrap()..panel.find("</details>").unwrap()];
    assert_eq!(panel.matches("<li").count(), 10, "{panel}");
}
