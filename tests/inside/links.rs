//! Links of every form, each with its label: what `check` must say of it, or that it must say nothing. The base is written
//! by the test: the same rows from four folders of different depth and script.

use super::base;

use crate::check::rules::{RunOptions, run_in};
use crate::config::Config;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rules that speak of links.
const RULES: &[&str] = &[
    "absolute-link",
    "ambiguous-link",
    "broken-anchor",
    "broken-embed",
    "broken-link",
    "embed-cycle",
    "empty-link",
    "escaping-link",
    "link-to-draft",
    "missing-asset",
    "remote-asset",
    "self-link",
    "undefined-reference",
    "unsafe-scheme",
    "unused-reference",
    "wrong-case-link",
];

/// Where the rows stand; the last is in decomposed form on disk.
const HOSTS: &[&str] = &["host.md", "a/host.md", "a/b/c/host.md", "größe/host.md"];

/// A line of Markdown and the rules that must report it, separated by spaces; `{up}` leads to the content folder. Each
/// row is a paragraph of its own; `\n` in a row begins another line of it, which then has no label.
const ROWS: &[(&str, &str)] = &[
    // Relative paths.
    ("[x]({up}t/target.md)", ""),
    ("[x](./{up}t/target.md)", ""),
    ("[x]({up}t/../t/./target.md)", ""),
    ("[x](<{up}t/target.md>)", ""),
    ("[x]({up}t/target.md \"title\")", ""),
    ("[x]({up}t/missing.md)", "broken-link"),
    ("[x](./{up}t/missing.md)", "broken-link"),
    ("[x](<{up}t/missing.md> 'title')", "broken-link"),
    ("[x]({up}target.md)", "broken-link"),
    ("[x]({up}ignored/x.md)", "broken-link"),
    ("[x]({up}../outside.md)", "escaping-link"),
    ("[x]({up}t/../../outside.md)", "escaping-link"),
    ("![x]({up}../outside.png)", "escaping-link"),
    // Without extension, as an address, with a query.
    ("[x]({up}t/target)", ""),
    ("[x]({up}t/target.html)", ""),
    ("[x]({up}t/target.md?raw=1)", ""),
    ("[x]({up}t/target.md?raw=1#retries)", ""),
    ("[x]({up}t/targe)", "broken-link"),
    ("[x]({up}t/missing.html)", "broken-link"),
    ("[x]({up}t/missing.md?raw=1)", "broken-link"),
    // From the root, and below the path of the base address.
    ("[x](/t/target.md)", "absolute-link"),
    ("[x](/kb/t/target.md)", "absolute-link"),
    ("[x](/t/missing.md)", "broken-link"),
    ("[x](/)", ""),
    ("![x](/img/ring.png)", ""),
    ("[x](/../outside.md)", "escaping-link"),
    // Folders.
    ("[x]({up}t/sub/)", ""),
    ("[x]({up}t/sub)", ""),
    ("[x]({up}t/sub/_index.md)", ""),
    ("[x]({up}t/sub/index.html)", ""),
    ("[x]({up}t/plain/)", ""),
    ("[x]({up}t/plain)", ""),
    ("[x]({up}t/nowhere/)", "broken-link"),
    ("[x]({up}t/plain/index.md)", ""),
    // Files.
    ("![x]({up}img/ring.png)", ""),
    ("[x]({up}img/ring.png)", ""),
    ("[the data]({up}img/data.pdf)", ""),
    ("![x]({up}img/rnig.png)", "missing-asset"),
    ("[x]({up}img/missing.pdf)", "broken-link"),
    ("[![x]({up}img/ring.png)]({up}t/target.md)", ""),
    ("[![x]({up}img/missing.png)]({up}t/target.md)", "missing-asset"),
    ("[![x]({up}img/ring.png)]({up}t/missing.md)", "broken-link"),
    ("![x](https://elsewhere.example/x.png)", "remote-asset"),
    // Letter case, Unicode forms, spaces, encoded letters.
    ("[x]({up}T/target.md)", "wrong-case-link"),
    ("[x]({up}t/Target.md)", "wrong-case-link"),
    ("[x]({up}t/TARGET)", "wrong-case-link"),
    ("[x]({up}t/camel.md)", "wrong-case-link"),
    ("[x]({up}t/Camel.md)", ""),
    ("![x]({up}img/Ring.PNG)", "wrong-case-link"),
    ("[x]({up}t/café.md)", ""),
    ("[x]({up}t/cafe\u{301}.md)", ""),
    ("[x]({up}t/caf%C3%A9.md)", ""),
    ("[x]({up}t/nai\u{308}ve.md)", ""),
    ("[x]({up}t/naïve.md)", ""),
    ("[x](<{up}t/two words.md>)", ""),
    ("[x]({up}t/two%20words.md)", ""),
    ("[x]({up}t/two+words.md)", "broken-link"),
    ("[x]({up}t/c++.md)", ""),
    ("[x]({up}t/c%2B%2B.md)", ""),
    ("[x]({up}t/日本語.md)", ""),
    ("[x]({up}t/日本.md)", "broken-link"),
    // Fragments.
    ("[x](#here)", ""),
    ("[x](#)", ""),
    ("[x](#top)", ""),
    ("[x](#not-here)", "broken-anchor"),
    ("[x]({up}t/target.md#retries)", ""),
    ("[x]({up}t/target.md#retries-1)", ""),
    ("[x]({up}t/target.md#retries-2)", "broken-anchor"),
    ("[x]({up}t/target.md#retries-1-1)", ""),
    ("[x]({up}t/target.md#-go)", ""),
    ("[x]({up}t/target.md#日本語-größe)", ""),
    ("[x]({up}t/target.md#%E6%97%A5%E6%9C%AC%E8%AA%9E-gr%C3%B6%C3%9Fe)", ""),
    ("[x]({up}t/target.md#own)", ""),
    ("[x]({up}t/target.md#an-own-name)", "broken-anchor"),
    ("[x]({up}t/target.md#box)", ""),
    ("[x]({up}t/target.md#Retries)", ""),
    ("[x]({up}t/target.md#trade-offs--costs)", ""),
    ("[x]({up}t/target.html#retries)", ""),
    ("[x]({up}t/target#missing)", "broken-anchor"),
    ("[x]({up}t/target.md#:~:text=prose)", ""),
    ("[x]({up}t/target.md#retries:~:text=prose)", ""),
    ("[x]({up}t/sub/#list)", ""),
    ("[x]({up}t/sub/#missing)", "broken-anchor"),
    ("[x]({up}img/ring.png#part)", ""),
    // Wikilinks and embeds.
    ("[[target]]", ""),
    ("[[Target note]]", ""),
    ("[[Tgt]]", ""),
    ("[[target|the target]]", ""),
    ("[[target#Retries]]", ""),
    ("[[target#Retries|again]]", ""),
    ("[[t/target]]", ""),
    ("[[#Here]]", ""),
    ("[[nowhere at all]]", "broken-link"),
    ("[[targte|the target]]", "broken-link"),
    ("[[target#Missing]]", "broken-anchor"),
    ("[[same]]", "ambiguous-link"),
    ("[[same-one]]", ""),
    ("![[target#Retries]]", ""),
    ("![[ring.png]]", ""),
    ("![[missing.png]]", "missing-asset"),
    ("![[nothing here]]", "broken-embed"),
    ("![[target#Missing]]", "broken-embed"),
    // Aliases, old addresses, drafts, symbolic links, itself.
    ("[x]({up}_aliases/alt.md)", ""),
    ("[x]({up}_aliases/alt.md#retries)", ""),
    ("[[alt]]", ""),
    ("[x]({up}old/target.html)", ""),
    ("[x]({up}old/target)", ""),
    ("[x]({up}t/draft.md)", "link-to-draft"),
    ("[[Draft note]]", "link-to-draft"),
    ("(TODO) [x]({up}t/draft.md)", ""),
    ("(TODO) [x]({up}t/planned.md)", ""),
    ("[x](TODO)", ""),
    ("[x](host.md)", "self-link"),
    ("[x](host.md#here)", ""),
    ("[x](./host.html)", "self-link"),
    // Places.
    ("- an item with [x]({up}t/missing.md)", "broken-link"),
    ("> a quote with [x]({up}t/missing.md)", "broken-link"),
    ("| [x]({up}t/missing.md) | y |\n|---|---|", "broken-link"),
    ("| [[target\\|x]] | [[nowhere\\|y]] |\n|---|---|", "broken-link"),
    ("#### A heading with [x]({up}t/missing.md)", "broken-link"),
    ("**bold [x]({up}t/missing.md)**", "broken-link"),
    ("größe 🚀 [x]({up}t/missing.md) [y]({up}t/target.md)", "broken-link"),
    ("[`code` in *text*]({up}t/missing.md)", "broken-link"),
    ("[a [b] c]({up}t/missing.md)", "broken-link"),
    ("[x]({up}t/par(en).md)", ""),
    // References and footnotes.
    ("[x][r{n}]\n\n[r{n}]: {up}t/target.md", ""),
    ("[r{n}][]\n\n[r{n}]: {up}t/missing.md", "broken-link"),
    ("[r{n}]\n\n[r{n}]: {up}t/target.md#retries", ""),
    ("![x][r{n}]\n\n[r{n}]: {up}img/missing.png", "missing-asset"),
    ("[x][R{n}]\n\n[r{n}]: <{up}t/target.md> \"title\"", ""),
    ("[x][undefined {n}]", "undefined-reference"),
    ("A note[^u{n}]", "undefined-reference"),
    ("A note[^f{n}]\n\n[^f{n}]: with [x]({up}t/target.md)", ""),
    ("[unused{n}]: {up}t/target.md", "unused-reference"),
    ("[^unused{n}]: a footnote", "unused-reference"),
    // Raw HTML.
    ("<a href=\"{up}t/target.md\">x</a>", ""),
    ("<a href='{up}t/missing.md'>x</a>", "broken-link"),
    ("<a href=\"#missing\">x</a>", "broken-anchor"),
    ("<img src=\"{up}img/ring.png\">", ""),
    ("<img src=\"{up}img/missing.png\">", "missing-asset"),
    ("<picture><source srcset=\"{up}img/ring.png 1x, {up}img/missing.png 2x\"></picture>", "missing-asset"),
    ("<video src=\"{up}img/missing.mp4\" poster=\"{up}img/ring.png\"></video>", "missing-asset"),
    ("<a href=\"javascript:x()\">x</a>", "unsafe-scheme"),
    // Elsewhere.
    ("<https://elsewhere.example/x>", ""),
    ("https://elsewhere.example/y", ""),
    ("[x](https://elsewhere.example/#missing)", ""),
    ("[x](mailto:a@elsewhere.example)", ""),
    ("<a@elsewhere.example>", ""),
    ("[x](tel:+123)", ""),
    ("[x](//elsewhere.example/x)", "unsafe-scheme"),
    ("[x](javascript:alert(1))", "unsafe-scheme"),
    ("[x](JAVA&#115;CRIPT:alert(1))", "unsafe-scheme"),
    ("[x](data:text/html,x)", "unsafe-scheme"),
    ("<vbscript:x>", "unsafe-scheme"),
    ("[x]()", "empty-link"),
    ("[x](<>)", "empty-link"),
    ("![x]()", "empty-link"),
    // What only looks like a link.
    ("`[x]({up}t/missing.md)` and ``[[nowhere]]``", ""),
    ("<!-- [x]({up}t/missing.md) -->", ""),
    ("\\[x]({up}t/missing.md) and [x] (t/missing.md)", ""),
    ("$[x](t/missing.md)$", ""),
    ("    [x]({up}t/missing.md)", ""),
    ("```\n[x]({up}t/missing.md) [[nowhere]]\n```", ""),
    ("<pre>[x]({up}t/missing.md)</pre>", ""),
    ("- [ ] a task and - [x] another", ""),
];

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// What the rows lead to.
fn write_targets(root: &Path) {
    let head = |id: &str, title: &str, more: &str| format!("---\nid: {id}\ntitle: {title}\n{more}---\n");
    let target = "\n# Target\n\n## Retries\n\n## Retries\n\n## Retries 1\n\n## 🚀 Go\n\n## 日本語 Größe\n\n\
        ## An own name {#own}\n\n## Trade-offs & Costs\n\n<div id=\"box\"></div>\n";
    let names = "aliases: [Tgt]\nredirect_from: [old/target.html]\n";
    put(root, "t/target.md", &(head("target", "Target note", names) + target));
    put(root, "t/draft.md", &head("draft-note", "Draft note", "draft: true\n"));
    put(root, "t/sub/_index.md", "# Sub\n\n## List\n");
    put(root, "t/plain/x.md", &head("x", "X", ""));
    put(root, "one/same.md", &head("same-one", "Same", ""));
    put(root, "two/same.md", &head("same-two", "Same", ""));
    put(root, "_aliases/alt.md", "# Alt\n\nSee [the target](../t/target.md)\n");
    put(root, "ignored/x.md", "# Ignored\n");
    for name in ["Camel", "café", "nai\u{308}ve", "two words", "c++", "日本語", "par(en)"] {
        put(root, &format!("t/{name}.md"), &format!("# The file {name}\n"));
    }
    put(root, "img/ring.png", "");
    put(root, "img/data.pdf", "");
}

