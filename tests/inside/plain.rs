//! Bases that were not written for canon: folders of Markdown without frontmatter, and files without it among notes.

use super::built::{Built, build};

fn docs() -> Built {
    build(&[
        ("index.md", "# The tool\n\nBegin with [installing](install.md).\n"),
        (
            "install.md",
            "# Installing\n\nTakes a minute. Then [configure](guide/config.md#files).\n\n## Moved here\n\nx\n",
        ),
        ("guide/config.md", "# Configuration\n\n## Files\n\nThe snarkfile. [[install]]\n"),
        ("guide/README.md", "# Guides\n\n[a](config.md)\n"),
        ("old.md", "See [installing](install.md).\n"),
        ("why.md", "See [installing](install.md) for the steps and much more.\n"),
        ("search.md", "# How search works\n\nBy words.\n"),
        ("empty.md", ""),
        ("one.md", "---\ntitle: One\n---\nText.\n"),
    ])
}

#[test]
fn a_plain_base_has_notes_with_unknown_facts() {
    let built = docs();
    let site = &built.analysis.site;
    assert!(site.is_plain);
    let notes: Vec<&str> = site.concepts().map(|(_, note)| note.stem.as_str()).collect();
    assert_eq!(notes, ["guide/config", "install", "one", "why"]);
    assert!(built.words("index.html").contains("4 notes"), "{}", built.words("index.html"));
    for holder in ["llms.txt", "graph"] {
        assert!(built.holding("guide/config").iter().any(|path| path.contains(holder)), "{holder}");
    }
    assert!(built.holding("snarkfile").iter().any(|path| path.starts_with("search/")));
    assert!(!built.links("install.html", "Configuration").is_empty(), "a backlink");
    assert_eq!(built.links("guide/config.html", "Installing").len(), 2, "the link and the backlink");
    assert!(built.contents("install.html").iter().any(|line| line == "Moved here"));
    assert!(built.html("old.html").contains("install.html"), "a redirect");
    assert!(built.words("why.html").contains("much more"));
    assert!(built.words("search.html").contains("By words."));
}

#[test]
fn a_plain_base_has_no_errors_of_the_schema_and_no_empty_columns() {
    let built = docs();
    let rules = ["missing-field", "missing-section", "invalid-field", "unknown-field", "unconnected-note", "thin-note"];
    for rule in rules {
        let found: Vec<String> =
            built.findings(rule).into_iter().filter(|place| !place.starts_with("one.md")).collect();
        assert!(found.is_empty(), "{rule}: {found:?}");
    }
    assert_eq!(built.findings("missing-frontmatter").len(), 1);
    // The introduction of this folder links its only note, which therefore has no row.
    assert!(!built.main("guide/index.html").contains("cell-links"));
    let table = built.main("importance.html");
    assert!(table.contains("data-column=\"title\"") && table.contains("cell-links"), "{table}");
    for column in ["type", "importance", "difficulty", "status", "updated"] {
        assert!(!table.contains(&format!("data-column=\"{column}\"")) && !table.contains(&format!("cell-{column}")));
    }
    assert!(!built.words("index.html").contains("Recently updated"));
    assert!(!built.html("recent.html").contains("<li class=\"item\">"));
}

#[test]
fn columns_that_have_values_are_shown() {
    let built = build(&[("x/a.md", "---\ntitle: A\nstatus: learning\n---\n"), ("x/b.md", "---\ntitle: B\n---\n")]);
    let table = built.main("x/index.html");
    assert!(table.contains("data-column=\"status\"") && table.contains("cell-status"));
    assert!(!table.contains("data-column=\"type\"") && !table.contains("cell-type"));
}

#[test]
fn half_of_the_files_decide() {
    let head = "---\ntitle: A\n---\nText.\n";
    let is_plain = |files: &[(&str, &str)]| build(files).analysis.site.is_plain;
    assert!(!is_plain(&[("a.md", head), ("b.md", "Text.\n")]));
    assert!(is_plain(&[("a.md", head), ("b.md", "Text.\n"), ("c.md", "Text.\n")]));
    assert!(!is_plain(&[("a.md", head), ("b.md", "Text.\n"), ("index.md", "x\n"), ("x/README.md", "x\n")]));
    assert!(!is_plain(&[("a.md", head), ("b.md", "Text.\n"), ("_aliases/c.md", "[a](../a.md)\n")]));
    assert!(!is_plain(&[("canon.toml", "pages = [\"b/**\"]"), ("a.md", head), ("b/c.md", "x\n"), ("b/d.md", "x\n")]));
    assert!(!is_plain(&[("a.md", "---\ndraft: true\n---\n"), ("b.md", "Text.\n")]));
}

