//! What `--fix` does to a base, whatever its notes hold: the repaired findings are gone, no other has come, and a second
//! run changes nothing.

use super::base;

use crate::base::site::Site;
use crate::check::fix::{Plan, apply, choose, sound};
use crate::check::rules::run;
use crate::config::Config;
use crate::text::diagnostic::Applicability;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The notes of every base, by path.
const NOTES: &[&str] = &["a/one.md", "a/two.md", "b/three.md", "b/sub/four five.md", "six.md"];

/// List items and sentences, right and wrong, as seen from any folder.
const ITEMS: &[&str] = &[
    "[One](/a/one.md)",
    "[One](one.md)",
    "[Two](../a/two.md#part)",
    "[Two](./Two.md)",
    "[Two](two)",
    "[Three](x/three.html)",
    "[Three](/B/Three.md#part)",
    "[Four](<four five.md>)",
    "[Four](four%20five.md?x#part)",
    "[Four](/b/sub/four%20five.md)",
    "[Six](../../six.md)",
    "[Six](six.md#nothing)",
    "[Gone](gone.md)",
    "[[two]] and [Two](two.md)",
    "[Six][six] — said twice",
    "N/A",
];

/// A note's text: a Links section with lists, and a paragraph.
fn note(path: &str, related: &[usize], compared: &[usize], prose: &[usize], ending: &str) -> String {
    let stem = path.rsplit('/').next().unwrap().trim_end_matches(".md");
    let name = stem.split(' ').next().unwrap();
    let list = |items: &[usize]| items.iter().map(|&i| format!("- {}\n", ITEMS[i])).collect::<String>();
    let sentence: Vec<&str> = prose.iter().map(|&i| ITEMS[i]).collect();
    let text = format!(
        "---\nid: {name}\ntitle: {name}\n---\n\n## Part\n\nSee {}.\n\n## Links\n\n### Related topics\n\n{}\n### Compare with\n\n{}\n[six]: six.md\n",
        sentence.join(", "),
        list(related),
        list(compared)
    );
    text.replace('\n', ending)
}

fn findings(site: &Site) -> BTreeMap<(String, &'static str), usize> {
    let mut counts = BTreeMap::new();
    for d in run(site, None).diagnostics {
        *counts.entry((site.vault.file(d.file).path.to_string(), d.rule)).or_insert(0) += 1;
    }
    counts
}

/// Applies the safe fixes until none is left; returns how many there were.
fn repair(root: &Path) -> usize {
    repair_kind(root, Applicability::Safe)
}

/// Applies the fixes of a kind until none is left; returns how many there were.
fn repair_kind(root: &Path, kind: Applicability) -> usize {
    let mut fixes = 0;
    for _ in 0..10 {
        let site = base::site(root, Config::default());
        let diagnostics = run(&site, None).diagnostics;
        let mut plan = Plan::default();
        plan.add(root, &site.vault.files, &sound(&site, choose(&diagnostics, kind)));
        assert!(plan.refused.is_empty(), "{:?}", plan.refused);
        if plan.changes.is_empty() {
            return fixes;
        }
        fixes += plan.fixes;
        assert!(apply(&plan.changes).is_empty());
    }
    panic!("the fixes do not come to an end");
}

fn picks(most: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..ITEMS.len(), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn fixes_leave_nothing_new(
        texts in prop::collection::vec((picks(6), picks(3), picks(3), prop::bool::ANY), NOTES.len()),
        listed in prop::collection::vec(prop::bool::ANY, 2),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, (related, compared, prose, crlf)) in NOTES.iter().zip(&texts) {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            let ending = if *crlf { "\r\n" } else { "\n" };
            fs::write(root.join(path), note(path, related, compared, prose, ending)).unwrap();
        }
        let items: Vec<String> = listed.iter().zip(["one", "two"]).filter(|(l, _)| **l).map(|(_, n)| format!("* [{n}]({n}.md)")).collect();
        fs::write(root.join("a/_index.md"), format!("# A\n\n{}\n", items.join("\n"))).unwrap();
        let before = findings(&base::site(root, Config::default()));
        repair(root);
        let after = findings(&base::site(root, Config::default()));
        for (key, count) in &after {
            // A link that leads somewhere again shows what its text is; that was hidden before, not made by the repair.
            if key.1 != "mismatched-link-text" {
                prop_assert!(before.get(key).is_some_and(|b| b >= count), "{key:?}: {count} after, {:?} before", before.get(key));
            }
        }
        prop_assert!(!after.keys().any(|(_, rule)| *rule == "wrong-case-link" || *rule == "absolute-link"));
        prop_assert_eq!(repair(root), 0);
    }
}

