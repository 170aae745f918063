//! `canon init` in folders of notes that other programs made: what it guesses, writes and leaves alone.

mod built;

use built::{Base, canon, note, text};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

/// A folder with these files and nothing else.
fn folder(files: &[(String, String)]) -> Base {
    let base = Base { home: tempfile::tempdir().unwrap() };
    files.iter().for_each(|(path, text)| base.put(path, text));
    base
}

fn file(path: impl Into<String>, text: impl Into<String>) -> (String, String) {
    (path.into(), text.into())
}

fn run(root: &Path, arguments: &[&str]) -> Output {
    canon().current_dir(root).env("XDG_CACHE_HOME", root.join(".cache")).args(arguments).output().unwrap()
}

/// Runs `canon init` and returns what it prints and the configuration that it writes.
fn init(base: &Base) -> (String, String) {
    let output = run(base.home.path(), &["init"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    (text(&output.stdout), fs::read_to_string(base.home.path().join("canon.toml")).unwrap())
}

/// The findings at warning or above, without the baseline.
fn severe(base: &Base) -> Vec<String> {
    let settings = base.home.path().join("canon.toml");
    let before = fs::read_to_string(&settings).unwrap();
    let without: Vec<&str> = before.lines().filter(|line| !line.starts_with("baseline")).collect();
    fs::write(&settings, without.join("\n")).unwrap();
    let output = run(base.home.path(), &["check", "--format", "json"]);
    fs::write(&settings, before).unwrap();
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&output.stderr)));
    let found = report["diagnostics"].as_array().unwrap().iter().filter(|d| d["severity"] != "info");
    found.map(|d| format!("{} {}: {}", d["file"], d["rule"], d["message"])).collect()
}

/// A sentence of words that the sentences of other numbers do not have.
fn prose(i: usize) -> String {
    let word = |n: usize| {
        let digits = std::iter::successors(Some(i * 97 + n * 31 + 5), |rest| Some(rest / 7).filter(|rest| *rest > 0));
        digits.map(|rest| ["ba", "do", "fe", "gu", "ki", "lo", "mar"][rest % 7]).collect::<String>()
    };
    format!("{} is {}.", word(0), (1..12).map(word).collect::<Vec<_>>().join(" "))
}

/// A vault of Obsidian with 200 notes: names with spaces, wikilinks, own fields, a folder of templates, and bad entries.
fn obsidian() -> Vec<(String, String)> {
    let mut files = vec![
        file(".obsidian/app.json", "{\"userIgnoreFilters\": [\"Archive/\"]}"),
        file(".obsidian/templates.json", "{\"folder\": \"Snippets\"}"),
        file("Snippets/Note.md", "---\ndate: {{date}}\ntag: \nstage: seed\n---\n# {{title}}\n\n## See also\n"),
        file("Archive/Old.md", "[[Nothing at all]]\n"),
    ];
    for i in 0..200 {
        let mut head = format!("date: 2024-0{}-1{}\ntag: [Sea/Coast, note-{}]\n", i % 9 + 1, i % 10, i % 7);
        if i % 40 != 0 {
            head.push_str(&format!("stage: {}\n", ["seed", "bud", "tree"][i % 3]));
        }
        if i % 10 == 0 {
            head.push_str("rating: 4\n");
        }
        if i == 7 {
            head.push_str("mood: odd\n");
        }
        let body = format!("{}\n\n## See also\n\n- [[Note {}]]\n", prose(i), (i + 1) % 200);
        files.push(file(format!("{}/Note {i}.md", ["Coast", "Deep Sea"][i % 2]), format!("---\n{head}---\n{body}")));
    }
    files
}

#[test]
fn a_vault_of_obsidian_is_understood() {
    let base = folder(&obsidian());
    let (said, settings) = init(&base);
    for line in [
        "program: `.obsidian` exists -> Obsidian",
        "content: the folder of Obsidian -> .",
        "output: a hidden folder, which Obsidian does not index -> .canon/site",
        "file names: 0 % in kebab-case, most are words with spaces (100 %) -> non-kebab-filename off",
        "links: 100 % are wikilinks -> wikilinks",
        "created_at: in 100 % of notes -> required, date (written as date)",
        "tags: in 100 % of notes -> required, list (written as tag)",
        "stage: in 97 % of notes -> required, one of bud, seed, tree",
        "rating: in 10 % of notes -> known, integer",
        "heading `See also`: in 100 % of notes -> the section related",
        "section `Related topics`: in 100 % of notes -> required",
        "ignore: hidden in Obsidian -> Archive/**",
    ] {
        assert!(said.contains(&format!("  {line}\n")), "{line}\n{said}");
    }
    for line in [
        "output = \".canon/site\"",
        "note_templates = [\"Snippets/Note.md\"]",
        "tag = \"tags\"",
        "hard_breaks = true",
        "glob = \"**\"",
    ] {
        assert!(settings.contains(line), "{line}\n{settings}");
    }
    assert!(settings.contains("# In less than 1 % of the notes: mood"), "{settings}");
    let found = severe(&base);
    assert!(found.len() <= 10, "{} of 200 notes: {found:#?}", found.len());
    assert!(found.iter().all(|f| f.contains("missing-field") && f.contains("`stage`")), "{found:#?}");
    let checked = run(base.home.path(), &["check", "--fail-on", "warning"]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));
}

