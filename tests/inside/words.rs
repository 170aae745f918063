//! No word of a note is lost and none is shown twice: notes that mix constructs, every word of them another one, and the notes
//! of `content/` against an independent Markdown parser.

use super::markdown::{built, main_of};
use crate::config::schema::Schema;
use crate::config::{Config, Markdown};
use crate::note::Kind;
use crate::note::markdown::{LinkSyntax, Options, Scratch, parse};
use markdown::mdast::Node;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Words among others; `@` becomes a new word.
const INLINE: &[&str] = &[
    "@",
    "@ @",
    "**@**",
    "*@ _@_*",
    "`@`",
    "``@ ` @``",
    "~~@~~",
    "==@==",
    "==@ **@**==",
    "[@](b.md)",
    "[@ *@*](https://e.org \"x\")",
    "[[b|@]]",
    "[[nowhere|@]]",
    "![@](https://e.org/p.png)",
    "[![@](https://e.org/p.png)](b.md)",
    "@^[@ `@`]",
    "@[^n]",
    "<b>@</b>",
    "<kbd>@</kbd>",
    "$5 @ $6",
    "@ %%gone%% @",
    "@ <!-- gone --> @",
    "www.@.org",
    "https://@.org",
    "@\n@",
    "@  \n@",
    "\\*@\\*",
    "&amp;@",
    "<span>@</span>",
    "(TODO) @",
    "**@:** @",
    "@ ([@](b.md#x))",
    "<https://@.org>",
    "@ :x: @",
    "@ = @",
    "#@",
    "[@]",
    "[@][no]",
    "{@}",
];

/// Blocks; `~` becomes words as above.
const BLOCKS: &[&str] = &[
    "~",
    "## ~",
    "### ~",
    "# ~",
    "~\n===",
    "- ~\n- ~",
    "- ~\n\n  ~\n- ~",
    "1. ~\n2. ~\n   - ~",
    "- [ ] ~\n- [x] ~",
    "> ~\n> ~",
    "> [!note] ~\n> ~",
    "> [!own-kind]- ~\n>\n> - ~",
    "!!! tip \"@\"\n    ~\n\n    ~",
    ":::note[@]\n\n~\n\n:::",
    "```rust\nlet @ = \"@\";\n// @\n```",
    "    @",
    "~~~text\n@\n~~~",
    "| ~ | @ |\n|---|--:|\n| ~ | ~ |",
    "@\n: ~\n: ~",
    "~\n:@ ~",
    "---",
    "~ ^an-id",
    "<div>\n\n~\n\n</div>",
    "<details><summary>@</summary>\n\n~\n\n</details>",
    "%%\ngone\n%%",
    "<!-- gone -->",
    "~\n%%gone%%\n~",
    "- ~\n- %%gone%%\n- ~",
    "## TL;DR\n\n~",
    "## Definition\n\n**What it is:** ~\n\n**Key terms:** @, @.\n\n~",
    "## Trade-offs\n\n**Pros:**\n- ~\n\n**Cons:**\n- ~",
    "## Quick self-check\n\n- [ ] ~",
    "## Anti-patterns\n\n- ~",
    "## Links\n\n- ~",
    "## @ (if applicable)\n\n~",
    "> ~\n\n~",
    "1. ~\n\n   ```\n   @\n   ```\n\n   ~",
];

fn inline(pieces: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 1..4).prop_map(|parts| parts.join(" "))
}