#[test]
fn a_reference_is_repaired_once_in_its_definition() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let put = |path: &str, text: &str| {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), text).unwrap();
    };
    let head = "---\nid: one\ntitle: One\n---\n";
    put("b/two.md", "---\nid: two\ntitle: Two\n---\n## Part\n");
    put("b/Three.md", "---\nid: three\ntitle: Three\n---\n");
    for (body, want, fixes) in [
        // Three ways to use one definition, which is edited once.
        (
            "[x][D], [d] and [d][].\n\n[d]: two.md#part \"t\"\n",
            "[x][D], [d] and [d][].\n\n[d]: ../b/two.md#part \"t\"\n",
            1,
        ),
        ("[x][a  b]\n\n   [A b]: <two.md>\n", "[x][a  b]\n\n   [A b]: <../b/two.md>\n", 1),
        ("[x][d]\n\n[d]: /b/two.md\n[e]: two.md\n", "[x][d]\n\n[d]: ../b/two.md\n[e]: two.md\n", 1),
        ("[x][d]\n\n[d]: ../b/three.md\n", "[x][d]\n\n[d]: ../b/Three.md\n", 1),
        // The first definition counts, and what only looks like one is none.
        (
            "[x][d]\n\n```\n[d]: two.md\n```\n\n[d]: two.md\n[d]: no.md\n",
            "[x][d]\n\n```\n[d]: two.md\n```\n\n[d]: ../b/two.md\n[d]: no.md\n",
            1,
        ),
        // An image that uses it too, a use that is planned, a destination that is written otherwise: left alone.
        ("[x][d] ![y][d]\n\n[d]: two.md\n", "", 0),
        ("[x][d], (TODO) [y][d]\n\n[d]: two.md\n", "", 0),
        ("[x][d]\n\n[d]:\n  two.md\n", "", 0),
        ("[x][d]\n\n[d]: tw&#111;.md\n", "", 0),
    ] {
        put("a/one.md", &format!("{head}{body}"));
        assert_eq!(repair(root), fixes, "{body}");
        let want = if fixes == 0 { body } else { want };
        assert_eq!(fs::read_to_string(root.join("a/one.md")).unwrap(), format!("{head}{want}"));
    }
}

#[test]
fn each_repair_is_the_smallest() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let put = |path: &str, text: &str| {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), text).unwrap();
    };
    put(
        "a/one.md",
        "---\nid: one\ntitle: One\n---\r\n[x](/b/two.md?v=1#part \"t\") [y](<../B/two.md>) [z](./two.html#part)\r\n",
    );
    put("b/two.md", "---\nid: two\ntitle: Two\n---\n## Part\n");
    put("b/tri angle.md", "---\nid: tri\ntitle: \"A [b]\"\n---\n");
    put("b/_index.md", "# B\n\n1) [Two](two.md)\n\nText.");
    assert_eq!(repair(root), 4);
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    assert_eq!(
        read("a/one.md"),
        "---\nid: one\ntitle: One\n---\r\n[x](../b/two.md?v=1#part \"t\") [y](<../b/two.md>) [z](../b/two.html#part)\r\n"
    );
    assert_eq!(read("b/_index.md"), "# B\n\n1) [Two](two.md)\n2) [A \\[b\\]](tri%20angle.md)\n\nText.");
}

#[test]
fn a_promise_is_kept_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let note = |body: &str| format!("---\nid: a\ntitle: A\n---\n## Links\n### Related topics\n- {body}\n");
    fs::write(root.join("bf.md"), "---\nid: bf\ntitle: Bloom Filter\n---\nx\n").unwrap();
    for (body, want) in [
        ("(TODO) [Bloom filter](TODO)", "[Bloom filter](bf.md)"),
        ("[Bloom filter](TODO)", "[Bloom filter](bf.md)"),
        ("(TODO) [*Bloom* filter](bloom.md)", "[*Bloom* filter](bf.md)"),
        ("(TODO) [Bloom filter](bf.md)", "[Bloom filter](bf.md)"),
        ("(TODO) Bloom filter", "[Bloom filter](bf.md)"),
    ] {
        fs::write(root.join("a.md"), note(body)).unwrap();
        assert_eq!(repair(root), 1, "{body}");
        assert_eq!(fs::read_to_string(root.join("a.md")).unwrap(), note(want), "{body}");
    }
}