#[test]
fn dates_and_tags_under_other_names_are_read() {
    let base = folder(&obsidian());
    init(&base);
    let built = base.run(&["--quiet"]);
    assert_eq!(built.status.code(), Some(0), "{}", text(&built.stderr));
    let notes = fs::read_to_string(base.home.path().join("public/api/notes.json")).unwrap();
    let notes: Value = serde_json::from_str(&notes).unwrap();
    let first = notes["notes"].as_array().unwrap().iter().find(|n| n["title"] == "Note 1").unwrap();
    assert_eq!(
        (&first["created_at"], &first["tags"]),
        (&"2024-02-11".into(), &serde_json::json!(["Sea/Coast", "note-1"]))
    );
    assert!(base.home.path().join("public/tags/sea-coast.html").exists());
}

/// The pages of a site of Zola: heads in TOML with taxonomies, sections, links from the content folder.
fn zola() -> Vec<(String, String)> {
    let mut files = vec![
        file("config.toml", "base_url = \"https://sea.example\"\n[markdown]\nhighlight_code = true\n"),
        file("templates/page.html", "{% block content %}{% endblock %}\n"),
        file("content/_index.md", "+++\ntitle = \"Home\"\nsort_by = \"date\"\n+++\n"),
    ];
    for i in 0..120 {
        let old = if i % 4 == 0 { format!("aliases = [\"old/{i}/\"]\n") } else { String::new() };
        let head = format!(
            "title = \"Page {i}\"\ndate = 2024-03-{:02}\nweight = {i}\n{old}[taxonomies]\ntags = [\"Sea Life\", \"t{}\"]\n[extra]\ntoc = true\n",
            i % 28 + 1,
            i % 5
        );
        let body = format!("{}\n\nSee [the next](@/pages/page-{}.md).\n", prose(i), (i + 1) % 120);
        files.push(file(format!("content/pages/page-{i}.md"), format!("+++\n{head}+++\n{body}")));
    }
    files.push(file("content/pages/_index.md", "+++\ntitle = \"Pages\"\n+++\n"));
    files
}

#[test]
fn a_site_of_zola_keeps_its_folders_and_templates() {
    let base = folder(&zola());
    let (said, settings) = init(&base);
    for line in [
        "program: `config.toml` exists -> Zola",
        "content: the pages of Zola -> content",
        "output: `public` belongs to a different program -> .canon/site",
        "title: in 100 % of notes -> required, text",
        "created_at: in 100 % of notes -> required, date (written as date)",
        "redirect_from: in 25 % of notes -> known, list (written as aliases)",
        "extra: in 100 % of notes -> required, any",
    ] {
        assert!(said.contains(&format!("  {line}\n")), "{line}\n{said}");
    }
    assert!(settings.contains("templates = \".canon/templates\""), "{settings}");
    let found = severe(&base);
    assert!(found.is_empty(), "{found:#?}");
    let built = run(base.home.path(), &["build", "--quiet"]);
    assert_eq!(built.status.code(), Some(0), "{}", text(&built.stderr));
    let output = base.home.path().join(".canon/site");
    assert!(output.join("tags/sea-life.html").exists() && output.join("old/0/index.html").exists());
}

/// Posts of Jekyll: dates in names, categories, layouts.
fn jekyll() -> Vec<(String, String)> {
    let mut files = vec![file("_config.yml", "title: Sea\n"), file("README.md", "# About this repository\n")];
    for i in 0..100 {
        let draft = if i % 20 == 0 { "published: true\n" } else { "" };
        let head = format!(
            "layout: post\ntitle: \"Post {i}\"\ndate: 2023-05-{:02} 10:00:00 +0200\nlast_modified: 2024-01-02\ncategories: [coast, c{}]\n\
             author: {}\n{draft}",
            i % 28 + 1,
            i % 4,
            ["ann", "bo"][i % 2]
        );
        let next = (i + 1) % 100;
        let name = |i: usize| format!("2023-05-{:02}-post-{i}.md", i % 28 + 1);
        files.push(file(
            format!("_posts/{}", name(i)),
            format!("---\n{head}---\n{}\n\n[next]({})\n", prose(i), name(next)),
        ));
    }
    files
}

