//! The links from other notes at the end of a note.

use super::built::build;

#[test]
fn backlinks_are_grouped_by_relation_and_say_something_of_each_note() {
    let note = |title: &str, importance: u8, body: &str| {
        format!(
            "---\ntitle: {title}\ntype: concept\nimportance: {importance}\n---\n# {title}\n\n## TL;DR\n\n- About {title}.\n\n{body}"
        )
    };
    let built = build(&[
        ("raft.md", &note("Raft", 50, "")),
        ("etcd.md", &note("Etcd", 10, "## Links\n\n### Prerequisites\n\n- [Raft](raft.md)\n")),
        ("zab.md", &note("Zab", 20, "## Links\n\n### Related topics\n\n- [Raft](raft.md)\n")),
        ("consul.md", &note("Consul", 90, "## Links\n\n### Prerequisites\n\n- [Raft](raft.md)\n")),
        ("logs.md", &note("Logs", 99, "Replicated by [Raft](raft.md) and others.\n")),
    ]);
    let main = built.main("raft.html");
    let section = &main[main.find("class=\"backlinks\"").expect("backlinks")..];
    let section = &section[..section.find("</section>").expect("its end")];
    let in_order = [
        "edge-requires\">requires</h3>",
        "consul.html",
        "About Consul.",
        "etcd.html",
        "About Etcd.",
        "edge-related\">related</h3>",
        "zab.html",
        "About Zab.",
        "edge-mentions\">mentions</h3>",
        "logs.html",
        "Replicated by <mark>Raft</mark> and others.",
    ];
    let mut rest = section;
    for piece in in_order {
        let at = rest.find(piece).unwrap_or_else(|| panic!("{piece} after the ones before, in {section}"));
        rest = &rest[at + piece.len()..];
    }
    assert!(!section.contains("About Logs."), "a sentence stands in place of the summary");
    assert_eq!(section.matches("<ul>").count(), 3);
    assert_eq!(section.matches("</ul>").count(), 3);
}