/// Notes that words of [`SENTENCES`] and [`SYNTAX`] name.
const NAMED: &[(&str, &str)] = &[
    ("github", "GitHub"),
    ("two", "two words"),
    ("note", "Raft log"),
    ("title", "Title page"),
    ("sperre", "データ"),
    ("sh", "SHARD"),
];

/// Prose that names notes, with marks around and inside of the names.
const SENTENCES: &[&str] = &[
    "It is on GitHub today.",
    "So *GitHub* and **two words**, (Raft log).",
    "A > b and ~~GitHub~~ for `x`.",
    "数据*データ*清除, 数据データ清除.",
    "x*GitHub*y and *two words*z.",
    "The raft\nlog of a SHARD: “GitHub”!",
    "GitHub[^1] and two words[^1].",
    "The *raft* log, a *SHARD*. and then*",
    "- [ ] on GitHub\n- two words\n  - Raft log",
    "1. GitHub\n2. two words",
    "> GitHub, says\n> two words",
    "| GitHub | x |\n|---|---|\n| two words | Raft log |",
    "<details>\n<summary>GitHub</summary>\n\ntwo words\n\n</details>",
    "A <b>GitHub</b>, a <a href=\"x\">Raft log</a>, a <kbd>SHARD</kbd>.",
    "- item\n\n  GitHub in it\n\n      code GitHub",
];

/// Text that is part of some syntax and holds names: it stays as it is, byte for byte.
const SYNTAX: &[&str] = &[
    "A para. ^github",
    "[part](sub/two words.md#part-one)",
    "See <github.com/x>, <x.com/GitHub> and github.com.",
    "By @github, x@GitHub.com, #GitHub and #x/GitHub.",
    "A mark [^title page] and [^GitHub].",
    "%% GitHub, two words %%",
    "<!-- GitHub -->",
    "<span title=\"GitHub\" class=\"two words\">x</span>",
    "<span title=\"GitHub two words",
    "{#github .two} and {{< GitHub \"two words\" >}} and {% include GitHub %}",
    "[[GitHub",
    "[GitHub",
    "![GitHub",
    "![GitHub](two words.png)",
    "!GitHub",
    "[x][GitHub] [GitHub][]",
    "$GitHub$ and \\(GitHub\\) and \\GitHub",
    ":github: and GitHub:x and GitHub:: y",
    "::: GitHub\n\ntext\n\n:::",
    "!!! note \"GitHub two words\"",
    "> [!note] GitHub two words\n> text",
    "[gh]: <two words GitHub",
    "[gh]: https://github.com/ \"GitHub",
    "*[GitHub]: two words",
    "`GitHub` and ``two words`` and `GitHub",
    "```\nGitHub two words\n```",
    "C:\\GitHub\\x and src/GitHub/x and GitHub.rs",
    "&github; and GitHub&amp;x",
    "https://github.com/GitHub?q=two words",
];