/// Pages of Hugo: heads in YAML, slugs in snake case, links from the root of the site.
fn hugo() -> Vec<(String, String)> {
    let mut files = vec![file("hugo.toml", "baseURL = \"https://sea.example\"\ncontentDir = \"pages\"\n")];
    for i in 0..100 {
        let head = format!(
            "title: Page {i}\ndate: 2024-01-02T10:00:00Z\nlastmod: 2024-02-03\ntags: [Sea Life]\nparams:\n  toc: true\ntype: {}\n",
            ["docs", "blog"][i % 2]
        );
        let link = format!("[next](/guide/page_{})", (i + 1) % 100);
        files.push(file(format!("pages/guide/page_{i}.md"), format!("---\n{head}---\n{}\n\n{link}\n", prose(i))));
    }
    files
}

#[test]
fn sites_of_jekyll_and_hugo_have_few_findings() {
    for (files, lines) in [
        (
            jekyll(),
            vec![
                "program: `_config.yml` exists -> Jekyll",
                "updated_at: in 100 % of notes -> required, date (written as last_modified)",
                "tags: in 100 % of notes -> required, list (written as categories)",
                "layout: in 100 % of notes -> required, text",
                "author: in 100 % of notes -> required, text",
            ],
        ),
        (
            hugo(),
            vec![
                "content: the pages of Hugo -> pages",
                "file names: 0 % in kebab-case, most are snake_case (100 %) -> non-kebab-filename off",
                "absolute links: 100 % of the Markdown links start with `/` -> absolute-link off",
                "type: in 100 % of notes -> required, one of blog, docs",
                "updated_at: in 100 % of notes -> required, date (written as lastmod)",
            ],
        ),
    ] {
        let base = folder(&files);
        let (said, settings) = init(&base);
        for line in lines {
            assert!(said.contains(&format!("  {line}\n")), "{line}\n{said}{settings}");
        }
        let found = severe(&base);
        assert!(found.len() <= 5, "{} of 100 notes: {found:#?}", found.len());
    }
}

#[test]
fn notes_with_the_built_in_schema_keep_it() {
    let mut files = vec![
        file("docs/guide.md", "# How to write\n\nLook into [the notes](../topics/a/n0.md).\n"),
        file("templates/topic.md", "---\nid: <slug>\ntitle: <title>\n---\n"),
    ];
    for i in 0..40 {
        let body = format!("{}\n\n[next](n{}.md)\n", prose(i), (i + 1) % 40);
        let folder = ["a", "b"][i % 2];
        let body = if i % 2 == 0 { body.replace("](n", "](../b/n") } else { body.replace("](n", "](../a/n") };
        files.push(file(
            format!("topics/{folder}/n{i}.md"),
            note(&format!("n{i}"), &format!("Number {i}"), &body).replace("type: question", "type: reference"),
        ));
    }
    let base = folder(&files);
    let (said, settings) = init(&base);
    assert!(said.contains("  content: 95 % of the Markdown files -> topics\n"), "{said}");
    assert!(
        said.contains("100 % of notes have `id` and `type` of the built-in schema -> the built-in schema\n"),
        "{said}"
    );
    assert!(!settings.contains("[schema"), "{settings}");
    assert!(settings.contains("note_templates = [\"templates/topic.md\"]"), "{settings}");
    assert!(severe(&base).is_empty(), "{:#?}", severe(&base));
}

#[test]
fn the_folder_of_the_notes_is_where_their_links_start() {
    for (link, line) in
        [("/guide/page-", "content: links start there -> ."), ("page-", "content: 96 % of the Markdown files -> guide")]
    {
        let mut files = vec![file("README.md", "# A project\n")];
        for i in 0..30 {
            let text = format!("---\ntitle: Page {i}\n---\n{}\n\n[next]({link}{}.md)\n", prose(i), (i + 1) % 30);
            files.push(file(format!("guide/page-{i}.md"), text));
        }
        let (said, _) = init(&folder(&files));
        assert!(said.contains(&format!("  {line}\n")), "{line}\n{said}");
    }
}

#[test]
fn files_that_exist_are_left_alone() {
    let own = ["own: true\n", "/public\n", "name: own\n"];
    let base = folder(&[
        file("a.md", "---\ntitle: A\n---\n[b](b.md)\n"),
        file("b.md", "---\ntitle: B\n---\n[a](a.md)\n"),
        file(".pre-commit-config.yaml", own[0]),
        file(".gitignore", own[1]),
        file(".github/workflows/notes.yml", own[2]),
    ]);
    let (said, _) = init(&base);
    for (path, text) in
        [(".pre-commit-config.yaml", own[0]), (".gitignore", own[1]), (".github/workflows/notes.yml", own[2])]
    {
        assert_eq!(fs::read_to_string(base.home.path().join(path)).unwrap(), text);
        assert!(said.contains(&format!("Kept {path}")), "{said}");
    }
    assert!(said.contains("add the line `/.canon/site` to it"), "{said}");
    assert_eq!(run(base.home.path(), &["init"]).status.code(), Some(2), "there is a canon.toml now");
}

