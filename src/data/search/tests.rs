//! The index as a whole: what the files are, and that no note can break them. That the reader finds what stands in them is
//! `tests/browser/search.test.mjs`.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn doc<'a>(url: &'a str, title: &'a str, text: &'a str) -> Doc<'a> {
    Doc {
        url,
        title,
        aliases: &[],
        kind: "concept",
        status: "learning",
        difficulty: "easy",
        importance: 50,
        tags: &["a", "b"],
        summary: "",
        parts: vec![Part { heading: "", anchor: "", text }],
    }
}

/// The one value of a script; tabs may stand in JavaScript's strings but not in JSON's.
fn value(files: &[File], name: &str) -> Value {
    let (_, bytes) = files.iter().find(|(path, _)| path == name).unwrap_or_else(|| panic!("no {name}"));
    let text = std::str::from_utf8(bytes).unwrap();
    let inner = text.strip_prefix("canonSearch.add(").unwrap().strip_suffix(")\n").unwrap();
    serde_json::from_str(&inner.replace('\t', "\\t").replace(|c: char| c < ' ' && c != '\n', " ")).unwrap()
}

#[test]
fn an_empty_base_has_a_catalog_of_nothing() {
    let files = build(&[]);
    assert_eq!(files.len(), 1);
    assert_eq!(value(&files, "search/index.js")["notes"], 0);
}

#[test]
fn the_same_notes_give_the_same_bytes_and_another_version_when_a_word_changes() {
    let texts: Vec<(String, String)> =
        (0..1500).map(|n| (format!("f/note-{n}.html"), format!("word{} word{} shared\nline", n % 7, n % 11))).collect();
    let docs = || texts.iter().map(|(url, text)| doc(url, "A title", text)).collect::<Vec<_>>();
    let (first, second) = (build(&docs()), build(&docs()));
    assert_eq!(first, second);
    let mut changed = docs();
    changed[3].parts[0].text = "other";
    let version = |files: &[File]| value(files, "search/index.js")["version"].clone();
    assert_ne!(version(&first), version(&build(&changed)));
}

