//! Every template with a full and with an empty value. `CANON_THEME_OUT=DIR cargo test --test theme` leaves the pages in
//! DIR, with the theme's files beside them, to look at.

use super::theme_fixtures as fixtures;

use crate::base::page_kinds::PageKind;
use crate::pages::templates::{Overrides, Renderer, View, script_call, theme_files};
use crate::pages::views::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Values that live as long as the views which borrow them: for each kind of page a full one.
fn full_pages(renderer: &Renderer) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut add = |page: PageView, view: View| {
        let page = fixtures::beside_tree(page, renderer);
        let html = renderer.render(&page, &view).unwrap_or_else(|e| panic!("{e}"));
        pages.insert(page.url, html);
    };
    use fixtures as f;
    add(f::note_page(), View::Note(&f::note()));
    let landing = LandingView {
        folders: f::folder_cards(),
        table: f::table(10, "../"),
        note_count: 120,
        folder_url: "fermentation/".into(),
        ..LandingView::default()
    };
    add(f::page("landing", "Fermentation", "fermentation/index.html"), View::Landing(&landing));
    let plain = PlainView { html: format!("{}{}", f::ELEMENTS, f::FOOTNOTES), updated: "2026-01-02".into() };
    add(f::page("page", "How to read this base", "how-to-read.html"), View::Plain(&plain));
    let (stress_page, stress) = f::stress();
    add(stress_page, View::Plain(&stress));
    add(f::page("home", "Bread, from first principles", "index.html"), View::Home(&f::home()));
    add(f::page("tags", "Tags", "tags/index.html"), View::Tags(&f::tags()));
    add(f::page("tag", "fermentation", "tags/fermentation.html"), View::Tag(&f::tag_view()));
    let bands = f::groups("", &["90–100", "80–89", "60–79", "40–59"]);
    add(f::page("importance", "Importance", "importance.html"), View::Groups(PageKind::Importance, &bands));
    let values = f::groups("difficulty", &["easy", "medium", "hard"]);
    add(f::page("difficulty", "Difficulty", "difficulty.html"), View::Groups(PageKind::Difficulty, &values));
    let values = f::groups("status", &["learning", "practicing", "mastered"]);
    add(f::page("status", "Status", "status.html"), View::Groups(PageKind::Status, &values));
    let values = f::groups("type", &["concept", "pattern", "own-type"]);
    add(f::page("types", "Types", "types.html"), View::Groups(PageKind::Types, &values));
    add(f::page("glossary", "Glossary", "glossary.html"), View::Glossary(&f::glossary()));
    add(f::page("recent", "Recently updated", "recent.html"), View::Recent(&f::recent()));
    add(f::page("wanted", "Wanted notes", "wanted.html"), View::Wanted(&f::wanted()));
    add(f::page("health", "Health", "health.html"), View::Health(&f::health()));
    add(f::page("search", "Search", "search.html"), View::Search(&SearchView::default()));
    add(f::page("browse", "Browse", "browse.html"), View::Browse(&BrowseView::default()));
    add(f::page("map", "Map", "map.html"), View::Map(&f::map()));
    add(f::page("path", "Path to Hydration", "path/hydration.html"), View::Path(&f::path()));
    let practice =
        PracticeView { has_cards: true, texts_json: "{\"start\":\"Start\"}".into(), ..PracticeView::default() };
    add(f::page("practice", "Practice", "practice.html"), View::Practice(&practice));
    add(f::page("alias", "Retarding", "_aliases/retarding.html"), View::Alias(&f::alias()));
    add(f::page("unreadable", "odd", "fermentation/odd.html"), View::Unreadable(&f::unreadable()));
    add(f::page("redirect", "Hydration", "fermentation/water.html"), View::Redirect(&f::redirect()));
    add(f::page("lost", "Page not found", "404.html"), View::NotFound(&NotFoundView::default()));
    add(f::page("lost", "Page not found", "404-plain.html"), View::NotFoundPlain(&NotFoundView::default()));
    pages
}