/// Writes a host and returns the labels of its lines, from 1.
fn write_host(root: &Path, host: &str) -> BTreeMap<usize, String> {
    let up = "../".repeat(host.matches('/').count());
    let mut text = format!("---\nid: host-{}\ntitle: Host {host}\n---\n## Here\n\n", host.len());
    let mut labels = BTreeMap::new();
    for (n, (row, label)) in ROWS.iter().enumerate() {
        labels.insert(text.lines().count() + 1, label.to_string());
        text.push_str(&row.replace("{up}", &up).replace("{n}", &n.to_string()));
        text.push_str("\n\n");
    }
    put(root, host, &text);
    labels
}

#[test]
fn every_link_is_judged_as_labelled() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("content");
    write_targets(&root);
    let labels: BTreeMap<&str, BTreeMap<usize, String>> = HOSTS.iter().map(|h| (*h, write_host(&root, h))).collect();
    assert!(ROWS.len() * HOSTS.len() >= 400);
    let config = "base_url = \"https://e.example/kb/\"\nignore = [\"ignored/**\"]\n";
    let site = base::site(&root, Config::parse(config).unwrap());
    let only: Vec<String> = RULES.iter().map(|r| r.to_string()).collect();
    let found = run_in(&site, RunOptions { only: &only, ..RunOptions::default() }).diagnostics;
    let mut got: BTreeMap<(String, usize), BTreeSet<&str>> = BTreeMap::new();
    for d in &found {
        let file = site.vault.file(d.file);
        let line = file.lines().position(d.span.start).line;
        got.entry((file.path.to_string(), line)).or_default().insert(d.rule);
    }
    let mut faults = Vec::new();
    for (host, lines) in labels {
        let text = fs::read_to_string(root.join(host)).unwrap();
        for (line, label) in lines {
            let said = got.remove(&(host.to_string(), line)).unwrap_or_default();
            let wanted: BTreeSet<&str> = label.split_whitespace().collect();
            if said != wanted {
                let row = text.lines().nth(line - 1).unwrap();
                faults.push(format!("{host}:{line} {row}: wanted {wanted:?}, got {said:?}"));
            }
        }
    }
    faults.extend(got.iter().map(|(place, rules)| format!("{place:?}: {rules:?} where nothing was labelled")));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