#[test]
fn the_catalog_of_a_large_base_is_in_parts_which_joined_are_the_whole() {
    let titles: Vec<String> =
        (0..4_000_u64).map(|n| format!("Title {:x} é {n}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let docs: Vec<Doc> = titles.iter().map(|title| doc("f/a.html", title, "")).collect();
    let files = build(&docs);
    let count = value(&files, "search/index.js")["parts"].as_u64().expect("the number of parts");
    assert!(count > 1);
    let part = |n| value(&files, &format!("search/c{n}.js")).as_str().expect("a part is a text").to_owned();
    let whole: String = (0..count).map(part).collect();
    let whole: Value = serde_json::from_str(&whole.replace('\t', "\\t")).expect("the parts are JSON");
    assert_eq!(whole["notes"], 4_000);
    assert_eq!(whole["version"], value(&files, "search/index.js")["version"]);
    assert!(files.iter().all(|(name, bytes)| !name.starts_with("search/c") || bytes.len() < 110_000));
}

#[test]
fn gathering_in_runs_equals_building_at_once() {
    let texts: Vec<String> = (0..NOTES_PER_RUN * 2 + 5).map(|n| format!("f/{n:05}.html")).collect();
    let docs: Vec<Doc> = texts.iter().map(|url| doc(url, url, "one two three")).collect();
    let vocabulary = vocabulary(&docs);
    let runs = docs.chunks(NOTES_PER_RUN).map(|docs| gather(&vocabulary, docs)).collect();
    assert_eq!(finish(&vocabulary, runs, Vec::new()), build(&docs));
}

#[test]
fn the_catalog_leaves_out_page_names_that_titles_tell() {
    let docs = [doc("a/b-tree.html", "B-Tree", ""), doc("a/other.html", "C++ / Rust", ""), doc("z.html", "Z!", "")];
    let catalog = value(&build(&docs), "search/index.js");
    assert_eq!(catalog["pages"], "!\t!other.html\t!");
    assert_eq!(catalog["folders"], "!a/\t!");
    assert_eq!(catalog["tags"], "!a\t!b");
    assert_eq!(catalog["facts"], serde_json::json!([["concept", "learning", "easy"]]));
}

#[test]
fn text_files_hold_few_notes_and_all_of_them() {
    let long = "A sentence of some length that fills a file. ".repeat(100);
    let urls: Vec<String> = (0..40).map(|n| format!("{n:02}.html")).collect();
    let docs: Vec<Doc> = urls.iter().map(|url| doc(url, url, &long)).collect();
    let files = build(&docs);
    let texts = files.iter().filter(|(path, _)| path.starts_with("search/n"));
    let counts: Vec<usize> = texts.map(|(path, _)| value(&files, path).as_array().unwrap().len()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 40);
    assert!(counts.iter().all(|count| *count <= 4), "{counts:?}");
}

#[test]
fn a_text_that_would_end_the_script_stays_in_its_string() {
    let files = build(&[doc("a.html", "\"); alert(1) //", "\\\"); alert(2)\u{2028}x\n</script>\ttab\u{0}")]);
    assert_eq!(value(&files, "search/n0.js")[0], "\n\t\t\n\\\"); alert(2)\u{2028}x\n</script>\ttab\u{0}");
    assert_eq!(value(&files, "search/index.js")["titles"], "!!$#");
}

#[test]
fn frequent_words_are_one_character_each_in_a_large_base() {
    let urls: Vec<String> = (0..600).map(|n| format!("{n:03}.html")).collect();
    let docs: Vec<Doc> = urls.iter().map(|url| doc(url, url, "alpha Beta, alpha  bETA once\u{e001}.")).collect();
    let files = build(&docs);
    assert_eq!(value(&files, "search/w.js"), "!alpha\t!beta\t!once");
    let text = value(&files, "search/n0.js")[0].as_str().unwrap().to_owned();
    assert_eq!(text, "\n\t\t\n\u{e000}\u{e004}, \u{e000}  bETA once\u{fffd}.");
}

#[test]
fn a_huge_note_is_found_to_its_end_but_shown_only_so_far() {
    let text = "x".repeat(30) + "\n";
    let text = text.repeat(20_000) + "lastword";
    let files = build(&[doc("a.html", "A", &text)]);
    assert!(value(&files, "search/n0.js")[0].as_str().unwrap().len() <= 200_000);
    assert!(value(&files, "search/d0.js")[1].as_str().unwrap().contains("lastword"));
}

proptest! {
    #[test]
    fn no_note_breaks_the_files(notes in prop::collection::vec((any::<String>(), any::<String>(), any::<String>(), any::<u8>()), 0..12)) {
        let docs: Vec<Doc> = notes.iter().map(|(title, heading, text, importance)| Doc {
            aliases: &["x", "\u{1F600} y"],
            importance: *importance,
            parts: vec![Part { heading, anchor: heading, text }, Part { heading: "H", anchor: "h", text: title }],
            ..doc("a/b.html", title, "")
        }).collect();
        let files = build(&docs);
        for (path, _) in &files {
            value(&files, path);
        }
        let names: std::collections::HashSet<&String> = files.iter().map(|(path, _)| path).collect();
        prop_assert_eq!(names.len(), files.len());
        prop_assert_eq!(value(&files, "search/index.js")["notes"].as_u64(), Some(docs.len() as u64));
    }
}

fn of<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn cases<'a>(fixture: &'a Value, name: &str) -> impl Iterator<Item = (&'a Value, &'a str)> {
    fixture[name].as_array().unwrap().iter().map(|case| (case, case["text"].as_str().unwrap()))
}

/// `tests/browser/formats.test.mjs` reads the same fixture; `content/reading/data-files.md` explains it.
#[test]
fn the_encodings_are_written_as_documented() {
    let fixture: Value = serde_json::from_str(include_str!("../../../tests/formats/search.json")).unwrap();
    for (case, text) in cases(&fixture, "numbers") {
        let mut out = String::new();
        of::<Vec<usize>>(&case["values"]).into_iter().for_each(|value| pack::push_number(&mut out, value));
        assert_eq!(out, text);
    }
    for (case, text) in cases(&fixture, "frontCoded") {
        let items: Vec<String> = of(&case["items"]);
        assert_eq!(pack::front_code(items.iter().map(String::as_str)), text);
    }
    for (case, text) in cases(&fixture, "rice") {
        let (mut out, k) = (pack::Bits::default(), of(&case["k"]));
        of::<Vec<u32>>(&case["values"]).into_iter().for_each(|value| out.push_rice(value, k));
        assert_eq!(out.finish(), text);
    }
    for (case, text) in cases(&fixture, "ascending") {
        let (mut out, values): (_, Vec<u32>) = (pack::Bits::default(), of(&case["values"]));
        pack::push_ascending(&mut out, values.iter().copied(), of(&case["total"]), values.len());
        assert_eq!(out.finish(), text);
    }
}

#[derive(serde::Deserialize)]
struct NoteOfFixture<'a> {
    url: &'a str,
    title: &'a str,
    aliases: Vec<&'a str>,
    r#type: &'a str,
    status: &'a str,
    difficulty: &'a str,
    importance: u8,
    tags: Vec<&'a str>,
    summary: &'a str,
    parts: Vec<PartOfFixture<'a>>,
}

#[derive(serde::Deserialize)]
struct PartOfFixture<'a> {
    heading: &'a str,
    anchor: &'a str,
    text: &'a str,
}

#[derive(serde::Deserialize)]
struct Fixture<'a> {
    #[serde(borrow)]
    notes: Vec<NoteOfFixture<'a>>,
    files: std::collections::BTreeMap<&'a str, Value>,
}

#[test]
fn the_example_of_the_documentation_has_these_files() {
    let fixture: Fixture<'_> = serde_json::from_str(include_str!("../../../tests/formats/search.json")).unwrap();
    fn doc<'a>(note: &'a NoteOfFixture<'a>) -> Doc<'a> {
        Doc {
            url: note.url,
            title: note.title,
            aliases: &note.aliases,
            kind: note.r#type,
            status: note.status,
            difficulty: note.difficulty,
            importance: note.importance,
            tags: &note.tags,
            summary: note.summary,
            parts: note.parts.iter().map(|p| Part { heading: p.heading, anchor: p.anchor, text: p.text }).collect(),
        }
    }
    let files = build(&fixture.notes.iter().map(doc).collect::<Vec<_>>());
    assert_eq!(files.len(), fixture.files.len());
    for (name, expected) in &fixture.files {
        assert_eq!(value(&files, name), *expected, "{name}");
    }
}
