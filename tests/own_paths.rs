//! What lies where canon itself writes: an earlier output inside the content, pages and static files on canon's own paths,
//! names that no file may have. Nothing of it may be lost in silence.

mod built;

use built::{Base, canon, note, note_with, text, words};
use std::path::Path;

fn base(files: &[(&str, &str)]) -> Base {
    let base = Base::of(&[("content/a.md", note("a", "A", "# A\n\nText of a.\n"))]);
    for (path, text) in files {
        base.put(path, text);
    }
    base
}

/// Every finding of a rule: its file and its message.
fn findings(root: &Path, rule: &str) -> Vec<(String, String)> {
    let output = canon().arg("check").arg(root).args(["--format", "json", "--rule", rule]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}{}", text(&output.stdout), text(&output.stderr)));
    let word = |d: &serde_json::Value, key: &str| d[key].as_str().unwrap().to_string();
    let found = report["diagnostics"].as_array().unwrap().iter().map(|d| (word(d, "file"), word(d, "message")));
    found.collect()
}

#[test]
fn an_earlier_output_inside_the_content_is_not_content() {
    let folder = tempfile::tempdir().unwrap();
    for (id, title) in [("a", "A"), ("b", "B")] {
        std::fs::write(folder.path().join(format!("{id}.md")), note(id, title, "Text.\n")).unwrap();
    }
    let built = canon().args(["build", "-q"]).current_dir(folder.path()).output().unwrap();
    assert!(built.status.success(), "{}", text(&built.stderr));
    assert!(folder.path().join("public/a.md").is_file());
    std::fs::create_dir(folder.path().join("deep")).unwrap();
    std::fs::rename(folder.path().join("public"), folder.path().join("deep/other")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let check =
        canon().args(["check", "--format", "json"]).arg(folder.path()).current_dir(&elsewhere).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    assert_eq!(report["summary"]["notes"], 2, "{report}");
}

#[test]
fn a_page_on_a_path_of_canons_own_introduces_what_stands_there() {
    let built = base(&[
        ("content/tagged.md", &note("tagged", "Tagged", "x\n").replace("tags: [one]", "tags: [testing]")),
        ("content/Graph.md", "# Graph\n\nOWN-GRAPH\n"),
        ("content/search.md", "# Search\n\nOWN-SEARCH\n"),
        ("content/tags/testing.md", "# Testing\n\nOWN-TAG\n"),
        ("content/practice.md", "# Practice\n\nOWN-PRACTICE\n"),
        ("content/b.md", &note("b", "B", "See [how to practise](practice.md) and [the graph](Graph.md).\n")),
    ])
    .build(&[]);
    built.assert_sound();
    for (page, own) in [
        ("graph.html", "OWN-GRAPH"),
        ("search.html", "OWN-SEARCH"),
        ("tags/testing.html", "OWN-TAG"),
        ("practice.html", "OWN-PRACTICE"),
    ] {
        assert!(words(built.main(page)).contains(own), "{page}: {}", built.main(page));
    }
    assert_eq!(built.page("b.html").link("how to practise"), Some("practice.html"));
    assert_eq!(built.page("b.html").link("the graph"), Some("graph.html"));
}

#[test]
fn canons_own_files_are_no_unused_assets() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.md"), note("a", "A", "Text.\n")).unwrap();
    assert!(canon().arg("init").arg(folder.path()).output().unwrap().status.success());
    std::fs::write(folder.path().join("other.txt"), "x").unwrap();
    let named: Vec<String> = findings(folder.path(), "unused-asset").into_iter().map(|(file, _)| file).collect();
    assert_eq!(named, ["other.txt"]);
}

#[test]
fn static_files_on_the_path_of_a_page_are_reported() {
    let base = base(&[
        ("content/b.md", &note("b", "B", "See [the picture](pic.png).\n")),
        ("content/pic.png", "of the content"),
        ("static/a.html", "x"),
        ("static/B.html", "x"),
        ("static/index.html", "x"),
        ("static/pic.png", "of the static folder"),
        ("static/free.html", "FREE"),
    ]);
    let found = findings(base.home.path(), "output-collision");
    for (path, other) in [
        ("static/a.html", "`a.md`"),
        ("static/B.html", "`b.md`"),
        ("static/index.html", "a page that canon generates"),
        ("static/pic.png", "`pic.png`"),
    ] {
        assert!(found.iter().any(|(_, m)| m.contains(path) && m.contains(other)), "{path}: {found:?}");
    }
    assert_eq!(found.len(), 4, "{found:?}");
    let built = base.build(&[]);
    assert!(!built.has("B.html") && built.has("b.html"));
    assert_eq!(built.raw("free.html"), "FREE");
}