#[test]
fn pages_among_notes_are_in_the_tree_and_in_search() {
    let note = |title: &str| format!("---\ntitle: {title}\n---\nText.\n");
    let built = build(&[
        ("a.md", &note("A")),
        ("b.md", &note("B")),
        ("c.md", &note("C")),
        ("deep/only/walk.md", "# A walk\n\nPast the jubjub to [A](../../a.md).\n"),
        ("visit.md", "Open daily.\n"),
        ("glossary.md", "# Words\n\nOf ours.\n"),
    ]);
    assert!(!built.analysis.site.is_plain);
    let tree = |page: &str| {
        let html = built.html(page);
        let start = html.find("<nav class=\"side").unwrap();
        html[start..start + html[start..].find("</nav>").unwrap()].to_string()
    };
    assert!(tree("a.html").contains(">visit</a>") && tree("a.html").contains("deep"), "{}", tree("a.html"));
    assert!(tree("deep/only/walk.html").contains(">A walk</a>"));
    assert!(!tree("a.html").contains("Words"), "an introduction is no page of its own");
    assert!(built.holding("jubjub").iter().any(|path| path.starts_with("search/")));
    assert_eq!(built.links("a.html", "A walk").len(), 1);
    assert!(!built.words("glossary.html").is_empty());
    let notes: Vec<&str> = built.analysis.site.concepts().map(|(_, note)| note.title.as_str()).collect();
    assert_eq!(notes, ["A", "B", "C"]);
}

#[test]
fn a_third_note_makes_no_two_notes_duplicates() {
    let words = |name: &str, count: usize| (0..count).map(|n| format!("{name}{n}")).collect::<Vec<_>>().join(" ");
    let shared = words("both", 160);
    let [whales, granite] =
        ["whale", "granite"].map(|name| [words(name, 90), words(&format!("{name}s"), 90)].join("\n\n"));
    let own = [whales.as_str(), granite.as_str(), "Short."];
    let text = |i: usize| format!("---\nid: n{i}\ntitle: Number {i}\n---\n{}\n\n{shared}\n", own[i]);
    let texts = [text(0), text(1), text(2)];
    let built = build(&[("a.md", &texts[0]), ("b.md", &texts[1]), ("c.md", &texts[2])]);
    let found: Vec<_> = built.found.iter().filter(|d| d.rule == "duplicate-note").collect();
    assert!(!found.is_empty() && found.iter().all(|d| !d.message.contains("3 notes")), "{found:?}");
    let path = |file| built.analysis.site.vault.file(file).path.to_string();
    for d in found {
        assert!(path(d.file) == "c.md" || d.related.iter().any(|r| path(r.file) == "c.md"), "{d:?}");
    }
    // Three copies of one text are one finding.
    let copies = [
        text(0).replace("n0", "n1").replace("Number 0", "Number 1"),
        text(0).replace("n0", "n2").replace("Number 0", "Number 2"),
    ];
    let built = build(&[("a.md", &texts[0]), ("b.md", &copies[0]), ("c.md", &copies[1])]);
    assert_eq!(built.findings("duplicate-note").len(), 1);
}

#[test]
fn an_edit_of_a_plain_base_gives_what_a_fresh_look_gives() {
    use crate::base::incremental::IncrementalAnalyzer;
    use crate::base::vault;
    use crate::config::Config;
    use std::sync::Arc;
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
    let (config, mut memory) = (Arc::new(Config::default()), IncrementalAnalyzer::default());
    write("a.md", "# A\n");
    write("c.md", "Text.\n");
    for text in
        ["", "# B\n\n[a](a.md)\n", "See [a](a.md).\n", "See [a](a.md) and more of it.\n", "---\ntitle: B\n---\n", ""]
    {
        write("b.md", text);
        let vault = || vault::read(folder.path(), &config, &[]).unwrap();
        let (warm, _) = memory.analyze(&config, Arc::new(vault()), &Arc::default(), false);
        let fresh = crate::base::analyze::analyze(
            Config::default(),
            vault(),
            Vec::new(),
            false,
            crate::base::analyze::AnalysisMode::Build,
        );
        let kinds = |site: &crate::base::site::Site| site.notes.iter().map(|note| note.kind).collect::<Vec<_>>();
        assert_eq!(kinds(&warm.site), kinds(&fresh.site), "{text:?}");
        assert_eq!(warm.site.is_plain, fresh.site.is_plain);
    }
}
