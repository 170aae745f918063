//! What `--fix` does to a base, whatever its notes hold: the repaired findings are gone, no other has come, and a second
//! run changes nothing.

mod base;

use canon::config::Config;
use canon::fix::{Plan, Wanted, apply, choose};
use canon::rules::run;
use canon::site::Site;
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
    let mut fixes = 0;
    for _ in 0..10 {
        let site = base::site(root, Config::default());
        let diagnostics = run(&site, None).diagnostics;
        let mut plan = Plan::default();
        plan.add(root, &site.vault.files, &choose(&diagnostics, Wanted::Safe));
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
