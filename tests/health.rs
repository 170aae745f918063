//! The health page: the findings of `check`, each with links to the notes that it is about.

mod built;

use built::{Base, Built, Tag, note};

const TEXT: &str =
    "A write that is acknowledged by a majority of the replicas survives the loss of any single one of them for good.";

/// The items of one rule on the health page: each its words and its links' addresses.
fn items(built: &Built, rule: &str) -> Vec<(String, Vec<String>)> {
    let page = built.page("health.html");
    let block = page.with_class("rule").find(|tag| page.inner(tag).contains(&format!("<b>{rule}</b>")));
    let Some(block) = block else { return Vec::new() };
    let end = block.end + page.inner(block).len();
    let within = |tag: &&Tag, from: usize, to: usize| tag.start >= from && tag.end <= to;
    let items = page.named("li").filter(|li| within(li, block.end, end));
    let item = |li: &Tag| {
        let links = page.named("a").filter(|a| within(a, li.end, li.end + page.inner(li).len()));
        (page.text(li), links.map(|a| a.get("href").unwrap().to_string()).collect())
    };
    items.map(item).collect()
}

fn base(files: &[(&str, String)]) -> Built {
    let built = Base::of(files).build(&[]);
    built.assert_sound();
    built
}

#[test]
fn a_text_in_two_notes_leads_to_both() {
    let text = |n: usize| format!("## Part\nThis is {n}.\n\n## Definition\n{TEXT}\n");
    let built = base(&[
        ("content/x/a.md", note("a", "First note", &text(1))),
        ("content/y/b.md", note("b", "Second note", &text(22))),
    ]);
    let found = items(&built, "duplicate-content");
    assert_eq!(found.len(), 1, "{found:?}");
    let (words, links) = &found[0];
    assert_eq!(links, &["y/b.html", "x/a.html"]);
    assert!(words.starts_with("y/b.md line 17") && words.ends_with("x/a.md line 17"), "{words}");
}

#[test]
fn what_the_template_beside_the_configuration_says_is_no_duplicate() {
    let text = |n: usize| format!("## Part\nThis is {n}.\n\n## Rubric\n{TEXT}\n");
    let notes =
        [("content/a.md", note("a", "First note", &text(1))), ("content/b.md", note("b", "Second note", &text(22)))];
    assert_eq!(items(&base(&notes), "duplicate-content").len(), 1);
    let [a, b] = notes;
    let built = base(&[a, b, ("note-template.md", note("a-name", "A name", &format!("## Rubric\n{TEXT}\n")))]);
    assert_eq!(items(&built, "duplicate-content"), []);
    assert!(!built.has("note-template.html"));
}

#[test]
fn a_copied_note_is_one_finding_that_leads_to_both() {
    let body: String = (1..12)
        .map(|n| format!("## Part {n}\nPart {n} says at some length what only part {n} of this one note can say of {n} things.\n\n"))
        .collect();
    let built = base(&[
        ("content/x/a.md", note("a", "First note", &body)),
        ("content/y/b.md", note("b", "Second note", &body)),
    ]);
    let found = items(&built, "duplicate-note");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].1, ["y/b.html", "x/a.html"]);
    assert_eq!(items(&built, "duplicate-content"), []);
}

#[test]
fn five_copies_are_one_cluster_that_leads_to_all_of_them() {
    let files: Vec<(String, String)> = (1..=5)
        .map(|n| {
            let body = format!("## Own\nNumber {n}{n} of {n}.\n\n## Part of {n}\n{TEXT}\n");
            (format!("content/n{n}.md"), note(&format!("n{n}"), &format!("Number {n} of all"), &body))
        })
        .collect();
    let files: Vec<(&str, String)> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let built = base(&files);
    let found = items(&built, "duplicate-content");
    assert_eq!(found.len(), 1, "{found:?}");
    let mut links = found[0].1.clone();
    links.sort();
    assert_eq!(links, ["n1.html", "n2.html", "n3.html", "n4.html", "n5.html"]);
    let words = "appear in “Number 1 of all”, “Number 2 of all”, “Number 3 of all” and 2 more notes";
    assert!(found[0].0.contains(words), "{}", found[0].0);
}

#[test]
fn of_very_many_places_the_first_are_shown_and_the_others_counted() {
    let files: Vec<(String, String)> = (10..30)
        .map(|n| {
            let body = format!("## Own\nNumber {n}{n} of {n}.\n\n## Part of {n}\n{TEXT}\n");
            (format!("content/n{n}.md"), note(&format!("n{n}"), &format!("Number {n} of all"), &body))
        })
        .collect();
    let files: Vec<(&str, String)> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let found = items(&base(&files), "duplicate-content");
    assert_eq!((found.len(), found[0].1.len()), (1, 11), "{found:?}");
    assert!(found[0].0.ends_with("and 9 more"), "{}", found[0].0);
}