/// Every kind of page with nothing to show.
fn empty_pages(renderer: &Renderer) -> BTreeMap<&'static str, String> {
    let tree_html = renderer.tree(&TreeView::default(), "x.html").unwrap();
    let (groups, page) = (GroupsView::default(), PageView { url: "x.html".into(), tree_html, ..PageView::default() });
    let views = [
        View::Note(&NoteView::default()),
        View::Landing(&LandingView::default()),
        View::Plain(&PlainView::default()),
        View::Home(&HomeView::default()),
        View::Tags(&TagsView::default()),
        View::Tag(&TagView::default()),
        View::Groups(PageKind::Importance, &groups),
        View::Groups(PageKind::Difficulty, &groups),
        View::Groups(PageKind::Status, &groups),
        View::Groups(PageKind::Types, &groups),
        View::Glossary(&GlossaryView::default()),
        View::Recent(&RecentView::default()),
        View::Wanted(&WantedView::default()),
        View::Health(&HealthView::default()),
        View::Search(&SearchView::default()),
        View::Browse(&BrowseView::default()),
        View::Map(&MapView::default()),
        View::Path(&PathView::default()),
        View::Practice(&PracticeView::default()),
        View::Alias(&AliasView::default()),
        View::Unreadable(&UnreadableView::default()),
        View::Redirect(&RedirectView::default()),
        View::NotFound(&NotFoundView::default()),
        View::NotFoundPlain(&NotFoundView::default()),
    ];
    views.iter().map(|v| (v.template(), renderer.render(&page, v).unwrap_or_else(|e| panic!("{e}")))).collect()
}

fn renderer(language: &str) -> Renderer {
    Renderer::new(&fixtures::site(language), &Overrides::new()).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn every_template_renders_full_and_empty_in_each_language() {
    for language in ["en", "es", "ar"] {
        let renderer = renderer(language);
        let pages = full_pages(&renderer);
        let mut templates: Vec<_> = empty_pages(&renderer).into_keys().collect();
        templates.dedup();
        assert_eq!(templates.len() + 1, pages.len(), "a kind of page is missing on one side");
        if let Ok(dir) = std::env::var("CANON_THEME_OUT") {
            write_out(&PathBuf::from(dir).join(language), &pages, &renderer);
        }
    }
}

/// The pages and the theme's files, as a site of its own.
fn write_out(dir: &std::path::Path, pages: &BTreeMap<String, String>, renderer: &Renderer) {
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().expect("a file in a folder")).expect("the folder can be made");
        std::fs::write(path, bytes).expect("the file can be written");
    };
    for (url, html) in pages {
        write(url, html.as_bytes());
    }
    for (name, bytes) in theme_files() {
        write(&format!("_canon/{name}"), &bytes);
    }
    write("_canon/texts.js", renderer.script_texts().as_bytes());
    write("_canon/tree/0.js", tree_file().as_bytes());
    let text = str::to_string;
    let note = (
        text("Hydration"),
        text("concept"),
        text("Concept"),
        text("Learning"),
        1,
        text("Easy"),
        Some(90),
        text("Water by weight, in percent of the flour."),
    );
    let notes = BTreeMap::from([("fermentation/hydration.html", note)]);
    write("_canon/previews/0.js", script_call("canonPreviews", &notes).as_bytes());
}

fn tree_file() -> String {
    let notes: Vec<_> = (0..14).map(|i| (fixtures::row(i, "").title, fixtures::row(i, "").url)).collect();
    let entry = |path: &str| (path.to_string(), (Vec::<String>::new(), notes.clone(), 0, format!("{path}/index.html")));
    script_call("canonTree", &BTreeMap::from(["fermentation", "flour", "flour/rye"].map(entry)))
}

/// Tags of a page with their attributes, read by a scanner of our own: `(name, [(attribute, value)])`.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        if name.is_empty() {
            continue;
        }
        let mut attributes = Vec::new();
        let mut text = &rest[name.len()..];
        loop {
            text = text.trim_start();
            let key: String = text.chars().take_while(|c| !c.is_whitespace() && !"=>/".contains(*c)).collect();
            if key.is_empty() {
                if text.starts_with('/') {
                    text = &text[1..];
                    continue;
                }
                break;
            }
            text = &text[key.len()..];
            let value = match text.strip_prefix("=\"") {
                Some(quoted) => {
                    let end = quoted.find('"').expect("quotes close");
                    text = &quoted[end + 1..];
                    quoted[..end].to_string()
                }
                None => String::new(),
            };
            attributes.push((key, value));
        }
        found.push((name, attributes));
        rest = text;
    }
    found
}