#[test]
fn a_folder_within_a_repository_gets_no_workflow() {
    let base = folder(&[
        file(".git/HEAD", "ref: refs/heads/main\n"),
        file("notes/a.md", "---\ntitle: A\n---\n[b](b.md)\n"),
        file("notes/b.md", "---\ntitle: B\n---\n[a](a.md)\n"),
    ]);
    let output = run(base.home.path(), &["init", "notes"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("no workflow and no hook were written"), "{}", text(&output.stdout));
    assert!(!base.home.path().join("notes/.github").exists());
    assert!(base.home.path().join("notes/.gitignore").exists());
    let whole = run(base.home.path(), &["init"]);
    assert_eq!(whole.status.code(), Some(0));
    assert!(base.home.path().join(".github/workflows/notes.yml").exists());
}

#[test]
fn programs_are_known_by_their_files() {
    let pages = |folder: &str| {
        vec![file(format!("{folder}a.md"), "# A\n\n[b](b.md)\n"), file(format!("{folder}b.md"), "# B\n\n[a](a.md)\n")]
    };
    for (mark, notes, lines) in [
        (file("mkdocs.yml", "site_name: Sea\ndocs_dir: 'handbook'\n"), "handbook/", ["-> MkDocs", "-> handbook"]),
        (file("mkdocs.yml", "site_name: Sea\n"), "docs/", ["-> MkDocs", "content: the pages of MkDocs -> docs"]),
        (file("book.toml", "[book]\nsrc = \"text\"\n"), "text/", ["-> mdBook", "-> text"]),
        (file("docusaurus.config.ts", ""), "docs/", ["-> Docusaurus", "-> docs"]),
        (file("docs/.vitepress/config.ts", ""), "docs/", ["-> VitePress", "-> docs"]),
        (file("quartz.config.ts", ""), "content/", ["-> Quartz", "-> content"]),
        (
            file("logseq/config.edn", "{}"),
            "pages/",
            ["-> Logseq", "output: a hidden folder, which Logseq does not index -> .canon/site"],
        ),
        (file("dendron.yml", ""), "vault/", ["-> Dendron", "-> ."]),
        (file(".foam/templates/new.md", "# New\n"), "", ["-> Foam", "-> _site"]),
        (file("mkdocs.yml", "docs_dir: ../outside\n"), "docs/", ["-> MkDocs", "-> docs"]),
        (file("mkdocs.yml", "docs_dir: gone\n"), "docs/", ["-> MkDocs", "-> ."]),
    ] {
        let base = folder(&[vec![mark.clone()], pages(notes)].concat());
        let (said, _) = init(&base);
        for line in lines {
            assert!(said.lines().any(|said| said.ends_with(line)), "{mark:?} {line}\n{said}");
        }
        let output = run(base.home.path(), &["build", "--quiet"]);
        assert_eq!(output.status.code(), Some(0), "{mark:?} {}", text(&output.stderr));
        assert!(severe(&base).is_empty(), "{mark:?} {:#?}", severe(&base));
    }
}

#[test]
fn names_and_values_of_any_form_are_written_as_toml() {
    let head = "\"a \\\"b\\\"\": 1\n\"c\\u0007\\u007f\": 2\nschlüssel: [\"x\\\\y\"]\nstage: \"it's \\\"it\\\"\"\n";
    let mut files: Vec<(String, String)> = (0..20)
        .map(|i| file(format!("Ä [b]/n {i}.md"), format!("---\n{head}---\n{}\n\n[[n {}]]\n", prose(i), (i + 1) % 20)))
        .collect();
    files.push(file(
        "Ä [b]/n 20.md",
        format!("---\n{}---\n[[n 0]]\n", head.replace("it's", "was")).replace("[[n 0]]", "[[n 21]]"),
    ));
    files.push(file("Ä [b]/n 21.md", format!("---\n{}---\n[[n 20]]\n", head.replace("it's", "was"))));
    files.push(file(".obsidian/app.json", "{\"userIgnoreFilters\": [\"Trash [old]/\", \"/regex/\", 3]}"));
    files.push(file(".obsidian/templates.json", "{\"folder\": \"Forms [new]\"}"));
    files.push(file("Forms [new]/form.md", "---\nid: <id>\n---\n"));
    let base = folder(&files);
    let (said, settings) = init(&base);
    assert!(!said.contains('\u{7}') && !settings.contains('\u{7}'), "{said}{settings}");
    assert!(severe(&base).is_empty(), "{settings}{:#?}", severe(&base));
}