#[test]
fn a_static_file_on_a_notes_markdown_is_reported_and_not_published() {
    let base = base(&[("static/a.md", "OWN"), ("static/b.md", "FREE")]);
    let found = findings(base.home.path(), "output-collision");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0 == "a.md" && found[0].1.contains("static/a.md") && found[0].1.contains("Markdown"), "{found:?}");
    let built = base.build(&[]);
    assert!(built.raw("a.md").contains("Text of a."), "{}", built.raw("a.md"));
    assert_eq!(built.raw("b.md"), "FREE");
}

#[test]
fn a_note_on_a_further_page_of_a_list_is_reported_and_not_lost() {
    let base = base(&[
        ("content/importance/2.md", &note("two", "Two", "OWN-TWO\n")),
        ("content/wanted/3.md", &note("three", "Three", "OWN-THREE\n")),
        ("content/glossary/2.md", "# A page\n\nOWN-PAGE [a](../a.md) [none](../wanted/7.html)\n"),
        ("content/glossary/1.md", &note("one", "One", "OWN-ONE\n")),
        // Another name gives way without a word.
        ("content/glossary/x.md", &note_with("x", "X", "aliases: [\"2\"]\n", "OWN-X\n")),
    ]);
    for number in 0..600 {
        base.put(&format!("content/n/n{number}.md"), note(&format!("n{number}"), &format!("N {number}"), "Text.\n"));
    }
    let found = findings(base.home.path(), "output-collision");
    let mut files: Vec<&str> = found.iter().map(|(file, _)| file.as_str()).collect();
    files.sort_unstable();
    assert_eq!(files, ["glossary/2.md", "importance/2.md", "wanted/3.md"]);
    // No page is there because it might be.
    assert_eq!(findings(base.home.path(), "broken-link").len(), 1);
    let built = base.build(&[]);
    for (page, own) in [
        ("importance/2-2.html", "OWN-TWO"),
        ("wanted/3-2.html", "OWN-THREE"),
        ("glossary/2-2.html", "OWN-PAGE"),
        ("glossary/1.html", "OWN-ONE"),
    ] {
        assert!(words(built.main(page)).contains(own), "{page}: {}", built.main(page));
    }
    let further = (2..=7).map(|page| words(built.main(&format!("importance/{page}.html")))).collect::<String>();
    assert!(further.contains("N 599"), "{further}");
}

#[test]
fn a_machine_file_of_the_sites_own_wins_and_is_no_collision() {
    let base =
        base(&[("static/robots.txt", "OWN-ROBOTS"), ("static/llms.txt", "OWN-LLMS"), ("static/feed.xml", "OWN")]);
    assert_eq!(findings(base.home.path(), "output-collision"), []);
    let built = base.build(&[]);
    assert_eq!(built.raw("robots.txt"), "OWN-ROBOTS");
    assert_eq!(built.raw("llms.txt"), "OWN-LLMS");
    assert_eq!(built.raw("feed.xml"), "OWN");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_for_a_name_that_no_file_may_have() {
    let base = base(&[
        ("content/new\nline.md", &note("new-line", "New line", "BAD-TEXT\n")),
        ("content/in\tside/c.md", &note("c", "C", "BAD-TEXT\n")),
        ("content/pic\nture.png", "BAD-TEXT"),
        ("content/b.md", &note("b", "B", "See [it](new%0Aline.md), ![it](pic%0Ature.png).\n")),
    ]);
    assert_eq!(findings(base.home.path(), "bad-path").len(), 3);
    let built = base.build(&[]);
    built.assert_sound();
    assert_eq!(built.holding("BAD-TEXT"), Vec::<&str>::new());
    assert!(!built.has("new\nline.html") && !built.has("new\nline.md"));
}

#[test]
fn old_addresses_and_other_names_that_lead_out_are_bad_paths() {
    let head = |more: &str| built::note_with("b", "B", more, "x\n");
    for (more, faults) in [
        ("redirect_from: [//abs.html, ../abs.html, /../abs.html]\n", 3),
        ("redirect_from: [old/fine.html, /old/root.html]\n", 0),
        ("aliases: [\"../../up\", \"/etc/passwd\", \"C:\\\\x\", TCP/IP, a..b]\n", 3),
    ] {
        let base = base(&[("content/b.md", &head(more))]);
        assert_eq!(findings(base.home.path(), "bad-path").len(), faults, "{more}");
        let built = base.build(&[]);
        assert!(!built.has("abs.html") && !built.has("etc-passwd.html"), "{more}");
    }
}

#[test]
fn the_manual_pages_get_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("share/man1");
    assert!(canon().args(["man", "--output"]).arg(&inner).output().unwrap().status.success());
    assert!(inner.join("canon.1").is_file());
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let refused = canon().args(["man", "--output"]).arg(&file).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains(file.to_str().unwrap()), "{}", text(&refused.stderr));
}

