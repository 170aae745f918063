//! The data files of link previews.

use super::built::build;
use serde_json::{Value, json};

/// The previews of a base with one file of them, by address.
fn previews(files: &[(&str, &str)]) -> Value {
    let built = build(files);
    let text = std::str::from_utf8(&built.files["_canon/previews/0.js"]).unwrap();
    serde_json::from_str(&text[text.find('{').unwrap()..=text.rfind('}').unwrap()]).unwrap()
}

const RAFT: &str = "---\ntitle: Raft\ntype: concept\nimportance: 70\n---\n# Raft\n\n## TL;DR\n\n- One *leader* replicates a log.\n- \
                    Terms number\n  the leaders.\n\n## Elections\n\nA follower without news becomes a candidate.\n\n### Timeouts\n\n- \
                    They are random.\n- N/A\n\n## Logs\n\nNobody links here. ^log\n\n## Code\n\n```\nx\n```\n";

#[test]
fn a_preview_has_the_whole_tldr_and_each_linked_section() {
    let found = previews(&[
        ("raft.md", RAFT),
        (
            "paxos.md",
            "---\ntitle: Paxos\n---\nSee [Raft](raft.md), [votes](raft.md#elections) and [code](raft.md#code).\n",
        ),
        ("zab.md", "---\ntitle: Zab\n---\nAs [[raft#Timeouts]] and [[raft#^log]].\n"),
    ]);
    let keys: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["paxos.html", "raft.html", "raft.html#^log", "raft.html#elections", "raft.html#timeouts", "zab.html"]
    );
    let raft = &found["raft.html"];
    assert_eq!([&raft[0], &raft[6]], [&json!("Raft"), &json!(70)]);
    assert_eq!(raft[7], json!([["One leader replicates a log.", "Terms number the leaders."]]));
    let elections = json!(["Elections", ["A follower without news becomes a candidate.", ["They are random."]]]);
    assert_eq!(found["raft.html#elections"], elections);
    assert_eq!(found["raft.html#timeouts"], json!(["Timeouts", [["They are random."]]]));
    assert_eq!(found["raft.html#^log"], json!(["", ["Nobody links here."]]));
    assert_eq!(found["paxos.html"][7], json!(["See Raft, votes and code."]), "without a TL;DR what lists show");
}

#[test]
fn the_text_of_a_preview_is_bounded() {
    let long =
        format!("---\ntitle: Long\n---\n# Long\n\n## TL;DR\n\n{}\n\nLast.\n", "Many words follow here. ".repeat(60));
    let many = format!("---\ntitle: Many\n---\n# Many\n\n## TL;DR\n\n{}", "- Item\n".repeat(60));
    let found = previews(&[("long.md", &long), ("many.md", &many)]);
    let text = found["long.html"][7][0].as_str().unwrap();
    assert!(text.ends_with('…') && (450..=521).contains(&text.chars().count()), "{text}");
    assert_eq!(found["long.html"][7].as_array().unwrap().len(), 1);
    assert_eq!(found["many.html"][7][0].as_array().unwrap().len(), 9);
}