fn attribute<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[test]
fn pages_obey_their_own_policy_and_hold_together() {
    for (url, html) in full_pages(&renderer("en")) {
        let tags = tags(&html);
        let mut ids = Vec::new();
        for (name, attributes) in &tags {
            for (key, value) in attributes {
                assert!(key != "style" && !key.starts_with("on"), "{url}: <{name} {key}>");
                let loads = key == "src" || (key == "href" && name == "link");
                assert!(!loads || !value.contains("//"), "{url}: {value} comes from elsewhere");
                if key == "id" {
                    ids.push(value.clone());
                }
            }
            assert!(name != "style" && (name != "script" || attribute(attributes, "src").is_some()), "{url}: inline");
            assert!(name != "input" || html.contains("<label") || attribute(attributes, "aria-label").is_some());
        }
        let policy = tags.iter().find(|(_, a)| attribute(a, "http-equiv") == Some("Content-Security-Policy"));
        let policy = attribute(&policy.unwrap_or_else(|| panic!("{url} has no policy")).1, "content").unwrap();
        assert!(policy.starts_with("default-src &#x27;none&#x27;") || policy.starts_with("default-src 'none'"));
        assert!(!policy.contains("unsafe"), "{url}");
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "{url}: an id stands twice");
        for (_, attributes) in &tags {
            if let Some(fragment) = attribute(attributes, "href").and_then(|h| h.strip_prefix('#')) {
                assert!(ids.iter().any(|id| id == fragment), "{url}: nothing has the id `{fragment}`");
            }
        }
    }
}

#[test]
fn what_authors_write_is_text() {
    let hostile = "\"><img src=x onerror=alert(1)>'</title><script>x</script>";
    let text = || hostile.to_string();
    let mut site = fixtures::site("en");
    (site.title, site.description, site.author) = (text(), text(), text());
    let renderer = Renderer::new(&site, &Overrides::new()).unwrap();
    let mut page = fixtures::note_page();
    (page.title, page.description) = (text(), text());
    page.breadcrumbs[0].title = text();
    page.toc[0].title = text();
    let mut tree = fixtures::tree("");
    tree.folders[1].title = text();
    tree.folders[1].notes[0].title = text();
    page.tree_html = renderer.tree(&tree, &page.url).unwrap();
    let relation = |state: &str, url: Option<&str>| Relation {
        title: text(),
        url: url.map(String::from),
        state: state.into(),
        reason: text(),
        summary: text(),
        difference: text(),
        kind: text(),
        importance: None,
    };
    let mut note = fixtures::note();
    (note.title, note.kind, note.status, note.difficulty, note.updated) = (text(), text(), text(), text(), text());
    note.aliases = vec![text()];
    note.tags[0].name = text();
    note.read_first = vec![relation("planned", None), relation("broken", None)];
    note.related = vec![relation("ok", Some("x.html"))];
    note.backlinks[0].title = text();
    note.sections[0].rows[0].label = text();
    note.sections[2].sides[0].label = text();
    note.graph = LocalGraph::around(hostile, &[(text(), "x.html".into(), "related".into())], "graph.html");
    let mut row = fixtures::row(1, "");
    (row.title, row.summary, row.kind, row.status, row.difficulty) = (text(), text(), text(), text(), text());
    row.updated = text();
    let mut home = fixtures::home();
    home.start_here = vec![row.clone()];
    home.recent = vec![row.clone()];
    let tag = TagView {
        intro_html: String::new(),
        name: text(),
        spellings: text(),
        table: NoteTable { rows_html: fixtures::rows_html(&[row]), ..NoteTable::default() },
        near: Vec::new(),
    };
    let unreadable = UnreadableView { file: text(), source: text(), findings: vec![fixtures::finding(1)] };
    for view in [View::Note(&note), View::Home(&home), View::Tag(&tag), View::Unreadable(&unreadable)] {
        let html = renderer.render(&page, &view).unwrap();
        assert!(!html.contains("<img src=x") && !html.contains("<script>"), "{}", view.template());
        assert!(tags(&html).iter().all(|(_, a)| attribute(a, "onerror").is_none()), "{}", view.template());
    }
}

#[test]
fn nothing_of_a_note_is_lost() {
    let pages = full_pages(&renderer("en"));
    let html = &pages["fermentation/cold-proofing-vs-warm-proofing.html"];
    for part in [
        "Concept",
        "Learning",
        "Medium",
        "80",
        "22 Jan 2026",
        "4 min read",
        "Retarding",
        "Overnight proof",
        "not written yet",
        "What it is",
        "Pros (warm)",
        "data-check=\"cold#s5\"",
        "Why it is bad",
        "Must a cold dough warm up",
        "id=\"mini-example\"",
        "id=\"compare-with\"",
        "decides how the yeast is grown",
        "and 3 more",
        "1 more link",
        "1 question on this note",
        "<h3 class=\"edge-requires\">requires</h3>",
        "rel=\"prev\"",
        "rel=\"next\"",
    ] {
        assert!(html.contains(part), "the page lacks `{part}`");
    }
    let position = |part: &str| html.find(part).unwrap_or_else(|| panic!("the page lacks `{part}`"));
    assert!(position("class=\"tldr\"") < position("class=\"read-first\""), "TL;DR is the first object");
    assert!(position("class=\"read-first\"") < position("id=\"definition\""));
}