/// What `canon build` says of a configuration, if it refuses it.
fn refused(config: &str, arguments: &[&str]) -> Option<String> {
    let base = base(&[("canon.toml", config), ("static/own.css", "")]);
    let output = base.run(arguments);
    (output.status.code() == Some(2)).then(|| text(&output.stderr))
}

#[test]
fn a_misspelt_rule_is_refused_with_its_place() {
    for (config, place) in [
        ("title = \"broken-lnk\"\n[check.rules]\nbroken-lnk = \"off\"\n", "canon.toml:3:1"),
        ("[[check.paths]]\nglob = \"x/**\"\nrules = { broken-lnk = \"off\" }\n", "canon.toml:3:11"),
    ] {
        let said = refused(config, &[]).expect(config);
        assert!(said.contains(place) && said.contains("`broken-link`"), "{said}");
    }
    assert_eq!(refused("[check.rules]\nbroken-link = \"off\"\n", &[]), None);
}

#[test]
fn values_that_no_site_can_use_are_refused_with_their_place() {
    for (config, place) in [
        ("base_url = \"ftp://x.org\"\n", "1:12"),
        ("title = \"x\"\nbase_url = \"https://x.org/?a\"\n", "2:12"),
        ("base_url = \"example.org\"\n", "1:12"),
        ("language = \"en_US\"\n", "1:12"),
        ("edit_url = \"https://x.org/edit\"\n", "1:12"),
        ("edit_url = \"javascript:{path}\"\n", "1:12"),
        ("[theme]\naccent = \"blau\"\n", "2:10"),
        ("[theme]\naccent = \"#12\"\n", "2:10"),
        ("[external]\ninclude = [\"a\", \"(\"]\n", "2:17"),
        ("[schema.fields.x]\nkind = \"text\"\npattern = \"(\"\n", "3:11"),
        ("[schema.fields.x]\nkind = \"enum\"\n", "2:8"),
    ] {
        let said = refused(config, &[]).unwrap_or_else(|| panic!("accepted: {config}"));
        assert!(said.contains(&format!("canon.toml:{place}: ")), "{config}{said}");
    }
    for config in [
        "base_url = \"https://x.org/kb/\"\nlanguage = \"zh-Hant-TW\"\nedit_url = \"https://x.org/{path}\"\n",
        "language = \"es-419\"\n[theme]\naccent = \"rebeccapurple\"\n",
        "language = \"sl-rozaj\"\n[theme]\naccent = \"oklch(60% 0.2 240 / 0.5)\"\nextra_css = [\"own.css\"]\n",
        "[theme]\naccent = \"#0b6b7a\"\n[external]\ninclude = [\"^https://a\"]\n",
        "[schema.fields.x]\nkind = \"text\"\npattern = \"a+\"\n[schema.fields.y]\nkind = \"enum\"\nvalues = [\"a\"]\n",
    ] {
        assert_eq!(refused(config, &[]), None, "{config}");
    }
    let said = refused("", &["--base-url", "example.org"]).expect("accepted");
    assert!(said.contains("--base-url") && said.contains("https://"), "{said}");
}

#[test]
fn a_file_of_the_theme_that_is_not_there_stops_the_build() {
    for (config, name) in [
        ("[theme]\nlogo = \"logo.svg\"\n", "logo.svg"),
        ("[theme]\nextra_css = [\"own.css\", \"owm.css\"]\n", "owm.css"),
        ("[theme]\nextra_js = [\"x.js\"]\n", "x.js"),
    ] {
        let said = refused(config, &[]).unwrap_or_else(|| panic!("accepted: {config}"));
        assert!(said.contains(&format!("`{name}`")) && said.contains("static"), "{said}");
    }
}