fn block(pieces: &[&'static str], blocks: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    let words = proptest::collection::vec(inline(pieces), 4);
    (proptest::sample::select(blocks.to_vec()), words).prop_map(|(block, words)| {
        let mut words = words.into_iter();
        let simple = |word: String| if block.contains('|') { word.replace('|', "\\|") } else { word };
        let one_line = |word: String| word.replace("  \n", " ").replace('\n', " ");
        block.split('~').enumerate().fold(String::new(), |text, (n, part)| match n {
            0 if block.starts_with("~~~") => text + part,
            0 => text + part,
            _ if block.starts_with("~~~") => text + "~" + part,
            _ => text + &one_line(simple(words.next().unwrap_or_default())) + part,
        })
    })
}

/// The text with a new word in place of each `@`, and how many words there are.
fn with_words(text: &str) -> (String, usize) {
    let mut count = 0;
    let mut out = String::new();
    for (n, part) in text.split('@').enumerate() {
        if n > 0 {
            out.push_str(&format!("zq{count}x"));
            count += 1;
        }
        out.push_str(part);
    }
    (out, count)
}

/// The words of a page without its tags; blocks are apart.
fn text_of(html: &str) -> String {
    let mut out = String::new();
    for (n, part) in html.split('<').enumerate() {
        let (tag, text) = part.split_once('>').filter(|_| n > 0).unwrap_or(("", part));
        let name = tag.trim_start_matches('/').split([' ', '>']).next().unwrap_or_default();
        if !["span", "a", "em", "strong", "code", "mark", "b"].contains(&name) {
            out.push(' ');
        }
        out.push_str(text);
    }
    out
}

/// How often each generated word is on the page.
fn shown(html: &str, count: usize) -> Vec<(usize, usize)> {
    let text = text_of(html);
    (0..count).map(|n| (n, text.matches(&format!("zq{n}x")).count())).filter(|(_, times)| *times != 1).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_word_is_shown_once(blocks in proptest::collection::vec(block(INLINE, BLOCKS), 1..7)) {
        let (text, count) = with_words(&blocks.join("\n\n"));
        let note = format!("---\nid: a\ntitle: A\n---\nFirst.\n\n{text}\n\n[^n]: Note.\n");
        let (_, pages) = built(Config::default(), &[("a.md", &note), ("b.md", "---\nid: b\ntitle: B\n---\n## X\n\nB.\n")]);
        let main = main_of(&pages["a.html"]);
        prop_assert_eq!(shown(main, count), vec![], "{}\n\n{}", note, main);
        prop_assert!(!main.contains("gone"));
    }

    /// The events of a note without constructs of our own are not collected. With `emoji` on they are, and there is no emoji.
    #[test]
    fn a_note_reads_the_same_collected_and_direct(
        blocks in proptest::collection::vec(block(&without_passes(INLINE), &without_passes(BLOCKS)), 1..7),
    ) {
        let (text, _) = with_words(&blocks.join("\n\n"));
        let read = |emoji: bool| {
            let config = Markdown { emoji, ..Markdown::default() };
            let options = Options { markdown: &config, schema: &Schema::default(), from_right: false };
            format!("{:#?}", parse(&text, 0, options, &mut Scratch::default()))
        };
        prop_assert_eq!(read(false), read(true), "{}", text);
    }
}

/// The pieces without constructs that need a pass over a run.
fn without_passes(pieces: &[&'static str]) -> Vec<&'static str> {
    let signs = ["^", "$", "==", "://", "www.", ":x:"];
    pieces.iter().copied().filter(|piece| !signs.iter().any(|sign| piece.contains(sign))).collect()
}

/// Words of the note format that a page shows in other words: labels and headings of known sections, commands of formulas.
const SYNTAX: &[&str] = &["approach", "prerequisites", "topics", "frac", "mathrm"];

/// The words of a Markdown tree, without syntax.
fn words(node: &Node, found: &mut BTreeMap<String, usize>) {
    let mut add = |text: &str| {
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3) {
            *found.entry(word.to_lowercase()).or_default() += 1;
        }
    };
    match node {
        Node::Text(text) => add(&text.value),
        Node::InlineCode(code) => add(&code.value),
        Node::Code(code) => add(&code.value),
        _ => {}
    }
    node.children().into_iter().flatten().for_each(|child| words(child, found));
}

/// The notes of this project, and of each folder that `CANON_BASES` names, separated like the folders of `PATH`.
#[test]
fn the_notes_of_this_project_lose_no_word() {
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let named = std::env::var_os("CANON_BASES").unwrap_or_default();
    let folders = std::iter::once(own).chain(std::env::split_paths(&named).filter(|path| path.is_dir()));
    let lost: Vec<String> = folders.flat_map(|folder| lost_words(&folder)).collect();
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// The words of the notes in a folder that their pages lack, a line per note.
fn lost_words(folder: &std::path::Path) -> Vec<String> {
    let mut notes: Vec<(String, String)> = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let name = path.strip_prefix(folder).expect("below").to_string_lossy().replace('\\', "/");
            notes.push((name, std::fs::read_to_string(path).expect("a note")));
        }
    }
    let all: Vec<(&str, &str)> = notes.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (site, pages) = built(Config::default(), &all);
    let mut lost = Vec::new();
    // The page of an alias note leads on at once.
    for (note, _) in site.notes.iter_enumerated().filter(|(_, note)| note.kind != Kind::Alias) {
        let (path, text) = (&site.source(note).path, &site.source(note).text);
        let body = &text[site.note(note).head.fence.body as usize..];
        let tree = markdown::to_mdast(body, &markdown::ParseOptions::gfm()).expect("Markdown");
        let mut want = BTreeMap::new();
        words(&tree, &mut want);
        let page = &pages[&site.routes.notes[note]];
        let html = text_of(page).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").to_lowercase();
        // Shown by another name: headings of known sections, known labels, and notes that a wikilink names.
        let doc = &site.note(note).doc;
        let headings = doc.headings.iter().filter(|heading| heading.section.is_some());
        let labels = doc.labels.iter().map(|label| &doc.text[label.name.range()]);
        let wikilinks = doc.links.iter().filter(|link| link.form == LinkSyntax::Wiki).map(|link| &*link.dest);
        // The text of a page with an address of our own is an introduction there: our title stays.
        let title = (&**path == "404.md").then_some(site.note(note).title.as_str());
        let renamed = headings.map(|heading| &*heading.text).chain(labels).chain(wikilinks).chain(title);
        let renamed = renamed.collect::<Vec<_>>();
        let renamed = renamed.join(" ").to_lowercase();
        let is_shown = |word: &String| html.contains(word) || renamed.contains(word);
        let missing: Vec<&String> =
            want.keys().filter(|word| !is_shown(word) && !SYNTAX.contains(&word.as_str())).collect();
        if !missing.is_empty() {
            lost.push(format!("{path}: {missing:?}"));
        }
    }
    lost
}