/// A tree in which each link to a note is its text: what an independent parser sees but for such links.
fn without_links(node: &markdown::mdast::Node) -> serde_json::Value {
    use markdown::mdast::Node;
    let mut children: Vec<serde_json::Value> = Vec::new();
    fn add(children: &mut Vec<serde_json::Value>, node: &Node) {
        let text = match node {
            Node::Link(link) if link.url.ends_with(".md") => {
                link.children.iter().for_each(|child| add(children, child));
                return;
            }
            Node::Text(text) => text.value.clone(),
            other => return children.push(without_links(other)),
        };
        match children.last_mut() {
            Some(serde_json::Value::String(before)) => before.push_str(&text),
            _ => children.push(text.into()),
        }
    }
    node.children().into_iter().flatten().for_each(|child| add(&mut children, child));
    // A node without its children and its place: its kind, and what its attributes say.
    let own = match node {
        Node::Root(_) => "root".to_string(),
        Node::Link(link) => format!("link {} {:?}", link.url, link.title),
        Node::Image(image) => format!("image {} {} {:?}", image.url, image.alt, image.title),
        Node::LinkReference(reference) => format!("reference {}", reference.identifier),
        Node::ImageReference(reference) => format!("image {} {}", reference.identifier, reference.alt),
        Node::FootnoteReference(reference) => format!("mark {}", reference.identifier),
        Node::FootnoteDefinition(definition) => format!("footnote {}", definition.identifier),
        Node::Definition(definition) => {
            format!("definition {} {} {:?}", definition.identifier, definition.url, definition.title)
        }
        Node::Heading(heading) => format!("heading {}", heading.depth),
        Node::List(list) => format!("list {} {:?}", list.ordered, list.start),
        Node::ListItem(item) => format!("item {:?}", item.checked),
        Node::Code(code) => format!("code {:?} {}", code.lang, code.value),
        Node::InlineCode(code) => format!("code {}", code.value),
        Node::InlineMath(math) => format!("math {}", math.value),
        Node::Math(math) => format!("math {}", math.value),
        Node::Html(html) => format!("html {}", html.value),
        Node::Yaml(yaml) => format!("yaml {}", yaml.value),
        Node::Paragraph(_) => "paragraph".into(),
        Node::Emphasis(_) => "emphasis".into(),
        Node::Strong(_) => "strong".into(),
        Node::Delete(_) => "delete".into(),
        Node::Blockquote(_) => "quote".into(),
        Node::Table(table) => format!("table {:?}", table.align),
        Node::TableRow(_) => "row".into(),
        Node::TableCell(_) => "cell".into(),
        Node::Break(_) => "break".into(),
        Node::ThematicBreak(_) => "rule".into(),
        other => panic!("a node of no kind that notes hold: {other:?}"),
    };
    serde_json::json!([own, children])
}

/// What a parser that shares no code with canon's sees of a note.
fn seen(text: &str) -> serde_json::Value {
    let constructs = markdown::Constructs { frontmatter: true, math_text: true, ..markdown::Constructs::gfm() };
    let options = markdown::ParseOptions { constructs, ..markdown::ParseOptions::gfm() };
    without_links(&markdown::to_mdast(text, &options).unwrap())
}

/// Writes a base of [`NAMED`] notes and one with a text; applies the fixes of both kinds until none is left.
fn repaired(body: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (stem, title) in NAMED {
        fs::write(root.join(format!("{stem}.md")), format!("---\nid: {stem}\ntitle: {title}\n---\nNothing.\n"))
            .unwrap();
    }
    let before = format!("---\nid: reader\ntitle: A reader of everything\n---\n{body}\n\n[^1]: A footnote.\n");
    fs::write(root.join("reader.md"), &before).unwrap();
    repair(root);
    assert_eq!(fs::read_to_string(root.join("reader.md")).unwrap(), before, "`--fix` guesses nothing");
    repair_kind(root, Applicability::Suggestion);
    let after = fs::read_to_string(root.join("reader.md")).unwrap();
    assert_eq!(repair_kind(root, Applicability::Suggestion), 0, "a second run changes nothing");
    (before, after)
}

#[test]
fn what_is_syntax_stays_as_it_is() {
    for text in SYNTAX {
        let (before, after) = repaired(text);
        assert_eq!(after, before);
    }
    // The same words are linked where they are prose.
    let (_, after) = repaired("On GitHub, in two words, the raft\nlog. ^github");
    assert!(
        after.contains("On [GitHub](github.md), in [two words](two.md), the [raft\nlog](note.md). ^github\n"),
        "{after}"
    );
}

#[test]
fn each_sentence_keeps_what_it_says() {
    let mut links = 0;
    for text in SENTENCES {
        let (before, after) = repaired(text);
        assert_eq!(seen(&after), seen(&before), "{after}");
        links += after.matches(".md)").count();
    }
    assert!(links > 15, "most of them are linked: {links}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn an_independent_parser_sees_the_same_but_for_links(
        pieces in prop::collection::vec((prop::bool::ANY, 0..100usize, prop::sample::select(vec!["\n\n", "\n", " "])), 1..8),
    ) {
        let mut body = String::new();
        for (is_syntax, at, joint) in pieces {
            body.push_str(if is_syntax { SYNTAX[at % SYNTAX.len()] } else { SENTENCES[at % SENTENCES.len()] });
            body.push_str(joint);
        }
        let (before, after) = repaired(&body);
        prop_assert_eq!(seen(&after), seen(&before), "{}", after);
    }
}
