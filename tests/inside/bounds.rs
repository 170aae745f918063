//! What a finding may grow to: ten places beside its own, however many the base has, so that a report is as long as the
//! base, not as its square.

use super::base;

use crate::base::site::Site;
use crate::check::report::{Report, Totals, human, json, sarif};
use crate::check::rules::run;
use crate::config::Config;
use crate::text::diagnostic::{Diagnostic, MAX_RELATED};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Words that no other note of the base has in this order.
fn words(seed: usize, count: usize) -> String {
    let word = |i: usize| format!("w{}", (seed * 7919 + i * 104_729) % 99_991);
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

/// Notes of which very many have one name.
fn one_name(root: &Path, notes: usize) {
    for n in 0..notes {
        let links = "See [[note]] and [[Note]].\n\n".repeat(3);
        put(root, &format!("d{n}/note.md"), &format!("---\nid: note\ntitle: Note\n---\n{links}"));
    }
}

/// A base in which each fault that joins notes joins `n` of them.
fn entangled(root: &Path, n: usize) {
    one_name(root, n);
    let next = |i: usize| (i + 1) % n;
    for i in 0..n {
        let head = |id: &str, more: &str| format!("---\nid: {id}-{i}\ntitle: {} of {id}\n{more}---\n", words(i, 3));
        let ring = format!("{}## Links\n### Prerequisites\n- [next](ring-{}.md)\n", head("ring", ""), next(i));
        put(root, &format!("ring/ring-{i}.md"), &ring);
        put(root, &format!("embeds/e-{i}.md"), &format!("{}![[e-{}]]\n", head("e", ""), next(i)));
        let same =
            "This paragraph is word for word the same wherever it was pasted to, under headings that all differ.";
        put(
            root,
            &format!("paste/p-{i}.md"),
            &format!("{}## H{i}\n\n{same}\n\n{}\n", head("p", ""), words(i + n, 200)),
        );
        let code = "one();\ntwo();\nthree();\nfour();\nfive();\nsix();";
        put(
            root,
            &format!("code/c-{i}.md"),
            &format!("{}{}\n\n```rust\n{code}\n```\n", head("c", ""), words(i + 2 * n, 50)),
        );
        let whole: String = (0..8).map(|p| format!("## P{p} of {i}\n\n{}\n\n", words(9_000 + p, 40))).collect();
        put(root, &format!("whole/n-{i}.md"), &format!("{}{whole}", head("n", "")));
        put(
            root,
            &format!("alias/a-{i}.md"),
            &format!("{}Text.\n", head("a", "aliases: [One name]\nredirect_from: [/old.html]\n")),
        );
        put(root, &format!("gone/g-{i}.md"), &format!("{}[note](../nowhere/note.md)\n", head("g", "")));
    }
}

fn site(fill: impl Fn(&Path)) -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let site = base::site(folder.path(), Config::default());
    (folder, site)
}

/// The length of the findings as JSON, as SARIF and for the terminal.
fn lengths(site: &Site, diagnostics: &[Diagnostic]) -> [usize; 3] {
    let report = Report {
        diagnostics,
        sources: &site.vault.files,
        totals: Totals::default(),
        rules: &[],
        prefix: "",
        part: Default::default(),
    };
    let all = human::Look { all: true, ..human::Look::default() };
    [json::render(&report).len(), sarif::render(&report).len(), human::render(&report, all).len()]
}

#[test]
fn a_finding_names_ten_places_and_counts_the_rest() {
    const NOTES: usize = 30;
    let (_folder, site) = site(|root| entangled(root, NOTES));
    let found = run(&site, None).diagnostics;
    let mut cut = BTreeSet::new();
    for d in &found {
        assert!(d.related.len() <= MAX_RELATED, "{}: {} places", d.rule, d.related.len());
        assert!(
            d.message.chars().count() <= 500 && d.help.chars().count() <= 500,
            "{}: {} {}",
            d.rule,
            d.message,
            d.help
        );
        if d.unlisted > 0 {
            assert_eq!(d.related.len(), MAX_RELATED, "{}: {}", d.rule, d.message);
            let counted = d
                .message
                .split(|c: char| !c.is_ascii_digit())
                .any(|number| number.parse().is_ok_and(|n: usize| n > MAX_RELATED));
            assert!(counted, "{}: the message counts them: {}", d.rule, d.message);
            cut.insert(d.rule);
        }
    }
    let expected = [
        "ambiguous-link",
        "duplicate-code",
        "duplicate-content",
        "duplicate-note",
        "embed-cycle",
        "prerequisite-cycle",
    ];
    assert_eq!(cut.into_iter().collect::<Vec<_>>(), expected);
    let name = found.iter().find(|d| d.rule == "ambiguous-link").unwrap();
    assert_eq!(name.related.len() + name.unlisted, NOTES - 1);
    assert!(name.message.ends_with("and 26 more; `d0/note.md` is used"), "{}", name.message);
}

#[test]
fn a_report_grows_as_the_base_does() {
    for fill in [one_name, entangled] {
        let length = |notes: usize| {
            let (_folder, site) = site(|root| fill(root, notes));
            lengths(&site, &run(&site, None).diagnostics)
        };
        for (small, large) in length(20).into_iter().zip(length(60)) {
            // Three times the base, and numbers and paths that are a little longer.
            assert!(large < small * 4, "{small} bytes for 20 notes of each kind, {large} for 60");
        }
    }
}
